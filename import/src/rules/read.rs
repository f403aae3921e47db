//! Rules of YAML: the keys that gateways use, under the names that they have there.

use super::condition::{self, Path, Test};
use super::fields::{absences, is_more_than_a_field, mapped, question, spelled, unquoted};
use super::shape::{paths_mut, visit};
use crate::json::Json;
use crate::toll;
use crate::{Fate, Note, Source, Unreadable};

/// The most characters of a source that a note shows.
const LONGEST_SHOWN: usize = 160;

/// A file.
#[derive(Debug)]
pub struct File {
    /// The source's name.
    pub source: String,
    /// What is decided where no rule says anything, where the file tells.
    pub default: Option<Action>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The source's name.
    pub source: String,
    /// Where it stands: `rules[2] (export_review)`.
    pub place: String,
    /// Its name, as the file has it.
    pub name: String,
    /// What it is for, where the file tells.
    pub description: Option<String>,
    /// Annotations by name.
    pub annotations: Vec<(&'static str, String)>,
    /// The tools, as `on` takes them; none for all.
    pub tools: Vec<String>,
    /// What must hold.
    pub condition: Test,
    /// What the file says of conditions that are not in `condition`.
    pub left: Vec<String>,
    /// What it does.
    pub action: Action,
    /// What must be done besides.
    pub obligations: Vec<Obligation>,
    /// When that must be done, if not always.
    pub bounded: Test,
    /// Whether it only reports.
    pub shadow: bool,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Allow,
    Review,
    Deny,
    /// It adds to what others allow, and allows nothing itself.
    Add,
}

/// What must be done besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obligation {
    /// At most so many calls in a time, as the language writes it.
    Limit { count: u64, per: String },
    /// At most so many elements in one call.
    MaxBatchSize(u64),
    /// A person of one of these groups approves.
    Approval(Vec<String>),
    /// The call is recorded in full.
    Audit,
    /// Somebody is told.
    Notify(String),
    /// The tool runs in a sandbox, of a profile where one is named.
    Sandbox(Option<String>),
    /// What stands at that path of the result is hidden.
    Redact(String),
}

impl Obligation {
    /// Whether it counts calls or what they hold.
    pub fn bounds(&self) -> bool {
        matches!(self, Obligation::Limit { .. } | Obligation::MaxBatchSize(_))
    }

    /// Whether it can be done about a call that is blocked.
    pub fn is_of_any_call(&self) -> bool {
        matches!(self, Obligation::Audit | Obligation::Notify(_))
    }
}

impl Rule {
    /// Every test of its conditions.
    pub fn visit<'t>(&'t self, each: &mut impl FnMut(&'t Test)) {
        visit(&self.condition, each);
        visit(&self.bounded, each);
    }

    /// Leaves out what would narrow the rule, and says so: nothing is allowed for a reason that was left out.
    pub fn leave_out(&mut self, left: Vec<String>, notes: &mut Vec<Note>) {
        let became = match self.action {
            Action::Allow => "the rule asks for a review instead of allowing",
            Action::Review => "the rule asks for a review all the same",
            Action::Deny => "the rule blocks all the same",
            Action::Add => "it is added to every call of these tools",
        };
        if self.action == Action::Allow && !left.is_empty() {
            self.action = Action::Review;
        }
        for what in left {
            notes.push(Note::new(&self.source, self.place.clone(), Fate::Stricter, format!("{what}; {became}")));
            self.left.push(what);
        }
    }
}

/// Reads a file.
///
/// # Errors
///
/// Where it is no YAML, or has no rules.
pub fn read(source: &Source, notes: &mut Vec<Note>) -> Result<File, Unreadable> {
    let yaml = Json::read_yaml(source.name, source.text)?;
    let mut file = File { source: source.name.to_owned(), default: None, rules: Vec::new() };
    let mut lists = 0;
    let top = Json::Object(vec![("rules".to_owned(), yaml.clone())]);
    let fields = if yaml.as_list().is_some() { &top } else { &yaml };
    read_fields(&mut file, "", fields, &mut lists, notes)?;
    if lists == 0 {
        return Err(Unreadable::new(source.name, "", "it has no list `rules`"));
    }
    Ok(file)
}

/// The keys of a file, or of what stands in its `policy`.
fn read_fields(file: &mut File, below: &str, fields: &Json, lists: &mut usize, notes: &mut Vec<Note>) -> Result<(), Unreadable> {
    let source = file.source.clone();
    for (name, value) in fields.as_object().unwrap_or_default() {
        let place = format!("{below}{name}");
        match (name.as_str(), value) {
            ("default" | "default_action" | "defaultAction" | "default_effect" | "default_decision", _) => {
                let said = default(&source, &place, value, notes);
                if let (Some(before), Some(now)) = (file.default, said)
                    && before != now
                {
                    return Err(Unreadable::new(&source, place, "it names two defaults"));
                }
                file.default = said;
            }
            ("policy" | "gateway" | "config", Json::Object(_)) if !is_named_rules(value) && below.is_empty() => {
                read_fields(file, &format!("{place}."), value, lists, notes)?;
            }
            ("rules" | "policies" | "policy" | "gateway_rules" | "tool_rules", Json::List(_) | Json::Object(_)) => {
                *lists += 1;
                for (at, rule) in listed(value).iter().enumerate() {
                    let mut reader = Reader {
                        source: &source,
                        place: format!("{place}[{at}]"),
                        unknown_tools: false,
                        is_disabled: false,
                        restricts: false,
                        is_turned: false,
                        notes,
                    };
                    file.rules.extend(reader.rule(at, rule));
                }
            }
            (_, value) if describes(name) || matches!(value, Json::Null) => {
                notes.push(Note::new(&source, place, Fate::LeftOut, format!("`{name}: {}` is no rule", clipped(value))));
            }
            _ => {
                let reason = "it may stop or let calls through, and importing does not know it: write it as rules, or take it out";
                return Err(Unreadable::new(&source, format!("`{place}`"), reason));
            }
        }
    }
    Ok(())
}

/// Whether a key of a file describes it, and so neither stops nor lets calls through.
fn describes(name: &str) -> bool {
    matches!(
        name.to_lowercase().replace(['-', '_'], "").as_str(),
        "name"
            | "id"
            | "title"
            | "version"
            | "description"
            | "summary"
            | "comment"
            | "comments"
            | "notes"
            | "author"
            | "authors"
            | "owner"
            | "owners"
            | "maintainer"
            | "maintainers"
            | "contact"
            | "license"
            | "created"
            | "createdat"
            | "createdby"
            | "updated"
            | "updatedat"
            | "updatedby"
            | "lastupdated"
            | "lastmodified"
            | "date"
            | "schema"
            | "$schema"
            | "schemaversion"
            | "apiversion"
            | "kind"
            | "metadata"
            | "meta"
            | "labels"
            | "annotations"
            | "tags"
            | "changelog"
            | "references"
            | "documentation"
    )
}

/// Whether an object has rules by their names.
fn is_named_rules(value: &Json) -> bool {
    value.as_object().is_some_and(|rules| !rules.is_empty() && rules.iter().all(|(_, rule)| rule.as_object().is_some()))
}

/// Rules of a list, or by their names.
fn listed(value: &Json) -> Vec<Json> {
    let named = |(name, rule): &(String, Json)| {
        let mut fields = rule.as_object().unwrap_or_default().to_vec();
        if rule.get("name").is_none() {
            fields.insert(0, ("name".to_owned(), Json::Text(name.clone())));
        }
        if rule.as_object().is_some() { Json::Object(fields) } else { rule.clone() }
    };
    value.as_list().map_or_else(|| value.as_object().unwrap_or_default().iter().map(named).collect(), <[Json]>::to_vec)
}

fn default(source: &str, key: &str, value: &Json, notes: &mut Vec<Note>) -> Option<Action> {
    let only = value.as_object().filter(|fields| fields.len() == 1).and_then(|_| value.get("action").or_else(|| value.get("type")));
    let named = value.as_text().or_else(|| only.and_then(Json::as_text));
    let action = named.and_then(action).filter(|action| *action != Action::Add);
    if action.is_none() {
        notes.push(Note::new(
            source,
            key,
            Fate::Stricter,
            format!("`{key}: {}` is no action that is known: what no rule allows is denied", clipped(value)),
        ));
    }
    action
}

/// What a word of a gateway does.
fn action(word: &str) -> Option<Action> {
    match word.trim().to_lowercase().replace(['-', ' '], "_").as_str() {
        "allow" | "auto_approve" | "auto_approved" | "approve" | "permit" | "accept" | "pass" | "grant" => Some(Action::Allow),
        "human_review"
        | "review"
        | "manual_review"
        | "require_approval"
        | "requires_approval"
        | "require_human_approval"
        | "human_approval"
        | "needs_approval"
        | "approval"
        | "escalate"
        | "ask"
        | "confirm"
        | "hold"
        | "queue"
        | "require_review"
        | "quick_review" => Some(Action::Review),
        "block" | "deny" | "reject" | "forbid" | "refuse" | "prohibit" | "drop" => Some(Action::Deny),
        "log" | "log_only" | "audit" | "record" | "notify" | "alert" | "warn" | "rate_limit" | "throttle" | "limit" => Some(Action::Add),
        _ => None,
    }
}

/// What a rule says that it does.
struct Said {
    /// In a word.
    word: Option<String>,
    /// As it stands there.
    shown: Option<String>,
    /// What else stands with it.
    left: Vec<String>,
}

/// The actions by their strength.
const ACTIONS: [Action; 4] = [Action::Add, Action::Allow, Action::Review, Action::Deny];

/// Reads one rule.
struct Reader<'r> {
    source: &'r str,
    place: String,
    /// Whether the rule is about tools that are not known.
    unknown_tools: bool,
    /// Whether the file has turned the rule off.
    is_disabled: bool,
    /// Whether it does anything else than allow.
    restricts: bool,
    /// Whether what is read stands in a negation, or an odd number of them.
    is_turned: bool,
    notes: &'r mut Vec<Note>,
}

impl Reader<'_> {
    fn note(&mut self, fate: Fate, text: impl Into<String>) {
        self.notes.push(Note::new(self.source, self.place.clone(), fate, text));
    }

    fn rule(&mut self, at: usize, value: &Json) -> Option<Rule> {
        let Some(fields) = value.as_object() else {
            self.note(Fate::Stricter, format!("`{}` is no rule; it is left out, so that it allows nothing", clipped(value)));
            return None;
        };
        let name = ["name", "id", "title"].iter().find_map(|key| value.get(key)).map_or_else(|| format!("rule {}", at + 1), plain);
        self.place = format!("{} ({})", self.place, toll::shown(&name));
        let said = self.said(fields);
        self.restricts = said.word.as_deref().and_then(action) != Some(Action::Allow);
        let mut rule = Rule {
            source: self.source.to_owned(),
            place: self.place.clone(),
            name,
            description: None,
            annotations: Vec::new(),
            tools: Vec::new(),
            condition: Test::Constant(true),
            left: Vec::new(),
            action: Action::Deny,
            obligations: Vec::new(),
            bounded: Test::All(Vec::new()),
            shadow: false,
        };
        let mut tests = Vec::new();
        for (key, value) in fields {
            self.key(&mut rule, &mut tests, key, value);
        }
        if self.is_disabled {
            self.note(Fate::LeftOut, "the rule is disabled");
            return None;
        }
        rule.condition = Test::All(tests);
        // What allows never asks an argument, which the caller says, in the place of what the host may say.
        if !rule.tools.is_empty() && self.restricts {
            paths_mut(&mut rule.condition, &mut Path::of_tools);
        }
        if !self.restricts {
            let absent = absences(&rule.condition);
            rule.left.extend(absent.iter().map(|name| format!("whether `{name}` is there, of which no part of the request is told")));
        }
        // What was to allow tools that are not known is about none; what was to stop them is about any.
        if self.unknown_tools && rule.tools.is_empty() && !self.restricts {
            self.note(Fate::Stricter, format!("{}: the rule is left out, and allows nothing", rule.left.join("; ")));
            return None;
        }
        self.act(&mut rule, said);
        Some(rule)
    }

    /// A key of a rule: what it is about, what must hold, what it says of itself.
    fn key(&mut self, rule: &mut Rule, tests: &mut Vec<Test>, key: &str, value: &Json) {
        match key {
            "name" | "action" | "effect" | "decision" | "then" => {}
            "id" | "title" | "severity" | "owner" => self.annotation(rule, key, value),
            "description" | "reason" | "message" | "because" => {
                rule.description = Some(rule.description.take().map_or_else(String::new, |before| before + ". ") + &plain(value))
            }
            "tool" | "tools" | "tool_name" | "tool_names" | "applies_to" => self.tools(rule, value),
            "condition" | "conditions" | "when" | "if" | "all" => tests.push(self.conditions(rule, value, true)),
            "any" | "any_of" => tests.push(self.conditions(rule, value, false)),
            "unless" | "except" => tests.push(self.refuted(rule, value)),
            "priority" | "order" | "weight" => {
                let text = format!("`{key}: {}`: of rules that match, the strongest effect decides, whatever their order", clipped(value));
                self.note(Fate::Guessed, text);
            }
            "tags" | "labels" | "category" | "version" | "metadata" | "created" | "updated" | "author" | "comment" | "notes" | "references" => {
                self.note(Fate::LeftOut, format!("`{key}: {}` has no bearing on decisions", clipped(value)));
            }
            _ => {
                if !self.obligation(rule, key, value) && !self.switch(rule, key, value) {
                    self.unread(rule, key, value);
                }
            }
        }
    }

    /// A key that adds to what the rule does; whether it is one.
    fn obligation(&mut self, rule: &mut Rule, key: &str, value: &Json) -> bool {
        let new = match key {
            "rate_limit" | "rateLimit" | "limit" => limit(value).map(|limit| vec![limit]),
            "max_batch_size" | "maxBatchSize" | "batch_size" | "max_batch" => whole(value).map(|size| vec![Obligation::MaxBatchSize(size)]),
            "approvers" | "approver" | "reviewers" | "approval_group" | "approval_from" => {
                texts(value).filter(|groups| !groups.is_empty()).map(|groups| vec![Obligation::Approval(groups)])
            }
            "notify" | "channel" => texts(value).map(|channels| channels.into_iter().map(Obligation::Notify).collect()),
            "sandbox" => sandbox(value).map(|sandbox| sandbox.into_iter().collect()),
            "redact" | "redact_fields" | "redactFields" => {
                texts(value).filter(|paths| paths.iter().all(|path| is_path(path))).map(|paths| paths.into_iter().map(Obligation::Redact).collect())
            }
            "audit" | "log" => value.as_bool().map(|is_on| is_on.then_some(Obligation::Audit).into_iter().collect()),
            _ => return false,
        };
        let is_read = new.is_some();
        rule.obligations.extend(new.into_iter().flatten());
        is_read
    }

    /// A key that turns the rule on or off; whether it is one.
    fn switch(&mut self, rule: &mut Rule, key: &str, value: &Json) -> bool {
        match (key, value.as_bool(), value.as_text()) {
            ("enabled" | "active", Some(is_on), _) => self.is_disabled |= !is_on,
            ("disabled", Some(is_off), _) => self.is_disabled |= is_off,
            ("mode", _, Some("shadow" | "dry_run" | "monitor" | "report")) => rule.shadow = true,
            ("shadow" | "dry_run", Some(is_on), _) => rule.shadow |= is_on,
            _ => return false,
        }
        true
    }

    fn annotation(&mut self, rule: &mut Rule, key: &str, value: &Json) {
        let name = match key {
            "id" => "id",
            "title" => "title",
            "severity" => "severity",
            _ => "owner",
        };
        rule.annotations.push((name, plain(value)));
    }

    /// A key that may narrow the rule in a way that is not known.
    fn unread(&mut self, rule: &mut Rule, key: &str, value: &Json) {
        rule.left.push(format!("`{key}: {}` is not known to importing", clipped(value)));
    }

    fn tools(&mut self, rule: &mut Rule, value: &Json) {
        let named = texts(value).unwrap_or_default();
        if named.iter().any(|name| name == "*") {
            return;
        }
        if let Some(word) = named.iter().find(|name| *name == "all" || *name == "any") {
            let meant = if self.restricts { "every tool" } else { "the tool of that name" };
            self.note(Fate::Guessed, format!("`{word}` is taken for {meant}"));
            if self.restricts {
                return;
            }
        }
        let (callable, strange): (Vec<String>, Vec<String>) = named.into_iter().partition(|name| is_callable(name));
        if strange.is_empty() && !callable.is_empty() {
            rule.tools = callable;
            rule.tools.dedup();
            return;
        }
        let strange = if strange.is_empty() { clipped(value) } else { strange.join("`, `") };
        self.unknown_tools = true;
        rule.tools = callable;
        rule.left.push(format!("the tools `{strange}` are no names that a tool can have, with `*` and `?`"));
    }

    fn conditions(&mut self, rule: &mut Rule, value: &Json, all: bool) -> Test {
        let join = |tests: Vec<Test>| if all { Test::All(tests) } else { Test::Any(tests) };
        match value {
            Json::Bool(value) => Test::Constant(*value),
            Json::Text(text) if text.trim().is_empty() => Test::Constant(true),
            Json::Text(text) => self.condition(rule, text),
            Json::List(parts) if parts.is_empty() && !all => self.any_of_none(),
            Json::List(parts) => join(parts.iter().map(|part| self.conditions(rule, part, true)).collect()),
            Json::Object(fields) => self.structured(rule, value, fields, all),
            Json::Null => Test::Constant(true),
            Json::Number(_) => self.left(rule, format!("the condition `{value}` asks nothing")),
        }
    }

    fn condition(&mut self, rule: &mut Rule, text: &str) -> Test {
        let test = condition::read(text);
        if let Ok(test) = &test {
            for word in unquoted(test, text) {
                self.note(Fate::Guessed, format!("`{word}` without quotes is taken for a text"));
            }
        }
        test.unwrap_or_else(|reason| self.left(rule, format!("the condition `{}`: {reason}", clipped(&Json::Text(text.trim().to_owned())))))
    }

    /// What stands for a condition that is left out: see [`Rule::left`].
    fn left(&mut self, rule: &mut Rule, why: String) -> Test {
        rule.left.push(why);
        Test::Constant(true)
    }

    /// `{field, operator, value}`, `{all: […]}`, or fields with what they must be.
    fn structured(&mut self, rule: &mut Rule, value: &Json, fields: &[(String, Json)], all: bool) -> Test {
        let key = |names: &[&str]| names.iter().find_map(|name| value.get(name));
        if let Some(field) = key(&["field", "attribute", "key", "path"]).and_then(Json::as_text) {
            let named = key(&["operator", "op", "comparison"]).and_then(Json::as_text);
            let operator = named.unwrap_or("==");
            let known = |name: &str| ["field", "attribute", "key", "path", "operator", "op", "comparison", "value", "values"].contains(&name);
            if let Some((name, value)) = fields.iter().find(|(name, _)| !known(name)) {
                return self.left(rule, format!("`{name}: {}` of a condition is not known to importing", clipped(value)));
            }
            let Some(value) = key(&["value", "values"]).cloned().or_else(|| question(operator).map(|_| Json::Null)) else {
                return self.left(rule, format!("the condition about `{field}` has no `value`"));
            };
            if is_more_than_a_field(field) {
                return self.left(rule, format!("`{field}` is no field"));
            }
            return match if named.is_some() { spelled(field, operator, &value) } else { mapped(field, &value) } {
                Some(text) => self.condition(rule, &text),
                None if named.is_none() => self.left(rule, format!("the condition `{field}: {}` is not known to importing", clipped(&value))),
                None => self.left(rule, format!("the operator `{operator}` is not known to importing")),
            };
        }
        if fields.is_empty() && !all {
            return self.any_of_none();
        }
        let mut tests = Vec::new();
        for (name, value) in fields {
            tests.push(match name.as_str() {
                "all" | "all_of" | "and" => self.conditions(rule, value, true),
                "any" | "any_of" | "or" => self.conditions(rule, value, false),
                "not" | "none" | "unless" => self.refuted(rule, value),
                _ => match mapped(name, value) {
                    Some(text) => self.condition(rule, &text),
                    None => self.left(rule, format!("the condition `{name}: {}` is not known to importing", clipped(value))),
                },
            });
        }
        if all { Test::All(tests) } else { Test::Any(tests) }
    }

    /// Any of no conditions: some gateways take that for none that must hold, others for one that never does.
    fn any_of_none(&mut self) -> Test {
        let holds = self.restricts != self.is_turned;
        let meant = if holds { "that it always holds" } else { "that it never holds" };
        self.note(Fate::Guessed, format!("an empty `any` is taken to say {meant}, which is the strict side"));
        Test::Constant(holds)
    }

    /// That a condition does not hold. Where something of it is left out, all of it is: the rest alone would hold more often.
    fn refuted(&mut self, rule: &mut Rule, value: &Json) -> Test {
        if is_nothing(value) {
            return self.left(rule, "what an exception excepts in which nothing stands is not told".to_owned());
        }
        let before = rule.left.len();
        let all = self.restricts != self.is_turned;
        if value.as_list().is_some_and(|parts| parts.len() > 1) {
            let meant = if all { "only where all of it holds" } else { "where any of it holds" };
            self.note(
                Fate::Guessed,
                format!("whether `{}` excepts where all or any of it holds is not told: {meant}, which is the strict side", clipped(value)),
            );
        }
        self.is_turned = !self.is_turned;
        let inner = self.conditions(rule, value, all);
        self.is_turned = !self.is_turned;
        if rule.left.len() > before { Test::Constant(true) } else { Test::Not(Box::new(inner)) }
    }

    /// What the keys of a rule say that it does: the strongest, where several do.
    fn said(&mut self, fields: &[(String, Json)]) -> Said {
        let mut said = Said { word: None, shown: None, left: Vec::new() };
        for (_, value) in fields.iter().filter(|(key, _)| matches!(key.as_str(), "action" | "effect" | "decision" | "then")) {
            let word = value.as_text().or_else(|| value.get("type").or_else(|| value.get("action")).and_then(Json::as_text));
            for (key, value) in value.as_object().unwrap_or_default().iter().filter(|(key, _)| key != "type" && key != "action") {
                said.left.push(format!("`{key}: {}` beside the action is not known to importing", clipped(value)));
            }
            let strength =
                |word: Option<&str>| word.map(|word| action(word).map_or(3, |action| ACTIONS.iter().position(|one| *one == action).unwrap_or(0)));
            if said.shown.is_some() {
                self.note(Fate::Stricter, "the rule has two actions: the stronger counts".to_owned());
            }
            if said.shown.is_none() || strength(word) > strength(said.word.as_deref()) {
                said.word = word.map(str::to_owned);
                said.shown = Some(clipped(value));
            }
        }
        said
    }

    /// What the rule does, and what becomes of it where something of it is not known: nothing is allowed for a reason that was left out.
    fn act(&mut self, rule: &mut Rule, said: Said) {
        let adds = !rule.obligations.is_empty();
        let word = said.word.as_deref();
        rule.left.extend(said.left);
        rule.action = match (word.and_then(action), said.shown) {
            (Some(action), _) => action,
            (None, None) if adds => Action::Add,
            (None, shown) => {
                let said = shown.map_or_else(|| "no action".to_owned(), |shown| format!("the action `{shown}`"));
                self.note(Fate::Stricter, format!("{said} is not known: the rule denies"));
                Action::Deny
            }
        };
        if let Some("log" | "log_only" | "audit" | "record") = word {
            rule.obligations.push(Obligation::Audit);
        }
        if let Some(channel @ ("notify" | "alert" | "warn")) = word
            && !rule.obligations.iter().any(|obligation| matches!(obligation, Obligation::Notify(_)))
        {
            rule.obligations.push(Obligation::Notify(channel.to_owned()));
        }
        let left = std::mem::take(&mut rule.left);
        rule.leave_out(left, self.notes);
        if self.unknown_tools && matches!(rule.action, Action::Deny | Action::Review) && word.and_then(action) != Some(Action::Allow) {
            rule.tools.clear();
        }
    }
}

/// Whether a text is a name that a tool can have, with `*` and `?`. What has the signs of a regular expression is none.
fn is_callable(name: &str) -> bool {
    if [".*", ".+", ".?"].iter().any(|sign| name.contains(sign)) {
        return false;
    }
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.-*?".contains(c));
    let last = |part: &str| part.len() <= 128;
    name.rsplit_once('/').map_or_else(|| part(name) && last(name), |(server, tool)| server.split('/').all(part) && part(tool) && last(tool))
}

/// `100 calls/minute`, `5 per 10 seconds`, `{limit: 100, window: 1m}`
fn limit(value: &Json) -> Option<Obligation> {
    if let Some(fields) = value.as_object() {
        let find = |names: &[&str]| fields.iter().find(|(name, _)| names.contains(&name.as_str())).map(|(_, value)| value);
        let count = whole(find(&["limit", "max", "count", "calls", "requests", "max_calls", "max_requests"])?)?;
        let per = plain(find(&["window", "per", "period", "interval"])?);
        return (fields.len() == 2).then(|| window(&per)).flatten().map(|per| Obligation::Limit { count, per });
    }
    let text = value.as_text()?.to_lowercase();
    let (count, per) = text.split_once('/').or_else(|| text.split_once(" per ")).or_else(|| text.split_once(" every "))?;
    let digits = count.split_whitespace().next()?.replace('_', "");
    let words_are_calls =
        count.split_whitespace().skip(1).all(|word| matches!(word, "call" | "calls" | "request" | "requests" | "times" | "invocations" | "actions"));
    let count = digits.parse().ok().filter(|_| words_are_calls)?;
    window(per).map(|per| Obligation::Limit { count, per })
}

/// A span of time as the language writes it: `10m` of `10 minutes`, `1h` of `hour`.
fn window(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: u64 = if number.is_empty() { 1 } else { number.parse().ok()? };
    let unit = match unit.trim() {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        "w" | "week" | "weeks" => return (1..=5_000).contains(&number).then(|| format!("{}d", number * 7)),
        _ => return None,
    };
    (1..=100_000).contains(&number).then(|| format!("{number}{unit}"))
}

/// What `sandbox` asks for: nothing where it is off. `None` where it is not known.
fn sandbox(value: &Json) -> Option<Option<Obligation>> {
    match value {
        Json::Bool(is_on) => Some(is_on.then_some(Obligation::Sandbox(None))),
        Json::Text(profile) if !profile.trim().is_empty() => Some(Some(Obligation::Sandbox(Some(profile.trim().to_owned())))),
        _ => None,
    }
}

/// Whether a text may be a path in a result.
fn is_path(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.$[]*".contains(c))
}

/// Whether a value says nothing.
fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Text(text) => text.trim().is_empty(),
        Json::List(parts) => parts.iter().all(is_nothing),
        Json::Object(fields) => fields.is_empty(),
        Json::Bool(_) | Json::Number(_) => false,
    }
}

fn whole(value: &Json) -> Option<u64> {
    match value {
        Json::Number(number) => number.as_u64(),
        Json::Text(text) => text.trim().replace('_', "").parse().ok(),
        _ => None,
    }
    .filter(|number| *number <= i64::MAX as u64)
}

/// A list of texts, or one text with commas; `None` where something of it is no text.
fn texts(value: &Json) -> Option<Vec<String>> {
    match value {
        Json::Text(text) => Some(text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()),
        Json::List(parts) => parts.iter().map(|part| part.as_text().map(|part| part.trim().to_owned())).collect(),
        _ => None,
    }
}

fn plain(value: &Json) -> String {
    value.as_text().map_or_else(|| value.to_string(), str::to_owned)
}

fn clipped(value: &Json) -> String {
    let text = plain(value);
    if text.chars().count() <= LONGEST_SHOWN { text } else { format!("{}…", text.chars().take(LONGEST_SHOWN).collect::<String>()) }
}
