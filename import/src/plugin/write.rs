//! The policy of a plugin.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::demands::Demands;
use super::permission::{self, Permission};
use super::scope::{alternatives, narrowed, scoped};
use super::there::There;
use super::tools::Tools;
use super::{Hook, Plugin, Server, Skill, place};
use crate::toll::{Names, comment, quoted};
use crate::{Fate, Note};

/// Names that a rule is better not called.
const TAKEN: [&str; 10] = ["agent", "user", "tool", "args", "context", "session", "hook", "hook_after", "hooks", "input"];

/// How many skills a reason names.
const SKILLS: usize = 3;

/// The policy, before it is laid out; none where its rules, with those that are `written`, would require more hooks than anybody reads.
pub fn policy(package: &str, plugin: &Plugin, hooks: &[&Hook], there: &There, written: &mut usize, notes: &mut Vec<Note>) -> Option<String> {
    let version = plugin.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    let mut demands = Demands::of(package, plugin, hooks, there);
    let tools = Tools::of(plugin, there, notes);
    let mut body = String::new();
    tools.write(&mut body, plugin, notes);
    let mut rules = Vec::new();
    for server in &plugin.servers {
        rules.push(of_server(server, plugin, notes));
    }
    for skill in &plugin.skills {
        of_skill(skill, plugin, &tools, there, &mut rules, notes);
    }
    let mut names = Names::taken(TAKEN.into_iter().chain(there.names(package)));
    for rule in merged(rules.into_iter().flat_map(|rule| rule.divided(&mut demands)).collect()) {
        body.push_str(&rule.text(&mut demands, &mut names, written)?);
        body.push('\n');
    }
    body.push_str(&demands.told(plugin));
    let from = comment(&format!("{}{}`{version}.", place::IMPORTED, plugin.name));
    let says = comment(
        "A manifest asks for permissions and grants none: a person approves what a skill needs. To allow it, make the review an allow: a review decides where both match.",
    );
    Some(format!("package {package}\n\n{}{from}{says}\n{}{body}", demands.import(), demands.declarations(plugin)))
}

/// A tool, or what a comment says, with what the manifest writes.
type Written = (String, Vec<String>);

/// What a rule requires.
type Required = Rc<[String]>;

/// A rule, or a comment alone where it is about no tool.
#[derive(Clone)]
struct Rule {
    /// What the comment above it says: a text, and what is written of its tools behind it.
    says: Vec<Written>,
    /// What its name is made of.
    name: String,
    /// Its tools, each with what the manifest writes.
    on: Vec<Written>,
    choice: Option<&'static str>,
    when: String,
    because: Because,
    demands: Required,
}

/// Why a call waits for a review.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Because {
    /// Skills need it, of which the manifest may say that a person is asked.
    Needed { skills: Vec<String>, is_asked: bool },
    /// Another reason.
    Told(String),
}

impl Rule {
    /// The same as rules each of whose tools requires the same: a call has to meet the guards of its tool, and of no other.
    fn divided(self, demands: &mut Demands<'_>) -> Vec<Rule> {
        let mut parts: Vec<(Required, Vec<Written>)> = Vec::new();
        let mut known: HashMap<Required, usize> = HashMap::new();
        for (tool, written) in &self.on {
            let required = demands.of_tool(tool);
            let next = parts.len();
            match parts.get_mut(*known.entry(Rc::clone(&required)).or_insert(next)) {
                Some((_, on)) => on.push((tool.clone(), written.clone())),
                None => parts.push((required, vec![(tool.clone(), written.clone())])),
            }
        }
        if parts.len() < 2 {
            let required = parts.pop().map(|(required, _)| required);
            return vec![Rule { demands: required.unwrap_or_default(), ..self }];
        }
        let part = |(at, (demands, on)): (usize, (Required, Vec<Written>))| {
            let first = on.first().map_or("", |(tool, _)| tool.as_str());
            let name = if at == 0 { self.name.clone() } else { format!("{} {first}", self.name) };
            let written = on.iter().flat_map(|(_, written)| written.iter().cloned()).collect();
            let says = self.says.iter().map(|(text, _)| (text.clone(), Vec::clone(&written))).collect();
            Rule { says, name, on, demands, ..self.clone() }
        };
        parts.into_iter().enumerate().map(part).collect()
    }

    fn text(&self, demands: &mut Demands<'_>, names: &mut Names, written: &mut usize) -> Option<String> {
        let mut out = String::new();
        for (text, written) in &self.says {
            out.push_str(&comment(&if written.is_empty() { text.clone() } else { format!("{text}: {}", written.join(", ")) }));
        }
        if self.on.is_empty() {
            return Some(out);
        }
        let on = self.on.iter().map(|(tool, _)| quoted(tool)).collect::<Vec<_>>().join(", ");
        let choice = self.choice.map_or_else(String::new, |choice| format!("for {choice}\n"));
        let require = demands.clause(&self.demands, written)?;
        let because = quoted(&self.because.text());
        out.push_str(&format!("review {}\non {on}\n{choice}when {}\nbecause {because}\n{require}", names.value(&self.name), self.when));
        Some(out)
    }
}

impl Because {
    fn text(&self) -> String {
        match self {
            Because::Told(text) => text.clone(),
            Because::Needed { skills, is_asked } => {
                let shown = skills.iter().take(SKILLS).map(|skill| format!("`{skill}`")).collect::<Vec<_>>().join(", ");
                let text = match skills.len() {
                    1 => format!("the skill {shown} needs it"),
                    all if all <= SKILLS => format!("the skills {shown} need it"),
                    all => format!("the skills {shown} and {} more need it", all - SKILLS),
                };
                if *is_asked { format!("{text}, and its manifest asks a person first") } else { text }
            }
        }
    }
}

/// Rules of which none says what another says: of those that say the same of the same agent's calls, the first has the comments of all.
fn merged(rules: Vec<Rule>) -> Vec<Rule> {
    let mut known: HashMap<_, usize> = HashMap::new();
    let mut merged: Vec<Rule> = Vec::new();
    for rule in rules {
        let mut on: Vec<String> = rule.on.iter().map(|(tool, _)| tool.clone()).collect();
        on.sort();
        let is_asked = matches!(rule.because, Because::Needed { is_asked: true, .. });
        let next = merged.len();
        let place = if on.is_empty() { next } else { *known.entry((on, rule.choice, rule.when.clone(), is_asked)).or_insert(next) };
        match (merged.get_mut(place), &rule.because) {
            (Some(Rule { says, because: Because::Needed { skills, .. }, .. }), Because::Needed { skills: others, .. }) => {
                says.extend(rule.says);
                let new: Vec<String> = others.iter().filter(|other| !skills.contains(other)).cloned().collect();
                skills.extend(new);
            }
            _ => merged.push(rule),
        }
    }
    merged
}

/// What is said of a server: a review of its tools, where no skill names one.
fn of_server(server: &Server, plugin: &Plugin, notes: &mut Vec<Note>) -> Rule {
    let mut note = |fate, text: String| notes.push(Note::new(&server.source, &server.name, fate, text));
    let mut says = vec![(format!("{}: MCP server `{}`, reached by `{}`", server.source, server.name, server.reached), Vec::new())];
    let mut on = Vec::new();
    if server.is_disabled {
        note(Fate::LeftOut, format!("the server `{}` is switched off", server.name));
        says.push(("It is switched off.".to_owned(), Vec::new()));
    } else {
        let text = format!(
            "the tools of the server `{}` are not in the manifest: `tollgate import mcp` declares them from its answer to `tools/list`",
            server.name
        );
        note(Fate::Unchecked, text);
        let named = format!("{}/*", server.name);
        let mut needed = plugin.skills.iter().flat_map(|skill| &skill.permissions).filter_map(|permission| permission.tool.rsplit_once('/'));
        let is_named = needed.any(|(of, _)| of == server.name);
        match permission::is_tool(&named) {
            true if !is_named => on.push((named, Vec::new())),
            true => {}
            false => note(Fate::Stricter, format!("`{}` can be the name of no server: nothing is let through for it", server.name)),
        }
    }
    Rule {
        says,
        name: format!("server {}", server.name),
        on,
        choice: None,
        when: format!("agent.id == {}", quoted(&plugin.name)),
        because: Because::Told(format!("no skill says which tools of `{}` it needs", server.name)),
        demands: Rc::default(),
    }
}

/// The reviews of what a skill needs: one of what it needs without more ado, and one for each tool of which it needs a part.
fn of_skill(skill: &Skill, plugin: &Plugin, tools: &Tools<'_>, there: &There, rules: &mut Vec<Rule>, notes: &mut Vec<Note>) {
    let is_agent = format!("agent.id == {}", quoted(skill.agent.as_deref().unwrap_or(&plugin.name)));
    for is_asked in [false, true] {
        let of_kind = skill.permissions.iter().filter(|permission| skill.asked.contains(permission) == is_asked);
        let (whole, partial): (Vec<&Permission>, Vec<&Permission>) = of_kind.partition(|permission| permission.scope.is_none());
        let name = if is_asked { format!("{} asked", skill.name) } else { skill.name.clone() };
        let rule = |name: String, on: Vec<Written>, choice, when| {
            let written = on.iter().flat_map(|(_, written)| written.iter().cloned()).collect();
            let because = Because::Needed { skills: vec![skill.name.clone()], is_asked };
            Rule { says: vec![(skill.source.clone(), written)], name, on, choice, when, because, demands: Rc::default() }
        };
        let on = called(&whole, tools);
        if !on.is_empty() {
            rules.push(rule(name.clone(), on, None, is_agent.clone()));
        }
        for (tool, written) in called(&partial, tools) {
            let of_tool = partial.iter().copied().filter(|permission| tools.called(&permission.tool) == Some(&tool));
            let (choice, part) = part(&tool, &of_tool.collect::<Vec<_>>(), there, skill, notes);
            let when = if part.is_empty() { is_agent.clone() } else { format!("{is_agent} and {part}") };
            rules.push(rule(format!("{name} {tool}"), vec![(tool, written)], choice, when));
        }
    }
}

/// The tools of permissions as they are called, each once, with what is written of it.
fn called(permissions: &[&Permission], tools: &Tools<'_>) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for permission in permissions {
        let Some(tool) = tools.called(&permission.tool) else { continue };
        let next = found.len();
        match found.get_mut(*places.entry(tool).or_insert(next)) {
            Some((_, written)) => written.push(permission.written.clone()),
            None => found.push((tool.to_owned(), vec![permission.written.clone()])),
        }
    }
    found
}

/// The part of a tool that permissions leave: what is chosen of a call first, and the condition; empty where all of it waits for a review.
fn part(tool: &str, permissions: &[&Permission], there: &There, skill: &Skill, notes: &mut Vec<Note>) -> (Option<&'static str>, String) {
    let is_readable = there.tool(tool).is_none_or(|declared| scoped(tool).is_some_and(|argument| declared.has_text(argument)));
    let (mut asked, mut known) = (Vec::new(), HashSet::new());
    let mut is_narrowed = true;
    for permission in permissions {
        let scope = permission.scope.as_deref().unwrap_or_default();
        match alternatives(tool, scope).filter(|_| is_readable) {
            Some(alternatives) => asked.extend(alternatives.into_iter().filter(|one| known.insert(one.clone()))),
            None => {
                let why = if is_readable { "is not known to importing" } else { "cannot be asked for, as the tool is declared" };
                let text = format!("`{}`: what `{scope}` leaves of the tool {why}: every call of it waits for a review", permission.written);
                notes.push(Note::new(&skill.source, "", Fate::Differs, text));
                is_narrowed = false;
            }
        }
    }
    narrowed(tool, &asked).filter(|_| is_narrowed).unwrap_or_default()
}
