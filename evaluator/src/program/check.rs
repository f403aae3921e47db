//! Guards that compare a kept value, or a fact of the tool, with a constant: tested without the interpreter.

use tollgate_stdlib::Value;

use super::{Call, Program};
use crate::eval::is_in;
use crate::plan::{Argument, ConstId, Constant, Fact, Node, NodeId, Order, PatternId, Plan, SlotId, index};

/// A comparison, which has no error and costs no steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    operand: Operand,
    test: Test,
    /// Whether it is to hold, or not to.
    wanted: bool,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operand {
    Slot(SlotId),
    Fact(Fact),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Equal(ConstId),
    /// The operand on the left.
    Order(Order, ConstId),
    In(ConstId),
    Matches(PatternId),
    Starts(ConstId),
    Ends(ConstId),
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
        let operand = |id: &NodeId| match plan.nodes.get(index(*id))? {
            Node::Slot(slot) => Some(Operand::Slot(*slot)),
            Node::Fact(fact) => Some(Operand::Fact(*fact)),
            _ => None,
        };
        let constant = |id: &NodeId| if let Node::Const(constant) = plan.nodes.get(index(*id))? { Some(*constant) } else { None };
        let (operand, test) = match node {
            Node::Slot(slot) => (Operand::Slot(*slot), Test::Holds),
            Node::Fact(fact) => (Operand::Fact(*fact), Test::Holds),
            Node::Equal(a, b) => match (operand(a), constant(b)) {
                (Some(operand), Some(constant)) => (operand, Test::Equal(constant)),
                _ => (operand(b)?, Test::Equal(constant(a)?)),
            },
            Node::Order(order, a, b) => match (operand(a), constant(b)) {
                (Some(operand), Some(constant)) => (operand, Test::Order(*order, constant)),
                _ => (operand(b)?, Test::Order(order.turned(), constant(a)?)),
            },
            Node::In(item, of) => (operand(item)?, Test::In(constant(of)?)),
            Node::Matches(text, pattern) => (operand(text)?, Test::Matches(*pattern)),
            Node::Call(function, args) => {
                let [Argument::Node(text), Argument::Node(part)] = &**args else { return None };
                let (text, part) = (operand(text)?, constant(part)?);
                match plan.builtins.get(index(*function)).map(|key| &**key) {
                    Some("string.starts_with") => (text, Test::Starts(part)),
                    Some("string.ends_with") => (text, Test::Ends(part)),
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(Check { operand, test, wanted: true })
    }

    /// Whether it is as wanted for those kept values and the tools that the call fits.
    pub fn passes(self, program: &Program, slots: &[Value<'_>], call: Call) -> bool {
        let value = match self.operand {
            Operand::Slot(slot) => slots.get(index(slot)).copied().unwrap_or(Value::None),
            Operand::Fact(fact) => match program.tools.fact(&program.plan, call, fact) {
                Some(constant) => return self.test.holds_of_constant(program, constant) == self.wanted,
                None => program.tools.undeclared(fact),
            },
        };
        self.test.holds(program, value) == self.wanted
    }

    /// How dear it is, roughly: cheap ones are tested first.
    pub fn rank(self) -> u8 {
        match self.test {
            Test::Holds => 0,
            Test::Equal(_) => 1,
            Test::Order(..) => 2,
            Test::Starts(_) | Test::Ends(_) => 3,
            Test::In(_) => 4,
            Test::Matches(_) => 5,
        }
    }
}

impl Test {
    fn holds(self, program: &Program, value: Value<'_>) -> bool {
        let text = || value.as_str();
        match self {
            Test::Equal(constant) => equal(value, program.constant(constant)),
            Test::Order(order, constant) => order.holds(value.order(program.constant(constant))),
            Test::In(constant) => match program.constant(constant) {
                Value::Set(items) if items.len() <= MAX_FEW => items.iter().any(|item| equal(value, item)),
                of => is_in(value, of),
            },
            Test::Matches(pattern) => text().is_some_and(|text| program.matches(pattern, text)),
            Test::Starts(part) => text().is_some_and(|text| text.starts_with(program.name(part))),
            Test::Ends(part) => text().is_some_and(|text| text.ends_with(program.name(part))),
            Test::Holds => value.as_bool().unwrap_or(false),
        }
    }

    /// The same of a constant's value. Where the numbers are equal, so are the values.
    fn holds_of_constant(self, program: &Program, value: ConstId) -> bool {
        let of = |id: ConstId| program.plan.constants.get(index(id));
        match (self, of(value)) {
            (Test::Equal(constant), Some(Constant::Str(_))) if value == constant => true,
            (Test::In(set), Some(Constant::Str(_))) if matches!(of(set), Some(Constant::Set(items)) if items.contains(&value)) => true,
            _ => self.holds(program, program.constant(value)),
        }
    }
}

fn equal(a: Value<'_>, b: Value<'_>) -> bool {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a == b,
        (a, b) => a.equals(b),
    }
}
