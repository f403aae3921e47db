//! `tollgate test --watch`: runs the tests again whenever a file changes, and prints what has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tollgate_compiler::diagnostic::{Severity, render};
use tollgate_compiler::{PolicySet, Sources};

use crate::args::{TestArgs, TestFormat};
use crate::output::{self, Failure, Paint, Result, color_of, complain, tame};
use crate::project::{FILE, Project};

use super::pretty::{self, Failures};
use super::results::Results;

/// How long to wait between two looks at the files.
const PAUSE: Duration = Duration::from_millis(50);

/// Looking at the files takes at most this part of the time.
const SHARE: u32 = 10;

/// Runs the tests until nobody wants to know any more. What keeps the first run from being made is a failure, and later something to mend.
pub fn run(args: &TestArgs) -> Result {
    if args.format != TestFormat::Pretty {
        return Err(Failure::new("`--watch` is for people: it has no other format than `pretty`"));
    }
    let mut project = Project::find(&args.set.paths)?;
    let mut watch = Watch::new(args, color_of(&std::io::stdout()));
    let mut seen = stamps(&project, args);
    output::print(&watch.turn(&project, project.sources()?)?)?;
    loop {
        let start = Instant::now();
        // What cannot be read is told once something has changed.
        project = Project::find(&args.set.paths).unwrap_or(project);
        let now = stamps(&project, args);
        std::thread::sleep(PAUSE.max(start.elapsed() * SHARE));
        if now == seen {
            continue;
        }
        seen = now;
        let again = Project::find(&args.set.paths).and_then(|found| watch.turn(&found, found.sources()?));
        match again {
            Ok(text) => output::print(&text)?,
            Err(Failure::Because(reason)) => complain(&format!("tollgate: {reason}\n")),
            Err(unread) => return Err(unread),
        }
    }
}

/// The state between two runs.
pub struct Watch<'a> {
    args: &'a TestArgs,
    color: bool,
    /// The set of the last run, from which the next takes what has not changed.
    set: Option<PolicySet>,
    /// What each test came to, by its place: nothing if it passed, or its failures; `None` before the first run.
    verdicts: Option<BTreeMap<Key, String>>,
}

/// A test's file and title, and how many before it have the same.
type Key = (String, String, usize);

impl<'a> Watch<'a> {
    /// Before the first run.
    pub fn new(args: &'a TestArgs, color: bool) -> Watch<'a> {
        Watch { args, color, set: None, verdicts: None }
    }

    /// Runs the tests of these sources; what has changed since the last run, and the summary.
    pub fn turn(&mut self, project: &Project, sources: Sources) -> Result<String> {
        let set = match self.set.take() {
            Some(set) => set.update(sources),
            None => PolicySet::check(sources),
        };
        let told = self.report(project, &set);
        self.set = Some(set);
        told
    }

    fn report(&mut self, project: &Project, set: &PolicySet) -> Result<String> {
        let findings = project.judged(set.diagnostics());
        let out = render::render(&findings, set.sources(), self.color);
        if findings.iter().any(|found| found.severity == Severity::Error) {
            return Ok(out + "no test was run\n");
        }
        let run = super::prepare(self.args, project, set)?.map(|prepared| prepared.run(self.args)).transpose()?;
        let changes = run.map(|results| self.changes(&results)).unwrap_or_default();
        Ok(out + &changes)
    }

    /// The failures that are new or other than before, the tests that pass now, and the summary.
    fn changes(&mut self, results: &Results<'_>) -> String {
        let paint = Paint::new(self.color);
        let mut failures = Failures::new(results.sources, self.color);
        let before = self.verdicts.take();
        let (mut verdicts, mut out) = (BTreeMap::new(), String::new());
        let mut met: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for test in &results.tests {
            let number = met.entry((&test.place.file, &test.title)).or_default();
            let key = (test.place.file.clone(), test.title.clone(), *number);
            *number += 1;
            let verdict = failures.of(test);
            let known = before.as_ref().and_then(|before| before.get(&key));
            if verdict.is_empty() && known.is_some_and(|known| !known.is_empty()) {
                out.push_str(&format!("{}: {}\n", paint.good("passes now"), tame(&test.title)));
            } else if known != Some(&verdict) {
                out.push_str(&verdict);
            }
            verdicts.insert(key, verdict);
        }
        self.verdicts = Some(verdicts);
        out + &pretty::summary(results)
    }
}

/// When each file that matters was written last, and how long it is.
type Stamps = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

fn stamps(project: &Project, args: &TestArgs) -> Stamps {
    let mut stamps = Stamps::new();
    let given = args.data.iter().map(|given| given.split_once('=').map_or(given.as_str(), |(_, file)| file)).map(Path::new);
    let single = args.cases.iter().map(PathBuf::as_path).chain(given);
    let mut pending: Vec<PathBuf> =
        project.roots.iter().map(PathBuf::as_path).chain(project.data.as_deref()).chain(single).map(Path::to_owned).collect();
    pending.extend(project.folder.iter().map(|folder| folder.join(FILE)));
    let mut visited = BTreeSet::new();
    while let Some(path) = pending.pop() {
        let known = std::fs::metadata(&path);
        let is_folder = known.as_ref().is_ok_and(std::fs::Metadata::is_dir);
        // Links may lead round in a circle.
        if is_folder && std::fs::canonicalize(&path).is_ok_and(|real| visited.insert(real)) {
            let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
            pending.extend(entries.filter(matters).map(|entry| entry.path()));
        }
        let stamp = known.ok().and_then(|known| Some((known.modified().ok()?, known.len())));
        stamps.insert(path, stamp);
    }
    stamps
}

/// Whether an entry may be a folder, a policy or data.
fn matters(entry: &std::fs::DirEntry) -> bool {
    let path = entry.path();
    let has_kind = path.extension().is_some_and(|extension| extension == "toll" || extension == "json");
    has_kind || entry.file_type().is_ok_and(|kind| !kind.is_file())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn args(more: &[&str]) -> TestArgs {
        match Cli::parse_from(["tollgate", "test", "--watch"].iter().chain(more)).command {
            Command::Test(args) => args,
            other => panic!("{other:?}"),
        }
    }

    fn policy(limit: u32) -> String {
        let test =
            |n: u32| format!("test \"t{n}\" {{ input {{ agent: {{id: \"x\"}}, tool: {{name: \"t\"}}, args: {{n: {n}}} }} expect allow by small }}\n");
        format!("package a\nallow small when args.n.as_int() ?? 0 <= {limit}\n{}{}", test(1), test(5))
    }

    fn rooted(root: &Path) -> Project {
        let mut project = Project::default();
        project.roots.push(root.to_owned());
        project
    }

    #[test]
    fn what_has_changed_is_told_and_nothing_else() {
        let args = args(&[]);
        let mut watch = Watch::new(&args, false);
        let project = Project::default();
        let mut turn = |text: &str| watch.turn(&project, Sources::of("a.toll", text)).unwrap();
        let first = turn(&policy(3));
        assert!(first.contains("failed: t5") && first.contains("1 test passed, 1 failed"), "{first}");
        let same = turn(&format!("{}// a comment\n", policy(3)));
        assert!(!same.contains("failed: ") && same.contains("1 test passed, 1 failed"), "{same}");
        let other = turn(&policy(2));
        assert!(other.contains("<= 2` was false"), "failed otherwise: {other}");
        let broken = turn("package a\nallow small when");
        assert!(broken.ends_with("no test was run\n") && broken.contains("[E0"), "{broken}");
        let fixed = turn(&policy(9));
        assert!(fixed.starts_with("passes now: t5\n2 tests passed") && !fixed.contains("t1"), "{fixed}");
    }

    #[test]
    fn a_thousand_rules_are_run_again_at_once() {
        let rules = |limit: u32| -> String {
            let rule = |n: u32| format!("deny r{n} when agent.id == \"a{n}\" and args.n.as_int() ?? 0 > {}\n", n + limit);
            (0..1000).map(rule).collect::<String>() + &policy(limit)["package a\n".len()..]
        };
        let args = args(&[]);
        let mut watch = Watch::new(&args, false);
        let project = Project::default();
        watch.turn(&project, Sources::of("a.toll", &format!("package a\n{}", rules(9)))).unwrap();
        let edited = format!("package a\n{}", rules(9)).replace("deny r500 when", "deny r500 when args.n == 3 and");
        let start = Instant::now();
        let told = watch.turn(&project, Sources::of("a.toll", &edited)).unwrap();
        let elapsed = start.elapsed();
        assert!(told.starts_with("2 tests passed"), "{told}");
        println!("a thousand rules again in {elapsed:?}");
        // Ten times what a release build is allowed.
        assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
    }

    #[test]
    fn what_is_written_changes_the_stamps() {
        let folder = tempfile::TempDir::new().unwrap();
        let project = rooted(folder.path());
        let args = args(&[]);
        let before = stamps(&project, &args);
        assert_eq!(stamps(&project, &args), before);
        std::fs::create_dir(folder.path().join("below")).unwrap();
        std::fs::write(folder.path().join("below/a.toll"), "package a").unwrap();
        let added = stamps(&project, &args);
        assert_ne!(added, before);
        std::fs::write(folder.path().join("below/a.toll"), "package ab").unwrap();
        assert_ne!(stamps(&project, &args), added);
        let missing = rooted(&folder.path().join("none"));
        assert_eq!(stamps(&missing, &args).len(), 1);
    }
}
