//! What a completion is, in Markdown: looked up when it is asked for.

use tollgate_compiler::PolicySet;
use tollgate_compiler::lint;
use tollgate_compiler::syntax::ast::ItemKind;
use tollgate_stdlib::types::Type;

use super::Kind;
use super::catalog::{declared, files};
use super::words::ANNOTATIONS;
use crate::analysis::markdown::{code, comment, fenced};

/// What a completion is about, in words that can be sent away and come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// Nothing that more is known of.
    #[default]
    Nothing,
    /// What an author says of it.
    Text(String),
    /// What a package declares, by its full name.
    Item(String),
    /// A tool, by its name.
    Tool(String),
    /// A package.
    Package(String),
    /// A method of the language, by its key.
    Method(String),
    /// A word of the language.
    Word(String),
    /// An annotation.
    Annotation(String),
    /// A lint.
    Lint(String),
}

impl About {
    /// What an author says of a field; nothing where he says nothing.
    pub fn text(doc: &str) -> About {
        if doc.trim().is_empty() { About::Nothing } else { About::Text(doc.to_owned()) }
    }

    /// The sort of it and its name, which [`About::from_parts`] reads.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            About::Nothing => ("", ""),
            About::Text(text) => ("text", text),
            About::Item(name) => ("item", name),
            About::Tool(name) => ("tool", name),
            About::Package(name) => ("package", name),
            About::Method(key) => ("method", key),
            About::Word(word) => ("word", word),
            About::Annotation(name) => ("annotation", name),
            About::Lint(name) => ("lint", name),
        }
    }

    /// What [`About::parts`] has told.
    pub fn from_parts(sort: &str, name: &str) -> About {
        let name = name.to_owned();
        match sort {
            "text" => About::Text(name),
            "item" => About::Item(name),
            "tool" => About::Tool(name),
            "package" => About::Package(name),
            "method" => About::Method(name),
            "word" => About::Word(name),
            "annotation" => About::Annotation(name),
            "lint" => About::Lint(name),
            _ => About::Nothing,
        }
    }
}

/// What there is to say of a completion: it looks through the set, and so is for the one that is looked at.
pub fn documentation(set: &PolicySet, kind: Kind, about: &About) -> Option<String> {
    match about {
        About::Nothing => None,
        About::Text(doc) => Some(comment(doc)),
        About::Item(name) => item(set, name, kind),
        About::Tool(name) => tool(set, name),
        About::Package(name) => package(set, name),
        About::Method(key) => method(key),
        About::Word(word) => self::word(word).map(str::to_owned),
        About::Annotation(name) => {
            ANNOTATIONS.iter().find(|(known, ..)| known == name).map(|(_, _, says)| format!("{}: {says}", code(&format!("@{name}"))))
        }
        About::Lint(name) => lint::lints().find(|code| code.name() == *name).map(|code| code.page().to_owned()),
    }
}

/// A function of the language, with its documentation and example.
pub fn method(key: &str) -> Option<String> {
    let function = tollgate_stdlib::by_key(key)?;
    let errs = if function.errs { "\n\nIts evaluation can err." } else { "" };
    Some(format!("{}\n\n{}{errs}\n\n{}", fenced(&function.signature()), function.doc, fenced(function.example)))
}

fn item(set: &PolicySet, name: &str, kind: Kind) -> Option<String> {
    let found = declared(set).find(|declared| declared.kind() == kind && declared.full_name() == name)?;
    let head = format!("package {}", found.package);
    let deprecated = found.item.annotations.iter().find(|annotation| annotation.name.text == "deprecated").map(|annotation| {
        let why = annotation.args.first().map_or("", |why| why.text.as_str());
        if why.is_empty() { "Deprecated.".to_owned() } else { format!("Deprecated: {}", comment(why)) }
    });
    let doc = Some(comment(&found.item.doc)).filter(|doc| !doc.is_empty());
    let parts = [Some(code(&head)), deprecated, doc];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

fn tool(set: &PolicySet, name: &str) -> Option<String> {
    let program = set.program();
    let known = program.tools.iter().find(|tool| *tool.name == *name)?;
    let args = known.args.as_ref().map(|args| fenced(&format!("args {}", Type::Record(args.clone()))));
    let mut items = files(set).flat_map(|file| set.items(file)).filter_map(|at| at.item);
    let doc = items.find(|item| matches!(&item.kind, ItemKind::Tool(tool) if tool.name.text == name)).map(|item| comment(&item.doc));
    let parts = [Some(fenced(&format!("tool \"{name}\""))), doc.filter(|doc| !doc.is_empty()), args];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n"))
}

fn package(set: &PolicySet, name: &str) -> Option<String> {
    let mut items = files(set).filter(|file| set.package(*file) == name).flat_map(|file| set.items(file)).filter_map(|at| at.item);
    let doc = items.find(|item| matches!(item.kind, ItemKind::Package(_)) && !item.doc.is_empty())?;
    Some(comment(&doc.doc))
}

/// What a word of the language means.
fn word(word: &str) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == word).map(|(_, says)| *says)
}

const WORDS: &[(&str, &str)] = &[
    ("allow", "The call is let through, where no rule denies it or asks for review."),
    ("review", "A person must approve the call, where no rule denies it."),
    ("deny", "The call is refused, whatever other rules say."),
    ("on", "Which tools the rule is about: `server/name`, with `*` and `?` as in `like`. Without it: every tool."),
    ("for", "For some `x` of a list, set, map or optional: the rule matches where one makes its conditions hold."),
    ("when", "The condition under which the rule matches."),
    ("unless", "The condition under which it does not match after all."),
    ("because", "Why, for whoever reads the decision: a text with holes such as `{agent.id}`."),
    ("require", "What the enforcement point must do when it lets the call through."),
    ("and", "Both hold; the right one is looked at where the left one holds."),
    ("or", "One of them holds; the right one is looked at where the left one does not."),
    ("not", "The condition does not hold."),
    ("in", "An element of a list or set, a key of a map, an address in a network."),
    ("not in", "No element of a list or set, no key of a map."),
    ("has", "The optional field is present."),
    ("like", "The whole text fits the pattern: `*` is any run of characters, `?` is one."),
    ("matches", "The regular expression occurs in the text."),
    ("with", "The record with other values of some fields."),
    ("if", "One value or the other, by a condition."),
    ("where", "What the field's values must fulfil when they come in."),
    ("none", "What an optional is that is absent."),
    ("by", "Exactly these rules decide."),
    ("expect", "What the decision must be, or a condition that must hold."),
    ("input", "The request."),
    ("data", "Data that whoever loads the policy binds."),
    ("step", "One call of a sequence; steps after it see it in `session.calls`."),
    ("result", "What the tool gives, for the steps after it."),
    ("never", "No request that meets the condition is decided so."),
    ("always", "Every request that meets the condition is decided so."),
    ("package", "The package of the file: files of one package share their names."),
    ("import", "Makes the names of another package usable after its last word."),
    ("default", "What decides where no rule matches; without one: deny."),
    ("tool.declared", "Whether a `tool` declaration fits the call."),
    ("tool.category", "The `category` that the tool's declaration gives it."),
    ("tool.title", "The `title` that the tool's declaration gives it."),
    ("tool.labels", "The `labels` that the tool's declaration gives it."),
    ("tool.read_only", "Whether the tool's declaration says that it changes nothing."),
    ("tool.destructive", "Whether the tool may destroy, unless its declaration says otherwise."),
    ("tool.idempotent", "Whether the tool's declaration says that calling it again changes nothing more."),
    ("tool.open_world", "Whether the tool reaches beyond its own system, unless its declaration says otherwise."),
    ("ip()", "An address, checked when the policy is compiled."),
    ("cidr()", "A network, checked when the policy is compiled."),
    ("timestamp()", "An instant, checked when the policy is compiled."),
    ("type json", "Any JSON value, typed when it is converted: `.as_int()`, `.as_string()`."),
    ("type decimal", "An exact number of 28 significant digits."),
    ("type duration", "A length of time: `15m`, `1h30m`."),
    ("type timestamp", "An instant; an RFC 3339 text in JSON."),
    ("type list", "Values in an order; an array in JSON."),
    ("type set", "Different scalars; an array in JSON."),
    ("type map", "Values by text; an object in JSON."),
];
