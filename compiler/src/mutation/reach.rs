//! Which definitions rules and scores come to: what only tests use is no part of the policy.

use std::collections::{HashMap, HashSet};

use crate::syntax::ast::{Expr, ExprKind, Item, ItemKind};
use crate::syntax::walk;

/// The names of all definitions that a rule, a score or a type may read. Names are taken without their packages: too many are found rather than too few.
pub fn names_of_policy<'t>(items: impl Iterator<Item = &'t Item>) -> HashSet<&'t str> {
    let mut bodies: HashMap<&str, Vec<&Expr>> = HashMap::new();
    let mut pending: Vec<&Expr> = Vec::new();
    let mut packages: HashSet<&str> = HashSet::new();
    for item in items {
        match &item.kind {
            ItemKind::Package(path) => packages.extend(path.parts.last().map(|name| &*name.text)),
            ItemKind::Import { alias, .. } => packages.extend(alias.iter().map(|name| &*name.text)),
            ItemKind::Let { name, value, .. } => bodies.entry(&name.text).or_default().push(value),
            ItemKind::Fn { name, body, .. } => bodies.entry(&name.text).or_default().push(body),
            ItemKind::Rule(rule) => {
                pending.extend(rule.choices.iter().map(|choice| &choice.source));
                pending.extend(rule.when.iter().chain(&rule.unless).chain(&rule.because));
                pending.extend(rule.require.iter().flat_map(|requirement| requirement.args.iter().map(|(_, value)| value)));
            }
            ItemKind::Score { parts, .. } => pending.extend(parts.iter().flat_map(|part| [&part.amount, &part.condition])),
            _ => {}
        }
    }
    let mut reached = HashSet::new();
    while let Some(expr) = pending.pop() {
        walk(expr, &mut |expr| {
            let name = match &expr.kind {
                ExprKind::Name(name) => name,
                // A field of a value is no definition, that of a package is.
                ExprKind::Field { base, name, .. } if matches!(&base.kind, ExprKind::Name(base) if packages.contains(&**base)) => &name.text,
                ExprKind::Method { name, .. } | ExprKind::Call { name, .. } => &name.text,
                _ => return,
            };
            if let Some((name, bodies)) = bodies.remove_entry(&**name) {
                reached.insert(name);
                pending.extend(bodies);
            }
        });
    }
    reached
}
