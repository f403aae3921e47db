//! `tollgate inspect`: what a plan holds.

use serde::Serialize;
use tollgate_evaluator::plan::{FORMAT, Plan, TypeId, TypeNode};
use tollgate_evaluator::{Effect, Engine, Limits};

use crate::args::{Format, InspectArgs};
use crate::files;
use crate::output::{Failure, Outcome, Result, count, print, print_json, tame};

#[derive(Debug, Serialize)]
struct Summary {
    policy: String,
    format: u32,
    bytes: usize,
    rules: Vec<Rule>,
    default: Option<Effect>,
    tools: Vec<String>,
    data: Vec<Data>,
    scores: Vec<Score>,
    obligations: Vec<Obligation>,
    index: Index,
}

#[derive(Debug, Serialize)]
struct Rule {
    name: String,
    effect: Effect,
    shadow: bool,
    annotations: Vec<Annotation>,
}

#[derive(Debug, Serialize)]
struct Annotation {
    name: String,
    args: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Data {
    name: String,
    #[serde(rename = "type")]
    ty: String,
    required: bool,
}

#[derive(Debug, Serialize)]
struct Score {
    name: String,
    low: i64,
    high: i64,
}

#[derive(Debug, Serialize)]
struct Obligation {
    name: String,
    params: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Index {
    groups: usize,
    unfiled: usize,
}

/// Loads a plan and shows it.
pub fn run(args: &InspectArgs) -> Result {
    let bytes = files::read(&args.plan, Limits::default().data_bytes)?;
    let refused = |error| Failure::file("load", &args.plan, error);
    let plan = Plan::from_bytes(&bytes).map_err(refused)?;
    let engine = Engine::load(&bytes).map_err(refused)?;
    let summary = summary(&plan, engine.policy(), bytes.len());
    match args.format {
        Format::Json => print_json(&summary)?,
        Format::Pretty => print(&pretty(&summary))?,
    }
    Ok(Outcome::Clean)
}

fn summary(plan: &Plan, policy: &str, bytes: usize) -> Summary {
    let annotation =
        |(name, args): &(Box<str>, Vec<Box<str>>)| Annotation { name: name.to_string(), args: args.iter().map(|arg| arg.to_string()).collect() };
    let rule = |(id, rule): (u32, &tollgate_evaluator::plan::Rule)| Rule {
        name: rule.name.to_string(),
        effect: rule.effect,
        shadow: rule.shadow,
        annotations: plan.source(id).unwrap_or_default().annotations.iter().map(annotation).collect(),
    };
    let tools = plan.tools.iter().filter(|tool| tool.declaration.is_some());
    Summary {
        policy: policy.to_owned(),
        format: FORMAT,
        bytes,
        rules: (0_u32..).zip(&plan.rules).map(rule).collect(),
        default: plan.default.as_ref().map(|default| default.effect),
        tools: tools.map(|tool| tool.server.iter().map(|server| format!("{server}/")).collect::<String>() + &tool.name).collect(),
        data: plan
            .data
            .iter()
            .map(|data| Data { name: data.name.to_string(), ty: type_name(plan, data.ty, 0), required: data.default.is_none() })
            .collect(),
        scores: plan.scores.iter().map(|score| Score { name: score.name.to_string(), low: score.low, high: score.high }).collect(),
        obligations: plan
            .obligations
            .iter()
            .map(|obligation| Obligation {
                name: obligation.name.to_string(),
                params: obligation.params.iter().map(|param| param.to_string()).collect(),
            })
            .collect(),
        index: Index { groups: plan.index.groups.len(), unfiled: plan.index.unfiled.len() },
    }
}

/// How deep a type's name goes into its parts.
const DEPTH: usize = 4;

/// The type as a policy writes it.
fn type_name(plan: &Plan, ty: TypeId, depth: usize) -> String {
    let inner = |ty: TypeId| if depth < DEPTH { type_name(plan, ty, depth + 1) } else { "…".to_owned() };
    let Some(node) = plan.types.get(ty as usize) else { return String::new() };
    match node {
        TypeNode::Bool => "bool".to_owned(),
        TypeNode::Int => "int".to_owned(),
        TypeNode::Decimal => "decimal".to_owned(),
        TypeNode::Duration => "duration".to_owned(),
        TypeNode::Timestamp => "timestamp".to_owned(),
        TypeNode::Ip => "ip".to_owned(),
        TypeNode::Cidr => "cidr".to_owned(),
        TypeNode::Str => "string".to_owned(),
        TypeNode::Json => "json".to_owned(),
        TypeNode::Enum { name, .. } | TypeNode::Record { name, .. } => name.to_string(),
        TypeNode::List(element) => format!("list<{}>", inner(*element)),
        TypeNode::Set(element) => format!("set<{}>", inner(*element)),
        TypeNode::Map(element) => format!("map<{}>", inner(*element)),
        TypeNode::Optional(element) => format!("{}?", inner(*element)),
    }
}

fn pretty(summary: &Summary) -> String {
    let mut out = format!("{}\nformat {}, {} bytes\n", summary.policy, summary.format, summary.bytes);
    let mut section = |title: String, lines: Vec<String>| {
        if !lines.is_empty() {
            let lines: String = lines.iter().map(|line| format!("  {}\n", tame(line))).collect();
            out.push_str(&format!("\n{title}\n{lines}"));
        }
    };
    let rules = summary.rules.iter().map(|rule| format!("{} {}{}", rule.effect, rule.name, if rule.shadow { " (shadow)" } else { "" }));
    let default = summary.default.iter().map(|effect| format!("default {effect}"));
    section(count(summary.rules.len(), "rule"), rules.chain(default).collect());
    section(count(summary.tools.len(), "declared tool"), summary.tools.clone());
    let data = summary.data.iter().map(|data| format!("{}: {}{}", data.name, data.ty, if data.required { "" } else { " (has a default)" }));
    section(format!("{} data", summary.data.len()), data.collect());
    let scores = summary.scores.iter().map(|score| format!("{}: {}..={}", score.name, score.low, score.high));
    section(count(summary.scores.len(), "score"), scores.collect());
    let obligations = summary.obligations.iter().map(|obligation| format!("{}({})", obligation.name, obligation.params.join(", ")));
    section(count(summary.obligations.len(), "obligation"), obligations.collect());
    out.push_str(&format!(
        "\nindex: {}, {} looked at in every decision\n",
        count(summary.index.groups, "lookup"),
        count(summary.index.unfiled, "rule")
    ));
    out
}
