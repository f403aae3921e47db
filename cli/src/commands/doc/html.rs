//! A reference as one page for a browser, in which a search shows and hides what it is about.

use crate::html::{FOOT, escape, head, pieces};

use super::layout::Code;
use super::page::{Block, Inline, Line, Page, Section, Table, effect_word};
use super::prose::{self, Part, Sink};

/// The page.
pub fn text(page: &Page) -> String {
    let mut out = head(&page.title, include_str!("page.css"), include_str!("search.js"));
    out.push_str(
        "<header><form id=\"search\" role=\"search\" hidden><input type=\"search\" placeholder=\"Search\" aria-label=\"Search\" autocomplete=\"off\" spellcheck=\"false\">\
         <kbd>/</kbd><output></output></form></header>\n<div class=\"columns\">\n",
    );
    out.push_str("<nav aria-label=\"Contents\">\n<details open><summary>Contents</summary>\n");
    contents(&page.sections, &mut out);
    out.push_str("</details>\n</nav>\n<main>\n");
    out.push_str(&format!("<h1>{}</h1>\n", escape(&page.title)));
    page.lead.iter().for_each(|lead| block(lead, &mut out));
    page.sections.iter().for_each(|part| section(part, 2, &mut out));
    out.push_str("</main>\n</div>\n");
    out + FOOT
}

fn contents(sections: &[Section], out: &mut String) {
    out.push_str("<ul>\n");
    for section in sections {
        let title = if section.label.is_empty() { &section.title } else { &section.label };
        let title: String = title.iter().map(label).collect();
        let link = format!("<a href=\"#{}\">{title}</a>", section.anchor);
        if section.sections.is_empty() {
            out.push_str(&format!("<li>{link}</li>\n"));
            continue;
        }
        out.push_str(&format!("<li><details open><summary>{link}</summary>\n"));
        contents(&section.sections, out);
        out.push_str("</details></li>\n");
    }
    out.push_str("</ul>\n");
}

/// A part of a heading in the contents, without links in it.
fn label(part: &Inline) -> String {
    match part {
        Inline::Code(code) => format!("<code>{}</code>", escape(&code.text)),
        Inline::Effect(effect) => format!("<span class=\"dot {0}\" title=\"{0}\"></span>", effect_word(*effect)),
        other => inline(other),
    }
}

fn section(section: &Section, level: usize, out: &mut String) {
    let class = if section.is_entry { "entry" } else { "part" };
    let title: String = section.title.iter().map(heading).collect();
    out.push_str(&format!("<section id=\"{}\" class=\"{class}\">\n<h{level}>{title} ", section.anchor));
    out.push_str(&format!("<a class=\"here\" href=\"#{}\" aria-label=\"Link to here\">#</a></h{level}>\n", section.anchor));
    section.blocks.iter().for_each(|part| block(part, out));
    section.sections.iter().for_each(|part| self::section(part, (level + 1).min(6), out));
    out.push_str("</section>\n");
}

fn heading(part: &Inline) -> String {
    match part {
        Inline::Code(code) => format!("<code>{}</code>", escape(&code.text)),
        other => inline(other),
    }
}

fn block(block: &Block, out: &mut String) {
    match block {
        Block::Doc(markdown) => {
            let mut writer = Writer::default();
            prose::walk(markdown, false, &mut writer);
            out.push_str(&format!("<div class=\"doc\">{}</div>\n", writer.out));
        }
        Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", line(text))),
        Block::Facts(facts) => {
            out.push_str("<div class=\"wide\"><table class=\"facts\">\n");
            facts.iter().for_each(|(name, value)| out.push_str(&format!("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", line(name), line(value))));
            out.push_str("</table></div>\n");
        }
        Block::Table(found) => table(found, out),
        Block::Source(code) | Block::Example(code) => out.push_str(&format!("<pre>{}</pre>\n", source(code))),
    }
}

fn table(table: &Table, out: &mut String) {
    let head: String = table.head.iter().map(|head| format!("<th scope=\"col\">{head}</th>")).collect();
    out.push_str(&format!("<div class=\"wide\"><table class=\"rows\">\n<thead><tr>{head}</tr></thead>\n<tbody>\n"));
    for row in &table.rows {
        let anchor = row.anchor.as_ref().map(|anchor| format!(" id=\"{anchor}\"")).unwrap_or_default();
        let class = if table.is_index { " class=\"entry\"" } else { "" };
        let cells: String = row.cells.iter().map(|cell| format!("<td>{}</td>", line(cell))).collect();
        out.push_str(&format!("<tr{anchor}{class}>{cells}</tr>\n"));
    }
    out.push_str("</tbody></table></div>\n");
}

fn line(line: &Line) -> String {
    line.iter().map(inline).collect()
}

fn inline(inline: &Inline) -> String {
    match inline {
        Inline::Text(text) => escape(text),
        Inline::Code(code) => format!("<code>{}</code>", source(code)),
        Inline::Link(text, to) => format!("<a href=\"#{to}\">{}</a>", escape(text)),
        Inline::Effect(effect) => format!("<span class=\"effect {0}\">{0}</span>", effect_word(*effect)),
        Inline::Faint(text) => format!("<span class=\"faint\">{}</span>", escape(text)),
        Inline::Missing(text) => format!("<span class=\"missing\">{}</span>", escape(text)),
        Inline::Doc(markdown) => {
            let mut writer = Writer::default();
            prose::walk(markdown, true, &mut writer);
            writer.out
        }
    }
}

/// Code in its colours, with its links.
fn source(code: &Code) -> String {
    let ranges: Vec<_> = code.links.iter().map(|(range, _)| range.clone()).collect();
    let mut out = String::with_capacity(code.text.len() * 2);
    let mut open = None;
    for piece in pieces(&code.text, &ranges) {
        if open != piece.mark {
            out.push_str(if open.is_some() { "</a>" } else { "" });
            open = piece.mark;
            let link = open.and_then(|place| code.links.get(place));
            out.extend(link.map(|(_, to)| format!("<a href=\"#{to}\">")));
        }
        let text = escape(piece.text);
        match piece.tag {
            Some(tag) => out.push_str(&format!("<{tag}>{text}</{tag}>")),
            None => out.push_str(&text),
        }
    }
    out.push_str(if open.is_some() { "</a>" } else { "" });
    out
}

/// Writes Markdown of an author as HTML.
#[derive(Default)]
struct Writer {
    out: String,
}

impl Sink for Writer {
    fn open(&mut self, part: &Part) {
        match part {
            Part::List(Some(first)) => self.out.push_str(&format!("<ol start=\"{first}\">")),
            Part::Link(address) if address.starts_with('#') => self.out.push_str(&format!("<a href=\"{}\">", escape(address))),
            Part::Link(address) => self.out.push_str(&format!("<a href=\"{}\" rel=\"noreferrer\">", escape(address))),
            part => self.out.push_str(tags(part).0),
        }
    }

    fn close(&mut self, part: &Part) {
        self.out.push_str(tags(part).1);
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(&escape(text));
    }

    fn code(&mut self, text: &str) {
        self.out.push_str(&format!("<code>{}</code>", escape(text)));
    }

    fn line_end(&mut self, is_hard: bool) {
        self.out.push_str(if is_hard { "<br>\n" } else { "\n" });
    }

    fn rule(&mut self) {
        self.out.push_str("<hr>");
    }
}

fn tags(part: &Part) -> (&'static str, &'static str) {
    match part {
        Part::Paragraph => ("<p>", "</p>"),
        Part::Heading => ("<p><strong>", "</strong></p>"),
        Part::Quote => ("<blockquote>", "</blockquote>"),
        Part::CodeBlock => ("<pre>", "</pre>"),
        Part::List(None) => ("<ul>", "</ul>"),
        Part::List(Some(_)) => ("<ol>", "</ol>"),
        Part::Item => ("<li>", "</li>"),
        Part::Emphasis => ("<em>", "</em>"),
        Part::Strong => ("<strong>", "</strong>"),
        Part::Link(_) => ("<a>", "</a>"),
        Part::Plain => ("", ""),
    }
}
