//! Rules, obligations and the default.

use std::sync::Arc;

use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::program::{self, Choice, DefaultDecision, Expr, Requirement};
use crate::syntax::ast::{self, Annotation, Item, ItemKind, Param, Path};
use crate::syntax::path_text;

use super::Checker;
use super::call::plural;
use super::coerce::json_use;
use super::scope::{Reads, Scope};
use super::symbols::{Place, STD};

/// How many `for … in …` a rule may have.
const MAX_CHOICES: usize = 64;

impl<'a> Checker<'a> {
    /// Resolves the parameters of every obligation.
    pub(super) fn declare_obligations(&mut self) {
        for place in self.symbols.obligations.clone() {
            let ItemKind::Obligation { name, params } = &place.item.kind else { continue };
            let params = self.obligation_params(place, params);
            self.known.obligations.push(program::Obligation { name: name.text.as_str().into(), params, at: place.at(name.span) });
        }
    }

    fn obligation_params(&mut self, place: Place<'a>, params: &'a [Param]) -> Vec<(Arc<str>, Type, Option<Kept>)> {
        let mut seen = std::collections::HashSet::new();
        let mut resolved = Vec::new();
        for param in self.within_limit(place, params) {
            if !seen.insert(param.name.text.as_str()) {
                let message = format!("parameter `{}` is declared twice", param.name.text);
                self.report(Diagnostic::error(Code::Duplicate, place.at(param.name.span), message));
                continue;
            }
            let ty = self.resolve_type(place, &param.ty, false);
            let default = param.default.as_ref().and_then(|default| self.constant(place, default, &ty));
            let name: Arc<str> = param.name.text.as_str().into();
            self.note_declared(&name, place.at(param.name.span));
            self.note_use_at(place.at(param.name.span), |checker| checker.parameter_symbol(&name, &ty));
            resolved.push((name, ty, default));
        }
        resolved
    }

    /// Checks a rule.
    pub(super) fn check_rule(&mut self, place: Place<'a>) -> Option<program::Rule> {
        let ItemKind::Rule(rule) = &place.item.kind else { return None };
        let mut scope = Scope::new(place, Reads::All);
        scope.args = self.args_of(place, &rule.on);
        scope.untyped = self.untyped_args(place, &rule.on);
        let (checked, locals) = self.in_scope(scope, |checker| {
            checker.check_on(&rule.on);
            if let Some(excess) = rule.choices.get(MAX_CHOICES) {
                checker.error(Code::TooLarge, excess.name.span, format!("a rule has at most {MAX_CHOICES} choices"));
            }
            let choices: Vec<Choice> = rule.choices.iter().take(MAX_CHOICES).map(|choice| checker.choice_of(choice)).collect();
            let when = rule.when.as_ref().map(|when| checker.conjuncts(when)).unwrap_or_default();
            if let Some(when) = &rule.when {
                checker.assume(when, true);
            }
            let unless = rule.unless.as_ref().map(|unless| checker.shown_condition(unless));
            if let Some(unless) = &rule.unless {
                checker.assume(unless, false);
            }
            let because = rule.because.as_ref().map(|because| checker.text(because));
            let require = rule.require.iter().filter_map(|required| checker.proved_requirement(required)).collect();
            (choices, when, unless, because, require)
        });
        let (choices, when, unless, because, require) = checked;
        Some(program::Rule {
            name: place.full_name(&rule.name.text).into(),
            effect: effect(rule.effect),
            annotations: place.item.annotations.clone(),
            doc: place.item.doc.clone(),
            on: rule.on.iter().map(|entry| entry.text.as_str().into()).collect(),
            choices,
            when,
            unless,
            because,
            require,
            locals,
            at: place.at(rule.name.span),
            item: place.at(place.item.span),
        })
    }

    /// Entries of `on` are tool names, with `*`, `?` and `\` as in `like`.
    fn check_on(&mut self, on: &'a [ast::Text]) {
        for entry in on {
            self.note_tool(entry);
            let (server, own) = super::tools::split(&entry.text);
            if own.is_empty() || server.is_some_and(str::is_empty) {
                self.error_with_help(
                    Code::ToolName,
                    entry.span,
                    format!("\"{}\" names no tool", entry.text),
                    "write `name` or `server/name`; `*` stands for any run of characters",
                );
            }
        }
    }

    fn choice_of(&mut self, choice: &'a ast::Choice) -> Choice {
        let source = self.infer_as_declared(&choice.source);
        let element = match &source.ty {
            Type::List(element) | Type::Set(element) | Type::Map(element) => (**element).clone(),
            ty if matches!(ty.present(), Type::Json) => {
                self.report(json_use(&source, &Type::Error.list()));
                Type::Error
            }
            Type::Optional(inner) => (**inner).clone(),
            Type::Error => Type::Error,
            other => {
                let message = format!("`for` chooses from lists, sets, maps and optionals, and this is `{other}`");
                self.report(Diagnostic::error(Code::NotIterable, source.at, message));
                Type::Error
            }
        };
        let local = self.declare_local(&choice.name, element);
        Choice { local, name: choice.name.text.as_str().into(), source }
    }

    /// A requirement, and whether it has its types only by what the rule's conditions prove present.
    fn proved_requirement(&mut self, required: &'a ast::Requirement) -> Option<Requirement> {
        let requirement = self.requirement(required)?;
        if self.scope.present.is_empty() {
            return Some(requirement);
        }
        let (known, next_local) = (self.diagnostics.len(), self.scope.next_local);
        let present = std::mem::take(&mut self.scope.present);
        self.without_notes(|checker| checker.requirement(required));
        let proved = self.diagnostics.iter().skip(known).any(|diagnostic| diagnostic.severity == Severity::Error);
        self.diagnostics.truncate(known);
        (self.scope.present, self.scope.next_local) = (present, next_local);
        Some(Requirement { proved, ..requirement })
    }

    fn requirement(&mut self, required: &'a ast::Requirement) -> Option<Requirement> {
        let Some(index) = self.find_obligation(&required.name) else {
            self.unknown_obligation(&required.name);
            for (_, value) in &required.args {
                if !super::literal::takes_its_type(value) {
                    self.infer(value);
                }
            }
            return None;
        };
        let obligation = self.known.obligations.get(index)?.clone();
        if let Some(name) = required.name.parts.last() {
            self.note_use(name.span, |checker| checker.obligation_symbol(index));
        }
        self.note_word(self.scope.place, &required.name);
        let at = self.at(required.span);
        if !self.known.budget.spend(obligation.params.len().saturating_sub(required.args.len()), at) {
            return None;
        }
        let mut given: Vec<Option<Expr>> = vec![None; obligation.params.len()];
        let mut misnamed = false;
        for (place, (name, value)) in required.args.iter().enumerate() {
            let at = name.as_ref().map_or(value.span, |name| name.span);
            let index = match name {
                Some(name) => obligation.params.iter().position(|(param, _, _)| **param == *name.text),
                None => Some(place).filter(|place| *place < obligation.params.len()),
            };
            let Some((index, slot, (param, ty, _))) = index.and_then(|index| Some((index, given.get_mut(index)?, obligation.params.get(index)?)))
            else {
                let message = match name {
                    Some(name) => format!("`{}` has no parameter `{}`", obligation.name, name.text),
                    None => format!("`{}` takes {} {}", obligation.name, obligation.params.len(), plural("argument", obligation.params.len())),
                };
                self.error_with_help(Code::Arguments, at, message, signature(&obligation));
                misnamed = true;
                continue;
            };
            if slot.is_some() {
                self.error(Code::Arguments, at, format!("`{param}` is given twice"));
            }
            if let Some(name) = name {
                self.note_parameter(name.span, param, ty);
            }
            let typed = self.check(value, ty);
            if let Some(slot) = given.get_mut(index) {
                *slot = Some(typed);
            }
        }
        let mut args = Vec::new();
        for ((name, ty, default), value) in obligation.params.iter().zip(given) {
            args.push(match (value, default) {
                (Some(value), _) => value,
                (None, Some(default)) => self.constant_expr(default.clone(), ty.clone(), required.span),
                (None, None) if ty.is_optional() => self.constant_expr(Kept::None, ty.clone(), required.span),
                (None, None) if misnamed => self.error_expr(required.span),
                (None, None) => {
                    self.error_with_help(Code::Arguments, required.span, format!("`{}` needs `{name}`", obligation.name), signature(&obligation));
                    self.error_expr(required.span)
                }
            });
        }
        Some(Requirement { obligation: index, args, proved: false })
    }

    fn find_obligation(&self, path: &Path) -> Option<usize> {
        let in_package = |package: &str, name: &str| self.symbols.packages.get(package)?.obligations.get(name).copied();
        match path.parts.as_slice() {
            [name] => in_package(self.scope.place.package, &name.text).or_else(|| in_package(STD, &name.text)),
            [word, name] => in_package(self.package_of_word(&word.text)?, &name.text),
            _ => None,
        }
    }

    fn unknown_obligation(&mut self, path: &Path) {
        let name = path_text(path);
        if self.is_broken_path(self.scope.place, path) {
            return;
        }
        let at = self.at(path.span);
        let diagnostic = Diagnostic::error(Code::UnknownObligation, at, format!("no obligation `{name}`"));
        let packages = [self.scope.place.package, STD];
        let names = packages.iter().filter_map(|package| self.symbols.packages.get(*package)).flat_map(|package| package.obligations.keys().copied());
        let imported = self.symbols.imports.get(&self.scope.place.file).into_iter().flatten();
        let declaring = self
            .symbols
            .suggestions
            .within(imported)
            .filter(|(_, package)| self.symbols.packages.get(*package).is_some_and(|package| package.obligations.contains_key(name.as_str())));
        let qualified = declaring.map(|(word, _)| format!("{word}.{name}")).min().filter(|_| self.symbols.suggestions.remain());
        let diagnostic = match qualified.or_else(|| self.symbols.suggestions.nearest(&name, names)) {
            Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
            None => diagnostic.with_help("declare it with `obligation name(…)`"),
        };
        self.report(diagnostic);
    }

    /// Checks the set's default.
    pub(super) fn check_default(&mut self) -> Option<DefaultDecision> {
        let place = self.symbols.default?;
        let ItemKind::Default { effect: word, effect_span, because } = &place.item.kind else { return None };
        let (because, _) = self.in_scope(Scope::new(place, Reads::All), |checker| {
            if *word == ast::Effect::Allow {
                let help = "say what is allowed with `allow` rules; what no rule decides is denied or reviewed";
                checker.error_with_help(Code::DefaultAllow, *effect_span, "there is no `default allow`", help);
            }
            because.as_ref().map(|because| checker.text(because))
        });
        Some(DefaultDecision { effect: effect(*word), because, at: place.at(place.item.span) })
    }

    /// All items that have annotations.
    pub(super) fn annotated_items(&self) -> Vec<Place<'a>> {
        let symbols = &self.symbols;
        let lists = [
            &symbols.types,
            &symbols.data,
            &symbols.definitions,
            &symbols.scores,
            &symbols.rules,
            &symbols.obligations,
            &symbols.tools,
            &symbols.tests,
        ];
        let all = lists.into_iter().flatten().chain(&symbols.properties).chain(&symbols.input).chain(&symbols.default);
        all.filter(|place| !place.item.annotations.is_empty()).copied().collect()
    }

    /// Annotations that have a meaning take the arguments that it needs.
    pub(super) fn check_annotations(&mut self, place: Place<'a>) {
        let mut seen = std::collections::HashMap::new();
        for annotation in &place.item.annotations {
            let at = place.at(annotation.span);
            let is_single = meaning(annotation).is_some_and(|meaning| meaning.is_single);
            if let Some(first) = seen.insert(annotation.name.text.as_str(), at).filter(|_| is_single) {
                let diagnostic = Diagnostic::error(Code::Annotation, at, format!("`@{}` is given twice", annotation.name.text));
                self.report(diagnostic.with_secondary(first, "first given here"));
            }
            if let Some(problem) = annotation_problem(annotation, place.item) {
                self.report(Diagnostic::error(Code::Annotation, at, problem));
            }
        }
    }
}

/// How an obligation is required, for a help.
fn signature(obligation: &program::Obligation) -> String {
    let param = |(name, ty, default): &(Arc<str>, Type, Option<Kept>)| match default {
        Some(Kept::Str(text) | Kept::Enum(text, _)) => format!("{name}: {ty} = \"{text}\""),
        Some(default) => format!("{name}: {ty} = {}", default.view()),
        None => format!("{name}: {ty}"),
    };
    let params: Vec<String> = obligation.params.iter().map(param).collect();
    format!("it is `{}({})`", obligation.name, params.join(", "))
}

/// An annotation with a meaning.
pub struct Meaning {
    /// Its name.
    pub name: &'static str,
    /// How many arguments it takes: at least, at most.
    least: usize,
    most: usize,
    /// Whether an item has one of it at most.
    is_single: bool,
}

const fn single(name: &'static str, least: usize, most: usize) -> Meaning {
    Meaning { name, least, most, is_single: true }
}

const fn several(name: &'static str, least: usize) -> Meaning {
    Meaning { name, least, most: usize::MAX, is_single: false }
}

/// The annotations that have a meaning.
pub const MEANINGS: [Meaning; 9] = [
    several("allow", 1),
    several("compliance", 1),
    single("deprecated", 0, 1),
    several("gone", 0),
    single("id", 1, 1),
    single("owner", 1, 1),
    single("severity", 1, 1),
    single("shadow", 0, 0),
    single("title", 1, 1),
];

fn meaning(annotation: &Annotation) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.name == annotation.name.text)
}

fn annotation_problem(annotation: &Annotation, item: &Item) -> Option<String> {
    let name = &annotation.name.text;
    if name == "shadow" && !matches!(item.kind, ItemKind::Rule(_)) {
        return Some("`@shadow` is for rules".to_owned());
    }
    let Meaning { least, most, .. } = *meaning(annotation)?;
    let given = annotation.args.len();
    if given < least {
        Some(format!("`@{name}` needs an argument, as in `@{name}(\"…\")`"))
    } else if given > most {
        Some(format!("`@{name}` takes {}", if most == 0 { "no argument" } else { "one argument" }))
    } else {
        None
    }
}

/// An effect word's effect.
pub fn effect(word: ast::Effect) -> tollgate_evaluator::Effect {
    match word {
        ast::Effect::Allow => tollgate_evaluator::Effect::Allow,
        ast::Effect::Review => tollgate_evaluator::Effect::Review,
        ast::Effect::Deny => tollgate_evaluator::Effect::Deny,
    }
}
