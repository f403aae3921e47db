//! What an item would be with a name where the cursor is: what comes after the cursor is kept where the whole can be read, and else left out.

use std::cell::OnceCell;

use tollgate_compiler::lint::each_expr;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, Span};
use tollgate_compiler::syntax::lexer::TokenKind;
use tollgate_compiler::{PolicySet, Probe, SymbolKind};
use tollgate_stdlib::types::Type;

use super::context::{Role, missing_branches, roles};
use crate::analysis::reading::{Inside, Reading};

/// Stands where the cursor is.
const PLACEHOLDER: &str = "at_cursor__";

/// An item with a name where the cursor is.
#[derive(Debug)]
pub struct Probed {
    probe: Probe,
    /// Where the name stands, in the item; of a string, where that does.
    cursor: u32,
}

/// The item around a cursor, probed as it is needed.
pub struct Probing<'r, 's> {
    set: &'s PolicySet,
    reading: &'r Reading<'s>,
    name: OnceCell<Option<Probed>>,
    key: OnceCell<Option<Probed>>,
}

impl<'r, 's> Probing<'r, 's> {
    /// Nothing is probed yet.
    pub fn new(set: &'s PolicySet, reading: &'r Reading<'s>) -> Probing<'r, 's> {
        Probing { set, reading, name: OnceCell::new(), key: OnceCell::new() }
    }

    /// With a name, or in a string a text.
    pub fn with_name(&self) -> Option<&Probed> {
        self.name.get_or_init(|| self.probe(PLACEHOLDER)).as_ref()
    }

    /// With the key of a record.
    pub fn with_key(&self) -> Option<&Probed> {
        let has_value = after(self.reading).trim_start().starts_with(':');
        let text = if has_value { PLACEHOLDER.to_owned() } else { format!("{PLACEHOLDER}: none") };
        self.key.get_or_init(|| self.probe(&text)).as_ref()
    }

    fn probe(&self, placeholder: &str) -> Option<Probed> {
        let reading = self.reading;
        let start = reading.item.start;
        let cursor = match reading.inside {
            Inside::Text { literal, .. } => literal.start,
            _ => reading.word.start,
        } - start;
        let read = |text: String| {
            let probe = self.set.probe(reading.file, start, &text, cursor)?;
            (probe.item.span.end > cursor).then_some(Probed { probe, cursor })
        };
        let before = Span { start, end: reading.word.start }.of(reading.text);
        let branches = reading.frame().map(|frame| missing_branches(&frame.tokens)).unwrap_or_default();
        let (end, kept_end) = ends(reading);
        let kept = |branches: &str| format!("{before}{placeholder}{branches}{kept_end}{}", after(reading));
        let cut = || format!("{before}{placeholder}{branches}{end}{}", closing(reading));
        read(kept("")).or_else(|| read(kept(&branches)).filter(|_| !branches.is_empty())).or_else(|| read(cut()))
    }
}

/// What comes after the cursor's word.
fn after<'s>(reading: &Reading<'s>) -> &'s str {
    Span { start: reading.word.end, end: reading.item.end }.of(reading.text)
}

/// What ends the string around the cursor: where what is after it is left out, and where it is kept.
fn ends(reading: &Reading<'_>) -> (&'static str, &'static str) {
    match reading.inside {
        Inside::Text { is_open, .. } => ("\"", if is_open { "\"" } else { "" }),
        Inside::Hole { closing } => ("}\"", closing),
        Inside::Code | Inside::Nothing => ("", ""),
    }
}

/// What closes the brackets around the cursor, and completes the head of a test.
fn closing(reading: &Reading<'_>) -> String {
    let brackets = reading.frames.iter().rev().filter_map(|frame| match frame.opener? {
        TokenKind::LeftBrace => Some(" }"),
        TokenKind::LeftParen => Some(")"),
        _ => Some("]"),
    });
    let roles = roles(reading);
    let is_head = roles.first() == Some(&Role::Item("test")) && !roles.contains(&Role::Test);
    brackets.chain(is_head.then_some(" { input {} }")).collect()
}

impl Probed {
    /// What the probe tells.
    pub fn probe(&self) -> &Probe {
        &self.probe
    }

    /// The expression whose field is at the cursor: what stands before the dot.
    pub fn base(&self) -> Option<&Expr> {
        self.innermost(|expr| match &expr.kind {
            ExprKind::Field { name, .. } | ExprKind::Method { name, .. } => name.span.start == self.cursor,
            ExprKind::Has { field, .. } => field.span.start == self.cursor,
            _ => false,
        })
        .and_then(|expr| match &expr.kind {
            ExprKind::Field { base, .. } | ExprKind::Method { base, .. } | ExprKind::Has { base, .. } => Some(&**base),
            _ => None,
        })
    }

    /// The braces around the cursor that are an expression.
    pub fn braces(&self) -> Option<&Expr> {
        let is_braces = |expr: &Expr| matches!(expr.kind, ExprKind::Record(_) | ExprKind::Set(_) | ExprKind::With { .. });
        self.innermost(|expr| is_braces(expr) && expr.span.start < self.cursor && self.cursor < expr.span.end)
    }

    /// The expression at the cursor.
    pub fn here(&self) -> Option<&Expr> {
        self.innermost(|expr| expr.span.start == self.cursor && matches!(expr.kind, ExprKind::Name(_) | ExprKind::Template { .. }))
    }

    /// The innermost expression of which another is an operand, an entry, or an argument.
    pub fn parent(&self, of: Span) -> Option<&Expr> {
        let is_around = |expr: &Expr| expr.span != of && expr.span.start <= of.start && of.end <= expr.span.end;
        self.innermost(|expr| is_around(expr) && !matches!(expr.kind, ExprKind::Paren(_)))
    }

    /// The smallest expression of which something is true.
    pub fn innermost(&self, mut is_meant: impl FnMut(&Expr) -> bool) -> Option<&Expr> {
        let mut found: Option<&Expr> = None;
        each_expr(&self.probe.item, &mut |expr| {
            let is_smaller = found.is_none_or(|found| expr.span.end - expr.span.start <= found.span.end - found.span.start);
            if is_smaller && is_meant(expr) {
                found = Some(expr);
            }
        });
        found
    }

    /// The type of an expression.
    pub fn type_of(&self, expr: &Expr) -> Option<&Type> {
        self.probe.inspection.type_of(self.placed(expr.span)).filter(|ty| !ty.is_error())
    }

    /// The type that is expected of an expression.
    pub fn expected_of(&self, expr: &Expr) -> Option<&Type> {
        self.probe.inspection.expected_of(self.placed(expr.span))
    }

    /// The thing that an expression names, which its last word stands for.
    pub fn named(&self, expr: &Expr) -> Option<(SymbolKind, &str)> {
        let end = match &expr.kind {
            ExprKind::Name(_) => expr.span,
            ExprKind::Field { name, .. } => name.span,
            _ => return None,
        };
        let at = self.placed(end);
        self.probe.inspection.uses.iter().find(|used| used.at.span == at).map(|used| (used.symbol.kind, &*used.symbol.name))
    }

    fn placed(&self, span: Span) -> Span {
        Span { start: span.start.saturating_add(self.probe.start), end: span.end.saturating_add(self.probe.start) }
    }

    /// The type that the expression at the cursor should have: the one expected, or that of what it is compared with.
    pub fn wanted(&self) -> Option<&Type> {
        let here = self.here()?;
        if let Some(ty) = self.expected_of(here) {
            return Some(ty.present());
        }
        let ExprKind::Binary { left, right, .. } = &self.parent(here.span)?.kind else { return None };
        let other = if left.span == here.span { right } else { left };
        match self.type_of(other)?.present() {
            Type::List(element) | Type::Set(element) => Some(element),
            ty => Some(ty),
        }
    }
}
