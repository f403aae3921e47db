//! Globs, by the definition: `*` is any run of characters, `?` one, `\` takes the next one as it is.

/// Whether the whole text matches.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    rest(&pattern, &text)
}

fn rest(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], _) => text.is_empty(),
        (['*', pattern @ ..], _) => (0..=text.len()).any(|skipped| rest(pattern, &text[skipped..])),
        (['?', pattern @ ..], [_, text @ ..]) => rest(pattern, text),
        (['\\', letter, pattern @ ..], [first, text @ ..]) => letter == first && rest(pattern, text),
        ([letter, pattern @ ..], [first, text @ ..]) => letter == first && rest(pattern, text),
        _ => false,
    }
}

/// Whether it has a `*` or `?` that is not escaped.
pub fn is_pattern(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => drop(letters.next()),
            '*' | '?' => return true,
            _ => {}
        }
    }
    false
}
