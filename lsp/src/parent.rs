//! A server without its editor has nothing to do.

use std::path::PathBuf;
use std::time::Duration;

/// How often the editor's process is looked for.
const PAUSE: Duration = Duration::from_secs(10);

/// Ends this process when that one is gone, where the system tells: an editor that dies does not always close its pipes.
pub async fn leave_with(parent: u32) {
    let processes = PathBuf::from("/proc");
    let parent = processes.join(parent.to_string());
    if !processes.join("self").exists() || !parent.exists() {
        return;
    }
    while parent.exists() {
        tokio::time::sleep(PAUSE).await;
    }
    std::process::exit(1);
}
