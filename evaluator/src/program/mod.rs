//! A plan made ready to run: constants as values, patterns compiled, functions found, tables hashed.

mod check;
mod constants;
mod fields;
mod index;
mod pattern;
mod rules;
mod scores;
mod tools;

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_stdlib::{Implementation, Kept, Shape, Value};

use crate::LoadError;
use crate::eval::Lasting;
use crate::plan::{self, Index, NodeId, Plan, Survey, Text, TypeNode, Validated, index as at};

use check::{Comparisons, Terms};
pub(crate) use fields::{Field, FieldTable};

pub(crate) use check::Check;
pub(crate) use index::{Finder, Found, Holders, Lookup, Standing};
pub(crate) use pattern::Matcher;
pub(crate) use rules::{Level, RuleFacts, Rules, Turn};
pub(crate) use scores::{Amount, Condition, Parts};
pub(crate) use tools::{Call, Tools, is_on};

/// What calling a built-in function needs. Together, which the functions are not, these take few lines of a processor's cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Builtin {
    /// How many parameters it has.
    pub params: usize,
    pub run: Implementation,
}

/// A plan made ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    pub plan: Plan,
    pub survey: Survey,
    pub builtins: Vec<Builtin>,
    pub shapes: Vec<Arc<Shape>>,
    /// The places of the shapes' fields.
    pub fields: Vec<FieldTable>,
    pub tools: Tools,
    pub finder: Finder,
    pub rules: Rules,
    /// What depends on data alone.
    pub lasting: Lasting,
    comparisons: Comparisons,
    /// For each score its contributions made ready.
    pub scores: Vec<Parts>,
    /// Each score's last part where that is unique among the scores, else its full name.
    pub short_scores: Vec<Text>,
    /// The digest.
    pub policy: Arc<str>,
    /// For each type, whether no value of it has a part that is passed over.
    sealed: Vec<bool>,
    constants: Vec<Kept>,
    patterns: Vec<Matcher>,
}

impl Program {
    pub fn new(mut plan: Plan, digest: String) -> Result<Program, LoadError> {
        let Validated { builtins, survey } = plan.examine()?;
        let builtins = builtins.iter().map(|function| Builtin { params: function.params.len(), run: function.run }).collect();
        let shapes: Vec<Arc<Shape>> = plan.shapes.iter().map(|names| Arc::new(Shape::new(names))).collect();
        let fields = plan.shapes.iter().map(|names| FieldTable::new(names)).collect();
        let constants = constants::build(&plan, &shapes)?;
        let patterns = pattern::compile(&plan.patterns)?;
        let tools = Tools::new(&plan, &patterns);
        let terms = Terms { plan: &plan, constants: &constants, patterns: &patterns, tools: &tools };
        let mut comparisons = Comparisons::default();
        let (finder, rules) = Finder::new(terms, &survey, &mut comparisons);
        let scores = plan.scores.iter().map(|score| Parts::new(terms, score, &mut comparisons)).collect();
        let short_scores = short_scores(&plan);
        let policy = digest.into();
        let sealed = sealed(&plan);
        let lasting = Lasting::new(&plan, &survey);
        plan.index = Index { groups: Vec::new(), unfiled: (0_u32..).zip(&plan.rules).map(|(rule, _)| rule).collect() };
        Ok(Program {
            plan,
            survey,
            builtins,
            shapes,
            fields,
            tools,
            finder,
            rules,
            lasting,
            comparisons,
            scores,
            short_scores,
            policy,
            sealed,
            constants,
            patterns,
        })
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
        Some((self.plan.rules.get(at(id))?, self.rules.facts(id)?))
    }
}

/// Each score's last part where that is unique among the scores, else its full name.
fn short_scores(plan: &Plan) -> Vec<Text> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    plan.scores.iter().for_each(|score| *times.entry(last_part(&score.name)).or_default() += 1);
    let short = |score: &plan::Score| {
        let last = last_part(&score.name);
        if times.get(last) == Some(&1) { last.into() } else { score.name.clone() }
    };
    plan.scores.iter().map(short).collect()
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
