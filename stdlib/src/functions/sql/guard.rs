//! What is refused before parsing, and the parsing.

use sqlparser::ast::Statement;
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::lexical;

/// The longest text in bytes.
pub const LONGEST: usize = 64 * 1024;
/// How deep brackets nest at most.
const DEPTH: usize = 10;
/// How tall the tree is at most, counted in tokens.
const HEIGHT: usize = 400;
/// How many words at most make a tree deeper wherever they stand.
const DEEPENING: usize = 64;
/// How many signs such as `-` and `NOT` stand at most in a row.
const SIGNS: usize = 6;
/// How deep the parser recurses at most.
const RECURSION: usize = 20;
/// How many words may be open that the parser tries in several ways: each tries again whatever is in it.
const TRIES: usize = 5;

/// The statements of a text, each with its first word in lower case.
pub fn statements(text: &str) -> Option<Vec<(String, Statement)>> {
    if lexical::is_ambiguous(text) {
        return None;
    }
    let dialect = GenericDialect {};
    let tokens = Tokenizer::new(&dialect, text).tokenize().ok()?;
    if !lexical::is_read_alike(text, &tokens) || !is_shallow(&tokens) {
        return None;
    }
    let mut parser = Parser::new(&dialect).with_recursion_limit(RECURSION).with_tokens(tokens);
    let mut statements = Vec::new();
    loop {
        while parser.consume_token(&Token::SemiColon) {}
        let first = match parser.peek_token().token {
            Token::EOF => return Some(statements),
            Token::Word(word) => word.value.to_lowercase(),
            _ => String::new(),
        };
        statements.push((first, parser.parse_statement().ok()?));
        if !matches!(parser.peek_token().token, Token::SemiColon | Token::EOF) {
            return None;
        }
    }
}

/// How tall the tree of what stands between two brackets may be.
#[derive(Default)]
struct Level {
    /// Tokens since the last comma: a chain of operators becomes a tree as tall as it is long.
    chain: usize,
    /// The tallest of the brackets since the last comma, which may stand at the chain's deepest place.
    brackets: usize,
    /// The tallest of what stands before the last comma.
    before: usize,
    /// Words since the last comma that are tried in several ways.
    tries: usize,
}

impl Level {
    fn height(&self) -> usize {
        self.before.max(self.chain + self.brackets)
    }

    fn comma(&mut self) {
        *self = Level { before: self.height(), ..Level::default() };
    }
}

/// Whether the tree of the tokens is shallow enough to be built, visited and dropped on a small stack.
fn is_shallow(tokens: &[Token]) -> bool {
    let (mut outer, mut level) = (Vec::new(), Level::default());
    let (mut deepening, mut signs, mut follows_interval) = (0_usize, 0_usize, false);
    for token in tokens.iter().filter(|token| !matches!(token, Token::Whitespace(_))) {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => outer.push(std::mem::take(&mut level)),
            Token::RParen | Token::RBracket | Token::RBrace => {
                let inner = std::mem::replace(&mut level, outer.pop().unwrap_or_default());
                level.brackets = level.brackets.max(inner.height());
            }
            Token::Comma => level.comma(),
            Token::SemiColon => {
                deepening = 0;
                level = Level::default();
            }
            Token::Lt => deepening += 1,
            Token::Word(word) if matches!(word.keyword, Keyword::CASE | Keyword::INTERVAL | Keyword::POSITION) => level.tries += 1,
            Token::Word(word) if word.keyword == Keyword::END => level.tries = level.tries.saturating_sub(1),
            // `INTERVAL '1 day'` is whole.
            Token::SingleQuotedString(_) | Token::Number(..) if follows_interval => level.tries = level.tries.saturating_sub(1),
            Token::Word(word) if DEEPENING_WORDS.contains(&word.keyword) => deepening += 1,
            _ => {}
        }
        level.chain += 1;
        signs = if is_sign(token) { signs + 1 } else { 0 };
        follows_interval = matches!(token, Token::Word(word) if word.keyword == Keyword::INTERVAL);
        let tries = outer.iter().map(|level: &Level| level.tries).sum::<usize>() + level.tries;
        if signs > SIGNS || tries > TRIES || outer.len() > DEPTH || level.height() > HEIGHT || deepening > DEEPENING {
            return false;
        }
    }
    true
}

/// Whether a token stands before an operand and may stand before itself.
fn is_sign(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(word.keyword, Keyword::NOT | Keyword::INTERVAL | Keyword::PRIOR | Keyword::CONNECT_BY_ROOT | Keyword::EXPLAIN),
        Token::Plus
        | Token::Minus
        | Token::Tilde
        | Token::ExclamationMark
        | Token::DoubleExclamationMark
        | Token::AtSign
        | Token::PGSquareRoot
        | Token::PGCubeRoot => true,
        _ => false,
    }
}

/// Words after which a part is nested in the one before or after, commas or not.
const DEEPENING_WORDS: &[Keyword] = &[Keyword::UNION, Keyword::EXCEPT, Keyword::INTERSECT, Keyword::MINUS, Keyword::JOIN, Keyword::APPLY];
