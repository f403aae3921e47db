//! Walks a file's tokens beside its tree and builds the document.
//!
//! Every token and every comment is taken exactly once and in order, so none can be lost; the tree decides alone
//! what stands between them.

use super::doc::{Block, Doc};
use crate::syntax::lexer::{Token, TokenKind};

/// How a bracketed list is laid out.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// Whether spaces stand inside the brackets on one line.
    pub(super) padded: bool,
    /// What follows each element, and the last, where each has a line of its own.
    pub(super) commas: Commas,
    /// Whether elements always have a line each.
    pub(super) always_broken: bool,
}

/// Commas of a list that has a line for each element.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Commas {
    /// After every element.
    All,
    /// Between elements.
    Between,
    /// None: the line end separates.
    None,
}

pub(super) const SINGLE: Style = Style { padded: false, commas: Commas::Between, always_broken: false };
pub(super) const TIGHT: Style = Style { padded: false, commas: Commas::All, always_broken: false };
pub(super) const PADDED: Style = Style { padded: true, commas: Commas::All, always_broken: false };
pub(super) const FIELDS: Style = Style { padded: true, commas: Commas::None, always_broken: false };

pub(super) struct Builder<'a> {
    text: &'a str,
    /// All tokens, trivia included.
    tokens: Vec<Token>,
    /// The next token.
    next: usize,
    docs: Vec<Doc<'a>>,
    /// Comments that stood before a comma, for the line after it.
    carried: Vec<&'a str>,
    /// How many brackets of expressions are open.
    pub(super) depth: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(text: &'a str, tokens: Vec<Token>) -> Self {
        Builder { text, tokens, next: 0, docs: Vec::new(), carried: Vec::new(), depth: 0 }
    }

    /// The document, with the comments after the last token.
    pub(super) fn finish(mut self) -> Vec<Doc<'a>> {
        self.comments();
        self.docs
    }

    pub(super) fn push(&mut self, doc: Doc<'a>) {
        self.docs.push(doc);
    }

    pub(super) fn space(&mut self) {
        self.push(Doc::Text(" "));
    }

    pub(super) fn group(&mut self, build: impl FnOnce(&mut Self)) {
        let block = self.block(build);
        self.push(Doc::Group(block));
    }

    pub(super) fn indent(&mut self, build: impl FnOnce(&mut Self)) {
        let block = self.block(build);
        self.push(Doc::Indent(block));
    }

    fn block(&mut self, build: impl FnOnce(&mut Self)) -> Block<'a> {
        let outer = std::mem::take(&mut self.docs);
        build(self);
        Block::new(std::mem::replace(&mut self.docs, outer))
    }

    /// The next token with the comments before it and the comment at the end of its line.
    pub(super) fn token(&mut self) {
        self.comments();
        if let Some(token) = self.tokens.get(self.next).copied() {
            self.next += 1;
            self.push(Doc::Text(token.span.of(self.text)));
            self.trailing();
        }
    }

    pub(super) fn tokens(&mut self, count: usize) {
        for _ in 0..count {
            self.token();
        }
    }

    /// The next token where its text must be this, of which the lexer may have made the beginning of a longer one.
    pub(super) fn part(&mut self, part: &'static str) {
        let length = part.len() as u32;
        match self.peek_index().and_then(|index| self.tokens.get_mut(index)) {
            Some(token) if token.span.end - token.span.start > length => {
                token.span.start += length;
                self.comments();
                self.push(Doc::Text(part));
            }
            _ => self.token(),
        }
    }

    /// The text of the next token.
    pub(super) fn peek(&self) -> &'a str {
        self.peek_index().and_then(|index| self.tokens.get(index)).map_or("", |token| token.span.of(self.text))
    }

    /// Where the next token begins.
    pub(super) fn offset(&self) -> u32 {
        self.peek_index().and_then(|index| self.tokens.get(index)).map_or(u32::MAX, |token| token.span.start)
    }

    fn peek_index(&self) -> Option<usize> {
        let rest = self.tokens.get(self.next..)?;
        rest.iter().position(|token| !token.kind.is_trivia()).map(|at| self.next + at)
    }

    /// Every token that begins before an offset, separated by spaces.
    pub(super) fn tokens_until(&mut self, end: u32) {
        while self.offset() < end {
            self.token();
            self.space();
        }
    }

    /// The comments before the next token, each on its own line.
    pub(super) fn comments(&mut self) {
        for comment in std::mem::take(&mut self.carried) {
            self.push(Doc::FreshLine);
            self.push(Doc::Text(comment));
            self.push(Doc::HardLine);
        }
        while let Some(token) = self.tokens.get(self.next).copied().filter(|token| token.kind.is_trivia()) {
            self.next += 1;
            if token.kind != TokenKind::Space {
                self.push(Doc::FreshLine);
                self.push(Doc::Text(token.span.of(self.text).trim_end()));
                self.blank();
                self.push(Doc::HardLine);
            }
        }
    }

    /// The comment that stands on the line of the token just taken.
    fn trailing(&mut self) {
        let mut at = self.next;
        if let Some(space) = self.tokens.get(at).filter(|token| token.kind == TokenKind::Space) {
            if space.span.of(self.text).contains('\n') {
                return;
            }
            at += 1;
        }
        if let Some(comment) = self.tokens.get(at).filter(|token| token.kind.is_trivia()) {
            let text = comment.span.of(self.text).trim_end();
            self.next = at + 1;
            self.push(Doc::Suffix(text));
        }
    }

    /// Keeps an empty line that stands before the next token or comment.
    pub(super) fn blank(&mut self) {
        if self.has_blank() {
            self.push(Doc::Blank);
        }
    }

    pub(super) fn has_blank(&self) -> bool {
        let space = self.tokens.get(self.next).filter(|token| token.kind == TokenKind::Space);
        space.is_some_and(|space| space.span.of(self.text).matches('\n').count() > 1)
    }

    /// Passes over a comma, if one is next. Its comments are kept for the line after.
    pub(super) fn comma(&mut self) -> bool {
        let Some(index) = self.peek_index() else { return false };
        if self.tokens.get(index).is_none_or(|token| token.kind != TokenKind::Comma) {
            return false;
        }
        let before = self.tokens.get(self.next..index).unwrap_or_default();
        let comments = before.iter().filter(|token| token.kind != TokenKind::Space);
        self.carried.extend(comments.map(|token| token.span.of(self.text).trim_end()));
        self.next = index + 1;
        // After a comment that waits for the next line, none may come first.
        if self.carried.is_empty() {
            self.trailing();
        }
        true
    }

    /// A bracketed list, from its opening to its closing bracket.
    pub(super) fn brackets<T>(&mut self, style: Style, elements: &[T], mut element: impl FnMut(&mut Self, &T)) {
        self.group(|builder| {
            builder.token();
            builder.indent(|builder| {
                builder.edge(style, elements.is_empty());
                for (index, item) in elements.iter().enumerate() {
                    builder.comments();
                    element(builder, item);
                    builder.separator(style, index + 1 == elements.len());
                }
                builder.last_comments();
            });
            builder.edge(style, elements.is_empty());
            builder.token();
        });
    }

    fn edge(&mut self, style: Style, empty: bool) {
        self.push(match style {
            _ if empty => Doc::SoftLine,
            Style { always_broken: true, .. } => Doc::HardLine,
            Style { padded: true, .. } => Doc::Line,
            _ => Doc::SoftLine,
        });
    }

    fn separator(&mut self, style: Style, last: bool) {
        if self.peek() == "<" {
            self.space();
            self.token();
            return self.push(Doc::Line);
        }
        self.comma();
        match (last, style.commas) {
            (true, Commas::All) => self.push(Doc::Broken(",")),
            (true, _) => {}
            (false, Commas::None) => self.push(Doc::Flat(",")),
            (false, _) => self.push(Doc::Text(",")),
        }
        if !last {
            self.blank();
            self.push(Doc::Line);
        }
    }

    /// The comments before a closing bracket, which stand inside of it.
    fn last_comments(&mut self) {
        let has_comments = match self.peek_index() {
            Some(index) => {
                let before = self.tokens.get(self.next..index).unwrap_or_default();
                before.iter().any(|token| token.kind != TokenKind::Space)
            }
            None => false,
        };
        if !has_comments && self.carried.is_empty() {
            return;
        }
        self.blank();
        let from = self.docs.len();
        self.comments();
        // The line end after the last comment is that of the bracket.
        if matches!(self.docs.last(), Some(Doc::HardLine)) && self.docs.len() > from {
            self.docs.pop();
        }
        if matches!(self.docs.last(), Some(Doc::Blank)) && self.docs.len() > from {
            self.docs.pop();
        }
    }

    /// Elements separated by commas, without brackets, on one line or one a line, further in.
    pub(super) fn comma_list<T>(&mut self, elements: &[T], mut element: impl FnMut(&mut Self, &T)) {
        self.indent(|builder| {
            for (index, item) in elements.iter().enumerate() {
                builder.push(Doc::Line);
                builder.comments();
                element(builder, item);
                if index + 1 < elements.len() {
                    builder.comma();
                    builder.push(Doc::Text(","));
                }
            }
        });
    }
}
