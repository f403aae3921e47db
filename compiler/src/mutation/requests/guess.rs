//! Guesses at what a condition asks for that is not understood: its own constants, where it reads something.

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use super::Solver;
use super::shape::{Change, What};
use super::solve::{Env, Meaning, Term, listed};
use crate::lower::walk::each_operand;
use crate::program::{Expr, ExprKind};

/// How many constants and places of one condition are put together.
const MAX_CONSTANTS: usize = 8;
const MAX_PLACES: usize = 4;

impl Solver<'_> {
    /// Notes changes that a condition may tell which its outcome was not found for.
    pub fn guess(&self, condition: &Expr, env: &Env) {
        let is_whole = matches!(
            condition.kind,
            ExprKind::Equal(..) | ExprKind::Order(..) | ExprKind::In(..) | ExprKind::Like(..) | ExprKind::Matches(..) | ExprKind::Call { .. }
        );
        if !is_whole {
            return;
        }
        let (mut constants, mut places) = (Vec::new(), Vec::new());
        self.collect(condition, env, &mut constants, &mut places);
        places.iter().for_each(|place| self.meet(Change { at: place.at.clone(), what: What::Present }));
        for (place, value) in places.iter().flat_map(|place| constants.iter().map(move |value| (place, value))) {
            if let Some(what) = held(&place.ty, value) {
                self.meet(Change { at: place.at.clone(), what });
            }
        }
    }

    fn collect(&self, condition: &Expr, env: &Env, constants: &mut Vec<Kept>, places: &mut Vec<Term>) {
        let of_definition = Env::new();
        let mut open = vec![(condition, env)];
        while let Some((expr, env)) = open.pop() {
            if !self.may_go_on() {
                return;
            }
            match (self.meaning(expr, env), &expr.kind) {
                (Some(Meaning::Known(value)), _) => {
                    let values = if matches!(value, Kept::List(_) | Kept::Set(_)) { listed(&value) } else { vec![value] };
                    let room = MAX_CONSTANTS.saturating_sub(constants.len());
                    constants.extend(values.into_iter().take(room));
                }
                (Some(Meaning::Place(place)), _) if place.is_text() => {
                    if self.part_of_tool(&place).is_none() && places.len() < MAX_PLACES {
                        places.push(place);
                    }
                }
                (_, ExprKind::Definition(place)) => {
                    let definition = self.program.definitions.get(*place);
                    open.extend(definition.map(|definition| (&definition.body, &of_definition)));
                }
                _ => each_operand(expr, &mut |operand, _| open.push((operand, env))),
            }
        }
    }
}

/// What to make of a place of a type for it to hold a constant, if it can.
fn held(ty: &Type, value: &Kept) -> Option<What> {
    match (ty, value) {
        (Type::Str | Type::Json, Kept::Str(_)) | (Type::Int | Type::Decimal, Kept::Int(_)) | (Type::Decimal, Kept::Decimal(_)) => {
            Some(What::Put(value.clone()))
        }
        (Type::List(of) | Type::Set(of), Kept::Str(_)) if matches!(**of, Type::Str | Type::Json) => Some(What::Add(value.clone())),
        _ => None,
    }
}
