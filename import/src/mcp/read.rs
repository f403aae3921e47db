//! JSON Schemas as shapes: every keyword is understood, or noted.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::combine::Combiner;
use super::lost::{Lost, shown};
use super::number::Number;
use super::pattern;
use super::shape::{About, Kinds, Lists, Member, Numbers, Objects, Part, Rest, Shape, Texts};
use crate::Fate;
use crate::json::Json;

/// How deep schemas are read in each other; the language takes types nested about twice as deep.
const DEEPEST: usize = 24;

/// How many fields of a record are read: as many as the language takes.
const FIELDS: usize = 4096;

/// Keywords that are read here.
const READ: [&str; 34] = [
    "$ref",
    "type",
    "enum",
    "const",
    "nullable",
    "allOf",
    "anyOf",
    "oneOf",
    "properties",
    "required",
    "additionalProperties",
    "unevaluatedProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependencies",
    "items",
    "prefixItems",
    "additionalItems",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "default",
];

/// Keywords that say nothing of what is taken, and are said elsewhere or by what they name.
const APART: [&str; 9] = ["$schema", "$id", "id", "$defs", "definitions", "$anchor", "discriminator", "description", "deprecated"];

/// Keywords for people, which say nothing of what is taken.
const FOR_PEOPLE: [&str; 10] =
    ["title", "examples", "example", "$comment", "readOnly", "writeOnly", "externalDocs", "xml", "contentEncoding", "contentMediaType"];

/// Reads the schemas of one tool.
pub struct Reader<'j, 'n> {
    root: &'j Json,
    /// The tool's name.
    tool: &'j str,
    /// What definitions are, by where they stand.
    definitions: HashMap<String, Part>,
    /// The definitions that are being read.
    open: HashSet<String>,
    depth: usize,
    combiner: &'n mut Combiner,
    lost: &'n mut Lost,
}

impl<'j, 'n> Reader<'j, 'n> {
    /// A reader of a tool's schema and its definitions.
    pub fn new(root: &'j Json, tool: &'j str, combiner: &'n mut Combiner, lost: &'n mut Lost) -> Reader<'j, 'n> {
        Reader { root, tool, definitions: HashMap::new(), open: HashSet::new(), depth: 0, combiner, lost }
    }

    /// What a schema takes.
    pub fn read(&mut self, schema: &'j Json, place: &str) -> Shape {
        if self.depth >= DEEPEST {
            self.unchecked(place, format!("schemas nest more than {DEEPEST} deep: what stands deeper is not checked"));
            return Shape::any();
        }
        self.depth += 1;
        let shape = match schema {
            Json::Bool(true) => Shape::any(),
            Json::Bool(false) => Shape::of_kinds(Kinds::NONE),
            Json::Object(keywords) => self.object(schema, keywords, place),
            other => {
                self.unchecked(place, format!("a schema is an object or a bool, and this is {}: nothing is checked", other.kind()));
                Shape::any()
            }
        };
        self.depth -= 1;
        shape
    }

    fn part(&mut self, schema: &'j Json, place: &str) -> Part {
        Part::new(self.read(schema, place))
    }

    fn object(&mut self, schema: &'j Json, keywords: &'j [(String, Json)], place: &str) -> Shape {
        self.unread(keywords, place);
        let mut shape = Shape {
            name: None,
            kinds: self.kinds(schema, place),
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
        shape.numbers.integer = self.is_integer(schema);
        self.constants(schema, &mut shape, place);
        if let Some(to) = schema.get("$ref") {
            let meant = self.referred(to, place);
            shape = self.combiner.both(&shape, &meant);
        }
        for (at, also) in list_of(schema, "allOf").iter().enumerate() {
            let meant = self.read(also, &format!("{place}.allOf[{at}]"));
            shape = self.combiner.both(&shape, &meant);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(meant) = self.union(schema, keyword, place) {
                shape = self.combiner.both(&shape, &meant);
            }
        }
        // What `patternProperties` or `additionalProperties` say is evaluated.
        let says_nothing = schema.get("patternProperties").is_none() && schema.get("additionalProperties").is_none();
        if says_nothing && shape.objects.rest == Rest::Open && schema.get("unevaluatedProperties").and_then(Json::as_bool) == Some(false) {
            shape.objects.rest = Rest::Closed;
        }
        if schema.get("nullable").and_then(Json::as_bool) == Some(true) {
            shape.kinds.null = true;
        }
        if self.combiner.is_spent() {
            self.unchecked(place, "its alternatives and parts are too many to be taken together: nothing is checked");
        }
        shape
    }

    /// Notes the keywords that nothing is made of.
    fn unread(&mut self, keywords: &'j [(String, Json)], place: &str) {
        for (keyword, value) in keywords {
            let word = keyword.as_str();
            if READ.contains(&word) || APART.contains(&word) {
                continue;
            }
            if FOR_PEOPLE.contains(&word) || word.starts_with("x-") || word.starts_with("enum") {
                self.lost.note(Fate::LeftOut, place, format!("`{}`: for people and programs, and says nothing of what is taken", shown(keyword)));
            } else if matches!(word, "not" | "if" | "then" | "else" | "contains" | "minContains" | "maxContains" | "dependentSchemas") {
                self.unchecked(place, format!("`{keyword}: {}`: no type says this", shown(value)));
            } else {
                self.unchecked(place, format!("`{}: {}`: no keyword that the importer knows", shown(keyword), shown(value)));
            }
        }
    }

    fn unchecked(&mut self, place: &str, text: impl Into<String>) {
        self.lost.note(Fate::Unchecked, place, text);
    }

    /// What is no keyword's value: it is noted, and taken as if it were not there.
    fn malformed(&mut self, place: &str, keyword: &str, value: &Json) {
        self.unchecked(place, format!("`{keyword}: {}` is not as JSON Schema has it: not checked", shown(value)));
    }

    fn kinds(&mut self, schema: &'j Json, place: &str) -> Kinds {
        let named = match schema.get("type") {
            None => return Kinds::ALL,
            Some(Json::Text(name)) => vec![name.as_str()],
            Some(Json::List(names)) => names.iter().filter_map(Json::as_text).collect(),
            Some(_) => Vec::new(),
        };
        let mut kinds = Kinds::NONE;
        for name in &named {
            match *name {
                "null" => kinds.null = true,
                "boolean" => (kinds.yes, kinds.no) = (true, true),
                "integer" | "number" => kinds.number = true,
                "string" => kinds.text = true,
                "array" => kinds.list = true,
                "object" => kinds.object = true,
                _ => kinds = Kinds::ALL,
            }
        }
        let is_known = |name: &&str| ["null", "boolean", "integer", "number", "string", "array", "object"].contains(name);
        if named.is_empty() || !named.iter().all(is_known) {
            self.malformed(place, "type", schema.get("type").unwrap_or(&Json::Null));
            return Kinds::ALL;
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
    fn constants(&mut self, schema: &'j Json, shape: &mut Shape, place: &str) {
        let values: Vec<&Json> = match (schema.get("enum"), schema.get("const")) {
            (Some(Json::List(values)), Some(only)) => values.iter().filter(|value| is_same(value, only)).take(1).collect(),
            (_, Some(only)) => vec![only],
            (Some(Json::List(values)), None) => values.iter().collect(),
            (Some(other), None) => return self.malformed(place, "enum", other),
            (None, None) => return,
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

    fn numbers(&mut self, schema: &'j Json, place: &str) -> Numbers {
        let (least, most) = (self.bound(schema, "minimum", "exclusiveMinimum", place), self.bound(schema, "maximum", "exclusiveMaximum", place));
        let multiples = self.number(schema, "multipleOf", place).filter(|number| !number.is_zero());
        Numbers { integer: false, least, most, multiples: multiples.into_iter().collect(), one_of: None }
    }

    /// A bound, which draft 4 excludes with a bool beside it.
    fn bound(&mut self, schema: &'j Json, keyword: &str, exclusive: &str, place: &str) -> Option<(Number, bool)> {
        let bound = self.number(schema, keyword, place);
        match schema.get(exclusive) {
            Some(Json::Bool(excluded)) => bound.map(|bound| (bound, *excluded)),
            None => bound.map(|bound| (bound, false)),
            Some(_) => {
                let excluded = self.number(schema, exclusive, place)?;
                let wanted = if keyword == "minimum" { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
                Some(match bound {
                    Some(bound) if bound.compare(&excluded) == wanted => (bound, false),
                    _ => (excluded, true),
                })
            }
        }
    }

    fn number(&mut self, schema: &'j Json, keyword: &str, place: &str) -> Option<Number> {
        match schema.get(keyword)? {
            Json::Number(number) => Some(Number::new(number)),
            other => {
                self.malformed(place, keyword, other);
                None
            }
        }
    }

    fn count(&mut self, schema: &'j Json, keyword: &str, place: &str) -> Option<u64> {
        let value = schema.get(keyword)?;
        let count = match value {
            Json::Number(number) => Number::new(number).as_int().and_then(|count| u64::try_from(count).ok()),
            _ => None,
        };
        if count.is_none() {
            self.malformed(place, keyword, value);
        }
        count
    }

    fn texts(&mut self, schema: &'j Json, place: &str) -> Texts {
        if let Some(format) = schema.get("format").and_then(Json::as_text) {
            self.unchecked(place, format!("`format: {}`: servers differ in what they take, so any string is", shown(&format)));
        }
        let patterns = schema.get("pattern").and_then(|pattern| self.pattern(pattern, "pattern", place)).into_iter().collect();
        let shortest = self.count(schema, "minLength", place).unwrap_or(0);
        Texts { shortest, longest: self.count(schema, "maxLength", place), patterns, one_of: None }
    }

    fn pattern(&mut self, value: &Json, keyword: &str, place: &str) -> Option<String> {
        let Some(text) = value.as_text() else {
            self.malformed(place, keyword, value);
            return None;
        };
        match pattern::translated(text) {
            Ok(pattern) => Some(pattern),
            Err(problem) => {
                let problem = problem.lines().next().unwrap_or_default().to_owned();
                self.unchecked(place, format!("`{keyword}: {}`: no pattern of the language ({})", shown(&text), shown(&problem)));
                None
            }
        }
    }

    fn lists(&mut self, schema: &'j Json, place: &str) -> Lists {
        let prefix = schema.get("prefixItems").or_else(|| schema.get("items").filter(|items| items.as_list().is_some()));
        if let Some(prefix) = prefix {
            self.unchecked(place, format!("a tuple `{}`: the elements may be anything", shown(prefix)));
        }
        let items = match schema.get("items").filter(|_| prefix.is_none()) {
            Some(items) => Some(self.part(items, &format!("{place}[]"))).filter(|part| !part.is_any()),
            None => None,
        };
        Lists {
            items,
            least: self.count(schema, "minItems", place).unwrap_or(0),
            most: self.count(schema, "maxItems", place),
            unique: schema.get("uniqueItems").and_then(Json::as_bool) == Some(true),
        }
    }

    fn objects(&mut self, schema: &'j Json, place: &str) -> Objects {
        let required = self.names(schema.get("required"), "required", place);
        let mut fields: Vec<Member> = Vec::new();
        let declared = match schema.get("properties") {
            Some(Json::Object(declared)) => declared.as_slice(),
            Some(other) => {
                self.malformed(place, "properties", other);
                &[]
            }
            None => &[],
        };
        for (name, schema) in declared.iter().take(FIELDS) {
            let part = self.part(schema, &format!("{place}.{}", shown(name)));
            fields.push(Member { name: name.clone(), part, required: required.contains(name.as_str()) });
        }
        let (rest, keys) = self.rest(schema, declared.is_empty(), place);
        let mut known: HashSet<&str> = declared.iter().map(|(name, _)| name.as_str()).collect();
        let room = FIELDS.saturating_sub(fields.len());
        for name in list_of(schema, "required").iter().filter_map(Json::as_text).filter(|name| known.insert(name)).take(room) {
            let part = match &rest {
                Rest::Of(part) => part.clone(),
                _ => Part::new(Shape::any()),
            };
            fields.push(Member { name: name.to_owned(), part, required: true });
        }
        let rest = if declared.len() > FIELDS { self.too_many_fields(place) } else { rest };
        Objects {
            fields,
            rest,
            least: self.count(schema, "minProperties", place).unwrap_or(0),
            most: self.count(schema, "maxProperties", place),
            keys,
            needs: self.needs(schema, place),
        }
    }

    fn too_many_fields(&mut self, place: &str) -> Rest {
        self.unchecked(place, format!("it has more than {FIELDS} properties: those beyond are not checked"));
        Rest::Open
    }

    fn names(&mut self, value: Option<&'j Json>, keyword: &str, place: &str) -> HashSet<&'j str> {
        match value {
            Some(Json::List(names)) => names.iter().filter_map(Json::as_text).collect(),
            // Draft 3 says it of each property.
            Some(Json::Bool(_)) | None => HashSet::new(),
            Some(other) => {
                self.malformed(place, keyword, other);
                HashSet::new()
            }
        }
    }

    /// What stands beside the properties, and the patterns of every key.
    fn rest(&mut self, schema: &'j Json, is_map: bool, place: &str) -> (Rest, Vec<String>) {
        let beside = format!("{place}.*");
        let mut keys = Vec::new();
        if let Some(Json::Object(names)) = schema.get("propertyNames") {
            for (keyword, value) in names {
                match keyword.as_str() {
                    "pattern" => keys.extend(self.pattern(value, "propertyNames", place)),
                    "type" | "description" | "title" => {}
                    _ => self.unchecked(place, format!("`propertyNames: {{{keyword}: {}}}`: no type says this", shown(value))),
                }
            }
        }
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
            ([], _) => (rest, keys),
            ([(pattern, only)], Rest::Closed) if is_map => {
                keys.extend(self.pattern(&Json::Text(pattern.clone()), "patternProperties", place));
                let part = self.part(only, &beside);
                (if part.is_any() { Rest::Open } else { Rest::Of(part) }, keys)
            }
            _ => {
                let written = schema.get("patternProperties").map(shown).unwrap_or_default();
                self.unchecked(place, format!("`patternProperties: {written}`: further fields may be anything"));
                (Rest::Open, keys)
            }
        }
    }

    /// `dependentRequired`, and what `dependencies` were before it.
    fn needs(&mut self, schema: &'j Json, place: &str) -> Vec<(String, Vec<String>)> {
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
    fn referred(&mut self, to: &'j Json, place: &str) -> Shape {
        let Some((pointer, meant)) = to.as_text().and_then(|text| Some((text, self.found(text)?))) else {
            self.unchecked(place, format!("`$ref: {}`: it refers to nothing in this schema, so anything is taken", shown(to)));
            return Shape::any();
        };
        if let Some(known) = self.definitions.get(pointer) {
            return (**known).clone();
        }
        if !self.open.insert(pointer.to_owned()) {
            self.unchecked(place, format!("`$ref: {}`: it contains itself, and no type does, so anything is taken", shown(&pointer)));
            return Shape::any();
        }
        let mut shape = self.read(meant, &format!("{} {}", self.tool, shown(&pointer)));
        self.open.remove(pointer);
        let is_definition = pointer.starts_with("#/$defs/") || pointer.starts_with("#/definitions/");
        if shape.name.is_none() && is_definition {
            shape.name = pointer.rsplit('/').next().map(Rc::from);
        }
        self.definitions.insert(pointer.to_owned(), Part::new(shape.clone()));
        shape
    }

    /// What stands at a pointer into the schema, `#/$defs/Name`.
    fn found(&self, reference: &str) -> Option<&'j Json> {
        let pointer = reference.strip_prefix('#')?;
        if pointer.is_empty() {
            return Some(self.root);
        }
        pointer.strip_prefix('/')?.split('/').try_fold(self.root, |at, word| {
            let word = word.replace("~1", "/").replace("~0", "~");
            match at {
                Json::List(elements) => elements.get(word.parse::<usize>().ok()?),
                other => other.get(&word),
            }
        })
    }

    /// The alternatives of `anyOf` or `oneOf` as one.
    fn union(&mut self, schema: &'j Json, keyword: &str, place: &str) -> Option<Shape> {
        let alternatives = list_of(schema, keyword);
        let mut shapes = Vec::with_capacity(alternatives.len());
        for (at, alternative) in alternatives.iter().enumerate() {
            shapes.push(self.read(alternative, &if alternatives.len() == 1 { place.to_owned() } else { format!("{place}.{keyword}[{at}]") }));
        }
        let mut shapes = shapes.into_iter();
        let mut joined = shapes.next()?;
        self.combiner.is_wider = false;
        self.combiner.stray.clear();
        for shape in shapes {
            joined = self.combiner.either(&joined, &shape);
        }
        if self.combiner.is_wider {
            let text =
                format!("`{keyword}` of {} alternatives: what each of them allows is, and what belongs together is not checked", alternatives.len());
            self.unchecked(place, text);
        }
        if !self.combiner.stray.is_empty() {
            let names: Vec<String> = self.combiner.stray.iter().take(8).map(|name| format!("`{}`", shown(name))).collect();
            let text = format!(
                "`{keyword}`: {} must be as the alternatives that declare {} say, in a call of another alternative too",
                names.join(", "),
                if names.len() == 1 { "it" } else { "them" }
            );
            self.lost.note(Fate::Stricter, place, text);
        }
        Some(joined)
    }
}

/// Whether two values are one to a schema, for which `1` is `1.0`.
fn is_same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => Number::new(one).compare(&Number::new(other)).is_eq(),
        _ => one == other,
    }
}

/// The schemas or names of a keyword.
fn list_of<'j>(schema: &'j Json, keyword: &str) -> &'j [Json] {
    schema.get(keyword).and_then(Json::as_list).unwrap_or_default()
}
