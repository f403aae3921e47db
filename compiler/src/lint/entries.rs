//! What stands in `on`: names and patterns that no tool has.

use std::collections::BTreeSet;

use crate::check::glob::{is_pattern, may_mean};
use crate::check::tools::split;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::program::{Program, Tool};
use crate::syntax::ast::{ItemKind, Text};

use super::style::quoted;
use super::text::latin;
use super::{Findings, Source, View};

/// How many pairs of patterns with tools are looked at.
const MAX_PAIRS: usize = 1 << 20;
/// How many misspelt tools are told what may be meant.
const MAX_NEAREST: usize = 100;
/// Shorter names are a letter away from many another.
const LONG: usize = 6;

/// Each lint about an entry of `on`.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let mut declared = Declared::new(view.program);
    for source in view.items() {
        let ItemKind::Rule(rule) = &source.item.kind else { continue };
        for entry in &rule.on {
            let found = disguised(source, entry)
                .or_else(|| foreign(source, entry, &declared))
                .or_else(|| if is_pattern(&entry.text) { declared.pattern(source, entry) } else { declared.name(source, entry) });
            found.into_iter().for_each(|found| findings.add(found));
        }
    }
}

/// An entry with letters that look like Latin ones: no tool has such a name.
fn disguised(source: Source<'_, '_>, entry: &Text) -> Option<Diagnostic> {
    // Of words with Latin letters beside them the text itself tells.
    let is_mixed = entry.text.chars().any(|letter| letter.is_ascii_alphabetic());
    let (letter, looks) = entry.text.chars().find_map(|letter| Some((letter, latin(letter)?))).filter(|_| !is_mixed)?;
    let message = format!("`{letter}` (U+{:04X}) looks like `{looks}` and is another letter", u32::from(letter));
    Some(Diagnostic::warning(Code::LookAlike, source.at(entry.span), message).with_help("the names of tools have Latin letters"))
}

/// An entry with a character that no tool's name has: a separator, a regular expression, a blank. Servers may be called anything, and are only told of
/// where no declared tool has such a one.
fn foreign(source: Source<'_, '_>, entry: &Text, declared: &Declared<'_>) -> Option<Diagnostic> {
    let (server, own) = split(&entry.text);
    let fits = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.' | '-' | '*' | '?' | '\\') || latin(*letter).is_some();
    let in_server = |letter: &char| matches!(letter, '|' | ',') || !declared.tools.is_empty() && "^$()[]{}+".contains(*letter);
    let letter = own.chars().find(|letter| !fits(letter)).or_else(|| {
        let is_declared = declared.servers.iter().any(|known| Some(*known) == server);
        server.unwrap_or_default().chars().find(in_server).filter(|_| !is_declared)
    })?;
    let shown = if letter.is_whitespace() { "a blank".to_owned() } else { format!("`{}`", letter.escape_debug()) };
    let found = Diagnostic::warning(Code::UnknownTool, source.at(entry.span), format!("no tool's name has {shown}"));
    Some(match letter {
        '|' | ',' | ';' => {
            let names: Vec<&str> = entry.text.split(letter).map(str::trim).filter(|name| !name.is_empty()).collect();
            let listed = names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
            let found = found.with_help(format!("separate tools with `,`: `on {listed}`"));
            let is_plain = names.iter().all(|name| split(name).1.chars().all(|letter| fits(&letter)) && !split(name).1.is_empty());
            if is_plain { found.with_choice(format!("write {listed}"), source.at(entry.span), listed) } else { found }
        }
        '^' | '$' | '(' | ')' | '[' | ']' | '{' | '}' | '+' => {
            found.with_help("this is no regular expression: `*` stands for any run of characters and `?` for one, and tools are separated with `,`")
        }
        _ => found.with_help("names have letters, digits, `_`, `.` and `-`, and a `/` after the server"),
    })
}

/// The tools that a set declares.
struct Declared<'p> {
    program: &'p Program,
    tools: Vec<&'p Tool>,
    names: BTreeSet<&'p str>,
    servers: BTreeSet<&'p str>,
    /// How many pairs may be looked at yet, and how many names may be looked for.
    pairs: usize,
    searches: usize,
}

impl<'p> Declared<'p> {
    fn new(program: &'p Program) -> Declared<'p> {
        let tools: Vec<&Tool> = program.tools.iter().collect();
        let names = tools.iter().flat_map(|tool| [&*tool.name, split(&tool.name).1]).collect();
        let servers = tools.iter().filter_map(|tool| split(&tool.name).0).collect();
        Declared { program, tools, names, servers, pairs: MAX_PAIRS, searches: MAX_NEAREST }
    }

    /// A name that no declared tool has, in a set that declares others.
    fn name(&mut self, source: Source<'_, '_>, entry: &Text) -> Option<Diagnostic> {
        let (server, own) = split(&entry.text);
        let anywhere = || self.program.tools.binary_search_by(|tool| (*tool.name).cmp(own)).is_ok();
        if self.tools.is_empty() || self.names.contains(&*entry.text) || server.is_some() && anywhere() {
            return None;
        }
        let found = Diagnostic::warning(Code::UnknownTool, source.at(entry.span), format!("no tool \"{}\" is declared", entry.text));
        let near = self.may_search().then(|| nearest(&entry.text, self.names.iter())).flatten();
        Some(match near {
            Some(near) => {
                let text = quoted(&near);
                found.with_help(format!("there is a tool \"{near}\"")).with_choice(format!("replace with {text}"), source.at(entry.span), text)
            }
            None => found.with_help(format!("declare it with `tool \"{}\" {{ … }}`", entry.text)),
        })
    }

    /// A pattern that fits no declared tool, and would with a small change.
    fn pattern(&mut self, source: Source<'_, '_>, entry: &Text) -> Option<Diagnostic> {
        if self.tools.is_empty() || self.fits(&entry.text)? {
            return None;
        }
        let (meant, help) = self.as_glob(&entry.text).or_else(|| self.as_server(&entry.text)).or_else(|| self.as_prefix(&entry.text))?;
        let message = format!("no declared tool fits \"{}\"", entry.text);
        let text = quoted(&meant);
        let found = Diagnostic::warning(Code::UnknownTool, source.at(entry.span), message).with_help(help);
        Some(found.with_choice(format!("write {text}"), source.at(entry.span), text))
    }

    /// `pay/.*`, as a regular expression would have it.
    fn as_glob(&mut self, entry: &str) -> Option<(String, String)> {
        let meant = entry.replace(".*", "*");
        let help = format!("`*` alone stands for any run of characters: write \"{meant}\"");
        (meant != entry && self.fits(&meant)?).then_some((meant, help))
    }

    /// A server whose name is near that of a declared one.
    fn as_server(&mut self, entry: &str) -> Option<(String, String)> {
        let (Some(server), own) = split(entry) else { return None };
        if is_pattern(server) || self.servers.contains(server) || !self.may_search() {
            return None;
        }
        let near = nearest(server, self.servers.iter()).filter(|near| is_slip(server, near))?;
        let meant = format!("{near}/{own}");
        self.fits(&meant)?.then_some((meant, format!("there is a server \"{near}\"")))
    }

    /// `pay/sned*`: how a tool's name begins, misspelt.
    fn as_prefix(&mut self, entry: &str) -> Option<(String, String)> {
        let start = entry.strip_suffix('*').filter(|start| !is_pattern(start) && !split(start).1.is_empty())?;
        let letters = start.chars().count();
        if !self.may_search() {
            return None;
        }
        let starts: BTreeSet<&str> = self.tools.iter().filter_map(|tool| Some(tool.name.split_at_checked(letters)?.0)).collect();
        let near = nearest(start, starts).filter(|near| split(start).0 == split(near).0 && is_slip(split(start).1, split(near).1))?;
        Some((format!("{near}*"), format!("there are tools \"{near}*\"")))
    }

    /// Whether a declared tool fits a pattern, its server too if it says one; `None` once too many were looked at.
    fn fits(&mut self, entry: &str) -> Option<bool> {
        self.pairs = self.pairs.checked_sub(self.tools.len())?;
        let asks_server = split(entry).0.is_some_and(|server| !is_pattern(server));
        // A tool without a server may be on any; of a server that is named and near another, that is not what is meant.
        let fits = |tool: &&Tool| may_mean(entry, &tool.name) && !(asks_server && !self.servers.is_empty() && split(&tool.name).0.is_none());
        Some(self.tools.iter().any(fits))
    }

    fn may_search(&mut self) -> bool {
        let may = self.searches > 0;
        self.searches = self.searches.saturating_sub(1);
        may
    }
}

/// Whether a name is another with a slip of the pen in it: two letters turned round, or of a longer name one that is missing, in excess or another. Names that
/// differ in a digit are counted: `db1`, `db2`.
fn is_slip(name: &str, near: &str) -> bool {
    let (name, near): (Vec<char>, Vec<char>) = (name.chars().collect(), near.chars().collect());
    let start = name.iter().zip(&near).take_while(|(a, b)| a == b).count();
    let (name_rest, near_rest) = (name.get(start..).unwrap_or_default(), near.get(start..).unwrap_or_default());
    let end = name_rest.iter().rev().zip(near_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let middle = |rest: &[char]| rest.get(..rest.len() - end).unwrap_or_default().to_vec();
    let is_counted = |letters: &[char]| letters.iter().any(char::is_ascii_digit);
    match (middle(name_rest).as_slice(), middle(near_rest).as_slice()) {
        (a, b) if is_counted(a) || is_counted(b) => false,
        ([a, b], [c, d]) => (a, b) == (d, c),
        (a, b) => a.len() <= 1 && b.len() <= 1 && name.len() >= LONG && near.len() >= LONG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_names() {
        for (name, near) in [("pya", "pay"), ("paymnts", "payments"), ("payment", "payments"), ("exprot", "export")] {
            assert!(is_slip(name, near), "{name} {near}");
        }
        for (name, near) in [("get", "set"), ("git", "gist"), ("import", "export"), ("server1", "server2"), ("github2", "github"), ("pay", "pay")] {
            assert!(!is_slip(name, near), "{name} {near}");
        }
    }
}
