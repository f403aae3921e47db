//! What rules could still say of a call whose arguments are unknown: surely, perhaps, or never.

use tollgate_stdlib::{EvalError, Value};

use crate::Effect;
use crate::eval::{Guess, Guesses, Machine, Unknown};
use crate::outlook::ToolOutlook;
use crate::plan::{CAN_ERR, NodeId, READS_ARGS, READS_SERVER, Rule, Tool, index};

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chance {
    Never,
    Perhaps,
    Surely,
}

use Chance::{Never, Perhaps, Surely};

/// What could become of a call of the tool of that number by the agent of the request that the machine has read.
pub(crate) fn outlook(machine: &mut Machine<'_>, tool: usize) -> Option<ToolOutlook> {
    let program = machine.program;
    let tool = program.plan.tools.get(tool)?;
    machine.call = program.tools.fitting(&program.plan, tool.server.as_deref().unwrap_or_default(), &tool.name);
    if let Some(slots) = program.plan.input.tool {
        let kept = machine.arena.alloc_slice_copy(machine.slots);
        for (slot, text) in [(slots.name, &*tool.name), (slots.server, tool.server.as_deref().unwrap_or_default())] {
            kept.iter_mut().skip(index(slot)).take(1).for_each(|value| *value = Value::Str(text));
        }
        machine.slots = kept;
    }
    let server = if tool.server.is_some() { 0 } else { READS_SERVER };
    let guesses = Guesses::new(Unknown::Flags(READS_ARGS | server));
    let mut forecast = Forecast { machine, guesses, tool, strongest: [Never; 3], unfilled: false };
    for (id, rule) in (0_u32..).zip(&program.plan.rules).filter(|(_, rule)| !rule.shadow) {
        forecast.rule(id, rule);
    }
    Some(forecast.finish())
}

struct Forecast<'a, 'm> {
    machine: &'m mut Machine<'a>,
    guesses: Guesses<'a>,
    tool: &'a Tool,
    /// The best chance of a match among the rules of each effect.
    strongest: [Chance; 3],
    /// Whether a review may turn into a deny.
    unfilled: bool,
}

impl<'a> Forecast<'a, '_> {
    fn finish(self) -> ToolOutlook {
        let [allow, review, deny] = self.strongest;
        let default = self.machine.program.plan.default.as_ref().map_or(Effect::Deny, |default| default.effect);
        let by_default = allow != Surely && review != Surely && deny != Surely;
        let name = &self.tool.name;
        ToolOutlook {
            tool: self.tool.server.as_ref().map_or_else(|| name.to_string(), |server| format!("{server}/{name}")),
            allow: deny != Surely && review != Surely && allow != Never,
            review: deny != Surely && (review != Never || (by_default && default == Effect::Review)),
            deny: deny != Never || (self.unfilled && review != Never) || (by_default && default == Effect::Deny),
        }
    }

    fn rule(&mut self, id: u32, rule: &'a Rule) {
        let on = self.on(rule);
        if on == Never {
            return;
        }
        let Forecast { machine, guesses, .. } = self;
        let matched = machine.in_frame(index(rule.locals), &[], |machine| matches(machine, guesses, rule));
        let survey = &self.machine.program.survey;
        let errs = |node: u32| survey.flags(node) & CAN_ERR != 0;
        let filling_errs = rule.require.iter().flat_map(|requirement| &requirement.args).any(|node| errs(*node));
        let mut chance = on.min(matched);
        if rule.effect == Effect::Allow && (filling_errs || rule.because.is_some_and(errs)) {
            chance = chance.min(Perhaps);
        }
        let may_err = self.machine.program.rule(id).is_some_and(|(_, facts)| facts.can_err);
        self.unfilled |= rule.effect == Effect::Review && chance != Never && !rule.require.is_empty() && may_err;
        let place = match rule.effect {
            Effect::Allow => 0,
            Effect::Review => 1,
            Effect::Deny => 2,
        };
        if let Some(strongest) = self.strongest.get_mut(place) {
            *strongest = (*strongest).max(chance);
        }
    }

    /// Whether a rule's `on` is about the call, whose server is unknown where the tool is of any.
    fn on(&self, rule: &Rule) -> Chance {
        let program = self.machine.program;
        let (call, name) = (self.machine.call, &*self.tool.name);
        let Some(on) = &rule.on else { return Surely };
        let named = on.tools.iter().map(|tool| match program.plan.tools.get(index(*tool)) {
            _ if call.fits(*tool) => Surely,
            Some(other) if self.tool.server.is_none() && *other.name == *name => Perhaps,
            _ => Never,
        });
        let patterns = on.patterns.iter().map(|(servers, names)| match (servers, self.tool.server.as_deref()) {
            _ if !program.matches(*names, name) => Never,
            (None, _) => Surely,
            (Some(_), None) => Perhaps,
            (Some(servers), Some(server)) if program.matches(*servers, server) => Surely,
            (Some(_), Some(_)) => Never,
        });
        named.chain(patterns).max().unwrap_or(Never)
    }
}

/// Whether a rule matches a call that its `on` is about.
fn matches<'a>(machine: &mut Machine<'a>, guesses: &mut Guesses<'a>, rule: &'a Rule) -> Chance {
    let guards = all(machine, guesses, rule, rule.guards.iter().map(|guard| (*guard, true)));
    if guards == Never {
        return Never;
    }
    guards.min(choose(machine, guesses, rule, 0))
}

/// Whether some choice matches, from that variable on.
fn choose<'a>(machine: &mut Machine<'a>, guesses: &mut Guesses<'a>, rule: &'a Rule, place: usize) -> Chance {
    let Some(choice) = rule.choices.get(place) else {
        let conditions = rule.conditions.iter().map(|condition| (*condition, true));
        return all(machine, guesses, rule, conditions.chain(rule.unless.iter().map(|unless| (*unless, false))));
    };
    match guesses.guess(machine, choice.source) {
        Guess::Known(Ok(source)) => {
            guesses.set_known(choice.local, true);
            let mut best = Never;
            for element in source.elements() {
                if best == Surely || machine.spend(1).is_err() {
                    return best.max(Perhaps);
                }
                machine.bind(choice.local, element);
                best = best.max(choose(machine, guesses, rule, place + 1));
            }
            best
        }
        Guess::Known(Err(error)) => by_error(rule, error),
        Guess::Unknown { errs } => {
            guesses.set_known(choice.local, false);
            let inside = choose(machine, guesses, rule, place + 1);
            if inside == Never && !(errs && rule.effect != Effect::Allow) { Never } else { Perhaps }
        }
    }
}

/// Whether all conditions are as wanted, or one errs where that counts as a match.
fn all<'a>(machine: &mut Machine<'a>, guesses: &mut Guesses<'a>, rule: &Rule, conditions: impl Iterator<Item = (NodeId, bool)>) -> Chance {
    let (mut chance, mut errs_before) = (Surely, false);
    for (condition, wanted) in conditions {
        match guesses.guess(machine, condition) {
            Guess::Known(Ok(value)) if value.as_bool().unwrap_or(false) == wanted => {}
            Guess::Known(Ok(_)) => return if errs_before && rule.effect != Effect::Allow { Perhaps } else { Never },
            Guess::Known(Err(error)) => return chance.min(by_error(rule, error)),
            Guess::Unknown { errs } => (chance, errs_before) = (Perhaps, errs_before | errs),
        }
    }
    chance
}

/// What an error in a rule's condition comes to.
fn by_error(rule: &Rule, error: EvalError) -> Chance {
    match (error, rule.effect) {
        (EvalError::StepLimit, _) => Perhaps,
        (_, Effect::Allow) => Never,
        _ => Surely,
    }
}
