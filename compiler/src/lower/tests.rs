use tollgate_evaluator::plan::{Attribute, Condition, Constant, Keys, Node, NodeId, Plan, RuleSource, TypeNode};

use super::*;
use crate::set::PolicySet;
use crate::sources::Sources;

const PRELUDE: &str = r#"
package p
tool "crm/export" { category: "write", args { table: string, rows: int where rows >= 0, to?: string, opts: { deep: bool = false, n?: int } = {} } }
tool "crm/read" { category: "read", read_only: true, args { table: string, rows: int } }
tool "send" { category: "write", labels: {"pii"}, args { to: string, rows: string } }
data known: set<string> = {"a"}
"#;

fn set(text: &str) -> PolicySet {
    let mut sources = Sources::default();
    sources.add("p.toll", format!("{PRELUDE}\n{text}"));
    let set = PolicySet::check(sources);
    assert!(!set.has_errors(), "{:#?}", set.diagnostics());
    set
}

fn lowered(text: &str) -> Lowered {
    let set = set(text);
    lower(set.program(), &LowerOptions { tests: true, ..LowerOptions::default() }).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"))
}

fn plan(text: &str) -> Plan {
    lowered(text).plan
}

fn rule<'p>(plan: &'p Plan, name: &str) -> &'p plan::Rule {
    plan.rules.iter().find(|rule| *rule.name == *format!("p.{name}")).unwrap()
}

/// What explanations show of a rule.
fn source(plan: &Plan, name: &str) -> RuleSource {
    let place = plan.rules.iter().position(|rule| *rule.name == *format!("p.{name}")).unwrap();
    plan.source(u32::try_from(place).unwrap()).unwrap()
}

fn texts(conditions: &[Condition]) -> Vec<&str> {
    conditions.iter().map(|condition| &*condition.text).collect()
}

fn node(plan: &Plan, id: NodeId) -> &Node {
    &plan.nodes[id as usize]
}

fn filed(text: &str, name: &str) -> Filed {
    lowered(text).report.rules.into_iter().find(|filed| filed.rule == format!("p.{name}")).unwrap().filed
}

fn under(words: &[&str]) -> Filed {
    Filed::Under(words.iter().map(|word| (*word).into()).collect())
}

#[test]
fn what_cannot_err_and_reads_no_choice_comes_before_the_choices() {
    let plan = plan(
        r#"
        deny a on "crm/export" for x in args.to when args.table == "t" and x != "b" and args.rows / 2 > 3 and args.table != "u"
        deny b for x in session.calls.filter(c => c.tool == "t") when agent.id == "x"
        deny c when agent.id == "x" and session.calls.any(c => c.tool == "t") and agent.team == "y"
        "#,
    );
    let (a, b, c) = (source(&plan, "a"), source(&plan, "b"), source(&plan, "c"));
    assert_eq!(texts(&a.guards), [r#"args.table == "t""#]);
    assert_eq!(texts(&a.conditions), [r#"x != "b""#, "args.rows / 2 > 3", r#"args.table != "u""#]);
    assert!(b.guards.is_empty(), "the source of its choice costs steps");
    assert_eq!(texts(&c.guards), [r#"agent.id == "x""#]);
}

#[test]
fn reads_of_the_request_are_slots() {
    let plan = plan(
        r#"
        deny a on "crm/export", "crm/read" when args.table == "t" and context.environment == "prod"
        deny b on "send" when args.rows == "many" and args.to == "x"
        deny c on "crm/export" when args.opts.deep and (args.to ?? "") == "x" and args.rows > 1
        deny d when session.calls.any(c => c.args == args) and (user?.id ?? "") == "u"
        "#,
    );
    let keep = |name: &str, server: Option<&str>| {
        let tool = plan.tools.iter().find(|tool| &*tool.name == name && tool.server.as_deref() == server).unwrap();
        let args = tool.declaration.as_ref().unwrap().args.as_ref().unwrap();
        let TypeNode::Record { shape, .. } = &plan.types[args.ty as usize] else { panic!() };
        let names = &plan.shapes[*shape as usize];
        let fields = args.keep.fields.iter().map(|kept| (&*names[kept.field as usize], kept.slot, kept.inner.fields.len()));
        (args.whole, fields.map(|(name, slot, inner)| (name.to_owned(), slot, inner)).collect::<Vec<_>>())
    };
    let (export_whole, export) = keep("export", Some("crm"));
    let (_, read) = keep("read", Some("crm"));
    let (_, send) = keep("send", None);
    assert_eq!(export_whole, None, "`args` in a rule without `on` is the request's own field");
    let slot = |fields: &[(String, Option<u32>, usize)], name: &str| fields.iter().find(|field| field.0 == name).and_then(|field| field.1);
    assert_eq!(slot(&export, "table"), slot(&read, "table"));
    assert_eq!(slot(&export, "to"), slot(&send, "to"));
    assert!(slot(&export, "rows").is_some() && slot(&send, "rows").is_some());
    assert_ne!(slot(&export, "rows"), slot(&send, "rows"), "of two types");
    assert_eq!(slot(&read, "rows"), slot(&export, "rows"));
    assert!(export.iter().any(|field| field.0 == "opts" && field.1.is_none() && field.2 == 1));
    assert_eq!((plan.input.tool.unwrap().name, plan.input.tool.unwrap().server), (0, 1));
}

#[test]
fn arguments_read_whole_are_kept_whole() {
    let plan = plan(r#"deny a on "crm/export", "send" when session.calls.any(c => c.args == args)"#);
    let wholes: Vec<_> = plan.tools.iter().filter_map(|tool| tool.declaration.as_ref()?.args.as_ref()?.whole).collect();
    assert_eq!(wholes.len(), 3);
    assert!(wholes.iter().all(|slot| *slot == wholes[0]));
}

#[test]
fn the_same_condition_is_one_node_computed_once() {
    let plan = plan(
        r#"
        deny a when session.calls.any(c => c.tool == "t")
        deny b for x in session.labels when x == "l" and session.calls.any(d => d.tool == "t")
        review c when session.calls.any(c => c.tool == "u")
        let used_by_none = session.calls.any(c => c.tool == "t") and agent.id == "z"
        "#,
    );
    let (a, b, c) = (&rule(&plan, "a").conditions[0], &rule(&plan, "b").conditions[1], &rule(&plan, "c").conditions[0]);
    assert_eq!(a, b);
    assert!(matches!(node(&plan, *a), Node::Shared(..)));
    assert!(matches!(node(&plan, *c), Node::Aggregate(_)));
}

#[test]
fn what_calls_functions_for_data_alone_lasts_as_a_whole() {
    let plan = plan(
        r#"
        let shouted = known.map(name => name.upper()).filter(name => name != "A")
        deny a when agent.id in known.filter(name => name.len() > known.len()).to_set()
        deny b when agent.id in shouted and "x" in known
        "#,
    );
    let memos: Vec<&Node> = plan.nodes.iter().filter(|node| matches!(node, Node::Shared(..))).collect();
    assert_eq!(memos.len(), 2, "{memos:?}");
    let Node::In(_, whole) = node(&plan, rule(&plan, "a").conditions[0]) else { panic!() };
    assert!(matches!(node(&plan, *whole), Node::Shared(..)));
}

#[test]
fn what_a_lambda_does_not_change_is_computed_once() {
    let plan = plan(r#"deny a when session.calls.any(c => c.tool in session.labels.map(l => l.lower()))"#);
    let Node::Call(_, args) = node(&plan, rule(&plan, "a").conditions[0]) else { panic!() };
    let plan::Argument::Lambda(_, body) = args[1] else { panic!() };
    let Node::In(_, inner) = node(&plan, body) else { panic!() };
    assert!(matches!(node(&plan, *inner), Node::Shared(..)));
}

#[test]
fn constants_are_folded() {
    let plan = plan(
        r#"
        let limit = 10 * 1000
        let names = {"b", "a"}
        deny a when agent.id in names and context.attributes.n == limit + 1
        deny b when not not (agent.id == "x") and (true or agent.id == "y")
        "#,
    );
    let a = rule(&plan, "a");
    let Node::In(_, names) = node(&plan, a.guards[0]) else { panic!("{:?}", node(&plan, a.guards[0])) };
    let Node::Const(names) = node(&plan, *names) else { panic!() };
    let Constant::Set(names) = &plan.constants[*names as usize] else { panic!() };
    let names: Vec<_> = names.iter().map(|name| plan.constants[*name as usize].clone()).collect();
    assert_eq!(names, [Constant::Str("a".into()), Constant::Str("b".into())]);
    let all: Vec<&NodeId> = a.guards.iter().chain(&a.conditions).collect();
    let Node::Equal(_, limit) = node(&plan, *all[1]) else { panic!() };
    let Node::Const(limit) = node(&plan, *limit) else { panic!("{:?}", node(&plan, *limit)) };
    assert_eq!(plan.constants[*limit as usize], Constant::Int(10_001));
    let b = rule(&plan, "b");
    assert!(b.guards.iter().any(|guard| matches!(node(&plan, *guard), Node::Equal(..))));
}

#[test]
fn rules_are_filed_under_tools() {
    let text = r#"
        deny a on "crm/export" when args.rows > 5
        deny b on "crm/*"
        deny c on "other/x", "send"
        deny d when tool.category == "write"
        deny e when tool.category == "write" and not tool.destructive
        deny f
    "#;
    let Lowered { plan, .. } = lowered(text);
    assert_eq!(plan.tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>(), ["export", "read", "send", "x"]);
    assert_eq!(filed(text, "a"), under(&["tool `crm/export`"]));
    assert_eq!(filed(text, "b"), under(&["tool `crm/*`"]));
    assert_eq!(filed(text, "d"), under(&[r#"`tool.category == "write"`: 2 declared tools"#]));
    assert_eq!(filed(text, "e"), Filed::Never);
    assert_eq!(filed(text, "f"), Filed::Nothing);
    let entry = |name: &str| {
        let number = plan.rules.iter().position(|rule| *rule.name == *format!("p.{name}")).unwrap();
        plan.index.groups.iter().flat_map(|group| &group.entries).find(|entry| entry.rule as usize == number).unwrap()
    };
    let tools = |tools: &[u32], other| vec![Keys::Tools { tools: tools.to_vec(), other }];
    assert_eq!((&entry("a").keys, entry("a").proves_on), (&tools(&[0], false), true));
    assert_eq!((&entry("b").keys, entry("b").proves_on), (&tools(&[0, 1, 2], true), false), "`send` may be of server `crm`");
    assert_eq!((&entry("c").keys, entry("c").proves_on), (&tools(&[2, 3], false), true));
    assert_eq!((&entry("d").keys, &entry("d").proves), (&tools(&[0, 2], false), &vec![0]));
}

#[test]
fn rules_are_filed_under_values() {
    let mut text = String::from("let is_x = agent.id == \"x\"\n");
    for number in 0..40 {
        text.push_str(&format!("deny a{number} when agent.id == \"agent{number}\" and context.environment == \"prod\"\n"));
        text.push_str(&format!("deny b{number} when agent.team in {{\"t{number}\", \"u{number}\"}}\n"));
        text.push_str(&format!("deny c{number} when agent.role == \"r{number}\" or \"q\" == agent.role\n"));
        text.push_str(&format!("deny d{number} on \"crm/export\" when args.table == \"t{number}\" and args.rows > 1\n"));
    }
    text.push_str(
        "deny x when is_x\ndeny y when agent.id == \"x\" and agent.id == \"y\"\ndeny z when user has id2\n"
            .replace("deny z when user has id2\n", "")
            .as_str(),
    );
    let Lowered { plan, report, .. } = lowered(&text);
    let of = |name: &str| report.rules.iter().find(|filed| filed.rule == format!("p.{name}")).unwrap().filed.clone();
    assert_eq!(of("a7"), under(&[r#"`agent.id == "agent7"`"#]));
    assert_eq!(of("b7"), under(&[r#"`agent.team in {"t7", "u7"}`"#]));
    assert_eq!(of("c7"), under(&[r#"`agent.role == "r7" or "q" == agent.role`"#]));
    assert_eq!(of("d7"), under(&[r#"`args.table == "t7"`"#]));
    assert_eq!(of("x"), under(&["`is_x`"]));
    assert_eq!(of("y"), Filed::Never);
    assert!(plan.index.unfiled.is_empty());
    let by_team = plan.index.groups.iter().find(|group| group.entries[0].keys.len() == 1 && group.entries[0].keys[0] != Keys::Values(vec![]));
    assert!(matches!(by_team.unwrap().attributes[0], Attribute::Node(_)));
}

#[test]
fn rules_are_filed_under_two_values_where_one_finds_many() {
    let mut text = String::new();
    for number in 0..900 {
        text.push_str(&format!("deny a{number} when agent.role == \"r{}\" and agent.team == \"t{}\"\n", number % 30, number / 30));
    }
    assert_eq!(filed(&text, "a31"), under(&[r#"`agent.role == "r1"`"#, r#"`agent.team == "t1"`"#]));
}

#[test]
fn rules_are_filed_under_what_is_searched() {
    let mut text = String::new();
    for number in 0..20 {
        text.push_str(&format!("deny start{number} when agent.id.starts_with(\"s{number}-\")\n"));
        text.push_str(&format!("deny end{number} when agent.id like \"*-e{number}\"\n"));
        text.push_str(&format!("deny glob{number} when agent.team like \"g{number}*x\" or agent.team like \"h{number}*\"\n"));
        text.push_str(&format!("deny between{number} when session.cost >= {number}0 and session.cost < {number}9\n"));
        text.push_str(&format!("deny net{number} for at in context.source_ip when at in cidr(\"10.{number}.0.0/16\")\n"));
        text.push_str(&format!("deny rank{number} when agent.role == \"r{number}\" and session.calls.len() >= {number}\n"));
    }
    let Lowered { plan, report, .. } = lowered(&text);
    let of = |name: &str| report.rules.iter().find(|filed| filed.rule == format!("p.{name}")).unwrap().filed.clone();
    assert_eq!(of("start7"), under(&[r#"`agent.id.starts_with("s7-")`"#]));
    assert_eq!(of("end7"), under(&[r#"`agent.id like "*-e7"`"#]));
    assert_eq!(of("between7"), under(&["`session.cost >= 70` and `session.cost < 79`"]));
    assert_eq!(of("rank7"), under(&[r#"`agent.role == "r7"`"#]));
    let proved = |name: &str| {
        let number = plan.rules.iter().position(|rule| *rule.name == *format!("p.{name}")).unwrap();
        plan.index.groups.iter().flat_map(|group| &group.entries).find(|entry| entry.rule as usize == number).unwrap().proves.len()
    };
    assert_eq!([proved("start7"), proved("end7"), proved("glob7"), proved("between7")], [1, 1, 0, 2]);
}

#[test]
fn the_order_of_items_and_files_changes_nothing() {
    let items = [
        r#"deny a when agent.id == "x" and limit > 3 and s > 1"#,
        r#"let limit = agent.labels.len() + base"#,
        r#"let base = session.calls.len()"#,
        r#"score s: 0..=9 { 1 when base > 3, 2 when agent.id == "x" }"#,
        r#"fn f(a: string) = a == "x" or base > 2"#,
        r#"allow b for x in agent.labels when f(x) require approval(from: {"z"})"#,
    ];
    let (forth, back) = (items.join("\n"), items.iter().rev().copied().collect::<Vec<_>>().join("\n\n// note\n"));
    assert_eq!(format!("{:?}", plan(&forth)), format!("{:?}", plan(&back)));
    assert_eq!(plan(&forth).digest(), plan(&back).digest());
}

#[test]
fn queries_leave_what_decides_as_it_is() {
    let Lowered { plan, testing, .. } = lowered(
        r#"
        deny a when agent.id == "x"
        test "t {r.n}" for r in [{n: "y"}] {
          input { agent: {id: r.n}, tool: {name: "send"}, args: {to: "x", rows: "1"} }
          data known = ["q"]
          expect deny by none
          expect context.environment == "" and decision.effect == "deny"
        }
        property "p" { never allow when agent.id == "x" }
        "#,
    );
    let testing = testing.unwrap();
    assert_eq!(plan.nodes[..], testing.plan.nodes[..plan.nodes.len()]);
    assert_eq!(plan.rules.len(), testing.plan.rules.len());
    assert!(plan.queries.is_empty() && testing.plan.input.slots > plan.input.slots);
    let test = &testing.tests.tests[0];
    assert!(test.rows.is_some() && test.data.len() == 1 && test.steps.len() == 1 && test.steps[0].expect.len() == 2);
    assert_eq!(testing.tests.properties[0].claims.len(), 1);
}

#[test]
fn chains_of_definitions_end() {
    let mut text = String::from("let d0 = agent.id == \"x\"\n");
    for number in 1..2000 {
        text.push_str(&format!("let d{number} = d{} and d{}\n", number - 1, number - 1));
    }
    text.push_str("deny a when d1999\n");
    let set = set(&text);
    let diagnostics = set.lower(&LowerOptions::default()).unwrap_err();
    assert_eq!(diagnostics[0].code, Code::Nesting);
    let text = &set.sources().get(diagnostics[0].at.file).unwrap().text;
    let span = diagnostics[0].at.span;
    assert!(text[span.start as usize..span.end as usize].starts_with('d'));
}

#[test]
fn rules_that_differ_in_constants_share_what_a_session_keeps_up() {
    let plan = plan(
        r#"
        deny a when session.calls.any(c => c.tool == "x" and c.effect != "deny")
        deny b when session.calls.any(c => c.tool == agent.id and c.effect != "deny")
        deny c when session.calls.any(c => c.tool in agent.labels)
        "#,
    );
    assert_eq!(plan.aggregates.len(), 1);
    let is_kept_up = |name| matches!(node(&plan, rule(&plan, name).conditions[0]), Node::Aggregate(_));
    assert!(is_kept_up("a") && is_kept_up("b") && !is_kept_up("c"));
}

#[test]
fn membership_in_data_is_looked_up() {
    let Lowered { plan, report, .. } = lowered("let listed = known\ndeny a when agent.id in listed\n");
    assert_eq!(report.rules[0].filed, under(&["`agent.id in listed`"]));
    assert!(matches!(plan.index.groups[0].attributes[..], [Attribute::Data(_)]), "{:?}", plan.index);
}

#[test]
fn many_texts_to_contain_are_searched_for_together() {
    let mut text = String::new();
    for number in 0..30 {
        text.push_str(&format!("deny c{number} when agent.id.contains(\"a*{number}\\\\\")\n"));
    }
    let Lowered { plan, report, .. } = lowered(&text);
    let of = |name: &str| report.rules.iter().find(|filed| filed.rule == format!("p.{name}")).unwrap().filed.clone();
    assert_eq!(of("c7"), under(&[r#"`agent.id.contains("a*7\\")`"#]));
    let Attribute::Match(_) = plan.index.groups[0].attributes[0] else { panic!("{:?}", plan.index.groups[0].attributes) };
    assert!(plan.patterns.contains(&Pattern::Like(r"*a\*7\\*".into())));
}

#[test]
fn short_functions_that_bind_nothing_are_written_out() {
    let mut text = String::from(
        r#"
        fn is_team(given: string, team: string) -> bool = given == "" or given == team
        fn is_both(given: string, team: string) -> bool = is_team(given, team) and is_team(given, "x")
        fn has_long(texts: list<string>, least: int) -> bool = texts.any(text => text.len() > least)
        let seen_tools = session.calls.map(call => call.tool)
        fn is_seen(name: string) -> bool = name in seen_tools
        deny computed when is_team(agent.id.lower(), "a")
        deny bound on "crm/export" when has_long([args.table], 3)
        deny seen when is_seen("x")
        "#,
    );
    for number in 0..20 {
        text.push_str(&format!("deny team{number} when is_team(agent.id, \"t{number}\")\ndeny both{number} when is_both(agent.id, \"u{number}\")\n"));
    }
    let Lowered { plan, report, .. } = lowered(&text);
    let of = |name: &str| report.rules.iter().find(|filed| filed.rule == format!("p.{name}")).unwrap().filed.clone();
    assert_eq!(of("team7"), under(&[r#"`is_team(agent.id, "t7")`"#]));
    let condition = |name: &str| {
        let rule = rule(&plan, name);
        node(&plan, *rule.guards.iter().chain(&rule.conditions).next().unwrap())
    };
    assert!(matches!(condition("team7"), Node::Or(_)) && matches!(condition("both7"), Node::And(_)));
    assert!(matches!(condition("computed"), Node::Invoke(..)) && matches!(condition("bound"), Node::Invoke(..)));
    assert!(plan.nodes.iter().any(|node| matches!(node, Node::Aggregate(_))), "a session keeps up what a function asks");
}
