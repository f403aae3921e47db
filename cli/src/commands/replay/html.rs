//! A replay as one page that needs nothing else.

use std::fmt::Write as _;

use super::report::{Replayed, described, described_shadow};
use super::tally::Times;
use crate::html::{FOOT, escape, head};

/// Requests are long: they go on in the next line.
const STYLE: &str = "pre { white-space: pre-wrap; word-break: break-word; margin: .3rem 0; }\n";

/// The page.
pub fn page(replayed: &Replayed<'_>) -> String {
    let mut page = head("Replay", STYLE, "");
    // Writing to a string cannot fail.
    let _ = writeln!(page, "<h1>Replay</h1>\n<p>{}</p>", escape(&replayed.summary()));
    for (change, times) in &replayed.tally.changes {
        section(replayed, &described(change, times), times, &mut page);
    }
    if replayed.tally.others > 0 {
        let _ = writeln!(page, "<p>and {} more of other kinds</p>", replayed.tally.others);
    }
    for (why, times) in &replayed.tally.unreadable {
        section(replayed, &format!("not compared: {} × {why}", times.count), times, &mut page);
    }
    for (reason, times) in &replayed.tally.refused {
        section(replayed, &format!("denied before any rule: {} × {reason}", times.count), times, &mut page);
    }
    for (change, times) in &replayed.tally.shadow {
        section(replayed, &format!("shadow: {}", described_shadow(change, times)), times, &mut page);
    }
    page + FOOT
}

fn section(replayed: &Replayed<'_>, title: &str, times: &Times, page: &mut String) {
    let _ = writeln!(page, "<h2>{}</h2>", escape(title));
    for (place, input) in &times.samples {
        let _ = writeln!(page, "<small>{}</small><pre>{}</pre>", escape(&replayed.place(*place)), escape(input));
    }
}
