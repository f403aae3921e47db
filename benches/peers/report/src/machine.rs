//! What was measured, on what, and when.

use std::process::Command;

/// A paragraph that says it.
pub fn description() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let versions: Vec<String> = ["cedar-policy", "regorus", "cel", "serde_json"].iter().filter_map(|name| locked(name)).collect();
    let opa = said("opa", &["version"]).and_then(|text| text.lines().next().map(str::to_owned)).unwrap_or_else(|| "no OPA on the path".into());
    format!(
        "Measured {} on {} ({processors} processors), {}, {}; one thread, `--release`, `lto = \"thin\"`, `codegen-units = 1`, the system's allocator.\n\
         {}; {opa}.\n",
        said("date", &["-u", "+%Y-%m-%d"]).unwrap_or_default(),
        processor(),
        said("uname", &["-sr"]).unwrap_or_default(),
        said("rustc", &["--version"]).unwrap_or_default(),
        versions.join(", "),
    )
}

/// Whether a program is installed.
pub fn has(program: &str) -> bool {
    Command::new(program).arg("version").output().is_ok()
}

fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or(std::env::consts::ARCH, |(_, name)| name).to_owned()
}

/// A package and its version in the lock file that the peers are built with.
fn locked(package: &str) -> Option<String> {
    let lock = include_str!("../../Cargo.lock");
    let (_, after) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    let (version, _) = after.split_once('"')?;
    Some(format!("{package} {version}"))
}
