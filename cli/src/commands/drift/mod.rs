//! `tollgate drift`: where what skills need and what the policy allows have gone apart.

mod compare;
mod show;

use std::collections::BTreeMap;

use serde_json::Value;
use tollgate_import::plugin::{self, Plugin, Skill};

use super::access;
use super::import::folder;
use crate::args::{DriftArgs, Format};
use crate::output::{Failure, Outcome, Result, complain, print, print_json, tame};
use crate::project::Project;

use compare::Drift;

/// Compares.
pub fn run(args: &DriftArgs) -> Result {
    let plugins = args.plugin.iter().map(|folder| read(folder)).collect::<Result<Vec<_>>>()?.concat();
    let project = Project::find(&args.set.paths)?;
    let Some(set) = project.check_cleanly(args.format)? else { return Ok(Outcome::Found) };
    let Some(residuals) = access::residuals(&project, &set, &args.data, args.format)? else { return Ok(Outcome::Found) };
    let agents = Agents::of(&args.agent)?;
    let drift = Drift::between(&plugins, &residuals, &agents)?;
    match args.format {
        Format::Pretty => print(&show::pretty(&drift))?,
        Format::Json => print_json(&show::json(&drift))?,
    }
    Ok(Outcome::found(drift.is_found()))
}

fn read(folder: &std::path::Path) -> Result<Vec<Plugin>> {
    let (texts, mut notes) = folder::texts(folder)?;
    let plugins = plugin::read(&super::import::sources(&texts), &mut notes).map_err(|error| Failure::new(format!("cannot read {error}")))?;
    for note in notes.iter().filter(|note| note.fate.is_loss()) {
        complain(&tame(&format!("note: {}: {}\n", note.source, note.text)));
    }
    Ok(plugins)
}

/// What is known of the agents that skills run as.
pub struct Agents {
    /// By the skill's name; of every other skill where it is empty.
    given: BTreeMap<String, Value>,
}

impl Agents {
    /// `JSON` for every skill, `SKILL=JSON` for one.
    fn of(given: &[String]) -> Result<Agents> {
        let mut agents = BTreeMap::new();
        for text in given {
            let (skill, json) = match text.split_once('=') {
                Some((skill, json)) if !skill.trim_start().starts_with('{') => (skill, json),
                _ => ("", text.as_str()),
            };
            let agent: Value = serde_json::from_str(json).map_err(|error| Failure::new(format!("`{json}` is no JSON: {error}")))?;
            if !agent.is_object() {
                return Err(Failure::new(format!("`{json}` is no agent: an object is, such as {{\"id\": \"a\"}}")));
            }
            if agents.insert(skill.to_owned(), agent).is_some() {
                return Err(Failure::new(format!(
                    "two agents are given for {}",
                    if skill.is_empty() { "every skill".to_owned() } else { format!("`{skill}`") }
                )));
            }
        }
        Ok(Agents { given: agents })
    }

    /// The agent of a skill: what is given for it, with the id that its head names, or the plugin's name.
    pub fn agent(&self, plugin: &Plugin, skill: &Skill) -> Value {
        let mut agent = self.given.get(&skill.name).or_else(|| self.given.get("")).cloned().unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if let Some(fields) = agent.as_object_mut() {
            fields.entry("id").or_insert_with(|| Value::from(skill.agent.as_deref().unwrap_or(&plugin.name)));
        }
        agent
    }

    /// The skills that agents are given for.
    pub fn skills(&self) -> impl Iterator<Item = &str> {
        self.given.keys().map(String::as_str).filter(|skill| !skill.is_empty())
    }
}
