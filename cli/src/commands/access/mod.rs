//! `tollgate access`: who may call what, and under what conditions.

mod agents;
mod changes;
mod csv;
mod html;
mod json;
mod pretty;
mod table;
mod usage;
pub mod words;

use std::path::Path;

use tollgate_compiler::PolicySet;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::residual::{Redefined, Residuals};
use tollgate_evaluator::Effect;

use crate::args::{AccessArgs, AccessFormat, Format};
use crate::output::{Failure, Outcome, Result, print, print_json, report, tame};
use crate::project::Project;

use agents::Subject;
use changes::Changes;
use table::{Row, Table};
use usage::Usage;

/// What a review has found.
struct Review {
    table: Table,
    usage: Option<Usage>,
}

/// Reviews, or compares two reviews.
pub fn run(args: &AccessArgs) -> Result {
    let errors = if args.format == AccessFormat::Json { Format::Json } else { Format::Pretty };
    let project = Project::find(&args.set.paths)?;
    let Some(set) = project.check_cleanly(errors)? else { return Ok(Outcome::Found) };
    let Some(residuals) = residuals(&project, &set, &args.data, errors)? else { return Ok(Outcome::Found) };
    if args.against.is_none() {
        each_is_meant(&args.tool, &[&residuals])?;
    }
    if let Some(old) = &args.against {
        return compare(args, old, &residuals, errors);
    }
    let mut subjects = agents::subjects(args, &residuals)?;
    let usage = if args.used.is_empty() { None } else { Some(Usage::count(&args.used, &residuals)?) };
    if let Some(usage) = &usage
        && args.agent.is_empty()
        && args.agents.is_empty()
    {
        subjects = usage.agents().map(|id| Subject::of_id(id, args)).collect::<Result<_>>()?;
    }
    let review = Review { table: Table::new(&residuals, &subjects, &args.tool)?, usage };
    match args.format {
        AccessFormat::Pretty => print(&pretty::review(&review))?,
        AccessFormat::Json => print_json(&json::review(&review))?,
        AccessFormat::Csv => print(&csv::review(&review))?,
        AccessFormat::Html => print(&html::review(&review)?)?,
    }
    Ok(Outcome::Clean)
}

fn compare(args: &AccessArgs, old: &Path, new: &Residuals<'_>, errors: Format) -> Result {
    let project = Project::find(&[old.to_owned()])?;
    let Some(set) = project.check_cleanly(errors)? else { return Ok(Outcome::Found) };
    let Some(old) = residuals(&project, &set, &args.data, errors)? else { return Ok(Outcome::Found) };
    each_is_meant(&args.tool, &[&old, new])?;
    let mut subjects = agents::subjects(args, new)?;
    // An agent that has gone may have had something.
    for subject in agents::subjects(args, &old)? {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    let tables = (Table::new(&old, &subjects, &args.tool)?, Table::new(new, &subjects, &args.tool)?);
    let redefined = Redefined::between(&old, new);
    let changes = Changes::between(&tables.0, &tables.1, &redefined);
    match args.format {
        AccessFormat::Pretty => print(&pretty::changes(&changes))?,
        AccessFormat::Json => print_json(&json::changes(&changes))?,
        AccessFormat::Csv => print(&csv::changes(&changes))?,
        AccessFormat::Html => print(&html::changes(&changes)?)?,
    }
    Ok(Outcome::found(!changes.cells.is_empty() || !changes.types.is_empty()))
}

/// Refuses a pattern that means no tool of any set: it is more likely mistyped than meant.
fn each_is_meant(patterns: &[String], sets: &[&Residuals<'_>]) -> Result<()> {
    for pattern in patterns {
        let means_one = |residuals: &&Residuals<'_>| residuals.tools().any(|tool| tollgate_compiler::residual::is_meant(pattern, tool.as_ref()));
        if !sets.iter().any(means_one) {
            return Err(Failure::Because(format!("`--tool {}` means no declared tool", tame(pattern))));
        }
    }
    Ok(())
}

/// What may be allowed and no recorded call has used.
fn unused<'t>(table: &'t Table, usage: &Usage) -> impl Iterator<Item = (&'t Row, &'t str)> {
    let may_be_allowed = |row: &Row, place: usize| table.outlook(row, place).is_some_and(|outlook| outlook.may(Effect::Allow));
    let cells = table.rows.iter().flat_map(|row| table.tools.iter().enumerate().map(move |(place, tool)| (row, place, tool.as_str())));
    cells.filter(move |(row, place, tool)| may_be_allowed(row, *place) && usage.of(&row.subject.label, tool) == 0).map(|(row, _, tool)| (row, tool))
}

/// What a set comes to where only some of a request is known, with its data; `None`, after a report, where it cannot be compiled.
pub fn residuals<'s>(project: &Project, set: &'s PolicySet, data: &[String], errors: Format) -> Result<Option<Residuals<'s>>> {
    let lowered = match set.lower(&LowerOptions { outline: true, ..LowerOptions::default() }) {
        Ok(lowered) => lowered,
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), errors);
            return Ok(None);
        }
    };
    let residuals = Residuals::new(set, lowered).map_err(Failure::new)?.with_limits(project.limits);
    project.bind(residuals.engine(), data)?;
    Ok(Some(residuals))
}
