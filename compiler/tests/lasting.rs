//! What depends on data alone: computed once for each version of the data, without a trace in what is decided.

#![cfg(test)]

use tollgate_compiler::{PolicySet, Sources, diagnostic};
use tollgate_evaluator::{Decision, Engine, Limits};

const REQUEST: &[u8] = br#"{"agent": {"id": "n3"}, "tool": {"name": "t"}, "args": {"n": 3}}"#;

fn engine(policy: &str) -> Engine {
    let mut set = PolicySet::check(Sources::of("p.toll", &format!("package p\n{policy}")));
    assert!(!set.has_errors(), "{}", diagnostic::render::render(set.diagnostics(), set.sources(), false));
    Engine::new(set.plan().unwrap().clone()).unwrap()
}

fn limited(engine: &Engine, steps: u64) -> Engine {
    engine.clone().with_limits(Limits { steps, ..Limits::default() })
}

/// The effect, the rules and the errors.
fn brief(decision: &Decision) -> String {
    let errors: Vec<String> = decision.errors().map(|error| error.message.to_string()).collect();
    format!("{:?} {} [{}]", decision.effect(), decision.rules().collect::<Vec<_>>().join(" "), errors.join("; "))
}

fn decided(engine: &Engine) -> String {
    brief(&engine.decide(REQUEST))
}

/// So many names as JSON.
fn names(count: usize) -> String {
    serde_json::to_string(&(0..count).map(|n| format!("n{n}")).collect::<Vec<_>>()).unwrap()
}

/// Each of these costs half as many steps as the square of the names.
const PAIRS: &str = r#"
data names: list<string> = []
let met: set<string> = names.filter(a => names.any(b => b == a)).to_set()
let others: list<string> = names.filter(a => names.any(b => a == b + "")).map(name => name.upper())
allow known when agent.id in met
allow loud when others.any(name => name == agent.id.upper())
"#;

#[test]
fn a_decision_does_not_pay_for_what_data_alone_decide() {
    let engine = engine(PAIRS);
    // Each is within a decision's steps, both are not.
    engine.set_data("names", names(1_200)).unwrap();
    let poor = limited(&engine, 5_000);
    for engine in [&poor, &engine, &poor] {
        assert_eq!(decided(engine), "Allow p.known p.loud []");
    }
    assert_eq!(brief(&poor.read(REQUEST).unwrap().decide()), "Allow p.known p.loud []");
    assert_eq!(brief(&poor.explain(REQUEST).decision), "Allow p.known p.loud []");
    // Copying it for the host is another matter.
    assert!(poor.evaluate("met", REQUEST).is_ok() && limited(&engine, 1_000).evaluate("met", REQUEST).is_err());
}

#[test]
fn what_takes_too_many_steps_is_each_decision_s_own() {
    let engine = engine(PAIRS);
    engine.set_data("names", names(1_500)).unwrap();
    let rich = limited(&engine, 10_000_000);
    for _ in 0..2 {
        // Whoever comes first, and whatever is left of a decision's steps.
        assert!(decided(&engine).starts_with("Deny  [evaluation step limit exceeded"), "{}", decided(&engine));
        assert_eq!(decided(&rich), "Allow p.known p.loud []");
    }
}

#[test]
fn other_data_give_other_values() {
    let engine = engine(PAIRS);
    assert_eq!(decided(&engine), "Deny  []");
    let apart = engine.fork();
    engine.set_data("names", names(4)).unwrap();
    assert_eq!(decided(&engine), "Allow p.known p.loud []");
    assert_eq!(decided(&apart), "Deny  []");
    engine.set_data("names", names(3)).unwrap();
    assert_eq!(decided(&engine), "Deny  []");
    apart.set_data("names", names(4)).unwrap();
    assert_eq!((decided(&engine), decided(&apart)), ("Deny  []".into(), "Allow p.known p.loud []".into()));
}

#[test]
fn errors_are_those_of_every_decision() {
    let engine = engine(
        r#"
        data sizes: list<int> = []
        data base: int
        let total = sizes.sum() * base
        let twice = sizes.map(size => size + total)
        deny large when total > args.n.as_int() ?? 0
        deny some when twice.any(size => size == args.n)
        allow small when total <= 10
        "#,
    );
    assert!(decided(&engine).contains("base"), "{}", decided(&engine));
    engine.set_data("base", "9223372036854775807").unwrap();
    assert_eq!(decided(&engine), "Allow p.small []");
    engine.set_data("sizes", "[2, 3]").unwrap();
    for _ in 0..2 {
        assert_eq!(decided(&engine), "Deny p.large p.some [integer overflow; integer overflow]");
    }
    engine.set_all([("base", "1"), ("sizes", "[1, 1]")]).unwrap();
    assert_eq!(decided(&engine), "Deny p.some []");
    engine.set_data("sizes", "[1]").unwrap();
    assert_eq!(decided(&engine), "Allow p.small []");
}

#[test]
fn what_the_request_has_is_never_kept() {
    let engine = engine(
        r#"
        data names: list<string> = ["n3", "n4"]
        let mine = names.filter(name => name == agent.id).map(name => name.upper())
        let tagged = names.any(name => "t".contains(tool.name) or name == "x")
        fn known(id: string) = names.map(name => name.lower()).contains(id)
        allow mine when mine.len() == 1 and known(agent.id) and tagged
        "#,
    );
    let ask = |id: &str, tool: &str| brief(&engine.decide(format!(r#"{{"agent": {{"id": "{id}"}}, "tool": {{"name": "{tool}"}}}}"#).as_bytes()));
    for _ in 0..2 {
        assert_eq!((ask("n3", "t"), ask("n4", "t")), ("Allow p.mine []".into(), "Allow p.mine []".into()));
        assert_eq!((ask("n5", "t"), ask("n4", "u")), ("Deny  []".into(), "Deny  []".into()));
    }
}

#[test]
fn threads_share_what_one_of_them_computes() {
    let engine = limited(&engine(PAIRS), 5_000);
    for _ in 0..20 {
        engine.set_data("names", names(200)).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| assert_eq!(decided(&engine), "Allow p.known p.loud []"));
            }
        });
    }
}

#[test]
fn many_of_them_share_what_they_may_take() {
    let rule = |n: usize| format!("allow r{n} when names.filter(a => names.all(b => b != \"{{a}}.{n}\")).len() > 0\n");
    let engine = engine(&format!("data names: list<string> = []\n{}", (0..128).map(rule).collect::<String>()));
    let poor = limited(&engine, 200);
    engine.set_data("names", names(40)).unwrap();
    assert_eq!(poor.decide(REQUEST).rules().count(), 128);
    // Each would be within a million steps, and none is within its part of all.
    engine.set_data("names", names(800)).unwrap();
    assert_eq!(decided(&poor), "Deny  [evaluation step limit exceeded]");
    assert_eq!(decided(&engine), "Deny  [evaluation step limit exceeded]");
}
