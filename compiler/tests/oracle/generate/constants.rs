//! Constants as policies write them and as JSON has them. Both take from the same few values, so that they meet, and those are the awkward ones.

use super::schema::{Presence, Schema, Ty, field_name};
use crate::random::Random;

const INTS: [i64; 14] = [0, 1, 2, 3, 5, 10, 100, -1, -3, 7, 1000, i64::MAX, i64::MIN, i64::MAX - 1];
const DECIMALS: [&str; 12] = [
    "0.0",
    "0.5",
    "1.0",
    "1.5",
    "2.50",
    "-0.1",
    "-3.0",
    "10.0",
    "100.25",
    "0.0000000000000000000000000001",
    "9999999999999999999999999999.0",
    "12345678901234567890.12345678",
];
const TEXTS: [&str; 27] = [
    "",
    "a",
    "b",
    "prod",
    "Prod",
    "read",
    "write",
    "x@example.com",
    "eve@evil.test",
    "a/b",
    "../etc/passwd",
    "10",
    "1.5",
    "2026-04-04T04:45:12Z",
    "ä{ü}",
    "a,b, c",
    "say \"hi\"",
    "10.0.0.1",
    "low",
    "{\"a\": [1, null]}",
    "https://user@169.254.169.254:8080/x?y=1",
    "http://example.com/a/../b",
    "1.2.3-rc.1+b",
    "rm -rf / && FOO=1 curl 'x y' > /tmp/z",
    "echo $(id)",
    "select * from t where a = 1",
    "DELETE FROM t; select 1",
];
const DURATIONS: [&str; 8] = ["0s", "1ms", "15m", "1h30m", "24h", "7d", "106751d23h", "90s"];
const TIMESTAMPS: [&str; 7] = [
    "2026-04-04T04:45:12Z",
    "2026-04-04T04:45:12.5Z",
    "2026-04-03T23:59:59Z",
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2024-02-29T12:00:00Z",
];
const IPS: [&str; 6] = ["10.0.0.1", "10.200.0.7", "192.168.1.1", "8.8.8.8", "::1", "2001:db8::5"];
const CIDRS: [&str; 6] = ["10.0.0.0/8", "0.0.0.0/0", "192.168.1.1/32", "::/0", "2001:db8::/32", "10.0.0.0/9"];
pub const KEYS: [&str; 5] = ["a", "b", "prod", "x-id", "name"];

pub fn int(random: &mut Random) -> i64 {
    if random.chance(70) { INTS[random.below(9)] } else { *random.pick(&INTS) }
}

pub fn text(random: &mut Random) -> &'static str {
    random.word(&TEXTS)
}

/// A string as a policy writes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// A constant of a type as a policy writes it where that type is expected.
pub fn literal(random: &mut Random, schema: &Schema, ty: &Ty) -> String {
    match ty {
        Ty::Bool => random.chance(50).to_string(),
        Ty::Int => int(random).to_string(),
        Ty::Decimal if random.chance(20) => random.within(0, 20).to_string(),
        Ty::Decimal => random.word(&DECIMALS).into(),
        Ty::Duration => random.word(&DURATIONS).into(),
        Ty::Timestamp => format!("timestamp(\"{}\")", random.word(&TIMESTAMPS)),
        Ty::Ip => format!("ip(\"{}\")", random.word(&IPS)),
        Ty::Cidr => format!("cidr(\"{}\")", random.word(&CIDRS)),
        Ty::Text => quoted(text(random)),
        Ty::Json => json_literal(random, 2),
        Ty::Enum(index) => quoted(random.pick::<String>(&schema.enums[*index].variants)),
        Ty::Record(index) => record_literal(random, schema, *index),
        Ty::List(element) => format!("[{}]", several(random, |random| literal(random, schema, element))),
        Ty::Set(element) => format!("{{{}}}", several(random, |random| literal(random, schema, element))),
        Ty::Map(element) => {
            let keys = random.some(&KEYS, 0, 3);
            let entries: Vec<String> = keys.into_iter().map(|key| format!("{}: {}", field_name(key), literal(random, schema, element))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Ty::Optional(inner) => {
            if random.chance(30) {
                "none".into()
            } else {
                literal(random, schema, inner)
            }
        }
    }
}

fn several(random: &mut Random, mut one: impl FnMut(&mut Random) -> String) -> String {
    let count = random.within(0, 3);
    (0..count).map(|_| one(random)).collect::<Vec<_>>().join(", ")
}

fn record_literal(random: &mut Random, schema: &Schema, index: usize) -> String {
    let mut entries = Vec::new();
    for field in &schema.records[index].fields {
        if field.presence == Presence::Required || random.chance(60) {
            entries.push(format!("{}: {}", field_name(&field.name), literal(random, schema, &field.read())));
        }
    }
    format!("{{ {} }}", entries.join(", "))
}

fn json_literal(random: &mut Random, depth: usize) -> String {
    match random.below(if depth > 0 { 8 } else { 6 }) {
        0 => "none".into(),
        1 => random.chance(50).to_string(),
        2 | 3 => int(random).to_string(),
        4 => random.word(&DECIMALS).into(),
        5 => quoted(text(random)),
        6 => format!("[{}]", several(random, |random| json_literal(random, depth - 1))),
        _ => {
            let keys = random.some(&KEYS, 0, 3);
            let entries: Vec<String> = keys.into_iter().map(|key| format!("{}: {}", field_name(key), json_literal(random, depth - 1))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// How JSON is generated.
pub struct Jsons<'s> {
    pub schema: &'s Schema,
    /// In a thousand values so many are of another type.
    pub misfits: usize,
}

impl Jsons<'_> {
    /// A JSON value of a type.
    pub fn value(&self, random: &mut Random, ty: &Ty) -> String {
        if random.below(1000) < self.misfits {
            return random.word(&["null", "true", "1", "-0.5", "\"zzz\"", "[]", "[null]", "{}", "1e30"]).into();
        }
        match ty {
            Ty::Bool => random.chance(50).to_string(),
            Ty::Int => number(random),
            Ty::Decimal => {
                let text = if random.chance(40) { int(random).to_string() } else { random.word(&DECIMALS).to_owned() };
                if random.chance(30) { json_text(&text) } else { text }
            }
            Ty::Duration => json_text(if random.chance(10) { "PT15M" } else { random.word(&DURATIONS) }),
            Ty::Timestamp => json_text(if random.chance(10) { "2026-04-04T06:45:12+02:00" } else { random.word(&TIMESTAMPS) }),
            Ty::Ip => json_text(if random.chance(10) { "::ffff:10.0.0.1" } else { random.word(&IPS) }),
            Ty::Cidr => json_text(if random.chance(10) { "10.9.9.9/8" } else { random.word(&CIDRS) }),
            Ty::Text => json_text(text(random)),
            Ty::Json => self.any(random, 2),
            Ty::Enum(index) => json_text(random.pick::<String>(&self.schema.enums[*index].variants)),
            Ty::Record(index) => self.record(random, *index),
            Ty::List(element) | Ty::Set(element) => format!("[{}]", several(random, |random| self.value(random, element))),
            Ty::Map(element) => object(random, |random| self.value(random, element)),
            Ty::Optional(inner) => {
                if random.chance(30) {
                    "null".into()
                } else {
                    self.value(random, inner)
                }
            }
        }
    }

    /// Any JSON.
    pub fn any(&self, random: &mut Random, depth: usize) -> String {
        match random.below(if depth > 0 { 9 } else { 6 }) {
            0 => "null".into(),
            1 => random.chance(50).to_string(),
            2 => number(random),
            3 => random.word(&DECIMALS).into(),
            4 | 5 => json_text(text(random)),
            6 => format!("[{}]", several(random, |random| self.any(random, depth - 1))),
            _ => object(random, |random| self.any(random, depth - 1)),
        }
    }

    fn record(&self, random: &mut Random, index: usize) -> String {
        format!("{{{}}}", self.entries(random, index, &[]).join(", "))
    }

    /// The entries of a record's JSON but for some fields.
    pub fn entries(&self, random: &mut Random, index: usize, without: &[&str]) -> Vec<String> {
        let record = &self.schema.records[index];
        let mut entries = Vec::new();
        for field in record.fields.iter().filter(|field| !without.contains(&&*field.name)) {
            let must = field.presence == Presence::Required && random.below(1000) >= self.misfits;
            if must || random.chance(65) {
                let value = if !must && random.chance(15) { "null".into() } else { self.value(random, &field.ty) };
                entries.push(format!("{}: {value}", json_text(&field.name)));
            }
        }
        if random.chance(if record.open { 30 } else { 2 }) {
            entries.push(format!("\"extra\": {}", self.any(random, 1)));
        }
        random.shuffle(&mut entries);
        entries
    }
}

fn object(random: &mut Random, mut value: impl FnMut(&mut Random) -> String) -> String {
    let keys = random.some(&KEYS, 0, 3);
    let entries: Vec<String> = keys.into_iter().map(|key| format!("{}: {}", json_text(key), value(random))).collect();
    format!("{{{}}}", entries.join(", "))
}

fn number(random: &mut Random) -> String {
    match random.below(20) {
        0 => format!("{}.0", random.within(0, 9)),
        1 => "1e2".into(),
        _ => int(random).to_string(),
    }
}

pub fn json_text(text: &str) -> String {
    serde_json::to_string(text).expect("a string is JSON")
}
