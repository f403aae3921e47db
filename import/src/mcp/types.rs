//! Shapes as types of the language.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use tollgate_compiler::syntax::lexer;

use super::conditions::{Conditions, Within, joined, named};
use super::lost::Lost;
use super::prose;
use super::shape::{Kinds, Member, Objects, Part, Rest, Shape, Texts};
use crate::Fate;
use crate::json::Json;
use crate::json::shown;
use crate::toll::{self, Names};

/// The variants that an enum has at most.
pub const VARIANTS: usize = 4096;

/// From how many fields a record that stands twice, and from how many variants an enum that does, has a name.
const WORTH_A_NAME: (usize, usize) = (2, 4);

/// How many fields are written for one tool. What definitions share is written again wherever something is added to it.
const WRITTEN: usize = 10_000;

/// How many fields a record has at most.
const FIELDS: usize = 4096;

/// How many fields conditions may see in one file, counted for each of them: the language counts a field in eight, and half a million in a set.
const SEEN: usize = 1 << 21;

/// A record that takes nothing.
const NOTHING: &str = "{\nno_call_is_taken: json where false\n}";

/// How often shapes stand in what is imported.
#[derive(Debug, Default)]
pub struct Counts(HashMap<String, usize>);

/// The types that a file declares.
#[derive(Debug, Default)]
pub struct Declared {
    names: Names,
    /// Names of values that the package has, which variables may not have.
    values: HashSet<String>,
    /// Their declarations in order.
    pub items: Vec<String>,
    /// Their names by what is declared.
    by_text: HashMap<String, String>,
    /// How many fields their conditions and those of tools see.
    seen: usize,
}

/// Writes the types of one tool.
pub struct Types<'w> {
    /// What stands often enough for a name of its own.
    pub counts: &'w Counts,
    /// The types of the file.
    pub declared: &'w mut Declared,
    /// What is not said.
    pub lost: &'w mut Lost,
    /// How many fields are written.
    pub written: usize,
}

impl Counts {
    /// Counts the records and enums in a shape.
    pub fn add(&mut self, shape: &Shape) {
        self.add_within(shape, &mut 10_000);
    }

    fn add_within(&mut self, shape: &Shape, room: &mut usize) {
        if *room == 0 {
            return;
        }
        *room -= 1;
        if is_worth_a_name(shape)
            && let Some(key) = shape.key()
        {
            let count = self.0.entry(key).or_default();
            *count += 1;
            // What stands in a record that has a name stands there once.
            if *count > 1 {
                return;
            }
        }
        shape.lists.items.iter().for_each(|items| self.add_within(items, room));
        shape.objects.fields.iter().for_each(|member| self.add_within(&member.part, room));
        if let Rest::Of(part) = &shape.objects.rest {
            self.add_within(part, room);
        }
    }

    fn is_repeated(&self, shape: &Shape) -> bool {
        is_worth_a_name(shape) && shape.key().is_some_and(|key| self.0.get(&key).is_some_and(|count| *count > 1))
    }
}

fn is_worth_a_name(shape: &Shape) -> bool {
    match only(shape.kinds) {
        Only::Object => shape.objects.fields.len() >= WORTH_A_NAME.0,
        Only::Text => shape.texts.one_of.as_ref().is_some_and(|variants| variants.len() >= WORTH_A_NAME.1),
        _ => false,
    }
}

/// The one kind of a shape, `null` aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// No kind.
    Nothing,
    /// `true`, `false`
    Bool,
    /// Numbers.
    Number,
    /// Strings.
    Text,
    /// Arrays.
    List,
    /// Objects.
    Object,
    /// Several kinds.
    Mixed,
}

/// The one kind that is taken, `null` aside.
pub fn only(kinds: Kinds) -> Only {
    let is_bool = kinds.yes || kinds.no;
    match (is_bool, kinds.number, kinds.text, kinds.list, kinds.object) {
        (false, false, false, false, false) => Only::Nothing,
        (true, false, false, false, false) => Only::Bool,
        (false, true, false, false, false) => Only::Number,
        (false, false, true, false, false) => Only::Text,
        (false, false, false, true, false) => Only::List,
        (false, false, false, false, true) => Only::Object,
        _ => Only::Mixed,
    }
}

impl Types<'_> {
    /// The block of a tool's arguments, without the word before it.
    pub fn arguments(&mut self, shape: &Shape, place: &str) -> String {
        if !shape.kinds.object {
            self.lost.note(Fate::Stricter, place, "the schema takes no object, and arguments are one: every call is denied");
            return NOTHING.to_owned();
        }
        if shape.kinds.present() != (Kinds { object: true, ..Kinds::NONE }) && !shape.is_any() {
            self.lost.note(Fate::LeftOut, place, "the schema does not say `type: object`: arguments are always one");
        }
        self.record(&shape.objects, place)
    }

    /// The type of a shape's values, `null` aside.
    fn ty(&mut self, shape: &Shape, hint: &str, place: &str) -> String {
        match only(shape.kinds) {
            Only::Nothing | Only::Mixed => "json".to_owned(),
            Only::Bool => "bool".to_owned(),
            Only::Number if is_int(shape) => "int".to_owned(),
            Only::Number => "decimal".to_owned(),
            Only::Text => self.text(shape, hint, place),
            Only::List => match &shape.lists.items {
                Some(items) => format!("list<{}>", self.element(items, &singular(hint), &format!("{place}[]"))),
                None => "list<json>".to_owned(),
            },
            Only::Object => self.object(shape, hint, place),
        }
    }

    /// The type of what stands in a list or map, where `null` is a value.
    fn element(&mut self, shape: &Shape, hint: &str, place: &str) -> String {
        let ty = self.ty(shape, hint, place);
        if shape.kinds.null && ty != "json" { format!("{ty}?") } else { ty }
    }

    fn text(&mut self, shape: &Shape, hint: &str, place: &str) -> String {
        let Some(variants) = &shape.texts.one_of else { return "string".to_owned() };
        if variants.len() > VARIANTS {
            self.lost.note(Fate::Unchecked, place, format!("an enum of more than {VARIANTS} values: any string is taken"));
            return "string".to_owned();
        }
        let written: Vec<String> = variants.iter().map(|variant| toll::quoted(variant)).collect();
        if self.counts.is_repeated(shape) {
            let word =
                |variant: &String| if lexer::is_word(variant) && !lexer::is_keyword(variant) { variant.clone() } else { toll::quoted(variant) };
            let words: Vec<String> = variants.iter().map(word).collect();
            return self.declare("enum", &format!("{{ {} }}", words.join(", ")), hint);
        }
        written.join(" | ")
    }

    fn object(&mut self, shape: &Shape, hint: &str, place: &str) -> String {
        let objects = &shape.objects;
        match &objects.rest {
            Rest::Open if objects.fields.is_empty() => return "map<json>".to_owned(),
            Rest::Of(part) if objects.fields.is_empty() => return format!("map<{}>", self.element(part, &singular(hint), &format!("{place}.*"))),
            _ => {}
        }
        let record = self.record(objects, place);
        match &shape.name {
            Some(name) => self.declare("type", &record, name),
            None if self.counts.is_repeated(shape) => self.declare("type", &record, hint),
            None => record,
        }
    }

    /// The name of a declared type: one that is declared with the same text, or a new one.
    fn declare(&mut self, keyword: &str, text: &str, hint: &str) -> String {
        let declaration = format!("{keyword} {text}");
        if let Some(known) = self.declared.by_text.get(&declaration) {
            return known.clone();
        }
        let name = self.declared.names.r#type(hint);
        self.declared.items.push(format!("{keyword} {name} {text}\n"));
        self.declared.by_text.insert(declaration, name.clone());
        name
    }

    fn record(&mut self, objects: &Objects, place: &str) -> String {
        let narrowed = self.with_fields_that_fit(objects, place);
        let objects = narrowed.as_ref().unwrap_or(objects);
        self.written += objects.fields.len();
        if self.written > WRITTEN {
            self.lost.note(
                Fate::Unchecked,
                place,
                format!("a schema of more than {WRITTEN} fields when it is written out: the rest of it is not checked"),
            );
            return "{ .. }".to_owned();
        }
        let mut out = "{\n".to_owned();
        let within = Within::new(objects);
        let mut asked = HashSet::new();
        for member in &objects.fields {
            let (field, is_asked) = self.field(member, &within, &format!("{place}.{}", shown(&member.name)));
            out.push_str(&field);
            if is_asked {
                asked.insert(member.name.as_str());
            }
        }
        let seen = asked.len() * objects.fields.len();
        if self.declared.seen + seen > SEEN {
            let is_left_out = |member: &Member| asked.contains(member.name.as_str());
            return match self.without(objects, is_left_out, "conditions see more fields than the language takes", place) {
                Some(fitting) => self.record(&fitting, place),
                None => NOTHING.to_owned(),
            };
        }
        self.declared.seen += seen;
        match &objects.rest {
            Rest::Closed => {}
            Rest::Open => out.push_str("..\n"),
            Rest::Of(_) => {
                self.lost.note(Fate::Unchecked, place, "`additionalProperties` beside `properties`: further fields may be anything");
                out.push_str("..\n");
            }
        }
        if objects.least > 0 || objects.most.is_some() {
            self.lost.note(Fate::Unchecked, place, "the number of fields (`minProperties`, `maxProperties`) of an object with `properties`");
        }
        // Where nothing else may stand there, the fields are called as they should be.
        if objects.keys != Texts::default() && objects.rest != Rest::Closed {
            self.lost.note(Fate::Unchecked, place, "what further fields are called (`propertyNames`, `patternProperties`)");
        }
        out + "}"
    }

    /// The fields of an object without those that are more than a record has; none where all fit.
    fn with_fields_that_fit(&mut self, objects: &Objects, place: &str) -> Option<Objects> {
        if objects.fields.len() <= FIELDS {
            return None;
        }
        let required = objects.fields.iter().filter(|member| member.required).count();
        let mut room = FIELDS.saturating_sub(required);
        let mut left_out: HashSet<&str> = HashSet::new();
        for member in &objects.fields {
            if member.required && required > FIELDS {
                left_out.insert(&member.name);
            } else if !member.required {
                match room.checked_sub(1) {
                    Some(less) => room = less,
                    None => drop(left_out.insert(&member.name)),
                }
            }
        }
        let fitting = self.without(objects, |member| left_out.contains(member.name.as_str()), "a record has 4,096 fields at most", place);
        Some(fitting.unwrap_or_else(nothing))
    }

    /// An object without fields that cannot be declared: a call with one is denied. None where one of them must be there.
    fn without(&mut self, objects: &Objects, is_left_out: impl Fn(&Member) -> bool, why: &str, place: &str) -> Option<Objects> {
        let left_out: Vec<&Member> = objects.fields.iter().filter(|member| is_left_out(member)).collect();
        let count = left_out.len();
        if left_out.iter().any(|member| member.required) {
            self.lost.note(Fate::Stricter, place, format!("{count} fields are left out, since {why}, and some must be there: nothing is taken here"));
            return None;
        }
        self.lost.note(Fate::Stricter, place, format!("{count} fields are left out, since {why}: what has one of them, or another, is denied"));
        let fields = objects.fields.iter().filter(|member| !is_left_out(member)).cloned().collect();
        Some(Objects { fields, rest: Rest::Closed, ..objects.clone() })
    }

    /// A field, and whether something is asked of it beside its type.
    fn field(&mut self, member: &Member, within: &Within, place: &str) -> (String, bool) {
        let Member { name, part: shape, required } = member;
        let mut out = prose::of_field(&shape.about, self.lost, place);
        let ty = self.ty(shape, name, place);
        let takes_null = shape.kinds.null;
        if *required && takes_null {
            let text = "an argument that must be there and may be null: leaving it out is the same, since null is absence in the language";
            self.lost.note(Fate::LeftOut, place, text);
        } else if !*required && !takes_null {
            let text = "an argument that may be left out: null is the same, since null is absence in the language";
            self.lost.note(Fate::LeftOut, place, text);
        }
        let default = shape.about.default.as_ref().filter(|default| **default != Json::Null).and_then(|default| {
            let literal = (!*required).then(|| literal(default, shape, &ty)).flatten();
            if literal.is_none() {
                let why = if *required { "the argument must be there all the same" } else { "not carried over" };
                self.lost.note(Fate::LeftOut, place, format!("`default: {}`: {why}", shown(default)));
            }
            literal
        });
        let may_lack = (!*required || takes_null) && default.is_none();
        let _ = write!(out, "{}{}: {ty}", toll::field(name), if may_lack { "?" } else { "" });
        let condition = self.condition(member, within, place);
        if let Some(condition) = &condition {
            let _ = write!(out, " where {condition}");
        }
        if let Some(default) = default {
            let _ = write!(out, " = {default}");
        }
        out.push('\n');
        (out, condition.is_some())
    }

    /// What is asked of a field beside its type.
    fn condition(&mut self, member: &Member, within: &Within, place: &str) -> Option<String> {
        let mut conditions = Conditions::new(within, &self.declared.values, self.lost, place);
        let mut asked = conditions.of_value(&member.part, &named(&member.name));
        asked.extend(conditions.of_needs(&member.name));
        (!asked.is_empty()).then(|| joined(&asked))
    }
}

/// An object that cannot be.
fn nothing() -> Objects {
    let never = Member { name: "no_call_is_taken".to_owned(), part: Part::new(Shape::of_kinds(Kinds::NONE)), required: true };
    Objects { fields: vec![never], rest: Rest::Closed, ..Objects::default() }
}

/// Whether numbers of a shape have no fraction.
pub fn is_int(shape: &Shape) -> bool {
    let numbers = &shape.numbers;
    numbers.integer || numbers.one_of.as_ref().is_some_and(|values| values.iter().all(|value| value.as_int().is_some()))
}

/// A default as a constant of the type: scalars and empty collections, of which anybody can see what they are.
fn literal(value: &Json, shape: &Shape, ty: &str) -> Option<String> {
    match value {
        Json::Bool(value) if if *value { shape.kinds.yes } else { shape.kinds.no } => Some(value.to_string()),
        Json::Text(text) if shape.kinds.text => {
            shape.texts.one_of.as_ref().is_none_or(|variants| variants.contains(text)).then(|| toll::quoted(text))
        }
        Json::Number(number) if shape.kinds.number => {
            let number = super::number::Number::new(number);
            if ty == "int" { number.as_int().and_then(|_| number.literal()) } else { number.literal() }
        }
        Json::List(elements) if shape.kinds.list && elements.is_empty() => Some("[]".to_owned()),
        Json::List(elements) if shape.kinds.list => {
            let items = shape.lists.items.as_deref()?;
            let written: Option<Vec<String>> = elements.iter().map(|element| literal(element, items, &ty_of(items))).collect();
            written.map(|written| format!("[{}]", written.join(", ")))
        }
        Json::Object(fields) if shape.kinds.object && fields.is_empty() => {
            let is_whole = shape.objects.fields.iter().all(|member| !member.required);
            is_whole.then(|| "{}".to_owned())
        }
        _ => None,
    }
}

fn ty_of(shape: &Shape) -> String {
    if only(shape.kinds) == Only::Number && is_int(shape) { "int".to_owned() } else { String::new() }
}

/// What one of several is called: `files` has each a `file`.
fn singular(name: &str) -> String {
    match name.strip_suffix("ies") {
        Some(stem) if stem.len() > 1 => format!("{stem}y"),
        _ => name.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')).unwrap_or(name).to_owned(),
    }
}

impl Declared {
    /// No types, while the names of these types and values are taken.
    pub fn beside<'a>(types: impl IntoIterator<Item = &'a str>, values: impl IntoIterator<Item = &'a str>) -> Declared {
        let values = values.into_iter().map(str::to_owned).collect();
        Declared { names: Names::taken(types), values, ..Declared::default() }
    }

    /// No types, beside another file of the same package.
    pub fn and_another(&self) -> Declared {
        Declared { names: self.names.clone(), values: self.values.clone(), seen: self.seen, ..Declared::default() }
    }
}
