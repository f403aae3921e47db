//! Rules in each engine's language, and the two policies that are written by hand.

pub mod cedar;
pub mod cel;
pub mod rego;
pub mod toll;

/// A text as a literal; all texts here are printable ASCII, for which every language has JSON's form.
fn quoted(text: &str) -> String {
    format!("{text:?}")
}

/// Texts as the elements of a list.
fn elements(texts: &[String]) -> String {
    texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", ")
}
