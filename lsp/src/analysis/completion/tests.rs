use super::*;
use crate::analysis::marked::{edited, marked, shown};
use tollgate_compiler::diagnostic::Location;

/// What every policy of these tests begins with.
const SHOP: &str = r#"package shop
import team
/// How grave it is.
enum Risk { low < high }
type Grant { tool: string, ceiling: Risk = "low", /// The instant.
  since?: timestamp }
data grants: map<Grant> = {"cs-1": {tool: "x"}}
let limit = 10
/// Whether it is *much*.
fn over(n: int, most: int) -> bool = n > most
tool "pay/send" { category: "write" args { amount: int, to: list<string>, note?: string } }
tool "pay/refund" { args { amount: int } }
obligation tell(whom: string)
deny large on "pay/send" when args.amount > 5 because "x"
"#;

const OTHERS: &str = r#"
//- team.toll
package team
let extra = 1
obligation note(text: string = "")
type Member { name: string }
allow ok
//- far.toll
package far.away
let distance = 3
"#;

fn at(text: &str) -> crate::analysis::marked::Marked {
    marked(&format!("{SHOP}{text}{OTHERS}"))
}

fn completed(text: &str) -> Vec<Completion> {
    let marked = at(text);
    complete(&marked.set, marked.at, &Surroundings::default())
}

fn labels(text: &str) -> Vec<String> {
    completed(text).into_iter().map(|found| found.label).collect()
}

/// The file after a completion was chosen.
fn chosen(text: &str, label: &str) -> String {
    let marked = at(text);
    let found = complete(&marked.set, marked.at, &Surroundings::default());
    let found = found.into_iter().find(|found| found.label == label).unwrap_or_else(|| panic!("no `{label}` at `{text}`"));
    let own = TextEdit { at: Location { file: marked.at.file, span: found.replaced }, text: found.text };
    let edits: Vec<TextEdit> = found.additional.into_iter().chain([own]).collect();
    edited(&marked.set, marked.at.file, &edits)
}

/// The same, of what the test wrote alone.
fn chosen_end(text: &str, label: &str) -> String {
    let all = chosen(text, label);
    all.strip_prefix(SHOP).unwrap_or(&all).trim_end().to_owned()
}

/// What is offered at each place, and what is not.
const OFFERED: &[(&str, &[&str], &[&str])] = &[
    // Members.
    ("allow a for g in grants[\"x\"] when g.$0", &["tool", "ceiling", "since"], &["limit", "agent"]),
    ("allow a when agent.$0", &["id", "role", "labels"], &["limit"]),
    ("allow a when agent.ro$0 == \"x\"", &["id", "role"], &[]),
    ("allow a when agent.id.$0", &["lower", "starts_with", "len"], &["as_int"]),
    ("allow a when agent.$0\ndeny b when true", &["id", "role"], &[]),
    ("allow a when context.time.$0", &["hour", "weekday"], &[]),
    ("allow a when context.time?.$0", &["hour"], &[]),
    ("allow a when context.attributes.x.$0", &["as_int", "as_string"], &[]),
    ("allow a when tool.$0", &["name", "server", "category", "destructive"], &[]),
    ("allow a on \"pay/send\" when args.$0 > 5", &["amount", "to", "note"], &["lower"]),
    ("allow a on \"pay/send\" when args.to.any(t => t.$0", &["lower"], &["amount"]),
    ("allow a on \"pay/send\" when args.to.any(t => t.$0)", &["lower"], &["amount"]),
    ("allow a when team.$0", &["extra"], &["limit", "note"]),
    ("allow a when (agent.id).$0", &["lower"], &[]),
    ("allow a when true because \"é {agent.$0}\"", &["id"], &[]),
    ("allow a when true because \"é {agent.$0", &["id"], &[]),
    ("allow a when true because \"é {agent.$0\"", &["id"], &[]),
    ("allow a when if agent.$0", &["id"], &[]),
    ("allow a when context has $0", &["time", "source_ip"], &["environment", "agent"]),
    // Names.
    (
        "allow a for g in grants[\"x\"] when $0",
        &["g", "agent", "args", "limit", "over", "grants", "team", "team.extra", "away.distance", "ip", "not", "true"],
        &["and", "when", "Risk"],
    ),
    ("allow a when agent.id == \"x\" and ($0", &["agent", "limit"], &["unless"]),
    ("allow a when over($0, 3)", &["limit", "agent"], &[]),
    ("fn f(n: int) = n + $0", &["n", "limit"], &[]),
    ("allow a when true because \"{$0}\"", &["agent", "limit"], &[]),
    ("allow a when true because \"{{$0}}\"", &[], &["agent"]),
    ("allow a when true because \"a $0\"", &[], &["agent"]),
    ("allow a when true // $0", &[], &["agent", "and"]),
    ("test \"t\" { input { agent: {id: $0} } expect deny }", &["limit"], &["agent", "args"]),
    ("test \"t\" { input { agent: {id: \"a\"}, tool: {name: \"b\"} } expect $0 }", &["deny", "allow", "decision", "agent"], &["by"]),
    ("allow a when away.$0", &["distance"], &["extra", "limit", "ok"]),
    ("allow a when away.di$0 > 1", &["distance"], &[]),
    ("allow a when far.away.$0", &["distance"], &[]),
    ("allow a when nowhere.$0", &[], &["distance", "limit"]),
    ("allow a when nowhere(1).$0", &[], &["distance", "limit"]),
    ("score s: $0", &[], &["limit", "agent", "team.extra"]),
    ("score s: 0..=$0", &[], &["limit", "agent"]),
    // After an operand.
    ("allow a when agent.id $0", &["and", "or", "in", "not in", "has", "like", "unless", "because", "require"], &["on", "when", "agent"]),
    ("allow a when agent.id not $0", &["in"], &["and"]),
    ("allow a when if true $0", &["then"], &["else"]),
    ("allow a when if true then false $0", &["else"], &["then"]),
    // Clauses and items.
    ("allow a $0", &["on", "for", "when", "because"], &["and", "agent"]),
    ("allow a on \"x\" $0", &["for", "when"], &["on"]),
    ("allow a\n  $0", &["on", "when", "allow", "test"], &[]),
    ("allow a when true because \"x\" $0", &["require"], &["because", "and"]),
    ("allow a for x $0", &["in"], &["when"]),
    ("al$0", &["allow", "deny", "test", "test for", "let"], &["package", "agent"]),
    ("\n$0", &["allow", "default", "input"], &["package"]),
    ("default $0", &["review", "deny"], &["allow"]),
    ("import $0", &["far.away"], &["team", "shop", "std"]),
    ("import far.$0", &["far.away"], &[]),
    ("import far.away $0", &["as"], &[]),
    // Types.
    ("let x: $0", &["int", "Risk", "list", "Agent", "team.Member"], &["limit", "agent"]),
    ("fn f(a: $0", &["int", "Risk"], &["limit"]),
    ("fn f(a: int) -> $0", &["int", "Risk"], &["limit"]),
    ("data d: map<$0>", &["int", "Risk", "Grant"], &["limit"]),
    ("type T { a: $0 }", &["int", "Risk"], &["limit"]),
    ("let x: team.$0", &["Member"], &["int", "Risk"]),
    ("let x: std.$0", &["Agent", "User"], &["int", "Risk"]),
    ("fn f(a: list<std.A$0", &["Agent"], &["Risk"]),
    ("type T = std.$0", &["Agent"], &["Risk"]),
    ("tool \"t\" { args { a: std.$0 } }", &["Agent"], &["Risk"]),
    ("allow a require std.$0", &["approval", "audit"], &["tell"]),
    ("tool \"t\" { args { a: $0 } }", &["int", "Risk"], &[]),
    // Obligations, rules, data.
    ("allow a require $0", &["approval", "tell", "team.note", "audit"], &["limit.x", "agent"]),
    ("allow a require tell(whom: \"x\"), $0", &["approval", "tell"], &[]),
    ("allow a require team.$0", &["note"], &["tell"]),
    ("allow a require approval($0)", &["from:", "within:", "priority:"], &[]),
    ("test \"t\" { expect deny by $0 }", &["large", "team.ok", "none"], &["agent"]),
    ("test \"t\" { expect deny by large, $0 }", &["large"], &["none"]),
    ("test \"t\" { expect deny $0 }", &["by", "step"], &[]),
    ("test \"t\" { data $0 }", &["grants"], &["limit"]),
    ("test \"t\" { $0 }", &["input", "data", "expect", "step"], &["result", "agent"]),
    ("test \"t\" { step \"s\" { $0 } }", &["input", "result", "expect"], &["step", "data"]),
    ("property \"p\" { $0 }", &["never", "always"], &["agent"]),
    ("property \"p\" { never $0 }", &["allow", "deny"], &[]),
    ("property \"p\" { never allow when $0 }", &["agent", "limit"], &[]),
    ("tool \"t\" { $0 }", &["category", "args", "read_only"], &["agent"]),
    ("score s: 0..=9 { 4 when $0 }", &["agent", "limit"], &[]),
    ("score s: 0..=9 { 4 $0 }", &["when"], &[]),
    // Quotes.
    ("allow a on \"$0\"", &["pay/send", "pay/refund", "pay/*"], &["agent"]),
    ("allow a on \"pay/$0", &["pay/send", "pay/*"], &[]),
    ("allow a on $0", &["\"pay/send\"", "\"pay/*\""], &["agent"]),
    ("allow a for g in grants[\"x\"] when g.ceiling == \"$0\"", &["low", "high"], &["agent"]),
    ("allow a for g in grants[\"x\"] when g.ceiling == \"$0", &["low", "high"], &[]),
    ("allow a for g in grants[\"x\"] when g.ceiling in {\"$0\"}", &["low", "high"], &[]),
    ("allow a for g in grants[\"x\"] when g.ceiling == $0", &["\"low\"", "\"high\"", "g"], &[]),
    ("allow a when grants[\"$0\"] != none", &["cs-1"], &[]),
    ("allow a when \"$0\" in grants", &["cs-1"], &[]),
    ("allow a when tool.category == \"$0\"", &["write"], &[]),
    ("allow a when tool.name in {\"$0\"}", &["send", "refund"], &[]),
    ("test \"t\" { input { tool: {server: \"pay\", name: \"$0\"} } expect deny }", &["send", "refund"], &[]),
    ("test \"t\" { input { tool: {server: \"$0\"} } expect deny }", &["pay"], &[]),
    ("test \"t\" { data grants = {x: {ceiling: \"$0\"}} expect deny }", &["low", "high"], &[]),
    ("allow a require audit(\"$0\")", &["basic", "full"], &[]),
    ("allow a when agent.id like \"$0\"", &[], &["agent"]),
    // Keys.
    ("test \"t\" { input { $0 } expect deny }", &["agent", "tool", "args", "all required fields"], &["limit"]),
    ("test \"t\" { input { agent: {id: \"x\"}, $0 } expect deny }", &["tool", "args"], &["agent"]),
    ("test \"t\" { input { agent: {id: \"x\"}, to$0", &["tool", "args"], &["agent"]),
    (
        "test \"t\" { input { agent: {id: \"x\"}, tool: {server: \"pay\", name: \"send\"}, args: {$0} } expect deny }",
        &["amount", "to", "note"],
        &["agent"],
    ),
    ("let base = {agent: {id: \"a\"}}\ntest \"t\" { input base with { $0 } expect deny }", &["agent", "tool"], &[]),
    ("test \"t\" { input { agent: {id: \"x\"} } with { agent.$0 } expect deny }", &["role", "id"], &["tool"]),
    ("allow a for g in grants[\"x\"] when (g with { $0 }).tool == \"\"", &["tool", "ceiling"], &[]),
    (
        "test \"t\" {\n  input {\n    agent: {id: \"x\"}\n    $0\n    tool: {server: \"pay\", name: \"send\"}\n  }\n  expect deny\n}",
        &["args", "context"],
        &["agent", "tool"],
    ),
    ("test \"t\" { input { agent: {id: \"x\"}, tool: {name: \"y\"} }\n  $0\n}", &["expect", "data", "step"], &[]),
    ("test \"t\" for c in [{n: 1}] { input { agent: {id: c.$0} } }", &["n"], &[]),
    ("test \"t {c.$0}\" for c in [{n: 1}] { input { agent: {id: \"\"} } }", &["n"], &[]),
    ("test \"t\" { expect decision.$0 }", &["effect", "rules"], &[]),
    ("test \"t\" { expect decision.effect == \"$0\" }", &["allow", "review"], &[]),
    ("data more: map<Grant> = {\"x\": {$0}}", &["tool", "ceiling"], &[]),
    ("data more: list<Risk> = [\"$0\"]", &["low", "high"], &[]),
    ("data more: set<Risk> = {$0}", &["\"low\""], &[]),
    ("type T { a: int, b: int where b > $0 }", &["a", "limit"], &["agent"]),
    ("type T { type: int, b: int where this.$0 }", &["type", "b"], &["agent", "limit"]),
    ("type T = Agent with { x: $0 }", &["int", "Risk"], &["limit"]),
    ("type T { a: Risk = \"$0\" }", &["low", "high"], &[]),
    ("allow a when $0\n\ndeny b when true because \"x\"", &["agent", "limit"], &["deny"]),
    ("allow a\n  on \"pay/send\"\n  when args.$0\n  because \"x\"", &["amount", "to"], &[]),
    ("allow a when agent.id == \"x\"\n  and $0\n  because \"x\"", &["agent", "limit"], &["when"]),
    ("allow a when agent.id == \"x\"\n  $0\n", &["and", "unless", "because", "deny"], &["on"]),
    ("allow a for x in grants.$0", &["values", "keys"], &[]),
    ("@owner(\"me\")\nfn f(a: $0) = 1", &["int", "Risk"], &[]),
    ("@owner(\"me\")\nallow a when agent.$0", &["id"], &[]),
    ("tool \"t\" { category: \"$0\" }", &["write"], &[]),
    // Annotations.
    ("@$0\nallow a", &["id", "severity", "allow", "shadow"], &["agent"]),
    ("@severity(\"$0\")\nallow a", &["low", "high"], &[]),
    ("@severity($0)\nallow a", &["\"low\""], &[]),
    ("@allow($0)\nallow a", &["unused_let"], &[]),
];

#[test]
fn places_offer_what_may_stand_there() {
    let mut wrong = Vec::new();
    for (text, offered, others) in OFFERED {
        let found = labels(text);
        let missing: Vec<&&str> = offered.iter().filter(|label| !found.iter().any(|known| known == *label)).collect();
        let excess: Vec<&&str> = others.iter().filter(|label| found.iter().any(|known| known == *label)).collect();
        if !missing.is_empty() || !excess.is_empty() {
            let found: Vec<&String> = found.iter().take(12).collect();
            wrong.push(format!("{text}\n    missing {missing:?}, not wanted {excess:?}, of {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), OFFERED.len(), wrong.join("\n"));
}

#[test]
fn a_choice_replaces_the_word_around_the_cursor() {
    assert_eq!(chosen_end("allow a when agent.i$0dx", "id"), "allow a when agent.id");
    assert_eq!(chosen_end("allow a when lim$0", "limit"), "allow a when limit");
    let marked = at("allow a when \"é\" == agent.i$0d");
    let found = complete(&marked.set, marked.at, &Surroundings::default());
    let replaced = found.first().map(|found| shown(&marked.set, Location { file: marked.at.file, span: found.replaced }));
    assert_eq!(replaced.as_deref(), Some("main.toll:15:27 `id`"));
    assert_eq!(chosen_end("allow a on \"pa$0y/x\"", "pay/send"), "allow a on \"pay/send\"");
    assert_eq!(chosen_end("allow a on \"pa$0 when true", "pay/send"), "allow a on \"pay/send when true");
    assert_eq!(chosen_end("import far.a$0", "far.away"), "import far.away");
}

#[test]
fn an_optional_takes_a_question_mark() {
    assert_eq!(chosen_end("allow a when user.i$0", "id"), "allow a when user?.id");
    assert_eq!(chosen_end("allow a when user?.i$0", "id"), "allow a when user?.id");
    assert_eq!(chosen_end("allow a when user has groups and context.time.$0", "hour"), "allow a when user has groups and context.time?.hour()");
}

#[test]
fn calls_have_places_for_their_arguments() {
    assert_eq!(chosen_end("allow a when agent.labels.an$0", "any"), "allow a when agent.labels.any(${1:x} => $2)");
    assert_eq!(chosen_end("allow a when agent.id.low$0", "lower"), "allow a when agent.id.lower()");
    assert_eq!(chosen_end("allow a when agent.id.low$0()", "lower"), "allow a when agent.id.lower()");
    assert_eq!(chosen_end("allow a when agent.id.starts$0", "starts_with"), "allow a when agent.id.starts_with(\"$1\")");
    assert_eq!(chosen_end("allow a when ov$0", "over"), "allow a when over(${1:n}, ${2:most})");
    assert_eq!(chosen_end("allow a require app$0", "approval"), "allow a require approval(from: {$1\\})");
}

#[test]
fn what_is_not_imported_is_imported() {
    let text = chosen("allow a when dis$0", "away.distance");
    assert!(text.starts_with("package shop\nimport team\nimport far.away\n"), "{text}");
    assert!(text.trim_end().ends_with("allow a when away.distance"), "{text}");
    let marked = marked("package a\nlet x = dis$0\n//- b.toll\npackage b\nlet distance = 1\n");
    let found = complete(&marked.set, marked.at, &Surroundings::default());
    let distance = found.iter().find(|found| found.label == "b.distance").unwrap();
    assert_eq!(edited(&marked.set, marked.at.file, &distance.additional), "package a\n\nimport b\nlet x = dis\n");
    // Where the word is taken, under another.
    for (taken, typed) in [
        ("let away = 1\nlet x = dis$0", "let x = "),
        ("deny a for away in grants when dis$0", "when "),
        ("let away = 1\nlet x = far.away.$0", "let x = "),
    ] {
        let label = if typed.is_empty() || taken.contains("far.away") { "distance" } else { "far_away.distance" };
        let text = chosen(taken, label);
        assert!(text.contains("import far.away as far_away\n") && text.contains(&format!("{typed}far_away.distance")), "{text}");
    }
}

#[test]
fn what_a_record_needs_is_written_at_once() {
    let text = chosen_end("test \"t\" { input { $0 } expect deny }", "all required fields");
    assert_eq!(text, "test \"t\" { input { agent: {id: \"$1\"\\}, tool: {name: \"$2\"\\} } expect deny }");
}

#[test]
fn the_nearest_stand_first() {
    let found = labels("allow a for g in grants[\"x\"] when $0");
    let place = |label: &str| found.iter().position(|known| known == label).unwrap();
    let order = ["g", "agent", "limit", "team", "not", "away.distance"].map(place);
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn documentation_comes_when_it_is_asked_for() {
    let told = |text: &str, label: &str| {
        let marked = at(text);
        let found = complete(&marked.set, marked.at, &Surroundings::default());
        let found = found.into_iter().find(|found| found.label == label).unwrap();
        let (sort, name) = found.about.parts();
        assert_eq!(About::from_parts(sort, name), found.about);
        documentation(&marked.set, found.kind, &found.about)
    };
    assert!(told("allow a when ov$0", "over").unwrap().contains("Whether it is *much*."));
    assert!(told("allow a when agent.id.$0", "lower").unwrap().contains("string.lower() -> string"));
    assert!(told("allow a $0", "when").is_some());
    assert!(told("allow a on \"$0\"", "pay/send").unwrap().contains("amount: int"));
    assert!(told("@$0\nallow a", "severity").is_some());
}

#[test]
fn known_keys_of_data_are_offered() {
    let marked = at("allow a when grants[\"$0\"] != none");
    let keys = |name: &str| if name == "shop.grants" { vec!["from \"a\" file".to_owned()] } else { Vec::new() };
    let found = complete(&marked.set, marked.at, &Surroundings { data_keys: Some(&keys), seen: None });
    let texts: Vec<&str> = found.iter().map(|found| found.text.as_str()).collect();
    assert_eq!(texts, ["cs-1", "from \\\"a\\\" file"]);
}

#[test]
fn any_place_of_any_text_can_be_asked() {
    let texts =
        ["", "$", "package", "@", "\"", "{[(", "allow é when \"ü{", "test \"t\" { input { a: [", "import a.b.c as", "r#\"", "//", "1.5", "'x'"];
    for text in texts.into_iter().chain([SHOP]) {
        let set = tollgate_compiler::PolicySet::check(tollgate_compiler::Sources::of("a.toll", text));
        for offset in (0..=text.len() as u32 + 1).step_by(if text.len() > 100 { 3 } else { 1 }) {
            let file = tollgate_compiler::diagnostic::FileId(0);
            for found in complete(&set, Cursor { file, offset }, &Surroundings::default()) {
                assert!(text.get(found.replaced.start as usize..found.replaced.end as usize).is_some(), "{text} {offset} {found:?}");
            }
        }
    }
}

#[test]
fn an_empty_file_and_one_without_package_begin_with_it() {
    for text in ["$0", "\n$0", "pack$0", "$0\nallow a", "// hello\n$0"] {
        let marked = marked(&format!("{text} \n//- b.toll\npackage b\n"));
        let found = complete(&marked.set, marked.at, &Surroundings::default());
        assert_eq!(found.first().map(|found| found.label.as_str()), Some("package"), "{text}");
    }
}

#[test]
fn hostile_sizes_take_no_longer_than_they_must() {
    let open = format!("package a\nallow x when {}agent.$0", "(".repeat(5_000));
    let marked = marked(&open);
    complete(&marked.set, marked.at, &Surroundings::default());
    let long = format!("package a\nlet x = [{}]\nallow x when agent.$0\n", "1,".repeat(400_000));
    let marked = crate::analysis::marked::marked(&long);
    complete(&marked.set, marked.at, &Surroundings::default());
}

#[test]
fn a_package_that_is_not_imported_comes_with_its_import() {
    let imported = |text: &str| {
        let after = chosen(text, "distance");
        (after.contains("import team\nimport far.away\n"), after.lines().last().unwrap().to_owned())
    };
    assert_eq!(imported("allow a when away.di$0 > 1"), (true, "allow a when away.distance > 1".to_owned()));
    assert_eq!(imported("allow a when far.away.$0"), (true, "allow a when away.distance".to_owned()));
}
