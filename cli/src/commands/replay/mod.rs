//! `tollgate replay`: decides recorded calls again, and says which decisions have changed.

pub(super) mod entry;
mod html;
pub(super) mod lines;
mod report;
mod tally;

use std::path::Path;
use std::time::Instant;

use indicatif::ProgressBar;
use rayon::prelude::*;
use tollgate_compiler::lower::LowerOptions;
use tollgate_evaluator::{Decision, Engine};

use crate::args::{Format, ReplayArgs, ReplayFormat};
use crate::files;
use crate::output::{Failure, Outcome, Result, bar, print, print_json, report};
use crate::project::Project;

use super::test::MOST_THREADS;

use entry::{Entry, NO_DECISION, Recorded};
use lines::{Batch, each_batch};
use report::Replayed;
use tally::{Before, Place, Tally};

/// How many lines one thread takes at a time.
const CHUNK: usize = 256;
/// The stack of the threads that decide: as large as a main thread's.
const STACK: usize = 8 << 20;
/// Bytes that a log's line may have beside its request.
pub(super) const BESIDE: usize = 1 << 20;

/// Replays the logs.
pub fn run(args: &ReplayArgs) -> Result {
    let project = Project::find(&args.policy)?;
    let errors = if args.format == ReplayFormat::Json { Format::Json } else { Format::Pretty };
    let Some(policy) = of_project(&project, args, errors)? else { return Ok(Outcome::Found) };
    let against = match &args.against {
        None => None,
        Some(path) => match other(path, args, errors)? {
            Some(engine) => Some(engine),
            None => return Ok(Outcome::Found),
        },
    };
    let replaying = Replaying { args, policy: &policy, against: against.as_ref() };
    let begin = Instant::now();
    let tally = replaying.all()?;
    if tally.decisions == 0 {
        return Err(Failure::new("the logs have no request"));
    }
    let replayed = Replayed { args, tally: &tally, seconds: begin.elapsed().as_secs_f64() };
    match args.format {
        ReplayFormat::Pretty => print(&replayed.words())?,
        ReplayFormat::Json => print_json(&replayed.json())?,
        ReplayFormat::Html => print(&html::page(&replayed))?,
    }
    // What could not be compared proves nothing, nor do lines of which none is a request of this policy.
    Ok(Outcome::found(tally.changed() > 0 || tally.unread() > 0 || tally.refusals() == tally.decisions))
}

/// The engine of a set with its data; `None`, after a report, where the set has errors.
fn of_project(project: &Project, args: &ReplayArgs, errors: Format) -> Result<Option<Engine>> {
    let Some(set) = project.check_cleanly(errors)? else { return Ok(None) };
    let lowered = match set.lower(&LowerOptions::default()) {
        Ok(lowered) => lowered,
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), errors);
            return Ok(None);
        }
    };
    let engine = Engine::new(lowered.plan).map_err(Failure::new)?.with_limits(project.limits);
    project.bind(&engine, &args.data)?;
    Ok(Some(engine))
}

/// The engine that decisions are compared with: of a policy set, or of a compiled plan.
fn other(path: &Path, args: &ReplayArgs, errors: Format) -> Result<Option<Engine>> {
    if path.is_dir() || path.extension().is_some_and(|extension| extension == "toll") {
        return of_project(&Project::find(&[path.to_owned()])?, args, errors);
    }
    let project = Project::default();
    let bytes = files::read(path, project.limits.data_bytes)?;
    let engine = Engine::load(&bytes).map_err(|error| Failure::file("load", path, error))?;
    project.bind(&engine, &args.data)?;
    Ok(Some(engine))
}

struct Replaying<'r> {
    args: &'r ReplayArgs,
    policy: &'r Engine,
    against: Option<&'r Engine>,
}

impl Replaying<'_> {
    fn all(&self) -> Result<Tally> {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(self.args.jobs.map_or(0, |jobs| jobs.get().min(MOST_THREADS))).stack_size(STACK);
        let pool = threads.build().map_err(Failure::new)?;
        let progress = progress(&self.args.logs);
        let mut tally = Tally::default();
        for (log, path) in self.args.logs.iter().enumerate() {
            each_batch(path, self.policy.limits().input_bytes + BESIDE, pool.current_num_threads(), |batch| {
                let parts: Vec<Tally> = pool.install(|| {
                    let starts: Vec<usize> = (0..batch.len()).step_by(CHUNK).collect();
                    starts.into_par_iter().map(|start| self.chunk(log, batch, start)).collect()
                });
                parts.into_iter().for_each(|part| tally.add(part));
                progress.inc(batch.read);
                progress.set_message(format!("{} decisions", tally.decisions));
            })?;
        }
        progress.finish_and_clear();
        Ok(tally)
    }

    fn chunk(&self, log: usize, batch: &Batch, start: usize) -> Tally {
        let (mut tally, mut before, mut after) = (Tally::default(), Decision::default(), Decision::default());
        for (number, line) in batch.lines(start, CHUNK) {
            let Entry { input, recorded } = Entry::of(line);
            self.policy.decide_into(input, &mut after);
            let place = Place { log, line: number };
            let old = match (self.against, &recorded) {
                (_, Recorded::Broken(why)) => {
                    tally.unreadable(why, place, line);
                    None
                }
                (Some(against), _) => {
                    against.decide_into(input, &mut before);
                    Some(Before::Decision(&before))
                }
                (None, Recorded::Decision(logged)) => Some(Before::Logged(logged)),
                (None, Recorded::Nothing) => None,
                (None, Recorded::Unreadable) => {
                    tally.unreadable(NO_DECISION, place, line);
                    None
                }
            };
            tally.count(old, &after, place, input, self.args.shadow_report);
        }
        tally
    }
}

/// A bar over the bytes of all logs.
fn progress(logs: &[std::path::PathBuf]) -> ProgressBar {
    bar(logs.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum())
}
