//! Bounds how deep an item nests, on its tokens, before anything recurses over it.
//!
//! Two figures are bounded: levels (brackets, prefixes, `if`, lambdas, postfix chains, nested type arguments)
//! and the operators of a chain such as `a + b + c`, whose tree leans to the left. Chains of `and` and of `or`
//! and the elements of lists are flat and cost nothing.

use super::ast::Span;
use super::lexer::{Token, TokenKind};

/// What bounds the syntax of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyntaxLimits {
    /// The deepest nesting of brackets, prefixes, `if`, lambdas and postfix chains together.
    pub nesting: usize,
    /// The longest chain of operators other than `and` and `or`.
    pub operators: usize,
    /// The largest file in bytes.
    pub file_bytes: usize,
}

impl Default for SyntaxLimits {
    fn default() -> Self {
        SyntaxLimits { nesting: 64, operators: 256, file_bytes: 16 << 20 }
    }
}

/// A limit that an item exceeds, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The token beyond the limit.
    pub span: Span,
    /// Whether it is the limit on operators.
    pub operators: bool,
}

/// The first token of an item, given without trivia, beyond a limit.
pub fn check(text: &str, tokens: &[Token], limits: &SyntaxLimits) -> Option<Excess> {
    let mut depth = Depth::default();
    let mut previous = None;
    for token in tokens {
        depth.step(text, *token, previous);
        if depth.levels() > limits.nesting {
            return Some(Excess { span: token.span, operators: false });
        }
        if depth.frame.weight() > limits.operators {
            return Some(Excess { span: token.span, operators: true });
        }
        previous = Some(*token);
    }
    None
}

/// What is counted within one pair of brackets.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// Levels of all that is around it.
    base: usize,
    /// `if`s and lambdas that the present expression is inside of.
    scopes: usize,
    /// Prefixes and type arguments directly before the present token.
    prefixes: usize,
    /// Postfixes of the present operand.
    postfixes: usize,
    /// The weight of what the brackets of the present operand hold.
    operand: usize,
    /// Operators since the last `and`, `or`, comparison or comma.
    operators: usize,
    /// The heaviest operand of the present chain before the present one.
    chain: usize,
    /// The weight of the heaviest chain before the present one.
    widest: usize,
}

#[derive(Default)]
struct Depth {
    frame: Frame,
    around: Vec<Frame>,
}

impl Depth {
    fn levels(&self) -> usize {
        self.frame.base + self.frame.scopes + self.frame.prefixes + self.frame.postfixes
    }

    fn step(&mut self, text: &str, token: Token, previous: Option<Token>) {
        if previous.is_some_and(|token| matches!(token.kind, TokenKind::Dot | TokenKind::QuestionDot)) {
            return;
        }
        let after_operand = previous.is_some_and(|token| ends_operand(text, token));
        match token.kind {
            TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket => self.open(after_operand),
            TokenKind::RightBrace | TokenKind::RightParen => self.close(),
            TokenKind::RightBracket => {
                self.close();
                self.frame.postfixes += 1;
            }
            TokenKind::Comma | TokenKind::Colon => self.frame.next_expression(),
            TokenKind::FatArrow => {
                self.frame.next_chain();
                self.frame.scopes += 1;
            }
            TokenKind::Dot | TokenKind::QuestionDot | TokenKind::Question => self.frame.postfixes += 1,
            TokenKind::Minus if !after_operand => self.frame.prefixes += 1,
            TokenKind::Plus | TokenKind::Minus | TokenKind::Star | TokenKind::Slash | TokenKind::Percent | TokenKind::Coalesce => {
                self.frame.next_operand();
                self.frame.operators += 1;
            }
            TokenKind::Word => self.word(token.span.of(text), previous),
            TokenKind::Less => self.less(text, previous),
            _ => self.frame.next_operand(),
        }
    }

    fn word(&mut self, word: &str, previous: Option<Token>) {
        match word {
            "not" => self.frame.prefixes += 1,
            "if" => {
                self.frame.next_chain();
                self.frame.scopes += 1;
            }
            "with" => self.frame.postfixes += 1,
            "and" | "or" | "in" | "has" | "like" | "matches" | "then" | "else" => self.frame.next_chain(),
            "for" | "when" | "unless" | "because" | "require" | "expect" | "where" => self.frame.next_expression(),
            _ if previous.is_some_and(|token| token.kind == TokenKind::Less) => self.frame.postfixes = 0,
            _ => self.frame.next_operand(),
        }
    }

    /// `<` after `list`, `set` or `map` opens a type argument rather than comparing.
    fn less(&mut self, text: &str, previous: Option<Token>) {
        match previous.map(|token| token.span.of(text)) {
            Some("list" | "set" | "map") => self.frame.prefixes += 1,
            _ => self.frame.next_chain(),
        }
    }

    fn open(&mut self, after_operand: bool) {
        let base = self.levels() + 1;
        if !after_operand {
            self.frame.next_operand();
        }
        self.around.push(std::mem::replace(&mut self.frame, Frame { base, ..Frame::default() }));
    }

    fn close(&mut self) {
        let inner = self.frame.weight();
        self.frame = self.around.pop().unwrap_or_default();
        self.frame.prefixes = 0;
        self.frame.operand = self.frame.operand.max(inner);
    }
}

impl Frame {
    /// How far a tree of what this frame has seen can lean.
    fn weight(&self) -> usize {
        self.widest.max(self.operators + self.chain.max(self.operand + self.postfixes))
    }

    fn next_operand(&mut self) {
        self.chain = self.chain.max(self.operand + self.postfixes);
        self.operand = 0;
        self.prefixes = 0;
        self.postfixes = 0;
    }

    fn next_chain(&mut self) {
        self.widest = self.weight();
        self.next_operand();
        self.operators = 0;
        self.chain = 0;
    }

    fn next_expression(&mut self) {
        self.next_chain();
        self.scopes = 0;
    }
}

/// Whether a token can be the last of an operand, so that what follows is a postfix or an operator.
fn ends_operand(text: &str, token: Token) -> bool {
    match token.kind {
        TokenKind::Word => !is_operator_word(token.span.of(text)),
        TokenKind::Int
        | TokenKind::Decimal
        | TokenKind::Duration
        | TokenKind::String
        | TokenKind::RawString
        | TokenKind::RightBrace
        | TokenKind::RightParen
        | TokenKind::RightBracket => true,
        _ => false,
    }
}

fn is_operator_word(word: &str) -> bool {
    matches!(word, "and" | "or" | "not" | "in" | "has" | "like" | "matches" | "if" | "then" | "else" | "when" | "unless" | "where")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::lexer::lex;

    fn excess(text: &str) -> Option<bool> {
        let tokens: Vec<_> = lex(text).into_iter().filter(|token| !token.kind.is_trivia()).collect();
        check(text, &tokens, &SyntaxLimits::default()).map(|excess| excess.operators)
    }

    #[test]
    fn sixty_four_levels_are_taken_and_no_more() {
        for (open, middle) in [("(", "x"), ("[", "x"), ("not ", "x"), ("-", "x"), ("if a then b else ", "c"), ("list<", "x")] {
            assert_eq!(excess(&format!("{}{middle}", open.repeat(64))), None, "{open}");
            assert_eq!(excess(&format!("{}{middle}", open.repeat(65))), Some(false), "{open}");
        }
        for postfix in [".a", "[0]", ".f(1)", "?.a", " with { a: 1 }"] {
            assert_eq!(excess(&format!("x{}", postfix.repeat(30))), None, "{postfix}");
            assert_eq!(excess(&format!("x{}", postfix.repeat(65))), Some(false), "{postfix}");
        }
    }

    #[test]
    fn flat_chains_are_free() {
        for part in ["a and not b.c(d) or ", "-1, ", "(x), ", "{a: [1]}\nb, ", "a == -b and ", "if a then b else c, ", "x.y and "] {
            assert_eq!(excess(&part.repeat(100_000)), None, "{part}");
        }
    }

    #[test]
    fn operators_are_counted_through_brackets() {
        assert_eq!(excess(&"a + ".repeat(256)), None);
        assert_eq!(excess(&"a + ".repeat(257)), Some(true));
        let left = "(((a + b + c".to_owned() + &" * d".repeat(84) + ")" + &" + e".repeat(85) + ")" + &" - f".repeat(86);
        assert_eq!(excess(&left), Some(true));
    }
}
