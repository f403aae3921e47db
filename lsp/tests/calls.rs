//! Recorded calls: tests of them, and how many each rule matches.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod editor;

use std::sync::LazyLock;

use editor::Editor;
use serde_json::{Value, json};

/// The shop without its mistake.
static SHOP: LazyLock<String> = LazyLock::new(|| include_str!("editor/shop.toll").replace("\"payment\" args", "\"payment\", args"));
const TEAM: &str = "package team\n\nlet extra = 1\n\nobligation note()\n";

fn call(amount: u32) -> String {
    json!({"agent": {"id": "x"}, "tool": {"server": "pay", "name": "send"}, "args": {"amount": amount, "to": []}}).to_string()
}

/// An editor with the shop, one recorded call, and a log of four, one of them with what was decided, and a line that is none.
async fn shop() -> Editor {
    let log = format!("{}\n\nnonsense\n{{\"input\": {}, \"effect\": \"allow\"}}\n{}\n{}\n", call(1), call(2), call(3), call(30));
    let files = [("shop.toll", SHOP.as_str()), ("team.toll", TEAM), ("call.json", &call(4)), ("calls.jsonl", &log)];
    let mut editor = Editor::able(json!({"workspace": {"applyEdit": true}}), &files).await;
    editor.open("shop.toll", SHOP.as_str()).await;
    editor
}

async fn command(editor: &mut Editor, arguments: Value) -> u32 {
    editor.request("workspace/executeCommand", json!({"command": "tollgate.testFromCall", "arguments": arguments})).await
}

/// What is said when a request is answered with nothing; the answer may come first.
async fn refused(editor: &mut Editor, id: u32) -> String {
    let (mut said, mut answered) = (None, false);
    while said.is_none() || !answered {
        let message = editor.receive().await;
        if message["method"] == "window/showMessage" {
            said = message["params"]["message"].as_str().map(str::to_owned);
        }
        if message["id"] == id {
            assert_eq!(message["result"], Value::Null, "{message}");
            answered = true;
        }
    }
    said.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_call_becomes_a_test() {
    let mut editor = shop().await;
    let (shop, log) = (editor.uri("shop.toll"), editor.uri("calls.jsonl"));
    let id = command(&mut editor, json!([log, 4])).await;
    let asked = editor.told("workspace/applyEdit").await;
    let edit = &asked["params"]["edit"]["changes"][&shop][0];
    let expected = "test \"calls, line 4\" {\n  input { agent: {id: \"x\"}, tool: {server: \"pay\", name: \"send\"}, args: {amount: 2, to: []} }\n  expect allow by small\n}";
    assert!(edit["newText"].as_str().unwrap().ends_with(expected), "{asked}");
    editor.send(json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"applied": true}})).await;
    let place = editor.answer(id).await["result"].clone();
    assert_eq!(place["uri"], shop);
    assert_eq!(place["range"]["start"]["line"].as_u64().unwrap(), SHOP.matches('\n').count() as u64 + 1, "{place}");

    // A file of one call; the editor does not want the test.
    let arguments = json!([editor.uri("call.json")]);
    let id = command(&mut editor, arguments).await;
    let asked = editor.told("workspace/applyEdit").await;
    assert!(asked.to_string().contains("amount: 4"), "{asked}");
    editor.send(json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"applied": false, "failureReason": "not now"}})).await;
    assert_eq!(refused(&mut editor, id).await, "not now");

    for (arguments, problem) in [
        (json!([log, 2]), "line 2 of `calls.jsonl` has no call"),
        (json!([log, 3]), "the call is no JSON object"),
        (json!([editor.uri("none.json")]), "is no file of at most 32 MB"),
    ] {
        let id = command(&mut editor, arguments).await;
        let message = refused(&mut editor, id).await;
        assert!(message.contains(problem), "{message}");
    }
    for arguments in [json!([]), json!(["nonsense"]), json!([log, "4"]), json!([log, 1, 2])] {
        let id = command(&mut editor, arguments).await;
        assert_eq!(editor.answer(id).await["error"]["code"], -32602);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_active_call_becomes_a_test() {
    let mut editor = shop().await;
    let (line, document) = (SHOP.lines().position(|line| line.starts_with("allow small")).unwrap(), json!({"uri": editor.uri("shop.toll")}));
    let at = |character: u32| json!({"line": line, "character": character});
    let params =
        |character: u32| json!({"textDocument": document, "range": {"start": at(character), "end": at(character)}, "context": {"diagnostics": []}});
    let action =
        |actions: &Value| actions.as_array().unwrap().iter().find(|action| action["title"] == "write a test of the call in `call.json`").cloned();
    assert_eq!(action(&editor.ask("textDocument/codeAction", params(50)).await), None);
    let offered = action(&editor.ask("textDocument/codeAction", params(8)).await).expect("the action");
    let made = editor.ask("codeAction/resolve", offered.clone()).await;
    let text = made["edit"]["changes"][editor.uri("shop.toll")][0]["newText"].as_str().unwrap();
    assert!(text.starts_with("\ntest \"call\" {") && text.contains("amount: 4") && text.contains("expect allow by small"), "{made}");
    std::fs::remove_file(editor.folder.path().join("call.json")).unwrap();
    let refused = editor.ask("codeAction/resolve", offered).await;
    assert!(refused["disabled"]["reason"].as_str().unwrap().contains("no recorded call is chosen any more"), "{refused}");
}

/// The lines of the shop once recorded calls are counted.
async fn counted(editor: &mut Editor) -> Value {
    for _ in 0..200 {
        let lenses = editor.ask("textDocument/codeLens", json!({"textDocument": {"uri": editor.uri("shop.toll")}})).await;
        if titles(&lenses).iter().any(|title| title.contains("recorded")) {
            return lenses;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Value::Null
}

fn titles(lenses: &Value) -> Vec<String> {
    lenses.as_array().unwrap().iter().map(|lens| lens["command"]["title"].as_str().unwrap().to_owned()).collect()
}

/// What an editor is told that a text becomes.
fn whole(text: &str) -> Value {
    json!([{ "text": text }])
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_over_what_was_edited_claim_nothing() {
    let mut editor = shop().await;
    counted(&mut editor).await;
    let document = json!({"textDocument": {"uri": editor.uri("shop.toll")}});
    // The first rule has other words, and the text errors: nobody knows what matches it now.
    let edited = SHOP.replace("over(args.amount, 1)", "over(args.amount, 1 +)");
    assert_ne!(edited, *SHOP);
    editor.change("shop.toll", 2, whole(&edited)).await;
    let lenses = titles(&editor.ask("textDocument/codeLens", document.clone()).await);
    let of_first = lenses.iter().filter(|title| title.contains("no test matches") || title.contains("matched 0")).count();
    assert_eq!(of_first, 0, "{lenses:?}");
    // The test has other words: what it matched is not known either.
    editor.change("shop.toll", 3, whole(&SHOP)).await;
    counted(&mut editor).await;
    editor.change("shop.toll", 4, whole(&SHOP.replace("expect allow by small", "expect allow by small expect"))).await;
    let lenses = titles(&editor.ask("textDocument/codeLens", document).await);
    assert!(!lenses.iter().any(|title| title == "matched by 1 test"), "{lenses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_of_an_open_call_counts() {
    let mut editor = shop().await;
    let params = json!({"textDocument": {"uri": editor.uri("shop.toll")}, "range": {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}});
    let saved = editor.ask("textDocument/inlayHint", params.clone()).await.to_string();
    editor.open("call.json", &call(77)).await;
    let open = editor.ask("textDocument/inlayHint", params).await.to_string();
    assert!(saved.contains('4') && !saved.contains("77") && open.contains("77"), "{saved}\n{open}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_calls_are_known_whatever_is_wrong_with_policies() {
    let text = "package a\nallow x when args.$ and nothing\n";
    let at = (1, text.find('$').unwrap() as u32 - 10);
    let text = text.replace('$', "");
    let mut editor = Editor::start(&[("a.toll", &text), ("calls.jsonl", &call(1))]).await;
    editor.open("a.toll", &text).await;
    for _ in 0..200 {
        let found = editor.ask_at("textDocument/completion", "a.toll", at, json!({})).await.to_string();
        if found.contains("seen in calls.jsonl") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the keys are not offered");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_over_rules_tell_what_matches() {
    let mut editor = shop().await;
    let document = json!({"textDocument": {"uri": editor.uri("shop.toll")}});
    let lenses = counted(&mut editor).await;
    let told = titles(&lenses);
    let expected = [
        "Run the test of this file",
        "no test matches",
        "0 of 6 outcomes tested",
        "matched 0 of 4 recorded calls",
        "matched by 1 test",
        "2 of 3 outcomes tested",
        "matched 3 of 4 recorded calls",
        "Run test",
    ];
    assert_eq!(told, expected);
    let open = &lenses[3]["command"];
    assert_eq!((&open["command"], &open["arguments"][0]), (&json!("tollgate.openCalls"), &json!(editor.uri("calls.jsonl"))));
    let show = &lenses[4]["command"];
    assert_eq!((&show["command"], &show["arguments"][1]), (&json!("tollgate.showReferences"), &lenses[4]["range"]["start"]));

    let settings = json!({"tollgate": {"codeLens": {"coverage": false, "replay": false}}});
    editor.notify("workspace/didChangeConfiguration", json!({"settings": settings})).await;
    let lenses = editor.ask("textDocument/codeLens", document.clone()).await;
    assert_eq!(titles(&lenses), ["Run the test of this file", "Run test"]);
}
