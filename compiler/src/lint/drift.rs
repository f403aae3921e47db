//! Schema drift: rules about what a tool's server has no more.
//!
//! `tollgate import mcp --update` says with `@gone("argument", …)` on a tool which arguments went away, and with `@gone` that the tool did.

use std::collections::HashSet;

use crate::check::glob::{is_pattern, may_mean};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::syntax::ast::ItemKind;

use super::readings::{Reading, readings};
use super::{Findings, View};

/// Readings of arguments that went away, and rules that name a tool that did.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let mut arguments: Vec<(&str, &str, Location)> = Vec::new();
    let mut tools: Vec<(&str, Location)> = Vec::new();
    for source in view.items() {
        let ItemKind::Tool(tool) = &source.item.kind else { continue };
        for gone in source.item.annotations.iter().filter(|annotation| annotation.name.text == "gone") {
            arguments.extend(gone.args.iter().map(|argument| (tool.name.text.as_str(), argument.text.as_str(), source.at(argument.span))));
            if gone.args.is_empty() {
                tools.push((&tool.name.text, source.at(gone.span)));
            }
        }
    }
    if !arguments.is_empty() {
        let all = readings(view.items());
        for (tool, argument, at) in arguments {
            found(&all, tool, argument).into_iter().for_each(|found| findings.add(found.with_secondary(at, "it went away here")));
        }
    }
    for (tool, at) in tools {
        named(view, tool, at, findings);
    }
}

/// The readings of an argument of a tool that went away, one of each rule and definition.
pub fn found(all: &[Reading], tool: &str, argument: &str) -> Vec<Diagnostic> {
    // The variable of a `for` over an optional argument is that argument, not an element of it.
    let mut told = HashSet::new();
    let is_meant = |reading: &&Reading| plain(&reading.path) == plain(argument) && reading.may_mean(tool) && told.insert(reading.by.clone());
    let say = |reading: &Reading| {
        let message = format!("`{}` reads `args.{argument}`, which \"{tool}\" has no more", reading.by);
        Diagnostic::warning(Code::SchemaDrift, reading.at, message)
            .with_label("the server's schema has changed")
            .with_help("say what the rule means without it; `tollgate import mcp --update` shows what came in its place")
    };
    all.iter().filter(is_meant).map(say).collect()
}

fn plain(path: &str) -> String {
    path.replace("[]", "")
}

/// Rules that name a tool that went away.
fn named(view: &View<'_>, tool: &str, gone: Location, findings: &mut Findings) {
    for source in view.items() {
        let ItemKind::Rule(rule) = &source.item.kind else { continue };
        for entry in rule.on.iter().filter(|entry| !is_pattern(&entry.text) && may_mean(&entry.text, tool)) {
            let message = format!("`{}` is about \"{tool}\", which its server has no more", rule.name.text);
            let found = Diagnostic::warning(Code::SchemaDrift, source.at(entry.span), message).with_secondary(gone, "it went away here");
            findings.add(found.with_help("remove the rule with the tool, or name the tool that came in its place"));
        }
    }
}
