//! Conditions and figures over a session's calls, from what the session keeps up.

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{Arg, EvalError, Value};

use super::{Eval, Machine};
use crate::plan::{Aggregate, AggregateRead, Order, Role, Summary, index};
use crate::session::{Asked, Candidates, Found, History};

/// What a decision asks for.
struct Question<'a> {
    keys: ArenaVec<'a, Value<'a>>,
    bounds: ArenaVec<'a, (Order, Value<'a>)>,
    mentioned: Option<Value<'a>>,
    /// Whether any call can be meant.
    meant: bool,
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
        let Some(aggregate) = self.program.plan.aggregates.get(index(read.aggregate)) else { return Ok(None) };
        // Where something that is asked for is an error, evaluating may never come to it.
        let Ok(question) = self.question(read) else { return Ok(None) };
        let Question { keys, bounds, mentioned, meant } = &question;
        let asked = Asked { aggregate: read.aggregate, keys, bounds, mentioned: *mentioned, meant: *meant };
        match history.tallies.find(self.program, self.bound, asked) {
            Some(Found::Answer(value)) => Ok(Some(value)),
            Some(Found::Among(candidates)) => {
                // What is kept up about calls is not asked about calls in turn.
                let kept = self.history.take();
                let meant = self.meant(history, aggregate, candidates, &question);
                self.history = kept;
                match meant {
                    Ok(meant) if aggregate.summary == Summary::Count => Ok(Some(Value::Int(meant))),
                    Ok(meant) => Ok(Some(Value::Bool(meant > 0))),
                    Err(EvalError::StepLimit) => Err(EvalError::StepLimit),
                    Err(_) => Ok(None),
                }
            }
            None => Ok(None),
        }
    }

    fn question(&mut self, read: &'a AggregateRead) -> Result<Question<'a>, EvalError> {
        let mut keys = ArenaVec::with_capacity_in(read.keys.len(), self.arena);
        for key in &read.keys {
            keys.push(self.eval(*key)?);
        }
        let mut bounds = ArenaVec::with_capacity_in(read.bounds.len(), self.arena);
        for (order, bound) in &read.bounds {
            bounds.push((*order, self.eval(*bound)?));
        }
        let mentioned = read.mentioned.map(|value| self.eval(value)).transpose()?;
        let mut meant = true;
        for guard in &read.guards {
            meant &= self.test(*guard)?;
        }
        Ok(Question { keys, bounds, mentioned, meant })
    }

    /// How many of the calls are meant, the newest first; where one is enough, no more than that are looked for.
    fn meant(
        &mut self,
        history: &'a History,
        aggregate: &'a Aggregate,
        candidates: Candidates<'_>,
        question: &Question<'a>,
    ) -> Result<i64, EvalError> {
        let program = self.program;
        let mut meant = 0;
        let cost = aggregate.steps.iter().map(|step| program.loop_cost(step.node)).fold(1, u64::saturating_add);
        for place in candidates.places.iter().rev() {
            let Some(call) = history.calls.get(index(*place)) else { continue };
            self.spend(cost)?;
            let verdict = self.in_frame(candidates.locals, &[], |machine| {
                let looping = machine.set_looping(true);
                let verdict = machine.verdict(aggregate, candidates, question, call.view());
                machine.set_looping(looping);
                verdict
            });
            match verdict? {
                Verdict::Meant => meant += 1,
                Verdict::NotMeant => {}
                Verdict::TooOld => break,
            }
            if meant > 0 && aggregate.summary == Summary::Any {
                break;
            }
        }
        Ok(meant)
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
