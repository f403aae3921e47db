//! What shapes ask beyond types, as conditions of the language.
//!
//! A condition never refuses what the shape takes; what it cannot say is noted.

use std::collections::HashSet;

use tollgate_compiler::syntax::lexer;

use super::lost::{Lost, shown};
use super::number::Number;
use super::pattern;
use super::shape::{Lists, Numbers, Objects, Rest, Shape, Texts};
use super::types::{Only, is_int, only};
use crate::Fate;
use crate::toll;

/// How deep lambdas stand in each other.
const DEEPEST: usize = 3;

/// How many kinds of JSON there are, `null` aside.
const KINDS: usize = 5;

/// Conditions that all hold as one. One alone that is made of alternatives needs no brackets.
pub fn joined(asked: &[String]) -> String {
    match asked {
        [only] => only.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(only).to_owned(),
        several => several.join(" and "),
    }
}

/// Writes the conditions of one field.
pub struct Conditions<'c> {
    /// Names that variables may not have.
    taken: &'c HashSet<&'c str>,
    variables: Vec<String>,
    lost: &'c mut Lost,
    place: &'c str,
}

/// Whether a field can be named in a condition.
pub fn is_sayable(field: &str) -> bool {
    lexer::is_word(field) && !lexer::is_keyword(field)
}

impl<'c> Conditions<'c> {
    /// Conditions of a field at a place, beside fields of these names.
    pub fn new(taken: &'c HashSet<&'c str>, lost: &'c mut Lost, place: &'c str) -> Conditions<'c> {
        Conditions { taken, variables: Vec::new(), lost, place }
    }

    fn unchecked(&mut self, text: impl Into<String>) {
        self.lost.note(Fate::Unchecked, self.place, text);
    }

    /// What is asked of a value that has the shape's type; all of it holds.
    pub fn of_value(&mut self, shape: &Shape, value: &str) -> Vec<String> {
        match only(shape.kinds) {
            Only::Nothing => vec!["false".to_owned()],
            Only::Bool => match (shape.kinds.yes, shape.kinds.no) {
                (true, false) => vec![value.to_owned()],
                (false, true) => vec![format!("not {value}")],
                _ => Vec::new(),
            },
            Only::Number => self.of_number(&shape.numbers, value, is_int(shape)),
            Only::Text => self.of_text(&shape.texts, value),
            Only::List => self.of_list(&shape.lists, value),
            Only::Object => self.of_object(&shape.objects, value),
            Only::Mixed => self.of_json(shape, value).into_iter().collect(),
        }
    }

    fn of_number(&mut self, numbers: &Numbers, value: &str, is_int: bool) -> Vec<String> {
        if let Some(values) = &numbers.one_of {
            return match values.iter().map(Number::literal).collect::<Option<Vec<String>>>().as_deref() {
                Some([only]) => vec![format!("{value} == {only}")],
                Some(values) => vec![format!("{value} in {{{}}}", values.join(", "))],
                None => {
                    self.unchecked("constants that are no numbers of the language: any number is taken");
                    Vec::new()
                }
            };
        }
        let mut asked = Vec::new();
        let bounds = [(&numbers.least, ">=", ">"), (&numbers.most, "<=", "<")];
        for (bound, including, excluding) in bounds {
            let Some((bound, excluded)) = bound else { continue };
            if is_int && bound.is_safe_bound() {
                self.unchecked("a bound of 2^53 - 1 for integers, which says that any is meant: it is left out");
            } else if is_int && bound.is_beyond_int() {
                self.lost.note(Fate::Stricter, self.place, "a bound beyond 64 bits: integers beyond those are denied");
            } else if let Some(literal) = bound.literal() {
                asked.push(format!("{value} {} {literal}", if *excluded { excluding } else { including }));
            } else {
                self.unchecked("a bound that is no number of the language");
            }
        }
        for multiple in &numbers.multiples {
            match multiple.literal().filter(|_| !is_int || multiple.as_int().is_some()) {
                Some(literal) if literal == "1" && is_int => {}
                Some(literal) => asked.push(format!("{value} % {literal} == 0")),
                None => self.unchecked("`multipleOf` a number that the language does not have in this type"),
            }
        }
        asked
    }

    fn of_text(&mut self, texts: &Texts, value: &str) -> Vec<String> {
        if texts.one_of.is_some() {
            if texts.shortest > 0 || texts.longest.is_some() || !texts.patterns.is_empty() {
                self.unchecked("a pattern or length beside constants: each of the constants is taken");
            }
            return Vec::new();
        }
        let mut asked = lengths(value, texts.shortest, texts.longest, &format!("{value} != \"\""));
        asked.extend(texts.patterns.iter().map(|pattern| pattern::condition(value, pattern)));
        asked
    }

    fn of_list(&mut self, lists: &Lists, value: &str) -> Vec<String> {
        let mut asked = lengths(value, lists.least, lists.most, &format!("not {value}.is_empty()"));
        if lists.unique {
            asked.push(format!("{value}.distinct().len() == {value}.len()"));
        }
        if let Some(items) = &lists.items {
            asked.extend(self.of_each(items, value));
        }
        asked
    }

    /// What is asked of each element of a collection.
    fn of_each(&mut self, items: &Shape, of: &str) -> Option<String> {
        if self.variables.len() >= DEEPEST {
            if !matches!(only(items.kinds), Only::Bool | Only::Object) {
                self.unchecked(format!("what lists more than {DEEPEST} deep in each other hold is checked by its type alone"));
            }
            return None;
        }
        let variable = self.variable("item");
        self.variables.push(variable.clone());
        let asked = self.of_value(items, &variable);
        self.variables.pop();
        if asked.is_empty() {
            return None;
        }
        let condition = match (items.kinds.null, only(items.kinds)) {
            (true, Only::Mixed) => format!("{variable}.type_of() == \"null\" or {}", asked.join(" and ")),
            (true, _) => format!("{variable} == none or {}", asked.join(" and ")),
            (false, _) => joined(&asked),
        };
        Some(format!("{of}.all({variable} => {condition})"))
    }

    fn variable(&self, name: &str) -> String {
        let is_free = |name: &String| !self.taken.contains(name.as_str()) && !self.variables.contains(name);
        let numbered = (2..).map(|number: usize| format!("{name}_{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }

    fn of_object(&mut self, objects: &Objects, value: &str) -> Vec<String> {
        let is_map = objects.fields.is_empty() && objects.rest != Rest::Closed;
        if !is_map {
            return Vec::new();
        }
        let mut asked = lengths(value, objects.least, objects.most, &format!("not {value}.is_empty()"));
        if !objects.keys.is_empty() {
            let variable = self.variable("key");
            let matched: Vec<String> = objects.keys.iter().map(|pattern| pattern::condition(&variable, pattern)).collect();
            asked.push(format!("{value}.keys().all({variable} => {})", matched.join(" and ")));
        }
        if let Rest::Of(part) = &objects.rest {
            asked.extend(self.of_each(part, &format!("{value}.values()")));
        }
        asked
    }

    /// What is asked of a value that may be of several kinds; `null` is not one of them.
    fn of_json(&mut self, shape: &Shape, value: &str) -> Option<String> {
        if shape.kinds.present() == super::shape::Kinds::ALL.present() && shape.is_unrefined() {
            return None;
        }
        let (mut plain, mut others) = (Vec::new(), Vec::new());
        match (shape.kinds.yes, shape.kinds.no) {
            (true, true) => plain.push("\"bool\""),
            (true, false) => others.push(format!("{value} == true")),
            (false, true) => others.push(format!("{value} == false")),
            (false, false) => {}
        }
        if shape.kinds.number {
            self.json_number(&shape.numbers, value, &mut plain, &mut others);
        }
        if shape.kinds.text {
            self.json_text(&shape.texts, value, &mut plain, &mut others);
        }
        if shape.kinds.list {
            let read = format!("{value}.as_list()");
            match self.of_json_list(&shape.lists, &read) {
                asked if asked.is_empty() => plain.push("\"list\""),
                asked => others.push(format!("{read} != none and {}", asked.join(" and "))),
            }
        }
        if shape.kinds.object {
            if shape.objects != Objects::default() {
                self.unchecked("an object or something else: what stands in the object is not checked");
            }
            plain.push("\"object\"");
        }
        match plain.as_slice() {
            [] => {}
            all if all.len() == KINDS => return None,
            [only] => others.insert(0, format!("{value}.type_of() == {only}")),
            several => others.insert(0, format!("{value}.type_of() in {{{}}}", several.join(", "))),
        }
        if others.is_empty() {
            return Some("false".to_owned());
        }
        Some(if others.len() > 1 { format!("({})", others.join(" or ")) } else { others.concat() })
    }

    fn json_number(&mut self, numbers: &Numbers, value: &str, plain: &mut Vec<&str>, others: &mut Vec<String>) {
        if let Some(values) = &numbers.one_of {
            let literals: Vec<String> = values.iter().filter_map(Number::literal).collect();
            if literals.len() == values.len() {
                others.extend(literals.iter().map(|literal| format!("{value} == {literal}")));
                return;
            }
        }
        let read = if numbers.integer { format!("{value}.as_int()") } else { format!("{value}.as_decimal()") };
        let asked = self.of_number(numbers, &read, numbers.integer);
        if asked.is_empty() && !numbers.integer {
            plain.push("\"number\"");
        } else {
            others.push(std::iter::once(format!("{read} != none")).chain(asked).collect::<Vec<_>>().join(" and "));
        }
    }

    fn json_text(&mut self, texts: &Texts, value: &str, plain: &mut Vec<&str>, others: &mut Vec<String>) {
        if let Some(values) = &texts.one_of {
            others.extend(values.iter().map(|text| format!("{value} == {}", toll::quoted(text))));
            return;
        }
        let read = format!("{value}.as_string()");
        match self.of_text(texts, &read) {
            asked if asked.is_empty() => plain.push("\"string\""),
            asked => others.push(std::iter::once(format!("{read} != none")).chain(asked).collect::<Vec<_>>().join(" and ")),
        }
    }

    /// As [`Conditions::of_list`], of elements without a type.
    fn of_json_list(&mut self, lists: &Lists, value: &str) -> Vec<String> {
        let mut asked = lengths(value, lists.least, lists.most, &format!("not {value}.is_empty()"));
        if lists.unique {
            asked.push(format!("{value}.distinct().len() == {value}.len()"));
        }
        let Some(items) = &lists.items else { return asked };
        if self.variables.len() >= DEEPEST {
            self.unchecked(format!("what lists more than {DEEPEST} deep in each other hold, where they may be something else too"));
            return asked;
        }
        let variable = self.variable("item");
        self.variables.push(variable.clone());
        let condition = self.of_json(items, &variable);
        self.variables.pop();
        let nullable = if items.kinds.null { format!("{variable}.type_of() == \"null\" or ") } else { String::new() };
        asked.extend(condition.map(|condition| format!("{value}.all({variable} => {nullable}{condition})")));
        asked
    }

    /// That what a field needs beside it is there.
    pub fn of_needs(&mut self, field: &str, within: &Objects) -> Vec<String> {
        let mut asked = Vec::new();
        let mut known = HashSet::from([field]);
        let needed: Vec<&String> = within.needs.iter().filter(|(name, _)| name == field).flat_map(|(_, needed)| needed).collect();
        for name in needed.into_iter().filter(|name| known.insert(name)) {
            let member = within.fields.iter().find(|member| member.name == **name);
            match member {
                Some(member) if member.required && !member.part.kinds.null => {}
                Some(member) if !member.part.kinds.null && member.part.about.default.is_none() && is_sayable(name) => {
                    asked.push(format!("{name} != none"))
                }
                _ => self.unchecked(format!("it needs `{}` beside it (`dependentRequired`)", shown(name))),
            }
        }
        asked
    }
}

impl Shape {
    fn is_unrefined(&self) -> bool {
        Shape { kinds: super::shape::Kinds::ALL, ..self.clone() }.is_any()
    }
}

/// The conditions of a length.
fn lengths(value: &str, least: u64, most: Option<u64>, not_empty: &str) -> Vec<String> {
    let least_asked = match least {
        0 => None,
        1 => Some(not_empty.to_owned()),
        _ => Some(format!("{value}.len() >= {least}")),
    };
    let exact = (least > 1 && most == Some(least)).then(|| format!("{value}.len() == {least}"));
    match exact {
        Some(exact) => vec![exact],
        None => least_asked.into_iter().chain(most.map(|most| format!("{value}.len() <= {most}"))).collect(),
    }
}
