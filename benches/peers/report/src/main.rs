//! Runs every peer on every workload and writes a table of each, in Markdown. `run` builds the peers and starts it.

mod arguments;
mod machine;
mod peers;
mod table;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use peers_harness::{Failure, Outcome};
use peers_workloads::{Case, Workload};

use arguments::Arguments;
use peers::Peer;
use table::{Growth, Row};

fn main() {
    let arguments = Arguments::given();
    println!("{}", machine::description());
    let mut wrong = 0;
    for workload in &arguments.workloads {
        println!("## {}\n", peers::title(*workload));
        let mut growth = Growth::default();
        for size in arguments.sizes_of(*workload) {
            let rows = rows(&arguments, *workload, size);
            wrong += rows.iter().map(Row::wrong).sum::<usize>();
            println!("{}", table::markdown(*workload, size, &rows));
            growth.add(size, rows);
        }
        println!("{}", growth.markdown());
    }
    println!("{wrong} decisions differ from the expected ones.");
    std::process::exit(i32::from(wrong > 0));
}

/// The folder with the workload, which is made where it is not there.
fn folder(arguments: &Arguments, workload: Workload, size: usize) -> PathBuf {
    let requests = arguments.requests_of(size);
    let folder = arguments.folder.join(format!("{}_{size}_{requests}", workload.name()));
    if !Case::is_in(&folder) {
        eprintln!("{} {size}: generating", workload.name());
        workload.generate(size, requests, &folder).expect("the folder can be written");
    }
    folder
}

/// Runs all peers that are to have a row, round by round; the best of the rounds counts.
fn rows(arguments: &Arguments, workload: Workload, size: usize) -> Vec<Row> {
    let folder = folder(arguments, workload, size);
    let runs = |peer: &&Peer| peer.runs(workload, size) && arguments.wants(peer.binary) && peer.needs.is_none_or(machine::has);
    let peers: Vec<&Peer> = peers::ALL.iter().filter(runs).collect();
    let round = || peers.iter().map(|peer| Row { peer: **peer, outcome: run(arguments, peer, workload, &folder) });
    let mut best: Vec<Row> = round().collect();
    for _ in 1..arguments.rounds {
        best = best.into_iter().zip(round()).map(|(best, row)| best.better(row)).collect();
    }
    best
}

fn run(arguments: &Arguments, peer: &Peer, workload: Workload, folder: &Path) -> Outcome {
    eprintln!("{} {}: {}", workload.name(), folder.display(), peer.name);
    let binary = std::env::current_exe().expect("a program has a path").with_file_name(peer.binary);
    let mut command = match &arguments.pin {
        Some(processor) => {
            let mut command = Command::new("taskset");
            command.args(["-c", processor]).arg(binary);
            command
        }
        None => Command::new(binary),
    };
    command.args(["--workload", workload.name(), "--form", peer.form, "--folder"]).arg(folder);
    command.args(["--budget", &arguments.budget, "--check-budget", &arguments.check_budget]);
    let output = command.stderr(Stdio::inherit()).output().expect("a peer runs");
    let silent = |_| Outcome::Refused(Failure { message: format!("ended without a result: {}", output.status), after_ms: 0.0 });
    serde_json::from_slice(&output.stdout).unwrap_or_else(silent)
}
