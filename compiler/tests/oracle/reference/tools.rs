//! Which tool a call names, and what is wrong with it.

use tollgate_compiler::program::{Program, Tool};
use tollgate_evaluator::plan::Fact;

use super::glob;
use super::value::Value;

/// A call's tool as the request names it.
pub struct Call {
    pub server: String,
    pub name: String,
}

impl Call {
    /// The declaration that counts: with the call's server before one for any server.
    pub fn declaration<'p>(&self, program: &'p Program) -> Option<&'p Tool> {
        let named = |full: &str| program.tools.iter().find(|tool| *tool.name == *full);
        named(&format!("{}/{}", self.server, self.name)).or_else(|| named(&self.name))
    }

    /// The facts of the call's tool.
    pub fn facts(&self, program: &Program) -> Vec<Value> {
        if let Some(tool) = self.declaration(program) {
            return tool.facts.iter().map(Value::from).collect();
        }
        let undeclared = |fact| match fact {
            Fact::Category | Fact::Title => Value::text(""),
            Fact::Labels => Value::Set(Vec::new()),
            Fact::Destructive | Fact::OpenWorld => Value::Bool(true),
            Fact::Declared | Fact::ReadOnly | Fact::Idempotent => Value::Bool(false),
        };
        Fact::ALL.into_iter().map(undeclared).collect()
    }

    /// The fields of `tool` that a host must not let pass.
    pub fn objections(&self, program: &Program) -> Vec<&'static str> {
        let declared = || program.tools.iter().map(|tool| split(&tool.name));
        let mut found = Vec::new();
        let is_word = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
        let fits = (1..=128).contains(&self.name.len()) && self.name.chars().all(is_word);
        let is_declared = declared().any(|(_, name)| name == self.name);
        if !fits || !is_declared && declared().any(|(_, name)| name.eq_ignore_ascii_case(&self.name)) {
            found.push("name");
        }
        let on = program.rules.iter().flat_map(|rule| &rule.on).map(|entry| split(entry)).filter(|(_, name)| !glob::is_pattern(name));
        if self.server.is_empty() && declared().chain(on).any(|(server, name)| server.is_some() && name == self.name) {
            found.push("server");
        }
        found
    }

    /// Whether an `on` clause is about the call.
    pub fn is_on(&self, on: &[std::sync::Arc<str>]) -> bool {
        let fits = |entry: &str| {
            let (server, name) = split(entry);
            server.is_none_or(|server| glob::matches(server, &self.server)) && glob::matches(name, &self.name)
        };
        on.is_empty() || on.iter().any(|entry| fits(entry))
    }
}

fn split(name: &str) -> (Option<&str>, &str) {
    match name.rsplit_once('/') {
        Some((server, own)) => (Some(server), own),
        None => (None, name),
    }
}
