//! Reads what has a largest size.

use std::fs::{File, FileType};
use std::io::Read;
use std::path::Path;

use crate::output::{Failure, Result};

/// The bytes of a file or pipe that has `limit` of them at most. Anything else, such as a device, may never end or wait forever.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let failed = |error| Failure::file("read", path, error);
    let kind = std::fs::metadata(path).map_err(failed)?.file_type();
    if !kind.is_file() && !is_pipe(kind) {
        return Err(Failure::file("read", path, "neither a file nor a pipe"));
    }
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limit {
        return Err(Failure::file("read", path, format!("size limit exceeded: {limit} bytes are allowed")));
    }
    Ok(bytes)
}

/// Whether it is a pipe, as a shell makes one for `<(command)`.
#[cfg(unix)]
fn is_pipe(kind: FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

/// Whether it is a pipe, as a shell makes one for `<(command)`.
#[cfg(not(unix))]
fn is_pipe(_: FileType) -> bool {
    false
}
