//! From a decoded request to a decision: deny, then review, then allow, then the default.

mod excluded;
mod explain;
mod outlook;
mod rule;

use bumpalo::collections::Vec as ArenaVec;
use tollgate_stdlib::{EvalError, Value};

use crate::Effect;
use crate::decision::{At, Decision};
use crate::eval::Machine;
use crate::plan::{NodeId, PatternId, index};
use crate::program::{Call, Check, Found, Level, Lookup};

use rule::{Outcome, add_required, applies, try_rule, try_turn};

pub(crate) use explain::{explain, explain_rule, explain_scores};
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

    fn passes(&self, check: Check) -> bool {
        check.passes(self.program, self.slots, self.call)
    }

    fn matches(&self, pattern: PatternId, text: &str) -> bool {
        self.program.matches(pattern, text)
    }

    fn holders(&self, value: Value<'_>, found: &mut dyn FnMut(u32)) {
        self.bound.holders(&self.program.finder.data).of(value, &self.bound.values, found);
    }
}

/// Decides the request in the machine's slots: adds to a decision that has been begun. Where the steps end, what was added is taken back.
pub(crate) fn decide(machine: &mut Machine<'_>, found: &mut Found, indexed: bool, decision: &mut Decision) {
    find(machine, found, indexed);
    if let Err(error) = rule_on(machine, found, decision) {
        decision.clear();
        refuse_steps(decision, error);
    }
}

/// The rules that match, whichever of them decide, by their places; where the steps end, those that were found to.
pub(crate) fn matched(machine: &mut Machine<'_>, found: &mut Found, indexed: bool) -> Vec<u32> {
    find(machine, found, indexed);
    let (program, mut rules) = (machine.program, Vec::new());
    for level in [Level::Deny, Level::Review, Level::Allow, Level::Shadow] {
        found.level(level, &program.finder, &program.rules, machine);
        for turn in &found.turns {
            match try_turn(machine, *turn, found.proved) {
                Ok(Some(outcome)) if outcome.matched => rules.push(turn.rule()),
                Ok(_) => {}
                Err(_) => return rules,
            }
        }
    }
    rules
}

/// Finds the rules to look at.
pub(crate) fn find(machine: &mut Machine<'_>, found: &mut Found, indexed: bool) {
    if !indexed || machine.program.finder.find(machine, found).is_err() {
        found.clear();
    }
}

/// The entry of a decision that came to the end of its steps.
pub(crate) fn refuse_steps(decision: &mut Decision, error: EvalError) {
    decision.add_problem(At::Limit("steps"), error);
}

/// The only error is the step limit.
fn rule_on(machine: &mut Machine<'_>, found: &mut Found, decision: &mut Decision) -> Result<(), EvalError> {
    let matched = ArenaVec::new_in(machine.arena);
    Ruling { machine, found, decision, matched }.rule()?;
    scores(machine, decision)?;
    if machine.program.rules.has_shadows() {
        shadows(machine, found, decision);
    }
    Ok(())
}

struct Ruling<'a, 'm> {
    machine: &'m mut Machine<'a>,
    found: &'m mut Found,
    decision: &'m mut Decision,
    /// The rules of the level that matched.
    matched: ArenaVec<'a, (u32, &'a mut Outcome<'a>)>,
}

impl Ruling<'_, '_> {
    /// Looks at the rules from the strongest effect on until one matches.
    fn rule(mut self) -> Result<(), EvalError> {
        for (effect, level) in [(Effect::Deny, Level::Deny), (Effect::Review, Level::Review), (Effect::Allow, Level::Allow)] {
            self.try_level(level)?;
            if !self.matched.is_empty() {
                return self.decided(effect);
            }
        }
        self.default()
    }

    fn try_level(&mut self, level: Level) -> Result<(), EvalError> {
        let Ruling { machine, found, .. } = self;
        found.level(level, &machine.program.finder, &machine.program.rules, *machine);
        for turn in &found.turns {
            let Some(outcome) = try_turn(machine, *turn, found.proved)? else { continue };
            if outcome.matched {
                self.matched.push((turn.rule(), outcome));
            } else if let Some(error) = outcome.error {
                self.decision.add_problem(At::Rule(Some(turn.rule())), error);
            }
        }
        Ok(())
    }

    fn decided(&mut self, effect: Effect) -> Result<(), EvalError> {
        let mut matched = std::mem::replace(&mut self.matched, ArenaVec::new_in(self.machine.arena));
        self.decision.set_effect(effect);
        if effect == Effect::Review && matched.iter().any(|(_, outcome)| outcome.unfilled) {
            // What a reviewer must be told cannot be told: those rules deny, and stand above the other reviews.
            self.decision.set_effect(Effect::Deny);
            matched.retain(|(_, outcome)| outcome.unfilled);
            matched.iter_mut().for_each(|(_, outcome)| outcome.required.clear());
        }
        let mut required = ArenaVec::new_in(self.machine.arena);
        for (rule, outcome) in matched {
            self.decision.add_rule(rule);
            if let Some(text) = outcome.reason {
                self.decision.add_reason(Some(rule), text);
            }
            if let Some(error) = outcome.error {
                self.decision.add_problem(At::Rule(Some(rule)), error);
            }
            for each in &outcome.required {
                add_required(self.machine, &mut required, *each)?;
            }
        }
        for each in required {
            self.decision.add_obligation(each.obligation, each.given(&self.machine.program.plan));
        }
        Ok(())
    }

    fn default(&mut self) -> Result<(), EvalError> {
        let default = self.machine.program.plan.default.as_ref();
        self.decision.set_effect(default.map_or(Effect::Deny, |default| default.effect));
        match (default, default.and_then(|default| default.because)) {
            (None, _) => self.decision.add_reason(None, NO_RULE),
            (Some(_), None) => self.decision.add_reason(None, ""),
            (Some(default), Some(because)) => match self.machine.in_frame(index(default.locals), &[], |machine| machine.eval(because)) {
                Ok(Value::Str(text)) => self.decision.add_reason(None, text),
                Ok(value) => self.decision.add_reason(None, &value.to_string()),
                Err(error @ EvalError::StepLimit) => return Err(error),
                Err(error) => {
                    self.decision.add_problem(At::Rule(None), error);
                    self.decision.add_reason(None, &error.to_string());
                }
            },
        }
        Ok(())
    }
}

fn scores(machine: &mut Machine<'_>, decision: &mut Decision) -> Result<(), EvalError> {
    for (id, _) in (0_u32..).zip(&machine.program.plan.scores) {
        match machine.score(id) {
            Ok(value) => decision.set_score(id, value),
            Err(error @ EvalError::StepLimit) => return Err(error),
            Err(error) => decision.add_problem(At::Score(id), error),
        }
    }
    decision.sort_errors();
    Ok(())
}

/// Says what the shadow rules would have done. They take no part, so that one which uses up the steps only ends this.
fn shadows(machine: &mut Machine<'_>, found: &mut Found, decision: &mut Decision) {
    let program = machine.program;
    found.level(Level::Shadow, &program.finder, &program.rules, machine);
    for turn in &found.turns {
        let rule = turn.rule();
        let effect = program.plan.rules.get(index(rule)).map_or(Effect::Deny, |rule| rule.effect);
        match try_turn(machine, *turn, found.proved) {
            Ok(Some(outcome)) if outcome.matched => {
                let effect = if effect == Effect::Review && outcome.unfilled { Effect::Deny } else { effect };
                decision.add_shadow(rule, effect, outcome.reason.unwrap_or_default());
            }
            Ok(_) => {}
            Err(error) => return decision.add_problem(At::Rule(Some(rule)), error),
        }
    }
}
