//! AWS IAM policy documents as rules.

use crate::{Import, Source, Unreadable};

/// Documents by what they are to a request.
#[derive(Clone, Debug, Default)]
pub struct Documents<'a> {
    /// Attached to the principal, or to the resource: one must allow, none may deny.
    pub policies: Vec<Source<'a>>,
    /// Permissions boundaries: one of them must allow too.
    pub boundaries: Vec<Source<'a>>,
    /// Service control policies by level of the organisation: at each level one must allow too.
    pub control: Vec<Vec<Source<'a>>>,
    /// Session policies: one of them must allow too.
    pub session: Vec<Source<'a>>,
}

/// The documents as one policy.
///
/// # Errors
///
/// Where a document is no policy of IAM.
pub fn import(_documents: &Documents, _package: Option<&str>) -> Result<Import, Unreadable> {
    Ok(Import::default())
}
