//! What an editor asks of a set: what the names and expressions of a file are, and what a changed item's would be.

use std::collections::HashSet;
use std::sync::Arc;

use super::{ParsedFile, PolicySet, broken_names, source_files};
use crate::check::notes::{Notes, Sight, Symbol, Use};
use crate::check::{self, SourceFile, SourceItem};
use crate::diagnostic::{FileId, Location};
use crate::syntax::ast::{Item, Span};
use crate::syntax::{Cut, ParsedPiece, SyntaxLimits};
use tollgate_stdlib::types::Type;

/// An item of a file with its place.
#[derive(Clone, Copy, Debug)]
pub struct ItemAt<'s> {
    /// Where its text begins, of which its spans count.
    pub start: u32,
    /// Its text, from the end of the item before to its own end.
    pub span: Span,
    /// The item; `None` where it cannot be read.
    pub item: Option<&'s Item>,
}

/// What the names and expressions of some items are. Places are those in the file.
#[derive(Clone, Debug, Default)]
pub struct Inspection {
    /// What names stand for, in the order of their places.
    pub uses: Vec<Use>,
    /// The types of expressions.
    pub values: Vec<(Location, Type)>,
    /// The types that are expected of expressions.
    pub expected: Vec<(Location, Type)>,
    /// What may be named at the cursor.
    pub sight: Option<Sight>,
}

/// What an item would be with another text.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Where the item's text begins in the file, of which its spans count.
    pub start: u32,
    /// The item.
    pub item: Item,
    /// What its names and expressions would be.
    pub inspection: Inspection,
}

impl ItemAt<'_> {
    /// A span of the item as one of its file.
    pub fn at(&self, span: Span) -> Span {
        Span { start: span.start.saturating_add(self.start), end: span.end.saturating_add(self.start) }
    }
}

impl Inspection {
    /// The uses at an offset; a name is also at the offset after its last letter.
    pub fn uses_at(&self, offset: u32) -> impl Iterator<Item = &Use> {
        self.uses.iter().filter(move |used| (used.at.span.start..=used.at.span.end).contains(&offset))
    }

    /// The type of the expression at exactly that place.
    pub fn type_of(&self, span: Span) -> Option<&Type> {
        self.values.iter().rev().find(|(at, _)| at.span == span).map(|(_, ty)| ty)
    }

    /// The type that is expected of the expression at exactly that place.
    pub fn expected_of(&self, span: Span) -> Option<&Type> {
        self.expected.iter().rev().find(|(at, _)| at.span == span).map(|(_, ty)| ty)
    }
}

impl PolicySet {
    /// The package of a file; empty where it has none.
    pub fn package(&self, file: FileId) -> &str {
        self.files.get(file.0 as usize).map_or("", |parsed| &parsed.package)
    }

    /// The items of a file, with what could not be read, in order.
    pub fn items(&self, file: FileId) -> impl Iterator<Item = ItemAt<'_>> {
        let pieces = self.files.get(file.0 as usize).into_iter().flat_map(|parsed| &parsed.pieces);
        pieces.map(|piece| ItemAt { start: piece.span.start, span: piece.span, item: piece.parsed.item.as_ref() })
    }

    /// Everything that the set declares, the standard library's with it, by kind; rules where they are asked for.
    pub fn declared(&self, with_rules: bool) -> Vec<Symbol> {
        let files = source_files(&self.sources, &self.files);
        let found = check::declared(&self.checked, &files, &broken_names(&self.files), with_rules);
        found.into_iter().map(|symbol| Symbol { at: symbol.at.map(|at| self.place(at)), ..symbol }).collect()
    }

    /// Where a field or a variant of a type of the program is declared: its own name is asked about, no other of the same letters.
    pub fn declared_at(&self, name: &Arc<str>) -> Option<Location> {
        self.checked.declared_at(name).map(|at| self.place(at))
    }

    /// What the names and expressions are of the items of a file that touch a span.
    pub fn inspect(&self, file: FileId, within: Span) -> Inspection {
        let pieces = self.files.get(file.0 as usize).into_iter().flat_map(|parsed| &parsed.pieces);
        let asked = pieces.filter(|piece| piece.span.start <= within.end && within.start <= piece.span.end).map(|piece| piece.id);
        self.inspect_pieces(asked.collect())
    }

    /// What the names and expressions are of all items of the set that are wanted, by their file and their text: in the time of looking at them, and
    /// at the set once.
    pub fn inspect_where(&self, wanted: impl Fn(FileId, &str) -> bool) -> Inspection {
        let pieces = self.files.iter().flat_map(|parsed| parsed.pieces.iter().map(move |piece| (parsed.id, piece)));
        let asked = pieces.filter(|(file, piece)| wanted(*file, piece.span.of(self.sources.text(*file)))).map(|(_, piece)| piece.id);
        self.inspect_pieces(asked.collect())
    }

    fn inspect_pieces(&self, pieces: HashSet<FileId>) -> Inspection {
        let files = self.needed(source_files(&self.sources, &self.files), &pieces, "");
        let notes = Notes { pieces, ..Notes::default() };
        self.inspection(&files, notes, &|at| Some(self.place(at)))
    }

    /// What an item would be if it had another text: that which begins at `start`, where the text of an item of the file does. `cursor` is a place in the
    /// text, of which the surroundings are told. `None` where the text begins with no item that can be read.
    pub fn probe(&self, file: FileId, start: u32, text: &str, cursor: u32) -> Option<Probe> {
        let parsed = self.files.get(file.0 as usize)?;
        let old = parsed.pieces.iter().find(|piece| piece.span.start == start)?;
        let piece = self.pieces.next();
        let read = read_first(text, piece)?;
        let item = read.item?;
        let mut files = source_files(&self.sources, &self.files);
        put(files.iter_mut().find(|source| source.id == file)?, parsed, old.id, SourceItem { piece, item: &item });
        let asked = HashSet::from([piece]);
        let files = self.needed(files, &asked, text);
        let notes = Notes { pieces: asked, cursor: Some(Location { file: piece, span: Span { start: cursor, end: cursor } }), ..Notes::default() };
        let inspection = self.inspection(&files, notes, &|at| {
            if at.file != piece {
                return Some(self.place(at));
            }
            Some(Location { file, span: Span { start: at.span.start.saturating_add(start), end: at.span.end.saturating_add(start) } })
        });
        Some(Probe { start, item, inspection })
    }

    fn inspection(&self, files: &[SourceFile<'_>], notes: Notes, place: &dyn Fn(Location) -> Option<Location>) -> Inspection {
        let notes = check::inspect(&self.checked, files, &broken_names(&self.files), notes);
        let placed = |symbol: Symbol| Symbol { at: symbol.at.and_then(place), ..symbol };
        let mut uses: Vec<Use> = notes.uses.into_iter().filter_map(|used| Some(Use { at: place(used.at)?, symbol: placed(used.symbol) })).collect();
        uses.sort_by_key(|used| used.at);
        // Types of tools' arguments are read twice.
        uses.dedup_by(|a, b| a.at == b.at && a.symbol.at == b.symbol.at && a.symbol.name == b.symbol.name);
        let typed = |values: Vec<(Location, Type)>| values.into_iter().filter_map(|(at, ty)| Some((place(at)?, ty))).collect();
        let sight = notes.sight.map(|sight| Sight { variables: sight.variables.into_iter().map(placed).collect(), ..sight });
        Inspection { uses, values: typed(notes.values), expected: typed(notes.expected), sight }
    }
}

/// The first item of a text.
fn read_first(text: &str, piece: FileId) -> Option<ParsedPiece> {
    let limits = SyntaxLimits::default();
    Cut::new(text).pieces().next().map(|first| first.parse(piece, &limits))
}

/// Puts an item in the place of another, or where that would be if it could be read.
fn put<'a>(source: &mut SourceFile<'a>, parsed: &ParsedFile, old: FileId, new: SourceItem<'a>) {
    let before: HashSet<FileId> = parsed.pieces.iter().map(|piece| piece.id).take_while(|id| *id != old).collect();
    let place = source.items.iter().take_while(|item| before.contains(&item.piece)).count();
    if source.items.get(place).is_some_and(|item| item.piece == old) {
        source.items.remove(place);
    }
    source.items.insert(place, new);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sources;

    const SHOP: &str = r#"package shop
import team
/// How grave it is.
enum Risk { low < high }
type Grant { tool: string, ceiling: Risk where ceiling <= "high" = "low", since?: timestamp }
data grants: map<Grant> = {}
let limit = 10
fn over(n: int) -> bool = n > limit + team.extra
tool "pay/send" { args { amount: int, to: list<string>, note?: string } }
tool "pay/refund" { args { amount: int } }
obligation tell(whom: string)
deny large on "pay/send", "pay/refund" for g in grants["x"] when over(args.amount) and g.ceiling == "high" and tool.category != "read"
  because "{args.amount} by {agent.id}" require tell(whom: "a"), team.note()
test "t {c.n}" for c in [{n: 1}] { input { agent: {id: "x"}, tool: {server: "pay", name: "send"}, args: {amount: c.n, to: ["a".lower()]} } data grants = {x: {tool: "pay", ceiling: "high"}} expect deny by large }
"#;

    fn shop() -> PolicySet {
        let mut sources = Sources::of("shop.toll", SHOP);
        sources.add("team.toll", "package team\nlet extra = 1\nobligation note()\n");
        let set = PolicySet::check(sources);
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        set
    }

    fn written(set: &PolicySet, at: Location) -> &str {
        at.span.of(set.sources().text(at.file))
    }

    fn told(set: &PolicySet, used: &Use) -> String {
        let Symbol { kind, name, at, ty } = &used.symbol;
        let line = |at: &Location| set.sources().text(at.file).get(..at.span.start as usize).unwrap().matches('\n').count() + 1;
        let kind = format!("{kind:?}");
        let kind = kind.split(['(', ' ']).next().unwrap();
        let declared = at.as_ref().map_or("the language".to_owned(), |at| format!("{}:{}", written(set, *at), line(at)));
        format!("{} = {kind} {name}: {ty} of {declared}", written(set, used.at))
    }

    #[test]
    fn every_name_is_told_with_its_declaration() {
        let set = shop();
        let whole = Span { start: 0, end: u32::MAX };
        let inspection = set.inspect(FileId(0), whole);
        let lines: Vec<String> = inspection.uses.iter().map(|used| told(&set, used)).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn items_of_all_files_are_told_at_once() {
        let set = shop();
        let inspection = set.inspect_where(|_, text| text.contains("extra"));
        let lines: Vec<String> = inspection.uses.iter().filter(|used| written(&set, used.at) == "extra").map(|used| told(&set, used)).collect();
        assert_eq!(lines, ["extra = Let team.extra: int of extra:2", "extra = Let team.extra: int of extra:2"]);
        assert!(set.inspect_where(|_, _| false).uses.is_empty());
    }

    #[test]
    fn patterns_requests_and_full_names_are_told() {
        let text = r#"package a.b
data d: int = 1
tool "pay/send" { args { amount: int } }
tool "pay/refund" {}
tool "look" {}
deny some on "pay/*"
test "t" { input { agent: {id: "x"}, tool: {server: "pay", name: "send"}, args: {amount: 1} } data a.b.d = 2 expect deny by a.b.some }
"#;
        let set = PolicySet::check(Sources::of("a.toll", text));
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let uses = set.inspect(FileId(0), Span { start: text.find("deny").unwrap() as u32 + 1, end: u32::MAX }).uses;
        let names: Vec<String> = uses.iter().map(|used| format!("{} {}", written(&set, used.at), used.symbol.name)).collect();
        assert_eq!(
            names.join(", "),
            "some a.b.some, \"pay/*\" look, \"pay/*\" pay/refund, \"pay/*\" pay/send, agent agent, id id, tool tool, server server, \"pay\" pay/send, \
             name name, \"send\" pay/send, args args, amount amount, a.b a.b, d a.b.d, a.b a.b, some a.b.some"
        );
    }

    #[test]
    fn fields_of_the_program_are_told_with_their_declarations() {
        let set = shop();
        let send = set.program().tools.iter().find(|tool| &*tool.name == "pay/send").unwrap();
        let amount = &send.args.as_ref().unwrap().fields[0].name;
        assert_eq!(set.declared_at(amount).map(|at| at.span.start), Some(SHOP.find("amount").unwrap() as u32));
        assert_eq!(set.declared_at(&"amount".into()), None);
    }

    #[test]
    fn keys_of_records_that_nothing_declares_are_told() {
        let text = "package a\nlet pair = {left: 1}\nlet x = pair.left\ndata d: map<int> = {}\ndeny none_of when d[\"x\"] == none\n";
        let set = PolicySet::check(Sources::of("a.toll", text));
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let inspection = set.inspect(FileId(0), Span { start: 0, end: u32::MAX });
        let left: Vec<String> = inspection.uses.iter().filter(|used| written(&set, used.at) == "left").map(|used| told(&set, used)).collect();
        assert_eq!(left, ["left = Field left: int of left:2", "left = Field left: int of left:2"]);
        let index = text.find("d[").unwrap() as u32;
        assert_eq!(inspection.type_of(Span { start: index, end: index + 6 }).unwrap().to_string(), "int?");
    }

    #[test]
    fn one_item_is_told_alone() {
        let set = shop();
        let start = SHOP.find("deny").unwrap() as u32;
        let inspection = set.inspect(FileId(0), Span { start: start + 1, end: start + 1 });
        assert_eq!(
            told(&set, inspection.uses.get(1).unwrap()),
            "\"pay/send\" = Tool pay/send: { amount: int, to: list<string>, note?: string } of \"pay/send\":9"
        );
        assert_eq!(inspection.uses.last().map(|used| &*used.symbol.name), Some("team.note"));
        let amount = SHOP.find("args.amount").unwrap() as u32;
        assert_eq!(inspection.type_of(Span { start: amount, end: amount + 11 }).unwrap().to_string(), "int");
        let high = SHOP.find("\"high\" and").unwrap() as u32;
        assert_eq!(inspection.expected_of(Span { start: high, end: high + 6 }).unwrap().to_string(), "Risk");
    }

    #[test]
    fn every_item_alone_is_told_as_all_together() {
        let text = format!(
            "{SHOP}input {{ agent: Agent, kind: Risk = \"low\", tool: Tool, args: json = {{}}, context: Context }}\n\
             score danger: 0..=9 {{ 1 when over(2) because \"{{limit}}\" }}\ntype More = Grant with {{ danger: Risk }}\nlet near = far\nlet far = kind == \"low\"\n"
        );
        let mut sources = Sources::of("shop.toll", &text);
        sources.add("team.toll", "package team\nlet extra = 1\nobligation note()\n");
        let set = PolicySet::check(sources);
        assert!(!set.has_errors(), "{:?}", set.diagnostics());
        let all = set.inspect(FileId(0), Span { start: 0, end: u32::MAX });
        for item in set.items(FileId(0)) {
            let within = |at: Location| at.file == FileId(0) && item.span.start <= at.span.start && at.span.end <= item.span.end;
            let told = |inspection: &Inspection| -> Vec<String> {
                let types = inspection.values.iter().chain(&inspection.expected).filter(|(at, _)| within(*at)).map(|(at, ty)| format!("{at:?} {ty}"));
                let mut told: Vec<String> =
                    types.chain(inspection.uses.iter().filter(|used| within(used.at)).map(|used| self::told(&set, used))).collect();
                told.sort();
                // What a refinement has is told once for each type that has it.
                told.dedup();
                told
            };
            let inside = Span { start: item.span.start + 1, end: item.span.end - 1 };
            assert_eq!(told(&set.inspect(FileId(0), inside)), told(&all), "{}", item.span.of(set.sources().text(FileId(0))));
        }
    }

    #[test]
    fn one_of_many_declarations_is_looked_at_alone() {
        let text = (1..30_000).map(|n| format!("let v{n} = {n}\n")).collect::<String>();
        let set = PolicySet::check(Sources::of("a.toll", &format!("package a\nlet v0 = 0\n{text}")));
        for offset in (20..2_000).step_by(20) {
            assert!(!set.inspect(FileId(0), Span { start: offset, end: offset }).uses.is_empty());
        }
    }

    #[test]
    fn an_item_may_be_asked_with_another_text() {
        let set = shop();
        let item = set.items(FileId(0)).find(|item| item.span.of(SHOP).contains("deny")).unwrap();
        let text = item.span.of(SHOP).replace("g.ceiling == \"high\"", "g.since.x");
        let cursor = text.find(".x").unwrap() as u32 + 1;
        let probe = set.probe(FileId(0), item.start, &text, cursor).unwrap();
        let base = Span { start: item.start + cursor - 8, end: item.start + cursor - 1 };
        assert_eq!(probe.inspection.type_of(base).unwrap().to_string(), "timestamp?");
        let sight = probe.inspection.sight.unwrap();
        assert!(sight.reads_request);
        assert_eq!(sight.args.unwrap().to_string(), "{ amount: int, to?: list<string>, note?: string }");
        assert_eq!(sight.variables.iter().map(|variable| &*variable.name).collect::<Vec<_>>(), ["g"]);
        assert!(set.probe(FileId(0), item.start, "", 0).is_none());
    }

    #[test]
    fn everything_that_is_declared_is_told() {
        let set = shop();
        let own = set.declared(true).into_iter().filter(|symbol| symbol.at.is_none_or(|at| (at.file.0 as usize) < set.own_files()));
        let names: Vec<String> = own.map(|symbol| symbol.name.to_string()).collect();
        let expected =
            "shop std team shop.Grant shop.Risk shop.grants shop.limit shop.over team.extra shop.tell team.note pay/refund pay/send shop.large";
        assert_eq!(names.join(" "), expected);
    }
}
