//! `tollgate replay`: what is read of logs, what they are compared with, and what is told.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::folder::Folder;

const POLICY: &str = r#"package a

data limit: int = 10

allow small when args.n.as_int() ?? 0 <= limit because "n is small"

deny large when args.n.as_int() ?? 0 > 2 * limit
"#;

fn request(n: i64) -> String {
    format!(r#"{{"agent": {{"id": "x"}}, "tool": {{"name": "t"}}, "args": {{"n": {n}}}}}"#)
}

#[test]
fn lists_the_decisions_that_have_changed() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let old = POLICY.replace("deny ", "review ");
    assert_ne!(old, POLICY);
    folder.write("old/a.toll", &old);
    let requests: Vec<String> = [1, 90, 2, 95].map(request).to_vec();
    folder.write("calls.jsonl", &requests.join("\n"));
    let ran = folder.run(&["replay", "calls.jsonl", "-p", "a.toll"]);
    assert!(ran.code == 0 && ran.out.contains("nothing to compare them with"), "{}", ran.out);
    let ran = folder.run(&["replay", "calls.jsonl", "-p", "a.toll", "--against", "old"]);
    assert!(ran.code == 1 && ran.out.contains("review → deny") && ran.out.contains("calls.jsonl:2"), "{}", ran.out);
    let json = folder.run(&["replay", "calls.jsonl", "-p", "a.toll", "--against", "old", "--format", "json"]).json();
    assert_eq!((&json["decisions"], &json["compared"], &json["changed"]), (&4.into(), &4.into(), &2.into()));
    assert_eq!(json["changes"][0]["samples"][0]["line"], 2);
    let html = folder.run(&["replay", "calls.jsonl", "-p", "a.toll", "--against", "old", "--format", "html"]).out;
    assert!(html.contains("review → deny") && !html.contains("{\"agent"), "{html}");
    let logged = format!(
        "{{\"input\": {}, \"effect\": \"allow\"}}\n\n{{\"input\": {}, \"decision\": {{\"effect\": \"deny\"}}}}\nnonsense\n",
        requests[1], requests[1]
    );
    folder.write("log.jsonl", &logged);
    let json = folder.run(&["replay", "log.jsonl", "-p", "a.toll", "--format", "json"]).json();
    assert_eq!((&json["decisions"], &json["compared"], &json["changed"]), (&3.into(), &2.into(), &1.into()));
    assert_eq!((&json["changes"][0]["from"], &json["changes"][0]["to"], &json["effects"]["deny"]), (&"allow".into(), &"deny".into(), &3.into()));
    // What is no request is told, since nothing else would tell it from calls that the policy denies.
    assert_eq!((&json["refusals"], &json["refused"][0]["samples"][0]["line"]), (&1.into(), &4.into()));
    let words = folder.run(&["replay", "log.jsonl", "-p", "a.toll"]).out;
    assert!(words.contains("1 request denied before any rule") && words.contains("log.jsonl:4"), "{words}");
    assert_eq!(folder.run(&["replay", "nowhere.jsonl", "-p", "a.toll"]).code, 2);
}

#[test]
fn passes_only_over_what_it_has_compared() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let request = request(1);
    let replay = |text: &str| {
        folder.write("log.jsonl", text);
        folder.run(&["replay", "log.jsonl", "-p", "a.toll"])
    };
    // A byte order mark is passed over.
    let ran = replay(&format!("\u{feff}{{\"input\": {request}, \"effect\": \"allow\"}}\n"));
    assert!(ran.code == 0 && ran.out.contains("0 of 1 changed"), "{}", ran.out);
    for line in [
        format!("{{\"input\": {request}, \"effect\": \"Allow\"}}"),
        format!("{{\"input\": {request}, \"effect\": {{\"allow\": null}}}}"),
        format!("{{\"input\": {request}, \"decision\": \"allow\"}}"),
        format!("{{\"input\": {request}, \"input\": {request}, \"effect\": \"allow\"}}"),
        "nonsense".to_owned(),
    ] {
        let ran = replay(&line);
        assert!(ran.code == 1 && ran.out.contains("1 line with a decision that is not understood") && ran.out.contains("log.jsonl:1"), "{}", ran.out);
        let ran = folder.run(&["replay", "log.jsonl", "-p", "a.toll", "--format", "json"]);
        assert_eq!((ran.code, &ran.json()["unreadable"][0]["count"]), (1, &1.into()));
    }
    let ran = replay("\n\n");
    assert!(ran.code == 2 && ran.err.contains("no request"), "{}", ran.err);
    // A policy beside it does not make a line what it is not.
    for line in ["nonsense", "{\"input\": {}, \"input\": {}}", "{\"effect\": \"allow\", \"rules\": []}"] {
        folder.write("log.jsonl", line);
        let ran = folder.run(&["replay", "log.jsonl", "-p", "a.toll", "--against", "a.toll"]);
        assert_eq!(ran.code, 1, "{line}: {}", ran.out);
    }
    let ran = replay(&format!("{{\"input\": {request}, \"decision\": {{\"effect\": \"deny\", \"rules\": [\"a\\u001b[31m\\nb\"]}}}}"));
    assert!(ran.code == 1 && ran.out.contains(r"(before: a\u{1b}[31m b)"), "{}", ran.out);
}

#[test]
fn tells_what_is_required_no_more() {
    let old = "package b\nallow clerks when agent.role == \"clerk\" require audit(\"full\")\n";
    let folder = Folder::new(&[("old/b.toll", old), ("new/b.toll", &old.replace(" require audit(\"full\")", ""))]);
    folder.write("log.jsonl", "{\"agent\": {\"id\": \"a\", \"role\": \"clerk\"}, \"tool\": {\"name\": \"t\"}}");
    let ran = folder.run(&["replay", "log.jsonl", "-p", "new", "--against", "old"]);
    assert!(ran.code == 1 && ran.out.contains("1 × allow with other obligations, by b.clerks (before: b.clerks)"), "{}", ran.out);
    assert_eq!(folder.run(&["replay", "log.jsonl", "-p", "new", "--against", "new"]).code, 0);
    // The same of a log that says what was required.
    let of_log = |obligations: &str| {
        let request = "{\"agent\": {\"id\": \"a\", \"role\": \"clerk\"}, \"tool\": {\"name\": \"t\"}}";
        let decision = format!("{{\"effect\": \"allow\", \"rules\": [\"b.clerks\"]{obligations}}}");
        folder.write("log.jsonl", &format!("{{\"input\": {request}, \"decision\": {decision}}}"));
        ["old", "new"].map(|policy| folder.run(&["replay", "log.jsonl", "-p", policy]).code)
    };
    assert_eq!(of_log(", \"obligations\": [{\"args\": {\"level\": \"full\"}, \"name\": \"audit\"}]"), [0, 1]);
    assert_eq!(of_log(", \"obligations\": []"), [1, 0]);
    assert_eq!(of_log(", \"obligations\": null"), [1, 1]);
    assert_eq!(of_log(""), [0, 0]);
}

#[test]
fn what_is_required_has_no_order() {
    let old = "package b\nallow a when agent.role == \"clerk\" require audit(\"full\")\nallow b when agent.role == \"clerk\" require notify(\"c\")\n";
    let folder = Folder::new(&[("old/b.toll", old), ("new/b.toll", &old.replace("allow a", "allow z"))]);
    let request = "{\"agent\": {\"id\": \"a\", \"role\": \"clerk\"}, \"tool\": {\"name\": \"t\"}}";
    folder.write("log.jsonl", request);
    assert_eq!(folder.run(&["replay", "log.jsonl", "-p", "new", "--against", "old"]).code, 0);
    folder.write("request.json", request);
    let decided = folder.run(&["eval", "-i", "request.json", "old"]).json();
    for policy in ["old", "new"] {
        folder.write("log.jsonl", &format!("{{\"input\": {request}, \"decision\": {decided}}}"));
        assert_eq!(folder.run(&["replay", "log.jsonl", "-p", policy]).code, 0, "{policy}");
    }
    // One twice stands for no other.
    let mut twice = decided;
    twice["obligations"][1] = twice["obligations"][0].clone();
    folder.write("log.jsonl", &format!("{{\"input\": {request}, \"decision\": {twice}}}"));
    assert_eq!(folder.run(&["replay", "log.jsonl", "-p", "old"]).code, 1);
}

#[test]
fn shows_the_start_of_a_long_request_and_decides_with_one_thread_at_least() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let long = request(1).replacen("{", &format!("{{\"note\": \"{}\", ", "x".repeat(5_000)), 1);
    folder.write("log.jsonl", &format!("{{\"input\": {long}, \"effect\": \"review\"}}"));
    let ran = folder.run(&["replay", "log.jsonl", "-p", "a.toll"]);
    assert!(ran.code == 1 && ran.out.contains("x…\n") && ran.out.len() < 2_000, "{}", ran.out);
    let json = folder.run(&["replay", "log.jsonl", "-p", "a.toll", "--format", "json"]).json();
    assert_eq!(json["changes"][0]["samples"][0]["input"], long);
    for command in [&["replay", "log.jsonl", "-p", "a.toll", "--jobs", "0"][..], &["test", "a.toll", "--jobs", "0"]] {
        let ran = folder.run(command);
        assert!(ran.code == 2 && ran.err.contains("expected a number from 1"), "{}", ran.err);
    }
    assert_eq!(folder.run(&["replay", "log.jsonl", "-p", "a.toll", "--jobs", "1"]).code, 1);
}

#[test]
fn logs_are_read_to_their_ends() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    // More than is read at a time, with empty lines, other line ends and no end of the last line.
    let lines = |count: i64| (0..count).map(|n| format!("{{\"input\": {}, \"effect\": \"allow\"}}\r\n\n", request(n % 11))).collect::<String>();
    let text = lines(6_000) + request(90).as_str();
    folder.write("plain.jsonl", &text);
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    std::fs::write(folder.0.path().join("packed.jsonl.gz"), &packed).unwrap();
    std::fs::write(folder.0.path().join("cut.jsonl.gz"), &packed[..packed.len() / 2]).unwrap();
    for jobs in ["1", "3"] {
        let ran = folder.run(&["replay", "plain.jsonl", "packed.jsonl.gz", "-p", "a.toll", "--format", "json", "--jobs", jobs]);
        let json = ran.json();
        assert_eq!((ran.code, &json["decisions"], &json["compared"], &json["changed"]), (0, &12_002.into(), &12_000.into(), &0.into()));
    }
    let ran = folder.run(&["replay", "cut.jsonl.gz", "-p", "a.toll"]);
    assert!(ran.code == 2 && ran.err.contains("cannot read `cut.jsonl.gz`"), "{}", ran.err);
    let ran = folder.run_with(&["replay", "-", "-p", "a.toll"], &text);
    assert!(ran.code == 0 && ran.out.contains("6001 decisions"), "{}", ran.out);
}
