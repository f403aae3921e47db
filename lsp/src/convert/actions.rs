//! Changes that are offered.

use serde::{Deserialize, Serialize};
use tollgate_compiler::diagnostic::{Diagnostic, Location};
use tower_lsp::ls_types::{self as lsp, CodeActionKind};

use crate::analysis::actions::{self, Action, ActionKind, Change};
use crate::convert::diagnostic;
use crate::view::View;
use crate::{calls, commands, findings};

/// What is sent with a change that is made when it is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Ticket {
    /// The document.
    uri: lsp::Uri,
    /// The version that it had.
    version: Option<i32>,
    /// What is wanted.
    wanted: Wanted,
}

/// A change that is made when it is asked for.
#[derive(Clone, Debug, Deserialize, Serialize)]
enum Wanted {
    /// A test of the rule of that full name.
    TestOfRule(String),
    /// A test of the active recorded call.
    TestOfCall,
}

/// The kinds of changes that are offered.
pub fn kinds() -> Vec<CodeActionKind> {
    let kinds = [ActionKind::QuickFix, ActionKind::Extract, ActionKind::Inline, ActionKind::Rewrite, ActionKind::FixAll, ActionKind::OrganizeImports];
    kinds.map(kind).to_vec()
}

/// What can be changed at a range.
pub fn actions(view: &View, params: &lsp::CodeActionParams) -> Option<lsp::CodeActionResponse> {
    let found: Vec<Diagnostic> = findings::all(&view.home, view.file);
    let range = Location { file: view.file, span: view.span(params.range) };
    let only = params.context.only.as_deref();
    let is_wanted = |action: &Action| only.is_none_or(|only| only.iter().any(|wanted| is_within(&kind(action.kind), wanted)));
    let call = commands::active_input(view).and_then(|input| actions::of_call(view.set(), view.cursor(params.range.start), &calls::name_of(input)));
    let offered = actions::actions(view.set(), &found, range).into_iter().chain(call).filter(is_wanted);
    Some(offered.filter_map(|action| Some(lsp::CodeActionOrCommand::CodeAction(code_action(view, &found, action)?))).collect())
}

/// A change with its edits, or with the reason why there are none.
pub fn resolve(view: &View, mut action: lsp::CodeAction) -> lsp::CodeAction {
    let Some(ticket) = ticket_of(&action) else { return action };
    if ticket.version != view.inputs.version(std::path::Path::new(view.set().sources().path(view.file))) {
        return refused(action, "the file has changed since".to_owned());
    }
    let change = match ticket.wanted {
        Wanted::TestOfRule(rule) => Change::TestOfRule(rule),
        Wanted::TestOfCall => Change::TestOfCall(view.file),
    };
    let call = || match commands::active_input(view) {
        Some(input) => calls::call(input, None, &view.home, &view.inputs),
        None => Err("no recorded call is chosen any more".to_owned()),
    };
    match actions::resolve(view.set(), &change, &call) {
        Ok(edits) => {
            action.edit = view.edits(&edits);
            action
        }
        Err(reason) => refused(action, reason),
    }
}

/// The document that a change was offered for.
pub fn document_of(action: &lsp::CodeAction) -> Option<lsp::Uri> {
    ticket_of(action).map(|ticket| ticket.uri)
}

fn ticket_of(action: &lsp::CodeAction) -> Option<Ticket> {
    serde_json::from_value(action.data.clone()?).ok()
}

fn refused(action: lsp::CodeAction, reason: String) -> lsp::CodeAction {
    lsp::CodeAction { disabled: Some(lsp::CodeActionDisabled { reason }), ..action }
}

fn code_action(view: &View, found: &[Diagnostic], action: Action) -> Option<lsp::CodeAction> {
    let mended: Vec<lsp::Diagnostic> = action.mends.iter().filter_map(|place| Some(diagnostic::diagnostic(view, found.get(*place)?))).collect();
    let (edit, data) = match &action.change {
        Change::Edits(edits) => (Some(view.edits(edits)?), None),
        Change::TestOfRule(rule) => (None, ticket(view, Wanted::TestOfRule(rule.clone()))),
        Change::TestOfCall(_) => (None, ticket(view, Wanted::TestOfCall)),
    };
    Some(lsp::CodeAction {
        title: action.title,
        kind: Some(kind(action.kind)),
        diagnostics: (!mended.is_empty()).then_some(mended),
        edit,
        is_preferred: action.is_preferred.then_some(true),
        data,
        ..lsp::CodeAction::default()
    })
}

fn ticket(view: &View, wanted: Wanted) -> Option<serde_json::Value> {
    let version = view.inputs.version(std::path::Path::new(view.set().sources().path(view.file)));
    serde_json::to_value(Ticket { uri: view.uri(view.file)?, version, wanted }).ok()
}

fn kind(kind: ActionKind) -> CodeActionKind {
    match kind {
        ActionKind::QuickFix => CodeActionKind::QUICKFIX,
        ActionKind::Extract => CodeActionKind::REFACTOR_EXTRACT,
        ActionKind::Inline => CodeActionKind::REFACTOR_INLINE,
        ActionKind::Rewrite => CodeActionKind::REFACTOR_REWRITE,
        ActionKind::FixAll => CodeActionKind::SOURCE_FIX_ALL,
        ActionKind::OrganizeImports => CodeActionKind::SOURCE_ORGANIZE_IMPORTS,
    }
}

/// Whether a kind is a wanted one, or one of its parts, as `refactor.extract` is of `refactor`.
fn is_within(kind: &CodeActionKind, wanted: &CodeActionKind) -> bool {
    let (kind, wanted) = (kind.as_str(), wanted.as_str());
    kind == wanted || wanted.is_empty() || kind.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}
