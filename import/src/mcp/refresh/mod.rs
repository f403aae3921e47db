//! A policy's declarations brought up to what a server says now, and what differs between the two.
//!
//! What a file has as it was imported is replaced; its ledger tells ([`ledger`]). What its author has changed is kept, but for arguments: there
//! the server says which there are and of which type, and the author what is asked of them besides ([`merge`]). Nothing that the author
//! wrote goes without a word: a tool that is served no more stays, with `@gone`, and so do the names of arguments that went away.

mod beside;
mod declared;
mod drift;
mod ledger;
mod merge;
mod narrow;
mod outline;
mod sound;

use std::collections::{BTreeSet, HashMap, HashSet};

use tollgate_compiler::format::format;
use tollgate_compiler::syntax::ast::{Annotation, ItemKind, Tool, TypeExpr, TypeKind};
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::types::Declared as DeclaredTypes;
use super::{Options, STANDARD, Served, policy, served};
use crate::Source;
use crate::json::shown;
use crate::report::{Fate, Note, Unreadable, joined};
use crate::toll::{laid_out, quoted};
pub use beside::Beside;
use beside::{package, values};
use declared::{Declaration, Declared, Kind, range, read};
use ledger::{Ledger, Piece};
use merge::{By, Edit, Fields, Merge, edited};
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

    let types = Types::of(&file.items).with(&Types::of(&fresh_file.items));
    let mut refresh = Refresh {
        old: &old,
        fresh: &fresh,
        by_name: by_name(&fresh),
        ledger: &ledger,
        types: &types,
        servers: &servers,
        edits: Vec::new(),
        lost: Vec::new(),
    };
    refresh.run();
    for (place, by, said) in std::mem::take(&mut refresh.lost) {
        let why = match by {
            By::Author => "is the policy's own, and cannot be asked of what the server has now: say what it means there",
            By::Server => "is the server's, and is not asked of the narrower type that the policy has",
        };
        notes.push(Note::new(name, place, Fate::Unchecked, format!("`{}` {why}", shown(&said))));
    }
    let is_laid_out = format(text).is_ok_and(|laid_out| laid_out == text);
    let text = without_stale_types(name, &edited(text, refresh.edits), &ledger, &fresh, &beside)?;
    let text = with_new_ledger(name, &text, &fresh)?;
    let text = if is_laid_out { laid_out(name, &text)? } else { text };
    sound::is_sound(known, &text)?;
    let after_file = read(name, &text)?;
    let after = Declared::of(&after_file);
    let (before_types, after_types, fresh_types) = (Types::of(&file.items), Types::of(&after_file.items), Types::of(&fresh_file.items));
    let changes = changes(&old, &before_types, &after, &after_types);
    let kept = kept(&after, &after_types, &fresh, &fresh_types);
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
    ledger: &'r Ledger,
    types: &'r Types<'r>,
    servers: &'r HashSet<String>,
    edits: Vec<Edit>,
    /// What is asked no more, with its place.
    lost: Vec<(String, By, String)>,
}

impl<'r> Refresh<'r> {
    fn run(&mut self) {
        let mut known: HashSet<&'r str> = HashSet::new();
        let old: &'r Declared<'r> = self.old;
        for declaration in &old.declarations {
            match (self.meant(declaration), declaration.kind) {
                (Some(now), _) => {
                    known.insert(now.name.as_str());
                    self.declaration(declaration, now);
                }
                (None, Kind::Tool(tool)) if self.is_served_by_one(&declaration.name) => self.gone(declaration, tool, None),
                (None, _) => {}
            }
        }
        let new = self.fresh.declarations.iter().filter(|now| !known.contains(now.name.as_str()));
        let (types, tools): (Vec<&Declaration>, Vec<&Declaration>) = new.partition(|now| matches!(now.kind, Kind::Type));
        let first = self.old.declarations.iter().map(|declaration| declaration.whole().start).min().unwrap_or(self.old.text.len());
        let last = self.old.declarations.iter().map(|declaration| declaration.whole().end).max().unwrap_or(self.old.text.len());
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

    fn is_served_by_one(&self, tool: &str) -> bool {
        tool.rsplit_once('/').is_some_and(|(server, _)| self.servers.contains(server))
    }

    fn declaration(&mut self, old: &Declaration, now: &Declaration) {
        let is_untouched = |piece: Piece| self.ledger.is_untouched(&now.name, piece, &ledger::digest(old.piece(piece)));
        if is_untouched(Piece::Documentation) || old.documentation.is_empty() {
            self.replace(old, now, Piece::Documentation);
        }
        match (old.kind, now.kind) {
            (Kind::Tool(tool), Kind::Tool(served)) => {
                if is_untouched(Piece::Facts) {
                    self.replace(old, now, Piece::Facts);
                } else {
                    self.guesses(old, tool, served);
                }
                self.arguments(old, tool, now, served, is_untouched(Piece::Arguments));
                self.gone(old, tool, Some((served, self.types)));
            }
            _ if is_untouched(Piece::Facts) => self.replace(old, now, Piece::Facts),
            _ => self.record(old, now),
        }
    }

    fn replace(&mut self, old: &Declaration, now: &Declaration, piece: Piece) {
        let text = now.piece(piece);
        if ledger::digest(old.piece(piece)) != ledger::digest(text) {
            self.edits.push((old.place(piece), text.to_owned()));
        }
    }

    /// Guesses again what is marked as a guess.
    fn guesses(&mut self, old: &Declaration, tool: &Tool, served: &Tool) {
        let Some((_, now)) = served.attributes.iter().find(|(name, _)| name.text == "category") else { return };
        for (name, value) in tool.attributes.iter().filter(|(name, _)| name.text == "category") {
            let line = self.old.text.get(name.span.start as usize..old.body.end).and_then(|rest| rest.lines().next()).unwrap_or_default();
            let text = tollgate_compiler::format::expr_to_text(now);
            if line.contains(super::tool::GUESSED) && tollgate_compiler::format::expr_to_text(value) != text {
                self.edits.push((range(value.span), text));
            }
        }
    }

    fn arguments(&mut self, old: &Declaration, tool: &Tool, now: &Declaration, served: &Tool, is_untouched: bool) {
        match (&tool.args, &served.args) {
            (Some(_), Some(_)) if is_untouched => self.replace(old, now, Piece::Arguments),
            (Some(args), Some(said)) => {
                let old = Fields { fields: &args.fields, open: args.open, span: args.span };
                self.merge(&now.name, old, Fields { fields: &said.fields, open: said.open, span: said.span });
            }
            (None, Some(_)) if !self.ledger.has(&now.name) => {
                let place = old.arguments.start;
                self.edits.push((place..place, format!("\n{}\n", now.piece(Piece::Arguments))));
            }
            _ => {}
        }
    }

    /// A type that its author has changed.
    fn record(&mut self, old: &Declaration, now: &Declaration) {
        let fields = |ty: &'_ TypeExpr| match &ty.kind {
            TypeKind::Record { .. } => Some(ty.span),
            _ => None,
        };
        let (ItemKind::Type { ty, .. }, ItemKind::Type { ty: said, .. }) = (&old.item.kind, &now.item.kind) else { return };
        let (TypeKind::Record { fields: own, open }, TypeKind::Record { fields: served, open: is_open }) = (&ty.kind, &said.kind) else { return };
        if let (Some(span), Some(said)) = (fields(ty), fields(said)) {
            self.merge(&now.name, Fields { fields: own, open: *open, span }, Fields { fields: served, open: *is_open, span: said });
        }
    }

    fn merge(&mut self, name: &str, old: Fields, new: Fields) {
        let imported = self.ledger.fields(name);
        let mut merge =
            Merge { text: self.old.text, fresh: self.fresh.text, types: self.types, imported: &imported, edits: Vec::new(), lost: Vec::new() };
        merge.fields(old, new, "");
        self.edits.extend(merge.edits);
        self.lost.extend(merge.lost.into_iter().map(|(path, by, said)| (format!("{name}.{path}"), by, said)));
    }

    /// Notes on a tool what went away: arguments, or without what is served the tool itself.
    fn gone(&mut self, old: &Declaration, tool: &Tool, served: Option<(&Tool, &Types)>) {
        let noted: Vec<&Annotation> = old.item.annotations.iter().filter(|annotation| annotation.name.text == "gone").collect();
        let wanted = served.map(|(served, types)| {
            let (was, is) = (outline(tool, &Types::of_declared(self.old)), outline(served, types));
            let is_there = |path: &str| is.iter().any(|line| line.is_argument && line.path == path);
            let known = noted.iter().flat_map(|annotation| &annotation.args).map(|argument| argument.text.to_string());
            let mut all: Vec<String> = known.filter(|path| !is_there(path)).collect();
            for path in went_away(&was, &is) {
                if !all.contains(&path) {
                    all.push(path);
                }
            }
            all
        });
        let written = match &wanted {
            None => "@gone".to_owned(),
            Some(paths) if paths.is_empty() => String::new(),
            Some(paths) => format!("@gone({})", paths.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(", ")),
        };
        let known: Vec<&str> = noted.iter().filter_map(|annotation| self.old.text.get(range(annotation.span))).collect();
        if known.concat() == written || (wanted.is_none() && known.contains(&"@gone")) {
            return;
        }
        for annotation in &noted {
            let end = annotation.span.end as usize;
            let space = self.old.text.get(end..).map_or(0, |rest| rest.len() - rest.trim_start().len());
            self.edits.push((annotation.span.start as usize..end + space, String::new()));
        }
        if !written.is_empty() {
            self.edits.push((old.body.start..old.body.start, format!("{written}\n")));
        }
    }
}

impl<'t> Types<'t> {
    fn of_declared(declared: &Declared<'t>) -> Types<'t> {
        Types::of(declared.declarations.iter().map(|declaration| declaration.item))
    }
}

/// The arguments that went away, without the parts of those.
fn went_away(was: &[Line], is: &[Line]) -> Vec<String> {
    let there: HashMap<&str, &Line> = is.iter().filter(|line| line.is_argument).map(|line| (line.path.as_str(), line)).collect();
    let mut gone: Vec<String> = Vec::new();
    for line in was.iter().filter(|line| line.is_argument && !there.contains_key(line.path.as_str())) {
        let parent = line.path.rsplit_once('.').map(|(parent, _)| parent.trim_end_matches("[]").trim_end_matches(".*"));
        // A part of something that is no record any more may still be there: only its type went away.
        let is_of_record = parent.is_none_or(|parent| there.get(parent).is_some_and(|line| line.head.contains('{')));
        if is_of_record {
            gone.push(line.path.clone());
        }
    }
    gone
}

/// The text without types that were imported, are served no more, and that nothing else names.
fn without_stale_types(name: &str, text: &str, ledger: &Ledger, fresh: &Declared, beside: &Beside) -> Result<String, Unreadable> {
    let mut text = text.to_owned();
    let served: HashSet<&str> = fresh.declarations.iter().map(|declaration| declaration.name.as_str()).collect();
    // A type that goes may have been the last to name another.
    for _ in 0..8 {
        let file = read(name, &text)?;
        let declared = Declared::of(&file);
        let mut words: HashMap<&str, usize> = HashMap::new();
        for token in lexer::lex(&text).iter().filter(|token| token.kind == TokenKind::Word) {
            *words.entry(token.span.of(&text)).or_default() += 1;
        }
        let is_stale = |declaration: &&Declaration| {
            let name = declaration.name.as_str();
            let is_imported = matches!(declaration.kind, Kind::Type) && ledger.has(name) && !served.contains(name);
            is_imported
                && words.get(name) == Some(&1)
                && !beside.words.contains(name)
                && ledger.is_untouched(name, Piece::Facts, &ledger::digest(declaration.piece(Piece::Facts)))
        };
        let edits: Vec<Edit> = declared.declarations.iter().filter(is_stale).map(|declaration| (declaration.whole(), String::new())).collect();
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
