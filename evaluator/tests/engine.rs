//! The embedding interface: data, values, queries, sessions, explanations, outlooks.

mod support;

use support::*;
use tollgate_evaluator::plan::*;
use tollgate_evaluator::{DataError, Effect, Engine, EvaluateError, Kept as Value, Outcome, Session};

fn assert_shared<T: Send + Sync + Clone>() {}

#[test]
fn engines_are_shared() {
    assert_shared::<Engine>();
}

/// Allows agents in `data p.agents: list<string>`; `data p.limit: int = 10` and `data q.limit: int = 20` share a last part.
fn with_data() -> Build {
    let mut build = Build::new();
    let names = build.ty(TypeNode::List(STR));
    let (ten, twenty) = (build.constant(Constant::Int(10)), build.constant(Constant::Int(20)));
    let data = |name: &str, ty, default| Data { name: name.into(), ty, default };
    build.plan.data = vec![data("p.agents", names, None), data("p.limit", INT, Some(ten)), data("q.limit", INT, Some(twenty))];
    build.rule(Effect::Allow, "p.known", |build, rule| {
        let (agent, agents) = (build.slot(AGENT), build.node(Node::Data(0)));
        rule.conditions = vec![when(build.node(Node::In(agent, agents)))];
    });
    for id in [1, 2] {
        let node = build.node(Node::Data(id));
        build.query(node);
    }
    build
}

#[test]
fn data_is_bound_checked_and_replaced() {
    let engine = with_data().engine();
    let unbound = decide(&engine, "");
    assert_eq!(brief(&unbound), "deny  [data `p.agents` is not bound]");
    assert!(unbound.to_json().contains(r#"{"data":"p.agents","message":"data `p.agents` is not bound"}"#));
    assert_eq!(engine.unbound(), ["p.agents"]);
    assert_eq!(engine.set_data("nothing", "1"), Err(DataError::Unknown("nothing".into())));
    assert_eq!(engine.set_data("limit", "1"), Err(DataError::Ambiguous("limit".into(), vec!["p.limit".into(), "q.limit".into()])));
    assert_eq!(engine.set_data("agents", "[1]").unwrap_err().to_string(), "data `p.agents`, at `[0]`: expected `string`, got number `1`");
    engine.set_data("agents", r#"["a"]"#).unwrap();
    assert_eq!(brief(&decide(&engine, "")), "allow p.known []");
    let (clone, fork) = (engine.clone(), engine.fork());
    engine.set_data("p.agents", "[]").unwrap();
    assert_eq!(brief(&decide(&clone, "")), "deny  []");
    assert_eq!(brief(&decide(&fork, "")), "allow p.known []");
    // All or nothing.
    assert!(engine.set_all([("p.limit", "1"), ("q.limit", "x")]).is_err());
    assert_eq!(engine.query(0, &[], None).unwrap(), Value::Int(10));
    engine.set_all([("p.limit", "1"), ("q.limit", "2")]).unwrap();
    assert_eq!((engine.query(0, &[], None).unwrap(), engine.query(1, &[], None).unwrap()), (Value::Int(1), Value::Int(2)));
}

#[test]
fn a_host_refuses_what_it_cannot_make_a_request_of() {
    let engine = with_data().engine();
    let refusal = engine.refuse("args.rows", "NaN is no number");
    assert_eq!(brief(&refusal), "deny  [NaN is no number]");
    assert!(refusal.to_json().contains(r#""errors":[{"path":"args.rows","message":"NaN is no number"}]"#));
    assert_eq!(refusal.policy(), engine.policy());
}

#[test]
fn a_batch_sees_one_version() {
    let engine = with_data().engine();
    engine.set_data("agents", r#"["a"]"#).unwrap();
    let decisions = engine.decide_batch(&[request(""), request(r#""agent": "b""#), "nonsense".into()]);
    assert_eq!(decisions.iter().map(|decision| decision.effect()).collect::<Vec<_>>(), [Effect::Allow, Effect::Deny, Effect::Deny]);
}

#[test]
fn replacing_data_while_deciding() {
    let engine = with_data().engine();
    engine.set_data("agents", "[]").unwrap();
    let writer = engine.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || (0..200).for_each(|turn| writer.set_data("agents", if turn % 2 == 0 { r#"["a"]"# } else { "[]" }).unwrap()));
        for _ in 0..2 {
            scope.spawn(|| (0..200).for_each(|_| assert_eq!(decide(&engine, "").errors().len(), 0)));
        }
    });
}

#[test]
fn values_by_name() {
    let mut build = Build::new();
    let amount = build.slot(AMOUNT);
    let (errs, doubled) = (build.hundredth(amount), build.local(0));
    let definition = |name: &str, params, node| Definition { name: name.into(), params, locals: params, node };
    build.plan.definitions = vec![
        definition("p.errs", 0, errs),
        definition("p.same", 1, doubled),
        definition("q.amount", 0, amount),
        definition("p.x", 0, amount),
        definition("q.x", 0, amount),
    ];
    let engine = build.engine();
    let value = |name: &str| engine.evaluate(name, request(r#""amount": 7"#).as_bytes()).map(|value| value.view().to_string());
    assert_eq!(value("amount"), Ok("7".into()));
    assert_eq!(value("q.amount"), Ok("7".into()));
    assert_eq!(value("errs"), Ok("true".into()));
    assert_eq!(value("same"), Err(EvaluateError::Unknown("same".into())));
    assert_eq!(value("x"), Err(EvaluateError::Ambiguous("x".into(), vec!["p.x".into(), "q.x".into()])));
    let error = engine.evaluate("errs", request("").as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "division by zero");
    let error = engine.evaluate("errs", b"{}").unwrap_err();
    assert_eq!(error.to_string(), "input, at `tool`: expected `Tool`, got nothing");
}

#[test]
fn queries_with_parameters() {
    let mut build = Build::new();
    let (a, b) = (build.local(0), build.local(1));
    let node = build.node(Node::Arithmetic(Arithmetic::Add, a, b));
    build.plan.queries.push(Query { name: "sum".into(), params: 2, locals: 2, node });
    let engine = build.engine();
    assert_eq!(engine.query(0, &[Value::Int(1), Value::Int(2)], None).unwrap(), Value::Int(3));
    assert_eq!(engine.query(0, &[Value::Int(1)], None), Err(EvaluateError::Parameters));
    assert!(matches!(engine.query(1, &[], None), Err(EvaluateError::Unknown(_))));
}

#[test]
fn sessions_remember_calls() {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.any", |_, _| {});
    build.rule(Effect::Deny, "p.twice", |build, rule| {
        rule.choices = vec![choice(0, build.slot(CALLS))];
        let call = build.local(0);
        let (tool, pay) = (build.node(Node::Field(call, 0)), build.text("pay"));
        let (effect, allow) = (build.node(Node::Field(call, 2)), build.text("allow"));
        rule.conditions = vec![when(build.equal(tool, pay)), when(build.equal(effect, allow))];
    });
    let engine = build.engine();
    let mut session = Session::new(engine.clone());
    let (pay, other) = (request(r#""args": {"to": "x"}"#), request("").replace("pay", "other"));
    let brought = session.decide(request(r#""session": {}"#).as_bytes());
    assert_eq!(brief(&brought), "deny  [expected none, since the host keeps the session, got one]");
    assert!(session.is_empty());
    for (request, effect, expected) in
        [(&other, Effect::Allow, "allow p.any []"), (&pay, Effect::Deny, "allow p.any []"), (&pay, Effect::Allow, "deny p.twice []")]
    {
        session.record(Outcome { request: request.as_bytes(), effect, result: Some(b"[1]") }).unwrap();
        assert_eq!(brief(&session.decide(pay.as_bytes())), expected);
    }
    assert_eq!(session.len(), 3);
    let broken = session.record(Outcome { request: pay.as_bytes(), effect: Effect::Allow, result: None });
    assert!(broken.is_ok());
    assert!(session.record(Outcome { request: b"{", effect: Effect::Allow, result: None }).is_err());
    let opened = Session::open(engine.clone(), br#"{"prompt": "p", "calls": [{"tool": "pay"}]}"#).unwrap();
    assert_eq!(brief(&opened.decide(pay.as_bytes())), "deny p.twice []");
    assert!(Session::open(engine, br#"{"calls": [{}]}"#).unwrap_err().to_string().contains("at `calls[0].tool`"));
}

#[test]
fn explanations_show_every_rule() {
    let mut build = Build::new();
    build.rule(Effect::Deny, "p.other_tool", |build, rule| {
        rule.on = Some(On { tools: [].into(), patterns: [].into() });
        rule.conditions = vec![when(build.agent_is("a"))];
    });
    build.rule(Effect::Review, "p.items", |build, rule| {
        rule.annotations = vec![("owner".into(), vec!["me".into()])];
        rule.guards = vec![when(build.agent_is("a"))];
        rule.choices = vec![choice(0, build.slot(ITEMS))];
        let x = build.local(0);
        let (errs, one) = (build.hundredth(x), build.int(1));
        let is_one = build.equal(x, one);
        let both = build.node(Node::And([errs, is_one].into()));
        rule.conditions = vec![Condition { parts: vec![when(errs), when(is_one)], ..when(both) }];
        rule.unless = Some(when(build.agent_is("b")));
    });
    let engine = build.engine();
    let explanation = engine.explain(request(r#""items": [0, 99, 2, 1]"#).as_bytes());
    assert_eq!(brief(&explanation.decision), "review p.items [division by zero]");
    let json = explanation.to_json();
    let rules = &json[json.find(r#""rules":[{"#).unwrap()..];
    let [items, other] = explanation.rules.as_slice() else { panic!("{json}") };
    assert!(!other.on && other.conditions.is_empty() && other.choices.is_empty());
    assert!(items.matched && items.on && items.choices.len() == 4, "{rules}");
    let texts = |text: &str| text.split('"').filter(|word| word.starts_with("condition ")).count();
    assert_eq!(texts(rules), 1 + 4 * 4);
    assert!(rules.contains(r#"{"variables":[{"name":"x0","value":0}]"#), "{rules}");
    assert!(rules.contains(r#""error":"division by zero""#), "{rules}");
    assert!(rules.contains(r#""reached":false"#), "{rules}");
    assert!(rules.contains(r#""annotations":{"owner":["me"]}"#), "{rules}");
    let many = engine.explain(request(&format!(r#""items": [{}]"#, vec!["1"; 50].join(","))).as_bytes());
    assert_eq!((many.rules[0].choices.len(), many.rules[0].more), (20, 30));
    assert!(engine.explain(b"{}").rules.is_empty());
}

#[test]
fn outlooks_without_arguments() {
    let mut build = Build::new();
    let declare = |server: Option<&str>, name: &str| Tool {
        server: server.map(Text::from),
        name: name.into(),
        declaration: Some(Declaration { facts: vec![0; 8], args: None }),
    };
    build.plan.tools = vec![declare(None, "draw"), declare(Some("bank"), "pay"), declare(None, "read"), declare(None, "wipe")];
    let on = |tool: u32| Some(On { tools: [tool].into(), patterns: [].into() });
    build.rule(Effect::Allow, "p.reads", |build, rule| {
        rule.on = on(2);
        rule.guards = vec![when(build.agent_is("a"))];
    });
    build.rule(Effect::Allow, "p.some_pay", |build, rule| {
        rule.on = on(1);
        let (args, one) = (build.slot(ARGS), build.int(1));
        rule.conditions = vec![when(build.equal(args, one))];
    });
    build.rule(Effect::Review, "p.pay", |_, rule| rule.on = on(1));
    build.rule(Effect::Deny, "p.wipe", |_, rule| rule.on = on(3));
    build.rule(Effect::Allow, "p.wipe_too", |_, rule| rule.on = on(3));
    build.rule(Effect::Allow, "p.draw", |_, rule| rule.on = on(0));
    build.rule(Effect::Deny, "p.draw_abroad", |build, rule| {
        rule.on = on(0);
        let (server, far) = (build.slot(SERVER), build.text("far"));
        rule.conditions = vec![when(build.equal(server, far))];
    });
    let engine = build.engine();
    let outlook = |request: &str| -> Vec<String> {
        let each = engine.allowed_tools(request.as_bytes()).unwrap().into_iter();
        each.map(|tool| format!("{} {}{}{}", tool.tool, u8::from(tool.allow), u8::from(tool.review), u8::from(tool.deny))).collect()
    };
    assert_eq!(outlook("{}"), ["draw 101", "bank/pay 010", "read 100", "wipe 001"]);
    assert_eq!(outlook(r#"{"agent": "b"}"#)[2], "read 001");
    assert!(engine.allowed_tools(br#"{"agent": 1}"#).is_err());
}

#[test]
fn the_plan_of_an_engine_lacks_the_index_and_decides_alike() {
    let mut build = Build::new();
    let agent = build.slot(AGENT);
    build.rule(Effect::Allow, "p.a", |build, rule| rule.guards = vec![when(build.agent_is("a"))]);
    let key = build.str("a");
    let entries = vec![Entry { rule: 0, keys: vec![Keys::Values(vec![key])], proves: vec![0], proves_on: false }];
    build.plan.index.groups = vec![Group { attributes: vec![Attribute::Node(agent)], entries }];
    let plan = build.finish();
    let loaded = Engine::load(plan.to_bytes()).unwrap();
    assert_eq!(loaded.policy(), plan.digest());
    assert_eq!(loaded.policy(), Engine::new(plan).unwrap().policy());
    assert_eq!((loaded.plan().index.groups.len(), &loaded.plan().index.unfiled), (0, &vec![0]));
    let again = Engine::load(loaded.plan().to_bytes()).unwrap();
    for (agent, expected) in [("a", "allow p.a []"), ("b", "deny  []")] {
        let fields = format!(r#""agent": "{agent}""#);
        assert_eq!([brief(&decide(&loaded, &fields)), brief(&decide(&again, &fields))], [expected, expected]);
    }
}
