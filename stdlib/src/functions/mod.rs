//! The built-in functions, grouped by receiver or purpose. A function is one constant in the table of its file, followed by its implementation.

use std::sync::OnceLock;

use crate::function::Function;

mod collection;
mod convert;
mod json;
mod lambda;
mod mentions;
mod net;
mod number;
mod path;
mod pii;
mod search;
mod secrets;
#[cfg(feature = "shell")]
mod shell;
#[cfg(feature = "sql")]
mod sql;
mod string;
mod support;
mod text;
mod time;
#[cfg(feature = "url")]
mod url;

/// Every group, in the order in which documentation lists them.
const GROUPS: &[&[Function]] = &[
    string::FUNCTIONS,
    json::FUNCTIONS,
    mentions::FUNCTIONS,
    text::FUNCTIONS,
    path::FUNCTIONS,
    secrets::FUNCTIONS,
    pii::FUNCTIONS,
    convert::FUNCTIONS,
    collection::FUNCTIONS,
    lambda::FUNCTIONS,
    number::FUNCTIONS,
    #[cfg(feature = "url")]
    url::FUNCTIONS,
    #[cfg(feature = "shell")]
    shell::FUNCTIONS,
    #[cfg(feature = "sql")]
    sql::FUNCTIONS,
    time::FUNCTIONS,
    net::FUNCTIONS,
];

/// All functions. Of those with one name that take the same arguments, the first counts.
pub fn all() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().copied().flatten()
}

/// The function with that key.
pub fn by_key(key: &str) -> Option<&'static Function> {
    static TABLE: OnceLock<Vec<&'static Function>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table: Vec<_> = all().collect();
        table.sort_unstable_by_key(|function| function.key);
        table
    });
    let index = table.binary_search_by_key(&key, |function| function.key).ok()?;
    table.get(index).copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::error::EvalError;
    use crate::function::{Arg, Bound, Cost, Sig};
    use crate::functions::support::test::TestHost;
    use crate::shape::Shape;
    use crate::value::{Entries, Items, Value};
    use crate::{Arena, scalar};

    #[test]
    fn keys_are_unique_and_found() {
        let keys: BTreeSet<_> = all().map(|function| function.key).collect();
        assert_eq!(keys.len(), all().count());
        for function in all() {
            assert!(by_key(function.key).is_some_and(|found| std::ptr::eq(found, function)), "{}", function.key);
        }
        assert!(by_key("string.nothing").is_none());
    }

    #[test]
    fn tables_are_complete() {
        for function in all() {
            let key = function.key;
            assert_eq!(key.split('.').count(), 2, "{key}");
            assert!(function.params.first().is_some_and(|receiver| !receiver.optional && receiver.constant.is_none()), "{key}: receiver");
            assert!(function.params.windows(2).all(|pair| !pair[0].optional || pair[1].optional), "{key}: optional parameters come last");
            assert!(function.doc.ends_with('.') && function.doc.starts_with(|first: char| first.is_uppercase() || first == '`'), "{key}: doc");
            assert!(function.example.contains(&format!(".{}(", function.name)), "{key}: the example does not call it");
            assert!(matches!(function.cost, Cost::Constant | Cost::Counted));
        }
    }

    /// Values of every type, the extreme ones first of all.
    fn samples(sig: Sig) -> Vec<Value<'static>> {
        const TEXTS: &[&str] = &[
            "",
            " ",
            "a",
            "é😀\u{301}",
            "\0",
            "-",
            "..",
            "a@b.c",
            "/",
            "\\",
            "'",
            "$(",
            "{",
            "[1]",
            "-9223372036854775808",
            "1e-28",
            "P",
            "UTC",
            "http://[::1]",
            "SELECT",
            "=",
            "~1",
            "+1",
        ];
        let numbers = || [i64::MIN, -1, 0, 1, 29, i64::MAX].into_iter();
        let decimals = || ["0", "-79228162514264337593543950335", "1e-28", "0.5"].into_iter().filter_map(|text| text.parse().ok());
        match sig {
            Sig::Bool => vec![Value::Bool(true)],
            Sig::Int => numbers().map(Value::Int).collect(),
            Sig::Decimal => decimals().map(Value::Decimal).chain(numbers().map(Value::Int)).collect(),
            Sig::Duration => numbers().map(Value::Duration).collect(),
            Sig::Timestamp => ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
                .iter()
                .filter_map(|text| scalar::parse_timestamp(text))
                .map(Value::Timestamp)
                .collect(),
            Sig::Ip | Sig::Var(_, Bound::Address) => {
                ["::", "255.255.255.255"].iter().filter_map(|text| scalar::parse_ip(text)).map(Value::Ip).collect()
            }
            Sig::Cidr => ["::/0", "0.0.0.0/0", "::1/128"].iter().filter_map(|text| scalar::parse_cidr(text)).map(Value::Cidr).collect(),
            Sig::Str => TEXTS.iter().copied().map(Value::Str).collect(),
            Sig::Optional(inner) => samples(*inner).into_iter().chain([Value::None]).collect(),
            Sig::List(_) | Sig::Sequence(_) | Sig::Collection(_) => {
                const ITEMS: &[Value<'static>] = &[Value::Int(i64::MAX), Value::Int(1), Value::Int(1)];
                vec![Value::EMPTY_LIST, Value::List(Items::Own(ITEMS)), Value::EMPTY_SET]
            }
            Sig::Map(_) => vec![Value::EMPTY_MAP, Value::Map(Entries::Own(&[("", Value::None)]))],
            _ => [Sig::Str, Sig::Int, Sig::Decimal, Sig::Duration, Sig::List(&Sig::Int), Sig::Map(&Sig::Int)].into_iter().flat_map(samples).collect(),
        }
    }

    #[test]
    fn no_value_makes_a_function_panic() {
        let arena = Arena::new();
        let mut host = TestHost::new(&arena);
        for function in all() {
            let params: Vec<Vec<Arg<'_>>> = function
                .params
                .iter()
                .map(|param| match param.sig {
                    Sig::Lambda(..) => vec![host.lambda(Ok)],
                    sig => samples(sig).into_iter().map(Arg::Value).collect(),
                })
                .collect();
            let count: usize = params.iter().map(Vec::len).product();
            for mut index in 0..count {
                let args: Vec<_> = params
                    .iter()
                    .map(|values| {
                        let value = values[index % values.len()];
                        index /= values.len();
                        value
                    })
                    .collect();
                host.steps = 100_000;
                let given = host.call(function.key, &args);
                assert!(function.errs || !given.is_err_and(|error| error != EvalError::StepLimit), "{} errs", function.key);
            }
        }
    }

    /// The record types that functions give are declared in the sources, with the fields of the implementations in order.
    #[test]
    fn record_types_are_declared() {
        let source = crate::SOURCES.iter().map(|(_, text)| *text).collect::<String>();
        let declared = |name: &str| {
            let body = source.split(&format!("\ntype {name} {{\n")).nth(1).and_then(|rest| rest.split("\n}\n").next());
            let fields = body.unwrap_or_default().lines().filter(|line| !line.trim_start().starts_with("///"));
            fields.filter_map(|line| line.trim().split_once(':').map(|(name, _)| name.trim_end_matches('?').to_owned())).collect::<Vec<_>>()
        };
        let shapes: &[(&str, &Shape)] = &[
            ("Semver", &text::SEMVER),
            #[cfg(feature = "url")]
            ("Url", &url::URL),
            #[cfg(feature = "shell")]
            ("Shell", &shell::SHELL),
            #[cfg(feature = "shell")]
            ("ShellCommand", &shell::SHELL_COMMAND),
            #[cfg(feature = "sql")]
            ("Sql", &sql::SQL),
            #[cfg(feature = "sql")]
            ("SqlStatement", &sql::SQL_STATEMENT),
        ];
        for (name, shape) in shapes {
            assert_eq!(shape.names().collect::<Vec<_>>(), declared(name), "{name}");
        }
        for function in all() {
            if let Sig::Optional(Sig::Named(name)) | Sig::Optional(Sig::List(Sig::Named(name))) = function.result {
                assert!(shapes.iter().any(|(known, _)| known == name), "{}: {name} is checked nowhere", function.key);
            }
        }
    }
}
