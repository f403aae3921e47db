//! `tollgate fmt`: the one layout of policy files.

use std::path::Path;

use tollgate_compiler::Sources;
use tollgate_compiler::format::format;
use tollgate_compiler::sources::read_text;

use crate::args::{FmtArgs, Format};
use crate::output::{Failure, Outcome, Result, complain, count, print, report};
use crate::project::Project;

/// Formats files, or standard input.
pub fn run(args: &FmtArgs) -> Result {
    if args.stdin {
        return stdin(args.format);
    }
    let project = Project::find(&args.set.paths)?;
    let sources = Sources::read(&project.roots).map_err(Failure::new)?;
    let mut changed = 0;
    let mut broken = 0;
    for source in sources.files() {
        match formatted(&source.path, &source.text, args.format) {
            None => broken += 1,
            Some(text) if *text == *source.text => {}
            Some(_) if args.check => {
                changed += 1;
                print(&format!("{}\n", source.path))?;
            }
            Some(text) => {
                changed += 1;
                let path = Path::new(&source.path);
                std::fs::write(path, text).map_err(|error| Failure::file("write", path, error))?;
            }
        }
    }
    summary(args, sources.files().len(), changed, broken);
    Ok(Outcome::found(broken > 0 || (args.check && changed > 0)))
}

fn stdin(format: Format) -> Result {
    let text = read_text(std::io::stdin().lock()).map_err(|error| Failure::Because(format!("cannot read standard input: {error}")))?;
    match formatted("<stdin>", &text, format) {
        Some(text) => print(&text).map(|()| Outcome::Clean),
        None => Ok(Outcome::Found),
    }
}

/// The text laid out; `None`, after a report, where it has syntax errors.
fn formatted(path: &str, text: &str, errors: Format) -> Option<String> {
    format(text).map_err(|diagnostics| report(&diagnostics, &Sources::of(path, text), errors)).ok()
}

fn summary(args: &FmtArgs, files: usize, changed: usize, broken: usize) {
    if args.format == Format::Json {
        return;
    }
    let doing = if args.check { "not in the canonical layout" } else { "formatted" };
    let mut line = format!("{changed} of {} {doing}", count(files, "file"));
    if broken > 0 {
        line.push_str(&format!(", {} with syntax errors left alone", count(broken, "file")));
    }
    complain(&(line + "\n"));
}
