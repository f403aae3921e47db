//! What a conformance case is and how it is held to what it says.

pub mod case;
mod format;
mod markers;
mod requests;
