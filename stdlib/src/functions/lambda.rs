//! Functions of lists, sets and maps that take a lambda, and the ones of their names that take none. On a map they see its values.

use crate::arithmetic;
use crate::error::EvalError;
use crate::function::{Arg, Bound, Cost, Function, Host, Implementation, Param, Sig, T, U, Var};
use crate::functions::support::{Outcome, few_items, lambda, length, list, new_items, spend_items, steps, value};
use crate::value::{Entries, Items, Value};

const ORDERED: Sig = Sig::Var(Var::T, Bound::Ordered);
const ORDERED_RESULT: Sig = Sig::Var(Var::U, Bound::Ordered);
const NUMBER: Sig = Sig::Var(Var::U, Bound::Number);
const COLLECTION: Param = Param::new("self", Sig::Collection(&T));
const PREDICATE: Param = Param::new("condition", Sig::Lambda(&T, &Sig::Bool));

/// A function that calls a lambda or visits every element.
const fn function(
    key: &'static str,
    name: &'static str,
    params: &'static [Param],
    result: Sig,
    errs: bool,
    texts: (&'static str, &'static str),
    run: Implementation,
) -> Function {
    Function { key, name, params, result, errs, cost: Cost::Counted, doc: texts.0, example: texts.1, run }
}

/// Functions that take a lambda.
pub const FUNCTIONS: &[Function] = &[
    function(
        "collection.any",
        "any",
        &[COLLECTION, PREDICATE],
        Sig::Bool,
        false,
        ("Whether the condition holds for an element. Elements after the first such one are not looked at.", "[1, 2, 3].any(x => x > 2)"),
        any,
    ),
    function(
        "collection.all",
        "all",
        &[COLLECTION, PREDICATE],
        Sig::Bool,
        false,
        (
            "Whether the condition holds for every element; true of none. Elements after the first for which it does not are not looked at.",
            "[1, 2, 3].all(x => x > 0)",
        ),
        all,
    ),
    function(
        "collection.filter",
        "filter",
        &[COLLECTION, PREDICATE],
        Sig::Receiver,
        false,
        ("The elements for which the condition holds; of a map, the entries.", "[1, 2, 3].filter(x => x != 2) == [1, 3]"),
        filter,
    ),
    function(
        "collection.map",
        "map",
        &[COLLECTION, Param::new("value", Sig::Lambda(&T, &U))],
        Sig::List(&U),
        false,
        ("The lambda's value for every element, as a list.", "[1, 2].map(x => x * 10) == [10, 20]"),
        map,
    ),
    function(
        "collection.flat_map",
        "flat_map",
        &[COLLECTION, Param::new("values", Sig::Lambda(&T, &Sig::Collection(&U)))],
        Sig::List(&U),
        false,
        ("The elements of the lambda's value for every element, as one list.", "[1, 3].flat_map(x => [x, x + 1]) == [1, 2, 3, 4]"),
        flat_map,
    ),
    function(
        "collection.count",
        "count",
        &[COLLECTION, PREDICATE],
        Sig::Int,
        false,
        ("For how many elements the condition holds.", "[1, 2, 3].count(x => x > 1) == 2"),
        count,
    ),
    function(
        "collection.find",
        "find",
        &[COLLECTION, PREDICATE],
        Sig::Optional(&T),
        false,
        ("The first element for which the condition holds.", "([1, 2, 3].find(x => x > 1) ?? 0) == 2"),
        find,
    ),
    function(
        "collection.min",
        "min",
        &[Param::new("self", Sig::Collection(&ORDERED))],
        Sig::Optional(&ORDERED),
        false,
        ("The least element; nothing where there is none.", "([3, 1, 2].min() ?? 0) == 1"),
        |host, args| extreme(host, args, std::cmp::Ordering::Less),
    ),
    function(
        "collection.min_of",
        "min",
        &[COLLECTION, Param::new("value", Sig::Lambda(&T, &ORDERED_RESULT))],
        Sig::Optional(&ORDERED_RESULT),
        false,
        ("The least of the lambda's values; nothing where there is no element.", r#"(["ccc", "a"].min(x => x.len()) ?? 0) == 1"#),
        |host, args| extreme(host, args, std::cmp::Ordering::Less),
    ),
    function(
        "collection.max",
        "max",
        &[Param::new("self", Sig::Collection(&ORDERED))],
        Sig::Optional(&ORDERED),
        false,
        ("The greatest element; nothing where there is none.", "([3, 1, 2].max() ?? 0) == 3"),
        |host, args| extreme(host, args, std::cmp::Ordering::Greater),
    ),
    function(
        "collection.max_of",
        "max",
        &[COLLECTION, Param::new("value", Sig::Lambda(&T, &ORDERED_RESULT))],
        Sig::Optional(&ORDERED_RESULT),
        false,
        ("The greatest of the lambda's values; nothing where there is no element.", r#"(["ccc", "a"].max(x => x.len()) ?? 0) == 3"#),
        |host, args| extreme(host, args, std::cmp::Ordering::Greater),
    ),
    function(
        "collection.sum",
        "sum",
        &[Param::new("self", Sig::Collection(&Sig::Int))],
        Sig::Int,
        true,
        ("The sum of the elements; 0 of none. Errs where it is no 64-bit int.", "[1, 2, 3].sum() == 6"),
        |host, args| sum(host, args, Value::Int(0)),
    ),
    function(
        "collection.sum_decimal",
        "sum",
        &[Param::new("self", Sig::Collection(&Sig::Decimal))],
        Sig::Decimal,
        true,
        ("The sum of the elements; 0 of none. Errs where it is beyond `decimal`.", "[0.5, 2.0].sum() == 2.5"),
        |host, args| sum(host, args, Value::Decimal(rust_decimal::Decimal::ZERO)),
    ),
    function(
        "collection.sum_duration",
        "sum",
        &[Param::new("self", Sig::Collection(&Sig::Duration))],
        Sig::Duration,
        true,
        ("The sum of the elements; `0s` of none. Errs where it is out of range.", "[30s, 2m].sum() == 150s"),
        |host, args| sum(host, args, Value::Duration(0)),
    ),
    function(
        "collection.sum_of",
        "sum",
        &[COLLECTION, Param::new("value", Sig::Lambda(&T, &NUMBER))],
        NUMBER,
        true,
        (
            "The sum of the lambda's values, which are ints or decimals; 0 of none. Errs where it is beyond its type. For durations write \
             `.map(…).sum()`.",
            r#"["a", "bcd"].sum(x => x.len()) == 4"#,
        ),
        |host, args| sum(host, args, Value::Int(0)),
    ),
];

/// The lambda's value for one element; without a lambda, the element.
fn apply<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>], element: Value<'a>) -> Outcome<'a> {
    match lambda(args, 1) {
        Some(lambda) => host.apply(lambda, element),
        None => host.spend(1).map(|()| element),
    }
}

fn holds<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>], element: Value<'a>) -> Result<bool, EvalError> {
    Ok(apply(host, args, element)?.as_bool().unwrap_or(false))
}

fn any<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    for element in value(args, 0).elements() {
        if holds(host, args, element)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn all<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    for element in value(args, 0).elements() {
        if !holds(host, args, element)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn find<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    for element in value(args, 0).elements() {
        if holds(host, args, element)? {
            return Ok(element);
        }
    }
    Ok(Value::None)
}

fn count<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let mut count = 0;
    for element in value(args, 0).elements() {
        count += usize::from(holds(host, args, element)?);
    }
    Ok(length(count))
}

fn filter<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let receiver = value(args, 0);
    if let Value::Map(entries) = receiver {
        let mut kept = new_items(host, entries.len())?;
        for (key, element) in entries.iter() {
            if holds(host, args, element)? {
                kept.push((key, element));
            }
        }
        return Ok(Value::Map(Entries::Own(kept.into_bump_slice())));
    }
    let mut kept = new_items(host, receiver.elements().len())?;
    for element in receiver.elements() {
        if holds(host, args, element)? {
            kept.push(element);
        }
    }
    let kept = Items::Own(kept.into_bump_slice());
    Ok(if let Value::Set(_) = receiver { Value::Set(kept) } else { Value::List(kept) })
}

fn map<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let elements = value(args, 0).elements();
    let mut values = new_items(host, elements.len())?;
    for element in elements {
        values.push(apply(host, args, element)?);
    }
    Ok(list(values))
}

fn flat_map<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let mut values = few_items(host);
    for element in value(args, 0).elements() {
        let inner = apply(host, args, element)?.elements();
        spend_items(host, inner.len())?;
        values.extend(inner);
    }
    Ok(list(values))
}

/// The least or greatest of the elements or of the lambda's values; of equals the first.
fn extreme<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>], wanted: std::cmp::Ordering) -> Outcome<'a> {
    let mut best = Value::None;
    for element in value(args, 0).elements() {
        let candidate = apply(host, args, element)?;
        if best.is_none() || candidate.order(best) == wanted {
            best = candidate;
        }
    }
    Ok(best)
}

/// The sum from a zero on; an int 0 does for decimals too, since every operation on numbers takes either.
fn sum<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>], nothing: Value<'a>) -> Outcome<'a> {
    let elements = value(args, 0).elements();
    if lambda(args, 1).is_none() {
        host.spend(steps(elements.len()))?;
        return elements.into_iter().try_fold(nothing, |sum, element| arithmetic::add(sum, element));
    }
    let mut sum = nothing;
    for element in elements {
        sum = arithmetic::add(sum, apply(host, args, element)?)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Arena;
    use crate::functions::support::test::{TestHost, called, json};

    const VALUES: &[Value<'static>] = &[Value::Int(3), Value::Int(1), Value::Int(2)];
    const LIST: Arg<'static> = Arg::Value(Value::List(Items::Own(VALUES)));
    const MAP: Arg<'static> = Arg::Value(Value::Map(Entries::Own(&[("a", Value::Int(3)), ("b", Value::Int(1))])));
    const NONE: Arg<'static> = Arg::Value(Value::EMPTY_LIST);

    fn with(key: &str, receiver: Arg<'static>, body: impl Fn(i64) -> Value<'static> + 'static) -> String {
        let arena = Arena::new();
        let mut host = TestHost::new(&arena);
        let lambda = host.lambda(move |element| Ok(body(element.as_int().unwrap_or_default())));
        host.call(key, &[receiver, lambda]).map_or_else(|error| error.to_string(), json)
    }

    #[test]
    fn conditions() {
        for (key, list, map, none) in [
            ("collection.any", "true", "true", "false"),
            ("collection.all", "false", "false", "true"),
            ("collection.count", "2", "1", "0"),
            ("collection.find", "3", "3", "null"),
            ("collection.filter", "[3,2]", r#"{"a":3}"#, "[]"),
        ] {
            for (receiver, expected) in [(LIST, list), (MAP, map), (NONE, none)] {
                assert_eq!(with(key, receiver, |element| Value::Bool(element > 1)), expected, "{key}");
            }
        }
    }

    #[test]
    fn values() {
        assert_eq!(with("collection.map", MAP, |element| Value::Int(element * 2)), "[6,2]");
        assert_eq!(with("collection.flat_map", LIST, |_| Value::List(Items::Own(VALUES))), "[3,1,2,3,1,2,3,1,2]");
        assert_eq!(with("collection.min_of", LIST, |element| Value::Int(-element)), "-3");
        assert_eq!(with("collection.max_of", NONE, Value::Int), "null");
        assert_eq!(with("collection.sum_of", LIST, |_| Value::Int(i64::MAX)), "integer overflow");
        assert_eq!(with("collection.sum_of", LIST, |element| Value::Decimal(element.into())), "6");
        assert_eq!(with("collection.sum_of", NONE, Value::Int), "0");
    }

    #[test]
    fn without_lambda() {
        assert_eq!(called("collection.min", &[LIST.value()]), "1");
        assert_eq!(called("collection.max", &[LIST.value()]), "3");
        assert_eq!(called("collection.sum", &[LIST.value()]), "6");
        assert_eq!(called("collection.sum_duration", &[Value::EMPTY_LIST]), "0s");
    }

    #[test]
    fn errors_come_in_order() {
        let arena = Arena::new();
        let mut host = TestHost::new(&arena);
        let lambda = host.lambda(|element| if element.as_int() == Some(1) { Err(EvalError::DivisionByZero) } else { Ok(Value::Bool(true)) });
        assert_eq!(host.call("collection.any", &[LIST, lambda]).unwrap().as_bool(), Some(true));
        assert_eq!(host.call("collection.all", &[LIST, lambda]).unwrap_err(), EvalError::DivisionByZero);
        host.steps = 1;
        let fine = host.lambda(|_| Ok(Value::Bool(true)));
        assert_eq!(host.call("collection.all", &[LIST, fine]).unwrap_err(), EvalError::StepLimit);
    }
}
