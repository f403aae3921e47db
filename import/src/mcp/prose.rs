//! Descriptions as documentation: a few lines of what may be pages.

use super::lost::Lost;
use super::shape::About;
use crate::Fate;
use crate::toll;

/// How much of a tool's description is kept, and of an argument's, in characters.
const KEPT: (usize, usize) = (360, 180);

/// The heads of sections that say again what the schema does, or what a tool gives.
const SECTIONS: [&str; 9] = ["Args:", "Arguments:", "Parameters:", "Params:", "Returns:", "Return:", "Raises:", "Responses:", "Error Responses:"];

/// The documentation of a tool.
pub fn of_tool(description: &str, lost: &mut Lost, place: &str) -> String {
    let own = without_sections(description);
    if own.len() < description.len() {
        lost.note(Fate::LeftOut, place, "a description goes without its sections on arguments and results");
    }
    documentation(own, KEPT.0, lost, place)
}

/// A description up to where it goes on with what generators take from a function's documentation: the arguments have their own.
fn without_sections(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if end > 0 && SECTIONS.contains(&line.trim()) && !text.get(..end).unwrap_or_default().trim().is_empty() {
            return text.get(..end).unwrap_or(text);
        }
        end += line.len();
    }
    text
}

/// The documentation of an argument.
pub fn of_field(about: &About, lost: &mut Lost, place: &str) -> String {
    let mut out = about.description.as_deref().map(|description| documentation(description, KEPT.1, lost, place)).unwrap_or_default();
    if let Some(format) = &about.format {
        out.push_str(&toll::documentation(&format!("Format: {}.", crate::json::shown(format))));
    }
    if about.deprecated {
        out.push_str("/// Deprecated.\n");
    }
    out
}

fn documentation(text: &str, room: usize, lost: &mut Lost, place: &str) -> String {
    let (brief, is_whole) = shortened(text, room);
    if !is_whole {
        lost.note(Fate::LeftOut, place, "a description is shortened to its first sentences");
    }
    match brief {
        brief if brief.is_empty() => String::new(),
        _ if is_whole && is_list(text) => {
            toll::documentation(&text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"))
        }
        brief => toll::documentation(&brief),
    }
}

/// Whether lines of a text list something, so that they are to stay lines.
fn is_list(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(['-', '*', '•']))
}

/// The beginning of a text on one line, up to the end of a sentence where there is one, and whether that is all of it.
fn shortened(text: &str, room: usize) -> (String, bool) {
    let mut words = text.split_whitespace();
    let mut brief = String::new();
    let mut length = 0;
    let mut sentence = None;
    for word in words.by_ref() {
        let letters = word.chars().take(room + 1).count();
        if length + letters + 1 > room {
            let cut = match sentence {
                Some(end) if end * 5 > room => brief.get(..end).unwrap_or(&brief).to_owned(),
                _ if brief.is_empty() => word.chars().take(room).collect::<String>() + "…",
                _ => brief + " …",
            };
            return (cut, false);
        }
        if !brief.is_empty() {
            brief.push(' ');
        }
        brief.push_str(word);
        length += letters + 1;
        if ends_a_sentence(word) {
            sentence = Some(brief.len());
        }
    }
    (brief, true)
}

fn ends_a_sentence(word: &str) -> bool {
    let is_number = word.trim_end_matches('.').bytes().all(|byte| byte.is_ascii_digit());
    word.ends_with(['.', '!', '?']) && !is_number && !word.ends_with("e.g.") && !word.ends_with("i.e.")
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn what_is_kept_ends_with_a_sentence() {
        assert_eq!(shortened(" One  two.\n Three. ", 40), ("One two. Three.".to_owned(), true));
        assert_eq!(shortened("One two three. Four five six.", 20), ("One two three.".to_owned(), false));
        assert_eq!(shortened("one two three four", 10), ("one two …".to_owned(), false));
        assert_eq!(shortened(&"ä".repeat(30), 5), ("äääää…".to_owned(), false));
        assert_eq!(shortened("", 5), (String::new(), true));
    }
}
