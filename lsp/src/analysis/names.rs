//! What names stand for, for requests that go from one place of a name to its others.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::{ItemAt, PolicySet, Symbol, SymbolKind, Use};

use super::{Cursor, text_of};

/// What a name stands for: two names with the same meaning are names of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Meaning {
    /// What is declared there.
    Declared(Location),
    /// A package.
    Package(Arc<str>),
    /// What the language has, and what nothing declares.
    BuiltIn(Arc<str>),
}

/// What a name stands for.
pub fn meaning(symbol: &Symbol) -> Meaning {
    match (symbol.kind, symbol.at) {
        (SymbolKind::Package, _) => Meaning::Package(Arc::clone(&symbol.name)),
        (_, Some(at)) => Meaning::Declared(at),
        (_, None) => Meaning::BuiltIn(Arc::clone(&symbol.name)),
    }
}

/// The name at a place, with everything that it stands for: the arguments of several tools, the tools that a pattern fits.
pub fn uses_at(set: &PolicySet, at: Cursor) -> Vec<Use> {
    let inspection = set.inspect(at.file, at.span());
    let length = |used: &Use| used.at.span.end - used.at.span.start;
    let Some(place) = inspection.uses_at(at.offset).min_by_key(|used| (length(used), used.at)).map(|used| used.at) else { return Vec::new() };
    let (named, around): (Vec<Use>, Vec<Use>) = inspection.uses.into_iter().partition(|used| used.at == place);
    let may_be_shared = named.iter().any(|used| matches!(used.symbol.kind, SymbolKind::Field));
    let Some(item) = item_of(set, place).filter(|item| may_be_shared && is_rule(item)) else { return named };
    let tools = tools_of(around.iter().filter(|used| item.span.start <= used.at.span.start && used.at.span.end <= item.span.end));
    let shared = Shared::of_set(set);
    named.into_iter().flat_map(|used| shared.split(&tools, used)).collect()
}

/// Where the name of what a symbol stands for is declared; `decision` in tests is nowhere.
pub fn declaration(set: &PolicySet, symbol: &Symbol) -> Option<Location> {
    let is_name = |at: &Location| !matches!(symbol.kind, SymbolKind::Variable) || at.span.of(text_of(set, at.file)) == &*symbol.name;
    symbol.at.filter(is_name)
}

/// The item in which a name stands.
pub fn item_of(set: &PolicySet, at: Location) -> Option<ItemAt<'_>> {
    set.items(at.file).find(|item| item.span.start <= at.span.start && at.span.end <= item.span.end)
}

/// Names in the order of their places, by the items of a file in which they stand.
pub fn by_item<'s>(set: &'s PolicySet, file: FileId, uses: &'s [Use]) -> impl Iterator<Item = (ItemAt<'s>, &'s [Use])> {
    let mut rest = uses.get(uses.partition_point(|used| used.at.file < file)..).unwrap_or_default();
    set.items(file).map(move |item| {
        let (own, after) = rest.split_at(rest.partition_point(|used| used.at.file == file && used.at.span.end <= item.span.end));
        rest = after;
        (item, own)
    })
}

/// Whether an item is a rule.
pub fn is_rule(item: &ItemAt<'_>) -> bool {
    item.item.is_some_and(|item| matches!(item.kind, ItemKind::Rule(_)))
}

/// Where the tools are declared that some names stand for.
pub fn tools_of<'u>(uses: impl IntoIterator<Item = &'u Use>) -> Vec<Location> {
    uses.into_iter().filter(|used| matches!(used.symbol.kind, SymbolKind::Tool)).filter_map(|used| used.symbol.at).collect()
}

/// The arguments of tools: a name in a rule on several tools stands for the argument of each.
pub struct Shared<'s> {
    /// By the place of a tool's name, the places of its arguments.
    tools: HashMap<Location, HashMap<&'s str, Location>>,
    /// The places of all arguments.
    arguments: HashSet<Location>,
}

impl<'s> Shared<'s> {
    /// Those of the tools of a set.
    pub fn of_set(set: &'s PolicySet) -> Shared<'s> {
        let mut shared = Shared { tools: HashMap::new(), arguments: HashSet::new() };
        for file in (0..).map(FileId).take(set.sources().files().len()) {
            for at in set.items(file) {
                let Some(ItemKind::Tool(tool)) = at.item.map(|item| &item.kind) else { continue };
                let place = |span: Span| Location { file, span: at.at(span) };
                let fields = tool.args.iter().flat_map(|args| &args.fields);
                let fields: HashMap<&str, Location> = fields.map(|field| (field.name.text.as_str(), place(field.name.span))).collect();
                shared.arguments.extend(fields.values());
                shared.tools.insert(place(tool.name.span), fields);
            }
        }
        shared
    }

    /// A name in a rule on these tools, once for each thing that it stands for.
    pub fn split(&self, tools: &[Location], used: Use) -> Vec<Use> {
        let Some(at) = used.symbol.at.filter(|at| self.arguments.contains(at)) else { return vec![used] };
        let mut places: Vec<Location> = tools.iter().filter_map(|tool| self.tools.get(tool)?.get(&*used.symbol.name)).copied().collect();
        places.push(at);
        places.sort();
        places.dedup();
        places.into_iter().map(|at| Use { symbol: Symbol { at: Some(at), ..used.symbol.clone() }, ..used }).collect()
    }
}
