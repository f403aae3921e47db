//! The command line as its users write it.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use tollgate_compiler::syntax::lexer;

/// Policies for the tool calls of AI agents: check, test, try and compile them.
#[derive(Debug, Parser)]
#[command(name = "tollgate", version, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a working project: a policy, data, tests, a CI workflow
    Init(InitArgs),
    /// Parse, resolve and type-check a policy set
    Check(CheckArgs),
    /// Lay out policy files in the one canonical way
    Fmt(FmtArgs),
    /// Decide requests, or evaluate an expression
    Eval(EvalArgs),
    /// Say what kept a rule from matching
    WhyNot(WhyNotArgs),
    /// Run the tests of a policy set
    Test(TestArgs),
    /// Compile a policy set into a plan
    Build(BuildArgs),
    /// Measure what decisions cost
    Bench(BenchArgs),
    /// Decide recorded calls again, and list the decisions that have changed
    Replay(ReplayArgs),
    /// Search for requests that two policy sets decide differently
    Diff(DiffArgs),
    /// Say which agents may call which tools, and under what conditions
    Access(AccessArgs),
    /// Make policies of what there is already: tools, access policies, rule files, plugins
    Import(ImportArgs),
    /// List what skills of plugins need and the policy does not allow, and what it allows and no skill needs
    Drift(DriftArgs),
    /// Show what a compiled plan holds
    Inspect(InspectArgs),
    /// Write the reference of a policy set, or of the standard library
    Doc(DocArgs),
    /// Explain a diagnostic at length
    Explain(ExplainArgs),
    /// Print the JSON Schema of an output
    Schema(SchemaArgs),
    /// Print shell completions
    Completions(CompletionsArgs),
    /// Run the language server on standard input and output
    Lsp,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Pretty,
    /// For programs
    Json,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
    /// For code scanning: the Static Analysis Results Interchange Format, version 2.1.0
    Sarif,
    /// Annotations of a workflow on GitHub
    Github,
}

/// Which policy set a command is about.
#[derive(Debug, Args)]
pub struct SetArgs {
    /// Files and folders of the policy set [default: the nearest `tollgate.toml` upwards, or else the current folder]
    pub paths: Vec<PathBuf>,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The project's folder
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// How diagnostics are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: CheckFormat,
    /// Check again whenever a file changes
    #[arg(long, conflicts_with_all = ["fix", "tools", "errors"])]
    pub watch: bool,
    /// Exit with 1 on warnings too
    #[arg(long)]
    pub deny_warnings: bool,
    /// List the expressions whose evaluation can end in an error
    #[arg(long)]
    pub errors: bool,
    /// Apply the fixes that nobody need look at first: of lints, and of slips of syntax
    #[arg(long)]
    pub fix: bool,
    /// Compare the declared tools with answers of `tools/list`, and warn of rules that rely on what went away
    #[arg(long, value_name = "TOOLS", action = clap::ArgAction::Append)]
    pub tools: Vec<PathBuf>,
}

/// Arguments of `fmt`.
#[derive(Debug, Args)]
pub struct FmtArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// Change nothing; list the files that are laid out otherwise and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Format standard input to standard output
    #[arg(long, conflicts_with_all = ["paths", "check"])]
    pub stdin: bool,
    /// How diagnostics are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// The request as JSON, or requests as JSON Lines; `-` is standard input
    #[arg(short, long, value_name = "FILE", required_unless_present = "expr")]
    pub input: Option<PathBuf>,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// Evaluate this expression instead of deciding
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true, conflicts_with_all = ["explain", "fail_on", "plan"])]
    pub expr: Option<String>,
    /// Show each rule looked at, with the value of every condition
    #[arg(long)]
    pub explain: bool,
    /// With `--explain`, list the rules that the index excluded, and by what
    #[arg(long, requires = "explain")]
    pub all: bool,
    /// Exit with 1 if a decision is at least this strong
    #[arg(long, value_enum, value_name = "EFFECT")]
    pub fail_on: Option<FailOn>,
    /// Decide with a compiled plan instead of a policy set
    #[arg(long, value_name = "PLAN", conflicts_with = "paths")]
    pub plan: Option<PathBuf>,
    /// How results are written: as JSON, one a line, or for people: one decision over several lines, or a line each of many [default: json, but
    /// pretty for one request on a terminal]
    #[arg(long, value_enum)]
    pub format: Option<Format>,
}

/// The decisions that `--fail-on` minds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Denied calls
    Deny,
    /// Calls that are denied or wait for a review
    Review,
}

/// Arguments of `why-not`.
#[derive(Debug, Args)]
pub struct WhyNotArgs {
    /// The rule's full name, or its last part
    pub rule: String,
    #[command(flatten)]
    pub set: SetArgs,
    /// The request as JSON, or requests as JSON Lines; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    pub input: PathBuf,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub struct TestArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// Run only the tests whose title, package or file contains this text
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Run only the tests whose title, package or file is the text of `--filter`
    #[arg(long, requires = "filter")]
    pub exact: bool,
    /// Run recorded cases too: JSON Lines `{"name", "input", "data"?, "expect"}`
    #[arg(long, value_name = "FILE")]
    pub cases: Vec<PathBuf>,
    /// Write the observed decisions into the recorded cases that expect others
    #[arg(long, requires = "cases", conflicts_with = "list")]
    pub update: bool,
    /// Say what the tests have seen of rules and conditions: a table, a file for `genhtml`, or a page
    #[arg(long, value_enum, value_name = "FORMAT", num_args = 0..=1, default_missing_value = "summary")]
    pub coverage: Option<CoverageFormat>,
    /// Where the coverage is written [default: `lcov.info`, `coverage.html`, or below the results]
    #[arg(long, value_name = "PATH", requires = "coverage", value_parser = file)]
    pub coverage_output: Option<PathBuf>,
    /// Exit with 1 if the tests have seen less of the outcomes
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub min_coverage: Option<f64>,
    /// Run the tests again whenever a file changes, and print what has changed
    #[arg(long, conflicts_with_all = ["list", "update", "coverage", "min_coverage"])]
    pub watch: bool,
    /// List the tests without running them
    #[arg(long, conflicts_with_all = ["coverage", "min_coverage", "fail_fast"])]
    pub list: bool,
    /// Stop at the first failure
    #[arg(long)]
    pub fail_fast: bool,
    /// How many tests run side by side [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// Break the policies on purpose, one change a time, and list what no test notices
    #[arg(long, conflicts_with_all = BESIDE_MUTATION)]
    pub mutate: bool,
    /// The same; fail where tests notice less than so many percent of the changes
    #[arg(long, value_name = "PERCENT", value_parser = percent, conflicts_with_all = BESIDE_MUTATION)]
    pub mutate_min: Option<f64>,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: TestFormat,
}

/// What has no meaning where the policies' own tests are held against changed policies.
const BESIDE_MUTATION: [&str; 7] = ["list", "watch", "cases", "update", "coverage", "min_coverage", "fail_fast"];

/// How coverage is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// A table
    Summary,
    /// Records that `genhtml` and others read
    Lcov,
    /// A page
    Html,
}

/// Arguments as they are given, where a `--coverage` without a format is made one: what follows it is a path then.
pub fn given(args: impl Iterator<Item = OsString>) -> impl Iterator<Item = OsString> {
    let mut args = args.peekable();
    std::iter::from_fn(move || {
        let arg = args.next()?;
        let is_format = |next: &OsString| next.to_str().is_some_and(|next| CoverageFormat::from_str(next, false).is_ok());
        let is_alone = arg == "--coverage" && !args.peek().is_some_and(is_format);
        Some(if is_alone { "--coverage=summary".into() } else { arg })
    })
}

fn percent(text: &str) -> Result<f64, String> {
    let percent = text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "expected a number from 0 to 100".to_owned())
}

fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number from 1".to_owned())
}

/// A file that is written beside the results, which go to standard output.
fn file(text: &str) -> Result<PathBuf, String> {
    if text == "-" { Err("results go to standard output: name a file".to_owned()) } else { Ok(text.into()) }
}

/// How test results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TestFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
    /// For continuous integration
    Junit,
    /// Test Anything Protocol
    Tap,
    /// Annotations of a workflow on GitHub
    Github,
}

/// Arguments of `build`.
#[derive(Debug, Args)]
pub struct BuildArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// Where the plan is written
    #[arg(short, long, value_name = "PLAN")]
    pub output: PathBuf,
    /// Show for each rule what the index files it under
    #[arg(long)]
    pub stats: bool,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// The requests as JSON Lines; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    pub input: PathBuf,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// How long each kind of operation is measured
    #[arg(long, value_name = "SECONDS", default_value = "2")]
    pub seconds: f64,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A file or folder of the policy set as it was
    pub old: PathBuf,
    /// A file or folder of the policy set as it is
    pub new: PathBuf,
    /// Requests to begin with, beside those of the tests
    #[arg(short, long, value_name = "FILE")]
    pub input: Option<PathBuf>,
    /// Data for both: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// Show each rule of both with the value of every condition
    #[arg(long)]
    pub explain: bool,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// Logs: JSON Lines of requests, or of `{"input", "decision"}`; gzip or not; `-` is standard input
    #[arg(required = true)]
    pub logs: Vec<PathBuf>,
    /// A file or folder of the policy set [default: the nearest `tollgate.toml` upwards, or else the current folder]
    #[arg(short, long, value_name = "PATH")]
    pub policy: Vec<PathBuf>,
    /// Compare with another policy set or compiled plan, rather than with the decisions in the logs
    #[arg(long, value_name = "OLD")]
    pub against: Option<PathBuf>,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// Say what shadow rules would have changed
    #[arg(long)]
    pub shadow_report: bool,
    /// How many decisions are made side by side [default: as many as there are processors]
    #[arg(long, value_name = "N", value_parser = jobs)]
    pub jobs: Option<NonZeroUsize>,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: ReplayFormat,
}

/// How a replay's results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReplayFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
    /// A page for a browser
    Html,
}

/// Arguments of `access`.
#[derive(Debug, Args)]
pub struct AccessArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// An agent: its id, or what is known of it as JSON, or a file with that
    #[arg(long, value_name = "ID|JSON|FILE")]
    pub agent: Vec<String>,
    /// Agents: data whose keys are their ids, or a file with a list of ids, agents or requests
    #[arg(long, value_name = "DATA|FILE")]
    pub agents: Vec<String>,
    /// What else is known of every request, as JSON or a file: its fields, without `tool` and `args`
    #[arg(long, value_name = "JSON|FILE")]
    pub input: Option<String>,
    /// What is known of `context`
    #[arg(long, value_name = "JSON|FILE")]
    pub context: Option<String>,
    /// What is known of `user`
    #[arg(long, value_name = "JSON|FILE")]
    pub user: Option<String>,
    /// Only tools whose name matches this pattern with `*` and `?`
    #[arg(long, value_name = "PATTERN")]
    pub tool: Vec<String>,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// List only what differs from another version of the policy set, and exit with 1 if anything does
    #[arg(long, value_name = "OLD", conflicts_with = "used")]
    pub against: Option<PathBuf>,
    /// Count recorded calls, as `replay` reads them, and tell the grants that none of them used
    #[arg(long, value_name = "LOG")]
    pub used: Vec<PathBuf>,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: AccessFormat,
}

/// How an access review is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AccessFormat {
    /// For people
    Pretty,
    /// For programs
    Json,
    /// For spreadsheets: a line for each agent and tool
    Csv,
    /// A page for a browser
    Html,
}

/// Arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What is imported.
    #[command(subcommand)]
    pub what: ImportCommand,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Tools of MCP servers: answers of `tools/list`
    Mcp(ImportMcpArgs),
    /// AWS IAM policy documents
    Iam(ImportIamArgs),
    /// Cedar policies, with their schema and entities
    Cedar(ImportCedarArgs),
    /// Rule files of gateways, in YAML
    Rules(ImportRulesArgs),
    /// A plugin of an agent: its skills, MCP servers and hooks
    Plugin(ImportPluginArgs),
}

/// Where what is imported goes.
#[derive(Debug, Args)]
pub struct ImportTo {
    /// A file `.toll`, or a folder for all files [default: standard output]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Write over files that are there
    #[arg(long, requires = "output")]
    pub force: bool,
    /// The package's name [default: from the source]
    #[arg(long, value_name = "NAME", value_parser = package)]
    pub package: Option<String>,
    /// Exit with 1 where something of what the source decides was not carried over
    #[arg(long)]
    pub strict: bool,
    /// How the report is written, to standard error
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

fn package(text: &str) -> Result<String, String> {
    let is_name = |part: &str| lexer::is_value_name(part) && !lexer::is_reserved(part);
    if text.split('.').all(is_name) { Ok(text.to_owned()) } else { Err("expected names such as `support.exports`".to_owned()) }
}

/// Arguments of `import mcp`.
#[derive(Debug, Args)]
pub struct ImportMcpArgs {
    /// Answers of `tools/list` as JSON, one a server; `-` is standard input
    #[arg(required = true, value_name = "TOOLS")]
    pub sources: Vec<PathBuf>,
    /// The server's name in the policy [default: what the answer says, or the file's name]
    #[arg(long, value_name = "NAME")]
    pub server: Option<String>,
    /// Refresh the declarations in this file, and keep what its author added
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "package"])]
    pub update: Option<PathBuf>,
    #[command(flatten)]
    pub to: ImportTo,
}

/// Arguments of `import iam`.
#[derive(Debug, Args)]
pub struct ImportIamArgs {
    /// Policy documents; `-` is standard input
    #[arg(required_unless_present = "resource", value_name = "POLICY")]
    pub sources: Vec<PathBuf>,
    /// The ARN of the user or role whom the identity-based policies are attached to; given again, of another [default: whoever asks]
    #[arg(long, value_name = "ARN")]
    pub principal: Vec<String>,
    /// A resource-based policy, with the ARN of the resource that it is attached to
    #[arg(long, value_name = "[ARN=]FILE")]
    pub resource: Vec<String>,
    /// A permissions boundary, which must allow too
    #[arg(long, value_name = "FILE")]
    pub boundary: Vec<PathBuf>,
    /// Service control policies of one level of the organisation, one of which must allow too; given again, of another level
    #[arg(long, value_name = "FILE,…")]
    pub scp: Vec<String>,
    /// Resource control policies of one level of the organisation that the resources are in, one of which must allow too; given again, of another level
    #[arg(long, value_name = "FILE,…")]
    pub rcp: Vec<String>,
    /// A session policy, which must allow too
    #[arg(long, value_name = "FILE")]
    pub session: Vec<PathBuf>,
    #[command(flatten)]
    pub to: ImportTo,
}

/// Arguments of `import cedar`.
#[derive(Debug, Args)]
pub struct ImportCedarArgs {
    /// Policies; `-` is standard input
    #[arg(required = true, value_name = "POLICIES")]
    pub sources: Vec<PathBuf>,
    /// Their schema, in Cedar's own form or as JSON
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// The entities, as JSON
    #[arg(long, value_name = "FILE")]
    pub entities: Option<PathBuf>,
    #[command(flatten)]
    pub to: ImportTo,
}

/// Arguments of `import rules`.
#[derive(Debug, Args)]
pub struct ImportRulesArgs {
    /// Rule files; `-` is standard input
    #[arg(required = true, value_name = "RULES")]
    pub sources: Vec<PathBuf>,
    #[command(flatten)]
    pub to: ImportTo,
}

/// Arguments of `import plugin`.
#[derive(Debug, Args)]
pub struct ImportPluginArgs {
    /// The plugin's folder, or several: the hooks of each guard the tools of all
    #[arg(required = true, value_name = "DIR")]
    pub dirs: Vec<PathBuf>,
    /// Policies that are there already: the tools and obligations that they declare are not declared again [default: those around the output]
    #[arg(long, value_name = "PATH")]
    pub with: Vec<PathBuf>,
    #[command(flatten)]
    pub to: ImportTo,
}

/// Arguments of `drift`.
#[derive(Debug, Args)]
pub struct DriftArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// A plugin's folder
    #[arg(long, value_name = "DIR", required = true)]
    pub plugin: Vec<PathBuf>,
    /// What is known of the agents that skills run as, or of that of one skill [default: the id that the skill names, or the plugin's name]
    #[arg(long, value_name = "JSON|SKILL=JSON")]
    pub agent: Vec<String>,
    /// Data: a folder of `NAME.json`, or `name=file`
    #[arg(short, long, value_name = "DIR|NAME=FILE")]
    pub data: Vec<String>,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The compiled plan
    pub plan: PathBuf,
    /// How results are written
    #[arg(long, value_enum, default_value = "pretty")]
    pub format: Format,
}

/// Arguments of `doc`.
#[derive(Debug, Args)]
pub struct DocArgs {
    #[command(flatten)]
    pub set: SetArgs,
    /// The standard library instead of a policy set
    #[arg(long, conflicts_with = "paths")]
    pub std: bool,
    /// How the reference is written [default: html for a file `.html`, or else markdown]
    #[arg(long, value_enum)]
    pub format: Option<DocFormat>,
    /// Where the reference is written [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How a reference is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DocFormat {
    /// Markdown
    Markdown,
    /// One page for a browser, with a search
    Html,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The diagnostic's code or name, such as `E0201` or `type-mismatch`
    pub code: String,
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// The output
    #[arg(value_enum)]
    pub name: SchemaName,
}

/// The outputs that have a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaName {
    /// `check --format json`
    Diagnostics,
    /// `eval`
    Decision,
    /// `eval --explain --format json`
    Explanation,
    /// `why-not --format json`
    WhyNot,
    /// `test --format json`
    Tests,
    /// `test --list --format json`
    TestList,
    /// `test --mutate --format json`
    Mutation,
    /// `build --format json`
    Build,
    /// `bench --format json`
    Bench,
    /// `replay --format json`
    Replay,
    /// `diff --format json`
    Diff,
    /// `access --format json`
    Access,
    /// `drift --format json`
    Drift,
    /// The report of `import --format json`
    Import,
    /// `inspect --format json`
    Plan,
}

/// Arguments of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
