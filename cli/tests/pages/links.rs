//! Links lead somewhere.

use std::collections::BTreeSet;
use std::path::Path;

use super::{pages, root};

#[test]
fn links_lead_somewhere() {
    for page in pages() {
        for rest in page.text.split("](").skip(1) {
            let Some((target, _)) = rest.split_once(')') else { continue };
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if target.contains("://") {
                continue;
            }
            let from = root().join(&page.path);
            let to = if file.is_empty() { from } else { from.parent().unwrap().join(file) };
            assert!(to.exists(), "{}: `{target}` leads nowhere", page.path.display());
            let has_anchor = anchor.is_empty() || anchors(&to).contains(anchor);
            assert!(has_anchor, "{}: `{target}` names no heading", page.path.display());
        }
    }
}

/// The anchors of a page: those of its headings, and those that stand in it.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let anchor = |heading: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        heading.trim_start_matches('#').trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
    };
    let written = text.split("<a id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
    text.lines().filter(|line| line.starts_with('#')).map(anchor).chain(written).collect()
}
