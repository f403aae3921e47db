//! The syntax tree: what an author wrote, with spans, nothing resolved.

#![expect(missing_docs, reason = "a variant's own line explains its fields")]

use smol_str::SmolStr;

/// A half-open range of byte offsets in one source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset after the last byte.
    pub end: u32,
}

/// A name or word with the place where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The word itself; for a quoted field the decoded text.
    pub text: SmolStr,
    /// Where it stands.
    pub span: Span,
}

/// A plain string (no holes) with the place where it stands.
pub type Text = Name;

/// A dotted name such as `a.b.c`, never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Its words in order.
    pub parts: Vec<Name>,
    /// From the first word to the last.
    pub span: Span,
}

/// One top-level item with what stands before its keyword.
#[derive(Clone, Debug)]
pub struct Item {
    /// From the first annotation or the keyword to the last token.
    pub span: Span,
    /// The text of its `///` lines joined by line ends; empty where there is none.
    pub doc: String,
    /// Its `@name(…)` annotations in order.
    pub annotations: Vec<Annotation>,
    /// What it declares.
    pub kind: ItemKind,
}

/// `@name` or `@name(arg, …)`.
#[derive(Clone, Debug)]
pub struct Annotation {
    /// The word after `@`.
    pub name: Name,
    /// Strings or words between the parentheses.
    pub args: Vec<Text>,
    /// The whole annotation.
    pub span: Span,
}

/// The kinds of items.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// `package a.b`
    Package(Path),
    /// `import a.b [as x]`
    Import { path: Path, alias: Option<Name> },
    /// `enum Name { a < b, c }`
    Enum { name: Name, variants: Variants },
    /// `type Name = …` or `type Name { … }`
    Type { name: Name, ty: TypeExpr },
    /// `data name: T [= const]`
    Data { name: Name, ty: TypeExpr, default: Option<Expr> },
    /// `input { … }`
    Input { fields: Vec<FieldDecl>, open: bool },
    /// `tool "server/name" { … }`
    Tool(Tool),
    /// `obligation name(param: T [= const], …)`
    Obligation { name: Name, params: Vec<Param> },
    /// `let name[: T] = expr`
    Let { name: Name, ty: Option<TypeExpr>, value: Expr },
    /// `fn name(a: T, …) [-> T] = expr`
    Fn { name: Name, params: Vec<Param>, result: Option<TypeExpr>, body: Expr },
    /// `score name: lo..=hi { N when cond [because "…"], … }`
    Score { name: Name, low: Expr, high: Expr, parts: Vec<ScorePart> },
    /// `allow|review|deny name …`
    Rule(Rule),
    /// `default review|deny because "…"`; the effect word is kept, for `default allow` is refused with a reason.
    Default { effect: Effect, effect_span: Span, because: Option<Expr> },
    /// `test "title" [for c in rows] { … }`
    Test(Test),
    /// `property "title" { never|always effect when expr … }`
    Property { title: Text, claims: Vec<Claim> },
}

/// The variants of an enum, named or inline.
#[derive(Clone, Debug)]
pub struct Variants {
    /// Names in written order.
    pub names: Vec<Text>,
    /// Whether `<` stands between them (then it stands between all of them).
    pub ordered: bool,
    /// The whole list.
    pub span: Span,
}

/// An effect word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// `allow`
    Allow,
    /// `review`
    Review,
    /// `deny`
    Deny,
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// Its form.
    pub kind: TypeKind,
    /// Where it stands.
    pub span: Span,
}

/// The forms of types.
#[derive(Clone, Debug)]
pub enum TypeKind {
    /// `int`, `Risk`, `std.Agent`, …; one part is a builtin type where it is one.
    Named(Path),
    /// `list<T>`, `set<T>`, `map<T>`: the word and its argument (any word here is kept; resolution refuses unknown ones).
    Generic { name: Name, arg: Box<TypeExpr> },
    /// `{ a: int, b?: string, .. }`
    Record { fields: Vec<FieldDecl>, open: bool },
    /// `"a" | "b"`
    Enum(Variants),
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `Base with { … }`
    With { base: Box<TypeExpr>, fields: Vec<FieldDecl>, open: bool },
}

/// `name[?]: T [where cond] [= const]`
#[derive(Clone, Debug)]
pub struct FieldDecl {
    /// The `///` text before it.
    pub doc: String,
    /// Its name, quoted or not.
    pub name: Name,
    /// Whether `?` follows the name.
    pub optional: bool,
    /// Its type.
    pub ty: TypeExpr,
    /// The refinement after `where`.
    pub refinement: Option<Expr>,
    /// The default after `=`.
    pub default: Option<Expr>,
    /// The whole declaration.
    pub span: Span,
}

/// A parameter of a function or obligation.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// Its default (obligations alone; refused for functions by the checker).
    pub default: Option<Expr>,
}

/// A tool declaration.
#[derive(Clone, Debug)]
pub struct Tool {
    /// `server/name` or `name`.
    pub name: Text,
    /// `category: "write"` and the like, in order.
    pub attributes: Vec<(Name, Expr)>,
    /// The `args { … }` block.
    pub args: Option<ToolArgs>,
}

/// The `args { … }` block of a tool.
#[derive(Clone, Debug)]
pub struct ToolArgs {
    /// Its fields.
    pub fields: Vec<FieldDecl>,
    /// Whether it ends in `..`.
    pub open: bool,
    /// The whole block.
    pub span: Span,
}

/// `N when cond [because "…"]`
#[derive(Clone, Debug)]
pub struct ScorePart {
    /// The contribution.
    pub amount: Expr,
    /// Its condition.
    pub condition: Expr,
    /// Its text.
    pub because: Option<Expr>,
    /// The whole part.
    pub span: Span,
}

/// An `allow`, `review` or `deny` rule. Clauses come in the one order of the language.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its effect.
    pub effect: Effect,
    /// Its name.
    pub name: Name,
    /// The strings after `on`; empty: every tool.
    pub on: Vec<Text>,
    /// `for x in expr`, outermost first.
    pub choices: Vec<Choice>,
    /// The condition after `when`.
    pub when: Option<Expr>,
    /// The condition after `unless`.
    pub unless: Option<Expr>,
    /// The template after `because`.
    pub because: Option<Expr>,
    /// The obligations after `require`.
    pub require: Vec<Requirement>,
}

/// `for x in expr`
#[derive(Clone, Debug)]
pub struct Choice {
    /// The variable.
    pub name: Name,
    /// What it ranges over.
    pub source: Expr,
}

/// `obligation(param: value, …)`; arguments may be given by place or by name.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// The obligation's name (a path where a package is named).
    pub name: Path,
    /// Its arguments.
    pub args: Vec<(Option<Name>, Expr)>,
    /// The whole requirement.
    pub span: Span,
}

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its title, a template where it has a `for`.
    pub title: Expr,
    /// `for c in rows`
    pub rows: Option<Choice>,
    /// What it does, in order.
    pub body: Vec<TestClause>,
}

/// A clause of a test or of a step.
#[derive(Clone, Debug)]
pub enum TestClause {
    /// `input expr`
    Input(Expr),
    /// `data name = expr` (a path where a package is named)
    Data { name: Path, value: Expr },
    /// `result expr` (steps alone)
    Result(Expr),
    /// `expect effect [by rules | by none]`
    ExpectEffect { effect: Effect, by: By, span: Span },
    /// `expect EXPR`
    Expect(Expr),
    /// `step "title" { … }` (tests alone)
    Step { title: Expr, body: Vec<TestClause>, span: Span },
}

/// What follows `by`.
#[derive(Clone, Debug)]
pub enum By {
    /// No `by`: any rules.
    Any,
    /// `by none`
    None,
    /// `by a, p.b`
    Rules(Vec<Path>),
}

/// `never EFFECT when EXPR` or `always EFFECT when EXPR`
#[derive(Clone, Debug)]
pub struct Claim {
    /// `true` for `always`.
    pub always: bool,
    /// The effect claimed.
    pub effect: Effect,
    /// The condition; every input where it is absent.
    pub when: Option<Expr>,
    /// The whole claim.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Its form.
    pub kind: ExprKind,
    /// Where it stands, brackets around it not included.
    pub span: Span,
}

/// The forms of expressions.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// What could not be parsed; a diagnostic was given.
    Error,
    /// `true`, `false`
    Bool(bool),
    /// `none`
    None,
    /// An integer's magnitude; `None` where it is greater than `u64` holds. Range is checked with its sign by the checker.
    Int(Option<u64>),
    /// A decimal as written, underscores removed.
    Decimal(SmolStr),
    /// A duration in nanoseconds; `None` where it is out of range, for which a diagnostic was given.
    Duration(Option<i64>),
    /// A string literal; one without holes is one `Text` part or none.
    Template { parts: Vec<TemplatePart>, raw: bool },
    /// A name.
    Name(SmolStr),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{a, b}`, never empty
    Set(Vec<Expr>),
    /// `{ key: value }`, empty for `{}`
    Record(Vec<(Key, Expr)>),
    /// `a.b` or `a?.b`
    Field { base: Box<Expr>, name: Name, optional: bool },
    /// `a[i]`
    Index { base: Box<Expr>, index: Box<Expr> },
    /// `a.m(args)` or `a?.m(args)`
    Method { base: Box<Expr>, name: Name, args: Vec<Expr>, optional: bool },
    /// `f(args)`; a call through a package is a `Method` on a `Name`.
    Call { name: Name, args: Vec<Expr> },
    /// `x => expr`, as an argument alone
    Lambda { param: Name, body: Box<Expr> },
    /// `base with { a.b: v }`
    With { base: Box<Expr>, changes: Vec<(Key, Expr)> },
    /// `not e` or `-e`
    Unary { op: UnaryOp, operand: Box<Expr> },
    /// A chain of `and` or of `or`, two operands or more, flat.
    Logic { and: bool, operands: Vec<Expr> },
    /// Every other operator with two operands.
    Binary { op: BinaryOp, op_span: Span, left: Box<Expr>, right: Box<Expr> },
    /// `base has field`
    Has { base: Box<Expr>, field: Name },
    /// `if c then a else b`
    If { condition: Box<Expr>, then: Box<Expr>, otherwise: Box<Expr> },
    /// `(e)`; kept for the formatter and for fixes.
    Paren(Box<Expr>),
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Text, decoded.
    Text(String),
    /// `{expr}`; the span includes the braces.
    Hole { expr: Expr, span: Span },
}

/// The key of a record, map or `with` entry: one name, or for `with` a dotted path.
#[derive(Clone, Debug)]
pub struct Key {
    /// One part, or several in `with { a.b: v }`.
    pub parts: Vec<Name>,
    /// Whether the first part is quoted.
    pub quoted: bool,
    /// Where it stands.
    pub span: Span,
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Neg,
}

/// Operators with two operands, `and` and `or` aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `like`
    Like,
    /// `matches`
    Matches,
    /// `??`
    Coalesce,
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Rem,
}
