//! Workloads for comparing policy engines: requests of AI agents to call tools, the rules that they are decided by, and what is to be decided.
//!
//! Everything is a function of the workload, its size and a seed, and depends on no engine. [`Workload::generate`] computes what is expected with a
//! deliberately naive evaluator over JSON values; [`translate`] writes rules in each engine's language.

mod call;
mod case;
mod families;
mod gateway;
mod random;
mod registry;
mod rules;
mod single;
pub mod translate;

pub use case::{Case, Expected, Workload};
pub use gateway::{CATEGORIES, ToolFacts, tools};
pub use registry::{Grant, RISKS, Registry, risk_rank};
pub use rules::{Condition, Rule, Test};

use serde::{Deserialize, Serialize};

/// What is decided of a call; the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// It may not be made.
    Deny,
    /// A person must approve it.
    Review,
    /// It may be made.
    Allow,
}

impl Effect {
    /// All of them, the strongest first.
    pub const ALL: [Effect; 3] = [Effect::Deny, Effect::Review, Effect::Allow];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Deny => "deny",
            Effect::Review => "review",
            Effect::Allow => "allow",
        }
    }

    /// The effect of that name.
    pub fn named(name: &str) -> Option<Effect> {
        Effect::ALL.into_iter().find(|effect| effect.name() == name)
    }
}
