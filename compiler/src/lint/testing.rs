//! Tests, and what they leave out.

use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic};
use crate::program::{Expectation, ExpectedRules};
use crate::syntax::ast::{Expr, ExprKind, ItemKind, TemplatePart, TestClause};

use super::rules::is_shadow;
use super::{Findings, View};

/// Rules that no test expects; tests of one title; tests that expect nothing.
pub fn run(view: &View<'_>, findings: &mut Findings) {
    untested(view, findings);
    let mut titles: HashMap<(&str, &str), _> = HashMap::new();
    for source in view.items() {
        let ItemKind::Test(test) = &source.item.kind else { continue };
        let at = source.at(test.title.span);
        if !test.body.iter().any(expects) {
            let help = "write `expect allow`, `expect deny by rule`, or a condition after `expect`";
            findings.say(Code::TestWithoutExpect, at, "this test expects nothing, so it never fails", help);
        }
        let Some(title) = plain(&test.title) else { continue };
        match titles.get(&(source.file.package, title)) {
            Some(first) => {
                let found = Diagnostic::warning(Code::DuplicateTest, at, "another test of the package has this title");
                findings.add(found.with_secondary(*first, "the other one").with_help("say in the title what is special about this one"));
            }
            None => {
                titles.insert((source.file.package, title), at);
            }
        }
    }
}

/// Rules whose name no `expect` has, in a set that has tests: one that has none may be tested elsewhere.
fn untested(view: &View<'_>, findings: &mut Findings) {
    if view.program.tests.is_empty() {
        return;
    }
    let steps = || view.program.tests.iter().flat_map(|test| &test.steps);
    let expected: HashSet<&str> = steps()
        .flat_map(|step| &step.expect)
        .filter_map(|expected| match expected {
            Expectation::Effect { by: ExpectedRules::Exactly(rules), .. } => Some(rules),
            _ => None,
        })
        .flatten()
        .map(|rule| &**rule)
        .collect();
    let mentioned = mentioned(view);
    for rule in &view.program.rules {
        let own = rule.name.rsplit('.').next().unwrap_or(&rule.name);
        if !is_shadow(rule) && !expected.contains(&*rule.name) && !mentioned.contains(&*rule.name) && !mentioned.contains(own) {
            let message = format!("no test expects `{own}`");
            let help = format!("write a test with `expect {} by {own}`", rule.effect.name());
            findings.say(Code::UntestedRule, rule.at, message, help);
        }
    }
}

/// The texts in tests: a condition on `decision` may name a rule, and a row may hold the name.
fn mentioned<'a>(view: &View<'a>) -> HashSet<&'a str> {
    let mut texts = HashSet::new();
    for source in view.items() {
        if let ItemKind::Test(_) = &source.item.kind {
            super::visit::each_expr(source.item, &mut |expr| texts.extend(plain(expr)));
        }
    }
    texts
}

fn plain(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Template { parts, .. } => match parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn expects(clause: &TestClause) -> bool {
    match clause {
        TestClause::Expect(_) | TestClause::ExpectEffect { .. } => true,
        TestClause::Step { body, .. } => body.iter().any(expects),
        _ => false,
    }
}
