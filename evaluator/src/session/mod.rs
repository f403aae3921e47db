//! A conversation that the host follows: what its calls were is `session` in the policy.

mod figures;
mod group;
mod tally;
mod total;
mod words;

use tollgate_stdlib::{Arena, Fields, Items, Kept, KeptRecord, Record, Value};

use crate::data::{find_field, read_as};
use crate::decision::{Decision, Effect, field, object, text};
use crate::decode::Given;
use crate::engine::Ask;
use crate::json::Scanner;
use crate::plan::{TypeId, TypeNode, index};
use crate::program::Program;
use crate::{DataError, Engine};

pub(crate) use tally::{Asked, Candidates, Found, Tallies};
pub(crate) use total::Total;

/// A conversation: it decides requests, which bring no `session` of their own, and remembers the calls that were made.
#[derive(Clone, Debug)]
pub struct Session {
    engine: Engine,
    /// The type of a call, where the policy's sessions have calls.
    call: Option<TypeId>,
    history: History,
}

/// What became of a call.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'o> {
    /// The request that was decided: its tool, server, arguments and `context.time` are recorded.
    pub request: &'o [u8],
    /// What was decided of it.
    pub effect: Effect,
    /// What the tool gave, as JSON; `None` where it was not called.
    pub result: Option<&'o [u8]>,
}

/// What a session holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// The session as it was opened; `None` where the policy's input has none, or one that cannot be empty.
    facts: Option<KeptRecord>,
    /// The place of `calls` in it.
    calls_at: Option<usize>,
    pub calls: Vec<Kept>,
    /// What is kept up about the calls.
    pub tallies: Tallies,
}

impl Session {
    /// An empty session. Where the policy's `Session` has required fields, every decision is a deny that names them: see [`Session::open`].
    pub fn new(engine: Engine) -> Session {
        Session::open(engine.clone(), b"{}").unwrap_or(Session { engine, call: None, history: History::default() })
    }

    /// A session that begins with those facts, given as JSON of the policy's type `Session`.
    pub fn open(engine: Engine, facts: &[u8]) -> Result<Session, DataError> {
        let Some(ty) = session_type(engine.program()) else {
            return Ok(Session { engine, call: None, history: History::default() });
        };
        let limits = engine.limits();
        let misfit = |(path, message)| DataError::Misfit { name: "session".into(), path, message };
        let facts = match read_as(engine.program(), &limits, ty, facts).map_err(misfit)? {
            Kept::Record(facts) => Some(facts),
            _ => None,
        };
        let (calls_at, call) = calls_type(engine.program(), ty).unzip();
        let calls = match facts.as_ref().zip(calls_at).and_then(|(facts, place)| facts.values.get(place)) {
            Some(Kept::List(calls)) => calls.to_vec(),
            _ => Vec::new(),
        };
        let mut tallies = Tallies::default();
        tallies.follow(&engine, &calls);
        Ok(Session { engine, call, history: History { facts, calls_at, calls, tallies } })
    }

    /// Decides a request; one that brings a `session` is denied.
    pub fn decide(&self, request: &[u8]) -> Decision {
        let mut decision = Decision::default();
        self.decide_into(request, &mut decision);
        decision
    }

    /// The same into a decision whose memory is used again.
    pub fn decide_into(&self, request: &[u8], decision: &mut Decision) {
        let bound = self.engine.bound();
        self.engine.decide_with(Ask { given: Given::Session(&self.history), ..Ask::new(&bound, Some(request)) }, decision);
    }

    /// Appends a call to `session.calls`, in the form of the policy's type for it; the fields of that type which an outcome does not tell have
    /// their defaults. An error, and nothing recorded, where the request or the result does not fit that type.
    pub fn record(&mut self, outcome: Outcome<'_>) -> Result<(), DataError> {
        let Some(ty) = self.call else { return Ok(()) };
        let limits = self.engine.limits();
        let json = call_json(self.engine.program(), ty, outcome, limits.nesting());
        let call = read_as(self.engine.program(), &limits, ty, json.as_bytes());
        self.history.calls.push(call.map_err(|(path, message)| DataError::Misfit { name: "session.calls".into(), path, message })?);
        self.history.tallies.follow(&self.engine, &self.history.calls);
        Ok(())
    }

    /// How many calls it holds.
    pub fn len(&self) -> usize {
        self.history.calls.len()
    }

    /// Whether it holds no call.
    pub fn is_empty(&self) -> bool {
        self.history.calls.is_empty()
    }
}

impl History {
    /// The session as expressions see it; `None` where there is none.
    pub fn value<'a>(&'a self, arena: &'a Arena) -> Option<Value<'a>> {
        let facts = self.facts.as_ref()?;
        let values = arena.alloc_slice_fill_iter(facts.values.iter().map(Kept::view));
        if let Some(place) = self.calls_at.and_then(|place| values.get_mut(place)) {
            *place = Value::List(Items::Kept(&self.calls));
        }
        Some(Value::Record(Record::Own(arena.alloc(Fields { shape: &facts.shape, values }))))
    }
}

/// The type of the request's `session`.
fn session_type(program: &Program) -> Option<TypeId> {
    let place = program.plan.input.session?;
    match program.plan.types.get(index(program.plan.input.ty))? {
        TypeNode::Record { fields, .. } => fields.get(index(place)).map(|field| field.ty),
        _ => None,
    }
}

/// The place of `calls` in a session, and the type of one.
fn calls_type(program: &Program, session: TypeId) -> Option<(usize, TypeId)> {
    let (place, ty) = find_field(program, session, "calls")?;
    match program.plan.types.get(index(ty))? {
        TypeNode::List(call) => Some((place, *call)),
        _ => None,
    }
}

/// The call as JSON of its type.
fn call_json(program: &Program, ty: TypeId, outcome: Outcome<'_>, depth: usize) -> String {
    let request = std::str::from_utf8(outcome.request).unwrap_or_default();
    let result = outcome.result.map(|result| std::str::from_utf8(result).unwrap_or("\"\\ud800\""));
    let arena = Arena::new();
    let in_request = |path: &[&str]| part(request, path, &arena, depth);
    let mut json = Vec::new();
    object(&mut json, |out| {
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value.filter(|_| find_field(program, ty, name).is_some()) {
                field(out, name, |out| out.extend_from_slice(value.as_bytes()));
            }
        };
        put("tool", in_request(&["tool", "name"]));
        put("server", in_request(&["tool", "server"]));
        put("args", in_request(&["args"]));
        put("result", result);
        put("time", in_request(&["context", "time"]));
        let mut effect = Vec::new();
        text(&mut effect, outcome.effect.name());
        put("effect", std::str::from_utf8(&effect).ok());
    });
    String::from_utf8(json).unwrap_or_default()
}

/// The text of what stands at a path of objects.
fn part<'t>(json: &'t str, path: &[&str], arena: &'t Arena, depth: usize) -> Option<&'t str> {
    let Some((name, rest)) = path.split_first() else { return Some(json) };
    let mut scanner = Scanner::new(json, arena, depth);
    scanner.open(b'{').ok()?;
    let mut first = true;
    while let Some(key) = scanner.next_key(&mut first).ok()? {
        let start = scanner.place();
        scanner.skip().ok()?;
        if key == *name {
            return part(json.get(start..scanner.place())?.trim_end(), rest, arena, depth);
        }
    }
    None
}
