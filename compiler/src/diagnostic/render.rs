//! Prints diagnostics for people.
