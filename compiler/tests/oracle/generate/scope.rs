//! What an expression may read where it stands, as texts with their types.

use super::constants::KEYS;
use super::schema::{Schema, Ty, field_name};

/// Steps into a value.
const DEPTH: usize = 3;

/// Texts that can be read, and what they are.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    paths: Vec<(String, Ty)>,
}

impl Scope {
    /// Every text that can be read.
    pub fn paths(&self) -> &[(String, Ty)] {
        &self.paths
    }

    /// Those of which something holds.
    pub fn with(&self, wanted: impl Fn(&Ty) -> bool) -> Vec<(String, Ty)> {
        self.paths.iter().filter(|(_, ty)| wanted(ty)).cloned().collect()
    }

    /// Adds a value, and what can be reached through it.
    pub fn add(&mut self, schema: &Schema, text: &str, ty: &Ty) {
        self.reach(schema, text, ty, DEPTH);
    }

    /// From here on that text is known to be present, as is everything that its `?.` go through.
    pub fn prove(&mut self, schema: &Schema, text: &str, ty: &Ty) {
        let start = text.find("?.").map_or(text, |end| &text[..end]);
        self.paths.retain(|(other, _)| !goes_through(other, start));
        self.add(schema, text, ty.present());
    }

    fn reach(&mut self, schema: &Schema, text: &str, ty: &Ty, depth: usize) {
        self.paths.push((text.to_owned(), ty.clone()));
        if depth == 0 {
            return;
        }
        let key = KEYS[text.len() % KEYS.len()];
        match ty {
            Ty::Record(index) => {
                for field in &schema.records[*index].fields {
                    self.reach(schema, &format!("{text}.{}", field_name(&field.name)), &field.read(), depth - 1);
                }
            }
            Ty::List(element) => {
                let place = ["0", "-1", "1", "9223372036854775807"][text.len() % 4];
                self.reach(schema, &format!("{text}[{place}]"), &(**element).clone().optional(), depth - 1);
            }
            Ty::Map(element) => self.reach(schema, &format!("{text}[\"{key}\"]"), &(**element).clone().optional(), depth - 1),
            Ty::Json => self.reach_json(schema, text, depth),
            Ty::Optional(inner) => match &**inner {
                Ty::Record(index) => {
                    for field in &schema.records[*index].fields {
                        self.reach(schema, &format!("{text}?.{}", field_name(&field.name)), &field.read().optional(), depth - 1);
                    }
                }
                Ty::Json => self.reach_json(schema, text, depth),
                _ => {}
            },
            _ => {}
        }
    }

    fn reach_json(&mut self, schema: &Schema, text: &str, depth: usize) {
        let key = KEYS[text.len() % 2];
        for step in [format!(".{key}"), "[\"x-id\"]".into(), "[0]".into()] {
            self.reach(schema, &format!("{text}{step}"), &Ty::Json.optional(), depth - 1);
        }
    }
}

/// Whether a text is that start, or goes on from it.
fn goes_through(text: &str, start: &str) -> bool {
    text.strip_prefix(start).is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_'))
}
