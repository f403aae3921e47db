//! The queries by which editors show policies: they are of this grammar, and colour a sample as the snapshot says.

#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use tree_sitter::{Language, Node, Parser, Query, QueryCursor, StreamingIterator, Tree};

/// Every item, clause, type and expression.
const SAMPLE: &str = include_str!("sample.toll");

fn language() -> Language {
    tree_sitter_toll::LANGUAGE.into()
}

fn tree() -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).unwrap();
    let tree = parser.parse(SAMPLE, None).unwrap();
    assert!(!tree.root_node().has_error(), "{}", tree.root_node().to_sexp());
    tree
}

/// All nodes below one, itself included.
fn nodes<'t>(node: Node<'t>, to: &mut Vec<Node<'t>>) {
    to.push(node);
    node.children(&mut node.walk()).for_each(|child| nodes(child, to));
}

#[test]
fn every_query_is_of_the_grammar() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut queries = 0;
    for folder in ["queries", "../../lsp/zed/languages/toll"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "scm") {
                let text = std::fs::read_to_string(&path).unwrap();
                let query = Query::new(&language(), &text).map_err(|error| format!("{}: {error}", path.display())).unwrap();
                assert!(query.pattern_count() > 0, "{}", path.display());
                queries += 1;
            }
        }
    }
    assert!(queries > 6, "{queries}");
}

#[test]
fn the_sample_shows_every_kind_of_node() {
    let tree = tree();
    let mut all = Vec::new();
    nodes(tree.root_node(), &mut all);
    let shown: BTreeSet<(&str, bool)> = all.iter().map(|node| (node.kind(), node.is_named())).collect();
    let language = language();
    let kinds = (0..language.node_kind_count() as u16).filter(|id| language.node_kind_is_visible(*id));
    let missing: BTreeSet<&str> = kinds
        .filter_map(|id| Some((language.node_kind_for_id(id)?, language.node_kind_is_named(id))))
        .filter(|kind| !shown.contains(kind))
        .map(|(kind, _)| kind)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_sample_is_coloured() {
    let query = Query::new(&language(), tree_sitter_toll::HIGHLIGHTS_QUERY).unwrap();
    let tree = tree();
    let mut cursor = QueryCursor::new();
    let mut captures = cursor.captures(&query, tree.root_node(), SAMPLE.as_bytes());
    // Of an inner and an outer node the inner one counts, of patterns the last.
    let mut found = BTreeMap::new();
    while let Some((matched, index)) = captures.next() {
        let capture = matched.captures().get(*index).unwrap();
        let range = capture.node.byte_range();
        let colour = found.entry((range.start, range.end)).or_insert((matched.pattern_index, capture.index));
        *colour = (*colour).max((matched.pattern_index, capture.index));
    }
    let mut colours = vec![""; SAMPLE.len()];
    let names = query.capture_names();
    let mut ranges: Vec<_> = found.into_iter().collect();
    ranges.sort_by_key(|((start, end), _)| std::cmp::Reverse(end - start));
    for ((start, end), (_, name)) in ranges {
        colours.get_mut(start..end).unwrap().fill(names.get(name as usize).copied().unwrap());
    }
    insta::assert_snapshot!(show(&colours));
}

/// Each line of the sample, and below it the colours of its parts.
fn show(colours: &[&str]) -> String {
    let mut shown = String::new();
    let mut start = 0;
    for line in SAMPLE.split_inclusive('\n') {
        shown.push_str(line);
        let own = colours.get(start..start + line.len()).unwrap();
        let mut at = 0;
        for part in own.chunk_by(|one, other| one == other) {
            let text = line.get(at..at + part.len()).unwrap_or_default().trim();
            let colour = part.first().copied().unwrap_or_default();
            if !text.is_empty() && !matches!(colour, "punctuation.bracket" | "punctuation.delimiter") {
                writeln!(shown, "  | {text}  {}", if colour.is_empty() { "-" } else { colour }).unwrap();
            }
            at += part.len();
        }
        start += line.len();
    }
    shown
}
