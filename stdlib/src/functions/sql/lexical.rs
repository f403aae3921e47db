//! Whether every database system reads the same tokens.

use sqlparser::tokenizer::{Token, Whitespace};

/// Whether a text has characters that no SQL needs, or a backslash where some systems take it for an escape.
pub fn is_ambiguous(text: &str) -> bool {
    text.chars().any(|char| char.is_control() && !matches!(char, '\n' | '\r' | '\t')) || ["\\'", "\\\"", "\\`"].iter().any(|part| text.contains(part))
}

/// Whether every system reads the text as these tokens.
pub fn is_read_alike(text: &str, tokens: &[Token]) -> bool {
    tokens.iter().all(is_plain) && !has_other_spaces(text, tokens) && !has_prefixed_quote(tokens) && !has_only(tokens) && !has_open_bracket(tokens)
}

/// Whether every system reads the token alike.
fn is_plain(token: &Token) -> bool {
    match token {
        Token::Whitespace(Whitespace::SingleLineComment { comment, prefix }) => prefix == "--" && is_plain_line(comment),
        Token::Whitespace(Whitespace::MultiLineComment(comment)) => {
            !comment.starts_with('!') && !comment.starts_with("M!") && !comment.contains("/*")
        }
        Token::Word(word) => match word.quote_style {
            None => !word.value.contains(['#', '$']),
            // A system that does not quote with it reads what is between as it is.
            Some('`') => !word.value.contains(['\'', '"', ';']) && !word.value.contains("--") && !word.value.contains("/*"),
            Some(_) => true,
        },
        Token::Placeholder(name) => !name.contains("$$"),
        Token::DollarQuotedString(_)
        | Token::UnicodeStringLiteral(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_)
        | Token::Sharp
        | Token::DoubleSharp
        | Token::Backslash => false,
        _ => true,
    }
}

/// Whether what follows `--` is a comment to every system, up to the same place: some need a space before it, and some end it at a carriage return.
fn is_plain_line(comment: &str) -> bool {
    let line = comment.strip_suffix('\n').map_or(comment, |line| line.strip_suffix('\r').unwrap_or(line));
    !line.contains('\r') && (line.is_empty() || line.starts_with([' ', '\t']))
}

/// Whether there is a space outside of quotes that is not one of ASCII: some systems take it for a part of a name.
fn has_other_spaces(text: &str, tokens: &[Token]) -> bool {
    let count = |text: &str| text.chars().filter(|char| char.is_whitespace() && !char.is_ascii()).count();
    let quoted = tokens.iter().map(|token| quoted(token).map_or(0, count)).sum::<usize>();
    count(text) > quoted
}

/// What stands between quotes.
fn quoted(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) if word.quote_style.is_some() => Some(&word.value),
        Token::SingleQuotedString(text)
        | Token::DoubleQuotedString(text)
        | Token::NationalStringLiteral(text)
        | Token::EscapedStringLiteral(text)
        | Token::SingleQuotedByteStringLiteral(text)
        | Token::DoubleQuotedByteStringLiteral(text)
        | Token::HexStringLiteral(text) => Some(text),
        _ => None,
    }
}

/// Whether a quote stands right after `q` or `nq`, which quote otherwise in one system, or after `U&`, which makes escapes of backslashes.
fn has_prefixed_quote(tokens: &[Token]) -> bool {
    let is = |token: &Token, names: &[&str]| word(token).is_some_and(|word| names.iter().any(|name| word.eq_ignore_ascii_case(name)));
    let two = tokens.windows(2).any(|pair| match pair {
        [first, Token::SingleQuotedString(_)] => is(first, &["q", "nq"]),
        _ => false,
    });
    two || tokens.windows(3).any(|three| match three {
        [first, Token::Ampersand, last] => is(first, &["u"]) && quoted(last).is_some(),
        _ => false,
    })
}

/// Whether `ONLY` stands where some systems take it for a name and others for a word before one.
fn has_only(tokens: &[Token]) -> bool {
    let words: Vec<_> = tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))).map(word).collect();
    words.iter().enumerate().any(|(index, only)| {
        let before =
            |count: usize| index.checked_sub(count).and_then(|index| words.get(index).copied().flatten()).unwrap_or_default().to_ascii_lowercase();
        let is_clear = match before(1).as_str() {
            "row" | "rows" | "ties" | "percent" | "read" => true,
            "table" => matches!(before(2).as_str(), "alter" | "truncate"),
            _ => false,
        };
        only.is_some_and(|only| only.eq_ignore_ascii_case("only")) && !is_clear
    })
}

/// Whether a quote or a comment between brackets holds `]`, at which one system ends a name that began at `[`.
fn has_open_bracket(tokens: &[Token]) -> bool {
    let mut depth = 0_usize;
    tokens.iter().any(|token| {
        let inner = match token {
            Token::LBracket => {
                depth += 1;
                None
            }
            Token::RBracket => {
                depth = depth.saturating_sub(1);
                None
            }
            Token::Whitespace(Whitespace::SingleLineComment { comment, .. } | Whitespace::MultiLineComment(comment)) => Some(comment.as_str()),
            other => quoted(other),
        };
        depth > 0 && inner.is_some_and(|inner| inner.contains(']'))
    })
}

/// A word without quotes.
fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) if word.quote_style.is_none() => Some(&word.value),
        _ => None,
    }
}
