//! The one canonical layout of policies.

mod builder;
mod doc;
mod expression;
mod item;
#[cfg(test)]
mod tests;
mod text;

pub use text::{expr_to_text, quoted};

use builder::Builder;

use crate::diagnostic::{Diagnostic, FileId};
use crate::syntax::lexer::{self, TokenKind};
use crate::syntax::{SyntaxLimits, parse};

/// The width that lines keep to where they can.
const WIDTH: usize = 100;

/// How often a layout is laid out again until it stays what it is: a comment that moved to the end of its line may
/// let the lines before it close up.
const PASSES: usize = 4;

/// The text in its canonical layout, with every comment kept. A text with syntax errors is refused with them.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let mut current = lay_out(text)?;
    if current == text {
        return Ok(current);
    }
    for _ in 0..PASSES {
        let next = lay_out(&current)?;
        if next == current {
            break;
        }
        current = next;
    }
    Ok(current)
}

fn lay_out(text: &str) -> Result<String, Vec<Diagnostic>> {
    let (file, diagnostics) = parse(text, FileId(0), &SyntaxLimits::default());
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    let mut builder = Builder::new(text, lexer::lex(text));
    builder.items(&file.items);
    let formatted = doc::print(&builder.finish(), WIDTH);
    // A layout that changed more than white space and commas would be a fault of ours: the author's text stays then.
    Ok(if substance(&formatted) == substance(text) { formatted } else { text.to_owned() })
}

/// What a layout may not change: all tokens but commas, and the comments.
fn substance(text: &str) -> [String; 2] {
    let (mut code, mut comments) = (String::new(), String::new());
    for token in lexer::lex(text) {
        let kept = match token.kind {
            TokenKind::Space | TokenKind::Comma => continue,
            TokenKind::Comment | TokenKind::Doc => &mut comments,
            _ => &mut code,
        };
        kept.extend(token.span.of(text).split_ascii_whitespace());
    }
    [code, comments]
}
