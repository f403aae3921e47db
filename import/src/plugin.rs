//! Plugins of agents: what their manifests say of tools and of the permissions that skills need.

use crate::{Import, Source, Unreadable};

/// The tools of a plugin as declarations. The sources are the files of its folder, named by their paths in it.
///
/// # Errors
///
/// Where a manifest cannot be read.
pub fn import(_sources: &[Source], _package: Option<&str>) -> Result<Import, Unreadable> {
    Ok(Import::default())
}
