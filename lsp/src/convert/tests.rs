//! Tests, for editors that show them in a view of their own.

use serde::Serialize;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tower_lsp::ls_types as lsp;

use crate::inputs::Inputs;
use crate::tried;
use crate::view::View;
use crate::world::Home;

/// A test or property.
#[derive(Clone, Debug, Serialize)]
pub struct ListedTest {
    uri: lsp::Uri,
    /// As it is written, with holes where it has rows.
    title: String,
    package: String,
    range: lsp::Range,
    kind: &'static str,
    /// The titles of its rows, where they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cases: Vec<String>,
}

/// The tests and properties of sets.
pub fn list(homes: Vec<Home>, inputs: &Inputs) -> Vec<ListedTest> {
    let mut found = Vec::new();
    for home in homes {
        let view = View::of_set(home, inputs.clone());
        let rows = tried::rows(view.set(), view.home.project.data.as_deref());
        for file in (0..).map(FileId).take(view.set().own_files()) {
            found.extend(of_file(&view, file, &rows));
        }
    }
    found
}

fn of_file(view: &View, file: FileId, rows: &[(Location, String)]) -> Vec<ListedTest> {
    let Some(uri) = view.uri(file) else { return Vec::new() };
    let (text, lines, package) = (view.set().sources().text(file), view.lines(file), view.set().package(file));
    let listed = view.set().items(file).filter_map(|at| {
        let item = at.item?;
        let (kind, title, span): (_, _, Span) = match &item.kind {
            ItemKind::Test(test) => ("test", written(at.at(test.title.span).of(text)), test.title.span),
            ItemKind::Property { title, .. } => ("property", title.text.to_string(), title.span),
            _ => return None,
        };
        let at_title = Location { file, span: at.at(span) };
        let cases: Vec<String> = rows.iter().filter(|(at, _)| *at == at_title).map(|(_, title)| title.clone()).collect();
        let cases = if cases.iter().all(|case| *case == title) { Vec::new() } else { cases };
        Some(ListedTest { uri: uri.clone(), title, package: package.to_owned(), range: lines.range(at.at(item.span)), kind, cases })
    });
    listed.collect()
}

/// A text literal without its quotes.
fn written(literal: &str) -> String {
    let inner = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(literal).to_owned()
}
