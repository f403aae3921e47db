use super::*;
use crate::Sources;
use crate::testing::Situation;

const POLICY: &str = r#"
package p
input { tool: Tool, args: json = {}, context: Context = {} }
tool "export" { args { rows: int, to: string } }
tool "read" { args { rows: int, to?: string } }
deny many on "export" when args.rows > 1_000 and args.to != "a@b.example" because "many"
let rows = {rows: 5}
allow few on "export", "read" when args.rows <= 10 unless args.rows == 7
"#;

fn judged(tests: &str) -> Vec<(String, String, Verdict)> {
    let set = PolicySet::check(Sources::of("p.toll", &format!("{POLICY}\n{tests}")));
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    let mutants = Mutants::new(&set).unwrap();
    mutants.all().iter().map(|mutant| (mutant.of.clone(), mutant.what.clone(), mutants.judge(mutant, |_| true, 0..99))).collect()
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
    let killed = |place: usize| Verdict::Killed(place);
    let verdict = |what: &str| judged.iter().find(|(_, known, _)| known == what).map(|(.., verdict)| verdict.clone()).unwrap();
    assert_eq!(verdict("`>` becomes `>=`"), killed(1));
    assert_eq!(verdict("`1_000` becomes `1001`"), killed(0));
    assert_eq!(verdict("`<=` becomes `<`"), killed(2));
    assert_eq!(verdict("the `unless` is dropped"), killed(4));
    assert_eq!(verdict("`on` without `read`"), Verdict::Survived);
    assert_eq!(verdict(r#"without `args.to != "a@b.example"`"#), Verdict::Survived);
    assert_eq!(verdict("`on` is dropped"), Verdict::Moot);
}

#[test]
fn definitions_that_rules_read_are_changed_as_conditions_are() {
    let text = "package p\nfn short(text: string) -> bool = text.len() < 9 and text != \"x\"\nlet id = 5\nallow a when short(agent.id)\n";
    let set = PolicySet::check(Sources::of("p.toll", text));
    let mutants = Mutants::new(&set).unwrap();
    let of_definitions = mutants.all().iter().filter(|mutant| !mutant.of.starts_with("allow"));
    let words: Vec<String> = of_definitions.map(|mutant| format!("{}: {}", mutant.of, mutant.what)).collect();
    insta::assert_snapshot!(words.join("\n"));
}

#[test]
fn a_mutant_is_shown_as_a_change_of_lines() {
    let set = PolicySet::check(Sources::of("p.toll", POLICY));
    let mutants = Mutants::new(&set).unwrap();
    let mutant = mutants.all().iter().find(|mutant| mutant.what == "`>` becomes `>=`").unwrap();
    let (old, new) = mutant.lines(set.sources().text(mutant.file));
    assert_eq!(old.replace("rows > 1", "rows >= 1"), new);
}

/// What tells the first change of those words apart.
fn told(set: &PolicySet, what: &str, situation: Situation) -> Option<Telling> {
    let (mutants, engine) = (Mutants::new(set).unwrap(), set.compile().unwrap().into_engine().unwrap());
    let mutant = mutants.all().iter().find(|mutant| mutant.what == what).unwrap_or_else(|| panic!("{what}"));
    let changed = mutants.suite(mutant).unwrap();
    Search::new(set, &engine, vec![situation]).telling(mutant, changed.engine())
}

#[test]
fn a_request_near_those_of_the_tests_tells_a_survivor_apart() {
    let set = PolicySet::check(Sources::of("p.toll", POLICY));
    let requests = vec![br#"{"tool": {"name": "export"}, "args": {"rows": 5, "to": "x"}}"#.to_vec()];
    let tell = |what: &str| told(&set, what, Situation { data: Vec::new(), requests: requests.clone() });
    let told = tell("`>` becomes `>=`").unwrap();
    assert!(told.input.contains(r#""rows":1000"#), "{told:?}");
    assert_eq!([told.before, told.after], ["deny by none", "deny by p.many"]);
    assert!(tell("`on` without `read`").is_some_and(|told| told.input.contains(r#""name":"read""#)));
}

#[test]
fn a_case_tells_what_its_test_does_not_expect() {
    let test = "test \"exports\" { input { tool: {name: \"export\"}, args: {rows: 1001, to: \"x\"} } expect deny }\n";
    let set = PolicySet::check(Sources::of("p.toll", &format!("{POLICY}score weight: 0..=9 {{ 3 when args != none }}\n{test}")));
    let mutants = Mutants::new(&set).unwrap();
    let policy = Suite::new(set.lower(&LowerOptions { tests: true, ..LowerOptions::default() }).unwrap().testing.unwrap()).unwrap();
    let told = |what: &str| {
        let mutant = mutants.all().iter().find(|mutant| mutant.what == what && mutant.of.starts_with("score")).unwrap();
        let case = &policy.cases()[0];
        told_by_case(&policy.decisions(case), &mutants.suite(mutant).unwrap().decisions(case)).unwrap()
    };
    let told = told("`3` becomes `4`");
    assert_eq!([told.before, told.after], [r#"deny by p.many, scores {"weight":3}"#, r#"deny by p.many, scores {"weight":4}"#]);
}

#[test]
fn what_no_decision_reads_is_no_constant() {
    let texts = |item: &str| constants_of(item).iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" ");
    assert_eq!(texts("@id(\"X-1\") @title(\"t\")\ndeny d\n  when a == \"b\" and n > 3\n  because \"no {n}\"\n"), r#""b" 2 3 4"#);
    assert_eq!(texts("@shadow deny d on {\"t\", \"u\"} when a == \"b\" because \"c\" require audit(\"d\")"), r#""b" "d""#);
    assert_eq!(texts("score s: 0..=9 { 7 when a == \"b\" because \"c\", 8 when d == \"{e}\" }"), r#"0 1 8 9 10 6 7 8 "b" 7 8 9"#);
}

#[test]
fn what_is_one_change_or_none_is_not_counted_twice() {
    let text = "package p\ndeny // deny the rest\n  c\nallow a when true\nscore risk: 0..=100 { 100 when agent.id == \"x\" }\n";
    let set = PolicySet::check(Sources::of("p.toll", text));
    let mutants = Mutants::new(&set).unwrap();
    let words: Vec<String> = mutants.all().iter().map(|mutant| format!("{}: {}", mutant.of, mutant.what)).collect();
    insta::assert_snapshot!(words.join("\n"));
    let effect = mutants.all().iter().find(|mutant| mutant.what == "`deny` becomes `allow`").unwrap();
    assert!(effect.applied_to(text).unwrap().contains("allow // deny the rest"));
}

#[test]
fn defaults_and_nested_conditions_are_changed_too() {
    let text = r#"package p
default review because "somebody looks"
data limit: int = 5
obligation hold(time: duration = 5m)
tool "t" { args { rows: int, count: int } }
allow a on "t" when (args.count < limit and args.rows < 9) or session.calls.any(c => c.tool == "x" and c.effect == "deny") require hold(time: 2h)
"#;
    let set = PolicySet::check(Sources::of("p.toll", text));
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    let mutants = Mutants::new(&set).unwrap();
    let words: Vec<String> = mutants.all().iter().map(|mutant| format!("{}: {}", mutant.of, mutant.what)).collect();
    insta::assert_snapshot!(words.join("\n"));
}

#[test]
fn what_requests_may_bring_is_changed_and_what_data_may_hold_is_not() {
    let text = r#"package p
type Caller = std.Agent with { level: int where level >= least() = 1, seat: string = "a" }
type Band { low: int where low > 0 }
data band: Band = {low: 1}
fn least() -> int = 1
input { agent: Caller, tool: Tool, args: json = {} }
tool "t" { args { rows: list<{ n: int where (n < 5) }> = [], limit: int where limit >= 1 = 10, note: string = "-" } }
allow a on "t" when args.rows.all(row => row.n > band.low) and args.limit < 20 and agent.level > 1
"#;
    let set = PolicySet::check(Sources::of("p.toll", text));
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    let mutants = Mutants::new(&set).unwrap();
    let of_types = mutants.all().iter().filter(|mutant| !mutant.of.starts_with("allow"));
    let words: Vec<String> = of_types.map(|mutant| format!("{}: {}", mutant.of, mutant.what)).collect();
    insta::assert_snapshot!(words.join("\n"));
}

#[test]
fn a_variable_is_no_definition_of_that_name() {
    let policy = "package p\nimport q\nfn small(n: int) -> bool = n < 9\nlet kept = 6\n\
                  allow a for m in [1] when [m].any(k => small(k)) or q.kept == 2\n";
    let fixtures = "package q\nlet n = 1\nlet m = 2\nlet k = 3\nlet kept = 4\ntest \"t\" { input {} expect n + m + k == 6 }\n";
    let mut sources = Sources::of("p.toll", policy);
    sources.add("q.toll", fixtures);
    let set = PolicySet::check(sources);
    let mutants = Mutants::new(&set).unwrap();
    let mut of: Vec<&str> = mutants.all().iter().map(|mutant| mutant.of.as_str()).collect();
    of.dedup();
    assert_eq!(of, ["fn p.small", "let p.kept", "allow p.a", "let q.kept"], "`kept` of another package is found too");
}

#[test]
fn bounds_are_changed_where_contributions_reach_them() {
    let of_score = |score: &str| {
        let text = format!("package p\nlet n = 1\nscore s: {score}\n");
        let set = PolicySet::check(Sources::of("p.toll", &text));
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let mutants = Mutants::new(&set).unwrap();
        let parts = text.find('{').and_then(|at| u32::try_from(at).ok()).unwrap();
        let bounds = |mutant: &&Mutant| mutant.of.starts_with("score") && mutant.span.start < parts;
        mutants.all().iter().filter(bounds).map(|mutant| mutant.what.replace(" becomes ", " ")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(of_score("0..=10 { 4 when true, 5 when true }"), "`0` `1`");
    assert_eq!(of_score("0..=10 { 4 when true, 6 when true }"), "`0` `1`, `10` `9`");
    assert_eq!(of_score("-5..=10 { 4 when true, 7 when true, -6 when true }"), "`-5` `-4`, `-5` `-6`, `10` `11`, `10` `9`");
    assert_eq!(of_score("-5..=10 { -4 when true }"), "", "nothing reaches either");
    let apart = "0..=10 { 4 when agent.id == \"a\", 7 when agent.id in {\"b\", \"c\"}, 3 when agent.role == \"a\" }";
    assert_eq!(of_score(apart), "`0` `1`, `10` `9`", "no more than ten at a time");
    assert_eq!(of_score("1..=10 { 4 when true }"), "`1` `0`, `1` `2`");
    assert_eq!(of_score("-5..=10 { n when true }"), "`-5` `-4`, `-5` `-6`, `10` `11`, `10` `9`");
}

#[test]
fn a_chain_is_changed_at_its_words() {
    let text = "package p\nallow a when agent.id == \"x\" // and so\n  and agent.id != \"y\" and // and\n  1 < 2\n";
    let set = PolicySet::check(Sources::of("p.toll", text));
    let mutants = Mutants::new(&set).unwrap();
    let mutant = mutants.all().iter().find(|mutant| mutant.what == "`and` becomes `or`").unwrap();
    assert_eq!(text.find("and agent"), usize::try_from(mutant.span.start).ok());
    assert_eq!(mutant.replacement, "or agent.id != \"y\" or");
}
