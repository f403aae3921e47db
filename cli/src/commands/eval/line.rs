//! Decisions of many requests for people: one line each, and a summary.

use serde::Deserialize;
use tollgate_evaluator::{Decision, Effect, Origin, Problem};

use crate::output::{Paint, count, tame};

/// Columns of the tool, and of the rules.
const TOOL: usize = 22;
const RULES: usize = 38;

/// How many decisions there were of each effect.
#[derive(Debug, Default)]
pub struct Tally {
    allowed: usize,
    to_review: usize,
    denied: usize,
}

impl Tally {
    /// The line of a decision about a request, which is counted.
    pub fn line(&mut self, request: &[u8], decision: &Decision, paint: Paint) -> String {
        let number = match decision.effect() {
            Effect::Allow => &mut self.allowed,
            Effect::Review => &mut self.to_review,
            Effect::Deny => &mut self.denied,
        };
        *number += 1;
        let rules = decision.rules().collect::<Vec<_>>().join(", ");
        let rules = if rules.is_empty() { "-" } else { &rules };
        let line =
            format!("{}  {:TOOL$}  {rules:RULES$}  {}", effect(decision.effect(), paint), tool(request), tame(&why(decision)).replace('\n', " "));
        line.trim_end().to_owned()
    }

    /// The last line.
    pub fn summary(&self) -> String {
        let all = self.allowed + self.to_review + self.denied;
        format!("\n{}: {} allowed, {} to review, {} denied", count(all, "request"), self.allowed, self.to_review, self.denied)
    }
}

fn effect(effect: Effect, paint: Paint) -> String {
    let word = format!("{:6}", effect.name());
    match effect {
        Effect::Allow => paint.good(word),
        Effect::Review => paint.notable(word),
        Effect::Deny => paint.bad(word),
    }
}

/// The reasons, and where nothing was evaluated the errors.
fn why(decision: &Decision) -> String {
    let reasons = decision.reasons().map(|reason| reason.text.to_owned());
    reasons.chain(decision.errors().map(problem)).collect::<Vec<_>>().join("; ")
}

fn problem(problem: Problem<'_>) -> String {
    match problem.origin {
        Origin::Path(path) if !path.is_empty() => format!("{path}: {}", problem.message),
        _ => problem.message.to_owned(),
    }
}

/// The tool that a request names, as far as it can be read.
fn tool(request: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Request {
        tool: Tool,
    }
    #[derive(Deserialize)]
    struct Tool {
        #[serde(default)]
        server: String,
        name: String,
    }
    match serde_json::from_slice(request) {
        Ok(Request { tool: Tool { server, name } }) if server.is_empty() => tame(&name),
        Ok(Request { tool: Tool { server, name } }) => tame(&format!("{server}/{name}")),
        Err(_) => "-".to_owned(),
    }
}
