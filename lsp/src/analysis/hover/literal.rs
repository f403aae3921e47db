//! Literals in words.

use tollgate_compiler::syntax::lexer::TokenKind;
use tollgate_stdlib::Timestamp;
use tollgate_stdlib::scalar::parse_duration;

const UNITS: [(i64, &str); 5] =
    [(86_400_000_000_000, "day"), (3_600_000_000_000, "hour"), (60_000_000_000, "minute"), (1_000_000_000, "second"), (1_000_000, "millisecond")];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/// A duration or an instant in words.
pub fn in_words(kind: TokenKind, text: &str, ty: Option<&str>) -> Option<String> {
    match kind {
        TokenKind::Duration => duration(parse_duration(&text.replace('_', ""))?),
        TokenKind::String if ty == Some("timestamp") => instant(Timestamp::parse(text.trim_matches('"'))?),
        _ => None,
    }
}

fn duration(nanos: i64) -> Option<String> {
    let mut rest = nanos;
    let mut parts = Vec::new();
    for (size, unit) in UNITS {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {unit}{}", if count == 1 { "" } else { "s" }));
        }
    }
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn instant(at: Timestamp) -> Option<String> {
    let civil = at.civil(0);
    let name = |names: &[&'static str], number: i64| names.get(usize::try_from(number - 1).ok()?).copied();
    let (day, month) = (name(&DAYS, civil.weekday)?, name(&MONTHS, civil.month)?);
    Some(format!("{day}, {} {month} {}, {:02}:{:02}:{:02} UTC", civil.day, civil.year, civil.hour, civil.minute, civil.second))
}
