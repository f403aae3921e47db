//! Conditions as text: the author's own, and values as literals.

use tollgate_stdlib::Value;

use crate::format::quoted;
use crate::syntax::lexer::{TokenKind, lex};

/// The longest literal that is put in the place of what has its value.
const MAX_LITERAL: usize = 80;

/// A value as a literal of the language; `None` of one that has none, or a long one.
pub fn literal(value: Value<'_>) -> Option<String> {
    let text = match value {
        Value::None => "none".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => negative(grouped(&value.to_string())),
        Value::Decimal(value) => negative(grouped(&value.to_string())),
        Value::Duration(_) => duration(&value.to_string())?,
        Value::Timestamp(_) => format!("timestamp({})", quoted(&value.to_string())),
        Value::Ip(_) => format!("ip({})", quoted(&value.to_string())),
        Value::Cidr(_) => format!("cidr({})", quoted(&value.to_string())),
        Value::Enum(_) | Value::Str(_) => quoted(&value.to_string()),
        Value::List(_) => format!("[{}]", elements(value)?),
        Value::Set(_) => format!("{{{}}}", elements(value)?),
        Value::Map(_) | Value::Record(_) => return None,
    };
    (text.len() <= MAX_LITERAL).then_some(text)
}

/// What stands between the brackets. Of nothing there is no literal: its type would be unknown.
fn elements(value: Value<'_>) -> Option<String> {
    let items = value.items()?;
    if items.is_empty() || items.len() > MAX_LITERAL / 2 {
        return None;
    }
    let items: Option<Vec<String>> = items.iter().map(literal).collect();
    items.map(|items| items.join(", "))
}

fn duration(printed: &str) -> Option<String> {
    let text = negative(printed.to_owned());
    let is_one = lex(printed.trim_start_matches('-')).iter().map(|token| token.kind).eq([TokenKind::Duration]);
    is_one.then_some(text)
}

fn negative(number: String) -> String {
    if number.starts_with('-') { format!("({number})") } else { number }
}

/// A number with its thousands apart, as policies are written.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
    let mut out = sign.to_owned();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out + rest
}

/// A text of the language on one line, without its comments.
pub fn on_one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for token in lex(text) {
        match token.kind {
            TokenKind::Comment | TokenKind::Doc => {}
            TokenKind::Space if out.ends_with(' ') => {}
            TokenKind::Space => out.push(' '),
            _ => out.push_str(token.span.of(text)),
        }
    }
    out.trim().to_owned()
}

/// Whether a text names a value other than as a field.
pub fn mentions(text: &str, name: &str) -> bool {
    let mut before = TokenKind::Space;
    for token in lex(text).into_iter().filter(|token| token.kind != TokenKind::Space) {
        let is_field = matches!(before, TokenKind::Dot | TokenKind::QuestionDot);
        let is_hole = matches!(token.kind, TokenKind::String) && token.span.of(text).contains(name);
        if is_hole || (token.kind == TokenKind::Word && !is_field && token.span.of(text) == name) {
            return true;
        }
        before = token.kind;
    }
    false
}

/// The words of a text that may be names: fields too, and what stands in the holes of strings with the words around them.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_apart = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let of_token = move |text: &str, kind: TokenKind| match kind {
        TokenKind::Word => true,
        TokenKind::String => text.contains('{'),
        _ => false,
    };
    let tokens = lex(text).into_iter().map(move |token| (token.span.of(text), token.kind));
    tokens.filter(move |(text, kind)| of_token(text, *kind)).flat_map(move |(text, _)| text.split(is_apart)).filter(|word| !word.is_empty())
}

/// Whether a text may stand in the place of any operand as it is.
pub fn is_tight(text: &str) -> bool {
    let mut depth = 0_usize;
    let is_word = |word: &str| matches!(word, "not" | "if");
    !lex(text).iter().any(|token| {
        match token.kind {
            TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket => depth += 1,
            TokenKind::RightBrace | TokenKind::RightParen | TokenKind::RightBracket => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && (token.kind == TokenKind::Space || (token.kind == TokenKind::Word && is_word(token.span.of(text))))
    }) && !text.starts_with('-')
}

/// Whether every bracket of a text has its other within it.
pub fn is_balanced(text: &str) -> bool {
    let mut depth = 0_usize;
    lex(text).iter().all(|token| match token.kind {
        TokenKind::LeftParen => {
            depth += 1;
            true
        }
        TokenKind::RightParen => depth.checked_sub(1).map(|less| depth = less).is_some(),
        _ => true,
    })
}

/// A text as an operand of anything.
pub fn tightened(text: String) -> String {
    if is_tight(&text) { text } else { format!("({text})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_policies_write_them() {
        assert_eq!(literal(Value::Int(-1_234_567)).as_deref(), Some("(-1_234_567)"));
        assert_eq!(literal(Value::Int(100)).as_deref(), Some("100"));
        assert_eq!(literal(Value::Str("a\"{b}")).as_deref(), Some(r#""a\"{{b}}""#));
        assert_eq!(literal(Value::Duration(5_400_000_000_000)).as_deref(), Some("1h30m"));
        assert_eq!(literal(Value::Duration(1)), None);
        assert_eq!(literal(Value::Str(&"x".repeat(100))), None);
    }

    #[test]
    fn texts_are_laid_on_one_line() {
        assert_eq!(on_one_line("a // why\n    and   b"), "a and b");
        assert!(is_tight("f(a, b).c[\"x y\"]") && !is_tight("a and b") && !is_tight("-1") && is_tight("(a or b)"));
        assert!(mentions("x in g.tools", "g") && !mentions("a.g", "g") && mentions("\"{g}\" == a", "g"));
    }
}
