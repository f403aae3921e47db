use super::*;
use crate::Sources;

const POLICY: &str = r#"
package p
input { tool: Tool, args: json = {}, context: Context = {} }
tool "export" { args { rows: int, to: string } }
tool "read" { args { rows: int } }
deny many on "export" when args.rows > 1_000 and args.to != "a@b.example" because "many"
allow few on "export", "read" when args.rows <= 10 unless args.rows == 7
"#;

fn judged(tests: &str) -> Vec<(String, String, Verdict)> {
    let set = PolicySet::check(Sources::of("p.toll", &format!("{POLICY}\n{tests}")));
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    let mutants = Mutants::new(&set).unwrap();
    mutants.all().iter().map(|mutant| (mutant.of.clone(), mutant.what.clone(), mutants.judge(mutant, |_| true, &[]))).collect()
}

#[test]
fn without_tests_every_change_that_is_one_survives() {
    let judged = judged("");
    let words: Vec<String> = judged.iter().map(|(of, what, verdict)| format!("{of}: {what}: {verdict:?}")).collect();
    insta::assert_snapshot!(words.join("\n"));
}

#[test]
fn tests_kill_what_they_notice() {
    let case = |rows: u32, expect: &str| {
        format!("test \"{rows} {expect}\" {{ input {{ tool: {{name: \"export\"}}, args: {{rows: {rows}, to: \"x\"}} }} expect {expect} }}\n")
    };
    let tests =
        [case(1001, "deny by many"), case(1000, "deny by none"), case(10, "allow"), case(11, "deny by none"), case(7, "deny by none")].concat();
    let judged = judged(&tests);
    let verdict = |what: &str| judged.iter().find(|(_, known, _)| known == what).map(|(.., verdict)| verdict.clone()).unwrap();
    assert_eq!(verdict("`>` becomes `>=`"), Verdict::Killed("1000 deny by none".into()));
    assert_eq!(verdict("`1_000` becomes `1001`"), Verdict::Killed("1001 deny by many".into()));
    assert_eq!(verdict("`<=` becomes `<`"), Verdict::Killed("10 allow".into()));
    assert_eq!(verdict("the `unless` is dropped"), Verdict::Killed("7 deny by none".into()));
    assert_eq!(verdict("`on` without `read`"), Verdict::Survived);
    assert_eq!(verdict(r#"without `args.to != "a@b.example"`"#), Verdict::Survived);
    assert_eq!(verdict("`on` is dropped"), Verdict::Moot);
}

#[test]
fn a_mutant_is_shown_as_a_change_of_lines() {
    let set = PolicySet::check(Sources::of("p.toll", POLICY));
    let mutants = Mutants::new(&set).unwrap();
    let mutant = mutants.all().iter().find(|mutant| mutant.what == "`>` becomes `>=`").unwrap();
    let (old, new) = mutant.lines(set.sources().text(mutant.file));
    assert_eq!(old.replace("rows > 1", "rows >= 1"), new);
}
