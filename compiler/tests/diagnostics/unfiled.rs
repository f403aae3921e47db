//! The lint about rules that every decision looks at.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::render::render;
use tollgate_compiler::diagnostic::{Diagnostic, FileId};

use crate::support::check;

/// A package with so many rules that say nothing that can be looked up, with something before each.
fn policy(rules: usize, before: &str) -> String {
    (0..rules)
        .fold("package p\nallow reads on \"read\"\n".to_owned(), |text, rule| text + &format!("{before}deny r{rule} when agent.id != \"a{rule}\"\n"))
}

/// What lowering says, which an editor's plan says too.
fn warnings(mut set: PolicySet) -> Vec<Diagnostic> {
    let found = set.lower(&Default::default()).unwrap().warnings;
    let messages = |found: &[Diagnostic]| found.iter().map(|found| (found.at, found.message.clone())).collect::<Vec<_>>();
    assert_eq!(messages(&found), messages(&set.plan_diagnostics()));
    found
}

#[test]
fn many_rules_filed_under_nothing_are_named_once() {
    let set = check(&policy(101, ""));
    let found = warnings(set.clone());
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("W0401_unfiled", render(&found, set.sources(), false));
    });
}

#[test]
fn few_rules_filed_under_nothing_are_nobodys_concern() {
    assert_eq!(warnings(check(&policy(100, ""))).len(), 0);
}

#[test]
fn rules_that_are_meant_so_do_not_count() {
    assert_eq!(warnings(check(&policy(101, "@allow(unfiled)\n"))).len(), 0);
    assert_eq!(warnings(check(&policy(101, "@allow(\"other\")\n"))).len(), 1);
}

#[test]
fn an_edit_brings_the_warning_and_takes_it_back() {
    let mut set = check(&policy(100, ""));
    assert_eq!(set.plan_diagnostics().len(), 0);
    let mut set = set.edit(FileId(0), policy(101, ""));
    assert_eq!(set.plan_diagnostics().len(), 1);
    let mut set = set.edit(FileId(0), policy(100, ""));
    assert_eq!(set.plan_diagnostics().len(), 0);
}
