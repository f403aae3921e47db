//! The documentation is held to the code: every block in it is checked by what its tag says, and links lead somewhere.
//!
//! A page is read from top to bottom, in a folder of its own; the pages of the guide go on in one folder, in the order of their names. A line before a
//! block that ends in `` `NAME`: `` makes the block that file, `` dd to `NAME`: `` appends it. What a tag means:
//!
//! | tag | the block |
//! |---|---|
//! | `toll` | without a name: a policy of its own where it begins with `package`, else it goes on with the last one. The set has no finding and the canonical layout, and its tests pass |
//! | `toll expr [TOOL]` | an expression a line, true of the request `example` of that policy, in a rule on that tool |
//! | `toll error CODE…`, `toll warning CODE…` | the policy with it has these findings, and goes on without it |
//! | `console` | commands after `$`, each with its output; `…` stands for anything; `# exit 1` at a command's end is its exit code |
//! | `sh` | commands without output. What would build or install is not run, but must name packages that are there |
//! | `text` | the output of the command, or of the check, before it |
//! | `text files` | a listing of the repository |
//! | `json`, `jsonl` | can be read; `json output` is that of the command before it |
//! | `toml` | settings of a project that the command takes |
//! | `yaml` | with a name, that file; else the workflow that `tollgate init` makes |
//! | `markdown`, `cedar` | that file |
//! | `rust` | is compiled, since the page is one of `cli/src/pages.rs` |
//! | `ebnf` | see `complete.rs` |
//! | `python`, `js`, `text program` | is run, or is what a program prints: the tests of the bindings see to it |
//!
//! `TOLLGATE_UPDATE_DOCS=1` writes outputs that differ into the pages; `TOLLGATE_PAGES=docs/guide` reads those pages alone.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod block;
mod complete;
mod links;
mod output;
mod scratch;
mod shell;

use std::path::{Path, PathBuf};

use block::Block;
use scratch::Scratch;

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A page of the documentation.
struct Page {
    /// From the root.
    path: PathBuf,
    text: String,
}

/// The pages, by their path.
fn pages() -> Vec<Page> {
    let mut folders: Vec<PathBuf> =
        ["", "docs", "docs/guide", "docs/import", "tests", "bindings/python", "bindings/node"].map(PathBuf::from).to_vec();
    let examples = std::fs::read_dir(root().join("examples")).unwrap();
    folders.extend(examples.map(|entry| Path::new("examples").join(entry.unwrap().file_name())));
    let mut pages = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
            let path = folder.join(entry.unwrap().file_name());
            if path.extension().is_some_and(|extension| extension == "md") {
                let text = std::fs::read_to_string(root().join(&path)).unwrap();
                pages.push(Page { path, text });
            }
        }
    }
    pages.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(pages.len() > 10, "{}", pages.len());
    pages
}

/// The pages that are read in one folder.
fn stories() -> Vec<Vec<Page>> {
    let mut stories: Vec<Vec<Page>> = Vec::new();
    let chosen = std::env::var_os("TOLLGATE_PAGES").unwrap_or_default();
    for page in pages().into_iter().filter(|page| page.path.starts_with(&chosen)) {
        let guide = |page: &Page| page.path.starts_with("docs/guide");
        match stories.last_mut() {
            Some(story) if guide(&page) && story.iter().all(guide) => story.push(page),
            _ => stories.push(vec![page]),
        }
    }
    stories
}

#[test]
fn every_block_is_as_it_says() {
    let found: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = stories().into_iter().map(|story| scope.spawn(move || read(story))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "{}\n{} blocks", found.join("\n\n"), found.len());
}

#[test]
fn what_is_wrong_is_found() {
    if output::updates() {
        return;
    }
    let wrong = [
        ("```nonsense\n```\n", "nobody knows the tag"),
        ("```\nx\n```\n", "no tag"),
        ("Indented:\n\n    x\n", "no tag"),
        ("```json\n{\n```\n", "EOF"),
        ("```toml\n[lints]\nunfield = \"deny\"\n```\n", "unfield"),
        ("```toll\npackage a\nallow x when 1\n```\n", "E0206"),
        ("```toll\npackage a\nlet x = 1\n```\n", "W0104"),
        ("```toll\npackage a\nallow   x when agent.id == \"a\"\n```\n", "fmt --check"),
        ("```toll error E0202\npackage a\nallow x when 1\n```\n", "E0206"),
        (
            "```toll\npackage a\n\nlet example = {agent: {id: \"a\"}, tool: {name: \"t\"}}\n\ntest \"t\" {\n  input example\n  expect allow\n}\n```\n",
            "failed",
        ),
        ("```console\n$ echo a\nb\n```\n", "prints"),
        ("```console\n$ false\n```\n", "ends with 1"),
        ("```sh\ncargo test -p nobody\n```\n", "`nobody` is not there"),
        ("```text\nx\n```\n", "no command"),
        ("```text files\nnowhere/\n```\n", "is not there"),
        ("```rust\nfn main() {}\n```\n", "cli/src/pages.rs"),
    ];
    for (text, problem) in wrong {
        let found = read(vec![Page { path: "page.md".into(), text: text.to_owned() }]);
        assert!(found.len() == 1 && found[0].contains(problem), "{text}{found:?}");
    }
}

/// What is wrong in the blocks of pages that are read one after the other.
fn read(story: Vec<Page>) -> Vec<String> {
    let mut scratch = Scratch::new();
    let mut found = Vec::new();
    for page in story {
        // Made from the functions' source, whose examples `compiler/tests/stdlib_examples.rs` runs.
        if page.path == Path::new("docs/standard-library.md") {
            continue;
        }
        let mut changed = Vec::new();
        for block in block::blocks(&page.text) {
            match scratch.check(&page.path, &block) {
                Ok(None) => {}
                Ok(Some(text)) => changed.push((block, text)),
                Err(problem) => found.push(format!("{}:{}: {problem}", page.path.display(), block.line)),
            }
        }
        write(&page, &changed);
    }
    found
}

/// Writes the blocks of a page that have another text.
fn write(page: &Page, changed: &[(Block, String)]) {
    let mut text = page.text.clone();
    for (block, new) in changed.iter().rev() {
        text.replace_range(block.range.clone(), new);
    }
    if !changed.is_empty() {
        std::fs::write(root().join(&page.path), text).unwrap();
    }
}
