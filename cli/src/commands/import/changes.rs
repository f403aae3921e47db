//! Changes of tools as a diff.

use serde_json::{Value, json};
use tollgate_import::mcp::{Change, What};

use crate::output::{Paint, tame};

/// The changes, one tool after the other: `-` is how it was, `+` how it is.
pub fn shown(changes: &[Change], paint: &Paint) -> String {
    let mut out = String::new();
    for change in changes {
        let (sign, end) = match change.what {
            What::Added => ("+", ""),
            What::Gone => ("-", ": its server has it no more"),
            What::Changed => ("~", ""),
        };
        out.push_str(&format!("{sign} tool \"{}\"{end}\n", tame(&change.tool)));
        // Of a new tool the declaration says it all.
        for difference in change.differences.iter().filter(|_| change.what == What::Changed) {
            let within = difference.path.rsplit_once('.').map(|(within, _)| format!("  (in {within})")).unwrap_or_default();
            for (sign, line) in [("-", &difference.before), ("+", &difference.after)] {
                let Some(line) = line else { continue };
                let line = format!("    {sign} {}{}", tame(line), tame(&within));
                out.push_str(&if sign == "-" { paint.notable(line) } else { line });
                out.push('\n');
            }
        }
    }
    out
}

/// The changes for programs.
pub fn as_json(changes: &[Change]) -> Value {
    let change = |change: &Change| {
        let what = match change.what {
            What::Added => "added",
            What::Gone => "gone",
            What::Changed => "changed",
        };
        let differences: Vec<Value> = change
            .differences
            .iter()
            .map(|difference| json!({"path": difference.path, "argument": difference.is_argument, "before": difference.before, "after": difference.after}))
            .collect();
        json!({"tool": change.tool, "what": what, "differences": differences})
    };
    changes.iter().map(change).collect()
}
