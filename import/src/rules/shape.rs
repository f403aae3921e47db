//! The fields that conditions read, and the types that they read them as.

use std::collections::{BTreeMap, BTreeSet};

use super::caps::is_pattern;
use super::condition::{Literal, Match, Path, Root, Test};
use super::read::Rule;
use crate::{Fate, Note};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    /// A list of texts.
    Texts,
    /// A list of anything.
    List,
    /// A text or a list, of which the length alone is asked.
    Sized,
    /// One of the usual levels of risk, in their order.
    Level,
    /// Conditions ask different things of it.
    Any,
    /// Something that no condition of a rule file can ask about, such as an instant.
    Other,
}

/// A field of the standard input: what it holds, and whether it may be absent. A text that is not given is `""` there.
#[derive(Clone, Copy, Debug)]
pub struct Standard {
    pub kind: Kind,
    pub optional: bool,
}

/// The fields that rules read.
#[derive(Debug, Default)]
pub struct Shape {
    /// Those that `std` does not have, by where they are and their first name.
    pub fields: BTreeMap<(Root, String), Kind>,
    /// Texts that are compared with what is no level.
    words: BTreeSet<(Root, String)>,
    /// The tools that are declared, with the arguments that rules read.
    pub tools: BTreeMap<String, BTreeSet<String>>,
}

/// The usual levels of risk, in their order.
pub const LEVELS: [&str; 4] = ["low", "medium", "high", "critical"];

impl Shape {
    /// What rules read.
    pub fn of(rules: &[Rule], notes: &mut Vec<Note>) -> Shape {
        let mut shape = Shape::default();
        for rule in rules {
            rule.visit(&mut |test| shape.read(test));
        }
        // Once the other readings are known, two fields that are compared have one kind.
        for rule in rules {
            rule.visit(&mut |test| shape.read_pair(test));
        }
        for (field, kind) in &mut shape.fields {
            if *kind == Kind::Level && shape.words.contains(field) {
                *kind = Kind::Text;
            }
        }
        shape.declare(rules, notes);
        shape
    }

    /// What a field holds, and whether the standard input has it.
    pub fn kind(&self, path: &Path) -> Kind {
        let [first] = path.fields.as_slice() else { return Kind::Any };
        standard(path.root, first).map_or_else(|| self.fields.get(&(path.root, first.clone())).copied().unwrap_or(Kind::Any), |field| field.kind)
    }

    /// Whether arguments of a rule are typed by its tools.
    pub fn is_typed(&self, rule: &Rule) -> bool {
        !rule.tools.is_empty() && rule.tools.iter().all(|tool| self.tools.contains_key(tool))
    }

    fn read(&mut self, test: &Test) {
        let literals = match test {
            Test::Compare(path, _, literal) => Some((path, std::slice::from_ref(literal))),
            Test::OneOf(path, literals) => Some((path, literals.as_slice())),
            _ => None,
        };
        if let Some((path, literals)) = literals
            && literals.iter().any(|literal| matches!(literal, Literal::Text(text) if !LEVELS.contains(&text.as_str())))
        {
            self.words.extend(path.fields.first().map(|first| (path.root, first.clone())));
        }
        match test {
            Test::Is(path) => self.add(path, Kind::Bool),
            Test::Compare(path, sign, literal) => self.add(path, kind_of(literal, sign.is_order())),
            Test::OneOf(path, literals) => literals.iter().for_each(|literal| self.add(path, kind_of(literal, false))),
            Test::Holds(path, Literal::Text(_)) => self.add(path, Kind::Texts),
            Test::Holds(path, _) => self.add(path, Kind::List),
            Test::Length(path, ..) | Test::Empty(path) => self.add(path, Kind::Sized),
            Test::Text(path, how, _) => {
                self.add(path, if *how == Match::Contains && self.kind(path) == Kind::Texts { Kind::Texts } else { Kind::Text })
            }
            _ => {}
        }
    }

    /// What other tests tell more of.
    fn read_pair(&mut self, test: &Test) {
        if let Test::Present(path, _) = test {
            let first = path.fields.first().filter(|first| path.root != Root::Tool && standard(path.root, first).is_none());
            first.map(|first| self.fields.entry((path.root, first.clone())).or_insert(Kind::Any));
        }
        let Test::Fields(left, sign, right) = test else { return };
        let known = [left, right].into_iter().map(|path| self.kind(path)).find(|kind| !matches!(kind, Kind::Any | Kind::Other));
        let kind = known.unwrap_or(if sign.is_order() { Kind::Number } else { Kind::Text });
        self.add(left, kind);
        self.add(right, kind);
    }

    fn add(&mut self, path: &Path, kind: Kind) {
        let Some(first) = path.fields.first() else { return };
        if path.root == Root::Tool || path.fields.len() == 1 && standard(path.root, first).is_some() {
            return;
        }
        let kind = match kind {
            _ if path.fields.len() > 1 => Kind::Any,
            _ if !path.methods.is_empty() => Kind::Text,
            kind => kind,
        };
        self.fields.entry((path.root, first.clone())).and_modify(|known| *known = both(*known, kind)).or_insert(kind);
    }

    /// The tools that rules name, each with every argument that a rule about it reads.
    fn declare(&mut self, rules: &[Rule], notes: &mut Vec<Note>) {
        let mut folded: BTreeMap<String, String> = BTreeMap::new();
        for rule in rules {
            let mut arguments = BTreeSet::new();
            rule.visit(&mut |test| {
                paths(test, &mut |path| {
                    if path.root == Root::Args {
                        arguments.extend(path.fields.first().cloned());
                    }
                })
            });
            for tool in rule.tools.iter().filter(|tool| !is_pattern(tool)) {
                let first = folded.entry(tool.to_lowercase()).or_insert_with(|| tool.clone());
                if first != tool {
                    let text =
                        format!("`{tool}` and `{first}` differ by case alone: a call by the name that is not declared is denied as an input error");
                    notes.push(Note::new(&rule.source, rule.place.clone(), Fate::Stricter, text));
                    continue;
                }
                self.tools.entry(tool.clone()).or_default().extend(arguments.iter().cloned());
            }
        }
    }
}

/// A field that the standard input has.
pub fn standard(root: Root, field: &str) -> Option<Standard> {
    let (kind, optional) = match (root, field) {
        (Root::Agent, "id" | "role" | "team") => (Kind::Text, false),
        (Root::Agent, "labels") | (Root::Tool, "labels") | (Root::Session, "labels") => (Kind::Texts, false),
        (Root::User, "id") => (Kind::Text, true),
        (Root::User, "groups") => (Kind::Texts, true),
        (Root::Tool, "name" | "server" | "category" | "title") => (Kind::Text, false),
        (Root::Tool, "read_only" | "destructive" | "idempotent" | "open_world" | "declared") => (Kind::Bool, false),
        (Root::Context, "environment" | "trace_id") => (Kind::Text, false),
        (Root::Context, "time" | "source_ip") => (Kind::Other, true),
        (Root::Session, "id" | "prompt") => (Kind::Text, false),
        (Root::Session, "cost") => (Kind::Number, false),
        (Root::Session, "calls") => (Kind::List, false),
        _ => return None,
    };
    Some(Standard { kind, optional })
}

fn kind_of(literal: &Literal, is_ordered: bool) -> Kind {
    match literal {
        Literal::Bool(_) => Kind::Bool,
        Literal::Number(_) => Kind::Number,
        Literal::Text(text) if is_ordered && LEVELS.contains(&text.as_str()) => Kind::Level,
        Literal::Text(_) => Kind::Text,
    }
}

fn both(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (one, other) if one == other => one,
        (Kind::Sized, sized @ (Kind::Text | Kind::Texts | Kind::List)) | (sized @ (Kind::Text | Kind::Texts | Kind::List), Kind::Sized) => sized,
        (Kind::List, Kind::Texts) | (Kind::Texts, Kind::List) => Kind::Texts,
        (Kind::List, Kind::Text) | (Kind::Text, Kind::List) => Kind::Text,
        (Kind::Level, Kind::Text) | (Kind::Text, Kind::Level) => Kind::Level,
        _ => Kind::Any,
    }
}

/// Every test inside a test.
pub fn visit<'t>(test: &'t Test, each: &mut impl FnMut(&'t Test)) {
    match test {
        Test::All(tests) | Test::Any(tests) => tests.iter().for_each(|test| visit(test, each)),
        Test::Not(inner) => visit(inner, each),
        leaf => each(leaf),
    }
}

/// A function that gives every field of a test, and of the tests inside it, to another.
macro_rules! each_field {
    ($name:ident, $lifetime:lifetime, $test:ty, $path:ty, $iter:ident) => {
        pub fn $name<$lifetime>(test: $test, each: &mut impl FnMut($path)) {
            match test {
                Test::All(tests) | Test::Any(tests) => tests.$iter().for_each(|test| $name(test, each)),
                Test::Not(inner) => $name(inner, each),
                Test::Is(path)
                | Test::Present(path, _)
                | Test::Compare(path, ..)
                | Test::OneOf(path, _)
                | Test::Holds(path, _)
                | Test::Text(path, ..)
                | Test::Length(path, ..)
                | Test::Empty(path) => each(path),
                Test::Fields(left, _, right) => {
                    each(left);
                    each(right);
                }
                Test::Constant(_) => {}
            }
        }
    };
}

each_field!(paths, 't, &'t Test, &'t Path, iter);
each_field!(paths_mut, 't, &'t mut Test, &'t mut Path, iter_mut);
