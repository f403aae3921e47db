//! How long an author waits: for the tests after an edit (`test --watch`), for a mutation run, and for a log to be decided again. The command itself is
//! timed, as its users would with a watch.

use std::error::Error;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tollgate_compiler::lower::LowerOptions;
use tollgate_compiler::testing::Suite;
use tollgate_compiler::{PolicySet, Sources};

const TOLLGATE: &str = env!("CARGO_BIN_EXE_tollgate");
/// Rules, and tests, of the policy that is watched.
const WATCHED: usize = 1_000;
const EDITS: usize = 9;
/// Rules, and tests, of the policy that is broken on purpose.
const MUTATED: usize = 100;
/// Lines of the log.
const LOGGED: usize = 400_000;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // `cargo test` runs benchmarks to see whether they work.
    let is_tried = std::env::args().any(|arg| arg == "--test");
    let size = |size: usize| if is_tried { size / 100 + 1 } else { size };
    watch(size(WATCHED))?;
    mutate(size(MUTATED))?;
    replay(size(LOGGED))
}

/// So many rules about ten tools, each with two conditions of its own and a test.
fn policy(rules: usize) -> String {
    let tools = (0..10).map(|tool| format!("tool \"desk/t{tool}\" {{ args {{ rows: int, to: string }} }}\n"));
    let rule = |n: usize| {
        let tool = n % 10;
        let input = |rows: usize| {
            format!(
                "agent: {{id: \"a{n}\"}}, tool: {{server: \"desk\", name: \"t{tool}\"}}, args: {{rows: {rows}, to: \"b\"}}, context: {{environment: \"dev\"}}"
            )
        };
        format!(
            "\ndeny r{n} on \"desk/t{tool}\" when agent.id == \"a{n}\" and args.rows > {n} because \"{{args.rows}} rows\"\n\
             test \"r{n}\" {{ input {{ {} }} expect deny by r{n} }}\n",
            input(n + 1)
        )
    };
    format!("package desk\n\n{}{}", tools.collect::<String>(), (0..rules).map(rule).collect::<String>())
}

fn folder(policy: &str) -> Result<TempDir> {
    let folder = TempDir::new()?;
    std::fs::write(folder.path().join("desk.toll"), policy)?;
    Ok(folder)
}

/// From a saved edit of one rule to the last line that the watching command prints of it, its looking for changes included.
fn watch(rules: usize) -> Result<()> {
    let policy = policy(rules);
    let folder = folder(&policy)?;
    let mut watching = Command::new(TOLLGATE).args(["test", "--watch"]).arg(folder.path()).stdout(Stdio::piped()).spawn()?;
    let mut lines = BufReader::new(watching.stdout.take().ok_or("no output")?).lines();
    let mut last = lines.next().ok_or("nothing was run")??;
    let mut times = Vec::new();
    for edit in 1..=EDITS {
        // Another length, whatever a file system's clock says.
        let edited = policy.replacen("args.rows > 0 ", &format!("args.rows > {}0 ", "0".repeat(edit)), 1);
        let written = folder.path().join("edited");
        std::fs::write(&written, edited)?;
        let start = Instant::now();
        std::fs::rename(&written, folder.path().join("desk.toll"))?;
        last = lines.next().ok_or("the command ended")??;
        times.push(start.elapsed());
        std::thread::sleep(Duration::from_millis(200));
    }
    watching.kill()?;
    watching.wait()?;
    times.sort();
    let median = times.get(times.len() / 2).ok_or("no edits")?;
    println!("watch: {rules} rules, one edited: {:.0} ms until its tests have run again (median of {EDITS}); {last}", median.as_secs_f64() * 1e3);
    Ok(())
}

fn mutate(rules: usize) -> Result<()> {
    let folder = folder(&policy(rules))?;
    let start = Instant::now();
    let output = Command::new(TOLLGATE).args(["test", "--mutate"]).arg(folder.path()).output()?;
    let elapsed = start.elapsed();
    let text = String::from_utf8(output.stdout)?;
    println!("mutation: {rules} rules, {rules} tests, in {:.1} s: {}", elapsed.as_secs_f64(), text.lines().last().unwrap_or_default());
    Ok(())
}

/// The requests of the AgentDojo example's own tests, over and over, decided again by one thread.
fn replay(lines: usize) -> Result<()> {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/agentdojo");
    let requests = requests(&example)?;
    let folder = TempDir::new()?;
    let log = folder.path().join("log.jsonl");
    let text: Vec<String> = requests.iter().cycle().take(lines).map(|request| format!("{{\"input\":{request},\"effect\":\"allow\"}}\n")).collect();
    std::fs::write(&log, text.concat())?;
    let start = Instant::now();
    let output = Command::new(TOLLGATE).args(["replay", "--jobs", "1", "--format", "json", "--policy"]).args([&example, &log]).output()?;
    let elapsed = start.elapsed();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let bytes = requests.iter().map(String::len).sum::<usize>() / requests.len().max(1);
    let a_second = lines as f64 / elapsed.as_secs_f64();
    let decisions = report.get("decisions").ok_or("no report")?;
    println!("replay: {decisions} decisions of {bytes} bytes on average: {a_second:.0} a second with one thread");
    Ok(())
}

fn requests(example: &Path) -> Result<Vec<String>> {
    let set = PolicySet::check(Sources::read(&[PathBuf::from(example)])?);
    let lowered = set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).map_err(|_| "the example does not compile")?;
    let suite = Suite::new(lowered.testing.ok_or("no tests")?)?;
    let requests = suite.cases().iter().flat_map(|case| suite.requests(case)).map(String::from_utf8).collect::<std::result::Result<_, _>>()?;
    Ok(requests)
}
