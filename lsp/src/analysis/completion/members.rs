//! What may stand after a dot: fields, facts of tools, methods, values of packages.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_compiler::SymbolKind;
use tollgate_compiler::check::methods_of;
use tollgate_compiler::syntax::ast::{Expr, Span};
use tollgate_compiler::syntax::lexer::TokenKind;
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::Function;
use tollgate_stdlib::types::{Field, Presence, Type};

use super::catalog::{Types, is_value};
use super::probing::Probed;
use super::snippet::{Snippet, field_name};
use super::{About, Completion, Here, Kind};
use crate::analysis::seen::{Found, path};

/// The members of what stands before the dot.
pub fn members(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let Some(probed) = here.probing.with_name() else { return package_members(here) };
    let Some(base) = probed.base() else { return package_members(here) };
    if let Some((SymbolKind::Package, _)) = probed.named(base) {
        return package_members(here);
    }
    let Some(ty) = probed.type_of(base) else {
        // Perhaps the word is to stand for a package that the file does not import.
        let may_be_package = probed.named(base).is_none() && here.reading.qualifier().is_some();
        return if may_be_package { package_members(here) } else { Vec::new() };
    };
    let is_request_tool = matches!(&base.kind, tollgate_compiler::syntax::ast::ExprKind::Name(name) if name == "tool")
        && here.set.program().tool_field.is_some()
        && matches!(probed.named(base), Some((SymbolKind::Field, _)));
    let mut found = of_type(here, ty);
    found.extend(keys(here, probed, base, ty));
    if is_request_tool {
        found.extend(Fact::ALL.into_iter().map(|fact| tool_fact(here, fact)));
    }
    found
}

/// The keys that were seen of JSON or a map, with what is shown of each.
pub fn seen(here: &Here<'_, '_, '_>, probed: &Probed, base: &Expr, ty: &Type) -> impl Iterator<Item = (String, String)> {
    let has_keys = matches!(ty.present(), Type::Json | Type::Map(_));
    let named = |expr: &Expr| probed.named(expr).map(|(kind, name)| (kind, name.to_owned()));
    let path = here.about.seen.filter(|_| has_keys).and_then(|seen| Some((seen, path(base, &named)?)));
    let mut found: BTreeMap<String, (BTreeSet<&'static str>, String)> = BTreeMap::new();
    for (source, values) in path.map(|(seen, path)| seen(&path)).unwrap_or_default() {
        for (key, kinds) in values.keys {
            let (known, _) = found.entry(key).or_insert_with(|| (BTreeSet::new(), source.clone()));
            known.extend(kinds);
        }
    }
    found.into_iter().map(|(key, (kinds, source))| (key, format!("{}, seen in {source}", Found::in_words(&kinds))))
}

/// What stands before `has` may lack: the optional fields of a record, the keys that were seen of JSON.
pub fn optionals(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let probed = here.probing.with_name();
    let base = probed.and_then(|probed| probed.base().map(|base| (probed, base)));
    let Some((probed, base, ty)) = base.and_then(|(probed, base)| Some((probed, base, probed.type_of(base)?))) else { return Vec::new() };
    match ty {
        Type::Record(record) => {
            let optional = record.fields.iter().filter(|field| matches!(field.presence, Presence::Optional));
            optional.map(|field| self::field(here, field)).collect()
        }
        _ => keys(here, probed, base, ty),
    }
}

/// The keys that were seen of JSON.
fn keys(here: &Here<'_, '_, '_>, probed: &Probed, base: &Expr, ty: &Type) -> Vec<Completion> {
    let keys = seen(here, probed, base, ty).filter(|_| matches!(ty.present(), Type::Json));
    keys.map(|(name, detail)| here.completion(&*name, Kind::Key, 1).text(field_name(&name)).detail(detail)).collect()
}

/// The values of the package that the word before the dot stands for.
fn package_members(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let types = Types::of(here.set);
    let values = here.qualified(here.set, is_value);
    values.into_iter().map(|(declared, found)| super::names::called(here, &declared, found.detail(types.detail(&declared)))).collect()
}

fn of_type(here: &Here<'_, '_, '_>, ty: &Type) -> Vec<Completion> {
    let after_question = here.reading.last().is_some_and(|last| last.kind == TokenKind::QuestionDot);
    let mut found: Vec<Completion> = Vec::new();
    match ty {
        Type::Record(record) => found.extend(record.fields.iter().map(|field| self::field(here, field))),
        Type::Optional(inner) if !matches!(**inner, Type::Json) => {
            let present = of_type(here, inner).into_iter();
            found.extend(present.map(|member| if after_question { member } else { with_question(here, member) }));
        }
        _ => {}
    }
    found.extend(methods(here, ty));
    found
}

/// The member as one of an optional: `?.` takes the dot's place.
fn with_question(here: &Here<'_, '_, '_>, member: Completion) -> Completion {
    let dot = here.reading.last().map_or(here.reading.word.start, |last| last.span.start);
    Completion {
        text: format!("?.{}", member.text),
        replaced: Span { start: dot, end: member.replaced.end },
        filter: Some(format!(".{}", member.label)),
        ..member
    }
}

/// A field of a record.
fn field(here: &Here<'_, '_, '_>, field: &Field) -> Completion {
    let found = here.completion(&*field.name, Kind::Field, 1).text(field_name(&field.name));
    found.detail(field.read_type().to_string()).about(About::text(&field.doc))
}

fn tool_fact(here: &Here<'_, '_, '_>, fact: Fact) -> Completion {
    let ty = match fact {
        Fact::Category | Fact::Title => Type::Str,
        Fact::Labels => Type::Str.set(),
        Fact::Declared | Fact::ReadOnly | Fact::Destructive | Fact::Idempotent | Fact::OpenWorld => Type::Bool,
    };
    here.completion(fact.name(), Kind::Fact, 2).detail(ty.to_string()).about(About::Word(format!("tool.{}", fact.name())))
}

/// The methods of a type, overloads as one.
fn methods(here: &Here<'_, '_, '_>, ty: &Type) -> Vec<Completion> {
    let mut named: BTreeMap<&str, Vec<&'static Function>> = BTreeMap::new();
    for function in methods_of(ty) {
        named.entry(function.name).or_default().push(function);
    }
    named.values().filter_map(|overloads| method(here, overloads)).collect()
}

fn method(here: &Here<'_, '_, '_>, overloads: &[&'static Function]) -> Option<Completion> {
    let function = overloads.first()?;
    let more = overloads.len() - 1;
    let signature = function.signature();
    let detail = if more > 0 { format!("{signature} (+{more})") } else { signature };
    let found = here.completion(function.name, Kind::Method, 2).detail(detail).about(About::Method(function.key.to_owned()));
    Some(if here.is_called() { found } else { found.snippet(Snippet::call(function)) })
}
