//! Tests and properties.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_stdlib::types::{EnumType, Field, Presence, RecordType, Type};
use tollgate_stdlib::{Kept, KeptRecord};

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::program::{self, Claim, Condition, Expectation, ExpectedRules, Expr, Step};
use crate::syntax::ast::{self, By, ItemKind, Key, Path, Span, TestClause};
use crate::syntax::path_text;

use super::Checker;
use super::budget::size_of_fields;
use super::coerce::join;
use super::literal::{key_text, plain_text};
use super::presence::strip;
use super::rules::effect;
use super::scope::{Local, Reads, Scope};
use super::symbols::{Place, ValueRef};
use super::types::MAX_MEMBERS;

/// The local that holds the row of a test with `for`.
const ROW: usize = 0;
/// The local that holds the decision, in `expect`.
const DECISION: usize = 1;
/// How many rules are told to who names one that there is not.
const SHOWN_RULES: usize = 8;
/// The longest name of a rule, in bytes, that is told so.
const LONGEST_SHOWN: usize = 100;

impl<'a> Checker<'a> {
    /// Checks a test.
    pub(super) fn check_test(&mut self, place: Place<'a>) -> Option<program::Test> {
        let ItemKind::Test(test) = &place.item.kind else { return None };
        let mut scope = Scope::new(place, Reads::NoRequest);
        scope.next_local = DECISION + 1;
        let (checked, locals) = self.in_scope(scope, |checker| {
            let rows = test.rows.as_ref().map(|rows| checker.rows(rows));
            let title = checker.text(&test.title);
            let data = checker.test_data(&test.body);
            let steps = checker.steps(test);
            (rows, title, data, steps)
        });
        let (rows, title, data, steps) = checked;
        Some(program::Test { title, rows, data, steps, locals, at: place.at(test.title.span), package: place.package.into() })
    }

    /// The table of a test, and its variable.
    fn rows(&mut self, rows: &'a ast::Choice) -> Expr {
        let typed = match &strip(&rows.source).kind {
            ast::ExprKind::List(items) if !items.is_empty() && items.iter().all(is_record) => self.table(items, rows.source.span),
            _ => self.infer(&rows.source),
        };
        let row = match &typed.ty {
            Type::List(element) | Type::Set(element) => (**element).clone(),
            Type::Error => Type::Error,
            other => {
                let message = format!("a test's `for` takes a list of cases, and this is `{other}`");
                self.report(Diagnostic::error(Code::NotIterable, typed.at, message));
                Type::Error
            }
        };
        self.declare_local(&rows.name, row);
        if let Some(local) = self.scope.locals.last_mut() {
            local.index = ROW;
        }
        typed
    }

    /// Rows written out: a field has the type that all rows give it, is optional where some lack it, and `json` where they differ.
    fn table(&mut self, items: &'a [ast::Expr], span: Span) -> Expr {
        let mut columns: Vec<(&Key, Option<Type>, usize)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for item in items {
            let ast::ExprKind::Record(entries) = &strip(item).kind else { continue };
            for (key, value) in entries {
                let ty = self.cell_type(value);
                let name = key_text(key);
                match places.get(&name).and_then(|place| columns.get_mut(*place)) {
                    Some((_, column, count)) => {
                        *column = column.take().and_then(|column| join(&column, &ty));
                        *count += 1;
                    }
                    None => {
                        places.insert(name, columns.len());
                        columns.push((key, Some(ty), 1));
                    }
                }
            }
        }
        if columns.len() > MAX_MEMBERS {
            self.error(Code::TooLarge, span, format!("a case has at most {MAX_MEMBERS} fields"));
            return self.error_expr(span);
        }
        let fields = columns.into_iter().map(|(key, ty, count)| {
            let ty = ty.unwrap_or(Type::Json);
            let optional = count < items.len() || ty.is_optional();
            let presence = if optional { Presence::Optional } else { Presence::Required };
            let ty = if matches!(ty, Type::None) { Type::Json } else { ty.present().clone() };
            Field { name: self.key_name(key), ty, presence, refinement: None, doc: "".into() }
        });
        let fields = fields.collect();
        let row = Type::Record(Arc::new(RecordType::new(None, fields, false)));
        self.list_literal(items, Some(&row), span)
    }

    /// The type of a cell on its own; `json` for what has none.
    fn cell_type(&mut self, value: &'a ast::Expr) -> Type {
        if matches!(strip(value).kind, ast::ExprKind::Record(_) | ast::ExprKind::With { .. }) {
            return Type::Json;
        }
        let known = self.diagnostics.len();
        let next_local = self.scope.next_local;
        let typed = self.without_notes(|checker| checker.infer(value));
        let failed = self.diagnostics.len() > known;
        self.diagnostics.truncate(known);
        self.scope.next_local = next_local;
        if failed { Type::Json } else { typed.ty }
    }

    fn test_data(&mut self, body: &'a [TestClause]) -> Vec<(usize, Expr)> {
        let mut bound: Vec<(usize, Expr)> = Vec::new();
        let mut seen = HashSet::new();
        for clause in body {
            let TestClause::Data { name, value } = clause else { continue };
            let index = self.find_data(name);
            if let (Some(index), Some(last)) = (index, name.parts.last()) {
                self.note_use(last.span, |checker| checker.value_symbol(ValueRef::Data(index)));
                let full = self.known.data.get(index).map(|data| Arc::clone(&data.name)).unwrap_or_default();
                self.note_home(name, full.rsplit_once('.').map_or("", |(package, _)| package));
            }
            let ty = index.and_then(|index| self.known.data.get(index)).map(|data| data.ty.clone());
            let typed = self.json_literal_for(value, ty.as_ref());
            match index {
                Some(index) if !seen.insert(index) => {
                    self.error(Code::TestClause, name.span, format!("`{}` is bound twice", path_text(name)));
                }
                Some(index) => bound.push((index, typed)),
                None => self.unknown_data(name),
            }
        }
        bound
    }

    fn find_data(&self, path: &Path) -> Option<usize> {
        let (last, before) = path.parts.split_last()?;
        let package = match before {
            [] => self.scope.place.package,
            [word] => self.package_of_word(&word.text).unwrap_or(&word.text),
            _ => "",
        };
        if let Some(ValueRef::Data(index)) = self.find_value_in(package, &last.text) {
            return Some(index);
        }
        match self.known.data_named.get(path_text(path).as_str()).map(Vec::as_slice) {
            Some([index]) => Some(*index),
            _ => None,
        }
    }

    fn unknown_data(&mut self, path: &Path) {
        let name = path_text(path);
        if self.is_broken_path(self.scope.place, path) {
            return;
        }
        let at = self.at(path.span);
        let diagnostic = Diagnostic::error(Code::UnknownData, at, format!("no data `{name}`"));
        let names = self.known.data.iter().filter_map(|data| data.name.rsplit('.').next());
        self.report(match self.symbols.suggestions.nearest(&name, names) {
            Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), at, near),
            None => diagnostic.with_help("declare it with `data name: T`"),
        });
    }

    fn steps(&mut self, test: &'a ast::Test) -> Vec<Step> {
        let has_steps = test.body.iter().any(|clause| matches!(clause, TestClause::Step { .. }));
        if !has_steps {
            return self.step(None, &test.body, test.title.span, false).into_iter().collect();
        }
        let mut steps = Vec::new();
        for clause in &test.body {
            match clause {
                TestClause::Step { title, body, span } => steps.extend(self.step(Some(title), body, *span, true)),
                TestClause::Data { .. } => {}
                other => {
                    let help = "each `step` has its own `input`, `result` and `expect`; `data` stands before them";
                    self.error_with_help(Code::TestClause, clause_span(other), "a test of steps has nothing but `data` beside them", help);
                }
            }
        }
        steps
    }

    fn step(&mut self, title: Option<&'a ast::Expr>, body: &'a [TestClause], span: Span, in_step: bool) -> Option<Step> {
        let title = title.map(|title| self.text(title));
        let (mut input, mut result, mut expect) = (None, None, Vec::new());
        for clause in body {
            match clause {
                TestClause::Input(value) if input.is_none() => {
                    let ty = self.request_type(value);
                    input = Some(self.json_literal_for(value, Some(&ty)));
                }
                TestClause::Result(value) if in_step && result.is_none() => result = Some(self.json_literal(value)),
                TestClause::Input(_) => self.error_with_help(
                    Code::TestClause,
                    clause_span(clause),
                    "a second `input`",
                    "write a test for each request, or a `step \"…\" { … }` for each of several calls",
                ),
                TestClause::Result(_) if in_step => self.error(Code::TestClause, clause_span(clause), "a second `result`"),
                TestClause::Data { name, .. } if in_step => self.error_with_help(
                    Code::TestClause,
                    name.span,
                    "`data` is the whole test's: it stands outside of steps",
                    "write it before the first step",
                ),
                TestClause::Data { .. } => {}
                TestClause::ExpectEffect { effect: word, by, span } => {
                    let by = self.expected_rules(by);
                    expect.push(Expectation::Effect { effect: effect(*word), by, at: self.at(*span) });
                }
                TestClause::Expect(condition) => expect.push(Expectation::Condition(self.expectation(condition))),
                // The parser has said that these stand in the wrong place.
                TestClause::Result(_) | TestClause::Step { .. } => {}
            }
        }
        if input.is_none() {
            self.error_with_help(Code::TestClause, span, "a test needs an `input`", "write `input { … }`");
        }
        Some(Step { title, input: input?, result, expect })
    }

    /// The type that a request written out is read as: where it names a declared tool, `args` has that tool's.
    fn request_type(&mut self, request: &ast::Expr) -> Type {
        let usual = Type::Record(self.known.input.clone());
        let Some((tool, words)) = self.named_tool(request) else { return usual };
        words.into_iter().for_each(|word| self.note_called(tool, word));
        if let Some(known) = self.known.requests_known.get(&tool) {
            return known.clone();
        }
        let typed = self.request_of(tool, self.at(request.span)).unwrap_or(usual);
        self.known.requests_known.insert(tool, typed.clone());
        typed
    }

    /// The declared tool that a request names, and where its name and server stand.
    fn named_tool(&self, request: &ast::Expr) -> Option<(usize, Vec<Span>)> {
        let tool = entry(request, "tool")?;
        let (name, server) = (entry(tool, "name")?, entry(tool, "server"));
        let found = self.declared_tool(server.and_then(plain_text).as_deref(), &plain_text(name)?)?;
        Some((found, [Some(name), server].into_iter().flatten().map(|word| word.span).collect()))
    }

    /// The input's type in requests for that tool, where it declares its arguments.
    fn request_of(&mut self, tool: usize, at: Location) -> Option<Type> {
        let declared = self.known.tools.get(tool)?.args.clone()?;
        let mut fields = self.known.budget.spend(size_of_fields(&self.known.input), at).then(|| self.known.input.fields.clone())?;
        self.known.args_field.and_then(|index| fields.get_mut(index))?.ty = Type::Record(declared);
        Some(Type::Record(Arc::new(RecordType::new(None, fields, false))))
    }

    /// `expect EXPR`: sees everything, and the decision.
    fn expectation(&mut self, condition: &'a ast::Expr) -> Condition {
        self.in_block(|checker| {
            let reads = std::mem::replace(&mut checker.scope.reads, Reads::All);
            let at = checker.at(condition.span);
            let decision = Local { name: "decision".to_owned(), ty: checker.known.decision_type.clone(), index: DECISION, at };
            checker.scope.locals.push(decision);
            let condition = checker.shown_condition(condition);
            checker.scope.reads = reads;
            condition
        })
    }

    fn expected_rules(&mut self, by: &By) -> ExpectedRules {
        match by {
            By::Any => ExpectedRules::Any,
            By::None => ExpectedRules::None,
            By::Rules(paths) => {
                let mut names: Vec<Arc<str>> = paths.iter().filter_map(|path| self.rule_named(path)).collect();
                names.sort();
                names.dedup();
                ExpectedRules::Exactly(names)
            }
        }
    }

    fn rule_named(&mut self, path: &Path) -> Option<Arc<str>> {
        let (last, before) = path.parts.split_last()?;
        let written: String = before.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(".");
        let package = match before {
            [] => Some(self.scope.place.package),
            [word] => self.package_of_word(&word.text).or(Some(written.as_str())),
            _ => Some(written.as_str()),
        };
        if let Some(package) = package
            && let Some(index) = self.symbols.rule(package, &last.text)
        {
            self.note_use(last.span, |checker| checker.rule_symbol(index));
            self.note_home(path, package);
            return Some(format!("{package}.{}", last.text).into());
        }
        let home = package.unwrap_or_default().to_owned();
        if !self.is_broken(&home, &last.text) {
            let at = self.at(path.span);
            let diagnostic = Diagnostic::error(Code::UnknownRule, at, format!("no rule `{}`", path_text(path)));
            let diagnostic = match self.symbols.suggestions.nearest(&last.text, self.symbols.rules_of(&home)) {
                Some(near) => diagnostic.with_help(format!("there is `{near}`")).with_fix(format!("replace with `{near}`"), self.at(last.span), near),
                None => diagnostic.with_help(self.rules_there_are(&home)),
            };
            self.report(diagnostic);
        }
        None
    }

    /// The names of a package's rules, as a help lists them.
    fn rules_there_are(&self, package: &str) -> String {
        let mut names: Vec<String> =
            self.symbols.rules_of(package).filter(|name| name.len() <= LONGEST_SHOWN).map(|name| format!("`{name}`")).take(SHOWN_RULES + 1).collect();
        let more = if names.len() > SHOWN_RULES { ", …" } else { "" };
        names.truncate(SHOWN_RULES);
        match names.is_empty() {
            true => format!("package `{package}` has no rules"),
            false => format!("package `{package}` has {}{more}", names.join(", ")),
        }
    }

    /// Checks a property.
    pub(super) fn check_property(&mut self, place: Place<'a>) -> Option<program::Property> {
        let ItemKind::Property { title, claims } = &place.item.kind else { return None };
        let (claims, _) = self.in_scope(Scope::new(place, Reads::All), |checker| {
            let claim = |checker: &mut Self, claim: &'a ast::Claim| Claim {
                always: claim.always,
                effect: effect(claim.effect),
                when: claim.when.as_ref().map(|when| checker.shown_condition(when)),
            };
            claims.iter().map(|written| claim(checker, written)).collect()
        });
        Some(program::Property { title: title.text.as_str().into(), claims, at: place.at(title.span) })
    }
}

fn is_record(expr: &ast::Expr) -> bool {
    matches!(strip(expr).kind, ast::ExprKind::Record(_))
}

fn clause_span(clause: &TestClause) -> Span {
    match clause {
        TestClause::Input(value) | TestClause::Result(value) | TestClause::Expect(value) | TestClause::Data { value, .. } => value.span,
        TestClause::ExpectEffect { span, .. } | TestClause::Step { span, .. } => *span,
    }
}

/// The value of a record literal's entry.
fn entry<'e>(record: &'e ast::Expr, name: &str) -> Option<&'e ast::Expr> {
    match &strip(record).kind {
        ast::ExprKind::Record(entries) => entries.iter().find(|(key, _)| key_text(key) == name).map(|(_, value)| value),
        _ => None,
    }
}

/// The type of `decision` in `expect`; [`decision_value`] makes its values.
pub fn decision_type() -> Type {
    let field = |name: &str, ty: Type, optional: bool| Field {
        name: name.into(),
        ty,
        presence: if optional { Presence::Optional } else { Presence::Required },
        refinement: None,
        doc: "".into(),
    };
    let record = |name: &str, fields: Vec<Field>| Type::Record(Arc::new(RecordType::new(Some(format!("std.{name}").into()), fields, false)));
    let variants = ["allow", "review", "deny"].map(Arc::from).to_vec();
    let effect = Type::Enum(Arc::new(EnumType::new(Some("std.Effect".into()), variants, true)));
    let text = || Type::Str;
    let reason = record("Reason", vec![field("rule", text(), false), field("id", text(), true), field("text", text(), false)]);
    let obligation = record("RequiredObligation", vec![field("name", text(), false), field("args", Type::Json, false)]);
    let error = record(
        "DecisionError",
        vec![field("rule", text(), true), field("score", text(), true), field("path", text(), true), field("message", text(), false)],
    );
    let shadow = record("ShadowEntry", vec![field("rule", text(), false), field("effect", effect.clone(), false), field("text", text(), false)]);
    record(
        "Decision",
        vec![
            field("effect", effect, false),
            field("rules", text().list(), false),
            field("reasons", reason.list(), false),
            field("obligations", obligation.list(), false),
            field("errors", error.list(), false),
            field("shadow", shadow.list(), false),
        ],
    )
}

/// A decision as the value that `decision` has in `expect`, from its JSON form.
pub fn decision_value(decision: &serde_json::Value) -> Kept {
    typed_value(decision, &decision_type())
}

fn typed_value(json: &serde_json::Value, ty: &Type) -> Kept {
    use serde_json::Value as Json;
    match (ty, json) {
        (Type::Record(record), Json::Object(fields)) => {
            let value = |field: &Field| fields.get(&*field.name).map_or(Kept::None, |json| typed_value(json, &field.ty));
            Kept::Record(KeptRecord { shape: record.shape.clone(), values: record.fields.iter().map(value).collect() })
        }
        (Type::List(element), Json::Array(items)) => Kept::List(items.iter().map(|item| typed_value(item, element)).collect()),
        (Type::Enum(ty), Json::String(text)) => Kept::Enum(text.as_str().into(), ty.rank_of(text).unwrap_or(0)),
        (_, json) => untyped_value(json),
    }
}

fn untyped_value(json: &serde_json::Value) -> Kept {
    use serde_json::Value as Json;
    match json {
        Json::Null => Kept::None,
        Json::Bool(value) => Kept::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Kept::Int(value),
            None => tollgate_stdlib::scalar::parse_decimal(&number.to_string()).map_or(Kept::None, Kept::Decimal),
        },
        Json::String(text) => Kept::Str(text.as_str().into()),
        Json::Array(items) => Kept::List(items.iter().map(untyped_value).collect()),
        Json::Object(fields) => {
            Kept::Map(tollgate_stdlib::KeptMap::new(fields.iter().map(|(name, value)| (name.as_str().into(), untyped_value(value))).collect()))
        }
    }
}
