//! Parts of requests that several workloads share.

use serde::Serialize;

use crate::random::Random;

/// The agent that calls.
#[derive(Serialize)]
pub(crate) struct Agent {
    pub id: String,
    pub role: String,
    pub team: String,
}

/// The person it acts for.
#[derive(Serialize)]
pub(crate) struct User {
    pub id: String,
    pub groups: Vec<String>,
}

/// What is called.
#[derive(Serialize)]
pub(crate) struct Tool {
    pub name: String,
    pub server: String,
    pub category: String,
}

/// The circumstances.
#[derive(Serialize)]
pub(crate) struct Context {
    pub time: String,
    pub environment: String,
    pub trace_id: String,
    pub session_id: String,
    pub source_ip: String,
}

pub(crate) const ROLES: u64 = 20;
pub(crate) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

pub(crate) fn role(number: u64) -> String {
    format!("role_{number:02}")
}

pub(crate) fn time(random: &mut Random) -> String {
    format!("2026-11-{:02}T{:02}:{:02}:{:02}Z", 1 + random.below(28), random.below(24), random.below(60), random.below(60))
}

impl Agent {
    pub fn draw(random: &mut Random) -> Agent {
        Agent { id: format!("agent-{:05}", random.below(10_000)), role: role(random.below(ROLES)), team: format!("team_{:02}", random.below(30)) }
    }
}

impl User {
    pub fn draw(random: &mut Random) -> User {
        let id = format!("user-{:05}", random.below(5_000));
        User { id, groups: random.distinct(3, 12).into_iter().map(|group| format!("group_{group:02}")).collect() }
    }
}

impl Context {
    pub fn draw(random: &mut Random) -> Context {
        Context {
            time: time(random),
            environment: random.pick(&ENVIRONMENTS).to_string(),
            trace_id: random.hex(32),
            session_id: random.hex(32),
            source_ip: format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256)),
        }
    }
}
