//! Measures one engine on one workload: a process is one engine in one form at one size.
//!
//! [`run`] loads the engine, compares every decision with the expected one, measures, counts allocations, and prints one line of JSON.

mod allocations;
mod clock;
mod latency;
mod options;
mod record;

use std::hint::black_box;
use std::time::{Duration, Instant};

use peers_workloads::{Case, Effect};

pub use latency::Latency;
pub use options::Options;
pub use record::{Allocations, Checked, Difference, Failure, Outcome, Record};

use clock::Clock;

/// An engine under a workload.
pub trait Engine: Sized {
    /// A request that is read, ready to be decided, in the engine's own form.
    type Decoded<'a>
    where
        Self: 'a;

    /// Reads a request.
    fn decode<'a>(&'a self, request: &'a [u8]) -> Self::Decoded<'a>;

    /// Decides one that is read.
    fn decide<'a>(&'a self, request: &Self::Decoded<'a>) -> Effect;

    /// From bytes to the decision.
    fn end_to_end(&self, request: &[u8]) -> Effect {
        self.decide(&self.decode(request))
    }

    /// The names of all rules that made the decision, where the engine tells them; they are compared too.
    fn rules(&self, _request: &[u8]) -> Option<Vec<String>> {
        None
    }
}

/// Measures an engine that `load` makes of texts already in memory, and prints the record.
pub fn run<E: Engine>(options: &Options, case: &Case, load: impl Fn() -> Result<E, String>) {
    run_compiled(options, case, None, load);
}

/// As [`run`], for an engine whose policy was compiled beforehand, in that time.
pub fn run_compiled<E: Engine>(options: &Options, case: &Case, compiling: Option<Duration>, load: impl Fn() -> Result<E, String>) {
    let begin = Instant::now();
    let outcome = match load() {
        Ok(engine) => Outcome::Measured(Box::new(measure(options, case, compiling, engine, begin.elapsed(), load))),
        Err(message) => Outcome::Refused(Failure { message, after_ms: milliseconds(begin.elapsed()) }),
    };
    outcome.print();
}

fn measure<E: Engine>(
    options: &Options,
    case: &Case,
    compiling: Option<Duration>,
    engine: E,
    first_load: Duration,
    load: impl Fn() -> Result<E, String>,
) -> Record {
    let checked = check(options, case, &engine);
    let timed = time(options, case, &engine);
    drop(engine);
    let load_ms = load_again(options, first_load, &load);
    Record {
        compile_ms: compiling.map(milliseconds),
        load_ms,
        allocations: count(options, case, &timed.end_to_end, load),
        checked,
        decode: timed.decode,
        decide: timed.decide,
        end_to_end: timed.end_to_end,
        round_trip: None,
    }
}

/// Compares decisions with the expected ones, for as long as may be.
fn check<E: Engine>(options: &Options, case: &Case, engine: &E) -> Checked {
    let begin = Instant::now();
    let mut checked = Checked::default();
    for (place, (request, expected)) in case.requests.iter().zip(&case.expected).enumerate() {
        let effect = engine.end_to_end(request);
        let rules = engine.rules(request);
        checked.number += 1;
        if effect != expected.effect || rules.as_ref().is_some_and(|rules| *rules != expected.rules) {
            checked.wrong += 1;
            checked.examples.push(Difference { request: place, expected: expected.clone(), effect, rules });
            checked.examples.truncate(3);
        }
        if begin.elapsed() > options.check_budget {
            break;
        }
    }
    checked
}

struct Timed {
    decode: Latency,
    decide: Latency,
    end_to_end: Latency,
}

fn time<E: Engine>(options: &Options, case: &Case, engine: &E) -> Timed {
    let clock = Clock::new();
    let requests = &case.requests;
    let decode = latency::measure(&clock, requests.len(), options.budget.min(Duration::from_secs(2)), |place| {
        black_box(engine.decode(&requests[place]));
    });
    let decoded: Vec<_> = requests.iter().map(|request| engine.decode(request)).collect();
    let decide = latency::measure(&clock, requests.len(), options.budget, |place| {
        black_box(engine.decide(&decoded[place]));
    });
    drop(decoded);
    let end_to_end = latency::measure(&clock, requests.len(), options.budget, |place| {
        black_box(engine.end_to_end(&requests[place]));
    });
    Timed { decode, decide, end_to_end }
}

/// Times something that is no engine, on each of `inputs` inputs.
pub fn time_each(inputs: usize, budget: Duration, operation: impl FnMut(usize)) -> Latency {
    latency::measure(&Clock::new(), inputs, budget, operation)
}

/// The median of up to five loads, in milliseconds.
fn load_again<E: Engine>(options: &Options, first: Duration, load: &impl Fn() -> Result<E, String>) -> f64 {
    let begin = Instant::now();
    let mut loads = vec![first];
    while loads.len() < 5 && begin.elapsed() + first < options.budget {
        let begin = Instant::now();
        let engine = load();
        loads.push(begin.elapsed());
        drop(engine);
    }
    loads.sort_unstable();
    milliseconds(loads[loads.len() / 2])
}

/// Allocations are counted over so many requests, or as many as are decided within the budget.
const COUNTED: usize = 200;

/// Loads once more with every allocation counted, and decides a few requests twice: the second time counts.
fn count<E: Engine>(options: &Options, case: &Case, each: &Latency, load: impl Fn() -> Result<E, String>) -> Option<Allocations> {
    if !options.count {
        return None;
    }
    let (engine, loading) = allocations::during(load);
    let engine = engine.ok()?;
    let affordable = (options.budget.as_nanos() as f64 / each.mean) as usize;
    let requests = &case.requests[..affordable.clamp(1, COUNTED).min(case.requests.len())];
    let decoded: Vec<_> = requests.iter().map(|request| engine.decode(request)).collect();
    let per_request = |decide_all: &dyn Fn()| {
        decide_all();
        allocations::during(decide_all).1.number as f64 / requests.len() as f64
    };
    let decide = per_request(&|| {
        for request in &decoded {
            black_box(engine.decide(request));
        }
    });
    let end_to_end = per_request(&|| {
        for request in requests {
            black_box(engine.end_to_end(request));
        }
    });
    Some(Allocations { heap_bytes: loading.live, decide, end_to_end })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
