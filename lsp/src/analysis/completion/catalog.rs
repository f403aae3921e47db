//! What the packages of a set declare, and how a file reaches it.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use tollgate_compiler::PolicySet;
use tollgate_compiler::check::symbols::name_of;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{Item, ItemKind, Name, Span};
use tollgate_compiler::syntax::path_text;
use tollgate_stdlib::types::Type;

use super::{About, Completion, Here, Kind};
use crate::analysis::TextEdit;
use crate::analysis::trees::each_variable;

/// The package that is in sight everywhere.
pub const STD: &str = "std";

/// How many names of packages that are not imported are offered.
const MOST_FOREIGN: usize = 500;

/// Something that a package declares.
#[derive(Clone, Copy, Debug)]
pub struct Declared<'s> {
    /// Its package.
    pub package: &'s str,
    /// Its name.
    pub name: &'s Name,
    /// Its item.
    pub item: &'s Item,
}

/// The types of the values of a set, by their full names.
pub struct Types<'s> {
    values: HashMap<&'s str, (&'s [Type], &'s Type)>,
}

/// The files of a set.
pub fn files(set: &PolicySet) -> impl Iterator<Item = FileId> {
    (0..).map(FileId).take(set.sources().files().len())
}

/// Everything named that is declared, by files and places; tools are not.
pub fn declared(set: &PolicySet) -> impl Iterator<Item = Declared<'_>> {
    files(set).flat_map(move |file| {
        let package = set.package(file);
        set.items(file).filter_map(move |at| {
            let item = at.item?;
            Some(Declared { package, name: name_of(item)?, item })
        })
    })
}

/// Whether an item declares a value.
pub fn is_value(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Data { .. } | ItemKind::Let { .. } | ItemKind::Fn { .. } | ItemKind::Score { .. })
}

/// Whether an item declares a type.
pub fn is_type(kind: &ItemKind) -> bool {
    matches!(kind, ItemKind::Type { .. } | ItemKind::Enum { .. })
}

/// The words by which a file names the packages that it imports.
pub fn imports(set: &PolicySet, file: FileId) -> Vec<(String, String)> {
    let items = set.items(file).filter_map(|at| at.item);
    let words = items.filter_map(|item| match &item.kind {
        ItemKind::Import { path, alias } => {
            let word = alias.as_ref().or(path.parts.last())?;
            Some((word.text.to_string(), path_text(path)))
        }
        _ => None,
    });
    words.collect()
}

impl<'s> Types<'s> {
    /// Those of a set.
    pub fn of(set: &'s PolicySet) -> Types<'s> {
        let program = set.program();
        let data = program.data.iter().map(|data| (&*data.name, (&[] as &[Type], &data.ty)));
        let definitions = program.definitions.iter().map(|definition| (&*definition.name, (definition.params.as_slice(), &definition.body.ty)));
        Types { values: data.chain(definitions).collect() }
    }

    /// What is shown of a value: its type, or what it takes and gives.
    pub fn detail(&self, declared: &Declared<'_>) -> String {
        let full = declared.full_name();
        match (&declared.item.kind, self.values.get(full.as_str())) {
            (ItemKind::Score { .. }, _) => Type::Int.to_string(),
            (ItemKind::Fn { .. }, _) => {
                self.signature(declared).map_or_else(String::new, |(params, result)| format!("({}) -> {result}", params.join(", ")))
            }
            (_, Some((_, ty))) => ty.to_string(),
            _ => String::new(),
        }
    }
}

impl Types<'_> {
    /// The parameters of a function, and the type of its value.
    pub fn signature(&self, declared: &Declared<'_>) -> Option<(Vec<String>, &Type)> {
        let ItemKind::Fn { params, .. } = &declared.item.kind else { return None };
        let (types, result) = self.values.get(declared.full_name().as_str())?;
        let params = params.iter().zip(*types).map(|(param, ty)| format!("{}: {ty}", param.name.text));
        Some((params.collect(), result))
    }
}

impl Declared<'_> {
    /// Its full name, such as `a.b.limit`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.package, self.name.text)
    }

    /// What sort of thing it is.
    pub fn kind(&self) -> Kind {
        match &self.item.kind {
            ItemKind::Data { .. } => Kind::Data,
            ItemKind::Fn { .. } => Kind::Function,
            ItemKind::Score { .. } => Kind::Score,
            ItemKind::Rule(_) => Kind::Rule,
            ItemKind::Obligation { .. } => Kind::Obligation,
            ItemKind::Let { .. } => Kind::Let,
            _ => Kind::Type,
        }
    }
}

/// How a file reaches what a package declares.
enum Reach {
    Own,
    Standard,
    Imported(String),
    Foreign(String),
}

impl Here<'_, '_, '_> {
    /// What packages declare of a sort, as the cursor's file names it: with the package's word where it is another, with an import where there is none;
    /// after a word and a dot, what is in that package.
    pub fn reachable<'s>(&self, set: &'s PolicySet, is_meant: impl Fn(&ItemKind) -> bool) -> Vec<(Declared<'s>, Completion)> {
        let imports = imports(set, self.reading.file);
        let own = set.package(self.reading.file);
        let typed = self.reading.word.of(self.reading.text);
        let named = declared(set).filter(|declared| is_meant(&declared.item.kind));
        if let Some(word) = self.reading.qualifier() {
            let path = Span { start: self.reading.path_start(), end: self.reading.word.start }.of(self.reading.text).trim_end_matches('.');
            let package = imports.iter().find(|(known, _)| known == word).map_or(path, |(_, package)| package);
            return named.filter(|declared| declared.package == package).map(|declared| (declared, self.reached(&declared, Reach::Own))).collect();
        }
        let taken = OnceCell::new();
        let reach = |package: &str| match imports.iter().find(|(_, imported)| imported == package) {
            _ if package == own => Some(Reach::Own),
            _ if package == STD => Some(Reach::Standard),
            Some((word, _)) => Some(Reach::Imported(word.clone())),
            None => Some(Reach::Foreign(word_for(package, taken.get_or_init(|| taken_words(self.set, self.reading.file)))?)),
        };
        let mut foreign = 0;
        let reached = named.filter_map(|declared| {
            let reach = reach(declared.package)?;
            if matches!(reach, Reach::Foreign(_)) {
                foreign += usize::from(declared.name.text.starts_with(typed));
                if foreign > MOST_FOREIGN || !declared.name.text.starts_with(typed) {
                    return None;
                }
            }
            Some((declared, self.reached(&declared, reach)))
        });
        reached.collect()
    }

    /// The same after a word and a dot where the word may be that of a package which the file does not import: then with its import.
    pub fn qualified<'s>(&self, set: &'s PolicySet, is_meant: impl Fn(&ItemKind) -> bool) -> Vec<(Declared<'s>, Completion)> {
        let file = self.reading.file;
        let is_imported = |word: &str| word == STD || imports(set, file).iter().any(|(known, _)| known == word);
        if self.reading.qualifier().is_none_or(is_imported) {
            return self.reachable(set, is_meant);
        }
        let typed = Span { start: self.reading.path_start(), end: self.reading.word.end };
        let path = Span { end: self.reading.word.start, ..typed }.of(self.reading.text).trim_end_matches('.');
        let last = |package: &'s str| package.rsplit('.').next().unwrap_or(package);
        let found =
            declared(set).filter(|declared| is_meant(&declared.item.kind) && declared.package != set.package(file) && declared.package != STD);
        let found = found.filter(|declared| declared.package == path || last(declared.package) == path).take(MOST_FOREIGN);
        let taken = taken_words(set, file);
        let reached = found.filter_map(|declared| {
            let reached = self.reached(&declared, Reach::Foreign(word_for(declared.package, &taken)?));
            let found =
                Completion { text: reached.label.clone(), replaced: typed, filter: Some(format!("{path}.{}", declared.name.text)), ..reached };
            Some((declared, Completion { label: declared.name.text.to_string(), ..found }))
        });
        reached.collect()
    }

    fn reached(&self, declared: &Declared<'_>, reach: Reach) -> Completion {
        let name = declared.name.text.to_string();
        let (rank, label) = match &reach {
            Reach::Own => (3, name),
            Reach::Standard => (4, name),
            Reach::Imported(word) => (5, format!("{word}.{name}")),
            Reach::Foreign(word) => (7, format!("{word}.{name}")),
        };
        let is_deprecated = declared.item.annotations.iter().any(|annotation| annotation.name.text == "deprecated");
        let mut found = self.completion(label, declared.kind(), rank).about(About::Item(declared.full_name()));
        found.deprecated = is_deprecated;
        if let Reach::Foreign(word) = &reach {
            let import = import_text(declared.package, word);
            found.additional = vec![import_edit(self.set, self.reading.file, &import)];
            found.detail = import;
        }
        found
    }
}

/// The words that no import of a file may make stand for a package: another package has them, or a value of the file's own, a field of the request, or a
/// variable somewhere in the file.
pub fn taken_words(set: &PolicySet, file: FileId) -> HashSet<String> {
    let mut taken = HashSet::from([STD.to_owned()]);
    taken.extend(imports(set, file).into_iter().map(|(word, _)| word));
    taken.extend(set.program().input.fields.iter().map(|field| field.name.to_string()));
    let package = set.package(file);
    let own = declared(set).filter(|declared| declared.package == package && is_value(&declared.item.kind));
    taken.extend(own.map(|declared| declared.name.text.to_string()));
    set.items(file).filter_map(|at| at.item).for_each(|item| each_variable(item, &mut |name| taken.extend([name.text.to_string()])));
    taken
}

/// A word to stand for a package in a file: the last of its name, or all of them, where that is not taken.
pub fn word_for(package: &str, taken: &HashSet<String>) -> Option<String> {
    let (last, whole) = (package.rsplit('.').next().unwrap_or(package), package.replace('.', "_"));
    let other = format!("the_{whole}");
    [last.to_owned(), whole, other].into_iter().find(|word| !taken.contains(word))
}

/// The `import` by which a word stands for a package.
pub fn import_text(package: &str, word: &str) -> String {
    if package.rsplit('.').next() == Some(word) { format!("import {package}") } else { format!("import {package} as {word}") }
}

/// An `import` in its place: after the last one, or after the file's `package`, or at its beginning.
pub fn import_edit(set: &PolicySet, file: FileId, import: &str) -> TextEdit {
    let ends = |is_meant: fn(&ItemKind) -> bool| {
        let items = set.items(file).filter_map(move |at| at.item.filter(|item| is_meant(&item.kind)).map(|item| at.at(item.span).end));
        items.last()
    };
    let (offset, text) = match (ends(|kind| matches!(kind, ItemKind::Import { .. })), ends(|kind| matches!(kind, ItemKind::Package(_)))) {
        (Some(end), _) => (end, format!("\n{import}")),
        (None, Some(end)) => (end, format!("\n\n{import}")),
        (None, None) => (0, format!("{import}\n\n")),
    };
    TextEdit { at: Location { file, span: Span { start: offset, end: offset } }, text }
}
