//! `tollgate eval`: decisions about requests, or the value of an expression.

pub mod explanation;
mod expression;
mod line;
pub mod requests;

use std::io::{IsTerminal, Write};
use std::path::Path;

use tollgate_compiler::PolicySet;
use tollgate_compiler::lower::LowerOptions;
use tollgate_evaluator::{Decision, Effect, Engine};

use crate::args::{EvalArgs, FailOn, Format};
use crate::files;
use crate::output::{Failure, Outcome, Paint, Result, report, write_failure};
use crate::project::Project;

use line::Tally;
use requests::Requests;

/// Decides each request, or evaluates the expression for it.
pub fn run(args: &EvalArgs) -> Result {
    let project = match &args.plan {
        Some(_) => Project::default(),
        None => Project::find(&args.set.paths)?,
    };
    let format = args.format.unwrap_or(Format::Pretty);
    if let Some(expr) = &args.expr {
        let Some(set) = project.check_cleanly(format)? else { return Ok(Outcome::Found) };
        return expression::run(args, &project, &set, expr);
    }
    let Some(engines) = engines(args, &project, format)? else { return Ok(Outcome::Found) };
    [Some(&engines.deciding), engines.explaining.as_ref()].into_iter().flatten().try_for_each(|engine| project.bind(engine, &args.data))?;
    let Some(input) = &args.input else { return Err(Failure::new("no input is given")) };
    decide_all(args, &engines, input)
}

/// What decides, and what explains where that is another.
struct Engines {
    deciding: Engine,
    explaining: Option<Engine>,
}

/// The engines of the plan or the set; `None`, after a report, where the set has errors.
fn engines(args: &EvalArgs, project: &Project, format: Format) -> Result<Option<Engines>> {
    let (deciding, explaining) = match &args.plan {
        Some(path) => {
            let bytes = files::read(path, project.limits.data_bytes)?;
            (Engine::load(&bytes).map_err(|error| Failure::file("load", path, error))?, None)
        }
        None => {
            let Some(set) = project.check_cleanly(format)? else { return Ok(None) };
            let Some(engine) = compiled(&set, format)? else { return Ok(None) };
            // Of a set that is too large with definitions written out, what decides explains too.
            let unfolded = if args.explain { set.unfolded().ok() } else { None };
            (engine, unfolded.and_then(|plan| Engine::new(plan).ok()))
        }
    };
    let limited = |engine: Engine| engine.with_limits(project.limits);
    Ok(Some(Engines { deciding: limited(deciding), explaining: explaining.map(limited) }))
}

fn compiled(set: &PolicySet, format: Format) -> Result<Option<Engine>> {
    match set.lower(&LowerOptions::default()) {
        Ok(lowered) => Engine::new(lowered.plan).map(Some).map_err(Failure::new),
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), format);
            Ok(None)
        }
    }
}

fn decide_all(args: &EvalArgs, engines: &Engines, input: &Path) -> Result {
    let engine = &engines.deciding;
    let mut requests = Requests::open(input, engine.limits().input_bytes)?;
    // A tree is for people, wherever they read it.
    let format = args.format.or(args.explain.then_some(Format::Pretty));
    let mut results = Results::new(format, requests.is_single());
    // Many decisions laid out in full are nothing that people can look over.
    let mut tally = (results.pretty && !requests.is_single() && !args.explain).then(Tally::default);
    let mut outcome = Outcome::Clean;
    while let Some(request) = requests.next()? {
        let decision = match &mut tally {
            Some(tally) => listed(engine, &request, tally, &mut results)?,
            None if args.explain => explained(engines, &request, args.all, &mut results)?,
            None => decided(engine, &request, &mut results)?,
        };
        outcome = outcome.and(Outcome::found(fails(args.fail_on, &decision)));
    }
    if let Some(tally) = tally {
        results.write(&tally.summary())?;
    }
    Ok(outcome)
}

fn listed(engine: &Engine, request: &[u8], tally: &mut Tally, results: &mut Results) -> Result<Decision> {
    let decision = engine.decide(request);
    results.write(&tally.line(request, &decision, Paint::stdout()))?;
    Ok(decision)
}

fn decided(engine: &Engine, request: &[u8], results: &mut Results) -> Result<Decision> {
    let decision = engine.decide(request);
    results.write_json(&decision.to_json())?;
    Ok(decision)
}

fn explained(engines: &Engines, request: &[u8], all: bool, results: &mut Results) -> Result<Decision> {
    let mut explanation = engines.explaining.as_ref().unwrap_or(&engines.deciding).explain(request);
    if engines.explaining.is_some() {
        explanation.decision = engines.deciding.decide(request);
    }
    if results.pretty {
        results.write_json(&explanation.decision.to_json())?;
        results.write(&format!("\n{}", explanation::tree(&explanation, all)))?;
    } else {
        results.write_json(&explanation.to_json())?;
    }
    Ok(explanation.decision)
}

fn fails(fail_on: Option<FailOn>, decision: &Decision) -> bool {
    match fail_on {
        None => false,
        Some(FailOn::Deny) => decision.effect() == Effect::Deny,
        Some(FailOn::Review) => decision.effect() >= Effect::Review,
    }
}

/// Where results go: one a line, or laid out for people.
struct Results {
    out: std::io::StdoutLock<'static>,
    pretty: bool,
}

impl Results {
    fn new(format: Option<Format>, is_single: bool) -> Results {
        let out = std::io::stdout().lock();
        let pretty = format.map_or(is_single && out.is_terminal(), |format| format == Format::Pretty);
        Results { out, pretty }
    }

    /// Writes a result that is one line of JSON.
    fn write_json(&mut self, json: &str) -> Result<()> {
        if !self.pretty {
            return self.write(json);
        }
        // Numbers and the order of fields stay as they are written.
        self.write(&indented(json))
    }

    fn write(&mut self, text: &str) -> Result<()> {
        // Whoever reads line by line may be waiting for this one.
        writeln!(self.out, "{text}").and_then(|()| self.out.flush()).map_err(write_failure)
    }
}

/// JSON laid out over several lines, every token as it is.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    let mut characters = json.chars().peekable();
    while let Some(character) = characters.next() {
        if in_string {
            out.push(character);
            in_string = escaped || character != '"';
            escaped = character == '\\' && !escaped;
            continue;
        }
        match character {
            '{' | '[' if characters.peek().is_some_and(|next| matches!(next, '}' | ']')) => out.push(character),
            '{' | '[' => {
                depth += 1;
                out.push(character);
                new_line(&mut out, depth);
            }
            '}' | ']' if out.ends_with(['{', '[']) => out.push(character),
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(character);
            }
            ',' => {
                out.push(',');
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            _ => {
                in_string = character == '"';
                out.push(character);
            }
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}
