//! What a run says of itself.

use peers_workloads::{Effect, Expected};
use serde::{Deserialize, Serialize};

use crate::Latency;

/// What came of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It was measured.
    Measured(Box<Record>),
    /// The engine does not take the policy.
    Refused(Failure),
}

impl Outcome {
    /// Prints it as a line of JSON, which is what a peer says.
    pub fn print(&self) {
        println!("{}", serde_json::to_string(self).expect("a record has text keys"));
    }
}

/// Why an engine did not take the policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// Its words.
    pub message: String,
    /// How long it tried.
    pub after_ms: f64,
}

/// What was measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    /// From source to the compiled form, where that is a step of its own, in milliseconds.
    pub compile_ms: Option<f64>,
    /// From the policy (its compiled form, if there is one) and data in memory to an engine.
    pub load_ms: f64,
    /// The decisions that were compared.
    pub checked: Checked,
    /// From bytes to that form.
    pub decode: Latency,
    /// From that form to the decision.
    pub decide: Latency,
    /// From bytes to the decision.
    pub end_to_end: Latency,
    /// What a client of a server waits for, where the engine is one.
    pub round_trip: Option<Latency>,
    /// Allocations, where they are counted.
    pub allocations: Option<Allocations>,
}

impl Record {
    /// The better of two runs of the same, each number for itself; of decisions, the run with more wrong ones.
    pub fn better(self, other: Record) -> Record {
        let both = |a: Option<Latency>, b: Option<Latency>| a.zip(b).map(|(a, b)| a.better(&b));
        Record {
            compile_ms: self.compile_ms.zip(other.compile_ms).map(|(a, b)| a.min(b)),
            load_ms: self.load_ms.min(other.load_ms),
            checked: if self.checked.wrong >= other.checked.wrong { self.checked } else { other.checked },
            decode: self.decode.better(&other.decode),
            decide: self.decide.better(&other.decide),
            end_to_end: self.end_to_end.better(&other.end_to_end),
            round_trip: both(self.round_trip, other.round_trip),
            allocations: self.allocations,
        }
    }
}

/// How many decisions were compared with the expected ones.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Checked {
    /// All.
    pub number: usize,
    /// Those that differ.
    pub wrong: usize,
    /// A few of them.
    pub examples: Vec<Difference>,
}

/// A decision that is not the expected one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Difference {
    /// The request's place.
    pub request: usize,
    /// What should have come.
    pub expected: Expected,
    /// What came.
    pub effect: Effect,
    /// By which rules, where the engine tells.
    pub rules: Option<Vec<String>>,
}

/// Allocations of one decision, and what the engine holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Allocations {
    /// Bytes in use after loading.
    pub heap_bytes: i64,
    /// Of deciding from the decoded form.
    pub decide: f64,
    /// From bytes.
    pub end_to_end: f64,
}
