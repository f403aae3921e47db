//! Rule files of gateways as rules.

use crate::{Import, Source, Unreadable};

/// Each file as a package.
///
/// # Errors
///
/// Where a file is no list of rules.
pub fn import(_sources: &[Source], _package: Option<&str>) -> Result<Import, Unreadable> {
    Ok(Import::default())
}
