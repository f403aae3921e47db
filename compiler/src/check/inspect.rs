//! Looking again at a set that has been checked.

use std::collections::HashSet;
use std::sync::Arc;

use tollgate_stdlib::types::Type;

use super::memory::{Known, Memory};
use super::notes::{Declared, Notes, Symbol, SymbolKind};
use super::symbols::{Place, SourceFile, SourceItem, Symbols, UNKNOWN_PACKAGE, ValueRef, name_of};
use super::{Checked, Checker};
use crate::diagnostic::{FileId, Location};
use crate::syntax::ast::{Item, ItemKind, Span};
use crate::syntax::path_text;

/// Looks again at items of a checked set, and notes what their names and expressions are: of those in the pieces that `notes` names. The files may
/// hold other texts of these items than were checked.
pub fn inspect<'a>(checked: &Checked, files: &[SourceFile<'a>], broken: &HashSet<(String, String)>, notes: Notes) -> Notes {
    let noted = |place: &Place<'_>| notes.pieces.contains(&place.piece);
    let files = &referred_to(files, &notes.pieces);
    let symbols = Symbols::collect_again(files, &checked.memory.order, &mut Vec::new());
    let asked = |places: &[Place<'a>]| -> Vec<Place<'a>> { places.iter().filter(|place| noted(place)).copied().collect() };
    let (rules, tests, properties) = (asked(&symbols.rules), asked(&symbols.tests), asked(&symbols.properties));
    let items = files.iter().flat_map(|file| &file.items).filter(|item| notes.pieces.contains(&item.piece)).count();
    let mut checker = Checker { known: checked.memory.known.clone(), ..Checker::new(symbols, broken) };
    if items > rules.len() + tests.len() + properties.len() {
        checker.known = Known::new();
        checker.notes = Some(Box::new(notes));
        checker.declarations(&mut Memory::default());
        checker.check_refinements();
    } else {
        checker.notes = Some(Box::new(notes));
    }
    for file in files {
        file.items.iter().for_each(|item| checker.note_item(file, *item));
    }
    rules.into_iter().for_each(|place| drop(checker.check_rule(place)));
    tests.into_iter().for_each(|place| drop(checker.check_test(place)));
    properties.into_iter().for_each(|place| drop(checker.check_property(place)));
    checker.notes.map(|notes| *notes).unwrap_or_default()
}

/// The files without what the asked pieces cannot refer to: tests and properties name rules, and nothing names tests and properties.
fn referred_to<'a>(files: &[SourceFile<'a>], asked: &HashSet<FileId>) -> Vec<SourceFile<'a>> {
    let is_test = |item: &Item| matches!(item.kind, ItemKind::Test(_) | ItemKind::Property { .. });
    let is_asked = |item: &&SourceItem<'a>| asked.contains(&item.piece);
    let names_rules = files.iter().flat_map(|file| &file.items).any(|item| is_test(item.item) && is_asked(&item));
    let counts = |item: &&SourceItem<'a>| match item.item.kind {
        ItemKind::Rule(_) => names_rules || is_asked(item),
        ItemKind::Test(_) | ItemKind::Property { .. } => is_asked(item),
        _ => true,
    };
    let kept = |file: &SourceFile<'a>| SourceFile { items: file.items.iter().filter(counts).copied().collect(), ..*file };
    files.iter().map(kept).collect()
}

impl<'a> Checker<'a> {
    /// Notes the name that an item declares, and the package that it names.
    fn note_item(&mut self, file: &SourceFile<'a>, SourceItem { piece, item }: SourceItem<'a>) {
        if !self.notes.as_ref().is_some_and(|notes| notes.pieces.contains(&piece)) {
            return;
        }
        let at = |span: Span| Location { file: piece, span };
        match &item.kind {
            ItemKind::Package(path) => self.note_use_at(at(path.span), |_| package(file.package)),
            ItemKind::Import { path, alias } => {
                for span in [Some(path.span), alias.as_ref().map(|word| word.span)].into_iter().flatten() {
                    self.note_use_at(at(span), |_| package(&path_text(path)));
                }
            }
            ItemKind::Tool(tool) => {
                let declared = self.tools_filed(&tool.name.text).first().and_then(|index| self.known.tools.get(*index));
                if let Some(symbol) = declared.map(Self::tool_symbol) {
                    self.note_use_at(at(tool.name.span), |_| symbol);
                }
            }
            _ => {
                if let Some((name, symbol)) = name_of(item).and_then(|name| Some((name, self.item_symbol(file.package, item, &name.text)?))) {
                    self.note_use_at(at(name.span), |_| symbol);
                }
            }
        }
    }

    fn item_symbol(&self, package: &str, item: &Item, name: &str) -> Option<Symbol> {
        if matches!(item.kind, ItemKind::Rule(_)) {
            return self.symbols.rule(package, name).map(|index| self.rule_symbol(index));
        }
        let package = self.symbols.packages.get(package)?;
        match &item.kind {
            ItemKind::Type { .. } | ItemKind::Enum { .. } => package.types.get(name).map(|index| self.type_symbol(*index)),
            ItemKind::Obligation { .. } => package.obligations.get(name).map(|index| self.obligation_symbol(*index)),
            _ => package.values.get(name).map(|value| self.value_symbol(*value)),
        }
    }
}

fn package(name: &str) -> Symbol {
    Symbol { kind: SymbolKind::Package, name: name.into(), at: None, ty: Type::Error }
}

impl Checked {
    /// Where a field or a variant of a type of the program is declared: its own name is asked about, no other of the same letters.
    pub fn declared_at(&self, name: &Arc<str>) -> Option<Location> {
        self.memory.known.declared.get(&Declared(Arc::clone(name))).copied()
    }
}

/// Everything that a checked set declares, by kind; rules where they are asked for.
pub fn declared<'a>(checked: &Checked, files: &[SourceFile<'a>], broken: &HashSet<(String, String)>, with_rules: bool) -> Vec<Symbol> {
    let files = if with_rules { files } else { &referred_to(files, &HashSet::new()) };
    let symbols = Symbols::collect_again(files, &checked.memory.order, &mut Vec::new());
    let checker = Checker { known: checked.memory.known.clone(), ..Checker::new(symbols, broken) };
    let packages = checker.symbols.packages.keys().filter(|name| **name != UNKNOWN_PACKAGE);
    let mut found: Vec<Symbol> = packages.map(|name| package(name)).collect();
    found.extend((0..checker.symbols.types.len()).map(|index| checker.type_symbol(index)));
    found.extend((0..checker.symbols.data.len()).map(|index| checker.value_symbol(ValueRef::Data(index))));
    found.extend((0..checker.symbols.definitions.len()).map(|index| checker.value_symbol(ValueRef::Definition(index))));
    found.extend((0..checker.symbols.scores.len()).map(|index| checker.value_symbol(ValueRef::Score(index))));
    found.extend((0..checker.symbols.obligations.len()).map(|index| checker.obligation_symbol(index)));
    found.extend(checker.known.tools.iter().map(Checker::tool_symbol));
    let rules = if with_rules { checker.symbols.rules.len() } else { 0 };
    found.extend((0..rules).map(|index| checker.rule_symbol(index)));
    found
}
