//! What implementations share: reading arguments, paying for and making values.

use bumpalo::collections::{String as ArenaString, Vec as ArenaVec};
use rust_decimal::Decimal;

use crate::error::EvalError;
use crate::function::{Arg, Host, Lambda};
use crate::shape::Shape;
use crate::value::{Entries, Fields, Items, Record, Value};

/// Elements that most lists have at most which are not counted before they are made.
const FEW: usize = 8;

/// What an implementation gives.
pub type Outcome<'a> = Result<Value<'a>, EvalError>;

/// Argument `index`; `none` where it was left out.
pub fn value<'a>(args: &[Arg<'a>], index: usize) -> Value<'a> {
    args.get(index).map_or(Value::None, |arg| arg.value())
}

/// The text of argument `index`.
pub fn text<'a>(args: &[Arg<'a>], index: usize) -> &'a str {
    value(args, index).as_str().unwrap_or_default()
}

/// The int that argument `index` is.
pub fn int(args: &[Arg<'_>], index: usize) -> Option<i64> {
    value(args, index).as_int()
}

/// The number that argument `index` is.
pub fn decimal(args: &[Arg<'_>], index: usize) -> Decimal {
    value(args, index).as_decimal().unwrap_or_default()
}

/// The elements of the list or set that argument `index` is.
pub fn items<'a>(args: &[Arg<'a>], index: usize) -> Items<'a> {
    value(args, index).items().unwrap_or(Items::Own(&[]))
}

/// The entries of the map that argument `index` is.
pub fn entries<'a>(args: &[Arg<'a>], index: usize) -> Entries<'a> {
    if let Value::Map(entries) = value(args, index) { entries } else { Entries::Own(&[]) }
}

/// The lambda that argument `index` is.
pub fn lambda(args: &[Arg<'_>], index: usize) -> Option<Lambda> {
    if let Some(Arg::Lambda(lambda)) = args.get(index) { Some(*lambda) } else { None }
}

/// A length as an int.
pub fn length<'a>(length: usize) -> Value<'a> {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}

/// Pays for that many bytes of text made or parsed.
pub fn spend_text(host: &mut dyn Host<'_>, bytes: usize) -> Result<(), EvalError> {
    host.spend(steps(bytes / 16 + 1))
}

/// Pays for that many elements made, compared or visited.
pub fn spend_items(host: &mut dyn Host<'_>, count: usize) -> Result<(), EvalError> {
    host.spend(steps(count))
}

/// A count of steps.
pub fn steps(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// A copy of a text, paid for.
pub fn make_text<'a>(host: &mut dyn Host<'a>, text: &str) -> Outcome<'a> {
    spend_text(host, text.len())?;
    Ok(Value::Str(host.arena().alloc_str(text)))
}

/// An empty text to fill, with room for that many bytes, which are paid for.
pub fn new_text<'a>(host: &mut dyn Host<'a>, bytes: usize) -> Result<ArenaString<'a>, EvalError> {
    spend_text(host, bytes)?;
    Ok(ArenaString::with_capacity_in(bytes, host.arena()))
}

/// A text whose letters get another case: by `ascii` where it is of ASCII alone, as most are, and else the characters that `others` gives.
pub fn recased<'a>(host: &mut dyn Host<'a>, text: &str, ascii: fn(&mut str), others: impl Iterator<Item = char>) -> Result<&'a str, EvalError> {
    let mut out = new_text(host, text.len())?;
    if text.is_ascii() {
        out.push_str(text);
        ascii(&mut out);
    } else {
        out.extend(others);
    }
    Ok(out.into_bump_str())
}

/// An empty list to fill, with room for that many elements, which are paid for.
pub fn new_items<'a, T>(host: &mut dyn Host<'a>, count: usize) -> Result<ArenaVec<'a, T>, EvalError> {
    spend_items(host, count)?;
    Ok(ArenaVec::with_capacity_in(count, host.arena()))
}

/// An empty list to fill, with room for as many elements as most get; each is paid for when it comes.
pub fn few_items<'a, T>(host: &dyn Host<'a>) -> ArenaVec<'a, T> {
    ArenaVec::with_capacity_in(FEW, host.arena())
}

/// A list of those elements.
pub fn list<'a>(values: ArenaVec<'a, Value<'a>>) -> Value<'a> {
    Value::List(Items::Own(values.into_bump_slice()))
}

/// A set of those elements, which are sorted here and paid for already.
pub fn set<'a>(mut values: ArenaVec<'a, Value<'a>>) -> Value<'a> {
    values.sort_unstable_by(|a, b| a.order(*b));
    values.dedup_by(|a, b| a.order(*b).is_eq());
    Value::Set(Items::Own(values.into_bump_slice()))
}

/// The set of texts in a table, which are few.
pub fn names<'a>(host: &mut dyn Host<'a>, names: impl Iterator<Item = &'static str>) -> Outcome<'a> {
    let mut values = new_items(host, names.size_hint().1.unwrap_or_default())?;
    values.extend(names.map(Value::Str));
    Ok(set(values))
}

/// A record of that shape.
pub fn record<'a, const N: usize>(host: &mut dyn Host<'a>, shape: &'static Shape, values: [Value<'a>; N]) -> Outcome<'a> {
    spend_items(host, N)?;
    let arena = host.arena();
    Ok(Value::Record(Record::Own(arena.alloc(Fields { shape, values: arena.alloc(values) }))))
}

/// Where a part from `from` up to `to` of `length` elements lies: negative positions count from the end, what is beyond an end is cut off, and
/// without `to` it goes to the end.
pub fn part(from: Option<i64>, to: Option<i64>, length: usize) -> std::ops::Range<usize> {
    let place = |position: i64| {
        let size = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
        if position < 0 { length.saturating_sub(size) } else { size.min(length) }
    };
    let (from, to) = (place(from.unwrap_or(0)), to.map_or(length, place));
    from..to.max(from)
}

#[cfg(test)]
pub mod test {
    //! A host for tests of functions.

    use super::*;
    use crate::Arena;
    use crate::functions::by_key;

    type Body<'a> = Box<dyn Fn(Value<'a>) -> Outcome<'a> + 'a>;

    /// A host with lambdas and a budget of steps.
    pub struct TestHost<'a> {
        arena: &'a Arena,
        lambdas: Vec<Body<'a>>,
        pub steps: u64,
    }

    impl<'a> Host<'a> for TestHost<'a> {
        fn arena(&self) -> &'a Arena {
            self.arena
        }

        fn apply(&mut self, lambda: Lambda, argument: Value<'a>) -> Outcome<'a> {
            self.spend(1)?;
            self.lambdas[usize::try_from(lambda.0).unwrap()](argument)
        }

        fn spend(&mut self, steps: u64) -> Result<(), EvalError> {
            self.steps = self.steps.checked_sub(steps).ok_or(EvalError::StepLimit)?;
            Ok(())
        }
    }

    impl<'a> TestHost<'a> {
        pub fn new(arena: &'a Arena) -> Self {
            TestHost { arena, lambdas: Vec::new(), steps: 10_000_000 }
        }

        /// A lambda argument.
        pub fn lambda(&mut self, body: impl Fn(Value<'a>) -> Outcome<'a> + 'a) -> Arg<'a> {
            self.lambdas.push(Box::new(body));
            Arg::Lambda(Lambda(u32::try_from(self.lambdas.len() - 1).unwrap()))
        }

        /// Calls the function with that key.
        pub fn call(&mut self, key: &str, args: &[Arg<'a>]) -> Outcome<'a> {
            let function = by_key(key).unwrap_or_else(|| panic!("no function `{key}`"));
            assert!(args.len() <= function.params.len());
            let padded: Vec<_> = (0..function.params.len()).map(|index| args.get(index).copied().unwrap_or(Arg::Value(Value::None))).collect();
            (function.run)(self, &padded)
        }
    }

    /// Calls a function with values and prints what it gives, texts in lists and sets quoted, or the error.
    pub fn called(key: &str, args: &[Value<'_>]) -> String {
        let arena = Arena::new();
        let mut host = TestHost::new(&arena);
        let args: Vec<_> = args.iter().map(|value| Arg::Value(*value)).collect();
        match host.call(key, &args) {
            Ok(value @ (Value::List(_) | Value::Set(_) | Value::Map(_) | Value::Record(_))) => json(value),
            Ok(value) => value.to_string(),
            Err(error) => format!("error: {error}"),
        }
    }

    /// A value as JSON text.
    pub fn json(value: Value<'_>) -> String {
        let mut out = Vec::new();
        crate::write_json(value, &mut out);
        String::from_utf8(out).unwrap()
    }
}
