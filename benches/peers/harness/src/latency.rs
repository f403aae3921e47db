//! How long an operation takes.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::clock::Clock;

/// Percentiles of operations that are timed one by one, and a mean of a loop without a clock in it: below 100 ns the mean is the better number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Latency {
    /// How many operations were timed.
    pub samples: usize,
    /// Nanoseconds; of short operations the median of the loop's parts, so that time stolen from a few of them does not count.
    pub mean: f64,
    /// Half of the operations take no more nanoseconds.
    pub p50: f64,
    /// 99 of 100 take no more.
    pub p99: f64,
}

impl Latency {
    /// The better of two measurements of the same, each number for itself.
    pub fn better(&self, other: &Latency) -> Latency {
        let first = if self.p50 <= other.p50 { self } else { other };
        Latency { samples: self.samples + other.samples, mean: self.mean.min(other.mean), p50: first.p50, p99: first.p99 }
    }

    /// That of operations timed elsewhere, in nanoseconds; at least one.
    pub fn of(mut nanoseconds: Vec<f64>) -> Latency {
        nanoseconds.sort_unstable_by(f64::total_cmp);
        let samples = nanoseconds.len();
        let percentile = |part: f64| nanoseconds[((samples as f64 * part) as usize).min(samples - 1)];
        let mean = nanoseconds.iter().sum::<f64>() / samples as f64;
        Latency { samples, mean, p50: percentile(0.5), p99: percentile(0.99) }
    }
}

/// At least so many operations, if the time is enough.
const SAMPLES: usize = 20_000;
/// And for so long.
const SHORTEST: Duration = Duration::from_millis(300);
/// How long a part of the loop is, that the mean is taken over: shorter than what a scheduler gives another program.
const PART: Duration = Duration::from_micros(500);

/// Times an operation on each of `inputs` inputs, round and round.
pub(crate) fn measure(clock: &Clock, inputs: usize, budget: Duration, mut operation: impl FnMut(usize)) -> Latency {
    warm_up(inputs, budget / 10, &mut operation);
    let each = Latency::of(one_by_one(clock, inputs, budget, &mut operation));
    let part = (PART.as_nanos() as f64 / each.p50.max(1.0)) as usize;
    let mean = looped(clock, inputs, part.max(1), budget / 2, &mut operation);
    Latency { mean, ..each }
}

fn warm_up(inputs: usize, budget: Duration, operation: &mut impl FnMut(usize)) {
    let begin = Instant::now();
    for place in 0..inputs {
        operation(place);
        if begin.elapsed() > budget {
            break;
        }
    }
}

fn one_by_one(clock: &Clock, inputs: usize, budget: Duration, operation: &mut impl FnMut(usize)) -> Vec<f64> {
    let begin = Instant::now();
    let mut times = Vec::with_capacity(1 << 16);
    for place in (0..inputs).cycle() {
        let taken = clock.time(|| operation(place));
        times.push(taken);
        // asking the system's clock is dear beside a short operation
        if times.len().is_multiple_of(16) || taken > 100_000.0 {
            let elapsed = begin.elapsed();
            let enough = times.len() >= SAMPLES && times.len() >= 2 * inputs && elapsed > SHORTEST;
            if enough || elapsed > budget {
                break;
            }
        }
    }
    times
}

/// Parts of fewer operations differ by what they do rather than by what is stolen from them.
const REPRESENTATIVE: usize = 16;

/// The mean of a loop, taken as the median of its parts' means where those are representative.
fn looped(clock: &Clock, inputs: usize, part: usize, budget: Duration, operation: &mut impl FnMut(usize)) -> f64 {
    let mut places = (0..inputs).cycle();
    let mut means = Vec::new();
    let begin = Instant::now();
    while means.is_empty() || begin.elapsed() < budget {
        let taken = clock.time(|| places.by_ref().take(part).for_each(&mut *operation));
        means.push(taken / part as f64);
    }
    let means = Latency::of(means);
    if part < REPRESENTATIVE { means.mean } else { means.p50 }
}
