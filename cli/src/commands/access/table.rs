//! The table: for each agent and each tool what is decided.

use std::collections::HashMap;

use rayon::prelude::*;
use tollgate_compiler::residual::{Outlook, Residuals};

use super::agents::Subject;
use crate::output::{Failure, Result, bar, tame};

/// Agents that are looked at before what they have in common is put together.
const BATCH: usize = 64;

/// What is decided of calls of tools by agents.
pub struct Table {
    /// The digest of the policy.
    pub policy: String,
    /// The tools, sorted by name.
    pub tools: Vec<String>,
    /// The agents.
    pub rows: Vec<Row>,
    /// What is decided anywhere, each once.
    pub outlooks: Vec<Outlook>,
}

/// An agent.
pub struct Row {
    /// The agent, with what is known of it.
    pub subject: Subject,
    /// For each tool the place in [`Table::outlooks`].
    pub cells: Vec<usize>,
}

/// Agents of whom the same is decided of every tool.
pub struct Group<'t> {
    /// The agents.
    pub rows: Vec<&'t Row>,
    /// Each outlook with the tools that have it, in the order of the first of them.
    pub outlooks: Vec<(&'t Outlook, Vec<&'t str>)>,
}

impl Table {
    /// Looks at each tool that one of the patterns means, or at all; for each agent.
    pub fn new(residuals: &Residuals<'_>, subjects: &[Subject], patterns: &[String]) -> Result<Table> {
        let is_meant = |tool: &str| patterns.is_empty() || patterns.iter().any(|pattern| tollgate_compiler::residual::is_meant(pattern, tool));
        let tools: Vec<(usize, String)> = residuals.tools().map(ToString::to_string).enumerate().filter(|(_, tool)| is_meant(tool)).collect();
        let mut table = Table { policy: residuals.policy().to_owned(), tools: Vec::new(), rows: Vec::new(), outlooks: Vec::new() };
        let mut known: HashMap<Outlook, usize> = HashMap::new();
        let progress = bar(u64::try_from(subjects.len()).unwrap_or_default());
        for batch in subjects.chunks(BATCH) {
            let found: Vec<Result<Vec<Outlook>>> = batch.par_iter().map(|subject| outlooks(residuals, subject, &tools)).collect();
            for (subject, found) in batch.iter().zip(found) {
                let cells = found?.into_iter().map(|outlook| {
                    let next = known.len();
                    *known.entry(outlook).or_insert(next)
                });
                let cells = cells.collect();
                table.rows.push(Row { subject: subject.clone(), cells });
            }
            progress.inc(u64::try_from(batch.len()).unwrap_or_default());
        }
        progress.finish_and_clear();
        let mut outlooks: Vec<(usize, Outlook)> = known.into_iter().map(|(outlook, place)| (place, outlook)).collect();
        outlooks.sort_unstable_by_key(|(place, _)| *place);
        table.outlooks = outlooks.into_iter().map(|(_, outlook)| outlook).collect();
        table.tools = tools.into_iter().map(|(_, tool)| tool).collect();
        Ok(table)
    }

    /// The outlook of an agent and a tool.
    pub fn outlook(&self, row: &Row, tool: usize) -> Option<&Outlook> {
        self.outlooks.get(*row.cells.get(tool)?)
    }

    /// The agents, those together of whom the same is decided.
    pub fn groups(&self) -> Vec<Group<'_>> {
        let mut places: HashMap<&[usize], usize> = HashMap::new();
        let mut groups: Vec<Group<'_>> = Vec::new();
        for row in &self.rows {
            let next = groups.len();
            let place = *places.entry(&row.cells).or_insert(next);
            match groups.get_mut(place) {
                Some(group) => group.rows.push(row),
                None => groups.push(Group { rows: vec![row], outlooks: self.by_outlook(row) }),
            }
        }
        groups
    }

    fn by_outlook(&self, row: &Row) -> Vec<(&Outlook, Vec<&str>)> {
        let mut places: HashMap<usize, usize> = HashMap::new();
        let mut found: Vec<(&Outlook, Vec<&str>)> = Vec::new();
        for (tool, cell) in self.tools.iter().zip(&row.cells) {
            let Some(outlook) = self.outlooks.get(*cell) else { continue };
            let next = found.len();
            match found.get_mut(*places.entry(*cell).or_insert(next)) {
                Some((_, tools)) => tools.push(tool),
                None => found.push((outlook, vec![tool])),
            }
        }
        found
    }
}

fn outlooks(residuals: &Residuals<'_>, subject: &Subject, tools: &[(usize, String)]) -> Result<Vec<Outlook>> {
    let refused = |error| Failure::Because(format!("agent `{}`: {error}", tame(&subject.label)));
    let mut supposed = residuals.suppose(subject.request.as_bytes()).map_err(refused)?;
    Ok(tools.iter().map(|(place, _)| supposed.outlook(*place)).collect())
}
