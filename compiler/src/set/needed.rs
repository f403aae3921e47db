//! What some declarations refer to, so that asking about one costs no look at the others.

use std::collections::{HashMap, HashSet};

use super::PolicySet;
use crate::check::symbols::{STD, name_of};
use crate::check::{SourceFile, SourceItem};
use crate::diagnostic::FileId;
use crate::syntax::ast::ItemKind;

impl PolicySet {
    /// The files with the declarations alone that asked ones refer to, and those that these refer to: all whose names stand in their texts as words,
    /// which may be too many and are never too few. `text` is that of an asked item which is none of the set. Where rules, tests or properties are asked, the files as they are:
    /// looking at these declares nothing again.
    pub(super) fn needed<'f>(&'f self, files: Vec<SourceFile<'f>>, asked: &HashSet<FileId>, text: &str) -> Vec<SourceFile<'f>> {
        let is_asked = |item: &&SourceItem<'_>| asked.contains(&item.piece);
        let decides = |item: &SourceItem<'_>| matches!(item.item.kind, ItemKind::Rule(_) | ItemKind::Test(_) | ItemKind::Property { .. });
        if files.iter().flat_map(|file| &file.items).filter(is_asked).any(decides) {
            return files;
        }
        let texts = self.texts();
        let mut named: HashMap<&str, Vec<FileId>> = HashMap::new();
        let mut kept: HashSet<FileId> = asked.clone();
        let mut pending: Vec<&str> = asked.iter().filter_map(|piece| texts.get(piece)).copied().chain([text]).collect();
        for file in &files {
            for SourceItem { piece, item } in &file.items {
                match (&item.kind, name_of(item)) {
                    (ItemKind::Rule(_) | ItemKind::Test(_) | ItemKind::Property { .. } | ItemKind::Tool(_), _) => {}
                    // Requests have types of the standard library without a word of them.
                    (_, Some(name)) if file.package != STD => named.entry(&name.text).or_default().push(*piece),
                    _ => {
                        kept.insert(*piece);
                        pending.extend(texts.get(piece));
                    }
                }
            }
        }
        while let Some(text) = pending.pop() {
            for word in text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_') {
                for piece in named.remove(word).unwrap_or_default() {
                    kept.insert(piece);
                    pending.extend(texts.get(&piece));
                }
            }
        }
        let is_kept = |item: &SourceItem<'_>| kept.contains(&item.piece);
        files.into_iter().map(|file| SourceFile { items: file.items.iter().filter(|item| is_kept(item)).copied().collect(), ..file }).collect()
    }

    /// The texts of all pieces.
    fn texts(&self) -> HashMap<FileId, &str> {
        let pieces = self.files.iter().flat_map(|file| file.pieces.iter().map(|piece| (piece.id, piece.span.of(self.sources.text(file.id)))));
        pieces.collect()
    }
}
