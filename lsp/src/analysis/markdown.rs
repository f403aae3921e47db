//! Markdown of our own text and of authors': a comment may stress and show code, and is otherwise text.

use std::fmt::Write as _;

/// Code on lines of its own, whatever is in it.
pub fn fenced(code: &str) -> String {
    let fence = "`".repeat(longest_run(code).max(2) + 1);
    format!("{fence}toll\n{}\n{fence}", harmless(code.trim_end()))
}

/// Code in a line, whatever is in it.
pub fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    let line: String = harmless(text).chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }).collect();
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// An author's comment: its code and emphasis stay, links, images, HTML and headings become text.
pub fn comment(text: &str) -> String {
    let (mut out, mut block) = (String::new(), None::<Block>);
    for line in text.lines() {
        let fence = fence_of(line);
        block = match block.take() {
            Some(open)
                if fence.is_some_and(|(mark, length)| mark == open.mark && length >= open.length && line.trim().chars().all(|c| c == mark)) =>
            {
                open.write(&mut out);
                None
            }
            Some(mut open) => {
                open.lines.push(line);
                Some(open)
            }
            None => match fence {
                Some((mark, length)) => Some(Block { mark, length, lines: Vec::new() }),
                None => {
                    prose(line, &mut out);
                    out.push('\n');
                    None
                }
            },
        };
    }
    if let Some(open) = block {
        open.write(&mut out);
    }
    out.trim().to_owned()
}

/// A block of code in a comment.
struct Block<'t> {
    mark: char,
    length: usize,
    lines: Vec<&'t str>,
}

impl Block<'_> {
    /// At the margin and after an empty line, where every reader sees a fence.
    fn write(&self, out: &mut String) {
        let _ = write!(out, "\n{}\n\n", fenced(&self.lines.join("\n")));
    }
}

/// The mark and the length of the fence that a line begins with.
fn fence_of(line: &str) -> Option<(char, usize)> {
    let line = line.trim_start();
    let mark = line.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    let is_fence = length >= 3 && !line.chars().skip(length).any(|c| c == '`');
    is_fence.then_some((mark, length))
}

/// A line of text. What is code in it begins and ends in it, so that no reader pairs its marks with those of other lines.
fn prose(line: &str, out: &mut String) {
    // Four spaces would make code of it, which nothing in it could escape from.
    let indent = line.len() - line.trim_start().len();
    out.extend(std::iter::repeat_n(' ', indent.min(3)));
    let line = harmless(line.trim_start());
    let mut rest = line.as_str();
    if rest.starts_with(['#', '>', '=', '|', '+']) || (rest.starts_with(['-', '_', '*']) && rest.chars().all(|c| matches!(c, '-' | '_' | '*' | ' ')))
    {
        out.push('\\');
        out.extend(rest.chars().next());
        rest = rest.get(1..).unwrap_or_default();
    }
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '`' => code_in(rest, out),
            '\\' => escape_in(rest, out),
            _ => {
                let may_mean =
                    matches!(letter, '<' | '>' | '[' | ']' | '!' | '&' | '|' | '@' | ':' | '~' | '$') || (letter == '.' && out.ends_with("www"));
                if may_mean {
                    out.push('\\');
                }
                out.push(letter);
                letter.len_utf8()
            }
        };
        rest = rest.get(taken..).unwrap_or_default();
    }
}

/// Writes the code that a text begins with, or its marks as text; gives how much of it that was.
fn code_in(text: &str, out: &mut String) -> usize {
    let length = text.len() - text.trim_start_matches('`').len();
    let marks = text.get(..length).unwrap_or_default();
    let rest = text.get(length..).unwrap_or_default();
    let mut at = 0;
    while let Some(found) = rest.get(at..).and_then(|rest| rest.find('`')) {
        let start = at + found;
        let run = rest.get(start..).map_or(0, |rest| rest.len() - rest.trim_start_matches('`').len());
        if run == length {
            let _ = write!(out, "{marks}{}{marks}", rest.get(..start).unwrap_or_default());
            return length + start + run;
        }
        at = start + run;
    }
    (0..length).for_each(|_| out.push_str("\\`"));
    length
}

/// Writes an escape of the author's; gives how much of the text that was.
fn escape_in(text: &str, out: &mut String) -> usize {
    let next = text.chars().nth(1).filter(char::is_ascii_punctuation);
    out.push('\\');
    out.push(next.unwrap_or('\\'));
    1 + usize::from(next.is_some())
}

/// The text without characters that are obeyed rather than shown.
fn harmless(text: &str) -> String {
    let is_obeyed = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.replace('\r', "").chars().map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }).collect()
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_text_with_code_and_emphasis() {
        let cases = [
            ("Refunds *are* `args.x < 1` for **people**.", "Refunds *are* `args.x < 1` for **people**."),
            ("[a](command:b) ![c](d) <b> &lt;", "\\[a\\](command\\:b) \\!\\[c\\](d) \\<b\\> \\&lt;"),
            ("https://a.b www.c.d e@f.g", "https\\://a.b www\\.c.d e\\@f.g"),
            ("# A\n> b\n===\n---\n- c\n1. d", "\\# A\n\\> b\n\\===\n\\---\n- c\n1. d"),
            ("`a\n`<b>`", "\\`a\n`<b>`"),
            ("``a` b`` `", "``a` b`` \\`"),
            ("a\\`<b>` \\<i> \\x", "a\\`\\<b\\>\\` \\<i\\> \\\\x"),
            ("      indented <b>", "indented \\<b\\>"),
            ("a\u{202e}b\u{7}", "a\u{fffd}b\u{fffd}"),
        ];
        for (text, expected) in cases {
            assert_eq!(comment(text), expected, "{text}");
        }
    }

    #[test]
    fn blocks_of_code_stand_at_the_margin_and_end() {
        assert_eq!(comment("a\n    ```html\n<b>\n```\nc"), "a\n\n```toll\n<b>\n```\n\nc");
        assert_eq!(comment("~~~\n```\n<b>"), "````toll\n```\n<b>\n````");
        assert_eq!(comment("````\n```\n````"), "````toll\n```\n````");
        assert_eq!(comment("``` a ` b"), "\\`\\`\\` a \\` b");
    }

    #[test]
    fn code_is_code_whatever_is_in_it() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(fenced("a ```` b\n"), "`````toll\na ```` b\n`````");
    }
}
