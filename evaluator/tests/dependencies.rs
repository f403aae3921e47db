//! Dependencies are a budget: who links the evaluator alone links little.
#![expect(clippy::disallowed_methods, reason = "cargo is asked")]

use std::collections::BTreeSet;
use std::process::Command;

const BUDGET: usize = 25;

#[test]
fn without_default_features_they_are_few() {
    let tree = ["tree", "--locked", "--offline", "-p", "tollgate-evaluator", "--no-default-features", "-e", "normal", "--prefix", "none"];
    let output = Command::new(env!("CARGO")).args(tree).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let packages: BTreeSet<&str> = text.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(output.status.success() && packages.contains("tollgate-evaluator"), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(packages.len() <= BUDGET, "{} packages: {packages:?}", packages.len());
}
