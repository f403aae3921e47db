//! Parts of the syntax trees of items.

use tollgate_compiler::check::symbols;
use tollgate_compiler::lint::each_expr;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, FieldDecl, Item, ItemKind, Name, Param, Span, TestClause, TypeExpr, TypeKind};
use tollgate_compiler::syntax::lexer::{self, Token};

/// A part of an item.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    /// A field that it declares, in a record within another too.
    Field(&'a FieldDecl),
    /// A type that it names.
    Type(&'a TypeExpr),
    /// An expression, of which no other is around.
    Expr(&'a Expr),
}

/// Visits the parts of an item, outermost first.
pub fn each_part<'a>(item: &'a Item, visit: &mut impl FnMut(Part<'a>)) {
    match &item.kind {
        ItemKind::Package(_) | ItemKind::Import { .. } | ItemKind::Enum { .. } => {}
        ItemKind::Type { ty, .. } => in_type(ty, visit),
        ItemKind::Data { ty, default, .. } => {
            in_type(ty, visit);
            in_exprs(default, visit);
        }
        ItemKind::Input { fields, .. } => in_fields(fields, visit),
        ItemKind::Tool(tool) => {
            in_exprs(tool.attributes.iter().map(|(_, value)| value), visit);
            tool.args.iter().for_each(|args| in_fields(&args.fields, visit));
        }
        ItemKind::Obligation { params, .. } => in_params(params, visit),
        ItemKind::Let { ty, value, .. } => {
            ty.iter().for_each(|ty| in_type(ty, visit));
            visit(Part::Expr(value));
        }
        ItemKind::Fn { params, result, body, .. } => {
            in_params(params, visit);
            result.iter().for_each(|ty| in_type(ty, visit));
            visit(Part::Expr(body));
        }
        ItemKind::Score { low, high, parts, .. } => {
            in_exprs([low, high], visit);
            parts.iter().for_each(|part| in_exprs([&part.amount, &part.condition].into_iter().chain(&part.because), visit));
        }
        ItemKind::Rule(rule) => {
            let clauses = rule.when.iter().chain(&rule.unless).chain(&rule.because);
            in_exprs(rule.choices.iter().map(|choice| &choice.source).chain(clauses), visit);
            in_exprs(rule.require.iter().flat_map(|required| &required.args).map(|(_, value)| value), visit);
        }
        ItemKind::Default { because, .. } => in_exprs(because, visit),
        ItemKind::Test(test) => {
            in_exprs([&test.title].into_iter().chain(test.rows.iter().map(|rows| &rows.source)), visit);
            in_clauses(&test.body, visit);
        }
        ItemKind::Property { claims, .. } => in_exprs(claims.iter().filter_map(|claim| claim.when.as_ref()), visit),
    }
}

/// Visits the fields that an item declares, those of records within records too, outermost first.
pub fn each_field<'a>(item: &'a Item, visit: &mut impl FnMut(&'a FieldDecl)) {
    each_part(item, &mut |part| {
        if let Part::Field(field) = part {
            visit(field);
        }
    });
}

/// Visits the names of the variables that an item has: choices, rows, and parameters of functions.
pub fn each_variable<'a>(item: &'a Item, visit: &mut impl FnMut(&'a Name)) {
    match &item.kind {
        ItemKind::Fn { params, .. } => params.iter().for_each(|param| visit(&param.name)),
        ItemKind::Rule(rule) => rule.choices.iter().for_each(|choice| visit(&choice.name)),
        ItemKind::Test(test) => test.rows.iter().for_each(|rows| visit(&rows.name)),
        _ => {}
    }
    each_expr(item, &mut |expr| {
        if let ExprKind::Lambda { param, .. } = &expr.kind {
            visit(param);
        }
    });
}

/// A parameter with its type and default.
pub fn param_span(param: &Param) -> Span {
    param.name.span.to(param.default.as_ref().map_or(param.ty.span, |default| default.span))
}

/// The parameters that an item declares.
pub fn params_of(item: &Item) -> &[Param] {
    match &item.kind {
        ItemKind::Obligation { params, .. } | ItemKind::Fn { params, .. } => params,
        _ => &[],
    }
}

/// Where an item has its name or title.
pub fn name_of(item: &Item) -> Option<Span> {
    match &item.kind {
        ItemKind::Tool(tool) => Some(tool.name.span),
        ItemKind::Test(test) => Some(test.title.span),
        ItemKind::Property { title, .. } => Some(title.span),
        ItemKind::Package(path) | ItemKind::Import { path, .. } => Some(path.span),
        _ => symbols::name_of(item).map(|name| name.span),
    }
}

/// The tokens of a part of a text, at their places in the whole.
pub fn lexed(part: Span, text: &str) -> Vec<Token> {
    let moved = |token: Token| Token { span: Span { start: token.span.start + part.start, end: token.span.end + part.start }, ..token };
    lexer::lex(part.of(text)).into_iter().map(moved).collect()
}

fn in_exprs<'a>(exprs: impl IntoIterator<Item = &'a Expr>, visit: &mut impl FnMut(Part<'a>)) {
    exprs.into_iter().for_each(|expr| visit(Part::Expr(expr)));
}

fn in_params<'a>(params: &'a [Param], visit: &mut impl FnMut(Part<'a>)) {
    for param in params {
        in_type(&param.ty, visit);
        in_exprs(&param.default, visit);
    }
}

fn in_fields<'a>(fields: &'a [FieldDecl], visit: &mut impl FnMut(Part<'a>)) {
    for field in fields {
        visit(Part::Field(field));
        in_type(&field.ty, visit);
        in_exprs(field.refinement.iter().chain(&field.default), visit);
    }
}

/// Types nest no deeper than the parser lets them.
fn in_type<'a>(ty: &'a TypeExpr, visit: &mut impl FnMut(Part<'a>)) {
    visit(Part::Type(ty));
    match &ty.kind {
        TypeKind::Named(_) | TypeKind::Enum(_) => {}
        TypeKind::Generic { arg: inner, .. } | TypeKind::Optional(inner) => in_type(inner, visit),
        TypeKind::Record { fields, .. } => in_fields(fields, visit),
        TypeKind::With { base, fields, .. } => {
            in_type(base, visit);
            in_fields(fields, visit);
        }
    }
}

/// Steps have no steps in them.
fn in_clauses<'a>(clauses: &'a [TestClause], visit: &mut impl FnMut(Part<'a>)) {
    for clause in clauses {
        match clause {
            TestClause::Input(value) | TestClause::Data { value, .. } | TestClause::Result(value) | TestClause::Expect(value) => {
                visit(Part::Expr(value))
            }
            TestClause::ExpectEffect { .. } => {}
            TestClause::Step { title, body, .. } => {
                visit(Part::Expr(title));
                in_clauses(body, visit);
            }
        }
    }
}
