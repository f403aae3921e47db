//! Keywords, limits, recovery, and that every text ends in a tree or a diagnostic.

use proptest::prelude::*;

use super::ast::{Expr, ExprKind, ItemKind};
use super::lexer::{self, EXPRESSION_KEYWORDS, ITEM_KEYWORDS};
use super::{File, SyntaxLimits, parse, parse_expr};
use crate::diagnostic::{Code, Diagnostic, FileId, json, render};
use crate::sources::Sources;

fn parsed(text: &str) -> (File, Vec<Diagnostic>) {
    parse(text, FileId(0), &SyntaxLimits::default())
}

fn codes(text: &str) -> Vec<&'static str> {
    parsed(text).1.iter().map(|diagnostic| diagnostic.code.code()).collect()
}

#[test]
fn a_broken_item_costs_one_diagnostic() {
    let text = "package a\nlet a = 1 +\nlet b = )\nallow c when\nfn f(x) = 1\nallow 5\nallow sound when a == b";
    let (file, diagnostics) = parsed(text);
    assert_eq!((diagnostics.len(), file.broken.len(), file.items.len()), (5, 5, 2));
    let names: Vec<_> = file.broken.iter().filter_map(|item| item.name.as_ref()).map(|name| name.text.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "f"]);
}

#[test]
fn a_malformed_item_leaves_its_neighbours_whole() {
    let (file, _) = parsed("package a\nfoo bar\nlet b = c\ndata d = 3\ntool { }\nlet e = (\nlet f = [1,\nallow g");
    let items: Vec<_> = file.items.iter().map(|item| item.span.of(&file.text)).collect();
    assert_eq!(items, ["package a", "let b = c", "allow g"]);
}

#[test]
fn keywords_are_reserved_except_three() {
    for word in ITEM_KEYWORDS.iter().chain(EXPRESSION_KEYWORDS) {
        assert_eq!(lexer::is_item_keyword(word), ITEM_KEYWORDS.contains(word), "{word}");
        let reserved = !["tool", "input", "data"].contains(word);
        let diagnostics = codes(&format!("package a\nlet {word} = 1"));
        assert_eq!(diagnostics, if reserved { vec!["E0011"] } else { vec![] }, "{word}");
        let names =
            format!("package a\nlet r = x.{word}?.{word}.any(y => y has {word})\nlet s = x with {{ {word}.{word}: 1 }}\ntype T {{ {word}: int }}");
        assert_eq!(codes(&names), [""; 0], "{word} is a name after a dot, after `has` and before a colon");
        for name in [format!("{word}s"), format!("_{word}"), format!("{word}_")] {
            assert_eq!(codes(&format!("package a\nlet {name} = {name}")), [""; 0], "{name}");
        }
    }
}

#[test]
fn keyword_fields_at_line_ends_begin_fields() {
    let fields: Vec<String> = EXPRESSION_KEYWORDS.iter().map(|word| format!("{word}: x")).collect();
    let text = format!("package a\nlet r = {{\n{}\n}}\ntype T {{\n{}\n}}", fields.join("\n"), fields.join("\n"));
    let (file, diagnostics) = parsed(&text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    assert!(
        matches!(&file.items[1].kind, ItemKind::Let { value: Expr { kind: ExprKind::Record(entries), .. }, .. } if entries.len() == fields.len())
    );
}

#[test]
fn limits_hold() {
    let limits = SyntaxLimits { nesting: 3, operators: 2, file_bytes: 60 };
    let first = |text: &str| parse(text, FileId(0), &limits).1.first().map(|diagnostic| diagnostic.code);
    assert_eq!(first("package a\nlet x = (((1)))"), None);
    assert_eq!(first("package a\nlet x = ((((1))))"), Some(Code::Nesting));
    assert_eq!(first("package a\nlet x = 1 + 2 + 3"), None);
    assert_eq!(first("package a\nlet x = 1 + 2 + 3 + 4"), Some(Code::Nesting));
    assert_eq!(first("package a\nlet x = \"{((1))}\""), None);
    assert_eq!(first("package a\nlet x = \"{(((1)))}\""), Some(Code::Nesting));
    assert_eq!(first("package a\nlet x = ((\"{(1)}\"))"), Some(Code::Nesting));
    assert_eq!(first(&format!("package a\n// {}", "x".repeat(60))), Some(Code::FileSize));
}

#[test]
fn the_deepest_tree_fits_a_small_stack() {
    let deepest = [
        format!("{}x{}", "(".repeat(64), ")".repeat(64)),
        format!("{}x{}", "[".repeat(64), "]".repeat(64)),
        format!("{}x{}", "{a: ".repeat(64), "}".repeat(64)),
        format!("{}x", "if a then b else ".repeat(64)),
        format!("{}x", "not ".repeat(64)),
        format!("{}x{}", "(a + ".repeat(64), ")".repeat(64)),
        format!("x{}", " + x".repeat(256)),
        format!("x{}", " ?? x".repeat(256)),
        format!("{}x{}", "a.f(b => ".repeat(16), ")".repeat(16)),
        format!("{}\"{{{}x{}}}\"{}", "(".repeat(40), "(".repeat(23), ")".repeat(23), ")".repeat(40)),
    ];
    let check = move || {
        for text in deepest {
            let (expr, diagnostics) = parse_expr(&text, FileId(0), &SyntaxLimits::default());
            assert!(diagnostics.is_empty(), "{text}: {diagnostics:?}");
            assert_ne!(crate::format::expr_to_text(&expr), "…");
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(check).unwrap().join().unwrap();
}

#[test]
fn hostile_texts_end_in_a_diagnostic() {
    for part in [
        "(",
        "[",
        "{",
        "{a: ",
        "not ",
        "-",
        "a.b.c.",
        "a?.",
        "if a then b else ",
        "if ",
        "x => ",
        "a.any(x => ",
        "\"",
        "'",
        "@",
        "@a(",
        "list<",
        "a + ",
        "a ?? ",
        "a == ",
        "a with { a: ",
        "f(",
        "a[",
        "let ",
        "let a = (\n",
        "({[",
        "\"{",
        "r#\"",
        "\u{feff}",
        "\0",
        "step \"x\" { ",
    ] {
        for before in ["", "package a\nlet x = ", "package a\ndata x: ", "package a\ntest \"t\" { ", "package a\nlet x = \""] {
            let (_, diagnostics) = parsed(&(before.to_owned() + &part.repeat(20_000 / part.len())));
            assert!(!diagnostics.is_empty(), "{before}{part}");
            let sources = Sources::of("a", "");
            render::render(&diagnostics, &sources, true);
        }
    }
}

#[test]
fn flat_texts_have_no_limit() {
    for text in [
        format!("let x = [{}]", "1, ".repeat(20_000)),
        format!("let x = {}a", "a and not b.c or ".repeat(10_000)),
        format!("enum E {{ {}z }}", "a < ".repeat(10_000)),
        format!("let x = \"{}\"", "{a} ".repeat(5_000)),
    ] {
        assert_eq!(codes(&format!("package a\n{text}")), [""; 0]);
    }
}

/// Texts made of the language's tokens in any order.
fn soup() -> impl Strategy<Value = String> {
    let words: Vec<&str> = ITEM_KEYWORDS.iter().chain(EXPRESSION_KEYWORDS).copied().collect();
    let marks = [
        "{", "}", "(", ")", "[", "]", ",", ":", ".", "..", "..=", "?", "?.", "??", "|", "=", "==", "!=", "<", "<=", ">", ">=", "=>", "->", "+", "-",
        "*", "/", "%", "@", "a", "B", "x_1", "1", "2.5", "5m", "\"s\"", "\"{a}\"", "r\"x\"", "\n", "// c\n", "/// d\n", "é", "'", "\"",
    ];
    let token = prop_oneof![prop::sample::select(words), prop::sample::select(marks.to_vec())];
    (prop::collection::vec(token, 0..80), any::<bool>()).prop_map(|(tokens, spaced)| tokens.join(if spaced { " " } else { "" }))
}

fn check_any(text: &str) {
    let tokens = lexer::lex(text);
    let joined: String = tokens.iter().map(|token| token.span.of(text)).collect();
    assert_eq!(joined, text, "the tokens are the text");
    let (file, diagnostics) = parsed(text);
    assert!(diagnostics.len() >= file.broken.len(), "every broken item has a diagnostic");
    let sources = Sources::of("a", text);
    render::render(&diagnostics, &sources, false);
    json::to_json(&diagnostics, &sources);
    if let Ok(once) = crate::format::format(text) {
        assert_eq!(crate::format::format(&once).unwrap(), once);
    }
}

proptest! {
    #[test]
    fn any_text_ends(text in any::<String>()) {
        check_any(&text);
    }

    #[test]
    fn any_tokens_end(text in soup()) {
        check_any(&text);
        check_any(&format!("package a\nlet x = {text}"));
        parse_expr(&text, FileId(0), &SyntaxLimits::default());
    }

    #[test]
    fn any_place_is_printed(text in any::<String>(), start in 0u32..40, length in 0u32..40) {
        let at = crate::diagnostic::Location { file: FileId(0), span: super::ast::Span { start, end: start + length } };
        let diagnostic = Diagnostic::error(Code::Syntax, at, "x").with_secondary(at, "y\u{1b}");
        let printed = render::render(&[diagnostic], &Sources::of("a", &text), false);
        let escape = printed.contains('\u{1b}');
        prop_assert!(!escape);
    }
}
