//! Condition operators, by their names.

/// An operator: `ForAnyValue:StringNotLikeIfExists`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub set: Set,
    pub base: Base,
    pub is_negated: bool,
    pub if_exists: bool,
}

/// Of which values of a key it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Set {
    /// Of its one value.
    One,
    /// Of any of them.
    Any,
    /// Of all of them.
    All,
}

/// What it compares, without negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    StringEquals,
    StringEqualsIgnoreCase,
    /// The same, where letters beyond ASCII are told from each other by case.
    StringEqualsIgnoreAsciiCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// How numbers and dates are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

impl Operator {
    /// The operator of a name, in any case.
    pub fn named(name: &str) -> Option<Operator> {
        let name = name.to_ascii_lowercase();
        let (set, rest) = match name.split_once(':') {
            None => (Set::One, name.as_str()),
            Some(("foranyvalue", rest)) => (Set::Any, rest),
            Some(("forallvalues", rest)) => (Set::All, rest),
            Some(_) => return None,
        };
        let (rest, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |rest| (rest, true));
        let (base, is_negated) = base(rest)?;
        let is_plain = set == Set::One && !if_exists;
        (base != Base::Null || is_plain).then_some(Operator { set, base, is_negated, if_exists })
    }
}

fn base(name: &str) -> Option<(Base, bool)> {
    Some(match name {
        "stringequals" => (Base::StringEquals, false),
        "stringnotequals" => (Base::StringEquals, true),
        "stringequalsignorecase" => (Base::StringEqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Base::StringEqualsIgnoreCase, true),
        "stringlike" => (Base::StringLike, false),
        "stringnotlike" => (Base::StringLike, true),
        "bool" => (Base::Bool, false),
        "binaryequals" => (Base::Binary, false),
        "ipaddress" => (Base::IpAddress, false),
        "notipaddress" => (Base::IpAddress, true),
        "arnequals" | "arnlike" => (Base::Arn, false),
        "arnnotequals" | "arnnotlike" => (Base::Arn, true),
        "null" => (Base::Null, false),
        _ => {
            let (of, rest) = name.strip_prefix("numeric").map(|rest| (Base::Numeric as fn(Order) -> Base, rest)).or_else(|| {
                let rest = name.strip_prefix("date")?;
                Some((Base::Date as fn(Order) -> Base, rest))
            })?;
            let (order, is_negated) = match rest {
                "equals" => (Order::Equals, false),
                "notequals" => (Order::Equals, true),
                "lessthan" => (Order::LessThan, false),
                "lessthanequals" => (Order::LessThanEquals, false),
                "greaterthan" => (Order::GreaterThan, false),
                "greaterthanequals" => (Order::GreaterThanEquals, false),
                _ => return None,
            };
            (of(order), is_negated)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{Base, Operator, Order, Set};

    #[test]
    fn names_are_taken_apart() {
        let operator = Operator::named("ForAnyValue:StringNotLikeIfExists").unwrap();
        assert_eq!(operator, Operator { set: Set::Any, base: Base::StringLike, is_negated: true, if_exists: true });
        assert_eq!(Operator::named("datelessthanequals").unwrap().base, Base::Date(Order::LessThanEquals));
        assert!(
            ["", "StringEqual", "ForAll:StringEquals", "NullIfExists", "NumericNotLessThan", "IfExists"]
                .iter()
                .all(|name| Operator::named(name).is_none())
        );
    }
}
