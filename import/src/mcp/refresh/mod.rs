//! A policy's declarations brought up to what a server says now, and what differs between the two.
//!
//! Each thing is merged three ways: what was imported, which the file's ledger remembers ([`ledger`], [`base`]), what the author has, and what the
//! server says. What the server has not changed stays, what the author has not changed is replaced, and both are joined otherwise: documentation,
//! facts ([`facts`]), arguments and types ([`merge`]). What does not compile in what comes out is taken out ([`sound`]). Nothing that the author
//! wrote goes without a word: a tool that is served no more stays, with `@gone`, and so do the names of arguments that went away ([`gone`]).

mod base;
mod beside;
mod declared;
mod drift;
mod edits;
mod facts;
mod gone;
mod ledger;
mod merge;
mod narrow;
mod outline;
mod sound;

use std::collections::{BTreeSet, HashMap, HashSet};

use tollgate_compiler::format::format;
use tollgate_compiler::syntax::ast::{ItemKind, Tool};
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::types::Declared as DeclaredTypes;
use super::{Options, STANDARD, Served, policy, served};
use crate::Source;
use crate::json::shown;
use crate::report::{Fate, Note, Unreadable, joined};
use crate::toll::laid_out;
pub use beside::Beside;
use beside::{package, values};
use declared::{Declaration, Declared, Kind, read};
use edits::{Edit, edited};
use gone::Gone;
use ledger::{Ledger, Piece};
use merge::{Loss, Merge, Sides, Why, before, shared};
use outline::{Line, Types, differences, outline};

pub use drift::{Drift, drift};
pub use outline::Difference;

/// The facts that are a server's word.
const HINTS: [(&str, &str); 4] = [("read_only", "false"), ("destructive", "true"), ("idempotent", "false"), ("open_world", "true")];

/// A policy that was refreshed.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// Its text.
    pub text: String,
    /// What has changed, tool by tool.
    pub changes: Vec<Change>,
    /// What the author has otherwise than the server, which was kept.
    pub kept: Vec<Change>,
    /// What of the server's answer the declarations do not say.
    pub notes: Vec<Note>,
}

/// A change of one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `server/name`
    pub tool: String,
    /// What became of it.
    pub what: What,
    /// What differs in what is said of it.
    pub differences: Vec<Difference>,
}

/// What became of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// It is new.
    Added,
    /// Its server has it no more.
    Gone,
    /// It differs.
    Changed,
}

/// A policy to refresh.
#[derive(Clone, Copy, Debug)]
pub struct Known<'k> {
    /// Its file.
    pub policy: Source<'k>,
    /// The other policies of its set: what they name stays, and what they declare is not declared again.
    pub beside: &'k [Source<'k>],
}

/// Refreshes the declarations of a policy from the answers of servers.
///
/// # Errors
///
/// Where a source is no list of tools, the text is no policy, or what would come out declares what is wrong and was not before.
pub fn update(sources: &[Source], options: &Options, known: &Known) -> Result<Refreshed, Unreadable> {
    let Source { name, text } = known.policy;
    let file = read(name, text)?;
    let old = Declared::of(&file);
    let (ledger, _) = Ledger::find(text);
    let mut notes = Vec::new();
    let mut all = served(sources, options, &mut notes)?;
    for served in all.iter_mut().filter(|_| options.server.is_none()) {
        let own = served.tools.iter().map(|tool| tool.name.as_str()).collect();
        if let Some(name) = settled(&served.server.name, &own, old.declarations.iter().map(|declaration| declaration.name.as_str())) {
            served.server.name = name;
        }
    }
    let servers: HashSet<String> = all.iter().map(|served| served.server.name.clone()).collect();
    let mut beside = Beside::of(package(&file).as_deref(), known.beside);
    beside.values.extend(values(&file));
    let fresh_text = fresh(name, all, &old, &ledger, &beside, &mut notes)?;
    let fresh_file = read(name, &fresh_text)?;
    let fresh = Declared::of(&fresh_file);

    let sides = Sides::new(&old, &fresh, &ledger);
    let mut refresh = Refresh {
        old: &old,
        fresh: &fresh,
        by_name: by_name(&fresh),
        sides: &sides,
        edits: Vec::new(),
        lost: Vec::new(),
        written_out: HashSet::new(),
    };
    refresh.run();
    let Refresh { by_name, edits, mut lost, written_out, .. } = refresh;
    let is_laid_out = format(text).is_ok_and(|laid_out| laid_out == text);
    let merged = without_stale_types(name, &edited(text, edits), &sides, &old, &fresh, (&written_out, &beside))?;
    let (merged, taken_out) = sound::mended(known, merged, &fresh)?;
    lost.extend(taken_out);
    notes.extend(lost.iter().map(|loss| loss.note(name)));
    let merged = gone::annotated(name, &merged, &old, |tool| match by_name.get(tool.name.as_str()).map(|now| now.kind) {
        Some(Kind::Tool(served)) => Some(Gone::Parts(outline(served, &sides.served))),
        _ => tool.name.rsplit_once('/').filter(|(server, _)| servers.contains(*server)).map(|_| Gone::Whole),
    })?;
    let text = with_new_ledger(name, &merged, &fresh)?;
    let text = if is_laid_out { laid_out(name, &text)? } else { text };
    let after_file = read(name, &text)?;
    let after = Declared::of(&after_file);
    let after_types = Types::of(&after_file.items);
    let changes = changes(&old, &sides.own, &after, &after_types);
    let kept = kept(&after, &after_types, &fresh, &sides.served);
    Ok(Refreshed { text, changes, kept, notes: joined(notes) })
}

/// A policy as imported, with its ledger.
pub fn with_ledger(name: &str, text: &str) -> Result<String, Unreadable> {
    let file = read(name, text)?;
    with_new_ledger(name, text, &Declared::of(&file))
}

/// A policy with the ledger of what is served now, in the place of the one that it has.
fn with_new_ledger(name: &str, text: &str, fresh: &Declared) -> Result<String, Unreadable> {
    let file = read(name, text)?;
    let (ledger, place) = Ledger::find(text);
    let written = Ledger::written(&Declared::of(&file), fresh, &ledger);
    let text = match place {
        Some(place) => edited(text, vec![(place, written)]),
        None => format!("{}\n\n{written}", text.trim_end()),
    };
    read(name, &text).map(|_| text)
}

/// What a policy calls a server, where it calls one otherwise that has its tools.
fn settled<'n>(server: &str, own: &HashSet<&str>, declared: impl Iterator<Item = &'n str>) -> Option<String> {
    let mut having = BTreeSet::new();
    for (of, name) in declared.filter_map(|name| name.rsplit_once('/')) {
        if of == server {
            return None;
        }
        if own.contains(name) {
            having.insert(of);
        }
    }
    (having.len() == 1).then(|| having.first().map(|name| (*name).to_owned())).flatten()
}

/// The declarations of what is served, laid out.
fn fresh(name: &str, all: Vec<Served>, old: &Declared, ledger: &Ledger, beside: &Beside, notes: &mut Vec<Note>) -> Result<String, Unreadable> {
    let is_own = |declaration: &&Declaration| matches!(declaration.kind, Kind::Type) && !ledger.has(&declaration.name);
    let own: Vec<&str> = old.declarations.iter().filter(is_own).map(|declaration| declaration.name.as_str()).collect();
    let taken = STANDARD.into_iter().chain(own).chain(beside.types.iter().map(String::as_str));
    let mut types = DeclaredTypes::beside(taken, beside.values.iter().map(String::as_str));
    let tools: Vec<String> = all.into_iter().flat_map(|served| served.declarations(&mut types, notes)).collect();
    laid_out(name, &policy("package fresh\n\n".to_owned(), &types, &tools).0)
}

/// What is served, by its name; a tool by its own too, for declarations of any server.
fn by_name<'f>(fresh: &'f Declared<'f>) -> HashMap<&'f str, &'f Declaration<'f>> {
    let own = fresh.declarations.iter().rev().filter_map(|now| Some((now.name.rsplit_once('/')?.1, now)));
    let whole = fresh.declarations.iter().map(|now| (now.name.as_str(), now));
    own.chain(whole).collect()
}

struct Refresh<'r> {
    old: &'r Declared<'r>,
    fresh: &'r Declared<'r>,
    by_name: HashMap<&'r str, &'r Declaration<'r>>,
    sides: &'r Sides<'r>,
    edits: Vec<Edit>,
    lost: Vec<Loss>,
    /// The types that are written out wherever they stood by their names.
    written_out: HashSet<String>,
}

impl<'r> Refresh<'r> {
    fn run(&mut self) {
        let mut known: HashSet<&'r str> = HashSet::new();
        let old: &'r Declared<'r> = self.old;
        for declaration in &old.declarations {
            if let Some(now) = self.meant(declaration) {
                known.insert(now.name.as_str());
                self.declaration(declaration, now);
            }
        }
        let (mut types, mut tools) = (Vec::new(), Vec::new());
        for now in self.fresh.declarations.iter().filter(|now| !known.contains(now.name.as_str())) {
            match now.kind {
                Kind::Type => types.push(now),
                Kind::Tool(_) if self.sides.ledger.has(&now.name) => {
                    let pieces = [Piece::Documentation, Piece::Facts, Piece::Arguments];
                    if pieces.into_iter().all(|piece| self.is_untouched(now, now, piece)) {
                        continue;
                    }
                    self.lost.push(Loss { place: now.name.clone(), why: Why::TakenOut, said: format!("tool \"{}\"", now.name) });
                }
                Kind::Tool(_) => tools.push(now),
            }
        }
        let first = old.declarations.iter().map(|declaration| declaration.whole().start).min().unwrap_or(old.text.len());
        let last = old.declarations.iter().map(|declaration| declaration.whole().end).max().unwrap_or(old.text.len());
        let written = |items: &[&Declaration], place: usize, before: &str, after: &str| -> Vec<Edit> {
            let text = |item: &&Declaration| self.fresh.text.get(item.whole()).unwrap_or_default().to_owned();
            items.iter().map(|item| (place..place, format!("{before}{}{after}", text(item)))).collect()
        };
        let (types, tools) = (written(&types, first, "", "\n\n"), written(&tools, last, "\n\n", ""));
        // What is put before the first declaration stands before what is put at its head.
        self.edits.splice(0..0, types);
        self.edits.extend(tools);
    }

    /// What is served for a declaration: the tool of its name, or of its own name where it is of any server.
    fn meant(&self, old: &Declaration) -> Option<&'r Declaration<'r>> {
        let is_alike = |now: &&Declaration| matches!(now.kind, Kind::Tool(_)) == matches!(old.kind, Kind::Tool(_));
        self.by_name.get(old.name.as_str()).copied().filter(is_alike)
    }

    fn declaration(&mut self, old: &'r Declaration<'r>, now: &'r Declaration<'r>) {
        let is_new = !self.sides.ledger.has(&now.name);
        if self.is_untouched(old, now, Piece::Documentation) || (is_new && old.documentation.is_empty()) {
            self.replace(old, now, Piece::Documentation);
        }
        match (old.kind, now.kind) {
            (Kind::Tool(tool), Kind::Tool(served)) => {
                let (edits, lost) = facts::merged(self.old.text, old, tool, served, &self.sides.ledger.base(&now.name));
                self.edits.extend(edits);
                self.lost.extend(lost);
                self.arguments(old, tool, now);
            }
            _ => self.ty(old, now),
        }
    }

    /// Whether a piece is as it was imported.
    fn is_untouched(&self, declaration: &Declaration, now: &Declaration, piece: Piece) -> bool {
        self.sides.ledger.is_untouched(&now.name, piece, &ledger::digest(declaration.piece(piece)))
    }

    fn replace(&mut self, old: &Declaration, now: &Declaration, piece: Piece) {
        let text = now.piece(piece);
        if ledger::digest(old.piece(piece)) != ledger::digest(text) {
            self.edits.push((old.place(piece), text.to_owned()));
        }
    }

    fn arguments(&mut self, old: &'r Declaration<'r>, tool: &Tool, now: &'r Declaration<'r>) {
        match (old.fields(), now.fields()) {
            (Some(own), Some(said)) => {
                let carries = own.fields.iter().any(|field| self.sides.carries(&field.ty));
                if self.is_untouched(old, now, Piece::Arguments) && !carries {
                    self.replace(old, now, Piece::Arguments);
                } else if !self.is_untouched(now, now, Piece::Arguments) || carries {
                    self.merge(&now.name, own, said);
                }
            }
            (None, Some(_)) if tool.args.is_none() && !self.sides.ledger.has(&now.name) => {
                let place = old.arguments.start;
                self.edits.push((place..place, format!("\n{}\n", now.piece(Piece::Arguments))));
            }
            _ => {}
        }
    }

    fn ty(&mut self, old: &'r Declaration<'r>, now: &'r Declaration<'r>) {
        let is_as_before = self.is_untouched(now, now, Piece::Facts);
        let carries = self.sides.touched.contains(old.name.as_str());
        if !carries && self.is_untouched(old, now, Piece::Facts) {
            return self.replace(old, now, Piece::Facts);
        }
        match (&old.item.kind, &now.item.kind) {
            _ if ledger::digest(old.piece(Piece::Facts)) == ledger::digest(now.piece(Piece::Facts)) => {}
            (ItemKind::Type { .. }, ItemKind::Type { .. }) if let (Some(own), Some(said)) = (old.fields(), now.fields()) => {
                self.merge(&now.name, own, said);
            }
            _ if is_as_before => {}
            (ItemKind::Enum { variants: own, .. }, ItemKind::Enum { variants: said, .. }) if !shared(own, said).is_empty() => {
                let kept = shared(own, said);
                let names: Vec<&str> = kept.iter().map(|name| edits::slice(self.old.text, name.span)).collect();
                if let (true, Some(first), Some(last)) = (kept.len() < own.names.len(), own.names.first(), own.names.last()) {
                    let place = first.span.start as usize..last.span.end as usize;
                    self.edits.push((place, names.join(if own.ordered { " < " } else { ", " })));
                }
            }
            _ => {
                let written = old.piece(Piece::Facts);
                self.edits.push((old.place(Piece::Facts), format!("{}{}", before(written), now.piece(Piece::Facts))));
                let mut merge = Merge::of(self.sides, &now.name);
                old.fields().into_iter().flat_map(|own| own.fields).for_each(|field| merge.lost_of(field, &merge::below("", field)));
                if merge.lost.is_empty() {
                    let said = written.split_whitespace().collect::<Vec<_>>().join(" ");
                    self.lost.push(Loss { place: now.name.clone(), why: Why::Author, said });
                }
                self.told(&now.name, merge.lost);
            }
        }
    }

    fn merge(&mut self, name: &str, own: merge::Fields<'r>, said: merge::Fields<'r>) {
        let mut merge = Merge::of(self.sides, name);
        merge.fields(own, said, "");
        self.edits.extend(merge.edits);
        self.told(name, merge.lost);
        self.written_out.extend(merge.written_out);
    }

    fn told(&mut self, name: &str, lost: Vec<Loss>) {
        self.lost.extend(lost.into_iter().map(|loss| Loss { place: format!("{name}.{}", loss.place), ..loss }));
    }
}

impl Loss {
    /// What is told of it.
    fn note(&self, source: &str) -> Note {
        let (fate, why) = match self.why {
            Why::Author => (Fate::Unchecked, "is the policy's own, and cannot be asked of what the server has now: say what it means there"),
            Why::Server => (Fate::Unchecked, "is the server's, and cannot be asked of what the policy has"),
            Why::TakenOut => (Fate::Differs, "was taken out of the policy, and the server has changed it: it stays out"),
            Why::Kept => (Fate::Differs, "is what the server says now: the policy's own word stays"),
        };
        Note::new(source, self.place.clone(), fate, format!("`{}` {why}", shown(&self.said)))
    }
}

/// The text without types that nothing names: imported ones that are served no more or written out elsewhere, and new ones.
fn without_stale_types(
    name: &str,
    text: &str,
    sides: &Sides,
    old: &Declared,
    fresh: &Declared,
    (written_out, beside): (&HashSet<String>, &Beside),
) -> Result<String, Unreadable> {
    let mut text = text.to_owned();
    let names = |declared: &Declared| declared.declarations.iter().map(|declaration| declaration.name.clone()).collect::<HashSet<String>>();
    let (known, served) = (names(old), names(fresh));
    // A type that goes may have been the last to name another.
    for _ in 0..fresh.declarations.len() + old.declarations.len() {
        let file = read(name, &text)?;
        let declared = Declared::of(&file);
        let mut words: HashMap<&str, usize> = HashMap::new();
        for token in lexer::lex(&text).iter().filter(|token| token.kind == TokenKind::Word) {
            *words.entry(token.span.of(&text)).or_default() += 1;
        }
        let is_stale = |declaration: &&Declaration| {
            let name = declaration.name.as_str();
            let is_as_imported = || sides.ledger.is_untouched(name, Piece::Facts, &ledger::digest(declaration.piece(Piece::Facts)));
            let is_left =
                !known.contains(name) || written_out.contains(name) || (sides.ledger.has(name) && !served.contains(name) && is_as_imported());
            matches!(declaration.kind, Kind::Type) && is_left && words.get(name) == Some(&1) && !beside.words.contains(name)
        };
        // With the line between it and the next, as it is put there.
        let place = |declaration: &Declaration| {
            let whole = declaration.whole();
            let line = text.get(whole.end..).filter(|rest| rest.starts_with("\n\n")).map_or(0, |_| 2);
            whole.start..whole.end + line
        };
        let edits: Vec<Edit> = declared.declarations.iter().filter(is_stale).map(|declaration| (place(declaration), String::new())).collect();
        if edits.is_empty() {
            break;
        }
        text = edited(&text, edits);
    }
    Ok(text)
}

/// What is said otherwise of the tools of a policy than it was.
fn changes(before: &Declared, before_types: &Types, after: &Declared, after_types: &Types) -> Vec<Change> {
    let mut changes = Vec::new();
    let known: HashMap<&str, (&Declaration, &Tool)> = tools(before).map(|(old, tool)| (old.name.as_str(), (old, tool))).collect();
    for (declaration, tool) in tools(after) {
        let is_gone = |declaration: &Declaration| {
            declaration.item.annotations.iter().any(|annotation| annotation.name.text == "gone" && annotation.args.is_empty())
        };
        let was = known.get(declaration.name.as_str()).copied();
        let lines = outline(tool, after_types);
        let (what, differences) = match was {
            None => (What::Added, differences(&[], &lines)),
            Some((old, _)) if is_gone(declaration) && !is_gone(old) => (What::Gone, Vec::new()),
            Some((old, tool)) => {
                let differences = differences(&outline(tool, before_types), &lines);
                if differences.is_empty() && is_gone(old) == is_gone(declaration) {
                    continue;
                }
                (What::Changed, differences)
            }
        };
        changes.push(Change { tool: declaration.name.clone(), what, differences });
    }
    changes
}

/// What the author has otherwise than the server.
fn kept(after: &Declared, after_types: &Types, fresh: &Declared, fresh_types: &Types) -> Vec<Change> {
    let served = by_name(fresh);
    let kept = |(declaration, tool): (&Declaration, &Tool)| {
        let Kind::Tool(served) = served.get(declaration.name.as_str())?.kind else { return None };
        let (own, said) = (outline(tool, after_types), outline(served, fresh_types));
        let differences: Vec<Difference> = differences(&with_hints(own), &with_hints(said))
            .into_iter()
            .filter(|difference| difference.is_argument || is_hint(&difference.path))
            .collect();
        (!differences.is_empty()).then(|| Change { tool: declaration.name.clone(), what: What::Changed, differences })
    };
    tools(after).filter_map(kept).collect()
}

fn is_hint(path: &str) -> bool {
    HINTS.iter().any(|(hint, _)| *hint == path)
}

/// An outline that says of every hint what it is.
fn with_hints(mut lines: Vec<Line>) -> Vec<Line> {
    for (hint, usual) in HINTS {
        if !lines.iter().any(|line| !line.is_argument && line.path == hint) {
            lines.push(Line { is_argument: false, path: hint.to_owned(), head: format!("{hint}: {usual}"), conditions: Vec::new(), default: None });
        }
    }
    lines
}

fn tools<'d, 't>(declared: &'d Declared<'t>) -> impl Iterator<Item = (&'d Declaration<'t>, &'t Tool)> {
    declared.declarations.iter().filter_map(|declaration| match declaration.kind {
        Kind::Tool(tool) => Some((declaration, tool)),
        Kind::Type => None,
    })
}
