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
