use std::collections::BTreeSet;

use super::*;
use crate::Sources;
use crate::mutation::difference;

/// Whether a request that two sets decide differently is made of them.
fn differ(old: &str, new: &str) -> bool {
    let sets = [old, new].map(|text| PolicySet::check(Sources::of("p.toll", &format!("package p\n{text}\n"))));
    let engines = sets.each_ref().map(|set| {
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        set.compile().unwrap().into_engine().unwrap()
    });
    let [first, second] = [0, 1].map(|place| Imagined::new(&sets[place], &engines[place], &[]));
    let (first, second) = (Imagined::new(&sets[0], &engines[0], &second.tools()), Imagined::new(&sets[1], &engines[1], &first.tools()));
    let mut visit = |input| if difference(&engines[0], &engines[1], input).is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    [first, second].iter().any(|imagined| imagined.visit(|_| false, &mut visit).is_break())
}

#[test]
fn small_differences_are_told_without_any_request() {
    for (old, new) in [
        (r#"allow r when agent.role == "clerk""#, r#"allow r when agent.role == "clerk" and session.cost < 5"#),
        (r#"allow r on "x/y" when agent.role == "a" and agent.team == "b""#, r#"allow r on "x/y" when agent.role == "a""#),
        (r#"allow r when agent.role == "a" and agent.team == "b""#, r#"allow r when agent.role == "a" and agent.team == "c""#),
        (
            r#"allow r when context.source_ip != none and context.source_ip in cidr("10.0.0.0/8")"#,
            r#"allow r when context.source_ip != none and context.source_ip in cidr("10.0.0.0/9")"#,
        ),
        (
            r#"tool "x/p" { category: "read" } allow r when tool.category == "read""#,
            r#"tool "x/p" { category: "write" } allow r when tool.category == "read""#,
        ),
        (r#"allow r on "x/*""#, r#"allow r on "x/y""#),
        ("allow r when context.time != none and context.time.hour() < 9", "allow r when context.time != none and context.time.hour() < 10"),
        (
            r#"data g: map<{ tools: set<string>, most: decimal }> = {a: {tools: {"u"}, most: 5.0}} tool "t" {} tool "u" {} allow r for e in g[agent.id] when tool.name in e.tools and session.cost <= e.most"#,
            r#"data g: map<{ tools: set<string>, most: decimal }> = {a: {tools: {"u"}, most: 5.0}} tool "t" {} tool "u" {} allow r for e in g[agent.id] when tool.name in e.tools and session.cost < e.most"#,
        ),
        ("allow r when agent.id.len() < 10", "allow r when agent.id.len() < 11"),
        (r#"allow r when agent.id like "qab*""#, r#"allow r when agent.id like "qab?""#),
        (r#"allow r when agent.id matches r"^ab+$""#, r#"allow r when agent.id matches r"^ab*$""#),
        (r#"deny d when agent.team == "t" because "x""#, r#"deny d when agent.team == "t" because "y""#),
        (
            r#"score s: 0..=100 { 50 when agent.role == "r", 30 when agent.team == "t", 21 when context.environment == "prod" } allow r when s > 79"#,
            r#"score s: 0..=100 { 50 when agent.role == "r", 30 when agent.team == "t", 21 when context.environment == "prod" } allow r when s > 80"#,
        ),
        ("deny d when session.calls.count(c => c.effect == \"deny\") > 2", "deny d when session.calls.count(c => c.effect == \"deny\") > 3"),
        (r#"data g: map<int> = {a: 5} allow r when (g[agent.id] ?? 0) > 4"#, r#"data g: map<int> = {a: 5} allow r when (g[agent.id] ?? 0) > 5"#),
        (r#"tool "t" { args { n: int where n < 5 } } allow r on "t""#, r#"tool "t" { args { n: int where n < 6 } } allow r on "t""#),
        (
            "allow r when token != none and token.expires_at - token.issued_at < 1h",
            "allow r when token != none and token.expires_at - token.issued_at <= 1h",
        ),
    ] {
        assert!(differ(old, new), "{old}\n{new}");
        assert!(!differ(old, old), "{old}");
    }
}

#[test]
fn a_difference_behind_stronger_rules_is_told() {
    let tool = r#"tool "t" { args { n: int, b: bool, text: string, note?: string } }"#;
    let differs = |guard: &str, old: &str, new: &str| {
        let [old, new] = [old, new].map(|rule| format!("{tool}\n{guard}\n{rule}"));
        assert!(differ(&old, &new), "{old}\n{new}");
    };
    for guard in [
        r#"deny g when agent.role != "admin" because "x""#,
        r#"deny g on "t" when not args.b because "x""#,
        r#"deny g on "t" when args.note == none because "x""#,
        r#"deny g when user == none because "x""#,
        r#"deny g when context.time == none because "x""#,
        r#"deny g when agent.role not in {"a", "b"} because "x""#,
        r#"deny g on "t" when args.text.len() < 3 because "x""#,
        r#"deny g unless agent.role == "admin" because "x""#,
        r#"deny g on "t" when not (args.text like "/srv/*") because "x""#,
        r#"deny g on "t" when not (args.text matches r"^/srv/[a-z]+$") because "x""#,
        r#"deny g when "cleared" not in agent.labels because "x""#,
        r#"data d: map<int> = {a: 5} deny g when d[agent.id] == none because "x""#,
        r#"data d: map<{ most: int }> = {a: {most: 5}, b: {most: 9}} deny g on "t" when (d[agent.id]?.most ?? 0) < args.n because "x""#,
        r#"score s: 0..=100 { 60 when agent.role != "admin", 50 when agent.team != "a" } deny g when s > 40 because "x""#,
        r#"deny g when agent.role != "admin" because "x" review h on "t" when not args.b because "x""#,
        r#"deny g when agent.role != "admin" or agent.team != "a" because "x" deny h when session.cost > 0 and agent.team == "b" because "x""#,
        r#"deny g when 1 / session.calls.len() > 1 because "x" deny h when agent.role != "admin" because "x""#,
        r#"tool "a" {} deny g on "a" because "x""#,
    ] {
        differs(guard, r#"allow r on "t" when args.n > 5"#, r#"allow r on "t" when args.n > 6"#);
        differs(guard, r#"review r on "t" when args.n > 5 because "x""#, r#"allow r on "t" when args.n > 5"#);
        differs(guard, r#"allow r when agent.id == "a""#, r#"review r when agent.id == "a" because "x""#);
    }
}

#[test]
fn spellings_remainders_and_elements_are_told() {
    let tool = r#"tool "t" { args { n: int, tags: list<string> } }"#;
    for (old, new) in [
        (r#"agent.role.lower() == "admin""#, r#"agent.role == "admin""#),
        (r#"agent.role.upper() in {"ADMIN", "ROOT"}"#, r#"agent.role in {"ADMIN", "ROOT"}"#),
        (r#"agent.role.trim() == "admin""#, r#"agent.role == "admin""#),
        ("agent.role.trim().is_empty()", "agent.role.is_empty()"),
        ("args.n % 3 == 1", "args.n % 4 == 1"),
        ("args.n % 3 == 0", "args.n % 2 == 0"),
        (r#"args.tags.any(tag => tag == "a") and args.tags != []"#, r#"args.tags.all(tag => tag == "a") and args.tags != []"#),
        ("args.n > (if agent.role == \"a\" then 3 else 7)", "args.n > (if agent.role == \"a\" then 4 else 7)"),
        ("args.n > (if agent.role == \"a\" then 3 else 7)", "args.n > (if agent.role != \"a\" then 3 else 7)"),
        ("args.n + (if agent.role == \"a\" then 3 else 7) > 90", "args.n + (if agent.role == \"a\" then 2 else 7) > 90"),
        (r#"(user?.id ?? "").split("-").contains("de")"#, r#"(user?.id ?? "").split("-").contains("fr")"#),
        (
            r#"session.calls.filter(call => call.tool == "a").last()?.result?.passed == true"#,
            r#"session.calls.filter(call => call.tool == "a").last()?.result?.passed == false"#,
        ),
        (r#"not session.calls.filter(call => call.tool == "a").is_empty()"#, r#"not session.calls.filter(call => call.tool == "b").is_empty()"#),
        ("session.calls.map(call => 1).sum() + args.n > 90", "session.calls.map(call => 1).sum() + args.n > 91"),
    ] {
        let [old, new] = [old, new].map(|condition| format!(r#"{tool} allow r on "t" when {condition}"#));
        assert!(differ(&old, &new), "{old}\n{new}");
    }
}

#[test]
fn what_is_held_against_a_text_with_holes_is_told() {
    let declared = r#"tool "x/a" { args { n: int, model: string, version: string } } tool "y/b" {}
        data given: map<set<string>> = {u: {"y/b"}, v: {"x/a"}}
        data tested: map<{ good: bool }> = {"m-1": {good: false}, "m-2": {good: true}}"#;
    for guard in [
        r#"deny g when "{tool.server}/{tool.name}" not in (given[agent.id] ?? {}) because "x""#,
        r#"deny g for tools in given[agent.id] when "{tool.server}/{tool.name}" not in tools because "x" deny h when agent.id not in {"u", "v"} because "x""#,
        r#"deny g when "{agent.team}:{agent.role}" != "ops:lead" because "x""#,
        r#"deny g when "{tool.server}/{tool.name}" not in agent.labels because "x""#,
        r#"deny g on "x/a" when not (tested["{args.model}-{args.version}"]?.good ?? false) because "x""#,
    ] {
        let [old, new] = [5, 6].map(|most| format!("{declared}\n{guard}\nallow r on \"x/a\" when args.n > {most}"));
        assert!(differ(&old, &new), "{guard}");
    }
}

#[test]
fn anchors_words_and_case_of_patterns_are_told() {
    for (old, new) in [("^rm", "rm"), ("^rm -rf$", "^rm -rf"), ("(?i)foo", "foo"), (r"\bfoo\b", "foo"), (r"\brm\b", r"^rm\b")] {
        let [old, new] = [old, new].map(|pattern| format!(r#"allow r when agent.id matches r"{pattern}""#));
        assert!(differ(&old, &new), "{old}\n{new}");
    }
}

#[test]
fn work_is_bounded_whatever_the_conditions() {
    let chain: Vec<String> = (0..40).map(|n| format!("fn f{}(x: int) -> bool = f{n}(x) or f{n}(x + 1)", n + 1)).collect();
    let set = PolicySet::check(Sources::of(
        "p.toll",
        &format!("package p\nfn f0(x: int) -> bool = x > 3\n{}\nallow r when f40(args.x.as_int() ?? 0)\n", chain.join("\n")),
    ));
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    let Ok(engine) = set.compile().map(|compiled| compiled.into_engine().unwrap()) else { return };
    let mut seen = BTreeSet::new();
    let _ = Imagined::new(&set, &engine, &[]).visit(|_| true, &mut |input| {
        seen.insert(input);
        ControlFlow::Continue(())
    });
    assert!((1..5_000).contains(&seen.len()), "{}", seen.len());
}

#[test]
fn what_differs_is_named() {
    let set = |text: &str| PolicySet::check(Sources::of("p.toll", &format!("package p\n{text}\n")));
    let changed = changed_names(&set("let a = 1\nallow b when agent.id == \"x\"\ntool \"t\" {}"), &set("let a = 2\nallow b when agent.id == \"x\""));
    assert_eq!(changed.into_iter().collect::<BTreeSet<_>>(), ["p.a".to_owned(), "t".to_owned()].into());
}
