//! The typed program: what a policy set means, names resolved and types known. Nothing in it is an error: a set with errors has no program to lower.
//!
//! Places in it are in pieces of the set's text, which [`crate::PolicySet::place`] finds in the files. Definitions refer to each other by number. Expressions are trees; every one knows its type, its place, and whether it can err.

use std::sync::Arc;

use tollgate_evaluator::Effect;
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::types::{RecordType, Type};
use tollgate_stdlib::{Function as Builtin, Kept, Shape};

use crate::diagnostic::Location;
use crate::syntax::ast::Annotation;

pub use tollgate_evaluator::plan::{Arithmetic, Order};

/// A checked policy set.
#[derive(Clone, Debug)]
pub struct Program {
    /// The request's record type.
    pub input: Arc<RecordType>,
    /// The indices of `tool`, `args` and `session` among the request's fields.
    pub tool_field: Option<usize>,
    /// See [`Program::tool_field`].
    pub args_field: Option<usize>,
    /// See [`Program::tool_field`].
    pub session_field: Option<usize>,
    /// Refinements, by the numbers that types refer to.
    pub refinements: Vec<Refinement>,
    /// Declared tools, sorted by name.
    pub tools: Vec<Tool>,
    /// Data, sorted by full name.
    pub data: Vec<Data>,
    /// `let`s and `fn`s, each after those it refers to.
    pub definitions: Vec<Definition>,
    /// Scores, sorted by full name.
    pub scores: Vec<Score>,
    /// Obligations, sorted by name, those of the standard library included.
    pub obligations: Vec<Obligation>,
    /// Rules, sorted by full name.
    pub rules: Vec<Arc<Rule>>,
    /// The default decision.
    pub default: Option<DefaultDecision>,
    /// Tests, in the order of their files and places.
    pub tests: Vec<Arc<Test>>,
    /// Properties.
    pub properties: Vec<Arc<Property>>,
}

/// The condition of a refined field.
#[derive(Clone, Debug)]
pub struct Refinement {
    /// The condition; local `i` is field `i` of the record.
    pub condition: Expr,
    /// How many locals it uses, the fields first.
    pub locals: usize,
    /// Its source on one line.
    pub text: String,
}

/// A declared tool.
#[derive(Clone, Debug)]
pub struct Tool {
    /// `server/name` or `name`.
    pub name: Arc<str>,
    /// Its facts in the order of [`Fact::ALL`].
    pub facts: Vec<Kept>,
    /// The type of its `args` block.
    pub args: Option<Arc<RecordType>>,
    /// Where its name stands.
    pub at: Location,
}

/// Data that the host binds.
#[derive(Clone, Debug)]
pub struct Data {
    /// Its full name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// Its value until the host binds one.
    pub default: Option<Kept>,
    /// Where its name stands.
    pub at: Location,
}

/// A `let` (no parameters, `is_fn` unset) or a `fn`.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its full name.
    pub name: Arc<str>,
    /// Whether it is a `fn`.
    pub is_fn: bool,
    /// The types of its parameters, which are its first locals.
    pub params: Vec<Type>,
    /// How many locals it uses, parameters first.
    pub locals: usize,
    /// Its value.
    pub body: Expr,
    /// Where its name stands.
    pub at: Location,
}

/// A score.
#[derive(Clone, Debug)]
pub struct Score {
    /// Its full name.
    pub name: Arc<str>,
    /// The least value.
    pub low: i64,
    /// The greatest value.
    pub high: i64,
    /// Its contributions.
    pub parts: Vec<ScorePart>,
    /// How many locals it uses.
    pub locals: usize,
    /// Where its name stands.
    pub at: Location,
}

/// A contribution to a score.
#[derive(Clone, Debug)]
pub struct ScorePart {
    /// How much: an `int`.
    pub amount: Expr,
    /// When.
    pub condition: Expr,
    /// The condition's source on one line.
    pub text: String,
    /// Why.
    pub because: Option<Expr>,
}

/// An obligation.
#[derive(Clone, Debug)]
pub struct Obligation {
    /// Its name as decisions print it.
    pub name: Arc<str>,
    /// Its parameters: name, type, default.
    pub params: Vec<(Arc<str>, Type, Option<Kept>)>,
    /// Where its name stands.
    pub at: Location,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its full name.
    pub name: Arc<str>,
    /// Its effect.
    pub effect: Effect,
    /// Its annotations as written.
    pub annotations: Vec<Annotation>,
    /// Its documentation.
    pub doc: String,
    /// The tools or patterns of `on`; empty: every tool.
    pub on: Vec<Arc<str>>,
    /// Its choices, outermost first.
    pub choices: Vec<Choice>,
    /// The conjuncts of `when`, in order, with their source.
    pub when: Vec<Condition>,
    /// `unless`
    pub unless: Option<Condition>,
    /// `because`
    pub because: Option<Expr>,
    /// `require`
    pub require: Vec<Requirement>,
    /// How many locals it uses.
    pub locals: usize,
    /// Where its name stands.
    pub at: Location,
    /// The whole item.
    pub item: Location,
}

/// A condition with its source on one line.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The condition.
    pub expr: Expr,
    /// Its source.
    pub text: String,
    /// Operands worth showing beside it: no constants, with their source; parts of `and`, `or`, `not`.
    pub parts: Vec<Condition>,
}

/// `for x in source`
#[derive(Clone, Debug)]
pub struct Choice {
    /// The variable's place among the locals.
    pub local: usize,
    /// Its name.
    pub name: Arc<str>,
    /// What it ranges over.
    pub source: Expr,
}

/// A required obligation.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// Its place in [`Program::obligations`].
    pub obligation: usize,
    /// Its arguments in the order of the parameters, defaults filled in.
    pub args: Vec<Expr>,
    /// Whether they read as present what only the rule's conditions prove so.
    pub proved: bool,
}

/// `default review|deny`
#[derive(Clone, Debug)]
pub struct DefaultDecision {
    /// Review or deny.
    pub effect: Effect,
    /// Its text.
    pub because: Option<Expr>,
    /// Where it stands.
    pub at: Location,
}

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its title: a template, whose holes see local 0 (the row) where there are rows.
    pub title: Expr,
    /// The rows of `for`: a list; local 0 is the row.
    pub rows: Option<Expr>,
    /// Its data: place in [`Program::data`] and value as `json`.
    pub data: Vec<(usize, Expr)>,
    /// Its one anonymous step, or its steps.
    pub steps: Vec<Step>,
    /// How many locals its expressions use: 0 the row, 1 the decision.
    pub locals: usize,
    /// Where its title stands.
    pub at: Location,
    /// The package it stands in.
    pub package: Arc<str>,
}

/// A step of a test.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its title; `None` in a test without steps.
    pub title: Option<Expr>,
    /// The request as `json`.
    pub input: Expr,
    /// What the tool gave, as `json`.
    pub result: Option<Expr>,
    /// What is expected.
    pub expect: Vec<Expectation>,
}

/// What a test expects.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// An effect, and by which rules; full names, sorted.
    Effect { effect: Effect, by: ExpectedRules, at: Location },
    /// A condition; local 1 is the decision.
    Condition(Condition),
}

/// What `by` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedRules {
    /// Nothing.
    Any,
    /// No rule.
    None,
    /// Exactly these.
    Exactly(Vec<Arc<str>>),
}

/// A property.
#[derive(Clone, Debug)]
pub struct Property {
    /// Its title.
    pub title: Arc<str>,
    /// Its claims.
    pub claims: Vec<Claim>,
    /// Where its title stands.
    pub at: Location,
}

/// What a property claims of every input.
#[derive(Clone, Debug)]
pub struct Claim {
    /// `always` or `never`.
    pub always: bool,
    /// The effect.
    pub effect: Effect,
    /// The condition.
    pub when: Option<Condition>,
}

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Its form.
    pub kind: ExprKind,
    /// Its type.
    pub ty: Type,
    /// Where it stands.
    pub at: Location,
    /// Whether its evaluation can end in an error (the step limit aside).
    pub errs: bool,
    /// Whether its evaluation uses no steps.
    pub free: bool,
}

/// The forms of typed expressions; the meaning of each is that of [`tollgate_evaluator::plan::Node`]'s like-named variant.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// What is wrong already.
    Error,
    /// A constant.
    Const(Kept),
    /// A field of the request, by index in [`Program::input`].
    Input(usize),
    /// `args` as the tools of the rule's `on` type it.
    Args,
    /// Data.
    Data(usize),
    /// A `let`, or a `fn` without parameters that is called.
    Definition(usize),
    /// A score.
    Score(usize),
    /// A fact of the call's tool.
    Fact(Fact),
    /// A variable.
    Local(usize),
    /// A field of a record, or of an optional record (`?.`). Fields of `Args` are read by name, others by index.
    Field { base: Box<Expr>, name: Arc<str>, index: usize },
    /// `j.name` on `json` or `json?`.
    Member { base: Box<Expr>, name: Arc<str> },
    /// `m[k]`, `l[i]`, `j[…]`
    Index { base: Box<Expr>, index: Box<Expr> },
    /// `and`
    And(Vec<Expr>),
    /// `or`
    Or(Vec<Expr>),
    /// `not`, `!=`, `not in`
    Not(Box<Expr>),
    /// `if`
    If { condition: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// `==`; `has` is `not (field == none)`
    Equal(Box<Expr>, Box<Expr>),
    /// `< <= > >=`
    Order(Order, Box<Expr>, Box<Expr>),
    /// `in`
    In(Box<Expr>, Box<Expr>),
    /// `like`
    Like(Box<Expr>, Arc<str>),
    /// `matches`
    Matches(Box<Expr>, Arc<str>),
    /// `??`
    Coalesce(Box<Expr>, Box<Expr>),
    /// `+ - * / %`
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    /// unary `-`
    Negate(Box<Expr>),
    /// A template with holes.
    Text(Vec<Expr>),
    /// `[…]`
    List(Vec<Expr>),
    /// `{…}`
    Set(Vec<Expr>),
    /// A record literal: values in the order of the shape, `Const(None)` for absent optional fields.
    Record(Arc<Shape>, Vec<Expr>),
    /// A map literal.
    Map(Vec<(Arc<str>, Expr)>),
    /// `with`: each change is a path of names and a value.
    With { base: Box<Expr>, changes: Vec<(Vec<Arc<str>>, Expr)> },
    /// A built-in function.
    Call { function: &'static Builtin, args: Vec<Argument> },
    /// A `fn`.
    Invoke { definition: usize, args: Vec<Expr> },
    /// `base?.method(…)`: where the base is present it is bound to the local and the body evaluated.
    WithPresent { base: Box<Expr>, local: usize, body: Box<Expr> },
    /// An `int` (or a collection of them) as `decimal`.
    ToDecimal(Box<Expr>),
    /// Any value as `json`.
    ToJson(Box<Expr>),
}

/// An argument of a built-in function; the receiver is the first.
#[derive(Clone, Debug)]
pub enum Argument {
    /// A value; `Const(None)` for one left out.
    Value(Expr),
    /// A lambda.
    Lambda { local: usize, body: Expr },
}

impl Expr {
    /// The constant that it is.
    pub fn constant(&self) -> Option<&Kept> {
        if let ExprKind::Const(value) = &self.kind { Some(value) } else { None }
    }
}
