//! `tollgate why-not`: the fewest conditions that kept a rule from matching.

mod json;
mod pretty;
mod verdict;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::nearest;
use tollgate_evaluator::Engine;

use crate::args::{Format, WhyNotArgs};
use crate::output::{Failure, Outcome, Result, print, print_json, report};
use crate::project::Project;

use super::eval::requests::Requests;
use verdict::Asked;

/// How many rules are named where none has a name like the one that is asked for.
const SHOWN_RULES: usize = 12;

/// Says of each request why the rule did not match, or that it did.
pub fn run(args: &WhyNotArgs) -> Result {
    let project = Project::find(&args.set.paths)?;
    let Some(set) = project.check_cleanly(args.format)? else { return Ok(Outcome::Found) };
    let Some(engine) = engine(&set, args.format)? else { return Ok(Outcome::Found) };
    let engine = engine.with_limits(project.limits);
    project.bind(&engine, &args.data)?;
    let rule = full_name(&engine, &args.rule)?;
    let mut requests = Requests::open(&args.input, engine.limits().input_bytes)?;
    while let Some(request) = requests.next()? {
        let asked = Asked::new(&engine, &rule, &request);
        match args.format {
            Format::Pretty => print(&pretty::text(&asked))?,
            Format::Json if requests.is_single() => print_json(&json::of(&asked))?,
            Format::Json => print(&format!("{}\n", serde_json::to_string(&json::of(&asked)).map_err(Failure::new)?))?,
        }
    }
    Ok(Outcome::Clean)
}

fn engine(set: &PolicySet, format: Format) -> Result<Option<Engine>> {
    match set.compile() {
        Ok(compiled) => compiled.into_engine().map(Some).map_err(Failure::new),
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), format);
            Ok(None)
        }
    }
}

/// The full name of a rule, given by it or by its last part.
fn full_name(engine: &Engine, name: &str) -> Result<String> {
    let names = || engine.plan().rules.iter().map(|rule| &*rule.name);
    let last = |full: &'_ str| full.rsplit('.').next().unwrap_or_default().to_owned();
    if names().any(|full| full == name) {
        return Ok(name.to_owned());
    }
    let ending: Vec<&str> = names().filter(|full| last(full) == name).collect();
    match ending.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => {
            let near = nearest(name, names()).or_else(|| nearest(name, names().map(last)));
            let listed = || names().take(SHOWN_RULES).collect::<Vec<_>>().join(", ");
            let more = if names().count() > SHOWN_RULES { ", …" } else { "" };
            let help = near.map_or_else(|| format!("; there are {}{more}", listed()), |near| format!("; is `{near}` meant?"));
            Err(Failure::Because(format!("no rule `{name}`{help}")))
        }
        several => Err(Failure::Because(format!("`{name}` may be any of {}", several.join(", ")))),
    }
}
