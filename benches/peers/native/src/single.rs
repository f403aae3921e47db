//! W3: the clauses as conditions.

use peers_workloads::Effect;

use crate::Policy;
use crate::registry::risk;
use crate::requests::single::{Facts, Single};

/// The policy, which has no state.
pub struct Clauses;

impl Policy<Single> for Clauses {
    fn decide(&self, call: &Facts<'_>) -> Effect {
        let sensitive = call.data_type == "sensitive";
        let domain = call.recipient.rsplit_once('@').map_or("", |(_, domain)| domain);
        let known = matches!(domain, "corp.example" | "partner.example" | "audit.example" | "legal.example" | "cloud.example");
        let production = call.environment == "prod";
        if call.revoked || (call.category == "delete" && production && call.agent_type == "agent") || (sensitive && !known) {
            return Effect::Deny;
        }
        let large = call.size > 1_000;
        let risk_points = 40 * u32::from(call.category == "write") + 30 * u32::from(sensitive) + 20 * u32::from(large) + 20 * u32::from(production);
        if matches!(call.category, "delete" | "transfer" | "publish")
            || (matches!(call.tool, "export_data" | "write_database") && call.role != "admin" && sensitive && large)
            || risk_points.min(100) >= 60
        {
            return Effect::Review;
        }
        let allowed = (call.granted_tools.contains(call.tool) && risk(call.requested_risk) <= risk(call.max_risk))
            || (call.category == "read" && !sensitive)
            || (call.environment == "dev" && call.groups.contains("ops"));
        if allowed { Effect::Allow } else { Effect::Deny }
    }
}
