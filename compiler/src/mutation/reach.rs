//! What decides calls: what only tests use, or only data have, is not told apart by any request.

use std::collections::{HashMap, HashSet};

use crate::syntax::ast::{Expr, ExprKind, FieldDecl, Item, ItemKind, Name, Param, Rule, TypeExpr, TypeKind};
use crate::syntax::walk;

/// What rules, scores and requests come to. Names are taken without their packages: too many are found rather than too few.
#[derive(Default)]
pub struct Reached<'t> {
    /// The `let`s and `fn`s that a rule, a score or a request's types read.
    pub definitions: HashSet<&'t str>,
    /// The types of what requests bring.
    pub types: HashSet<&'t str>,
    /// The fields that rules and scores read.
    pub fields: HashSet<&'t str>,
    /// The fields that rules and scores read by themselves: in rules alone arguments have types, and defaults with them.
    pub arguments: HashSet<&'t str>,
}

impl<'t> Reached<'t> {
    /// What the policy of those items comes to.
    pub fn of(items: impl Iterator<Item = &'t Item>) -> Reached<'t> {
        let mut declared = Declared::default();
        items.for_each(|item| declared.item(item));
        let mut reached = Reached::default();
        let refinements = reached.types(&mut declared);
        let read = std::mem::take(&mut declared.read);
        read.iter().for_each(|read| reached.arguments(read.expr));
        reached.definitions(&mut declared, read, true);
        reached.definitions(&mut declared, refinements, false);
        reached
    }

    /// Follows the types of what requests bring, whose refinements it gives.
    fn types(&mut self, declared: &mut Declared<'t>) -> Vec<Read<'t>> {
        let (mut fields, mut refinements) = (std::mem::take(&mut declared.brought), Vec::new());
        while let Some(field) = fields.pop() {
            refinements.extend(field.refinement.iter().map(|expr| Read { expr, variables: Vec::new() }));
            let mut pending = vec![&field.ty];
            while let Some(ty) = pending.pop() {
                fields.extend(fields_of(ty));
                pending.extend(inner(ty));
                let TypeKind::Named(path) = &ty.kind else { continue };
                let known = path.parts.last().and_then(|name| declared.types.remove_entry(&*name.text));
                if let Some((name, bodies)) = known {
                    self.types.insert(name);
                    pending.extend(bodies);
                }
            }
        }
        refinements
    }

    /// Takes the names of the fields that a rule reads by itself.
    fn arguments(&mut self, expr: &'t Expr) {
        walk(expr, &mut |expr| {
            if let ExprKind::Field { name, .. } | ExprKind::Has { field: name, .. } = &expr.kind {
                self.arguments.insert(&name.text);
            }
        });
    }

    /// Follows the definitions that expressions read, with the fields that they read.
    fn definitions(&mut self, declared: &mut Declared<'t>, mut pending: Vec<Read<'t>>, with_fields: bool) {
        while let Some(read) = pending.pop() {
            let variables = read.variables();
            walk(read.expr, &mut |expr| {
                let name = match &expr.kind {
                    ExprKind::Name(name) if variables.contains(&**name) => return,
                    ExprKind::Name(name) => &**name,
                    ExprKind::Field { base, name, .. } => {
                        if with_fields {
                            self.fields.insert(&*name.text);
                        }
                        // A field of a value is no definition, that of a package is.
                        match &base.kind {
                            ExprKind::Name(base) if declared.packages.contains(&**base) && !variables.contains(&**base) => &*name.text,
                            _ => return,
                        }
                    }
                    ExprKind::Method { name, .. } | ExprKind::Call { name, .. } => &*name.text,
                    _ => return,
                };
                if with_fields {
                    self.fields.insert(name);
                }
                if let Some((name, bodies)) = declared.bodies.remove_entry(name) {
                    self.definitions.insert(name);
                    pending.extend(bodies);
                }
            });
        }
    }
}

/// An expression that is read.
#[derive(Clone)]
struct Read<'t> {
    expr: &'t Expr,
    /// The variables that are bound around it: parameters, and those of `for`.
    variables: Vec<&'t str>,
}

impl<'t> Read<'t> {
    /// The names that stand for variables in it, and so for no definition: no variable has the name of one that it could mean.
    fn variables(&self) -> HashSet<&'t str> {
        let mut names: HashSet<&str> = self.variables.iter().copied().collect();
        walk(self.expr, &mut |expr| {
            if let ExprKind::Lambda { param, .. } = &expr.kind {
                names.insert(&param.text);
            }
        });
        names
    }
}

/// What a set declares, by name.
#[derive(Default)]
struct Declared<'t> {
    bodies: HashMap<&'t str, Vec<Read<'t>>>,
    types: HashMap<&'t str, Vec<&'t TypeExpr>>,
    packages: HashSet<&'t str>,
    /// What rules and scores read.
    read: Vec<Read<'t>>,
    /// What requests bring.
    brought: Vec<&'t FieldDecl>,
}

impl<'t> Declared<'t> {
    fn item(&mut self, item: &'t Item) {
        match &item.kind {
            ItemKind::Package(path) => self.packages.extend(path.parts.last().map(|name| &*name.text)),
            ItemKind::Import { alias, .. } => self.packages.extend(alias.iter().map(|name| &*name.text)),
            ItemKind::Let { name, value, .. } => self.define(name, value, &[]),
            ItemKind::Fn { name, params, body, .. } => self.define(name, body, params),
            ItemKind::Type { name, ty } => self.types.entry(&name.text).or_default().push(ty),
            ItemKind::Input { fields, .. } => self.brought.extend(fields),
            ItemKind::Tool(tool) => self.brought.extend(tool.args.iter().flat_map(|args| &args.fields)),
            ItemKind::Rule(rule) => self.rule(rule),
            ItemKind::Score { parts, .. } => {
                let read = parts.iter().flat_map(|part| [&part.amount, &part.condition]);
                self.read.extend(read.map(|expr| Read { expr, variables: Vec::new() }));
            }
            _ => {}
        }
    }

    fn define(&mut self, name: &'t Name, expr: &'t Expr, params: &'t [Param]) {
        let variables = params.iter().map(|param| &*param.name.text).collect();
        self.bodies.entry(&name.text).or_default().push(Read { expr, variables });
    }

    fn rule(&mut self, rule: &'t Rule) {
        let variables: Vec<&str> = rule.choices.iter().map(|choice| &*choice.name.text).collect();
        let required = rule.require.iter().flat_map(|requirement| requirement.args.iter().map(|(_, value)| value));
        let sources = rule.choices.iter().map(|choice| &choice.source);
        let read = sources.chain(&rule.when).chain(&rule.unless).chain(&rule.because).chain(required);
        self.read.extend(read.map(|expr| Read { expr, variables: variables.clone() }));
    }
}

/// The fields that a type declares.
pub fn fields_of(ty: &TypeExpr) -> &[FieldDecl] {
    match &ty.kind {
        TypeKind::Record { fields, .. } | TypeKind::With { fields, .. } => fields,
        _ => &[],
    }
}

/// The type within a type, those of fields apart.
pub fn inner(ty: &TypeExpr) -> Option<&TypeExpr> {
    match &ty.kind {
        TypeKind::With { base: inner, .. } | TypeKind::Generic { arg: inner, .. } | TypeKind::Optional(inner) => Some(inner),
        TypeKind::Named(_) | TypeKind::Enum(_) | TypeKind::Record { .. } => None,
    }
}
