//! The policy of rules.

use std::collections::{BTreeSet, HashMap};

use super::caps::meet;
use super::condition::{Path, Root};
use super::read::{Action, File, Obligation, Rule};
use super::said::{self, Said, Way};
use super::shape::{Kind, Shape, paths};
use crate::toll::{Names, comment, documentation, field, quoted};
use crate::{Fate, Note};

/// How many names a note lists.
const NAMED: usize = 40;

/// How many rules are looked at for what their order may have meant.
const ORDERED: usize = 1_000;

/// The fields of the standard input, in its order: name, type, default.
const INPUT: [(&str, &str); 8] = [
    ("agent", "Agent"),
    ("user?", "User"),
    ("delegation", "list<Agent> = []"),
    ("tool", "Tool"),
    ("args", "json = {}"),
    ("context", "Context = {}"),
    ("session", "Session = {}"),
    ("token?", "Token"),
];

/// Why a rule decides nothing.
pub const NEVER: &str = "its condition never holds";

const SIZE_OF: &str = "/// How long a text or a list is.\n\
                       fn size_of(value: json?) -> int? = value.as_string()?.len() ?? value.as_list()?.len()\n\n";

/// A policy, before it is laid out: rules and other items are parted by empty lines, and clauses have a line each.
pub struct Written {
    pub text: String,
    /// Where each rule comes from, by its name: the source, and the place in it.
    pub places: HashMap<String, (String, String)>,
}

/// The policy.
pub fn policy(package: &str, files: &[File], rules: &[Rule], shape: &Shape, notes: &mut Vec<Note>) -> Written {
    let mut names = Names::taken([
        "agent",
        "user",
        "delegation",
        "tool",
        "args",
        "context",
        "session",
        "token",
        "input",
        "data",
        "element",
        "max_batch_size",
        "size_of",
        "value",
    ]);
    let (mut reads_optional, mut searches) = (false, false);
    let mut written = Vec::new();
    let mut places = HashMap::new();
    for rule in rules {
        let mut rule = rule.clone();
        let said = said(&mut rule, shape, notes);
        reads_optional |= said.reads_optional;
        searches |= said.searches;
        let name = names.value(&rule.name);
        written.push(written_rule(&rule, &said, &name));
        places.insert(name, (rule.source, rule.place));
    }
    let mut out = format!("package {package}\n\n");
    let sources: Vec<String> = files.iter().map(|file| format!("`{}`", file.source)).collect();
    out.push_str(&comment(&format!("Imported from {}.", sources.join(", "))));
    if reads_optional {
        out.push_str(&comment("What a request does not give counts as met in rules that review or deny, and as not met in rules that allow."));
        let text = "the files do not say what holds where a request lacks a field: it counts as met in rules that review or deny, and as not met in rules that allow. Labels and groups that are not given are none, and a cost is 0";
        notes.push(Note::new(files.first().map_or("", |file| &file.source), "", Fate::Guessed, text));
    }
    if searches {
        let text = "patterns with `^` at their begin or `$` at their end are looked for in the text as they stand; the others are held against the whole text in rules that allow";
        notes.push(Note::new(files.first().map_or("", |file| &file.source), "", Fate::Guessed, text));
    }
    tell_bare(files, rules, notes);
    out.push('\n');
    out.push_str(&declarations(rules, shape));
    if written.iter().any(|rule| rule.contains("size_of(")) {
        out.push_str(SIZE_OF);
    }
    for rule in written {
        out.push_str(&rule);
        out.push('\n');
    }
    out.push_str(&default(files, rules, &mut names, notes));
    tell_order(files, rules, notes);
    Written { text: out, places }
}

/// A rule's condition. What cannot be said of it makes the rule stricter.
fn said(rule: &mut Rule, shape: &Shape, notes: &mut Vec<Note>) -> Said {
    let way = |met| Way { shape, is_typed: shape.is_typed(rule), met };
    let say = |met| said::say([(&rule.condition, way(met)), (&rule.bounded, way(true))]);
    let mut said = say(rule.action != Action::Allow);
    let left = std::mem::take(&mut said.left);
    if rule.action == Action::Allow && !left.is_empty() {
        // It asks for a review, so that what is absent counts the other way, and what is open may be said.
        said = say(true);
    }
    rule.leave_out(left, notes);
    let told = |text: String, fate| Note::new(&rule.source, rule.place.clone(), fate, text);
    notes.extend(said.slashed.iter().map(|pattern| {
        let text = format!("the slashes of the pattern {} are taken for what stands around it, which is the strict side", quoted(pattern));
        told(text, Fate::Guessed)
    }));
    if said.is_never {
        notes.push(told(format!("{NEVER}: the rule is left out"), Fate::LeftOut));
    }
    said
}

fn written_rule(rule: &Rule, said: &Said, name: &str) -> String {
    let mut out = comment(&format!("{}, {}", rule.source, rule.place));
    if said.is_never {
        return out + &comment(&format!("Left out: {NEVER}."));
    }
    if let (Some(description), Action::Allow) = (&rule.description, rule.action) {
        out.push_str(&documentation(description));
    }
    for left in &rule.left {
        out.push_str(&comment(&format!("Not carried over: {left}.")));
    }
    for (annotation, value) in &rule.annotations {
        out.push_str(&format!("@{annotation}({})\n", quoted(value)));
    }
    if rule.shadow {
        out.push_str("@shadow\n");
    }
    let effect = match rule.action {
        Action::Allow | Action::Add => "allow",
        Action::Review => "review",
        Action::Deny => "deny",
    };
    if effect == "allow" && rule.tools.is_empty() && said.text.is_none() {
        out.push_str("@allow(unconditional_allow)\n");
    }
    out.push_str(&format!("{effect} {name}\n"));
    if !rule.tools.is_empty() {
        out.push_str(&format!("on {}\n", rule.tools.iter().map(|tool| quoted(tool)).collect::<Vec<_>>().join(", ")));
    }
    if let Some(text) = &said.text {
        out.push_str(&format!("when {text}\n"));
    }
    if rule.action != Action::Allow {
        out.push_str(&format!("because {}\n", quoted(rule.description.as_deref().unwrap_or(&rule.name).trim())));
    }
    let demands = rule.obligations.iter().filter(|obligation| rule.action != Action::Deny || obligation.is_of_any_call());
    let demands: Vec<String> = demands.map(demand).collect();
    if !demands.is_empty() {
        out.push_str(&format!("require {}\n", demands.join(", ")));
    }
    out
}

fn demand(obligation: &Obligation) -> String {
    match obligation {
        Obligation::Limit { count, per } => format!("limit(count: {count}, per: {per}, by: agent.id)"),
        Obligation::MaxBatchSize(size) => format!("max_batch_size({size})"),
        Obligation::Approval(groups) => format!("approval(from: {{{}}})", groups.iter().map(|group| quoted(group)).collect::<Vec<_>>().join(", ")),
        Obligation::Audit => "audit(\"full\")".to_owned(),
        Obligation::Notify(channel) => format!("notify({})", quoted(channel)),
        Obligation::Sandbox(None) => "sandbox()".to_owned(),
        Obligation::Sandbox(Some(profile)) => format!("sandbox({})", quoted(profile)),
        Obligation::Redact(path) => format!("redact({})", quoted(path)),
    }
}

/// Types, input, tools and obligations that the rules need.
fn declarations(rules: &[Rule], shape: &Shape) -> String {
    let mut out = String::new();
    if shape.fields.values().any(|kind| *kind == Kind::Level) {
        out.push_str(&said::levels());
        out.push('\n');
    }
    let mut extends = false;
    for (root, name) in [(Root::Agent, "Agent"), (Root::User, "User"), (Root::Context, "Context"), (Root::Session, "Session")] {
        let fields: Vec<String> =
            shape.fields.iter().filter(|((of, _), _)| *of == root).map(|((_, name), kind)| format!("{}?: {}", field(name), type_of(*kind))).collect();
        if !fields.is_empty() {
            extends = true;
            out.push_str(&format!("type {name} = std.{name} with {{ {} }}\n\n", fields.join(", ")));
        }
    }
    if extends {
        let fields: String = INPUT.iter().map(|(name, of)| format!("{name}: {of}\n")).collect();
        out.push_str(&format!("input {{\n{fields}}}\n\n"));
    }
    if rules
        .iter()
        .any(|rule| rule.action != Action::Deny && rule.obligations.iter().any(|obligation| matches!(obligation, Obligation::MaxBatchSize(_))))
    {
        out.push_str("/// The enforcement point lets at most so many elements through in one call.\nobligation max_batch_size(size: int)\n\n");
    }
    for (tool, arguments) in &shape.tools {
        let kind = |name: &String| shape.fields.get(&(Root::Args, name.clone())).map_or("json", |kind| type_of(*kind));
        let fields: String = arguments.iter().map(|name| format!("{}?: {}\n", field(name), kind(name))).collect();
        out.push_str(&format!("tool {} {{ args {{ {fields} .. }} }}\n\n", quoted(tool)));
    }
    out
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "string",
        Kind::Number => "decimal",
        Kind::Bool => "bool",
        Kind::Texts => "list<string>",
        Kind::List => "list<json>",
        Kind::Level => "Level",
        Kind::Sized | Kind::Any | Kind::Other => "json",
    }
}

/// What is decided where no rule matches.
fn default(files: &[File], rules: &[Rule], names: &mut Names, notes: &mut Vec<Note>) -> String {
    let told: Vec<(&str, Action)> = files.iter().filter_map(|file| Some((file.source.as_str(), file.default?))).collect();
    let Some(&(source, first)) = told.first() else {
        let source = files.first().map_or("", |file| &file.source);
        if !rules.is_empty() {
            notes.push(Note::new(source, "", Fate::Guessed, "no default is named: what no rule allows is denied"));
        }
        return String::new();
    };
    if told.iter().any(|(_, action)| *action != first) {
        notes.push(Note::new(source, "", Fate::Stricter, "the files name different defaults: what no rule allows is denied"));
        return String::new();
    }
    match first {
        Action::Allow => {
            let name = names.value("default_allow");
            format!("{}@allow(unconditional_allow)\nallow {name}\n", comment(&format!("{source}: what no rule stops is allowed.")))
        }
        Action::Review => "default review because \"no rule decides this call\"\n".to_owned(),
        Action::Deny | Action::Add => "default deny because \"no rule allows this call\"\n".to_owned(),
    }
}

/// Names that stand alone may be of any part of the request.
fn tell_bare(files: &[File], rules: &[Rule], notes: &mut Vec<Note>) {
    let mut bare = BTreeSet::new();
    for rule in rules {
        let mut each = |path: &Path| bare.extend(path.fields.first().filter(|_| path.is_bare).map(|name| (name.clone(), path.root)));
        rule.visit(&mut |test| paths(test, &mut each));
    }
    if !bare.is_empty() {
        let names: Vec<String> = bare.iter().take(NAMED).map(|(name, root)| format!("`{name}` as `{}.{name}`", root.name())).collect();
        let more = if bare.len() > NAMED { format!(" and {} more", bare.len() - NAMED) } else { String::new() };
        let text = format!(
            "names that stand alone are read as arguments where the rule restricts tools that it names and the name is none of what a host says, else as the context's: {}{more}",
            names.join(", ")
        );
        notes.push(Note::new(files.first().map_or("", |file| &file.source), "", Fate::Guessed, text));
    }
}

/// Where a gateway stops at the first rule that matches, what stands before decides; here the stronger effect does.
fn tell_order(files: &[File], rules: &[Rule], notes: &mut Vec<Note>) {
    let mut pairs = Vec::new();
    // Of very many rules nobody would read which they are.
    let rules = rules.get(..ORDERED).unwrap_or(rules);
    for (at, before) in rules.iter().enumerate() {
        let stronger = |other: &Rule| strength(other.action) > strength(before.action) && meet(&before.tools, &other.tools);
        if let Some(after) = rules.iter().skip(at + 1).find(|other| stronger(other)) {
            pairs.push(format!("`{}` before `{}`", before.name, after.name));
        }
    }
    if pairs.is_empty() {
        return;
    }
    let more = pairs.len().saturating_sub(5);
    pairs.truncate(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let text =
        format!("where the gateway stops at the first rule that matches, order decides; here the strongest effect does: {}{more}", pairs.join(", "));
    notes.push(Note::new(files.first().map_or("", |file| &file.source), "", Fate::Stricter, text));
}

fn strength(action: Action) -> u8 {
    match action {
        Action::Allow | Action::Add => 0,
        Action::Review => 1,
        Action::Deny => 2,
    }
}
