//! The command line: what each command prints where, and its exit code.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod folder;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use folder::{Folder, Ran, run_in};

impl Ran {
    /// Each line of the output as JSON.
    fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
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
fn a_set_without_policies_is_mistyped() {
    let folder = Folder::new(&[("a.toll", POLICY), ("empty/note.txt", ""), ("one.json", &request(1))]);
    for args in [&["check", "empty"][..], &["test", "empty"], &["build", "-o", "p", "empty"], &["eval", "-i", "one.json", "a.toll", "empty"]] {
        let ran = folder.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (2, "tollgate: no `.toll` file below `empty`\n"), "{args:?}");
    }
    assert_eq!(folder.run(&["fmt", "empty"]).code, 0);
}

#[test]
fn a_hidden_folder_is_part_of_the_set() {
    let folder = Folder::new(&[("a.toll", POLICY), (".more/.b.toll", "package b\ndeny all\n")]);
    assert_eq!(folder.run_with(&["eval", "-i", "-", "."], &request(1)).json()["rules"], serde_json::json!(["b.all"]));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_each_file_is_read_once() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new(&[("set/z/a.toll", POLICY), ("shared/b.toll", "package b\ndeny all when 1\n")]);
    let path = |name: &str| folder.0.path().join(name);
    symlink(path("shared"), path("set/shared")).unwrap();
    symlink(path("set"), path("set/z/round")).unwrap();
    symlink(path("shared/b.toll"), path("set/again.toll")).unwrap();
    symlink("nobody@nowhere.1", path("set/.#again.toll")).unwrap();
    let json = folder.run(&["check", "--format", "json", "set", "shared", "./shared", "set/z"]).json();
    let files: Vec<&str> = json["diagnostics"].as_array().unwrap().iter().map(|found| found["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["./shared/b.toll"], "under the first of its paths");
    assert_eq!(folder.run(&["test", "set"]).code, 1);
}

#[cfg(unix)]
#[test]
fn what_has_the_name_of_a_policy_and_is_none_is_a_failure() {
    let folder = Folder::new(&[("a.toll", POLICY), ("link/a.toll", POLICY), ("socket/a.toll", POLICY)]);
    std::os::unix::fs::symlink("nowhere", folder.0.path().join("link/b.toll")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.path().join("socket/b.toll")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.0.path().join("zero.toll")).unwrap();
    for (path, reason) in [("link", "link/b.toll"), ("socket", "neither a file nor a folder"), ("zero.toll", "neither a file nor a folder")] {
        let ran = folder.run(&["check", path]);
        assert_eq!((ran.code, ran.err.contains(reason)), (2, true), "{}", ran.err);
    }
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
    let bad_first = format!("no json\n{}\n", request(1));
    folder.write("bad.jsonl", &bad_first);
    assert_eq!(folder.run(&["eval", "-i", "bad.jsonl"]).lines()[1]["effect"], "allow");
    assert_eq!(folder.run_with(&["eval", "-i", "-"], &bad_first).json()["effect"], "deny");
    folder.write("lines.json", &format!("\n{}\n\n{}", request(1), request(100)));
    assert_eq!(folder.run(&["eval", "-i", "lines.json"]).lines().len(), 2);
    assert_eq!(folder.run_with(&["eval", "-i", "-"], "no json").json()["effect"], "deny");
    assert_eq!(folder.run_with(&["eval", "-i", "-"], "{\"agent\":\n{\"id\": 1}}").json()["effect"], "deny");
    assert_eq!(folder.run_with(&["eval", "-i", "-", "--fail-on", "deny"], &lines).code, 1);
    assert_eq!(folder.run_with(&["eval", "-i", "-", "--fail-on", "deny"], &request(1)).code, 0);
    assert_eq!(folder.run(&["eval", "-i", "none.json"]).code, 2);
}

#[test]
fn a_malformed_document_is_not_taken_for_lines() {
    let inside = "{\"agent\": {\"id\": \"evil\"},\n \"tool\": {\"name\": \"t\"},\n \"args\":\n{REQUEST}\n oops }\n".replace("{REQUEST}", &request(1));
    let before = format!("{}\ntrailing\n", request(1));
    let array = format!("{}\n[]\n", request(1));
    let folder = Folder::new(&[("a.toll", POLICY), ("inside.json", &inside), ("before.json", &before), ("array.json", &array)]);
    for input in ["inside.json", "before.json", "array.json"] {
        let decision = folder.run(&["eval", "-i", input]).json();
        assert_eq!((&decision["effect"], decision["errors"].as_array().map(Vec::len)), (&"deny".into(), Some(1)), "{input}");
    }
    assert_eq!(folder.run_with(&["eval", "-i", "-"], &inside).json()["effect"], "deny");
    // Beyond the limit a document does not end where it is cut, however whole it seems there.
    let whole = request(1).replacen(' ', "\n", 1);
    folder.write("tollgate.toml", &format!("[policy]\nroots = [\"a.toll\"]\n[limits]\ninput_bytes = {}\n", whole.len()));
    for (more, effect) in [("", "allow"), ("\n", "deny"), ("\noops", "deny")] {
        folder.write("whole.json", &format!("{whole}{more}"));
        assert_eq!(folder.run(&["eval", "-i", "whole.json"]).json()["effect"], effect, "{more:?}");
    }
}

#[test]
fn lines_are_answered_as_they_come() {
    use std::io::{BufRead, BufReader};
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let command = command.args(["eval", "-i", "-"]).current_dir(folder.0.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (mut input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut answers = BufReader::new(output).lines();
    for (line, effect) in [(request(1), "allow"), ("no json".to_owned(), "deny"), (request(2), "allow")] {
        writeln!(input, "{line}").unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["effect"], effect);
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_line_that_is_too_long_is_denied_and_the_next_is_decided() {
    let toml = "[policy]\nroots = [\"a.toll\"]\n[limits]\ninput_bytes = 200\n";
    let folder = Folder::new(&[("a.toll", POLICY), ("tollgate.toml", toml)]);
    let lines = format!("{0}\n{1}\n{0}{1}{0}\n{0}", request(1), " ".repeat(300));
    let ran = folder.run_with(&["eval", "-i", "-"], &lines);
    let effects: Vec<Value> = ran.lines().iter().map(|line| line["effect"].clone()).collect();
    assert_eq!(effects, ["allow", "deny", "deny", "allow"]);
    folder.write(
        "tollgate.toml",
        &toml.replace("200", "18446744073709551615").replace("input_bytes", "data_bytes = 18446744073709551615\ninput_bytes"),
    );
    folder.write("one.json", "1");
    let ran = folder.run_with(&["eval", "-i", "-", "-d", "limit=one.json"], &request(1));
    if cfg!(target_pointer_width = "64") {
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(ran.json()["effect"], "allow");
    }
}

#[cfg(unix)]
#[test]
fn what_never_ends_is_not_read_to_its_end() {
    let toml = "[policy]\nroots = [\"a.toll\"]\n[limits]\ndata_bytes = 3\n";
    let folder = Folder::new(&[("a.toll", POLICY), ("tollgate.toml", toml), ("long.json", "1000"), ("short.json", "100")]);
    for args in [&["inspect", "/dev/zero"][..], &["eval", "-i", "-", "-d", "limit=/dev/zero"], &["eval", "-i", "-", "--plan", "/dev/zero"]] {
        let ran = folder.run_with(args, &request(1));
        assert_eq!((ran.code, ran.err.as_str()), (2, "tollgate: cannot read `/dev/zero`: neither a file nor a pipe\n"), "{args:?}");
    }
    assert!(folder.run(&["eval", "-i", "/dev/zero"]).json()["errors"][0]["message"].as_str().unwrap().contains("size limit"));
    assert_eq!(folder.run_with(&["eval", "-i", "-", "-d", "limit=short.json"], &request(50)).json()["effect"], "allow");
    let long = folder.run_with(&["eval", "-i", "-", "-d", "limit=long.json"], &request(1));
    assert_eq!((long.code, long.err.contains("size limit exceeded: 3 bytes are allowed")), (2, true), "{}", long.err);
}

#[test]
fn of_a_policy_no_more_is_read_than_a_file_may_have() {
    // The last character that is read is cut in two.
    let text = format!("package a\n//{}", "é".repeat(9 << 20));
    let folder = Folder::new(&[("a.toll", &text)]);
    for ran in [folder.run(&["check"]), folder.run(&["fmt"])] {
        assert_eq!((ran.code, ran.err.contains("E0013"), ran.err.contains("the file has more than 16777216 bytes")), (1, true, true));
    }
    assert_eq!(folder.read("a.toll").len(), text.len());
    let (command, input) = (["fmt", "--stdin"], format!("package a\n// {}", "é".repeat(9 << 20)));
    assert!(folder.run_with(&command, &input).err.contains("E0013"));
}

#[test]
fn eval_of_no_request_is_a_failure() {
    let folder = Folder::new(&[("a.toll", POLICY), ("empty.json", ""), ("blank.jsonl", "\n \n")]);
    for input in ["empty.json", "blank.jsonl", "-"] {
        for more in [&[][..], &["--fail-on", "deny"], &["--expr", "agent.id"], &["--format", "pretty"]] {
            let ran = folder.run(&[&["eval", "-i", input, "a.toll"], more].concat());
            assert_eq!((ran.code, ran.out.as_str(), ran.err), (2, "", format!("tollgate: no request in `{input}`\n")));
        }
    }
}

#[test]
fn eval_says_what_is_no_json() {
    let folder = Folder::new(&[("a.toll", POLICY), ("bad.json", "{")]);
    folder.write("bad.jsonl", &format!("\u{feff}{0}\nx\n{0}\n", request(1)));
    let lines = folder.run(&["eval", "-i", "bad.jsonl"]).lines();
    assert_eq!(lines[0]["errors"][0]["message"], "expected JSON, got a byte order mark");
    assert_eq!(lines[1]["errors"][0]["message"], "expected a JSON value, got `x` at byte 0");
    assert_eq!(lines[2]["effect"], "allow");
    let data = folder.run_with(&["eval", "-i", "-", "-d", "limit=bad.json"], &request(1));
    assert!(data.code == 2 && data.err.contains("data `a.limit`: expected a key, got the end of the text"), "{}", data.err);
}

#[test]
fn data_are_given_once() {
    let files = [("a.toll", POLICY), ("d/limit.json", "1"), ("d/a.limit.json", "2"), ("one.json", "1"), ("two.json", "2")];
    let folder = Folder::new(&files);
    for args in [&["limit=one.json", "a.limit=two.json"][..], &["limit=one.json", "limit=one.json"], &["d"]] {
        let given = args.iter().flat_map(|given| ["-d", given]);
        let args: Vec<&str> = ["eval", "-i", "-", "a.toll"].into_iter().chain(given).collect();
        let ran = folder.run_with(&args, &request(1));
        assert_eq!((ran.code, ran.err.contains("data `a.limit` is given twice: in `")), (2, true), "{}", ran.err);
    }
    folder.write("tollgate.toml", "[policy]\nroots = [\"a.toll\"]\ndata = \"data\"\n");
    folder.write("data/limit.json", "0");
    assert_eq!(folder.run_with(&["eval", "-i", "-", "-d", "a.limit=one.json"], &request(1)).json()["effect"], "allow");
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
    assert_eq!(folder.run(&["eval", "--expr", "-7 + limit"]).out, "3\n");
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
fn eval_explains_what_the_index_excluded() {
    let policy = "package a\n\ntool \"pay\" { args { to: string, amount: int, note?: string } }\ntool \"send\" { args { to: string } }\n\n\
        allow any when agent.id.len() < 9\n\
        allow send on \"send\"\n\
        deny to_x on \"pay\" when args.note ?? \"\" == \"n\" or args.to == \"x\" unless agent.role == \"qa\" because \"x\"\n\
        review by_y when agent.id == \"y\" because \"y\"\n\
        @shadow\ndeny by_z when agent.id == \"z\" or agent.id == \"zz\" because \"z\"\n";
    let folder = Folder::new(&[("a.toll", policy)]);
    let input = r#"{"agent": {"id": "x"}, "tool": {"server": "s", "name": "pay"}, "args": {"to": "w", "amount": 1}}"#;
    let ran = folder.run_with(&["eval", "-i", "-", "--explain"], input);
    let (_, tree) = ran.out.split_once("}\n\n").unwrap();
    insta::assert_snapshot!(tree);
    let all = folder.run_with(&["eval", "-i", "-", "--explain", "--all"], input);
    let (_, listed) = all.out.split_once("the index").unwrap();
    insta::assert_snapshot!(listed);
    let json = folder.run_with(&["eval", "-i", "-", "--explain", "--format", "json"], input).json();
    assert_eq!(json["rules"][1]["excluded"]["expression"], "agent.id");
    assert!(json["rules"][0].get("excluded").is_none());
    assert_eq!(folder.run_with(&["eval", "-i", "-", "--all"], input).code, 2);
}

#[test]
fn eval_explains_by_which_fact_of_the_tool_a_rule_is_excluded() {
    let policy = "package a\ntool \"read\" { read_only: true, labels: {\"safe\"} }\ntool \"send\" {}\n\n\
        allow any\n\
        allow reads when tool.read_only and agent.id != \"z\"\n\
        deny writes when not tool.read_only because \"x\"\n\
        review labelled when \"pii\" in tool.labels and tool.category == \"c\" because \"x\"\n\
        deny elsewhere on \"read\" when tool.read_only because \"x\"\n";
    let folder = Folder::new(&[("a.toll", policy)]);
    let listed = |tool: &str| {
        let input = format!(r#"{{"agent": {{"id": "x"}}, "tool": {{"name": "{tool}"}}}}"#);
        let ran = folder.run_with(&["eval", "-i", "-", "--explain", "--all"], &input);
        ran.out.split_once("the index").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(listed("send") + &listed("read"));
}

#[test]
fn eval_explains_what_is_behind_names_and_branches() {
    let policy = "package a\nlet limit = if agent.role == \"boss\" then 100 else base\nlet base = agent.id.len()\n\
        fn is_meant(role: string, most: int) -> bool = role == \"clerk\" // a comment\n  and not (agent.labels.any(label => label.len() > most))\n\n\
        allow small on \"t\" when args.n.as_int() ?? 0 < limit and is_meant(agent.role, base)\n\
        deny branch for n in args.ns.as_list() ?? [] when if n == 1 then agent.role != \"q\" else is_meant(\"clerk\", limit)\n\
        review asks when asks_twice(agent.id) unless limit > 50 because \"x\"\n\
        fn asks_twice(id: string) -> bool = is_asked(id) or is_asked(\"b\")\n\
        fn is_asked(id: string) -> bool = (args.ids.as_list() ?? []).len() > id.len()\n";
    let folder = Folder::new(&[("a.toll", policy)]);
    let explained = |role: &str| {
        let input = format!(
            r#"{{"agent": {{"id": "abc", "role": "{role}", "labels": ["wxyz"]}}, "tool": {{"name": "t"}}, "args": {{"n": 2, "ns": [1, 2], "ids": ["b"]}}}}"#
        );
        let ran = folder.run_with(&["eval", "-i", "-", "--explain"], &input);
        let decided = folder.run_with(&["eval", "-i", "-", "--format", "json"], &input);
        let (decision, tree) = ran.out.split_once("}\n\n").unwrap();
        assert_eq!(serde_json::from_str::<Value>(&format!("{decision}}}")).unwrap(), decided.json(), "the decision is the policy's own");
        tree.to_owned()
    };
    insta::assert_snapshot!(explained("boss") + &explained("clerk"));
}

#[test]
fn eval_explains_that_a_request_does_not_fit() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let explained = |input: &str| {
        let ran = folder.run_with(&["eval", "-i", "-", "--explain", "a.toll"], input);
        ran.out.split_once("}\n\n").unwrap().1.to_owned()
    };
    assert_eq!(
        explained(r#"{"agent": {"id": 7}, "tool": {"name": "t"}}"#),
        "deny before any rule was looked at:\n  the input does not fit at `agent.id`: expected `string`, got number `7`\n\n"
    );
}

#[test]
fn eval_explains_what_a_score_is_made_of() {
    let policy = "package a\n\nscore risk: 0..=100 {\n  40 when tool.name == \"pay\" because \"{agent.id} pays\",\n  \
        -10 when agent.role == \"clerk\",\n  30 when agent.id.len() / (agent.id.len() - 1) > 2 because \"long\"\n}\n";
    let folder = Folder::new(&[("a.toll", policy)]);
    let tree = |id: &str| {
        let input = format!(r#"{{"agent": {{"id": "{id}", "role": "clerk"}}, "tool": {{"name": "pay"}}}}"#);
        let ran = folder.run_with(&["eval", "-i", "-", "--explain"], &input);
        ran.out.split_once("}\n\n").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(tree("bob") + &tree("b"));
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
    for part in ["failed: no, 100", "expected  allow by a.small", "got deny by none", "was false: ", "`limit` = 10", "1 test passed, 2 failed"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
    let json = folder.run(&["test", "--format", "json"]).json();
    assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &2.into()));
    let second = &json["tests"][1];
    assert_eq!((&second["name"], &second["line"], &second["outcome"]), (&"no, 100".into(), &7.into(), &"failed".into()));
    assert!(second["why"].as_array().unwrap().iter().any(|line| line.as_str().unwrap().contains("was false")), "{second}");
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
fn mutants_that_no_test_notices_are_listed() {
    let policy = r#"
package p
tool "export" { args { rows: int } }
deny many on "export" when args.rows > 1_000
test "a large export" { input { agent: {id: "a"}, tool: {name: "export"}, args: {rows: 5_000} } expect deny by many }
"#;
    let folder = Folder::new(&[("p.toll", policy)]);
    let ran = folder.run(&["test", "--mutate"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("p.toll:4:38 in deny p.many: `>` becomes `>=`\n  - deny many"), "{}", ran.out);
    assert!(ran.out.contains(r#""rows":1000"#) && ran.out.contains("deny by none; with the change deny by p.many"), "{}", ran.out);
    let json = folder.run(&["test", "--mutate", "--format", "json"]).json();
    assert_eq!(json["mutants"].as_u64().unwrap(), json["killed"].as_u64().unwrap() + json["survived"].as_array().unwrap().len() as u64);
    assert_eq!(folder.run(&["test", "--mutate-min", "100"]).code, 1);
    assert_eq!(folder.run(&["test", "--mutate-min", "10"]).code, 0);
    folder.write("q.toll", "package q\ntest \"wrong\" { input { agent: {id: \"a\"}, tool: {name: \"export\"}, args: {rows: 1} } expect allow }");
    let ran = folder.run(&["test", "--mutate"]);
    assert!(ran.code == 2 && ran.err.contains("the test `wrong` fails as it is"), "{}", ran.err);
}

#[test]
fn survivors_are_told_apart_by_what_requests_leave_out_and_with_the_data_of_tests() {
    let policy = r#"package p
data limit: int
enum Role { clerk, guest }
input { agent: Agent, tool: Tool, args: json = {}, role: Role = "guest", context: Context = {}, session: Session = {} }
tool "wait" { args { ttl: duration = 1m, note?: string } }
score weight: 0..=9 { 3 when session.cost > limit }
allow short on "wait" when args.ttl <= 15m and role == "clerk" and (context.environment == "dev" or (args.note ?? "") == "x" and agent.team == "ops")
@shadow deny seen when session.calls.any(c => c.tool == "read" and c.effect == "allow")
default review because "somebody looks"
test "t" { data limit = 5 input { agent: {id: "a"}, tool: {name: "wait"} } expect review }
"#;
    let folder = Folder::new(&[("p.toll", &policy.replace('\n', "\r\n"))]);
    let ran = folder.run(&["test", "--mutate"]);
    for told in [r#""ttl":"15m1s""#, r#""role":"clerk""#, r#""team":"ops""#, r#""note":"x""#, r#""effect":"review""#, "\n  with data p.limit = 5\n"] {
        assert!(ran.out.contains(told), "{told}: {}", ran.out);
    }
}

#[test]
fn diagnostics_are_written_for_code_scanning_and_workflows() {
    let folder = Folder::new(&[("a b.toll", "package a\nallow r when agent.rol == \"x\"\n")]);
    let sarif = folder.run(&["check", "--format", "sarif", "a b.toll"]);
    let run = &sarif.json()["runs"][0];
    let result = &run["results"][0];
    assert_eq!((sarif.code, &sarif.json()["version"], &run["results"].as_array().unwrap().len()), (1, &json!("2.1.0"), &1));
    assert_eq!((&result["ruleId"], &result["level"]), (&run["tool"]["driver"]["rules"][0]["id"], &json!("error")));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b.toll");
    assert_eq!(place["region"], json!({"startLine": 2, "startColumn": 20, "endLine": 2, "endColumn": 23}));
    let replaced = &result["fixes"][0]["artifactChanges"][0]["replacements"][0]["insertedContent"]["text"];
    assert_eq!(replaced, "role");
    folder.write("braces.toll", "package a\nlet s: set<string> = [\"x\"]\n");
    let braces = &folder.run(&["check", "--format", "sarif", "braces.toll"]).json()["runs"][0]["results"][0];
    assert!(braces["message"]["text"].as_str().unwrap().ends_with("Help: write `{{a, b}}`"), "{braces}");
    assert_eq!(braces["fixes"][0]["description"]["text"], "write `{{` and `}}`");
    let ran = folder.run(&["check", "--format", "github", "a b.toll"]);
    assert!(ran.code == 1 && ran.out.starts_with("::error file=a b.toll,line=2,endLine=2,col=20,endColumn=23,title=E"), "{}", ran.out);
    assert!(ran.out.lines().count() == 1 && ran.out.contains("%0AHelp: "), "{}", ran.out);
}

#[test]
fn errors_of_policies_are_results_of_tests_to_programs() {
    let folder = Folder::new(&[("a.toll", "package a\nallow r when\n")]);
    let ask = |format: &str| folder.run(&["test", "--format", format, "a.toll"]);
    assert!(ask("tap").out.starts_with("TAP version 14\nBail out! 1 error: a.toll: "), "{}", ask("tap").out);
    assert!(ask("github").out.starts_with("::error file=a.toll,line=2,"), "{}", ask("github").out);
    let junit = ask("junit");
    assert!(junit.code == 1 && junit.out.contains("<error message=") && junit.out.contains("errors=\"1\""), "{}", junit.out);
}

#[test]
fn a_filter_that_means_no_test_is_told() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let ran = folder.run(&["test", "--filter", "no such test", "a.toll"]);
    assert!(ran.code == 0 && ran.err.contains("warning: no test is meant by `--filter`"), "{}", ran.err);
}

#[test]
fn diff_finds_requests_that_two_sets_decide_differently() {
    let folder = Folder::new(&[("old/a.toll", POLICY), ("new/a.toll", &POLICY.replace("<= limit", "< limit"))]);
    let ran = folder.run(&["diff", "old", "new"]);
    assert!(ran.code == 1 && ran.out.contains(r#""n":10"#) && ran.out.contains("old: allow by a.small"), "{}", ran.out);
    assert!(ran.out.contains("not a proof"), "{}", ran.out);
    let same = folder.run(&["diff", "old", "old", "--format", "json"]);
    assert_eq!((same.code, &same.json()["differences"]), (0, &Value::Array(Vec::new())));
    assert_eq!(same.json()["proof"], false);
}

#[test]
fn diff_needs_no_tests_but_data() {
    let bare = |condition: &str| format!("package b\nallow clerks when agent.role == \"clerk\"{condition}\n");
    let folder = Folder::new(&[("old/b.toll", &bare("\ndata limit: int = 1")), ("new/b.toll", &bare(" and session.cost < limit\ndata limit: int"))]);
    let ran = folder.run(&["diff", "old", "new"]);
    assert!(ran.code == 2 && ran.err.contains("without data `b.limit` every request is denied"), "{}", ran.err);
    folder.write("limit.json", "5");
    let ran = folder.run(&["diff", "old", "new", "-d", "limit=limit.json", "--explain"]);
    assert!(ran.code == 1 && ran.out.contains("old: allow by b.clerks\n  new: deny by none"), "{}{}", ran.out, ran.err);
    let test = "test \"clerks\" { data limit = 7 input { agent: {id: \"a\", role: \"clerk\"}, tool: {name: \"t\"} } expect allow }\n";
    folder.write("new/tests.toll", &format!("package b\n{test}"));
    let json = folder.run(&["diff", "old", "new", "--format", "json"]).json();
    assert_eq!(json["differences"][0]["data"]["b.limit"], 7);
    let ran = folder.run(&["test", "--mutate", "new"]);
    assert!(ran.out.contains("\n  with data b.limit = 7\n"), "{}", ran.out);
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
fn an_error_in_a_property_fails_the_test() {
    for claim in ["never allow", "always allow"] {
        let property = format!("property \"p\" {{ {claim} when 1 / (agent.id.len() - 1) > 0 }}\n");
        let folder = Folder::new(&[("a.toll", &format!("{POLICY}{property}"))]);
        let ran = folder.run(&["test"]);
        assert_eq!((ran.code, ran.out.contains("its `when` ends in an error: ")), (1, true), "{}", ran.out);
    }
}

#[test]
fn a_property_claims_nothing_of_a_request_that_is_refused() {
    let policy = r#"package a
data limit: int
property "p" { never allow when 1 / limit > args.n.as_int() ?? 0 }
test "data is missing" {
  input { agent: {id: "x"}, tool: {name: "t"} }
  expect deny by none
}
test "an input that does not fit" {
  input { agent: 1 }
  data limit = 0
  expect deny by none
}
"#;
    let ran = Folder::new(&[("a.toll", policy)]).run(&["test"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
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
fn many_unfiled_rules_are_a_warning_that_a_project_judges() {
    let rules: String = (0..101).map(|rule| format!("deny r{rule} when agent.id != \"a{rule}\" because \"no\"\n")).collect();
    let folder = Folder::new(&[("policies/a.toll", &format!("package a\n{rules}")), ("tollgate.toml", "")]);
    let checked = folder.run(&["check", "--format", "json"]);
    let found = checked.json();
    assert_eq!((checked.code, &found["diagnostics"][0]["code"], &found["diagnostics"][0]["severity"]), (0, &"W0401".into(), &"warning".into()));
    assert_eq!(folder.run(&["check", "--deny-warnings"]).code, 1);
    let built = folder.run(&["build", "-o", "p.plan"]);
    assert!(built.code == 0 && built.err.contains("[W0401]"), "{}", built.err);
    folder.write("tollgate.toml", "[lints]\nunfiled = \"allow\"\n");
    assert_eq!((folder.run(&["check", "--deny-warnings"]).code, folder.run(&["build", "-o", "p.plan"]).err.as_str()), (0, ""));
    folder.write("tollgate.toml", "[lints]\nunfiled = \"deny\"\n");
    assert_eq!((folder.run(&["check"]).code, folder.run(&["build", "-o", "denied.plan"]).code), (1, 1));
    assert!(!folder.0.path().join("denied.plan").exists());
}

#[test]
fn bench_measures_and_refuses_what_it_cannot_measure() {
    let folder = Folder::new(&[("a.toll", POLICY), ("calls.jsonl", &format!("{}\n{}\n", request(1), request(90)))]);
    let bench = |more: &[&str]| folder.run(&[&["bench", "-i", "calls.jsonl", "--format", "json", "a.toll"], more].concat());
    let measured = bench(&["--seconds", "0.01"]).json();
    assert_eq!([&measured["rules"], &measured["inputs"]], [2, 2]);
    assert!(measured["from_bytes_ns"]["p50"].as_u64() > Some(0) && measured["plan_bytes"].as_u64() > Some(0), "{measured}");
    for refused in [&["--seconds", "nan"][..], &["--seconds", "x"], &["-d", "nowhere"]] {
        assert_eq!(bench(refused).code, 2, "{refused:?}");
    }
    assert_eq!(folder.run(&["bench", "-i", "none.jsonl", "a.toll"]).code, 2);
}

#[test]
fn codes_and_schemas_are_printed() {
    let folder = Folder::new(&[]);
    assert_eq!(folder.run(&["explain", "e0201"]).code, 0);
    assert_eq!(folder.run(&["explain", "type-mismatch"]).code, 0);
    assert_eq!(folder.run(&["explain", "E9999"]).code, 2);
    for name in ["diagnostics", "decision", "explanation", "why-not", "tests", "build", "bench", "plan"] {
        let schema = folder.run(&["schema", name]).json();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
    assert!(folder.run(&["completions", "bash"]).out.contains("tollgate"));
}

#[test]
fn lints_are_warnings_that_a_project_judges() {
    let policy = "package a\n\nlet spare = agent.id\n\nallow reads when agent.role == \"reader\"\n";
    let folder = Folder::new(&[("policies/a.toll", policy), ("tollgate.toml", "")]);
    let checked = folder.run(&["check", "--format", "json"]);
    let found = checked.json();
    assert_eq!((checked.code, &found["diagnostics"][0]["code"], &found["diagnostics"][0]["severity"]), (0, &"W0104".into(), &"warning".into()));
    assert_eq!(folder.run(&["check", "--deny-warnings"]).code, 1);
    assert_eq!(folder.run(&["build", "-o", "p.plan"]).code, 0);
    folder.write("tollgate.toml", "[lints]\nunused-let = \"deny\"\n");
    assert_eq!((folder.run(&["check"]).code, folder.run(&["build", "-o", "denied.plan"]).code), (1, 1));
    folder.write("tollgate.toml", "[lints]\nunused-let = \"allow\"\nagent-ignored = \"warn\"\n");
    assert_eq!(folder.run(&["check", "--deny-warnings"]).code, 0);
    folder.write("tollgate.toml", "[lints]\nunused-lets = \"allow\"\n");
    let refused = folder.run(&["check"]);
    assert!(refused.code == 2 && refused.err.contains("there is `unused-let`"), "{}", refused.err);
}

#[test]
fn check_applies_fixes() {
    let policy = "package a\n\nallow reads when not (agent.role == \"guest\") and tool.read_only == true\n\nallow finds when agent.id matches \"^ann$\" and not (tool.open_world == true)\n";
    let folder = Folder::new(&[("a.toll", policy)]);
    let fixed = folder.run(&["check", "--fix", "a.toll"]);
    assert_eq!((fixed.code, fixed.err.as_str()), (0, "1 file fixed\n"));
    let mended =
        "package a\n\nallow reads when agent.role != \"guest\" and tool.read_only\n\nallow finds when agent.id == \"ann\" and not tool.open_world\n";
    assert_eq!(folder.read("a.toll"), mended);
    assert_eq!(folder.run(&["check", "--fix", "--deny-warnings", "a.toll"]).err, "0 files fixed\n");
    // What is offered for a misspelt name is a guess, and is left alone; so is a file with nothing to fix.
    folder.write("a.toll", "package a\nallow reads when agent.rol == \"guest\"\n");
    assert_eq!(folder.run(&["check", "--fix", "a.toll"]).code, 1);
    assert_eq!(folder.read("a.toll"), "package a\nallow reads when agent.rol == \"guest\"\n");
    // So is what may have been meant otherwise, and what a fix would only turn into another mistake.
    for condition in ["agent.id == \"a\" or agent.id == \"b\", agent.role == \"c\"", "agent.id == \"a\" and", "is agent.id == \"a\""] {
        let policy = format!("package a\n\nallow reads when {condition}\n");
        folder.write("a.toll", &policy);
        let left = folder.run(&["check", "--fix", "a.toll"]);
        assert!(left.code == 1 && left.err.contains("0 files fixed"), "{condition}: {}", left.err);
        assert_eq!(folder.read("a.toll"), policy);
    }
}
