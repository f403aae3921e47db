//! A plan made ready to run: constants as values, patterns compiled, functions found, tables hashed.

mod constants;
mod fields;
mod index;
mod pattern;
mod tools;

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_stdlib::{Function, Kept, Shape, Value};

use crate::Effect;
use crate::LoadError;
use crate::plan::{self, NodeId, Plan, Survey, TypeNode, Validated, bit, index as at};

pub(crate) use fields::FieldTable;
pub(crate) use index::{Candidate, Finder, Found, Lookup};
pub(crate) use pattern::Matcher;
pub(crate) use tools::{Call, Tools, is_on};

/// A plan made ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    pub plan: Plan,
    pub survey: Survey,
    pub builtins: Vec<&'static Function>,
    pub shapes: Vec<Arc<Shape>>,
    /// The places of the shapes' fields.
    pub fields: Vec<FieldTable>,
    pub tools: Tools,
    pub finder: Finder,
    /// The rules in the order in which they are looked at.
    pub order: Order,
    /// What is known of each rule beside the plan.
    pub rules: Vec<RuleFacts>,
    pub names: Names,
    /// The digest.
    pub policy: Arc<str>,
    /// For each type, whether no value of it has a part that is passed over.
    sealed: Vec<bool>,
    constants: Vec<Kept>,
    patterns: Vec<Matcher>,
}

/// The rules as decisions look at them: denies, reviews, allows, then shadow rules, each sorted by full name.
#[derive(Debug)]
pub(crate) struct Order {
    /// Numbers of rules.
    pub rules: Vec<u32>,
    /// Where the reviews, the allows, and the shadow rules begin.
    pub starts: [u32; 3],
}

/// What is known of a rule beside the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleFacts {
    /// What a choice costs beside its step: an eighth of the expressions that it may evaluate.
    pub choice_cost: u64,
    /// Whether a source, a condition or a requirement may err.
    pub can_err: bool,
    /// The variables of its choices, as in [`bit`].
    pub witness: u128,
}

/// Names as decisions share them.
#[derive(Debug)]
pub(crate) struct Names {
    pub rules: Vec<Arc<str>>,
    pub ids: Vec<Option<Arc<str>>>,
    pub obligations: Vec<Arc<str>>,
    pub params: Vec<Vec<Arc<str>>>,
    pub scores: Vec<Arc<str>>,
    /// Each score's last part where that is unique among the scores, else its full name.
    pub short_scores: Vec<Arc<str>>,
}

impl Program {
    pub fn new(plan: Plan) -> Result<Program, LoadError> {
        let Validated { builtins, survey } = plan.examine()?;
        let shapes: Vec<Arc<Shape>> = plan.shapes.iter().map(|names| Arc::new(Shape::new(names))).collect();
        let fields = plan.shapes.iter().map(|names| FieldTable::new(names)).collect();
        let constants = constants::build(&plan, &shapes)?;
        let patterns = pattern::compile(&plan.patterns)?;
        let tools = Tools::new(&plan, &patterns);
        let order = Order::new(&plan);
        let finder = Finder::new(&plan, &constants, &order);
        let rules = plan.rules.iter().map(|rule| RuleFacts::new(rule, &survey)).collect();
        let names = Names::new(&plan);
        let policy = plan.digest().into();
        let sealed = sealed(&plan);
        Ok(Program { plan, survey, builtins, shapes, fields, tools, finder, order, rules, names, policy, sealed, constants, patterns })
    }

    /// A constant's value; `None` for one that does not exist, which no valid plan refers to.
    pub fn constant(&self, id: plan::ConstId) -> Value<'_> {
        self.constants.get(at(id)).map_or(Value::None, Kept::view)
    }

    /// A constant that outlives the program.
    pub fn kept_constant(&self, id: plan::ConstId) -> Kept {
        self.constants.get(at(id)).cloned().unwrap_or(Kept::None)
    }

    /// How many results a decision can remember.
    pub fn memory_size(&self) -> usize {
        at(self.plan.memos) + self.plan.definitions.len() + self.plan.scores.len()
    }

    /// Whether reading a value of that type checks all of it.
    pub fn is_sealed(&self, ty: plan::TypeId) -> bool {
        self.sealed.get(at(ty)).copied().unwrap_or(false)
    }

    /// The name that a string constant holds.
    pub fn name(&self, id: plan::ConstId) -> &str {
        self.constant(id).as_str().unwrap_or_default()
    }

    /// Whether a text matches a pattern.
    pub fn matches(&self, id: plan::PatternId, text: &str) -> bool {
        self.patterns.get(at(id)).is_some_and(|pattern| pattern.matches(text))
    }

    /// What one application of that expression in a loop costs beside its step.
    pub fn loop_cost(&self, body: NodeId) -> u64 {
        u64::from(self.survey.weight(body)) / 8
    }

    /// A rule and what is known of it.
    pub fn rule(&self, id: u32) -> Option<(&plan::Rule, RuleFacts)> {
        Some((self.plan.rules.get(at(id))?, *self.rules.get(at(id))?))
    }
}

impl Order {
    fn new(plan: &Plan) -> Order {
        let place = |rule: &plan::Rule| match (rule.shadow, rule.effect) {
            (true, _) => 3,
            (false, Effect::Allow) => 2,
            (false, Effect::Review) => 1,
            (false, Effect::Deny) => 0,
        };
        let mut places: Vec<(usize, u32)> = (0_u32..).zip(&plan.rules).map(|(id, rule)| (place(rule), id)).collect();
        places.sort_unstable();
        let start = |part| u32::try_from(places.partition_point(|(place, _)| *place < part)).unwrap_or(u32::MAX);
        Order { starts: [start(1), start(2), start(3)], rules: places.into_iter().map(|(_, id)| id).collect() }
    }
}

impl RuleFacts {
    fn new(rule: &plan::Rule, survey: &Survey) -> RuleFacts {
        let conditions = rule.conditions.iter().chain(&rule.unless).map(|condition| condition.node);
        let inner = || conditions.clone().chain(rule.choices.iter().map(|choice| choice.source));
        let written = rule.because.into_iter();
        let required = rule.require.iter().flat_map(|requirement| requirement.args.iter().copied());
        let weight: u64 = inner().chain(written).chain(required.clone()).map(|node| u64::from(survey.weight(node))).sum();
        let mut all = inner().chain(required).chain(rule.guards.iter().map(|guard| guard.node));
        RuleFacts {
            choice_cost: weight / 8,
            can_err: all.any(|node| survey.flags(node) & plan::CAN_ERR != 0),
            witness: rule.choices.iter().fold(0, |bits, choice| bits | bit(choice.local)),
        }
    }
}

impl Names {
    fn new(plan: &Plan) -> Names {
        let shared = |text: &plan::Text| Arc::from(&**text);
        let scores: Vec<Arc<str>> = plan.scores.iter().map(|score| shared(&score.name)).collect();
        let mut times: HashMap<&str, usize> = HashMap::new();
        scores.iter().for_each(|name| *times.entry(last_part(name)).or_default() += 1);
        let short = |name: &Arc<str>| {
            let last = last_part(name);
            if times.get(last) == Some(&1) { Arc::from(last) } else { name.clone() }
        };
        let short_scores = scores.iter().map(short).collect();
        Names {
            rules: plan.rules.iter().map(|rule| shared(&rule.name)).collect(),
            ids: plan.rules.iter().map(|rule| rule.id.as_ref().map(shared)).collect(),
            obligations: plan.obligations.iter().map(|obligation| shared(&obligation.name)).collect(),
            params: plan.obligations.iter().map(|obligation| obligation.params.iter().map(shared).collect()).collect(),
            short_scores,
            scores,
        }
    }
}

/// For each type, whether its records refuse undeclared fields, all the way down.
fn sealed(plan: &Plan) -> Vec<bool> {
    let mut sealed: Vec<bool> = Vec::with_capacity(plan.types.len());
    for ty in &plan.types {
        let of = |id: plan::TypeId| sealed.get(at(id)).copied().unwrap_or(false);
        let is_sealed = match ty {
            TypeNode::List(id) | TypeNode::Set(id) | TypeNode::Map(id) | TypeNode::Optional(id) => of(*id),
            TypeNode::Record { fields, closed, .. } => *closed && fields.iter().all(|field| of(field.ty)),
            _ => true,
        };
        sealed.push(is_sealed);
    }
    sealed
}

/// The part of a full name after its last point.
pub(crate) fn last_part(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}
