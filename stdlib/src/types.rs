//! The types of the language.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use hmac_sha256::Hash;

use crate::kept::Kept;
use crate::shape::Shape;

/// A type.
#[derive(Clone, Debug)]
pub enum Type {
    /// The type of what is wrong already; it goes with every other type and says nothing.
    Error,
    /// The type of `none` alone.
    None,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `decimal`
    Decimal,
    /// `duration`
    Duration,
    /// `timestamp`
    Timestamp,
    /// `ip`
    Ip,
    /// `cidr`
    Cidr,
    /// `string`
    Str,
    /// `json`
    Json,
    /// An enum
    Enum(Arc<EnumType>),
    /// `list<T>`
    List(Arc<Type>),
    /// `set<T>`
    Set(Arc<Type>),
    /// `map<T>`
    Map(Arc<Type>),
    /// A record
    Record(Arc<RecordType>),
    /// `T?`; never nested
    Optional(Arc<Type>),
}

/// A closed set of strings. [`EnumType::new`] makes it.
#[derive(Clone, Debug)]
pub struct EnumType {
    /// Its full name such as `a.b.Risk`; `None` for an inline one.
    pub name: Option<Arc<str>>,
    /// Its variants in declared order.
    pub variants: Vec<Arc<str>>,
    /// Whether that order is an order of values.
    pub ordered: bool,
    places: Places,
    identity: Identity,
}

/// A record type. [`RecordType::new`] makes it.
#[derive(Clone, Debug)]
pub struct RecordType {
    /// Its full name such as `a.b.Grant`; `None` for an inline one.
    pub name: Option<Arc<str>>,
    /// Its fields in declared order.
    pub fields: Vec<Field>,
    /// The names of the fields.
    pub shape: Arc<Shape>,
    /// Whether JSON with undeclared fields is refused.
    pub closed: bool,
    /// `None` for a declared type, and where a field has the error type.
    identity: Option<Identity>,
    extent: Extent,
}

/// What two inline types have in common if and only if they are the same: a digest, since types that share parts are exponentially large when they
/// are compared part by part.
type Identity = [u8; 32];

/// The places of names in a list of them; the first of those that stand in it twice.
type Places = HashMap<Arc<str>, usize, foldhash::fast::RandomState>;

/// How much of a type there is when it is written out, declared types by their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many types stand one within the other, beside the outermost.
    pub depth: usize,
    /// How many types stand in it; `usize::MAX` for more than that.
    pub size: usize,
}

/// A field of a record type.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: Arc<str>,
    /// Its type when present.
    pub ty: Type,
    /// What happens when it is absent or null.
    pub presence: Presence,
    /// The refinement, by the number that the compiler gave it.
    pub refinement: Option<u32>,
    /// Its documentation.
    pub doc: Arc<str>,
}

/// What happens when a field is absent or null.
#[derive(Clone, Debug)]
pub enum Presence {
    /// The record does not fit.
    Required,
    /// Its value is `none`.
    Optional,
    /// Its value is that constant.
    Default(Kept),
}

impl EnumType {
    /// An enum with those variants.
    pub fn new(name: Option<Arc<str>>, variants: Vec<Arc<str>>, ordered: bool) -> EnumType {
        let places = places(variants.iter());
        let identity = identity_of_variants(&variants, ordered);
        EnumType { name, variants, ordered, places, identity }
    }

    /// The rank that a variant's value carries: its place in an ordered enum, else 0; `None` for no variant.
    pub fn rank_of(&self, variant: &str) -> Option<u16> {
        let place = *self.places.get(variant)?;
        if self.ordered { u16::try_from(place).ok() } else { Some(0) }
    }
}

impl RecordType {
    /// A record type with those fields.
    pub fn new(name: Option<Arc<str>>, fields: Vec<Field>, closed: bool) -> RecordType {
        let shape = Arc::new(Shape::new(fields.iter().map(|field| &field.name)));
        let (identity, extent) = match name {
            Some(_) => (None, Extent { depth: 0, size: 1 }),
            None => (identity_of_fields(&fields), around(fields.iter().map(|field| field.ty.extent()))),
        };
        RecordType { name, fields, shape, closed, identity, extent }
    }

    /// The field with that name and its index.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        let place = self.shape.index_of(name)?;
        self.fields.get(place).map(|field| (place, field))
    }
}

impl Field {
    /// The type of reading the field: `T?` where it is optional.
    pub fn read_type(&self) -> Type {
        match self.presence {
            Presence::Optional => self.ty.clone().optional(),
            Presence::Required | Presence::Default(_) => self.ty.clone(),
        }
    }
}

impl Type {
    /// `list<T>` of this type.
    pub fn list(self) -> Type {
        Type::List(Arc::new(self))
    }

    /// `set<T>` of this type.
    pub fn set(self) -> Type {
        Type::Set(Arc::new(self))
    }

    /// `map<T>` of this type.
    pub fn map(self) -> Type {
        Type::Map(Arc::new(self))
    }

    /// `T?` of this type; an optional stays what it is.
    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Error | Type::None => self,
            other => Type::Optional(Arc::new(other)),
        }
    }

    /// The type without `?`.
    pub fn present(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    /// Whether it is `T?` or the type of `none`.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_) | Type::None)
    }

    /// Whether it is the error type.
    pub fn is_error(&self) -> bool {
        matches!(self, Type::Error)
    }

    /// Whether a set may hold it: scalars and enums.
    pub fn is_scalar(&self) -> bool {
        use Type::{Bool, Cidr, Decimal, Duration, Enum, Error, Int, Ip, Str, Timestamp};
        matches!(self, Error | Bool | Int | Decimal | Duration | Timestamp | Ip | Cidr | Str | Enum(_))
    }

    /// Whether `<` is defined on it.
    pub fn is_ordered(&self) -> bool {
        match self {
            Type::Error | Type::Int | Type::Decimal | Type::Str | Type::Duration | Type::Timestamp => true,
            Type::Enum(ty) => ty.ordered,
            _ => false,
        }
    }

    /// Whether two types are the same: named ones by name, others by structure. The error type is the same as any, and so is a record that it is in
    /// as any record.
    pub fn same(&self, other: &Type) -> bool {
        match (self, other) {
            (Type::Error, _) | (_, Type::Error) => true,
            (Type::Enum(a), Type::Enum(b)) => Arc::ptr_eq(a, b) || a.same(b),
            (Type::Record(a), Type::Record(b)) => Arc::ptr_eq(a, b) || a.same(b),
            (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) => a.same(b),
            (Type::Map(a), Type::Map(b)) | (Type::Optional(a), Type::Optional(b)) => a.same(b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// How much of it there is.
    pub fn extent(&self) -> Extent {
        match self {
            Type::List(inner) | Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => around([inner.extent()]),
            Type::Record(record) => record.extent,
            Type::Enum(ty) if ty.name.is_none() => Extent { depth: 0, size: ty.variants.len() },
            _ => Extent { depth: 0, size: 1 },
        }
    }

    /// Adds what tells the type from others; `false` where the error type is in it.
    fn identify(&self, hash: &mut Hash) -> bool {
        hash.update([self.tag()]);
        match self {
            Type::Error => return false,
            Type::List(inner) | Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => return inner.identify(hash),
            Type::Enum(ty) => identify(ty.name.as_deref(), &ty.identity, hash),
            Type::Record(ty) => match (&ty.name, &ty.identity) {
                (Some(name), _) => identify(Some(name), &Identity::default(), hash),
                (None, Some(identity)) => identify(None, identity, hash),
                (None, None) => return false,
            },
            _ => {}
        }
        true
    }

    fn tag(&self) -> u8 {
        match self {
            Type::Error => 0,
            Type::None => 1,
            Type::Bool => 2,
            Type::Int => 3,
            Type::Decimal => 4,
            Type::Duration => 5,
            Type::Timestamp => 6,
            Type::Ip => 7,
            Type::Cidr => 8,
            Type::Str => 9,
            Type::Json => 10,
            Type::Enum(_) => 11,
            Type::List(_) => 12,
            Type::Set(_) => 13,
            Type::Map(_) => 14,
            Type::Record(_) => 15,
            Type::Optional(_) => 16,
        }
    }
}

impl EnumType {
    fn same(&self, other: &EnumType) -> bool {
        match (&self.name, &other.name) {
            (Some(a), Some(b)) => a == b,
            (None, None) => self.identity == other.identity,
            _ => false,
        }
    }
}

impl RecordType {
    fn same(&self, other: &RecordType) -> bool {
        match (&self.name, &other.name) {
            (Some(a), Some(b)) => a == b,
            (None, None) => match (&self.identity, &other.identity) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            },
            _ => false,
        }
    }
}

fn places<'n>(names: impl Iterator<Item = &'n Arc<str>>) -> Places {
    let mut places = Places::default();
    for (place, name) in names.enumerate() {
        places.entry(name.clone()).or_insert(place);
    }
    places
}

/// The extent of a type around others.
fn around(parts: impl IntoIterator<Item = Extent>) -> Extent {
    parts.into_iter().fold(Extent { depth: 0, size: 1 }, |whole, part| Extent {
        depth: whole.depth.max(part.depth.saturating_add(1)),
        size: whole.size.saturating_add(part.size),
    })
}

/// Adds a name, or else an identity.
fn identify(name: Option<&str>, identity: &Identity, hash: &mut Hash) {
    match name {
        Some(name) => identify_text(name, hash),
        None => {
            hash.update(u64::MAX.to_le_bytes());
            hash.update(identity);
        }
    }
}

/// Adds a text so that no other texts one after the other are the same: no text has the length that stands before an identity.
fn identify_text(text: &str, hash: &mut Hash) {
    hash.update((text.len() as u64).to_le_bytes());
    hash.update(text);
}

fn identity_of_variants(variants: &[Arc<str>], ordered: bool) -> Identity {
    let mut names: Vec<&Arc<str>> = variants.iter().collect();
    if !ordered {
        names.sort_unstable();
    }
    let mut hash = Hash::new();
    hash.update([u8::from(ordered)]);
    names.into_iter().for_each(|name| identify_text(name, &mut hash));
    hash.finalize()
}

/// Fields in another order make the same type.
fn identity_of_fields(fields: &[Field]) -> Option<Identity> {
    let mut fields: Vec<&Field> = fields.iter().collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    let mut hash = Hash::new();
    for field in fields {
        identify_text(&field.name, &mut hash);
        hash.update([u8::from(matches!(field.presence, Presence::Optional))]);
        if !field.ty.identify(&mut hash) {
            return None;
        }
    }
    Some(hash.finalize())
}

/// The longest text of a type, in bytes; the rest is `…`.
const LONGEST: usize = 300;

/// The text of a type as far as it goes.
#[derive(Default)]
struct Shown {
    text: String,
    full: bool,
}

impl Shown {
    fn push(&mut self, text: &str) {
        if self.full {
            return;
        }
        self.full = self.text.len() + text.len() > LONGEST;
        match self.full {
            true => {
                let room = text.floor_char_boundary(LONGEST - self.text.len());
                self.text.push_str(text.get(..room).unwrap_or_default());
                self.text.push('…');
            }
            false => self.text.push_str(text),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = Shown::default();
        self.show(&mut shown);
        f.write_str(&shown.text)
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = Shown::default();
        self.show(&mut shown);
        f.write_str(&shown.text)
    }
}

impl fmt::Display for EnumType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = Shown::default();
        self.show(&mut shown);
        f.write_str(&shown.text)
    }
}

impl Type {
    fn show(&self, out: &mut Shown) {
        let (open, inner, close) = match self {
            Type::Enum(ty) => return ty.show(out),
            Type::Record(ty) => return ty.show(out),
            Type::List(inner) => ("list<", inner, ">"),
            Type::Set(inner) => ("set<", inner, ">"),
            Type::Map(inner) => ("map<", inner, ">"),
            Type::Optional(inner) => ("", inner, "?"),
            scalar => return out.push(scalar.word()),
        };
        out.push(open);
        inner.show(out);
        out.push(close);
    }

    /// The word for a type without parts.
    fn word(&self) -> &'static str {
        match self {
            Type::None => "none",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Decimal => "decimal",
            Type::Duration => "duration",
            Type::Timestamp => "timestamp",
            Type::Ip => "ip",
            Type::Cidr => "cidr",
            Type::Str => "string",
            Type::Json => "json",
            _ => "?",
        }
    }
}

impl EnumType {
    fn show(&self, out: &mut Shown) {
        if let Some(name) = &self.name {
            return out.push(last_part(name));
        }
        for (index, variant) in self.variants.iter().enumerate() {
            if out.full {
                return;
            }
            out.push(if index > 0 { " | \"" } else { "\"" });
            out.push(variant);
            out.push("\"");
        }
    }
}

impl RecordType {
    fn show(&self, out: &mut Shown) {
        if let Some(name) = &self.name {
            return out.push(last_part(name));
        }
        out.push("{ ");
        for (index, field) in self.fields.iter().enumerate() {
            if out.full {
                return;
            }
            out.push(if index > 0 { ", " } else { "" });
            out.push(&field.name);
            out.push(if matches!(field.presence, Presence::Optional) { "?: " } else { ": " });
            field.ty.show(out);
        }
        out.push(" }");
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(fields: &[(&str, Type)]) -> Type {
        let field = |(name, ty): &(&str, Type)| Field {
            name: (*name).into(),
            ty: ty.clone(),
            presence: Presence::Required,
            refinement: None,
            doc: "".into(),
        };
        Type::Record(Arc::new(RecordType::new(None, fields.iter().map(field).collect(), false)))
    }

    /// A record that is exponentially large in its depth.
    fn doubled(depth: usize) -> Type {
        (0..depth).fold(Type::Int, |ty, _| record(&[("x", ty.clone()), ("y", ty)]))
    }

    #[test]
    fn inline_types_are_the_same_by_what_is_in_them() {
        let enumeration =
            |names: &[&str], ordered| Type::Enum(Arc::new(EnumType::new(None, names.iter().map(|name| (*name).into()).collect(), ordered)));
        assert!(record(&[("a", Type::Int), ("b", Type::Str)]).same(&record(&[("b", Type::Str), ("a", Type::Int)])));
        assert!(!record(&[("a", Type::Int)]).same(&record(&[("a", Type::Str)])));
        assert!(!record(&[("a", Type::Int.list())]).same(&record(&[("a", Type::Int.list().list())])));
        assert!(!record(&[("a", Type::Int)]).same(&record(&[("a", Type::Int), ("b", Type::Int)])));
        assert!(record(&[("a", Type::Error)]).same(&record(&[("a", Type::Str)])));
        assert!(enumeration(&["a", "b"], false).same(&enumeration(&["b", "a"], false)));
        assert!(!enumeration(&["a", "b"], true).same(&enumeration(&["b", "a"], true)));
        assert!(!enumeration(&["a", "b"], true).same(&enumeration(&["a", "b"], false)));
        assert!(!enumeration(&["ab"], false).same(&enumeration(&["a", "b"], false)));
    }

    #[test]
    fn types_that_share_parts_are_compared_and_printed_in_bounds() {
        let (a, b) = (doubled(100), doubled(100));
        assert!(a.same(&b));
        assert!(!a.same(&doubled(99)));
        assert_eq!(a.extent(), Extent { depth: 100, size: usize::MAX });
        assert!(a.to_string().len() <= LONGEST + '…'.len_utf8());
        assert_eq!(doubled(1).to_string(), "{ x: int, y: int }");
    }
}
