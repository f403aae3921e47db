//! Tokens: the one lexer for item splitting, recovery, the formatter and the editor.
//!
//! Lexing never fails. What no token begins with, and what is malformed, become tokens of their own kind,
//! so that the slices of all tokens joined are the text.

use logos::Logos;

use super::ast::Span;

/// A token: its kind and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of tokens.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[logos(subpattern digits = r"[0-9]+(_[0-9]+)*")]
pub enum TokenKind {
    /// White space; at the file's start a byte order mark too.
    #[regex(r"[ \t\r\n]+")]
    Space,
    /// `// …`
    #[regex(r"//[^\n]*", allow_greedy = true)]
    Comment,
    /// `/// …`, which documents what stands below it; made from [`TokenKind::Comment`].
    Doc,
    /// A name or a keyword.
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    /// `42`
    #[regex(r"(?&digits)", priority = 10)]
    Int,
    /// `0.5`
    #[regex(r"(?&digits)\.(?&digits)", priority = 10)]
    Decimal,
    /// `1h30m`
    #[regex(r"((?&digits)(ms|s|m|h|d))+", priority = 10)]
    Duration,
    /// A number followed by a letter or with a misplaced `_`.
    #[regex(r"[0-9][A-Za-z0-9_]*(\.[0-9][A-Za-z0-9_]*)?", priority = 5)]
    BadNumber,
    /// `"…"`
    #[regex(r#""([^"\\\r\n]|\\[^\r\n])*""#)]
    String,
    /// `r"…"` or `r#"…"#`
    #[regex(r##"r"[^"\r\n]*""##)]
    #[regex(r##"r#"([^"\r\n]|"+[^"#\r\n])*"+#"##)]
    RawString,
    /// A string that its line ends before.
    #[regex(r#""([^"\\\r\n]|\\[^\r\n])*\\?"#, priority = 1)]
    #[regex(r##"r"[^"\r\n]*"##, priority = 1)]
    #[regex(r##"r#"([^"\r\n]|"+[^"#\r\n])*"*"##, priority = 1)]
    OpenString,
    /// `'…'`, which is no string of the language.
    #[regex(r"'[^'\r\n]*'")]
    SingleQuoted,
    /// `{`
    #[token("{")]
    LeftBrace,
    /// `}`
    #[token("}")]
    RightBrace,
    /// `(`
    #[token("(")]
    LeftParen,
    /// `)`
    #[token(")")]
    RightParen,
    /// `[`
    #[token("[")]
    LeftBracket,
    /// `]`
    #[token("]")]
    RightBracket,
    /// `,`
    #[token(",")]
    Comma,
    /// `:`
    #[token(":")]
    Colon,
    /// `.`
    #[token(".")]
    Dot,
    /// `..`
    #[token("..")]
    Rest,
    /// `..=`
    #[token("..=")]
    RangeTo,
    /// `?`
    #[token("?")]
    Question,
    /// `?.`
    #[token("?.")]
    QuestionDot,
    /// `??`
    #[token("??")]
    Coalesce,
    /// `|`
    #[token("|")]
    Bar,
    /// `=`
    #[token("=")]
    Assign,
    /// `==`
    #[token("==")]
    Equal,
    /// `!=`
    #[token("!=")]
    NotEqual,
    /// `<`
    #[token("<")]
    Less,
    /// `<=`
    #[token("<=")]
    LessEqual,
    /// `>`
    #[token(">")]
    Greater,
    /// `>=`
    #[token(">=")]
    GreaterEqual,
    /// `=>`
    #[token("=>")]
    FatArrow,
    /// `->`
    #[token("->")]
    Arrow,
    /// `+`
    #[token("+")]
    Plus,
    /// `-`
    #[token("-")]
    Minus,
    /// `*`
    #[token("*")]
    Star,
    /// `/`
    #[token("/")]
    Slash,
    /// `%`
    #[token("%")]
    Percent,
    /// `@`
    #[token("@")]
    At,
    /// `&&`, which is written `and`.
    #[token("&&")]
    AndAnd,
    /// `||`, which is written `or`.
    #[token("||")]
    OrOr,
    /// `!`, which is written `not`.
    #[token("!")]
    Bang,
    /// A character that no token begins with.
    #[regex(r"(?s:.)", priority = 0)]
    Unknown,
}

impl TokenKind {
    /// Whether it separates tokens and means nothing to the parser.
    pub fn is_trivia(self) -> bool {
        matches!(self, TokenKind::Space | TokenKind::Comment | TokenKind::Doc)
    }

    /// Whether no program can hold it.
    pub fn is_error(self) -> bool {
        matches!(
            self,
            TokenKind::BadNumber
                | TokenKind::OpenString
                | TokenKind::SingleQuoted
                | TokenKind::AndAnd
                | TokenKind::OrOr
                | TokenKind::Bang
                | TokenKind::Unknown
        )
    }

    /// Whether it opens a bracket.
    pub fn opens(self) -> bool {
        matches!(self, TokenKind::LeftBrace | TokenKind::LeftParen | TokenKind::LeftBracket)
    }

    /// The kind that opens what this one closes.
    pub fn opener(self) -> Option<TokenKind> {
        match self {
            TokenKind::RightBrace => Some(TokenKind::LeftBrace),
            TokenKind::RightParen => Some(TokenKind::LeftParen),
            TokenKind::RightBracket => Some(TokenKind::LeftBracket),
            _ => None,
        }
    }
}

/// The words that begin an item. `tool`, `input` and `data` are names as well.
pub const ITEM_KEYWORDS: &[&str] = &[
    "package",
    "import",
    "enum",
    "type",
    "data",
    "input",
    "tool",
    "obligation",
    "let",
    "fn",
    "score",
    "allow",
    "review",
    "deny",
    "default",
    "test",
    "property",
];

/// Whether a word is one of [`ITEM_KEYWORDS`], quickly: every word of a text is asked.
pub fn is_item_keyword(word: &str) -> bool {
    matches!(
        word,
        "package"
            | "import"
            | "enum"
            | "type"
            | "data"
            | "input"
            | "tool"
            | "obligation"
            | "let"
            | "fn"
            | "score"
            | "allow"
            | "review"
            | "deny"
            | "default"
            | "test"
            | "property"
    )
}

/// The words with a meaning inside items.
pub const EXPRESSION_KEYWORDS: &[&str] = &[
    "and", "or", "not", "in", "has", "like", "matches", "if", "then", "else", "true", "false", "none", "with", "where", "for", "on", "when",
    "unless", "because", "require", "expect", "by",
];

/// The item keywords that are also names.
pub const KEYWORD_NAMES: &[&str] = &["tool", "input", "data"];

/// Whether a word is a keyword.
pub fn is_keyword(word: &str) -> bool {
    ITEM_KEYWORDS.contains(&word) || EXPRESSION_KEYWORDS.contains(&word)
}

/// Whether a word cannot be a name.
pub fn is_reserved(word: &str) -> bool {
    is_keyword(word) && !KEYWORD_NAMES.contains(&word)
}

/// Whether a word is spelled as the names of values are: `[a-z_][a-z0-9_]*`.
pub fn is_value_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// Whether a word is spelled as the names of types are: `[A-Z][A-Za-z0-9]*`.
pub fn is_type_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_uppercase()) && word.chars().all(|c| c.is_ascii_alphanumeric())
}

/// Whether a text is a word, so that it needs no quotes as a field's name.
pub fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Every token of a text, trivia included. The text must be shorter than 4 GiB.
pub fn lex(text: &str) -> Vec<Token> {
    let mut tokens = Vec::with_capacity(text.len() / 4);
    let mut start = 0;
    if text.starts_with('\u{feff}') {
        start = '\u{feff}'.len_utf8();
        tokens.push(Token { kind: TokenKind::Space, span: span(0, start) });
    }
    let mut lexer = TokenKind::lexer(text.get(start..).unwrap_or_default());
    while let Some(result) = lexer.next() {
        let kind = match result.unwrap_or(TokenKind::Unknown) {
            TokenKind::Comment if is_doc(lexer.slice()) => TokenKind::Doc,
            kind => kind,
        };
        let range = lexer.span();
        tokens.push(Token { kind, span: span(start + range.start, start + range.end) });
    }
    tokens
}

fn is_doc(comment: &str) -> bool {
    comment.starts_with("///") && !comment.starts_with("////")
}

fn span(start: usize, end: usize) -> Span {
    let clip = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    Span { start: clip(start), end: clip(end) }
}

impl Span {
    /// The text it covers; empty where it is no part of the text.
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or_default()
    }

    /// From the start of this span to the end of the other.
    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end }
    }
}
