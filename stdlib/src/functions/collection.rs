//! Functions of lists, sets and maps that take no lambda.

use std::fmt::Write as _;

use crate::error::EvalError;
use crate::function::{Arg, Bound, Cost, Function, Host, Param, Sig, T, Var};
use crate::functions::support::{Outcome, entries, int, items, length, list, new_items, new_text, part, set, spend_items, spend_text, text, value};
use crate::value::{Elements, Items, Value};

const SCALAR: Sig = Sig::Var(Var::T, Bound::Scalar);
const ORDERED: Sig = Sig::Var(Var::T, Bound::Ordered);
const COLLECTION: Param = Param::new("self", Sig::Collection(&T));
const SEQUENCE: Param = Param::new("self", Sig::Sequence(&T));
const SCALARS: Param = Param::new("self", Sig::Sequence(&SCALAR));
const OTHERS: Param = Param::new("other", Sig::Sequence(&T));
const MAP: Param = Param::new("self", Sig::Map(&T));

/// Functions of lists, sets and maps.
pub const FUNCTIONS: &[Function] = &[
    Function {
        key: "collection.len",
        name: "len",
        params: &[COLLECTION],
        result: Sig::Int,
        errs: false,
        cost: Cost::Constant,
        doc: "How many elements or entries there are.",
        example: "[7, 7].len() == 2",
        run: |_, args| Ok(length(value(args, 0).elements().len())),
    },
    Function {
        key: "collection.is_empty",
        name: "is_empty",
        params: &[COLLECTION],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether there are no elements or entries.",
        example: "not [0].is_empty()",
        run: |_, args| Ok(Value::Bool(value(args, 0).elements().len() == 0)),
    },
    Function {
        key: "sequence.contains",
        name: "contains",
        params: &[SEQUENCE, Param::new("element", T)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether an element equals the value, as `in` asks.",
        example: r#"["a", "b"].contains("b")"#,
        run: contains,
    },
    Function {
        key: "map.contains",
        name: "contains",
        params: &[MAP, Param::new("key", Sig::Str)],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Constant,
        doc: "Whether the map has the key, as `in` asks.",
        example: r##"r#"{"a": 1}"#.parse_json().as_map()?.contains("a") ?? false"##,
        run: |_, args| Ok(Value::Bool(entries(args, 0).get(text(args, 1)).is_some())),
    },
    Function {
        key: "sequence.first",
        name: "first",
        params: &[SEQUENCE],
        result: Sig::Optional(&T),
        errs: false,
        cost: Cost::Constant,
        doc: "The first element; of a set, the least.",
        example: "([3, 1, 2].first() ?? 0) == 3",
        run: |_, args| Ok(items(args, 0).get(0).unwrap_or(Value::None)),
    },
    Function {
        key: "sequence.last",
        name: "last",
        params: &[SEQUENCE],
        result: Sig::Optional(&T),
        errs: false,
        cost: Cost::Constant,
        doc: "The last element; of a set, the greatest.",
        example: "([3, 1, 2].last() ?? 0) == 2",
        run: |_, args| Ok(items(args, 0).len().checked_sub(1).and_then(|last| items(args, 0).get(last)).unwrap_or(Value::None)),
    },
    Function {
        key: "sequence.sort",
        name: "sort",
        params: &[Param::new("self", Sig::Sequence(&ORDERED))],
        result: Sig::List(&ORDERED),
        errs: false,
        cost: Cost::Counted,
        doc: "The elements in rising order.",
        example: "[3, 1, 2].sort() == [1, 2, 3]",
        run: sort,
    },
    Function {
        key: "sequence.distinct",
        name: "distinct",
        params: &[SEQUENCE],
        result: Sig::List(&T),
        errs: false,
        cost: Cost::Counted,
        doc: "The elements without those that equal an earlier one.",
        example: "[2, 1, 2].distinct() == [2, 1]",
        run: distinct,
    },
    Function {
        key: "sequence.union",
        name: "union",
        params: &[SEQUENCE, OTHERS],
        result: Sig::Receiver,
        errs: false,
        cost: Cost::Counted,
        doc: "The elements of both, each once; a list keeps their order.",
        example: "[2, 1].union([3, 2]) == [2, 1, 3]",
        run: union,
    },
    Function {
        key: "sequence.intersect",
        name: "intersect",
        params: &[SEQUENCE, OTHERS],
        result: Sig::Receiver,
        errs: false,
        cost: Cost::Counted,
        doc: "The elements that the other has too.",
        example: "[2, 1].intersect([3, 2]) == [2]",
        run: |host, args| keep(host, args, true),
    },
    Function {
        key: "sequence.minus",
        name: "minus",
        params: &[SEQUENCE, OTHERS],
        result: Sig::Receiver,
        errs: false,
        cost: Cost::Counted,
        doc: "The elements that the other does not have.",
        example: "[2, 1].minus([3, 2]) == [1]",
        run: |host, args| keep(host, args, false),
    },
    Function {
        key: "sequence.is_subset_of",
        name: "is_subset_of",
        params: &[SEQUENCE, OTHERS],
        result: Sig::Bool,
        errs: false,
        cost: Cost::Counted,
        doc: "Whether the other has all the elements.",
        example: "[2, 2].is_subset_of([1, 2])",
        run: is_subset_of,
    },
    Function {
        key: "map.keys",
        name: "keys",
        params: &[MAP],
        result: Sig::Set(&Sig::Str),
        errs: false,
        cost: Cost::Counted,
        doc: "The map's keys.",
        example: r##"(r#"{"b": 1, "a": 2}"#.parse_json().as_map()?.keys() ?? {""}) == {"a", "b"}"##,
        run: keys,
    },
    Function {
        key: "map.values",
        name: "values",
        params: &[MAP],
        result: Sig::List(&T),
        errs: false,
        cost: Cost::Counted,
        doc: "The map's values in the order of their keys.",
        example: r##"r#"{"b": 1, "a": 2}"#.parse_json().as_map()?.values() ?? [] == [2, 1]"##,
        run: to_list,
    },
    Function {
        key: "collection.to_set",
        name: "to_set",
        params: &[Param::new("self", Sig::Collection(&SCALAR))],
        result: Sig::Set(&SCALAR),
        errs: false,
        cost: Cost::Counted,
        doc: "The set of the elements, or of a map's values.",
        example: "[2, 1, 2].to_set() == {1, 2}",
        run: to_set,
    },
    Function {
        key: "collection.to_list",
        name: "to_list",
        params: &[COLLECTION],
        result: Sig::List(&T),
        errs: false,
        cost: Cost::Counted,
        doc: "The list of the elements, a set's in rising order, or of a map's values in the order of their keys.",
        example: "{2, 1}.to_list() == [1, 2]",
        run: to_list,
    },
    Function {
        key: "sequence.join",
        name: "join",
        params: &[SCALARS, Param::new("separator", Sig::Str)],
        result: Sig::Str,
        errs: false,
        cost: Cost::Counted,
        doc: "The elements as templates print them, with the separator between them.",
        example: r#"[1, 2].join("-") == "1-2""#,
        run: join,
    },
    Function {
        key: "list.range",
        name: "range",
        params: &[Param::new("self", Sig::List(&T)), Param::new("from", Sig::Int), Param::new("to", Sig::Int).optional()],
        result: Sig::Receiver,
        errs: false,
        cost: Cost::Counted,
        doc: "The elements from position `from` up to but not including `to`, or to the end. Positions count from 0, negative ones from the end; what \
              is beyond an end is cut off.",
        example: "[1, 2, 3, 4].range(1, 3) == [2, 3] and [1, 2, 3].range(-1) == [3]",
        run: range,
    },
];

fn contains<'a>(_: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let element = value(args, 1);
    Ok(Value::Bool(match value(args, 0) {
        Value::Set(items) => items.set_contains(element),
        other => other.items().is_some_and(|items| items.list_contains(element)),
    }))
}

/// Pays for sorting that many elements: about as many comparisons as it takes.
pub fn spend_sort(host: &mut dyn Host<'_>, count: usize) -> Result<(), EvalError> {
    let rounds = count.checked_ilog2().map_or(1, |rounds| usize::try_from(rounds).unwrap_or(0) + 1);
    spend_items(host, count.saturating_mul(rounds))
}

fn sort<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let items = items(args, 0);
    spend_sort(host, items.len())?;
    let mut values = new_items(host, items.len())?;
    values.extend(items.iter());
    values.sort_by(|a: &Value<'_>, b| a.order(*b));
    Ok(list(values))
}

fn to_list<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let elements = value(args, 0).elements();
    let mut values = new_items(host, elements.len())?;
    values.extend(elements);
    Ok(list(values))
}

fn to_set<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let receiver = value(args, 0);
    if let Value::Set(_) = receiver {
        return Ok(receiver);
    }
    make_set(host, receiver.elements())
}

fn make_set<'a>(host: &mut dyn Host<'a>, elements: Elements<'a>) -> Outcome<'a> {
    spend_sort(host, elements.len())?;
    let mut values = new_items(host, elements.len())?;
    values.extend(elements);
    Ok(set(values))
}

fn keys<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let entries = entries(args, 0);
    let mut values = new_items(host, entries.len())?;
    values.extend(entries.iter().map(|(key, _)| Value::Str(key)));
    Ok(Value::Set(Items::Own(values.into_bump_slice())))
}

/// Scalars and variants, for which order and equality agree.
fn is_scalar(value: Value<'_>) -> bool {
    !matches!(value, Value::None | Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_))
}

fn distinct<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    distinct_items(host, items(args, 0))
}

fn distinct_items<'a>(host: &mut dyn Host<'a>, items: Items<'a>) -> Outcome<'a> {
    if items.iter().all(is_scalar) {
        return distinct_scalars(host, items);
    }
    let mut values = new_items(host, items.len())?;
    for item in items.iter() {
        spend_items(host, values.len())?;
        if !values.iter().any(|value: &Value<'_>| value.equals(item)) {
            values.push(item);
        }
    }
    Ok(list(values))
}

/// The first of each run of equals, found by sorting the positions, in the order of the positions.
fn distinct_scalars<'a>(host: &mut dyn Host<'a>, items: Items<'a>) -> Outcome<'a> {
    spend_sort(host, items.len())?;
    let mut places = new_items(host, items.len())?;
    places.extend(items.iter().enumerate());
    places.sort_by(|(_, a): &(usize, Value<'_>), (_, b)| a.order(*b));
    places.dedup_by(|(_, a), (_, b)| a.order(*b).is_eq());
    places.sort_by_key(|(place, _)| *place);
    let mut values = new_items(host, places.len())?;
    values.extend(places.iter().map(|(_, value)| *value));
    Ok(list(values))
}

/// What elements are looked up in.
enum Table<'a> {
    /// Sorted scalars.
    Sorted(Items<'a>),
    /// Others, which are compared one after the other.
    Any(Items<'a>),
}

impl<'a> Table<'a> {
    /// A table of the second argument, for looking up the elements of the first.
    fn new(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Result<Table<'a>, EvalError> {
        let (ours, theirs) = (items(args, 0), items(args, 1));
        // What sets have is.
        let are_sets = matches!((value(args, 0), value(args, 1)), (Value::Set(_), Value::Set(_)));
        if !are_sets && !ours.iter().chain(theirs.iter()).all(is_scalar) {
            return Ok(Table::Any(theirs));
        }
        Ok(Table::Sorted(match value(args, 1) {
            Value::Set(items) => items,
            other => make_set(host, other.elements())?.items().unwrap_or(Items::Own(&[])),
        }))
    }

    fn has(&self, host: &mut dyn Host<'a>, element: Value<'a>) -> Result<bool, EvalError> {
        match self {
            Table::Sorted(items) => Ok(items.set_contains(element)),
            Table::Any(items) => {
                spend_items(host, items.len())?;
                Ok(items.list_contains(element))
            }
        }
    }
}

fn union<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (receiver, ours, theirs) = (value(args, 0), items(args, 0), items(args, 1));
    let mut values = new_items(host, ours.len().saturating_add(theirs.len()))?;
    values.extend(ours.iter().chain(theirs.iter()));
    if let Value::Set(_) = receiver {
        spend_sort(host, values.len())?;
        return Ok(set(values));
    }
    distinct_items(host, Items::Own(values.into_bump_slice()))
}

/// The elements that the other has, or those that it does not have.
fn keep<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>], shared: bool) -> Outcome<'a> {
    let (receiver, items) = (value(args, 0), items(args, 0));
    let table = Table::new(host, args)?;
    let mut values = new_items(host, items.len())?;
    for item in items.iter() {
        if table.has(host, item)? == shared {
            values.push(item);
        }
    }
    let kept = Items::Own(values.into_bump_slice());
    Ok(if let Value::Set(_) = receiver { Value::Set(kept) } else { Value::List(kept) })
}

fn is_subset_of<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let items = items(args, 0);
    let table = Table::new(host, args)?;
    spend_items(host, items.len())?;
    for item in items.iter() {
        if !table.has(host, item)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn join<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (items, separator) = (items(args, 0), text(args, 1));
    let mut out = new_text(host, 0)?;
    for (index, item) in items.iter().enumerate() {
        // Other scalars print in less than 64 bytes.
        let size = item.as_str().map_or(64, str::len);
        spend_text(host, separator.len().saturating_add(size))?;
        if index > 0 {
            out.push_str(separator);
        }
        match item.as_str() {
            Some(item) => out.push_str(item),
            None => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{item}");
            }
        }
    }
    Ok(Value::Str(out.into_bump_str()))
}

fn range<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let items = items(args, 0);
    let part = part(int(args, 1), int(args, 2), items.len());
    let mut values = new_items(host, part.len())?;
    values.extend(part.filter_map(|index| items.get(index)));
    Ok(list(values))
}

#[cfg(test)]
mod tests {
    use crate::Value::{self, Int, Str};
    use crate::functions::support::test::called;
    use crate::value::{Entries, Items};

    fn ints(values: &[i64]) -> Vec<Value<'static>> {
        values.iter().map(|value| Int(*value)).collect()
    }

    #[test]
    fn set_algebra_on_lists_and_sets() {
        let (ours, theirs) = (ints(&[1, 3, 5]), ints(&[2, 3]));
        let unsorted = ints(&[5, 1, 5, 3]);
        let (set, list, other) = (Value::Set(Items::Own(&ours)), Value::List(Items::Own(&unsorted)), Value::Set(Items::Own(&theirs)));
        let other_list = Value::List(Items::Own(&theirs));
        for (key, of_set, of_list) in [
            ("sequence.union", "[1,2,3,5]", "[5,1,3,2]"),
            ("sequence.intersect", "[3]", "[3]"),
            ("sequence.minus", "[1,5]", "[5,1,5]"),
            ("sequence.is_subset_of", "false", "false"),
        ] {
            for other in [other, other_list] {
                assert_eq!(called(key, &[set, other]), of_set, "{key}");
                assert_eq!(called(key, &[list, other]), of_list, "{key}");
            }
        }
        assert_eq!(called("sequence.is_subset_of", &[list, set]), "true");
    }

    #[test]
    fn set_algebra_on_what_no_set_holds() {
        let (one, two) = (ints(&[1]), ints(&[2]));
        let [one, two] = [&one, &two].map(|items| Value::List(Items::Own(items)));
        let (ours, theirs) = ([two, one, two, Value::None], [one, Value::None]);
        let [ours, theirs] = [ours.as_slice(), &theirs].map(|items| Value::List(Items::Own(items)));
        for (key, expected) in [
            ("sequence.union", "[[2],[1],null]"),
            ("sequence.intersect", "[[1],null]"),
            ("sequence.minus", "[[2],[2]]"),
            ("sequence.is_subset_of", "false"),
        ] {
            assert_eq!(called(key, &[ours, theirs]), expected, "{key}");
        }
        assert_eq!(called("sequence.is_subset_of", &[theirs, ours]), "true");
    }

    #[test]
    fn order_and_duplicates() {
        let values = [Str("b"), Str("a"), Str("b")];
        let list = Value::List(Items::Own(&values));
        assert_eq!(called("sequence.sort", &[list]), r#"["a","b","b"]"#);
        assert_eq!(called("sequence.distinct", &[list]), r#"["b","a"]"#);
        assert_eq!(called("collection.to_set", &[list]), r#"["a","b"]"#);
        assert_eq!(called("sequence.join", &[list, Str("/")]), "b/a/b");
        assert_eq!(called("sequence.contains", &[list, Str("c")]), "false");
        let nested = [list, list, Value::None, Value::None];
        assert_eq!(called("sequence.distinct", &[Value::List(Items::Own(&nested))]), r#"[["b","a","b"],null]"#);
    }

    #[test]
    fn ends_and_parts() {
        let values = ints(&[1, 2, 3]);
        let list = Value::List(Items::Own(&values));
        assert_eq!(called("sequence.last", &[list]), "3");
        assert_eq!(called("sequence.last", &[Value::EMPTY_LIST]), "none");
        assert_eq!(called("list.range", &[list, Int(-2), Int(99)]), "[2,3]");
        assert_eq!(called("list.range", &[list, Int(2), Int(1)]), "[]");
    }

    #[test]
    fn maps() {
        let entries = [("a", Int(2)), ("b", Int(1))];
        let map = Value::Map(Entries::Own(&entries));
        assert_eq!(called("map.keys", &[map]), r#"["a","b"]"#);
        assert_eq!(called("map.values", &[map]), "[2,1]");
        assert_eq!(called("collection.to_set", &[map]), "[1,2]");
        assert_eq!(called("collection.len", &[map]), "2");
        assert_eq!(called("map.contains", &[map, Str("c")]), "false");
    }
}
