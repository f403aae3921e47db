//! What of a set has other words than when something was found out about it.

use std::collections::HashSet;
use std::sync::Arc;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::Cut;
use tollgate_compiler::syntax::ast::ItemKind;
use tollgate_compiler::{PolicySet, Sources};

/// The items of a set that are new or were edited.
#[derive(Debug, Default)]
pub struct Edited {
    /// The rules among them, by full name.
    pub rules: HashSet<String>,
    /// Where they all stand, in order; what cannot be read is one of them.
    items: Vec<Location>,
}

impl Edited {
    /// What was edited since a set had other texts; the comments above an item count as its own.
    pub fn since(before: &Sources, set: &PolicySet) -> Edited {
        let mut edited = Edited::default();
        for (file, source) in (0..).map(FileId).zip(set.sources().files()).take(set.own_files()) {
            let old = before.get(file).filter(|old| old.path == source.path);
            if !old.is_some_and(|old| Arc::ptr_eq(&old.text, &source.text) || old.text == source.text) {
                edited.add(old.map_or("", |old| &*old.text), set, file);
            }
        }
        edited
    }

    /// Whether a place is in one of them.
    pub fn has(&self, at: Location) -> bool {
        let before = self.items.partition_point(|item| (item.file, item.span.start) <= (at.file, at.span.start));
        before.checked_sub(1).and_then(|last| self.items.get(last)).is_some_and(|item| item.file == at.file && at.span.end <= item.span.end)
    }

    fn add(&mut self, old: &str, set: &PolicySet, file: FileId) {
        let cut = Cut::new(old);
        let known: HashSet<&str> = cut.pieces().map(|piece| piece.text.trim()).collect();
        let is_known = |text: &str| known.contains(text.trim());
        let text = set.sources().text(file);
        let is_package = |kind: &ItemKind| matches!(kind, ItemKind::Package(_));
        // What has another package has another name.
        let is_moved = set.items(file).any(|item| item.item.is_some_and(|written| is_package(&written.kind)) && !is_known(item.span.of(text)));
        for item in set.items(file).filter(|item| is_moved || !is_known(item.span.of(text))) {
            self.items.push(Location { file, span: item.span });
            if let Some(ItemKind::Rule(rule)) = item.item.map(|written| &written.kind) {
                self.rules.insert(format!("{}.{}", set.package(file), rule.name.text));
            }
        }
    }
}
