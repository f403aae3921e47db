//! Conditions and figures over `session.calls`: which of them a session can keep up as calls are recorded.
//!
//! A chain of `filter` and `map` over the calls that ends in one value is taken apart: what of its conditions depends on the call alone is decided
//! when the call is recorded, what compares something of the call with something of the request becomes a key, a bound or a value to look for, and
//! what depends on the request alone is a guard. A disjunction is as many questions as it has ways to hold, no two of which a call takes; what differs
//! from a value is all, without what equals it. Where anything else stands in the chain, it is evaluated over the list, as it always can be.

use tollgate_evaluator::plan::{
    Aggregate, AggregateRead, AggregateTerm, Argument, Arithmetic, LocalId, MAX_TERMS, Node, NodeId, Order, Role, SlotId, Step, Summary, Zero,
};
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Kept, Timestamp};

use super::Lowering;
use super::intern::{HashMap, Interner, index, number};

/// How many expressions are looked at to find the ways for one condition to hold.
const MAX_VISITS: u32 = 512;

/// In nanoseconds.
const DAY: i64 = 86_400_000_000_000;
/// The first day of 2200, in days from 1970: no two moments between are further from each other than the longest duration, which is 292 years.
const LAST: i128 = 84_006;
/// The first day that there is.
const FIRST_OF_ALL: i128 = -719_162;

/// The expressions of the graph that a session can answer, in numbers of the graph's nodes.
#[derive(Clone, Debug, Default)]
pub struct Histories {
    aggregates: Interner<Aggregate>,
    reads: HashMap<NodeId, AggregateRead>,
}

impl Histories {
    /// How a session answers that expression.
    pub fn get(&self, node: NodeId) -> Option<&AggregateRead> {
        self.reads.get(&node)
    }

    /// From what it answers a term.
    pub fn aggregate(&self, term: &AggregateTerm) -> Option<&Aggregate> {
        self.aggregates.get(term.aggregate)
    }

    /// Says that an expression can be answered so.
    pub fn add(&mut self, node: NodeId, read: AggregateRead) {
        self.reads.insert(node, AggregateRead { whole: node, ..read });
    }
}

/// A link of a chain over the calls.
#[derive(Clone, Copy, Debug)]
enum Link {
    /// The elements for which a condition holds, or does not.
    Filter { local: LocalId, body: NodeId, holds: bool },
    /// The values for the elements.
    Map { local: LocalId, body: NodeId },
    /// The elements that equal a value.
    Equal(NodeId),
}

/// A condition that holds or fails as a whole.
#[derive(Clone, Copy, Debug)]
struct Atom {
    local: LocalId,
    node: NodeId,
    /// Whether it is to hold, or to fail.
    holds: bool,
    /// Whether the elements of which it is not so are meant too, by what comes before it in a disjunction.
    settled: bool,
}

/// A way for a condition to hold: all of these.
type Way = Vec<Atom>;

/// An aggregate in the making, and how it is read.
#[derive(Clone, Default)]
struct Question {
    minus: bool,
    steps: Vec<Step>,
    keys: Vec<NodeId>,
    bounds: Vec<(Order, NodeId)>,
    mentioned: Option<NodeId>,
    guards: Vec<NodeId>,
    /// The expression that is bounded, and how many values had taken the element's place before it.
    mark: Option<(NodeId, usize)>,
    maps: usize,
}

/// All that is asked, and of what kind.
struct Inquiry {
    questions: Vec<Question>,
    summary: Summary,
    /// Whether comparing with a constant is a test. It is better a key, since rules that differ in constants then share an aggregate; but calls are
    /// not to be searched for words that no rule asks about.
    tests_constants: bool,
}

impl Lowering<'_> {
    /// How a session answers a call of a built-in function, if it can.
    pub(super) fn kept_up(&mut self, function: &str, args: &[Argument]) -> Option<AggregateRead> {
        let (Argument::Node(receiver), rest) = args.split_first()? else { return None };
        if self.only_queries || !function.starts_with("collection.") && !function.starts_with("sequence.") {
            return None;
        }
        let mut links = self.chain(*receiver)?;
        let (last, summary, negated) = ending(function, rest)?;
        links.extend(last);
        if links.is_empty() && summary.is_place() {
            return None;
        }
        let tests_constants = links.iter().any(|link| self.mentions(*link));
        let mut inquiry = Inquiry { questions: vec![Question::default()], summary, tests_constants };
        links.iter().try_for_each(|link| self.link(*link, &mut inquiry))?;
        let terms = inquiry.questions.into_iter().map(|question| self.term(question, summary));
        Some(AggregateRead { terms: terms.collect::<Option<_>>()?, negated, whole: NodeId::default() })
    }

    fn term(&mut self, question: Question, summary: Summary) -> Option<AggregateTerm> {
        if question.mentioned.is_some() && !summary.takes_mentions() {
            return None;
        }
        Some(AggregateTerm {
            aggregate: self.histories.aggregates.intern(Aggregate { steps: question.steps, summary }),
            minus: question.minus,
            keys: question.keys.into(),
            bounds: question.bounds.into(),
            mentioned: question.mentioned,
            guards: question.guards.into(),
        })
    }

    /// The links between the session's calls and a list; none where the list is no such chain.
    fn chain(&self, list: NodeId) -> Option<Vec<Link>> {
        let calls = self.calls_slot()?;
        let mut links = Vec::new();
        let mut list = list;
        loop {
            list = match self.graph.get(list) {
                Node::Slot(slot) if *slot == calls => break,
                Node::Definition(definition) => self.definitions.get(index(*definition))?.node,
                Node::Call(function, args) => {
                    let [Argument::Node(inner), Argument::Lambda(local, body)] = **args else { return None };
                    links.push(match self.builtins.get(*function).map(|key| &**key) {
                        Some("collection.filter") => Link::Filter { local, body, holds: true },
                        Some("collection.map") => Link::Map { local, body },
                        _ => return None,
                    });
                    inner
                }
                _ => return None,
            }
        }
        links.reverse();
        Some(links)
    }

    /// The slot of `session.calls`, where something reads it.
    fn calls_slot(&self) -> Option<SlotId> {
        let session = self.program.session_field?;
        let Type::Record(ty) = self.program.input.fields.get(session)?.ty.present() else { return None };
        let (calls, _) = ty.field("calls")?;
        self.slots.find(&[number(session), number(calls)])
    }

    /// Whether a link's condition asks for a value that is mentioned.
    fn mentions(&self, link: Link) -> bool {
        let Link::Filter { local, body, holds } = link else { return false };
        let ways = self.ways(Atom { local, node: body, holds, settled: false }, &mut { MAX_VISITS }).unwrap_or_default();
        ways.iter().flatten().any(|atom| self.mention(*atom).is_some())
    }

    fn link(&mut self, link: Link, inquiry: &mut Inquiry) -> Option<()> {
        match link {
            Link::Filter { local, body, holds } => {
                let ways = self.ways(Atom { local, node: body, holds, settled: false }, &mut { MAX_VISITS })?;
                let before = std::mem::take(&mut inquiry.questions);
                for way in ways {
                    let mut questions = before.clone();
                    way.iter().try_for_each(|atom| self.atom(*atom, &mut questions, inquiry))?;
                    inquiry.questions.extend(questions);
                }
            }
            Link::Map { local, body } => {
                let node = self.of_element(body, local)?;
                for question in &mut inquiry.questions {
                    question.maps += 1;
                    question.steps.push(Step { local, node, role: Role::Map });
                }
            }
            Link::Equal(value) => {
                let node = self.node(Node::Local(0));
                for question in &mut inquiry.questions {
                    question.steps.push(Step { local: 0, node, role: Role::Key });
                    question.keys.push(value);
                }
            }
        }
        (inquiry.questions.len() <= MAX_TERMS).then_some(())
    }

    /// The ways for a condition to hold, as evaluating comes to them: an element goes one of them at most. `None` where there are too many.
    fn ways(&self, whole: Atom, visits: &mut u32) -> Option<Vec<Way>> {
        *visits = visits.checked_sub(1)?;
        let (parts, needs_all) = match self.graph.get(whole.node) {
            Node::Not(node) => return self.ways(Atom { node: *node, holds: !whole.holds, ..whole }, visits),
            Node::And(parts) => (parts, whole.holds),
            Node::Or(parts) => (parts, !whole.holds),
            _ => return Some(vec![vec![whole]]),
        };
        let is_of_one = || self.of_element(whole.node, whole.local).is_some() || self.of_request(whole.node, whole.local).is_some();
        if !needs_all && is_of_one() {
            return Some(vec![vec![whole]]);
        }
        let (mut found, mut before) = (Vec::new(), vec![Way::new()]);
        for (place, part) in parts.iter().enumerate() {
            let part = Atom { node: *part, ..whole };
            if needs_all {
                before = both(&before, &self.ways(part, visits)?)?;
                continue;
            }
            found.extend(both(&before, &self.ways(part, visits)?)?);
            if place + 1 < parts.len() {
                before = both(&before, &self.ways(Atom { holds: !part.holds, settled: true, ..part }, visits)?)?;
            }
        }
        Some(if needs_all { before } else { found }).filter(|ways| ways.len() <= MAX_TERMS)
    }

    /// Adds a condition to each of the questions. What no step can say of an element is left to those of which the opposite is so.
    fn atom(&mut self, atom: Atom, questions: &mut Vec<Question>, inquiry: &Inquiry) -> Option<()> {
        // Unless elements are counted or added up, they may come two ways. A condition on the call alone is cheap, and may prove that others have a value.
        let may_come_twice = !matches!(inquiry.summary, Summary::Count | Summary::Sum(_));
        if atom.settled && may_come_twice && self.of_element(atom.node, atom.local).is_none() && self.of_request(atom.node, atom.local).is_none() {
            return Some(());
        }
        let mut left_out = Vec::new();
        for question in questions.iter_mut() {
            if self.add_step(atom, question, inquiry.tests_constants).is_none() {
                let opposite = Atom { holds: !atom.holds, ..atom };
                let mut without = Question { minus: !question.minus, ..question.clone() };
                self.add_step(opposite, &mut without, inquiry.tests_constants).filter(|()| inquiry.summary.adds_up())?;
                left_out.push(without);
            }
        }
        questions.extend(left_out);
        (questions.len() <= MAX_TERMS).then_some(())
    }

    /// Adds a condition to a question, where it is one for a step or a guard.
    fn add_step(&mut self, atom: Atom, question: &mut Question, tests_constants: bool) -> Option<()> {
        let Atom { local, node, holds, .. } = atom;
        if self.of_request(node, local).is_some() {
            let guard = self.signed(node, holds);
            question.guards.push(guard);
            return Some(());
        }
        let is_constant = |value: NodeId| self.graph.constant(value).is_some();
        let equal = self.equality(atom).filter(|(_, value)| !(tests_constants && is_constant(*value)));
        if let Some((node, value)) = equal {
            question.steps.push(Step { local, node, role: Role::Key });
            question.keys.push(value);
        } else if self.of_element(node, local).is_some() {
            let node = self.signed(node, holds);
            question.steps.push(Step { local, node, role: Role::Test });
        } else if let Some((order, node, value)) = self.bounded(atom).or_else(|| self.aged(atom)) {
            match question.mark {
                None => question.steps.push(Step { local, node, role: Role::Mark }),
                Some(mark) if mark == (node, question.maps) => {}
                Some(_) => return None,
            }
            question.mark = Some((node, question.maps));
            question.bounds.push((order, value));
        } else {
            let (node, value, function) = self.mention(atom).filter(|_| holds && question.mentioned.is_none())?;
            question.steps.push(Step { local, node, role: Role::Mention(function) });
            question.mentioned = Some(value);
        }
        Some(())
    }

    /// Something of the element that equals something of the request, or a scalar constant.
    fn equality(&self, atom: Atom) -> Option<(NodeId, NodeId)> {
        let Node::Equal(a, b) = *self.graph.get(atom.node) else { return None };
        let (node, value, _) = self.sides(a, b, atom.local)?;
        let constant = self.graph.constant(value).map(|constant| self.constants.value(constant));
        let is_compound = constant.is_some_and(|value| matches!(*value, Kept::List(_) | Kept::Set(_) | Kept::Map(_) | Kept::Record(_)));
        (atom.holds && !is_compound).then_some((node, value))
    }

    /// Something of the element that is in some order with something of the request.
    fn bounded(&self, atom: Atom) -> Option<(Order, NodeId, NodeId)> {
        let Node::Order(order, a, b) = *self.graph.get(atom.node) else { return None };
        let (node, value, is_swapped) = self.sides(a, b, atom.local)?;
        let order = if is_swapped { order.turned() } else { order };
        Some((if atom.holds { order } else { order.opposite() }, node, value))
    }

    /// A moment of the element whose distance from one of the request is bounded: `context.time - c.time < 1h` is `c.time > context.time - 1h`.
    fn aged(&mut self, atom: Atom) -> Option<(Order, NodeId, NodeId)> {
        let Atom { local, node, holds, .. } = atom;
        let Node::Order(order, a, b) = *self.graph.get(node) else { return None };
        let ((from, to), limit, order) = match (self.difference(a), self.difference(b)) {
            (Some(distance), _) => (distance, b, order),
            (None, Some(distance)) => (distance, a, order.turned()),
            (None, None) => return None,
        };
        let (mark, moment, side, order) = match (self.of_element(to, local), self.of_request(from, local)) {
            (Some(mark), Some(moment)) => (mark, moment, Arithmetic::Subtract, order.turned()),
            _ => (self.of_element(from, local)?, self.of_request(to, local)?, Arithmetic::Add, order),
        };
        let limit = self.of_request(limit, local)?;
        let (mark, moment) = (self.usual(mark)?, self.usual(moment)?);
        let bound = self.node(Node::Arithmetic(side, moment, limit));
        Some((if holds { order } else { order.opposite() }, mark, bound))
    }

    fn difference(&self, node: NodeId) -> Option<(NodeId, NodeId)> {
        if let Node::Arithmetic(Arithmetic::Subtract, from, to) = *self.graph.get(node) { Some((from, to)) } else { None }
    }

    /// The moment itself, and an error unless it is one of those whose distances from each other are durations.
    fn usual(&mut self, moment: NodeId) -> Option<NodeId> {
        let mut day = |days: i128| Some(self.constant(&Kept::Timestamp(Timestamp::from_nanosecond(days * i128::from(DAY))?)));
        let (first, last, first_of_all) = (day(0)?, day(LAST)?, day(FIRST_OF_ALL)?);
        let conditions = [(Order::GreaterOrEqual, first), (Order::LessOrEqual, last)].map(|(order, end)| self.node(Node::Order(order, moment, end)));
        let is_usual = self.node(Node::And(conditions.into()));
        let day = self.constant(&Kept::Duration(DAY));
        let error = self.node(Node::Arithmetic(Arithmetic::Subtract, first_of_all, day));
        Some(self.node(Node::If(is_usual, moment, error)))
    }

    /// Something of the element that mentions something of the request.
    fn mention(&self, atom: Atom) -> Option<(NodeId, NodeId, u32)> {
        let Node::Call(function, args) = self.graph.get(atom.node) else { return None };
        let ([Argument::Node(text), Argument::Node(value)], "string.mentions" | "json.mentions") = (&**args, &**self.builtins.get(*function)?) else {
            return None;
        };
        Some((self.of_element(*text, atom.local)?, self.of_request(*value, atom.local)?, *function))
    }

    /// Which of two operands is of the element and which of the request, and whether they come the other way round.
    fn sides(&self, a: NodeId, b: NodeId, local: LocalId) -> Option<(NodeId, NodeId, bool)> {
        match (self.of_element(a, local), self.of_request(b, local)) {
            (Some(node), Some(value)) => Some((node, value, false)),
            _ => Some((self.of_element(b, local)?, self.of_request(a, local)?, true)),
        }
    }

    /// The expression, if it depends on the element, and on nothing else but data.
    fn of_element(&self, node: NodeId, local: LocalId) -> Option<NodeId> {
        let traits = self.graph.traits(node);
        (traits.free.is_only(local) && !traits.asks).then_some(node)
    }

    /// The expression, if it does not depend on the element.
    fn of_request(&self, node: NodeId, local: LocalId) -> Option<NodeId> {
        (!self.graph.traits(node).free.has(local)).then_some(node)
    }

    fn signed(&mut self, node: NodeId, holds: bool) -> NodeId {
        if holds { node } else { self.node(Node::Not(node)) }
    }
}

/// The ways to go one of each.
fn both(first: &[Way], then: &[Way]) -> Option<Vec<Way>> {
    if first.len() * then.len() > MAX_TERMS {
        return None;
    }
    Some(first.iter().flat_map(|first| then.iter().map(|then| [first.as_slice(), then].concat())).collect())
}

/// What a function that ends a chain adds to it, what it asks, and whether it gives the opposite.
fn ending(function: &str, rest: &[Argument]) -> Option<(Option<Link>, Summary, bool)> {
    let link = match *rest {
        [] => None,
        [Argument::Lambda(local, body)] if matches!(function, "collection.any" | "collection.count" | "collection.find") => {
            Some(Link::Filter { local, body, holds: true })
        }
        [Argument::Lambda(local, body)] if function == "collection.all" => Some(Link::Filter { local, body, holds: false }),
        [Argument::Lambda(local, body)] => Some(Link::Map { local, body }),
        [Argument::Node(value)] => Some(Link::Equal(value)),
        _ => return None,
    };
    let (summary, negated) = match function {
        "collection.any" | "sequence.contains" => (Summary::Any, false),
        "collection.all" | "collection.is_empty" => (Summary::Any, true),
        "collection.len" | "collection.count" => (Summary::Count, false),
        "collection.sum" | "collection.sum_of" => (Summary::Sum(Zero::Int), false),
        "collection.sum_decimal" => (Summary::Sum(Zero::Decimal), false),
        "collection.sum_duration" => (Summary::Sum(Zero::Duration), false),
        "collection.min" | "collection.min_of" => (Summary::Least, false),
        "collection.max" | "collection.max_of" => (Summary::Greatest, false),
        "collection.find" | "sequence.first" => (Summary::First, false),
        "sequence.last" => (Summary::Last, false),
        _ => return None,
    };
    Some((link, summary, negated))
}
