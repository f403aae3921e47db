//! Tokens that no program can hold: what is wrong with them.

use super::Parser;
use super::advice::unit;
use super::habits::MOST_EDITS;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::syntax::ast::Span;
use crate::syntax::lexer::{self, Token, TokenKind};

/// The characters of the longest operator.
const LONGEST_OPERATOR: usize = 2;

impl Parser<'_> {
    /// Reports the first token of an item that [`TokenKind::is_error`]. The fix mends all of its kind.
    pub(super) fn report_token(&mut self, tokens: &[Token], index: usize) {
        let Some(token) = tokens.get(index).copied() else { return };
        let head = self.statement_head(tokens, index);
        let is_apart = |token: &Token| token.kind.is_error() || !lexer::is_reserved(token.span.of(self.text));
        let diagnostic = match self.habit(tokens, index) {
            Some(diagnostic) => diagnostic,
            None => {
                self.sound = Some(head).filter(|head| *head > 0 && tokens.get(*head).is_some_and(is_apart));
                self.bad_token(tokens, token)
            }
        };
        self.report(diagnostic);
    }

    fn bad_token(&self, tokens: &[Token], token: Token) -> Diagnostic {
        let text = token.span.of(self.text);
        match token.kind {
            TokenKind::OpenString => self.open_string(token.span),
            TokenKind::SingleQuoted => self.everywhere(self.single_quoted(token.span, text), tokens, token),
            TokenKind::BadNumber => self.bad_number(token.span, text),
            TokenKind::OrOr if self.stands_for_absence(tokens, token) => self
                .error(Code::Character, token.span, "`||` is no operator")
                .with_help("a value for what may be absent stands after `??`")
                .with_choice("write `??`", self.location(token.span), "??"),
            TokenKind::Bang if self.follows_value(token.span) => self
                .error(Code::Character, token.span, "`!` after a value says nothing")
                .with_help("leave it out; what may be absent is asked first with `!= none`, or has a value for absence after `??`"),
            TokenKind::AndAnd | TokenKind::OrOr | TokenKind::Bang => match meant(token.kind) {
                Some(word) => self.everywhere(self.wrong_operator(token.span, text, word), tokens, token),
                None => self.unknown(token.span, text),
            },
            _ => match self.looks_like(token.span, text) {
                Some(diagnostic) => diagnostic,
                None => self.unknown(token.span, text),
            },
        }
    }

    /// Whether `||` gives a value for what may be absent, as it does elsewhere: a literal that is no condition stands after it.
    fn stands_for_absence(&self, tokens: &[Token], token: Token) -> bool {
        let index = tokens.partition_point(|other| other.span.start < token.span.start);
        let is_literal = |at: Option<usize>| {
            let kind = at.and_then(|at| tokens.get(at)).map(|token| token.kind);
            matches!(kind, Some(TokenKind::Int | TokenKind::Decimal | TokenKind::Duration | TokenKind::String))
        };
        let goes_on = tokens.get(index + 2).is_some_and(|after| matches!(after.span.of(self.text), "in" | "not" | "like" | "matches" | "==" | "!="));
        is_literal(Some(index + 1)) && !is_literal(index.checked_sub(1)) && !goes_on
    }

    /// Extends the fix of an operator, or of a string in single quotes, to all of them in the item.
    fn everywhere(&self, mut diagnostic: Diagnostic, tokens: &[Token], first: Token) -> Diagnostic {
        let Some(fix) = diagnostic.fixes.first_mut() else { return diagnostic };
        let others = tokens.iter().filter(|token| token.span.start > first.span.start && token.kind.is_error());
        for token in others.take(MOST_EDITS) {
            let text = token.span.of(self.text);
            let other = match (token.kind, meant(token.kind)) {
                (TokenKind::SingleQuoted, _) => self.single_quoted(token.span, text),
                (_, Some(word)) => self.wrong_operator(token.span, text, word),
                _ => continue,
            };
            fix.edits.extend(other.fixes.into_iter().flat_map(|fix| fix.edits));
        }
        if fix.edits.len() > 1 {
            fix.title.push_str(", and so for the others here");
        }
        diagnostic
    }

    /// Characters that a word processor or another keyboard puts in the place of one of the language.
    fn looks_like(&self, span: Span, text: &str) -> Option<Diagnostic> {
        let plain = plain(text)?;
        if let Some((closers, mark)) = quotation(text) {
            return Some(self.quoted(span, text, closers, mark));
        }
        let rest = self.text.get(span.start as usize..).unwrap_or_default();
        let run = rest.chars().take(LONGEST_OPERATOR).take_while(|c| text.starts_with(*c)).count();
        let whole = Span { start: span.start, end: span.start + (run * text.len()) as u32 };
        let (shown, meant) = (whole.of(self.text), plain.repeat(run));
        let mut diagnostic =
            self.error(Code::Character, whole, format!("`{shown}` is no part of the language")).with_help(format!("write `{meant}`"));
        let edit = |token: Span| Edit { at: self.location(token), text: plain.to_owned() };
        let others = self.table.tokens.iter().filter(|token| token.span.start >= span.start && token.span.of(self.text) == text);
        diagnostic.fixes.push(Fix::new(format!("write `{meant}`"), others.take(MOST_EDITS).map(|token| edit(token.span)).collect()));
        Some(diagnostic)
    }

    /// A string between other quotation marks than `"`.
    fn quoted(&self, span: Span, mark: &str, closers: &[char], help: &str) -> Diagnostic {
        let after = self.text.get(span.end as usize..).unwrap_or_default();
        let line = after.split(['\n', '\r']).next().unwrap_or_default();
        let inner = line.find(closers).and_then(|end| line.get(..end)).filter(|inner| !inner.contains(['"', '\\']));
        let closer = inner.and_then(|inner| line.get(inner.len()..)?.chars().next()).map_or(0, char::len_utf8);
        let end = span.end + (inner.map_or(0, str::len) + closer) as u32;
        let whole = Span { start: span.start, end };
        let diagnostic = self
            .error(Code::Character, whole, format!("{} begins no string", if mark == "`" { "a backtick".to_owned() } else { format!("`{mark}`") }))
            .with_help(help);
        match inner {
            // Between backticks other braces than those of `${…}` are text elsewhere.
            Some(inner) if matches!(mark, "`" | "´") && inner.replace("${", "").contains('{') => diagnostic,
            Some(inner) => {
                let text = format!("\"{}\"", inner.replace("${", "{"));
                diagnostic.with_fix("write double quotes", self.location(whole), text)
            }
            None => diagnostic,
        }
    }

    fn open_string(&self, span: Span) -> Diagnostic {
        let end = Span { start: span.end, end: span.end };
        let diagnostic = self
            .error(Code::UnterminatedString, span, "a string that is not closed on its line")
            .with_help("a string ends on its line; write `\\n` for a line end in it");
        // A lone `"` rather ends a string, which was not closed before.
        if span.of(self.text).trim_end() == "\"" { diagnostic } else { diagnostic.with_choice("close the string", self.location(end), "\"") }
    }

    fn single_quoted(&self, span: Span, text: &str) -> Diagnostic {
        let inner = text.trim_matches('\'');
        let diagnostic = self.error(Code::Character, span, "strings are written in double quotes").with_help("write `\"` in place of `'`");
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        // Two of them stand for the sign itself in SQL.
        let is_doubled = before.ends_with('\'') || self.rest(span).starts_with('\'');
        match is_doubled || inner.contains(['"', '\\', '{', '}']) {
            true => diagnostic,
            false => diagnostic.with_fix("write double quotes", self.location(span), format!("\"{inner}\"")),
        }
    }

    fn bad_number(&self, span: Span, text: &str) -> Diagnostic {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        // `M` is a month or a million elsewhere.
        if let Some(unit) =
            text.get(digits.len()..).filter(|word| *word != "M").and_then(unit).filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
        {
            let duration = format!("{digits}{unit}");
            return self
                .error(Code::Number, span, format!("malformed number `{text}`"))
                .with_help(format!("the duration is written `{duration}`"))
                .with_fix(format!("write `{duration}`"), self.location(span), duration);
        }
        let help = match text {
            _ if text.ends_with('_') || text.contains("__") || text.contains("_.") => "`_` stands between two digits of a number",
            _ if text.starts_with("0x") || text.starts_with("0b") || text.starts_with("0o") => "numbers are written in decimal digits",
            _ if text.ends_with(['w', 'W']) => "a week is written `7d`",
            _ if text.contains('.') && unit(text.trim_start_matches(|c: char| !c.is_ascii_alphabetic())).is_some() => {
                "a duration has whole numbers: an hour and a half is `1h30m`"
            }
            _ if text.ends_with(['B', 'b']) => "there are no units of size: write the number of bytes, such as `10_000_000`",
            _ if text.ends_with(['k', 'K', 'M', 'G']) => "write all digits of a number, such as `10_000`",
            _ if text.ends_with(['u', 'U', 'l', 'L', 'n', 'f', 'F']) => "a number has no letter after it that says its type",
            _ if text.contains(['e', 'E']) => "numbers have no exponent; write their digits",
            _ if text.ends_with(|c: char| c.is_ascii_alphabetic()) => {
                "the units of durations are `ms`, `s`, `m`, `h` and `d`, after whole numbers; a name does not begin with a digit"
            }
            _ => "a letter does not directly follow a number",
        };
        self.error(Code::Number, span, format!("malformed number `{text}`")).with_help(help)
    }

    /// Whether a sign stands right after a name or a bracket, and nothing after it, as other languages assert that a value is there.
    fn follows_value(&self, span: Span) -> bool {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let after = self.text.get(span.end as usize..).unwrap_or_default();
        before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ')' | ']')) && after.starts_with([' ', '.', ')', ',', '}', '\n'])
    }

    fn wrong_operator(&self, span: Span, text: &str, word: &str) -> Diagnostic {
        let before = self.text.get(..span.start as usize).unwrap_or_default();
        let after = self.text.get(span.end as usize..).unwrap_or_default();
        let ends = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '"' | ')' | ']');
        let left = if before.ends_with(ends) { " " } else { "" };
        let right = if after.starts_with(char::is_whitespace) { "" } else { " " };
        self.error(Code::Character, span, format!("`{text}` is no operator")).with_help(format!("write `{word}`")).with_fix(
            format!("write `{word}`"),
            self.location(span),
            format!("{left}{word}{right}"),
        )
    }

    /// What stands after a token.
    fn rest(&self, span: Span) -> &str {
        self.text.get(span.end as usize..).unwrap_or_default()
    }

    fn unknown(&self, span: Span, text: &str) -> Diagnostic {
        let character = text.chars().next().unwrap_or(' ');
        let shown = match character.is_control() || character.is_whitespace() || is_invisible(character) {
            true => format!("the invisible character U+{:04X}", u32::from(character)),
            false => format!("`{character}`"),
        };
        let diagnostic = self.error(Code::Character, span, format!("{shown} is no part of the language"));
        let remove = |diagnostic: Diagnostic, title: &str| diagnostic.with_fix(title, self.location(span), "");
        let before = self.text.get(..span.start as usize).unwrap_or_default().trim_end();
        match character {
            ';' => remove(diagnostic.with_help("nothing separates clauses or items"), "remove `;`"),
            '#' if self.rest(span).starts_with('[') => diagnostic.with_help("an annotation begins with `@`, such as `@shadow`"),
            '#' => diagnostic.with_help("comments begin with `//`").with_fix("write `//`", self.location(span), "//"),
            '&' if self.rest(span).trim_start().starts_with('{') => diagnostic.with_help("what two sets have in common is `.intersect({…})`"),
            '&' => diagnostic.with_help("write `and`").with_fix("write `and`", self.location(span), "and"),
            '\'' => diagnostic.with_help("strings are written in double quotes"),
            '\\' => remove(diagnostic.with_help("an expression goes on over as many lines as it needs"), "remove `\\`"),
            '$' if self.rest(span).starts_with(|c: char| c.is_ascii_digit()) => {
                remove(diagnostic.with_help("an amount is a number without its currency"), "remove `$`")
            }
            '$' => remove(diagnostic.with_help("names stand without `$`"), "remove `$`"),
            '€' | '£' | '¥' => remove(diagnostic.with_help("an amount is a number without its currency"), "remove it"),
            '~' if before.ends_with("==") || before.ends_with("!=") => {
                diagnostic.with_help("what is absent is `none`").with_fix("write `none`", self.location(span), "none")
            }
            '~' => diagnostic.with_help("a regular expression is matched with `matches`: `agent.id matches \"^bot-\"`"),
            '^' => diagnostic.with_help("a regular expression is a text in quotes: `agent.id matches \"^bot-\"`"),
            _ if character.is_control() || is_invisible(character) => remove(diagnostic.with_help("remove it"), "remove it"),
            _ if character.is_whitespace() => {
                let mut diagnostic = diagnostic.with_help("it is a space of another kind: write a plain one");
                let others = self.table.tokens.iter().filter(|token| token.span.start >= span.start && token.span.of(self.text) == text);
                let edits = others.take(MOST_EDITS).map(|token| Edit { at: self.location(token.span), text: " ".to_owned() }).collect();
                diagnostic.fixes.push(Fix::new("write a plain space", edits));
                diagnostic
            }
            _ if character.is_alphabetic() => {
                diagnostic.with_help("names are made of the letters `a` to `z`, digits and `_`; any text may stand in quotes")
            }
            _ => diagnostic.with_help("any text may stand in quotes: `\"…\"`"),
        }
    }
}

/// The operator that one of other languages means.
fn meant(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::AndAnd => Some("and"),
        TokenKind::OrOr => Some("or"),
        TokenKind::Bang => Some("not"),
        _ => None,
    }
}

/// What to write for a character that looks like it.
fn plain(text: &str) -> Option<&'static str> {
    Some(match text {
        "“" | "”" | "„" | "«" | "»" | "‟" | "＂" => "\"",
        "‘" | "’" | "‚" | "`" | "´" => "\"",
        "（" => "(",
        "）" => ")",
        "｛" => "{",
        "｝" => "}",
        "［" | "【" => "[",
        "］" | "】" => "]",
        "，" | "、" => ",",
        "：" => ":",
        "．" => ".",
        "＝" => "=",
        "＞" => ">",
        "＜" => "<",
        "＋" => "+",
        "≠" => "!=",
        "≤" | "⩽" => "<=",
        "≥" | "⩾" => ">=",
        "∧" => "and",
        "∨" => "or",
        "¬" => "not",
        "∈" => "in",
        "∉" => "not in",
        "–" | "—" | "−" | "‐" => "-",
        "×" | "·" => "*",
        "÷" => "/",
        "→" => "->",
        "⇒" => "=>",
        "…" => "..",
        _ => return None,
    })
}

/// What closes a string that another quotation mark begins, and what to say of it.
fn quotation(mark: &str) -> Option<(&'static [char], &'static str)> {
    match mark {
        "“" | "”" | "„" | "‟" | "＂" => Some((&['“', '”', '"', '＂'], "strings are written in straight double quotes: `\"…\"`")),
        "«" | "»" => Some((&['«', '»'], "strings are written in straight double quotes: `\"…\"`")),
        "‘" | "’" | "‚" => Some((&['‘', '’', '\''], "strings are written in straight double quotes: `\"…\"`")),
        "`" | "´" => Some((&['`', '´'], "strings are written in double quotes, and have holes as they are: `\"… {value} …\"`")),
        _ => None,
    }
}

/// Format characters that an editor does not show.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
