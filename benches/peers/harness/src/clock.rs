//! A clock for spans of some nanoseconds: the processor's counter, where there is one.

use std::time::{Duration, Instant};

/// Reads the counter, and knows what reading it costs.
pub(crate) struct Clock {
    nanoseconds_per_tick: f64,
    empty: u64,
}

impl Clock {
    /// A clock, calibrated by the system's.
    pub fn new() -> Clock {
        let (begin, first) = (Instant::now(), ticks());
        while begin.elapsed() < Duration::from_millis(200) {}
        let nanoseconds_per_tick = begin.elapsed().as_nanos() as f64 / (ticks() - first) as f64;
        let mut pairs: Vec<u64> = (0..10_001).map(|_| ticks().abs_diff(ticks())).collect();
        pairs.sort_unstable();
        Clock { nanoseconds_per_tick, empty: pairs[pairs.len() / 2] }
    }

    /// The nanoseconds that something takes, without those of looking at the clock.
    #[inline(always)]
    pub fn time(&self, work: impl FnOnce()) -> f64 {
        let begin = ticks();
        work();
        let taken = (ticks() - begin).saturating_sub(self.empty);
        taken as f64 * self.nanoseconds_per_tick
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ticks() -> u64 {
    let mut processor = 0;
    // SAFETY: both instructions are in every x86-64 processor, and touch nothing but `processor`.
    unsafe {
        let now = core::arch::x86_64::__rdtscp(&mut processor);
        core::arch::x86_64::_mm_lfence();
        now
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn ticks() -> u64 {
    use std::sync::LazyLock;
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_nanos() as u64
}
