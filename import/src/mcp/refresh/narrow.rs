//! Whether every value of a type is one of another, as far as that shows.

use tollgate_compiler::syntax::ast::{FieldDecl, ItemKind, Path, TypeExpr, TypeKind, Variants};

use super::outline::{Types, meaning};

/// How deep types are looked into.
const DEEPEST: usize = 32;

/// The types that are written as strings in JSON.
const STRINGS: [&str; 5] = ["timestamp", "duration", "ip", "cidr", "string"];

/// A type without its names.
enum Plain<'t> {
    Word(&'t str),
    Variants(&'t Variants),
    Generic(&'t str, &'t TypeExpr),
    Record(&'t [FieldDecl], bool),
    Optional(&'t TypeExpr),
    Other,
}

/// Whether each value that `own` takes is one that `other` takes, each with the types of its text. A type that cannot be told is within
/// nothing but itself.
pub fn is_within(own: (&TypeExpr, &Types), other: (&TypeExpr, &Types)) -> bool {
    is_within_at(own.0, other.0, (own.1, other.1), 0)
}

fn is_within_at(own: &TypeExpr, other: &TypeExpr, types: (&Types, &Types), depth: usize) -> bool {
    if depth > DEEPEST {
        return false;
    }
    let is_inner = |own: &TypeExpr, other: &TypeExpr| is_within_at(own, other, types, depth + 1);
    match (plain(own, types.0, 0), plain(other, types.1, 0)) {
        (_, Plain::Word("json")) => true,
        (Plain::Optional(own), Plain::Optional(other)) => is_inner(own, other),
        (_, Plain::Optional(inner)) => is_inner(own, inner),
        (Plain::Word("int"), Plain::Word("decimal")) | (Plain::Variants(_), Plain::Word("string")) => true,
        (Plain::Word(word), Plain::Word("string")) => STRINGS.contains(&word),
        (Plain::Word(word), Plain::Word(of)) => word == of,
        (Plain::Variants(own), Plain::Variants(other)) => own.names.iter().all(|name| other.names.iter().any(|of| of.text == name.text)),
        (Plain::Generic(own, of), Plain::Generic(other, inner)) => (own == other || (own == "set" && other == "list")) && is_inner(of, inner),
        (Plain::Record(own, open), Plain::Record(other, is_open)) => {
            let find = |name: &str| other.iter().find(|field| field.name.text == name);
            let is_known = |field: &FieldDecl| find(&field.name.text).map_or(is_open, |said| is_inner(&field.ty, &said.ty));
            let is_there = |said: &FieldDecl| said.optional || said.default.is_some() || own.iter().any(|field| field.name.text == said.name.text);
            (is_open || !open) && own.iter().all(is_known) && other.iter().all(is_there)
        }
        (Plain::Record(..), Plain::Generic("map", inner)) => matches!(plain(inner, types.1, 0), Plain::Word("json")),
        _ => meaning(own, types.0) == meaning(other, types.1),
    }
}

/// The variants of a type that is an enum, by whatever name.
pub fn variants<'t>(ty: &'t TypeExpr, types: &Types<'t>) -> Option<&'t Variants> {
    match plain(ty, types, 0) {
        Plain::Variants(variants) => Some(variants),
        _ => None,
    }
}

fn plain<'t>(ty: &'t TypeExpr, types: &Types<'t>, depth: usize) -> Plain<'t> {
    match &ty.kind {
        TypeKind::Named(path) => named(path, types, depth),
        TypeKind::Generic { name, arg } => Plain::Generic(&name.text, arg),
        TypeKind::Record { fields, open } => Plain::Record(fields, *open),
        TypeKind::Enum(variants) => Plain::Variants(variants),
        TypeKind::Optional(inner) => Plain::Optional(inner),
        TypeKind::With { .. } => Plain::Other,
    }
}

fn named<'t>(path: &'t Path, types: &Types<'t>, depth: usize) -> Plain<'t> {
    let word = path.parts.last().map(|part| part.text.as_str()).unwrap_or_default();
    match types.find(word) {
        Some(ItemKind::Type { ty, .. }) if depth < DEEPEST => plain(ty, types, depth + 1),
        Some(ItemKind::Enum { variants, .. }) => Plain::Variants(variants),
        Some(_) => Plain::Other,
        None => Plain::Word(word),
    }
}
