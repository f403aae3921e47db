//! Decisions as the language's "Decisions" has them.

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

/// `for x in items when 100 / x > 1`: an error for 0, a match from 1 to 49.
fn dividing(build: &mut Build, rule: &mut Draft) {
    rule.choices = vec![choice(0, build.slot(ITEMS))];
    let x = build.local(0);
    rule.conditions = vec![when(build.hundredth(x))];
    let x = build.local(0);
    let label = build.text("x is ");
    rule.because = Some(build.node(Node::Text([label, x].into())));
}

fn reasons(decision: &tollgate_evaluator::Decision) -> Vec<&str> {
    decision.reasons().map(|reason| reason.text).collect()
}

#[test]
fn errors_never_widen_access() {
    for (effect, items, expected, reason) in [
        (Effect::Deny, "[1]", "deny p.r []", "x is 1"),
        (Effect::Deny, "[0]", "deny p.r [division by zero]", "division by zero"),
        // A choice that matches is a witness, wherever it comes.
        (Effect::Deny, "[0, 99, 2]", "deny p.r [division by zero]", "x is 2"),
        (Effect::Deny, "[2, 0]", "deny p.r [division by zero]", "x is 2"),
        (Effect::Review, "[99, 0]", "review p.r [division by zero]", "division by zero"),
        (Effect::Allow, "[1]", "allow p.r []", "x is 1"),
        (Effect::Allow, "[0]", "deny  [division by zero]", "no rule allows this call"),
        (Effect::Allow, "[0, 3, 4]", "allow p.r [division by zero]", "x is 3"),
        (Effect::Allow, "[]", "deny  []", "no rule allows this call"),
        (Effect::Deny, "[]", "deny  []", "no rule allows this call"),
    ] {
        let mut build = Build::new();
        build.rule(effect, "p.r", dividing);
        let decision = decide(&build.engine(), &format!("\"items\": {items}"));
        assert_eq!((brief(&decision).as_str(), reasons(&decision).as_slice()), (expected, [reason].as_slice()), "{effect} {items}");
    }
}

#[test]
fn errors_in_sources_guards_and_unless() {
    let by_amount = |build: &mut Build| {
        let amount = build.slot(AMOUNT);
        build.hundredth(amount)
    };
    for (effect, expected) in [(Effect::Deny, "deny p.r [division by zero]"), (Effect::Allow, "deny  [division by zero]")] {
        let mut in_source = Build::new();
        in_source.rule(effect, "p.r", |build, rule| {
            let errs = by_amount(build);
            rule.choices = vec![choice(0, errs)];
        });
        let mut in_guard = Build::new();
        in_guard.rule(effect, "p.r", |build, rule| rule.guards = vec![when(by_amount(build))]);
        let mut in_unless = Build::new();
        in_unless.rule(effect, "p.r", |build, rule| rule.unless = Some(when(by_amount(build))));
        for build in [in_source, in_guard, in_unless] {
            let engine = build.engine();
            assert_eq!(brief(&decide(&engine, "")), expected);
            assert_eq!(brief(&decide(&engine.without_index(), "")), expected);
        }
    }
}

#[test]
fn errors_in_because_and_require() {
    let with = |effect, because: bool| {
        let mut build = Build::new();
        let limit = build.obligation("limit", &["count"]);
        build.rule(effect, "p.r", |build, rule| {
            let amount = build.slot(AMOUNT);
            let errs = build.hundredth(amount);
            if because {
                rule.because = Some(errs);
            } else {
                rule.require = vec![Requirement { obligation: limit, args: vec![errs].into(), proved: false }];
                rule.because = Some(build.text("why"));
            }
        });
        let engine = build.engine();
        let decision = decide(&engine, "");
        (brief(&decision), reasons(&decision).join("|"), decision.obligations().len())
    };
    let s = String::from;
    assert_eq!(with(Effect::Deny, true), (s("deny p.r [division by zero]"), s("division by zero"), 0));
    assert_eq!(with(Effect::Review, true), (s("review p.r [division by zero]"), s("division by zero"), 0));
    assert_eq!(with(Effect::Allow, true), (s("deny  [division by zero]"), s("no rule allows this call"), 0));
    assert_eq!(with(Effect::Deny, false), (s("deny p.r [division by zero]"), s("why"), 0));
    assert_eq!(with(Effect::Review, false), (s("deny p.r [division by zero]"), s("why"), 0));
    assert_eq!(with(Effect::Allow, false), (s("deny  [division by zero]"), s("no rule allows this call"), 0));
}

#[test]
fn obligations_are_filled_by_every_matching_choice_and_each_is_there_once() {
    for effect in [Effect::Deny, Effect::Review, Effect::Allow] {
        let mut build = Build::new();
        let (notify, audit) = (build.obligation("notify", &["whom", "always"]), build.obligation("audit", &[]));
        for name in ["p.a", "p.b"] {
            build.rule(effect, name, |build, rule| {
                dividing(build, rule);
                let args = vec![build.local(0), build.text("yes")];
                rule.require = vec![
                    Requirement { obligation: notify, args: args.into(), proved: false },
                    Requirement { obligation: audit, args: [].into(), proved: false },
                ];
            });
        }
        let engine = build.engine();
        let shown = |items: &str| {
            let decision = decide(&engine, &format!("\"items\": {items}"));
            let shown = decision.obligations().map(|obligation| {
                let args: Vec<String> = obligation.args().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{}({})", obligation.name(), args.join(" "))
            });
            format!("{} {}", brief(&decision), shown.collect::<Vec<_>>().join(" "))
        };
        assert_eq!(shown("[3, 99, 1, 3]"), format!("{effect} p.a p.b [] notify(whom=3 always=yes) audit() notify(whom=1 always=yes)"));
        // Without a witness nobody can be notified, but the audit needs none.
        let expected = match effect {
            Effect::Deny => "deny p.a p.b [division by zero; division by zero] audit()",
            Effect::Review => "deny p.a p.b [division by zero; division by zero] ",
            Effect::Allow => "deny  [division by zero; division by zero] ",
        };
        assert_eq!(shown("[0]"), expected);
    }
}

#[test]
fn a_review_that_cannot_be_filled_stands_above_the_others() {
    let mut build = Build::new();
    let notify = build.obligation("notify", &["whom"]);
    build.rule(Effect::Review, "p.fine", |_, _| {});
    build.rule(Effect::Review, "p.witness", |build, rule| {
        dividing(build, rule);
        rule.require = vec![Requirement { obligation: notify, args: vec![build.local(0)].into(), proved: false }];
    });
    let engine = build.engine();
    assert_eq!(brief(&decide(&engine, r#""items": [1]"#)), "review p.fine p.witness []");
    assert_eq!(brief(&decide(&engine, r#""items": [0]"#)), "deny p.witness [division by zero]");
}

#[test]
fn the_first_error_of_each_rule_of_the_effect_or_a_stronger_one() {
    let mut build = Build::new();
    for (effect, name) in [(Effect::Deny, "p.a"), (Effect::Review, "p.b"), (Effect::Allow, "p.c"), (Effect::Allow, "p.d")] {
        build.rule(effect, name, dividing);
    }
    build.rule(Effect::Allow, "p.0", |_, _| {});
    let engine = build.engine();
    let origins = |items: &str| {
        let decision = decide(&engine, &format!("\"items\": {items}"));
        let json = decision.to_json();
        let errors = &json[json.find("\"errors\"").unwrap()..json.find(",\"policy\"").unwrap()];
        format!("{} {errors}", decision.effect())
    };
    assert_eq!(origins("[0, 0]"), r#"deny "errors":[{"rule":"p.a","message":"division by zero"}]"#);
    assert_eq!(origins("[]"), r#"allow "errors":[]"#);
}

#[test]
fn defaults() {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.never", |build, rule| rule.guards = vec![when(build.agent_is("nobody"))]);
    let amount = build.slot(AMOUNT);
    let errs = build.hundredth(amount);
    build.plan.default = Some(DefaultDecision { effect: Effect::Review, because: Some(errs), locals: 0 });
    let engine = build.engine();
    let decision = decide(&engine, r#""amount": 5"#);
    assert_eq!((brief(&decision).as_str(), reasons(&decision).as_slice()), ("review  []", ["true"].as_slice()));
    assert_eq!(decision.reasons().next().map(|reason| reason.rule), Some(""));
    assert_eq!(brief(&decide(&engine, "")), "review  [division by zero]");
}

#[test]
fn shadow_rules_take_no_part() {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.any", |_, _| {});
    for (name, effect) in [("p.z", Effect::Deny), ("p.a", Effect::Review), ("p.m", Effect::Allow)] {
        build.rule(effect, name, |build, rule| {
            dividing(build, rule);
            rule.shadow = true;
        });
    }
    let engine = build.engine();
    let shadow = |items: &str| {
        let decision = decide(&engine, &format!("\"items\": {items}"));
        assert_eq!(brief(&decision), "allow p.any []");
        let json = decision.to_json();
        json[json.find("\"shadow\"").unwrap()..json.find(",\"errors\"").unwrap()].to_string()
    };
    assert_eq!(shadow("[]"), r#""shadow":[]"#);
    assert_eq!(
        shadow("[0]"),
        r#""shadow":[{"rule":"p.a","effect":"review","text":"division by zero"},{"rule":"p.z","effect":"deny","text":"division by zero"}]"#
    );
    assert!(shadow("[2]").contains(r#"{"rule":"p.m","effect":"allow","text":"x is 2"}"#));
}

/// A score that adds 40, and the amount where the agent is `a`, within 0 and 100.
fn score(build: &mut Build, name: &str) -> Score {
    let (amount, forty) = (build.slot(AMOUNT), build.int(40));
    let (always, is_a) = (build.equal(forty, forty), build.agent_is("a"));
    let part = |amount, condition| ScorePart { amount, condition, because: None, text: "".into() };
    Score { name: name.into(), low: 0, high: 100, parts: vec![part(forty, always), part(amount, is_a)], locals: 0 }
}

#[test]
fn scores_are_clamped_and_printed_by_their_last_part() {
    let mut build = Build::new();
    let (mut broken, risk) = (score(&mut build, "p.broken"), score(&mut build, "p.risk"));
    let amount = build.slot(AMOUNT);
    broken.parts[0].condition = build.hundredth(amount);
    build.plan.scores = vec![broken, risk];
    let value = build.node(Node::Score(1));
    let fifty = build.int(50);
    build.rule(Effect::Allow, "p.low", |build, rule| rule.conditions = vec![when(build.less(value, fifty))]);
    let engine = build.engine();
    for (amount, effect, scores) in [
        ("5", "allow", r#"{"broken":45,"risk":45}"#),
        ("-100", "allow", r#"{"broken":0,"risk":0}"#),
        ("9223372036854775807", "deny", r#"{"broken":100,"risk":100}"#),
        ("0", "allow", r#"{"broken":null,"risk":40}"#),
    ] {
        let decision = decide(&engine, &format!("\"amount\": {amount}"));
        assert_eq!(decision.effect().name(), effect, "{amount}");
        assert!(decision.to_json().contains(&format!("\"scores\":{scores}")), "{}", decision.to_json());
    }
    assert!(decide(&engine, "").to_json().contains(r#""errors":[{"score":"p.broken","message":"division by zero"}]"#));
    assert_eq!(engine.evaluate("risk", request(r#""amount": 1"#).as_bytes()).unwrap().view().to_string(), "41");
}

#[test]
fn choices_nest_and_skip_what_is_absent() {
    let mut build = Build::new();
    build.rule(Effect::Deny, "p.pairs", |build, rule| {
        rule.choices = vec![choice(0, build.slot(ITEMS)), choice(1, build.slot(ITEMS))];
        let (a, b) = (build.local(0), build.local(1));
        let sum = build.node(Node::Arithmetic(Arithmetic::Add, a, b));
        let ten = build.int(10);
        rule.conditions = vec![when(build.equal(sum, ten))];
        let dash = build.text("-");
        rule.because = Some(build.node(Node::Text([a, dash, b].into())));
    });
    let engine = build.engine();
    assert_eq!(reasons(&decide(&engine, r#""items": [1, 7, 3, 9]"#)), ["1-9"]);
    assert_eq!(reasons(&decide(&engine, r#""items": [1, 2]"#)), ["no rule allows this call"]);
}

#[test]
fn steps_are_limited_and_do_not_depend_on_the_index() {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.any", |_, _| {});
    build.rule(Effect::Deny, "p.pairs", |build, rule| {
        rule.choices = vec![choice(0, build.slot(ITEMS)), choice(1, build.slot(ITEMS))];
        rule.conditions = vec![when(build.agent_is("nobody"))];
    });
    let engine = build.engine();
    let items = |count: usize| format!("\"items\": [{}]", vec!["1"; count].join(","));
    assert_eq!(brief(&decide(&engine, &items(100))), "allow p.any []");
    let limited = decide(&engine, &items(2000));
    assert_eq!(brief(&limited), "deny  [evaluation step limit exceeded]");
    assert!(limited.to_json().contains(r#""errors":[{"limit":"steps","message":"evaluation step limit exceeded"}]"#));
    let tight = engine.with_limits(tollgate_evaluator::Limits { steps: 109, ..Default::default() });
    assert_eq!(brief(&decide(&tight, &items(10))), "deny  [evaluation step limit exceeded]");
    assert_eq!(brief(&decide(&tight, &items(9))), "allow p.any []");
}
