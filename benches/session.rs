//! Time of a decision in a conversation of ever more calls, under a policy whose rules all ask about earlier calls.

use std::fmt::Write;
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Effect, Engine, Outcome, Session};

const POLICY: &str = r#"
package conversation

type Context = std.Context with { time: timestamp }
type Call = std.Call with { time: timestamp }
type Session = std.Session with { calls: list<Call> = [] }
input { agent: Agent, tool: Tool, args: json = {}, context: Context, session: Session = {} }

tool "bank/pay" { category: "transfer", args { to: string, amount: decimal, .. } }

let hour = session.calls.filter(c => c.time > context.time - 1h)
let before = session.calls.filter(c => c.time > context.time - 1h and c.time <= context.time - 1m)

deny told_to on "bank/pay" when session.calls.any(c => c.tool == "read_mail" and c.result.mentions(args.to)) because "a mail names {args.to}"
deny too_many on "bank/pay" when session.calls.count(c => c.tool == tool.name and c.effect == "allow") > 1_000_000
deny too_fast when session.calls.count(c => c.time > context.time - 1m) > 1_000
deny too_fast_here when hour.count(c => c.tool == tool.name) > 100_000
deny too_much on "bank/pay" when hour.filter(c => c.tool == "pay").sum(c => c.args.amount.as_decimal() ?? 0) + args.amount > 100_000_000
deny repeated on "bank/pay" when session.calls.any(c => c.tool == "pay" and c.args.to == args.to and c.time > context.time - 10s)
deny largest on "bank/pay" when args.amount > 10 * (session.calls.filter(c => c.tool == "pay").max(c => c.args.amount.as_decimal() ?? 0) ?? 100)
review unread on "bank/pay" when session.calls.all(c => c.tool != "read_mail")
review after_deny when hour.any(c => c.effect == "deny")
deny large_before on "bank/pay" when args.amount > 10 * (before.filter(c => c.tool == "pay").max(c => c.args.amount.as_decimal() ?? 0) ?? 100)
deny same_or_web on "bank/pay" when session.calls.count(c => c.args.to == args.to or c.server == "web" and c.tool == tool.name) > 1_000_000
deny unlike_the_first on "bank/pay" when (session.calls.find(c => c.tool == tool.name)?.server ?? "bank") != tool.server
deny unlike_the_last on "bank/pay" when (hour.filter(c => c.tool == tool.name).last()?.server ?? "bank") != tool.server
review after_web on "bank/pay" when session.calls.any(c => c.server == "web" and c.result.mentions(args.amount))
allow otherwise
"#;

fn session(criterion: &mut Criterion) {
    let engine = engine();
    let mut group = criterion.benchmark_group("session");
    group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500));
    for calls in [10, 1_000, 100_000] {
        let session = conversation(&engine, calls);
        let request = request(calls, "pay", "to-new-account");
        let effect = session.decide(request.as_bytes()).effect();
        assert_eq!(effect, Effect::Allow, "{}", session.decide(request.as_bytes()));
        group.bench_function(BenchmarkId::new("decide after calls", calls), |bencher| bencher.iter(|| session.decide(black_box(request.as_bytes()))));
    }
    for calls in [10, 1_000, 100_000] {
        let mut session = conversation(&engine, calls);
        let (request, result) = call(calls);
        let outcome = Outcome { request: request.as_bytes(), effect: Effect::Allow, result: Some(result.as_bytes()) };
        group.bench_function(BenchmarkId::new("record after calls", calls), |bencher| bencher.iter(|| session.record(black_box(outcome))));
    }
    group.finish();
}

fn engine() -> Engine {
    let set = PolicySet::check(Sources::of("conversation.toll", POLICY));
    let compiled = set.compile().unwrap_or_else(|errors| fail(&format!("{errors:#?}")));
    compiled.into_engine().unwrap_or_else(|error| fail(&error.to_string()))
}

/// A conversation of that many calls, two a second.
fn conversation(engine: &Engine, calls: u32) -> Session {
    let mut session = Session::new(engine.clone());
    for number in 0..calls {
        let (request, result) = call(number);
        let outcome = Outcome { request: request.as_bytes(), effect: Effect::Allow, result: Some(result.as_bytes()) };
        session.record(outcome).unwrap_or_else(|error| fail(&error.to_string()));
    }
    session
}

/// A call and its result.
fn call(number: u32) -> (String, String) {
    let tool = ["read_mail", "pay", "search", "list_files"].get(number as usize % 4).copied().unwrap_or("pay");
    let mut result = String::from(r#"{"items":["#);
    for word in 0..8 {
        let _ = write!(result, r#""note {} about order-{}","#, number % 97, number * 8 + word);
    }
    result.push_str("null]}");
    (request(number, tool, &format!("account-{}", number % 1_000)), result)
}

fn request(number: u32, tool: &str, to: &str) -> String {
    let second = number / 2;
    let time = format!("2026-04-{:02}T{:02}:{:02}:{:02}Z", 1 + second / 86_400, second / 3_600 % 24, second / 60 % 60, second % 60);
    let server = ["bank", "web"].get(usize::from(tool == "search")).copied().unwrap_or("bank");
    format!(
        r#"{{"agent":{{"id":"a"}},"tool":{{"name":"{tool}","server":"{server}"}},"args":{{"to":"{to}","amount":{}.25}},"context":{{"time":"{time}"}}}}"#,
        number % 500
    )
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(2)
}

criterion_group!(benches, session);
criterion_main!(benches);
