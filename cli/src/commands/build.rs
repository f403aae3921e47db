//! `tollgate build`: a policy set to a plan.

use serde::Serialize;
use tollgate_compiler::diagnostic::Severity;
use tollgate_compiler::lower::{Filed, FiledRule, IndexReport, LowerOptions};

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
    /// How many rules a decision is expected to look at.
    looked_at: f64,
    rules: Vec<RuleStats>,
}

#[derive(Debug, Serialize)]
struct RuleStats {
    rule: String,
    filed: &'static str,
    under: Vec<String>,
    /// For how many of a million requests the rule is expected to be looked at.
    per_million: u64,
    /// That share and the place, for people.
    #[serde(skip)]
    share: String,
    #[serde(skip)]
    place: String,
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
    let mut warnings = project.judged(&lowered.warnings);
    // What a project denies is not built; what it is only warned of, `check` tells.
    warnings.extend(set.lints(&project.levels).into_iter().filter(|found| found.severity == Severity::Error));
    report(&warnings, set.sources(), args.format);
    if warnings.iter().any(|found| found.severity == Severity::Error) {
        return Ok(Outcome::Found);
    }
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
    let unfiled = report.rules.iter().filter(|rule| rule.filed == Filed::Nothing).count();
    let looked_at = report.rules.iter().map(|rule| rule.per_million).sum::<u64>() as f64 / 1e6;
    Stats { groups: report.groups, unfiled, looked_at: (looked_at * 100.0).round() / 100.0, rules: report.rules.iter().map(RuleStats::of).collect() }
}

impl RuleStats {
    fn of(rule: &FiledRule) -> RuleStats {
        let (filed, under) = match &rule.filed {
            Filed::Under(keys) => ("under", keys.clone()),
            Filed::Never => ("never", Vec::new()),
            Filed::Nothing => ("nothing", Vec::new()),
        };
        RuleStats { rule: rule.rule.clone(), filed, under, per_million: rule.per_million, share: rule.share(), place: rule.filed.to_string() }
    }
}

fn pretty(built: &Built) -> String {
    let mut out = format!("{}: {}, {} bytes\n{}\n", built.plan, count(built.rules, "rule"), built.bytes, built.policy);
    let Some(stats) = &built.stats else { return out };
    out.push_str(&format!(
        "\n{} in the index; {} looked at in every decision, and about {} on average\n\n",
        count(stats.groups, "lookup"),
        count(stats.unfiled, "rule"),
        stats.looked_at
    ));
    let width = stats.rules.iter().map(|rule| rule.rule.chars().count()).max().unwrap_or(0);
    for rule in &stats.rules {
        out.push_str(&format!("{:width$}  {:>8}  {}\n", rule.rule, rule.share, tame(&rule.place)));
    }
    out
}
