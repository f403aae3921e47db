//! Plans made by hand, for tests.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![allow(dead_code, reason = "each test binary uses a part")]

use tollgate_evaluator::plan::*;
use tollgate_evaluator::{Decision, Effect, Engine};

/// A plan in the making. Its input has the fields of [`Build::new`], each in a slot of its own.
pub struct Build {
    pub plan: Plan,
    sources: Vec<(Text, RuleSource)>,
}

/// A rule in the making, with what explanations show of it.
pub struct Draft {
    pub id: Option<Text>,
    pub annotations: Vec<(Text, Vec<Text>)>,
    pub shadow: bool,
    pub on: Option<On>,
    pub guards: Vec<Condition>,
    pub choices: Vec<Choice>,
    pub conditions: Vec<Condition>,
    pub unless: Option<Condition>,
    pub because: Option<NodeId>,
    pub require: Vec<Requirement>,
    pub locals: u32,
}

pub const NAME: SlotId = 0;
pub const SERVER: SlotId = 1;
pub const ARGS: SlotId = 2;
pub const AGENT: SlotId = 3;
pub const AMOUNT: SlotId = 4;
pub const ITEMS: SlotId = 5;
pub const CALLS: SlotId = 6;
/// The slots of the fields of declared arguments, in order.
pub const DECLARED: SlotId = 7;

pub const STR: TypeId = 0;
pub const INT: TypeId = 1;
pub const JSON: TypeId = 2;

impl Build {
    /// `input { tool: Tool, args: json = {}, agent: string = "a", amount: int = 0, items: list<int> = [], session: Session = {} }`, where
    /// `type Session { prompt: string = "", calls: list<Call> = [] }` and `type Call { tool: string, args: json = {}, effect: … = "allow" }`
    pub fn new() -> Build {
        let mut build = Build { plan: Plan::default(), sources: Vec::new() };
        build.ty(TypeNode::Str);
        build.ty(TypeNode::Int);
        build.ty(TypeNode::Json);
        let empty = build.constant(Constant::Map(Vec::new()));
        let none = build.constant(Constant::List(Vec::new()));
        let (blank, a, zero) = (build.str(""), build.str("a"), build.constant(Constant::Int(0)));
        let allow = build.constant(Constant::Enum("allow".into(), 0));
        let effects = ["allow", "review", "deny"].map(Text::from).to_vec();
        let effect = build.ty(TypeNode::Enum { name: "\"allow\" | \"review\" | \"deny\"".into(), variants: effects, ordered: false });
        let call = build.record(
            "Call",
            &[("tool", STR, Presence::Required), ("args", JSON, Presence::Default(empty)), ("effect", effect, Presence::Default(allow))],
        );
        let calls = build.ty(TypeNode::List(call));
        let session = build.record("Session", &[("prompt", STR, Presence::Default(blank)), ("calls", calls, Presence::Default(none))]);
        let shape = build.plan.types.iter().rev().find_map(|ty| if let TypeNode::Record { shape, .. } = ty { Some(*shape) } else { None }).unwrap();
        let no_session = build.constant(Constant::Record(shape, vec![blank, none]));
        let tool = build.record("Tool", &[("name", STR, Presence::Required), ("server", STR, Presence::Default(blank))]);
        let items = build.ty(TypeNode::List(INT));
        let input = build.record(
            "input",
            &[
                ("tool", tool, Presence::Required),
                ("args", JSON, Presence::Default(empty)),
                ("agent", STR, Presence::Default(a)),
                ("amount", INT, Presence::Default(zero)),
                ("items", items, Presence::Default(none)),
                ("session", session, Presence::Default(no_session)),
            ],
        );
        let keep = |field, slot| Kept { field, slot: Some(slot), inner: Layout::default() };
        let inside = |field, fields| Kept { field, slot: None, inner: Layout { fields } };
        build.plan.input = InputLayout {
            slots: DECLARED,
            ty: input,
            keep: Layout {
                fields: vec![
                    inside(0, vec![keep(0, NAME), keep(1, SERVER)]),
                    keep(1, ARGS),
                    keep(2, AGENT),
                    keep(3, AMOUNT),
                    keep(4, ITEMS),
                    inside(5, vec![keep(1, CALLS)]),
                ],
            },
            tool: Some(ToolField { tool: 0, args: 1, name: NAME, server: SERVER }),
            session: Some(5),
        };
        build
    }

    pub fn constant(&mut self, constant: Constant) -> ConstId {
        push(&mut self.plan.constants, constant)
    }

    pub fn str(&mut self, text: &str) -> ConstId {
        self.constant(Constant::Str(text.into()))
    }

    pub fn ty(&mut self, ty: TypeNode) -> TypeId {
        push(&mut self.plan.types, ty)
    }

    pub fn record(&mut self, name: &str, fields: &[(&str, TypeId, Presence)]) -> TypeId {
        let shape = push(&mut self.plan.shapes, fields.iter().map(|(name, ..)| Text::from(*name)).collect());
        let fields = fields.iter().map(|(_, ty, presence)| FieldNode { ty: *ty, presence: *presence, refinement: None }).collect();
        self.ty(TypeNode::Record { name: name.into(), shape, fields, closed: false })
    }

    pub fn node(&mut self, node: Node) -> NodeId {
        push(&mut self.plan.nodes, node)
    }

    pub fn int(&mut self, value: i64) -> NodeId {
        let id = self.constant(Constant::Int(value));
        self.node(Node::Const(id))
    }

    pub fn text(&mut self, value: &str) -> NodeId {
        let id = self.str(value);
        self.node(Node::Const(id))
    }

    pub fn slot(&mut self, slot: SlotId) -> NodeId {
        self.node(Node::Slot(slot))
    }

    pub fn local(&mut self, local: LocalId) -> NodeId {
        self.node(Node::Local(local))
    }

    pub fn equal(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.node(Node::Equal(a, b))
    }

    pub fn less(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.node(Node::Order(Order::Less, a, b))
    }

    pub fn agent_is(&mut self, name: &str) -> NodeId {
        let (slot, name) = (self.slot(AGENT), self.text(name));
        self.equal(slot, name)
    }

    /// `100 / of > 1`: an error where `of` is 0.
    pub fn hundredth(&mut self, of: NodeId) -> NodeId {
        let (hundred, one) = (self.int(100), self.int(1));
        let quotient = self.node(Node::Arithmetic(Arithmetic::Divide, hundred, of));
        self.less(one, quotient)
    }

    pub fn builtin(&mut self, key: &str, args: Vec<Argument>) -> NodeId {
        let id = push(&mut self.plan.builtins, key.into());
        self.node(Node::Call(id, args.into()))
    }

    pub fn obligation(&mut self, name: &str, params: &[&str]) -> u32 {
        push(&mut self.plan.obligations, Obligation { name: name.into(), params: params.iter().map(|param| Text::from(*param)).collect() })
    }

    pub fn query(&mut self, node: NodeId) {
        self.plan.queries.push(Query { name: "q".into(), params: 0, locals: 8, node });
    }

    /// Adds a rule that is filed under nothing.
    pub fn rule(&mut self, effect: Effect, name: &str, fill: impl FnOnce(&mut Build, &mut Draft)) {
        let mut draft = Draft {
            id: None,
            annotations: Vec::new(),
            shadow: false,
            on: None,
            guards: Vec::new(),
            choices: Vec::new(),
            conditions: Vec::new(),
            unless: None,
            because: None,
            require: Vec::new(),
            locals: 8,
        };
        fill(self, &mut draft);
        let Draft { id, annotations, shadow, on, guards, choices, conditions, unless, because, require, locals } = draft;
        let nodes = |conditions: &[Condition]| conditions.iter().map(|condition| condition.node).collect();
        self.plan.rules.push(Rule {
            name: name.into(),
            effect,
            id,
            shadow,
            on: on.map(Box::new),
            guards: nodes(&guards),
            conditions: nodes(&conditions),
            unless: unless.as_ref().map(|unless| unless.node),
            because,
            require: require.into(),
            locals,
            choices: choices.clone().into(),
        });
        let choices = choices.iter().map(|choice| format!("x{}", choice.local).into()).collect();
        self.sources.push((name.into(), RuleSource { annotations, choices, guards, conditions, unless }));
    }

    /// The finished plan, its rules sorted and those that are not filed filed under nothing.
    pub fn finish(mut self) -> Plan {
        let names: Vec<Text> = self.plan.rules.iter().map(|rule| rule.name.clone()).collect();
        self.plan.rules.sort_by(|a, b| a.name.cmp(&b.name));
        self.sources.sort_by(|a, b| a.0.cmp(&b.0));
        let Sources { conditions, rules } = &mut self.plan.sources;
        for (_, source) in &self.sources {
            rules.push(&source.to_bytes(|condition| {
                conditions.push(&condition);
                u32::try_from(conditions.len()).unwrap() - 1
            }));
        }
        let place =
            |old: u32| u32::try_from(self.plan.rules.iter().position(|rule| rule.name == names[usize::try_from(old).unwrap()]).unwrap()).unwrap();
        for entry in self.plan.index.groups.iter_mut().flat_map(|group| &mut group.entries) {
            entry.rule = place(entry.rule);
        }
        let filed: Vec<u32> = self.plan.index.groups.iter().flat_map(|group| group.entries.iter().map(|entry| entry.rule)).collect();
        self.plan.index.unfiled = (0..u32::try_from(self.plan.rules.len()).unwrap()).filter(|rule| !filed.contains(rule)).collect();
        self.plan
    }

    pub fn engine(self) -> Engine {
        Engine::new(self.finish()).unwrap()
    }
}

fn push<T>(table: &mut Vec<T>, item: T) -> u32 {
    table.push(item);
    u32::try_from(table.len() - 1).unwrap()
}

pub fn when(node: NodeId) -> Condition {
    Condition { node, text: format!("condition {node}").into(), parts: Vec::new() }
}

pub fn choice(local: LocalId, source: NodeId) -> Choice {
    Choice { local, source }
}

/// A request of the tool `pay`, with those further fields.
pub fn request(fields: &str) -> String {
    format!(r#"{{"tool": {{"name": "pay"}}{}{fields}}}"#, if fields.is_empty() { "" } else { ", " })
}

pub fn decide(engine: &Engine, fields: &str) -> Decision {
    engine.decide(request(fields).as_bytes())
}

/// The decision in short: the effect, the rules, and the messages of the errors.
pub fn brief(decision: &Decision) -> String {
    let rules = decision.rules().collect::<Vec<_>>().join(" ");
    let errors: Vec<&str> = decision.errors().map(|problem| problem.message).collect();
    format!("{} {rules} [{}]", decision.effect(), errors.join("; "))
}
