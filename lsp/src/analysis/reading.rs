//! What stands before a cursor: the tokens of its item, read as far as the cursor whatever comes after, so that half-written text can be completed.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::Span;
use tollgate_compiler::syntax::lexer::{self, Token, TokenKind};

use super::{Cursor, text_of};

/// The surroundings of a cursor.
#[derive(Clone, Debug)]
pub struct Reading<'s> {
    /// The file.
    pub file: FileId,
    /// The file's text.
    pub text: &'s str,
    /// The text of the item that the cursor is in or after, as far as the cursor at least.
    pub item: Span,
    /// The word, or the content of the string, around the cursor: what a completion replaces.
    pub word: Span,
    /// What the cursor is in.
    pub inside: Inside,
    /// The brackets around the cursor, the item itself first, each with what it holds before the cursor.
    pub frames: Vec<Frame<'s>>,
    /// Whether a line ends between the token before the cursor and the cursor's word.
    pub on_new_line: bool,
}

/// What a cursor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Between or at tokens.
    Code,
    /// A comment, or a token that nothing completes.
    Nothing,
    /// A string; where it stands, and whether its line ends before it does.
    Text { literal: Span, is_open: bool },
    /// The hole of a string; what is missing at its end.
    Hole { closing: &'static str },
}

/// An open bracket, or the item.
#[derive(Clone, Debug)]
pub struct Frame<'s> {
    /// The bracket; `None` for the item and for the hole of a string.
    pub opener: Option<TokenKind>,
    /// The tokens in it before the cursor; brackets within it are their last token alone.
    pub tokens: Vec<Tok<'s>>,
}

/// A token with its text.
#[derive(Clone, Copy, Debug)]
pub struct Tok<'s> {
    /// What it is.
    pub kind: TokenKind,
    /// Its text.
    pub text: &'s str,
    /// Where it stands in the file.
    pub span: Span,
    /// Whether it is a word that means what the language says: no name of a field.
    pub is_keyword: bool,
}

impl<'s> Reading<'s> {
    /// Reads what is before a cursor; `None` where the file or the place is none.
    pub fn new(set: &'s PolicySet, at: Cursor) -> Option<Reading<'s>> {
        let text = text_of(set, at.file);
        text.get(..at.offset as usize)?;
        let item = item_before(set, at);
        let tokens = tokens_of(text, item);
        let touched = tokens.iter().rfind(|token| token.span.start < at.offset && at.offset <= token.span.end);
        let here = Span { start: at.offset, end: at.offset };
        let mut reading = Reading { file: at.file, text, item, word: here, inside: Inside::Code, frames: vec![Frame::new(None)], on_new_line: false };
        match touched.map(|token| (token.kind, token.span)) {
            Some((TokenKind::Word, span)) => reading.word = span,
            Some((TokenKind::Comment | TokenKind::Doc, _)) => reading.inside = Inside::Nothing,
            Some((TokenKind::Int | TokenKind::Decimal | TokenKind::Duration | TokenKind::BadNumber | TokenKind::SingleQuoted, _)) => {
                reading.inside = Inside::Nothing;
            }
            Some((TokenKind::RawString, span)) if at.offset < span.end => reading.inside = Inside::Nothing,
            Some((TokenKind::String, span)) if at.offset < span.end => return Some(reading.in_string(&tokens, span, at.offset, false)),
            Some((TokenKind::OpenString, span)) => return Some(reading.in_string(&tokens, span, at.offset, true)),
            _ => {}
        }
        let before = reading.word.start;
        reading.push_all(tokens.iter().filter(|token| token.span.end <= before));
        reading.on_new_line = reading.last().is_none_or(|last| Span { start: last.span.end, end: before }.of(text).contains('\n'));
        Some(reading)
    }

    /// The innermost bracket.
    pub fn frame(&self) -> Option<&Frame<'s>> {
        self.frames.last()
    }

    /// The token before the word at the cursor, in the innermost bracket.
    pub fn last(&self) -> Option<Tok<'s>> {
        self.frame()?.tokens.last().copied()
    }

    /// The word before the dot before the cursor.
    pub fn qualifier(&self) -> Option<&'s str> {
        let [.., word, dot] = self.frame()?.tokens.as_slice() else { return None };
        (dot.kind == TokenKind::Dot && word.kind == TokenKind::Word).then_some(word.text)
    }

    /// The dotted words before the cursor, from where they begin.
    pub fn path_start(&self) -> u32 {
        let mut start = self.word.start;
        let mut tokens = self.frame().map(|frame| frame.tokens.as_slice()).unwrap_or_default();
        while let [rest @ .., word, dot] = tokens
            && dot.kind == TokenKind::Dot
            && word.kind == TokenKind::Word
        {
            start = word.span.start;
            tokens = rest;
        }
        start
    }

    /// A string around the cursor, or the hole of it that the cursor is in.
    fn in_string(mut self, tokens: &[Token], literal: Span, offset: u32, is_open: bool) -> Reading<'s> {
        self.push_all(tokens.iter().filter(|token| token.span.end <= literal.start));
        let quotes = if literal.of(self.text).starts_with('r') { None } else { Some(literal.start + 1) };
        let Some(start) = quotes.filter(|start| *start <= offset) else {
            self.inside = Inside::Nothing;
            return self;
        };
        let end = if is_open { literal.end } else { literal.end.saturating_sub(1) };
        match hole_around(self.text, start, offset) {
            Some(hole) => self.in_hole(Span { start: hole, end }, offset, is_open),
            None => {
                self.inside = Inside::Text { literal, is_open };
                let end = if is_open { end_of_open(self.text, Span { start: offset, end }) } else { end };
                self.word = Span { start, end };
            }
        }
        self
    }

    fn in_hole(&mut self, content: Span, offset: u32, is_open: bool) {
        let after = Span { start: offset, end: content.end }.of(self.text);
        let closed = after.find(['{', '}']).filter(|at| after.get(*at..).is_some_and(|rest| rest.starts_with('}')));
        let closing = match (closed, is_open) {
            (Some(_), false) => "",
            (None, false) => "}",
            (Some(_), true) => "\"",
            (None, true) => "}\"",
        };
        let tokens = tokens_of(self.text, Span { start: content.start, end: content.end });
        if let Some(word) = tokens.iter().find(|token| token.kind == TokenKind::Word && token.span.start < offset && offset <= token.span.end) {
            self.word = word.span;
        }
        self.inside = Inside::Hole { closing };
        self.frames.push(Frame::new(None));
        let before = self.word.start;
        self.push_all(tokens.iter().filter(|token| token.span.end <= before));
    }

    fn push_all<'t>(&mut self, tokens: impl Iterator<Item = &'t Token>) {
        tokens.filter(|token| !token.kind.is_trivia()).for_each(|token| self.push(*token));
    }

    fn push(&mut self, token: Token) {
        let tok = Tok { kind: token.kind, text: token.span.of(self.text), span: token.span, is_keyword: false };
        if let Some(opener) = token.kind.opener() {
            match self.frames.iter().rposition(|frame| frame.opener == Some(opener)) {
                Some(at) => self.frames.truncate(at),
                None => return,
            }
        }
        let Some(frame) = self.frames.last_mut() else { return };
        if token.kind.opener().is_some() {
            frame.tokens.pop_if(|last| last.kind.opens());
        }
        let is_keyword = frame.makes_keyword(&tok);
        frame.tokens.push(Tok { is_keyword, ..tok });
        if token.kind.opens() {
            self.frames.push(Frame::new(Some(token.kind)));
        }
    }
}

impl<'s> Frame<'s> {
    fn new(opener: Option<TokenKind>) -> Frame<'s> {
        Frame { opener, tokens: Vec::new() }
    }

    /// Whether a word after these tokens is a keyword.
    fn makes_keyword(&self, tok: &Tok<'_>) -> bool {
        let names_field = self.tokens.last().is_some_and(|last| {
            matches!(last.kind, TokenKind::Dot | TokenKind::QuestionDot | TokenKind::At) || (last.is_keyword && last.text == "has")
        });
        tok.kind == TokenKind::Word && lexer::is_keyword(tok.text) && !names_field
    }

    /// The tokens after the last comma.
    pub fn since_comma(&self) -> &[Tok<'s>] {
        let start = self.tokens.iter().rposition(|tok| tok.kind == TokenKind::Comma).map_or(0, |at| at + 1);
        self.tokens.get(start..).unwrap_or_default()
    }
}

impl Tok<'_> {
    /// Whether it is that keyword.
    pub fn is(&self, keyword: &str) -> bool {
        self.is_keyword && self.text == keyword
    }

    /// Whether an expression may end with it.
    pub fn ends_operand(&self) -> bool {
        match self.kind {
            TokenKind::Word => !self.is_keyword || matches!(self.text, "true" | "false" | "none") || lexer::KEYWORD_NAMES.contains(&self.text),
            TokenKind::Int | TokenKind::Decimal | TokenKind::Duration | TokenKind::String | TokenKind::RawString => true,
            kind => kind.opener().is_some(),
        }
    }
}

/// The item that a cursor is in, or else the one before it; empty where there is none.
fn item_before(set: &PolicySet, at: Cursor) -> Span {
    let text = text_of(set, at.file);
    let first_token = |span: Span| {
        let tokens = lexer::lex(span.of(text));
        tokens.iter().find(|token| !token.kind.is_trivia()).map_or(span.end, |token| token.span.start + span.start)
    };
    let mut before: Option<Span> = None;
    for item in set.items(at.file).take_while(|item| item.span.start < at.offset) {
        let is_after = item.span.end < at.offset || before.is_none() || first_token(item.span) < at.offset;
        if is_after {
            before = Some(item.span);
        }
    }
    match before {
        Some(span) => Span { start: span.start, end: span.end.max(at.offset) },
        None => Span { start: 0, end: at.offset },
    }
}

/// The tokens of a part of a text, with their places in the whole. The token that reaches over its end is there whole.
fn tokens_of(text: &str, part: Span) -> Vec<Token> {
    let line_end = text.get(part.end as usize..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| part.end as usize + at);
    let tokens = lexer::lex(text.get(part.start as usize..line_end).unwrap_or_default());
    let moved = |span: Span| Span { start: span.start + part.start, end: span.end + part.start };
    tokens.into_iter().map(|token| Token { span: moved(token.span), ..token }).take_while(|token| token.span.start < part.end).collect()
}

/// Where the content of the hole around an offset begins; `start`: where the string's content does.
fn hole_around(text: &str, start: u32, offset: u32) -> Option<u32> {
    let content = Span { start, end: offset }.of(text);
    let mut open = None;
    let mut letters = content.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match (letter, open) {
            ('\\', _) => drop(letters.next()),
            ('{', None) if letters.next_if(|(_, next)| *next == '{').is_some() => {}
            ('{', _) => open = Some(start + at as u32 + 1),
            ('}', _) => open = None,
            _ => {}
        }
    }
    open
}

/// Where what is meant for the content of a string ends that is not closed on its line.
fn end_of_open(text: &str, rest: Span) -> u32 {
    let written = rest.of(text);
    let length = written.find(|letter: char| !(letter.is_ascii_alphanumeric() || "_./*-".contains(letter))).unwrap_or(written.len());
    rest.start + length as u32
}
