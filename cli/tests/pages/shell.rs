//! Commands as pages show them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::root;

/// What a command gave.
pub struct Ran {
    pub code: i32,
    /// Both outputs.
    pub out: String,
}

/// A shell with the command `tollgate`, in a folder that commands change.
pub struct Shell {
    pub folder: PathBuf,
    /// A folder that looks like the repository.
    repository: PathBuf,
}

impl Shell {
    /// A shell in a folder below `base`.
    pub fn new(base: &Path) -> Shell {
        let (folder, repository) = (base.join("project"), base.join("repository"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::create_dir_all(repository.join("target")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(root().join("examples"), repository.join("examples")).unwrap();
        Shell { folder, repository }
    }

    /// Runs a command, or says what is wrong with it. A `tollgate` that is built for it runs in the repository.
    pub fn run(&mut self, line: &str) -> Result<Ran, String> {
        if let Some((_, arguments)) = line.split_once("-p tollgate -- ").filter(|(cargo, _)| cargo.starts_with("cargo run")) {
            return Ok(self.tollgate(&self.repository, arguments));
        }
        if ["cargo ", "python3 ", "node ", "git ", "npm ", "code "].iter().any(|program| line.starts_with(program)) {
            return names_what_is_there(line).map(|()| Ran { code: 0, out: String::new() });
        }
        let (ran, folder) = self.run_in(&self.folder, line);
        self.folder = folder;
        Ok(ran)
    }

    /// Runs `tollgate` in a folder.
    pub fn tollgate(&self, folder: &Path, arguments: &str) -> Ran {
        self.run_in(folder, &format!("tollgate {arguments}")).0
    }

    /// Runs a command in a folder, and gives the folder where it ends.
    fn run_in(&self, folder: &Path, line: &str) -> (Ran, PathBuf) {
        let program = Path::new(env!("CARGO_BIN_EXE_tollgate")).parent().unwrap().to_owned();
        let path = std::env::join_paths([program].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap()))).unwrap();
        let script = format!("exec 2>&1\n{line}\ncode=$?\npwd > '{}'\nexit $code", self.end().display());
        let mut command = Command::new("sh");
        let output = command.args(["-c", &script]).current_dir(folder).env("PATH", path).stdin(Stdio::null()).output().unwrap();
        let end = std::fs::read_to_string(self.end()).unwrap_or_default();
        let end = if end.is_empty() { folder.to_owned() } else { PathBuf::from(end.trim_end()) };
        (Ran { code: output.status.code().unwrap(), out: String::from_utf8(output.stdout).unwrap() }, end)
    }

    fn end(&self) -> PathBuf {
        self.repository.join("end")
    }
}

/// Packages, folders and scripts of a command that is not run must be there.
fn names_what_is_there(line: &str) -> Result<(), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    for pair in words.windows(2) {
        let found = match *pair {
            ["-p", package] => packages().iter().any(|name| name == package),
            ["--path" | "--prefix" | "python3" | "node" | "install", path] if !path.starts_with('-') => root().join(path).exists(),
            _ => true,
        };
        if !found {
            return Err(format!("`{}` is not there", pair[1]));
        }
    }
    Ok(())
}

/// The packages of the workspace, as its lock file has them: without a source.
fn packages() -> Vec<String> {
    let lock: toml::Table = std::fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    let packages = lock["package"].as_array().unwrap().iter().filter(|package| package.get("source").is_none());
    packages.map(|package| package["name"].as_str().unwrap().to_owned()).collect()
}
