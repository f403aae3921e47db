//! Checked arithmetic on values, and exact decimals that round half to even.
//!
//! A decimal result has at most [`DIGITS`] significant digits, [`PLACES`] of them after the point; what has more is rounded half to even.
//! The digits are computed here, in wider integers, since the decimal library's own operations round otherwise.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::error::EvalError;
use crate::timestamp::Timestamp;
use crate::value::Value;
use crate::wide::Wide;

/// Significant digits of a decimal.
pub const DIGITS: u32 = 28;
/// Digits after the point at most.
pub const PLACES: u32 = 28;

const LIMIT: u128 = 10_u128.pow(DIGITS);

/// `a + b` on numbers, durations, or a timestamp and a duration.
pub fn add<'a>(a: Value<'_>, b: Value<'_>) -> Result<Value<'a>, EvalError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => int(a.checked_add(b)),
        (Value::Duration(a), Value::Duration(b)) => duration(a.checked_add(b)),
        (Value::Timestamp(time), Value::Duration(by)) | (Value::Duration(by), Value::Timestamp(time)) => shift(time, i128::from(by)),
        _ => on_decimals(a, b, add_decimals),
    }
}

/// `a - b` on numbers, durations, timestamps, or a timestamp and a duration.
pub fn sub<'a>(a: Value<'_>, b: Value<'_>) -> Result<Value<'a>, EvalError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => int(a.checked_sub(b)),
        (Value::Duration(a), Value::Duration(b)) => duration(a.checked_sub(b)),
        (Value::Timestamp(a), Value::Timestamp(b)) => duration(i64::try_from(a.as_nanosecond() - b.as_nanosecond()).ok()),
        (Value::Timestamp(time), Value::Duration(by)) => shift(time, -i128::from(by)),
        _ => on_decimals(a, b, |a, b| add_decimals(a, -b)),
    }
}

/// `a * b` on numbers, or a duration and an int.
pub fn mul<'a>(a: Value<'_>, b: Value<'_>) -> Result<Value<'a>, EvalError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => int(a.checked_mul(b)),
        (Value::Duration(a), Value::Int(b)) | (Value::Int(a), Value::Duration(b)) => duration(a.checked_mul(b)),
        _ => on_decimals(a, b, mul_decimals),
    }
}

/// `a / b` on numbers, or a duration by an int: toward zero on ints and durations.
pub fn div<'a>(a: Value<'_>, b: Value<'_>) -> Result<Value<'a>, EvalError> {
    match (a, b) {
        (Value::Int(_) | Value::Duration(_), Value::Int(0)) => Err(EvalError::DivisionByZero),
        (Value::Int(a), Value::Int(b)) => int(a.checked_div(b)),
        (Value::Duration(a), Value::Int(b)) => duration(a.checked_div(b)),
        _ => on_decimals(a, b, div_decimals),
    }
}

/// `a % b` on numbers: what [`div`] toward zero leaves, with the sign of `a`.
pub fn rem<'a>(a: Value<'_>, b: Value<'_>) -> Result<Value<'a>, EvalError> {
    match (a, b) {
        (Value::Int(_), Value::Int(0)) => Err(EvalError::DivisionByZero),
        (Value::Int(a), Value::Int(b)) => Ok(Value::Int(a.wrapping_rem(b))),
        _ => on_decimals(a, b, rem_decimals),
    }
}

/// `-a` on a number or duration.
pub fn neg<'a>(a: Value<'_>) -> Result<Value<'a>, EvalError> {
    match a {
        Value::Int(a) => int(a.checked_neg()),
        Value::Duration(a) => duration(a.checked_neg()),
        Value::Decimal(a) => Ok(Value::Decimal(-a)),
        _ => Ok(Value::None),
    }
}

/// The decimal rounded half to even to that many places after the point (before it, where negative).
pub fn round_decimal(value: Decimal, places: i64) -> Result<Decimal, EvalError> {
    // No decimal has a hundred digits on either side of its point.
    let places = places.clamp(-100, 100);
    let dropped = i64::from(value.scale()) - places;
    let Ok(dropped @ 1..) = u32::try_from(dropped) else { return Ok(value) };
    let mut digits = Wide::from(value.mantissa().unsigned_abs());
    digits.round_off(dropped);
    match u32::try_from(places) {
        Ok(places) => settle(value.is_sign_negative(), digits, places),
        // The dropped digits come back as zeros; more than a decimal ever has leave nothing.
        Err(_) if digits.is_zero() => Ok(Decimal::ZERO),
        Err(_) => {
            digits.shift(u32::try_from(-places).unwrap_or(u32::MAX));
            settle(value.is_sign_negative(), digits, 0)
        }
    }
}

/// The decimal as an int, toward zero.
pub fn truncate_decimal(value: Decimal) -> Result<i64, EvalError> {
    i64::try_from(value.trunc().mantissa()).map_err(|_| EvalError::IntegerOverflow)
}

fn int<'a>(result: Option<i64>) -> Result<Value<'a>, EvalError> {
    result.map(Value::Int).ok_or(EvalError::IntegerOverflow)
}

fn duration<'a>(result: Option<i64>) -> Result<Value<'a>, EvalError> {
    result.map(Value::Duration).ok_or(EvalError::DurationOverflow)
}

fn shift<'a>(time: Timestamp, by: i128) -> Result<Value<'a>, EvalError> {
    Timestamp::from_nanosecond(time.as_nanosecond() + by).map(Value::Timestamp).ok_or(EvalError::TimestampOverflow)
}

/// Applies an operation to two numbers. Types leave no other case; what is no number gives `none`.
fn on_decimals<'a>(a: Value<'_>, b: Value<'_>, run: fn(Decimal, Decimal) -> Result<Decimal, EvalError>) -> Result<Value<'a>, EvalError> {
    match (a.as_decimal(), b.as_decimal()) {
        (Some(a), Some(b)) => run(a, b).map(Value::Decimal),
        _ => Ok(Value::None),
    }
}

fn add_decimals(a: Decimal, b: Decimal) -> Result<Decimal, EvalError> {
    let scale = a.scale().max(b.scale());
    let align = |value: Decimal| value.mantissa().checked_mul(10_i128.checked_pow(scale - value.scale())?);
    if let (Some(a), Some(b)) = (align(a), align(b))
        && let Some(sum) = a.checked_add(b)
    {
        return settle(sum < 0, Wide::from(sum.unsigned_abs()), scale);
    }
    let widen = |value: Decimal| {
        let mut digits = Wide::from(value.mantissa().unsigned_abs());
        digits.shift(scale - value.scale());
        digits
    };
    let (x, y) = (widen(a), widen(b));
    if a.is_sign_negative() == b.is_sign_negative() {
        return settle(a.is_sign_negative(), x.plus(y), scale);
    }
    match x.cmp(&y) {
        Ordering::Less => settle(b.is_sign_negative(), y.minus(x), scale),
        _ => settle(a.is_sign_negative(), x.minus(y), scale),
    }
}

fn mul_decimals(a: Decimal, b: Decimal) -> Result<Decimal, EvalError> {
    let product = Wide::product(a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    settle(a.is_sign_negative() != b.is_sign_negative(), product, a.scale() + b.scale())
}

/// Long division, a digit at a time, until the remainder is zero or there are as many digits as a decimal holds; the remainder then rounds.
fn div_decimals(a: Decimal, b: Decimal) -> Result<Decimal, EvalError> {
    let (dividend, divisor) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    let (mut quotient, mut rest) = match (dividend.checked_div(divisor), dividend.checked_rem(divisor)) {
        (Some(quotient), Some(rest)) => (quotient, rest),
        _ => return Err(EvalError::DivisionByZero),
    };
    // The quotient has the scale of the dividend less that of the divisor, which may be below zero.
    let (mut scale, shift) = match a.scale().checked_sub(b.scale()) {
        Some(scale) => (scale, 0),
        None => (0, b.scale() - a.scale()),
    };
    let mut digit = |quotient: u128| {
        rest *= 10;
        let next = quotient * 10 + rest / divisor;
        rest %= divisor;
        next
    };
    for _ in 0..shift {
        if quotient >= LIMIT * 10 {
            return Err(EvalError::DecimalOverflow);
        }
        quotient = digit(quotient);
    }
    while quotient < LIMIT / 10 && scale < PLACES {
        quotient = digit(quotient);
        scale += 1;
    }
    let mut digits = Wide::from(quotient);
    if rest == 0 {
        return settle(a.is_sign_negative() != b.is_sign_negative(), digits, scale);
    }
    // One more digit, which stands for all that follow: 5 exactly for a half, else a digit that rounds the same way.
    let half = (rest * 2).cmp(&divisor);
    digits.shift(1);
    digits = digits.plus(Wide::from(match half {
        Ordering::Less => 1,
        Ordering::Equal => 5,
        Ordering::Greater => 9,
    }));
    settle(a.is_sign_negative() != b.is_sign_negative(), digits, scale + 1)
}

fn rem_decimals(a: Decimal, b: Decimal) -> Result<Decimal, EvalError> {
    let (dividend, divisor) = (a.mantissa().unsigned_abs(), b.mantissa().unsigned_abs());
    if divisor == 0 {
        return Err(EvalError::DivisionByZero);
    }
    let rest = match b.scale().checked_sub(a.scale()) {
        Some(places) => (0..places).fold(dividend % divisor, |rest, _| rest * 10 % divisor),
        None => match 10_u128.checked_pow(a.scale() - b.scale()).and_then(|power| divisor.checked_mul(power)) {
            Some(divisor) => dividend % divisor,
            // The divisor is greater than every decimal of that scale.
            None => dividend,
        },
    };
    settle(a.is_sign_negative(), Wide::from(rest), a.scale().max(b.scale()))
}

/// The decimal of those digits and that scale, rounded once to what a decimal holds.
fn settle(negative: bool, mut digits: Wide, scale: u32) -> Result<Decimal, EvalError> {
    let dropped = digits.digits().saturating_sub(DIGITS).max(scale.saturating_sub(PLACES));
    digits.round_off(dropped);
    // Digits dropped before the point come back as zeros.
    digits.shift(dropped.saturating_sub(scale));
    let mantissa = digits.narrow().and_then(|digits| i128::try_from(digits).ok()).ok_or(EvalError::DecimalOverflow)?;
    let mantissa = if negative { -mantissa } else { mantissa };
    Decimal::try_from_i128_with_scale(mantissa, scale.saturating_sub(dropped)).map_err(|_| EvalError::DecimalOverflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::parse_decimal;

    const MAX: &str = "9999999999999999999999999999";

    type Operation = fn(Value<'_>, Value<'_>) -> Result<Value<'static>, EvalError>;

    fn decimals(run: Operation, a: &str, b: &str) -> String {
        let value = |text: &str| Value::Decimal(parse_decimal(text).unwrap());
        run(value(a), value(b)).map_or_else(|error| error.to_string(), |value| value.to_string())
    }

    #[test]
    fn sums() {
        for (a, b, sum) in [
            ("0.1", "0.2", "0.3"),
            ("1", "-1.0", "0"),
            (MAX, "0.5", "10000000000000000000000000000"),
            ("9999999999999999999999999998", "0.5", "9999999999999999999999999998"),
            ("5e28", "5e28", "decimal overflow"),
            ("-5e28", "1e-28", "-50000000000000000000000000000"),
            ("1", "1e-28", "1"),
            ("1.000000000000000000000000001", "5e-28", "1.000000000000000000000000002"),
            ("1e27", "-1e-28", "1000000000000000000000000000"),
            ("2", "-3.25", "-1.25"),
        ] {
            assert_eq!(decimals(add, a, b), sum, "{a} + {b}");
        }
        assert_eq!(decimals(sub, "0.3", "0.1"), "0.2");
    }

    #[test]
    fn products() {
        for (a, b, product) in [
            ("1.5", "-2", "-3"),
            (MAX, MAX, "decimal overflow"),
            ("1e-28", "0.5", "0"),
            ("3e-28", "0.5", "0.0000000000000000000000000002"),
            ("1.000000000000000000000000001", "1.5", "1.500000000000000000000000002"),
            ("3333333333333333333333333333", "3.0000000000000000000000000", "9999999999999999999999999999"),
            ("7.9e28", "1", "79000000000000000000000000000"),
        ] {
            assert_eq!(decimals(mul, a, b), product, "{a} * {b}");
        }
    }

    #[test]
    fn quotients_and_remainders() {
        for (a, b, quotient) in [
            ("1", "3", "0.3333333333333333333333333333"),
            ("2", "3", "0.6666666666666666666666666667"),
            ("-2", "3", "-0.6666666666666666666666666667"),
            ("200", "3", "66.66666666666666666666666667"),
            ("1", "8", "0.125"),
            ("1", "0.0", "division by zero"),
            ("1e28", "1e-28", "decimal overflow"),
            ("1e-28", "2", "0"),
            ("3e-28", "2", "0.0000000000000000000000000002"),
            ("1e-28", "3e28", "0"),
            ("5e28", "0.7", "71428571428571428571428571430"),
            ("6", "0.0000000000000000000000000002", "30000000000000000000000000000"),
            ("1000000000000000000000000001", "4", "250000000000000000000000000.2"),
            ("1000000000000000000000000003", "4", "250000000000000000000000000.8"),
        ] {
            assert_eq!(decimals(div, a, b), quotient, "{a} / {b}");
        }
        for (a, b, rest) in [
            ("7.5", "2", "1.5"),
            ("-7.5", "2", "-1.5"),
            ("7", "-0.3", "0.1"),
            ("0.1", "5e28", "0.1"),
            ("5e28", "7e-28", "0.0000000000000000000000000003"),
            ("1", "0", "division by zero"),
        ] {
            assert_eq!(decimals(rem, a, b), rest, "{a} % {b}");
        }
    }

    #[test]
    fn rounding() {
        for (value, places, expected) in [
            ("2.5", 0, "2"),
            ("3.5", 0, "4"),
            ("-2.5", 0, "-2"),
            ("2.51", 0, "3"),
            ("1.005", 2, "1"),
            ("1.015", 2, "1.02"),
            ("1250", -2, "1200"),
            ("1350", -2, "1400"),
            ("1350", -40, "0"),
            ("1350", i64::MIN, "0"),
            ("1.5", i64::MAX, "1.5"),
            ("7e28", -29, "decimal overflow"),
        ] {
            let rounded = round_decimal(parse_decimal(value).unwrap(), places);
            let text = rounded.map_or_else(|error| error.to_string(), |rounded| rounded.normalize().to_string());
            assert_eq!(text, expected, "{value} to {places}");
        }
        assert_eq!(truncate_decimal(parse_decimal("-1.9").unwrap()), Ok(-1));
        assert_eq!(truncate_decimal(parse_decimal("9223372036854775808").unwrap()), Err(EvalError::IntegerOverflow));
    }

    #[test]
    fn ints_durations_and_timestamps() {
        let time = Value::Timestamp(Timestamp::parse("9999-12-31T23:59:59Z").unwrap());
        let first = Value::Timestamp(Timestamp::parse("0001-01-01T00:00:00Z").unwrap());
        let second = Value::Duration(1_000_000_000);
        let text = |result: Result<Value<'_>, EvalError>| result.map_or_else(|error| error.to_string(), |value| value.to_string());
        assert_eq!(text(add(Value::Int(i64::MAX), Value::Int(1))), "integer overflow");
        assert_eq!(text(div(Value::Int(-7), Value::Int(2))), "-3");
        assert_eq!(text(rem(Value::Int(-7), Value::Int(2))), "-1");
        assert_eq!(text(rem(Value::Int(i64::MIN), Value::Int(-1))), "0");
        assert_eq!(text(div(Value::Int(i64::MIN), Value::Int(-1))), "integer overflow");
        assert_eq!(text(div(Value::Int(1), Value::Int(0))), "division by zero");
        assert_eq!(text(neg(Value::Int(i64::MIN))), "integer overflow");
        assert_eq!(text(add(time, second)), "timestamp out of range");
        assert_eq!(text(sub(time, second)), "9999-12-31T23:59:58Z");
        assert_eq!(text(sub(time, first)), "duration overflow");
        assert_eq!(text(mul(second, Value::Int(90))), "1m30s");
        assert_eq!(text(mul(second, Value::Int(i64::MAX))), "duration overflow");
        assert_eq!(text(add(Value::Int(1), Value::Decimal(Decimal::new(5, 1)))), "1.5");
    }
}
