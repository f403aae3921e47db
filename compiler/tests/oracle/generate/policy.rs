//! The items of a policy.

use super::constants;
use super::expr::{Function, Level, Place, Writer};
use super::schema::{self, Field, Presence, Record, Schema, Ty};
use super::scope::Scope;
use super::{MAIN, OTHER};
use crate::random::Random;

/// What is known while a policy is written.
struct Author<'a> {
    random: &'a mut Random,
    schema: Schema,
    functions: Vec<Function>,
    identities: Vec<Ty>,
    variables: usize,
    /// Constants, `let`s and scores: what later items may read.
    values: Vec<(String, Ty)>,
    /// Obligations: name, parameters with whether they may be left out.
    obligations: Vec<(String, Vec<(Ty, bool)>)>,
    items: Vec<(&'static str, String)>,
}

/// A schema and the items of a policy over it, each with its package.
pub fn generate(random: &mut Random) -> (Schema, Vec<(&'static str, String)>) {
    let schema = schema::generate(random);
    let mut author = Author {
        random,
        schema,
        functions: Vec::new(),
        identities: Vec::new(),
        variables: 0,
        values: Vec::new(),
        obligations: Vec::new(),
        items: Vec::new(),
    };
    author.constants();
    author.refinements();
    author.definitions();
    author.scores();
    author.definitions();
    author.declare_obligations();
    author.default();
    let packages: &[&'static str] = if author.random.chance(25) { &[MAIN, OTHER] } else { &[MAIN] };
    for package in packages {
        author.rules(package);
    }
    author.identities();
    let Author { schema, mut items, .. } = author;
    items.extend(schema.items().into_iter().map(|item| (MAIN, item)));
    (schema, items)
}

/// What stands before a name of the main package.
fn prefix(package: &str) -> &'static str {
    if package == MAIN { "" } else { "pk." }
}

impl Author<'_> {
    fn add(&mut self, package: &'static str, item: String) {
        let doc = if self.random.chance(8) { "/// What it is for: a \"thing\" {x}.\n" } else { "" };
        let comment = if self.random.chance(8) { "// A remark.\n" } else { "" };
        self.items.push((package, format!("{comment}{doc}{item}")));
    }

    /// What every expression of a package may read, but `args`.
    fn base(&self, package: &str) -> Scope {
        let mut scope = Scope::default();
        for field in self.schema.records[self.schema.input].fields.iter().filter(|field| field.name != "args") {
            scope.add(&self.schema, &field.name, &field.read());
        }
        for (name, ty, _) in &self.schema.data {
            scope.add(&self.schema, &format!("{}{name}", prefix(package)), ty);
        }
        for (name, ty) in &self.values {
            scope.add(&self.schema, &format!("{}{name}", prefix(package)), ty);
        }
        scope
    }

    /// The same with `args` of that type.
    fn scope(&self, package: &str, args: &Ty) -> Scope {
        let mut scope = self.base(package);
        scope.add(&self.schema, "args", args);
        scope
    }

    /// Writes expressions in a scope.
    fn write<T>(&mut self, package: &str, scope: Scope, work: impl FnOnce(&mut Writer<'_>) -> T) -> T {
        let mut writer = Writer {
            random: self.random,
            schema: &self.schema,
            scope,
            functions: &self.functions,
            package: prefix(package),
            identities: &mut self.identities,
            constants_only: false,
            variables: &mut self.variables,
        };
        work(&mut writer)
    }

    fn constants(&mut self) {
        for number in 0..self.random.within(0, 2) {
            let ty = self.random.pick(&[Ty::Int, Ty::Text, Ty::Decimal]).clone();
            let mut value = constants::literal(self.random, &self.schema, &ty);
            if ty == Ty::Decimal && value.parse::<i64>().is_ok() {
                value.push_str(".0");
            }
            self.values.push((format!("c_{number}"), ty));
            self.add(MAIN, format!("let c_{number} = {value}"));
        }
    }

    /// Conditions of fields, which see their record and constants.
    fn refinements(&mut self) {
        for record in 0..self.schema.records.len() {
            let Record { fields, standard, .. } = self.schema.records[record].clone();
            if standard && !(record == self.schema.input && self.schema.own_input) {
                continue;
            }
            for (place, field) in fields.iter().enumerate() {
                if self.random.chance(12) && is_name(&field.name) && field.name != "tool" && field.name != "args" {
                    let condition = self.refinement(&fields, field);
                    self.schema.records[record].fields[place].refinement = Some(condition);
                }
            }
        }
    }

    fn refinement(&mut self, fields: &[Field], refined: &Field) -> String {
        let mut scope = Scope::default();
        for field in fields.iter().filter(|field| is_name(&field.name)) {
            let ty = if field.name == refined.name { field.ty.clone() } else { field.read() };
            scope.add(&self.schema, &field.name, &ty);
        }
        for (name, ty) in self.values.clone() {
            scope.add(&self.schema, &name, &ty);
        }
        self.write(MAIN, scope, |writer| {
            writer.constants_only = true;
            let mild = writer.condition(1);
            // Most requests should fit: a refinement that seldom holds is made one that mostly does.
            let own = writer.fit(mild, Level::And);
            if writer.random.chance(60) { format!("{own} or {} != {}", writer.random.below(4), 9) } else { own }
        })
    }

    /// `let`s and `fn`s over what there is.
    fn definitions(&mut self) {
        for _ in 0..self.random.within(0, 2) {
            let number = self.values.len();
            let ty = self.value_type();
            let args = self.input_args();
            let typed = self.random.chance(50);
            let place = if typed { Place::Typed } else { Place::Untyped };
            let scope = self.scope(MAIN, &args);
            let value = self.write(MAIN, scope, |writer| writer.expr(&ty, 3, place));
            let annotation = if typed { format!(": {}", self.schema.text(&ty)) } else { String::new() };
            self.add(MAIN, format!("let l_{number}{annotation} = {}", value.text));
            self.values.push((format!("l_{number}"), ty));
        }
        for _ in 0..self.random.within(0, 2) {
            self.function();
        }
    }

    fn function(&mut self) {
        let number = self.functions.len();
        let params: Vec<Ty> = (0..self.random.within(0, 2)).map(|_| self.value_type()).collect();
        let result = self.value_type();
        let args = self.input_args();
        let mut scope = self.scope(MAIN, &args);
        let mut written = Vec::new();
        for (place, ty) in params.iter().enumerate() {
            let name = format!("p{number}_{place}");
            scope.add(&self.schema, &name, ty);
            written.push(format!("{name}: {}", self.schema.text(ty)));
        }
        let body = self.write(MAIN, scope, |writer| writer.expr(&result, 2, Place::Typed));
        let item = format!("fn f_{number}({}) -> {} = {}", written.join(", "), self.schema.text(&result), body.text);
        self.add(MAIN, item);
        self.functions.push(Function { name: format!("f_{number}"), params, result });
    }

    fn value_type(&mut self) -> Ty {
        let scope = self.base(MAIN);
        match self.random.below(6) {
            0 => Ty::Bool,
            1 => Ty::Int,
            2 | 3 => self.random.pick(scope.paths()).1.clone(),
            _ => schema::scalar_type(self.random, &self.schema),
        }
    }

    /// The type that the input gives `args`.
    fn input_args(&self) -> Ty {
        let fields = &self.schema.records[self.schema.input].fields;
        fields.iter().find(|field| field.name == "args").map_or(Ty::Json, Field::read)
    }

    fn scores(&mut self) {
        for number in 0..self.random.within(0, 2) {
            let args = self.input_args();
            let scope = self.scope(MAIN, &args);
            let parts = self.write(MAIN, scope, |writer| {
                let count = writer.random.within(1, 4);
                (0..count).map(|_| score_part(writer)).collect::<Vec<_>>()
            });
            let (low, high) = *self.random.pick(&[("0", "100"), ("-10", "10"), ("0", "9223372036854775807"), ("5", "5")]);
            // One sorts before the rules, one after them.
            let name = ["b_0", "s_1"][number];
            self.add(MAIN, format!("score {name}: {low}..={high} {{\n  {}\n}}", parts.join(",\n  ")));
            self.values.push((name.into(), Ty::Int));
        }
    }

    fn declare_obligations(&mut self) {
        for number in 0..self.random.within(0, 2) {
            let mut params = Vec::new();
            let mut written = Vec::new();
            for place in 0..self.random.within(0, 3) {
                let ty = if self.random.chance(70) { schema::scalar_type(self.random, &self.schema) } else { self.value_type() };
                let ty = ty.present().clone();
                let (text, optional) = match self.random.below(4) {
                    0 => (format!("a{place}: {} = {}", self.schema.text(&ty), constants::literal(self.random, &self.schema, &ty)), true),
                    1 => (format!("a{place}: {}?", self.schema.text(&ty)), true),
                    _ => (format!("a{place}: {}", self.schema.text(&ty)), false),
                };
                params.push((if text.ends_with('?') { ty.optional() } else { ty }, optional));
                written.push(text);
            }
            self.add(MAIN, format!("obligation ob_{number}({})", written.join(", ")));
            self.obligations.push((format!("ob_{number}"), params));
        }
    }

    fn default(&mut self) {
        let args = self.input_args();
        let scope = self.scope(MAIN, &args);
        let text = self.write(MAIN, scope, |writer| writer.template(1).text);
        match self.random.below(4) {
            0 => self.add(MAIN, format!("default review because {text}")),
            1 => self.add(MAIN, format!("default deny because {text}")),
            _ => {}
        }
    }

    fn identities(&mut self) {
        for (number, ty) in self.identities.clone().into_iter().enumerate() {
            let text = self.schema.text(&ty);
            self.add(MAIN, format!("fn same_{number}(it: {text}) -> {text} = it"));
        }
    }

    fn rules(&mut self, package: &'static str) {
        let scope = self.base(package);
        let popular: Vec<String> = self.write(package, scope, |writer| {
            (0..4)
                .map(|depth| {
                    let condition = writer.condition(depth % 3);
                    writer.fit(condition, Level::Not)
                })
                .collect()
        });
        for number in 0..self.random.within(3, 14) {
            let rule = self.rule(package, number, &popular);
            self.add(package, rule);
        }
        if self.random.chance(12) {
            self.many_rules(package, &popular);
        }
    }

    /// Rules as policies have them by the hundred: a few tests each, which an index can look up.
    fn many_rules(&mut self, package: &'static str, popular: &[String]) {
        for number in 0..self.random.within(20, 60) {
            let effect = self.random.word(&["allow", "review", "deny"]);
            let (on, args) = if self.random.chance(50) { self.on() } else { (None, self.input_args()) };
            let scope = self.scope(package, &args);
            let popular = if self.random.chance(30) { Some(self.random.pick(popular).clone()) } else { None };
            let tests = self.write(package, scope, |writer| {
                let count = writer.random.within(1, 3);
                let mut lookup = |_| {
                    let text = writer.lookup();
                    writer.fit(text, Level::Not)
                };
                let tests = (0..count).map(&mut lookup).chain(popular);
                tests.collect::<Vec<_>>().join(" and ")
            });
            let on = on.map(|on| format!(" {on}")).unwrap_or_default();
            self.add(package, format!("{effect} m_{number}{on} when {tests}"));
        }
    }

    fn rule(&mut self, package: &'static str, number: usize, popular: &[String]) -> String {
        let mut annotations = String::new();
        for (percent, text) in [(12, "@shadow "), (15, "@id(\"X-1\") "), (6, "@severity(\"high\")\n"), (4, "@custom(word, \"text\") ")] {
            if self.random.chance(percent) {
                annotations.push_str(text);
            }
        }
        let effect = self.random.word(&["allow", "allow", "review", "deny"]);
        let (on, args) = self.on();
        let mut clauses = vec![format!("{annotations}{effect} r_{number}")];
        clauses.extend(on);
        let scope = self.scope(package, &args);
        let obligations = self.obligations.clone();
        let rest = self.write(package, scope, |writer| clauses_of(writer, popular, &obligations, effect));
        clauses.extend(rest);
        let separator = if self.random.chance(70) { "\n  " } else { " " };
        clauses.join(separator)
    }

    /// An `on` clause, and the type that it gives `args`.
    fn on(&mut self) -> (Option<String>, Ty) {
        let input = self.input_args();
        if self.random.chance(45) {
            return (None, input);
        }
        let mut names: Vec<String> = self.schema.tools.iter().map(|tool| tool.name.clone()).collect();
        names.extend(["unknown", "x*", "crm/*", "?ead", "*/export", "read"].map(str::to_owned));
        let count = if self.random.chance(65) { 1 } else { 3 };
        let on = self.random.some(&names, 1, count);
        let args = self.args_of(&on).unwrap_or(input);
        let quoted: Vec<String> = on.iter().map(|name| format!("\"{name}\"")).collect();
        (Some(format!("on {}", quoted.join(", "))), args)
    }

    /// The type of `args` where every entry means declared tools that all have an `args` block.
    fn args_of(&mut self, on: &[String]) -> Option<Ty> {
        let mut meant = Vec::new();
        for entry in on {
            let tools = self.tools_meant(entry);
            if tools.is_empty() {
                return None;
            }
            for tool in tools {
                meant.push(self.schema.tools[tool].args?);
            }
        }
        if let [one] = meant.as_slice() {
            return Some(Ty::Record(*one));
        }
        let mut fields: Vec<Field> = Vec::new();
        for field in meant.iter().flat_map(|args| self.schema.records[*args].fields.clone()) {
            let declared: Vec<Field> =
                meant.iter().filter_map(|args| self.schema.records[*args].fields.iter().find(|other| other.name == field.name).cloned()).collect();
            if fields.iter().any(|other| other.name == field.name) || declared.iter().any(|other| other.ty != field.ty) {
                continue;
            }
            let everywhere = declared.len() == meant.len() && declared.iter().all(|other| other.presence != Presence::Optional);
            fields.push(Field::new(&field.name, field.ty, if everywhere { Presence::Required } else { Presence::Optional }));
        }
        Some(Ty::Record(self.schema.add_record(Record { name: None, fields, open: false, standard: true })))
    }

    /// The declared tools that an entry means; none where it is a pattern or one that it means may be undeclared.
    fn tools_meant(&self, entry: &str) -> Vec<usize> {
        let own = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let all = |fits: &dyn Fn(&str) -> bool| (0..self.schema.tools.len()).filter(|tool| fits(&self.schema.tools[*tool].name)).collect::<Vec<_>>();
        let is_declared = !all(&|name| name == entry).is_empty();
        match (is_declared, entry.contains('/')) {
            _ if entry.contains(['*', '?']) => Vec::new(),
            (true, true) => all(&|name| name == entry),
            (true, false) => all(&|name| own(name) == entry),
            (false, true) => all(&|name| name == own(entry)),
            (false, false) => Vec::new(),
        }
    }
}

fn is_name(name: &str) -> bool {
    !["x-id", "when", "Type"].contains(&name)
}

fn score_part(writer: &mut Writer<'_>) -> String {
    let condition = writer.condition(2).text;
    let amount = if writer.random.chance(75) { writer.random.within(0, 60).to_string() } else { writer.expr(&Ty::Int, 1, Place::Typed).text };
    let because = if writer.random.chance(40) { format!(" because {}", writer.template(0).text) } else { String::new() };
    format!("{amount} when {condition}{because}")
}

/// The clauses of a rule after `on`.
fn clauses_of(writer: &mut Writer<'_>, popular: &[String], obligations: &[(String, Vec<(Ty, bool)>)], effect: &str) -> Vec<String> {
    let mut clauses = Vec::new();
    for _ in 0..*writer.random.pick(&[0, 0, 0, 1, 1, 2]) {
        clauses.extend(choice(writer));
    }
    let mut conjuncts = Vec::new();
    for _ in 0..*writer.random.pick(&[0, 1, 1, 2, 2, 3]) {
        conjuncts.push(match writer.random.below(10) {
            0..=3 => writer.random.pick(popular).clone(),
            4 => match writer.proof() {
                Some((test, path, ty)) => {
                    writer.scope.prove(writer.schema, &path, &ty);
                    test
                }
                None => "true".into(),
            },
            _ => writer.operand(&Ty::Bool, 2, Place::Untyped, Level::Not),
        });
    }
    // What is popular may ask with `?.` what was proved since: it comes first.
    conjuncts.sort_by_key(|conjunct| !popular.contains(conjunct));
    if !conjuncts.is_empty() {
        clauses.push(format!("when {}", conjuncts.join(" and ")));
    }
    if writer.random.chance(25) {
        let unless = match writer.proof() {
            Some((_, path, ty)) if writer.random.chance(30) => {
                writer.scope.prove(writer.schema, &path, &ty);
                format!("{path} == none")
            }
            _ => writer.condition(2).text,
        };
        clauses.push(format!("unless {unless}"));
    }
    if writer.random.chance(55) {
        clauses.push(format!("because {}", writer.template(1).text));
    }
    if writer.random.chance(if effect == "deny" { 15 } else { 40 }) {
        let count = writer.random.within(1, 3);
        let required: Vec<String> = (0..count).map(|_| requirement(writer, obligations)).collect();
        clauses.push(format!("require {}", required.join(", ")));
    }
    clauses
}

/// `for x in …`
fn choice(writer: &mut Writer<'_>) -> Option<String> {
    let found = writer.scope.with(|ty| ty.element().is_some() || ty.is_optional() && *ty.present() != Ty::Json);
    if found.is_empty() {
        return None;
    }
    let ty = writer.random.pick(&found).1.clone();
    let source = writer.operand(&ty, 1, Place::Untyped, Level::Or);
    let element = ty.element().unwrap_or(ty.present()).clone();
    *writer.variables += 1;
    let name = format!("w{}", writer.variables);
    writer.scope.add(writer.schema, &name, &element);
    Some(format!("for {name} in {source}"))
}

fn requirement(writer: &mut Writer<'_>, obligations: &[(String, Vec<(Ty, bool)>)]) -> String {
    match writer.random.below(6 + obligations.len()) {
        0 => format!("audit({})", writer.random.word(&["", "\"full\"", "level: \"basic\""])),
        1 => format!("notify(channel: {})", writer.expr(&Ty::Text, 1, Place::Typed).text),
        2 => format!("limit(count: {}, per: 1h)", writer.expr(&Ty::Int, 1, Place::Typed).text),
        3 => format!("approval(from: {{\"security\"}}, within: {})", writer.expr(&Ty::Duration, 1, Place::Typed).text),
        4 => format!("set_arg(\"/a\", {})", writer.expr(&Ty::Json, 1, Place::Typed).text),
        5 => format!("redact({})", writer.template(1).text),
        other => {
            let (name, params) = &obligations[other - 6];
            let mut args = Vec::new();
            for (place, (ty, optional)) in params.iter().enumerate() {
                if !optional || writer.random.chance(50) {
                    args.push(format!("a{place}: {}", writer.expr(ty, 1, Place::Typed).text));
                }
            }
            format!("{}{name}({})", writer.package, args.join(", "))
        }
    }
}
