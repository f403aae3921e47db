//! Every expression and type of an item.

use crate::syntax::ast::{Expr, FieldDecl, Item, ItemKind, Rule, TestClause, TypeExpr, TypeKind};
use crate::syntax::walk;

/// Calls back with every expression of an item, those within others too.
pub fn each_expr<'a>(item: &'a Item, visit: &mut impl FnMut(&'a Expr)) {
    each_root(&item.kind, &mut |root| walk(root, visit));
}

/// Calls back with the outermost expressions of an item, in written order.
pub fn each_root<'a>(kind: &'a ItemKind, visit: &mut impl FnMut(&'a Expr)) {
    each_type(kind, &mut |ty| {
        let (TypeKind::Record { fields, .. } | TypeKind::With { fields, .. }) = &ty.kind else { return };
        of_fields(fields, visit);
    });
    match kind {
        ItemKind::Package(_) | ItemKind::Import { .. } | ItemKind::Enum { .. } | ItemKind::Type { .. } => {}
        ItemKind::Data { default, .. } => default.iter().for_each(visit),
        ItemKind::Input { fields, .. } => of_fields(fields, visit),
        ItemKind::Tool(tool) => {
            tool.attributes.iter().for_each(|(_, value)| visit(value));
            tool.args.iter().for_each(|args| of_fields(&args.fields, visit));
        }
        ItemKind::Obligation { params, .. } => params.iter().flat_map(|param| &param.default).for_each(visit),
        ItemKind::Let { value, .. } => visit(value),
        ItemKind::Fn { body, .. } => visit(body),
        ItemKind::Score { low, high, parts, .. } => {
            [low, high].into_iter().for_each(&mut *visit);
            parts.iter().flat_map(|part| [Some(&part.amount), Some(&part.condition), part.because.as_ref()]).flatten().for_each(visit);
        }
        ItemKind::Rule(rule) => of_rule(rule, visit),
        ItemKind::Default { because, .. } => because.iter().for_each(visit),
        ItemKind::Test(test) => {
            visit(&test.title);
            test.rows.iter().for_each(|rows| visit(&rows.source));
            test.body.iter().for_each(|clause| of_clause(clause, visit));
        }
        ItemKind::Property { claims, .. } => claims.iter().flat_map(|claim| &claim.when).for_each(visit),
    }
}

fn of_fields<'a>(fields: &'a [FieldDecl], visit: &mut impl FnMut(&'a Expr)) {
    fields.iter().flat_map(|field| field.refinement.iter().chain(&field.default)).for_each(visit);
}

fn of_rule<'a>(rule: &'a Rule, visit: &mut impl FnMut(&'a Expr)) {
    rule.choices.iter().for_each(|choice| visit(&choice.source));
    [&rule.when, &rule.unless, &rule.because].into_iter().flatten().for_each(&mut *visit);
    rule.require.iter().flat_map(|required| &required.args).for_each(|(_, value)| visit(value));
}

/// The outermost expressions of a test's clause. Steps hold no steps.
pub fn of_clause<'a>(clause: &'a TestClause, visit: &mut impl FnMut(&'a Expr)) {
    match clause {
        TestClause::Input(value) | TestClause::Data { value, .. } | TestClause::Result(value) | TestClause::Expect(value) => visit(value),
        TestClause::ExpectEffect { .. } => {}
        TestClause::Step { title, body, .. } => {
            visit(title);
            body.iter().for_each(|clause| of_clause(clause, visit));
        }
    }
}

/// Calls back with every type that an item writes, those within others too.
pub fn each_type<'a>(kind: &'a ItemKind, visit: &mut impl FnMut(&'a TypeExpr)) {
    let mut pending: Vec<&TypeExpr> = Vec::new();
    match kind {
        ItemKind::Type { ty, .. } | ItemKind::Data { ty, .. } => pending.push(ty),
        ItemKind::Let { ty, .. } => pending.extend(ty),
        ItemKind::Input { fields, .. } => pending.extend(fields.iter().map(|field| &field.ty)),
        ItemKind::Tool(tool) => pending.extend(tool.args.iter().flat_map(|args| &args.fields).map(|field| &field.ty)),
        ItemKind::Obligation { params, .. } => pending.extend(params.iter().map(|param| &param.ty)),
        ItemKind::Fn { params, result, .. } => pending.extend(params.iter().map(|param| &param.ty).chain(result)),
        _ => {}
    }
    while let Some(ty) = pending.pop() {
        visit(ty);
        match &ty.kind {
            TypeKind::Named(_) | TypeKind::Enum(_) => {}
            TypeKind::Generic { arg: inner, .. } | TypeKind::Optional(inner) => pending.push(inner),
            TypeKind::Record { fields, .. } => pending.extend(fields.iter().map(|field| &field.ty)),
            TypeKind::With { base, fields, .. } => {
                pending.push(base);
                pending.extend(fields.iter().map(|field| &field.ty));
            }
        }
    }
}
