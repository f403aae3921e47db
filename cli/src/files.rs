//! Reads what has a largest size, and writes at once.

use std::fs::{File, FileType, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use crate::output::{Failure, Result};

/// U+FEFF in UTF-8, which some programs put before everything.
pub const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// The bytes of a file or pipe that has `limit` of them at most. Anything else, such as a device, may never end or wait forever.
pub fn read(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let failed = |error| Failure::file("read", path, error);
    let kind = std::fs::metadata(path).map_err(failed)?.file_type();
    if !kind.is_file() && !is_pipe(kind) {
        return Err(Failure::file("read", path, "neither a file nor a pipe"));
    }
    bounded(File::open(path).map_err(failed)?, path, limit)
}

/// The bytes of standard input, which has `limit` of them at most.
pub fn read_stdin(limit: usize) -> Result<Vec<u8>> {
    bounded(std::io::stdin().lock(), Path::new("standard input"), limit)
}

fn bounded(from: impl Read, path: &Path, limit: usize) -> Result<Vec<u8>> {
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    from.take(most).read_to_end(&mut bytes).map_err(|error| Failure::file("read", path, error))?;
    if bytes.len() > limit {
        return Err(Failure::file("read", path, format!("size limit exceeded: {limit} bytes are allowed")));
    }
    Ok(bytes)
}

/// Writes a file at once: whoever reads it gets all of what it was or all of what it is.
pub fn replace(path: &Path, text: &[u8]) -> std::io::Result<()> {
    // Of a link, what it leads to is replaced.
    let path = match std::fs::canonicalize(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => path.to_owned(),
        path => path?,
    };
    let before = std::fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        // A pipe or a device has nothing that could be kept until the end.
        return std::fs::write(path, text);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut file| {
        file.write_all(text)?;
        before.map_or(Ok(()), |before| file.set_permissions(before.permissions()))?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| std::fs::rename(&beside, &path));
    if replaced.is_err() {
        // Nobody needs what could not be put in its place.
        let _ = std::fs::remove_file(&beside);
    }
    replaced
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
