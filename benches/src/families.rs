//! Rules that differ in one thing only: a prefix, an interval, an identity.

use std::fmt::Write;

use tollgate_compiler::Sources;

use crate::Files;
use crate::random::Random;

/// What a family's rules differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// How a path or a URL begins.
    Prefixes,
    /// Between which numbers an amount lies.
    Ranges,
    /// Who the agent or the user is, whatever the tool.
    Identities,
}

impl Family {
    /// Every family.
    pub const ALL: [Family; 3] = [Family::Prefixes, Family::Ranges, Family::Identities];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Family::Prefixes => "prefixes",
            Family::Ranges => "ranges",
            Family::Identities => "identities",
        }
    }

    /// A policy of that many such rules; every second one also looks at the environment.
    pub fn policy(self, rules: u64) -> Sources {
        let mut files = Files::default();
        files.next().push_str(concat!(
            "\ntool \"files/read\" {\n  category: \"read\"\n  args { path: string, url: string }\n}\n",
            "\ntool \"pay/transfer\" {\n  category: \"transfer\"\n  args { amount: int }\n}\n",
        ));
        for rule in 0..rules {
            let effect = ["allow", "review", "deny"].get(usize::try_from(rule % 3).unwrap_or(0)).copied().unwrap_or("deny");
            let (on, condition) = self.clause(rule);
            let also = if rule % 2 == 1 { " and context.environment != \"dev\"" } else { "" };
            let _ = write!(files.next(), "\n{effect} r{rule:07}{on}\n  when {condition}{also}\n");
        }
        files.finish()
    }

    fn clause(self, rule: u64) -> (&'static str, String) {
        match self {
            Family::Prefixes if rule.is_multiple_of(2) => ("\n  on \"files/read\"", format!("args.path.starts_with(\"{}\")", path(rule))),
            Family::Prefixes => ("\n  on \"files/read\"", format!("args.url like \"{}*\"", url(rule))),
            Family::Ranges => ("\n  on \"pay/transfer\"", format!("args.amount >= {} and args.amount < {}", rule * 100, rule * 100 + 150)),
            Family::Identities if rule.is_multiple_of(2) => ("", format!("agent.id == \"agent-{rule:07}\"")),
            Family::Identities => ("", format!("user != none and user.id == \"user-{rule:07}\"")),
        }
    }

    /// That many requests for a policy of that many rules, each one line of JSON; most find a rule.
    pub fn requests(self, rules: u64, count: u64) -> Vec<String> {
        let mut random = Random::new(31);
        (0..count).map(|_| self.request(rules, &mut random)).collect()
    }

    fn request(self, rules: u64, random: &mut Random) -> String {
        let (one, other) = (random.below(rules + rules / 20), random.below(rules + rules / 20));
        let call = match self {
            Family::Prefixes => format!(
                r#""tool":{{"server":"files","name":"read"}},"args":{{"path":"{}docs/report.txt","url":"{}index.html?page=3"}}"#,
                path(one),
                url(other)
            ),
            Family::Ranges => format!(r#""tool":{{"server":"pay","name":"transfer"}},"args":{{"amount":{}}}"#, one * 100 + random.below(100)),
            Family::Identities => r#""tool":{"server":"crm","name":"search"},"args":{"query":"open tickets"}"#.to_owned(),
        };
        format!(
            r#"{{"agent":{{"id":"agent-{one:07}","role":"support"}},"user":{{"id":"user-{other:07}"}},{call},"context":{{"environment":"prod"}}}}"#
        )
    }
}

fn path(rule: u64) -> String {
    format!("/srv/tenants/{:03}/projects/{rule:07}/", rule % 997)
}

fn url(rule: u64) -> String {
    format!("https://team-{:03}.example/projects/{rule:07}/", rule % 997)
}
