//! Entities, requests and policies of Cedar, generated: every construct, and every way to err.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// What attributes may hold.
#[derive(Clone, Debug)]
pub enum Kind {
    Bool,
    Long,
    Text,
    Entity(&'static str),
    Ip,
    Decimal,
    Datetime,
    Duration,
    Set(Box<Kind>),
    Record(Vec<(&'static str, Kind)>),
}

const TYPES: [&str; 4] = ["User", "Group", "Org::Doc", "Org::Folder"];
const IDS: [&str; 5] = ["a", "b c", "é\u{1}", "x/y", "\"q\""];
const ACTIONS: [&str; 3] = ["view", "edit", "all actions"];
const NAMES: [&str; 9] = ["flag", "level", "name", "owner", "where", "amount", "odd name", "tags", "in"];
const TEXTS: [&str; 9] = ["", "a", "a*b", "b c", "é", "\\", "{x}", "10.0.0.1", "1.5"];
const NUMBERS: [i64; 9] = [0, 1, -1, 2, 7, 1000, i64::MAX, i64::MIN, -42];
const IPS: [&str; 10] =
    ["10.0.0.1", "10.0.0.0/8", "10.1.2.3/8", "127.0.0.1", "::1", "::1/128", "ff00::2", "224.0.0.9", "fe80::/10", "1:2:3:4:5:6:7:8"];
const BAD_IPS: [&str; 6] = ["", "10.0.0.256", "10.0.0.1/33", "::ffff:10.0.0.1", "10.0.0.01", "1.2.3.4/08"];
const DECIMALS: [&str; 8] = ["0.0", "1.5", "1.50", "-0.5", "-12.3456", "922337203685477.5807", "-922337203685477.5808", "001.1"];
const BAD_DECIMALS: [&str; 6] = ["1", "1.23456", ".5", "1.", "922337203685477.5808", "1e1.0"];
const DATETIMES: [&str; 10] = [
    "1970-01-01",
    "2024-02-29",
    "2024-02-29T23:59:59Z",
    "2024-03-01T01:02:03.004+0530",
    "1969-12-31T23:59:59.999Z",
    "0000-01-01",
    "9999-12-31T23:59:59.999-2359",
    "1900-03-01T00:00:00Z",
    "2000-02-29T12:00:00.500Z",
    "2023-12-31T19:00:00-0500",
];
const BAD_DATETIMES: [&str; 9] = [
    "2023-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-01-01T24:00:00Z",
    "2024-01-01T00:00:60Z",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00:00+2400",
    "2024-01-01T00:00:00.1Z",
    "20240101",
];
const DURATIONS: [&str; 9] =
    ["0ms", "1d2h3m4s5ms", "-1h", "90m", "36h", "106751991167d7h12m55s807ms", "-106751991167d7h12m55s808ms", "1ms", "-1d1ms"];
const BAD_DURATIONS: [&str; 6] = ["", "-", "1h1d", "106751991168d", "1.5h", "9223372036854775808ms"];

/// What policies are about.
pub struct World {
    pub schema: Option<String>,
    pub entities: Value,
    /// Attributes of entities, by their type.
    attributes: Vec<(&'static str, Vec<(&'static str, Kind)>)>,
    context: Vec<(&'static str, Kind)>,
}

impl World {
    /// A world; with a schema all that is in it is as that says.
    pub fn new(random: &mut Random, with_schema: bool) -> World {
        let attributes: Vec<_> = TYPES.iter().map(|ty| (*ty, fields(random, 2))).collect();
        let context = fields(random, 2);
        let mut world = World { schema: None, entities: Value::Null, attributes, context };
        if with_schema {
            world.schema = Some(world.written_schema());
        }
        world.entities = world.make_entities(random);
        world
    }

    fn written_schema(&self) -> String {
        let mut inside = String::new();
        let mut outside = String::new();
        for (ty, fields) in &self.attributes {
            let (place, name) = ty.strip_prefix("Org::").map_or((&mut outside, *ty), |name| (&mut inside, name));
            place.push_str(&format!("entity {name} in [User, Group, Org::Doc, Org::Folder] {{ {} }} tags Set<String>;\n", written(fields)));
        }
        let context = written(&self.context);
        let applies = format!("appliesTo {{ principal: [User, Group], resource: [Org::Doc, Org::Folder, User], context: {{ {context} }} }}");
        format!("{outside}\naction \"all actions\" {applies};\naction view, edit in [\"all actions\"] {applies};\nnamespace Org {{\n{inside}}}\n")
    }

    fn make_entities(&self, random: &mut Random) -> Value {
        let mut entities = Vec::new();
        let mut earlier: Vec<Value> = Vec::new();
        for (ty, fields) in &self.attributes {
            for id in IDS {
                if random.chance(25) {
                    continue;
                }
                let uid = json!({"type": ty, "id": id});
                let parents: Vec<Value> = earlier.iter().filter(|_| random.chance(12)).cloned().collect();
                let tagged: Vec<&str> = NAMES.into_iter().filter(|_| random.chance(20)).collect();
                let tags: Map<String, Value> = tagged.into_iter().map(|name| (name.to_owned(), json!([random.pick(&TEXTS)]))).collect();
                entities.push(json!({"uid": uid, "attrs": self.values(random, fields), "parents": parents, "tags": tags}));
                earlier.push(uid);
            }
        }
        if self.schema.is_none() {
            let all = json!({"type": "Action", "id": "all actions"});
            entities.push(json!({"uid": {"type": "Action", "id": "view"}, "attrs": {}, "parents": [all]}));
        }
        Value::Array(entities)
    }

    fn values(&self, random: &mut Random, fields: &[(&'static str, Kind)]) -> Map<String, Value> {
        let mut out = Map::new();
        for (name, kind) in fields {
            if random.chance(75) {
                let kind = if self.schema.is_none() && random.chance(15) { any_kind(random, 1) } else { kind.clone() };
                out.insert((*name).to_owned(), json_value(random, &kind));
            }
        }
        out
    }

    /// Values of the context: with a schema they need not say what they are.
    fn context_values(&self, random: &mut Random) -> Map<String, Value> {
        let mut values = self.values(random, &self.context);
        if self.schema.is_some() && random.chance(50) {
            for (name, kind) in &self.context {
                if let Some(value) = values.get_mut(*name) {
                    leave_out(random, kind, value);
                }
            }
        }
        values
    }

    /// A request.
    pub fn request(&self, random: &mut Random) -> Value {
        let entity = |random: &mut Random, types: &[&str]| json!({"type": random.pick(types), "id": random.pick(&IDS)});
        json!({
            "principal": entity(random, &["User", "Group"]),
            "action": {"type": "Action", "id": random.pick(&ACTIONS)},
            "resource": entity(random, &["Org::Doc", "Org::Folder", "User"]),
            "context": self.context_values(random),
        })
    }

    /// A set of policies.
    pub fn policies(&self, random: &mut Random) -> String {
        let mut out = String::new();
        for number in 0..1 + random.below(4) {
            let effect = if number == 0 || random.chance(60) { "permit" } else { "forbid" };
            out.push_str(&format!("{effect} ({}, {}, {})\n", self.scope(random, "principal"), action_scope(random), self.scope(random, "resource")));
            for _ in 0..random.below(3) {
                let word = if random.chance(70) { "when" } else { "unless" };
                out.push_str(&format!("{word} {{ {} }}\n", self.expr(random, &Kind::Bool, 4)));
            }
            out.push_str(";\n");
        }
        out
    }

    fn scope(&self, random: &mut Random, variable: &str) -> String {
        match random.below(12) {
            0 => format!("{variable} == {}", entity(random, None)),
            1 => format!("{variable} in {}", entity(random, None)),
            2 => format!("{variable} is {}", random.pick(&TYPES)),
            3 => format!("{variable} is {} in {}", random.pick(&TYPES), entity(random, None)),
            _ => variable.to_owned(),
        }
    }

    /// An expression of a kind, now and then of another.
    fn expr(&self, random: &mut Random, kind: &Kind, depth: usize) -> String {
        if random.chance(3) {
            let other = any_kind(random, 1);
            return self.expr_of(random, &other, depth.min(1));
        }
        self.expr_of(random, kind, depth)
    }

    fn expr_of(&self, random: &mut Random, kind: &Kind, depth: usize) -> String {
        if depth == 0 {
            return self.leaf(random, kind);
        }
        match random.below(10) {
            0 => {
                let (test, then, otherwise) =
                    (self.expr(random, &Kind::Bool, depth - 1), self.expr(random, kind, depth - 1), self.expr(random, kind, depth - 1));
                format!("(if {test} then {then} else {otherwise})")
            }
            1 => self.path(random, kind, depth - 1),
            2 => {
                let value = self.expr(random, kind, depth - 1);
                format!("{{\"k\": {value}, \"odd key\": {}}}[\"k\"]", self.leaf(random, &Kind::Long))
            }
            _ => self.operation(random, kind, depth - 1),
        }
    }

    fn operation(&self, random: &mut Random, kind: &Kind, depth: usize) -> String {
        let long = |random: &mut Random| self.expr(random, &Kind::Long, depth);
        let datetime = |random: &mut Random| self.expr(random, &Kind::Datetime, depth);
        let duration = |random: &mut Random| self.expr(random, &Kind::Duration, depth);
        match kind {
            Kind::Bool => self.test(random, depth),
            Kind::Long => match random.below(6) {
                0 => format!("({} + {})", long(random), long(random)),
                1 => format!("({} - {})", long(random), long(random)),
                2 => format!("({} * {})", long(random), long(random)),
                3 => format!("(-{})", long(random)),
                4 => format!("{}.{}()", duration(random), random.pick(&["toMilliseconds", "toSeconds", "toMinutes", "toHours", "toDays"])),
                _ => self.leaf(random, kind),
            },
            Kind::Datetime => match random.below(4) {
                0 => format!("{}.offset({})", datetime(random), duration(random)),
                1 => format!("{}.toDate()", datetime(random)),
                _ => self.leaf(random, kind),
            },
            Kind::Duration => match random.below(4) {
                0 => format!("{}.durationSince({})", datetime(random), datetime(random)),
                1 => format!("{}.toTime()", datetime(random)),
                _ => self.leaf(random, kind),
            },
            Kind::Set(element) => {
                let elements: Vec<String> = (0..random.below(4)).map(|_| self.expr(random, element, depth.min(1))).collect();
                format!("[{}]", elements.join(", "))
            }
            Kind::Record(fields) => {
                let fields: Vec<String> = fields.iter().map(|(name, kind)| format!("{name:?}: {}", self.expr(random, kind, depth.min(1)))).collect();
                format!("{{{}}}", fields.join(", "))
            }
            _ => self.leaf(random, kind),
        }
    }

    fn test(&self, random: &mut Random, depth: usize) -> String {
        let bool = |random: &mut Random| self.expr(random, &Kind::Bool, depth);
        let of = |random: &mut Random, kind: Kind| self.expr(random, &kind, depth);
        match random.below(20) {
            0 | 1 => format!("({} && {})", bool(random), bool(random)),
            2 | 3 => format!("({} || {})", bool(random), bool(random)),
            4 => format!("!{}", bool(random)),
            5..=7 => {
                let kind = any_kind(random, 2);
                let other = if random.chance(85) { kind.clone() } else { any_kind(random, 1) };
                format!("({} {} {})", self.expr(random, &kind, depth), random.pick(&["==", "!="]), self.expr(random, &other, depth))
            }
            8 | 9 => {
                let kind = random.pick(&[Kind::Long, Kind::Long, Kind::Datetime, Kind::Duration]).clone();
                format!("({} {} {})", of(random, kind.clone()), random.pick(&["<", "<=", ">", ">="]), of(random, kind))
            }
            10 => {
                let right = if random.chance(50) { of(random, Kind::Entity("")) } else { of(random, Kind::Set(Box::new(Kind::Entity("")))) };
                format!("({} in {right})", of(random, Kind::Entity("")))
            }
            11 => {
                let inside = if random.chance(40) { format!(" in {}", of(random, Kind::Entity(""))) } else { String::new() };
                format!("({} is {}{inside})", of(random, Kind::Entity("")), random.pick(&TYPES))
            }
            12 | 13 => self.presence(random, depth),
            14 => {
                format!("({} like {})", of(random, Kind::Text), random.pick(&["\"*\"", "\"a*\"", "\"a\\*b\"", "\"*é\"", "\"\"", "\"?\"", "\"\\\\\""]))
            }
            15 => {
                let element = any_kind(random, 1);
                let set = Kind::Set(Box::new(element.clone()));
                format!("{}.contains({})", self.expr(random, &set, depth), self.expr(random, &element, depth.min(1)))
            }
            16 => {
                let set = Kind::Set(Box::new(any_kind(random, 1)));
                let (a, b) = (self.expr(random, &set, depth), self.expr(random, &set, depth));
                if random.chance(20) { format!("{a}.isEmpty()") } else { format!("{a}.{}({b})", random.pick(&["containsAll", "containsAny"])) }
            }
            17 => {
                let ip = of(random, Kind::Ip);
                if random.chance(50) {
                    format!("{ip}.isInRange({})", of(random, Kind::Ip))
                } else {
                    format!("{ip}.{}()", random.pick(&["isIpv4", "isIpv6", "isLoopback", "isMulticast"]))
                }
            }
            18 => {
                let method = random.pick(&["lessThan", "lessThanOrEqual", "greaterThan", "greaterThanOrEqual"]);
                format!("{}.{method}({})", of(random, Kind::Decimal), of(random, Kind::Decimal))
            }
            _ => {
                let (entity, name) = (of(random, Kind::Entity("")), random.pick(&NAMES));
                if random.chance(50) {
                    format!("{entity}.hasTag({name:?})")
                } else {
                    format!("({entity}.hasTag({name:?}) && {entity}.getTag({name:?}).contains({}))", of(random, Kind::Text))
                }
            }
        }
    }

    /// Whether something has an attribute, and what then holds of it.
    fn presence(&self, random: &mut Random, depth: usize) -> String {
        let base = match random.below(4) {
            0 => "context".to_owned(),
            1 => self.expr(random, &Kind::Entity(""), depth.min(1)),
            2 => self.leaf(random, &Kind::Record(vec![("level", Kind::Long)])),
            _ => random.pick(&["principal", "resource", "action"]).to_string(),
        };
        let fields: Vec<&(&str, Kind)> =
            if base == "context" { self.context.iter().collect() } else { self.attributes.iter().flat_map(|(_, fields)| fields).collect() };
        if fields.is_empty() || random.chance(15) {
            return if random.chance(30) { format!("({base} has level.flag)") } else { format!("({base} has {:?})", random.pick(&NAMES)) };
        }
        let (name, kind) = (*random.pick(&fields)).clone();
        let read = format!("{base}[{name:?}]");
        let then = match kind {
            Kind::Bool => read,
            Kind::Long => format!("{read} < {}", self.expr(random, &Kind::Long, depth.min(1))),
            Kind::Text => format!("{read} like \"a*\""),
            Kind::Entity(_) => format!("{read} in {}", self.expr(random, &Kind::Entity(""), depth.min(1))),
            Kind::Ip => format!("{read}.isIpv4()"),
            Kind::Decimal => format!("{read}.lessThan({})", self.leaf(random, &Kind::Decimal)),
            other => format!("{read} == {}", self.expr(random, &other, depth.min(1))),
        };
        format!("({base} has {name:?} && {then})")
    }

    /// An attribute of that kind, of the context or an entity.
    fn path(&self, random: &mut Random, kind: &Kind, depth: usize) -> String {
        let same = |other: &Kind| std::mem::discriminant(kind) == std::mem::discriminant(other);
        let mut paths: Vec<String> = self.context.iter().filter(|(_, kind)| same(kind)).map(|(name, _)| format!("context[{name:?}]")).collect();
        for (name, _) in self.attributes.iter().flat_map(|(_, fields)| fields).filter(|(_, kind)| same(kind)) {
            paths.push(format!("{}[{name:?}]", random.pick(&["principal", "resource"])));
            if depth > 0 && random.chance(30) {
                paths.push(format!("{}[{name:?}]", self.expr(random, &Kind::Entity(""), depth.min(1))));
            }
        }
        for (name, other) in self.context.iter().filter_map(|(name, kind)| if let Kind::Record(fields) = kind { Some((name, fields)) } else { None })
        {
            paths.extend(other.iter().filter(|(_, kind)| same(kind)).map(|(inner, _)| format!("context[{name:?}][{inner:?}]")));
        }
        if paths.is_empty() { self.leaf(random, kind) } else { random.pick(&paths).clone() }
    }

    fn leaf(&self, random: &mut Random, kind: &Kind) -> String {
        if random.chance(45) && depth_of(kind) < 2 {
            let path = self.path_or_none(random, kind);
            if let Some(path) = path {
                return path;
            }
        }
        literal(random, kind)
    }

    fn path_or_none(&self, random: &mut Random, kind: &Kind) -> Option<String> {
        let same = |other: &Kind| std::mem::discriminant(kind) == std::mem::discriminant(other);
        let of_context = self.context.iter().filter(|(_, kind)| same(kind)).map(|(name, _)| format!("context[{name:?}]"));
        let of_entities = self.attributes.iter().flat_map(|(_, fields)| fields).filter(|(_, kind)| same(kind));
        let mut paths: Vec<String> = of_context.collect();
        paths.extend(of_entities.map(|(name, _)| format!("{}[{name:?}]", random.pick(&["principal", "resource"]))));
        if paths.is_empty() { None } else { Some(random.pick(&paths).clone()) }
    }
}

fn depth_of(kind: &Kind) -> usize {
    match kind {
        Kind::Set(element) => 1 + depth_of(element),
        Kind::Record(fields) => 1 + fields.iter().map(|(_, kind)| depth_of(kind)).max().unwrap_or_default(),
        _ => 0,
    }
}

fn action_scope(random: &mut Random) -> String {
    match random.below(6) {
        0 => "action == Action::\"edit\"".to_owned(),
        1 => "action in Action::\"all actions\"".to_owned(),
        2 => "action in [Action::\"view\", Action::\"edit\"]".to_owned(),
        _ => "action".to_owned(),
    }
}

fn fields(random: &mut Random, depth: usize) -> Vec<(&'static str, Kind)> {
    let mut names: Vec<&'static str> = NAMES.to_vec();
    (0..3 + random.below(5)).map(|_| (names.remove(random.below(names.len())), any_kind(random, depth))).collect()
}

fn any_kind(random: &mut Random, depth: usize) -> Kind {
    match random.below(if depth == 0 { 8 } else { 10 }) {
        0 => Kind::Bool,
        1 => Kind::Long,
        2 => Kind::Text,
        3 => Kind::Entity(TYPES[random.below(TYPES.len())]),
        4 => Kind::Ip,
        5 => Kind::Decimal,
        6 => Kind::Datetime,
        7 => Kind::Duration,
        8 => Kind::Set(Box::new(any_kind(random, depth - 1))),
        _ => Kind::Record(vec![("level", any_kind(random, depth - 1)), ("odd name", any_kind(random, depth - 1))]),
    }
}

fn written(fields: &[(&'static str, Kind)]) -> String {
    fields.iter().map(|(name, kind)| format!("{name:?}?: {}", type_name(kind))).collect::<Vec<_>>().join(", ")
}

fn type_name(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "Bool".to_owned(),
        Kind::Long => "Long".to_owned(),
        Kind::Text => "String".to_owned(),
        Kind::Entity(ty) => (*ty).to_owned(),
        Kind::Ip => "ipaddr".to_owned(),
        Kind::Decimal => "decimal".to_owned(),
        Kind::Datetime => "datetime".to_owned(),
        Kind::Duration => "duration".to_owned(),
        Kind::Set(element) => format!("Set<{}>", type_name(element)),
        Kind::Record(fields) => format!("{{ {} }}", written(fields)),
    }
}

fn entity(random: &mut Random, ty: Option<&str>) -> String {
    let ty = ty.filter(|ty| !ty.is_empty()).unwrap_or_else(|| *random.pick(&TYPES));
    format!("{ty}::\"{}\"", random.pick(&IDS).escape_debug())
}

fn constructed(random: &mut Random, function: &str, good: &[&str], bad: &[&str]) -> String {
    let text = if random.chance(93) { random.pick(good) } else { random.pick(bad) };
    format!("{function}(\"{text}\")")
}

fn literal(random: &mut Random, kind: &Kind) -> String {
    match kind {
        Kind::Bool => random.pick(&["true", "false"]).to_string(),
        Kind::Long => random.pick(&NUMBERS).to_string(),
        Kind::Text => format!("\"{}\"", random.pick(&TEXTS).escape_debug()),
        Kind::Entity(ty) => match random.below(5) {
            0 => "principal".to_owned(),
            1 => "resource".to_owned(),
            _ => entity(random, Some(ty)),
        },
        Kind::Ip => constructed(random, "ip", &IPS, &BAD_IPS),
        Kind::Decimal => constructed(random, "decimal", &DECIMALS, &BAD_DECIMALS),
        Kind::Datetime => constructed(random, "datetime", &DATETIMES, &BAD_DATETIMES),
        Kind::Duration => constructed(random, "duration", &DURATIONS, &BAD_DURATIONS),
        Kind::Set(element) => {
            let elements: Vec<String> = (0..random.below(4)).map(|_| literal(random, element)).collect();
            format!("[{}]", elements.join(", "))
        }
        Kind::Record(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, kind)| format!("{name:?}: {}", literal(random, kind))).collect();
            format!("{{{}}}", fields.join(", "))
        }
    }
}

fn json_value(random: &mut Random, kind: &Kind) -> Value {
    let mut extension = |function: &str, texts: &[&str]| json!({"__extn": {"fn": function, "arg": random.pick(texts)}});
    match kind {
        Kind::Ip => extension("ip", &IPS),
        Kind::Decimal => extension("decimal", &DECIMALS),
        Kind::Datetime => extension("datetime", &DATETIMES),
        Kind::Duration => extension("duration", &DURATIONS),
        Kind::Bool => json!(random.chance(50)),
        Kind::Long => json!(random.pick(&NUMBERS)),
        Kind::Text => json!(random.pick(&TEXTS)),
        Kind::Entity(ty) => json!({"__entity": {"type": ty, "id": random.pick(&IDS)}}),
        Kind::Set(element) => (0..random.below(4)).map(|_| json_value(random, element)).collect(),
        Kind::Record(fields) => {
            let chosen: Vec<_> = fields.iter().filter(|_| random.chance(80)).collect();
            Value::Object(chosen.into_iter().map(|(name, kind)| ((*name).to_owned(), json_value(random, kind))).collect())
        }
    }
}

/// Leaves out what a value is, where its type says so.
fn leave_out(random: &mut Random, kind: &Kind, value: &mut Value) {
    match (kind, &mut *value) {
        (Kind::Set(element), Value::Array(elements)) => elements.iter_mut().for_each(|value| leave_out(random, element, value)),
        (Kind::Record(fields), Value::Object(values)) => {
            for (name, kind) in fields {
                values.get_mut(*name).into_iter().for_each(|value| leave_out(random, kind, value));
            }
        }
        (Kind::Entity(_), _) if random.chance(60) => *value = value["__entity"].take(),
        (Kind::Ip | Kind::Decimal | Kind::Datetime | Kind::Duration, _) if random.chance(60) => *value = value["__extn"]["arg"].take(),
        _ => {}
    }
}
