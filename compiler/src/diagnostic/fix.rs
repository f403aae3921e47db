//! Applying what diagnostics offer.

use std::collections::BTreeMap;

use super::{Diagnostic, Edit, FileId, Severity, Sources};
use crate::syntax::lexer::{TokenKind, lex};

/// How often fixes are applied to what fixes made.
const MOST_ROUNDS: usize = 16;

/// Whether a finding has a fix that nobody need look at first: the only one, of a lint or of a mistake of spelling in the syntax, and no choice of the author's.
/// What is offered for names and types is a guess at what is meant.
pub fn is_applicable(found: &Diagnostic) -> bool {
    matches!(found.fixes.as_slice(), [only] if !only.is_choice) && (found.code.code().starts_with('W') || found.code.code().starts_with("E00"))
}

/// The edits of one round, by file and place: those of the findings' fixes in their order, each fix none of whose edits touches one before it.
pub fn chosen<'f>(findings: impl IntoIterator<Item = &'f Diagnostic>) -> BTreeMap<FileId, BTreeMap<(u32, u32), &'f Edit>> {
    let mut chosen: BTreeMap<FileId, BTreeMap<(u32, u32), &Edit>> = BTreeMap::new();
    for fix in findings.into_iter().filter(|found| is_applicable(found)).flat_map(|found| &found.fixes) {
        let is_free = |edit: &Edit| chosen.get(&edit.at.file).is_none_or(|edits| !touches(edits, edit));
        if fix.edits.iter().all(is_free) {
            for edit in &fix.edits {
                chosen.entry(edit.at.file).or_default().insert((edit.at.span.start, edit.at.span.end), edit);
            }
        }
    }
    chosen
}

/// Whether a text has every comment of the one that it stands for: an edit that nobody looks at takes none away.
pub fn keeps_comments(replaced: &str, text: &str) -> bool {
    let comments = |text: &str| -> Vec<String> {
        let found = lex(text).into_iter().filter(|token| matches!(token.kind, TokenKind::Comment | TokenKind::Doc));
        found.map(|token| token.span.of(text).trim_end().to_owned()).collect()
    };
    let kept = comments(text);
    !replaced.contains("//") || comments(replaced).iter().all(|comment| kept.contains(comment))
}

/// The texts of the files that fixes change, in one round.
pub fn apply(findings: &[Diagnostic], sources: &Sources) -> BTreeMap<FileId, String> {
    let is_sound = |edit: &Edit| {
        let text = sources.get(edit.at.file).and_then(|source| source.text.get(edit.at.span.start as usize..edit.at.span.end as usize));
        // A comment itself may be mended.
        text.is_some_and(|replaced| replaced.trim_start().starts_with("//") || keeps_comments(replaced, &edit.text))
    };
    let is_known = |found: &&Diagnostic| found.fixes.iter().flat_map(|fix| &fix.edits).all(is_sound);
    let chosen = chosen(findings.iter().filter(is_known));
    chosen.into_iter().filter_map(|(file, edits)| Some((file, edited(sources.text(file), edits.values().copied())?))).collect()
}

/// Whether an edit has a byte in common with others, or stands right beside one.
fn touches(edits: &BTreeMap<(u32, u32), &Edit>, edit: &Edit) -> bool {
    let (start, end) = (edit.at.span.start, edit.at.span.end);
    edits.range(..=(end, u32::MAX)).next_back().is_some_and(|((_, last_end), _)| *last_end >= start)
}

/// A text with edits in their order, none of which touches another.
fn edited<'e>(text: &str, edits: impl Iterator<Item = &'e Edit>) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        out.push_str(text.get(done..edit.at.span.start as usize)?);
        out.push_str(&edit.text);
        done = edit.at.span.end as usize;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Sources with what fixes make of them, as often as they make something; `find` says what is wrong with sources. What fixes of errors make is kept where fewer
/// errors are left than before, or none: a fix that only turns one mistake into another has guessed wrong.
pub fn apply_all(sources: Sources, mut find: impl FnMut(&Sources) -> Vec<Diagnostic>) -> Sources {
    let mut kept = sources.clone();
    let mut last = sources;
    let mut findings = find(&last);
    let mut least = errors(&findings);
    for _ in 0..MOST_ROUNDS {
        let changed = apply(&findings, &last);
        if changed.is_empty() {
            break;
        }
        let mut next = Sources::new();
        for (file, source) in (0..).map(FileId).zip(last.files()) {
            let text = changed.get(&file).map_or_else(|| source.text.clone(), |text| text.as_str().into());
            next.add(source.path.clone(), text);
        }
        (findings, last) = (find(&next), next);
        let left = errors(&findings);
        if left > least {
            break;
        }
        // One mistake of an item hides the next, so the same number may become less in a further round.
        if left < least || left == 0 {
            (kept, least) = (last.clone(), left);
        }
    }
    kept
}

/// How many errors there are, lints that a project has made errors aside.
fn errors(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|found| found.severity == Severity::Error && found.code.code().starts_with('E')).count()
}
