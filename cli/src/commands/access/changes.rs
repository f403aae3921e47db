//! What differs between two versions of a policy set.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_compiler::residual::{Case, Outlook, Redefined, mentioned, mentions_any};
use tollgate_evaluator::Effect;

use super::agents::Subject;
use super::table::{Row, Table};

/// The cells that differ.
pub struct Changes<'t> {
    /// The digests of the old policy and of the new one.
    pub policies: (&'t str, &'t str),
    /// How many cells were compared.
    pub compared: usize,
    /// Those that differ.
    pub cells: Vec<Changed<'t>>,
    /// The types that are others now: what conditions ask of their values may be decided otherwise in any cell.
    pub types: &'t BTreeSet<String>,
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
    /// The names in the conditions of both that mean something else now, and the tool where it is declared otherwise.
    pub redefined: BTreeSet<String>,
}

impl<'t> Changes<'t> {
    /// Compares two tables of the same agents, between which that has come to mean something else.
    pub fn between(old: &'t Table, new: &'t Table, redefined: &'t Redefined) -> Changes<'t> {
        let tools: BTreeSet<&str> = old.tools.iter().chain(&new.tools).map(String::as_str).collect();
        // The tools of a table are sorted.
        let places = |table: &Table| -> Vec<Option<usize>> {
            tools.iter().map(|tool| table.tools.binary_search_by(|known| known.as_str().cmp(tool)).ok()).collect()
        };
        let (before, after) = (places(old), places(new));
        let named = |table: &Table| -> Vec<BTreeSet<String>> { table.outlooks.iter().map(|outlook| mentioned(outlook, &redefined.values)).collect() };
        let (named_before, named_after) = (named(old), named(new));
        let mut changes = Changes { policies: (&old.policy, &new.policy), compared: 0, cells: Vec::new(), types: &redefined.types };
        for (was, is) in old.rows.iter().zip(&new.rows) {
            for (tool, (before, after)) in tools.iter().zip(before.iter().zip(&after)) {
                changes.compared += 1;
                let outlooks = (before.and_then(|place| old.outlook(was, place)), after.and_then(|place| new.outlook(is, place)));
                let named = |named: &'_ [BTreeSet<String>], row: &Row, place: &Option<usize>| -> BTreeSet<String> {
                    place.and_then(|place| named.get(*row.cells.get(place)?)).cloned().unwrap_or_default()
                };
                let mut others = &named(&named_before, was, before) & &named(&named_after, is, after);
                let is_denied = |outlook: &Outlook| outlook.settled() == Some(Effect::Deny);
                if redefined.tools.contains(*tool) && matches!(outlooks, (Some(old), Some(new)) if !(is_denied(old) && is_denied(new))) {
                    others.insert((*tool).to_owned());
                }
                let substance = |outlook: Option<&Outlook>| outlook.map(|outlook| substance(outlook, &redefined.names));
                if !others.is_empty() || substance(outlooks.0) != substance(outlooks.1) {
                    changes.cells.push(Changed { subject: &is.subject, tool, old: outlooks.0, new: outlooks.1, redefined: others });
                }
            }
        }
        changes
    }
}

/// A case with the package whose names it has, if it has any.
type Packaged = (Option<String>, Case);

/// What an outlook decides, whatever the rules that do are called and however they are divided.
#[derive(PartialEq)]
struct Substance {
    /// The cases of each effect, and whether an error may keep them from it.
    clauses: BTreeMap<(Effect, bool), BTreeSet<Packaged>>,
    otherwise: (Effect, bool),
}

fn substance(outlook: &Outlook, names: &BTreeSet<String>) -> Substance {
    let mut clauses: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for clause in &outlook.clauses {
        let package = clause.rule.rsplit_once('.').map(|(package, _)| package);
        let cases = clause.cases.iter().map(|case| (package.filter(|_| mentions_any(case, names)).map(str::to_owned), plain(case)));
        clauses.entry((clause.effect, clause.may_fail)).or_default().extend(cases);
    }
    Substance { clauses, otherwise: (outlook.otherwise.effect, outlook.otherwise.may_fail) }
}

/// A case whose conditions have one order. Where an error lets a rule match, the order is kept: it says which of them is met first.
fn plain(case: &Case) -> Case {
    let mut case = case.clone();
    if !case.may_err {
        case.when.sort_unstable();
    }
    case
}
