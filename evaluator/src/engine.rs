//! The engine: a policy ready to decide.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tollgate_stdlib::{EvalError, Kept, Value};

use crate::data::{self, Bound, Store};
use crate::decide::{self, decide, explain, explain_rule, explain_scores, find, outlook, refuse_steps};
use crate::decision::{At, Decision};
use crate::decode::{Given, Misfit, Request, decode_request};
use crate::eval::{Machine, Memory};
use crate::plan::{Plan, index};
use crate::program::{Call, Found, Program};
use crate::scratch::with_scratch;
use crate::{DataError, EvaluateError, Explanation, Limits, LoadError, RuleTrace, ToolOutlook};

/// A policy with its data, ready to decide from any number of threads.
///
/// A clone is the same engine: data bound through one is seen through all. [`Engine::fork`] gives one with data of its own.
#[derive(Clone, Debug)]
pub struct Engine {
    program: Arc<Program>,
    data: Arc<Store>,
    limits: Limits,
    indexed: bool,
}

/// What a machine is set up with.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'r> {
    pub bound: &'r Bound,
    pub request: Option<&'r [u8]>,
    pub given: Given<'r>,
    pub params: &'r [Kept],
}

impl<'r> Ask<'r> {
    /// A request that brings everything.
    pub fn new(bound: &'r Bound, request: Option<&'r [u8]>) -> Ask<'r> {
        Ask { bound, request, given: Given::Nothing, params: &[] }
    }
}

/// Why a request is not evaluated.
pub(crate) enum Refusal {
    /// The request is larger than that limit.
    TooLarge(&'static str, String),
    /// The request is no text.
    Unreadable(String),
    /// Data without a default is not bound.
    Unbound(u32),
    /// The request does not fit its types.
    Misfit(Box<Misfit>),
}

impl Refusal {
    fn unbound(data: usize) -> Refusal {
        Refusal::Unbound(u32::try_from(data).unwrap_or(u32::MAX))
    }
}

/// A request that an engine has read: what its rules look at, apart from the bytes.
#[derive(Clone, Debug)]
pub struct Reading {
    engine: Engine,
    slots: Box<[Kept]>,
    call: Call,
    /// The steps that reading has left.
    steps: u64,
}

impl Reading {
    /// Decides the request by the engine that has read it, and the data that are bound now.
    pub fn decide(&self) -> Decision {
        let mut decision = Decision::default();
        self.decide_into(&mut decision);
        decision
    }

    /// The same into a decision whose memory is used again.
    pub fn decide_into(&self, decision: &mut Decision) {
        let Engine { program, data, indexed, .. } = &self.engine;
        let bound = data.load();
        decision.begin(program);
        if let Some(missing) = bound.missing {
            return refuse(decision, Refusal::unbound(missing));
        }
        with_scratch(|arena, stamps, found| {
            let memory = Memory::new(stamps, program.memory_size(), arena);
            let mut machine = Machine::new(program, &bound, arena, memory, self.steps);
            machine.slots = arena.alloc_slice_fill_iter(self.slots.iter().map(Kept::view));
            machine.call = self.call;
            decide(&mut machine, found, *indexed, decision);
        });
    }
}

impl Engine {
    /// An engine for a serialised plan, whoever wrote it: what is damaged or contradicts itself is an error.
    pub fn load(bytes: impl AsRef<[u8]>) -> Result<Engine, LoadError> {
        let (plan, digest) = Plan::read(bytes.as_ref())?;
        Engine::of(plan, digest)
    }

    /// An engine for a plan, which is validated.
    pub fn new(plan: Plan) -> Result<Engine, LoadError> {
        let digest = plan.digest();
        Engine::of(plan, digest)
    }

    fn of(plan: Plan, digest: String) -> Result<Engine, LoadError> {
        let program = Program::new(plan, digest)?;
        let data = Arc::new(ArcSwap::from_pointee(Bound::defaults(&program)));
        Ok(Engine { program: Arc::new(program), data, limits: Limits::default(), indexed: true })
    }

    /// The same engine with other limits.
    pub fn with_limits(self, limits: Limits) -> Engine {
        Engine { limits, ..self }
    }

    /// The same engine without its index: every rule is looked at in every decision. Decisions are equal; tests hold the index to that.
    pub fn without_index(self) -> Engine {
        Engine { indexed: false, ..self }
    }

    /// An engine of the same policy with the same data, whose data can then be replaced apart.
    pub fn fork(&self) -> Engine {
        Engine { data: Arc::new(ArcSwap::new(self.data.load_full())), ..self.clone() }
    }

    /// The limits of each decision.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The digest of the plan: `sha256:` and hexadecimal digits.
    pub fn policy(&self) -> &str {
        &self.program.policy
    }

    /// The plan, its index apart, which the engine has in a form of its own: here every rule is filed under nothing, so that this plan decides as the
    /// engine does, but more slowly, and has another digest than [`Engine::policy`].
    pub fn plan(&self) -> &Plan {
        &self.program.plan
    }

    pub(crate) fn program(&self) -> &Program {
        &self.program
    }

    /// The current version of the data.
    pub(crate) fn bound(&self) -> Arc<Bound> {
        self.data.load_full()
    }

    /// Binds data, given as JSON, under its full name or under its last part where that is unique. Decisions that run do not see it.
    pub fn set_data(&self, name: &str, json: impl AsRef<[u8]>) -> Result<(), DataError> {
        self.set_all([(name, json)])
    }

    /// Binds several data at once: every decision sees all of them or none; none is bound where one does not fit.
    pub fn set_all<N: AsRef<str>, J: AsRef<[u8]>>(&self, data: impl IntoIterator<Item = (N, J)>) -> Result<(), DataError> {
        let read = |(name, json): (N, J)| {
            let place = data::find(&self.program, name.as_ref())?;
            Ok((place, data::read(&self.program, &self.limits, place, json.as_ref())?))
        };
        let changes = data.into_iter().map(read).collect::<Result<Vec<_>, DataError>>()?;
        data::replace(&self.data, &self.program, &changes);
        Ok(())
    }

    /// Binds a value of the data's type as it is; for hosts that compute values, such as test runners.
    pub fn set_value(&self, name: &str, value: Kept) -> Result<(), DataError> {
        let place = data::find(&self.program, name)?;
        data::replace(&self.data, &self.program, &[(place, Arc::new(value))]);
        Ok(())
    }

    /// The value of data that is bound now, by its full name or by its last part where that is unique; `None` where nothing is.
    pub fn data_value(&self, name: &str) -> Result<Option<Arc<Kept>>, DataError> {
        let place = data::find(&self.program, name)?;
        Ok(self.data.load().values.get(place).cloned().flatten())
    }

    /// The full names of data that must be bound before anything but `deny` is decided.
    pub fn unbound(&self) -> Vec<String> {
        let bound = self.data.load();
        let unbound = self.program.plan.data.iter().zip(&bound.values).filter(|(_, value)| value.is_none());
        unbound.map(|(data, _)| data.name.to_string()).collect()
    }

    /// Decides a request, given as JSON. It never fails: what cannot be decided is denied, with an entry in the decision's errors.
    pub fn decide(&self, request: &[u8]) -> Decision {
        let mut decision = Decision::default();
        self.decide_into(request, &mut decision);
        decision
    }

    /// Decides a request as [`Engine::decide`] does, into a decision whose memory is used again: once it has grown, deciding allocates nothing, but
    /// for lists, sets, maps and records among the arguments of obligations.
    pub fn decide_into(&self, request: &[u8], decision: &mut Decision) {
        self.decide_with(Ask::new(&self.data.load(), Some(request)), decision);
    }

    /// Reads a request, to be decided later, or again when the data have changed.
    ///
    /// # Errors
    /// The deny of a request that cannot be read.
    pub fn read(&self, request: &[u8]) -> Result<Reading, Box<Decision>> {
        let read = self.run(Ask::new(&self.data.load(), Some(request)), |machine, _| Reading {
            engine: self.clone(),
            slots: machine.slots.iter().map(|value| Kept::from(*value)).collect(),
            call: machine.call,
            steps: machine.steps,
        });
        read.map_err(|refusal| {
            let mut decision = Decision::default();
            decision.begin(&self.program);
            refuse(&mut decision, refusal);
            Box::new(decision)
        })
    }

    /// Decides requests in order, all of them with the same version of the data.
    pub fn decide_batch<R: AsRef<[u8]>>(&self, requests: &[R]) -> Vec<Decision> {
        let bound = self.data.load();
        let decide = |request: &R| {
            let mut decision = Decision::default();
            self.decide_with(Ask::new(&bound, Some(request.as_ref())), &mut decision);
            decision
        };
        requests.iter().map(decide).collect()
    }

    /// Decides a request, given as any value that serialises to a JSON object.
    #[cfg(feature = "serde_json")]
    pub fn decide_value(&self, request: &impl serde::Serialize) -> Decision {
        match serde_json::to_vec(request) {
            Ok(json) => self.decide(&json),
            Err(error) => self.refuse("", format_args!("the request is no JSON: {error}")),
        }
    }

    /// The deny of a request that a host cannot make, as of one that cannot be decided: where in the request, empty for its root, and what is wrong.
    pub fn refuse(&self, path: &str, message: impl fmt::Display) -> Decision {
        let mut decision = Decision::default();
        decision.begin(&self.program);
        decision.add_problem(At::Path(path), message);
        decision
    }

    pub(crate) fn decide_with(&self, ask: Ask<'_>, decision: &mut Decision) {
        decision.begin(&self.program);
        if let Err(refusal) = self.run(ask, |machine, found| decide(machine, found, self.indexed, decision)) {
            refuse(decision, refusal);
        }
    }

    /// How many rules the index gives for a request, of which those that match are some: what a decision of it looks at. All of them without an index;
    /// `None` where the request cannot be decided.
    pub fn candidates(&self, request: &[u8]) -> Option<usize> {
        let Program { finder, rules, .. } = &*self.program;
        let given = |machine: &mut Machine<'_>, found: &mut Found| {
            find(machine, found, self.indexed);
            found.given(finder, rules)
        };
        self.run(Ask::new(&self.data.load(), Some(request)), given).ok()
    }

    /// Whether the index gives one of these rules, by their full names, for a request: where it does not, they have no part in its decision, as in that of
    /// a request that is refused before any rule.
    pub fn looks_at<N: AsRef<str>>(&self, rules: &[N], request: &[u8]) -> bool {
        let Program { finder, plan, .. } = &*self.program;
        // They are sorted by name.
        let place = |name: &N| plan.rules.binary_search_by(|rule| (*rule.name).cmp(name.as_ref())).ok().and_then(|place| u32::try_from(place).ok());
        let mut rules: Vec<u32> = rules.iter().filter_map(place).collect();
        rules.sort_unstable();
        let gives = |machine: &mut Machine<'_>, found: &mut Found| {
            find(machine, found, self.indexed);
            found.gives(&rules, finder)
        };
        !rules.is_empty() && self.run(Ask::new(&self.data.load(), Some(request)), gives).unwrap_or(false)
    }

    /// The full names of the rules that match a request, sorted: those too that a stronger effect keeps from deciding, and shadow rules. None of a
    /// request that is refused before any rule.
    pub fn matched(&self, request: &[u8]) -> Vec<&str> {
        let matched = self.run(Ask::new(&self.data.load(), Some(request)), |machine, found| decide::matched(machine, found, self.indexed));
        let rules = matched.unwrap_or_default().into_iter().filter_map(|rule| self.program.plan.rules.get(rule as usize));
        let mut names: Vec<&str> = rules.map(|rule| &*rule.name).collect();
        names.sort_unstable();
        names
    }

    /// Runs something on a machine that has read the request, if there is one.
    pub(crate) fn run<R>(&self, ask: Ask<'_>, run: impl for<'a> FnOnce(&mut Machine<'a>, &mut Found) -> R) -> Result<R, Refusal> {
        if let Some(missing) = ask.bound.missing {
            return Err(Refusal::unbound(missing));
        }
        let text = ask.request.map(|bytes| self.text(bytes)).transpose()?;
        with_scratch(|arena, stamps, found| {
            let memory = Memory::new(stamps, self.program.memory_size(), arena);
            let mut machine = Machine::new(&self.program, ask.bound, arena, memory, self.limits.steps);
            machine.params = ask.params;
            machine.history = if let Given::Session(history) = ask.given { Some(history) } else { None };
            if let Some(text) = text {
                let request = Request { text, depth: self.limits.nesting(), given: ask.given };
                decode_request(&mut machine, request).map_err(Refusal::Misfit)?;
            }
            Ok(run(&mut machine, found))
        })
    }

    /// The request as text, within its limit.
    fn text<'r>(&self, request: &'r [u8]) -> Result<&'r str, Refusal> {
        if request.len() > self.limits.input_bytes {
            let message = format!("size limit exceeded: {} bytes, {} are allowed", request.len(), self.limits.input_bytes);
            return Err(Refusal::TooLarge("input_bytes", message));
        }
        std::str::from_utf8(request).map_err(|error| Refusal::Unreadable(format!("expected UTF-8, got other bytes at byte {}", error.valid_up_to())))
    }

    /// Decides a request as [`Engine::decide`] does, and says of every rule what became of it, and what every score is made of. It looks at all rules and is
    /// much slower.
    pub fn explain(&self, request: &[u8]) -> Explanation {
        let bound = self.data.load();
        let mut decision = Decision::default();
        self.decide_with(Ask::new(&bound, Some(request)), &mut decision);
        let steps = self.limits.steps;
        let traces = self
            .run(Ask::new(&bound, Some(request)), |machine, found| (explain(machine, found, self.indexed, steps), explain_scores(machine, steps)));
        let (rules, scores) = traces.unwrap_or_default();
        Explanation { decision, rules, scores }
    }

    /// What becomes of one rule, given by its full name, with the value of every condition, whatever those before it are. `None` where there is no such
    /// rule, or the request is refused before any rule is looked at.
    pub fn explain_rule(&self, rule: &str, request: &[u8]) -> Option<RuleTrace> {
        let rules = &self.program.plan.rules;
        let place = rules.iter().position(|known| *known.name == *rule).and_then(|place| u32::try_from(place).ok())?;
        self.run(Ask::new(&self.data.load(), Some(request)), |machine, found| explain_rule(machine, found, self.indexed, place)).ok()?
    }

    /// Which of the declared tools an agent could still be allowed to call, or has to ask for, with arguments that fit. The request is as for
    /// [`Engine::decide`], but for its tool and arguments, which are passed over. What is said is on the safe side: a tool that is said to be
    /// denied always is, while one that is said to be allowed may still be denied whatever it passes. What would make every decision a deny with an
    /// entry in its errors is an error here.
    pub fn allowed_tools(&self, request: &[u8]) -> Result<Vec<ToolOutlook>, EvaluateError> {
        let bound = self.data.load();
        let declared =
            (0..self.program.plan.tools.len()).filter(|place| self.program.plan.tools.get(*place).is_some_and(|tool| tool.declaration.is_some()));
        let mut tools = Vec::new();
        for place in declared {
            let ask = Ask { given: Given::NoCall, ..Ask::new(&bound, Some(request)) };
            tools.extend(self.run(ask, |machine, _| outlook(machine, place)).map_err(|refusal| self.no_value(refusal))?);
        }
        Ok(tools)
    }

    /// The value that a definition without parameters, or a score, has for a request, under its full name or its last part where that is unique.
    pub fn evaluate(&self, name: &str, request: &[u8]) -> Result<Kept, EvaluateError> {
        let plan = &self.program.plan;
        let definitions = plan.definitions.iter().filter(|definition| definition.params == 0).map(|definition| &*definition.name);
        let place = data::find_name(definitions.clone().chain(plan.scores.iter().map(|score| &*score.name)), name)
            .map_err(|full| if full.is_empty() { EvaluateError::Unknown(name.into()) } else { EvaluateError::Ambiguous(name.into(), full) })?;
        let score = place.checked_sub(definitions.count()).and_then(|score| u32::try_from(score).ok());
        let definition = plan.definitions.iter().enumerate().filter(|(_, definition)| definition.params == 0).nth(place).map(|(id, _)| id);
        let definition = definition.and_then(|id| u32::try_from(id).ok());
        self.value(Ask::new(&self.data.load(), Some(request)), |machine| match (score, definition) {
            (Some(score), _) => machine.score(score).map(Value::Int),
            (None, Some(definition)) => machine.definition(definition),
            (None, None) => Ok(Value::None),
        })
    }

    /// The value of a query of the plan, with those values for its parameters. Without a request every field of it is `none`, and no tool is known.
    pub fn query(&self, query: usize, params: &[Kept], request: Option<&[u8]>) -> Result<Kept, EvaluateError> {
        let Some(found) = self.program.plan.queries.get(query) else { return Err(EvaluateError::Unknown(format!("query {query}"))) };
        if params.len() != index(found.params) {
            return Err(EvaluateError::Parameters);
        }
        self.value(Ask { params, ..Ask::new(&self.data.load(), request) }, |machine| {
            let values: Vec<Value<'_>> = machine.params.iter().map(Kept::view).collect();
            machine.in_frame(index(found.locals), &values, |machine| machine.eval(found.node))
        })
    }

    fn value(&self, ask: Ask<'_>, run: impl for<'a> FnOnce(&mut Machine<'a>) -> Result<Value<'a>, EvalError>) -> Result<Kept, EvaluateError> {
        let result = self.run(ask, |machine, _| {
            let value = run(machine)?;
            machine.spend_copy(value).map(|()| Kept::from(value))
        });
        result.map_err(|refusal| self.no_value(refusal))?.map_err(EvaluateError::Evaluation)
    }

    pub(crate) fn no_value(&self, refusal: Refusal) -> EvaluateError {
        match refusal {
            Refusal::Unbound(data) => {
                EvaluateError::Unbound(self.program.plan.data.get(index(data)).map_or(String::new(), |data| data.name.to_string()))
            }
            Refusal::TooLarge(_, message) | Refusal::Unreadable(message) => EvaluateError::Input { path: String::new(), message },
            Refusal::Misfit(misfit) => match misfit.error {
                Some(error) => EvaluateError::Evaluation(error),
                None => EvaluateError::Input { path: misfit.path(), message: misfit.message },
            },
        }
    }
}

/// Says in a decision that has been begun why its request is not evaluated.
fn refuse(decision: &mut Decision, refusal: Refusal) {
    match refusal {
        Refusal::TooLarge(limit, message) => decision.add_problem(At::Limit(limit), message),
        Refusal::Unreadable(message) => decision.add_problem(At::Path(""), message),
        Refusal::Unbound(data) => decision.add_unbound(data),
        Refusal::Misfit(misfit) => match misfit.error {
            Some(error) => refuse_steps(decision, error),
            None => decision.add_problem(At::Path(&misfit.path()), &misfit.message),
        },
    }
}
