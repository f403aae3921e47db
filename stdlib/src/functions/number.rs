//! Functions of numbers.

use rust_decimal::Decimal;

use crate::arithmetic::{round_decimal, truncate_decimal};
use crate::error::EvalError;
use crate::function::{Arg, Cost, Function, Host, Param, Sig};
use crate::functions::support::{Outcome, decimal, int, list, new_items, value};
use crate::value::Value;

const INT: Param = Param::new("self", Sig::Int);
const DECIMAL: Param = Param::new("self", Sig::Decimal);

/// A function of constant cost.
const fn function(
    key: &'static str,
    name: &'static str,
    params: &'static [Param],
    result: Sig,
    errs: bool,
    texts: (&'static str, &'static str),
    run: crate::function::Implementation,
) -> Function {
    Function { key, name, params, result, errs, cost: Cost::Constant, doc: texts.0, example: texts.1, run }
}

/// Functions of numbers.
pub const FUNCTIONS: &[Function] = &[
    function(
        "int.abs",
        "abs",
        &[INT],
        Sig::Int,
        true,
        ("The number without its sign. Errs on the least int, which has no counterpart.", "(-3).abs() == 3"),
        |_, args| int(args, 0).and_then(i64::checked_abs).map(Value::Int).ok_or(EvalError::IntegerOverflow),
    ),
    function("decimal.abs", "abs", &[DECIMAL], Sig::Decimal, false, ("The number without its sign.", "(-0.5).abs() == 0.5"), |_, args| {
        Ok(Value::Decimal(decimal(args, 0).abs()))
    }),
    function(
        "int.min",
        "min",
        &[INT, Param::new("other", Sig::Int)],
        Sig::Int,
        false,
        ("The lesser of two numbers.", "(3).min(5) == 3"),
        |_, args| Ok(Value::Int(int(args, 0).min(int(args, 1)).unwrap_or_default())),
    ),
    function(
        "decimal.min",
        "min",
        &[DECIMAL, Param::new("other", Sig::Decimal)],
        Sig::Decimal,
        false,
        ("The lesser of two numbers.", "(0.5).min(2) == 0.5"),
        |_, args| Ok(Value::Decimal(decimal(args, 0).min(decimal(args, 1)))),
    ),
    function(
        "int.max",
        "max",
        &[INT, Param::new("other", Sig::Int)],
        Sig::Int,
        false,
        ("The greater of two numbers.", "(3).max(5) == 5"),
        |_, args| Ok(Value::Int(int(args, 0).max(int(args, 1)).unwrap_or_default())),
    ),
    function(
        "decimal.max",
        "max",
        &[DECIMAL, Param::new("other", Sig::Decimal)],
        Sig::Decimal,
        false,
        ("The greater of two numbers.", "(0.5).max(2) == 2.0"),
        |_, args| Ok(Value::Decimal(decimal(args, 0).max(decimal(args, 1)))),
    ),
    function(
        "int.clamp",
        "clamp",
        &[INT, Param::new("low", Sig::Int), Param::new("high", Sig::Int)],
        Sig::Int,
        true,
        ("The number, or the bound beyond which it lies. Errs where `low` is above `high`.", "(120).clamp(0, 100) == 100"),
        |_, args| clamp(int(args, 0), int(args, 1), int(args, 2)).map(|number| Value::Int(number.unwrap_or_default())),
    ),
    function(
        "decimal.clamp",
        "clamp",
        &[DECIMAL, Param::new("low", Sig::Decimal), Param::new("high", Sig::Decimal)],
        Sig::Decimal,
        true,
        ("The number, or the bound beyond which it lies. Errs where `low` is above `high`.", "(-0.5).clamp(0, 1) == 0.0"),
        |_, args| clamp(decimal(args, 0), decimal(args, 1), decimal(args, 2)).map(Value::Decimal),
    ),
    function("int.round", "round", &[INT], Sig::Int, false, ("The int itself.", "(7).round() == 7"), |_, args| Ok(value(args, 0))),
    function(
        "decimal.round",
        "round",
        &[DECIMAL],
        Sig::Int,
        true,
        ("The nearest int, the even one of two. Errs where it is no 64-bit int.", "(2.5).round() == 2 and (2.6).round() == 3"),
        |_, args| whole(round_decimal(decimal(args, 0), 0)?),
    ),
    function(
        "decimal.round_places",
        "round",
        &[DECIMAL, Param::new("places", Sig::Int)],
        Sig::Decimal,
        true,
        (
            "The number rounded half to even to that many places after the point, or before it where negative. Errs where that is beyond `decimal`.",
            "(1.235).round(2) == 1.24 and (1250.0).round(-2) == 1200.0",
        ),
        |_, args| round_decimal(decimal(args, 0), int(args, 1).unwrap_or_default()).map(Value::Decimal),
    ),
    function("int.floor", "floor", &[INT], Sig::Int, false, ("The int itself.", "(7).floor() == 7"), |_, args| Ok(value(args, 0))),
    function(
        "decimal.floor",
        "floor",
        &[DECIMAL],
        Sig::Int,
        true,
        ("The greatest int not above the number. Errs where it is no 64-bit int.", "(-1.5).floor() == -2"),
        |_, args| whole(decimal(args, 0).floor()),
    ),
    function("int.ceil", "ceil", &[INT], Sig::Int, false, ("The int itself.", "(7).ceil() == 7"), |_, args| Ok(value(args, 0))),
    function(
        "decimal.ceil",
        "ceil",
        &[DECIMAL],
        Sig::Int,
        true,
        ("The least int not below the number. Errs where it is no 64-bit int.", "(1.2).ceil() == 2"),
        |_, args| whole(decimal(args, 0).ceil()),
    ),
    function("int.to_int", "to_int", &[INT], Sig::Int, false, ("The int itself.", "(7).to_int() == 7"), |_, args| Ok(value(args, 0))),
    function(
        "decimal.to_int",
        "to_int",
        &[DECIMAL],
        Sig::Int,
        true,
        ("The number without what stands after its point. Errs where it is no 64-bit int.", "(-1.9).to_int() == -1"),
        |_, args| whole(decimal(args, 0)),
    ),
    function("int.to_decimal", "to_decimal", &[INT], Sig::Decimal, false, ("The int as a decimal.", "(7).to_decimal() / 2 == 3.5"), |_, args| {
        Ok(Value::Decimal(decimal(args, 0)))
    }),
    function("decimal.to_decimal", "to_decimal", &[DECIMAL], Sig::Decimal, false, ("The decimal itself.", "(0.5).to_decimal() == 0.5"), |_, args| {
        Ok(Value::Decimal(decimal(args, 0)))
    }),
    Function {
        key: "int.range",
        name: "range",
        params: &[INT, Param::new("to", Sig::Int)],
        result: Sig::List(&Sig::Int),
        errs: false,
        cost: Cost::Counted,
        doc: "The ints from this one up to but not including `to`.",
        example: "(1).range(4) == [1, 2, 3]",
        run: range,
    },
];

fn clamp<T: PartialOrd>(number: T, low: T, high: T) -> Result<T, EvalError> {
    if low > high {
        Err(EvalError::EmptyRange)
    } else if number < low {
        Ok(low)
    } else if number > high {
        Ok(high)
    } else {
        Ok(number)
    }
}

fn whole<'a>(number: Decimal) -> Outcome<'a> {
    truncate_decimal(number).map(Value::Int)
}

fn range<'a>(host: &mut dyn Host<'a>, args: &[Arg<'a>]) -> Outcome<'a> {
    let (Some(from), Some(to)) = (int(args, 0), int(args, 1)) else { return Ok(Value::EMPTY_LIST) };
    let count = i128::from(to) - i128::from(from);
    let mut numbers = new_items(host, usize::try_from(count.max(0)).unwrap_or(usize::MAX))?;
    numbers.extend((from..to).map(Value::Int));
    Ok(list(numbers))
}

#[cfg(test)]
mod tests {
    use crate::Value::{self, Int};
    use crate::functions::support::test::called;
    use crate::scalar::parse_decimal;

    fn decimal(text: &str) -> Value<'static> {
        Value::Decimal(parse_decimal(text).unwrap())
    }

    #[test]
    fn rounds() {
        for (key, number, expected) in [
            ("decimal.round", "2.5", "2"),
            ("decimal.round", "-2.5", "-2"),
            ("decimal.round", "9223372036854775807.5", "error: integer overflow"),
            ("decimal.floor", "-0.1", "-1"),
            ("decimal.ceil", "-0.9", "0"),
            ("decimal.to_int", "-9223372036854775808.9", "-9223372036854775808"),
            ("decimal.to_int", "1e28", "error: integer overflow"),
            ("decimal.abs", "-1.50", "1.5"),
        ] {
            assert_eq!(called(key, &[decimal(number)]), expected, "{key} {number}");
        }
        assert_eq!(called("decimal.round_places", &[decimal("2.345"), Int(2)]), "2.34");
    }

    #[test]
    fn bounds() {
        assert_eq!(called("int.abs", &[Int(i64::MIN)]), "error: integer overflow");
        assert_eq!(called("int.clamp", &[Int(5), Int(1), Int(3)]), "3");
        assert_eq!(called("int.clamp", &[Int(5), Int(3), Int(1)]), "error: lower bound above upper bound");
        assert_eq!(called("decimal.clamp", &[Int(-1), decimal("0.5"), Int(1)]), "0.5");
        assert_eq!(called("decimal.min", &[Int(2), decimal("0.5")]), "0.5");
    }

    #[test]
    fn ranges() {
        assert_eq!(called("int.range", &[Int(-1), Int(2)]), "[-1,0,1]");
        assert_eq!(called("int.range", &[Int(2), Int(-1)]), "[]");
        assert_eq!(called("int.range", &[Int(i64::MIN), Int(i64::MAX)]), "error: evaluation step limit exceeded");
    }
}
