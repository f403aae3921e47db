//! What a schema says of attributes and actions.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use serde_json::Value;

use super::term::uid;

/// A type of Cedar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    Bool,
    Long,
    Text,
    /// An entity, of a type that may be known.
    Entity(Option<Rc<str>>),
    Set(Rc<Type>),
    /// A record with those fields.
    Record(Rc<BTreeMap<String, Field>>),
    /// A record of which nothing is known.
    Open,
    Ip,
    Decimal,
    Datetime,
    Duration,
    /// Any of them.
    Any,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub ty: Type,
    pub required: bool,
}

impl Type {
    /// Whether Cedar reads its values by the schema where a request leaves out what they are: an entity or an extension's value, or what holds one.
    pub fn has_implicit(&self) -> bool {
        match self {
            Type::Entity(_) | Type::Ip | Type::Decimal | Type::Datetime | Type::Duration => true,
            Type::Set(element) => element.has_implicit(),
            Type::Record(fields) => fields.values().any(|field| field.ty.has_implicit()),
            _ => false,
        }
    }
}

/// What a schema says of the context of some actions.
#[derive(Clone, Debug)]
pub struct Context {
    /// A record of its fields.
    pub ty: Type,
    /// Fields whose values cannot be told without the action: it says otherwise for each what a value that leaves out what it is stands for.
    pub mixed: BTreeSet<String>,
}

/// What a schema declares; of no schema nothing.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Attributes of entities by the entity's type.
    attributes: BTreeMap<String, BTreeMap<String, Field>>,
    /// Types of tags by the entity's type.
    tags: BTreeMap<String, Type>,
    /// The types of contexts by the action's name in the data; `None` where there is no schema.
    contexts: Option<BTreeMap<String, Type>>,
    /// Each action with those that are in it, itself among them, by their names in the data.
    actions: BTreeMap<String, Vec<String>>,
}

impl Schema {
    /// Reads the JSON form of a schema that Cedar has accepted.
    pub fn read(json: &Value) -> Schema {
        let mut reader = Reader { namespaces: json, commons: HashMap::new() };
        let mut schema = Schema { ..Schema::default() };
        let mut contexts = BTreeMap::new();
        let mut parents: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (namespace, body) in json.as_object().into_iter().flatten() {
            for (name, entity) in body["entityTypes"].as_object().into_iter().flatten() {
                let full = qualified(namespace, name);
                let shape = reader.ty(namespace, &entity["shape"]);
                let fields = if let Type::Record(fields) = shape { (*fields).clone() } else { BTreeMap::new() };
                schema.attributes.insert(full.clone(), fields);
                if !entity["tags"].is_null() {
                    schema.tags.insert(full, reader.ty(namespace, &entity["tags"]));
                }
            }
            for (id, action) in body["actions"].as_object().into_iter().flatten() {
                let members = action["memberOf"].as_array().into_iter().flatten();
                let above = members.map(|parent| {
                    let ty = parent["type"].as_str().map_or_else(|| qualified(namespace, "Action"), |ty| reader.action_type(namespace, ty));
                    uid(&ty, parent["id"].as_str().unwrap_or_default())
                });
                parents.insert(uid(&qualified(namespace, "Action"), id), above.collect());
                if !action["appliesTo"].is_null() {
                    let context = reader.ty(namespace, part(action, "appliesTo", "context"));
                    contexts.insert(uid(&qualified(namespace, "Action"), id), context);
                }
            }
        }
        schema.actions = descendants(&parents);
        schema.contexts = Some(contexts);
        schema
    }

    /// The attribute of an entity: of any that has one of that name where its type is not known.
    pub fn attribute(&self, entity: Option<&str>, name: &str) -> Option<Field> {
        match entity {
            Some(ty) => self.attributes.get(ty)?.get(name).cloned(),
            None => join(self.attributes.values().map(|fields| fields.get(name))),
        }
    }

    /// The type of the tags of an entity.
    pub fn tag(&self, entity: Option<&str>) -> Option<Type> {
        match entity {
            Some(ty) => self.tags.get(ty).cloned(),
            None => {
                let mut types = self.tags.values();
                let first = types.next()?.clone();
                types.all(|ty| *ty == first).then_some(first)
            }
        }
    }

    /// The context of requests for one of these actions, or of all: its fields are those of all of them.
    pub fn context(&self, actions: Option<&[String]>) -> Context {
        let Some(contexts) = &self.contexts else { return Context { ty: Type::Open, mixed: BTreeSet::new() } };
        let of = |action: &String| contexts.get(action);
        let contexts: Vec<&Type> = actions.map_or_else(|| contexts.values().collect(), |actions| actions.iter().filter_map(of).collect());
        joined_contexts(&contexts)
    }

    /// The actions that are in one, itself among them, where the schema declares it.
    pub fn members(&self, action: &str) -> Option<&[String]> {
        self.actions.get(action).map(Vec::as_slice)
    }
}

/// Each action with itself and all that are in it.
fn descendants(parents: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, Vec<String>> {
    let mut members: BTreeMap<_, Vec<_>> = parents.keys().map(|action| (action.clone(), vec![action.clone()])).collect();
    for action in parents.keys() {
        let mut seen = BTreeSet::from([action]);
        let mut open = vec![action];
        while let Some(next) = open.pop() {
            for above in parents.get(next).into_iter().flatten() {
                if seen.insert(above) {
                    open.push(above);
                    members.entry(above.clone()).or_default().push(action.clone());
                }
            }
        }
    }
    members.values_mut().for_each(|inside| inside.sort());
    members
}

fn joined_contexts(contexts: &[&Type]) -> Context {
    let records: Vec<&BTreeMap<String, Field>> =
        contexts.iter().filter_map(|context| if let Type::Record(fields) = context { Some(&**fields) } else { None }).collect();
    let names: BTreeSet<&String> = records.iter().flat_map(|fields| fields.keys()).collect();
    let (mut fields, mut mixed) = (BTreeMap::new(), BTreeSet::new());
    for name in names {
        let declared = || records.iter().map(|fields| fields.get(name));
        let Some(joined) = join(declared()) else { continue };
        if joined.ty == Type::Any && declared().flatten().any(|field| field.ty.has_implicit()) {
            mixed.insert(name.clone());
        }
        fields.insert(name.clone(), joined);
    }
    Context { ty: Type::Record(Rc::new(fields)), mixed }
}

/// What several declarations of a name say together: it is required where all have it so.
fn join<'a>(fields: impl Iterator<Item = Option<&'a Field>>) -> Option<Field> {
    let mut joined: Option<Field> = None;
    let mut required = true;
    for field in fields {
        required &= field.is_some_and(|field| field.required);
        if let Some(field) = field {
            joined = Some(match joined {
                Some(known) if matches!((&known.ty, &field.ty), (Type::Entity(a), Type::Entity(b)) if a != b) => {
                    Field { ty: Type::Entity(None), ..known }
                }
                Some(known) if known.ty != field.ty => Field { ty: Type::Any, required: false },
                Some(known) => known,
                None => field.clone(),
            });
        }
    }
    joined.map(|field| Field { required, ..field })
}

fn qualified(namespace: &str, name: &str) -> String {
    if namespace.is_empty() || name.contains("::") { name.to_owned() } else { format!("{namespace}::{name}") }
}

struct Reader<'a> {
    namespaces: &'a Value,
    /// Common types that were read; `Any` while one is being read.
    commons: HashMap<String, Type>,
}

impl Reader<'_> {
    fn ty(&mut self, namespace: &str, ty: &Value) -> Type {
        let name = ty["name"].as_str().unwrap_or_default();
        match ty["type"].as_str().unwrap_or("Record") {
            "Boolean" | "Bool" => Type::Bool,
            "Long" => Type::Long,
            "String" => Type::Text,
            "Set" => Type::Set(Rc::new(self.ty(namespace, &ty["element"]))),
            "Record" => self.record(namespace, ty),
            "Entity" => Type::Entity(self.entity_type(namespace, name)),
            "Extension" => primitive(name).unwrap_or(Type::Any),
            "EntityOrCommon" => self.named(namespace, name),
            common => self.named(namespace, common),
        }
    }

    fn record(&mut self, namespace: &str, ty: &Value) -> Type {
        if ty["additionalAttributes"].as_bool() == Some(true) {
            return Type::Open;
        }
        let fields = ty["attributes"].as_object().into_iter().flatten();
        let read = |(name, field): (&String, &Value)| {
            let required = field["required"].as_bool().unwrap_or(true);
            (name.clone(), Field { ty: self.ty(namespace, field), required })
        };
        Type::Record(Rc::new(fields.map(read).collect()))
    }

    /// The type of a name: a common type or an entity's, of the namespace before those of none, then one of Cedar's own.
    fn named(&mut self, namespace: &str, name: &str) -> Type {
        if let Some(own) = name.strip_prefix("__cedar::") {
            return primitive(own).unwrap_or(Type::Any);
        }
        let namespaces = self.namespaces;
        for full in [qualified(namespace, name), name.to_owned()] {
            let (inside, last) = full.rsplit_once("::").unwrap_or(("", &full));
            if let Some(body) = part(namespaces, inside, "commonTypes").get(last) {
                return self.common(&full, inside, body);
            }
            if part(namespaces, inside, "entityTypes").get(last).is_some() {
                return Type::Entity(Some(Rc::from(full.as_str())));
            }
        }
        primitive(name).unwrap_or(Type::Any)
    }

    fn common(&mut self, full: &str, namespace: &str, body: &Value) -> Type {
        if let Some(known) = self.commons.get(full) {
            return known.clone();
        }
        self.commons.insert(full.to_owned(), Type::Any);
        let ty = self.ty(namespace, body);
        self.commons.insert(full.to_owned(), ty.clone());
        ty
    }

    fn entity_type(&self, namespace: &str, name: &str) -> Option<Rc<str>> {
        let full = qualified(namespace, name);
        let (inside, last) = full.rsplit_once("::").unwrap_or(("", &full));
        let declared = part(self.namespaces, inside, "entityTypes").get(last).is_some();
        Some(Rc::from(if declared { full.as_str() } else { name }))
    }

    fn action_type(&self, namespace: &str, name: &str) -> String {
        if name == "Action" { qualified(namespace, name) } else { name.to_owned() }
    }
}

/// What stands below two keys; `null` where nothing does.
fn part<'a>(of: &'a Value, key: &str, inner: &str) -> &'a Value {
    of.get(key).and_then(|value| value.get(inner)).unwrap_or(&Value::Null)
}

fn primitive(name: &str) -> Option<Type> {
    Some(match name {
        "Bool" | "Boolean" => Type::Bool,
        "Long" => Type::Long,
        "String" => Type::Text,
        "ipaddr" => Type::Ip,
        "decimal" => Type::Decimal,
        "datetime" => Type::Datetime,
        "duration" => Type::Duration,
        _ => return None,
    })
}
