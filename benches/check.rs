//! Time to check and to compile a policy of 10,000 rules.

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_compiler::PolicySet;

const RULES: u64 = 10_000;

fn check(criterion: &mut Criterion) {
    let policy = tollgate_benches::policy(RULES);
    println!("{RULES} rules, {} bytes", policy.files().iter().map(|file| file.text.len()).sum::<usize>());
    let mut group = criterion.benchmark_group("10,000 rules");
    group.sample_size(10);
    group.bench_function("parse and check", |bencher| {
        bencher.iter(|| PolicySet::check(policy.clone()).has_errors());
    });
    group.bench_function("parse, check and lower", |bencher| {
        bencher.iter(|| PolicySet::check(policy.clone()).compile().is_ok());
    });
    group.finish();
}

criterion_group!(benches, check);
criterion_main!(benches);
