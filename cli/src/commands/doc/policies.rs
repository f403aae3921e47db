//! The reference of a policy set.

use std::collections::BTreeMap;
use std::sync::Arc;

use tollgate_compiler::syntax::ast::{Effect, ItemKind};

use crate::output::count;

use super::anchors::{escaped, template};
use super::items::{self, EFFECTS, RULES_BY_TOOL, rule_links};
use super::layout::Code;
use super::model::{Entry, Model};
use super::page::{Block, Inline, Line, Page, Row, Section, Table, code, list, text};

/// How many tests a row of an index lists; the rule itself lists all.
const SHOWN: usize = 10;

/// The page about a set.
pub fn page(title: String, model: &Model<'_>) -> Page {
    let mut sections = vec![rules_by_tool(model)];
    sections.extend(model.packages.keys().map(|package| package_section(model, package)));
    sections.push(annotations(model));
    sections.retain(|section| !section.is_empty());
    Page { title, lead: vec![Block::Text(text(summary(model)))], sections }
}

fn summary(model: &Model<'_>) -> String {
    let number = |is: fn(&ItemKind) -> bool| model.entries.iter().filter(|entry| is(&entry.item.kind)).count();
    let of_effect = |effect: Effect| model.entries.iter().filter(|entry| entry.effect() == Some(effect)).count();
    let untested = model.entries.iter().filter(|entry| entry.effect().is_some() && entry.tested.is_empty()).count();
    format!(
        "{}, {}, {} ({} deny, {} review, {} allow), {}. Rules that no test names: {untested}.",
        count(model.packages.len(), "package"),
        count(number(|kind| matches!(kind, ItemKind::Tool(_))), "declared tool"),
        count(model.rules.len(), "rule"),
        of_effect(Effect::Deny),
        of_effect(Effect::Review),
        of_effect(Effect::Allow),
        count(number(|kind| matches!(kind, ItemKind::Test(_))), "test"),
    )
}

/// Which rules may decide which tools.
fn rules_by_tool(model: &Model<'_>) -> Section {
    let mut section = Section::new(RULES_BY_TOOL, text("Rules by tool"));
    let tools = model.program.tools.iter().zip(&model.deciders.of_tools);
    let mut rows: Vec<Row> = tools
        .map(|(tool, rules)| {
            let declared = model.tools.get(&*tool.name).and_then(|place| model.get(*place));
            row(model, declared.map_or_else(|| code(&*tool.name), items::link), &model.rules_at(rules))
        })
        .collect();
    let kind = |name: &str| if name.contains(['*', '?', '\\']) { " (pattern)" } else { " (not declared)" };
    let others = model.deciders.of_others.iter();
    rows.extend(others.map(|(name, rules)| {
        let name = vec![Inline::Code(Code::plain(&**name)), Inline::Faint(kind(name).to_owned())];
        row(model, name, &model.rules_at(rules))
    }));
    let broad = [("tools that are not declared", &model.deciders.of_undeclared), ("every tool", &model.deciders.of_all)];
    rows.extend(broad.into_iter().filter(|(_, rules)| !rules.is_empty()).map(|(name, rules)| row(model, text(name), &model.rules_at(rules))));
    let table = Table { head: vec!["tool", "deny", "review", "allow"], rows, is_index: true }.block();
    if table.is_some() {
        let told = "The rules that may decide a call of each tool, as far as their tools and their conditions on its attributes tell; those about every tool come last. \
                    The strongest that matches decides: deny, then review, then allow.";
        section.blocks.push(Block::Text(text(told)));
    }
    section.blocks.extend(table);
    section.blocks.push(Block::Text(default(model)));
    section
}

fn row(model: &Model<'_>, name: Line, rules: &[usize]) -> Row {
    let effects = EFFECTS.into_iter().map(|effect| rule_links(model, rules, effect));
    Row { anchor: None, cells: [name].into_iter().chain(effects).collect() }
}

/// What is decided where no rule matches.
fn default(model: &Model<'_>) -> Line {
    let mut line = text("Where no rule matches: ");
    let declared = model.entries.iter().find_map(|entry| match &entry.item.kind {
        ItemKind::Default { effect, because, .. } => Some((entry, *effect, because)),
        _ => None,
    });
    let Some((entry, effect, because)) = declared else {
        line.extend([Inline::Effect(Effect::Deny), Inline::Text(", since no rule allows the call.".to_owned())]);
        return line;
    };
    line.extend([Inline::Effect(effect), Inline::Text(", ".to_owned())]);
    let because = because.as_ref().map(template).unwrap_or_else(|| "the default".to_owned());
    line.push(Inline::Link(because, entry.anchor.clone()));
    line
}

/// A part of a package: its title, its name in links, and which items stand in it.
type Part = (&'static str, &'static str, fn(&ItemKind) -> bool);

/// The parts of a package, in order.
const PARTS: [Part; 9] = [
    ("Rules", "rules", |kind| matches!(kind, ItemKind::Rule(_) | ItemKind::Default { .. })),
    ("Tools", "tools", |kind| matches!(kind, ItemKind::Tool(_))),
    ("Scores", "scores", |kind| matches!(kind, ItemKind::Score { .. })),
    ("Data", "data", |kind| matches!(kind, ItemKind::Data { .. })),
    ("Values and functions", "values", |kind| matches!(kind, ItemKind::Let { .. } | ItemKind::Fn { .. })),
    ("Input", "input", |kind| matches!(kind, ItemKind::Input { .. })),
    ("Types", "types", |kind| matches!(kind, ItemKind::Type { .. } | ItemKind::Enum { .. })),
    ("Obligations", "obligations", |kind| matches!(kind, ItemKind::Obligation { .. })),
    ("Properties", "properties", |kind| matches!(kind, ItemKind::Property { .. })),
];

fn package_section(model: &Model<'_>, package: &str) -> Section {
    let title = vec![Inline::Text("Package ".to_owned()), Inline::Code(Code::plain(package))];
    let mut section = Section::new(format!("package.{package}"), title);
    let entries: Vec<&Entry<'_>> = model.packages.get(package).map(|entries| model.all(entries).collect()).unwrap_or_default();
    let docs = entries.iter().filter(|entry| matches!(entry.item.kind, ItemKind::Package(_)));
    section.blocks.extend(docs.filter_map(|entry| items::doc(model, entry)));
    section.sections = parts(model, package, &entries);
    section.sections.extend(test_section(model, package, &entries));
    section
}

/// The parts of a package that are about items.
pub fn parts(model: &Model<'_>, package: &str, entries: &[&Entry<'_>]) -> Vec<Section> {
    let part = |(title, name, is): &Part| {
        let mut part = Section::new(format!("package.{package}:{name}"), text(*title));
        let mut found: Vec<&&Entry<'_>> = entries.iter().filter(|entry| is(&entry.item.kind)).collect();
        // The strongest rules first; what has no effect stays in its order.
        found.sort_by_key(|entry| entry.effect().and_then(|effect| EFFECTS.iter().position(|other| *other == effect)).unwrap_or(EFFECTS.len()));
        part.sections = found.into_iter().map(|entry| items::section(model, entry)).collect();
        part
    };
    PARTS.iter().map(part).filter(|part| !part.is_empty()).collect()
}

fn test_section(model: &Model<'_>, package: &str, entries: &[&Entry<'_>]) -> Option<Section> {
    let tests = entries.iter().filter(|entry| matches!(entry.item.kind, ItemKind::Test(_)));
    let rows = tests.map(|test| Row {
        anchor: Some(test.anchor.clone()),
        cells: vec![
            text(&test.name),
            items::inline_doc(model, test, &test.item.doc).into_iter().collect(),
            list(model.all(&test.tested).map(|rule| vec![Inline::Code(Code::link(&rule.name, rule.anchor))])),
            vec![Inline::Faint(test.place())],
        ],
    });
    let mut section = Section::new(format!("package.{package}:tests"), text("Tests"));
    let table = Table { head: vec!["test", "", "expects by name", "at"], rows: rows.collect(), is_index: true };
    section.blocks.push(table.block()?);
    Some(section)
}

/// What carries which annotation: for those who must show by which rules something is seen to.
fn annotations(model: &Model<'_>) -> Section {
    let mut section = Section::new("annotations", text("Annotations"));
    let mut names: BTreeMap<&str, BTreeMap<&str, Vec<usize>>> = BTreeMap::new();
    for (place, entry) in model.entries.iter().enumerate() {
        // `@allow` speaks of lints, and nothing of what is decided.
        for annotation in entry.item.annotations.iter().filter(|annotation| annotation.name.text != "allow") {
            let values = names.entry(&annotation.name.text).or_default();
            let args = annotation.args.iter().map(|arg| arg.text.as_str());
            let args = if annotation.args.is_empty() { vec![""] } else { args.collect() };
            args.into_iter().for_each(|value| values.entry(value).or_default().push(place));
        }
    }
    section.sections = names.iter().filter_map(|(name, values)| annotation(model, name, values)).collect();
    section
}

fn annotation(model: &Model<'_>, name: &str, values: &BTreeMap<&str, Vec<usize>>) -> Option<Section> {
    let row = |(value, entry): (&str, &Entry<'_>)| {
        let rule = entry.effect();
        let carrier = match rule {
            Some(effect) => {
                let rule = [Inline::Effect(effect), Inline::Text(" ".to_owned()), Inline::Code(Code::link(entry.full_name(), entry.anchor))];
                rule.into_iter().chain(items::shadow(entry.item)).collect()
            }
            None => items::link(entry),
        };
        let tests = rule.map(|_| items::tests(model, entry, SHOWN)).unwrap_or_default();
        Row { anchor: None, cells: vec![text(value).into_iter().filter(|_| !value.is_empty()).collect(), carrier, tests] }
    };
    let mut values: Vec<_> = values.iter().collect();
    values.sort_by_cached_key(|&(value, _)| natural(value));
    let rows = values.into_iter().flat_map(|(value, entries)| model.all(entries).map(move |entry| row((value, entry))));
    let anchor: Arc<str> = format!("annotation.{}", escaped(name)).into();
    let mut section = Section::new(anchor, code(format!("@{name}")));
    section.blocks.push(Table { head: vec!["value", "carried by", "tests"], rows: rows.collect(), is_index: true }.block()?);
    Some(section)
}

/// What puts values in the order in which people count: `CC6.2` before `CC6.10`.
fn natural(value: &str) -> Vec<(usize, &str)> {
    let mut runs = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let is_number = first.is_ascii_digit();
        let end = rest.find(|letter: char| letter.is_ascii_digit() != is_number).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let number = run.trim_start_matches('0');
        // Of numbers the one with more digits is greater; words come before numbers.
        runs.push(if is_number { (number.len() + 1, number) } else { (0, run) });
        rest = after;
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_ordered_as_people_count() {
        let mut values = ["CC6.10", "CC6.2", "CC", "CC6.02.1", "10", "9", "é1", ""];
        values.sort_by_cached_key(|&value| natural(value));
        assert_eq!(values, ["", "CC", "CC6.2", "CC6.02.1", "CC6.10", "é1", "9", "10"]);
    }
}
