//! Findings.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{LazyLock, Mutex, PoisonError};

use tollgate_compiler::diagnostic::{Code, Diagnostic, Severity};
use tower_lsp::ls_types::{self as lsp, CodeDescription, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, NumberOrString, Uri};

use crate::findings::FileFindings;
use crate::library;
use crate::view::View;

/// Who says it.
pub const SOURCE: &str = "tollgate";

/// A finding as the editor shows it.
pub fn diagnostic(view: &View, found: &Diagnostic) -> lsp::Diagnostic {
    let related = found.labels.iter().filter_map(|label| {
        let location = view.location(label.at)?;
        Some(DiagnosticRelatedInformation { location, message: label.text.clone() })
    });
    let related: Vec<_> = related.collect();
    lsp::Diagnostic {
        range: view.range_of(found.at),
        severity: Some(severity(found.severity)),
        code: Some(NumberOrString::String(found.code.code().to_owned())),
        code_description: description(found.code),
        source: Some(SOURCE.to_owned()),
        message: message(found),
        related_information: (!related.is_empty()).then_some(related),
        tags: tag(found.code).map(|tag| vec![tag]),
        data: None,
    }
}

/// The message with the text that stands under the place and the help, each on its line.
fn message(found: &Diagnostic) -> String {
    let label = (!found.label.is_empty()).then(|| found.label.clone());
    let help = found.help.as_ref().map(|help| format!("help: {help}"));
    let lines: Vec<String> = std::iter::once(found.message.clone()).chain(label).chain(help).collect();
    lines.join("\n")
}

fn severity(severity: Severity) -> DiagnosticSeverity {
    match severity {
        Severity::Error => DiagnosticSeverity::ERROR,
        Severity::Warning => DiagnosticSeverity::WARNING,
        Severity::Note => DiagnosticSeverity::INFORMATION,
    }
}

/// How an editor paints what is not used or should not be.
fn tag(code: Code) -> Option<DiagnosticTag> {
    let name = code.name();
    if name.starts_with("unused") || name == "duplicate-rule" {
        Some(DiagnosticTag::UNNECESSARY)
    } else if name.starts_with("deprecated") {
        Some(DiagnosticTag::DEPRECATED)
    } else {
        None
    }
}

/// The page of a code, as `tollgate explain` shows it.
fn description(code: Code) -> Option<CodeDescription> {
    static PAGES: LazyLock<Mutex<HashMap<Code, Option<Uri>>>> = LazyLock::new(Mutex::default);
    let mut pages = PAGES.lock().unwrap_or_else(PoisonError::into_inner);
    let href = pages.entry(code).or_insert_with(|| Uri::from_file_path(library::page(code)?)).clone()?;
    Some(CodeDescription { href })
}

/// The findings of a file for an editor that asks for them and may know them already.
pub fn report(items: Vec<lsp::Diagnostic>, known: Option<String>) -> lsp::DocumentDiagnosticReportResult {
    let id = id_of(&items);
    let report = if known.as_ref() == Some(&id) {
        lsp::DocumentDiagnosticReport::Unchanged(lsp::RelatedUnchangedDocumentDiagnosticReport {
            unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport { result_id: id },
            related_documents: None,
        })
    } else {
        lsp::DocumentDiagnosticReport::Full(lsp::RelatedFullDocumentDiagnosticReport {
            full_document_diagnostic_report: lsp::FullDocumentDiagnosticReport { result_id: Some(id), items },
            ..Default::default()
        })
    };
    lsp::DocumentDiagnosticReportResult::Report(report)
}

/// The findings of all files; those that the editor knows and that are no more are told as none.
pub fn reports(found: BTreeMap<Uri, FileFindings>, known: Vec<lsp::PreviousResultId>) -> lsp::WorkspaceDiagnosticReportResult {
    let known: BTreeMap<Uri, String> = known.into_iter().map(|known| (known.uri, known.value)).collect();
    let gone = known.keys().filter(|uri| !found.contains_key(uri)).map(|uri| (uri.clone(), FileFindings::default()));
    let all: Vec<(Uri, FileFindings)> = gone.chain(found.clone()).collect();
    let items = all.into_iter().map(|(uri, file)| {
        let version = file.version.map(i64::from);
        let id = id_of(&file.diagnostics);
        if known.get(&uri) == Some(&id) {
            let report = lsp::UnchangedDocumentDiagnosticReport { result_id: id };
            return lsp::WorkspaceDocumentDiagnosticReport::Unchanged(lsp::WorkspaceUnchangedDocumentDiagnosticReport {
                uri,
                version,
                unchanged_document_diagnostic_report: report,
            });
        }
        let report = lsp::FullDocumentDiagnosticReport { result_id: Some(id), items: file.diagnostics };
        lsp::WorkspaceDocumentDiagnosticReport::Full(lsp::WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: report,
        })
    });
    lsp::WorkspaceDiagnosticReportResult::Report(lsp::WorkspaceDiagnosticReport { items: items.collect() })
}

/// Tells findings from others: the same findings have the same.
fn id_of(items: &[lsp::Diagnostic]) -> String {
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(items).unwrap_or_default().hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
