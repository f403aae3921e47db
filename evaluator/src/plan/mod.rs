//! The plan: a compiled policy set, immutable and self-contained.
//!
//! Everything refers to everything else by number, children always before their parents, so that a plan is validated in one pass and nothing
//! in it can be recursive. The compiler makes a [`Plan`]; [`crate::Engine`] runs it.

mod aggregate;
mod bytes;
mod flat;
mod order;
mod sources;
mod survey;
mod validate;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use aggregate::{Aggregate, AggregateRead, AggregateTerm, MAX_TERMS, Role, Step, Summary, Zero};
pub use bytes::FORMAT;
pub use order::Order;
pub use sources::{Parts, RuleSource, Sources};
pub(crate) use survey::{CALLS, CAN_ERR, READS_ARGS, READS_CALL, READS_REQUEST, READS_SERVER, Survey, bit, index};
pub(crate) use validate::{MAX_ATTRIBUTES, Validated, invalid};
pub use validate::{MAX_DEPTH, MAX_LOCALS, MAX_TYPE_DEPTH, MAX_WEIGHT};

/// A string of the plan.
pub type Text = Box<str>;
/// A string that values made of the plan share with it.
pub type SharedText = Arc<str>;

/// The number of a constant in [`Plan::constants`].
pub type ConstId = u32;
/// The number of an expression in [`Plan::nodes`].
pub type NodeId = u32;
/// The number of a type in [`Plan::types`].
pub type TypeId = u32;
/// The number of a shape in [`Plan::shapes`].
pub type ShapeId = u32;
/// The number of a pattern in [`Plan::patterns`].
pub type PatternId = u32;
/// The number of a kept input value.
pub type SlotId = u32;
/// A variable of the running definition: its place in the frame.
pub type LocalId = u32;

/// A compiled policy set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// Field names of records.
    pub shapes: Vec<Vec<Text>>,
    /// Interned constants; compound ones refer to earlier ones.
    pub constants: Vec<Constant>,
    /// Patterns of `like` and `matches`.
    pub patterns: Vec<Pattern>,
    /// How JSON is read; compound types refer to earlier ones.
    pub types: Vec<TypeNode>,
    /// Keys of the built-in functions that are called.
    pub builtins: Vec<Text>,
    /// Expressions, hash-consed; each refers to earlier ones.
    pub nodes: Vec<Node>,
    /// How many results are shared within a decision; see [`Node::Shared`].
    pub memos: u32,
    /// What a session keeps up about its calls; see [`Node::Aggregate`].
    pub aggregates: Vec<Aggregate>,
    /// What of the request is kept.
    pub input: InputLayout,
    /// The tools that declarations or `on` clauses name, sorted by name; a call is matched with them once.
    pub tools: Vec<Tool>,
    /// The data that the host binds.
    pub data: Vec<Data>,
    /// Definitions in an order in which each refers to earlier ones only.
    pub definitions: Vec<Definition>,
    /// The scores, sorted by full name.
    pub scores: Vec<Score>,
    /// The obligations that rules may require.
    pub obligations: Vec<Obligation>,
    /// The rules, sorted by full name.
    pub rules: Vec<Rule>,
    /// What decides where no rule matches; deny without it.
    pub default: Option<DefaultDecision>,
    /// Where rules are filed.
    pub index: Index,
    /// What explanations show of the rules.
    pub sources: Sources,
    /// Expressions that the host of a test or a question evaluates; empty in a plan that only decides. They are no part of the digest.
    #[serde(skip)]
    pub queries: Vec<Query>,
}

impl Plan {
    /// What explanations show of the rule of that number; `None` where there is no such rule.
    pub fn source(&self, rule: u32) -> Option<RuleSource> {
        let found = self.rules.get(index(rule))?;
        self.sources.rule(rule, found.guards.len(), found.conditions.len())
    }
}

/// A constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Constant {
    /// `none`
    None,
    /// `bool`
    Bool(bool),
    /// `int`
    Int(i64),
    /// `decimal`: mantissa and scale (digits after the point)
    Decimal(i128, u32),
    /// `duration` in nanoseconds
    Duration(i64),
    /// `timestamp` in nanoseconds since 1970
    Timestamp(i128),
    /// `ip`
    Ip(std::net::IpAddr),
    /// `cidr`: address and prefix length
    Cidr(std::net::IpAddr, u8),
    /// A variant and its rank
    Enum(SharedText, u16),
    /// `string`
    Str(SharedText),
    /// `list<T>`
    List(Vec<ConstId>),
    /// `set<T>`
    Set(Vec<ConstId>),
    /// `map<T>`
    Map(Vec<(SharedText, ConstId)>),
    /// A record
    Record(ShapeId, Vec<ConstId>),
}

impl Constant {
    /// Whether it holds no other constants.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Constant::List(_) | Constant::Set(_) | Constant::Map(_) | Constant::Record(..))
    }

    /// Whether it is of a type that `<` compares.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Constant::Int(_) | Constant::Decimal(..) | Constant::Duration(_) | Constant::Timestamp(_) | Constant::Enum(..))
    }
}

/// A pattern.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Pattern {
    /// A glob of `like`, anchored at both ends.
    Like(Text),
    /// A regular expression of `matches`, unanchored.
    Regex(Text),
}

/// How a text that a glob matches begins and ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobEnds {
    /// What stands before the first `*`.
    pub start: Text,
    /// What stands after the last `*`.
    pub end: Text,
    /// Whether there is one `*`, so that every text with that start and end, one after the other, matches.
    pub is_all: bool,
}

/// How a JSON value is read and checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TypeNode {
    /// true or false
    Bool,
    /// a whole number in 64 bits, `1.0` included
    Int,
    /// a number digit for digit, or a numeric string
    Decimal,
    /// a string such as `15m` or `PT15M`
    Duration,
    /// an RFC 3339 string
    Timestamp,
    /// a string
    Ip,
    /// a string
    Cidr,
    /// a string
    Str,
    /// anything
    Json,
    /// a string among these; in an ordered enum a value's rank is its place here
    Enum {
        /// As messages name it.
        name: Text,
        /// In declared order.
        variants: Vec<Text>,
        /// Whether ranks are places (else 0).
        ordered: bool,
    },
    /// an array
    List(TypeId),
    /// an array without regard to duplicates
    Set(TypeId),
    /// an object
    Map(TypeId),
    /// an object
    Record {
        /// As messages name it.
        name: Text,
        /// The names of the fields.
        shape: ShapeId,
        /// The fields, as many as names.
        fields: Vec<FieldNode>,
        /// Whether undeclared fields are refused.
        closed: bool,
    },
    /// null or that type (inside lists, sets and maps; a field's own optionality is its presence)
    Optional(TypeId),
}

/// How a field of an object is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FieldNode {
    /// Its type when present and not null.
    pub ty: TypeId,
    /// What absence or null means.
    pub presence: Presence,
    /// A condition over the record: its frame's local `i` is field `i`. Checked when the field is present in the JSON.
    pub refinement: Option<Refinement>,
}

/// What absence or null of a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Presence {
    /// The object does not fit.
    Required,
    /// `none`
    Optional,
    /// That constant.
    Default(ConstId),
}

/// A condition on a field's value.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Refinement {
    /// The condition.
    pub node: NodeId,
    /// How many locals its frame has, the record's fields first.
    pub locals: u32,
    /// Its source, for messages.
    pub text: Text,
}

/// What of the request is kept, and where.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InputLayout {
    /// How many slots there are.
    pub slots: u32,
    /// The record type of the whole request.
    pub ty: TypeId,
    /// What is kept of it.
    pub keep: Layout,
    /// The index of the field `tool` (with its slots for `name` and `server`) and of `args`, where the input has them.
    pub tool: Option<ToolField>,
    /// The index of the field `session` among the request's fields, where there is one.
    pub session: Option<u32>,
}

/// Where the call's tool stands in the request.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ToolField {
    /// The index of `tool` among the request's fields.
    pub tool: u32,
    /// The index of `args` among the request's fields.
    pub args: u32,
    /// The slot of `tool.name`, always kept.
    pub name: SlotId,
    /// The slot of `tool.server`, always kept.
    pub server: SlotId,
}

/// What is kept of a record: an entry for each field that rules read; the others are only checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Sorted by field.
    #[serde(with = "flat")]
    pub fields: Vec<Kept>,
}

/// What is kept of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The field's index in its record type.
    pub field: u32,
    /// Where its whole value goes.
    pub slot: Option<SlotId>,
    /// What is kept of its own fields, where it is a record; their slots are `none` where the record is absent.
    pub inner: Layout,
}

/// A tool that the policy knows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Tool {
    /// The part before the last `/`, if any: only calls to that server.
    pub server: Option<Text>,
    /// The tool's own name.
    pub name: Text,
    /// Its declaration; `None` for a name that only `on` clauses give.
    pub declaration: Option<Declaration>,
}

/// What a `tool` item says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Declaration {
    /// `tool.category`, a string constant, and so on: the constants in the order of [`Fact`].
    pub facts: Vec<ConstId>,
    /// How its arguments are read; `None` without an `args` block.
    pub args: Option<ArgsLayout>,
}

/// How the arguments of a declared tool are read, and what is kept of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ArgsLayout {
    /// The record type of the `args` block.
    pub ty: TypeId,
    /// Where the whole record goes. What the request's field `args` itself keeps (see [`InputLayout::keep`]) stays as its own type reads it.
    pub whole: Option<SlotId>,
    /// What is kept of its fields. A slot may be kept by several tools, always with values of one type.
    pub keep: Layout,
}

/// A fact about the call's tool, from its declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Fact {
    /// `tool.declared`
    Declared,
    /// `tool.category`
    Category,
    /// `tool.title`
    Title,
    /// `tool.labels`
    Labels,
    /// `tool.read_only`
    ReadOnly,
    /// `tool.destructive`
    Destructive,
    /// `tool.idempotent`
    Idempotent,
    /// `tool.open_world`
    OpenWorld,
}

impl Fact {
    /// Every fact, in order: each at the place of its number.
    pub const ALL: [Fact; 8] =
        [Fact::Declared, Fact::Category, Fact::Title, Fact::Labels, Fact::ReadOnly, Fact::Destructive, Fact::Idempotent, Fact::OpenWorld];

    /// The word after `tool.`.
    pub fn name(self) -> &'static str {
        match self {
            Fact::Declared => "declared",
            Fact::Category => "category",
            Fact::Title => "title",
            Fact::Labels => "labels",
            Fact::ReadOnly => "read_only",
            Fact::Destructive => "destructive",
            Fact::Idempotent => "idempotent",
            Fact::OpenWorld => "open_world",
        }
    }
}

/// An expression. Unless said otherwise, an operand's error is the expression's, operands are evaluated left to right.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Node {
    /// A constant.
    Const(ConstId),
    /// A kept value of the request.
    Slot(SlotId),
    /// Bound data.
    Data(u32),
    /// A definition without parameters, computed at most once per decision. As of every reference, its expression comes before this one.
    Definition(u32),
    /// A score's value, computed at most once per decision. Its expressions come before this one.
    Score(u32),
    /// A fact of the call's tool.
    Fact(Fact),
    /// A variable.
    Local(LocalId),
    /// That expression, which reads no variable; computed at most once per decision and remembered under the number.
    Shared(u32, NodeId),
    /// Field of a record by index; `none` of `none`.
    Field(NodeId, u32),
    /// Field of a record or entry of a map or `json` object by name; `none` where there is none.
    Member(NodeId, ConstId),
    /// `m[k]`, `l[i]`, `j[…]`; `none` where there is none.
    Index(NodeId, NodeId),
    /// `and`, short-circuit.
    And(Box<[NodeId]>),
    /// `or`, short-circuit.
    Or(Box<[NodeId]>),
    /// `not`
    Not(NodeId),
    /// `if c then a else b`
    If(NodeId, NodeId, NodeId),
    /// `==`
    Equal(NodeId, NodeId),
    /// `< <= > >=`
    Order(Order, NodeId, NodeId),
    /// `in`: element of a list or set, key of a map, ip in cidr.
    In(NodeId, NodeId),
    /// `like`, `matches`
    Matches(NodeId, PatternId),
    /// `a ?? b`; `b` is evaluated only where `a` is `none`.
    Coalesce(NodeId, NodeId),
    /// `+ - * / %`
    Arithmetic(Arithmetic, NodeId, NodeId),
    /// unary `-`
    Negate(NodeId),
    /// A template: its parts printed one after the other.
    Text(Box<[NodeId]>),
    /// `[…]`
    List(Box<[NodeId]>),
    /// `{…}`; sorted and without duplicates.
    Set(Box<[NodeId]>),
    /// `{ a: … }` as a record; as many values as the shape has names.
    Record(ShapeId, Box<[NodeId]>),
    /// `{ a: … }` as a map; the names are string constants.
    Map(Box<[(ConstId, NodeId)]>),
    /// `base with { … }`
    With(NodeId, Box<[Change]>),
    /// A built-in function.
    Call(u32, Box<[Argument]>),
    /// A definition with parameters, in a frame of its own whose first locals are the arguments.
    Invoke(u32, Box<[NodeId]>),
    /// Evaluates the first; where it is not `none`, binds it to the local and evaluates the second; else `none`.
    WithPresent(NodeId, LocalId, NodeId),
    /// An `int` as a `decimal`, `none` as it is; in lists, sets, maps element by element.
    ToDecimal(NodeId),
    /// Any value as `json`: enums, durations, timestamps, addresses as their text, sets as lists, records as maps of their present fields.
    ToJson(NodeId),
    /// A condition or figure over `session.calls`, which a session can tell without walking the list.
    Aggregate(Box<AggregateRead>),
}

impl Node {
    /// Calls `visit` with each expression that this one evaluates itself, in order, and with the variable that it binds for it.
    pub fn for_each_child(&self, visit: &mut dyn FnMut(NodeId, Option<LocalId>)) {
        match self {
            Node::Const(_) | Node::Slot(_) | Node::Data(_) | Node::Definition(_) | Node::Score(_) | Node::Fact(_) | Node::Local(_) => {}
            Node::Shared(_, a) | Node::Field(a, _) | Node::Member(a, _) | Node::Not(a) | Node::Matches(a, _) => visit(*a, None),
            Node::Negate(a) | Node::ToDecimal(a) | Node::ToJson(a) => visit(*a, None),
            Node::Index(a, b) | Node::Equal(a, b) | Node::Order(_, a, b) | Node::In(a, b) => [a, b].into_iter().for_each(|id| visit(*id, None)),
            Node::Coalesce(a, b) | Node::Arithmetic(_, a, b) => [a, b].into_iter().for_each(|id| visit(*id, None)),
            Node::If(a, b, c) => [a, b, c].into_iter().for_each(|id| visit(*id, None)),
            Node::And(all) | Node::Or(all) | Node::Text(all) | Node::List(all) | Node::Set(all) | Node::Record(_, all) | Node::Invoke(_, all) => {
                all.iter().for_each(|id| visit(*id, None));
            }
            Node::Map(entries) => entries.iter().for_each(|(_, id)| visit(*id, None)),
            Node::With(base, changes) => {
                visit(*base, None);
                changes.iter().for_each(|change| visit(change.value, None));
            }
            Node::Call(_, args) => args.iter().for_each(|arg| match arg {
                Argument::Node(id) => visit(*id, None),
                Argument::Lambda(local, body) => visit(*body, Some(*local)),
            }),
            Node::WithPresent(value, local, body) => {
                visit(*value, None);
                visit(*body, Some(*local));
            }
            Node::Aggregate(read) => read.for_each_child(&mut |id| visit(id, None)),
        }
    }
}

/// An arithmetic operator; the operands' values tell the rest (`string + string` concatenates).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// A change of `with`: the path of names from the base, then the value. On a record every name is one of its fields; on `json` objects are made
/// where there are none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Change {
    /// String constants, never empty.
    pub path: Box<[ConstId]>,
    /// The new value.
    pub value: NodeId,
}

/// An argument of a built-in function.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Argument {
    /// A value.
    Node(NodeId),
    /// A lambda: its variable and its body, in the frame of the expression around it.
    Lambda(LocalId, NodeId),
}

/// A `let` or `fn`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// Its full name.
    pub name: Text,
    /// How many parameters it has; 0 for a `let`, whose value is computed once per decision.
    pub params: u32,
    /// How many locals its frame has, parameters first.
    pub locals: u32,
    /// Its value.
    pub node: NodeId,
}

/// Data that the host binds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Data {
    /// Its full name; it is bound by its last part where that is unique in the set, and by the full name always.
    pub name: Text,
    /// How its JSON is read.
    pub ty: TypeId,
    /// Its value until the host binds one.
    pub default: Option<ConstId>,
}

/// A score.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Score {
    /// Its full name.
    pub name: Text,
    /// The least value.
    pub low: i64,
    /// The greatest value.
    pub high: i64,
    /// The contributions.
    pub parts: Vec<ScorePart>,
    /// How many locals its frame has.
    pub locals: u32,
}

/// A contribution to a score.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScorePart {
    /// How much: an `int`.
    pub amount: NodeId,
    /// When.
    pub condition: NodeId,
    /// Why, for explanations.
    pub because: Option<NodeId>,
    /// The condition's source, for explanations.
    pub text: Text,
}

/// An obligation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Obligation {
    /// Its name as decisions print it.
    pub name: Text,
    /// The names of its parameters.
    pub params: Vec<Text>,
}

/// A rule; what only explanations show of it is in [`Plan::sources`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// Its full name.
    pub name: Text,
    /// Its effect.
    pub effect: crate::Effect,
    /// Its `@id`.
    pub id: Option<Text>,
    /// Whether it is `@shadow`.
    pub shadow: bool,
    /// Which tools it is about; `None`: every tool.
    pub on: Option<Box<On>>,
    /// The conjuncts of `when` that read no choice variable, cannot err, cost a constant, and are preceded only by such that cannot err and
    /// cost a constant, while no choice's source can err or costs more: they are tested before the choices, and the index may prove them.
    pub guards: Box<[NodeId]>,
    /// `for x in …`, outermost first.
    pub choices: Box<[Choice]>,
    /// The other conjuncts of `when`, in order.
    pub conditions: Box<[NodeId]>,
    /// `unless`
    pub unless: Option<NodeId>,
    /// `because`
    pub because: Option<NodeId>,
    /// `require`
    pub require: Box<[Requirement]>,
    /// How many locals its frame has.
    pub locals: u32,
}

/// The tools of an `on` clause.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct On {
    /// Tools that it names outright: numbers in [`Plan::tools`].
    pub tools: Box<[u32]>,
    /// Patterns with `*` or `?`: of the server (`None`: any server) and of the name, both [`Pattern::Like`].
    pub patterns: Box<[(Option<PatternId>, PatternId)]>,
}

/// A conjunct with its source, for explanations.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The condition.
    pub node: NodeId,
    /// Its source.
    pub text: Text,
    /// What in it is worth showing beside it: operands that are no constants, with their source; parts of `and`, `or` and `not`.
    pub parts: Vec<Condition>,
}

/// A choice of a rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Choice {
    /// The variable.
    pub local: LocalId,
    /// What it ranges over: list, set, map (its values) or optional.
    pub source: NodeId,
}

/// An obligation that a rule requires.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Requirement {
    /// The number in [`Plan::obligations`].
    pub obligation: u32,
    /// The arguments, as many as parameters.
    pub args: Box<[NodeId]>,
    /// Whether they read as present what only the rule's conditions prove so, which a match by error has not proved.
    pub proved: bool,
}

/// The default decision.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DefaultDecision {
    /// Review or deny.
    pub effect: crate::Effect,
    /// Its text.
    pub because: Option<NodeId>,
    /// How many locals its frame has.
    pub locals: u32,
}

/// Where rules are filed. Every rule is in a group, or in several for the parts of a disjunction, or in `unfiled`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Index {
    /// Groups of rules filed under the same attributes.
    pub groups: Vec<Group>,
    /// Rules that are looked at in every decision.
    pub unfiled: Vec<u32>,
}

/// Rules filed under the values of some attributes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// The attributes, never empty.
    pub attributes: Vec<Attribute>,
    /// The rules.
    pub entries: Vec<Entry>,
}

/// What a group looks at.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Attribute {
    /// The tools of [`Plan::tools`] that fit the call (at most two: with its server, and of any server), or none of them.
    Tool,
    /// The declaration that counts for the call (with its server before without), or none.
    Declaration,
    /// What that expression equals. Of this and all that follow, the expression reads no variable, cannot err and costs a constant.
    Node(NodeId),
    /// What that text begins with.
    Start(NodeId),
    /// What that text ends with.
    End(NodeId),
    /// Where that value lies in the order of its type.
    Order(NodeId),
    /// Which networks that address is in.
    Net(NodeId),
    /// Which patterns that text matches.
    Match(NodeId),
    /// Which data that value is in: an element of a list or set, a key of a map.
    Data(NodeId),
}

impl Attribute {
    /// The expression that is looked at.
    pub fn node(&self) -> Option<NodeId> {
        match self {
            Attribute::Tool | Attribute::Declaration => None,
            Attribute::Node(node) | Attribute::Start(node) | Attribute::End(node) => Some(*node),
            Attribute::Order(node) | Attribute::Net(node) | Attribute::Match(node) | Attribute::Data(node) => Some(*node),
        }
    }

    /// The expression that is looked at, to change.
    pub fn node_mut(&mut self) -> Option<&mut NodeId> {
        match self {
            Attribute::Tool | Attribute::Declaration => None,
            Attribute::Node(node) | Attribute::Start(node) | Attribute::End(node) => Some(node),
            Attribute::Order(node) | Attribute::Net(node) | Attribute::Match(node) | Attribute::Data(node) => Some(node),
        }
    }
}

/// A rule under its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The rule.
    pub rule: u32,
    /// For each attribute the values under any of which it is filed.
    pub keys: Vec<Keys>,
    /// The guards (places in [`Rule::guards`]) that being found here proves.
    pub proves: Vec<u32>,
    /// Whether being found here proves `on`.
    pub proves_on: bool,
}

/// Values of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keys {
    /// For `Tool` and `Declaration`.
    Tools {
        /// Numbers in [`Plan::tools`], sorted.
        tools: Vec<u32>,
        /// Whether a call that fits none of the plan's tools (or has no declaration) is meant too.
        other: bool,
    },
    /// Scalar constants: texts for `Start` and `End`, networks for `Net`.
    Values(Vec<ConstId>),
    /// For `Order`: intervals of one scalar type.
    Between(Vec<Interval>),
    /// For `Match`.
    Patterns(Vec<PatternId>),
    /// For `Data`: numbers in [`Plan::data`].
    Data(Vec<u32>),
}

/// The values between two constants; where one is missing, there is no bound on that side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Interval {
    /// The least value.
    pub low: Option<Bound>,
    /// The greatest value.
    pub high: Option<Bound>,
}

/// An end of an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Bound {
    /// The value.
    pub value: ConstId,
    /// Whether the value itself is inside.
    pub inside: bool,
}

/// An expression that a test or a question evaluates.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Query {
    /// What it is called.
    pub name: Text,
    /// How many values the host passes: the frame's first locals.
    pub params: u32,
    /// How many locals its frame has.
    pub locals: u32,
    /// The expression.
    pub node: NodeId,
}
