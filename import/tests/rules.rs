//! Rule files that nobody writes by hand are read in time near to their size, or refused.

use std::fmt::Write;
use std::time::{Duration, Instant};

use tollgate_import::{Import, Source, Unreadable, rules};

fn imported(text: &str) -> Result<Import, Unreadable> {
    let began = Instant::now();
    let import = rules::import(&[Source { name: "rules.yaml", text }], None);
    assert!(began.elapsed() < Duration::from_secs(30), "{} bytes took {:?}", text.len(), began.elapsed());
    import
}

fn file(rules: impl Fn(&mut String, usize), count: usize) -> String {
    let mut text = "rules:\n".to_owned();
    (0..count).for_each(|at| rules(&mut text, at));
    text
}

#[test]
fn thousands_of_limits_are_handed_over() {
    let text = file(
        |text, at| {
            writeln!(text, "  - {{name: r{at}, tool: 'a{at}_*', action: allow}}").unwrap();
            writeln!(text, "  - {{name: l{at}, tool: ['a{at}_*', 'b{at}_?'], rate_limit: '5 calls/minute'}}").unwrap();
        },
        3_000,
    );
    let import = imported(&text).unwrap();
    assert_eq!(import.files.first().unwrap().text.matches("require limit").count(), 3_000);
}

#[test]
fn limits_that_meet_everything_are_refused_before_they_multiply() {
    let text = file(
        |text, at| {
            writeln!(text, "  - {{name: r{at}, conditions: ['args.x == {at}'], action: allow}}").unwrap();
            writeln!(text, "  - {{name: l{at}, conditions: ['args.y == {at}'], rate_limit: '5 calls/minute'}}").unwrap();
        },
        2_000,
    );
    assert!(imported(&text).unwrap_err().to_string().contains("come to more than 20000 rules"));
}

#[test]
fn ten_thousand_rules_are_read() {
    let rule = |text: &mut String, at| writeln!(text, "  - {{name: r{at}, tool: t{at}, action: allow, conditions: ['args.x == {at}']}}").unwrap();
    assert!(imported(&file(rule, 10_000)).is_ok());
}

#[test]
fn conditions_that_nobody_writes_harm_nothing() {
    for condition in
        ["in(".repeat(50_000), "x between (".repeat(20_000), "not ".repeat(50_000), "a is not".repeat(20_000), "a contains ".repeat(20_000)]
    {
        let import = imported(&format!("rules:\n  - {{name: a, tool: t, action: allow, conditions: ['{condition}']}}\n")).unwrap();
        assert!(!import.files.first().unwrap().text.contains("\nallow"));
    }
}
