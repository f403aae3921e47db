//! Checking a set again after an edit: what has not changed, and leans on nothing that has, keeps its outcome.

use std::collections::HashSet;

use super::definitions::Signature;
use super::memory::{Known, Memory};
use super::symbols::{Place, SourceFile, Symbols, ValueRef};
use super::{Checked, Checker, RulesAndTests};
use crate::diagnostic::{Diagnostic, FileId};
use crate::program::Program;

/// Checks a set again of which nothing has changed but rules, tests and properties; `None` where all of it must be checked. `renamed`: whether the set
/// has other rules' names than before, of which what is said of unknown names depends.
pub fn check_again<'a>(before: Checked, files: &[SourceFile<'a>], broken: &HashSet<(String, String)>, renamed: bool) -> Option<Checked> {
    let Checked { mut program, mut memory, .. } = before;
    if renamed {
        memory.forget_names();
    }
    let is_wrong = !memory.declared.is_empty() || !memory.defined.is_empty();
    if !memory.is_reliable || renamed && (memory.leans || is_wrong) {
        return None;
    }
    let mut diagnostics = Vec::new();
    let mut checker = resumed(files, broken, &mut memory, &mut diagnostics);
    checker.check_items();
    let (rules, tests, properties) = checker.rules_and_tests(&mut memory, taken(&mut program));
    let checked = checker.finish(Program { rules, tests, properties, ..program }, memory, diagnostics);
    checked.memory.is_reliable.then_some(checked)
}

/// Checks a set again of which nothing has changed but what some `let`s and `fn`s say, and rules, tests and properties that have the names that they
/// had; `None` where all of it must be checked.
pub fn check_definitions_again<'a>(before: Checked, files: &[SourceFile<'a>], broken: &HashSet<(String, String)>) -> Option<Checked> {
    let Checked { mut program, mut memory, .. } = before;
    // What is wrong with other declarations may point at what a `let` was.
    if !memory.is_reliable || !memory.declared.is_empty() {
        return None;
    }
    let mut diagnostics = Vec::new();
    let mut checker = resumed(files, broken, &mut memory, &mut diagnostics);
    let affected = checker.touched(&memory.definitions);
    if affected.iter().any(|value| memory.fixed.contains(value)) {
        return None;
    }
    let signatures = std::mem::take(&mut checker.known.signatures);
    let scores = std::mem::take(&mut checker.known.scores);
    checker.known.definition_reads.clear();
    let (definitions, defined_scores) = checker.definitions(&mut memory);
    memory.forget_users(&checker.redefined([&signatures, &scores], &affected));
    checker.check_items();
    let (rules, tests, properties) = checker.rules_and_tests(&mut memory, taken(&mut program));
    let program = Program { definitions, scores: defined_scores, rules, tests, properties, ..program };
    let checked = checker.finish(program, memory, diagnostics);
    checked.memory.is_reliable.then_some(checked)
}

/// What a program has of rules, tests and properties.
fn taken(program: &mut Program) -> RulesAndTests {
    (std::mem::take(&mut program.rules), std::mem::take(&mut program.tests), std::mem::take(&mut program.properties))
}

/// A checker that knows what is known.
fn resumed<'a>(
    files: &[SourceFile<'a>],
    broken: &'a HashSet<(String, String)>,
    memory: &mut Memory,
    diagnostics: &mut Vec<Diagnostic>,
) -> Checker<'a> {
    let mut symbols = Symbols::collect_again(files, &memory.order, diagnostics);
    symbols.suggestions = std::mem::take(&mut memory.suggestions);
    let known: Known = std::mem::take(&mut memory.known);
    Checker { known, ..Checker::new(symbols, broken) }
}

impl Checker<'_> {
    /// The definitions and scores that are not in the pieces where they were, and those that refer to such by any number of others.
    fn touched(&self, before: &[Vec<FileId>; 2]) -> HashSet<ValueRef> {
        let definitions = &self.symbols.definitions;
        let count = definitions.len();
        let places: Vec<Place<'_>> = definitions.iter().chain(&self.symbols.scores).copied().collect();
        let known: HashSet<FileId> = before.iter().flatten().copied().collect();
        let mut users: Vec<Vec<usize>> = vec![Vec::new(); places.len()];
        for (user, place) in places.iter().enumerate() {
            for used in self.values_named_in(*place) {
                users.get_mut(used).into_iter().for_each(|users| users.push(user));
            }
        }
        let edited = places.iter().enumerate().filter(|(_, place)| !known.contains(&place.piece)).map(|(index, _)| index);
        let mut pending: Vec<usize> = edited.collect();
        let mut affected: HashSet<usize> = pending.iter().copied().collect();
        while let Some(index) = pending.pop() {
            let further = users.get(index).into_iter().flatten().copied();
            pending.extend(further.filter(|user| affected.insert(*user)));
        }
        let value = |index: usize| if index < count { ValueRef::Definition(index) } else { ValueRef::Score(index - count) };
        affected.into_iter().map(value).collect()
    }

    /// Of the definitions and scores, those that are something else where they are used than they were.
    fn redefined(&self, before: [&[Signature]; 2], affected: &HashSet<ValueRef>) -> HashSet<ValueRef> {
        let of = |before: &[Signature], now: &[Signature], value: fn(usize) -> ValueRef| -> Vec<ValueRef> {
            let differs = |index: usize, now: &Signature| {
                let before = before.get(index);
                before.is_none_or(|before| before.position != now.position)
                    || affected.contains(&value(index)) && before.map(|before| format!("{before:?}")) != Some(format!("{now:?}"))
            };
            now.iter().enumerate().filter(|(index, now)| differs(*index, now)).map(|(index, _)| value(index)).collect()
        };
        let [definitions, scores] = before;
        let definitions = of(definitions, &self.known.signatures, ValueRef::Definition);
        definitions.into_iter().chain(of(scores, &self.known.scores, ValueRef::Score)).collect()
    }
}
