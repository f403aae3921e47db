//! Sessions without a model: correct calls of the user's task, and hijacked ones that make the
//! attacker's calls right after the first read that shows the injected text.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::session::{Call, Session};

#[derive(Deserialize)]
struct Prepared {
    suite: String,
    injection_task: Option<String>,
    prompt: String,
    calls: Vec<PreparedCall>,
}

#[derive(Deserialize)]
struct PreparedCall {
    tool: String,
    args: Value,
    result: String,
    attacker: bool,
}

/// The sessions that `prepare.py` wrote.
pub fn prepared(folder: &Path) -> Result<Vec<Session>, String> {
    let traces: Vec<Prepared> = json_lines(&folder.join("traces.jsonl"))?;
    Ok(traces.into_iter().map(Prepared::into_session).collect())
}

impl Prepared {
    fn into_session(self) -> Session {
        let calls = self.calls.into_iter().map(|call| Call { tool: call.tool, args: call.args, result: call.result, by_attacker: call.attacker });
        Session { suite: self.suite, prompt: self.prompt, attacked: self.injection_task.is_some(), calls: calls.collect() }
    }
}

#[derive(Deserialize)]
struct Pair {
    suite: String,
    user_task: String,
    injection_task: String,
    first_injected_read_step: Option<usize>,
    n_injection_steps: usize,
}

#[derive(Deserialize)]
struct Step {
    suite: String,
    task_id: String,
    tool: String,
    args: Value,
    goal: String,
    #[serde(default)]
    result: Option<String>,
}

/// The pairs of user task and attack that a corpus lists, as far as the attack has calls.
pub fn pairs(corpus: &Path) -> Result<Vec<Session>, String> {
    let steps: Vec<Step> = json_lines(&corpus.join("ground_truth.jsonl"))?;
    let mut tasks = Tasks::new();
    for step in steps {
        let key = (step.suite.clone(), step.task_id.clone());
        tasks.entry(key).or_default().push(step);
    }
    let pairs: Vec<Pair> = json_lines(&corpus.join("hijack_pairs.jsonl"))?;
    let replayable = pairs.iter().filter(|pair| pair.n_injection_steps > 0);
    replayable.map(|pair| hijacked(pair, &tasks)).collect()
}

/// The correct calls of each task, by suite and task.
type Tasks = HashMap<(String, String), Vec<Step>>;

fn hijacked(pair: &Pair, tasks: &Tasks) -> Result<Session, String> {
    let user = calls_of(&pair.suite, &pair.user_task, tasks)?;
    let attack = calls_of(&pair.suite, &pair.injection_task, tasks)?;
    let read = pair.first_injected_read_step;
    let kept = read.map_or(user.len(), |step| step.saturating_add(1));
    let by_user = user.iter().take(kept).map(|step| step.call(false));
    Ok(Session {
        suite: pair.suite.clone(),
        prompt: user.first().map(|step| step.goal.clone()).unwrap_or_default(),
        attacked: true,
        calls: by_user.chain(attack.iter().map(|step| step.call(true))).collect(),
    })
}

fn calls_of<'a>(suite: &str, task: &str, tasks: &'a Tasks) -> Result<&'a [Step], String> {
    let steps = tasks.get(&(suite.to_owned(), task.to_owned())).map(Vec::as_slice);
    steps.ok_or_else(|| format!("ground_truth.jsonl has no calls of `{task}` in `{suite}`"))
}

impl Step {
    fn call(&self, by_attacker: bool) -> Call {
        Call { tool: self.tool.clone(), args: self.args.clone(), result: self.result.clone().unwrap_or_default(), by_attacker }
    }
}

/// The values of a JSON Lines file.
fn json_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    lines_of(BufReader::new(file), path)
}

/// The values of JSON Lines, `path` saying where they come from.
pub fn lines_of<T: DeserializeOwned>(lines: impl BufRead, path: &Path) -> Result<Vec<T>, String> {
    let mut values = Vec::new();
    for (number, line) in lines.lines().enumerate() {
        let at = |e: &dyn std::fmt::Display| format!("{}:{}: {e}", path.display(), number + 1);
        let line = line.map_err(|e| at(&e))?;
        values.push(serde_json::from_str(&line).map_err(|e| at(&e))?);
    }
    Ok(values)
}
