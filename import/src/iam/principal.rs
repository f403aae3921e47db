//! Principals of resource-based policies.

use std::collections::HashSet;

use super::Bound;
use super::matching::Problem;
use super::statement::{Principal, PrincipalKind};
use super::string::escaped;
use super::words::{Asked, Term, Words};
use crate::toll::quoted;

/// What `Principal` asks of the request.
#[derive(Debug)]
pub struct Asks {
    /// That it is one of them, or, of `NotPrincipal`, none.
    pub any: Asked,
    /// Where it is named itself, or all are: then no policy of its own need allow it in its own account.
    pub directly: Asked,
    /// Where it is named as itself, not as a role, so that neither boundary nor session policy bounds what it is allowed in its own account.
    pub beyond_boundary: Asked,
}

/// Which of those a principal makes true.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grant {
    /// Its account may pass the permission on.
    Account,
    /// The role, not its session.
    Role,
    /// Itself.
    Itself,
}

/// What `Principal` asks.
pub fn principals(words: &mut Words, listed: &[Principal], bound: Bound, problems: &mut Vec<Problem>) -> Asks {
    let mut any = Vec::new();
    let mut is_everyone = false;
    for principal in listed {
        if principal.is_everyone() {
            is_everyone = true;
            continue;
        }
        match term(words, principal) {
            Ok(term) => any.push(term),
            Err(reason) => {
                problems.push((principal.text.clone(), reason));
                is_everyone |= bound == Bound::Beyond;
            }
        }
    }
    let of = |grants: &[Grant]| {
        let terms = any.iter().filter(|(_, grant)| grants.contains(grant)).map(|(term, _)| term.clone()).collect();
        if is_everyone { Asked::Nothing } else { Asked::any(terms) }
    };
    Asks {
        any: of(&[Grant::Account, Grant::Role, Grant::Itself]),
        directly: of(&[Grant::Role, Grant::Itself]),
        beyond_boundary: of(&[Grant::Itself]),
    }
}

/// What `NotPrincipal` of a `Deny` asks: that the request is by none of them. IAM keeps the deny from a user where the user and its account are listed,
/// from a session where the role is too, and from nobody with a permissions boundary.
pub fn others(words: &mut Words, listed: &[Principal], is_bounded: bool, problems: &mut Vec<Problem>) -> Asks {
    let accounts: HashSet<&str> = listed.iter().filter_map(|principal| account(&principal.text)).collect();
    let mut arns: Vec<String> = Vec::new();
    let mut none: Vec<Term> = Vec::new();
    for principal in listed {
        let text = &principal.text;
        let reason = match (principal.kind, arn_account(text)) {
            (PrincipalKind::Aws, _) if is_bounded => "IAM denies it to whoever has a permissions boundary",
            (PrincipalKind::Aws, Some(account)) if accounts.contains(account) => {
                arns.push(quoted(text));
                continue;
            }
            (PrincipalKind::Aws, Some(_)) => "without its account beside it, IAM may deny it all the same",
            (PrincipalKind::Aws, None) if accounts.contains(text.as_str()) => {
                arns.push(quoted(&format!("arn:aws:iam::{text}:root")));
                continue;
            }
            (PrincipalKind::Aws, None) => "it is no account and no ARN of a user, role or session",
            (PrincipalKind::Service | PrincipalKind::Federated | PrincipalKind::CanonicalUser, _) => {
                none.extend(term(words, principal).ok().map(|(term, _)| term));
                continue;
            }
        };
        problems.push((text.clone(), reason.to_owned()));
    }
    if !arns.is_empty() {
        let are_listed = format!("not principal_arns.is_empty() and principal_arns.all(arn => arn in {{{}}})", arns.join(", "));
        none.push(Term::new(are_listed));
    }
    Asks { any: Asked::any(none).negated(), directly: Asked::Never, beyond_boundary: Asked::Never }
}

fn term(words: &mut Words, principal: &Principal) -> Result<(Term, Grant), String> {
    let text = &principal.text;
    let quoted_text = quoted(text);
    Ok(match principal.kind {
        PrincipalKind::Service => (Term::is_in(&quoted_text, &words.key("aws:PrincipalServiceName")), Grant::Itself),
        PrincipalKind::Federated => (Term::is_in(&quoted_text, &words.key("aws:FederatedProvider")), Grant::Itself),
        PrincipalKind::CanonicalUser => (Term::equal("(principal.canonical_user ?? \"\")", &quoted_text), Grant::Itself),
        PrincipalKind::Aws => {
            if text.contains(['*', '?']) {
                return Err("IAM takes no wildcard in a part of a principal".to_owned());
            }
            if let Some(account) = account(text) {
                return Ok((Term::equal("principal_account", &quoted(account)), Grant::Account));
            }
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            match parts.as_slice() {
                ["arn", partition, "iam", "", account, resource] if resource.starts_with("role/") => {
                    let role = resource.rsplit('/').next().unwrap_or_default();
                    let sessions = quoted(&format!("{}*", escaped(&format!("arn:{partition}:sts::{account}:assumed-role/{role}/"))));
                    let yes = format!("principal_arns.any(arn => arn == {quoted_text} or arn like {sessions})");
                    (Term::new(yes), Grant::Role)
                }
                ["arn", _, "iam" | "sts", "", _, _] => (Term::is_in(&quoted_text, "principal_arns"), Grant::Itself),
                _ if text.starts_with("AIDA") || text.starts_with("AROA") => {
                    let ids = words.key("aws:userid");
                    let sessions = quoted(&format!("{}:*", escaped(text)));
                    (Term::new(format!("{ids}.any(value => value == {quoted_text} or value like {sessions})")), Grant::Role)
                }
                _ => return Err("it is no account, no ARN of a user, role or session, and no unique identifier".to_owned()),
            }
        }
    })
}

/// The account that a text stands for: its number, or the ARN of its root.
fn account(text: &str) -> Option<&str> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(text);
    }
    arn_account(text).filter(|_| text.ends_with(":root"))
}

/// The account in the ARN of a principal.
fn arn_account(text: &str) -> Option<&str> {
    match text.splitn(6, ':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam" | "sts", "", account, _] => Some(account),
        _ => None,
    }
}
