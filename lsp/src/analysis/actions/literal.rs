//! Values as literals.

use tollgate_compiler::format::quoted;
use tollgate_compiler::syntax::lexer;
use tollgate_stdlib::types::{Presence, RecordType, Type};

/// How deep records stand in records of a value that stands in for another.
const DEEPEST: usize = 6;

/// Some value of a type.
pub fn placeholder(ty: &Type) -> String {
    of_type(ty, DEEPEST)
}

fn of_type(ty: &Type, depth: usize) -> String {
    match ty {
        Type::Error | Type::None | Type::Optional(_) => "none".to_owned(),
        Type::Bool => "false".to_owned(),
        Type::Int | Type::Decimal => "0".to_owned(),
        Type::Duration => "1h".to_owned(),
        Type::Timestamp => "timestamp(\"2026-01-01T00:00:00Z\")".to_owned(),
        Type::Ip => "ip(\"192.0.2.1\")".to_owned(),
        Type::Cidr => "cidr(\"192.0.2.0/24\")".to_owned(),
        Type::Str => "\"\"".to_owned(),
        Type::Enum(ty) => ty.variants.first().map_or_else(|| "\"\"".to_owned(), |first| quoted(first)),
        Type::List(_) => "[]".to_owned(),
        Type::Json | Type::Set(_) | Type::Map(_) => "{}".to_owned(),
        Type::Record(record) => record_of(record, depth),
    }
}

fn record_of(record: &RecordType, depth: usize) -> String {
    let needed = record.fields.iter().filter(|field| depth > 0 && matches!(field.presence, Presence::Required));
    let fields: Vec<String> = needed.map(|field| format!("{}: {}", key(&field.name), of_type(&field.ty, depth - 1))).collect();
    if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}

/// A name as the key of a literal.
pub fn key(name: &str) -> String {
    let is_plain = matches!(lexer::lex(name).as_slice(), [only] if only.kind == lexer::TokenKind::Word) && !lexer::is_keyword(name);
    if is_plain || lexer::KEYWORD_NAMES.contains(&name) { name.to_owned() } else { quoted(name) }
}
