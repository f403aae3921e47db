//! The types of the language.

use std::fmt;
use std::sync::Arc;

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

/// A closed set of strings.
#[derive(Clone, Debug)]
pub struct EnumType {
    /// Its full name such as `a.b.Risk`; `None` for an inline one.
    pub name: Option<Arc<str>>,
    /// Its variants in declared order.
    pub variants: Vec<Arc<str>>,
    /// Whether that order is an order of values.
    pub ordered: bool,
}

/// A record type.
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
    /// The rank that a variant's value carries: its place in an ordered enum, else 0; `None` for no variant.
    pub fn rank_of(&self, variant: &str) -> Option<u16> {
        let place = self.variants.iter().position(|name| &**name == variant)?;
        if self.ordered { u16::try_from(place).ok() } else { Some(0) }
    }
}

impl RecordType {
    /// A record type with those fields.
    pub fn new(name: Option<Arc<str>>, fields: Vec<Field>, closed: bool) -> RecordType {
        let shape = Arc::new(Shape::new(fields.iter().map(|field| &field.name)));
        RecordType { name, fields, shape, closed }
    }

    /// The field with that name and its index.
    pub fn field(&self, name: &str) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| &*field.name == name)
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

    /// Whether two types are the same: named ones by name, others by structure. The error type is the same as any.
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
}

impl EnumType {
    fn same(&self, other: &EnumType) -> bool {
        match (&self.name, &other.name) {
            (Some(a), Some(b)) => a == b,
            (None, None) if self.ordered || other.ordered => self.ordered == other.ordered && self.variants == other.variants,
            (None, None) => self.variants.len() == other.variants.len() && self.variants.iter().all(|name| other.variants.contains(name)),
            _ => false,
        }
    }
}

impl RecordType {
    fn same(&self, other: &RecordType) -> bool {
        match (&self.name, &other.name) {
            (Some(a), Some(b)) => a == b,
            (None, None) => {
                self.fields.len() == other.fields.len()
                    && self.fields.iter().all(|field| {
                        other.field(&field.name).is_some_and(|(_, twin)| {
                            field.ty.same(&twin.ty) && matches!(field.presence, Presence::Optional) == matches!(twin.presence, Presence::Optional)
                        })
                    })
            }
            _ => false,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Error => f.write_str("?"),
            Type::None => f.write_str("none"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Decimal => f.write_str("decimal"),
            Type::Duration => f.write_str("duration"),
            Type::Timestamp => f.write_str("timestamp"),
            Type::Ip => f.write_str("ip"),
            Type::Cidr => f.write_str("cidr"),
            Type::Str => f.write_str("string"),
            Type::Json => f.write_str("json"),
            Type::Enum(ty) => ty.fmt(f),
            Type::List(inner) => write!(f, "list<{inner}>"),
            Type::Set(inner) => write!(f, "set<{inner}>"),
            Type::Map(inner) => write!(f, "map<{inner}>"),
            Type::Record(ty) => ty.fmt(f),
            Type::Optional(inner) => write!(f, "{inner}?"),
        }
    }
}

impl fmt::Display for EnumType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return f.write_str(last_part(name));
        }
        for (index, variant) in self.variants.iter().enumerate() {
            if index > 0 {
                f.write_str(" | ")?;
            }
            write!(f, "\"{variant}\"")?;
        }
        Ok(())
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            return f.write_str(last_part(name));
        }
        f.write_str("{ ")?;
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            let mark = if matches!(field.presence, Presence::Optional) { "?" } else { "" };
            write!(f, "{}{mark}: {}", field.name, field.ty)?;
        }
        f.write_str(" }")
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
