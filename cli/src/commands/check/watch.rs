//! `tollgate check --watch`: checks again whenever a file changes.

use std::time::Instant;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::render;

use crate::args::{CheckArgs, CheckFormat};
use crate::output::{self, Failure, Result, color_of, complain};
use crate::project::Project;
use crate::stamps::{pause, stamps};

use super::{Count, found};

/// Checks until nobody wants to know any more. What keeps the first look from being made is a failure, and later something to mend.
pub fn run(args: &CheckArgs) -> Result {
    if args.format != CheckFormat::Pretty {
        return Err(Failure::new("`--watch` is for people: it has no other format than `pretty`"));
    }
    let look = |project: &Project| stamps(project, std::iter::empty());
    let mut project = Project::find(&args.set.paths)?;
    let mut seen = look(&project);
    let mut set = project.check()?;
    output::print(&told(&project, &mut set))?;
    loop {
        let start = Instant::now();
        // What cannot be read is told once something has changed.
        project = Project::find(&args.set.paths).unwrap_or(project);
        let now = look(&project);
        pause(start.elapsed());
        if now == seen {
            continue;
        }
        seen = now;
        match Project::find(&args.set.paths).and_then(|found| found.sources()) {
            Ok(sources) => {
                set = set.update(sources);
                output::print(&told(&project, &mut set))?;
            }
            Err(Failure::Because(reason)) => complain(&format!("tollgate: {reason}\n")),
            Err(unread) => return Err(unread),
        }
    }
}

/// What is found, and how much.
fn told(project: &Project, set: &mut PolicySet) -> String {
    let mut findings = found(project, set);
    findings.extend(project.judged(&set.plan_diagnostics()));
    render::render(&findings, set.sources(), color_of(&std::io::stdout())) + &Count::of(&findings).words()
}
