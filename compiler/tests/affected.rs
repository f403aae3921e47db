//! What an edit cannot affect comes to what it came to before: held for every mutant of the gateway example and every one of its tests.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot read the example fails")]

use std::path::{Path, PathBuf};

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::mutation::Mutants;
use tollgate_compiler::testing::{Changes, Recorded, Suite};
use tollgate_compiler::{PolicySet, Sources};

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/gateway")
}

fn policies() -> PolicySet {
    let mut sources = Sources::default();
    for file in ["policies/input.toll", "policies/rules.toll", "policies/tools.toll", "tests/gateway.toll"] {
        sources.add(file, std::fs::read_to_string(example().join(file)).unwrap());
    }
    PolicySet::check(sources)
}

fn suite(set: &PolicySet) -> Suite {
    let lowered = set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).unwrap();
    let suite = Suite::new(lowered.testing.unwrap()).unwrap();
    for data in ["company_domains", "registry"] {
        suite.engine().set_data(data, std::fs::read(example().join(format!("data/{data}.json"))).unwrap()).unwrap();
    }
    suite
}

/// The example's calls, of which nothing is expected.
fn calls() -> Vec<Recorded> {
    let lines = std::fs::read_to_string(example().join("calls.jsonl")).unwrap();
    lines.lines().map(|line| Recorded { input: line.into(), data: Vec::new(), effect: None, rules: None, reasons: None }).collect()
}

#[test]
fn what_a_change_cannot_affect_stays_as_it_is() {
    let set = policies();
    let (before, calls) = (suite(&set), calls());
    let cases = before.cases();
    let decide = |suite: &Suite, call: &Recorded| {
        let decision = suite.run_recorded(call).decision.unwrap();
        // The policy's digest, which comes last, is another.
        decision.to_json().split_once(r#","policy""#).unwrap().0.to_owned()
    };
    let decided: Vec<String> = calls.iter().map(|call| decide(&before, call)).collect();
    let (mut unaffected, mut all) = (0, 0);
    for mutant in Mutants::new(&set).unwrap().all() {
        let text = mutant.applied_to(set.sources().text(mutant.file)).unwrap();
        let changed = set.clone().edit(mutant.file, text);
        if changed.has_errors() {
            continue;
        }
        let Some(changes) = Changes::between(&set, &changed) else { continue };
        let after = suite(&changed);
        for case in &cases {
            let can_tell = after.can_tell(case, &changes, &before);
            assert!(can_tell || after.run(case).is_empty(), "{}: {} is told by {}", mutant.of, mutant.what, case.title);
            (unaffected, all) = (unaffected + usize::from(!can_tell), all + 1);
        }
        for (call, decided) in calls.iter().zip(&decided) {
            let can_tell = after.can_tell_recorded(call, &changes, &before);
            assert!(can_tell || decide(&after, call) == *decided, "{}: {} is told by {call:?}", mutant.of, mutant.what);
        }
    }
    assert!(all > 1000 && unaffected > all / 2, "{unaffected} of {all}");
}

#[test]
fn whatever_is_declared_may_affect_all() {
    let set = policies();
    let (rules, tools) = (FileId(1), FileId(2));
    let edited = |file, from: &str, to: &str| {
        let text = set.sources().text(file);
        assert!(text.contains(from));
        Changes::between(&set, &set.clone().edit(file, text.replacen(from, to, 1)))
    };
    assert!(edited(rules, "\ndeny ", "\n// a comment\ndeny ").is_some());
    assert!(edited(tools, "args", "title: \"t\"\n  args").is_none());
    assert!(Changes::between(&set, &PolicySet::check(Sources::of("other.toll", "package p"))).is_none());
}
