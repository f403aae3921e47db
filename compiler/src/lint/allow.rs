//! `@allow(name)` before an item: a lint's name stands there in quotes, or as a word, with `_` for `-`.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic, FileId};

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
    let mut allowed: HashMap<FileId, HashSet<Code>> = HashMap::new();
    for source in view.items() {
        let allowing = source.item.annotations.iter().filter(|annotation| annotation.name.text == "allow");
        for name in allowing.flat_map(|annotation| &annotation.args) {
            allowed.entry(source.at(name.span).file).or_default().extend(named(&name.text));
        }
    }
    findings.retain(|found| !allowed.get(&found.at.file).is_some_and(|lints| lints.contains(&found.code)));
    findings
}
