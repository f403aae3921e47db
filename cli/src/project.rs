//! Finds the policy set that a command is about, with its data and limits.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tollgate_compiler::diagnostic::{Diagnostic, Severity};
use tollgate_compiler::lint::{self, Levels};
use tollgate_compiler::{PolicySet, Sources};
use tollgate_evaluator::{Engine, Limits};
use tollgate_lsp::{Problem, Spot};
use toml::Spanned;

use crate::args::Format;
use crate::files;
use crate::output::{Failure, Result, report};

/// The name of a project's file.
pub const FILE: &str = "tollgate.toml";

/// A policy set as the command line names it.
#[derive(Debug, Default)]
pub struct Project {
    /// The files and folders of its policies.
    pub roots: Vec<PathBuf>,
    /// The folder of its `tollgate.toml`, where it has one.
    pub folder: Option<PathBuf>,
    /// The folder of its data, where it has one.
    pub data: Option<PathBuf>,
    /// The limits of its decisions.
    pub limits: Limits,
    /// What is made of its lints.
    pub levels: Levels,
    /// A recorded input that editors decide live.
    pub input: Option<PathBuf>,
    /// Recorded calls that editors count by the rules that match them.
    pub calls: Option<PathBuf>,
}

/// What is made of a lint.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    /// It is not reported.
    Allow,
    /// It stays a warning.
    Warn,
    /// It is an error.
    Deny,
}

impl From<Level> for lint::Level {
    fn from(level: Level) -> lint::Level {
        match level {
            Level::Allow => lint::Level::Allow,
            Level::Warn => lint::Level::Warn,
            Level::Deny => lint::Level::Deny,
        }
    }
}

/// `tollgate.toml`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    policy: PolicyTable,
    limits: LimitsTable,
    lints: BTreeMap<Spanned<String>, Level>,
    editor: EditorTable,
}

/// What is wrong with settings.
struct Wrong {
    /// Where in their text, where that is known.
    at: Option<Range<usize>>,
    /// What is wrong.
    message: String,
    /// The same with the place.
    whole: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct EditorTable {
    input: Option<Spanned<PathBuf>>,
    calls: Option<Spanned<PathBuf>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PolicyTable {
    roots: Vec<PathBuf>,
    data: PathBuf,
}

impl Default for PolicyTable {
    fn default() -> PolicyTable {
        PolicyTable { roots: vec!["policies".into()], data: "data".into() }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LimitsTable {
    input_bytes: Option<usize>,
    depth: Option<usize>,
    steps: Option<u64>,
    data_bytes: Option<usize>,
}

impl File {
    fn read(text: &str) -> std::result::Result<File, Wrong> {
        toml::from_str(text).map_err(|error| Wrong {
            at: error.span(),
            message: error.message().to_owned(),
            whole: error.to_string().trim_end().to_owned(),
        })
    }

    fn levels(&self) -> std::result::Result<Levels, Wrong> {
        let mut levels = Levels::default();
        for (name, level) in &self.lints {
            levels.set(name.get_ref(), (*level).into()).map_err(|unknown| {
                let message = unknown.to_string();
                Wrong { at: Some(name.span()), message: message.clone(), whole: message }
            })?;
        }
        Ok(levels)
    }
}

impl LimitsTable {
    fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits {
            input_bytes: self.input_bytes.unwrap_or(usual.input_bytes),
            depth: self.depth.unwrap_or(usual.depth).min(Limits::MAX_DEPTH),
            steps: self.steps.unwrap_or(usual.steps),
            data_bytes: self.data_bytes.unwrap_or(usual.data_bytes),
        }
    }
}

impl Project {
    /// The set that the command line names; with no paths, that of the current folder. A folder named that has a `tollgate.toml` is a project.
    pub fn find(paths: &[PathBuf]) -> Result<Project> {
        match paths {
            [] => Project::around(Path::new(".")),
            [folder] if folder.join(FILE).is_file() => Project::open(folder),
            _ => Ok(Project { roots: paths.to_vec(), ..Project::default() }),
        }
    }

    /// The project whose `tollgate.toml` is in a folder or nearest above it, or else the folder alone.
    pub fn around(folder: &Path) -> Result<Project> {
        let absolute = std::path::absolute(folder).map_err(|error| Failure::file("find", folder, error))?;
        let above = absolute.ancestors().find(|ancestor| ancestor.join(FILE).is_file());
        match above {
            Some(found) if found == absolute => Project::open(folder),
            Some(found) => Project::open(found),
            None => Ok(Project { roots: vec![folder.to_owned()], ..Project::default() }),
        }
    }

    fn open(folder: &Path) -> Result<Project> {
        let path = below(folder, Path::new(FILE));
        let text = std::fs::read_to_string(&path).map_err(|error| Failure::file("read", &path, error))?;
        let wrong = |wrong: Wrong| Failure::Because(format!("`{}`: {}", path.display(), wrong.whole));
        File::read(&text).and_then(|file| Project::of(folder, file)).map_err(wrong)
    }

    /// What a folder's settings say.
    fn of(folder: &Path, file: File) -> std::result::Result<Project, Wrong> {
        let levels = file.levels()?;
        let data = below(folder, &file.policy.data);
        Ok(Project {
            roots: file.policy.roots.iter().map(|root| below(folder, root)).collect(),
            folder: Some(folder.to_owned()),
            data: data.is_dir().then_some(data),
            limits: file.limits.limits(),
            levels,
            input: file.editor.input.map(|input| below(folder, input.get_ref())),
            calls: file.editor.calls.map(|calls| below(folder, calls.get_ref())),
        })
    }

    /// Reads and checks the policies.
    pub fn check(&self) -> Result<PolicySet> {
        self.sources().map(PolicySet::check)
    }

    /// Reads the policies. A root without any is a failure: it is mistyped rather than meant, and nothing would be found in it.
    pub fn sources(&self) -> Result<Sources> {
        let sources = Sources::read(&self.roots).map_err(Failure::new)?;
        let is_shown = |root: &Path| sources.files().iter().any(|file| Path::new(&file.path).starts_with(root));
        for root in self.roots.iter().filter(|root| !is_shown(root)) {
            // What is below it may be shown under another root that leads to it.
            if Sources::read(&[root]).map_err(Failure::new)?.files().is_empty() {
                return Err(Failure::Because(format!("no `.toll` file below `{}`", root.display())));
            }
        }
        Ok(sources)
    }

    /// Findings as the project wants them: lints dropped or made errors.
    pub fn judged(&self, findings: &[Diagnostic]) -> Vec<Diagnostic> {
        self.levels.judged(findings.to_vec())
    }

    /// Reads and checks the policies for a command that needs them without errors; `None`, after a report, where there are some.
    pub fn check_cleanly(&self, format: Format) -> Result<Option<PolicySet>> {
        let set = self.check()?;
        let findings = self.judged(set.diagnostics());
        report(&findings, set.sources(), format);
        Ok(findings.iter().all(|found| found.severity != Severity::Error).then_some(set))
    }

    /// Binds the project's data, and what the command line gives in its place.
    pub fn bind(&self, engine: &Engine, given: &[String]) -> Result<()> {
        if let Some(folder) = &self.data {
            Binding::of(engine).folder(folder)?;
        }
        let mut binding = Binding::of(engine);
        given.iter().try_for_each(|given| match given.split_once('=') {
            Some((name, file)) if !Path::new(given).is_dir() => binding.file(name, Path::new(file)),
            _ => binding.folder(Path::new(given)),
        })
    }
}

/// The set that a folder belongs to, for the editor; the folder itself where its project cannot be read.
pub fn editors(folder: &Path) -> tollgate_lsp::Project {
    let alone = || tollgate_lsp::Project { roots: vec![folder.to_owned()], ..tollgate_lsp::Project::default() };
    let settings = folder.ancestors().map(|ancestor| ancestor.join(FILE)).find(|file| file.is_file());
    settings.map_or_else(alone, |settings| {
        of_settings(&settings).unwrap_or_else(|unreadable| tollgate_lsp::Project { unreadable: Some(unreadable), ..alone() })
    })
}

/// The set of a settings file, which is read once: it may be written while it is looked at. An error is why it cannot be read.
fn of_settings(settings: &Path) -> std::result::Result<tollgate_lsp::Project, Problem> {
    let problem = |at, message| Problem { file: settings.to_owned(), at, message };
    let text = std::fs::read_to_string(settings).map_err(|error| problem(None, error.to_string()))?;
    let wrong = |wrong: Wrong| problem(wrong.at.map(|at| Spot::of(&text, at)), wrong.message);
    let file = File::read(&text).map_err(wrong)?;
    let folder = settings.parent().unwrap_or(Path::new("."));
    let named = [&file.editor.input, &file.editor.calls].into_iter().flatten();
    let missing = named.filter(|named| !below(folder, named.get_ref()).is_file());
    let told = |named: &Spanned<PathBuf>| problem(Some(Spot::of(&text, named.span())), format!("there is no file `{}`", named.get_ref().display()));
    let problems = missing.map(told).collect();
    let Project { roots, levels, data, input, calls, .. } = Project::of(folder, file).map_err(wrong)?;
    Ok(tollgate_lsp::Project { roots, levels, data, input, calls, problems, ..tollgate_lsp::Project::default() })
}

/// A path below a folder, without `./` before it.
fn below(folder: &Path, path: &Path) -> PathBuf {
    if folder == Path::new(".") { path.to_owned() } else { folder.join(path) }
}

/// Binds data that are given together, each once.
struct Binding<'e> {
    engine: &'e Engine,
    /// The file that each was given in, by its full name.
    bound: BTreeMap<String, PathBuf>,
}

impl Binding<'_> {
    fn of(engine: &Engine) -> Binding<'_> {
        Binding { engine, bound: BTreeMap::new() }
    }

    /// Binds each `NAME.json` of a folder.
    fn folder(&mut self, folder: &Path) -> Result<()> {
        let failed = |error| Failure::file("read", folder, error);
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        files.iter().try_for_each(|file| {
            let name = file.file_stem().and_then(|name| name.to_str()).ok_or_else(|| Failure::file("read", file, "its name is no UTF-8"))?;
            self.file(name, file)
        })
    }

    fn file(&mut self, name: &str, file: &Path) -> Result<()> {
        let bytes = files::read(file, self.engine.limits().data_bytes)?;
        self.engine.set_data(name, bytes).map_err(|error| Failure::Because(format!("`{}`: {error}", file.display())))?;
        let name = self.full_name(name);
        match self.bound.insert(name.clone(), file.to_owned()) {
            None => Ok(()),
            Some(other) => Err(Failure::Because(format!("data `{name}` is given twice: in `{}` and in `{}`", other.display(), file.display()))),
        }
    }

    /// The full name of data that was bound by it or by its last part.
    fn full_name(&self, name: &str) -> String {
        let names = self.engine.plan().data.iter().map(|data| &*data.name);
        let full = names.clone().find(|full| *full == name).or_else(|| names.clone().find(|full| full.rsplit('.').next() == Some(name)));
        full.unwrap_or(name).to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What editors are told of settings: where, and what.
    fn told(settings: &str) -> Vec<(String, String)> {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join(FILE), settings).unwrap();
        std::fs::write(folder.path().join("call.json"), "{}").unwrap();
        let project = editors(folder.path());
        let spans = (0..settings.len()).flat_map(|start| (start..=settings.len()).map(move |end| start..end));
        let place = |spot: &Spot| spans.clone().find(|span| Spot::of(settings, span.clone()) == *spot).and_then(|span| settings.get(span));
        let told = project.unreadable.iter().chain(&project.problems);
        told.map(|problem| (problem.at.as_ref().and_then(place).unwrap_or_default().to_owned(), problem.message.clone())).collect()
    }

    #[test]
    fn what_is_wrong_with_settings_is_told_at_its_place() {
        for (settings, place, message) in [
            ("[policy]\nrots = [\"x\"]\n", "rots", "unknown field `rots`"),
            ("[limits]\nsteps = \"many\"\n", "\"many\"", "invalid type"),
            ("[lints]\nunused-let = \"loud\"\n", "\"loud\"", "unknown variant"),
            ("[lints]\n# é\nno-lint = \"deny\"\n", "no-lint", "no-lint"),
            ("[editor]\ncalls = \"nope.jsonl\"\n", "\"nope.jsonl\"", "there is no file `nope.jsonl`"),
            ("[editor]\ninput = \"nope.json\"\n", "\"nope.json\"", "there is no file `nope.json`"),
        ] {
            let told = told(settings);
            let [(at, what)] = told.as_slice() else { panic!("{settings}: {told:?}") };
            assert!(at == place && what.contains(message), "{settings}: {told:?}");
        }
        assert_eq!(told("[editor]\ninput = \"call.json\"\n"), []);
        assert_eq!(told("[policy]\nroots = [\"x\"\n").len(), 1);
    }
}
