//! Tollgate: the policy is compiled in process, and what is measured begins with its plan as bytes.
//!
//! Forms: `needed` declares the fields that rules read, `everything` all that the request brings; `needed/bare` leaves the reasons of W3 out.

mod gate;

use std::time::Instant;

use peers_harness::{Options, run_compiled};
use peers_workloads::translate::toll::{self, Declared, Files};
use peers_workloads::{Case, Registry};
use tollgate_compiler::{PolicySet, Sources};

use gate::Gate;

fn main() {
    let options = Options::from_args();
    let case = options.case();
    let files = policy(&options, &case);
    let data = case.registry.as_ref().map(registry);
    let begin = Instant::now();
    let plan = compile(&files);
    let compiling = begin.elapsed();
    drop(files);
    run_compiled(&options, &case, Some(compiling), || Gate::load(&plan, data.as_deref()));
}

fn policy(options: &Options, case: &Case) -> Files {
    let files = |declared| toll::policy(options.workload, case, declared);
    match &*options.form {
        "needed" => files(Declared::Needed),
        "everything" => files(Declared::Everything),
        "needed/bare" => toll::without_reasons(files(Declared::Needed)),
        _ => options.unknown_form(),
    }
}

/// A policy set's plan, as bytes.
fn compile(files: &Files) -> Vec<u8> {
    let mut sources = Sources::new();
    for (name, text) in files {
        sources.add(name.clone(), text.clone());
    }
    match PolicySet::check(sources).compile() {
        Ok(compiled) => compiled.to_bytes(),
        Err(diagnostics) => panic!("the policy does not compile: {:?}", diagnostics.first()),
    }
}

/// The data of W1.
fn registry(registry: &Registry) -> Vec<u8> {
    serde_json::to_vec(&registry.agents).expect("agents have text keys")
}
