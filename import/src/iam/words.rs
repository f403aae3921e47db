//! The words that the rules are made of: names that are taken, context keys with their `let`s, functions that are called.

use std::collections::{BTreeSet, HashMap};

use super::helpers::Helper;
use super::string::{self, Piece};
use crate::toll::{Names, quoted};

/// What is in scope in the policy whatever the source says: fields of the request, parameters, obligations of `std`.
const TAKEN: [&str; 51] = [
    "action",
    "resource",
    "principal",
    "condition",
    "std",
    "input",
    "data",
    "tool",
    "decision",
    "approval",
    "limit",
    "redact",
    "set_arg",
    "notify",
    "audit",
    "expire",
    "sandbox",
    "key",
    "known",
    "name",
    "text",
    "one",
    "value",
    "values",
    "wanted",
    "pattern",
    "number",
    "date",
    "network",
    "seconds",
    "part",
    "arn",
    "first",
    "second",
    "third",
    "fourth",
    "tag",
    "lower_action",
    "session_arns",
    "principal_arns",
    "principal_account",
    "resource_account",
    "is_same_account",
    "account_in",
    "unknown_principal",
    "outside_resource_policy",
    "outside_identity_policy",
    "resource_policy_allows",
    "identity_policy_allows",
    "is_granted_directly",
    "is_their_principal",
];

/// How many regular expressions a policy has: those of a set have a bound together.
const MOST_PATTERNS: usize = 4_000;

/// The variables of lambdas over a string's variables, where there are several.
const PLACES: [&str; 4] = ["first", "second", "third", "fourth"];

/// Names, context keys and functions of the policy that is being written.
#[derive(Debug)]
pub struct Words {
    /// Names of values that are taken.
    pub names: Names,
    /// The `let`s of context keys, in the order in which they are asked for.
    keys: Vec<Key>,
    known: HashMap<String, usize>,
    helpers: BTreeSet<Helper>,
    /// How many regular expressions there are.
    patterns: usize,
    /// What was first used since the last [`Words::mark`].
    fresh_keys: Vec<usize>,
    fresh_helpers: Vec<Helper>,
}

/// A context key with its `let`.
#[derive(Debug)]
struct Key {
    lower: String,
    name: String,
    /// Whether a rule that the policy has names it.
    is_used: bool,
}

/// How a string with variables is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The text itself.
    Text,
    /// The text without case.
    Folded,
    /// The text without the case of ASCII's letters.
    AsciiLower,
    /// A glob in which what variables bring stands for itself.
    Glob,
}

/// A condition, in both directions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Where it holds.
    pub yes: String,
    /// Where it does not.
    pub no: String,
}

/// What a statement asks in one respect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    Nothing,
    Never,
    Any(Vec<Term>),
    All(Vec<Term>),
}

impl Term {
    /// A condition.
    pub fn new(yes: String) -> Term {
        Term { no: format!("not ({yes})"), yes }
    }

    /// That a text is in a list.
    pub fn is_in(text: &str, list: &str) -> Term {
        Term { yes: format!("{text} in {list}"), no: format!("{text} not in {list}") }
    }

    /// That two texts are equal.
    pub fn equal(one: &str, other: &str) -> Term {
        Term { yes: format!("{one} == {other}"), no: format!("{one} != {other}") }
    }
}

impl Asked {
    /// The opposite.
    pub fn negated(self) -> Asked {
        let turned = |terms: Vec<Term>| terms.into_iter().map(|Term { yes, no }| Term { yes: no, no: yes }).collect();
        match self {
            Asked::Nothing => Asked::Never,
            Asked::Never => Asked::Nothing,
            Asked::Any(terms) => Asked::All(turned(terms)),
            Asked::All(terms) => Asked::Any(turned(terms)),
        }
    }

    /// Any of these, of none nothing is true.
    pub fn any(terms: Vec<Term>) -> Asked {
        if terms.is_empty() { Asked::Never } else { Asked::Any(terms) }
    }
}

impl Words {
    pub fn new() -> Words {
        let helpers = Helper::names();
        let taken = TAKEN.iter().copied().chain(helpers.iter().map(String::as_str));
        Words {
            names: Names::taken(taken),
            keys: Vec::new(),
            known: HashMap::new(),
            helpers: BTreeSet::new(),
            patterns: 0,
            fresh_keys: Vec::new(),
            fresh_helpers: Vec::new(),
        }
    }

    /// The name of the list of a context key's values, whose name counts in any case.
    pub fn key(&mut self, key: &str) -> String {
        // as the language has it, letter by letter
        let lower: String = key.chars().flat_map(char::to_lowercase).collect();
        if let Some(at) = self.known.get(&lower).copied()
            && let Some(known) = self.keys.get_mut(at)
        {
            if !known.is_used {
                known.is_used = true;
                self.fresh_keys.push(at);
            }
            return known.name.clone();
        }
        let name = self.names.value(key);
        self.known.insert(lower.clone(), self.keys.len());
        self.fresh_keys.push(self.keys.len());
        self.keys.push(Key { lower, name: name.clone(), is_used: true });
        name
    }

    /// The name of a function, which the policy then has.
    pub fn call(&mut self, helper: Helper) -> String {
        if self.helpers.insert(helper) {
            self.fresh_helpers.push(helper);
        }
        helper.name()
    }

    /// Whether there is room for another regular expression, which then takes it.
    pub fn has_room(&mut self) -> bool {
        self.patterns += 1;
        self.patterns <= MOST_PATTERNS
    }

    /// From here on, what is used may be taken back.
    pub fn mark(&mut self) {
        self.fresh_keys.clear();
        self.fresh_helpers.clear();
    }

    /// Takes back what was first used since the mark, by a statement that has no rule.
    pub fn back(&mut self) {
        for at in self.fresh_keys.drain(..) {
            if let Some(key) = self.keys.get_mut(at) {
                key.is_used = false;
            }
        }
        for helper in self.fresh_helpers.drain(..) {
            self.helpers.remove(&helper);
        }
    }

    /// A list of at most one: the values that a string with variables has.
    pub fn strings(&mut self, pieces: &[Piece], form: Form) -> Result<String, String> {
        let Template { variables, text } = self.template(pieces, form)?;
        match (variables.as_slice(), form) {
            ([(values, _)], Form::Text) if matches!(pieces, [Piece::Variable { .. }]) => Ok(values.clone()),
            ([], _) => Ok(format!("[{text}]")),
            ([before @ .., (values, variable)], _) => {
                let inner = format!("{values}.map({variable} => {text})");
                Ok(before.iter().rev().fold(inner, |inner, (values, variable)| format!("{values}.flat_map({variable} => {inner})")))
            }
        }
    }

    /// Whether a condition holds of the value that a string with variables has; `condition` is given it.
    pub fn where_string(&mut self, pieces: &[Piece], form: Form, condition: impl Fn(&str) -> String) -> Result<String, String> {
        let Template { variables, text } = self.template(pieces, form)?;
        Ok(variables.iter().rev().fold(condition(&text), |inner, (values, variable)| format!("{values}.any({variable} => {inner})")))
    }

    fn template(&mut self, pieces: &[Piece], form: Form) -> Result<Template, String> {
        let mut distinct: Vec<&Piece> = Vec::new();
        for piece in pieces {
            if matches!(piece, Piece::Variable { .. }) && !distinct.contains(&piece) {
                distinct.push(piece);
            }
        }
        if distinct.len() > PLACES.len() {
            return Err(format!("it has more than {} variables", PLACES.len()));
        }
        let names: &[&str] = if distinct.len() == 1 { &["text"] } else { &PLACES };
        let named: Vec<(&Piece, &str)> = distinct.into_iter().zip(names.iter().copied()).collect();
        let literal = if form == Form::Glob { self.call(Helper::Literal) } else { String::new() };
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(part) => text.push_str(&inside(&if form == Form::Glob { string::escaped(part) } else { part.clone() })),
                Piece::Run => text.push('*'),
                Piece::One => text.push('?'),
                Piece::Variable { .. } => {
                    let name = named.iter().find(|(variable, _)| *variable == piece).map(|(_, name)| *name).unwrap_or_default();
                    text.push_str(&match form {
                        Form::Text | Form::Folded | Form::AsciiLower => format!("{{{name}}}"),
                        Form::Glob => format!("{{{literal}({name})}}"),
                    });
                }
            }
        }
        let variables = named.into_iter().map(|(variable, name)| (self.variable(variable), name)).collect();
        let text = match form {
            Form::Text | Form::Glob => format!("\"{text}\""),
            Form::Folded => format!("{}(\"{text}\")", self.call(Helper::Folded)),
            Form::AsciiLower => format!("{}(\"{text}\")", self.call(Helper::AsciiLower)),
        };
        Ok(Template { variables, text })
    }

    /// The list of at most one value that a variable has.
    fn variable(&mut self, piece: &Piece) -> String {
        let Piece::Variable { key, default } = piece else { return String::new() };
        let values = self.key(key);
        match default {
            None => format!("{}({values})", self.call(Helper::Single)),
            Some(default) => format!("{}({values}, {})", self.call(Helper::SingleOr), quoted(default)),
        }
    }

    /// The `let`s of the context keys, and the functions that all call.
    pub fn written(mut self) -> (String, String) {
        let mut lets = String::new();
        for Key { lower: key, name, .. } in std::mem::take(&mut self.keys).into_iter().filter(|key| key.is_used) {
            let of_principal = match key.as_str() {
                "aws:principalarn" => Some("principal.arn".to_owned()),
                "aws:principalaccount" => Some("principal.account".to_owned()),
                "aws:principaltype" => Some("principal.type".to_owned()),
                "aws:userid" => Some("principal.id".to_owned()),
                "aws:username" => Some("principal.name".to_owned()),
                "aws:principalservicename" => Some("principal.service".to_owned()),
                "aws:federatedprovider" => Some("principal.federated".to_owned()),
                _ => key.strip_prefix("aws:principaltag/").map(|tag| format!("{}({})", self.call(Helper::TagOf), quoted(tag))),
            };
            let key = quoted(&key);
            let values = match of_principal {
                None => format!("{}({key})", self.call(Helper::ValuesOf)),
                Some(known) => format!("{}({key}, {known})", self.call(Helper::ValuesOr)),
            };
            lets.push_str(&format!("let {name} = {values}\n"));
        }
        let helpers = Helper::closed(self.helpers);
        (lets, helpers.into_iter().map(Helper::definition).collect::<Vec<_>>().join("\n"))
    }
}

/// A string with variables: lists of at most one value with the names that their elements have in it.
struct Template {
    variables: Vec<(String, &'static str)>,
    text: String,
}

/// A text as it stands inside of a string literal.
fn inside(text: &str) -> String {
    let quoted = quoted(text);
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}
