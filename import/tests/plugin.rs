//! Every plugin of the corpora is imported and compiles. They are no part of the repository; without them this says that it is skipped.

#[path = "support/engine.rs"]
mod engine;

use std::fs;
use std::path::Path;

use tollgate_import::{Source, plugin};

#[test]
fn plugins_of_the_corpora_compile() {
    let Some(corpora) = std::env::var_os("TOLLGATE_CORPORA") else {
        eprintln!("skipped: TOLLGATE_CORPORA is not set");
        return;
    };
    let mut plugins = 0;
    for folder in folders(&Path::new(&corpora).join("agent-plugins")) {
        let mut files = Vec::new();
        collect(&folder, "", &mut files);
        files.sort();
        let sources: Vec<Source> = files.iter().map(|(name, text)| Source { name, text }).collect();
        if !sources.iter().any(|source| source.name.ends_with("plugin.json")) {
            continue;
        }
        let import = plugin::import(&sources, &plugin::Options::default()).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        engine::of(&import.files, None).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        plugins += 1;
    }
    assert!(plugins > 0, "no plugin was found");
}

#[test]
fn what_is_much_is_read_or_refused_in_time() {
    let skills: Vec<String> = (0..5000).map(|at| format!(r#"{{"name": "s{at}", "permissions": ["t{at}", "Bash(git c{at}:*)"]}}"#)).collect();
    let manifest = format!(r#"{{"name": "big", "skills": [{}]}}"#, skills.join(", "));
    let hooks = |count: usize, matcher: &str| {
        let entries: Vec<String> = (0..count).map(|at| format!(r#"{{"matcher": "{matcher}{at}", "command": "c{at}"}}"#)).collect();
        format!(r#"{{"PreToolUse": [{}]}}"#, entries.join(", "))
    };
    let import = |hooks: &str| {
        let sources = [Source { name: "plugin.json", text: &manifest }, Source { name: "hooks.json", text: hooks }];
        plugin::import(&sources, &plugin::Options::default()).map(|import| import.files[0].text.len()).map_err(|error| error.reason)
    };
    let started = std::time::Instant::now();
    assert!(import(&hooks(900, "x")).unwrap() < 20 << 20);
    assert!(import(&hooks(900, ".*|x")).unwrap_err().contains("more hooks than anybody reads"));
    assert!(import(&hooks(50_000, "x")).unwrap_err().contains("50000 hooks"));
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// Every folder below one, itself included.
fn folders(of: &Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![of.to_owned()];
    for entry in fs::read_dir(of).into_iter().flatten().flatten().filter(|entry| entry.path().is_dir()) {
        all.extend(folders(&entry.path()));
    }
    all
}

fn collect(folder: &Path, below: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            collect(&entry.path(), &format!("{name}/"), files);
        } else if let Some(Ok(text)) = plugin::is_read(&name).then(|| fs::read_to_string(entry.path())) {
            files.push((name, text));
        }
    }
}
