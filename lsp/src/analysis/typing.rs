//! Layout while typing, and of a part of a file.

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::format::format;
use tollgate_compiler::syntax::Cut;
use tollgate_compiler::syntax::ast::Span;
use tollgate_compiler::syntax::lexer::{TokenKind, is_item_keyword, lex};

use super::TextEdit;

/// One step of indentation.
const STEP: &str = "  ";
/// The deepest indentation, in steps.
const DEEPEST: usize = 40;
/// How far back the start of an item is looked for, in bytes.
const FARTHEST: usize = 100_000;
/// What gives a text the package that a layout asks for.
const HEADER: &str = "package a\n\n";

/// What follows from typing a line end or a closing bracket before an offset.
pub fn on_type(text: &str, file: FileId, offset: u32, typed: char) -> Vec<TextEdit> {
    let Some((before, after)) = text.split_at_checked(offset as usize) else { return Vec::new() };
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = before.get(start..).unwrap_or_default();
    let line = after.split('\n').next().unwrap_or_default();
    let wanted = match typed {
        '\n' if start > 0 => wanted_after(before.get(..start).unwrap_or_default(), line),
        '}' | ')' | ']' if indent.trim().len() == 1 => indentation(before.get(..start).unwrap_or_default(), indent.trim()),
        _ => return Vec::new(),
    };
    let blank = indent.len() - indent.trim_start().len();
    let more = if indent.trim().is_empty() { line.len() - line.trim_start_matches([' ', '\t']).len() } else { 0 };
    let known = indent.get(..blank).unwrap_or_default();
    if known == wanted && more == 0 {
        return Vec::new();
    }
    let span = Span { start: start as u32, end: (start + blank + more) as u32 };
    vec![TextEdit { at: Location { file, span }, text: wanted }]
}

/// What a line begins with that follows others and goes on so.
fn wanted_after(before: &str, rest: &str) -> String {
    let above = before.trim_end_matches(['\n', '\r']).rsplit('\n').next().unwrap_or_default();
    let is_next = before.len() - before.trim_end_matches(['\n', '\r']).len() <= 2;
    let comment = above.trim_start();
    if is_next && comment.starts_with("///") && !comment.starts_with("////") && !rest.trim_start().starts_with("//") {
        let indent = above.get(..above.len() - comment.len()).unwrap_or_default();
        return format!("{indent}/// ");
    }
    indentation(before, rest.trim_start())
}

/// The indentation of a line that follows others: by open brackets, and by one for a clause of a rule.
fn indentation(before: &str, rest: &str) -> String {
    let item = last_item(before);
    let tokens: Vec<_> = lex(item).into_iter().filter(|token| !token.kind.is_trivia()).collect();
    let mut open = 0_usize;
    for token in &tokens {
        open = open.saturating_add(usize::from(token.kind.opens())).saturating_sub(usize::from(token.kind.opener().is_some()));
    }
    let closes = rest.starts_with(['}', ')', ']']);
    let keyword = tokens.iter().find(|token| token.kind == TokenKind::Word && is_item_keyword(token.span.of(item)));
    let is_rule = keyword.is_some_and(|token| matches!(token.span.of(item), "allow" | "review" | "deny"));
    let is_over = item.trim_end_matches([' ', '\t', '\r']).ends_with("\n\n") || item.ends_with("\n\r\n");
    let steps = match (open, is_rule) {
        (0, true) if !is_over && !closes => 1,
        (0, _) => 0,
        (open, is_rule) => open + usize::from(is_rule) - usize::from(closes),
    };
    STEP.repeat(steps.min(DEEPEST))
}

/// The text from the last line that begins an item.
fn last_item(before: &str) -> &str {
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(FARTHEST))..).unwrap_or_default();
    let begins = |line: &str| {
        let word = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
        line.starts_with('@') || is_item_keyword(word)
    };
    let mut start = near.len();
    for line in near.split_inclusive('\n').rev() {
        start -= line.len();
        if begins(line) {
            break;
        }
    }
    near.get(start..).unwrap_or_default()
}

/// The canonical layout of the items that a span touches, those that can be read.
pub fn format_range(text: &str, file: FileId, span: Span) -> Vec<TextEdit> {
    let cut = Cut::new(text);
    let touched = cut.pieces().filter(|piece| piece.start <= span.end && span.start as usize <= piece.start as usize + piece.text.len());
    let edit = |start: u32, old: &str| {
        let new = laid_out(old)?;
        let at = Location { file, span: Span { start, end: start + old.len() as u32 } };
        (new != old).then_some(TextEdit { at, text: new })
    };
    touched.filter_map(|piece| own_lines(piece.text, piece.start).and_then(|(start, old)| edit(start, old))).collect()
}

/// An item in its canonical layout, with the text before it; `None` where it cannot be read. `follows`: whether another item stands before it, of whose
/// line something may be left.
pub fn layout(item: &str, follows: bool) -> Option<String> {
    let (start, own) = own_lines(item, u32::from(follows))?;
    let start = (start - u32::from(follows)) as usize;
    let after = item.get(start + own.trim_end().len()..)?;
    Some(format!("{}{}{after}", item.get(..start)?, laid_out(own)?))
}

/// An item with the comments above it, without what is left of the line before.
fn own_lines(piece: &str, start: u32) -> Option<(u32, &str)> {
    let first = lex(piece).into_iter().find(|token| token.kind != TokenKind::Space)?;
    let is_of_line_before = start > 0 && first.kind.is_trivia() && !Span { start: 0, end: first.span.start }.of(piece).contains('\n');
    let from = if is_of_line_before { first.span.end as usize } else { 0 };
    let rest = piece.get(from..)?;
    let own = rest.trim_start();
    Some((start + (from + rest.len() - own.len()) as u32, own))
}

fn laid_out(item: &str) -> Option<String> {
    let is_package = lex(item).iter().any(|token| token.kind == TokenKind::Word && token.span.of(item) == "package");
    if let Some(whole) = format(item).ok().filter(|_| is_package) {
        return Some(whole.trim_end().to_owned());
    }
    let whole = format(&std::format!("{HEADER}{item}\n")).ok()?;
    whole.strip_prefix(HEADER.trim_end()).map(|rest| rest.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after the key before `$0` was typed.
    fn typed(text: &str) -> String {
        let offset = text.find("$0").unwrap();
        let text = text.replacen("$0", "", 1);
        let key = text.get(..offset).unwrap().chars().next_back().unwrap();
        applied(&text, &on_type(&text, FileId(0), offset as u32, key))
    }

    fn applied(text: &str, edits: &[TextEdit]) -> String {
        let mut out = text.to_owned();
        for edit in edits.iter().rev() {
            out.replace_range(edit.at.span.start as usize..edit.at.span.end as usize, &edit.text);
        }
        out
    }

    #[test]
    fn lines_begin_where_they_belong() {
        let cases = [
            ("deny x\n$0", "deny x\n  "),
            ("deny x\n  when a\n$0", "deny x\n  when a\n  "),
            ("deny x when a\n\n$0", "deny x when a\n\n"),
            ("test \"a\" {\n$0}", "test \"a\" {\n}"),
            ("test \"a\" {\n$0", "test \"a\" {\n  "),
            ("test \"a\" {\n  input {\n$0\n  }\n}", "test \"a\" {\n  input {\n    \n  }\n}"),
            ("deny x when [\n$0", "deny x when [\n    "),
            ("test \"a\" {\n  input {\n    }$0", "test \"a\" {\n  input {\n  }"),
            ("type T { a: int }\n    $0", "type T { a: int }\n    "),
            ("/// One.\n$0", "/// One.\n/// "),
            ("type T {\n  /// One.\n$0\n}", "type T {\n  /// One.\n  /// \n}"),
            ("/// One.\n$0two", "/// One.\n/// two"),
            ("// One.\n$0", "// One.\n"),
            ("let é = \"{\"\n  $0", "let é = \"{\"\n  "),
            ("let é = \"{\"\n$0  ", "let é = \"{\"\n"),
            ("let a = { b: 1 }$0", "let a = { b: 1 }"),
        ];
        for (text, expected) in cases {
            assert_eq!(typed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_part_is_laid_out_and_the_rest_stays() {
        let text = "package   a\n\nlet  x=1 // last\n\n// Above.\nlet  y  =  2\n\n\nlet  z=3\nlet broken = (\n";
        let at = text.find("y  =").unwrap() as u32;
        let edits = format_range(text, FileId(0), Span { start: at, end: at });
        assert_eq!(applied(text, &edits), text.replace("let  y  =  2", "let y = 2"));
        let edits = format_range(text, FileId(0), Span { start: 0, end: text.len() as u32 });
        assert_eq!(applied(text, &edits), "package a\n\nlet x = 1 // last\n\n// Above.\nlet y = 2\n\n\nlet z = 3\nlet broken = (\n");
    }

    #[test]
    fn any_text_may_be_typed() {
        let deep = "[".repeat(5_000);
        for text in ["", "}", "\n", "é\n", "\"\n", deep.as_str()] {
            for offset in 0..=text.len().min(20) as u32 {
                for key in ['\n', '}', 'x'] {
                    on_type(text, FileId(0), offset, key);
                }
            }
            on_type(text, FileId(0), u32::MAX, '\n');
            format_range(text, FileId(0), Span { start: 0, end: u32::MAX });
        }
        let large = "let a = [1, 2]\n".repeat(70_000);
        assert!(on_type(&large, FileId(0), large.len() as u32, '\n').is_empty());
    }
}
