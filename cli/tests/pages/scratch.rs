//! The folder in which a page is read, and what each block of it must be.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::block::{Block, Name};
use super::output::{fits, shortened, tidy, updates};
use super::root;
use super::shell::Shell;

/// Pages whose Rust is compiled, each as documentation of `tollgate`'s.
const COMPILED: &str = include_str!("../../src/pages.rs");

/// Nothing to change in the page, or the text that a block should have, or what is wrong.
type Checked = Result<Option<String>, String>;

/// Where a block of policy belongs.
struct Place {
    /// The folder of its set.
    set: PathBuf,
    /// Its file in there.
    file: String,
    /// What stands in the file before it.
    before: String,
}

impl Place {
    fn path(&self) -> PathBuf {
        self.set.join(&self.file)
    }
}

/// The folder in which a page is read.
pub struct Scratch {
    base: TempDir,
    shell: Shell,
    /// The policy with which a block without a name goes on: its set's folder, and its file in there.
    policy: Option<(PathBuf, String)>,
    /// How many policies stand alone.
    alone: usize,
    /// What the last command printed.
    output: Option<String>,
}

impl Scratch {
    pub fn new() -> Scratch {
        let base = TempDir::new().unwrap();
        let shell = Shell::new(base.path());
        Scratch { base, shell, policy: None, alone: 0, output: None }
    }

    /// Does what a block of a page says.
    pub fn check(&mut self, page: &Path, block: &Block) -> Checked {
        let (tag, words) = block.tags();
        match (tag, words.as_slice()) {
            ("toll", []) => self.policy(block),
            ("toll", ["expr", tool @ ..]) if tool.len() < 2 => self.expressions(block, tool.first().copied()),
            ("toll", ["error" | "warning", codes @ ..]) if !codes.is_empty() => self.findings(block, codes),
            ("console", []) => self.console(block),
            ("sh", []) => self.commands(block),
            ("text", []) => self.shown(block),
            ("text", ["files"]) => files(block),
            ("json", ["output"]) => self.shown_json(block),
            ("json", []) => serde_json::from_str::<serde_json::Value>(&block.text).map_err(|error| error.to_string()).and_then(|_| self.file(block)),
            ("jsonl", []) => {
                let read = |line: &str| serde_json::from_str::<serde_json::Value>(line).map(|_| ()).map_err(|error| error.to_string());
                block.text.lines().try_for_each(read).and_then(|_| self.file(block))
            }
            ("toml", []) => self.settings(block),
            ("yaml" | "markdown" | "cedar", []) if matches!(block.name(), Name::Is(_)) => self.file(block),
            ("yaml", []) if block.text == include_str!("../../templates/workflow.yml") => Ok(None),
            ("yaml", []) => Err("the block is neither a named file nor the workflow of `tollgate init`".to_owned()),
            ("rust", []) if COMPILED.contains(&format!("/{}\"", page.display())) => Ok(None),
            ("rust", []) => Err("the page is not one of `cli/src/pages.rs`".to_owned()),
            ("ebnf", []) | ("python" | "js", []) | ("text", ["program"]) => Ok(None),
            ("", _) => Err("the block has no tag, so nothing checks it".to_owned()),
            _ => Err(format!("nobody knows the tag `{}`", block.tag.join(" "))),
        }
    }

    /// Writes a block that has the name of a file.
    fn file(&mut self, block: &Block) -> Checked {
        match block.name() {
            Name::Is(name) => write(&self.shell.folder.join(name), &block.text),
            Name::AddsTo(name) => append(&self.shell.folder.join(name), &block.text)?,
            Name::None => {}
        }
        Ok(None)
    }

    /// A folder for what stands alone.
    fn another(&mut self) -> PathBuf {
        self.alone += 1;
        self.base.path().join(format!("alone-{}", self.alone))
    }

    /// The settings of a project, or part of them: the command takes them.
    fn settings(&mut self, block: &Block) -> Checked {
        let project = self.another();
        write(&project.join("tollgate.toml"), &block.text);
        write(&project.join("policies/a.toll"), "package a\n");
        write(&project.join("tests/b.toll"), "package b\n");
        let ran = self.shell.tollgate(&project, "check");
        if ran.code == 0 { self.file(block) } else { Err(ran.out) }
    }

    /// Where a block of policy belongs.
    fn place(&mut self, block: &Block) -> Result<Place, String> {
        let folder = self.shell.folder.clone();
        let (set, file, keeps) = match (block.name(), self.policy.clone()) {
            (Name::Is(name), _) => (folder, name, false),
            (Name::AddsTo(name), _) => (folder, name, true),
            (Name::None, Some((set, file))) if !block.begins_a_policy() => (set, file, true),
            (Name::None, _) => (self.another(), "policy.toll".to_owned(), false),
        };
        let path = set.join(&file);
        let missing = if block.begins_a_policy() { "" } else { "package example\n" };
        let before = if keeps { std::fs::read_to_string(path).map_err(|_| format!("no `{file}` to add to"))? + "\n" } else { missing.to_owned() };
        Ok(Place { set, file, before })
    }

    /// A policy has no finding and the canonical layout, and its tests pass.
    fn policy(&mut self, block: &Block) -> Checked {
        let place = self.place(block)?;
        write(&place.path(), &format!("{}{}", place.before, block.text));
        self.policy = Some((place.set.clone(), place.file));
        for arguments in ["check --deny-warnings", "test", "fmt --check"] {
            let ran = self.shell.tollgate(&place.set, arguments);
            if ran.code != 0 {
                return Err(format!("`tollgate {arguments}`:\n{}", ran.out));
            }
        }
        Ok(None)
    }

    /// A policy with the block has the findings that its tag says, and stays without it.
    fn findings(&mut self, block: &Block, codes: &[&str]) -> Checked {
        let place = self.place(block)?;
        let (set, path) = (&place.set, place.path());
        let text = std::fs::read(&path).ok();
        write(&path, &format!("{}{}", place.before, block.text));
        let found: serde_json::Value = serde_json::from_str(&self.shell.tollgate(set, "check --format json").out).unwrap();
        let pretty = self.shell.tollgate(set, "check").out;
        match text {
            Some(text) => std::fs::write(&path, text).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let found: Vec<&str> = found["diagnostics"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        let same = found == codes;
        let problem = format!("expected {codes:?}, found {found:?}\n{pretty}");
        self.output = Some(pretty);
        if same { Ok(None) } else { Err(problem) }
    }

    /// Each line is true of the policy's `example`. Lines that begin with white space go on with the line before.
    fn expressions(&mut self, block: &Block, tool: Option<&str>) -> Checked {
        let place = self.place(block)?;
        let package = place.before.lines().find_map(|line| line.strip_prefix("package ")).unwrap_or_default().to_owned();
        let on = tool.map_or(String::new(), |tool| format!("on \"{tool}\""));
        let mut text = place.before.clone();
        for (at, line) in block.text.replace("\n ", " ").lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let title = line.replace(['"', '\\', '{', '}'], "'");
            text += &format!("\n@shadow\nallow expression_{at} {on} when {line}\n\ntest \"{title}\" {{ input example\n");
            text += &format!("  expect decision.shadow.any(entry => entry.rule == \"{package}.expression_{at}\") }}\n");
        }
        let path = place.path();
        let kept = std::fs::read(&path).unwrap();
        write(&path, &text);
        let ran = self.shell.tollgate(&place.set, "test");
        std::fs::write(&path, kept).unwrap();
        if ran.code == 0 { Ok(None) } else { Err(ran.out) }
    }

    /// Commands print what the page shows.
    fn console(&mut self, block: &Block) -> Checked {
        let mut text = String::new();
        let mut problem = None;
        for part in format!("\n{}", block.text).split("\n$ ").skip(1) {
            let (command, shown) = part.split_once('\n').unwrap_or((part, ""));
            let ran = self.shell.run(command)?;
            let code = command.rsplit_once("# exit ").map_or(Ok(0), |(_, code)| code.trim().parse()).map_err(|_| "no exit code")?;
            if ran.code != code {
                return Err(format!("`{command}` ends with {}:\n{}", ran.code, ran.out));
            }
            let same = fits(shown, &ran.out);
            let output = if same { tidy(shown) } else { shortened(&tidy(&ran.out)) };
            if !same {
                problem = Some(format!("`{command}` prints\n{output}"));
            }
            text += &format!("$ {command}\n{}", if output.trim().is_empty() { "" } else { &output });
            self.output = Some(ran.out);
        }
        match problem {
            None => Ok(None),
            Some(_) if updates() => Ok(Some(text)),
            Some(problem) => Err(problem),
        }
    }

    /// Commands succeed.
    fn commands(&mut self, block: &Block) -> Checked {
        for line in block.text.lines().filter(|line| !line.trim().is_empty()) {
            let ran = self.shell.run(line)?;
            if ran.code != 0 {
                return Err(format!("`{line}` ends with {}:\n{}", ran.code, ran.out));
            }
            self.output = Some(ran.out);
        }
        Ok(None)
    }

    /// The block is what the last command printed.
    fn shown(&mut self, block: &Block) -> Checked {
        let output = self.output.as_ref().ok_or("no command stands before this output")?;
        match fits(&block.text, output) {
            true => Ok(None),
            false if updates() => Ok(Some(shortened(&tidy(output)))),
            false => Err(format!("the output is\n{}", tidy(output))),
        }
    }

    /// The block is the JSON that the last command printed, in another layout; the texts `sha256:…` are those of any policy.
    fn shown_json(&mut self, block: &Block) -> Checked {
        let output = self.output.as_ref().ok_or("no command stands before this output")?;
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).map_err(|error| format!("{error} in\n{text}"));
        let (mut shown, mut printed) = (read(&block.text)?, read(output)?);
        for value in [&mut shown, &mut printed] {
            if let Some(policy) = value.get_mut("policy") {
                *policy = "sha256:…".into();
            }
        }
        if shown == printed { Ok(None) } else { Err(format!("the output is\n{output}")) }
    }
}

/// Writes a file and the folders that it is in.
fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn append(path: &Path, text: &str) -> Result<(), String> {
    let before = std::fs::read_to_string(path).map_err(|_| format!("no `{}` to add to", path.display()))?;
    write(path, &(before + text));
    Ok(())
}

/// The first word of each line is a file or a folder of the repository, or of the folder that is named before it.
fn files(block: &Block) -> Checked {
    let mut folder = root();
    for line in block.text.lines() {
        let indented = line.starts_with(' ');
        let Some(name) = line.split_whitespace().next() else { continue };
        let path = if indented { folder.join(name) } else { root().join(name) };
        let there = if name.contains('*') { path.parent().unwrap().exists() } else { path.exists() };
        if !there {
            return Err(format!("`{name}` is not there"));
        }
        if !indented {
            folder = path;
        }
    }
    Ok(None)
}
