//! Arguments brought up to what a server says now, three ways: what they were imported with ([`Base`]), what the author has, what the server says.
//!
//! What the server has not changed stays as the author has it, and what the author has not changed becomes as the server has it. Of what both
//! have changed the narrower type stays, and what either asks is asked.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, FieldDecl, ItemKind, Span, TypeExpr, TypeKind, Variants};
use tollgate_compiler::syntax::walk;

use super::base::{Base, Imported};
use super::declared::{Declared, Kind, documentation_before, range};
use super::edits::{Edit, below_comment, close, document, edited_part, insert, open, remove, slice};
use super::ledger::{Ledger, Piece, digest};
use super::narrow::{is_within, variants};
use super::outline::{Types, conjuncts, meaning, part_text, parts};
use crate::toll;

/// How often a type is written out where it stood by its name.
const WRITTEN_OUT: usize = 1_000;

/// Some fields between braces.
#[derive(Clone, Copy)]
pub struct Fields<'f> {
    /// The fields.
    pub fields: &'f [FieldDecl],
    /// Whether they end in `..`.
    pub open: bool,
    /// The block with its braces.
    pub span: Span,
}

/// Why something is not as one of the two has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It is the author's, and cannot be asked of what the server has now.
    Author,
    /// It is the server's, and cannot be asked of what the author has.
    Server,
    /// The author has taken it out, and the server has changed it.
    TakenOut,
    /// Both have changed it, and it is as the author has it.
    Kept,
}

/// What is not as one of the two has it.
#[derive(Clone, Debug)]
pub struct Loss {
    /// `server/tool.argument`
    pub place: String,
    /// Why.
    pub why: Why,
    /// It, in the words of a policy.
    pub said: String,
}

/// The two texts that are merged.
pub struct Sides<'s> {
    /// The author's text.
    pub text: &'s str,
    /// The text of what the server says.
    pub fresh: &'s str,
    /// The types of the author's text.
    pub own: Types<'s>,
    /// The types of the server's.
    pub served: Types<'s>,
    /// What was imported.
    pub ledger: &'s Ledger,
    /// The imported types that the author has changed, and those that name one.
    pub touched: HashSet<&'s str>,
    room: Cell<usize>,
}

/// Merges the fields of one declaration.
pub struct Merge<'m> {
    sides: &'m Sides<'m>,
    base: Base,
    /// What is to be replaced in the author's text.
    pub edits: Vec<Edit>,
    /// What is not as one of the two has it.
    pub lost: Vec<Loss>,
    /// The types of which all is written out where they stood.
    pub written_out: Vec<String>,
}

/// What becomes of a type.
enum Merged {
    /// It stays, but for edits in it.
    Stays,
    /// It becomes this.
    Becomes(String),
    /// Nothing of it can stay.
    Goes,
}

impl<'s> Sides<'s> {
    /// Two texts with their declarations.
    pub fn new(old: &Declared<'s>, fresh: &Declared<'s>, ledger: &'s Ledger) -> Sides<'s> {
        let items = |declared: &Declared<'s>| Types::of(declared.declarations.iter().map(|declaration| declaration.item));
        let imported = || old.declarations.iter().filter(|own| matches!(own.kind, Kind::Type) && ledger.has(&own.name));
        let is_changed = |name: &str, facts: &str| !ledger.is_untouched(name, Piece::Facts, &digest(facts));
        let changed = imported().filter(|own| is_changed(&own.name, own.piece(Piece::Facts)));
        let mut touched: HashSet<&str> = changed.filter_map(|own| own.type_name()).collect();
        loop {
            let names_one = |ty: &'s TypeExpr| names(ty).into_iter().any(|name| touched.contains(name));
            let further: Vec<&str> = imported()
                .filter(|own| own.type_name().is_some_and(|name| !touched.contains(name)) && own.ty().is_some_and(names_one))
                .filter_map(|own| own.type_name())
                .collect();
            if further.is_empty() {
                break;
            }
            touched.extend(further);
        }
        Sides { text: old.text, fresh: fresh.text, own: items(old), served: items(fresh), ledger, touched, room: Cell::new(WRITTEN_OUT) }
    }

    /// Whether a type names one that the author has changed.
    pub fn carries(&self, ty: &TypeExpr) -> bool {
        !self.touched.is_empty() && names(ty).into_iter().any(|name| self.touched.contains(name))
    }
}

impl<'m> Merge<'m> {
    /// A merge of a declaration of that name.
    pub fn of(sides: &'m Sides<'m>, name: &str) -> Merge<'m> {
        Merge { sides, base: sides.ledger.base(name), edits: Vec::new(), lost: Vec::new(), written_out: Vec::new() }
    }

    /// Brings fields up to others, those of the record at a path.
    pub fn fields(&mut self, own: Fields<'m>, said: Fields<'m>, within: &str) {
        let by_name: HashMap<&str, &'m FieldDecl> = said.fields.iter().map(|field| (field.name.text.as_str(), field)).collect();
        // An argument that was never imported is the author's, where it can be told.
        let is_gone = |field: &&FieldDecl| {
            let is_imported = !self.base.is_known || self.base.field(&below(within, field)).is_some();
            is_imported && !by_name.contains_key(field.name.text.as_str())
        };
        let gone: HashSet<&str> = own.fields.iter().filter(is_gone).map(|field| field.name.text.as_str()).collect();
        for field in own.fields {
            let path = below(within, field);
            match by_name.get(field.name.text.as_str()) {
                Some(now) => self.field(field, now, &path, &gone),
                None if gone.contains(field.name.text.as_str()) => self.gone(field, path),
                None => {}
            }
        }
        self.added(own, said, within);
        match (own.open, said.open, self.base.was_open(within)) {
            (true, false, None | Some(true)) => self.edits.extend(close(self.sides.text, own.span)),
            (false, true, Some(false)) => self.edits.push(open(own.span)),
            _ => {}
        }
    }

    /// Adds the fields that the author does not have, but for those that were taken out.
    fn added(&mut self, own: Fields, said: Fields<'m>, within: &str) {
        let known: HashSet<&str> = own.fields.iter().map(|field| field.name.text.as_str()).collect();
        let mut added = String::new();
        for field in said.fields.iter().filter(|field| !known.contains(field.name.text.as_str())) {
            let path = below(within, field);
            match self.base.field(&path) {
                Some(was) if was.is_as(&Imported::of(self.sides.fresh, field)) => {}
                Some(_) => self.loss(path, Why::TakenOut, slice(self.sides.fresh, field.span)),
                None => {
                    let documentation = documentation_before(self.sides.fresh, field.span.start as usize);
                    let documentation = self.sides.fresh.get(documentation).unwrap_or_default();
                    added.extend(["\n", documentation, slice(self.sides.fresh, field.span)]);
                }
            }
        }
        if !added.is_empty() {
            self.edits.push(insert(self.sides.text, own, &added));
        }
    }

    /// A field that the server has no more.
    fn gone(&mut self, field: &FieldDecl, path: String) {
        self.lost_of(field, &path);
        self.edits.push(remove(self.sides.text, field));
    }

    /// Tells what of a field that goes is the author's: its conditions and those of the fields in it, or else all of it.
    pub fn lost_of(&mut self, field: &FieldDecl, path: &str) {
        let mine = Imported::of(self.sides.text, field);
        let was = self.base.field(path).cloned();
        if was.as_ref().is_some_and(|was| was.is_as(&mine)) || !self.base.is_known {
            return;
        }
        let before = self.lost.len();
        for part in field.refinement.as_ref().map(parts).unwrap_or_default() {
            let condition = part_text(part);
            if !was.as_ref().is_some_and(|was| was.conditions.contains(&digest(&condition))) {
                self.loss(path.to_owned(), Why::Author, &condition);
            }
        }
        if let Some((within, inner)) = record(&field.ty, path) {
            inner.fields.iter().for_each(|field| self.lost_of(field, &below(&within, field)));
        }
        if self.lost.len() == before {
            self.loss(path.to_owned(), Why::Author, slice(self.sides.text, field.span));
        }
    }

    fn loss(&mut self, place: String, why: Why, said: &str) {
        self.lost.push(Loss { place, why, said: said.split_whitespace().collect::<Vec<_>>().join(" ") });
    }

    fn field(&mut self, own: &'m FieldDecl, said: &'m FieldDecl, path: &str, gone: &HashSet<&str>) {
        let (mine, theirs) = (Imported::of(self.sides.text, own), Imported::of(self.sides.fresh, said));
        let was = self.base.field(path).cloned();
        self.documentation(own, said, (&mine, &theirs, was.as_ref()));
        let is_about_gone = own.refinement.as_ref().is_some_and(|condition| names_any(condition, gone));
        if mine.is_as(&theirs) || (was.as_ref().is_some_and(|was| was.is_as(&theirs)) && !is_about_gone) {
            return;
        }
        if was.as_ref().is_some_and(|was| was.is_as(&mine)) && !self.sides.carries(&own.ty) {
            self.edits.push((range(own.span), slice(self.sides.fresh, said.span).to_owned()));
            return;
        }
        let merged = self.ty(own, said, (&mine, &theirs, was.as_ref()), path);
        if let Merged::Goes = merged {
            let written = slice(self.sides.text, own.span);
            self.edits.push(below_comment(self.sides.text, own, &before(written), slice(self.sides.fresh, said.span)));
            let before = self.lost.len();
            self.lost_of(own, path);
            if self.lost.len() == before {
                self.loss(path.to_owned(), Why::Author, written);
            }
            return;
        }
        self.beside_type(own, said, (&mine, &theirs, was.as_ref()), &merged, path, gone);
        if let Merged::Becomes(text) = merged {
            self.edits.push((range(own.ty.span), text));
        }
    }

    fn documentation(&mut self, own: &FieldDecl, said: &FieldDecl, (mine, theirs, was): Three) {
        let is_servers = match was {
            Some(was) => was.documentation == mine.documentation,
            None => mine.documentation.is_none() && !self.base.is_known,
        };
        if is_servers && mine.documentation != theirs.documentation {
            let lines = documentation_before(self.sides.fresh, said.span.start as usize);
            self.edits.push(document(self.sides.text, own, self.sides.fresh.get(lines).unwrap_or_default()));
        }
    }

    fn ty(&mut self, own: &'m FieldDecl, said: &'m FieldDecl, (mine, theirs, was): Three, path: &str) -> Merged {
        let served = || Merged::Becomes(slice(self.sides.fresh, said.ty.span).to_owned());
        if mine.ty == theirs.ty || was.is_some_and(|was| was.ty == theirs.ty) {
            return Merged::Stays;
        }
        if was.is_some_and(|was| was.ty == mine.ty) && !self.sides.carries(&own.ty) {
            return served();
        }
        if let (Some(ours), Some(now)) = (reached(&own.ty, &self.sides.own, path), reached(&said.ty, &self.sides.served, path))
            && ours.path == now.path
        {
            match (ours.by, now.by) {
                (None, _) => {
                    self.fields(ours.fields, now.fields, &ours.path);
                    return Merged::Stays;
                }
                (Some((name, _)), Some((same, _))) if name == same => return served(),
                (Some((name, place)), _) if self.sides.ledger.has(name) => {
                    return self.written_out(own, (name, place, ours.fields), now.fields, path);
                }
                _ => {}
            }
        }
        match (variants(&own.ty, &self.sides.own), variants(&said.ty, &self.sides.served)) {
            (Some(own), Some(said)) => common(self.sides.text, own, said),
            _ if is_within((&own.ty, &self.sides.own), (&said.ty, &self.sides.served)) => Merged::Stays,
            _ => Merged::Goes,
        }
    }

    /// A type that the author has changed, of which the server's is no longer that type: what it comes to here.
    fn written_out(&mut self, own: &FieldDecl, (name, place, ours): (&str, Span, Fields<'m>), now: Fields<'m>, path: &str) -> Merged {
        let Some(room) = self.sides.room.get().checked_sub(1) else { return Merged::Goes };
        self.sides.room.set(room);
        let mut inner = Merge::of(self.sides, name);
        inner.fields(ours, now, "");
        self.lost.extend(inner.lost.into_iter().map(|loss| Loss { place: format!("{path}.{}", loss.place), ..loss }));
        self.written_out.extend(inner.written_out);
        if inner.edits.is_empty() {
            return Merged::Stays;
        }
        self.written_out.push(name.to_owned());
        let record = edited_part(self.sides.text, ours.span, inner.edits);
        Merged::Becomes(edited_part(self.sides.text, own.ty.span, vec![(range(place), record)]))
    }

    /// What a field has beside its type: presence, conditions, default.
    fn beside_type(&mut self, own: &FieldDecl, said: &FieldDecl, three: Three, merged: &Merged, path: &str, gone: &HashSet<&str>) {
        let (mine, theirs, was) = three;
        let was_asked = |condition: &str| was.is_some_and(|was| was.conditions.contains(&digest(condition)));
        let asked_now = conjuncts(said.refinement.as_ref());
        let mut asked: Vec<String> = Vec::new();
        for part in own.refinement.as_ref().map(parts).unwrap_or_default() {
            let condition = part_text(part);
            let is_served = asked_now.contains(&condition);
            if !is_served && was_asked(&condition) {
                continue;
            }
            if is_served || !names_any(part, gone) {
                asked.push(condition);
            } else {
                self.loss(path.to_owned(), Why::Author, &condition);
            }
        }
        let is_same = match merged {
            Merged::Stays => meaning(&own.ty, &self.sides.own) == meaning(&said.ty, &self.sides.served),
            _ => true,
        };
        let is_asked_more = asked.iter().any(|condition| !asked_now.contains(condition));
        let mut missing: Vec<String> = asked_now.into_iter().filter(|condition| !asked.contains(condition) && !was_asked(condition)).collect();
        if !is_same && !is_number(&own.ty) && record(&own.ty, "").is_none() {
            // Of a narrower type it may be no condition at all.
            for condition in missing.drain(..) {
                self.loss(path.to_owned(), Why::Server, &condition);
            }
        }
        asked.append(&mut missing);
        let is_author = was.is_some_and(|was| was.presence == theirs.presence);
        let is_server = was.is_some_and(|was| was.presence == mine.presence);
        // The server's default need not be what the author's type and conditions take.
        let served = said.default.as_ref().filter(|_| is_same && !is_asked_more);
        let (optional, default) = match (is_author, is_server) {
            (true, _) => (own.optional, own.default.as_ref()),
            (false, true) => (said.optional || (said.default.is_some() && served.is_none()), served),
            (false, false) => stricter(own, said, served),
        };
        self.write_beside(own, optional, &asked, default);
    }

    fn write_beside(&mut self, own: &FieldDecl, optional: bool, asked: &[String], default: Option<&Expr>) {
        if optional != own.optional {
            let between = own.name.span.end as usize..own.ty.span.start as usize;
            self.edits.push((between, if optional { "?: " } else { ": " }.to_owned()));
        }
        let is_default = own.default.as_ref().map(expr_to_text) == default.map(expr_to_text);
        if !is_default || conjuncts(own.refinement.as_ref()) != asked {
            self.edits.push((own.ty.span.end as usize..own.span.end as usize, beside(asked, default)));
        }
    }
}

/// A field as the author has it, as the server has it, and as it was imported.
type Three<'t> = (&'t Imported, &'t Imported, Option<&'t Imported>);

/// What stands behind a field's type.
pub fn beside(asked: &[String], default: Option<&Expr>) -> String {
    let condition = if asked.is_empty() { String::new() } else { format!(" where {}", asked.join(" and ")) };
    let default = default.map(|default| format!(" = {}", expr_to_text(default))).unwrap_or_default();
    condition + &default
}

/// A comment that keeps what stood there before another type.
pub fn before(written: &str) -> String {
    toll::comment(&format!("Before its type changed: {}", written.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Whether a field may be absent, and its default, where both have changed that: what must be there for one must be there.
fn stricter<'e>(own: &'e FieldDecl, said: &FieldDecl, served: Option<&'e Expr>) -> (bool, Option<&'e Expr>) {
    let is_required = !own.optional && own.default.is_none();
    let default = own.default.as_ref().or(served.filter(|_| !is_required));
    (default.is_none() && !is_required && (said.optional || said.default.is_some()), default)
}

/// The variants that both have.
fn common(text: &str, own: &Variants, said: &Variants) -> Merged {
    let shared = shared(own, said);
    if shared.len() == own.names.len() {
        return Merged::Stays;
    }
    if shared.is_empty() {
        return Merged::Goes;
    }
    // Words of a declared enum are quoted where they stand for themselves.
    let written = shared.iter().map(|name| match slice(text, name.span) {
        quoted if quoted.starts_with(['"', 'r']) && quoted.ends_with(['"', '#']) => quoted.to_owned(),
        _ => toll::quoted(&name.text),
    });
    Merged::Becomes(written.collect::<Vec<_>>().join(if own.ordered { " < " } else { " | " }))
}

/// Of the author's variants those that the server has.
pub fn shared<'v>(own: &'v Variants, said: &Variants) -> Vec<&'v tollgate_compiler::syntax::ast::Text> {
    let known: HashSet<&str> = said.names.iter().map(|name| name.text.as_str()).collect();
    own.names.iter().filter(|name| known.contains(name.text.as_str())).collect()
}

/// A record that a type is, or holds as a list or map.
struct Reached<'t> {
    path: String,
    fields: Fields<'t>,
    /// The name by which the type has it, and where that stands.
    by: Option<(&'t str, Span)>,
}

fn reached<'t>(ty: &'t TypeExpr, types: &Types<'t>, path: &str) -> Option<Reached<'t>> {
    if let TypeKind::Named(name) = &ty.kind {
        let name = name.parts.last()?.text.as_str();
        let Some(ItemKind::Type { ty: meant, .. }) = types.find(name) else { return None };
        let TypeKind::Record { fields, open } = &meant.kind else { return None };
        return Some(Reached { path: path.to_owned(), fields: Fields { fields, open: *open, span: meant.span }, by: Some((name, ty.span)) });
    }
    match &ty.kind {
        TypeKind::Record { fields, open } => Some(Reached { path: path.to_owned(), fields: Fields { fields, open: *open, span: ty.span }, by: None }),
        TypeKind::Generic { name, arg } => reached(arg, types, &within(path, &name.text)),
        TypeKind::Optional(inner) => reached(inner, types, path),
        _ => None,
    }
}

/// The fields of a record, or of those in a list or map, that the type at a path writes itself, and where they stand: `files[]`.
pub fn record<'t>(ty: &'t TypeExpr, path: &str) -> Option<(String, Fields<'t>)> {
    match &ty.kind {
        TypeKind::Record { fields, open } => Some((path.to_owned(), Fields { fields, open: *open, span: ty.span })),
        TypeKind::Generic { name, arg } => record(arg, &within(path, &name.text)),
        TypeKind::Optional(inner) => record(inner, path),
        _ => None,
    }
}

fn within(path: &str, generic: &str) -> String {
    format!("{path}{}", if generic == "map" { ".*" } else { "[]" })
}

/// The names of types in a type.
fn names(ty: &TypeExpr) -> Vec<&str> {
    let (mut names, mut pending) = (Vec::new(), vec![ty]);
    while let Some(ty) = pending.pop() {
        match &ty.kind {
            TypeKind::Named(path) => names.extend(path.parts.last().map(|part| part.text.as_str())),
            TypeKind::Generic { arg, .. } => pending.push(arg),
            TypeKind::Optional(inner) => pending.push(inner),
            TypeKind::Record { fields, .. } => pending.extend(fields.iter().map(|field| &field.ty)),
            TypeKind::With { base, fields, .. } => {
                pending.push(base);
                pending.extend(fields.iter().map(|field| &field.ty));
            }
            TypeKind::Enum(_) => {}
        }
    }
    names
}

fn is_number(ty: &TypeExpr) -> bool {
    matches!(&ty.kind, TypeKind::Named(path) if path.parts.last().is_some_and(|word| word.text == "int" || word.text == "decimal"))
}

/// The path of a field in what stands at a path.
pub fn below(within: &str, field: &FieldDecl) -> String {
    if within.is_empty() { field.name.text.to_string() } else { format!("{within}.{}", field.name.text) }
}

/// Whether a condition reads one of some fields of its record.
fn names_any(condition: &Expr, fields: &HashSet<&str>) -> bool {
    let mut found = false;
    walk(condition, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Name(name) => fields.contains(name.as_str()),
            ExprKind::Field { base, name, .. } => matches!(&base.kind, ExprKind::Name(base) if base == "this") && fields.contains(name.text.as_str()),
            _ => false,
        };
    });
    found
}
