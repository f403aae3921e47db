//! Evaluation errors.

/// Why an expression has no value. In a condition it never widens access; see the language's "Decisions".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
// As wide as the tag of a value, beside which it is returned.
#[repr(u64)]
pub enum EvalError {
    /// The result of integer arithmetic is no 64-bit signed integer.
    IntegerOverflow,
    /// The result of decimal arithmetic has more digits before the point than `decimal` holds.
    DecimalOverflow,
    /// The result of duration arithmetic is out of range.
    DurationOverflow,
    /// The result of timestamp arithmetic is outside the years 1 to 9999.
    TimestampOverflow,
    /// Division or remainder by zero.
    DivisionByZero,
    /// `clamp` or a like function with a lower bound above its upper one.
    EmptyRange,
    /// `or_error` of what is absent.
    Absent,
    /// The decision's evaluation steps are used up.
    StepLimit,
}

impl std::fmt::Display for EvalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            EvalError::IntegerOverflow => "integer overflow",
            EvalError::DecimalOverflow => "decimal overflow",
            EvalError::DurationOverflow => "duration overflow",
            EvalError::TimestampOverflow => "timestamp out of range",
            EvalError::DivisionByZero => "division by zero",
            EvalError::EmptyRange => "lower bound above upper bound",
            EvalError::Absent => "no value where one must be",
            EvalError::StepLimit => "evaluation step limit exceeded",
        })
    }
}

impl std::error::Error for EvalError {}
