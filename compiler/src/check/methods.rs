//! Which built-in functions take which receivers.

use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Bound, Function as Builtin, Sig, Var};

/// The methods that a value of that type has, by their names; those of the value within an optional are others.
pub fn methods_of(ty: &Type) -> Vec<&'static Builtin> {
    let mut found: Vec<&'static Builtin> = tollgate_stdlib::all().filter(|function| receiver_fits(function, ty, true).is_some()).collect();
    found.sort_by_key(|function| (function.name, function.key));
    found
}

/// What type variables stand for.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    t: Option<Type>,
    u: Option<Type>,
}

impl Bindings {
    /// What a variable stands for, to be set.
    pub fn slot(&mut self, var: Var) -> &mut Option<Type> {
        match var {
            Var::T => &mut self.t,
            Var::U => &mut self.u,
        }
    }

    /// What a variable stands for.
    pub fn get(&self, var: Var) -> Option<&Type> {
        match var {
            Var::T => self.t.as_ref(),
            Var::U => self.u.as_ref(),
        }
    }
}

/// The functions among these that take that receiver.
pub fn fitting(named: &[&'static Builtin], receiver: &Type, widen: bool) -> Vec<(&'static Builtin, Bindings)> {
    named.iter().filter_map(|function| Some((*function, receiver_fits(function, receiver, widen)?))).collect()
}

/// The bindings under which a function takes that receiver; `widen`: an `int` as a `decimal`, too.
pub fn receiver_fits(function: &Builtin, receiver: &Type, widen: bool) -> Option<Bindings> {
    let sig = &function.params.first()?.sig;
    let mut bindings = Bindings::default();
    if unify(sig, receiver, &mut bindings) || (widen && matches!((sig, receiver), (Sig::Decimal, Type::Int))) { Some(bindings) } else { None }
}

/// Whether a type is what a signature says, binding its variables.
pub fn unify(sig: &Sig, ty: &Type, bindings: &mut Bindings) -> bool {
    match (sig, ty) {
        (_, Type::Error) => true,
        (Sig::Var(var, bound), ty) => within(*bound, ty) && bind(bindings.slot(*var), ty),
        (Sig::Bool, Type::Bool)
        | (Sig::Int, Type::Int)
        | (Sig::Decimal, Type::Decimal)
        | (Sig::Duration, Type::Duration)
        | (Sig::Timestamp, Type::Timestamp)
        | (Sig::Ip, Type::Ip)
        | (Sig::Cidr, Type::Cidr)
        | (Sig::Str, Type::Str)
        | (Sig::Json, Type::Json)
        | (Sig::Enum, Type::Enum(_)) => true,
        (Sig::Any, ty) => ty.is_scalar() || matches!(ty, Type::Json),
        (Sig::Named(name), Type::Record(record)) => record.name.as_deref().is_some_and(|full| full.strip_prefix("std.") == Some(name)),
        (Sig::List(inner) | Sig::Collection(inner) | Sig::Sequence(inner), Type::List(element)) => unify(inner, element, bindings),
        (Sig::Set(inner) | Sig::Collection(inner) | Sig::Sequence(inner), Type::Set(element)) => unify(inner, element, bindings),
        (Sig::Map(inner) | Sig::Collection(inner), Type::Map(element)) => unify(inner, element, bindings),
        (Sig::Optional(inner), Type::Optional(element)) => unify(inner, element, bindings),
        (Sig::Optional(inner), ty) => unify(inner, ty, bindings),
        _ => false,
    }
}

fn bind(slot: &mut Option<Type>, ty: &Type) -> bool {
    match slot {
        Some(bound) => super::coerce::join(bound, ty).is_some_and(|joined| joined.same(bound)),
        None => {
            *slot = Some(ty.clone());
            true
        }
    }
}

fn within(bound: Bound, ty: &Type) -> bool {
    match bound {
        Bound::Any => true,
        Bound::Ordered => ty.is_ordered(),
        Bound::Number => matches!(ty, Type::Int | Type::Decimal),
        Bound::Address => matches!(ty, Type::Ip | Type::Cidr),
        Bound::Scalar => ty.is_scalar(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_the_methods_that_take_it() {
        let names = |ty: &Type| methods_of(ty).into_iter().map(|function| function.name).collect::<Vec<_>>();
        assert!(names(&Type::Str).contains(&"lower"));
        assert!(!names(&Type::Str.optional()).contains(&"lower"));
        assert!(names(&Type::Json.optional()).contains(&"as_int"));
        assert!(names(&Type::Int).contains(&"abs") && !names(&Type::Int).contains(&"any"));
        assert!(names(&Type::Int.set()).contains(&"any") && names(&Type::Int.set()).is_sorted());
    }
}
