//! Rules that say what others say.

use std::collections::{BTreeSet, HashMap};

use tollgate_evaluator::Effect;

use crate::diagnostic::{Code, Diagnostic, FileId};
use crate::program::{Choice, Program, Rule};

use super::implied::Implications;
use super::reason::key;
use super::rules::is_shadow;
use super::{Findings, View};

/// How many pairs of rules are compared.
const MAX_PAIRS: usize = 1 << 18;

/// A rule as the keys of what it says.
struct Said<'p> {
    rule: &'p Rule,
    on: BTreeSet<&'p str>,
    choices: Vec<(usize, String)>,
    when: BTreeSet<String>,
    unless: Option<String>,
    require: BTreeSet<(usize, Vec<String>)>,
    can_err: bool,
    /// The conditions in their order, where one can err: those after it are not asked then.
    order: Vec<String>,
    /// The reason of an allow rule, where it can err, and the rule not match by that.
    reason: Option<String>,
}

/// Rules that repeat another, and rules that a stronger one always overrules.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    let order: HashMap<FileId, usize> = view.items().enumerate().map(|(order, source)| (source.at(source.item.span).file, order)).collect();
    let mut rules: Vec<Said<'_>> = view.program.rules.iter().filter(|rule| !is_shadow(rule)).filter_map(|rule| said(rule)).collect();
    // Of two that say the same, the later one is told.
    rules.sort_by_key(|said| order.get(&said.rule.at.file));
    duplicates(&rules, findings);
    shadowed(view.program, &rules, findings);
}

fn said(rule: &Rule) -> Option<Said<'_>> {
    let source = |choice: &Choice| Some((choice.local, key(&choice.source)?));
    let required = |required: &crate::program::Requirement| Some((required.obligation, required.args.iter().map(key).collect::<Option<_>>()?));
    let conditions = || rule.when.iter().chain(&rule.unless);
    let can_err = conditions().any(|condition| condition.expr.errs) || rule.choices.iter().any(|choice| choice.source.errs);
    let when: Vec<String> = rule.when.iter().map(|condition| key(&condition.expr)).collect::<Option<_>>()?;
    let reason = rule.because.as_ref().filter(|because| because.errs && rule.effect == Effect::Allow);
    Some(Said {
        rule,
        on: rule.on.iter().map(|entry| &**entry).collect(),
        choices: rule.choices.iter().map(source).collect::<Option<_>>()?,
        order: if can_err { when.clone() } else { Vec::new() },
        when: when.into_iter().collect(),
        unless: rule.unless.as_ref().map(|unless| key(&unless.expr)).map_or(Some(None), |key| key.map(Some))?,
        require: rule.require.iter().map(required).collect::<Option<_>>()?,
        can_err,
        reason: reason.map(key).map_or(Some(None), |key| key.map(Some))?,
    })
}

/// Rules with one effect, the same `on`, conditions and obligations; the order of conditions does not matter.
fn duplicates(rules: &[Said<'_>], findings: &mut Findings) {
    let mut seen: HashMap<_, &Rule> = HashMap::new();
    for said in rules {
        let parts = (said.rule.effect.name(), &said.on, &said.choices, (&said.when, &said.order), &said.unless, &said.require, &said.reason);
        match seen.get(&parts) {
            Some(first) => {
                let message = format!("this rule says what `{}` says", first.name);
                let found = Diagnostic::warning(Code::DuplicateRule, said.rule.at, message);
                findings.add(found.with_secondary(first.at, "the other rule").with_help("remove one of them, or say what is different"));
            }
            None => {
                seen.insert(parts, said.rule);
            }
        }
    }
}

/// Rules that decide nothing, since a stronger rule matches whenever they do: it has some of their conditions and no others, or such as follow from theirs, and
/// all their tools.
fn shadowed<'p>(program: &'p Program, rules: &[Said<'p>], findings: &mut Findings) {
    let mut implications = Implications::new(program);
    let mut often: HashMap<&str, usize> = HashMap::new();
    for condition in rules.iter().flat_map(|said| &said.when) {
        *often.entry(condition).or_default() += 1;
    }
    // A stronger rule is looked for under its rarest condition, which the weaker one must have too.
    let rarest = |said: &Said<'p>| said.when.iter().min_by_key(|condition| often.get(condition.as_str())).cloned();
    let mut by_condition: HashMap<Option<String>, Vec<&Said<'p>>> = HashMap::new();
    let stronger: Vec<&Said<'p>> = rules.iter().filter(|said| said.rule.effect != Effect::Allow).collect();
    for said in &stronger {
        by_condition.entry(rarest(said)).or_default().push(said);
    }
    let mut left = MAX_PAIRS;
    for weak in rules.iter().filter(|said| said.rule.effect != Effect::Deny) {
        let keys = weak.when.iter().cloned().map(Some).chain([None]);
        let mut strong = keys.filter_map(|key| by_condition.get(&key)).flatten().take_while(|_| {
            left = left.saturating_sub(1);
            left > 0
        });
        let same = strong.find(|strong| strong.overrules(weak)).copied();
        let mut follows = |strong: &&Said<'p>| implications.remain() && strong.may_overrule(weak) && implications.follow(strong.rule, weak.rule);
        if let Some(strong) = same.or_else(|| stronger.iter().copied().find(&mut follows)) {
            let message = format!("this rule never decides: `{}` matches whenever it does, and is stronger", strong.rule.name);
            let found = Diagnostic::warning(Code::ShadowedRule, weak.rule.at, message);
            findings.add(found.with_secondary(strong.rule.at, "the stronger rule").with_help("narrow the stronger rule, or remove this one"));
        }
    }
}

impl Said<'_> {
    /// Whether this rule matches whenever a weaker one does, as their texts have it.
    fn overrules(&self, weak: &Said<'_>) -> bool {
        let tools = self.on.is_empty() || !weak.on.is_empty() && weak.on.is_subset(&self.on);
        let unless = self.unless.is_none() || self.unless == weak.unless;
        self.may_overrule(weak) && tools && unless && self.when.is_subset(&weak.when)
    }

    /// Whether this rule may match whenever a weaker one does. An error makes a review match, where this one may not.
    fn may_overrule(&self, weak: &Said<'_>) -> bool {
        let is_stronger = self.rule.effect > weak.rule.effect;
        let follows = weak.rule.effect == Effect::Allow || !weak.can_err;
        is_stronger && follows && (self.choices.is_empty() || self.choices == weak.choices)
    }
}
