//! Sessions: what a session keeps up about its calls gives the decisions that evaluating over the whole list gives, on policies and conversations that
//! are generated.

#![cfg(test)]

use std::fmt::Write;

use tollgate_compiler::{PolicySet, Sources, diagnostic};
use tollgate_evaluator::{DataError, Effect, Engine, Limits, Outcome, Session};

const POLICIES: u64 = 250;
const TURNS: usize = 24;

const PRELUDE: &str = r#"
package p
enum Level { low < mid < high }
type Call = std.Call with { amount: decimal = 0, n: int = 1, took: duration = 1s, level: Level = "low" }
type Session = std.Session with { calls: list<Call> = [] }
input { tool: Tool, args: json = {}, context: Context = {}, session: Session = {} }
data watched: set<string> = {"pay", "mail"}
let recent = session.calls.filter(c => c.time != none and c.time >= (context.time ?? timestamp("2026-01-01T00:00:00Z")) - 10m)
let payments = session.calls.filter(c => c.tool == "pay").map(c => c.amount)
fn calls_of(name: string) = session.calls.count(c => c.tool == name)
tool "t" { args { to: string, name: string, n: int, d: decimal, at?: timestamp, any: json, names: list<string> } }
default review because "nothing"
"#;

/// Conditions and figures that a session keeps up.
const KEPT: &[&str] = &[
    r#"session.calls.any(c => c.tool == "pay")"#,
    r#"session.calls.any(c => c.tool == args.name)"#,
    r#"session.calls.all(c => c.tool != args.name)"#,
    r#"session.calls.all(c => c.tool in watched or c.effect == "deny")"#,
    r#"session.calls.count(c => c.tool in watched and c.server == args.name)"#,
    r#"session.calls.any(c => c.args.name == args.name and c.effect == "allow")"#,
    r#"session.calls.any(c => c.args.any == args.any)"#,
    r#"session.calls.any(c => c.args.n == args.n)"#,
    r#"session.calls.count(c => c.args.n == args.d)"#,
    r#"session.calls.len()"#,
    r#"session.calls.is_empty()"#,
    r#"session.calls.filter(c => c.tool == args.name).is_empty()"#,
    r#"session.calls.filter(c => c.tool == args.name).len() > args.n"#,
    r#"session.calls.sum(c => c.n)"#,
    r#"session.calls.filter(c => c.tool == args.name).sum(c => c.amount)"#,
    r#"session.calls.filter(c => c.tool == "pay").map(c => c.took).sum()"#,
    r#"session.calls.map(c => c.amount).sum() + args.d"#,
    r#"payments.sum()"#,
    r#"payments.max() ?? -1"#,
    r#"payments.filter(x => x > args.d).len()"#,
    r#"payments.any(x => x >= args.d)"#,
    r#"args.name in ["pay"] and session.calls.map(c => c.tool).contains(args.to)"#,
    r#"args.to in session.calls.map(c => c.tool) or args.n not in session.calls.map(c => c.n)"#,
    r#"session.calls.min(c => c.amount) ?? 0"#,
    r#"session.calls.filter(c => c.tool == args.name).max(c => c.n) ?? 0"#,
    r#"session.calls.filter(c => c.server == args.name).map(c => c.tool).max() ?? """#,
    r#"session.calls.filter(c => c.tool != "mail").map(c => c.level).max() ?? "low""#,
    r#"session.calls.map(c => c.time ?? timestamp("2026-01-01T00:00:00Z")).min()"#,
    r#"recent.len()"#,
    r#"recent.any(c => c.tool == args.name)"#,
    r#"recent.filter(c => c.tool == args.name).sum(c => c.amount)"#,
    r#"recent.min(c => c.amount) ?? 0"#,
    r#"recent.count(c => c.effect != "allow")"#,
    r#"context.time != none and session.calls.any(c => c.time != none and c.time > context.time - 5m and c.tool == args.name)"#,
    r#"session.calls.any(c => context.time != none and c.time != none and context.time - 5m < c.time)"#,
    r#"args.at != none and session.calls.count(c => c has time and not (c.time < args.at)) > 1"#,
    r#"args.at != none and session.calls.all(c => c.time == none or c.time <= args.at or c.tool != args.name)"#,
    r#"args.at != none and (session.calls.filter(c => c.time != none and c.time <= args.at).max(c => c.amount) ?? 0) > args.d"#,
    r#"args.at != none and session.calls.filter(c => c.time != none and c.time > args.at - 10m and c.time <= args.at).sum(c => c.n) > 5"#,
    r#"session.calls.filter(c => c.n > args.n).sum(c => c.amount)"#,
    r#"session.calls.any(c => c.result.mentions(args.to))"#,
    r#"session.calls.any(c => c.tool == "mail" and c.result.mentions(args.to))"#,
    r#"session.calls.any(c => c.server == args.name and c.result.mentions(args.to))"#,
    r#"session.calls.all(c => not c.result.mentions(args.n))"#,
    r#"args.at != none and session.calls.any(c => c.time != none and args.at - c.time < 5m)"#,
    r#"args.at != none and session.calls.count(c => c.time != none and 5m >= args.at - c.time and c.tool == args.name) > 1"#,
    r#"args.at != none and session.calls.all(c => c.time == none or c.tool != args.name or args.at - c.time > 5m)"#,
    r#"args.at != none and session.calls.filter(c => c.time != none and c.time - args.at > -5m).sum(c => c.amount) > args.d"#,
    r#"session.calls.any(c => c.result.mentions(args.d))"#,
    r#"session.calls.map(c => c.result).any(r => r.mentions(args.name))"#,
    r#"recent.any(c => c.result.mentions(args.to))"#,
    r#"session.calls.any(c => (c.args.name.as_string() ?? "").mentions(args.to))"#,
    r#"args.names.any(name => session.calls.any(c => c.tool == name))"#,
    r#"args.names.filter(name => calls_of(name) > 1).len()"#,
    r#"calls_of(args.name)"#,
    r#"session.calls.any(c => args.n > 2 and c.tool == args.name)"#,
    r#"session.calls.find(c => c.tool == args.name) != none"#,
    r#"(session.calls.find(c => c.tool == args.name)?.amount ?? 0) > args.d"#,
    r#"session.calls.filter(c => c.server == args.name).last()?.tool ?? """#,
    r#"session.calls.filter(c => c.tool == args.name)[-1]?.n ?? 0"#,
    r#"recent.filter(c => c.tool == args.name).first()?.n ?? 0"#,
    r#"recent[0]?.tool ?? """#,
    r#"recent.last()?.amount ?? 0"#,
    r#"payments.last() ?? 0"#,
    r#"payments.find(x => x > args.d) ?? 0"#,
    r#"session.calls.filter(c => c.tool == args.name).map(c => c.result).last() ?? {}"#,
    r#"session.calls.find(c => c.tool == "mail" and c.result.mentions(args.to))?.n ?? 0"#,
    r#"session.calls.filter(c => c.result.mentions(args.name)).last()?.n ?? 0"#,
    r#"args.at != none and (session.calls.filter(c => c.time != none and c.time > args.at - 10m and c.time <= args.at).min(c => c.n) ?? 0) > 2"#,
    r#"args.at != none and (session.calls.filter(c => c.time != none and c.time >= args.at - 20m and c.time < args.at - 5m).max(c => c.amount) ?? 0) > 2"#,
    r#"args.at != none and (session.calls.filter(c => c.time != none and c.time >= args.at - 20m and c.time < args.at - 5m).last()?.tool ?? "") == args.name"#,
    r#"session.calls.filter(c => c.n > args.n - 2 and c.n <= args.n).max(c => c.level) ?? "low""#,
    r#"session.calls.any(c => c.tool == args.name or c.n == args.n)"#,
    r#"session.calls.any(c => c.tool == "pay" or c.args.n == args.n)"#,
    r#"session.calls.count(c => c.tool == args.name or c.n == args.n)"#,
    r#"session.calls.count(c => (c.tool == args.name or c.n > 2 or c.server == args.name) and c.effect == "allow")"#,
    r#"session.calls.filter(c => c.tool == args.name or c.server == args.name).sum(c => c.amount)"#,
    r#"session.calls.filter(c => c.tool == args.name or c.n == args.n).max(c => c.took) ?? 0s"#,
    r#"session.calls.find(c => c.tool == args.name or c.server == args.name)?.n ?? 0"#,
    r#"session.calls.all(c => c.tool == "pay" and c.n == args.n)"#,
    r#"session.calls.all(c => c.server == args.name and c.n == args.n)"#,
    r#"session.calls.any(c => c.tool != args.name)"#,
    r#"session.calls.count(c => c.tool != args.name and c.server != args.to and c.effect == "allow")"#,
    r#"session.calls.filter(c => c.args.name != args.name).sum(c => c.n)"#,
    r#"recent.any(c => c.tool != args.name or c.n == args.n)"#,
    r#"session.calls.any(c => args.n > 2 or c.tool == args.name)"#,
    r#"session.calls.any(c => c.tool == args.name or c.result.mentions(args.to))"#,
    r#"session.calls.any(c => c.result.mentions(args.to) or c.result.mentions(args.name))"#,
    r#"args.at != none and session.calls.any(c => c.time == none or c.time > args.at)"#,
    r#"args.at != none and session.calls.count(c => c.time == none or c.time > args.at) > args.n"#,
    r#"args.at != none and session.calls.any(c => c.time != none and c.time > args.at or c.amount > args.d)"#,
];

/// What errs, where evaluating comes to it.
const ERRING: &[&str] = &[
    r#"session.calls.any(c => c.tool == args.name and c.n == 10 / args.n)"#,
    r#"session.calls.any(c => c.tool == args.name and 10 / (c.n - 3) > 1)"#,
    r#"session.calls.count(c => 10 / (c.n - 3) == args.n)"#,
    r#"session.calls.filter(c => c.tool == args.name).sum(c => c.n * 4_000_000_000_000_000_000)"#,
    r#"session.calls.filter(c => c.tool == args.name).sum(c => c.amount * 1_000_000_000_000_000_000)"#,
    r#"session.calls.filter(c => c.tool == args.name).sum(c => c.amount / 7)"#,
    r#"session.calls.any(c => c.tool == args.name or 10 / (c.n - 3) > 1)"#,
    r#"session.calls.count(c => c.tool != args.name and 10 / (c.n - 3) > 1)"#,
    r#"session.calls.any(c => c.n == 10 / args.n or c.tool == args.name)"#,
    r#"session.calls.find(c => 10 / (c.n - 3) == args.n) != none"#,
    r#"session.calls.filter(c => c.tool == args.name).map(c => 10 / (c.n - 3)).last() ?? 0"#,
];

/// Conditions and figures that are evaluated over the list, or over many calls of it, some or all of the time.
const EVALUATED: &[&str] = &[
    r#"session.calls.any(c => c.args == args.any)"#,
    r#"args.at != none and session.calls.any(c => c.time != none and c.time - args.at <= c.took)"#,
    r#"session.calls.count(c => c.result.mentions(args.to))"#,
    r#"recent.filter(c => c.tool == args.name and c.result.mentions(args.to)).len()"#,
    r#"args.at != none and session.calls.any(c => c.time != none and c.time < args.at and c.amount > args.d)"#,
    r#"args.at != none and session.calls.any(c => c.result.mentions(args.to) and c.time != none and c.time < args.at)"#,
    r#"session.calls.filter(c => c.tool != args.name).max(c => c.n) ?? 0"#,
    r#"session.calls.filter(c => c.tool == args.name).map(c => c.amount).distinct().len()"#,
    r#"(session.calls.last()?.tool ?? "") == args.name"#,
    r#"session.calls.count(c => c.result.mentions(args.to) or c.result.mentions(args.name))"#,
    r#"session.calls.sum(c => c.amount * args.d)"#,
    r#"session.calls.any(c => (c.args.name.as_string() ?? "") in args.names)"#,
];

const TOOLS: [&str; 4] = ["pay", "mail", "read", "t"];
const WORDS: [&str; 9] = ["ACME-7", "bob@example.com", "acme", "3", "pay", "Bob", "example.com", "2.5", "Straße"];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn one_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A policy that shows the value of each expression.
fn engine(expressions: &[&str]) -> Engine {
    let mut text = PRELUDE.to_owned();
    for (number, expression) in expressions.iter().enumerate() {
        let _ = write!(text, "\nreview r{number:02} on \"t\" for v in [{expression}] because \"{{v}}\"\n");
    }
    let mut sources = Sources::new();
    sources.add("p.toll", text);
    let set = PolicySet::check(sources);
    assert!(!set.has_errors(), "{}", diagnostic::render::render(set.diagnostics(), set.sources(), false));
    set.compile().unwrap().into_engine().unwrap()
}

fn time(random: &mut Random, minute: usize) -> String {
    // Further from the others than a duration is long.
    let year = if random.one_in(60) { "1600" } else { "2026" };
    format!("{year}-01-01T{:02}:{:02}:{:02}Z", minute / 60, minute % 60, random.pick(&[0, 0, 30]))
}

/// What a conversation's turn is about.
struct Turn {
    /// The request, without a session.
    request: String,
    /// The tool's result.
    result: String,
    effect: Effect,
    /// The call as `session.calls` has it.
    call: String,
}

fn turn(random: &mut Random, minute: usize) -> Turn {
    let minute = if random.one_in(4) { random.below(60) } else { minute };
    let (tool, server) = (random.pick(&TOOLS), random.pick(&["", "", "pay", "crm"]));
    let when = time(random, minute);
    let context = if random.one_in(5) { "{}".to_owned() } else { format!(r#"{{"time":"{when}"}}"#) };
    let any = random.pick(&["null", "1", "1.0", "2.50", "\"pay\"", "[1]", "{\"n\": 3}", "true"]);
    let (n, name) = (random.below(5), random.pick(&["pay", "mail", "read", "crm"]));
    let args = if tool == "t" {
        let at = if random.one_in(4) {
            String::new()
        } else {
            let minute = random.below(60);
            format!(r#""at":"{}","#, time(random, minute))
        };
        format!(
            r#"{{"to":"{}","name":"{name}","n":{n},"d":{},{at}"any":{any},"names":["{}","{}"]}}"#,
            random.pick(&WORDS),
            random.pick(&["2.5", "0", "1.0", "3", "-1.25"]),
            random.pick(&TOOLS),
            random.pick(&TOOLS)
        )
    } else if random.one_in(3) {
        "{}".to_owned()
    } else {
        format!(r#"{{"name":"{}","n":{n},"any":{any}}}"#, random.pick(&["pay", "mail", "mail to bob@example.com", "x"]))
    };
    let result = match random.below(4) {
        0 => "{}".to_owned(),
        1 => format!(r#"["{}", {{"x": "to {}, {}."}}, {n}]"#, random.pick(&WORDS), random.pick(&WORDS), random.pick(&WORDS)),
        2 => format!(r#""{} {}_{}""#, random.pick(&WORDS), random.pick(&WORDS), random.pick(&WORDS)),
        _ => random.pick(&["2.5", "3", "null", "{\"k\": 2.50}"]).to_owned(),
    };
    let effect = random.pick(&[Effect::Allow, Effect::Allow, Effect::Review, Effect::Deny]);
    let timed = if context == "{}" { String::new() } else { format!(r#","time":"{when}""#) };
    Turn {
        request: format!(r#"{{"tool":{{"name":"{tool}","server":"{server}"}},"args":{args},"context":{context}"#),
        call: format!(r#"{{"tool":"{tool}","server":"{server}","args":{args},"result":{result},"effect":"{}"{timed}"#, effect.name()),
        result,
        effect,
    }
}

/// What a call has that only the session's opening can tell.
fn facts(random: &mut Random) -> String {
    format!(
        r#","amount":{},"n":{},"took":"{}s","level":"{}""#,
        random.pick(&["1.50", "0.05", "12", "-3.1", "9999999999999999999999999.5"]),
        random.pick(&["1", "2", "3", "4", "-1"]),
        random.below(4),
        random.pick(&["low", "mid", "high"])
    )
}

struct Conversation {
    engine: Engine,
    session: Session,
    calls: Vec<String>,
}

impl Conversation {
    /// Begins with some calls.
    fn open(engine: &Engine, random: &mut Random) -> Conversation {
        let mut calls = Vec::new();
        for minute in 0..random.below(12) {
            calls.push(format!("{}{}}}", turn(random, minute).call, facts(random)));
        }
        let session = Session::open(engine.clone(), format!(r#"{{"calls":[{}]}}"#, calls.join(",")).as_bytes()).unwrap();
        Conversation { engine: engine.clone(), session, calls }
    }

    fn record(&mut self, turn: &Turn) -> Result<(), DataError> {
        let request = format!("{}}}", turn.request);
        self.calls.push(format!("{}}}", turn.call));
        self.session.record(Outcome { request: request.as_bytes(), effect: turn.effect, result: Some(turn.result.as_bytes()) })
    }

    fn assert_equal(&self, request: &str) {
        let kept_up = self.session.decide(format!("{request}}}").as_bytes());
        let whole = self.engine.decide(format!(r#"{request},"session":{{"calls":[{}]}}}}"#, self.calls.join(",")).as_bytes());
        assert_eq!(kept_up.to_json(), whole.to_json(), "{request}}} after {:#?}", self.calls);
    }
}

#[test]
fn what_is_kept_up_is_what_evaluating_gives() {
    let (mut pairs, mut errors) = (0, 0);
    for seed in 1..=POLICIES {
        let mut random = Random(seed);
        let mut expressions: Vec<&str> = (0..7).map(|_| random.pick(KEPT)).collect();
        expressions.extend([random.pick(ERRING), random.pick(EVALUATED)]);
        let engine = engine(&expressions);
        let mut conversation = Conversation::open(&engine, &mut random);
        for minute in 0..TURNS {
            let asked = loop {
                let turn = turn(&mut random, minute);
                if turn.request.contains(r#""names""#) {
                    break turn;
                }
            };
            conversation.assert_equal(&asked.request);
            errors += usize::from(conversation.session.decide(format!("{}}}", asked.request).as_bytes()).errors().len() > 0);
            pairs += 1;
            let turn = turn(&mut random, minute);
            conversation.record(&turn).unwrap();
            if random.one_in(12) {
                engine.set_data("watched", random.pick(&[r#"["read"]"#, "[]", r#"["pay", "t"]"#])).unwrap();
            }
        }
    }
    assert!(pairs >= 5_000 && errors * 20 > pairs && errors * 2 < pairs, "{errors} errors in {pairs} pairs");
}

#[test]
fn a_long_conversation_costs_no_steps() {
    let few = Limits { steps: 300, ..Limits::default() };
    let mut random = Random(7);
    let (mut calls, mut asked) = (Vec::new(), Vec::new());
    for minute in 0..1_500 {
        let turn = turn(&mut random, minute % 60);
        calls.push(format!("{},\"amount\":1.5}}", turn.call));
        if turn.request.contains(r#""names""#) && asked.len() < 20 {
            asked.push(turn.request);
        }
    }
    let near = |text: &str| text.replace("1600-", "2026-");
    let calls = near(&format!(r#"{{"calls":[{}]}}"#, calls.join(",")));
    let ends = |expression: &str| {
        let engine = engine(&[expression]).with_limits(few);
        let session = Session::open(engine, calls.as_bytes()).unwrap();
        asked.iter().all(|request| {
            let decision = session.decide(near(&format!("{request}}}")).as_bytes());
            !decision.errors().any(|error| error.message.contains("step"))
        })
    };
    let slow: Vec<&str> = KEPT.iter().copied().filter(|expression| !ends(expression)).collect();
    assert_eq!(slow, [""; 0]);
    assert!(!EVALUATED.iter().all(|expression| ends(expression)));
}
