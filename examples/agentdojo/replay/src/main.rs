//! Decides AgentDojo sessions, call by call, with the policy of this example, and counts the
//! attacks it stops and the honest sessions it holds up.

/// Prints a line; where nobody reads it any more, that is no reason to fail.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

mod recorded;
mod report;
mod session;
mod traces;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::{Report, Targets};
use session::Session;
use tollgate_evaluator::Engine;

const USAGE: &str = "usage: tollgate-agentdojo-replay [--check] [--policy DIR]

Replays examples/agentdojo/prepared (written by prepare.py) and, where the environment
variable TOLLGATE_CORPORA names a folder with agentdojo/, the recorded runs in it.
  --check       exit with 1 when a target does not hold
  --policy DIR  another policy set than examples/agentdojo";

/// The folder of the example: policies, tools and what `prepare.py` wrote.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

struct Options {
    check: bool,
    policy: PathBuf,
}

fn main() -> ExitCode {
    let Some(options) = options(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match replay(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("tollgate-agentdojo-replay: {message}");
            ExitCode::from(2)
        }
    }
}

fn options(mut words: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options { check: false, policy: PathBuf::from(EXAMPLE) };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--check" => options.check = true,
            "--policy" => options.policy = PathBuf::from(words.next()?),
            _ => return None,
        }
    }
    Some(options)
}

/// Replays what there is to replay; false where a target is to be checked and does not hold.
fn replay(options: &Options) -> Result<bool, String> {
    let engine = compile(&options.policy)?;
    let mut held = true;
    let prepared = Path::new(EXAMPLE).join("prepared");
    if prepared.join("traces.jsonl").is_file() {
        let sessions = traces::prepared(&prepared)?;
        let report = decide("sessions of the package", &engine, sessions, &prepared.join("env"))?;
        held &= report.print(&Targets::PACKAGE);
    } else {
        say!("skipped: the package's own sessions, since prepare.py has not written them");
    }
    match std::env::var_os("TOLLGATE_CORPORA").map(|folder| Path::new(&folder).join("agentdojo")) {
        Some(corpus) if corpus.join("runs.jsonl.gz").is_file() => held &= replay_corpus(&engine, &corpus)?,
        Some(corpus) => say!("skipped: the recorded runs, since `{}` has none", corpus.display()),
        None => say!("skipped: the recorded runs, since TOLLGATE_CORPORA is not set"),
    }
    Ok(held || !options.check)
}

fn replay_corpus(engine: &Engine, corpus: &Path) -> Result<bool, String> {
    let environments = corpus.join("env");
    let runs = decide("recorded runs", engine, recorded::runs(corpus)?, &environments)?;
    let held = runs.print(&Targets::RUNS);
    if !corpus.join("hijack_pairs.jsonl").is_file() {
        return Ok(held);
    }
    let pairs = decide("hijacked sessions", engine, traces::pairs(corpus)?, &environments)?;
    Ok(pairs.print(&Targets::PAIRS) && held)
}

fn compile(policy: &Path) -> Result<Engine, String> {
    let compiled = tollgate_compiler::compile(policy).map_err(|e| format!("{}: {e}", policy.display()))?;
    compiled.into_engine().map_err(|e| e.to_string())
}

/// Decides every call of every session; the directory of a session's suite is bound before it.
fn decide(title: &str, engine: &Engine, mut sessions: Vec<Session>, environments: &Path) -> Result<Report, String> {
    sessions.sort_by(|a, b| a.suite.cmp(&b.suite));
    let mut report = Report::new(title);
    let mut bound = None;
    for session in &sessions {
        if bound != Some(&session.suite) {
            bind(engine, environments, &session.suite)?;
            bound = Some(&session.suite);
        }
        report.count(session, engine)?;
    }
    Ok(report)
}

/// Binds what the user's systems of a suite knew; nothing where no such file is there.
fn bind(engine: &Engine, environments: &Path, suite: &str) -> Result<(), String> {
    let path = environments.join(format!("{suite}.env.json"));
    let json = if path.is_file() {
        std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?
    } else {
        say!("`{suite}` has no directory data in `{}`", environments.display());
        b"{}".to_vec()
    };
    engine.set_data("environment", json).map_err(|e| format!("{}: {e}", path.display()))
}
