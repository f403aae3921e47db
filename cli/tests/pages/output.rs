//! Outputs as pages show them.

/// Whether the output is what a page shows, where `…` stands for anything.
pub fn fits(shown: &str, output: &str) -> bool {
    let (shown, output) = (tidy(shown), tidy(output));
    let mut parts = shown.split('…');
    let Some(mut rest) = parts.next().and_then(|first| output.strip_prefix(first)) else { return false };
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.is_empty()
}

/// The text without spaces at the ends of its lines.
pub fn tidy(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// An output as a page shows it, without what changes: how long it took, and what identifies a policy.
pub fn shortened(text: &str) -> String {
    let hex = |c: char| c.is_ascii_hexdigit();
    let text = text.split("sha256:").enumerate().map(|(at, part)| if at == 0 { part } else { part.trim_start_matches(hex) }).collect::<Vec<_>>();
    let text = text.join("sha256:…");
    let parts: Vec<&str> = text.split(" ms)").collect();
    let last = parts.len() - 1;
    let parts = parts.iter().enumerate().map(|(at, part)| if at == last { part } else { part.trim_end_matches(|c: char| c.is_ascii_digit()) });
    parts.collect::<Vec<_>>().join("… ms)")
}

/// Whether pages are to be brought up to date.
pub fn updates() -> bool {
    std::env::var_os("TOLLGATE_UPDATE_DOCS").is_some()
}
