//! The pages whose Rust is compiled.

#[doc = include_str!("../../README.md")]
#[doc = include_str!("../../docs/embedding.md")]
#[doc = include_str!("../../docs/guide/5-shipping.md")]
struct Pages;
