//! The standard library's reference: its functions, and what of it is written in the language.

use tollgate_compiler::{PolicySet, Sources};
use tollgate_stdlib::{Function, all};

use super::anchors::escaped;
use super::layout::Code;
use super::model::{Files, Model};
use super::page::{Block, Page, Section, code, text};
use super::policies::parts;

const LEAD: &str = "Made from the functions' own source; every example is true, and is run as a test. The types, the input and the obligations of `std` stand at the end.\n\n\
    A method that may have nothing to give gives an optional. *Errs* means that it can end in an evaluation error. `T` and `U` stand for any type, \
    `collection` for a list, a set or the values of a map, `sequence` for a list or a set.";

/// The package of the standard library.
const STD: &str = "std";

/// The page.
pub fn page() -> Page {
    let set = PolicySet::check(Sources::new());
    let files = Files::read(&set, 0..set.sources().files().len(), str::to_owned);
    let model = Model::new(&set, &files);
    let declared: Vec<_> = model.packages.get(STD).map(|entries| model.all(entries).collect()).unwrap_or_default();
    let mut sections = functions();
    sections.extend(parts(&model, STD, &declared));
    sections.iter_mut().flat_map(|part| &mut part.sections).flat_map(|section| &mut section.blocks).for_each(quote);
    Page { title: "The standard library".to_owned(), lead: vec![Block::Doc(LEAD.to_owned())], sections }
}

/// Makes the source of an item code that stands for itself: it is no policy that somebody might want to compile.
fn quote(block: &mut Block) {
    if let Block::Source(code) = block {
        *block = Block::Example(std::mem::take(code));
    }
}

/// The functions of each kind of value, in the order of their tables.
fn functions() -> Vec<Section> {
    let mut sections: Vec<(&str, Section)> = Vec::new();
    for function in all() {
        let kind = function.key.split('.').next().unwrap_or_default();
        let section = function_section(function);
        match sections.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, functions)) => functions.sections.push(section),
            None => {
                let mut functions = Section::new(title(kind).replace(", ", "-").replace(' ', "-"), text(title(kind)));
                functions.sections.push(section);
                sections.push((kind, functions));
            }
        }
    }
    sections.into_iter().map(|(_, section)| section).collect()
}

fn function_section(function: &Function) -> Section {
    let mut section = Section::new(format!("fn.{}", escaped(function.key)), code(function.signature()));
    section.is_entry = true;
    section.label = code(function.name);
    let errs = if function.errs { " *Errs.*" } else { "" };
    section.blocks = vec![Block::Doc(format!("{}{errs}", function.doc)), Block::Example(Code::plain(function.example))];
    section
}

fn title(kind: &str) -> &str {
    match kind {
        "any" => "scalars, enums and json",
        "optional" => "optionals",
        "collection" => "list, set and map",
        "sequence" => "list and set",
        one => one,
    }
}
