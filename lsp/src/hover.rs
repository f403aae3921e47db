//! What there is to say about a name in a policy set.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::program::Rule;

/// What is said about a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// Where the name stands.
    pub at: Location,
    /// What is said, in paragraphs of plain text.
    pub text: String,
}

/// Says what stands at an offset of a file, where that is the name of a rule that is declared there: its effect and annotations, its
/// documentation, and, in a set without errors, under what it is filed and how often decisions look at it.
pub fn hover(set: &mut PolicySet, file: FileId, offset: u32) -> Option<Hover> {
    let is_there = |at: Location| at.file == file && (at.span.start..=at.span.end).contains(&offset);
    let rule = set.program().rules.iter().find(|rule| is_there(set.place(rule.at)))?.clone();
    let head = [vec![format!("{} {}", rule.effect.name(), rule.name)], annotations(set, &rule)].concat().join("\n");
    let paragraphs = [Some(head), documentation(&rule), filed(set, &rule)];
    Some(Hover { at: set.place(rule.at), text: paragraphs.into_iter().flatten().collect::<Vec<_>>().join("\n\n") })
}

/// The annotations of a rule as they are written.
fn annotations(set: &PolicySet, rule: &Rule) -> Vec<String> {
    let written = rule.annotations.iter().filter_map(|annotation| {
        let at = set.place(Location { file: rule.at.file, span: annotation.span });
        let text = set.sources().get(at.file)?.text.get(at.span.start as usize..at.span.end as usize)?;
        Some(text.to_owned())
    });
    written.collect()
}

fn documentation(rule: &Rule) -> Option<String> {
    let doc = rule.doc.trim();
    (!doc.is_empty()).then(|| doc.to_owned())
}

fn filed(set: &mut PolicySet, rule: &Rule) -> Option<String> {
    let report = set.index_report().ok()?;
    report.rules.iter().find(|filed| *filed.rule == *rule.name).map(|filed| filed.sentence())
}

#[cfg(test)]
mod tests {
    use tollgate_compiler::Sources;

    use super::*;

    /// What is said at `<CURSOR>`.
    fn said(text: &str) -> Option<String> {
        let offset = text.find("<CURSOR>").expect("a cursor");
        let mut set = PolicySet::check(Sources::of("a.toll", &text.replace("<CURSOR>", "")));
        hover(&mut set, FileId(0), offset as u32).map(|hover| hover.text)
    }

    #[test]
    fn a_rule_says_what_it_is_and_where_it_is_filed() {
        let text = "package shop\n/// Refunds are for people.\n/// Always.\n@severity(\"high\") @owner(pay)\ndeny re<CURSOR>funds on \"pay/refund\" when agent.id == \"bot\"\n";
        let expected = "deny shop.refunds\n@severity(\"high\")\n@owner(pay)\n\nRefunds are for people.\nAlways.\n\n\
            filed under tool `pay/refund`; looked at for about 50 % of requests";
        assert_eq!(said(text).as_deref(), Some(expected));
    }

    #[test]
    fn a_rule_that_is_not_filed_says_so() {
        let always = said("package a\nallow <CURSOR>x when agent.id != \"a\"\n").unwrap();
        assert!(always.ends_with("\n\nfiled under nothing: looked at in every decision"), "{always}");
        let never = said("package a\nallow x<CURSOR> when agent.id in {\"a\"} and agent.id in []\n").unwrap();
        assert!(never.ends_with("\n\ncan never match"), "{never}");
    }

    #[test]
    fn a_set_with_errors_has_no_index() {
        assert_eq!(said("package a\nallow <CURSOR>x when 1\nreview y\n").as_deref(), Some("allow a.x"));
        assert_eq!(said("package a\nreview <CURSOR>y\nallow x when 1\n").as_deref(), Some("review a.y"));
    }

    #[test]
    fn other_places_say_nothing() {
        assert_eq!(said("package a\nallow x when <CURSOR>true\n"), None);
        assert_eq!(said("package a\nlet <CURSOR>x = 1\n"), None);
    }
}
