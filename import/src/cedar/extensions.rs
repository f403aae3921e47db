//! Extension values: what their constructors take, and their methods.

use std::net::IpAddr;
use std::str::FromStr;

use cedar_policy::{Context, Entities, Expression, Request};

use super::schema::Type;

/// Whether a constructor takes a text, as Cedar itself says.
pub fn is_valid(function: &str, text: &str) -> bool {
    let call = format!("{function}(\"{}\")", text.escape_debug());
    let (Ok(expression), Some(request)) = (Expression::from_str(&call), nobody()) else { return false };
    cedar_policy::eval_expression(&request, &Entities::empty(), &expression).is_ok()
}

fn nobody() -> Option<Request> {
    let uid = || cedar_policy::EntityUid::from_str("Nobody::\"\"").ok();
    Request::new(uid()?, uid()?, uid()?, Context::empty(), None).ok()
}

/// An address or a range that Cedar takes, as the language writes it; nothing for one that the language takes for an IPv4 address.
pub fn network(text: &str) -> Option<String> {
    let address = text.split('/').next().and_then(|address| address.parse().ok())?;
    match address {
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => None,
        _ => Some(text.to_owned()),
    }
}

/// A decimal that Cedar takes, as the language writes it.
pub fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.')?;
    let whole = whole.trim_start_matches('0');
    let is_plain = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let whole = if whole.is_empty() { "0" } else { whole };
    (is_plain(whole) && is_plain(fraction)).then(|| format!("{sign}{whole}.{fraction}"))
}

/// Of a method: what it is called on, what it takes, and what it gives.
pub fn signature(method: &str) -> Option<(Type, Option<Type>, Type)> {
    Some(match method {
        "isIpv4" | "isIpv6" | "isLoopback" | "isMulticast" => (Type::Ip, None, Type::Bool),
        "isInRange" => (Type::Ip, Some(Type::Ip), Type::Bool),
        "lessThan" | "lessThanOrEqual" | "greaterThan" | "greaterThanOrEqual" => (Type::Decimal, Some(Type::Decimal), Type::Bool),
        "offset" => (Type::Datetime, Some(Type::Duration), Type::Datetime),
        "durationSince" => (Type::Datetime, Some(Type::Datetime), Type::Duration),
        "toDate" => (Type::Datetime, None, Type::Datetime),
        "toTime" => (Type::Datetime, None, Type::Duration),
        "toMilliseconds" | "toSeconds" | "toMinutes" | "toHours" | "toDays" => (Type::Duration, None, Type::Long),
        _ => return None,
    })
}
