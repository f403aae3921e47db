//! How long an editor waits for the language server: the real one, over a pipe, on a workspace of 10,000 rules in 200 files.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

const TOLLGATE: &str = env!("CARGO_BIN_EXE_tollgate");
const FILES: usize = 200;
const RULES: usize = 50;
/// How often each thing is asked.
const TIMES: usize = 200;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // `cargo test` runs benchmarks to see whether they work.
    let is_tried = std::env::args().any(|arg| arg == "--test");
    let (files, times) = if is_tried { (4, 3) } else { (FILES, TIMES) };
    let folder = workspace(files)?;
    let start = Instant::now();
    let mut editor = Editor::start(folder)?;
    editor.open(0)?;
    editor.diagnostics(1)?;
    println!("{} rules in {files} files: first diagnostics after {:.0} ms", files * RULES, milliseconds(start.elapsed()));
    // The thorough look at the set that follows belongs to nobody's waiting.
    std::thread::sleep(Duration::from_secs(if is_tried { 0 } else { 4 }));
    measure("edit to diagnostics of the file", times, |turn| editor.edit(turn))?;
    measure("edit to diagnostics, when nobody typed for a second", times / 20, |turn| {
        std::thread::sleep(Duration::from_secs(1));
        editor.edit(times + turn)
    })?;
    for (what, method, line, character) in [
        ("completion of members", "completion", 5, 40),
        ("completion of names", "completion", 5, 34),
        ("hover", "hover", 5, 8),
        ("definition", "definition", 5, 36),
        ("document symbols", "documentSymbol", 0, 0),
        ("semantic tokens", "semanticTokens/full", 0, 0),
    ] {
        measure(what, times, |_| editor.ask(method, line, character))?;
    }
    measure("references", times.min(10), |_| editor.ask("references", 2, 5))?;
    println!("memory: {} MB", editor.memory().unwrap_or_default() / 1024);
    editor.process.kill()?;
    Ok(())
}

/// Files of rules about tools, with a shared package.
fn workspace(files: usize) -> Result<TempDir> {
    let folder = TempDir::new()?;
    for file in 0..files {
        std::fs::write(folder.path().join(format!("p{file}.toll")), text(file))?;
    }
    std::fs::write(
        folder.path().join("shared.toll"),
        "package shared\n\nlet limit = 10\n\ntype Grant { tool: string, ceiling: int }\n\ndata grants: map<Grant> = {}\n",
    )?;
    Ok(folder)
}

fn text(file: usize) -> String {
    let rule = |rule: usize| {
        format!(
            "\ndeny r{rule} on \"s{file}/t{}\"\n  when agent.id == \"a{rule}\" and args.rows > shared.limit and context.environment == \"prod\"\n  because \"{{args.rows}} rows\"\n",
            rule % 5
        )
    };
    let tools: String = (0..5).map(|tool| format!("tool \"s{file}/t{tool}\" {{ args {{ rows: int, to: string }} }}\n")).collect();
    format!(
        "package p{file}\nimport shared\nlet own = 1\n\nallow edited\n  when agent.id == \"x\" and context.environment == \"dev\" and own == 1\n\n{tools}{}",
        (0..RULES).map(rule).collect::<String>()
    )
}

fn measure(what: &str, times: usize, mut work: impl FnMut(usize) -> Result<Duration>) -> Result<()> {
    let mut taken: Vec<Duration> = (0..times.max(1)).map(&mut work).collect::<Result<_>>()?;
    taken.sort();
    let at = |part: usize| taken.get((taken.len() * part / 100).min(taken.len() - 1)).copied().unwrap_or_default();
    println!("{what}: {:.1} ms (median), {:.1} ms (95 %), {:.1} ms (all)", milliseconds(at(50)), milliseconds(at(95)), milliseconds(at(100)));
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// An editor at the other end of the server's pipes.
struct Editor {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    folder: TempDir,
    last: usize,
    version: usize,
}

impl Editor {
    fn start(folder: TempDir) -> Result<Editor> {
        let mut process = Command::new(TOLLGATE).arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = process.stdin.take().ok_or("no input")?;
        let output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut editor = Editor { process, input, output, folder, last: 0, version: 1 };
        let uri = format!("file://{}", editor.folder.path().display());
        let capabilities = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
        let params = json!({"capabilities": capabilities, "workspaceFolders": [{"uri": uri, "name": "w"}]});
        editor.request("initialize", params)?;
        editor.send(&json!({"jsonrpc": "2.0", "method": "initialized", "params": {}}))?;
        Ok(editor)
    }

    fn uri(&self, file: usize) -> String {
        format!("file://{}/p{file}.toll", self.folder.path().display())
    }

    fn open(&mut self, file: usize) -> Result<()> {
        let document = json!({"uri": self.uri(file), "languageId": "toll", "version": 1, "text": text(file)});
        self.send(&json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": document}}))
    }

    /// Types a character into a condition, and waits for what is said of the file.
    fn edit(&mut self, turn: usize) -> Result<Duration> {
        self.version += 1;
        let at = |character: usize| json!({"line": 5, "character": character});
        let (end, new) = if turn.is_multiple_of(2) { (21, "y") } else { (21, "x") };
        let change = json!([{"range": {"start": at(end - 1), "end": at(end)}, "text": new}]);
        let document = json!({"uri": self.uri(0), "version": self.version});
        let start = Instant::now();
        self.send(&json!({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": document, "contentChanges": change}}))?;
        self.diagnostics(self.version)?;
        Ok(start.elapsed())
    }

    /// Waits for what is said of a version of the file.
    fn diagnostics(&mut self, version: usize) -> Result<()> {
        let uri = self.uri(0);
        loop {
            let message = self.receive()?;
            let is = |pointer: &str, value: Value| message.pointer(pointer) == Some(&value);
            if is("/method", json!("textDocument/publishDiagnostics")) && is("/params/uri", json!(uri)) && is("/params/version", json!(version)) {
                return Ok(());
            }
        }
    }

    fn ask(&mut self, method: &str, line: usize, character: usize) -> Result<Duration> {
        let params = json!({
            "textDocument": {"uri": self.uri(0)},
            "position": {"line": line, "character": character},
            "context": {"includeDeclaration": true, "triggerKind": 1},
        });
        let start = Instant::now();
        let answer = self.request(&format!("textDocument/{method}"), params)?;
        let taken = start.elapsed();
        if answer.get("result").is_none_or(Value::is_null) {
            return Err(format!("{method} has no answer: {answer}").into());
        }
        Ok(taken)
    }

    fn request(&mut self, method: &str, params: Value) -> Result<Value> {
        self.last += 1;
        self.send(&json!({"jsonrpc": "2.0", "id": self.last, "method": method, "params": params}))?;
        loop {
            let message = self.receive()?;
            if message.get("id") == Some(&json!(self.last)) && message.get("method").is_none() {
                return Ok(message);
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<()> {
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        Ok(self.input.flush()?)
    }

    /// The next message; what the server asks is answered with nothing.
    fn receive(&mut self) -> Result<Value> {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                return Err("the server is gone".into());
            }
            match line.trim_end() {
                "" => break,
                header => length = header.strip_prefix("Content-Length: ").map_or(Ok(length), str::parse)?,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body)?;
        let message: Value = serde_json::from_slice(&body)?;
        if let Some(id) = message.get("id").filter(|_| message.get("method").is_some()) {
            self.send(&json!({"jsonrpc": "2.0", "id": id, "result": null}))?;
        }
        Ok(message)
    }

    /// How much memory the server has, in KiB, where the system tells.
    fn memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
    }
}
