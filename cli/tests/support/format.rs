//! The formatter on every file of a case: it is idempotent and changes nothing that matters.

use tollgate_compiler::format::format;
use tollgate_compiler::{PolicySet, Sources};

use super::case::errors;

/// What the formatter does wrong; files that it refuses, for syntax errors, are left as they are.
pub fn faults(sources: &Sources, set: &PolicySet) -> Vec<String> {
    let mut faults = Vec::new();
    let mut formatted = Sources::new();
    for source in sources.files() {
        let text = format(&source.text).unwrap_or_else(|_| source.text.to_string());
        match format(&text) {
            Ok(again) if again != text => faults.push(format!("{}: formatting it twice is not formatting it once", source.path)),
            Err(_) if format(&source.text).is_ok() => faults.push(format!("{}: formatted it does not parse", source.path)),
            _ => {}
        }
        formatted.add(source.path.clone(), text);
    }
    let formatted = PolicySet::check(formatted);
    let (before, after) = (errors(set).count(), errors(&formatted).count());
    if before != after {
        faults.push(format!("formatted it has {after} errors, as it was {before}"));
    } else if before == 0 && digest(set) != digest(&formatted) {
        faults.push("formatted it has another digest".to_owned());
    }
    faults
}

fn digest(set: &PolicySet) -> Option<String> {
    Some(set.compile().ok()?.plan.digest())
}
