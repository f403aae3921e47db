//! Which names a set uses, and where.

use std::collections::HashMap;

use crate::check::symbols::STD;
use crate::diagnostic::Location;
use crate::syntax::ast::{By, Expr, ExprKind, ItemKind, Name, Path, TestClause, TypeKind};

use super::visit::{each_expr, each_type};
use super::{Source, View};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Data, a `let`, a `fn` or a score.
    Value,
    /// A type or enum.
    Type,
    /// A rule, in a test.
    Rule,
    /// An obligation.
    Obligation,
}

/// A use of a name.
pub struct Use<'v, 'a> {
    /// What it stands for.
    pub kind: Kind,
    /// The package that declares it, if anything does.
    pub package: &'a str,
    /// The name.
    pub name: &'a str,
    /// Where it is used.
    pub at: Location,
    /// The item that uses it.
    pub by: Source<'v, 'a>,
}

/// Every use of a name that may be of an item; a variable of that name counts too. `words` get the packages' words that each file uses.
pub fn uses<'v, 'a>(view: &'v View<'a>, words: &mut impl FnMut(Source<'v, 'a>, &'a str)) -> Vec<Use<'v, 'a>> {
    let mut found = Vec::new();
    for source in view.items() {
        let mut user = User { imports: view.symbols.imports.get(&source.file.id), source, words: &mut *words, found: &mut found };
        each_expr(source.item, &mut |expr| user.expr(expr));
        each_type(&source.item.kind, &mut |ty| {
            if let TypeKind::Named(path) = &ty.kind {
                user.path(Kind::Type, path);
            }
        });
        user.paths();
    }
    found
}

struct User<'u, 'v, 'a, W> {
    imports: Option<&'u HashMap<&'a str, &'a str>>,
    source: Source<'v, 'a>,
    words: &'u mut W,
    found: &'u mut Vec<Use<'v, 'a>>,
}

impl<'v, 'a, W: FnMut(Source<'v, 'a>, &'a str)> User<'_, 'v, 'a, W> {
    fn expr(&mut self, expr: &'a Expr) {
        let at = self.source.at(expr.span);
        match &expr.kind {
            ExprKind::Name(name) => self.own(Kind::Value, name, at),
            ExprKind::Call { name, .. } => self.own(Kind::Value, &name.text, self.source.at(name.span)),
            ExprKind::Field { base, name, .. } | ExprKind::Method { base, name, .. } => {
                if let ExprKind::Name(word) = &base.kind {
                    self.of_package(Kind::Value, word, &name.text, at);
                }
            }
            _ => {}
        }
    }

    /// What stands in an item as a path.
    fn paths(&mut self) {
        match &self.source.item.kind {
            ItemKind::Rule(rule) => rule.require.iter().for_each(|required| self.path(Kind::Obligation, &required.name)),
            ItemKind::Test(test) => test.body.iter().for_each(|clause| self.clause(clause)),
            _ => {}
        }
    }

    fn clause(&mut self, clause: &'a TestClause) {
        match clause {
            TestClause::Data { name, .. } => self.path(Kind::Value, name),
            TestClause::ExpectEffect { by: By::Rules(rules), .. } => rules.iter().for_each(|rule| self.path(Kind::Rule, rule)),
            TestClause::Step { body, .. } => body.iter().for_each(|clause| self.clause(clause)),
            _ => {}
        }
    }

    fn path(&mut self, kind: Kind, path: &'a Path) {
        let at = self.source.at(path.span);
        match path.parts.as_slice() {
            [name] => self.own(kind, &name.text, at),
            [word, name] => self.of_package(kind, &word.text, &name.text, at),
            [package @ .., _] => self.in_full(package),
            [] => {}
        }
    }

    /// A package that is named in full, for which no import is needed; one of it is not in vain.
    fn in_full(&mut self, package: &'a [Name]) {
        let full = package.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        let words = self.imports.into_iter().flatten().filter(|(_, package)| ***package == *full);
        words.for_each(|(word, _)| (self.words)(self.source, word));
    }

    fn own(&mut self, kind: Kind, name: &'a str, at: Location) {
        self.found.push(Use { kind, package: self.source.file.package, name, at, by: self.source });
    }

    fn of_package(&mut self, kind: Kind, word: &'a str, name: &'a str, at: Location) {
        let Some(package) = self.imports.and_then(|imports| imports.get(word)) else { return };
        (self.words)(self.source, word);
        if *package != STD {
            self.found.push(Use { kind, package, name, at, by: self.source });
        }
    }
}
