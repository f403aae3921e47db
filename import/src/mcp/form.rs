//! What the keywords of JSON Schema hold. What is otherwise is read as what it must mean, or nothing is taken: it is never passed over.

use tollgate_compiler::diagnostic::nearest;

use crate::json::Json;

/// What a keyword holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A schema.
    Schema,
    /// Schemas, one at least.
    Schemas,
    /// A schema, or one for each element.
    Items,
    /// Schemas by names.
    Named,
    /// Names.
    Names,
    /// Names by names.
    NamesOf,
    /// Names or schemas by names.
    Dependencies,
    /// A number.
    Number,
    /// A number above zero.
    Positive,
    /// A number of characters, elements or fields.
    Count,
    /// `true` or `false`
    Bool,
    /// A number, or as draft 4 has it a bool.
    Exclusive,
    /// A text.
    Text,
    /// The name of a kind, or several.
    Types,
    /// Values, in a list.
    Values,
    /// Any value.
    Anything,
}

/// The keywords that are read, and what they hold.
const KEYWORDS: [(&str, Form); 34] = [
    ("$ref", Form::Text),
    ("type", Form::Types),
    ("enum", Form::Values),
    ("const", Form::Anything),
    ("nullable", Form::Bool),
    ("allOf", Form::Schemas),
    ("anyOf", Form::Schemas),
    ("oneOf", Form::Schemas),
    ("properties", Form::Named),
    ("required", Form::Names),
    ("additionalProperties", Form::Schema),
    ("unevaluatedProperties", Form::Schema),
    ("patternProperties", Form::Named),
    ("propertyNames", Form::Schema),
    ("minProperties", Form::Count),
    ("maxProperties", Form::Count),
    ("dependentRequired", Form::NamesOf),
    ("dependencies", Form::Dependencies),
    ("items", Form::Items),
    ("prefixItems", Form::Schemas),
    ("additionalItems", Form::Schema),
    ("minItems", Form::Count),
    ("maxItems", Form::Count),
    ("uniqueItems", Form::Bool),
    ("minimum", Form::Number),
    ("maximum", Form::Number),
    ("exclusiveMinimum", Form::Exclusive),
    ("exclusiveMaximum", Form::Exclusive),
    ("multipleOf", Form::Positive),
    ("minLength", Form::Count),
    ("maxLength", Form::Count),
    ("pattern", Form::Text),
    ("format", Form::Text),
    ("default", Form::Anything),
];

/// The kinds of JSON Schema.
const KINDS: [&str; 7] = ["null", "boolean", "integer", "number", "string", "array", "object"];

/// What generators write for a kind.
const SPELLINGS: [(&str, &str); 14] = [
    ("bool", "boolean"),
    ("int", "integer"),
    ("int32", "integer"),
    ("int64", "integer"),
    ("long", "integer"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "number"),
    ("str", "string"),
    ("text", "string"),
    ("list", "array"),
    ("dict", "object"),
    ("map", "object"),
    ("none", "null"),
];

/// What is made of a value that is none of its keyword.
enum Reading {
    /// It means this value.
    As(Json),
    /// It says nothing.
    Absent,
    /// It cannot be told what it means.
    Unknown,
}

/// A keyword that holds what it should not.
pub struct Fault<'j> {
    /// The keyword.
    pub keyword: &'j str,
    /// What it holds.
    pub value: &'j Json,
    /// What it is taken for, in words; none where that cannot be told.
    pub taken: Option<String>,
}

/// Whether a keyword is one that is read.
pub fn is_read(keyword: &str) -> bool {
    form(keyword).is_some()
}

/// The keyword that a word which is none is a misspelling of.
pub fn meant(word: &str) -> Option<&'static str> {
    let plain = word.replace(['_', '-'], "");
    let near = nearest(&plain, KEYWORDS.iter().map(|(name, _)| *name))?;
    KEYWORDS.iter().map(|(name, _)| *name).find(|name| *name == near)
}

fn form(keyword: &str) -> Option<Form> {
    KEYWORDS.iter().find(|(name, _)| *name == keyword).map(|(_, form)| *form)
}

/// The keywords of a schema that hold what they should not, and the schema without them, or with what they mean.
pub fn mended(keywords: &[(String, Json)]) -> Option<(Vec<Fault<'_>>, Json)> {
    let is_sound = |(keyword, value): &(String, Json)| form(keyword).is_none_or(|form| form.is_of(value));
    if keywords.iter().all(is_sound) {
        return None;
    }
    let (mut faults, mut sound) = (Vec::new(), Vec::with_capacity(keywords.len()));
    for (keyword, value) in keywords {
        let Some(form) = form(keyword).filter(|form| !form.is_of(value)) else {
            sound.push((keyword.clone(), value.clone()));
            continue;
        };
        let taken = match form.reading(keyword, value) {
            Reading::As(meant) => {
                let taken = format!("read as `{}`", crate::json::shown(&meant));
                sound.push((keyword.clone(), meant));
                Some(taken)
            }
            Reading::Absent if keyword == "required" && value.as_bool() == Some(true) => {
                Some("read as draft 3 has it: a property with it must be there".to_owned())
            }
            Reading::Absent => Some("read as if it were not there".to_owned()),
            Reading::Unknown => None,
        };
        faults.push(Fault { keyword, value, taken });
    }
    Some((faults, Json::Object(sound)))
}

/// A word in the place of a schema as one: `"string"`.
pub fn shorthand(schema: &Json) -> Option<Json> {
    let name = kind(schema.as_text()?)?;
    Some(Json::Object(vec![("type".to_owned(), Json::Text(name.to_owned()))]))
}

/// The kind that a word means.
fn kind(name: &str) -> Option<&'static str> {
    let word = name.to_ascii_lowercase();
    let spelled = SPELLINGS.iter().find(|(spelling, _)| *spelling == word).map(|(_, kind)| *kind);
    KINDS.into_iter().find(|kind| *kind == word).or(spelled)
}

impl Form {
    fn is_of(self, value: &Json) -> bool {
        let is_schema = matches!(value, Json::Object(_) | Json::Bool(_));
        let are_texts = |value: &Json| value.as_list().is_some_and(|names| names.iter().all(|name| name.as_text().is_some()));
        let is_kind = |value: &Json| value.as_text().is_some_and(|name| KINDS.contains(&name));
        match self {
            Form::Schema => is_schema,
            Form::Schemas => value.as_list().is_some_and(|schemas| !schemas.is_empty()),
            Form::Items => is_schema || value.as_list().is_some_and(|schemas| !schemas.is_empty()),
            Form::Named => value.as_object().is_some(),
            Form::Names => are_texts(value),
            Form::NamesOf => value.as_object().is_some_and(|fields| fields.iter().all(|(_, names)| are_texts(names))),
            Form::Dependencies => value
                .as_object()
                .is_some_and(|fields| fields.iter().all(|(_, needed)| are_texts(needed) || matches!(needed, Json::Object(_) | Json::Bool(_)))),
            Form::Number => matches!(value, Json::Number(_)),
            Form::Positive => matches!(value, Json::Number(number) if number.as_f64().is_some_and(|number| number > 0.0)),
            Form::Count => count(value).is_some(),
            Form::Bool => value.as_bool().is_some(),
            Form::Exclusive => matches!(value, Json::Number(_) | Json::Bool(_)),
            Form::Text => value.as_text().is_some(),
            Form::Types => is_kind(value) || value.as_list().is_some_and(|kinds| !kinds.is_empty() && kinds.iter().all(is_kind)),
            Form::Values => value.as_list().is_some(),
            Form::Anything => true,
        }
    }

    /// What a value means that is none of this form, to the strict side.
    fn reading(self, keyword: &str, value: &Json) -> Reading {
        match (self, value) {
            // What has no value in a program's memory is written so by some.
            (_, Json::Null) => Reading::Absent,
            (Form::Schema | Form::Items, Json::Text(_)) => shorthand(value).map_or(Reading::Unknown, Reading::As),
            (Form::Items, Json::List(_)) => Reading::Absent,
            (Form::Schemas, Json::Object(_)) => Reading::As(Json::List(vec![value.clone()])),
            // Of no parts all are fulfilled, and of no alternatives none.
            (Form::Schemas, Json::List(_)) if matches!(keyword, "allOf" | "prefixItems") => Reading::Absent,
            // Some languages write an empty object so.
            (Form::Named | Form::NamesOf | Form::Dependencies, Json::List(elements)) if elements.is_empty() => Reading::Absent,
            (Form::Names, Json::Bool(_)) => Reading::Absent,
            (Form::Names | Form::Values, Json::Text(_)) => Reading::As(Json::List(vec![value.clone()])),
            (Form::Bool | Form::Exclusive, Json::Text(text)) if text == "true" || text == "false" => Reading::As(Json::Bool(text == "true")),
            (Form::Number | Form::Positive | Form::Count | Form::Exclusive, Json::Text(text)) => self.read_number(text),
            // What is said more narrowly is the strict side, and what is said more widely is not.
            (Form::Bool, _) if keyword == "uniqueItems" => Reading::As(Json::Bool(true)),
            (Form::Bool, _) => Reading::Absent,
            (Form::Text, _) if keyword == "format" => Reading::Absent,
            (Form::Types, Json::Text(name)) if name == "any" => Reading::Absent,
            (Form::Types, Json::Text(name)) => kind(name).map_or(Reading::Unknown, |kind| Reading::As(Json::Text(kind.to_owned()))),
            (Form::Types, Json::List(names)) => {
                let kinds: Vec<Json> = names.iter().filter_map(|name| Some(Json::Text(kind(name.as_text()?)?.to_owned()))).collect();
                if kinds.is_empty() { Reading::Unknown } else { Reading::As(Json::List(kinds)) }
            }
            _ => Reading::Unknown,
        }
    }

    fn read_number(self, text: &str) -> Reading {
        match serde_json::from_str(text.trim()).map(Json::Number) {
            Ok(number) if self.is_of(&number) => Reading::As(number),
            _ => Reading::Unknown,
        }
    }
}

/// A number of characters, elements or fields.
pub fn count(value: &Json) -> Option<u64> {
    match value {
        Json::Number(number) => super::number::Number::new(number).as_int().and_then(|count| u64::try_from(count).ok()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::mended;
    use crate::json::Json;

    fn told(schema: &str) -> (Vec<(String, bool)>, String) {
        let schema = Json::read("s", schema).unwrap();
        let (faults, sound) = mended(schema.as_object().unwrap()).unwrap();
        (faults.iter().map(|fault| (fault.keyword.to_owned(), fault.taken.is_some())).collect(), sound.to_string())
    }

    #[test]
    fn what_is_meant_is_read() {
        for (schema, meant) in [
            (r#"{"type": "str", "minLength": "5"}"#, r#"{"type": "string", "minLength": 5}"#),
            (r#"{"type": ["int", "null"], "required": true}"#, r#"{"type": ["integer", "null"]}"#),
            (r#"{"anyOf": {"type": "string"}, "title": 1}"#, r#"{"anyOf": [{"type": "string"}], "title": 1}"#),
            (r#"{"properties": [], "minimum": null, "uniqueItems": "yes"}"#, r#"{"uniqueItems": true}"#),
            (r#"{"items": "string", "required": "a"}"#, r#"{"items": {"type": "string"}, "required": ["a"]}"#),
        ] {
            let (faults, sound) = told(schema);
            assert_eq!((faults.iter().all(|(_, is_read)| *is_read), sound.as_str()), (true, meant), "{schema}");
        }
    }

    #[test]
    fn what_nobody_can_tell_is_a_fault() {
        for schema in [
            r#"{"anyOf": []}"#,
            r#"{"oneOf": "string"}"#,
            r#"{"type": "money"}"#,
            r#"{"minimum": {}}"#,
            r#"{"pattern": ["a"]}"#,
            r#"{"dependentRequired": [1]}"#,
            r#"{"patternProperties": "^a"}"#,
            r#"{"additionalProperties": []}"#,
            r#"{"maxLength": -1}"#,
            r#"{"required": [1]}"#,
            r#"{"multipleOf": 0}"#,
        ] {
            let (faults, _) = told(schema);
            assert_eq!(faults.iter().map(|(_, is_read)| *is_read).collect::<Vec<_>>(), [false], "{schema}");
        }
    }
}
