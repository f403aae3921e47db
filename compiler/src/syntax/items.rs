//! Cuts a token stream into top-level items, so that a broken item costs no other.

use std::ops::Range;

use super::ast::Span;
use super::lexer::{KEYWORD_NAMES, Token, TokenKind, is_item_keyword, is_reserved};

/// The items of a file as ranges of `tokens`, which hold no trivia. Together they cover all tokens.
///
/// An item begins at an item keyword, or at the annotations before it, outside of brackets. Where a bracket stays
/// open to the end of the file, keywords at the start of a line begin an item even inside it.
pub fn split(text: &str, tokens: &[Token]) -> Vec<Range<usize>> {
    let partners = match_brackets(tokens);
    let mut items = Vec::new();
    let mut start = 0;
    let mut has_keyword = false;
    let mut open: Vec<Open> = Vec::new();
    // Comments of other languages begin no item.
    let mut comment_end = 0;
    for (index, token) in tokens.iter().enumerate() {
        if token.span.start >= comment_end && begins_comment(text, tokens, index) {
            comment_end = line_end(text, token.span.start);
        }
        let is_read = token.span.start >= comment_end;
        let starts_item = is_read && begins_item(text, tokens, index);
        let annotation = is_read && token.kind == TokenKind::At;
        let unclosed = open.last().is_some_and(|bracket| !bracket.closed);
        if unclosed && (starts_item || annotation) && at_line_start(text, token.span.start) {
            open.clear();
        }
        if open.is_empty() && (starts_item || annotation) {
            // What begins a file and is no item is a piece of its own.
            let unknown = start < index && tokens.get(start).is_some_and(|first| first.kind != TokenKind::At);
            if has_keyword || (unknown && at_line_start(text, token.span.start)) {
                items.push(start..index);
                start = index;
            }
            has_keyword = starts_item;
        }
        if token.kind.opens() {
            let closed = partners.get(index).is_some_and(Option::is_some);
            let below = open.last().is_some_and(|bracket| !bracket.closed);
            open.push(Open { index, closed: closed && !below });
        } else if let Some(Some(opener)) = partners.get(index) {
            while open.last().is_some_and(|bracket| bracket.index >= *opener) {
                open.pop();
            }
        }
    }
    if start < tokens.len() {
        items.push(start..tokens.len());
    }
    items
}

/// Whether a comment of another language begins at a token: `#`, `--` or `/*`.
pub(super) fn begins_comment(text: &str, tokens: &[Token], index: usize) -> bool {
    let (Some(token), next) = (tokens.get(index), tokens.get(index + 1)) else { return false };
    let follows = |kind: TokenKind| next.is_some_and(|next| next.kind == kind && next.span.start == token.span.end);
    match token.kind {
        TokenKind::Minus => follows(TokenKind::Minus),
        TokenKind::Slash => follows(TokenKind::Star),
        _ => token.span.of(text) == "#",
    }
}

/// Where the line ends that an offset is in.
fn line_end(text: &str, offset: u32) -> u32 {
    let rest = text.get(offset as usize..).unwrap_or_default();
    offset.saturating_add(u32::try_from(rest.find('\n').unwrap_or(rest.len())).unwrap_or(u32::MAX))
}

/// An open bracket; `closed` says that it and all around it are closed somewhere.
struct Open {
    index: usize,
    closed: bool,
}

/// For every bracket the index of its partner, where it has one.
pub(super) fn match_brackets(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut partners = vec![None; tokens.len()];
    let mut open: Vec<(TokenKind, usize)> = Vec::new();
    let mut counts = [0usize; 3];
    for (index, token) in tokens.iter().enumerate() {
        if token.kind.opens() {
            open.push((token.kind, index));
            bump(&mut counts, token.kind, 1);
        } else if let Some(opener) = token.kind.opener() {
            if bump(&mut counts, opener, 0) == 0 {
                continue;
            }
            while let Some((kind, at)) = open.pop() {
                bump(&mut counts, kind, -1);
                if kind == opener {
                    set(&mut partners, at, index);
                    set(&mut partners, index, at);
                    break;
                }
            }
        }
    }
    partners
}

fn set(partners: &mut [Option<usize>], at: usize, partner: usize) {
    if let Some(slot) = partners.get_mut(at) {
        *slot = Some(partner);
    }
}

fn bump(counts: &mut [usize; 3], kind: TokenKind, by: isize) -> usize {
    let [braces, parens, brackets] = counts;
    let count = match kind {
        TokenKind::LeftBrace => braces,
        TokenKind::LeftParen => parens,
        _ => brackets,
    };
    *count = count.saturating_add_signed(by);
    *count
}

/// Whether the token is a keyword that begins an item, brackets left out of account.
fn begins_item(text: &str, tokens: &[Token], index: usize) -> bool {
    let kind_at = |at: usize| tokens.get(at).map(|token| token.kind);
    let Some(token) = tokens.get(index).filter(|token| token.kind == TokenKind::Word) else {
        return false;
    };
    let word = token.span.of(text);
    if !is_item_keyword(word) || follows_marker(text, tokens, index) || is_misnomer(text, tokens, index) || is_foreign_part(text, tokens, index) {
        return false;
    }
    if KEYWORD_NAMES.contains(&word) && names_data(text, tokens, index) {
        return false;
    }
    if KEYWORD_NAMES.contains(&word) && ends_operand(text, tokens, index) && kind_at(index + 1) != Some(TokenKind::Dot) {
        return true;
    }
    match word {
        "tool" => matches!(kind_at(index + 1), Some(TokenKind::String | TokenKind::RawString)),
        "input" => kind_at(index + 1) == Some(TokenKind::LeftBrace),
        "data" => kind_at(index + 1) == Some(TokenKind::Word) && kind_at(index + 2) == Some(TokenKind::Colon),
        _ => true,
    }
}

/// Whether a keyword is the name of the data that begin with the token before, as in `data input: int`.
fn names_data(text: &str, tokens: &[Token], index: usize) -> bool {
    let before = index.checked_sub(1).filter(|at| tokens.get(*at).is_some_and(|token| token.span.of(text) == "data"));
    let is_named = tokens.get(index + 1).is_some_and(|next| next.kind == TokenKind::Colon);
    // The token before is followed by a word, so that this goes no further back.
    is_named && before.is_some_and(|before| begins_item(text, tokens, before))
}

/// Whether the token before makes a keyword a name or a part of the item before.
fn follows_marker(text: &str, tokens: &[Token], index: usize) -> bool {
    let previous = index.checked_sub(1).and_then(|at| tokens.get(at));
    previous.is_some_and(|token| match token.kind {
        TokenKind::Dot | TokenKind::QuestionDot | TokenKind::At => true,
        TokenKind::Word => matches!(token.span.of(text), "has" | "default"),
        _ => false,
    })
}

/// Whether a keyword in the middle of a line follows what ends no item, as in `effect: deny`, `rule a deny`, `on tool "b"`, `when score > 5` or `from a import b`, or is
/// called, as in `type(x)`; or stands after the title of a test.
fn is_foreign_part(text: &str, tokens: &[Token], index: usize) -> bool {
    let back = |count: usize| index.checked_sub(count).and_then(|at| tokens.get(at));
    let word = |count: usize| back(count).map_or("", |token| token.span.of(text));
    let (Some(before), Some(token)) = (back(1), tokens.get(index)) else { return false };
    let follows = match before.kind {
        TokenKind::Colon | TokenKind::Assign | TokenKind::FatArrow => true,
        TokenKind::Word => {
            let is_named = matches!(word(2), "rule" | "policy") && matches!(token.span.of(text), "allow" | "review" | "deny");
            let is_part = matches!(word(1), "then" | "else" | "otherwise" | "return" | "expect" | "on" | "never" | "always");
            let is_asked = matches!(word(1), "when" | "unless" | "and" | "or" | "not")
                && matches!(token.span.of(text), "let" | "score" | "fn" | "type" | "enum");
            is_named || is_part || is_asked || word(2) == "from" || word(4) == "from"
        }
        _ => false,
    };
    let called = !matches!(token.span.of(text), "allow" | "review" | "deny" | "data" | "tool" | "input")
        && tokens.get(index + 1).is_some_and(|next| next.kind == TokenKind::LeftParen);
    let gap = Span { start: before.span.end, end: token.span.start };
    // A test without braces is no test, so that what follows its title is meant for it.
    let in_test = word(2) == "test" && matches!(before.kind, TokenKind::String | TokenKind::RawString) && token.span.of(text) == "input";
    in_test || (follows || called) && !gap.of(text).contains('\n')
}

/// Whether a keyword stands where an item's name belongs, and what follows names follows it.
fn is_misnomer(text: &str, tokens: &[Token], index: usize) -> bool {
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.span.of(text));
    let before = word(index.checked_sub(1));
    let declares = is_item_keyword(before) && is_reserved(before);
    declares && matches!(word(Some(index + 1)), "=" | ":" | "(" | "{" | "on" | "for" | "when" | "unless" | "because" | "require")
}

/// Whether the token before can end an item, so that no name can follow it: a malformed item begins here.
fn ends_operand(text: &str, tokens: &[Token], index: usize) -> bool {
    let previous = index.checked_sub(1).and_then(|at| tokens.get(at));
    previous.is_some_and(|token| match token.kind {
        TokenKind::Word => {
            let word = token.span.of(text);
            word != "as" && (!is_reserved(word) || matches!(word, "true" | "false" | "none"))
        }
        TokenKind::Int | TokenKind::Decimal | TokenKind::Duration | TokenKind::String | TokenKind::RawString => true,
        kind => kind.opener().is_some(),
    })
}

/// Whether an offset is the first of a line.
pub(super) fn at_line_start(text: &str, offset: u32) -> bool {
    let before = text.get(..offset as usize).unwrap_or_default();
    before.is_empty() || before.ends_with('\n') || before == "\u{feff}"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lexer::lex;

    fn items(text: &str) -> Vec<&str> {
        let tokens: Vec<_> = lex(text).into_iter().filter(|token| !token.kind.is_trivia()).collect();
        let slice = |range: Range<usize>| &text[tokens[range.start].span.start as usize..tokens[range.end - 1].span.end as usize];
        split(text, &tokens).into_iter().map(slice).collect()
    }

    #[test]
    fn cuts_at_keywords_outside_of_brackets() {
        assert_eq!(
            items("package a\n@id(\"x\") @b allow c when d.deny has test\ndefault deny data x: int = 1 deny e"),
            ["package a", "@id(\"x\") @b allow c when d.deny has test", "default deny", "data x: int = 1", "deny e"]
        );
        assert_eq!(items("let a = tool.name == data let b = {input: 1}"), ["let a = tool.name == data", "let b = {input: 1}"]);
        assert_eq!(items("import a as data data y = 3 tool {"), ["import a as data", "data y = 3", "tool {"]);
        assert_eq!(
            items("data input: int data tool: int = 1 data data: int tool \"t\" {}"),
            ["data input: int", "data tool: int = 1", "data data: int", "tool \"t\" {}"]
        );
        assert_eq!(items("test \"t\" { input {} expect deny }"), ["test \"t\" { input {} expect deny }"]);
    }

    #[test]
    fn a_comment_of_another_language_begins_nothing() {
        assert_eq!(
            items("# allow all\npackage a\ndeny b # deny c\n  when d\ndeny e"),
            ["# allow all", "package a", "deny b # deny c\n  when d", "deny e"]
        );
        assert_eq!(
            items("-- allow all\n/* deny some */\nlet a = 1 - -1\nlet b = 2"),
            ["-- allow all\n/* deny some */", "let a = 1 - -1", "let b = 2"]
        );
    }

    #[test]
    fn an_open_bracket_does_not_swallow_the_file() {
        assert_eq!(items("let a = (1\nlet b = [1,\n let c = 2]\nlet d = 3"), ["let a = (1", "let b = [1,\n let c = 2]", "let d = 3"]);
        assert_eq!(items("let a = ({\nlet b = }\nlet c = ("), ["let a = ({", "let b = }", "let c = ("]);
        assert_eq!(items("allow a when (x\n@id(\"b\")\nallow b"), ["allow a when (x", "@id(\"b\")\nallow b"]);
    }
}
