//! Time of a decision with 10 to 100,000 rules: it should follow the rules that match, not the rules there are.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tollgate_compiler::PolicySet;
use tollgate_evaluator::Engine;

const REQUESTS: u64 = 1_000;

fn scaling(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    group.throughput(Throughput::Elements(REQUESTS));
    group.sample_size(20);
    for rules in [10, 1_000, 10_000, 100_000] {
        let engine = engine(rules);
        let requests = tollgate_benches::requests(rules, REQUESTS);
        let responsible: usize = requests.iter().map(|request| engine.decide(request.as_bytes()).rules().len()).sum();
        println!("{rules} rules: {:.1} of them make a decision on average", responsible as f64 / REQUESTS as f64);
        group.bench_with_input(BenchmarkId::new("1,000 requests of 1 KB, rules", rules), &requests, |bencher, requests| {
            bencher.iter(|| requests.iter().map(|request| engine.decide(black_box(request.as_bytes())).effect() as u64).sum::<u64>());
        });
    }
    group.finish();
}

fn engine(rules: u64) -> Engine {
    let set = PolicySet::check(tollgate_benches::policy(rules));
    let engine = set.compile().ok().and_then(|compiled| compiled.into_engine().ok());
    engine.unwrap_or_else(|| {
        eprintln!("the generated policy does not compile: {:?}", set.diagnostics().first());
        std::process::exit(2)
    })
}

criterion_group!(benches, scaling);
criterion_main!(benches);
