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

use std::collections::BTreeSet;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Entities, Policy, PolicyId, PolicySet, SchemaFragment};
use serde::de::IgnoredAny;

use crate::lints;
use crate::report::{Fate, ImportedFile, Note};
use crate::toll::{self, Names, comment};
use crate::{Import, Source, Unreadable};
use policy::Shared;
use schema::Schema;

/// The most lines of helping definitions that stand with the rules, rather than in a file of their own.
const MOST_LINES: usize = 60;

/// How many policies there may be before rules say that every decision looks at them.
const FEW: usize = 100;

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
    let policies = cedar.policies.iter().copied().map(without_mark).collect();
    let cedar = &Cedar { policies, schema: cedar.schema.map(without_mark), entities: cedar.entities.map(without_mark) };
    for source in cedar.policies.iter().chain(&cedar.schema).chain(&cedar.entities) {
        if outline(source.text).deepest > DEEPEST {
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

/// The source without the mark that some editors begin files with.
fn without_mark(source: Source) -> Source {
    Source { text: source.text.strip_prefix('\u{feff}').unwrap_or(source.text), ..source }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// What a source looks like before it is read.
#[derive(Default)]
struct Outline {
    /// How deep brackets nest at most.
    deepest: usize,
    has_comments: bool,
}

/// Looks at a source: brackets in strings and comments are none.
fn outline(text: &str) -> Outline {
    let (mut outline, mut depth) = (Outline::default(), 0_usize);
    let may_have_comments = !is_json(text);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => while bytes.next().is_some_and(|byte| byte != b'"' && (byte != b'\\' || bytes.next().is_some())) {},
            b'/' if may_have_comments && bytes.peek() == Some(&b'/') => {
                outline.has_comments = true;
                while bytes.next_if(|byte| !matches!(byte, b'\n' | b'\r')).is_some() {}
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b';' => depth = 0,
            _ => {}
        }
        outline.deepest = outline.deepest.max(depth);
    }
    outline
}

fn import_here(cedar: &Cedar, package: Option<&str>) -> Result<Import, Unreadable> {
    let (schema, known) = read_schema(cedar.schema)?;
    let mut taken: Vec<&str> = vec!["principal", "action", "resource", "context", "entities", "ip", "cidr", "timestamp", "std"];
    taken.extend(helpers::PARAMETERS);
    taken.extend(helpers::names());
    let sets = cedar.policies.iter().map(|source| Ok((source, read_policies(source)?))).collect::<Result<Vec<_>, _>>()?;
    let mut notes = Vec::new();
    let levels = levels(cedar, &mut notes);
    let are_many = sets.iter().map(|(_, set)| set.policies().count()).sum::<usize>() > FEW;
    let mut shared = Shared { schema: &known, names: Names::taken(taken), notes, are_many, heaviest: expr::heaviest(levels) };
    let rules: String = sets.iter().map(|(source, set)| rules(source, set, &mut shared)).collect();
    let definitions = helpers::definitions(&rules, levels);
    let reads_entities = definitions.contains("entities[");
    let data = data(cedar, schema.as_ref(), reads_entities, &mut shared.notes)?;
    let mut files = policies(cedar, package, &rules, &definitions)?;
    files.extend(data.map(|text| ImportedFile { path: "data/entities.json".to_owned(), text }));
    Ok(Import { files, notes: shared.notes })
}

/// The rules of a source's policies; what decides nothing is noted.
fn rules(source: &Source, set: &PolicySet, shared: &mut Shared) -> String {
    let linked: BTreeSet<&PolicyId> = set.policies().filter_map(Policy::template_id).collect();
    let mut left = |place: String, text: &str| shared.notes.push(Note::new(source.name, place, Fate::LeftOut, text));
    for template in set.templates().filter(|template| !linked.contains(template.id())) {
        left(template.id().to_string(), "a template that nothing links, which decides nothing");
    }
    if set.policies().next().is_none() {
        left(String::new(), "no policies");
    }
    if outline(source.text).has_comments {
        left(String::new(), "the author's comments, but for those in policies that are repeated above their rules");
    }
    let mut lines = Lines::of(source.text);
    let mut rules = String::new();
    for policy in in_order(set) {
        let line = lines.as_mut().and_then(|lines| lines.find(&policy.to_string()));
        rules.push_str(&policy::rule(policy, source.name, line, shared));
        rules.push('\n');
    }
    rules
}

/// The data of the entities, where policies look at them.
fn data(cedar: &Cedar, schema: Option<&cedar_policy::Schema>, reads_entities: bool, notes: &mut Vec<Note>) -> Result<Option<String>, Unreadable> {
    let mut of_entities = Vec::new();
    let data = read_entities(cedar, schema, &mut of_entities)?;
    if reads_entities {
        notes.append(&mut of_entities);
        return Ok(data);
    }
    if let (Some(_), Some(source)) = (data, cedar.entities) {
        notes.push(Note::new(source.name, "", Fate::LeftOut, "the entities, which no policy looks at"));
    }
    Ok(None)
}

/// The policies, and the definitions in a file of their own where they are long.
fn policies(cedar: &Cedar, package: Option<&str>, rules: &str, definitions: &str) -> Result<Vec<ImportedFile>, Unreadable> {
    let first = cedar.policies.first().map_or("cedar", |source| source.name);
    let stem = toll::value_name(first.rsplit(['/', '\\']).next().unwrap_or_default().split('.').next().unwrap_or_default());
    let package = package.unwrap_or(&stem);
    let reads_entities = definitions.contains("entities[");
    let text = format!("{}package {package}\n\n{}{rules}", head(cedar), declarations(reads_entities));
    let mut paths = vec![format!("{stem}.toll")];
    let texts = if definitions.lines().count() <= MOST_LINES {
        vec![format!("{text}{definitions}")]
    } else {
        let about = comment("How Cedar reads and compares values: what the imported policies use of it.");
        paths.push(if stem == "cedar" { "cedar_values.toll" } else { "cedar.toll" }.to_owned());
        vec![text, format!("{about}\npackage {package}\n\n{definitions}")]
    };
    let texts = lints::kept(first, &texts)?;
    Ok(paths.into_iter().zip(texts).map(|(path, text)| ImportedFile { path, text }).collect())
}

/// How deep values may nest that are compared: as deep as brackets do in the sources, within bounds.
fn levels(cedar: &Cedar, notes: &mut Vec<Note>) -> usize {
    let [least, most] = helpers::LEVELS;
    // around the values of entities stand a list, the entity and its attributes, around those of policies the brackets of a clause
    let policies = cedar.policies.iter().filter(|source| !is_json(source.text)).map(|source| (source, 1));
    let all = policies.chain(cedar.entities.iter().map(|source| (source, 3)));
    let nested = all.map(|(source, around)| (outline(source.text).deepest.saturating_sub(around), source.name));
    let (deepest, name) = nested.max().unwrap_or_default();
    if deepest > most {
        let text =
            format!("brackets nest {deepest} deep: sets and records that nest more than {most} deep cannot be compared, and are an error there");
        notes.push(Note::new(name, "", Fate::Stricter, text));
    }
    deepest.clamp(least, most)
}

fn read_schema(source: Option<Source>) -> Result<(Option<cedar_policy::Schema>, Schema), Unreadable> {
    let Some(source) = source else { return Ok((None, Schema::default())) };
    let fragment = if is_json(source.text) {
        SchemaFragment::from_json_str(source.text).map_err(|error| unreadable(&source, &error))?
    } else {
        SchemaFragment::from_cedarschema_str(source.text).map_err(|error| unreadable(&source, &error))?.0
    };
    let json = fragment.clone().to_json_value().map_err(|error| unreadable(&source, &error))?;
    let schema = cedar_policy::Schema::from_schema_fragments([fragment]).map_err(|error| unreadable(&source, &error))?;
    Ok((Some(schema), Schema::read(&json)))
}

fn read_policies(source: &Source) -> Result<PolicySet, Unreadable> {
    if is_json(source.text) {
        PolicySet::from_json_str(source.text).map_err(|error| unreadable(source, &error))
    } else {
        source.text.parse().map_err(|error: cedar_policy::ParseErrors| unreadable(source, &error))
    }
}

/// Where policies stand in a source of Cedar's own form.
struct Lines<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Option<Lines<'a>> {
        (!is_json(text)).then_some(Lines { rest: text, line: 1 })
    }

    /// The line in which a policy begins that stands below all that were looked for.
    fn find(&mut self, policy: &str) -> Option<usize> {
        let Some((before, _)) = self.rest.split_once(policy) else {
            // None of those below is looked for: each would go through all of the source.
            self.rest = "";
            return None;
        };
        let line = self.line + before.matches('\n').count();
        self.line = line + policy.matches('\n').count();
        self.rest = self.rest.get(before.len() + policy.len()..).unwrap_or_default();
        Some(line)
    }
}

/// The error of Cedar's reader, with what it comes from and where.
fn unreadable<'e, E: ?Sized>(source: &Source, error: &'e E) -> Unreadable
where
    DetailedError: From<&'e E>,
{
    let error = DetailedError::from(error);
    let before = error.source_locations.first().and_then(|label| source.text.get(..label.loc.start));
    let place = before.map(|before| {
        let line = before.rsplit('\n').next().unwrap_or_default();
        format!("{}:{}", before.matches('\n').count() + 1, line.chars().count() + 1)
    });
    // Of JSON Cedar does not say where, but where it is none that can be found out.
    let broken = serde_json::from_str::<IgnoredAny>(source.text).err().filter(|_| place.is_none() && is_json(source.text));
    match broken {
        Some(broken) => {
            let place = format!("{}:{}", broken.line(), broken.column());
            let reason = broken.to_string();
            let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
            Unreadable::new(source.name, place, format!("it is no JSON: {reason}"))
        }
        None => Unreadable::new(source.name, place.unwrap_or_default(), explained(&error)),
    }
}

/// An error's message, with what it comes from.
fn explained(error: &DetailedError) -> String {
    let causes = error.help.iter().map(|help| format!(" ({help})"));
    std::iter::once(error.message.clone()).chain(causes).collect()
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
    let entities =
        Entities::from_json_str(source.text, schema).map_err(|error| wrong_entity(&source, schema).unwrap_or_else(|| unreadable(&source, &error)))?;
    Ok(entities::data(&entities, source.name, notes))
}

/// The first entity of a source that is wrong by itself, which Cedar does not say.
fn wrong_entity(source: &Source, schema: Option<&cedar_policy::Schema>) -> Option<Unreadable> {
    let entities: Vec<serde_json::Value> = serde_json::from_str(source.text).ok()?;
    entities.into_iter().enumerate().find_map(|(at, entity)| {
        let named = entity.get("uid").map(|uid| format!(" ({uid})")).unwrap_or_default();
        let error = Entities::from_json_value(vec![entity].into(), schema).err()?;
        Some(Unreadable { place: format!("[{at}]{named}"), ..unreadable(source, &error) })
    })
}

/// The comment that says where it all comes from.
fn head(cedar: &Cedar) -> String {
    let names: Vec<&str> = cedar.policies.iter().map(|source| source.name).collect();
    let given = [("schema", cedar.schema), ("entities", cedar.entities)];
    let with: Vec<String> = given.iter().filter_map(|(what, source)| Some(format!("the {what} {}", (*source)?.name))).collect();
    let with = if with.is_empty() { String::new() } else { format!(", with {}", with.join(" and ")) };
    format!("{}\n", comment(&format!("Imported from Cedar: {}{with}.", names.join(", "))))
}

/// What of JSON no value of Cedar has, outside of strings.
const NOT_OF_CEDAR: &str = r###"r#"^([^"]|"([^"\\]|\\.)*")*(null|[0-9]\.[0-9])"#"###;

/// The request, and the data where policies look at entities.
fn declarations(reads_entities: bool) -> String {
    let facts = "/// What is known of an entity: its attributes and tags as Cedar writes them in JSON, and the names of all that it is in, however far.\n\
                 type Facts {\n  attributes: json = {}\n  tags: json = {}\n  ancestors: set<string> = {}\n}\n\n";
    let data = "/// Entities by their names: `User/alice` is `User::\"alice\"`. One that is not here has no attributes and is in nothing.\n\
                data entities: map<Facts> = {}\n\n";
    format!(
        "/// An entity: its type, and its id.\ntype Entity {{ type: string, id: string }}\n\n{}\
         /// A request as Cedar has it, its context in Cedar's JSON form.\n\
         input {{\n  principal: Entity\n  action: Entity\n  resource: Entity\n  \
         /// Cedar has neither `null` nor numbers with a fraction, and refuses a request with one.\n  \
         context: json where not (context.to_string() matches {NOT_OF_CEDAR}) = {{}}\n}}\n\n{}",
        if reads_entities { facts } else { "" },
        if reads_entities { data } else { "" },
    )
}
