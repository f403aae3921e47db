//! Outlines: the conditions of a set as trees whose parts somebody may ask the value of, one by one.

use std::collections::HashSet;

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::Location;
use crate::program::{Argument, Expr, ExprKind, Order, Program, Rule};

use super::Lowering;
use super::frame::Frame;
use super::queries::Queries;
use super::walk::{Named, dependency_order, each_operand};

/// What a policy set asks, by the numbers of queries.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// Its rules, in the order of the program.
    pub rules: Vec<RuleOutline>,
    /// The values of its `let`s and `fn`s, in the order of the program. Their queries take the parameters.
    pub definitions: Vec<Part>,
    /// The contributions to its scores, in the order of the program: how much, and when.
    pub scores: Vec<Vec<(Part, Part)>>,
}

/// What a rule asks. The queries of what stands after a choice take one more parameter, its variable.
#[derive(Clone, Debug)]
pub struct RuleOutline {
    /// What its `for` variables range over, outermost first, and whether what is there is one choice as a whole: a present optional list, set or map.
    pub choices: Vec<(Part, bool)>,
    /// The conjuncts of `when`, then `unless`, which is to be false.
    pub conditions: Vec<(Part, bool)>,
    /// Whether its conditions read anything of the call's tool.
    pub reads_tool: bool,
}

/// An expression with those in it.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its query; `None` where it is a constant, and where it cannot be known but with the arguments.
    pub query: Option<u32>,
    /// The constant that it is.
    pub constant: Option<Kept>,
    /// What it is.
    pub kind: PartKind,
    /// Where it stands.
    pub at: Location,
    /// Whether evaluating it may end in an error.
    pub errs: bool,
    /// Whether its value may be absent, and is no `json`.
    pub is_optional: bool,
    /// Of an ordered enum, how many variants that has.
    pub ranks: Option<usize>,
    /// Its operands, in order; those of what a lambda or `?.` binds have one more parameter.
    pub parts: Vec<Part>,
}

/// The forms of expressions that are looked into; of others only the operands matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// A string with holes, in which nothing can be put.
    Text,
    /// `and`
    And,
    /// `or`
    Or,
    /// `not`, also of `!=` and the like
    Not,
    /// `< <= > >=`
    Order(Order),
    /// `==`
    Equal,
    /// `if`
    If,
    /// `??`
    Coalesce,
    /// A `let`, by its place in the program.
    Let(usize),
    /// A `fn` that is called, by its place in the program.
    Invoke(usize),
    /// A score, by its place in the program.
    Score(usize),
    /// A variable, by its place among those in sight.
    Local(usize),
    /// Anything else.
    Other,
}

impl Lowering<'_> {
    /// The outline of the program, with its queries.
    pub(super) fn outline(&mut self, queries: &mut Queries) -> Outline {
        let program = self.program;
        let of_tool = readers_of_tool(program);
        let rules = program.rules.iter().map(|rule| self.rule_outline(rule, &of_tool, queries)).collect();
        let definition = |definition: &crate::program::Definition| (0..definition.params.len()).collect::<Vec<_>>();
        let definitions = program.definitions.iter().map(|found| self.part(&found.body, &mut definition(found), queries)).collect();
        let score = |score: &crate::program::Score| -> Vec<(Part, Part)> {
            let mut part = |expr: &Expr| self.part(expr, &mut Vec::new(), queries);
            score.parts.iter().map(|contribution| (part(&contribution.amount), part(&contribution.condition))).collect()
        };
        let scores = program.scores.iter().map(score).collect();
        Outline { rules, definitions, scores }
    }

    fn rule_outline(&mut self, rule: &Rule, of_tool: &HashSet<Named>, queries: &mut Queries) -> RuleOutline {
        let mut scope = Vec::new();
        let mut choices = Vec::new();
        for choice in &rule.choices {
            let is_collection = |ty: &Type| matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
            let is_whole = matches!(&choice.source.ty, Type::Optional(of) if is_collection(of));
            choices.push((self.part(&choice.source, &mut scope, queries), is_whole));
            scope.push(choice.local);
        }
        let all = rule.when.iter().map(|condition| (condition, false)).chain(rule.unless.iter().map(|condition| (condition, true)));
        let conditions = all.map(|(condition, is_unless)| (self.part(&condition.expr, &mut scope, queries), is_unless)).collect();
        let exprs = rule.choices.iter().map(|choice| &choice.source).chain(rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr));
        let reads_tool = exprs.into_iter().any(|expr| reads_tool(self.program, expr, of_tool));
        RuleOutline { choices, conditions, reads_tool }
    }

    /// A part; `scope` are the variables in sight, each by its number in the program.
    fn part(&mut self, expr: &Expr, scope: &mut Vec<usize>, queries: &mut Queries) -> Part {
        let mut parts = Vec::new();
        match &expr.kind {
            ExprKind::Call { args, .. } => {
                for arg in args {
                    match arg {
                        Argument::Value(value) => parts.push(self.part(value, scope, queries)),
                        Argument::Lambda { local, body } => parts.push(self.bound_part(*local, body, scope, queries)),
                    }
                }
            }
            ExprKind::WithPresent { base, local, body } => {
                parts.push(self.part(base, scope, queries));
                parts.push(self.bound_part(*local, body, scope, queries));
            }
            _ => each_operand(expr, &mut |operand, _| parts.push(self.part(operand, scope, queries))),
        }
        let kind = match &expr.kind {
            ExprKind::Text(_) => PartKind::Text,
            ExprKind::And(_) => PartKind::And,
            ExprKind::Or(_) => PartKind::Or,
            ExprKind::Not(_) => PartKind::Not,
            ExprKind::Order(order, ..) => PartKind::Order(*order),
            ExprKind::Equal(..) => PartKind::Equal,
            ExprKind::If { .. } => PartKind::If,
            ExprKind::Coalesce(..) => PartKind::Coalesce,
            ExprKind::Definition(place) => PartKind::Let(*place),
            ExprKind::Invoke { definition, .. } => PartKind::Invoke(*definition),
            ExprKind::Score(place) => PartKind::Score(*place),
            ExprKind::Local(local) => scope.iter().rposition(|known| known == local).map_or(PartKind::Other, PartKind::Local),
            _ => PartKind::Other,
        };
        let may_be_known = match &expr.kind {
            ExprKind::Args | ExprKind::Const(_) => false,
            ExprKind::Input(_) | ExprKind::Data(_) | ExprKind::Definition(_) | ExprKind::Score(_) => true,
            ExprKind::Fact(_) | ExprKind::Local(_) | ExprKind::Invoke { .. } => true,
            _ => parts.iter().any(|part| part.query.is_some()),
        };
        let is_optional = matches!(&expr.ty, Type::Optional(of) if !matches!(**of, Type::Json));
        let query = may_be_known.then(|| self.scoped_query(expr, scope, queries));
        let ranks = if let Type::Enum(of) = &expr.ty { of.ordered.then_some(of.variants.len()) } else { None };
        Part { query, ranks, constant: expr.constant().cloned(), kind, at: expr.at, errs: expr.errs, is_optional, parts }
    }

    fn bound_part(&mut self, local: usize, body: &Expr, scope: &mut Vec<usize>, queries: &mut Queries) -> Part {
        scope.push(local);
        let part = self.part(body, scope, queries);
        scope.pop();
        part
    }

    fn scoped_query(&mut self, expr: &Expr, scope: &[usize], queries: &mut Queries) -> u32 {
        let mut frame = Frame::with_locals(scope);
        let node = self.expr(&mut frame, expr);
        queries.add("", expr.at, scope.len(), frame.size(), node)
    }
}

/// The definitions and scores that read what is known of the call's tool.
fn readers_of_tool(program: &Program) -> HashSet<Named> {
    let mut found = HashSet::new();
    for named in dependency_order(program) {
        let exprs: Vec<&Expr> = match named {
            Named::Definition(place) => program.definitions.get(place).map(|definition| &definition.body).into_iter().collect(),
            Named::Score(place) => {
                let parts = program.scores.get(place).into_iter().flat_map(|score| &score.parts);
                parts.flat_map(|part| [&part.amount, &part.condition]).collect()
            }
        };
        if exprs.into_iter().any(|expr| reads_tool(program, expr, &found)) {
            found.insert(named);
        }
    }
    found
}

fn reads_tool(program: &Program, expr: &Expr, readers: &HashSet<Named>) -> bool {
    let mut reads = match &expr.kind {
        ExprKind::Fact(_) => true,
        ExprKind::Input(field) => Some(*field) == program.tool_field,
        ExprKind::Definition(place) | ExprKind::Invoke { definition: place, .. } => readers.contains(&Named::Definition(*place)),
        ExprKind::Score(place) => readers.contains(&Named::Score(*place)),
        _ => false,
    };
    each_operand(expr, &mut |operand, _| reads = reads || reads_tool(program, operand, readers));
    reads
}

impl Outline {
    /// Calls back with every place in it.
    pub(crate) fn each_place(&mut self, visit: &mut impl FnMut(&mut Location)) {
        let rules = self.rules.iter_mut().flat_map(|rule| rule.choices.iter_mut().chain(&mut rule.conditions).map(|(part, _)| part));
        let scores = self.scores.iter_mut().flatten().flat_map(|(amount, condition)| [amount, condition]);
        rules.chain(&mut self.definitions).chain(scores).for_each(|part| part.each_place(visit));
    }
}

impl Part {
    fn each_place(&mut self, visit: &mut impl FnMut(&mut Location)) {
        visit(&mut self.at);
        self.parts.iter_mut().for_each(|part| part.each_place(visit));
    }
}
