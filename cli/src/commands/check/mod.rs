//! `tollgate check`: what is wrong with a policy set.

mod sarif;
mod watch;

use std::path::Path;

use serde::Serialize;
use serde_json::Value;
use tollgate_compiler::diagnostic::position::{LineIndex, Position};
use tollgate_compiler::diagnostic::{Diagnostic, Severity, fix, json};
use tollgate_compiler::{PolicySet, Sources, fallible};

use super::import;
use crate::annotations;
use crate::args::{CheckArgs, CheckFormat, Format};
use crate::output::{Failure, Outcome, Paint, Result, color_of, complain, count, print, print_json, report, tame};
use crate::project::Project;

/// Checks a set, that it stays within the evaluator's bounds too, and reports what it finds.
pub fn run(args: &CheckArgs) -> Result {
    if args.watch {
        return watch::run(args);
    }
    let project = Project::find(&args.set.paths)?;
    let set = project.check()?;
    let mut set = if args.fix { fixed(&project, set)? } else { set };
    let mut findings = found(&project, &set);
    findings.extend(project.judged(&set.plan_diagnostics()));
    let drift = import::drift(&args.tools, &set)?;
    findings.extend(project.levels.judged(drift.found));
    // That nothing was compared is a warning without a place.
    let mut count = Count::of(&findings);
    count.warnings += drift.unknown.len();
    match args.format {
        CheckFormat::Json => {
            let mut json = as_json(&set, &findings, args.errors);
            if let (false, Some(fields)) = (args.tools.is_empty(), json.as_object_mut()) {
                fields.insert("drift".to_owned(), import::changes::as_json(&drift.changes));
                fields.insert("unknown_servers".to_owned(), drift.unknown.iter().map(|(server, _)| server.as_str()).collect());
            }
            print_json(&json)?;
        }
        CheckFormat::Sarif => print_json(&sarif::log(&findings, set.sources()))?,
        CheckFormat::Github => print(&annotations::of_diagnostics(&findings, set.sources()))?,
        CheckFormat::Pretty => {
            report(&findings, set.sources(), Format::Pretty);
            for (server, source) in &drift.unknown {
                complain(&tame(&format!("warning: no declared tool is one of the server \"{server}\" of {source}: nothing was compared with it\n")));
            }
            print(&import::changes::shown(&drift.changes, &Paint::new(color_of(&std::io::stdout()))))?;
            if args.errors {
                print(&listed(&set))?;
            }
            if count.errors + count.warnings > 0 {
                complain(&count.words());
            }
        }
    }
    Ok(Outcome::found(count.errors > 0 || (args.deny_warnings && count.warnings > 0)))
}

/// How many findings there are.
struct Count {
    errors: usize,
    warnings: usize,
}

impl Count {
    fn of(findings: &[Diagnostic]) -> Count {
        let number = |severity| findings.iter().filter(|found| found.severity == severity).count();
        Count { errors: number(Severity::Error), warnings: number(Severity::Warning) }
    }

    fn words(&self) -> String {
        format!("{}, {}\n", count(self.errors, "error"), count(self.warnings, "warning"))
    }
}

/// What is wrong with a set, and what its lints find.
fn found(project: &Project, set: &PolicySet) -> Vec<Diagnostic> {
    let mut findings = project.judged(set.diagnostics());
    findings.extend(set.lints(&project.levels));
    findings
}

/// The set with its fixes applied, which are written to its files.
fn fixed(project: &Project, set: PolicySet) -> Result<PolicySet> {
    let own = set.sources().files().iter().take(set.own_files());
    let before = own.fold(Sources::new(), |mut sources, source| {
        sources.add(source.path.clone(), source.text.clone());
        sources
    });
    let after = fix::apply_all(before.clone(), |sources| found(project, &PolicySet::check(sources.clone())));
    let mut changed = 0;
    for (old, new) in before.files().iter().zip(after.files()).filter(|(old, new)| old.text != new.text) {
        let path = Path::new(&old.path);
        std::fs::write(path, &*new.text).map_err(|error| Failure::file("write", path, error))?;
        changed += 1;
    }
    complain(&format!("{} fixed\n", count(changed, "file")));
    Ok(if changed == 0 { set } else { PolicySet::check(after) })
}

/// The diagnostics, and with `--errors` the expressions that can err.
fn as_json(set: &PolicySet, findings: &[Diagnostic], errors: bool) -> Value {
    let mut json = json::to_json(findings, set.sources());
    if let (true, Some(fields)) = (errors, json.as_object_mut()) {
        fields.insert("expressions".to_owned(), serde_json::to_value(expressions(set)).unwrap_or_default());
    }
    json
}

/// An expression whose evaluation can end in an error.
#[derive(Serialize)]
struct Expression<'s> {
    file: &'s str,
    span: Span,
    text: &'s str,
}

#[derive(Serialize)]
struct Span {
    start: Position,
    end: Position,
}

/// The expressions of the set that can err; none where it has errors, for their types are not known then.
fn expressions(set: &PolicySet) -> Vec<Expression<'_>> {
    if set.has_errors() {
        return Vec::new();
    }
    let indexes: Vec<LineIndex<'_>> = set.sources().files().iter().map(|source| LineIndex::new(&source.text)).collect();
    let expression = |at: tollgate_compiler::diagnostic::Location| {
        let source = set.sources().get(at.file)?;
        let index = indexes.get(at.file.0 as usize)?;
        let text = source.text.get(at.span.start as usize..at.span.end as usize)?;
        Some(Expression { file: &source.path, span: Span { start: index.position(at.span.start), end: index.position(at.span.end) }, text })
    };
    fallible(set).into_iter().filter_map(expression).collect()
}

fn listed(set: &PolicySet) -> String {
    let line = |expression: Expression<'_>| {
        let Position { line, column, .. } = expression.span.start;
        let text: Vec<&str> = expression.text.split_whitespace().collect();
        format!("{}:{line}:{column}: {}\n", expression.file, tame(&text.join(" ")))
    };
    expressions(set).into_iter().map(line).collect()
}
