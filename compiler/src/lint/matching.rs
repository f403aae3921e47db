//! What a rule says of the calls that match it.

use std::cell::Cell;

use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind, Program, Rule};

use super::reason::{Assumptions, Given};
use super::tools::{Calls, Meant, Undeclared};

/// How much is gone through for what the tools of all rules say.
const MAX_WORK: usize = 1 << 19;
/// Of conditions with more expressions than this, those of `let`s included, it is not said what they read.
const MAX_SIZE: usize = 500;

/// The calls that match a rule.
pub struct Matching<'p> {
    program: &'p Program,
    rule: &'p Rule,
    assumed: Assumptions<'p>,
    /// Whether its conditions read what is known of tools.
    asks_tool: bool,
    /// How much may be gone through yet.
    left: Cell<usize>,
}

impl<'p> Matching<'p> {
    /// What a rule says.
    pub fn new(program: &'p Program, rule: &'p Rule) -> Matching<'p> {
        let asks_tool = conditions_of(rule).any(|condition| may_read(program, condition, &|expr| is_of_tool(program, expr)));
        let left = Cell::new(MAX_WORK / program.rules.len().max(1));
        Matching { program, rule, assumed: assumed(program, rule, &[]), asks_tool, left }
    }

    /// Whether there are none.
    pub fn are_none(&self) -> bool {
        self.assumed.are_impossible()
    }

    /// Whether none of them is among such calls.
    pub fn exclude(&self, meant: &Meant) -> bool {
        meant.calls().iter().all(|calls| calls.contradict(&self.assumed) || self.exclude_closely(calls))
    }

    /// Whether none of them is of a tool that the set does not declare.
    pub fn exclude_undeclared(&self, undeclared: &Undeclared) -> bool {
        self.exclude(&undeclared.meant) || undeclared.contradict(&self.assumed)
    }

    /// The same of the calls of one tool, where conditions are read in the light of what is known of it.
    fn exclude_closely(&self, calls: &Calls) -> bool {
        let Some(left) = self.left.get().checked_sub(self.assumed.size()).filter(|_| self.asks_tool) else { return false };
        self.left.set(left);
        assumed(self.program, self.rule, &calls.given()).are_impossible()
    }
}

/// What a rule that matches says, where something is known of the call.
pub fn assumed<'p>(program: &'p Program, rule: &Rule, given: &[Given]) -> Assumptions<'p> {
    let mut assumptions = Assumptions::given(program, given);
    for choice in &rule.choices {
        assumptions.assume_present(&choice.source);
        assumptions.assume_chosen(choice);
    }
    rule.when.iter().for_each(|condition| assumptions.assume(&condition.expr, true));
    rule.unless.iter().for_each(|condition| assumptions.assume(&condition.expr, false));
    assumptions
}

/// The conditions of a rule.
pub fn conditions_of(rule: &Rule) -> impl Iterator<Item = &Expr> {
    rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr)
}

/// Whether an expression is of what is known of tools: a fact, or the call's tool.
pub fn is_of_tool(program: &Program, expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Fact(_) => true,
        ExprKind::Input(field) => Some(*field) == program.tool_field,
        _ => false,
    }
}

/// Whether an expression, or what it reads, has a part for which `is_meant` holds; of large ones it may be so.
pub fn may_read(program: &Program, expr: &Expr, is_meant: &dyn Fn(&Expr) -> bool) -> bool {
    let mut left = MAX_SIZE;
    let mut found = false;
    each_read(program, expr, &mut left, &mut |part| found = found || is_meant(part)).is_none() || found
}

/// Calls back with the expressions within one, and in what it reads, of which so many are left; `None` where they are more.
pub fn each_read(program: &Program, expr: &Expr, left: &mut usize, visit: &mut dyn FnMut(&Expr)) -> Option<()> {
    *left = left.checked_sub(1)?;
    visit(expr);
    let definition = match expr.kind {
        ExprKind::Definition(place) | ExprKind::Invoke { definition: place, .. } => program.definitions.get(place),
        _ => None,
    };
    let mut all = definition.map_or(Some(()), |definition| each_read(program, &definition.body, left, visit));
    each_operand(expr, &mut |operand, _| all = all.and_then(|()| each_read(program, operand, left, visit)));
    all
}
