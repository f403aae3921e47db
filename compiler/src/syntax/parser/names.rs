//! Names, paths, and strings that stand for names.

use smol_str::SmolStr;

use super::{Children, Node, Parser, Rule};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Name, Path, Text};
use crate::syntax::lexer::{is_reserved, is_type_name, is_value_name};

impl Parser<'_> {
    /// A word as it stands.
    pub(super) fn word(&self, pair: &Node<'_>) -> Name {
        let span = self.span(pair);
        Name { text: span.of(self.text).into(), span }
    }

    /// The name of a value that is declared here, spelled as such names are.
    pub(super) fn value_name(&mut self, pair: &Node<'_>) -> Name {
        let name = self.word(pair);
        if is_reserved(&name.text) {
            self.report(self.reserved(&name));
        } else if !is_value_name(&name.text) {
            let message = format!("`{}` is not spelled as names are", name.text);
            let fix = snake_case(&name.text);
            self.misspelled(&name, message, "small letters, digits and `_`", fix);
        }
        name
    }

    /// A reserved word in the place of a name.
    pub(super) fn reserved(&self, name: &Name) -> Diagnostic {
        let word = &name.text;
        self.error(Code::ReservedWord, name.span, format!("`{word}` is a reserved word and cannot be a name"))
            .with_help("choose another name, such as one with `_` after it")
            .with_choice(format!("rename to `{word}_`"), self.location(name.span), format!("{word}_"))
    }

    /// The name of a type that is declared here, spelled as such names are.
    pub(super) fn type_name(&mut self, pair: &Node<'_>) -> Name {
        let name = self.word(pair);
        if !is_type_name(&name.text) {
            let message = format!("`{}` is not spelled as the names of types are", name.text);
            let fix = camel_case(&name.text);
            self.misspelled(&name, message, "a capital letter, then letters and digits", fix);
        }
        name
    }

    fn misspelled(&mut self, name: &Name, message: String, form: &str, fix: String) {
        let at = self.location(name.span);
        let title = format!("rename to `{fix}`");
        let diagnostic = self.error(Code::ReservedWord, name.span, message);
        // What uses the name would keep the old one.
        self.report(diagnostic.with_help(format!("write {form}: `{fix}`")).with_choice(title, at, fix));
    }

    /// A dotted name.
    pub(super) fn path(&self, pair: Node<'_>) -> Option<Path> {
        let span = self.span(&pair);
        let is_part = |part: &Node<'_>| matches!(part.as_rule(), Rule::name | Rule::word);
        let parts: Vec<Name> = pair.into_inner().filter(is_part).map(|part| self.word(&part)).collect();
        (!parts.is_empty()).then_some(Path { parts, span })
    }

    /// A dotted name that is declared or imported here.
    pub(super) fn package_path(&mut self, pair: Node<'_>) -> Option<Path> {
        for part in pair.clone().into_inner() {
            if matches!(part.as_rule(), Rule::name | Rule::word) {
                self.value_name(&part);
            }
        }
        self.path(pair)
    }

    /// The name of a field, quoted or not.
    pub(super) fn field_name(&mut self, pair: Node<'_>) -> Option<(Name, bool)> {
        let inner = pair.into_inner().next()?;
        match inner.as_rule() {
            Rule::string => Some((self.text(inner, "the name of a field"), true)),
            _ => Some((self.word(&inner), false)),
        }
    }

    /// A string that holds constant text.
    pub(super) fn text(&mut self, pair: Node<'_>, what: &str) -> Text {
        let span = self.span(&pair);
        let text = self.constant_text(pair, what);
        Text { text: SmolStr::from(text), span }
    }

    /// A variant of an enum: a word that could be a name, or a string.
    pub(super) fn variant(&mut self, pair: Node<'_>) -> Option<Text> {
        let inner = Children::of(pair).0.next()?;
        if inner.as_rule() == Rule::string {
            return Some(self.text(inner, "a variant"));
        }
        let name = self.word(&inner);
        let reserved = is_reserved(&name.text);
        if reserved || !(is_value_name(&name.text) || is_type_name(&name.text)) {
            let at = self.location(name.span);
            let quoted = format!("\"{}\"", name.text);
            let message = match reserved {
                true => format!("`{}` is a reserved word", name.text),
                false => format!("`{}` is not spelled as a name is", name.text),
            };
            let diagnostic = self
                .error(Code::ReservedWord, name.span, message)
                .with_help(format!("write {quoted}: variants that are no names are quoted"))
                .with_fix(format!("quote `{}`", name.text), at, quoted);
            self.report(diagnostic);
        }
        Some(name)
    }
}

/// `bulkExport` and `BulkExport` as `bulk_export`, `LIMIT` as `limit`.
fn snake_case(word: &str) -> String {
    let mut out = String::new();
    let mut before = None;
    for character in word.chars() {
        if character.is_ascii_uppercase() && before.is_some_and(|before: char| before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
        before = Some(character);
    }
    out
}

fn camel_case(word: &str) -> String {
    let capital = |part: &str| {
        let mut characters = part.chars();
        let first = characters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    let joined: String = word.split('_').map(capital).collect();
    match joined.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => joined,
        false => format!("T{joined}"),
    }
}
