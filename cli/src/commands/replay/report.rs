//! What a replay says, to people and to programs.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tollgate_evaluator::Effect;

use super::tally::{Change, Place, ShadowChange, Tally, Times};
use crate::args::ReplayArgs;
use crate::output::{count, tame};

/// How much of a request is shown to people, in characters.
const SHOWN: usize = 300;

/// The outcome of a replay, with what it was asked for.
pub struct Replayed<'r> {
    pub args: &'r ReplayArgs,
    pub tally: &'r Tally,
    pub seconds: f64,
}

impl Replayed<'_> {
    /// For people.
    pub fn words(&self) -> String {
        let mut text = format!("{}\n", self.summary());
        for (change, times) in &self.tally.changes {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "\n{}", described(change, times));
            self.samples(times, &mut text);
        }
        if self.tally.others > 0 {
            let _ = writeln!(text, "\nand {} more of other kinds", self.tally.others);
        }
        if self.tally.unread() > 0 {
            let lines = count(usize::try_from(self.tally.unread()).unwrap_or(usize::MAX), "line");
            let _ = writeln!(text, "\n{lines} with a decision that is not understood, or that cannot be taken apart: nothing is compared there");
            for (why, times) in &self.tally.unreadable {
                let _ = writeln!(text, "\n{} × {why}", times.count);
                self.samples(times, &mut text);
            }
        }
        if self.tally.refusals() > 0 {
            let _ = writeln!(text, "\n{} denied before any rule: too large, no JSON, or not as the policy's `input` says", self.refusals());
            for (reason, times) in &self.tally.refused {
                let _ = writeln!(text, "\n{} × {}", times.count, tame(reason));
                self.samples(times, &mut text);
            }
        }
        if self.args.shadow_report {
            let _ =
                writeln!(text, "\n{}", if self.tally.shadow.is_empty() { "shadow rules would change nothing" } else { "shadow rules would change" });
            for (change, times) in &self.tally.shadow {
                let _ = writeln!(text, "\n{}", described_shadow(change, times));
                self.samples(times, &mut text);
            }
        }
        text
    }

    /// How many decisions there were, and how many of them have changed.
    pub fn summary(&self) -> String {
        let Tally { decisions, compared, effects, .. } = self.tally;
        let of = |effect| effects.get(&effect).copied().unwrap_or_default();
        let rate = if self.seconds > 0.0 { *decisions as f64 / self.seconds } else { 0.0 };
        let number = usize::try_from(*decisions).unwrap_or(usize::MAX);
        let changed = match (*compared, self.tally.changed()) {
            (0, _) if self.tally.unread() > 0 => "; nothing is compared".to_owned(),
            (0, _) => "; nothing to compare them with: the logs have no decisions, and `--against` names no other policy".to_owned(),
            (compared, changed) => format!("; {changed} of {compared} changed"),
        };
        format!(
            "{} in {:.2} s ({rate:.0} a second): {} allowed, {} to review, {} denied{changed}",
            count(number, "decision"),
            self.seconds,
            of(Effect::Allow),
            of(Effect::Review),
            of(Effect::Deny)
        )
    }

    fn refusals(&self) -> String {
        count(usize::try_from(self.tally.refusals()).unwrap_or(usize::MAX), "request")
    }

    fn samples(&self, times: &Times, text: &mut String) {
        for (place, input) in &times.samples {
            let shown: String = input.chars().take(SHOWN).collect();
            let more = if shown.len() < input.len() { "…" } else { "" };
            let _ = writeln!(text, "  {}  {}{more}", self.place(*place), tame(&shown).replace('\n', " "));
        }
    }

    /// Where a line is.
    pub fn place(&self, place: Place) -> String {
        let log = self.args.logs.get(place.log).map(|path| path.display().to_string()).unwrap_or_default();
        format!("{}:{}", tame(&log), place.line)
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let Tally { decisions, compared, effects, changes, others, refused, unreadable, shadow, .. } = self.tally;
        let of = |effect| effects.get(&effect).copied().unwrap_or_default();
        let samples = |times: &Times| -> Vec<Value> {
            let log = |place: &Place| self.args.logs.get(place.log).map(|path| path.display().to_string());
            times.samples.iter().map(|(place, input)| json!({"file": log(place), "line": place.line, "input": input})).collect()
        };
        let change = |(Change { effects: (from, to), rules: (before, now) }, times): (&Change, &Times)| json!({"from": from.name(), "to": to.name(), "rules_before": before, "rules": now, "count": times.count, "samples": samples(times)});
        let shadowed = |(ShadowChange { rule, effects: (from, to) }, times): (&ShadowChange, &Times)| json!({"rule": rule, "from": from.name(), "to": to.name(), "count": times.count, "samples": samples(times)});
        let refusal = |(reason, times): (&String, &Times)| json!({"reason": reason, "count": times.count, "samples": samples(times)});
        json!({
            "decisions": decisions, "compared": compared, "changed": self.tally.changed(), "seconds": self.seconds,
            "effects": {"allow": of(Effect::Allow), "review": of(Effect::Review), "deny": of(Effect::Deny)},
            "changes": changes.iter().map(change).collect::<Vec<_>>(), "other_changes": others,
            "refused": refused.iter().map(refusal).collect::<Vec<_>>(), "refusals": self.tally.refusals(),
            "unreadable": unreadable.iter().map(|(why, times)| json!({"reason": why, "count": times.count, "samples": samples(times)})).collect::<Vec<_>>(),
            "shadow": self.args.shadow_report.then(|| shadow.iter().map(shadowed).collect::<Vec<_>>()),
        })
    }
}

/// A change on one line: `12 × allow → deny, by p.many (before: p.few)`; where the effect is the same, what is required is not.
pub fn described(change: &Change, times: &Times) -> String {
    let Change { effects: (from, to), rules: (before, now) } = change;
    let listed = |rules: &[String]| if rules.is_empty() { "no rule".to_owned() } else { tame(&rules.join(", ")).replace('\n', " ") };
    let effects = if from == to { format!("{to} with other obligations") } else { format!("{from} → {to}") };
    format!("{} × {effects}, by {} (before: {})", times.count, listed(now), listed(before))
}

/// A change that a shadow rule would make: `3 × allow → deny, by p.shadow`.
pub fn described_shadow(change: &ShadowChange, times: &Times) -> String {
    let ShadowChange { rule, effects: (from, to) } = change;
    format!("{} × {from} → {to}, by {rule}", times.count)
}
