//! Runs a short conversation through the gate, with a world made of print lines.
//!
//! `tollgate-example-embed PLAN DATA…`, where a datum is `name=file.json`.

use std::process::ExitCode;

use serde_json::{Value, json};
use tollgate_example_embed::{Answer, Approval, Gate, Host, ToolCall};

/// A world in which every tool answers, and people approve what is cheap.
struct PrintedWorld;

impl Host for PrintedWorld {
    fn now(&mut self) -> String {
        "2026-11-12T10:00:00Z".to_owned()
    }

    fn run(&mut self, call: &ToolCall<'_>, args: &Value) -> Result<Value, String> {
        println!("    run      {}/{} {args}", call.server, call.name);
        Ok(json!({ "text": "…", "headers": { "set-cookie": "id=17" } }))
    }

    fn approve(&mut self, call: &ToolCall<'_>, reasons: &[String], wanted: &Approval) -> bool {
        let approved = call.name != "transfer";
        let answer = if approved { "yes" } else { "no" };
        println!("    ask      {} within {}: {} -> {answer}", wanted.from.join(", "), wanted.within, reasons.join("; "));
        approved
    }

    fn notify(&mut self, channel: &str, text: &str) -> bool {
        println!("    notify   {channel}: {text}");
        true
    }

    fn audit(&mut self, level: &str, _decision: &str) -> bool {
        println!("    audit    {level}");
        true
    }
}

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tollgate-example-embed: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(args: Vec<String>) -> Result<(), String> {
    let [plan, data @ ..] = args.as_slice() else { return Err("usage: tollgate-example-embed PLAN NAME=FILE…".to_owned()) };
    let read = |path: &str| std::fs::read(path).map_err(|error| format!("cannot read `{path}`: {error}"));
    let named = |datum: &String| {
        let (name, path) = datum.split_once('=').ok_or_else(|| format!("`{datum}` is not `name=file`"))?;
        Ok::<_, String>((name.to_owned(), read(path)?))
    };
    let data = data.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    let data = data.iter().map(|(name, json)| (name.as_str(), json.as_slice()));
    let gate = Gate::open(&read(plan)?, data).map_err(|error| error.to_string())?;
    let mut conversation = gate.begin("assistant-1", "Summarise the page and mail it to ann@corp.example.").map_err(|error| error.to_string())?;
    for call in script() {
        println!("{}/{} {}", call.server, call.name, call.args);
        match conversation.call(&call, &mut PrintedWorld) {
            Answer::Done(result) => println!("    done     {result}"),
            Answer::Failed(message) => println!("    failed   {message}"),
            Answer::Refused(reasons) => println!("    refused  {}", reasons.join("; ")),
        }
    }
    Ok(())
}

/// What the agent tries.
fn script() -> Vec<ToolCall<'static>> {
    let call = |server, name, args| ToolCall { server, name, args };
    let mail = |to: &str| json!({ "to": to, "subject": "The page", "body": "…" });
    vec![
        call("mail", "send", mail("bob@corp.example")),
        call("web", "fetch", json!({ "url": "https://news.example/today" })),
        call("mail", "send", mail("ann@corp.example")),
        call("mail", "send", mail("bob@corp.example")),
        call("mail", "send", mail("eve@mailbox.example")),
        call("pay", "transfer", json!({ "to_iban": "DE02120300000000202051", "amount": 60 })),
        call("pay", "transfer", json!({ "to_iban": "DE02120300000000202051", "amount": 60 })),
        call("pay", "transfer", json!({ "to_iban": "DE02120300000000202051", "amount": -1 })),
        call("shell", "run", json!({ "command": "ls" })),
    ]
}
