//! Diagnostics as code scanning reads them: the Static Analysis Results Interchange Format, version 2.1.0
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>).

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tollgate_compiler::Sources;
use tollgate_compiler::diagnostic::position::LineIndex;
use tollgate_compiler::diagnostic::{Code, Diagnostic, FileId, Fix, Location, Severity};

/// A log of one run.
pub fn log(diagnostics: &[Diagnostic], sources: &Sources) -> Value {
    let writer = Writer { sources, indexes: sources.texts().map(LineIndex::new).collect() };
    let met: BTreeMap<&str, Code> = diagnostics.iter().map(|found| (found.code.code(), found.code)).collect();
    let results: Vec<Value> = diagnostics.iter().map(|found| writer.result(found)).collect();
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "tollgate", "version": env!("CARGO_PKG_VERSION"), "rules": met.into_values().map(rule).collect::<Vec<_>>()}},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

/// A code, with its long page.
fn rule(code: Code) -> Value {
    json!({
        "id": code.code(),
        "name": code.name(),
        "shortDescription": {"text": code.name().replace('-', " ")},
        "help": {"text": code.page(), "markdown": code.page()},
    })
}

struct Writer<'s> {
    sources: &'s Sources,
    indexes: Vec<LineIndex<'s>>,
}

impl Writer<'_> {
    fn result(&self, found: &Diagnostic) -> Value {
        let level = match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let text = match &found.help {
            Some(help) => format!("{}\nHelp: {help}", found.message),
            None => found.message.clone(),
        };
        let mut result = json!({
            "ruleId": found.code.code(),
            "level": level,
            "message": message(&text),
            "locations": [{"physicalLocation": self.place(found.at)}],
        });
        let related = found
            .labels
            .iter()
            .zip(1..)
            .map(|(label, id)| json!({"id": id, "physicalLocation": self.place(label.at), "message": message(&label.text)}));
        let related: Vec<Value> = related.collect();
        let fixes: Vec<Value> = found.fixes.iter().map(|fix| self.fix(fix)).collect();
        for (name, values) in [("relatedLocations", related), ("fixes", fixes)] {
            if let (false, Some(fields)) = (values.is_empty(), result.as_object_mut()) {
                fields.insert(name.to_owned(), values.into());
            }
        }
        result
    }

    /// A fix, with its edits by file.
    fn fix(&self, fix: &Fix) -> Value {
        let mut files: BTreeMap<u32, Vec<Value>> = BTreeMap::new();
        for edit in &fix.edits {
            let replacement = json!({"deletedRegion": self.region(edit.at), "insertedContent": {"text": edit.text}});
            files.entry(edit.at.file.0).or_default().push(replacement);
        }
        let change = |(file, replacements)| json!({"artifactLocation": self.file(FileId(file)), "replacements": replacements});
        json!({"description": message(&fix.title), "artifactChanges": files.into_iter().map(change).collect::<Vec<Value>>()})
    }

    fn place(&self, at: Location) -> Value {
        json!({"artifactLocation": self.file(at.file), "region": self.region(at)})
    }

    /// A file as a relative reference, in which nothing but what names it has a meaning.
    fn file(&self, file: FileId) -> Value {
        json!({"uri": reference(self.sources.path(file))})
    }

    fn region(&self, at: Location) -> Value {
        let Some(index) = self.indexes.get(at.file.0 as usize) else { return json!({"startLine": 1}) };
        let (start, end) = (index.position(at.span.start), index.position(at.span.end));
        json!({"startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column})
    }
}

/// A message, in which a brace alone would begin a placeholder (§3.11.5).
fn message(text: &str) -> Value {
    json!({"text": text.replace('{', "{{").replace('}', "}}")})
}

/// A path as a reference of RFC 3986: other bytes than its unreserved ones and `/` are escaped.
fn reference(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes().map(|byte| if byte == b'\\' { b'/' } else { byte }) {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) { out.push(char::from(byte)) } else { out.push_str(&format!("%{byte:02X}")) }
    }
    if path.starts_with('/') { format!("file://{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn a_path_is_a_reference() {
        let paths = ["./a/b.toll", "/work/é #1.toll", "a:b.toll"];
        assert_eq!(paths.map(reference), ["a/b.toll", "file:///work/%C3%A9%20%231.toll", "a%3Ab.toll"]);
    }
}
