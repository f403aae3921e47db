//! One million registry entries: bound, looked up, replaced while decisions run; and what two threads decide against one.
//!
//! `cargo bench --bench data` prints what is timed once beside Criterion's figures; all of them need two processors that are free.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Decision, Engine};

const POLICY: &str = r#"
package registry

enum Risk { low < medium < high < critical }
type Grant { tools: set<string>, max_risk: Risk }
input { agent: Agent, tool: Tool, context: std.Context with { risk: Risk } }
data grants: map<Grant>

allow granted
  for grant in grants[agent.id]
  when tool.name in grant.tools and context.risk <= grant.max_risk
"#;

const FEW: usize = 1_000;
const MANY: usize = 1_000_000;
const REQUESTS: usize = 1_000;

fn data(criterion: &mut Criterion) {
    println!(
        "reference: a million entries bound within 2 s, looked up as quickly as a thousand; hand-written Rust decides W1 in one look-up of a hash table"
    );
    let engine = engine();
    let mut group = criterion.benchmark_group("data");
    group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300)).sample_size(20);
    for entries in [FEW, MANY] {
        let json = grants(entries);
        let begin = Instant::now();
        bind(&engine, &json);
        println!("{entries} entries, {} MB of JSON: bound in {:.0?}", json.len() / 1_000_000, begin.elapsed());
        // Of both tables a hundred entries are asked for, so that as much of them is in the caches.
        let readings: Vec<_> = requests(entries, 100).iter().filter_map(|request| engine.read(request.as_bytes()).ok()).collect();
        let mut decision = Decision::default();
        group.bench_function(BenchmarkId::new("100 decisions with a look-up among entries", entries), |bencher| {
            bencher.iter(|| {
                let decide = |reading: &tollgate_evaluator::Reading| {
                    reading.decide_into(&mut decision);
                    decision.effect() as u64
                };
                readings.iter().map(decide).sum::<u64>()
            });
        });
    }
    group.finish();
    if !std::env::args().any(|arg| arg == "--test") {
        replaced(&engine);
        threads(&engine);
    }
}

/// The slowest decisions of one thread while another replaces the data, and while nothing happens.
fn replaced(engine: &Engine) {
    let (requests, json) = (requests(MANY, REQUESTS), grants(MANY));
    for replaces in [false, true] {
        let ends = AtomicBool::new(false);
        let (mut times, versions) = std::thread::scope(|scope| {
            let deciding = scope.spawn(|| latencies(engine, &requests, &ends));
            let begin = Instant::now();
            let mut versions = 0;
            while begin.elapsed() < Duration::from_secs(3) {
                if replaces {
                    bind(engine, &json);
                    versions += 1;
                } else {
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
            ends.store(true, Ordering::Relaxed);
            (deciding.join().unwrap_or_default(), versions)
        });
        times.sort_unstable();
        let part = |part: usize| times.get(times.len().saturating_sub(1) * part / 10_000).copied().unwrap_or_default();
        let [half, most, almost_all] = [5_000, 9_900, 9_999].map(part);
        println!(
            "{} decisions while a million entries were replaced {versions} times: p50 {half:.1?}, p99 {most:.1?}, p99.99 {almost_all:.1?}",
            times.len()
        );
    }
}

/// How long decisions take, from bytes, until the end is told.
fn latencies(engine: &Engine, requests: &[String], ends: &AtomicBool) -> Vec<Duration> {
    let (mut times, mut decision) = (Vec::with_capacity(1 << 22), Decision::default());
    for request in requests.iter().cycle() {
        let begin = Instant::now();
        engine.decide_into(black_box(request.as_bytes()), &mut decision);
        times.push(begin.elapsed());
        if times.len() == times.capacity() || ends.load(Ordering::Relaxed) {
            break;
        }
    }
    times
}

/// What threads decide in a fixed time, each by itself, one and two at once in turn.
fn threads(engine: &Engine) {
    println!("reference: two threads decide at least 1.9 times as much as one");
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("{processors} processors, load before: {}", load.trim());
    let requests = requests(FEW, REQUESTS);
    let (mut one, mut two) = (Rate::default(), Rate::default());
    for _ in 0..5 {
        one = one.better(throughput(engine, &requests, 1));
        two = two.better(throughput(engine, &requests, 2));
    }
    println!("one thread: {:.0} decisions a second; two: {:.0}, {:.2} times as many", one.wall, two.wall, two.wall / one.wall);
    if one.processor > 0.0 {
        println!(
            "by the time that each thread had a processor, whoever else wanted one: {:.0}; {:.0}, {:.2} times as many",
            one.processor,
            two.processor,
            two.processor / one.processor
        );
    }
}

/// Decisions a second.
#[derive(Clone, Copy, Default)]
struct Rate {
    /// By the clock.
    wall: f64,
    /// By the time for which the threads ran.
    processor: f64,
}

impl Rate {
    fn better(self, other: Rate) -> Rate {
        Rate { wall: self.wall.max(other.wall), processor: self.processor.max(other.processor) }
    }

    fn plus(self, other: Rate) -> Rate {
        Rate { wall: self.wall + other.wall, processor: self.processor + other.processor }
    }
}

fn throughput(engine: &Engine, requests: &[String], threads: usize) -> Rate {
    let barrier = &Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(move || decide_for_a_while(engine, requests, barrier))).collect();
        running.into_iter().map(|thread| thread.join().unwrap_or_default()).fold(Rate::default(), Rate::plus)
    })
}

fn decide_for_a_while(engine: &Engine, requests: &[String], barrier: &Barrier) -> Rate {
    let mut decision = Decision::default();
    let mut round = || requests.iter().for_each(|request| engine.decide_into(black_box(request.as_bytes()), &mut decision));
    round();
    barrier.wait();
    let (begin, ran, mut rounds) = (Instant::now(), running_time(), 0.0);
    while begin.elapsed() < Duration::from_secs(1) {
        round();
        rounds += 1.0;
    }
    let decisions = rounds * requests.len() as f64;
    let ran = running_time().zip(ran).map(|(now, before)| now.saturating_sub(before).as_secs_f64()).filter(|ran| *ran > 0.0);
    Rate { wall: decisions / begin.elapsed().as_secs_f64(), processor: ran.map_or(0.0, |ran| decisions / ran) }
}

/// For how long this thread has run, where the system says so.
fn running_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// That many agents, each with four tools.
fn grants(entries: usize) -> String {
    let mut json = String::from("{");
    for agent in 0..entries {
        let risk = ["low", "medium", "high", "critical"].get(agent % 4).copied().unwrap_or("low");
        let comma = if agent == 0 { "" } else { "," };
        let tool = |step: usize| (agent + step * 13) % 200;
        let _ = write!(
            json,
            r#"{comma}"agent-{agent:07}":{{"tools":["tool_{}","tool_{}","tool_{}","tool_{}"],"max_risk":"{risk}"}}"#,
            tool(0),
            tool(1),
            tool(2),
            tool(3)
        );
    }
    json + "}"
}

/// Calls of agents that are spread over all of them.
fn requests(entries: usize, number: usize) -> Vec<String> {
    let request = |place: usize| {
        let agent = place * 7_919 % entries;
        format!(
            r#"{{"agent":{{"id":"agent-{agent:07}"}},"tool":{{"name":"tool_{}"}},"context":{{"risk":"medium"}}}}"#,
            (agent + place % 2 * 13) % 200
        )
    };
    (0..number).map(request).collect()
}

fn engine() -> Engine {
    let compiled = PolicySet::check(Sources::of("registry.toll", POLICY)).compile().unwrap_or_else(|errors| fail(&format!("{errors:#?}")));
    compiled.into_engine().unwrap_or_else(|error| fail(&error.to_string()))
}

fn bind(engine: &Engine, json: &str) {
    engine.set_data("grants", json).unwrap_or_else(|error| fail(&error.to_string()));
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(2)
}

criterion_group!(benches, data);
criterion_main!(benches);
