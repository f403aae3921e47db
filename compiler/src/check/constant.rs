//! Constants that declarations hold: defaults of fields, data and parameters, attributes of tools, ranges of scores.

use std::collections::HashMap;

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic};
use crate::program::Expr;
use crate::syntax::ast::{self, ItemKind};

use super::Checker;
use super::budget::{MAX_CONSTANT, is_too_large};
use super::fold::fold;
use super::presence::strip;
use super::scope::{Reads, Scope};
use super::symbols::{Place, ValueRef};

/// How many `let`s a constant may go through by name before definitions are checked.
const MAX_NAMES: usize = 32;

/// Constants of `let`s that were looked at before definitions are checked.
#[derive(Debug, Default)]
pub(super) struct EarlyConstants {
    known: HashMap<usize, Option<(Kept, Type)>>,
    /// How many `let`s are being looked at, each for the one before.
    depth: usize,
}

impl<'a> Checker<'a> {
    /// The constant that an expression of a declaration is; what is no constant is diagnosed.
    pub(super) fn constant(&mut self, place: Place<'a>, expr: &'a ast::Expr, ty: &Type) -> Option<Kept> {
        let (value_place, value) = self.behind_names(place, expr);
        let known = self.diagnostics.len();
        let (typed, _): (Expr, usize) = self.in_scope(Scope::new(value_place, Reads::Constants), |checker| checker.check(value, ty));
        let is_named = !std::ptr::eq(value, expr);
        if self.diagnostics.len() > known {
            if is_named {
                // What is wrong with the `let` is said where it is checked; here it only is not what is needed.
                self.diagnostics.truncate(known);
                self.no_constant(place, expr, ty);
            }
            return None;
        }
        if typed.ty.is_error() {
            return None;
        }
        let constant = typed.constant().cloned().or_else(|| fold(&typed));
        match &constant {
            None => self.no_constant(place, expr, ty),
            Some(value) if is_too_large(value.view()) => {
                let message = format!("this constant has more than {MAX_CONSTANT} values in it, with those left to defaults");
                self.report(Diagnostic::error(Code::TooLarge, place.at(expr.span), message));
                return None;
            }
            Some(_) => {}
        }
        constant
    }

    fn no_constant(&mut self, place: Place<'a>, expr: &'a ast::Expr, ty: &Type) {
        let message = format!("a constant `{ty}` is needed here");
        self.report(Diagnostic::error(Code::NotConstant, place.at(expr.span), message));
    }

    /// The constant that a `let` is, with its type, where it is named within another constant before definitions are checked.
    pub(super) fn early_constant(&mut self, index: usize) -> Option<(Kept, Type)> {
        if let Some(known) = self.early.known.get(&index) {
            return known.clone();
        }
        let place = *self.symbols.definitions.get(index)?;
        let ItemKind::Let { ty, value, .. } = &place.item.kind else { return None };
        if self.early.depth == MAX_NAMES {
            return None;
        }
        // Whoever comes back here by a cycle finds nothing, and a cycle is diagnosed where definitions are checked.
        self.early.known.insert(index, None);
        self.early.depth += 1;
        let known = self.diagnostics.len();
        let ty = ty.as_ref().map(|ty| self.resolve_type(place, ty, false));
        let (typed, _) = self.in_scope(Scope::new(place, Reads::Constants), |checker| match &ty {
            Some(ty) => checker.check(value, ty),
            None => checker.infer(value),
        });
        self.early.depth -= 1;
        let is_clean = self.diagnostics.len() == known && !typed.ty.is_error();
        self.diagnostics.truncate(known);
        let constant = if is_clean { fold(&typed).map(|value| (value, typed.ty)) } else { None };
        self.early.known.insert(index, constant.clone());
        constant
    }

    /// Where types are resolved before definitions are checked, a name of a `let` stands for what the `let` says.
    fn behind_names(&mut self, place: Place<'a>, expr: &'a ast::Expr) -> (Place<'a>, &'a ast::Expr) {
        let mut current = (place, expr);
        for _ in 0..MAX_NAMES {
            let next = self.named_let(current.0, current.1);
            match next {
                Some(next) => current = next,
                None => break,
            }
        }
        current
    }

    fn named_let(&mut self, place: Place<'a>, expr: &'a ast::Expr) -> Option<(Place<'a>, &'a ast::Expr)> {
        let value = self.value_named(place, strip(expr))?;
        let ValueRef::Definition(index) = value else { return None };
        self.leans_on.push(value);
        let definition = *self.symbols.definitions.get(index)?;
        match &definition.item.kind {
            ItemKind::Let { value, .. } if self.known.signatures.is_empty() => Some((definition, value)),
            _ => None,
        }
    }
}
