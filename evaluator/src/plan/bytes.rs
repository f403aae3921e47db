//! The plan as bytes: `TOLLGATE`, the format's version, the plan, its queries, and a checksum over all of it.

use hmac_sha256::Hash;

use super::{Plan, Query};
use crate::LoadError;

/// The version of the serialised form. A plan of another version is refused.
pub const FORMAT: u32 = 4;

const MAGIC: &[u8; 8] = b"TOLLGATE";
const CHECKSUM: usize = 32;

impl Plan {
    /// The serialised plan.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.deciding();
        bytes.extend(postcard::to_allocvec(&self.queries).unwrap_or_default());
        let checksum = Hash::hash(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    /// What comes before the queries.
    fn deciding(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&FORMAT.to_le_bytes());
        postcard::to_extend(self, bytes).unwrap_or_default()
    }

    /// Reads a serialised plan and validates it, whoever wrote it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Plan, LoadError> {
        let (plan, _) = Plan::read(bytes)?;
        plan.validate()?;
        Ok(plan)
    }

    /// Reads a serialised plan that is yet to be validated, and its digest.
    pub(crate) fn read(bytes: &[u8]) -> Result<(Plan, String), LoadError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(LoadError::NoPlan)?;
        let (version, rest) = rest.split_first_chunk().ok_or(LoadError::Damaged)?;
        let version = u32::from_le_bytes(*version);
        if version != FORMAT {
            return Err(LoadError::Version(version));
        }
        let (body, checksum) = rest.len().checked_sub(CHECKSUM).and_then(|end| rest.split_at_checked(end)).ok_or(LoadError::Damaged)?;
        let (mut plan, after): (Plan, &[u8]) = postcard::take_from_bytes(body).map_err(|_| LoadError::Damaged)?;
        let (queries, left): (Vec<Query>, &[u8]) = postcard::take_from_bytes(after).map_err(|_| LoadError::Damaged)?;
        // What identifies the plan and what shows that it is whole are of one pass: the hash of a beginning, and of all.
        let mut hash = Hash::new();
        hash.update(bytes.get(..bytes.len() - CHECKSUM - after.len()).unwrap_or_default());
        let digest = hash;
        hash.update(after);
        if !left.is_empty() || hash.finalize() != checksum {
            return Err(LoadError::Damaged);
        }
        plan.queries = queries;
        plan.rules.shrink_to_fit();
        plan.nodes.shrink_to_fit();
        plan.constants.shrink_to_fit();
        plan.sources.shrink_to_fit();
        Ok((plan, in_words(digest)))
    }

    /// What identifies the plan: `sha256:` and the hash of everything that decides, [`Plan::queries`] apart, in hexadecimal digits.
    pub fn digest(&self) -> String {
        let mut hash = Hash::new();
        hash.update(self.deciding());
        in_words(hash)
    }
}

fn in_words(hash: Hash) -> String {
    let digits = hash.finalize().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digits = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16));
    "sha256:".chars().chain(digits).collect()
}
