//! The keys of records written out.

use tollgate_compiler::syntax::ast::{ExprKind, Key};
use tollgate_stdlib::types::{Field, Presence, RecordType, Type};

use super::probing::Probed;
use super::snippet::{Snippet, field_name};
use super::{About, Completion, Here, Kind};

/// The keys of the record that the braces around the cursor make.
pub fn keys(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let may_be_set = here.reading.frame().is_some_and(|frame| frame.tokens.is_empty());
    let probed = here.probing.with_key().or_else(|| here.probing.with_name().filter(|_| may_be_set));
    let Some((record, given)) = probed.and_then(|probed| record_around(here, probed)) else { return Vec::new() };
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    let missing = record.fields.iter().filter(|field| !given.contains(&&*field.name));
    let mut found: Vec<Completion> = missing.map(|field| key(here, field)).collect();
    found.extend(all_required(here, &record, &given));
    found
}

/// The type of the record around the cursor, and the keys that are given.
fn record_around(here: &Here<'_, '_, '_>, probed: &Probed) -> Option<(std::sync::Arc<RecordType>, Vec<String>)> {
    let braces = probed.braces()?;
    let (ty, entries) = match &braces.kind {
        ExprKind::With { base, changes } => (probed.expected_of(braces).or_else(|| probed.type_of(base)), changes.as_slice()),
        ExprKind::Record(entries) => (probed.expected_of(braces), entries.as_slice()),
        _ => (probed.expected_of(braces), &[] as &[_]),
    };
    let mut record = record_of(ty?)?;
    let path = path_before(here);
    for name in &path {
        let field = record.field(name)?.1.ty.clone();
        record = record_of(&field)?;
    }
    let given = if path.is_empty() { entries.iter().filter_map(|(key, _)| first_part(key)).collect() } else { Vec::new() };
    Some((record, given))
}

fn first_part(key: &Key) -> Option<String> {
    let [part] = key.parts.as_slice() else { return None };
    Some(part.text.to_string())
}

fn record_of(ty: &Type) -> Option<std::sync::Arc<RecordType>> {
    match ty.present() {
        Type::Record(record) => Some(record.clone()),
        _ => None,
    }
}

/// The words before the cursor in a key of `with`: `a.b.`.
fn path_before(here: &Here<'_, '_, '_>) -> Vec<String> {
    let tokens = here.reading.frame().map(|frame| frame.since_comma()).unwrap_or_default();
    let path = tokens.iter().rev().take_while(|tok| tok.span.start >= here.reading.path_start());
    let mut words: Vec<String> = path.filter(|tok| tok.text != ".").map(|tok| tok.text.to_owned()).collect();
    words.reverse();
    words
}

fn key(here: &Here<'_, '_, '_>, field: &Field) -> Completion {
    let (rank, note) = match &field.presence {
        Presence::Required => (0, "required"),
        Presence::Optional => (1, "optional"),
        Presence::Default(_) => (1, "has a default"),
    };
    let found = here.completion(&*field.name, Kind::Field, rank).detail(format!("{} ({note})", field.ty)).about(About::text(&field.doc));
    if has_value(here) {
        return found.text(field_name(&field.name));
    }
    let mut snippet = Snippet::default();
    snippet.key(&field.name);
    snippet.push(": ");
    snippet.value(&field.ty);
    found.snippet(snippet)
}

/// Whether the key at the cursor has its value already.
pub fn has_value(here: &Here<'_, '_, '_>) -> bool {
    here.reading.text.get(here.reading.word.end as usize..).is_some_and(|rest| rest.trim_start().starts_with(':'))
}

/// All keys at once that the record needs.
fn all_required(here: &Here<'_, '_, '_>, record: &RecordType, given: &[&str]) -> Option<Completion> {
    let needed = record.fields.iter().filter(|field| matches!(field.presence, Presence::Required) && !given.contains(&&*field.name));
    if needed.count() < 2 || has_value(here) {
        return None;
    }
    let mut snippet = Snippet::default();
    snippet.fields(record, given, 0);
    Some(here.completion("all required fields", Kind::Snippet, 0).snippet(snippet))
}
