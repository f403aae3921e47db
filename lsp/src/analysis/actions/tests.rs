use std::fmt::Write as _;

use tollgate_compiler::lint::Levels;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::testing::Suite;
use tollgate_compiler::{PolicySet, Sources};

use super::*;
use crate::analysis::marked::{edited, marked};

/// The set of a text, and the range between two `$0` in it, or at the one.
fn asked(text: &str) -> (PolicySet, Location) {
    let Some((before, rest)) = text.split_once("$0") else { panic!("`$0` marks the place") };
    let Some((inside, after)) = rest.split_once("$0") else {
        let marked = marked(text);
        return (marked.set, Location { file: marked.at.file, span: marked.at.span() });
    };
    let marked = marked(&format!("{before}$0{inside}{after}"));
    let span = Span { start: marked.at.offset, end: marked.at.offset + inside.len() as u32 };
    (marked.set, Location { file: marked.at.file, span })
}

fn offered(set: &PolicySet, range: Location) -> Vec<Action> {
    let mut found = set.diagnostics().to_vec();
    found.extend(set.lints(&Levels::default()));
    found.retain(|found| found.at.file == range.file);
    actions(set, &found, range)
}

fn no_call() -> Result<RecordedCall, String> {
    Err("no call".to_owned())
}

fn call(json: &str) -> RecordedCall {
    RecordedCall { title: "call 1".to_owned(), json: json.to_owned(), data: Vec::new() }
}

fn titles(text: &str) -> Vec<String> {
    let (set, range) = asked(text);
    offered(&set, range).into_iter().map(|action| action.title).collect()
}

fn errors(set: &PolicySet) -> usize {
    set.diagnostics().iter().filter(|found| found.severity == tollgate_compiler::diagnostic::Severity::Error).count()
}

/// The text after an action whose title begins so; it has fewer errors than before, or as few.
fn after(text: &str, title: &str) -> String {
    let (set, range) = asked(text);
    let actions = offered(&set, range);
    let titles: Vec<&str> = actions.iter().map(|action| action.title.as_str()).collect();
    let Some(action) = actions.iter().find(|action| action.title.starts_with(title)) else { panic!("no `{title}` in {titles:?}") };
    let edits = resolve(&set, &action.change, &no_call).expect("edits");
    let after = edited(&set, range.file, &edits);
    let now = set.clone().edit(range.file, after.as_str());
    let is_better = if errors(&set) > 0 { errors(&now) < errors(&set) } else { errors(&now) == 0 };
    assert!(is_better, "{title}: {after}\n{:?}", now.diagnostics());
    after
}

const FILE: &str = "package shop\nimport team\n\nenum Risk { low < high }\ntype Grant { tool: string, ceiling: Risk, since?: timestamp }\ndata grants: map<Grant> = {}\n\
    tool \"pay/send\" { category: \"write\", args { amount: int, to: list<string>, note?: string } }\n";
const TEAM: &str = "\n//- team.toll\npackage team\nlet extra = 1\n";
const CREW: &str = "\n//- crew.toll\npackage crew.team\nlet more = 1\n";

fn in_file(rest: &str) -> String {
    format!("{FILE}{rest}{TEAM}")
}

/// What follows the declarations, after an action.
fn changed(rest: &str, title: &str) -> String {
    let after = after(&in_file(rest), title);
    after.strip_prefix(FILE).map_or(after.clone(), str::to_owned)
}

#[test]
fn changes_are_these() {
    let cases = [
        ("allow x when agnt$0.id == \"a\"\n", "replace with `agent`"),
        ("deny x on \"pay/send\" when args.no$0te.len() > 2\n", "take `\"\"`"),
        ("deny x on \"pay/send\" when args.no$0te.len() > 2 or agent.id == \"a\"\n", "ask first"),
        ("deny x on \"pay/send\" when agent.id == \"a\" or args.no$0te.len() > 2\n", "ask first"),
        ("deny x on \"pay/send\" when agent.id == \"a\" and args.no$0te.len() > 2\n", "ask first"),
        ("deny x on \"pay/send\" when args.no$0te.len() > 2\n", "choose it"),
        ("deny x\n  on \"pay/send\"\n  when context.time.hour() > 2 and context.ti$0me.hour() < 5\n", "choose it"),
        ("data one: Grant = { tool$0: \"a\" }\n", "add `ceiling`"),
        ("test \"a\" {\n  input {$0}\n  expect deny\n}\n", "add `agent`"),
        ("test \"a\" {\n  input {\n    agent: { id: \"a\" } // one\n $0 }\n  expect deny\n}\n", "add `tool`"),
        (
            "test \"a\" { input { agent: {id: \"a\"}, tool: {name: \"send\", server: \"pay\"}, args: { amount: 1,$0 } } expect deny by none }\n",
            "add `to`",
        ),
        ("deny many_calls$0 on \"pay/send\" when args.amount > 3\n", "add `because`"),
        ("/// No *large* ones. Ever.\ndeny x$0\n  on \"pay/send\"\n  require audit()\n", "add `because`"),
        ("deny x on \"pay/send\" when args.amount $0> 3 + 1\n", "turn the comparison round"),
        ("review x when agent.id == \"a\" require appr$0oval(within: 1h), audit()\n", "add `from`"),
        ("deny x on \"crm/import\" when args.no$0te > 3\n", "convert it, and take `0.0`"),
        ("deny x on \"pay/send\" when $0args.amount > 3$0 and agent.id == \"a\"\n", "extract `fn amount_is_large`"),
        ("// Large ones.\n\n// This.\n/// That.\n@id(\"a\")\ndeny x when $0agent.id in {\"a\"}$0\n", "extract `let id_fits`"),
        ("deny x for g in grants when $0g.ceiling == \"high\" and g.since != none$0\n", "extract `fn is_meant`"),
        ("deny x for g in grants when g.ceiling == $0\"high\"$0\n", "extract `let text"),
        ("deny x on \"pay/send\" when args.note != none and $0args.note.len() > 3$0\n", "extract `fn len_is_large`"),
        ("deny x when user != none and $0user.id == \"a\"$0\n", "extract `fn id_fits`"),
        ("deny x$0 when not (agent.id == \"a\")\n", "allow `unexplained-deny` here"),
        ("@allow(untested_rule)\ndeny x$0 when agent.id == \"a\"\n", "allow `unexplained-deny` here"),
        ("deny x when not (agent.id$0 == \"a\")\ndeny y when not (agent.id == \"b\")\n", "fix every `double-negation`"),
        ("deny x when not (agent.id$0 == \"a\")\ndeny y when (agent.id == \"b\") == true\n", "fix all that can be fixed"),
    ];
    let mut told = String::new();
    for (text, title) in cases {
        let _ = write!(told, "==== {title}: {text}{}\n\n", changed(text, title));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_package_that_is_not_imported_is() {
    let text = format!("package shop\ndeny x when te$0am.more > 1\nobligation o(){CREW}");
    assert!(after(&text, "import `crew.team`").starts_with("package shop\n\nimport crew.team\ndeny x"), "{}", after(&text, "import"));
    // Where the word is taken, under another.
    let text = format!("package shop\n\nlet team = 1\n\nobligation o(x: te$0am.Kind)\n{CREW}type Kind {{ a: int }}\n");
    let taken = after(&text, "import `crew.team as crew_team`");
    assert_eq!(taken, "package shop\n\nimport crew.team as crew_team\n\nlet team = 1\n\nobligation o(x: crew_team.Kind)\n\n");
    let typed =
        format!("package shop\nimport b\nlet x: te$0am.Kind = b.y{}type Kind {{ a: int }}\n//- b.toll\npackage b\nlet y = {{ a: 1 }}\n", CREW);
    assert!(titles(&typed).contains(&"import `crew.team`".to_owned()), "{:?}", titles(&typed));
}

#[test]
fn what_says_nothing_is_not_offered() {
    let all = [
        ("default deny$0 because \"x\"\n", "add `because`"),
        ("default allow$0\n", "add `because`"),
        ("allow x$0 when agent.id == \"a\"\n", "add `because`"),
        ("deny x on \"pay/send\" when $0args.to.len()$0 > 3\n", "extract"),
        ("deny x on \"pay/send\" when $0over(args.amount)$0 and agent.id == \"a\"\nfn over(n: int) = n > 3\n", "extract"),
        ("deny x on \"pay/send\" because $0\"{args.amount} is much\"$0\n", "extract"),
        ("property \"p\" { never allow when $0agent.id.len() > 100$0 }\n", "extract"),
    ];
    for (text, title) in all {
        let titles = titles(&in_file(text));
        assert!(!titles.iter().any(|found| found.starts_with(title)), "{text}: {titles:?}");
    }
    // A package that is imported, or that has no such name, is not missing.
    for text in ["deny x when team$0.extra > 1\n", "deny x when crew$0.extra > 1\n"] {
        assert!(!titles(&in_file(text)).iter().any(|title| title.starts_with("import")), "{text}");
    }
}

#[test]
fn a_change_says_no_more_than_it_changes() {
    let of = |rule: &str| {
        let text = in_file(rule);
        let (set, range) = asked(&text);
        let actions = offered(&set, range);
        let action = actions.iter().find(|action| action.title == "turn the comparison round").unwrap();
        let Change::Edits(edits) = &action.change else { panic!("edits") };
        let after = edited(&set, range.file, edits);
        let edit = edits.first().unwrap();
        assert!(edits.len() == 1 && !edit.text.contains("deny") && !edit.text.contains("why"), "{edit:?}");
        after.strip_prefix(FILE).unwrap().trim_end().to_owned()
    };
    let laid_out = "deny x // é\n  on \"pay/send\"\n  when args.amount $0> 3 and agent.id == \"é\" // why\n";
    assert_eq!(of(laid_out), "deny x // é\n  on \"pay/send\"\n  when 3 < args.amount and agent.id == \"é\" // why");
    // What is not laid out is left so.
    let other = "deny x   // é\n  on \"pay/send\" when args.amount $0>   3 and\n agent.id == \"é\" // why\n";
    assert_eq!(of(other), "deny x   // é\n  on \"pay/send\" when 3 < args.amount and\n agent.id == \"é\" // why");
}

/// A policy with something to change almost everywhere, without errors and with them.
const SOUND: &str = r#"
let limit = 10 // so much

/// Large ones, of which each recipient is looked at, and how long the list of them is.
deny large
  on "pay/send"
  for g in grants
  when not (g.ceiling == "low") and args.amount > limit and args.to.any(t => t.ends_with("@evil.example")) // why
  unless agent.id == "a"

review many on "pay/send" when args.to.len() > 3 require approval(from: {"a"}) // last
allow small when agent.id == "b"
allow one when agent.id == "c" and limit > 3
test "t" { input { agent: {id: "c"}, tool: {name: "x"} } expect allow by one }
"#;
const BROKEN: &str = r#"
data one: Grant = { tool: "a" }
let kind: crew.Kind = "a"
deny noted on "pay/send" when args.note.len() > 2 and agnt.id == "an agent with a name that makes the line go on"
deny loud on "pay/send" when args.note.upper() == "x" require approval(within: 1h)
test "a" { input {} expect deny by noted }
test "b" { input { agent: {id: "an agent with a long name"}, args: {amount: 1, to: ["a", "b"]} } expect deny by noted }
"#;

#[test]
fn what_was_laid_out_is_so_after_every_change_and_new_name() {
    let mut titles = std::collections::BTreeSet::new();
    for rest in [SOUND, BROKEN] {
        let text =
            tollgate_compiler::format::format(&format!("{}{rest}", FILE.replace("import team\n", "import team\nimport crew.team as others\n")))
                .unwrap();
        let set = marked(&format!("{}{TEAM}{CREW}$0", text.trim_end())).set;
        let mut found = set.diagnostics().to_vec();
        found.extend(set.lints(&Levels::default()));
        found.retain(|found| found.at.file == FileId(0));
        let mut spans: Vec<Span> = (0..text.len() as u32).step_by(2).map(|at| Span { start: at, end: at }).collect();
        for item in set.items(FileId(0)) {
            tollgate_compiler::lint::each_expr(item.item.unwrap(), &mut |expr| spans.push(item.at(expr.span)));
        }
        let is_laid_out = |edits: &[TextEdit], what: &str| {
            let after = edited(&set, FileId(0), edits);
            assert_eq!(tollgate_compiler::format::format(&after).ok().as_deref(), Some(after.as_str()), "{what}");
        };
        let mut changes = Vec::new();
        for span in spans {
            for action in actions(&set, &found, Location { file: FileId(0), span }) {
                if !changes.contains(&action.change) {
                    let edits = resolve(&set, &action.change, &no_call).unwrap();
                    is_laid_out(&edits, &action.title);
                    titles.insert(action.title.split('`').next().unwrap().to_owned());
                    changes.push(action.change);
                }
            }
            let cursor = Cursor { file: FileId(0), offset: span.start };
            if span.start == span.end
                && let Ok(edits) = crate::analysis::rename::rename(&set, cursor, "a_name_that_is_much_longer_than_what_it_was_before")
            {
                is_laid_out(&edits, "rename");
            }
        }
    }
    for title in ["extract ", "inline ", "write a test of ", "allow ", "take ", "ask first: ", "replace with ", "turn the comparison round"] {
        assert!(titles.contains(title), "{title}: {titles:?}");
    }
}

#[test]
fn imports_are_sorted_and_unused_ones_go() {
    let text = "package a\nimport c // last\nimport d\nimport b as z\nimport b as z\n\nallow x$0 when agent.role == b_of and c.v == z.v\nlet b_of = \"\"\n\
        //- b.toll\npackage b\nlet v = 1\n//- c.toll\npackage c\nlet v = 1\n//- d.toll\npackage d\n";
    let (set, range) = asked(text);
    let actions = offered(&set, range);
    let action = actions.iter().find(|action| action.kind == ActionKind::OrganizeImports).unwrap();
    let after = edited(&set, range.file, &resolve(&set, &action.change, &no_call).unwrap());
    assert!(after.starts_with("package a\nimport b as z // last\nimport c\n\nallow x"), "{after}");
    assert!(
        !titles("package a\nimport b\nimport c\nallow x$0 when b.v == c.v\n//- b.toll\npackage b\nlet v = 1\n//- c.toll\npackage c\nlet v = 1\n")
            .contains(&"sort the imports".to_owned())
    );
}

/// Runs the tests of a set: the titles of those that fail.
fn failing(set: &PolicySet) -> Vec<String> {
    let lowered = set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).unwrap();
    let suite = Suite::new(lowered.testing.unwrap()).unwrap();
    suite.cases().into_iter().filter(|case| !suite.run(case).is_empty()).map(|case| case.title).collect()
}

#[test]
fn tests_of_rules_match_and_hold() {
    let rules = [
        "deny x$0 on \"pay/send\" when args.amount > 100 and \"a@b.c\" in args.to\n",
        "deny x$0 on \"pay/*\" when agent.role == \"bot\" unless agent.team == \"\"\n",
        "review x$0 on \"pay/send\" for g in grants when g.ceiling >= \"high\" and g.tool == tool.name because \"a\"\n",
        "deny x$0 when user != none and user.groups.contains(\"a\") and context.environment like \"prod-*\"\n",
        "deny x$0 on \"pay/send\" when over(args.amount) and args.to.any(t => t.ends_with(\"@evil.com\"))\nfn over(n: int) = n >= limit\nlet limit = 7\n",
        "allow x$0 on \"pay/send\" when args.amount % 7 == 3\n",
        "deny x$0 when context.time != none and context.time > timestamp(\"2026-03-01T00:00:00Z\") and session.cost >= 2.5\n",
    ];
    let mut told = String::new();
    for rule in rules {
        let text = in_file(rule);
        let after = after(&text, "write a test of `x`");
        let set = PolicySet::check(Sources::of("a.toll", &after.replace("import team\n", "")));
        assert_eq!(failing(&set), Vec::<String>::new(), "{after}");
        let _ = writeln!(told, "==== {rule}{}", after.strip_prefix(FILE).and_then(|rest| rest.split_once("test ")).unwrap().1);
    }
    insta::assert_snapshot!(told);
}

#[test]
fn tests_of_the_rules_of_an_example_match() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/gateway/policies");
    let set = PolicySet::check(Sources::read(&[folder]).unwrap());
    let mut others = Vec::new();
    for rule in &set.program().rules {
        let edits = resolve(&set, &Change::TestOfRule(rule.name.to_string()), &no_call).unwrap();
        let after = edited(&set, edits[0].at.file, &edits);
        let now = set.clone().edit(edits[0].at.file, after);
        assert_eq!(failing(&now), Vec::<String>::new(), "{}", rule.name);
        if edits[0].text.contains("does not match") {
            others.push(format!("{}: {}", rule.name, edits[0].text));
        }
    }
    assert_eq!(others, Vec::<String>::new());
}

#[test]
fn a_test_goes_where_the_tests_of_the_package_are() {
    let text = "package a\nallow x$0 when agent.id == \"a\"\n//- tests.toll\npackage a\ntest \"t\" { input {agent: {id: \"b\"}, tool: {name: \"t\"}} expect deny }\n";
    let (set, range) = asked(text);
    let edits = resolve(&set, &Change::TestOfRule("a.x".to_owned()), &no_call).unwrap();
    assert!(offered(&set, range).iter().any(|action| action.change == Change::TestOfRule("a.x".to_owned())));
    let after = edited(&set, FileId(1), &edits);
    assert!(after.ends_with("\n\ntest \"x\" {\n  input { agent: {id: \"a\"}, tool: {name: \"x\"} }\n  expect allow by x\n}\n"), "{after}");
    assert!(resolve(&set, &Change::TestOfRule("a.y".to_owned()), &no_call).is_err());
}

#[test]
fn a_recorded_call_becomes_a_test_that_holds() {
    let set =
        PolicySet::check(Sources::of("a.toll", "package a\ndata keys: map<int>\ndeny x on \"pay\" when args.n == 1.50\nreview y because \"b\"\n"));
    let json = r#"{"agent": {"id": "a{b}\"\u0007"}, "tool": {"name": "pay"}, "args": {"n": 1.50, "if": [null, true, -2e3], "no word": {}}}"#;
    let edit = test_of_call(&set, Some(FileId(0)), &call(json)).unwrap();
    insta::assert_snapshot!(edit.text.trim_start());
    let set = set.clone().edit(FileId(0), edited(&set, FileId(0), &[edit]));
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    assert_eq!(failing(&set), Vec::<String>::new());
    // Another of the same name, behind the first, by the data of the project and from a line of a log.
    let logged = RecordedCall { data: vec![("keys".to_owned(), b"{}".to_vec())], ..call(&format!(r#"{{"input": {json}, "effect": "deny"}}"#)) };
    let edit = test_of_call(&set, None, &logged).unwrap();
    assert!(edit.text.starts_with("\n\ntest \"call 1 (2)\" {\n  input") && !edit.text.contains("data keys"), "{}", edit.text);
    for (json, problem) in [("[]", "no JSON object"), ("{", "no JSON object"), ("{\"a\": 1} x", "no JSON object")] {
        assert!(test_of_call(&set, None, &call(json)).unwrap_err().contains(problem));
    }
    let other = test_of_call(&set, None, &call("{\"x\": 1}")).unwrap_err();
    assert!(other.starts_with("this is no call: "), "{other}");
    let nested = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    assert!(test_of_call(&set, None, &call(&nested)).is_err());
    let broken = PolicySet::check(Sources::of("a.toll", "package a\nallow x when 1\n"));
    assert_eq!(test_of_call(&broken, None, &call("{}")).unwrap_err(), "the policies have errors");
    assert_eq!(test_of_call(&PolicySet::check(Sources::new()), None, &call(json)).unwrap_err(), "there are no policies to decide the call");
}

#[test]
fn a_recorded_call_goes_to_the_tests_of_the_rule_that_decides_it() {
    let text = "package a$0\nallow x when agent.id == \"a\"\n//- b.toll\npackage b\ndeny y when agent.id == \"b\"\n\
        //- tests.toll\npackage b\ntest \"t\" { input {agent: {id: \"c\"}, tool: {name: \"t\"}} expect deny }\n\ndata d: int = 1\n";
    let (set, range) = asked(text);
    let placed = |id: &str| {
        let json = format!(r#"{{"agent": {{"id": "{id}"}}, "tool": {{"name": "t"}}}}"#);
        let edit = test_of_call(&set, None, &call(&json)).unwrap();
        (edit.at.file, edited(&set, edit.at.file, &[edit]))
    };
    let (file, after) = placed("a");
    assert_eq!(
        (file, after.ends_with("\n\ntest \"call 1\" {\n  input { agent: {id: \"a\"}, tool: {name: \"t\"} }\n  expect allow by x\n}\n")),
        (FileId(0), true)
    );
    let (file, after) = placed("b");
    let expected = "expect deny }\n\ntest \"call 1\" {\n  input { agent: {id: \"b\"}, tool: {name: \"t\"} }\n  expect deny by y\n}\n\ndata d";
    assert_eq!((file, after.contains(expected)), (FileId(2), true), "{after}");
    assert_eq!(placed("c").0, FileId(0));
    let offer = |at: &str| of_call(&set, Cursor { file: range.file, offset: text.replace("$0", "").find(at).unwrap() as u32 }, "call.json");
    let action = offer("x when").unwrap();
    assert_eq!((action.title.as_str(), &action.change), ("write a test of the call in `call.json`", &Change::TestOfCall(FileId(0))));
    assert!(offer("package").is_some() && offer("agent.id").is_none());
    assert_eq!(resolve(&set, &action.change, &no_call), Err("no call".to_owned()));
}

/// What follows the declarations once a `let` is inlined, where that is offered.
fn inlined(rest: &str) -> String {
    let (set, range) = asked(&in_file(rest));
    let actions = offered(&set, range);
    let Some(action) = actions.iter().find(|action| action.kind == ActionKind::Inline) else { return "not offered".to_owned() };
    let Change::Edits(edits) = &action.change else { panic!("edits") };
    let after = edited(&set, range.file, edits);
    assert_eq!(errors(&set.clone().edit(range.file, after.as_str())), 0, "{after}");
    after.strip_prefix(FILE).unwrap().trim().to_owned()
}

#[test]
fn a_let_is_inlined_where_that_changes_nothing() {
    let cases = [
        ("let li$0mit = 10\n\nallow x when session.cost > limit and agent.id != \"\"\n", "allow x when session.cost > 10 and agent.id != \"\"\n"),
        (
            "/// How much.\n// Really.\nlet limit = 2 + 3 // five\nallow x on \"pay/send\" when args.amount > lim$0it * 2 because \"{limit} of {(limit)}\"\n",
            "allow x on \"pay/send\" when args.amount > (2 + 3) * 2 because \"{2 + 3} of {(2 + 3)}\"\n",
        ),
        (
            "let a = 1\n\nlet o$0k = agent.id == \"a\" or agent.id == \"b\"\n\nallow x when ok\nallow y when ok and agent.id != \"\" unless not ok\n",
            "let a = 1\n\nallow x when agent.id == \"a\" or agent.id == \"b\"\nallow y when (agent.id == \"a\" or agent.id == \"b\") and agent.id != \"\" unless not (agent.id == \"a\" or agent.id == \"b\")\n",
        ),
        ("let n$0 = 10\nlet all = [n, n].len() + n.abs()\n", "let all = [10, 10].len() + (10).abs()\n"),
        ("let t$0 = \"a\"\nallow x when agent.id == t because \"{t}\"\n", "not offered"),
        ("let n = 1\nlet l$0 = n + 1\nfn f(n: int) = n > l\n", "not offered"),
        ("let n$0: decimal = 1\nlet m = n\n", "not offered"),
        ("let n$0 = 1\n", "not offered"),
        ("allow x when agent.i$0d == \"\"\n", "not offered"),
        ("fn f(n: int) = n$0 > 1\n", "not offered"),
    ];
    for (rest, expected) in cases {
        assert_eq!(inlined(rest), expected.trim_end(), "{rest}");
    }
    // What another file reads stays.
    let (set, range) = asked("package a\nlet l$0 = 1\nallow x when session.cost > l\n//- b.toll\npackage a\nallow y when session.cost > l\n");
    let change = offered(&set, range).into_iter().find(|action| action.kind == ActionKind::Inline).unwrap().change;
    let Change::Edits(edits) = change else { panic!("edits") };
    assert_eq!(edited(&set, range.file, &edits), "package a\nlet l = 1\nallow x when session.cost > 1\n");
    assert_eq!(edits.iter().filter(|edit| edit.at.file != range.file).count(), 0);
}

#[test]
fn nothing_is_offered_where_there_is_nothing() {
    assert_eq!(titles("$0package a\n"), Vec::<String>::new());
    assert_eq!(titles("package a\n// comm$0ent\n"), Vec::<String>::new());
    assert_eq!(titles("package a\nlet x = 1\nallow y when $0x$0 == 1\n").iter().filter(|title| title.starts_with("extract")).count(), 0);
}

#[test]
fn any_place_of_any_text_may_be_asked() {
    let texts = [
        FILE,
        "",
        "deny x when args.é.",
        "package a\nallow x when \"é{agent.id} ",
        "package a\ndeny y when x >",
        "test \"a\" { input {",
        "package a\ndata a: B = {",
    ];
    for text in texts {
        let set = PolicySet::check(Sources::of("a.toll", text));
        for start in (0..=text.len() as u32).step_by(5) {
            for end in [start, start + 7, u32::MAX] {
                actions(&set, set.diagnostics(), Location { file: FileId(0), span: Span { start, end } });
            }
        }
    }
    let nested = format!("package a\nlet x = {}1{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let set = PolicySet::check(Sources::of("a.toll", &nested));
    actions(&set, set.diagnostics(), Location { file: FileId(0), span: Span { start: 20, end: 40 } });
}
