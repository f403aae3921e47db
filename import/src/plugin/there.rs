//! What policies declare that are there already: a tool and an obligation are declared once in a set.

use std::collections::HashMap;

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{ItemKind, Param, Path, Tool, TypeKind};
use tollgate_compiler::syntax::{File, SyntaxLimits, parse};

use crate::Source;

/// The declarations of policies.
#[derive(Debug, Default)]
pub struct There {
    tools: HashMap<String, DeclaredTool>,
    /// The tools' names by themselves in lower case.
    folded: HashMap<String, String>,
    obligations: HashMap<String, DeclaredObligation>,
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
    pub fn of(policies: &[Source]) -> There {
        let mut there = There::default();
        for source in policies {
            let (file, _) = parse(source.text, FileId(0), &SyntaxLimits::default());
            there.add(source.name, &file);
        }
        there
    }

    fn add(&mut self, name: &str, file: &File) {
        let mut package = String::new();
        for item in &file.items {
            match &item.kind {
                ItemKind::Package(path) => package = text(path),
                ItemKind::Tool(tool) => {
                    let declared = tool.name.text.to_string();
                    self.folded.insert(declared.to_lowercase(), declared.clone());
                    self.tools.insert(declared, DeclaredTool { file: name.to_owned(), texts: texts(tool) });
                }
                ItemKind::Obligation { name, params } => {
                    let declared = DeclaredObligation { package: package.clone(), takes_command: takes_command(params) };
                    self.obligations.insert(name.text.to_string(), declared);
                }
                _ => {}
            }
        }
    }

    /// The tool of that name.
    pub fn tool(&self, name: &str) -> Option<&DeclaredTool> {
        self.tools.get(name)
    }

    /// A tool whose name differs from this one by case alone.
    pub fn otherwise_written(&self, name: &str) -> Option<&str> {
        self.folded.get(&name.to_lowercase()).map(String::as_str).filter(|known| *known != name)
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
