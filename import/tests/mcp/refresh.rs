//! A policy refreshed: what the server changes comes, and what the author wrote stays.

use serde_json::{Value, json};
use tollgate_compiler::lint::Levels;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_import::{Source, Unreadable, mcp};

pub fn list(tools: Value) -> String {
    json!({"serverInfo": {"name": "git"}, "tools": tools}).to_string()
}

pub fn imported(tools: Value) -> String {
    let text = list(tools);
    let import = mcp::import(&[Source { name: "git.json", text: &text }], &mcp::Options::default()).unwrap();
    import.files[0].text.clone()
}

pub fn refreshed(policy: &str, tools: Value) -> mcp::Refreshed {
    let text = list(tools);
    let update = |policy: &str| updated(policy, &text, &[]).unwrap();
    let refreshed = update(policy);
    let again = update(&refreshed.text);
    assert_eq!(again.text, refreshed.text);
    assert_eq!(again.changes, []);
    refreshed
}

pub fn updated(policy: &str, list: &str, beside: &[Source]) -> Result<mcp::Refreshed, Unreadable> {
    let known = mcp::Known { policy: Source { name: "git.toll", text: policy }, beside };
    mcp::update(&[Source { name: "git.json", text: list }], &mcp::Options::default(), &known)
}

/// What has changed, a line each: `git/log: - sort?: string`.
pub fn told(changes: &[mcp::Change]) -> Vec<String> {
    let mut lines = Vec::new();
    for change in changes {
        if change.what != mcp::What::Changed {
            lines.push(format!("{}: {:?}", change.tool, change.what));
            continue;
        }
        for difference in &change.differences {
            lines.extend(difference.before.iter().map(|line| format!("{}: - {line}", change.tool)));
            lines.extend(difference.after.iter().map(|line| format!("{}: + {line}", change.tool)));
        }
    }
    lines
}

fn log(properties: Value) -> Value {
    json!({"name": "log", "description": "Shows commits.", "annotations": {"readOnlyHint": true}, "inputSchema": {"type": "object", "properties": properties, "required": ["repo"]}})
}

fn first() -> Value {
    json!([
        log(json!({
            "repo": {"type": "string", "description": "The repository"},
            "count": {"type": "integer", "maximum": 100},
            "sort": {"enum": ["new", "old"]},
            "filter": {"type": "object", "properties": {"author": {"type": "string"}, "path": {"type": "string"}}}
        })),
        {"name": "push", "inputSchema": {"type": "object", "properties": {"remote": {"type": "string"}}}}
    ])
}

fn second() -> Value {
    json!([
        log(json!({
            "repo": {"type": "string", "description": "The repository, by its path"},
            "count": {"type": "integer", "maximum": 200},
            "order": {"enum": ["asc", "desc"]},
            "filter": {"type": "object", "properties": {"author": {"type": "string"}, "since": {"type": "string"}}}
        })),
        {"name": "tag", "inputSchema": {"type": "object"}}
    ])
}

#[test]
fn what_was_imported_follows_the_server() {
    let policy = imported(first());
    let now = refreshed(&policy, second());
    assert_eq!(
        told(&now.changes),
        [
            "git/log: - count?: int where count <= 100",
            "git/log: + count?: int where count <= 200",
            "git/log: - sort?: \"new\" | \"old\"",
            "git/log: - path?: string",
            "git/log: + order?: \"asc\" | \"desc\"",
            "git/log: + since?: string",
            "git/push: Gone",
            "git/tag: Added",
        ]
    );
    assert!(now.kept.is_empty());
    assert!(now.text.contains("@gone(\"sort\", \"filter.path\")\ntool \"git/log\""), "{}", now.text);
    assert!(now.text.contains("@gone\ntool \"git/push\""), "{}", now.text);
    assert!(now.text.contains("/// The repository, by its path\n"), "{}", now.text);
    // What comes back is gone no more.
    let back = refreshed(&now.text, first());
    assert!(back.text.contains("@gone(\"order\", \"filter.since\")\ntool \"git/log\""), "{}", back.text);
    assert!(!back.text.contains("@gone\ntool \"git/push\""), "{}", back.text);
}

#[test]
fn what_the_author_wrote_stays() {
    let policy = imported(first())
        .replace("category: \"read\" // guessed", "category: \"history\"\n  labels: {\"code\"} // ours")
        .replace("count?: int where count <= 100", "count?: int where count <= 100 and count <= 50")
        .replace("/// Shows commits.", "/// Shows what was done.")
        + "\n// Ours.\nallow readers\n  on   \"git/log\"\n  when agent.role == \"reader\"\n";
    let now = refreshed(&policy, second());
    for kept in [
        "category: \"history\"",
        "labels: {\"code\"} // ours",
        "/// Shows what was done.",
        "count?: int where count <= 50 and count <= 200",
        "// Ours.\nallow readers\n  on   \"git/log\"\n  when agent.role == \"reader\"\n",
        "order?: \"asc\" | \"desc\"",
        "since?: string",
    ] {
        assert!(now.text.contains(kept), "{kept}\n{}", now.text);
    }
    assert!(!now.text.contains("sort?:") && !now.text.contains(" path?:"), "{}", now.text);
    assert_eq!(told(&now.kept), ["git/log: - count?: int where count <= 50 and count <= 200", "git/log: + count?: int where count <= 200",]);
    assert!(!PolicySet::check(Sources::of("git.toll", now.text.as_str())).has_errors(), "{}", now.text);
}

#[test]
fn hints_follow_the_server_where_nobody_touched_them() {
    let tool = |read_only: bool| json!([{"name": "sync", "annotations": {"readOnlyHint": read_only}, "inputSchema": {"type": "object"}}]);
    let policy = imported(tool(true));
    let now = refreshed(&policy, tool(false));
    assert_eq!(told(&now.changes), ["git/sync: - category: \"read\"", "git/sync: + category: \"write\"", "git/sync: - read_only: true"]);
    let own = policy.replace("category: \"read\" // guessed", "category: \"sync\"");
    let kept = refreshed(&own, tool(false));
    assert_eq!(told(&kept.changes), ["git/sync: - read_only: true"]);
    assert!(kept.text.contains("category: \"sync\"") && kept.kept.is_empty(), "{}", kept.text);
}

#[test]
fn a_policy_that_was_written_by_hand_is_brought_up() {
    let policy = "package mine\n\ntool \"vcs/log\" { category: \"read\", args { repo: string, gone: int, .. } }\ntool \"push\" { labels: {\"x\"} }\n";
    let now = refreshed(policy, first());
    assert!(now.text.contains("tool \"vcs/log\""), "{}", now.text);
    assert!(now.text.contains("@gone(\"gone\")"), "{}", now.text);
    assert!(now.text.contains("remote?: string"), "{}", now.text);
    assert!(!PolicySet::check(Sources::of("git.toll", now.text.as_str())).has_errors(), "{}", now.text);
}

#[test]
fn types_come_and_go_with_the_tools_that_name_them() {
    let place = |fields: Value| {
        json!([{"name": "a", "inputSchema": {
            "type": "object",
            "properties": {"from": {"$ref": "#/$defs/Place"}, "to": {"$ref": "#/$defs/Place"}},
            "$defs": {"Place": {"type": "object", "properties": fields}}
        }}])
    };
    let policy = imported(place(json!({"x": {"type": "number"}})));
    assert!(policy.contains("type Place {"), "{policy}");
    let now = refreshed(&policy, place(json!({"x": {"type": "number"}, "y": {"type": "number"}})));
    assert_eq!(told(&now.changes), ["git/a: + y?: decimal", "git/a: + y?: decimal"]);
    let gone = refreshed(&now.text, json!([{"name": "a", "inputSchema": {"type": "object"}}]));
    assert!(!gone.text.contains("type Place"), "{}", gone.text);
}

#[test]
fn drift_names_the_rules_that_rely_on_what_went_away() {
    let rules = r#"package rules

deny old_ones
  on "git/*"
  when args.sort == "old"
  because "old"

review paths
  on "git/log"
  when args.filter?.path != none
  because "path"

@allow(schema_drift)
review pushes
  on "git/push"
  because "push"

review remote
  on "git/push"
  because "push"
"#;
    let found = |policy: &str| {
        let mut sources = Sources::of("git.toll", policy);
        sources.add("rules.toll", rules);
        let set = PolicySet::check(sources);
        let text = list(second());
        let drift = mcp::drift(&[Source { name: "git.json", text: &text }], &set).unwrap();
        let messages: Vec<String> = drift.found.into_iter().map(|found| found.message).collect();
        let lints: Vec<String> =
            set.lints(&Levels::default()).into_iter().filter(|found| found.code.name() == "schema-drift").map(|found| found.message).collect();
        (messages, told(&drift.changes), set.diagnostics().iter().map(|found| (found.message.clone(), found.labels.len())).collect::<Vec<_>>(), lints)
    };
    // Before the refresh: the check compares.
    let policy = imported(first());
    let (messages, changes, errors, lints) = found(&policy);
    assert_eq!(
        messages,
        [
            "`deny old_ones` reads `args.sort`, which \"git/log\" has no more",
            "`review paths` reads `args.filter.path`, which \"git/log\" has no more",
            "`remote` is about \"git/push\", which its server has no more",
        ]
    );
    assert_eq!(changes.len(), 8, "{changes:?}");
    assert_eq!((errors.len(), lints.len()), (0, 0));
    // After it: what compiles is warned of, and what does not says why.
    let now = refreshed(&policy, second());
    let (messages, changes, errors, _) = found(&now.text);
    assert_eq!((messages, changes), (Vec::new(), Vec::new()));
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn what_the_author_hardened_stays_where_the_server_says_as_it_did() {
    let tool = |more: Value| {
        let mut properties = json!({
            "branch": {"type": "string"},
            "opt": {"type": "string"},
            "sort": {"enum": ["a", "b", "c"]},
            "where": {"type": "object", "properties": {"path": {"type": "string"}}}
        });
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([log(properties)])
    };
    let policy = imported(tool(json!({})))
        .replace("branch?: string", "branch?: \"main\" | \"dev\"")
        .replace("opt?: string", "opt: string")
        .replace("sort?: \"a\" | \"b\" | \"c\"", "sort?: \"a\"");
    let hardened = ["branch?: \"main\" | \"dev\"", "opt: string", "sort?: \"a\"\n"];
    let same = refreshed(&policy, tool(json!({})));
    assert_eq!((same.text.as_str(), told(&same.changes)), (policy.as_str(), Vec::new()));
    assert_eq!(same.kept.len(), 1);
    // What nobody touched follows the server, beside it.
    let now = refreshed(&policy, tool(json!({"where": {"type": "object", "properties": {"file": {"type": "string"}}}, "new": {"type": "string"}})));
    for kept in hardened.into_iter().chain(["file?: string", "new?: string"]) {
        assert!(now.text.contains(kept), "{kept}\n{}", now.text);
    }
    assert!(!now.text.contains(" path?: "), "{}", now.text);
}

#[test]
fn the_ledger_is_a_comment_and_what_stands_around_it_is_the_authors() {
    let policy = imported(first());
    let head = "// As imported, for `tollgate import mcp --update`:";
    let said = format!("/// {head}\n/// Shows commits.");
    let own = policy.replace("/// Shows commits.", &said) + "// Mine, and not the ledger's.\nallow all\n  on \"git/log\"\n";
    let now = refreshed(&own, second());
    for kept in [said.as_str(), "// Mine, and not the ledger's.\nallow all\n"] {
        assert!(now.text.contains(kept), "{kept}\n{}", now.text);
    }
    assert_eq!(now.text.matches(&format!("\n{head}")).count(), 1, "{}", now.text);
}

#[test]
fn what_both_have_changed_keeps_what_the_author_asks() {
    let tool = |branch: Value, path: Value, more: Value| {
        let mut filter = json!({"path": path, "depth": {"type": "integer"}});
        filter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{"name": "log", "inputSchema": {"type": "object", "required": ["repo"], "properties": {
            "repo": {"type": "string"},
            "branch": branch,
            "count": {"type": "integer", "default": 10},
            "filters": {"type": "array", "items": {"type": "object", "properties": filter}}
        }}}])
    };
    let text = json!({"type": "string"});
    let policy = imported(tool(text.clone(), text.clone(), json!({})))
        .replace("branch?: string", "branch: \"main\" | \"dev\"")
        .replace("path?: string", "path?: \"src\" | \"docs\"")
        .replace("count: int = 10", "count: int where count <= 50 = 10")
        .replace("depth?: int", "depth?: int where depth < 3");
    // What is narrower stays, whatever the server says beside it.
    let longer = json!({"type": "string", "minLength": 2});
    let now = refreshed(&policy, tool(longer.clone(), text.clone(), json!({"since": {"type": "string"}})));
    for kept in ["branch: \"main\" | \"dev\"", "path?: \"src\" | \"docs\"", "depth?: int where depth < 3", "since?: string", "where count <= 50 = 10"]
    {
        assert!(now.text.contains(kept), "{kept}\n{}", now.text);
    }
    assert!(told(&now.kept).iter().any(|line| line.contains("path?: \"src\"")), "{:?}", now.kept);
    // Of another type nothing can be asked as it was: it is told, and stands there as a comment.
    let number = json!({"type": "integer", "minimum": 1});
    let other = refreshed(&policy, tool(number.clone(), number, json!({})));
    for now in ["branch?: int where branch >= 1", "// Before its type changed: branch: \"main\" | \"dev\"", "path?: int where path >= 1"] {
        assert!(other.text.contains(now), "{now}\n{}", other.text);
    }
    let lost: Vec<&str> = other.notes.iter().filter(|note| note.fate == tollgate_import::Fate::Unchecked).map(|note| note.place.as_str()).collect();
    assert_eq!(lost, ["git/log.branch", "git/log.filters[].path"]);
    assert!(!PolicySet::check(Sources::of("git.toll", other.text.as_str())).has_errors(), "{}", other.text);
}

#[test]
fn conditions_about_what_went_away_go_with_it() {
    let tool = |more: Value| {
        let mut properties = json!({"from": {"type": "integer"}});
        properties.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([{"name": "log", "inputSchema": {"type": "object", "properties": properties}}])
    };
    let policy = imported(tool(json!({"to": {"type": "integer"}}))).replace("from?: int", "from?: int where from > 0 and (to == none or to > from)");
    let now = refreshed(&policy, tool(json!({})));
    assert!(now.text.contains("from?: int where from > 0\n") || now.text.contains("from?: int where from > 0,"), "{}", now.text);
    assert!(now.notes.iter().any(|note| note.text.contains("to > from")), "{:?}", now.notes);
    assert!(!PolicySet::check(Sources::of("git.toll", now.text.as_str())).has_errors(), "{}", now.text);
}

#[test]
fn other_files_of_the_package_are_heard() {
    let place = |fields: Value| {
        json!([{"name": "a", "inputSchema": {
            "type": "object",
            "properties": {"from": {"$ref": "#/$defs/Place"}, "to": {"$ref": "#/$defs/Place"}, "of": {"type": "array", "items": fields}},
            "$defs": {"Place": {"type": "object", "properties": {"x": {"type": "number"}}}}
        }}])
    };
    let policy = imported(place(json!({})));
    let other = "package tools.git\n\nlet item = 1\n\nlet spot = [{ x: 1.5 }]\n\nfn far(place: Place) -> bool = place.x != none\n";
    let beside = [Source { name: "other.toll", text: other }];
    // A type that another file names stays, and a variable takes no name that it has.
    let gone = updated(&policy, &list(json!([{"name": "a", "inputSchema": {"type": "object"}}])), &beside).unwrap();
    assert!(gone.text.contains("type Place"), "{}", gone.text);
    let now = updated(&policy, &list(place(json!({"type": "integer", "minimum": 1}))), &beside).unwrap();
    assert!(now.text.contains("of.all(item_2 => item_2 >= 1)"), "{}", now.text);
    let mut sources = Sources::of("git.toll", now.text.as_str());
    sources.add("other.toll", other);
    assert!(!PolicySet::check(sources).has_errors());
    // What another file declares already is not declared again without a word.
    let twice = [Source { name: "twice.toll", text: "package mine\n\ntool \"git/b\" {}\n" }];
    let refused = updated(&policy, &list(json!([{"name": "a"}, {"name": "b"}])), &twice).unwrap_err();
    assert!(refused.reason.contains("nothing is written"), "{refused}");
}

#[test]
fn drift_warns_of_hints_and_of_servers_that_nobody_knows() {
    let tool = |read_only: bool, destructive: bool| json!([{"name": "log", "annotations": {"readOnlyHint": read_only, "destructiveHint": destructive}, "inputSchema": {"type": "object"}}]);
    let drift = |policy: &str, text: &str| {
        let set = PolicySet::check(Sources::of("git.toll", policy));
        let drift = mcp::drift(&[Source { name: "git.json", text }], &set).unwrap();
        (drift.found.into_iter().map(|found| found.message).collect::<Vec<_>>(), drift.unknown)
    };
    let policy = imported(tool(true, false));
    assert_eq!(drift(&policy, &list(tool(true, false))), (vec![], vec![]));
    let (found, _) = drift(&policy, &list(tool(false, true)));
    assert_eq!(
        found,
        [
            "\"git/log\" is `read_only: false` by its server now, and declared `read_only: true`",
            "\"git/log\" is `destructive: true` by its server now, and declared `destructive: false`",
        ]
    );
    // To the better it is a difference, and no warning; and an author may mean it so.
    assert_eq!(drift(&imported(tool(false, true)), &list(tool(true, false))).0, Vec::<String>::new());
    let meant = policy.replace("tool \"git/log\"", "@allow(schema_drift)\ntool \"git/log\"");
    assert_eq!(drift(&meant, &list(tool(false, true))).0, Vec::<String>::new());
    let other = json!({"serverInfo": {"name": "svn"}, "tools": [{"name": "blame"}]}).to_string();
    assert_eq!(drift(&policy, &other).1, [("svn".to_owned(), "git.json".to_owned())]);
}
