//! Whether a rule matches whenever another does, by what their tools and conditions come to.

use std::collections::HashMap;

use crate::check::glob::{glob_holds, is_pattern};
use crate::check::tools::split;
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program, Rule};

use super::matching::{assumed, conditions_of, each_read, is_of_tool, may_read};
use super::reason::Given;
use super::tools::ToolNames;

/// How many pairs of entries of `on`, and of rules, are compared.
const MAX_PAIRS: usize = 1 << 18;
/// How many expressions are looked at in rules whose tools agree.
const MAX_WORK: usize = 1 << 20;
/// Rules of more expressions than this are left out, those of `let`s included.
const MAX_SIZE: usize = 500;
/// How many alternatives in conditions are gone through.
const MAX_ALTERNATIVES: usize = 16;

/// Compares rules, as long as they are not too many.
pub struct Implications<'p> {
    program: &'p Program,
    tools: ToolNames<'p>,
    /// The sizes of rules by name; `None` of those that are too large.
    sizes: HashMap<&'p str, Option<usize>>,
    pairs: usize,
    work: usize,
}

impl<'p> Implications<'p> {
    /// The rules of a program.
    pub fn new(program: &'p Program) -> Implications<'p> {
        Implications { program, tools: ToolNames::new(program), sizes: HashMap::new(), pairs: MAX_PAIRS, work: MAX_WORK }
    }

    /// Whether a pair more is looked at.
    pub fn remain(&mut self) -> bool {
        self.pairs = self.pairs.saturating_sub(1);
        self.pairs > 0 && self.work > 0
    }

    /// Whether a rule matches whenever a weaker one does. An error of its own makes it match too.
    pub fn follow(&mut self, strong: &'p Rule, weak: &'p Rule) -> bool {
        self.follows(strong, weak).unwrap_or(false)
    }

    /// `None` where it would take too long to say.
    fn follows(&mut self, strong: &'p Rule, weak: &'p Rule) -> Option<bool> {
        self.pairs = self.pairs.checked_sub(strong.on.len().saturating_mul(weak.on.len()))?;
        if !covers(strong, weak) {
            return Some(false);
        }
        let conditions = strong.when.iter().chain(&strong.unless).count();
        let size = (self.size(weak)? + 1).saturating_mul(conditions + 1).saturating_add(self.size(strong)?);
        self.work = self.work.saturating_sub(size);
        // What is known of arguments goes by the tools that declare them.
        if strong.on != weak.on && conditions_of(strong).any(reads_args) {
            return Some(false);
        }
        let alternatives = self.alternatives(strong, weak);
        self.work = self.work.saturating_sub(size.saturating_mul(alternatives.len() - 1));
        // Of a rule that never matches more is told than that.
        let possible: Vec<_> = alternatives.iter().filter(|given| !self.exclude(weak, given)).collect();
        Some(!possible.is_empty() && possible.iter().all(|given| self.follows_where(strong, weak, given)))
    }

    /// What may be known of the tool where a weaker rule matches; nothing, where a stronger one does not ask.
    fn alternatives(&self, strong: &Rule, weak: &Rule) -> Vec<Vec<Given>> {
        let asks = conditions_of(strong).any(|condition| may_read(self.program, condition, &|expr| is_of_tool(self.program, expr)));
        let calls = if asks { self.tools.of_rule(weak) } else { None };
        let given = calls.map(|calls| calls.iter().map(|calls| calls.given()).collect());
        given.unwrap_or_else(|| vec![Vec::new()])
    }

    fn exclude(&self, rule: &Rule, given: &[Given]) -> bool {
        assumed(self.program, rule, given).are_soon_impossible(MAX_ALTERNATIVES)
    }

    /// Whether a rule matches whenever a weaker one does, where that is known.
    fn follows_where(&self, strong: &Rule, weak: &Rule, given: &[Given]) -> bool {
        let never = |condition: &Expr, outcome: bool| {
            let mut assumed = assumed(self.program, weak, given);
            assumed.assume(condition, outcome);
            assumed.are_soon_impossible(MAX_ALTERNATIVES)
        };
        strong.when.iter().all(|condition| never(&condition.expr, false)) && strong.unless.iter().all(|unless| never(&unless.expr, true))
    }

    fn size(&mut self, rule: &'p Rule) -> Option<usize> {
        let program = self.program;
        *self.sizes.entry(&rule.name).or_insert_with(|| {
            let mut left = MAX_SIZE;
            conditions_of(rule).all(|condition| each_read(program, condition, &mut left, &mut |_| {}).is_some()).then_some(MAX_SIZE - left)
        })
    }
}

fn reads_args(expr: &Expr) -> bool {
    let mut found = matches!(expr.kind, ExprKind::Args);
    each_operand(expr, &mut |operand, _| found = found || reads_args(operand));
    found
}

/// Whether a rule is about every tool that a weaker one is about.
fn covers(strong: &Rule, weak: &Rule) -> bool {
    let is_covered = |entry: &std::sync::Arc<str>| strong.on.iter().any(|other| holds_all(other, entry));
    strong.on.is_empty() || !weak.on.is_empty() && weak.on.iter().all(is_covered)
}

/// Whether one entry of `on` means all that another does. Of patterns only `*` is known to hold what another holds.
fn holds_all(entry: &str, other: &str) -> bool {
    let ((server, own), (of_server, of_own)) = (split(entry), split(other));
    let servers = server.is_none() || server == of_server;
    servers && (own == of_own || own == "*" || !is_pattern(of_own) && glob_holds(own, of_own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_hold_others() {
        for (entry, other) in [("fs/*", "fs/read"), ("*", "fs/read"), ("read", "fs/read"), ("fs/*", "fs/re*"), ("re*", "read"), ("*", "re?d")] {
            assert!(holds_all(entry, other), "{entry} {other}");
        }
        for (entry, other) in [("fs/*", "read"), ("fs/*", "net/read"), ("fs/re*", "fs/*"), ("fs/read", "read"), ("r*", "re*"), ("*/read", "fs/read")]
        {
            assert!(!holds_all(entry, other), "{entry} {other}");
        }
    }
}
