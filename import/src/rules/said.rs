//! A rule's condition in the language.
//!
//! A field that a request does not give counts as met in rules that review or deny, and as not met in rules that allow.

use std::collections::HashSet;

use super::condition::{Literal, Match, Path, Root, Sign, Test};
use super::fields::is_flags;
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
    /// Whether a rule that allows looks for a pattern in a text, rather than hold it against the whole.
    pub searches: bool,
    /// Patterns whose slashes are taken for what stands around them.
    pub slashed: Vec<String>,
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
    match combined(parts.into(), Joint::And) {
        Part::Constant(true) => {}
        Part::Constant(false) => said.is_never = true,
        Part::Texts { texts, joint } => said.text = Some(texts.join(joint.word())),
    }
    said
}

/// A part of a condition.
enum Part {
    Constant(bool),
    /// Texts that stand side by side, each once.
    Texts {
        texts: Vec<String>,
        joint: Joint,
    },
}

/// What joins texts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Joint {
    And,
    Or,
}

impl Joint {
    fn word(self) -> &'static str {
        match self {
            Joint::And => " and ",
            Joint::Or => " or ",
        }
    }
}

impl Part {
    fn one(text: String) -> Part {
        Part::Texts { texts: vec![text], joint: Joint::And }
    }
}

fn part(test: &Test, negated: bool, way: Way<'_>, said: &mut Said) -> Part {
    let joined = |tests: &[Test], joint, said: &mut Said| combined(tests.iter().map(|test| part(test, negated, way, said)).collect(), joint);
    match test {
        Test::Constant(value) => Part::Constant(*value != negated),
        Test::Not(inner) => part(inner, !negated, way, said),
        Test::All(tests) => joined(tests, if negated { Joint::Or } else { Joint::And }, said),
        Test::Any(tests) => joined(tests, if negated { Joint::And } else { Joint::Or }, said),
        leaf => {
            let writer = Leaf { way, negated };
            let made = match leaf {
                Test::Empty(path) => writer.empty(path),
                leaf => writer.say(leaf).map(|condition| guarded(condition, way.met, said)),
            };
            if let Test::Text(_, Match::Pattern, pattern) = leaf
                && negated != way.met
                && made.is_ok()
                && between_slashes(pattern).is_some()
            {
                said.slashed.push(pattern.clone());
            }
            said.searches |= matches!(leaf, Test::Text(_, Match::Pattern, pattern) if negated == way.met && is_anchored(pattern));
            made.unwrap_or_else(|reason| {
                said.left.push(reason);
                Part::Constant(true)
            })
        }
    }
}

/// Parts that must all hold, or of which one must, each text once.
fn combined(parts: Vec<Part>, joint: Joint) -> Part {
    let decides = joint == Joint::Or;
    let (mut open, mut known) = (Vec::new(), HashSet::new());
    for part in parts {
        match part {
            Part::Constant(value) if value == decides => return Part::Constant(decides),
            Part::Constant(_) => {}
            Part::Texts { texts, joint } if known.insert(texts.clone()) => open.push((texts, joint)),
            Part::Texts { .. } => {}
        }
    }
    if open.len() < 2 {
        return open.pop().map_or(Part::Constant(!decides), |(texts, joint)| Part::Texts { texts, joint });
    }
    let mut seen = HashSet::new();
    let mut all: Vec<String> = Vec::new();
    for (texts, inner) in open {
        let is_flat = inner == joint || texts.len() == 1;
        let texts = if is_flat { texts } else { vec![format!("({})", texts.join(inner.word()))] };
        all.extend(texts.into_iter().filter(|text| seen.insert(text.clone())));
    }
    Part::Texts { texts: all, joint }
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
            Some(field) => Part::one(format!("{} {sign} {}", field.text, field.absent)),
            None => Part::Constant(absent != Some(true)),
        };
    };
    if optional.is_empty() {
        return Part::one(test);
    }
    said.reads_optional = true;
    let (sign, joint) = if met { ("==", Joint::Or) } else { ("!=", Joint::And) };
    let mut texts: Vec<String> = optional.iter().map(|field| format!("{} {sign} {}", field.text, field.absent)).collect();
    texts.push(test);
    Part::Texts { texts, joint }
}

/// One test.
struct Leaf<'s> {
    way: Way<'s>,
    negated: bool,
}

/// A field, as an expression.
struct Access {
    text: String,
    /// The same, changed by its methods.
    value: String,
    /// What it is where the request does not have it; none where it always does.
    absent: Option<&'static str>,
    kind: Kind,
}

impl Access {
    fn new(text: String, absent: Option<&'static str>, kind: Kind, path: &Path) -> Access {
        let changes: String = path.methods.iter().map(|method| format!(".{method}()")).collect();
        Access { value: format!("{text}{changes}"), text, absent, kind }
    }

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
                let Literal::Number(number) = literal else { return Err("it compares a length with what is no number".to_owned()) };
                self.length(path, self.sign(*sign), &grouped(number))
            }
            Test::Constant(_) | Test::All(_) | Test::Any(_) | Test::Not(_) | Test::Empty(_) => Err("a condition in a condition".to_owned()),
        }
    }

    fn on(&self, path: &Path, kind: Kind, test: impl Fn(&str) -> String) -> Result<Condition, String> {
        let access = self.access(path, kind)?;
        let text = test(&access.value);
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
        let text = format!("{} {} {}", left.value, self.sign(sign), right.value);
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

    /// Whether gateways look for a pattern anywhere or hold the whole text against it differs: what allows holds the whole text against it, unless the
    /// pattern says itself where it begins or ends.
    fn pattern(&self, path: &Path, pattern: &str) -> Result<Condition, String> {
        if has_word_ends(pattern) {
            return Err(format!("whether `\\<` and `\\>` in the pattern {} are signs or the ends of words is not told", quoted(pattern)));
        }
        let is_narrow = self.negated == self.way.met;
        let inner = match between_slashes(pattern) {
            None => pattern.to_owned(),
            Some(_) if is_narrow => return Err(format!("whether the slashes of the pattern {} are a part of it is not told", quoted(pattern))),
            // With its slashes it takes no more than without them.
            Some((inner, flags)) => flagged(inner, flags)
                .ok_or_else(|| format!("the pattern {} stands between slashes, with what may be flags that policies have not", quoted(pattern)))?,
        };
        let pattern = inner.as_str();
        let whole = is_narrow && !is_anchored(pattern);
        let (negated, not) = (self.negated, if self.negated { "not " } else { "" });
        if let Some((begins, ends, text)) = literal_pattern(pattern) {
            let text = quoted(&text);
            return self.on(path, Kind::Text, |access| match (begins || whole, ends || whole) {
                (true, true) => format!("{access} {} {text}", if negated { "!=" } else { "==" }),
                (true, false) => format!("{not}{access}.starts_with({text})"),
                (false, true) => format!("{not}{access}.ends_with({text})"),
                (false, false) => format!("{not}{access}.contains({text})"),
            });
        }
        let written = if whole { format!("^(?:{pattern})$") } else { pattern.to_owned() };
        let literal = raw(&written).ok_or_else(|| format!("the pattern {} cannot be written", quoted(pattern)))?;
        // One that is none by itself could become another in the brackets around it.
        if !raw(pattern).is_some_and(|alone| is_pattern(&alone)) || !is_pattern(&literal) {
            return Err(format!("the pattern {} is none that policies can match in linear time", quoted(pattern)));
        }
        self.on(path, Kind::Text, |access| if negated { format!("not ({access} matches {literal})") } else { format!("{access} matches {literal}") })
    }

    fn length(&self, path: &Path, sign: &str, number: &str) -> Result<Condition, String> {
        let access = self.access(path, Kind::Any)?;
        if let Kind::Text | Kind::Texts | Kind::List = access.kind {
            return self.on(path, access.kind, |access| format!("{access}.len() {sign} {number}"));
        }
        let size = sized(access)?;
        let optional = Optional { text: size.clone(), absent: "none" };
        Ok(Condition { optional: vec![optional], text: Some(format!("{size} {sign} {number}")), absent: None })
    }

    /// That a field is absent or has nothing in it, or the opposite. What is absent is empty, whatever the rule does.
    fn empty(&self, path: &Path) -> Result<Part, String> {
        let access = self.access(path, Kind::Any)?;
        let (sign, not) = if self.negated { ("!=", "not ") } else { ("==", "") };
        let absent = (access.absent == Some("none")).then(|| format!("{} {sign} none", access.text));
        let nothing = match access.kind {
            Kind::Text => Some(format!("{} {sign} \"\"", access.value)),
            Kind::Texts | Kind::List => Some(format!("{not}{}.is_empty()", access.text)),
            Kind::Any | Kind::Sized => Some(format!("({} ?? 1) {sign} 0", sized(access)?)),
            Kind::Number | Kind::Bool | Kind::Level | Kind::Other => None,
        };
        let texts: Vec<String> = absent.into_iter().chain(nothing).collect();
        match texts.as_slice() {
            [] => Ok(Part::Constant(self.negated)),
            _ => Ok(Part::Texts { texts, joint: if self.negated { Joint::And } else { Joint::Or } }),
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
        if !path.methods.is_empty() && !matches!(kind, Kind::Text | Kind::Any) {
            return Err(format!("it changes `{}` as a text and asks for something else", shown(path)));
        }
        if access.kind == kind || (access.kind == Kind::Texts && kind == Kind::List) || kind == Kind::Any {
            return Ok(access);
        }
        if !matches!(access.kind, Kind::Any | Kind::Sized) {
            return Err(format!("`{}` is asked for as what it is not", shown(path)));
        }
        let method = match kind {
            Kind::Text | Kind::Level => "as_string",
            Kind::Number => "as_decimal",
            Kind::Bool => "as_bool",
            Kind::Texts | Kind::List => "as_list",
            Kind::Any | Kind::Sized | Kind::Other => return Ok(access),
        };
        Ok(Access::new(format!("{}.{method}()", access.text), Some("none"), kind, path))
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
            return Access::new(head, absent, standard.kind, path);
        }
        let is_json = path.root == Root::Args && !self.way.is_typed;
        let kind = if rest.is_empty() && !is_json { self.way.shape.kind(path) } else { Kind::Any };
        Access::new(head + &rest, Some("none"), kind, path)
    }
}

/// How long a text or list is of which nothing else is known.
fn sized(access: Access) -> Result<String, String> {
    if access.value == access.text { Ok(format!("size_of({})", access.text)) } else { Err("it changes a text and asks for its length".to_owned()) }
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

/// Whether a pattern says itself where it begins or ends, for all that it takes.
fn is_anchored(pattern: &str) -> bool {
    let (mut depth, mut escaped, mut in_class, mut has_choice) = (0_usize, false, false, false);
    for letter in pattern.chars() {
        match letter {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            _ if in_class => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '|' => has_choice |= depth == 0,
            _ => {}
        }
    }
    let ends = pattern.strip_suffix('$').is_some_and(|rest| (rest.len() - rest.trim_end_matches('\\').len()).is_multiple_of(2));
    !has_choice && (pattern.starts_with('^') || ends)
}

/// A pattern in the usual notation `/…/`, and the flags behind it; the slashes may as well be a part of it.
fn between_slashes(pattern: &str) -> Option<(&str, &str)> {
    let (inner, flags) = pattern.strip_prefix('/')?.rsplit_once('/')?;
    (!inner.is_empty() && is_flags(flags)).then_some((inner, flags))
}

/// A pattern with its flags, where they let it take no less: those of white space do.
fn flagged(pattern: &str, flags: &str) -> Option<String> {
    let known: String = ['i', 'm', 's'].into_iter().filter(|flag| flags.contains(*flag)).collect();
    match (flags.contains('x'), known.is_empty()) {
        (true, _) => None,
        (false, true) => Some(pattern.to_owned()),
        (false, false) => Some(format!("(?{known}){pattern}")),
    }
}

/// Whether a pattern has `\<` or `\>`: in some engines the ends of words, in others the signs.
fn has_word_ends(pattern: &str) -> bool {
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && matches!(letters.next(), Some('<' | '>')) {
            return true;
        }
    }
    false
}

/// The text that a pattern takes, where it takes one alone: whether that begins the text, whether it ends it, and what it is.
fn literal_pattern(pattern: &str) -> Option<(bool, bool, String)> {
    let (begins, rest) = pattern.strip_prefix('^').map_or((false, pattern), |rest| (true, rest));
    let mut text = String::new();
    let mut letters = rest.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.push(letters.next().filter(char::is_ascii_punctuation)?),
            '$' if letters.peek().is_none() => return Some((begins, true, text)),
            '^' | '$' | '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' => return None,
            letter => text.push(letter),
        }
    }
    Some((begins, false, text))
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
