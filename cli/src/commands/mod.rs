//! The commands, one a module.

mod access;
mod bench;
mod build;
mod check;
mod diff;
mod doc;
mod drift;
mod eval;
mod explain;
mod fmt;
mod import;
mod init;
mod inspect;
mod replay;
mod schema;
mod test;
mod why_not;

use clap::CommandFactory;

use crate::args::{Cli, Command, CompletionsArgs};
use crate::output::{Failure, Outcome, Result, print};
use crate::project;

/// Does what the command line asks for.
pub fn run(cli: Cli) -> Result {
    match cli.command {
        Command::Init(args) => init::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::WhyNot(args) => why_not::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Access(args) => access::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Drift(args) => drift::run(&args),
        Command::Doc(args) => doc::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions(&args),
        Command::Lsp => tollgate_lsp::run(project::editors).map(|has_said| Outcome::found(!has_said)).map_err(Failure::new),
    }
}

fn completions(args: &CompletionsArgs) -> Result {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tollgate", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Clean)
}
