//! `tollgate eval --expr`: the value of an expression.

use tollgate_compiler::PolicySet;
use tollgate_compiler::lower::{LowerOptions, lower};
use tollgate_evaluator::{Engine, EvaluateError, Kept};

use crate::args::{EvalArgs, Format};
use crate::output::{Failure, Outcome, Result, complain, report};
use crate::project::Project;

use super::Results;
use super::requests::Requests;

/// Evaluates the expression for each request, or once without one.
pub fn run(args: &EvalArgs, project: &Project, set: &PolicySet, expr: &str) -> Result {
    let format = args.format.unwrap_or(Format::Pretty);
    let question = match set.check_expression(expr, None) {
        Ok(question) => question,
        Err((sources, diagnostics)) => {
            report(&diagnostics, &sources, format);
            return Ok(Outcome::Found);
        }
    };
    let options = LowerOptions { questions: &[(expr, &question.expr)], ..LowerOptions::default() };
    let testing = match lower(&question.program, &options) {
        Ok(lowered) => lowered.testing.ok_or_else(|| Failure::new("the expression was not compiled"))?,
        Err(diagnostics) => {
            let diagnostics: Vec<_> = diagnostics.iter().map(|found| set.locate(found)).collect();
            report(&diagnostics, set.sources(), format);
            return Ok(Outcome::Found);
        }
    };
    let query = testing.questions.first().copied().unwrap_or_default() as usize;
    let engine = Engine::new(testing.plan).map_err(Failure::new)?.with_limits(project.limits);
    project.bind(&engine, &args.data)?;
    evaluate_all(args, &engine, query)
}

fn evaluate_all(args: &EvalArgs, engine: &Engine, query: usize) -> Result {
    let Some(input) = &args.input else {
        let value = engine.query(query, &[], None);
        return answer(&mut Results::new(args.format, true), value);
    };
    let mut requests = Requests::open(input, engine.limits().input_bytes)?;
    let mut results = Results::new(args.format, requests.is_single());
    let mut outcome = Outcome::Clean;
    while let Some(request) = requests.next()? {
        outcome = outcome.and(answer(&mut results, engine.query(query, &[], Some(&request)))?);
    }
    Ok(outcome)
}

/// Writes the value; where there is none, `null` holds its place and the error is reported.
fn answer(results: &mut Results, value: std::result::Result<Kept, EvaluateError>) -> Result {
    match value {
        Ok(value) => {
            let mut json = Vec::new();
            tollgate_stdlib::write_json(value.view(), &mut json);
            results.write_json(&String::from_utf8_lossy(&json))?;
            Ok(Outcome::Clean)
        }
        Err(error) => {
            results.write("null")?;
            complain(&format!("tollgate: {error}\n"));
            Ok(Outcome::Found)
        }
    }
}
