//! What every importer needs to write policies: names made from any text, literals, comments, the layout.
//!
//! The sources are anyone's. Text from them stands in a policy as a literal or in a comment, and nowhere else.

use std::collections::{HashMap, HashSet};

use tollgate_compiler::format::format;
use tollgate_compiler::syntax::lexer;

use crate::report::Unreadable;

/// The width that comments keep to.
const WIDTH: usize = 98;

/// The most characters of a name that is made from a text.
const LONGEST_NAME: usize = 60;

/// A text in the one layout of policies, as a file of an import.
///
/// # Errors
///
/// Where the text is none of a policy: a fault of the importer, which says so rather than write what cannot be read.
pub fn laid_out(source: &str, text: &str) -> Result<String, Unreadable> {
    format(text).map_err(|diagnostics| {
        let said = diagnostics.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
        Unreadable::new(source, "", format!("what was made of it cannot be read ({said}): this is a fault of the importer"))
    })
}

/// Names that are taken, so that each is given once.
#[derive(Clone, Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
    /// Up to which number names that were asked for again are taken.
    numbers: HashMap<String, usize>,
}

impl Names {
    /// Names of which these are taken.
    pub fn taken<'a>(names: impl IntoIterator<Item = &'a str>) -> Names {
        Names { taken: names.into_iter().map(str::to_owned).collect(), numbers: HashMap::new() }
    }

    /// A name for a value made from a text, such as `allow_read` from `AllowRead`: another one each time.
    pub fn value(&mut self, text: &str) -> String {
        self.unused(value_name(text), "_")
    }

    /// A name for a type made from a text, such as `GitUser` from `git user`: another one each time.
    pub fn r#type(&mut self, text: &str) -> String {
        self.unused(type_name(text), "")
    }

    fn unused(&mut self, name: String, joint: &str) -> String {
        let last = self.numbers.entry(name.clone()).or_insert(1);
        let mut unused = name.clone();
        while self.taken.contains(&unused) {
            *last += 1;
            unused = format!("{name}{joint}{last}");
        }
        self.taken.insert(unused.clone());
        unused
    }
}

/// A text as the name of a value: `AllowS3Read` is `allow_s3_read`. Never a reserved word, never empty.
pub fn value_name(text: &str) -> String {
    let name = words(text).join("_").to_lowercase();
    match name.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("n{name}"),
        Some(_) if lexer::is_keyword(&name) => format!("{name}_"),
        Some(_) => name,
    }
}

/// A text as the name of a package: that of a value, and not the standard library's.
pub fn package_name(text: &str) -> String {
    let name = value_name(text);
    if name == "std" { format!("{name}_") } else { name }
}

/// A text as the name of a type: `git user` is `GitUser`. Never empty.
pub fn type_name(text: &str) -> String {
    let capital = |word: String| word.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_uppercase() } else { c }).collect::<String>();
    let name: String = words(text).into_iter().map(capital).collect();
    match name.chars().next() {
        None => "Unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("N{name}"),
        Some(_) => name,
    }
}

/// The words of a text: cut at everything but letters and digits, and where a capital begins a word. What is beyond ASCII separates.
fn words(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().take(LONGEST_NAME).collect();
    let mut words: Vec<String> = Vec::new();
    let mut before: Option<char> = None;
    for (at, &letter) in letters.iter().enumerate() {
        if !letter.is_ascii_alphanumeric() {
            before = None;
            continue;
        }
        let after = letters.get(at + 1).copied();
        let begins = before.is_none_or(|before| {
            letter.is_ascii_uppercase() && (!before.is_ascii_uppercase() || after.is_some_and(|after| after.is_ascii_lowercase()))
        });
        match words.last_mut() {
            Some(word) if !begins => word.push(letter),
            _ => words.push(letter.to_string()),
        }
        before = Some(letter);
    }
    words
}

/// The name of a field: itself where it is a word, else quoted.
pub fn field(name: &str) -> String {
    if lexer::is_word(name) { name.to_owned() } else { quoted(name) }
}

/// A text as a string literal, in which what an editor would obey is an escape.
pub fn quoted(text: &str) -> String {
    shown(&tollgate_compiler::format::quoted(text))
}

/// A text as comment lines, each with its line end: wrapped, and without what an editor would obey.
pub fn comment(text: &str) -> String {
    commented("//", text)
}

/// A text as the documentation of the item below it.
pub fn documentation(text: &str) -> String {
    commented("///", text)
}

fn commented(sign: &str, text: &str) -> String {
    let mut out = String::new();
    for line in text.trim().lines() {
        let mut written = sign.to_owned();
        for word in shown(line).split_whitespace() {
            if written.len() + 1 + word.len() > WIDTH && written.len() > sign.len() {
                out.push_str(&written);
                out.push('\n');
                written = sign.to_owned();
            }
            written.push(' ');
            written.push_str(word);
        }
        out.push_str(&written);
        out.push('\n');
    }
    out
}

/// A text without the characters that steer a terminal or turn the direction of text: they are shown as escapes.
pub fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_obeyed(letter) { out.extend(letter.escape_unicode()) } else { out.push(letter) }
    }
    out
}

fn is_obeyed(letter: char) -> bool {
    (letter.is_control() && letter != '\t')
        || matches!(letter, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a pattern of `*` and `?` takes a text: the last `*` takes more where what follows it does not fit.
pub fn glob(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern == text;
    }
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut retry) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(letter) if *letter == '?' || text.get(t) == Some(letter) => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((after, taken)) => {
                    retry = Some((after, taken + 1));
                    p = after;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::{Names, comment, documentation, package_name, quoted, type_name, value_name};

    #[test]
    fn names_are_made_from_any_text() {
        let names = ["AllowS3Read", "VPCAccess", "deny", "", "42", "two  words", "naïve", "../etc"].map(value_name);
        assert_eq!(names, ["allow_s3_read", "vpc_access", "deny_", "unnamed", "n42", "two_words", "na_ve", "etc"]);
        assert_eq!(["git user", "", "9"].map(type_name), ["GitUser", "Unnamed", "N9"]);
        assert_eq!(["std", "Std!", "kit"].map(package_name), ["std_", "std_", "kit"]);
        let mut taken = Names::taken(["tool"]);
        assert_eq!(["a", "a", "A", "tool"].map(|text| taken.value(text)), ["a", "a_2", "a_3", "tool_"]);
    }

    #[test]
    fn literals_hold_no_letter_that_is_obeyed() {
        assert_eq!(quoted("a\"{\n\u{202e}"), r#""a\"{{\n\u{202e}""#);
    }

    #[test]
    fn comments_hold_no_line_that_is_none() {
        assert_eq!(comment("one\r\ntwo\u{2028}three\u{202e}"), "// one\n// two\\u{2028}three\\u{202e}\n");
        assert_eq!(documentation(&"word ".repeat(40)).lines().count(), 3);
    }
}
