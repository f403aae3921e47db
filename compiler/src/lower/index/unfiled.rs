//! The lint about rules that are filed under nothing.

use tollgate_evaluator::plan::Plan;

use crate::diagnostic::{Code, Diagnostic};
use crate::program::{Program, Rule};

use super::super::intern::index;

/// How many rules may be filed under nothing before anybody is warned. Looking at so many costs a decision a few microseconds; and every policy has
/// some rules that are about all calls.
const MOST_UNFILED: usize = 100;
/// How many of them a warning names.
const NAMED: usize = 3;

const HELP: &str = "a rule is found by its `on` clause and by conditions that compare a field with constants: `==`, `in`, `starts_with`, `like`, `<`; \
    `tollgate build --stats` shows under what each rule is filed";

/// A warning about the rules of a plan that every decision looks at, where there are many of them. Rules with `@allow(unfiled)` do not count.
pub fn unfiled(program: &Program, plan: &Plan) -> Option<Diagnostic> {
    let rules = plan.index.unfiled.iter().filter_map(|rule| program.rules.get(index(*rule)));
    let rules: Vec<&Rule> = rules.map(AsRef::as_ref).filter(|rule| !is_allowed(rule)).collect();
    let first = rules.first().filter(|_| rules.len() > MOST_UNFILED)?;
    let named: Vec<String> = rules.iter().take(NAMED).map(|rule| format!("`{}`", rule.name)).collect();
    let message = format!("{} rules are filed under nothing, so that every decision looks at each of them: {}, …", rules.len(), named.join(", "));
    Some(Diagnostic::warning(Code::Unfiled, first.at, message).with_label("the first of them").with_help(HELP))
}

fn is_allowed(rule: &Rule) -> bool {
    let is_this = |lint: &str| lint == Code::Unfiled.name();
    rule.annotations.iter().any(|annotation| annotation.name.text == "allow" && annotation.args.iter().any(|lint| is_this(&lint.text)))
}
