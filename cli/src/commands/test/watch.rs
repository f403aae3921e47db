//! `tollgate test --watch`: whenever a file changes, runs the tests again that it can affect, and prints what has changed.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Instant;

use rayon::prelude::*;
use tollgate_compiler::diagnostic::{Severity, render};
use tollgate_compiler::testing::{Changes, Suite};
use tollgate_compiler::{PolicySet, Sources};

use crate::args::{TestArgs, TestFormat};
use crate::output::{self, Failure, Paint, Result, color_of, complain, tame};
use crate::project::Project;
use crate::stamps::{Stamps, pause, stamps};

use super::Prepared;
use super::jobs::Job;
use super::pretty::{self, Failures};
use super::results::Results;

/// Runs the tests until nobody wants to know any more. What keeps the first run from being made is a failure, and later something to mend.
pub fn run(args: &TestArgs) -> Result {
    if args.format != TestFormat::Pretty {
        return Err(Failure::new("`--watch` is for people: it has no other format than `pretty`"));
    }
    let mut project = Project::find(&args.set.paths)?;
    let mut watch = Watch::new(args, color_of(&std::io::stdout()));
    let mut seen = stamps_of(&project, args);
    output::print(&watch.turn(&project, project.sources()?, Scope::All)?)?;
    // What no run has taken in yet.
    let mut pending = Scope::Policies;
    loop {
        let start = Instant::now();
        // What cannot be read is told once something has changed.
        project = Project::find(&args.set.paths).unwrap_or(project);
        let now = stamps_of(&project, args);
        pause(start.elapsed());
        if now == seen {
            continue;
        }
        pending = pending.max(scope(&seen, &now));
        seen = now;
        let again = Project::find(&args.set.paths).and_then(|found| {
            let sources = found.sources()?;
            watch.turn(&found, sources, std::mem::replace(&mut pending, Scope::Policies))
        });
        match again {
            Ok(text) => output::print(&text)?,
            Err(Failure::Because(reason)) => complain(&format!("tollgate: {reason}\n")),
            Err(unread) => return Err(unread),
        }
    }
}

/// Which tests a change of files can affect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Those that the policies' own changes can.
    Policies,
    /// All: data, recorded cases or the project's settings have changed.
    All,
}

/// The state between two runs.
pub struct Watch<'a> {
    args: &'a TestArgs,
    color: bool,
    /// The set as it is now, from which the next takes what has not changed.
    set: Option<PolicySet>,
    /// What ran last.
    ran: Option<Ran>,
    /// Whether something else than policies has changed since.
    stale: bool,
}

/// A version of the policies whose tests ran.
struct Ran {
    set: PolicySet,
    suite: Suite,
    /// What each test came to, by its place: nothing if it passed, or its failures.
    verdicts: BTreeMap<Key, String>,
}

/// A test's file and title, and how many before it have the same.
type Key = (String, String, usize);

impl<'a> Watch<'a> {
    /// Before the first run.
    pub fn new(args: &'a TestArgs, color: bool) -> Watch<'a> {
        Watch { args, color, set: None, ran: None, stale: false }
    }

    /// Runs the tests of these sources; what has changed since the last run, and the summary.
    pub fn turn(&mut self, project: &Project, sources: Sources, scope: Scope) -> Result<String> {
        self.stale |= scope == Scope::All;
        let set = match self.set.take() {
            Some(set) => set.update(sources),
            None => PolicySet::check(sources),
        };
        let told = self.report(project, &set);
        self.set = Some(set);
        told
    }

    fn report(&mut self, project: &Project, set: &PolicySet) -> Result<String> {
        let findings = project.judged(set.diagnostics());
        let out = render::render(&findings, set.sources(), self.color);
        if findings.iter().any(|found| found.severity == Severity::Error) {
            return Ok(out + "no test was run\n");
        }
        let Some(prepared) = super::prepare(self.args, project, set)? else { return Ok(out) };
        Ok(out + &self.run(set, prepared)?)
    }

    fn run(&mut self, set: &PolicySet, prepared: Prepared<'_>) -> Result<String> {
        let before = self.ran.take();
        let changes = before.as_ref().filter(|_| !self.stale && !self.args.update).and_then(|ran| Some((ran, Changes::between(&ran.set, set)?)));
        let mut verdicts: BTreeMap<Key, String> = BTreeMap::new();
        let (mut jobs, mut ran) = (Vec::new(), Vec::new());
        let all: Vec<(Key, Job<'_>)> = keyed(prepared.jobs(self.args)).collect();
        let is_wanted = |(key, job): &(Key, Job<'_>)| {
            let passed = |ran: &Ran| ran.verdicts.get(key).is_some_and(String::is_empty);
            changes.as_ref().is_none_or(|(ran, changes)| !passed(ran) || job.can_tell(&prepared.suite, changes, &ran.suite))
        };
        let wanted: Vec<bool> = super::threads(self.args, all.len())?.install(|| all.par_iter().map(is_wanted).collect());
        for ((key, job), is_wanted) in all.into_iter().zip(wanted) {
            if is_wanted {
                jobs.push(job);
                ran.push(key);
            } else {
                verdicts.insert(key, String::new());
            }
        }
        let results = Results { unaffected: verdicts.len(), ..prepared.run_those(self.args, jobs)? };
        let told = self.changes(&results, &ran, before.map(|ran| ran.verdicts), &mut verdicts);
        self.ran = Some(Ran { set: set.clone(), suite: prepared.suite, verdicts });
        self.stale = false;
        Ok(told)
    }

    /// The failures that are new or other than before, the tests that pass now, and the summary.
    fn changes(&self, results: &Results<'_>, keys: &[Key], before: Option<BTreeMap<Key, String>>, verdicts: &mut BTreeMap<Key, String>) -> String {
        let paint = Paint::new(self.color);
        let mut failures = Failures::new(results.sources, self.color);
        let mut out = String::new();
        for (test, key) in results.tests.iter().zip(keys) {
            let verdict = failures.of(test);
            let known = before.as_ref().and_then(|before| before.get(key));
            if verdict.is_empty() && known.is_some_and(|known| !known.is_empty()) {
                out.push_str(&format!("{}: {}\n", paint.good("passes now"), tame(&test.title)));
            } else if known != Some(&verdict) {
                out.push_str(&verdict);
            }
            out.push_str(&pretty::warnings(test, paint));
            verdicts.insert(key.clone(), verdict);
        }
        out + &pretty::summary(results)
    }
}

/// Tests by their places.
fn keyed(jobs: Vec<Job<'_>>) -> impl Iterator<Item = (Key, Job<'_>)> {
    let mut met: HashMap<(String, String), usize> = HashMap::new();
    jobs.into_iter().map(move |job| {
        let (file, title) = (job.place.file.clone(), job.title.clone());
        let number = met.entry((file.clone(), title.clone())).or_default();
        *number += 1;
        ((file, title, *number), job)
    })
}

/// The state of the files that tests depend on.
fn stamps_of(project: &Project, args: &TestArgs) -> Stamps {
    let given = args.data.iter().map(|given| given.split_once('=').map_or(given.as_str(), |(_, file)| file)).map(Path::new);
    stamps(project, args.cases.iter().map(PathBuf::as_path).chain(given))
}

/// What has changed between two looks at the files.
fn scope(before: &Stamps, now: &Stamps) -> Scope {
    let differs = |path: &&PathBuf| before.get(*path) != now.get(*path);
    let is_policy = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toll") || path.is_dir();
    if before.keys().chain(now.keys()).filter(differs).all(is_policy) { Scope::Policies } else { Scope::All }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn args(more: &[&str]) -> TestArgs {
        match Cli::parse_from(["tollgate", "test", "--watch"].iter().chain(more)).command {
            Command::Test(args) => args,
            other => panic!("{other:?}"),
        }
    }

    fn policy(limit: u32) -> String {
        let test =
            |n: u32| format!("test \"t{n}\" {{ input {{ agent: {{id: \"x\"}}, tool: {{name: \"t\"}}, args: {{n: {n}}} }} expect allow by small }}\n");
        format!("package a\nallow small when args.n.as_int() ?? 0 <= {limit}\n{}{}", test(1), test(5))
    }

    fn rooted(root: &Path) -> Project {
        let mut project = Project::default();
        project.roots.push(root.to_owned());
        project
    }

    #[test]
    fn what_has_changed_is_told_and_nothing_else() {
        let args = args(&[]);
        let mut watch = Watch::new(&args, false);
        let project = Project::default();
        let mut turn = |text: &str| watch.turn(&project, Sources::of("a.toll", text), Scope::Policies).unwrap();
        let first = turn(&policy(3));
        assert!(first.contains("failed: t5") && first.contains("1 test passed, 1 failed"), "{first}");
        let same = turn(&format!("{}// a comment\n", policy(3)));
        assert!(!same.contains("failed: ") && same.contains("1 test passed, 1 failed"), "{same}");
        let other = turn(&policy(2));
        assert!(other.contains("<= 2` was false"), "failed otherwise: {other}");
        let broken = turn("package a\nallow small when");
        assert!(broken.ends_with("no test was run\n") && broken.contains("[E0"), "{broken}");
        let fixed = turn(&policy(9));
        assert!(fixed.starts_with("passes now: t5\n2 tests passed") && !fixed.contains("t1"), "{fixed}");
    }

    #[test]
    fn only_what_an_edit_can_affect_runs_again() {
        let args = args(&[]);
        let mut watch = Watch::new(&args, false);
        let project = Project::default();
        let agents = |word: &str| -> String {
            let agent = |n: u32| {
                let input = format!("input {{ agent: {{id: \"a{n}\"}}, tool: {{name: \"t\"}} }}");
                format!("allow r{n} when agent.id == \"a{n}\" {}\ntest \"of {n}\" {{ {input} expect allow }}\n", if n == 3 { word } else { "" })
            };
            (0..9).map(agent).collect::<String>()
        };
        let mut turn = |text: String, scope| watch.turn(&project, Sources::of("a.toll", &format!("package a\n{text}")), scope).unwrap();
        let again = |told: &str| told.split_once(" run again").and_then(|(before, _)| before.rsplit_once(", ").map(|(_, count)| count.to_owned()));
        assert!(turn(agents(""), Scope::All).starts_with("9 tests passed ("));
        assert_eq!(again(&turn(agents("and true"), Scope::Policies)).as_deref(), Some("1"));
        assert_eq!(again(&turn(agents("and true"), Scope::Policies)).as_deref(), Some("0"));
        assert!(turn(agents("and true"), Scope::All).starts_with("9 tests passed ("));
        let broken = turn(agents("and false"), Scope::Policies);
        assert!(broken.contains("failed: of 3") && broken.contains("8 tests passed, 1 failed, 1 run again"), "{broken}");
        // What failed runs until it passes.
        assert!(turn(agents("and false") + "// a comment\n", Scope::Policies).contains("8 tests passed, 1 failed, 1 run again"));
        assert!(turn(agents("") + "let x = 1\n", Scope::Policies).starts_with("passes now: of 3\n9 tests passed ("));
    }

    #[test]
    fn a_thousand_rules_are_run_again_at_once() {
        let rules = |limit: u32| -> String {
            let rule = |n: u32| format!("deny r{n} when agent.id == \"a{n}\" and args.n.as_int() ?? 0 > {}\n", n + limit);
            (0..1000).map(rule).collect::<String>() + &policy(limit)["package a\n".len()..]
        };
        let args = args(&[]);
        let mut watch = Watch::new(&args, false);
        let project = Project::default();
        watch.turn(&project, Sources::of("a.toll", &format!("package a\n{}", rules(9))), Scope::All).unwrap();
        let edited = format!("package a\n{}", rules(9)).replace("deny r500 when", "deny r500 when args.n == 3 and");
        let start = Instant::now();
        let told = watch.turn(&project, Sources::of("a.toll", &edited), Scope::Policies).unwrap();
        let elapsed = start.elapsed();
        assert!(told.starts_with("2 tests passed"), "{told}");
        println!("a thousand rules again in {elapsed:?}");
        // Ten times what a release build is allowed.
        assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
    }

    #[test]
    fn what_is_written_changes_the_stamps() {
        let folder = tempfile::TempDir::new().unwrap();
        let project = rooted(folder.path());
        let args = args(&[]);
        let before = stamps_of(&project, &args);
        assert_eq!(stamps_of(&project, &args), before);
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/a.toll"), "package a").unwrap();
        let added = stamps_of(&project, &args);
        assert_ne!(added, before);
        assert_eq!(scope(&before, &added), Scope::Policies);
        let with_policy = stamps_of(&project, &args);
        std::fs::write(folder.path().join("below/notes.txt"), "x").unwrap();
        assert_eq!(stamps_of(&project, &args), with_policy);
        std::fs::write(folder.path().join("below/d.json"), "1").unwrap();
        assert_eq!(scope(&added, &stamps_of(&project, &args)), Scope::All);
        std::fs::write(folder.path().join("below/a.toll"), "package ab").unwrap();
        assert_ne!(stamps_of(&project, &args), added);
        let missing = rooted(&folder.path().join("none"));
        assert_eq!(stamps_of(&missing, &args).len(), 1);
    }
}
