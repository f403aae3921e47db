//! What could still become of a call whose arguments are not known yet.

use serde::Serialize;

/// What an agent could still be told of a declared tool, whatever arguments that fit it passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToolOutlook {
    /// The tool, as it is declared: `server/name`, or `name`.
    pub tool: String,
    /// Whether some arguments may be allowed.
    pub allow: bool,
    /// Whether some arguments may wait for a review.
    pub review: bool,
    /// Whether some arguments may be denied.
    pub deny: bool,
}

impl ToolOutlook {
    /// Whether every call will be denied, so that the agent need not be shown the tool.
    pub fn is_hopeless(&self) -> bool {
        !self.allow && !self.review
    }
}
