//! Tools of MCP servers: the answers of `tools/list` as `tool` declarations.

use crate::{Import, Source, Unreadable};

/// How tools are imported.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server's name in the policy, where there is one source; else from what the answer says, or the source's name.
    pub server: Option<String>,
    /// The package's name [default: `tools`].
    pub package: Option<String>,
}

/// The tools of servers as declarations, one file a server.
///
/// # Errors
///
/// Where a source is no list of tools.
pub fn import(_sources: &[Source], _options: &Options) -> Result<Import, Unreadable> {
    Ok(Import::default())
}
