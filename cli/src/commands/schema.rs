//! `tollgate schema`: the JSON Schemas of what the command prints.

use crate::args::{SchemaArgs, SchemaName};
use crate::output::{Outcome, Result, print};

/// Prints a schema.
pub fn run(args: &SchemaArgs) -> Result {
    print(text(args.name))?;
    Ok(Outcome::Clean)
}

fn text(name: SchemaName) -> &'static str {
    match name {
        SchemaName::Diagnostics => include_str!("../../schemas/diagnostics.json"),
        SchemaName::Decision => include_str!("../../schemas/decision.json"),
        SchemaName::Explanation => include_str!("../../schemas/explanation.json"),
        SchemaName::WhyNot => include_str!("../../schemas/why-not.json"),
        SchemaName::Tests => include_str!("../../schemas/tests.json"),
        SchemaName::TestList => include_str!("../../schemas/test-list.json"),
        SchemaName::Mutation => include_str!("../../schemas/mutation.json"),
        SchemaName::Build => include_str!("../../schemas/build.json"),
        SchemaName::Bench => include_str!("../../schemas/bench.json"),
        SchemaName::Replay => include_str!("../../schemas/replay.json"),
        SchemaName::Diff => include_str!("../../schemas/diff.json"),
        SchemaName::Access => include_str!("../../schemas/access.json"),
        SchemaName::Drift => include_str!("../../schemas/drift.json"),
        SchemaName::Import => include_str!("../../schemas/import.json"),
        SchemaName::Plan => include_str!("../../schemas/plan.json"),
    }
}
