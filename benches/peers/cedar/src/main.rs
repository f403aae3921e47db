//! Cedar: tools are actions, the call is the context; the effect is that of the determining policies' annotations.
//!
//! Forms: `plain` builds the context through `RestrictedExpression`, which is the quicker way; `json` through `Context::from_json_value`, which is the
//! documented one; `sliced` keeps a policy set for each tool, as an application can.

mod call;
mod gateway;
mod registry;
mod sliced;

use peers_harness::{Options, run};
use peers_workloads::translate::cedar::{REGISTRY, SINGLE, policy};
use peers_workloads::{Case, Workload};

use call::{Documented, Quick};
use gateway::Gateway;

fn main() {
    let options = Options::from_args();
    let case = options.case();
    if options.workload == Workload::Registry {
        let entities = registry::entities(case.registry.as_ref().expect("w1 has a registry"));
        return run(&options, &case, || registry::Agents::load(REGISTRY, &entities));
    }
    let source = source(&options, &case);
    match &*options.form {
        "plain" => run(&options, &case, || Gateway::<Quick>::load(&source)),
        "json" => run(&options, &case, || Gateway::<Documented>::load(&source)),
        "sliced" => run(&options, &case, || sliced::Sliced::load(&source)),
        _ => options.unknown_form(),
    }
}

fn source(options: &Options, case: &Case) -> String {
    if options.workload == Workload::Single { SINGLE.to_owned() } else { policy(&case.rules) }
}
