//! Tells Zed how the language server is started: `tollgate lsp`, found as a terminal in the folder would find it.

use zed_extension_api::{self as zed, settings::LspSettings, Command, LanguageServerId, Result, Worktree};

struct Tollgate;

impl zed::Extension for Tollgate {
    fn new() -> Self {
        Tollgate
    }

    fn language_server_command(&mut self, server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let binary = LspSettings::for_worktree(server.as_ref(), worktree).ok().and_then(|settings| settings.binary);
        let (path, arguments) = binary.map_or((None, None), |binary| (binary.path, binary.arguments));
        let command = path
            .or_else(|| worktree.which("tollgate"))
            .ok_or("`tollgate` is not on the PATH: install it, or name it in the settings under `lsp.tollgate.binary.path`")?;
        Ok(Command { command, args: arguments.unwrap_or_else(|| vec!["lsp".to_owned()]), env: worktree.shell_env() })
    }
}

zed::register_extension!(Tollgate);
