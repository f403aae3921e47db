//! Three families of rules that differ in one thing only, and name no tool: the prefix of a path or URL, a range of numbers, an agent's or user's id.

use serde::Serialize;

use crate::call::{Agent, Context, Tool, User};
use crate::gateway::{CATEGORIES, effect};
use crate::random::Random;
use crate::{Condition, Rule, Test};

#[derive(Serialize)]
struct Args {
    target: String,
    amount: i64,
    subject: String,
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

fn rule(number: usize, random: &mut Random, conditions: Vec<Condition>) -> Rule {
    Rule { id: format!("r{number:07}"), effect: effect(random), tools: Vec::new(), conditions }
}

fn request(random: &mut Random) -> Request {
    let (agent, user) = (Agent::draw(random), User::draw(random));
    let tool = Tool {
        name: format!("tool_{:03}", random.below(200)),
        server: format!("server_{:02}", random.below(20)),
        category: random.pick(&CATEGORIES).to_string(),
    };
    let args = Args { target: format!("/tmp/{}", random.hex(8)), amount: random.size(), subject: random.text(60), body: random.text(400) };
    Request { agent, user, tool, args, context: Context::draw(random) }
}

/// Rules for trees of folders and pages, ten a tree: its root, six below that, and three below those.
pub(crate) fn prefix_rules(count: usize, seed: u64) -> Vec<Rule> {
    let mut random = Random::stream(seed, 41);
    let mut root = String::new();
    let mut each = |number: usize| {
        root = match number % 20 {
            0 => format!("/srv/{}/", random.hex(8)),
            10 => format!("https://{}.example/", random.hex(8)),
            _ => std::mem::take(&mut root),
        };
        let below = match number % 10 {
            0 => String::new(),
            place @ 1..=6 => format!("p{place}/"),
            place => format!("p{}/q/", place - 6),
        };
        rule(number, &mut random, vec![Condition::new("args.target", Test::StartsWith(format!("{root}{below}")))])
    };
    (0..count).map(&mut each).collect()
}

/// Nineteen in twenty are below one of the prefixes.
pub(crate) fn prefix_requests(rules: &[Rule], count: usize, seed: u64) -> Vec<Request> {
    let mut random = Random::stream(seed, 42);
    let mut each = || {
        let mut drawn = request(&mut random);
        if let ([Condition { test: Test::StartsWith(start), .. }], false) = (&*random.pick(rules).conditions, random.percent(5)) {
            drawn.args.target = format!("{start}report_{}.txt", random.hex(4));
        }
        drawn
    };
    (0..count).map(|_| each()).collect()
}

/// How far apart the beginnings of ranges are, on average.
const SPACING: u64 = 1_000;

/// Ranges of which about three hold any number.
pub(crate) fn range_rules(count: usize, seed: u64) -> Vec<Rule> {
    let mut random = Random::stream(seed, 51);
    let mut each = |number| {
        let start = random.below(SPACING * count as u64) as i64;
        let end = start + 1 + random.below(6 * SPACING) as i64;
        let at = |test| Condition::new("args.amount", test);
        rule(number, &mut random, vec![at(Test::AtLeast(start)), at(Test::Below(end))])
    };
    (0..count).map(&mut each).collect()
}

pub(crate) fn range_requests(rules: usize, count: usize, seed: u64) -> Vec<Request> {
    let mut random = Random::stream(seed, 52);
    let mut each = || {
        let mut drawn = request(&mut random);
        drawn.args.amount = random.below(SPACING * rules as u64) as i64;
        drawn
    };
    (0..count).map(|_| each()).collect()
}

/// As many agents as rules about agents, and as many users as rules about users.
fn population(rules: usize) -> u64 {
    (rules as u64 / 2).max(1)
}

fn agent_id(number: u64) -> String {
    format!("agent-{number:07}")
}

fn user_id(number: u64) -> String {
    format!("user-{number:07}")
}

/// Rules about one agent or one user each.
pub(crate) fn identity_rules(count: usize, seed: u64) -> Vec<Rule> {
    let mut random = Random::stream(seed, 61);
    let mut each = |number: usize| {
        let drawn = random.below(population(count));
        let condition = match number % 2 {
            0 => Condition::new("agent.id", Test::Equals(agent_id(drawn))),
            _ => Condition::new("user.id", Test::Equals(user_id(drawn))),
        };
        rule(number, &mut random, vec![condition])
    };
    (0..count).map(&mut each).collect()
}

pub(crate) fn identity_requests(rules: usize, count: usize, seed: u64) -> Vec<Request> {
    let mut random = Random::stream(seed, 62);
    let mut each = || {
        let mut drawn = request(&mut random);
        drawn.agent.id = agent_id(random.below(population(rules)));
        drawn.user.id = user_id(random.below(population(rules)));
        drawn
    };
    (0..count).map(|_| each()).collect()
}
