//! Cedar policies as rules that decide as they do, and their entities as data.
//!
//! Cedar itself reads the sources. Its JSON form of a policy is then said in the language: [`policy`] makes a rule of each, [`expr`] and [`convert`]
//! its expressions, [`helpers`] has the functions that read values as Cedar does, [`schema`] knows the types, [`entities`] makes the data.

mod convert;
mod entities;
mod expr;
mod extensions;
mod helpers;
mod policy;
mod schema;
mod term;

use cedar_policy::{Entities, Policy, PolicySet, SchemaFragment};

use crate::report::{Fate, ImportedFile, Note};
use crate::toll::{self, Names, comment};
use crate::{Import, Source, Unreadable};
use policy::Shared;
use schema::Schema;

/// The most lines of helping definitions that stand with the rules, rather than in a file of their own.
const MOST_LINES: usize = 60;

/// How deep brackets may nest in a source.
const DEEPEST: usize = 256;

/// The stack that reading and translating policies have.
const STACK: usize = 256 << 20;

/// What to import.
#[derive(Clone, Debug, Default)]
pub struct Cedar<'a> {
    /// The policies.
    pub policies: Vec<Source<'a>>,
    /// The schema, in Cedar's own form or as JSON.
    pub schema: Option<Source<'a>>,
    /// The entities, as JSON.
    pub entities: Option<Source<'a>>,
}

/// The policies as one package, and the entities as data.
///
/// # Errors
///
/// Where a source is none of Cedar.
pub fn import(cedar: &Cedar, package: Option<&str>) -> Result<Import, Unreadable> {
    let name = cedar.policies.first().map_or("cedar", |source| source.name);
    let failed = |reason: &str| Unreadable::new(name, "", reason);
    for source in cedar.policies.iter().chain(&cedar.schema) {
        if nesting(source.text) > DEEPEST {
            return Err(Unreadable::new(source.name, "", format!("brackets nest more than {DEEPEST} deep")));
        }
    }
    // Chains of operators nest in Cedar's trees as deep as they are long.
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || import_here(cedar, package));
        let made = thread.map_err(|error| failed(&error.to_string()))?.join();
        made.unwrap_or_else(|_| Err(failed("Cedar's reader failed")))
    })
}

/// How deep brackets nest at most, as a source is written: strings and comments count too.
fn nesting(text: &str) -> usize {
    let (mut deepest, mut depth) = (0_usize, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' => depth = 0,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

fn import_here(cedar: &Cedar, package: Option<&str>) -> Result<Import, Unreadable> {
    let (schema, known) = read_schema(cedar.schema)?;
    let mut taken: Vec<&str> = vec!["principal", "action", "resource", "context", "entities", "ip", "cidr", "timestamp", "std"];
    taken.extend(helpers::PARAMETERS);
    taken.extend(helpers::names());
    let mut shared = Shared { schema: &known, names: Names::taken(taken), notes: Vec::new() };
    let mut rules = String::new();
    for source in &cedar.policies {
        let set = read_policies(source)?;
        for template in set.templates() {
            let linked = set.policies().filter(|policy| policy.template_id() == Some(template.id())).count();
            if linked == 0 {
                let text = "a template that nothing links, which decides nothing";
                shared.notes.push(Note::new(source.name, template.id().to_string(), Fate::LeftOut, text));
            }
        }
        for policy in in_order(&set) {
            rules.push_str(&policy::rule(policy, source.name, &mut shared));
            rules.push('\n');
        }
    }
    let data = read_entities(cedar, schema.as_ref(), &mut shared.notes)?;
    let first = cedar.policies.first().map_or("cedar", |source| source.name);
    let stem = toll::value_name(first.rsplit(['/', '\\']).next().unwrap_or_default().split('.').next().unwrap_or_default());
    let package = package.unwrap_or(&stem);
    let definitions = helpers::definitions(&rules);
    let reads_entities = data.is_some() || definitions.contains("entities[");
    let text = format!("{}package {package}\n\n{}{rules}", head(cedar), declarations(reads_entities));
    let file = |path: String, text: &str| Ok(ImportedFile { path, text: toll::laid_out(first, text)? });
    let mut files = Vec::new();
    if definitions.lines().count() <= MOST_LINES {
        files.push(file(format!("{stem}.toll"), &format!("{text}{definitions}"))?);
    } else {
        files.push(file(format!("{stem}.toll"), &text)?);
        let about = comment("How Cedar reads and compares values: what the imported policies use of it.");
        let name = if stem == "cedar" { "cedar_values.toll" } else { "cedar.toll" };
        files.push(file(name.to_owned(), &format!("{about}\npackage {package}\n\n{definitions}"))?);
    }
    files.extend(data.map(|text| ImportedFile { path: "data/entities.json".to_owned(), text }));
    Ok(Import { files, notes: shared.notes })
}

fn read_schema(source: Option<Source>) -> Result<(Option<cedar_policy::Schema>, Schema), Unreadable> {
    let Some(source) = source else { return Ok((None, Schema::default())) };
    let unreadable = |reason: String| Unreadable::new(source.name, "", reason);
    let fragment = if source.text.trim_start().starts_with('{') {
        SchemaFragment::from_json_str(source.text).map_err(|error| unreadable(error.to_string()))?
    } else {
        SchemaFragment::from_cedarschema_str(source.text).map_err(|error| unreadable(error.to_string()))?.0
    };
    let json = fragment.clone().to_json_value().map_err(|error| unreadable(error.to_string()))?;
    let schema = cedar_policy::Schema::from_schema_fragments([fragment]).map_err(|error| unreadable(error.to_string()))?;
    Ok((Some(schema), Schema::read(&json)))
}

fn read_policies(source: &Source) -> Result<PolicySet, Unreadable> {
    let unreadable = |reason: String| Unreadable::new(source.name, "", reason);
    if source.text.trim_start().starts_with('{') {
        PolicySet::from_json_str(source.text).map_err(|error| unreadable(error.to_string()))
    } else {
        source.text.parse().map_err(|error: cedar_policy::ParseErrors| unreadable(error.to_string()))
    }
}

/// The policies as they stand in their source, which Cedar numbers; those with names of their own by these.
fn in_order(set: &PolicySet) -> Vec<&Policy> {
    let mut policies: Vec<&Policy> = set.policies().collect();
    policies.sort_by_cached_key(|policy| {
        let id = policy.id().to_string();
        let number = id.strip_prefix("policy").and_then(|number| number.parse::<usize>().ok());
        (number.unwrap_or(usize::MAX), id)
    });
    policies
}

fn read_entities(cedar: &Cedar, schema: Option<&cedar_policy::Schema>, notes: &mut Vec<Note>) -> Result<Option<String>, Unreadable> {
    let source = cedar.entities.or(cedar.schema.map(|schema| Source { text: "[]", ..schema }));
    let Some(source) = source else { return Ok(None) };
    let entities = Entities::from_json_str(source.text, schema).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Unreadable::new(source.name, "", format!("{error}{cause}"))
    })?;
    Ok(entities::data(&entities, source.name, notes))
}

/// The comment that says where it all comes from.
fn head(cedar: &Cedar) -> String {
    let names: Vec<&str> = cedar.policies.iter().map(|source| source.name).collect();
    let with = cedar.schema.map(|source| format!(", with the schema {}", source.name)).unwrap_or_default();
    format!("{}\n", comment(&format!("Imported from Cedar: {}{with}.", names.join(", "))))
}

/// The request, and the data where policies look at entities.
fn declarations(reads_entities: bool) -> String {
    let facts = "/// What is known of an entity: its attributes and tags as Cedar writes them in JSON, and the names of all that it is in, however far.\n\
                 type Facts {\n  attributes: json = {}\n  tags: json = {}\n  ancestors: set<string> = {}\n}\n\n";
    let data = "/// Entities by their names: `User/alice` is `User::\"alice\"`. One that is not here has no attributes and is in nothing.\n\
                data entities: map<Facts> = {}\n\n";
    format!(
        "/// An entity: its type, and its id.\ntype Entity {{ type: string, id: string }}\n\n{}\
         /// A request as Cedar has it, its context in Cedar's JSON form.\n\
         input {{\n  principal: Entity\n  action: Entity\n  resource: Entity\n  context: json = {{}}\n}}\n\n{}",
        if reads_entities { facts } else { "" },
        if reads_entities { data } else { "" },
    )
}
