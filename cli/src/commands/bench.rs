//! `tollgate bench`: what decisions of a policy cost on given requests.

use std::hint::black_box;
use std::time::{Duration, Instant};

use serde::Serialize;
use tollgate_compiler::lower::LowerOptions;
use tollgate_evaluator::{Decision, Engine, Reading};

use super::eval::requests::Requests;
use crate::allocator;
use crate::args::{BenchArgs, Format};
use crate::output::{Failure, Outcome, Result, count, print, print_json, report};
use crate::project::Project;

/// What was measured. Times of decisions are in nanoseconds, on one thread, into a decision whose memory is used again.
#[derive(Debug, Serialize)]
struct Measured {
    rules: usize,
    inputs: usize,
    from_bytes_ns: Latency,
    decide_ns: Latency,
    decisions_per_second: u64,
    allocations_per_decision: f64,
    candidates_per_decision: f64,
    compile_ms: f64,
    load_ms: f64,
    plan_bytes: usize,
    peak_rss_kb: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Serialize)]
struct Latency {
    p50: u64,
    p90: u64,
    p99: u64,
    mean: u64,
}

/// The longest that one kind of operation is measured.
const MAX_SECONDS: f64 = 3600.0;
/// Samples that are kept of one kind of operation.
const MAX_SAMPLES: usize = 1_000_000;

/// Compiles the set, and measures.
pub fn run(args: &BenchArgs) -> Result {
    let project = Project::find(&args.set.paths)?;
    let begin = Instant::now();
    let Some(set) = project.check_cleanly(args.format)? else { return Ok(Outcome::Found) };
    let lowered = match set.lower(&LowerOptions::default()) {
        Ok(lowered) => lowered,
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), args.format);
            return Ok(Outcome::Found);
        }
    };
    let bytes = lowered.plan.to_bytes();
    let compiling = begin.elapsed();
    drop((set, lowered));
    let begin = Instant::now();
    let engine = Engine::load(&bytes).map_err(Failure::new)?.with_limits(project.limits);
    let loading = begin.elapsed();
    project.bind(&engine, &args.data)?;
    let inputs = inputs(args, &engine)?;
    let budget = Duration::try_from_secs_f64(args.seconds.clamp(0.01, MAX_SECONDS)).map_err(|_| Failure::new("`--seconds` is no number"))?;
    let measured = measure(&engine, &inputs, budget);
    let measured = Measured { compile_ms: milliseconds(compiling), load_ms: milliseconds(loading), plan_bytes: bytes.len(), ..measured };
    match args.format {
        Format::Json => print_json(&measured)?,
        Format::Pretty => print(&pretty(&measured))?,
    }
    Ok(Outcome::Clean)
}

fn inputs(args: &BenchArgs, engine: &Engine) -> Result<Vec<Vec<u8>>> {
    let mut requests = Requests::open(&args.input, engine.limits().input_bytes)?;
    let mut inputs = Vec::new();
    while let Some(request) = requests.next()? {
        inputs.push(request);
    }
    if inputs.is_empty() { Err(Failure::new("there is no request to decide")) } else { Ok(inputs) }
}

fn measure(engine: &Engine, inputs: &[Vec<u8>], budget: Duration) -> Measured {
    let mut decision = Decision::default();
    let overhead = clock_overhead();
    let from_bytes = latency(inputs, budget, overhead, |request| engine.decide_into(black_box(request), &mut decision));
    let readings: Vec<Reading> = inputs.iter().filter_map(|request| engine.read(request).ok()).collect();
    let decide = latency(&readings, budget, overhead, |reading| reading.decide_into(&mut decision));
    let begin = Instant::now();
    let mut decided = 0_u32;
    while begin.elapsed() < budget {
        inputs.iter().for_each(|request| engine.decide_into(black_box(request), &mut decision));
        decided = decided.saturating_add(u32::try_from(inputs.len()).unwrap_or(u32::MAX));
    }
    let rate = f64::from(decided) / begin.elapsed().as_secs_f64();
    let allocated = allocator::count(|| inputs.iter().for_each(|request| engine.decide_into(request, &mut decision)));
    let candidates: usize = inputs.iter().filter_map(|request| engine.candidates(request)).sum();
    Measured {
        rules: engine.plan().rules.len(),
        inputs: inputs.len(),
        from_bytes_ns: from_bytes,
        decide_ns: decide,
        decisions_per_second: whole(rate),
        allocations_per_decision: average(allocated, inputs.len()),
        candidates_per_decision: average(u64::try_from(candidates).unwrap_or(u64::MAX), readings.len()),
        compile_ms: 0.0,
        load_ms: 0.0,
        plan_bytes: 0,
        peak_rss_kb: peak_rss(),
    }
}

/// Times an operation on each item in turn, for that long, after a round that is not counted.
fn latency<T>(items: &[T], budget: Duration, overhead: Duration, mut operation: impl FnMut(&T)) -> Latency {
    items.iter().for_each(&mut operation);
    let mut samples = Vec::new();
    let begin = Instant::now();
    for item in items.iter().cycle() {
        let start = Instant::now();
        operation(item);
        samples.push(start.elapsed().saturating_sub(overhead));
        if samples.len() >= MAX_SAMPLES || (samples.len() % 64 == 0 && begin.elapsed() > budget) {
            break;
        }
    }
    samples.sort_unstable();
    let nanos = |sample: &Duration| u64::try_from(sample.as_nanos()).unwrap_or(u64::MAX);
    let at = |percent: usize| samples.get(samples.len() * percent / 100).map_or(0, nanos);
    let mean = samples.iter().map(nanos).sum::<u64>().checked_div(u64::try_from(samples.len()).unwrap_or(1)).unwrap_or(0);
    Latency { p50: at(50), p90: at(90), p99: at(99), mean }
}

/// What reading the clock twice takes: the median of many.
fn clock_overhead() -> Duration {
    let mut pairs: Vec<Duration> = (0..10_001).map(|_| Instant::now().elapsed()).collect();
    pairs.sort_unstable();
    pairs.get(pairs.len() / 2).copied().unwrap_or_default()
}

fn average(total: u64, number: usize) -> f64 {
    // A figure for people: what a float cannot hold exactly is beyond what it says.
    (total as f64 / number.max(1) as f64 * 100.0).round() / 100.0
}

fn whole(rate: f64) -> u64 {
    rate.round() as u64
}

fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e5).round() / 100.0
}

/// The most memory that the process has had, in kilobytes, where the system tells.
fn peak_rss() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok())
}

fn pretty(measured: &Measured) -> String {
    let Measured { from_bytes_ns, decide_ns, .. } = measured;
    let mut out = format!(
        "{}, {}, {} bytes of plan: compiled in {} ms, loaded in {} ms\n\n",
        count(measured.rules, "rule"),
        count(measured.inputs, "request"),
        measured.plan_bytes,
        measured.compile_ms,
        measured.load_ms
    );
    out.push_str(&format!("{:12}{:>10}{:>10}{:>10}{:>10}\n", "", "p50", "p90", "p99", "mean"));
    for (name, latency) in [("from bytes", from_bytes_ns), ("decide", decide_ns)] {
        let [p50, p90, p99, mean] = [latency.p50, latency.p90, latency.p99, latency.mean].map(microseconds);
        out.push_str(&format!("{name:12}{p50:>10}{p90:>10}{p99:>10}{mean:>10}\n"));
    }
    out.push_str(&format!(
        "\n{} decisions a second on one thread; a decision allocates {} times and looks at {}\n",
        measured.decisions_per_second,
        measured.allocations_per_decision,
        candidates(measured.candidates_per_decision)
    ));
    out
}

fn candidates(number: f64) -> String {
    format!("{number} {}", if number == 1.0 { "rule" } else { "rules" })
}

fn microseconds(nanos: u64) -> String {
    format!("{:.2} µs", nanos as f64 / 1000.0)
}
