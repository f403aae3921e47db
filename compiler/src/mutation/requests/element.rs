//! Elements of lists of the request that conditions sift: what must stand in the first for it to be left.

use std::sync::Arc;

use super::Solver;
use super::shape::{Step, What};
use super::solve::{Branch, Env, Meaning, State, Term, inner};
use crate::program::{Argument, Expr, ExprKind};
use tollgate_stdlib::Kept;

/// The first element of a list of the request, and the conditions that it must meet to be left, each with what variables stand for in it.
pub struct Sifted {
    element: Term,
    conditions: Vec<(Expr, Env)>,
}

impl Solver<'_> {
    /// The element that a list has where it has one; `None` of a list that is not the request's.
    pub fn sifted(&self, list: &Expr, env: &Env) -> Option<Sifted> {
        if !self.may_go_on() {
            return None;
        }
        match &list.kind {
            ExprKind::Definition(place) => {
                let definition = self.program.definitions.get(*place)?;
                self.note(&definition.name);
                self.sifted(&definition.body, &Env::new())
            }
            ExprKind::Call { function, args } if function.key == "collection.filter" => {
                let [Argument::Value(list), Argument::Lambda { local, body }] = args.as_slice() else { return None };
                let mut sifted = self.sifted(list, env)?;
                let env = self.bound(env, *local, Some(Meaning::Place(sifted.element.clone())));
                sifted.conditions.push((body.clone(), env));
                Some(sifted)
            }
            _ => match self.meaning(list, env)? {
                Meaning::Place(all) if all.via.is_empty() => {
                    let element = all.at_step(Step::Element(0), inner(&all.ty));
                    Some(Sifted { element, conditions: Vec::new() })
                }
                _ => None,
            },
        }
    }

    /// Ways for something to be left of a list, or nothing.
    pub fn left(&self, sifted: &Sifted, wanted: bool, state: State) -> Vec<State> {
        if !wanted {
            return vec![state];
        }
        let present = vec![state.with(&sifted.element.at, What::Present)];
        sifted
            .conditions
            .iter()
            .fold(present, |ways, (condition, env)| ways.into_iter().flat_map(|way| self.solve(condition, true, env, way)).collect())
    }
}

impl Sifted {
    /// The element, which is absent where it is not left.
    pub fn meaning(self) -> Meaning {
        self.conditions.into_iter().rev().fold(Meaning::Place(self.element), |then, condition| {
            Meaning::Branch(Arc::new(Branch { condition, then, otherwise: Meaning::Known(Kept::None) }))
        })
    }
}
