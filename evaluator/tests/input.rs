//! What fits the input's types and what does not, and how that is said.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

mod support;

use support::*;
use tollgate_evaluator::plan::*;
use tollgate_evaluator::{Effect, Engine, Kept as Value, Limits, Origin};

/// Allows everything that fits.
fn permissive() -> Build {
    let mut build = Build::new();
    build.rule(Effect::Allow, "p.any", |_, _| {});
    build
}

/// The path and message of the request's misfit; `fits` where there is none.
fn misfit(engine: &Engine, request: &str) -> String {
    let decision = engine.decide(request.as_bytes());
    match decision.errors().collect::<Vec<_>>().as_slice() {
        [] => {
            assert_eq!(decision.effect(), Effect::Allow);
            "fits".into()
        }
        [problem] => {
            assert_eq!(decision.effect(), Effect::Deny);
            assert_eq!(decision.rules().len(), 0);
            match &problem.origin {
                Origin::Path(path) => format!("{path}: {}", problem.message),
                other => format!("{other:?}: {}", problem.message),
            }
        }
        several => panic!("{several:?}"),
    }
}

#[test]
fn strict_json_of_the_declared_types() {
    let engine = permissive().engine();
    for (fields, expected) in [
        ("", "fits"),
        (r#""amount": 1.0"#, "fits"),
        (r#""amount": 1e3"#, "fits"),
        (r#""amount": null"#, "fits"),
        (r#""amount": 1.5"#, "amount: expected `int`, got number `1.5`"),
        (r#""amount": 9223372036854775808"#, "amount: expected `int`, got number `9223372036854775808`"),
        (r#""amount": "abc""#, "amount: expected `int`, got string `\"abc\"`"),
        (r#""amount": {}"#, "amount: expected `int`, got an object"),
        (r#""amount": {"a" 1}"#, "amount: expected `:`, got `1`"),
        (r#""amount": tru"#, "amount: expected a JSON value, got `t`"),
        (r#""agent": null"#, "fits"),
        (r#""agent": true"#, "agent: expected `string`, got bool `true`"),
        (r#""items": [1, 2, "x"]"#, "items[2]: expected `int`, got string `\"x\"`"),
        (r#""items": [1, 2,]"#, "items[2]: expected a JSON value, got `]`"),
        (r#""items": [1 2]"#, "items: expected `,` or `]`, got `2`"),
        (r#""session": {"calls": [{"args": 1}]}"#, "session.calls[0].tool: expected `string`, got nothing"),
        (
            r#""session": {"calls": [{"tool": "a", "effect": "no"}]}"#,
            "session.calls[0].effect: expected `\"allow\" | \"review\" | \"deny\"`, got string `\"no\"`",
        ),
        (
            r#""session": {"calls": [{"tool": "a", "args": {"x-id": [1, {"b": 1, "b": 2}]}}]}"#,
            "session.calls[0].args.\"x-id\"[1].b: expected each key once, got it twice",
        ),
        (r#""args": {"a": 1, "a": 2}"#, "args.a: expected each key once, got it twice"),
        (r#""args": {"a": 1, "\u0061": 2}"#, "args.a: expected each key once, got it twice"),
        (r#""agent": "a", "agent": "b""#, "agent: expected each key once, got it twice"),
        (r#""agent": "a", "\u0061gent": "b""#, "agent: expected each key once, got it twice"),
        (r#""args": "\ud800""#, "args: expected a pair of surrogates, got the lone surrogate `\\ud800`"),
        (r#""args": "\ud83d\ude00 \" \\ \/ \b\f\n\r\t""#, "fits"),
        (r#""args": 1e400"#, "args: expected a number of at most 28 digits, got number `1e400`"),
        (r#""args": 0.12345678901234567890123456789"#, "args: expected a number of at most 28 digits, got number `0.12345678901234567890123456789`"),
        (r#""args": 01"#, "expected `,` or `}`, got `1`"),
        (r#""args": .5"#, "args: expected a JSON value, got `.`"),
        (r#""args": nul"#, "args: expected a JSON value, got `n`"),
        (r#""args": NaN"#, "args: expected a JSON value, got `N`"),
        ("\"args\": \"a\u{1}b\"", "args: expected a character of a string, got `\\u{1}`"),
        (r#""other": {"a": 1, "a": "\ud800", "b": 1e999}, "more": [[], {}, [{"x": [1, "y"]}], null, true, -0.5]"#, "fits"),
        (r#""other": {"a": }"#, "other: expected a JSON value, got `}`"),
        (r#""other": [1, {"a": [}]"#, "other: expected a JSON value, got `}`"),
    ] {
        let got = misfit(&engine, &request(fields));
        let got = got.split(" at byte").next().unwrap().trim_start_matches(": ");
        assert_eq!(got, expected, "{fields}");
    }
    for (text, expected) in [
        ("", ": expected a JSON value, got the end of the text"),
        ("[]", ": expected `input`, got an array"),
        ("{}", "tool: expected `Tool`, got nothing"),
        (r#"{"tool": {"name": "pay"}} x"#, ": expected the end of the text, got `x`"),
        (r#"{"tool": {"name": "pay"}"#, ": expected `,` or `}`, got the end of the text"),
        ("\u{feff}{}", ": expected JSON, got a byte order mark"),
    ] {
        assert_eq!(misfit(&engine, text).split(" at byte").next().unwrap(), expected, "{text}");
    }
    assert_eq!(engine.decide(b"{\"tool\": {\"name\": \"p\xff\"}}").errors().next().unwrap().message, "expected UTF-8, got other bytes at byte 20");
}

#[test]
fn long_texts_are_cut_in_messages() {
    let engine = permissive().engine();
    let message = misfit(&engine, &request(&format!(r#""amount": "{}""#, "secret".repeat(1000))));
    assert!(message.len() < 100, "{message}");
}

#[test]
fn limits() {
    let engine = permissive().engine();
    let nested = |levels: usize, open: &str, close: &str| request(&format!(r#""args": {}1{}"#, open.repeat(levels), close.repeat(levels)));
    assert_eq!(misfit(&engine, &nested(63, "[", "]")), "fits");
    assert!(misfit(&engine, &nested(64, "[", "]")).contains("nesting limit exceeded: more than 64 levels"));
    assert!(misfit(&engine, &nested(100_000, "[", "]")).contains("nesting limit exceeded"));
    assert!(misfit(&engine, &nested(100_000, "{\"a\":", "}")).contains("nesting limit exceeded"));
    assert!(misfit(&engine, &nested(100_000, "[", "]").replace("args", "other")).contains("nesting limit exceeded"));
    let small = engine.clone().with_limits(Limits { input_bytes: 100, ..Limits::default() });
    assert_eq!(misfit(&small, &request(&" ".repeat(100))), "Limit(\"input_bytes\"): size limit exceeded: 127 bytes, 100 are allowed");
    let deep = engine.with_limits(Limits { depth: 1_000_000, ..Limits::default() });
    assert_eq!(misfit(&deep, &nested(255, "[", "]")), "fits");
    assert!(misfit(&deep, &nested(256, "[", "]")).contains("nesting limit exceeded"));
}

fn declared(name: &str, server: Option<&str>, args: Option<ArgsLayout>) -> Tool {
    Tool { server: server.map(Text::from), name: name.into(), declaration: Some(Declaration { facts: vec![0; 8], args }) }
}

#[test]
fn tool_names() {
    let mut build = permissive();
    build.plan.tools = vec![declared("Pay", None, None), declared("export", Some("crm"), None), declared("pay", None, None)];
    let engine = build.engine();
    for (tool, expected) in [
        (r#"{"name": "pay"}"#, "fits"),
        (r#"{"name": "Pay"}"#, "fits"),
        (r#"{"name": "PAY"}"#, "tool.name: expected the declared name, got `PAY`, which differs from it in case"),
        (r#"{"name": "unknown.tool-1"}"#, "fits"),
        (r#"{"name": ""}"#, "tool.name: expected 1 to 128 of the characters `A-Za-z0-9_.-`, got `\"\"`"),
        (r#"{"name": "a/b"}"#, "tool.name: expected 1 to 128 of the characters `A-Za-z0-9_.-`, got `\"a/b\"`"),
        (r#"{"name": "päy"}"#, "tool.name: expected 1 to 128 of the characters `A-Za-z0-9_.-`, got `\"päy\"`"),
        (r#"{"name": "export", "server": "crm"}"#, "fits"),
        (r#"{"name": "export", "server": "other"}"#, "fits"),
        (r#"{"name": "export"}"#, "tool.server: expected a server, since the policy names `crm/export`, got none"),
        (r#"{"name": "Export", "server": "crm"}"#, "tool.name: expected the declared name, got `Export`, which differs from it in case"),
    ] {
        assert_eq!(misfit(&engine, &format!(r#"{{"tool": {tool}}}"#)), expected, "{tool}");
    }
    let long = "a".repeat(129);
    assert!(misfit(&engine, &format!(r#"{{"tool": {{"name": "{long}"}}}}"#)).starts_with("tool.name: expected 1 to 128"));
}

/// A tool `pay` with `args { to: string, rows: int where rows >= 0, note?: string }`, kept in the slots from [`DECLARED`] on, whole in the one after.
fn with_arguments(mut build: Build) -> Build {
    let ty = build.record("args of `pay`", &[("to", STR, Presence::Required), ("rows", INT, Presence::Required), ("note", STR, Presence::Optional)]);
    let (rows, zero) = (build.local(1), build.int(0));
    let node = build.node(Node::Order(Order::GreaterOrEqual, rows, zero));
    if let TypeNode::Record { fields, closed, .. } = &mut build.plan.types[usize::try_from(ty).unwrap()] {
        *closed = true;
        fields[1].refinement = Some(Refinement { node, locals: 3, text: "rows >= 0".into() });
    }
    let keep = |field| Kept { field, slot: Some(DECLARED + field), inner: Layout::default() };
    let args = ArgsLayout { ty, whole: Some(DECLARED + 3), keep: Layout { fields: (0..3).map(keep).collect() } };
    build.plan.tools = vec![declared("pay", None, Some(args))];
    build.plan.input.slots += 4;
    build
}

#[test]
fn declared_arguments() {
    // Where the request's own `args` are not kept, they are read once.
    for is_kept in [true, false] {
        let mut build = with_arguments(permissive());
        if !is_kept {
            build.plan.input.keep.fields.retain(|kept| kept.slot != Some(ARGS));
        }
        check_declared_arguments(build);
    }
}

fn check_declared_arguments(mut build: Build) {
    let slots: Vec<NodeId> = (DECLARED..DECLARED + 4).map(|slot| build.slot(slot)).collect();
    let all = build.node(Node::List(slots.into()));
    build.query(all);
    let engine = build.engine();
    for (args, expected) in [
        (r#""args": {"to": "x", "rows": 1}"#, "fits"),
        (r#""args": {"to": "x", "rows": 1, "note": null}"#, "fits"),
        (r#""args": {"to": "x", "rows": -1}"#, "args.rows: expected `int where rows >= 0`, got `-1`"),
        (r#""args": {"to": "x"}"#, "args.rows: expected `int`, got nothing"),
        (r#""args": {"to": "x", "rows": 1, "toto": 2}"#, "args.toto: expected a field among `to`, `rows`, `note`, got `toto`"),
        (r#""args": null"#, "args.to: expected `string`, got nothing"),
        (r#""args": []"#, "args: expected `args of `pay``, got an array"),
        ("", "args.to: expected `string`, got nothing"),
        (r#""args": {"to": "x", "rows": 1, "rows": 1}"#, "args.rows: expected each key once, got it twice"),
        (r#""args": {"to": "x", "rows": 1}, "args": {}"#, "args: expected each key once, got it twice"),
        (r#""args": {"to": "\ud800", "rows": 1}"#, "args.to: expected a pair of surrogates, got the lone surrogate `\\ud800`"),
    ] {
        assert_eq!(misfit(&engine, &request(args)), expected, "{args}");
    }
    // The arguments may come before the tool.
    let text = r#"{"args": {"rows": 2, "to": "x\ny"}, "tool": {"name": "pay"}}"#;
    assert_eq!(misfit(&engine, text), "fits");
    let Value::List(kept) = engine.query(0, &[], Some(text.as_bytes())).unwrap() else { panic!() };
    let shown: Vec<String> = kept.iter().map(|value| value.view().to_string()).collect();
    assert_eq!(shown, ["x\ny", "2", "none", "{to: x\ny, rows: 2}"]);
    assert_eq!(
        misfit(&engine, r#"{"args": {"rows": 2, "rows": 3, "to": "x"}, "tool": {"name": "other"}}"#),
        "args.rows: expected each key once, got it twice"
    );
    assert_eq!(misfit(&engine, r#"{"args": {"anything": 1}, "tool": {"name": "other"}}"#), "fits");
}

#[test]
fn every_scalar_type() {
    let mut build = permissive();
    let enumerated = TypeNode::Enum { name: "Risk".into(), variants: ["low", "high"].map(Text::from).to_vec(), ordered: true };
    let types = [TypeNode::Bool, TypeNode::Decimal, TypeNode::Duration, TypeNode::Timestamp, TypeNode::Ip, TypeNode::Cidr, enumerated];
    for (place, ty) in types.into_iter().enumerate() {
        let ty = build.ty(ty);
        build.plan.data.push(Data { name: format!("p.d{place}").into(), ty, default: None });
        let node = build.node(Node::Data(u32::try_from(place).unwrap()));
        build.query(node);
    }
    let set = build.ty(TypeNode::Set(INT));
    let map = build.ty(TypeNode::Map(set));
    let optional = build.ty(TypeNode::Optional(map));
    build.plan.data.push(Data { name: "p.d7".into(), ty: optional, default: None });
    let node = build.node(Node::Data(7));
    build.query(node);
    let engine = build.engine();
    let show = |place: usize, json: &str| {
        let fork = engine.fork();
        for (other, fits) in ["true", "1", "\"1s\"", "\"2026-01-01T00:00:00Z\"", "\"::1\"", "\"::/0\"", "\"low\"", "null"].iter().enumerate() {
            fork.set_data(&format!("d{other}"), fits).unwrap();
        }
        match fork.set_data(&format!("p.d{place}"), json) {
            Ok(()) => fork.query(place, &[], None).unwrap().view().to_string(),
            Err(error) => error.to_string(),
        }
    };
    for (place, json, expected) in [
        (0, "true", "true"),
        (0, "\"true\"", "data `p.d0`: expected `bool`, got string `\"true\"`"),
        (1, "1.50", "1.5"),
        (1, "\"-1e2\"", "-100"),
        (1, "\"x\"", "data `p.d1`: expected `decimal`, got string `\"x\"`"),
        (1, "1e99", "data `p.d1`: expected `decimal`, got number `1e99`"),
        (2, "\"PT36H\"", "1d12h"),
        (2, "5", "data `p.d2`: expected `duration`, got number `5`"),
        (3, "\"2026-04-04T04:45:12+02:00\"", "2026-04-04T02:45:12Z"),
        (3, "\"2026-04-04\"", "data `p.d3`: expected `timestamp`, got string `\"2026-04-04\"`"),
        (4, "\"::ffff:10.0.0.1\"", "10.0.0.1"),
        (5, "\"10.1.2.3/8\"", "10.0.0.0/8"),
        (6, "\"high\"", "high"),
        (6, "\"HIGH\"", "data `p.d6`: expected `Risk`, got string `\"HIGH\"`"),
        (7, "null", "none"),
        (7, r#"{"b": [3, 1, 3, 2], "a": []}"#, "{a: , b: 1, 2, 3}"),
        (7, r#"{"b": [], "b": []}"#, "data `p.d7`, at `b`: expected each key once, got it twice"),
        (7, r#"{"b": [1.5]}"#, "data `p.d7`, at `b[0]`: expected `int`, got number `1.5`"),
        (7, "{} x", "data `p.d7`: expected the end of the text, got `x` at byte 3"),
    ] {
        assert_eq!(show(place, json), expected, "{json}");
    }
}
