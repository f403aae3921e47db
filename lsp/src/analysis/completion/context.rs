//! What may stand at a cursor: one table from the brackets and tokens before it to what is offered.

use tollgate_compiler::syntax::lexer::TokenKind;

use crate::analysis::reading::{Frame, Inside, Reading, Tok};

/// Something that is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// Items and their keywords.
    Items,
    /// Fields, facts and methods of what stands before the dot, or the values of a package.
    Members,
    /// What an expression may begin with.
    Names,
    /// The optional fields of what stands before `has`.
    Optionals,
    /// Keys of the record that a literal, or `with`, makes.
    Keys,
    /// What may stand in that string: variants, keys, names of tools.
    Quoted,
    /// Tools, in a string after `on`.
    Tools,
    /// The same, with the quotes.
    QuotedTools,
    /// Types.
    Types,
    /// Obligations.
    Obligations,
    /// The parameters of an obligation that is required.
    Parameters,
    /// Rules.
    Rules,
    /// Data, where a test binds it.
    Data,
    /// Packages to import.
    Packages,
    /// Annotations after `@`.
    Annotations,
    /// What an annotation takes: in quotes or as a word.
    Arguments,
    /// Keywords, and what goes with them.
    Words(&'static [&'static str]),
}

/// What the tokens of a bracket are part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'s> {
    /// The item itself, with its keyword.
    Item(&'s str),
    /// What is between `@name(` and `)`.
    Annotation(&'s str),
    /// Declared fields or parameters.
    Fields,
    /// Variants of an enum.
    Variants,
    /// The block of a tool.
    Tool,
    /// The block of a test.
    Test,
    /// The block of a step.
    Step,
    /// The claims of a property.
    Claims,
    /// The parts of a score.
    Parts,
    /// A set or record written out.
    Braces,
    /// The changes of `with`.
    Changes,
    /// The arguments of an obligation that is required.
    Requirement,
    /// Expressions between commas.
    Expressions,
}

const CLAUSES: [&str; 6] = ["on", "for", "when", "unless", "because", "require"];
const OPERATORS: &[&str] = &["and", "or", "in", "not in", "has", "like", "matches", "with"];
const EFFECTS: &[&str] = &["allow", "review", "deny"];
const TEST_CLAUSES: &[&str] = &["input", "data", "expect", "step"];
const STEP_CLAUSES: &[&str] = &["input", "result", "expect"];
const ATTRIBUTES: &[&str] = &["args", "category", "title", "labels", "read_only", "destructive", "idempotent", "open_world"];

/// What is offered at the cursor.
pub fn offers(reading: &Reading<'_>) -> Vec<Offer> {
    let roles = roles(reading);
    let (Some(role), Some(frame)) = (roles.last(), reading.frame()) else { return Vec::new() };
    let mut found = match reading.inside {
        Inside::Nothing => Vec::new(),
        Inside::Text { .. } => in_text(*role, frame),
        Inside::Hole { .. } => expression(&frame.tokens, &[]),
        Inside::Code => in_code(*role, frame, reading.on_new_line),
    };
    let may_end = frame.tokens.last().is_none_or(Tok::ends_operand) || frame.tokens.last().is_some_and(|last| EFFECTS.contains(&last.text));
    if matches!(role, Role::Item(_)) && reading.inside == Inside::Code && reading.on_new_line && may_end && !found.contains(&Offer::Items) {
        found.push(Offer::Items);
    }
    found
}

fn in_code(role: Role<'_>, frame: &Frame<'_>, on_new_line: bool) -> Vec<Offer> {
    let tokens = frame.tokens.as_slice();
    match role {
        Role::Item(keyword) => item(keyword, tokens),
        Role::Annotation(_) => vec![Offer::Arguments],
        Role::Fields => declaration(frame.since_comma(), on_new_line),
        Role::Variants => Vec::new(),
        Role::Tool => tool(frame.since_comma(), on_new_line),
        Role::Test => test(tokens, TEST_CLAUSES, on_new_line),
        Role::Step => test(tokens, STEP_CLAUSES, on_new_line),
        Role::Claims => claims(tokens, on_new_line),
        Role::Parts => part(frame.since_comma()),
        Role::Changes => entries(frame.since_comma(), on_new_line, false),
        Role::Braces => entries(frame.since_comma(), on_new_line, !tokens.iter().any(|tok| tok.kind == TokenKind::Colon)),
        Role::Requirement => requirement(frame.since_comma()),
        Role::Expressions => expression(frame.since_comma(), &[]),
    }
}

/// In a string: what is between its quotes.
fn in_text(role: Role<'_>, frame: &Frame<'_>) -> Vec<Offer> {
    let last_clause = frame.tokens.iter().rfind(|tok| tok.is_keyword && CLAUSES.contains(&tok.text)).map(|tok| tok.text);
    let takes_pattern = frame.tokens.last().is_some_and(|last| last.is("like") || last.is("matches") || last.is("because"));
    match role {
        Role::Item("allow" | "review" | "deny") if last_clause == Some("on") => vec![Offer::Tools],
        Role::Item(keyword @ ("tool" | "test" | "property")) if frame.tokens.last().is_some_and(|last| last.is(keyword)) => Vec::new(),
        Role::Annotation(_) => vec![Offer::Arguments],
        _ if takes_pattern => Vec::new(),
        _ => vec![Offer::Quoted],
    }
}

/// What each bracket around the cursor is, the item first.
pub fn roles<'s>(reading: &Reading<'s>) -> Vec<Role<'s>> {
    let mut roles: Vec<Role<'s>> = Vec::with_capacity(reading.frames.len());
    let mut outer: Option<&Frame<'s>> = None;
    for frame in &reading.frames {
        let role = match (roles.last(), outer) {
            (Some(role), Some(outer)) => inner_role(*role, outer, frame.opener),
            _ => Role::Item(keyword_of(&frame.tokens)),
        };
        roles.push(role);
        outer = Some(frame);
    }
    roles
}

/// The keyword of an item; empty before it.
fn keyword_of<'s>(tokens: &[Tok<'s>]) -> &'s str {
    tokens.iter().find(|tok| tok.is_keyword).map_or("", |tok| tok.text)
}

/// What a bracket is, by what it stands in and after.
fn inner_role<'s>(role: Role<'s>, outer: &Frame<'s>, opener: Option<TokenKind>) -> Role<'s> {
    let before = match outer.tokens.as_slice() {
        [before @ .., last] if Some(last.kind) == opener => before,
        all => all,
    };
    let last = before.last();
    let last_is = |word: &str| last.is_some_and(|last| last.kind == TokenKind::Word && last.text == word);
    match (role, opener) {
        (_, None) => Role::Expressions,
        (Role::Item(_), Some(TokenKind::LeftParen)) if is_annotation(before) => Role::Annotation(last.map_or("", |last| last.text)),
        (_, Some(TokenKind::LeftBrace)) if last.is_some_and(|last| last.is("with")) => match in_type(role, before) {
            true => Role::Fields,
            false => Role::Changes,
        },
        (Role::Item("enum"), Some(TokenKind::LeftBrace)) => Role::Variants,
        (Role::Item("type" | "input"), Some(TokenKind::LeftBrace)) => Role::Fields,
        (Role::Item("tool"), Some(TokenKind::LeftBrace)) => Role::Tool,
        (Role::Item("test"), Some(TokenKind::LeftBrace)) if ends_head(before) => Role::Test,
        (Role::Item("property"), Some(TokenKind::LeftBrace)) => Role::Claims,
        (Role::Item("score"), Some(TokenKind::LeftBrace)) => Role::Parts,
        (Role::Item("obligation" | "fn"), Some(TokenKind::LeftParen)) if names_item(before) => Role::Fields,
        (Role::Tool, Some(TokenKind::LeftBrace)) if last_is("args") => Role::Fields,
        (Role::Test, Some(TokenKind::LeftBrace)) if before.iter().rev().nth(1).is_some_and(|tok| tok.text == "step") => Role::Step,
        (Role::Item("allow" | "review" | "deny"), Some(TokenKind::LeftParen)) if requires(before) => Role::Requirement,
        (_, Some(TokenKind::LeftBrace)) if in_type(role, before) => Role::Fields,
        (_, Some(TokenKind::LeftBrace)) => Role::Braces,
        _ => Role::Expressions,
    }
}

/// Whether nothing but a keyword and a name stands there, annotations aside.
fn names_item(tokens: &[Tok<'_>]) -> bool {
    tokens.iter().rev().nth(1).is_some_and(|tok| tok.is_keyword)
}

/// Whether `@name` ends there.
fn is_annotation(tokens: &[Tok<'_>]) -> bool {
    tokens.iter().rev().nth(1).is_some_and(|tok| tok.kind == TokenKind::At)
}

/// Whether the head of a test is complete: its title, and the rows where it has `for`.
fn ends_head(tokens: &[Tok<'_>]) -> bool {
    let is_in = tokens.iter().position(|tok| tok.is("in"));
    tokens.last().is_some_and(Tok::ends_operand) && is_in.is_none_or(|at| at + 1 < tokens.len())
}

/// Whether an obligation stands there that is required.
fn requires(tokens: &[Tok<'_>]) -> bool {
    let clause = tokens.iter().rposition(|tok| tok.is("require"));
    let since = clause.and_then(|at| tokens.get(at + 1..)).unwrap_or_default();
    since.last().is_some_and(|last| last.kind == TokenKind::Word)
}

/// Whether a type stands there, or belongs there.
fn in_type(role: Role<'_>, tokens: &[Tok<'_>]) -> bool {
    let declares = match role {
        Role::Item("let" | "data" | "fn") | Role::Fields => true,
        Role::Item("type") => return true,
        _ => return false,
    };
    let since = tokens.iter().rposition(|tok| tok.kind == TokenKind::Comma).and_then(|at| tokens.get(at..)).unwrap_or(tokens);
    let begins = since.iter().rposition(|tok| matches!(tok.kind, TokenKind::Colon | TokenKind::Arrow));
    let ends = since.iter().rposition(|tok| tok.kind == TokenKind::Assign || tok.is("where"));
    declares && begins.is_some() && begins > ends
}

/// At the top of an item.
fn item(keyword: &str, tokens: &[Tok<'_>]) -> Vec<Offer> {
    if tokens.last().is_some_and(|last| last.kind == TokenKind::At) {
        return vec![Offer::Annotations];
    }
    let tokens = tokens.iter().position(|tok| tok.is_keyword).and_then(|at| tokens.get(at..)).unwrap_or_default();
    let since = |word: &str| tokens.iter().rposition(|tok| tok.is(word)).and_then(|at| tokens.get(at + 1..)).unwrap_or_default();
    match keyword {
        "" => vec![Offer::Items],
        "allow" | "review" | "deny" => rule(tokens),
        "import" => match since("import") {
            [] | [.., Tok { kind: TokenKind::Dot, .. }] => vec![Offer::Packages],
            rest if rest.iter().any(|tok| tok.text == "as") => Vec::new(),
            _ => vec![Offer::Words(&["as"])],
        },
        "default" => match since("default") {
            [] => vec![Offer::Words(&["review", "deny"])],
            [_] => vec![Offer::Words(&["because"])],
            _ => Vec::new(),
        },
        "let" | "data" | "fn" | "type" => declaration(tokens, false),
        // The ends of its range are written out.
        "score" => Vec::new(),
        "test" => match tokens.iter().position(|tok| tok.is("for")) {
            Some(at) => choice(tokens.get(at + 1..).unwrap_or_default(), &[]),
            None if tokens.len() == 2 => vec![Offer::Words(&["for"])],
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// In a rule, by its last clause.
fn rule(tokens: &[Tok<'_>]) -> Vec<Offer> {
    let starts = |tok: &Tok<'_>| tok.is_keyword && CLAUSES.contains(&tok.text);
    let Some(at) = tokens.iter().rposition(starts) else {
        return if tokens.len() > 1 { vec![Offer::Words(&CLAUSES)] } else { Vec::new() };
    };
    let clause = tokens.get(at).map_or("", |tok| tok.text);
    let rest = tokens.get(at + 1..).unwrap_or_default();
    let further = after(clause);
    match clause {
        "on" => match rest.last() {
            None | Some(Tok { kind: TokenKind::Comma, .. }) => vec![Offer::QuotedTools],
            _ => vec![Offer::Words(further)],
        },
        "for" => choice(rest, further),
        "when" | "unless" => expression(rest, further),
        "because" if rest.is_empty() => Vec::new(),
        "because" => vec![Offer::Words(further)],
        _ => match rest.last() {
            None | Some(Tok { kind: TokenKind::Comma | TokenKind::Dot, .. }) => vec![Offer::Obligations],
            _ => Vec::new(),
        },
    }
}

/// The clauses that may follow one.
fn after(clause: &str) -> &'static [&'static str] {
    let first = CLAUSES.iter().position(|word| *word == clause).unwrap_or_default();
    let first = if clause == "for" { first } else { first + 1 };
    const ALL: &[&str] = &CLAUSES;
    ALL.get(first..).unwrap_or_default()
}

/// After `for`.
fn choice(tokens: &[Tok<'_>], further: &'static [&'static str]) -> Vec<Offer> {
    match tokens {
        [] => Vec::new(),
        [_] => vec![Offer::Words(&["in"])],
        [_, _, rest @ ..] => expression(rest, further),
    }
}

/// In an expression of which these are the tokens; `further` may follow it.
fn expression(tokens: &[Tok<'_>], further: &'static [&'static str]) -> Vec<Offer> {
    let Some(last) = tokens.last() else { return vec![Offer::Names] };
    match last.kind {
        TokenKind::Dot | TokenKind::QuestionDot => vec![Offer::Members],
        TokenKind::Word if last.is("has") => vec![Offer::Optionals],
        TokenKind::Word if last.is("like") || last.is("matches") || last.is("with") => Vec::new(),
        TokenKind::Word if last.is("not") && follows_operand(tokens) => vec![Offer::Words(&["in"])],
        _ if last.ends_operand() => vec![Offer::Words(conditional(tokens)), Offer::Words(OPERATORS), Offer::Words(further)],
        TokenKind::Rest | TokenKind::RangeTo => Vec::new(),
        _ => vec![Offer::Names],
    }
}

/// Whether what stands before the last token ends an operand.
fn follows_operand(tokens: &[Tok<'_>]) -> bool {
    tokens.iter().rev().nth(1).is_some_and(Tok::ends_operand)
}

/// What an `if` that is not complete goes on with.
fn conditional(tokens: &[Tok<'_>]) -> &'static [&'static str] {
    let mut open: Vec<&str> = Vec::new();
    for tok in tokens.iter().filter(|tok| tok.is_keyword) {
        match tok.text {
            "if" => open.push("then"),
            "then" => open.last_mut().into_iter().for_each(|last| *last = "else"),
            "else" => drop(open.pop()),
            _ => {}
        }
    }
    match open.last() {
        Some(&"then") => &["then"],
        Some(_) => &["else"],
        None => &[],
    }
}

/// What closes the `if`s of an expression that are not complete.
pub fn missing_branches(tokens: &[Tok<'_>]) -> String {
    let count = |word: &str| tokens.iter().filter(|tok| tok.is(word)).count();
    let (ifs, thens, elses) = (count("if"), count("then"), count("else"));
    " then none".repeat(ifs.saturating_sub(thens)) + &" else none".repeat(ifs.saturating_sub(elses))
}

/// In a declaration of a field, parameter or value.
fn declaration(tokens: &[Tok<'_>], on_new_line: bool) -> Vec<Offer> {
    let begins = |tok: &Tok<'_>| matches!(tok.kind, TokenKind::Colon | TokenKind::Arrow | TokenKind::Assign) || tok.is("where");
    let Some(at) = tokens.iter().rposition(begins) else { return Vec::new() };
    let (Some(start), rest) = (tokens.get(at), tokens.get(at + 1..).unwrap_or_default()) else { return Vec::new() };
    if on_new_line && rest.last().is_some_and(Tok::ends_operand) {
        return Vec::new();
    }
    let is_type = !(start.kind == TokenKind::Assign || start.is("where")) || tokens.first().is_some_and(|first| first.is("type"));
    match (is_type, rest.last().map(|last| last.kind)) {
        (false, _) => expression(rest, &[]),
        (true, None | Some(TokenKind::Less | TokenKind::Dot)) => vec![Offer::Types],
        (true, _) if rest.last().is_some_and(|last| last.is("with")) => Vec::new(),
        (true, _) => vec![Offer::Words(&["where", "with"])],
    }
}

/// In the block of a tool.
fn tool(tokens: &[Tok<'_>], on_new_line: bool) -> Vec<Offer> {
    let is_complete = |value: &[Tok<'_>]| is_block_end(tokens) || (on_new_line && value.last().is_some_and(Tok::ends_operand));
    let value = tokens.iter().rposition(|tok| tok.kind == TokenKind::Colon).and_then(|at| tokens.get(at + 1..));
    match value {
        Some(value) if !is_complete(value) => expression(value, &[]),
        None if tokens.last().is_some_and(|last| last.kind == TokenKind::Word) => Vec::new(),
        _ => vec![Offer::Words(ATTRIBUTES)],
    }
}

fn is_block_end(tokens: &[Tok<'_>]) -> bool {
    tokens.last().is_some_and(|last| last.kind == TokenKind::RightBrace)
}

/// In the block of a test or a step.
fn test(tokens: &[Tok<'_>], clauses: &'static [&'static str], on_new_line: bool) -> Vec<Offer> {
    let Some(at) = last_clause(tokens) else { return vec![Offer::Words(clauses)] };
    let clause = tokens.get(at).map_or("", |tok| tok.text);
    let rest = tokens.get(at + 1..).unwrap_or_default();
    let mut found = match (clause, rest) {
        ("expect", []) => vec![Offer::Words(EFFECTS), Offer::Names],
        ("expect", [effect, by @ ..]) if EFFECTS.contains(&effect.text) => match by.last() {
            None => vec![Offer::Words(&["by"])],
            Some(last) if last.is("by") => vec![Offer::Rules, Offer::Words(&["none"])],
            Some(last) if matches!(last.kind, TokenKind::Comma | TokenKind::Dot) => vec![Offer::Rules],
            _ => Vec::new(),
        },
        ("data", _) => match rest.iter().position(|tok| tok.kind == TokenKind::Assign) {
            Some(at) => expression(rest.get(at + 1..).unwrap_or_default(), &[]),
            None if rest.last().is_none_or(|last| last.kind == TokenKind::Dot) => vec![Offer::Data],
            None => Vec::new(),
        },
        ("step", _) => Vec::new(),
        _ => expression(rest, &[]),
    };
    let is_complete = rest.last().is_some_and(|last| last.ends_operand() || EFFECTS.contains(&last.text));
    if is_complete {
        let clauses = Offer::Words(clauses);
        found.insert(if on_new_line { 0 } else { found.len() }, clauses);
    }
    found
}

/// Where the last clause of a test begins: its word stands where no expression goes on.
fn last_clause(tokens: &[Tok<'_>]) -> Option<usize> {
    let is_clause = |text: &str| TEST_CLAUSES.contains(&text) || text == "result";
    let begins = |at: usize| {
        at.checked_sub(1).and_then(|before| tokens.get(before)).is_none_or(|before| before.ends_operand() || EFFECTS.contains(&before.text))
    };
    let is_named =
        |at: usize| at.checked_sub(1).and_then(|before| tokens.get(before)).is_some_and(|before| is_clause(before.text) && before.text == "data");
    (0..tokens.len())
        .rfind(|at| tokens.get(*at).is_some_and(|tok| tok.kind == TokenKind::Word && is_clause(tok.text)) && begins(*at) && !is_named(*at))
}

/// In the block of a property.
fn claims(tokens: &[Tok<'_>], on_new_line: bool) -> Vec<Offer> {
    let starts = |tok: &Tok<'_>| tok.kind == TokenKind::Word && matches!(tok.text, "never" | "always");
    const CLAIMS: Offer = Offer::Words(&["never", "always"]);
    let Some(at) = tokens.iter().rposition(starts) else { return vec![CLAIMS] };
    let mut found = match tokens.get(at + 1..).unwrap_or_default() {
        [] => return vec![Offer::Words(EFFECTS)],
        [_] => vec![Offer::Words(&["when"])],
        [_, _, rest @ ..] => expression(rest, &[]),
    };
    if on_new_line && tokens.last().is_some_and(|last| last.ends_operand() || EFFECTS.contains(&last.text)) {
        found.push(CLAIMS);
    }
    found
}

/// In a part of a score.
fn part(tokens: &[Tok<'_>]) -> Vec<Offer> {
    let word = tokens.iter().rposition(|tok| tok.is("when") || tok.is("because"));
    match word.and_then(|at| Some((tokens.get(at)?, tokens.get(at + 1..)?))) {
        Some((clause, rest)) if clause.is("when") => expression(rest, &["because"]),
        Some(_) => Vec::new(),
        None if tokens.is_empty() => Vec::new(),
        None => expression(tokens, &["when"]),
    }
}

/// In braces written out, or in those of `with`; `may_be_set`: nothing says that it is no set.
fn entries(tokens: &[Tok<'_>], on_new_line: bool, may_be_set: bool) -> Vec<Offer> {
    let value = tokens.iter().rposition(|tok| tok.kind == TokenKind::Colon).and_then(|at| tokens.get(at + 1..));
    match value {
        Some(value) if on_new_line && value.last().is_some_and(Tok::ends_operand) => vec![Offer::Keys],
        Some(value) => expression(value, &[]),
        None if tokens.is_empty() && may_be_set => vec![Offer::Keys, Offer::Names],
        None if tokens.is_empty() || tokens.last().is_some_and(|last| last.kind == TokenKind::Dot && !may_be_set) => vec![Offer::Keys],
        None if may_be_set => expression(tokens, &[]),
        None => Vec::new(),
    }
}

/// In the arguments of an obligation.
fn requirement(tokens: &[Tok<'_>]) -> Vec<Offer> {
    match tokens {
        [] => vec![Offer::Parameters, Offer::Names],
        [name, colon, rest @ ..] if name.kind == TokenKind::Word && colon.kind == TokenKind::Colon => expression(rest, &[]),
        _ => expression(tokens, &[]),
    }
}
