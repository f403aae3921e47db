//! The rows of the tables: engines in their forms, and up to what size each is run.

use peers_workloads::Workload::{self, Gateway, Identity, Prefix, Range, Registry, Single};

/// An engine in a form.
#[derive(Clone, Copy)]
pub struct Peer {
    /// The program that measures it.
    pub binary: &'static str,
    /// The form that it is asked for.
    pub form: &'static str,
    /// What the table calls it.
    pub name: &'static str,
    /// A program that must be installed.
    pub needs: Option<&'static str>,
    workloads: &'static [Workload],
    /// The largest size that it is run at: beyond it, it takes minutes to load or most of a second to decide.
    most: usize,
}

const EVERY: &[Workload] = &Workload::ALL;
const RULES: &[Workload] = &[Gateway, Prefix, Range, Identity];
const CALLS: &[Workload] = &[Gateway, Single, Prefix, Range, Identity];
const TABLED: &[Workload] = &[Registry, Single, Prefix, Range, Identity];
const WITHOUT_FORMS: &[Workload] = &[Registry, Single];
const UNBOUNDED: usize = usize::MAX;

const fn peer(binary: &'static str, form: &'static str, name: &'static str, workloads: &'static [Workload], most: usize) -> Peer {
    Peer { binary, form, name, needs: None, workloads, most }
}

const fn opa(form: &'static str, name: &'static str, workloads: &'static [Workload]) -> Peer {
    Peer { needs: Some("opa"), ..peer("peer-opa", form, name, workloads, 100_000) }
}

/// All of them, in the order of the tables.
pub const ALL: &[Peer] = &[
    peer("peer-native", "index", HAND_WRITTEN, TABLED, UNBOUNDED),
    peer("peer-native", "index/everything", "hand-written, decoding everything, borrowed", &[Single, Prefix, Range, Identity], UNBOUNDED),
    peer("peer-native", "index/owned", HAND_WRITTEN_OWNED, &[Single, Prefix, Range, Identity], UNBOUNDED),
    peer("peer-native", "interned2", HAND_WRITTEN, &[Gateway], UNBOUNDED),
    peer("peer-native", "interned2/everything", "hand-written, decoding everything, borrowed", &[Gateway], UNBOUNDED),
    peer("peer-native", "interned2/owned", HAND_WRITTEN_OWNED, &[Gateway], UNBOUNDED),
    peer("peer-native", "interned", "hand-written, one level, interned", &[Gateway], UNBOUNDED),
    peer("peer-native", "index", "hand-written, one level", &[Gateway], UNBOUNDED),
    peer("peer-native", "scan", "hand-written, no index", &[Gateway], 100_000),
    peer("peer-tollgate", "needed", "**tollgate**", EVERY, UNBOUNDED),
    peer("peer-tollgate", "everything", "tollgate, everything declared", CALLS, UNBOUNDED),
    peer("peer-tollgate", "needed/bare", "tollgate, no reasons", &[Single], UNBOUNDED),
    peer("peer-cedar", "plain", "Cedar", EVERY, 10_000),
    peer("peer-cedar", "json", "Cedar, context from JSON", &[Single], UNBOUNDED),
    peer("peer-cedar", "sliced", "Cedar, sliced by tool", &[Gateway], 100_000),
    peer("peer-regorus", "rvm", "regorus, RVM", EVERY, 10_000),
    peer("peer-regorus", "interpreter", "regorus, interpreter", CALLS, 1_000),
    peer("peer-regorus", "interpreter", "regorus, interpreter", &[Registry], UNBOUNDED),
    peer("peer-regorus", "rvm/data", "regorus, RVM, rules as data", RULES, 100_000),
    peer("peer-regorus", "interpreter/data", "regorus, interpreter, rules as data", &[Gateway], 10_000),
    peer("peer-cel", "plain", "CEL", EVERY, 10_000),
    peer("peer-cel", "sliced", "CEL, sliced by tool", &[Gateway], 100_000),
    opa("only", "OPA's server", WITHOUT_FORMS),
    opa("listed", "OPA's server, tools with `in`", RULES),
    opa("expanded", "OPA's server, tools with `==`", &[Gateway]),
    opa("data", "OPA's server, rules as data", &[Gateway]),
];

/// What every engine is measured against.
pub const HAND_WRITTEN: &str = "hand-written";
/// And the second: an application that keeps the call.
pub const HAND_WRITTEN_OWNED: &str = "hand-written, decoding everything";

impl Peer {
    /// Whether it has a row for a workload of that size.
    pub fn runs(&self, workload: Workload, size: usize) -> bool {
        self.workloads.contains(&workload) && size <= self.most
    }
}

/// The heading of a workload's tables.
pub fn title(workload: Workload) -> &'static str {
    match workload {
        Registry => "W1: registry",
        Gateway => "W2: gateway",
        Single => "W3: one realistic policy",
        Prefix => "Family: rules that differ in a prefix only",
        Range => "Family: rules that differ in a range only",
        Identity => "Family: rules that differ in an agent's or user's id only",
    }
}

/// What the size of a workload counts.
pub fn counted(workload: Workload) -> &'static str {
    if workload == Registry { "agents" } else { "rules" }
}
