//! `tollgate why-not`: what kept a rule from matching.

use insta::assert_snapshot;
use serde_json::json;

use crate::folder::Folder;

const POLICY: &str = r#"package a

data limit: int = 10

allow small
  on "order"
  when args.n.as_int() ?? 0 <= limit
    and agent.id != "y"
    and (agent.role == "boss" or agent.team == "sales")
  unless agent.labels.contains("blocked")

deny listed
  on "order"
  for n in args.ns.as_list() ?? []
  for m in args.ms.as_list() ?? []
  when n.as_int() ?? 0 > 3
    and m.as_int() ?? 0 > 3
    and tool.name == "order"

deny divides
  for n in args.ns.as_list() ?? []
  when n.as_int() ?? 0 > 100 and 10 / (n.as_int() ?? 0) > 1

allow other on "other"
@shadow deny shade when tool.name == "order"
allow errs when tool.name == "errs" because "{1 / (agent.id.len() - 1)}"
"#;

fn folder() -> Folder {
    Folder::new(&[("a.toll", POLICY)])
}

fn order(args: &str) -> String {
    format!(r#"{{"agent": {{"id": "y", "labels": ["blocked"]}}, "tool": {{"name": "order"}}, "args": {args}}}"#)
}

#[test]
fn every_condition_that_failed_is_told() {
    let folder = folder();
    let ask = |rule: &str, request: &str| {
        let ran = folder.run_with(&["why-not", rule, "-i", "-", "a.toll"], request);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let answers = [
        ask("a.small", &order(r#"{"n": 40}"#)),
        ask("listed", &order(r#"{"ns": [1, 5], "ms": [1, 2, 3, 2]}"#)),
        ask("listed", &order(r#"{"ns": [], "ms": [1]}"#)),
        ask("listed", &order(r#"{"ns": [5], "ms": [5]}"#)),
        ask("divides", &order(r#"{"ns": [0, 1]}"#)),
        ask("other", &order("{}")),
        ask("shade", &order("{}")),
        ask("errs", r#"{"agent": {"id": "y"}, "tool": {"name": "errs"}}"#),
        ask("small", r#"{"agent": {"id": 7}, "tool": {"name": "order"}}"#),
        ask("small", &order(r#"{"n": "\u001b[31m\n"}"#)),
    ];
    assert_snapshot!(answers.join("\n"));
}

#[test]
fn a_weaker_rule_that_matched_is_overruled() {
    let request = r#"{"agent": {"id": "x", "team": "sales"}, "tool": {"name": "order"}, "args": {"ns": [5], "ms": [5]}}"#;
    let json = folder().run_with(&["why-not", "small", "-i", "-", "--format", "json", "a.toll"], request).json();
    assert_eq!((&json["verdict"], &json["decision"]["rules"][0]), (&"overruled".into(), &"a.listed".into()));
}

#[test]
fn the_answer_as_json() {
    let json = folder().run_with(&["why-not", "listed", "-i", "-", "--format", "json", "a.toll"], &order(r#"{"ns": [1, 5], "ms": [1]}"#)).json();
    assert_eq!((&json["rule"], &json["verdict"], &json["choices"]), (&"a.listed".into(), &"conditions".into(), &2.into()));
    assert_eq!(json["variables"], json!([{"name": "n", "value": 5}, {"name": "m", "value": 1}]));
    assert_eq!(json["conditions"].as_array().unwrap().len(), 1);
    assert_eq!(json["conditions"][0]["value"], false);
    assert_eq!(json["conditions"][0]["parts"][1], json!({"text": "m.as_int()", "value": 1}));
    let lines = format!("{}\n{}\n", order("{}"), order(r#"{"ns": [5], "ms": [5]}"#));
    let ran = folder().run_with(&["why-not", "listed", "-i", "-", "--format", "json", "a.toll"], &lines);
    let verdicts: Vec<serde_json::Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(verdicts.iter().map(|answer| answer["verdict"].as_str().unwrap()).collect::<Vec<_>>(), ["nothing_to_choose", "decided"]);
}

#[test]
fn a_rule_that_nobody_knows_is_a_failure() {
    let folder = Folder::new(&[("a.toll", POLICY), ("b.toll", "package b\nallow small\n")]);
    let ask = |rule: &str| folder.run_with(&["why-not", rule, "-i", "-", "a.toll", "b.toll"], &order("{}"));
    for (rule, told) in [
        ("lsted", "tollgate: no rule `lsted`; is `listed` meant?\n"),
        ("a.lsted", "tollgate: no rule `a.lsted`; is `a.listed` meant?\n"),
        ("something else", "tollgate: no rule `something else`; there are a.divides, a.errs, a.listed, a.other, a.shade, a.small, b.small\n"),
        ("small", "tollgate: `small` may be any of a.small, b.small\n"),
    ] {
        let ran = ask(rule);
        assert_eq!((ran.code, ran.err.as_str()), (2, told));
    }
    assert_eq!(ask("b.small").code, 0);
}

#[test]
fn the_fewest_conditions_are_named() {
    let policy = r#"package a
allow both when (agent.role == "r" or agent.team == "u") and (agent.role == "r" or agent.id == "k")
allow either when (agent.role == "r" and agent.team == "t") or agent.id == "z"
allow neither when not (agent.role == "q" or agent.id == "a" and agent.team == "w") unless agent.team == "w"
allow divides when agent.role == "r" and 10 / agent.labels.len() > 3
fn is_meant(role: string) -> bool = role == "r" and agent.team == "t"
allow asks when is_meant(agent.role) or (agent.id == "k" and (agent.role == "r" and agent.team == "t"))
"#;
    let folder = Folder::new(&[("a.toll", policy)]);
    let request = r#"{"agent": {"id": "a", "role": "q", "team": "w"}, "tool": {"name": "t"}}"#;
    let ask = |rule: &str| folder.run_with(&["why-not", rule, "-i", "-", "a.toll"], request).out;
    assert_snapshot!(["both", "either", "neither", "divides", "asks"].map(ask).join("\n"));
    let json = folder.run_with(&["why-not", "both", "-i", "-", "--format", "json", "a.toll"], request).json();
    assert_eq!(json["fewest"], json!([{"text": "agent.role == \"r\"", "wanted": true}]));
}

#[test]
fn conditions_that_no_number_meets_together_are_not_named_together() {
    let policy = r#"package a
tool "t" { args { n: int, d: decimal, b: int, held: duration } }
allow orders on "t" when (args.n > 10 or args.b == 2) and (args.n < 5 or args.b == 2)
allow decimals on "t" when (args.d == 1.5 or args.b == 2) and (args.d == 2.5 or args.b == 2)
allow negatives on "t" when (args.n == -3 or args.b == 2) and (args.n <= -5 or args.b == 2)
allow durations on "t" when (args.held > 2h or args.b == 2) and (args.held < 30m or args.b == 2)
allow together on "t" when (args.n > 10 or args.b == 2) and (args.n > 5 or args.b == 3)
"#;
    let folder = Folder::new(&[("a.toll", policy)]);
    let request = r#"{"agent": {"id": "a"}, "tool": {"name": "t"}, "args": {"n": 5, "d": 1, "b": 9, "held": "1h"}}"#;
    let fewest = |rule: &str| folder.run_with(&["why-not", rule, "-i", "-", "--format", "json", "a.toll"], request).json()["fewest"].take();
    for rule in ["orders", "decimals", "negatives", "durations"] {
        assert_eq!(fewest(rule), json!([{"text": "args.b == 2", "wanted": true}]), "{rule}");
    }
    assert_eq!(fewest("together"), json!([{"text": "args.n > 10", "wanted": true}]));
}

#[test]
fn what_relies_on_presence_is_named_with_it() {
    let policy = r#"package a
tool "t" { args { n: int = 0, m?: int } }
allow below on "t" when (args has m and args.m < 4) or (args.n == 1 and args.n == 2)
allow above on "t" when args has m and args.m > 4
"#;
    let folder = Folder::new(&[("a.toll", policy)]);
    let request = r#"{"agent": {"id": "a"}, "tool": {"name": "t"}, "args": {}}"#;
    for (rule, sign) in [("below", "<"), ("above", ">")] {
        let json = folder.run_with(&["why-not", rule, "-i", "-", "--format", "json", "a.toll"], request).json();
        let compared = format!("args.m {sign} 4");
        assert_eq!(json["fewest"], json!([{"text": "args has m", "wanted": true}, {"text": compared, "wanted": true}]), "{json}");
    }
}

#[test]
fn of_many_choices_the_first_are_looked_at() {
    let numbers = vec!["1"; 1_500].join(",");
    let ran = folder().run_with(&["why-not", "listed", "-i", "-", "a.toll"], &order(&format!(r#"{{"ns": [{numbers}], "ms": [1]}}"#)));
    assert!(ran.out.contains("the nearest of the first 1000 choices:"), "{}", ran.out);
}

#[test]
fn the_fewest_conditions_let_the_whole_rule_match() {
    let policy = r#"package a
tool "t" { args { a: int, b: int, c: int } }
allow polar on "t" when (args.a == 1 or args.b == 2) and (not (args.a == 1) or args.c == 3)
allow excepted on "t" when (agent.role == "x" or args.b == 2) unless agent.role == "x"
allow constants on "t" when (args.a == 1 or args.c == 1) and (args.a in {2, 5} or args.b == 2)
allow held on "t" when (agent.role != "q" or args.b == 2) and (agent.role == "q" or args.c == 3 and args.b == 2)
allow never on "t" when (args.a == 1 and args.c == 4) and (args.a == 2 and args.c == 4)
review errs on "t" when (args.a == 5 or args.a == 6) and 10 / args.c > 2 because "x"
deny errs_within on "t" when (args.a == 5 and (10 / args.c > 2 or args.b == 7)) and args.b == 8 because "x"
deny errs_in_exception on "t" when args.a == 5 or args.a == 6 unless 10 / args.c > 2 because "x"
allow errs_not on "t" when (args.a == 5 or args.a == 6) and 10 / args.c > 2
"#;
    let folder = Folder::new(&[("a.toll", policy)]);
    let request = r#"{"agent": {"id": "a", "role": "q"}, "tool": {"name": "t"}, "args": {"a": 3, "b": 9, "c": 0}}"#;
    let ask = |rule: &str| folder.run_with(&["why-not", rule, "-i", "-", "a.toll"], request).out;
    let rules = ["polar", "excepted", "constants", "held", "never", "errs", "errs_within", "errs_in_exception", "errs_not"];
    assert_snapshot!(rules.map(ask).join("\n"));
}
