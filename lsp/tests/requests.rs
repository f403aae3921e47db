//! Every request, answered over a pipe.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod editor;

use editor::Editor;
use serde_json::{Value, json};

const SHOP: &str = include_str!("editor/shop.toll");
const TEAM: &str = "package team\n\n/// More.\nlet extra = 1\n\nobligation note()\n";

/// An editor that can do all that we ask of one.
fn able() -> Value {
    json!({
        "general": {"positionEncodings": ["utf-16"]},
        "textDocument": {
            "completion": {"completionItem": {"snippetSupport": true}},
            "definition": {"linkSupport": true},
        },
        "workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}},
    })
}

async fn shop() -> Editor {
    let mut editor = Editor::able(able(), &[("shop.toll", SHOP), ("team.toll", TEAM)]).await;
    editor.open("shop.toll", SHOP).await;
    editor
}

/// The position of a text, and so many characters further.
fn position(text: &str, further: usize) -> (u32, u32) {
    let offset = SHOP.find(text).expect("the text") + further;
    let line = SHOP[..offset].matches('\n').count();
    let start = SHOP[..offset].rfind('\n').map_or(0, |at| at + 1);
    (line as u32, (offset - start) as u32)
}

/// An answer without the address of the folder.
fn told(editor: &Editor, answer: &Value) -> String {
    serde_json::to_string_pretty(answer).unwrap().replace(&editor.uri(""), "file://")
}

#[tokio::test(flavor = "multi_thread")]
async fn places_are_found() {
    let mut editor = shop().await;
    let mut answers = String::new();
    for (method, text, further) in [
        ("definition", "team.extra", 6),
        ("definition", "grant.ceiling", 7),
        ("typeDefinition", "grant.ceiling", 0),
        ("documentHighlight", "limit +", 1),
        ("prepareRename", "over(args", 1),
        ("prepareCallHierarchy", "over(args", 1),
    ] {
        let answer = editor.ask_at(&format!("textDocument/{method}"), "shop.toll", position(text, further), json!({})).await;
        answers.push_str(&format!("{method} at {text}: {}\n", told(&editor, &answer)));
    }
    let with_declaration = json!({"context": {"includeDeclaration": true}});
    let answer = editor.ask_at("textDocument/references", "shop.toll", position("over(args", 1), with_declaration).await;
    answers.push_str(&format!("references: {}\n", told(&editor, &answer)));
    insta::assert_snapshot!(answers);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_name_goes_through_all_files_or_is_refused() {
    let mut editor = shop().await;
    let answer = editor.ask_at("textDocument/rename", "shop.toll", position("team.extra", 6), json!({"newName": "more"})).await;
    let changes = answer["changes"].as_object().unwrap();
    assert_eq!(changes.len(), 2, "{answer}");
    let params = json!({
        "textDocument": {"uri": editor.uri("shop.toll")},
        "position": {"line": position("limit = ", 0).0, "character": position("limit = ", 0).1},
        "newName": "over",
    });
    let id = editor.request("textDocument/rename", params).await;
    let answer = editor.answer(id).await;
    assert_eq!(answer["error"]["code"], -32803, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_told_both_ways() {
    let mut editor = shop().await;
    let items = editor.ask_at("textDocument/prepareCallHierarchy", "shop.toll", position("fn over", 4), json!({})).await;
    let incoming = editor.ask("callHierarchy/incomingCalls", json!({"item": items[0]})).await;
    assert_eq!(incoming[0]["from"]["name"], "large", "{incoming}");
    let outgoing = editor.ask("callHierarchy/outgoingCalls", json!({"item": items[0]})).await;
    let names: Vec<&str> = outgoing.as_array().unwrap().iter().map(|call| call["to"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["limit", "extra"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_written_is_told_with_its_documentation() {
    let mut editor = shop().await;
    let (line, character) = position("args.amount, 1", 5);
    let items = editor.ask_at("textDocument/completion", "shop.toll", (line, character), json!({})).await;
    let items = items.as_array().unwrap().clone();
    let labels: Vec<&str> = items.iter().map(|item| item["label"].as_str().unwrap()).collect();
    assert!(labels.starts_with(&["amount"]) || labels.contains(&"amount"), "{labels:?}");
    assert!(labels.contains(&"note") && !labels.contains(&"limit"), "{labels:?}");

    let (line, character) = position("over(args", 2);
    let items = editor.ask_at("textDocument/completion", "shop.toll", (line, character), json!({})).await;
    let over = items.as_array().unwrap().iter().find(|item| item["label"].as_str().unwrap().starts_with("over")).expect("the function").clone();
    let resolved = editor.ask("completionItem/resolve", over).await;
    assert!(resolved["documentation"]["value"].as_str().unwrap().contains("over the limit"), "{resolved}");

    let help = editor.ask_at("textDocument/signatureHelp", "shop.toll", position("args.amount, 1", 13), json!({})).await;
    assert_eq!(help["signatures"][0]["activeParameter"].as_u64().or(help["activeParameter"].as_u64()), Some(1), "{help}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_told_as_a_whole() {
    let mut editor = shop().await;
    let document = json!({"textDocument": {"uri": editor.uri("shop.toll")}});
    let symbols = editor.ask("textDocument/documentSymbol", document.clone()).await;
    let names: Vec<&str> = symbols.as_array().unwrap().iter().map(|symbol| symbol["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"large") && names.contains(&"Grant"), "{names:?}");
    let folds = editor.ask("textDocument/foldingRange", document.clone()).await;
    assert!(folds.as_array().unwrap().len() >= 2, "{folds}");
    let links = editor.ask("textDocument/documentLink", document.clone()).await;
    assert!(links.is_array());
    let lenses = editor.ask("textDocument/codeLens", document.clone()).await;
    assert!(lenses.as_array().unwrap().iter().any(|lens| lens["command"]["command"] == "tollgate.runTest"), "{lenses}");
    let found = editor.ask("workspace/symbol", json!({"query": "lrg"})).await;
    assert_eq!(found[0]["name"], "large", "{found}");
    let tests = editor.ask("tollgate/tests", json!({})).await;
    assert_eq!(tests[0]["title"], "a small one goes ahead", "{tests}");

    let tokens = editor.ask("textDocument/semanticTokens/full", document.clone()).await;
    let id = tokens["resultId"].as_str().unwrap().to_owned();
    let mut since = document.clone();
    since["previousResultId"] = json!(id);
    let delta = editor.ask("textDocument/semanticTokens/full/delta", since).await;
    assert_eq!(delta["edits"].as_array().map(Vec::len), Some(0), "{delta}");
    let mut part = document.clone();
    part["range"] = json!({"start": {"line": 5, "character": 0}, "end": {"line": 6, "character": 0}});
    let some = editor.ask("textDocument/semanticTokens/range", part.clone()).await;
    assert!(some["data"].as_array().unwrap().len() < tokens["data"].as_array().unwrap().len());
    let hints = editor
        .ask(
            "textDocument/inlayHint",
            json!({"textDocument": document["textDocument"], "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}}),
        )
        .await;
    assert!(hints.to_string().contains("int"), "{hints}");
    let (line, character) = position("grant.ceiling", 7);
    let ranges = editor
        .ask("textDocument/selectionRange", json!({"textDocument": document["textDocument"], "positions": [{"line": line, "character": character}]}))
        .await;
    assert!(ranges[0]["parent"]["parent"].is_object(), "{ranges}");
}

#[tokio::test(flavor = "multi_thread")]
async fn findings_are_asked_for_by_editors_that_ask() {
    let mut capabilities = able();
    capabilities["textDocument"]["diagnostic"] = json!({});
    let mut editor = Editor::able(capabilities, &[("a.toll", "package a\nallow x when 1\n"), ("b.toll", "package b\nallow y when 2\n")]).await;
    editor.open("a.toll", "package a\nallow x when 1\n").await;
    let params = json!({"textDocument": {"uri": editor.uri("a.toll")}});
    let report = editor.ask("textDocument/diagnostic", params.clone()).await;
    assert_eq!((&report["kind"], &report["items"][0]["code"]), (&json!("full"), &json!("E0206")), "{report}");
    assert!(report["items"][0]["codeDescription"]["href"].as_str().unwrap().starts_with("file://"), "{report}");
    let mut again = params.clone();
    again["previousResultId"] = report["resultId"].clone();
    assert_eq!(editor.ask("textDocument/diagnostic", again).await["kind"], "unchanged");
    let all = editor.ask("workspace/diagnostic", json!({"previousResultIds": []})).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2, "{all}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_changed_is_offered() {
    let mut editor = Editor::able(able(), &[]).await;
    let text = "package a\nreview   x when ags.n == 1\n";
    editor.open("a.toll", text).await;
    let document = json!({"uri": editor.uri("a.toll")});
    let range = json!({"start": {"line": 1, "character": 17}, "end": {"line": 1, "character": 17}});
    let actions = editor.ask("textDocument/codeAction", json!({"textDocument": document, "range": range, "context": {"diagnostics": []}})).await;
    let titles: Vec<&str> = actions.as_array().unwrap().iter().map(|action| action["title"].as_str().unwrap()).collect();
    assert!(titles.iter().any(|title| title.contains("args")), "{titles:?}");
    assert!(titles.iter().any(|title| title.contains("because")), "{titles:?}");
    let edits = editor.ask("textDocument/formatting", json!({"textDocument": document, "options": {"tabSize": 2, "insertSpaces": true}})).await;
    assert_eq!(edits[0]["newText"], "\nreview x\n  when ags.n == 1\n", "{edits}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_advertised_is_answered_and_nothing_else() {
    let mut editor = shop().await;
    let id = editor.request("initialize", json!({"capabilities": able()})).await;
    // A second first message is refused; the capabilities are those of the first.
    assert!(editor.answer(id).await.get("error").is_some());
    let document = json!({"uri": editor.uri("shop.toll")});
    for method in ["declaration", "implementation", "prepareTypeHierarchy", "documentColor", "moniker", "linkedEditingRange", "inlineValue"] {
        let id = editor.request(&format!("textDocument/{method}"), json!({"textDocument": document, "position": {"line": 0, "character": 0}})).await;
        let answer = editor.answer(id).await;
        assert!(answer.get("error").is_some(), "{method} is not advertised: {answer}");
    }
}
