//! The lints, each held to a folder below `tests/lints` that has its name: `fail.toll` marks with `//~ W0101` the lines on which the lint finds something,
//! `pass.toll` says the same things so that it finds nothing.

#![cfg(test)]
#![expect(clippy::disallowed_methods, reason = "cases are files, and one test looks at the clock")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tollgate_compiler::diagnostic::position::LineIndex;
use tollgate_compiler::diagnostic::{Code, Diagnostic, FileId, Fix, fix};
use tollgate_compiler::lint::{Level, Levels, lints};
use tollgate_compiler::{PolicySet, Sources};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/lints")
}

/// What the lint of that code finds in sources without errors.
fn found(sources: &Sources, code: Code) -> Vec<Diagnostic> {
    let mut set = PolicySet::check(sources.clone());
    assert!(!set.has_errors(), "{:?}", set.diagnostics());
    let mut found = set.lints(&Levels::all(Level::Warn));
    found.extend(set.plan_diagnostics());
    found.retain(|found| found.code == code);
    found
}

/// The lines on which something is found, and those that are marked.
fn lines(text: &str, found: &[Diagnostic], code: Code) -> (Vec<u32>, Vec<u32>) {
    let index = LineIndex::new(text);
    let lines = found.iter().map(|found| index.position(found.at.span.start).line).collect();
    let mut marked = Vec::new();
    for (line, text) in (1..).zip(text.lines()) {
        let marks = text.rsplit_once("//~").map(|(_, marks)| marks).unwrap_or_default();
        marked.extend(marks.split_whitespace().filter(|mark| *mark == code.code()).map(|_| line));
    }
    (lines, marked)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_lint_has_a_failing_and_a_passing_case() {
    let folders: BTreeSet<String> = std::fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    let names: BTreeSet<String> = lints().map(|lint| lint.name().to_owned()).collect();
    assert_eq!(folders, names);
    for name in names {
        assert!(["fail.toll", "pass.toll"].iter().all(|file| root().join(&name).join(file).is_file()), "{name}");
    }
}

#[test]
fn failing_cases_fail_where_they_are_marked() {
    let mut faults = Vec::new();
    for lint in lints() {
        let text = read(&root().join(lint.name()).join("fail.toll"));
        let (lines, marked) = lines(&text, &found(&Sources::of("fail.toll", &text), lint), lint);
        if lines != marked || marked.is_empty() {
            faults.push(format!("{}: found on {lines:?}, marked on {marked:?}", lint.name()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn passing_cases_pass() {
    for lint in lints() {
        let text = read(&root().join(lint.name()).join("pass.toll"));
        let found = found(&Sources::of("pass.toll", &text), lint);
        assert!(found.is_empty(), "{}: {found:?}", lint.name());
    }
}

#[test]
fn passing_cases_end_where_fixes_end() {
    for lint in lints() {
        let text = read(&root().join(lint.name()).join("fail.toll"));
        let fixed = fix::apply_all(Sources::of("fail.toll", &text), |sources| found(sources, lint));
        let remaining = found(&fixed, lint);
        assert!(remaining.iter().flat_map(|found| &found.fixes).all(|fix| fix.is_choice), "{}: {remaining:?}", lint.name());
    }
}

/// The text after the edits of a fix.
fn fixed(text: &str, fix: &Fix) -> String {
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.at.span.start));
    edits.iter().fold(text.to_owned(), |text, edit| {
        let (start, end) = (edit.at.span.start as usize, edit.at.span.end as usize);
        format!("{}{}{}", &text[..start], edit.text, &text[end..])
    })
}

#[test]
fn what_is_offered_mends_and_keeps_comments() {
    for lint in lints() {
        let text = read(&root().join(lint.name()).join("fail.toll"));
        let before = found(&Sources::of("fail.toll", &text), lint);
        for fix in before.iter().flat_map(|found| &found.fixes) {
            let fixed = fixed(&text, fix);
            let after = found(&Sources::of("fail.toll", &fixed), lint);
            assert!(after.len() < before.len(), "{}: `{}`:\n{fixed}", lint.name(), fix.title);
            let comments = |text: &str| text.matches("//").count() - text.matches("///").count();
            assert!(comments(&fixed) >= comments(&text) || text.contains("\u{202e}"), "{}: `{}`:\n{fixed}", lint.name(), fix.title);
        }
    }
}

#[test]
fn what_is_taken_away_leaves_what_stands_around_it() {
    let cases = [
        ("/// Old.\n/// Very.\nlet a = agent.id\n\nallow b when agent.id == \"x\"", "\n\nallow b when agent.id == \"x\""),
        ("// kept\nlet a = agent.id let b = agent.id allow c when agent.id == b", "// kept\n let b = agent.id allow c when agent.id == b"),
        ("allow b when agent.id == \"x\" and agent.id == \"x\" // why", "allow b when agent.id == \"x\" // why"),
        ("allow b // why\n  when 1 < 2\n  because \"c\"", "allow b // why\n  when true\n  because \"c\""),
        ("allow b // why\n  when true\n  because \"c\"", "allow b // why\n  \n  because \"c\""),
        ("deny b because \"c\" require audit(), approval(from: {\"d\"})", "deny b because \"c\" require audit()"),
        (
            "deny b because \"c\" require approval(from: {\"d\"}) @id(\"e\") deny f because \"g\"",
            "deny b because \"c\" @id(\"e\") deny f because \"g\"",
        ),
    ];
    for (text, wanted) in cases {
        let set = PolicySet::check(Sources::of("a.toll", &format!("package a\n{text}")));
        assert!(!set.has_errors(), "{text}: {:?}", set.diagnostics());
        let found = set.lints(&Levels::all(Level::Warn));
        let taken = found.iter().flat_map(|found| &found.fixes).filter(|fix| fix.is_choice).map(|fix| fixed(set.sources().text(FileId(0)), fix));
        let taken: Vec<String> = taken.collect();
        assert!(taken.iter().any(|taken| taken == &format!("package a\n{wanted}") || taken == &format!("package a{wanted}")), "{text}: {taken:#?}");
    }
}

#[test]
fn an_allowed_lint_is_silent() {
    for lint in lints().filter(|lint| {
        !["bidirectional-control", "invisible-character", "look-alike", "slash-comment", "unfiled", "unused-import"].contains(&lint.name())
    }) {
        let text = read(&root().join(lint.name()).join("fail.toll"));
        let word = lint.name().replace('-', "_");
        let allowed: Vec<String> =
            text.lines().map(|line| if begins_item(line) { format!("@allow({word}) {line}") } else { line.to_owned() }).collect();
        let found = found(&Sources::of("fail.toll", &allowed.join("\n")), lint);
        assert!(found.is_empty(), "{}: {found:?}", lint.name());
    }
}

fn begins_item(line: &str) -> bool {
    let words = ["allow", "review", "deny", "let", "fn", "data", "type", "enum", "tool", "test", "score", "obligation"];
    line.starts_with('@') || line.split([' ', '(']).next().is_some_and(|word| words.contains(&word))
}

#[test]
fn levels_are_the_projects() {
    let sources = Sources::of("a.toll", "package a\nlet spare = agent.id");
    let set = PolicySet::check(sources);
    let codes = |levels: &Levels| set.lints(levels).iter().map(|found| (found.code, found.severity)).collect::<Vec<_>>();
    assert_eq!(codes(&Levels::default()).len(), 1);
    assert_eq!(codes(&Levels::all(Level::Allow)), []);
    let mut levels = Levels::default();
    levels.set("unused-let", Level::Deny).unwrap();
    assert_eq!(codes(&levels), [(Code::UnusedLet, tollgate_compiler::diagnostic::Severity::Error)]);
    let unknown = levels.set("unused-lets", Level::Deny).unwrap_err();
    assert_eq!(unknown.to_string(), "no lint `unused-lets`; there is `unused-let`");
}

#[test]
fn rules_by_the_thousand_take_no_long_time() {
    let rule = |n: usize| {
        format!("allow r{n} on \"t{n}\" when agent.id == \"a{n}\" and agent.role in {{\"x\", \"y{n}\"}} unless context.environment == \"e\"\n")
    };
    let set = PolicySet::check(Sources::of("a.toll", &((0..10_000).map(rule).fold("package a\n".to_owned(), |text, rule| text + &rule))));
    let start = std::time::Instant::now();
    assert_eq!(set.lints(&Levels::default()).len(), 0);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_rule_that_names_thousands_of_tools_takes_no_long_time() {
    let names: Vec<String> = (0..20_000).map(|n| format!("\"s/t{n}\"")).collect();
    let tools: String = names.iter().map(|name| format!("tool {name} {{ args {{ a: string }} }}\n")).collect();
    let input = "input { agent: { id: string }, tool: Tool, args: json = {} }";
    let text = format!("package a\n{input}\n{tools}allow r on {} when agent.id == \"x\" because \"x\"\n", names.join(", "));
    let start = std::time::Instant::now();
    assert_eq!(PolicySet::check(Sources::of("a.toll", &text)).lints(&Levels::default()).len(), 0);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

/// To take one operand away its whole item is looked through, so that offering it for each of many would take quadratic time.
#[test]
fn what_may_be_taken_away_is_offered_for_so_many_and_no_more() {
    let condition = vec!["true"; 2_000].join(" and ");
    let set = PolicySet::check(Sources::of("a.toll", &format!("package a\nallow r when {condition}\n")));
    let found = set.lints(&Levels::default());
    assert_eq!(found.iter().filter(|found| found.code == Code::ConstantCondition).count(), 2_000);
    assert_eq!(found.iter().filter(|found| !found.fixes.is_empty()).count(), 500);
}

#[test]
fn the_projects_own_policies_are_clean() {
    for folder in ["examples/agentdojo", "examples/embed/policies", "examples/gateway", "examples/registry", "cli/templates/policies"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
        let set = PolicySet::check(Sources::read(&[path]).unwrap());
        let found = set.lints(&Levels::default());
        assert!(found.is_empty(), "{}", tollgate_compiler::diagnostic::render::render(&found, set.sources(), false));
    }
}

#[test]
fn what_is_finite_is_decided_and_nothing_else() {
    let never = [
        r#"context.environment in {"a", "b"} and context.environment not in {"a", "b", "c"}"#,
        "session.cost > 5 and session.cost < 5",
        "session.cost >= 5 and session.cost <= 5 and session.cost != 5",
        "session.calls.len() > 5 and session.calls.len() < 6",
        r#"agent.id like "a*" and agent.id like "b*""#,
        r#"agent.id like "a*" and agent.id == "b""#,
        r#"agent.id.ends_with("x") and not agent.id.ends_with("x")"#,
        r#"agent.id.starts_with("abc") and not agent.id.contains("b")"#,
        r#"(agent.id == "a" or agent.id == "b") and agent.id == "c""#,
        "context.time == none and context.time != none",
        "tool.read_only and not tool.read_only",
        r#"risk == "low" and risk > "low""#,
        r#"risk != "low" and risk != "high""#,
    ];
    let always = [
        "tool.read_only or not tool.read_only",
        "session.cost >= 1 or session.cost < 1",
        "context.time == none or context.time != none",
        r#"agent.id != "a" or agent.id != "b""#,
        r#"risk >= "low""#,
    ];
    let open = [
        "session.cost > 5 and session.cost < 6",
        "session.calls.len() > 4 and session.calls.len() < 6",
        r#"agent.id like "a*" and agent.id like "*b""#,
        r#"agent.id.starts_with("a") and not agent.id.starts_with("ab")"#,
        r#"agent.id in {"a", "b"} and agent.id != "a""#,
        r#"agent.id != "a" or agent.role != "b""#,
        r#"agent.labels.any(x => x == "a") and agent.labels.any(x => x == "b")"#,
        r#"risk != "low""#,
        "1 / session.calls.len() == 1 and 1 / session.calls.len() == 2",
    ];
    let cases = [(&never[..], Some("this is always false")), (&always[..], Some("this is always true")), (&open[..], None)];
    for (conditions, expected) in cases {
        for condition in conditions {
            let text = format!(
                "package a\nenum Risk {{ low < high }}\ntype Context = std.Context with {{ risk: Risk = \"low\" }}\n\
                 input {{ agent: Agent, tool: Tool, args: json = {{}}, context: Context = {{}}, session: Session = {{}} }}\n\
                 let risk = context.risk\nlet c = {condition}\nallow r when c\n"
            );
            let found = found(&Sources::of("a.toll", &text), Code::ConstantCondition);
            let messages: Vec<&str> = found.iter().map(|found| &*found.message).collect();
            // The condition of the rule, which is that of the `let`, has the same outcome.
            assert_eq!(messages.first().copied(), expected, "{condition}");
        }
    }
}

/// What is told of conditions and tools by what they are.
#[test]
fn findings_say_why() {
    let cases = [
        ("deny r when (context.time?.weekday() ?? 1) == 0", "constant-condition", "`.weekday()` is 1 (Monday) to 7 (Sunday)"),
        ("deny r when context.time == none or context.time.hour() != 24", "constant-condition", "`.hour()` is 0 to 23"),
        ("deny r when agent.labels.len() < 0", "constant-condition", "`.len()` is 0 or more"),
        ("deny r when s >= 50", "constant-condition", "`s` is -3 to 5"),
        ("deny r when s < -3", "constant-condition", "`s` is -3 to 5"),
        ("deny r when tool.name == \"pay/send\"", "constant-condition", "`tool.name` has no `/`: write `on \"pay/send\"`, or ask `tool.server` too"),
        ("deny r when tool.name like \"pay/*\"", "constant-condition", "`tool.name` has no `/`; `tool.server` says which server has the tool"),
        ("deny r when tool.name == \"a b\"", "constant-condition", "no tool has such a name: names have letters, digits, `_`, `.` and `-`"),
        ("deny r on \"pay/send\" when args.n > 10", "constant-condition", "`n` is declared `where n >= 0 and n <= 10`"),
        ("deny r when tool.category == \"wriet\"", "constant-condition", "no declared tool has \"wriet\" in `category`; there is \"write\""),
        ("deny r when \"pii\" in tool.labels", "constant-condition", "no declared tool has anything in `labels`"),
        ("deny r on \"pay/send|pay/x\"", "unknown-tool", "separate tools with `,`: `on \"pay/send\", \"pay/x\"`"),
        ("deny r on \"pay/.*\"", "unknown-tool", "`*` alone stands for any run of characters: write \"pay/*\""),
        ("deny r on \"pya/*\"", "unknown-tool", "there is a server \"pay\""),
        ("@disabled deny r", "misspelled-annotation", "`r` decides as any rule does: to report without deciding, write `@shadow`"),
        ("deny r when agent.id like \"^a.+\"", "foreign-pattern", "a regular expression is matched with `matches`: write `matches r\"^a.+\"`"),
    ];
    for (rule, lint, help) in cases {
        let text = format!(
            "package a\ntool \"pay/send\" {{ category: \"write\", args {{ n: int where n >= 0 and n <= 10 }} }}\n\
             score s: -9..=9 {{ 5 when agent.id == \"x\", -3 when agent.id == \"y\" }}\n{rule}\n"
        );
        let lint = Code::from_text(lint).unwrap();
        let found = found(&Sources::of("a.toll", &text), lint);
        assert!(found.iter().any(|found| found.help.as_deref() == Some(help)), "{rule}: {found:?}");
    }
}

#[test]
fn fixes_keep_comments_and_meaning() {
    let texts = [
        "deny r when not (agent.id == \"x\" // JIRA-17\n) because \"a\"",
        "let q = agent.id == \"x\"\ndeny r when (q // JIRA-17\n == true) because \"a\"",
        "/// What was used once.\nimport std\ndeny r because \"a\"",
        "deny r when agent.id == \"x\" == true == false because \"a\"",
        "deny r when 1 < agent.labels.len() == true because \"a\"",
        "type t { a: string }\nlet b = agent.id as t",
    ];
    for text in texts {
        let text = format!("package a\n{text}\n");
        let find = |sources: &Sources| {
            let set = PolicySet::check(sources.clone());
            set.diagnostics().iter().cloned().chain(set.lints(&Levels::default())).collect::<Vec<_>>()
        };
        let fixed = fix::apply_all(Sources::of("a.toll", &text), find);
        assert_eq!(fixed.text(FileId(0)), text);
    }
}

/// Rules are compared by what they come to, but not each with each other without end.
#[test]
fn rules_that_may_follow_from_others_take_no_long_time() {
    let rule = |n: usize| {
        let effect = if n.is_multiple_of(2) { "deny" } else { "review" };
        let choices: Vec<String> = (0..20).map(|k| format!("(agent.id == \"a{n}\" or agent.role like \"x{k}*\" or session.cost > {n}{k})")).collect();
        format!("{effect} r{n} on \"s/*\" when {} because \"x\"\n", choices.join(" and "))
    };
    let text = (0..3_000).map(rule).fold("package a\n".to_owned(), |text, rule| text + &rule);
    let set = PolicySet::check(Sources::of("a.toll", &text));
    let start = std::time::Instant::now();
    set.lints(&Levels::default());
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
