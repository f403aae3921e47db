//! What an editor shows above tests and rules, to be clicked.

use std::collections::HashMap;

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
    /// What a click does.
    pub command: LensCommand,
}

/// What a click does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LensCommand {
    /// Runs the test whose title stands there.
    RunTest(Location),
    /// Runs the tests of the file.
    RunFile(FileId),
    /// Shows the tests that expect a rule: where their titles stand.
    ShowTests(Vec<Location>),
    /// Nothing: it only says something.
    Nothing,
}

/// What has been measured of rules, by full name.
#[derive(Clone, Debug, Default)]
pub struct Measures {
    /// How many calls were replayed.
    pub calls: usize,
    /// How many of them each rule matched.
    pub matched: HashMap<String, usize>,
    /// How many of the outcomes of each rule's conditions tests have seen, of how many.
    pub covered: HashMap<String, (usize, usize)>,
}

/// The lines of a file, in the order of its items.
pub fn lenses(set: &PolicySet, file: FileId, measures: Option<&Measures>) -> Vec<Lens> {
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
                lenses.push(Lens { at, title: "Run test".to_owned(), command: LensCommand::RunTest(at) });
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
        lenses.insert(0, Lens { at, title, command: LensCommand::RunFile(file) });
    }
    lenses
}

fn of_rule(at: Location, name: &str, tests: Vec<Location>, measures: Option<&Measures>) -> Vec<Lens> {
    let title = match tests.len() {
        0 => "no test expects this".to_owned(),
        1 => "1 test expects this".to_owned(),
        several => format!("{several} tests expect this"),
    };
    let command = if tests.is_empty() { LensCommand::Nothing } else { LensCommand::ShowTests(tests) };
    let said = |title: String| Lens { at, title, command: LensCommand::Nothing };
    let covered = measures.and_then(|measures| measures.covered.get(name)).map(|(seen, all)| said(format!("{seen} of {all} outcomes tested")));
    let replayed = measures.filter(|measures| measures.calls > 0).map(|measures| {
        let matched = measures.matched.get(name).copied().unwrap_or_default();
        said(format!("matched {matched} of {} replayed calls", measures.calls))
    });
    [Some(Lens { at, title, command }), covered, replayed].into_iter().flatten().collect()
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
        let measures =
            Measures { calls: 12, matched: HashMap::from([("shop.a".to_owned(), 3)]), covered: HashMap::from([("shop.a".to_owned(), (1, 2))]) };
        let told: Vec<String> =
            lenses(&set, FileId(0), Some(&measures)).iter().map(|lens| format!("{}: {}", shown(&set, lens.at), lens.title)).collect();
        let expected = [
            "shop.toll:1:9 `shop`: Run all 2 tests",
            "shop.toll:2:7 `a`: 2 tests expect this",
            "shop.toll:2:7 `a`: 1 of 2 outcomes tested",
            "shop.toll:2:7 `a`: matched 3 of 12 replayed calls",
            "shop.toll:3:6 `b`: no test expects this",
            "shop.toll:3:6 `b`: matched 0 of 12 replayed calls",
            "shop.toll:4:6 `\"one\"`: Run test",
            "shop.toll:5:6 `\"two {c.n}\"`: Run test",
        ];
        assert_eq!(told, expected);
        let LensCommand::ShowTests(tests) = &lenses(&set, FileId(0), None)[1].command else { panic!("tests") };
        assert_eq!(tests.iter().map(|at| shown(&set, *at)).collect::<Vec<_>>(), ["shop.toll:4:6 `\"one\"`", "shop.toll:5:6 `\"two {c.n}\"`"]);
    }

    #[test]
    fn a_file_without_tests_or_package_has_few() {
        let set = PolicySet::check(Sources::of("a.toll", "allow a\ntest {"));
        assert_eq!(lenses(&set, FileId(0), None).len(), 1);
        assert!(lenses(&set, FileId(5), None).is_empty());
    }
}
