//! JSON Schemas as shapes: every keyword is understood, or noted.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::apart::are_disjoint;
use super::combine::{Combiner, STRAY, reduced};
use super::form;
use super::lost::Lost;
use super::number::Number;
use super::pattern;
use super::shape::{About, Kinds, Lists, Member, Numbers, Objects, Part, Rest, Shape, Texts};
use crate::Fate;
use crate::json::Json;
use crate::json::shown;
use crate::toll::value_name;

/// How deep schemas are read in each other; the language takes types nested about twice as deep.
const DEEPEST: usize = 24;

/// Keywords that say nothing of what is taken, and are said elsewhere or by what they name.
const APART: [&str; 9] = ["$schema", "$id", "id", "$defs", "definitions", "$anchor", "discriminator", "description", "deprecated"];

/// Keywords for people, which say nothing of what is taken.
const FOR_PEOPLE: [&str; 23] = [
    "title",
    "examples",
    "example",
    "$comment",
    "readOnly",
    "writeOnly",
    "externalDocs",
    "xml",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "enumNames",
    "enumTitles",
    "enumLabels",
    "enumDescriptions",
    "enumDescription",
    "enumDeprecated",
    "enumVarnames",
    "markdownDescription",
    "markdownEnumDescriptions",
    "errorMessage",
    "defaultSnippets",
    "deprecationMessage",
];

/// Reads the schemas of one tool.
pub struct Reader<'j, 'n> {
    root: &'j Json,
    /// The tool's name.
    tool: &'j str,
    /// What definitions are, by where they stand.
    definitions: HashMap<String, Part>,
    /// The definitions that are being read.
    open: HashSet<String>,
    /// What stands in the objects that references have led to, by where these are.
    containers: HashMap<String, HashMap<&'j str, &'j Json>>,
    depth: usize,
    combiner: &'n mut Combiner,
    lost: &'n mut Lost,
}

impl<'j, 'n> Reader<'j, 'n> {
    /// A reader of a tool's schema and its definitions.
    pub fn new(root: &'j Json, tool: &'j str, combiner: &'n mut Combiner, lost: &'n mut Lost) -> Reader<'j, 'n> {
        Reader { root, tool, definitions: HashMap::new(), open: HashSet::new(), containers: HashMap::new(), depth: 0, combiner, lost }
    }

    /// What a schema takes.
    pub fn read(&mut self, schema: &Json, place: &str) -> Shape {
        if self.depth >= DEEPEST {
            self.unchecked(place, format!("schemas nest more than {DEEPEST} deep: what stands deeper is not checked"));
            return Shape::any();
        }
        self.depth += 1;
        let shape = match schema {
            Json::Bool(true) => Shape::any(),
            Json::Bool(false) => Shape::of_kinds(Kinds::NONE),
            Json::Object(keywords) => match form::mended(keywords) {
                None => self.object(schema, keywords, place),
                Some((faults, sound)) => self.mended(&faults, &sound, place),
            },
            other => match form::shorthand(other) {
                Some(meant) => {
                    let text = format!("`{}` stands for a schema: read as `{}`", shown(other), shown(&meant));
                    self.lost.note(Fate::Guessed, place, text);
                    self.object(&meant, meant.as_object().unwrap_or_default(), place)
                }
                None => {
                    let text = format!("`{}`: a schema is an object or a bool, so nothing is taken here", shown(other));
                    self.lost.note(Fate::Stricter, place, text);
                    Shape::of_kinds(Kinds::NONE)
                }
            },
        };
        self.depth -= 1;
        shape
    }

    /// A schema with keywords that hold what they should not.
    fn mended(&mut self, faults: &[form::Fault], sound: &Json, place: &str) -> Shape {
        let mut takes_nothing = false;
        for form::Fault { keyword, value, taken } in faults {
            let said = format!("`{keyword}: {}` is not as JSON Schema has it", shown(value));
            match taken {
                Some(taken) => self.lost.note(Fate::Guessed, place, format!("{said}: {taken}")),
                None => {
                    self.lost.note(Fate::Stricter, place, format!("{said}: nothing is taken here"));
                    takes_nothing = true;
                }
            }
        }
        let shape = self.object(sound, sound.as_object().unwrap_or_default(), place);
        if takes_nothing { Shape { about: shape.about, ..Shape::of_kinds(Kinds::NONE) } } else { shape }
    }

    fn part(&mut self, schema: &Json, place: &str) -> Part {
        Part::new(self.read(schema, place))
    }

    fn object(&mut self, schema: &Json, keywords: &[(String, Json)], place: &str) -> Shape {
        self.unread(keywords, place);
        let mut shape = Shape {
            name: None,
            kinds: Self::kinds(schema),
            numbers: self.numbers(schema, place),
            texts: self.texts(schema, place),
            lists: self.lists(schema, place),
            objects: self.objects(schema, place),
            about: About {
                description: schema.get("description").and_then(Json::as_text).map(str::to_owned),
                default: schema.get("default").cloned(),
                deprecated: schema.get("deprecated").and_then(Json::as_bool) == Some(true),
                format: schema.get("format").and_then(Json::as_text).map(str::to_owned),
            },
        };
        if schema.get("not").is_some_and(is_everything) {
            shape.kinds = Kinds::NONE;
        }
        shape.numbers.integer = self.is_integer(schema);
        self.constants(schema, &mut shape, place);
        if let Some(to) = schema.get("$ref").and_then(Json::as_text) {
            let meant = self.referred(to, place);
            shape = self.combiner.both(&shape, &meant);
        }
        let parts = list_of(schema, "allOf").iter().enumerate().map(|(at, also)| self.read(also, &format!("{place}.allOf[{at}]"))).collect();
        if let Some(meant) = reduced(parts, |one, other| self.combiner.both(one, other)) {
            shape = self.combiner.both(&shape, &meant);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(meant) = self.union(schema, keyword, place) {
                shape = self.combiner.both(&shape, &meant);
            }
        }
        self.unevaluated(schema, &mut shape, place);
        if schema.get("nullable").and_then(Json::as_bool) == Some(true) {
            shape.kinds.null = true;
        }
        if self.combiner.is_spent() {
            self.unchecked(place, "its alternatives and parts are too many to be taken together: nothing is checked");
        }
        shape
    }

    /// `unevaluatedProperties`: what stands in an object beside all that its parts declare.
    fn unevaluated(&mut self, schema: &Json, shape: &mut Shape, place: &str) {
        let is_said = ["patternProperties", "additionalProperties"].iter().any(|keyword| schema.get(keyword).is_some());
        if is_said || shape.objects.rest != Rest::Open {
            return;
        }
        shape.objects.rest = match schema.get("unevaluatedProperties") {
            Some(rest) => match self.part(rest, &format!("{place}.*")) {
                part if part.kinds == Kinds::NONE => Rest::Closed,
                part if part.is_any() => Rest::Open,
                part => Rest::Of(part),
            },
            None => Rest::Open,
        };
    }

    /// Notes the keywords that nothing is made of.
    fn unread(&mut self, keywords: &[(String, Json)], place: &str) {
        for (keyword, value) in keywords {
            let word = keyword.as_str();
            if form::is_read(word) || APART.contains(&word) || (word == "not" && is_everything(value)) {
                continue;
            }
            if word == "title" && repeats(value, place) {
                continue;
            }
            if FOR_PEOPLE.contains(&word) || word.starts_with("x-") {
                self.lost.note(Fate::LeftOut, place, format!("`{}`: for people and programs, and says nothing of what is taken", shown(keyword)));
            } else if matches!(
                word,
                "not" | "if" | "then" | "else" | "contains" | "minContains" | "maxContains" | "dependentSchemas" | "unevaluatedItems"
            ) {
                self.unchecked(place, format!("`{keyword}: {}`: no type says this", shown(value)));
            } else {
                let meant = form::meant(word).map(|meant| format!("; `{meant}` may be meant")).unwrap_or_default();
                self.unchecked(
                    place,
                    format!("`{}: {}`: no keyword that the importer knows, so it asks nothing{meant}", shown(keyword), shown(value)),
                );
            }
        }
    }

    fn unchecked(&mut self, place: &str, text: impl Into<String>) {
        self.lost.note(Fate::Unchecked, place, text);
    }

    fn kinds(schema: &Json) -> Kinds {
        let Some(said) = schema.get("type") else { return Kinds::ALL };
        let mut kinds = Kinds::NONE;
        for name in std::slice::from_ref(said).iter().chain(said.as_list().unwrap_or_default()).filter_map(Json::as_text) {
            match name {
                "null" => kinds.null = true,
                "boolean" => (kinds.yes, kinds.no) = (true, true),
                "string" => kinds.text = true,
                "array" => kinds.list = true,
                "object" => kinds.object = true,
                _ => kinds.number = true,
            }
        }
        kinds
    }

    fn is_integer(&self, schema: &Json) -> bool {
        let names = |name: &str| match schema.get("type") {
            Some(Json::Text(text)) => text == name,
            Some(Json::List(names)) => names.iter().any(|text| text.as_text() == Some(name)),
            _ => false,
        };
        names("integer") && !names("number")
    }

    /// `enum` and `const`
    fn constants(&mut self, schema: &Json, shape: &mut Shape, place: &str) {
        let values: Vec<&Json> = match (schema.get("enum"), schema.get("const")) {
            (Some(Json::List(values)), Some(only)) => values.iter().filter(|value| is_same(value, only)).take(1).collect(),
            (_, Some(only)) => vec![only],
            (Some(Json::List(values)), None) => values.iter().collect(),
            (_, None) => return,
        };
        let mut kinds = Kinds::NONE;
        let (mut numbers, mut texts): (Vec<Number>, Vec<String>) = (Vec::new(), Vec::new());
        let (mut known, mut known_numbers) = (HashSet::new(), HashSet::new());
        for value in values {
            match value {
                Json::Null => kinds.null = true,
                Json::Bool(true) => kinds.yes = true,
                Json::Bool(false) => kinds.no = true,
                Json::Number(number) => {
                    let number = Number::new(number);
                    if number.literal().is_none_or(|literal| known_numbers.insert(literal)) {
                        numbers.push(number);
                    }
                }
                Json::Text(text) if known.insert(text) => texts.push(text.clone()),
                Json::Text(_) => {}
                Json::List(_) => kinds.list = true,
                Json::Object(_) => kinds.object = true,
            }
            if matches!(value, Json::List(_) | Json::Object(_)) {
                self.unchecked(place, format!("the constant `{}`: any value of its kind is taken", shown(value)));
            }
        }
        (kinds.number, kinds.text) = (!numbers.is_empty(), !texts.is_empty());
        shape.kinds = shape.kinds.and(kinds);
        shape.numbers.one_of = kinds.number.then_some(numbers);
        shape.texts.one_of = kinds.text.then_some(texts);
        shape.settle();
    }

    fn numbers(&mut self, schema: &Json, place: &str) -> Numbers {
        let least = self.bound(schema, "minimum", "exclusiveMinimum", place);
        let most = self.bound(schema, "maximum", "exclusiveMaximum", place);
        let multiples = number(schema, "multipleOf").filter(|number| !number.is_zero());
        Numbers { integer: false, least, most, multiples: multiples.into_iter().collect(), one_of: None }
    }

    /// A bound, which draft 4 excludes with a bool beside it.
    fn bound(&mut self, schema: &Json, keyword: &str, exclusive: &str, place: &str) -> Option<(Number, bool)> {
        let bound = number(schema, keyword);
        match schema.get(exclusive) {
            Some(Json::Bool(true)) if bound.is_none() => {
                self.unchecked(place, format!("`{exclusive}: true`: there is no `{keyword}` that it could exclude, so it bounds nothing"));
                None
            }
            Some(Json::Bool(excluded)) => bound.map(|bound| (bound, *excluded)),
            None => bound.map(|bound| (bound, false)),
            Some(_) => {
                let excluded = number(schema, exclusive)?;
                let wanted = if keyword == "minimum" { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
                Some(match bound {
                    Some(bound) if bound.compare(&excluded) == wanted => (bound, false),
                    _ => (excluded, true),
                })
            }
        }
    }

    fn texts(&mut self, schema: &Json, place: &str) -> Texts {
        if let Some(format) = schema.get("format").and_then(Json::as_text) {
            let taken = if Self::kinds(schema).text { "any string" } else { "any number" };
            let text = format!("`format: {}`: JSON Schema says that by itself it asks nothing, and servers differ: {taken} is taken", shown(&format));
            self.lost.note(Fate::LeftOut, place, text);
        }
        let pattern = schema.get("pattern").and_then(Json::as_text);
        let patterns = pattern.and_then(|pattern| self.pattern(pattern, "pattern", place)).into_iter().collect();
        Texts { shortest: count(schema, "minLength").unwrap_or(0), longest: count(schema, "maxLength"), patterns, one_of: None }
    }

    fn pattern(&mut self, text: &str, keyword: &str, place: &str) -> Option<String> {
        match pattern::translated(text) {
            Ok(pattern) => Some(pattern),
            Err(problem) => {
                let problem = problem.lines().next().unwrap_or_default().to_owned();
                self.unchecked(place, format!("`{keyword}: {}`: no pattern of the language ({})", shown(&text), shown(&problem)));
                None
            }
        }
    }

    fn lists(&mut self, schema: &Json, place: &str) -> Lists {
        let items = schema.get("items");
        let tuple = schema.get("prefixItems").or(items.filter(|items| items.as_list().is_some()));
        let most = count(schema, "maxItems");
        let (items, most) = match tuple {
            Some(elements) => {
                let further = if schema.get("prefixItems").is_some() { items } else { schema.get("additionalItems") };
                self.unchecked(place, format!("a tuple `{}`: each element may be what any of them is", shown(elements)));
                self.tuple(elements.as_list().unwrap_or_default(), further, most, place)
            }
            None => (items.map(|items| self.part(items, &format!("{place}[]"))), most),
        };
        Lists {
            items: items.filter(|part| !part.is_any()),
            least: count(schema, "minItems").unwrap_or(0),
            most,
            unique: schema.get("uniqueItems").and_then(Json::as_bool) == Some(true),
        }
    }

    /// A list of which each element has a schema, and what comes after them another: what any of its elements may be, and their number at most.
    fn tuple(&mut self, elements: &[Json], further: Option<&Json>, most: Option<u64>, place: &str) -> (Option<Part>, Option<u64>) {
        let mut shapes: Vec<Shape> = elements.iter().enumerate().map(|(at, element)| self.read(element, &format!("{place}[{at}]"))).collect();
        let most = match further {
            Some(Json::Bool(false)) => Some(most.unwrap_or(u64::MAX).min(elements.len() as u64)),
            Some(further) => {
                shapes.push(self.read(further, &format!("{place}[]")));
                most
            }
            None if most.is_some_and(|most| most <= elements.len() as u64) => most,
            None => {
                shapes.push(Shape::any());
                most
            }
        };
        (reduced(shapes, |one, other| self.combiner.either(one, other)).map(Part::new), most)
    }

    fn objects(&mut self, schema: &Json, place: &str) -> Objects {
        let declared = schema.get("properties").and_then(Json::as_object).unwrap_or_default();
        let listed = list_of(schema, "required");
        let required: HashSet<&str> = listed.iter().filter_map(Json::as_text).collect();
        let (rest, keys) = self.rest(schema, declared.is_empty(), place);
        let mut fields: Vec<Member> = Vec::new();
        for (name, schema) in declared {
            let part = self.part(schema, &format!("{place}.{}", shown(name)));
            // Draft 3 says of each property whether it must be there.
            let is_required = required.contains(name.as_str()) || schema.get("required").and_then(Json::as_bool) == Some(true);
            fields.push(Member { name: name.clone(), part, required: is_required });
        }
        let mut known: HashSet<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
        for name in listed.iter().filter_map(Json::as_text).filter(|name| known.insert(name)) {
            let part = match &rest {
                Rest::Of(part) => part.clone(),
                Rest::Open => Part::new(Shape::any()),
                Rest::Closed => Part::new(Shape::of_kinds(Kinds::NONE)),
            };
            fields.push(Member { name: name.to_owned(), part, required: true });
        }
        let mut objects = Objects {
            fields,
            rest,
            least: count(schema, "minProperties").unwrap_or(0),
            most: count(schema, "maxProperties"),
            keys,
            needs: self.needs(schema, place),
        };
        if let Some(names) = schema.get("propertyNames") {
            self.keys(names, &mut objects, place);
        }
        objects
    }

    /// `propertyNames`: fields that are called otherwise cannot be.
    fn keys(&mut self, names: &Json, objects: &mut Objects, place: &str) {
        let names = self.read(names, &format!("{place} (propertyNames)"));
        if !names.kinds.text {
            objects.rest = Rest::Closed;
        }
        let is_called_so = |name: &str| names.kinds.text && names.texts.takes(name);
        objects.fields.retain(|member| member.required || is_called_so(&member.name));
        for member in objects.fields.iter_mut().filter(|member| !is_called_so(&member.name)) {
            member.part = Part::new(Shape::of_kinds(Kinds::NONE));
        }
        objects.keys = objects.keys.and(&names.texts);
    }

    /// What stands beside the properties, and what every key is.
    fn rest(&mut self, schema: &Json, is_map: bool, place: &str) -> (Rest, Texts) {
        let beside = format!("{place}.*");
        let rest = match schema.get("additionalProperties") {
            Some(Json::Bool(false)) => Rest::Closed,
            None | Some(Json::Bool(true)) => Rest::Open,
            Some(other) => match self.part(other, &beside) {
                part if part.is_any() => Rest::Open,
                part => Rest::Of(part),
            },
        };
        let patterns = schema.get("patternProperties").and_then(Json::as_object).unwrap_or_default();
        match (patterns, &rest) {
            ([], _) => (rest, Texts::default()),
            ([(pattern, only)], Rest::Closed) if is_map => {
                let patterns = self.pattern(pattern, "patternProperties", place).into_iter().collect();
                let part = self.part(only, &beside);
                (if part.is_any() { Rest::Open } else { Rest::Of(part) }, Texts { patterns, ..Texts::default() })
            }
            _ => {
                let written = schema.get("patternProperties").map(shown).unwrap_or_default();
                self.unchecked(place, format!("`patternProperties: {written}`: further fields may be anything"));
                (Rest::Open, Texts::default())
            }
        }
    }

    /// `dependentRequired`, and what `dependencies` were before it.
    fn needs(&mut self, schema: &Json, place: &str) -> Vec<(String, Vec<String>)> {
        let mut needs = Vec::new();
        for keyword in ["dependentRequired", "dependencies"] {
            for (name, needed) in schema.get(keyword).and_then(Json::as_object).unwrap_or_default() {
                match needed {
                    Json::List(names) => needs.push((name.clone(), names.iter().filter_map(Json::as_text).map(str::to_owned).collect())),
                    other => self.unchecked(place, format!("`{keyword}: {{{}: {}}}`: no type says this", shown(name), shown(other))),
                }
            }
        }
        needs
    }

    /// What a reference means.
    fn referred(&mut self, to: &str, place: &str) -> Shape {
        let Some(meant) = self.found(to) else {
            self.unchecked(place, format!("`$ref: {}`: it refers to nothing in this schema, so anything is taken", shown(&to)));
            return Shape::any();
        };
        if let Some(known) = self.definitions.get(to) {
            return (**known).clone();
        }
        if !self.open.insert(to.to_owned()) {
            self.unchecked(place, format!("`$ref: {}`: it contains itself, and no type does, so anything is taken", shown(&to)));
            return Shape::any();
        }
        let mut shape = self.read(meant, &format!("{} {}", self.tool, shown(&to)));
        self.open.remove(to);
        let is_definition = to.starts_with("#/$defs/") || to.starts_with("#/definitions/");
        if shape.name.is_none() && is_definition {
            shape.name = to.rsplit('/').next().map(Rc::from);
        }
        self.definitions.insert(to.to_owned(), Part::new(shape.clone()));
        shape
    }

    /// What stands at a pointer into the schema, `#/$defs/Name`.
    fn found(&mut self, reference: &str) -> Option<&'j Json> {
        let pointer = reference.strip_prefix('#')?;
        if pointer.is_empty() {
            return Some(self.root);
        }
        let (container, last) = pointer.rsplit_once('/')?;
        if !self.containers.contains_key(container) {
            let within = self.container(container)?;
            let fields = within.as_object().unwrap_or_default().iter().map(|(name, value)| (name.as_str(), value)).collect();
            self.containers.insert(container.to_owned(), fields);
        }
        let named = self.containers.get(container)?.get(unescaped(last).as_str()).copied();
        named.or_else(|| self.container(container)?.as_list()?.get(last.parse::<usize>().ok()?))
    }

    fn container(&self, pointer: &str) -> Option<&'j Json> {
        pointer.split('/').skip(1).try_fold(self.root, |at, word| match at {
            Json::List(elements) => elements.get(word.parse::<usize>().ok()?),
            other => other.get(&unescaped(word)),
        })
    }

    /// The alternatives of `anyOf` or `oneOf` as one.
    fn union(&mut self, schema: &Json, keyword: &str, place: &str) -> Option<Shape> {
        let alternatives = list_of(schema, keyword);
        let mut shapes = Vec::with_capacity(alternatives.len());
        for (at, alternative) in alternatives.iter().enumerate() {
            shapes.push(self.read(alternative, &if alternatives.len() == 1 { place.to_owned() } else { format!("{place}.{keyword}[{at}]") }));
        }
        if keyword == "oneOf" && !are_disjoint(&shapes) {
            let text =
                format!("`oneOf` of {} alternatives, of which a value may fit several: that it fits exactly one is not checked", alternatives.len());
            self.unchecked(place, text);
        }
        self.combiner.is_wider = false;
        self.combiner.stray.clear();
        let joined = reduced(shapes, |one, other| self.combiner.either(one, other))?;
        if self.combiner.is_wider {
            let text =
                format!("`{keyword}` of {} alternatives: what each of them allows is, and what belongs together is not checked", alternatives.len());
            self.unchecked(place, text);
        }
        if !self.combiner.stray.is_empty() {
            let mut names: Vec<String> = self.combiner.stray.iter().take(STRAY).map(|name| format!("`{}`", shown(name))).collect();
            let is_one = names.len() == 1;
            if self.combiner.stray.len() > STRAY {
                names.push("others".to_owned());
            }
            let text = format!(
                "`{keyword}`: {} must be as the alternatives that declare {} say, in a call of another alternative too",
                names.join(", "),
                if is_one { "it" } else { "them" }
            );
            self.lost.note(Fate::Stricter, place, text);
        }
        Some(joined)
    }
}

/// Whether a title says what the place does, as generators make it from the name: `Repo Path` of `repo_path`, `logArguments` of the tool `log`.
fn repeats(title: &Json, place: &str) -> bool {
    let own = place.rsplit(['.', '/']).find(|word| !word.contains('[')).unwrap_or_default();
    let title = title.as_text().map(value_name).unwrap_or_default();
    let rest = title.strip_prefix(&value_name(own));
    rest.is_some_and(|rest| matches!(rest, "" | "_arguments" | "_args" | "_input" | "_params" | "_request" | "_schema"))
}

/// Whether two values are one to a schema, for which `1` is `1.0`.
fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => Number::new(one).compare(&Number::new(other)).is_eq(),
        _ => one == other,
    }
}

fn number(schema: &Json, keyword: &str) -> Option<Number> {
    match schema.get(keyword)? {
        Json::Number(number) => Some(Number::new(number)),
        _ => None,
    }
}

fn count(schema: &Json, keyword: &str) -> Option<u64> {
    schema.get(keyword).and_then(form::count)
}

/// Whether a schema takes everything, as some write of what is `not` for what takes nothing.
fn is_everything(schema: &Json) -> bool {
    schema.as_bool() == Some(true) || schema.as_object().is_some_and(<[_]>::is_empty)
}

/// A word of a pointer as a key.
fn unescaped(word: &str) -> String {
    word.replace("~1", "/").replace("~0", "~")
}

/// The schemas or names of a keyword.
fn list_of<'s>(schema: &'s Json, keyword: &str) -> &'s [Json] {
    schema.get(keyword).and_then(Json::as_list).unwrap_or_default()
}
