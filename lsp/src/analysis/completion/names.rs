//! Names: of values, types, obligations, rules, data and packages.

use std::collections::BTreeSet;

use tollgate_compiler::Sight;
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use super::catalog::{Declared, STD, Types, files, imports, is_type, is_value};
use super::snippet::{Snippet, quoted};
use super::words;
use super::{About, Completion, Here, Kind};

/// The types of the language that have no parts.
const TYPES: [&str; 9] = ["bool", "int", "decimal", "string", "duration", "timestamp", "ip", "cidr", "json"];

/// The types of the language around another.
const AROUND: [&str; 3] = ["list", "set", "map"];

/// What the constants of the language are made with.
const CONSTRUCTORS: [(&str, &str); 3] = [("ip", "192.0.2.1"), ("cidr", "192.0.2.0/24"), ("timestamp", "2026-01-01T00:00:00Z")];

/// What an expression may begin with.
pub fn names(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let probed = here.probing.with_name();
    let sight = probed.and_then(|probed| probed.probe().inspection.sight.as_ref());
    let wanted = probed.and_then(|probed| probed.wanted());
    let mut found = variables(here, sight);
    if let Some(Type::Enum(ty)) = wanted {
        found.extend(ty.variants.iter().map(|variant| here.completion(quoted(variant), Kind::Variant, 0).detail(Type::Enum(ty.clone()).to_string())));
    }
    if sight.is_none_or(|sight| sight.reads_request) {
        found.extend(request(here, sight));
    }
    let types = Types::of(here.set);
    let values = here.reachable(here.set, is_value).into_iter();
    found.extend(values.map(|(declared, found)| {
        let detail = join(&types.detail(&declared), &found.detail);
        called(here, &declared, found.detail(detail))
    }));
    found.extend(package_words(here));
    found.extend(CONSTRUCTORS.iter().map(|(name, example)| constructor(here, name, example)));
    found.extend(words::words(here, &["not", "if", "true", "false", "none"]));
    found
}

fn join(detail: &str, import: &str) -> String {
    if import.is_empty() { detail.to_owned() } else { format!("{detail} ({import})") }
}

fn variables(here: &Here<'_, '_, '_>, sight: Option<&Sight>) -> Vec<Completion> {
    let seen = sight.map(|sight| sight.variables.as_slice()).unwrap_or_default();
    seen.iter().map(|symbol| here.completion(&*symbol.name, Kind::Variable, 1).detail(symbol.ty.to_string())).collect()
}

/// The fields of the request.
fn request(here: &Here<'_, '_, '_>, sight: Option<&Sight>) -> Vec<Completion> {
    let program = here.set.program();
    let fields = program.input.fields.iter().enumerate().map(|(index, field)| {
        let typed = sight.and_then(|sight| sight.args.clone()).filter(|_| Some(index) == program.args_field);
        let ty = typed.unwrap_or_else(|| field.read_type());
        here.completion(&*field.name, Kind::Field, 2).detail(ty.to_string()).about(About::text(&field.doc))
    });
    fields.collect()
}

/// A value; a function with a place for each of its arguments.
pub fn called(here: &Here<'_, '_, '_>, declared: &Declared<'_>, found: Completion) -> Completion {
    let ItemKind::Fn { params, .. } = &declared.item.kind else { return found };
    if here.is_called() {
        return found;
    }
    let mut snippet = Snippet::default();
    snippet.push(&found.text);
    snippet.push("(");
    for (index, param) in params.iter().enumerate() {
        snippet.push(if index > 0 { ", " } else { "" });
        snippet.stop(&param.name.text);
    }
    snippet.push(")");
    found.snippet(snippet)
}

fn constructor(here: &Here<'_, '_, '_>, name: &str, example: &str) -> Completion {
    let found = here.completion(name, Kind::Function, 6).detail(format!("(text: string) -> {name}")).about(About::Word(format!("{name}()")));
    if here.is_called() {
        return found;
    }
    let mut snippet = Snippet::default();
    snippet.push(&format!("{name}(\""));
    snippet.stop(example);
    snippet.push("\")");
    found.snippet(snippet)
}

/// The words of the packages that the file imports.
fn package_words(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let words = imports(here.set, here.reading.file).into_iter();
    words.map(|(word, package)| here.completion(word, Kind::Package, 5).detail(format!("package {package}"))).collect()
}

/// Types.
pub fn types(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let mut found: Vec<Completion> = here.qualified(here.set, is_type).into_iter().map(|(_, found)| found).collect();
    if here.reading.qualifier().is_none() {
        found.extend(TYPES.iter().map(|word| here.completion(*word, Kind::Type, 2).about(About::Word(format!("type {word}")))));
        found.extend(AROUND.iter().map(|word| {
            let found = here.completion(*word, Kind::Type, 2).detail(format!("{word}<T>")).about(About::Word(format!("type {word}")));
            found.snippet(Snippet::written(&format!("{word}<$1>")))
        }));
    }
    found
}

/// Obligations, each with a place for what it needs.
pub fn obligations(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let obligations = here.qualified(here.set, |kind| matches!(kind, ItemKind::Obligation { .. })).into_iter();
    let types = |name: &str| here.set.program().obligations.iter().find(|known| *known.name == *name);
    let made = obligations.map(|(declared, found)| {
        let Some(known) = types(&declared.name.text) else { return found };
        let detail = join(&signature(&known.params), &found.detail);
        let found = found.detail(detail);
        if here.is_called() {
            return found;
        }
        let mut snippet = Snippet::default();
        snippet.push(&found.text);
        snippet.push("(");
        for (index, (name, ty, _)) in known.params.iter().filter(|(_, _, default)| default.is_none()).enumerate() {
            snippet.push(if index > 0 { ", " } else { "" });
            snippet.push(&format!("{name}: "));
            snippet.value(ty);
        }
        snippet.push(")");
        found.snippet(snippet)
    });
    made.collect()
}

/// What an obligation takes.
pub fn signature(params: &[(std::sync::Arc<str>, Type, Option<Kept>)]) -> String {
    let params: Vec<String> = params.iter().map(|(name, ty, default)| parameter(name, ty, default.as_ref())).collect();
    format!("({})", params.join(", "))
}

/// A parameter of an obligation as it is declared.
pub fn parameter(name: &str, ty: &Type, default: Option<&Kept>) -> String {
    match default {
        Some(Kept::Str(text) | Kept::Enum(text, _)) => format!("{name}: {ty} = {}", quoted(text)),
        Some(default) => format!("{name}: {ty} = {}", default.view()),
        None => format!("{name}: {ty}"),
    }
}

/// The parameters of the obligation around the cursor that are not given yet.
pub fn parameters(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let [.., outer, inner] = here.reading.frames.as_slice() else { return Vec::new() };
    let name = outer.tokens.iter().rev().nth(1).map_or("", |tok| tok.text);
    let Some(known) = here.set.program().obligations.iter().find(|known| *known.name == *name) else { return Vec::new() };
    let given: Vec<&str> = inner.tokens.iter().map(|tok| tok.text).collect();
    let has_value = super::records::has_value(here);
    let missing = known.params.iter().filter(|(param, ..)| !given.contains(&&**param));
    missing
        .map(|(param, ty, default)| {
            let rank = if default.is_none() { 0 } else { 1 };
            let found = here.completion(format!("{param}:"), Kind::Parameter, rank).detail(parameter(param, ty, default.as_ref()));
            if has_value {
                return found.text(&**param);
            }
            let mut snippet = Snippet::default();
            snippet.push(&format!("{param}: "));
            snippet.value(ty);
            found.snippet(snippet)
        })
        .collect()
}

/// Rules, with their effects.
pub fn rules(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let rules = here.reachable(here.set, |kind| matches!(kind, ItemKind::Rule(_))).into_iter();
    let made = rules.map(|(declared, found)| {
        let ItemKind::Rule(rule) = &declared.item.kind else { return found };
        let effect = match rule.effect {
            tollgate_compiler::syntax::ast::Effect::Allow => "allow",
            tollgate_compiler::syntax::ast::Effect::Review => "review",
            tollgate_compiler::syntax::ast::Effect::Deny => "deny",
        };
        // A rule of any package may be named in full.
        let found = if found.additional.is_empty() { found } else { Completion { additional: Vec::new(), ..found.text(declared.full_name()) } };
        found.detail(effect)
    });
    made.collect()
}

/// Data that a test may bind.
pub fn data(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let types = Types::of(here.set);
    let data = here.reachable(here.set, |kind| matches!(kind, ItemKind::Data { .. })).into_iter();
    data.map(|(declared, found)| {
        let found = if found.additional.is_empty() { found } else { Completion { additional: Vec::new(), ..found.text(declared.full_name()) } };
        found.detail(types.detail(&declared))
    })
    .collect()
}

/// The packages that the file does not import yet.
pub fn packages(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let own = here.set.package(here.reading.file);
    let imported = imports(here.set, here.reading.file);
    let names: BTreeSet<&str> = files(here.set).map(|file| here.set.package(file)).collect();
    let is_new = |name: &str| !name.is_empty() && name != own && name != STD && imported.iter().all(|(_, package)| package != name);
    let replaced = Span { start: here.reading.path_start(), end: here.reading.word.end };
    let found = names.into_iter().filter(|name| is_new(name));
    found.map(|name| Completion { replaced, ..here.completion(name, Kind::Package, 1).about(About::Package(name.to_owned())) }).collect()
}
