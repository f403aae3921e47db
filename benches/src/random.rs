//! SplitMix64: numbers that look random and are the same every time.

/// A stream of numbers.
pub struct Random {
    state: u64,
}

impl Random {
    /// The stream of that number.
    pub fn new(stream: u64) -> Random {
        Random { state: stream.wrapping_mul(0xd134_2543_de82_ef95) }
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit.max(1)
    }

    /// One of those; there is at least one.
    #[expect(clippy::indexing_slicing, reason = "the place is below the length")]
    pub fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        let place = usize::try_from(self.below(u64::try_from(from.len()).unwrap_or(u64::MAX))).unwrap_or(0);
        &from[place]
    }
}
