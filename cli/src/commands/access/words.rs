//! What is decided, in words.

use tollgate_compiler::residual::{Clause, Outlook};
use tollgate_evaluator::Effect;

/// What every page says once.
pub const REFUSED: &str =
    "Calls are denied besides whose arguments do not fit the tool's declaration, and requests that do not fit the policy's `input`.";

/// `allow`, `review`, `deny` or `depends`.
pub fn effect(outlook: &Outlook) -> &'static str {
    outlook.settled().map_or("depends", Effect::name)
}

/// The lines of an outlook: an effect, when, and by which rules.
pub fn lines(outlook: &Outlook) -> Vec<Line> {
    let mut lines: Vec<Line> = outlook.clauses.iter().flat_map(clause).collect();
    let otherwise = &outlook.otherwise;
    let rules = otherwise.rules.iter().map(ToString::to_string).collect();
    let when = if lines.is_empty() { "" } else { "otherwise" };
    let note = if otherwise.may_fail { "denied where its `require` ends in an error" } else { "" };
    lines.push(Line { effect: otherwise.effect, when: when.to_owned(), note, rules });
    lines
}

/// A line of an outlook.
pub struct Line {
    /// The effect.
    pub effect: Effect,
    /// When; empty where it is so whatever the rest.
    pub when: String,
    /// What an error does.
    pub note: &'static str,
    /// The rules.
    pub rules: Vec<String>,
}

fn clause(clause: &Clause) -> impl Iterator<Item = Line> {
    clause.cases.iter().map(|case| {
        let note = match (case.may_err, clause.may_fail, clause.effect) {
            (true, false, _) => "or where this ends in an error",
            (true, true, _) => "or where this ends in an error; denied where its `require` does",
            (false, true, Effect::Allow) => "unless its `because` or `require` ends in an error",
            (false, true, _) => "denied where its `require` ends in an error",
            (false, false, _) => "",
        };
        Line { effect: clause.effect, when: case.to_string(), note, rules: vec![clause.rule.to_string()] }
    })
}

/// An outlook on one line: `deny when …; review when …; else allow`.
pub fn sentence(outlook: &Outlook) -> String {
    let lines = lines(outlook);
    let last = lines.len().saturating_sub(1);
    let said = lines.iter().enumerate().map(|(place, line)| {
        let note = if line.note.is_empty() { String::new() } else { format!(" ({})", line.note) };
        match place == last {
            true if last == 0 => format!("{}{note}", line.effect),
            true => format!("else {}{note}", line.effect),
            false if line.when.is_empty() => format!("{}{note}", line.effect),
            false => format!("{} {}{note}", line.effect, line.when),
        }
    });
    let scores = outlook.scores.iter().map(|score| format!("; where {score}"));
    said.collect::<Vec<_>>().join("; ") + &scores.collect::<String>()
}

/// The rules that an outlook names, each once.
pub fn rules(outlook: &Outlook) -> Vec<String> {
    let mut rules: Vec<String> = Vec::new();
    for rule in outlook.clauses.iter().map(|clause| &clause.rule).chain(&outlook.otherwise.rules) {
        if !rules.iter().any(|known| **known == **rule) {
            rules.push(rule.to_string());
        }
    }
    rules
}
