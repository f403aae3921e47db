//! `tollgate build`: a policy set to a plan.

use serde::Serialize;
use tollgate_compiler::lower::{Filed, IndexReport, LowerOptions};

use crate::args::{BuildArgs, Format};
use crate::output::{Failure, Outcome, Result, count, print, print_json, report, tame};
use crate::project::Project;

/// What was built.
#[derive(Debug, Serialize)]
struct Built {
    plan: String,
    policy: String,
    bytes: usize,
    rules: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    stats: Option<Stats>,
}

/// How the index files the rules.
#[derive(Debug, Serialize)]
struct Stats {
    groups: usize,
    unfiled: usize,
    rules: Vec<RuleStats>,
}

#[derive(Debug, Serialize)]
struct RuleStats {
    rule: String,
    filed: &'static str,
    under: Vec<String>,
}

/// Compiles a set and writes the plan.
pub fn run(args: &BuildArgs) -> Result {
    let project = Project::find(&args.set.paths)?;
    let Some(set) = project.check_cleanly(args.format)? else { return Ok(Outcome::Found) };
    let lowered = match set.lower(&LowerOptions::default()) {
        Ok(lowered) => lowered,
        Err(diagnostics) => {
            report(&diagnostics, set.sources(), args.format);
            return Ok(Outcome::Found);
        }
    };
    let bytes = lowered.plan.to_bytes();
    std::fs::write(&args.output, &bytes).map_err(|error| Failure::file("write", &args.output, error))?;
    let built = Built {
        plan: args.output.display().to_string(),
        policy: lowered.plan.digest(),
        bytes: bytes.len(),
        rules: lowered.plan.rules.len(),
        stats: args.stats.then(|| stats(&lowered.report)),
    };
    match args.format {
        Format::Json => print_json(&built)?,
        Format::Pretty => print(&pretty(&built))?,
    }
    Ok(Outcome::Clean)
}

fn stats(report: &IndexReport) -> Stats {
    let rules: Vec<RuleStats> = report
        .rules
        .iter()
        .map(|rule| {
            let (filed, under) = match &rule.filed {
                Filed::Under(keys) => ("under", keys.clone()),
                Filed::Never => ("never", Vec::new()),
                Filed::Nothing => ("nothing", Vec::new()),
            };
            RuleStats { rule: rule.rule.clone(), filed, under }
        })
        .collect();
    let unfiled = rules.iter().filter(|rule| rule.filed == "nothing").count();
    Stats { groups: report.groups, unfiled, rules }
}

fn pretty(built: &Built) -> String {
    let mut out = format!("{}: {}, {} bytes\n{}\n", built.plan, count(built.rules, "rule"), built.bytes, built.policy);
    let Some(stats) = &built.stats else { return out };
    out.push_str(&format!("\n{} in the index; {} looked at in every decision\n\n", count(stats.groups, "lookup"), count(stats.unfiled, "rule")));
    let width = stats.rules.iter().map(|rule| rule.rule.chars().count()).max().unwrap_or(0);
    for rule in &stats.rules {
        let place = match rule.filed {
            "never" => "can never match".to_owned(),
            "nothing" => "filed under nothing".to_owned(),
            _ => rule.under.join(" and "),
        };
        out.push_str(&format!("{:width$}  {}\n", rule.rule, tame(&place)));
    }
    out
}
