//! An editor at the other end of a pipe.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream, ReadHalf, WriteHalf};

/// An editor with one folder open.
pub struct Editor {
    output: WriteHalf<DuplexStream>,
    input: BufReader<ReadHalf<DuplexStream>>,
    pub folder: TempDir,
    last: u32,
}

/// The project of a folder. Its settings are read once, as the command does: they may be written between two looks.
fn project(folder: &Path) -> tollgate_lsp::Project {
    let settings = folder.join("tollgate.toml");
    let is_broken = std::fs::read_to_string(&settings).is_ok_and(|text| text == "broken");
    let no_setting = |file| tollgate_lsp::Problem { file, at: None, message: "no setting is so".to_owned() };
    tollgate_lsp::Project {
        unreadable: Some(settings).filter(|_| is_broken).map(no_setting),
        // As the command has it where a `tollgate.toml` is.
        roots: vec![folder.ancestors().map(|above| above.join("policies")).find(|root| root.is_dir()).unwrap_or(PathBuf::from(folder))],
        data: Some(folder.join("data")).filter(|path| path.is_dir() && !is_broken),
        input: Some(folder.join("call.json")).filter(|path| path.is_file()),
        calls: Some(folder.join("calls.jsonl")).filter(|path| path.is_file()),
        ..tollgate_lsp::Project::default()
    }
}

impl Editor {
    /// One that can do little, with files in its folder.
    pub async fn start(files: &[(&str, &str)]) -> Editor {
        Editor::able(json!({}), files).await
    }

    /// One that says what it can do.
    pub async fn able(capabilities: Value, files: &[(&str, &str)]) -> Editor {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (read, write) = tokio::io::split(theirs);
        tokio::spawn(tollgate_lsp::serve(read, write, project));
        let (input, output) = tokio::io::split(ours);
        let mut editor = Editor { output, input: BufReader::new(input), folder, last: 1 };
        let folder = editor.uri("");
        editor
            .send(json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params":
            {"capabilities": capabilities, "workspaceFolders": [{"uri": folder, "name": "f"}]}}))
            .await;
        let answer = editor.receive().await;
        assert_eq!(answer["result"]["capabilities"]["textDocumentSync"]["change"], 2);
        editor.notify("initialized", json!({})).await;
        editor
    }

    pub fn uri(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        format!("file://{}", path.display().to_string().trim_end_matches('/'))
    }

    pub async fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params})).await;
    }

    pub async fn open(&mut self, name: &str, text: &str) {
        let document = json!({"uri": self.uri(name), "languageId": "toll", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document})).await;
    }

    pub async fn change(&mut self, name: &str, version: i32, changes: Value) {
        let document = json!({"uri": self.uri(name), "version": version});
        self.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": changes})).await;
    }

    pub async fn send(&mut self, message: Value) {
        self.send_raw(&message.to_string()).await;
    }

    pub async fn send_raw(&mut self, body: &str) {
        self.output.write_all(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    }

    pub async fn receive(&mut self) -> Value {
        tokio::time::timeout(Duration::from_secs(20), self.read()).await.expect("a message within seconds")
    }

    async fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.input.read_line(&mut line).await.unwrap();
            match line.trim_end() {
                "" => break,
                header => length = header.strip_prefix("Content-Length: ").map_or(length, |value| value.parse().unwrap()),
            }
        }
        let mut body = vec![0; length];
        self.input.read_exact(&mut body).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    /// Sends a request and gives the number under which its answer comes.
    pub async fn request(&mut self, method: &str, params: Value) -> u32 {
        self.last += 1;
        self.send(json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params})).await;
        self.last
    }

    /// What a request is answered with.
    pub async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params).await;
        let answer = self.answer(id).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// What a request about a place in a document is answered with; `more` goes with the place.
    pub async fn ask_at(&mut self, method: &str, name: &str, (line, character): (u32, u32), more: Value) -> Value {
        let mut params = json!({"textDocument": {"uri": self.uri(name)}, "position": {"line": line, "character": character}});
        params.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        self.ask(method, params).await
    }

    /// The answer to a request. What the server asks meanwhile is answered with nothing.
    pub async fn answer(&mut self, id: u32) -> Value {
        loop {
            let message = self.receive().await;
            if message["id"] == id && message.get("method").is_none() {
                return message;
            }
            self.answer_nothing(&message).await;
        }
    }

    async fn answer_nothing(&mut self, message: &Value) {
        if message.get("method").is_some() && message.get("id").is_some() {
            self.send(json!({"jsonrpc": "2.0", "id": message["id"], "result": null})).await;
        }
    }

    /// The next message of that method; what else the server asks is answered with nothing.
    pub async fn told(&mut self, method: &str) -> Value {
        loop {
            let message = self.receive().await;
            if message["method"] == method {
                return message;
            }
            self.answer_nothing(&message).await;
        }
    }

    /// The diagnostics that are published for a file, once they are as wanted.
    pub async fn diagnostics(&mut self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let uri = self.uri(name);
        loop {
            let message = self.receive().await;
            let params = &message["params"];
            if message["method"] == "textDocument/publishDiagnostics" && params["uri"] == uri.as_str() && wanted(params) {
                return params.clone();
            }
        }
    }
}
