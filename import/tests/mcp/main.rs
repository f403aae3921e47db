//! Real tool lists: every one imports and compiles, and its types take what its schemas take.
//!
//! `TOLLGATE_CORPORA` names the folder with `mcp/*.json`; without it nothing is held against them.

#![cfg(test)]

mod arguments;
mod refresh;
mod three_ways;

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;
use tollgate_import::{Source, mcp};

use arguments::Arguments;

/// How many calls of each tool are made, of which half are broken.
const CALLS: u64 = 60;

/// The calls of all tools of a list, as its schemas and as its policy take them.
#[derive(Debug, Default)]
struct Tally {
    valid: usize,
    invalid: usize,
    refused: usize,
}

#[test]
fn types_take_what_schemas_take() {
    let mut all = Tally::default();
    for (name, text) in lists() {
        let tally = held(&name, &text);
        println!("{name}: {} valid calls taken; of {} others {} refused", tally.valid, tally.invalid, tally.refused);
        all.invalid += tally.invalid;
        all.refused += tally.refused;
    }
    // What is taken beyond the schemas is told in the notes: above all null where an argument may be absent.
    assert!(all.refused * 100 >= all.invalid * 97, "{all:?}");
}

#[test]
fn every_keyword_is_taken_as_schemas_have_it() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/import/mcp/keywords/source/shop.json");
    let tally = held("shop.json", &fs::read_to_string(path).unwrap());
    assert!(tally.valid > 10 && tally.refused > 50, "{tally:?}");
}

#[test]
fn a_refresh_of_what_was_imported_changes_nothing() {
    for (name, text) in lists() {
        let sources = [Source { name: &name, text: &text }];
        let import = mcp::import(&sources, &mcp::Options::default()).unwrap();
        let file = &import.files[0];
        let refreshed =
            mcp::update(&sources, &mcp::Options::default(), &mcp::Known { policy: Source { name: &file.path, text: &file.text }, beside: &[] })
                .unwrap();
        assert_eq!(refreshed.text, file.text);
        assert_eq!((refreshed.changes, refreshed.kept), (Vec::new(), Vec::new()), "{name}");
    }
}

/// The lists by their names; none where there are no corpora.
fn lists() -> Vec<(String, String)> {
    let Some(corpora) = std::env::var_os("TOLLGATE_CORPORA") else {
        eprintln!("TOLLGATE_CORPORA is not set: no real tool lists are looked at");
        return Vec::new();
    };
    let folder = PathBuf::from(corpora).join("mcp");
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "nothing in {}", folder.display());
    paths.iter().map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())).collect()
}

/// Imports a list and holds generated calls to its schemas and to its policy.
fn held(name: &str, text: &str) -> Tally {
    let import = mcp::import(&[Source { name, text }], &mcp::Options::default()).unwrap();
    let mut sources = Sources::new();
    for file in &import.files {
        sources.add(file.path.as_str(), file.text.as_str());
        assert_eq!(tollgate_compiler::format::format(&file.text).unwrap(), file.text);
    }
    let plain = PolicySet::check(sources.clone());
    assert!(plain.diagnostics().is_empty(), "{name}: {:?}", plain.diagnostics());
    let found: Vec<String> = plain.lints(&Levels::default()).into_iter().map(|found| found.message).collect();
    assert_eq!(found, Vec::<String>::new(), "{name}");
    sources.add("all.toll", "package all\n\nallow all");
    let engine = PolicySet::check(sources).compile().unwrap().into_engine().unwrap();
    let listed: Value = serde_json::from_str(text).unwrap();
    let server = import.files[0].path.trim_end_matches(".toll").to_owned();
    let mut tally = Tally::default();
    for tool in listed["tools"].as_array().unwrap() {
        hold_tool(&engine, &server, tool, &mut tally);
    }
    tally
}

fn hold_tool(engine: &Engine, server: &str, tool: &Value, tally: &mut Tally) {
    // Keywords of draft 4 are none of later ones.
    let Ok(validator) = jsonschema::validator_for(&tool["inputSchema"]) else { return };
    for seed in 0..CALLS {
        let mut arguments = Arguments::new(&tool["inputSchema"], seed);
        let mut args = arguments.valid();
        if seed % 2 == 1 {
            arguments.break_one(&mut args);
        }
        let request = json!({"agent": {"id": "a"}, "tool": {"server": server, "name": tool["name"]}, "args": args});
        let decision = engine.decide(request.to_string().as_bytes());
        let is_taken = decision.effect().name() == "allow";
        match (validator.is_valid(&args), is_taken) {
            (true, true) => tally.valid += 1,
            (true, false) => panic!("{}: the schema takes {args}, and the policy says {}", tool["name"], decision.to_json()),
            (false, _) => {
                tally.invalid += 1;
                tally.refused += usize::from(!is_taken);
                if is_taken && std::env::var_os("TOLLGATE_SHOW").is_some() {
                    println!("taken: {} {args}", tool["name"]);
                }
            }
        }
    }
}

#[test]
fn what_is_long_is_read_in_time_with_its_length() {
    const LONG: usize = 50_000;
    let each = |make: &dyn Fn(usize) -> Value| (0..LONG).map(make).collect::<Vec<_>>();
    let named = |make: &dyn Fn(usize) -> (String, Value)| Value::Object((0..LONG).map(make).collect());
    let string = json!({"type": "string", "minLength": 1});
    let schemas = [
        json!({"properties": named(&|at| (format!("p{at}"), string.clone()))}),
        json!({"properties": {"a": {"anyOf": each(&|at| json!({"const": format!("v{at}")}))}}}),
        json!({"properties": {"a": {"oneOf": each(&|at| json!({"const": at}))}}}),
        json!({"anyOf": each(&|at| json!({"properties": {format!("p{at}"): string}}))}),
        json!({"allOf": each(&|at| json!({"properties": {format!("p{at}"): string}}))}),
        json!({"properties": {"a": {"allOf": each(&|at| json!({"type": "string", "pattern": format!("x{at}")}))}}}),
        json!({"$defs": named(&|at| (format!("D{at}"), string.clone())), "allOf": each(&|at| json!({"properties": {"a": {"$ref": format!("#/$defs/D{at}")}}}))}),
        json!({"properties": {"a": {"type": "object"}}, "dependentRequired": named(&|at| (format!("p{at}"), json!(["a"])))}),
    ];
    let started = std::time::Instant::now();
    for schema in schemas {
        let text = json!({"tools": [{"name": "t", "inputSchema": schema}]}).to_string();
        let import = mcp::import(&[Source { name: "long.json", text: &text }], &mcp::Options::default()).unwrap();
        is_strict(&import.files[0].text, "long.json");
        assert!(import.notes.len() < 1000 && import.notes.iter().map(|note| note.text.len()).sum::<usize>() < 100_000);
    }
    // What takes the square of it takes many times as long.
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// Holds that a policy compiles, and a rule may be about all its tools.
fn is_strict(text: &str, name: &str) {
    let mut sources = Sources::of("long.toll", text);
    sources.add("all.toll", "package all\n\nallow all\n  on \"*\"");
    let set = PolicySet::check(sources);
    assert!(!set.has_errors(), "{name}: {:?}", set.diagnostics().first());
    set.compile().unwrap();
}

#[test]
fn what_is_beyond_the_language_is_declared_more_strictly() {
    let named = |count: usize, schema: Value| Value::Object((0..count).map(|at| (format!("p{at}"), schema.clone())).collect());
    let short = json!({"type": "string", "maxLength": 10});
    let tool = |schema: Value| json!([{"name": "t", "inputSchema": schema}]);
    let names: Vec<String> = (0..100_000).map(|at| format!("p{at}")).collect();
    let wide: Vec<Value> = (0..30).map(|at| json!({"name": format!("t{at}"), "inputSchema": {"properties": named(1000, short.clone())}})).collect();
    for (what, tools) in [
        ("conditions", tool(json!({"properties": named(2500, short.clone())}))),
        ("fields", tool(json!({"properties": named(5000, json!({"type": "string"}))}))),
        ("within", tool(json!({"properties": {"a": {"type": "object", "properties": named(4000, short.clone())}}}))),
        ("required", tool(json!({"required": names}))),
        ("required conditions", tool(json!({"properties": named(3000, short.clone()), "required": ["p7"]}))),
        ("several", Value::Array(wide)),
    ] {
        let text = json!({"tools": tools}).to_string();
        let import = mcp::import(&[Source { name: "long.json", text: &text }], &mcp::Options::default()).unwrap();
        is_strict(&import.files[0].text, what);
        assert!(import.notes.iter().any(|note| note.fate == tollgate_import::Fate::Stricter), "{what}");
        assert!(!import.files[0].text.contains("\n    ..\n  }\n}\n\n// As"), "{what}");
    }
}
