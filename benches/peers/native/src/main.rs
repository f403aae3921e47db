//! Hand-written Rust: what a programmer would write for exactly these rules, and what every engine is measured against.
//!
//! It answers with the effect alone, of the first rule found that has the strongest one: no names of rules, no reasons.

mod families;
mod gateway;
mod interned;
mod registry;
mod requests;
mod single;

use std::marker::PhantomData;

use peers_harness::{Engine, Options, run};
use peers_workloads::{Case, Effect, Workload};

use requests::{Decoding, Everything, Needed, Owned, Shape};

/// A way to decide by the facts of a shape of requests.
trait Policy<S: Shape> {
    fn decide(&self, facts: &S::Facts<'_>) -> Effect;
}

/// A policy with a way to read requests.
struct HandWritten<S, P, D>(P, PhantomData<(S, D)>);

impl<S: Shape, P: Policy<S>, D: Decoding<S>> Engine for HandWritten<S, P, D> {
    type Decoded<'a>
        = D::Request<'a>
    where
        Self: 'a;

    fn decode<'a>(&'a self, request: &'a [u8]) -> D::Request<'a> {
        serde_json::from_slice(request).expect("requests have this shape")
    }

    fn decide<'a>(&'a self, request: &D::Request<'a>) -> Effect {
        self.0.decide(&D::facts(request))
    }
}

fn main() {
    let options = Options::from_args();
    let case = options.case();
    let (form, decoding) = options.form.split_once('/').unwrap_or((&options.form, "needed"));
    let rules = &case.rules;
    match (options.workload, form) {
        (Workload::Registry, "index") => {
            let source = case.registry.as_ref().expect("w1 has a registry");
            run_as::<requests::registry::Registry, Needed, _>(&options, &case, || registry::Agents::new(source));
        }
        (Workload::Gateway, "scan") => any_decoding(&options, &case, decoding, || gateway::Scan::new(rules)),
        (Workload::Gateway, "index") => any_decoding(&options, &case, decoding, || gateway::Index::new(rules)),
        (Workload::Gateway, "interned") => any_decoding(&options, &case, decoding, || interned::Interned::one_level(rules)),
        (Workload::Gateway, "interned2") => any_decoding(&options, &case, decoding, || interned::Interned::two_level(rules)),
        (Workload::Single, "index") => any_decoding(&options, &case, decoding, || single::Clauses),
        (Workload::Prefix, "index") => any_decoding(&options, &case, decoding, || families::Prefixes::new(rules)),
        (Workload::Range, "index") => any_decoding(&options, &case, decoding, || families::Ranges::new(rules)),
        (Workload::Identity, "index") => any_decoding(&options, &case, decoding, || families::Identities::new(rules)),
        _ => options.unknown_form(),
    }
}

fn any_decoding<S: Shape, P: Policy<S>>(options: &Options, case: &Case, decoding: &str, build: impl Fn() -> P)
where
    Needed: Decoding<S>,
    Everything: Decoding<S>,
    Owned: Decoding<S>,
{
    match decoding {
        "needed" => run_as::<S, Needed, P>(options, case, build),
        "everything" => run_as::<S, Everything, P>(options, case, build),
        "owned" => run_as::<S, Owned, P>(options, case, build),
        _ => options.unknown_form(),
    }
}

fn run_as<S: Shape, D: Decoding<S>, P: Policy<S>>(options: &Options, case: &Case, build: impl Fn() -> P) {
    run(options, case, || Ok(HandWritten::<S, P, D>(build(), PhantomData)));
}
