//! The layout of every policy of the repository, and of policies with comments and white space in odd places.
#![expect(clippy::disallowed_methods, reason = "the policies of the repository are read")]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;

use super::{expr_to_text, format, substance};
use crate::diagnostic::FileId;
use crate::syntax::lexer::{TokenKind, lex};
use crate::syntax::{SyntaxLimits, parse, parse_expr};

/// The tree without its places.
fn shape(text: &str) -> String {
    let (file, _) = parse(text, FileId(0), &SyntaxLimits::default());
    without_spans(&format!("{:?}", file.items))
}

fn without_spans(tree: &str) -> String {
    let mut pieces = tree.split("Span {");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |out, piece| out + piece.split_once('}').map_or("", |(_, after)| after))
}

/// Every policy of the repository that has no syntax error.
static POLICIES: LazyLock<Vec<(PathBuf, String)>> = LazyLock::new(|| {
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut found);
    found.retain(|(_, text)| parse(text, FileId(0), &SyntaxLimits::default()).1.is_empty());
    found
});

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            walk(&path, found);
        } else if name.ends_with(".toll") {
            found.push((path.clone(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_policy_keeps_its_meaning_and_a_layout_is_final() {
    assert!(POLICIES.len() > 10, "the repository has policies");
    for (path, text) in POLICIES.iter() {
        let once = format(text).unwrap();
        assert_eq!(format(&once).unwrap(), once, "a second layout of {} differs", path.display());
        assert_eq!(shape(&once), shape(text), "the tree of {} changed", path.display());
        assert_eq!(substance(&once), substance(text), "the tokens of {} changed", path.display());
        assert!(once.ends_with('\n') && !once.contains(" \n"), "{} has stray white space", path.display());
    }
}

#[test]
fn a_text_with_syntax_errors_is_refused() {
    assert_eq!(format("package a\nlet x = (").unwrap_err().len(), 1);
}

#[test]
fn layout() {
    insta::assert_snapshot!(format(include_str!("tests/layout.toll")).unwrap());
}

#[test]
fn expressions_on_one_line() {
    for (source, expected) in [
        ("a  and(b or not c)", "a and (b or not c)"),
        ("{a:1,\"x-y\":[ 1,2, ]}", "{ a: 1, \"x-y\": [1, 2] }"),
        ("x.any( y=>y?.z[0]!=none )", "x.any(y => y?.z[0] != none)"),
        ("\"a\\u{41}{b.c}{{\\n\"", "\"aA{b.c}{{\\n\""),
        ("r\"\\d{3}\"", "r\"\\d{3}\""),
        ("r#\"a\"b\"#", "r#\"a\"b\"#"),
        ("90m + 0s - 250ms", "1h30m + 0s - 250ms"),
        ("-1_000 * 0.50", "-1000 * 0.50"),
        ("a with {b.c:1} has d", "a with { b.c: 1 } has d"),
        ("if a not in{1} then{} else f()", "if a not in {1} then {} else f()"),
    ] {
        let (expr, diagnostics) = parse_expr(source, FileId(0), &SyntaxLimits::default());
        assert!(diagnostics.is_empty(), "{diagnostics:?}");
        let text = expr_to_text(&expr);
        assert_eq!(text, expected);
        let (again, _) = parse_expr(&text, FileId(0), &SyntaxLimits::default());
        assert_eq!(without_spans(&format!("{again:?}")), without_spans(&format!("{expr:?}")));
    }
}

/// The text with its white space replaced and comments added, as the numbers say.
fn disturb(text: &str, choices: &[u8]) -> String {
    let mut out = String::new();
    let choices = choices.iter().copied().cycle();
    for (number, (token, choice)) in lex(text).into_iter().zip(choices).enumerate() {
        let slice = token.span.of(text);
        // A line end may stand for a comma, so it stays.
        let needed = if slice.contains('\n') { "\n" } else { " " };
        match (token.kind, choice % 16) {
            (TokenKind::Space, 0) => out.push_str(&format!(" // trailing {number}\n  ")),
            (TokenKind::Space, 1) => out.push_str(&format!("\n\n // own line {number}\n")),
            (TokenKind::Space, 2) => out.push_str(&format!("\n// a\n\n\n// b {number}\n\n")),
            (TokenKind::Space, 3 | 4) => out.push_str("\n\n\n"),
            (TokenKind::Space, 5..=8) => out.push_str(needed),
            (TokenKind::Comment | TokenKind::Doc, _) => out.push_str(slice),
            (_, 0) => out.push_str(&format!("{slice} // close {number}\n")),
            _ => out.push_str(slice),
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn comments_anywhere_are_kept(pick in any::<prop::sample::Index>(), choices in prop::collection::vec(any::<u8>(), 1..300)) {
        let (path, text) = pick.get(&POLICIES);
        let disturbed = disturb(text, &choices);
        let once = format(&disturbed).unwrap();
        prop_assert_eq!(&format(&once).unwrap(), &once, "a second layout of {} differs:\n{}", path.display(), &disturbed);
        prop_assert_eq!(shape(&once), shape(&disturbed), "the tree of {} changed", path.display());
        prop_assert!(once != disturbed || !disturbed.contains("\n\n\n"), "{} was given up:\n{}", path.display(), &disturbed);
    }
}
