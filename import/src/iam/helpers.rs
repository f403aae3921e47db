//! The functions that imported rules call: what IAM's operators are in the language. A policy has those that it needs.

use std::collections::BTreeSet;

use super::operator::{Base, Order, Set};

/// A function of the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Helper {
    /// An operator, of one value, any or all.
    Operator(Set, Base),
    /// Whether all values are such as an operator compares.
    AreAll(Readable),
    /// Whether an ARN fits a pattern, part by part.
    IsArnLike,
    /// What a text says as a date.
    DateOf,
    /// The date of seconds since 1970.
    DateOfSeconds,
    /// The one value of a key, as variables have it.
    Single,
    /// The same with a default.
    SingleOr,
    /// A text as a pattern that it alone fits.
    Literal,
    /// A text without case.
    Folded,
    /// A text without the case of ASCII's letters.
    AsciiLower,
    /// The values that are not empty.
    Filled,
    /// The values of a context key.
    ValuesOf,
    /// The same, or what the request says of its principal.
    ValuesOr,
    /// The principal's tag of a name.
    TagOf,
    /// A value of the request as texts.
    Texts,
}

/// What texts are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Readable {
    Numbers,
    Dates,
    Addresses,
    Bools,
}

use Helper::{
    AreAll, AsciiLower, DateOf, DateOfSeconds, Filled, Folded, IsArnLike, Literal, Operator, Single, SingleOr, TagOf, Texts, ValuesOf, ValuesOr,
};

const ORDERS: [Order; 5] = [Order::Equals, Order::LessThan, Order::LessThanEquals, Order::GreaterThan, Order::GreaterThanEquals];

impl Helper {
    /// The names of all there are.
    pub fn names() -> Vec<String> {
        let strings = [Base::StringEquals, Base::StringEqualsIgnoreCase, Base::StringEqualsIgnoreAsciiCase, Base::StringLike];
        let others = [Base::Bool, Base::Binary, Base::IpAddress, Base::Arn];
        let ordered = ORDERS.into_iter().flat_map(|order| [Base::Numeric(order), Base::Date(order)]);
        let bases: Vec<Base> = strings.into_iter().chain(others).chain(ordered).collect();
        let operators = [Set::One, Set::Any, Set::All].into_iter().flat_map(|set| bases.iter().map(move |base| Operator(set, *base)));
        let readable = [Readable::Numbers, Readable::Dates, Readable::Addresses, Readable::Bools].map(AreAll);
        let others = [IsArnLike, DateOf, DateOfSeconds, Single, SingleOr, Literal, Folded, AsciiLower, Filled, ValuesOf, ValuesOr, TagOf, Texts];
        operators.chain(readable).chain(others).map(Helper::name).collect()
    }

    /// Its name.
    pub fn name(self) -> String {
        match self {
            Operator(Set::One, base) => operator(base).0.to_owned(),
            Operator(Set::Any, base) => format!("any_{}", operator(base).0),
            Operator(Set::All, base) => format!("all_{}", operator(base).0),
            AreAll(Readable::Numbers) => "are_numbers".to_owned(),
            AreAll(Readable::Dates) => "are_dates".to_owned(),
            AreAll(Readable::Addresses) => "are_addresses".to_owned(),
            AreAll(Readable::Bools) => "are_bools".to_owned(),
            IsArnLike => "is_arn_like".to_owned(),
            DateOf => "date_of".to_owned(),
            DateOfSeconds => "date_of_seconds".to_owned(),
            Single => "single".to_owned(),
            SingleOr => "single_or".to_owned(),
            Literal => "literal".to_owned(),
            Folded => "folded".to_owned(),
            AsciiLower => "ascii_lower".to_owned(),
            Filled => "filled".to_owned(),
            ValuesOf => "values_of".to_owned(),
            ValuesOr => "values_or".to_owned(),
            TagOf => "tag_of".to_owned(),
            Texts => "texts".to_owned(),
        }
    }

    /// These with all that they call.
    pub fn closed(helpers: BTreeSet<Helper>) -> BTreeSet<Helper> {
        let mut all = BTreeSet::new();
        let mut open: Vec<Helper> = helpers.into_iter().collect();
        while let Some(helper) = open.pop() {
            if all.insert(helper) {
                open.extend(helper.calls());
            }
        }
        all
    }

    fn calls(self) -> Vec<Helper> {
        let of_base = |base| match base {
            Base::Date(_) => Some(DateOf),
            Base::Arn => Some(IsArnLike),
            Base::StringEqualsIgnoreCase => Some(Folded),
            Base::StringEqualsIgnoreAsciiCase => Some(AsciiLower),
            _ => None,
        };
        match self {
            Operator(Set::One, base) => of_base(base).into_iter().chain([Single]).collect(),
            Operator(_, base) => of_base(base).into_iter().collect(),
            AreAll(Readable::Dates) => vec![DateOf],
            DateOf => vec![DateOfSeconds],
            SingleOr => vec![Single],
            ValuesOf => vec![Texts],
            ValuesOr => vec![ValuesOf],
            _ => Vec::new(),
        }
    }

    /// Its definition, with documentation.
    pub fn definition(self) -> String {
        match self {
            Operator(set, base) => operator_definition(set, base),
            AreAll(readable) => {
                let (what, condition) = match readable {
                    Readable::Numbers => ("numbers", "value.to_decimal() != none"),
                    Readable::Dates => ("dates", "date_of(value) != none"),
                    Readable::Addresses => ("addresses", "value.to_ip() != none"),
                    Readable::Bools => ("`true` or `false`", "value.lower() in {\"true\", \"false\"}"),
                };
                format!("/// Whether all values are {what}.\nfn {}(values: list<string>) -> bool = values.all(value => {condition})\n", self.name())
            }
            IsArnLike => IS_ARN_LIKE.to_owned(),
            DateOf => DATE_OF.to_owned(),
            DateOfSeconds => DATE_OF_SECONDS.to_owned(),
            Single => SINGLE.to_owned(),
            SingleOr => SINGLE_OR.to_owned(),
            Literal => LITERAL.to_owned(),
            Folded => FOLDED.to_owned(),
            AsciiLower => ASCII_LOWER.to_owned(),
            Filled => FILLED.to_owned(),
            ValuesOf => VALUES_OF.to_owned(),
            ValuesOr => VALUES_OR.to_owned(),
            TagOf => TAG_OF.to_owned(),
            Texts => TEXTS.to_owned(),
        }
    }
}

/// What an operator asks of a value that is a number, or a date.
macro_rules! number_condition {
    ($order:literal) => {
        concat!("value.to_decimal() != none and wanted.any(number => value.to_decimal() ", $order, " number)")
    };
}
macro_rules! date_condition {
    ($order:literal) => {
        concat!("date_of(value) != none and wanted.any(date => date_of(value) ", $order, " date)")
    };
}

/// An operator's name, its name in IAM, the type of what is wanted, and what it asks of a value.
fn operator(base: Base) -> (&'static str, &'static str, &'static str, &'static str) {
    match base {
        Base::StringEquals => ("string_equals", "StringEquals", "string", "value in wanted"),
        Base::StringEqualsIgnoreCase => ("string_equals_ignore_case", "StringEqualsIgnoreCase", "string", "folded(value) in wanted"),
        Base::StringEqualsIgnoreAsciiCase => ("string_equals_ignore_ascii_case", "StringEqualsIgnoreCase", "string", "ascii_lower(value) in wanted"),
        Base::StringLike => ("string_like", "StringLike", "string", "wanted.any(pattern => value.glob(pattern))"),
        Base::Bool => ("bool_equals", "Bool", "string", "value.lower() in wanted"),
        Base::Binary => ("binary_equals", "BinaryEquals", "string", "value.trim(\"=\") in wanted"),
        Base::IpAddress => ("ip_address", "IpAddress", "cidr", "value.to_ip() != none and wanted.any(network => value.to_ip() in network)"),
        Base::Arn => ("arn_like", "ArnLike", "string", "wanted.any(pattern => is_arn_like(value, pattern))"),
        Base::Null => ("is_null", "Null", "string", "value == \"\""),
        Base::Numeric(order) => match order {
            Order::Equals => ("numeric_equals", "NumericEquals", "decimal", number_condition!("==")),
            Order::LessThan => ("numeric_less_than", "NumericLessThan", "decimal", number_condition!("<")),
            Order::LessThanEquals => ("numeric_less_than_equals", "NumericLessThanEquals", "decimal", number_condition!("<=")),
            Order::GreaterThan => ("numeric_greater_than", "NumericGreaterThan", "decimal", number_condition!(">")),
            Order::GreaterThanEquals => ("numeric_greater_than_equals", "NumericGreaterThanEquals", "decimal", number_condition!(">=")),
        },
        Base::Date(order) => match order {
            Order::Equals => ("date_equals", "DateEquals", "timestamp", date_condition!("==")),
            Order::LessThan => ("date_less_than", "DateLessThan", "timestamp", date_condition!("<")),
            Order::LessThanEquals => ("date_less_than_equals", "DateLessThanEquals", "timestamp", date_condition!("<=")),
            Order::GreaterThan => ("date_greater_than", "DateGreaterThan", "timestamp", date_condition!(">")),
            Order::GreaterThanEquals => ("date_greater_than_equals", "DateGreaterThanEquals", "timestamp", date_condition!(">=")),
        },
    }
}

fn operator_definition(set: Set, base: Base) -> String {
    let (name, written, of, condition) = operator(base);
    let says = match base {
        Base::StringLike | Base::Arn => "fits a wanted pattern",
        Base::IpAddress => "is in a wanted network",
        Base::Numeric(_) | Base::Date(_) => "compares so with one that is wanted",
        _ => "is one of those wanted",
    };
    let (prefix, documentation, values) = match set {
        Set::One => ("", format!("`{written}`: whether the key has one value, and it {says}."), "single(values).any"),
        Set::Any => ("any_", format!("`ForAnyValue:{written}`: whether one of the key's values {says}."), "values.any"),
        Set::All => ("all_", format!("`ForAllValues:{written}`: whether each of the key's values {says}, if it has any."), "values.all"),
    };
    format!("/// {documentation}\nfn {prefix}{name}(values: list<string>, wanted: list<{of}>) -> bool = {values}(value => {condition})\n")
}

const IS_ARN_LIKE: &str = r#"
/// Whether an ARN fits a pattern, part by part: a wildcard stays in its part, and the last has all that is left.
fn is_arn_like(arn: string, pattern: string) -> bool =
  arn.split(":").len() >= 6
    and 0.range(5).all(part => (arn.split(":")[part] ?? "").glob(pattern.split(":")[part] ?? ""))
    and arn.split(":").range(5).join(":").glob(pattern.split(":").range(5).join(":"))
"#;

const DATE_OF: &str = r#"
/// A date as IAM takes it: with or without a time, or as seconds since 1970.
fn date_of(text: string) -> timestamp? =
  text.to_timestamp() ?? "{text}T00:00:00Z".to_timestamp() ?? date_of_seconds(text.to_int() ?? -1)
"#;

const DATE_OF_SECONDS: &str = r#"
/// The date of so many seconds since 1970, in the next centuries.
fn date_of_seconds(seconds: int) -> timestamp? =
  if seconds >= 0 and seconds < 9_000_000_000 then timestamp("1970-01-01T00:00:00Z") + 1s * seconds else none
"#;

const SINGLE: &str = r#"
/// The value of a key that has one: several are none that a variable, or an operator for one value, can be about.
fn single(values: list<string>) -> list<string> = if values.len() == 1 then values else []
"#;

const SINGLE_OR: &str = r#"
/// The value of a variable with a default.
fn single_or(values: list<string>, known: string) -> list<string> = if values.is_empty() then [known] else single(values)
"#;

const LITERAL: &str = r#"
/// A text as a pattern in which `*` and `?` stand for themselves.
fn literal(text: string) -> string = text.replace(r"\", r"\\").replace("*", r"\*").replace("?", r"\?")
"#;

const FOLDED: &str = r#"
/// A text without case, where more texts are to be one: IAM does not say which letters beyond ASCII it takes for another in its other case.
fn folded(text: string) -> string = text.upper().lower()
"#;

const ASCII_LOWER: &str = r#"
/// A text without case, where fewer texts are to be one: what has letters beyond ASCII counts as it is.
fn ascii_lower(text: string) -> string = if text matches r"^[\x00-\x7F]*$" then text.lower() else text
"#;

const FILLED: &str = r#"
/// The values that are not empty: to IAM a key with an empty one may count as absent.
fn filled(values: list<string>) -> list<string> = values.filter(value => value != "")
"#;

const VALUES_OF: &str = r#"
/// The values of a context key, whose name may be given in any case; none where the request does not have it.
fn values_of(key: string) -> list<string> =
  condition.keys().to_list().filter(name => name.lower() == key).flat_map(name => texts(condition[name]))
"#;

const VALUES_OR: &str = r#"
/// The values of a context key, or what the request knows of its principal.
fn values_or(key: string, known: string?) -> list<string> =
  if values_of(key).is_empty() then (if known == none then [] else [known]) else values_of(key)
"#;

const TAG_OF: &str = r#"
/// The principal's tag of that name, which counts in any case.
fn tag_of(tag: string) -> string? = principal.tags[principal.tags.keys().find(name => name.lower() == tag) ?? tag]
"#;

const TEXTS: &str = r#"
/// A value, or a list of them, as texts.
fn texts(value: json?) -> list<string> =
  (value.as_list() ?? (if value == none then [] else [value])).map(one => one.to_string())
"#;
