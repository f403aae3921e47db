//! Whole items, to be filled in.

use tollgate_compiler::syntax::ast::ItemKind;

use super::snippet::Snippet;
use super::{About, Completion, Here, Kind};

/// The words that items begin with, each with what is shown and written.
const ITEMS: &[(&str, &str, &str)] = &[
    ("allow", "a rule that lets calls through", "allow ${1:name}\n  on \"${2:server/tool}\"\n  when ${3:true}"),
    (
        "review",
        "a rule by which a person must approve",
        "review ${1:name}\n  on \"${2:server/tool}\"\n  when ${3:true}\n  because \"${4:reason}\"\n  require approval(from: {\"${5:group}\"})",
    ),
    ("deny", "a rule that refuses calls", "deny ${1:name}\n  on \"${2:server/tool}\"\n  when ${3:true}\n  because \"${4:reason}\""),
    ("default", "what decides where no rule matches", "default ${1:deny} because \"${2:reason}\""),
    ("import", "another package's names", "import ${1:package}"),
    ("enum", "a closed set of words", "enum ${1:Name} { ${2:low} < ${3:high} }"),
    ("type", "a record type", "type ${1:Name} { ${2:field}: ${3:string} }"),
    ("data", "what whoever loads the policy gives it", "data ${1:name}: ${2:map<string>} = ${3:{\\}}"),
    ("let", "a value with a name", "let ${1:name} = ${2:value}"),
    ("fn", "a function", "fn ${1:name}(${2:value}: ${3:string}) -> ${4:bool} = ${5:true}"),
    ("score", "a sum of what holds", "score ${1:risk}: 0..=${2:100} {\n  ${3:40} when ${4:true} because \"${5:reason}\"\n}"),
    ("obligation", "what an enforcement point must do", "obligation ${1:name}(${2:value}: ${3:string})"),
    ("tool", "a tool with its arguments", "tool \"${1:server/name}\" { category: \"${2:read}\", args { ${3:name}: ${4:string} } }"),
    ("input", "the fields of the request", "input {\n  agent: Agent\n  tool: Tool\n  args: json = {\\}\n  ${1:context: Context = {\\}}\n}"),
    (
        "test",
        "a request and what is decided of it",
        "test \"${1:title}\" {\n  input { agent: {id: \"${2:agent}\"}, tool: {server: \"${3:server}\", name: \"${4:name}\"}, args: {$5} }\n  expect ${6:deny}\n}",
    ),
    (
        "test for",
        "a test of many cases",
        "test \"${1:title} {c.${2:name}}\" for c in [{${2:name}: \"$3\"}] {\n  input { agent: {id: c.${2:name}}, tool: {name: \"${4:name}\"} }\n  expect ${5:deny}\n}",
    ),
    ("property", "what is claimed of every request", "property \"${1:title}\" {\n  never ${2:allow} when ${3:true}\n}"),
];

/// Items, those aside of which a set or file has one already.
pub fn items(here: &Here<'_, '_, '_>) -> Vec<Completion> {
    let has_package = !here.set.package(here.reading.file).is_empty();
    let is_given = |word: &str| match word {
        "default" => here.set.program().default.is_some(),
        "input" => has_input(here),
        _ => false,
    };
    let items = ITEMS.iter().enumerate().filter(|(_, (word, ..))| !is_given(word));
    let mut found: Vec<Completion> = items.map(|(place, (word, says, written))| item(here, place, word, says, written)).collect();
    if !has_package {
        found.push(item(here, 0, "package", "the package of the file", "package ${1:policy}\n"));
    }
    found
}

fn item(here: &Here<'_, '_, '_>, place: usize, word: &str, says: &str, written: &str) -> Completion {
    let found = here.completion(word, Kind::Snippet, 8).detail(says).about(About::Word(word.to_owned()));
    let sort = if word == "package" { "0".to_owned() } else { format!("8{place:02}") };
    Completion { sort, ..found.snippet(Snippet::written(written)) }
}

/// Whether a file of the set's own has `input`.
fn has_input(here: &Here<'_, '_, '_>) -> bool {
    let own = super::catalog::files(here.set).take(here.set.own_files());
    own.flat_map(|file| here.set.items(file)).any(|at| at.item.is_some_and(|item| matches!(item.kind, ItemKind::Input { .. })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_compiler::format::format;

    /// What is written where every hint is left as it is.
    fn filled(written: &str) -> String {
        let mut out = String::new();
        let mut rest = written;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            rest = after.trim_start_matches(|letter: char| letter == '{' || letter.is_ascii_digit());
            if let Some(hint) = after.strip_prefix('{').and_then(|_| rest.strip_prefix(':')) {
                let end = hint.char_indices().find(|(at, letter)| *letter == '}' && !hint[..*at].ends_with('\\')).map(|(at, _)| at).unwrap();
                out.push_str(&hint[..end]);
                rest = &hint[end + 1..];
            }
        }
        (out + rest).replace("\\}", "}")
    }

    #[test]
    fn items_are_written_as_they_are_laid_out() {
        let mut wrong = Vec::new();
        // After `import`, a word of the language stands for the name.
        for (word, _, written) in ITEMS.iter().filter(|(word, ..)| *word != "import") {
            let text = format!("package a\n\n{}\n", filled(written));
            let laid_out = format(&text).unwrap_or_else(|found| panic!("{text}: {found:?}"));
            if laid_out != text {
                wrong.push(format!("{word}: {laid_out}"));
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }
}
