//! `@allow(name)` before an item: a lint's name stands there in quotes, or as a word, with `_` for `-`.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic, FileId, Location};
use crate::syntax::ast::Span;

use super::level::{named, unknown};
use super::{Findings, View};

/// Names in `@allow` that no lint has.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    for source in view.items() {
        let allowing = source.item.annotations.iter().filter(|annotation| annotation.name.text == "allow");
        for name in allowing.flat_map(|annotation| &annotation.args).filter(|name| named(&name.text).is_none()) {
            let unknown = unknown(&name.text);
            let found = Diagnostic::warning(Code::UnknownLint, source.at(name.span), format!("no lint `{}`", name.text));
            let is_quoted = (view.text)(source.at(name.span)).starts_with('"');
            findings.add(match unknown.near {
                Some(near) => {
                    let text = if is_quoted { format!("\"{near}\"") } else { near.replace('-', "_") };
                    found.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), source.at(name.span), text)
                }
                None => found.with_help("`tollgate explain unknown-lint` lists the lints"),
            });
        }
    }
}

/// The findings that no item allows which they are in.
pub fn without_allowed(view: &View<'_>, mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut of_pieces: HashMap<FileId, HashSet<Code>> = HashMap::new();
    allowed(view).for_each(|(at, lint)| {
        of_pieces.entry(at.file).or_default().insert(lint);
    });
    findings.retain(|found| !of_pieces.get(&found.at.file).is_some_and(|lints| lints.contains(&found.code)));
    findings
}

/// What items allow: the text from the item before to the end of each, and the lint.
pub fn allowed<'v>(view: &'v View<'_>) -> impl Iterator<Item = (Location, Code)> + 'v {
    view.items().flat_map(|source| {
        let allowing = source.item.annotations.iter().filter(|annotation| annotation.name.text == "allow");
        let at = source.at(Span { start: 0, end: source.item.span.end });
        allowing.flat_map(|annotation| &annotation.args).filter_map(move |name| Some((at, named(&name.text)?)))
    })
}
