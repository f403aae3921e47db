//! What a built-in function is: signature, documentation, example and implementation in one constant.

use std::fmt;

use crate::Arena;
use crate::error::EvalError;
use crate::value::Value;

/// A built-in function, called as a method of its first parameter.
#[derive(Debug)]
pub struct Function {
    /// Identifies it among all functions for ever, such as `string.len`; plans name it so.
    pub key: &'static str,
    /// The name after the dot. Functions of one name differ in their receivers or their arguments.
    pub name: &'static str,
    /// The receiver first, then the arguments.
    pub params: &'static [Param],
    /// What it gives.
    pub result: Sig,
    /// Whether it can give an error (apart from the step limit).
    pub errs: bool,
    /// How its work grows.
    pub cost: Cost,
    /// What it does, in a sentence or a few, as Markdown.
    pub doc: &'static str,
    /// An expression of the language that is true and shows it at work; run as a test.
    pub example: &'static str,
    /// Its implementation. Arguments have the types that the signature says; an argument left out is `Value::None`.
    pub run: Implementation,
}

impl Function {
    /// The signature as documentation writes it: `string.slice(from: int, to?: int) -> string`.
    pub fn signature(&self) -> String {
        let params: Vec<String> = self.params.iter().skip(1).map(ToString::to_string).collect();
        let receiver = self.params.first().map(|receiver| receiver.sig.to_string()).unwrap_or_default();
        let result = if self.result == Sig::Receiver { receiver.clone() } else { self.result.to_string() };
        format!("{receiver}.{}({}) -> {result}", self.name, params.join(", "))
    }
}

/// How a function is implemented.
pub type Implementation = for<'a> fn(&mut dyn Host<'a>, &[Arg<'a>]) -> Result<Value<'a>, EvalError>;

/// How a function's work grows with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Bounded by a constant, or by the length of an argument that it merely scans or compares.
    Constant,
    /// It allocates, sorts, parses or calls a lambda, and says so through [`Host::spend`], which may end it.
    Counted,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name, for documentation.
    pub name: &'static str,
    /// Its type.
    pub sig: Sig,
    /// Whether it may be left out.
    pub optional: bool,
    /// Set where the argument must be a constant: says what is wrong with a value, such as an unknown time zone.
    pub constant: Option<fn(Value<'_>) -> Result<(), String>>,
}

impl Param {
    /// A required parameter.
    pub const fn new(name: &'static str, sig: Sig) -> Param {
        Param { name, sig, optional: false, constant: None }
    }

    /// The same, but it may be left out.
    pub const fn optional(self) -> Param {
        Param { optional: true, ..self }
    }

    /// The same, but its argument must be a constant that passes the check.
    pub const fn constant(self, check: fn(Value<'_>) -> Result<(), String>) -> Param {
        Param { constant: Some(check), ..self }
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.name, if self.optional { "?" } else { "" }, self.sig)
    }
}

/// A type as signatures write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sig {
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`
    Decimal,
    /// `duration`
    Duration,
    /// `timestamp`
    Timestamp,
    /// `ip`
    Ip,
    /// `cidr`
    Cidr,
    /// `string`
    Str,
    /// `json`, as a receiver or argument: exactly `json`; see [`Sig::Any`] for any value.
    Json,
    /// Any enum.
    Enum,
    /// Any value that `mentions` and `to_string` take: scalars, enums, `json`.
    Any,
    /// A record type of the standard library's sources, such as `Url`.
    Named(&'static str),
    /// A type variable; every occurrence is the same type.
    Var(Var, Bound),
    /// `list<T>`
    List(&'static Sig),
    /// `set<T>`
    Set(&'static Sig),
    /// `map<T>`
    Map(&'static Sig),
    /// `list<T>`, `set<T>` or the values of a `map<T>`
    Collection(&'static Sig),
    /// `list<T>` or `set<T>`
    Sequence(&'static Sig),
    /// The type of the receiver
    Receiver,
    /// `T?`
    Optional(&'static Sig),
    /// A lambda from the first to the second
    Lambda(&'static Sig, &'static Sig),
}

impl fmt::Display for Sig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Sig::Bool => "bool",
            Sig::Int => "int",
            Sig::Decimal => "decimal",
            Sig::Duration => "duration",
            Sig::Timestamp => "timestamp",
            Sig::Ip => "ip",
            Sig::Cidr => "cidr",
            Sig::Str => "string",
            Sig::Json => "json",
            Sig::Enum => "enum",
            Sig::Any => "any",
            Sig::Named(name) => name,
            Sig::Var(_, Bound::Address) => "ip|cidr",
            Sig::Var(Var::T, _) => "T",
            Sig::Var(Var::U, _) => "U",
            Sig::Receiver => "the same",
            Sig::List(inner) => return write!(f, "list<{inner}>"),
            Sig::Set(inner) => return write!(f, "set<{inner}>"),
            Sig::Map(inner) => return write!(f, "map<{inner}>"),
            Sig::Collection(inner) => return write!(f, "collection<{inner}>"),
            Sig::Sequence(inner) => return write!(f, "sequence<{inner}>"),
            Sig::Optional(inner) => return write!(f, "{inner}?"),
            Sig::Lambda(from, to) => return write!(f, "{from} => {to}"),
        })
    }
}

/// A type variable of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Var {
    /// `T`
    T,
    /// `U`
    U,
}

/// What a type variable may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Any type.
    Any,
    /// `int`, `decimal`, `string`, `duration`, `timestamp` and ordered enums
    Ordered,
    /// `int` and `decimal`
    Number,
    /// `ip` and `cidr`
    Address,
    /// Scalars and enums: what a set may hold
    Scalar,
}

/// Any type `T`.
pub const T: Sig = Sig::Var(Var::T, Bound::Any);
/// Any type `U`.
pub const U: Sig = Sig::Var(Var::U, Bound::Any);

/// An argument of a call.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// A value.
    Value(Value<'a>),
    /// A lambda; [`Host::apply`] calls it.
    Lambda(Lambda),
}

/// A lambda of the calling evaluator, identified by its own number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lambda(pub u32);

/// What an evaluator offers a function.
pub trait Host<'a> {
    /// The decision's memory. Every allocation of more than a constant size is paid for with [`Host::spend`] first.
    fn arena(&self) -> &'a Arena;

    /// Calls a lambda with one value, for one step.
    fn apply(&mut self, lambda: Lambda, argument: Value<'a>) -> Result<Value<'a>, EvalError>;

    /// Uses up evaluation steps: one for each element made, compared or visited, one for each 16 bytes of text made or parsed.
    fn spend(&mut self, steps: u64) -> Result<(), EvalError>;

    /// What [`Host::keep_folded`] kept of that very text, where the host keeps any: many values are looked for in one text, one after the other.
    fn folded(&self, _text: &str) -> Option<&'a str> {
        None
    }

    /// Keeps a text as it is without regard to case, until another is kept.
    fn keep_folded(&mut self, _text: &'a str, _folded: &'a str) {}
}

impl<'a> Arg<'a> {
    /// The value; `None` for a lambda.
    pub fn value(self) -> Value<'a> {
        match self {
            Arg::Value(value) => value,
            Arg::Lambda(_) => Value::None,
        }
    }
}
