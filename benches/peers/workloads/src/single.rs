//! W3, one realistic policy: three clauses that deny, three that review (one by a score of four parts), three that allow; calls of about 1 KB.

use serde::Serialize;
use serde_json::Value;

use crate::call::{ENVIRONMENTS, Tool, User, time};
use crate::random::Random;
use crate::registry::{RISKS, risk_rank};
use crate::{Effect, Expected};

const ALLOWED_DOMAINS: [&str; 5] = ["corp.example", "partner.example", "audit.example", "legal.example", "cloud.example"];
const OTHER_DOMAINS: [&str; 5] = ["gmail.example", "evil.example", "corp.example.evil.example", "notcorp.example", "mail.example"];
const GROUPS: [&str; 5] = ["ops", "dev", "sales", "finance", "hr"];

/// The tools and their categories; policies say the same.
const TOOLS: [(&str, &str); 16] = [
    ("read_file", "read"),
    ("search_docs", "read"),
    ("query_database", "read"),
    ("write_database", "write"),
    ("export_data", "write"),
    ("send_email", "write"),
    ("delete_record", "delete"),
    ("transfer_funds", "transfer"),
    ("publish_post", "publish"),
    ("create_ticket", "write"),
    ("list_users", "read"),
    ("update_record", "write"),
    ("run_report", "read"),
    ("get_weather", "read"),
    ("post_message", "publish"),
    ("archive_thread", "write"),
];

/// The clauses and their effects.
const CLAUSES: [(&str, Effect); 9] = [
    ("d1", Effect::Deny),
    ("d2", Effect::Deny),
    ("d3", Effect::Deny),
    ("v1", Effect::Review),
    ("v2", Effect::Review),
    ("v3", Effect::Review),
    ("a1", Effect::Allow),
    ("a2", Effect::Allow),
    ("a3", Effect::Allow),
];

#[derive(Serialize)]
struct Agent {
    id: String,
    role: String,
    team: String,
    r#type: String,
    revoked: bool,
    tools: Vec<String>,
    max_risk: String,
}

#[derive(Serialize)]
struct Args {
    data_type: String,
    size: i64,
    recipient: String,
    subject: String,
    body: String,
}

#[derive(Serialize)]
struct Context {
    time: String,
    environment: String,
    trace_id: String,
}

#[derive(Serialize)]
pub(crate) struct Request {
    agent: Agent,
    user: User,
    tool: Tool,
    args: Args,
    context: Context,
    requested_risk: String,
}

pub(crate) fn requests(count: usize, seed: u64) -> Vec<Request> {
    let mut random = Random::stream(seed, 31);
    (0..count).map(|_| request(&mut random)).collect()
}

fn request(random: &mut Random) -> Request {
    let (name, category) = *random.pick(&TOOLS);
    let agent = agent(random);
    let id = format!("user-{:05}", random.below(5_000));
    let user = User { id, groups: random.distinct(3, 5).into_iter().map(|group| GROUPS[group as usize].to_string()).collect() };
    let args = args(random);
    let context = Context { time: time(random), environment: random.pick(&ENVIRONMENTS).to_string(), trace_id: random.hex(32) };
    let tool = Tool { name: name.into(), server: format!("server_{:02}", random.below(20)), category: category.into() };
    Request { agent, user, tool, args, context, requested_risk: random.pick(&RISKS).to_string() }
}

fn agent(random: &mut Random) -> Agent {
    Agent {
        id: format!("agent-{:05}", random.below(10_000)),
        role: random.pick(&["admin", "analyst", "support", "engineer"]).to_string(),
        team: format!("team_{:02}", random.below(30)),
        r#type: if random.percent(80) { "agent" } else { "human" }.into(),
        revoked: random.percent(4),
        tools: random.distinct(6, 16).into_iter().map(|tool| TOOLS[tool as usize].0.to_string()).collect(),
        max_risk: random.pick(&RISKS).to_string(),
    }
}

fn args(random: &mut Random) -> Args {
    let domain = if random.percent(70) { random.pick(&ALLOWED_DOMAINS) } else { random.pick(&OTHER_DOMAINS) };
    Args {
        data_type: random.pick(&["public", "internal", "sensitive"]).to_string(),
        size: random.size(),
        recipient: format!("contact.{:04}@{domain}", random.below(10_000)),
        subject: random.text(60),
        body: random.text(400),
    }
}

/// Every clause is looked at; those of the strongest effect decide.
pub(crate) fn decide(request: &Value) -> Expected {
    let holds = clauses(request);
    let matching: Vec<_> = CLAUSES.iter().zip(holds).filter(|(_, holds)| *holds).map(|(clause, _)| clause).collect();
    let effect = matching.iter().map(|(_, effect)| *effect).min().unwrap_or(Effect::Deny);
    Expected::new(effect, matching.iter().filter(|(_, each)| *each == effect).map(|(name, _)| name.to_string()))
}

fn clauses(request: &Value) -> [bool; 9] {
    let text = |object: &str, field: &str| request[object][field].as_str().unwrap_or_default();
    let holds = |object: &str, field: &str, value: &str| request[object][field].as_array().is_some_and(|all| all.iter().any(|each| each == value));
    let (category, environment, tool) = (text("tool", "category"), text("context", "environment"), text("tool", "name"));
    let sensitive = text("args", "data_type") == "sensitive";
    let large = request["args"]["size"].as_i64().unwrap_or_default() > 1_000;
    let domain = text("args", "recipient").split('@').nth(1).unwrap_or_default();
    let parts = [(category == "write", 40), (sensitive, 30), (large, 20), (environment == "prod", 20)];
    let risk: i64 = parts.iter().filter(|(holds, _)| *holds).map(|(_, points)| points).sum();
    [
        request["agent"]["revoked"] == true,
        category == "delete" && environment == "prod" && text("agent", "type") == "agent",
        sensitive && !ALLOWED_DOMAINS.contains(&domain),
        ["delete", "transfer", "publish"].contains(&category),
        ["export_data", "write_database"].contains(&tool) && text("agent", "role") != "admin" && sensitive && large,
        risk.min(100) >= 60,
        holds("agent", "tools", tool) && risk_rank(request["requested_risk"].as_str().unwrap_or_default()) <= risk_rank(text("agent", "max_risk")),
        category == "read" && !sensitive,
        holds("user", "groups", "ops") && environment == "dev",
    ]
}
