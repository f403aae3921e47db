//! Rules: what of `when` may be tested before the choices, and the rest as written.

use tollgate_evaluator::plan::{self, LocalId, Node, NodeId, RuleSource};
use tollgate_stdlib::types::Type;

use crate::program::{Choice, Condition, DefaultDecision, Requirement, Rule};
use crate::syntax::ast::Annotation;

use super::Lowering;
use super::frame::Frame;
use super::intern::number;
use super::reads::{Read, reads};
use super::walk::binding_depth;

impl Lowering<'_> {
    /// A rule of the plan, and what explanations show of it.
    pub(super) fn rule(&mut self, rule: &Rule) -> (plan::Rule, RuleSource) {
        let mut frame = Frame::default();
        let on = self.on(&rule.on);
        let choices = self.choices(&mut frame, rule);
        let (guards, conditions) = self.conditions(&mut frame, rule);
        let unless = rule.unless.as_ref().map(|condition| self.condition(&mut frame, condition, &variables(rule)));
        let lowered = plan::Rule {
            name: (&*rule.name).into(),
            effect: rule.effect,
            id: annotation(rule, "id").and_then(|id| id.args.first()).map(|id| id.text.as_str().into()),
            shadow: annotation(rule, "shadow").is_some(),
            on: on.map(Box::new),
            guards: guards.iter().map(|guard| guard.node).collect(),
            choices,
            conditions: conditions.iter().map(|condition| condition.node).collect(),
            unless: unless.as_ref().map(|unless| unless.node),
            because: rule.because.as_ref().map(|because| self.expr(&mut frame, because)),
            require: rule.require.iter().map(|requirement| self.requirement(&mut frame, requirement)).collect(),
            locals: frame.size(),
        };
        let annotations = rule.annotations.iter().map(annotation_of).collect();
        let choices = rule.choices.iter().map(|choice| (&*choice.name).into()).collect();
        (lowered, RuleSource { annotations, choices, guards, conditions, unless })
    }

    /// The default decision.
    pub(super) fn default_decision(&mut self, default: &DefaultDecision) -> plan::DefaultDecision {
        let mut frame = Frame::default();
        let because = default.because.as_ref().map(|because| self.expr(&mut frame, because));
        plan::DefaultDecision { effect: default.effect, because, locals: frame.size() }
    }

    /// A condition with the parts that explanations show; `variables` are the rule's, with their names.
    fn condition(&mut self, frame: &mut Frame, condition: &Condition, variables: &[(usize, &str)]) -> plan::Condition {
        let node = self.expr(frame, &condition.expr);
        let mut parts: Vec<plan::Condition> = condition.parts.iter().map(|part| self.condition(frame, part, variables)).collect();
        for Read { expr, text } in reads(self.program, condition, variables) {
            parts.push(plan::Condition { node: self.expr(frame, expr), text: text.into(), parts: Vec::new() });
        }
        plan::Condition { node, text: condition.text.as_str().into(), parts }
    }

    fn choices(&mut self, frame: &mut Frame, rule: &Rule) -> Box<[plan::Choice]> {
        let lambdas = if rule.choices.is_empty() { 0 } else { lambda_depth(rule) };
        let mut lower = |choice: &Choice| {
            let source = self.expr(frame, &choice.source);
            let local = frame.choose(choice.local, lambdas);
            plan::Choice { local, source: self.chosen_whole(choice, source, local) }
        };
        rule.choices.iter().map(&mut lower).collect()
    }

    /// A present optional is one choice, also where it holds a list, set or map, whose elements the evaluator would choose from.
    fn chosen_whole(&mut self, choice: &Choice, source: NodeId, local: LocalId) -> NodeId {
        let Type::Optional(inner) = &choice.source.ty else { return source };
        if !matches!(**inner, Type::List(_) | Type::Set(_) | Type::Map(_)) {
            return source;
        }
        let present = self.node(Node::Local(local));
        let one = self.node(Node::List([present].into()));
        self.node(Node::WithPresent(source, local, one))
    }

    /// The conjuncts of `when` in two: those that may be tested before the choices, since neither they nor what comes before them can err or costs
    /// steps, and the others.
    fn conditions(&mut self, frame: &mut Frame, rule: &Rule) -> (Vec<plan::Condition>, Vec<plan::Condition>) {
        let (mut guards, mut conditions) = (Vec::new(), Vec::new());
        let mut may_precede = rule.choices.iter().all(|choice| !choice.source.errs && choice.source.free);
        let variables = variables(rule);
        for condition in &rule.when {
            let lowered = self.condition(frame, condition, &variables);
            may_precede &= !condition.expr.errs && condition.expr.free;
            if may_precede && self.graph.is_closed(lowered.node) {
                guards.push(lowered);
            } else {
                conditions.push(lowered);
            }
        }
        (guards, conditions)
    }

    fn requirement(&mut self, frame: &mut Frame, requirement: &Requirement) -> plan::Requirement {
        let args = self.exprs(frame, &requirement.args);
        plan::Requirement { obligation: number(requirement.obligation), args, proved: requirement.proved }
    }
}

/// The variables of a rule's choices, with their names.
fn variables(rule: &Rule) -> Vec<(usize, &str)> {
    rule.choices.iter().map(|choice| (choice.local, &*choice.name)).collect()
}

/// How deep lambdas stand in each other anywhere in a rule.
fn lambda_depth(rule: &Rule) -> u32 {
    // What is shown beneath a condition may be more than stands in it.
    let mut conditions = Vec::new();
    let mut open: Vec<&Condition> = rule.when.iter().chain(&rule.unless).collect();
    while let Some(condition) = open.pop() {
        conditions.push(&condition.expr);
        open.extend(&condition.parts);
    }
    let arguments = rule.require.iter().flat_map(|requirement| &requirement.args);
    let all = conditions.into_iter().chain(rule.choices.iter().map(|choice| &choice.source)).chain(&rule.because).chain(arguments);
    all.map(binding_depth).max().unwrap_or(0)
}

fn annotation<'r>(rule: &'r Rule, name: &str) -> Option<&'r Annotation> {
    rule.annotations.iter().find(|annotation| annotation.name.text == name)
}

fn annotation_of(annotation: &Annotation) -> (plan::Text, Vec<plan::Text>) {
    (annotation.name.text.as_str().into(), annotation.args.iter().map(|arg| arg.text.as_str().into()).collect())
}
