//! Which items name which: who reads or calls a function, value, score, obligation or rule, and what it reads and calls.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::{ItemAt, PolicySet, SymbolKind, Use};

use super::names::{by_item, declaration, item_of, uses_at};
use super::references::{Access, places};
use super::symbols::{DocKind, item_symbol};
use super::trees::name_of;
use super::{Cursor, item_at};

/// An item that may be named, or that names others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callable {
    /// Its name or title.
    pub name: String,
    /// The package that it is in.
    pub package: String,
    /// What it is.
    pub kind: DocKind,
    /// Its name's place; of an item without a name, its first word's.
    pub at: Location,
    /// The whole item.
    pub whole: Location,
}

/// An item that names another, or is named by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The item.
    pub item: Callable,
    /// Where the one is named in the other.
    pub places: Vec<Location>,
}

/// What a name stands for that is called or read: a function, `let`, `data`, score, obligation or rule; or the test or property whose title it is.
pub fn callable(set: &PolicySet, at: Cursor) -> Option<Callable> {
    match uses_at(set, at).into_iter().find(is_callable) {
        Some(used) => of_name(set, declaration(set, &used.symbol)?),
        None => titled(set, at),
    }
}

/// The test or property whose title is at a place.
fn titled(set: &PolicySet, at: Cursor) -> Option<Callable> {
    let item = item_at(set, at)?;
    let tree = item.item?;
    let title = name_of(tree).filter(|_| matches!(tree.kind, ItemKind::Test(_) | ItemKind::Property { .. })).map(|span| item.at(span))?;
    if (title.start..=title.end).contains(&at.offset) { of_item(set, at.file, &item) } else { None }
}

/// The items that name it, in the order of files and places.
pub fn incoming(set: &PolicySet, of: &Callable) -> Vec<Call> {
    let cursor = Cursor { file: of.at.file, offset: of.at.span.start };
    let named: Vec<Use> = uses_at(set, cursor).into_iter().filter(|used| used.at == of.at).collect();
    let uses = places(set, &named, |_| true).into_iter().filter(|(_, access)| *access == Access::Read).map(|(used, _)| used);
    let uses: Vec<Use> = uses.collect();
    let mut calls = Vec::new();
    for file in (0..).map(FileId).take(set.sources().files().len()) {
        for (item, uses) in by_item(set, file, &uses).filter(|(_, uses)| !uses.is_empty()) {
            let places = uses.iter().map(|used| used.at).collect();
            calls.extend(of_item(set, file, &item).map(|item| Call { item, places }));
        }
    }
    calls
}

/// What it names, in the order of first naming.
pub fn outgoing(set: &PolicySet, of: &Callable) -> Vec<Call> {
    let Some(item) = item_of(set, of.at) else { return Vec::new() };
    let within = Span { start: of.at.span.start, end: of.at.span.start };
    let uses =
        set.inspect(of.at.file, within).uses.into_iter().filter(|used| item.span.start <= used.at.span.start && used.at.span.end <= item.span.end);
    let mut calls: Vec<Call> = Vec::new();
    let mut known: HashMap<Location, usize> = HashMap::new();
    for used in uses.filter(is_callable) {
        let Some(target) = declaration(set, &used.symbol).filter(|at| *at != used.at && *at != of.at) else { continue };
        let place = match known.entry(target) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let Some(item) = of_name(set, target) else { continue };
                calls.push(Call { item, places: Vec::new() });
                *new.insert(calls.len() - 1)
            }
        };
        if let Some(call) = calls.get_mut(place) {
            call.places.push(used.at);
        }
    }
    calls
}

fn is_callable(used: &Use) -> bool {
    matches!(
        used.symbol.kind,
        SymbolKind::Function | SymbolKind::Let | SymbolKind::Data | SymbolKind::Score | SymbolKind::Obligation | SymbolKind::Rule
    )
}

/// The item whose name stands there.
fn of_name(set: &PolicySet, name: Location) -> Option<Callable> {
    let item = item_of(set, name)?;
    let is_its_name = name_of(item.item?).is_some_and(|span| item.at(span) == name.span);
    if is_its_name { of_item(set, name.file, &item) } else { None }
}

/// An item as one that may name others; packages and imports name packages alone.
fn of_item(set: &PolicySet, file: FileId, item: &ItemAt<'_>) -> Option<Callable> {
    if matches!(item.item?.kind, ItemKind::Package(_) | ItemKind::Import { .. }) {
        return None;
    }
    let symbol = item_symbol(set, file, item)?;
    let place = |span: Span| Location { file, span };
    Some(Callable {
        name: symbol.name,
        package: set.package(file).to_owned(),
        kind: symbol.kind,
        at: place(symbol.name_span),
        whole: place(symbol.whole),
    })
}

#[cfg(test)]
mod tests {
    use super::super::marked::{marked, shown};
    use super::*;

    const SHOP: &str = r#"package shop
import team
let limit = team.extra
fn over(n: int) -> bool = n > limit and n > limit + team.extra
score risk: 0..=10 { 5 when over(limit) }
obligation tell(whom: string)
deny large when over(risk) require tell(whom: "a"), team.note()
test "t" { input {} expect deny by large expect over(1) }
property "p" { never allow when risk > 2 }
type T { a: int where a < limit }
//- team.toll
package team
let extra = 1
obligation note()
"#;

    fn calls(set: &PolicySet, calls: Vec<Call>) -> String {
        let told = calls.into_iter().map(|call| {
            let places: Vec<String> = call.places.iter().map(|at| shown(set, *at)).collect();
            format!("{:?} {}.{}: {}", call.item.kind, call.item.package, call.item.name, places.join(", "))
        });
        told.collect::<Vec<_>>().join("\n")
    }

    /// Who names, and what is named by, the item at the cursor that stands in the place of a text.
    fn told(word: &str) -> String {
        let marked = marked(&SHOP.replacen(word, &format!("{word}$0"), 1));
        let Some(of) = callable(&marked.set, marked.at) else { return "nothing".to_owned() };
        let (incoming, outgoing) = (incoming(&marked.set, &of), outgoing(&marked.set, &of));
        format!(
            "{}.{} of {}\n← {}\n→ {}\n",
            of.package,
            of.name,
            shown(&marked.set, of.at),
            calls(&marked.set, incoming),
            calls(&marked.set, outgoing)
        )
    }

    #[test]
    fn calls_are_told_in_both_directions() {
        insta::assert_snapshot!(
            ["let limit", "fn over", "score risk", "obligation tell", "deny large", "deny by large", "team.extra", "let extra", "test \"t"]
                .map(told)
                .join("\n")
        );
    }

    #[test]
    fn what_is_no_item_has_no_calls() {
        for word in ["type T", "package sh", "fn over(n", "import team", "input"] {
            assert_eq!(told(word), "nothing", "{word}");
        }
    }
}
