//! Calls of built-in functions, by their signatures: a new function is generated as soon as it is declared.

use tollgate_stdlib::{Bound, Function, Sig, Var};

use super::constants;
use super::expr::{Level, Place, Text, Writer, written};
use super::schema::{self, Ty};

/// What the type variables stand for.
#[derive(Clone, Default)]
struct Bindings {
    t: Option<Ty>,
    u: Option<Ty>,
}

impl Bindings {
    fn slot(&mut self, var: Var) -> &mut Option<Ty> {
        match var {
            Var::T => &mut self.t,
            Var::U => &mut self.u,
        }
    }
}

/// Functions whose work grows with the value of a number.
const UNBOUNDED: [&str; 1] = ["int.range"];

impl Writer<'_> {
    /// A call that gives that type; where the function may give nothing, with a constant for that.
    pub fn builtin(&mut self, ty: &Ty, depth: usize) -> Option<Text> {
        let all: Vec<&'static Function> = tollgate_stdlib::all().filter(|function| !UNBOUNDED.contains(&function.key)).collect();
        for _ in 0..12 {
            let function = *self.random.pick(&all);
            let direct = self.call(function, &function.result, ty, depth);
            if direct.is_some() {
                return direct;
            }
            if let Sig::Optional(inner) = function.result
                && !ty.is_optional()
                && *ty != Ty::Json
                && let Some(call) = self.call(function, inner, ty, depth)
            {
                let otherwise = constants::literal(self.random, self.schema, ty);
                let otherwise = if *ty == Ty::Decimal && otherwise.parse::<i64>().is_ok() { format!("{otherwise}.0") } else { otherwise };
                return Some(written(format!("{} ?? {otherwise}", call.text), Level::Coalesce));
            }
        }
        None
    }

    /// `call?.field ?? …`: a field of the record that a parser gives.
    pub fn parsed(&mut self, ty: &Ty, depth: usize) -> Option<Text> {
        let records = self.schema.records.iter().enumerate().filter(|(_, record)| record.standard && record.name.is_some());
        let fields = records.flat_map(|(index, record)| record.fields.iter().map(move |field| (index, field)));
        let found: Vec<(usize, String)> = fields.filter(|(_, field)| field.ty == *ty).map(|(index, field)| (index, field.name.clone())).collect();
        let (record, field) = if found.is_empty() { return None } else { self.random.pick(&found).clone() };
        let optional = Ty::Record(record).optional();
        let parsers: Vec<&'static Function> =
            tollgate_stdlib::all().filter(|function| matches!(function.result, Sig::Optional(Sig::Named(_)))).collect();
        let calls = parsers.into_iter().find_map(|function| self.call(function, &function.result, &optional, depth))?;
        let otherwise = constants::literal(self.random, self.schema, ty);
        let otherwise = if *ty == Ty::Decimal && otherwise.parse::<i64>().is_ok() { format!("{otherwise}.0") } else { otherwise };
        Some(written(format!("{}?.{field} ?? {otherwise}", calls.text), Level::Coalesce))
    }

    fn call(&mut self, function: &'static Function, result: &Sig, ty: &Ty, depth: usize) -> Option<Text> {
        let mut bindings = Bindings::default();
        let receiver = &function.params.first()?.sig;
        // `or_error` gives what is within an optional, and `T??` is `T?`.
        if matches!((receiver, result), (Sig::Optional(Sig::Var(..)), Sig::Var(..))) && ty.is_optional() {
            return None;
        }
        let fits = if *result == Sig::Receiver { self.unify(receiver, ty, &mut bindings) } else { self.unify(result, ty, &mut bindings) };
        if !fits {
            return None;
        }
        let own = if *result == Sig::Receiver { Some(ty.clone()) } else { None };
        let (receiver, own) = self.receiver(receiver, own, &mut bindings, depth)?;
        let mut args = Vec::new();
        for param in &function.params[1..] {
            if param.optional && self.random.chance(60) {
                break;
            }
            let arg = match param.sig {
                _ if param.constant.is_some() => format!("\"{}\"", self.random.word(&["UTC", "Europe/Paris", "America/New_York"])),
                Sig::Lambda(input, output) => self.lambda(input, output, &own, &mut bindings, depth)?,
                sig => self.argument(&sig, &own, &mut bindings, depth)?,
            };
            args.push(arg);
        }
        Some(written(format!("{receiver}.{}({})", function.name, args.join(", ")), Level::Postfix))
    }

    fn receiver(&mut self, sig: &Sig, own: Option<Ty>, bindings: &mut Bindings, depth: usize) -> Option<(String, Ty)> {
        let ty = match own.or_else(|| self.substitute(sig, &None, bindings)) {
            Some(ty) => ty,
            None => {
                let mut fitting = Vec::new();
                for (_, ty) in self.scope.paths().to_vec() {
                    let mut trial = bindings.clone();
                    if self.unify(sig, &ty, &mut trial) {
                        fitting.push((ty, trial));
                    }
                }
                if fitting.is_empty() {
                    return None;
                }
                let (ty, found) = self.random.pick(&fitting).clone();
                *bindings = found;
                ty
            }
        };
        let text = if ty.is_optional() { self.path(&ty)?.text } else { self.operand(&ty, depth, Place::Untyped, Level::Postfix) };
        Some((text, ty))
    }

    fn argument(&mut self, sig: &Sig, own: &Ty, bindings: &mut Bindings, depth: usize) -> Option<String> {
        if let Some(ty) = self.substitute(sig, &Some(own.clone()), bindings) {
            return Some(self.expr(&ty, depth, Place::Typed).text);
        }
        let ty = match sig {
            Sig::Any => schema::scalar_type(self.random, self.schema),
            Sig::Sequence(inner) | Sig::Collection(inner) => self.substitute(inner, &None, bindings)?.list(),
            Sig::Var(var, Bound::Address) => {
                let ty = if self.random.chance(50) { Ty::Ip } else { Ty::Cidr };
                *bindings.slot(*var) = Some(ty.clone());
                ty
            }
            _ => return None,
        };
        Some(self.expr(&ty, depth, Place::Untyped).text)
    }

    fn lambda(&mut self, input: &Sig, output: &Sig, own: &Ty, bindings: &mut Bindings, depth: usize) -> Option<String> {
        let element = self.substitute(input, &Some(own.clone()), bindings)?;
        let (body, place) = match (self.substitute(output, &None, bindings), output) {
            (Some(ty), _) => (ty, Place::Untyped),
            (None, Sig::Var(var, bound)) => {
                let ty = match bound {
                    Bound::Number | Bound::Ordered => Ty::Int,
                    _ => schema::scalar_type(self.random, self.schema),
                };
                *bindings.slot(*var) = Some(ty.clone());
                (ty, Place::Untyped)
            }
            (None, Sig::Collection(Sig::Var(var, _))) => match bindings.slot(*var).clone() {
                Some(ty) => (ty.list(), Place::Untyped),
                None => return None,
            },
            _ => return None,
        };
        Some(self.binding(&element, |writer, name| {
            let body = if body == Ty::Bool { writer.condition(depth) } else { writer.expr(&body, depth, place) };
            format!("{name} => {}", body.text)
        }))
    }

    fn unify(&self, sig: &Sig, ty: &Ty, bindings: &mut Bindings) -> bool {
        match (sig, ty) {
            (Sig::Var(var, bound), ty) => {
                let slot = bindings.slot(*var);
                let fits = match bound {
                    Bound::Any => true,
                    Bound::Ordered => self.schema.is_ordered(ty),
                    Bound::Number => matches!(ty, Ty::Int | Ty::Decimal),
                    Bound::Address => matches!(ty, Ty::Ip | Ty::Cidr),
                    Bound::Scalar => ty.is_scalar(),
                };
                fits && slot.get_or_insert_with(|| ty.clone()) == ty
            }
            (Sig::Named(name), Ty::Record(index)) => {
                self.schema.records[*index].standard && self.schema.records[*index].name.as_deref() == Some(name)
            }
            (Sig::Bool, Ty::Bool)
            | (Sig::Int, Ty::Int)
            | (Sig::Decimal, Ty::Decimal)
            | (Sig::Duration, Ty::Duration)
            | (Sig::Timestamp, Ty::Timestamp)
            | (Sig::Ip, Ty::Ip)
            | (Sig::Cidr, Ty::Cidr)
            | (Sig::Str, Ty::Text)
            | (Sig::Json, Ty::Json)
            | (Sig::Enum, Ty::Enum(_)) => true,
            (Sig::Any, ty) => ty.is_scalar() || *ty == Ty::Json,
            (Sig::List(inner) | Sig::Collection(inner) | Sig::Sequence(inner), Ty::List(element)) => self.unify(inner, element, bindings),
            (Sig::Set(inner) | Sig::Collection(inner) | Sig::Sequence(inner), Ty::Set(element)) => self.unify(inner, element, bindings),
            (Sig::Map(inner) | Sig::Collection(inner), Ty::Map(element)) => self.unify(inner, element, bindings),
            (Sig::Optional(inner), Ty::Optional(element)) => self.unify(inner, element, bindings),
            _ => false,
        }
    }

    fn substitute(&self, sig: &Sig, own: &Option<Ty>, bindings: &mut Bindings) -> Option<Ty> {
        Some(match sig {
            Sig::Bool => Ty::Bool,
            Sig::Int => Ty::Int,
            Sig::Decimal => Ty::Decimal,
            Sig::Duration => Ty::Duration,
            Sig::Timestamp => Ty::Timestamp,
            Sig::Ip => Ty::Ip,
            Sig::Cidr => Ty::Cidr,
            Sig::Str => Ty::Text,
            Sig::Json => Ty::Json,
            Sig::Var(var, _) => bindings.slot(*var).clone()?,
            Sig::List(inner) => self.substitute(inner, own, bindings)?.list(),
            Sig::Set(inner) => self.substitute(inner, own, bindings)?.set(),
            Sig::Map(inner) => self.substitute(inner, own, bindings)?.map(),
            Sig::Optional(inner) => self.substitute(inner, own, bindings)?.optional(),
            Sig::Receiver => own.clone()?,
            _ => return None,
        })
    }
}
