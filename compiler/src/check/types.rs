//! Types as written to types as meant.

use std::collections::HashSet;
use std::sync::Arc;

use tollgate_stdlib::types::{EnumType, Field, Presence, RecordType, Type};

use crate::diagnostic::{Code, Diagnostic, Edit, Fix, Location};
use crate::syntax::ast::{Expr, FieldDecl, ItemKind, Name, Path, Span, TypeExpr, TypeKind, Variants};
use crate::syntax::path_text;

use super::Checker;
use super::budget::size_of_fields;
use super::order::dependency_order;
use super::symbols::{Place, STD, name_of};

/// How deep types may nest, through their names.
const MAX_TYPE_DEPTH: usize = 64;

/// How many fields or variants a type may have.
pub(super) const MAX_MEMBERS: usize = 4096;

/// The names of the types that the language itself has.
const SCALARS: [(&str, Type); 9] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("decimal", Type::Decimal),
    ("duration", Type::Duration),
    ("timestamp", Type::Timestamp),
    ("ip", Type::Ip),
    ("cidr", Type::Cidr),
    ("string", Type::Str),
    ("json", Type::Json),
];

/// A refinement whose condition is checked once definitions are known.
#[derive(Clone, Debug)]
pub struct PendingRefinement<'a> {
    /// Where its record is written.
    pub place: Place<'a>,
    /// The condition.
    pub condition: &'a Expr,
    /// The record whose fields it sees.
    pub record: Option<Arc<RecordType>>,
    /// The refined field's name.
    pub field: &'a str,
}

/// A declared type in its two forms.
#[derive(Clone, Debug)]
pub struct DeclaredType {
    /// As records in data and input are: undeclared fields are ignored.
    pub open: Type,
    /// As in a tool's `args`: undeclared fields are refused, unless the record ends in `..`.
    pub closed: Type,
    depth: usize,
}

impl<'a> Checker<'a> {
    /// Resolves every declared type, each after those it refers to.
    pub(super) fn resolve_declared_types(&mut self) {
        let places = self.symbols.types.clone();
        self.known.types = vec![DeclaredType { open: Type::Error, closed: Type::Error, depth: 0 }; places.len()];
        let edges: Vec<Vec<usize>> = places.iter().map(|place| self.types_named_in(place)).collect();
        let (order, cycles) = dependency_order(&edges);
        for cycle in &cycles {
            let members: Vec<Place<'a>> = cycle.iter().filter_map(|index| places.get(*index).copied()).collect();
            self.report_cycle(&members);
        }
        let cyclic: HashSet<usize> = cycles.iter().flatten().copied().collect();
        for index in order.into_iter().filter(|index| !cyclic.contains(index)) {
            let depth =
                1 + edges.get(index).into_iter().flatten().map(|used| self.known.types.get(*used).map_or(0, |ty| ty.depth)).max().unwrap_or(0);
            if let Some(place) = places.get(index) {
                let declared = self.resolve_declared(*place, depth);
                if let Some(slot) = self.known.types.get_mut(index) {
                    *slot = declared;
                }
            }
        }
    }

    fn resolve_declared(&mut self, place: Place<'a>, depth: usize) -> DeclaredType {
        let Some(name) = name_of(place.item) else { return DeclaredType { open: Type::Error, closed: Type::Error, depth } };
        if depth > MAX_TYPE_DEPTH {
            let message = format!("`{}` nests types more than {MAX_TYPE_DEPTH} levels deep", name.text);
            self.report(Diagnostic::error(Code::Nesting, place.at(name.span), message));
            return DeclaredType { open: Type::Error, closed: Type::Error, depth: 0 };
        }
        let full = Some(Arc::from(place.full_name(&name.text)));
        let (open, closed) = match &place.item.kind {
            ItemKind::Enum { variants, .. } => {
                let ty = self.enum_type(place, full, variants);
                if let Type::Enum(ty) = &ty {
                    self.known.variants.extend(ty.variants.iter().cloned());
                }
                (ty.clone(), ty)
            }
            ItemKind::Type { ty, .. } => {
                let open = self.resolve_named(place, full.clone(), ty, false);
                let known = self.diagnostics.len();
                let closed = self.resolve_named(place, full, ty, true);
                self.diagnostics.truncate(known);
                (open, closed)
            }
            _ => (Type::Error, Type::Error),
        };
        DeclaredType { open, closed, depth }
    }

    fn resolve_named(&mut self, place: Place<'a>, name: Option<Arc<str>>, ty: &'a TypeExpr, closed: bool) -> Type {
        match &ty.kind {
            TypeKind::Record { fields, open } => self.record_type(place, name, fields, closed && !open, closed),
            TypeKind::Enum(variants) => self.enum_type(place, name, variants),
            TypeKind::With { base, fields, open } => self.extended_type(place, name, base, (fields, *open), closed),
            _ => self.resolve_type(place, ty, closed),
        }
    }

    /// The type that a type expression means. `closed`: records in it refuse undeclared fields.
    pub(super) fn resolve_type(&mut self, place: Place<'a>, ty: &'a TypeExpr, closed: bool) -> Type {
        match &ty.kind {
            TypeKind::Named(path) => self.named_type(place, path, closed),
            TypeKind::Generic { name, arg } => self.generic_type(place, name, arg, ty.span, closed),
            TypeKind::Optional(inner) => self.resolve_type(place, inner, closed).optional(),
            TypeKind::Record { .. } | TypeKind::Enum(_) | TypeKind::With { .. } => self.resolve_named(place, None, ty, closed),
        }
    }

    fn generic_type(&mut self, place: Place<'a>, name: &Name, arg: &'a TypeExpr, span: Span, closed: bool) -> Type {
        let inner = self.resolve_type(place, arg, closed);
        match name.text.as_str() {
            "list" => inner.list(),
            "map" => inner.map(),
            "set" if inner.is_scalar() => inner.set(),
            "set" => {
                let message = format!("a set cannot hold `{inner}`");
                let diagnostic = Diagnostic::error(Code::SetElement, place.at(arg.span), message);
                self.report(diagnostic.with_help("sets hold scalars and enums; use a list").with_fix("write `list`", place.at(name.span), "list"));
                Type::Error
            }
            other => {
                let at = place.at(name.span);
                let diagnostic = Diagnostic::error(Code::UnknownType, at, format!("`{other}` takes no type in `<…>`"));
                self.report(match foreign_collection(other) {
                    _ if is_optional_word(other) => optional_type(diagnostic, arg.span, span),
                    Some(meant) => diagnostic.with_help(format!("there is `{meant}<…>`")).with_fix(format!("replace with `{meant}`"), at, meant),
                    None => diagnostic.with_help("`list<T>`, `set<T>` and `map<T>` do"),
                });
                Type::Error
            }
        }
    }

    fn named_type(&mut self, place: Place<'a>, path: &Path, closed: bool) -> Type {
        if let [name] = path.parts.as_slice()
            && let Some((_, ty)) = SCALARS.iter().find(|(word, _)| *word == name.text)
        {
            return ty.clone();
        }
        match self.find_type(place, path) {
            Some(index) => {
                self.note_type(place, path, index);
                self.known.types.get(index).map_or(Type::Error, |ty| if closed { ty.closed.clone() } else { ty.open.clone() })
            }
            None => {
                self.report_unknown_type(place, path);
                Type::Error
            }
        }
    }

    fn find_type(&self, place: Place<'a>, path: &Path) -> Option<usize> {
        let in_package = |package: &str, name: &Name| self.symbols.packages.get(package)?.types.get(name.text.as_str()).copied();
        match path.parts.as_slice() {
            [name] => in_package(place.package, name).or_else(|| in_package(STD, name)),
            [word, name] => in_package(self.symbols.imports.get(&place.file)?.get(word.text.as_str())?, name),
            _ => None,
        }
    }

    fn report_unknown_type(&mut self, place: Place<'a>, path: &Path) {
        if self.is_broken_path(place, path) {
            return;
        }
        let name = path_text(path);
        let scopes = [self.symbols.packages.get(place.package), self.symbols.packages.get(STD)];
        let declared = scopes.into_iter().flatten().flat_map(|package| package.types.keys().copied());
        let words = SCALARS.iter().map(|(word, _)| *word).chain(["list", "set", "map"]);
        let near = foreign_type(&name).map(str::to_owned).or_else(|| self.symbols.suggestions.nearest(&name, declared.chain(words)));
        let diagnostic = Diagnostic::error(Code::UnknownType, place.at(path.span), format!("no type `{name}`"));
        self.report(match (name.as_str(), near) {
            ("list" | "set" | "map", _) => diagnostic.with_help(format!("write what it holds: `{name}<string>`")),
            (_, Some(near)) => {
                diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), place.at(path.span), near)
            }
            _ => diagnostic,
        });
    }

    fn enum_type(&mut self, place: Place<'a>, name: Option<Arc<str>>, variants: &Variants) -> Type {
        let mut names: Vec<Arc<str>> = Vec::new();
        if variants.names.len() > MAX_MEMBERS {
            self.report(Diagnostic::error(Code::TooLarge, place.at(variants.span), format!("an enum has at most {MAX_MEMBERS} variants")));
            return Type::Error;
        }
        let mut seen = std::collections::HashSet::new();
        for variant in &variants.names {
            if seen.insert(variant.text.as_str()) {
                let name: Arc<str> = variant.text.as_str().into();
                self.note_declared(&name, place.at(variant.span));
                names.push(name);
            } else {
                let message = format!("variant `{}` is declared twice", variant.text);
                self.report(Diagnostic::error(Code::Duplicate, place.at(variant.span), message));
            }
        }
        let ty = Arc::new(EnumType::new(name, names, variants.ordered));
        for variant in &variants.names {
            self.note_use_at(place.at(variant.span), |checker| checker.variant_symbol(&ty, &variant.text));
        }
        Type::Enum(ty)
    }

    fn extended_type(
        &mut self,
        place: Place<'a>,
        name: Option<Arc<str>>,
        base: &'a TypeExpr,
        (fields, open): (&'a [FieldDecl], bool),
        closed: bool,
    ) -> Type {
        let base_type = self.resolve_type(place, base, closed);
        let Type::Record(record) = &base_type else {
            if !base_type.is_error() {
                let message = format!("`with` extends records, and this is `{base_type}`");
                self.report(Diagnostic::error(Code::TypeMismatch, place.at(base.span), message));
            }
            return Type::Error;
        };
        if !self.known.budget.spend(size_of_fields(record), place.at(base.span)) {
            return Type::Error;
        }
        let first = self.refinements.len();
        let own: HashSet<&str> = fields.iter().map(|field| field.name.text.as_str()).collect();
        let mut all = record.fields.clone();
        for field in &mut all {
            let is_replaced = own.contains(&*field.name);
            field.refinement = field.refinement.filter(|_| !is_replaced).and_then(|number| self.copy_refinement(number));
        }
        for field in self.fields(place, fields, closed) {
            match record.field(&field.name).and_then(|(index, _)| all.get_mut(index)) {
                Some(other) => *other = field,
                None => all.push(field),
            }
        }
        if let Some(excess) = all.get(MAX_MEMBERS) {
            let message = format!("a record has at most {MAX_MEMBERS} fields, and `{}` is one more", excess.name);
            self.report(Diagnostic::error(Code::TooLarge, place.at(base.span), message));
            return Type::Error;
        }
        self.finish_record(name, all, record.closed && !open, first)
    }

    /// A refinement that another record inherits is checked again there, since the fields it sees may have other types.
    fn copy_refinement(&mut self, number: u32) -> Option<u32> {
        let pending = self.refinements.get(usize::try_from(number).ok()?)?.clone();
        let copy = u32::try_from(self.refinements.len()).ok()?;
        self.refinements.push(PendingRefinement { record: None, ..pending });
        Some(copy)
    }

    /// A record type with those fields. `closed`: it refuses undeclared fields; `inner_closed`: the records in it do.
    pub(super) fn record_type(
        &mut self,
        place: Place<'a>,
        name: Option<Arc<str>>,
        fields: &'a [FieldDecl],
        closed: bool,
        inner_closed: bool,
    ) -> Type {
        let first = self.refinements.len();
        let fields = self.fields(place, fields, inner_closed);
        self.finish_record(name, fields, closed, first)
    }

    fn finish_record(&mut self, name: Option<Arc<str>>, fields: Vec<Field>, closed: bool, first: usize) -> Type {
        let record = Arc::new(RecordType::new(name, fields, closed));
        let own: Vec<usize> = record.fields.iter().filter_map(|field| usize::try_from(field.refinement?).ok()).collect();
        for number in own.into_iter().filter(|number| *number >= first) {
            if let Some(pending) = self.refinements.get_mut(number) {
                pending.record = Some(record.clone());
            }
        }
        Type::Record(record)
    }

    fn fields(&mut self, place: Place<'a>, declared: &'a [FieldDecl], closed: bool) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let mut seen = std::collections::HashMap::new();
        if let Some(excess) = declared.get(MAX_MEMBERS) {
            self.report(Diagnostic::error(Code::TooLarge, place.at(excess.span), format!("a record has at most {MAX_MEMBERS} fields")));
            return fields;
        }
        for field in declared {
            if let Some(first) = seen.insert(field.name.text.as_str(), field.name.span) {
                let message = format!("field `{}` is declared twice", field.name.text);
                self.report(
                    Diagnostic::error(Code::Duplicate, place.at(field.name.span), message).with_secondary(place.at(first), "first declared here"),
                );
                continue;
            }
            fields.push(self.field(place, field, closed));
        }
        fields
    }

    fn field(&mut self, place: Place<'a>, field: &'a FieldDecl, closed: bool) -> Field {
        let written = self.resolve_type(place, &field.ty, closed);
        let ty = written.present().clone();
        let optional = field.optional || written.is_optional();
        if let (true, Some(default)) = (optional, &field.default) {
            let message = format!("`{}` is both optional and defaulted", field.name.text);
            let help = "a field with a default is always present: leave out the `?`";
            let (mark, text) = match &field.ty.kind {
                TypeKind::Optional(inner) => (Span { start: inner.span.end, end: field.ty.span.end }, ""),
                _ => (Span { start: field.name.span.end, end: field.ty.span.start }, ": "),
            };
            let diagnostic = Diagnostic::error(Code::BadField, place.at(default.span), message).with_help(help);
            let is_twice = field.optional && matches!(field.ty.kind, TypeKind::Optional(_));
            self.report(if is_twice { diagnostic } else { diagnostic.with_fix("leave out the `?`", place.at(mark), text) });
        }
        let presence = match &field.default {
            _ if optional => Presence::Optional,
            Some(default) => match self.constant(place, default, &ty) {
                Some(value) => Presence::Default(value),
                None => Presence::Optional,
            },
            None => Presence::Required,
        };
        let ty = if matches!((&presence, &field.default), (Presence::Optional, Some(_))) { Type::Error } else { ty };
        let refinement = field.refinement.as_ref().and_then(|condition| self.pend_refinement(place, field, condition));
        let name: Arc<str> = field.name.text.as_str().into();
        self.note_declared(&name, place.at(field.name.span));
        let declared = Field { name, ty, presence, refinement, doc: field.doc.as_str().into() };
        self.note_use_at(place.at(field.name.span), |checker| checker.field_symbol(&declared));
        declared
    }

    fn pend_refinement(&mut self, place: Place<'a>, field: &'a FieldDecl, condition: &'a Expr) -> Option<u32> {
        let number = u32::try_from(self.refinements.len()).ok()?;
        self.refinements.push(PendingRefinement { place, condition, record: None, field: &field.name.text });
        Some(number)
    }

    /// The declared types that an item's type refers to.
    fn types_named_in(&self, place: &Place<'a>) -> Vec<usize> {
        let mut found = Vec::new();
        if let ItemKind::Type { ty, .. } = &place.item.kind {
            walk_type(ty, &mut |path| found.extend(self.find_type(*place, path)));
        }
        found
    }
}

/// The type of this language for one of others.
fn foreign_type(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "integer" | "long" | "i64" => Some("int"),
        "number" | "float" | "double" | "money" | "currency" => Some("decimal"),
        "boolean" => Some("bool"),
        "str" | "text" | "varchar" | "url" | "uri" | "email" | "uuid" | "guid" | "hostname" | "bytes" | "binary" => Some("string"),
        "date" | "datetime" | "time" | "instant" => Some("timestamp"),
        "any" | "object" => Some("json"),
        _ => None,
    }
}

/// The collection of this language for one of others.
fn foreign_collection(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().as_str() {
        "array" | "vec" | "sequence" => Some("list"),
        "dict" | "object" | "record" => Some("map"),
        _ => None,
    }
}

fn is_optional_word(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "optional" | "option" | "maybe" | "nullable")
}

/// `Optional<T>`, which is `T?`.
fn optional_type(diagnostic: Diagnostic, inner: Span, whole: Span) -> Diagnostic {
    let at = |start: u32, end: u32| Location { span: Span { start, end }, ..diagnostic.at };
    let edit = |at: Location, text: &str| Edit { at, text: text.to_owned() };
    let edits = vec![edit(at(whole.start, inner.start), ""), edit(at(inner.end, whole.end), "?")];
    let mut diagnostic = diagnostic.with_help("what may be absent is written with `?` after its type: `string?`");
    diagnostic.fixes.push(Fix::new("write `?` after the type", edits));
    diagnostic
}

fn walk_type(ty: &TypeExpr, visit: &mut impl FnMut(&Path)) {
    match &ty.kind {
        TypeKind::Named(path) => visit(path),
        TypeKind::Generic { arg, .. } => walk_type(arg, visit),
        TypeKind::Optional(inner) => walk_type(inner, visit),
        TypeKind::Enum(_) => {}
        TypeKind::Record { fields, .. } => fields.iter().for_each(|field| walk_type(&field.ty, visit)),
        TypeKind::With { base, fields, .. } => {
            walk_type(base, visit);
            fields.iter().for_each(|field| walk_type(&field.ty, visit));
        }
    }
}
