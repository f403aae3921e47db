//! Requests as serde reads them: the fields that a policy needs, or all; strings borrowed from the JSON text where they have no escape, or owned.

pub mod families;
pub mod gateway;
pub mod registry;
pub mod single;

use std::borrow::Cow;

use serde::Deserialize;

/// A shape of requests, and what a policy wants to know of one.
pub trait Shape {
    type Facts<'r>;
}

/// A way to read requests of a shape.
pub trait Decoding<S: Shape> {
    type Request<'a>: Deserialize<'a>;
    fn facts<'r>(request: &'r Self::Request<'_>) -> S::Facts<'r>;
}

/// Only the fields that the policy needs, borrowed: the least that serde can do.
pub struct Needed;
/// All fields, borrowed.
pub struct Everything;
/// All fields, owned: what an application that keeps the call reads.
pub struct Owned;

/// A string that is borrowed where it can be. serde does so for a field that is spelled `Cow<'a, str>`, but not for one in a list.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    #[inline(always)]
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// A list of strings of either kind.
#[derive(Clone, Copy)]
pub enum Texts<'r> {
    Borrowed(&'r [Text<'r>]),
    Owned(&'r [String]),
}

impl<'r> From<&'r Vec<Text<'_>>> for Texts<'r> {
    fn from(texts: &'r Vec<Text<'_>>) -> Texts<'r> {
        Texts::Borrowed(texts)
    }
}

impl<'r> From<&'r Vec<String>> for Texts<'r> {
    fn from(texts: &'r Vec<String>) -> Texts<'r> {
        Texts::Owned(texts)
    }
}

impl Texts<'_> {
    #[inline]
    pub fn contains(self, wanted: &str) -> bool {
        match self {
            Texts::Borrowed(texts) => texts.iter().any(|text| text.as_ref() == wanted),
            Texts::Owned(texts) => texts.iter().any(|text| text == wanted),
        }
    }
}
