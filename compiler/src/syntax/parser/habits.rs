//! Finds, where the parser cannot go on, what an author has written out of habit: the shapes of [`super::shapes`].

use super::Parser;
use super::shapes::{ANYWHERE, Fix, Habit, STATEMENTS, of_item};
use crate::diagnostic::{Code, Diagnostic, Edit, Location};
use crate::syntax::ast::Span;
use crate::syntax::items::match_brackets;
use crate::syntax::lexer::{self, Token, TokenKind};
use crate::syntax::span_of;

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
    operand: Option<Operand>,
}

/// The operand before a mistake.
#[derive(Clone, Copy)]
struct Operand {
    span: Span,
    place: Place,
}

/// Where an operand stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a condition or a value begins: it is all that the mistake is about.
    First,
    /// After `not`, which is about what follows as a whole, or so its author hopes.
    Negated,
    /// After another operator: it may be a part only of what the mistake is about.
    Within,
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
                "INNER" | "WHEN" | "PLAIN" | "FIRST" | "BESIDE" | "TIGHT" => places.push((word, at)),
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
            "TIGHT" => gap().of(self.text).is_empty(),
            "INNER" => depth(before) > 0,
            "PLAIN" => self.is_plain(tokens, at),
            _ => depth(before) == 0 && matches!(self.clause_of(before), Some((_, "when" | "unless"))),
        }
    }

    /// The keyword of the last clause in some tokens, and its place.
    fn clause_of(&self, tokens: &[Token]) -> Option<(usize, &'a str)> {
        tokens.iter().enumerate().rev().map(|(at, token)| (at, token.span.of(self.text))).find(|(_, word)| CLAUSES.contains(word))
    }

    /// Whether a token is in a `when` without `or` and `if` outside of brackets: what is put in with `and` is then asked besides all that is there.
    fn is_plain(&self, tokens: &[Token], at: usize) -> bool {
        let Some((clause, "when")) = tokens.get(..at).and_then(|before| self.clause_of(before)) else { return false };
        let mut depth = 0_i32;
        for token in tokens.iter().skip(clause + 1) {
            depth += i32::from(token.kind.opens()) - i32::from(token.kind.opener().is_some());
            let word = token.span.of(self.text);
            match depth {
                0 if word.eq_ignore_ascii_case("or") || matches!(word, "||" | "|" | "if") => return false,
                0 if word != "when" && CLAUSES.contains(&word) => break,
                _ => {}
            }
        }
        true
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
            "CAPITALS" => text.contains(|c: char| c.is_ascii_uppercase()) && lexer::is_reserved(&text.to_ascii_lowercase()),
            "ANY" => true,
            _ => match kind.strip_suffix('*').filter(|prefix| !prefix.is_empty()) {
                Some(prefix) => text.starts_with(prefix),
                None => kind.eq_ignore_ascii_case(text),
            },
        }
    }

    /// The operand that ends before a token: names, strings and numbers with their fields and calls.
    fn operand_before(&self, tokens: &[Token], end: usize) -> Option<Operand> {
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
        let before = first.checked_sub(1).and_then(|at| tokens.get(at)).map(|token| token.span.of(self.text).to_ascii_lowercase());
        let place = match before.as_deref() {
            None | Some("when" | "unless" | "where" | "and" | "or" | "if" | "then" | "else" | "expect") => Place::First,
            Some("(" | "[" | "{" | "," | ":" | "=" | "=>") => Place::First,
            Some("not") => Place::Negated,
            Some(_) => Place::Within,
        };
        (span.of(self.text).len() <= LONGEST_OPERAND).then_some(Operand { span, place })
    }

    /// Whether a token is a reserved word that is no name after a dot.
    fn is_keyword_at(&self, tokens: &[Token], index: usize) -> bool {
        let text = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.span.of(self.text));
        lexer::is_reserved(text(Some(index))) && !matches!(text(index.checked_sub(1)), "." | "?.")
    }

    /// A `!` that makes no token with the operator beside it is a wrong character.
    fn code_of(&self, found: &Match) -> Code {
        let mut words = found.words.iter().map(|word| word.of(self.text));
        match (self.hole, words.next(), words.next()) {
            (true, ..) => Code::Hole,
            (false, Some("!"), Some("=" | "<" | ">")) => Code::Character,
            (false, ..) => Code::Syntax,
        }
    }

    fn explained(&self, habit: &Habit, found: &Match, tokens: &[Token]) -> Diagnostic {
        let told = |template: &str| self.filled(template, found, LONGEST_SHOWN);
        let diagnostic = self.error(self.code_of(found), found.span, told(habit.message)).with_help(told(habit.help));
        let edit = |span: Span, text: &str| Edit { at: Location { file: self.file, span }, text: text.to_owned() };
        let operand = |text: &str| found.operand.filter(|_| text.contains("$@"));
        let mut is_choice = matches!(habit.fix, Fix::Offer(_));
        let edits = match habit.fix {
            Fix::None => return diagnostic,
            Fix::Replace(text) | Fix::Offer(text) => {
                let filled = self.filled(text, found, usize::MAX);
                match operand(text) {
                    None => vec![edit(found.span, &filled)],
                    Some(Operand { place: Place::Within, .. }) => return diagnostic,
                    Some(Operand { place, span }) => {
                        is_choice |= place == Place::Negated;
                        let is_loose = place == Place::Negated && text.contains(" and ");
                        vec![edit(span.to(found.span), &if is_loose { format!("({filled})") } else { filled })]
                    }
                }
            }
            Fix::ReplaceAll(text) => self.all_beside(tokens, found.span).map(|span| edit(span, text)).collect(),
            Fix::Unwrap => {
                let Some(closer) = closer_of(tokens, found.span) else { return diagnostic };
                vec![edit(found.span, ""), edit(closer, "")]
            }
            Fix::Wrap => {
                let end = span_of(tokens).end;
                vec![edit(Span { end: found.span.start, ..found.span }, "{ "), edit(Span { start: end, end }, " }")]
            }
        };
        let mut diagnostic = diagnostic;
        let title = match edits.as_slice() {
            [only] if only.text.is_empty() => format!("remove `{}`", found.span.of(self.text)),
            [_, last] if last.text == " }" => "put it in braces".to_owned(),
            [only, ..] if !only.text.is_empty() => match only.text.split_once('\n') {
                Some((line, _)) => format!("write `{line}` and what follows from it"),
                None if only.text.len() > LONGEST_SHOWN => "write it so".to_owned(),
                None => format!("write `{}`", only.text.trim()),
            },
            _ => "remove the brackets".to_owned(),
        };
        diagnostic.fixes.push(crate::diagnostic::Fix { is_choice, ..crate::diagnostic::Fix::new(title, edits) });
        diagnostic
    }

    /// The tokens that are written as the one at that place is, and stand as deep in brackets.
    fn all_beside<'t>(&self, tokens: &'t [Token], mistake: Span) -> impl Iterator<Item = Span> + use<'t, 'a> {
        let text = self.text;
        let deep = tokens.iter().scan(0_i32, |depth, token| {
            *depth += i32::from(token.kind.opens()) - i32::from(token.kind.opener().is_some());
            Some((*depth, token.span))
        });
        let wanted = deep.clone().find(|(_, span)| *span == mistake).map_or(0, |(depth, _)| depth);
        deep.filter(move |(depth, span)| *depth == wanted && span.of(text) == mistake.of(text)).map(|(_, span)| span).take(MOST_EDITS)
    }

    /// A text with what the shape's words stand for: `$0` is the first, `$@` the operand before, `$*` the mistake, `$_1` a name made of the second, `$l1` the
    /// second in small letters. An operand of which there may be more than is known, and what has more bytes than `longest`, is left out.
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
                Some('@') => {
                    let whole = found.operand.filter(|operand| operand.place != Place::Within);
                    filled.push_str(whole.map_or("…", |operand| operand.span.of(self.text)));
                }
                Some('l') => filled.push_str(&word(characters.next()).to_lowercase()),
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

/// The text of a string or path as a name, or a path of names; that of a file loses what files have besides.
fn name_of(text: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' | '0'..='9' | '_' | '.' => c,
        'A'..='Z' => c.to_ascii_lowercase(),
        '/' => '.',
        _ => '_',
    };
    let text = text.trim_matches('"');
    let text = text.strip_suffix(".toll").unwrap_or(text).trim_start_matches(['.', '/']);
    text.chars().map(letter).collect()
}
