//! The layout of items.

use super::builder::{Builder, Commas, FIELDS, PADDED, Style, TIGHT};
use super::doc::Doc;
use crate::syntax::ast::{By, Claim, Expr, FieldDecl, Item, ItemKind, Param, Rule, ScorePart, Test, TestClause, Tool};
use crate::syntax::ast::{TypeExpr, TypeKind, Variants};

/// One contribution a line, separated by commas.
const PARTS: Style = Style { padded: true, commas: Commas::Between, always_broken: true };

/// One clause a line.
const CLAUSES: Style = Style { padded: true, commas: Commas::None, always_broken: true };

impl Builder<'_> {
    /// Every item of a file, with empty lines between them.
    pub(super) fn items(&mut self, items: &[Item]) {
        let mut previous: Option<&Item> = None;
        for item in items {
            if let Some(previous) = previous {
                if self.has_blank() || !are_close(previous, item) {
                    self.push(Doc::Blank);
                }
                self.push(Doc::HardLine);
            }
            self.item(item);
            previous = Some(item);
        }
        self.blank();
        self.push(Doc::HardLine);
    }

    fn item(&mut self, item: &Item) {
        self.comments();
        if !item.annotations.is_empty() {
            self.group(|builder| {
                for (index, annotation) in item.annotations.iter().enumerate() {
                    if index > 0 {
                        builder.push(Doc::Line);
                    }
                    builder.tokens(2);
                    if builder.peek() == "(" && builder.offset() < annotation.span.end {
                        builder.brackets(TIGHT, &annotation.args, |builder, _| builder.token());
                    }
                }
            });
            self.push(Doc::HardLine);
        }
        self.kind(item);
    }

    fn kind(&mut self, item: &Item) {
        match &item.kind {
            ItemKind::Package(path) => self.words(1, path.parts.len()),
            ItemKind::Import { path, alias } => {
                self.words(1, path.parts.len());
                if alias.is_some() {
                    self.space();
                    self.words(1, 1);
                }
            }
            ItemKind::Enum { variants, .. } => self.enum_item(variants),
            ItemKind::Type { ty, .. } => {
                self.words(1, 1);
                self.space();
                if self.peek() == "=" {
                    self.token();
                    self.space();
                }
                self.ty(ty);
            }
            ItemKind::Data { ty, default, .. } => {
                self.words(1, 1);
                self.ascription(ty);
                self.optional_value(default.as_ref());
            }
            ItemKind::Input { fields, open } => {
                self.token();
                self.space();
                self.fields(fields, *open, CLAUSES);
            }
            ItemKind::Tool(tool) => self.tool(tool),
            ItemKind::Obligation { params, .. } => {
                self.words(1, 1);
                self.params(params);
            }
            ItemKind::Let { ty, value, .. } => {
                self.words(1, 1);
                if let Some(ty) = ty {
                    self.ascription(ty);
                }
                self.value(value);
            }
            ItemKind::Fn { params, result, body, .. } => {
                self.words(1, 1);
                self.params(params);
                if let Some(result) = result {
                    self.space();
                    self.token();
                    self.space();
                    self.ty(result);
                }
                self.value(body);
            }
            ItemKind::Score { low, high, parts, .. } => {
                self.words(1, 1);
                self.token();
                self.space();
                self.expr(low);
                self.token();
                self.expr(high);
                self.space();
                self.brackets(PARTS, parts, Self::score_part);
            }
            ItemKind::Rule(rule) => self.rule(rule),
            ItemKind::Default { because, .. } => {
                self.words(1, 1);
                self.because(because.as_ref());
            }
            ItemKind::Test(test) => self.test(test),
            ItemKind::Property { claims, .. } => {
                self.words(1, 1);
                self.space();
                self.brackets(CLAUSES, claims, Self::claim);
            }
        }
    }

    /// Some words, and after a space a dotted name.
    fn words(&mut self, words: usize, parts: usize) {
        for _ in 0..words {
            self.token();
            self.space();
        }
        self.dotted(parts);
    }

    fn dotted(&mut self, parts: usize) {
        self.tokens((parts * 2).saturating_sub(1));
    }

    /// The colon after a name and the type after it.
    fn ascription(&mut self, ty: &TypeExpr) {
        self.token();
        self.space();
        self.ty(ty);
    }

    fn optional_value(&mut self, value: Option<&Expr>) {
        if let Some(value) = value {
            self.value(value);
        }
    }

    fn because(&mut self, because: Option<&Expr>) {
        if because.is_some() {
            self.space();
            self.words(1, 1);
        }
    }

    fn enum_item(&mut self, variants: &Variants) {
        self.words(1, 1);
        self.space();
        let commas = if variants.ordered { Commas::None } else { Commas::All };
        self.brackets(Style { commas, ..PADDED }, &variants.names, |builder, _| builder.token());
    }

    fn tool(&mut self, tool: &Tool) {
        self.words(1, 1);
        self.space();
        let mut entries: Vec<(u32, Option<&Expr>)> = tool.attributes.iter().map(|(name, value)| (name.span.start, Some(value))).collect();
        entries.extend(tool.args.iter().map(|args| (args.span.start, None)));
        entries.sort_by_key(|(start, _)| *start);
        self.brackets(FIELDS, &entries, |builder, (_, value)| match (value, &tool.args) {
            (Some(value), _) => {
                builder.tokens(2);
                builder.space();
                builder.expr(value);
            }
            (None, Some(args)) => {
                builder.token();
                builder.space();
                builder.fields(&args.fields, args.open, FIELDS);
            }
            (None, None) => {}
        });
    }

    fn params(&mut self, params: &[Param]) {
        self.brackets(TIGHT, params, |builder, param| {
            builder.token();
            builder.ascription(&param.ty);
            builder.optional_value(param.default.as_ref());
        });
    }

    fn score_part(&mut self, part: &ScorePart) {
        self.group(|builder| {
            builder.expr(&part.amount);
            builder.space();
            builder.token();
            builder.space();
            builder.expr(&part.condition);
            if part.because.is_some() {
                builder.indent(|builder| {
                    builder.push(Doc::Line);
                    builder.words(1, 1);
                });
            }
        });
    }

    fn rule(&mut self, rule: &Rule) {
        self.words(1, 1);
        self.indent(|builder| {
            if !rule.on.is_empty() {
                builder.clause(|builder| builder.comma_list(&rule.on, |builder, _| builder.token()));
            }
            for choice in &rule.choices {
                builder.clause(|builder| {
                    builder.space();
                    builder.choice(&choice.source);
                });
            }
            for condition in rule.when.iter().chain(&rule.unless) {
                builder.clause(|builder| {
                    builder.space();
                    builder.expr(condition);
                });
            }
            if rule.because.is_some() {
                builder.clause(|builder| {
                    builder.space();
                    builder.token();
                });
            }
            if !rule.require.is_empty() {
                builder.clause(|builder| {
                    builder.comma_list(&rule.require, |builder, requirement| {
                        builder.dotted(requirement.name.parts.len());
                        builder.depth += 1;
                        builder.brackets(TIGHT, &requirement.args, |builder, (name, value)| {
                            if name.is_some() {
                                builder.tokens(2);
                                builder.space();
                            }
                            builder.expr(value);
                        });
                        builder.depth -= 1;
                    });
                });
            }
        });
    }

    fn clause(&mut self, rest: impl FnOnce(&mut Self)) {
        self.push(Doc::HardLine);
        self.comments();
        self.group(|builder| {
            builder.token();
            rest(builder);
        });
    }

    /// `x in expr`
    fn choice(&mut self, source: &Expr) {
        self.words(1, 1);
        self.space();
        self.expr(source);
    }

    fn test(&mut self, test: &Test) {
        self.words(1, 1);
        if let Some(rows) = &test.rows {
            self.space();
            self.token();
            self.space();
            self.choice(&rows.source);
        }
        self.space();
        self.brackets(CLAUSES, &test.body, Self::test_clause);
    }

    fn test_clause(&mut self, clause: &TestClause) {
        match clause {
            TestClause::Input(value) | TestClause::Result(value) | TestClause::Expect(value) => {
                self.token();
                self.space();
                self.expr(value);
            }
            TestClause::Data { name, value } => {
                self.words(1, name.parts.len());
                self.value(value);
            }
            TestClause::ExpectEffect { by, .. } => self.group(|builder| {
                builder.words(1, 1);
                match by {
                    By::Any => {}
                    By::None => {
                        builder.space();
                        builder.words(1, 1);
                    }
                    By::Rules(rules) => {
                        builder.space();
                        builder.token();
                        builder.comma_list(rules, |builder, rule| builder.dotted(rule.parts.len()));
                    }
                }
            }),
            TestClause::Step { body, .. } => {
                self.words(1, 1);
                self.space();
                self.brackets(CLAUSES, body, Self::test_clause);
            }
        }
    }

    fn claim(&mut self, claim: &Claim) {
        self.words(1, 1);
        if let Some(condition) = &claim.when {
            self.space();
            self.token();
            self.space();
            self.expr(condition);
        }
    }

    pub(super) fn ty(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeKind::Named(path) => self.dotted(path.parts.len()),
            TypeKind::Generic { arg, .. } => {
                self.tokens(2);
                self.ty(arg);
                self.part(">");
            }
            TypeKind::Record { fields, open } => self.fields(fields, *open, FIELDS),
            TypeKind::Enum(variants) => self.group(|builder| {
                builder.token();
                for _ in variants.names.iter().skip(1) {
                    builder.indent(|builder| {
                        builder.push(Doc::Line);
                        builder.token();
                        builder.space();
                        builder.token();
                    });
                }
            }),
            TypeKind::Optional(inner) => {
                self.ty(inner);
                self.part("?");
            }
            TypeKind::With { base, fields, open } => {
                self.ty(base);
                self.space();
                self.token();
                self.space();
                self.fields(fields, *open, FIELDS);
            }
        }
    }

    /// The fields of a record type between their braces, and `..` where it ends them.
    fn fields(&mut self, fields: &[FieldDecl], open: bool, style: Style) {
        let mut entries: Vec<Option<&FieldDecl>> = fields.iter().map(Some).collect();
        if open {
            entries.push(None);
        }
        self.brackets(style, &entries, |builder, field| match field {
            Some(field) => builder.field(field),
            None => builder.token(),
        });
    }

    fn field(&mut self, field: &FieldDecl) {
        self.token();
        if field.optional {
            self.token();
        }
        self.ascription(&field.ty);
        if let Some(refinement) = &field.refinement {
            self.space();
            self.token();
            self.space();
            self.expr(refinement);
        }
        self.optional_value(field.default.as_ref());
    }
}

/// Whether two items may stand on neighbouring lines.
fn are_close(first: &Item, second: &Item) -> bool {
    let short = |kind: &ItemKind| {
        matches!(
            kind,
            ItemKind::Import { .. }
                | ItemKind::Let { .. }
                | ItemKind::Fn { .. }
                | ItemKind::Data { .. }
                | ItemKind::Type { .. }
                | ItemKind::Enum { .. }
                | ItemKind::Obligation { .. }
                | ItemKind::Tool(_)
        )
    };
    short(&first.kind) && std::mem::discriminant(&first.kind) == std::mem::discriminant(&second.kind)
}
