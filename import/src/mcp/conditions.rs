//! What shapes ask beyond types, as conditions of the language.
//!
//! A condition never refuses what the shape takes; what it cannot say is noted.

use std::collections::{HashMap, HashSet};

use tollgate_compiler::syntax::lexer;

use super::lost::Lost;
use super::number::{Number, grouped};
use super::pattern;
use super::shape::{Lists, Member, Numbers, Objects, Rest, Shape, Texts};
use super::types::{Only, VARIANTS, is_int, only};
use crate::Fate;
use crate::json::shown;
use crate::toll;

/// How deep lambdas stand in each other.
const DEEPEST: usize = 3;

/// How many kinds of JSON there are, `null` aside.
const KINDS: usize = 5;

/// How many patterns of one text are asked for.
const PATTERNS: usize = 16;

/// Conditions that all hold as one. One alone that is made of alternatives needs no brackets.
pub fn joined(asked: &[String]) -> String {
    match asked {
        [only] => only.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(only).to_owned(),
        several => several.join(" and "),
    }
}

/// The fields of a record, as conditions look them up.
pub struct Within<'o> {
    members: HashMap<&'o str, &'o Member>,
    /// What fields need beside them.
    needs: HashMap<&'o str, Vec<&'o str>>,
}

impl<'o> Within<'o> {
    /// Those of an object.
    pub fn new(objects: &'o Objects) -> Within<'o> {
        let mut needs: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, needed) in &objects.needs {
            needs.entry(name).or_default().extend(needed.iter().map(String::as_str));
        }
        Within { members: objects.fields.iter().map(|member| (member.name.as_str(), member)).collect(), needs }
    }
}

/// Writes the conditions of one field.
pub struct Conditions<'c> {
    within: &'c Within<'c>,
    /// Names of values, which variables may not have.
    taken: &'c HashSet<String>,
    variables: Vec<String>,
    lost: &'c mut Lost,
    place: &'c str,
}

/// A field as a condition of its record names it.
pub fn named(field: &str) -> String {
    if lexer::is_word(field) && !lexer::is_reserved(field) { field.to_owned() } else { format!("this.{}", toll::field(field)) }
}

impl<'c> Conditions<'c> {
    /// Conditions of a field at a place, beside others.
    pub fn new(within: &'c Within, taken: &'c HashSet<String>, lost: &'c mut Lost, place: &'c str) -> Conditions<'c> {
        Conditions { within, taken, variables: Vec::new(), lost, place }
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
            Only::Mixed => self.of_json(shape, value, false).into_iter().collect(),
        }
    }

    fn of_number(&mut self, numbers: &Numbers, value: &str, is_int: bool) -> Vec<String> {
        if let Some(values) = &numbers.one_of {
            if !numbers.multiples.is_empty() {
                self.unchecked("`multipleOf` beside constants of which it cannot be told whether they are");
            }
            if values.len() > VARIANTS {
                self.unchecked(format!("more than {VARIANTS} constants: any number is taken"));
                return Vec::new();
            }
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
                let text = "a bound of 2^53 - 1 for integers, by which generators of schemas mean any: it is left out";
                self.lost.note(Fate::LeftOut, self.place, text);
            } else if is_int && bound.is_beyond_int() {
                self.lost.note(Fate::Stricter, self.place, "a bound beyond 64 bits: integers beyond those are denied");
            } else if let Some(literal) = bound.literal() {
                asked.push(format!("{value} {} {literal}", if *excluded { excluding } else { including }));
            } else {
                self.unchecked("a bound that is no number of the language");
            }
        }
        let one = Number::one();
        // Every integer is a multiple of `0.5`.
        for multiple in numbers.multiples.iter().filter(|multiple| !is_int || one.is_multiple_of(multiple) != Some(true)) {
            match multiple.literal() {
                Some(literal) => asked.push(format!("{value} % {literal} == 0")),
                None => self.unchecked("`multipleOf` a number that the language does not have"),
            }
        }
        asked
    }

    fn of_text(&mut self, texts: &Texts, value: &str) -> Vec<String> {
        if texts.one_of.is_some() {
            return Vec::new();
        }
        let mut asked = lengths(value, texts.shortest, texts.longest, &format!("{value} != \"\""));
        asked.extend(texts.patterns.iter().take(PATTERNS).map(|pattern| pattern::condition(value, pattern)));
        if texts.patterns.len() > PATTERNS {
            self.unchecked(format!("more than {PATTERNS} patterns of one text: those beyond are not asked for"));
        }
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
        let asked = match only(items.kinds) {
            Only::Mixed => self.of_json(items, &variable, items.kinds.null).into_iter().collect(),
            _ => self.of_value(items, &variable),
        };
        self.variables.pop();
        if asked.is_empty() {
            return None;
        }
        let condition = match (items.kinds.null, only(items.kinds)) {
            (true, kind) if kind != Only::Mixed => format!("{variable} == none or {}", asked.join(" and ")),
            _ => joined(&asked),
        };
        Some(format!("{of}.all({variable} => {condition})"))
    }

    fn variable(&self, name: &str) -> String {
        let is_free =
            |name: &String| !self.within.members.contains_key(name.as_str()) && !self.taken.contains(name) && !self.variables.contains(name);
        let numbered = (2..).map(|number: usize| format!("{name}_{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }

    fn of_object(&mut self, objects: &Objects, value: &str) -> Vec<String> {
        let is_map = objects.fields.is_empty() && objects.rest != Rest::Closed;
        if !is_map {
            return Vec::new();
        }
        let mut asked = lengths(value, objects.least, objects.most, &format!("not {value}.is_empty()"));
        let key = self.variable("key");
        let called = match &objects.keys.one_of {
            Some(names) if names.len() > VARIANTS => {
                self.unchecked(format!("more than {VARIANTS} names that fields may have: any is taken"));
                Vec::new()
            }
            Some(names) => vec![format!("{key} in {{{}}}", names.iter().map(|name| toll::quoted(name)).collect::<Vec<_>>().join(", "))],
            None => self.of_text(&objects.keys, &key),
        };
        if !called.is_empty() {
            asked.push(format!("{value}.keys().all({key} => {})", called.join(" and ")));
        }
        if let Rest::Of(part) = &objects.rest {
            asked.extend(self.of_each(part, &format!("{value}.values()")));
        }
        asked
    }

    /// What is asked of a value that may be of several kinds, of which `null` is one where it says so.
    fn of_json(&mut self, shape: &Shape, value: &str, takes_null: bool) -> Option<String> {
        if shape.kinds.present() == super::shape::Kinds::ALL.present() && shape.is_unrefined() {
            return None;
        }
        let (mut plain, mut others) = (Vec::new(), Vec::new());
        if takes_null {
            plain.push("\"null\"");
        }
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
            all if all.len() == KINDS + usize::from(takes_null) => return None,
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
            if literals.len() == values.len() && values.len() <= VARIANTS {
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
        if let Some(values) = texts.one_of.as_ref().filter(|values| values.len() <= VARIANTS) {
            others.extend(values.iter().map(|text| format!("{value} == {}", toll::quoted(text))));
            return;
        }
        if texts.one_of.is_some() {
            self.unchecked(format!("more than {VARIANTS} constants: any string is taken"));
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
        let condition = self.of_json(items, &variable, items.kinds.null);
        self.variables.pop();
        asked.extend(condition.map(|condition| format!("{value}.all({variable} => {})", joined(&[condition]))));
        asked
    }

    /// That what a field needs beside it is there.
    pub fn of_needs(&mut self, field: &str) -> Vec<String> {
        let mut asked = Vec::new();
        let mut known = HashSet::from([field]);
        let needed = self.within.needs.get(field).into_iter().flatten();
        for name in needed.filter(|name| known.insert(name)) {
            match self.within.members.get(name) {
                Some(member) if member.required && !member.part.kinds.null => {}
                Some(member) if !member.part.kinds.null && member.part.about.default.is_none() => asked.push(format!("{} != none", named(name))),
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
        _ => Some(format!("{value}.len() >= {}", grouped(&least.to_string()))),
    };
    let exact = (least > 1 && most == Some(least)).then(|| format!("{value}.len() == {}", grouped(&least.to_string())));
    match exact {
        Some(exact) => vec![exact],
        None => least_asked.into_iter().chain(most.map(|most| format!("{value}.len() <= {}", grouped(&most.to_string())))).collect(),
    }
}
