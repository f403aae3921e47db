//! The server over a pipe, as an editor talks to it.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod editor;

use editor::Editor;
use serde_json::{Value, json};

fn number(params: &Value) -> usize {
    params["diagnostics"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_set_is_checked_with_unsaved_texts() {
    let mut editor = Editor::start(&[("a.toll", "package a\nallow x when limit > 1\n"), ("b.toll", "package a\nlet limit = true\n")]).await;
    let found = editor.diagnostics("a.toll", |params| number(params) == 1).await;
    assert_eq!(found["diagnostics"][0]["source"], "tollgate");

    editor.open("b.toll", "package a\ndata limit: int = 3\n").await;
    editor.diagnostics("a.toll", |params| number(params) == 0).await;

    let folder = editor.uri("b.toll");
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": folder}})).await;
    editor.diagnostics("a.toll", |params| number(params) == 1).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_link_leads_to_is_in_the_set_once() {
    let mut editor = Editor::start(&[("z.toll", "package a\nallow x when true\n")]).await;
    let folder = editor.folder.path();
    std::os::unix::fs::symlink(folder.join("z.toll"), folder.join("a.toll")).unwrap();
    editor.open("z.toll", "package a\nallow x when 1\n").await;
    let found = editor.diagnostics("z.toll", |params| number(params) > 0).await;
    assert_eq!(number(&found), 1, "{found}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_makes_nothing_else_wrong() {
    let wrong = "package a\nallow x when limit > 1\nallow y when 1\n";
    let mut editor = Editor::start(&[("a.toll", wrong), ("b.toll", "package a\nlet limit = 2\n")]).await;
    let folder = editor.folder.path().to_owned();
    editor.diagnostics("a.toll", |params| number(params) == 1).await;
    // A link that leads round in a circle is said, and what stands beside it is read.
    std::os::unix::fs::symlink(folder.join("c.toll"), folder.join("c.toll")).unwrap();
    editor.open("a.toll", wrong).await;
    editor.diagnostics("a.toll", |params| params["version"] == 1 && number(params) == 1).await;
    let found = editor.diagnostics("c.toll", |params| number(params) == 1).await;
    assert!(found["diagnostics"][0]["message"].as_str().unwrap().starts_with("cannot read"), "{found}");
    // A folder that is gone for a moment is as it was; a file that is gone is gone.
    let aside = folder.with_extension("aside");
    std::fs::rename(&folder, &aside).unwrap();
    let more =
        |line: u32, text: &str| json!([{"range": {"start": {"line": line, "character": 0}, "end": {"line": line, "character": 0}}, "text": text}]);
    editor.change("a.toll", 2, more(1, "allow z when 1\n")).await;
    editor.diagnostics("a.toll", |params| params["version"] == 2 && number(params) == 2).await;
    std::fs::rename(&aside, &folder).unwrap();
    std::fs::remove_file(folder.join("b.toll")).unwrap();
    editor.change("a.toll", 3, more(1, "allow w when 1\n")).await;
    editor.diagnostics("a.toll", |params| params["version"] == 3 && number(params) == 4).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_the_project_leaves_out_is_a_set_of_its_own() {
    let mut editor = Editor::start(&[("policies/a.toll", "package a\nlet limit = 1\n"), ("drafts/b.toll", "package b\n")]).await;
    editor.open("drafts/b.toll", "package b\nallow x when 1\n").await;
    let found = editor.diagnostics("drafts/b.toll", |params| params["version"] == 1).await;
    let told = |place: usize| (&found["diagnostics"][place]["severity"], found["diagnostics"][place]["message"].as_str().unwrap());
    assert_eq!(told(0), (&json!(3), "none of the `roots` in `tollgate.toml` has this file: it is looked at alone"));
    assert!(told(1).1.starts_with("a condition must be `bool`"), "{found}");
    let params = json!({"textDocument": {"uri": editor.uri("drafts/b.toll")}, "options": {"tabSize": 2, "insertSpaces": true}});
    let edits = editor.ask("textDocument/formatting", params).await;
    assert_eq!(edits[0]["newText"], "\nallow x\n  when 1\n", "{edits}");
}

/// Writes a file, and tells that it has changed.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_without_a_file_is_a_set_of_its_own() {
    let mut editor = Editor::start(&[("a.toll", "package a\nlet x = 1\n")]).await;
    let document = |name: &str| json!({"uri": format!("untitled:{name}")});
    let open = |name: &str, language: &str, text: &str| {
        let mut item = document(name);
        item.as_object_mut().unwrap().extend(json!({"languageId": language, "version": 1, "text": text}).as_object().cloned().unwrap());
        json!({"textDocument": item})
    };
    let (policy, other) = (open("Untitled-1", "toll", "package a\nlet y = x\n"), open("Untitled-2", "json", "{}"));
    editor.notify("textDocument/didOpen", policy).await;
    editor.notify("textDocument/didOpen", other).await;
    let found = loop {
        let message = editor.told("textDocument/publishDiagnostics").await;
        if message["params"]["uri"] == "untitled:Untitled-1" {
            break message["params"]["diagnostics"].clone();
        }
    };
    assert!(found[0]["message"].as_str().unwrap().contains("nothing here is named `x`"), "{found}");
    let symbols = editor.ask("textDocument/documentSymbol", json!({"textDocument": document("Untitled-1")})).await;
    assert_eq!(symbols.as_array().map(Vec::len), Some(2), "{symbols}");
    let nothing = editor.ask("textDocument/documentSymbol", json!({"textDocument": document("Untitled-2")})).await;
    assert_eq!(nothing, Value::Null);
}

async fn write(editor: &mut Editor, name: &str, text: &str) {
    std::fs::write(editor.folder.path().join(name), text).unwrap();
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": [{"uri": editor.uri(name), "type": 2}]})).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_do_not_fit_are_told_where_they_are() {
    let text = "package a\ndata grants: map<int> = {}\ndeny x when grants[agent.id] != none\n";
    let mut editor = Editor::start(&[("a.toll", text), ("data/grants.json", r#"{"b": "x"}"#)]).await;
    editor.open("a.toll", text).await;
    let found = editor.diagnostics("data/grants.json", |params| number(params) == 1).await;
    let message = found["diagnostics"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("data `a.grants`, at `b`: "), "{message}");
    let place = |line: u32, start: u32, end: u32| json!({"start": {"line": line, "character": start}, "end": {"line": line, "character": end}});
    assert_eq!(found["diagnostics"][0]["range"], place(0, 6, 9));
    // Settings that cannot be read for a moment are as they were.
    write(&mut editor, "tollgate.toml", "broken").await;
    editor.diagnostics("tollgate.toml", |params| number(params) == 1).await;
    write(&mut editor, "data/grants.json", r#"{"c": "x"}"#).await;
    editor.diagnostics("data/grants.json", |params| params["diagnostics"][0]["message"].as_str().is_some_and(|told| told.contains("`c`"))).await;
    write(&mut editor, "tollgate.toml", "").await;
    editor.diagnostics("tollgate.toml", |params| number(params) == 0).await;
    write(&mut editor, "data/grants.json", r#"{"b": 1}"#).await;
    editor.diagnostics("data/grants.json", |params| number(params) == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_are_applied_in_order_and_places_count_in_utf_16() {
    let mut editor = Editor::start(&[("a.toll", "package a\n")]).await;
    editor.open("a.toll", "package a\n").await;
    // Each letter is typed after the one before; only in that order do they spell the rule.
    let rule = "allow x when \"😀\" == 1";
    let mut column = 0;
    for (place, letter) in rule.chars().enumerate() {
        let at = json!({"line": 1, "character": column});
        editor.change("a.toll", place as i32 + 2, json!([{"range": {"start": at, "end": at}, "text": letter.to_string()}])).await;
        column += letter.len_utf16();
    }
    let last = rule.chars().count() + 1;
    let found = editor.diagnostics("a.toll", |params| params["version"] == last).await;
    assert_eq!(number(&found), 1, "{found}");
    assert_eq!(found["diagnostics"][0]["code"], "E0204");
    let range = json!({"start": {"line": 1, "character": 13}, "end": {"line": 1, "character": 17}});
    assert_eq!(found["diagnostics"][0]["range"], range);
}

#[tokio::test(flavor = "multi_thread")]
async fn hovering_a_rule_sees_the_newest_text_in_utf_16() {
    let mut editor = Editor::start(&[("a.toll", "package a\n")]).await;
    editor.open("a.toll", "package a\n").await;
    editor.change("a.toll", 2, json!([{"text": "package a\n@owner(\"😀\") allow x on \"t\"\n"}])).await;
    let document = json!({"uri": editor.uri("a.toll")});
    for (id, line, character) in [(2, 1, 19), (4, 9, u32::MAX), (5, 1, u32::MAX)] {
        let params = json!({"textDocument": document, "position": {"line": line, "character": character}});
        let id_of_answer = editor.request("textDocument/hover", params).await;
        let answer = editor.answer(id_of_answer).await;
        if id == 2 {
            let value = answer["result"]["contents"]["value"].as_str().unwrap();
            assert!(value.starts_with("```toll\n@owner(\"😀\")\nallow x on \"t\"\n```\n"), "{value}");
            let range = json!({"start": {"line": 1, "character": 19}, "end": {"line": 1, "character": 20}});
            assert_eq!((&answer["result"]["contents"]["kind"], &answer["result"]["range"]), (&json!("markdown"), &range));
        } else {
            assert_eq!(answer["result"], Value::Null, "{line}:{character}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_edits_in_one_message_are_applied_at_once() {
    let mut editor = Editor::start(&[("a.toll", "package a\n")]).await;
    let text = format!("package a\n{}", "// a comment\n".repeat(80_000));
    editor.open("a.toll", &text).await;
    let edit = |line: u32, text: &str| {
        let at = json!({"line": line, "character": 0});
        json!({"range": {"start": at, "end": at}, "text": text})
    };
    let mut changes = vec![edit(80_001, ""); 9_000];
    changes.push(edit(80_001, "allow x when 1\n"));
    editor.change("a.toll", 2, Value::Array(changes)).await;
    let found = editor.diagnostics("a.toll", |params| params["version"] == 2).await;
    assert_eq!(found["diagnostics"][0]["range"]["start"]["line"], 80_001, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_messages_and_leaving_end_nothing_else() {
    let mut editor = Editor::start(&[]).await;
    editor.notify("textDocument/didChange", json!({"textDocument": 1})).await;
    editor.notify("no/such", json!(null)).await;
    editor.send(json!({"jsonrpc": "2.0", "id": 2, "method": "shutdown"})).await;
    editor.answer(2).await;
    editor.notify("exit", json!(null)).await;
}
