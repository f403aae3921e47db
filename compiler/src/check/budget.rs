//! How much a set may make of few words: fields that types take over from others, values that literals leave to defaults.

use tollgate_stdlib::Value;
use tollgate_stdlib::types::{Presence, RecordType, Type};

use crate::diagnostic::{Code, Diagnostic, Location};

/// How many fields and values the types and constants of a set may have in all.
const MAX_MADE: usize = 1 << 19;

/// How many scalars constants may have in all where their names stand.
const MAX_COPIED: usize = 1 << 20;

/// A constant of so many scalars is copied wherever its name stands.
const SMALL: usize = 16;

/// The most values that a constant has.
pub const MAX_CONSTANT: usize = 1 << 16;

/// How deep a type may nest that an expression has.
const MAX_DEPTH: usize = 64;

/// How many types an expression's type may have in it.
const MAX_SIZE: usize = 1 << 16;

/// What a set has made so far.
#[derive(Clone, Debug, Default)]
pub struct Budget {
    made: usize,
    copied: usize,
    exceeded: Option<Location>,
}

impl Budget {
    /// Whether so much more may be made for what stands there. The first that may not is diagnosed at the end.
    pub fn spend(&mut self, amount: usize, at: Location) -> bool {
        self.made = self.made.saturating_add(amount);
        let within = self.made <= MAX_MADE;
        if !within && self.exceeded.is_none() {
            self.exceeded = Some(at);
        }
        within
    }

    /// Whether nothing more may be made.
    pub fn is_spent(&self) -> bool {
        self.made > MAX_MADE
    }

    /// Whether what may be made or copied depends on what else there is.
    pub fn is_exhausted(&self) -> bool {
        self.is_spent() || self.copied > MAX_COPIED
    }

    /// Whether a constant may be copied to where its name stands.
    pub fn copy(&mut self, constant: Value<'_>) -> bool {
        let is_small = size_up_to(constant, SMALL) <= SMALL;
        if !is_small && self.copied <= MAX_COPIED {
            self.copied = self.copied.saturating_add(size_up_to(constant, MAX_CONSTANT));
        }
        is_small || self.copied <= MAX_COPIED
    }

    /// What to say where more was needed.
    pub fn exceeded(&self) -> Option<Diagnostic> {
        let message = format!("the types and constants of the set have more than {MAX_MADE} fields and values, counted up to here");
        let diagnostic = Diagnostic::error(Code::TooLarge, self.exceeded?, message);
        Some(diagnostic.with_help("fields that a type takes over and values left to defaults count each time: make the records smaller"))
    }
}

/// Whether a value has more values in it than a constant may have.
pub fn is_too_large(value: Value<'_>) -> bool {
    size_up_to(value, MAX_CONSTANT) > MAX_CONSTANT
}

/// What it takes to copy a record's fields with their defaults.
pub fn size_of_fields(record: &RecordType) -> usize {
    record.fields.iter().map(|field| size_of_presence(&field.presence)).sum()
}

/// What it takes to leave a field out.
pub fn size_of_presence(presence: &Presence) -> usize {
    match presence {
        Presence::Default(value) => size_up_to(value.view(), MAX_CONSTANT).saturating_add(1),
        Presence::Required | Presence::Optional => 1,
    }
}

/// How many scalars and collections a value holds, text counted by its length; counting ends a little above the given number.
pub fn size_up_to(value: Value<'_>, most: usize) -> usize {
    let mut count = 0;
    let mut pending = vec![value];
    while let Some(value) = pending.pop() {
        count += 1;
        if count > most {
            break;
        }
        match value {
            Value::Str(text) => count += text.len() / 16,
            Value::List(_) | Value::Set(_) | Value::Map(_) => pending.extend(value.elements().take((most + 1).saturating_sub(count))),
            Value::Record(record) => {
                let before = pending.len();
                pending.extend(record.present().map(|(_, value)| value));
                count += record.shape().len().saturating_sub(pending.len() - before);
            }
            _ => {}
        }
    }
    count
}

/// What is wrong with the type of an expression that is too large, or too deep; types that lets build on each other are so in few words.
pub fn excess(ty: &Type) -> Option<(Code, String)> {
    let extent = ty.extent();
    if extent.depth > MAX_DEPTH {
        Some((Code::Nesting, format!("the type of this is nested more than {MAX_DEPTH} levels deep")))
    } else if extent.size > MAX_SIZE {
        Some((Code::TooLarge, format!("the type of this has more than {MAX_SIZE} parts")))
    } else {
        None
    }
}
