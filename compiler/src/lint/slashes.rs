//! Comments that are divisions elsewhere: `size // 2`.

use crate::diagnostic::{Code, Diagnostic, FileId, Location};
use crate::syntax::ast::Span;
use crate::syntax::lexer::{TokenKind, lex};

/// The findings in a file; more say nothing new.
const MOST: usize = 20;

/// What is said of such a comment.
pub const HELP: &str = "`//` begins a comment; `/` divides, and of two `int`s gives a whole number";

/// The comments of a text that read as divisions of what stands before them.
pub fn of_text(file: FileId, text: &str) -> Vec<Diagnostic> {
    let is_suspect = |(at, _): &(usize, &str)| {
        let (before, after) = text.split_at_checked(*at).unwrap_or_default();
        is_division(after) && ends_operand(before)
    };
    let suspects: Vec<usize> = text.match_indices("//").filter(is_suspect).map(|(at, _)| at).take(MOST).collect();
    if suspects.is_empty() {
        return Vec::new();
    }
    let comments = lex(text).into_iter().filter(|token| token.kind == TokenKind::Comment);
    let found = comments.filter(|token| suspects.contains(&(token.span.start as usize)));
    found.map(|token| told(Location { file, span: Span { end: token.span.start + 2, ..token.span } })).collect()
}

fn told(at: Location) -> Diagnostic {
    Diagnostic::warning(Code::SlashComment, at, "what stands after `//` is not read").with_help(HELP)
}

/// Whether a text begins with a comment that is the rest of a division elsewhere, as in `// 2 > 10`.
pub fn is_division(text: &str) -> bool {
    let Some(comment) = text.strip_prefix("//").map(|comment| comment.trim_start_matches([' ', '\t'])) else { return false };
    let rest = comment.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '_');
    if !comment.starts_with(|letter: char| letter.is_ascii_digit()) || rest.len() == comment.len() {
        return false;
    }
    let rest = rest.trim_start_matches([' ', '\t', ')']);
    // Words go on as remarks do: `// 5 in staging`.
    rest.is_empty() || rest.starts_with("//") || rest.starts_with("==") || rest.starts_with(['\n', '\r', '<', '>', '!', '+', '*', '%'])
}

/// Whether a line ends with what can be divided.
fn ends_operand(before: &str) -> bool {
    before.trim_end_matches([' ', '\t']).ends_with(|letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | ')' | ']'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_are_told_from_words() {
        for comment in ["// 2", "//2\n", "// 2 > 10", "// 1_000) == 3"] {
            assert!(is_division(comment), "{comment}");
        }
        for comment in [
            "// two",
            "// 2 rows",
            "// 2. then",
            "// 2) second",
            "// 2, 3",
            "// 2026-01-31",
            "/ 2",
            "// -",
            "// 5 in staging",
            "// 12 or so",
            "// 10 = default",
        ] {
            assert!(!is_division(comment), "{comment}");
        }
    }
}
