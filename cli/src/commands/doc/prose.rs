//! Markdown of authors, of which nothing reaches a page but what is meant for reading: no HTML, no pictures, no links but `http`, `https`, `mailto` and to places on the page.

use pulldown_cmark::{Event, Parser, Tag};

/// The most blocks within each other; what is nested deeper loses its frame.
const DEEPEST: usize = 12;

/// Where the parts of a text go.
pub trait Sink {
    /// A part that holds others begins.
    fn open(&mut self, part: &Part);
    /// Such a part ends.
    fn close(&mut self, part: &Part);
    /// Text.
    fn text(&mut self, text: &str);
    /// Code within text.
    fn code(&mut self, text: &str);
    /// The end of a line: one that is to be seen, or not.
    fn line_end(&mut self, is_hard: bool);
    /// A line across the page.
    fn rule(&mut self);
}

/// A part of a text that holds others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A paragraph.
    Paragraph,
    /// A heading, which is none of the page's.
    Heading,
    /// A quotation.
    Quote,
    /// Code on lines of its own.
    CodeBlock,
    /// A list that counts from a number, or does not count.
    List(Option<u64>),
    /// An item of a list.
    Item,
    /// What is stressed.
    Emphasis,
    /// What is stressed more.
    Strong,
    /// A link that may be followed.
    Link(String),
    /// What has no frame of its own.
    Plain,
}

/// Gives the parts of a text to a sink; of a `line`, only what may stand in a line.
pub fn walk(markdown: &str, line: bool, sink: &mut impl Sink) {
    let mut open: Vec<Part> = Vec::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Start(tag) => {
                let mut part = part(&tag);
                if open.len() >= DEEPEST || (line && is_block(&part)) {
                    if is_block(&part) && !open.is_empty() {
                        sink.line_end(false);
                    }
                    part = Part::Plain;
                }
                sink.open(&part);
                open.push(part);
            }
            Event::End(_) => sink.close(&open.pop().unwrap_or(Part::Plain)),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) | Event::FootnoteReference(text) => sink.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => sink.code(&text),
            Event::SoftBreak => sink.line_end(false),
            Event::HardBreak => sink.line_end(!line),
            Event::Rule if line || open.len() >= DEEPEST => sink.line_end(false),
            Event::Rule => sink.rule(),
            Event::TaskListMarker(_) => {}
        }
    }
}

fn part(tag: &Tag<'_>) -> Part {
    match tag {
        Tag::Paragraph | Tag::HtmlBlock => Part::Paragraph,
        Tag::Heading { .. } => Part::Heading,
        Tag::BlockQuote(_) => Part::Quote,
        Tag::CodeBlock(_) => Part::CodeBlock,
        Tag::List(first) => Part::List(*first),
        Tag::Item => Part::Item,
        Tag::Emphasis => Part::Emphasis,
        Tag::Strong => Part::Strong,
        Tag::Link { dest_url, .. } => address(dest_url).map_or(Part::Plain, Part::Link),
        _ => Part::Plain,
    }
}

fn is_block(part: &Part) -> bool {
    matches!(part, Part::Paragraph | Part::Heading | Part::Quote | Part::CodeBlock | Part::List(_) | Part::Item)
}

/// Where a link leads, if it may; nothing in it ends a link of Markdown, nor an attribute where its `&` are escaped.
fn address(written: &str) -> Option<String> {
    let scheme = written.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    let may_be_followed = written.starts_with('#') || scheme.is_some_and(|scheme| matches!(scheme.as_str(), "http" | "https" | "mailto"));
    let kept = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&+,;=%".contains(&byte);
    let escaped = |byte: u8| if kept(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    may_be_followed.then(|| written.bytes().map(escaped).collect())
}
