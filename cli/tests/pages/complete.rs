//! Pages that promise all of something have it: the reference the grammar, the cheat sheet every method.

use std::collections::BTreeSet;

use super::block::blocks;
use super::root;

#[test]
fn the_cheat_sheet_has_every_method() {
    let page = std::fs::read_to_string(root().join("docs/guide/cheat-sheet.md")).unwrap();
    let methods = tollgate_stdlib::all().map(|function| format!(".{}(", function.name));
    let missing: BTreeSet<String> = methods.filter(|method| !page.contains(method)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// It has every word and sign of the real one, and defines what it uses.
#[test]
fn the_grammar_in_the_reference_is_complete() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).unwrap();
    let text: String = blocks(&page).into_iter().filter(|block| block.tags().0 == "ebnf").map(|block| block.text).collect();
    let shown = Grammar::of(&text);
    let missing: Vec<&String> = shown.used.difference(&shown.defined).collect();
    assert!(missing.is_empty(), "{missing:?} is used and not defined");
    let pest = std::fs::read_to_string(root().join("grammar/tollgate.pest")).unwrap();
    let tokens = tokens(&pest);
    assert!(tokens.len() > 60, "{tokens:?}");
    let (unsaid, unknown): (Vec<_>, Vec<_>) = (tokens.difference(&shown.tokens).collect(), shown.tokens.difference(&tokens).collect());
    assert!(unsaid.is_empty() && unknown.is_empty(), "not in the reference: {unsaid:?}\nnot in the grammar: {unknown:?}");
}

/// What a grammar has.
#[derive(Default)]
struct Grammar {
    tokens: BTreeSet<String>,
    defined: BTreeSet<String>,
    used: BTreeSet<String>,
}

impl Grammar {
    /// A grammar whose rules are `name = …`, with `"tokens"`, `NAMES` of what is said in words, and `(* remarks *)`.
    fn of(text: &str) -> Grammar {
        let mut grammar = Grammar::default();
        for line in text.lines() {
            let line = line.split("(*").next().unwrap();
            let body = match line.split_once('=').filter(|(name, _)| name.trim().chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
                Some((name, body)) => {
                    grammar.defined.insert(name.trim().to_owned());
                    body
                }
                None => line,
            };
            for (at, part) in body.split('"').enumerate() {
                if at % 2 == 1 {
                    grammar.tokens.insert(part.to_owned());
                    continue;
                }
                let names = part.split(|c: char| !c.is_ascii_alphabetic() && c != '_');
                grammar.used.extend(names.filter(|name| name.chars().any(|c| c.is_ascii_lowercase())).map(str::to_owned));
            }
        }
        grammar.used.remove("");
        grammar
    }
}

/// The words and signs of the real grammar: rules that are one text, then white space.
fn tokens(pest: &str) -> BTreeSet<String> {
    let token = |line: &str| {
        let (_, body) = line.split_once("= @{ \"")?;
        let (text, _) = body.split_once('"')?;
        line.ends_with("~ trivia }").then(|| text.to_owned())
    };
    pest.lines().filter_map(token).collect()
}
