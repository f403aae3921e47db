//! What of a file may be folded away.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::syntax::lexer::{self, Token, TokenKind};

use super::text_of;

/// What is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoldKind {
    /// An item, or what stands between brackets.
    Code,
    /// Comments on lines that follow each other.
    Comment,
    /// Imports that follow each other.
    Imports,
    /// From `// region` to `// endregion`.
    Region,
}

/// Something of several lines that may be folded away but for its first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    /// All of it.
    pub span: Span,
    /// What it is.
    pub kind: FoldKind,
}

/// What of a file may be folded, in order: at most one fold begins on a line, the longest.
pub fn folds(set: &PolicySet, file: FileId) -> Vec<Fold> {
    let text = text_of(set, file);
    let tokens = lexer::lex(text);
    let lines = Lines::of(text);
    let mut found = of_items(set, file);
    of_brackets(&tokens, &mut found);
    of_comments(text, &tokens, &lines, &mut found);
    found.retain(|fold| lines.line(fold.span.start) < lines.line(fold.span.end));
    found.sort_by_key(|fold| (lines.line(fold.span.start), std::cmp::Reverse(fold.span.end), fold.kind));
    found.dedup_by_key(|fold| lines.line(fold.span.start));
    found
}

fn of_items(set: &PolicySet, file: FileId) -> Vec<Fold> {
    let mut found = Vec::new();
    let mut imports: Option<Span> = None;
    for at in set.items(file) {
        let Some(item) = at.item else { continue };
        let span = at.at(item.span);
        if matches!(item.kind, ItemKind::Import { .. }) {
            imports = Some(imports.map_or(span, |first| first.to(span)));
            continue;
        }
        found.extend(imports.take().map(|span| Fold { span, kind: FoldKind::Imports }));
        found.push(Fold { span, kind: FoldKind::Code });
    }
    found.extend(imports.map(|span| Fold { span, kind: FoldKind::Imports }));
    found
}

fn of_brackets(tokens: &[Token], found: &mut Vec<Fold>) {
    let mut open: Vec<Token> = Vec::new();
    for token in tokens {
        if token.kind.opens() {
            open.push(*token);
        } else if let Some(opener) = token.kind.opener()
            && let Some(first) = open.pop_if(|last| last.kind == opener)
        {
            found.push(Fold { span: first.span.to(token.span), kind: FoldKind::Code });
        }
    }
}

fn of_comments(text: &str, tokens: &[Token], lines: &Lines, found: &mut Vec<Fold>) {
    let mut run: Option<Span> = None;
    let mut regions: Vec<Span> = Vec::new();
    for comment in tokens.iter().filter(|token| matches!(token.kind, TokenKind::Comment | TokenKind::Doc)) {
        let span = Span { end: comment.span.start + comment.span.of(text).trim_end().len() as u32, ..comment.span };
        let marker = Marker::of(span.of(text));
        let follows = run.is_some_and(|run| lines.line(run.end) + 1 == lines.line(span.start)) && marker.is_none();
        if !follows {
            found.extend(run.take().map(|span| Fold { span, kind: FoldKind::Comment }));
        }
        match marker {
            None if lines.begins_with(text, span) => run = Some(run.map_or(span, |first| first.to(span))),
            None => {}
            Some(Marker::Begin) => regions.push(span),
            Some(Marker::End) => found.extend(regions.pop().map(|first| Fold { span: first.to(span), kind: FoldKind::Region })),
        }
    }
    found.extend(run.map(|span| Fold { span, kind: FoldKind::Comment }));
}

/// A comment that bounds a region.
enum Marker {
    Begin,
    End,
}

impl Marker {
    fn of(comment: &str) -> Option<Marker> {
        let words = comment.trim_start_matches('/').trim_start().trim_start_matches('#');
        match words.split_whitespace().next() {
            Some("region") => Some(Marker::Begin),
            Some("endregion") => Some(Marker::End),
            _ => None,
        }
    }
}

/// Where the lines of a text begin.
struct Lines(Vec<u32>);

impl Lines {
    fn of(text: &str) -> Lines {
        let after = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, after)| after);
        Lines([0].into_iter().chain(after).collect())
    }

    fn line(&self, offset: u32) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }

    /// Whether nothing but white space stands before something on its line.
    fn begins_with(&self, text: &str, span: Span) -> bool {
        let start = self.line(span.start).checked_sub(1).and_then(|line| self.0.get(line)).copied().unwrap_or_default();
        Span { start, end: span.start }.of(text).trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::marked::marked;
    use super::*;

    /// The folds of a text: its lines, from 1, and the kind.
    fn told(text: &str) -> String {
        let marked = marked(text);
        let lines = Lines::of(text_of(&marked.set, marked.at.file));
        let line = |fold: &Fold| format!("{}-{} {:?}", lines.line(fold.span.start), lines.line(fold.span.end), fold.kind);
        folds(&marked.set, marked.at.file).iter().map(line).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn items_blocks_imports_comments_and_regions_fold() {
        let text = "$0package a\nimport b\nimport c\n\n// one\n// two é\n\n// three\nlet x = [\n  1, // a\n  2, // b\n]\n// region R\ntype T {\n  a: {\n    b: int\n  }\n}\n// endregion\ndeny d\n  when true\nlet y = {\n";
        assert_eq!(told(text), "2-3 Imports, 5-6 Comment, 9-12 Code, 13-19 Region, 14-18 Code, 15-17 Code, 20-21 Code");
    }

    #[test]
    fn odd_texts_fold() {
        let nested = format!("$0package a\nlet x = {}{}", "[\n".repeat(5000), "]\n".repeat(4000));
        assert!(!told(&nested).is_empty());
        for (text, expected) in [("$0", ""), ("$0// a\r\n// b\r\n", "1-2 Comment"), ("$0// endregion\n// region\n", ""), ("$0)\n(\n]", "")] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
