//! The few conversions that happen by themselves, and what to say of those that do not.

use rust_decimal::Decimal;
use tollgate_stdlib::types::{Field, Presence, RecordType, Type};
use tollgate_stdlib::{Kept, scalar};

use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Location};
use crate::program::{Expr, ExprKind};
use crate::syntax::ast::Span;
use crate::syntax::lexer::{self, TokenKind};

use super::Checker;

impl Checker<'_> {
    /// The expression as a value of the expected type: an `int` where a `decimal` is expected, any value where `json` is, a present value where an
    /// optional one is. Anything else is a diagnostic, and the result has the error type.
    pub(super) fn coerce(&mut self, typed: Expr, expected: &Type) -> Expr {
        match convert(typed, expected) {
            Ok(converted) => converted,
            Err(typed) => {
                let diagnostic = mismatch(&typed, expected);
                self.report(diagnostic);
                Expr { kind: ExprKind::Error, ty: Type::Error, ..*typed }
            }
        }
    }

    /// The type that two branches or elements share.
    pub(super) fn common_type(&mut self, a: &Expr, b: &Expr) -> Type {
        match join(&a.ty, &b.ty) {
            Some(ty) => ty,
            None => {
                let message = format!("`{}` here and `{}` before", b.ty, a.ty);
                let diagnostic = Diagnostic::error(Code::TypeMismatch, b.at, message).with_secondary(a.at, format!("this is `{}`", a.ty));
                self.report(diagnostic);
                Type::Error
            }
        }
    }
}

/// The least type that both are taken for.
pub fn join(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Error, other) | (other, Type::Error) => Some(other.clone()),
        (Type::None, other) | (other, Type::None) => Some(other.clone().optional()),
        (Type::Int, Type::Decimal) | (Type::Decimal, Type::Int) => Some(Type::Decimal),
        (Type::Json, Type::Optional(inner)) | (Type::Optional(inner), Type::Json) if matches!(**inner, Type::Json) => Some(Type::Json.optional()),
        (Type::Json, _) | (_, Type::Json) => Some(Type::Json),
        (Type::Optional(a), Type::Optional(b)) => Some(join(a, b)?.optional()),
        (Type::Optional(a), b) | (b, Type::Optional(a)) => Some(join(a, b)?.optional()),
        (a, b) => a.same(b).then(|| a.clone()),
    }
}

/// The converted expression, or the expression itself where it does not convert.
fn convert(typed: Expr, expected: &Type) -> Result<Expr, Box<Expr>> {
    match (&typed.ty, expected) {
        (Type::Error, _) | (_, Type::Error) => Ok(typed),
        (Type::Int, Type::Decimal) => Ok(to_decimal(typed, Type::Decimal)),
        (Type::None, Type::Optional(_)) => Ok(Expr { ty: expected.clone(), ..typed }),
        (Type::Json, Type::Json) => Ok(typed),
        (Type::Optional(inner), Type::Json) if matches!(**inner, Type::Json) => Ok(Expr { ty: Type::Json, ..typed }),
        (_, Type::Json) => Ok(to_json(typed)),
        (Type::Optional(inner), Type::Optional(wanted)) => match (&**inner, &**wanted) {
            (inner, wanted) if inner.same(wanted) => Ok(typed),
            (Type::Int, Type::Decimal) => Ok(to_decimal(typed, expected.clone())),
            (_, Type::Json) => {
                let json = to_json(typed);
                Ok(Expr { ty: expected.clone(), ..json })
            }
            _ => Err(Box::new(typed)),
        },
        (_, Type::Optional(wanted)) => {
            let present = convert(typed, wanted)?;
            Ok(Expr { ty: expected.clone(), ..present })
        }
        (found, wanted) if found.same(wanted) => Ok(typed),
        _ => Err(Box::new(typed)),
    }
}

fn to_decimal(typed: Expr, ty: Type) -> Expr {
    if let Some(Kept::Int(value)) = typed.constant() {
        return Expr { kind: ExprKind::Const(Kept::Decimal(Decimal::from(*value))), ty, ..typed };
    }
    let (at, errs, free) = (typed.at, typed.errs, typed.free);
    Expr { kind: ExprKind::ToDecimal(Box::new(typed)), ty, at, errs, free }
}

/// A value as `json`.
pub fn to_json(typed: Expr) -> Expr {
    let (at, errs) = (typed.at, typed.errs);
    if let Some(value) = typed.constant() {
        return Expr { kind: ExprKind::Const(value.to_json()), ty: Type::Json, at, errs, free: true };
    }
    let free = typed.free && matches!(typed.ty.present(), Type::Bool | Type::Int | Type::Decimal | Type::Str | Type::Enum(_));
    Expr { kind: ExprKind::ToJson(Box::new(typed)), ty: Type::Json, at, errs, free }
}

fn mismatch(typed: &Expr, expected: &Type) -> Diagnostic {
    let found = &typed.ty;
    let message = match (found, expected) {
        (Type::Json, _) => return json_use(typed, expected),
        (Type::Optional(inner), _) if matches!(**inner, Type::Json) => return json_use(typed, expected),
        (Type::Optional(inner), wanted) if inner.same(wanted) || matches!((&**inner, wanted), (Type::Int, Type::Decimal)) => {
            return optional_use(typed);
        }
        (Type::None, _) => return Diagnostic::error(Code::OptionalValue, typed.at, format!("`none` where `{expected}` is needed")),
        (Type::Enum(_), _) => format!("`{expected}` is needed, and this is the enum `{found}`"),
        (_, Type::Enum(_)) => format!("the enum `{expected}` is needed, and this is `{found}`"),
        _ => format!("`{expected}` is needed, and this is `{found}`"),
    };
    with_conversion(Diagnostic::error(Code::TypeMismatch, typed.at, message), typed, expected.present())
}

/// Adds how the value becomes one of the type that is needed, where something does that.
pub fn with_conversion(diagnostic: Diagnostic, typed: &Expr, wanted: &Type) -> Diagnostic {
    let method = |ty: &Type| format!("read the text with `.to_{ty}()`, which gives an optional");
    match (&typed.ty, wanted) {
        (Type::Enum(_), Type::Str) => diagnostic.with_help("an enum is no string: convert it with `.to_string()`"),
        (Type::Str, Type::Enum(_)) => diagnostic.with_help("only a string literal is taken for an enum's variant"),
        (Type::List(_), Type::Set(_)) => diagnostic.with_help("a list becomes a set with `.to_set()`"),
        (Type::Set(_), Type::List(_)) => diagnostic.with_help("a set becomes a list with `.to_list()`"),
        (Type::Decimal, Type::Int) => diagnostic.with_help("make it whole: `.round()`, `.floor()` or `.ceil()`"),
        (Type::Record(record), _) => match field_of_type(record, wanted) {
            Some(field) => diagnostic.with_help(format!("it is a record: read one of its fields, such as `.{field}`")),
            None => diagnostic,
        },
        (element, Type::Set(wanted)) if element.same(wanted) => in_brackets(diagnostic, typed, "a set", '{', '}'),
        (element, Type::List(wanted)) if element.same(wanted) => in_brackets(diagnostic, typed, "a list", '[', ']'),
        (Type::Int | Type::Decimal, Type::Duration) => diagnostic.with_help("a duration has a unit: `90s`, `15m`, `1h`, `7d`"),
        (Type::List(element) | Type::Set(element), wanted) if element.same(wanted) => {
            diagnostic.with_help("ask for one of its elements, as in `.any(x => x in {…})`")
        }
        (Type::Str, Type::Bool) => match literal(typed, wanted) {
            Some(literal) => diagnostic.with_help(format!("write `{literal}`")).with_fix(format!("write `{literal}`"), typed.at, literal),
            None => diagnostic,
        },
        (Type::Str, Type::Int | Type::Decimal | Type::Duration | Type::Ip | Type::Cidr | Type::Timestamp) => match literal(typed, wanted) {
            Some(literal) => diagnostic.with_help(format!("write `{literal}`")).with_fix(format!("write `{literal}`"), typed.at, literal),
            None => match constant_help(typed, wanted) {
                Some(help) => diagnostic.with_help(help),
                None => diagnostic.with_help(method(wanted)),
            },
        },
        (found, Type::Str) if found.is_scalar() => diagnostic.with_help("make it text with `.to_string()`, or put it into a text: `\"… {value} …\"`"),
        _ => diagnostic,
    }
}

fn in_brackets(diagnostic: Diagnostic, typed: &Expr, what: &str, open: char, close: char) -> Diagnostic {
    let edge = |offset: u32, text: char| Edit { at: Location { span: Span { start: offset, end: offset }, ..typed.at }, text: text.to_string() };
    let edits = vec![edge(typed.at.span.start, open), edge(typed.at.span.end, close)];
    let mut diagnostic = diagnostic.with_help(format!("{what} of one element is written `{open}a{close}`"));
    diagnostic.fixes.push(Fix::new(format!("write `{open}` and `{close}` around it"), edits));
    diagnostic
}

/// What to write in place of a constant text that cannot be read as that type.
fn constant_help(typed: &Expr, wanted: &Type) -> Option<String> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let Some(Kept::Str(text)) = typed.constant() else { return None };
    let start: String = text.chars().take(3).collect::<String>().to_lowercase();
    Some(match wanted {
        Type::Int if DAYS.contains(&start.as_str()) => "days of the week are numbers, from 1 for Monday to 7 for Sunday".to_owned(),
        Type::Int | Type::Decimal => "a number stands without quotes".to_owned(),
        Type::Ip if scalar::parse_cidr(text).is_some() => format!("whether an address is in a network asks `in cidr(\"{text}\")`"),
        Type::Ip => "an address is written `ip(\"192.0.2.7\")`".to_owned(),
        Type::Cidr => "a network is written `cidr(\"192.0.2.0/24\")`".to_owned(),
        Type::Duration => "a duration has a unit: `90s`, `15m`, `1h`, `7d`".to_owned(),
        Type::Timestamp => "an instant is written `timestamp(\"2026-01-31T09:00:00Z\")`".to_owned(),
        _ => return None,
    })
}

/// How a constant text is written as a constant of that type.
pub fn literal(typed: &Expr, wanted: &Type) -> Option<String> {
    let Some(Kept::Str(text)) = typed.constant() else { return None };
    let is_token = |kinds: &[TokenKind]| matches!(lexer::lex(text).as_slice(), [token] if kinds.contains(&token.kind));
    match wanted {
        Type::Int => is_token(&[TokenKind::Int]).then(|| text.to_string()),
        Type::Decimal => is_token(&[TokenKind::Int, TokenKind::Decimal]).then(|| text.to_string()),
        Type::Bool => Some(text.to_ascii_lowercase()).filter(|word| matches!(word.as_str(), "true" | "false")),
        Type::Duration if is_token(&[TokenKind::Duration]) => Some(text.to_string()),
        Type::Duration => scalar::parse_duration(text).map(|nanos| tollgate_stdlib::Value::Duration(nanos).to_string()),
        Type::Ip => scalar::parse_ip(text).map(|_| format!("ip(\"{text}\")")),
        Type::Cidr => scalar::parse_cidr(text).map(|_| format!("cidr(\"{text}\")")),
        Type::Timestamp => scalar::parse_timestamp(text).map(|_| format!("timestamp(\"{text}\")")),
        _ => None,
    }
}

/// The field of a record that is most likely meant where a value of that type is needed.
pub fn field_of_type<'r>(record: &'r RecordType, wanted: &Type) -> Option<&'r str> {
    let fits = |field: &&Field| matches!(field.presence, Presence::Required) && field.ty.same(wanted);
    record.fields.iter().find(fits).map(|field| &*field.name)
}

/// What to say of an optional where a present value is needed.
pub fn optional_use(typed: &Expr) -> Diagnostic {
    let message = format!("this may be absent: it is `{}`", typed.ty);
    Diagnostic::error(Code::OptionalValue, typed.at, message)
        .with_help("give a value for absence with `?? …`, ask first with `has` or `!= none`, or choose it with `for x in …`")
}

/// The same where a field or method of it is used; `through`: how to use it nevertheless.
pub fn optional_base(typed: &Expr, through: &str) -> Diagnostic {
    let help = format!("ask first with `has` or `!= none`, choose it with `for x in …`, or {through}, which may be absent too");
    optional_use(typed).with_help(help)
}

/// What to say of `json` where a typed value is needed.
pub fn json_use(typed: &Expr, expected: &Type) -> Diagnostic {
    let conversion = match expected {
        Type::Int => "as_int",
        Type::Decimal => "as_decimal",
        Type::Str => "as_string",
        Type::Bool => "as_bool",
        Type::List(_) | Type::Set(_) => "as_list",
        Type::Map(_) | Type::Record(_) => "as_map",
        _ => {
            return Diagnostic::error(Code::JsonUse, typed.at, "a `json` value must be converted before this use")
                .with_help("`.as_int()`, `.as_string()` and the like give it as an optional");
        }
    };
    Diagnostic::error(Code::JsonUse, typed.at, format!("`{expected}` is needed, and this is `json`"))
        .with_help(format!("convert it with `.{conversion}()`, which gives an optional"))
}
