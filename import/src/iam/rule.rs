//! A statement as a rule: its conditions, its name, where it comes from.

use super::document::Document;
use super::matching::{self, Problem};
use super::principal::{self, Asks};
use super::statement::{Effect, Principal, Statement};
use super::words::{Asked, Words};
use super::{Bound, condition};
use crate::toll::{comment, shown};
use crate::{Fate, Note};

/// A list with more entries has a name of its own, where it is not all that a rule asks.
const LONG: usize = 8;

/// What becomes of an `Allow` of which something cannot be said.
const NO_RULE: &str = "so this Allow has no rule";

/// Why a statement of a resource-based policy needs to know where that is attached.
const UNATTACHED: &str = "it is the resource that the policy is attached to, which is not known: name it with `--resource ARN=FILE`";

/// What a document is to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role<'a> {
    Identity,
    /// Attached to a resource, whose ARN may be known.
    Resource {
        to: Option<&'a str>,
        /// Whether who asks has a permissions boundary.
        is_bounded: bool,
    },
    Boundary,
    Control,
    ResourceControl,
    Session,
}

/// A statement, said in the language.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Where it comes from, as a sentence.
    pub origin: String,
    /// The lists that it names, as items.
    pub lists: String,
    /// What it asks; nothing where it is about every request.
    pub conditions: Vec<String>,
    /// What it asks of the principal, where it names principals.
    pub principals: Option<Asks>,
    /// What `because` says of it, before the action.
    pub source: String,
}

/// The statement as a rule; comments alone where it never matches.
///
/// What is noted of it stands in comments above it too, or where it would be.
pub fn rule(words: &mut Words, document: &Document, statement: &Statement, role: Role<'_>, notes: &mut Vec<Note>) -> Result<Rule, String> {
    let before = notes.len();
    words.mark();
    let rule = read(words, document, statement, role, notes);
    let noted = notes.get(before..).unwrap_or_default();
    let mut comments: String = noted.iter().map(|note| comment(&format!("{}: {}", note.fate.name(), note.text))).collect();
    match rule {
        Some(rule) => Ok(Rule { lists: format!("{comments}{}", rule.lists), ..rule }),
        None => {
            words.back();
            comments.insert_str(0, &comment(&format!("No rule for {}", origin(document, statement))));
            comments.push('\n');
            Err(comments)
        }
    }
}

fn read(words: &mut Words, document: &Document, statement: &Statement, role: Role<'_>, notes: &mut Vec<Note>) -> Option<Rule> {
    let bound = match statement.effect {
        Effect::Allow => Bound::Within,
        Effect::Deny => Bound::Beyond,
    };
    let mut writer = Writer { words, document, statement, bound, notes, lists: String::new(), conditions: Vec::new(), never: false };
    writer.unknown();
    let name = writer.name(role);
    let actions = writer.actions();
    let resources = writer.resources(role);
    let principals = writer.principals(role);
    let said = writer.conditions();
    if writer.never {
        return None;
    }
    let is_alone = writer.conditions.is_empty()
        && said.is_empty()
        && principals.is_none()
        && [&actions, &resources].iter().filter(|asked| ***asked != Asked::Nothing).count() == 1;
    let mut asked = [(actions, "action"), (resources, "resource")];
    if asked.iter().any(|(asked, of)| *of == "resource" && is_plain(asked)) {
        asked.reverse();
    }
    for (asked, of) in asked {
        writer.ask(asked, &name, of, is_alone);
    }
    writer.conditions.extend(said);
    let Writer { lists, conditions, .. } = writer;
    Some(Rule { origin: origin(document, statement), source: called(document, statement), name, lists, conditions, principals })
}

/// Whether what is asked compares `resource` itself: rules are found by that where nothing stands before it that computes, as `lower_action` does.
fn is_plain(resources: &Asked) -> bool {
    match resources {
        Asked::Any(terms) | Asked::All(terms) => terms.iter().all(|term| term.yes.starts_with("resource ")),
        Asked::Nothing | Asked::Never => false,
    }
}

/// Where a statement stands, for its rule's documentation.
fn origin(document: &Document, statement: &Statement) -> String {
    let sid = statement.sid.as_ref().map(|sid| format!("`{}`, ", sid.replace('`', "'"))).unwrap_or_default();
    let of = if document.place.is_empty() { String::new() } else { format!(" (policy `{}`)", document.name.replace('`', "'")) };
    format!("{sid}`{}` of `{}`{of}.", statement.place, document.source.replace('`', "'"))
}

/// A statement in a reason.
fn called(document: &Document, statement: &Statement) -> String {
    match &statement.sid {
        Some(sid) => shown(&format!("`{sid}` of {}", document.name)),
        None => shown(&format!("{} of {}", statement.place.rsplit('.').next().unwrap_or_default(), document.name)),
    }
}

struct Writer<'w, 'd> {
    words: &'w mut Words,
    document: &'d Document,
    statement: &'d Statement,
    bound: Bound,
    notes: &'w mut Vec<Note>,
    lists: String,
    conditions: Vec<String>,
    never: bool,
}

impl Writer<'_, '_> {
    /// Elements that nobody knows may restrict what is allowed.
    fn unknown(&mut self) {
        for key in &self.statement.unknown {
            self.problem(key, &format!("`{key}`"), "statements have no such element");
        }
    }

    fn name(&mut self, role: Role<'_>) -> String {
        let prefix = match role {
            Role::Identity => "",
            Role::Resource { .. } => "resource ",
            Role::Boundary => "boundary ",
            Role::Control => "scp ",
            Role::ResourceControl => "rcp ",
            Role::Session => "session ",
        };
        let number = self.statement.number.map(|number| format!(" {number}")).unwrap_or_default();
        let named = match &self.statement.sid {
            Some(sid) => sid.clone(),
            None => format!("{}{number}", self.document.name),
        };
        self.words.names.value(&format!("{prefix}{named}"))
    }

    fn actions(&mut self) -> Asked {
        let mut problems = Vec::new();
        let listed = &self.statement.actions;
        let asked = matching::actions(listed, self.bound, &mut problems);
        self.listed(if listed.is_negated { "NotAction" } else { "Action" }, problems, &asked);
        asked
    }

    fn resources(&mut self, role: Role<'_>) -> Asked {
        let attached = match role {
            Role::Resource { to, .. } => to,
            _ => None,
        };
        let asked = self.listed_resources(role, attached.is_some());
        let Some(arn) = attached.filter(|arn| !self.is_within(arn)) else { return asked };
        match matching::attached(arn) {
            Ok(Asked::Any(terms)) => {
                let terms: Vec<String> = terms.into_iter().map(|term| term.yes).collect();
                self.conditions.push(any(&terms));
            }
            _ => self.problem("Resource", &format!("\"{arn}\""), "it is no ARN to which a policy is attached"),
        }
        asked
    }

    /// Whether all that the statement lists is the resource of that ARN, or in it.
    fn is_within(&self, arn: &str) -> bool {
        let is_inside = |text: &String| text.strip_prefix(arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']));
        self.statement.resources.as_ref().is_some_and(|listed| !listed.is_negated && listed.items.iter().all(is_inside))
    }

    fn listed_resources(&mut self, role: Role<'_>, is_attached: bool) -> Asked {
        let is_resource = matches!(role, Role::Resource { .. });
        let element = match &self.statement.resources {
            Some(listed) if listed.is_negated => "NotResource",
            _ => "Resource",
        };
        let Some(listed) = &self.statement.resources else {
            if !is_attached {
                self.problem("", "no `Resource`", if is_resource { UNATTACHED } else { "it is no statement without `Resource` or `NotResource`" });
            }
            return Asked::Nothing;
        };
        let mut problems = Vec::new();
        let completes = !matches!(role, Role::Resource { .. } | Role::Session);
        let asked = matching::resources(self.words, listed, self.statement.has_variables, completes, self.bound, &mut problems);
        self.listed(element, problems, &asked);
        if asked == Asked::Nothing && is_resource && !is_attached {
            self.problem(element, "\"*\"", UNATTACHED);
        }
        asked
    }

    fn principals(&mut self, role: Role<'_>) -> Option<Asks> {
        let Some(listed) = &self.statement.principals else {
            if role == Role::ResourceControl {
                self.problem("", "no `Principal`", "statements of resource control policies name `*`");
            }
            return None;
        };
        let element = if listed.is_negated { "NotPrincipal" } else { "Principal" };
        if role == Role::ResourceControl {
            if listed.is_negated || !listed.items.iter().all(Principal::is_everyone) {
                self.problem(element, &format!("`{element}`"), "resource control policies name `*` alone");
            }
            return None;
        }
        let Role::Resource { is_bounded, .. } = role else {
            self.problem(element, &format!("`{element}`"), "policies of this kind name no principals");
            return None;
        };
        if listed.is_negated && self.bound == Bound::Within {
            self.problem(element, "`NotPrincipal`", "IAM takes it with `Deny` alone");
            return None;
        }
        let mut problems = Vec::new();
        let asks = if listed.is_negated {
            principal::others(self.words, &listed.items, is_bounded, &mut problems)
        } else {
            principal::principals(self.words, &listed.items, self.bound, &mut problems)
        };
        self.listed(element, problems, &asks.any);
        Some(asks)
    }

    fn conditions(&mut self) -> Vec<String> {
        let mut said: Vec<String> = Vec::new();
        for one in &self.statement.conditions {
            match condition::said(self.words, one, self.statement.has_variables, self.bound) {
                Ok(condition::Said { condition, doubt }) => {
                    if let Some(doubt) = doubt {
                        self.note("Condition", format!("{}: {doubt}", one.written));
                    }
                    said.extend(condition.filter(|condition| !said.contains(condition)));
                }
                Err(reason) => self.problem("Condition", &one.written, &reason),
            }
        }
        said
    }

    /// Notes what of a list is not said as the source has it, and whether that leaves nothing.
    fn listed(&mut self, element: &str, problems: Vec<Problem>, asked: &Asked) {
        let so = match (self.bound, element.starts_with("Not")) {
            (Bound::Within, false) => "so it allows nothing",
            (Bound::Within, true) => NO_RULE,
            (Bound::Beyond, false) => "so this Deny is about everything here",
            (Bound::Beyond, true) => "so this Deny holds for it too",
        };
        for (text, reason) in problems {
            self.note(element, format!("\"{text}\": {reason}; {so}"));
        }
        if *asked == Asked::Never && !self.never {
            let text = format!("`{element}` leaves nothing that this statement could be about; it has no rule");
            self.notes.push(Note::new(&self.document.source, self.place(element), Fate::LeftOut, text));
            self.never = true;
        }
    }

    /// Notes what cannot be said: an `Allow` never matches then, and a `Deny` does without it.
    fn problem(&mut self, element: &str, written: &str, reason: &str) {
        let so = if self.bound == Bound::Within { NO_RULE } else { "so this Deny does not ask for it" };
        self.note(element, format!("{written}: {reason}; {so}"));
        self.never |= self.bound == Bound::Within;
    }

    fn note(&mut self, element: &str, text: String) {
        self.notes.push(Note::new(&self.document.source, self.place(element), Fate::Stricter, text));
    }

    fn place(&self, element: &str) -> String {
        if element.is_empty() { self.statement.place.clone() } else { format!("{}.{element}", self.statement.place) }
    }

    /// Adds what is asked to the conditions, a long list under a name of its own.
    fn ask(&mut self, asked: Asked, name: &str, of: &str, is_alone: bool) {
        let (terms, is_any) = match asked {
            Asked::Nothing | Asked::Never => return,
            Asked::Any(terms) => (terms, true),
            Asked::All(terms) => (terms, false),
        };
        let terms: Vec<String> = terms.into_iter().map(|term| term.yes).collect();
        let entries = terms.iter().map(|term| term.matches("\", \"").count() + 1).sum::<usize>();
        if is_alone || entries <= LONG {
            if is_any {
                self.conditions.push(if is_alone { terms.join(" or ") } else { any(&terms) })
            } else {
                self.conditions.extend(terms)
            }
            return;
        }
        let list = self.words.names.value(&format!("{name} {of}"));
        self.lists.push_str(&format!("let {list} = {}\n\n", terms.join(if is_any { " or " } else { " and " })));
        self.conditions.push(list);
    }
}

/// A disjunction as a part of a conjunction.
pub fn any(terms: &[String]) -> String {
    match terms {
        [only] => only.clone(),
        several => format!("({})", several.join(" or ")),
    }
}
