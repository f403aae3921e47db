//! The command line: what each command prints where, and its exit code.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with files, and the command run in it.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Folder {
        let folder = Folder(TempDir::new().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    fn run_with(&self, args: &[&str], input: &str) -> Ran {
        run_in(self.0.path(), args, input)
    }
}

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// Each line of the output as JSON.
    fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn run_in(folder: &Path, args: &[&str], input: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let command = command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that fails at once reads no input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Ran { code: status.code().unwrap(), out: String::from_utf8(stdout).unwrap(), err: String::from_utf8(stderr).unwrap() }
}

const POLICY: &str = r#"package a

data limit: int = 10

allow small when args.n.as_int() ?? 0 <= limit because "n is small"

deny large when args.n.as_int() ?? 0 > 2 * limit

test "a small one" {
  input { agent: {id: "x"}, tool: {name: "t"}, args: {n: 1} }
  expect allow by small
}
"#;

const FAILING: &str = r#"package a

data limit: int = 10

allow small when args.n.as_int() ?? 0 <= limit

test "no, {c.n}" for c in [{n: 1}, {n: 100}] {
  input { agent: {id: "x"}, tool: {name: "t"}, args: {n: c.n} }
  expect allow by small
}
test "parts" {
  input { agent: {id: "x"}, tool: {name: "t"} }
  expect agent.id == "y"
}
"#;

fn request(n: i64) -> String {
    format!(r#"{{"agent": {{"id": "x"}}, "tool": {{"name": "t"}}, "args": {{"n": {n}}}}}"#)
}

#[test]
fn a_new_project_passes_its_tests_at_once() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.run(&["init", "p"]).code, 0);
    let project = folder.0.path().join("p");
    for args in [&["test"][..], &["check", "--deny-warnings"], &["fmt", "--check"], &["eval", "-i", "requests/export.json"]] {
        let ran = run_in(&project, args, "");
        assert_eq!(ran.code, 0, "{args:?}: {}{}", ran.out, ran.err);
    }
    let tests = run_in(&project.join("policies"), &["test", "--format", "json"], "").json();
    assert!(tests["passed"].as_u64() > Some(5), "{tests}");
    let decision = run_in(&project, &["eval", "-i", "requests/export.json"], "").json();
    assert_eq!(decision["effect"], "review");
    assert_eq!(folder.run(&["init", "p"]).code, 2, "nothing is overwritten");
}

#[test]
fn check_tells_clean_found_and_could_not_apart() {
    let folder = Folder::new(&[("good/a.toll", POLICY), ("bad/a.toll", "package a\nallow x when 1\nlet é = 2\n")]);
    assert_eq!(folder.run(&["check", "good"]).code, 0);
    let bad = folder.run(&["check", "bad"]);
    assert_eq!((bad.code, bad.out.as_str()), (1, ""));
    assert!(bad.err.contains("E0206"), "{}", bad.err);
    assert_eq!(folder.run(&["check", "none"]).code, 2);
    assert_eq!(folder.run(&["check", "--wrong"]).code, 2);
    folder.write("latin/a.toll", "package a");
    std::fs::write(folder.0.path().join("latin/a.toll"), b"package a // \xe9").unwrap();
    assert_eq!(folder.run(&["check", "latin"]).code, 2);
}

#[test]
fn check_prints_diagnostics_as_json() {
    let folder = Folder::new(&[("a.toll", "package a\nallow x when 1\n")]);
    let ran = folder.run(&["check", "--format", "json"]);
    let json = ran.json();
    assert_eq!(ran.code, 1);
    let found = &json["diagnostics"][0];
    assert_eq!((&found["code"], &found["severity"]), (&"E0206".into(), &"error".into()));
    let start = serde_json::json!({"line": 2, "column": 14, "offset": 23});
    assert_eq!(found["span"]["start"], start);
    assert!(found["file"].as_str().unwrap().ends_with("a.toll"));
}

#[test]
fn check_lists_expressions_that_can_err() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let ran = folder.run(&["check", "--errors"]);
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("a.toll:7:40: 2 * limit"), "{}", ran.out);
    let json = folder.run(&["check", "--errors", "--format", "json"]).json();
    assert_eq!(json["expressions"][0]["text"], "2 * limit");
}

#[test]
fn fmt_changes_lists_and_filters() {
    let untidy = "package a\nallow   x   when true // why\n";
    let folder = Folder::new(&[("a.toll", untidy)]);
    let check = folder.run(&["fmt", "--check"]);
    assert_eq!((check.code, check.out.trim_end().ends_with("a.toll")), (1, true));
    assert_eq!(folder.read("a.toll"), untidy);
    let stdin = folder.run_with(&["fmt", "--stdin"], untidy);
    assert_eq!(stdin.code, 0);
    assert_eq!(folder.run(&["fmt"]).code, 0);
    assert_eq!(folder.read("a.toll"), stdin.out);
    assert_eq!(folder.run(&["fmt", "--check"]).code, 0);
    assert!(stdin.out.contains("allow x") && stdin.out.contains("// why"), "{}", stdin.out);
    folder.write("a.toll", "package a\nallow (");
    assert_eq!(folder.run(&["fmt"]).code, 1);
    assert_eq!(folder.read("a.toll"), "package a\nallow (");
}

#[test]
fn eval_decides_documents_and_lines() {
    let folder = Folder::new(&[("a.toll", POLICY), ("one.json", &request(1).replace(", ", ",\n"))]);
    assert_eq!(folder.run(&["eval", "-i", "one.json"]).json()["effect"], "allow");
    let lines = format!("{}\nno json\n\n{}\n", request(1), request(100));
    let ran = folder.run_with(&["eval", "-i", "-"], &lines);
    let effects: Vec<String> = ran.lines().iter().map(|line| line["effect"].as_str().unwrap().to_owned()).collect();
    assert_eq!((ran.code, effects), (0, ["allow", "deny", "deny"].map(String::from).to_vec()));
    assert_eq!(ran.lines()[1]["errors"].as_array().unwrap().len(), 1);
    let bad_first = folder.run_with(&["eval", "-i", "-"], &format!("no json\n{}\n", request(1)));
    assert_eq!(bad_first.lines()[1]["effect"], "allow");
    assert_eq!(folder.run_with(&["eval", "-i", "-"], "no json").json()["effect"], "deny");
    assert_eq!(folder.run_with(&["eval", "-i", "-"], "{\"agent\":\n{\"id\": 1}}").json()["effect"], "deny");
    assert_eq!(folder.run_with(&["eval", "-i", "-", "--fail-on", "deny"], &lines).code, 1);
    assert_eq!(folder.run_with(&["eval", "-i", "-", "--fail-on", "deny"], &request(1)).code, 0);
    assert_eq!(folder.run(&["eval", "-i", "none.json"]).code, 2);
}

#[test]
fn eval_binds_data_and_says_what_does_not_fit() {
    let data = [("a.toll", POLICY), ("d/limit.json", "0"), ("bad.json", "\"x\""), ("d2/unknown.json", "1")];
    let folder = Folder::new(&data);
    let effect = |args: &[&str]| {
        let ran = folder.run_with(&[&["eval", "-i", "-", "a.toll"], args].concat(), &request(1));
        (ran.code, if ran.code == 0 { ran.json()["effect"].as_str().unwrap().to_owned() } else { ran.err })
    };
    assert_eq!(effect(&["-d", "d"]), (0, "deny".to_owned()));
    assert_eq!(effect(&["-d", "limit=d/limit.json"]), (0, "deny".to_owned()));
    assert_eq!(effect(&["-d", "limit=bad.json"]).0, 2);
    assert_eq!(effect(&["-d", "d2"]).0, 2);
    assert_eq!(effect(&["-d", "limit=none.json"]).0, 2);
}

#[test]
fn eval_evaluates_expressions() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let ran = folder.run(&["eval", "--expr", "limit + 1"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "11\n"));
    let ran = folder.run_with(&["eval", "-i", "-", "--expr", "agent.id + \"!\""], &request(1));
    assert_eq!((ran.code, ran.out.as_str()), (0, "\"x!\"\n"));
    assert_eq!(folder.run(&["eval", "--expr", "1 / (limit - 10)"]).code, 1);
    assert_eq!(folder.run(&["eval", "--expr", "limit + \"x\""]).code, 1);
}

#[test]
fn eval_explains_as_a_tree_and_as_json() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let ran = folder.run_with(&["eval", "-i", "-", "--explain"], &request(1));
    assert!(ran.out.contains("allow a.small: matches") && ran.out.contains("limit → 10"), "{}", ran.out);
    let json = folder.run_with(&["eval", "-i", "-", "--explain", "--format", "json"], &request(1)).json();
    assert_eq!(json["decision"]["effect"], "allow");
    assert_eq!(json["rules"].as_array().unwrap().len(), 2);
}

#[test]
fn plans_are_built_inspected_and_used() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let built = folder.run(&["build", "-o", "p.plan", "--stats", "--format", "json"]).json();
    assert_eq!((&built["rules"], &built["stats"]["rules"][0]["rule"]), (&2.into(), &"a.large".into()));
    let inspected = folder.run(&["inspect", "p.plan", "--format", "json"]).json();
    assert_eq!(inspected["policy"], built["policy"]);
    assert_eq!(inspected["data"][0]["name"], "a.limit");
    let decision = folder.run_with(&["eval", "-i", "-", "--plan", "p.plan"], &request(1)).json();
    assert_eq!((&decision["effect"], &decision["policy"]), (&"allow".into(), &built["policy"]));
    let mut bytes = std::fs::read(folder.0.path().join("p.plan")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(folder.0.path().join("p.plan"), bytes).unwrap();
    assert_eq!(folder.run(&["inspect", "p.plan"]).code, 2);
    assert_eq!(folder.run_with(&["eval", "-i", "-", "--plan", "p.plan"], &request(1)).code, 2);
}

#[test]
fn test_says_what_failed_and_why() {
    let folder = Folder::new(&[("a.toll", FAILING)]);
    let ran = folder.run(&["test"]);
    assert_eq!(ran.code, 1);
    for part in ["failed no, 100", "expected  allow by a.small", "got       deny by none", "is false", "`limit` is 10", "1 test passed, 2 failed"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let json = folder.run(&["test", "--format", "json"]).json();
    assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &2.into()));
    let second = &json["tests"][1];
    assert_eq!((&second["name"], &second["line"], &second["outcome"]), (&"no, 100".into(), &7.into(), &"failed".into()));
    assert!(second["why"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("is false")), "{second}");
    let junit = folder.run(&["test", "--format", "junit"]);
    assert!(junit.out.contains("<testsuites") && junit.out.contains("failures=\"2\""), "{}", junit.out);
}

#[test]
fn test_filters_lists_and_stops() {
    let folder = Folder::new(&[("a.toll", FAILING)]);
    assert_eq!(folder.run(&["test", "--filter", "no, 1", "--list"]).out.lines().count(), 2);
    assert_eq!(folder.run(&["test", "--filter", "absent"]).code, 0);
    let json = folder.run(&["test", "--fail-fast", "--jobs", "2", "--format", "json"]).json();
    assert_eq!((&json["passed"], &json["failed"], &json["skipped"]), (&1.into(), &1.into(), &1.into()));
}

#[test]
fn a_decision_against_a_property_fails_its_test() {
    let property = "property \"never\" { never allow when agent.id == \"x\" }\n";
    let folder = Folder::new(&[("a.toll", &format!("{POLICY}{property}"))]);
    let ran = folder.run(&["test"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("as the property `never` claims"), "{}", ran.out);
}

#[test]
fn a_project_has_roots_data_limits_and_lints() {
    let toml = "[policy]\nroots = [\"rules\"]\ndata = \"facts\"\n[limits]\ninput_bytes = 200\n";
    let folder = Folder::new(&[("tollgate.toml", toml), ("rules/a.toll", POLICY), ("facts/limit.json", "0"), ("other.toll", "package (")]);
    assert_eq!(folder.run_with(&["eval", "-i", "-"], &request(1)).json()["effect"], "deny");
    let long = request(1).replace("\"t\"", &format!("\"t\", \"server\": \"{}\"", "s".repeat(200)));
    assert!(folder.run_with(&["eval", "-i", "-"], &long).out.contains("size limit"));
    folder.write("tollgate.toml", "[lints]\nno-such-lint = \"allow\"\n");
    assert_eq!(folder.run(&["check"]).code, 2);
    folder.write("tollgate.toml", "[policies]\n");
    assert_eq!(folder.run(&["check"]).code, 2);
}

#[test]
fn codes_and_schemas_are_printed() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.run(&["explain", "e0201"]).code, 0);
    assert_eq!(folder.run(&["explain", "type-mismatch"]).code, 0);
    assert_eq!(folder.run(&["explain", "E9999"]).code, 2);
    for name in ["diagnostics", "decision", "explanation", "tests", "build", "plan"] {
        let schema = folder.run(&["schema", name]).json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
    assert!(folder.run(&["completions", "bash"]).out.contains("tollgate"));
}
