//! What the names in conditions mean: two conditions with the same words say something else where a definition that they name has changed.

use std::collections::{BTreeMap, BTreeSet};

use tollgate_stdlib::write_json;

use super::text::{on_one_line, words};
use super::{Case, Outlook, Residuals};
use crate::set::DefinitionKind;

/// What means something else in one of two sets than in the other: what is written otherwise, data with another value, and what names such. Where packages
/// have a name in common, each counts for all of them.
#[derive(Clone, Debug, Default)]
pub struct Redefined {
    /// The names of `let`s, `fn`s, scores, data and imports.
    pub values: BTreeSet<String>,
    /// Tools, as they are declared.
    pub tools: BTreeSet<String>,
    /// Types and enums, and `input`. Conditions ask of their values without naming them.
    pub types: BTreeSet<String>,
    /// The names of all values of either set, which mean what the package that names them makes of them.
    pub names: BTreeSet<String>,
}

impl Redefined {
    /// Compares two sets with their data.
    pub fn between(old: &Residuals<'_>, new: &Residuals<'_>) -> Redefined {
        let (old, new) = (definitions(old), definitions(new));
        let keys: BTreeSet<&Key> = old.keys().chain(new.keys()).collect();
        let mut found: BTreeSet<&Key> = keys.iter().copied().filter(|key| old.get(*key) != new.get(*key)).collect();
        let mut naming: BTreeMap<&str, Vec<&Key>> = BTreeMap::new();
        for (key, definition) in old.iter().chain(&new) {
            for word in definition.texts.iter().flat_map(|text| words(text)) {
                naming.entry(word).or_default().push(key);
            }
        }
        let mut pending: Vec<&Key> = found.iter().copied().collect();
        while let Some((_, name)) = pending.pop() {
            pending.extend(naming.get(name.as_str()).into_iter().flatten().copied().filter(|key| found.insert(key)));
        }
        let of = |kind, keys: &BTreeSet<&Key>| keys.iter().filter(|(known, _)| *known == kind).map(|(_, name)| name.clone()).collect();
        Redefined {
            values: of(DefinitionKind::Value, &found),
            tools: of(DefinitionKind::Tool, &found),
            types: of(DefinitionKind::Type, &found),
            names: of(DefinitionKind::Value, &keys),
        }
    }
}

/// Those of some names that stand in an outlook's conditions.
pub fn mentioned(outlook: &Outlook, names: &BTreeSet<String>) -> BTreeSet<String> {
    let conditions = outlook.clauses.iter().flat_map(|clause| &clause.cases).flat_map(texts);
    let scores = outlook.scores.iter().flat_map(|score| score.parts.iter().flat_map(|(amount, when)| [amount, when]).chain([&score.name]));
    let found = conditions.chain(scores).flat_map(|text| words(text)).filter(|word| names.contains(*word));
    found.map(str::to_owned).collect()
}

/// Whether any of some names stands in a case.
pub fn mentions_any(case: &Case, names: &BTreeSet<String>) -> bool {
    texts(case).flat_map(|text| words(text)).any(|word| names.contains(word))
}

fn texts(case: &Case) -> impl Iterator<Item = &String> {
    case.choices.iter().chain(&case.when).chain(&case.unless)
}

type Key = (DefinitionKind, String);

/// What is defined under a name, in one package or several.
#[derive(Default, PartialEq)]
struct Definitions {
    /// As it is written, behind the package.
    texts: Vec<String>,
    /// Of data the values that are bound, as JSON.
    values: Vec<Vec<u8>>,
}

fn definitions(residuals: &Residuals<'_>) -> BTreeMap<Key, Definitions> {
    let mut found: BTreeMap<Key, Definitions> = BTreeMap::new();
    for definition in residuals.set.definitions() {
        let text = format!("{}: {}", definition.package, on_one_line(definition.text));
        found.entry((definition.kind, definition.name.to_string())).or_default().texts.push(text);
    }
    for data in &residuals.set.program().data {
        let name = data.name.rsplit_once('.').map_or(&*data.name, |(_, name)| name);
        let definitions = found.get_mut(&(DefinitionKind::Value, name.to_owned()));
        if let (Some(definitions), Ok(Some(value))) = (definitions, residuals.engine.data_value(&data.name)) {
            let mut json = Vec::new();
            write_json(value.view(), &mut json);
            definitions.values.push(json);
        }
    }
    found.values_mut().for_each(|definitions| definitions.texts.sort_unstable());
    found
}
