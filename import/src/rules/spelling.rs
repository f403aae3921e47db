//! The spellings of conditions in gateway files, brought to the language's own: `&&`, `'…'`, `True`, `x is not set`, `x not contains "y"`.
//!
//! Operators that the language does not have become methods, which [`super::condition`] knows: `x between 1 and 5` is `x.between(1, 5)`.

use tollgate_compiler::syntax::lexer::{self, TokenKind};

use crate::toll::quoted;

/// What a phrase after a value comes to.
#[derive(Clone, Copy)]
enum Spelling {
    /// An operator of the language.
    Operator(&'static str),
    /// A question about the value alone.
    Question(&'static str),
    /// A question about it and another.
    Method(&'static str),
    /// A question about it and two others, which `and` or brackets join.
    Between(&'static str),
}

use Spelling::{Between, Method, Operator, Question};

/// Phrases as gateways spell them; of several that begin alike, the longest counts.
const PHRASES: [(&str, Spelling); 71] = [
    ("is not none", Question("is_set")),
    ("is none", Question("not_is_set")),
    ("is not set", Question("not_is_set")),
    ("is set", Question("is_set")),
    ("is unset", Question("not_is_set")),
    ("is not present", Question("not_is_set")),
    ("is present", Question("is_set")),
    ("is not defined", Question("not_is_set")),
    ("is defined", Question("is_set")),
    ("is missing", Question("not_is_set")),
    ("is absent", Question("not_is_set")),
    ("exists", Question("is_set")),
    ("exist", Question("is_set")),
    ("not exists", Question("not_is_set")),
    ("not_exists", Question("not_is_set")),
    ("does not exist", Question("not_is_set")),
    ("is not empty", Question("not_is_empty")),
    ("is empty", Question("is_empty")),
    ("is not in", Operator("not in")),
    ("is in", Operator("in")),
    ("is one of", Operator("in")),
    ("is not one of", Operator("not in")),
    ("one of", Operator("in")),
    ("not_in", Operator("not in")),
    ("is not", Operator("!=")),
    ("is", Operator("==")),
    ("is equal to", Operator("==")),
    ("is not equal to", Operator("!=")),
    ("equals", Operator("==")),
    ("eq", Operator("==")),
    ("not_equals", Operator("!=")),
    ("not equals", Operator("!=")),
    ("does not equal", Operator("!=")),
    ("ne", Operator("!=")),
    ("neq", Operator("!=")),
    ("gt", Operator(">")),
    ("is greater than", Operator(">")),
    ("gte", Operator(">=")),
    ("is at least", Operator(">=")),
    ("lt", Operator("<")),
    ("is less than", Operator("<")),
    ("lte", Operator("<=")),
    ("is at most", Operator("<=")),
    ("contains", Method("contains")),
    ("includes", Method("contains")),
    ("not contains", Method("not_contains")),
    ("not_contains", Method("not_contains")),
    ("does not contain", Method("not_contains")),
    ("not includes", Method("not_contains")),
    ("does not include", Method("not_contains")),
    ("startswith", Method("starts_with")),
    ("starts_with", Method("starts_with")),
    ("starts with", Method("starts_with")),
    ("begins with", Method("starts_with")),
    ("not startswith", Method("not_starts_with")),
    ("not starts_with", Method("not_starts_with")),
    ("not_starts_with", Method("not_starts_with")),
    ("does not start with", Method("not_starts_with")),
    ("endswith", Method("ends_with")),
    ("ends_with", Method("ends_with")),
    ("ends with", Method("ends_with")),
    ("not endswith", Method("not_ends_with")),
    ("not ends_with", Method("not_ends_with")),
    ("not_ends_with", Method("not_ends_with")),
    ("does not end with", Method("not_ends_with")),
    ("not matches", Method("not_matches")),
    ("not_matches", Method("not_matches")),
    ("does not match", Method("not_matches")),
    ("not like", Method("not_like")),
    ("between", Between("between")),
    ("not between", Between("not_between")),
];

/// A condition as the language spells it.
///
/// # Errors
///
/// Where it has what no spelling is known for.
pub fn respelled(text: &str) -> Result<String, String> {
    let tokens: Vec<(TokenKind, &str)> = lexer::lex(text).iter().map(|token| (token.kind, token.span.of(text))).collect();
    let mut out = String::with_capacity(text.len());
    let mut rest = tokens.iter().copied().peekable();
    while let Some((kind, slice)) = rest.next() {
        match kind {
            TokenKind::AndAnd => out.push_str(" and "),
            TokenKind::OrOr => out.push_str(" or "),
            TokenKind::Bang if rest.peek().is_some_and(|(_, next)| *next == "~") => {
                rest.next();
                out.push_str(" not_matches ");
            }
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

/// Phrases after values as operators and methods; and the round brackets of Python's `in ("a", "b")`.
fn infix(text: &str) -> String {
    let lexed = lexer::lex(text);
    let tokens = lexed.iter().filter(|token| token.kind != TokenKind::Space).map(|token| (token.kind, token.span.of(text)));
    let mut writer = Writer { rest: tokens.collect(), at: 0, out: Vec::new(), brackets: Vec::new() };
    while writer.at < writer.rest.len() {
        writer.next();
    }
    joined(&writer.out)
}

struct Writer<'t> {
    rest: Vec<(TokenKind, &'t str)>,
    at: usize,
    out: Vec<&'t str>,
    /// Of each open bracket, whether it holds the elements of a list.
    brackets: Vec<bool>,
}

impl<'t> Writer<'t> {
    fn slice(&self, at: usize) -> Option<&'t str> {
        self.rest.get(at).map(|(_, slice)| *slice)
    }

    /// Writes what stands next, a phrase or a token.
    fn next(&mut self) {
        match self.phrase() {
            Some((Operator(operator), length)) => {
                self.at += length;
                self.out.push(operator);
            }
            Some((Question(method), length)) => {
                self.at += length;
                self.out.extend([".", method, "(", ")"]);
            }
            Some((Method(method), length)) => {
                self.at += length;
                self.out.extend([".", method, "("]);
                self.operand();
                self.out.push(")");
            }
            Some((Between(method), length)) => {
                self.at += length;
                self.out.extend([".", method, "("]);
                self.ends();
                self.out.push(")");
            }
            None => self.token(),
        }
    }

    /// The phrase that stands here after a value, the longest, with how many tokens it has.
    fn phrase(&self) -> Option<(Spelling, usize)> {
        let last = self.out.last()?;
        let is_value = last.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '"' | ')' | ']'));
        if !is_value || matches!(*last, "and" | "or" | "not" | "in" | "not in" | "like" | "matches") {
            return None;
        }
        let fitting = PHRASES.iter().filter_map(|(phrase, spelling)| {
            let words = phrase.split(' ');
            let length = words.clone().count();
            let fits = words.zip(self.at..).all(|(word, at)| self.slice(at).is_some_and(|slice| slice.eq_ignore_ascii_case(word)));
            fits.then_some((*spelling, length))
        });
        fitting.max_by_key(|(_, length)| *length)
    }

    fn token(&mut self) {
        let Some(slice) = self.slice(self.at) else { return };
        self.at += 1;
        let written = match slice {
            "(" => {
                self.brackets.push(matches!(self.out.last(), Some(&("in" | "not in"))));
                if self.brackets.last() == Some(&true) { "[" } else { "(" }
            }
            ")" if self.brackets.pop() == Some(true) => "]",
            slice => slice,
        };
        self.out.push(written);
    }

    /// What is asked about: a constant or a field, with what stands behind its dots and in its brackets.
    fn operand(&mut self) {
        if self.slice(self.at) == Some("-") {
            self.token();
        }
        self.group();
        while let Some(slice) = self.slice(self.at) {
            match slice {
                "." => {
                    self.token();
                    self.token();
                }
                "(" | "[" => self.group(),
                _ => return,
            }
        }
    }

    /// A token, or what stands in brackets.
    fn group(&mut self) {
        let mut depth = 0_usize;
        while let Some(slice) = self.slice(self.at) {
            depth = match slice {
                "(" | "[" => depth + 1,
                ")" | "]" => depth.saturating_sub(1),
                _ => depth,
            };
            self.token();
            if depth == 0 {
                return;
            }
        }
    }

    /// The ends of a `between`: `1 and 5`, or both in brackets.
    fn ends(&mut self) {
        if let Some("(" | "[") = self.slice(self.at) {
            let begin = self.out.len();
            self.group();
            // the brackets are those of the method
            self.out.pop();
            if begin < self.out.len() {
                self.out.remove(begin);
            }
            return;
        }
        self.operand();
        if self.slice(self.at) == Some("and") {
            self.at += 1;
            self.out.push(",");
            self.operand();
        }
    }
}

/// The pieces as a text.
fn joined(pieces: &[&str]) -> String {
    let mut joined = String::new();
    for piece in pieces {
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
