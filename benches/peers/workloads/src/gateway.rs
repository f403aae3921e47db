//! W2, a gateway: rules over tool calls of about 1 KB, a fifth as many tools as rules.
//!
//! 70 % of the rules allow, 20 % review, 10 % deny. One in twenty is about every tool; such a rule is bound to one role and one recipient's domain, as
//! they are in practice (drawn like all others, their denies would decide nearly every call). The others are about one to three tools. Each has one to
//! four conditions.

use serde::Serialize;

use crate::call::{Agent, Context, ENVIRONMENTS, ROLES, Tool, User, role};
use crate::case::SEED;
use crate::random::Random;
use crate::{Condition, Effect, Rule, Test};

/// The categories of tools.
pub const CATEGORIES: [&str; 6] = ["read", "write", "delete", "transfer", "publish", "execute"];
const DATA_TYPES: [&str; 5] = ["public", "internal", "sensitive", "pii", "secret"];
const DOMAINS: u64 = 50;
const SIZES: [i64; 4] = [100, 1_000, 10_000, 100_000];

/// The kinds of conditions that a rule about every tool always has, and those that it may have besides.
const BOUND: [u64; 2] = [0, 4];
const FREE: [u64; 5] = [1, 2, 3, 5, 6];

/// What is known of a tool.
#[derive(Clone, Debug)]
pub struct ToolFacts {
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub server: String,
    /// What it does.
    pub category: &'static str,
}

#[derive(Serialize)]
struct Args {
    data_type: String,
    size: i64,
    recipient: String,
    subject: String,
    format: String,
    priority: i64,
    body: String,
}

#[derive(Serialize)]
pub(crate) struct Request {
    agent: Agent,
    user: User,
    tool: Tool,
    args: Args,
    context: Context,
}

fn tool_count(rules: usize) -> u64 {
    (rules as u64 / 5).max(1)
}

fn tool_name(number: u64) -> String {
    format!("tool_{number:06}")
}

fn domain(random: &mut Random) -> String {
    format!("@domain-{:02}.example", random.below(DOMAINS))
}

/// The tools of a gateway with that many rules.
pub fn tools(rules: usize) -> Vec<ToolFacts> {
    let mut random = Random::stream(SEED, 21);
    let mut facts =
        |number| ToolFacts { name: tool_name(number), server: format!("server_{:02}", random.below(20)), category: random.pick::<&str>(&CATEGORIES) };
    (0..tool_count(rules)).map(&mut facts).collect()
}

pub(crate) fn rules(count: usize, seed: u64) -> Vec<Rule> {
    let mut random = Random::stream(seed, 22);
    (0..count).map(|number| rule(number, tool_count(count), &mut random)).collect()
}

fn rule(number: usize, tools: u64, random: &mut Random) -> Rule {
    let effect = effect(random);
    let everywhere = random.percent(5);
    let tools = if everywhere { Vec::new() } else { own_tools(tools, random) };
    let conditions = conditions(everywhere, random);
    Rule { id: format!("r{number:07}"), effect, tools, conditions }
}

/// Seven in ten allow, two review, one denies.
pub(crate) fn effect(random: &mut Random) -> Effect {
    match random.below(100) {
        0..70 => Effect::Allow,
        70..90 => Effect::Review,
        _ => Effect::Deny,
    }
}

fn own_tools(tools: u64, random: &mut Random) -> Vec<String> {
    let count: u64 = match random.below(100) {
        0..60 => 1,
        60..85 => 2,
        _ => 3,
    };
    random.distinct(count.min(tools) as usize, tools).into_iter().map(tool_name).collect()
}

fn conditions(everywhere: bool, random: &mut Random) -> Vec<Condition> {
    let count = 1 + random.below(4) as usize;
    let kinds = if everywhere {
        let free = random.distinct(count.saturating_sub(BOUND.len()), FREE.len() as u64);
        BOUND.into_iter().chain(free.into_iter().map(|place| FREE[place as usize])).collect()
    } else {
        random.distinct(count, 7)
    };
    let mut roles = Roles::default();
    kinds.into_iter().map(|kind| condition(kind, &mut roles, random)).collect()
}

/// The roles that a rule asks for, so that it never asks for one and against it.
#[derive(Default)]
struct Roles {
    wanted: Option<u64>,
    unwanted: Option<u64>,
}

fn condition(kind: u64, roles: &mut Roles, random: &mut Random) -> Condition {
    match kind {
        0 => {
            let drawn = another(random.below(ROLES), roles.unwanted);
            roles.wanted = Some(drawn);
            Condition::new("agent.role", Test::Equals(role(drawn)))
        }
        1 => {
            let drawn = another(random.below(ROLES), roles.wanted);
            roles.unwanted = Some(drawn);
            Condition::new("agent.role", Test::Differs(role(drawn)))
        }
        2 => Condition::new("args.data_type", Test::Equals(random.pick(&DATA_TYPES).to_string())),
        3 => Condition::new("args.size", Test::Above(*random.pick(&SIZES))),
        4 => Condition::new("args.recipient", Test::EndsWith(domain(random))),
        5 => Condition::new("context.environment", Test::Equals(random.pick(&ENVIRONMENTS).to_string())),
        _ => {
            let count = 1 + random.below(3) as usize;
            let drawn = random.distinct(count, CATEGORIES.len() as u64);
            Condition::new("tool.category", Test::OneOf(drawn.into_iter().map(|place| CATEGORIES[place as usize].to_string()).collect()))
        }
    }
}

fn another(drawn: u64, taken: Option<u64>) -> u64 {
    if taken == Some(drawn) { (drawn + 1) % ROLES } else { drawn }
}

pub(crate) fn requests(rules: usize, count: usize, seed: u64) -> Vec<Request> {
    let tools = tools(rules);
    let mut random = Random::stream(seed, 23);
    (0..count).map(|_| request(&tools, &mut random)).collect()
}

fn request(tools: &[ToolFacts], random: &mut Random) -> Request {
    let tool = tool(tools, random);
    let (agent, user) = (Agent::draw(random), User::draw(random));
    let args = Args {
        data_type: random.pick(&DATA_TYPES).to_string(),
        size: random.size(),
        recipient: format!("contact.{:04}{}", random.below(10_000), domain(random)),
        subject: random.text(60),
        format: random.pick(&["json", "csv", "pdf", "html"]).to_string(),
        priority: random.below(5) as i64,
        body: random.text(400),
    };
    Request { agent, user, tool, args, context: Context::draw(random) }
}

/// One call in twenty is of a tool that the gateway does not know, and of which it therefore knows no category.
fn tool(tools: &[ToolFacts], random: &mut Random) -> Tool {
    if random.percent(5) {
        return Tool {
            name: format!("unknown_{:04}", random.below(1_000)),
            server: format!("server_{:02}", random.below(20)),
            category: String::new(),
        };
    }
    let known = random.pick(tools);
    Tool { name: known.name.clone(), server: known.server.clone(), category: known.category.to_string() }
}
