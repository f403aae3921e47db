//! Files that are read for an editor.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// What a file holds that has at most so many bytes. Devices and pipes, which may have no end, are no files.
pub fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most.saturating_add(1)).read_to_end(&mut bytes).ok()?;
    (u64::try_from(bytes.len()).ok()? <= most).then_some(bytes)
}

/// What a file begins with, at most so many bytes, and whether that is all of it. Devices and pipes are no files.
pub fn read_start(path: &Path, most: u64) -> Option<(Vec<u8>, bool)> {
    let file = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    File::open(path).ok()?.take(most).read_to_end(&mut bytes).ok()?;
    Some((bytes, file.len() <= most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_file_or_too_long_is_not_read() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("a.json");
        std::fs::write(&path, "12345").expect("a file");
        assert_eq!(read(&path, 5).as_deref(), Some(b"12345".as_slice()));
        assert_eq!(read(&path, 4), None);
        assert_eq!(read(folder.path(), 100), None);
        assert_eq!(read_start(&path, 5), Some((b"12345".to_vec(), true)));
        assert_eq!(read_start(&path, 2), Some((b"12".to_vec(), false)));
        assert_eq!(read_start(folder.path(), 100), None);
        #[cfg(unix)]
        {
            let link = folder.path().join("endless.json");
            std::os::unix::fs::symlink("/dev/zero", &link).expect("a link");
            assert_eq!(read(&link, 100), None);
        }
    }
}
