//! The files of a set, each in its canonical layout.

use std::ops::Range;
use std::sync::Arc;

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::diagnostic::position::LineIndex;
use tollgate_compiler::format::format;
use tollgate_compiler::syntax::ast::{Item, ItemKind, Span};
use tollgate_compiler::syntax::lexer::{Token, TokenKind, lex};
use tollgate_compiler::syntax::{self, SyntaxLimits, path_text};

use super::anchors::Anchors;

/// A file with what it declares.
pub struct File {
    /// Its path as it is shown.
    pub path: String,
    /// Its package.
    pub package: String,
    /// What it declares, in order.
    pub items: Vec<Item>,
    /// The line that each of them begins in.
    pub lines: Vec<u32>,
    /// What links to each of them name.
    pub anchors: Vec<Arc<str>>,
    /// Its text in the canonical layout.
    text: String,
    /// Where each token stands in the file, and where in the layout.
    tokens: Vec<(u32, u32)>,
    /// The names in the layout that stand for something documented, in order.
    names: Vec<(Range<usize>, Arc<str>)>,
}

/// The text of a policy, with the names in it that lead somewhere.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// The text.
    pub text: String,
    /// Where it has a link, and to what.
    pub links: Vec<(Range<usize>, Arc<str>)>,
}

impl Code {
    /// A text without links.
    pub fn plain(text: impl Into<String>) -> Code {
        Code { text: text.into(), links: Vec::new() }
    }

    /// A text that is a link.
    pub fn link(text: impl Into<String>, to: &Arc<str>) -> Code {
        let text = text.into();
        Code { links: vec![(0..text.len(), to.clone())], text }
    }
}

impl File {
    /// A file without errors.
    pub fn new(path: String, text: &str, anchors: &mut Anchors) -> File {
        let (parsed, _) = syntax::parse(text, FileId(0), &SyntaxLimits::default());
        let index = LineIndex::new(text);
        let package = parsed.items.iter().find_map(|item| match &item.kind {
            ItemKind::Package(path) => Some(path_text(path)),
            _ => None,
        });
        let lines = parsed.items.iter().map(|item| index.position(item.span.start).line).collect();
        // A text that the formatter cannot read stays what it is.
        let layout = format(text).unwrap_or_else(|_| text.to_owned());
        let tokens = starts(text).zip(starts(&layout)).collect();
        let package = package.unwrap_or_default();
        let anchors = parsed.items.iter().map(|item| anchors.of(&package, item)).collect();
        File { path, package, items: parsed.items, lines, anchors, text: layout, tokens, names: Vec::new() }
    }

    /// Where something that stands in the file stands in the layout.
    fn place(&self, span: Span) -> Range<usize> {
        let moved = |offset: u32| {
            let before = self.tokens.partition_point(|(start, _)| *start <= offset).checked_sub(1);
            let (from, to) = before.and_then(|before| self.tokens.get(before)).copied().unwrap_or_default();
            (to + (offset - from)) as usize
        };
        moved(span.start)..moved(span.end.saturating_sub(1)) + 1
    }

    /// The item that something stands in, by its place among them.
    pub fn item_at(&self, span: Span) -> Option<usize> {
        self.items.partition_point(|item| item.span.start <= span.start).checked_sub(1)
    }

    /// Makes a name in the file a link. Names come in their order. Of `package.name` the last part is.
    pub fn link(&mut self, at: Span, name: &str, to: &Arc<str>) {
        let place = self.place(at);
        let text = self.text.get(place.clone()).unwrap_or_default();
        let skipped = if text == name { Some(0) } else { text.find('.').and_then(|dot| Some(dot + text.get(dot..)?.find(name)?)) };
        let Some(start) = skipped.map(|skipped| place.start + skipped) else { return };
        if self.names.last().is_none_or(|(last, _)| last.end <= start) {
            self.names.push((start..start + name.len(), to.clone()));
        }
    }

    /// The text of an item from its keyword on, as it is laid out.
    pub fn source(&self, item: &Item) -> Code {
        let annotated = item.annotations.last().map_or(item.span.start, |last| last.span.end);
        let mut place = self.place(Span { start: annotated, end: item.span.end });
        if annotated > item.span.start {
            place.start = self.place(Span { start: annotated - 1, end: annotated }).end;
        }
        let text = self.text.get(place.clone()).unwrap_or_default();
        let start = place.start + (text.len() - text.trim_start().len());
        let names = self.names_in(start, place.end);
        Code { text: text.trim().to_owned(), links: names.map(|(name, to)| (name.start - start..name.end - start, to.clone())).collect() }
    }

    /// A part of an item on one line, without its comments.
    pub fn line(&self, span: Span) -> Code {
        let place = self.place(span);
        let text = self.text.get(place.clone()).unwrap_or_default();
        let mut names = self.names_in(place.start, place.end).peekable();
        let mut code = Code::default();
        let tokens = lex(text);
        for (at, token) in tokens.iter().enumerate() {
            let (part, start) = (token.span.of(text), place.start + token.span.start as usize);
            match token.kind {
                TokenKind::Comment | TokenKind::Doc => continue,
                TokenKind::Space if part.contains('\n') => {
                    code.text.truncate(code.text.trim_end().len());
                    code.text.push_str(joint(&code.text, tokens.get(at + 1..).unwrap_or_default()));
                    continue;
                }
                _ => {}
            }
            while let Some((name, to)) = names.next_if(|(name, _)| name.start < start + part.len()) {
                let link = |offset: usize| code.text.len() + offset.saturating_sub(start);
                code.links.push((link(name.start)..link(name.end), to.clone()));
            }
            code.text.push_str(part);
        }
        code
    }

    fn names_in(&self, start: usize, end: usize) -> impl Iterator<Item = &(Range<usize>, Arc<str>)> {
        let first = self.names.partition_point(|(name, _)| name.start < start);
        self.names.get(first..).unwrap_or_default().iter().take_while(move |(name, _)| name.end <= end)
    }
}

/// What stands between two lines that become one: fields may do without the comma at the end of a line.
fn joint(before: &str, after: &[Token]) -> &'static str {
    let mut after = after.iter().map(|token| token.kind).filter(|kind| !matches!(kind, TokenKind::Space | TokenKind::Comment | TokenKind::Doc));
    let next = after.next();
    let is_field = match next {
        Some(TokenKind::Word | TokenKind::String) => matches!(after.next(), Some(TokenKind::Colon | TokenKind::Question)),
        other => other == Some(TokenKind::Rest),
    };
    let closes = next.is_some_and(|kind| kind.opener().is_some());
    match before.chars().next_back() {
        Some('{' | '(' | '[') | None => "",
        _ if closes => "",
        Some(',') => " ",
        _ if is_field => ", ",
        _ => " ",
    }
}

/// Where the tokens begin that a layout keeps in their order.
fn starts(text: &str) -> impl Iterator<Item = u32> {
    let is_kept = |kind: TokenKind| !matches!(kind, TokenKind::Space | TokenKind::Comma | TokenKind::Comment | TokenKind::Doc);
    lex(text).into_iter().filter(move |token| is_kept(token.kind)).map(|token| token.span.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    const POLICY: &str = "package a\n@id(\"x\")   deny  no when   agent.id==\"{limit}\"  and  limit>1\nlet limit=3\ndata d: {  a :int, // why\n b: Level,c:int }\ntype Level= int\n";

    fn file() -> File {
        let mut file = File::new("a.toll".to_owned(), POLICY, &mut Anchors::default());
        for name in ["limit", "limit", "Level"] {
            let after = file.names.len().checked_sub(1).map_or(0, |_| POLICY.find("and").unwrap());
            let start = (after + POLICY[after..].find(name).unwrap()) as u32;
            file.link(Span { start, end: start + name.len() as u32 }, name, &Arc::from(name));
        }
        file
    }

    fn told(code: &Code) -> String {
        let links: Vec<&str> = code.links.iter().map(|(range, _)| &code.text[range.clone()]).collect();
        format!("{} {links:?}", code.text)
    }

    #[test]
    fn sources_are_laid_out_with_their_links() {
        let file = file();
        assert_eq!(told(&file.source(&file.items[1])), "deny no\n  when agent.id == \"{limit}\" and limit > 1 [\"limit\", \"limit\"]");
        assert_eq!(file.lines, [1, 2, 3, 4, 6]);
    }

    #[test]
    fn a_line_has_no_comments() {
        let file = file();
        let ItemKind::Data { ty, .. } = &file.items[3].kind else { panic!() };
        assert_eq!(told(&file.line(ty.span)), "{a: int, b: Level, c: int} [\"Level\"]");
    }
}
