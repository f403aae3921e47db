//! What an editor shows above tests and rules, to be clicked.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::program::{Expectation, ExpectedRules};
use tollgate_compiler::syntax::ast::ItemKind;

/// A line above something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The name or title of what it is about.
    pub at: Location,
    /// What it says.
    pub title: String,
    /// What sort of thing it says.
    pub kind: LensKind,
    /// What a click does.
    pub command: LensCommand,
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LensKind {
    /// Running tests.
    Run,
    /// How tests cover a rule.
    Coverage,
    /// The recorded calls that a rule matches.
    Replay,
}

/// What a click does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LensCommand {
    /// Runs the test whose title stands there.
    RunTest(Location),
    /// Runs the tests of the file.
    RunFile(FileId),
    /// Shows the tests of a rule: where their titles stand.
    ShowTests(Vec<Location>),
    /// Opens the recorded calls.
    OpenCalls,
    /// Nothing: it only says something.
    Nothing,
}

/// What has been measured of rules, by full name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measures<'m> {
    /// The tests that match each rule: where their titles stand. `None` where they have not run.
    pub tests: Option<&'m HashMap<String, Vec<Location>>>,
    /// How many of the outcomes of each rule tests have seen, of how many.
    pub covered: Option<&'m HashMap<Arc<str>, (usize, usize)>>,
    /// The rules of which that is not sure, since they or their tests were edited.
    pub unsure: Option<&'m HashSet<String>>,
    /// What became of recorded calls.
    pub replayed: Option<Counted<'m>>,
}

/// Recorded calls, counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted<'m> {
    /// How many there are.
    pub calls: usize,
    /// Whether they are but the first of more.
    pub has_more: bool,
    /// How many of them each rule matches.
    pub matched: &'m HashMap<String, usize>,
    /// The rules of which that is not sure, since they were edited.
    pub unsure: &'m HashSet<String>,
}

/// The lines of a file, in the order of its items.
pub fn lenses(set: &PolicySet, file: FileId, measures: &Measures<'_>) -> Vec<Lens> {
    let expected = expected(set, file);
    let mut lenses = Vec::new();
    let mut tests = 0;
    let first = set.items(file).find_map(|item| match &item.item?.kind {
        ItemKind::Package(path) => Some(Location { file, span: item.at(path.span) }),
        _ => None,
    });
    for item in set.items(file) {
        let Some(written) = item.item else { continue };
        match &written.kind {
            ItemKind::Test(test) => {
                tests += 1;
                let at = Location { file, span: item.at(test.title.span) };
                lenses.push(Lens { at, title: "Run test".to_owned(), kind: LensKind::Run, command: LensCommand::RunTest(at) });
            }
            ItemKind::Rule(rule) => {
                let at = Location { file, span: item.at(rule.name.span) };
                let name = format!("{}.{}", set.package(file), rule.name.text);
                let tests = expected.get(&*name).cloned().unwrap_or_default();
                lenses.extend(of_rule(at, &name, tests, measures));
            }
            _ => {}
        }
    }
    if let Some(at) = first.filter(|_| tests > 0) {
        let title = if tests == 1 { "Run the test of this file".to_owned() } else { format!("Run all {tests} tests") };
        lenses.insert(0, Lens { at, title, kind: LensKind::Run, command: LensCommand::RunFile(file) });
    }
    lenses
}

/// How tests cover a rule, and how many calls it matches; `expected` are the tests that name it.
fn of_rule(at: Location, name: &str, expected: Vec<Location>, measures: &Measures<'_>) -> Vec<Lens> {
    let lens = |kind, title: String, command| Lens { at, title, kind, command };
    let is_sure = measures.unsure.is_none_or(|unsure| !unsure.contains(name));
    let (tests, title) = match measures.tests.filter(|_| is_sure) {
        Some(matched) => {
            let tests = matched.get(name).cloned().unwrap_or_default();
            let title = if tests.is_empty() { "no test matches".to_owned() } else { format!("matched by {}", counted(tests.len(), "test")) };
            (tests, title)
        }
        None if expected.is_empty() => (expected, "no test expects this".to_owned()),
        None if expected.len() == 1 => (expected, "1 test expects this".to_owned()),
        None => {
            let title = format!("{} tests expect this", expected.len());
            (expected, title)
        }
    };
    let shown = if tests.is_empty() { LensCommand::Nothing } else { LensCommand::ShowTests(tests) };
    let covered = measures.covered.and_then(|covered| covered.get(name)).filter(|(_, all)| is_sure && *all > 0);
    let covered = covered.map(|(seen, all)| lens(LensKind::Coverage, format!("{seen} of {all} outcomes tested"), LensCommand::Nothing));
    let replayed = measures.replayed.filter(|replayed| !replayed.unsure.contains(name)).map(|replayed| {
        let matched = grouped(replayed.matched.get(name).copied().unwrap_or_default());
        let all = counted(replayed.calls, "recorded call");
        let first = if replayed.has_more { "the first " } else { "" };
        lens(LensKind::Replay, format!("matched {matched} of {first}{all}"), LensCommand::OpenCalls)
    });
    [Some(lens(LensKind::Coverage, title, shown)), covered, replayed].into_iter().flatten().collect()
}

fn counted(count: usize, thing: &str) -> String {
    format!("{} {thing}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A number in groups of three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// The tests that expect each rule of a file's package by name.
fn expected(set: &PolicySet, file: FileId) -> HashMap<&str, Vec<Location>> {
    let mut found: HashMap<&str, Vec<Location>> = HashMap::new();
    let package = set.package(file);
    for test in &set.program().tests {
        let expectations = test.steps.iter().flat_map(|step| &step.expect);
        let mut names: Vec<&str> = expectations.flat_map(rules).filter(|name| name.rsplit_once('.').is_some_and(|(own, _)| own == package)).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            found.entry(name).or_default().push(set.place(test.at));
        }
    }
    found
}

fn rules(expectation: &Expectation) -> impl Iterator<Item = &str> {
    let rules = match expectation {
        Expectation::Effect { by: ExpectedRules::Exactly(rules), .. } => rules.as_slice(),
        _ => &[],
    };
    rules.iter().map(|rule| &**rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::marked::shown;
    use tollgate_compiler::Sources;

    const SHOP: &str = "package shop\nallow a when agent.id == \"a\"\ndeny b when agent.id == \"b\"\n\
        test \"one\" { input { agent: { id: \"a\" }, tool: { name: \"t\" } } expect allow by a }\n\
        test \"two {c.n}\" for c in [{n: 1}] { input { agent: { id: \"a\" }, tool: { name: \"t\" } } expect allow by a }\n";

    #[test]
    fn tests_and_rules_have_lines() {
        let set = PolicySet::check(Sources::of("shop.toll", SHOP));
        let told = |measures: &Measures<'_>| -> Vec<String> {
            lenses(&set, FileId(0), measures).iter().map(|lens| format!("{}: {}", shown(&set, lens.at), lens.title)).collect()
        };
        let expected = [
            "shop.toll:1:9 `shop`: Run all 2 tests",
            "shop.toll:2:7 `a`: 2 tests expect this",
            "shop.toll:3:6 `b`: no test expects this",
            "shop.toll:4:6 `\"one\"`: Run test",
            "shop.toll:5:6 `\"two {c.n}\"`: Run test",
        ];
        assert_eq!(told(&Measures::default()), expected);
        let title = lenses(&set, FileId(0), &Measures::default())[3].at;
        let tests = HashMap::from([("shop.a".to_owned(), vec![title])]);
        let covered = HashMap::from([("shop.a".into(), (1, 2))]);
        let matched = HashMap::from([("shop.a".to_owned(), 3)]);
        let nothing = HashSet::new();
        let replayed = Counted { calls: 12_000, has_more: true, matched: &matched, unsure: &nothing };
        let expected = [
            "shop.toll:1:9 `shop`: Run all 2 tests",
            "shop.toll:2:7 `a`: matched by 1 test",
            "shop.toll:2:7 `a`: 1 of 2 outcomes tested",
            "shop.toll:2:7 `a`: matched 3 of the first 12,000 recorded calls",
            "shop.toll:3:6 `b`: no test matches",
            "shop.toll:3:6 `b`: matched 0 of the first 12,000 recorded calls",
            "shop.toll:4:6 `\"one\"`: Run test",
            "shop.toll:5:6 `\"two {c.n}\"`: Run test",
        ];
        assert_eq!(told(&Measures { tests: Some(&tests), covered: Some(&covered), replayed: Some(replayed), unsure: None }), expected);
        // Of what was edited meanwhile, only what its words say.
        let edited = HashSet::from(["shop.a".to_owned(), "shop.b".to_owned()]);
        let replayed = Counted { unsure: &edited, ..replayed };
        let measures = Measures { tests: Some(&tests), covered: Some(&covered), replayed: Some(replayed), unsure: Some(&edited) };
        assert_eq!(told(&measures), told(&Measures::default()));
        assert_eq!([0, 1, 999, 1_000, 1_234_567].map(grouped), ["0", "1", "999", "1,000", "1,234,567"]);
        let LensCommand::ShowTests(tests) = &lenses(&set, FileId(0), &Measures::default())[1].command else { panic!("tests") };
        assert_eq!(tests.iter().map(|at| shown(&set, *at)).collect::<Vec<_>>(), ["shop.toll:4:6 `\"one\"`", "shop.toll:5:6 `\"two {c.n}\"`"]);
    }

    #[test]
    fn a_file_without_tests_or_package_has_few() {
        let set = PolicySet::check(Sources::of("a.toll", "allow a\ntest {"));
        assert_eq!(lenses(&set, FileId(0), &Measures::default()).len(), 1);
        assert!(lenses(&set, FileId(5), &Measures::default()).is_empty());
    }
}
