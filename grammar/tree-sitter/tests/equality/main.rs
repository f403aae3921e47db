//! tree-sitter takes a text exactly where the compiler's parser can read every item of it.
//!
//! Compared are the policies of the repository, the blocks of its pages, both with random changes, and texts that are made from either grammar.
//! `TOLLGATE_GRAMMAR_TEXTS=100000` makes more of them, `TOLLGATE_GRAMMAR_SEED=7` others.
//!
//! The two differ, and are not compared, where
//!
//! - a text nests deeper, or chains more operators, than the compiler takes: an editor should show such a text nevertheless;
//! - a text has a character NUL, at which tree-sitter's lexers end a token;
//! - a keyword that begins items is a name outside of brackets, as in `data tool: int`: the compiler begins an item there, before it asks the grammar.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod sentences;

use std::path::{Path, PathBuf};

use sentences::{Random, Sentences};
use tollgate_compiler::diagnostic::{Code, FileId};
use tollgate_compiler::syntax::lexer::lex;
use tollgate_compiler::syntax::{Cut, SyntaxLimits, parse};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// Compares the parsers, and keeps the first texts that they differ on.
struct Comparison {
    parser: tree_sitter::Parser,
    compared: usize,
    taken: usize,
    differing: Vec<String>,
}

impl Comparison {
    fn new() -> Comparison {
        let mut parser = tree_sitter::Parser::new();
        parser.set_language(&tree_sitter_toll::LANGUAGE.into()).unwrap();
        Comparison { parser, compared: 0, taken: 0, differing: Vec::new() }
    }

    fn compare(&mut self, text: &str, whence: &str) {
        let Some(taken) = compiler_takes(text) else { return };
        self.compared += 1;
        self.taken += usize::from(taken);
        let tree = self.parser.parse(text, None).unwrap();
        if tree.root_node().has_error() == taken && self.differing.len() < 10 && !is_cut_at_a_name(text, tree.root_node()) {
            let who = if taken { "only the compiler takes" } else { "only tree-sitter takes" };
            self.differing.push(format!("{who} {whence}:\n{text}"));
        }
    }

    /// So many texts at least, and that share of them sound, so that neither answer is always the right one.
    fn finish(self, least: usize, sound: std::ops::Range<usize>) {
        assert!(self.differing.is_empty(), "{}\n\nof {}", self.differing.join("\n\n"), self.compared);
        let share = self.taken * 100 / self.compared.max(1);
        assert!(self.compared >= least && sound.contains(&share), "{} texts, {share}% sound", self.compared);
    }
}

/// Whether the compiler reads every item; nothing where a limit says no.
fn compiler_takes(text: &str) -> Option<bool> {
    let (file, diagnostics) = parse(text, FileId(0), &SyntaxLimits::default());
    let beyond = text.contains('\0') || diagnostics.iter().any(|diagnostic| matches!(diagnostic.code, Code::Nesting | Code::FileSize));
    (!beyond).then_some(file.broken.is_empty())
}

/// Whether a sound tree has fewer items than the compiler has cut.
fn is_cut_at_a_name(text: &str, root: tree_sitter::Node<'_>) -> bool {
    let items = root.named_children(&mut root.walk()).filter(|node| !matches!(node.kind(), "annotation" | "comment")).count();
    !root.has_error() && items < Cut::new(text).pieces().count()
}

/// Every policy of the repository, and every block of its pages, by its path.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let extension = path.extension().unwrap_or_default();
            if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
                folders.push(path);
            } else if extension == "toll" {
                texts.extend(std::fs::read_to_string(&path).ok().map(|text| (path.display().to_string(), text)));
            } else if extension == "md" {
                let page = std::fs::read_to_string(&path).unwrap();
                texts.extend(blocks(&page).map(|block| (path.display().to_string(), block.to_owned())));
            }
        }
    }
    texts.sort();
    texts
}

/// The blocks of a page that hold policies.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("\n```toll").skip(1).filter_map(|rest| rest.split_once('\n')?.1.split_once("\n```")).map(|(block, _)| block)
}

#[test]
fn policies_of_the_repository() {
    let mut comparison = Comparison::new();
    for (path, text) in texts() {
        comparison.compare(&text, &path);
    }
    comparison.finish(1000, 50..100);
}

#[test]
fn policies_with_changes() {
    let mut comparison = Comparison::new();
    let mut random = Random::new(setting("TOLLGATE_GRAMMAR_SEED", 1));
    let texts = texts();
    // A change should tell, so long texts are left out.
    let pieces: Vec<Vec<&str>> = texts.iter().filter(|(_, text)| text.len() < 2000).map(|(_, text)| pieces(text)).collect();
    for _ in 0..setting("TOLLGATE_GRAMMAR_TEXTS", 2_000) {
        let text = changed(random.pick::<Vec<&str>>(&pieces), random.pick::<Vec<&str>>(&pieces), &mut random);
        comparison.compare(&text, "a changed policy");
    }
    comparison.finish(1000, 5..95);
}

/// A text's tokens, white space included.
fn pieces(text: &str) -> Vec<&str> {
    lex(text).into_iter().map(|token| token.span.of(text)).collect()
}

/// A text in which some tokens are left out, doubled, exchanged, or replaced by those of another.
fn changed(pieces: &[&str], others: &[&str], random: &mut Random) -> String {
    let mut pieces = pieces.to_vec();
    for _ in 0..=random.below(2) {
        if pieces.is_empty() || others.is_empty() {
            break;
        }
        let (at, other) = (random.below(pieces.len()), random.below(pieces.len()));
        match random.below(5) {
            0 => drop(pieces.remove(at)),
            1 => pieces.insert(at, pieces[other]),
            2 => pieces.swap(at, other),
            3 => pieces[at] = *random.pick(others),
            _ => pieces.insert(at, *random.pick(others)),
        }
    }
    pieces.concat()
}

#[test]
fn texts_made_from_the_grammar() {
    let sentences = Sentences::of_pest(&std::fs::read_to_string(root().join("grammar/tollgate.pest")).unwrap());
    compare_sentences(&sentences, "item");
}

#[test]
fn texts_made_from_the_grammar_for_editors() {
    let sentences = Sentences::of_tree_sitter(include_str!("../../src/grammar.json"));
    compare_sentences(&sentences, "_item");
}

fn compare_sentences(sentences: &Sentences, item: &str) {
    let mut comparison = Comparison::new();
    let mut random = Random::new(setting("TOLLGATE_GRAMMAR_SEED", 1));
    for _ in 0..setting("TOLLGATE_GRAMMAR_TEXTS", 2_000) {
        let text = sentences.make(item, &mut random);
        comparison.compare(&text, "a text made from it");
    }
    comparison.finish(1000, 20..100);
}
