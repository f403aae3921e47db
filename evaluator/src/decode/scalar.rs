//! Scalars and enums.

use tollgate_stdlib::{Decimal, Value, Variant, scalar};

use super::{Decoder, Fit, Misfit, shortened};
use crate::json::Number;
use crate::plan::TypeNode;

impl<'a> Decoder<'a, '_> {
    pub(super) fn scalar(&mut self, ty: &'a TypeNode) -> Fit<Value<'a>> {
        match (ty, self.json.peek()) {
            (TypeNode::Str, Some(b'"')) => self.json.string().map(Value::Str),
            (TypeNode::Bool, Some(b't' | b'f')) => Ok(self.json.bool()?.map_or(Value::None, Value::Bool)),
            (TypeNode::Int | TypeNode::Decimal, Some(b'-' | b'0'..=b'9')) => self.number(ty),
            (TypeNode::Int | TypeNode::Bool | TypeNode::Str, _) => self.misfit(ty),
            (_, Some(b'"')) => self.written(ty),
            _ => self.misfit(ty),
        }
    }

    fn number(&mut self, ty: &TypeNode) -> Fit<Value<'a>> {
        let (place, depth) = (self.json.place(), self.json.depth());
        let number = self.json.number()?;
        let value = match ty {
            TypeNode::Int => whole(number).map(Value::Int),
            _ => scalar::parse_decimal(number.text).map(Value::Decimal),
        };
        value.map_or_else(
            || {
                self.json.return_to(place, depth);
                self.misfit(ty)
            },
            Ok,
        )
    }

    /// A value of a type that JSON writes as a string.
    fn written(&mut self, ty: &'a TypeNode) -> Fit<Value<'a>> {
        let (place, depth) = (self.json.place(), self.json.depth());
        let text = self.json.string()?;
        let value = match ty {
            TypeNode::Decimal => scalar::parse_decimal(text).map(Value::Decimal),
            TypeNode::Duration => scalar::parse_duration(text).map(Value::Duration),
            TypeNode::Timestamp => scalar::parse_timestamp(text).map(Value::Timestamp),
            TypeNode::Ip => scalar::parse_ip(text).map(Value::Ip),
            TypeNode::Cidr => scalar::parse_cidr(text).map(Value::Cidr),
            TypeNode::Enum { variants, ordered, .. } => variant(variants, *ordered, text),
            _ => None,
        };
        value.map_or_else(
            || {
                self.json.return_to(place, depth);
                self.misfit(ty)
            },
            Ok,
        )
    }

    pub(super) fn json_number(&mut self) -> Fit<Value<'a>> {
        let number = self.json.number()?;
        if let Some(value) = plain(number) {
            return Ok(Value::Int(value));
        }
        match scalar::parse_decimal(number.text) {
            Some(value) => Ok(integral(value).map_or(Value::Decimal(value), Value::Int)),
            None => Err(Misfit::new(format!("expected a number of at most 28 digits, got number `{}`", shortened(number.text)))),
        }
    }
}

/// The int that a number without point and exponent is.
fn plain(number: Number<'_>) -> Option<i64> {
    if number.whole { number.text.parse().ok() } else { None }
}

/// The int that a number is, however it is written.
fn whole(number: Number<'_>) -> Option<i64> {
    plain(number).or_else(|| integral(scalar::parse_decimal(number.text)?))
}

/// The int that a decimal is.
pub(crate) fn integral(value: Decimal) -> Option<i64> {
    let value = value.normalize();
    if value.scale() == 0 { i64::try_from(value.mantissa()).ok() } else { None }
}

fn variant<'a>(variants: &'a [Box<str>], ordered: bool, text: &str) -> Option<Value<'a>> {
    let place = variants.iter().position(|name| **name == *text)?;
    let rank = if ordered { u16::try_from(place).ok()? } else { 0 };
    Some(Value::Enum(Variant { name: variants.get(place)?, rank }))
}
