//! Time to read a request of 0.3 to 64 KB: its types checked, what rules read of it kept.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tollgate_benches::Text;
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::Engine;

const SIZES: [usize; 4] = [300, 1_000, 4_000, 64_000];

/// A policy that reads five fields, and those that are given.
fn policy(declared: &str, read: &str) -> String {
    format!(
        r#"
package reading

type Agent {{ id: string, role: string }}
type Args {{ recipient: string, size: int{declared} }}
type Context {{ environment: string }}
input {{ agent: Agent, args: Args, context: Context, tool: Tool }}

deny nobody when agent.id == "" and agent.role == "" and args.recipient == "" and args.size == 0 and context.environment == ""{read}
"#
    )
}

fn decode(criterion: &mut Criterion) {
    println!(
        "reference for 1 KB: hand-written Rust 0.9 µs for the fields that are needed, 1.6 µs for all, 0.47 µs merely scanning (benches/peers, W3)"
    );
    println!("reference for other readers of JSON at these sizes: cargo run --release -p peer-json, in benches/peers");
    for (what, declared, read) in [("long text passed over", "", ""), ("long text kept", ", body: string", r#" and args.body == """#)] {
        let engine = engine(&policy(declared, read));
        let mut group = criterion.benchmark_group(format!("decode, {what}"));
        for text in [Text::Plain, Text::Escaped] {
            for size in SIZES {
                let call = tollgate_benches::call(size, text);
                group.throughput(Throughput::Bytes(u64::try_from(call.len()).unwrap_or(0)));
                let id = BenchmarkId::new(if text == Text::Plain { "no escapes, bytes" } else { "an escape each 30 bytes or so, bytes" }, size);
                // Without an index there is nothing to look for: reading is all that this does.
                group.bench_function(id, |bencher| bencher.iter(|| engine.candidates(black_box(call.as_bytes()))));
            }
        }
        group.finish();
    }
}

fn engine(policy: &str) -> Engine {
    let set = PolicySet::check(Sources::of("reading.toll", policy));
    let compiled = set.compile().unwrap_or_else(|errors| fail(&format!("{errors:#?}")));
    compiled.into_engine().unwrap_or_else(|error| fail(&error.to_string())).without_index()
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(2)
}

criterion_group! {
    name = benches;
    config = Criterion::default().measurement_time(std::time::Duration::from_secs(1)).warm_up_time(std::time::Duration::from_millis(300));
    targets = decode
}
criterion_main!(benches);
