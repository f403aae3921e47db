//! What `check --fix` makes of mistakes by itself: nothing that could be decided otherwise than its author means.

use tollgate_compiler::diagnostic::{FileId, fix};
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};

/// A text after the fixes that nobody looks at.
fn fixed(text: &str) -> String {
    let find = |sources: &Sources| {
        let set = PolicySet::check(sources.clone());
        set.diagnostics().iter().cloned().chain(set.lints(&Levels::default())).collect()
    };
    fix::apply_all(Sources::of("policy.toll", text), find).text(FileId(0)).to_owned()
}

/// A rule with some condition, after the tool that the condition asks.
fn rule(condition: &str) -> String {
    let tool = "tool \"a/b\" { args { n: int, d: decimal, s: string, open: bool, xs: list<string> } }";
    format!("package a\n\n{tool}\n\nallow r\n  on \"a/b\"\n  when {condition}\n  because \"r\"\n")
}

#[test]
fn what_may_mean_another_thing_is_left_to_its_author() {
    let conditions = [
        "not args.n between 1 and 5",
        "args.n + 1 between 3 and 5",
        "args.s + \"x\" ilike \"a*\"",
        "not args.s contains \"x\"",
        "\"x\" + args.s starts_with \"x\"",
        "args.d > 0,5",
        "args.d > 1,00",
        "args.n > 1,000",
        "args.open or args.n > 5, args.s == \"x\"",
        "args.open, args.n > 5 or args.s == \"x\"",
        "args.open or args.n > 5; args.s == \"x\"",
        "args.open or args.n > 5\n  args.s == \"x\"",
        "args.open or args.n > 5\n  and when args.s == \"x\"",
        "args.open or and args.n > 5",
        "args.open and",
        "and args.open",
        "args.n >> 3",
        "args.open) and args.n > 5",
        "args.n !> 3",
        "args.n =! 3",
        "1 < args.n < 5",
        "not 1 < args.n < 5",
        "args.n > 5.000.000",
        "args.s == \"x or args.open",
        "/* args.open and */ args.n > 5",
        "args.s like \"/secret/{agent.id}/*\"",
        "args.s matches \"^/home/{args.s}$\"",
        "args.s.starts_with(\"C:\\Windows\\notes\")",
        "args.s in ['O''Brien', 'Smith']",
        "args.s == `{7*7}`",
        "args.n > 10M",
    ];
    for condition in conditions {
        let text = rule(condition);
        assert!(PolicySet::check(Sources::of("policy.toll", &text)).has_errors(), "{condition}");
        assert_eq!(fixed(&text), text);
    }
}

#[test]
fn no_clause_gets_into_another_rule() {
    let next = ["\non \"t/x\" deny big when agent.id == \"z\" because \"x\"\n", "\nunless agent.id == \"z\" deny c because \"d\"\n"];
    for next in next {
        let text = format!(
            "package a\n\nallow ops when agent.role == \"op\"\ndeny interns\n  when agent.role == \"intern\"\n  because \"no interns\"{next}"
        );
        let set = PolicySet::check(Sources::of("policy.toll", &text));
        assert!(set.has_errors() && set.diagnostics().iter().flat_map(|found| &found.fixes).all(|fix| fix.is_choice), "{:?}", set.diagnostics());
        assert_eq!(fixed(&text), text);
    }
    let text = "package a\n\ndeny r because \"a\" when agent.id == \"x\"\n";
    assert_eq!(fixed(text), text);
}

#[test]
fn a_hole_is_closed_by_its_author() {
    let text = rule("args.open").replace("\"r\"", "\"n is {args.n\"");
    assert_eq!(fixed(&text), text);
}

#[test]
fn what_can_mean_one_thing_only_is_mended() {
    let mended = [
        ("args.n between 1 and 5", "args.n >= 1 and args.n <= 5"),
        ("args.open and args.n between 1 and 5", "args.open and args.n >= 1 and args.n <= 5"),
        ("args.s ilike \"ADMIN*\"", "args.s.lower() like \"admin*\""),
        ("args.s not ilike \"X*\"", "not args.s.lower() like \"x*\""),
        ("args.s contains \"x\"", "args.s.contains(\"x\")"),
        ("args.open, args.n > 5", "args.open and args.n > 5"),
        ("(args.open or args.n > 5), args.s == \"x\"", "(args.open or args.n > 5) and args.s == \"x\""),
        ("args.n ! = 5", "args.n != 5"),
        ("args.s matches \"^a{2,3}$\"", "args.s matches \"^a{{2,3}}$\""),
        ("args.s.starts_with(\"C:\\Windows\")", "args.s.starts_with(\"C:\\\\Windows\")"),
        ("args.s == `a${agent.id}`", "args.s == \"a{agent.id}\""),
        ("args.s IS NOT IN {\"x\", \"y\"}", "args.s not in {\"x\", \"y\"}"),
        ("args.s is in {\"x\", \"y\"}", "args.s in {\"x\", \"y\"}"),
        ("args.open AND NOT args.n > 5", "args.open and not args.n > 5"),
        ("args.open && !(args.n > 5)", "args.open and not (args.n > 5)"),
        ("args.open||args.n>5", "args.open or args.n>5"),
        ("args.xs.len() > 5 or [\"a\"] == args.xs || \"b\" in args.xs", "args.xs.len() > 5 or [\"a\"] == args.xs or \"b\" in args.xs"),
    ];
    for (condition, wanted) in mended {
        assert_eq!(fixed(&rule(condition)), rule(wanted));
    }
}
