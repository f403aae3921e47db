//! What authors are told of their mistakes: the long page of every code, and snapshots of messages.
//!
//! A snapshot holds the source and all that is said of it, so that it reads alone. A new mistake is a new file in `mistakes/`.

#![cfg(test)]

mod fixing;
mod hostile;
mod mistakes;
mod pages;
mod support;
mod unfiled;
