//! Expressions to values, straight down the tree.

use std::collections::BTreeMap;

use tollgate_compiler::program::{Argument, Arithmetic, Expr, ExprKind, Order, Program};
use tollgate_evaluator::plan::Fact;
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Arena, Arg, EvalError, Function, Host, Lambda, arithmetic};

use super::glob;
use super::value::Value;

/// A value, or an evaluation error.
pub type Result = std::result::Result<Value, EvalError>;

/// What expressions read that is no part of the program.
pub struct World {
    /// The request's fields.
    pub input: Value,
    /// The arguments as the tool's declaration types them.
    pub args: Value,
    /// The facts of the call's tool, as in [`Fact::ALL`].
    pub facts: Vec<Value>,
    /// The data that are bound.
    pub data: Vec<Value>,
}

impl World {
    /// Nothing but constants.
    pub fn empty() -> World {
        World { input: Value::None, args: Value::None, facts: Vec::new(), data: Vec::new() }
    }
}

/// The variables of a rule or definition.
#[derive(Clone, Default)]
pub struct Frame(BTreeMap<usize, Value>);

impl Frame {
    /// The first variables have those values.
    pub fn of(values: Vec<Value>) -> Frame {
        Frame(values.into_iter().enumerate().collect())
    }

    pub fn bind(&mut self, local: usize, value: Value) {
        self.0.insert(local, value);
    }
}

/// Evaluates expressions of a program.
#[derive(Clone, Copy)]
pub struct Evaluator<'p> {
    program: &'p Program,
    world: &'p World,
}

impl<'p> Evaluator<'p> {
    pub fn new(program: &'p Program, world: &'p World) -> Evaluator<'p> {
        Evaluator { program, world }
    }

    /// The value of an expression, which is one of its type.
    pub fn eval(self, expr: &Expr, frame: &mut Frame) -> Result {
        let value = self.value(expr, frame)?;
        assert!(fits(&value, &expr.ty), "the type `{}` does not hold {value:?}: {:?}", expr.ty, expr.kind);
        Ok(value)
    }

    /// Whether a condition holds.
    pub fn holds(self, condition: &Expr, frame: &mut Frame) -> std::result::Result<bool, EvalError> {
        match self.eval(condition, frame)? {
            Value::Bool(value) => Ok(value),
            other => panic!("a condition is {other:?}"),
        }
    }

    fn all(self, exprs: &[Expr], frame: &mut Frame) -> std::result::Result<Vec<Value>, EvalError> {
        exprs.iter().map(|expr| self.eval(expr, frame)).collect()
    }

    fn value(self, expr: &Expr, frame: &mut Frame) -> Result {
        Ok(match &expr.kind {
            ExprKind::Error => panic!("an expression that is wrong is evaluated"),
            ExprKind::Const(value) => value.into(),
            ExprKind::Input(index) => self.world.input.named(&self.program.input.fields[*index].name),
            ExprKind::Args => self.world.args.clone(),
            ExprKind::Data(index) => self.world.data[*index].clone(),
            ExprKind::Definition(index) => self.eval(&self.program.definitions[*index].body, &mut Frame::default())?,
            ExprKind::Score(index) => Value::Int(self.score(*index)?),
            ExprKind::Fact(fact) => self.fact(*fact),
            ExprKind::Local(local) => frame.0.get(local).cloned().unwrap_or_else(|| panic!("variable {local} is not bound")),
            ExprKind::Field { base, name, .. } | ExprKind::Member { base, name } => self.eval(base, frame)?.named(name),
            ExprKind::Index { base, index } => {
                let base = self.eval(base, frame)?;
                element(&base, &self.eval(index, frame)?)
            }
            ExprKind::And(operands) => Value::Bool(self.first(operands, false, frame)?.is_none()),
            ExprKind::Or(operands) => Value::Bool(self.first(operands, true, frame)?.is_some()),
            ExprKind::Not(operand) => Value::Bool(!self.holds(operand, frame)?),
            ExprKind::If { condition, then, otherwise } => {
                let branch = if self.holds(condition, frame)? { then } else { otherwise };
                self.eval(branch, frame)?
            }
            ExprKind::Equal(a, b) => {
                let a = self.eval(a, frame)?;
                Value::Bool(a.equals(&self.eval(b, frame)?))
            }
            ExprKind::Order(order, a, b) => {
                let a = self.eval(a, frame)?;
                let found = a.order(&self.eval(b, frame)?);
                Value::Bool(match order {
                    Order::Less => found.is_lt(),
                    Order::LessOrEqual => found.is_le(),
                    Order::Greater => found.is_gt(),
                    Order::GreaterOrEqual => found.is_ge(),
                })
            }
            ExprKind::In(item, container) => {
                let item = self.eval(item, frame)?;
                Value::Bool(is_in(&item, &self.eval(container, frame)?))
            }
            ExprKind::Like(text, pattern) => Value::Bool(glob::matches(pattern, &self.text(text, frame)?)),
            ExprKind::Matches(text, pattern) => {
                let regex = regex_automata::meta::Regex::new(pattern).expect("the checker accepts no other");
                Value::Bool(regex.is_match(&self.text(text, frame)?))
            }
            ExprKind::Coalesce(value, otherwise) => match self.eval(value, frame)? {
                Value::None => self.eval(otherwise, frame)?,
                present => present,
            },
            ExprKind::Arithmetic(operator, a, b) => {
                let a = self.eval(a, frame)?;
                calculate(*operator, &a, &self.eval(b, frame)?)?
            }
            ExprKind::Negate(operand) => arithmetic::neg(self.eval(operand, frame)?.lend(&Arena::new()))?.into(),
            ExprKind::Text(parts) => Value::Text(self.all(parts, frame)?.iter().map(Value::print).collect()),
            ExprKind::List(elements) => Value::List(self.all(elements, frame)?),
            ExprKind::Set(elements) => Value::set(self.all(elements, frame)?),
            ExprKind::Record(shape, values) => Value::Record(shape.names().map(str::to_owned).zip(self.all(values, frame)?).collect()),
            ExprKind::Map(entries) => {
                let pairs = entries.iter().map(|(key, value)| Ok((key.to_string(), self.eval(value, frame)?)));
                Value::Map(pairs.collect::<std::result::Result<_, EvalError>>()?)
            }
            ExprKind::With { base, changes } => {
                let mut value = self.eval(base, frame)?;
                for (path, new) in changes {
                    let path: Vec<&str> = path.iter().map(|name| &**name).collect();
                    value = changed(value, &path, self.eval(new, frame)?);
                }
                value
            }
            ExprKind::Call { function, args } => match (&expr.ty, self.call(function, args, frame)?) {
                // A sum of no decimals.
                (Type::Decimal, Value::Int(0)) => Value::Int(0).as_decimal(),
                (_, value) => value,
            },
            ExprKind::Invoke { definition, args } => {
                let mut inner = Frame::of(self.all(args, frame)?);
                self.eval(&self.program.definitions[*definition].body, &mut inner)?
            }
            ExprKind::WithPresent { base, local, body } => match self.eval(base, frame)? {
                Value::None => Value::None,
                present => {
                    frame.bind(*local, present);
                    self.eval(body, frame)?
                }
            },
            ExprKind::ToDecimal(operand) => self.eval(operand, frame)?.as_decimal(),
            ExprKind::ToJson(operand) => self.eval(operand, frame)?.as_json(),
        })
    }

    fn text(self, expr: &Expr, frame: &mut Frame) -> std::result::Result<String, EvalError> {
        match self.eval(expr, frame)? {
            Value::Text(text) => Ok(text),
            other => panic!("{other:?} is no text"),
        }
    }

    /// The place of the first operand that has that truth; those after it are not looked at.
    fn first(self, operands: &[Expr], truth: bool, frame: &mut Frame) -> std::result::Result<Option<usize>, EvalError> {
        for (place, operand) in operands.iter().enumerate() {
            if self.holds(operand, frame)? == truth {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    fn fact(self, fact: Fact) -> Value {
        let place = Fact::ALL.iter().position(|other| *other == fact).expect("it is one of them");
        self.world.facts[place].clone()
    }

    /// A score: what holds, summed up and brought into its range.
    pub fn score(self, index: usize) -> std::result::Result<i64, EvalError> {
        let score = &self.program.scores[index];
        let mut frame = Frame::default();
        let mut sum = 0_i128;
        for part in &score.parts {
            if self.holds(&part.condition, &mut frame)? {
                match self.eval(&part.amount, &mut frame)? {
                    Value::Int(amount) => sum += i128::from(amount),
                    other => panic!("{other:?} is no amount"),
                }
            }
        }
        Ok(i64::try_from(sum.clamp(score.low.into(), score.high.into())).expect("its range is one of ints"))
    }

    /// A built-in function.
    fn call(self, function: &'static Function, args: &[Argument], frame: &mut Frame) -> Result {
        let arena = Arena::new();
        let mut given = Vec::new();
        let mut lambdas = Vec::new();
        for arg in args {
            match arg {
                Argument::Value(expr) => given.push(Arg::Value(self.eval(expr, frame)?.lend(&arena))),
                Argument::Lambda { local, body } => {
                    given.push(Arg::Lambda(Lambda(u32::try_from(lambdas.len()).expect("lambdas are few"))));
                    lambdas.push((*local, body));
                }
            }
        }
        let mut caller = Caller { arena: &arena, evaluator: self, frame, lambdas };
        (function.run)(&mut caller, &given).map(Value::from)
    }
}

/// What built-in functions ask of the reference.
struct Caller<'a, 'c> {
    arena: &'a Arena,
    evaluator: Evaluator<'c>,
    frame: &'c mut Frame,
    lambdas: Vec<(usize, &'c Expr)>,
}

impl<'a> Host<'a> for Caller<'a, '_> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn apply(&mut self, lambda: Lambda, argument: tollgate_stdlib::Value<'a>) -> std::result::Result<tollgate_stdlib::Value<'a>, EvalError> {
        let (local, body) = self.lambdas[lambda.0 as usize];
        self.frame.bind(local, argument.into());
        self.evaluator.eval(body, self.frame).map(|value| value.lend(self.arena))
    }

    /// The reference has no limits.
    fn spend(&mut self, _steps: u64) -> std::result::Result<(), EvalError> {
        Ok(())
    }
}

/// Whether a value is one of a type, as far as its own kind tells.
fn fits(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Error, _) => panic!("an expression without a type is evaluated"),
        (Type::Optional(_) | Type::None | Type::Json, Value::None) => true,
        (Type::Optional(inner), value) => fits(value, inner),
        (Type::Json, Value::Bool(_) | Value::Int(_) | Value::Decimal(_) | Value::Text(_) | Value::List(_) | Value::Map(_)) => true,
        (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Decimal, Value::Decimal(_))
        | (Type::Duration, Value::Duration(_))
        | (Type::Timestamp, Value::Timestamp(_))
        | (Type::Ip, Value::Ip(_))
        | (Type::Cidr, Value::Cidr(_))
        | (Type::Str, Value::Text(_))
        | (Type::List(_), Value::List(_))
        | (Type::Set(_), Value::Set(_))
        | (Type::Map(_), Value::Map(_)) => true,
        (Type::Enum(ty), Value::Variant { name, .. }) => ty.variants.iter().any(|variant| **variant == **name),
        // The arguments of several tools have more fields than those that all of them declare, or fewer.
        (Type::Record(_), Value::Record(_)) => true,
        _ => false,
    }
}

fn element(base: &Value, index: &Value) -> Value {
    match (base, index) {
        (Value::List(elements), Value::Int(place)) => {
            let length = i64::try_from(elements.len()).expect("lists are short");
            let place = if *place < 0 { place.checked_add(length) } else { Some(*place) };
            let place = place.and_then(|place| usize::try_from(place).ok());
            place.and_then(|place| elements.get(place)).cloned().unwrap_or(Value::None)
        }
        (Value::Map(entries), Value::Text(key)) => entries.get(key).cloned().unwrap_or(Value::None),
        _ => Value::None,
    }
}

fn is_in(item: &Value, container: &Value) -> bool {
    match (container, item) {
        (Value::List(elements) | Value::Set(elements), _) => elements.iter().any(|element| element.equals(item)),
        (Value::Map(entries), Value::Text(key)) => entries.contains_key(key),
        (Value::Cidr(net), Value::Ip(ip)) => net.contains(ip),
        _ => panic!("{container:?} contains nothing"),
    }
}

fn calculate(operator: Arithmetic, a: &Value, b: &Value) -> Result {
    if let (Arithmetic::Add, Value::Text(a), Value::Text(b)) = (operator, a, b) {
        return Ok(Value::Text(format!("{a}{b}")));
    }
    let arena = Arena::new();
    let (a, b) = (a.lend(&arena), b.lend(&arena));
    let result = match operator {
        Arithmetic::Add => arithmetic::add(a, b),
        Arithmetic::Subtract => arithmetic::sub(a, b),
        Arithmetic::Multiply => arithmetic::mul(a, b),
        Arithmetic::Divide => arithmetic::div(a, b),
        Arithmetic::Remainder => arithmetic::rem(a, b),
    };
    Ok(result?.into())
}

/// A copy in which something else stands at the path; on `json`, objects are made where there are none.
fn changed(base: Value, path: &[&str], new: Value) -> Value {
    let [name, rest @ ..] = path else { return new };
    let inner = changed(base.named(name), rest, new);
    match base {
        Value::Record(fields) => {
            Value::Record(fields.into_iter().map(|(field, value)| if field == *name { (field, inner.clone()) } else { (field, value) }).collect())
        }
        other => {
            let mut entries = if let Value::Map(entries) = other { entries } else { BTreeMap::new() };
            entries.insert((*name).to_owned(), inner);
            Value::Map(entries)
        }
    }
}
