//! The types of a generated policy, and how they are written.

use std::collections::BTreeMap;

use super::constants;
use crate::random::Random;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ty {
    Bool,
    Int,
    Decimal,
    Duration,
    Timestamp,
    Ip,
    Cidr,
    Text,
    Json,
    Enum(usize),
    Record(usize),
    List(Box<Ty>),
    Set(Box<Ty>),
    Map(Box<Ty>),
    Optional(Box<Ty>),
}

/// An enum, by its name or inline.
#[derive(Clone, Debug)]
pub struct Enum {
    pub name: Option<String>,
    pub variants: Vec<String>,
    pub ordered: bool,
}

/// A record type, by its name or inline.
#[derive(Clone, Debug)]
pub struct Record {
    pub name: Option<String>,
    pub fields: Vec<Field>,
    /// Whether its text ends in `..`.
    pub open: bool,
    /// Whether the standard library declares it.
    pub standard: bool,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// Its type when present.
    pub ty: Ty,
    pub presence: Presence,
    pub refinement: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    Required,
    Optional,
    /// The constant as written.
    Default(String),
}

/// A declared tool.
#[derive(Clone, Debug)]
pub struct Tool {
    pub name: String,
    pub args: Option<usize>,
    /// Its attributes as written.
    pub attributes: Vec<String>,
}

/// Everything that has a type.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub enums: Vec<Enum>,
    pub records: Vec<Record>,
    /// The input's record.
    pub input: usize,
    /// Whether the policy declares its `input` itself.
    pub own_input: bool,
    pub tools: Vec<Tool>,
    /// Name, type, default as written.
    pub data: Vec<(String, Ty, Option<String>)>,
}

impl Ty {
    pub fn list(self) -> Ty {
        Ty::List(Box::new(self))
    }

    pub fn set(self) -> Ty {
        Ty::Set(Box::new(self))
    }

    pub fn map(self) -> Ty {
        Ty::Map(Box::new(self))
    }

    pub fn optional(self) -> Ty {
        if let Ty::Optional(_) = self { self } else { Ty::Optional(Box::new(self)) }
    }

    pub fn present(&self) -> &Ty {
        if let Ty::Optional(inner) = self { inner } else { self }
    }

    pub fn is_optional(&self) -> bool {
        matches!(self, Ty::Optional(_))
    }

    /// What a set may hold.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Ty::Json | Ty::Record(_) | Ty::List(_) | Ty::Set(_) | Ty::Map(_) | Ty::Optional(_))
    }

    /// What lambdas and `for` go over.
    pub fn element(&self) -> Option<&Ty> {
        match self {
            Ty::List(element) | Ty::Set(element) | Ty::Map(element) => Some(element),
            _ => None,
        }
    }
}

impl Field {
    pub fn new(name: &str, ty: Ty, presence: Presence) -> Field {
        Field { name: name.into(), ty, presence, refinement: None }
    }

    /// The type of reading it.
    pub fn read(&self) -> Ty {
        if self.presence == Presence::Optional { self.ty.clone().optional() } else { self.ty.clone() }
    }
}

/// A word as it stands after a point or before a colon.
pub fn field_name(name: &str) -> String {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if is_word { name.into() } else { format!("\"{name}\"") }
}

impl Schema {
    /// Whether `<` is defined.
    pub fn is_ordered(&self, ty: &Ty) -> bool {
        match ty {
            Ty::Int | Ty::Decimal | Ty::Text | Ty::Duration | Ty::Timestamp => true,
            Ty::Enum(index) => self.enums[*index].ordered,
            _ => false,
        }
    }

    /// How a type is written.
    pub fn text(&self, ty: &Ty) -> String {
        match ty {
            Ty::Bool => "bool".into(),
            Ty::Int => "int".into(),
            Ty::Decimal => "decimal".into(),
            Ty::Duration => "duration".into(),
            Ty::Timestamp => "timestamp".into(),
            Ty::Ip => "ip".into(),
            Ty::Cidr => "cidr".into(),
            Ty::Text => "string".into(),
            Ty::Json => "json".into(),
            Ty::List(element) => format!("list<{}>", self.text(element)),
            Ty::Set(element) => format!("set<{}>", self.text(element)),
            Ty::Map(element) => format!("map<{}>", self.text(element)),
            Ty::Optional(inner) => format!("{}?", self.text(inner)),
            Ty::Enum(index) => {
                let ty = &self.enums[*index];
                ty.name.clone().unwrap_or_else(|| quoted(&ty.variants).join(if ty.ordered { " < " } else { " | " }))
            }
            Ty::Record(index) => {
                let ty = &self.records[*index];
                ty.name.clone().unwrap_or_else(|| self.fields_text(ty))
            }
        }
    }

    /// `{ a: int, b?: string }`
    pub fn fields_text(&self, record: &Record) -> String {
        let mut fields: Vec<String> = record.fields.iter().map(|field| self.field_text(field)).collect();
        if record.open {
            fields.push("..".into());
        }
        format!("{{ {} }}", fields.join(", "))
    }

    fn field_text(&self, field: &Field) -> String {
        let (mark, default) = match &field.presence {
            Presence::Required => ("", String::new()),
            Presence::Optional => ("?", String::new()),
            Presence::Default(value) => ("", format!(" = {value}")),
        };
        let refinement = field.refinement.as_ref().map(|condition| format!(" where {condition}")).unwrap_or_default();
        format!("{}{mark}: {}{refinement}{default}", field_name(&field.name), self.text(&field.ty))
    }

    /// The items that declare the types.
    pub fn items(&self) -> Vec<String> {
        let mut items = Vec::new();
        for ty in &self.enums {
            if let Some(name) = &ty.name {
                items.push(format!("enum {name} {{ {} }}", quoted(&ty.variants).join(if ty.ordered { " < " } else { ", " })));
            }
        }
        for record in self.records.iter().filter(|record| !record.standard) {
            if let Some(name) = &record.name {
                items.push(format!("type {name} {}", self.fields_text(record)));
            }
        }
        if self.own_input {
            items.push(format!("input {}", self.fields_text(&self.records[self.input])));
        }
        for (name, ty, default) in &self.data {
            let default = default.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
            items.push(format!("data {name}: {}{default}", self.text(ty)));
        }
        for tool in &self.tools {
            let mut entries = tool.attributes.clone();
            entries.extend(tool.args.map(|args| format!("args {}", self.fields_text(&self.records[args]))));
            items.push(format!("tool \"{}\" {{ {} }}", tool.name, entries.join(", ")));
        }
        items
    }

    /// Adds a record type.
    pub fn add_record(&mut self, record: Record) -> usize {
        self.records.push(record);
        self.records.len() - 1
    }

    fn standard(&mut self, name: &str, fields: Vec<Field>) -> Ty {
        Ty::Record(self.add_record(Record { name: Some(name.into()), fields, open: false, standard: true }))
    }
}

fn quoted(variants: &[String]) -> Vec<String> {
    variants
        .iter()
        .map(|variant| if variant.chars().all(|letter| letter.is_ascii_lowercase()) { format!("\"{variant}\"") } else { format!("{variant:?}") })
        .collect()
}

/// A random schema.
pub fn generate(random: &mut Random) -> Schema {
    let mut schema = Schema::default();
    enums(random, &mut schema);
    for number in 0..random.within(1, 4) {
        let name = random.chance(75).then(|| format!("R{number}"));
        let fields = fields(random, &mut schema, 1, 4, 2);
        schema.add_record(Record { name, fields, open: random.chance(10), standard: false });
    }
    results(&mut schema);
    input(random, &mut schema);
    tools(random, &mut schema);
    for number in 0..random.within(1, 4) {
        let ty = data_type(random, &schema);
        let default = random.chance(60).then(|| constants::literal(random, &schema, &ty));
        schema.data.push((format!("d_{number}"), ty, default));
    }
    schema
}

fn enums(random: &mut Random, schema: &mut Schema) {
    let words = ["low", "medium", "high", "critical", "eu", "us-east-1"];
    for number in 0..random.within(1, 3) {
        let variants: Vec<String> = random.some(&words, 2, 4).into_iter().map(str::to_owned).collect();
        let name = random.chance(70).then(|| format!("E{number}"));
        schema.enums.push(Enum { name, variants, ordered: random.chance(60) });
    }
}

const FIELD_NAMES: [&str; 16] =
    ["id", "name", "size", "rows", "kind", "tags", "owner", "limit", "from", "to", "cost", "at", "zone", "x-id", "when", "Type"];

/// Fields with names of their own.
fn fields(random: &mut Random, schema: &mut Schema, least: usize, most: usize, depth: usize) -> Vec<Field> {
    let names = random.some(&FIELD_NAMES, least, most);
    let fields = names.into_iter().map(|name| {
        let ty = field_type(random, schema, depth);
        let presence = presence(random, schema, &ty);
        Field::new(name, ty, presence)
    });
    fields.collect()
}

fn presence(random: &mut Random, schema: &Schema, ty: &Ty) -> Presence {
    match random.below(10) {
        0..=3 => Presence::Required,
        4..=6 => Presence::Optional,
        _ => Presence::Default(constants::literal(random, schema, ty)),
    }
}

pub fn scalar_type(random: &mut Random, schema: &Schema) -> Ty {
    match random.below(14) {
        0 | 1 => Ty::Bool,
        2..=4 => Ty::Int,
        5 => Ty::Decimal,
        6 => Ty::Duration,
        7 => Ty::Timestamp,
        8 => Ty::Ip,
        9 => Ty::Cidr,
        10 => Ty::Enum(random.below(schema.enums.len())),
        _ => Ty::Text,
    }
}

fn field_type(random: &mut Random, schema: &Schema, depth: usize) -> Ty {
    match random.below(20) {
        0..=11 => scalar_type(random, schema),
        12 => Ty::Json,
        13 | 14 => scalar_type(random, schema).set(),
        15 if depth > 0 => field_type(random, schema, depth - 1).map(),
        16 if depth > 0 => {
            let element = field_type(random, schema, depth - 1);
            if random.chance(20) { element.optional().list() } else { element.list() }
        }
        17 | 18 if !schema.records.is_empty() => Ty::Record(random.below(schema.records.len())),
        _ => scalar_type(random, schema).list(),
    }
}

/// The records that built-in functions give.
fn results(schema: &mut Schema) {
    let field = |name: &str, ty: Ty| Field::new(name, ty, Presence::Required);
    let port = Field::new("port", Ty::Int, Presence::Optional);
    let texts = |names: &[&str]| names.iter().map(|name| Field::new(name, Ty::Text, Presence::Required)).collect::<Vec<_>>();
    let mut url = texts(&["path", "query", "host", "scheme"]);
    url.extend([port, field("is_private_host", Ty::Bool)]);
    schema.standard("Url", url);
    let mut semver = texts(&["pre", "build"]);
    semver.extend(["patch", "minor", "major"].map(|name| field(name, Ty::Int)));
    schema.standard("Semver", semver);
    let mut command = texts(&["program", "path"]);
    command.extend(["args", "redirects", "assignments"].map(|name| field(name, Ty::Text.list())));
    let command = schema.standard("ShellCommand", command);
    schema.standard("Shell", vec![field("commands", command.list()), field("has_substitution", Ty::Bool)]);
    let statement = vec![field("kind", Ty::Text), field("has_where", Ty::Bool), field("tables", Ty::Text.set())];
    let statement = schema.standard("SqlStatement", statement);
    schema.standard("Sql", vec![field("is_read_only", Ty::Bool), field("statements", statement.list())]);
}

fn data_type(random: &mut Random, schema: &Schema) -> Ty {
    let named: Vec<usize> = (0..schema.records.len()).take_while(|index| !schema.records[*index].standard).collect();
    match random.below(8) {
        0 => Ty::Int,
        1 => scalar_type(random, schema),
        2 => scalar_type(random, schema).set(),
        3 => Ty::Record(*random.pick(&named)).list(),
        4 => scalar_type(random, schema).map(),
        5 => scalar_type(random, schema).list(),
        _ => Ty::Record(*random.pick(&named)).map(),
    }
}

/// The standard input, or one of its own.
fn input(random: &mut Random, schema: &mut Schema) {
    let default = |text: &str| Presence::Default(text.into());
    let text = |name: &str| Field::new(name, Ty::Text, Presence::Default("\"\"".into()));
    let tool = schema.standard("Tool", vec![Field::new("name", Ty::Text, Presence::Required), text("server")]);
    let args = Field::new("args", Ty::Json, default("{}"));
    let labels = || Field::new("labels", Ty::Text.set(), default("{}"));
    let attributes = || Field::new("attributes", Ty::Json, default("{}"));
    let agent = schema.standard("Agent", vec![Field::new("id", Ty::Text, Presence::Required), text("role"), text("team"), labels(), attributes()]);
    schema.own_input = random.chance(60);
    let mut all = vec![Field::new("tool", tool, Presence::Required)];
    if schema.own_input {
        let loose = ["a", "b"].map(|name| Field::new(name, Ty::Json, Presence::Optional));
        if random.chance(15) {
            let index = schema.add_record(Record { name: None, fields: loose.into(), open: false, standard: true });
            all.push(Field::new("args", Ty::Record(index), default("{}")));
        } else {
            all.push(args);
        }
        if random.chance(60) {
            all.push(Field::new("agent", agent, Presence::Required));
        }
        for (number, mut field) in fields(random, schema, 2, 6, 2).into_iter().enumerate() {
            field.name = format!("i_{number}");
            all.push(field);
        }
    } else {
        let user = schema.standard(
            "User",
            vec![Field::new("id", Ty::Text, Presence::Required), Field::new("groups", Ty::Text.set(), default("{}")), attributes()],
        );
        let context = vec![
            Field::new("time", Ty::Timestamp, Presence::Optional),
            text("environment"),
            text("trace_id"),
            Field::new("source_ip", Ty::Ip, Presence::Optional),
            attributes(),
        ];
        let context = schema.standard("Context", context);
        schema.enums.push(Enum { name: None, variants: ["allow", "review", "deny"].map(str::to_owned).into(), ordered: false });
        let effect = Field::new("effect", Ty::Enum(schema.enums.len() - 1), default("\"allow\""));
        let result = Field::new("result", Ty::Json, default("{}"));
        let call = vec![
            Field::new("tool", Ty::Text, Presence::Required),
            text("server"),
            args.clone(),
            result,
            effect,
            Field::new("time", Ty::Timestamp, Presence::Optional),
            labels(),
        ];
        let call = schema.standard("Call", call);
        let session = vec![
            text("id"),
            text("prompt"),
            Field::new("calls", call.list(), default("[]")),
            labels(),
            Field::new("cost", Ty::Decimal, default("0")),
        ];
        let session = schema.standard("Session", session);
        let stamp = |name: &str| Field::new(name, Ty::Timestamp, Presence::Required);
        let token = vec![stamp("issued_at"), stamp("expires_at"), text("audience"), Field::new("scopes", Ty::Text.set(), default("{}"))];
        let token = schema.standard("Token", token);
        all.push(args);
        all.push(Field::new("agent", agent.clone(), Presence::Required));
        all.push(Field::new("user", user, Presence::Optional));
        all.push(Field::new("delegation", agent.list(), default("[]")));
        all.push(Field::new("context", context, default("{}")));
        all.push(Field::new("session", session, default("{}")));
        all.push(Field::new("token", token, Presence::Optional));
    }
    schema.input = schema.add_record(Record { name: None, fields: all, open: false, standard: true });
}

/// Names of tools, some of one name with and without a server.
pub const TOOLS: [&str; 9] = ["read", "write", "send", "Delete_All", "crm/export", "crm/read", "mail/send", "a/b/run", "x.y-z"];

fn tools(random: &mut Random, schema: &mut Schema) {
    for name in random.some(&TOOLS, 1, 5) {
        let args = random.chance(75).then(|| {
            let fields = fields(random, schema, 0, 4, 2);
            schema.add_record(Record { name: None, fields, open: random.chance(20), standard: false })
        });
        let mut attributes = BTreeMap::new();
        attributes.insert("category", format!("\"{}\"", random.word(&["read", "write", "admin"])));
        attributes.insert("labels", format!("{{\"{}\"}}", random.word(&["pii", "a", "prod"])));
        attributes.insert("destructive", random.chance(50).to_string());
        attributes.insert("read_only", random.chance(50).to_string());
        let attributes = attributes.into_iter().filter(|_| random.chance(60)).map(|(name, value)| format!("{name}: {value}")).collect();
        schema.tools.push(Tool { name: name.into(), args, attributes });
    }
}
