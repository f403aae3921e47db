//! OPA's server, asked over HTTP on this machine; `opa` must be on the path.
//!
//! *decide* is the server's own timer of evaluation, *from bytes* that of the whole request's handling, and the round trip is what the client sees.
//! Forms: `expanded` and `listed`, which are two spellings of a rule about several tools, and `data` with the rules as data by tool.

mod http;
mod server;

use std::time::Instant;

use peers_harness::{Checked, Difference, Failure, Latency, Options, Outcome, Record};
use peers_workloads::translate::rego::{self, Tools};
use peers_workloads::{Case, Effect, Workload};
use serde_json::Value;

use http::Client;
use server::Server;

/// A policy, its data, and what it is asked for.
pub struct Policy {
    pub source: String,
    pub data: Option<String>,
    pub decision: &'static str,
}

fn main() {
    let options = Options::from_args();
    let case = options.case();
    let begin = Instant::now();
    let outcome = match Server::start(&policy(&options, &case)) {
        Ok(server) => Outcome::Measured(Box::new(measure(&options, &case, &server, begin.elapsed().as_secs_f64() * 1e3))),
        Err(message) => Outcome::Refused(Failure { message, after_ms: begin.elapsed().as_secs_f64() * 1e3 }),
    };
    outcome.print();
}

fn policy(options: &Options, case: &Case) -> Policy {
    match (options.workload, &*options.form) {
        (Workload::Registry, _) => {
            let registry = serde_json::to_string(&case.registry).expect("a registry has text keys");
            Policy { source: rego::REGISTRY.to_owned(), data: Some(registry), decision: "registry/allow" }
        }
        (Workload::Single, _) => Policy { source: rego::SINGLE.to_owned(), data: None, decision: "single/decision" },
        (_, "expanded") => Policy { source: rego::policy(&case.rules, Tools::Expanded), data: None, decision: "gateway/decision" },
        (_, "listed") => Policy { source: rego::policy(&case.rules, Tools::Listed), data: None, decision: "gateway/decision" },
        (_, "data") => {
            let data = rego::data(&case.rules).to_string();
            Policy { source: rego::policy_over_data(&case.rules), data: Some(data), decision: "gateway/decision" }
        }
        _ => options.unknown_form(),
    }
}

fn measure(options: &Options, case: &Case, server: &Server, load_ms: f64) -> Record {
    let mut client = server.client();
    let checked = check(options, case, &mut client, &server.path(""));
    let round_trip = round_trips(options, case, &mut client, &server.path(""));
    let timers = timers(options, case, &mut client, &server.path("?metrics=true"));
    Record {
        compile_ms: None,
        load_ms,
        checked,
        decode: timers.parse,
        decide: timers.evaluate,
        end_to_end: timers.handle,
        round_trip: Some(round_trip),
        allocations: None,
    }
}

fn check(options: &Options, case: &Case, client: &mut Client, path: &str) -> Checked {
    let begin = Instant::now();
    let mut checked = Checked::default();
    for (place, (request, expected)) in case.requests.iter().zip(&case.expected).enumerate() {
        let effect = effect(&client.ask(path, request));
        checked.number += 1;
        if effect != expected.effect {
            checked.wrong += 1;
            checked.examples.push(Difference { request: place, expected: expected.clone(), effect, rules: None });
            checked.examples.truncate(3);
        }
        if begin.elapsed() > options.check_budget {
            break;
        }
    }
    checked
}

fn effect(answer: &Value) -> Effect {
    match &answer["result"] {
        Value::Bool(true) => Effect::Allow,
        Value::Bool(false) => Effect::Deny,
        Value::String(name) => Effect::named(name).expect("an effect"),
        _ => panic!("no decision: {answer}"),
    }
}

/// The most operations of a kind.
const SAMPLES: usize = 20_000;

/// Requests round and round, for as long as may be.
fn rounds<'c>(options: &Options, case: &'c Case) -> impl Iterator<Item = &'c Vec<u8>> {
    let (begin, budget) = (Instant::now(), options.budget);
    case.requests.iter().cycle().take(SAMPLES).take_while(move |_| begin.elapsed() < budget)
}

fn round_trips(options: &Options, case: &Case, client: &mut Client, path: &str) -> Latency {
    let trip = |request: &Vec<u8>| {
        let begin = Instant::now();
        client.ask(path, request);
        begin.elapsed().as_nanos() as f64
    };
    Latency::of(rounds(options, case).map(trip).collect())
}

struct Timers {
    parse: Latency,
    evaluate: Latency,
    handle: Latency,
}

fn timers(options: &Options, case: &Case, client: &mut Client, path: &str) -> Timers {
    let answers: Vec<Value> = rounds(options, case).map(|request| client.ask(path, request)).collect();
    let timer = |name: &str| Latency::of(answers.iter().map(|answer| answer["metrics"][name].as_f64().unwrap_or(0.0)).collect());
    Timers { parse: timer("timer_rego_input_parse_ns"), evaluate: timer("timer_rego_query_eval_ns"), handle: timer("timer_server_handler_ns") }
}
