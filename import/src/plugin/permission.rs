//! The names that hosts have for tools, and what they let a skill do with them: `Bash(git:*)`, `mcp__aws__call`, `files/read`.

use super::own::Own;
use super::tools::known;
use crate::toll::glob;

/// A tool that a skill needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// As the manifest writes it.
    pub written: String,
    /// The tool as `on` takes it: `name`, `server/name`, with `*`.
    pub tool: String,
    /// What of it is needed, where that is less than all: `git:*` of `Bash(git:*)`.
    pub scope: Option<String>,
}

impl Permission {
    /// Reads one; `None` where it names no tool. The tool that a host brings along has its name, however that is written.
    pub fn read(written: &str, own: &Own) -> Option<Permission> {
        let written = written.trim();
        let (name, scope) = match written.split_once('(') {
            Some((name, scope)) => (name.trim_end(), Some(scope.strip_suffix(')')?.trim())),
            None => (written, None),
        };
        let scope = scope.filter(|scope| !scope.is_empty() && *scope != "*").map(str::to_owned);
        let tool = tool(name, own)?;
        let tool = known(&tool).map_or(tool, |known| known.name.to_owned());
        Some(Permission { written: written.to_owned(), tool, scope })
    }

    /// What is to be looked at in how it was read.
    pub fn doubt(&self, own: &Own) -> Option<String> {
        let name = self.written.split('(').next().unwrap_or_default().trim();
        let is_guessed = name.strip_prefix("mcp__").and_then(|rest| own.parts(rest)).is_some_and(|(.., is_guessed)| is_guessed);
        let is_otherwise = !name.contains("__") && name != self.tool && name.eq_ignore_ascii_case(&self.tool);
        match (is_guessed, is_otherwise) {
            (true, _) => Some(format!("`{}` is taken for `{}`: as hosts write names, it may be of another server", self.written, self.tool)),
            (_, true) => {
                let text = "the tool of hosts whose name differs by case alone: a call by the name as it stands here is denied as an input error";
                Some(format!("`{}` is taken for `{}`, {text}", self.written, self.tool))
            }
            _ => None,
        }
    }

    /// Whether a declared tool is one of those meant, or is declared for any server under the name of one.
    pub fn takes(&self, tool: &str) -> bool {
        let is_of_any = |(server, name): (Option<&str>, &str)| server.is_some() && name != "*" && !tool.contains('/') && glob(name, tool);
        takes(&self.tool, tool) || is_of_any(split(&self.tool))
    }
}

/// Whether a tool, as `on` takes it, is one that `pattern` means.
pub fn takes(pattern: &str, tool: &str) -> bool {
    let (server, name) = split(tool);
    match split(pattern) {
        (Some(of), named) => server.is_some_and(|server| glob(of, server)) && glob(named, name),
        (None, named) => glob(named, name),
    }
}

fn split(tool: &str) -> (Option<&str>, &str) {
    tool.rsplit_once('/').map_or((None, tool), |(server, name)| (Some(server), name))
}

/// Several in one text, separated by commas or white space outside of brackets.
pub fn separated(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if depth > 0 || !(letter == ',' || letter.is_whitespace()) => part.push(letter),
            _ => parts.push(String::new()),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A host's name for a tool as `on` takes it.
pub fn tool(name: &str, own: &Own) -> Option<String> {
    let name = name.trim();
    let named = match name.strip_prefix("mcp__") {
        Some(rest) => {
            let (server, tool, _) = own.parts(rest)?;
            format!("{server}/{}", tool.unwrap_or("*"))
        }
        None => name.replace([':', ' '], "/"),
    };
    is_tool(&named).then_some(named)
}

/// Whether `on` can take it.
pub fn is_tool(named: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.-*?".contains(c));
    named.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::{Own, Permission, separated, takes, tool};

    #[test]
    fn names_of_hosts_are_tools() {
        let names = ["Bash", "mcp__aws__call", "mcp__plugin_aws-core_aws-mcp__call_aws", "mcp__aws", "files:read", "s3/*", "a b(", "", "mcp__x__y.*"];
        let tools = names.map(|name| tool(name, &Own::default()).unwrap_or_default());
        assert_eq!(tools, ["Bash", "aws/call", "aws-mcp/call_aws", "aws/*", "files/read", "s3/*", "", "", "x/y.*"]);
        assert!(takes("aws/*", "aws/call") && takes("call", "aws/call") && takes("aws*/c?ll", "aws-2/call"));
        assert!(!takes("aws/*", "gcp/call") && !takes("aws/call", "call"));
    }

    #[test]
    fn tools_of_hosts_have_one_name() {
        let read = |written: &str| Permission::read(written, &Own::default()).unwrap();
        assert_eq!(
            (read("bash(git:*)").tool, read("TODOWRITE").tool, read("mcp__x__bash").tool),
            ("Bash".into(), "TodoWrite".into(), "x/bash".into())
        );
        assert!(read("bash").doubt(&Own::default()).is_some() && read("Bash").doubt(&Own::default()).is_none());
        assert!(read("mcp__plugin_a_b_c__d").doubt(&Own::default()).is_some() && read("mcp__plugin_a_b__d").doubt(&Own::default()).is_none());
    }

    #[test]
    fn permissions_have_scopes() {
        let all = separated("Read, Bash(git add:*, git commit:*) mcp__x__y\nWrite()");
        assert_eq!(all, ["Read", "Bash(git add:*, git commit:*)", "mcp__x__y", "Write()"]);
        let scopes: Vec<_> = all.iter().map(|one| Permission::read(one, &Own::default()).unwrap().scope).collect();
        assert_eq!(scopes, [None, Some("git add:*, git commit:*".to_owned()), None, None]);
        assert!(Permission::read("Bash(git", &Own::default()).is_none());
        let takes = |written: &str, tool: &str| Permission::read(written, &Own::default()).unwrap().takes(tool);
        assert!(takes("mcp__gh__merge", "merge") && takes("mcp__gh__merge", "gh/merge") && !takes("mcp__gh", "merge"));
    }
}
