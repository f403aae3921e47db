//! A reference as Markdown.

use tollgate_compiler::syntax::ast::Effect;

use crate::html::harmless;

use super::page::{Block, Inline, Line, Page, Row, Section, Table, effect_word};
use super::prose;
use super::rewrite::Writer;

/// The page.
pub fn text(page: &Page) -> String {
    let mut out = format!("# {}\n", escaped(&page.title));
    page.lead.iter().for_each(|lead| block(lead, &mut out));
    contents(page, &mut out);
    page.sections.iter().for_each(|part| section(part, 2, &mut out));
    out
}

/// The parts of the page, and theirs.
fn contents(page: &Page, out: &mut String) {
    let link = |section: &Section| format!("[{}](#{})", line(&section.title), section.anchor);
    out.push('\n');
    for part in &page.sections {
        out.push_str(&format!("- {}", link(part)));
        let parts: Vec<String> = part.sections.iter().filter(|part| !part.is_entry).map(link).collect();
        if !parts.is_empty() {
            out.push_str(&format!(": {}", parts.join(", ")));
        }
        out.push('\n');
    }
}

fn section(section: &Section, level: usize, out: &mut String) {
    let title = line(&section.title);
    let heading = format!("{} {title}\n", "#".repeat(level));
    if slug(&section.title) == *section.anchor {
        out.push_str(&format!("\n{heading}"));
    } else {
        out.push_str(&format!("\n<a id=\"{}\"></a>\n\n{heading}", section.anchor));
    }
    section.blocks.iter().for_each(|part| block(part, out));
    section.sections.iter().for_each(|part| self::section(part, level + 1, out));
}

/// The anchor that a heading has by itself where Markdown is shown.
fn slug(title: &Line) -> String {
    let text: String = title.iter().map(plain).collect();
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    text.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn plain(inline: &Inline) -> &str {
    match inline {
        Inline::Text(text) | Inline::Link(text, _) | Inline::Faint(text) | Inline::Missing(text) | Inline::Doc(text) => text,
        Inline::Code(code) => &code.text,
        Inline::Effect(effect) => effect_word(*effect),
    }
}

fn block(block: &Block, out: &mut String) {
    out.push('\n');
    match block {
        Block::Doc(markdown) => {
            let mut writer = Writer::default();
            prose::walk(markdown, false, &mut writer);
            out.push_str(writer.out.trim_end());
            out.push('\n');
        }
        Block::Text(text) => out.push_str(&format!("{}\n", line(text))),
        Block::Facts(facts) => {
            out.push_str("| | |\n|---|---|\n");
            facts.iter().for_each(|(name, value)| out.push_str(&format!("| {} | {} |\n", line(name), line(value))));
        }
        Block::Table(found) => table(found, out),
        Block::Source(code) => fenced(&code.text, "toll", out),
        Block::Example(code) => fenced(&code.text, "", out),
    }
}

fn table(table: &Table, out: &mut String) {
    let head: String = table.head.iter().map(|head| format!(" {head} |")).collect();
    out.push_str(&format!("|{head}\n|{}\n", "---|".repeat(table.head.len())));
    for Row { anchor, cells } in &table.rows {
        let anchor = anchor.as_ref().map(|anchor| format!("<a id=\"{anchor}\"></a>")).unwrap_or_default();
        let cells: Vec<String> = cells.iter().map(line).collect();
        out.push_str(&format!("| {anchor}{} |\n", cells.join(" | ")));
    }
}

/// A block of code that nothing in it ends.
fn fenced(text: &str, language: &str, out: &mut String) {
    let fence = fence(text, 3);
    let text: String = text.chars().map(harmless).collect();
    out.push_str(&format!("{fence}{language}\n{text}\n{fence}\n"));
}

/// More backticks than stand together anywhere in a text.
pub fn fence(text: &str, least: usize) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    "`".repeat((longest + 1).max(least))
}

/// A line that may stand in a table.
fn line(line: &Line) -> String {
    line.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text(text) | Inline::Faint(text) => escaped(text),
        Inline::Missing(text) => format!("*{}*", escaped(text)),
        Inline::Code(code) => match code.links.as_slice() {
            // Code has no links in it, but may be one.
            [(range, to)] if *range == (0..code.text.len()) => format!("[{}](#{to})", code_span(&code.text)),
            _ => code_span(&code.text),
        },
        Inline::Link(text, to) => format!("[{}](#{to})", escaped(text)),
        Inline::Effect(effect @ Effect::Allow) => effect_word(*effect).to_owned(),
        Inline::Effect(effect) => format!("**{}**", effect_word(*effect)),
        Inline::Doc(markdown) => {
            let mut writer = Writer::of_line();
            prose::walk(markdown, true, &mut writer);
            writer.out.trim_end().to_owned()
        }
    }
}

/// Text on one line in which nothing is markup.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars().map(harmless) {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '~' | '$' => out.extend(['\\', letter]),
            '\n' | '\t' => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

/// Code on one line, in a table too.
pub fn code_span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = fence(text, 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    let text: String = text.chars().map(harmless).map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', "\\|"))
}
