//! Guards that compare a kept value, or a fact of the tool, with a constant: tested without the interpreter.

use tollgate_stdlib::Value;

use super::{Call, Program};
use crate::eval::is_in;
use crate::plan::{Argument, ConstId, Constant, Fact, Node, NodeId, Order, PatternId, Plan, SlotId, index};

/// A comparison, which has no error and costs no steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    left: Operand,
    test: Test,
    right: Operand,
    /// Whether it is to hold, or not to.
    wanted: bool,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    Slot(SlotId),
    Fact(Fact),
    Const(ConstId),
}

/// How two operands are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Equal,
    Order(Order),
    In,
    Starts,
    Ends,
    /// The left one with a pattern.
    Matches(PatternId),
    /// The left one is true.
    Holds,
}

/// How many expressions are looked at to understand one guard.
const MAX_VISITS: usize = 8;
/// A set of at most this many elements is gone through rather than hashed.
const MAX_FEW: usize = 8;

impl Check {
    /// The comparison that an expression is, if it is one.
    pub fn new(plan: &Plan, node: NodeId) -> Option<Check> {
        let (mut node, mut wanted) = (node, true);
        for _ in 0..MAX_VISITS {
            match plan.nodes.get(index(node))? {
                Node::Not(of) => (node, wanted) = (*of, !wanted),
                Node::Shared(_, of) => node = *of,
                Node::Definition(definition) => node = plan.definitions.get(index(*definition))?.node,
                found => return Check::of(plan, found).map(|check| Check { wanted, ..check }),
            }
        }
        None
    }

    fn of(plan: &Plan, node: &Node) -> Option<Check> {
        let operand = |id: &NodeId| Operand::of(plan.nodes.get(index(*id))?);
        let (left, test, right) = match node {
            Node::Slot(_) | Node::Fact(_) => (Operand::of(node)?, Test::Holds, None),
            Node::Equal(a, b) => (operand(a)?, Test::Equal, operand(b)),
            Node::Order(order, a, b) => (operand(a)?, Test::Order(*order), operand(b)),
            Node::In(item, of) => (operand(item)?, Test::In, operand(of)),
            Node::Matches(text, pattern) => (operand(text)?, Test::Matches(*pattern), None),
            Node::Call(function, args) => {
                let [Argument::Node(text), Argument::Node(part)] = &**args else { return None };
                let test = match plan.builtins.get(index(*function)).map(|key| &**key) {
                    Some("string.starts_with") => Test::Starts,
                    Some("string.ends_with") => Test::Ends,
                    _ => return None,
                };
                (operand(text)?, test, operand(part))
            }
            _ => return None,
        };
        // A constant on the left of `==` changes sides, where it is compared with first.
        let (left, right) = match (left, test, right) {
            (Operand::Const(_), Test::Equal, Some(other)) => (other, Some(left)),
            (left, _, right) => (left, right),
        };
        let right = if matches!(test, Test::Matches(_) | Test::Holds) { left } else { right? };
        Some(Check { left, test, right, wanted: true })
    }

    /// Whether it is as wanted for those kept values and the tools that the call fits.
    pub fn passes(self, program: &Program, slots: &[Value<'_>], call: Call) -> bool {
        if let (Operand::Fact(fact), Operand::Const(right)) = (self.left, self.right)
            && let Some(left) = program.tools.fact(&program.plan, call, fact)
            && self.test.holds_by_number(&program.plan, left, right)
        {
            return self.wanted;
        }
        let (left, right) = (self.left.value(program, slots, call), self.right.value(program, slots, call));
        self.test.holds(program, left, right) == self.wanted
    }

    /// How dear it is, roughly: cheap ones are tested first.
    pub fn rank(self) -> u8 {
        match self.test {
            Test::Holds => 0,
            Test::Equal => 1,
            Test::Order(_) => 2,
            Test::Starts | Test::Ends => 3,
            Test::In => 4,
            Test::Matches(_) => 5,
        }
    }
}

impl Operand {
    fn of(node: &Node) -> Option<Operand> {
        match node {
            Node::Slot(slot) => Some(Operand::Slot(*slot)),
            Node::Fact(fact) => Some(Operand::Fact(*fact)),
            Node::Const(constant) => Some(Operand::Const(*constant)),
            _ => None,
        }
    }

    fn value<'a>(self, program: &'a Program, slots: &[Value<'a>], call: Call) -> Value<'a> {
        match self {
            Operand::Slot(slot) => slots.get(index(slot)).copied().unwrap_or(Value::None),
            Operand::Const(constant) => program.constant(constant),
            Operand::Fact(fact) => match program.tools.fact(&program.plan, call, fact) {
                Some(constant) => program.constant(constant),
                None => program.tools.undeclared(fact),
            },
        }
    }
}

impl Test {
    fn holds(self, program: &Program, left: Value<'_>, right: Value<'_>) -> bool {
        let texts = || left.as_str().zip(right.as_str());
        match self {
            Test::Equal => equal(left, right),
            Test::Order(order) => order.allows(left.order(right)),
            Test::In => match (left, right) {
                (Value::Str(text), Value::Set(items)) if items.len() <= MAX_FEW => {
                    items.iter().any(|item| matches!(item, Value::Str(other) if other == text))
                }
                (item, of) => is_in(item, of),
            },
            Test::Starts => texts().is_some_and(|(text, part)| text.starts_with(part)),
            Test::Ends => texts().is_some_and(|(text, part)| text.ends_with(part)),
            Test::Matches(pattern) => left.as_str().is_some_and(|text| program.matches(pattern, text)),
            Test::Holds => left.as_bool().unwrap_or(false),
        }
    }

    /// Whether it holds of two constants already by their numbers: where those are equal, so are the values.
    fn holds_by_number(self, plan: &Plan, left: ConstId, right: ConstId) -> bool {
        match self {
            Test::Equal => left == right,
            Test::In => matches!(plan.constants.get(index(right)), Some(Constant::Set(items)) if items.contains(&left)),
            _ => false,
        }
    }
}

fn equal(a: Value<'_>, b: Value<'_>) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a == b,
        (a, b) => a.equals(b),
    }
}
