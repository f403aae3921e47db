//! Coverage as a table, and what is left to test.

use serde::Serialize;
use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::testing::coverage::{ConditionCoverage, RuleCoverage, ScoreCoverage};

use crate::output::{Paint, count, tame, tenths};

use super::Covered;

/// How much of a name the table shows.
const WIDEST: usize = 60;

/// A row a rule and a score, the total, and each place that no test has seen.
pub fn text(covered: &Covered<'_>, paint: Paint) -> String {
    let coverage = &covered.coverage;
    let names = coverage.rules.iter().map(|rule| &*rule.name).chain(coverage.scores.iter().map(|score| &*score.name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0).clamp(4, WIDEST);
    let mut out = paint.faint(format!("{:width$}  {:>7}  {:>8}  {:>7}", "rule", "matched", "outcomes", "because")) + "\n";
    for rule in &coverage.rules {
        let because = rule.because.as_ref().map_or_else(|| "-".to_owned(), |because| because.given.to_string());
        out.push_str(&row(&rule.name, &rule.matched.to_string(), rule.outcomes(), &because, width));
    }
    for score in &coverage.scores {
        out.push_str(&row(&score.name, "-", score.outcomes(), "-", width));
    }
    out.push_str(&format!("{}\n", total(covered)));
    let missing = missing(covered);
    if !missing.is_empty() {
        out.push_str(&format!("{}\n", paint.notable("not seen by any test")));
    }
    for (at, text) in missing {
        let start = covered.start(at);
        out.push_str(&format!("  {}:{}:{}: {}\n", covered.file(at), start.line, start.column, tame(&text)));
    }
    out
}

/// The total in words.
pub fn total(covered: &Covered<'_>) -> String {
    let (seen, all) = covered.coverage.outcomes();
    let rules = &covered.coverage.rules;
    let matched = rules.iter().filter(|rule| rule.matched > 0).count();
    format!(
        "coverage {} %: {seen} of {} seen, {matched} of {} matched",
        tenths(covered.coverage.percent()),
        count(all, "outcome"),
        count(rules.len(), "rule")
    )
}

fn row(name: &str, matched: &str, (seen, all): (usize, usize), because: &str, width: usize) -> String {
    let outcomes = format!("{seen}/{all}");
    let name: String = name.chars().take(WIDEST).collect();
    format!("{name:width$}  {matched:>7}  {outcomes:>8}  {because:>7}\n")
}

/// What no test has seen, with its place, in the order of the files.
fn missing(covered: &Covered<'_>) -> Vec<(Location, String)> {
    let mut missing: Vec<(Location, String)> = Vec::new();
    for rule in &covered.coverage.rules {
        if rule.matched == 0 {
            missing.push((rule.at, format!("`{}` never matched", rule.name)));
        } else if let Some(because) = rule.because.as_ref().filter(|because| because.given == 0) {
            missing.push((because.at, format!("the `because` of `{}` was never given", rule.name)));
        }
    }
    let conditions = covered.coverage.conditions();
    missing.extend(conditions.filter_map(|condition| Some((condition.at, format!("`{}` was never {}", condition.text, unseen(condition)?)))));
    missing.sort_by_key(|(at, _)| *at);
    missing
}

fn unseen(condition: &ConditionCoverage) -> Option<&'static str> {
    match (condition.seen_true, condition.seen_false) {
        (0, 0) => Some("evaluated"),
        (0, _) => Some("true"),
        (_, 0) => Some("false"),
        _ => None,
    }
}

/// Coverage for programs.
#[derive(Serialize)]
pub struct JsonCoverage<'c> {
    outcomes: usize,
    seen: usize,
    percent: f64,
    rules: Vec<JsonRule<'c>>,
    scores: Vec<JsonScore<'c>>,
}

#[derive(Serialize)]
struct JsonRule<'c> {
    rule: &'c str,
    file: &'c str,
    line: u32,
    matched: u64,
    because: Option<u64>,
    conditions: Vec<JsonCondition<'c>>,
}

#[derive(Serialize)]
struct JsonScore<'c> {
    score: &'c str,
    file: &'c str,
    line: u32,
    conditions: Vec<JsonCondition<'c>>,
}

#[derive(Serialize)]
struct JsonCondition<'c> {
    text: &'c str,
    line: u32,
    column: u32,
    #[serde(rename = "true")]
    seen_true: u64,
    #[serde(rename = "false")]
    seen_false: u64,
}

/// Coverage as JSON has it.
pub fn json<'c>(covered: &'c Covered<'_>) -> JsonCoverage<'c> {
    let coverage = &covered.coverage;
    let conditions = |conditions: &'c [ConditionCoverage]| conditions.iter().map(|condition| json_condition(condition, covered)).collect();
    let rule = |rule: &'c RuleCoverage| JsonRule {
        rule: &rule.name,
        file: covered.file(rule.at),
        line: covered.start(rule.at).line,
        matched: rule.matched,
        because: rule.because.as_ref().map(|because| because.given),
        conditions: conditions(&rule.conditions),
    };
    let score = |score: &'c ScoreCoverage| JsonScore {
        score: &score.name,
        file: covered.file(score.at),
        line: covered.start(score.at).line,
        conditions: conditions(&score.parts),
    };
    let (seen, outcomes) = coverage.outcomes();
    JsonCoverage {
        outcomes,
        seen,
        percent: coverage.percent(),
        rules: coverage.rules.iter().map(rule).collect(),
        scores: coverage.scores.iter().map(score).collect(),
    }
}

fn json_condition<'c>(condition: &'c ConditionCoverage, covered: &Covered<'_>) -> JsonCondition<'c> {
    let start = covered.start(condition.at);
    JsonCondition { text: &condition.text, line: start.line, column: start.column, seen_true: condition.seen_true, seen_false: condition.seen_false }
}
