//! `tollgate test --mutate`: breaks the policies on purpose, and lists what no test notices.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Mutex;

use rayon::prelude::*;
use serde_json::{Value, json};
use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::position::{LineIndex, Position};
use tollgate_compiler::mutation::{Mutant, Mutants, Search, Telling, Verdict, told_by_case, told_by_errors};
use tollgate_compiler::testing::{Answered, Case, Suite};
use tollgate_evaluator::Engine;

use crate::args::{Format, TestArgs, TestFormat};
use crate::output::{Failure, Outcome, Result, bar, print, print_json, report, tame, tenths};
use crate::project::Project;

/// A mutant that no test tells from the policy.
struct Survivor<'m> {
    mutant: &'m Mutant,
    told: Option<Telling>,
}

struct Tally<'m> {
    killed: usize,
    moot: usize,
    survived: Vec<Survivor<'m>>,
}

impl Tally<'_> {
    /// How many changes tests were to notice.
    fn count(&self) -> usize {
        self.killed + self.survived.len()
    }

    fn percent(&self) -> f64 {
        if self.count() == 0 { 100.0 } else { 100.0 * self.killed as f64 / self.count() as f64 }
    }
}

/// Runs tests against every mutant of the set: the cases of its suite at those places.
pub fn run(args: &TestArgs, project: &Project, set: &PolicySet, policy: &Suite, wanted: &[usize]) -> Result {
    let cases = policy.cases();
    let wanted_cases = || wanted.iter().filter_map(|place| cases.get(*place));
    if let Some(case) = wanted_cases().find(|case| !policy.run(case).is_empty()) {
        return Err(Failure::new(format!("the test `{}` fails as it is: tests must pass before mutants are held against them", case.title)));
    }
    let mutants = match Mutants::new(set) {
        Ok(mutants) => mutants,
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), if args.format == TestFormat::Json { Format::Json } else { Format::Pretty });
            return Ok(Outcome::Found);
        }
    };
    let search = Search::new(set, policy.engine(), policy.situations(wanted_cases()));
    let decisions: Vec<(&Case, Vec<Answered>)> = wanted_cases().map(|case| (case, policy.decisions(case))).collect();
    let judging = Judging { args, project, mutants: &mutants, policy, wanted, search: &search, decisions: &decisions, killers: Mutex::default() };
    let tally = judging.all()?;
    match args.format {
        TestFormat::Json => print_json(&in_json(&tally, set))?,
        _ => print(&in_words(&tally, set))?,
    }
    Ok(Outcome::found(args.mutate_min.is_some_and(|least| tally.percent() < least)))
}

struct Judging<'m> {
    args: &'m TestArgs,
    project: &'m Project,
    mutants: &'m Mutants<'m>,
    policy: &'m Suite,
    wanted: &'m [usize],
    search: &'m Search<'m>,
    /// What the policy decides of the requests of each test.
    decisions: &'m [(&'m Case, Vec<Answered>)],
    /// Which tests have killed mutants of an item: they are likely to kill its others.
    killers: Mutex<HashMap<&'m str, Vec<usize>>>,
}

impl<'m> Judging<'m> {
    fn all(&self) -> Result<Tally<'m>> {
        let pool = super::threads(self.args, self.mutants.all().len())?;
        let progress = bar(self.mutants.all().len() as u64);
        progress.set_message("mutants");
        let judge = |mutant: &'m Mutant| {
            let verdict = self.judge(mutant);
            progress.inc(1);
            (mutant, verdict)
        };
        let verdicts: Vec<(&Mutant, Verdict)> = pool.install(|| self.mutants.all().par_iter().map(judge).collect());
        let count = |is: fn(&Verdict) -> bool| verdicts.iter().filter(|(_, verdict)| is(verdict)).count();
        let (killed, moot) = (count(|verdict| matches!(verdict, Verdict::Killed(_))), count(|verdict| *verdict == Verdict::Moot));
        progress.set_message("searching for inputs that tell survivors");
        let survivors: Vec<&Mutant> = verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Survived).map(|(mutant, _)| *mutant).collect();
        let told = |mutant: &'m Mutant| Survivor { mutant, told: self.told(mutant) };
        let survived = pool.install(|| survivors.into_par_iter().map(told).collect());
        progress.finish_and_clear();
        Ok(Tally { killed, moot, survived })
    }

    fn judge(&self, mutant: &'m Mutant) -> Verdict {
        let likely = self.killers.lock().ok().and_then(|killers| killers.get(&*mutant.of).cloned()).unwrap_or_default();
        let order = likely.iter().rev().chain(self.wanted.iter().filter(|place| !likely.contains(place)));
        let binds = |engine: &Engine| self.project.bind(engine, &self.args.data).is_ok() && !self.is_overruled(mutant, engine);
        let verdict = self.mutants.judge(mutant, binds, order.copied());
        if let (Verdict::Killed(place), Ok(mut killers)) = (&verdict, self.killers.lock()) {
            let known = killers.entry(&mutant.of).or_default();
            known.retain(|other| other != place);
            known.push(*place);
        }
        verdict
    }

    /// Whether a default of data has been changed that is not used, since the data are bound.
    fn is_overruled(&self, mutant: &Mutant, changed: &Engine) -> bool {
        let Some(name) = mutant.of.strip_prefix("data ") else { return false };
        matches!((self.policy.engine().data_value(name), changed.data_value(name)), (Ok(bound), Ok(same)) if bound == same)
    }

    /// A request that a survivor decides otherwise.
    fn told(&self, mutant: &Mutant) -> Option<Telling> {
        let changed = self.mutants.suite(mutant)?;
        self.project.bind(changed.engine(), &self.args.data).ok()?;
        let of_cases = |told: fn(&[Answered], &[Answered]) -> Option<Telling>| {
            let of_case = |(case, decisions): &(&Case, Vec<Answered>)| {
                told(decisions, &changed.decisions(case)).map(|told| told.with_data(&self.policy.data(case)))
            };
            self.decisions.iter().find_map(of_case)
        };
        of_cases(told_by_case).or_else(|| self.search.telling(mutant, changed.engine())).or_else(|| of_cases(told_by_errors))
    }
}

/// Where a mutant's change is: the file, and the place in it.
fn place<'s>(mutant: &Mutant, set: &'s PolicySet) -> (&'s str, Position) {
    (set.sources().path(mutant.file), LineIndex::new(set.sources().text(mutant.file)).position(mutant.span.start))
}

fn in_words(tally: &Tally<'_>, set: &PolicySet) -> String {
    let mut text = String::new();
    for Survivor { mutant, told } in &tally.survived {
        let (file, start) = place(mutant, set);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "survived {}:{}:{} in {}: {}", tame(file), start.line, start.column, mutant.of, tame(&mutant.what));
        let (old, new) = mutant.lines(set.sources().text(mutant.file));
        for (sign, lines) in [('-', old), ('+', new)] {
            lines.lines().for_each(|line| {
                let _ = writeln!(text, "  {sign} {}", tame(line));
            });
        }
        let _ = match told {
            Some(Telling { input, data, before, after, .. }) => {
                let data: String = data.iter().map(|(name, value)| format!("\n  with data {} = {}", tame(name), tame(value))).collect();
                writeln!(text, "  a test with this input would tell: {}{data}\n  {}; with the change {}\n", tame(input), tame(before), tame(after))
            }
            None => writeln!(text, "  no input was found that tells\n"),
        };
    }
    let Tally { killed, moot, survived } = tally;
    let (count, left) = (tally.count(), survived.len());
    let _ = writeln!(
        text,
        "{count} mutants: {killed} killed ({} %), {left} survived; {moot} more do not compile or change nothing",
        tenths(tally.percent())
    );
    text
}

fn in_json(tally: &Tally<'_>, set: &PolicySet) -> Value {
    let survivor = |Survivor { mutant, told }: &Survivor<'_>| {
        let (file, start) = place(mutant, set);
        let (before, after) = mutant.lines(set.sources().text(mutant.file));
        let told = told.as_ref().map(|Telling { input, data, before, after, .. }| {
            let data: BTreeMap<&str, Value> = data.iter().map(|(name, value)| (&**name, serde_json::from_str(value).unwrap_or_default())).collect();
            json!({"input": input, "data": data, "decision": before, "mutant": after})
        });
        json!({
            "file": file, "line": start.line, "column": start.column, "in": mutant.of, "change": mutant.what,
            "before": before, "after": after, "told_by": told,
        })
    };
    let survived: Vec<Value> = tally.survived.iter().map(survivor).collect();
    json!({"mutants": tally.count(), "killed": tally.killed, "moot": tally.moot, "percent": tally.percent(), "survived": survived})
}
