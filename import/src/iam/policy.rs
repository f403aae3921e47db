//! The policy: rules of all documents, and what of sets must hold together.

use std::collections::HashMap;

use super::Sets;
use super::document::{self, Document};
use super::principal::Asks;
use super::rule::{self, Role, Rule};
use super::statement::{Effect, PrincipalKind, Statement};
use super::words::{Asked, Words};
use crate::lints;
use crate::report::joined;
use crate::toll::{Names, comment, documentation, quoted};
use crate::{Fate, Import, ImportedFile, Note, Unreadable};

/// How many sources the head of the file names.
const NAMED: usize = 8;

/// What rules of identity-based policies ask, where it is told whose they are.
const WHOSE: &str = "is_their_principal";

/// How many bytes of rules there are in a file, before they are laid out: policies have a bound.
const LARGEST: usize = 6 << 20;

/// How many statements there may be before rules say that every decision looks at them.
const FEW: usize = 100;

const INPUT: &str = r#"
/// Who asks. What `condition` says under the context key beside a field comes first.
type Principal {
  arn?: string // aws:PrincipalArn: of a session, its role's
  session_arn?: string // of a session itself
  account?: string // aws:PrincipalAccount
  type?: string // aws:PrincipalType
  id?: string // aws:userid
  name?: string // aws:username
  service?: string // aws:PrincipalServiceName, where an AWS service asks
  federated?: string // aws:FederatedProvider
  canonical_user?: string
  /// aws:PrincipalTag/…
  tags: map<string> where tags.keys().to_list().map(key => key.lower()).distinct().len() == tags.len() = {}
}

input {
  /// `s3:GetObject`, in any case.
  action: string where action matches r"^[!-~]+$"
  /// The ARN of what the action is done to, or `*` where it is done to none.
  resource: string
  principal: Principal = {}
  /// The values of context keys, whose names count in any case: a text, number or bool, or a list of them.
  condition: map<json> where condition.keys().to_list().map(name => name.lower()).distinct().len() == condition.len()
    and condition.values().all(value => value.type_of() != "object" and (value.as_list() ?? []).all(one => one.type_of() not in {"null", "list", "object"})) = {}
}
"#;

const LOWER_ACTION: &str = r#"
/// IAM does not tell the case of actions.
let lower_action = action.lower()
"#;

/// What resource-based policies ask about accounts, by its name, each after what it asks itself.
const ACCOUNTS: [(&str, &str); 4] = [
    (
        "account_in",
        r#"
fn account_in(arn: string) -> string = arn.split(":")[4] ?? ""
"#,
    ),
    (
        "principal_account",
        r#"
/// The account that asks; none of a service, or of nobody.
let principal_account = AWS_PRINCIPAL_ACCOUNT.first() ?? account_in(principal_arns.first() ?? "")
"#,
    ),
    (
        "resource_account",
        r#"
/// The account that the resource is in, as far as the request says it.
let resource_account = AWS_RESOURCE_ACCOUNT.first() ?? account_in(resource)
"#,
    ),
    (
        "is_same_account",
        r#"
let is_same_account = principal_account != "" and principal_account == resource_account
"#,
    ),
];

/// Who asks, which every resource-based policy is about.
const PRINCIPAL: &str = r#"
let session_arns: list<string> = if principal.session_arn == none then [] else [principal.session_arn]

/// The ARNs that the one who asks has.
let principal_arns = AWS_PRINCIPAL_ARN.union(session_arns)

deny unknown_principal
  when principal_arns.is_empty()
    and AWS_PRINCIPAL_SERVICE.is_empty()
    and AWS_FEDERATED_PROVIDER.is_empty()
    and principal.canonical_user == none
    and not any_string_equals(AWS_PRINCIPAL_TYPE, ["Anonymous"])
  because "the request does not say who asks"
"#;

/// The policy of documents.
pub fn written(sets: &Sets, sources: &[&str], package: Option<&str>, notes: Vec<Note>) -> Result<Import, Unreadable> {
    let mut policy = policy(sets, notes.clone(), Vec::new());
    if !policy.open.is_empty() {
        policy = self::policy(sets, notes, policy.open);
    }
    policy.finished(sources, package)
}

/// The rules; `open` names the sets that allow everything, of which no other `Allow` counts.
fn policy(sets: &Sets, notes: Vec<Note>, open: Vec<String>) -> Policy {
    let mut policy = Policy {
        words: Words::new(),
        notes,
        items: String::new(),
        seen: HashMap::new(),
        whose: !sets.principals.is_empty(),
        is_anybodys: sets.principals.is_empty() && !sets.identity.is_empty(),
        open,
        annotations: if sets.len() > FEW { "@allow(unfiled) " } else { "" },
    };
    policy.principals(&sets.principals);
    let has_resources = !sets.resources.is_empty();
    let identity = policy.identity(&sets.identity, has_resources);
    let beyond = if has_resources { policy.resources(sets, identity) } else { None };
    policy.bounding(&sets.boundaries, Role::Boundary, "boundary", "the permissions boundary does not allow", beyond.as_deref());
    policy.levels(&sets.control, Role::Control, "scp", "service control policy");
    policy.levels(&sets.resource_control, Role::ResourceControl, "rcp", "resource control policy");
    policy.bounding(&sets.session, Role::Session, "session", "the session policy does not allow", beyond.as_deref());
    policy
}

struct Policy {
    words: Words,
    notes: Vec<Note>,
    /// The rules, and what stands with them.
    items: String,
    /// What stands before each rule.
    annotations: &'static str,
    /// Sets that allow everything.
    open: Vec<String>,
    /// Whether it is told whose the identity-based policies are.
    whose: bool,
    /// Whether there are some of which that is not told.
    is_anybodys: bool,
    /// The conditions of rules, and where in the items their documentation ends: a second rule with the same is said there.
    seen: HashMap<(Effect, String), String>,
}

/// A condition that always holds, or one.
type Holds = Option<String>;

impl Policy {
    /// Whose the identity-based policies are.
    fn principals(&mut self, arns: &[String]) {
        if arns.is_empty() {
            return;
        }
        let arns: Vec<String> = arns.iter().map(|arn| quoted(arn)).collect();
        let is_one_of = self.words.call(super::helpers::Helper::Operator(super::operator::Set::One, super::operator::Base::StringEquals));
        let known = self.words.key("aws:PrincipalArn");
        self.items.push_str(&documentation("Whether the one who asks is whom the identity-based policies are attached to."));
        self.items.push_str(&format!("let {WHOSE} = {is_one_of}({known}, [{}])\n\n", arns.join(", ")));
    }

    /// Rules of identity-based policies; where asked for, what they allow together: `None` where that is nothing.
    fn identity(&mut self, documents: &[Document], together: bool) -> Option<Holds> {
        let mut allowing = Vec::new();
        for (document, statement) in statements(documents) {
            let Some(mut rule) = self.read(document, statement, Role::Identity) else { continue };
            rule.conditions.extend(self.whose.then(|| WHOSE.to_owned()));
            if !together || statement.effect == Effect::Deny {
                self.rule(statement.effect, &rule, &rule.conditions.join(" and "));
                continue;
            }
            let holds = self.named(&rule, "applies");
            self.rule(Effect::Allow, &Rule { lists: String::new(), ..rule }, holds.as_deref().unwrap_or_default());
            allowing.push(holds);
        }
        any(allowing)
    }

    /// Rules of resource-based policies; what in them grants beyond boundaries and session policies, where something does.
    fn resources(&mut self, sets: &Sets, identity: Option<Holds>) -> Option<String> {
        let has_boundary = !sets.boundaries.is_empty();
        let mut all = Vec::new();
        let mut beyond = Vec::new();
        let mut items = std::mem::take(&mut self.items);
        for (document, to) in &sets.resources {
            for statement in &document.statements {
                let role = Role::Resource { to: to.as_deref(), is_bounded: has_boundary };
                let Some(mut rule) = self.read(document, statement, role) else { continue };
                let principals = rule.principals.take();
                if statement.effect == Effect::Deny {
                    rule.conditions.extend(principals.and_then(|asks| condition(&asks.any)));
                    self.rule(Effect::Deny, &rule, &rule.conditions.join(" and "));
                    continue;
                }
                let Some(Asks { any, directly, beyond_boundary }) = principals else {
                    let text = "an Allow of a resource-based policy without `Principal`: it allows nobody";
                    self.notes.push(Note::new(&document.source, &statement.place, Fate::Stricter, text));
                    self.words.back();
                    continue;
                };
                self.bounds_services(sets, document, statement);
                let holds = self.named(&rule, "applies");
                let with = |asked: &Asked| (*asked != Asked::Never).then(|| both(holds.as_deref(), condition(asked).as_deref()));
                all.extend(with(&any));
                beyond.extend(with(&beyond_boundary));
                rule.lists.clear();
                match with(&directly) {
                    Some(direct) => self.rule(Effect::Allow, &rule, direct.as_deref().unwrap_or_default()),
                    None => self.items.push_str(&comment(&format!("{} It names accounts, whose own policies decide.", rule.origin))),
                }
                self.items.push('\n');
            }
        }
        self.across(any(all), identity);
        let beyond = any(beyond).filter(|_| has_boundary || !sets.session.is_empty());
        if let Some(beyond) = &beyond {
            self.items.push_str(&documentation(
                "A resource-based policy grants it to the user or session itself: in its own account neither boundary nor session policy bounds that.",
            ));
            let beyond = beyond.as_deref().map(|beyond| format!(" and ({beyond})")).unwrap_or_default();
            self.items.push_str(&format!("let is_granted_directly = is_same_account{beyond}\n\n"));
        }
        items.push_str(&self.accounts());
        items.push_str(&std::mem::take(&mut self.items));
        self.items = items;
        beyond.map(|_| "is_granted_directly".to_owned())
    }

    /// Notes that what bounds users and roles bounds services here as well.
    fn bounds_services(&mut self, sets: &Sets, document: &Document, statement: &Statement) {
        let is_bounded = !(sets.boundaries.is_empty() && sets.control.is_empty() && sets.session.is_empty());
        let mut named = statement.principals.iter().flat_map(|listed| &listed.items);
        if let Some(service) = named.find(|principal| principal.kind == PrincipalKind::Service).filter(|_| is_bounded) {
            let text =
                format!("\"{}\": permissions boundaries, control policies and session policies must allow what services ask too", service.text);
            self.notes.push(Note::new(&document.source, format!("{}.Principal", statement.place), Fate::Stricter, text));
        }
    }

    /// A statement as a rule; where it never matches, that is said where its rule would stand.
    fn read(&mut self, document: &Document, statement: &Statement, role: Role<'_>) -> Option<Rule> {
        let rule = rule::rule(&mut self.words, document, statement, role, &mut self.notes);
        rule.map_err(|comments| self.items.push_str(&comments)).ok()
    }

    /// What is known of who asks, and of accounts as far as the rules name it.
    fn accounts(&mut self) -> String {
        let keys = [
            ("AWS_PRINCIPAL_ARN", "aws:PrincipalArn"),
            ("AWS_PRINCIPAL_ACCOUNT", "aws:PrincipalAccount"),
            ("AWS_RESOURCE_ACCOUNT", "aws:ResourceAccount"),
            ("AWS_PRINCIPAL_SERVICE", "aws:PrincipalServiceName"),
            ("AWS_FEDERATED_PROVIDER", "aws:FederatedProvider"),
            ("AWS_PRINCIPAL_TYPE", "aws:PrincipalType"),
        ];
        self.words.call(super::helpers::Helper::Operator(super::operator::Set::Any, super::operator::Base::StringEquals));
        let mut asked = Vec::new();
        for (name, item) in ACCOUNTS.iter().rev() {
            if [self.items.as_str()].iter().chain(&asked).any(|text| text.contains(name)) {
                asked.push(*item);
            }
        }
        let mut text = PRINCIPAL.to_owned();
        text.extend(asked.into_iter().rev());
        for (place, key) in keys {
            if text.contains(place) {
                text = text.replace(place, &self.words.key(key));
            }
        }
        text + "\n"
    }

    /// What must allow besides, where a request goes to another account, or to what its own policy must allow anyway.
    fn across(&mut self, resources: Option<Holds>, identity: Option<Holds>) {
        let refused = |holds: &Option<Holds>, name: &str| match holds {
            Some(None) => None,
            Some(Some(_)) => Some(format!(" and not {name}")),
            None => Some(String::new()),
        };
        if let Some(Some(condition)) = &resources {
            self.items.push_str(&documentation("What resource-based policies allow."));
            self.items.push_str(&format!("let resource_policy_allows = {condition}\n\n"));
        }
        if let Some(refused) = refused(&resources, "resource_policy_allows") {
            self.items.push_str(&documentation(
                "Across accounts a resource-based policy must allow too. Key policies and trust policies must in their own account as well. Where the request does \
                 not say the resource's account, it may be another.",
            ));
            self.items.push_str(&format!(
                "deny outside_resource_policy\n  when (not is_same_account or lower_action like \"kms:*\" or lower_action like \"sts:assumerole*\"){refused}\n  because \"no \
                 resource-based policy allows {{action}} on {{resource}}\"\n\n"
            ));
        }
        if let Some(Some(condition)) = &identity {
            self.items.push_str(&documentation("What identity-based policies allow."));
            self.items.push_str(&format!("let identity_policy_allows = {condition}\n\n"));
        }
        if let Some(refused) = refused(&identity, "identity_policy_allows") {
            self.items.push_str(&documentation("Across accounts an identity-based policy must allow too, of those who have one."));
            self.items.push_str(&format!(
                "deny outside_identity_policy\n  when principal_account != \"\" and not is_same_account{refused}\n  because \"no identity-based policy \
                 allows {{action}} on {{resource}} in another account\"\n\n"
            ));
        }
    }

    /// Sets of policies, one for each level of an organisation: of each one must allow too.
    fn levels(&mut self, levels: &[Vec<Document>], role: Role<'_>, name: &str, called: &str) {
        for (number, level) in (1..).zip(levels) {
            let of_level = if levels.len() == 1 { String::new() } else { format!(" of level {number}") };
            self.bounding(level, role, &format!("{name}_{number}"), &format!("no {called}{of_level} allows"), None);
        }
    }

    /// A set of policies of which one must allow too.
    fn bounding(&mut self, documents: &[Document], role: Role<'_>, name: &str, says: &str, unless: Option<&str>) {
        if documents.is_empty() {
            return;
        }
        let mut allowing = Vec::new();
        let is_open = self.open.iter().any(|open| open == name);
        for (document, statement) in statements(documents) {
            let Some(rule) = self.read(document, statement, role) else { continue };
            if is_open && statement.effect == Effect::Allow && !rule.conditions.is_empty() {
                self.words.back();
                continue;
            }
            match statement.effect {
                Effect::Deny => self.rule(Effect::Deny, &rule, &rule.conditions.join(" and ")),
                Effect::Allow => allowing.push(self.named(&rule, "")),
            }
        }
        let allows = self.words.names.value(&format!("{name}_allows"));
        let when = match any(allowing) {
            // Each level has `RCPFullAWSAccess`, which nobody can detach.
            None if matches!(role, Role::ResourceControl) && statements(documents).all(|(_, statement)| statement.effect == Effect::Deny) => {
                self.items.push_str(&comment(&format!("{name}: RCPFullAWSAccess, which AWS attaches everywhere, allows what is not denied above.")));
                self.items.push('\n');
                return;
            }
            Some(None) => {
                if !is_open {
                    self.open.push(name.to_owned());
                }
                self.items.push_str(&comment(&format!("{name}: everything is allowed, but for what is denied above.")));
                self.items.push('\n');
                return;
            }
            Some(Some(condition)) => {
                self.items.push_str(&format!("let {allows} = {condition}\n\n"));
                format!("when not {allows}")
            }
            None => String::new(),
        };
        let unless = unless.map(|unless| format!("unless {unless}")).unwrap_or_default();
        let outside = self.words.names.value(&format!("outside_{name}"));
        self.items.push_str(&format!("deny {outside} {when} {unless} because \"{says} {{action}} on {{resource}}\"\n\n"));
    }

    /// What a rule asks, under a name of its own; `None` where it asks nothing. With a suffix it stands before the rule, which has the documentation.
    fn named(&mut self, rule: &Rule, suffix: &str) -> Holds {
        self.items.push_str(&rule.lists);
        if rule.conditions.is_empty() {
            return None;
        }
        let name = if suffix.is_empty() { rule.name.clone() } else { self.words.names.value(&format!("{} {suffix}", rule.name)) };
        if suffix.is_empty() {
            self.items.push_str(&documentation(&rule.origin));
        }
        self.items.push_str(&format!("let {name} = {}\n\n", rule.conditions.join(" and ")));
        Some(name)
    }

    /// Writes a rule, or where another has the same condition, that it stands for this one too.
    fn rule(&mut self, effect: Effect, rule: &Rule, condition: &str) {
        let key = (effect, format!("{}{condition}", rule.lists));
        if let Some(first) = self.seen.get(&key) {
            let says = format!("{} It says the same as `{first}`, which stands for it too.", rule.origin);
            self.items.push_str(&comment(&says));
            self.items.push('\n');
            return;
        }
        self.seen.insert(key, rule.name.clone());
        self.items.push_str(&rule.lists);
        self.items.push_str(&documentation(&rule.origin));
        self.items.push_str(self.annotations);
        if condition.is_empty() && effect == Effect::Allow {
            self.items.push_str("@allow(unconditional_allow) ");
        }
        let when = if condition.is_empty() { String::new() } else { format!(" when {condition}") };
        let name = &rule.name;
        match effect {
            Effect::Allow => self.items.push_str(&format!("allow {name}{when}\n\n")),
            Effect::Deny => {
                let reason = quoted(&format!("{} denies ", rule.source));
                let reason = reason.strip_suffix('"').unwrap_or_default();
                self.items.push_str(&format!("deny {name}{when} because {reason}{{action}} on {{resource}}\"\n\n"));
            }
        }
    }

    fn finished(self, sources: &[&str], package: Option<&str>) -> Result<Import, Unreadable> {
        let first = sources.first().copied().unwrap_or_default();
        let package = match (package, sources) {
            (Some(package), _) => package.to_owned(),
            (None, [only]) => Names::taken(["std"]).value(document::stem(only)),
            (None, _) => "iam".to_owned(),
        };
        let (keys, helpers) = self.words.written();
        let mut head = comment(&format!("AWS IAM policies, imported from {}.", named(sources)));
        if self.is_anybodys {
            head.push_str(&comment("What identity-based policies say holds here of whoever asks."));
        }
        let items = self.items;
        let default = "default deny because \"no policy allows {action} on {resource}\"\n";
        let lower_action = if items.contains("lower_action") { LOWER_ACTION } else { "" };
        let stem = package.rsplit('.').next().unwrap_or("iam");
        let mut parts = parts(&items).into_iter();
        let items = parts.next().unwrap_or_default();
        let mut texts = vec![format!("{head}package {package}\n{INPUT}{lower_action}\n{keys}\n{items}\n{default}\n{helpers}")];
        texts.extend(parts.map(|part| format!("{head}package {package}\n\n{part}")));
        let path = |number: usize| if number == 1 { format!("{stem}.toll") } else { format!("{stem}_{number}.toll") };
        let files = (1..).zip(lints::kept(first, &texts)?).map(|(number, text)| ImportedFile { path: path(number), text });
        Ok(Import { files: files.collect(), notes: joined(self.notes) })
    }
}

fn statements(documents: &[Document]) -> impl Iterator<Item = (&Document, &Statement)> {
    documents.iter().flat_map(|document| document.statements.iter().map(move |statement| (document, statement)))
}

/// Items in parts that have room in a file each: they are parted where an empty line stands.
fn parts(items: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = items;
    while let Some(after) = (LARGEST..LARGEST + 4).find_map(|at| rest.get(at..))
        && let Some(end) = after.find("\n\n")
    {
        let (part, after) = rest.split_at(rest.len() - after.len() + end);
        parts.push(part);
        rest = after;
    }
    parts.push(rest);
    parts
}

/// Any of these; `None` of none.
fn any(conditions: Vec<Holds>) -> Option<Holds> {
    let mut all = Vec::new();
    for condition in conditions {
        match condition {
            Some(condition) => all.push(condition),
            None => return Some(None),
        }
    }
    if all.is_empty() { None } else { Some(Some(all.join(" or "))) }
}

/// Both of two conditions.
fn both(one: Option<&str>, other: Option<&str>) -> Holds {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("{one} and {other}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// What is asked as a part of a conjunction; `None` where that is nothing.
fn condition(asked: &Asked) -> Option<String> {
    match asked {
        Asked::Nothing | Asked::Never => None,
        Asked::Any(terms) => Some(rule::any(&terms.iter().map(|term| term.yes.clone()).collect::<Vec<_>>())),
        Asked::All(terms) => Some(terms.iter().map(|term| term.yes.as_str()).collect::<Vec<_>>().join(" and ")),
    }
}

fn named(sources: &[&str]) -> String {
    let named: Vec<&str> = sources.iter().take(NAMED).copied().collect();
    let more = sources.len().saturating_sub(named.len());
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("{}{more}", named.join(", "))
}
