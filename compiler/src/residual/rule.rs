//! When a rule matches.

use tollgate_evaluator::{Effect, Kept};

use super::expression::{Asking, Binding, Form, Found, Scope, Text};
use super::text::{mentions, on_one_line};
use super::{Case, Match};
use crate::lower::RuleOutline;
use crate::program::Rule;

/// Elements of a list, set or map that are looked at one by one.
const MAX_ELEMENTS: usize = 4_096;
/// Cases that are told one by one: of more, the `for` is told as it is written.
const MAX_CASES: usize = 6;

/// A rule that is looked at.
struct Looking<'a, 'r> {
    asking: &'a mut Asking<'r>,
    rule: &'r Rule,
    outline: &'r RuleOutline,
    scope: Scope<'r>,
    /// What is told of the choices so far; `None` of one that no text may name.
    told: Vec<Option<String>>,
    elements: usize,
}

/// A text names a variable, by its place, that has a value without a literal.
struct Named(usize);

impl<'r> Asking<'r> {
    /// When a rule matches a call that its `on` is about.
    pub fn rule(&mut self, place: usize, rule: &'r Rule) -> Match {
        self.renew();
        let Some(outline) = self.residuals.outline.rules.get(place) else { return Match::In(vec![Case::default()]) };
        let package = rule.name.rsplit_once('.').map_or("", |(package, _)| package);
        let scope = Scope { bindings: Vec::new(), package };
        let mut looking = Looking { asking: self, rule, outline, scope, told: Vec::new(), elements: 0 };
        // All choices are told as they are written at last, so that nothing names another.
        looking.choose(0).unwrap_or(Match::In(vec![Case::default()]))
    }
}

impl Looking<'_, '_> {
    /// When it matches, from that choice on.
    fn choose(&mut self, place: usize) -> Result<Match, Named> {
        let Some((source, is_whole)) = self.outline.choices.get(place) else { return self.conditions() };
        match self.asking.part(source, &mut self.scope) {
            Found::Value(value) => {
                let elements = elements(&value, *is_whole);
                self.elements = self.elements.saturating_add(elements.len());
                if self.elements > MAX_ELEMENTS {
                    return self.choose_any(place);
                }
                match self.choose_each(place, &elements) {
                    Err(Named(named)) if named == place => match elements.as_slice() {
                        [only] => self.choose_only(place, only.clone()),
                        _ => self.choose_any(place),
                    },
                    Ok(Match::In(cases)) if cases.len() > MAX_CASES => self.choose_any(place),
                    found => found,
                }
            }
            Found::Error if self.rule.effect == Effect::Allow => Ok(Match::Never),
            Found::Error => Ok(self.matching(Vec::new(), None, false)),
            Found::Open(_) => self.choose_any(place),
        }
    }

    /// Each element for itself.
    fn choose_each(&mut self, place: usize, elements: &[Kept]) -> Result<Match, Named> {
        let mut all: Vec<Case> = Vec::new();
        for element in elements {
            match self.with(Binding::Known(element.clone()), None, place)? {
                Match::Never => {}
                Match::Always => return Ok(Match::Always),
                Match::In(cases) => {
                    for case in cases {
                        if !all.contains(&case) {
                            all.push(case);
                        }
                    }
                }
            }
            if all.len() > MAX_CASES {
                break;
            }
        }
        Ok(if all.is_empty() { Match::Never } else { Match::In(all) })
    }

    /// The one element, with the `for` before the conditions that name it.
    fn choose_only(&mut self, place: usize, element: Kept) -> Result<Match, Named> {
        let told = self.clause(place, false);
        self.with(Binding::Known(element), Some(told), place)
    }

    /// Any element.
    fn choose_any(&mut self, place: usize) -> Result<Match, Named> {
        let told = self.clause(place, true);
        let found = self.with(Binding::Unknown, Some(told), place)?;
        let errs = self.outline.choices.get(place).is_some_and(|(source, _)| source.errs);
        if found == Match::Never && errs && self.rule.effect != Effect::Allow {
            // An error in what it ranges over is a match all the same.
            let told = self.clause(place, true);
            self.told.push(Some(told));
            let case = self.matching(vec!["false".to_owned()], None, true);
            self.told.pop();
            return Ok(case);
        }
        Ok(found)
    }

    fn with(&mut self, binding: Binding, told: Option<String>, place: usize) -> Result<Match, Named> {
        self.scope.bindings.push(binding);
        self.told.push(told);
        let found = self.choose(place + 1);
        self.told.pop();
        self.scope.bindings.pop();
        found
    }

    /// The `for` clause of a choice.
    fn clause(&mut self, place: usize, is_open: bool) -> String {
        let Some((source, _)) = self.outline.choices.get(place) else { return String::new() };
        let name = self.rule.choices.get(place).map_or("", |choice| &*choice.name);
        let found = self.asking.part(source, &mut self.scope);
        let text = match found {
            Found::Open(text) => text,
            found if is_open => match self.asking.written(source, found) {
                Some(text) => text,
                None => self.asking.unsettled(source, &mut self.scope),
            },
            _ => self.asking.unsettled(source, &mut self.scope),
        };
        format!("{name} in {}", on_one_line(&text.text))
    }

    /// When the conditions hold, of the choices made.
    fn conditions(&mut self) -> Result<Match, Named> {
        let is_allow = self.rule.effect == Effect::Allow;
        let (mut when, mut unless, mut may_err) = (Vec::new(), None::<Text>, false);
        for (part, is_unless) in &self.outline.conditions {
            match self.asking.part(part, &mut self.scope) {
                Found::Value(value) if value.view().as_bool() == Some(!is_unless) => {}
                Found::Value(_) if is_allow || !may_err => return Ok(Match::Never),
                // Only an error before it lets the rule match.
                Found::Value(_) => {
                    when.push(Text::settled(false));
                    break;
                }
                Found::Error if is_allow => return Ok(Match::Never),
                Found::Error => break,
                Found::Open(text) => {
                    may_err |= part.errs && !is_allow;
                    if *is_unless { unless = Some(text) } else { when.push(text) }
                }
            }
        }
        // `unless not x` is a roundabout `when x`.
        when.extend(unless.take_if(|text| text.negated().is_some()).and_then(|text| text.negated()));
        self.check_names(when.iter().chain(&unless))?;
        let mut told: Vec<String> = Vec::new();
        for text in when {
            let text = on_one_line(&text.in_junction(Form::And));
            // What holds already holds again.
            if !told.contains(&text) {
                told.push(text);
            }
        }
        Ok(self.matching(told, unless.map(|text| on_one_line(&text.text)), may_err))
    }

    /// No text may name a variable of which nothing is told.
    fn check_names<'t>(&self, texts: impl Iterator<Item = &'t Text> + Clone) -> Result<(), Named> {
        let choices = self.rule.choices.iter().zip(&self.told).enumerate();
        let sources: Vec<&str> = self.told.iter().flatten().map(String::as_str).collect();
        for (place, (choice, _)) in choices.filter(|(_, (_, told))| told.is_none()) {
            let is_named = texts.clone().any(|text| mentions(&text.text, &choice.name));
            let is_read = sources.iter().any(|source| source.split_once(" in ").is_some_and(|(_, source)| mentions(source, &choice.name)));
            if is_named || is_read {
                return Err(Named(place));
            }
        }
        Ok(())
    }

    fn matching(&self, when: Vec<String>, unless: Option<String>, may_err: bool) -> Match {
        let case = Case { choices: self.told.iter().flatten().cloned().collect(), when, unless, may_err };
        if case.choices.is_empty() && case.when.is_empty() && case.unless.is_none() { Match::Always } else { Match::In(vec![case]) }
    }
}

/// What a `for` chooses from.
fn elements(source: &Kept, is_whole: bool) -> Vec<Kept> {
    let view = source.view();
    if is_whole {
        return if view.is_none() { Vec::new() } else { vec![source.clone()] };
    }
    view.elements().take(MAX_ELEMENTS + 1).map(Kept::from).collect()
}
