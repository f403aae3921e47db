//! Where imports go, and what is told of them; and drift.

use serde_json::Value;

use crate::folder::{Folder, Ran};
use crate::schema::hold;

const RULES: &str = "rules:\n  - {name: reads, tool: read, action: allow}\n  - {name: odd, tool: pay, action: allow, moon: full}\n";

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.err).unwrap()
}

#[test]
fn imports_go_where_they_are_told() {
    let folder = Folder::new(&[("rules.yaml", RULES)]);
    let printed = folder.run(&["import", "rules", "rules.yaml"]);
    assert_eq!((printed.code, printed.out.starts_with("package rules\n")), (0, true), "{}", printed.err);
    assert!(printed.err.contains("stricter") && printed.err.contains("`moon: full` is not known to importing"), "{}", printed.err);

    let written = folder.run(&["import", "rules", "rules.yaml", "-o", "policies/gate.toll", "--package", "gate"]);
    assert_eq!((written.code, written.out.as_str()), (0, ""), "{}", written.err);
    assert!(folder.read("policies/gate.toll").starts_with("package gate\n"));
    assert_eq!(folder.run(&["check", "policies"]).code, 0);

    let again = folder.run(&["import", "rules", "rules.yaml", "-o", "policies/gate.toll"]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("--force"), "{}", again.err);
    assert_eq!(folder.run(&["import", "rules", "rules.yaml", "-o", "policies/gate.toll", "--force"]).code, 0);
    let into = folder.run(&["import", "rules", "rules.yaml", "-o", "folder", "--strict", "--format", "json"]);
    assert_eq!(into.code, 1, "{}", into.err);
    assert!(folder.read("folder/rules.toll").starts_with("package rules\n"));
    let said = report(&into);
    assert_eq!(said["files"], serde_json::json!([std::path::Path::new("folder").join("rules.toll")]));
    folder.write("report.json", &into.err);
    hold(&folder, "import", &said);
}

#[test]
fn what_is_no_source_is_refused() {
    let folder = Folder::new(&[("a.yaml", "a: [1"), ("b.yaml", "- 1\n"), ("c.json", "{}"), ("empty/x.txt", "")]);
    folder.write("d.yaml", "rules: []\n");
    for args in [&["rules", "a.yaml"][..], &["rules", "none.yaml"], &["mcp", "a.yaml"], &["iam", "a.yaml"], &["plugin", "empty"], &["plugin", "none"]]
    {
        let ran = folder.run(&[&["import"], args].concat());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.starts_with("tollgate: cannot "), "{args:?}: {}", ran.err);
    }
    assert_eq!(folder.run(&["import", "rules", "d.yaml", "--package", "a\nallow"]).code, 2);
    let of_stdin = folder.run_with(&["import", "rules", "-"], RULES);
    assert_eq!(of_stdin.code, 0, "{}", of_stdin.err);
    assert!(of_stdin.out.contains("// <stdin>, rules[0] (reads)"), "{}", of_stdin.out);
}

#[test]
fn drift_is_what_is_missing_and_what_nobody_needs() {
    let skill = "---\nname: look\ndescription: Looks.\nallowed-tools: Read, Grep, Bash(ls:*), mcp__x__y\n---\n";
    let policy = r#"package p
tool "Read" {}
tool "Grep" {}
tool "Bash" {}
tool "Write" {}
allow reads on "Read", "Write", "Bash" when agent.id == "kit" and agent.role == "reader"
review greps on "Grep" when agent.id == "kit" because "greps"
"#;
    let folder = Folder::new(&[("kit/plugin.json", r#"{"name": "kit"}"#), ("kit/skills/look/SKILL.md", skill), ("p.toll", policy)]);
    let run = |more: &[&str]| folder.run(&[&["drift", "--plugin", "kit", "p.toll", "--format", "json"], more].concat());
    let drift = run(&[]);
    assert_eq!(drift.code, 1, "{}", drift.err);
    let found = drift.json();
    hold(&folder, "drift", &found);
    let named = |key: &str, of: &str| found[key].as_array().unwrap().iter().map(|one| one[of].as_str().unwrap_or("-").to_owned()).collect::<Vec<_>>();
    assert_eq!((named("missing", "permission"), named("reviewed", "tool")), (vec!["mcp__x__y".to_owned()], vec!["Grep".to_owned()]));
    // Nobody knows the role: neither `Read` nor the part of `Bash` is met.
    assert_eq!((named("unclear", "permission"), &found["met"]), (vec!["Read".to_owned(), "Bash(ls:*)".to_owned()], &Value::from(0)));
    // Of `Bash` a part is needed, and whether more is allowed depends on the role.
    assert_eq!(named("unneeded", "tool"), ["Write"]);
    assert_eq!(found["unneeded"][0]["outlook"]["effect"], "depends");

    let known = run(&["--agent", r#"look={"role": "reader"}"#]).json();
    assert_eq!((known["met"].as_u64(), known["unclear"].as_array().map(Vec::len)), (Some(2), Some(0)), "{known:#}");
    assert_eq!(known["unneeded"].as_array().unwrap().len(), 2, "{known:#}");
    let other = run(&["--agent", r#"{"role": "writer"}"#]).json();
    assert_eq!((other["missing"].as_array().unwrap().len(), other["unneeded"].as_array().unwrap().len()), (3, 0), "{other:#}");
    for wrong in [r#"nobody={"role": "x"}"#, "{", r#"{"role": 1}"#, "[]"] {
        assert_eq!(run(&["--agent", wrong]).code, 2, "{wrong}");
    }
}

const TOOLS: &str = r#"{"serverInfo": {"name": "git"}, "tools": [{"name": "log", "annotations": {"readOnlyHint": true}, "inputSchema": {"type": "object", "properties": {"count": {"type": "integer"}}}}]}"#;

#[test]
fn servers_that_nobody_declares_are_told() {
    let folder = Folder::new(&[("git.json", TOOLS), ("svn.json", r#"{"tools": [{"name": "blame"}]}"#)]);
    assert_eq!(folder.run(&["import", "mcp", "git.json", "-o", "git.toll", "--strict"]).code, 0);
    let same = folder.run(&["check", "--tools", "git.json", "git.toll"]);
    assert!(!same.err.contains("nothing was compared"), "{}", same.err);
    let other = folder.run(&["check", "--tools", "svn.json", "git.toll", "--deny-warnings"]);
    assert_eq!(other.code, 1);
    assert!(other.err.contains("no declared tool is one of the server \"svn\" of svn.json: nothing was compared with it"), "{}", other.err);
    let json = folder.run(&["check", "--tools", "svn.json", "git.toll", "--format", "json"]).json();
    hold(&folder, "diagnostics", &json);
    assert_eq!(json["unknown_servers"], serde_json::json!(["svn"]));
    // A hint that the server has no more is a warning at the tool.
    folder.write("git.json", &TOOLS.replace("true", "false"));
    let worse = folder.run(&["check", "--tools", "git.json", "git.toll"]);
    assert!(worse.err.contains("is `read_only: false` by its server now"), "{}", worse.err);
}

#[test]
fn a_refresh_hears_the_other_policies_or_writes_nothing() {
    let folder = Folder::new(&[("git.json", TOOLS)]);
    assert_eq!(folder.run(&["import", "mcp", "git.json", "-o", "git.toll"]).code, 0);
    let before = folder.read("git.toll");
    folder.write("own.toll", "package own\n\ntool \"git/blame\" {}\n");
    folder.write("git.json", &TOOLS.replace("\"tools\": [", "\"tools\": [{\"name\": \"blame\"}, "));
    let refused = folder.run(&["import", "mcp", "git.json", "--update", "git.toll"]);
    assert_eq!((refused.code, folder.read("git.toll")), (2, before));
    assert!(refused.err.contains("nothing is written"), "{}", refused.err);
    let again = folder.run(&["import", "mcp", "git.json", "-o", "new.toll"]);
    assert!(again.err.contains("own.toll declares it already, and a set declares a tool once: `--update"), "{}", again.err);
}

#[test]
fn plugins_meet_in_one_folder() {
    let skill = "---\nname: look\ndescription: Looks.\nallowed-tools: Read, Bash(ls:*), mcp__git__log\n---\n";
    let hooks = r#"{"hooks": {"PreToolUse": [{"hooks": [{"command": "check"}]}]}}"#;
    let folder = Folder::new(&[("git.json", TOOLS)]);
    for plugin in ["one", "two"] {
        folder.write(&format!("{plugin}/plugin.json"), &format!("{{\"name\": \"{plugin}\"}}"));
        folder.write(&format!("{plugin}/skills/look/SKILL.md"), skill);
        folder.write(&format!("{plugin}/hooks/hooks.json"), hooks);
    }
    std::fs::create_dir_all(folder.0.path().join("one/skills/latin")).unwrap();
    std::fs::write(folder.0.path().join("one/skills/latin/SKILL.md"), b"---\nname: caf\xe9\n---\n").unwrap();
    assert_eq!(folder.run(&["import", "mcp", "git.json", "-o", "policies"]).code, 0);
    let first = folder.run(&["import", "plugin", "one", "-o", "policies"]);
    assert_eq!(first.code, 0, "{}", first.err);
    assert!(first.err.contains("it is no UTF-8: nothing of it is imported"), "{}", first.err);
    assert_eq!(folder.run(&["import", "plugin", "two", "-o", "policies"]).code, 0);
    let checked = folder.run(&["check", "policies"]);
    assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
    assert!(folder.read("policies/two.toll").contains("import one as hooks\n"));
    // A drift says what it does not compare.
    let drift = folder.run(&["drift", "--plugin", "one", "--plugin", "two", "policies"]);
    assert!(drift.out.ends_with("; 2 hooks of the plugins not: whether rules require them is not seen\n"), "{}", drift.out);
}

#[test]
fn plugins_of_like_names_keep_apart() {
    let folder = Folder::new(&[("kit-a/hooks/hooks.json", r#"{"PreToolUse": [{"matcher": "Write", "hooks": [{"command": "guard"}]}]}"#)]);
    for plugin in ["kit-a", "kit_a"] {
        folder.write(&format!("{plugin}/plugin.json"), &format!("{{\"name\": \"{plugin}\"}}"));
        folder.write(&format!("{plugin}/skills/look/SKILL.md"), "---\nname: look\ndescription: Looks.\nallowed-tools: Read, Write\n---\n");
    }
    // One after the other into a folder, each twice: neither takes the other's place.
    for (plugin, more) in [("kit-a", None), ("kit_a", None), ("kit-a", Some("--force")), ("kit_a", Some("--force"))] {
        let made = folder.run(&[&["import", "plugin", plugin, "-o", "policies"][..], more.as_slice()].concat());
        assert_eq!(made.code, 0, "{}", made.err);
    }
    assert!(
        folder.read("policies/kit_a.toll").contains("from the plugin `kit-a`") && folder.read("policies/kit_a_2.toll").contains("package kit_a_2\n")
    );
    // In one run a guard of one is met by the calls of all, and a package that is given has each name once.
    for more in [&["-o", "both"][..], &["-o", "one", "--package", "kits"]] {
        let made = folder.run(&[&["import", "plugin", "kit-a", "kit_a"], more].concat());
        assert_eq!(made.code, 0, "{}", made.err);
        let checked = folder.run(&["check", "--deny-warnings", more[1]]);
        assert_eq!(checked.code, 0, "{}{}", checked.out, checked.err);
        assert_eq!(folder.read(&format!("{}/kit_a_2.toll", more[1])).matches("(\"guard\")").count(), 1);
    }
    let alone = folder.run(&["import", "plugin", "kit-a", "kit_a"]);
    assert!(alone.code == 2 && alone.err.contains("--output"), "{}", alone.err);
}
