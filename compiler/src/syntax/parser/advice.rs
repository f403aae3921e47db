//! The remedy for what is often meant where the parser cannot go on.

use super::error::Found;
use super::{Parser, Rule};
use crate::diagnostic::{Diagnostic, nearest};
use crate::syntax::ast::Span;
use crate::syntax::lexer::{self, ITEM_KEYWORDS, Token, TokenKind};

impl Parser<'_> {
    /// Adds the remedy to a diagnostic, where there is one for what was found.
    pub(super) fn with_advice(&self, diagnostic: Diagnostic, rules: &[Rule], found: &Found<'_>) -> Diagnostic {
        let wants = |wanted: &[Rule]| rules.iter().any(|rule| wanted.contains(rule));
        let before = self.table.last_before(found.at.start);
        if wants(&[Rule::kw_else]) {
            return diagnostic.with_help("an `if` always has an `else`");
        }
        if let Some(help) = before.filter(|_| wants(&[Rule::string])).and_then(|token| quoted_after(token.span.of(self.text))) {
            return diagnostic.with_help(help);
        }
        match found.token.map(|token| token.kind).filter(|_| found.last.is_none()) {
            Some(TokenKind::Word) => self.word_advice(diagnostic, rules, found, before),
            Some(kind) if wants(&[Rule::operator]) => self.operator_advice(diagnostic, kind, found.at),
            Some(TokenKind::Plus) if wants(&[Rule::clause]) => {
                diagnostic.with_help("a reason is one text; put values into it with holes: `\"… {value} …\"`")
            }
            _ => diagnostic,
        }
    }

    fn operator_advice(&self, diagnostic: Diagnostic, kind: TokenKind, at: Span) -> Diagnostic {
        let at = self.location(at);
        match kind {
            TokenKind::Assign => {
                let diagnostic = Diagnostic { message: "`=` does not compare".to_owned(), ..diagnostic };
                diagnostic.with_help("write `==`").with_fix("write `==`", at, "==")
            }
            TokenKind::FatArrow => diagnostic.with_help("a lambda `x => …` stands only as an argument of a method"),
            TokenKind::Colon => diagnostic.with_help("`name: value` stands in records and in the arguments of obligations"),
            TokenKind::Bar => diagnostic.with_help("write `or`").with_fix("write `or`", at, "or"),
            _ => diagnostic,
        }
    }

    fn word_advice(&self, diagnostic: Diagnostic, rules: &[Rule], found: &Found<'_>, before: Option<Token>) -> Diagnostic {
        let wants = |wanted: &[Rule]| rules.iter().any(|rule| wanted.contains(rule));
        let at = self.location(found.at);
        let lower = found.text.to_ascii_lowercase();
        let after = |kind: TokenKind, text: &str| before.filter(|token| token.kind == kind && (text.is_empty() || token.span.of(self.text) == text));
        if lower != found.text && lexer::is_reserved(&lower) {
            let diagnostic = Diagnostic { message: format!("`{}` is written `{lower}`", found.text), ..diagnostic };
            return diagnostic.with_help("keywords are written in small letters").with_fix(format!("write `{lower}`"), at, lower);
        }
        if let (Some(number), Some(unit)) = (after(TokenKind::Int, ""), unit(found.text)) {
            let whole = Span { start: number.span.start, end: found.at.end };
            let duration = format!("{}{unit}", number.span.of(self.text));
            let help = format!("a duration is a number and its unit in one: `{duration}`");
            let message = format!("`{}` is no duration", whole.of(self.text));
            let diagnostic = Diagnostic { message, at: self.location(whole), ..diagnostic };
            return diagnostic.with_help(help).with_fix(format!("write `{duration}`"), self.location(whole), duration);
        }
        match found.text {
            "not" => diagnostic.with_help("put the negation in parentheses: `(not …)`"),
            "if" | "where" if wants(&[Rule::clause]) => {
                let diagnostic = Diagnostic { message: format!("`{}` begins no clause", found.text), ..diagnostic };
                diagnostic.with_help("the condition of a rule begins with `when`").with_fix("write `when`", at, "when")
            }
            "if" => diagnostic.with_help("put the `if` in parentheses: `(if … then … else …)`"),
            "where" if wants(&[Rule::field]) => diagnostic.with_help("the refinement stands between the type and the default"),
            _ => match after(TokenKind::Word, "not").filter(|_| wants(&[Rule::kw_in])) {
                Some(not) => diagnostic.with_help("`not in` asks whether something is no element").with_fix(
                    "write `not in`",
                    self.location(not.span),
                    "not in",
                ),
                None if wants(&[Rule::EOI, Rule::item, Rule::declaration]) && self.at_line_start(found.at.start) => {
                    self.unknown_item(diagnostic, found)
                }
                None if wants(&[Rule::test_clause]) => {
                    diagnostic.with_help("a test has its `input`, `data` where it needs others, and what it expects: `expect deny`")
                }
                None if wants(&[Rule::clause]) => {
                    diagnostic.with_help("the clauses of a rule are `on`, `for`, `when`, `unless`, `because` and `require`, in this order")
                }
                None => diagnostic,
            },
        }
    }

    /// A line that begins with a word that begins no item.
    fn unknown_item(&self, diagnostic: Diagnostic, found: &Found<'_>) -> Diagnostic {
        let diagnostic = Diagnostic { message: format!("no item begins with `{}`", found.text), ..diagnostic };
        if matches!(found.text, "when" | "on" | "unless" | "because" | "require" | "for") {
            let help = format!("a rule begins with its effect and its name: `deny NAME`, and `{} …` after them", found.text);
            return diagnostic.with_help(help);
        }
        let meant = foreign_keyword(found.text).map(str::to_owned).or_else(|| nearest(found.text, ITEM_KEYWORDS.iter().copied()));
        match meant {
            Some(word) => diagnostic.with_help(format!("write `{word}`")).with_fix(format!("write `{word}`"), self.location(found.at), word),
            None => diagnostic.with_help("a rule begins with its effect: `allow`, `review` or `deny`; other items with `let`, `fn`, `data`, `type`, `tool`, `test` and the like"),
        }
    }
}

/// What to say where a string is missing after that word.
fn quoted_after(word: &str) -> Option<&'static str> {
    match word {
        "because" => Some("the reason is text in quotes: `because \"…\"`"),
        "on" => Some("tools are named in quotes: `on \"server/name\"`"),
        "tool" => Some("the name of a tool is written in quotes: `tool \"server/name\"`"),
        "test" | "step" | "property" => Some("its title is text in quotes"),
        _ => None,
    }
}

/// The unit of durations that a word means.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    match word.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "millis" | "millisecond" | "milliseconds" => Some("ms"),
        "s" | "sec" | "secs" | "second" | "seconds" => Some("s"),
        "m" | "min" | "mins" | "minute" | "minutes" => Some("m"),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "d" | "day" | "days" => Some("d"),
        _ => None,
    }
}

/// The keyword of this language for one of others.
fn foreign_keyword(word: &str) -> Option<&'static str> {
    match word {
        "forbid" | "block" | "reject" | "refuse" => Some("deny"),
        "permit" => Some("allow"),
        "ask" | "approve" | "escalate" => Some("review"),
        "def" | "func" | "function" => Some("fn"),
        "const" | "var" => Some("let"),
        "struct" | "record" => Some("type"),
        "use" | "include" => Some("import"),
        "module" | "namespace" => Some("package"),
        _ => None,
    }
}
