//! The words of texts, by which an index finds what may mention a value.
//!
//! A word is a run of letters, digits and `_`. A value that is mentioned occurs as a whole token, so that each of its words is a word of the text
//! around it, and each two that follow each other do so there, with the same between them.

use std::borrow::Cow;

use crate::value::Value;

/// Calls back with every word, and every word up to the end of the next, of the texts and other scalars in a value in which one is looked for.
pub fn inside(value: Value<'_>, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::None | Value::Bool(_) => {}
        Value::Str(text) => words(text, visit),
        Value::List(_) | Value::Set(_) | Value::Map(_) => value.elements().for_each(|element| inside(element, visit)),
        Value::Record(record) => record.present().for_each(|(_, field)| inside(field, visit)),
        scalar => words(&scalar.to_string(), visit),
    }
}

/// Calls back with the words, and each two words that follow each other, that are inside whatever mentions that value. There is none where the value
/// has no letter or digit, or is nothing that can be mentioned.
pub fn sought(value: Value<'_>, visit: &mut dyn FnMut(&str)) {
    match value {
        Value::None | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_) => {}
        Value::Str(text) => words(text, visit),
        scalar => words(&scalar.to_string(), visit),
    }
}

fn words(text: &str, visit: &mut dyn FnMut(&str)) {
    let text = folded(text);
    let mut before = None;
    let mut rest = 0;
    while let Some(start) = text.get(rest..).and_then(|left| left.find(is_word)).map(|at| rest + at) {
        let end = text.get(start..).and_then(|left| left.find(|char| !is_word(char))).map_or(text.len(), |at| start + at);
        [Some(start), before].into_iter().flatten().filter_map(|from: usize| text.get(from..end)).for_each(&mut *visit);
        (before, rest) = (Some(start), end);
    }
}

/// Whether a character is part of a word.
pub(crate) fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// Whether a text is the same when it is folded.
pub(crate) fn is_folded(text: &str) -> bool {
    let is_folded = |bytes: &[u8]| bytes.iter().fold(true, |all, byte| all & byte.is_ascii() & !byte.is_ascii_uppercase());
    // Sixteen bytes at once, the last of them a second time rather than one by one.
    match text.as_bytes().last_chunk::<16>() {
        Some(last) => is_folded(last) && text.as_bytes().as_chunks::<16>().0.iter().all(|row| is_folded(row)),
        None => is_folded(text.as_bytes()),
    }
}

/// A text's characters in lower case, each for itself. A sigma at the end of a word is the same letter.
pub(crate) fn fold(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase).map(|char| if char == 'ς' { 'σ' } else { char })
}

fn folded(text: &str) -> Cow<'_, str> {
    if is_folded(text) { Cow::Borrowed(text) } else { Cow::Owned(fold(text).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Items;

    fn found(run: impl Fn(Value<'_>, &mut dyn FnMut(&str)), value: Value<'_>) -> Vec<String> {
        let mut words = Vec::new();
        run(value, &mut |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn what_is_in_lower_case_is_folded() {
        for length in 0..70 {
            let text = "a".repeat(length);
            assert!(is_folded(&text));
            assert!((0..=length).all(|place| ["A", "é"].iter().all(|other| !is_folded(&format!("{}{other}{}", &text[place..], &text[..place])))));
        }
    }

    #[test]
    fn words_and_pairs_of_words() {
        assert_eq!(found(sought, Value::Str("Bob@Example.com!")), ["bob", "example", "bob@example", "com", "example.com"]);
        assert_eq!(found(sought, Value::Str("ΟΔΟΣ_1")), ["οδοσ_1"]);
        assert!(found(sought, Value::Str("--")).is_empty());
        assert!(found(sought, Value::None).is_empty());
        let items = [Value::Str("a b"), Value::Int(-5), Value::Bool(true), Value::None];
        assert_eq!(found(inside, Value::List(Items::Own(&items))), ["a", "b", "a b", "5"]);
    }
}
