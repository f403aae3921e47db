//! What a command writes, and how it ends.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::{Diagnostic, json, render};

use crate::args::Format;

/// How a command ended that did what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is nothing to report.
    Clean,
    /// It found something: errors, failed tests, unformatted files.
    Found,
}

impl Outcome {
    /// [`Outcome::Found`] if so.
    pub fn found(found: bool) -> Outcome {
        if found { Outcome::Found } else { Outcome::Clean }
    }

    /// Both together.
    pub fn and(self, other: Outcome) -> Outcome {
        Outcome::found(self == Outcome::Found || other == Outcome::Found)
    }
}

/// Why a command could not do what it was asked for.
#[derive(Debug)]
pub enum Failure {
    /// For that reason.
    Because(String),
    /// Nobody reads its output any more.
    Unread,
}

/// What a command gives.
pub type Result<T = Outcome> = std::result::Result<T, Failure>;

impl Failure {
    /// A failure for a reason.
    pub fn new(reason: impl std::fmt::Display) -> Failure {
        Failure::Because(reason.to_string())
    }

    /// A file that could not be read or written.
    pub fn file(doing: &str, path: &Path, reason: impl std::fmt::Display) -> Failure {
        Failure::Because(format!("cannot {doing} `{}`: {reason}", path.display()))
    }
}

/// The exit code of a command; a failure is reported.
pub fn finish(outcome: Result) -> ExitCode {
    match outcome {
        Ok(Outcome::Clean) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(1),
        Err(failure) => {
            if let Failure::Because(reason) = failure {
                complain(&format!("tollgate: {reason}\n"));
            }
            ExitCode::from(2)
        }
    }
}

/// Writes results to standard output.
pub fn print(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(write_failure)
}

/// Writes a result as JSON on several lines.
pub fn print_json(value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(Failure::new)?;
    print(&(text + "\n"))
}

/// What a failed write to standard output means.
pub fn write_failure(error: std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::Unread,
        _ => Failure::Because(format!("cannot write: {error}")),
    }
}

/// Writes to standard error. Where even that fails nobody can be told.
pub fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Writes diagnostics to standard error.
pub fn report(diagnostics: &[Diagnostic], sources: &Sources, format: Format) {
    if diagnostics.is_empty() {
        return;
    }
    match format {
        Format::Pretty => complain(&render::render(diagnostics, sources, color_of(&std::io::stderr()))),
        Format::Json => complain(&format!("{:#}\n", json::to_json(diagnostics, sources))),
    }
}

/// Whether a stream is to be coloured: a terminal, unless the user wants none.
pub fn color_of(stream: &impl IsTerminal) -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !unwanted
}

/// Text in colours where they are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    color: bool,
}

impl Paint {
    /// Colours for standard output.
    pub fn stdout() -> Paint {
        Paint::new(color_of(&std::io::stdout()))
    }

    /// Colours where they are wanted.
    pub fn new(color: bool) -> Paint {
        Paint { color }
    }

    /// What is as it should be.
    pub fn good(self, text: impl std::fmt::Display) -> String {
        self.paint("32", text)
    }

    /// What is not.
    pub fn bad(self, text: impl std::fmt::Display) -> String {
        self.paint("31;1", text)
    }

    /// What somebody should look at.
    pub fn notable(self, text: impl std::fmt::Display) -> String {
        self.paint("33", text)
    }

    /// What matters less.
    pub fn faint(self, text: impl std::fmt::Display) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: impl std::fmt::Display) -> String {
        if self.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_string() }
    }
}

/// "1 rule", "2 rules".
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// A percentage with one decimal, rounded down: what is not whole never reads as 100.0.
pub fn tenths(percent: f64) -> String {
    // As much as floating point may be off.
    const SLACK: f64 = 1e-9;
    format!("{:.1}", (percent * 10.0 + SLACK).floor() / 10.0)
}

/// A bar that shows how far something is, on a terminal alone.
pub fn bar(length: u64) -> ProgressBar {
    let bar = ProgressBar::new(length);
    match ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Text in which nothing is left that a terminal would obey.
pub fn tame(text: &str) -> String {
    let is_obeyed =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_obeyed(character) { out.extend(character.escape_unicode()) } else { out.push(character) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::tenths;

    #[test]
    fn a_percentage_is_rounded_down() {
        let shown =
            [(0, 1), (1, 1), (2999, 3000), (29, 1000), (7, 12), (573, 1000)].map(|(part, of)| tenths(100.0 * f64::from(part) / f64::from(of)));
        assert_eq!(shown, ["0.0", "100.0", "99.9", "2.9", "58.3", "57.3"]);
    }
}
