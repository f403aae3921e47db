//! What the steps of a sequence leave to those after them.

use std::sync::Arc;

use tollgate_evaluator::{Effect, Kept};
use tollgate_stdlib::KeptMap;

/// The calls of the steps before.
#[derive(Debug, Default)]
pub struct History {
    calls: Vec<Kept>,
}

impl History {
    /// A step's request with the calls before it as its `session`, unless it brings a session of its own.
    pub fn before(&self, input: Kept) -> Kept {
        match &input {
            Kept::Map(fields) if fields.get("session").is_none() && !self.calls.is_empty() => {
                let session = object([("calls", Kept::List(self.calls.clone().into()))]);
                let fields = fields.entries().iter().cloned().chain([("session".into(), session)]);
                Kept::Map(KeptMap::new(fields.collect()))
            }
            _ => input,
        }
    }

    /// A step's call has been decided, and its tool gave a result.
    pub fn after(&mut self, input: &Kept, effect: Effect, result: Option<Kept>) {
        let fields = [
            ("tool", at(input, &["tool", "name"])),
            ("server", at(input, &["tool", "server"])),
            ("args", at(input, &["args"])),
            ("result", result),
            ("effect", Some(Kept::Str(effect.name().into()))),
            ("time", at(input, &["context", "time"])),
        ];
        self.calls.push(object(fields.into_iter().filter_map(|(name, value)| Some((name, value?)))));
    }
}

fn object(fields: impl IntoIterator<Item = (&'static str, Kept)>) -> Kept {
    let fields = fields.into_iter().map(|(name, value)| (Arc::from(name), value));
    Kept::Map(KeptMap::new(fields.collect()))
}

/// The value at a path of names, where there is one.
fn at(value: &Kept, path: &[&str]) -> Option<Kept> {
    let found = path.iter().try_fold(value, |value, name| if let Kept::Map(fields) = value { fields.get(name) } else { None });
    found.cloned()
}
