//! One rule on one request: does it match, why, and what does it require.

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{Arena, EvalError, Value};

use crate::Effect;
use crate::eval::Machine;
use crate::plan::{ConstId, Node, NodeId, Plan, Requirement, Rule, bit, index};
use crate::program::{RuleFacts, Turn, is_on};

/// What a rule has come to; none where it does not match, and has met no error. Most come to nothing, of which nothing is written down. Only the step
/// limit ends a rule with an error.
pub(crate) type Tried<'a> = Result<Option<&'a mut Outcome<'a>>, EvalError>;

/// What a rule has come to that matches, or has met an error.
#[derive(Debug)]
pub(crate) struct Outcome<'a> {
    /// Whether some choice matches.
    pub matched: bool,
    /// Its reason: `because`, or the error by which it matched; `None` without either.
    pub reason: Option<&'a str>,
    /// The obligations, each once.
    pub required: ArenaVec<'a, Required<'a>>,
    /// Whether an obligation could not be filled, which makes a review a deny.
    pub unfilled: bool,
    /// The first error that was met.
    pub error: Option<EvalError>,
}

impl<'a> Outcome<'a> {
    /// No match.
    fn new(arena: &'a Arena) -> Outcome<'a> {
        Outcome { matched: false, reason: None, required: ArenaVec::new_in(arena), unfilled: false, error: None }
    }
}

/// An obligation with its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Required<'a> {
    /// The number in the plan.
    pub obligation: u32,
    /// The expressions of the arguments.
    pub nodes: &'a [NodeId],
    /// As many as parameters.
    pub args: &'a [Value<'a>],
}

impl<'a> Required<'a> {
    /// The arguments, each with the constant that it is, where it is one.
    pub fn given(&self, plan: &Plan) -> impl Iterator<Item = (Option<ConstId>, Value<'a>)> {
        let constant = |node: &NodeId| if let Some(Node::Const(id)) = plan.nodes.get(index(*node)) { Some(*id) } else { None };
        self.nodes.iter().map(constant).zip(self.args.iter().copied())
    }
}

/// Whether to look at further choices.
#[derive(PartialEq, Eq)]
enum Next {
    Choice,
    Stop,
}

/// A rule being tried.
///
/// A rule whose first choice errs and whose second matches has a witness, the second: only a rule that matches by errors alone has none.
struct Trial<'a, 'm> {
    machine: &'m mut Machine<'a>,
    rule: &'a Rule,
    facts: RuleFacts,
    outcome: Outcome<'a>,
    /// Whether a choice has matched without an error, and so has filled the reason.
    witnessed: bool,
    /// The first error by which a choice matched.
    matched_by: Option<EvalError>,
    /// Whether the obligations have been filled for the choices that err.
    filled_without_witness: bool,
}

/// Only the step limit ends a rule with an error.
type Step<T> = Result<T, EvalError>;

/// Tries a rule when it is its turn; `proved` as in [`try_rule`].
pub(crate) fn try_turn<'a>(machine: &mut Machine<'a>, turn: Turn, proved: bool) -> Tried<'a> {
    if turn.is_settled() {
        return Ok(Some(machine.arena.alloc(Outcome { matched: true, ..Outcome::new(machine.arena) })));
    }
    try_rule(machine, turn.rule(), proved)
}

/// Tries a rule; `proved`: the index has found it, and its checks have passed.
pub(crate) fn try_rule<'a>(machine: &mut Machine<'a>, rule: u32, proved: bool) -> Tried<'a> {
    let program = machine.program;
    let Some((rule, facts)) = program.rule(rule) else { return Ok(None) };
    let is_about_the_call = (proved && facts.proves_on) || applies(machine, rule);
    if !is_about_the_call {
        return Ok(None);
    }
    machine.in_frame(index(rule.locals), &[], |machine| {
        let outcome = Outcome::new(machine.arena);
        let mut trial = Trial { machine, rule, facts, outcome, witnessed: false, matched_by: None, filled_without_witness: false };
        if trial.guards(proved)? {
            trial.choices()?;
        }
        trial.finish()
    })
}

/// Whether a rule's `on` is about the call.
pub(crate) fn applies(machine: &Machine<'_>, rule: &Rule) -> bool {
    let program = machine.program;
    let (Some(on), Some(tool)) = (&rule.on, program.plan.input.tool) else { return rule.on.is_none() };
    let text = |slot| machine.slot(slot).as_str().unwrap_or_default();
    is_on(on, machine.call, text(tool.server), text(tool.name), |pattern, text| program.matches(pattern, text))
}

impl<'a> Trial<'a, '_> {
    /// Whether the guards hold. They cannot err, so that it does not matter which of them is tested first.
    fn guards(&mut self, proved: bool) -> Step<bool> {
        if !proved {
            return self.all(self.rule.guards.iter());
        }
        let rule = self.rule;
        let others = self.machine.program.rules.others(self.facts);
        self.all(others.iter().filter_map(|place| rule.guards.get(index(*place))))
    }

    fn all(&mut self, guards: impl Iterator<Item = &'a NodeId>) -> Step<bool> {
        for guard in guards {
            match self.machine.test(*guard) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => return self.fails(error).map(|()| false),
            }
        }
        Ok(true)
    }

    fn choices(&mut self) -> Step<()> {
        let looping = self.machine.set_looping(!self.rule.choices.is_empty());
        let result = self.choose(0);
        self.machine.set_looping(looping);
        result.map(|_| ())
    }

    /// Goes through the choices from that one on.
    fn choose(&mut self, place: usize) -> Step<Next> {
        let rule = self.rule;
        let Some(choice) = rule.choices.get(place) else { return self.conditions() };
        let source = match self.machine.eval(choice.source) {
            Ok(source) => source,
            Err(error) => return self.fails(error).map(|()| Next::Choice),
        };
        for element in source.elements() {
            self.machine.spend(1 + u64::from(self.facts.choice_cost))?;
            self.machine.bind(choice.local, element);
            if self.choose(place + 1)? == Next::Stop {
                return Ok(Next::Stop);
            }
        }
        Ok(Next::Choice)
    }

    /// Tests the conditions of one choice.
    fn conditions(&mut self) -> Step<Next> {
        let rule = self.rule;
        let wanted = rule.conditions.iter().map(|condition| (condition, true)).chain(rule.unless.iter().map(|unless| (unless, false)));
        for (condition, wanted) in wanted {
            match self.machine.test(*condition) {
                Ok(holds) if holds == wanted => {}
                Ok(_) => return Ok(Next::Choice),
                Err(error) => return self.fails(error).map(|()| Next::Choice),
            }
        }
        self.matches()?;
        let settled = !self.facts.can_err || self.outcome.error.is_some();
        Ok(if self.witnessed && rule.require.is_empty() && settled { Next::Stop } else { Next::Choice })
    }

    /// Notes an error; only the step limit ends the decision.
    fn note(&mut self, error: EvalError) -> Step<()> {
        if error == EvalError::StepLimit {
            return Err(error);
        }
        self.outcome.error.get_or_insert(error);
        Ok(())
    }

    /// A choice errs: it matches, without a witness, in all but an allow rule.
    fn fails(&mut self, error: EvalError) -> Step<()> {
        self.note(error)?;
        if self.rule.effect == Effect::Allow {
            return Ok(());
        }
        self.outcome.matched = true;
        self.matched_by.get_or_insert(error);
        if std::mem::replace(&mut self.filled_without_witness, true) {
            return Ok(());
        }
        let rule = self.rule;
        for requirement in &*rule.require {
            let without_witness = !requirement.proved && !self.reads_witness(requirement);
            match if without_witness { self.fill(requirement)? } else { None } {
                Some(filled) => self.require(filled)?,
                None => self.outcome.unfilled = true,
            }
        }
        Ok(())
    }

    /// A choice matches.
    fn matches(&mut self) -> Step<()> {
        let rule = self.rule;
        let reason = match rule.because.filter(|_| !self.witnessed) {
            None => None,
            Some(because) => match self.machine.eval(because) {
                Ok(Value::Str(text)) => Some(text),
                Ok(value) => Some(self.machine.printed(value)?),
                Err(error) => {
                    self.note(error)?;
                    if rule.effect == Effect::Allow {
                        return Ok(());
                    }
                    Some(self.machine.printed(Value::Str(&error.to_string()))?)
                }
            },
        };
        let mut filled = ArenaVec::with_capacity_in(rule.require.len(), self.machine.arena);
        for requirement in &*rule.require {
            if self.witnessed && !self.reads_witness(requirement) {
                continue;
            }
            match self.fill(requirement)? {
                Some(required) => filled.push(required),
                None if rule.effect == Effect::Allow => return Ok(()),
                None => self.outcome.unfilled = true,
            }
        }
        filled.into_iter().try_for_each(|required| self.require(required))?;
        if !self.witnessed {
            self.outcome.reason = reason;
        }
        (self.witnessed, self.outcome.matched) = (true, true);
        Ok(())
    }

    /// Whether a requirement reads a variable of the choices.
    fn reads_witness(&self, requirement: &Requirement) -> bool {
        let survey = &self.machine.program.survey;
        let witness = self.rule.choices.iter().fold(0, |bits, choice| bits | bit(choice.local));
        requirement.args.iter().any(|arg| survey.get(*arg).is_some_and(|facts| facts.free & witness != 0))
    }

    /// The obligation with its arguments; `None` where one errs.
    fn fill(&mut self, requirement: &'a Requirement) -> Step<Option<Required<'a>>> {
        let args = self.machine.arena.alloc_slice_fill_copy(requirement.args.len(), Value::None);
        for (arg, node) in args.iter_mut().zip(&requirement.args) {
            match self.machine.eval(*node) {
                Ok(value) => {
                    self.machine.spend_copy(value)?;
                    *arg = value;
                }
                Err(error) => return self.note(error).map(|()| None),
            }
        }
        Ok(Some(Required { obligation: requirement.obligation, nodes: &requirement.args, args }))
    }

    fn require(&mut self, required: Required<'a>) -> Step<()> {
        add_required(self.machine, &mut self.outcome.required, required)
    }

    fn finish(mut self) -> Tried<'a> {
        if !self.outcome.matched && self.outcome.error.is_none() {
            return Ok(None);
        }
        if !self.witnessed
            && let Some(error) = self.matched_by
        {
            self.outcome.reason = Some(self.machine.printed(Value::Str(&error.to_string()))?);
        }
        Ok(Some(self.machine.arena.alloc(self.outcome)))
    }
}

/// Adds an obligation that is not there yet; comparing costs steps.
pub(crate) fn add_required<'a>(machine: &mut Machine<'a>, all: &mut ArenaVec<'a, Required<'a>>, required: Required<'a>) -> Step<()> {
    machine.spend(u64::try_from(all.len() / 8).unwrap_or(u64::MAX))?;
    let equal = |other: &Required<'a>| other.obligation == required.obligation && other.args.iter().zip(required.args).all(|(a, b)| a.equals(*b));
    if !all.iter().any(equal) {
        all.push(required);
    }
    Ok(())
}
