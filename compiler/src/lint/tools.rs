//! Declared tools, and the rules that may decide their calls.

use std::collections::{BTreeSet, HashMap};

use tollgate_evaluator::Effect;
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::check::glob::{Entries, is_pattern};
use crate::check::tools::{default_facts, split};
use crate::diagnostic::Code;
use crate::program::{Program, Rule, Tool};

use super::matching::Matching;
use super::reason::{Assumptions, Constraint, Given, key_of_field, key_of_input, of_glob};
use super::rules::is_shadow;
use super::{Findings, View};

/// How many pairs of tools with rules, and with patterns of rules, are looked at.
const MAX_PAIRS: usize = 1 << 20;
/// How many servers may have tools of one name for what rules say of it to be looked into.
const MAX_SERVERS: usize = 64;
/// The tools of a rule of more than this are not gone through for what all of them say.
const MAX_CALLS: usize = 16;

/// Declared tools that no rule can allow.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    unreachable_tools(view.program, findings);
}

/// Declared tools that no allow or review rule can match; unless a deny rule names them, which says that it is meant so.
fn unreachable_tools(program: &Program, findings: &mut Findings) {
    let is_open = program.default.as_ref().is_some_and(|default| default.effect == Effect::Review);
    let opening: Vec<_> = program.rules.iter().filter(|rule| rule.effect != Effect::Deny && !is_shadow(rule)).collect();
    if is_open || opening.is_empty() {
        return;
    }
    let denied: BTreeSet<&str> =
        program.rules.iter().filter(|rule| rule.effect == Effect::Deny).flat_map(|rule| &rule.on).map(|entry| &**entry).collect();
    let opening: Vec<Decider<'_>> = opening.into_iter().filter_map(|rule| Decider::new(program, rule)).collect();
    let looked_at: usize = opening.iter().map(|rule| 1 + rule.on.patterns()).sum();
    if looked_at.saturating_mul(program.tools.len()) > MAX_PAIRS {
        return;
    }
    for tool in &program.tools {
        let meant = Meant::declared(program, tool);
        if !denied.contains(&*tool.name) && !opening.iter().any(|rule| rule.may_decide(tool, &meant)) {
            let message = format!("no rule can allow \"{}\" or have it reviewed", tool.name);
            findings.say(Code::UnreachableTool, tool.at, message, "write a rule for it, or a `deny` that names it to say that it is meant so");
        }
    }
}

/// A rule that some call may match, with what its conditions say of one.
pub struct Decider<'p> {
    on: Entries<'p>,
    /// Whether it matches where its conditions err.
    by_error: bool,
    matching: Matching<'p>,
}

impl<'p> Decider<'p> {
    /// What a rule says; `None` of one that no call matches.
    pub fn new(program: &'p Program, rule: &'p Rule) -> Option<Decider<'p>> {
        let matching = Matching::new(program, rule);
        let errs = rule.when.iter().chain(&rule.unless).any(|condition| condition.expr.errs) || rule.choices.iter().any(|choice| choice.source.errs);
        let by_error = errs && rule.effect != Effect::Allow;
        (by_error || !matching.are_none()).then_some(Decider { on: Entries::new(rule.on.iter().map(|entry| &**entry)), by_error, matching })
    }

    /// Whether a call of a declared tool may match the rule.
    pub fn may_decide(&self, tool: &Tool, meant: &Meant) -> bool {
        let is_named = self.on.are_none() || self.on.may_mean(&tool.name);
        is_named && (self.by_error || !self.matching.exclude(meant))
    }

    /// Whether a call of a tool that the set does not declare may match the rule, which has no `on`.
    pub fn may_decide_undeclared(&self, undeclared: &Undeclared) -> bool {
        self.on.are_none() && (self.by_error || !self.matching.exclude_undeclared(undeclared))
    }
}

/// What is known of tools that a set does not declare.
pub struct Undeclared {
    /// Their facts.
    pub meant: Meant,
    /// What stands for the name of a call's tool.
    name: Option<String>,
    /// The names that are declared for every server, of which none is theirs.
    declared: Constraint,
}

impl Undeclared {
    /// Of the tools beside those of a program.
    pub fn new(program: &Program) -> Undeclared {
        let own = program.tools.iter().filter(|tool| split(&tool.name).0.is_none());
        Undeclared {
            meant: Meant(vec![Calls { named: Vec::new(), facts: of_facts(&default_facts(false)), is_declared: false }]),
            name: program.tool_field.map(|field| key_of_field(&key_of_input(field), "name")),
            declared: Constraint::OneOf(own.map(|tool| Kept::Str(tool.name.clone())).collect()),
        }
    }

    /// Whether such names contradict what is assumed.
    pub fn contradict(&self, assumed: &Assumptions<'_>) -> bool {
        let unknown = self.name.as_ref().and_then(|name| assumed.of(name));
        unknown.is_some_and(|unknown| {
            let mut unknown = unknown.clone();
            unknown.add(&Type::Str, self.declared.clone(), false);
            !unknown.is_possible()
        })
    }
}

/// The calls that a name is about: alternatives, each of one declaration.
pub struct Meant(Vec<Calls>);

/// What calls have in common.
pub struct Calls {
    /// What is known of server and name.
    named: Vec<Given>,
    /// What is known by the declaration, or by there being none.
    facts: Vec<Given>,
    is_declared: bool,
}

/// The declared tools by their names.
pub struct ToolNames<'p> {
    program: &'p Program,
    /// Those with a server, by their names without it.
    elsewhere: HashMap<&'p str, Vec<&'p Tool>>,
}

impl<'p> ToolNames<'p> {
    /// The tools of a program.
    pub fn new(program: &'p Program) -> ToolNames<'p> {
        let mut elsewhere: HashMap<&str, Vec<&Tool>> = HashMap::new();
        for tool in &program.tools {
            if let (Some(_), own) = split(&tool.name) {
                elsewhere.entry(own).or_default().push(tool);
            }
        }
        ToolNames { program, elsewhere }
    }

    /// The calls that an entry of `on` is about; `None` where they are too many to say.
    pub fn meant(&self, entry: &str) -> Option<Meant> {
        let field = self.program.tool_field?;
        let (server, own) = split(entry);
        let named = said(field, server, own);
        if is_pattern(entry) {
            return Some(Meant(vec![Calls { named, facts: Vec::new(), is_declared: false }]));
        }
        let exact = self.find(entry).or_else(|| server.and(self.find(own)));
        let elsewhere = self.elsewhere.get(own).filter(|_| server.is_none()).map(Vec::as_slice).unwrap_or_default();
        if elsewhere.len() > MAX_SERVERS {
            return None;
        }
        let declared = |tool: &Tool| Calls { named: named.clone(), facts: of_facts(&tool.facts), is_declared: true };
        let undeclared = || Calls { named: named.clone(), facts: of_facts(&default_facts(false)), is_declared: false };
        let mut calls = vec![exact.map_or_else(undeclared, declared)];
        calls.extend(elsewhere.iter().map(|tool| declared(tool)));
        Some(Meant(calls))
    }

    /// The calls that a rule is about; `None` where they are too many to go through.
    pub fn of_rule(&self, rule: &Rule) -> Option<Vec<Calls>> {
        if rule.on.is_empty() || rule.on.len() > MAX_CALLS {
            return None;
        }
        let meant: Option<Vec<Meant>> = rule.on.iter().map(|entry| self.meant(entry)).collect();
        let calls: Vec<Calls> = meant?.into_iter().flat_map(|meant| meant.0).collect();
        (calls.len() <= MAX_CALLS).then_some(calls)
    }

    fn find(&self, name: &str) -> Option<&'p Tool> {
        self.program.tools.binary_search_by(|tool| (*tool.name).cmp(name)).ok().and_then(|place| self.program.tools.get(place))
    }
}

impl Meant {
    /// The calls that a declaration is about.
    pub fn declared(program: &Program, tool: &Tool) -> Meant {
        let (server, own) = split(&tool.name);
        let named = program.tool_field.map(|field| said(field, server, own)).unwrap_or_default();
        Meant(vec![Calls { named, facts: of_facts(&tool.facts), is_declared: true }])
    }

    /// The alternatives.
    pub fn calls(&self) -> &[Calls] {
        &self.0
    }
}

impl Calls {
    /// What is known of them.
    pub fn given(&self) -> Vec<Given> {
        self.named.iter().chain(&self.facts).cloned().collect()
    }

    /// What stays so whatever is declared tomorrow.
    pub fn given_for_good(&self) -> Vec<Given> {
        if self.is_declared { self.given() } else { self.named.clone() }
    }

    /// Whether something that is known contradicts what is assumed of it.
    pub fn contradict(&self, assumed: &Assumptions<'_>) -> bool {
        self.named.iter().chain(&self.facts).any(|(key, ty, constraint)| {
            assumed.of(key).is_some_and(|unknown| {
                let mut unknown = unknown.clone();
                unknown.add(ty, constraint.clone(), true);
                !unknown.is_possible()
            })
        })
    }
}

/// What server and name say.
fn said(field: usize, server: Option<&str>, own: &str) -> Vec<Given> {
    let of = |name: &str, pattern: &str| (key_of_field(&key_of_input(field), name), Type::Str, of_glob(pattern));
    let mut known = vec![of("name", own)];
    known.extend(server.map(|server| of("server", server)));
    known
}

fn of_facts(facts: &[Kept]) -> Vec<Given> {
    let key = |fact: Fact| format!("fact {}", fact.name());
    let ty = |value: &Kept| match value {
        Kept::Bool(_) => Type::Bool,
        Kept::Set(_) => Type::Str.set(),
        _ => Type::Str,
    };
    Fact::ALL.into_iter().zip(facts).map(|(fact, value)| (key(fact), ty(value), Constraint::OneOf(vec![value.clone()]))).collect()
}
