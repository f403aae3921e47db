//! What an expression claims of one value, and values on both sides of it.

use std::net::IpAddr;
use std::sync::Arc;

use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Decimal, IpNet, Kept, KeptSet, Timestamp};

use super::pattern;
use crate::check::glob::glob_holds;
use crate::program::Order;

/// How many elements of a list of constants, and how many variants of an enum, are tried.
const MAX_VALUES: usize = 12;
/// The longest text that is made, in characters.
const MAX_LEN: i64 = 5_000;
const SECOND: i64 = 1_000_000_000;

/// A claim about a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// `== x`
    Equal(Kept),
    /// `< x` and its like
    Order(Order, Kept),
    /// `in {…}`
    OneOf(Vec<Kept>),
    /// It has that element.
    Has(Kept),
    /// `in cidr(…)`
    Within(IpNet),
    /// `.starts_with(…)`
    Starts(Arc<str>),
    /// `.ends_with(…)`
    Ends(Arc<str>),
    /// `.contains(…)`
    Contains(Arc<str>),
    /// `like`
    Like(Arc<str>),
    /// `matches`
    Matches(Arc<str>),
}

impl Claim {
    /// Whether it holds of a value; `None` where that is not known.
    pub fn holds(&self, value: &Kept) -> Option<bool> {
        let text = || if let Kept::Str(text) = value { Some(&**text) } else { None };
        Some(match self {
            Claim::Equal(other) => value == other,
            Claim::Order(order, other) => order.allows(value.view().order(other.view())),
            Claim::OneOf(all) => all.contains(value),
            Claim::Has(element) => elements(value)?.contains(element),
            Claim::Within(net) => match value {
                Kept::Ip(ip) => net.contains(ip),
                Kept::Cidr(other) => net.contains(other),
                _ => return None,
            },
            Claim::Starts(start) => text()?.starts_with(&**start),
            Claim::Ends(end) => text()?.ends_with(&**end),
            Claim::Contains(part) => text()?.contains(&**part),
            Claim::Like(pattern) => glob_holds(pattern, text()?),
            Claim::Matches(_) => return None,
        })
    }

    /// Values of a type of which it holds, or does not, those nearest to where that changes. What the place already holds is kept as far as it goes.
    pub fn values(&self, ty: &Type, wanted: bool, old: Option<&Kept>) -> Vec<Kept> {
        let mut values = self.near(ty, old);
        if let (Claim::Matches(pattern), true) = (self, wanted) {
            values = pattern::samples(pattern).into_iter().map(|text| Kept::Str(text.into())).collect();
        }
        if let Type::Enum(ty) = ty {
            values.extend(ty.variants.iter().take(MAX_VALUES).map(|name| Kept::Enum(name.clone(), ty.rank_of(name).unwrap_or(0))));
        }
        values.retain(|value| self.holds(value).is_none_or(|holds| holds == wanted));
        values
    }

    fn near(&self, ty: &Type, old: Option<&Kept>) -> Vec<Kept> {
        let old = if let Some(Kept::Str(old)) = old { &**old } else { "" };
        let texts = |texts: &[String]| texts.iter().map(|text| Kept::Str(text.as_str().into())).collect();
        match self {
            Claim::Equal(value) | Claim::Order(_, value) => {
                let value = of_type(value, ty);
                std::iter::once(value.clone()).chain(neighbours(&value)).collect()
            }
            Claim::OneOf(all) => {
                let outside = all.iter().flat_map(|value| neighbours(&of_type(value, ty)));
                all.iter().take(MAX_VALUES).map(|value| of_type(value, ty)).chain(outside.take(MAX_VALUES)).collect()
            }
            Claim::Has(element) => match ty {
                Type::Set(_) => vec![Kept::Set(KeptSet::new(vec![element.clone()])), Kept::Set(KeptSet::default())],
                _ => vec![Kept::List([element.clone()].into()), Kept::List([].into())],
            },
            Claim::Within(net) => addresses(*net, matches!(ty, Type::Cidr)),
            Claim::Starts(start) => texts(&[format!("{start}{old}"), start.to_string(), format!("{start}x"), shorter(start), format!("x{start}")]),
            Claim::Ends(end) => texts(&[format!("{old}{end}"), end.to_string(), format!("x{end}"), format!("{end}x"), shorter(end)]),
            Claim::Contains(part) => texts(&[format!("{old}{part}"), part.to_string(), format!("x{part}x"), shorter(part), String::new()]),
            Claim::Like(pattern) => texts(&pattern::of_glob(pattern)),
            Claim::Matches(pattern) => texts(&[String::new(), "-".to_owned()]).into_iter().chain(texts(&pattern::beside(pattern))).collect(),
        }
    }
}

/// A constant as a value of a type of which it may be a spelling.
fn of_type(value: &Kept, ty: &Type) -> Kept {
    match (value, ty) {
        (Kept::Decimal(value), Type::Int) if value.scale() == 0 => i64::try_from(value.mantissa()).map_or_else(|_| Kept::Decimal(*value), Kept::Int),
        _ => value.clone(),
    }
}

fn elements(value: &Kept) -> Option<&[Kept]> {
    match value {
        Kept::List(items) => Some(items),
        Kept::Set(set) => Some(set.items()),
        _ => None,
    }
}

/// The values next to one, in the smallest step that an author would think of.
pub fn neighbours(value: &Kept) -> Vec<Kept> {
    match value {
        Kept::Bool(value) => vec![Kept::Bool(!value)],
        Kept::Int(value) => [value.checked_sub(1), value.checked_add(1)].into_iter().flatten().map(Kept::Int).collect(),
        Kept::Decimal(value) => {
            let step = Decimal::new(1, value.scale().max(if value.scale() == 0 { 0 } else { 2 }));
            [value.checked_sub(step), value.checked_add(step)].into_iter().flatten().map(Kept::Decimal).collect()
        }
        Kept::Duration(value) => [value.checked_sub(SECOND), value.checked_add(SECOND)].into_iter().flatten().map(Kept::Duration).collect(),
        Kept::Timestamp(value) => {
            let steps = [-i128::from(SECOND), i128::from(SECOND)].into_iter();
            steps.filter_map(|step| Timestamp::from_nanosecond(value.as_nanosecond() + step)).map(Kept::Timestamp).collect()
        }
        Kept::Str(text) => vec![Kept::Str(format!("{text}x").into()), Kept::Str(shorter(text).into())],
        Kept::Ip(ip) => addresses(IpNet::from(*ip), false),
        _ => Vec::new(),
    }
}

/// The first and the last address of a network, and those just outside; as networks of one address where these are wanted.
fn addresses(net: IpNet, as_networks: bool) -> Vec<Kept> {
    let (first, last) = (net.network(), net.broadcast());
    let all = [Some(first), Some(last), moved(first, false), moved(last, true)].into_iter().flatten();
    all.map(|ip| if as_networks { Kept::Cidr(IpNet::from(ip)) } else { Kept::Ip(ip) }).collect()
}

fn moved(ip: IpAddr, up: bool) -> Option<IpAddr> {
    Some(match ip {
        IpAddr::V4(ip) if up => IpAddr::V4(ip.to_bits().checked_add(1)?.into()),
        IpAddr::V4(ip) => IpAddr::V4(ip.to_bits().checked_sub(1)?.into()),
        IpAddr::V6(ip) if up => IpAddr::V6(ip.to_bits().checked_add(1)?.into()),
        IpAddr::V6(ip) => IpAddr::V6(ip.to_bits().checked_sub(1)?.into()),
    })
}

fn shorter(text: &str) -> String {
    let mut shorter = text.to_owned();
    shorter.pop();
    shorter
}

/// A text of that many characters that begins as another does.
pub fn text_of_length(length: i64, old: Option<&Kept>) -> Option<Kept> {
    let length = usize::try_from(length).ok().filter(|_| length <= MAX_LEN)?;
    let old = if let Some(Kept::Str(old)) = old { &**old } else { "" };
    Some(Kept::Str(old.chars().chain(std::iter::repeat('x')).take(length).collect::<String>().into()))
}
