//! Actions and resources: what statements list, as conditions on the request's `action` and `resource`.

use std::collections::HashSet;

use super::Bound;
use super::helpers::Helper;
use super::statement::Listed;
use super::string::{self, Piece};
use super::words::{Asked, Form, Term, Words};
use crate::toll::quoted;

/// What of an element is not said as the source has it: the text, and why.
pub type Problem = (String, String);

/// What one text of a list comes to.
enum Match {
    Everything,
    Exactly(String),
    Like(String),
    Other(Term),
}

/// What `Action` or `NotAction` asks. IAM does not tell the case of actions. What no action is may be meant to be any.
pub fn actions(listed: &Listed<String>, bound: Bound, problems: &mut Vec<Problem>) -> Asked {
    matched("lower_action", listed, bound, problems, |text, _| {
        let pieces = string::pieces(&text.to_ascii_lowercase(), false)?;
        if pieces == [Piece::Run] {
            return Ok(Match::Everything);
        }
        if !text.contains(':') {
            return Err("an action is `service:name`".to_owned());
        }
        if !text.is_ascii() {
            return Err("actions have ASCII characters alone".to_owned());
        }
        Ok(plain_or_like(&pieces))
    })
}

/// What `Resource` or `NotResource` asks; `completes` where an ARN that ends early means all that begin so.
pub fn resources(
    words: &mut Words,
    listed: &Listed<String>,
    has_variables: bool,
    completes: bool,
    bound: Bound,
    problems: &mut Vec<Problem>,
) -> Asked {
    matched("resource", listed, bound, problems, |text, bound| {
        let mut pieces = string::pieces(text, has_variables)?;
        if pieces == [Piece::Run] {
            return Ok(Match::Everything);
        }
        let arn = Arn::of(&pieces);
        if bound == Bound::Within {
            arn.check(&pieces, completes)?;
        }
        if arn.is_incomplete && !matches!(pieces.last(), Some(Piece::Run)) {
            match pieces.last_mut() {
                Some(Piece::Text(text)) => text.push(':'),
                _ => pieces.push(Piece::Text(":".to_owned())),
            }
            pieces.push(Piece::Run);
        }
        if !string::has_variables(&pieces) {
            return Ok(match bound == Bound::Within && arn.has_confined {
                false => plain_or_like(&pieces),
                true if arn.goes_on || words.has_room() => Match::Other(Term::new(format!("resource matches {}", quoted(&regex(&pieces))))),
                true => Match::Other(Term::new(format!("{}(resource, {})", words.call(Helper::IsArnLike), quoted(&string::glob(&pieces))))),
            });
        }
        let has_wildcards = pieces.iter().any(|piece| matches!(piece, Piece::Run | Piece::One));
        let condition = if has_wildcards {
            words.where_string(&pieces, Form::Glob, |pattern| format!("resource.glob({pattern})"))?
        } else {
            words.where_string(&pieces, Form::Text, |text| format!("resource == {text}"))?
        };
        Ok(Match::Other(Term::new(condition)))
    })
}

/// A condition that holds of the resource that a policy is attached to, and of what is in it.
pub fn attached(arn: &str) -> Result<Asked, String> {
    let pieces = string::pieces(arn, false)?;
    let glob = string::glob(&pieces);
    let itself = match string::plain(&pieces) {
        Some(text) => Term::new(format!("resource == {}", quoted(text))),
        None => Term::new(format!("resource like {}", quoted(&glob))),
    };
    let inside = ["/", ":"].map(|sign| Term::new(format!("resource like {}", quoted(&format!("{glob}{sign}*")))));
    Ok(Asked::Any(std::iter::once(itself).chain(inside).collect()))
}

fn matched(
    subject: &str,
    listed: &Listed<String>,
    bound: Bound,
    problems: &mut Vec<Problem>,
    mut of: impl FnMut(&str, Bound) -> Result<Match, String>,
) -> Asked {
    let inner = if listed.is_negated { bound.negated() } else { bound };
    let turned = |asked: Asked| if listed.is_negated { asked.negated() } else { asked };
    let mut exact: Vec<String> = Vec::new();
    let mut terms: Vec<Term> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut said: HashSet<String> = HashSet::new();
    for text in &listed.items {
        let term = match of(text, inner) {
            Ok(Match::Everything) => return turned(Asked::Nothing),
            Ok(Match::Exactly(text)) => {
                if seen.insert(text.clone()) {
                    exact.push(text);
                }
                continue;
            }
            Ok(Match::Like(glob)) => Term::new(format!("{subject} like {}", quoted(&glob))),
            Ok(Match::Other(term)) => term,
            Err(reason) => {
                problems.push((text.clone(), reason));
                if inner == Bound::Beyond {
                    return turned(Asked::Nothing);
                }
                continue;
            }
        };
        if said.insert(term.yes.clone()) {
            terms.push(term);
        }
    }
    let texts = exact.iter().map(|text| quoted(text)).collect::<Vec<_>>();
    let listed = match texts.as_slice() {
        [] => None,
        [only] => Some(Term::equal(subject, only)),
        several => Some(Term::is_in(subject, &format!("{{{}}}", several.join(", ")))),
    };
    turned(Asked::any(listed.into_iter().chain(terms).collect()))
}

fn plain_or_like(pieces: &[Piece]) -> Match {
    match string::plain(pieces) {
        Some(text) => Match::Exactly(text.to_owned()),
        None => Match::Like(string::glob(pieces)),
    }
}

/// What counts of an ARN's form.
struct Arn {
    /// Whether it begins as one.
    is_arn: bool,
    /// Whether it has fewer than six parts.
    is_incomplete: bool,
    /// Whether a variable stands before its last part.
    has_early_variable: bool,
    /// Whether a `*` ends a part before the last, and goes on beyond it.
    goes_on: bool,
    /// Whether a wildcard before the last part stays in its own: `?`, or `*` that does not end it. Other than IAM's, those of the language go on.
    has_confined: bool,
}

impl Arn {
    fn of(pieces: &[Piece]) -> Arn {
        let is_arn = matches!(pieces.first(), Some(Piece::Text(text)) if text.starts_with("arn:"));
        let mut arn = Arn { is_arn, is_incomplete: false, has_early_variable: false, goes_on: false, has_confined: false };
        let mut colons = 0;
        for (at, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Text(text) => colons += text.matches(':').count(),
                Piece::Variable { .. } => arn.has_early_variable |= colons < 5,
                Piece::One => arn.has_confined |= colons < 5,
                Piece::Run if colons < 5 && ends_part(pieces.get(at + 1)) => arn.goes_on = true,
                Piece::Run => arn.has_confined |= colons < 5,
            }
        }
        arn.is_incomplete = is_arn && colons < 5;
        arn
    }

    /// What IAM does not take, or does not say what it comes to.
    fn check(&self, pieces: &[Piece], completes: bool) -> Result<(), String> {
        let is_plain = string::plain(pieces).is_some();
        if !self.is_arn && !is_plain {
            return Err("a resource is `*` or an ARN".to_owned());
        }
        if self.has_early_variable {
            return Err("a variable has its place after the fifth colon of an ARN".to_owned());
        }
        if self.is_incomplete && !completes {
            return Err("an ARN with fewer than six parts is taken in identity-based policies alone".to_owned());
        }
        if self.has_confined && string::has_variables(pieces) {
            return Err("a wildcard inside of a part before the last, together with a variable, cannot be said here".to_owned());
        }
        Ok(())
    }
}

fn ends_part(next: Option<&Piece>) -> bool {
    match next {
        None => true,
        Some(Piece::Text(text)) => text.starts_with(':'),
        Some(_) => false,
    }
}

/// A pattern whose wildcards stay in their part of the ARN, but where `*` ends one, as a regular expression.
fn regex(pieces: &[Piece]) -> String {
    let mut regex = String::from("(?s)^");
    let mut colons = 0;
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                colons += text.matches(':').count();
                for character in text.chars() {
                    // `\<` and `\>` are the ends of words.
                    if character.is_ascii_punctuation() && !matches!(character, ':' | '/' | '-' | '_' | '<' | '>') {
                        regex.push('\\');
                    }
                    regex.push(character);
                }
            }
            Piece::Run if colons >= 5 || ends_part(pieces.get(at + 1)) => regex.push_str(".*"),
            Piece::Run => regex.push_str("[^:]*"),
            Piece::One => regex.push_str(if colons >= 5 { "." } else { "[^:]" }),
            Piece::Variable { .. } => {}
        }
    }
    regex.push('$');
    regex
}
