//! The lexer and the grammar agree.

use pest::Parser as _;
use proptest::prelude::*;

use super::{Grammar, Rule};
use crate::syntax::lexer::{TokenKind, is_keyword, is_reserved, lex};

/// Whether the grammar takes all of a text as that rule.
fn takes(rule: Rule, text: &str) -> bool {
    Grammar::parse(rule, text).is_ok_and(|mut pairs| pairs.next().is_some_and(|pair| pair.as_str() == text))
}

/// The kind of the only token of a text.
fn only_token(text: &str) -> Option<TokenKind> {
    match lex(text).as_slice() {
        [token] => Some(token.kind),
        _ => None,
    }
}

#[test]
fn the_grammar_has_a_rule_for_every_keyword() {
    let contextual = ["as", "args", "result", "step", "never", "always"];
    let keywords: Vec<String> = Rule::all_rules()
        .iter()
        .filter_map(|rule| format!("{rule:?}").strip_prefix("kw_").map(str::to_owned))
        .filter(|word| !contextual.contains(&word.as_str()))
        .collect();
    let mut expected: Vec<&str> = crate::syntax::lexer::ITEM_KEYWORDS.iter().chain(crate::syntax::lexer::EXPRESSION_KEYWORDS).copied().collect();
    expected.sort_unstable();
    let mut found: Vec<&str> = keywords.iter().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    for word in expected {
        assert!(is_keyword(word));
        assert_eq!(takes(Rule::name, word), !is_reserved(word), "{word}");
    }
}

proptest! {
    #[test]
    fn words(text in "[A-Za-z_0-9]{1,8}") {
        prop_assert_eq!(takes(Rule::word, &text), only_token(&text) == Some(TokenKind::Word));
    }

    #[test]
    fn numbers(text in "[0-9]{1,3}[0-9_.smhd]{0,6}") {
        let number = matches!(only_token(&text), Some(TokenKind::Int | TokenKind::Decimal | TokenKind::Duration));
        prop_assert_eq!(takes(Rule::number, &text), number);
    }

    #[test]
    fn strings(text in "(r?#?\"[a{}\"#\\\\nü]{0,8}\"#?)|\"[a\\\\\"\\r\\n]{0,4}\"") {
        let string = matches!(only_token(&text), Some(TokenKind::String | TokenKind::RawString));
        prop_assert_eq!(takes(Rule::string, &text), string);
    }
}
