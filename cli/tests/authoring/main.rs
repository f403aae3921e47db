//! What authors see of `tollgate test` and `tollgate why-not`.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod doc;
#[path = "../folder/mod.rs"]
mod folder;
mod junit;
mod schema;
mod testing;
mod why_not;
