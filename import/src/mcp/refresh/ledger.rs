//! What was imported, as a comment at the end of a file: by it a refresh tells what the server has changed from what the author has.

use std::collections::HashMap;
use std::ops::Range;

use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::declared::{Declaration, Declared, Kind};
use crate::mcp::tool::GUESSED;
use crate::toll::comment;

/// The first words of the ledger.
const HEAD: &str = "// As imported, for `tollgate import mcp --update`:";

/// The digests of what was imported, by its name.
#[derive(Debug, Default)]
pub struct Ledger(HashMap<String, Vec<String>>);

/// The parts of a declaration that are compared on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The documentation.
    Documentation,
    /// The attributes; of a type, all of it.
    Facts,
    /// The arguments.
    Arguments,
}

impl Ledger {
    /// The ledger in a text, and where it stands.
    pub fn find(text: &str) -> (Ledger, Option<Range<usize>>) {
        let mut ledger = Ledger::default();
        let Some(start) = text.find(HEAD) else { return (ledger, None) };
        let mut end = start;
        for line in text.get(start..).unwrap_or_default().split_inclusive('\n').take_while(|line| line.starts_with("// ")) {
            end += line.len();
            if line.starts_with(HEAD) {
                continue;
            }
            for entry in line.trim_start_matches("//").split_whitespace() {
                let mut words = entry.split(':').map(str::to_owned);
                ledger.0.insert(words.next().unwrap_or_default(), words.collect());
            }
        }
        (ledger, Some(start..end))
    }

    /// The ledger of a policy's declarations: what is served now of each, or what was known before.
    pub fn written(policy: &Declared, fresh: &Declared, before: &Ledger) -> String {
        let now: HashMap<&str, Vec<String>> =
            fresh.declarations.iter().map(|declaration| (declaration.name.as_str(), declaration.digests())).collect();
        let entry = |declaration: &Declaration| {
            let digests = now.get(declaration.name.as_str()).or_else(|| before.0.get(&declaration.name))?;
            Some(format!("{}:{}", declaration.name, digests.join(":")))
        };
        let entries: Vec<String> = policy.declarations.iter().filter_map(entry).collect();
        format!("{HEAD}\n{}", comment(&entries.join(" ")))
    }

    /// Whether it tells of a declaration of that name.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether a piece of a declaration is as it was imported.
    pub fn is_untouched(&self, name: &str, piece: Piece, now: &str) -> bool {
        self.0.get(name).and_then(|digests| digests.get(piece as usize)).is_some_and(|then| then == now)
    }
}

impl Declaration<'_> {
    /// What a ledger holds of it.
    fn digests(&self) -> Vec<String> {
        let pieces: &[Piece] = match self.kind {
            Kind::Tool(_) => &[Piece::Documentation, Piece::Facts, Piece::Arguments],
            Kind::Type => &[Piece::Documentation, Piece::Facts],
        };
        pieces.iter().map(|piece| digest(self.piece(*piece))).collect()
    }
}

/// A text's digest, in which neither white space nor commas count, nor the mark of what is guessed.
pub fn digest(text: &str) -> String {
    let mut sum: u32 = 0x811c_9dc5;
    for token in lexer::lex(text) {
        let written = token.span.of(text).trim_end();
        if matches!(token.kind, TokenKind::Space | TokenKind::Comma) || written == GUESSED {
            continue;
        }
        for byte in written.bytes().chain([0]) {
            sum = (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    format!("{sum:08x}")
}
