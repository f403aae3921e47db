//! SplitMix64 (Steele, Lea and Flood 2014), the only source of randomness.

/// A stream of numbers. Streams of one seed are independent of each other, so that requests stay the same when rules are drawn otherwise.
#[derive(Clone)]
pub(crate) struct Random(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// The stream of that number.
    pub fn stream(seed: u64, number: u64) -> Random {
        Random(mix(seed.wrapping_add(STEP)) ^ mix((number + 0x1000).wrapping_add(STEP)))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below the bound; its bias is under 2⁻⁴⁰ for the bounds in use.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True with that many chances in a hundred.
    pub fn percent(&mut self, chances: u64) -> bool {
        self.below(100) < chances
    }

    /// One of them.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }

    /// Distinct numbers below the bound, in the order they are drawn; `count` is at most `bound`.
    pub fn distinct(&mut self, count: usize, bound: u64) -> Vec<u64> {
        let mut drawn = Vec::with_capacity(count);
        while drawn.len() < count {
            let number = self.below(bound);
            if !drawn.contains(&number) {
                drawn.push(number);
            }
        }
        drawn
    }

    /// A size in [1, 10⁶), each power of ten as likely as the others.
    pub fn size(&mut self) -> i64 {
        let power = 10_u64.pow(self.below(6) as u32);
        (power + self.below(9 * power)) as i64
    }

    /// That many hexadecimal digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut out = String::new();
        while out.len() < digits {
            out.push_str(&format!("{:016x}", self.next()));
        }
        out.truncate(digits);
        out
    }

    /// A text of that many bytes: words, a line end about every 80 bytes and a few double quotes, so that JSON escapes occur.
    pub fn text(&mut self, length: usize) -> String {
        let mut out = String::with_capacity(length + 16);
        let mut line = 0;
        while out.len() < length {
            let word = self.pick(&WORDS);
            if self.below(40) == 0 {
                out.extend(["\"", word, "\""]);
            } else {
                out.push_str(word);
            }
            line += word.len() + 1;
            out.push(if line > 80 { '\n' } else { ' ' });
            if line > 80 {
                line = 0;
            }
        }
        out.truncate(length);
        out
    }
}

#[rustfmt::skip]
const WORDS: [&str; 48] = [
    "please", "send", "the", "quarterly", "report", "to", "customer", "before", "friday", "and", "attach", "invoice", "summary", "of", "open", "tickets",
    "with", "latest", "figures", "from", "warehouse", "export", "including", "regional", "totals", "as", "discussed", "in", "yesterday", "meeting",
    "thanks", "update", "record", "status", "pending", "approval", "by", "finance", "team", "note", "that", "this", "contains", "draft", "numbers",
    "only", "final", "version",
];
