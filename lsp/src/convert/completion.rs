//! What may be written.

use serde::{Deserialize, Serialize};
use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types::{self as lsp, CompletionItemKind};

use crate::analysis::completion::{self, About, Completion, Kind, Surroundings};
use crate::analysis::{Cursor, signature};
use crate::view::View;
use crate::{calls, files};

/// The most bytes of a data file that are read for the keys in it.
const LONGEST: u64 = 8 << 20;

/// So many completions are not all that there are.
const MANY: usize = 500;

/// What is sent with a completion and comes back when its documentation is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Ticket {
    /// The document.
    uri: lsp::Uri,
    /// The place of its kind in [`Kind::ALL`].
    kind: usize,
    sort: String,
    name: String,
}

/// What may be written at a place.
pub fn complete(view: &View, at: Cursor) -> Option<lsp::CompletionResponse> {
    let keys = |name: &str| data_keys(view, name);
    let found = completion::complete(view.set(), at, &Surroundings { data_keys: Some(&keys), seen: Some(&|path| calls::seen(view, path)) });
    let uri = view.uri(view.file)?;
    let items: Vec<lsp::CompletionItem> = found.into_iter().map(|found| item(view, &uri, found)).collect();
    // Of very many things those alone are told that begin as the word does; with the next letter they may be others.
    if items.len() >= MANY {
        return Some(lsp::CompletionResponse::List(lsp::CompletionList { is_incomplete: true, items }));
    }
    Some(lsp::CompletionResponse::Array(items))
}

/// A completion with its documentation.
pub fn resolve(view: &View, mut item: lsp::CompletionItem) -> lsp::CompletionItem {
    let ticket = item.data.clone().and_then(|data| serde_json::from_value::<Ticket>(data).ok());
    if let Some(ticket) = ticket {
        let about = About::from_parts(&ticket.sort, &ticket.name);
        let kind = Kind::ALL.get(ticket.kind).copied();
        item.documentation = kind.and_then(|kind| completion::documentation(view.set(), kind, &about)).map(markdown);
    }
    item
}

/// What the call around a place takes.
pub fn signature(view: &View, at: Cursor) -> Option<lsp::SignatureHelp> {
    let found = signature::signature(view.set(), at)?;
    let active = found.parameter.and_then(number);
    let told = |signature: signature::Signature| {
        let units = |offset: u32| number(signature.label.get(..offset as usize).unwrap_or_default().encode_utf16().count()).unwrap_or_default();
        let parameter = |span: &Span| lsp::ParameterInformation {
            label: lsp::ParameterLabel::LabelOffsets([units(span.start), units(span.end)]),
            documentation: None,
        };
        lsp::SignatureInformation {
            parameters: Some(signature.parameters.iter().map(parameter).collect()),
            documentation: signature.documentation.clone().map(markdown),
            active_parameter: None,
            label: signature.label.clone(),
        }
    };
    Some(lsp::SignatureHelp {
        signatures: found.signatures.into_iter().map(told).collect(),
        active_signature: number(found.active),
        active_parameter: active,
    })
}

fn number(count: usize) -> Option<u32> {
    u32::try_from(count).ok()
}

fn markdown(value: String) -> lsp::Documentation {
    lsp::Documentation::MarkupContent(lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value })
}

/// The document that a completion was made for.
pub fn document_of(item: &lsp::CompletionItem) -> Option<lsp::Uri> {
    serde_json::from_value::<Ticket>(item.data.clone()?).ok().map(|ticket| ticket.uri)
}

fn item(view: &View, uri: &lsp::Uri, found: Completion) -> lsp::CompletionItem {
    let snippets = view.inputs.client.snippets;
    let (text, is_snippet) = if found.is_snippet && !snippets { (plain(&found.text), false) } else { (found.text, found.is_snippet) };
    let edit = lsp::TextEdit { range: view.range(found.replaced), new_text: text };
    let (sort, name) = found.about.parts();
    let number = Kind::ALL.iter().position(|kind| *kind == found.kind).unwrap_or(Kind::ALL.len());
    let ticket = Ticket { uri: uri.clone(), kind: number, sort: sort.to_owned(), name: name.to_owned() };
    lsp::CompletionItem {
        label: found.label,
        kind: Some(kind(found.kind)),
        detail: Some(found.detail).filter(|detail| !detail.is_empty()),
        tags: found.deprecated.then(|| vec![lsp::CompletionItemTag::DEPRECATED]),
        sort_text: Some(found.sort),
        filter_text: found.filter,
        insert_text_format: Some(if is_snippet { lsp::InsertTextFormat::SNIPPET } else { lsp::InsertTextFormat::PLAIN_TEXT }),
        text_edit: Some(lsp::CompletionTextEdit::Edit(edit)),
        additional_text_edits: Some(found.additional.iter().map(|edit| view.edit(edit)).collect::<Vec<_>>()).filter(|edits| !edits.is_empty()),
        data: if sort.is_empty() { None } else { serde_json::to_value(ticket).ok() },
        ..lsp::CompletionItem::default()
    }
}

fn kind(kind: Kind) -> CompletionItemKind {
    match kind {
        Kind::Variable | Kind::Parameter => CompletionItemKind::VARIABLE,
        Kind::Field => CompletionItemKind::FIELD,
        Kind::Fact => CompletionItemKind::PROPERTY,
        Kind::Method => CompletionItemKind::METHOD,
        Kind::Function => CompletionItemKind::FUNCTION,
        Kind::Let => CompletionItemKind::CONSTANT,
        Kind::Data => CompletionItemKind::VALUE,
        Kind::Score => CompletionItemKind::UNIT,
        Kind::Type => CompletionItemKind::STRUCT,
        Kind::Variant => CompletionItemKind::ENUM_MEMBER,
        Kind::Key => CompletionItemKind::TEXT,
        Kind::Rule => CompletionItemKind::REFERENCE,
        Kind::Obligation => CompletionItemKind::EVENT,
        Kind::Tool => CompletionItemKind::CLASS,
        Kind::Package => CompletionItemKind::MODULE,
        Kind::Keyword => CompletionItemKind::KEYWORD,
        Kind::Snippet => CompletionItemKind::SNIPPET,
        Kind::Annotation | Kind::Lint => CompletionItemKind::PROPERTY,
    }
}

/// A snippet for an editor that knows none: the hints stand where they are, the places are left out.
fn plain(snippet: &str) -> String {
    let mut out = String::new();
    let mut rest = snippet.chars().peekable();
    while let Some(letter) = rest.next() {
        match letter {
            '\\' => out.extend(rest.next()),
            '$' => {
                let braced = rest.next_if_eq(&'{').is_some();
                while rest.next_if(char::is_ascii_digit).is_some() {}
                if braced && rest.next_if_eq(&':').is_none() {
                    rest.next_if_eq(&'}');
                }
            }
            // The end of a hint.
            '}' => {}
            other => out.push(other),
        }
    }
    out
}

/// The keys of data that are a map, as the project's file has them.
fn data_keys(view: &View, name: &str) -> Vec<String> {
    let Some(path) = view.data_file(name) else { return Vec::new() };
    let bytes = files::read(&path, LONGEST);
    let read = bytes.and_then(|bytes| serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&bytes).ok());
    read.map(|map| map.into_iter().map(|(key, _)| key).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_plain_text_with_its_hints() {
        assert_eq!(plain("any(${1:x} => $2)$0"), "any(x => )");
        assert_eq!(plain(r#"because "\$5 \} of ${1}""#), r#"because "$5 } of ""#);
    }
}
