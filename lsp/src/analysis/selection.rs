//! What is selected from a place outwards, step by step.

use tollgate_compiler::syntax::ast::{Item, ItemKind, Span, TestClause};
use tollgate_compiler::syntax::lexer::{Token, TokenKind};
use tollgate_compiler::syntax::walk;
use tollgate_compiler::{ItemAt, PolicySet};

use super::strings::{Piece, pieces};
use super::trees::{Part, each_part, lexed, param_span, params_of};
use super::{Cursor, item_at, text_of};

/// The words that begin a clause of a rule.
const CLAUSES: [&str; 7] = ["on", "for", "when", "unless", "because", "require", "expect"];

/// What is around a place, the innermost first, each within the next: words, strings, expressions, what brackets hold, clauses, the item without and
/// with its documentation, the file.
pub fn selection(set: &PolicySet, at: Cursor) -> Vec<Span> {
    let text = text_of(set, at.file);
    let mut around = Around { text, offset: at.offset, found: Vec::new() };
    if let Some(item) = item_at(set, at) {
        let tokens = lexed(item.span, text);
        around.words(&tokens);
        around.brackets(&tokens);
        around.clauses(&tokens);
        if let Some(tree) = item.item {
            around.tree(&item, tree);
            around.with_documentation(&tokens, item.at(tree.span));
        }
    }
    around.add(Span { start: 0, end: u32::try_from(text.len()).unwrap_or(u32::MAX) });
    around.chain()
}

/// Collects what is around a place.
struct Around<'t> {
    text: &'t str,
    offset: u32,
    found: Vec<Span>,
}

impl Around<'_> {
    fn add(&mut self, span: Span) {
        if (span.start..=span.end).contains(&self.offset) && span.start < span.end {
            self.found.push(span);
        }
    }

    fn words(&mut self, tokens: &[Token]) {
        let offset = self.offset;
        for token in tokens.iter().filter(|token| (token.span.start..=token.span.end).contains(&offset)) {
            match token.kind {
                TokenKind::Space => {}
                TokenKind::Comment | TokenKind::Doc => {
                    self.add(token.span);
                    self.word(token.span);
                }
                TokenKind::String if token.span.start < offset && offset < token.span.end => self.string(token.span),
                _ if token.kind.opens() || token.kind.opener().is_some() => {}
                TokenKind::Comma | TokenKind::Colon | TokenKind::Dot | TokenKind::QuestionDot => {}
                _ => self.add(token.span),
            }
        }
    }

    /// The word around the place, within a part of the text.
    fn word(&mut self, part: Span) {
        let is_letter = |letter: char| letter.is_alphanumeric() || letter == '_';
        let before = Span { start: part.start, end: self.offset }.of(self.text);
        let after = Span { start: self.offset, end: part.end }.of(self.text);
        let length = |text: &str| u32::try_from(text.len()).unwrap_or_default();
        let start = self.offset - length(before) + length(before.trim_end_matches(is_letter));
        let end = self.offset + length(after) - length(after.trim_start_matches(is_letter));
        self.add(Span { start, end });
    }

    fn string(&mut self, span: Span) {
        self.add(span);
        self.word(span);
        self.add(Span { start: span.start + 1, end: span.end - 1 });
        for piece in pieces(span, self.text) {
            if let Piece::Hole(hole) = piece {
                self.add(Span { start: hole.start - 1, end: hole.end + 1 });
                self.add(hole);
                if (hole.start..=hole.end).contains(&self.offset) {
                    self.words(&lexed(hole, self.text));
                }
            }
        }
    }

    /// What stands between brackets, and with them.
    fn brackets(&mut self, tokens: &[Token]) {
        let mut open: Vec<(usize, &Token)> = Vec::new();
        for (place, token) in tokens.iter().enumerate() {
            if token.kind.opens() {
                open.push((place, token));
            } else if let Some(opener) = token.kind.opener()
                && let Some((first, opening)) = open.pop_if(|(_, last)| last.kind == opener)
            {
                if opening.span.end <= self.offset && self.offset <= token.span.start {
                    let inside = tokens.get(first + 1..place).unwrap_or_default();
                    self.add_all(inside);
                }
                self.add(opening.span.to(token.span));
            }
        }
    }

    /// From the first to the last of some tokens.
    fn add_all(&mut self, tokens: &[Token]) {
        let is_code = |token: &&Token| !token.kind.is_trivia();
        if let (Some(first), Some(last)) = (tokens.iter().find(is_code), tokens.iter().rev().find(is_code)) {
            self.add(first.span.to(last.span));
        }
    }

    /// The clauses of a rule: each ends where the next one's word begins.
    fn clauses(&mut self, tokens: &[Token]) {
        let mut depth = 0_usize;
        let mut first = None;
        let mut before = TokenKind::Space;
        for (place, token) in tokens.iter().enumerate().filter(|(_, token)| !token.kind.is_trivia()) {
            let is_name = matches!(before, TokenKind::Dot | TokenKind::QuestionDot);
            if depth == 0 && !is_name && token.kind == TokenKind::Word && CLAUSES.contains(&token.span.of(self.text)) {
                self.add_all(first.replace(place).and_then(|first| tokens.get(first..place)).unwrap_or_default());
            }
            depth = if token.kind.opens() { depth + 1 } else { depth.saturating_sub(usize::from(token.kind.opener().is_some())) };
            before = token.kind;
        }
        self.add_all(first.and_then(|first| tokens.get(first..)).unwrap_or_default());
    }

    fn tree(&mut self, at: &ItemAt<'_>, item: &Item) {
        each_part(item, &mut |part| match part {
            Part::Field(field) => self.add(at.at(field.span)),
            Part::Type(ty) => self.add(at.at(ty.span)),
            Part::Expr(expr) => walk(expr, &mut |expr| self.add(at.at(expr.span))),
        });
        params_of(item).iter().for_each(|param| self.add(at.at(param_span(param))));
        match &item.kind {
            ItemKind::Package(path) | ItemKind::Import { path, .. } => self.add(at.at(path.span)),
            ItemKind::Score { parts, .. } => parts.iter().for_each(|part| self.add(at.at(part.span))),
            ItemKind::Property { claims, .. } => claims.iter().for_each(|claim| self.add(at.at(claim.span))),
            ItemKind::Rule(rule) => rule.require.iter().for_each(|required| self.add(at.at(required.span))),
            ItemKind::Test(test) => test.body.iter().for_each(|clause| self.test_clause(at, clause)),
            _ => {}
        }
        item.annotations.iter().for_each(|annotation| self.add(at.at(annotation.span)));
    }

    fn test_clause(&mut self, at: &ItemAt<'_>, clause: &TestClause) {
        match clause {
            TestClause::ExpectEffect { span, .. } => self.add(at.at(*span)),
            TestClause::Data { name, value } => self.add(at.at(name.span.to(value.span))),
            TestClause::Step { body, span, .. } => {
                self.add(at.at(*span));
                body.iter().for_each(|clause| self.test_clause(at, clause));
            }
            _ => {}
        }
    }

    /// The item, and the item with the documentation above it.
    fn with_documentation(&mut self, tokens: &[Token], item: Span) {
        self.add(item);
        let doc = tokens.iter().find(|token| token.kind == TokenKind::Doc && token.span.start < item.start);
        if let Some(doc) = doc {
            self.add(doc.span.to(item));
        }
    }

    /// What was found, as far as each is around the one before.
    fn chain(mut self) -> Vec<Span> {
        self.found.sort_by_key(|span| (span.end - span.start, span.start));
        let mut chain: Vec<Span> = Vec::new();
        for span in self.found {
            let is_around = chain.last().is_none_or(|last| *last != span && span.start <= last.start && last.end <= span.end);
            if is_around {
                chain.push(span);
            }
        }
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::super::marked::marked;
    use super::*;

    fn told(text: &str) -> String {
        let marked = marked(text);
        let found = selection(&marked.set, marked.at);
        assert!(found.windows(2).all(|pair| pair[1].start <= pair[0].start && pair[0].end <= pair[1].end && pair[0] != pair[1]));
        found.iter().map(|span| span.of(text_of(&marked.set, marked.at.file)).replace('\n', "⏎")).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn selections_grow_by_the_syntax() {
        insta::assert_snapshot!(
            [
                "package a\n/// é doc\n@owner(\"x\")\ndeny d on \"pay/*\"\n  when over(args.am$0ount + 1, 2) and true\n  because \"x\"\nlet y = 1",
                "package a\ndeny d when true because \"é {agent.i$0d} {1}\"",
                "package a\nlet x = \"so$0me words\"",
                "package a\ntype T { a: { b: li$0st<int> where b > 1 = 2 } }",
                "package a\nfn f(a: int, b$0: int) -> int = a",
                "package a\ntest \"t\" { step \"x\" { input { a: [1, $02] } expect deny by a, b } }",
                "package a\ndeny d require audit(level: \"f$0ull\"), notify(\"x\")",
                "package a\n// com$0ment\nlet x = 1",
                "package a\ndeny d when (a.b$0 and",
            ]
            .map(|text| format!("{text}\n→\n{}\n", told(text)))
            .join("\n")
        );
    }

    #[test]
    fn odd_places_are_in_the_file() {
        assert_eq!(told("$0"), "");
        assert_eq!(told("é$0"), "é");
        told(&format!("package a\nlet x = {}1$0{}", "[".repeat(5000), "]".repeat(5000)));
        told("package a\nlet x = \"$0");
        told("package a\nlet x = \"{$0}\"");
        told("package a\n\n\n$0");
    }
}
