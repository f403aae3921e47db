//! What a test that fails tells of why, and what one tells that passes for the wrong reason.

use std::fmt::Write as _;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::folder::Folder;
use crate::junit;

const INPUT: &str = r#"{ agent: {id: "x", labels: ["qa"]}, tool: {server: "s", name: "t"}, args: {n: 7, who: "bob", l: [1, 30], m: {k: "v"}} }"#;

/// Why a test fails, title by title.
fn why(policy: &str) -> String {
    let folder = Folder::new(&[("a.toll", policy)]);
    let ran = folder.run(&["test", "--format", "json", "a.toll"]);
    assert_eq!(ran.code, 1, "{}{}", ran.out, ran.err);
    let mut told = String::new();
    for test in ran.json().get("tests").and_then(Value::as_array).unwrap() {
        let field = |name: &str| test.get(name).unwrap();
        let _ = writeln!(told, "{}: got {}", field("name").as_str().unwrap(), field("got"));
        for line in field("why").as_array().into_iter().flatten() {
            let _ = writeln!(told, "  {}", line.as_str().unwrap());
        }
    }
    told
}

#[test]
fn what_a_call_a_branch_and_a_let_read_is_told() {
    let rules = [
        ("fn", "small(args.n)"),
        ("method", "args.who.starts_with(\"adm\")"),
        ("lambda", "args.l.any(v => v > limit and v != args.n)"),
        ("list", "agent.labels.contains(\"pp\")"),
        ("branch", "if args.flag then args.n > 10 else args.n > 20"),
        ("let", "is_large"),
        ("let-of-let", "not is_named"),
        ("optional", "args.nick?.starts_with(\"a\") ?? false"),
        ("inlined", "both(args.flag, args.n)"),
        ("key", "args.m[\"k\"]?.contains(args.who) ?? false"),
        ("error", "10 / (args.n - 7) > 1"),
        ("presence", "args has nick"),
    ];
    let mut policy = String::from(
        "package p\n\
         tool \"s/t\" { args { n: int, who: string, flag: bool = false, nick?: string, l: list<int> = [], m: map<string> = {} } }\n\
         data limit: int = 50\n\
         fn small(n: int) -> bool = n < limit - 45\n\
         fn both(a: bool, n: int) -> bool = a and n > 3\n\
         let is_large: bool = (args.n.as_int() ?? 0) > 1000 and agent.labels.contains(\"qa\")\n\
         let is_named: bool = not is_large and agent.id.len() > 0\n",
    );
    for (name, condition) in rules {
        let name = name.replace('-', "_");
        let _ = writeln!(policy, "allow r_{name} on \"s/t\" when {condition}\ntest \"{name}\" {{ input {INPUT} expect allow by r_{name} }}");
    }
    let _ = writeln!(policy, "test \"of the decision\" {{ input {INPUT} expect decision.reasons.any(r => r.text == \"k\") }}");
    assert_snapshot!(why(&policy));
}

#[test]
fn what_is_cut_is_counted() {
    let conditions: Vec<String> = (0..25).map(|n| format!("args.n != {}", n + 100)).collect();
    let mut policy = format!(
        "package p\ntool \"s/t\" {{ args {{ n: int, .. }} }}\ndeny many on \"s/t\" when {}\ndeny errs on \"s/t\" when args.n > 2 and 10 / (args.n - 7) > 4\n",
        conditions.join(" and ")
    );
    for n in 0..13 {
        let _ = writeln!(policy, "allow a{n} when agent.id == \"a{n}\"");
    }
    let _ = writeln!(policy, "test \"surplus\" {{ input {INPUT} expect deny by none }}\ntest \"none\" {{ input {INPUT} expect allow }}");
    assert_snapshot!(why(&policy));
}

#[test]
fn of_several_choices_that_is_told_which_tells_most() {
    let policy = format!(
        "package p\n\
         deny far for n in args.l.as_list() ?? [] when n.as_int() ?? 0 > 20 and n.as_int() ?? 0 > 90 and agent.id == \"x\"\n\
         deny late for n in many when 10 / (24 - n) > 100\n\
         let many: list<int> = [{}]\n\
         test \"t\" {{ input {INPUT} expect deny by far }}\n",
        (0..30).map(|n| n.to_string()).collect::<Vec<_>>().join(", ")
    );
    assert_snapshot!(why(&policy));
}

const UNASKED: &str = "package p
tool \"s/t\" { args { to: string, amount: int } }
allow all
test \"misspelt\" { input { agent: {id: \"x\"}, tool: {server: \"s\", name: \"t\"}, args: {to: \"y\", amuont: 500} } expect deny }
test \"meant\" { input { agent: {id: \"x\"}, tool: {server: \"s\", name: \"t\"}, args: {to: \"y\", amuont: 500} } expect deny by none }
test \"asked\" { input { agent: {id: \"x\"}, tool: {server: \"s\", name: \"t\"}, args: {} } expect deny expect decision.errors.len() > 0 }
test \"steps, {1 + 1}\" { step \"one\" { input {} expect deny } }
";

#[test]
fn a_deny_by_no_rule_is_warned_of() {
    let cases: Vec<String> = [json!("deny"), json!({"effect": "deny"}), json!({"effect": "deny", "rules": []})]
        .iter()
        .map(|expect| json!({"name": format!("case {expect}"), "input": {"agent": 1}, "expect": expect}).to_string())
        .collect();
    let folder = Folder::new(&[("a.toll", UNASKED), ("c.jsonl", &cases.join("\n"))]);
    let run = |format: &str| folder.run(&["test", "--format", format, "--cases", "c.jsonl", "a.toll"]);
    let pretty = run("pretty");
    assert_eq!(pretty.code, 0, "{}", pretty.err);
    let (text, _) = pretty.out.rsplit_once(" (").unwrap();
    assert_snapshot!("warned_pretty", text);
    assert_snapshot!("warned_github", run("github").out);
    assert_snapshot!("warned_tap", run("tap").out);
    let junit = run("junit").out;
    let counts = junit::check(&junit);
    assert_eq!((counts.tests, counts.failures, junit.matches("<system-out>warning: the input does not fit at").count()), (7, 0, 4), "{junit}");
    let json = run("json").json();
    let warnings: Vec<usize> = json["tests"].as_array().unwrap().iter().map(|test| test["warnings"].as_array().unwrap().len()).collect();
    assert_eq!(warnings, [1, 0, 0, 1, 1, 1, 0]);
    assert_eq!((&json["tests"][0]["warnings"][0]["path"], &json["tests"][3]["warnings"][0]["step"]), (&"args.amuont".into(), &"one".into()));
}

#[test]
fn a_table_without_rows_and_a_title_without_a_value_are_failures() {
    let input = "input { agent: {id: \"x\"}, tool: {name: \"t\"} } expect allow";
    let policy = format!(
        "package p\nallow all\nlet none_at_all: list<int> = []\nlet zero: int = [0].sum()\n\
         test \"row {{n}}\" for n in none_at_all {{ {input} }}\n\
         test \"errs {{1 / zero}} here\" {{ {input} }}\n\
         test \"steps\" {{ step \"also {{1 / zero}}\" {{ {input} }} }}\n"
    );
    assert_snapshot!(why(&policy));
}

#[test]
fn a_property_tells_the_conditions_as_an_expectation_does() {
    let policy = format!(
        "package p\n\
         tool \"s/t\" {{ args {{ n: int, who: string, nick?: string, .. }} }}\n\
         allow open on \"s/t\" when args.n < limit and args.nick ?? \"\" != \"x\"\n\
         deny closed on \"s/t\" when args.n > 90 and args.who == \"bob\"\n\
         data limit: int = 50\n\
         property \"nobody\" {{ never allow when agent.id == \"x\" }}\n\
         property \"all\" {{ always deny when agent.labels.contains(\"qa\") }}\n\
         test \"t\" {{ input {INPUT} expect allow }}\n"
    );
    assert_snapshot!(why(&policy));
}
