//! A constant that is one more, or one less, as text.

/// An integer or a decimal with its last digit one more or less: `1_000` as `1001`, `2.50` as `2.49`. `None` below zero.
pub fn number(written: &str, more: bool) -> Option<String> {
    let digits: String = written.chars().filter(char::is_ascii_digit).collect();
    let places = written.split_once('.').map_or(0, |(_, fraction)| fraction.chars().filter(char::is_ascii_digit).count());
    let value: u128 = digits.parse().ok()?;
    let value = if more { value.checked_add(1)? } else { value.checked_sub(1)? };
    if places == 0 {
        return Some(value.to_string());
    }
    let padded = format!("{value:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at_checked(padded.len() - places)?;
    Some(format!("{whole}.{fraction}"))
}

/// A duration with its last figure one more or less: `1h30m` as `1h31m`.
pub fn duration(written: &str, more: bool) -> Option<String> {
    let figures = written.trim_end_matches(|char: char| char.is_ascii_alphabetic());
    let unit = written.get(figures.len()..)?;
    let front = figures.trim_end_matches(|char: char| char.is_ascii_digit() || char == '_');
    let last = number(figures.get(front.len()..)?, more)?;
    Some([front, &last, unit].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_more_or_less_at_its_last_place() {
        let both = |written| [true, false].map(|more| number(written, more).unwrap_or_default());
        assert_eq!(both("1_000"), ["1001", "999"]);
        assert_eq!(both("2.50"), ["2.51", "2.49"]);
        assert_eq!(both("9.99"), ["10.00", "9.98"]);
        assert_eq!(both("0.01"), ["0.02", "0.00"]);
        assert_eq!(both("0"), ["1", ""]);
    }

    #[test]
    fn a_duration_is_one_more_or_less_of_its_last_unit() {
        let both = |written| [true, false].map(|more| duration(written, more).unwrap_or_default());
        assert_eq!(both("1h30m"), ["1h31m", "1h29m"]);
        assert_eq!(both("5s"), ["6s", "4s"]);
        assert_eq!(both("250ms"), ["251ms", "249ms"]);
    }
}
