//! What a peer is asked to do.

use std::path::PathBuf;
use std::time::Duration;

use peers_workloads::{Case, Workload};

/// The arguments of every peer: `--workload w2 --folder DIR --form NAME [--budget SECONDS] [--check-budget SECONDS] [--no-count]`.
#[derive(Clone, Debug)]
pub struct Options {
    /// The workload.
    pub workload: Workload,
    /// Where its files are.
    pub folder: PathBuf,
    /// The form of the engine.
    pub form: String,
    /// How long each kind of operation is measured.
    pub budget: Duration,
    /// How long decisions are compared with the expected ones.
    pub check_budget: Duration,
    /// Whether allocations are counted.
    pub count: bool,
}

impl Options {
    /// Those that the process was started with.
    pub fn from_args() -> Options {
        let args: Vec<String> = std::env::args().collect();
        let given = |name: &str| args.iter().position(|arg| arg == name).and_then(|place| args.get(place + 1)).map(String::as_str);
        let needed = |name: &str| given(name).unwrap_or_else(|| panic!("`{name}` is missing"));
        let seconds = |name: &str, usual: &str| Duration::from_secs_f64(given(name).unwrap_or(usual).parse().expect("a number of seconds"));
        Options {
            workload: needed("--workload").parse().expect("a workload"),
            folder: needed("--folder").into(),
            form: given("--form").unwrap_or("plain").to_owned(),
            budget: seconds("--budget", "3"),
            check_budget: seconds("--check-budget", "20"),
            count: !args.iter().any(|arg| arg == "--no-count"),
        }
    }

    /// Reads the workload.
    pub fn case(&self) -> Case {
        Case::read(&self.folder).expect("the folder has a workload")
    }

    /// Ends the process, for a peer that has no such form on this workload.
    pub fn unknown_form(&self) -> ! {
        panic!("there is no form `{}` on `{}`", self.form, self.workload.name())
    }
}
