//! Regular expressions as JSON Schema has them (ECMA-262), as the language has them.
//!
//! What a pattern takes is kept: where ECMA's signs mean ASCII, the language's mean Unicode, so that `\d` becomes `[0-9]`. A point may stand for `\r` too.

use std::iter::Peekable;
use std::str::Chars;

use tollgate_evaluator::plan::Pattern;

/// The pattern in the language.
///
/// # Errors
///
/// Why the language does not have it.
pub fn translated(pattern: &str) -> Result<String, String> {
    let mut translator = Translator { rest: pattern.chars().peekable(), out: String::with_capacity(pattern.len()) };
    translator.run()?;
    let out = translator.out;
    Pattern::Regex(out.as_str().into()).check().map_err(|problem| problem.to_string())?;
    Ok(out)
}

/// The condition that the value of an expression matches a pattern of the language; without one where plain text is asked for.
pub fn condition(expr: &str, pattern: &str) -> String {
    let Some(plain) = plain(pattern) else { return format!("{expr} matches {}", literal(pattern)) };
    let text = crate::toll::quoted(&plain);
    match (pattern.starts_with('^'), ends_open(pattern)) {
        (true, false) => format!("{expr} == {text}"),
        (true, true) => format!("{expr}.starts_with({text})"),
        (false, false) => format!("{expr}.ends_with({text})"),
        (false, true) => format!("{expr}.contains({text})"),
    }
}

fn ends_open(pattern: &str) -> bool {
    !pattern.ends_with('$') || pattern.ends_with("\\$")
}

/// The text of a pattern that is nothing but text.
fn plain(pattern: &str) -> Option<String> {
    let body = pattern.strip_prefix('^').unwrap_or(pattern);
    let body = if ends_open(pattern) { body } else { body.strip_suffix('$').unwrap_or(body) };
    let mut text = String::new();
    let mut letters = body.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => text.push(letters.next().filter(char::is_ascii_punctuation)?),
            '.' | '^' | '$' | '|' | '?' | '*' | '+' | '(' | ')' | '[' | ']' | '{' | '}' => return None,
            _ => text.push(letter),
        }
    }
    (!text.is_empty()).then_some(text)
}

/// A text as a literal, raw where that is easier to read.
fn literal(text: &str) -> String {
    let is_plain = !text.contains(['\\', '"', '{', '}']);
    if is_plain || text.chars().any(|letter| letter.is_control() || crate::toll::shown(letter.encode_utf8(&mut [0; 4])).len() > 4) {
        return crate::toll::quoted(text);
    }
    match (text.contains('"'), text.contains("\"#")) {
        (false, _) => format!("r\"{text}\""),
        (true, false) => format!("r#\"{text}\"#"),
        (true, true) => crate::toll::quoted(text),
    }
}

struct Translator<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
}

/// ECMA's white space, within a class.
const SPACE: &str = r"\t-\r\p{Z}\u{feff}";

impl Translator<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(letter) = self.rest.next() {
            match letter {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '{' => self.brace(),
                '}' | ']' => self.literal(letter),
                _ => self.out.push(letter),
            }
        }
        Ok(())
    }

    fn literal(&mut self, letter: char) {
        self.out.extend(['\\', letter]);
    }

    fn group(&mut self) -> Result<(), String> {
        self.out.push('(');
        if self.rest.peek() != Some(&'?') {
            return Ok(());
        }
        let ahead: String = self.rest.clone().take(3).collect();
        let is_named = ahead.starts_with("?<") && !ahead.starts_with("?<=") && !ahead.starts_with("?<!");
        if ahead.starts_with("?:") || ahead.starts_with("?i)") || ahead.starts_with("?i:") || is_named {
            return Ok(());
        }
        Err(format!("`({ahead}` has no counterpart in the language"))
    }

    /// A brace that begins no number of times is itself.
    fn brace(&mut self) {
        let inside: String = self.rest.clone().take_while(|letter| *letter != '}').take(24).collect();
        let is_closed = self.rest.clone().nth(inside.chars().count()) == Some('}');
        let is_count = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_repetition = match inside.split_once(',') {
            Some((least, most)) => is_count(least) && (most.is_empty() || is_count(most)),
            None => is_count(&inside),
        };
        if !is_closed || !is_repetition {
            return self.literal('{');
        }
        self.out.push('{');
        self.out.push_str(&inside);
        self.out.push('}');
        self.rest.by_ref().take(inside.chars().count() + 1).for_each(drop);
    }

    fn class(&mut self) -> Result<(), String> {
        let negated = self.rest.next_if_eq(&'^').is_some();
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        let mut is_after_set = false;
        loop {
            let was_after_set = std::mem::replace(&mut is_after_set, self.is_set());
            match self.rest.next() {
                None => return Err("a class is not closed".to_owned()),
                Some(']') => break,
                Some('\\') => self.escape(true)?,
                Some(letter @ ('[' | '&' | '~')) => self.literal(letter),
                // A sign between sets is itself, and no range.
                Some('-') if was_after_set || self.is_set() || self.rest.peek() == Some(&'-') => self.literal('-'),
                Some(letter) => self.out.push(letter),
            }
        }
        self.out.push(']');
        Ok(())
    }

    /// Whether an escape of several letters follows, such as `\d`.
    fn is_set(&self) -> bool {
        let mut ahead = self.rest.clone();
        ahead.next() == Some('\\') && ahead.next().is_some_and(|letter| "dDwWsSpP".contains(letter))
    }

    fn escape(&mut self, in_class: bool) -> Result<(), String> {
        let Some(letter) = self.rest.next() else { return Err("it ends in `\\`".to_owned()) };
        let of = |class: &str, negated: bool| match (in_class, negated) {
            (true, false) => class.to_owned(),
            (_, true) => format!("[^{class}]"),
            (false, false) => format!("[{class}]"),
        };
        match letter {
            'd' => self.out.push_str(&of("0-9", false)),
            'D' => self.out.push_str(&of("0-9", true)),
            'w' => self.out.push_str(&of("0-9A-Za-z_", false)),
            'W' => self.out.push_str(&of("0-9A-Za-z_", true)),
            's' => self.out.push_str(&of(SPACE, false)),
            'S' => self.out.push_str(&of(SPACE, true)),
            'b' if in_class => self.out.push_str(r"\x08"),
            'b' => self.out.push_str(r"(?-u:\b)"),
            't' | 'n' | 'r' | 'v' | 'f' => self.out.extend(['\\', letter]),
            '0' if !self.rest.peek().is_some_and(char::is_ascii_digit) => self.out.push_str(r"\x00"),
            'c' => {
                let control = self.rest.next().filter(char::is_ascii_alphabetic).ok_or("`\\c` without a letter")?;
                self.out.push_str(&format!(r"\x{:02x}", control as u32 % 32));
            }
            'x' => self.code(2)?,
            'u' if self.rest.peek() == Some(&'{') => self.out.push_str(r"\u"),
            'u' => self.code(4)?,
            'p' | 'P' => self.out.extend(['\\', letter]),
            '1'..='9' | 'k' => return Err("it refers back to a group".to_owned()),
            // With a backslash these are the ends of words.
            '<' | '>' => self.out.push(letter),
            _ if letter.is_ascii_punctuation() => self.out.extend(['\\', letter]),
            _ if letter.is_ascii_alphanumeric() => return Err(format!("`\\{letter}` has no counterpart in the language")),
            _ => self.out.push(letter),
        }
        if letter == 'u' && self.out.ends_with(r"\u") || matches!(letter, 'p' | 'P') {
            self.braces();
        }
        Ok(())
    }

    /// What stands in braces, as it is.
    fn braces(&mut self) {
        for letter in self.rest.by_ref() {
            self.out.push(letter);
            if letter == '}' {
                break;
            }
        }
    }

    /// A code of some hexadecimal digits; two halves of one letter are taken together.
    fn code(&mut self, digits: usize) -> Result<(), String> {
        let mut code = self.digits(digits)?;
        if (0xd800..0xdc00).contains(&code) && self.rest.next_if_eq(&'\\').is_some() {
            self.rest.next_if_eq(&'u').ok_or("half of a letter")?;
            let low = self.digits(4)?;
            code = 0x10000 + ((code - 0xd800) << 10) + low.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or("half of a letter")?;
        }
        self.out.push_str(&format!(r"\u{{{code:x}}}"));
        Ok(())
    }

    fn digits(&mut self, count: usize) -> Result<u32, String> {
        let written: String = self.rest.by_ref().take(count).collect();
        u32::from_str_radix(&written, 16).ok().filter(|_| written.len() == count).ok_or_else(|| format!("`{written}` is no code"))
    }
}

#[cfg(test)]
mod tests {
    use super::{condition, translated};

    #[test]
    fn patterns_keep_what_they_take() {
        let cases = [
            (r"^\d{4}-\d{2}$", r"^[0-9]{4}-[0-9]{2}$"),
            (r"^[\w.-]+$", r"^[0-9A-Za-z_.-]+$"),
            (r"^[^\s@]+@", r"^[^\t-\r\p{Z}\u{feff}@]+@"),
            (r"\/a\u00e9\x41", r"\/a\u{e9}\u{41}"),
            (r"\ud83d\ude00", r"\u{1f600}"),
            ("a{,5}{x}", r"a\{,5\}\{x\}"),
            ("[[&]", r"[\[\&]"),
            ("[^]", r"[\s\S]"),
            (r"\bx\b", r"(?-u:\b)x(?-u:\b)"),
            (r"\p{L}+", r"\p{L}+"),
            (r"\<a\>", "<a>"),
            (r"[\w-~]", r"[0-9A-Za-z_\-\~]"),
            (r"[+-\d]", r"[+\-0-9]"),
        ];
        for (ecma, ours) in cases {
            assert_eq!(translated(ecma).as_deref(), Ok(ours), "{ecma}");
        }
        for unsaid in [r"^(?!a)", r"(a)\1", "(?<=a)b", "a(", "[a", r"\u12", "(?s).", "(a{1000}){1000}"] {
            assert!(translated(unsaid).is_err(), "{unsaid}");
        }
    }

    #[test]
    fn plain_text_is_asked_for_plainly() {
        let written = ["^https://", r"\.json$", "^a$", "a-b", r"^[0-9]{2}$", "a.b"].map(|pattern| condition("x", pattern));
        let expected = [
            r#"x.starts_with("https://")"#,
            r#"x.ends_with(".json")"#,
            r#"x == "a""#,
            r#"x.contains("a-b")"#,
            r#"x matches r"^[0-9]{2}$""#,
            r#"x matches "a.b""#,
        ];
        assert_eq!(written, expected);
    }
}
