//! The examples check without a finding, are laid out canonically, pass their tests, and the README's first command gives what it shows.

#![expect(clippy::unwrap_used, reason = "a test that cannot run its program fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn tollgate(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tollgate")).args(args).current_dir(root()).output().unwrap()
}

fn succeeds(args: &[&str]) -> String {
    let output = tollgate(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "tollgate {}: {errors}{}", args.join(" "), String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap()
}

/// The examples with the share of mutants, in percent, that their tests notice. What the others do not notice stands in their pages.
const EXAMPLES: [(&str, &str); 12] = [
    ("agent-plugins", "97"),
    ("agentdojo", "98"),
    ("compliance", "98"),
    ("embed/policies", "100"),
    ("gateway", "99"),
    ("iam-guardrails", "99"),
    ("identity", "100"),
    ("mcp-gateway", "99"),
    ("registry", "100"),
    ("security-gateway", "98"),
    ("sequence", "99"),
    ("tool-registry", "96"),
];

fn examples() -> impl Iterator<Item = String> {
    EXAMPLES.iter().map(|(name, _)| format!("examples/{name}"))
}

#[test]
fn every_example_is_listed() {
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().join("tollgate.toml").exists() {
            assert!(EXAMPLES.iter().any(|(listed, _)| *listed == name), "{name} is not listed");
        }
    }
}

#[test]
fn examples_are_clean_and_canonical() {
    for example in examples() {
        succeeds(&["check", "--deny-warnings", &example]);
        succeeds(&["fmt", "--check", &example]);
    }
}

#[test]
fn examples_pass_their_tests() {
    for example in examples() {
        succeeds(&["test", &example]);
    }
}

#[test]
fn tests_notice_what_is_changed_in_an_example() {
    for (example, percent) in EXAMPLES {
        succeeds(&["test", "--mutate-min", percent, &format!("examples/{example}")]);
    }
}

#[test]
fn a_change_of_an_example_is_found_without_its_tests() {
    for (example, before, after) in [
        ("compliance", "args.rows > 500", "args.rows > 600"),
        ("compliance", "review credit_decision", "allow credit_decision"),
        ("sequence", "review large_sum_to_one", "allow large_sum_to_one"),
        ("sequence", "args.to.len() > 10", "args.to.len() > 11"),
        ("sequence", "review unapproved_release", "allow unapproved_release"),
    ] {
        let policies = root().join("examples").join(example).join("policies");
        let changed = tempfile::TempDir::new().unwrap();
        let mut changes = 0;
        for file in std::fs::read_dir(&policies).unwrap() {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            changes += text.matches(before).count();
            std::fs::write(changed.path().join(file.file_name()), text.replace(before, after)).unwrap();
        }
        assert_eq!(changes, 1, "{before} of {example}");
        let data = policies.with_file_name("data");
        let output = tollgate(&["diff", policies.to_str().unwrap(), changed.path().to_str().unwrap(), "-d", data.to_str().unwrap()]);
        let out = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{before} of {example}: {out}{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_gateway_decides_its_calls() {
    let out = succeeds(&["eval", "-i", "examples/gateway/calls.jsonl", "--format", "pretty", "examples/gateway"]);
    assert_eq!(out.lines().count(), 42, "{out}");
    assert!(out.contains("review  crm/export_data"), "{out}");
    assert!(out.ends_with("\n40 requests: 23 allowed, 5 to review, 12 denied\n"), "{out}");
}

#[test]
fn the_registry_decides_its_call() {
    let out = succeeds(&["eval", "-i", "examples/registry/call.json", "--format", "json", "examples/registry"]);
    assert!(out.starts_with(r#"{"effect":"review","rules":["support.exports.bulk_sensitive_export"]"#), "{out}");
}

#[test]
fn a_plan_of_an_example_decides_as_its_policy() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("gateway.plan");
    let plan = plan.to_str().unwrap();
    succeeds(&["build", "-o", plan, "examples/gateway"]);
    let of_policy = succeeds(&["eval", "-i", "examples/gateway/calls.jsonl", "examples/gateway"]);
    let of_plan = succeeds(&["eval", "-i", "examples/gateway/calls.jsonl", "--plan", plan, "-d", "examples/gateway/data"]);
    assert_eq!(of_policy, of_plan);
}
