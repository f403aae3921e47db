//! Requests that a policy set tells apart, made of its text: for every tool the smallest request that fits, for every rule what its conditions ask for,
//! and all of that with values at the boundaries, and so that no stronger rule hides it.
//!
//! Nothing is proved by them: conditions that are not understood are passed over.

mod claim;
mod element;
mod guess;
mod hidden;
mod pattern;
mod reckon;
mod shape;
mod solve;
mod term;
mod text;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use tollgate_evaluator::Engine;
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::{Presence, RecordType, Type};

use self::claim::neighbours;
use self::shape::{Change, Step, What, fields_of};
use self::solve::{Env, MAX_WAYS, State, inner};
use crate::check::glob::{is_pattern, may_mean};
use crate::check::symbols::name_of;
use crate::check::tools::{default_facts, split};
use crate::diagnostic::FileId;
use crate::program::{Expr, Program, Rule};
use crate::set::PolicySet;
use crate::syntax::ast::ItemKind;

/// How many conjuncts of a rule are made false, one at a time.
const MAX_CONJUNCTS: usize = 16;
/// How many pairs of changes are made of one request.
const MAX_PAIRS: usize = 400;
/// How many pairs of rules are looked at.
const MAX_RULE_PAIRS: usize = 2_000;
/// How many fields of a tool's request are changed, and how deep.
const MAX_FIELDS: usize = 200;
const MAX_FIELD_DEPTH: usize = 4;
/// How many tools and how many rules requests are made for.
const MAX_TOOLS: usize = 1_000;
const MAX_RULES: usize = 10_000;
/// A tool that nothing names.
const UNNAMED: &str = "unnamed/unnamed";

/// Requests made of a policy set.
pub struct Imagined<'p> {
    world: World<'p>,
    /// Says which rules a request meets.
    engine: Engine,
    /// One for each tool, then one for each rule.
    seeds: Vec<Seed>,
}

/// What is known of the set.
struct World<'p> {
    program: &'p Program,
    /// The values that are bound.
    data: Vec<Option<Kept>>,
    tools: Vec<Tool>,
}

/// A tool that requests call.
struct Tool {
    name: Arc<str>,
    /// What its declaration says of it.
    facts: Vec<Kept>,
    /// The type of its requests.
    ty: Type,
    /// The smallest one.
    request: Value,
}

/// A part of a tool's name.
#[derive(Clone, Copy)]
enum Part {
    Name,
    Server,
}

/// Requests about one thing, and changes that may tell.
struct Seed {
    /// What they are about: the rule, and what it reads, or the tool; by their full names.
    about: BTreeSet<Arc<str>>,
    rule: Option<usize>,
    ways: Vec<State>,
    /// Those of the ways that stronger rules hide, without these.
    shown: OnceLock<Vec<State>>,
    changes: Vec<Change>,
}

/// Looks for requests; see [`solve`].
struct Solver<'w> {
    program: &'w Program,
    data: &'w [Option<Kept>],
    tools: &'w [Tool],
    depth: Cell<usize>,
    work: Cell<usize>,
    /// Changes that conditions may tell.
    met: RefCell<Vec<Change>>,
    /// What has been read.
    read: RefCell<BTreeSet<Arc<str>>>,
}

/// Whoever is given requests, until it has enough.
pub type Visit<'v> = &'v mut dyn FnMut(String) -> ControlFlow<()>;

impl<'p> Imagined<'p> {
    /// Requests of a set without errors, over the data of an engine; of those tools too.
    pub fn new(set: &'p PolicySet, engine: &Engine, others: &[String]) -> Imagined<'p> {
        let program = set.program();
        let value = |name: &str| engine.data_value(name).ok().flatten().map(|value| Kept::clone(&value));
        let mut world = World { program, data: program.data.iter().map(|data| value(&data.name)).collect(), tools: Vec::new() };
        world.tools = world.named_tools(others);
        let tools = (0..world.tools.len()).map(|tool| world.of_tool(tool));
        let rules = program.rules.iter().enumerate().take(MAX_RULES).map(|(place, rule)| world.of_rule(place, rule));
        let seeds = tools.chain(rules).collect();
        Imagined { world, engine: engine.fork(), seeds }
    }

    /// The tools that they call.
    pub fn tools(&self) -> Vec<String> {
        self.world.tools.iter().map(|tool| tool.name.to_string()).collect()
    }

    /// Calls back with the requests: those that are about certain things, by their full names, first.
    pub fn visit(&self, is_near: impl Fn(&str) -> bool, visit: Visit<'_>) -> ControlFlow<()> {
        let (near, far): (Vec<&Seed>, Vec<&Seed>) = self.seeds.iter().partition(|seed| seed.about.iter().any(|name| is_near(name)));
        let all: Vec<&Seed> = near.iter().chain(&far).copied().collect();
        self.shown_at_all(&near, visit)?;
        self.as_they_are(&all, visit)?;
        self.changed_once(&near, visit)?;
        self.changed_twice(&near, visit)?;
        self.of_two_rules(&all, visit)?;
        self.shown_at_all(&far, visit)?;
        self.changed_once(&far, visit)?;
        self.changed_twice(&far, visit)
    }

    /// Calls back with given requests in which stands what conditions about certain things ask for, one or two places changed.
    pub fn vary(&self, requests: &[&[u8]], is_near: impl Fn(&str) -> bool, visit: Visit<'_>) -> ControlFlow<()> {
        let near: Vec<&Seed> = self.seeds.iter().filter(|seed| seed.about.iter().any(|name| is_near(name))).collect();
        for request in requests {
            let Ok(request) = serde_json::from_slice::<Value>(request) else { continue };
            let ty = self.world.type_of(&request);
            for seed in &near {
                singles(&self.world.solver(), &request, &ty, &seed.changes, visit)?;
            }
        }
        for request in requests {
            let Ok(request) = serde_json::from_slice::<Value>(request) else { continue };
            let ty = self.world.type_of(&request);
            for seed in &near {
                pairs(&self.world.solver(), &request, &ty, &seed.changes, visit)?;
            }
        }
        ControlFlow::Continue(())
    }

    fn as_they_are(&self, seeds: &[&Seed], visit: Visit<'_>) -> ControlFlow<()> {
        seeds.iter().flat_map(|seed| &seed.ways).try_for_each(|way| visit(self.world.request(way).0.to_string()))
    }

    fn shown_at_all(&self, seeds: &[&Seed], visit: Visit<'_>) -> ControlFlow<()> {
        seeds.iter().flat_map(|seed| self.shown(seed)).try_for_each(|way| visit(self.world.request(way).0.to_string()))
    }

    fn changed_once(&self, seeds: &[&Seed], visit: Visit<'_>) -> ControlFlow<()> {
        for (seed, way) in seeds.iter().flat_map(|seed| self.first(seed, 2).map(move |way| (seed, way))) {
            let (request, ty) = self.world.request(way);
            singles(&self.world.solver(), &request, ty, &seed.changes, visit)?;
        }
        ControlFlow::Continue(())
    }

    fn changed_twice(&self, seeds: &[&Seed], visit: Visit<'_>) -> ControlFlow<()> {
        for (seed, way) in seeds.iter().filter(|seed| seed.rule.is_some()).flat_map(|seed| self.first(seed, 1).map(move |way| (seed, way))) {
            let (request, ty) = self.world.request(way);
            pairs(&self.world.solver(), &request, ty, &seed.changes, visit)?;
        }
        ControlFlow::Continue(())
    }

    /// So many ways of a seed, and as many of those that nothing hides.
    fn first<'s>(&'s self, seed: &'s Seed, number: usize) -> impl Iterator<Item = &'s State> {
        self.shown(seed).iter().take(number).chain(seed.ways.iter().take(number))
    }

    /// What two rules ask for at once.
    fn of_two_rules(&self, seeds: &[&Seed], visit: Visit<'_>) -> ControlFlow<()> {
        let rules = || seeds.iter().filter_map(|seed| self.world.program.rules.get(seed.rule?).map(|rule| (seed, rule)));
        let pairs = rules().enumerate().flat_map(|(place, (seed, _))| rules().skip(place + 1).map(move |(_, other)| (seed, other)));
        for (seed, other) in pairs.take(MAX_RULE_PAIRS) {
            let Some(way) = seed.ways.first() else { continue };
            for both in self.world.solver().matching(other, way.clone()).into_iter().take(2) {
                visit(self.world.request(&both).0.to_string())?;
            }
        }
        ControlFlow::Continue(())
    }
}

fn singles(solver: &Solver<'_>, request: &Value, ty: &Type, changes: &[Change], visit: Visit<'_>) -> ControlFlow<()> {
    changes.iter().try_for_each(|change| visit(solver.changed(request, ty, [change])))
}

fn pairs(solver: &Solver<'_>, request: &Value, ty: &Type, changes: &[Change], visit: Visit<'_>) -> ControlFlow<()> {
    let pairs = changes.iter().enumerate().flat_map(|(place, one)| changes.iter().skip(place + 1).map(move |other| (one, other)));
    pairs.filter(|(one, other)| one.at != other.at).take(MAX_PAIRS).try_for_each(|(one, other)| visit(solver.changed(request, ty, [one, other])))
}

impl World<'_> {
    fn solver(&self) -> Solver<'_> {
        Solver {
            program: self.program,
            data: &self.data,
            tools: &self.tools,
            depth: Cell::default(),
            work: Cell::default(),
            met: RefCell::default(),
            read: RefCell::default(),
        }
    }

    /// The tools that are declared, that rules name or hold by a pattern, and one that nothing names.
    fn named_tools(&self, others: &[String]) -> Vec<Tool> {
        let named = self.program.rules.iter().flat_map(|rule| &rule.on).map(|entry| filled(entry));
        let declared = self.program.tools.iter().map(|tool| tool.name.to_string());
        let mut names: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for name in declared.chain(named).chain(others.iter().cloned()).chain([UNNAMED.to_owned()]) {
            if names.len() < MAX_TOOLS && seen.insert(name.clone()) {
                names.push(name);
            }
        }
        names.into_iter().map(|name| self.tool(name.into())).collect()
    }

    fn tool(&self, name: Arc<str>) -> Tool {
        let declared = self.program.tools.iter().find(|tool| tool.name == name);
        let args = declared.and_then(|tool| tool.args.clone());
        let mut fields = self.program.input.fields.clone();
        if let (Some(args), Some(field)) = (args, self.program.args_field.and_then(|place| fields.get_mut(place))) {
            field.ty = Type::Record(args);
            field.presence = Presence::Required;
        }
        let ty = Type::Record(Arc::new(RecordType::new(None, fields, self.program.input.closed)));
        let mut request = json!({});
        let solver = self.solver();
        if let Type::Record(record) = &ty {
            request = solver.sample_of_record(record, 0);
        }
        if let Some(field) = self.program.tool_field.and_then(|place| self.program.input.fields.get(place)) {
            let (server, own) = split(&name);
            let parts = [("name", Some(own)), ("server", server)].into_iter();
            for (part, text) in parts.filter_map(|(part, text)| Some((part, text?))) {
                let at = vec![Step::Field(field.name.clone()), Step::Field(part.into())];
                solver.apply(&mut request, &ty, &Change { at, what: What::Put(Kept::Str(text.into())) });
            }
        }
        let facts = declared.map_or_else(|| default_facts(false), |tool| tool.facts.clone());
        Tool { name, facts, ty, request }
    }

    /// The request that a way makes, and its type.
    fn request(&self, way: &State) -> (Value, &Type) {
        let Some(tool) = self.tools.get(way.tool.unwrap_or(0)) else { return (Value::Null, &Type::Json) };
        let mut request = tool.request.clone();
        let solver = self.solver();
        way.changes.iter().for_each(|change| solver.apply(&mut request, &tool.ty, change));
        (request, &tool.ty)
    }

    /// The type of a request, by the tool that it calls.
    fn type_of(&self, request: &Value) -> Type {
        let field = self.program.tool_field.and_then(|place| self.program.input.fields.get(place));
        let called = field.and_then(|field| request.get(&*field.name));
        let text = |part| called.and_then(|called| called.get(part)).and_then(Value::as_str).unwrap_or_default();
        let is_called = |tool: &&Tool| {
            let (server, own) = split(&tool.name);
            own == text("name") && server.is_none_or(|server| server == text("server"))
        };
        self.tools.iter().find(is_called).map_or_else(|| Type::Record(self.program.input.clone()), |tool| tool.ty.clone())
    }

    /// The smallest request of a tool, and values at the boundaries of its types.
    fn of_tool(&self, place: usize) -> Seed {
        let (solver, mut fields) = (self.solver(), MAX_FIELDS);
        let tool = self.tools.get(place);
        if let Some(Tool { ty: Type::Record(record), name, .. }) = tool {
            solver.note(name);
            solver.fields(record, &[], 0, &mut fields);
        }
        let ways = vec![State { tool: Some(place), ..State::default() }];
        Seed { about: solver.read.take(), rule: None, ways, shown: OnceLock::new(), changes: solver.met.take() }
    }

    /// Requests that a rule matches, and such that one of its conditions keeps it from that.
    fn of_rule(&self, place: usize, rule: &Rule) -> Seed {
        let solver = self.solver();
        solver.note(&rule.name);
        let mut ways = solver.matching(rule, State::default());
        for false_one in 0..rule.when.len().min(MAX_CONJUNCTS) {
            solver.work.set(0);
            ways.extend(solver.meeting(rule, Some(false_one), false, State::default()).into_iter().take(2));
        }
        if rule.unless.is_some() {
            solver.work.set(0);
            ways.extend(solver.meeting(rule, None, true, State::default()).into_iter().take(2));
        }
        Seed { about: solver.read.take(), rule: Some(place), ways, shown: OnceLock::new(), changes: solver.met.take() }
    }
}

impl Tool {
    fn part(&self, part: Part) -> Kept {
        let (server, own) = split(&self.name);
        Kept::Str(match part {
            Part::Name => own.into(),
            Part::Server => server.unwrap_or_default().into(),
        })
    }
}

impl Solver<'_> {
    /// Ways for a rule to match.
    fn matching(&self, rule: &Rule, state: State) -> Vec<State> {
        self.meeting(rule, None, false, state)
    }

    /// Ways for the conditions of a rule to be true, but for one, and for its exception to be so or not.
    fn meeting(&self, rule: &Rule, false_one: Option<usize>, unless: bool, state: State) -> Vec<State> {
        let mut found: Vec<State> = Vec::new();
        for (state, env) in self.begun(rule, state) {
            let mut ways = vec![state];
            for (place, condition) in rule.when.iter().enumerate() {
                ways = self.each_way(ways, &condition.expr, false_one != Some(place), &env);
            }
            if let Some(condition) = &rule.unless {
                ways = self.each_way(ways, &condition.expr, unless, &env);
            }
            found.extend(ways);
        }
        found.truncate(2 * MAX_WAYS);
        found
    }

    fn each_way(&self, ways: Vec<State>, condition: &Expr, wanted: bool, env: &Env) -> Vec<State> {
        let mut next: Vec<State> = ways.into_iter().flat_map(|way| self.solve(condition, wanted, env, way)).collect();
        next.truncate(MAX_WAYS);
        next
    }

    /// The tools of a rule, with what its choices may be.
    fn begun(&self, rule: &Rule, state: State) -> Vec<(State, Env)> {
        let is_meant = |tool: &Tool| rule.on.iter().any(|entry| may_mean(entry, &tool.name) && (!is_pattern(entry) || &*tool.name != UNNAMED));
        let states = if rule.on.is_empty() { vec![state] } else { self.with_tool(is_meant, state) };
        let envs = self.chosen(rule);
        states.into_iter().flat_map(|state| envs.iter().map(move |env| (state.clone(), env.clone()))).collect()
    }

    /// What the choices of a rule may be.
    fn chosen(&self, rule: &Rule) -> Vec<Env> {
        let mut envs = vec![Env::new()];
        for choice in &rule.choices {
            envs = envs
                .into_iter()
                .flat_map(|env| {
                    let meanings = self.choices(&choice.source, &env);
                    let with: Vec<Env> = meanings.into_iter().map(|meaning| self.bound(&env, choice.local, Some(meaning))).collect();
                    if with.is_empty() { vec![env] } else { with }
                })
                .take(MAX_WAYS)
                .collect();
        }
        envs
    }

    fn changed<'c>(&self, request: &Value, ty: &Type, changes: impl IntoIterator<Item = &'c Change>) -> String {
        let mut request = request.clone();
        changes.into_iter().for_each(|change| self.apply(&mut request, ty, change));
        request.to_string()
    }

    /// Notes the changes of a record's fields that its type tells: present and absent, at the boundaries of refinements, one that it does not have.
    fn fields(&self, record: &RecordType, at: &[Step], depth: usize, left: &mut usize) {
        let env: Env = fields_of(record, at).collect();
        record.name.iter().for_each(|name| self.note(name));
        let under = |name: &Arc<str>| [at, &[Step::Field(name.clone())]].concat();
        for field in &record.fields {
            if *left == 0 || depth > MAX_FIELD_DEPTH {
                return;
            }
            *left -= 1;
            let at = under(&field.name);
            self.meet(Change { at: at.clone(), what: What::Present });
            match &field.presence {
                Presence::Required => {}
                Presence::Optional => self.meet(Change { at: at.clone(), what: What::Absent }),
                Presence::Default(value) => {
                    neighbours(value).into_iter().for_each(|value| self.meet(Change { at: at.clone(), what: What::Put(value) }))
                }
            }
            if let Some(refinement) = field.refinement.and_then(|refinement| self.program.refinements.get(refinement as usize)) {
                [true, false].into_iter().for_each(|wanted| drop(self.solve(&refinement.condition, wanted, &env, State::default())));
            }
            match &field.ty {
                Type::Record(inner) => self.fields(inner, &at, depth + 1, left),
                Type::Enum(ty) => {
                    let variants = ty.variants.iter().take(MAX_WAYS);
                    variants.for_each(|name| self.meet(Change { at: at.clone(), what: What::Put(Kept::Enum(name.clone(), 0)) }));
                }
                ty => {
                    if let Type::Record(element) = inner(ty) {
                        self.fields(element, &[at.as_slice(), &[Step::Element(0)]].concat(), depth + 1, left);
                    }
                }
            }
        }
        self.meet(Change { at: under(&"unnamed".into()), what: What::Present });
    }
}

/// The names of what differs between two sets, or is in one of them alone: of items, and of tools.
pub fn changed_names(old: &PolicySet, new: &PolicySet) -> HashSet<String> {
    let items = |set: &PolicySet| -> BTreeMap<String, String> {
        let files = (0..).map(FileId).take(set.own_files());
        let of_file = |file: FileId| {
            set.items(file).filter_map(move |at| {
                let item = at.item?;
                let name = match &item.kind {
                    ItemKind::Tool(tool) => tool.name.text.to_string(),
                    _ => format!("{}.{}", set.package(file), name_of(item)?.text),
                };
                Some((name, at.at(item.span).of(set.sources().text(file)).to_owned()))
            })
        };
        files.flat_map(of_file).collect()
    };
    let (old, new) = (items(old), items(new));
    old.keys().chain(new.keys()).filter(|name| old.get(*name) != new.get(*name)).cloned().collect()
}

/// The name of a tool that an entry of `on` holds.
fn filled(entry: &str) -> String {
    pattern::of_glob(entry).into_iter().next().unwrap_or_default()
}

#[cfg(test)]
mod tests;
