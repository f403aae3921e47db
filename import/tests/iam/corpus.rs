//! Real managed policies, and what is known of the actions that they allow.

use std::collections::HashMap;
use std::io::Read;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tollgate_compiler::lint::Levels;
use tollgate_import::{Source, iam};

use super::{checked, engine, imported, is_allowed, reference};

/// The policies with their names, where they are at hand.
fn policies() -> Option<(PathBuf, Vec<Value>)> {
    let Some(folder) = std::env::var_os("TOLLGATE_CORPORA").map(|root| PathBuf::from(root).join("iam")) else {
        println!("TOLLGATE_CORPORA is not set: no real policy is tried");
        return None;
    };
    let text = std::fs::read_to_string(folder.join("policies.json")).unwrap();
    Some((folder, serde_json::from_str(&text).unwrap()))
}

fn name(policy: &Value) -> &str {
    policy["name"].as_str().unwrap()
}

#[test]
fn real_policies_compile_without_a_finding_or_a_loss() {
    let Some((_, policies)) = policies() else { return };
    let mut found = Vec::new();
    for policy in &policies {
        let import = imported(&format!("{}.json", name(policy)), &policy["document"]);
        // the one construct of real policies that IAM's documentation leaves open
        let lost = import.notes.iter().filter(|note| !note.text.contains("ForAnyValue:StringLikeIfExists"));
        found.extend(lost.map(|note| format!("{}: {note:?}", name(policy))));
        let set = checked(&import);
        engine(&import);
        let lints = set.lints(&Levels::default());
        found.extend(lints.iter().map(|lint| format!("{}: {}", name(policy), lint.message)));
        if let Some(folder) = std::env::var_os("TOLLGATE_IMPORTED") {
            std::fs::write(PathBuf::from(folder).join(&import.files[0].path), &import.files[0].text).unwrap();
        }
    }
    assert!(found.is_empty(), "{} findings\n{}", found.len(), found.join("\n"));
}

#[test]
fn a_list_of_all_real_policies_is_one_policy() {
    let Some((_, policies)) = policies() else { return };
    let text = json!(policies).to_string();
    let documents = iam::Documents { policies: vec![Source { name: "policies.json", text: &text }], ..iam::Documents::default() };
    let import = iam::import(&documents, None).unwrap();
    let engine = engine(&import);
    assert!(is_allowed(&engine, &json!({"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"})));
    assert!(!is_allowed(&engine, &json!({"action": "nothing:ofthekind", "resource": "*"})));
}

#[test]
fn the_actions_that_are_known_to_be_allowed_are_and_no_others() {
    let Some((folder, policies)) = policies() else { return };
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(folder.join("effective_actions.jsonl.gz")).unwrap()).read_to_string(&mut text).unwrap();
    let effective: HashMap<String, Value> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (name(&line).to_owned(), line["effective"].clone()))
        .collect();
    let all: Vec<&str> = effective.values().flat_map(|rows| rows.as_array().unwrap()).filter_map(|row| row[0].as_str()).collect();
    let (mut tried, mut others) = (0, 0);
    for policy in &policies {
        let document = &policy["document"];
        let engine = engine(&imported(&format!("{}.json", name(policy)), document));
        for row in effective.get(name(policy)).and_then(Value::as_array).into_iter().flatten().filter(|row| row[3] == false) {
            let Some(request) = request(document, row) else { continue };
            let (allows, denies) = reference::effects(document, &request);
            assert!(allows, "{} does not allow {request}", name(policy));
            assert_eq!(is_allowed(&engine, &request), !denies, "{}: {request}", name(policy));
            tried += 1;
        }
        let mut listed: Vec<&str> = all.iter().copied().skip(policy.to_string().len() % 97).step_by(211).collect();
        listed.sort_unstable();
        for action in listed {
            let request = json!({"action": action, "resource": "arn:aws:x:eu-west-1:123456789012:y/z"});
            let expected = reference::is_allowed(document, &request);
            assert_eq!(is_allowed(&engine, &request), expected, "{}: {request}", name(policy));
            others += usize::from(!expected);
        }
    }
    assert!(tried > 15_000 && others > 10_000, "{tried} allowed, {others} not");
}

/// A request for an action on what the statement with its pattern is about; `None` where that takes variables or conditions.
fn request(document: &Value, row: &Value) -> Option<Value> {
    let statements = document["Statement"].as_array()?.iter();
    let lists = |element: &Value| element.as_array().map_or_else(|| element == &row[2], |patterns| patterns.contains(&row[2]));
    let mut stating =
        statements.filter(|statement| statement["Effect"] == "Allow" && statement["Condition"].is_null() && lists(&statement["Action"]));
    let resources = stating.next()?.get("Resource")?.clone();
    let resource = resources.as_array().and_then(|all| all.first()).unwrap_or(&resources).as_str()?.to_owned();
    if resource.contains("${") {
        return None;
    }
    let resource = if resource == "*" { "arn:aws:x:eu-west-1:123456789012:y".to_owned() } else { resource.replace(['*', '?'], "x") };
    Some(json!({"action": row[0], "resource": resource}))
}
