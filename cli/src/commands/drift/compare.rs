//! Permissions that skills need against what the policy allows their agents.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tollgate_compiler::residual::{Outlook, Residuals};
use tollgate_evaluator::Effect;
use tollgate_import::plugin::{Permission, Plugin, Skill};

use super::Agents;
use crate::output::{Failure, Result};

/// What was found.
pub struct Drift {
    /// What skills need and is denied.
    pub missing: Vec<Need>,
    /// What skills need and waits for a review.
    pub reviewed: Vec<Need>,
    /// What skills need and is allowed under conditions: nobody knows whether these allow all that is needed.
    pub unclear: Vec<Need>,
    /// What is allowed and no skill needs.
    pub unneeded: Vec<Grant>,
    /// How many needs are met: every call is allowed.
    pub met: usize,
    /// How many hooks guard calls, which are not compared.
    pub hooks: usize,
}

/// A permission of a skill.
pub struct Need {
    pub skill: String,
    pub agent: String,
    /// As the manifest writes it.
    pub permission: String,
    /// The declared tool; none where no declared tool is meant.
    pub tool: Option<String>,
    /// What the policy says.
    pub outlook: Option<Outlook>,
}

/// Something that is allowed.
pub struct Grant {
    pub agent: String,
    pub tool: String,
    pub outlook: Outlook,
    /// What of it is needed, where that is less.
    pub needed: Vec<String>,
}

/// An agent with the skills that it has.
struct Holder<'p> {
    request: Value,
    label: String,
    skills: Vec<&'p Skill>,
}

impl Drift {
    /// Compares.
    pub fn between(plugins: &[Plugin], residuals: &Residuals<'_>, agents: &Agents) -> Result<Drift> {
        let skills = || plugins.iter().flat_map(|plugin| plugin.skills.iter().map(move |skill| (plugin, skill)));
        if let Some(unknown) = agents.skills().find(|name| !skills().any(|(_, skill)| skill.name == **name)) {
            return Err(Failure::new(format!("no skill is named `{unknown}`")));
        }
        let mut holders: BTreeMap<String, Holder<'_>> = BTreeMap::new();
        for (plugin, skill) in skills() {
            let agent = agents.agent(plugin, skill);
            let holder = holders.entry(agent.to_string()).or_insert_with(|| Holder {
                label: label(&agent),
                request: json!({ "agent": agent }),
                skills: Vec::new(),
            });
            holder.skills.push(skill);
        }
        let hooks = plugins.iter().flat_map(|plugin| &plugin.hooks).count();
        let tools: Vec<&str> = residuals.tools().map(|tool| &**tool).collect();
        let mut drift = Drift { missing: Vec::new(), reviewed: Vec::new(), unclear: Vec::new(), unneeded: Vec::new(), met: 0, hooks };
        for holder in holders.values() {
            let mut supposed = residuals
                .suppose(holder.request.to_string().as_bytes())
                .map_err(|error| Failure::new(format!("the agent `{}` does not fit the policy: {error}", holder.label)))?;
            let outlooks: Vec<Outlook> = (0..tools.len()).map(|tool| supposed.outlook(tool)).collect();
            drift.add(holder, &tools, &outlooks);
        }
        Ok(drift)
    }

    /// Whether anything is missing, or allowed without need.
    pub fn is_found(&self) -> bool {
        !self.missing.is_empty() || !self.unneeded.is_empty()
    }

    fn add(&mut self, holder: &Holder<'_>, tools: &[&str], outlooks: &[Outlook]) {
        for skill in &holder.skills {
            for permission in &skill.permissions {
                self.need(holder, skill, permission, tools, outlooks);
            }
        }
        for (tool, outlook) in tools.iter().zip(outlooks).filter(|(_, outlook)| outlook.may(Effect::Allow)) {
            let needs: Vec<&Permission> =
                holder.skills.iter().flat_map(|skill| &skill.permissions).filter(|permission| permission.takes(tool)).collect();
            let allows_all = outlook.settled() == Some(Effect::Allow);
            let is_needed = needs.iter().any(|permission| permission.scope.is_none()) || (!needs.is_empty() && !allows_all);
            if !is_needed {
                let needed = needs.iter().map(|permission| permission.written.clone()).collect();
                self.unneeded.push(Grant { agent: holder.label.clone(), tool: (*tool).to_owned(), outlook: outlook.clone(), needed });
            }
        }
    }

    fn need(&mut self, holder: &Holder<'_>, skill: &Skill, permission: &Permission, tools: &[&str], outlooks: &[Outlook]) {
        let need = |found: Option<(&str, &Outlook)>| Need {
            skill: skill.name.clone(),
            agent: holder.label.clone(),
            permission: permission.written.clone(),
            tool: found.map(|(tool, _)| tool.to_owned()),
            outlook: found.map(|(_, outlook)| outlook.clone()),
        };
        let mut is_declared = false;
        for (tool, outlook) in tools.iter().zip(outlooks).filter(|(tool, _)| permission.takes(tool)) {
            is_declared = true;
            let need = need(Some((*tool, outlook)));
            match (outlook.settled(), outlook.may(Effect::Allow), outlook.may(Effect::Review)) {
                (Some(Effect::Allow), ..) => self.met += 1,
                (_, true, _) => self.unclear.push(need),
                (_, false, true) => self.reviewed.push(need),
                (_, false, false) => self.missing.push(need),
            }
        }
        if !is_declared {
            self.missing.push(need(None));
        }
    }
}

/// What an agent is called: its id, or all that is known of it.
fn label(agent: &Value) -> String {
    agent.get("id").and_then(Value::as_str).map_or_else(|| agent.to_string(), str::to_owned)
}
