//! What a declaration was imported with, field by field and fact by fact, as the ledger remembers it.

use std::collections::HashMap;

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{Expr, FieldDecl, Name};

use super::declared::{documentation_before, range};
use super::ledger::digest;
use super::merge::{Fields, below, record};
use super::outline::conjuncts;

/// What was imported of one declaration.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// Whether anything was: else nothing tells what the server has changed from what the author has.
    pub is_known: bool,
    fields: HashMap<String, Imported>,
    /// Whether records took further fields, by where they stand.
    open: HashMap<String, bool>,
    facts: HashMap<String, String>,
}

/// What a field was imported with, in digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Whether it must be there, may be absent, or has a default, and which.
    pub presence: String,
    /// Its type.
    pub ty: String,
    /// What was asked of it besides.
    pub conditions: Vec<String>,
    /// Its documentation; none where it had none.
    pub documentation: Option<String>,
}

impl Base {
    /// What some words of a ledger tell of fields (`=…`) and facts (`^…`).
    pub fn of(words: &[String]) -> Base {
        let mut base = Base::default();
        for word in words {
            if let Some(fields) = word.strip_prefix('=') {
                for written in fields.split(',') {
                    if let Some((path, field)) = Imported::read(written) {
                        base.fields.insert(path, field);
                    } else if let Some(path) = written.strip_suffix(['~', '!']) {
                        base.open.insert(path.to_owned(), written.ends_with('~'));
                    }
                }
                base.is_known |= !base.open.is_empty();
            } else if let Some(facts) = word.strip_prefix('^') {
                base.is_known = true;
                let facts = facts.split(',').filter_map(|written| written.split_once('='));
                base.facts.extend(facts.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
        }
        base
    }

    /// What a field was imported with.
    pub fn field(&self, path: &str) -> Option<&Imported> {
        self.fields.get(&digest(path))
    }

    /// Whether the record at a path took further fields; none where there was no such record.
    pub fn was_open(&self, path: &str) -> Option<bool> {
        self.open.get(&digest(path)).copied()
    }

    /// The digest of a fact's value.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.facts.get(&digest(name)).map(String::as_str)
    }
}

impl Imported {
    /// What a field of a text is.
    pub fn of(text: &str, field: &FieldDecl) -> Imported {
        let presence = match &field.default {
            Some(default) => digest(&expr_to_text(default)),
            None if field.optional => "?".to_owned(),
            None => "!".to_owned(),
        };
        let documentation = text.get(documentation_before(text, field.span.start as usize)).unwrap_or_default();
        Imported {
            presence,
            ty: digest(text.get(range(field.ty.span)).unwrap_or_default()),
            conditions: conjuncts(field.refinement.as_ref()).iter().map(|condition| digest(condition)).collect(),
            documentation: (!documentation.is_empty()).then(|| digest(documentation)),
        }
    }

    /// Whether both ask the same, whatever they say to people.
    pub fn is_as(&self, other: &Imported) -> bool {
        (&self.presence, &self.ty, &self.conditions) == (&other.presence, &other.ty, &other.conditions)
    }

    /// As a ledger has it: path, presence, type, conditions, documentation.
    fn written(&self, path: &str) -> String {
        let conditions: String = self.conditions.iter().map(|condition| format!("&{condition}")).collect();
        let documentation = self.documentation.iter().map(|digest| format!("/{digest}"));
        format!("{}.{}.{}{conditions}{}", digest(path), self.presence, self.ty, documentation.collect::<String>())
    }

    fn read(written: &str) -> Option<(String, Imported)> {
        let (said, documentation) = match written.split_once('/') {
            Some((said, documentation)) => (said, Some(documentation.to_owned())),
            None => (written, None),
        };
        let mut parts = said.split('&');
        let mut head = parts.next()?.split('.').map(str::to_owned);
        let (path, presence, ty) = (head.next()?, head.next()?, head.next()?);
        Some((path, Imported { presence, ty, conditions: parts.map(str::to_owned).collect(), documentation }))
    }
}

/// The word of a ledger for the fields of a declaration, with those of the records that they hold themselves.
pub fn of_fields(text: &str, fields: Fields) -> String {
    let mut entries = Vec::new();
    add_fields(text, fields, "", &mut entries);
    format!("={}", entries.join(","))
}

fn add_fields(text: &str, of: Fields, within: &str, entries: &mut Vec<String>) {
    entries.push(digest(within) + if of.open { "~" } else { "!" });
    for field in of.fields {
        let path = below(within, field);
        entries.push(Imported::of(text, field).written(&path));
        if let Some((path, inner)) = record(&field.ty, &path) {
            add_fields(text, inner, &path, entries);
        }
    }
}

/// The word of a ledger for the facts of a tool.
pub fn of_facts(facts: &[(Name, Expr)]) -> String {
    let entries: Vec<String> = facts.iter().map(|(name, value)| format!("{}={}", digest(&name.text), digest(&expr_to_text(value)))).collect();
    format!("^{}", entries.join(","))
}
