//! Time from a plan's bytes to an engine that is ready to decide, at several sizes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tollgate_compiler::PolicySet;
use tollgate_evaluator::Engine;

fn load(criterion: &mut Criterion) {
    println!(
        "reference for 100,000 rules: hand-written Rust 50 ms, Tollgate at most 300 ms; from policy text: CEL 3.2 s, Cedar 6.9 s, regorus 7.6 s (benches/peers, W2)"
    );
    let mut group = criterion.benchmark_group("load");
    group.sample_size(10);
    for rules in [1_000, 10_000, 100_000] {
        let plan = plan(rules);
        group.throughput(Throughput::Elements(rules));
        group.bench_function(BenchmarkId::new("rules", rules), |bencher| bencher.iter_with_large_drop(|| Engine::load(black_box(&plan))));
    }
    group.finish();
}

/// The plan of that many rules, as bytes.
fn plan(rules: u64) -> Vec<u8> {
    match PolicySet::check(tollgate_benches::policy(rules)).compile() {
        Ok(compiled) => compiled.to_bytes(),
        Err(errors) => {
            eprintln!("the generated policy does not compile: {:?}", errors.first());
            std::process::exit(2)
        }
    }
}

criterion_group!(benches, load);
criterion_main!(benches);
