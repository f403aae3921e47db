//! The words of the language.

use tollgate_compiler::syntax::lexer::TokenKind;
use tollgate_evaluator::plan::Fact;

use super::line;
use crate::analysis::markdown::fenced;

/// A word, what it does, and the chapter of the guide that tells more.
const WORDS: &[(&str, &str, &str)] = &[
    (
        "package",
        "Begins a file: what it declares belongs to this package, and files of one package share their names.",
        "names to what you say twice",
    ),
    ("import", "Makes the names of another package usable, by its last word or by the one after `as`.", "names to what you say twice"),
    ("enum", "Declares a closed set of texts; `<` between them makes an order of it.", "describe your own requests"),
    ("type", "Declares a type.", "describe your own requests"),
    ("data", "Declares values that whoever loads the policy binds, and may replace while it decides.", "keep what changes in data"),
    ("input", "Declares what a request holds; in a test, the request that is decided.", "describe your own requests"),
    ("tool", "Declares a tool: facts about it, and what it may be called with.", "facts about tools"),
    ("obligation", "Declares something that an enforcement point must do.", "deny and review"),
    ("let", "Names a value, computed at most once in a decision, and only when it is read.", "names to what you say twice"),
    ("fn", "Names an expression with parameters.", "names to what you say twice"),
    ("score", "Adds up what its conditions contribute, within its range.", "add risks up"),
    ("allow", "The call may be made, unless a `deny` or `review` matches too.", "the shape of a rule"),
    ("review", "A person must approve the call first; stronger than `allow`, weaker than `deny`.", "deny and review"),
    ("deny", "The call may not be made; stronger than `review` and `allow`.", "deny and review"),
    ("default", "What is decided where no rule matches: `review` or `deny`.", "what no rule allows is denied"),
    ("test", "Decides a request, or several in a row, and compares.", "write a test"),
    ("property", "Claims something of every request; held against every decision that tests make.", "write a test"),
    ("on", "The tools that the rule is about; `*` and `?` stand for others' letters. Without it: every tool.", "the shape of a rule"),
    ("for", "Tries each of a list, set, map or optional in turn: the rule matches if one of them makes it.", "lists, sets and maps"),
    ("when", "The condition that must hold.", "the shape of a rule"),
    ("unless", "The condition that must not hold.", "except when"),
    ("because", "The reason that the decision gives, with `{…}` for values.", "deny and review"),
    ("require", "What the enforcement point must do where the rule decides.", "deny and review"),
    ("and", "Both hold; the second is looked at only where the first does.", "compare and combine"),
    ("or", "One holds; the second is looked at only where the first does not.", "compare and combine"),
    ("not", "The condition does not hold.", "compare and combine"),
    ("in", "An element of a list or set, a key of a map, an address in a network.", "lists, sets and maps"),
    ("has", "The optional field is present; what is after `and` may read it.", "what may be missing"),
    ("like", "The whole text against a pattern: `*` any letters, `?` one.", "text"),
    ("matches", "A part of the text against a regular expression, in linear time.", "text"),
    ("if", "One value or the other.", "one or the other"),
    ("then", "The value where the condition holds.", "one or the other"),
    ("else", "The value where the condition does not hold.", "one or the other"),
    ("true", "What holds.", "compare and combine"),
    ("false", "What does not hold.", "compare and combine"),
    ("none", "What is absent.", "what may be missing"),
    ("with", "The record or type, changed there.", "describe your own requests"),
    ("where", "What must hold of the field where it is present; a request of which it does not is refused.", "describe your own requests"),
    ("expect", "What the decision must be.", "write a test"),
    ("by", "Exactly the rules that must decide; `none` for the default or a refused request.", "write a test"),
    ("step", "A call of several in a row; those after it find it in `session.calls`.", "look at what came before"),
    ("result", "What the tool gave in this step.", "look at what came before"),
    ("never", "No decision may have this effect where the condition holds.", "write a test"),
    ("always", "Every decision must have this effect where the condition holds.", "write a test"),
    ("args", "What the tool may be called with; a call that does not fit is denied.", "say what a tool takes, and allow it"),
];

/// The types that the language has.
const TYPES: &[(&str, &str, &str)] = &[
    ("bool", "`true` or `false`.", "compare and combine"),
    ("int", "A whole number of 64 bits.", "numbers and money"),
    ("decimal", "An exact number of 28 digits.", "numbers and money"),
    ("string", "Text.", "text"),
    ("duration", "A span of time, such as `1h30m`.", "time"),
    ("timestamp", "An instant; in JSON an RFC 3339 text.", "time"),
    ("ip", "An address of IPv4 or IPv6.", "network addresses"),
    ("cidr", "A network of IPv4 or IPv6.", "network addresses"),
    ("json", "Any JSON value, typed when it is converted.", "json without a type"),
    ("list", "Values in order.", "lists, sets and maps"),
    ("set", "Values without order and repetition.", "lists, sets and maps"),
    ("map", "Values by text.", "lists, sets and maps"),
];

/// What a word of the language does.
pub fn about(word: &str, kind: TokenKind) -> Option<String> {
    let (_, text, chapter) = WORDS.iter().chain(TYPES).find(|(known, ..)| kind == TokenKind::Word && *known == word)?;
    Some(line(text, chapter))
}

/// Whether a word stands between or before operands.
pub fn is_operator(word: &str) -> bool {
    ["and", "or", "not", "in", "has", "like", "matches", "if", "then", "else", "with"].contains(&word)
}

/// What `ip`, `cidr` and `timestamp` of a text are.
pub fn constructor(name: &str) -> Option<String> {
    let (_, text, chapter) = TYPES.iter().find(|(known, ..)| *known == name)?;
    Some(format!(
        "{}\n\n{}",
        fenced(&format!("{name}(text) -> {name}")),
        line(&format!("{text} The text is read when the policy is checked."), chapter)
    ))
}

/// What a fact of a tool says.
pub fn fact(fact: Fact) -> &'static str {
    match fact {
        Fact::Declared => "Whether the policy declares the tool.",
        Fact::Category => "The category that the tool's declaration gives it, `\"\"` without one.",
        Fact::Title => "The title that the tool's declaration gives it, `\"\"` without one.",
        Fact::Labels => "The labels that the tool's declaration gives it.",
        Fact::ReadOnly => "Whether the tool changes nothing; `false` where its declaration does not say so.",
        Fact::Destructive => "Whether the tool may destroy something; `true` where its declaration does not say otherwise.",
        Fact::Idempotent => "Whether calling the tool twice is as calling it once; `false` where its declaration does not say so.",
        Fact::OpenWorld => "Whether the tool deals with the world outside; `true` where its declaration does not say otherwise.",
    }
}
