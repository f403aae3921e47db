//! One rule on one request, choice by choice.

use tollgate_compiler::program::{Expr, Requirement, Rule};
use tollgate_evaluator::Effect;
use tollgate_stdlib::EvalError;
use tollgate_stdlib::types::Type;

use super::eval::{Evaluator, Frame};
use super::mentions::mentions;
use super::value::Value;

/// What a rule comes to.
#[derive(Default)]
pub struct Outcome {
    /// Whether some choice matches.
    pub matched: bool,
    /// The text of the first choice that matches without error, else the error by which it matches.
    pub reason: Option<String>,
    /// Obligations with their arguments, each once.
    pub required: Vec<(usize, Vec<Value>)>,
    /// Whether an obligation could not be filled.
    pub unfilled: bool,
    /// The first error.
    pub error: Option<EvalError>,
}

/// Tries a rule that is about the call's tool.
pub fn try_rule(evaluator: Evaluator<'_>, rule: &Rule) -> Outcome {
    let mut trial = Trial { evaluator, rule, outcome: Outcome::default(), witnessed: false, matched_by: None };
    trial.choose(0, &mut Frame::default());
    let Trial { mut outcome, witnessed, matched_by, .. } = trial;
    if !witnessed && let Some(error) = matched_by {
        outcome.reason = Some(error.to_string());
    }
    outcome
}

struct Trial<'p> {
    evaluator: Evaluator<'p>,
    rule: &'p Rule,
    outcome: Outcome,
    /// Whether a choice has matched without error.
    witnessed: bool,
    /// The first error by which a choice matched.
    matched_by: Option<EvalError>,
}

impl Trial<'_> {
    /// Every choice of the variables from that place on, in order.
    fn choose(&mut self, place: usize, frame: &mut Frame) {
        let Some(choice) = self.rule.choices.get(place) else { return self.choice(frame) };
        match self.evaluator.eval(&choice.source, frame) {
            Ok(source) => {
                let elements = match choice.source.ty {
                    Type::Optional(_) if source.is_none() => Vec::new(),
                    Type::Optional(_) => vec![source],
                    _ => source.elements(),
                };
                for element in elements {
                    frame.bind(choice.local, element);
                    self.choose(place + 1, frame);
                }
            }
            Err(error) => self.fails(error),
        }
    }

    /// One choice of all variables.
    fn choice(&mut self, frame: &mut Frame) {
        match self.holds(frame) {
            Ok(true) => self.matches(frame),
            Ok(false) => {}
            Err(error) => self.fails(error),
        }
    }

    /// `when` and not `unless`.
    fn holds(&self, frame: &mut Frame) -> Result<bool, EvalError> {
        for condition in &self.rule.when {
            if !self.evaluator.holds(&condition.expr, frame)? {
                return Ok(false);
            }
        }
        match &self.rule.unless {
            Some(unless) => Ok(!self.evaluator.holds(&unless.expr, frame)?),
            None => Ok(true),
        }
    }

    fn note(&mut self, error: EvalError) {
        self.outcome.error.get_or_insert(error);
    }

    /// A choice errs: no match of an `allow`; of the others a match without a witness.
    fn fails(&mut self, error: EvalError) {
        self.note(error);
        if self.rule.effect == Effect::Allow {
            return;
        }
        self.outcome.matched = true;
        self.matched_by.get_or_insert(error);
        for requirement in &self.rule.require {
            if requirement.proved || self.reads_choice(requirement) {
                self.outcome.unfilled = true;
            } else {
                self.fill(requirement);
            }
        }
    }

    fn reads_choice(&self, requirement: &Requirement) -> bool {
        requirement.args.iter().any(|arg| self.rule.choices.iter().any(|choice| mentions(arg, choice.local)))
    }

    /// A choice matches.
    fn matches(&mut self, frame: &mut Frame) {
        let required = match self.texts(frame) {
            Ok(required) => required,
            // Only an `allow` gives up: an error in its `because` or `require` turns the match into none.
            Err(error) => return self.note(error),
        };
        required.into_iter().for_each(|required| self.require(required));
        self.witnessed = true;
        self.outcome.matched = true;
    }

    /// Fills `because` by the first match, and `require` by each.
    fn texts(&mut self, frame: &mut Frame) -> Result<Vec<(usize, Vec<Value>)>, EvalError> {
        let mut reason = None;
        if let (false, Some(because)) = (self.witnessed, &self.rule.because) {
            reason = match self.evaluator.eval(because, frame) {
                Ok(text) => Some(text.print()),
                Err(error) if self.rule.effect == Effect::Allow => return Err(error),
                Err(error) => {
                    self.note(error);
                    Some(error.to_string())
                }
            };
        }
        let mut required = Vec::new();
        for requirement in &self.rule.require {
            match self.args(&requirement.args, frame) {
                Ok(args) => required.push((requirement.obligation, args)),
                Err(error) if self.rule.effect == Effect::Allow => return Err(error),
                Err(error) => {
                    self.note(error);
                    self.outcome.unfilled = true;
                }
            }
        }
        if !self.witnessed {
            self.outcome.reason = reason;
        }
        Ok(required)
    }

    fn args(&self, args: &[Expr], frame: &mut Frame) -> Result<Vec<Value>, EvalError> {
        args.iter().map(|arg| self.evaluator.eval(arg, frame)).collect()
    }

    /// Fills an obligation that no choice gives anything to.
    fn fill(&mut self, requirement: &Requirement) {
        match self.args(&requirement.args, &mut Frame::default()) {
            Ok(args) => self.require((requirement.obligation, args)),
            Err(error) => {
                self.note(error);
                self.outcome.unfilled = true;
            }
        }
    }

    fn require(&mut self, required: (usize, Vec<Value>)) {
        add_required(&mut self.outcome.required, required);
    }
}

/// Adds an obligation unless it is there.
pub fn add_required(all: &mut Vec<(usize, Vec<Value>)>, required: (usize, Vec<Value>)) {
    let same = |(obligation, args): &(usize, Vec<Value>)| *obligation == required.0 && args.iter().zip(&required.1).all(|(a, b)| a.equals(b));
    if !all.iter().any(same) {
        all.push(required);
    }
}
