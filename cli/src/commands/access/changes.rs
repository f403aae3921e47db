//! What differs between two versions of a policy set.

use std::collections::BTreeSet;

use tollgate_compiler::residual::{Case, Outlook};
use tollgate_evaluator::Effect;

use super::agents::Subject;
use super::table::Table;

/// The cells that differ.
pub struct Changes<'t> {
    /// The digests of the old policy and of the new one.
    pub policies: (&'t str, &'t str),
    /// How many cells were compared.
    pub compared: usize,
    /// Those that differ.
    pub cells: Vec<Changed<'t>>,
}

/// A cell that differs.
pub struct Changed<'t> {
    /// The agent.
    pub subject: &'t Subject,
    /// The tool.
    pub tool: &'t str,
    /// What was decided; `None` where the tool was not declared.
    pub old: Option<&'t Outlook>,
    /// What is decided now.
    pub new: Option<&'t Outlook>,
}

impl<'t> Changes<'t> {
    /// Compares two tables of the same agents.
    pub fn between(old: &'t Table, new: &'t Table) -> Changes<'t> {
        let tools: BTreeSet<&str> = old.tools.iter().chain(&new.tools).map(String::as_str).collect();
        // The tools of a table are sorted.
        let places = |table: &Table| -> Vec<Option<usize>> {
            tools.iter().map(|tool| table.tools.binary_search_by(|known| known.as_str().cmp(tool)).ok()).collect()
        };
        let (before, after) = (places(old), places(new));
        let mut changes = Changes { policies: (&old.policy, &new.policy), compared: 0, cells: Vec::new() };
        for (was, is) in old.rows.iter().zip(&new.rows) {
            for (tool, (before, after)) in tools.iter().zip(before.iter().zip(&after)) {
                changes.compared += 1;
                let outlooks = (before.and_then(|place| old.outlook(was, place)), after.and_then(|place| new.outlook(is, place)));
                if outlooks.0.map(substance) != outlooks.1.map(substance) {
                    changes.cells.push(Changed { subject: &is.subject, tool, old: outlooks.0, new: outlooks.1 });
                }
            }
        }
        changes
    }
}

/// What an outlook decides, whatever the rules that do are called.
#[derive(PartialEq)]
struct Substance<'o> {
    clauses: Vec<(Effect, &'o [Case], bool)>,
    otherwise: (Effect, bool),
}

fn substance(outlook: &Outlook) -> Substance<'_> {
    let clauses = outlook.clauses.iter().map(|clause| (clause.effect, clause.cases.as_slice(), clause.may_fail));
    Substance { clauses: clauses.collect(), otherwise: (outlook.otherwise.effect, outlook.otherwise.may_fail) }
}
