//! Recorded runs of real models: attacks that succeeded, and honest sessions that did their task.

use std::collections::HashMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use flate2::read::GzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::session::{Call, Session};
use crate::traces::lines_of;

#[derive(Deserialize)]
struct Run {
    suite: String,
    user_task: String,
    attack: Option<String>,
    attack_succeeded: Option<bool>,
    utility: Option<bool>,
    prompt: String,
    calls: Vec<RunCall>,
}

#[derive(Deserialize)]
struct RunCall {
    tool: String,
    args: Value,
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    result_ref: Option<String>,
    label: String,
    #[serde(default)]
    flow: HashMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
struct FullResult {
    r#ref: String,
    text: String,
}

/// The runs that count: successful attacks, and user tasks done without an attack.
pub fn runs(corpus: &Path) -> Result<Vec<Session>, String> {
    let results: Vec<FullResult> = gzip_lines(&corpus.join("results.jsonl.gz"))?;
    let results: HashMap<String, String> = results.into_iter().map(|full| (full.r#ref, full.text)).collect();
    let runs: Vec<Run> = gzip_lines(&corpus.join("runs.jsonl.gz"))?;
    let counted = runs.into_iter().filter(|run| run.is_attack() || run.is_benign());
    Ok(counted.map(|run| run.into_session(&results)).collect())
}

fn gzip_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let file = File::open(path).map_err(|e| format!("{}: {e}", path.display()))?;
    lines_of(BufReader::new(GzDecoder::new(file)), path)
}

impl Run {
    fn is_attack(&self) -> bool {
        self.attack_succeeded == Some(true)
    }

    /// Runs that were given an attack's goal as the user's own request are left out.
    fn is_benign(&self) -> bool {
        self.attack.is_none() && self.utility == Some(true) && self.user_task.starts_with("user")
    }

    fn into_session(self, results: &HashMap<String, String>) -> Session {
        let attacked = self.is_attack();
        let evidence = if attacked { Evidence::strongest(&self.calls) } else { Evidence::None };
        let calls = self.calls.into_iter().map(|call| Call {
            by_attacker: evidence.holds(&call),
            result: call.full_result(results),
            tool: call.tool,
            args: call.args,
        });
        Session { suite: self.suite, prompt: self.prompt, attacked, calls: calls.collect() }
    }
}

impl RunCall {
    fn full_result(&self, results: &HashMap<String, String>) -> String {
        let full = self.result_ref.as_ref().and_then(|r| results.get(r));
        full.or(self.result.as_ref()).cloned().unwrap_or_default()
    }

    fn carries_injected_value(&self) -> bool {
        let injected = |sources: &Vec<Value>| sources.iter().any(|s| s == "injection") && sources.iter().all(|s| s != "prompt");
        self.flow.values().any(injected)
    }
}

/// How the attacker's calls of a run are told from the user's.
///
/// Not every successful attack has a labelled call; then weaker evidence decides, and where
/// that takes a call of the user's for the attacker's, the attack counts as missed.
enum Evidence {
    /// The corpus labels the call as the attack's.
    Label,
    /// An argument occurs in the injected text and not in the request.
    Value,
    /// The call is not one that the user's task needs.
    Unneeded,
    /// There is no attack.
    None,
}

impl Evidence {
    fn strongest(calls: &[RunCall]) -> Evidence {
        let found = [Evidence::Label, Evidence::Value].into_iter().find(|evidence| calls.iter().any(|call| evidence.holds(call)));
        found.unwrap_or(Evidence::Unneeded)
    }

    fn holds(&self, call: &RunCall) -> bool {
        match self {
            Evidence::Label => call.label.starts_with("inj"),
            Evidence::Value => call.carries_injected_value(),
            Evidence::Unneeded => call.label != "user_exact",
            Evidence::None => false,
        }
    }
}
