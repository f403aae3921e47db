//! Keywords, annotations, and what goes with them.

use tollgate_compiler::lint;

use super::context::{Role, roles};
use super::snippet::{Snippet, quoted};
use super::{About, Completion, Here, Kind};
use crate::analysis::reading::Inside;

/// What is written for a word, where that is more than the word.
const WRITTEN: &[(&str, &str)] = &[
    ("on", "on \"$1\""),
    ("for", "for ${1:x} in $2"),
    ("because", "because \"$1\""),
    ("like", "like \"$1\""),
    ("matches", "matches r\"$1\""),
    ("with", "with { $1 }"),
    ("if", "if ${1:condition} then ${2:value} else ${3:value}"),
    ("input", "input { $1 }"),
    ("data", "data ${1:name} = $2"),
    ("result", "result { $1 }"),
    ("step", "step \"${1:title}\" {\n  input { $2 }\n  expect $3\n}"),
    ("args", "args { $1 }"),
    ("category", "category: \"$1\""),
    ("title", "title: \"$1\""),
    ("labels", "labels: {\"$1\"}"),
    ("read_only", "read_only: ${1:true}"),
    ("destructive", "destructive: ${1:false}"),
    ("idempotent", "idempotent: ${1:true}"),
    ("open_world", "open_world: ${1:false}"),
];

/// The annotations that have a meaning, with what is written for each.
pub const ANNOTATIONS: [(&str, &str, &str); 8] = [
    ("id", "id(\"$1\")", "an identifier that decisions show with the rule's reason"),
    ("title", "title(\"$1\")", "a short title"),
    ("severity", "severity(\"$1\")", "how grave it is, such as `\"high\"`"),
    ("owner", "owner(\"$1\")", "who looks after it"),
    ("compliance", "compliance(\"$1\")", "what it is there for, such as a control of a standard"),
    ("deprecated", "deprecated(\"$1\")", "it is not to be used any more; says what is"),
    ("allow", "allow($1)", "leaves it out of lints"),
    ("shadow", "shadow", "the rule reports what it would have done, without taking part"),
];

const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];

/// Keywords; those after others are shown after them.
pub fn words(here: &Here<'_, '_, '_>, words: &[&str]) -> Vec<Completion> {
    words.iter().enumerate().map(|(place, word)| self::word(here, word, place)).collect()
}

fn word(here: &Here<'_, '_, '_>, word: &str, place: usize) -> Completion {
    let found = here.completion(word, Kind::Keyword, 6).about(About::Word(word.to_owned()));
    let found = Completion { sort: format!("6{place:02}"), ..found };
    match WRITTEN.iter().find(|(known, _)| *known == word) {
        Some((_, written)) => found.snippet(Snippet::written(written)),
        None => found,
    }
}

/// Annotations.
pub fn annotations(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let known = ANNOTATIONS.iter().map(|(name, written, says)| {
        let found = here.completion(*name, Kind::Annotation, 1).about(About::Annotation((*name).to_owned())).detail(*says);
        if here.is_called() { found } else { found.snippet(Snippet::written(written)) }
    });
    known.collect()
}

/// What the annotation around the cursor takes.
pub fn arguments(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let is_text = matches!(here.reading.inside, Inside::Text { .. });
    match roles(here.reading).last() {
        Some(Role::Annotation("severity")) => {
            let severities = SEVERITIES.iter().enumerate();
            let label = |word: &str| if is_text { word.to_owned() } else { quoted(word) };
            severities.map(|(place, word)| Completion { sort: format!("1{place}"), ..here.completion(label(word), Kind::Variant, 1) }).collect()
        }
        Some(Role::Annotation("allow")) => {
            let name = |name: &str| if is_text { name.to_owned() } else { name.replace('-', "_") };
            let lints = lint::lints()
                .map(|code| here.completion(name(code.name()), Kind::Lint, 1).detail(code.summary()).about(About::Lint(code.name().to_owned())));
            lints.collect()
        }
        _ => Vec::new(),
    }
}
