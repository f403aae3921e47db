//! Conditions such as `agent.role != "admin"`: from their text to a [`Test`].
//!
//! They are read by the language's own parser, in the spelling that [`super::spelling`] gives them.

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{BinaryOp, Expr, ExprKind, TemplatePart, UnaryOp};
use tollgate_compiler::syntax::{SyntaxLimits, parse_expr};

use super::shape::LEVELS;
use super::spelling::respelled;
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
    /// A field is absent, or a text or list without anything in it.
    Empty(Path),
}

/// A field of the request: where it begins, and the names after that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// `agent`, `args`, `context` …
    pub root: Root,
    /// The names, at least one.
    pub fields: Vec<String>,
    /// Methods that change the text that it is: `lower`, `upper`, `trim`.
    pub methods: Vec<&'static str>,
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

/// Words in names of what a host knows, and no caller says: alone they are never taken for an argument.
const OF_HOST: [&str; 42] = [
    "risk",
    "trust",
    "approved",
    "approval",
    "verified",
    "authenticated",
    "authorized",
    "mfa",
    "clearance",
    "permission",
    "hour",
    "day",
    "weekday",
    "time",
    "date",
    "ip",
    "environment",
    "env",
    "session",
    "tenant",
    "trusted",
    "admin",
    "role",
    "roles",
    "scope",
    "scopes",
    "claim",
    "claims",
    "caller",
    "user",
    "principal",
    "agent",
    "owner",
    "group",
    "groups",
    "level",
    "score",
    "priority",
    "identity",
    "auth",
    "permissions",
    "allowed",
];

/// Words that alone say whether a condition holds, or nothing: none of them is a field's name.
const ANSWERS: [&str; 14] =
    ["always", "never", "on", "off", "yes", "no", "default", "otherwise", "any", "all", "everything", "anything", "enabled", "disabled"];

impl Path {
    /// The same in a rule that restricts tools: a name that stands alone is taken for an argument of theirs, unless it sounds like what the host says.
    pub fn of_tools(&mut self) {
        if self.is_open() {
            self.root = Root::Args;
        }
    }

    /// Whether it may be an argument as well as what the host says.
    pub fn is_open(&self) -> bool {
        let is_of_host = |name: &String| words(name).iter().any(|word| OF_HOST.contains(&word.as_str()));
        self.is_bare && self.root == Root::Context && !self.fields.first().is_some_and(is_of_host)
    }
}

/// The words of a name, in small letters: `risk` and `score` of `riskScore` and `risk_score`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && was_small) {
            words.push(String::new());
        }
        was_small = letter.is_lowercase() || letter.is_numeric();
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
    }
    words
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
            [of] => question(&name.text, of),
            [of, with] => text_test(&name.text, of, with),
            [of, low, high] => between(&name.text, of, low, high),
            _ => Err(unknown_function(&name.text)),
        },
        ExprKind::Method { base, name, args, .. } => match args.as_slice() {
            [] => question(&name.text, base),
            [with] => text_test(&name.text, base, with),
            [low, high] => between(&name.text, base, low, high),
            _ => Err(unknown_function(&name.text)),
        },
        _ => match word(expr).map(|word| word.to_lowercase()).as_deref() {
            Some("always") => Ok(Test::Constant(true)),
            Some("never") => Ok(Test::Constant(false)),
            _ => path(expr).map(Test::Is),
        },
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
        (None, None) => match (word(left), word(right)) {
            (_, Some(word)) => against_word(left, sign, right, word),
            (Some(word), None) => against_word(right, sign.turned(), left, word),
            (None, None) => Ok(Test::Fields(path(left)?, sign, path(right)?)),
        },
        (Some(_), Some(_)) => Err("it compares two constants".to_owned()),
    }
}

/// A field against a word without quotes, which is a text unless it names what every request has.
fn against_word(field: &Expr, sign: Sign, expr: &Expr, word: String) -> Result<Test, String> {
    if matches!(word.as_str(), "agent_id" | "user_id" | "tool_name" | "agent_role") {
        return Ok(Test::Fields(path(field)?, sign, path(expr)?));
    }
    if is_open(&word) {
        return Err(format!("`{word}` without quotes may be a text or a field"));
    }
    if sign.is_order() && !LEVELS.contains(&word.as_str()) {
        return Err(format!("it asks for an order of `{word}`, which may be a text or a field"));
    }
    Ok(Test::Compare(path(field)?, sign, Literal::Text(word)))
}

/// Whether a word without quotes may be a text, a field that every request has, or `true` and `false`.
fn is_open(word: &str) -> bool {
    root(word).is_some() || matches!(word, "role" | "env" | "environment") || ANSWERS.contains(&word.to_lowercase().as_str())
}

/// A word that stands alone, without quotes.
fn word(expr: &Expr) -> Option<String> {
    match &bare(expr).kind {
        ExprKind::Name(name) => Some(name.to_string()),
        _ => None,
    }
}

fn one_of(element: &Expr, list: &Expr) -> Result<Test, String> {
    match &bare(list).kind {
        ExprKind::List(elements) | ExprKind::Set(elements) => {
            let constant = |element| literal(element).or_else(|| word(element).filter(|word| !is_open(word)).map(Literal::Text));
            let constants =
                elements.iter().map(|element| constant(element).ok_or("a list holds what is no constant")).collect::<Result<Vec<_>, _>>()?;
            Ok(Test::OneOf(path(element)?, constants))
        }
        _ if literal(list).is_some() => Err("it looks for a field in a constant text".to_owned()),
        _ => Ok(Test::Holds(path(list)?, literal(element).ok_or("it looks for a field in a field")?)),
    }
}

/// A question about a field alone.
fn question(function: &str, of: &Expr) -> Result<Test, String> {
    if let Some(positive) = function.strip_prefix("not_") {
        return question(positive, of).map(|test| Test::Not(Box::new(test)));
    }
    match function {
        "is_set" | "exists" | "isset" | "defined" | "is_defined" | "present" | "is_present" => Ok(Test::Present(path(of)?, true)),
        "is_empty" | "isEmpty" | "empty" | "isempty" | "is_blank" => path(of).map(Test::Empty),
        _ => Err(unknown_function(function)),
    }
}

/// A field that lies between two constants, or is one of them.
fn between(function: &str, of: &Expr, low: &Expr, high: &Expr) -> Result<Test, String> {
    match function {
        "between" => Ok(Test::All(vec![compare(Sign::GreaterEqual, of, low)?, compare(Sign::LessEqual, of, high)?])),
        "not_between" => between("between", of, low, high).map(|test| Test::Not(Box::new(test))),
        _ => Err(unknown_function(function)),
    }
}

fn text_test(function: &str, of: &Expr, with: &Expr) -> Result<Test, String> {
    if let Some(positive) = function.strip_prefix("not_") {
        return text_test(positive, of, with).map(|test| Test::Not(Box::new(test)));
    }
    let how = match function {
        "startswith" | "starts_with" | "startsWith" | "has_prefix" => Match::Begins,
        "endswith" | "ends_with" | "endsWith" | "has_suffix" => Match::Ends,
        "contains" | "includes" => Match::Contains,
        "like" | "glob" | "fnmatch" => Match::Glob,
        "matches" | "regex" | "match" | "test" | "re_match" => Match::Pattern,
        _ => return Err(unknown_function(function)),
    };
    match literal(with) {
        Some(Literal::Text(text)) if function == "like" => like(path(of)?, text),
        Some(Literal::Text(text)) => Ok(Test::Text(path(of)?, how, text)),
        Some(constant) if how == Match::Contains => Ok(Test::Holds(path(of)?, constant)),
        _ => Err(format!("`{function}` is given what is no constant text")),
    }
}

/// `like` of SQL, where the pattern has its signs and none of a glob's.
fn like(path: Path, pattern: String) -> Result<Test, String> {
    let is_glob = pattern.contains(['*', '?']);
    if !pattern.contains('%') {
        return match is_glob || !pattern.contains('_') {
            true => Ok(Test::Text(path, Match::Glob, pattern)),
            false => Err(format!("whether `_` of the pattern {} is any letter is not told", quoted(&pattern))),
        };
    }
    let inner = pattern.trim_matches('%');
    let how = match (pattern.starts_with('%'), pattern.ends_with('%')) {
        _ if is_glob || inner.is_empty() || inner.contains(['%', '_', '[', '\\']) => None,
        (true, true) => Some(Match::Contains),
        (true, false) => Some(Match::Ends),
        (false, true) => Some(Match::Begins),
        (false, false) => None,
    };
    let text = inner.to_owned();
    how.map(|how| Test::Text(path, how, text)).ok_or_else(|| format!("the pattern {} of SQL has more than `%` at its ends", quoted(&pattern)))
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
    let mut methods = Vec::new();
    let mut at = bare(expr);
    loop {
        if let Some((method, of)) = changed(at).filter(|_| names.is_empty()) {
            methods.insert(0, method);
            at = bare(of);
            continue;
        }
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
    match names.as_slice() {
        [name] if ANSWERS.contains(&name.to_lowercase().as_str()) => return Err(format!("`{name}` is no field's name")),
        [first, name] if first == "input" && root(name).is_some() => {
            return Err(format!("`input.{name}` may be an argument or the call's own `{name}`"));
        }
        _ => {}
    }
    Ok(Path { methods, ..rooted(names) })
}

/// A text that a method changes, and that method.
fn changed(expr: &Expr) -> Option<(&'static str, &Expr)> {
    let (name, of) = match &expr.kind {
        ExprKind::Call { name, args } => (name, args.first().filter(|_| args.len() == 1)?),
        ExprKind::Method { base, name, args, .. } if args.is_empty() => (name, &**base),
        _ => return None,
    };
    let method = match name.text.as_str() {
        "lower" | "lowercase" | "toLowerCase" | "to_lower" | "tolower" | "casefold" | "downcase" => "lower",
        "upper" | "uppercase" | "toUpperCase" | "to_upper" | "toupper" | "upcase" => "upper",
        "trim" | "strip" => "trim",
        _ => return None,
    };
    Some((method, of))
}

/// The part of the request that names are of. What begins with none of its parts is taken for one of the context, and where a rule restricts tools that it
/// names for an argument (see [`Path::of_tools`]).
fn rooted(mut names: Vec<String>) -> Path {
    if names.len() > 1
        && matches!(names.first().map(String::as_str), Some("request" | "call" | "event" | "ctx" | "input"))
        && names.get(1).is_some_and(|name| root(name).is_some())
    {
        names.remove(0);
    }
    let first = names.first().cloned().unwrap_or_default();
    let of = |root, field: &str| Path { root, fields: vec![field.to_owned()], methods: Vec::new(), is_bare: false };
    match (root(&first), names.len()) {
        (Some(root), 2..) => Path { root, fields: names.split_off(1), methods: Vec::new(), is_bare: false },
        (Some(Root::Tool), _) => of(Root::Tool, "name"),
        _ => match first.as_str() {
            "tool_name" => of(Root::Tool, "name"),
            "agent_id" | "agent" => of(Root::Agent, "id"),
            "user_id" | "user" => of(Root::User, "id"),
            "env" | "environment" => of(Root::Context, "environment"),
            "role" | "agent_role" => Path { is_bare: true, ..of(Root::Agent, "role") },
            _ => Path { root: Root::Context, fields: names, methods: Vec::new(), is_bare: true },
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
