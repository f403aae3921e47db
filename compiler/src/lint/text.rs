//! Characters that mislead whoever reads a policy.

use crate::diagnostic::{Code, Diagnostic, FileId, Location};
use crate::syntax::ast::Span;
use crate::syntax::lexer::{Token, TokenKind, lex};

/// The findings of one kind in a file; more say nothing new.
const MOST: usize = 20;

/// What a file's text hides: characters that turn the direction of text, that nobody sees, or that look like others.
pub fn of_text(file: FileId, text: &str) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    if text.is_ascii() {
        return findings;
    }
    let tokens = lex(text);
    let controls = text.char_indices().filter(|(_, letter)| is_bidirectional(*letter));
    findings.extend(controls.take(MOST).map(|(offset, letter)| {
        let message = format!("U+{:04X} turns the direction of the text after it, so that it reads otherwise than it is", u32::from(letter));
        hidden(Diagnostic::warning(Code::BidirectionalControl, at(file, offset, letter.len_utf8()), message), letter, &tokens)
    }));
    // A byte order mark at the start is passed over.
    let unseen = text.char_indices().filter(|(offset, letter)| is_invisible(*letter) && !is_at_home(text, *offset, *letter));
    findings.extend(unseen.take(MOST).map(|(offset, letter)| {
        let message = format!("U+{:04X} is invisible", u32::from(letter));
        hidden(Diagnostic::warning(Code::InvisibleCharacter, at(file, offset, letter.len_utf8()), message), letter, &tokens)
    }));
    findings.extend(look_alikes(file, text, &tokens));
    findings
}

/// Offers to take a character away, and in a string to write it so that it is seen.
fn hidden(found: Diagnostic, letter: char, tokens: &[Token]) -> Diagnostic {
    let (at, escape) = (found.at, escape(letter));
    let found = found.with_help(format!("remove it; in a string that needs it, write `{escape}`"));
    let token = tokens.partition_point(|token| token.span.end <= at.span.start);
    match tokens.get(token).map(|token| token.kind) {
        Some(TokenKind::Comment) => found.with_fix("remove it", at, ""),
        Some(TokenKind::String) => found.with_choice("remove it", at, "").with_choice(format!("write `{escape}`"), at, escape),
        _ => found.with_choice("remove it", at, ""),
    }
}

fn escape(letter: char) -> String {
    format!("\\u{{{:x}}}", u32::from(letter))
}

fn at(file: FileId, start: usize, len: usize) -> Location {
    let offset = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    Location { file, span: Span { start: offset(start), end: offset(start + len) } }
}

/// Words in strings that have Latin letters beside letters of another script which look like Latin ones.
fn look_alikes(file: FileId, text: &str, tokens: &[Token]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for token in tokens.iter().filter(|token| matches!(token.kind, TokenKind::String | TokenKind::RawString)) {
        let start = token.span.start as usize;
        for (offset, word) in words(token.span.of(text)) {
            let Some((letter, looks)) = word.chars().find_map(|letter| Some((letter, latin(letter)?))) else { continue };
            let is_mixed = word.chars().any(|letter| letter.is_ascii_alphabetic());
            if is_mixed {
                let message = format!("`{letter}` (U+{:04X}) looks like `{looks}` and is another letter", u32::from(letter));
                let found = Diagnostic::warning(Code::LookAlike, at(file, start + offset, word.len()), message);
                findings.push(seen(found.with_help(format!("if it is meant to be there, write `{}`", escape(letter))), word, token.kind));
            }
            if findings.len() == MOST {
                return findings;
            }
        }
    }
    findings
}

/// Offers a word in Latin letters, and where escapes are read with those that look like others.
fn seen(found: Diagnostic, word: &str, kind: TokenKind) -> Diagnostic {
    let at = found.at;
    let plain: String = word.chars().map(|letter| latin(letter).unwrap_or(letter)).collect();
    let found = found.with_choice(format!("write `{plain}` in Latin letters"), at, plain);
    let escaped: String = word.chars().map(|letter| if latin(letter).is_some() { escape(letter) } else { letter.to_string() }).collect();
    if kind == TokenKind::String { found.with_choice(format!("write `{escaped}`"), at, escaped) } else { found }
}

/// The words of a text with where they begin: letters and what joins them.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    text.split(|letter: char| !letter.is_alphabetic()).map(move |word| {
        let start = offset;
        // What splits is one character, whose length the next word's place tells.
        offset += word.len() + text.get(start + word.len()..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        (start, word)
    })
}

fn is_bidirectional(letter: char) -> bool {
    matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}')
}

fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{180e}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Whether an invisible character does what it is for: a byte order mark at the start, a joiner between letters or pictures that are no ASCII.
fn is_at_home(text: &str, offset: usize, letter: char) -> bool {
    let before = text.get(..offset).and_then(|text| text.chars().next_back());
    let after = text.get(offset + letter.len_utf8()..).and_then(|text| text.chars().next());
    match letter {
        '\u{feff}' => offset == 0,
        '\u{200c}' | '\u{200d}' => before.is_some_and(|letter| !letter.is_ascii()) && after.is_some_and(|letter| !letter.is_ascii()),
        _ => false,
    }
}

/// The Latin letter that a Greek, Cyrillic or other letter cannot be told from.
pub fn latin(letter: char) -> Option<char> {
    Some(match letter {
        'а' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' => 'h',
        'і' | 'ı' | 'ι' => 'i',
        'ј' | 'ϳ' => 'j',
        'ӏ' => 'l',
        'о' | 'ο' | 'օ' => 'o',
        'р' | 'ρ' => 'p',
        'ԛ' => 'q',
        'ѕ' => 's',
        'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ԝ' => 'w',
        'х' => 'x',
        'у' => 'y',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'С' => 'C',
        'Е' | 'Ε' => 'E',
        'Н' | 'Η' => 'H',
        'І' | 'Ι' | 'Ӏ' => 'I',
        'Ј' => 'J',
        'К' | 'Κ' => 'K',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'О' | 'Ο' => 'O',
        'Р' | 'Ρ' => 'P',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'Х' | 'Χ' => 'X',
        'Υ' | 'Ү' => 'Y',
        'Ζ' => 'Z',
        'ａ'..='ｚ' | 'Ａ'..='Ｚ' => char::from_u32(u32::from(letter) - 0xfee0)?,
        _ => return None,
    })
}
