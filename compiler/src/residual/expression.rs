//! Expressions of which some is known: a value, an error, or a text with what is known in its place.

use std::collections::HashMap;

use tollgate_evaluator::{Judgement, Kept, PartialRequest};

use super::Residuals;
use super::text::{is_balanced, is_tight, literal, tightened, words};
use crate::diagnostic::{FileId, Location};
use crate::lower::{Part, PartKind};

/// How many parts are looked at for one rule before the author's text is taken as it stands.
const BUDGET: usize = 20_000;
/// The longest text that takes the place of a name.
const MAX_EXPANDED: usize = 240;

/// What an expression comes to.
#[derive(Clone, Debug)]
pub enum Found {
    /// That value.
    Value(Kept),
    /// An error.
    Error,
    /// What is left of it.
    Open(Text),
}

/// What is left of an expression.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text; on one line once it is finished.
    pub text: String,
    /// Whether it is another than the author's.
    pub changed: bool,
    /// Whether something known is in it, or has been left out.
    pub is_known: bool,
    /// What it is, as far as brackets around it matter.
    pub form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    And,
    Or,
    If,
    Operand,
}

/// A variable in sight.
#[derive(Clone, Debug)]
pub enum Binding {
    /// It has that value.
    Known(Kept),
    /// It may have any.
    Unknown,
    /// It is that text, of which nothing is known.
    Written(String),
}

/// The variables in sight, and the package whose names may stand in a text.
pub struct Scope<'p> {
    pub bindings: Vec<Binding>,
    pub package: &'p str,
}

/// A set with a request of which only some is known.
pub struct Asking<'r> {
    pub residuals: &'r Residuals<'r>,
    pub request: PartialRequest,
    pub budget: usize,
    /// What `let`s come to, by their places and the packages that they are seen from.
    lets: HashMap<(usize, &'r str), Found>,
}

impl<'r> Asking<'r> {
    pub fn new(residuals: &'r Residuals<'r>, request: PartialRequest) -> Asking<'r> {
        Asking { residuals, request, budget: BUDGET, lets: HashMap::new() }
    }

    /// Begins with another rule.
    pub fn renew(&mut self) {
        self.budget = BUDGET;
    }

    /// What an expression comes to.
    pub fn part(&mut self, part: &'r Part, scope: &mut Scope<'r>) -> Found {
        if self.budget == 0 {
            return self.as_written(part);
        }
        self.budget -= 1;
        if let Some(constant) = &part.constant {
            return Found::Value(constant.clone());
        }
        if let Some(query) = part.query {
            let params: Vec<Option<Kept>> = scope.bindings.iter().map(Binding::value).collect();
            match self.request.judge(query as usize, &params) {
                Judgement::Value(value) => return Found::Value(value),
                Judgement::Error(_) => return Found::Error,
                Judgement::Open => {}
            }
        }
        match (part.kind, part.parts.as_slice()) {
            (PartKind::And, operands) => self.junction(part, operands, false, scope),
            (PartKind::Or, operands) => self.junction(part, operands, true, scope),
            (PartKind::Not, [operand]) => match self.part(operand, scope) {
                Found::Value(value) => Found::Value(Kept::Bool(value.view().as_bool() != Some(true))),
                Found::Error => Found::Error,
                Found::Open(_) => self.with_operands(part, scope),
            },
            (PartKind::Order(_) | PartKind::Equal, [left, right]) => match self.compared(part.kind, left, right, scope) {
                Some(known) => Found::Value(Kept::Bool(known)),
                None => self.with_operands(part, scope),
            },
            (PartKind::If, [condition, then, otherwise]) => match self.part(condition, scope) {
                Found::Value(value) => {
                    let chosen = self.part(if value.view().as_bool() == Some(true) { then } else { otherwise }, scope);
                    in_place(chosen)
                }
                _ => self.with_operands(part, scope),
            },
            (PartKind::Coalesce, [first, second]) => match self.part(first, scope) {
                Found::Value(Kept::None) => in_place(self.part(second, scope)),
                _ => self.with_operands(part, scope),
            },
            (PartKind::Let(place), _) => self.definition(part, place, scope),
            (PartKind::Invoke(place), args) => self.invoked(part, place, args, scope),
            (PartKind::Text, _) => self.as_written(part),
            (PartKind::Local(place), _) => match scope.bindings.get(place) {
                Some(Binding::Written(text)) => {
                    Found::Open(Text { text: tightened(text.clone()), changed: true, is_known: false, form: Form::Operand })
                }
                _ => self.as_written(part),
            },
            _ => self.with_operands(part, scope),
        }
    }

    /// The text that stands for what an expression comes to; `None` of an error, and of a value that has no literal.
    pub fn written(&self, part: &'r Part, found: Found) -> Option<Text> {
        match found {
            Found::Open(text) => Some(text),
            Found::Error => None,
            // A literal is no optional, with which it could not be compared.
            // Nor does `none` stand where a type is wanted of it.
            Found::Value(value) if part.constant.is_none() && (part.is_optional || value.view().is_none()) => None,
            Found::Value(_) if part.constant.is_some() && !is_name(self.slice(part.at)) => Some(self.source(part)),
            Found::Value(value) => literal(value.view()).map(Text::known),
        }
    }

    /// The text of an expression that is known and has no literal: what is known of its operands is in their places.
    pub fn unsettled(&mut self, part: &'r Part, scope: &mut Scope<'r>) -> Text {
        match self.with_operands(part, scope) {
            Found::Open(text) => text,
            _ => self.source(part),
        }
    }

    /// `and` or `or`, without the operands that are settled and settle nothing; `decisive` settles it.
    fn junction(&mut self, part: &'r Part, operands: &'r [Part], decisive: bool, scope: &mut Scope<'r>) -> Found {
        let form = if decisive { Form::Or } else { Form::And };
        let (mut left, mut errs) = (Vec::new(), false);
        for operand in operands {
            match self.part(operand, scope) {
                Found::Value(value) if value.view().as_bool() == Some(!decisive) => {}
                Found::Value(_) if !errs => return Found::Value(Kept::Bool(decisive)),
                // It settles the whole, but for errors before it.
                Found::Value(_) => {
                    left.push(Text::known(decisive.to_string()));
                    break;
                }
                Found::Error if left.is_empty() => return Found::Error,
                Found::Error => {
                    left.push(self.source(operand));
                    break;
                }
                Found::Open(text) => left.push(text),
            }
            errs |= operand.errs;
        }
        let is_known = left.len() < operands.len() || left.iter().any(|text| text.is_known);
        match left.as_slice() {
            [] => Found::Value(Kept::Bool(!decisive)),
            all if all.len() == operands.len() && !all.iter().any(|text| text.changed) => Found::Open(self.source(part)),
            [only] => Found::Open(Text { changed: true, is_known, ..only.clone() }),
            several => Found::Open(Text { text: joined(several, form), changed: true, is_known, form }),
        }
    }

    /// A `let`: its name, or what is left of its value where something in it is known.
    fn definition(&mut self, part: &'r Part, place: usize, scope: &mut Scope<'r>) -> Found {
        let key = (place, scope.package);
        if let Some(known) = self.lets.get(&key) {
            return known.clone();
        }
        let mut found = self.as_written(part);
        if self.is_of_package(place, scope.package)
            && let Some(body) = self.residuals.outline.definitions.get(place)
        {
            let mut inner = Scope { bindings: Vec::new(), package: scope.package };
            match self.part(body, &mut inner) {
                Found::Open(text) if text.changed && text.text.len() <= MAX_EXPANDED => found = Found::Open(text),
                Found::Value(value) => found = Found::Value(value),
                _ => {}
            }
        }
        self.lets.insert(key, found.clone());
        found
    }

    /// A `fn`: its call, or what is left of its value where something in it is known.
    fn invoked(&mut self, part: &'r Part, place: usize, args: &'r [Part], scope: &mut Scope<'r>) -> Found {
        let Some(body) = self.residuals.outline.definitions.get(place).filter(|_| self.is_of_package(place, scope.package)) else {
            return self.with_operands(part, scope);
        };
        let mut bindings = Vec::with_capacity(args.len());
        for arg in args {
            let found = self.part(arg, scope);
            bindings.push(match found {
                Found::Value(value) => Binding::Known(value),
                // What the value leaves out could not err any more.
                Found::Open(_) | Found::Error if arg.errs => return self.with_operands(part, scope),
                Found::Open(text) => Binding::Written(text.text),
                Found::Error => return self.with_operands(part, scope),
            });
        }
        if self.could_capture(body, &bindings) {
            return self.with_operands(part, scope);
        }
        let is_known = bindings.iter().any(|binding| matches!(binding, Binding::Known(_)));
        let mut inner = Scope { bindings, package: scope.package };
        match self.part(body, &mut inner) {
            Found::Value(value) => Found::Value(value),
            Found::Open(text) if (is_known || text.is_known) && text.text.len() <= MAX_EXPANDED => {
                Found::Open(Text { changed: true, is_known: true, ..text })
            }
            _ => self.with_operands(part, scope),
        }
    }

    /// Whether a variable that a body binds could be taken for one that an argument names.
    fn could_capture(&self, body: &Part, bindings: &[Binding]) -> bool {
        let binds = self.slice(body.at).contains("=>") || self.slice(body.at).contains("?.");
        binds && bindings.iter().any(|binding| matches!(binding, Binding::Written(_)))
    }

    fn is_of_package(&self, place: usize, package: &str) -> bool {
        let name = self.residuals.set.program().definitions.get(place).map_or("", |definition| &*definition.name);
        name.rsplit_once('.').is_some_and(|(of, _)| of == package)
    }

    /// The author's text with what is known of its operands in their places.
    fn with_operands(&mut self, part: &'r Part, scope: &mut Scope<'r>) -> Found {
        let mut replaced: Vec<(Location, Text)> = Vec::new();
        self.replaced(part, part.at, scope, &mut replaced);
        if replaced.is_empty() {
            return self.as_written(part);
        }
        replaced.sort_by_key(|(at, _)| (at.span.start, at.span.end));
        let source = self.slice(part.at);
        let is_known = replaced.iter().any(|(_, text)| text.is_known);
        let (mut out, mut from) = (String::new(), 0);
        for (at, text) in replaced {
            let offset = |place: u32| place.checked_sub(part.at.span.start).and_then(|offset| usize::try_from(offset).ok());
            let (Some(start), Some(end)) = (offset(at.span.start), offset(at.span.end)) else { return self.as_written(part) };
            let Some(before) = source.get(from..start) else { return self.as_written(part) };
            out.push_str(before);
            let is_bracketed = out.ends_with('(') && source.get(end..).is_some_and(|rest| rest.starts_with(')'));
            from = end;
            if !is_bracketed {
                out.push_str(&text.text);
            } else if is_call(&out) || !is_tight(&text.text) {
                out.push_str(without_brackets(&text.text));
            } else {
                out.pop();
                out.push_str(&text.text);
                from += 1;
            }
        }
        let Some(rest) = source.get(from..) else { return self.as_written(part) };
        out.push_str(rest);
        Found::Open(Text { text: out, changed: true, is_known, form: form_of(part) })
    }

    /// Adds the operands that have another text, by their places within the expression at `whole`.
    fn replaced(&mut self, part: &'r Part, whole: Location, scope: &mut Scope<'r>, replaced: &mut Vec<(Location, Text)>) {
        let depth = scope.bindings.len();
        for operand in &part.parts {
            let binds = operand.query.is_some() && self.params(operand).is_some_and(|params| params > depth);
            if binds {
                scope.bindings.push(Binding::Unknown);
            }
            let is_inside = operand.at.file == whole.file
                && whole.span.start <= operand.at.span.start
                && operand.at.span.end <= whole.span.end
                && operand.at != whole;
            if !is_inside {
                // It has no text of its own, but what is in it may.
                self.replaced(operand, whole, scope, replaced);
            } else {
                let found = self.part(operand, scope);
                let is_absent = matches!(found, Found::Value(Kept::None));
                let found = if is_absent && part.kind == PartKind::Equal && operand.constant.is_none() {
                    Found::Open(Text::known("none".to_owned()))
                } else {
                    found
                };
                match self.written(operand, found) {
                    Some(text) if text.changed => {
                        let own = if needs_brackets(operand, &text) { tightened(text.text) } else { text.text };
                        replaced.push((operand.at, Text { text: own, ..text }));
                    }
                    Some(_) => {}
                    // Of what is absent nothing can be said elsewhere but by its name.
                    None if is_absent => {}
                    None => self.replaced(operand, whole, scope, replaced),
                }
            }
            scope.bindings.truncate(depth);
        }
    }

    /// How many variables are in sight of an expression.
    fn params(&self, part: &Part) -> Option<usize> {
        let queries = &self.residuals.engine.plan().queries;
        queries.get(part.query? as usize).and_then(|query| usize::try_from(query.params).ok())
    }

    fn as_written(&self, part: &Part) -> Found {
        Found::Open(self.source(part))
    }

    /// The author's text.
    fn source(&self, part: &Part) -> Text {
        Text { text: self.slice(part.at).to_owned(), changed: false, is_known: false, form: form_of(part) }
    }

    pub fn slice(&self, at: Location) -> &'r str {
        let sources = self.residuals.set.sources();
        if at.file == FileId::default() && sources.files().is_empty() { "" } else { at.span.of(sources.text(at.file)) }
    }
}

impl Text {
    fn known(text: String) -> Text {
        Text { text, changed: true, is_known: true, form: Form::Operand }
    }

    /// What is true, or false, whatever the rest.
    pub fn settled(value: bool) -> Text {
        Text::known(value.to_string())
    }

    /// What it denies, where it is a `not`.
    pub fn negated(&self) -> Option<Text> {
        let denied = self.text.strip_prefix("not ").filter(|_| self.form == Form::Operand)?.trim_start();
        let is_loose = words(denied).any(|word| matches!(word, "or" | "if"));
        Some(Text { text: if is_loose { denied } else { without_brackets(denied) }.to_owned(), changed: true, ..self.clone() })
    }

    /// The text as an operand of `and` or `or`.
    pub fn in_junction(&self, form: Form) -> String {
        let is_looser = self.form == Form::If || (self.form == Form::Or && form == Form::And);
        if is_looser { format!("({})", self.text) } else { self.text.clone() }
    }
}

impl Binding {
    /// The value, if it is known.
    pub fn value(&self) -> Option<Kept> {
        if let Binding::Known(value) = self { Some(value.clone()) } else { None }
    }
}

/// Texts as operands of `and` or `or`.
pub fn joined(texts: &[Text], form: Form) -> String {
    let word = if form == Form::And { " and " } else { " or " };
    texts.iter().map(|text| text.in_junction(form)).collect::<Vec<_>>().join(word)
}

/// Whether the bracket that a text ends with is that of a call.
fn is_call(text: &str) -> bool {
    let before = text.strip_suffix('(').unwrap_or(text);
    before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ')' | ']'))
}

/// The text within brackets that stand around all of it.
pub fn without_brackets(text: &str) -> &str {
    text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).filter(|inner| is_balanced(inner)).unwrap_or(text)
}

fn form_of(part: &Part) -> Form {
    match part.kind {
        PartKind::And => Form::And,
        PartKind::Or => Form::Or,
        PartKind::If => Form::If,
        _ => Form::Operand,
    }
}

/// What has come in the place of a larger expression.
fn in_place(found: Found) -> Found {
    match found {
        Found::Open(text) => Found::Open(Text { changed: true, is_known: true, ..text }),
        settled => settled,
    }
}

/// Whether what stands in the place of an operand is of another form.
fn needs_brackets(operand: &Part, text: &Text) -> bool {
    matches!(operand.kind, PartKind::Let(_) | PartKind::Invoke(_) | PartKind::If | PartKind::Coalesce | PartKind::Local(_)) && !is_tight(&text.text)
}

/// Whether a text is a name, or a path of names.
fn is_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') && text.chars().all(is_word) && !matches!(text, "true" | "false" | "none")
}
