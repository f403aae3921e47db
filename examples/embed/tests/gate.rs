//! The gate with the policy of this example, in a world that remembers what was done to it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set up fails")]

use serde_json::{Value, json};
use tollgate_example_embed::{Answer, Approval, Conversation, Gate, GateError, Host, ToolCall};

/// What happened, one line each.
#[derive(Default)]
struct World {
    happened: Vec<String>,
    approves: bool,
    is_broken: bool,
}

impl Host for World {
    fn now(&mut self) -> String {
        "2026-11-12T10:00:00Z".to_owned()
    }

    fn run(&mut self, call: &ToolCall<'_>, args: &Value) -> Result<Value, String> {
        self.happened.push(format!("run {} {args}", call.name));
        Ok(json!({ "headers": { "set-cookie": "secret" }, "text": "hello" }))
    }

    fn approve(&mut self, _call: &ToolCall<'_>, reasons: &[String], wanted: &Approval) -> bool {
        self.happened.push(format!("ask {} {}: {}", wanted.from.join(","), wanted.within, reasons.join("; ")));
        self.approves
    }

    fn notify(&mut self, channel: &str, _text: &str) -> bool {
        self.happened.push(format!("notify {channel}"));
        true
    }

    fn audit(&mut self, level: &str, _decision: &str) -> bool {
        self.happened.push(format!("audit {level}"));
        !self.is_broken
    }
}

fn gate() -> Gate {
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let plan = tollgate_compiler::compile(policies).unwrap_or_else(|error| panic!("{error}")).to_bytes();
    Gate::open(&plan, [("staff_domains", br#"["corp.example"]"#.as_slice())]).unwrap()
}

fn conversation() -> Conversation {
    gate().begin("assistant-1", "mail the page to ann@corp.example").unwrap()
}

fn fetch() -> ToolCall<'static> {
    ToolCall { server: "web", name: "fetch", args: json!({ "url": "https://news.example/" }) }
}

fn mail(to: &str) -> ToolCall<'static> {
    ToolCall { server: "mail", name: "send", args: json!({ "to": to, "subject": "s", "body": "b" }) }
}

fn transfer(amount: i64) -> ToolCall<'static> {
    ToolCall { server: "pay", name: "transfer", args: json!({ "to_iban": "DE02120300000000202051", "amount": amount }) }
}

#[test]
fn a_result_is_redacted() {
    let mut world = World::default();
    let answer = conversation().call(&fetch(), &mut world);
    assert_eq!(answer, Answer::Done(json!({ "headers": { "set-cookie": "[redacted]" }, "text": "hello" })));
    assert_eq!(world.happened, ["audit basic", r#"run fetch {"url":"https://news.example/"}"#]);
}

#[test]
fn an_argument_is_set() {
    let mut world = World::default();
    conversation().call(&mail("bob@corp.example"), &mut world);
    assert_eq!(world.happened, [r#"run send {"to":"bob@corp.example","subject":"s","body":"b","footer":"Sent by an assistant."}"#]);
}

#[test]
fn what_was_read_changes_what_may_be_done() {
    let mut conversation = conversation();
    let mut world = World::default();
    conversation.call(&fetch(), &mut world);
    let answer = conversation.call(&mail("bob@corp.example"), &mut world);
    assert!(matches!(answer, Answer::Refused(reasons) if reasons.last().unwrap() == "nobody approved it"));
    assert!(world.happened[2].starts_with("ask user 10m: the conversation has read the web"), "{:?}", world.happened);
    assert!(matches!(conversation.call(&mail("ann@corp.example"), &mut world), Answer::Done(_)));
}

#[test]
fn an_approval_lets_the_call_through() {
    let mut conversation = conversation();
    let mut world = World { approves: true, ..World::default() };
    assert!(matches!(conversation.call(&transfer(500), &mut world), Answer::Done(_)));
    assert_eq!(world.happened.len(), 3);
}

#[test]
fn amounts_add_up_over_the_conversation() {
    let mut conversation = conversation();
    let mut world = World::default();
    assert!(matches!(conversation.call(&transfer(60), &mut world), Answer::Done(_)));
    assert!(matches!(conversation.call(&transfer(60), &mut world), Answer::Refused(_)));
    assert!(matches!(conversation.call(&transfer(40), &mut world), Answer::Done(_)), "a refused transfer moves nothing");
}

#[test]
fn an_unknown_obligation_refuses_the_call() {
    let mut world = World::default();
    let answer = conversation().call(&ToolCall { server: "shell", name: "run", args: json!({ "command": "ls" }) }, &mut world);
    assert!(matches!(answer, Answer::Refused(_)));
    assert!(world.happened.is_empty());
}

#[test]
fn an_obligation_that_fails_refuses_the_call() {
    let mut world = World { is_broken: true, ..World::default() };
    assert!(matches!(conversation().call(&fetch(), &mut world), Answer::Refused(_)));
    assert_eq!(world.happened, ["audit basic"]);
}

#[test]
fn arguments_that_do_not_fit_are_refused_with_the_path() {
    let answer = conversation().call(&transfer(-1), &mut World::default());
    let Answer::Refused(reasons) = answer else { panic!("{answer:?}") };
    assert!(reasons.iter().any(|reason| reason.contains("amount")), "{reasons:?}");
}

#[test]
fn damaged_plans_and_missing_data_give_no_gate() {
    assert!(matches!(Gate::open(b"nonsense", []), Err(GateError::Plan(_))));
    let plan = tollgate_compiler::compile(concat!(env!("CARGO_MANIFEST_DIR"), "/policies")).unwrap().to_bytes();
    assert!(matches!(Gate::open(&plan, []), Err(GateError::Unbound(names)) if names == ["assistant.staff_domains"]));
    assert!(matches!(Gate::open(&plan, [("staff_domains", b"{}".as_slice())]), Err(GateError::Data(_))));
}

#[test]
fn data_are_replaced_under_way() {
    let gate = gate();
    let mut conversation = gate.begin("assistant-1", "").unwrap();
    let mut world = World::default();
    assert!(matches!(conversation.call(&mail("bob@new.example"), &mut world), Answer::Refused(_)));
    gate.replace_data("staff_domains", br#"["new.example"]"#).unwrap();
    assert!(matches!(conversation.call(&mail("bob@new.example"), &mut world), Answer::Done(_)));
}
