//! Conditions with what is behind the names in them: of each `let` and `fn` its definition, of each `if` its branches. It is for explanations, whose plan
//! may be larger than the one that decides.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_evaluator::plan::Plan;

use crate::diagnostic::{Diagnostic, Location};
use crate::lower;
use crate::lower::walk::each_operand;
use crate::program::{Argument, Condition, Expr, ExprKind, Program, Rule};
use crate::residual::on_one_line;
use crate::set::PolicySet;

/// How many expressions are added to a rule.
const MAX_ADDED: usize = 200;
/// How many expressions are copied for a rule: of definitions, and of what their parameters stand for.
const MAX_COPIED: usize = 20_000;
/// How deep definitions are followed.
const MAX_DEPTH: usize = 6;
/// The longest text of an expression that is added, in bytes.
const MAX_TEXT: usize = 400;
/// The first number of variables that definitions bring into a rule, which has none of such numbers.
const FIRST_LOCAL: usize = 1 << 24;

impl PolicySet {
    /// A plan that decides as that of [`PolicySet::compile`] does, and explains more.
    ///
    /// # Errors
    /// As [`PolicySet::compile`], and where what is added is too much.
    pub fn unfolded(&self) -> Result<Plan, Vec<Diagnostic>> {
        let mut program = self.program().clone();
        for rule in &mut program.rules {
            let unfolded =
                Unfolding { set: self, program: self.program(), left: MAX_ADDED, room: MAX_COPIED, next: FIRST_LOCAL, filled: HashSet::new() }
                    .rule(rule);
            *rule = Arc::new(unfolded);
        }
        lower::plan(&program)
    }
}

struct Unfolding<'s> {
    set: &'s PolicySet,
    program: &'s Program,
    /// How many expressions may be added.
    left: usize,
    /// How many may be copied.
    room: usize,
    /// The number of the next variable.
    next: usize,
    /// Where parameters stand that something was put in the place of.
    filled: HashSet<Location>,
}

impl Unfolding<'_> {
    fn rule(mut self, rule: &Rule) -> Rule {
        let mut rule = rule.clone();
        rule.when.iter_mut().chain(&mut rule.unless).for_each(|condition| self.add_to(condition));
        rule
    }

    fn add_to(&mut self, condition: &mut Condition) {
        match condition.parts.as_mut_slice() {
            [] => condition.parts = self.behind(&condition.expr, 0),
            parts => parts.iter_mut().for_each(|part| self.add_to(part)),
        }
    }

    /// What is behind a definition or a branch; nothing of other expressions, of which their operands are shown already, or what they read.
    fn behind(&mut self, expr: &Expr, depth: usize) -> Vec<Condition> {
        match &expr.kind {
            ExprKind::Definition(place) => self.definition(*place, &[], depth).into_iter().collect(),
            ExprKind::Invoke { definition, args } => {
                // What can err is evaluated first, and its error is that of the call.
                let mut parts: Vec<Condition> = args.iter().filter(|arg| arg.errs).filter_map(|arg| self.shown("", arg, depth)).collect();
                parts.extend(self.definition(*definition, args, depth));
                parts
            }
            ExprKind::If { condition, then, otherwise } => {
                let words = [("if", condition), ("then", then), ("else", otherwise)];
                let branches: Vec<Condition> = words.into_iter().filter_map(|(word, expr)| self.shown(word, expr, depth)).collect();
                // Of fewer nobody could tell which is which.
                if branches.len() == 3 { branches } else { Vec::new() }
            }
            _ => Vec::new(),
        }
    }

    /// The body of a definition with what its parameters stand for.
    fn definition(&mut self, place: usize, args: &[Expr], depth: usize) -> Option<Condition> {
        let definition = self.program.definitions.get(place).filter(|_| depth < MAX_DEPTH)?;
        if definition.body.constant().is_some() {
            return None;
        }
        self.spend(&definition.body)?;
        let mut body = definition.body.clone();
        self.fill(&mut body, args, &mut HashMap::new())?;
        self.shown("", &body, depth + 1)
    }

    /// An expression as it is written, after a word, with its operands.
    fn shown(&mut self, word: &str, expr: &Expr, depth: usize) -> Option<Condition> {
        self.left = self.left.checked_sub(1)?;
        let text = on_one_line(self.written(expr.at)?);
        let text = if word.is_empty() { text } else { format!("{word} {text}") };
        // Of one that stands for the whole, as the field of `has`, nothing is told apart.
        let mut inner: Vec<&Expr> = operands(expr).into_iter().filter(|operand| operand.at != expr.at).collect();
        let is_leaf = inner.is_empty() && !matches!(expr.kind, ExprKind::Definition(_) | ExprKind::Invoke { .. } | ExprKind::If { .. });
        if is_leaf {
            self.named_within(expr, &mut inner);
        }
        let mut parts: Vec<Condition> =
            inner.into_iter().filter(|operand| operand.constant().is_none()).filter_map(|operand| self.shown("", operand, depth)).collect();
        parts.extend(self.behind(expr, depth));
        Some(Condition { expr: expr.clone(), text, parts })
    }

    /// What stands within an expression for something else: parameters, names of definitions and branches; and what it reads beside them.
    fn named_within<'e>(&self, expr: &'e Expr, found: &mut Vec<&'e Expr>) {
        let known = found.len();
        let mut reads = Vec::new();
        self.collect(expr, false, found, &mut reads);
        if found.len() > known {
            found.extend(reads);
        }
    }

    fn collect<'e>(&self, expr: &'e Expr, is_bound: bool, named: &mut Vec<&'e Expr>, reads: &mut Vec<&'e Expr>) {
        each_operand(expr, &mut |operand, binds| {
            let is_bound = is_bound || binds;
            match operand.kind {
                _ if operand.at == expr.at => self.collect(operand, is_bound, named, reads),
                _ if self.filled.contains(&operand.at) => named.push(operand),
                ExprKind::Definition(_) => named.push(operand),
                // What a variable of its own may stand in has no value here.
                ExprKind::Invoke { .. } | ExprKind::If { .. } if !is_bound => named.push(operand),
                _ if self.is_read(operand) => reads.push(operand),
                _ => self.collect(operand, is_bound, named, reads),
            }
        });
    }

    /// Whether an expression is read from the request or from data as it stands.
    fn is_read(&self, expr: &Expr) -> bool {
        !self.filled.contains(&expr.at)
            && match &expr.kind {
                ExprKind::Input(_) | ExprKind::Args | ExprKind::Data(_) => true,
                ExprKind::Field { base, .. } | ExprKind::Member { base, .. } => self.is_read(base),
                _ => false,
            }
    }

    fn written(&self, at: Location) -> Option<&str> {
        let at = self.set.place(at);
        Some(at.span.of(self.set.sources().files().get(at.file.0 as usize).map(|source| &*source.text)?))
            .filter(|text| (1..=MAX_TEXT).contains(&text.len()))
    }

    /// Pays for a copy of an expression; nothing where it is too large.
    fn spend(&mut self, expr: &Expr) -> Option<()> {
        self.room = self.room.checked_sub(1)?;
        let mut paid = Some(());
        each_operand(expr, &mut |operand, _| paid = paid.and_then(|()| self.spend(operand)));
        paid
    }

    /// Puts what is given in the place of parameters, and gives variables numbers of their own; nothing where that is too much.
    fn fill(&mut self, expr: &mut Expr, args: &[Expr], renamed: &mut HashMap<usize, usize>) -> Option<()> {
        match &mut expr.kind {
            ExprKind::Local(local) => match (renamed.get(local), args.get(*local)) {
                (Some(renamed), _) => *local = *renamed,
                (None, Some(arg)) => {
                    self.spend(arg)?;
                    self.filled.insert(expr.at);
                    *expr = Expr { at: expr.at, ..arg.clone() };
                }
                (None, None) => {}
            },
            ExprKind::WithPresent { base, local, body } => {
                self.fill(base, args, renamed)?;
                self.rename(local, renamed);
                self.fill(body, args, renamed)?;
            }
            ExprKind::Call { args: given, .. } => {
                for arg in given {
                    match arg {
                        Argument::Value(value) => self.fill(value, args, renamed)?,
                        Argument::Lambda { local, body } => {
                            self.rename(local, renamed);
                            self.fill(body, args, renamed)?;
                        }
                    }
                }
            }
            _ => lower::walk::operands_mut(expr).into_iter().try_for_each(|operand| self.fill(operand, args, renamed))?,
        }
        Some(())
    }

    fn rename(&mut self, local: &mut usize, renamed: &mut HashMap<usize, usize>) {
        renamed.insert(*local, self.next);
        *local = self.next;
        self.next += 1;
    }
}

/// The operands that are shown beneath an expression.
fn operands(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().collect(),
        // `!=` and `not in` are one operator.
        ExprKind::Not(inner) if inner.at == expr.at => operands(inner),
        ExprKind::Not(inner) => vec![inner],
        ExprKind::Equal(a, b) | ExprKind::Order(_, a, b) | ExprKind::In(a, b) | ExprKind::Coalesce(a, b) => vec![a, b],
        ExprKind::Like(text, _) | ExprKind::Matches(text, _) => vec![text],
        _ => Vec::new(),
    }
}
