//! What a decision costs, counted instead of timed: rules looked at, and allocations made.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

use std::path::Path;

use tollgate_benches::Family;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Decision, Engine};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/gateway");

fn engine(sources: Sources) -> Engine {
    let set = PolicySet::check(sources);
    assert!(!set.has_errors(), "{:?}", set.diagnostics().first());
    set.compile().unwrap().into_engine().unwrap()
}

/// Rules that the index gives for a decision, and rules that match, on average.
fn looked_at(engine: &Engine, requests: &[String]) -> (f64, f64) {
    let scan = engine.clone().without_index();
    let (mut given, mut matched) = (0, 0);
    for request in requests {
        given += engine.candidates(request.as_bytes()).expect("the request fits");
        matched += scan.explain(request.as_bytes()).rules.iter().filter(|rule| rule.matched).count();
    }
    let average = |count: usize| f64::from(u32::try_from(count).unwrap()) / f64::from(u32::try_from(requests.len()).unwrap());
    (average(given), average(matched))
}

#[test]
fn a_decision_looks_at_few_rules_beside_those_that_match() {
    for family in Family::ALL {
        let few = engine(family.policy(300));
        let many = engine(family.policy(6_000));
        let (given, matched) = looked_at(&few, &family.requests(300, 60));
        assert!(given <= 2.0 * matched + 1.0, "{}: {given} for {matched} of 300", family.name());
        let requests = family.requests(6_000, 400);
        let given = requests.iter().map(|request| many.candidates(request.as_bytes()).unwrap()).max();
        assert!(given <= Some(6), "{}: {given:?} of 6,000", family.name());
    }
    for rules in [100, 2_000] {
        let (given, matched) = looked_at(&engine(tollgate_benches::policy(rules)), &tollgate_benches::requests(rules, 40));
        assert!(given <= 8.0 * (matched + 2.0), "gateway: {given} for {matched} of {rules}");
    }
}

/// Patterns that say nothing of how a text begins or ends are searched for together, so that only those that match cost more.
#[test]
fn patterns_over_one_text_are_searched_for_together() {
    let rules: String = (0..200)
        .map(|rule| {
            let (effect, condition) = match rule % 3 {
                0 => ("deny", format!("args.body like \"*word{rule}-*\"")),
                1 => ("review", format!("args.body matches \"(?i)word{rule}-[0-9]+\"")),
                _ => ("allow", format!("args.body like \"*word{rule}-*\" or args.body matches \"term{rule}$\"")),
            };
            format!("{effect} r{rule} when {condition}\n")
        })
        .collect();
    let mut sources = Sources::new();
    sources.add("mail.toll", format!("package mail\ninput {{ tool: Tool, args: {{ body: string }} }}\n{rules}"));
    let engine = engine(sources);
    let scan = engine.clone().without_index();
    for (body, expected) in [("nothing of it", 0), ("WORD7-1, word8-, word9-2", 3), ("word7-1, word8-, word9-2 and term11", 4), ("word77- term8", 2)]
    {
        let request = format!(r#"{{"tool":{{"name":"send"}},"args":{{"body":"{body}"}}}}"#);
        assert_eq!(engine.candidates(request.as_bytes()), Some(expected), "{body}");
        assert_eq!(engine.decide(request.as_bytes()), scan.decide(request.as_bytes()), "{body}");
    }
}

/// A disjunction over several fields finds its rule by each of them, and proves it.
#[test]
fn disjunctions_are_looked_up_part_by_part() {
    let rules: String = (0..60)
        .map(|rule| {
            let effect = ["deny", "review", "allow"][rule % 3];
            let more = if rule % 2 == 0 { " and agent.role != \"root\"" } else { "" };
            format!("{effect} r{rule} when (agent.id == \"a{rule}\" or args.path.starts_with(\"/home/{rule}/\") or args.size > {rule}_000_000 and args.size < {rule}_000_009){more}\n")
        })
        .collect();
    let mut sources = Sources::new();
    sources.add(
        "split.toll",
        format!("package split\ninput {{ tool: Tool, agent: {{ id: string, role: string }}, args: {{ path: string, size: int }} }}\n{rules}"),
    );
    let engine = engine(sources);
    let scan = engine.clone().without_index();
    for (id, role, path, size, expected) in
        [("x", "u", "/", 0, 0), ("a7", "u", "/home/8/x", 9_000_005, 3), ("a8", "root", "/home/8/x", 8_000_005, 1), ("a6", "root", "/home/7/", 5, 2)]
    {
        let request = format!(r#"{{"tool":{{"name":"t"}},"agent":{{"id":"{id}","role":"{role}"}},"args":{{"path":"{path}","size":{size}}}}}"#);
        let given = engine.candidates(request.as_bytes()).unwrap();
        assert!(given >= expected && given <= 3, "{given} rules for {request}");
        assert_eq!(engine.decide(request.as_bytes()), scan.decide(request.as_bytes()), "{request}");
    }
}

/// Rules about membership in data are found by the elements that are bound, and those bound later.
#[test]
fn rules_about_data_are_found_by_their_elements() {
    const RULES: usize = 200;
    let rules: String = (0..RULES)
        .map(|rule| {
            let effect = ["deny", "review", "allow"][rule % 3];
            let ty = ["set<string>", "list<string>", "map<int>"][rule % 3];
            let more = ["", " and args.size > 3", " or args.size == 70"][rule % 3];
            format!("data known{rule}: {ty} = {{}}\n{effect} r{rule} when agent.id in known{rule}{more}\n")
                .replace("list<string> = {}", "list<string> = []")
        })
        .collect();
    let mut sources = Sources::new();
    let input = "input { tool: Tool, agent: { id: string }, args: { size: int } }";
    sources.add("data.toll", format!("package data\n{input}\n{rules}"));
    let engine = engine(sources);
    let request = |id: &str, size: usize| format!(r#"{{"tool":{{"name":"t"}},"agent":{{"id":"{id}"}},"args":{{"size":{size}}}}}"#);
    let given = |id: &str, size: usize| {
        let request = request(id, size);
        assert_eq!(engine.decide(request.as_bytes()), engine.clone().without_index().decide(request.as_bytes()), "{request}");
        engine.candidates(request.as_bytes()).unwrap()
    };
    assert_eq!(given("a", 0), 0);
    for rule in 0..RULES {
        let elements = (0..3).map(|member| format!("\"a{}\"{}", rule / 2 + member, if rule % 3 == 2 { ": 1" } else { "" }));
        let elements = elements.collect::<Vec<_>>().join(",");
        let json = if rule % 3 == 2 { format!("{{{elements}}}") } else { format!("[{elements}]") };
        engine.set_data(&format!("known{rule}"), json).unwrap();
    }
    let many: Vec<String> = (0..10_000).map(|member| format!("\"b{member}\"")).collect();
    engine.set_data("known0", format!("[{}]", many.join(","))).unwrap();
    assert_eq!(given("none", 0), 0);
    assert_eq!(given("a50", 5), 6);
    assert_eq!(given("b77", 5), 1);
    assert_eq!(given("none", 70), RULES / 3);
}

/// A rule with a condition more, or a set with rules of another kind, leaves the lookups of other rules as selective as they were.
#[test]
fn further_conditions_and_rules_take_no_selectivity_away() {
    let requests = Family::Identities.requests(1_000, 50);
    let base = Family::Identities.policy(1_000);
    let given = |further: &str| {
        let mut sources = base.clone();
        sources.add("further.toll", format!("package generated\n{further}"));
        let engine = engine(sources);
        requests.iter().map(|request| engine.candidates(request.as_bytes()).unwrap()).sum::<usize>()
    };
    let alone = given("");
    let roles: String =
        (0..40).map(|rule| format!("deny by_role_{rule} when agent.role in {{\"r{rule}\", \"s{rule}\"}} and \"pii\" in agent.labels\n")).collect();
    let scopes: String =
        (0..40).map(|rule| format!("deny by_group_{rule} when \"g{rule}\" in agent.labels and agent.team != \"t{rule}\"\n")).collect();
    let ranges: String = (0..40).map(|rule| format!("deny by_cost_{rule} when session.cost > {rule}000 and agent.id != \"a\"\n")).collect();
    for (further, own) in [(&roles, 0), (&scopes, 40), (&ranges, 40)] {
        let with = given(further);
        assert!(with <= alone + requests.len() * own, "{alone} became {with} by {}", further.lines().next().unwrap_or_default());
    }
}

#[test]
fn nothing_is_allocated_once_a_decision_has_grown() {
    let gateway = Sources::read(&[Path::new(EXAMPLE).join("policies")]).unwrap();
    let data = |name: &str| std::fs::read(Path::new(EXAMPLE).join("data").join(name)).unwrap();
    let gateway = engine(gateway);
    gateway.set_data("registry", data("registry.json")).unwrap();
    gateway.set_data("company_domains", data("company_domains.json")).unwrap();
    let calls = std::fs::read_to_string(Path::new(EXAMPLE).join("calls.jsonl")).unwrap();
    let plain: Vec<&str> = calls.lines().filter(|call| !parses(call)).collect();
    assert!(plain.len() > 10);
    steady("the gateway example", &gateway, &plain);
    let requests = tollgate_benches::requests(2_000, 200);
    steady("2,000 rules", &engine(tollgate_benches::policy(2_000)), &requests.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Whether the rules of a call's tool read a language (SQL, a command line, a URL), whose parser allocates.
fn parses(call: &str) -> bool {
    ["\"sql\"", "\"command\"", "\"url\"", "\"body\""].iter().any(|field| call.contains(field))
}

fn steady(what: &str, engine: &Engine, requests: &[&str]) {
    let mut decision = Decision::default();
    for request in requests {
        (0..3).for_each(|_| engine.decide_into(request.as_bytes(), &mut decision));
        if decision.errors().len() > 0 {
            // Its messages are what it returns.
            continue;
        }
        let allocated = allocation_counter::measure(|| engine.decide_into(request.as_bytes(), &mut decision));
        assert_eq!(allocated.count_total, 0, "{what}: {request}");
    }
}
