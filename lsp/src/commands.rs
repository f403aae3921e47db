//! Commands that an editor has carried out here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tower_lsp::Client;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{self as lsp, notification::Notification};

use crate::documents::path_of;
use crate::state::State;

/// The command that chooses a recorded input, by which policies are decided live: `[policy, input]`, both addresses, the input `null` for none.
const EVALUATE_WITH: &str = "tollgate.evaluateWith";

/// The commands.
pub const NAMES: [&str; 1] = [EVALUATE_WITH];

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
    let arguments = |what: &str| Error::invalid_params(format!("`{}` takes {what}", params.command));
    if params.command != EVALUATE_WITH {
        return Err(Error::invalid_params(format!("there is no command `{}`", params.command)));
    }
    let (uri, input) = match params.arguments.as_slice() {
        [policy] => (address(policy), None),
        [policy, input] => (address(policy), address(input)),
        _ => return Err(arguments("a policy's address and an input's")),
    };
    let Some((uri, policy)) = uri.and_then(|uri| Some((uri.clone(), path_of(&uri)?))) else { return Err(arguments("a policy's address first")) };
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

fn address(argument: &lsp::LSPAny) -> Option<lsp::Uri> {
    argument.as_str()?.parse().ok()
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
