//! Guards that compare a kept value, or a fact of the tool, with a constant: tested without the interpreter.

use tollgate_stdlib::{Kept, Value};

use super::tools::{MAX_RANKS, Tools};
use super::{Call, Matcher, Program};
use crate::eval::is_in;
use crate::plan::{Argument, ConstId, Fact, Node, NodeId, Order, PatternId, Plan, SlotId, index};

/// A comparison, which has no error and costs no steps.
#[derive(Clone, Debug)]
pub(crate) enum Check {
    /// A kept value that is a text as a rule, and a text: whether they are equal as wanted.
    Text { slot: SlotId, text: ConstId, wanted: bool },
    /// A kept value that is a whole number as a rule, and another: whether they are in order as wanted.
    Whole { slot: SlotId, order: Order, bound: i64, wanted: bool },
    /// The ranks of the values that a fact may have, as bits; see [`Tools::rank`].
    Fact { fact: Fact, ranks: u64 },
    /// Any other.
    Other(Box<Comparison>),
}

/// A comparison of any kind.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    left: Operand,
    test: Test,
    right: Operand,
    /// Whether it is to hold, or not to.
    wanted: bool,
}

/// What is compared.
#[derive(Clone, Copy, Debug)]
enum Operand {
    Slot(SlotId),
    Fact(Fact),
    Const(ConstId),
}

/// How two operands are compared.
#[derive(Clone, Copy, Debug)]
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

/// What comparisons refer to.
#[derive(Clone, Copy)]
pub(crate) struct Terms<'p> {
    pub plan: &'p Plan,
    pub constants: &'p [Kept],
    pub patterns: &'p [Matcher],
    pub tools: &'p Tools,
}

/// How many expressions are looked at to understand one guard.
const MAX_VISITS: usize = 8;
/// A set of at most this many elements is gone through rather than hashed.
const MAX_FEW: usize = 8;

impl Check {
    /// The comparison that an expression is, if it is one.
    pub fn new(terms: Terms<'_>, node: NodeId) -> Option<Check> {
        let made = Comparison::new(terms.plan, node)?;
        let constant = |id| terms.constants.get(index(id)).map(Kept::view);
        Some(match (made.left, made.test, made.right) {
            (Operand::Slot(slot), Test::Equal, Operand::Const(text)) if matches!(constant(text), Some(Value::Str(_))) => {
                Check::Text { slot, text, wanted: made.wanted }
            }
            (Operand::Slot(slot), Test::Order(order), Operand::Const(id)) => match constant(id) {
                Some(Value::Int(bound)) => Check::Whole { slot, order, bound, wanted: made.wanted },
                _ => Check::Other(Box::new(made)),
            },
            (Operand::Fact(fact), test, Operand::Const(id)) if terms.tools.is_ranked(fact) => {
                let right = constant(id).unwrap_or(Value::None);
                Check::Fact { fact, ranks: terms.ranks(fact, |value| test.holds(terms.patterns, value, right) == made.wanted) }
            }
            (Operand::Fact(fact), Test::Holds, _) if terms.tools.is_ranked(fact) => {
                Check::Fact { fact, ranks: terms.ranks(fact, |value| Test::Holds.holds(terms.patterns, value, value) == made.wanted) }
            }
            _ => Check::Other(Box::new(made)),
        })
    }

    /// Whether it is as wanted for those kept values and the tools that the call fits.
    pub fn passes(&self, program: &Program, slots: &[Value<'_>], call: Call) -> bool {
        let kept = |slot: SlotId| slots.get(index(slot)).unwrap_or(&Value::None);
        match self {
            Check::Text { slot, text, wanted } => match (kept(*slot), program.constants.get(index(*text))) {
                (Value::Str(left), Some(Kept::Str(right))) => (**left == **right) == *wanted,
                (left, right) => left.equals(right.map_or(Value::None, Kept::view)) == *wanted,
            },
            Check::Whole { slot, order, bound, wanted } => match kept(*slot) {
                Value::Int(value) => order.allows(value.cmp(bound)) == *wanted,
                value => order.allows(value.order(Value::Int(*bound))) == *wanted,
            },
            Check::Fact { fact, ranks } => ranks >> program.tools.rank(call, *fact) & 1 == 1,
            Check::Other(made) => {
                let (left, right) = (made.left.value(program, slots, call), made.right.value(program, slots, call));
                made.test.holds(&program.patterns, left, right) == made.wanted
            }
        }
    }

    /// How dear it is, roughly: cheap ones are tested first.
    pub fn cost(&self) -> u8 {
        match self {
            Check::Fact { .. } => 0,
            Check::Whole { .. } => 1,
            Check::Text { .. } => 2,
            Check::Other(made) => match made.test {
                Test::Holds => 0,
                Test::Equal => 1,
                Test::Order(_) => 3,
                Test::Starts | Test::Ends => 4,
                Test::In => 5,
                Test::Matches(_) => 6,
            },
        }
    }
}

impl Terms<'_> {
    /// The ranks of a fact's values of which something is true.
    fn ranks(&self, fact: Fact, mut of: impl FnMut(Value<'_>) -> bool) -> u64 {
        let values = (0..MAX_RANKS).map_while(|rank| self.tools.value_of_rank(fact, rank, self.constants));
        values.enumerate().fold(0, |ranks, (rank, value)| ranks | u64::from(of(value)) << rank)
    }
}

impl Comparison {
    fn new(plan: &Plan, node: NodeId) -> Option<Comparison> {
        let (mut node, mut wanted) = (node, true);
        for _ in 0..MAX_VISITS {
            match plan.nodes.get(index(node))? {
                Node::Not(of) => (node, wanted) = (*of, !wanted),
                Node::Shared(_, of) => node = *of,
                Node::Definition(definition) => node = plan.definitions.get(index(*definition))?.node,
                found => return Comparison::of(plan, found).map(|made| Comparison { wanted, ..made }),
            }
        }
        None
    }

    fn of(plan: &Plan, node: &Node) -> Option<Comparison> {
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
        // A constant stands on the right.
        let (left, test, right) = match (left, test, right) {
            (Operand::Const(_), Test::Equal, Some(other)) => (other, test, Some(left)),
            (Operand::Const(_), Test::Order(order), Some(other)) => (other, Test::Order(order.turned()), Some(left)),
            kept => kept,
        };
        let right = if matches!(test, Test::Matches(_) | Test::Holds) { left } else { right? };
        Some(Comparison { left, test, right, wanted: true })
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
    fn holds(self, patterns: &[Matcher], left: Value<'_>, right: Value<'_>) -> bool {
        let texts = || left.as_str().zip(right.as_str());
        match self {
            Test::Equal => left.equals(right),
            Test::Order(order) => order.allows(left.order(right)),
            Test::In => match (left, right) {
                (Value::Str(text), Value::Set(items)) if items.len() <= MAX_FEW => {
                    items.iter().any(|item| matches!(item, Value::Str(other) if other == text))
                }
                (item, of) => is_in(item, of),
            },
            Test::Starts => texts().is_some_and(|(text, part)| text.starts_with(part)),
            Test::Ends => texts().is_some_and(|(text, part)| text.ends_with(part)),
            Test::Matches(pattern) => {
                let text = left.as_str();
                text.zip(patterns.get(index(pattern))).is_some_and(|(text, pattern)| pattern.matches(text))
            }
            Test::Holds => left.as_bool().unwrap_or(false),
        }
    }
}
