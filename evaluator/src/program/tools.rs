//! Which tools of the policy a call fits.

use std::collections::{HashMap, HashSet};

use tollgate_stdlib::{Kept, KeptSet, Value};

use super::Matcher;
use crate::plan::{ConstId, Declaration, Fact, On, Plan, index};

type Hasher = foldhash::fast::RandomState;

/// The tools that a policy knows, by name.
#[derive(Debug)]
pub(crate) struct Tools {
    /// For each name its tools' numbers: of any server first where there is one.
    by_name: HashMap<Box<str>, Vec<u32>, Hasher>,
    /// The declared names, lower-cased.
    folded: HashSet<Box<str>, Hasher>,
    /// Names that a declaration or `on` gives with a server.
    served: HashMap<Box<str>, Box<str>, Hasher>,
    /// The facts of an undeclared tool.
    undeclared: Vec<Kept>,
    /// The ranks of each tool's facts, in the order of [`Fact::ALL`].
    ranks: Vec<Ranks>,
    /// For each fact the different values that declarations give it.
    values: [Vec<ConstId>; Fact::ALL.len()],
}

/// Places among the values of each fact, from 1; 0 for an undeclared tool.
type Ranks = [u8; Fact::ALL.len()];

/// How many ranks a fact may have for comparisons to go by them.
pub(super) const MAX_RANKS: u8 = 64;

/// The tools that a call fits.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Call {
    /// With its server, and of any server.
    pub fitting: [Option<u32>; 2],
    /// The one whose declaration counts.
    pub declared: Option<u32>,
}

impl Call {
    /// Whether it fits that tool.
    pub fn fits(self, tool: u32) -> bool {
        self.fitting.contains(&Some(tool))
    }
}

impl Tools {
    pub(super) fn new(plan: &Plan, patterns: &[Matcher]) -> Tools {
        let mut by_name: HashMap<Box<str>, Vec<u32>, Hasher> = HashMap::default();
        let (mut folded, mut served) = (HashSet::default(), HashMap::default());
        for (id, tool) in (0_u32..).zip(&plan.tools) {
            by_name.entry(tool.name.clone()).or_default().push(id);
            if tool.declaration.is_some() {
                folded.insert(tool.name.to_ascii_lowercase().into());
            }
            if let Some(server) = &tool.server {
                served.insert(tool.name.clone(), full_name(server, &tool.name));
            }
        }
        let literal = |id: u32| patterns.get(index(id)).and_then(Matcher::literal);
        let on_patterns = plan.rules.iter().filter_map(|rule| rule.on.as_ref()).flat_map(|on| &on.patterns);
        for (server, name) in on_patterns {
            let (Some(server), Some(name)) = (server, literal(*name)) else { continue };
            if let Some(crate::plan::Pattern::Like(server)) = plan.patterns.get(index(*server)) {
                let full = full_name(server, &name);
                served.insert(name.into(), full);
            }
        }
        let mut tools = Tools { by_name, folded, served, undeclared: undeclared(), ranks: Vec::new(), values: Default::default() };
        tools.ranks = plan.tools.iter().map(|tool| tools.ranks_of(tool.declaration.as_ref())).collect();
        tools
    }

    /// The tools that a call of that server and name fits.
    pub fn fitting(&self, plan: &Plan, server: &str, name: &str) -> Call {
        let mut call = Call::default();
        for id in self.by_name.get(name).into_iter().flatten() {
            let Some(tool) = plan.tools.get(index(*id)) else { continue };
            let place = match &tool.server {
                Some(own) if **own == *server => 0,
                Some(_) => continue,
                None => 1,
            };
            if let Some(place) = call.fitting.get_mut(place) {
                *place = Some(*id);
            }
        }
        let declared = |id: &u32| plan.tools.get(index(*id)).is_some_and(|tool| tool.declaration.is_some());
        call.declared = call.fitting.into_iter().flatten().find(declared);
        call
    }

    /// The declaration that counts for a call.
    pub fn declaration<'p>(&self, plan: &'p Plan, call: Call) -> Option<&'p Declaration> {
        plan.tools.get(index(call.declared?))?.declaration.as_ref()
    }

    /// A fact of the call's tool: a constant; `None` for an undeclared one.
    pub fn fact(&self, plan: &Plan, call: Call, fact: Fact) -> Option<ConstId> {
        self.declaration(plan, call)?.facts.get(fact as usize).copied()
    }

    /// A fact of an undeclared tool.
    pub fn undeclared(&self, fact: Fact) -> Value<'_> {
        self.undeclared.get(fact as usize).map_or(Value::None, Kept::view)
    }

    /// Whether a fact has few different values, so that each has a rank of its own.
    pub fn is_ranked(&self, fact: Fact) -> bool {
        self.values.get(fact as usize).is_some_and(|values| values.len() < usize::from(MAX_RANKS))
    }

    /// Which of the values of a ranked fact the call's tool has.
    pub fn rank(&self, call: Call, fact: Fact) -> u8 {
        let ranks = call.declared.and_then(|tool| self.ranks.get(index(tool)));
        ranks.and_then(|ranks| ranks.get(fact as usize)).copied().unwrap_or_default()
    }

    /// The value that a rank stands for.
    pub fn value_of_rank<'k>(&'k self, fact: Fact, rank: u8, constants: &'k [Kept]) -> Option<Value<'k>> {
        match rank.checked_sub(1) {
            None => Some(self.undeclared(fact)),
            Some(place) => constants.get(index(*self.values.get(fact as usize)?.get(usize::from(place))?)).map(Kept::view),
        }
    }

    fn ranks_of(&mut self, declaration: Option<&Declaration>) -> Ranks {
        let mut ranks = Ranks::default();
        let facts = declaration.map(|declaration| &*declaration.facts).unwrap_or_default();
        for ((rank, values), fact) in ranks.iter_mut().zip(&mut self.values).zip(facts) {
            let place = values.iter().position(|value| value == fact).unwrap_or_else(|| {
                values.push(*fact);
                values.len() - 1
            });
            // No longer looked at once there are too many, nor searched further.
            values.truncate(usize::from(MAX_RANKS));
            *rank = u8::try_from(place + 1).unwrap_or(u8::MAX);
        }
        ranks
    }

    /// What is wrong with a call's tool: where, and what.
    pub fn objection(&self, plan: &Plan, server: &str, name: &str) -> Option<(&'static str, String)> {
        let fits = (1..=128).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
        if !fits {
            return Some(("name", format!("expected 1 to 128 of the characters `A-Za-z0-9_.-`, got {}", crate::decode::quoted(name))));
        }
        if server.is_empty()
            && let Some(full) = self.served.get(name)
        {
            return Some(("server", format!("expected a server, since the policy names `{full}`, got none")));
        }
        if !self.is_declared(plan, name) && self.is_folded(name) {
            return Some(("name", format!("expected the declared name, got `{name}`, which differs from it in case")));
        }
        None
    }

    fn is_declared(&self, plan: &Plan, name: &str) -> bool {
        let mut tools = self.by_name.get(name).into_iter().flatten().filter_map(|id| plan.tools.get(index(*id)));
        tools.any(|tool| tool.declaration.is_some())
    }

    fn is_folded(&self, name: &str) -> bool {
        let mut buffer = [0_u8; 128];
        let Some(folded) = buffer.get_mut(..name.len()) else { return false };
        folded.copy_from_slice(name.as_bytes());
        folded.make_ascii_lowercase();
        std::str::from_utf8(folded).is_ok_and(|folded| self.folded.contains(folded))
    }
}

/// Whether an `on` clause is about a call.
pub(crate) fn is_on(on: &On, call: Call, server: &str, name: &str, matches: impl Fn(u32, &str) -> bool) -> bool {
    on.tools.iter().any(|tool| call.fits(*tool))
        || on.patterns.iter().any(|(servers, names)| servers.is_none_or(|servers| matches(servers, server)) && matches(*names, name))
}

fn full_name(server: &str, name: &str) -> Box<str> {
    format!("{server}/{name}").into()
}

fn undeclared() -> Vec<Kept> {
    let text = || Kept::Str("".into());
    let facts = Fact::ALL.into_iter().map(|fact| match fact {
        Fact::Category | Fact::Title => text(),
        Fact::Labels => Kept::Set(KeptSet::default()),
        Fact::Destructive | Fact::OpenWorld => Kept::Bool(true),
        Fact::Declared | Fact::ReadOnly | Fact::Idempotent => Kept::Bool(false),
    });
    facts.collect()
}
