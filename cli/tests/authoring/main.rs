//! What authors see of `tollgate test`, `tollgate why-not`, `tollgate replay` and `tollgate import`.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod access;
mod coverage;
mod doc;
mod failures;
#[path = "../folder/mod.rs"]
mod folder;
mod import;
mod junit;
mod replay;
mod schema;
mod testing;
mod why_not;
