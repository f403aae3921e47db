//! Merges three ways: what was imported, what the author made of it, what the server says now.

use std::collections::HashSet;

use serde_json::{Value, json};
use tollgate_compiler::{PolicySet, Sources};
use tollgate_import::{Fate, mcp};

use crate::refresh::{imported, list, refreshed, told, updated};

fn compiles(text: &str) {
    let set = PolicySet::check(Sources::of("git.toll", text));
    assert!(!set.has_errors(), "{:?}\n{text}", set.diagnostics());
}

fn notes(refreshed: &mcp::Refreshed) -> Vec<String> {
    let grave = refreshed.notes.iter().filter(|note| note.fate.is_loss());
    grave.map(|note| format!("{}: {}", note.place, note.text)).collect()
}

fn one(name: &str, schema: Value) -> Value {
    json!([{"name": name, "inputSchema": schema}])
}

fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

#[test]
fn conditions_in_a_shared_type_stay_in_both_that_it_becomes() {
    let account = |more: Value| {
        let mut fields = json!({"iban": {"type": "string"}, "owner": {"type": "string"}});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object(fields)
    };
    let pay = |from: Value, to: Value| one("pay", object(json!({"from": from, "to": to})));
    let same = account(json!({}));
    let policy = imported(pay(same.clone(), same.clone()));
    assert!(policy.contains("from?: From, to?: From"), "{policy}");
    let own = policy.replace("iban?: string", "iban?: string where iban like \"DE*\"");
    // A field more in one of them.
    let now = refreshed(&own, pay(same.clone(), account(json!({"bic": {"type": "string"}}))));
    assert_eq!(now.text.matches("where iban like \"DE*\"").count(), 2, "{}", now.text);
    assert!(now.text.contains("bic?: string") && now.text.contains("from?: From"), "{}", now.text);
    assert_eq!(notes(&now), Vec::<String>::new());
    compiles(&now.text);
    // A field less, which a condition of the other names.
    let own = policy.replace("iban?: string", "iban?: string where owner == none or iban != owner");
    let less = object(json!({"iban": {"type": "string"}, "bic": {"type": "string"}}));
    let now = refreshed(&own, pay(same.clone(), less.clone()));
    assert_eq!(now.text.matches("owner == none or iban != owner").count(), 1, "{}", now.text);
    assert_eq!(notes(&now).len(), 1, "{:?}", notes(&now));
    assert!(notes(&now)[0].starts_with("git/pay.to.iban: `(owner == none or iban != owner)`"), "{:?}", notes(&now));
    compiles(&now.text);
    // Both become others: nothing is left of the one.
    let own = policy.replace("iban?: string", "iban?: string where iban like \"DE*\"");
    let now = refreshed(&own, pay(less, account(json!({"bic": {"type": "string"}}))));
    assert_eq!(now.text.matches("where iban like \"DE*\"").count(), 2, "{}", now.text);
    assert!(!now.text.contains("type From"), "{}", now.text);
    compiles(&now.text);
    // And one type again, of which each keeps what was asked of it.
    let back = refreshed(&now.text, pay(same.clone(), same));
    assert_eq!(back.text.matches("where iban like \"DE*\"").count(), 2, "{}", back.text);
    compiles(&back.text);
}

#[test]
fn conditions_follow_a_definition_that_gets_another_name() {
    let order = |definition: &str, more: Value| {
        let mut fields = json!({"street": {"type": "string"}, "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}});
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let to = json!({"$ref": format!("#/$defs/{definition}")});
        let mut schema = object(json!({"ship": {"type": "array", "items": to.clone()}, "bill": to}));
        schema["$defs"] = json!({definition: object(fields), "Line": object(json!({"text": {"type": "string"}, "count": {"type": "integer"}}))});
        one("order", schema)
    };
    // The author's condition stands in a type that is named by the one that gets another name.
    let own = imported(order("Address", json!({}))).replace("count?: int", "count?: int where count < 5");
    let now = refreshed(&own, order("Place", json!({"zip": {"type": "string"}})));
    assert!(now.text.contains("count?: int where count < 5"), "{}", now.text);
    assert_eq!(now.text.matches("lines?: list<Line>").count(), 2, "{}", now.text);
    assert_eq!(notes(&now), Vec::<String>::new());
    compiles(&now.text);
}

#[test]
fn what_the_author_took_out_stays_out() {
    let tool = |path: Value, more: Value| {
        let mut filter = json!({"path": path, "author": {"type": "string"}});
        filter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{"name": "log", "inputSchema": object(json!({"repo": {"type": "string"}, "force": {"type": "boolean"}, "filter": object(filter)}))},
               {"name": "push", "inputSchema": object(json!({"remote": {"type": "string"}}))}])
    };
    let policy = imported(tool(json!({"type": "string"}), json!({})));
    let (start, end) = (policy.find("tool \"git/push\"").unwrap(), policy.find("// As imported").unwrap());
    let own = format!("{}{}", &policy[..start], &policy[end..]).replace("force?: bool, ", "").replace("path?: string, ", "");
    assert!(!own.contains("force") && !own.contains("path") && !own.contains("remote"), "{own}");
    let same = refreshed(&own, tool(json!({"type": "string"}), json!({})));
    assert_eq!((same.text.as_str(), notes(&same)), (own.as_str(), Vec::new()));
    let more = refreshed(&own, tool(json!({"type": "string"}), json!({"since": {"type": "string"}})));
    assert!(
        more.text.contains("since?: string") && !more.text.contains("force?") && !more.text.contains("path?") && !more.text.contains("remote"),
        "{}",
        more.text
    );
    // What the server changes of it is told.
    let other = refreshed(&own, tool(json!({"type": "integer"}), json!({})));
    assert!(!other.text.contains("path?"), "{}", other.text);
    assert!(notes(&other).iter().any(|note| note.starts_with("git/log.filter.path: `path?: int`")), "{:?}", notes(&other));
    let tag = |remote: Value| json!([{"name": "push", "inputSchema": object(json!({"remote": remote}))}]);
    let other = refreshed(&own, tag(json!({"type": "integer"})));
    assert!(!other.text.contains("remote"), "{}", other.text);
    assert!(notes(&other).iter().any(|note| note.starts_with("git/push: `tool \"git/push\"`")), "{:?}", notes(&other));
}

#[test]
fn words_and_methods_are_no_arguments() {
    let tool = |more: Value| {
        let mut properties = json!({"branch": {"type": "string"}, "words": {"type": "array", "items": {"type": "string"}}});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one("log", object(properties))
    };
    let policy = imported(tool(json!({"main": {"type": "string"}, "len": {"type": "integer"}, "any": {"type": "boolean"}})))
        .replace("branch?: string", "branch?: string where branch != \"main\" and branch.len() < 9")
        .replace("words?: list<string>", "words?: list<string> where not words.any(word => word == \"len\")");
    let now = refreshed(&policy, tool(json!({})));
    assert!(now.text.contains("branch != \"main\" and branch.len() < 9"), "{}", now.text);
    assert!(now.text.contains("not words.any(word => word == \"len\")"), "{}", now.text);
    assert_eq!(notes(&now), Vec::<String>::new());
}

#[test]
fn a_type_that_becomes_a_union_is_taken_and_what_cannot_be_asked_is_told() {
    let tool = |count: Value| one("log", object(json!({"count": count, "repo": {"type": "string"}})));
    let policy = imported(tool(json!({"type": "integer", "maximum": 100})))
        .replace("count <= 100", "count <= 100 and count != 13")
        .replace("repo?: string", "repo?: string where repo != \"x\"");
    let now = refreshed(&policy, tool(json!({"anyOf": [{"type": "integer", "maximum": 100}, {"type": "string"}]})));
    assert!(now.text.contains("count?: json where"), "{}", now.text);
    assert!(now.text.contains("repo?: string where repo != \"x\""), "{}", now.text);
    compiles(&now.text);
    // A number beside others can be told from them, so that this can be asked still.
    let told = now.text.contains("count != 13") || notes(&now).iter().any(|note| note.contains("count != 13"));
    assert!(told, "{}\n{:?}", now.text, notes(&now));
    let less = policy.replace("count != 13", "count % 2 == 0");
    let now = refreshed(&less, tool(json!({"anyOf": [{"type": "integer", "maximum": 100}, {"type": "string"}]})));
    assert!(!now.text.contains("count % 2"), "{}", now.text);
    assert!(notes(&now).iter().any(|note| note.starts_with("git/log.count: `count % 2 == 0`")), "{:?}", notes(&now));
    compiles(&now.text);
}

#[test]
fn of_two_enums_stays_what_both_have() {
    let tool = |sort: Value| one("log", object(json!({"sort": {"enum": sort}})));
    let policy = imported(tool(json!(["a", "b", "c"]))).replace("\"a\" | \"b\" | \"c\"", "\"a\" | \"b\"");
    let more = refreshed(&policy, tool(json!(["a", "b", "c", "d"])));
    assert!(more.text.contains("sort?: \"a\" | \"b\" }"), "{}", more.text);
    let less = refreshed(&policy, tool(json!(["b", "c", "d"])));
    assert!(less.text.contains("sort?: \"b\" }"), "{}", less.text);
    let other = refreshed(&policy, tool(json!(["x", "y"])));
    assert!(other.text.contains("sort?: \"x\" | \"y\"\n") && notes(&other).len() == 1, "{}", other.text);
}

#[test]
fn facts_and_documentation_are_merged_one_by_one() {
    let tool = |hints: Value, text: &str, of: &str| {
        json!([{"name": "log", "description": text, "annotations": hints, "inputSchema": object(json!({
            "repo": {"type": "string", "description": of}, "count": {"type": "integer"}
        }))}])
    };
    let policy = imported(tool(json!({"readOnlyHint": true, "idempotentHint": true}), "Shows.", "A path"))
        .replace("  read_only: true\n", "  labels: {\"code\"} // ours\n  read_only: true\n  open_world: false\n")
        .replace("count?: int", "count?: int where count < 5");
    let now = refreshed(&policy, tool(json!({"idempotentHint": true, "title": "Log"}), "Shows it.", "A folder"));
    for there in [
        "title: \"Log\"\n",
        "labels: {\"code\"} // ours\n",
        "open_world: false\n",
        "idempotent: true\n",
        "/// Shows it.\n",
        "/// A folder\n",
        "count < 5",
    ] {
        assert!(now.text.contains(there), "{there}\n{}", now.text);
    }
    assert!(!now.text.contains("read_only") && now.text.contains("tool \"git/log\" {\n  title: \"Log\"\n  labels"), "{}", now.text);
    // What both say otherwise stays, and is told.
    let both = refreshed(&policy, tool(json!({"readOnlyHint": true, "openWorldHint": true, "destructiveHint": false}), "Shows.", "A path"));
    assert!(both.text.contains("open_world: false\n") && both.text.contains("destructive: false\n"), "{}", both.text);
    let guessed = policy.replace("category: \"read\" // guessed", "category: \"read\"");
    let now = refreshed(&guessed, tool(json!({"readOnlyHint": false}), "Shows.", "A path"));
    assert!(now.text.contains("category: \"read\"\n"), "{}", now.text);
}

#[test]
fn further_fields_are_taken_as_whoever_changed_it_says() {
    let tool = |open: bool, more: Value| {
        let mut properties = json!({"repo": {"type": "string"}});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{"name": "log", "inputSchema": {"type": "object", "properties": properties, "additionalProperties": open}}])
    };
    let more = json!({"x": {"type": "integer"}});
    let (opened, closed) = (imported(tool(true, json!({}))), imported(tool(false, json!({}))));
    let shut = opened.replace("    ..\n", "").replace(", .. }", " }").replace("string, ..", "string");
    assert!(!shut.contains(".."), "{shut}");
    assert_eq!(refreshed(&shut, tool(true, json!({}))).text, shut);
    assert!(!refreshed(&shut, tool(true, more.clone())).text.contains(".."));
    // Left alone, it follows the server either way, whatever else the author asks.
    let own = |policy: &str| policy.replace("repo?: string", "repo?: string where repo != \"x\"");
    let now = refreshed(&own(&closed), tool(true, json!({})));
    assert!(now.text.contains("..") && now.text.contains("repo != \"x\""), "{}", now.text);
    let now = refreshed(&own(&opened), tool(false, json!({})));
    assert!(!now.text.contains("..") && now.text.contains("repo != \"x\""), "{}", now.text);
}

#[test]
fn an_argument_of_the_authors_own_stays() {
    let tool = |more: Value| {
        let mut properties = json!({"repo": {"type": "string"}});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one("log", object(properties))
    };
    let policy = imported(tool(json!({})))
        .replace("{ repo?: string }", "{ repo?: string, token: string }")
        .replace("    repo?: string\n", "    repo?: string\n    token: string\n");
    assert!(policy.contains("token"), "{policy}");
    assert_eq!(refreshed(&policy, tool(json!({}))).text, policy);
    let now = refreshed(&policy, tool(json!({"x": {"type": "integer"}})));
    assert!(now.text.contains("token: string") && now.text.contains("x?: int") && !now.text.contains("@gone"), "{}", now.text);
}

#[test]
fn an_enum_that_several_share_stays_narrow_in_each() {
    let tool = |sort: Value, of: Value| one("log", object(json!({"sort": {"enum": sort}, "then": {"type": "array", "items": {"enum": of}}})));
    let all = || json!(["a", "b", "c", "d"]);
    let own = imported(tool(all(), all())).replace("{ a, b, c, d }", "{ a, b }");
    assert!(own.contains("sort?: Sort, then?: list<Sort>") && own.contains("enum Sort { a, b }"), "{own}");
    let now = refreshed(&own, tool(json!(["b", "c", "d", "e"]), all()));
    assert!(now.text.contains("sort?: \"b\", then?: list<Sort>") && now.text.contains("enum Sort { a, b }"), "{}", now.text);
    assert_eq!(notes(&now), Vec::<String>::new());
    let now = refreshed(&own, tool(all(), json!(["b", "c", "d", "e"])));
    assert!(now.text.contains("sort?: Sort") && now.text.contains("Before its type changed: then?: list<Sort>"), "{}", now.text);
    assert_eq!(notes(&now).len(), 1, "{:?}", notes(&now));
    compiles(&now.text);
}

/// Numbers that look random, and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % count
    }

    fn schema(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 11 } else { 14 }) {
            0 => json!({"type": "string"}),
            1 => json!({"type": "string", "minLength": 2, "default": "abc"}),
            2 => json!({"type": "integer", "maximum": 9}),
            3 => json!({"type": "number", "default": 1}),
            4 => json!({"enum": ["a", "b", "c", "d"]}),
            5 => json!({"type": "boolean"}),
            6 => json!({"type": ["string", "null"], "description": "May be null"}),
            7 => json!({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
            8 => json!({"$ref": "#/$defs/Shared"}),
            9 => json!({"type": "object", "properties": {"path": {"type": "string"}, "main": {"type": "integer"}}}),
            10 => json!({"enum": ["b", "c", "d", "e", "f"], "description": "One of them"}),
            11 => json!({"type": "array", "items": self.schema(depth - 1), "minItems": 1}),
            12 => json!({"type": "object", "additionalProperties": self.schema(depth - 1)}),
            _ => self.object(depth - 1),
        }
    }

    fn object(&mut self, depth: usize) -> Value {
        let mut fields = serde_json::Map::new();
        for name in ["from", "to", "type", "x-id", "list", "path"] {
            if self.below(4) > 0 {
                fields.insert(name.to_owned(), self.schema(depth));
            }
        }
        let required: Vec<&str> = ["from", "type"].into_iter().filter(|name| fields.contains_key(*name) && self.below(2) == 0).collect();
        json!({"type": "object", "properties": fields, "required": required, "additionalProperties": self.below(2) == 0})
    }

    fn tools(&mut self) -> Value {
        let mut tools = Vec::new();
        for name in ["log", "push", "tag"] {
            if self.below(5) > 0 {
                let mut schema = self.object(2);
                schema["$defs"] = json!({"Shared": self.object(1)});
                tools.push(json!({"name": name, "description": self.text(), "annotations": self.hints(), "inputSchema": schema}));
            }
        }
        Value::Array(tools)
    }

    fn text(&mut self) -> &'static str {
        ["Shows what there is.", "Changes it.", ""][self.below(3)]
    }

    fn hints(&mut self) -> Value {
        [json!({}), json!({"readOnlyHint": true}), json!({"destructiveHint": false, "openWorldHint": false}), json!({"title": "Tool"})][self.below(4)]
            .clone()
    }

    /// The tools as their server may have them later.
    fn changed(&mut self, tools: &Value) -> Value {
        let mut tools = tools.clone();
        for tool in tools.as_array_mut().unwrap() {
            match self.below(6) {
                0 => tool["description"] = json!(self.text()),
                1 => tool["annotations"] = self.hints(),
                2 => tool["inputSchema"]["$defs"]["Shared"] = self.object(1),
                3 => {}
                _ => self.change(&mut tool["inputSchema"], 2),
            }
        }
        tools.as_array_mut().unwrap().retain(|_| self.below(8) > 0);
        tools
    }

    fn change(&mut self, schema: &mut Value, depth: usize) {
        let Some(fields) = schema["properties"].as_object_mut() else {
            *schema = self.schema(depth);
            return;
        };
        let names: Vec<String> = fields.keys().cloned().collect();
        for name in names {
            match self.below(7) {
                0 => drop(fields.remove(&name)),
                1 => drop(fields.insert(name, self.schema(depth.min(1)))),
                2 if depth > 0 => self.change(fields.get_mut(&name).unwrap(), depth - 1),
                3 => drop(fields.insert(format!("{name}2"), self.schema(0))),
                _ => {}
            }
        }
        let kept: Vec<String> = fields.keys().cloned().collect();
        if let Some(required) = schema["required"].as_array_mut() {
            required.retain(|name| kept.iter().any(|kept| name == kept.as_str()));
        }
    }

    /// A policy with some of what an author may do to it, and the conditions, labels and annotations that are the author's.
    fn edited(&mut self, policy: &str) -> (String, Vec<String>, Vec<String>) {
        let (mut lines, mut asked, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for (at, line) in policy.lines().enumerate() {
            let (indent, text) = line.split_at(line.len() - line.trim_start().len());
            let mark = format!("own{at}");
            if text.starts_with("tool ") && self.below(3) == 0 {
                lines.push(format!("@id(\"{mark}\")"));
                said.push(mark);
                lines.push(line.to_owned());
            } else if text.starts_with("args ") && text.ends_with('{') && self.below(3) == 0 {
                lines.push(format!("  labels: {{\"{mark}\"}}"));
                said.push(mark);
                lines.push(line.to_owned());
            } else if (text.starts_with("read_only") || text.starts_with("open_world")) && self.below(3) == 0 {
                lines.extend((self.below(2) == 0).then(|| "  idempotent: true".to_owned()));
            } else if indent.is_empty()
                || text.ends_with('{')
                || !text.contains(": ")
                || text.starts_with("//")
                || text.contains(" { ")
                || text.contains("args")
            {
                lines.push(line.to_owned());
            } else {
                match self.below(9) {
                    0 => {}
                    1 => lines.push(line.replace("\"a\" | \"b\" | \"c\"", "\"a\"").replace("\"c\" | \"d\"", "\"c\"")),
                    2 => lines.push(format!("{line} // ours")),
                    3 => {
                        lines.push(format!("{indent}/// {mark}"));
                        lines.push(line.to_owned());
                    }
                    4 => lines.push(line.replacen("?: ", ": ", 1)),
                    5 | 6 => match condition(text, at) {
                        Some((text, marked)) => {
                            lines.push(format!("{indent}{text}"));
                            asked.push(marked);
                        }
                        None => lines.push(line.to_owned()),
                    },
                    _ => lines.push(line.to_owned()),
                }
            }
        }
        (lines.join("\n") + "\n", asked, said)
    }
}

/// A field with one condition more, and what tells it from all others.
fn condition(field: &str, at: usize) -> Option<(String, String)> {
    let (name, ty) = field.split_once(": ")?;
    let name = name.trim_end_matches('?');
    let value = if matches!(name, "type") || name.starts_with('"') { format!("this.{name}") } else { name.to_owned() };
    let (said, default) = ty.split_once(" = ").map_or((ty, String::new()), |(said, default)| (said, format!(" = {default}")));
    let marked = format!("{}", 17_000 + at);
    let asked = match said.split([' ', '<']).next()? {
        "string" => format!("{value} != \"{marked}\""),
        "int" | "decimal" => format!("{value} != {marked}"),
        "list" | "map" => format!("{value}.len() != {marked}"),
        "json" => format!("{value}.as_string() != \"{marked}\""),
        _ => return None,
    };
    let joint = if said.contains(" where ") { "and" } else { "where" };
    let said = match said.split_once(" where ") {
        Some((ty, condition)) if condition.contains(" or ") => format!("{ty} where ({condition})"),
        _ => said.to_owned(),
    };
    Some((format!("{name}{}: {said} {joint} {asked}{default}", if field.contains("?: ") { "?" } else { "" }), marked))
}

#[test]
fn whatever_both_do_nothing_is_lost_without_a_word() {
    let (mut refreshed, mut changed, mut stayed, mut told_of) = (0, 0, 0, 0);
    for seed in 0..600 {
        let mut dice = Dice(seed);
        let before = dice.tools();
        let (policy, asked, said) = dice.edited(&imported(before.clone()));
        if PolicySet::check(Sources::of("git.toll", policy.as_str())).has_errors() {
            continue;
        }
        // What the server has not changed stays byte for byte.
        let same = updated(&policy, &list(before.clone()), &[]).unwrap();
        assert_eq!((same.text.as_str(), told(&same.changes)), (policy.as_str(), Vec::new()), "seed {seed}");
        let after = if dice.below(4) == 0 { dice.tools() } else { dice.changed(&before) };
        let list = list(after);
        let context = || format!("seed {seed}:\n{policy}\n{list}");
        let now = updated(&policy, &list, &[]).unwrap_or_else(|refused| panic!("{refused}\n{}", context()));
        let set = PolicySet::check(Sources::of("git.toll", now.text.as_str()));
        assert!(!set.has_errors(), "{:?}\n{}\n{}", set.diagnostics(), context(), now.text);
        for mark in asked {
            let is_told = now.notes.iter().any(|note| note.fate == Fate::Unchecked && note.text.contains(&mark)) || now.notes.len() > 150;
            assert!(now.text.contains(&mark) || is_told, "{mark}: {:#?}\n{}\n{}", now.notes, context(), now.text);
            stayed += usize::from(!is_told);
            told_of += usize::from(is_told);
        }
        for mark in said {
            assert!(now.text.contains(&mark), "{mark}: {}\n{}", context(), now.text);
        }
        let again = updated(&now.text, &list, &[]).unwrap();
        assert_eq!((again.text.as_str(), told(&again.changes)), (now.text.as_str(), Vec::new()), "{}", context());
        let tools: HashSet<&str> = now.changes.iter().map(|change| change.tool.as_str()).collect();
        refreshed += 1;
        changed += usize::from(!tools.is_empty());
    }
    assert!(refreshed > 300 && changed > 200, "{refreshed} refreshed, {changed} of them changed");
    assert!(stayed > 200 && told_of > 20, "{stayed} conditions stayed, {told_of} were told");
}
