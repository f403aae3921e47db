//! Finds, where the parser cannot go on, what an author has written out of habit: the shapes of [`super::shapes`].

use super::Parser;
use super::shapes::{ANYWHERE, Fix, Habit, STATEMENTS, of_item};
use crate::diagnostic::{Code, Diagnostic, Edit, Location};
use crate::syntax::ast::Span;
use crate::syntax::items::match_brackets;
use crate::syntax::lexer::{self, Token, TokenKind};

/// The clauses of a rule.
const CLAUSES: [&str; 6] = ["on", "for", "when", "unless", "because", "require"];

/// Operands longer than this are not repeated in a message.
const LONGEST_OPERAND: usize = 60;

/// The same of other words.
const LONGEST_SHOWN: usize = 120;

/// A fix mends as many places at once; nobody writes more into one item.
pub(super) const MOST_EDITS: usize = 256;

/// Where a shape was found.
struct Match {
    /// The mistake.
    span: Span,
    /// What each word of the shape stands for.
    words: Vec<Span>,
    /// The operand before the mistake.
    operand: Option<Span>,
}

impl<'a> Parser<'a> {
    /// What is said of the habit that shows at a token where the parser could not go on; `index` is the number of tokens where they end too early.
    pub(super) fn habit(&mut self, tokens: &[Token], index: usize) -> Option<Diagnostic> {
        if !self.hole {
            let head = self.statement_head(tokens, index);
            if let Some((habit, found)) = STATEMENTS.iter().find_map(|habit| Some((habit, self.matched(habit, tokens, head)?))) {
                self.sound = Some(head).filter(|head| *head > 0);
                return Some(self.explained(habit, &found, tokens));
            }
        }
        let keyword = tokens.iter().map(|token| token.span.of(self.text)).find(|word| lexer::is_item_keyword(word)).filter(|_| !self.hole);
        let tables = [of_item(keyword.unwrap_or_default()), ANYWHERE];
        let (habit, found) = tables.into_iter().find_map(|table| self.longest_match(table, tokens, index))?;
        Some(self.explained(habit, &found, tokens))
    }

    /// The shape with the most words that has a token among them.
    fn longest_match<'h>(&self, table: &'h [Habit], tokens: &[Token], index: usize) -> Option<(&'h Habit, Match)> {
        let mut longest: Option<(&Habit, Match)> = None;
        for start in (index.saturating_sub(MOST_WORDS)..=index).rev() {
            for habit in table {
                let Some(found) = self.matched(habit, tokens, start) else { continue };
                let reaches = start + found.words.len() > index || index == tokens.len();
                if reaches && longest.as_ref().is_none_or(|(_, best)| best.words.len() < found.words.len()) {
                    longest = Some((habit, found));
                }
            }
        }
        longest
    }

    /// Where the statement begins that a token is in: at a line's first character outside of brackets, or with the item.
    pub(super) fn statement_head(&self, tokens: &[Token], index: usize) -> usize {
        let is_annotation = |at: usize| at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|before| before.kind == TokenKind::At);
        let is_keyword =
            |(at, token): (usize, &Token)| token.kind == TokenKind::Word && lexer::is_item_keyword(token.span.of(self.text)) && !is_annotation(at);
        let mut head = tokens.iter().enumerate().position(is_keyword);
        if tokens.first().is_none_or(|first| first.kind != TokenKind::At) {
            head = Some(0);
        }
        let mut depth = 0_usize;
        for (at, token) in tokens.iter().enumerate().take(index.saturating_add(1)) {
            if token.kind.opener().is_some() {
                depth = depth.saturating_sub(1);
            } else if depth == 0 && at > 0 && self.at_line_start(token.span.start) {
                let follows = token.kind == TokenKind::At || CLAUSES.contains(&token.span.of(self.text));
                head = if follows { head } else { Some(at) };
            }
            depth += usize::from(token.kind.opens());
        }
        head.unwrap_or_default()
    }

    /// The place of a shape whose first word is that token.
    fn matched(&self, habit: &Habit, tokens: &[Token], start: usize) -> Option<Match> {
        let mut words = Vec::new();
        let (mut from, mut to) = (0, None);
        let mut places = Vec::new();
        let mut operand_wanted = false;
        for word in habit.shape.split(' ') {
            let at = start + words.len();
            match word {
                "«" => from = words.len(),
                "»" => to = Some(words.len()),
                "OPERAND" => operand_wanted = true,
                "INNER" | "WHEN" | "FIRST" | "BESIDE" => places.push((word, at)),
                "END" => (at == tokens.len()).then_some(())?,
                _ => words.push(tokens.get(at).filter(|token| self.is_word_of_shape(word, **token))?.span),
            }
        }
        if !places.into_iter().all(|(place, at)| self.stands(place, tokens, at)) {
            return None;
        }
        let operand = match operand_wanted {
            true => Some(self.operand_before(tokens, start)?),
            false => None,
        };
        let shown = words.get(from..to.unwrap_or(words.len()))?;
        let span = shown.first()?.to(*shown.last()?);
        Some(Match { span, words, operand })
    }

    /// Whether a token is at a place of that kind.
    fn stands(&self, place: &str, tokens: &[Token], at: usize) -> bool {
        let before = tokens.get(..at).unwrap_or_default();
        let gap = || Span { start: before.last().map_or(0, |last| last.span.end), end: tokens.get(at).map_or(0, |token| token.span.start) };
        match place {
            "FIRST" => gap().of(self.text).contains('\n'),
            "BESIDE" => !gap().of(self.text).contains('\n'),
            "INNER" => depth(before) > 0,
            _ => {
                let clause = before.iter().rev().map(|token| token.span.of(self.text)).find(|word| CLAUSES.contains(word));
                depth(before) == 0 && matches!(clause, Some("when" | "unless"))
            }
        }
    }

    fn is_word_of_shape(&self, word: &str, token: Token) -> bool {
        let text = token.span.of(self.text);
        text == word || word.split('|').any(|word| Self::is_kind(word, text, token.kind))
    }

    /// Whether a token is of a kind, or is that word.
    fn is_kind(kind: &str, text: &str, found: TokenKind) -> bool {
        match kind {
            "NAME" => found == TokenKind::Word && !lexer::is_reserved(text),
            "TYPE" => found == TokenKind::Word && lexer::is_type_name(text),
            "STRING" => matches!(found, TokenKind::String | TokenKind::RawString),
            "INT" => found == TokenKind::Int,
            "THOUSAND" => found == TokenKind::Int && text.len() == 3,
            "DECIMAL" => found == TokenKind::Decimal,
            "VALUE" => matches!(found, TokenKind::Int | TokenKind::Decimal | TokenKind::Duration | TokenKind::String | TokenKind::Word),
            "EFFECT" => matches!(text, "allow" | "review" | "deny"),
            "CLAUSE" => CLAUSES.contains(&text),
            "ANY" => true,
            _ => match kind.strip_suffix('*').filter(|prefix| !prefix.is_empty()) {
                Some(prefix) => text.starts_with(prefix),
                None => kind.eq_ignore_ascii_case(text),
            },
        }
    }

    /// The operand that ends before a token: names, strings and numbers with their fields and calls.
    fn operand_before(&self, tokens: &[Token], end: usize) -> Option<Span> {
        let partners = match_brackets(tokens.get(..end)?);
        let mut first = end;
        loop {
            let last = first.checked_sub(1)?;
            let token = tokens.get(last)?;
            first = last;
            if token.kind.opener().is_some() {
                first = partners.get(last).copied().flatten()?;
                let before = first.checked_sub(1).and_then(|at| tokens.get(at));
                if before.is_some_and(|before| before.kind == TokenKind::Word && !lexer::is_reserved(before.span.of(self.text))) {
                    continue;
                }
            } else if self.is_keyword_at(tokens, last)
                || !matches!(token.kind, TokenKind::Word | TokenKind::Int | TokenKind::Decimal | TokenKind::Duration | TokenKind::String)
            {
                return None;
            }
            match first.checked_sub(1).and_then(|at| tokens.get(at)).map(|token| token.kind) {
                Some(TokenKind::Dot | TokenKind::QuestionDot) => first -= 1,
                _ => break,
            }
        }
        let span = tokens.get(first)?.span.to(tokens.get(end.checked_sub(1)?)?.span);
        (span.of(self.text).len() <= LONGEST_OPERAND).then_some(span)
    }

    /// Whether a token is a reserved word that is no name after a dot.
    fn is_keyword_at(&self, tokens: &[Token], index: usize) -> bool {
        let text = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.span.of(self.text));
        lexer::is_reserved(text(Some(index))) && !matches!(text(index.checked_sub(1)), "." | "?.")
    }

    fn explained(&self, habit: &Habit, found: &Match, tokens: &[Token]) -> Diagnostic {
        let code = if self.hole { Code::Hole } else { Code::Syntax };
        let told = |template: &str| self.filled(template, found, LONGEST_SHOWN);
        let diagnostic = self.error(code, found.span, told(habit.message)).with_help(told(habit.help));
        let edit = |span: Span, text: &str| Edit { at: Location { file: self.file, span }, text: text.to_owned() };
        let edits = match habit.fix {
            Fix::None => return diagnostic,
            Fix::Replace(text) => {
                let span = found.operand.filter(|_| text.contains("$@")).map_or(found.span, |operand| operand.to(found.span));
                vec![edit(span, &self.filled(text, found, usize::MAX))]
            }
            Fix::ReplaceAll(text) => {
                let mistaken = found.span.of(self.text);
                let same = tokens.iter().filter(|token| token.span.of(self.text) == mistaken);
                same.take(MOST_EDITS).map(|token| edit(token.span, text)).collect()
            }
            Fix::Unwrap => {
                let Some(closer) = closer_of(tokens, found.span) else { return diagnostic };
                vec![edit(found.span, ""), edit(closer, "")]
            }
        };
        let mut diagnostic = diagnostic;
        let title = match edits.as_slice() {
            [only] if only.text.is_empty() => format!("remove `{}`", found.span.of(self.text)),
            [only, ..] if !only.text.is_empty() => match only.text.split_once('\n') {
                Some((line, _)) => format!("write `{line}` and what follows from it"),
                None if only.text.len() > LONGEST_SHOWN => "write it so".to_owned(),
                None => format!("write `{}`", only.text.trim()),
            },
            _ => "remove the brackets".to_owned(),
        };
        diagnostic.fixes.push(crate::diagnostic::Fix::new(title, edits));
        diagnostic
    }

    /// A text with what the shape's words stand for: `$0` is the first, `$@` the operand before, `$*` the mistake, `$_1` a name made of the second. What has
    /// more bytes than `longest` is left out.
    fn filled(&self, template: &str, found: &Match, longest: usize) -> String {
        let shown = |text: &'a str| if text.len() <= longest { text } else { "…" };
        let mut parts = template.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        let word = |digit: Option<char>| {
            let place = digit.and_then(|digit| digit.to_digit(10)).and_then(|digit| found.words.get(digit as usize));
            place.map_or("", |span| shown(span.of(self.text)))
        };
        for part in parts {
            let mut characters = part.chars();
            match characters.next() {
                Some('@') => filled.push_str(found.operand.map_or("…", |operand| operand.of(self.text))),
                Some('*') => filled.push_str(shown(found.span.of(self.text))),
                Some('_') => filled.push_str(&name_of(word(characters.next()))),
                digit => filled.push_str(word(digit)),
            }
            filled.push_str(characters.as_str());
        }
        filled
    }
}

/// The words of the longest shape.
const MOST_WORDS: usize = 8;

fn depth(tokens: &[Token]) -> usize {
    tokens.iter().fold(0_usize, |depth, token| match (token.kind.opens(), token.kind.opener()) {
        (true, _) => depth + 1,
        (_, Some(_)) => depth.saturating_sub(1),
        _ => depth,
    })
}

/// The bracket that closes the one at that place.
fn closer_of(tokens: &[Token], opener: Span) -> Option<Span> {
    let index = tokens.iter().position(|token| token.span == opener)?;
    let partner = match_brackets(tokens).get(index).copied().flatten()?;
    tokens.get(partner).map(|token| token.span)
}

/// The text of a string or path as a name, or a path of names.
fn name_of(text: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' | '0'..='9' | '_' | '.' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '/' => '.',
        _ => '_',
    };
    text.trim_matches('"').chars().map(letter).collect()
}
