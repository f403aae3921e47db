//! The `tollgate` command: checks, formats, tests, builds and tries policy sets.
//!
//! [`run`] is all of it. Each command is a module of [`commands`]; what they share is finding a policy set ([`project`]), reading files
//! ([`files`]), pages for a browser ([`html`](mod@html)), looking
//! whether files have changed ([`stamps`]) and writing results ([`output`], [`annotations`]).

mod allocator;
mod annotations;
mod args;
mod commands;
mod files;
mod html;
mod output;
#[cfg(doctest)]
mod pages;
mod project;
mod stamps;

use std::process::ExitCode;

use clap::Parser;

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let cli = args::Cli::parse_from(args::given(std::env::args_os()));
    let outcome = commands::run(cli);
    output::finish(outcome)
}
