//! Turns pest's error, a place and a list of rules, into a sentence.

use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};

use super::{Grammar, Parser, Rule};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Name, Span};
use crate::syntax::items::match_brackets;
use crate::syntax::lexer::{self, Token, TokenKind};
use crate::syntax::span_of;

impl Parser<'_> {
    /// Reports that some tokens are not what the grammar takes.
    pub(super) fn report_grammar(&mut self, error: &Error<Rule>, tokens: &[Token]) {
        let offset = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => self.base + at as u32,
        };
        let rules = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.as_slice(),
            // The native stack is used up, before any limit of ours: a thread with a very small one.
            ErrorVariant::CustomError { .. } => {
                let at = self.table.at_or_after(offset).map(|token| token.span).unwrap_or_default();
                return self.report(self.error(Code::Nesting, at, "nested too deeply for the memory at hand"));
            }
        };
        let token = self.table.at_or_after(offset);
        let at = token.map_or_else(|| self.end_after(offset), |token| token.span);
        let last = tokens.last().copied().filter(|last| !self.hole && last.span.end <= at.start);
        let found = Found { token, text: at.of(self.text), at, last };
        let index = tokens.partition_point(|token| token.span.start < at.start);
        if let Some(diagnostic) = self.quoted_hole(&found).or_else(|| self.habit(tokens, index)) {
            return self.report(diagnostic);
        }
        let special = self.reserved_name(rules, &found).or_else(|| self.unclosed(rules, &found, tokens)).or_else(|| self.slip(rules, &found, tokens));
        let diagnostic = special.unwrap_or_else(|| self.with_opener(self.unexpected(rules, &found), rules, &found, tokens));
        self.report(diagnostic);
        if rules.contains(&Rule::EOI) && self.at_line_start(at.start) {
            self.sound = Some(tokens.partition_point(|token| token.span.start < at.start));
        }
    }

    /// Where the text ends: for a hole its `}`.
    fn end_after(&self, offset: u32) -> Span {
        let rest = self.text.get(offset as usize..).unwrap_or_default();
        let brace = rest.find('}').filter(|_| self.hole).map(|at| offset + at as u32);
        match brace {
            Some(brace) => Span { start: brace, end: brace + 1 },
            None => Span { start: offset, end: offset },
        }
    }

    fn unexpected(&self, rules: &[Rule], found: &Found<'_>) -> Diagnostic {
        let expected = expected_words(rules, self.hole);
        let code = if self.hole { Code::Hole } else { Code::Syntax };
        if let Some(last) = found.last {
            let after = self.shown(Some(last));
            let message = match expected.as_str() {
                "" => format!("something is missing after {after}"),
                expected => format!("expected {expected} after {after}"),
            };
            let diagnostic = self.with_advice(self.error(code, last.span, message), rules, found);
            let is_word = lexer::is_reserved(last.span.of(self.text)) && diagnostic.help.is_none();
            return if is_word { diagnostic.with_help(format!("write what belongs after {after}, or leave {after} out")) } else { diagnostic };
        }
        let what = self.shown(found.token);
        let message = match expected.as_str() {
            "" => format!("unexpected {what}"),
            expected => format!("expected {expected}, found {what}"),
        };
        self.with_advice(self.error(code, found.at, message), rules, found)
    }

    /// A token as messages name it.
    pub(super) fn shown(&self, token: Option<Token>) -> String {
        match token.map(|token| (token.kind, token.span.of(self.text))) {
            None if self.hole => "`}`".to_owned(),
            None => "the end of the text".to_owned(),
            Some((TokenKind::String | TokenKind::RawString, text)) if text.len() > 30 => "a string".to_owned(),
            Some((_, text)) => format!("`{text}`"),
        }
    }

    /// A reserved word where a name stands, with what comes after names after it.
    fn reserved_name(&self, rules: &[Rule], found: &Found<'_>) -> Option<Diagnostic> {
        let wants_name = rules.iter().any(|rule| matches!(rule, Rule::name | Rule::type_name | Rule::path));
        let token = found.token.filter(|token| token.kind == TokenKind::Word)?;
        if !wants_name || !lexer::is_reserved(found.text) {
            return None;
        }
        let next = self.table.at_or_after(token.span.end)?;
        let names = matches!(next.kind, TokenKind::Colon | TokenKind::Assign | TokenKind::LeftParen | TokenKind::LeftBrace | TokenKind::FatArrow);
        let clause = matches!(next.span.of(self.text), "on" | "for" | "when" | "unless" | "because" | "require" | "in");
        if !names && !clause {
            return None;
        }
        Some(self.reserved(&Name { text: found.text.into(), span: found.at }))
    }

    /// A string that ended at the quotation mark of a string in its hole.
    fn quoted_hole(&self, found: &Found<'_>) -> Option<Diagnostic> {
        let string = self.table.last_before(found.at.start)?;
        let text = string.span.of(self.text);
        let open = text.rfind('{').filter(|at| *at > text.rfind('}').unwrap_or_default())?;
        if string.kind != TokenKind::String || string.span.end != found.at.start {
            return None;
        }
        let hole = Span { start: string.span.start + open as u32, end: found.at.end };
        let help = "name the inner string with `let`, and write its name in the hole";
        Some(self.error(Code::Hole, hole, "a hole holds no string").with_help(help))
    }

    /// An item that ends while a bracket in it is open, where nothing but the closing one is missing.
    pub(super) fn unclosed(&self, rules: &[Rule], found: &Found<'_>, tokens: &[Token]) -> Option<Diagnostic> {
        let last = found.last?;
        let (bracket, (rule, closer)) = self.open_bracket(found, tokens)?;
        let message = format!("this `{}` is not closed", bracket.span.of(self.text));
        let diagnostic = self.error(Code::Syntax, bracket.span, message);
        let text = format!("`{closer}` is missing here or before");
        let diagnostic = diagnostic.with_secondary(self.location(last.span), text).with_help(format!("close it with `{closer}`"));
        rules.contains(&rule).then(|| self.closed(diagnostic, last.span.end, closer, tokens))
    }

    /// Offers the bracket that is missing, where the item is read with it.
    fn closed(&self, diagnostic: Diagnostic, end: u32, closer: char, tokens: &[Token]) -> Diagnostic {
        let whole = span_of(tokens);
        let before = Span { start: whole.start, end }.of(self.text);
        let after = Span { start: end, end: whole.end }.of(self.text);
        let is_read = !self.hole && Grammar::parse(Rule::one_item, &format!("{before}{closer}{after}")).is_ok();
        let here = self.location(Span { start: end, end });
        if is_read { diagnostic.with_choice(format!("insert `{closer}`"), here, closer.to_string()) } else { diagnostic }
    }

    /// Points to the bracket that is open where the error is, if a closing one was expected or there is none.
    fn with_opener(&self, diagnostic: Diagnostic, rules: &[Rule], found: &Found<'_>, tokens: &[Token]) -> Diagnostic {
        if !diagnostic.fixes.is_empty() {
            return diagnostic;
        }
        let Some((bracket, (closer, _))) = self.open_bracket(found, tokens) else { return diagnostic };
        let index = tokens.partition_point(|other| other.span.start < bracket.span.start);
        let unmatched = || match_brackets(tokens).get(index).is_some_and(Option::is_none);
        if rules.contains(&closer) || unmatched() {
            let text = format!("this `{}` is still open", bracket.span.of(self.text));
            return diagnostic.with_secondary(self.location(bracket.span), text);
        }
        diagnostic
    }

    /// The innermost bracket that is open where the parser could not go on, and what closes it.
    pub(super) fn open_bracket(&self, found: &Found<'_>, tokens: &[Token]) -> Option<(Token, (Rule, char))> {
        let mut open: Vec<Token> = Vec::new();
        for token in tokens.iter().take_while(|token| token.span.start < found.at.start) {
            if token.kind.opens() {
                open.push(*token);
            } else if token.kind.opener().is_some() {
                open.pop();
            }
        }
        let bracket = open.pop()?;
        let closer = match bracket.kind {
            TokenKind::LeftBrace => (Rule::right_brace, '}'),
            TokenKind::LeftParen => (Rule::right_paren, ')'),
            _ => (Rule::right_bracket, ']'),
        };
        Some((bracket, closer))
    }
}

/// What stands where the parser could not go on.
#[derive(Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) token: Option<Token>,
    pub(super) text: &'a str,
    pub(super) at: Span,
    /// The item's last token, where the item ends too early.
    pub(super) last: Option<Token>,
}

/// The words that may stand where those rules were expected.
pub(super) fn words_of(rules: &[Rule]) -> Vec<&'static str> {
    let groups = rules.iter().map(|rule| -> &'static [&'static str] {
        match rule {
            Rule::clause => &["on", "for", "when", "unless", "because", "require"],
            Rule::operator => &["and", "or", "in", "has", "like", "matches"],
            Rule::test_clause => &["input", "data", "result", "expect", "step"],
            Rule::claim => &["never", "always"],
            Rule::effect => &["allow", "review", "deny"],
            Rule::kw_then => &["then"],
            Rule::kw_else => &["else"],
            Rule::kw_when | Rule::when_clause => &["when"],
            Rule::kw_because | Rule::because_clause => &["because"],
            Rule::kw_where => &["where"],
            Rule::kw_in => &["in"],
            Rule::tool_args => &["args"],
            _ => &[],
        }
    });
    groups.flatten().copied().collect()
}

/// What was expected, as a phrase; empty where that would not help.
fn expected_words(rules: &[Rule], hole: bool) -> String {
    let after_operand = rules.contains(&Rule::operator);
    let is_postfix = |rule: &Rule| match rule {
        Rule::kw_has | Rule::kw_with | Rule::dot | Rule::less | Rule::bar | Rule::question => true,
        Rule::left_paren | Rule::left_bracket => after_operand,
        _ => false,
    };
    let all_postfix = rules.iter().all(is_postfix);
    let mut words: Vec<String> = Vec::new();
    for rule in rules.iter().filter(|rule| all_postfix || !is_postfix(rule)) {
        let described = match rule {
            Rule::EOI if hole => vec!["`}`".to_owned()],
            other => describe(*other),
        };
        for word in described {
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    if words.iter().any(|word| word == "an expression") {
        words.retain(|word| word != "a string");
    }
    // Marks and keywords first, then what is described, the next item last.
    words.sort_by_key(|word| (!word.starts_with('`'), word == "the next item"));
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

/// A rule in the author's words; none where it is never worth a mention.
fn describe(rule: Rule) -> Vec<String> {
    let words: &[&str] = match rule {
        Rule::item | Rule::declaration => &["an item"],
        Rule::EOI => &["the next item"],
        Rule::expression
        | Rule::if_expression
        | Rule::chain
        | Rule::operand
        | Rule::prefix
        | Rule::reference
        | Rule::constant
        | Rule::number
        | Rule::parenthesis
        | Rule::list
        | Rule::record
        | Rule::set => &["an expression"],
        Rule::operator | Rule::has_field | Rule::field_access | Rule::index | Rule::with => &["an operator"],
        Rule::type_expression | Rule::generic_type | Rule::record_type | Rule::enum_type | Rule::named_type => &["a type"],
        Rule::string | Rule::quoted_string | Rule::raw_string => &["a string"],
        Rule::name | Rule::word | Rule::path => &["a name"],
        Rule::type_name => &["the name of a type"],
        Rule::variant => &["a variant"],
        Rule::field | Rule::field_name | Rule::entry | Rule::change => &["a field"],
        Rule::tool_attribute => &["an attribute"],
        Rule::tool_args => &["`args`"],
        Rule::clause => &["a clause"],
        Rule::on_clause => &["`on`"],
        Rule::for_clause => &["`for`"],
        Rule::when_clause => &["`when`"],
        Rule::unless_clause => &["`unless`"],
        Rule::because_clause => &["`because`"],
        Rule::require_clause => &["`require`"],
        Rule::effect => &["`allow`", "`review`", "`deny`"],
        Rule::requirement => &["an obligation"],
        Rule::parameter => &["a parameter"],
        Rule::parameters => &["`(`"],
        Rule::argument | Rule::lambda => &["an argument"],
        Rule::annotation_argument => &["a string", "a word"],
        Rule::score_part => &["a contribution"],
        Rule::test_clause => &["`input`", "`data`", "`result`", "`expect`", "`step`"],
        Rule::claim => &["`never`", "`always`"],
        Rule::enum_body => &["`{`"],
        Rule::type_with | Rule::call_arguments | Rule::annotation | Rule::trivia => &[],
        other => return mark(other).into_iter().collect(),
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The text of a keyword's or a punctuation mark's rule.
fn mark(rule: Rule) -> Option<String> {
    let text = match rule {
        Rule::left_brace => "{",
        Rule::right_brace => "}",
        Rule::left_paren => "(",
        Rule::right_paren => ")",
        Rule::left_bracket => "[",
        Rule::right_bracket => "]",
        Rule::comma => ",",
        Rule::colon => ":",
        Rule::dot => ".",
        Rule::rest => "..",
        Rule::range_to => "..=",
        Rule::question_dot => "?.",
        Rule::question => "?",
        Rule::coalesce => "??",
        Rule::bar => "|",
        Rule::assign => "=",
        Rule::equal => "==",
        Rule::not_equal => "!=",
        Rule::less => "<",
        Rule::less_equal => "<=",
        Rule::greater => ">",
        Rule::greater_equal => ">=",
        Rule::fat_arrow => "=>",
        Rule::arrow => "->",
        Rule::plus => "+",
        Rule::minus => "-",
        Rule::star => "*",
        Rule::slash => "/",
        Rule::percent => "%",
        Rule::at => "@",
        keyword => {
            let name = format!("{keyword:?}");
            return name.strip_prefix("kw_").map(|word| format!("`{word}`"));
        }
    };
    Some(format!("`{text}`"))
}
