//! The other policies of a set: what they name and what their package declares.

use std::collections::{HashMap, HashSet};

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
    /// The values of the others of its package, and what they import.
    pub values: HashSet<String>,
    /// The tools that others declare, with their files.
    pub tools: HashMap<String, String>,
}

impl Beside {
    /// What stands beside a policy of a package.
    pub fn of(own: Option<&str>, others: &[Source]) -> Beside {
        let mut beside = Beside::default();
        for other in others {
            let words = lexer::lex(other.text).into_iter().filter(|token| token.kind == TokenKind::Word);
            beside.words.extend(words.map(|token| token.span.of(other.text).to_owned()));
            let (file, _) = parse(other.text, FileId(0), &SyntaxLimits::default());
            beside.tools.extend(tools(&file).map(|tool| (tool, other.name.to_owned())));
            if package(&file).as_deref() == own {
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

fn tools(file: &File) -> impl Iterator<Item = String> {
    file.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Tool(tool) => Some(tool.name.text.to_string()),
        _ => None,
    })
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
