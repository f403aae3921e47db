//! JSON output is what its schema says.

use serde_json::{Value, json};

use crate::folder::Folder;

/// Where a value is not what a schema says; the parts of JSON Schema that ours use.
pub fn misfit(schema: &Value, value: &Value, root: &Value, path: &str) -> Option<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let definition = root.pointer(name.trim_start_matches('#')).unwrap();
        return misfit(definition, value, root, path);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let fits = any.iter().any(|schema| misfit(schema, value, root, path).is_none());
        return (!fits).then(|| format!("{path}: {value} fits none"));
    }
    let is_of = |name: &Value| match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    let types = &schema["type"];
    let has_type = types.is_null() || types.as_array().map_or_else(|| is_of(types), |types| types.iter().any(is_of));
    let has_value = schema["enum"].as_array().is_none_or(|known| known.contains(value));
    if !has_type || !has_value {
        return Some(format!("{path}: {value} is not as {schema} says"));
    }
    let known = &schema["properties"];
    for (name, field) in value.as_object().into_iter().flatten() {
        let inner = format!("{path}/{name}");
        match known.get(name) {
            Some(schema) => {
                if let Some(found) = misfit(schema, field, root, &inner) {
                    return Some(found);
                }
            }
            None if schema["additionalProperties"] == false => return Some(format!("{inner} is unknown")),
            None => {}
        }
    }
    let missing = schema["required"].as_array().into_iter().flatten().find(|name| value.get(name.as_str().unwrap()).is_none());
    if let Some(missing) = missing {
        return Some(format!("{path}: no {missing}"));
    }
    let items = value.as_array().into_iter().flatten().enumerate();
    items.filter(|_| !schema["items"].is_null()).find_map(|(place, item)| misfit(&schema["items"], item, root, &format!("{path}/{place}")))
}

pub fn hold(folder: &Folder, name: &str, value: &Value) {
    let schema = folder.run(&["schema", name]).json();
    assert_eq!(misfit(&schema, value, &schema, ""), None);
}

#[test]
fn output_fits_its_schema() {
    let case = json!({"name": "c", "input": {"agent": {"id": "x"}, "tool": {"name": "order"}}, "expect": "deny"});
    let folder = Folder::new(&[("a.toll", crate::testing::POLICY), ("b.toll", crate::testing::SCORED), ("c.jsonl", &case.to_string())]);
    for more in [&[][..], &["--coverage"], &["--fail-fast"], &["--update"]] {
        let args = [&["test", "--format", "json", "--cases", "c.jsonl", "a.toll", "b.toll"], more].concat();
        hold(&folder, "tests", &folder.run(&args).json());
    }
    for more in [&["--list"][..], &["--list", "--filter", "no such test"]] {
        let args = [&["test", "--format", "json", "--cases", "c.jsonl", "a.toll"], more].concat();
        hold(&folder, "test-list", &folder.run(&args).json());
    }
    for rule in ["small", "odd", "never"] {
        let request = r#"{"agent": {"id": ""}, "tool": {"name": "order"}, "args": {"n": 50, "ns": [1, 2]}}"#;
        hold(&folder, "why-not", &folder.run_with(&["why-not", rule, "-i", "-", "--format", "json", "a.toll", "b.toll"], request).json());
    }
}

#[test]
fn what_compares_policies_fits_its_schema() {
    let policy = |limit: u32| {
        let rule = format!("deny many on \"order\" when args.n > {limit} because \"many\"\n@shadow deny some on \"order\" when args.n > 1\n");
        let test = "test \"t\" { input { agent: {id: \"x\"}, tool: {name: \"order\"}, args: {n: 500} } expect deny by many }\n";
        format!("package p\ntool \"order\" {{ args {{ n: int }} }}\nallow few on \"order\" when args.n < 20\n{rule}{test}")
    };
    let logged = json!({"input": {"agent": {"id": "x"}, "tool": {"name": "order"}, "args": {"n": 15}}, "effect": "deny"});
    let folder = Folder::new(&[("old/a.toll", &policy(10)), ("new/a.toll", &policy(20)), ("log.jsonl", &logged.to_string())]);
    hold(&folder, "mutation", &folder.run(&["test", "--mutate", "--format", "json", "old"]).json());
    let differences = folder.run(&["diff", "old", "new", "--format", "json"]).json();
    assert_ne!(differences["differences"], json!([]));
    hold(&folder, "diff", &differences);
    let replayed = folder.run(&["replay", "log.jsonl", "-p", "new", "--shadow-report", "--format", "json"]).json();
    assert_eq!((&replayed["changed"], &replayed["shadow"][0]["rule"]), (&json!(1), &json!("p.some")));
    hold(&folder, "replay", &replayed);
    for more in [&["--against", "old"][..], &["--used", "log.jsonl"]] {
        let args = [&["access", "new", "--agent", r#"{"id": "x"}"#, "--format", "json"], more].concat();
        let reviewed = folder.run(&args).json();
        assert_ne!((&reviewed["changes"], &reviewed["outlooks"]), (&json!([]), &json!([])));
        hold(&folder, "access", &reviewed);
    }
}
