//! Arguments made from a schema: such as it takes, and such with one thing broken.

use serde_json::{Map, Number, Value, json};

/// Makes arguments of one schema.
pub struct Arguments<'s> {
    root: &'s Value,
    state: u64,
}

impl<'s> Arguments<'s> {
    /// Arguments of a schema; of another seed others.
    pub fn new(root: &'s Value, seed: u64) -> Arguments<'s> {
        Arguments { root, state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d }
    }

    /// Arguments that the schema takes, as far as its keywords are known here.
    pub fn valid(&mut self) -> Value {
        let root = self.root;
        let value = self.value(root, 0);
        if value.is_object() { value } else { json!({}) }
    }

    /// Breaks one thing somewhere in a value.
    pub fn break_one(&mut self, value: &mut Value) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                let at = self.below(fields.len());
                let key = fields.keys().nth(at).unwrap().clone();
                if self.below(4) == 0 {
                    fields.remove(&key);
                } else if let Some(inner) = fields.get_mut(&key) {
                    self.break_one(inner);
                }
            }
            Value::Array(elements) if !elements.is_empty() && self.below(3) > 0 => {
                let at = self.below(elements.len());
                self.break_one(&mut elements[at]);
            }
            Value::Object(fields) => drop(fields.insert("unheard_of".to_owned(), json!(1))),
            other => *other = self.another(other.clone()),
        }
    }

    fn another(&mut self, than: Value) -> Value {
        let others = [json!("unheard of"), json!(-7.5), json!(true), json!([[1]]), json!({"unheard of": 1}), json!(1_000_000_007), json!("")];
        let at = self.below(others.len());
        let chosen = others[at].clone();
        if chosen == than { json!([[2]]) } else { chosen }
    }

    fn value(&mut self, schema: &'s Value, depth: usize) -> Value {
        if let Some(to) = schema["$ref"].as_str() {
            return match self.root.pointer(to.trim_start_matches('#')).filter(|_| depth < 8) {
                Some(meant) => self.value(meant, depth + 1),
                None => Value::Null,
            };
        }
        if let Some(only) = schema.get("const") {
            return only.clone();
        }
        if let Some(values) = schema["enum"].as_array() {
            return values[self.below(values.len())].clone();
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(alternatives) = schema[keyword].as_array().filter(|_| schema.get("type").is_none()) {
                let at = self.below(alternatives.len());
                return self.value(&alternatives[at], depth + 1);
            }
        }
        let kind = match &schema["type"] {
            Value::String(kind) => kind.clone(),
            Value::Array(kinds) => kinds[self.below(kinds.len())].as_str().unwrap().to_owned(),
            _ if schema.get("properties").is_some() => "object".to_owned(),
            _ => ["string", "number", "null", "object"][self.below(4)].to_owned(),
        };
        match kind.as_str() {
            "null" => Value::Null,
            "boolean" => json!(self.below(2) == 0),
            "integer" => self.number(schema, true),
            "number" => self.number(schema, false),
            "array" => self.array(schema, depth),
            "object" => self.object(schema, depth),
            _ => self.text(schema),
        }
    }

    fn number(&mut self, schema: &Value, is_integer: bool) -> Value {
        let bound =
            |including: &str, excluding: &str, step: f64| schema[including].as_f64().or_else(|| schema[excluding].as_f64().map(|bound| bound + step));
        let (least, most) = (bound("minimum", "exclusiveMinimum", 1.0), bound("maximum", "exclusiveMaximum", -1.0));
        let least = least.unwrap_or_else(|| most.map_or(-20.0, |most| most.min(0.0) - 20.0));
        let most = most.unwrap_or(least.max(0.0) + 40.0).min(least + 1e6);
        let share = [0.0, 1.0, 0.25, 0.5][self.below(4)];
        let value = least + (most - least) * share;
        let whole = value.trunc().max(least);
        match self.below(3) {
            0 if !is_integer => Value::Number(Number::from_f64(value).unwrap()),
            1 => Value::Number(Number::from_f64(whole).unwrap()),
            _ => json!(whole as i64),
        }
    }

    fn text(&mut self, schema: &Value) -> Value {
        let least = schema["minLength"].as_u64().unwrap_or(0);
        let most = schema["maxLength"].as_u64().unwrap_or(least + 12);
        let length = [least, most.min(least + 40), (least + most.min(least + 40)) / 2][self.below(3)];
        let letters = ["a", "Z", "ü", "🔴", " ", "\"", "{", "/", "\n", "7"];
        Value::String((0..length).map(|_| letters[self.below(letters.len())]).collect())
    }

    fn array(&mut self, schema: &'s Value, depth: usize) -> Value {
        let least = schema["minItems"].as_u64().unwrap_or(0);
        let most = schema["maxItems"].as_u64().unwrap_or(least + 3).min(least + 3);
        let length = least + self.below((most - least + 1) as usize) as u64;
        let any = &Value::Null;
        let items = schema.get("items").unwrap_or(any);
        Value::Array((0..length).map(|_| self.value(items, depth + 1)).collect())
    }

    fn object(&mut self, schema: &'s Value, depth: usize) -> Value {
        let mut fields = Map::new();
        let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
            if required.contains(&name.as_str()) || (depth < 6 && self.below(2) == 0) {
                fields.insert(name.clone(), self.value(inner, depth + 1));
            }
        }
        if schema["additionalProperties"] != json!(false) && self.below(4) == 0 {
            fields.insert("further_field".to_owned(), json!({"any": [1, null]}));
        }
        Value::Object(fields)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % bound
    }
}
