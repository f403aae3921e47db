//! Prints diagnostics for people, each with the lines of source that it is about.

use std::ops::Range;

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};

use super::position::LineIndex;
use super::{Diagnostic, FileId, Location, Severity, Sources};

/// How many diagnostics are printed in full; the rest is counted.
const SHOWN: usize = 200;

/// The longest line in bytes that is printed.
const LONGEST_LINE: usize = 1000;

/// The diagnostics with their source, ready for a terminal. `color` says whether colours are used.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources, color: bool) -> String {
    let mut printer = Printer::new(sources, color);
    let mut out = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN) {
        out.push_str(&printer.finding(&Finding::of(diagnostic)));
        out.push('\n');
    }
    if let Some(more) = diagnostics.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        out.push_str(&format!("and {more} more\n"));
    }
    out
}

/// A place in the sources with what is said of it, where that is no diagnostic.
#[derive(Clone, Copy, Debug)]
pub struct Remark<'r> {
    /// What kind of remark it is, in a word.
    pub kind: &'r str,
    /// What it says.
    pub message: &'r str,
    /// Where.
    pub at: Location,
    /// Text under the place.
    pub label: &'r str,
}

/// Prints places with their lines of source, reading each file once.
pub struct Printer<'a> {
    sources: &'a Sources,
    color: bool,
    /// What is known of each file, once it is needed.
    files: Vec<Option<Printable<'a>>>,
}

impl<'a> Printer<'a> {
    /// A printer of places in these sources.
    pub fn new(sources: &'a Sources, color: bool) -> Printer<'a> {
        Printer { sources, color, files: sources.texts().map(|_| None).collect() }
    }

    /// A remark as diagnostics look.
    pub fn remark(&mut self, remark: &Remark<'_>) -> String {
        let Remark { kind, message, at, label } = *remark;
        let kind = ReportKind::Custom(kind, Color::Red);
        self.finding(&Finding { kind, color: Color::Red, code: None, message, at, label, labels: &[], help: None })
    }
}

type Place = (FileId, Range<usize>);

struct Printable<'a> {
    index: LineIndex<'a>,
    source: Source<String>,
}

/// What is printed.
struct Finding<'d> {
    kind: ReportKind<'d>,
    color: Color,
    code: Option<&'static str>,
    message: &'d str,
    at: Location,
    label: &'d str,
    labels: &'d [super::Label],
    help: Option<&'d str>,
}

impl Finding<'_> {
    fn of(diagnostic: &Diagnostic) -> Finding<'_> {
        let (kind, color) = look(diagnostic.severity);
        let Diagnostic { code, message, at, label, labels, help, .. } = diagnostic;
        Finding { kind, color, code: Some(code.code()), message, at: *at, label, labels, help: help.as_deref() }
    }
}

impl Printer<'_> {
    fn finding(&mut self, finding: &Finding<'_>) -> String {
        let places: Vec<Place> = std::iter::once(finding.at).chain(finding.labels.iter().map(|label| label.at)).map(|at| self.place(at)).collect();
        match places.iter().all(|place| self.fits(place)) {
            true => self.with_source(finding, places).unwrap_or_else(|| self.without_source(finding)),
            false => self.without_source(finding),
        }
    }

    fn with_source(&mut self, finding: &Finding<'_>, places: Vec<Place>) -> Option<String> {
        let home = places.first()?.clone();
        let texts = std::iter::once(finding.label).chain(finding.labels.iter().map(|label| label.text.as_str()));
        let mut labels: Vec<_> = places.into_iter().zip(texts).enumerate().collect();
        // Labels are drawn in this order, and lines that go back would be drawn as a block of their own.
        labels.sort_by_key(|(_, (place, _))| (place.0 != home.0, place.0, place.1.start));
        let labels = labels.into_iter().enumerate().map(|(order, (number, (place, text)))| {
            // A place without a text is marked as well: a label without a message would not be drawn.
            let label = Label::new(place).with_order(order as i32).with_color(if number == 0 { finding.color } else { Color::Blue });
            label.with_message(printable(text))
        });
        let config = Config::default().with_index_type(IndexType::Byte).with_color(self.color).with_tab_width(2);
        let report = Report::build(finding.kind, home.clone()).with_config(config).with_message(printable(finding.message)).with_labels(labels);
        let report = if let Some(code) = finding.code { report.with_code(code) } else { report };
        let report = if let Some(help) = finding.help { report.with_help(printable(help)) } else { report };
        let mut out = Vec::new();
        report.finish().write(Files(self), &mut out).ok()?;
        let mut text = String::from_utf8(out).ok()?;
        if !self.color {
            // The word of a kind of one's own is coloured all the same. Nothing else in the text can be such a sequence.
            text = text.replace("\u{1b}[31m", "").replace("\u{1b}[0m", "");
        }
        Some(text.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
    }

    /// The finding alone, where its lines are no use to print.
    fn without_source(&mut self, finding: &Finding<'_>) -> String {
        let path = printable(self.sources.path(finding.at.file));
        let position = self.file(finding.at.file).map(|file| file.index.position(finding.at.span.start));
        let place = position.map(|at| format!(":{}:{}", at.line, at.column)).unwrap_or_default();
        let code = finding.code.map(|code| format!("[{code}] ")).unwrap_or_default();
        let mut out = format!("{code}{}: {}\n    at {path}{place}\n", finding.kind, printable(finding.message));
        if let Some(help) = finding.help {
            out.push_str(&format!("    Help: {}\n", printable(help)));
        }
        out
    }

    /// A location as a range that covers a character where its line has one, and no line end at its end.
    fn place(&self, at: Location) -> Place {
        let text = self.sources.text(at.file);
        let boundary = |mut offset: usize| {
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let start = boundary((at.span.start as usize).min(text.len()));
        let end = boundary((at.span.end as usize).min(text.len())).max(start);
        let covered = text.get(start..end).unwrap_or_default().trim_end().len();
        let next = text.get(start..).and_then(|rest| rest.chars().next()).filter(|c| !c.is_whitespace());
        let range = match covered {
            0 => start..start + next.map_or(0, char::len_utf8),
            covered => start..start + covered,
        };
        (at.file, range)
    }

    /// Whether the lines of a place are short enough to print.
    fn fits(&mut self, place: &Place) -> bool {
        let Some(file) = self.file(place.0) else { return false };
        let line = |offset: usize| file.index.position(offset as u32).line;
        let (first, last) = (line(place.1.start), line(place.1.end));
        (first..=last).all(|line| file.index.line(line).len() <= LONGEST_LINE)
    }

    fn file(&mut self, id: FileId) -> Option<&Printable<'_>> {
        let text = self.sources.text(id);
        let slot = self.files.get_mut(id.0 as usize)?;
        Some(slot.get_or_insert_with(|| Printable { index: LineIndex::new(text), source: Source::from(tame(text)) }))
    }
}

/// The sources as ariadne asks for them.
struct Files<'p, 'a>(&'p mut Printer<'a>);

impl ariadne::Cache<FileId> for Files<'_, '_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        let text = self.0.sources.text(*id);
        match self.0.files.get_mut(id.0 as usize) {
            Some(slot) => {
                let make = || Printable { index: LineIndex::new(text), source: Source::from(tame(text)) };
                Ok(&slot.get_or_insert_with(make).source)
            }
            None => Err("no such file"),
        }
    }

    fn display<'i>(&self, id: &'i FileId) -> Option<impl std::fmt::Display + 'i> {
        Some(printable(self.0.sources.path(*id)))
    }
}

fn look(severity: Severity) -> (ReportKind<'static>, Color) {
    match severity {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
        Severity::Note => (ReportKind::Advice, Color::Cyan),
    }
}

/// Whether a terminal would obey a character rather than show it.
fn is_control(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A source in which no character is one that a terminal obeys; every offset stays what it was.
fn tame(text: &str) -> String {
    let replace = |character: char| match (character, character.len_utf8()) {
        ('\n' | '\t', _) => character,
        _ if !is_control(character) => character,
        ('\r', _) => ' ',
        (_, 1) => '?',
        (_, 2) => '¿',
        _ => '\u{fffd}',
    };
    text.chars().map(replace).collect()
}

/// A message in which characters that a terminal obeys are spelled out.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => out.push('\n'),
            _ if is_control(character) => out.extend(character.escape_unicode()),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::syntax::ast::Span;

    fn at(start: u32, end: u32) -> Location {
        Location { file: FileId(0), span: Span { start, end } }
    }

    #[test]
    fn every_place_is_marked_without_colour() {
        let sources = Sources::of("a.toll", "let é = x\nlet y = 1\n");
        let diagnostic = Diagnostic::error(Code::Syntax, at(9, 10), "message").with_secondary(at(15, 16), "second");
        insta::assert_snapshot!(render(&[diagnostic.with_help("help")], &sources, false));
    }

    #[test]
    fn long_lines_and_long_lists_are_cut() {
        let sources = Sources::of("a.toll", &"x".repeat(5000));
        let diagnostics = vec![Diagnostic::error(Code::Syntax, at(2999, 3000), "message"); SHOWN + 7];
        let printed = render(&diagnostics, &sources, true);
        assert!(printed.contains("at a.toll:1:3000") && printed.ends_with("and 7 more\n") && printed.len() < 20_000);
    }
}
