//! Coverage as `lcov` has it, for `genhtml` and the services that read it: a rule is a function, a condition a branch with
//! two outcomes, a `because` one with one.

use std::collections::BTreeMap;

use tollgate_compiler::diagnostic::{FileId, Location};

use super::Covered;

/// What is known of a file.
#[derive(Default)]
struct File {
    /// Rules: name, line, how often each matched.
    functions: Vec<(String, u32, u64)>,
    /// Lines with how often something on each was evaluated.
    lines: BTreeMap<u32, u64>,
    /// Branches: line, how often each of their outcomes was seen.
    branches: Vec<(u32, Vec<u64>)>,
}

/// A record a file that has rules or scores.
pub fn text(covered: &Covered<'_>) -> String {
    let mut files: BTreeMap<FileId, File> = BTreeMap::new();
    let line = |at: Location| covered.start(at).line;
    for rule in &covered.coverage.rules {
        let file = files.entry(rule.at.file).or_default();
        file.functions.push((rule.name.to_string(), line(rule.at), rule.matched));
        file.line(line(rule.at), rule.matched);
        if let Some(because) = &rule.because {
            file.line(line(because.at), because.given);
            file.branches.push((line(because.at), vec![because.given]));
        }
    }
    for score in &covered.coverage.scores {
        let evaluated = score.parts.iter().map(|part| part.seen_true + part.seen_false).max().unwrap_or(0);
        files.entry(score.at.file).or_default().line(line(score.at), evaluated);
    }
    for condition in covered.coverage.conditions() {
        let file = files.entry(condition.at.file).or_default();
        file.line(line(condition.at), condition.seen_true + condition.seen_false);
        file.branches.push((line(condition.at), vec![condition.seen_true, condition.seen_false]));
    }
    files.iter().map(|(id, file)| file.record(covered.sources().path(*id))).collect()
}

impl File {
    fn line(&mut self, line: u32, count: u64) {
        let known = self.lines.entry(line).or_default();
        *known = count.max(*known);
    }

    fn record(&self, path: &str) -> String {
        let mut out = format!("TN:\nSF:{}\n", path.replace(['\n', '\r'], "?"));
        for (name, line, _) in &self.functions {
            out.push_str(&format!("FN:{line},{name}\n"));
        }
        for (name, _, matched) in &self.functions {
            out.push_str(&format!("FNDA:{matched},{name}\n"));
        }
        out.push_str(&totals("FN", self.functions.iter().map(|(_, _, matched)| *matched)));
        for (block, (line, outcomes)) in self.branches.iter().enumerate() {
            for (branch, seen) in outcomes.iter().enumerate() {
                let taken = if outcomes.iter().all(|seen| *seen == 0) { "-".to_owned() } else { seen.to_string() };
                out.push_str(&format!("BRDA:{line},{block},{branch},{taken}\n"));
            }
        }
        out.push_str(&totals("BR", self.branches.iter().flat_map(|(_, outcomes)| outcomes).copied()));
        for (line, count) in &self.lines {
            out.push_str(&format!("DA:{line},{count}\n"));
        }
        out.push_str(&totals("L", self.lines.values().copied()));
        out.push_str("end_of_record\n");
        out
    }
}

/// How many there are, and how many were hit.
fn totals(what: &str, counts: impl Iterator<Item = u64>) -> String {
    let (found, hit) = counts.fold((0, 0), |(found, hit), count| (found + 1, hit + usize::from(count > 0)));
    format!("{what}F:{found}\n{what}H:{hit}\n")
}
