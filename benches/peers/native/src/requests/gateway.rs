//! W2's requests.

use serde::Deserialize;

use super::{Decoding, Everything, Needed, Owned, Shape, Text};

/// Calls through the gateway.
pub struct Gateway;

pub struct Facts<'r> {
    pub role: &'r str,
    pub tool: &'r str,
    pub category: &'r str,
    pub data_type: &'r str,
    pub size: i64,
    pub recipient: &'r str,
    pub environment: &'r str,
}

impl Shape for Gateway {
    type Facts<'r> = Facts<'r>;
}

/// The fields that rules read.
#[derive(Deserialize)]
pub struct Read<'a> {
    #[serde(borrow)]
    agent: ReadAgent<'a>,
    #[serde(borrow)]
    tool: ReadTool<'a>,
    #[serde(borrow)]
    args: ReadArgs<'a>,
    #[serde(borrow)]
    context: ReadContext<'a>,
}

#[derive(Deserialize)]
struct ReadAgent<'a> {
    #[serde(borrow)]
    role: Text<'a>,
}

#[derive(Deserialize)]
struct ReadTool<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    category: Text<'a>,
}

#[derive(Deserialize)]
struct ReadArgs<'a> {
    #[serde(borrow)]
    data_type: Text<'a>,
    size: i64,
    #[serde(borrow)]
    recipient: Text<'a>,
}

#[derive(Deserialize)]
struct ReadContext<'a> {
    #[serde(borrow)]
    environment: Text<'a>,
}

impl Decoding<Gateway> for Needed {
    type Request<'a> = Read<'a>;

    #[inline(always)]
    fn facts<'r>(request: &'r Read<'_>) -> Facts<'r> {
        Facts {
            role: request.agent.role.as_ref(),
            tool: request.tool.name.as_ref(),
            category: request.tool.category.as_ref(),
            data_type: request.args.data_type.as_ref(),
            size: request.args.size,
            recipient: request.args.recipient.as_ref(),
            environment: request.context.environment.as_ref(),
        }
    }
}

/// All fields, with strings of some kind.
#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
pub struct Whole<T> {
    agent: Agent<T>,
    user: User<T>,
    tool: Tool<T>,
    args: Args<T>,
    context: Context<T>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
pub(super) struct Agent<T> {
    pub id: T,
    pub role: T,
    team: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
pub(super) struct User<T> {
    pub id: T,
    groups: Vec<T>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
pub(super) struct Tool<T> {
    pub name: T,
    server: T,
    pub category: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
struct Args<T> {
    data_type: T,
    size: i64,
    recipient: T,
    subject: T,
    format: T,
    priority: i64,
    body: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
pub(super) struct Context<T> {
    time: T,
    pub environment: T,
    trace_id: T,
    session_id: T,
    source_ip: T,
}

impl<T: AsRef<str>> Whole<T> {
    #[inline(always)]
    fn facts(&self) -> Facts<'_> {
        Facts {
            role: self.agent.role.as_ref(),
            tool: self.tool.name.as_ref(),
            category: self.tool.category.as_ref(),
            data_type: self.args.data_type.as_ref(),
            size: self.args.size,
            recipient: self.args.recipient.as_ref(),
            environment: self.context.environment.as_ref(),
        }
    }
}

impl Decoding<Gateway> for Everything {
    type Request<'a> = Whole<Text<'a>>;

    #[inline(always)]
    fn facts<'r>(request: &'r Whole<Text<'_>>) -> Facts<'r> {
        request.facts()
    }
}

impl Decoding<Gateway> for Owned {
    type Request<'a> = Whole<String>;

    #[inline(always)]
    fn facts<'r>(request: &'r Whole<String>) -> Facts<'r> {
        request.facts()
    }
}
