//! Uses of what is `@deprecated`, outside of what is so itself.

use std::collections::HashMap;

use crate::check::glob::is_pattern;
use crate::check::symbols::name_of;
use crate::check::tools::split;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::syntax::ast::{Annotation, Effect, Item, ItemKind};

use super::unused::lint_of;
use super::uses::{Kind, Use};
use super::{Findings, View};

/// Uses of deprecated names, rules that open deprecated tools, and tests that expect deprecated rules.
pub fn run(view: &View<'_>, uses: &[Use<'_, '_>], findings: &mut Findings) {
    let mut marked = HashMap::new();
    let mut tools: HashMap<&str, Vec<(Option<&str>, &Annotation)>> = HashMap::new();
    for source in view.items() {
        let Some(mark) = mark(source.item) else { continue };
        if let ItemKind::Tool(tool) = &source.item.kind {
            let (server, own) = split(&tool.name.text);
            tools.entry(own).or_default().push((server, mark));
        } else if let (Some(kind), Some(name)) = (kind_of(&source.item.kind), name_of(source.item)) {
            marked.insert((kind, source.file.package, name.text.as_str()), mark);
        }
    }
    if !marked.is_empty() {
        for used in uses.iter().filter(|used| mark(used.by.item).is_none()) {
            let mark = marked.get(&(used.kind, used.package, used.name));
            mark.into_iter().for_each(|mark| findings.add(told(used.at, &format!("`{}`", used.name), mark)));
        }
    }
    if !tools.is_empty() {
        opened(view, &tools, findings);
    }
}

/// Rules that allow or review calls of deprecated tools: one that denies them says that they are not to be used.
fn opened(view: &View<'_>, tools: &HashMap<&str, Vec<(Option<&str>, &Annotation)>>, findings: &mut Findings) {
    for source in view.items().filter(|source| mark(source.item).is_none()) {
        let ItemKind::Rule(rule) = &source.item.kind else { continue };
        for entry in rule.on.iter().filter(|entry| rule.effect != Effect::Deny && !is_pattern(&entry.text)) {
            let (server, own) = split(&entry.text);
            let is_meant = |(of_server, _): &&(Option<&str>, &Annotation)| *of_server == server;
            let mark = tools.get(own).and_then(|alike| alike.iter().find(is_meant));
            mark.into_iter().for_each(|(_, mark)| findings.add(told(source.at(entry.span), &format!("the tool \"{}\"", entry.text), mark)));
        }
    }
}

fn told(at: Location, what: &str, mark: &Annotation) -> Diagnostic {
    let found = Diagnostic::warning(Code::Deprecated, at, format!("{what} is deprecated"));
    match mark.args.first() {
        Some(advice) => found.with_help(advice.text.as_str()),
        None => found.with_help("its author means to remove it"),
    }
}

fn mark(item: &Item) -> Option<&Annotation> {
    item.annotations.iter().find(|annotation| annotation.name.text == "deprecated")
}

fn kind_of(kind: &ItemKind) -> Option<Kind> {
    match kind {
        ItemKind::Score { .. } => Some(Kind::Value),
        ItemKind::Rule(_) => Some(Kind::Rule),
        other => lint_of(other).map(|(_, kind, _)| kind),
    }
}
