//! Arguments that an author has changed, brought up to what a server says now: what the author asks beside it stays, and so does a narrower type.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{FieldDecl, Span, TypeExpr, TypeKind};
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::declared::{documentation_before, range};
use super::ledger::digest_within;
use super::narrow::is_within;
use super::outline::{Types, conjuncts, meaning};
use crate::toll;

/// A text in the place of another.
pub type Edit = (Range<usize>, String);

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

/// Who asks something of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The policy's author.
    Author,
    /// The server.
    Server,
}

/// Merges fields of one text into those of another.
pub struct Merge<'m> {
    /// The author's text.
    pub text: &'m str,
    /// The text of what the server says.
    pub fresh: &'m str,
    /// The types of both, those of the second where both have one of a name.
    pub types: &'m Types<'m>,
    /// The digests of the fields as they were imported, those within others among them.
    pub imported: &'m HashSet<String>,
    /// What is to be replaced in the author's text.
    pub edits: Vec<Edit>,
    /// What is asked no more: of which argument, by whom, and in which words.
    pub lost: Vec<(String, By, String)>,
}

impl Merge<'_> {
    /// Brings fields up to others, those of the record at a path.
    pub fn fields(&mut self, old: Fields, new: Fields, within: &str) {
        let by_name: HashMap<&str, &FieldDecl> = new.fields.iter().map(|field| (field.name.text.as_str(), field)).collect();
        let gone: HashSet<&str> = old.fields.iter().map(|field| field.name.text.as_str()).filter(|name| !by_name.contains_key(name)).collect();
        for field in old.fields {
            let is_about_gone = field.refinement.as_ref().is_some_and(|condition| names_any(&expr_to_text(condition), &gone));
            match by_name.get(field.name.text.as_str()) {
                // What the server says as it did is as the author has it, and what the author left is as the server has it.
                Some(now) if !is_about_gone && self.is_imported(within, slice(self.fresh, now.span)) => {}
                Some(now) if self.is_imported(within, slice(self.text, field.span)) => {
                    self.edits.push((range(field.span), slice(self.fresh, now.span).to_owned()));
                }
                Some(now) => self.field(field, now, &below(within, field), &gone),
                None => self.remove(field),
            }
        }
        let known: HashSet<&str> = old.fields.iter().map(|field| field.name.text.as_str()).collect();
        let added: Vec<String> =
            new.fields.iter().filter(|field| !known.contains(field.name.text.as_str())).map(|field| self.written(field)).collect();
        if !added.is_empty() {
            self.insert(old, &added.concat());
        }
        if old.open && !new.open {
            self.close(old.span);
        }
    }

    fn is_imported(&self, within: &str, field: &str) -> bool {
        self.imported.contains(&digest_within(within, field))
    }

    /// A field that the author and the server have both changed: the narrower type stays, and what either asks is asked.
    fn field(&mut self, old: &FieldDecl, new: &FieldDecl, path: &str, gone: &HashSet<&str>) {
        if let (Some((within, inner)), Some((same, now))) = (record(&old.ty, path), record(&new.ty, path))
            && within == same
        {
            self.fields(inner, now, &within);
            return self.beside_type(old, new, path, gone);
        }
        if is_within(&old.ty, &new.ty, self.types, 0) {
            return self.beside_type(old, new, path, gone);
        }
        let was = slice(self.text, old.span);
        let comment = toll::comment(&format!("Before its type changed: {}", was.split_whitespace().collect::<Vec<_>>().join(" ")));
        self.edits.push((range(old.span), format!("{comment}{}", slice(self.fresh, new.span))));
        self.lost.push((path.to_owned(), By::Author, was.to_owned()));
    }

    /// What a field has beside a type that is merged or kept: presence, conditions, default.
    fn beside_type(&mut self, old: &FieldDecl, new: &FieldDecl, path: &str, gone: &HashSet<&str>) {
        let (mut asked, said) = (conjuncts(old.refinement.as_ref()), conjuncts(new.refinement.as_ref()));
        let before = asked.len();
        asked.retain(|condition| {
            let is_sayable = !names_any(condition, gone) || said.contains(condition);
            if !is_sayable {
                self.lost.push((path.to_owned(), By::Author, condition.clone()));
            }
            is_sayable
        });
        let is_asked_more = asked.iter().any(|condition| !said.contains(condition));
        let is_required = !old.optional && old.default.is_none();
        let is_same = meaning(&old.ty, self.types) == meaning(&new.ty, self.types);
        let mut missing: Vec<&String> = said.iter().filter(|condition| !asked.contains(condition)).collect();
        if !is_same && !is_number(&old.ty) && record(&old.ty, "").is_none() {
            // Of a narrower type it may be no condition at all.
            self.lost.extend(missing.drain(..).map(|condition| (path.to_owned(), By::Server, condition.clone())));
        }
        // The server's default need not be what the author's type and conditions take.
        let default = old.default.as_ref().or(new.default.as_ref().filter(|_| !is_required && is_same && !is_asked_more));
        let optional = default.is_none() && !is_required && (new.optional || new.default.is_some());
        if optional != old.optional {
            let between = old.name.span.end as usize..old.ty.span.start as usize;
            self.edits.push((between, if optional { "?: " } else { ": " }.to_owned()));
        }
        if before != asked.len() || !missing.is_empty() || default.is_some() != old.default.is_some() {
            let conditions: Vec<&String> = asked.iter().chain(missing).collect();
            let conditions: Vec<&str> = conditions.into_iter().map(String::as_str).collect();
            let condition = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
            let default = default.map(|default| format!(" = {}", expr_to_text(default))).unwrap_or_default();
            self.edits.push((old.ty.span.end as usize..old.span.end as usize, condition + &default));
        }
    }

    /// A field with its documentation, on lines of its own.
    fn written(&self, field: &FieldDecl) -> String {
        let documentation = documentation_before(self.fresh, field.span.start as usize);
        format!("\n{}{}", self.fresh.get(documentation).unwrap_or_default(), slice(self.fresh, field.span))
    }

    fn insert(&mut self, into: Fields, text: &str) {
        let place = into.fields.last().map_or(into.span.start as usize + self.brace(into.span), |last| self.after_comma(last.span.end as usize));
        self.edits.push((place..place, format!("{text}\n")));
    }

    /// Where the brace of a block ends, from its start.
    fn brace(&self, block: Span) -> usize {
        slice(self.text, block).find('{').map_or(0, |at| at + 1)
    }

    /// The place after a comma that follows, or the place itself.
    fn after_comma(&self, place: usize) -> usize {
        let after = self.text.get(place..).unwrap_or_default();
        let comma = after.trim_start();
        if comma.starts_with(',') { place + (after.len() - comma.len()) + 1 } else { place }
    }

    fn remove(&mut self, field: &FieldDecl) {
        let start = field.span.start as usize;
        let line = self.text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let end = self.after_comma(field.span.end as usize);
        let after = self.text.get(end..).unwrap_or_default();
        let begins_line = self.text.get(line..start).is_some_and(|before| before.trim().is_empty());
        let ends_line = after.split('\n').next().is_some_and(|rest| rest.trim().is_empty());
        self.edits.push(match (begins_line, ends_line) {
            (true, true) => {
                let rest = after.find('\n').map_or(after.len(), |at| at + 1);
                (documentation_before(self.text, start).start..end + rest, String::new())
            }
            _ => (start..end, String::new()),
        });
    }

    /// Takes `..` away.
    fn close(&mut self, block: Span) {
        let text = slice(self.text, block);
        let tokens = lexer::lex(text);
        let dots = tokens.iter().rev().find(|token| token.kind == TokenKind::Rest);
        if let Some(dots) = dots {
            let start = block.start as usize;
            let end = self.after_comma(start + dots.span.end as usize);
            self.edits.push((start + dots.span.start as usize..end, String::new()));
        }
    }
}

/// The fields of a record, or of those in a list or map, that the type at a path writes itself, and where they stand: `files[]`.
pub fn record<'t>(ty: &'t TypeExpr, path: &str) -> Option<(String, Fields<'t>)> {
    match &ty.kind {
        TypeKind::Record { fields, open } => Some((path.to_owned(), Fields { fields, open: *open, span: ty.span })),
        TypeKind::Generic { name, arg } => record(arg, &format!("{path}{}", if name.text == "map" { ".*" } else { "[]" })),
        _ => None,
    }
}

fn is_number(ty: &TypeExpr) -> bool {
    matches!(&ty.kind, TypeKind::Named(path) if path.parts.last().is_some_and(|word| word.text == "int" || word.text == "decimal"))
}

/// The path of a field in what stands at a path.
pub fn below(within: &str, field: &FieldDecl) -> String {
    if within.is_empty() { field.name.text.to_string() } else { format!("{within}.{}", field.name.text) }
}

/// Whether a condition names one of some fields.
fn names_any(condition: &str, fields: &HashSet<&str>) -> bool {
    let is_one = |written: &str| fields.contains(written.trim_matches('"'));
    !fields.is_empty() && lexer::lex(condition).iter().any(|token| is_one(token.span.of(condition).trim()))
}

fn slice(text: &str, span: Span) -> &str {
    text.get(range(span)).unwrap_or_default()
}

/// A text with edits, which do not overlap.
pub fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(place, _)| (place.start, place.end));
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (place, new) in edits {
        out.push_str(text.get(done..place.start).unwrap_or_default());
        out.push_str(&new);
        done = done.max(place.end);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    out
}
