//! What stands at a place.

use tower_lsp::ls_types as lsp;

use crate::analysis::Cursor;
use crate::analysis::hover;
use crate::view::View;

/// What stands there, and what there is to say of it.
pub fn hover(view: &View, at: Cursor) -> Option<lsp::Hover> {
    let filed = view.home.filed();
    let found = hover::hover(view.set(), filed.as_deref(), at)?;
    let contents = lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: found.text };
    Some(lsp::Hover { contents: lsp::HoverContents::Markup(contents), range: Some(view.range_of(found.at)) })
}
