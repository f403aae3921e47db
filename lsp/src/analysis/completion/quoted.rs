//! What may stand in quotes: variants, keys of data, names of tools.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_compiler::SymbolKind;
use tollgate_compiler::syntax::ast::{BinaryOp, Expr, ExprKind, Span};
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use super::context::{Role, roles};
use super::probing::Probed;
use super::snippet::{escaped, quoted as in_quotes};
use super::{About, Completion, Here, Kind, members};

/// What the string around the cursor may be.
pub fn quoted(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let attribute = attribute(here);
    if !attribute.is_empty() {
        return attribute;
    }
    let Some(probed) = here.probing.with_name() else { return Vec::new() };
    let Some(literal) = probed.here() else { return Vec::new() };
    let mut found = variants(here, probed);
    if let Some(parent) = probed.parent(literal.span) {
        found.extend(data_keys(here, probed, literal, parent));
        found.extend(seen_keys(here, probed, literal, parent));
        found.extend(tool_words(here, probed, literal, parent));
        found.extend(tool_of_request(here, probed, literal, parent));
    }
    found
}

fn text(here: &Here<'_, '_, '_>, text: &str, kind: Kind) -> Completion {
    here.completion(text, kind, 1).text(escaped(text))
}

fn variants(here: &Here<'_, '_, '_>, probed: &Probed) -> Vec<Completion> {
    let Some(Type::Enum(ty)) = probed.wanted() else { return Vec::new() };
    let detail = Type::Enum(ty.clone()).to_string();
    let variants = ty.variants.iter().enumerate();
    // In declared order, which may be one of values.
    variants.map(|(place, variant)| Completion { sort: format!("1{place:05}"), ..text(here, variant, Kind::Variant).detail(&detail) }).collect()
}

/// The keys of data: in `grants["…"]` and `"…" in grants`.
fn data_keys(here: &Here<'_, '_, '_>, probed: &Probed, literal: &Expr, parent: &Expr) -> Vec<Completion> {
    let container = match &parent.kind {
        ExprKind::Index { base, index } if index.span == literal.span => base,
        ExprKind::Binary { op: BinaryOp::In | BinaryOp::NotIn, left, right, .. } if left.span == literal.span => right,
        _ => return Vec::new(),
    };
    let Some((SymbolKind::Data, name)) = probed.named(container) else { return Vec::new() };
    let given = here.about.data_keys.map(|keys| keys(name)).unwrap_or_default();
    let default = here.set.program().data.iter().find(|data| *data.name == *name).and_then(|data| data.default.as_ref());
    let keys: BTreeSet<String> = given.into_iter().chain(default.map(keys_of).unwrap_or_default()).collect();
    keys.iter().map(|key| text(here, key, Kind::Key).detail(name)).collect()
}

/// The keys that were seen of JSON or a map, in `args["…"]`.
fn seen_keys(here: &Here<'_, '_, '_>, probed: &Probed, literal: &Expr, parent: &Expr) -> Vec<Completion> {
    let ExprKind::Index { base, index } = &parent.kind else { return Vec::new() };
    let is_data = matches!(probed.named(base), Some((SymbolKind::Data, _)));
    let Some(ty) = probed.type_of(base).filter(|ty| index.span == literal.span && !(is_data && matches!(ty, Type::Map(_)))) else {
        return Vec::new();
    };
    members::seen(here, probed, base, ty).map(|(key, detail)| text(here, &key, Kind::Key).detail(detail)).collect()
}

/// The keys of a map, or the texts of a set or list.
fn keys_of(value: &Kept) -> Vec<String> {
    let texts = |items: &[Kept]| {
        items
            .iter()
            .filter_map(|item| match item {
                Kept::Str(text) | Kept::Enum(text, _) => Some(text.to_string()),
                _ => None,
            })
            .collect()
    };
    match value {
        Kept::Map(map) => map.entries().iter().map(|(key, _)| key.to_string()).collect(),
        Kept::Set(set) => texts(set.items()),
        Kept::List(items) => texts(items),
        _ => Vec::new(),
    }
}

/// What the declared tools have, where it is compared: names, servers, categories, titles, labels.
fn tool_words(here: &Here<'_, '_, '_>, probed: &Probed, literal: &Expr, parent: &Expr) -> Vec<Completion> {
    let compared = match &parent.kind {
        ExprKind::Set(_) | ExprKind::List(_) => probed.parent(parent.span).map(|around| (around, parent.span)),
        _ => Some((parent, literal.span)),
    };
    let Some((ExprKind::Binary { left, right, .. }, own)) = compared.map(|(expr, own)| (&expr.kind, own)) else { return Vec::new() };
    let other = if left.span == own { right } else { left };
    if let Some((SymbolKind::Fact(fact), _)) = probed.named(other) {
        return facts(here, fact);
    }
    let ExprKind::Field { base, name, .. } = &other.kind else { return Vec::new() };
    let names = here.set.program().tools.iter().map(|tool| split(&tool.name));
    let words: BTreeSet<&str> = match name.text.as_str() {
        _ if !matches!(&base.kind, ExprKind::Name(word) if word == "tool") => return Vec::new(),
        "name" => names.map(|(_, name)| name).collect(),
        "server" => names.filter_map(|(server, _)| server).collect(),
        _ => return Vec::new(),
    };
    words.iter().map(|word| text(here, word, Kind::Tool)).collect()
}

/// What the declarations of tools say of a fact.
fn facts(here: &Here<'_, '_, '_>, fact: Fact) -> Vec<Completion> {
    let place = Fact::ALL.iter().position(|known| *known == fact).unwrap_or_default();
    let values = here.set.program().tools.iter().filter_map(|tool| tool.facts.get(place));
    let words = values.flat_map(|value| match value {
        Kept::Str(text) => vec![text.to_string()],
        labels => keys_of(labels),
    });
    let words: BTreeSet<String> = words.filter(|word| !word.is_empty()).collect();
    words.iter().map(|word| text(here, word, Kind::Key)).collect()
}

/// In a tool's block: what others have for the attribute.
fn attribute(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let tokens = here.reading.frame().map(|frame| frame.since_comma()).unwrap_or_default();
    let name = tokens.iter().rev().nth(1).map_or("", |name| name.text);
    match [Fact::Category, Fact::Title].into_iter().find(|fact| fact.name() == name) {
        Some(fact) if roles(here.reading).last() == Some(&Role::Tool) => facts(here, fact),
        _ => Vec::new(),
    }
}

/// In a request written out, the tool's name and server.
fn tool_of_request(here: &Here<'_, '_, '_>, probed: &Probed, literal: &Expr, parent: &Expr) -> Vec<Completion> {
    let Some(key) = key_of(parent, literal.span) else { return Vec::new() };
    let is_tool = probed.parent(parent.span).and_then(|around| key_of(around, parent.span)).is_some_and(|key| key == "tool");
    if !is_tool {
        return Vec::new();
    }
    let given = |wanted: &str| entry_text(parent, wanted);
    let names = here.set.program().tools.iter().map(|tool| split(&tool.name));
    let words: BTreeSet<&str> = match key {
        "name" => {
            let server = given("server");
            names.filter(|(known, _)| server.is_none() || known.is_none() || *known == server).map(|(_, name)| name).collect()
        }
        "server" => {
            let name = given("name").filter(|name| !name.is_empty());
            names.filter(|(_, known)| name.is_none_or(|name| name == *known)).filter_map(|(server, _)| server).collect()
        }
        _ => return Vec::new(),
    };
    words.iter().map(|word| text(here, word, Kind::Tool)).collect()
}

/// The key under which a value stands in a record, or in the changes of `with`.
fn key_of(record: &Expr, value: Span) -> Option<&str> {
    let (ExprKind::Record(entries) | ExprKind::With { changes: entries, .. }) = &record.kind else { return None };
    let (key, _) = entries.iter().find(|(_, entry)| entry.span == value)?;
    key.parts.last().map(|part| part.text.as_str())
}

fn entry_text<'e>(record: &'e Expr, name: &str) -> Option<&'e str> {
    let (ExprKind::Record(entries) | ExprKind::With { changes: entries, .. }) = &record.kind else { return None };
    let (_, value) = entries.iter().find(|(key, _)| key.parts.last().is_some_and(|part| part.text == name))?;
    match &value.kind {
        ExprKind::Template { parts, .. } => match parts.as_slice() {
            [tollgate_compiler::syntax::ast::TemplatePart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Server and name of `server/name`.
fn split(name: &str) -> (Option<&str>, &str) {
    name.rsplit_once('/').map_or((None, name), |(server, own)| (Some(server), own))
}

/// Tools that `on` may name: those declared, those that other rules name, and the patterns of their servers.
pub fn tools(here: &Here<'_, '_, '_>, with_quotes: bool) -> Vec<Completion> {
    let program = here.set.program();
    let mut found: BTreeMap<String, (u8, String)> = BTreeMap::new();
    for tool in &program.tools {
        if let (Some(server), _) = split(&tool.name) {
            found.entry(format!("{server}/*")).or_insert((2, format!("every tool of {server}")));
        }
    }
    for name in program.rules.iter().flat_map(|rule| &rule.on) {
        found.insert(name.to_string(), (3, String::new()));
    }
    for tool in &program.tools {
        let args = tool.args.as_ref().map_or_else(String::new, |args| Type::Record(args.clone()).to_string());
        found.insert(tool.name.to_string(), (1, args));
    }
    let mut listed = Vec::with_capacity(found.len());
    for (name, (rank, detail)) in found {
        let about = if rank == 1 { About::Tool(name.clone()) } else { About::Nothing };
        let label = if with_quotes { in_quotes(&name) } else { name.clone() };
        let written = if with_quotes { label.clone() } else { escaped(&name) };
        listed.push(here.completion(label, Kind::Tool, rank).text(written).detail(detail).about(about));
    }
    listed
}
