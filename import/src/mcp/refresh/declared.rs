//! The declarations in a text: the pieces that a refresh compares and replaces.

use std::ops::Range;

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{Item, ItemKind, Span, Tool, TypeExpr, TypeKind};
use tollgate_compiler::syntax::{File, SyntaxLimits, parse};

use super::ledger::Piece;
use super::merge::Fields;
use crate::report::Unreadable;

/// The tools and types of a text, in order.
pub struct Declared<'t> {
    /// The text.
    pub text: &'t str,
    /// Its tools and types.
    pub declarations: Vec<Declaration<'t>>,
}

/// A tool or a type.
pub struct Declaration<'t> {
    /// `server/name`, or a type's name.
    pub name: String,
    /// Which of the two it is.
    pub kind: Kind<'t>,
    /// Its item.
    pub item: &'t Item,
    /// The text that it stands in.
    pub text: &'t str,
    /// Its documentation, each line with its end.
    pub documentation: Range<usize>,
    /// From its keyword to its end.
    pub body: Range<usize>,
    /// A tool's attributes, between its brace and its arguments; of a type, all of it.
    pub facts: Range<usize>,
    /// The block of arguments, from its word; empty before the last brace where there is none.
    pub arguments: Range<usize>,
}

/// What is declared.
#[derive(Clone, Copy)]
pub enum Kind<'t> {
    /// A tool.
    Tool(&'t Tool),
    /// A type or an enum.
    Type,
}

/// Reads a policy.
///
/// # Errors
///
/// Where it has an error of syntax.
pub fn read(name: &str, text: &str) -> Result<File, Unreadable> {
    let (file, diagnostics) = parse(text, FileId(0), &SyntaxLimits::default());
    match diagnostics.first() {
        Some(first) => {
            let line = text.get(..first.at.span.start as usize).unwrap_or_default().matches('\n').count() + 1;
            Err(Unreadable::new(name, format!("line {line}"), format!("it is no policy: {}", first.message)))
        }
        None => Ok(file),
    }
}

impl<'t> Declared<'t> {
    /// The declarations of a policy.
    pub fn of(file: &'t File) -> Declared<'t> {
        let text: &str = &file.text;
        Declared { text, declarations: file.items.iter().filter_map(|item| Declaration::of(text, item)).collect() }
    }
}

impl<'t> Declaration<'t> {
    fn of(text: &'t str, item: &'t Item) -> Option<Declaration<'t>> {
        let end = item.span.end as usize;
        let before_name = |name: Span, keyword: &str| text.get(..name.start as usize).and_then(|before| before.rfind(keyword));
        let (name, kind, start, facts, arguments) = match &item.kind {
            ItemKind::Tool(tool) => {
                let start = before_name(tool.name.span, "tool")?;
                let opened = tool.name.span.end as usize + text.get(tool.name.span.end as usize..end)?.find('{')? + 1;
                let arguments = tool.args.as_ref().map_or(end - 1..end - 1, |args| range(args.span));
                let facts = opened..arguments.start.max(opened);
                (&tool.name.text, Kind::Tool(tool), start, facts, arguments)
            }
            ItemKind::Type { name, .. } => {
                let start = before_name(name.span, "type")?;
                (&name.text, Kind::Type, start, start..end, end..end)
            }
            ItemKind::Enum { name, .. } => {
                let start = before_name(name.span, "enum")?;
                (&name.text, Kind::Type, start, start..end, end..end)
            }
            _ => return None,
        };
        let documentation = documentation_before(text, item.span.start as usize);
        Some(Declaration { name: name.to_string(), kind, item, text, documentation, body: start..end, facts, arguments })
    }

    /// The text of a piece.
    pub fn piece(&self, piece: Piece) -> &'t str {
        self.text.get(self.place(piece)).unwrap_or_default()
    }

    /// The fields of a tool's arguments, or of a record.
    pub fn fields(&self) -> Option<Fields<'t>> {
        match (&self.item.kind, self.kind) {
            (_, Kind::Tool(tool)) => tool.args.as_ref().map(|args| Fields { fields: &args.fields, open: args.open, span: args.span }),
            (ItemKind::Type { ty, .. }, Kind::Type) => match &ty.kind {
                TypeKind::Record { fields, open } => Some(Fields { fields, open: *open, span: ty.span }),
                _ => None,
            },
            _ => None,
        }
    }

    /// The name of a type.
    pub fn type_name(&self) -> Option<&'t str> {
        match &self.item.kind {
            ItemKind::Type { name, .. } | ItemKind::Enum { name, .. } => Some(&name.text),
            _ => None,
        }
    }

    /// What a type is, where it is no enum.
    pub fn ty(&self) -> Option<&'t TypeExpr> {
        match &self.item.kind {
            ItemKind::Type { ty, .. } => Some(ty),
            _ => None,
        }
    }

    /// Where a piece stands.
    pub fn place(&self, piece: Piece) -> Range<usize> {
        match piece {
            Piece::Documentation => self.documentation.clone(),
            Piece::Facts => self.facts.clone(),
            Piece::Arguments => self.arguments.clone(),
        }
    }

    /// All of it, with its documentation and annotations.
    pub fn whole(&self) -> Range<usize> {
        self.documentation.start..self.body.end
    }
}

/// A span's bytes.
pub fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}

/// The lines `///` right above a place.
pub fn documentation_before(text: &str, place: usize) -> Range<usize> {
    let line = text.get(..place).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    if !text.get(line..place).unwrap_or_default().trim().is_empty() {
        return place..place;
    }
    let mut start = line;
    while let Some(above) = text.get(..start.saturating_sub(1)).filter(|_| start > 0) {
        let begins = above.rfind('\n').map_or(0, |end| end + 1);
        if !above.get(begins..).is_some_and(|line| line.trim_start().starts_with("///")) {
            break;
        }
        start = begins;
    }
    start..line
}
