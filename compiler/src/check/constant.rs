//! Constants that declarations hold: defaults of fields, data and parameters, attributes of tools, ranges of scores.

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::Code;
use crate::program::Expr;
use crate::syntax::ast::{self, ItemKind};

use super::Checker;
use super::fold::fold;
use super::presence::strip;
use super::scope::{Reads, Scope};
use super::symbols::{Place, ValueRef};

/// How many `let`s a constant may go through by name before definitions are checked.
const MAX_NAMES: usize = 32;

impl<'a> Checker<'a> {
    /// The constant that an expression of a declaration is; what is no constant is diagnosed.
    pub(super) fn constant(&mut self, place: Place<'a>, expr: &'a ast::Expr, ty: &Type) -> Option<Kept> {
        let (value_place, value) = self.behind_names(place, expr);
        let known = self.diagnostics.len();
        let (typed, _): (Expr, usize) = self.in_scope(Scope::new(value_place, Reads::Constants), |checker| checker.check(value, ty));
        if typed.ty.is_error() || self.diagnostics.len() > known {
            return None;
        }
        let constant = typed.constant().cloned().or_else(|| fold(&typed));
        if constant.is_none() {
            let report = |checker: &mut Self| checker.error(Code::NotConstant, expr.span, "a constant is needed here");
            self.in_scope(Scope::new(place, Reads::Constants), report);
        }
        constant
    }

    /// Where types are resolved before definitions are checked, a name of a `let` stands for what the `let` says.
    fn behind_names(&self, place: Place<'a>, expr: &'a ast::Expr) -> (Place<'a>, &'a ast::Expr) {
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

    fn named_let(&self, place: Place<'a>, expr: &'a ast::Expr) -> Option<(Place<'a>, &'a ast::Expr)> {
        let ValueRef::Definition(index) = self.value_named(place, strip(expr))? else { return None };
        let definition = *self.symbols.definitions.get(index)?;
        match &definition.item.kind {
            ItemKind::Let { value, .. } if self.signatures.is_empty() => Some((definition, value)),
            _ => None,
        }
    }
}
