//! Terms as what their place needs: a value of the language's own type, or JSON.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::expr::Translator;
use super::schema::{Field, Type};
use super::term::{Form, Level, Term, member};
use crate::toll::{self, quoted};

impl Translator<'_> {
    pub(super) fn bool(&mut self, term: Term) -> Term {
        self.native(&Type::Bool, term)
    }

    pub(super) fn long(&mut self, term: Term) -> Term {
        self.native(&Type::Long, term)
    }

    pub(super) fn text(&mut self, term: Term) -> Term {
        self.native(&Type::Text, term)
    }

    pub(super) fn entity(&mut self, term: Term) -> Term {
        self.native(&Type::Entity(None), term)
    }

    pub(super) fn set(&mut self, term: Term) -> Term {
        self.native(&Type::Set(Rc::new(Type::Any)), term)
    }

    /// The term as the language's own type of that kind: an error where the value is of another.
    pub(super) fn native(&mut self, kind: &Type, term: Term) -> Term {
        let is_known = same_kind(&term.ty, kind);
        if term.is_native() && is_known {
            return term;
        }
        if !is_known {
            self.risk(&format!("{} may be no {}", described(&term), named_kind(kind)));
        }
        let is_implicit = is_known && term.outside;
        if is_implicit && matches!(kind, Type::Set(_)) && term.ty.has_implicit() {
            let ty = term.ty.clone();
            let text = self.explicit(&ty, &term.text, 0);
            return Term::native(ty, Level::Postfix, text).above(&[&term]);
        }
        let given = if term.is_native() { self.json(&term) } else { term.text.clone() };
        let ty = if is_known { term.ty.clone() } else { kind.clone() };
        let (helper, function) = match kind {
            Type::Bool => ("bool_of", ""),
            Type::Long => ("long_of", ""),
            Type::Text => ("string_of", ""),
            Type::Entity(_) => (if is_implicit { "typed_entity" } else { "entity_of" }, ""),
            Type::Ip => ("range_of", "ip"),
            Type::Decimal => ("decimal_of", "decimal"),
            Type::Datetime => ("datetime_of", "datetime"),
            Type::Duration => ("duration_of", "duration"),
            _ => ("set_of", ""),
        };
        let given = if is_implicit && !function.is_empty() { self.call("typed_extension", &[&given, &quoted(function)]) } else { given };
        let text = self.call(helper, &[&given]);
        Term::native(ty, Level::Postfix, text).above(&[&term])
    }

    /// The term as the language's own type where it is a scalar or an entity of which the schema says so.
    pub(super) fn settled(&mut self, term: Term) -> Term {
        if term.is_native() || !term.is_plain() {
            return term;
        }
        let kind = term.ty.clone();
        self.native(&kind, term)
    }

    /// JSON that is present, as an argument.
    pub(super) fn json(&mut self, term: &Term) -> String {
        match &term.form {
            Form::Native { json: Some(json) } => json.clone(),
            Form::Native { json: None } => match term.ty {
                Type::Entity(_) => self.call("reference", &[&term.text]),
                Type::Datetime => self.call("datetime_value", &[&term.text]),
                Type::Duration => self.call("duration_value", &[&term.text]),
                _ => term.text.clone(),
            },
            _ if term.outside && term.ty.has_implicit() => self.explicit(&term.ty.clone(), &term.text, 0),
            Form::Json => term.text.clone(),
            Form::Maybe => format!("{}.or_error()", term.at(Level::Postfix)),
        }
    }

    /// JSON that may be absent, as an argument.
    pub(super) fn loose(&mut self, term: &Term) -> String {
        if term.form == Form::Maybe { term.text.clone() } else { self.json(term) }
    }

    /// JSON that is present, as an operand of the type `json`.
    pub(super) fn value(&mut self, term: &Term) -> String {
        let json = self.json(term);
        let is_list = matches!(term.ty, Type::Set(_)) && term.outside && term.ty.has_implicit();
        if is_list || term.is_native() && !matches!(term.ty, Type::Entity(_) | Type::Datetime | Type::Duration | Type::Ip) {
            return self.call("value", &[&json]);
        }
        if term.form == Form::Json { Term { text: json, ..term.clone() }.at(Level::Postfix) } else { json }
    }

    /// A value of the context in the form that says what it is, where the schema allows to leave that out.
    pub(super) fn explicit(&mut self, ty: &Type, text: &str, depth: usize) -> String {
        match ty {
            Type::Entity(_) => {
                let read = self.call("typed_entity", &[text]);
                self.call("reference", &[&read])
            }
            Type::Set(element) if element.has_implicit() => {
                let each = if depth == 0 { "each".to_owned() } else { format!("each_{depth}") };
                let inner = self.explicit(element, &each, depth + 1);
                let inner = if matches!(**element, Type::Set(_)) { self.call("value", &[&inner]) } else { inner };
                format!("{}.map({each} => {inner})", self.call("set_of", &[text]))
            }
            Type::Record(fields) if ty.has_implicit() => {
                let name = self.explicit_record(fields, depth);
                let present = if depth == 0 { format!("{text}.or_error()") } else { text.to_owned() };
                format!("{name}({present})")
            }
            Type::Ip => self.call("typed_extension", &[text, "\"ip\""]),
            Type::Decimal => self.call("typed_extension", &[text, "\"decimal\""]),
            Type::Datetime => self.call("typed_extension", &[text, "\"datetime\""]),
            Type::Duration => self.call("typed_extension", &[text, "\"duration\""]),
            _ => text.to_owned(),
        }
    }

    /// A function that does so with a record.
    fn explicit_record(&mut self, fields: &BTreeMap<String, Field>, depth: usize) -> String {
        let mut text = "of".to_owned();
        for (name, field) in fields.iter().filter(|(_, field)| field.ty.has_implicit()) {
            let path = member("of", name);
            let inner = self.explicit(&field.ty, &path, depth + 1);
            let part = self.names.value(&format!("{}_field", self.policy));
            self.parts.push(format!("fn {part}(of: json) -> json = if {path} != none then of with {{ {}: {inner} }} else of\n", toll::field(name)));
            text = format!("{part}({text})");
        }
        let name = self.names.value(&format!("{}_record", self.policy));
        self.parts.push(format!("fn {name}(of: json) -> json = {text}\n"));
        name
    }

    pub(super) fn call(&self, name: &str, args: &[&str]) -> String {
        format!("{name}({})", args.join(", "))
    }

    pub(super) fn risk(&mut self, what: &str) {
        self.risks.insert(what.to_owned());
    }
}

/// Whether two types are of one kind, whatever their elements.
pub(super) fn same_kind(a: &Type, b: &Type) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn named_kind(kind: &Type) -> &'static str {
    match kind {
        Type::Bool => "bool",
        Type::Long => "number",
        Type::Text => "string",
        Type::Entity(_) => "entity",
        Type::Set(_) => "set",
        Type::Ip => "address",
        Type::Decimal => "decimal",
        Type::Datetime => "datetime",
        Type::Duration => "duration",
        Type::Record(_) | Type::Open => "record",
        Type::Any => "value",
    }
}

/// A term in a few words, for notes.
fn described(term: &Term) -> String {
    if term.text.len() <= 60 { format!("`{}`", term.text) } else { "a value".to_owned() }
}
