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
mod secrets;
#[cfg(feature = "shell")]
mod shell;
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
    use crate::function::Cost;

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
}
