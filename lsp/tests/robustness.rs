//! The server under an editor that types fast, errs and interrupts.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod editor;

use editor::Editor;
use serde_json::{Value, json};

/// Pieces that a typist puts in: parts of policies, brackets, quotes, surrogate pairs, line ends.
const PIECES: [&str; 16] =
    ["allow x ", "when ", "args.", "\"", "{", "}", "(", ")", "\n", "😀", "é", "// c\n", "test \"t\" { input {} }\n", "\r\n", "on \"t\" ", "and not "];

/// A simple generator: the same numbers always.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound.max(1)
    }
}

/// A text as an editor has it: lines of UTF-16 units.
struct Copy {
    units: Vec<u16>,
}

impl Copy {
    /// The line and unit of a place.
    fn position(&self, place: usize) -> Value {
        let before = &self.units[..place];
        let line = before.iter().filter(|unit| **unit == u16::from(b'\n')).count();
        let start = before.iter().rposition(|unit| *unit == u16::from(b'\n')).map_or(0, |at| at + 1);
        json!({"line": line, "character": place - start})
    }

    /// A place that is not within a pair of surrogates, nor between the characters of a line end.
    fn place(&self, near: usize) -> usize {
        let is_inside = |place: usize| {
            let unit = self.units.get(place).copied().unwrap_or_default();
            (0xDC00..0xE000).contains(&unit) || place > 0 && unit == u16::from(b'\n') && self.units[place - 1] == u16::from(b'\r')
        };
        (near..=self.units.len()).find(|place| !is_inside(*place)).unwrap_or(self.units.len())
    }

    fn text(&self) -> String {
        String::from_utf16(&self.units).unwrap()
    }
}

const SHOP: &str = include_str!("editor/shop.toll");

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_edits_leave_the_text_that_the_editor_has() {
    let mut editor = Editor::start(&[("a.toll", SHOP)]).await;
    editor.open("a.toll", SHOP).await;
    let mut copy = Copy { units: SHOP.encode_utf16().collect() };
    let mut numbers = Numbers(7);
    for version in 2..10_002 {
        let from = copy.place(numbers.below(copy.units.len() + 1));
        let length = if numbers.below(3) == 0 { numbers.below(40) } else { 0 };
        let to = copy.place((from + length).min(copy.units.len()));
        let piece = if copy.units.len() > 6_000 { "" } else { PIECES[numbers.below(PIECES.len())] };
        let change = json!([{"range": {"start": copy.position(from), "end": copy.position(to)}, "text": piece}]);
        copy.units.splice(from..to, piece.encode_utf16());
        editor.change("a.toll", version, change).await;
        if version % 50 == 0 {
            // Whatever is asked meanwhile is answered, or refused since the text has changed.
            let method = ["hover", "completion", "documentSymbol", "semanticTokens/full", "foldingRange"][numbers.below(5)];
            let params = json!({"textDocument": {"uri": editor.uri("a.toll")}, "position": copy.position(from)});
            let id = editor.request(&format!("textDocument/{method}"), params).await;
            if version % 500 == 0 {
                editor.answer(id).await;
            }
        }
    }
    // What the server has now is what it would have if the text were sent anew.
    let left = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": editor.uri("a.toll")}})).await;
    let mut other = Editor::start(&[]).await;
    other.open("a.toll", &copy.text()).await;
    let right = other.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": other.uri("a.toll")}})).await;
    assert_eq!(left, right);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_about_a_text_that_has_changed_is_refused() {
    let mut editor = Editor::start(&[]).await;
    editor.open("a.toll", SHOP).await;
    let params = json!({"textDocument": {"uri": editor.uri("a.toll")}});
    let mut refused = 0;
    for version in 2..60 {
        let id = editor.request("textDocument/documentSymbol", params.clone()).await;
        let start = json!({"line": 0, "character": 0});
        editor.change("a.toll", version, json!([{"range": {"start": start, "end": start}, "text": "// a line\n"}])).await;
        let answer = editor.answer(id).await;
        match answer.get("error") {
            Some(error) => {
                assert_eq!(error["code"], -32801, "{answer}");
                refused += 1;
            }
            // It came before the edit: the package is on the line where it was then.
            None => assert_eq!(answer["result"][0]["selectionRange"]["start"]["line"], version - 2, "{answer}"),
        }
    }
    println!("{refused} of 58 refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_is_over_and_the_rest_goes_on() {
    let mut editor = Editor::start(&[]).await;
    editor.open("a.toll", SHOP).await;
    let params = json!({"textDocument": {"uri": editor.uri("a.toll")}});
    for _ in 0..200 {
        let id = editor.request("textDocument/semanticTokens/full", params.clone()).await;
        editor.notify("$/cancelRequest", json!({"id": id})).await;
        let answer = editor.answer(id).await;
        assert!(answer.get("result").is_some() || answer["error"]["code"] == -32800, "{answer}");
    }
    editor.notify("$/cancelRequest", json!({"id": 99_999})).await;
    assert!(editor.ask("textDocument/foldingRange", params).await.as_array().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_positions_documents_and_messages_are_survived() {
    let mut editor = Editor::start(&[("a.toll", SHOP)]).await;
    editor.open("a.toll", SHOP).await;
    let methods =
        ["hover", "completion", "signatureHelp", "definition", "typeDefinition", "documentHighlight", "prepareRename", "prepareCallHierarchy"];
    for method in methods {
        for (line, character) in [(0, 0), (0, u32::MAX), (u32::MAX, 0), (5, 3), (u32::MAX, u32::MAX)] {
            for uri in [editor.uri("a.toll"), editor.uri("none.toll"), "untitled:Untitled-1".to_owned(), "file:///".to_owned()] {
                let params = json!({"textDocument": {"uri": uri}, "position": {"line": line, "character": character}});
                let id = editor.request(&format!("textDocument/{method}"), params).await;
                editor.answer(id).await;
            }
        }
        let id = editor.request(&format!("textDocument/{method}"), json!({"textDocument": 7})).await;
        assert_eq!(editor.answer(id).await["error"]["code"], -32602, "{method}");
    }
    editor.notify("textDocument/didChange", json!({"textDocument": {"uri": editor.uri("b.toll"), "version": 1}, "contentChanges": []})).await;
    editor.notify("textDocument/didClose", json!({"textDocument": {"uri": editor.uri("b.toll")}})).await;
    editor.change("a.toll", -5, json!([{"range": {"start": {"line": 9, "character": 0}, "end": {"line": 2, "character": 0}}, "text": "x"}])).await;
    assert!(editor.ask("workspace/symbol", json!({"query": ""})).await.as_array().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_and_one_that_is_no_text_are_survived() {
    let mut editor = Editor::start(&[("a.toll", "package a\n")]).await;
    std::fs::write(editor.folder.path().join("bad.toll"), [0xff, 0xfe, 0x00]).unwrap();
    editor.notify("workspace/didChangeWatchedFiles", json!({"changes": []})).await;
    let found = editor.diagnostics("bad.toll", |params| !params["diagnostics"].as_array().unwrap().is_empty()).await;
    assert!(found["diagnostics"][0]["message"].as_str().unwrap().contains("cannot read"), "{found}");
    std::fs::remove_file(editor.folder.path().join("bad.toll")).unwrap();

    let large = format!("package a\n{}", "// a comment that fills a line of the file\nallow x when true\n".repeat(15_000));
    editor.open("large.toll", &large).await;
    let found = editor.diagnostics("large.toll", |params| params["version"] == 1).await;
    assert!(!found["diagnostics"].as_array().unwrap().is_empty());
    let at = json!({"line": 1, "character": 0});
    editor.change("large.toll", 2, json!([{"range": {"start": at, "end": at}, "text": "allow y\n"}])).await;
    let answer = editor.ask_at("textDocument/hover", "large.toll", (1, 6), json!({})).await;
    assert!(answer.to_string().contains("allow"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_no_reason_to_leave() {
    let mut editor = Editor::start(&[("a.toll", SHOP)]).await;
    editor.open("a.toll", SHOP).await;
    let uri = editor.uri("a.toll");
    let half = format!(
        r#"{{"jsonrpc":"2.0","method":"textDocument/didChange","params":{{"textDocument":{{"uri":"{uri}","version":2}},"contentChanges":[{{"text":"package a // \ud83d\n"}}]}}}}"#
    );
    for body in [half.as_str(), "[]", "{}", r#"{"jsonrpc":"1.0","method":"x"}"#, r#"{"jsonrpc":"2.0","id":1.5,"method":"x"}"#] {
        editor.send_raw(body).await;
    }
    editor.send_raw("no JSON").await;
    let answer = loop {
        let message = editor.receive().await;
        if message.get("method").is_none() {
            break message;
        }
    };
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32700)), "{answer}");
    let symbols = editor.ask("textDocument/documentSymbol", json!({"textDocument": {"uri": uri}})).await;
    assert_eq!(symbols.as_array().map(Vec::len), Some(1), "the text is that of the change: {symbols}");
}

#[tokio::test(flavor = "multi_thread")]
async fn brackets_without_end_are_selected_some_levels_deep() {
    let mut editor = Editor::start(&[]).await;
    let text = format!("package a\nlet y = {}{}\n", "[".repeat(50_000), "]".repeat(50_000));
    editor.open("a.toll", &text).await;
    let params = json!({"textDocument": {"uri": editor.uri("a.toll")}, "positions": [{"line": 1, "character": 50_000}]});
    let mut range = editor.ask("textDocument/selectionRange", params).await[0].take();
    let mut levels = 0;
    while range.is_object() {
        levels += 1;
        range = range["parent"].take();
    }
    assert!((1..=100).contains(&levels), "{levels}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn data_without_end_are_not_read() {
    let mut editor = Editor::start(&[("a.toll", SHOP)]).await;
    std::os::unix::fs::symlink("/dev/zero", editor.folder.path().join("endless.json")).unwrap();
    editor.open("a.toll", SHOP).await;
    let input = format!("{}/endless.json", editor.uri(""));
    let arguments = json!([editor.uri("a.toll"), input]);
    editor.ask("workspace/executeCommand", json!({"command": "tollgate.evaluateWith", "arguments": arguments})).await;
    let range = json!({"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}});
    let hints = editor.ask("textDocument/inlayHint", json!({"textDocument": {"uri": editor.uri("a.toll")}, "range": range})).await;
    assert!(hints.is_array(), "{hints}");
}
