//! Principals of resource-based policies.

use std::collections::HashSet;

use super::Bound;
use super::matching::Problem;
use super::statement::{Listed, Principal, PrincipalKind};
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

/// What the element asks.
pub fn principals(words: &mut Words, listed: &Listed<Principal>, bound: Bound, problems: &mut Vec<Problem>) -> Asks {
    let inner = if listed.is_negated { bound.negated() } else { bound };
    let accounts: HashSet<&str> = listed.items.iter().filter_map(|principal| account(&principal.text)).collect();
    let mut any = Vec::new();
    let mut is_everyone = false;
    for principal in &listed.items {
        if principal.kind == PrincipalKind::Aws && principal.text == "*" {
            is_everyone = true;
            continue;
        }
        // excluding a user or role without its account may not keep IAM from denying it
        let alone = listed.is_negated && arn_account(&principal.text).is_some_and(|account| !accounts.contains(account));
        let term = if alone { Err("without its account beside it, IAM may deny it all the same".to_owned()) } else { term(words, principal) };
        match term {
            Ok(term) => any.push(term),
            Err(reason) => {
                problems.push((principal.text.clone(), reason));
                is_everyone |= inner == Bound::Beyond;
            }
        }
    }
    let of = |grants: &[Grant]| {
        let terms = any.iter().filter(|(_, grant)| grants.contains(grant)).map(|(term, _)| term.clone()).collect();
        if is_everyone { Asked::Nothing } else { Asked::any(terms) }
    };
    let [any, directly, beyond_boundary] =
        [of(&[Grant::Account, Grant::Role, Grant::Itself]), of(&[Grant::Role, Grant::Itself]), of(&[Grant::Itself])];
    if listed.is_negated {
        return Asks { any: any.negated(), directly: Asked::Never, beyond_boundary: Asked::Never };
    }
    Asks { any, directly, beyond_boundary }
}

fn term(words: &mut Words, principal: &Principal) -> Result<(Term, Grant), String> {
    let text = &principal.text;
    let quoted_text = quoted(text);
    let known = |text: String| Term::new(text);
    Ok(match principal.kind {
        PrincipalKind::Service => (known(format!("{quoted_text} in {}", words.key("aws:PrincipalServiceName"))), Grant::Itself),
        PrincipalKind::Federated => (known(format!("{quoted_text} in {}", words.key("aws:FederatedProvider"))), Grant::Itself),
        PrincipalKind::CanonicalUser => {
            let yes = format!("(principal.canonical_user ?? \"\") == {quoted_text}");
            (Term::new(yes), Grant::Itself)
        }
        PrincipalKind::Aws => {
            if text.contains(['*', '?']) {
                return Err("IAM takes no wildcard in a part of a principal".to_owned());
            }
            if let Some(account) = account(text) {
                return Ok((Term::new(format!("principal_account == {}", quoted(account))), Grant::Account));
            }
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            match parts.as_slice() {
                ["arn", partition, "iam", "", account, resource] if resource.starts_with("role/") => {
                    let role = resource.rsplit('/').next().unwrap_or_default();
                    let sessions = quoted(&format!("{}*", escaped(&format!("arn:{partition}:sts::{account}:assumed-role/{role}/"))));
                    let yes = format!("principal_arns.any(arn => arn == {quoted_text} or arn like {sessions})");
                    (Term::new(yes), Grant::Role)
                }
                ["arn", _, "iam" | "sts", "", _, _] => (known(format!("{quoted_text} in principal_arns")), Grant::Itself),
                _ if text.starts_with("AIDA") || text.starts_with("AROA") => {
                    let ids = words.key("aws:userid");
                    (Term::new(format!("{ids}.any(value => value.before(\":\") == {quoted_text})")), Grant::Role)
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
