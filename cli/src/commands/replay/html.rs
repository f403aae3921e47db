//! A replay as one page that needs nothing else.

use std::fmt::Write as _;

use super::report::{Replayed, described, described_shadow};
use super::tally::Times;
use crate::output::tame;

const STYLE: &str = "\
:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}\
h2{font-size:1.05rem;margin:1.6rem 0 .3rem}pre{background:color-mix(in srgb,currentColor 7%,transparent);border-radius:6px;margin:.3rem 0;\
overflow:auto;padding:.5rem .7rem;white-space:pre-wrap;word-break:break-word}small{opacity:.7}";

/// The page.
pub fn page(replayed: &Replayed<'_>) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Replay</title>\
         <style>{STYLE}</style>\n<h1>Replay</h1>\n<p>{}</p>\n",
        escaped(&replayed.summary())
    );
    for (change, times) in &replayed.tally.changes {
        section(replayed, &described(change, times), times, &mut page);
    }
    if replayed.tally.others > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(page, "<p>and {} more of other kinds</p>", replayed.tally.others);
    }
    for (change, times) in &replayed.tally.shadow {
        section(replayed, &format!("shadow: {}", described_shadow(change, times)), times, &mut page);
    }
    page.push_str("</html>\n");
    page
}

fn section(replayed: &Replayed<'_>, title: &str, times: &Times, page: &mut String) {
    let _ = writeln!(page, "<h2>{}</h2>", escaped(title));
    for (place, input) in &times.samples {
        let _ = writeln!(page, "<small>{}</small><pre>{}</pre>", escaped(&replayed.place(*place)), escaped(input));
    }
}

fn escaped(text: &str) -> String {
    tame(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
