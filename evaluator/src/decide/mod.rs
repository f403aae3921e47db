//! From a decoded request to a decision: deny, then review, then allow, then the default.

mod explain;
mod outlook;
mod rule;

use std::sync::Arc;

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{EvalError, Kept, Value};

use crate::decision::{Decision, Obligation, Origin, Problem, Reason, Shadow};
use crate::eval::Machine;
use crate::plan::{NodeId, index};
use crate::program::{Call, Candidate, Found, Lookup, Program};
use crate::{Effect, Misfit};

use rule::{Outcome, Required, add_required, applies, try_rule};

pub(crate) use explain::explain;
pub(crate) use outlook::outlook;

/// The text of the default where a policy says nothing.
const NO_RULE: &str = "no rule allows this call";

impl<'a> Lookup<'a> for Machine<'a> {
    fn call(&self) -> Call {
        self.call
    }

    fn value(&mut self, node: NodeId) -> Result<Value<'a>, EvalError> {
        self.eval(node)
    }
}

/// Decides the request in the machine's slots. The only error is the step limit.
pub(crate) fn decide<'a>(machine: &mut Machine<'a>, found: &mut Found, indexed: bool) -> Result<Decision, EvalError> {
    let program = machine.program;
    if !indexed || program.finder.find(machine, found).is_err() {
        found.all(&program.order);
    }
    let (regular, shadow) = split(&found.candidates, program.order.starts[2]);
    let mut decision = blank(program);
    let matched = ArenaVec::new_in(machine.arena);
    Ruling { machine, decision: &mut decision, matched }.rule(regular)?;
    scores(machine, &mut decision)?;
    shadows(machine, shadow, &mut decision);
    Ok(decision)
}

/// The decision of a request that cannot be evaluated: deny, with that error.
pub(crate) fn refuse(program: &Program, origin: Origin, message: String) -> Decision {
    Decision { errors: vec![Problem { origin, message }], ..blank(program) }
}

/// The decision of a request that does not fit.
pub(crate) fn refuse_misfit(program: &Program, misfit: &Misfit) -> Decision {
    match misfit.error {
        Some(error) => refuse_error(program, error),
        None => refuse(program, Origin::Path(misfit.path()), misfit.message.clone()),
    }
}

/// The decision of a request whose evaluation came to an end.
pub(crate) fn refuse_error(program: &Program, error: EvalError) -> Decision {
    refuse(program, Origin::Limit("steps"), error.to_string())
}

/// A deny without rules, reasons and scores.
fn blank(program: &Program) -> Decision {
    Decision {
        effect: Effect::Deny,
        rules: Vec::new(),
        reasons: Vec::new(),
        obligations: Vec::new(),
        scores: program.names.short_scores.iter().map(|name| (name.clone(), None)).collect(),
        shadow: Vec::new(),
        errors: Vec::new(),
        policy: program.policy.clone(),
    }
}

/// The candidates before that place, and the others.
fn split(candidates: &[Candidate], place: u32) -> (&[Candidate], &[Candidate]) {
    let at = candidates.partition_point(|candidate| candidate.place < place);
    candidates.split_at_checked(at).unwrap_or_default()
}

struct Ruling<'a, 'm> {
    machine: &'m mut Machine<'a>,
    decision: &'m mut Decision,
    /// The rules of the level that matched.
    matched: ArenaVec<'a, (u32, Outcome<'a>)>,
}

impl Ruling<'_, '_> {
    /// Looks at the rules from the strongest effect on until one matches.
    fn rule(mut self, candidates: &[Candidate]) -> Result<(), EvalError> {
        let [reviews, allows, _] = self.machine.program.order.starts;
        let (denies, rest) = split(candidates, reviews);
        let (reviews, allows) = split(rest, allows);
        for (effect, level) in [(Effect::Deny, denies), (Effect::Review, reviews), (Effect::Allow, allows)] {
            self.try_level(level)?;
            if !self.matched.is_empty() {
                return self.decided(effect);
            }
        }
        self.default()
    }

    fn try_level(&mut self, level: &[Candidate]) -> Result<(), EvalError> {
        let program = self.machine.program;
        for candidate in level {
            let Some(rule) = program.order.rules.get(index(candidate.place)) else { continue };
            let outcome = try_rule(self.machine, *candidate, *rule)?;
            if outcome.matched {
                self.matched.push((*rule, outcome));
            } else if let Some(error) = outcome.error {
                self.problem(*rule, error);
            }
        }
        Ok(())
    }

    fn problem(&mut self, rule: u32, error: EvalError) {
        let origin = Origin::Rule(name(&self.machine.program.names.rules, rule));
        self.decision.errors.push(Problem { origin, message: error.to_string() });
    }

    fn decided(&mut self, effect: Effect) -> Result<(), EvalError> {
        let mut matched = std::mem::replace(&mut self.matched, ArenaVec::new_in(self.machine.arena));
        self.decision.effect = effect;
        if effect == Effect::Review && matched.iter().any(|(_, outcome)| outcome.unfilled) {
            // What a reviewer must be told cannot be told: those rules deny, and stand above the other reviews.
            self.decision.effect = Effect::Deny;
            matched.retain(|(_, outcome)| outcome.unfilled);
            matched.iter_mut().for_each(|(_, outcome)| outcome.required.clear());
        }
        let mut required = ArenaVec::new_in(self.machine.arena);
        for (rule, outcome) in matched {
            self.name(rule, &outcome);
            if let Some(error) = outcome.error {
                self.problem(rule, error);
            }
            for each in outcome.required {
                add_required(self.machine, &mut required, each)?;
            }
        }
        let program = self.machine.program;
        self.decision.obligations = required.into_iter().map(|required| obligation(program, required)).collect();
        Ok(())
    }

    fn name(&mut self, rule: u32, outcome: &Outcome<'_>) {
        let names = &self.machine.program.names;
        let full = name(&names.rules, rule);
        if let Some(text) = outcome.reason {
            let id = names.ids.get(index(rule)).cloned().flatten();
            self.decision.reasons.push(Reason { rule: full.clone(), id, text: text.into() });
        }
        self.decision.rules.push(full);
    }

    fn default(&mut self) -> Result<(), EvalError> {
        let default = self.machine.program.plan.default.as_ref();
        self.decision.effect = default.map_or(Effect::Deny, |default| default.effect);
        let text = match (default, default.and_then(|default| default.because)) {
            (None, _) => NO_RULE.to_string(),
            (Some(_), None) => String::new(),
            (Some(default), Some(because)) => match self.machine.in_frame(index(default.locals), &[], |machine| machine.eval(because)) {
                Ok(value) => value.to_string(),
                Err(error @ EvalError::StepLimit) => return Err(error),
                Err(error) => {
                    self.decision.errors.push(Problem { origin: Origin::Rule("".into()), message: error.to_string() });
                    error.to_string()
                }
            },
        };
        self.decision.reasons.push(Reason { rule: "".into(), id: None, text });
        Ok(())
    }
}

/// The full name by which errors are sorted.
fn problem_name(problem: &Problem) -> &str {
    match &problem.origin {
        Origin::Rule(name) | Origin::Score(name) => name,
        _ => "",
    }
}

/// A name that decisions share.
fn name(names: &[Arc<str>], id: u32) -> Arc<str> {
    names.get(index(id)).cloned().unwrap_or_else(|| "".into())
}

fn obligation(program: &Program, required: Required<'_>) -> Obligation {
    let params = program.names.params.get(index(required.obligation)).map(Vec::as_slice).unwrap_or_default();
    Obligation {
        name: name(&program.names.obligations, required.obligation),
        args: params.iter().zip(required.args).map(|(param, value)| (param.clone(), Kept::from(*value))).collect(),
    }
}

fn scores(machine: &mut Machine<'_>, decision: &mut Decision) -> Result<(), EvalError> {
    let program = machine.program;
    for ((id, full), (_, score)) in (0_u32..).zip(&program.names.scores).zip(&mut decision.scores) {
        match machine.score(id) {
            Ok(value) => *score = Some(value),
            Err(error @ EvalError::StepLimit) => return Err(error),
            Err(error) => decision.errors.push(Problem { origin: Origin::Score(full.clone()), message: error.to_string() }),
        }
    }
    decision.errors.sort_by(|a, b| problem_name(a).cmp(problem_name(b)));
    Ok(())
}

/// Says what the shadow rules would have done. They take no part, so that one which uses up the steps only ends this.
fn shadows(machine: &mut Machine<'_>, candidates: &[Candidate], decision: &mut Decision) {
    let program = machine.program;
    for candidate in candidates {
        let Some(rule) = program.order.rules.get(index(candidate.place)) else { continue };
        let full = name(&program.names.rules, *rule);
        let effect = program.rule(*rule).map_or(Effect::Deny, |(rule, _)| rule.effect);
        match try_rule(machine, *candidate, *rule) {
            Ok(outcome) if outcome.matched => {
                let effect = if effect == Effect::Review && outcome.unfilled { Effect::Deny } else { effect };
                decision.shadow.push(Shadow { rule: full, effect, text: outcome.reason.unwrap_or_default().into() });
            }
            Ok(_) => {}
            Err(error) => {
                decision.errors.push(Problem { origin: Origin::Rule(full), message: error.to_string() });
                return;
            }
        }
    }
}
