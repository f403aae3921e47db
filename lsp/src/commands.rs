//! Commands that an editor has carried out here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tower_lsp::Client;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{self as lsp, notification::Notification};

use crate::analysis::TextEdit;
use crate::calls;
use crate::documents::path_of;
use crate::state::State;
use crate::view::View;

/// The command that chooses a recorded input, by which policies are decided live: `[policy, input]`, both addresses, the input `null` for none.
const EVALUATE_WITH: &str = "tollgate.evaluateWith";

/// The command that makes a test of a recorded call: `[call]` or `[call, line]`, its address and, in a file of one call a line, the line's number,
/// from one on. Gives where the test stands.
const TEST_FROM_CALL: &str = "tollgate.testFromCall";

/// The commands.
pub const NAMES: [&str; 2] = [EVALUATE_WITH, TEST_FROM_CALL];

/// Tells the editor by which input a policy is decided now.
enum ActiveInput {}

/// What [`ActiveInput`] says.
#[derive(Debug, Deserialize, Serialize)]
struct ActiveInputParams {
    uri: lsp::Uri,
    /// The input's path.
    input: Option<PathBuf>,
}

impl Notification for ActiveInput {
    type Params = ActiveInputParams;
    const METHOD: &'static str = "tollgate/activeInput";
}

/// Carries a command out.
///
/// # Errors
/// `InvalidParams` for one that there is not, or with other arguments than it takes.
pub async fn execute(client: &Client, state: &Arc<State>, params: lsp::ExecuteCommandParams) -> Result<Option<lsp::LSPAny>> {
    match params.command.as_str() {
        EVALUATE_WITH => evaluate_with(client, state, &params.arguments),
        TEST_FROM_CALL => test_from_call(client, state, &params.arguments).await,
        other => Err(Error::invalid_params(format!("there is no command `{other}`"))),
    }
}

fn evaluate_with(client: &Client, state: &Arc<State>, arguments: &[lsp::LSPAny]) -> Result<Option<lsp::LSPAny>> {
    let (uri, input) = match arguments {
        [policy] => (address(policy), None),
        [policy, input] => (address(policy), address(input)),
        _ => return Err(misused(EVALUATE_WITH, "a policy's address and an input's")),
    };
    let Some((uri, policy)) = uri.and_then(|uri| Some((uri.clone(), path_of(&uri)?))) else {
        return Err(misused(EVALUATE_WITH, "a policy's address first"));
    };
    let input = input.as_ref().and_then(path_of);
    state.evaluate_with(policy, input.clone());
    let (client, hints) = (client.clone(), state.inputs().client.refreshes.hints);
    tokio::spawn(async move {
        client.send_notification::<ActiveInput>(ActiveInputParams { uri, input }).await;
        if hints {
            let _unheard = client.inlay_hint_refresh().await;
        }
    });
    Ok(None)
}

/// Has the editor put a test in; gives where it stands then. Why it cannot be is a message.
async fn test_from_call(client: &Client, state: &Arc<State>, arguments: &[lsp::LSPAny]) -> Result<Option<lsp::LSPAny>> {
    let wrong = || misused(TEST_FROM_CALL, "a call's address and, of a file with many, its line");
    let (path, line) = match arguments {
        [call] | [call, lsp::LSPAny::Null] => (address(call), None),
        [call, line] => (address(call), Some(line.as_u64().and_then(|line| usize::try_from(line).ok()).ok_or_else(wrong)?)),
        _ => return Err(wrong()),
    };
    let path = path.as_ref().and_then(path_of).ok_or_else(wrong)?;
    let shared = state.clone();
    let made = tokio::task::spawn_blocking(move || {
        let (homes, inputs) = shared.homes();
        let (home, edit) = calls::test(&path, line, homes, &inputs)?;
        let view = View::of_set(home, inputs);
        let written = view.edits(std::slice::from_ref(&edit)).zip(place_of_test(&view, &edit));
        written.ok_or_else(|| "the tests are in no file that can be edited".to_owned())
    });
    let reason = match made.await.map_err(|_| Error::internal_error())? {
        Ok((edit, place)) => match client.apply_edit(edit).await {
            Ok(answer) if answer.applied => return Ok(serde_json::to_value(place).ok()),
            Ok(answer) => answer.failure_reason.unwrap_or_else(|| "the editor has not put the test in".to_owned()),
            Err(error) => error.to_string(),
        },
        Err(reason) => reason,
    };
    client.show_message(lsp::MessageType::ERROR, reason).await;
    Ok(None)
}

/// Where a test stands once it has been put in.
fn place_of_test(view: &View, edit: &TextEdit) -> Option<lsp::Location> {
    let blank = edit.text.chars().take_while(|letter| *letter == '\n').count();
    let line = view.range_of(edit.at).start.line.saturating_add(u32::try_from(blank).ok()?);
    let start = lsp::Position { line, character: 0 };
    Some(lsp::Location { uri: view.uri(edit.at.file)?, range: lsp::Range { start, end: start } })
}

fn misused(command: &str, takes: &str) -> Error {
    Error::invalid_params(format!("`{command}` takes {takes}"))
}

fn address(argument: &lsp::LSPAny) -> Option<lsp::Uri> {
    argument.as_str()?.parse().ok()
}

/// What a file's set is decided by, where something is.
pub fn active_input(view: &View) -> Option<&Path> {
    let project = &view.home.project;
    input_of(&view.inputs.chosen, project.input.as_deref(), &project.roots)
}

/// What the set of a policy is decided by: what was chosen for one of its files, else what the project names.
pub fn input_of<'i>(
    chosen: &'i std::collections::BTreeMap<PathBuf, Option<PathBuf>>,
    named: Option<&'i Path>,
    roots: &[PathBuf],
) -> Option<&'i Path> {
    let of_set = chosen.iter().find(|(policy, _)| roots.iter().any(|root| policy.starts_with(root)));
    match of_set {
        Some((_, input)) => input.as_deref(),
        None => named,
    }
}
