//! Tollgate: a rule a rule. What the request brings is declared, either the fields that rules read or all of them; a tool's category stands in its
//! declaration.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{elements, quoted};
use crate::{Case, Condition, Rule, Test, Workload, tools};

/// Which fields of the request the policy declares. What is declared is checked in every decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared {
    /// Those that rules read.
    Needed,
    /// All.
    Everything,
}

/// A policy set: files and their texts.
pub type Files = Vec<(String, String)>;

/// Where a file ends and the next begins, in bytes.
const FILE: usize = 1 << 20;

/// The policy of a workload.
pub fn policy(workload: Workload, case: &Case, declared: Declared) -> Files {
    match workload {
        Workload::Registry => vec![file("registry", include_str!("../../policies/registry.toll"))],
        Workload::Single => {
            let input = match declared {
                Declared::Needed => include_str!("../../policies/single_needed.toll"),
                Declared::Everything => include_str!("../../policies/single_everything.toll"),
            };
            vec![file("input", input), file("single", include_str!("../../policies/single.toll"))]
        }
        Workload::Gateway | Workload::Prefix | Workload::Range | Workload::Identity => generated(workload, &case.rules, declared),
    }
}

fn file(name: &str, text: &str) -> (String, String) {
    (format!("{name}.toll"), text.to_owned())
}

/// A policy set without its reasons.
pub fn without_reasons(files: Files) -> Files {
    let strip = |text: String| text.lines().filter(|line| !line.trim_start().starts_with("because")).map(|line| format!("{line}\n")).collect();
    files.into_iter().map(|(name, text)| (name, strip(text))).collect()
}

fn generated(workload: Workload, rules: &[Rule], declared: Declared) -> Files {
    let mut out = Writer::default();
    out.item(&input(&fields(workload, rules, declared), rules));
    if workload == Workload::Gateway {
        for tool in tools(rules.len()) {
            out.item(&format!("tool {} {{ category: {} }}", quoted(&tool.name), quoted(tool.category)));
        }
    }
    for each in rules {
        out.item(&rule(each));
    }
    out.finish()
}

/// Items that are written to files of about a megabyte.
#[derive(Default)]
struct Writer {
    files: Files,
    text: String,
}

impl Writer {
    fn item(&mut self, item: &str) {
        if self.text.is_empty() {
            self.text.push_str("package gateway\n");
        }
        self.text.extend(["\n", item, "\n"]);
        if self.text.len() > FILE {
            self.close();
        }
    }

    fn close(&mut self) {
        let name = format!("gateway_{:04}", self.files.len());
        self.files.push(file(&name, &std::mem::take(&mut self.text)));
    }

    fn finish(mut self) -> Files {
        self.close();
        self.files
    }
}

/// A field's path and its type.
type Field = (String, &'static str);

fn fields(workload: Workload, rules: &[Rule], declared: Declared) -> Vec<Field> {
    match declared {
        Declared::Needed => {
            let read = rules.iter().flat_map(|rule| &rule.conditions).map(|condition| (condition.attribute.clone(), field_type(&condition.test)));
            read.collect::<BTreeMap<_, _>>().into_iter().collect()
        }
        Declared::Everything => {
            let own = if workload == Workload::Gateway { GATEWAY_ARGS } else { FAMILY_ARGS };
            COMMON.iter().chain(own).map(|(path, ty)| (path.to_string(), *ty)).collect()
        }
    }
}

fn field_type(test: &Test) -> &'static str {
    match test {
        Test::Above(_) | Test::AtLeast(_) | Test::Below(_) => "int",
        _ => "string",
    }
}

const COMMON: &[(&str, &str)] = &[
    ("agent.id", "string"),
    ("agent.role", "string"),
    ("agent.team", "string"),
    ("user.id", "string"),
    ("user.groups", "list<string>"),
    ("tool.name", "string"),
    ("context.time", "string"),
    ("context.environment", "string"),
    ("context.trace_id", "string"),
    ("context.session_id", "string"),
    ("context.source_ip", "string"),
    ("args.subject", "string"),
    ("args.body", "string"),
];
const GATEWAY_ARGS: &[(&str, &str)] =
    &[("args.data_type", "string"), ("args.size", "int"), ("args.recipient", "string"), ("args.format", "string"), ("args.priority", "int")];
const FAMILY_ARGS: &[(&str, &str)] = &[("args.target", "string"), ("args.amount", "int")];

/// The declaration of the request: a type for each object in it. The tool has the standard one, a name and a server.
fn input(fields: &[Field], rules: &[Rule]) -> String {
    let mut objects: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, ty) in fields {
        let (object, field) = path.split_once('.').expect("every field is in an object");
        objects.entry(object).or_default().push(format!("{field}: {ty}"));
    }
    if rules.iter().any(|rule| !rule.tools.is_empty()) {
        objects.entry("tool").or_default();
    }
    let mut types = String::new();
    let mut input = String::from("input {\n");
    for (object, fields) in objects {
        let name = capitalised(object);
        if object != "tool" {
            let _ = writeln!(types, "type {name} {{ {} }}\n", fields.join(", "));
        }
        let _ = writeln!(input, "  {object}: {name}");
    }
    types + &input + "}"
}

fn capitalised(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    first.to_uppercase() + rest
}

fn rule(rule: &Rule) -> String {
    let mut out = format!("{} {}\n", rule.effect.name(), rule.id);
    if !rule.tools.is_empty() {
        let _ = writeln!(out, "  on {}", elements(&rule.tools));
    }
    let conditions: Vec<String> = rule.conditions.iter().map(condition).collect();
    out + "  when " + &conditions.join(" and ")
}

fn condition(condition: &Condition) -> String {
    let field = &condition.attribute;
    match &condition.test {
        Test::Equals(text) => format!("{field} == {}", quoted(text)),
        Test::Differs(text) => format!("{field} != {}", quoted(text)),
        Test::OneOf(texts) => format!("{field} in {{{}}}", elements(texts)),
        Test::StartsWith(text) => format!("{field}.starts_with({})", quoted(text)),
        Test::EndsWith(text) => format!("{field}.ends_with({})", quoted(text)),
        Test::Above(bound) => format!("{field} > {bound}"),
        Test::AtLeast(bound) => format!("{field} >= {bound}"),
        Test::Below(bound) => format!("{field} < {bound}"),
    }
}
