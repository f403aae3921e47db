//! The numbers of a schema, and how the language writes them.

use std::cmp::Ordering;

/// The greatest number up to which JavaScript has every integer. Generators of schemas write it where they mean any integer.
const SAFE: u64 = (1 << 53) - 1;

/// The digits of a decimal at most.
const DIGITS: usize = 28;

/// A number of a schema.
#[derive(Clone, Debug, PartialEq)]
pub struct Number(serde_json::Number);

impl Number {
    /// A number that JSON gives.
    pub fn new(number: &serde_json::Number) -> Number {
        Number(number.clone())
    }

    /// The number 1.
    pub fn one() -> Number {
        Number(1.into())
    }

    /// How it stands to another.
    pub fn compare(&self, other: &Number) -> Ordering {
        match (self.0.as_i128(), other.0.as_i128()) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.value().partial_cmp(&other.value()).unwrap_or(Ordering::Equal),
        }
    }

    /// Whether it has no fraction.
    pub fn is_integer(&self) -> bool {
        !self.0.is_f64() || self.value().fract() == 0.0
    }

    /// Whether it is zero.
    pub fn is_zero(&self) -> bool {
        self.value() == 0.0
    }

    /// Whether it bounds no integer that the language has.
    pub fn is_beyond_int(&self) -> bool {
        self.is_integer() && self.as_int().is_none()
    }

    /// Whether it is the bound of JavaScript's integers.
    pub fn is_safe_bound(&self) -> bool {
        self.as_int().is_some_and(|value| value.unsigned_abs() == SAFE)
    }

    /// The literal in the language; none where the language does not have the number.
    pub fn literal(&self) -> Option<String> {
        if let Some(value) = self.as_int() {
            let sign = if value < 0 { "-" } else { "" };
            return Some(format!("{sign}{}", grouped(&value.unsigned_abs().to_string())));
        }
        let written = self.0.as_u64().map_or_else(|| self.value().to_string(), |value| value.to_string());
        let digits = written.bytes().filter(u8::is_ascii_digit).count();
        (digits <= DIGITS).then(|| if written.contains('.') { written } else { format!("{written}.0") })
    }

    /// A text that two numbers share where they are one: `1` is `1.0`.
    pub fn key(&self) -> String {
        self.literal().unwrap_or_else(|| self.0.to_string())
    }

    /// Whether it is a whole number of times another; none where that cannot be told.
    pub fn is_multiple_of(&self, other: &Number) -> Option<bool> {
        let ((digits, scale), (of, of_scale)) = (self.exact()?, other.exact()?);
        let common = scale.max(of_scale);
        let raised = |digits: i128, scale: u32| digits.checked_mul(10_i128.checked_pow(common - scale)?);
        Some(raised(digits, scale)?.checked_rem(raised(of, of_scale)?)? == 0)
    }

    /// Its digits, and how many of them stand behind the point.
    fn exact(&self) -> Option<(i128, u32)> {
        let written = self.literal()?.replace('_', "");
        let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
        Some((format!("{whole}{fraction}").parse().ok()?, u32::try_from(fraction.len()).ok()?))
    }

    /// As an `int`.
    pub fn as_int(&self) -> Option<i64> {
        const BEYOND: f64 = 9_223_372_036_854_775_808.0;
        let value = self.value();
        let is_exact = self.0.is_f64() && value.fract() == 0.0 && (-BEYOND..BEYOND).contains(&value);
        #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is within the bounds")]
        self.0.as_i64().or_else(|| is_exact.then_some(value as i64))
    }

    fn value(&self) -> f64 {
        self.0.as_f64().unwrap_or(f64::NAN)
    }
}

/// Digits in groups of three, where they are many.
pub fn grouped(digits: &str) -> String {
    if digits.len() < 5 {
        return digits.to_owned();
    }
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('_');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn numbers_are_written_as_the_language_has_them() {
        let literal = |text: &str| Number::new(&serde_json::from_str(text).unwrap()).literal();
        let written = ["1", "-5", "409600", "1.0", "0.01", "1e3", "-1.5e2", "18446744073709551615"].map(|text| literal(text).unwrap());
        assert_eq!(written, ["1", "-5", "409_600", "1", "0.01", "1000", "-150", "18446744073709551615.0"]);
        assert_eq!((literal("1e300"), literal("1e-30")), (None, None));
    }

    #[test]
    fn multiples_are_told_exactly() {
        let number = |text: &str| Number::new(&serde_json::from_str(text).unwrap());
        let told = [("0.3", "0.1"), ("0.35", "0.1"), ("7", "0.5"), ("-1e3", "250"), ("1", "0"), ("1e300", "2")];
        let told = told.map(|(value, of)| number(value).is_multiple_of(&number(of)));
        assert_eq!(told, [Some(true), Some(false), Some(true), Some(true), None, None]);
    }
}
