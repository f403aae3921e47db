//! Decisions as the language's "Decisions" has them.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod support;

use support::*;
use tollgate_evaluator::plan::*;
use tollgate_evaluator::{Effect, Engine};

#[test]
fn the_strongest_effect_decides_and_names_all_its_rules() {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.everyone", |_, _| {});
    for name in ["p.b", "p.a"] {
        build.rule(Effect::Deny, name, |build, rule| {
            rule.conditions = vec![when(build.agent_is("evil"))];
            rule.because = Some(build.text("because of evil"));
        });
    }
    build.rule(Effect::Review, "p.new", |build, rule| {
        rule.guards = vec![when(build.agent_is("new"))];
        rule.id = Some("R-1".into());
        rule.because = Some(build.text("new"));
    });
    let engine = build.engine();
    assert_eq!(brief(&decide(&engine, "")), "allow p.everyone []");
    assert_eq!(brief(&decide(&engine, r#""agent": "evil""#)), "deny p.a p.b []");
    let review = decide(&engine, r#""agent": "new""#);
    let policy = engine.policy();
    assert_eq!(
        review.to_json(),
        format!(
            r#"{{"effect":"review","rules":["p.new"],"reasons":[{{"rule":"p.new","id":"R-1","text":"new"}}],"obligations":[],"scores":{{}},"shadow":[],"errors":[],"policy":"{policy}"}}"#
        )
    );
}

#[test]
fn plans_survive_their_bytes() {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.everyone", |build, rule| {
        let node = build.agent_is("a");
        let inner = Condition { parts: vec![when(node)], ..when(node) };
        rule.conditions = vec![Condition { parts: vec![inner.clone(), when(node), inner], ..when(node) }];
    });
    let plan = build.finish();
    let bytes = plan.to_bytes();
    let again = Plan::from_bytes(&bytes).unwrap();
    assert_eq!(again.to_bytes(), bytes);
    assert_eq!(again.digest(), plan.digest());
    let engine = Engine::load(&bytes).unwrap();
    assert_eq!(engine.policy(), plan.digest());
    assert_eq!(brief(&decide(&engine, "")), "allow p.everyone []");
    assert_eq!(brief(&decide(&engine, r#""agent": "b""#)), "deny  []");
}
