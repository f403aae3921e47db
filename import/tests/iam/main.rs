//! IAM policies: real ones compile and decide as they should, generated ones as a plain evaluator of the documentation does.
//!
//! Real policies are looked for in the folder `iam` of `TOLLGATE_CORPORA`; without it those tests say so and pass.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod corpus;
mod generate;
mod reference;
mod sets;

use serde_json::{Value, json};
use tollgate_compiler::diagnostic::render;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;
use tollgate_import::{Import, Source, iam};

/// What a document becomes.
fn imported(name: &str, document: &Value) -> Import {
    let text = document.to_string();
    let documents = iam::Documents { policies: vec![Source { name, text: &text }], ..iam::Documents::default() };
    iam::import(&documents, None).unwrap_or_else(|refused| panic!("{refused}"))
}

fn checked(import: &Import) -> PolicySet {
    let mut sources = Sources::new();
    for file in &import.files {
        sources.add(file.path.as_str(), file.text.as_str());
    }
    PolicySet::check(sources)
}

/// An engine of what was imported, which compiles without a finding.
fn engine(import: &Import) -> Engine {
    let set = checked(import);
    let compiled = set.compile().unwrap_or_else(|_| panic!("{}\n{}", render::render(set.diagnostics(), set.sources(), false), import.files[0].text));
    compiled.into_engine().unwrap_or_else(|error| panic!("{error}"))
}

fn is_allowed(engine: &Engine, request: &Value) -> bool {
    let decision = engine.decide(request.to_string().as_bytes());
    let decided: Value = serde_json::from_str(&decision.to_json()).unwrap_or_default();
    assert!(!decided["errors"].to_string().contains("path"), "{request}\n{decided:#}");
    decided["effect"] == "allow"
}

#[test]
fn generated_policies_decide_as_the_documentation_says() {
    let mut random = generate::Random::new(20);
    let (mut pairs, mut allowed) = (0, 0);
    for _ in 0..600 {
        let document = random.document(generate::Doubt::None);
        let import = imported("generated.json", &document);
        let engine = engine(&import);
        for _ in 0..20 {
            let request = random.request(generate::Doubt::None);
            let expected = reference::is_allowed(&document, &request);
            assert_eq!(is_allowed(&engine, &request), expected, "{document:#}\n{request:#}\n{}", import.files[0].text);
            pairs += 1;
            allowed += usize::from(expected);
        }
    }
    assert!(pairs == 12_000 && allowed > 1_000 && pairs - allowed > 1_000, "{allowed} of {pairs} allowed");
}

#[test]
fn where_the_documentation_is_silent_nothing_more_is_allowed() {
    let mut random = generate::Random::new(21);
    let mut stricter = 0;
    for _ in 0..600 {
        let document = random.document(generate::Doubt::Some);
        let import = imported("generated.json", &document);
        let engine = engine(&import);
        for _ in 0..20 {
            let request = random.request(generate::Doubt::Some);
            let expected = reference::is_allowed(&document, &request);
            let decided = is_allowed(&engine, &request);
            assert!(expected || !decided, "{document:#}\n{request:#}\n{}", import.files[0].text);
            stricter += usize::from(expected && !decided);
        }
    }
    assert!(stricter < 3_000, "{stricter} of 12,000 are denied for doubt");
}

#[test]
fn wildcards_match_as_an_independent_matcher_says() {
    let mut random = generate::Random::new(22);
    let mut matches = 0;
    for _ in 0..400 {
        let (action, resource) = (random.glob("s3:", "aB?*-/"), random.glob("arn:aws:x:::", "ab?*:/\\[{"));
        let document = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}});
        let engine = engine(&imported("generated.json", &document));
        for _ in 0..25 {
            let (asked, of) = (random.like(&action, "aB-/", true), random.like(&resource, "ab:/\\[{*", false));
            let request = json!({"action": asked, "resource": of});
            let expected = reference::glob(&action.to_lowercase(), &asked.to_lowercase()) && reference::glob(&resource, &of);
            assert_eq!(is_allowed(&engine, &request), expected, "{document}\n{request}");
            matches += usize::from(expected);
        }
    }
    assert!(matches > 2_000, "{matches}");
}

#[test]
fn hostile_documents_are_refused_or_imported() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let nested = (0..6).fold(r#"{"Statement": []}"#.to_owned(), |inner, _| json!({"Policy": inner}).to_string());
    let action = "x".repeat(1 << 20);
    let sids: Vec<Value> =
        (0..20_000).map(|at| json!({"Effect": "Allow", "Sid": "x", "Action": format!("a:{at}"), "Resource": "*", "Condition": {"StringLike": {format!("k:{at}"): "*"}}})).collect();
    let listed = |begins: &str| (0..50_000).map(|at| format!("{begins}{at}")).collect::<Vec<_>>();
    let stars = "*?".repeat(5_000);
    let hostile = [
        "".to_owned(),
        "null".to_owned(),
        "{}".to_owned(),
        deep,
        nested,
        json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}}).to_string(),
        json!({"Statement": {"Effect": "Allow", "Action": [stars], "Resource": [stars], "Condition": {"StringLike": {"a:b": stars}}}}).to_string(),
        json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Sid": "\"} allow all //\n\u{202e}", "Condition": {"StringEquals": {"\"{x}\n": "{y}\"\n"}}}}).to_string(),
        json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "${${${${".repeat(1000)}}).to_string(),
        json!({"Statement": sids}).to_string(),
        json!({"Statement": {"Effect": "Allow", "Action": listed("x:y"), "Resource": listed("arn:aws:s3:::b/*/")}}).to_string(),
    ];
    for text in &hostile {
        let documents = iam::Documents { policies: vec![Source { name: "hostile\n.json", text }], ..iam::Documents::default() };
        let began = std::time::Instant::now();
        let Ok(import) = iam::import(&documents, None) else { continue };
        assert!(began.elapsed().as_secs() < 20, "{} bytes took {:?}", text.len(), began.elapsed());
        if text.len() < 1 << 16 {
            let request = json!({"action": "a:b", "resource": "*"});
            assert!(!is_allowed(&engine(&import), &request), "{text}");
        }
    }
}
