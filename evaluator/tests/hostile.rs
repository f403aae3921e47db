//! Damaged and hostile plans and requests: an error or a deny, never a panic, a hang or an overflowing stack.
#![expect(clippy::panic, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "how long hostile input takes is measured")]

mod support;

use hmac_sha256::Hash;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use support::*;
use tollgate_evaluator::plan::*;
use tollgate_evaluator::{Effect, Engine, Limits, LoadError, Outcome, Session};

/// A plan that has something of everything.
fn varied() -> Plan {
    let mut build = Build::new();
    let limit = build.obligation("limit", &["count", "what"]);
    let (amount, agent, items) = (build.slot(AMOUNT), build.slot(AGENT), build.slot(ITEMS));
    build.plan.patterns = vec![Pattern::Like("a*b?".into()), Pattern::Regex(r"^\w+@x\.com$".into())];
    let matches = build.node(Node::Matches(agent, 1));
    let shared = build.node(Node::Shared(0, matches));
    build.plan.memos = 1;
    let x = build.local(2);
    let errs = build.hundredth(x);
    let any = build.builtin("collection.any", vec![Argument::Node(items), Argument::Lambda(2, errs)]);
    build.plan.definitions.push(Definition { name: "p.any".into(), params: 0, locals: 3, node: any });
    let any = build.node(Node::Definition(0));
    build.plan.scores.push(Score {
        name: "p.risk".into(),
        low: 0,
        high: 10,
        parts: vec![ScorePart { amount, condition: shared, because: None, text: "matches".into() }],
        locals: 0,
    });
    let risk = build.node(Node::Score(0));
    let text = build.node(Node::Text([amount, agent, risk].into()));
    for (effect, name) in [(Effect::Deny, "p.a"), (Effect::Review, "p.b"), (Effect::Allow, "p.c")] {
        build.rule(effect, name, |build, rule| {
            rule.guards = vec![when(shared)];
            rule.choices = vec![choice(0, items)];
            let (x, one) = (build.local(0), build.int(1));
            rule.conditions = vec![Condition { parts: vec![when(x)], ..when(build.equal(x, one)) }, when(any)];
            rule.because = Some(text);
            rule.require = vec![Requirement { obligation: limit, args: vec![amount, x].into(), proved: false }];
        });
    }
    build.rule(Effect::Allow, "p.d", |_, _| {});
    let paid = paid(&mut build, agent);
    build.rule(Effect::Deny, "p.e", |_, rule| rule.conditions = vec![when(paid)]);
    let key = build.str("a");
    build.plan.index.groups = vec![Group {
        attributes: vec![Attribute::Node(agent)],
        entries: vec![Entry { rule: 3, keys: vec![Keys::Values(vec![key])], proves: vec![], proves_on: false }],
    }];
    build.finish()
}

/// Whether a call of the tool of that name was recorded that came to more than a decision's amount: as a session keeps it up, and over the list.
fn paid(build: &mut Build, name: NodeId) -> NodeId {
    let (call, calls) = (build.local(0), build.slot(CALLS));
    let (tool, args) = (build.node(Node::Field(call, 0)), build.node(Node::Field(call, 1)));
    let amount = build.slot(AMOUNT);
    let (is_tool, is_more) = (build.equal(tool, name), build.less(amount, args));
    let body = build.node(Node::And([is_tool, is_more].into()));
    let whole = build.builtin("collection.any", vec![Argument::Node(calls), Argument::Lambda(0, body)]);
    let steps = vec![Step { local: 0, node: tool, role: Role::Key }, Step { local: 0, node: args, role: Role::Mark }];
    build.plan.aggregates.push(Aggregate { steps, summary: Summary::Any });
    let bounds = [(Order::Greater, amount)].into();
    let term = AggregateTerm { aggregate: 0, minus: false, keys: [name].into(), bounds, mentioned: None, guards: [].into() };
    build.node(Node::Aggregate(AggregateRead { terms: [term].into(), negated: false, whole }.into()))
}

fn seal(mut body: Vec<u8>) -> Vec<u8> {
    let checksum = Hash::hash(&body);
    body.extend_from_slice(&checksum);
    body
}

/// Loads a plan and, should it be one, puts it to use.
fn try_out(bytes: &[u8]) {
    if let Ok(engine) = Engine::load(bytes) {
        let request = request(r#""items": [1, 0, 3], "agent": "x@x.com", "amount": 7"#);
        let decision = engine.decide(request.as_bytes());
        assert!(!decision.to_json().is_empty());
        engine.explain(request.as_bytes()).to_json();
        let _ = engine.allowed_tools(request.as_bytes());
        let mut session = Session::new(engine.clone());
        for args in ["{}", "9", "[1]", "\"a b\""] {
            let request = self::request(&format!(r#""args": {args}"#));
            let outcome = Outcome { request: request.as_bytes(), effect: Effect::Allow, result: Some(b"[1]") };
            let _ = session.record(outcome);
            let _ = session.decide(request.as_bytes());
        }
        let _ = engine.without_index().decide(request.as_bytes());
    }
}

#[test]
fn the_varied_plan_is_one() {
    let engine = Engine::load(varied().to_bytes()).unwrap();
    assert_eq!(brief(&decide(&engine, r#""items": [1, 2], "agent": "x@x.com""#)), "deny p.a []");
}

#[test]
fn truncated_and_changed_bytes_are_refused() {
    let bytes = varied().to_bytes();
    assert_eq!(Engine::load(b"").err(), Some(LoadError::NoPlan));
    assert_eq!(Engine::load(b"not a plan").err(), Some(LoadError::NoPlan));
    for end in 8..bytes.len() {
        assert!(Engine::load(&bytes[..end]).is_err());
    }
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 0x40;
        assert!(Engine::load(&changed).is_err());
    }
    let mut other = bytes.clone();
    other[8] = 99;
    assert_eq!(Engine::load(other).err(), Some(LoadError::Version(99)));
    assert_eq!(Engine::load([bytes.as_slice(), b"x"].concat()).err(), Some(LoadError::Damaged));
}

/// Changes under a valid checksum reach the validation behind it.
#[test]
fn hostile_changes_under_a_valid_checksum() {
    let bytes = varied().to_bytes();
    let body = bytes[..bytes.len() - 32].to_vec();
    for place in 12..body.len() {
        for value in [0, 1, 2, 3, 7, 0x20, 0x7f, 0x80, 0xff] {
            let mut changed = body.clone();
            changed[place] = value;
            try_out(&seal(changed));
        }
        try_out(&seal(body[..place].to_vec()));
    }
}

#[test]
fn random_changes_under_a_valid_checksum() {
    let bytes = varied().to_bytes();
    let body = bytes[..bytes.len() - 32].to_vec();
    let changes = prop::collection::vec((12..body.len(), any::<u8>(), 0..3_usize), 1..8);
    let mut runner = TestRunner::new(Config { cases: 2000, failure_persistence: None, ..Config::default() });
    let run = runner.run(&changes, |changes| {
        let mut changed = body.clone();
        for (place, byte, kind) in changes {
            let place = place.min(changed.len() - 1);
            match kind {
                0 => changed[place] = byte,
                1 => changed.insert(place, byte),
                _ => drop(changed.remove(place)),
            }
        }
        try_out(&seal(changed));
        Ok(())
    });
    run.unwrap();
}

fn refused(build: Build) -> String {
    match Engine::new(build.finish()) {
        Err(LoadError::Invalid(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
fn depth_is_bounded_and_fits_a_small_stack() {
    let nested = |levels: usize, wrap: &dyn Fn(&mut Build, NodeId) -> NodeId| {
        let mut build = Build::new();
        let agent = build.agent_is("a");
        let mut node = agent;
        for _ in 1..levels {
            node = wrap(&mut build, node);
        }
        build.rule(Effect::Allow, "p.deep", |_, rule| {
            rule.conditions = vec![when(node)];
            rule.locals = 1000;
        });
        build
    };
    type Wrap = Box<dyn Fn(&mut Build, NodeId) -> NodeId>;
    let wraps: Vec<(&str, Wrap)> = vec![
        ("not", Box::new(|build, node| build.node(Node::Not(node)))),
        ("and", Box::new(|build, node| build.node(Node::And([node, node].into())))),
        ("if", Box::new(|build, node| build.node(Node::If(node, node, node)))),
        (
            "with",
            Box::new(|build, node| {
                let name = build.str("a");
                let json = build.node(Node::ToJson(node));
                build.node(Node::With(json, [Change { path: [name].into(), value: node }].into()))
            }),
        ),
        (
            "definition",
            Box::new(|build, node| {
                build.plan.definitions.push(Definition { name: "p.d".into(), params: 0, locals: 1000, node });
                let last = u32::try_from(build.plan.definitions.len()).unwrap() - 1;
                build.node(Node::Definition(last))
            }),
        ),
        (
            "what data alone decide",
            Box::new(|build, node| {
                let node = if build.plan.definitions.is_empty() { build.text("") } else { node };
                let node = build.builtin("string.is_empty", vec![Argument::Node(node)]);
                build.plan.definitions.push(Definition { name: "p.d".into(), params: 0, locals: 1000, node });
                let last = u32::try_from(build.plan.definitions.len()).unwrap() - 1;
                build.node(Node::Definition(last))
            }),
        ),
        (
            "invoke",
            Box::new(|build, node| {
                build.plan.definitions.push(Definition { name: "p.d".into(), params: 1, locals: 1000, node });
                let last = u32::try_from(build.plan.definitions.len()).unwrap() - 1;
                build.node(Node::Invoke(last, [0].into()))
            }),
        ),
        (
            "lambda",
            Box::new(|build, node| {
                let items = build.slot(ITEMS);
                let local = u32::try_from(build.plan.nodes.len() % 500).unwrap();
                build.builtin("collection.any", vec![Argument::Node(items), Argument::Lambda(local, node)])
            }),
        ),
    ];
    for (what, wrap) in wraps {
        let fitting = (1..=600).rev().find_map(|levels| Engine::new(nested(levels, &wrap).finish()).ok()).unwrap();
        assert!(refused(nested(600, &wrap)).contains("nested too deep"));
        let run = move || {
            let request = request(r#""items": [1]"#);
            let decision = fitting.decide(request.as_bytes());
            assert!(["allow p.deep []", "deny  []"].contains(&brief(&decision).as_str()), "{what}: {}", brief(&decision));
            fitting.explain(request.as_bytes());
            fitting.allowed_tools(request.as_bytes()).unwrap();
        };
        std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
    }
}

#[test]
fn deep_values_fit_a_small_stack() {
    let mut build = Build::new();
    let mut node = build.slot(ARGS);
    for level in 0..500 {
        node = if level % 2 == 0 { build.node(Node::List([node].into())) } else { build.node(Node::ToJson(node)) };
    }
    let name = build.str("a");
    for _ in 0..3 {
        node = build.node(Node::With(node, [Change { path: [name, name].into(), value: node }].into()));
    }
    let same = build.equal(node, node);
    let text = build.node(Node::Text([node, same].into()));
    build.query(node);
    build.query(text);
    let engine = build.engine().with_limits(Limits { depth: usize::MAX, steps: 1 << 40, ..Limits::default() });
    let run = move || {
        let request = request(&format!(r#""args": {}{}"#, "[".repeat(255), "]".repeat(255)));
        let value = engine.query(0, &[], Some(request.as_bytes())).unwrap();
        assert!(value.view().equals(value.clone().view()));
        assert!(engine.query(1, &[value], Some(request.as_bytes())).is_err());
        assert!(engine.query(1, &[], Some(request.as_bytes())).unwrap().view().to_string().ends_with("true"));
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn expressions_that_grow_without_loops_are_refused() {
    let mut build = Build::new();
    let mut node = build.slot(AMOUNT);
    for level in 0..100 {
        build.plan.definitions.push(Definition { name: format!("p.f{level}").into(), params: 1, locals: 1, node });
        let call = build.node(Node::Invoke(level, [0].into()));
        node = build.node(Node::Arithmetic(Arithmetic::Add, call, call));
    }
    assert!(refused(build).contains("too large"));
    let mut build = Build::new();
    let mut constant = build.str("a");
    for _ in 0..60 {
        constant = build.constant(Constant::List(vec![constant, constant]));
    }
    assert!(refused(build).contains("constants are too large"));
}

/// Rules of which explanations would show something else than what they say, or more than there is memory for.
#[test]
fn sources_that_are_none_of_the_rules_are_refused() {
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut build = Build::new();
        let (a, b) = (build.agent_is("a"), build.agent_is("b"));
        for (name, node) in [("p.a", a), ("p.b", b)] {
            build.rule(Effect::Allow, name, |_, rule| rule.conditions = vec![Condition { parts: vec![when(b)], ..when(node) }]);
        }
        let mut plan = build.finish();
        change(&mut plan);
        Plan::from_bytes(&plan.to_bytes()).map(|_| ()).map_err(|error| error.to_string())
    };
    let part = |numbers: Vec<u32>| postcard::to_allocvec(&(numbers, Vec::<(Text, Vec<Text>)>::new(), Vec::<Text>::new())).unwrap();
    let node = |plan: &Plan| plan.rules[0].conditions[0];
    assert_eq!(with(&|_| {}), Ok(()));
    let refused = |what: &str, change: &dyn Fn(&mut Plan)| assert!(with(change).unwrap_err().contains(what), "{what}: {:?}", with(change));
    refused("of other rules", &|plan| plan.sources.rules.push(&part(vec![])));
    for numbers in [vec![], vec![1], vec![0, 0], vec![7], vec![u32::MAX]] {
        refused("another one's source", &|plan| plan.sources.rules.splice(0..1, &[part(numbers.clone())]));
    }
    refused("another one's source", &|plan| plan.sources.rules.splice(0..1, &[vec![]]));
    refused("another one's source", &|plan| plan.sources.rules.splice(0..1, &[[part(vec![0]), vec![0]].concat()]));
    let shown = |rows: &[(u8, NodeId, &str)]| -> Vec<u8> { rows.iter().flat_map(|row| postcard::to_allocvec(row).unwrap()).collect() };
    let replaced = |plan: &mut Plan, condition: Vec<u8>| plan.sources.conditions.splice(0..1, &[condition]);
    refused("does not exist", &|plan| replaced(plan, shown(&[(0, node(plan), "a"), (1, u32::MAX, "b")])));
    for depths in [[1, 0], [0, 0], [0, 2]] {
        refused("no tree", &|plan| replaced(plan, shown(&depths.map(|depth| (depth, node(plan), "a")))));
    }
    let deep: Vec<u8> = (0..=100).collect();
    refused("no tree", &|plan| replaced(plan, shown(&deep.iter().map(|depth| (*depth, node(plan), "a")).collect::<Vec<_>>())));
    refused("damaged", &|plan| replaced(plan, [shown(&[(0, node(plan), "a")]), vec![1, 0, 9]].concat()));
    refused("another one's source", &|plan| replaced(plan, vec![]));
    refused("another one's source", &|plan| {
        plan.nodes.push(Node::Local(100));
        let last = u32::try_from(plan.nodes.len()).unwrap() - 1;
        replaced(plan, shown(&[(0, node(plan), "a"), (1, last, "x")]));
    });
    refused("too long", &|plan| {
        let text = "x".repeat(1 << 19);
        replaced(plan, shown(&[(0, node(plan), &text)]));
        let again = plan.rules[0].conditions[0];
        plan.rules[0].conditions = vec![again; 1 << 12].into();
        plan.sources.rules.splice(0..1, &[part(vec![0; 1 << 12])]);
    });
}

/// What makes a plan contradict itself.
type Spoil = Box<dyn Fn(&mut Build)>;

#[test]
fn what_contradicts_itself_is_refused() {
    let cases: Vec<(&str, Spoil)> = vec![
        (
            "does not come before it",
            Box::new(|build| {
                _ = build.node(Node::Not(9));
            }),
        ),
        (
            "does not come before it",
            Box::new(|build| {
                _ = build.node(Node::Not(0));
            }),
        ),
        (
            "does not exist",
            Box::new(|build| {
                _ = build.node(Node::Const(99));
            }),
        ),
        (
            "slot",
            Box::new(|build| {
                _ = build.slot(99);
            }),
        ),
        ("slots", Box::new(|build| build.plan.input.slots = u32::MAX)),
        ("remembered", Box::new(|build| build.plan.memos = u32::MAX)),
        (
            "function `nothing`",
            Box::new(|build| {
                _ = build.builtin("nothing", vec![]);
            }),
        ),
        (
            "arguments do not fit",
            Box::new(|build| {
                _ = build.builtin("collection.any", vec![]);
            }),
        ),
        (
            "outside its frame",
            Box::new(|build| {
                let node = build.local(8);
                build.rule(Effect::Allow, "p.r", |_, rule| rule.conditions = vec![when(node)]);
            }),
        ),
        ("too many variables", Box::new(|build| build.rule(Effect::Allow, "p.r", |_, rule| rule.locals = u32::MAX))),
        (
            "too many choices",
            Box::new(|build| {
                let items = build.slot(ITEMS);
                build.rule(Effect::Allow, "p.r", |_, rule| rule.choices = vec![choice(0, items); 65]);
            }),
        ),
        (
            "shared reads a variable",
            Box::new(|build| {
                build.plan.memos = 1;
                let local = build.local(0);
                build.node(Node::Shared(0, local));
            }),
        ),
        (
            "under one number",
            Box::new(|build| {
                build.plan.memos = 1;
                let (a, b) = (build.int(1), build.int(2));
                build.node(Node::Shared(0, a));
                build.node(Node::Shared(0, b));
            }),
        ),
        (
            "constant",
            Box::new(|build| {
                _ = build.constant(Constant::Decimal(1, 99));
            }),
        ),
        (
            "constant",
            Box::new(|build| {
                _ = build.constant(Constant::Timestamp(i128::MAX));
            }),
        ),
        (
            "constant",
            Box::new(|build| {
                _ = build.constant(Constant::Cidr([10, 0, 0, 0].into(), 33));
            }),
        ),
        (
            "constant",
            Box::new(|build| {
                _ = build.constant(Constant::Cidr([10, 0, 0, 1].into(), 8));
            }),
        ),
        (
            "before it",
            Box::new(|build| {
                _ = build.constant(Constant::List(vec![99]));
            }),
        ),
        (
            "before it",
            Box::new(|build| {
                _ = build.ty(TypeNode::List(99));
            }),
        ),
        (
            "no scalar",
            Box::new(|build| {
                let list = build.ty(TypeNode::List(0));
                build.ty(TypeNode::Set(list));
            }),
        ),
        (
            "aggregate that does not exist",
            Box::new(|build| {
                let name = build.text("a");
                paid(build, name);
                build.plan.aggregates.clear();
            }),
        ),
        (
            "does not keep up",
            Box::new(|build| {
                let name = build.text("a");
                paid(build, name);
                build.plan.aggregates[0].steps.truncate(1);
            }),
        ),
        (
            "does not keep up",
            Box::new(|build| {
                let name = build.text("a");
                let read = paid(build, name);
                build.plan.aggregates[0].summary = Summary::Last;
                let Some(Node::Aggregate(read)) = build.plan.nodes.get_mut(read as usize) else { panic!() };
                read.terms[0].minus = true;
            }),
        ),
        (
            "reads no aggregate",
            Box::new(|build| {
                let name = build.text("a");
                let read = paid(build, name);
                let Some(Node::Aggregate(read)) = build.plan.nodes.get_mut(read as usize) else { panic!() };
                read.terms = [].into();
            }),
        ),
        (
            "too many aggregates",
            Box::new(|build| {
                let name = build.text("a");
                let read = paid(build, name);
                let Some(Node::Aggregate(read)) = build.plan.nodes.get_mut(read as usize) else { panic!() };
                read.terms = vec![read.terms[0].clone(); MAX_TERMS + 1].into();
            }),
        ),
        (
            "no condition",
            Box::new(|build| {
                let name = build.text("a");
                let read = paid(build, name);
                build.plan.aggregates[0].summary = Summary::Count;
                let Some(Node::Aggregate(read)) = build.plan.nodes.get_mut(read as usize) else { panic!() };
                read.negated = true;
            }),
        ),
        (
            "reads the request",
            Box::new(|build| {
                let node = build.slot(AGENT);
                build.plan.aggregates.push(Aggregate { steps: vec![Step { local: 0, node, role: Role::Test }], summary: Summary::Any });
            }),
        ),
        (
            "no `mentions`",
            Box::new(|build| {
                let (node, list) = (build.local(0), build.slot(ITEMS));
                build.builtin("collection.len", vec![Argument::Node(list)]);
                build.plan.aggregates.push(Aggregate { steps: vec![Step { local: 0, node, role: Role::Mention(0) }], summary: Summary::Any });
            }),
        ),
        (
            "two steps of a kind",
            Box::new(|build| {
                let step = Step { local: 0, node: build.local(0), role: Role::Mark };
                build.plan.aggregates.push(Aggregate { steps: vec![step.clone(), step], summary: Summary::Any });
            }),
        ),
        (
            "too many variables",
            Box::new(|build| {
                let step = Step { local: u32::MAX, node: build.local(0), role: Role::Test };
                build.plan.aggregates.push(Aggregate { steps: vec![step], summary: Summary::Any });
            }),
        ),
        ("does not compile", Box::new(|build| build.plan.patterns.push(Pattern::Regex("(".into())))),
        ("default allows", Box::new(|build| build.plan.default = Some(DefaultDecision { effect: Effect::Allow, because: None, locals: 0 }))),
        ("kept fields are not sorted", Box::new(|build| build.plan.input.keep.fields.reverse())),
        (
            "refinement reads the request",
            Box::new(|build| {
                let node = build.slot(0);
                let shape = u32::try_from(build.plan.shapes.len()).unwrap();
                build.plan.shapes.push(vec!["a".into()]);
                let refinement = Some(Refinement { node, locals: 1, text: "".into() });
                let fields = vec![FieldNode { ty: 0, presence: Presence::Required, refinement }];
                build.ty(TypeNode::Record { name: "R".into(), shape, fields, closed: false });
            }),
        ),
    ];
    for (place, (expected, spoil)) in cases.iter().enumerate() {
        let mut build = Build::new();
        spoil(&mut build);
        let message = refused(build);
        assert!(message.contains(expected), "case {place}: {message}");
    }
    let mut twice = Build::new();
    twice.rule(Effect::Allow, "p.r", |_, _| {});
    let mut plan = twice.finish();
    plan.index.unfiled = vec![0, 1];
    assert!(plan.validate().unwrap_err().to_string().contains("files a rule that does not exist"));
    plan.index.unfiled = vec![];
    assert!(plan.validate().unwrap_err().to_string().contains("lacks a rule"));
}

#[test]
fn deep_types_are_refused() {
    let mut build = Build::new();
    let mut ty = STR;
    for _ in 0..1000 {
        ty = build.ty(TypeNode::Optional(ty));
    }
    assert!(refused(build).contains("nested too deep"));
}

#[test]
fn hostile_requests_end_soon() {
    let engine = Engine::new(varied()).unwrap();
    let big = 8 << 20;
    let texts = [
        "[".repeat(big),
        "{\"a\":".repeat(big / 5),
        format!("{{\"tool\": {{\"name\": \"{}\"}}}}", "x".repeat(big - 40)),
        request(&format!("\"args\": [{}1]", "1,".repeat(big / 2 - 100))),
        request(&format!("\"items\": [{}1]", "1,".repeat(big / 2 - 100))),
        request(&format!("\"args\": {{{}\"z\":0}}", (0..500_000).map(|key| format!("\"{key}\":0,")).collect::<String>())),
        request(&format!("\"args\": \"{}\"", "\\u00e9".repeat(big / 6 - 100))),
        request(&format!("\"args\": {}", "9".repeat(big - 100))),
        request(&format!("\"agent\": \"{}@x.com\"", "x".repeat(big - 100))),
    ];
    let start = std::time::Instant::now();
    for text in &texts {
        assert!(!engine.decide(text.as_bytes()).to_json().is_empty());
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
