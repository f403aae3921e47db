//! What a file, or the whole set, declares.

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{Effect, FieldDecl, Item, ItemKind, ScorePart, Span, TestClause, Text, TypeExpr, TypeKind};
use tollgate_compiler::syntax::lexer::{self, Token, TokenKind};
use tollgate_compiler::{ItemAt, PolicySet};

use super::text_of;
use super::trees::{name_of, param_span, params_of};

/// The longest name or detail that is shown, in characters.
const LONGEST: usize = 120;

/// The sorts of things that are declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocKind {
    /// `package`
    Package,
    /// `import`
    Import,
    /// `enum`
    Enum,
    /// A variant of an enum.
    Variant,
    /// `type`
    Type,
    /// A field of a type, of the request or of data.
    Field,
    /// `data`
    Data,
    /// `input`
    Input,
    /// `tool`
    Tool,
    /// An argument of a tool.
    Argument,
    /// `obligation`
    Obligation,
    /// A parameter.
    Parameter,
    /// `let`
    Let,
    /// `fn`
    Function,
    /// `score`
    Score,
    /// A part of a score.
    ScorePart,
    /// `allow`, `review` or `deny`
    Rule(Effect),
    /// `default`
    Default,
    /// `test`
    Test,
    /// A step of a test.
    Step,
    /// `property`
    Property,
    /// A claim of a property.
    Claim,
    /// What cannot be read.
    Broken,
}

/// Something that a file declares, with what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocSymbol {
    /// Its name, or the words that it begins with.
    pub name: String,
    /// Its type, tools or alias, on one line; may be empty.
    pub detail: String,
    /// What it is.
    pub kind: DocKind,
    /// All of it.
    pub whole: Span,
    /// Its name, within all of it.
    pub name_span: Span,
    /// Whether it is `@deprecated`.
    pub deprecated: bool,
    /// What it declares itself.
    pub children: Vec<DocSymbol>,
}

/// Something that the set declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSymbol {
    /// Its name.
    pub name: String,
    /// The package that it is in.
    pub package: String,
    /// What it is.
    pub kind: DocKind,
    /// Where its name stands.
    pub at: Location,
    /// Whether it is `@deprecated`.
    pub deprecated: bool,
}

/// What a file declares, in written order.
pub fn document_symbols(set: &PolicySet, file: FileId) -> Vec<DocSymbol> {
    let text = text_of(set, file);
    set.items(file)
        .filter_map(|at| match at.item {
            Some(item) => Some(Outline { at, item, text }.symbol()),
            None => broken(&at, text),
        })
        .collect()
}

/// What the set declares, the standard library's aside, whose name has the letters of a query in their order: the best first, no more than so many. With a
/// dot or slash in the query, the name with its package counts.
pub fn workspace_symbols(set: &PolicySet, query: &str, limit: usize) -> Vec<WorkspaceSymbol> {
    let query: Vec<char> = query.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect();
    let is_full = query.contains(&'.');
    let mut found: Vec<((usize, usize), WorkspaceSymbol)> = Vec::new();
    for file in (0..).map(FileId).take(set.own_files()) {
        let package = set.package(file);
        for symbol in set.items(file).filter_map(|at| named(set, file, &at)) {
            let rank = if is_full { rank(&format!("{package}.{}", symbol.name), &query) } else { rank(&symbol.name, &query) };
            found.extend(rank.map(|rank| ((rank, symbol.name.len()), symbol)));
        }
    }
    found.sort_by(|(rank, a), (other, b)| (rank, &a.name, a.at).cmp(&(other, &b.name, b.at)));
    found.truncate(limit);
    found.into_iter().map(|(_, symbol)| symbol).collect()
}

/// How well a name fits the letters of a query, the best least: all of it, its beginning, the beginnings of its words, a part of it, letters of it.
fn rank(name: &str, query: &[char]) -> Option<usize> {
    let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
    if letters == query {
        return Some(0);
    }
    if letters.starts_with(query) {
        return Some(1);
    }
    let mut rest = query.iter();
    let mut wanted = rest.next();
    for letter in &letters {
        if wanted == Some(letter) {
            wanted = rest.next();
        }
    }
    if wanted.is_some() {
        return None;
    }
    let written: String = query.iter().collect();
    let lower: String = letters.iter().collect();
    Some(if begins_words(name, query) {
        2
    } else if lower.contains(&written) {
        3
    } else {
        4
    })
}

/// Whether the letters of a query are beginnings of words of a name.
fn begins_words(name: &str, query: &[char]) -> bool {
    let mut rest = query.iter().peekable();
    let (mut before, mut in_word) = (None, false);
    for letter in name.chars() {
        let starts = before.is_none_or(|before: char| !before.is_alphanumeric() || before.is_lowercase() && letter.is_uppercase());
        in_word = (starts || in_word) && rest.next_if(|wanted| letter.to_lowercase().eq([**wanted])).is_some();
        before = Some(letter);
    }
    rest.peek().is_none()
}

fn named(set: &PolicySet, file: FileId, at: &ItemAt<'_>) -> Option<WorkspaceSymbol> {
    let outline = Outline { at: *at, item: at.item?, text: text_of(set, file) };
    let kind = outline.kind();
    let name_span = name_of(outline.item).filter(|_| !matches!(kind, DocKind::Import))?;
    Some(WorkspaceSymbol {
        name: outline.name(),
        package: set.package(file).to_owned(),
        kind,
        at: Location { file, span: at.at(name_span) },
        deprecated: is_deprecated(outline.item),
    })
}

/// The item itself, without what it declares.
pub(super) fn item_symbol(set: &PolicySet, file: FileId, at: &ItemAt<'_>) -> Option<DocSymbol> {
    Some(Outline { at: *at, item: at.item?, text: text_of(set, file) }.head())
}

fn is_deprecated(item: &Item) -> bool {
    item.annotations.iter().any(|annotation| annotation.name.text == "deprecated")
}

/// An item that is outlined.
struct Outline<'s> {
    at: ItemAt<'s>,
    item: &'s Item,
    text: &'s str,
}

impl Outline<'_> {
    fn symbol(&self) -> DocSymbol {
        DocSymbol { children: self.children(), ..self.head() }
    }

    fn head(&self) -> DocSymbol {
        let name_span = name_of(self.item).unwrap_or_else(|| self.keyword());
        DocSymbol {
            name: self.name(),
            detail: self.detail(),
            kind: self.kind(),
            whole: self.at.at(self.item.span),
            name_span: self.at.at(name_span),
            deprecated: is_deprecated(self.item),
            children: Vec::new(),
        }
    }

    fn kind(&self) -> DocKind {
        match &self.item.kind {
            ItemKind::Package(_) => DocKind::Package,
            ItemKind::Import { .. } => DocKind::Import,
            ItemKind::Enum { .. } => DocKind::Enum,
            ItemKind::Type { .. } => DocKind::Type,
            ItemKind::Data { .. } => DocKind::Data,
            ItemKind::Input { .. } => DocKind::Input,
            ItemKind::Tool(_) => DocKind::Tool,
            ItemKind::Obligation { .. } => DocKind::Obligation,
            ItemKind::Let { .. } => DocKind::Let,
            ItemKind::Fn { .. } => DocKind::Function,
            ItemKind::Score { .. } => DocKind::Score,
            ItemKind::Rule(rule) => DocKind::Rule(rule.effect),
            ItemKind::Default { .. } => DocKind::Default,
            ItemKind::Test(_) => DocKind::Test,
            ItemKind::Property { .. } => DocKind::Property,
        }
    }

    fn name(&self) -> String {
        let written = name_of(self.item).map_or("", |span| self.written(span));
        match &self.item.kind {
            ItemKind::Input { .. } => "input".to_owned(),
            ItemKind::Default { effect, .. } => format!("default {}", effect_word(*effect)),
            ItemKind::Tool(tool) => short(&tool.name.text),
            ItemKind::Property { title, .. } => short(&title.text),
            ItemKind::Test(_) => short(unquoted(written)),
            _ => short(written),
        }
    }

    fn detail(&self) -> String {
        match &self.item.kind {
            ItemKind::Import { alias, .. } => alias.as_ref().map_or(String::new(), |alias| format!("as {}", alias.text)),
            ItemKind::Data { ty, .. } | ItemKind::Let { ty: Some(ty), .. } => self.short(ty.span),
            ItemKind::Fn { name, params, result, .. } => {
                let end = result.as_ref().map(|ty| ty.span.end);
                let to = end.or_else(|| params.last().map(|param| param_span(param).end + 1)).unwrap_or(name.span.end);
                self.short(Span { start: name.span.end, end: to })
            }
            ItemKind::Score { low, high, .. } => self.short(low.span.to(high.span)),
            ItemKind::Rule(rule) => short(&rule.on.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>().join(", ")),
            ItemKind::Tool(tool) => {
                let category = tool.attributes.iter().find(|(name, _)| name.text == "category");
                category.map_or(String::new(), |(_, value)| short(unquoted(self.written(value.span))))
            }
            _ => String::new(),
        }
    }

    /// The word that an item without a name begins with.
    fn keyword(&self) -> Span {
        let after = self.item.annotations.last().map_or(self.item.span.start, |last| last.span.end);
        let own = Span { start: after, end: self.item.span.end };
        let word = lexer::lex(self.written(own)).into_iter().find(|token| token.kind == TokenKind::Word);
        word.map_or(self.item.span, |word| Span { start: after + word.span.start, end: after + word.span.end })
    }

    fn children(&self) -> Vec<DocSymbol> {
        match &self.item.kind {
            ItemKind::Enum { variants, .. } => self.variants(&variants.names),
            ItemKind::Type { ty, .. } | ItemKind::Data { ty, .. } => self.of_type(ty),
            ItemKind::Input { fields, .. } => self.fields(fields, DocKind::Field),
            ItemKind::Tool(tool) => tool.args.as_ref().map_or_else(Vec::new, |args| self.fields(&args.fields, DocKind::Argument)),
            ItemKind::Obligation { .. } | ItemKind::Fn { .. } => {
                let params = params_of(self.item).iter();
                params.map(|param| self.child(DocKind::Parameter, param.name.span, param_span(param), self.short(param.ty.span))).collect()
            }
            ItemKind::Score { parts, .. } => {
                let part = |part: &ScorePart| self.child(DocKind::ScorePart, part.amount.span, part.span, self.short(part.condition.span));
                parts.iter().map(part).collect()
            }
            ItemKind::Test(test) => self.steps(&test.body),
            ItemKind::Property { claims, .. } => {
                claims.iter().map(|claim| self.child(DocKind::Claim, claim.span, claim.span, String::new())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn variants(&self, names: &[Text]) -> Vec<DocSymbol> {
        names.iter().map(|name| self.child(DocKind::Variant, name.span, name.span, String::new())).collect()
    }

    fn of_type(&self, ty: &TypeExpr) -> Vec<DocSymbol> {
        match &ty.kind {
            TypeKind::Named(_) => Vec::new(),
            TypeKind::Generic { arg: inner, .. } | TypeKind::Optional(inner) => self.of_type(inner),
            TypeKind::Record { fields, .. } | TypeKind::With { fields, .. } => self.fields(fields, DocKind::Field),
            TypeKind::Enum(variants) => self.variants(&variants.names),
        }
    }

    fn fields(&self, fields: &[FieldDecl], kind: DocKind) -> Vec<DocSymbol> {
        let symbol = |field: &FieldDecl| DocSymbol {
            children: self.of_type(&field.ty),
            ..self.child(kind, field.name.span, field.span, self.short(field.ty.span))
        };
        fields.iter().map(symbol).collect()
    }

    fn steps(&self, body: &[TestClause]) -> Vec<DocSymbol> {
        let step = |clause: &TestClause| match clause {
            TestClause::Step { title, span, .. } => Some(self.child(DocKind::Step, title.span, *span, String::new())),
            _ => None,
        };
        body.iter().filter_map(step).collect()
    }

    fn child(&self, kind: DocKind, name: Span, whole: Span, detail: String) -> DocSymbol {
        let text = short(unquoted(self.written(name)));
        DocSymbol { name: text, detail, kind, whole: self.at.at(whole), name_span: self.at.at(name), deprecated: false, children: Vec::new() }
    }

    fn written(&self, span: Span) -> &str {
        self.at.at(span).of(self.text)
    }

    fn short(&self, span: Span) -> String {
        short(self.written(span))
    }
}

/// What cannot be read, by its keyword and name.
fn broken(at: &ItemAt<'_>, text: &str) -> Option<DocSymbol> {
    let moved = |span: Span| at.at(span);
    let mut tokens = lexer::lex(at.span.of(text));
    tokens.retain(|token| !token.kind.is_trivia());
    let whole = moved(tokens.first()?.span.to(tokens.last()?.span));
    let word = |token: &Token| moved(token.span).of(text);
    let keyword = tokens.iter().position(|token| token.kind == TokenKind::Word && lexer::is_item_keyword(word(token))).unwrap_or(0);
    let name = tokens.get(keyword + 1).filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::String));
    let name = name.or_else(|| tokens.get(keyword))?;
    let (name_span, keyword) = (moved(name.span), tokens.get(keyword).map_or("", word));
    let name = short(unquoted(name_span.of(text)));
    let detail = if name == keyword { String::new() } else { short(keyword) };
    Some(DocSymbol { name, detail, kind: DocKind::Broken, whole, name_span, deprecated: false, children: Vec::new() })
}

/// The word of an effect.
pub(super) fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Review => "review",
        Effect::Deny => "deny",
    }
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// A text on one line, not too long.
fn short(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(LONGEST));
        if line.chars().count() > LONGEST {
            return line.chars().take(LONGEST).chain(['…']).collect();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::marked::{marked, shown};
    use super::*;

    fn told(symbols: &[DocSymbol], text: &str, depth: usize, out: &mut String) {
        for symbol in symbols {
            let deprecated = if symbol.deprecated { " deprecated" } else { "" };
            let DocSymbol { name, detail, kind, name_span, whole, .. } = symbol;
            let length = whole.end - whole.start;
            let line = format!("{}{kind:?} {name} ({detail}){deprecated} `{}` in {length}", "  ".repeat(depth), name_span.of(text));
            assert!(whole.start <= name_span.start && name_span.end <= whole.end, "{line}");
            out.push_str(&line);
            out.push('\n');
            told(&symbol.children, text, depth + 1, out);
        }
    }

    fn outline(text: &str) -> String {
        let marked = marked(text);
        let mut out = String::new();
        told(&document_symbols(&marked.set, marked.at.file), text_of(&marked.set, marked.at.file), 0, &mut out);
        out
    }

    #[test]
    fn a_file_is_outlined() {
        insta::assert_snapshot!(outline(
            r#"$0package shop
import team.costs as c
/// How grave.
enum Risk { low < "very high" }
type Grant { ceiling: Risk, window?: { from: int, to: int } = {from: 1, to: 2} }
type More = Grant with { kind: "a" | "b" }
data grants: map<Grant> = {}
input { agent: std.Agent, args: json }
@deprecated("no") tool "pay/send" { category: "write" args { amount: int, "x-id": string } }
obligation tell(whom: string = "é", why: string)
let limit: int = 1
fn over(a: int, b: { c: int }) -> bool = a > b.c
fn none() = 1
score risk: 0..=10 { 5 when limit > 1 because "x", 6 when true }
@deprecated @id("A")
deny large on "pay/send", "pay/*" when args.amount > 1
default review because "x"
test "t {c}" for c in [1] { step "one" { input {} expect deny } step "two" { input {} } }
property "p" { never allow when true always deny }
deny broken when ( and
tool "half" {
@x
"#
        ));
    }

    #[test]
    fn odd_files_are_outlined() {
        for text in ["$0", "$0é", "package$0", "$0)))", "let $0", "deny when$0", &format!("let x = {}$0", "(".repeat(5000))] {
            outline(text);
        }
    }

    #[test]
    fn the_set_is_searched() {
        let text = r#"$0package shop
let limit = 1
let limits = 1
let max_limit = 1
fn lim(it: int) = it
type LargeItem = int
tool "pay/send" {}
deny lots_in_my_item when true
test "the limit" { input {} }
//- b.toll
package team.costs
let limit = 2
"#;
        let marked = marked(text);
        let found = |query: &str, limit: usize| {
            let found = workspace_symbols(&marked.set, query, limit).into_iter();
            found.map(|symbol| format!("{}.{} {}", symbol.package, symbol.name, shown(&marked.set, symbol.at))).collect::<Vec<_>>()
        };
        assert_eq!(
            found("limit", 3),
            ["shop.limit main.toll:2:5 `limit`", "team.costs.limit b.toll:2:5 `limit`", "shop.limits main.toll:3:5 `limits`"]
        );
        let names = |query: &str| workspace_symbols(&marked.set, query, 100).into_iter().map(|symbol| symbol.name).collect::<Vec<_>>().join(", ");
        assert_eq!(names("LIM"), "lim, limit, limit, limits, max_limit, the limit, lots_in_my_item, LargeItem");
        assert_eq!(names("li"), "lim, limit, limit, limits, LargeItem, max_limit, the limit, lots_in_my_item");
        assert_eq!(names("costs.lim"), "limit");
        assert_eq!(names("send"), "pay/send");
        assert_eq!(names("zz"), "");
        assert_eq!(names("").split(", ").count(), 11);
        assert_eq!(workspace_symbols(&marked.set, "", 2).len(), 2);
    }
}
