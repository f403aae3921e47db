//! What a file leads to outside of the policy: the JSON of its data, and the addresses in its comments and annotations.

use std::path::PathBuf;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::text_of;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTo {
    /// A file.
    File(PathBuf),
    /// An address of the web.
    Web(String),
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The text that is linked.
    pub span: Span,
    /// Where it leads.
    pub to: LinkTo,
}

/// The links of a file, in order. `data_files` gives the file that binds the data of a full name.
pub fn links(set: &PolicySet, file: FileId, data_files: impl Fn(&str) -> Option<PathBuf>) -> Vec<Link> {
    let text = text_of(set, file);
    let mut found = Vec::new();
    for at in set.items(file) {
        let Some(item) = at.item else { continue };
        if let ItemKind::Data { name, .. } = &item.kind
            && let Some(path) = data_files(&format!("{}.{}", set.package(file), name.text))
        {
            found.push(Link { span: at.at(name.span), to: LinkTo::File(path) });
        }
        let args = item.annotations.iter().flat_map(|annotation| &annotation.args);
        args.for_each(|arg| addresses(at.at(arg.span), text, &mut found));
    }
    for token in lexer::lex(text).into_iter().filter(|token| matches!(token.kind, TokenKind::Comment | TokenKind::Doc)) {
        addresses(token.span, text, &mut found);
    }
    found.sort_by_key(|link| link.span);
    found
}

/// The addresses in a part of a text.
fn addresses(part: Span, text: &str, found: &mut Vec<Link>) {
    let (mut rest, mut start) = (part.of(text), part.start as usize);
    while let Some(before) = rest.find("http") {
        let from = rest.get(before..).unwrap_or_default();
        let follows_word = rest.get(..before).is_some_and(|before| before.ends_with(char::is_alphanumeric));
        let address = if follows_word { "" } else { address(from) };
        let length = address.len().max("http".len());
        let at = start + before;
        if let (false, Ok(start), Ok(end)) = (address.is_empty(), u32::try_from(at), u32::try_from(at + address.len())) {
            found.push(Link { span: Span { start, end }, to: LinkTo::Web(address.to_owned()) });
        }
        start = at + length;
        rest = from.get(length..).unwrap_or_default();
    }
}

/// The address that a text begins with; empty where it begins with none. Marks that end a sentence, and brackets that the address does not open, are
/// not part of it.
fn address(text: &str) -> &str {
    let Some(host) = ["https://", "http://"].into_iter().find_map(|scheme| text.strip_prefix(scheme)) else { return "" };
    let ends = |letter: char| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '<' | '>' | '`' | '\\' | '{' | '}' | '|' | '^');
    if !host.starts_with(|letter: char| letter.is_alphanumeric() || letter == '[') {
        return "";
    }
    let host = host.get(..host.find(ends).unwrap_or(host.len())).unwrap_or_default();
    let scheme = text.find("://").map_or(0, |at| at + "://".len());
    let mut end = scheme + host.len();
    let mut closing = unopened(host);
    while let Some(last) = text.get(..end).and_then(|address| address.chars().next_back()) {
        let is_mark = matches!(last, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '_');
        let is_closing = last == ')' && closing > 0;
        if !is_mark && !is_closing {
            break;
        }
        closing -= usize::from(is_closing);
        end -= last.len_utf8();
    }
    text.get(..end).unwrap_or_default()
}

/// How many `)` more than `(` there are.
fn unopened(text: &str) -> usize {
    let count = |wanted: char| text.chars().filter(|letter| *letter == wanted).count();
    count(')').saturating_sub(count('('))
}

#[cfg(test)]
mod tests {
    use super::super::marked::marked;
    use super::*;

    #[test]
    fn data_and_addresses_are_linked() {
        let text = r#"$0package shop
// é see https://a.example/x_(y)?q=1#z, or (http://b.example/c).
/// <https://c.example> `https://d.example/`; nothttps://e.example ftp://f.example https:// http://"x"
@owner("https://g.example/team") @id("x")
data grants: map<int> = {}
data others: map<int> = {}
let x = "https://h.example" // javascript:alert(1) file:///etc/passwd https://i.example"#;
        let marked = marked(text);
        let found = links(&marked.set, marked.at.file, |name| (name == "shop.grants").then(|| PathBuf::from("data/grants.json")));
        let told: Vec<String> = found
            .iter()
            .map(|link| match &link.to {
                LinkTo::File(path) => format!("{} → {}", link.span.of(text_of(&marked.set, marked.at.file)), path.display()),
                LinkTo::Web(address) => {
                    assert_eq!(link.span.of(text_of(&marked.set, marked.at.file)), address);
                    address.clone()
                }
            })
            .collect();
        let expected = [
            "https://a.example/x_(y)?q=1#z",
            "http://b.example/c",
            "https://c.example",
            "https://d.example/",
            "https://g.example/team",
            "grants → data/grants.json",
            "https://i.example",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn long_texts_are_searched_in_one_go() {
        let marked = marked(&format!("$0package a\n// {}\n// https://a.example/{}", "http".repeat(200_000), ")".repeat(200_000)));
        assert_eq!(links(&marked.set, marked.at.file, |_| None).len(), 1);
        let marked = super::super::marked::marked(&format!("$0package a\n// {}", "https:///".repeat(200_000)));
        assert_eq!(links(&marked.set, marked.at.file, |_| None).len(), 0);
    }
}
