//! What each word of a file is, for editors that colour by meaning.

use std::collections::{HashMap, HashSet};

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{Item, ItemKind, Span, TypeKind};
use tollgate_compiler::syntax::lexer::{self, Token, TokenKind as Lexed};
use tollgate_compiler::{ItemAt, PolicySet, SymbolKind, Use};
use tollgate_stdlib::types::Type;

use super::names::by_item;
use super::strings::{Piece, pieces};
use super::text_of;
use super::trees::{Part, each_part, lexed, name_of, params_of};

/// The names of [`TokenKind`]s, in their order.
pub const KINDS: [&str; 26] = [
    "keyword",
    "allow",
    "review",
    "deny",
    "string",
    "escape",
    "interpolation",
    "number",
    "duration",
    "comment",
    "decorator",
    "namespace",
    "type",
    "enum",
    "enumMember",
    "property",
    "parameter",
    "variable",
    "function",
    "method",
    "data",
    "score",
    "tool",
    "rule",
    "obligation",
    "operator",
];

/// The names of [`Modifiers`], in the order of their bits.
pub const MODIFIERS: [&str; 5] = ["declaration", "readonly", "defaultLibrary", "deprecated", "documentation"];

/// What a token is; its place in [`KINDS`] is its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word of the language.
    Keyword,
    /// `allow`
    Allow,
    /// `review`
    Review,
    /// `deny`
    Deny,
    /// Text in quotes.
    String,
    /// `\n`, `{{` and the like in text.
    Escape,
    /// The braces of a hole in text.
    Interpolation,
    /// A number.
    Number,
    /// `15m`
    Duration,
    /// A comment; documentation has its modifier.
    Comment,
    /// `@owner`
    Annotation,
    /// A package, or the word that stands for one.
    Namespace,
    /// A type.
    Type,
    /// An enum.
    Enum,
    /// A variant of an enum.
    Variant,
    /// A field, a fact of a tool, a key.
    Property,
    /// A parameter of a function or an obligation.
    Parameter,
    /// A variable, or a `let`, which is read only.
    Variable,
    /// A function.
    Function,
    /// A method of the language.
    Method,
    /// `data`
    Data,
    /// A score.
    Score,
    /// A tool's name.
    Tool,
    /// A rule's name.
    Rule,
    /// An obligation's name.
    Obligation,
    /// `==` and the like.
    Operator,
}

/// What is said of a token besides: bits in the order of [`MODIFIERS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Modifiers(pub u32);

impl Modifiers {
    /// Its name is declared here.
    pub const DECLARATION: Modifiers = Modifiers(1);
    /// It never changes in a decision.
    pub const READONLY: Modifiers = Modifiers(1 << 1);
    /// The language or its standard library has it.
    pub const DEFAULT_LIBRARY: Modifiers = Modifiers(1 << 2);
    /// It is `@deprecated`.
    pub const DEPRECATED: Modifiers = Modifiers(1 << 3);
    /// It documents.
    pub const DOCUMENTATION: Modifiers = Modifiers(1 << 4);

    fn with(self, other: Modifiers, is_so: bool) -> Modifiers {
        if is_so { Modifiers(self.0 | other.0) } else { self }
    }
}

/// A coloured token, on one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SemanticToken {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TokenKind,
    /// What is said of it besides.
    pub modifiers: Modifiers,
}

/// The tokens of a file, or of its items that touch a span, in their order; they do not overlap. What has no colour is not among them.
pub fn tokens(set: &PolicySet, file: FileId, within: Option<Span>) -> Vec<SemanticToken> {
    let within = within.unwrap_or(Span { start: 0, end: u32::MAX });
    let text = text_of(set, file);
    let uses = set.inspect(file, within).uses;
    let deprecated = deprecated(set);
    let touches = |span: Span| span.start <= within.end && within.start <= span.end;
    let mut painter = Painter { set, text, deprecated: &deprecated, found: Vec::new() };
    let mut end = 0;
    for (item, uses) in by_item(set, file, &uses) {
        end = item.span.end;
        if touches(item.span) {
            painter.item(&item, uses);
        }
    }
    let rest = Span { start: end, end: u32::try_from(text.len()).unwrap_or(u32::MAX) };
    if touches(rest) {
        painter.item(&ItemAt { start: end, span: rest, item: None }, &[]);
    }
    painter.found
}

/// The places of the names of everything that is `@deprecated`.
fn deprecated(set: &PolicySet) -> HashSet<Location> {
    let mut places = HashSet::new();
    for file in (0..).map(FileId).take(set.sources().files().len()) {
        for at in set.items(file) {
            let Some(item) = at.item.filter(|item| item.annotations.iter().any(|annotation| annotation.name.text == "deprecated")) else { continue };
            places.extend(name_of(item).map(|span| Location { file, span: at.at(span) }));
        }
    }
    places
}

/// Colours items.
struct Painter<'s> {
    set: &'s PolicySet,
    text: &'s str,
    deprecated: &'s HashSet<Location>,
    found: Vec<SemanticToken>,
}

/// What is known of the words of an item by their places.
type Known = HashMap<Span, (TokenKind, Modifiers)>;

impl Painter<'_> {
    fn item(&mut self, at: &ItemAt<'_>, uses: &[Use]) {
        let known = self.known(at, uses);
        let tokens = lexed(at.span, self.text);
        let keyword = tokens.iter().find(|token| token.kind == Lexed::Word && lexer::is_item_keyword(token.span.of(self.text)));
        let keyword = keyword.map_or("", |token| token.span.of(self.text));
        self.run(&tokens, &known, keyword);
    }

    /// Colours tokens that follow each other.
    fn run(&mut self, tokens: &[Token], known: &Known, keyword: &str) {
        let mut before = Lexed::Space;
        let mut significant = tokens.iter().filter(|token| !token.kind.is_trivia()).skip(1);
        for token in tokens {
            if token.kind.is_trivia() {
                self.comment(*token);
                continue;
            }
            let after = significant.next().map_or(Lexed::Space, |token| token.kind);
            self.token(*token, (before, after), known, keyword);
            before = token.kind;
        }
    }

    fn comment(&mut self, token: Token) {
        let length = token.span.of(self.text).trim_end().len();
        let span = Span { end: token.span.start + u32::try_from(length).unwrap_or_default(), ..token.span };
        if length > 0 && token.kind != Lexed::Space {
            self.add(span, TokenKind::Comment, Modifiers::default().with(Modifiers::DOCUMENTATION, token.kind == Lexed::Doc));
        }
    }

    fn token(&mut self, token: Token, (before, after): (Lexed, Lexed), known: &Known, keyword: &str) {
        if let Some((kind, modifiers)) = known.get(&token.span) {
            return self.add(token.span, *kind, *modifiers);
        }
        let kind = match token.kind {
            Lexed::Word => word_kind(token.span.of(self.text), before, after, keyword),
            Lexed::Int | Lexed::Decimal | Lexed::BadNumber => Some(TokenKind::Number),
            Lexed::Duration => Some(TokenKind::Duration),
            Lexed::RawString | Lexed::SingleQuoted => Some(TokenKind::String),
            Lexed::String | Lexed::OpenString => return self.string(token.span, known, keyword),
            Lexed::At => Some(TokenKind::Annotation),
            kind => is_operator(kind).then_some(TokenKind::Operator),
        };
        if let Some(kind) = kind {
            self.add(token.span, kind, Modifiers::default());
        }
    }

    fn string(&mut self, span: Span, known: &Known, keyword: &str) {
        for piece in pieces(span, self.text) {
            match piece {
                Piece::Text(span) => self.add(span, TokenKind::String, Modifiers::default()),
                Piece::Escape(span) => self.add(span, TokenKind::Escape, Modifiers::default()),
                Piece::Brace(span) => self.add(span, TokenKind::Interpolation, Modifiers::default()),
                Piece::Hole(span) => self.run(&lexed(span, self.text), known, keyword),
            }
        }
    }

    fn add(&mut self, span: Span, kind: TokenKind, modifiers: Modifiers) {
        if span.start < span.end {
            self.found.push(SemanticToken { span, kind, modifiers });
        }
    }

    /// What the names of an item are.
    fn known(&self, at: &ItemAt<'_>, uses: &[Use]) -> Known {
        let mut known = Known::new();
        if let Some(item) = at.item {
            self.know_types(at, item, &mut known);
            self.know_words(at, item, &mut known);
        }
        let parameters: HashSet<Span> = match at.item {
            Some(item) if matches!(item.kind, ItemKind::Fn { .. }) => params_of(item).iter().map(|param| at.at(param.name.span)).collect(),
            _ => HashSet::new(),
        };
        for used in uses {
            let is_parameter = used.symbol.at.is_some_and(|at| at.file == used.at.file && parameters.contains(&at.span));
            let meant = (kind_of(used, is_parameter), self.modifiers(used));
            if matches!(used.symbol.kind, SymbolKind::Package) {
                let words = lexed(used.at.span, self.text).into_iter().filter(|token| token.kind == Lexed::Word);
                known.extend(words.map(|word| (word.span, meant)));
            } else {
                known.entry(used.at.span).or_insert(meant);
            }
        }
        known
    }

    /// The types that the language has are words that nothing declares.
    fn know_types(&self, at: &ItemAt<'_>, item: &Item, known: &mut Known) {
        each_part(item, &mut |part| {
            let Part::Type(ty) = part else { return };
            let name = match &ty.kind {
                TypeKind::Named(path) if at.at(path.span).of(self.text).starts_with(|letter: char| letter.is_ascii_lowercase()) => path.span,
                TypeKind::Generic { name, .. } => name.span,
                _ => return,
            };
            known.insert(at.at(name), (TokenKind::Type, Modifiers::DEFAULT_LIBRARY));
        });
    }

    fn know_words(&self, at: &ItemAt<'_>, item: &Item, known: &mut Known) {
        for annotation in &item.annotations {
            known.insert(at.at(annotation.name.span), (TokenKind::Annotation, Modifiers::default()));
            let words = annotation.args.iter().map(|arg| at.at(arg.span)).filter(|span| lexer::is_word(span.of(self.text)));
            known.extend(words.map(|span| (span, (TokenKind::Property, Modifiers::default()))));
        }
        match &item.kind {
            ItemKind::Test(_) | ItemKind::Property { .. } | ItemKind::Package(_) | ItemKind::Import { .. } => {}
            kind => {
                if let Some(name) = name_of(item) {
                    known.insert(at.at(name), (declared_kind(kind), Modifiers::DECLARATION));
                }
            }
        }
    }

    fn modifiers(&self, used: &Use) -> Modifiers {
        let at = used.symbol.at;
        let is_standard = at.is_none_or(|at| at.file.0 as usize >= self.set.own_files()) && !matches!(used.symbol.kind, SymbolKind::Package);
        Modifiers::default()
            .with(Modifiers::DECLARATION, at == Some(used.at))
            .with(Modifiers::READONLY, matches!(used.symbol.kind, SymbolKind::Let | SymbolKind::Fact(_)))
            .with(Modifiers::DEFAULT_LIBRARY, is_standard || &*used.symbol.name == "std")
            .with(Modifiers::DEPRECATED, at.is_some_and(|at| self.deprecated.contains(&at)))
    }
}

/// What a name is that stands for something.
fn kind_of(used: &Use, is_parameter: bool) -> TokenKind {
    match used.symbol.kind {
        SymbolKind::Variable if is_parameter => TokenKind::Parameter,
        SymbolKind::Variable | SymbolKind::Let => TokenKind::Variable,
        SymbolKind::Field | SymbolKind::Fact(_) => TokenKind::Property,
        SymbolKind::Data => TokenKind::Data,
        SymbolKind::Function | SymbolKind::Constructor => TokenKind::Function,
        SymbolKind::Score => TokenKind::Score,
        SymbolKind::Type if matches!(used.symbol.ty, Type::Enum(_)) => TokenKind::Enum,
        SymbolKind::Type => TokenKind::Type,
        SymbolKind::Variant => TokenKind::Variant,
        SymbolKind::Rule => TokenKind::Rule,
        SymbolKind::Obligation => TokenKind::Obligation,
        SymbolKind::Parameter => TokenKind::Parameter,
        SymbolKind::Tool => TokenKind::Tool,
        SymbolKind::Package => TokenKind::Namespace,
        SymbolKind::Method(_) => TokenKind::Method,
    }
}

/// What the name of an item is, where nothing else is known of it.
fn declared_kind(kind: &ItemKind) -> TokenKind {
    match kind {
        ItemKind::Enum { .. } => TokenKind::Enum,
        ItemKind::Type { .. } => TokenKind::Type,
        ItemKind::Data { .. } => TokenKind::Data,
        ItemKind::Tool(_) => TokenKind::Tool,
        ItemKind::Obligation { .. } => TokenKind::Obligation,
        ItemKind::Fn { .. } => TokenKind::Function,
        ItemKind::Score { .. } => TokenKind::Score,
        ItemKind::Rule(_) => TokenKind::Rule,
        _ => TokenKind::Variable,
    }
}

/// What a word is of which nothing is known but what stands around it.
fn word_kind(word: &str, before: Lexed, after: Lexed, keyword: &str) -> Option<TokenKind> {
    if matches!(before, Lexed::Dot | Lexed::QuestionDot) || after == Lexed::Colon && !is_score_name(keyword, before) {
        return Some(TokenKind::Property);
    }
    match word {
        _ if before == Lexed::At => Some(TokenKind::Annotation),
        "allow" => Some(TokenKind::Allow),
        "review" => Some(TokenKind::Review),
        "deny" => Some(TokenKind::Deny),
        _ => (lexer::is_keyword(word) || is_contextual(word, keyword)).then_some(TokenKind::Keyword),
    }
}

/// Whether a word before a colon is the name of an item and no key.
fn is_score_name(keyword: &str, before: Lexed) -> bool {
    before == Lexed::Word && matches!(keyword, "score" | "data" | "let")
}

/// Whether a word has a meaning in items of that keyword.
fn is_contextual(word: &str, keyword: &str) -> bool {
    match keyword {
        "import" => word == "as",
        "tool" => word == "args",
        "test" => matches!(word, "step" | "result"),
        "property" => matches!(word, "never" | "always"),
        _ => false,
    }
}

fn is_operator(kind: Lexed) -> bool {
    matches!(
        kind,
        Lexed::RangeTo
            | Lexed::Rest
            | Lexed::Question
            | Lexed::QuestionDot
            | Lexed::Coalesce
            | Lexed::Bar
            | Lexed::Assign
            | Lexed::Equal
            | Lexed::NotEqual
            | Lexed::Less
            | Lexed::LessEqual
            | Lexed::Greater
            | Lexed::GreaterEqual
            | Lexed::FatArrow
            | Lexed::Arrow
            | Lexed::Plus
            | Lexed::Minus
            | Lexed::Star
            | Lexed::Slash
            | Lexed::Percent
    )
}

#[cfg(test)]
mod tests {
    use super::super::marked::marked;
    use super::*;

    /// The tokens of a text with the cursor in it: `text=kind`, modifiers as letters.
    fn told(text: &str) -> String {
        let marked = marked(text);
        let text = text_of(&marked.set, marked.at.file);
        let found = tokens(&marked.set, marked.at.file, None);
        assert!(found.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "{text}");
        assert!(found.iter().all(|token| !token.span.of(text).contains(['\n', '\r']) && !token.span.of(text).is_empty()), "{text}");
        let mut out = String::new();
        let mut line = 0;
        for token in found {
            let here = text[..token.span.start as usize].matches('\n').count();
            out.push_str(if here > line { "\n" } else { " " });
            line = here;
            let modifiers: Vec<&str> = (0..5).filter(|bit| token.modifiers.0 & 1 << bit != 0).map(|bit| MODIFIERS[bit]).collect();
            let modifiers = if modifiers.is_empty() { String::new() } else { format!("+{}", modifiers.join("+")) };
            out.push_str(&format!("{}={}{modifiers}", token.span.of(text), KINDS[token.kind as usize]));
        }
        out
    }

    #[test]
    fn every_word_is_told() {
        insta::assert_snapshot!(told(
            r#"$0// é comment
package shop.é.x
import team.costs as c
/// How grave.
enum Risk { low < "very high" }
type Grant { ceiling: Risk = "low", window?: list<int>, when: std.Agent }
data grants: map<Grant> = {}
@deprecated("no") let limit: int = 1_000
fn over(a: int) -> bool = a > limit and not grants["x"].has_it ?? true
tool "pay/send" { category: "write" args { amount: int, allow: duration = 15m } }
obligation tell(whom: string)
score risk: 0..=10 { 5 when limit > 1 because "x" }
@allow(unused) @owner("me {x}")
deny large on "pay/send" for g in grants[agent.id]
  when over(args.amount) and g.ceiling == "low" and g.window.map(w => w + 1).length() > 0 and tool.category like r"w*"
  because "{args.amount}: {{é}} \u{e9}\n by {agent.id.lower()}" require tell(whom: "a"), c.x(), audit()
default review because "x"
test "t {d.n}" for d in [{n: 1}] { data grants = {} step "one" { input { allow: 1 } result {} expect deny by large } }
property "p" { never allow when risk > 2 }
deny broken when "open { é
// end"#
        ));
    }

    #[test]
    fn a_part_of_a_file_is_told_alone() {
        let marked = marked("package a\nlet x = 1\n$0let y = 2\nlet z = 3\n// end");
        let found = tokens(&marked.set, marked.at.file, Some(Span { start: 22, end: 24 }));
        let whole = tokens(&marked.set, marked.at.file, None);
        assert_eq!(found.len(), 4);
        assert!(found.iter().all(|token| whole.contains(token)));
    }

    #[test]
    fn odd_texts_are_told() {
        let nested = format!("package a\nlet x = {}$0", "(".repeat(5000));
        let holes = format!("package a\nlet x = \"{}$0", "{a".repeat(5000));
        for text in ["$0", "é$0", "\"$0", "package a\r\n// x\r\n/// y\r\nlet x$0", "let x = '{a}'$0", "\u{feff}package a$0", "@$0", &nested, &holes]
        {
            told(text);
        }
    }

    #[test]
    fn names_and_kinds_are_as_many() {
        assert_eq!(KINDS[TokenKind::Operator as usize], "operator");
        assert_eq!(KINDS[TokenKind::Annotation as usize], "decorator");
        assert_eq!(MODIFIERS.len(), Modifiers::DOCUMENTATION.0.trailing_zeros() as usize + 1);
    }
}
