//! Arguments that an author has changed, brought up to what a server says now: what the author asks beside it stays.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::syntax::ast::{FieldDecl, Span, TypeExpr, TypeKind};
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::declared::{documentation_before, range};
use super::ledger::digest;
use super::outline::{Types, conjuncts, meaning};

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

/// Merges fields of one text into those of another.
pub struct Merge<'m> {
    /// The author's text.
    pub text: &'m str,
    /// The text of what the server says.
    pub fresh: &'m str,
    /// The types of both, those of the second where both have one of a name.
    pub types: &'m Types<'m>,
    /// The digests of the fields as they were imported; not of those within others.
    pub imported: Option<&'m HashSet<String>>,
    /// What is to be replaced in the author's text.
    pub edits: Vec<Edit>,
}

impl Merge<'_> {
    /// Brings fields up to others.
    pub fn fields(&mut self, old: Fields, new: Fields) {
        let by_name: HashMap<&str, &FieldDecl> = new.fields.iter().map(|field| (field.name.text.as_str(), field)).collect();
        for field in old.fields {
            match by_name.get(field.name.text.as_str()) {
                // What the server says as it did is as the author has it, and what the author left is as the server has it.
                Some(now) if self.is_imported(slice(self.fresh, now.span)) => {}
                Some(now) if self.is_imported(slice(self.text, field.span)) => {
                    self.edits.push((range(field.span), slice(self.fresh, now.span).to_owned()));
                }
                Some(now) => self.field(field, now),
                None => self.remove(field),
            }
        }
        let known: HashMap<&str, ()> = old.fields.iter().map(|field| (field.name.text.as_str(), ())).collect();
        let added: Vec<String> =
            new.fields.iter().filter(|field| !known.contains_key(field.name.text.as_str())).map(|field| self.written(field)).collect();
        if !added.is_empty() {
            self.insert(old, &added.concat());
        }
        if old.open && !new.open {
            self.close(old.span);
        }
    }

    fn is_imported(&self, field: &str) -> bool {
        self.imported.is_some_and(|imported| imported.contains(&digest(field)))
    }

    fn field(&mut self, old: &FieldDecl, new: &FieldDecl) {
        if let (Some((is_list, inner)), Some((was_list, now))) = (record(&old.ty), record(&new.ty))
            && is_list == was_list
        {
            let imported = self.imported.take();
            self.fields(inner, now);
            self.imported = imported;
            return self.rest_of(old, new, None);
        }
        let is_same = meaning(&old.ty, self.types) == meaning(&new.ty, self.types);
        self.rest_of(old, new, (!is_same).then(|| slice(self.fresh, new.ty.span)));
    }

    /// What a field has beside a type that is merged or kept: presence, conditions, default.
    fn rest_of(&mut self, old: &FieldDecl, new: &FieldDecl, ty: Option<&str>) {
        let (asked, said) = (conjuncts(old.refinement.as_ref()), conjuncts(new.refinement.as_ref()));
        let missing: Vec<&String> = said.iter().filter(|condition| !asked.contains(condition)).collect();
        let default = old.default.as_ref().or(new.default.as_ref()).map(expr_to_text);
        let optional = new.optional && default.is_none();
        if let Some(ty) = ty {
            self.edits.push((range(old.ty.span), ty.to_owned()));
        }
        if optional != old.optional {
            let between = old.name.span.end as usize..old.ty.span.start as usize;
            self.edits.push((between, if optional { "?: " } else { ": " }.to_owned()));
        }
        let from = old.ty.span.end as usize;
        let conditions: Vec<String> = asked.iter().chain(missing.iter().copied()).cloned().collect();
        if !missing.is_empty() || (old.default.is_none() && default.is_some()) {
            let condition = if conditions.is_empty() { String::new() } else { format!(" where {}", conditions.join(" and ")) };
            let default = default.map(|default| format!(" = {default}")).unwrap_or_default();
            self.edits.push((from..old.span.end as usize, condition + &default));
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

/// The fields of a record, or of the records in a list, that a type writes itself; and whether it is a list of them.
fn record(ty: &TypeExpr) -> Option<(bool, Fields<'_>)> {
    match &ty.kind {
        TypeKind::Record { fields, open } => Some((false, Fields { fields, open: *open, span: ty.span })),
        TypeKind::Generic { name, arg } if name.text == "list" => record(arg).map(|(_, fields)| (true, fields)),
        _ => None,
    }
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
