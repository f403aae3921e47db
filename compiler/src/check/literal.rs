//! Literals: numbers, strings, collections, records.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_stdlib::types::{EnumType, Field, Presence, RecordType, Type};
use tollgate_stdlib::{Kept, KeptMap, KeptRecord, KeptSet};

use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::program::{Expr, ExprKind};
use crate::syntax::ast::{self, Key, Span, TemplatePart};

use super::Checker;
use super::budget::{excess, size_of_presence};
use super::coerce::to_json;
use super::presence::strip;
use super::types::MAX_MEMBERS;

/// How many missing fields are named.
const MAX_NAMED: usize = 12;

/// Whether a literal means different things where different types are expected.
pub fn takes_its_type(expr: &ast::Expr) -> bool {
    match &strip(expr).kind {
        ast::ExprKind::None | ast::ExprKind::Template { .. } | ast::ExprKind::Record(_) | ast::ExprKind::List(_) | ast::ExprKind::Set(_) => true,
        ast::ExprKind::If { then, otherwise, .. } => takes_its_type(then) && takes_its_type(otherwise),
        _ => false,
    }
}

/// The text of a string literal without holes.
pub fn plain_text(expr: &ast::Expr) -> Option<String> {
    match &strip(expr).kind {
        ast::ExprKind::Template { parts, .. } => plain_parts(parts),
        _ => None,
    }
}

/// The text of a template without holes.
pub fn plain_parts(parts: &[TemplatePart]) -> Option<String> {
    let mut text = String::new();
    for part in parts {
        match part {
            TemplatePart::Text(part) => text.push_str(part),
            TemplatePart::Hole { .. } => return None,
        }
    }
    Some(text)
}

impl<'a> Checker<'a> {
    /// An integer literal with its sign.
    pub(super) fn int_literal(&mut self, magnitude: Option<u64>, negative: bool, span: Span) -> Expr {
        let signed = magnitude.map(i128::from).map(|value| if negative { -value } else { value });
        match signed.and_then(|value| i64::try_from(value).ok()) {
            Some(value) => self.constant_expr(Kept::Int(value), Type::Int, span),
            None => {
                let help = "an `int` is between -9223372036854775808 and 9223372036854775807";
                self.error_with_help(Code::Number, span, "this integer is out of range", help);
                self.error_expr(span)
            }
        }
    }

    /// A decimal literal with its sign.
    pub(super) fn decimal_literal(&mut self, text: &str, negative: bool, span: Span) -> Expr {
        match tollgate_stdlib::scalar::parse_decimal(text) {
            Some(value) => self.constant_expr(Kept::Decimal(if negative { -value } else { value }), Type::Decimal, span),
            None => {
                self.error_with_help(Code::Number, span, "this decimal has too many digits", "a `decimal` holds 28 significant digits");
                self.error_expr(span)
            }
        }
    }

    /// A duration literal; the parser has said what is out of range.
    pub(super) fn duration_literal(&mut self, nanos: Option<i64>, span: Span) -> Expr {
        match nanos {
            Some(nanos) => self.constant_expr(Kept::Duration(nanos), Type::Duration, span),
            None => self.error_expr(span),
        }
    }

    /// A string where an enum is expected.
    pub(super) fn variant(&mut self, parts: &'a [TemplatePart], ty: &Arc<EnumType>, span: Span) -> Expr {
        let Some(text) = plain_parts(parts) else {
            let typed = self.template(parts, span);
            return self.coerce(typed, &Type::Enum(ty.clone()));
        };
        if let Some(rank) = ty.rank_of(&text) {
            self.note_use(span, |checker| checker.variant_symbol(ty, &text));
            return self.constant_expr(Kept::Enum(text.into(), rank), Type::Enum(ty.clone()), span);
        }
        let message = format!("\"{text}\" is no variant of `{ty}`");
        let diagnostic = Diagnostic::error(Code::UnknownVariant, self.at(span), message);
        let diagnostic = match self.symbols.suggestions.nearest(&text, ty.variants.iter().map(|name| &**name)) {
            Some(near) => diagnostic.with_help(format!("there is \"{near}\"")).with_fix(
                format!("replace with \"{near}\""),
                self.at(span),
                format!("\"{near}\""),
            ),
            None => {
                let variants: Vec<String> = ty.variants.iter().take(8).map(|name| format!("\"{name}\"")).collect();
                diagnostic.with_help(format!("its variants are {}", variants.join(", ")))
            }
        };
        self.report(diagnostic);
        self.error_expr(span)
    }

    /// `[…]`
    pub(super) fn list_literal(&mut self, items: &'a [ast::Expr], element: Option<&Type>, span: Span) -> Expr {
        let Some((typed, element)) = self.elements(items, element, span, "an empty list") else { return self.error_expr(span) };
        let ty = element.list();
        match constants(&typed) {
            Some(values) => self.constant_expr(Kept::List(values.into()), ty, span),
            None => self.combined(typed, ty, span, ExprKind::List),
        }
    }

    /// `{…}` with elements
    pub(super) fn set_literal(&mut self, items: &'a [ast::Expr], element: Option<&Type>, span: Span) -> Expr {
        let Some((typed, element)) = self.elements(items, element, span, "an empty set") else { return self.error_expr(span) };
        if !element.is_scalar() {
            let at = typed.first().map_or(self.at(span), |first| first.at);
            let message = format!("a set cannot hold `{element}`");
            self.report(Diagnostic::error(Code::SetElement, at, message).with_help("sets hold scalars and enums; lists are written `[a, b]`"));
            return self.error_expr(span);
        }
        let ty = element.set();
        match constants(&typed) {
            Some(values) => self.constant_expr(Kept::Set(KeptSet::new(values)), ty, span),
            None => self.combined(typed, ty, span, ExprKind::Set),
        }
    }

    fn elements(&mut self, items: &'a [ast::Expr], element: Option<&Type>, span: Span, what: &str) -> Option<(Vec<Expr>, Type)> {
        if let Some(element) = element {
            return Some((items.iter().map(|item| self.check(item, element)).collect(), element.clone()));
        }
        if items.is_empty() {
            self.cannot_infer(what, span);
            return None;
        }
        let typed: Vec<Expr> = items.iter().map(|item| self.infer(item)).collect();
        let (first, rest) = typed.split_first()?;
        let mut common = first.ty.clone();
        for item in rest {
            match super::coerce::join(&common, &item.ty) {
                Some(ty) => common = ty,
                None => {
                    let message = format!("`{}` among elements that are `{common}`", item.ty);
                    self.report(Diagnostic::error(Code::TypeMismatch, item.at, message).with_secondary(first.at, format!("this is `{}`", first.ty)));
                    return None;
                }
            }
        }
        if matches!(common, Type::None) {
            self.cannot_infer("a list of nothing but `none`", span);
            return None;
        }
        let coerced = typed.into_iter().map(|item| self.coerce(item, &common)).collect();
        Some((coerced, common))
    }

    /// A list written where a set is needed, or the other way round; `right`: the brackets that are needed.
    pub(super) fn other_brackets(&mut self, what: &str, expected: &Type, right: (char, char), span: Span) -> Expr {
        let (open, close) = right;
        let edit = |checker: &Self, start: u32, text: char| Edit { at: checker.at(Span { start, end: start + 1 }), text: text.to_string() };
        let edits = vec![edit(self, span.start, open), edit(self, span.end.saturating_sub(1), close)];
        let mut diagnostic = Diagnostic::error(Code::TypeMismatch, self.at(span), format!("`{expected}` is needed, and this is {what}"));
        diagnostic = diagnostic.with_help(format!("write `{open}a, b{close}`"));
        diagnostic.fixes.push(Fix::new(format!("write `{open}` and `{close}`"), edits));
        self.report(diagnostic);
        self.error_expr(span)
    }

    fn cannot_infer(&mut self, what: &str, span: Span) {
        let help = "give the name a type, as in `let names: set<string> = {}`";
        self.error_with_help(Code::CannotInfer, span, format!("nothing tells the type of {what}"), help);
    }

    /// A record literal where nothing is expected: a record of what it holds.
    pub(super) fn infer_record(&mut self, entries: &'a [(Key, ast::Expr)], span: Span) -> Expr {
        if entries.is_empty() {
            self.cannot_infer("`{}`", span);
            return self.error_expr(span);
        }
        self.check_keys(entries);
        if entries.len() > MAX_MEMBERS {
            self.error(Code::TooLarge, span, format!("a record has at most {MAX_MEMBERS} fields"));
            return self.error_expr(span);
        }
        let mut fields = Vec::new();
        let mut values = Vec::new();
        for (key, value) in entries {
            let typed = self.infer(value);
            if matches!(typed.ty, Type::None) {
                self.cannot_infer("`none`", value.span);
            }
            let (ty, presence) = match &typed.ty {
                Type::Optional(inner) => ((**inner).clone(), Presence::Optional),
                Type::None => (Type::Error, Presence::Optional),
                ty => (ty.clone(), Presence::Required),
            };
            fields.push(Field { name: self.key_name(key), ty, presence, refinement: None, doc: "".into() });
            values.push(typed);
        }
        let record = Arc::new(RecordType::new(None, fields, false));
        let ty = Type::Record(record.clone());
        entries.iter().for_each(|(key, _)| self.note_key(&ty, key));
        match excess(&ty) {
            Some((code, message)) => {
                self.error_with_help(code, span, message, "declare types for its parts, with `type`");
                self.error_expr(span)
            }
            None => self.finish_record_literal(&record, values, span),
        }
    }

    /// A record literal where a record is expected: declared fields alone, required ones all.
    pub(super) fn record_literal(&mut self, entries: &'a [(Key, ast::Expr)], record: &Arc<RecordType>, span: Span) -> Expr {
        self.check_keys(entries);
        if self.known.budget.is_spent() {
            return self.error_expr(span);
        }
        let mut given: HashMap<usize, Expr> = HashMap::new();
        for (key, value) in entries {
            let name = key_text(key);
            self.note_key(&Type::Record(record.clone()), key);
            match record.field(&name) {
                Some((index, field)) => {
                    let typed = self.check(value, &field.read_type());
                    given.insert(index, typed);
                }
                None => {
                    self.unknown_field(record, &name, key.span);
                    self.infer(value);
                }
            }
        }
        let left_out = record.fields.iter().enumerate().filter(|(index, _)| !given.contains_key(index));
        let made = left_out.map(|(_, field)| size_of_presence(&field.presence)).sum();
        let at = self.at(span);
        if !self.known.budget.spend(made, at) {
            return self.error_expr(span);
        }
        let mut values = Vec::with_capacity(record.fields.len());
        let mut missing = Vec::new();
        for (index, field) in record.fields.iter().enumerate() {
            values.push(match (given.remove(&index), &field.presence) {
                (Some(typed), _) => typed,
                (None, Presence::Optional) => self.constant_expr(Kept::None, field.read_type(), span),
                (None, Presence::Default(value)) => self.constant_expr(value.clone(), field.ty.clone(), span),
                (None, Presence::Required) => {
                    missing.push(format!("`{}`", field.name));
                    self.error_expr(span)
                }
            });
        }
        if !missing.is_empty() {
            let more = missing.len().saturating_sub(MAX_NAMED);
            missing.truncate(MAX_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let message = format!("`{}` needs {}{more}", Type::Record(record.clone()), missing.join(", "));
            self.error(Code::MissingField, span, message);
        }
        self.finish_record_literal(record, values, span)
    }

    fn finish_record_literal(&mut self, record: &Arc<RecordType>, values: Vec<Expr>, span: Span) -> Expr {
        let ty = Type::Record(record.clone());
        match constants(&values) {
            Some(values) => self.constant_expr(Kept::Record(KeptRecord { shape: record.shape.clone(), values: values.into() }), ty, span),
            None => {
                let shape = record.shape.clone();
                self.combined(values, ty, span, |values| ExprKind::Record(shape, values))
            }
        }
    }

    /// A record literal where a map is expected.
    pub(super) fn map_literal(&mut self, entries: &'a [(Key, ast::Expr)], element: &Type, span: Span) -> Expr {
        self.check_keys(entries);
        let names: Vec<Arc<str>> = entries.iter().map(|(key, _)| key_text(key).into()).collect();
        let values: Vec<Expr> = entries.iter().map(|(_, value)| self.check(value, element)).collect();
        self.finish_map(names, values, element.clone().map(), span)
    }

    fn finish_map(&mut self, names: Vec<Arc<str>>, values: Vec<Expr>, ty: Type, span: Span) -> Expr {
        match constants(&values) {
            Some(values) => self.constant_expr(Kept::Map(KeptMap::new(names.into_iter().zip(values).collect())), ty, span),
            None => self.combined(values, ty, span, |values| ExprKind::Map(names.into_iter().zip(values).collect())),
        }
    }

    fn json_entry(&mut self, key: &Key, value: &'a ast::Expr, read_as: Option<&Type>) -> Expr {
        let ty = self.entry_type(read_as, key);
        self.json_literal_for(value, ty.as_ref())
    }

    /// The type that a key's value is read as, in JSON that is read as that type.
    pub(super) fn entry_type(&mut self, read_as: Option<&Type>, key: &Key) -> Option<Type> {
        self.note_key(read_as?, key);
        key.parts.iter().try_fold(read_as?.clone(), |ty, part| match ty.present() {
            Type::Record(record) => record.field(&part.text).map(|(_, field)| field.ty.clone()),
            Type::Map(element) => Some((**element).clone()),
            _ => None,
        })
    }

    /// Notes what a literal of JSON will be read as.
    fn note_read_as(&mut self, expr: &ast::Expr, ty: &Type) {
        self.note_expected(expr.span, ty);
        if let (Type::Enum(ty), Some(text)) = (ty, plain_text(expr))
            && ty.rank_of(&text).is_some()
        {
            self.note_use(expr.span, |checker| checker.variant_symbol(ty, &text));
        }
    }

    /// A literal where `json` is expected: lists and sets are arrays, records objects, all the way down.
    pub(super) fn json_literal(&mut self, expr: &'a ast::Expr) -> Expr {
        self.json_literal_for(expr, None)
    }

    /// A literal of JSON that will be read as that type, where it is known: there `{}` may be an empty set.
    pub(super) fn json_literal_for(&mut self, expr: &'a ast::Expr, read_as: Option<&Type>) -> Expr {
        let read_as = read_as.map(Type::present);
        self.note_sight(expr.span);
        if let Some(ty) = read_as {
            self.note_read_as(expr, ty);
        }
        match &expr.kind {
            ast::ExprKind::Paren(inner) => self.json_literal_for(inner, read_as),
            ast::ExprKind::Record(entries) if entries.is_empty() && matches!(read_as, Some(Type::Set(_) | Type::List(_))) => {
                self.constant_expr(Kept::List(Default::default()), Type::Json, expr.span)
            }
            ast::ExprKind::List(items) | ast::ExprKind::Set(items) => {
                let element = match read_as {
                    Some(Type::List(element) | Type::Set(element)) => Some(&**element),
                    _ => None,
                };
                let typed: Vec<Expr> = items.iter().map(|item| self.json_literal_for(item, element)).collect();
                match constants(&typed) {
                    Some(values) => self.constant_expr(Kept::List(values.into()), Type::Json, expr.span),
                    None => self.combined(typed, Type::Json, expr.span, ExprKind::List),
                }
            }
            ast::ExprKind::Record(entries) => {
                self.check_keys(entries);
                let names = entries.iter().map(|(key, _)| key_text(key).into()).collect();
                let values = entries.iter().map(|(key, value)| self.json_entry(key, value, read_as)).collect();
                self.finish_map(names, values, Type::Json, expr.span)
            }
            ast::ExprKind::With { base, changes } => {
                let base = self.json_literal_for(base, read_as);
                self.json_with(base, changes, read_as, expr.span)
            }
            ast::ExprKind::If { condition, then, otherwise } => {
                let test = self.condition(condition);
                let branch = |checker: &mut Self, outcome: bool, branch: &'a ast::Expr| {
                    checker.in_block(|checker| {
                        checker.assume(condition, outcome);
                        checker.json_literal_for(branch, read_as)
                    })
                };
                let (then, otherwise) = (branch(self, true, then), branch(self, false, otherwise));
                let (errs, free) = (test.errs || then.errs || otherwise.errs, test.free && then.free && otherwise.free);
                let kind = ExprKind::If { condition: Box::new(test), then: Box::new(then), otherwise: Box::new(otherwise) };
                Expr { kind, ty: Type::Json, at: self.at(expr.span), errs, free }
            }
            _ => {
                let typed = self.infer(expr);
                match &typed.ty {
                    Type::Json | Type::Error => typed,
                    Type::Optional(inner) if matches!(**inner, Type::Json) => Expr { ty: Type::Json, ..typed },
                    _ => to_json(typed),
                }
            }
        }
    }

    /// Refuses a key that is given twice or that is a path.
    fn check_keys(&mut self, entries: &'a [(Key, ast::Expr)]) {
        let mut seen = HashMap::new();
        for (key, _) in entries {
            if key.parts.len() > 1 {
                self.error_with_help(Code::Syntax, key.span, "a path is no key", "dotted paths stand in `with { … }`; nest the braces here");
            }
            if let Some(first) = seen.insert(key_text(key), key.span) {
                let message = format!("`{}` is given twice", key_text(key));
                let diagnostic = Diagnostic::error(Code::Duplicate, self.at(key.span), message).with_secondary(self.at(first), "first given here");
                self.report(diagnostic);
            }
        }
    }

    fn combined(&self, parts: Vec<Expr>, ty: Type, span: Span, make: impl FnOnce(Vec<Expr>) -> ExprKind) -> Expr {
        let errs = parts.iter().any(|part| part.errs);
        Expr { kind: make(parts), ty, at: self.at(span), errs, free: false }
    }
}

/// The text of a key of one part.
pub fn key_text(key: &Key) -> String {
    key.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
}

fn constants(typed: &[Expr]) -> Option<Vec<Kept>> {
    typed.iter().map(|expr| expr.constant().cloned()).collect()
}
