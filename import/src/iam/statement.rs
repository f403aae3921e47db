//! Statements, read strictly: what is no statement is refused, and what a statement has that nobody knows is kept for the importer to judge.

use crate::json::Json;

/// What a statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    Allow,
    Deny,
}

/// A statement of a policy document.
#[derive(Debug)]
pub struct Statement {
    /// Where it stands in its source.
    pub place: String,
    /// Its number in its document, where there are several.
    pub number: Option<usize>,
    pub sid: Option<String>,
    pub effect: Effect,
    pub actions: Listed<String>,
    /// Missing in trust policies, where the resource is the role.
    pub resources: Option<Listed<String>>,
    pub principals: Option<Listed<Principal>>,
    pub conditions: Vec<Condition>,
    /// Whether `${…}` is a variable in it, as since version 2012-10-17.
    pub has_variables: bool,
    /// Elements that it has and statements have not.
    pub unknown: Vec<String>,
}

/// What an element lists, or what its negated form excludes.
#[derive(Debug)]
pub struct Listed<T> {
    pub items: Vec<T>,
    pub is_negated: bool,
}

/// One principal of `Principal`.
#[derive(Debug)]
pub struct Principal {
    pub kind: PrincipalKind,
    pub text: String,
}

impl Principal {
    /// Whether it is `*`: anyone.
    pub fn is_everyone(&self) -> bool {
        self.kind == PrincipalKind::Aws && self.text == "*"
    }
}

/// Under which key of `Principal` it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    Aws,
    Service,
    Federated,
    CanonicalUser,
}

/// One operator with one key.
#[derive(Debug)]
pub struct Condition {
    pub operator: String,
    pub key: String,
    /// The values, where all are scalars.
    pub values: Option<Vec<String>>,
    /// In the source's words.
    pub written: String,
}

/// What is wrong, and below which element.
type Wrong = (&'static str, String);

/// A statement.
///
/// # Errors
///
/// Where it is none.
pub fn read(value: &Json, place: String, number: Option<usize>, has_variables: bool) -> Result<Statement, Wrong> {
    let fields = value.as_object().ok_or_else(|| ("", format!("a statement is an object, and here stands {}", value.kind())))?;
    let effect = match value.get("Effect").map(|effect| (effect, effect.as_text())) {
        Some((_, Some("Allow"))) => Effect::Allow,
        Some((_, Some("Deny"))) => Effect::Deny,
        Some((other, _)) => return Err(("Effect", format!("it is neither \"Allow\" nor \"Deny\" but {other}"))),
        None => return Err(("", "a statement without `Effect`".to_owned())),
    };
    let mut statement = Statement {
        place,
        number,
        sid: value.get("Sid").and_then(Json::as_text).filter(|sid| !sid.trim().is_empty()).map(str::to_owned),
        effect,
        actions: listed(value, "Action", "NotAction", texts)?.ok_or_else(|| ("", "a statement without `Action` and `NotAction`".to_owned()))?,
        resources: listed(value, "Resource", "NotResource", texts)?,
        principals: listed(value, "Principal", "NotPrincipal", principals)?,
        conditions: Vec::new(),
        has_variables,
        unknown: Vec::new(),
    };
    for (key, value) in fields {
        match key.as_str() {
            "Sid" if value.as_text().is_none() => return Err(("Sid", format!("it is a string, and here stands {}", value.kind()))),
            "Sid" | "Effect" | "Action" | "NotAction" | "Resource" | "NotResource" | "Principal" | "NotPrincipal" => {}
            "Condition" => statement.conditions = conditions(value)?,
            _ => statement.unknown.push(key.clone()),
        }
    }
    Ok(statement)
}

fn listed<T>(
    statement: &Json,
    name: &'static str,
    negated: &'static str,
    read: impl Fn(&Json) -> Option<Vec<T>>,
) -> Result<Option<Listed<T>>, Wrong> {
    let (key, value, is_negated) = match (statement.get(name), statement.get(negated)) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(("", format!("a statement with both `{name}` and `{negated}`"))),
        (Some(value), None) => (name, value, false),
        (None, Some(value)) => (negated, value, true),
    };
    let items = read(value).filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| (key, format!("what stands here is not what the element lists: {}", value.kind())))?;
    Ok(Some(Listed { items, is_negated }))
}

/// A string, or an array of them.
fn texts(value: &Json) -> Option<Vec<String>> {
    let elements = value.as_list().unwrap_or(std::slice::from_ref(value));
    elements.iter().map(|element| element.as_text().map(str::to_owned)).collect()
}

fn principals(value: &Json) -> Option<Vec<Principal>> {
    if value.as_text() == Some("*") {
        return Some(vec![Principal { kind: PrincipalKind::Aws, text: "*".to_owned() }]);
    }
    let mut principals = Vec::new();
    for (key, value) in value.as_object()? {
        let kind = match key.as_str() {
            "AWS" => PrincipalKind::Aws,
            "Service" => PrincipalKind::Service,
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            _ => return None,
        };
        principals.extend(texts(value)?.into_iter().map(|text| Principal { kind, text }));
    }
    Some(principals)
}

fn conditions(value: &Json) -> Result<Vec<Condition>, Wrong> {
    let mut conditions = Vec::new();
    let wrong = |value: &Json| ("Condition", format!("conditions are objects, and here stands {}", value.kind()));
    for (operator, keys) in value.as_object().ok_or_else(|| wrong(value))? {
        for (key, values) in keys.as_object().ok_or_else(|| wrong(keys))? {
            let written = format!("\"{operator}\": {{\"{key}\": {values}}}");
            conditions.push(Condition { operator: operator.clone(), key: key.clone(), values: scalars(values), written });
        }
    }
    Ok(conditions)
}

/// The values of a condition as texts; `None` where one is no scalar.
fn scalars(value: &Json) -> Option<Vec<String>> {
    let elements = value.as_list().unwrap_or(std::slice::from_ref(value));
    let text = |element: &Json| match element {
        Json::Text(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(element.to_string()),
        Json::Null | Json::List(_) | Json::Object(_) => None,
    };
    elements.iter().map(text).collect()
}
