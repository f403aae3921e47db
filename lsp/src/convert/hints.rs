//! What is shown between the lines.

use std::collections::HashMap;

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::Location;
use tollgate_compiler::syntax::ast::Span;
use tower_lsp::ls_types as lsp;

use crate::analysis::hints::{self, Hint, HintKind, Switches, TestResult, TestResults};
use crate::analysis::lenses::{self, Counted, Lens, LensCommand, LensKind, Measures};
use crate::analysis::live::{self, LiveHint};
use crate::commands;
use crate::edited::Edited;
use crate::tried::{self, Outcome};
use crate::view::{View, uri_of};

/// The most bytes of a recorded input.
const LONGEST: u64 = 8 << 20;

/// The hints of a range: types and parameters that are not written, what tests came to, and what becomes of the recorded input.
pub fn hints(view: &View, range: lsp::Range) -> Option<Vec<lsp::InlayHint>> {
    let (within, wishes) = (view.span(range), view.inputs.settings.inlay_hints);
    let switches = Switches { types: wishes.types, parameters: wishes.parameter_names };
    let results = wishes.effects.then(|| view.home.outcomes()).flatten().map(|outcomes| results(&outcomes.still));
    let mut found: Vec<lsp::InlayHint> =
        hints::hints(view.set(), view.file, within, switches, results.as_ref()).into_iter().map(|found| hint(view, found)).collect();
    if wishes.decisions {
        found.extend(live(view, within));
    }
    Some(found)
}

fn hint(view: &View, found: Hint) -> lsp::InlayHint {
    let kind = match found.kind {
        HintKind::Type => Some(lsp::InlayHintKind::TYPE),
        HintKind::Parameter => Some(lsp::InlayHintKind::PARAMETER),
        HintKind::Effect => None,
    };
    lsp::InlayHint {
        position: view.position(found.offset),
        label: lsp::InlayHintLabel::String(found.text),
        kind,
        text_edits: None,
        tooltip: found.tooltip.map(lsp::InlayHintTooltip::String),
        padding_left: Some(found.kind == HintKind::Effect),
        padding_right: Some(found.kind == HintKind::Parameter),
        data: None,
    }
}

fn results(outcomes: &[Outcome]) -> TestResults {
    let mut tests: Vec<TestResult> = Vec::new();
    for outcome in outcomes {
        match tests.iter_mut().find(|known| known.at == outcome.at) {
            Some(known) => {
                known.decided.extend(outcome.decided.iter().cloned());
                known.passed &= outcome.passed;
            }
            None => tests.push(TestResult { at: outcome.at, decided: outcome.decided.clone(), passed: outcome.passed }),
        }
    }
    TestResults { tests }
}

/// What becomes of the recorded input that was chosen or that the project names, line by line; why nothing does, at the top of the file.
fn live(view: &View, within: Span) -> Vec<lsp::InlayHint> {
    let project = &view.home.project;
    let Some(input) = commands::active_input(view) else { return Vec::new() };
    let told = |hint: LiveHint| lsp::InlayHint {
        position: view.position(hint.offset),
        label: lsp::InlayHintLabel::String(hint.text),
        kind: None,
        text_edits: None,
        tooltip: Some(lsp::InlayHintTooltip::String(hint.tooltip)),
        padding_left: Some(true),
        padding_right: None,
        data: None,
    };
    let shown = input.file_name().unwrap_or(input.as_os_str()).to_string_lossy();
    let failed = |reason: &str| live::failed(view.set(), view.file, within, &shown, reason).into_iter().map(told).collect();
    let Some(request) = view.inputs.read(input, LONGEST) else { return failed("it is no file that can be read, or a very large one") };
    if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&request) {
        return failed(&format!("it is no JSON: {error}"));
    }
    let mut set = PolicySet::clone(view.set());
    match live::live(&mut set, &tried::data(project.data.as_deref()), &request) {
        Ok(found) => live::annotations(&set, &found, view.file, within).into_iter().map(told).collect(),
        Err(reason) => failed(&reason),
    }
}

/// The lines over items: what runs their tests, and what is known of them.
pub fn lenses(view: &View) -> Option<Vec<lsp::CodeLens>> {
    let wishes = view.inputs.settings.code_lens;
    let is_wanted = |lens: &Lens| match lens.kind {
        LensKind::Run => wishes.tests,
        LensKind::Coverage => wishes.coverage,
        LensKind::Replay => wishes.replay,
    };
    let (tests, unsure) = view.home.outcomes().map(|outcomes| (tests_by_rule(outcomes.still), outcomes.unsure)).unzip();
    let replayed = view.home.replayed.as_ref().filter(|replayed| view.home.project.calls.as_ref() == Some(&replayed.path));
    let decided_otherwise = replayed.map(|replayed| Edited::since(&replayed.sources, view.set()).rules).unwrap_or_default();
    let measures = Measures {
        tests: tests.as_ref(),
        unsure: unsure.as_ref(),
        covered: view.home.studied.as_ref().map(|studied| &studied.tried.covered),
        replayed: replayed.map(|replayed| Counted {
            calls: replayed.calls,
            has_more: replayed.has_more,
            matched: &replayed.matched,
            unsure: &decided_otherwise,
        }),
    };
    let lens = |lens: Lens| Some(lsp::CodeLens { range: view.range_of(lens.at), command: Some(command(view, lens)?), data: None });
    Some(lenses::lenses(view.set(), view.file, &measures).into_iter().filter(is_wanted).filter_map(lens).collect())
}

/// Where the titles stand of the tests that match each rule.
fn tests_by_rule(outcomes: Vec<Outcome>) -> HashMap<String, Vec<Location>> {
    let mut tests: HashMap<String, Vec<Location>> = HashMap::new();
    for outcome in outcomes {
        for rule in outcome.matched {
            let known = tests.entry(rule).or_default();
            // The rows of a table follow one another.
            if known.last() != Some(&outcome.at) {
                known.push(outcome.at);
            }
        }
    }
    tests
}

/// What the editor does; see the extension's page on what is said beyond the protocol.
fn command(view: &View, lens: Lens) -> Option<lsp::Command> {
    let value = |uri: lsp::Uri| serde_json::to_value(uri).ok();
    let uri = value(view.uri(view.file)?)?;
    let (name, arguments) = match lens.command {
        LensCommand::RunTest(at) => ("tollgate.runTest", vec![uri, title_at(view, at).into()]),
        LensCommand::RunFile(_) => ("tollgate.runTests", vec![uri]),
        LensCommand::ShowTests(places) => {
            let places: Vec<lsp::Location> = places.into_iter().filter_map(|at| view.location(at)).collect();
            let position = serde_json::to_value(view.range_of(lens.at).start).ok()?;
            ("tollgate.showReferences", vec![uri, position, serde_json::to_value(places).ok()?])
        }
        LensCommand::OpenCalls => ("tollgate.openCalls", vec![value(uri_of(&view.inputs, view.home.project.calls.as_deref()?)?)?]),
        LensCommand::Nothing => ("", Vec::new()),
    };
    Some(lsp::Command { title: lens.title, command: name.to_owned(), arguments: Some(arguments) })
}

/// A title as it is written, without its quotes.
fn title_at(view: &View, at: Location) -> String {
    let literal = at.span.of(view.set().sources().text(at.file));
    literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(literal).to_owned()
}
