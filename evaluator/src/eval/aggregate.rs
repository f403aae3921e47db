//! Conditions and figures over a session's calls, from what the session keeps up.

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{Arg, EvalError, Value};

use super::{Eval, Machine};
use crate::plan::{Aggregate, AggregateRead, AggregateTerm, Order, Role, Summary, index};
use crate::session::{Asked, Candidates, Found, History, Total};

/// What a decision asks for.
struct Question<'a> {
    keys: ArenaVec<'a, Value<'a>>,
    bounds: ArenaVec<'a, (Order, Value<'a>)>,
    mentioned: Option<Value<'a>>,
    /// Whether any call can be meant.
    meant: bool,
    /// How many of the calls meant tell what is asked.
    enough: i64,
}

/// What becomes of a call that could be meant.
enum Verdict {
    Meant,
    NotMeant,
    /// It is older than all that is asked for.
    TooOld,
}

impl<'a> Machine<'a> {
    /// What the session tells, or else what evaluating does.
    #[inline(never)]
    pub(super) fn aggregate(&mut self, read: &'a AggregateRead) -> Eval<'a> {
        if let Some(history) = self.history.filter(|history| !history.calls.is_empty())
            && let Some(value) = self.kept_up(history, read)?
        {
            return Ok(match value {
                Value::Bool(value) => Value::Bool(value != read.negated),
                other => other,
            });
        }
        self.eval(read.whole)
    }

    /// What the session tells, if it does.
    fn kept_up(&mut self, history: &'a History, read: &'a AggregateRead) -> Result<Option<Value<'a>>, EvalError> {
        let aggregates = &self.program.plan.aggregates;
        let of = |term: &AggregateTerm| aggregates.get(index(term.aggregate));
        let Some(first) = read.terms.first().and_then(of) else { return Ok(None) };
        let leaves_out = read.terms.iter().any(|term| term.minus);
        let enough = if leaves_out || first.summary == Summary::Count { i64::MAX } else { 1 };
        let mut total = Total::default();
        for term in &read.terms {
            let Some(found) = self.term(history, term, enough)? else { return Ok(None) };
            let Some(both) = total.with(found, term.minus, first.summary) else { return Ok(None) };
            total = both;
        }
        match total.value(first.summary) {
            Some(Value::Int(place)) if first.summary.is_place() => {
                let call = usize::try_from(place).ok().and_then(|place| history.calls.get(place));
                call.map(|call| self.mapped(first, call.view())).transpose()
            }
            value => Ok(value),
        }
    }

    /// What the elements of one term come to, if the session tells.
    fn term(&mut self, history: &'a History, term: &'a AggregateTerm, enough: i64) -> Result<Option<Total<'a>>, EvalError> {
        let Some(aggregate) = self.program.plan.aggregates.get(index(term.aggregate)) else { return Ok(None) };
        // Where something that is asked for is an error, evaluating may never come to it.
        let Ok(question) = self.question(term, enough) else { return Ok(None) };
        let Question { keys, bounds, mentioned, meant, .. } = &question;
        let asked = Asked { aggregate: term.aggregate, keys, bounds, mentioned: *mentioned, meant: *meant };
        match history.tallies.find(self.program, self.bound, asked) {
            Some(Found::Total(total)) => Ok(Some(total)),
            Some(Found::Among(candidates)) => {
                // What is kept up about calls is not asked about calls in turn.
                let kept = self.history.take();
                let meant = self.meant(history, aggregate, candidates, &question);
                self.history = kept;
                match meant {
                    Ok(meant) => Ok(Some(meant)),
                    Err(EvalError::StepLimit) => Err(EvalError::StepLimit),
                    Err(_) => Ok(None),
                }
            }
            None => Ok(None),
        }
    }

    fn question(&mut self, term: &'a AggregateTerm, enough: i64) -> Result<Question<'a>, EvalError> {
        let mut keys = ArenaVec::with_capacity_in(term.keys.len(), self.arena);
        for key in &term.keys {
            keys.push(self.eval(*key)?);
        }
        let mut bounds = ArenaVec::with_capacity_in(term.bounds.len(), self.arena);
        for (order, bound) in &term.bounds {
            bounds.push((*order, self.eval(*bound)?));
        }
        let mentioned = term.mentioned.map(|value| self.eval(value)).transpose()?;
        let mut meant = true;
        for guard in &term.guards {
            meant &= self.test(*guard)?;
        }
        Ok(Question { keys, bounds, mentioned, meant, enough })
    }

    /// The element that a call has become after what is done to it.
    fn mapped(&mut self, aggregate: &'a Aggregate, call: Value<'a>) -> Eval<'a> {
        let mut element = call;
        for step in aggregate.steps.iter().filter(|step| step.role == Role::Map) {
            self.spend(self.program.loop_cost(step.node))?;
            let locals = self.program.survey.locals(step.node).max(index(step.local).saturating_add(1));
            element = self.in_frame(locals, &[], |machine| {
                machine.bind(step.local, element);
                machine.eval(step.node)
            })?;
        }
        Ok(element)
    }

    /// What those of the calls come to that are meant; no more of them are looked for than are enough. They are gone through from the newest on, unless
    /// the first is asked for.
    fn meant(
        &mut self,
        history: &'a History,
        aggregate: &'a Aggregate,
        candidates: Candidates<'_>,
        question: &Question<'a>,
    ) -> Result<Total<'a>, EvalError> {
        let program = self.program;
        let mut total = Total::default();
        let cost = aggregate.steps.iter().map(|step| program.loop_cost(step.node)).fold(1, u64::saturating_add);
        let is_first = aggregate.summary == Summary::First;
        let mut places = candidates.places.iter();
        while let Some(place) = if is_first { places.next() } else { places.next_back() } {
            let Some(call) = history.calls.get(index(*place)) else { continue };
            self.spend(cost)?;
            let verdict = self.in_frame(candidates.locals, &[], |machine| {
                let looping = machine.set_looping(true);
                let verdict = machine.verdict(aggregate, candidates, question, call.view());
                machine.set_looping(looping);
                verdict
            });
            match verdict? {
                Verdict::Meant => {
                    total.count += 1;
                    total.best = aggregate.summary.is_place().then_some(Value::Int((*place).into()));
                }
                Verdict::NotMeant => {}
                Verdict::TooOld if is_first => {}
                Verdict::TooOld => break,
            }
            if total.count >= question.enough {
                break;
            }
        }
        Ok(total)
    }

    fn verdict(
        &mut self,
        aggregate: &'a Aggregate,
        candidates: Candidates<'_>,
        question: &Question<'a>,
        call: Value<'a>,
    ) -> Result<Verdict, EvalError> {
        let mut keys = question.keys.iter();
        let mut element = call;
        for step in &aggregate.steps {
            self.bind(step.local, element);
            let value = self.eval(step.node)?;
            let holds = match step.role {
                Role::Test => value.as_bool() == Some(true),
                Role::Map => {
                    element = value;
                    true
                }
                Role::Key => keys.next().is_some_and(|key| value.equals(*key)),
                Role::Mark => match question.bounds.iter().find(|(order, bound)| !order.allows(value.order(*bound))) {
                    None => true,
                    Some((Order::Greater | Order::GreaterOrEqual, _)) if candidates.in_order => return Ok(Verdict::TooOld),
                    Some(_) => false,
                },
                Role::Mention(function) => match (self.program.builtins.get(index(function)), question.mentioned) {
                    (Some(function), Some(sought)) => (function.run)(self, &[Arg::Value(value), Arg::Value(sought)])?.as_bool() == Some(true),
                    _ => false,
                },
            };
            if !holds {
                return Ok(Verdict::NotMeant);
            }
        }
        Ok(Verdict::Meant)
    }
}
