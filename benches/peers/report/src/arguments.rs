//! What the report is asked for.

use std::path::PathBuf;

use peers_workloads::Workload;

const USAGE: &str = "\
usage: run [--workloads w1,w2,w3,prefix,range,identity] [--sizes 10,1000,10000] [--peers native,tollgate,cedar,regorus,cel,opa]
           [--rounds NUMBER] [--budget SECONDS] [--check-budget SECONDS] [--requests NUMBER] [--pin PROCESSOR] [--folder DIR]";

/// The command line.
pub struct Arguments {
    pub workloads: Vec<Workload>,
    /// The peers to run, by the last word of their binaries; all where none is named.
    peers: Vec<String>,
    sizes: Option<Vec<usize>>,
    requests: Option<usize>,
    /// How often everything is run; the best counts.
    pub rounds: usize,
    /// Seconds for each kind of operation, handed on.
    pub budget: String,
    /// Seconds for comparing decisions, handed on.
    pub check_budget: String,
    /// The processor that peers run on.
    pub pin: Option<String>,
    /// Where workloads are kept between runs.
    pub folder: PathBuf,
}

impl Arguments {
    /// Those of the process. It ends where they make no sense.
    pub fn given() -> Arguments {
        let mut arguments = Arguments {
            workloads: Workload::ALL.to_vec(),
            peers: Vec::new(),
            sizes: None,
            requests: None,
            rounds: 1,
            budget: "3".into(),
            check_budget: "20".into(),
            pin: None,
            folder: std::env::temp_dir().join("tollgate-peers"),
        };
        let mut words = std::env::args().skip(1);
        while let Some(name) = words.next() {
            if words.next().and_then(|value| arguments.set(&name, &value)).is_none() {
                eprintln!("{USAGE}");
                std::process::exit(2);
            }
        }
        arguments
    }

    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "--workloads" => self.workloads = value.split(',').map(|name| name.parse().ok()).collect::<Option<_>>()?,
            "--sizes" => self.sizes = Some(value.split(',').map(|size| size.parse().ok()).collect::<Option<_>>()?),
            "--peers" => self.peers = value.split(',').map(str::to_owned).collect(),
            "--requests" => self.requests = Some(value.parse().ok()?),
            "--rounds" => self.rounds = value.parse().ok()?,
            "--budget" => self.budget = seconds(value)?,
            "--check-budget" => self.check_budget = seconds(value)?,
            "--pin" => self.pin = Some(value.to_owned()),
            "--folder" => self.folder = value.into(),
            _ => return None,
        }
        Some(())
    }

    /// Whether a peer is to run.
    pub fn wants(&self, binary: &str) -> bool {
        self.peers.is_empty() || self.peers.iter().any(|name| binary.ends_with(&**name))
    }

    /// The sizes of a workload.
    pub fn sizes_of(&self, workload: Workload) -> Vec<usize> {
        let usual: &[usize] = match workload {
            Workload::Single => return vec![1],
            Workload::Registry => &[100, 10_000],
            Workload::Gateway => &[10, 1_000, 10_000, 100_000],
            Workload::Prefix | Workload::Range | Workload::Identity => &[1_000, 100_000],
        };
        self.sizes.clone().unwrap_or_else(|| usual.to_vec())
    }

    /// How many requests there are. What is expected of them takes a look at every rule.
    pub fn requests_of(&self, size: usize) -> usize {
        self.requests.unwrap_or(if size > 100_000 { 1_000 } else { 10_000 })
    }
}

fn seconds(text: &str) -> Option<String> {
    text.parse::<f64>().ok().filter(|number| *number > 0.0).map(|_| text.to_owned())
}
