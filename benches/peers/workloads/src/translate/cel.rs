//! CEL: an expression a rule; what an expression's truth means is the host's business.

use super::{elements, quoted};
use crate::{Condition, Effect, Rule, Test};

/// W1.
pub const REGISTRY: &str = "agent_id in agents && tool_id in agents[agent_id].tools && risk[requested_risk] <= risk[agents[agent_id].max_risk]";

/// W3.
pub const SINGLE: [(Effect, &str); 9] = [
    (Effect::Deny, "agent.revoked"),
    (Effect::Deny, r#"tool.category == "delete" && context.environment == "prod" && agent.type == "agent""#),
    (
        Effect::Deny,
        r#"args.data_type == "sensitive" && !["@corp.example", "@partner.example", "@audit.example", "@legal.example", "@cloud.example"]
            .exists(d, args.recipient.endsWith(d))"#,
    ),
    (Effect::Review, r#"tool.category in ["delete", "transfer", "publish"]"#),
    (
        Effect::Review,
        r#"tool.name in ["export_data", "write_database"] && agent.role != "admin" && args.data_type == "sensitive" && args.size > 1000"#,
    ),
    (
        Effect::Review,
        r#"(tool.category == "write" ? 40 : 0) + (args.data_type == "sensitive" ? 30 : 0) + (args.size > 1000 ? 20 : 0)
            + (context.environment == "prod" ? 20 : 0) >= 60"#,
    ),
    (
        Effect::Allow,
        r#"tool.name in agent.tools && {"low": 0, "medium": 1, "high": 2, "critical": 3}[requested_risk]
            <= {"low": 0, "medium": 1, "high": 2, "critical": 3}[agent.max_risk]"#,
    ),
    (Effect::Allow, r#"tool.category == "read" && args.data_type != "sensitive""#),
    (Effect::Allow, r#""ops" in user.groups && context.environment == "dev""#),
];

/// A rule as an expression.
pub fn expression(rule: &Rule) -> String {
    let tools = match &*rule.tools {
        [] => None,
        [only] => Some(format!("tool.name == {}", quoted(only))),
        several => Some(format!("tool.name in [{}]", elements(several))),
    };
    tools.into_iter().chain(rule.conditions.iter().map(condition)).collect::<Vec<_>>().join(" && ")
}

fn condition(condition: &Condition) -> String {
    let field = &condition.attribute;
    match &condition.test {
        Test::Equals(text) => format!("{field} == {}", quoted(text)),
        Test::Differs(text) => format!("{field} != {}", quoted(text)),
        Test::OneOf(texts) => format!("{field} in [{}]", elements(texts)),
        Test::StartsWith(text) => format!("{field}.startsWith({})", quoted(text)),
        Test::EndsWith(text) => format!("{field}.endsWith({})", quoted(text)),
        Test::Above(bound) => format!("{field} > {bound}"),
        Test::AtLeast(bound) => format!("{field} >= {bound}"),
        Test::Below(bound) => format!("{field} < {bound}"),
    }
}
