//! `tollgate explain`: a diagnostic's long page.

use tollgate_compiler::diagnostic::Code;

use crate::args::ExplainArgs;
use crate::output::{Failure, Outcome, Result, print};

/// Prints the page of a code.
pub fn run(args: &ExplainArgs) -> Result {
    // In `@allow` the names of lints have `_` for `-`.
    let code = Code::from_text(&args.code).or_else(|| Code::from_text(&args.code.replace('_', "-")));
    let code = code.ok_or_else(|| Failure::Because(format!("no diagnostic has the code `{}`", args.code)))?;
    print(&format!("{}\n", code.page().trim_end()))?;
    Ok(Outcome::Clean)
}
