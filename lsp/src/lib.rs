//! Tollgate's language server: it checks the policy sets of an editor's folders and publishes what it finds, and says of a rule what
//! it is and what it costs.
//!
//! The whole set is checked with the unsaved texts of the open documents in the place of the files on disk. [`run`] serves an editor on standard
//! input and output; [`serve`] any pair of streams.
//!
//! Changes of texts are applied in the order in which they come ([`InOrder`](in_order)); checking happens beside, on a snapshot, and only the
//! newest snapshot matters.

pub mod analysis;
mod convert;
mod documents;
mod hover;
mod in_order;
mod server;
mod text;
mod workspace;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tollgate_compiler::lint::Levels;
use tower_lsp::{LspService, Server};

use in_order::InOrder;
use server::{Backend, State};

/// The policy set that a folder belongs to.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folders and files that make it up.
    pub roots: Vec<PathBuf>,
    /// What is made of its lints.
    pub levels: Levels,
}

/// Says which policy set a folder belongs to.
pub type FindProject = fn(&Path) -> Project;

/// The stack of the threads that check: as large as a main thread's, on which the compiler's limits of nesting are tried.
const STACK: usize = 8 << 20;

/// How many messages of the client are looked at side by side.
const CONCURRENCY: usize = 256;

/// Serves an editor on standard input and output until it leaves.
///
/// # Errors
/// When no thread can be started.
pub fn run(find: FindProject) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_stack_size(STACK).build()?;
    runtime.block_on(serve(tokio::io::stdin(), tokio::io::stdout(), find));
    // Standard input may still be waited for, by a thread that nothing can interrupt.
    runtime.shutdown_background();
    Ok(())
}

/// Serves an editor on two streams until it leaves.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite, find: FindProject) {
    let state = Arc::new(State::new(find));
    let shared = state.clone();
    let (service, socket) = LspService::new(move |client| {
        tokio::spawn(server::check_when_changed(client, shared.clone()));
        Backend::new(shared)
    });
    Server::new(input, output, socket).concurrency_level(CONCURRENCY).serve(InOrder::new(service, state)).await;
}
