//! What was imported, as a comment at the end of a file: by it a refresh tells what the server has changed from what the author has.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use tollgate_compiler::syntax::ast::FieldDecl;
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::declared::{Declaration, Declared, Kind};
use super::merge::{below, record};
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
        let begins_line = |at: usize| at == 0 || text.get(..at).is_some_and(|before| before.ends_with('\n'));
        let is_head = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(HEAD)) && begins_line(at);
        let mut comments = lexer::lex(text).into_iter().filter(|token| token.kind == TokenKind::Comment).map(|token| token.span.start as usize);
        let Some(start) = comments.rfind(|at| is_head(*at)) else { return (ledger, None) };
        let mut lines = text.get(start..).unwrap_or_default().split_inclusive('\n');
        let mut end = start + lines.next().map_or(0, str::len);
        // A line of the author's below it is none of its own.
        for line in lines {
            let Some(entries) = line.strip_prefix("// ").and_then(entries) else { break };
            end += line.len();
            ledger.0.extend(entries);
        }
        (ledger, Some(start..end))
    }

    /// The digests of the fields that a tool or a record was imported with.
    pub fn fields(&self, name: &str) -> HashSet<String> {
        let written = self.0.get(name).into_iter().flatten().find_map(|word| word.strip_prefix('='));
        written.unwrap_or_default().split(',').filter(|digest| !digest.is_empty()).map(str::to_owned).collect()
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
        let mut fields = Vec::new();
        self.add_fields(self.fields(), "", &mut fields);
        let of_fields = (!fields.is_empty()).then(|| format!("={}", fields.join(",")));
        pieces.iter().map(|piece| digest(self.piece(*piece))).chain(of_fields).collect()
    }

    /// The digests of fields, and of the fields of records that they hold themselves.
    fn add_fields(&self, fields: &[FieldDecl], within: &str, digests: &mut Vec<String>) {
        for field in fields {
            digests.push(digest_within(within, self.text_of(field)));
            if let Some((path, inner)) = record(&field.ty, &below(within, field)) {
                self.add_fields(inner.fields, &path, digests);
            }
        }
    }
}

/// The entries of a line of a ledger; none where it is another comment.
fn entries(line: &str) -> Option<Vec<(String, Vec<String>)>> {
    let is_digest = |word: &str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_word = |word: &str| word.strip_prefix('=').map_or(is_digest(word), |fields| fields.split(',').all(is_digest));
    let entry = |written: &str| {
        let mut words = written.split(':');
        let name = words.next()?.to_owned();
        let digests: Vec<String> = words.map(str::to_owned).collect();
        (!digests.is_empty() && digests.iter().all(|word| is_word(word))).then_some((name, digests))
    };
    let entries: Vec<_> = line.split_whitespace().map(entry).collect::<Option<_>>()?;
    (!entries.is_empty()).then_some(entries)
}

/// The digest of a field in what stands at a path.
pub fn digest_within(within: &str, field: &str) -> String {
    if within.is_empty() { digest(field) } else { digest(&format!("{within} {field}")) }
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
