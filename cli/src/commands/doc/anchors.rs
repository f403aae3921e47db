//! What links name: stable, so that they may be kept, and the same in both formats.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, Item, ItemKind, TemplatePart};

/// Gives each item an anchor that no other has. That of a named item goes by its name alone; titles may be alike, and are then counted.
#[derive(Default)]
pub struct Anchors {
    /// How often each has been wanted.
    wanted: HashMap<Arc<str>, usize>,
}

impl Anchors {
    /// The anchor of an item of a package.
    pub fn of(&mut self, package: &str, item: &Item) -> Arc<str> {
        let wanted = match &item.kind {
            ItemKind::Tool(tool) => format!("tool.{}", escaped(&tool.name.text)),
            ItemKind::Test(_) | ItemKind::Property { .. } => format!("{}.{package}:{}", word(&item.kind), slug(&name_of(item))),
            _ => format!("{}.{package}.{}", word(&item.kind), name_of(item)),
        };
        self.unused(wanted.into())
    }

    /// What is wanted, with a number where another has it.
    fn unused(&mut self, wanted: Arc<str>) -> Arc<str> {
        let count = self.wanted.entry(wanted.clone()).or_default();
        *count += 1;
        match *count {
            1 => wanted,
            count => self.unused(format!("{wanted}-{count}").into()),
        }
    }
}

/// The name or title of an item; of a nameless one the word that it begins with.
pub fn name_of(item: &Item) -> String {
    match &item.kind {
        ItemKind::Enum { name, .. }
        | ItemKind::Type { name, .. }
        | ItemKind::Data { name, .. }
        | ItemKind::Obligation { name, .. }
        | ItemKind::Let { name, .. }
        | ItemKind::Fn { name, .. }
        | ItemKind::Score { name, .. } => name.text.to_string(),
        ItemKind::Rule(rule) => rule.name.text.to_string(),
        ItemKind::Tool(tool) => tool.name.text.to_string(),
        ItemKind::Test(test) => template(&test.title),
        ItemKind::Property { title, .. } => title.text.to_string(),
        other => word(other).to_owned(),
    }
}

/// The text of a template as an author reads it: without quotes, its holes in braces.
pub fn template(expr: &Expr) -> String {
    let ExprKind::Template { parts, .. } = &expr.kind else { return expr_to_text(expr) };
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Hole { expr, .. } => format!("{{{}}}", expr_to_text(expr)),
    };
    parts.iter().map(part).collect()
}

/// The word that an item begins with, or stands for it.
pub fn word(kind: &ItemKind) -> &'static str {
    match kind {
        ItemKind::Package(_) => "package",
        ItemKind::Import { .. } => "import",
        ItemKind::Enum { .. } | ItemKind::Type { .. } => "type",
        ItemKind::Data { .. } => "data",
        ItemKind::Input { .. } => "input",
        ItemKind::Tool(_) => "tool",
        ItemKind::Obligation { .. } => "obligation",
        ItemKind::Let { .. } => "let",
        ItemKind::Fn { .. } => "fn",
        ItemKind::Score { .. } => "score",
        ItemKind::Rule(_) => "rule",
        ItemKind::Default { .. } => "default",
        ItemKind::Test(_) => "test",
        ItemKind::Property { .. } => "property",
    }
}

/// A text with nothing in it that means something in a link, no two alike.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'/' => out.push(char::from(byte)),
            // Writing to a string cannot fail.
            other => drop(write!(out, "~{other:02x}")),
        }
    }
    out
}

/// The most characters that an anchor has of a title.
const LONGEST: usize = 60;

/// The words of a title, for an anchor.
fn slug(title: &str) -> String {
    let mut out = String::new();
    for letter in title.chars().take(LONGEST) {
        if letter.is_ascii_alphanumeric() {
            out.push(letter.to_ascii_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}
