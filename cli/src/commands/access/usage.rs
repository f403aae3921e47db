//! Which grants recorded calls have used.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;

use serde::Deserialize;
use tollgate_compiler::residual::Residuals;
use tollgate_evaluator::Effect;

use crate::commands::replay::BESIDE;
use crate::commands::replay::entry::{Entry, Recorded};
use crate::commands::replay::lines::each_batch;
use crate::output::{Result, bar};

/// Agents and undeclared tools that are told apart; calls of further ones are counted alone.
const MAX_NAMES: usize = 100_000;

/// Recorded calls, counted.
#[derive(Debug, Default)]
pub struct Usage {
    /// How many calls there are.
    pub calls: u64,
    /// Calls of declared tools that were not denied, by the agent's id and the tool.
    used: BTreeMap<(String, String), u64>,
    /// The agents that made any call.
    agents: BTreeSet<String>,
    /// Calls of tools that the policy does not declare.
    pub undeclared: BTreeMap<String, u64>,
    /// Lines that are no request with an agent and a tool, or have a decision that is not understood.
    pub unread: u64,
}

#[derive(Deserialize)]
struct Call {
    agent: Named,
    tool: Tool,
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
    #[serde(default)]
    server: Option<String>,
}

impl Usage {
    /// Counts the calls of logs. A call counts by the effect that its log has, or else by what is decided of it now.
    pub fn count(logs: &[PathBuf], residuals: &Residuals<'_>) -> Result<Usage> {
        let tools: HashMap<&str, ()> = residuals.tools().map(|tool| (&**tool, ())).collect();
        let mut usage = Usage::default();
        let progress = bar(logs.iter().filter_map(|path| std::fs::metadata(path).ok()).map(|file| file.len()).sum());
        for path in logs {
            each_batch(path, residuals.engine().limits().input_bytes + BESIDE, 1, |batch| {
                batch.lines(0, batch.len()).for_each(|(_, line)| usage.add(line, residuals, &tools));
                progress.inc(batch.read);
            })?;
        }
        progress.finish_and_clear();
        Ok(usage)
    }

    fn add(&mut self, line: &[u8], residuals: &Residuals<'_>, tools: &HashMap<&str, ()>) {
        let entry = Entry::of(line);
        self.calls += 1;
        let Ok(Call { agent, tool }) = serde_json::from_slice::<Call>(entry.input) else {
            self.unread += 1;
            return;
        };
        let of_server = tool.server.filter(|server| !server.is_empty()).map(|server| format!("{server}/{}", tool.name));
        let declared = of_server.iter().chain([&tool.name]).find(|name| tools.contains_key(name.as_str())).cloned();
        let Some(declared) = declared else {
            let name = of_server.unwrap_or(tool.name);
            if self.undeclared.len() < MAX_NAMES || self.undeclared.contains_key(&name) {
                *self.undeclared.entry(name).or_default() += 1;
            }
            return;
        };
        let effect = match entry.recorded {
            Recorded::Decision(logged) => logged.effect,
            Recorded::Unreadable | Recorded::Broken(_) => {
                self.unread += 1;
                return;
            }
            Recorded::Nothing => residuals.engine().decide(entry.input).effect(),
        };
        if self.agents.len() < MAX_NAMES {
            self.agents.insert(agent.id.clone());
        }
        if effect != Effect::Deny && (self.used.len() < MAX_NAMES || self.used.contains_key(&(agent.id.clone(), declared.clone()))) {
            *self.used.entry((agent.id, declared)).or_default() += 1;
        }
    }

    /// The ids of the agents that made calls of declared tools.
    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.agents.iter().map(String::as_str)
    }

    /// How many calls of a tool by an agent were not denied.
    pub fn of(&self, agent: &str, tool: &str) -> u64 {
        self.used.get(&(agent.to_owned(), tool.to_owned())).copied().unwrap_or_default()
    }
}
