//! Which rules may decide calls of which tools.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::check::glob::is_pattern;
use crate::check::tools::split;
use crate::program::{Program, Rule, Tool};

use super::tools::{Decider, Meant, Undeclared};

/// How many pairs of a rule and a tool that it does not name itself are looked at.
const MAX_PAIRS: usize = 1 << 17;

/// Which rules may decide calls of which tools, as far as `on` and the conditions about a tool's name, server and attributes say. Rules are places in
/// [`Program::rules`], in order.
#[derive(Clone, Debug, Default)]
pub struct Deciders {
    /// Of each of [`Program::tools`].
    pub of_tools: Vec<Vec<usize>>,
    /// What else stands in `on`: patterns, and tools that the set does not declare.
    pub of_others: BTreeMap<Arc<str>, Vec<usize>>,
    /// Rules without `on` that may decide every declared tool. Those of [`Deciders::of_tools`] are not among them.
    pub of_all: Vec<usize>,
    /// Other rules without `on`, where they may decide tools that the set does not declare.
    pub of_undeclared: Vec<usize>,
}

impl Deciders {
    /// Looks at all of a set without errors, in time that goes by its size. Where very many rules are about very many tools each, the last of them are told by what
    /// their `on` says alone.
    pub fn new(program: &Program) -> Deciders {
        let mut found = Deciders { of_tools: vec![Vec::new(); program.tools.len()], ..Deciders::default() };
        let tools = Tools::new(program);
        let mut left = MAX_PAIRS;
        for (place, rule) in program.rules.iter().enumerate() {
            // A tool that is named is as cheap to look at as its name is.
            match left.checked_sub(tools.reach(rule).saturating_sub(rule.on.len())) {
                Some(rest) => {
                    left = rest;
                    found.name(place, rule, |entry| is_pattern(entry) || tools.named(entry).next().is_none());
                    found.add(place, rule, &tools);
                }
                None if rule.on.is_empty() => found.of_all.push(place),
                None => found.name(place, rule, |_| true),
            }
        }
        found
    }

    /// Files a rule under some of what its `on` says.
    fn name(&mut self, place: usize, rule: &Rule, is_filed: impl Fn(&str) -> bool) {
        for entry in rule.on.iter().filter(|entry| is_filed(entry)) {
            let rules = self.of_others.entry(entry.clone()).or_default();
            if rules.last() != Some(&place) {
                rules.push(place);
            }
        }
    }

    /// Files a rule under the declared tools that it may decide.
    fn add(&mut self, place: usize, rule: &Rule, tools: &Tools<'_>) {
        let Some(decider) = Decider::new(tools.program, rule) else { return };
        let may_decide = |tool: &usize| tools.get(*tool).is_some_and(|(tool, meant)| decider.may_decide(tool, meant));
        let decided: Vec<usize> = tools.candidates(rule).into_iter().filter(may_decide).collect();
        if rule.on.is_empty() && decided.len() == self.of_tools.len() {
            self.of_all.push(place);
            return;
        }
        if decider.may_decide_undeclared(&tools.undeclared) {
            self.of_undeclared.push(place);
        }
        for tool in decided {
            if let Some(rules) = self.of_tools.get_mut(tool) {
                rules.push(place);
            }
        }
    }
}

/// The declared tools.
struct Tools<'p> {
    program: &'p Program,
    meant: Vec<Meant>,
    by_name: HashMap<&'p str, usize>,
    /// Tools with a server, by their own names.
    by_own_name: HashMap<&'p str, Vec<usize>>,
    undeclared: Undeclared,
}

impl<'p> Tools<'p> {
    fn new(program: &'p Program) -> Tools<'p> {
        let undeclared = Undeclared::new(program);
        let mut tools = Tools { program, meant: Vec::new(), by_name: HashMap::new(), by_own_name: HashMap::new(), undeclared };
        for (place, tool) in program.tools.iter().enumerate() {
            tools.meant.push(Meant::declared(program, tool));
            tools.by_name.insert(&tool.name, place);
            if let (Some(_), own) = split(&tool.name) {
                tools.by_own_name.entry(own).or_default().push(place);
            }
        }
        tools
    }

    fn get(&self, place: usize) -> Option<(&'p Tool, &Meant)> {
        self.program.tools.get(place).zip(self.meant.get(place))
    }

    /// The tools that an entry of `on` without wildcards means.
    fn named(&self, entry: &str) -> impl Iterator<Item = usize> {
        let alike = match split(entry) {
            (Some(_), own) => self.by_name.get(own).map(std::slice::from_ref),
            (None, own) => self.by_own_name.get(own).map(Vec::as_slice),
        };
        self.by_name.get(entry).into_iter().chain(alike.unwrap_or_default()).copied()
    }

    /// The tools that a rule's `on` may mean, each once.
    fn candidates(&self, rule: &Rule) -> BTreeSet<usize> {
        if is_broad(rule) { (0..self.program.tools.len()).collect() } else { rule.on.iter().flat_map(|entry| self.named(entry)).collect() }
    }

    /// How many tools that is at most.
    fn reach(&self, rule: &Rule) -> usize {
        if is_broad(rule) { self.program.tools.len() } else { rule.on.iter().map(|entry| self.named(entry).size_hint().0).sum() }
    }
}

/// Whether a rule may be about any tool.
fn is_broad(rule: &Rule) -> bool {
    rule.on.is_empty() || rule.on.iter().any(|entry| is_pattern(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PolicySet, Sources};

    const POLICY: &str = r#"package a
tool "crm/read" { category: "read", read_only: true }
tool "crm/drop" { category: "delete" }
tool "clock" {}
allow reading when tool.read_only
deny deleting on "crm/*" when tool.category == "delete"
deny anywhere on "drop" when agent.id == "x"
deny never on "crm/read" when tool.category == "write"
review timed on "mail/clock"
deny all when agent.id == ""
deny fails when 1 / (tool.name.len() - tool.name.len()) == 1 and tool.category == "read"
review others on "web/fetch", "web/fetch", "file/*"
deny unknown when not tool.declared
deny elsewhere when tool.name == "drop"
deny told when tool.name == "clock" and tool.category == ""
"#;

    #[test]
    fn rules_are_found_by_name_pattern_and_attributes() {
        let set = PolicySet::check(Sources::of("a.toll", POLICY));
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let (program, found) = (set.program(), Deciders::new(set.program()));
        let names = |rules: &[usize]| rules.iter().map(|rule| program.rules[*rule].name.trim_start_matches("a.")).collect::<Vec<_>>().join(" ");
        let tools: Vec<String> = program.tools.iter().zip(&found.of_tools).map(|(tool, rules)| format!("{}: {}", tool.name, names(rules))).collect();
        assert_eq!(tools, ["clock: others timed told", "crm/drop: anywhere deleting elsewhere", "crm/read: reading"]);
        let others: Vec<String> = found.of_others.iter().map(|(entry, rules)| format!("{entry}: {}", names(rules))).collect();
        assert_eq!(others, ["crm/*: deleting", "file/*: others", "web/fetch: others"]);
        assert_eq!(names(&found.of_all), "all fails");
        assert_eq!(names(&found.of_undeclared), "elsewhere unknown", "what is named without a server is declared on every one");
    }

    #[test]
    fn without_declared_tools_every_rule_without_on_is_about_all() {
        let set = PolicySet::check(Sources::of("a.toll", "package a\nallow x when agent.id == \"a\"\ndeny y on \"t\"\n"));
        let found = Deciders::new(set.program());
        assert_eq!((found.of_all, found.of_others.len()), (vec![0], 1));
    }
}
