//! The value of a `let` in the place of its name.

use std::mem::{Discriminant, discriminant};

use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::format::expr_to_text;
use tollgate_compiler::lint::each_expr;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, ItemKind, Span};
use tollgate_compiler::{Inspection, ItemAt, PolicySet, SymbolKind, Use};

use super::{Action, ActionKind, Asked, Here, TextEdit, text_of};
use crate::analysis::names::item_of;
use crate::analysis::references::{Access, places};
use crate::analysis::renamed;

/// The value of a `let` of the file in the place of its name, where that means the same.
pub fn offer(asked: &Asked<'_>, here: &Here<'_>) -> Option<Action> {
    let used = here.inspection.uses_at(asked.range.span.start).find(|used| matches!(used.symbol.kind, SymbolKind::Let))?;
    let declared = used.symbol.at.filter(|at| at.file == here.file)?;
    let edits = inline(asked.set, used, declared)?;
    Some(Action::new(format!("inline `{}`", declared.span.of(text_of(asked.set, here.file))), ActionKind::Inline, edits))
}

/// The value of a `let` that is declared there, wherever its file reads it; the `let` goes where no other file reads it.
fn inline(set: &PolicySet, used: &Use, declared: Location) -> Option<Vec<TextEdit>> {
    let item = item_of(set, declared)?;
    let Some(ItemKind::Let { value, ty, .. }) = item.item.map(|item| &item.kind) else { return None };
    // A type that is written may be another than that of the value alone.
    let ty = ty.as_ref().map(|_| used.symbol.ty.to_string());
    let found = places(set, std::slice::from_ref(used), |_| true);
    let (own, others): (Vec<Location>, Vec<Location>) =
        found.into_iter().filter(|(_, access)| *access == Access::Read).map(|(used, _)| used.at).partition(|at| at.file == declared.file);
    if own.is_empty() {
        return None;
    }
    let mut edits = own.iter().map(|at| replaced(set, *at, value)).collect::<Option<Vec<_>>>()?;
    if others.is_empty() {
        edits.push(TextEdit { at: Location { file: declared.file, span: whole(set, declared, &item) }, text: String::new() });
    }
    edits.sort_by_key(|edit| edit.at);
    let (after, moved) = renamed::after(set, &edits).ok()?;
    let now: Vec<Location> = own.iter().map(|at| moved.location(*at)).collect();
    means_the_same(set, (&item, value, ty), &after, &now).then_some(edits)
}

/// The value in the place of a name, in brackets where what is around it needs them; `None` where it cannot stand there.
fn replaced(set: &PolicySet, at: Location, value: &Expr) -> Option<TextEdit> {
    let place = item_of(set, at)?;
    let item = place.item?;
    let within = Span { start: at.span.start - place.start, end: at.span.end - place.start };
    let mut around: Vec<&Expr> = Vec::new();
    each_expr(item, &mut |expr| {
        if expr.span.start <= within.start && within.end <= expr.span.end {
            around.push(expr);
        }
    });
    around.sort_by_key(|expr| expr.span.end - expr.span.start);
    let is_alone = around.first().is_some_and(|expr| matches!(expr.kind, ExprKind::Name(_)) && expr.span == within);
    let text = expr_to_text(value);
    let is_in_text = around.iter().any(|expr| matches!(expr.kind, ExprKind::Template { .. }));
    if !is_alone || (is_in_text && text.contains(['"', '{', '}', '\\'])) {
        return None;
    }
    let text = if needs_brackets(value, around.get(1).copied(), within) { format!("({text})") } else { text };
    Some(TextEdit { at, text })
}

/// Whether a value must stand in brackets in the place of a part of an expression.
fn needs_brackets(value: &Expr, around: Option<&Expr>, part: Span) -> bool {
    let is_part_of_chain = |base: &Expr| base.span == part;
    let is_between_marks = match around.map(|expr| &expr.kind) {
        None | Some(ExprKind::Paren(_) | ExprKind::List(_) | ExprKind::Set(_) | ExprKind::Record(_) | ExprKind::Call { .. }) => true,
        Some(ExprKind::Template { .. }) => true,
        Some(ExprKind::Method { base, .. } | ExprKind::Index { base, .. }) => !is_part_of_chain(base),
        _ => false,
    };
    let is_number = matches!(value.kind, ExprKind::Int(_) | ExprKind::Decimal(_) | ExprKind::Duration(_));
    let is_base = match around.map(|expr| &expr.kind) {
        Some(ExprKind::Method { base, .. } | ExprKind::Index { base, .. } | ExprKind::Field { base, .. }) => is_part_of_chain(base),
        _ => false,
    };
    let is_compound = matches!(
        value.kind,
        ExprKind::Unary { .. }
            | ExprKind::Logic { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Has { .. }
            | ExprKind::If { .. }
            | ExprKind::With { .. }
            | ExprKind::Lambda { .. }
    );
    !is_between_marks && (is_compound || (is_number && is_base))
}

/// The text of a `let` with the comments that belong to it and the end of its line.
fn whole(set: &PolicySet, declared: Location, item: &ItemAt<'_>) -> Span {
    let text = text_of(set, declared.file);
    let own = item.item.map_or(declared.span, |written| item.at(written.span));
    let before = text.get(item.span.start as usize..own.start as usize).unwrap_or_default();
    // Lines of comments right above it are its own.
    let lines = before.trim_end_matches([' ', '\t']).lines().rev().take_while(|line| line.trim_start().starts_with("//"));
    let comments: usize = lines.map(|line| line.len() + 1).sum();
    let begins_line = before.is_empty() || before.contains('\n');
    let start = if begins_line { own.start - u32::try_from(comments.min(before.len())).unwrap_or_default() } else { own.start };
    let rest = text.get(own.end as usize..).unwrap_or_default();
    let line = rest.split_inclusive('\n').next().unwrap_or_default();
    let line_end = if line.trim().is_empty() || line.trim_start().starts_with("//") { line.len() } else { 0 };
    let is_after_blank = text.get(..start as usize).is_none_or(|before| before.is_empty() || before.ends_with("\n\n"));
    let blank = rest.get(line_end..).filter(|_| is_after_blank && line_end > 0).map_or(0, |after| after.len() - after.trim_start_matches('\n').len());
    Span { start, end: own.end + u32::try_from(line_end + blank).unwrap_or_default() }
}

/// Whether the value has the type that it had, and its names stand for what they stood for.
fn means_the_same(set: &PolicySet, (item, value, ty): (&ItemAt<'_>, &Expr, Option<String>), after: &PolicySet, now: &[Location]) -> bool {
    let Some(file) = now.first().map(|at| at.file) else { return false };
    let before = set.inspect(file, item.span);
    let value = item.at(value.span);
    let (ty, words) = (ty.or_else(|| type_of(&before, value)), names(&before, value));
    let inspection = after.inspect(file, Span { start: 0, end: u32::MAX });
    now.iter().all(|at| {
        // Brackets have no type of their own.
        let text = at.span.of(text_of(after, file));
        let inner = if text.starts_with('(') { Span { start: at.span.start + 1, end: at.span.end - 1 } } else { at.span };
        let is_same_type = match (&ty, type_of(&inspection, inner).or_else(|| type_of(&inspection, at.span))) {
            (Some(before), Some(now)) => *before == now,
            _ => true,
        };
        is_same_type && names(&inspection, at.span) == words
    })
}

fn type_of(inspection: &Inspection, span: Span) -> Option<String> {
    inspection.expected_of(span).or_else(|| inspection.type_of(span)).map(ToString::to_string)
}

/// What the names of an expression stand for, in their order.
fn names(inspection: &Inspection, span: Span) -> Vec<(Discriminant<SymbolKind>, String)> {
    let mut uses: Vec<_> = inspection.uses.iter().filter(|used| span.start <= used.at.span.start && used.at.span.end <= span.end).collect();
    uses.sort_by_key(|used| used.at);
    uses.iter().map(|used| (discriminant(&used.symbol.kind), used.symbol.name.to_string())).collect()
}
