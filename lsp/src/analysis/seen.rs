//! Keys of JSON that the language knows no type of, as recorded requests and data have them.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_compiler::lint::each_expr;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, TemplatePart};
use tollgate_compiler::{Inspection, PolicySet, SymbolKind};

use super::actions::Value;
use super::markdown::code;
use super::{Cursor, item_at};

/// The most keys that are kept of values.
const MOST_KEYS: usize = 20_000;
/// The most values at one path that are looked at.
const MOST_VALUES: usize = 1_000;
/// The longest example, in bytes.
const LONGEST: usize = 60;

/// Where in the request, or in data, a value is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Path {
    /// The full name of the data; `None` for the request.
    pub data: Option<String>,
    /// The way from there.
    pub steps: Vec<Step>,
}

/// A step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// Any element of a list, or any value of an object.
    Element,
}

/// What was seen at a path, in the things that have been looked into: the name of each, and what it has there.
pub type Seen<'a> = &'a dyn Fn(&Path) -> Vec<(String, Found)>;

/// What a value, or many of them, have at a path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The kinds of the values.
    pub kinds: BTreeSet<&'static str>,
    /// One of them, where it is short.
    pub example: Option<String>,
    /// The keys of those that are objects, with the kinds of their values.
    pub keys: BTreeMap<String, BTreeSet<&'static str>>,
}

/// The shape of many values: what keys they have, and of what kinds they are.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    kinds: BTreeSet<&'static str>,
    example: Option<String>,
    keys: BTreeMap<String, Shape>,
    element: Option<Box<Shape>>,
}

/// Shapes of the values of one source; it keeps a bounded number of keys.
#[derive(Clone, Debug)]
pub struct Shapes {
    whole: Shape,
    room: usize,
}

impl Default for Shapes {
    fn default() -> Shapes {
        Shapes { whole: Shape::default(), room: MOST_KEYS }
    }
}

impl Shapes {
    /// Adds a value.
    pub fn add(&mut self, value: &Value) {
        self.whole.add(value, &mut self.room);
    }

    /// What the values have at the end of some steps; `None` where they have nothing.
    pub fn at(&self, steps: &[Step]) -> Option<Found> {
        let mut here = vec![&self.whole];
        for step in steps {
            let next = here.into_iter().flat_map(|shape| shape.step(step));
            here = next.take(MOST_VALUES).collect();
        }
        let mut found = Found::default();
        for shape in &here {
            found.kinds.extend(&shape.kinds);
            found.example = found.example.or_else(|| shape.example.clone());
            for (name, inner) in &shape.keys {
                found.keys.entry(name.clone()).or_default().extend(&inner.kinds);
            }
        }
        (!here.is_empty()).then_some(found)
    }
}

impl Shape {
    fn add(&mut self, value: &Value, room: &mut usize) {
        self.kinds.insert(kind(value));
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.add_key(name, value, room)),
            Value::List(items) => items.iter().for_each(|item| self.element.get_or_insert_default().add(item, room)),
            Value::None => {}
            _ if self.example.is_none() => self.example = Some(value.to_literal()).filter(|text| text.len() <= LONGEST),
            _ => {}
        }
    }

    fn add_key(&mut self, name: &str, value: &Value, room: &mut usize) {
        if let Some(known) = self.keys.get_mut(name) {
            return known.add(value, room);
        }
        if *room > 0 {
            *room -= 1;
            self.keys.entry(name.to_owned()).or_default().add(value, room);
        }
    }

    fn step(&self, step: &Step) -> Vec<&Shape> {
        match step {
            Step::Key(name) => self.keys.get(name).into_iter().collect(),
            Step::Element => self.element.as_deref().into_iter().chain(self.keys.values()).take(MOST_VALUES).collect(),
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::None => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::Text(_) => "string",
        Value::List(_) => "list",
        Value::Object(_) => "object",
    }
}

impl Found {
    /// Kinds in words.
    pub fn in_words(kinds: &BTreeSet<&'static str>) -> String {
        kinds.iter().copied().collect::<Vec<_>>().join(" or ")
    }
}

/// The path that an expression reads; `named` tells what its last word stands for.
pub fn path(expr: &Expr, named: &dyn Fn(&Expr) -> Option<(SymbolKind, String)>) -> Option<Path> {
    let further = |base: &Expr, step: Step| {
        let mut path = path(base, named)?;
        path.steps.push(step);
        Some(path)
    };
    if let Some((SymbolKind::Data, name)) = named(expr) {
        return Some(Path { data: Some(name), steps: Vec::new() });
    }
    match &expr.kind {
        ExprKind::Paren(inner) => path(inner, named),
        ExprKind::Name(word) => {
            let is_request = matches!(named(expr), Some((SymbolKind::Field, _)));
            is_request.then(|| Path { data: None, steps: vec![Step::Key(word.to_string())] })
        }
        ExprKind::Field { base, name, .. } => further(base, Step::Key(name.text.to_string())),
        ExprKind::Index { base, index } => further(base, text(index).map_or(Step::Element, |key| Step::Key(key.to_owned()))),
        // Conversions, such as `as_list()`.
        ExprKind::Method { base, name, args, .. } if args.is_empty() && name.text.starts_with("as_") => path(base, named),
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Template { parts, .. } => match parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// What an expression's last word stands for, by what an inspection has found of an item that begins at `start`.
pub fn named(inspection: &Inspection, start: u32, expr: &Expr) -> Option<(SymbolKind, String)> {
    let word = match &expr.kind {
        ExprKind::Name(_) => expr.span,
        ExprKind::Field { name, .. } => name.span,
        _ => return None,
    };
    let used = inspection.uses.iter().find(|used| used.at.span.start == word.start + start && used.at.span.end == word.end + start)?;
    Some((used.symbol.kind, used.symbol.name.to_string()))
}

/// What was seen of the key of JSON at a place, as Markdown.
pub fn about(set: &PolicySet, at: Cursor, seen: Seen<'_>) -> Option<String> {
    let place = item_at(set, at)?;
    let offset = at.offset.checked_sub(place.start)?;
    let mut key = None;
    each_expr(place.item?, &mut |expr| {
        let is_here = match &expr.kind {
            ExprKind::Field { name, .. } => (name.span.start..=name.span.end).contains(&offset),
            ExprKind::Index { index, .. } => text(index).is_some() && (index.span.start..=index.span.end).contains(&offset),
            _ => false,
        };
        key = key.filter(|_| !is_here).or(is_here.then_some(expr));
    });
    let (ExprKind::Field { base, .. } | ExprKind::Index { base, .. }) = &key?.kind else { return None };
    let inspection = set.inspect(at.file, at.span());
    let ty = inspection.type_of(place.at(base.span))?;
    if !matches!(ty.present(), tollgate_stdlib::types::Type::Json) {
        return None;
    }
    let found = seen(&path(key?, &|expr| named(&inspection, place.start, expr))?);
    let told = found.iter().map(|(source, found)| {
        let example = found.example.as_ref().map(|example| format!(", such as {}", code(example))).unwrap_or_default();
        format!("seen in {}: {}{example}", code(source), Found::in_words(&found.kinds))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("\n\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::completion::{Surroundings, complete};
    use crate::analysis::marked::marked;

    const CALLS: [&str; 3] = [
        r#"{"args": {"order": {"id": "a-1", "lines": [{"sku": "x", "no word": 1}]}}, "context": {"attributes": {"ticket": {"state": "open"}}}}"#,
        r#"{"args": {"order": {"id": 7, "lines": [{"count": 2}]}, "note": null}}"#,
        r#"{"args": []}"#,
    ];

    fn seen(path: &Path) -> Vec<(String, Found)> {
        let (name, values): (&str, &[&str]) = match path.data.as_deref() {
            None => ("calls.jsonl", &CALLS),
            Some("a.flags") => ("flags.json", &[r#"{"beta": {"on": true}, "gamma": {"off": false}}"#]),
            Some(_) => return Vec::new(),
        };
        let mut shapes = Shapes::default();
        values.iter().for_each(|value| shapes.add(&Value::parse(value).unwrap()));
        shapes.at(&path.steps).map(|found| (name.to_owned(), found)).into_iter().collect()
    }

    /// The keys that are offered in a condition, with what is shown of them.
    fn offered(condition: &str) -> Vec<String> {
        let marked = marked(&format!("package a\ndata flags: json = {{}}\ndata by: map<json> = {{}}\nallow x when {condition}\n"));
        let found = complete(&marked.set, marked.at, &Surroundings { data_keys: None, seen: Some(&seen) });
        let keys = found.iter().filter(|found| found.detail.contains("seen in"));
        keys.map(|found| format!("{}: {}", found.text, found.detail)).collect()
    }

    #[test]
    fn keys_of_json_are_offered_as_they_were_seen() {
        let cases: [(&str, &[&str]); 14] = [
            ("args.$0", &["note: null, seen in calls.jsonl", "order: object, seen in calls.jsonl"]),
            ("args.order.$0", &["id: number or string, seen in calls.jsonl", "lines: list, seen in calls.jsonl"]),
            ("args[\"order\"].i$0 == 1", &["id: number or string, seen in calls.jsonl", "lines: list, seen in calls.jsonl"]),
            (
                "args.order.lines[0].$0",
                &["count: number, seen in calls.jsonl", "\"no word\": number, seen in calls.jsonl", "sku: string, seen in calls.jsonl"],
            ),
            ("args.order[\"$0\"] == 1", &["id: number or string, seen in calls.jsonl", "lines: list, seen in calls.jsonl"]),
            ("args.order[\"$0", &["id: number or string, seen in calls.jsonl", "lines: list, seen in calls.jsonl"]),
            ("context.attributes.$0", &["ticket: object, seen in calls.jsonl"]),
            ("context.attributes.ticket?.$0", &["state: string, seen in calls.jsonl"]),
            ("args has $0", &["note: null, seen in calls.jsonl", "order: object, seen in calls.jsonl"]),
            (
                "args.order.lines[0] has n$0 and true",
                &["count: number, seen in calls.jsonl", "\"no word\": number, seen in calls.jsonl", "sku: string, seen in calls.jsonl"],
            ),
            ("flags.$0", &["beta: object, seen in flags.json", "gamma: object, seen in flags.json"]),
            ("flags[agent.id].$0", &["off: bool, seen in flags.json", "on: bool, seen in flags.json"]),
            ("args.none.$0", &[]),
            ("agent.$0", &[]),
        ];
        for (condition, expected) in cases {
            assert_eq!(offered(condition), expected, "{condition}");
        }
    }

    #[test]
    fn a_key_of_json_tells_what_was_seen() {
        let cases = [
            ("args.order.i$0d == 1", Some("seen in `calls.jsonl`: number or string, such as `\"a-1\"`")),
            ("args.ord$0er.id == 1", Some("seen in `calls.jsonl`: object")),
            ("flags[\"be$0ta\"] == none", Some("seen in `flags.json`: object")),
            ("args.other$0 == 1", None),
            ("agent.i$0d == \"\"", None),
            ("tr$0ue", None),
        ];
        for (condition, expected) in cases {
            let marked = marked(&format!("package a\ndata flags: json = {{}}\nallow x when {condition}\n"));
            assert_eq!(about(&marked.set, marked.at, &seen).as_deref(), expected, "{condition}");
        }
    }

    #[test]
    fn keys_are_bounded() {
        let mut shapes = Shapes::default();
        for number in 0..MOST_KEYS + 10 {
            shapes.add(&Value::Object(vec![(format!("k{number}"), Value::Bool(true))]));
        }
        assert_eq!(shapes.at(&[]).unwrap().keys.len(), MOST_KEYS);
        assert_eq!(shapes.at(&[Step::Element, Step::Element]), None);
    }
}
