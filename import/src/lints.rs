//! What lints find in a policy that was made: of what stays it is said there why, so that its author is warned of nothing that the source has.

use std::collections::BTreeMap;

use tollgate_compiler::diagnostic::{Code, Diagnostic};
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};

use crate::report::Unreadable;
use crate::toll::{self, comment};

/// How the lines begin that name items, in a text where each has an empty line before it.
const ITEMS: [&str; 9] = ["allow ", "review ", "deny ", "tool ", "let ", "fn ", "type ", "enum ", "obligation "];

/// How many bytes a policy has that may be beyond what one can hold.
const LARGE: usize = 1 << 20;

/// What lints find in the texts of a set, each with the number of its text; places are of these texts.
///
/// # Errors
///
/// Where the texts are no policy: a fault of the importer, which says so.
pub fn found(source: &str, texts: &[&str]) -> Result<Vec<(usize, Diagnostic)>, Unreadable> {
    Ok(told(&checked(source, texts)?))
}

fn told(set: &PolicySet) -> Vec<(usize, Diagnostic)> {
    set.lints(&Levels::default()).into_iter().map(|lint| (lint.at.file.0 as usize, lint)).collect()
}

fn checked(source: &str, texts: &[&str]) -> Result<PolicySet, Unreadable> {
    let mut sources = Sources::new();
    for (number, text) in texts.iter().enumerate() {
        sources.add(format!("{number}.toll"), *text);
    }
    let set = PolicySet::check(sources);
    match set.diagnostics().iter().find(|_| set.has_errors()) {
        Some(error) if error.code == Code::Pattern => Err(beyond(source, error)),
        Some(error) => {
            Err(Unreadable::new(source, "", format!("what was made of it is no policy ({}): this is a fault of the importer", error.message)))
        }
        None => Ok(set),
    }
}

/// Refuses what is more than a policy can hold, as a large one may be.
fn bounded(source: &str, texts: &[String], set: &PolicySet) -> Result<(), Unreadable> {
    let is_large = texts.iter().map(String::len).sum::<usize>() > LARGE;
    match is_large.then(|| set.compile()) {
        Some(Err(found)) => found.first().map_or(Ok(()), |error| Err(beyond(source, error))),
        _ => Ok(()),
    }
}

fn beyond(source: &str, error: &Diagnostic) -> Unreadable {
    Unreadable::new(source, "", format!("it is more than a policy can hold ({}): import it in parts", error.message))
}

/// The texts, laid out, in which the items that lints find something about say that it is of the source.
///
/// # Errors
///
/// Where the texts are no policy, or more than one can hold.
pub fn kept(source: &str, texts: &[String]) -> Result<Vec<String>, Unreadable> {
    let laid_out = texts.iter().map(|text| toll::laid_out(source, text)).collect::<Result<Vec<_>, _>>()?;
    let set = checked(source, &laid_out.iter().map(String::as_str).collect::<Vec<_>>())?;
    bounded(source, &laid_out, &set)?;
    let found = told(&set);
    let mut kept = Vec::new();
    for (number, text) in laid_out.into_iter().enumerate() {
        let of_text: Vec<&Diagnostic> = found.iter().filter(|(of, _)| *of == number).map(|(_, lint)| lint).collect();
        kept.push(if of_text.is_empty() { text } else { toll::laid_out(source, &allowed(&text, &Lines::of(&text), &of_text, |_, _| {}))? });
    }
    Ok(kept)
}

/// The text in which the items that lints have found something about say so, and allow it; each is told, by its name and what was found.
pub fn allowed(text: &str, lines: &Lines, found: &[&Diagnostic], mut tell: impl FnMut(&str, &str)) -> String {
    let mut says: BTreeMap<usize, Vec<&Diagnostic>> = BTreeMap::new();
    for lint in found {
        if let Some(item) = lines.item(text, lint.at.span.start as usize) {
            let known = says.entry(item).or_default();
            if known.iter().all(|other| other.code != lint.code) {
                known.push(lint);
            }
        }
    }
    let mut out = String::with_capacity(text.len());
    for line in 0..lines.len() {
        let written = lines.text(text, line);
        if let Some(lints) = says.get(&line) {
            for lint in lints {
                out.push_str(&comment(&format!("Kept from the source, although {}.", lint.message)));
                tell(name(written), &lint.message);
            }
            let codes: Vec<String> = lints.iter().map(|lint| lint.code.name().replace('-', "_")).collect();
            out.push_str(&format!("@allow({})\n", codes.join(", ")));
        }
        out.push_str(written);
        out.push('\n');
    }
    out
}

/// Where the lines of a text begin.
pub struct Lines(Vec<usize>);

impl Lines {
    pub fn of(text: &str) -> Lines {
        Lines(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).filter(|at| *at < text.len()).collect())
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The line that has a place.
    pub fn at(&self, place: usize) -> usize {
        self.0.partition_point(|begin| *begin <= place).saturating_sub(1)
    }

    pub fn text<'t>(&self, text: &'t str, line: usize) -> &'t str {
        let begin = self.0.get(line).copied().unwrap_or(text.len());
        let end = self.0.get(line + 1).copied().unwrap_or(text.len());
        text.get(begin..end).unwrap_or_default().trim_end_matches('\n')
    }

    /// The line that names the item that has a place.
    pub fn item(&self, text: &str, place: usize) -> Option<usize> {
        let is_item = |line: &usize| ITEMS.iter().any(|item| self.text(text, *line).starts_with(item));
        (0..=self.at(place)).rev().take_while(|line| !self.text(text, *line).is_empty()).find(is_item)
    }
}

/// The name of the item that a line names.
pub fn name(line: &str) -> &str {
    line.split_whitespace().nth(1).unwrap_or_default().trim_end_matches([':', '{']).trim_matches('"')
}
