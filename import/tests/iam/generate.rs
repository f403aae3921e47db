//! Policies and requests at random, from few enough words that they meet.

use serde_json::{Map, Value, json};

/// Whether what is generated may be what the documentation does not settle: several values where one is expected, empty ones, values that cannot be read,
/// wildcards inside of an ARN's parts.
#[derive(Clone, Copy, PartialEq)]
pub enum Doubt {
    None,
    Some,
}

/// Numbers at random, the same for the same seed.
pub struct Random(u64);

struct Key {
    name: &'static str,
    kind: &'static str,
    given: &'static [&'static str],
    wanted: &'static [&'static str],
}

const KEYS: [Key; 9] = [
    Key {
        name: "aws:username",
        kind: "String",
        given: &["ann", "Bob", "a*"],
        wanted: &["ann", "ANN", "b?b", "${aws:PrincipalTag/team}", "a*", "${*}nn", "a${*}"],
    },
    Key {
        name: "s3:prefix",
        kind: "String",
        given: &["home/ann/x", "home/red/", "tmp", "$"],
        wanted: &["home/${aws:username}/*", "home/${aws:PrincipalTag/team, 'red'}/", "tmp", "*", "${$}", "HOME/${aws:username}/X"],
    },
    Key { name: "aws:PrincipalTag/team", kind: "String", given: &["red", "ann"], wanted: &["red", "r*", "${aws:username}"] },
    Key { name: "aws:TagKeys", kind: "String", given: &["a", "b", "ann"], wanted: &["a", "b", "?", "${aws:username}"] },
    Key { name: "s3:max-keys", kind: "Numeric", given: &["5", "10", "10.5", "-1"], wanted: &["10", "5", "10.5", "0"] },
    Key {
        name: "aws:CurrentTime",
        kind: "Date",
        given: &["2026-01-01T00:00:00Z", "2026-06-01T12:00:00Z", "2025-12-31T23:59:59Z"],
        wanted: &["2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z"],
    },
    Key { name: "aws:SecureTransport", kind: "Bool", given: &["true", "false"], wanted: &["true", "false"] },
    Key {
        name: "aws:SourceIp",
        kind: "Ip",
        given: &["10.0.0.7", "10.1.2.3", "203.0.113.9", "2001:db8::1"],
        wanted: &["10.0.0.0/16", "203.0.113.9", "2001:db8::/32", "0.0.0.0/0"],
    },
    Key {
        name: "aws:SourceArn",
        kind: "Arn",
        given: &["arn:aws:sns:eu-west-1:1:red:x", "arn:aws:sns:eu-west-1:1:ann", "arn:aws:s3:::b"],
        wanted: &["arn:aws:sns:*:1:*", "arn:aws:sns:eu-*:1:${aws:username}", "arn:aws:s?:::b", "arn:*:sns:*:?:red:x"],
    },
];

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    pub fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    /// One to three, a list unless it is one.
    fn some(&mut self, of: &[&str]) -> Value {
        let chosen: Vec<&str> = (0..=self.below(3)).map(|_| self.one(of)).collect();
        if chosen.len() == 1 && self.below(2) == 0 { json!(chosen[0]) } else { json!(chosen) }
    }

    pub fn document(&mut self, doubt: Doubt) -> Value {
        let statements: Vec<Value> = (0..=self.below(3)).map(|at| self.statement(at, doubt)).collect();
        let version = self.one(&["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]);
        json!({"Version": version, "Statement": statements})
    }

    pub fn statement(&mut self, at: usize, doubt: Doubt) -> Value {
        const ACTIONS: [&str; 8] = ["s3:GetObject", "S3:get*", "s3:*", "*", "ec2:Describe?nstances", "ec2:*", "s3:PutObject", "iam:PassRole"];
        const RESOURCES: [&str; 8] = [
            "*",
            "arn:aws:s3:::b/*",
            "arn:aws:s3:::b/${aws:username}/*",
            "arn:aws:s3:::b/${aws:PrincipalTag/team, 'red'}",
            "arn:aws:ec2:*:1:instance/?",
            "arn:aws:ec2",
            "arn:aws:s3:::b/ann/x",
            "arn:aws:*:eu-1:*",
        ];
        let mut resources = RESOURCES.to_vec();
        if doubt == Doubt::Some {
            resources.extend([
                "arn:aws:ec2:e*1:1:*",
                "arn:aws:ec2:eu-?:1:*",
                "a*",
                "arn:aws:ec2:${aws:username}:1:*",
                "arn:aws:s3:*:*:${aws:username}",
            ]);
        }
        let effect = self.one(&["Allow", "Allow", "Deny"]);
        let action = self.one(&["Action", "Action", "Action", "NotAction"]);
        let resource = self.one(&["Resource", "Resource", "Resource", "NotResource"]);
        let mut statement = json!({"Sid": format!("S{at}"), "Effect": effect, action: self.some(&ACTIONS), resource: self.some(&resources)});
        let mut conditions = Map::new();
        for _ in 0..self.below(3) {
            let (operator, key, values) = self.condition(doubt);
            conditions.entry(operator).or_insert_with(|| json!({}))[key] = values;
        }
        if !conditions.is_empty() {
            statement["Condition"] = Value::Object(conditions);
        }
        statement
    }

    fn condition(&mut self, doubt: Doubt) -> (String, &'static str, Value) {
        let key = &KEYS[self.below(KEYS.len())];
        if self.below(8) == 0 {
            return ("Null".to_owned(), key.name, json!(self.one(&["true", "false"])));
        }
        let base = match key.kind {
            "String" => {
                self.one(&["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"])
            }
            "Numeric" => self.one(&[
                "NumericEquals",
                "NumericNotEquals",
                "NumericLessThan",
                "NumericLessThanEquals",
                "NumericGreaterThan",
                "NumericGreaterThanEquals",
            ]),
            "Date" => self.one(&["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"]),
            "Bool" => "Bool",
            "Ip" => self.one(&["IpAddress", "NotIpAddress"]),
            _ => self.one(&["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]),
        };
        let is_many = key.name == "aws:TagKeys";
        let mut set = if is_many { self.one(&["ForAllValues:", "ForAnyValue:"]) } else { self.one(&["", "", "", "ForAllValues:", "ForAnyValue:"]) };
        if doubt == Doubt::Some && self.below(3) == 0 {
            set = "";
        }
        let may_exist = set != "ForAnyValue:" || doubt == Doubt::Some;
        let if_exists = if may_exist && self.below(4) == 0 { "IfExists" } else { "" };
        let wanted = self.some(key.wanted);
        (format!("{set}{base}{if_exists}"), key.name, wanted)
    }

    pub fn request(&mut self, doubt: Doubt) -> Value {
        let action = self.one(&["s3:GetObject", "S3:GETOBJECT", "s3:PutObject", "ec2:DescribeInstances", "iam:PassRole"]);
        let resource = self.one(&[
            "arn:aws:s3:::b/ann/x",
            "arn:aws:s3:::b/red",
            "arn:aws:ec2:eu-1:1:instance/i",
            "arn:aws:ec2:eu-1:1:x:1:instance/i",
            "*",
            "arn:aws:s3:::b/a*/x",
        ]);
        let mut condition = Map::new();
        for key in &KEYS {
            if self.below(10) < 3 {
                continue;
            }
            let name = match self.below(3) {
                0 => key.name.to_uppercase(),
                1 => key.name.to_lowercase(),
                _ => key.name.to_owned(),
            };
            let is_many = key.name == "aws:TagKeys" || (doubt == Doubt::Some && self.below(4) == 0);
            let mut given = key.given.to_vec();
            if doubt == Doubt::Some {
                given.extend(["", "nonsense"]);
            }
            let value = if is_many { json!((0..self.below(3)).map(|_| self.one(&given)).collect::<Vec<_>>()) } else { self.value(key.kind, &given) };
            condition.insert(name, value);
        }
        json!({"action": action, "resource": resource, "condition": condition})
    }

    /// A value as AWS gives it, a text, or as JSON would.
    fn value(&mut self, kind: &str, given: &[&str]) -> Value {
        let text = self.one(given);
        let plain = (kind == "Bool" || kind == "Numeric") && self.below(2) == 0;
        let value = if plain { serde_json::from_str(text).unwrap_or_else(|_| json!(text)) } else { json!(text) };
        if self.below(4) == 0 { json!([value]) } else { value }
    }

    /// A pattern.
    pub fn glob(&mut self, begin: &str, signs: &str) -> String {
        let signs: Vec<char> = signs.chars().collect();
        (0..self.below(6)).fold(begin.to_owned(), |mut text, _| {
            text.push(signs[self.below(signs.len())]);
            text
        })
    }

    /// A text that may fit a pattern, perhaps in another case.
    pub fn like(&mut self, pattern: &str, signs: &str, is_recased: bool) -> String {
        let signs: Vec<char> = signs.chars().collect();
        let mut text = String::new();
        for character in pattern.chars() {
            match character {
                '*' => (0..self.below(3)).for_each(|_| text.push(signs[self.below(signs.len())])),
                '?' => text.push(signs[self.below(signs.len())]),
                _ if self.below(40) == 0 => text.push(signs[self.below(signs.len())]),
                other if is_recased && self.below(4) == 0 => text.extend(other.to_uppercase()),
                other => text.push(other),
            }
        }
        text
    }
}
