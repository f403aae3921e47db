//! What was imported, as a comment at the end of a file: by it a refresh tells what the server has changed from what the author has.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use hmac_sha256::Hash;
use tollgate_compiler::syntax::lexer::{self, TokenKind};

use super::base::{self, Base};
use super::declared::{Declaration, Declared, Kind};
use crate::mcp::tool::GUESSED;
use crate::toll::comment;

/// The first words of the ledger.
const HEAD: &str = "// As imported, for `tollgate import mcp --update`:";

/// The hexadecimal digits of a digest.
const DIGITS: usize = 16;

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

    /// What a declaration was imported with.
    pub fn base(&self, name: &str) -> Base {
        self.0.get(name).map(|words| Base::of(words)).unwrap_or_default()
    }

    /// The ledger of a policy's declarations: what is served now of each, or what was known before. A tool that the policy declares no more
    /// is remembered as long as it is served, so that it does not come again.
    pub fn written(policy: &Declared, fresh: &Declared, before: &Ledger) -> String {
        let now: HashMap<&str, Vec<String>> =
            fresh.declarations.iter().map(|declaration| (declaration.name.as_str(), declaration.digests())).collect();
        let entry = |name: &str| {
            let digests = now.get(name).or_else(|| before.0.get(name))?;
            Some(format!("{name}:{}", digests.join(":")))
        };
        let declared: HashSet<&str> = policy.declarations.iter().map(|declaration| declaration.name.as_str()).collect();
        let taken_out = fresh
            .declarations
            .iter()
            .filter(|now| matches!(now.kind, Kind::Tool(_)) && !declared.contains(now.name.as_str()) && before.has(&now.name));
        let names = policy.declarations.iter().chain(taken_out).map(|declaration| declaration.name.as_str());
        let entries: Vec<String> = names.filter_map(entry).collect();
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
        let of_facts = match self.kind {
            Kind::Tool(tool) => Some(base::of_facts(&tool.attributes)),
            Kind::Type => None,
        };
        let of_fields = self.fields().map(|fields| base::of_fields(self.text, fields));
        pieces.iter().map(|piece| digest(self.piece(*piece))).chain(of_facts).chain(of_fields).collect()
    }
}

/// The entries of a line of a ledger; none where it is another comment.
fn entries(line: &str) -> Option<Vec<(String, Vec<String>)>> {
    let is_digest = |word: &str| word.len() == DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_list = |word: &str| word.starts_with(['=', '^']) && word.bytes().all(|byte| byte.is_ascii_hexdigit() || b"=^,.!?&/~".contains(&byte));
    let is_word = |word: &str| is_digest(word) || is_list(word);
    let entry = |written: &str| {
        let mut words = written.split(':');
        let name = words.next()?.to_owned();
        let digests: Vec<String> = words.map(str::to_owned).collect();
        (!digests.is_empty() && digests.iter().all(|word| is_word(word))).then_some((name, digests))
    };
    let entries: Vec<_> = line.split_whitespace().map(entry).collect::<Option<_>>()?;
    (!entries.is_empty()).then_some(entries)
}

/// A text's digest, in which neither white space nor commas count, nor the mark of what is guessed. It is of SHA-256: a server that could find a
/// text with the digest of an author's would have that taken for its own, and take it back.
pub fn digest(text: &str) -> String {
    let mut hash = Hash::new();
    for token in lexer::lex(text) {
        let written = token.span.of(text).trim_end();
        if matches!(token.kind, TokenKind::Space | TokenKind::Comma) || written == GUESSED {
            continue;
        }
        hash.update(written);
        hash.update([0]);
    }
    hash.finalize().iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}
