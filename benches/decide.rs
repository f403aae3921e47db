//! Time of a decision of the gateway example, over the calls that come with it.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/gateway");

fn decide(criterion: &mut Criterion) {
    let calls = calls();
    let bytes = calls.iter().map(|call| u64::try_from(call.len()).unwrap_or(0)).sum::<u64>();
    let number = u64::try_from(calls.len()).unwrap_or(1);
    println!("{number} calls, {} bytes each on average", bytes / number);

    let mut group = criterion.benchmark_group("decide");
    let gateway = engine(policy());
    group.throughput(Throughput::Elements(number));
    group.bench_function("gateway, from bytes, all calls", |bencher| {
        bencher.iter(|| calls.iter().map(|call| gateway.decide(black_box(call.as_bytes())).effect() as u64).sum::<u64>());
    });
    // The same input types and no rules: what is left is reading the request.
    let reading = engine(without_rules());
    group.bench_function("reading alone, all calls", |bencher| {
        bencher.iter(|| calls.iter().map(|call| reading.decide(black_box(call.as_bytes())).effect() as u64).sum::<u64>());
    });
    group.finish();

    // Which parsers a tool's rules call makes the difference between them.
    let mut group = criterion.benchmark_group("decide a call of");
    group.measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(300));
    for (tool, call) in one_of_each_tool(&calls) {
        group.bench_function(tool, |bencher| bencher.iter(|| gateway.decide(black_box(call.as_bytes()))));
    }
    group.finish();
}

/// The first call of each tool.
fn one_of_each_tool(calls: &[String]) -> BTreeMap<&str, &str> {
    let mut found = BTreeMap::new();
    for call in calls {
        let tool = call.split_once(r#""name":""#).and_then(|(_, rest)| rest.split_once('"')).map_or("", |(tool, _)| tool);
        found.entry(tool).or_insert(call.as_str());
    }
    found
}

fn calls() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(EXAMPLE).join("calls.jsonl")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn policy() -> Sources {
    Sources::read(&[Path::new(EXAMPLE).join("policies")]).unwrap_or_default()
}

/// The example's input and tools.
fn without_rules() -> Sources {
    let folder = Path::new(EXAMPLE).join("policies");
    Sources::read(&[folder.join("input.toll"), folder.join("tools.toll")]).unwrap_or_default()
}

fn engine(sources: Sources) -> Engine {
    let set = PolicySet::check(sources);
    let compiled = set.compile().unwrap_or_else(|errors| fail(&format!("the example has {} errors", errors.len())));
    let engine = compiled.into_engine().unwrap_or_else(|error| fail(&error.to_string()));
    for name in ["registry", "company_domains"] {
        let json = std::fs::read(Path::new(EXAMPLE).join("data").join(format!("{name}.json"))).unwrap_or_default();
        engine.set_data(name, json).unwrap_or_else(|error| fail(&error.to_string()));
    }
    engine
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(2)
}

criterion_group!(benches, decide);
criterion_main!(benches);
