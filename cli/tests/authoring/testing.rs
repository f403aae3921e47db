//! `tollgate test`: what it prints, in each format.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use insta::assert_snapshot;
use serde_json::json;

use crate::folder::{Folder, Ran};
use crate::junit;

pub const POLICY: &str = include_str!("../junit/project/a.toll");
const HOSTILE: &str = include_str!("../junit/project/h.toll");
const CASES: &str = include_str!("../junit/project/c.jsonl");

/// The output without its times.
fn timeless(ran: &Ran) -> String {
    let line = |line: &str| match line.rsplit_once(" (") {
        Some((text, time)) if time.ends_with(" ms)") => format!("{text}\n"),
        _ => format!("{line}\n"),
    };
    ran.out.lines().map(line).collect()
}

#[test]
fn a_failure_shows_its_place_and_why() {
    let folder = Folder::new(&[("a.toll", POLICY)]);
    let ran = folder.run(&["test", "a.toll"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!(timeless(&ran));
}

#[test]
fn tests_are_filtered_by_title_package_and_file() {
    let folder = Folder::new(&[("a.toll", POLICY), ("b.toll", "package b\ndeny all\ntest \"parts of b\" { input {} expect deny }\n")]);
    let titles = |args: &[&str]| {
        let json = folder.run(&[&["test", "--list", "--format", "json"], args].concat()).json();
        json["tests"].as_array().unwrap().iter().map(|test| test["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(titles(&["--filter", "parts"]), ["parts", "parts of b"]);
    assert_eq!(titles(&["--filter", "parts", "--exact"]), ["parts"]);
    assert_eq!(titles(&["--filter", "shop.ord"]).len(), 5);
    assert_eq!(titles(&["--filter", "b", "--exact"]), ["parts of b"]);
    assert_eq!(titles(&["--filter", "b.toll"]), ["parts of b"]);
    assert_eq!(titles(&["--filter", "nothing"]), [""; 0]);
    assert_eq!(folder.run(&["test", "--exact"]).code, 2);
}

#[test]
fn formats_for_continuous_integration() {
    let folder = Folder::new(&[("a.toll", POLICY), ("h.toll", HOSTILE), ("c.jsonl", CASES)]);
    let run = |format: &str| folder.run(&["test", "--format", format, "--cases", "c.jsonl", "a.toll", "h.toll"]);
    assert_snapshot!("tap", run("tap").out);
    assert_snapshot!("github", run("github").out);
    let junit = run("junit");
    assert_eq!(junit.code, 1);
    let counts = junit::check(&junit.out);
    assert_eq!((counts.tests, counts.failures), (14, 12));
}

#[test]
fn junit_has_only_characters_that_xml_may_have() {
    let test = "package n\ntest \"\u{fffe}\u{ffff}\u{1}\" { input { agent: {id: \"\u{ffff}\"}, tool: {name: \"t\"} } expect agent.id == \"\" }\n";
    let folder = Folder::new(&[("n.toll", test)]);
    let junit = folder.run(&["test", "--format", "junit", "n.toll"]);
    assert_eq!(junit.code, 1, "{}", junit.err);
    let counts = junit::check(&junit.out);
    assert_eq!((counts.tests, counts.failures), (1, 1), "{}", junit.out);
}

#[test]
fn recorded_cases_run_as_tests() {
    let folder = Folder::new(&[("a.toll", POLICY), ("c.jsonl", CASES)]);
    let ran = folder.run(&["test", "--cases", "c.jsonl", "--filter", "c.jsonl", "a.toll"]);
    assert_eq!(ran.code, 1);
    assert_snapshot!(timeless(&ran));
    let json = folder.run(&["test", "--cases", "c.jsonl", "--format", "json", "a.toll"]).json();
    assert_eq!((&json["passed"], &json["failed"]), (&2.into(), &11.into()));
    assert_eq!((&json["tests"][7]["file"], &json["tests"][7]["line"]), (&"c.jsonl".into(), &4.into()));
    assert_eq!(folder.run(&["test", "--cases", "none.jsonl"]).code, 2);
}

#[test]
fn recorded_cases_are_updated_in_place() {
    let folder = Folder::new(&[("a.toll", POLICY), ("c.jsonl", CASES), ("d.jsonl", CASES)]);
    let ran = folder.run(&["test", "--cases", "c.jsonl", "--cases", "d.jsonl", "--update", "--filter", "c.jsonl", "--format", "json", "a.toll"]);
    let json = ran.json();
    assert_eq!((ran.code, &json["passed"], &json["failed"], &json["updated"]), (1, &5.into(), &3.into(), &4.into()));
    assert_snapshot!(folder.read("c.jsonl"));
    assert_eq!(folder.read("d.jsonl"), CASES, "what was not run is not changed");
    let again = folder.run(&["test", "--cases", "c.jsonl", "--update", "--filter", "c.jsonl", "--format", "json", "a.toll"]).json();
    assert_eq!((&again["failed"], &again["updated"]), (&3.into(), &0.into()));
    let files = std::fs::read_dir(folder.0.path()).unwrap().count();
    assert_eq!(files, 3, "nothing is left beside");
    assert_eq!(folder.run(&["test", "--update"]).code, 2);
}

#[test]
fn a_byte_order_mark_before_recorded_cases_is_passed_over_and_kept() {
    let case = "\u{feff}{\"name\": \"n\", \"input\": {\"agent\": {\"id\": \"x\"}, \"tool\": {\"name\": \"t\"}}, \"expect\": \"allow\"}\n";
    let folder = Folder::new(&[("a.toll", "package p\ndeny a because \"v\"\n"), ("c.jsonl", case)]);
    let json = folder.run(&["test", "--cases", "c.jsonl", "--update", "--format", "json", "a.toll"]).json();
    assert_eq!((&json["failed"], &json["updated"]), (&0.into(), &1.into()));
    assert_eq!(folder.read("c.jsonl"), case.replace("allow", "deny"));
}

#[test]
fn a_case_keeps_the_form_in_which_it_is_written() {
    let policy = "package p\n@id(\"ID-1\") deny a because \"v\"\ndeny b because \"w\"\n";
    let case = |expect: &str| {
        format!("{{\"name\": \"n\", \"expect\":{expect}, \"input\": {{\"agent\": {{\"id\": \"x\"}}, \"tool\": {{\"name\": \"t\"}}}}}}\n")
    };
    let expectations = [
        "null",
        r#"{"effect":"deny","reasons":[{"rule":"p.a","id":"ID-9"}]}"#,
        r#"{"effect":"deny","reasons":[{"id":"ID-9","text":"z"},{"text":"z"}]}"#,
        r#"{"effect":"deny","reasons":["z",{"rule":"p.b"}]}"#,
        r#""allow""#,
    ];
    let list = "[\"n\", {\"agent\": {\"id\": \"x\"}, \"tool\": {\"name\": \"t\"}}]\n";
    let invalid = [
        r#""alow""#,
        r#"["deny"]"#,
        r#"{"effect":"deny","reasons":[1]}"#,
        r#"{"effect":"allow","rule":"p.a"}"#,
        r#"{"rules":["p.a"]}"#,
        r#"{"effect":"allow","rules":["p.z"]}"#,
        r#"{"effect":"allow","reasons":[{"rule":"p.z"}]}"#,
    ];
    let cases = |expectations: &[&str]| expectations.iter().map(|expect| case(expect)).collect::<String>();
    let text = cases(&expectations) + list + "3\n" + &cases(&invalid);
    let folder = Folder::new(&[("a.toll", policy), ("c.jsonl", &text)]);
    let ran = folder.run(&["test", "--cases", "c.jsonl", "--update", "a.toll"]);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_snapshot!(folder.read("c.jsonl"));
    let again = folder.run(&["test", "--cases", "c.jsonl", "a.toll"]);
    let told: Vec<&str> = again.out.lines().filter(|line| line.starts_with("  got") || line.starts_with("  at")).collect();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    let folder = Folder::new(&[("a.toll", POLICY), ("c.jsonl", CASES)]);
    let refused: [&[&str]; 18] = [
        &["--mutate-min", "NaN"],
        &["--mutate-min", "200"],
        &["--mutate-min=-5"],
        &["--mutate", "--cases", "c.jsonl"],
        &["--mutate-min", "5", "--cases", "c.jsonl", "--update"],
        &["--mutate", "--coverage"],
        &["--mutate", "--min-coverage", "5"],
        &["--mutate", "--watch"],
        &["--mutate", "--list"],
        &["--mutate", "--fail-fast"],
        &["--mutate", "--format", "junit"],
        &["--mutate-min", "5", "--format", "tap"],
        &["--mutate", "--format", "github"],
        &["--list", "--format", "junit"],
        &["--list", "--min-coverage", "5"],
        &["--list", "--coverage"],
        &["--list", "--fail-fast"],
        &["--jobs", "0"],
    ];
    for args in refused {
        let ran = folder.run(&[&["test", "a.toll"], args].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
    }
    let many = folder.run(&["test", "--jobs", "100000", "--filter", "parts", "a.toll"]);
    assert!(many.out.contains("1 failed") || many.out.contains("1 test passed"), "{}{}", many.out, many.err);
}

#[test]
fn a_recorded_case_that_contradicts_a_property_fails() {
    let policy = "package a\nallow all\nproperty \"p\" { never allow }\n";
    let case = json!({"name": "n", "input": {"agent": {"id": "x"}, "tool": {"name": "t"}}, "expect": "allow"});
    let folder = Folder::new(&[("a.toll", policy), ("c.jsonl", &case.to_string())]);
    let ran = folder.run(&["test", "--cases", "c.jsonl", "--update"]);
    assert_eq!((ran.code, ran.out.contains("as the property `p` claims")), (1, true), "{}", ran.out);
}

pub const SCORED: &str = "package s\nscore risk: 0..=9 { 3 when agent.id == \"x\" }\n";

const COVERED: &str = r#"package a

/// Not <b>bold</b> & not "quoted" RTL.
score risk: 0..=10 {
  3 when agent.id == "x" because "x",
  4 when context.environment == "prod"
}

deny twice
  for n in args.ns.as_list() ?? []
  when tool.name == "t"
    and n.as_int() ?? 0 > 3
  unless agent.role == "</script><b>"
  because "n is {n}"

allow never when tool.name == "u" because "never"

test "t" {
  input { agent: {id: "x"}, tool: {name: "t"}, args: {ns: [1, 5]} }
  expect deny by twice
}
test "refused" { input {} expect deny by none }
"#;

#[test]
fn coverage_counts_outcomes() {
    let folder = Folder::new(&[("a.toll", COVERED)]);
    let ran = folder.run(&["test", "--coverage", "a.toll"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_snapshot!("coverage_summary", timeless(&ran));
    let json = folder.run(&["test", "--coverage", "--format", "json", "a.toll"]).json();
    let coverage = &json["coverage"];
    assert_eq!((&coverage["seen"], &coverage["outcomes"]), (&9.into(), &16.into()));
    let condition = json!({"text": "n.as_int() ?? 0 > 3", "line": 12, "column": 9, "true": 1, "false": 1});
    assert_eq!(coverage["rules"][1]["conditions"][1], condition);
    let lcov = folder.run(&["test", "--coverage", "lcov", "--coverage-output", "l.info", "a.toll"]);
    assert_eq!((lcov.code, lcov.out.contains("in l.info")), (0, true), "{}", lcov.out);
    assert_snapshot!("coverage_lcov", folder.read("l.info"));
    assert_eq!(folder.run(&["test", "--coverage", "lcov", "--coverage-output", "none/l.info", "a.toll"]).code, 2);
    let ran = folder.run(&["test", "--coverage", "lcov", "--coverage-output", "-", "a.toll"]);
    assert!(ran.code == 2 && ran.err.contains("name a file"), "{}", ran.err);
}

#[test]
fn recorded_cases_count_for_coverage() {
    let case = json!({"name": "u", "input": {"agent": {"id": "y"}, "tool": {"name": "u"}}, "expect": "allow"});
    let folder = Folder::new(&[("a.toll", COVERED), ("c.jsonl", &case.to_string())]);
    let json = folder.run(&["test", "--coverage", "--format", "json", "--cases", "c.jsonl", "a.toll"]).json();
    assert_eq!((&json["coverage"]["seen"], &json["coverage"]["rules"][0]["matched"]), (&13.into(), &1.into()));
}

#[test]
fn coverage_below_what_is_demanded_fails() {
    let folder = Folder::new(&[("a.toll", COVERED)]);
    let ran = folder.run(&["test", "--min-coverage", "56.3", "a.toll"]);
    assert_eq!((ran.code, ran.err.as_str()), (1, "tollgate: the tests have seen 56.2 % of the outcomes, 56.3 % are demanded\n"));
    assert_eq!(folder.run(&["test", "--min-coverage", "56", "a.toll"]).code, 0);
    for refused in ["101", "-1", "nan", "x"] {
        assert_eq!(folder.run(&["test", &format!("--min-coverage={refused}"), "a.toll"]).code, 2, "{refused}");
    }
}

#[test]
fn the_page_of_coverage_is_whole_and_escaped() {
    let folder = Folder::new(&[("a.toll", &COVERED.replace("RTL", "\u{202e}"))]);
    assert_eq!(folder.run(&["test", "--coverage", "html", "--coverage-output", "c.html", "a.toll"]).code, 0);
    let page = folder.read("c.html");
    assert!(!page.contains("<script") && !page.contains("</script") && !page.contains("http://") && !page.contains("<link"), "{page}");
    assert!(!page.contains('\u{202e}') && page.contains("prefers-color-scheme: dark"));
    let (_, source) = page.split_once("<pre>").unwrap();
    assert_snapshot!(source);
    for tag in ["span", "mark", "b", "q", "em", "pre", "table", "tr", "td"] {
        let (opened, closed) =
            (page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count(), page.matches(&format!("</{tag}>")).count());
        assert_eq!(opened, closed, "{tag}");
    }
}

#[test]
fn watching_tells_of_edits() {
    let folder = Folder::new(&[("tollgate.toml", ""), ("policies/a.toll", POLICY)]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tollgate"));
    let mut child = command.args(["test", "--watch"]).current_dir(folder.0.path()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
    let next = || lines.recv_timeout(Duration::from_secs(10)).unwrap_or_else(|_| "nothing has passed".to_owned());
    let run = || std::iter::repeat_with(next).take_while(|line| !line.contains("passed")).collect::<Vec<String>>().join("\n");
    // A file may be seen when only a part of it is written.
    let is_told = |text: &str| (0..4).any(|_| run().contains(text));
    assert!(is_told("failed: no, 100"));
    folder.write("policies/a.toll", &POLICY.replace("n: 100", "n: 10"));
    assert!(is_told(""));
    folder.write("tollgate.toml", "[policy");
    std::thread::sleep(Duration::from_millis(300));
    folder.write("tollgate.toml", "# mended");
    assert!(is_told(""));
    folder.write("data/limit.json", "0");
    assert!(is_told("failed: no, 1"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(folder.run(&["test", "--watch", "--format", "json"]).code, 2);
    assert_eq!(folder.run(&["test", "--watch", "none"]).code, 2);
}
