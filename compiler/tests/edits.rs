//! An edited set is the set that its texts would make: what is found in it, what it means and its plan are those of a fresh check.

#![cfg(test)]

use proptest::prelude::*;
use proptest::sample::Index;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;

/// Items to compose files of. Some do not parse, some do not check, some name what others declare.
const ITEMS: &[&str] = &[
    "package a",
    "package b",
    "import b",
    "import b as c",
    "enum Level { low < high }",
    "type Call { level: Level, note?: string }",
    "data limit: int = 3",
    "data names: set<string> = {\"x\"}",
    "let big = args.size > limit",
    "let big = 1 +",
    "let small = not big",
    "let cap: int = 100",
    "let cap: int = 7",
    "let c = 1",
    "let c =     2",
    "let cap = \"many\"",
    "let cap: int = none",
    "fn over(n: int) -> bool = n >= cap and big",
    "fn over(n: string) -> bool = n == \"x\"",
    "type Capped { most: int = cap where most <= cap }",
    "data capped: int = cap",
    "allow within when over(3) or cap == 7",
    "fn over(n: int) -> bool = n > cap",
    "score risk: 0..=10 { 3 when agent.role == \"bot\", 4 when tool.name == \"send\" }",
    "obligation tell(whom: string = \"ops\")",
    "tool \"mail/send\" {\n  category: \"send\"\n  args { size: int, to: string, level?: Level, .. }\n}",
    "tool \"send\" { args { size: int } }",
    "default review because \"nothing fits\"",
    "/// What it is for.\n@id(\"R1\")\ndeny huge on \"mail/send\" when args.size > 500 because \"{args.size} is too much\"",
    "deny huge when agent.role == \"bot\"",
    "deny huge when agent.rôle == \"bot\"",
    "allow plain when big and agent.role == \"dev\"",
    "allow plain when risk > 3 and agent.id == \"x\"",
    "allow renamed when agent.role == \"dev\"",
    "review by_c when c.cap > 3",
    "review by_b when b.cap > 3 and over(4)",
    "allow many on \"mail/send\", \"send\", \"other\" when args.size < 9",
    "allow odd on \"mail/*\" when tool.category == \"send\"",
    "deny told when \"x\" in names require tell(whom: \"me\")",
    "deny unknown when plain or huge",
    "deny typo when agent.rol == \"x\"",
    "allow matching when agent.id matches \"^a+$\" and agent.id like \"a*\"",
    "allow (broken",
    "deny open when (agent.id == \"x\"",
    "deny stray when agent.id == \"x\")",
    "what is this",
    "@shadow allow shade when agent.id == \"s\"",
    "@shadow let shade = 1",
    "for",
    "test \"t\" {\n  input { agent: { id: \"a\", role: \"bot\" }, tool: { name: \"send\" } }\n  expect deny by huge\n}",
    "test \"u\" {\n  input { agent: { id: \"a\" }, tool: { name: \"send\" } }\n  expect allow\n}",
    "property \"p\" { never allow when agent.role == \"bot\" }",
    "// a comment alone",
    "/// documents what follows",
];

/// What stands between two items.
const GAPS: &[&str] = &["\n", "\n\n", " ", "\n// note\n", "  // at the end of a line\n", "\n\n\n"];

/// What happens to a file.
#[derive(Clone, Debug)]
enum Change {
    Insert(Index, Index, Index),
    Delete(Index),
    Replace(Index, Index),
    Swap(Index, Index),
    /// Anything anywhere in the text.
    Splice(Index, Index, String),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        3 => (index(), index(), index()).prop_map(|(at, item, gap)| Change::Insert(at, item, gap)),
        2 => index().prop_map(Change::Delete),
        4 => (index(), index()).prop_map(|(at, item)| Change::Replace(at, item)),
        1 => (index(), index()).prop_map(|(a, b)| Change::Swap(a, b)),
        2 => (index(), index(), "[a-z(){}\" \\n/.]{0,3}").prop_map(|(from, to, text)| Change::Splice(from, to, text)),
    ]
}

/// Items, each with the gap after it.
type Parts = Vec<(String, String)>;

fn parts(items: usize) -> impl Strategy<Value = Parts> {
    let part = (any::<Index>(), any::<Index>()).prop_map(|(item, gap)| (item.get(ITEMS).to_string(), gap.get(GAPS).to_string()));
    prop::collection::vec(part, 0..items).prop_map(|mut parts| {
        parts.insert(0, ("package a".to_owned(), "\n".to_owned()));
        parts
    })
}

fn text_of(parts: &Parts) -> String {
    parts.iter().flat_map(|(item, gap)| [item.as_str(), gap]).collect()
}

/// Applies a change; gives the text that the file has then. A splice is undone by the next change.
fn apply(parts: &mut Parts, change: &Change) -> String {
    match change {
        Change::Insert(at, item, gap) => parts.insert(at.index(parts.len() + 1), (item.get(ITEMS).to_string(), gap.get(GAPS).to_string())),
        Change::Delete(at) if !parts.is_empty() => drop(parts.remove(at.index(parts.len()))),
        Change::Replace(at, item) if !parts.is_empty() => {
            let at = at.index(parts.len());
            parts[at].0 = item.get(ITEMS).to_string();
        }
        Change::Swap(a, b) if !parts.is_empty() => {
            let (a, b) = (a.index(parts.len()), b.index(parts.len()));
            parts.swap(a, b);
        }
        Change::Splice(from, to, text) => {
            let mut whole = text_of(parts);
            let from = whole.floor_char_boundary(from.index(whole.len() + 1));
            let to = whole.floor_char_boundary((from + to.index(12)).min(whole.len()));
            whole.replace_range(from..to, text);
            return whole;
        }
        _ => {}
    }
    text_of(parts)
}

fn sources(texts: &[String]) -> Sources {
    let mut sources = Sources::new();
    for (place, text) in texts.iter().enumerate() {
        sources.add(format!("{place}.toll"), text.as_str());
    }
    sources
}

/// Items without errors, by what they are called; each in some forms, of which a set has one or none.
const SOUND: &[&[&str]] = &[
    &["data limit: int = 3"],
    &["let cap: int = 100", "let cap: int = 7"],
    &["let big = (args.size.as_int() ?? 0) > cap", "let big = (args.size.as_int() ?? 0) > 20 and agent.role != \"root\""],
    &["score risk: 0..=10 { 3 when agent.role == \"bot\", 4 when big }"],
    &["tool \"mail/send\" {\n  category: \"send\"\n  args { size: int, to: string, .. }\n}"],
    &["tool \"mail/read\" { read_only: true, args { size: int } }"],
    &["default review because \"nothing fits\""],
    &["deny huge on \"mail/send\" when args.size > 500 because \"{args.size} is too much\"", "review huge on \"mail/read\" when args.size == 3"],
    &["allow reading when tool.read_only and agent.role in {\"dev\", \"ops\"}", "allow reading on \"mail/read\" when agent.role == \"dev\""],
    &["allow ours when agent.id == \"our\"", "allow ours on \"mail/send\" when args.to.ends_with(\"@ours.example\")"],
    &["deny bots when risk > 3 and agent.role == \"bot\"", "deny bots when agent.role == \"bot\" and tool.category == \"send\""],
    &[
        "allow small on \"mail/send\", \"mail/read\" when args.size < limit",
        "allow small on \"mail/read\" when args.size < 3 require notify(channel: \"ops\")",
    ],
    &["allow wide on \"mail/*\" when agent.id like \"a*\"", "deny wide on \"mail/*\" when agent.id matches \"^b+$\""],
    &["review elsewhere on \"files/delete\" when agent.role == \"dev\"", "review elsewhere on \"files/remove\", \"mail/send\""],
    &["deny asked when session.calls.count(c => c.tool == \"send\") > 1", "deny asked when session.calls.any(c => c.tool == tool.name)"],
    &["test \"t\" {\n  input { agent: { id: \"a\", role: \"bot\" }, tool: { name: \"send\" } }\n  expect deny\n}"],
    &["property \"p\" { never allow when agent.role == \"bot\" }"],
];

/// What is seen of a set: its findings, its fallible expressions, its plan.
fn seen(set: &PolicySet) -> (Vec<String>, String) {
    let findings = set.diagnostics().iter().map(|found| format!("{found:?}")).collect();
    let plan = match set.compile() {
        Ok(compiled) => format!("{:?} {:#?}", tollgate_compiler::fallible(set), compiled.plan),
        Err(found) => format!("{found:?}"),
    };
    (findings, plan)
}

fn assert_same(edited: &PolicySet, texts: &[String]) {
    let fresh = PolicySet::check(sources(texts));
    let ((findings, plan), (expected, expected_plan)) = (seen(edited), seen(&fresh));
    assert_eq!(findings, expected, "{}", texts.join("\n=====\n"));
    assert_eq!(plan, expected_plan, "{}", texts.join("\n=====\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_edited_set_is_the_set_of_its_texts(
        mut files in prop::collection::vec(parts(14), 1..3),
        changes in prop::collection::vec((any::<Index>(), change()), 1..24),
    ) {
        let mut texts: Vec<String> = files.iter().map(text_of).collect();
        let mut set = PolicySet::check(sources(&texts));
        for (file, change) in changes {
            let file = file.index(files.len());
            texts[file] = apply(&mut files[file], &change);
            set = set.edit(FileId(file as u32), texts[file].as_str());
            assert_same(&set, &texts);
        }
    }
}

#[test]
fn an_edited_let_has_nothing_checked_again_that_does_not_lean_on_it() {
    let text = |cap: &str, big: &str| {
        format!(
            "package a\nlet cap: int = {cap}\nlet big = {big}\nfn over(n: int) -> bool = n > cap\n\
             deny by_fn when over(3)\ndeny by_let when big\ndeny by_name when agent.id == \"x\"\ndeny by_value when cap == 3\n"
        )
    };
    let mut set = PolicySet::check(Sources::of("a.toll", &text("1", "agent.id == \"a\"")));
    let mut kept = |cap: &str, big: &str| {
        let before = set.program().rules.clone();
        let text = text(cap, big);
        set = set.clone().edit(FileId(0), text.as_str());
        assert_same(&set, &[text]);
        let kept = before.iter().zip(&set.program().rules).filter(|(before, now)| std::sync::Arc::ptr_eq(before, now));
        kept.map(|(before, _)| before.name.trim_start_matches("a.").to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(kept("1", "agent.id == \"b\""), "by_fn by_let by_name by_value");
    assert_eq!(kept("2", "agent.id == \"b\""), "by_fn by_let by_name");
    assert_eq!(kept("2", "true"), "by_fn by_name by_value");
}

/// The text of the chosen forms, in an order that `turn` decides.
fn sound_text(forms: &[Option<usize>], turn: usize) -> String {
    let items: Vec<&str> = SOUND.iter().zip(forms).filter_map(|(item, form)| form.map(|form| item[form % item.len()])).collect();
    let middle = turn % (items.len() + 1);
    ["package a"].into_iter().chain(items[middle..].iter().copied()).chain(items[..middle].iter().copied()).collect::<Vec<_>>().join("\n")
}

fn requests() -> Vec<String> {
    let mut requests = Vec::new();
    for (server, tool) in [("mail", "send"), ("mail", "read"), ("files", "delete"), ("files", "remove")] {
        for (id, role) in [("a", "bot"), ("bb", "dev"), ("our", "ops")] {
            for size in [2, 3, 50, 900] {
                requests.push(format!(
                    r#"{{"agent":{{"id":"{id}","role":"{role}"}},"tool":{{"server":"{server}","name":"{tool}"}},"args":{{"size":{size}{}}}}}"#,
                    if tool == "send" { r#","to":"x@ours.example""# } else { "" }
                ));
            }
        }
    }
    requests
}

/// Whether the plan that is kept up decides as the one that is made of the whole.
fn assert_decides_alike(edited: &mut PolicySet, requests: &[String]) {
    let fresh = match edited.compile() {
        Ok(fresh) => fresh.into_engine().unwrap(),
        Err(expected) => return assert_eq!(format!("{:?}", edited.plan().unwrap_err()), format!("{expected:?}")),
    };
    let kept = Engine::new(edited.plan().unwrap().clone()).unwrap();
    // The digest, which comes last, is the plan's own.
    let decided = |engine: &Engine, request: &str| engine.decide(request.as_bytes()).to_string().split("\"policy\"").next().unwrap().to_owned();
    for request in requests {
        assert_eq!(decided(&kept, request), decided(&fresh, request), "{request}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_plan_that_is_kept_up_decides_as_a_fresh_one(
        mut forms in prop::collection::vec(prop::option::weighted(0.8, 0..2_usize), SOUND.len()),
        changes in prop::collection::vec((any::<Index>(), prop::option::weighted(0.8, 0..2_usize), 0..40_usize), 1..16),
    ) {
        // What others refer to is always there.
        for form in forms.iter_mut().take(7) {
            form.get_or_insert(0);
        }
        let requests = requests();
        let mut set = PolicySet::check(Sources::of("a.toll", &sound_text(&forms, 0)));
        assert_decides_alike(&mut set, &requests);
        for (item, form, turn) in changes {
            let item = item.index(SOUND.len());
            forms[item] = if item < 7 { form.or(Some(0)) } else { form };
            let turn = if turn < SOUND.len() { turn } else { 0 };
            let text = sound_text(&forms, turn);
            set = set.edit(FileId(0), text.as_str());
            assert!(!set.has_errors(), "{:?}\n{text}", set.diagnostics());
            assert_decides_alike(&mut set, &requests);
            assert_same(&set, &[text]);
        }
    }
}
