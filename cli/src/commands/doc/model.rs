//! What there is to document: the items of a set, and how they hang together.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::lint::{Deciders, Kind};
use tollgate_compiler::program::{Expectation, ExpectedRules, Program, Test};
use tollgate_compiler::syntax::ast::{Effect, Item, ItemKind};

use super::anchors::{Anchors, name_of};
use super::layout::File;

/// The files of a set.
pub struct Files {
    /// The files, in order.
    files: Vec<File>,
    /// How many files of the set stand before them.
    before: usize,
    /// Which item names which, each by its place among the items of all files.
    edges: Vec<(usize, usize)>,
}

/// The items of a set. An item is known by its place in [`Model::entries`].
pub struct Model<'s> {
    /// What the set means.
    pub program: &'s Program,
    /// Its items in the order of their files and places.
    pub entries: Vec<Entry<'s>>,
    /// The packages, by name, each with its items in order.
    pub packages: BTreeMap<&'s str, Vec<usize>>,
    /// Which rules may decide calls of which tools, as places in the program.
    pub deciders: Deciders,
    /// The entries of rules, in the order of the program.
    pub rules: Vec<usize>,
    /// The entries of declared tools, by name.
    pub tools: HashMap<&'s str, usize>,
    /// The entries of what has a name in its package, by both.
    names: HashMap<(&'s str, String), usize>,
}

/// An item of the set.
pub struct Entry<'s> {
    /// The item.
    pub item: &'s Item,
    /// Its file.
    pub file: &'s File,
    /// The line where it begins.
    pub line: u32,
    /// Its name, or its title.
    pub name: String,
    /// What links to it name.
    pub anchor: &'s Arc<str>,
    /// What of the set it names, in order.
    pub names: Vec<usize>,
    /// What of the set names it, tests apart.
    pub named_by: Vec<usize>,
    /// Of a rule the declared tools whose calls it may decide, where these are not all.
    pub decides: Vec<usize>,
    /// Of a rule the tests that expect it; of a test the rules that it expects.
    pub tested: Vec<usize>,
}

impl Files {
    /// The files of a set with these places among all of them, as `shown` shows their paths.
    pub fn read(set: &PolicySet, places: Range<usize>, shown: impl Fn(&str) -> String) -> Files {
        let mut anchors = Anchors::default();
        let sources = set.sources().files().iter().skip(places.start).take(places.len());
        let files = sources.map(|source| File::new(shown(&source.path), &source.text, &mut anchors)).collect();
        let mut files = Files { files, before: places.start, edges: Vec::new() };
        files.link(set);
        files
    }

    /// Makes the names in the files links to what they stand for.
    fn link(&mut self, set: &PolicySet) {
        let mut declared: HashMap<(Kind, String, String), (usize, Arc<str>)> = HashMap::new();
        let items = self.files.iter().flat_map(|file| file.items.iter().zip(&file.anchors).map(move |(item, anchor)| (file, item, anchor)));
        for (place, (file, item, anchor)) in items.enumerate() {
            if let Some(kind) = kind_of(item) {
                declared.insert((kind, file.package.clone(), name_of(item)), (place, anchor.clone()));
            }
        }
        let firsts = self.firsts();
        for reference in set.references() {
            let Some(place) = (reference.at.file.0 as usize).checked_sub(self.before) else { continue };
            let (Some(file), Some(first)) = (self.files.get_mut(place), firsts.get(place)) else { continue };
            let Some((to, anchor)) = declared.get(&(reference.kind, reference.package.to_owned(), reference.name.to_owned())) else { continue };
            self.edges.extend(file.item_at(reference.at.span).map(|by| (first + by, *to)));
            file.link(reference.at.span, reference.name, anchor);
        }
    }

    /// The place of each file's first item among all items.
    fn firsts(&self) -> Vec<usize> {
        self.files.iter().scan(0, |end, file| Some(std::mem::replace(end, *end + file.items.len()))).collect()
    }

    /// The place of an item among all items.
    fn item_at(&self, firsts: &[usize], at: Location) -> Option<usize> {
        let place = (at.file.0 as usize).checked_sub(self.before)?;
        Some(firsts.get(place)? + self.files.get(place)?.item_at(at.span)?)
    }
}

impl<'s> Model<'s> {
    /// What there is to document of the files of a set without errors.
    pub fn new(set: &'s PolicySet, files: &'s Files) -> Model<'s> {
        let program = set.program();
        let mut model = Model {
            program,
            entries: files.files.iter().flat_map(entries).collect(),
            packages: BTreeMap::new(),
            deciders: Deciders::new(program),
            rules: Vec::new(),
            tools: HashMap::new(),
            names: HashMap::new(),
        };
        model.file();
        for (by, to) in &files.edges {
            model.name(*by, *to);
        }
        let firsts = files.firsts();
        let mut by_name: HashMap<&str, usize> = HashMap::new();
        for rule in &program.rules {
            let place = files.item_at(&firsts, set.place(rule.at));
            model.rules.push(place.unwrap_or(usize::MAX));
            by_name.extend(place.map(|place| (&*rule.name, place)));
        }
        model.decide();
        for test in &program.tests {
            let Some(place) = files.item_at(&firsts, set.place(test.at)) else { continue };
            for rule in expected(test).into_iter().filter_map(|rule| by_name.get(rule)) {
                model.expect(place, *rule);
            }
        }
        model
    }

    /// An entry.
    pub fn get(&self, place: usize) -> Option<&Entry<'s>> {
        self.entries.get(place)
    }

    /// The entries with these places.
    pub fn all<'m>(&'m self, places: &'m [usize]) -> impl Iterator<Item = &'m Entry<'s>> {
        places.iter().filter_map(|place| self.get(*place))
    }

    /// The entries of rules of the program.
    pub fn rules_at(&self, rules: &[usize]) -> Vec<usize> {
        rules.iter().filter_map(|rule| self.rules.get(*rule)).copied().collect()
    }

    /// Markdown of an author in a package, in which `[name]` leads to what has that name there, to a tool, or to what is named with its package.
    pub fn doc(&self, package: &str, markdown: &str) -> String {
        let labels = markdown.split('[').skip(1).filter_map(|rest| Some(rest.split_once(']')?.0));
        let links: BTreeMap<&str, &Arc<str>> =
            labels.filter_map(|label| Some((label, self.named(package, label.trim_matches('`'))?.anchor))).collect();
        let definitions: String = links.iter().map(|(label, anchor)| format!("[{label}]: #{anchor}\n")).collect();
        if definitions.is_empty() { markdown.to_owned() } else { format!("{definitions}\n{markdown}") }
    }

    fn named(&self, package: &str, name: &str) -> Option<&Entry<'s>> {
        let find =
            |package: &str, name: &str| self.packages.get_key_value(package).and_then(|(package, _)| self.names.get(&(*package, name.to_owned())));
        let in_full = || name.rsplit_once('.').and_then(|(package, name)| find(package, name));
        find(package, name).or_else(|| self.tools.get(name)).or_else(in_full).and_then(|place| self.get(*place))
    }

    /// Files the entries under what they are found by.
    fn file(&mut self) {
        for (place, entry) in self.entries.iter().enumerate() {
            self.packages.entry(&entry.file.package).or_default().push(place);
            if let ItemKind::Tool(tool) = &entry.item.kind {
                self.tools.insert(&tool.name.text, place);
            }
            if kind_of(entry.item).is_some() {
                self.names.insert((&entry.file.package, entry.name.clone()), place);
            }
        }
    }

    /// Notes of the rules which tools they may decide.
    fn decide(&mut self) {
        for (tool, rules) in self.program.tools.iter().zip(&self.deciders.of_tools) {
            let Some(tool) = self.tools.get(&*tool.name) else { continue };
            for rule in rules.iter().filter_map(|rule| self.rules.get(*rule)) {
                self.entries.get_mut(*rule).into_iter().for_each(|rule| rule.decides.push(*tool));
            }
        }
    }

    /// Notes that an item names another.
    fn name(&mut self, by: usize, to: usize) {
        let is_test = self.get(by).is_some_and(|entry| matches!(entry.item.kind, ItemKind::Test(_)));
        if let Some(entry) = self.entries.get_mut(by) {
            entry.names.push(to);
        }
        if let Some(entry) = self.entries.get_mut(to).filter(|_| !is_test) {
            // What one item names comes together.
            if entry.named_by.last() != Some(&by) {
                entry.named_by.push(by);
            }
        }
    }

    /// Notes that a test expects a rule.
    fn expect(&mut self, test: usize, rule: usize) {
        for (one, other) in [(test, rule), (rule, test)] {
            if let Some(entry) = self.entries.get_mut(one) {
                entry.tested.push(other);
            }
        }
    }
}

impl Entry<'_> {
    /// The effect of a rule.
    pub fn effect(&self) -> Option<Effect> {
        if let ItemKind::Rule(rule) = &self.item.kind { Some(rule.effect) } else { None }
    }

    /// Its name with its package.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.file.package, self.name)
    }

    /// Where it stands.
    pub fn place(&self) -> String {
        format!("{}:{}", self.file.path, self.line)
    }
}

fn entries(file: &File) -> impl Iterator<Item = Entry<'_>> {
    file.items.iter().zip(&file.lines).zip(&file.anchors).map(move |((item, line), anchor)| Entry {
        item,
        file,
        line: *line,
        name: name_of(item),
        anchor,
        names: Vec::new(),
        named_by: Vec::new(),
        decides: Vec::new(),
        tested: Vec::new(),
    })
}

/// What the name of an item stands for in others.
fn kind_of(item: &Item) -> Option<Kind> {
    match &item.kind {
        ItemKind::Enum { .. } | ItemKind::Type { .. } => Some(Kind::Type),
        ItemKind::Data { .. } | ItemKind::Let { .. } | ItemKind::Fn { .. } | ItemKind::Score { .. } => Some(Kind::Value),
        ItemKind::Rule(_) => Some(Kind::Rule),
        ItemKind::Obligation { .. } => Some(Kind::Obligation),
        _ => None,
    }
}

/// The rules that a test expects by name, each once.
fn expected(test: &Test) -> BTreeSet<&str> {
    let expected = test.steps.iter().flat_map(|step| &step.expect).filter_map(|expected| match expected {
        Expectation::Effect { by: ExpectedRules::Exactly(rules), .. } => Some(rules),
        _ => None,
    });
    expected.flatten().map(|rule| &**rule).collect()
}
