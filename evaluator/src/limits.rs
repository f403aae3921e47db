//! What a decision may use.

/// Limits of every decision of an engine. Beyond one the decision is `deny`, with that error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request; 8 MiB by default.
    pub input_bytes: usize,
    /// Nesting of arrays and objects in a request and in data; 64 by default, and never more than [`Limits::MAX_DEPTH`].
    pub depth: usize,
    /// Evaluation steps; 1,000,000 by default. One is about an element looked at by a loop, or sixteen bytes of text made. What a policy computes
    /// outside of loops costs none.
    pub steps: u64,
    /// Bytes of one data document; 1 GiB by default.
    pub data_bytes: usize,
}

impl Limits {
    /// What [`Limits::steps`] is by default.
    pub(crate) const DEFAULT_STEPS: u64 = 1_000_000;

    /// The most that [`Limits::depth`] can be, for the thread's stack is finite.
    pub const MAX_DEPTH: usize = 256;

    /// The nesting that holds.
    pub(crate) fn nesting(&self) -> usize {
        self.depth.min(Limits::MAX_DEPTH)
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { input_bytes: 8 << 20, depth: 64, steps: Limits::DEFAULT_STEPS, data_bytes: 1 << 30 }
    }
}
