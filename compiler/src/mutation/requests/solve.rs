//! What must stand where in a request for a condition to be true, or false.
//!
//! It is a search for likely requests: what it does not understand it takes to be so, and of many ways it follows a few.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use super::Solver;
use super::claim::Claim;
use super::shape::{Change, Step, What};
use super::term::Via;
use crate::program::{Argument, Expr, ExprKind, Order};

/// How many ways are followed.
pub const MAX_WAYS: usize = 4;
/// How deep definitions and operators are followed.
const MAX_DEPTH: usize = 120;
/// How many expressions are looked at for one rule.
const MAX_WORK: usize = 20_000;
/// How many changes are noted of a rule.
const MAX_MET: usize = 256;

/// What variables stand for, by their numbers.
pub type Env = HashMap<usize, Meaning>;

/// What two operands stand for.
type Both = (Option<Meaning>, Option<Meaning>);

/// What an expression stands for.
#[derive(Clone, Debug)]
pub enum Meaning {
    /// A value that is known.
    Known(Kept),
    /// A place of the request.
    Place(Term),
    /// What a declaration says of the tool that is called.
    Fact(Fact),
    /// A score.
    Score(usize),
    /// A text made of others, one after the other.
    Text(Vec<Meaning>),
    /// The one or the other, by a condition.
    Branch(Arc<Branch>),
}

/// What an `if` stands for.
#[derive(Debug)]
pub struct Branch {
    /// The condition, and what variables stand for in it.
    pub condition: (Expr, Env),
    /// What it is where that holds.
    pub then: Meaning,
    /// What it is where that does not.
    pub otherwise: Meaning,
}

/// A value that comes of a place of the request.
#[derive(Clone, Debug)]
pub struct Term {
    /// The place.
    pub at: Vec<Step>,
    /// The type of what stands there.
    pub ty: Type,
    /// What is made of it, the first first.
    pub via: Vec<Via>,
}

/// One way for what has been asked for to be so.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The tool that is called; any if there is none.
    pub tool: Option<usize>,
    /// What stands where, in order.
    pub changes: Vec<Change>,
    /// What has been asked for.
    pub claims: Vec<(Term, Claim, bool)>,
}

impl Term {
    /// What stands at a place.
    pub fn of(at: Vec<Step>, ty: Type) -> Term {
        Term { at, ty: ty.present().clone(), via: Vec::new() }
    }

    /// What stands in it.
    pub fn at_step(&self, step: Step, ty: &Type) -> Term {
        let mut at = self.at.clone();
        at.push(step);
        Term::of(at, ty.clone())
    }

    /// The same, seen through something more.
    pub fn through(mut self, via: Via) -> Term {
        self.via.push(via);
        self
    }
}

impl State {
    /// What has been put at a place.
    pub fn value(&self, at: &[Step]) -> Option<&Kept> {
        self.changes
            .iter()
            .rev()
            .find(|change| change.at == at)
            .and_then(|change| if let What::Put(value) = &change.what { Some(value) } else { None })
    }

    /// The same with something at a place.
    pub fn with(&self, at: &[Step], what: What) -> State {
        let mut state = self.clone();
        if matches!(what, What::Put(_)) {
            state.changes.retain(|change| change.at != at || !matches!(change.what, What::Put(_)));
        }
        state.changes.push(Change { at: at.to_vec(), what });
        state
    }

    /// Whether a value at a place goes with what has been asked for.
    pub fn bears(&self, at: &[Step], value: &Kept) -> bool {
        let mut asked = self.claims.iter().filter(|(term, ..)| term.at == at);
        asked.all(|(term, claim, wanted)| term.forward(value).and_then(|value| claim.holds(&value)).is_none_or(|holds| holds == *wanted))
    }

    /// The place after the elements of a list that are asked for.
    fn next_element(&self, at: &[Step]) -> usize {
        let element = |change: &Change| match change.at.strip_prefix(at)?.first()? {
            Step::Element(place) => Some(place + 1),
            Step::Field(_) => None,
        };
        self.changes.iter().filter_map(element).max().unwrap_or(0)
    }
}

impl Solver<'_> {
    /// Ways in which a condition is true, or false, beside what is asked for already; none if it cannot be.
    pub fn solve(&self, expr: &Expr, wanted: bool, env: &Env, state: State) -> Vec<State> {
        let depth = self.depth.get();
        if !self.may_go_on() {
            return vec![state];
        }
        self.depth.set(depth + 1);
        let asked = (state.tool, state.changes.len(), state.claims.len());
        let mut ways = self.ways(expr, wanted, env, state);
        ways.truncate(MAX_WAYS);
        if let [way] = ways.as_slice()
            && (way.tool, way.changes.len(), way.claims.len()) == asked
        {
            self.guess(expr, env);
        }
        self.depth.set(depth);
        ways
    }

    fn ways(&self, expr: &Expr, wanted: bool, env: &Env, state: State) -> Vec<State> {
        match &expr.kind {
            ExprKind::Const(value) => match value {
                Kept::Bool(value) if *value != wanted => Vec::new(),
                _ => vec![state],
            },
            ExprKind::Not(inner) => self.solve(inner, !wanted, env, state),
            ExprKind::And(operands) if wanted => self.all(operands, true, env, state),
            ExprKind::Or(operands) if !wanted => self.all(operands, false, env, state),
            ExprKind::And(operands) | ExprKind::Or(operands) => self.some(operands, wanted, env, &state),
            ExprKind::If { condition, then, otherwise } => {
                let branch = |is: bool, branch: &Expr| {
                    let ways = self.solve(condition, is, env, state.clone());
                    ways.into_iter().flat_map(|way| self.solve(branch, wanted, env, way)).collect::<Vec<_>>()
                };
                [branch(true, then), branch(false, otherwise)].concat()
            }
            ExprKind::Equal(a, b) => self.equal(a, b, wanted, env, state),
            ExprKind::Order(order, a, b) => self.ordered(*order, (a, b), wanted, env, state),
            ExprKind::In(a, b) => self.within(a, b, wanted, env, state),
            ExprKind::Like(a, pattern) => self.text(a, Claim::Like(pattern.clone()), wanted, env, state),
            ExprKind::Matches(a, pattern) => self.text(a, Claim::Matches(pattern.clone()), wanted, env, state),
            ExprKind::Definition(place) => match self.program.definitions.get(*place) {
                Some(definition) => {
                    self.note(&definition.name);
                    self.solve(&definition.body, wanted, &Env::new(), state)
                }
                None => vec![state],
            },
            ExprKind::Invoke { definition, args } => match self.program.definitions.get(*definition) {
                Some(definition) => {
                    self.note(&definition.name);
                    let inner = args.iter().enumerate().filter_map(|(local, arg)| Some((local, self.meaning(arg, env)?))).collect();
                    self.solve(&definition.body, wanted, &inner, state)
                }
                None => vec![state],
            },
            ExprKind::WithPresent { base, local, body } => self.solve(body, wanted, &self.bound(env, *local, self.meaning(base, env)), state),
            ExprKind::Coalesce(a, _) => self.solve(a, wanted, env, state),
            ExprKind::Call { function, args } => self.call(function.key, args, wanted, env, state),
            _ => match self.meaning(expr, env) {
                Some(meaning) => self.claimed(&meaning, &Claim::Equal(Kept::Bool(true)), wanted, state),
                None => vec![state],
            },
        }
    }

    /// All operands true, or all of them false.
    pub fn all<'e>(&self, operands: impl IntoIterator<Item = &'e Expr>, wanted: bool, env: &Env, state: State) -> Vec<State> {
        operands.into_iter().fold(vec![state], |states, operand| {
            let mut next: Vec<State> = states.into_iter().flat_map(|state| self.solve(operand, wanted, env, state)).collect();
            next.truncate(MAX_WAYS);
            next
        })
    }

    /// One operand true, or one of them false: the first way of each, then others.
    fn some(&self, operands: &[Expr], wanted: bool, env: &Env, state: &State) -> Vec<State> {
        let mut ways: Vec<Vec<State>> = operands.iter().map(|operand| self.solve(operand, wanted, env, state.clone())).collect();
        let mut all = Vec::new();
        while all.len() < MAX_WAYS && ways.iter().any(|ways| !ways.is_empty()) {
            all.extend(ways.iter_mut().filter(|ways| !ways.is_empty()).map(|ways| ways.remove(0)));
        }
        all
    }

    fn ordered(&self, order: Order, (a, b): (&Expr, &Expr), wanted: bool, env: &Env, state: State) -> Vec<State> {
        for (a, b, order) in [(a, b, order), (b, a, order.turned())] {
            if let (Some((all, local, body)), Some(Meaning::Known(times))) = (self.counting(a, env), self.meaning(b, env)) {
                return self.counted(&all, (local, body), env, &Claim::Order(order, times), wanted, &state);
            }
        }
        self.each_branch((a, b), env, state, |both, state| match both {
            (Some(a), Some(Meaning::Known(b))) => self.claimed(&a, &Claim::Order(order, b), wanted, state),
            (Some(Meaning::Known(a)), Some(b)) => self.claimed(&b, &Claim::Order(order.turned(), a), wanted, state),
            (Some(Meaning::Place(a)), Some(Meaning::Place(b))) => {
                let middle = self.known(&b, &state);
                let states = self.claimed(&Meaning::Place(b), &Claim::Equal(middle.clone()), true, state);
                states
                    .into_iter()
                    .flat_map(|state| self.claimed(&Meaning::Place(a.clone()), &Claim::Order(order, middle.clone()), wanted, state))
                    .collect()
            }
            _ => vec![state],
        })
    }

    fn equal(&self, a: &Expr, b: &Expr, wanted: bool, env: &Env, state: State) -> Vec<State> {
        self.each_branch((a, b), env, state, |both, state| match both {
            (Some(Meaning::Place(term)), Some(Meaning::Known(Kept::None))) | (Some(Meaning::Known(Kept::None)), Some(Meaning::Place(term))) => {
                self.presence(&term, !wanted, state)
            }
            (Some(meaning), Some(Meaning::Known(value))) | (Some(Meaning::Known(value)), Some(meaning)) => {
                self.claimed(&meaning, &Claim::Equal(value), wanted, state)
            }
            (Some(Meaning::Place(a)), Some(Meaning::Place(b))) => {
                let same = self.known(&b, &state);
                let states = self.claimed(&Meaning::Place(b), &Claim::Equal(same.clone()), true, state);
                states.into_iter().flat_map(|state| self.claimed(&Meaning::Place(a.clone()), &Claim::Equal(same.clone()), wanted, state)).collect()
            }
            (Some(Meaning::Place(term)), Some(Meaning::Text(parts))) | (Some(Meaning::Text(parts)), Some(Meaning::Place(term))) => {
                let (text, state) = self.written(&parts, state);
                self.claimed(&Meaning::Place(term), &Claim::Equal(text), wanted, state)
            }
            _ => vec![state],
        })
    }

    fn within(&self, a: &Expr, b: &Expr, wanted: bool, env: &Env, state: State) -> Vec<State> {
        self.each_branch((a, b), env, state, |both, state| match both {
            (Some(a), Some(Meaning::Known(Kept::Cidr(net)))) => self.claimed(&a, &Claim::Within(net), wanted, state),
            (Some(a), Some(Meaning::Known(all))) => self.claimed(&a, &Claim::OneOf(listed(&all)), wanted, state),
            (Some(Meaning::Known(element)), Some(Meaning::Fact(fact))) => self.claimed(&Meaning::Fact(fact), &Claim::Has(element), wanted, state),
            (Some(a), Some(Meaning::Place(Term { at, ty, via }))) if matches!(via.as_slice(), [Via::Lookup(_)]) => {
                let [Via::Lookup(entries)] = via.as_slice() else { return vec![state] };
                let place = Meaning::Place(Term::of(at, ty));
                let of_key = |key: &Kept| self.claimed(&place, &Claim::Equal(key.clone()), true, state.clone());
                let of_entry = |(key, all): &(Kept, Kept)| {
                    let claim = Claim::OneOf(listed(all));
                    of_key(key).into_iter().flat_map(|state| self.claimed(&a, &claim, wanted, state)).collect::<Vec<_>>()
                };
                entries.iter().flat_map(of_entry).take(MAX_WAYS).collect()
            }
            (Some(Meaning::Known(element)), Some(Meaning::Place(all))) => self.element(&all, &element, wanted, state),
            (Some(Meaning::Place(a)), Some(Meaning::Place(all))) => {
                let element = self.known(&a, &state);
                let states = self.claimed(&Meaning::Place(a), &Claim::Equal(element.clone()), true, state);
                states.into_iter().flat_map(|state| self.element(&all, &element, wanted, state)).collect()
            }
            (Some(Meaning::Text(parts)), Some(Meaning::Place(all))) => {
                let (text, state) = self.written(&parts, state);
                self.element(&all, &text, wanted, state)
            }
            _ => vec![state],
        })
    }

    /// The ways of two operands, each branch of an `if` for itself.
    fn each_branch(&self, (a, b): (&Expr, &Expr), env: &Env, state: State, ways: impl Fn(Both, State) -> Vec<State>) -> Vec<State> {
        let mut open = vec![((self.meaning(a, env), self.meaning(b, env)), state)];
        let mut found = Vec::new();
        while let Some((both, state)) = open.pop() {
            let (branch, with): (_, fn(Meaning, &Both) -> Both) = match &both {
                (Some(Meaning::Branch(branch)), _) => (Arc::clone(branch), |meaning, (_, b)| (Some(meaning), b.clone())),
                (_, Some(Meaning::Branch(branch))) => (Arc::clone(branch), |meaning, (a, _)| (a.clone(), Some(meaning))),
                _ => {
                    found.extend(ways(both, state));
                    continue;
                }
            };
            open.extend(self.branches(&branch, state).into_iter().rev().map(|(meaning, state)| (with(meaning, &both), state)));
        }
        found
    }

    /// What an `if` may be, and when.
    fn branches(&self, branch: &Branch, state: State) -> Vec<(Meaning, State)> {
        let (condition, env) = &branch.condition;
        let of = |is, meaning: &Meaning| {
            let ways = self.solve(condition, is, env, state.clone());
            ways.into_iter().map(|state| (meaning.clone(), state)).collect::<Vec<_>>()
        };
        [of(true, &branch.then), of(false, &branch.otherwise)].concat()
    }

    /// An element, or a key, is in a list or map of the request.
    pub fn element(&self, all: &Term, element: &Kept, wanted: bool, state: State) -> Vec<State> {
        let (at, what) = match (&all.ty, element) {
            (Type::Map(_) | Type::Json, Kept::Str(key)) if all.via.is_empty() && !matches!(all.ty, Type::Json) => {
                (all.at_step(Step::Field(key.clone()), &Type::Json).at, What::Present)
            }
            _ => (all.at.clone(), What::Add(element.clone())),
        };
        self.meet(Change { at: at.clone(), what: what.clone() });
        let has = state.changes.iter().any(|change| change.at == at && change.what == what);
        match wanted {
            true => vec![state.with(&at, what)],
            false if has => Vec::new(),
            false => vec![state],
        }
    }

    fn presence(&self, term: &Term, wanted: bool, state: State) -> Vec<State> {
        if let Some(Via::Lookup(entries)) = term.via.first() {
            let keys = entries.iter().map(|(key, _)| key.clone()).collect();
            return self.claimed(&Meaning::Place(Term { via: Vec::new(), ..term.clone() }), &Claim::OneOf(keys), wanted, state);
        }
        [What::Present, What::Absent].into_iter().for_each(|what| self.meet(Change { at: term.at.clone(), what }));
        let is_asked = state.changes.iter().any(|change| change.at.starts_with(&term.at) && change.what != What::Absent);
        match wanted {
            true if is_asked => vec![state],
            true => vec![state.with(&term.at, What::Present)],
            false if is_asked => Vec::new(),
            false => vec![state.with(&term.at, What::Absent)],
        }
    }

    fn text(&self, expr: &Expr, claim: Claim, wanted: bool, env: &Env, state: State) -> Vec<State> {
        match self.meaning(expr, env) {
            Some(meaning) => self.claimed(&meaning, &claim, wanted, state),
            None => vec![state],
        }
    }

    fn call(&self, key: &str, args: &[Argument], wanted: bool, env: &Env, state: State) -> Vec<State> {
        let Some(Argument::Value(receiver)) = args.first() else { return vec![state] };
        let given = args.get(1).and_then(|arg| if let Argument::Value(arg) = arg { self.meaning(arg, env) } else { None });
        let text = if let Some(Meaning::Known(Kept::Str(text))) = &given { Some(text.clone()) } else { None };
        let claim = |make: fn(Arc<str>) -> Claim| text.clone().map(make);
        let claim = match key {
            "string.starts_with" => claim(Claim::Starts),
            "string.ends_with" => claim(Claim::Ends),
            "string.contains" | "string.mentions" => claim(Claim::Contains),
            "string.is_under" => text.map(|text| Claim::Starts(format!("{}/", text.trim_end_matches('/')).into())),
            "string.is_empty" => Some(Claim::Equal(Kept::Str("".into()))),
            _ => None,
        };
        if let Some(claim) = claim {
            return self.text(receiver, claim, wanted, env, state);
        }
        match (key, self.meaning(receiver, env)) {
            ("collection.any" | "collection.all", Some(Meaning::Place(all))) => {
                self.any_or_all(key == "collection.any", &all, args, wanted, env, state)
            }
            ("collection.is_empty", Some(Meaning::Place(all))) => {
                self.claimed(&Meaning::Place(all.through(Via::Length)), &Claim::Equal(Kept::Int(0)), wanted, state)
            }
            ("collection.is_empty", None) => match self.sifted(receiver, env) {
                Some(sifted) => self.left(&sifted, !wanted, state),
                None => vec![state],
            },
            ("sequence.contains", Some(Meaning::Place(all))) => match given {
                Some(Meaning::Known(element)) => self.element(&all, &element, wanted, state),
                _ => vec![state],
            },
            _ => vec![state],
        }
    }

    /// An element that a lambda holds of, or does not.
    fn any_or_all(&self, is_any: bool, all: &Term, args: &[Argument], wanted: bool, env: &Env, state: State) -> Vec<State> {
        let Some(Argument::Lambda { local, body }) = args.get(1) else { return vec![state] };
        let place = state.next_element(&all.at);
        let element = all.at_step(Step::Element(place), inner(&all.ty));
        let env = self.bound(env, *local, Some(Meaning::Place(element)));
        let ways = self.solve(body, is_any == wanted, &env, state.clone());
        let mut ways: Vec<State> = ways.into_iter().map(|way| way.with(&all.at_step(Step::Element(place), &Type::Json).at, What::Present)).collect();
        if is_any == wanted
            && let Some(first) = ways.first().cloned()
        {
            // Beside one of which it does not hold, or does: that tells `any` from `all`.
            let other = all.at_step(Step::Element(place + 1), inner(&all.ty));
            let env = self.bound(&env, *local, Some(Meaning::Place(other.clone())));
            let both = self.solve(body, wanted != is_any, &env, first).into_iter().next();
            both.into_iter().for_each(|both| ways.insert(1, both.with(&other.at, What::Present)));
        }
        if is_any != wanted {
            // None at all does as well.
            let place = if is_any { ways.len() } else { 0 };
            ways.insert(place.min(ways.len()), state);
        }
        if is_any && !wanted {
            ways.reverse();
        }
        ways
    }

    /// So many elements of which a lambda holds that a claim about their number holds, or does not.
    fn counted(&self, all: &Term, lambda: (usize, &Expr), env: &Env, claim: &Claim, wanted: bool, state: &State) -> Vec<State> {
        let times = |wanted| {
            claim
                .values(&Type::Int, wanted, None)
                .into_iter()
                .filter_map(|times| if let Kept::Int(times) = times { usize::try_from(times).ok() } else { None })
        };
        times(true).chain(times(false)).for_each(|times| self.meet(Change { at: all.at.clone(), what: What::Times(times) }));
        let env = self.bound(env, lambda.0, Some(Meaning::Place(all.at_step(Step::Element(0), inner(&all.ty)))));
        let ways = self.solve(lambda.1, true, &env, state.clone());
        let with = |times| ways.iter().map(move |way| way.with(&all.at, What::Times(times)));
        times(wanted).flat_map(with).collect()
    }

    /// What a meaning must be for a claim to hold of it, or not.
    pub fn claimed(&self, meaning: &Meaning, claim: &Claim, wanted: bool, state: State) -> Vec<State> {
        match meaning {
            Meaning::Known(value) => match claim.holds(value) {
                Some(holds) if holds != wanted => Vec::new(),
                _ => vec![state],
            },
            Meaning::Place(term) => self.placed(term, claim, wanted, state),
            Meaning::Fact(fact) => {
                let place = Fact::ALL.iter().position(|other| other == fact).unwrap_or(0);
                self.with_tool(|tool| tool.facts.get(place).and_then(|value| claim.holds(value)).is_none_or(|holds| holds == wanted), state)
            }
            Meaning::Score(score) => self.scored(*score, claim, wanted, state),
            Meaning::Text(parts) => self.composed(parts, claim, wanted, state),
            Meaning::Branch(branch) => {
                let branches = self.branches(branch, state).into_iter();
                branches.flat_map(|(meaning, state)| self.claimed(&meaning, claim, wanted, state)).collect()
            }
        }
    }

    fn placed(&self, term: &Term, claim: &Claim, wanted: bool, state: State) -> Vec<State> {
        if let Some(part) = self.part_of_tool(term) {
            let holds = |tool: &super::Tool| term.forward(&tool.part(part)).and_then(|value| claim.holds(&value));
            let known = self.with_tool(|tool| holds(tool).is_none_or(|holds| holds == wanted), state.clone());
            if !known.is_empty() || state.tool.is_some() {
                return known;
            }
        }
        for wanted in [true, false] {
            self.changes_for(term, claim, wanted, None).into_iter().for_each(|what| self.meet(Change { at: term.at.clone(), what }));
        }
        let old = state.value(&term.at);
        let asked = |mut state: State| {
            state.claims.push((term.clone(), claim.clone(), wanted));
            state
        };
        if old.and_then(|old| term.forward(old)).and_then(|value| claim.holds(&value)) == Some(wanted) {
            return vec![asked(state)];
        }
        let (fits, others): (Vec<What>, Vec<What>) = self
            .changes_for(term, claim, wanted, old)
            .into_iter()
            .partition(|what| if let What::Put(value) = what { state.bears(&term.at, value) } else { true });
        let chosen = if fits.is_empty() { others } else { fits };
        chosen.into_iter().take(MAX_WAYS).map(|what| asked(state.with(&term.at, what))).collect()
    }

    /// Calls of the tools of which something is so; the tool that is chosen stays.
    pub fn with_tool(&self, is_so: impl Fn(&super::Tool) -> bool, state: State) -> Vec<State> {
        match state.tool {
            Some(tool) => self.tools.get(tool).is_none_or(is_so).then_some(state).into_iter().collect(),
            None => {
                let tools = self.tools.iter().enumerate().filter(|(_, tool)| is_so(tool)).take(MAX_WAYS);
                tools.map(|(tool, _)| State { tool: Some(tool), ..state.clone() }).collect()
            }
        }
    }

    /// Whether there is more to be looked at.
    pub fn may_go_on(&self) -> bool {
        let work = self.work.get() + 1;
        self.work.set(work);
        self.depth.get() <= MAX_DEPTH && work <= MAX_WORK
    }

    /// The variables with one more.
    pub fn bound(&self, env: &Env, local: usize, meaning: Option<Meaning>) -> Env {
        let mut env = env.clone();
        meaning.map(|meaning| env.insert(local, meaning));
        env
    }

    /// Notes a change that a condition may tell.
    pub fn meet(&self, change: Change) {
        let mut met = self.met.borrow_mut();
        if met.len() < MAX_MET && !met.contains(&change) {
            met.push(change);
        }
    }

    /// Notes the name of what is read.
    pub fn note(&self, name: &Arc<str>) {
        self.read.borrow_mut().insert(name.clone());
    }
}

/// The type of the elements of a collection.
pub fn inner(ty: &Type) -> &Type {
    match ty.present() {
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => inner,
        _ => &Type::Json,
    }
}

/// The elements of a list or set, the keys of a map.
pub fn listed(value: &Kept) -> Vec<Kept> {
    match value {
        Kept::List(items) => items.to_vec(),
        Kept::Set(set) => set.items().to_vec(),
        Kept::Map(map) => map.entries().iter().map(|(key, _)| Kept::Str(key.clone())).collect(),
        _ => Vec::new(),
    }
}
