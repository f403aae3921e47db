//! Policy documents, out of what holds them: themselves, lists of them, the answers of AWS's commands.

use super::statement::{self, Statement};
use crate::json::Json;
use crate::{Fate, Note, Source, Unreadable};

/// Under which keys the answers of AWS's commands, and lists of policies, hold documents.
const HOLDERS: [&str; 11] = [
    "PolicyVersion",
    "PolicyVersionList",
    "PolicyDocument",
    "Document",
    "document",
    "policyDocument",
    "Policy",
    "Policies",
    "Content",
    "Attributes",
    "AssumeRolePolicyDocument",
];

/// What describes policies and has no bearing on them.
const DESCRIPTIONS: [&str; 44] = [
    "PolicySummary",
    "Tags",
    "ResponseMetadata",
    "RoleLastUsed",
    "Metadata",
    "PolicyName",
    "PolicyId",
    "PolicyArn",
    "PolicyType",
    "Arn",
    "Path",
    "Name",
    "Id",
    "Type",
    "Description",
    "AwsManaged",
    "VersionId",
    "DefaultVersionId",
    "IsDefaultVersion",
    "IsAttachable",
    "AttachmentCount",
    "PermissionsBoundaryUsageCount",
    "CreateDate",
    "UpdateDate",
    "CreatedTime",
    "LastUpdatedTime",
    "CreatedAt",
    "UpdatedAt",
    "CreationTime",
    "LastUpdateTime",
    "RoleName",
    "RoleId",
    "RoleArn",
    "UserName",
    "UserId",
    "GroupName",
    "GroupId",
    "MaxSessionDuration",
    "PolicyHash",
    "PolicyRevisionId",
    "RevisionId",
    "RegistryId",
    "RepositoryName",
    "BucketName",
];

/// Under which keys their names stand.
const NAMES: [&str; 4] = ["PolicyName", "name", "Name", "RoleName"];

/// Words in names of what stands beside policies and bounds them, or may deny more: without it they would allow too much.
const MISSED: [&str; 12] = [
    "boundary",
    "managedpolic",
    "attachedpolic",
    "inlinepolic",
    "controlpolic",
    "policylist",
    "policynames",
    "policyarns",
    "groups",
    "grouplist",
    "deny",
    "statements",
];

/// Words in names of what says that there is more than is in this answer.
const GOES_ON: [&str; 4] = ["truncated", "nexttoken", "marker", "hasmore"];

/// What holds the policies of many principals, which are not one principal's.
const MANY: [&str; 3] = ["UserDetailList", "GroupDetailList", "RoleDetailList"];

/// The elements of a document.
const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// How deep documents may stand in texts that stand in documents.
const DEPTH: usize = 3;

/// A policy document.
#[derive(Debug)]
pub struct Document {
    /// The source's name.
    pub source: String,
    /// Where in it the document stands; empty where it is the whole.
    pub place: String,
    /// What it is called.
    pub name: String,
    /// Its statements.
    pub statements: Vec<Statement>,
}

impl Document {
    /// Whether a statement names principals, as resource-based policies do.
    pub fn names_principals(&self) -> bool {
        self.statements.iter().any(|statement| statement.principals.is_some())
    }
}

/// The documents of a source.
///
/// # Errors
///
/// Where it holds none, or one that is no policy of IAM.
pub fn read(source: Source<'_>, notes: &mut Vec<Note>) -> Result<Vec<Document>, Unreadable> {
    let value = Json::read(source.name, source.text)?;
    let mut reader = Reader { source: source.name, documents: Vec::new(), notes };
    reader.find(&value, "", stem(source.name), DEPTH)?;
    if reader.documents.is_empty() {
        return Err(Unreadable::new(source.name, "", "there is no policy document in it: no object with `Statement`"));
    }
    Ok(reader.documents)
}

/// A file's name without folders and extension.
pub fn stem(name: &str) -> &str {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

struct Reader<'r> {
    source: &'r str,
    documents: Vec<Document>,
    notes: &'r mut Vec<Note>,
}

impl Reader<'_> {
    fn find(&mut self, value: &Json, place: &str, name: &str, depth: usize) -> Result<(), Unreadable> {
        match value {
            Json::List(elements) => {
                elements.iter().enumerate().try_for_each(|(at, element)| self.find(element, &format!("{place}[{at}]"), name, depth))
            }
            Json::Text(text) => self.find_in_text(text, place, name, depth),
            Json::Object(fields) if value.get("Statement").is_some() => self.document(fields, value, place, name),
            Json::Object(fields) => self.find_in_object(fields, value, place, name, depth),
            _ => Err(self.unreadable(place, format!("here stands {} where a policy document is expected", value.kind()))),
        }
    }

    fn find_in_object(&mut self, fields: &[(String, Json)], value: &Json, place: &str, name: &str, depth: usize) -> Result<(), Unreadable> {
        if let Some((many, _)) = fields.iter().find(|(key, _)| MANY.contains(&key.as_str())) {
            let reason = format!("`{many}` holds the policies of many principals, and each would have the rights of all: import those of one");
            return Err(self.unreadable(place, reason));
        }
        if value.get("IsDefaultVersion").is_some_and(|says| is_said(says, false)) {
            self.notes.push(Note::new(
                self.source,
                place,
                Fate::LeftOut,
                "this version of the policy is not the one in force (`IsDefaultVersion` is false)",
            ));
            return Ok(());
        }
        let unread = self.beside(fields, place)?;
        let name = NAMES.iter().find_map(|key| value.get(key)?.as_text()).unwrap_or(name);
        let summarised = value.get("PolicySummary").and_then(|summary| summary.get("Name")).and_then(Json::as_text);
        let holders: Vec<&(String, Json)> = fields.iter().filter(|(key, _)| HOLDERS.contains(&key.as_str())).collect();
        if holders.is_empty() {
            return Err(self.unreadable(place, "there is no policy document here: no object with `Statement`"));
        }
        if !unread.is_empty() {
            let text = format!(
                "not read, as they hold no statements, and taken to have no bearing on what the policy beside them says: `{}`",
                unread.join("`, `")
            );
            self.notes.push(Note::new(self.source, place, Fate::Guessed, text));
        }
        let default = value.get("DefaultVersionId").and_then(Json::as_text);
        for (key, held) in holders {
            let place = below(place, key);
            match versions(held) {
                Some(versions) => self.find_in_force(&versions, default, &place, summarised.unwrap_or(name), depth)?,
                None => self.find(held, &place, summarised.unwrap_or(name), depth)?,
            }
        }
        Ok(())
    }

    /// The keys beside those that hold policies which are not read. Refuses those without which the policies would allow too much.
    fn beside<'f>(&self, fields: &'f [(String, Json)], place: &str) -> Result<Vec<&'f str>, Unreadable> {
        let mut unread: Vec<&str> = Vec::new();
        for (key, beside) in fields.iter().filter(|(key, _)| !HOLDERS.contains(&key.as_str())) {
            if let Some(why) = holds_statements(beside) {
                let reason =
                    format!("{why}, which are not read below this key: import them as documents of their own, and take them out of this one");
                return Err(self.unreadable(&below(place, key), reason));
            }
            let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
            let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
            let is_empty = match beside {
                Json::Null | Json::Bool(false) => true,
                Json::Text(text) => text.is_empty(),
                Json::List(elements) => elements.is_empty(),
                Json::Object(fields) => fields.is_empty(),
                Json::Bool(true) | Json::Number(_) => false,
            };
            if is_empty || DESCRIPTIONS.iter().any(|name| name.eq_ignore_ascii_case(key)) {
                continue;
            }
            if has(&GOES_ON) {
                let reason =
                    "there is more than this answer has, and that may deny: ask for all of it (`--no-paginate` and `--max-items` cut it off)";
                return Err(self.unreadable(&below(place, key), reason));
            }
            if has(&MISSED) {
                let reason =
                    "not read here, and without it what stands beside it would allow too much: import its documents too, and take it out of this one";
                return Err(self.unreadable(&below(place, key), format!("`{key}` is {reason}")));
            }
            unread.push(key);
        }
        Ok(unread)
    }

    /// Of several versions of a policy the one in force.
    fn find_in_force(&mut self, versions: &[&Json], default: Option<&str>, place: &str, name: &str, depth: usize) -> Result<(), Unreadable> {
        let is_in_force = |version: &Json| match default {
            Some(default) => version.get("VersionId").and_then(Json::as_text) == Some(default),
            None => version.get("IsDefaultVersion").is_some_and(|says| is_said(says, true)),
        };
        let in_force: Vec<usize> = versions.iter().enumerate().filter(|(_, version)| is_in_force(version)).map(|(at, _)| at).collect();
        let ([at], Some(version)) = (in_force.as_slice(), in_force.first().and_then(|at| versions.get(*at))) else {
            return Err(self.unreadable(place, "several versions of a policy, and not one of them is said to be in force"));
        };
        let text = format!("versions of the policy that are not in force: {}", versions.len() - 1);
        self.notes.push(Note::new(self.source, place, Fate::LeftOut, text));
        self.find(version, &format!("{place}[{at}]"), name, depth)
    }

    /// A document as a text, such as commands give it: JSON, or JSON as a part of a URL.
    fn find_in_text(&mut self, text: &str, place: &str, name: &str, depth: usize) -> Result<(), Unreadable> {
        let decoded = if text.trim_start().starts_with('%') { url_decoded(text) } else { Some(text.to_owned()) };
        let value = decoded.and_then(|text| Json::read(self.source, &text).ok()).filter(|value| value.as_object().is_some());
        match (value, depth.checked_sub(1)) {
            (Some(value), Some(depth)) => self.find(&value, place, name, depth),
            _ => Err(self.unreadable(place, "the text here is no policy document in JSON")),
        }
    }

    fn document(&mut self, fields: &[(String, Json)], value: &Json, place: &str, name: &str) -> Result<(), Unreadable> {
        if let Some((key, _)) = fields.iter().find(|(key, _)| !ELEMENTS.contains(&key.as_str())) {
            return Err(self.unreadable(&below(place, key), format!("`{key}` is no element of a policy document, and IAM refuses one that has it")));
        }
        let has_variables = match value.get("Version") {
            None => false,
            Some(Json::Text(version)) if version == "2008-10-17" => false,
            Some(Json::Text(version)) if version == "2012-10-17" => true,
            Some(other) => return Err(self.unreadable(&below(place, "Version"), format!("there is no version {other} of the policy language"))),
        };
        let statements: Vec<(String, Option<usize>, &Json)> = match value.get("Statement") {
            Some(Json::List(statements)) => {
                let is_alone = statements.len() == 1;
                let numbered = statements.iter().enumerate();
                numbered.map(|(at, statement)| (below(place, &format!("Statement[{at}]")), (!is_alone).then_some(at), statement)).collect()
            }
            Some(statement) => vec![(below(place, "Statement"), None, statement)],
            None => Vec::new(),
        };
        let read = statements.into_iter().map(|(place, number, statement)| {
            statement::read(statement, place.clone(), number, has_variables).map_err(|(part, reason)| self.unreadable(&below(&place, part), reason))
        });
        let statements = read.collect::<Result<Vec<_>, _>>()?;
        self.documents.push(Document { source: self.source.to_owned(), place: place.to_owned(), name: name.to_owned(), statements });
        Ok(())
    }

    fn unreadable(&self, place: &str, reason: impl std::fmt::Display) -> Unreadable {
        Unreadable::new(self.source, place, reason)
    }
}

/// Whether statements of policies stand in a value, and in which words.
fn holds_statements(value: &Json) -> Option<&'static str> {
    let is_statement = |key: &str| ["statement", "effect"].iter().any(|name| key.eq_ignore_ascii_case(name));
    let of_text = |text: &str| ["\"effect\"", "%22effect%22"].iter().any(|sign| text.to_ascii_lowercase().contains(sign));
    match value {
        Json::Object(fields) if fields.iter().any(|(key, _)| is_statement(key)) => Some("it holds what may be statements"),
        Json::Object(fields) => fields.iter().find_map(|(_, value)| holds_statements(value)),
        Json::List(elements) => elements.iter().find_map(holds_statements),
        Json::Text(text) if of_text(text) => Some("it holds a text that may have statements"),
        _ => None,
    }
}

/// The versions of a policy, where that is what a list holds.
fn versions(held: &Json) -> Option<Vec<&Json>> {
    let Json::List(elements) = held else { return None };
    let are_versions = elements.len() > 1 && elements.iter().all(|element| element.get("VersionId").is_some());
    are_versions.then(|| elements.iter().collect())
}

/// Whether a bool, or a text that says one, is that.
fn is_said(says: &Json, value: bool) -> bool {
    says.as_bool() == Some(value) || says.as_text().is_some_and(|text| text.eq_ignore_ascii_case(if value { "true" } else { "false" }))
}

fn below(place: &str, part: &str) -> String {
    match (place, part) {
        ("", part) => part.to_owned(),
        (place, "") => place.to_owned(),
        (place, part) => format!("{place}.{part}"),
    }
}

/// A text with `%XX` for bytes, and `+` for a space.
fn url_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                decoded.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
            }
            b'+' => decoded.push(b' '),
            other => decoded.push(other),
        }
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use super::{stem, url_decoded};

    #[test]
    fn texts_of_urls_are_decoded() {
        assert_eq!(url_decoded("%7B%22a%22%3A+%22%C3%A9%22%7d").as_deref(), Some(r#"{"a": "é"}"#));
        assert_eq!([url_decoded("%7"), url_decoded("%zz"), url_decoded("%ff")], [None, None, None]);
        assert_eq!(["a/b.json", "b", "x.y.json", "/"].map(stem), ["b", "b", "x", ""]);
    }
}
