//! What the names in conditions mean: two conditions with the same words say something else where a definition that they name has changed.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_stdlib::write_json;

use super::text::{on_one_line, words};
use super::{Outlook, Residuals};

/// The names that mean something else in one of two sets than in the other: `let`s, `fn`s, scores, enums, types and data whose text or value differs,
/// and those that name such. Where packages have a name in common, each counts for all of them.
pub fn redefined(old: &Residuals<'_>, new: &Residuals<'_>) -> BTreeSet<String> {
    let (old, new) = (definitions(old), definitions(new));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut found: BTreeSet<String> = names.iter().filter(|name| old.get(**name) != new.get(**name)).map(|name| (*name).clone()).collect();
    let mut naming: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, definition) in old.iter().chain(&new) {
        for word in definition.texts.iter().flat_map(|text| words(text)) {
            naming.entry(word).or_default().push(name);
        }
    }
    let mut pending: Vec<String> = found.iter().cloned().collect();
    while let Some(name) = pending.pop() {
        for other in naming.get(name.as_str()).into_iter().flatten() {
            if found.insert((*other).to_owned()) {
                pending.push((*other).to_owned());
            }
        }
    }
    found
}

/// Those of some names that stand in an outlook's conditions.
pub fn mentioned(outlook: &Outlook, names: &BTreeSet<String>) -> BTreeSet<String> {
    let cases = outlook.clauses.iter().flat_map(|clause| &clause.cases);
    let conditions = cases.flat_map(|case| case.choices.iter().chain(&case.when).chain(&case.unless));
    let scores = outlook.scores.iter().flat_map(|score| score.parts.iter().flat_map(|(amount, when)| [amount, when]).chain([&score.name]));
    let found = conditions.chain(scores).flat_map(|text| words(text)).filter(|word| names.contains(*word));
    found.map(str::to_owned).collect()
}

/// What is defined under a name, in one package or several.
#[derive(Default, PartialEq)]
struct Definitions {
    /// As it is written.
    texts: Vec<String>,
    /// Of data the values that are bound, as JSON.
    values: Vec<Vec<u8>>,
}

fn definitions(residuals: &Residuals<'_>) -> BTreeMap<String, Definitions> {
    let mut found: BTreeMap<String, Definitions> = BTreeMap::new();
    for (name, text) in residuals.set.definitions() {
        found.entry(name.to_string()).or_default().texts.push(on_one_line(text));
    }
    for data in &residuals.set.program().data {
        let name = data.name.rsplit_once('.').map_or(&*data.name, |(_, name)| name);
        if let (Some(definitions), Ok(Some(value))) = (found.get_mut(name), residuals.engine.data_value(&data.name)) {
            let mut json = Vec::new();
            write_json(value.view(), &mut json);
            definitions.values.push(json);
        }
    }
    found.values_mut().for_each(|definitions| definitions.texts.sort_unstable());
    found
}
