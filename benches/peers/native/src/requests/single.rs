//! W3's requests.

use serde::Deserialize;

use super::gateway::Tool;
use super::{Decoding, Everything, Needed, Owned, Shape, Text, Texts};

/// Calls under the one policy.
pub struct Single;

pub struct Facts<'r> {
    pub role: &'r str,
    pub agent_type: &'r str,
    pub revoked: bool,
    pub granted_tools: Texts<'r>,
    pub max_risk: &'r str,
    pub groups: Texts<'r>,
    pub tool: &'r str,
    pub category: &'r str,
    pub data_type: &'r str,
    pub size: i64,
    pub recipient: &'r str,
    pub environment: &'r str,
    pub requested_risk: &'r str,
}

impl Shape for Single {
    type Facts<'r> = Facts<'r>;
}

/// The fields that the policy reads.
#[derive(Deserialize)]
pub struct Read<'a> {
    #[serde(borrow)]
    agent: ReadAgent<'a>,
    #[serde(borrow)]
    user: ReadUser<'a>,
    #[serde(borrow)]
    tool: ReadTool<'a>,
    #[serde(borrow)]
    args: ReadArgs<'a>,
    #[serde(borrow)]
    context: ReadContext<'a>,
    #[serde(borrow)]
    requested_risk: Text<'a>,
}

#[derive(Deserialize)]
struct ReadAgent<'a> {
    #[serde(borrow)]
    role: Text<'a>,
    #[serde(borrow)]
    r#type: Text<'a>,
    revoked: bool,
    #[serde(borrow)]
    tools: Vec<Text<'a>>,
    #[serde(borrow)]
    max_risk: Text<'a>,
}

#[derive(Deserialize)]
struct ReadUser<'a> {
    #[serde(borrow)]
    groups: Vec<Text<'a>>,
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

impl Decoding<Single> for Needed {
    type Request<'a> = Read<'a>;

    #[inline(always)]
    fn facts<'r>(request: &'r Read<'_>) -> Facts<'r> {
        Facts {
            role: request.agent.role.as_ref(),
            agent_type: request.agent.r#type.as_ref(),
            revoked: request.agent.revoked,
            granted_tools: Texts::Borrowed(&request.agent.tools),
            max_risk: request.agent.max_risk.as_ref(),
            groups: Texts::Borrowed(&request.user.groups),
            tool: request.tool.name.as_ref(),
            category: request.tool.category.as_ref(),
            data_type: request.args.data_type.as_ref(),
            size: request.args.size,
            recipient: request.args.recipient.as_ref(),
            environment: request.context.environment.as_ref(),
            requested_risk: request.requested_risk.as_ref(),
        }
    }
}

/// All fields, with strings of some kind.
#[derive(Deserialize)]
pub struct Whole<T> {
    agent: Agent<T>,
    user: User<T>,
    tool: Tool<T>,
    args: Args<T>,
    context: Context<T>,
    requested_risk: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
struct Agent<T> {
    id: T,
    role: T,
    team: T,
    r#type: T,
    revoked: bool,
    tools: Vec<T>,
    max_risk: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
struct User<T> {
    id: T,
    groups: Vec<T>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
struct Args<T> {
    data_type: T,
    size: i64,
    recipient: T,
    subject: T,
    body: T,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "read, though of no use to the policy")]
struct Context<T> {
    time: T,
    environment: T,
    trace_id: T,
}

impl<T: AsRef<str>> Whole<T> {
    #[inline(always)]
    fn facts<'r>(&'r self) -> Facts<'r>
    where
        Texts<'r>: From<&'r Vec<T>>,
    {
        Facts {
            role: self.agent.role.as_ref(),
            agent_type: self.agent.r#type.as_ref(),
            revoked: self.agent.revoked,
            granted_tools: Texts::from(&self.agent.tools),
            max_risk: self.agent.max_risk.as_ref(),
            groups: Texts::from(&self.user.groups),
            tool: self.tool.name.as_ref(),
            category: self.tool.category.as_ref(),
            data_type: self.args.data_type.as_ref(),
            size: self.args.size,
            recipient: self.args.recipient.as_ref(),
            environment: self.context.environment.as_ref(),
            requested_risk: self.requested_risk.as_ref(),
        }
    }
}

impl Decoding<Single> for Everything {
    type Request<'a> = Whole<Text<'a>>;

    #[inline(always)]
    fn facts<'r>(request: &'r Whole<Text<'_>>) -> Facts<'r> {
        request.facts()
    }
}

impl Decoding<Single> for Owned {
    type Request<'a> = Whole<String>;

    #[inline(always)]
    fn facts<'r>(request: &'r Whole<String>) -> Facts<'r> {
        request.facts()
    }
}
