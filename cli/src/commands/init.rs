//! `tollgate init`: a working project.

use std::io::Write;
use std::path::Path;

use crate::args::InitArgs;
use crate::output::{Failure, Outcome, Result, print};

/// The files of a new project.
const FILES: &[(&str, &str)] = &[
    ("tollgate.toml", include_str!("../../templates/tollgate.toml")),
    ("policies/tools.toll", include_str!("../../templates/policies/tools.toll")),
    ("policies/policy.toll", include_str!("../../templates/policies/policy.toll")),
    ("policies/tests.toll", include_str!("../../templates/policies/tests.toll")),
    ("data/agents.json", include_str!("../../templates/data/agents.json")),
    ("data/company_domains.json", include_str!("../../templates/data/company_domains.json")),
    ("requests/export.json", include_str!("../../templates/requests/export.json")),
    (".github/workflows/tollgate.yml", include_str!("../../templates/workflow.yml")),
];

/// Writes the project. Where one of its files is there already nothing is written.
pub fn run(args: &InitArgs) -> Result {
    if let Some((name, _)) = FILES.iter().find(|(name, _)| args.dir.join(name).exists()) {
        let path = args.dir.join(name);
        return Err(Failure::Because(format!("`{}` is there already", path.display())));
    }
    for (name, text) in FILES {
        write(&args.dir.join(name), text)?;
    }
    let dir = args.dir.display();
    let here = args.dir == Path::new(".");
    let go = if here { String::new() } else { format!("  cd {dir}\n") };
    print(&format!("made a project in `{dir}`; try\n\n{go}  tollgate test\n  tollgate eval -i requests/export.json --explain\n"))?;
    Ok(Outcome::Clean)
}

fn write(path: &Path, text: &str) -> Result<()> {
    let failed = |error| Failure::file("write", path, error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
