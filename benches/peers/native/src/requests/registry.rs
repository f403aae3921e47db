//! W1's requests: three strings, all of them needed.

use serde::Deserialize;

use super::{Decoding, Needed, Shape, Text};

/// Requests to the registry.
pub struct Registry;

#[derive(Deserialize)]
pub struct Request<'a> {
    #[serde(borrow)]
    agent_id: Text<'a>,
    #[serde(borrow)]
    tool_id: Text<'a>,
    #[serde(borrow)]
    requested_risk: Text<'a>,
}

pub struct Facts<'r> {
    pub agent: &'r str,
    pub tool: &'r str,
    pub risk: &'r str,
}

impl Shape for Registry {
    type Facts<'r> = Facts<'r>;
}

impl Decoding<Registry> for Needed {
    type Request<'a> = Request<'a>;

    #[inline(always)]
    fn facts<'r>(request: &'r Request<'_>) -> Facts<'r> {
        Facts { agent: request.agent_id.as_ref(), tool: request.tool_id.as_ref(), risk: request.requested_risk.as_ref() }
    }
}
