//! What the patterns of `like` and of `on` hold.

use super::tools::split;

/// Whether an entry of `on` may mean a declared tool.
pub fn may_mean(entry: &str, tool: &str) -> bool {
    let ((server, own), (of_server, of_own)) = (split(entry), split(tool));
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
