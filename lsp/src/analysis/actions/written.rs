//! How names of the set are written in a file.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::format::quoted;
use tollgate_compiler::syntax::ast::ItemKind;
use tollgate_compiler::syntax::path_text;
use tollgate_stdlib::types::{Presence, RecordType, Type};

/// A full name as a file writes it; `None` where the file does not import its package.
pub fn name(set: &PolicySet, file: FileId, full: &str) -> Option<String> {
    let (package, own) = full.rsplit_once('.')?;
    if package == set.package(file) || package == "std" {
        return Some(own.to_owned());
    }
    let word = set.items(file).find_map(|item| match &item.item?.kind {
        ItemKind::Import { path, alias } if path_text(path) == package => alias.as_ref().or(path.parts.last()).map(|word| word.text.to_string()),
        _ => None,
    })?;
    Some(format!("{word}.{own}"))
}

/// A type as a file writes it; `None` for one that it cannot.
pub fn type_text(set: &PolicySet, file: FileId, ty: &Type) -> Option<String> {
    let inside = |word: &str, inner: &Type| Some(format!("{word}<{}>", type_text(set, file, inner)?));
    match ty {
        Type::Error | Type::None => None,
        Type::Bool | Type::Int | Type::Decimal | Type::Duration | Type::Timestamp | Type::Ip | Type::Cidr | Type::Str | Type::Json => {
            Some(ty.to_string())
        }
        Type::Enum(ty) => match &ty.name {
            Some(full) => name(set, file, full),
            None => {
                let variants: Vec<String> = ty.variants.iter().map(|variant| quoted(variant)).collect();
                (variants.len() > 1).then(|| variants.join(" | "))
            }
        },
        Type::List(inner) => inside("list", inner),
        Type::Set(inner) => inside("set", inner),
        Type::Map(inner) => inside("map", inner),
        Type::Optional(inner) => Some(format!("{}?", type_text(set, file, inner)?)),
        Type::Record(record) => match &record.name {
            Some(full) => name(set, file, full),
            None => record_text(set, file, record),
        },
    }
}

fn record_text(set: &PolicySet, file: FileId, record: &RecordType) -> Option<String> {
    let mut fields = Vec::new();
    for field in &record.fields {
        let mark = if matches!(field.presence, Presence::Optional) { "?" } else { "" };
        fields.push(format!("{}{mark}: {}", super::literal::key(&field.name), type_text(set, file, &field.ty)?));
    }
    Some(format!("{{ {} }}", fields.join(", ")))
}
