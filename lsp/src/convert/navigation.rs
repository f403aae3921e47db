//! Places to go to.

use tollgate_compiler::diagnostic::Location;
use tower_lsp::ls_types as lsp;

use crate::analysis::Cursor;
use crate::analysis::definition::Target;
use crate::analysis::hierarchy::{self, Call, Callable};
use crate::analysis::links::{self, LinkTo};
use crate::analysis::references::{self, Access};
use crate::analysis::rename;
use crate::analysis::selection;
use crate::convert::symbols::kind_of;
use crate::view::View;

/// The most ranges around a position: readers of JSON often bound its depth by 128.
const DEEPEST: usize = 100;

/// Where to go.
pub fn targets(view: &View, found: Vec<Target>) -> Option<lsp::GotoDefinitionResponse> {
    let link = |target: &Target| {
        let place = view.location(target.whole)?;
        Some(lsp::LocationLink {
            origin_selection_range: Some(view.range(target.origin)),
            target_uri: place.uri,
            target_range: place.range,
            target_selection_range: view.range_of(target.at),
        })
    };
    if view.inputs.client.links {
        return Some(lsp::GotoDefinitionResponse::Link(found.iter().filter_map(link).collect()));
    }
    Some(lsp::GotoDefinitionResponse::Array(found.iter().filter_map(|target| view.location(target.at)).collect()))
}

/// Places of the set.
pub fn locations(view: &View, found: Vec<Location>) -> Vec<lsp::Location> {
    found.into_iter().filter_map(|at| view.location(at)).collect()
}

/// Where the file names what stands at a place.
pub fn highlights(view: &View, at: Cursor) -> Option<Vec<lsp::DocumentHighlight>> {
    let shown = |(at, access): (Location, Access)| {
        let kind = if access == Access::Declared { lsp::DocumentHighlightKind::WRITE } else { lsp::DocumentHighlightKind::READ };
        lsp::DocumentHighlight { range: view.range_of(at), kind: Some(kind) }
    };
    Some(references::highlights(view.set(), at).into_iter().map(shown).collect())
}

/// What would be given another name, or why it may not be.
pub fn prepare_rename(view: &View, at: Cursor) -> Result<lsp::PrepareRenameResponse, String> {
    let (span, placeholder) = rename::prepare(view.set(), at)?;
    Ok(lsp::PrepareRenameResponse::RangeWithPlaceholder { range: view.range(span), placeholder })
}

/// What is around each position, from the innermost outwards.
pub fn selections(view: &View, positions: Vec<lsp::Position>) -> Vec<lsp::SelectionRange> {
    let around = |position: lsp::Position| {
        let mut spans = selection::selection(view.set(), view.cursor(position));
        // Each stands within the next, which not everybody who reads it bounds; the last is the whole file.
        if spans.len() > DEEPEST {
            spans.drain(DEEPEST - 1..spans.len() - 1);
        }
        let outwards = spans.into_iter().rev().fold(None, |parent, span| Some(Box::new(lsp::SelectionRange { range: view.range(span), parent })));
        outwards.map_or_else(|| lsp::SelectionRange { range: lsp::Range::new(position, position), parent: None }, |innermost| *innermost)
    };
    positions.into_iter().map(around).collect()
}

/// The links of the file.
pub fn links(view: &View) -> Option<Vec<lsp::DocumentLink>> {
    let found = links::links(view.set(), view.file, |name| view.data_file(name));
    let link = |link: links::Link| {
        let target = match &link.to {
            LinkTo::File(path) => lsp::Uri::from_file_path(path),
            LinkTo::Web(address) => address.parse().ok(),
        };
        Some(lsp::DocumentLink { range: view.range(link.span), target: Some(target?), tooltip: None, data: None })
    };
    Some(found.into_iter().filter_map(link).collect())
}

/// What stands at a place as the beginning of a call hierarchy.
pub fn prepare_hierarchy(view: &View, at: Cursor) -> Option<Vec<lsp::CallHierarchyItem>> {
    let found = hierarchy::callable(view.set(), at)?;
    Some(vec![hierarchy_item(view, &found)?])
}

/// The items that name one.
pub fn incoming(view: &View, at: Cursor) -> Option<Vec<lsp::CallHierarchyIncomingCall>> {
    let of = hierarchy::callable(view.set(), at)?;
    let call = |call: Call| {
        let from = hierarchy_item(view, &call.item)?;
        Some(lsp::CallHierarchyIncomingCall { from, from_ranges: ranges(view, &call.places) })
    };
    Some(hierarchy::incoming(view.set(), &of).into_iter().filter_map(call).collect())
}

/// The items that one names.
pub fn outgoing(view: &View, at: Cursor) -> Option<Vec<lsp::CallHierarchyOutgoingCall>> {
    let of = hierarchy::callable(view.set(), at)?;
    let call = |call: Call| {
        let to = hierarchy_item(view, &call.item)?;
        Some(lsp::CallHierarchyOutgoingCall { to, from_ranges: ranges(view, &call.places) })
    };
    Some(hierarchy::outgoing(view.set(), &of).into_iter().filter_map(call).collect())
}

fn hierarchy_item(view: &View, of: &Callable) -> Option<lsp::CallHierarchyItem> {
    Some(lsp::CallHierarchyItem {
        name: of.name.clone(),
        kind: kind_of(of.kind),
        tags: None,
        detail: Some(of.package.clone()),
        uri: view.uri(of.at.file)?,
        range: view.range_of(of.whole),
        selection_range: view.range_of(of.at),
        data: None,
    })
}

fn ranges(view: &View, places: &[Location]) -> Vec<lsp::Range> {
    places.iter().map(|at| view.range_of(*at)).collect()
}
