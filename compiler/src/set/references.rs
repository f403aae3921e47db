//! Where a set names what it declares.

use super::{PolicySet, source_files};
use crate::diagnostic::Location;
use crate::lint::{self, Kind};

/// A place where an item names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'s> {
    /// What the name stands for.
    pub kind: Kind,
    /// The package that declares it. Of a name of the standard library that stands without its package, the package that it stands in.
    pub package: &'s str,
    /// The name.
    pub name: &'s str,
    /// The name in its file, with the word of its package where one is written.
    pub at: Location,
}

impl PolicySet {
    /// Every place where an item names a type, value, obligation or rule that may be declared, with the files of the standard library, in their order.
    /// Meaningful where there are no errors. What is named with all parts of its package's name is not among them.
    pub fn references(&self) -> Vec<Reference<'_>> {
        let view = lint::View::of_all(source_files(&self.sources, &self.files), &self.checked.program);
        let uses = lint::uses(&view, &mut |_, _| {});
        let mut found: Vec<Reference<'_>> =
            uses.into_iter().map(|used| Reference { kind: used.kind, package: used.package, name: used.name, at: self.place(used.at) }).collect();
        found.sort_by_key(|reference| reference.at);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;

    #[test]
    fn names_of_this_package_and_others_are_told() {
        let mut sources =
            Sources::of("a.toll", "package a\nimport b\nlet x: Level = b.limit\ndeny no when x == 1 require audit()\ntype Level = int\n");
        sources.add("b.toll", "package b\nlet limit = 1\n");
        let set = PolicySet::check(sources);
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let own = set.references().into_iter().filter(|reference| (reference.at.file.0 as usize) < set.own_files());
        let told: Vec<String> = own
            .map(|reference| {
                let Reference { kind, package, name, at } = reference;
                format!("{kind:?} {package}.{name} `{}`", at.span.of(set.sources().text(at.file)))
            })
            .collect();
        assert_eq!(
            told,
            ["Type a.Level `Level`", "Value a.b `b`", "Value b.limit `b.limit`", "Value a.x `x`", "Obligation a.audit `audit`", "Type a.int `int`"]
        );
    }
}
