//! A call as a test.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::format::{format, quoted};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_evaluator::{Decision, Engine};

use super::value::Value;
use super::{Action, ActionKind, Change, Cursor, TextEdit, item_at, text_of, written};
use crate::analysis::calls;

/// How deep values that stand in for data are.
const DEEPEST: usize = 4;

/// A recorded call, with the data by which it is decided.
#[derive(Clone, Debug)]
pub struct RecordedCall {
    /// What a test of it is called.
    pub title: String,
    /// The call, as [`calls::request`] reads it.
    pub json: String,
    /// The data that the host binds, by name, as JSON: a test finds them bound.
    pub data: Vec<(String, Vec<u8>)>,
}

/// Reads a recorded call, or says why there is none.
pub type ReadCall<'a> = &'a dyn Fn() -> Result<RecordedCall, String>;

/// Offers a test of a recorded call of that name where a file, a rule, or a test begins; it is made when it is asked for.
pub fn of_call(set: &PolicySet, at: Cursor, name: &str) -> Option<Action> {
    let place = item_at(set, at)?;
    let end = match &place.item?.kind {
        ItemKind::Package(path) => path.span.end,
        ItemKind::Rule(rule) => rule.name.span.end,
        ItemKind::Test(test) => test.title.span.end,
        _ => return None,
    };
    let is_offered = at.offset <= place.start + end && !set.has_errors() && (at.file.0 as usize) < set.own_files();
    let action = Action::new(format!("write a test of the call in `{name}`"), ActionKind::Rewrite, Vec::new());
    is_offered.then_some(Action { change: Change::TestOfCall(at.file), ..action })
}

/// A test of a recorded call, which says what the set decides of it: in a file, or where none is given in that of the first rule that decides.
///
/// # Errors
/// Why there is none, in a sentence for the author.
pub fn test_of_call(set: &PolicySet, file: Option<FileId>, call: &RecordedCall) -> Result<TextEdit, String> {
    let input = calls::request(&call.json).ok_or("the call is no JSON object")?;
    let engine = engine(set)?;
    for (name, json) in &call.data {
        // What does not fit is said elsewhere.
        let _unfit = engine.set_data(name, json);
    }
    let data = unbound(set, &engine);
    bind(&engine, &data)?;
    if let Err(refused) = engine.read(input.to_json().as_bytes()) {
        let reason = refused.errors().next().map(|problem| problem.message.to_string()).unwrap_or_default();
        return Err(format!("this is no call: {reason}"));
    }
    let file = file.or_else(|| file_for(set, &engine, &input)).ok_or("there are no policies to decide the call")?;
    let at = place(set, file);
    let title = free_title(set, at.file, &call.title);
    Ok(inserted(set, at, &test(set, at.file, &title, &input, &data, &engine)))
}

/// The file of the first rule that decides a request; where none does, the first file with rules.
fn file_for(set: &PolicySet, engine: &Engine, input: &Value) -> Option<FileId> {
    let decision = engine.decide(input.to_json().as_bytes());
    let rules = &set.program().rules;
    let rule = decision.rules().find_map(|name| rules.binary_search_by(|rule| (*rule.name).cmp(name)).ok()).and_then(|place| rules.get(place));
    rule.map(|rule| set.place(rule.at).file).or_else(|| rules.iter().map(|rule| set.place(rule.at).file).min())
}

/// Where a test goes: behind the last one of the file that has its package's tests, else at the end of the given file.
fn place(set: &PolicySet, file: FileId) -> Location {
    let file = file_of_tests(set, file).unwrap_or(file);
    let last = set.items(file).filter(is_test).map(|item| item.span.end).last();
    let offset = last.unwrap_or(text_of(set, file).len() as u32);
    Location { file, span: Span { start: offset, end: offset } }
}

/// The file that has the tests of a file's package: itself, or another.
pub fn file_of_tests(set: &PolicySet, file: FileId) -> Option<FileId> {
    let has_tests = |file: &FileId| set.items(*file).any(|item| is_test(&item));
    let others = (0..).map(FileId).take(set.own_files()).filter(|other| set.package(*other) == set.package(file));
    [file].into_iter().chain(others).find(has_tests)
}

fn is_test(item: &tollgate_compiler::ItemAt<'_>) -> bool {
    item.item.is_some_and(|item| matches!(item.kind, ItemKind::Test(_)))
}

/// A test put in at a place between items.
pub fn inserted(set: &PolicySet, at: Location, test: &str) -> TextEdit {
    let text = text_of(set, at.file);
    // What is said at the end of its line belongs to the item before.
    let line = text.get(at.span.start as usize..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let offset = at.span.start + if line.trim_start().starts_with("//") { line.len() as u32 } else { 0 };
    let at = Location { span: Span { start: offset, end: offset }, ..at };
    let is_at_end = at.span.start as usize == text.len();
    let before = if is_at_end && text.ends_with('\n') { "\n" } else { "\n\n" };
    TextEdit { at, text: format!("{before}{}", if is_at_end { test } else { test.trim_end() }) }
}

/// A title that no test of the file has.
fn free_title(set: &PolicySet, file: FileId, title: &str) -> String {
    let text = text_of(set, file);
    let numbered = (2..10_000).map(|number| format!("{title} ({number})"));
    let mut titles = [title.to_owned()].into_iter().chain(numbered);
    titles.find(|title| !text.contains(&quoted(title))).unwrap_or_else(|| title.to_owned())
}

/// An engine of the set.
pub fn engine(set: &PolicySet) -> Result<Engine, String> {
    let compiled = set.compile().map_err(|_| "the policies have errors".to_owned())?;
    compiled.into_engine().map_err(|error| error.to_string())
}

/// Some values for the data that only a host binds.
pub fn unbound(set: &PolicySet, engine: &Engine) -> Vec<(String, Value)> {
    let names = engine.unbound();
    let data = set.program().data.iter().filter(|data| names.iter().any(|name| **name == *data.name));
    data.map(|data| (data.name.to_string(), Value::of_type(&data.ty, DEEPEST))).collect()
}

/// Binds data.
pub fn bind(engine: &Engine, data: &[(String, Value)]) -> Result<(), String> {
    engine.set_all(data.iter().map(|(name, value)| (name, value.to_json()))).map_err(|error| error.to_string())
}

/// The text of a test that holds: the request, the data, and what the engine decides.
pub fn test(set: &PolicySet, file: FileId, title: &str, input: &Value, data: &[(String, Value)], engine: &Engine) -> String {
    let decision = engine.decide(input.to_json().as_bytes());
    let data: Vec<String> =
        data.iter().filter_map(|(name, value)| Some(format!("  data {} = {}\n", written::name(set, file, name)?, value.to_literal()))).collect();
    let text =
        format!("test {} {{\n  input {}\n{}  expect {}\n}}\n", quoted(title), input.to_literal(), data.concat(), expected(set, file, &decision));
    laid_out(&text)
}

/// What is expected: the rules by name, where the file can name them all.
fn expected(set: &PolicySet, file: FileId, decision: &Decision) -> String {
    let effect = decision.effect();
    let rules: Option<Vec<String>> = decision.rules().map(|rule| written::name(set, file, rule)).collect();
    match rules {
        Some(rules) if rules.is_empty() => format!("{effect} by none"),
        Some(rules) => format!("{effect} by {}", rules.join(", ")),
        None => effect.to_string(),
    }
}

fn laid_out(test: &str) -> String {
    let whole = format(&format!("package a\n\n{test}"));
    whole.ok().and_then(|text| text.split_once("\n\n").map(|(_, test)| test.to_owned())).unwrap_or_else(|| test.to_owned())
}
