//! What a scope leaves of a tool: `git:*` of a shell, `domain:example.com` of what is fetched.

use crate::toll::quoted;

/// The argument that a scope is about.
pub fn scoped(tool: &str) -> Option<&'static str> {
    match tool {
        "Bash" => Some("command"),
        "WebFetch" => Some("url"),
        _ => None,
    }
}

/// `git:*` of a shell, `domain:example.com` of what is fetched: the conditions of which one must hold; none where it cannot be told.
pub fn alternatives(tool: &str, scope: &str) -> Option<Vec<String>> {
    match tool {
        "Bash" => scope.split(',').map(command).collect(),
        "WebFetch" => {
            // Hosts are written small where URLs are read, and no wildcard is one.
            let host = scope.strip_prefix("domain:")?.trim().to_lowercase();
            let is_host = !host.is_empty() && host.chars().all(|c| c.is_alphanumeric() || "-.:[]".contains(c));
            is_host.then(|| vec![format!("url.host == {}", quoted(&host))])
        }
        _ => None,
    }
}

/// What is chosen of a call first, and the condition, where one of some conditions must hold.
pub fn narrowed(tool: &str, alternatives: &[String]) -> Option<(Option<&'static str>, String)> {
    let asked = match alternatives {
        [] => return None,
        [only] => only.clone(),
        several => format!("({})", several.join(" or ")),
    };
    match tool {
        "Bash" => {
            let all = format!(
                "not shell.has_substitution and shell.commands.all(command => command.redirects.is_empty() and command.assignments.is_empty() and {asked})"
            );
            Some((Some("shell in args.command.parse_shell()"), all))
        }
        "WebFetch" => Some((Some("url in args.url.parse_url()"), asked)),
        _ => None,
    }
}

/// A command line such as `git add:*` as a condition for each command of a shell's; none where it is more than words.
fn command(scope: &str) -> Option<String> {
    let scope = scope.trim();
    // A wildcard that ends a word is the rest of that word, which is no word here.
    let open = scope.strip_suffix(":*").or_else(|| scope.strip_suffix(" *"));
    let said = open.unwrap_or(scope);
    if said.contains(|c: char| "*?[]\"'\\$&|;<>(){}`".contains(c)) {
        return None;
    }
    let mut words = said.split_whitespace();
    let mut parts = vec![format!("command.path == {}", quoted(words.next()?))];
    let mut count = 0;
    for word in words {
        parts.push(format!("(command.args[{count}] ?? \"\") == {}", quoted(word)));
        count += 1;
    }
    if open.is_none() {
        parts.push(format!("command.args.len() == {count}"));
    }
    Some(if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" and ")) })
}
