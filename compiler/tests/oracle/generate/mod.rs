//! Well-typed policies, with data and requests that reach into their corners.

mod builtin;
mod condition;
mod constants;
mod expr;
mod policy;
mod request;
mod schema;
mod scope;

use std::collections::BTreeMap;

use crate::random::Random;

/// The package that declares everything.
pub const MAIN: &str = "pk";
/// A package with rules over what the other declares.
pub const OTHER: &str = "other.deep";

/// A policy with what it is tried on.
pub struct Case {
    /// The items, each with its package.
    pub items: Vec<(&'static str, String)>,
    /// The data as they are bound, one set after the other, each with its requests.
    pub rounds: Vec<Round>,
}

/// Data, and requests that are decided while they are bound.
pub struct Round {
    pub data: BTreeMap<String, String>,
    pub requests: Vec<String>,
}

/// The case of a seed.
pub fn case(seed: u64, rounds: usize, requests: usize) -> Case {
    let mut random = Random::new(seed);
    let (schema, mut items) = policy::generate(&mut random);
    random.shuffle(&mut items);
    let rounds = (0..rounds)
        .map(|_| Round {
            data: request::data(&mut random, &schema),
            requests: (0..requests).map(|_| request::request(&mut random, &schema)).collect(),
        })
        .collect();
    Case { items, rounds }
}

/// The files that hold those items: path and text.
pub fn files(items: &[(&'static str, String)], per_file: usize) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for package in [MAIN, OTHER] {
        let own: Vec<&str> = items.iter().filter(|(other, _)| *other == package).map(|(_, item)| &**item).collect();
        for (number, part) in own.chunks(per_file.max(1)).enumerate() {
            let import = if package == OTHER { format!("import {MAIN}\n") } else { String::new() };
            files.push((format!("{package}_{number}.toll"), format!("package {package}\n{import}\n{}\n", part.join("\n\n"))));
        }
    }
    files
}
