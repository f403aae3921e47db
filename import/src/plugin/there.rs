//! What policies declare that are there already: a tool and an obligation are declared once in a set.

use std::collections::{HashMap, HashSet};

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{ItemKind, Param, Path, Tool, TypeKind};
use tollgate_compiler::syntax::{File, SyntaxLimits, parse};

use crate::Source;

/// A policy that is there, as it is read.
#[derive(Debug)]
pub struct Policy<'s> {
    /// Its file.
    pub source: Source<'s>,
    /// Its package.
    pub package: String,
    file: File,
}

/// Policies that are there.
pub fn policies<'s>(sources: &[Source<'s>]) -> Vec<Policy<'s>> {
    sources.iter().map(|source| Policy::read(*source)).collect()
}

impl<'s> Policy<'s> {
    /// Reads one.
    pub fn read(source: Source<'s>) -> Policy<'s> {
        let (file, _) = parse(source.text, FileId(0), &SyntaxLimits::default());
        let package = file.items.iter().find_map(|item| if let ItemKind::Package(path) = &item.kind { Some(text(path)) } else { None });
        Policy { source, package: package.unwrap_or_default(), file }
    }
}

/// The declarations of policies.
#[derive(Debug, Default)]
pub struct There {
    tools: HashMap<String, DeclaredTool>,
    /// The tools' names by themselves in lower case.
    folded: HashMap<String, String>,
    obligations: HashMap<String, DeclaredObligation>,
    /// The names of values in each package.
    names: HashMap<String, HashSet<String>>,
}

/// A tool that is declared.
#[derive(Debug)]
pub struct DeclaredTool {
    /// The file.
    pub file: String,
    /// The arguments that are texts and must be there.
    texts: Vec<String>,
}

/// An obligation that is declared.
#[derive(Debug)]
pub struct DeclaredObligation {
    /// Its package.
    pub package: String,
    /// Whether it takes a text `command`, and nothing else.
    pub takes_command: bool,
}

impl There {
    /// Those of policies.
    pub fn of<'p, 's: 'p>(policies: impl IntoIterator<Item = &'p Policy<'s>>) -> There {
        let mut there = There::default();
        policies.into_iter().for_each(|policy| there.add(policy));
        there
    }

    /// Adds those of a policy.
    pub fn add(&mut self, policy: &Policy<'_>) {
        for item in &policy.file.items {
            match &item.kind {
                ItemKind::Tool(tool) => {
                    let declared = tool.name.text.to_string();
                    self.folded.insert(declared.to_lowercase(), declared.clone());
                    self.tools.insert(declared, DeclaredTool { file: policy.source.name.to_owned(), texts: texts(tool) });
                }
                ItemKind::Obligation { name, params } => {
                    let declared = DeclaredObligation { package: policy.package.clone(), takes_command: takes_command(params) };
                    self.obligations.insert(name.text.to_string(), declared);
                }
                _ => {}
            }
            if let Some(name) = value(&item.kind) {
                self.names.entry(policy.package.clone()).or_default().insert(name);
            }
        }
    }

    /// The names of values that a package has.
    pub fn names(&self, package: &str) -> impl Iterator<Item = &str> {
        self.names.get(package).into_iter().flatten().map(String::as_str)
    }

    /// The tool of that name.
    pub fn tool(&self, name: &str) -> Option<&DeclaredTool> {
        self.tools.get(name)
    }

    /// A tool whose name differs from this one by case alone.
    pub fn otherwise_written(&self, name: &str) -> Option<(&str, &DeclaredTool)> {
        let known = self.folded.get(&name.to_lowercase()).map(String::as_str).filter(|known| *known != name)?;
        Some((known, self.tools.get(known)?))
    }

    /// The obligation of that name.
    pub fn obligation(&self, name: &str) -> Option<&DeclaredObligation> {
        self.obligations.get(name)
    }
}

impl DeclaredTool {
    /// Whether each call has a text as that argument.
    pub fn has_text(&self, argument: &str) -> bool {
        self.texts.iter().any(|text| text == argument)
    }
}

fn text(path: &Path) -> String {
    path.parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".")
}

fn texts(tool: &Tool) -> Vec<String> {
    let fields = tool.args.iter().flat_map(|args| &args.fields);
    fields.filter(|field| !field.optional && is_string(&field.ty.kind)).map(|field| field.name.text.to_string()).collect()
}

fn takes_command(params: &[Param]) -> bool {
    matches!(params, [only] if only.name.text == "command" && is_string(&only.ty.kind))
}

fn is_string(ty: &TypeKind) -> bool {
    matches!(ty, TypeKind::Named(path) if text(path) == "string")
}

/// The name of a value that an item declares.
fn value(item: &ItemKind) -> Option<String> {
    let name = match item {
        ItemKind::Data { name, .. } | ItemKind::Let { name, .. } | ItemKind::Fn { name, .. } | ItemKind::Score { name, .. } => name,
        ItemKind::Obligation { name, .. } => name,
        ItemKind::Rule(rule) => &rule.name,
        ItemKind::Import { path, alias } => return alias.as_ref().or(path.parts.last()).map(|name| name.text.to_string()),
        _ => return None,
    };
    Some(name.text.to_string())
}
