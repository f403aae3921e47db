//! The other policies of a set: what they name and what their package declares.

use std::collections::HashSet;

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{Item, ItemKind};
use tollgate_compiler::syntax::lexer::{self, TokenKind};
use tollgate_compiler::syntax::{File, SyntaxLimits, parse};

use crate::Source;

/// What stands beside a policy.
#[derive(Debug, Default)]
pub struct Beside {
    /// Every word of the others.
    pub words: HashSet<String>,
    /// The types of the others of its package.
    pub types: HashSet<String>,
    /// The values of its package, its own among them, and the packages that it imports.
    pub values: HashSet<String>,
}

impl Beside {
    /// Of a policy and others.
    pub fn of(policy: &File, others: &[Source]) -> Beside {
        let mut beside = Beside::default();
        beside.values.extend(values(policy));
        let own = package(policy);
        for other in others {
            let words = lexer::lex(other.text).into_iter().filter(|token| token.kind == TokenKind::Word);
            beside.words.extend(words.map(|token| token.span.of(other.text).to_owned()));
            let (file, _) = parse(other.text, FileId(0), &SyntaxLimits::default());
            if package(&file) == own {
                beside.types.extend(types(&file));
                beside.values.extend(values(&file));
            }
        }
        beside
    }
}

/// The name of a file's package.
pub fn package(file: &File) -> Option<String> {
    let named = |item: &Item| match &item.kind {
        ItemKind::Package(path) => Some(path.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")),
        _ => None,
    };
    file.items.iter().find_map(named)
}

fn types(file: &File) -> impl Iterator<Item = String> {
    file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Type { name, .. } | ItemKind::Enum { name, .. } => Some(name.text.to_string()),
        _ => None,
    })
}

/// The names that no variable may have.
pub fn values(file: &File) -> impl Iterator<Item = String> {
    file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Let { name, .. } | ItemKind::Fn { name, .. } | ItemKind::Score { name, .. } | ItemKind::Data { name, .. } => {
            Some(name.text.to_string())
        }
        ItemKind::Import { path, alias } => alias.as_ref().or(path.parts.last()).map(|word| word.text.to_string()),
        _ => None,
    })
}
