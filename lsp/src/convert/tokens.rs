//! Colours.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tower_lsp::ls_types::{self as lsp, Position};

use crate::analysis::tokens::{self, KINDS, MODIFIERS};
use crate::view::View;

/// What was sent of each document last, so that an editor may be told what has changed alone.
#[derive(Debug, Default)]
pub struct Sent(Mutex<HashMap<String, (u64, Vec<lsp::SemanticToken>)>>);

/// How tokens are told.
pub fn legend() -> lsp::SemanticTokensLegend {
    lsp::SemanticTokensLegend {
        token_types: KINDS.iter().map(|name| lsp::SemanticTokenType::new(name)).collect(),
        token_modifiers: MODIFIERS.iter().map(|name| lsp::SemanticTokenModifier::new(name)).collect(),
    }
}

/// The tokens of the file, or of the range.
pub fn tokens(view: &View, within: Option<lsp::Range>) -> Vec<lsp::SemanticToken> {
    let found = tokens::tokens(view.set(), view.file, within.map(|range| view.span(range)));
    let (lines, text, encoding) = (view.lines(view.file), view.text(), view.inputs.client.encoding);
    let mut before = Position::new(0, 0);
    let told = found.into_iter().map(|token| {
        let start = lines.position(token.span.start);
        // A token is on one line.
        let length = encoding.length(token.span.of(text));
        let delta_line = start.line - before.line;
        let delta_start = if delta_line == 0 { start.character - before.character } else { start.character };
        before = start;
        lsp::SemanticToken {
            delta_line,
            delta_start,
            length: u32::try_from(length).unwrap_or(u32::MAX),
            token_type: token.kind as u32,
            token_modifiers_bitset: token.modifiers.0,
        }
    });
    told.collect()
}

impl Sent {
    /// All tokens of a document, under a name that a later question may give.
    pub fn full(&self, uri: &lsp::Uri, data: Vec<lsp::SemanticToken>) -> lsp::SemanticTokens {
        let id = self.keep(uri, data.clone());
        lsp::SemanticTokens { result_id: Some(id.to_string()), data }
    }

    /// What has changed since the tokens of that name; all of them where these are not known any more.
    pub fn delta(&self, uri: &lsp::Uri, since: &str, data: Vec<lsp::SemanticToken>) -> lsp::SemanticTokensFullDeltaResult {
        let known = self.lock().get(uri.as_str()).filter(|(id, _)| id.to_string() == since).map(|(_, data)| data.clone());
        let Some(known) = known else { return lsp::SemanticTokensFullDeltaResult::Tokens(self.full(uri, data)) };
        let edits = difference(&known, &data);
        let id = self.keep(uri, data);
        lsp::SemanticTokensFullDeltaResult::TokensDelta(lsp::SemanticTokensDelta { result_id: Some(id.to_string()), edits })
    }

    /// Forgets a document.
    pub fn forget(&self, uri: &lsp::Uri) {
        self.lock().remove(uri.as_str());
    }

    fn keep(&self, uri: &lsp::Uri, data: Vec<lsp::SemanticToken>) -> u64 {
        let mut sent = self.lock();
        let id = sent.get(uri.as_str()).map_or(1, |(id, _)| id + 1);
        sent.insert(uri.as_str().to_owned(), (id, data));
        id
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (u64, Vec<lsp::SemanticToken>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The edit between what both have at their start and at their end. The protocol counts numbers, five to a token.
fn difference(before: &[lsp::SemanticToken], now: &[lsp::SemanticToken]) -> Vec<lsp::SemanticTokensEdit> {
    if before == now {
        return Vec::new();
    }
    let start = before.iter().zip(now).take_while(|(a, b)| a == b).count();
    let (old, new) = (before.get(start..).unwrap_or_default(), now.get(start..).unwrap_or_default());
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let count = |tokens: usize| u32::try_from(tokens * 5).unwrap_or(u32::MAX);
    let data = new.get(..new.len() - end).unwrap_or_default().to_vec();
    vec![lsp::SemanticTokensEdit { start: count(start), delete_count: count(old.len() - end), data: Some(data) }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_told_alone() {
        let token = |n: u32| lsp::SemanticToken { delta_line: n, delta_start: 0, length: 1, token_type: 0, token_modifiers_bitset: 0 };
        let sent = Sent::default();
        let uri: lsp::Uri = "file:///a.toll".parse().expect("an address");
        let first = sent.full(&uri, [1, 2, 3, 4].map(token).to_vec());
        assert_eq!(first.result_id.as_deref(), Some("1"));
        let lsp::SemanticTokensFullDeltaResult::TokensDelta(delta) = sent.delta(&uri, "1", [1, 7, 8, 4].map(token).to_vec()) else { panic!("all") };
        let [edit] = delta.edits.as_slice() else { panic!("one edit") };
        assert_eq!((edit.start, edit.delete_count, edit.data.as_ref().map(Vec::len)), (5, 10, Some(2)));
        let lsp::SemanticTokensFullDeltaResult::Tokens(all) = sent.delta(&uri, "1", vec![token(1)]) else { panic!("a delta of what is unknown") };
        assert_eq!(all.data.len(), 1);
        sent.forget(&uri);
        assert!(difference(&[token(1)], &[token(1)]).is_empty());
    }
}
