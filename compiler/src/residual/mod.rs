//! What a policy comes to where only some of a request is known: for each declared tool what is decided whatever the rest, or on what it depends,
//! in the policy's own words.
//!
//! Values come of the evaluator, by queries for the parts of conditions ([`crate::lower::Outline`]), so that nothing here has a meaning of its own. What is
//! known is put in its place in the author's text, and what it settles is left out.

mod expression;
mod meaning;
mod range;
mod rule;
mod text;

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use tollgate_evaluator::{Effect, Engine, EvaluateError, LoadError, PartialRequest};

use tollgate_stdlib::types::RecordType;

use crate::check::glob::{Entries, is_pattern};
use crate::check::tools::split;
use crate::lint::Deciders;
use crate::lower::walk::each_operand;
use crate::lower::{Lowered, Outline, Testing};
use crate::program::{Expr, ExprKind, Requirement, Rule};
use crate::set::PolicySet;

pub use meaning::{Redefined, mentioned, mentions_any};
pub(crate) use text::on_one_line;

/// A policy set that may be asked what becomes of calls of which only some is known.
pub struct Residuals<'s> {
    set: &'s PolicySet,
    /// The digest of the plan that decides.
    policy: String,
    engine: Engine,
    outline: Outline,
    candidates: Candidates,
}

/// Which rules may decide calls, by their places in the program.
#[derive(Debug, Default)]
struct Candidates {
    /// Of all declared tools.
    of_all: Vec<usize>,
    /// Of each declared tool besides, and what must hold of the server where that is unknown.
    of_tools: Vec<Vec<(usize, Option<String>)>>,
}

/// What is known of requests, and what has been found out about rules by it.
pub struct Supposed<'r> {
    residuals: &'r Residuals<'r>,
    request: PartialRequest,
    /// Asks about calls of any tool.
    asking: expression::Asking<'r>,
    /// What becomes of rules in calls of any tool.
    of_any_tool: HashMap<usize, Rc<Match>>,
    /// Those of all tools that may match at all.
    live: Vec<usize>,
}

/// What is decided of calls of a tool: the first clause whose condition holds decides, else what is said last. Calls that are refused before any rule, since
/// they do not fit the policy's types, are denied besides.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Outlook {
    /// What depends on what is unknown, the strongest effect first.
    pub clauses: Vec<Clause>,
    /// What is decided where no clause holds.
    pub otherwise: Otherwise,
    /// What is known of the scores that stand in the conditions.
    pub scores: Vec<ScoreLeft>,
}

/// What is known of a score.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScoreLeft {
    /// Its name, without its package.
    pub name: String,
    /// The sum of the contributions that count for certain, before it is clamped.
    pub known: i64,
    /// The others: how much, and when.
    pub parts: Vec<(String, String)>,
}

/// An effect that a rule has under a condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Clause {
    /// The effect.
    pub effect: Effect,
    /// The rule, by its full name.
    pub rule: Arc<str>,
    /// When it matches: in any of these cases.
    pub cases: Vec<Case>,
    /// Whether an error may keep it from this: an allow whose `because` or `require` ends in one does not count, and a review whose `require` does is a deny.
    pub may_fail: bool,
}

/// What is left of the conditions of a rule. It is written as a rule's clauses are.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Case {
    /// `for` clauses whose variables stand in the conditions: `x in list`.
    pub choices: Vec<String>,
    /// What must hold, each on one line and as an operand of `and`.
    pub when: Vec<String>,
    /// What must not hold.
    pub unless: Option<String>,
    /// Whether what is above may end in an error, which lets a deny or review rule match.
    pub may_err: bool,
}

/// What is decided where no clause holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Otherwise {
    /// The effect.
    pub effect: Effect,
    /// The rules that match, whatever the rest; none where the default decides.
    pub rules: Vec<Arc<str>>,
    /// Whether an error in a review's `require` may make it a deny.
    pub may_fail: bool,
}

/// When a rule matches.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Match {
    Never,
    In(Vec<Case>),
    Always,
}

impl<'s> Residuals<'s> {
    /// A set that has been lowered with its outline ([`crate::lower::LowerOptions::outline`]).
    ///
    /// # Errors
    /// When this build of the evaluator lacks a function that the policy calls.
    pub fn new(set: &'s PolicySet, lowered: Lowered) -> Result<Residuals<'s>, LoadError> {
        let policy = lowered.plan.digest();
        let testing = lowered.testing.unwrap_or_else(|| Testing { plan: lowered.plan, ..Testing::default() });
        Ok(Residuals { set, policy, engine: Engine::new(testing.plan)?, outline: testing.outline, candidates: candidates(set) })
    }

    /// The same with an engine of other limits.
    pub fn with_limits(self, limits: tollgate_evaluator::Limits) -> Residuals<'s> {
        Residuals { engine: self.engine.with_limits(limits), ..self }
    }

    /// The engine that answers, through which data are bound.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The digest of the policy.
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The type of requests.
    pub fn input(&self) -> &'s RecordType {
        &self.set.program().input
    }

    /// The declared tools, sorted by name.
    pub fn tools(&self) -> impl ExactSizeIterator<Item = &'s Arc<str>> + use<'s> {
        self.set.program().tools.iter().map(|tool| &tool.name)
    }

    /// Supposes what a request says, whose tool and arguments are passed over: what it leaves out may be anything, in itself and in the records in it.
    ///
    /// # Errors
    /// Where it does not fit the types of the policy's `input`, or data are not bound.
    pub fn suppose(&self, request: &[u8]) -> Result<Supposed<'_>, EvaluateError> {
        let request = self.engine.read_part(request)?;
        let asking = expression::Asking::new(self, request.clone());
        let mut supposed = Supposed { residuals: self, request, asking, of_any_tool: HashMap::new(), live: Vec::new() };
        supposed.live = self.candidates.of_all.iter().copied().filter(|place| *supposed.of_any_tool(*place) != Match::Never).collect();
        Ok(supposed)
    }
}

impl<'r> Supposed<'r> {
    /// What is decided of calls of a tool, by its place among [`Residuals::tools`].
    pub fn outlook(&mut self, tool: usize) -> Outlook {
        let residuals = self.residuals;
        let program = residuals.set.program();
        let name = program.tools.get(tool).map_or("", |tool| &*tool.name);
        let mut asking = expression::Asking::new(residuals, self.request.of_tool(name));
        let mut found: [Vec<(usize, Rc<Match>)>; 3] = Default::default();
        let own = residuals.candidates.of_tools.get(tool).into_iter().flatten().map(|(place, server)| (*place, server.as_deref()));
        let of_all: Vec<(usize, Option<&str>)> = self.live.iter().map(|place| (*place, None)).collect();
        for (place, server) in of_all.into_iter().chain(own) {
            let Some(rule) = program.rules.get(place) else { continue };
            let matched = self.matched(place, rule, &mut asking);
            let matched = server.map_or(matched.clone(), |server| Rc::new(matched.only_where(server)));
            if *matched != Match::Never
                && let Some(of_effect) = found.get_mut(strength(rule.effect))
            {
                of_effect.push((place, matched));
            }
        }
        // Both lists are in the order of the rules, which is that of their names.
        found.iter_mut().for_each(|of_effect| of_effect.sort_by_key(|(place, _)| *place));
        let mut outlook = self.combined(&found);
        outlook.scores = asking.scores(&outlook.clauses);
        outlook
    }

    fn matched(&mut self, place: usize, rule: &'r Rule, asking: &mut expression::Asking<'r>) -> Rc<Match> {
        let of_any_tool = self.of_any_tool(place);
        let reads_tool = self.residuals.outline.rules.get(place).is_none_or(|outline| outline.reads_tool);
        if !reads_tool || *of_any_tool == Match::Never { of_any_tool } else { Rc::new(asking.rule(place, rule)) }
    }

    /// What becomes of a rule, whatever the tool is.
    fn of_any_tool(&mut self, place: usize) -> Rc<Match> {
        if let Some(known) = self.of_any_tool.get(&place) {
            return Rc::clone(known);
        }
        let rule = self.residuals.set.program().rules.get(place);
        let found = Rc::new(rule.map_or(Match::Never, |rule| self.asking.rule(place, rule)));
        self.of_any_tool.insert(place, Rc::clone(&found));
        found
    }

    fn combined(&self, found: &[Vec<(usize, Rc<Match>)>; 3]) -> Outlook {
        let program = self.residuals.set.program();
        let default = program.default.as_ref().map_or(Effect::Deny, |default| default.effect);
        let mut clauses: Vec<Clause> = Vec::new();
        let mut otherwise = Otherwise { effect: default, rules: Vec::new(), may_fail: false };
        for (effect, rules) in [Effect::Deny, Effect::Review, Effect::Allow].into_iter().zip(found) {
            let rules = || rules.iter().filter_map(|(place, matched)| Some((program.rules.get(*place)?, &**matched)));
            let is_settled = |rule: &Rule| effect != Effect::Allow || !may_fail(rule);
            let (settling, others): (Vec<_>, Vec<_>) = rules().partition(|(rule, matched)| **matched == Match::Always && is_settled(rule));
            let is_decided = !settling.is_empty();
            // Of what is decided anyway only rules that may turn it into a deny matter.
            for (rule, matched) in others.into_iter().filter(|(rule, _)| !is_decided || (effect == Effect::Review && may_fail(rule))) {
                let cases = if let Match::In(cases) = matched { cases.clone() } else { vec![Case::default()] };
                clauses.push(Clause { effect, rule: Arc::clone(&rule.name), cases, may_fail: may_fail(rule) });
            }
            if is_decided {
                let failing = effect == Effect::Review && settling.iter().any(|(rule, _)| may_fail(rule));
                otherwise = Otherwise { effect, rules: settling.iter().map(|(rule, _)| Arc::clone(&rule.name)).collect(), may_fail: failing };
                break;
            }
        }
        // What comes to the same in the end need not be told apart.
        while clauses.pop_if(|last| last.effect == otherwise.effect && !last.may_fail && !otherwise.may_fail).is_some() {}
        Outlook { clauses, otherwise, scores: Vec::new() }
    }
}

impl Outlook {
    /// The effect that every call has, if it does not depend on what is unknown.
    pub fn settled(&self) -> Option<Effect> {
        (self.clauses.is_empty() && !self.otherwise.may_fail).then_some(self.otherwise.effect)
    }

    /// Whether some call may have that effect.
    pub fn may(&self, effect: Effect) -> bool {
        let may_fail = self.otherwise.may_fail || self.clauses.iter().any(|clause| clause.may_fail && clause.effect == Effect::Review);
        self.otherwise.effect == effect || self.clauses.iter().any(|clause| clause.effect == effect) || (effect == Effect::Deny && may_fail)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = self.choices.iter().map(|choice| format!("for {choice}")).collect();
        match self.when.as_slice() {
            [] => {}
            [one] => words.push(format!("when {}", expression::without_brackets(one))),
            several => words.push(format!("when {}", several.join(" and "))),
        }
        words.extend(self.unless.iter().map(|unless| format!("unless {unless}")));
        f.write_str(&words.join(" "))
    }
}

impl fmt::Display for ScoreLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}", self.name, self.known)?;
        self.parts.iter().try_for_each(|(amount, when)| write!(f, ", {amount} more when {when}"))
    }
}

impl Match {
    /// The same where that must hold too.
    fn only_where(&self, condition: &str) -> Match {
        let with = |case: &Case| Case { when: std::iter::once(condition.to_owned()).chain(case.when.iter().cloned()).collect(), ..case.clone() };
        match self {
            Match::Never => Match::Never,
            Match::In(cases) => Match::In(cases.iter().map(with).collect()),
            Match::Always => Match::In(vec![with(&Case::default())]),
        }
    }
}

/// Whether an error may keep a rule that matches from its effect.
fn may_fail(rule: &Rule) -> bool {
    let args_err = rule.require.iter().flat_map(|requirement| &requirement.args).any(|arg| arg.errs);
    match rule.effect {
        Effect::Allow => args_err || rule.because.as_ref().is_some_and(|because| because.errs),
        Effect::Review => {
            let conditions = rule.when.iter().chain(&rule.unless).map(|condition| &condition.expr);
            let errs = conditions.chain(rule.choices.iter().map(|choice| &choice.source)).any(|expr| expr.errs);
            // What matches by an error has no choice to fill its `require` with, and has proved nothing.
            let needs_match = |requirement: &Requirement| requirement.proved || requirement.args.iter().any(|arg| reads_choice(rule, arg));
            args_err || (errs && rule.require.iter().any(needs_match))
        }
        Effect::Deny => false,
    }
}

/// Whether an expression reads what a rule's `for` chooses.
fn reads_choice(rule: &Rule, expr: &Expr) -> bool {
    let mut reads = matches!(&expr.kind, ExprKind::Local(local) if rule.choices.iter().any(|choice| choice.local == *local));
    each_operand(expr, &mut |operand, _| reads = reads || reads_choice(rule, operand));
    reads
}

/// The place of an effect, the strongest first.
fn strength(effect: Effect) -> usize {
    match effect {
        Effect::Deny => 0,
        Effect::Review => 1,
        Effect::Allow => 2,
    }
}

fn candidates(set: &PolicySet) -> Candidates {
    let program = set.program();
    let deciders = Deciders::new(program);
    let is_shadow =
        |place: &usize| program.rules.get(*place).is_none_or(|rule| rule.annotations.iter().any(|annotation| annotation.name.text == "shadow"));
    let mut others: Vec<usize> = deciders.of_others.values().flatten().copied().filter(|place| !is_shadow(place)).collect();
    others.sort_unstable();
    others.dedup();
    let entries: Vec<Entries<'_>> = program.rules.iter().map(|rule| Entries::new(rule.on.iter().map(|entry| &**entry))).collect();
    let of_tool = |(tool, decided): (&crate::program::Tool, &Vec<usize>)| {
        let mut places: Vec<usize> = decided.iter().copied().filter(|place| !is_shadow(place)).chain(others.iter().copied()).collect();
        places.sort_unstable();
        places.dedup();
        let about = |place: usize| Some((place, About::of(entries.get(place)?, &tool.name)));
        let about = places.into_iter().filter_map(about);
        about.filter_map(|(place, about)| about.server().map(|server| (place, server))).collect()
    };
    // They have no `on`.
    let of_all = deciders.of_all.iter().copied().filter(|place| !is_shadow(place)).collect();
    Candidates { of_all, of_tools: program.tools.iter().zip(&deciders.of_tools).map(of_tool).collect() }
}

/// Whether a pattern of `on` means a tool, given as it is declared.
pub fn is_meant(pattern: &str, tool: &str) -> bool {
    matches!(About::of(&Entries::new([pattern]), tool), About::Always)
}

/// Whether an `on` is about the calls of a declared tool.
enum About {
    Never,
    /// Where the server, which the declaration leaves open, is as one of these says.
    Where(Vec<String>),
    Always,
}

impl About {
    fn of(on: &Entries<'_>, tool: &str) -> About {
        if on.are_none() {
            return About::Always;
        }
        let (Some(_), _) = split(tool) else { return About::of_any_server(on, tool) };
        if on.may_mean(tool) { About::Always } else { About::Never }
    }

    /// Of a tool that is declared for whatever server has it.
    fn of_any_server(on: &Entries<'_>, tool: &str) -> About {
        let operator = |wanted: &str| if is_pattern(wanted) { "like" } else { "==" };
        let condition = |wanted: &str| format!("tool.server {} {}", operator(wanted), crate::format::quoted(wanted));
        match on.servers(tool).map(|wanted| wanted.map(condition)).collect::<Option<Vec<String>>>() {
            None => About::Always,
            Some(conditions) if conditions.is_empty() => About::Never,
            Some(conditions) => About::Where(conditions),
        }
    }

    /// What must hold of the server; `None` where nothing would do.
    fn server(self) -> Option<Option<String>> {
        match self {
            About::Never => None,
            About::Always => Some(None),
            About::Where(conditions) => match conditions.as_slice() {
                [one] => Some(Some(one.clone())),
                several => Some(Some(format!("({})", several.join(" or ")))),
            },
        }
    }
}
