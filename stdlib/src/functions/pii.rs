//! `pii`: the kinds of personal data in a text.

use std::collections::BTreeSet;

use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, names, spend_text, text};

/// `pii`.
pub const FUNCTIONS: &[Function] = &[Function {
    key: "string.pii",
    name: "pii",
    params: &[Param::new("self", Sig::Str)],
    result: Sig::Set(&Sig::Str),
    errs: false,
    cost: Cost::Counted,
    doc: "The kinds of personal data that stand in the text: `email`, `card_number` (with its check digit), `iban` (with its checksum), `phone` \
          (international, or North American with separators) and `ssn` (United States). Digits inside a longer run are none of these.",
    example: r#""mail bob@example.com, card 4111 1111 1111 1111".pii() == {"email", "card_number"}"#,
    run: pii,
}];

type Detector = fn(&[u8], usize) -> bool;

const DETECTORS: &[(&str, Detector)] = &[("email", is_email), ("card_number", is_card), ("iban", is_iban), ("phone", is_phone), ("ssn", is_ssn)];

fn pii<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let text = text(args, 0);
    spend_text(host, text.len().saturating_mul(DETECTORS.len()))?;
    // Each detector looks at a bounded stretch around each place.
    let bytes = text.as_bytes();
    let found: BTreeSet<_> = DETECTORS.iter().filter(|(_, is_at)| (0..bytes.len()).any(|at| is_at(bytes, at))).map(|(kind, _)| *kind).collect();
    names(host, found.into_iter())
}

/// The byte at a place before or after another.
fn byte(text: &[u8], at: usize, offset: isize) -> Option<u8> {
    text.get(at.checked_add_signed(offset)?).copied()
}

fn digit(text: &[u8], at: usize) -> Option<u32> {
    text.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'))
}

/// A letter or digit; every byte of a character beyond ASCII counts as one.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// Whether a number may begin there: nothing before it makes it part of something longer.
fn begins(text: &[u8], at: usize) -> bool {
    match byte(text, at, -1) {
        Some(before) if is_word(before) || before == b'_' => false,
        // `12-34…`, `12.34…`
        Some(b'-' | b'.' | b'/' | b'+') => !byte(text, at, -2).is_some_and(is_word),
        _ => true,
    }
}

/// Whether a number may end before that place.
fn ends(text: &[u8], at: usize) -> bool {
    match byte(text, at, 0) {
        Some(after) if is_word(after) || after == b'_' => false,
        Some(b'-' | b'.' | b'/') => !byte(text, at, 1).is_some_and(|byte| byte.is_ascii_digit()),
        _ => true,
    }
}

/// An address around the `@` there.
fn is_email(text: &[u8], at: usize) -> bool {
    let local = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&byte);
    if byte(text, at, 0) != Some(b'@') || !byte(text, at, -1).is_some_and(|byte| local(byte) && byte != b'.') {
        return false;
    }
    let rest = text.get(at + 1..).unwrap_or_default();
    let domain: Vec<u8> = rest.iter().copied().take(255).take_while(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(byte)).collect();
    let labels: Vec<&[u8]> = domain.split(|byte| *byte == b'.').collect();
    // A full stop may end the sentence.
    let labels = labels.strip_suffix(&[&b""[..]]).unwrap_or(&labels);
    let is_label = |label: &&[u8]| !label.is_empty() && label.first() != Some(&b'-');
    labels.len() >= 2 && labels.iter().all(is_label) && labels.last().is_some_and(|last| last.len() >= 2 && last.iter().any(u8::is_ascii_alphabetic))
}

/// Digits from a place on, in groups of those sizes with one separator between them; the place after them.
fn groups(text: &[u8], at: usize, sizes: &[usize], separators: &[u8]) -> Option<(Vec<u32>, usize)> {
    let (mut digits, mut place, mut separator) = (Vec::new(), at, None);
    for (index, size) in sizes.iter().enumerate() {
        if index > 0 {
            let between = byte(text, place, 0).filter(|byte| separators.contains(byte))?;
            if *separator.get_or_insert(between) != between {
                return None;
            }
            place += 1;
        }
        for _ in 0..*size {
            digits.push(digit(text, place)?);
            place += 1;
        }
    }
    ends(text, place).then_some((digits, place))
}

/// A card number with 13 to 19 digits, in one run or in the groups that cards have.
fn is_card(text: &[u8], at: usize) -> bool {
    // Payment cards begin with 2 to 6.
    if !digit(text, at).is_some_and(|first| (2..=6).contains(&first)) || !begins(text, at) {
        return false;
    }
    let run = (0..20).take_while(|offset| digit(text, at + offset).is_some()).count();
    let shapes: &[&[usize]] =
        if run >= 13 { &[&[13], &[14], &[15], &[16], &[17], &[18], &[19]] } else { &[&[4, 4, 4, 4], &[4, 6, 5], &[4, 6, 4], &[4, 4, 4, 4, 3]] };
    shapes.iter().any(|sizes| groups(text, at, sizes, b" -").is_some_and(|(digits, _)| luhn(&digits)))
}

fn luhn(digits: &[u32]) -> bool {
    let weighted = digits.iter().rev().enumerate().map(|(index, digit)| match digit * 2 {
        _ if index % 2 == 0 => *digit,
        double @ 10.. => double - 9,
        double => double,
    });
    weighted.sum::<u32>().is_multiple_of(10)
}

/// A social security number of the United States, its groups separated.
fn is_ssn(text: &[u8], at: usize) -> bool {
    if !begins(text, at) {
        return false;
    }
    let number = |digits: &[u32]| digits.iter().fold(0, |number, digit| number * 10 + digit);
    groups(text, at, &[3, 2, 4], b"- ").is_some_and(|(digits, _)| {
        let (area, rest) = digits.split_at(3.min(digits.len()));
        let (group, serial) = rest.split_at(2.min(rest.len()));
        !matches!(number(area), 0 | 666 | 900..) && number(group) > 0 && number(serial) > 0
    })
}

/// `+` and 8 to 15 digits with single separators, or ten digits as `(ddd) ddd-dddd` or `ddd-ddd-dddd`.
fn is_phone(text: &[u8], at: usize) -> bool {
    match byte(text, at, 0) {
        Some(b'+') if begins(text, at) => is_international(text, at + 1),
        Some(b'(') if begins(text, at) && byte(text, at, 4) == Some(b')') => {
            let rest = at + if byte(text, at, 5) == Some(b' ') { 6 } else { 5 };
            (1..=3).all(|offset| digit(text, at + offset).is_some()) && groups(text, rest, &[3, 4], b"-. ").is_some()
        }
        Some(b'2'..=b'9') if begins(text, at) => groups(text, at, &[3, 3, 4], b"-. ").is_some(),
        _ => false,
    }
}

fn is_international(text: &[u8], start: usize) -> bool {
    let (mut count, mut place, mut after_digit) = (0, start, false);
    while place < start + 32 {
        match byte(text, place, 0) {
            Some(b'0'..=b'9') => {
                count += 1;
                after_digit = true;
            }
            Some(b'(' | b')') if count > 0 => after_digit = true,
            Some(b' ' | b'-' | b'.' | b'/') if after_digit && byte(text, place, 1).is_some_and(|next| next.is_ascii_digit() || next == b'(') => {
                after_digit = false
            }
            Some(after) if is_word(after) || after == b'_' => return false,
            _ => break,
        }
        place += 1;
    }
    digit(text, start).is_some_and(|first| first > 0) && (8..=15).contains(&count)
}

/// The length of an IBAN by country.
const IBANS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

/// An IBAN, in one run or in groups of four.
fn is_iban(text: &[u8], at: usize) -> bool {
    // The rarest first: most places are ruled out by what stands third and fourth.
    if digit(text, at + 2).is_none() || digit(text, at + 3).is_none() || !begins(text, at) {
        return false;
    }
    let Some([first, second]) = text.get(at..at + 2) else { return false };
    let country = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    let Some((_, length)) = IBANS.iter().find(|(code, _)| code.as_bytes() == country) else { return false };
    let length = *length;
    let is_grouped = byte(text, at, 4) == Some(b' ');
    let (mut place, mut symbols) = (at, Vec::with_capacity(length));
    while symbols.len() < length {
        if is_grouped && !symbols.is_empty() && symbols.len() % 4 == 0 {
            if byte(text, place, 0) != Some(b' ') {
                return false;
            }
            place += 1;
        }
        match byte(text, place, 0).filter(u8::is_ascii_alphanumeric) {
            Some(symbol) => symbols.push(char::from(symbol)),
            None => return false,
        }
        place += 1;
    }
    symbols.rotate_left(4);
    let rest =
        symbols.into_iter().filter_map(|symbol| symbol.to_digit(36)).fold(0, |rest, value| (rest * if value < 10 { 10 } else { 100 } + value) % 97);
    rest == 1 && ends(text, place)
}

#[cfg(test)]
mod tests {
    use crate::Value::Str;
    use crate::functions::support::test::called;

    #[test]
    fn kinds() {
        for (text, expected) in [
            ("", ""),
            ("write to a.b+c@sub.example.co.", "email"),
            ("a@b", ""),
            ("a@b..com", ""),
            ("@example.com", ""),
            ("user@10.0.0.1", ""),
            ("4111111111111111", "card_number"),
            ("4111-1111-1111-1111.", "card_number"),
            ("card 4111 1111 1111 1111 12/28", "card_number"),
            ("378282246310005", "card_number"),
            ("3782 822463 10005", "card_number"),
            ("4111111111111112", ""),
            ("41111111111111111", ""),
            ("00004111111111111111", ""),
            ("x4111111111111111", ""),
            ("4111111111111111x", ""),
            ("0.4111111111111111", ""),
            ("1234-4111-1111-1111-1111", ""),
            ("4111-1111 1111-1111", ""),
            ("DE89370400440532013000", "iban"),
            ("IBAN de89 3704 0044 0532 0130 00 please", "iban"),
            ("GB82WEST12345698765432", "iban"),
            ("DE88370400440532013000", ""),
            ("XDE89370400440532013000", ""),
            ("DE893704004405320130001", ""),
            ("+1 (415) 555-2671", "phone"),
            ("+442071838750", "phone"),
            ("call (415) 555-2671 now", "phone"),
            ("415-555-2671", "phone"),
            ("415.555.2671", "phone"),
            ("4155552671", ""),
            ("1415-555-2671", ""),
            ("415-555-26712", ""),
            ("2026-04-04T00:00:00+02:00", ""),
            ("+1234", ""),
            ("1+12345678901", ""),
            ("078-05-1120", "ssn"),
            ("000-05-1120", ""),
            ("666-05-1120", ""),
            ("900-05-1120", ""),
            ("078-00-1120", ""),
            ("1078-05-1120", ""),
            ("078-05-11201", ""),
            ("078051120", ""),
            ("٤111111111111111", ""),
        ] {
            let expected = if expected.is_empty() { "[]".to_owned() } else { format!("[\"{expected}\"]") };
            assert_eq!(called("string.pii", &[Str(text)]), expected, "{text}");
        }
    }

    #[test]
    fn takes_linear_time() {
        for part in ["4", "a@", "a@b.", "DE89 ", "+1 ", "078-", "4111 "] {
            called("string.pii", &[Str(&part.repeat(300_000 / part.len()))]);
        }
    }
}
