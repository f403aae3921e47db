//! Workloads for the benchmarks, the same on every machine.
//!
//! [`policy`] writes a gateway's policy with any number of rules over a fifth as many tools, and [`requests`] writes calls for it: mostly of
//! declared tools, each of about 1 KB. Rules have one to four conditions on the caller's role, the tool's category, the environment and the
//! arguments; one in twenty is about every tool.

mod calls;
mod families;
mod random;

use std::fmt::Write;

pub use calls::{Text, call};
pub use families::Family;
use random::Random;
use tollgate_compiler::Sources;

const CATEGORIES: [&str; 6] = ["read", "write", "delete", "transfer", "publish", "execute"];
const DATA_TYPES: [&str; 5] = ["public", "internal", "sensitive", "pii", "secret"];
const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];
const ROLES: u64 = 20;
const DOMAINS: u64 = 50;
const SIZES: [u64; 4] = [100, 1_000, 10_000, 100_000];

/// Where a file ends and the next begins, in bytes.
const FILE: usize = 1 << 20;

/// A policy of that many rules, in files of about a megabyte.
pub fn policy(rules: u64) -> Sources {
    let mut files = Files::default();
    let mut random = Random::new(21);
    for tool in 0..tools(rules) {
        let category = random.pick(&CATEGORIES);
        let _ = write!(
            files.next(),
            "\ntool \"{}\" {{\n  category: \"{category}\"\n  args {{ data_type: string, size: int, recipient: string, .. }}\n}}\n",
            tool_name(tool)
        );
    }
    let mut random = Random::new(22);
    for rule in 0..rules {
        write_rule(files.next(), rule, tools(rules), &mut random);
    }
    files.finish()
}

/// Files of one package being written.
#[derive(Default)]
struct Files {
    written: Vec<String>,
    current: String,
}

impl Files {
    /// Where the next item is written.
    fn next(&mut self) -> &mut String {
        if self.current.len() > FILE {
            self.written.push(std::mem::take(&mut self.current));
        }
        if self.current.is_empty() {
            self.current.push_str("package generated\n");
        }
        &mut self.current
    }

    fn finish(mut self) -> Sources {
        self.written.push(self.current);
        let mut sources = Sources::new();
        for (number, text) in self.written.into_iter().enumerate() {
            sources.add(format!("generated_{number:03}.toll"), text);
        }
        sources
    }
}

/// That many requests for [`policy`] of that many rules, each one line of JSON.
pub fn requests(rules: u64, count: u64) -> Vec<String> {
    let mut random = Random::new(23);
    (0..count).map(|_| request(rules, &mut random)).collect()
}

fn tools(rules: u64) -> u64 {
    (rules / 5).max(1)
}

fn tool_name(tool: u64) -> String {
    format!("server_{:02}/tool_{tool:06}", tool % 20)
}

fn write_rule(out: &mut String, rule: u64, tools: u64, random: &mut Random) {
    let effect = match random.below(100) {
        0..70 => "allow",
        70..90 => "review",
        _ => "deny",
    };
    let everywhere = random.below(20) == 0;
    let _ = write!(out, "\n{effect} r{rule:06}\n");
    if !everywhere {
        let number = *random.pick(&[1, 1, 1, 2, 2, 3]);
        let names: Vec<String> = (0..number).map(|_| format!("\"{}\"", tool_name(random.below(tools)))).collect();
        let _ = writeln!(out, "  on {}", names.join(", "));
    }
    let conditions = conditions(everywhere, random);
    let _ = writeln!(out, "  when {}", conditions.join("\n    and "));
}

/// One to four conditions. A rule about every tool reads no arguments and is bound to one role, as such rules are in practice.
fn conditions(everywhere: bool, random: &mut Random) -> Vec<String> {
    let number = 1 + random.below(4);
    let mut kinds: Vec<u64> = if everywhere { vec![0, 4] } else { Vec::new() };
    while u64::try_from(kinds.len()).unwrap_or(u64::MAX) < number {
        let kind = random.below(if everywhere { 4 } else { 7 });
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds.into_iter().map(|kind| condition(kind, random)).collect()
}

fn condition(kind: u64, random: &mut Random) -> String {
    match kind {
        0 => format!("agent.role == \"{}\"", role(random)),
        1 => format!("agent.role != \"{}\"", role(random)),
        2 => format!("context.environment == \"{}\"", random.pick(&ENVIRONMENTS)),
        3 => format!("tool.category in {{\"{}\", \"{}\"}}", random.pick(&CATEGORIES), random.pick(&CATEGORIES)),
        4 => format!("agent.team == \"team_{:02}\"", random.below(30)),
        5 if random.below(2) == 0 => format!("args.data_type == \"{}\"", random.pick(&DATA_TYPES)),
        5 => format!("args.size > {}", random.pick(&SIZES)),
        _ => format!("args.recipient.ends_with(\"{}\")", domain(random)),
    }
}

fn role(random: &mut Random) -> String {
    format!("role_{:02}", random.below(ROLES))
}

fn domain(random: &mut Random) -> String {
    format!("@domain-{:02}.example", random.below(DOMAINS))
}

fn request(rules: u64, random: &mut Random) -> String {
    let known = random.below(20) > 0;
    let tool = if known { tool_name(random.below(tools(rules))) } else { format!("server_00/unknown_{:04}", random.below(1_000)) };
    let (server, name) = tool.split_once('/').unwrap_or_default();
    format!(
        concat!(
            r#"{{"agent":{{"id":"agent-{:05}","role":"{}","team":"team_{:02}"}},"user":{{"id":"user-{:05}","groups":["group_{:02}","staff"]}},"#,
            r#""tool":{{"server":"{}","name":"{}"}},"#,
            r#""args":{{"data_type":"{}","size":{},"recipient":"contact.{:04}{}","subject":"{}","format":"json","priority":2,"body":"{}"}},"#,
            r#""context":{{"time":"2026-11-{:02}T10:15:00Z","environment":"{}","trace_id":"{:032x}","source_ip":"10.0.{}.{}"}}}}"#
        ),
        random.below(10_000),
        role(random),
        random.below(30),
        random.below(5_000),
        random.below(12),
        server,
        name,
        random.pick(&DATA_TYPES),
        10_u64.pow(u32::try_from(random.below(6)).unwrap_or(0)) + random.below(100),
        random.below(10_000),
        domain(random),
        text(random, 60),
        text(random, 400),
        1 + random.below(28),
        random.pick(&ENVIRONMENTS),
        random.next(),
        random.below(256),
        random.below(256),
    )
}

/// Words with an escaped quote and line end here and there, as JSON has them in real mail.
fn text(random: &mut Random, length: usize) -> String {
    text_of(random, length, true)
}

fn text_of(random: &mut Random, length: usize, escapes: bool) -> String {
    const WORDS: [&str; 10] = ["report", "please", "the", "account", "of", "customer", r#"\"quoted\""#, r"\n", "renewal", "before"];
    let mut out = String::new();
    while out.len() < length {
        let word = random.pick::<&str>(&WORDS);
        if escapes || !word.starts_with('\\') {
            out.push_str(word);
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_compiles_and_requests_are_about_1_kb() {
        let compiled = tollgate_compiler::PolicySet::check(policy(200)).compile();
        let engine = compiled.unwrap().into_engine().unwrap();
        let mut effects = [0, 0, 0];
        for request in requests(200, 200) {
            assert!((800..1_200).contains(&request.len()), "{}: {request}", request.len());
            let decision = engine.decide(request.as_bytes());
            assert!(decision.errors().len() == 0, "{decision}");
            effects[decision.effect() as usize] += 1;
        }
        assert!(effects.iter().all(|number| *number > 5), "{effects:?}");
    }

    #[test]
    fn workloads_are_the_same_every_time() {
        assert_eq!(format!("{:?}", policy(50)), format!("{:?}", policy(50)));
        assert_eq!(requests(50, 5), requests(50, 5));
    }
}
