//! The interpreter: expressions of the plan to values.

mod access;
mod aggregate;
mod build;
mod convert;
mod lasting;
mod memo;
mod partial;

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{Arena, Arg, EvalError, Host, Kept, Lambda, Value, arithmetic};

use crate::data::Bound;
use crate::plan::{self, Argument, Arithmetic, Fact, LocalId, Node, NodeId, Order, SlotId, index};
use crate::program::{Amount, Builtin, Call, Condition, Program};
use crate::session::History;

pub(crate) use access::is_in;
pub(crate) use lasting::Lasting;
pub(crate) use memo::{Memory, Stamps};
pub(crate) use partial::{Guess, Guesses, Unknown};

/// What evaluating gives.
pub(crate) type Eval<'a> = Result<Value<'a>, EvalError>;

/// Room for the variables that most decisions need at a time.
const LOCALS: usize = 8;
/// Parameters that a built-in function has at most; what has more is not called.
const MAX_ARGUMENTS: usize = 6;

/// A lambda that a built-in function may apply.
#[derive(Clone, Copy)]
struct Applied {
    local: LocalId,
    body: NodeId,
    /// Steps for each time.
    cost: u64,
}

/// Everything that evaluating one request needs.
pub(crate) struct Machine<'a> {
    pub program: &'a Program,
    pub arena: &'a Arena,
    /// The tools that the call fits.
    pub call: Call,
    /// The values that the host passes to a query.
    pub params: &'a [Kept],
    /// The session that the host keeps, and what it keeps up about its calls.
    pub history: Option<&'a History>,
    /// Steps that are left.
    pub steps: u64,
    /// What of the request is kept.
    pub slots: &'a [Value<'a>],
    /// The version of the data.
    pub bound: &'a Bound,
    memory: Memory<'a>,
    /// The frames of the definitions that are being evaluated, one after the other.
    locals: ArenaVec<'a, Value<'a>>,
    /// Where the running frame begins.
    base: usize,
    /// The lambdas that built-in functions may apply now.
    lambdas: ArenaVec<'a, Applied>,
    /// Whether a loop runs, in which work that grows with its operands costs steps.
    looping: bool,
    /// The text that was folded last, and what it is then.
    folded: (&'a str, &'a str),
}

impl<'a> Machine<'a> {
    pub fn new(program: &'a Program, bound: &'a Bound, arena: &'a Arena, memory: Memory<'a>, steps: u64) -> Machine<'a> {
        let (locals, lambdas) = (ArenaVec::with_capacity_in(LOCALS, arena), ArenaVec::new_in(arena));
        Machine {
            program,
            arena,
            call: Call::default(),
            params: &[],
            history: None,
            steps,
            slots: &[],
            bound,
            memory,
            locals,
            base: 0,
            lambdas,
            looping: false,
            folded: ("", ""),
        }
    }

    /// What that slot holds.
    pub fn slot(&self, slot: SlotId) -> Value<'a> {
        self.slots.get(index(slot)).copied().unwrap_or(Value::None)
    }

    /// Runs something in a frame of its own, whose first locals have those values; what has no locals needs no frame.
    pub fn in_frame<R>(&mut self, locals: usize, values: &[Value<'a>], run: impl FnOnce(&mut Self) -> R) -> R {
        if locals == 0 && values.is_empty() {
            return run(self);
        }
        let (base, start) = (self.base, self.locals.len());
        self.locals.extend_from_slice(values);
        self.locals.resize(start + locals.max(values.len()), Value::None);
        self.base = start;
        let result = run(self);
        self.base = base;
        self.locals.truncate(start);
        result
    }

    /// Binds a variable of the running frame.
    pub fn bind(&mut self, local: LocalId, value: Value<'a>) {
        if let Some(slot) = self.locals.get_mut(self.base + index(local)) {
            *slot = value;
        }
    }

    /// What a variable of the running frame is bound to.
    pub fn local(&self, local: LocalId) -> Value<'a> {
        self.locals.get(self.base + index(local)).copied().unwrap_or(Value::None)
    }

    /// Whether a condition holds.
    pub fn test(&mut self, condition: NodeId) -> Result<bool, EvalError> {
        self.eval(condition).map(|value| value.as_bool().unwrap_or(false))
    }

    /// Uses up steps.
    pub fn spend(&mut self, steps: u64) -> Result<(), EvalError> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(EvalError::StepLimit),
        }
    }

    /// Says whether what is evaluated from now on is the body of a loop; gives what was said before.
    pub fn set_looping(&mut self, looping: bool) -> bool {
        std::mem::replace(&mut self.looping, looping)
    }

    /// Pays, within loops, for looking through a value; most are so small that it costs nothing.
    #[inline(always)]
    fn spend_scan(&mut self, value: Value<'a>) -> Result<(), EvalError> {
        match if self.looping { size(value) } else { 0 } {
            0 => Ok(()),
            steps => self.spend(steps),
        }
    }

    /// The value of an operand: most are read rather than computed, for which no call is needed.
    #[inline(always)]
    pub(super) fn operand(&mut self, id: NodeId) -> Eval<'a> {
        match self.program.plan.nodes.get(index(id)) {
            Some(Node::Slot(slot)) => Ok(self.slot(*slot)),
            Some(Node::Const(constant)) => Ok(self.program.constant(*constant)),
            Some(Node::Local(local)) => Ok(self.local(*local)),
            _ => self.eval(id),
        }
    }

    /// The value of an expression. Its arms are calls, so that its own frame on the stack stays small.
    pub fn eval(&mut self, id: NodeId) -> Eval<'a> {
        let program = self.program;
        let Some(node) = program.plan.nodes.get(index(id)) else { return Ok(Value::None) };
        match node {
            Node::Const(id) => Ok(program.constant(*id)),
            Node::Slot(id) => Ok(self.slot(*id)),
            Node::Local(id) => Ok(self.local(*id)),
            Node::Shared(number, of) => self.shared(*number, *of),
            Node::And(all) => self.connective(all, false),
            Node::Or(all) => self.connective(all, true),
            Node::Equal(a, b) => self.equal(*a, *b),
            Node::Order(order, a, b) => self.compare(*order, *a, *b),
            Node::In(item, of) => self.contains(*item, *of),
            Node::Call(function, args) => self.call(*function, args),
            other => self.eval_rarer(other),
        }
    }

    #[inline(never)]
    fn eval_rarer(&mut self, node: &'a Node) -> Eval<'a> {
        match node {
            Node::Not(of) => self.not(*of),
            Node::If(condition, then, other) => self.choose(*condition, *then, *other),
            Node::Coalesce(value, other) => self.coalesce(*value, *other),
            Node::Field(of, place) => self.field(*of, *place),
            Node::Member(of, name) => self.member(*of, *name),
            Node::Index(of, by) => self.element(*of, *by),
            Node::Matches(text, pattern) => self.matches(*text, *pattern),
            Node::Arithmetic(operator, a, b) => self.arithmetic(*operator, *a, *b),
            Node::Negate(of) => self.negate(*of),
            Node::Data(id) => Ok(self.data(*id)),
            Node::Fact(fact) => Ok(self.fact(*fact)),
            Node::Definition(id) => self.definition(*id),
            Node::Score(id) => self.score(*id).map(Value::Int),
            Node::Invoke(id, args) => self.invoke(*id, args),
            Node::WithPresent(value, local, body) => self.with_present(*value, *local, *body),
            other => self.eval_built(other),
        }
    }

    #[inline(never)]
    fn eval_built(&mut self, node: &'a Node) -> Eval<'a> {
        match node {
            Node::Text(parts) => self.text(parts),
            Node::List(items) => self.list(items),
            Node::Set(items) => self.set(items),
            Node::Record(shape, values) => self.record(*shape, values),
            Node::Map(entries) => self.map(entries),
            Node::With(base, changes) => self.with(*base, changes),
            Node::ToDecimal(of) => self.as_decimal(*of),
            Node::ToJson(of) => self.as_json(*of),
            Node::Aggregate(read) => self.aggregate(read),
            _ => Ok(Value::None),
        }
    }

    #[inline(never)]
    fn connective(&mut self, all: &[NodeId], decisive: bool) -> Eval<'a> {
        for id in all {
            if self.test(*id)? == decisive {
                return Ok(Value::Bool(decisive));
            }
        }
        Ok(Value::Bool(!decisive))
    }

    #[inline(never)]
    fn not(&mut self, of: NodeId) -> Eval<'a> {
        self.test(of).map(|holds| Value::Bool(!holds))
    }

    #[inline(never)]
    fn choose(&mut self, condition: NodeId, then: NodeId, other: NodeId) -> Eval<'a> {
        if self.test(condition)? { self.eval(then) } else { self.eval(other) }
    }

    #[inline(never)]
    fn coalesce(&mut self, value: NodeId, other: NodeId) -> Eval<'a> {
        let value = self.eval(value)?;
        if value.is_none() { self.eval(other) } else { Ok(value) }
    }

    #[inline(never)]
    fn equal(&mut self, a: NodeId, b: NodeId) -> Eval<'a> {
        let a = self.operand(a)?;
        let b = self.operand(b)?;
        if self.looping {
            self.spend(deep_size(a))?;
        }
        Ok(Value::Bool(a.equals(b)))
    }

    #[inline(never)]
    fn compare(&mut self, order: Order, a: NodeId, b: NodeId) -> Eval<'a> {
        let a = self.operand(a)?;
        let b = self.operand(b)?;
        self.spend_scan(a)?;
        Ok(Value::Bool(order.allows(a.order(b))))
    }

    #[inline(never)]
    fn arithmetic(&mut self, operator: Arithmetic, a: NodeId, b: NodeId) -> Eval<'a> {
        let a = self.operand(a)?;
        let b = self.operand(b)?;
        match operator {
            Arithmetic::Add => match (a, b) {
                (Value::Str(a), Value::Str(b)) => self.concatenate(a, b),
                _ => arithmetic::add(a, b),
            },
            Arithmetic::Subtract => arithmetic::sub(a, b),
            Arithmetic::Multiply => arithmetic::mul(a, b),
            Arithmetic::Divide => arithmetic::div(a, b),
            Arithmetic::Remainder => arithmetic::rem(a, b),
        }
    }

    #[inline(never)]
    fn negate(&mut self, of: NodeId) -> Eval<'a> {
        self.eval(of).and_then(arithmetic::neg)
    }

    #[inline(never)]
    fn matches(&mut self, text: NodeId, pattern: plan::PatternId) -> Eval<'a> {
        let value = self.operand(text)?;
        self.spend_scan(value)?;
        Ok(Value::Bool(value.as_str().is_some_and(|text| self.program.matches(pattern, text))))
    }

    fn data(&self, id: u32) -> Value<'a> {
        self.bound.values.get(index(id)).and_then(Option::as_deref).map_or(Value::None, Kept::view)
    }

    fn fact(&self, fact: Fact) -> Value<'a> {
        let program = self.program;
        match program.tools.fact(&program.plan, self.call, fact) {
            Some(constant) => program.constant(constant),
            None => program.tools.undeclared(fact),
        }
    }

    #[inline(never)]
    fn with_present(&mut self, value: NodeId, local: LocalId, body: NodeId) -> Eval<'a> {
        let value = self.eval(value)?;
        if value.is_none() {
            return Ok(Value::None);
        }
        self.bind(local, value);
        self.eval(body)
    }

    #[inline(never)]
    fn shared(&mut self, number: u32, of: NodeId) -> Eval<'a> {
        self.remembered(index(number), of, self.program.survey.locals(of))
    }

    /// A definition without parameters.
    #[inline(never)]
    pub fn definition(&mut self, id: u32) -> Eval<'a> {
        let plan = &self.program.plan;
        let Some(definition) = plan.definitions.get(index(id)) else { return Ok(Value::None) };
        self.remembered(index(plan.memos) + index(id), definition.node, index(definition.locals))
    }

    /// A score: the sum of what holds, clamped to its range.
    #[inline(never)]
    pub fn score(&mut self, id: u32) -> Result<i64, EvalError> {
        let plan = &self.program.plan;
        let key = index(plan.memos) + plan.definitions.len() + index(id);
        if let Some(known) = self.memory.recall(key) {
            return known.map(|value| value.as_int().unwrap_or_default());
        }
        let Some((score, parts)) = plan.scores.get(index(id)).zip(self.program.scores.get(index(id))) else { return Ok(0) };
        let result = self.alone(index(score.locals), |machine| {
            let mut sum = 0_i128;
            for part in parts.iter() {
                let counts = match &part.condition {
                    Condition::Check(check) => check.passes(machine.program, machine.slots, machine.call),
                    Condition::Node(node) => machine.test(*node)?,
                };
                if counts {
                    sum += i128::from(match part.amount {
                        Amount::Known(amount) => amount,
                        Amount::Node(node) => machine.eval(node)?.as_int().unwrap_or_default(),
                    });
                }
            }
            let clamped = sum.clamp(score.low.into(), score.high.into());
            Ok(i64::try_from(clamped).unwrap_or(score.high))
        });
        self.memory.remember(key, result.map(Value::Int));
        result
    }

    /// Evaluates what is remembered: in a frame of its own, and at the same cost whoever asks first.
    fn alone<R>(&mut self, locals: usize, run: impl FnOnce(&mut Self) -> R) -> R {
        let looping = std::mem::replace(&mut self.looping, false);
        let result = self.in_frame(locals, &[], run);
        self.looping = looping;
        result
    }

    #[inline(never)]
    fn invoke(&mut self, id: u32, args: &[NodeId]) -> Eval<'a> {
        let Some(definition) = self.program.plan.definitions.get(index(id)) else { return Ok(Value::None) };
        // The arguments see the caller's frame, so they gather behind it until all are there.
        let start = self.locals.len();
        for arg in args {
            // Each value goes to its place from where it is: one that was put down in between would be copied twice.
            match self.program.plan.nodes.get(index(*arg)) {
                Some(Node::Slot(slot)) => self.locals.push(self.slot(*slot)),
                Some(Node::Local(local)) => self.locals.push(self.local(*local)),
                _ => {
                    let value = self.eval(*arg)?;
                    self.locals.push(value);
                }
            }
        }
        let base = std::mem::replace(&mut self.base, start);
        let locals = self.program.survey.locals(definition.node).max(args.len());
        self.locals.resize(start + locals, Value::None);
        let result = self.eval(definition.node);
        self.base = base;
        self.locals.truncate(start);
        result
    }

    #[inline(never)]
    fn call(&mut self, function: u32, args: &'a [Argument]) -> Eval<'a> {
        let Some(function) = self.program.builtins.get(index(function)) else { return Ok(Value::None) };
        let lambdas = self.lambdas.len();
        // Most functions have few parameters, for which little is set up.
        let result = match function.params {
            1 => self.run::<1>(function, args),
            2 => self.run::<2>(function, args),
            3 => self.run::<3>(function, args),
            _ => self.run::<MAX_ARGUMENTS>(function, args),
        };
        self.lambdas.truncate(lambdas);
        result
    }

    /// Runs a function of no more than so many parameters.
    #[inline(always)]
    fn run<const N: usize>(&mut self, function: &Builtin, args: &'a [Argument]) -> Eval<'a> {
        let mut values = [Arg::Value(Value::None); N];
        for (arg, value) in args.iter().zip(&mut values) {
            self.argument(arg, value)?;
        }
        (function.run)(self, values.get(..function.params).unwrap_or_default())
    }

    /// Reads an argument into its place: a value that was returned would be copied more than once.
    #[inline(always)]
    fn argument(&mut self, arg: &Argument, place: &mut Arg<'a>) -> Result<(), EvalError> {
        let id = match arg {
            Argument::Node(id) => *id,
            Argument::Lambda(local, body) => {
                *place = Arg::Lambda(Lambda(u32::try_from(self.lambdas.len()).unwrap_or(u32::MAX)));
                self.lambdas.push(Applied { local: *local, body: *body, cost: 1 + self.program.loop_cost(*body) });
                return Ok(());
            }
        };
        *place = match self.program.plan.nodes.get(index(id)) {
            Some(Node::Slot(slot)) => Arg::Value(self.slot(*slot)),
            Some(Node::Const(constant)) => Arg::Value(self.program.constant(*constant)),
            Some(Node::Local(local)) => Arg::Value(self.local(*local)),
            _ => Arg::Value(self.eval(id)?),
        };
        self.spend_scan(place.value())
    }
}

impl<'a> Host<'a> for Machine<'a> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn apply(&mut self, lambda: Lambda, argument: Value<'a>) -> Eval<'a> {
        let Some(Applied { local, body, cost }) = self.lambdas.get(index(lambda.0)).copied() else { return Ok(Value::None) };
        self.spend(cost)?;
        let looping = self.set_looping(true);
        self.bind(local, argument);
        let result = self.eval(body);
        self.looping = looping;
        self.spend_inside(result?)?;
        result
    }

    fn spend(&mut self, steps: u64) -> Result<(), EvalError> {
        Machine::spend(self, steps)
    }

    fn folded(&self, text: &str) -> Option<&'a str> {
        let (known, folded) = self.folded;
        std::ptr::eq(known, text).then_some(folded)
    }

    fn keep_folded(&mut self, text: &'a str, folded: &'a str) {
        self.folded = (text, folded);
    }
}

/// What looking through a value costs: a step for 64 bytes of text, or for eight elements.
fn size(value: Value<'_>) -> u64 {
    let count = match value {
        Value::Str(text) => text.len() / 64,
        Value::List(items) | Value::Set(items) => items.len() / 8,
        Value::Map(entries) => entries.len() / 8,
        _ => 0,
    };
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// What looking through a value and all that is in it costs.
fn deep_size(value: Value<'_>) -> u64 {
    let inside = match value {
        Value::List(_) | Value::Set(_) | Value::Map(_) => value.elements().map(deep_size).fold(0, u64::saturating_add),
        Value::Record(record) => {
            let fields = u64::try_from(record.shape().len() / 8).unwrap_or(u64::MAX);
            record.present().map(|(_, value)| deep_size(value)).fold(fields, u64::saturating_add)
        }
        _ => 0,
    };
    size(value).saturating_add(inside)
}
