//! The blocks of code in a page.

use std::ops::Range;

/// A block of code.
pub struct Block {
    /// The line of its fence, from 1.
    pub line: usize,
    /// What stands after its fence: the language and what it is besides. Empty for a block that is indented.
    pub tag: Vec<String>,
    /// The last line before it.
    before: String,
    pub text: String,
    /// Where its text stands in the page.
    pub range: Range<usize>,
}

/// What a block's text is for.
pub enum Name {
    /// The whole of a file.
    Is(String),
    /// The rest of a file.
    AddsTo(String),
    /// It says nothing of a file.
    None,
}

impl Block {
    /// The language, and the words after it.
    pub fn tags(&self) -> (&str, Vec<&str>) {
        let mut tags = self.tag.iter().map(String::as_str);
        (tags.next().unwrap_or_default(), tags.collect())
    }

    /// Whether it is a policy's file from the start.
    pub fn begins_a_policy(&self) -> bool {
        self.text.lines().any(|line| line.starts_with("package "))
    }

    /// The file that the line before it names.
    pub fn name(&self) -> Name {
        let Some((text, name)) = self.before.strip_suffix("`:").and_then(|line| line.rsplit_once('`')) else { return Name::None };
        if text.ends_with("dd to ") { Name::AddsTo(name.to_owned()) } else { Name::Is(name.to_owned()) }
    }
}

/// The blocks of a page, in order.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open: Option<Block> = None;
    let mut before = "";
    let mut end = 0;
    for (line, text) in page.split_inclusive('\n').enumerate() {
        let start = end;
        end += text.len();
        if let Some(mut block) = open.take() {
            if text.starts_with("```") {
                block.range.end = start;
                page[block.range.clone()].clone_into(&mut block.text);
                blocks.push(block);
            } else {
                open = Some(block);
            }
        } else if let Some(tag) = text.strip_prefix("```") {
            let tag = tag.split_whitespace().map(str::to_owned).collect();
            open = Some(Block { line: line + 1, tag, before: before.to_owned(), text: String::new(), range: end..end });
        } else if text.starts_with("    ") && before_is_blank(page, start) {
            blocks.push(Block { line: line + 1, tag: Vec::new(), before: before.to_owned(), text: text.to_owned(), range: start..end });
        }
        if !text.trim().is_empty() {
            before = text.trim_end();
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

fn before_is_blank(page: &str, start: usize) -> bool {
    start == 0 || page[..start].ends_with("\n\n")
}
