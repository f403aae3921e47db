//! The parts of a string literal.

use tollgate_compiler::syntax::ast::Span;

/// A part of a string literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text, with the quotes.
    Text(Span),
    /// An escape, or a doubled brace.
    Escape(Span),
    /// A brace of a hole.
    Brace(Span),
    /// What stands in a hole.
    Hole(Span),
}

/// The parts of the string literal that stands there, no raw one, in order; they have all of its text.
pub fn pieces(span: Span, text: &str) -> Vec<Piece> {
    let mut cutter = Cutter { text: span.of(text), start: span.start, at: 0, done: 0, found: Vec::new() };
    while cutter.step() {}
    cutter.flush();
    cutter.found
}

struct Cutter<'t> {
    text: &'t str,
    /// Where the literal begins.
    start: u32,
    /// What is looked at next.
    at: usize,
    /// Up to where there are parts.
    done: usize,
    found: Vec<Piece>,
}

impl Cutter<'_> {
    /// Looks at one character, escape or hole.
    fn step(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(letter) = rest.chars().next() else { return false };
        let doubled = rest.starts_with("{{") || rest.starts_with("}}");
        match letter {
            '\\' => self.take(escape_length(rest), Piece::Escape),
            '{' | '}' if doubled => self.take(2, Piece::Escape),
            '{' => self.hole(rest),
            _ => self.at += letter.len_utf8(),
        }
        true
    }

    fn hole(&mut self, rest: &str) {
        match rest.find(['}', '"']).filter(|end| rest.get(*end..).is_some_and(|rest| rest.starts_with('}'))) {
            Some(end) => {
                self.take(1, Piece::Brace);
                self.take(end - 1, Piece::Hole);
                self.take(1, Piece::Brace);
            }
            None => self.at += 1,
        }
    }

    /// Makes a part of what comes next.
    fn take(&mut self, length: usize, make: fn(Span) -> Piece) {
        self.flush();
        let end = self.text.len().min(self.at + length);
        if self.at < end {
            self.found.push(make(self.span(self.at, end)));
        }
        (self.at, self.done) = (end, end);
    }

    /// Makes text of what was passed over.
    fn flush(&mut self) {
        if self.done < self.at {
            self.found.push(Piece::Text(self.span(self.done, self.at)));
        }
        self.done = self.at;
    }

    fn span(&self, from: usize, to: usize) -> Span {
        let moved = |offset: usize| self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Span { start: moved(from), end: moved(to) }
    }
}

/// How long an escape is that begins a text.
fn escape_length(text: &str) -> usize {
    if text.starts_with("\\u{")
        && let Some(end) = text.find('}')
    {
        return end + 1;
    }
    1 + text.chars().nth(1).map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_cut() {
        for (text, expected) in [
            (r#""a""#, r#"T:"a""#),
            (r#""é {x.y}!""#, r#"T:"é  B:{ H:x.y B:} T:!""#),
            (r#""{x}{y}""#, r#"T:" B:{ H:x B:} B:{ H:y B:} T:""#),
            (r#""{{a}} \n \u{e9}\"""#, r#"T:" E:{{ T:a E:}} T:  E:\n T:  E:\u{e9} E:\" T:""#),
            (r#""{}""#, r#"T:" B:{ B:} T:""#),
            (r#""{a""#, r#"T:"{a""#),
            (r#""a\"#, r#"T:"a E:\"#),
            (r#""\u{e"#, r#"T:" E:\u T:{e"#),
        ] {
            let span = Span { start: 0, end: text.len() as u32 };
            let told = pieces(span, text).into_iter().map(|piece| match piece {
                Piece::Text(span) => format!("T:{}", span.of(text)),
                Piece::Escape(span) => format!("E:{}", span.of(text)),
                Piece::Brace(span) => format!("B:{}", span.of(text)),
                Piece::Hole(span) => format!("H:{}", span.of(text)),
            });
            assert_eq!(told.collect::<Vec<_>>().join(" "), expected, "{text}");
        }
    }
}
