//! A rule's condition in the language.
//!
//! A field that a request does not give counts as met in rules that review or deny, and as not met in rules that allow.

use super::condition::{Literal, Match, Path, Root, Sign, Test};
use super::shape::{Kind, LEVELS, Shape, standard};
use crate::toll::{field, quoted};

/// A condition, and what of it cannot be said.
#[derive(Debug, Default)]
pub struct Said {
    /// The condition, or none where it always holds.
    pub text: Option<String>,
    /// What was left out.
    pub left: Vec<String>,
    /// Whether something is said of a field that may be absent.
    pub reads_optional: bool,
    /// Whether it never holds.
    pub is_never: bool,
}

/// How a condition is said.
#[derive(Clone, Copy, Debug)]
pub struct Way<'s> {
    /// The fields.
    pub shape: &'s Shape,
    /// Whether `args` has the types of tools.
    pub is_typed: bool,
    /// Whether a field that is absent counts as met.
    pub met: bool,
}

/// Says that conditions hold, each in its way.
pub fn say(tests: [(&Test, Way<'_>); 2]) -> Said {
    let mut said = Said::default();
    let parts = tests.map(|(test, way)| part(test, false, way, &mut said));
    match both(parts) {
        Part::Constant(true) => {}
        Part::Constant(false) => said.is_never = true,
        Part::Text { text, .. } => said.text = Some(text),
    }
    said
}

/// A part of a condition.
enum Part {
    Constant(bool),
    Text { text: String, joint: Joint },
}

/// What joins the outermost parts of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    None,
    And,
    Or,
}

fn both(parts: [Part; 2]) -> Part {
    let bracketed = |text: String, joint| if joint == Joint::Or { format!("({text})") } else { text };
    match parts {
        [Part::Constant(false), _] | [_, Part::Constant(false)] => Part::Constant(false),
        [Part::Constant(true), other] | [other, Part::Constant(true)] => other,
        [Part::Text { text: one, joint }, Part::Text { text: other, joint: other_joint }] => {
            Part::Text { text: format!("{} and {}", bracketed(one, joint), bracketed(other, other_joint)), joint: Joint::And }
        }
    }
}

fn part(test: &Test, negated: bool, way: Way<'_>, said: &mut Said) -> Part {
    match test {
        Test::Constant(value) => Part::Constant(*value != negated),
        Test::Not(inner) => part(inner, !negated, way, said),
        Test::All(tests) => joined(tests, if negated { Joint::Or } else { Joint::And }, negated, way, said),
        Test::Any(tests) => joined(tests, if negated { Joint::And } else { Joint::Or }, negated, way, said),
        leaf => match (Leaf { way, negated }).say(leaf) {
            Ok(condition) => guarded(condition, way.met, said),
            Err(reason) => {
                said.left.push(reason);
                Part::Constant(true)
            }
        },
    }
}

fn joined(tests: &[Test], joint: Joint, negated: bool, way: Way<'_>, said: &mut Said) -> Part {
    let decides = joint == Joint::Or;
    let mut texts = Vec::new();
    let mut is_decided = false;
    for test in tests {
        match part(test, negated, way, said) {
            Part::Constant(value) => is_decided |= value == decides,
            Part::Text { text, joint: inner } => texts.push((text, inner)),
        }
    }
    if is_decided {
        return Part::Constant(decides);
    }
    match texts.as_slice() {
        [] => Part::Constant(!decides),
        [(only, inner)] => Part::Text { text: only.clone(), joint: *inner },
        _ => {
            let word = if decides { " or " } else { " and " };
            let bracketed = |(text, inner)| if inner == Joint::None || inner == joint { text } else { format!("({text})") };
            Part::Text { text: texts.into_iter().map(bracketed).collect::<Vec<_>>().join(word), joint }
        }
    }
}

/// A field that may be absent.
#[derive(PartialEq)]
struct Optional {
    text: String,
    /// What it is then: `none`, or the empty text.
    absent: &'static str,
}

/// A test of fields that may be absent.
struct Condition {
    /// The fields that may be absent, as far as the test itself does not come to the same where they are.
    optional: Vec<Optional>,
    /// The test, where they are there; none where being there is all.
    text: Option<String>,
    /// What holds where they are absent, if the test itself says so.
    absent: Option<bool>,
}

fn guarded(condition: Condition, met: bool, said: &mut Said) -> Part {
    let Condition { optional, text, absent } = condition;
    let Some(test) = text else {
        // Being there, or not, is what is asked.
        let sign = if absent == Some(true) { "==" } else { "!=" };
        return match optional.first() {
            Some(field) => Part::Text { text: format!("{} {sign} {}", field.text, field.absent), joint: Joint::None },
            None => Part::Constant(absent != Some(true)),
        };
    };
    if optional.is_empty() {
        return Part::Text { text: test, joint: Joint::None };
    }
    said.reads_optional = true;
    let (sign, word, joint) = if met { ("==", " or ", Joint::Or) } else { ("!=", " and ", Joint::And) };
    let mut parts: Vec<String> = optional.iter().map(|field| format!("{} {sign} {}", field.text, field.absent)).collect();
    parts.push(test);
    Part::Text { text: parts.join(word), joint }
}

/// One test.
struct Leaf<'s> {
    way: Way<'s>,
    negated: bool,
}

/// A field, as an expression.
struct Access {
    text: String,
    /// What it is where the request does not have it; none where it always does.
    absent: Option<&'static str>,
    kind: Kind,
}

impl Access {
    fn optional(self) -> Option<Optional> {
        self.absent.map(|absent| Optional { text: self.text, absent })
    }
}

impl Leaf<'_> {
    fn say(&self, test: &Test) -> Result<Condition, String> {
        match test {
            Test::Is(path) => self.on(path, Kind::Bool, |access| if self.negated { format!("not {access}") } else { access.to_owned() }),
            Test::Present(path, present) => {
                let access = self.access(path, Kind::Any)?;
                if access.kind == Kind::Texts && access.absent.is_none() {
                    let not = if *present == self.negated { "" } else { "not " };
                    return Ok(Condition { optional: Vec::new(), text: Some(format!("{not}{}.is_empty()", access.text)), absent: None });
                }
                Ok(Condition { optional: access.optional().into_iter().collect(), text: None, absent: Some(*present == self.negated) })
            }
            Test::Compare(path, sign, Literal::Bool(value)) => {
                let is_true = (*sign == Sign::Equal) == *value;
                self.on(path, Kind::Bool, |access| if is_true == self.negated { format!("not {access}") } else { access.to_owned() })
            }
            Test::Compare(path, sign, literal) => self.compare(path, *sign, literal),
            Test::Fields(left, sign, right) => self.fields(left, *sign, right),
            Test::OneOf(path, literals) => self.one_of(path, literals),
            Test::Holds(path, literal) => self.holds(path, literal),
            Test::Text(path, how, with) => self.text(path, *how, with),
            Test::Length(path, sign, literal) => {
                let kind = self.length_kind(path);
                let Literal::Number(number) = literal else { return Err("it compares a length with what is no number".to_owned()) };
                let sign = self.sign(*sign);
                self.on(path, kind, |access| format!("{access}.len() {sign} {}", grouped(number)))
            }
            Test::Constant(_) | Test::All(_) | Test::Any(_) | Test::Not(_) => Err("a condition in a condition".to_owned()),
        }
    }

    fn on(&self, path: &Path, kind: Kind, test: impl Fn(&str) -> String) -> Result<Condition, String> {
        let access = self.access(path, kind)?;
        let text = test(&access.text);
        Ok(Condition { optional: access.optional().into_iter().collect(), text: Some(text), absent: None })
    }

    fn compare(&self, path: &Path, sign: Sign, literal: &Literal) -> Result<Condition, String> {
        let kind = match literal {
            Literal::Number(_) => Kind::Number,
            _ if self.way.shape.kind(path) == Kind::Level => Kind::Level,
            _ => Kind::Text,
        };
        let sign = self.sign(sign);
        let condition = self.on(path, kind, |access| format!("{access} {sign} {}", constant(literal)))?;
        let of_empty = match (sign, literal) {
            ("==", Literal::Text(text)) => Some(text.is_empty()),
            ("!=", Literal::Text(text)) => Some(!text.is_empty()),
            _ => None,
        };
        Ok(self.unguarded(condition, of_empty))
    }

    /// A condition without a guard that says no more than it: where it comes to the same for the empty text that stands for an absent one.
    fn unguarded(&self, mut condition: Condition, of_empty: Option<bool>) -> Condition {
        if of_empty == Some(self.way.met) {
            condition.optional.retain(|field| field.absent == "none");
        }
        condition
    }

    fn fields(&self, left: &Path, sign: Sign, right: &Path) -> Result<Condition, String> {
        let kind = match self.way.shape.kind(left) {
            Kind::Any if sign.is_order() => Kind::Number,
            Kind::Any => Kind::Text,
            kind => kind,
        };
        if sign.is_order() && !matches!(kind, Kind::Number | Kind::Text | Kind::Level) {
            return Err(format!("`{}` has no order", shown(left)));
        }
        let (left, right) = (self.access(left, kind)?, self.access(right, kind)?);
        let text = format!("{} {} {}", left.text, self.sign(sign), right.text);
        let mut optional: Vec<Optional> = [left, right].into_iter().filter_map(Access::optional).collect();
        optional.dedup();
        Ok(Condition { optional, text: Some(text), absent: None })
    }

    fn one_of(&self, path: &Path, literals: &[Literal]) -> Result<Condition, String> {
        let kind = match literals.first() {
            Some(Literal::Number(_)) => Kind::Number,
            Some(Literal::Bool(_)) => return Err("it looks for a bool in a list".to_owned()),
            _ if self.way.shape.kind(path) == Kind::Level => Kind::Level,
            _ => Kind::Text,
        };
        let mut texts: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for literal in literals {
            let fits = matches!((literal, kind), (Literal::Number(_), Kind::Number) | (Literal::Text(_), Kind::Text | Kind::Level));
            if !fits {
                return Err("its list mixes texts and other values".to_owned());
            }
            let text = constant(literal);
            if seen.insert(text.clone()) {
                texts.push(text);
            }
        }
        let negated = self.negated;
        match texts.as_slice() {
            [] => Err("its list is empty".to_owned()),
            [only] => self.on(path, kind, |access| format!("{access} {} {only}", if negated { "!=" } else { "==" })),
            _ => self.on(path, kind, |access| format!("{access} {} {{{}}}", if negated { "not in" } else { "in" }, texts.join(", "))),
        }
        .map(|condition| self.unguarded(condition, Some(literals.contains(&Literal::Text(String::new())) != negated)))
    }

    fn holds(&self, path: &Path, literal: &Literal) -> Result<Condition, String> {
        let kind = if matches!(literal, Literal::Text(_)) && self.way.shape.kind(path) == Kind::Texts { Kind::Texts } else { Kind::List };
        let (negated, element) = (self.negated, constant(literal));
        self.on(path, kind, |access| match kind {
            Kind::Texts => format!("{element} {} {access}", if negated { "not in" } else { "in" }),
            _ => format!("{}{access}.any(element => element == {element})", if negated { "not " } else { "" }),
        })
    }

    fn text(&self, path: &Path, how: Match, with: &str) -> Result<Condition, String> {
        if how == Match::Contains && self.way.shape.kind(path) == Kind::Texts {
            return self.holds(path, &Literal::Text(with.to_owned()));
        }
        let not = if self.negated { "not " } else { "" };
        let literal = quoted(with);
        match how {
            Match::Begins => self.on(path, Kind::Text, |access| format!("{not}{access}.starts_with({literal})")),
            Match::Ends => self.on(path, Kind::Text, |access| format!("{not}{access}.ends_with({literal})")),
            Match::Contains => self.on(path, Kind::Text, |access| format!("{not}{access}.contains({literal})")),
            Match::Glob if with.contains('[') => Err(format!("the pattern {literal} has classes of characters, which `like` has not")),
            Match::Glob => {
                let pattern = quoted(&with.replace('\\', r"\\"));
                let negated = self.negated;
                self.on(
                    path,
                    Kind::Text,
                    |access| if negated { format!("not ({access} like {pattern})") } else { format!("{access} like {pattern}") },
                )
            }
            Match::Pattern => self.pattern(path, with),
        }
    }

    /// Whether gateways look for a pattern anywhere or hold the whole text against it differs: what allows holds the whole text against it.
    fn pattern(&self, path: &Path, pattern: &str) -> Result<Condition, String> {
        let whole = self.negated == self.way.met;
        let written = if whole { format!("^(?:{pattern})$") } else { pattern.to_owned() };
        let literal = raw(&written).ok_or_else(|| format!("the pattern {} cannot be written", quoted(pattern)))?;
        // One that is none by itself could become another in the brackets around it.
        if !raw(pattern).is_some_and(|alone| is_pattern(&alone)) || !is_pattern(&literal) {
            return Err(format!("the pattern {} is none that policies can match in linear time", quoted(pattern)));
        }
        let negated = self.negated;
        self.on(path, Kind::Text, |access| if negated { format!("not ({access} matches {literal})") } else { format!("{access} matches {literal}") })
    }

    fn length_kind(&self, path: &Path) -> Kind {
        match self.way.shape.kind(path) {
            kind @ (Kind::Text | Kind::Texts) => kind,
            _ => Kind::List,
        }
    }

    fn sign(&self, sign: Sign) -> &'static str {
        let sign = match (self.negated, sign) {
            (false, sign) => sign,
            (true, Sign::Equal) => Sign::NotEqual,
            (true, Sign::NotEqual) => Sign::Equal,
            (true, Sign::Less) => Sign::GreaterEqual,
            (true, Sign::LessEqual) => Sign::Greater,
            (true, Sign::Greater) => Sign::LessEqual,
            (true, Sign::GreaterEqual) => Sign::Less,
        };
        sign.text()
    }

    /// A field as what a test asks it to be.
    fn access(&self, path: &Path, kind: Kind) -> Result<Access, String> {
        let access = self.stored(path);
        if path.root == Root::Tool && access.absent == Some("none") {
            return Err(format!("no tool has `{}`", shown(path)));
        }
        if access.kind == kind || (access.kind == Kind::Texts && kind == Kind::List) || kind == Kind::Any {
            return Ok(access);
        }
        if access.kind != Kind::Any {
            return Err(format!("`{}` is asked for as what it is not", shown(path)));
        }
        let method = match kind {
            Kind::Text | Kind::Level => "as_string",
            Kind::Number => "as_decimal",
            Kind::Bool => "as_bool",
            Kind::Texts | Kind::List => "as_list",
            Kind::Any | Kind::Other => return Ok(access),
        };
        Ok(Access { text: format!("{}.{method}()", access.text), absent: Some("none"), kind })
    }

    /// A field as the request has it.
    fn stored(&self, path: &Path) -> Access {
        let mut names = path.fields.iter();
        let first = names.next().map_or("", String::as_str);
        let dot = if path.root == Root::User { "?." } else { "." };
        let head = format!("{}{dot}{}", path.root.name(), field(first));
        let rest: String = names.map(|name| format!(".{}", field(name))).collect();
        if let (Some(standard), true) = (standard(path.root, first), rest.is_empty()) {
            let absent = if standard.optional { Some("none") } else { (standard.kind == Kind::Text && path.root != Root::Tool).then_some("\"\"") };
            let absent = absent.filter(|_| (path.root, first) != (Root::Agent, "id"));
            return Access { text: head, absent, kind: standard.kind };
        }
        let is_json = path.root == Root::Args && !self.way.is_typed;
        let kind = if rest.is_empty() && !is_json { self.way.shape.kind(path) } else { Kind::Any };
        Access { text: head + &rest, absent: Some("none"), kind }
    }
}

/// A path as a source writes it.
fn shown(path: &Path) -> String {
    format!("{}.{}", path.root.name(), path.fields.join("."))
}

fn constant(literal: &Literal) -> String {
    match literal {
        Literal::Number(digits) => grouped(digits),
        literal => literal.text(),
    }
}

/// Digits in groups of three from four on: `1_000`.
fn grouped(digits: &str) -> String {
    let (sign, rest) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').map_or((rest, String::new()), |(whole, fraction)| (whole, format!(".{fraction}")));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push('_');
        }
        out.push(digit);
    }
    out + &fraction
}

/// A pattern as a raw string.
fn raw(pattern: &str) -> Option<String> {
    let is_plain = !pattern.contains(['\n', '\r']);
    match (is_plain, pattern.contains('"')) {
        (true, false) => Some(format!("r\"{pattern}\"")),
        (true, true) if !pattern.contains("\"#") => Some(format!("r#\"{pattern}\"#")),
        _ => None,
    }
}

/// Whether the language takes a pattern.
fn is_pattern(literal: &str) -> bool {
    use tollgate_compiler::{PolicySet, Sources};
    let policy = format!("package p\nlet x = \"\" matches {literal}\n");
    PolicySet::check(Sources::of("p.toll", &policy)).compile().is_ok()
}

/// The levels as an enum.
pub fn levels() -> String {
    format!("enum Level {{ {} }}\n", LEVELS.join(" < "))
}
