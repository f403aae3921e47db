//! What stands at a place.

use tower_lsp::ls_types as lsp;

use crate::analysis::Cursor;
use crate::analysis::{hover, seen};
use crate::calls;
use crate::view::View;

/// What stands there, and what there is to say of it.
pub fn hover(view: &View, at: Cursor) -> Option<lsp::Hover> {
    let filed = view.home.filed();
    let found = hover::hover(view.set(), filed.as_deref(), at);
    let seen = seen::about(view.set(), at, &|path| calls::seen(view, path));
    let range = found.as_ref().map(|found| view.range_of(found.at));
    let told: Vec<String> = found.map(|found| found.text).into_iter().chain(seen).collect();
    let contents = lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: told.join("\n\n") };
    (!told.is_empty()).then_some(lsp::Hover { contents: lsp::HoverContents::Markup(contents), range })
}
