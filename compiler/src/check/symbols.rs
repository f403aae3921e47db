//! What the set declares: every item by package and name, duplicates and hidden names refused.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::{Code, Diagnostic, FileId, Location, Suggestions};
use crate::syntax::ast::{self, Item, ItemKind, Name, Path};
use crate::syntax::path_text;

/// The package whose items are in scope everywhere.
pub const STD: &str = "std";

/// Stands for every package that is imported and is not there; no package has that name.
pub const UNKNOWN_PACKAGE: &str = "?";

/// A parsed file with its package.
#[derive(Clone, Debug)]
pub struct SourceFile<'a> {
    /// Its number.
    pub id: FileId,
    /// Its package, such as `a.b`.
    pub package: &'a str,
    /// Its items, in order.
    pub items: Vec<SourceItem<'a>>,
}

/// An item of a file.
#[derive(Clone, Copy, Debug)]
pub struct SourceItem<'a> {
    /// The number of the piece of text that its spans are of. Everything that checking makes says with it where it stands.
    pub piece: FileId,
    /// The item itself.
    pub item: &'a Item,
}

/// Where an item stands.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Its file.
    pub file: FileId,
    /// Its number among all items, which are counted in the order of their files and places.
    pub order: usize,
    /// The piece of text that its spans are of.
    pub piece: FileId,
    /// Its package.
    pub package: &'a str,
    /// The item itself.
    pub item: &'a Item,
}

impl Place<'_> {
    /// A span of the item as a place.
    pub fn at(&self, span: ast::Span) -> Location {
        Location { file: self.piece, span }
    }

    /// The full name of something that the item declares.
    pub fn full_name(&self, name: &str) -> String {
        format!("{}.{name}", self.package)
    }
}

/// A value that a package declares: places in the lists of [`Symbols`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueRef {
    /// A `data` item.
    Data(usize),
    /// A `let` or `fn`.
    Definition(usize),
    /// A `score`.
    Score(usize),
}

/// What names stand for; never walked where the order matters.
type Named<'a, T> = HashMap<&'a str, T, foldhash::fast::RandomState>;

/// The names of one package.
#[derive(Debug, Default)]
pub struct Package<'a> {
    /// Types and enums: places in [`Symbols::types`].
    pub types: Named<'a, usize>,
    /// Values.
    pub values: Named<'a, ValueRef>,
    /// Obligations: places in [`Symbols::obligations`].
    pub obligations: Named<'a, usize>,
}

/// Everything that the set declares, each list sorted by full name (tools and the rest by place).
#[derive(Debug, Default)]
pub struct Symbols<'a> {
    pub packages: BTreeMap<&'a str, Package<'a>>,
    pub types: Vec<Place<'a>>,
    pub data: Vec<Place<'a>>,
    pub definitions: Vec<Place<'a>>,
    pub scores: Vec<Place<'a>>,
    pub rules: Vec<Place<'a>>,
    /// Whether no two rules have the same name.
    pub rules_are_distinct: bool,
    pub obligations: Vec<Place<'a>>,
    pub tools: Vec<Place<'a>>,
    pub tests: Vec<Place<'a>>,
    pub properties: Vec<Place<'a>>,
    /// The set's own `input`, or the standard one.
    pub input: Option<Place<'a>>,
    pub default: Option<Place<'a>>,
    /// The packages that each file imports, by the word that stands for them.
    pub imports: HashMap<FileId, HashMap<&'a str, &'a str>>,
    /// Each such word, the piece of text that it stands in, and the package of its file.
    pub import_words: Vec<(&'a Name, FileId, &'a str)>,
    /// What misspelt names may mean.
    pub suggestions: Suggestions,
}

impl<'a> Symbols<'a> {
    /// Collects the items of the files.
    pub fn collect(files: &[SourceFile<'a>], diagnostics: &mut Vec<Diagnostic>) -> Symbols<'a> {
        Symbols::collect_again(files, &RuleOrder::default(), diagnostics)
    }

    /// Collects the items of files that were much the same before, when their rules had that order.
    pub fn collect_again(files: &[SourceFile<'a>], before: &RuleOrder, diagnostics: &mut Vec<Diagnostic>) -> Symbols<'a> {
        let mut symbols = Symbols { rules: Vec::with_capacity(before.pieces.len() + 1), ..Symbols::default() };
        let mut order = 0;
        for file in files {
            symbols.packages.entry(file.package).or_default();
            for SourceItem { piece, item } in file.items.iter().copied() {
                symbols.file_item(Place { file: file.id, order, piece, package: file.package, item }, diagnostics);
                order += 1;
            }
        }
        symbols.sort();
        symbols.sort_rules(before, diagnostics);
        symbols.name_items(diagnostics);
        symbols.resolve_imports(files, diagnostics);
        symbols
    }

    /// The order of the rules.
    pub fn rule_order(&self) -> RuleOrder {
        RuleOrder { pieces: self.rules.iter().map(|place| place.piece).collect(), are_distinct: self.rules_are_distinct }
    }

    /// The place of a package's rule of that name in [`Symbols::rules`].
    pub fn rule(&self, package: &str, name: &str) -> Option<usize> {
        let last = self.rules.partition_point(|place| full_name_order((place.package, name_text(place)), (package, name)).is_le()).checked_sub(1)?;
        self.rules.get(last).filter(|place| place.package == package && name_text(place) == name).map(|_| last)
    }

    /// The names of a package's rules.
    pub fn rules_of<'s>(&'s self, package: &'s str) -> impl Iterator<Item = &'a str> + use<'s, 'a> {
        let first = self.rules.partition_point(|place| full_name_order((place.package, name_text(place)), (package, "")).is_lt());
        let within = self.rules.iter().skip(first).take_while(move |place| place.package.starts_with(package));
        within.filter(move |place| place.package == package).map(name_text)
    }

    fn file_item(&mut self, place: Place<'a>, diagnostics: &mut Vec<Diagnostic>) {
        match &place.item.kind {
            ItemKind::Package(_) | ItemKind::Import { .. } => {}
            ItemKind::Enum { .. } | ItemKind::Type { .. } => self.types.push(place),
            ItemKind::Data { .. } => self.data.push(place),
            ItemKind::Let { .. } | ItemKind::Fn { .. } => self.definitions.push(place),
            ItemKind::Score { .. } => self.scores.push(place),
            ItemKind::Rule(_) => self.rules.push(place),
            ItemKind::Obligation { .. } => self.obligations.push(place),
            ItemKind::Tool(_) => self.tools.push(place),
            ItemKind::Test(_) => self.tests.push(place),
            ItemKind::Property { .. } => self.properties.push(place),
            ItemKind::Input { .. } => match self.input {
                Some(_) if place.package == STD => {}
                Some(first) if first.package != STD => diagnostics.push(second("input block", place, first)),
                _ => self.input = Some(place),
            },
            ItemKind::Default { .. } => match self.default {
                Some(first) => diagnostics.push(second("default", place, first)),
                None => self.default = Some(place),
            },
        }
    }

    fn sort(&mut self) {
        for list in [&mut self.types, &mut self.definitions, &mut self.obligations] {
            list.sort_by(|a, b| (a.package, name_text(a)).cmp(&(b.package, name_text(b))));
        }
        for list in [&mut self.data, &mut self.scores] {
            list.sort_by(by_full_name);
        }
    }

    /// Sorts the rules, and refuses those that have the same name. Where all names were distinct, those of new rules alone are looked at.
    fn sort_rules(&mut self, before: &RuleOrder, diagnostics: &mut Vec<Diagnostic>) {
        let (mut rules, new) = before.split(std::mem::take(&mut self.rules));
        if before.are_distinct && new.len() <= FEW {
            self.rules_are_distinct = true;
            for place in new {
                self.rules_are_distinct &= insert(&mut rules, place);
            }
        } else {
            rules.extend(new);
            rules.sort_by(by_full_name);
            self.rules_are_distinct = rules.windows(2).all(|pair| !matches!(pair, [a, b] if have_one_name(a, b)));
        }
        self.rules = rules;
        if !self.rules_are_distinct {
            self.refuse_rule_duplicates(diagnostics);
        }
    }

    fn name_items(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let mut names = Names { packages: &mut self.packages, diagnostics };
        names.add(&self.types, |package, name, index| package.types.insert(name, index), "type");
        names.add(&self.obligations, |package, name, index| package.obligations.insert(name, index), "obligation");
        names.values(&self.data, ValueRef::Data);
        names.values(&self.definitions, ValueRef::Definition);
        names.values(&self.scores, ValueRef::Score);
        self.check_value_duplicates(diagnostics);
        self.check_obligations(diagnostics);
    }

    /// Rules of the same name stand beside each other.
    fn refuse_rule_duplicates(&self, diagnostics: &mut Vec<Diagnostic>) {
        for (first, second) in self.rules.iter().zip(self.rules.iter().skip(1)).filter(|(first, second)| have_one_name(first, second)) {
            if let Some(name) = name_of(second.item) {
                let diagnostic = duplicate(name, *second, *first);
                diagnostics.push(Diagnostic { message: format!("rule {}", diagnostic.message), ..diagnostic });
            }
        }
    }

    /// A value's name is taken by the last item that has it; every earlier one is a duplicate.
    fn check_value_duplicates(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut seen: HashMap<(&str, &str), Place<'a>> = HashMap::new();
        let mut places: Vec<Place<'a>> = [&self.data, &self.definitions, &self.scores].into_iter().flatten().copied().collect();
        places.sort_by_key(|place| place.order);
        for place in places {
            let Some(name) = name_of(place.item) else { continue };
            match seen.get(&(place.package, name.text.as_str())) {
                Some(first) => diagnostics.push(duplicate(name, place, *first)),
                None => {
                    seen.insert((place.package, name.text.as_str()), place);
                }
            }
        }
    }

    fn check_obligations(&self, diagnostics: &mut Vec<Diagnostic>) {
        let mut seen: HashMap<&str, Place<'a>> = HashMap::new();
        let standard_first =
            self.obligations.iter().filter(|place| place.package == STD).chain(self.obligations.iter().filter(|place| place.package != STD));
        for place in standard_first {
            let Some(name) = name_of(place.item) else { continue };
            match seen.get(name.text.as_str()) {
                Some(first) if first.package != place.package => diagnostics.push(duplicate(name, *place, *first)),
                Some(_) => {}
                None => {
                    seen.insert(&name.text, *place);
                }
            }
        }
    }

    fn resolve_imports(&mut self, files: &[SourceFile<'a>], diagnostics: &mut Vec<Diagnostic>) {
        for file in files {
            let mut words: HashMap<&'a str, &'a str> = HashMap::from([(STD, STD)]);
            for SourceItem { piece, item } in file.items.iter().copied() {
                let ItemKind::Import { path, alias } = &item.kind else { continue };
                let at = Location { file: piece, span: path.span };
                let Some(package) = self.find_package(path) else {
                    diagnostics.push(self.unknown_package(path, at, file.package));
                    words.extend(alias.as_ref().or(path.parts.last()).map(|word| (word.text.as_str(), UNKNOWN_PACKAGE)));
                    continue;
                };
                let Some(word) = alias.as_ref().or(path.parts.last()) else { continue };
                let word_at = Location { file: piece, span: word.span };
                self.import_words.push((word, piece, file.package));
                if let Some(other) = words.insert(&word.text, package).filter(|other| *other != package && *other != UNKNOWN_PACKAGE) {
                    let message = format!("`{}` already stands for package `{other}`", word.text);
                    diagnostics.push(Diagnostic::error(Code::Duplicate, word_at, message).with_help("give one of them another name with `as`"));
                }
            }
            self.imports.insert(file.id, words);
        }
    }

    fn find_package(&self, path: &Path) -> Option<&'a str> {
        self.packages.get_key_value(path_text(path).as_str()).map(|(name, _)| *name)
    }

    fn unknown_package(&self, path: &Path, at: Location, own: &str) -> Diagnostic {
        let name = path_text(path);
        let diagnostic = Diagnostic::error(Code::UnknownPackage, at, format!("no package `{name}` in this policy set"));
        match self.suggestions.nearest(&name, self.packages.keys().copied().filter(|package| *package != own)) {
            Some(near) => diagnostic.with_help(format!("there is a package `{near}`")).with_fix(format!("import `{near}`"), at, near),
            None if ["data.", "input."].iter().any(|root| name.starts_with(root)) => {
                diagnostic.with_help("data and the request need no import: data are declared, as in `data limits: map<int>`, and named alone")
            }
            None if ["std.", "rego.", "future."].iter().any(|root| name.starts_with(root)) => {
                diagnostic.with_help("nothing of the language is imported: leave the import out")
            }
            None => diagnostic.with_help("a set is every `.toll` file below the paths that it is read from"),
        }
    }
}

struct Names<'s, 'a> {
    packages: &'s mut BTreeMap<&'a str, Package<'a>>,
    diagnostics: &'s mut Vec<Diagnostic>,
}

impl<'a> Names<'_, 'a> {
    fn add(&mut self, places: &[Place<'a>], insert: impl Fn(&mut Package<'a>, &'a str, usize) -> Option<usize>, what: &str) {
        for (index, place) in places.iter().enumerate() {
            let Some(name) = name_of(place.item) else { continue };
            let package = self.packages.entry(place.package).or_default();
            if let Some(first) = insert(package, &name.text, index).and_then(|first| places.get(first)) {
                let diagnostic = duplicate(name, *place, *first);
                self.diagnostics.push(Diagnostic { message: format!("{what} {}", diagnostic.message), ..diagnostic });
            }
        }
    }

    fn values(&mut self, places: &[Place<'a>], make: impl Fn(usize) -> ValueRef) {
        for (index, place) in places.iter().enumerate() {
            let Some(name) = name_of(place.item) else { continue };
            self.packages.entry(place.package).or_default().values.entry(&name.text).or_insert_with(|| make(index));
        }
    }
}

fn name_text<'a>(place: &Place<'a>) -> &'a str {
    name_of(place.item).map_or("", |name| &name.text)
}

/// So many new rules are put among the others one by one.
const FEW: usize = 16;

/// The order of a set's rules, by which they are found in it when it is checked again.
#[derive(Clone, Debug, Default)]
pub struct RuleOrder {
    /// The pieces of the rules, in the order of their full names.
    pieces: Vec<FileId>,
    /// Whether no two have the same name.
    are_distinct: bool,
}

impl RuleOrder {
    /// Places of rules, those that had it in this order, and those that are new.
    fn split<'a>(&self, places: Vec<Place<'a>>) -> (Vec<Place<'a>>, Vec<Place<'a>>) {
        let number = |piece: FileId| piece.0 as usize;
        let Some(last) = places.iter().map(|place| number(place.piece)).max().filter(|_| !self.pieces.is_empty()) else {
            return (Vec::new(), places);
        };
        // Numbers of pieces grow with every edit: little is kept for each.
        let mut by_piece: Vec<u32> = vec![u32::MAX; last + 1];
        for (index, place) in (0..u32::MAX).zip(&places) {
            if let Some(slot) = by_piece.get_mut(number(place.piece)) {
                *slot = index;
            }
        }
        let mut take = |piece: FileId| -> Option<Place<'a>> {
            let index = std::mem::replace(by_piece.get_mut(number(piece))?, u32::MAX);
            places.get(index as usize).copied()
        };
        let mut known = Vec::with_capacity(places.len());
        known.extend(self.pieces.iter().filter_map(|piece| take(*piece)));
        (known, places.iter().filter_map(|place| take(place.piece)).collect())
    }
}

/// Puts a rule among others, which are sorted; gives whether none of them has its name.
fn insert<'a>(rules: &mut Vec<Place<'a>>, place: Place<'a>) -> bool {
    let at = rules.partition_point(|other| by_full_name(other, &place).is_lt());
    let neighbours = [at.checked_sub(1).and_then(|before| rules.get(before)), rules.get(at)];
    let is_alone = !neighbours.into_iter().flatten().any(|other| have_one_name(other, &place));
    rules.insert(at, place);
    is_alone
}

/// Whether two rules have the same full name.
fn have_one_name(a: &Place<'_>, b: &Place<'_>) -> bool {
    a.package == b.package && name_text(a) == name_text(b)
}

/// The order of full names; of equal ones, that of their places.
fn by_full_name<'a>(a: &Place<'a>, b: &Place<'a>) -> Ordering {
    full_name_order((a.package, name_text(a)), (b.package, name_text(b))).then(a.order.cmp(&b.order))
}

/// The order of `package.name`.
fn full_name_order(a: (&str, &str), b: (&str, &str)) -> Ordering {
    if a.0 == b.0 {
        return a.1.cmp(b.1);
    }
    if !a.0.starts_with(b.0) && !b.0.starts_with(a.0) {
        return a.0.cmp(b.0);
    }
    let full = |(package, name): (&str, &str)| -> Vec<u8> { [package.as_bytes(), b".", name.as_bytes()].concat() };
    full(a).cmp(&full(b))
}

/// The name that an item declares.
pub fn name_of(item: &Item) -> Option<&Name> {
    match &item.kind {
        ItemKind::Enum { name, .. }
        | ItemKind::Type { name, .. }
        | ItemKind::Data { name, .. }
        | ItemKind::Obligation { name, .. }
        | ItemKind::Let { name, .. }
        | ItemKind::Fn { name, .. }
        | ItemKind::Score { name, .. } => Some(name),
        ItemKind::Rule(rule) => Some(&rule.name),
        _ => None,
    }
}

fn duplicate(name: &Name, place: Place<'_>, first: Place<'_>) -> Diagnostic {
    let first_at = first.at(name_of(first.item).map_or(first.item.span, |name| name.span));
    Diagnostic::error(Code::Duplicate, place.at(name.span), format!("`{}` is declared twice", name.text))
        .with_secondary(first_at, "first declared here")
        .with_help("give one of them another name")
}

fn second(what: &str, place: Place<'_>, first: Place<'_>) -> Diagnostic {
    Diagnostic::error(Code::SecondInput, place.at(place.item.span), format!("a policy set has at most one {what}"))
        .with_secondary(first.at(first.item.span), "the first one is here")
}
