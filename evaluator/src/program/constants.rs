//! A plan's constants as values.

use std::sync::Arc;

use tollgate_stdlib::{Decimal, IpNet, Kept, KeptMap, KeptRecord, KeptSet, Shape, Timestamp};

use crate::LoadError;
use crate::plan::{Constant, Plan, index, invalid};

/// The constants as values; every reference has been validated.
pub(super) fn build(plan: &Plan, shapes: &[Arc<Shape>]) -> Result<Vec<Kept>, LoadError> {
    let mut built: Vec<Kept> = Vec::with_capacity(plan.constants.len());
    for (id, constant) in plan.constants.iter().enumerate() {
        match value(constant, shapes, &built) {
            Some(kept) => built.push(kept),
            None => return invalid(format!("constant {id} is no value")),
        }
    }
    Ok(built)
}

fn value(constant: &Constant, shapes: &[Arc<Shape>], built: &[Kept]) -> Option<Kept> {
    let part = |id: &u32| built.get(index(*id)).cloned();
    Some(match constant {
        Constant::None => Kept::None,
        Constant::Bool(value) => Kept::Bool(*value),
        Constant::Int(value) => Kept::Int(*value),
        Constant::Decimal(mantissa, scale) => Kept::Decimal(Decimal::try_from_i128_with_scale(*mantissa, *scale).ok()?),
        Constant::Duration(nanos) => Kept::Duration(*nanos),
        Constant::Timestamp(nanos) => Kept::Timestamp(Timestamp::from_nanosecond(*nanos)?),
        Constant::Ip(ip) => Kept::Ip(ip.to_canonical()),
        Constant::Cidr(address, length) => Kept::Cidr(IpNet::new(*address, *length).ok().filter(|net| net.trunc() == *net)?),
        Constant::Enum(name, rank) => Kept::Enum(name.clone(), *rank),
        Constant::Str(text) => Kept::Str(text.clone()),
        Constant::List(ids) => Kept::List(ids.iter().map(part).collect::<Option<_>>()?),
        Constant::Set(ids) => Kept::Set(KeptSet::new(ids.iter().map(part).collect::<Option<_>>()?)),
        Constant::Map(entries) => Kept::Map(KeptMap::new(entries.iter().map(|(key, id)| Some((key.clone(), part(id)?))).collect::<Option<_>>()?)),
        Constant::Record(shape, ids) => {
            Kept::Record(KeptRecord { shape: shapes.get(index(*shape))?.clone(), values: ids.iter().map(part).collect::<Option<_>>()? })
        }
    })
}
