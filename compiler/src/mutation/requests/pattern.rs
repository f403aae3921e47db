//! Texts that patterns hold, and some that they just do not.

use std::iter::Peekable;
use std::str::Chars;

/// How many texts are made of a pattern, those of them that others are made of, and the most characters of each.
const MAX_SAMPLES: usize = 8;
const MAX_BESIDE: usize = 2;
const MAX_CHARS: usize = 400;

/// Texts near a glob: its stars as nothing and as something, and one character more or less.
pub fn of_glob(pattern: &str) -> Vec<String> {
    let filled = |star: &str| {
        let (mut text, mut chars) = (String::new(), pattern.chars());
        while let Some(char) = chars.next() {
            match char {
                '*' => text.push_str(star),
                '?' => text.push('x'),
                '\\' => text.extend(chars.next()),
                other => text.push(other),
            }
        }
        text
    };
    let (empty, one, two) = (filled(""), filled("x"), filled("xy"));
    let mut less = empty.clone();
    less.pop();
    let more = format!("{empty}x");
    let mut all = vec![one, empty, two, format!("{more}y"), more, less];
    all.dedup();
    all
}

/// Texts that a regular expression holds, as far as its syntax is a usual one: its repetitions as often as they must be, and once more.
pub fn samples(pattern: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for (more, branch) in [(0, 0), (1, 0), (2, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 3)] {
        let mut reader = Reader { chars: pattern.chars().peekable(), more, branch, depth: 0 };
        if let Some(text) = reader.alternatives()
            && !all.contains(&text)
            && all.len() < MAX_SAMPLES
        {
            all.push(text);
        }
    }
    all
}

/// Texts that a regular expression may hold no more: with a sign or a letter before or after, as anchors and word boundaries tell, and in the other case.
pub fn beside(pattern: &str) -> Vec<String> {
    let of_text = |text: String| {
        let other_case = if text == text.to_uppercase() { text.to_lowercase() } else { text.to_uppercase() };
        [format!("x{text}"), format!("{text}x"), format!("-{text}"), format!("{text}-"), other_case]
    };
    samples(pattern).into_iter().take(MAX_BESIDE).flat_map(of_text).collect()
}

struct Reader<'p> {
    chars: Peekable<Chars<'p>>,
    /// How often more than it must be a repetition is.
    more: usize,
    /// Which alternative is taken, the last where there are fewer.
    branch: usize,
    depth: usize,
}

impl Reader<'_> {
    /// `a|b`, up to a bracket that ends it.
    fn alternatives(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > 50 {
            return None;
        }
        let mut all = vec![self.sequence()?];
        while self.chars.next_if_eq(&'|').is_some() {
            all.push(self.sequence()?);
        }
        self.depth -= 1;
        let last = all.len().checked_sub(1)?;
        all.into_iter().nth(self.branch.min(last))
    }

    fn sequence(&mut self) -> Option<String> {
        let mut text = String::new();
        while let Some(char) = self.chars.next_if(|char| !matches!(char, '|' | ')')) {
            let part = self.part(char)?;
            let times = self.times()?;
            for _ in 0..times {
                text.push_str(&part);
                if text.len() > MAX_CHARS {
                    return None;
                }
            }
        }
        Some(text)
    }

    /// What one part of a sequence holds.
    fn part(&mut self, char: char) -> Option<String> {
        Some(match char {
            '^' | '$' => String::new(),
            '.' => "x".to_owned(),
            '(' => {
                if self.chars.next_if_eq(&'?').is_some() {
                    // `(?:…)`, `(?i)`, `(?P<name>…)`
                    while self.chars.next_if(|char| !matches!(char, ':' | '>' | ')')).is_some() {}
                    if self.chars.next()? == ')' {
                        return Some(String::new());
                    }
                }
                let inner = self.alternatives()?;
                self.chars.next_if_eq(&')')?;
                inner
            }
            '[' => self.class()?.to_string(),
            '\\' => match self.chars.next()? {
                'd' => "0".to_owned(),
                'w' | 'S' | 'D' => "x".to_owned(),
                's' => " ".to_owned(),
                'W' => "-".to_owned(),
                'b' | 'B' | 'A' | 'z' => String::new(),
                'n' => "\n".to_owned(),
                't' => "\t".to_owned(),
                other if other.is_ascii_alphanumeric() => return None,
                other => other.to_string(),
            },
            other => other.to_string(),
        })
    }

    /// A character of a class, the bracket of which has been read.
    fn class(&mut self) -> Option<char> {
        let negated = self.chars.next_if_eq(&'^').is_some();
        let mut ranges: Vec<(char, char)> = Vec::new();
        loop {
            let low = match self.chars.next()? {
                ']' if !ranges.is_empty() => break,
                '[' => return None,
                '\\' => match self.chars.next()? {
                    'd' => '0',
                    'w' => 'x',
                    's' => ' ',
                    other => other,
                },
                other => other,
            };
            let mut high = low;
            if self.chars.peek() == Some(&'-') {
                self.chars.next();
                high = match self.chars.peek() {
                    Some(']') | None => {
                        ranges.push(('-', '-'));
                        low
                    }
                    Some(_) => self.chars.next()?,
                };
            }
            ranges.push((low, high));
        }
        if !negated {
            return ranges.first().map(|(low, _)| *low);
        }
        "x0-. A_/".chars().find(|char| !ranges.iter().any(|(low, high)| (low..=high).contains(&char)))
    }

    /// How often the part before is taken.
    fn times(&mut self) -> Option<usize> {
        let (least, most): (usize, usize) = match self.chars.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') => {
                self.chars.next();
                let mut bounds = String::new();
                while let Some(char) = self.chars.next_if(|char| *char != '}') {
                    bounds.push(char);
                }
                let (least, most) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
                (least.parse().unwrap_or(0), most.parse().unwrap_or(usize::MAX))
            }
            _ => return Some(1),
        };
        self.chars.next();
        self.chars.next_if_eq(&'?');
        Some(least.checked_add(self.more)?.min(most)).filter(|times| *times <= MAX_CHARS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_filled() {
        assert_eq!(of_glob("a*b?")[..2], ["axbx", "abx"]);
        assert_eq!(samples("^ab+$"), ["ab", "abb", "abbb"]);
        assert_eq!(samples("^(?i)(read|write)_[a-z]{2,3}\\d*\\.txt$")[..2], ["read_aa.txt", "read_aaa0.txt"]);
        assert!(samples("^(a|b|c)$").contains(&"c".to_owned()));
        assert_eq!(samples("(a"), [""; 0]);
        assert_eq!(samples("[^x]"), ["0"]);
        assert_eq!(beside("^Rm$"), ["xRm", "Rmx", "-Rm", "Rm-", "RM"]);
    }
}
