//! Whom a review is about: agents, with what is known of their requests.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::value::RawValue;
use tollgate_compiler::residual::Residuals;
use tollgate_evaluator::Kept;
use tollgate_stdlib::types::Type;

use crate::args::AccessArgs;
use crate::files;
use crate::output::{Failure, Result, complain, count, tame};

/// The most bytes of a file of agents.
const LARGEST: usize = 256 << 20;
/// The longest name of an agent that has no id, in characters.
const LONGEST_LABEL: usize = 60;

/// JSON as it was written, so that no digit of a number is lost.
type Fields = BTreeMap<String, Box<RawValue>>;

/// An agent, or whatever requests have in common of which some is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// What it is called.
    pub label: String,
    /// What is known, as a request without `tool` and `args`.
    pub request: String,
}

impl Subject {
    /// An agent of which the id is known.
    pub fn of_id(id: &str, args: &AccessArgs) -> Result<Subject> {
        Common::new(args)?.agent(agent_of(id)?)
    }
}

/// The agents that the arguments name; without any, whoever it may be.
pub fn subjects(args: &AccessArgs, residuals: &Residuals<'_>) -> Result<Vec<Subject>> {
    let common = Common::new(args)?;
    let mut subjects = Vec::new();
    for agent in &args.agent {
        match read(agent)? {
            Some(text) => common.add(&text, agent, &mut subjects)?,
            None => subjects.push(common.agent(agent_of(agent)?)?),
        }
    }
    for agents in &args.agents {
        match keys(agents, residuals)? {
            Some(ids) => {
                for id in ids {
                    subjects.push(common.agent(agent_of(&id)?)?);
                }
            }
            None => {
                let text = read(agents)?.ok_or_else(|| Failure::Because(format!("`{agents}` is neither data of the policy nor a file")))?;
                common.add(&text, agents, &mut subjects)?;
            }
        }
    }
    if args.agent.is_empty() && args.agents.is_empty() {
        subjects.push(Subject { label: "any agent".to_owned(), request: text_of(&common.fields)? });
    }
    let mut once: Vec<Subject> = Vec::with_capacity(subjects.len());
    let mut seen = std::collections::HashSet::new();
    once.extend(subjects.into_iter().filter(|subject| seen.insert(subject.request.clone())));
    warn_of_unknown(&once, residuals);
    Ok(once)
}

/// The keys of data of that name; `None` where there are no such data.
fn keys(name: &str, residuals: &Residuals<'_>) -> Result<Option<Vec<String>>> {
    match residuals.engine().data_value(name) {
        Ok(Some(value)) => match &*value {
            Kept::Map(map) => Ok(Some(map.entries().iter().map(|(key, _)| key.to_string()).collect())),
            Kept::Set(set) => Ok(Some(set.items().iter().map(|item| item.view().to_string()).collect())),
            Kept::List(items) if items.iter().all(|item| matches!(item, Kept::Str(_))) => {
                Ok(Some(items.iter().map(|item| item.view().to_string()).collect()))
            }
            _ => Err(Failure::Because(format!("data `{name}` have no agents' ids as keys or elements"))),
        },
        Ok(None) => Err(Failure::Because(format!("data `{name}` are not bound"))),
        Err(tollgate_evaluator::DataError::Unknown(_)) => Ok(None),
        Err(error) => Err(Failure::new(error)),
    }
}

/// The JSON that an argument is, or that a file of that name has; `None` where it is neither.
fn read(argument: &str) -> Result<Option<String>> {
    if argument.trim_start().starts_with(['{', '[']) {
        return Ok(Some(argument.to_owned()));
    }
    let path = Path::new(argument);
    if argument != "-" && !path.exists() {
        return Ok(None);
    }
    let bytes = if argument == "-" { files::read_stdin(LARGEST)? } else { files::read(path, LARGEST)? };
    String::from_utf8(bytes).map(Some).map_err(|_| Failure::file("read", path, "it is no UTF-8"))
}

fn agent_of(id: &str) -> Result<Box<RawValue>> {
    let text = serde_json::to_string(&BTreeMap::from([("id", id)])).map_err(Failure::new)?;
    RawValue::from_string(text).map_err(Failure::new)
}

fn text_of(fields: &Fields) -> Result<String> {
    serde_json::to_string(fields).map_err(Failure::new)
}

/// What is known of every request.
struct Common {
    fields: Fields,
}

impl Common {
    fn new(args: &AccessArgs) -> Result<Common> {
        let mut fields = match &args.input {
            Some(input) => object(&needed(input)?, input)?,
            None => Fields::new(),
        };
        for (name, given) in [("context", &args.context), ("user", &args.user)] {
            if let Some(given) = given {
                let text = needed(given)?;
                object(&text, given)?;
                fields.insert(name.to_owned(), RawValue::from_string(text.trim().to_owned()).map_err(Failure::new)?);
            }
        }
        without_call(&mut fields);
        Ok(Common { fields })
    }

    fn agent(&self, agent: Box<RawValue>) -> Result<Subject> {
        let label = label_of(agent.get());
        let mut fields = self.fields.clone();
        fields.insert("agent".to_owned(), agent);
        Ok(Subject { label, request: text_of(&fields)? })
    }

    /// Adds what a text has: an agent or a request, a list of those or of ids, or a table of agents by their ids.
    fn add(&self, text: &str, from: &str, subjects: &mut Vec<Subject>) -> Result<()> {
        let wrong = |error: serde_json::Error| Failure::Because(format!("`{}`: {error}", tame(from)));
        let mut elements: Vec<Box<RawValue>> = if text.trim_start().starts_with('[') {
            serde_json::from_str(text).map_err(wrong)?
        } else {
            serde_json::Deserializer::from_str(text).into_iter().collect::<std::result::Result<_, _>>().map_err(wrong)?
        };
        if let [table] = elements.as_slice()
            && let Some(agents) = table_of(table.get())
        {
            elements = agents?;
        }
        for element in elements {
            subjects.push(self.element(&element, from)?);
        }
        Ok(())
    }

    fn element(&self, element: &RawValue, from: &str) -> Result<Subject> {
        if let Ok(id) = serde_json::from_str::<String>(element.get()) {
            return self.agent(agent_of(&id)?);
        }
        let mut fields = object(element.get(), from)?;
        if !fields.contains_key("agent") {
            return self.agent(RawValue::from_string(element.get().to_owned()).map_err(Failure::new)?);
        }
        without_call(&mut fields);
        let label = fields.get("agent").map(|agent| label_of(agent.get())).unwrap_or_default();
        let merged: Fields = self.fields.clone().into_iter().chain(fields).collect();
        Ok(Subject { label, request: text_of(&merged)? })
    }
}

/// The agents of a table by their ids: an object of objects that is no agent and no request.
fn table_of(text: &str) -> Option<Result<Vec<Box<RawValue>>>> {
    let fields: Fields = serde_json::from_str(text).ok()?;
    let is_table = !fields.is_empty() && !fields.contains_key("id") && !fields.contains_key("agent");
    let are_objects = fields.values().all(|value| value.get().starts_with('{'));
    (is_table && are_objects).then(|| fields.keys().map(|id| agent_of(id)).collect())
}

fn needed(argument: &str) -> Result<String> {
    read(argument)?.ok_or_else(|| Failure::Because(format!("`{}` is neither JSON nor a file", tame(argument))))
}

fn object(text: &str, from: &str) -> Result<Fields> {
    let wrong = |error| Failure::Because(format!("`{}`: expected an object: {error}", tame(&shortened(from))));
    serde_json::from_str(text).map_err(wrong)
}

fn without_call(fields: &mut Fields) {
    fields.retain(|name, _| name != "tool" && name != "args");
}

/// What an agent is called: its id, or else what is known of it.
fn label_of(agent: &str) -> String {
    let id = serde_json::from_str::<Fields>(agent).ok().and_then(|fields| serde_json::from_str(fields.get("id")?.get()).ok());
    id.unwrap_or_else(|| shortened(agent))
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST_LABEL).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Says which fields say nothing, since the policy does not declare them.
fn warn_of_unknown(subjects: &[Subject], residuals: &Residuals<'_>) {
    let input = residuals.input();
    let mut unknown: BTreeMap<String, usize> = BTreeMap::new();
    for subject in subjects {
        let Ok(fields) = serde_json::from_str::<Fields>(&subject.request) else { continue };
        for (name, value) in fields {
            let Some((_, field)) = input.field(&name) else {
                *unknown.entry(name).or_default() += 1;
                continue;
            };
            let (Type::Record(record), Ok(inner)) = (field.ty.present(), serde_json::from_str::<Fields>(value.get())) else { continue };
            for inner in inner.into_keys().filter(|inner| record.field(inner).is_none()) {
                *unknown.entry(format!("{name}.{inner}")).or_default() += 1;
            }
        }
    }
    for (name, times) in unknown {
        let times = if times > 1 { format!(" ({} have it)", count(times, "agent")) } else { String::new() };
        complain(&format!("tollgate: `{}` is no field of the policy's `input`, and is passed over{times}\n", tame(&name)));
    }
}
