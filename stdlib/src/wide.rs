//! Unsigned integers of 256 bits: as wide as sums and products of decimals get before they are rounded.

/// Four words, the least first. Two decimals' digits give at most 192 bits, and aligning them shifts by at most 28 digits, so that nothing here
/// overflows; what would is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wide {
    high: u128,
    low: u128,
}

const TEN: u128 = 10;

impl From<u128> for Wide {
    fn from(low: u128) -> Wide {
        Wide { high: 0, low }
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.high, self.low).cmp(&(other.high, other.low))
    }
}

impl Wide {
    /// The product of two numbers.
    pub fn product(a: u128, b: u128) -> Wide {
        if let Some(low) = a.checked_mul(b) {
            return Wide::from(low);
        }
        const HALF: u128 = (1 << 64) - 1;
        let (a_high, a_low, b_high, b_low) = (a >> 64, a & HALF, b >> 64, b & HALF);
        let cross = Wide::from(a_high * b_low).plus(Wide::from(a_low * b_high));
        let middle = Wide { high: cross.high << 64 | cross.low >> 64, low: cross.low << 64 };
        middle.plus(Wide { high: a_high * b_high, low: a_low * b_low })
    }

    /// The sum.
    pub fn plus(self, other: Wide) -> Wide {
        let (low, carry) = self.low.overflowing_add(other.low);
        Wide { high: self.high.wrapping_add(other.high).wrapping_add(u128::from(carry)), low }
    }

    /// The difference; `other` is not greater.
    pub fn minus(self, other: Wide) -> Wide {
        let (low, borrow) = self.low.overflowing_sub(other.low);
        Wide { high: self.high.wrapping_sub(other.high).wrapping_sub(u128::from(borrow)), low }
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.high == 0 && self.low == 0
    }

    /// The number, where 128 bits hold it.
    pub fn narrow(self) -> Option<u128> {
        (self.high == 0).then_some(self.low)
    }

    /// How many decimal digits it has; none for 0.
    pub fn digits(mut self) -> u32 {
        let mut count = 0;
        while self.high > 0 {
            self.divide(TEN);
            count += 1;
        }
        count + self.low.checked_ilog10().map_or(0, |digits| digits + 1)
    }

    /// Multiplies by ten that often.
    pub fn shift(&mut self, digits: u32) {
        for _ in 0..digits.min(78) {
            let double = self.plus(*self);
            let four = double.plus(double);
            *self = four.plus(four).plus(double);
        }
    }

    /// Divides by ten that often, rounding half to even once.
    pub fn round_off(&mut self, digits: u32) {
        let (mut last, mut others) = (0, false);
        for _ in 0..digits.min(78) {
            others |= last > 0;
            last = self.divide(TEN);
        }
        // Beyond 78 digits nothing is left, not even a half.
        let up = digits <= 78 && (last > 5 || (last == 5 && (others || self.low & 1 == 1)));
        *self = self.plus(Wide::from(u128::from(up)));
    }

    /// Divides by a number below 2^64 and gives the remainder.
    fn divide(&mut self, by: u128) -> u128 {
        const HALF: u128 = (1 << 64) - 1;
        let high = self.high / by;
        let upper = (self.high % by) << 64 | self.low >> 64;
        let lower = (upper % by) << 64 | self.low & HALF;
        *self = Wide { high, low: ((upper / by) << 64) | (lower / by) };
        lower % by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounded(number: u128, digits: u32) -> Option<u128> {
        let mut wide = Wide::from(number);
        wide.round_off(digits);
        wide.narrow()
    }

    #[test]
    fn products_divide_back() {
        let mut wide = Wide::product(u128::MAX, 10_u128.pow(20));
        assert_eq!(wide.narrow(), None);
        assert_eq!(wide.digits(), 59);
        for _ in 0..20 {
            assert_eq!(wide.divide(TEN), 0);
        }
        assert_eq!(wide.narrow(), Some(u128::MAX));
        wide.shift(20);
        assert_eq!(wide, Wide::product(u128::MAX, 10_u128.pow(20)));
        assert_eq!(wide.minus(Wide::from(1)).plus(Wide::from(1)), wide);
    }

    #[test]
    fn rounds_half_to_even() {
        for (number, digits, expected) in
            [(25, 1, 2), (35, 1, 4), (251, 2, 3), (250, 2, 2), (2501, 3, 3), (4, 1, 0), (6, 1, 1), (5, 2, 0), (1, 200, 0)]
        {
            assert_eq!(rounded(number, digits), Some(expected), "{number} by {digits} digits");
        }
    }
}
