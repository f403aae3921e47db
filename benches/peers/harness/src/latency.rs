//! How long an operation takes.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::clock::Clock;

/// Percentiles of operations that are timed one by one, and a mean of a loop without a clock in it: below 100 ns the mean is the better number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Latency {
    /// How many operations were timed.
    pub samples: usize,
    /// Nanoseconds; the median of twenty parts of the loop, so that time stolen from a few of them does not count.
    pub mean: f64,
    /// Half of the operations take no more nanoseconds.
    pub p50: f64,
    /// 99 of 100 take no more.
    pub p99: f64,
}

impl Latency {
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
/// The parts of the loop that the mean is taken over.
const PARTS: usize = 20;

/// Times an operation on each of `inputs` inputs, round and round.
pub(crate) fn measure(clock: &Clock, inputs: usize, budget: Duration, mut operation: impl FnMut(usize)) -> Latency {
    warm_up(inputs, budget / 10, &mut operation);
    let begin = Instant::now();
    let ticks = one_by_one(clock, inputs, budget, &mut operation);
    let each = begin.elapsed().as_secs_f64() / ticks.len() as f64;
    let in_half_the_time = (budget.as_secs_f64() / 2.0 / each) as usize;
    let mean = looped(clock, inputs, in_half_the_time.clamp(1, ticks.len()), budget, &mut operation);
    Latency { mean, ..Latency::of(ticks.into_iter().map(|ticks| clock.nanoseconds(ticks)).collect()) }
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

fn one_by_one(clock: &Clock, inputs: usize, budget: Duration, operation: &mut impl FnMut(usize)) -> Vec<u64> {
    let begin = Instant::now();
    let mut ticks = Vec::with_capacity(1 << 16);
    let mut places = (0..inputs).cycle();
    while let Some(place) = places.next() {
        let taken = clock.time(|| operation(place));
        ticks.push(taken);
        // asking the time is dear beside a short operation
        if ticks.len().is_multiple_of(16) || clock.nanoseconds(taken) > 100_000.0 {
            let elapsed = begin.elapsed();
            let enough = ticks.len() >= SAMPLES && ticks.len() >= 2 * inputs && elapsed > SHORTEST;
            if enough || elapsed > budget {
                break;
            }
        }
    }
    ticks
}

fn looped(clock: &Clock, inputs: usize, operations: usize, budget: Duration, operation: &mut impl FnMut(usize)) -> f64 {
    let part = (operations / PARTS).max(1);
    let mut places = (0..inputs).cycle();
    let mut means = Vec::with_capacity(PARTS);
    let begin = Instant::now();
    while means.len() < PARTS.min(operations) && (means.is_empty() || begin.elapsed() < budget) {
        let taken = clock.time(|| places.by_ref().take(part).for_each(&mut *operation));
        means.push(clock.nanoseconds(taken) / part as f64);
    }
    means.sort_by(f64::total_cmp);
    means[means.len() / 2]
}
