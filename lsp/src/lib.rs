//! Tollgate's language server.
//!
//! Two layers: [`analysis`] says, in plain functions on files, offsets and text, what there is to say about a policy set; the rest of the crate is
//! the server, which keeps the sets and speaks the protocol. [`run`] serves an editor on standard input and output; [`serve`] any pair of streams.
//!
//! What the editor says is applied in the order in which it comes ([`in_order`]), and is all that a set depends on, with the files on disk
//! ([`world`]). A request is answered on a thread of its own, from the set as it is then ([`view`]); an answer about a text that has changed
//! meanwhile is refused. Findings are sent as soon as the changed items have been checked, and what takes longer once nobody types ([`check`]).

#![forbid(unsafe_code)]

pub mod analysis;
mod bound;
mod calls;
mod capabilities;
mod check;
mod commands;
mod convert;
mod documents;
mod edited;
mod files;
mod findings;
mod in_order;
mod inputs;
mod json;
mod library;
mod parent;
mod placed;
mod position;
mod problem;
mod replayed;
mod server;
mod state;
mod text;
mod tried;
mod view;
mod wire;
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tollgate_compiler::lint::Levels;
use tower_lsp::{LspService, Server};

use in_order::InOrder;
use server::Backend;
use state::State;

pub use problem::{Problem, Spot};

/// The policy set that a folder belongs to.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// The folders and files that make it up.
    pub roots: Vec<PathBuf>,
    /// What is made of its lints.
    pub levels: Levels,
    /// The folder of its data, where it has one.
    pub data: Option<PathBuf>,
    /// A recorded input that the editor decides live, where one is named.
    pub input: Option<PathBuf>,
    /// Recorded calls, one a line, that the editor counts by the rules that match them, where some are named.
    pub calls: Option<PathBuf>,
    /// A policy in the project's folder that none of its roots has, which makes up a set alone.
    pub left_out: Option<PathBuf>,
    /// Why the project's settings cannot be read.
    pub unreadable: Option<Problem>,
    /// What else is wrong with them.
    pub problems: Vec<Problem>,
}

/// Says which policy set a folder belongs to.
pub type FindProject = fn(&Path) -> Project;

/// The stack of the threads that check: as large as a main thread's, on which the compiler's limits of nesting are tried.
const STACK: usize = 8 << 20;

/// How many bytes of messages wait to be read.
const BUFFER: usize = 1 << 16;

/// How many messages of the client are looked at side by side.
const CONCURRENCY: usize = 256;

/// Serves an editor on standard input and output until it leaves; gives whether it said so first, as editors do.
///
/// # Errors
/// When no thread can be started.
pub fn run(find: FindProject) -> std::io::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().worker_threads(2).thread_stack_size(STACK).build()?;
    let has_said = runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), find));
    // Standard input may still be waited for, by a thread that nothing can interrupt.
    runtime.shutdown_background();
    Ok(has_said)
}

/// Serves an editor on two streams until it leaves; gives whether it said so first.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite, find: FindProject) -> bool {
    let state = Arc::new(State::new(find));
    let shared = state.clone();
    let (service, socket) = LspService::build(move |client| {
        tokio::spawn(check::check_when_changed(client.clone(), shared.clone()));
        Backend::new(client, shared)
    })
    .custom_method("tollgate/tests", Backend::tests)
    .finish();
    let (writer, reader) = tokio::io::duplex(BUFFER);
    let served = Server::new(reader, output, socket).concurrency_level(CONCURRENCY).serve(InOrder::new(service, state.clone()));
    tokio::pin!(served);
    tokio::select! {
        () = &mut served => {}
        // The editor is gone; what it asked before is still answered.
        () = wire::copy(input, writer) => served.await,
    }
    state.is_left()
}
