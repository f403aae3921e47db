//! The example of every built-in function, and the types that the functions name.

use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::lower::lower;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Engine, Kept};
use tollgate_stdlib::Sig;

fn empty_set() -> PolicySet {
    PolicySet::check(Sources::of("examples.toll", "package examples"))
}

#[test]
fn every_example_is_true() {
    let set = empty_set();
    let mut failures = Vec::new();
    for function in tollgate_stdlib::all() {
        if let Err(problem) = holds(&set, function.example) {
            failures.push(format!("{}: `{}`: {problem}", function.key, function.example));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn holds(set: &PolicySet, example: &str) -> Result<(), String> {
    let question = set.check_expression(example, None).map_err(|(_, diagnostics)| {
        let messages: Vec<String> = diagnostics.into_iter().map(|diagnostic| diagnostic.message).collect();
        messages.join("; ")
    })?;
    let options = LowerOptions { questions: &[(example, &question.expr)], ..LowerOptions::default() };
    let lowered = lower(&question.program, &options).map_err(|diagnostics| format!("{diagnostics:?}"))?;
    let testing = lowered.testing.ok_or("no query")?;
    let query = *testing.questions.first().ok_or("no query")?;
    let engine = Engine::new(testing.plan).map_err(|error| error.to_string())?;
    match engine.query(query as usize, &[], None).map_err(|error| error.to_string())? {
        Kept::Bool(true) => Ok(()),
        other => Err(format!("it is {other:?}")),
    }
}

#[test]
fn every_example_uses_its_function() {
    for function in tollgate_stdlib::all() {
        assert!(function.example.contains(&format!(".{}(", function.name)), "{} is not in its example `{}`", function.key, function.example);
        assert!(!function.doc.is_empty(), "{} has no documentation", function.key);
    }
}

#[test]
fn every_type_that_a_function_names_is_declared() {
    let std_source = tollgate_stdlib::SOURCES.iter().map(|(_, text)| *text).collect::<String>();
    for function in tollgate_stdlib::all() {
        for sig in function.params.iter().map(|param| param.sig).chain([function.result]) {
            for name in named(&sig) {
                assert!(std_source.contains(&format!("type {name} ")), "{} names the type {name}, which std does not declare", function.key);
            }
        }
    }
}

fn named(sig: &Sig) -> Vec<&'static str> {
    match sig {
        Sig::Named(name) => vec![*name],
        Sig::List(inner) | Sig::Set(inner) | Sig::Map(inner) | Sig::Collection(inner) | Sig::Sequence(inner) | Sig::Optional(inner) => named(inner),
        Sig::Lambda(input, output) => [named(input), named(output)].concat(),
        _ => Vec::new(),
    }
}
