//! The standard library's page is made from its source. `pages` holds the other pages to the code.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use tollgate_stdlib::{Bound, Function, Param, Sig, Var, all};

/// Rewrites `docs/standard-library.md` instead of comparing it.
const UPDATE: &str = "TOLLGATE_UPDATE_DOCS";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_page_of_the_standard_library_is_current() {
    let path = root().join("docs/standard-library.md");
    let current = standard_library();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/standard-library.md is out of date: run this test once with {UPDATE}=1");
}

/// The page, with the functions of each kind of value in the order of their tables.
fn standard_library() -> String {
    let mut page = String::from(
        "# The standard library\n\nMade from the functions' own source; every example is true, and is run as a test. The types and obligations of `std` are written in the\n\
         language: [std.toll](../stdlib/std/std.toll).\n\nA method that may have nothing to give gives an optional. *Errs* means that it can end in an evaluation error. `T` and `U` stand for any type, \
         `collection` for a list, a set or the values of a map, `sequence` for a list or a set.\n",
    );
    let mut groups: Vec<(&str, Vec<&Function>)> = Vec::new();
    for function in all() {
        let kind = function.key.split('.').next().unwrap_or_default();
        match groups.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, functions)) => functions.push(function),
            None => groups.push((kind, vec![function])),
        }
    }
    for (kind, functions) in groups {
        let _ = write!(page, "\n## {}\n", title(kind));
        for function in functions {
            let errs = if function.errs { " Errs." } else { "" };
            let _ = write!(page, "\n**`{}`**\\\n{}{errs}\n\n    {}\n", signature(function), function.doc, function.example);
        }
    }
    page
}

fn title(kind: &str) -> String {
    match kind {
        "any" => "scalars, enums and json".to_owned(),
        "collection" => "list, set and map".to_owned(),
        "sequence" => "list and set".to_owned(),
        one => one.to_owned(),
    }
}

fn signature(function: &Function) -> String {
    let param = |param: &Param| format!("{}{}: {}", param.name, if param.optional { "?" } else { "" }, type_text(&param.sig));
    let params: Vec<String> = function.params.iter().skip(1).map(param).collect();
    let receiver = function.params.first().map(|receiver| type_text(&receiver.sig)).unwrap_or_default();
    let result = if function.result == Sig::Receiver { receiver.clone() } else { type_text(&function.result) };
    format!("{receiver}.{}({}) -> {result}", function.name, params.join(", "))
}

fn type_text(sig: &Sig) -> String {
    let of = |name: &str, inner: &Sig| format!("{name}<{}>", type_text(inner));
    match sig {
        Sig::Bool => "bool".to_owned(),
        Sig::Int => "int".to_owned(),
        Sig::Decimal => "decimal".to_owned(),
        Sig::Duration => "duration".to_owned(),
        Sig::Timestamp => "timestamp".to_owned(),
        Sig::Ip => "ip".to_owned(),
        Sig::Cidr => "cidr".to_owned(),
        Sig::Str => "string".to_owned(),
        Sig::Json => "json".to_owned(),
        Sig::Enum => "enum".to_owned(),
        Sig::Any => "any".to_owned(),
        Sig::Named(name) => (*name).to_owned(),
        Sig::Var(_, Bound::Address) => "ip|cidr".to_owned(),
        Sig::Var(Var::T, _) => "T".to_owned(),
        Sig::Var(Var::U, _) => "U".to_owned(),
        Sig::List(inner) => of("list", inner),
        Sig::Set(inner) => of("set", inner),
        Sig::Map(inner) => of("map", inner),
        Sig::Collection(inner) => of("collection", inner),
        Sig::Sequence(inner) => of("sequence", inner),
        Sig::Receiver => "the same".to_owned(),
        Sig::Optional(inner) => format!("{}?", type_text(inner)),
        Sig::Lambda(from, to) => format!("{} => {}", type_text(from), type_text(to)),
    }
}
