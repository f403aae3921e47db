//! `tollgate test --coverage`: which outcomes there are, and when one counts as seen.

use serde_json::{Value, json};

use crate::folder::Folder;

fn coverage(policy: &str, args: &[&str]) -> Value {
    let folder = Folder::new(&[("a.toll", policy)]);
    let ran = folder.run(&[&["test", "--coverage", "--format", "json", "a.toll"], args].concat());
    ran.json().get("coverage").cloned().unwrap()
}

const INPUT: &str = "input { agent: {id: \"x\"}, tool: {server: \"s\", name: \"t\"}, args: {ns: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25]} }";

#[test]
fn a_rule_that_no_test_reaches_counts() {
    let policy = format!(
        "package c\nallow a on \"s/t\" because \"a\"\nreview never_tested on \"s/b\" because \"b {{agent.id}}\"\ntest \"t\" {{ {INPUT} expect allow by a }}\n"
    );
    let coverage = coverage(&policy, &[]);
    assert_eq!((&coverage["seen"], &coverage["outcomes"], &coverage["percent"]), (&2.into(), &4.into(), &50.0.into()));
    let folder = Folder::new(&[("a.toll", &policy)]);
    let ran = folder.run(&["test", "--coverage", "--min-coverage", "100", "a.toll"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("coverage 50.0 %: 2 of 4 outcomes seen, 1 of 2 rules matched\n"), "{}", ran.out);
}

#[test]
fn a_reason_that_no_decision_gives_is_not_seen() {
    let policy =
        format!("package c\nallow a because \"a\"\ndeny b because \"b\"\n@shadow deny s because \"s\"\ntest \"t\" {{ {INPUT} expect deny by b }}\n");
    let coverage = coverage(&policy, &[]);
    let of_rule = |place: usize| (coverage["rules"][place]["matched"].clone(), coverage["rules"][place]["because"].clone());
    assert_eq!([of_rule(0), of_rule(1), of_rule(2)], [(json!(1), json!(0)), (json!(1), json!(1)), (json!(1), json!(1))]);
}

#[test]
fn what_made_a_rule_match_is_seen_however_late_it_comes() {
    let rule = "deny late for v in args.ns.as_list() ?? [] when v.as_int() ?? 0 == 24 unless v.as_int() ?? 0 < 24";
    let folder = Folder::new(&[("a.toll", &format!("package c\n{rule}\ntest \"t\" {{ {INPUT} expect deny by late }}\n"))]);
    let ran = folder.run(&["test", "--coverage", "a.toll"]);
    assert!(ran.out.contains("c.late        1       4/5"), "{}", ran.out);
    assert!(!ran.out.contains("== 24` was never") && !ran.out.contains("< 24` was never false"), "{}", ran.out);
}

#[test]
fn coverage_counts_the_tests_that_are_told_of() {
    let rule = |n: usize| format!("allow r{n} when agent.id == \"a{n}\"\n");
    let test = |n: usize| {
        format!("test \"t{n}\" {{ input {{ agent: {{id: \"a{n}\"}}, tool: {{name: \"t\"}} }} expect {} }}\n", if n == 5 { "deny" } else { "allow" })
    };
    let policy = format!("package c\n{}{}", (0..60).map(rule).collect::<String>(), (0..60).map(test).collect::<String>());
    for _ in 0..3 {
        let coverage = coverage(&policy, &["--fail-fast", "--jobs", "8"]);
        let matched: u64 = coverage["rules"].as_array().unwrap().iter().map(|rule| rule["matched"].as_u64().unwrap()).sum();
        assert_eq!(matched, 6);
    }
}
