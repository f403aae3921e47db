//! A workload of some size, in files: what every peer reads.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Effect, Registry, Rule, families, gateway, registry, rules, single};

/// The seed of everything.
pub(crate) const SEED: u64 = 1;

/// The kinds of workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Workload {
    /// W1: a registry of so many agents.
    Registry,
    /// W2: a gateway of so many rules.
    Gateway,
    /// W3: one realistic policy.
    Single,
    /// Rules that differ in a prefix only.
    Prefix,
    /// Rules that differ in a range of numbers only.
    Range,
    /// Rules that differ in an agent's or user's id only.
    Identity,
}

/// What is to be decided of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The decision.
    #[serde(rename = "decision")]
    pub effect: Effect,
    /// All matching rules of that effect, sorted.
    pub rules: Vec<String>,
}

/// A workload of some size.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its rules; none where the policy is written by hand.
    pub rules: Vec<Rule>,
    /// The registry of W1.
    pub registry: Option<Registry>,
    /// The requests, each one object of JSON.
    pub requests: Vec<Vec<u8>>,
    /// What is to be decided of each.
    pub expected: Vec<Expected>,
}

impl Expected {
    pub(crate) fn new(effect: Effect, rules: impl IntoIterator<Item = String>) -> Expected {
        let mut rules: Vec<String> = rules.into_iter().collect();
        rules.sort_unstable();
        Expected { effect, rules }
    }
}

impl Workload {
    /// All of them.
    pub const ALL: [Workload; 6] = [Workload::Registry, Workload::Gateway, Workload::Single, Workload::Prefix, Workload::Range, Workload::Identity];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Workload::Registry => "w1",
            Workload::Gateway => "w2",
            Workload::Single => "w3",
            Workload::Prefix => "prefix",
            Workload::Range => "range",
            Workload::Identity => "identity",
        }
    }

    /// Writes that workload, of that many agents or rules, with that many requests into a folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn generate(self, size: usize, requests: usize, folder: &Path) -> io::Result<()> {
        let case = match self {
            Workload::Registry => of_registry(size, requests),
            Workload::Single => with_requests(Vec::new(), &single::requests(requests, SEED), |_, request| single::decide(request)),
            Workload::Gateway => with_requests(gateway::rules(size, SEED), &gateway::requests(size, requests, SEED), rules::decide),
            Workload::Prefix => {
                let drawn = families::prefix_rules(size, SEED);
                let requests = families::prefix_requests(&drawn, requests, SEED);
                with_requests(drawn, &requests, rules::decide)
            }
            Workload::Range => with_requests(families::range_rules(size, SEED), &families::range_requests(size, requests, SEED), rules::decide),
            Workload::Identity => {
                with_requests(families::identity_rules(size, SEED), &families::identity_requests(size, requests, SEED), rules::decide)
            }
        };
        case.write(folder)
    }
}

impl FromStr for Workload {
    type Err = String;

    fn from_str(name: &str) -> Result<Workload, String> {
        Workload::ALL.into_iter().find(|each| each.name() == name).ok_or_else(|| format!("there is no workload `{name}`"))
    }
}

fn of_registry(agents: usize, count: usize) -> Case {
    let registry = registry::registry(agents, SEED);
    let drawn = registry::requests(&registry, count, SEED);
    let expected = drawn.iter().map(|request| registry::decide(&registry, request)).collect();
    Case { rules: Vec::new(), registry: Some(registry), requests: drawn.iter().map(bytes).collect(), expected }
}

fn with_requests<R: Serialize>(rules: Vec<Rule>, requests: &[R], decide: fn(&[Rule], &Value) -> Expected) -> Case {
    let requests: Vec<Vec<u8>> = requests.iter().map(bytes).collect();
    let read = |request: &Vec<u8>| serde_json::from_slice::<Value>(request).expect("a request is JSON");
    let expected = requests.iter().map(|request| decide(&rules, &read(request))).collect();
    Case { rules, registry: None, requests, expected }
}

fn bytes(request: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(request).expect("a request has text keys")
}

const RULES: &str = "rules.jsonl";
const REGISTRY: &str = "registry.json";
const REQUESTS: &str = "requests.jsonl";
const EXPECTED: &str = "expected.jsonl";

impl Case {
    fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        write_lines(&folder.join(RULES), self.rules.iter().map(bytes))?;
        if let Some(registry) = &self.registry {
            fs::write(folder.join(REGISTRY), bytes(registry))?;
        }
        write_lines(&folder.join(REQUESTS), self.requests.iter().cloned())?;
        // last, so that a folder that has it is whole
        write_lines(&folder.join(EXPECTED), self.expected.iter().map(bytes))
    }

    /// Whether a folder holds a case.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(EXPECTED).exists()
    }

    /// Reads the case in a folder.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(folder: &Path) -> io::Result<Case> {
        let registry = fs::read(folder.join(REGISTRY)).ok();
        Ok(Case {
            rules: read_lines(&folder.join(RULES))?,
            registry: registry.map(|json| serde_json::from_slice(&json)).transpose()?,
            requests: lines(&fs::read(folder.join(REQUESTS))?).map(<[u8]>::to_vec).collect(),
            expected: read_lines(&folder.join(EXPECTED))?,
        })
    }
}

fn write_lines(path: &Path, lines: impl Iterator<Item = Vec<u8>>) -> io::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    for line in lines {
        file.write_all(&line)?;
        file.write_all(b"\n")?;
    }
    file.flush()
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

fn read_lines<T: for<'de> Deserialize<'de>>(path: &Path) -> io::Result<Vec<T>> {
    let text = fs::read(path)?;
    lines(&text).map(|line| serde_json::from_slice(line).map_err(io::Error::from)).collect()
}
