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

fn rows(arguments: &Arguments, workload: Workload, size: usize) -> Vec<Row> {
    let folder = folder(arguments, workload, size);
    let runs = |peer: &&Peer| peer.runs(workload, size) && arguments.wants(peer.binary);
    peers::ALL.iter().filter(runs).filter_map(|peer| run(arguments, peer, workload, &folder)).collect()
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

/// Runs a peer; gives nothing where it is not built, or where what it drives is not installed.
fn run(arguments: &Arguments, peer: &Peer, workload: Workload, folder: &Path) -> Option<Row> {
    if peer.needs.is_some_and(|program| !machine::has(program)) {
        return None;
    }
    eprintln!("{} {}: {}", workload.name(), folder.display(), peer.name);
    let binary = std::env::current_exe().ok()?.with_file_name(peer.binary);
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
    let outcome = match serde_json::from_slice(&output.stdout) {
        Ok(outcome) => outcome,
        Err(_) => Outcome::Refused(Failure { message: format!("ended without a result: {}", output.status), after_ms: 0.0 }),
    };
    Some(Row { peer: *peer, outcome })
}
