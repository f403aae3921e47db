//! A reference as a writer gets it: sections, and in them blocks of what is said, one page whatever the format.

use std::sync::Arc;

use tollgate_compiler::syntax::ast::Effect;

use super::layout::Code;

/// A page.
pub struct Page {
    /// Its title.
    pub title: String,
    /// What stands before the first section.
    pub lead: Vec<Block>,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// A section of a page.
#[derive(Default)]
pub struct Section {
    /// What links to it name.
    pub anchor: Arc<str>,
    /// Its heading.
    pub title: Line,
    /// What it is called where there is little room; nothing where that is the heading.
    pub label: Line,
    /// Whether it is about one thing, which a search shows or hides as a whole.
    pub is_entry: bool,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Its parts.
    pub sections: Vec<Section>,
}

/// A block of a section.
pub enum Block {
    /// Markdown of an author.
    Doc(String),
    /// A paragraph of ours.
    Text(Line),
    /// What is known of a thing: names and values.
    Facts(Vec<(Line, Line)>),
    /// A table.
    Table(Table),
    /// The source of an item.
    Source(Code),
    /// Code that stands for itself.
    Example(Code),
}

/// A table.
#[derive(Default)]
pub struct Table {
    /// The heads of its columns.
    pub head: Vec<&'static str>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// Whether a search shows or hides each row.
    pub is_index: bool,
}

/// A row of a table.
#[derive(Default)]
pub struct Row {
    /// What links to it name, if anything may.
    pub anchor: Option<Arc<str>>,
    /// Its cells.
    pub cells: Vec<Line>,
}

/// Text on one line.
pub type Line = Vec<Inline>;

/// A part of a line.
pub enum Inline {
    /// Text.
    Text(String),
    /// Code.
    Code(Code),
    /// Text that leads somewhere on the page.
    Link(String, Arc<str>),
    /// An effect.
    Effect(Effect),
    /// What matters less.
    Faint(String),
    /// What somebody should look at.
    Missing(String),
    /// Markdown of an author.
    Doc(String),
}

impl Section {
    /// A section with a heading.
    pub fn new(anchor: impl Into<Arc<str>>, title: Line) -> Section {
        Section { anchor: anchor.into(), title, ..Section::default() }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.sections.is_empty()
    }
}

impl Table {
    /// A table without the columns in which nothing stands; nothing where there are no rows.
    pub fn block(mut self) -> Option<Block> {
        let has_text: Vec<bool> =
            (0..self.head.len()).map(|column| self.rows.iter().any(|row| row.cells.get(column).is_some_and(|cell| !cell.is_empty()))).collect();
        let mut kept = has_text.iter().copied();
        self.head.retain(|_| kept.next().unwrap_or(true));
        for row in &mut self.rows {
            let mut kept = has_text.iter().copied();
            row.cells.retain(|_| kept.next().unwrap_or(true));
        }
        (!self.rows.is_empty()).then_some(Block::Table(self))
    }
}

/// The word of an effect.
pub fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Review => "review",
        Effect::Deny => "deny",
    }
}

/// A line of text.
pub fn text(text: impl Into<String>) -> Line {
    vec![Inline::Text(text.into())]
}

/// A line of code.
pub fn code(text: impl Into<String>) -> Line {
    vec![Inline::Code(Code::plain(text))]
}

/// Several parts with commas between them.
pub fn list(parts: impl IntoIterator<Item = Line>) -> Line {
    let mut line = Line::new();
    for part in parts {
        if !line.is_empty() {
            line.push(Inline::Text(", ".to_owned()));
        }
        line.extend(part);
    }
    line
}
