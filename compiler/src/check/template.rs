//! Templates: strings with holes.

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::program::{Expr, ExprKind};
use crate::syntax::ast::{self, Span, TemplatePart};

use super::Checker;
use super::literal::{plain_parts, plain_text};

impl<'a> Checker<'a> {
    /// A string literal: a constant without holes, else its parts printed one after the other.
    pub(super) fn template(&mut self, parts: &'a [TemplatePart], span: Span) -> Expr {
        if let Some(text) = plain_parts(parts) {
            return self.constant_expr(Kept::Str(text.into()), Type::Str, span);
        }
        let typed: Vec<Expr> = parts
            .iter()
            .map(|part| match part {
                TemplatePart::Text(text) => self.constant_expr(Kept::Str(text.as_str().into()), Type::Str, span),
                TemplatePart::Hole { expr, .. } => self.hole(expr),
            })
            .collect();
        let errs = typed.iter().any(|part| part.errs);
        Expr { kind: ExprKind::Text(typed), ty: Type::Str, at: self.at(span), errs, free: false }
    }

    fn hole(&mut self, expr: &'a ast::Expr) -> Expr {
        let typed = self.infer(expr);
        if !is_printable(&typed.ty) {
            let message = format!("a hole cannot print `{}`", typed.ty);
            let help = "holes take scalars, enums, `json` scalars, and lists or sets of those";
            self.report(Diagnostic::error(Code::HoleType, typed.at, message).with_help(help));
        }
        typed
    }

    /// The text of a string that must be constant: a literal without holes, or a `let` that is one. `otherwise`: what to do with other text, of
    /// which `instead` does it.
    pub(super) fn constant_text(&mut self, expr: &'a ast::Expr, what: &str, otherwise: &str, instead: Option<Fix>) -> Option<String> {
        if let Some(text) = plain_text(expr) {
            return Some(text);
        }
        if let ast::ExprKind::Template { parts, .. } = &super::presence::strip(expr).kind {
            let hole = parts.iter().find_map(|part| if let TemplatePart::Hole { span, .. } = part { Some(*span) } else { None });
            let help = "write `{{` and `}}` for braces, or a raw string: `r\"…\"`";
            self.error_with_help(Code::HoleNotAllowed, hole.unwrap_or(expr.span), format!("{what} takes no holes"), help);
            return None;
        }
        let typed = self.infer(expr);
        match typed.constant() {
            Some(Kept::Str(text)) => Some(text.to_string()),
            _ => {
                if !typed.ty.is_error() {
                    let message = format!("{what} must be a constant string");
                    let mut diagnostic = Diagnostic::error(Code::NotConstant, self.at(expr.span), message).with_help(otherwise);
                    diagnostic.fixes.extend(instead.filter(|_| matches!(typed.ty, Type::Str)));
                    self.report(diagnostic);
                }
                None
            }
        }
    }
}

fn is_printable(ty: &Type) -> bool {
    let is_scalar = |ty: &Type| ty.is_scalar() || matches!(ty, Type::Json | Type::None);
    match ty.present() {
        Type::List(element) | Type::Set(element) => is_scalar(element.present()),
        other => is_scalar(other),
    }
}
