//! Every question of navigation, asked of odd texts at every sort of place: nothing panics, and large texts take no long time.

use std::time::{Duration, Instant};

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::{PolicySet, Sources};

use super::{Cursor, definition, folding, hierarchy, links, references, rename, selection, symbols, text_of, tokens};

/// Asks everything at one place.
fn ask(set: &PolicySet, at: Cursor) {
    for target in definition::definition(set, at).into_iter().chain(definition::type_definition(set, at)) {
        assert!(!target.at.span.of(text_of(set, target.at.file)).is_empty());
    }
    let all = references::references(set, at, true);
    assert!(references::highlights(set, at).iter().all(|(place, _)| all.contains(place)));
    if let Ok((span, word)) = rename::prepare(set, at) {
        assert_eq!(span.of(text_of(set, at.file)), word);
    }
    drop(rename::rename(set, at, "x1"));
    assert!(selection::selection(set, at).iter().all(|span| span.end as usize <= text_of(set, at.file).len()));
    if let Some(of) = hierarchy::callable(set, at) {
        hierarchy::incoming(set, &of);
        hierarchy::outgoing(set, &of);
    }
}

/// Asks everything about a file.
fn ask_file(set: &PolicySet, file: FileId) {
    symbols::document_symbols(set, file);
    let whole = tokens::tokens(set, file, None);
    assert!(whole.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start));
    folding::folds(set, file);
    links::links(set, file, |_| None);
}

#[test]
fn odd_texts_are_answered_for_at_every_place() {
    for text in [
        "",
        "let x = x\nfn f(f: f) = f(f)\ntype T = T\nenum E { a, a }",
        "package a\nlet x = \"é {x} {{\\u{e9}\ndeny d on \"a/*\", \"b\" for x in x when args.x.y[0]?.z has w require no(a: 1)",
        "package a package b import a import a as a as b tool \"x\" { args { a: int } args { b: } } data d:",
        "package é\u{1F600}\ntest \"t\" for c in [{a: 1}] { input { tool: {name: \"\u{1F600}\"} } step { expect } } @@x(",
        "import std\nimport std.x as y\ndeny d when std.y(std) and y.z",
    ] {
        let mut sources = Sources::of("main.toll", text);
        sources.add("other.toll", "package a\nlet z = 1\n");
        let set = PolicySet::check(sources);
        ask_file(&set, FileId(0));
        for offset in (0..text.len() + 2).step_by(5).chain([usize::MAX >> 32]) {
            ask(&set, Cursor { file: FileId(0), offset: offset as u32 });
        }
    }
    ask(&PolicySet::check(Sources::new()), Cursor { file: FileId(9), offset: 9 });
}

#[test]
fn large_files_are_answered_for_in_time() {
    let comments = "// http:// é [({\"\n".repeat(1 << 16);
    let items = "let a = [{b: 1}, 2] // x\n/// y\n".repeat(1 << 9);
    let text = format!("package a\n{comments}{items}deny d when \"{}\" == {}", "{x} ".repeat(1 << 14), "[".repeat(5000));
    let end = text.len() as u32;
    let set = PolicySet::check(Sources::of("main.toll", &text));
    let start = Instant::now();
    ask_file(&set, FileId(0));
    for offset in [0, 12, end / 2, end - 20_000, end - 1, end] {
        ask(&set, Cursor { file: FileId(0), offset });
    }
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}
