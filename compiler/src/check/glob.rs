//! What the patterns of `like` and of `on` hold.

use std::collections::{BTreeSet, HashMap};

use super::tools::split;

/// The entries of an `on`, so that what they mean is found without a walk along all of them.
pub struct Entries<'a> {
    /// The servers that entries without patterns name, by the tools' own names; `None` for any server.
    exact: HashMap<&'a str, BTreeSet<Option<&'a str>>>,
    /// The others, as server and own name.
    patterns: Vec<(Option<&'a str>, &'a str)>,
}

impl<'a> Entries<'a> {
    /// The entries of an `on`.
    pub fn new(on: impl IntoIterator<Item = &'a str>) -> Entries<'a> {
        let mut entries = Entries { exact: HashMap::new(), patterns: Vec::new() };
        for entry in on {
            let (server, own) = split(entry);
            match is_pattern(entry) {
                true => entries.patterns.push((server, own)),
                false => drop(entries.exact.entry(own).or_default().insert(server)),
            }
        }
        entries
    }

    /// Whether there are none: the rule is about every call.
    pub fn are_none(&self) -> bool {
        self.exact.is_empty() && self.patterns.is_empty()
    }

    /// How many of them are patterns, which are gone through one by one.
    pub fn patterns(&self) -> usize {
        self.patterns.len()
    }

    /// Whether one of them may mean a declared tool.
    pub fn may_mean(&self, tool: &str) -> bool {
        let (server, own) = split(tool);
        let is_named = |servers: &BTreeSet<Option<&str>>| server.is_none() || servers.contains(&None) || servers.contains(&server);
        self.exact.get(own).is_some_and(is_named) || self.patterns.iter().any(|pattern| fits(*pattern, (server, own)))
    }

    /// The servers that entries for tools of an own name have, as they are written; `None` for any server.
    pub fn servers(&self, own: &str) -> impl Iterator<Item = Option<&'a str>> {
        let exact = self.exact.get(own).into_iter().flatten().copied();
        exact.chain(self.patterns.iter().filter(move |(_, named)| glob_holds(named, own)).map(|(server, _)| *server))
    }
}

/// Whether an entry of `on` is a pattern.
pub fn is_pattern(entry: &str) -> bool {
    entry.contains(['*', '?', '\\'])
}

/// Whether an entry of `on` may mean a declared tool.
pub fn may_mean(entry: &str, tool: &str) -> bool {
    fits(split(entry), split(tool))
}

fn fits((server, own): (Option<&str>, &str), (of_server, of_own): (Option<&str>, &str)) -> bool {
    let servers = match (server, of_server) {
        (Some(server), Some(of_server)) => glob_holds(server, of_server),
        _ => true,
    };
    servers && glob_holds(own, of_own)
}

/// Whether a glob holds a text.
pub fn glob_holds(pattern: &str, text: &str) -> bool {
    let pattern = glob_parts(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut place) = (0, 0);
    // Where the last `*` stands, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        let fits = match pattern.get(at) {
            Some(GlobPart::Any) => {
                star = Some((at, place));
                at += 1;
                continue;
            }
            Some(GlobPart::One) => true,
            Some(GlobPart::Letter(letter)) => text.get(place) == Some(letter),
            None => false,
        };
        if fits {
            (at, place) = (at + 1, place + 1);
        } else if let Some((before, taken)) = star {
            star = Some((before, taken + 1));
            (at, place) = (before + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern.iter().skip(at).all(|part| matches!(part, GlobPart::Any))
}

enum GlobPart {
    Any,
    One,
    Letter(char),
}

fn glob_parts(pattern: &str) -> Vec<GlobPart> {
    let mut letters = pattern.chars();
    let mut parts = Vec::new();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '*' => GlobPart::Any,
            '?' => GlobPart::One,
            '\\' => GlobPart::Letter(letters.next().unwrap_or('\\')),
            other => GlobPart::Letter(other),
        });
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_hold_as_like_does() {
        for (pattern, text, holds) in [
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acd", false),
            ("*b*", "abc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("*", "", true),
            ("", "", true),
            ("*a*b", "xaxaxb", true),
        ] {
            assert_eq!(glob_holds(pattern, text), holds, "{pattern} {text}");
        }
    }
}
