//! An expression of Cedar in the language: its text, and what is known of its value.

use std::rc::Rc;

use super::schema::Type;
use crate::toll::{field, quoted};

/// How tightly an expression's text holds together, from `if` to what stands after a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    If,
    Or,
    And,
    Not,
    Compare,
    Add,
    Multiply,
    Negate,
    Postfix,
}

/// What the text gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// A value of the language's own type: `bool`, `int`, `string`, `Entity`, `decimal`, `list<json>` of a set, an object of a record, `cidr` of an
    /// address, and the milliseconds of a datetime or a duration. With the text that gives it as JSON, where that is another.
    Native { json: Option<String> },
    /// JSON as Cedar writes it.
    Json,
    /// The same, which may be absent, and then is an error.
    Maybe,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Term {
    pub text: String,
    pub level: Level,
    pub ty: Type,
    pub form: Form,
    /// How deep brackets and operators stand in each other.
    pub height: usize,
    /// Whether it comes from the context of a request, where the schema may leave out what a value is.
    pub outside: bool,
    /// The name in the data, where it is an entity that is written out.
    pub uid: Option<String>,
    /// The elements, where it is written as a set.
    pub elements: Option<Vec<Term>>,
    /// Paths that are present where it holds.
    pub proves: Vec<String>,
    /// The text that says the opposite and how tightly it holds together, where that is no `not`.
    pub opposite: Option<(String, Level)>,
}

impl Term {
    /// A value of the language's own type.
    pub fn native(ty: Type, level: Level, text: impl Into<String>) -> Term {
        Term {
            text: text.into(),
            level,
            ty,
            form: Form::Native { json: None },
            height: 1,
            outside: false,
            uid: None,
            elements: None,
            proves: Vec::new(),
            opposite: None,
        }
    }

    /// A comparison: `left operator right`.
    pub fn comparison(left: &str, operator: &str, right: &str) -> Term {
        let opposite = match operator {
            "==" => "!=",
            "!=" => "==",
            "<" => ">=",
            "<=" => ">",
            ">" => "<=",
            ">=" => "<",
            _ => "not in",
        };
        let term = Term::native(Type::Bool, Level::Compare, format!("{left} {operator} {right}"));
        Term { opposite: Some((format!("{left} {opposite} {right}"), Level::Compare)), ..term }
    }

    /// Whether it does not hold.
    pub fn negated(self) -> Term {
        let of = |text: String, level: Level| Term::native(Type::Bool, level, text).above(&[&self]);
        match (&self.opposite, self.text.strip_prefix("not ")) {
            (Some((text, level)), _) => Term { opposite: Some((self.text.clone(), self.level)), ..of(text.clone(), *level) },
            (None, Some(operand)) if self.level == Level::Not => of(operand.to_owned(), Level::Not),
            _ => of(format!("not {}", self.at(Level::Not)), Level::Not),
        }
    }

    /// JSON.
    pub fn json(ty: Type, text: impl Into<String>) -> Term {
        Term { form: Form::Json, ..Term::native(ty, Level::Postfix, text) }
    }

    /// JSON that may be absent.
    pub fn maybe(ty: Type, text: impl Into<String>) -> Term {
        Term { form: Form::Maybe, ..Term::json(ty, text) }
    }

    /// The same, with the text that gives it as JSON.
    pub fn with_json(self, json: String) -> Term {
        Term { form: Form::Native { json: Some(json) }, ..self }
    }

    /// The same above others.
    pub fn above(self, others: &[&Term]) -> Term {
        let height = others.iter().map(|other| other.height).max().unwrap_or_default() + 1;
        Term { height: self.height.max(height), ..self }
    }

    /// The same with what it proves.
    pub fn proving(self, proves: Vec<String>) -> Term {
        Term { proves, ..self }
    }

    /// The text as an operand of what holds that tightly.
    pub fn at(&self, level: Level) -> String {
        if self.level < level { format!("({})", self.text) } else { self.text.clone() }
    }

    /// Whether the value has the language's own type.
    pub fn is_native(&self) -> bool {
        matches!(self.form, Form::Native { .. })
    }

    /// Whether `==` of JSON compares it rightly with any value: it is a scalar or an entity.
    pub fn is_plain(&self) -> bool {
        matches!(self.ty, Type::Bool | Type::Long | Type::Text | Type::Entity(_))
    }
}

/// `base.name` or `base["name"]`.
pub fn member(base: &str, name: &str) -> String {
    if field(name) == name { format!("{base}.{name}") } else { format!("{base}[{}]", quoted(name)) }
}

/// An entity that is written out: a call of `entity`.
pub fn entity(ty: &str, id: &str) -> Term {
    let text = format!("entity({}, {})", quoted(ty), quoted(id));
    Term { uid: Some(uid(ty, id)), ..Term::native(Type::Entity(Some(Rc::from(ty))), Level::Postfix, text) }
}

/// Whether one of the request's entities is one of those of these names, where all of them are of one type.
pub fn is_one_of(variable: &str, uids: &[String]) -> Option<Term> {
    let is_variable = matches!(variable, "principal" | "action" | "resource");
    let (ty, _) = uids.first().filter(|_| is_variable)?.split_once('/')?;
    let ids: Vec<String> = uids.iter().map(|uid| uid.split_once('/').filter(|(of, _)| *of == ty).map(|(_, id)| quoted(id))).collect::<Option<_>>()?;
    let id = match ids.as_slice() {
        [only] => Term::comparison(&format!("{variable}.id"), "==", only),
        _ => Term::comparison(&format!("{variable}.id"), "in", &format!("{{{}}}", ids.join(", "))),
    };
    let ty = Term::comparison(&format!("{variable}.type"), "==", &quoted(ty));
    let opposite = format!("{} or {}", ty.clone().negated().text, id.clone().negated().text);
    let both = Term::native(Type::Bool, Level::And, format!("{} and {}", ty.text, id.text));
    Some(Term { opposite: Some((opposite, Level::Or)), ..both.above(&[&ty]) })
}

/// An entity's name in the data.
pub fn uid(ty: &str, id: &str) -> String {
    format!("{ty}/{id}")
}
