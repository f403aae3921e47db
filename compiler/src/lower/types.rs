//! Types to the plan's type nodes, which say how JSON is read.

use std::sync::Arc;

use tollgate_evaluator::plan::{FieldNode, Presence, Refinement, TypeId, TypeNode};
use tollgate_stdlib::types::{self, EnumType, Field, RecordType, Type};

use super::Lowering;
use super::frame::Frame;
use super::intern::{HashMap, Interner, index};

/// The types that were lowered. Records are known by their place in memory, since a set of types that name each other is no tree.
#[derive(Clone, Debug, Default)]
pub struct Types {
    nodes: Interner<TypeNode>,
    records: HashMap<usize, TypeId>,
}

impl Types {
    /// All type nodes in order.
    pub fn list(&self) -> &[TypeNode] {
        self.nodes.list()
    }
}

impl Lowering<'_> {
    /// The number of a type.
    pub(super) fn ty(&mut self, ty: &Type) -> TypeId {
        let node = match ty {
            Type::Bool => TypeNode::Bool,
            Type::Int => TypeNode::Int,
            Type::Decimal => TypeNode::Decimal,
            Type::Duration => TypeNode::Duration,
            Type::Timestamp => TypeNode::Timestamp,
            Type::Ip => TypeNode::Ip,
            Type::Cidr => TypeNode::Cidr,
            Type::Str => TypeNode::Str,
            Type::Json | Type::None => TypeNode::Json,
            Type::Error => {
                self.is_erroneous = true;
                TypeNode::Json
            }
            Type::Enum(ty) => enum_node(ty),
            Type::List(inner) => TypeNode::List(self.ty(inner)),
            Type::Set(inner) => TypeNode::Set(self.ty(inner)),
            Type::Map(inner) => TypeNode::Map(self.ty(inner)),
            Type::Optional(inner) => TypeNode::Optional(self.ty(inner)),
            Type::Record(ty) => return self.record_type(ty),
        };
        self.types.nodes.intern(node)
    }

    /// The number of a record type.
    pub(super) fn record_type(&mut self, ty: &Arc<RecordType>) -> TypeId {
        if let Some(number) = self.types.records.get(&Arc::as_ptr(ty).addr()) {
            return *number;
        }
        let node = TypeNode::Record {
            name: ty.to_string().into(),
            shape: self.constants.shape(&ty.shape),
            fields: ty.fields.iter().map(|field| self.field_node(field, ty.fields.len())).collect(),
            closed: ty.closed,
        };
        let number = self.types.nodes.intern(node);
        self.types.records.insert(Arc::as_ptr(ty).addr(), number);
        number
    }

    fn field_node(&mut self, field: &Field, siblings: usize) -> FieldNode {
        FieldNode {
            ty: self.ty(field.ty.present()),
            presence: match &field.presence {
                types::Presence::Required => Presence::Required,
                types::Presence::Optional => Presence::Optional,
                types::Presence::Default(value) => Presence::Default(self.constants.intern(value)),
            },
            refinement: field.refinement.and_then(|refinement| self.refinement(refinement, siblings)),
        }
    }

    fn refinement(&mut self, place: u32, siblings: usize) -> Option<Refinement> {
        let refinement = self.program.refinements.get(index(place))?;
        let mut frame = Frame::with_params(siblings);
        let node = self.expr(&mut frame, &refinement.condition);
        Some(Refinement { node, locals: frame.size(), text: refinement.text.as_str().into() })
    }
}

fn enum_node(ty: &EnumType) -> TypeNode {
    TypeNode::Enum { name: ty.to_string().into(), variants: ty.variants.iter().map(|name| (&**name).into()).collect(), ordered: ty.ordered }
}
