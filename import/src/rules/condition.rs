//! Conditions such as `agent.role != "admin"`: from their text to a [`Test`].
//!
//! They are read by the language's own parser, after the words and signs that other languages have for the same: `&&`, `'…'`, `True`.

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{BinaryOp, Expr, ExprKind, TemplatePart, UnaryOp};
use tollgate_compiler::syntax::lexer::{self, TokenKind};
use tollgate_compiler::syntax::{SyntaxLimits, parse_expr};

use crate::toll::quoted;

/// What a condition asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// Always, or never.
    Constant(bool),
    /// All of them.
    All(Vec<Test>),
    /// One of them.
    Any(Vec<Test>),
    /// Not so.
    Not(Box<Test>),
    /// A field that is true.
    Is(Path),
    /// A field is there, or is not.
    Present(Path, bool),
    /// A field against a constant: `== != < <= > >=`
    Compare(Path, Sign, Literal),
    /// Two fields.
    Fields(Path, Sign, Path),
    /// A field is one of some constants.
    OneOf(Path, Vec<Literal>),
    /// A field is a list with this element.
    Holds(Path, Literal),
    /// How a text is.
    Text(Path, Match, String),
    /// How long a text or list is.
    Length(Path, Sign, Literal),
}

/// A field of the request: where it begins, and the names after that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// `agent`, `args`, `context` …
    pub root: Root,
    /// The names, at least one.
    pub fields: Vec<String>,
    /// Whether the source names no part of the request, so that the root is a guess.
    pub is_bare: bool,
}

/// The parts of a request that conditions read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Root {
    Agent,
    User,
    Tool,
    Args,
    Context,
    Session,
}

/// A sign between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// How a text is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    Begins,
    Ends,
    Contains,
    Glob,
    Pattern,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    Bool(bool),
    /// As the language writes it.
    Number(String),
    Text(String),
}

impl Root {
    /// Its name in requests.
    pub fn name(self) -> &'static str {
        match self {
            Root::Agent => "agent",
            Root::User => "user",
            Root::Tool => "tool",
            Root::Args => "args",
            Root::Context => "context",
            Root::Session => "session",
        }
    }
}

impl Sign {
    /// As the language writes it.
    pub fn text(self) -> &'static str {
        match self {
            Sign::Equal => "==",
            Sign::NotEqual => "!=",
            Sign::Less => "<",
            Sign::LessEqual => "<=",
            Sign::Greater => ">",
            Sign::GreaterEqual => ">=",
        }
    }

    fn of(op: BinaryOp) -> Option<Sign> {
        match op {
            BinaryOp::Eq => Some(Sign::Equal),
            BinaryOp::Ne => Some(Sign::NotEqual),
            BinaryOp::Lt => Some(Sign::Less),
            BinaryOp::Le => Some(Sign::LessEqual),
            BinaryOp::Gt => Some(Sign::Greater),
            BinaryOp::Ge => Some(Sign::GreaterEqual),
            _ => None,
        }
    }

    /// With its sides changed: `1 < x` is `x > 1`.
    fn turned(self) -> Sign {
        match self {
            Sign::Equal | Sign::NotEqual => self,
            Sign::Less => Sign::Greater,
            Sign::LessEqual => Sign::GreaterEqual,
            Sign::Greater => Sign::Less,
            Sign::GreaterEqual => Sign::LessEqual,
        }
    }

    /// Whether it asks for an order.
    pub fn is_order(self) -> bool {
        !matches!(self, Sign::Equal | Sign::NotEqual)
    }
}

impl Literal {
    /// As the language writes it.
    pub fn text(&self) -> String {
        match self {
            Literal::Bool(value) => value.to_string(),
            Literal::Number(digits) => digits.clone(),
            Literal::Text(text) => quoted(text),
        }
    }
}

/// What a condition's text asks.
///
/// # Errors
///
/// Why it cannot be said in a policy.
pub fn read(text: &str) -> Result<Test, String> {
    let text = respelled(text)?;
    let (expr, diagnostics) = parse_expr(&text, FileId(0), &SyntaxLimits::default());
    match diagnostics.first() {
        Some(diagnostic) => Err(format!("it cannot be read: {}", diagnostic.message)),
        None => test(&expr),
    }
}

/// The text with the words and signs of the language.
fn respelled(text: &str) -> Result<String, String> {
    let tokens: Vec<(TokenKind, &str)> = lexer::lex(text).iter().map(|token| (token.kind, token.span.of(text))).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = tokens.iter().copied().peekable();
    while let Some((kind, slice)) = rest.next() {
        match kind {
            TokenKind::AndAnd => out.push_str(" and "),
            TokenKind::OrOr => out.push_str(" or "),
            TokenKind::Bang => out.push_str(" not "),
            TokenKind::SingleQuoted => out.push_str(&quoted(&unescaped(slice))),
            TokenKind::String => out.push_str(&quoted(&unescaped(slice))),
            TokenKind::Assign if out.ends_with("==") || out.ends_with("!=") => {}
            TokenKind::Assign if rest.peek().is_some_and(|(_, next)| *next == "~") => {
                rest.next();
                out.push_str(" matches ");
            }
            TokenKind::Assign => out.push_str("=="),
            TokenKind::Less if rest.peek().is_some_and(|(kind, _)| *kind == TokenKind::Greater) => {
                rest.next();
                out.push_str("!=");
            }
            TokenKind::Word => out.push_str(word(slice)),
            TokenKind::Comment | TokenKind::Doc => return Err(format!("`{slice}` is a comment or an operator that no policy has")),
            _ => out.push_str(slice),
        }
    }
    Ok(infix(&out))
}

/// The language's word for that of another.
fn word(word: &str) -> &str {
    match word {
        "AND" | "And" => "and",
        "OR" | "Or" => "or",
        "NOT" | "Not" => "not",
        "IN" | "In" => "in",
        "LIKE" => "like",
        "MATCHES" => "matches",
        "True" | "TRUE" => "true",
        "False" | "FALSE" => "false",
        "None" | "null" | "nil" | "NULL" | "undefined" => "none",
        word => word,
    }
}

/// Operators that are words elsewhere and methods here: `a contains "x"` is `a.contains("x")`, `a is none` is `a == none`; and the round brackets
/// of Python's `in ("a", "b")`.
fn infix(text: &str) -> String {
    let tokens: Vec<_> =
        lexer::lex(text).iter().map(|token| (token.kind, token.span.of(text))).filter(|(kind, _)| *kind != TokenKind::Space).collect();
    let mut out: Vec<&str> = Vec::new();
    let mut rest = tokens.iter().copied().peekable();
    let mut closing = false;
    let mut brackets: Vec<bool> = Vec::new();
    while let Some((kind, slice)) = rest.next() {
        let follows_value =
            out.last().is_some_and(|before| *before != "." && *before != "(" && *before != "and" && *before != "or" && *before != "not");
        let next = rest.peek().map(|(_, next)| *next);
        match slice {
            "contains" | "includes" | "startswith" | "starts_with" | "startsWith" | "endswith" | "ends_with" | "endsWith"
                if kind == TokenKind::Word && follows_value && next != Some("(") && next.is_some() =>
            {
                out.extend([".", slice, "("]);
                closing = true;
                continue;
            }
            "is" if follows_value => {
                let negated = next == Some("not");
                if negated {
                    rest.next();
                }
                out.push(if negated { "!=" } else { "==" });
                continue;
            }
            "(" => {
                let holds_elements = out.last() == Some(&"in");
                brackets.push(holds_elements);
                out.push(if holds_elements { "[" } else { "(" });
            }
            ")" => out.push(if brackets.pop().unwrap_or(false) { "]" } else { ")" }),
            _ => out.push(slice),
        }
        if closing {
            out.push(")");
            closing = false;
        }
    }
    let mut joined = String::with_capacity(text.len());
    for piece in out {
        let is_joint = |c: char| matches!(c, '.' | '(' | ')' | '[' | ']' | ',');
        if !joined.is_empty() && !joined.ends_with(['.', '(', '[']) && !piece.starts_with(is_joint) {
            joined.push(' ');
        }
        joined.push_str(piece);
    }
    joined
}

/// The text of a literal in quotes of either kind, its usual escapes read. What is none, such as `\.` of a pattern, stays as it is.
fn unescaped(literal: &str) -> String {
    let inside = literal.get(1..literal.len().saturating_sub(1)).unwrap_or_default();
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (letter, length) = escaped(escape);
        match letter {
            Some(letter) => out.push(letter),
            None => out.push_str(escape.get(..length).unwrap_or(escape)),
        }
        rest = escape.get(length..).unwrap_or_default();
    }
    out + rest
}

/// What a text that begins with a backslash stands for, if anything, and how long that is.
fn escaped(text: &str) -> (Option<char>, usize) {
    let next = text.chars().nth(1);
    let plain = match next {
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('f') => Some('\u{c}'),
        Some(letter @ ('"' | '\\' | '\'' | '/')) => Some(letter),
        _ => None,
    };
    let coded = |digits: usize| text.get(2..2 + digits).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
    match (plain, next) {
        (Some(letter), _) => (Some(letter), 2),
        (None, Some('u')) if coded(4).is_some() => (coded(4), 6),
        (None, Some('x')) if coded(2).is_some() => (coded(2), 4),
        (None, Some(letter)) => (None, 1 + letter.len_utf8()),
        (None, None) => (None, 1),
    }
}

fn test(expr: &Expr) -> Result<Test, String> {
    match &expr.kind {
        ExprKind::Paren(inner) => test(inner),
        ExprKind::Bool(value) => Ok(Test::Constant(*value)),
        ExprKind::Logic { and, operands } => {
            let tests = operands.iter().map(test).collect::<Result<Vec<_>, _>>()?;
            Ok(if *and { Test::All(tests) } else { Test::Any(tests) })
        }
        ExprKind::Unary { op: UnaryOp::Not, operand } => test(operand).map(|test| Test::Not(Box::new(test))),
        ExprKind::Binary { op, left, right, .. } => binary(*op, left, right),
        ExprKind::Has { base, field } => {
            let mut path = path(base)?;
            path.fields.push(field.text.to_string());
            Ok(Test::Present(path, true))
        }
        ExprKind::Call { name, args } => match args.as_slice() {
            [of, with] => text_test(&name.text, of, with),
            _ => Err(unknown_function(&name.text)),
        },
        ExprKind::Method { base, name, args, .. } => match args.as_slice() {
            [with] => text_test(&name.text, base, with),
            _ => Err(unknown_function(&name.text)),
        },
        _ => path(expr).map(Test::Is),
    }
}

fn binary(op: BinaryOp, left: &Expr, right: &Expr) -> Result<Test, String> {
    match op {
        BinaryOp::In => one_of(left, right),
        BinaryOp::NotIn => one_of(left, right).map(|test| Test::Not(Box::new(test))),
        BinaryOp::Like => text_test("like", left, right),
        BinaryOp::Matches => text_test("matches", left, right),
        op => match Sign::of(op) {
            Some(sign) => compare(sign, left, right),
            None => Err("it computes with fields".to_owned()),
        },
    }
}

fn compare(sign: Sign, left: &Expr, right: &Expr) -> Result<Test, String> {
    if matches!(bare(right).kind, ExprKind::None) {
        return match sign {
            Sign::Equal | Sign::NotEqual => Ok(Test::Present(path(left)?, sign == Sign::NotEqual)),
            _ => Err("it compares with nothing".to_owned()),
        };
    }
    if let Some(of) = measured(left) {
        return Ok(Test::Length(path(of)?, sign, literal(right).ok_or("it compares a length with what is no constant")?));
    }
    match (literal(left), literal(right)) {
        (Some(Literal::Bool(_)), _) | (_, Some(Literal::Bool(_))) if sign.is_order() => Err("it asks for an order of `true` and `false`".to_owned()),
        (None, Some(constant)) => Ok(Test::Compare(path(left)?, sign, constant)),
        (Some(constant), None) => Ok(Test::Compare(path(right)?, sign.turned(), constant)),
        (None, None) => Ok(Test::Fields(path(left)?, sign, path(right)?)),
        (Some(_), Some(_)) => Err("it compares two constants".to_owned()),
    }
}

fn one_of(element: &Expr, list: &Expr) -> Result<Test, String> {
    match &bare(list).kind {
        ExprKind::List(elements) | ExprKind::Set(elements) => {
            let constants =
                elements.iter().map(|element| literal(element).ok_or("a list holds what is no constant")).collect::<Result<Vec<_>, _>>()?;
            Ok(Test::OneOf(path(element)?, constants))
        }
        _ if literal(list).is_some() => Err("it looks for a field in a constant text".to_owned()),
        _ => Ok(Test::Holds(path(list)?, literal(element).ok_or("it looks for a field in a field")?)),
    }
}

fn text_test(function: &str, of: &Expr, with: &Expr) -> Result<Test, String> {
    let how = match function {
        "startswith" | "starts_with" | "startsWith" | "has_prefix" => Match::Begins,
        "endswith" | "ends_with" | "endsWith" | "has_suffix" => Match::Ends,
        "contains" | "includes" => Match::Contains,
        "like" | "glob" | "fnmatch" => Match::Glob,
        "matches" | "regex" | "match" | "test" | "re_match" => Match::Pattern,
        _ => return Err(unknown_function(function)),
    };
    match literal(with) {
        Some(Literal::Text(text)) => Ok(Test::Text(path(of)?, how, text)),
        Some(constant) if how == Match::Contains => Ok(Test::Holds(path(of)?, constant)),
        _ => Err(format!("`{function}` is given what is no constant text")),
    }
}

fn unknown_function(name: &str) -> String {
    format!("no function `{name}` is known to importing")
}

/// What `len(x)` and `x.length` measure.
fn measured(expr: &Expr) -> Option<&Expr> {
    match &bare(expr).kind {
        ExprKind::Call { name, args } if matches!(name.text.as_str(), "len" | "size" | "length" | "count") => {
            args.first().filter(|_| args.len() == 1)
        }
        ExprKind::Method { base, name, args, .. } if matches!(name.text.as_str(), "len" | "size" | "length") && args.is_empty() => Some(base),
        ExprKind::Field { base, name, .. } if name.text == "length" => Some(base),
        _ => None,
    }
}

fn literal(expr: &Expr) -> Option<Literal> {
    match &bare(expr).kind {
        ExprKind::Bool(value) => Some(Literal::Bool(*value)),
        ExprKind::Int(Some(value)) => i64::try_from(*value).ok().map(|value| Literal::Number(value.to_string())),
        ExprKind::Decimal(digits) => Some(Literal::Number(digits.to_string())),
        ExprKind::Unary { op: UnaryOp::Neg, operand } => match literal(operand)? {
            Literal::Number(digits) if !digits.starts_with('-') => Some(Literal::Number(format!("-{digits}"))),
            _ => None,
        },
        ExprKind::Template { parts, .. } => match parts.as_slice() {
            [] => Some(Literal::Text(String::new())),
            [TemplatePart::Text(text)] => Some(Literal::Text(text.clone())),
            _ => None,
        },
        _ => None,
    }
}

fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Paren(inner) => bare(inner),
        _ => expr,
    }
}

/// The field of the request that an expression names.
fn path(expr: &Expr) -> Result<Path, String> {
    let mut names = Vec::new();
    let mut at = bare(expr);
    loop {
        match &at.kind {
            ExprKind::Field { base, name, .. } => {
                names.push(name.text.to_string());
                at = bare(base);
            }
            ExprKind::Index { base, index } => {
                let Some(Literal::Text(name)) = literal(index) else { return Err("it reads an element by its place".to_owned()) };
                names.push(name);
                at = bare(base);
            }
            // `args.get("rows")` of Python.
            ExprKind::Method { base, name, args, .. } if name.text == "get" => {
                let Some(Literal::Text(name)) = args.first().and_then(literal) else { return Err(unknown_function("get")) };
                names.push(name);
                at = bare(base);
            }
            ExprKind::Name(name) => {
                names.push(name.to_string());
                break;
            }
            ExprKind::Call { name, .. } | ExprKind::Method { name, .. } => return Err(unknown_function(&name.text)),
            ExprKind::Binary { .. } | ExprKind::Unary { .. } => return Err("it computes with fields".to_owned()),
            _ => return Err("it asks what is neither a field nor a comparison of one".to_owned()),
        }
    }
    names.reverse();
    Ok(rooted(names))
}

/// The part of the request that names are of. What begins with none of its parts is taken for one of the context.
fn rooted(mut names: Vec<String>) -> Path {
    if names.len() > 1
        && matches!(names.first().map(String::as_str), Some("request" | "call" | "event" | "ctx"))
        && names.get(1).is_some_and(|name| root(name).is_some())
    {
        names.remove(0);
    }
    let first = names.first().cloned().unwrap_or_default();
    let of = |root, field: &str| Path { root, fields: vec![field.to_owned()], is_bare: false };
    match (root(&first), names.len()) {
        (Some(root), 2..) => Path { root, fields: names.split_off(1), is_bare: false },
        (Some(Root::Tool), _) => of(Root::Tool, "name"),
        _ => match first.as_str() {
            "tool_name" => of(Root::Tool, "name"),
            "agent_id" | "agent" => of(Root::Agent, "id"),
            "user_id" | "user" => of(Root::User, "id"),
            "env" | "environment" => of(Root::Context, "environment"),
            _ => Path { root: Root::Context, fields: names, is_bare: true },
        },
    }
}

fn root(name: &str) -> Option<Root> {
    match name {
        "agent" | "principal" => Some(Root::Agent),
        "user" => Some(Root::User),
        "tool" => Some(Root::Tool),
        "args" | "arguments" | "params" | "parameters" | "input" | "payload" => Some(Root::Args),
        "context" | "ctx" | "request" => Some(Root::Context),
        "session" => Some(Root::Session),
        _ => None,
    }
}
