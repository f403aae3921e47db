//! Decisions as hosts see them.

use serde::{Deserialize, Serialize};

/// What a decision says of a tool call. The order is that of strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// The call may be made.
    Allow,
    /// A person must approve it first.
    Review,
    /// It may not be made.
    Deny,
}
