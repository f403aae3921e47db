//! Text to scalar: the readers that the input decoder, the compiler's constants and the `to_*` functions share.

use std::net::{IpAddr, Ipv4Addr};

use ipnet::{IpNet, Ipv4Net};
use rust_decimal::Decimal;

use crate::arithmetic::DIGITS;
use crate::timestamp::Timestamp;
use crate::value::Value;

/// Reads a decimal as JSON writes numbers, exponent forms included (leading zeros are let pass). `None` for other text, and for a number that
/// `decimal` cannot hold exactly.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let (negative, text) = strip_sign(text);
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, parse_exponent(exponent)?),
        None => (text, 0),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return None,
        None => (number, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (mut digits, mut mantissa, mut zeros) = (0, 0_i128, 0_u32);
    for byte in whole.bytes().chain(fraction.bytes()) {
        if byte == b'0' {
            zeros = zeros.saturating_add(u32::from(digits > 0));
            continue;
        }
        digits += if digits > 0 { zeros.saturating_add(1) } else { 1 };
        if digits > DIGITS {
            return None;
        }
        mantissa = mantissa * 10_i128.pow(zeros + 1) + i128::from(byte - b'0');
        zeros = 0;
    }
    let power = exponent.saturating_sub(i64::try_from(fraction.len()).ok()?).saturating_add(i64::from(zeros));
    scaled(if negative { -mantissa } else { mantissa }, power)
}

/// Reads a number as JSON writes it: an int where `int` holds it, whatever way it is written, else a decimal. `None` for other text, and for a number
/// that `decimal` cannot hold exactly.
pub fn parse_json_number(text: &str) -> Option<Value<'static>> {
    let whole = text.strip_prefix('-').unwrap_or(text);
    if whole.starts_with('0') && whole.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    if let Some(value) = parse_int(text) {
        return Some(Value::Int(value));
    }
    let value = parse_decimal(text)?;
    let int = value.is_integer().then(|| i64::try_from(value.trunc().mantissa()).ok()).flatten();
    Some(int.map_or(Value::Decimal(value), Value::Int))
}

/// `mantissa * 10^power`, where a decimal holds it.
fn scaled(mantissa: i128, power: i64) -> Option<Decimal> {
    if mantissa == 0 {
        return Some(Decimal::ZERO);
    }
    match u32::try_from(power) {
        Ok(power) => Decimal::try_from_i128_with_scale(mantissa.checked_mul(10_i128.checked_pow(power)?)?, 0).ok(),
        Err(_) => Decimal::try_from_i128_with_scale(mantissa, u32::try_from(power.checked_neg()?).ok()?).ok(),
    }
}

/// An exponent; one of many digits counts as one that is out of every range.
fn parse_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.bytes().fold(0_i64, |sum, byte| sum.saturating_mul(10).saturating_add(i64::from(byte - b'0')));
    Some(if text.starts_with('-') { -size } else { size })
}

/// Reads an int: digits, with `-` before them at most.
pub fn parse_int(text: &str) -> Option<i64> {
    if text.starts_with('+') { None } else { text.parse().ok() }
}

/// Reads a duration in nanoseconds: `15m`, `1h30m`, `-5s`, `250ms`, or ISO 8601 such as `PT15M` and `P1DT2H`, with a fraction where ISO allows one.
/// `None` for other text, for years and months, which have no fixed length, and for what is out of range.
pub fn parse_duration(text: &str) -> Option<i64> {
    let (negative, text) = strip_sign(text);
    let size = match text.strip_prefix('P') {
        Some(rest) => parse_iso_duration(rest)?,
        None => parse_unit_duration(text)?,
    };
    i64::try_from(if negative { -size } else { size }).ok()
}

const SECOND: i128 = 1_000_000_000;

fn parse_unit_duration(text: &str) -> Option<i128> {
    let units = [("d", 86_400 * SECOND), ("h", 3600 * SECOND), ("m", 60 * SECOND), ("s", SECOND), ("ms", 1_000_000), ("us", 1000), ("ns", 1)];
    let (mut rest, mut sum, mut previous) = (text, 0_i128, i128::MAX);
    if rest == "0" || rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, tail) = split_digits(rest)?;
        let letters = tail.bytes().take_while(u8::is_ascii_lowercase).count();
        let (unit, tail) = tail.split_at_checked(letters)?;
        let (_, size) = units.into_iter().find(|(name, _)| *name == unit)?;
        if size >= previous {
            return None;
        }
        sum = sum.checked_add(i128::from(number.parse::<i64>().ok()?).checked_mul(size)?)?;
        (rest, previous) = (tail, size);
    }
    Some(sum)
}

fn parse_iso_duration(text: &str) -> Option<i128> {
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None if text.is_empty() => return None,
        None => (text, ""),
    };
    let date = parse_iso_part(date, &[('W', 604_800 * SECOND), ('D', 86_400 * SECOND)])?;
    let time = parse_iso_part(time, &[('H', 3600 * SECOND), ('M', 60 * SECOND), ('S', SECOND)])?;
    date.checked_add(time)
}

/// Numbers with units in falling order; the last may have a fraction of at most nine digits.
fn parse_iso_part(text: &str, units: &[(char, i128)]) -> Option<i128> {
    let (mut rest, mut sum, mut previous) = (text, 0_i128, i128::MAX);
    while !rest.is_empty() {
        let (number, tail) = split_digits(rest)?;
        let (fraction, tail) = match tail.strip_prefix(['.', ',']) {
            Some(tail) => split_digits(tail)?,
            None => ("", tail),
        };
        let (_, size) = units.iter().copied().find(|(unit, _)| tail.starts_with(*unit))?;
        rest = tail.get(1..)?;
        let is_last = rest.is_empty();
        if size >= previous || fraction.len() > 9 || (!fraction.is_empty() && !is_last) {
            return None;
        }
        let places = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
        let part = if fraction.is_empty() { 0 } else { fraction.parse::<i128>().ok()? * size };
        if part % places != 0 {
            return None;
        }
        sum = sum.checked_add(i128::from(number.parse::<i64>().ok()?).checked_mul(size)?)?.checked_add(part / places)?;
        previous = size;
    }
    Some(sum)
}

/// The digits at the start, at least one, and what follows them.
fn split_digits(text: &str) -> Option<(&str, &str)> {
    let count = text.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 { None } else { text.split_at_checked(count) }
}

fn strip_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

/// Reads an RFC 3339 timestamp with its offset, in the years 1 to 9999.
pub fn parse_timestamp(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text)
}

/// Reads an IPv4 address of four decimal parts or an IPv6 address; an IPv4-mapped one is the IPv4 address in it.
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    text.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// Reads a network such as `10.0.0.0/8`; an address alone is the network of it alone. Host bits are cleared: `10.1.2.3/8` is `10.0.0.0/8`. A network
/// of IPv4-mapped addresses is the IPv4 network.
pub fn parse_cidr(text: &str) -> Option<IpNet> {
    let net = match text.parse::<IpNet>() {
        Ok(net) => net.trunc(),
        Err(_) => IpNet::from(text.parse::<IpAddr>().ok()?),
    };
    Some(unmapped(net))
}

fn unmapped(net: IpNet) -> IpNet {
    let (IpAddr::V6(address), Some(prefix)) = (net.addr(), net.prefix_len().checked_sub(96)) else { return net };
    let mapped: Option<Ipv4Addr> = address.to_ipv4_mapped();
    mapped.and_then(|address| Ipv4Net::new(address, prefix).ok()).map_or(net, IpNet::V4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for (text, expected) in [
            ("0", "0"),
            ("-0.00", "0"),
            ("12.50", "12.5"),
            ("-1e3", "-1000"),
            ("1.5E-3", "0.0015"),
            ("0.0000000000000000000000000001", "0.0000000000000000000000000001"),
            ("1234567890123456789012345678", "1234567890123456789012345678"),
            ("1234567890123456789012345678000e-3", "1234567890123456789012345678"),
            ("1.000000000000000000000000000000000000", "1"),
            ("0e999999999999999999999999", "0"),
            ("0.00000000000000000000000000000000001e30", "0.00001"),
            ("5e28", "50000000000000000000000000000"),
        ] {
            assert_eq!(parse_decimal(text).map(|decimal| decimal.normalize().to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "-",
            ".",
            ".5",
            "5.",
            "+1",
            "1e",
            "1e+",
            "1.e3",
            "0x1",
            "1_0",
            " 1",
            "١",
            "--1",
            "1e1e1",
            "NaN",
            "12345678901234567890123456789",
            "1e29",
            "1e-29",
            "1e999999999999999999999999",
            "1e-999999999999999999999999",
            "0.12345678901234567890123456789",
            "1.0000000000000000000000000001",
        ] {
            assert_eq!(parse_decimal(text), None, "{text}");
        }
    }

    #[test]
    fn durations() {
        let second = 1_000_000_000;
        for (text, expected) in [
            ("15m", 900 * second),
            ("1h30m", 5400 * second),
            ("1d12h", 129_600 * second),
            ("-5s", -5 * second),
            ("0s", 0),
            ("1s500ms", 1_500_000_000),
            ("250ms", 250_000_000),
            ("2us3ns", 2003),
            ("PT15M", 900 * second),
            ("P1DT2H", 93_600 * second),
            ("P2W", 1_209_600 * second),
            ("PT0.5S", second / 2),
            ("-PT1,5H", -5400 * second),
            ("-106751d23h47m16s854ms775us808ns", i64::MIN),
        ] {
            assert_eq!(parse_duration(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "5",
            "0",
            "s",
            "5 s",
            "m5",
            "1m1h",
            "1m1m",
            "5x",
            "1.5h",
            "--5s",
            "P",
            "PT",
            "P1Y",
            "P1M",
            "P1DT",
            "PT1M1H",
            "PT1.5H1M",
            "P1H",
            "106752d",
            "99999999999999999999s",
            "PT0.0000000001S",
            "5S",
            "pt5m",
            "PT0.0000000001H",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_and_networks() {
        assert_eq!(parse_ip("::ffff:10.0.0.1"), parse_ip("10.0.0.1"));
        assert_eq!(parse_ip("0:0::1").map(|ip| ip.to_string()).as_deref(), Some("::1"));
        for text in ["", "10.0.0", "010.0.0.1", "10.0.0.1/8", " 10.0.0.1", "fe80::1%eth0", "[::1]"] {
            assert_eq!(parse_ip(text), None, "{text}");
        }
        for (text, expected) in [
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"),
            ("fd00::1/8", "fd00::/8"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(parse_cidr(text).map(|net| net.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8"] {
            assert_eq!(parse_cidr(text), None, "{text}");
        }
    }

    #[test]
    fn ints() {
        assert_eq!(parse_int("-9223372036854775808"), Some(i64::MIN));
        for text in ["", "+1", "1.0", "9223372036854775808", "1_0", " 1"] {
            assert_eq!(parse_int(text), None, "{text}");
        }
    }
}
