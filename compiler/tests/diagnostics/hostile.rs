//! Texts of few words that mean much: each is diagnosed, and what is made of it stays small.

use std::fmt::Write as _;

use tollgate_compiler::diagnostic::{Diagnostic, json};
use tollgate_compiler::{PolicySet, Sources};

use crate::support::diagnostics;

/// A policy of an item for each number.
fn policy(head: &str, count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).fold(format!("package p\n{head}\n"), |mut text, number| {
        let _ = writeln!(text, "{}", item(number));
        text
    })
}

fn codes(found: &[Diagnostic]) -> Vec<&str> {
    found.iter().map(|diagnostic| diagnostic.code.code()).collect()
}

/// Fields `f0` and on, of that type.
fn fields(count: usize, ty: &str) -> String {
    (0..count).map(|number| format!("f{number}{ty}")).collect::<Vec<_>>().join(", ")
}

/// Records of records, twice as large in each line.
fn doubled(name: &str, count: usize) -> String {
    policy("", count, |number| match number {
        0 => format!("let {name}0 = {{ x: agent.id, y: 1 }}"),
        _ => format!("let {name}{number} = {{ x: {name}{before}, y: {name}{before} }}", before = number - 1),
    })
}

#[test]
fn records_that_double() {
    let found = diagnostics(&(doubled("a", 60) + "allow b when a59 == 1\n"));
    assert_eq!(codes(&found).first(), Some(&"E0225"));
    assert!(found.len() < 10, "it starts again after each");
}

#[test]
fn large_types_are_compared_and_printed_shortly() {
    let two = doubled("a", 14) + doubled("b", 14).trim_start_matches("package p\n");
    assert_eq!(codes(&diagnostics(&(two.clone() + "allow b when a13 == b13\n"))), [""; 0]);
    let found = diagnostics(&(two + "allow b when a13 == 1\n"));
    assert_eq!(found.len(), 1);
    assert!(found.iter().all(|diagnostic| diagnostic.message.len() < 1000));
}

#[test]
fn lists_that_nest() {
    let found = diagnostics(&policy("let a0 = [agent.id]", 500, |number| format!("let a{} = [a{number}]", number + 1)));
    assert!(codes(&found).iter().all(|code| *code == "E0002"));
    assert!((1..10).contains(&found.len()), "it starts again after each");
}

#[test]
fn defaults_that_double() {
    let text = policy("type T0 { a: int = 1 }", 40, |number| format!("type T{} {{ a: T{number} = {{}}, b: T{number} = {{}} }}", number + 1));
    let found = diagnostics(&text);
    assert!(codes(&found).contains(&"E0225"), "{:?}", codes(&found));
}

#[test]
fn wide_literals() {
    let text = policy(&format!("type R {{ {} }}", fields(4096, "?: int")), 1000, |number| format!("let a{number}: R = {{}}"));
    assert_eq!(codes(&diagnostics(&text)), ["E0225"]);
}

#[test]
fn wide_extensions() {
    let text = policy(&format!("type R {{ {} }}", fields(4000, "?: int")), 1000, |number| format!("type B{number} = R with {{ f0: int }}"));
    assert_eq!(codes(&diagnostics(&text)), ["E0225"]);
    let text = policy(&format!("type R {{ {} }}", fields(4096, "?: int")), 1, |_| "type B = R with { more: int }".to_owned());
    assert_eq!(codes(&diagnostics(&text)), ["E0225"]);
}

#[test]
fn wide_refinements() {
    let refined: Vec<String> = (0..4096).map(|number| format!("f{number}: int where f{number} > 0")).collect();
    let text = policy(&format!("type R {{ {} }}", refined.join(", ")), 0, |_| String::new());
    assert_eq!(codes(&diagnostics(&text)), ["E0225"]);
}

#[test]
fn wide_obligations() {
    let params = fields(257, ": int = 1");
    assert_eq!(codes(&diagnostics(&policy(&format!("obligation o({params})"), 0, |_| String::new()))), ["E0225"]);
    let text = policy(&format!("obligation o({})", fields(256, ": int = 1")), 3000, |number| format!("allow a{number} require o()"));
    assert_eq!(codes(&diagnostics(&text)), ["E0225"]);
}

#[test]
fn many_choices() {
    let choices: Vec<String> = (0..5000).map(|number| format!("for x{number} in [\"a\"]")).collect();
    assert_eq!(codes(&diagnostics(&format!("package p\nallow a {}\n", choices.join(" ")))), ["E0225"]);
}

#[test]
fn rules_on_the_same_wide_tools_share_their_arguments() {
    let tool = |name: &str, ty: &str| format!("tool \"{name}\" {{ args {{ {} }} }}", fields(4096, ty));
    let rules = |u: &str| {
        let tools = tool("t", ": int") + "\n" + &tool("u", u);
        policy(&tools, 1000, |number| format!("allow a{number} on \"t\", \"u\" when args.f7 == 1"))
    };
    assert_eq!(codes(&diagnostics(&rules(": int"))), [""; 0]);
    assert_eq!(codes(&diagnostics(&rules(": bool"))), ["E0212"; 1000]);
}

#[test]
fn misspelt_names_have_suggestions_as_long_as_they_are_few() {
    let long = "a_name_of_sixty_letters_that_others_are_very_much_like";
    let text = policy("", 600, |number| format!("let {long}_{number} = {}z_{number}", long.trim_end_matches('e')));
    let found = diagnostics(&text);
    let suggested = found.iter().filter(|diagnostic| !diagnostic.fixes.is_empty()).count();
    assert_eq!(found.len(), 600);
    assert!((1..600).contains(&suggested), "{suggested}");
}

#[test]
fn constants_that_are_named_often() {
    let list = (0..1000).map(|number| number.to_string()).collect::<Vec<_>>().join(", ");
    let text = policy(&format!("let list = [{list}]"), 3000, |number| format!("let a{number} = list"));
    assert_eq!(codes(&diagnostics(&text)), [""; 0]);
}

#[test]
fn long_names_are_told_shortly() {
    let long = "a".repeat(50_000);
    let text =
        policy(&format!("let z = {{ {long}: agent.id }}\nlet {long} = 1"), 100, |number| format!("let b{number} = z.y\nlet c{number}: bool = z"));
    let found = diagnostics(&text);
    assert!(found.len() >= 200);
    let told = |diagnostic: &Diagnostic| diagnostic.message.len() + diagnostic.help.as_ref().map_or(0, String::len);
    assert!(found.iter().all(|diagnostic| told(diagnostic) < 2500));
}

#[test]
fn json_of_many_errors_is_short() {
    let set = PolicySet::check(Sources::of("a.toll", &policy("", 3000, |_| "let a = 1".to_owned())));
    let json = json::to_json(set.diagnostics(), set.sources());
    assert_eq!(json.get("omitted").and_then(serde_json::Value::as_u64), Some(1999));
}

#[test]
fn long_habits_are_told_shortly() {
    let long = "x".repeat(100_000);
    let mut texts: Vec<String> =
        ["＝", "!", "&& ", "' '", "“”", "| ", "\u{a0}", "( "].iter().map(|sign| format!("allow a when {}", sign.repeat(50_000))).collect();
    texts.extend([
        format!("allow a when agent.id is \"{long}\""),
        format!("allow a when {long} between 1 and 2"),
        format!("allow \"{long}\""),
        format!("allow a because “{long}”"),
        format!("allow a when len({long})"),
        format!("allow a when {long}.like(\"{long}\")"),
        format!("allow a when agent.id == \"a\" or \"{long}\""),
        format!("{long} = 1"),
        format!("enum E {{ a {} }}", "| a".repeat(50_000)),
    ]);
    for text in texts {
        let found = diagnostics(&format!("package p\n{text}\n"));
        let titles = found.iter().flat_map(|diagnostic| &diagnostic.fixes).map(|fix| fix.title.len() + fix.edits.len());
        let said = found.iter().map(|diagnostic| diagnostic.message.len() + diagnostic.help.as_ref().map_or(0, |help| help.len()));
        let start: String = text.chars().take(40).collect();
        assert!(!found.is_empty() && titles.sum::<usize>() < 10_000, "{start}");
        assert!(text.contains(&long) || said.sum::<usize>() < 10_000, "{start}");
    }
}

#[test]
fn many_rules_of_another_language_take_no_time() {
    let text = policy("", 20_000, |number| format!("deny[msg{number}] {{ input.x == 1 }}\nallow r{number} when agent.id is not null"));
    assert_eq!(diagnostics(&text).len(), 40_000);
}
