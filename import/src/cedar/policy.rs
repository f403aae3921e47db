//! A policy of Cedar as a rule.

use std::collections::BTreeSet;

use cedar_policy::{Effect, Policy};
use serde_json::Value;
use tollgate_compiler::syntax::lexer;

use super::expr::{Inexpressible, Translator};
use super::schema::{Schema, Type};
use super::term::{Level, Term, is_one_of, uid};
use crate::report::{Fate, Note};
use crate::toll::{self, Names, comment, quoted};

/// The longest policy that is repeated above its rule.
const LONGEST_QUOTE: usize = 1_200;

/// Annotations of Cedar that mean something else in the language.
const OTHERWISE_MEANT: [&str; 3] = ["allow", "deprecated", "shadow"];

/// Annotations that say why a call is denied.
const REASONS: [&str; 4] = ["reason", "advice", "description", "title"];

/// What policies have in common.
pub struct Shared<'a> {
    pub schema: &'a Schema,
    pub names: Names,
    pub notes: Vec<Note>,
    /// Whether there are so many policies that rules say where every decision looks at them.
    pub are_many: bool,
    /// How much an expression may compute before it gets a name.
    pub heaviest: usize,
}

/// The conditions of a rule.
#[derive(Default)]
struct Conditions {
    when: Vec<Term>,
    unless: Vec<Term>,
}

/// A policy in the language.
struct Translated {
    scope: Vec<Term>,
    /// Its conditions, or why they cannot be said.
    conditions: Result<Conditions, Inexpressible>,
    /// What of it got a name, as policy text.
    parts: Vec<String>,
    /// What may be an error, each in a few words.
    risks: BTreeSet<String>,
    /// What is stricter than in Cedar.
    stricter: BTreeSet<String>,
}

/// A policy as policy text: its rule, with a comment that has the source and the line where that is known, and what of it needed a name.
pub fn rule(policy: &Policy, source: &str, line: Option<usize>, shared: &mut Shared) -> String {
    let id = policy.id().to_string();
    let is_permit = policy.effect() == Effect::Permit;
    let name = shared.names.value(policy.annotation("id").filter(|id| !id.is_empty()).unwrap_or(&id));
    let Translated { mut scope, conditions, parts, risks, stricter } = translated(policy, &name, shared);
    let mut note = |fate, text: String| shared.notes.push(Note::new(source, id.clone(), fate, text));
    let mut out = heading(policy, source, line, &id);
    let mut conditions = match (conditions, is_permit) {
        (Ok(conditions), _) => conditions,
        (Err(why), true) => {
            note(Fate::Stricter, format!("`permit` that cannot be said: {why}; it allows nothing"));
            return format!("{out}// It cannot be said, and allows nothing: {}", comment(&why).trim_start_matches("// "));
        }
        (Err(why), false) => {
            note(Fate::Stricter, format!("`forbid` of which the condition cannot be said: {why}; it denies whatever its scope has"));
            out.push_str(&format!("// Its condition cannot be said, so that it denies more: {}", comment(&why).trim_start_matches("// ")));
            Conditions::default()
        }
    };
    conditions.when.retain(|term| scope.iter().all(|known| known.text != term.text));
    for text in stricter {
        note(Fate::Stricter, text);
    }
    if !is_permit && !risks.is_empty() {
        let few: Vec<&str> = risks.iter().take(4).map(String::as_str).collect();
        let more = risks.len() - few.len();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        note(Fate::Differs, format!("the `forbid` `{name}` can err: Cedar skips it then, here it denies ({}{more})", few.join("; ")));
    }
    // None of the scope can err. What the index looks up stands first: rules are found by it where nothing stands before it that computes.
    scope.sort_by_key(|term| term.text.contains("_ancestry"));
    for part in parts {
        out = format!("{part}\n{out}");
    }
    let is_found = scope.first().is_some_and(|term| ["principal.id", "resource.id"].iter().any(|id| term.text.contains(id)));
    if shared.are_many && !is_found {
        out.push_str("@allow(unfiled)\n");
    }
    out.push_str(&annotations(policy, shared, source, &id));
    out.push_str(&written(policy, &name, &scope, &conditions));
    out
}

/// What a policy asks, in the language.
fn translated(policy: &Policy, name: &str, shared: &mut Shared) -> Translated {
    let json = policy.to_json().unwrap_or_default();
    let schema = shared.schema;
    let mut translator = Translator {
        schema,
        context: schema.context(json.get("action").and_then(|action| actions(schema, action)).as_deref()),
        slots: policy.template_links().unwrap_or_default().into_iter().map(|(slot, uid)| (slot.to_string(), uid)).collect(),
        names: &mut shared.names,
        policy: name,
        parts: Vec::new(),
        risks: BTreeSet::new(),
        stricter: BTreeSet::new(),
        proved: Vec::new(),
        depth: 0,
        heaviest: shared.heaviest,
    };
    let scope = scope(&mut translator, &json);
    let conditions = scope.as_ref().map_err(Clone::clone).and_then(|_| conditions(&mut translator, &json));
    let Translator { parts, risks, stricter, .. } = translator;
    Translated { scope: scope.unwrap_or_default(), conditions, parts, risks, stricter }
}

/// The rule itself.
fn written(policy: &Policy, name: &str, scope: &[Term], conditions: &Conditions) -> String {
    let is_permit = policy.effect() == Effect::Permit;
    let mut out = String::new();
    if is_permit && scope.is_empty() && conditions.when.is_empty() && conditions.unless.is_empty() {
        out.push_str("// It allows everything that no `deny` stops, as the source says.\n@allow(unconditional_allow)\n");
    }
    out.push_str(&format!("{} {name}\n", if is_permit { "allow" } else { "deny" }));
    let when: Vec<String> = scope.iter().chain(&conditions.when).map(|term| term.at(Level::And)).collect();
    if !when.is_empty() {
        out.push_str(&format!("  when {}\n", when.join("\n    and ")));
    }
    if !conditions.unless.is_empty() {
        let unless: Vec<String> = conditions.unless.iter().map(|term| term.at(Level::Or)).collect();
        out.push_str(&format!("  unless {}\n", unless.join("\n    or ")));
    }
    if !is_permit {
        let reason = REASONS.iter().find_map(|name| policy.annotation(name)).filter(|reason| !reason.is_empty());
        let id = policy.id().to_string();
        let reason = reason.map_or_else(|| format!("forbidden by {}", policy.annotation("id").unwrap_or(&id)), str::to_owned);
        out.push_str(&format!("  because {}\n", quoted(&reason)));
    }
    out
}

/// The comment that names the source, and the policy's own text where it is short.
fn heading(policy: &Policy, source: &str, line: Option<usize>, id: &str) -> String {
    let text = policy.to_string();
    let line = line.map(|line| format!("line {line}, ")).unwrap_or_default();
    let mut out = comment(&format!("{source}, {line}{id}"));
    if text.len() <= LONGEST_QUOTE {
        for line in text.trim().lines().filter(|line| !line.trim_start().starts_with('@')) {
            let indent = line.len() - line.trim_start().len();
            out.push_str(&format!("//   {}{}\n", " ".repeat(indent.min(20)), toll::shown(line.trim())));
        }
    }
    out
}

fn annotations(policy: &Policy, shared: &mut Shared, source: &str, id: &str) -> String {
    let mut annotations: Vec<(&str, &str)> = policy.annotations().collect();
    annotations.sort_by_key(|(name, _)| (*name != "id", *name));
    let mut out = String::new();
    for (name, value) in annotations {
        let is_plain = lexer::is_word(name) && !OTHERWISE_MEANT.contains(&name) && !lexer::is_keyword(name);
        if is_plain && !value.is_empty() {
            out.push_str(&format!("@{name}({})\n", quoted(value)));
        } else {
            let text = format!("the annotation `@{name}({value:?})`, which has no place or another meaning in the language");
            shared.notes.push(Note::new(source, id, Fate::LeftOut, text));
        }
    }
    out
}

/// What the head of a policy asks.
fn scope(translator: &mut Translator, json: &Value) -> Result<Vec<Term>, Inexpressible> {
    let mut terms = Vec::new();
    for variable in ["principal", "action", "resource"] {
        terms.extend(constraint(translator, variable, &json[variable])?);
    }
    Ok(terms)
}

fn constraint(translator: &mut Translator, variable: &str, constraint: &Value) -> Result<Vec<Term>, Inexpressible> {
    let of = Term::native(Type::Entity(None), Level::Postfix, variable);
    match constraint["op"].as_str().unwrap_or_default() {
        "All" => Ok(Vec::new()),
        "==" => {
            let named = named(translator, constraint)?;
            Ok(vec![is_one_of(variable, &named).ok_or_else(|| format!("the scope `{constraint}`"))?])
        }
        "in" => {
            let named = named(translator, constraint)?;
            Ok(vec![translator.among(&of, &named)])
        }
        "is" => {
            let is = Term::comparison(&format!("{variable}.type"), "==", &quoted(constraint["entity_type"].as_str().unwrap_or_default()));
            let Some(inside) = constraint.get("in") else { return Ok(vec![is]) };
            let named = named(translator, inside)?;
            Ok(vec![is, translator.among(&of, &named)])
        }
        other => Err(format!("the scope `{other}`")),
    }
}

/// The entities that a scope names, or has in its slot.
fn named(translator: &Translator, constraint: &Value) -> Result<Vec<String>, Inexpressible> {
    if let Some(slot) = constraint["slot"].as_str() {
        let filled = translator.slots.get(slot).ok_or_else(|| format!("the slot `{slot}`, which is not filled"))?;
        return Ok(vec![uid(&filled.type_name().to_string(), filled.id().unescaped())]);
    }
    let several = constraint["entities"].as_array().into_iter().flatten();
    let one = |entity: &Value| {
        let entity = entity.get("__entity").unwrap_or(entity);
        Some(uid(entity["type"].as_str()?, entity["id"].as_str()?))
    };
    several.chain(constraint.get("entity")).map(one).collect::<Option<_>>().ok_or_else(|| format!("the scope `{constraint}`"))
}

/// The actions that a scope is about, as far as the schema declares them; `None` for all.
fn actions(schema: &Schema, constraint: &Value) -> Option<Vec<String>> {
    let several = constraint["entities"].as_array().into_iter().flatten();
    let mut actions = Vec::new();
    for entity in several.chain(constraint.get("entity")) {
        let entity = entity.get("__entity").unwrap_or(entity);
        let name = uid(entity["type"].as_str()?, entity["id"].as_str()?);
        actions.extend_from_slice(schema.members(&name)?);
    }
    (!actions.is_empty()).then_some(actions)
}

/// A field of the context that an expression reads although it cannot be told what its values are.
fn mixed_field<'v>(translator: &'v Translator, expr: &'v Value) -> Option<&'v str> {
    let mixed = &translator.context.mixed;
    let mut open = vec![expr];
    while let Some(at) = open.pop().filter(|_| !mixed.is_empty()) {
        let read = at.get(".").or_else(|| at.get("has"));
        match read.filter(|read| read.pointer("/left/Var").is_some_and(|name| name == "context")) {
            Some(read) => {
                let found = read.get("attr").and_then(Value::as_str).filter(|name| at.get(".").is_some() && mixed.contains(*name));
                if found.is_some() {
                    return found;
                }
            }
            None if at.get("Var").is_some_and(|name| name == "context") => return mixed.iter().next().map(String::as_str),
            None => {
                open.extend(at.as_object().into_iter().flatten().map(|(_, value)| value));
                open.extend(at.as_array().into_iter().flatten());
            }
        }
    }
    None
}

/// The conditions of a clause, each with whether it is a `when`: those that a `when` joins each by itself, and none that says nothing.
fn clause(clause: &Value) -> Vec<(bool, &Value)> {
    let body = clause.get("body").unwrap_or(&Value::Null);
    let is_literal = |of: &Value, value: bool| of.get("Value").is_some_and(|literal| *literal == value);
    if clause.get("kind").is_none_or(|kind| kind != "when") {
        return if is_literal(body, false) { Vec::new() } else { vec![(false, body)] };
    }
    // A chain nests on its left, and may be long.
    let mut operands = Vec::new();
    let mut rest = body;
    while let Some((left, right)) = rest.get("&&").and_then(|and| Some((and.get("left")?, and.get("right")?))) {
        operands.push(right);
        rest = left;
    }
    operands.push(rest);
    operands.into_iter().rev().filter(|operand| !is_literal(operand, true)).map(|operand| (true, operand)).collect()
}

/// The conditions in their order: what stands in an `unless` before a `when` has its place among those.
fn conditions(translator: &mut Translator, json: &Value) -> Result<Conditions, Inexpressible> {
    let mut made = Conditions::default();
    let clauses: Vec<(bool, &Value)> = json["conditions"].as_array().into_iter().flatten().flat_map(clause).collect();
    let last_when = clauses.iter().rposition(|(is_when, _)| *is_when);
    for (at, (is_when, body)) in clauses.into_iter().enumerate() {
        if let Some(field) = mixed_field(translator, body) {
            return Err(format!("`context.{field}` is of another type for each action that the policy is about, and requests may leave out which"));
        }
        let term = translator.condition(body)?;
        if is_when {
            translator.proved.extend(term.proves.iter().cloned());
            made.when.push(term);
        } else if last_when.is_some_and(|last| at < last) {
            made.when.push(term.negated());
        } else {
            made.unless.push(term);
        }
    }
    made.when = translator.lightened(made.when);
    made.unless = translator.lightened(made.unless);
    Ok(made)
}
