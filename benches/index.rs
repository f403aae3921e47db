//! Time to decide what has been read: looking rules up among 1,000 and 100,000, and evaluating those of the gateway example.

use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tollgate_benches::Family;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Decision, Engine, Reading};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/gateway");
const REQUESTS: u64 = 500;

fn lookup(criterion: &mut Criterion) {
    println!("reference, a decision of the gateway's rules: hand-written Rust 0.10 µs of 1,000 and 0.58 µs of 100,000 (benches/peers, W2)");
    println!("reference, a decision of a family's rules: 100,000 at most three times as long as 1,000");
    for rules in [1_000, 100_000] {
        let gateway = (tollgate_benches::policy(rules), tollgate_benches::requests(rules, REQUESTS));
        measure(criterion, "gateway", rules, gateway.0, &gateway.1);
        for family in Family::ALL {
            measure(criterion, family.name(), rules, family.policy(rules), &family.requests(rules, REQUESTS));
        }
    }
}

fn measure(criterion: &mut Criterion, name: &str, rules: u64, policy: Sources, requests: &[String]) {
    let engine = engine(policy);
    decide(criterion, "look up, 500 requests", BenchmarkId::new(name, rules), &readings(&engine, requests));
}

fn evaluate(criterion: &mut Criterion) {
    println!(
        "reference, a decision of nine clauses: hand-written Rust 0.04 µs, Tollgate under 0.3 µs, CEL 5.6 µs, regorus 8.5 µs, Cedar 16 µs (benches/peers, W3)"
    );
    let folder = Path::new(EXAMPLE);
    let engine = engine(Sources::read(&[folder.join("policies")]).unwrap_or_default());
    for name in ["registry", "company_domains"] {
        let json = std::fs::read(folder.join("data").join(format!("{name}.json"))).unwrap_or_default();
        engine.set_data(name, json).unwrap_or_else(|error| fail(&error.to_string()));
    }
    let calls = std::fs::read_to_string(folder.join("calls.jsonl")).unwrap_or_default();
    let calls: Vec<String> = calls.lines().map(str::to_owned).collect();
    decide(criterion, "evaluate", BenchmarkId::new("calls of the gateway example", calls.len()), &readings(&engine, &calls));
}

/// Those of the requests that can be read, read.
fn readings(engine: &Engine, requests: &[String]) -> Vec<Reading> {
    requests.iter().filter_map(|request| engine.read(request.as_bytes()).ok()).collect()
}

fn decide(criterion: &mut Criterion, group: &str, id: BenchmarkId, readings: &[Reading]) {
    let mut group = criterion.benchmark_group(group);
    group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300)).sample_size(20);
    group.throughput(Throughput::Elements(u64::try_from(readings.len()).unwrap_or(1)));
    let mut decision = Decision::default();
    group.bench_function(id, |bencher| {
        bencher.iter(|| {
            let decide = |reading: &Reading| {
                reading.decide_into(&mut decision);
                decision.effect() as u64
            };
            readings.iter().map(decide).sum::<u64>()
        });
    });
    group.finish();
}

fn engine(sources: Sources) -> Engine {
    let compiled = PolicySet::check(sources).compile().unwrap_or_else(|errors| fail(&format!("the policy has {} errors", errors.len())));
    compiled.into_engine().unwrap_or_else(|error| fail(&error.to_string()))
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(2)
}

criterion_group!(benches, lookup, evaluate);
criterion_main!(benches);
