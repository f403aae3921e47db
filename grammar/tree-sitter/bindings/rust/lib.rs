//! Tollgate's grammar for tree-sitter, and the queries by which editors show its files.

use tree_sitter_language::LanguageFn;

#[expect(unsafe_code, reason = "the parser is C")]
unsafe extern "C" {
    fn tree_sitter_toll() -> *const ();
}

/// The language, for `tree_sitter::Parser::set_language`.
#[expect(unsafe_code, reason = "the function has the type that tree-sitter gives all of them")]
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_toll) };

/// The kinds of nodes and their fields, as JSON.
pub const NODE_TYPES: &str = include_str!("../../src/node-types.json");

/// What is shown in which colour.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");

/// What is written in another language.
pub const INJECTIONS_QUERY: &str = include_str!("../../queries/injections.scm");

/// Names, and where they mean something.
pub const LOCALS_QUERY: &str = include_str!("../../queries/locals.scm");
