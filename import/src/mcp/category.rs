//! What kind of tool it is: a guess from its hints and the words of its name.

/// The categories that are guessed, the gravest last.
const CATEGORIES: [(&str, &[&str]); 6] = [
    (
        "read",
        &[
            "get",
            "list",
            "read",
            "search",
            "find",
            "fetch",
            "query",
            "lookup",
            "show",
            "view",
            "describe",
            "download",
            "count",
            "check",
            "inspect",
            "browse",
            "summarize",
            "analyze",
            "analyse",
            "compare",
            "explain",
            "suggest",
            "recommend",
            "retrieve",
            "load",
            "open",
            "watch",
            "stat",
            "tree",
            "diff",
            "status",
            "history",
            "info",
        ],
    ),
    (
        "write",
        &[
            "create",
            "update",
            "write",
            "edit",
            "set",
            "add",
            "insert",
            "save",
            "put",
            "modify",
            "change",
            "patch",
            "rename",
            "move",
            "copy",
            "upload",
            "append",
            "upsert",
            "assign",
            "label",
            "merge",
            "fork",
            "commit",
            "push",
            "mark",
            "close",
            "reopen",
            "lock",
            "unlock",
            "star",
            "unstar",
            "toggle",
            "import",
            "store",
            "manage",
            "request",
            "convert",
            "generate",
            "resolve",
            "apply",
            "replace",
            "restore",
            "sync",
            "enable",
            "disable",
            "configure",
            "transition",
            "fill",
        ],
    ),
    (
        "send",
        &["send", "post", "reply", "comment", "notify", "message", "email", "publish", "share", "invite", "forward", "tweet", "announce", "submit"],
    ),
    (
        "execute",
        &[
            "run", "execute", "exec", "eval", "evaluate", "invoke", "trigger", "start", "launch", "deploy", "call", "click", "navigate", "press",
            "type", "install", "build", "restart", "rerun",
        ],
    ),
    (
        "delete",
        &[
            "delete",
            "remove",
            "drop",
            "destroy",
            "purge",
            "erase",
            "clear",
            "cancel",
            "revoke",
            "terminate",
            "dismiss",
            "discard",
            "truncate",
            "uninstall",
            "archive",
            "kill",
            "stop",
        ],
    ),
    ("pay", &["pay", "transfer", "refund", "charge", "purchase", "buy", "withdraw", "payout", "checkout", "donate", "invoice"]),
];

/// The category of a tool with that name and `readOnlyHint`, and from what it is guessed.
pub fn guess(name: &str, read_only: Option<bool>) -> Option<(&'static str, &'static str)> {
    const HINT: &str = "`readOnlyHint`";
    if read_only == Some(true) {
        return Some(("read", HINT));
    }
    match from_words(&words(name))? {
        // What says that it is not read-only does more than its name tells.
        "read" if read_only == Some(false) => Some(("write", HINT)),
        category => Some((category, "the name")),
    }
}

/// The first word says it, or else the last, or else the gravest; with `and` or `or` between words, the gravest of all.
fn from_words(words: &[String]) -> Option<&'static str> {
    let grade = |word: &String| CATEGORIES.iter().position(|(_, verbs)| verbs.contains(&word.as_str()));
    let gravest = || words.iter().filter_map(grade).max();
    let joins = words.iter().any(|word| matches!(word.as_str(), "and" | "or"));
    let single = words.first().into_iter().chain(words.last()).find_map(grade);
    let found = if joins { gravest() } else { single.or_else(gravest) };
    CATEGORIES.get(found?).map(|(category, _)| *category)
}

/// The words of a name in any of the usual spellings, in lower case.
fn words(name: &str) -> Vec<String> {
    crate::toll::value_name(name).split('_').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn names_and_hints_tell_the_category() {
        let guessed = |name: &str, hint| guess(name, hint).map(|(category, _)| category);
        for (name, hint, expected) in [
            ("list_issues", None, Some("read")),
            ("deleteFile", None, Some("delete")),
            ("get_or_create_user", None, Some("write")),
            ("issue_write", Some(false), Some("write")),
            ("get_status", Some(false), Some("write")),
            ("send-email", None, Some("send")),
            ("drop_everything", Some(true), Some("read")),
            ("run", None, Some("execute")),
            ("payments.refund", None, Some("pay")),
            ("sequentialthinking", None, None),
            ("x", Some(false), None),
        ] {
            assert_eq!(guessed(name, hint), expected, "{name}");
        }
    }
}
