//! What is said of a name.

use std::fmt::Write as _;

use tollgate_compiler::lower::IndexReport;
use tollgate_compiler::program::{Expectation, ExpectedRules};
use tollgate_compiler::syntax::ast::ItemKind;
use tollgate_compiler::{Inspection, PolicySet, Symbol, SymbolKind, Use};
use tollgate_evaluator::Kept;
use tollgate_stdlib::Function;
use tollgate_stdlib::types::{EnumType, Type};

use crate::analysis::markdown::{code, comment, fenced};

use super::declaration::{Declaration, cut, declaration};
use super::{line, words};

/// How many tools of a pattern are named.
const MOST_TOOLS: usize = 10;

/// The longest value of a constant that is shown, in bytes.
const LONGEST_VALUE: usize = 200;

/// What is said of a thing: its declaration, its documentation, and what is known of it.
pub fn about(set: &PolicySet, filed: Option<&IndexReport>, symbol: &Symbol) -> Option<String> {
    let declared = symbol.at.and_then(|at| declaration(set, at));
    let head = match &symbol.kind {
        SymbolKind::Method(function) => return Some(method(function)),
        SymbolKind::Constructor => return words::constructor(&symbol.name),
        SymbolKind::Fact(fact) => {
            return Some(format!("{}\n\n{}", fenced(&format!("tool.{}: {}", fact.name(), symbol.ty)), line(words::fact(*fact), "facts about tools")));
        }
        SymbolKind::Package => return Some(package(set, &symbol.name)),
        SymbolKind::Variable => format!("{}: {}", symbol.name, symbol.ty),
        SymbolKind::Field if is_of_tools(symbol, declared.as_ref()) => format!("{}: {}", symbol.name, symbol.ty),
        SymbolKind::Field => {
            declared.and_then(|place| Some(place.of_field(place.field()?))).unwrap_or_else(|| format!("{}: {}", symbol.name, symbol.ty))
        }
        SymbolKind::Parameter => declared.and_then(|place| place.parameter()).unwrap_or_else(|| format!("{}: {}", symbol.name, symbol.ty)),
        SymbolKind::Variant => variants(&symbol.ty, declared.as_ref()),
        _ => declared.map_or_else(|| symbol.name.to_string(), |place| place.head(inferred(&symbol.ty).as_deref())),
    };
    let mut told = vec![fenced(&head)];
    told.extend(declared.as_ref().and_then(|place| documentation(place, &symbol.kind)));
    told.extend(known(set, filed, symbol, declared.as_ref()));
    Some(told.join("\n\n"))
}

/// Whether it is the request's `args`, typed by the tools of a rule's `on`.
fn is_of_tools(symbol: &Symbol, declared: Option<&Declaration<'_>>) -> bool {
    let is_args = *symbol.name == *"args" && matches!(symbol.ty, Type::Record(_));
    is_args && declared.is_some_and(|place| matches!(place.item.kind, ItemKind::Input { .. }))
}

/// What is said of an entry of `on` that takes several tools.
pub fn tools<'t>(named: impl Iterator<Item = &'t str>) -> Option<String> {
    let mut names: Vec<&str> = named.collect();
    names.sort_unstable();
    names.dedup();
    let more = names.len().saturating_sub(MOST_TOOLS);
    let mut told = format!("takes {} tools\n", names.len());
    for name in names.iter().take(MOST_TOOLS) {
        let _ = write!(told, "\n- {}", code(name));
    }
    if more > 0 {
        let _ = write!(told, "\n- and {more} more");
    }
    (names.len() > 1).then_some(told)
}

/// The type of an expression that ends with a name, where what is known there makes it another than the name's own.
pub fn narrowed(inspection: &Inspection, used: &Use) -> Option<String> {
    let ends_with = |at: tollgate_compiler::diagnostic::Location| at.span.end == used.at.span.end && at.span.start <= used.at.span.start;
    let values = inspection.values.iter().filter(|(at, _)| ends_with(*at));
    let (_, ty) = values.min_by_key(|(at, _)| at.span.end - at.span.start)?;
    let is_news = !matches!(used.symbol.kind, SymbolKind::Variant | SymbolKind::Method(_) | SymbolKind::Package | SymbolKind::Tool);
    let differs = !ty.is_error() && !used.symbol.ty.is_error() && ty.to_string() != used.symbol.ty.to_string();
    (is_news && differs).then(|| format!("here {}", code(&ty.to_string())))
}

fn inferred(ty: &Type) -> Option<String> {
    (!ty.is_error()).then(|| ty.to_string())
}

fn documentation(place: &Declaration<'_>, kind: &SymbolKind) -> Option<String> {
    let doc = match kind {
        SymbolKind::Field => &place.field()?.doc,
        SymbolKind::Variable | SymbolKind::Parameter | SymbolKind::Variant => return None,
        _ => &place.item.doc,
    };
    let doc = comment(doc);
    (!doc.is_empty()).then_some(doc)
}

/// What is known of a thing beyond its declaration.
fn known(set: &PolicySet, filed: Option<&IndexReport>, symbol: &Symbol, declared: Option<&Declaration<'_>>) -> Vec<String> {
    match &symbol.kind {
        SymbolKind::Rule => [filing(filed, &symbol.name), Some(tests_of(set, &symbol.name))].into_iter().flatten().collect(),
        SymbolKind::Let => constant(set, symbol, declared).into_iter().collect(),
        SymbolKind::Tool => facts(set, &symbol.name).into_iter().collect(),
        SymbolKind::Variant => rank(&symbol.ty, &symbol.name).into_iter().collect(),
        SymbolKind::Variable => declared.map(|place| place.variable().to_owned()).into_iter().collect(),
        SymbolKind::Field | SymbolKind::Parameter => declared.and_then(owner).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// What a field or parameter belongs to.
fn owner(place: &Declaration<'_>) -> Option<String> {
    let (kind, name) = match &place.item.kind {
        ItemKind::Type { name, .. } => ("type", &name.text),
        ItemKind::Data { name, .. } => ("data", &name.text),
        ItemKind::Tool(tool) => ("tool", &tool.name.text),
        ItemKind::Obligation { name, .. } => ("obligation", &name.text),
        ItemKind::Fn { name, .. } => ("function", &name.text),
        ItemKind::Input { .. } => return Some("a field of the request".to_owned()),
        _ => return None,
    };
    Some(format!("of the {kind} {}", code(name)))
}

fn filing(filed: Option<&IndexReport>, rule: &str) -> Option<String> {
    let rules = &filed?.rules;
    let place = rules.binary_search_by(|filed| (*filed.rule).cmp(rule)).ok()?;
    // It quotes conditions, which are anybody's text.
    rules.get(place).map(|filed| comment(&filed.sentence()).trim_end().to_owned())
}

/// How many tests expect a rule by name.
fn tests_of(set: &PolicySet, rule: &str) -> String {
    let names = |expectation: &Expectation| matches!(expectation, Expectation::Effect { by: ExpectedRules::Exactly(rules), .. } if rules.iter().any(|name| **name == *rule));
    let tests = set.program().tests.iter().filter(|test| test.steps.iter().any(|step| step.expect.iter().any(names)));
    match tests.count() {
        0 => "no test expects it".to_owned(),
        1 => "1 test expects it".to_owned(),
        several => format!("{several} tests expect it"),
    }
}

/// The value of a `let` that is constant, where its declaration does not show it.
fn constant(set: &PolicySet, symbol: &Symbol, declared: Option<&Declaration<'_>>) -> Option<String> {
    let definition = set.program().definitions.iter().find(|definition| definition.name == symbol.name)?;
    let value = definition.body.constant()?;
    let text = match value {
        Kept::Str(text) => format!("\"{text}\""),
        other => other.view().to_string(),
    };
    let ItemKind::Let { value: written, .. } = &declared?.item.kind else { return None };
    let is_shown = tollgate_compiler::format::expr_to_text(written) == text;
    (!is_shown && !text.is_empty()).then(|| format!("always {}", code(&cut(&text, LONGEST_VALUE))))
}

/// The facts of a tool, those with them that it does not write.
fn facts(set: &PolicySet, name: &str) -> Option<String> {
    let tools = &set.program().tools;
    let tool = tools.get(tools.binary_search_by(|tool| (*tool.name).cmp(name)).ok()?)?;
    let mut told = String::new();
    for (fact, value) in tollgate_evaluator::plan::Fact::ALL.into_iter().zip(&tool.facts) {
        let text = value.view().to_string();
        if fact != tollgate_evaluator::plan::Fact::Declared && !text.is_empty() {
            let _ = write!(told, "{}{} {}", if told.is_empty() { "" } else { ", " }, fact.name().replace('_', " "), code(&text));
        }
    }
    Some(told)
}

fn variants(ty: &Type, declared: Option<&Declaration<'_>>) -> String {
    match (declared.map(|place| &place.item.kind), ty.present()) {
        (Some(ItemKind::Enum { .. }), _) => declared.map(|place| place.head(None)).unwrap_or_default(),
        (_, Type::Enum(ty)) => cut(&written(ty), LONGEST_VALUE),
        (_, ty) => ty.to_string(),
    }
}

fn written(ty: &EnumType) -> String {
    let names: Vec<String> = ty.variants.iter().map(|name| format!("\"{name}\"")).collect();
    names.join(if ty.ordered { " < " } else { " | " })
}

fn rank(ty: &Type, variant: &str) -> Option<String> {
    let Type::Enum(ty) = ty.present() else { return None };
    let of = ty.name.as_ref().map(|name| format!(" of {}", code(name))).unwrap_or_default();
    let place = ty.variants.iter().position(|known| **known == *variant)? + 1;
    Some(match ty.ordered {
        true => format!("{}{of}, number {place} of {} from the least", code(&format!("\"{variant}\"")), ty.variants.len()),
        false => format!("{}{of}, one of {}", code(&format!("\"{variant}\"")), ty.variants.len()),
    })
}

fn package(set: &PolicySet, name: &str) -> String {
    let files: Vec<_> =
        (0..).map(tollgate_compiler::diagnostic::FileId).take(set.sources().files().len()).filter(|file| set.package(*file) == name).collect();
    let docs = files.iter().flat_map(|file| set.items(*file)).filter_map(|item| item.item);
    let docs = docs.filter(|item| matches!(item.kind, ItemKind::Package(_)) && !item.doc.is_empty()).map(|item| comment(&item.doc));
    let count = if files.len() == 1 { "1 file".to_owned() } else { format!("{} files", files.len()) };
    [fenced(&format!("package {name}"))].into_iter().chain(docs).chain([count]).collect::<Vec<_>>().join("\n\n")
}

fn method(function: &Function) -> String {
    let errs = if function.errs { " Ends in an error where that cannot be." } else { "" };
    format!("{}\n\n{}{errs}\n\n{}", fenced(&function.signature()), function.doc, fenced(function.example))
}
