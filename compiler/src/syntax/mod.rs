//! From text to syntax tree: tokens, items, parser.

pub mod ast;
