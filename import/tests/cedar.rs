//! What is imported decides as Cedar does: generated policies, entities and requests, decided by both.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

#[path = "support/engine.rs"]
mod engine;
#[path = "support/lints.rs"]
mod lints;
#[path = "cedar/random.rs"]
mod random;
#[path = "cedar/world.rs"]
mod world;

use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Schema};
use serde_json::{Value, json};
use tollgate_evaluator::Engine;
use tollgate_import::{Import, Source};

use random::Random;
use world::World;

/// How many sets of policies are generated.
const SETS: u64 = 300;

/// How many requests each decides.
const REQUESTS: usize = 24;

/// What Cedar says, and whether a `forbid` was skipped for an error.
fn by_cedar(policies: &PolicySet, entities: &Entities, schema: Option<&Schema>, request: &Value) -> (bool, bool) {
    let uid = |of: &Value| EntityUid::from_json(json!({"__entity": of})).unwrap();
    let (principal, action, resource) = (uid(&request["principal"]), uid(&request["action"]), uid(&request["resource"]));
    let context = Context::from_json_value(request["context"].clone(), schema.map(|schema| (schema, &action))).unwrap();
    let request = Request::new(principal, action, resource, context, None).unwrap();
    let response = Authorizer::new().is_authorized(&request, policies, entities);
    let skipped = response.diagnostics().errors().any(|error| {
        let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
        policies.policy(error.policy_id()).is_some_and(|policy| policy.effect() == cedar_policy::Effect::Forbid)
    });
    (response.decision() == Decision::Allow, skipped)
}

fn imported(text: &str, schema: Option<&str>, entities: &Value) -> Import {
    let entities = entities.to_string();
    let cedar = tollgate_import::cedar::Cedar {
        policies: vec![Source { name: "policies.cedar", text }],
        schema: schema.map(|text| Source { name: "schema.cedarschema", text }),
        entities: Some(Source { name: "entities.json", text: &entities }),
    };
    tollgate_import::cedar::import(&cedar, None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn effect(engine: &Engine, request: &Value) -> String {
    let decision = engine.decide(request.to_string().as_bytes());
    let decided: Value = serde_json::from_str(&decision.to_json()).unwrap();
    decided["effect"].as_str().unwrap().to_owned()
}

/// Decides requests by both; how many are allowed, and how many are denied for a `forbid` that errs.
fn compare(schema: Option<&str>, entities: &Value, text: &str, requests: &[Value]) -> (usize, usize) {
    let policies = PolicySet::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let import = imported(text, schema, entities);
    let schema = schema.map(|text| Schema::from_cedarschema_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")).0);
    let known = Entities::from_json_value(entities.clone(), schema.as_ref()).unwrap_or_else(|error| panic!("{error:?}"));
    let engine = engine::of(&import.files, None).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let told = |id: &str| import.notes.iter().any(|note| note.place == id);
    let (mut allowed, mut excepted) = (0, 0);
    for request in requests {
        let (allows, skipped) = by_cedar(&policies, &known, schema.as_ref(), request);
        let ours = effect(&engine, request);
        let expected = if allows && !skipped { "allow" } else { "deny" };
        assert_eq!(ours, expected, "{request}\n{text}\n{}\n{}", import.files[0].text, entities);
        allowed += usize::from(ours == "allow");
        excepted += usize::from(allows && skipped);
        if skipped {
            assert!(policies.policies().any(|policy| told(policy.id().as_ref())), "no note of a `forbid` that errs\n{text}");
        }
    }
    (allowed, excepted)
}

fn run(with_schema: bool) {
    let sets = std::env::var("TOLLGATE_CEDAR_SETS").ok().and_then(|sets| sets.parse().ok()).unwrap_or(SETS);
    let (mut allowed, mut excepted) = (0, 0);
    for seed in 0..sets {
        let mut random = Random::new(seed);
        let world = World::new(&mut random, with_schema);
        let text = world.policies(&mut random);
        let requests: Vec<Value> = (0..REQUESTS).map(|_| world.request(&mut random)).collect();
        let (more_allowed, more_excepted) = compare(world.schema.as_deref(), &world.entities, &text, &requests);
        allowed += more_allowed;
        excepted += more_excepted;
    }
    let decided = usize::try_from(sets).unwrap() * REQUESTS;
    println!("{decided} decisions, {allowed} allowed, {excepted} denied for a `forbid` that errs");
    assert!(allowed * 10 > decided && allowed * 10 < decided * 9, "{allowed} of {decided} allowed");
}

#[test]
fn decides_as_cedar_does_without_a_schema() {
    run(false);
}

#[test]
fn decides_as_cedar_does_with_a_schema() {
    run(true);
}

/// Policies such as Cedar's own examples have them: every principal, action and resource that they know, and some that they do not.
#[test]
fn examples_decide_as_cedar_does() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cedar/examples");
    let mut decided = 0;
    for example in std::fs::read_dir(folder).unwrap() {
        let example = example.unwrap().path();
        let read = |name: &str| std::fs::read_to_string(example.join(name)).unwrap();
        let (text, schema) = (read("policies.cedar"), read("schema.cedarschema"));
        let [entities, asked] = ["entities.json", "requests.json"].map(|name| serde_json::from_str::<Value>(&read(name)).unwrap());
        let mut requests = Vec::new();
        for action in asked["actions"].as_array().unwrap() {
            for context in action["contexts"].as_array().unwrap() {
                for principal in asked["principals"].as_array().unwrap() {
                    for resource in asked["resources"].as_array().unwrap() {
                        requests.push(json!({"principal": principal, "action": action["action"], "resource": resource, "context": context}));
                    }
                }
            }
        }
        let (allowed, excepted) = compare(Some(&schema), &entities, &text, &requests);
        println!("{}: {} decisions, {allowed} allowed, {excepted} denied for a `forbid` that errs", example.display(), requests.len());
        assert!(allowed > 0 && allowed < requests.len());
        compare(None, &entities, &text, &requests);
        let lints = lints::of(&imported(&text, Some(&schema), &entities).files);
        assert!(lints.is_empty(), "{}: {lints:#?}", example.display());
        decided += requests.len();
    }
    assert!(decided > 2_000, "{decided}");
}

/// What a policy may grow to without harm: each compiles, and decides as Cedar does.
#[test]
fn large_policies_compile() {
    let equality = "principal.a == resource.b";
    let chain = |one: &str, times: usize, operator: &str| vec![one; times].join(operator);
    let nested = |levels: usize| (0..levels).fold("principal.a".to_owned(), |inner, _| format!("[{inner}, 1]"));
    let mut choices = "true".to_owned();
    (0..40).for_each(|at| choices = format!("(if context.c{at} == {at} then {choices} else principal.a == resource.b)"));
    let conditions = [
        chain(equality, 400, " && "),
        chain(equality, 400, " || "),
        format!("{} == 400", chain("1", 400, " + ")),
        chain("datetime(\"2024-01-01\") < datetime(\"2025-01-01\")", 150, " && "),
        format!("[{}].contains(principal.a)", chain("context.a == context.b", 100, ", ")),
        format!("{} == {}", nested(7), nested(7)),
        format!("{} == {}", nested(22), nested(22)),
        format!("{} == {} && {}", nested(22), nested(22), chain(equality, 100, " && ")),
        choices,
        format!("principal.a like \"{}\"", "*a?".repeat(250)),
        chain("context.a.b.c.d has e.f.g", 50, " || "),
    ];
    for condition in conditions {
        let text = format!("permit (principal, action, resource) when {{ {condition} }};");
        let import = imported(&text, None, &json!([{"uid": {"type": "U", "id": "a"}, "attrs": {"a": 1, "b": 1}, "parents": []}]));
        let engine = engine::of(&import.files, None).unwrap_or_else(|error| panic!("{}\n{}", &error[..error.len().min(2000)], &text[..200]));
        let uid = json!({"type": "U", "id": "a"});
        let request = json!({"principal": uid, "action": uid, "resource": uid, "context": {"a": 1, "b": 1}});
        let policies = PolicySet::from_str(&text).unwrap();
        let entities = json!([{"uid": {"type": "U", "id": "a"}, "attrs": {"a": 1, "b": 1}, "parents": []}]);
        let (allows, _) = by_cedar(&policies, &Entities::from_json_value(entities, None).unwrap(), None, &request);
        let decided = engine.decide(request.to_string().as_bytes()).to_json();
        assert_eq!(effect(&engine, &request), if allows { "allow" } else { "deny" }, "{}\n{decided}", &text[..200]);
    }
}

/// What nobody writes is refused or denied, and harms nothing.
#[test]
fn hostile_sources_do_no_harm() {
    let read = |text: &str| {
        let cedar = tollgate_import::cedar::Cedar { policies: vec![Source { name: "p.cedar", text }], schema: None, entities: None };
        tollgate_import::cedar::import(&cedar, None)
    };
    let policy = |condition: &str| format!("permit (principal, action, resource) when {{ {condition} }};");
    for (open, close) in [("(", ")"), ("[", "]"), ("{\"a\": ", "}")] {
        assert!(read(&policy(&format!("{}1{}", open.repeat(100_000), close.repeat(100_000)))).is_err());
    }
    for text in ["", ";", "permit", "permit (principal, action, resource) when { \"\u{0}", "{\"staticPolicies\": 1}", "{}"] {
        let _ = read(text);
    }
    let deep = |levels: usize| format!("{}1{} == {}1{}", "[".repeat(levels), "]".repeat(levels), "[".repeat(levels), "]".repeat(levels));
    assert!(read(&policy(&deep(40))).unwrap().notes.iter().any(|note| note.text.contains("nest more than 24 deep")));
    let sum = read(&policy(&format!("{} == 1", vec!["1"; 20_000].join(" + ")))).unwrap();
    assert!(sum.notes.iter().any(|note| note.text.contains("it nests too deeply")));
    for condition in [vec!["1"; 20_000].join(" + "), vec!["true"; 20_000].join(" && "), format!("{} true", "if true then true else ".repeat(3_000))] {
        let import = read(&policy(&condition)).unwrap();
        engine::of(&import.files, None).unwrap();
    }
    let named: String = (0..3_000)
        .map(|at| format!("@id(\"x\\u{{202e}}\\n// {at}\\\"\") permit (principal == A::\"*/ {{x}} \\\" \\n\", action, resource);\n"))
        .collect();
    engine::of(&read(&named).unwrap().files, None).unwrap();
}
