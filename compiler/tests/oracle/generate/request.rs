//! Data and requests that suit a policy, and some that do not.

use std::collections::BTreeMap;

use super::constants::{Jsons, json_text};
use super::schema::{Schema, TOOLS};
use crate::random::Random;

/// Data for a policy: JSON by name.
pub fn data(random: &mut Random, schema: &Schema) -> BTreeMap<String, String> {
    let jsons = Jsons { schema, misfits: if random.chance(4) { 60 } else { 0 } };
    let mut bound = BTreeMap::new();
    for (name, ty, default) in &schema.data {
        if if default.is_some() { random.chance(60) } else { !random.chance(2) } {
            bound.insert(name.clone(), jsons.value(random, ty));
        }
    }
    bound
}

/// A request.
pub fn request(random: &mut Random, schema: &Schema) -> String {
    let jsons = Jsons { schema, misfits: if random.chance(12) { 40 } else { 0 } };
    let (server, name) = tool(random, schema);
    let mut entries = jsons.entries(random, schema.input, &["tool", "args"]);
    let mut tool = vec![format!("\"name\": {}", json_text(&name))];
    if let Some(server) = &server {
        tool.push(format!("\"server\": {}", json_text(server)));
    }
    if random.chance(10) {
        tool.push("\"category\": \"forged\"".into());
    }
    entries.push(format!("\"tool\": {{{}}}", tool.join(", ")));
    entries.extend(args(random, &jsons, server.as_deref(), &name).map(|args| format!("\"args\": {args}")));
    random.shuffle(&mut entries);
    format!("{{{}}}", entries.join(", "))
}

fn args(random: &mut Random, jsons: &Jsons<'_>, server: Option<&str>, name: &str) -> Option<String> {
    let find = |full: &str| jsons.schema.tools.iter().find(|tool| tool.name == full);
    let declared = find(&format!("{}/{name}", server.unwrap_or_default())).or_else(|| find(name));
    match declared.and_then(|tool| tool.args) {
        Some(args) => Some(format!("{{{}}}", jsons.entries(random, args, &[]).join(", "))),
        None if random.chance(20) => None,
        None if random.chance(10) => Some(jsons.any(random, 2)),
        None => Some(format!("{{\"a\": {}, \"b\": {}}}", jsons.any(random, 1), jsons.any(random, 1))),
    }
}

/// A server and a name, mostly of a tool that the policy knows.
fn tool(random: &mut Random, schema: &Schema) -> (Option<String>, String) {
    let full = if random.chance(75) { random.pick(&schema.tools).name.clone() } else { random.word(&TOOLS).to_owned() };
    let (server, name) = match full.rsplit_once('/') {
        Some((server, name)) => (Some(server.to_owned()), name.to_owned()),
        None => (None, full),
    };
    match random.below(30) {
        0 => (server, name.to_uppercase()),
        1 => (None, name),
        2 => (Some("elsewhere".into()), name),
        3 => (Some(String::new()), name),
        4 => (server, "unknown".into()),
        5 => (server, random.word(&["", "a b", "x/y", "ä"]).to_owned()),
        _ => (server, name),
    }
}
