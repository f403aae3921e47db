//! What authors write who know other languages, where it can be read and means nothing: names and functions.

use std::collections::HashSet;

use tollgate_stdlib::scalar;
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Function as Builtin, Sig, Value};

use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::format::expr_to_text;
use crate::syntax::ast::{self, ItemKind, Name, Span};
use crate::syntax::lexer::is_type_name;
use crate::syntax::walk;

use super::Checker;
use super::literal::plain_text;
use super::presence::strip;
use super::scope::Args;
use super::symbols::ValueRef;

/// Longer expressions are not written again in a fix.
pub(super) const LONGEST_REWRITTEN: usize = 500;

/// The longest name of a field, in bytes, that is told to who misses one.
const LONGEST_SHOWN: usize = 100;

impl<'a> Checker<'a> {
    /// What is meant by a name that nothing here has, where that is known.
    pub(super) fn foreign_name(&self, name: &str, diagnostic: &Diagnostic) -> Option<Diagnostic> {
        let at = diagnostic.at;
        let told = |help: &str| Some(diagnostic.clone().with_help(help));
        let write = |text: &str| Some(diagnostic.clone().with_help(format!("write `{text}`")).with_fix(format!("write `{text}`"), at, text));
        if let Some(meant) = foreign_constant(name) {
            return write(meant);
        }
        if let Some(duration) = iso_duration(name) {
            return write(&duration);
        }
        if let Args::Tools { record, .. } = &self.scope.args
            && record.field(name).is_some()
        {
            return write(&format!("args.{name}"));
        }
        if self.scope.local("decision").is_some() && matches!(name, "effect" | "rules" | "reasons" | "obligations" | "errors" | "shadow") {
            return write(&format!("decision.{name}"));
        }
        if self.scope.local("decision").is_some()
            && let Some(effect) = effect_of(name)
        {
            return write(effect);
        }
        let known = |field: &&str| self.known.input.field(field).is_some();
        match name {
            "principal" | "caller" | "subject" | "actor" | "bot" if known(&"agent") => write("agent"),
            "arguments" | "params" | "parameters" | "arg" if known(&"args") => write("args"),
            "now" | "time" | "today" if known(&"context") => told("the time of the request is `context.time`, which may be absent"),
            "action" | "resource" | "request" | "input" => {
                let fields: Vec<String> = self
                    .known
                    .input
                    .fields
                    .iter()
                    .filter(|field| field.name.len() <= LONGEST_SHOWN)
                    .take(8)
                    .map(|field| format!("`{}`", field.name))
                    .collect();
                told(&format!("what a request holds has names of its own: {}", fields.join(", ")))
            }
            "tool" => told("the `input` block does not declare it: write `tool: Tool` there"),
            "args" => told("the `input` block does not declare it: write `args: json = {}` there"),
            "data" => told("data are declared, as in `data limits: map<int>`, and named alone"),
            "_" => told("`_` stands for no element: ask a list with `.any(x => …)`"),
            _ => None,
        }
    }

    pub(super) fn is_function(&self, name: &str) -> bool {
        let Some(ValueRef::Definition(place)) = self.find_value(name) else { return false };
        self.symbols.definitions.get(place).is_some_and(|place| matches!(place.item.kind, ItemKind::Fn { .. }))
    }

    pub(super) fn is_known(&self, name: &str) -> bool {
        self.scope.local(name).is_some()
            || self.known.input.field(name).is_some()
            || self.find_value(name).is_some()
            || self.package_of_word(name).is_some()
    }

    /// `input.args`, `data.limits` or `Risk.high`, where none of the first words is a name.
    pub(super) fn foreign_path(&mut self, base: &ast::Expr, name: &Name, span: Span) -> Option<Diagnostic> {
        let ast::ExprKind::Name(word) = &base.kind else { return None };
        let may_be = matches!(word.as_str(), "input" | "request" | "req" | "data") || is_type_name(word);
        if !may_be || self.is_known(word) {
            return None;
        }
        let text = &name.text;
        let prefix = Span { start: base.span.start, end: name.span.start };
        let reaches = match word.as_str() {
            "input" | "request" | "req" => self.known.input.field(text).is_some(),
            "data" => matches!(self.find_value(text), Some(ValueRef::Data(_))),
            _ => false,
        };
        if reaches {
            let what = if word == "data" { "data are" } else { "what a request holds is" };
            let diagnostic = Diagnostic::error(Code::UnknownName, self.at(base.span), format!("nothing here is named `{word}`"));
            let diagnostic = diagnostic.with_help(format!("{what} named alone: write `{text}`"));
            return Some(diagnostic.with_fix(format!("write `{text}`"), self.at(prefix), ""));
        }
        let package = self.symbols.packages.get(self.scope.place.package)?;
        let is_variant = package.types.contains_key(word.as_str()) && self.known.variants.contains(text.as_str());
        is_variant.then(|| {
            let quoted = format!("\"{text}\"");
            Diagnostic::error(Code::UnknownName, self.at(base.span), format!("`{word}` is a type, and no value"))
                .with_help(format!("the variants of enums are written in quotes: `{quoted}`"))
                .with_fix(format!("write `{quoted}`"), self.at(span), quoted)
        })
    }

    /// What to say of the name of a variant without quotes where that enum is needed.
    pub(super) fn bare_variant(&self, name: &str, ty: &tollgate_stdlib::types::EnumType, span: Span) -> Option<Diagnostic> {
        if ty.rank_of(name).is_none() || self.is_known(name) {
            return None;
        }
        let quoted = format!("\"{name}\"");
        let diagnostic = Diagnostic::error(Code::UnknownName, self.at(span), format!("nothing here is named `{name}`"));
        Some(diagnostic.with_help(format!("the variants of enums are written in quotes: `{quoted}`")).with_fix(
            format!("write `{quoted}`"),
            self.at(span),
            quoted,
        ))
    }

    /// A rule where a test expects something.
    pub(super) fn expected_rule(&self, name: &str, diagnostic: Diagnostic) -> Diagnostic {
        let rule = self.symbols.rule(self.scope.place.package, name);
        let effect = rule.and_then(|rule| self.symbols.rules.get(rule)).and_then(|place| match &place.item.kind {
            ItemKind::Rule(rule) => Some(super::rules::effect(rule.effect).name()),
            _ => None,
        });
        match effect.filter(|_| self.scope.local("decision").is_some()) {
            Some(effect) => {
                let text = format!("{effect} by {name}");
                let at = diagnostic.at;
                diagnostic.with_help(format!("expect what the rule decides: `expect {text}`")).with_fix(format!("write `{text}`"), at, text)
            }
            None => diagnostic.with_help(format!("`{name}` is a rule, and rules are no values")),
        }
    }

    /// What to say of a function of other languages; its arguments are not looked at then.
    pub(super) fn foreign_function(&self, name: &Name, args: &[ast::Expr], span: Span) -> Option<Diagnostic> {
        let diagnostic = Diagnostic::error(Code::UnknownName, self.at(name.span), format!("no function `{}`", name.text));
        let write = |diagnostic: Diagnostic, text: String| {
            diagnostic.with_help(format!("write `{text}`")).with_fix(format!("write `{text}`"), self.at(span), text)
        };
        if let Some(text) = args.first().filter(|_| args.len() == 1).and_then(plain_text)
            && let Some(literal) = literal_of(&name.text, &text)
        {
            return Some(write(diagnostic, literal));
        }
        if let Some(help) = function_help(&name.text) {
            return Some(diagnostic.with_help(help));
        }
        let method = self.method_named(&name.text)?;
        let fits = span.end.saturating_sub(span.start) as usize <= LONGEST_REWRITTEN;
        let takes = |function: &&Builtin| function.params.iter().skip(1).filter(|param| !param.optional).count();
        let wanted = self.known.methods.get(method).into_iter().flatten().map(takes).min().unwrap_or_default();
        let Some((receiver, rest)) = args.split_first().filter(|(_, rest)| fits && rest.len() >= wanted) else {
            if args.is_empty() && self.is_of_instants(method) {
                let help = format!("it is a method of an instant: choose `for time in context.time`, and write `time.{method}()`");
                return Some(diagnostic.with_help(help));
            }
            let given: Vec<String> = args.iter().filter(|_| fits).map(expr_to_text).collect();
            let given = if given.is_empty() { "…".to_owned() } else { given.join(", ") };
            return Some(diagnostic.with_help(format!("it is a method: write `value.{method}({given})`")));
        };
        let rest: Vec<String> = rest.iter().map(expr_to_text).collect();
        let text = format!("{}.{method}({})", operand_text(receiver), rest.join(", "));
        let diagnostic = diagnostic.with_help(format!("it is a method: write `{text}`"));
        Some(diagnostic.with_fix(format!("write `{text}`"), self.at(span), text))
    }

    /// Whether a method is one of instants alone.
    fn is_of_instants(&self, method: &str) -> bool {
        let functions = self.known.methods.get(method).map(Vec::as_slice).unwrap_or_default();
        functions.iter().all(|function| matches!(function.params.first().map(|param| param.sig), Some(Sig::Timestamp)))
    }

    fn method_named(&self, name: &str) -> Option<&'static str> {
        let known = |name: &str| self.known.methods.get_key_value(name).map(|(name, _)| *name);
        let plain = || {
            let wanted = name.to_ascii_lowercase().replace('_', "");
            self.known.methods.keys().copied().find(|method| method.replace('_', "") == wanted)
        };
        foreign_method(name).filter(|_| known(name).is_none_or(|_| name == "count")).and_then(known).or_else(|| known(name)).or_else(plain)
    }

    /// What to say of a condition on elements that does not name them: `xs.any(it == 1)`, or `calls.any(tool == "x")` where `tool` is a field of each.
    pub(super) fn unnamed_element(&self, function: &Builtin, receiver: &Type, name: &Name, args: &[ast::Expr]) -> Option<Diagnostic> {
        let ([_, param], [condition]) = (function.params, args) else { return None };
        if !matches!(param.sig, Sig::Lambda(..)) {
            return None;
        }
        let message = format!("`{}` takes a condition on an element, which has a name before `=>`", name.text);
        let diagnostic = Diagnostic::error(Code::Arguments, self.at(condition.span), message);
        let insert = |at: u32, text: String| Edit { at: self.at(Span { start: at, end: at }), text };
        let fields = self.fields_of_element(receiver, condition);
        let (element, mut edits) = match fields.is_empty() {
            true => (self.unknown_in(condition)?, Vec::new()),
            false => ("x", fields.into_iter().map(|field| insert(field.start, "x.".to_owned())).collect()),
        };
        let diagnostic = match edits.is_empty() {
            true => diagnostic.with_help(format!("write `{}({element} => …)`", name.text)),
            false => diagnostic.with_help(format!("write `{}(x => …)`, and `x.` before what is a field of the element", name.text)),
        };
        let start = format!("{element} => ");
        match edits.first_mut().filter(|edit| edit.at.span.start == condition.span.start) {
            Some(first) => first.text.insert_str(0, &start),
            None => edits.insert(0, insert(condition.span.start, start)),
        }
        Some(Diagnostic { fixes: vec![Fix::new(format!("write `{element} =>`"), edits)], ..diagnostic })
    }

    /// The first name in an expression that nothing has.
    fn unknown_in<'e>(&self, expr: &'e ast::Expr) -> Option<&'e str> {
        let mut unknown = None;
        walk(expr, &mut |expr| {
            if let ast::ExprKind::Name(word) = &expr.kind
                && unknown.is_none()
                && !self.is_known(word)
            {
                unknown = Some(word.as_str());
            }
        });
        unknown
    }

    /// The names in an expression that are rather fields of a collection's elements; those that something has by that name, and is read into, are not.
    fn fields_of_element(&self, collection: &Type, expr: &ast::Expr) -> Vec<Span> {
        let (Type::List(element) | Type::Set(element) | Type::Map(element)) = collection else { return Vec::new() };
        let Type::Record(record) = &**element else { return Vec::new() };
        let (mut named, mut read_into) = (Vec::new(), HashSet::new());
        walk(expr, &mut |expr| match &expr.kind {
            ast::ExprKind::Name(word) if record.field(word).is_some() => named.push((expr.span, word.as_str())),
            ast::ExprKind::Field { base, .. } | ast::ExprKind::Method { base, .. } | ast::ExprKind::Index { base, .. } => {
                read_into.insert(base.span.start);
            }
            _ => {}
        });
        named.retain(|(span, word)| !(self.is_known(word) && read_into.contains(&span.start)));
        named.into_iter().map(|(span, _)| span).collect()
    }

    /// An operand of `and` or `or` that means something else elsewhere: `x == "a" or "b"`, and `x or 10`.
    pub(super) fn foreign_operand(&self, and: bool, before: &ast::Expr, operand: &ast::Expr) -> Option<Diagnostic> {
        use ast::BinaryOp::{Eq, Like, Matches, Ne};
        let (before, literal) = (strip(before), strip(operand));
        let both = [before, literal].map(|expr| is_literal(expr).then(|| expr_to_text(expr)));
        if let ([Some(one), Some(other)], false) = (&both, and) {
            let diagnostic = Diagnostic::error(Code::NotBool, self.at(before.span.to(operand.span)), "`or` joins conditions, and gives no value");
            return Some(diagnostic.with_help(format!("to be one of several is `in {{{one}, {other}}}`")));
        }
        if let ast::ExprKind::Binary { op: op @ (Eq | Ne | Like | Matches), left, .. } = &before.kind
            && let Some(text) = plain_text(literal)
        {
            let sign = match op {
                Eq => "==",
                Ne => "!=",
                Like => "like",
                _ => "matches",
            };
            let again = format!("{} {sign} ", expr_to_text(left));
            let start = Span { start: operand.span.start, end: operand.span.start };
            let diagnostic = Diagnostic::error(Code::NotBool, self.at(operand.span), "a text is no condition");
            let diagnostic = diagnostic.with_help(format!("compare again: `{again}\"{text}\"`, or ask with `in` or `not in`"));
            return Some(diagnostic.with_fix("compare again", self.at(start), again));
        }
        let is_value = matches!(literal.kind, ast::ExprKind::List(_)) || is_literal(literal);
        let reads =
            matches!(before.kind, ast::ExprKind::Name(_) | ast::ExprKind::Field { .. } | ast::ExprKind::Index { .. } | ast::ExprKind::Method { .. });
        if and || !is_value || !reads {
            return None;
        }
        let between = Span { start: before.span.end, end: operand.span.start };
        let text = format!("{} ?? {}", expr_to_text(before), expr_to_text(operand));
        Some(
            Diagnostic::error(Code::NotBool, self.at(before.span.to(operand.span)), "`or` joins conditions, and gives no value")
                .with_help(format!("a value for what may be absent stands after `??`: `{text}`"))
                .with_fix("write `??`", self.at(between), " ?? "),
        )
    }
}

impl Checker<'_> {
    /// Whether an expression is what other languages call `none`, and nothing here.
    pub(super) fn is_foreign_none(&self, expr: &ast::Expr) -> bool {
        matches!(&strip(expr).kind, ast::ExprKind::Name(name) if foreign_constant(name) == Some("none") && !self.is_known(name))
    }
}

fn is_literal(expr: &ast::Expr) -> bool {
    matches!(expr.kind, ast::ExprKind::Int(_) | ast::ExprKind::Decimal(_) | ast::ExprKind::Duration(_)) || plain_text(expr).is_some()
}

/// An expression as text that may be followed by a method.
pub(super) fn operand_text(expr: &ast::Expr) -> String {
    use ast::ExprKind as Form;
    let text = expr_to_text(expr);
    match &expr.kind {
        Form::Unary { .. } | Form::Binary { .. } | Form::Logic { .. } | Form::If { .. } | Form::Has { .. } | Form::Lambda { .. } => {
            format!("({text})")
        }
        _ => text,
    }
}

/// The method of this language for one of others.
pub(super) fn foreign_method(name: &str) -> Option<&'static str> {
    match name.to_ascii_lowercase().replace('_', "").as_str() {
        "length" | "size" | "count" => Some("len"),
        "gethours" | "gethour" => Some("hour"),
        "getminutes" => Some("minute"),
        "getfullyear" => Some("year"),
        "getday" | "dayofweek" | "getdayofweek" => Some("weekday"),
        "includes" | "has" | "contain" => Some("contains"),
        "tolower" | "lowerascii" | "lowercase" | "tolowercase" => Some("lower"),
        "toupper" | "upperascii" | "uppercase" | "touppercase" => Some("upper"),
        "empty" | "isblank" => Some("is_empty"),
        "unique" | "uniq" | "dedup" => Some("distinct"),
        "issubset" | "subsetof" => Some("is_subset_of"),
        "difference" | "subtract" | "except" => Some("minus"),
        "intersection" => Some("intersect"),
        "concat" => Some("union"),
        "strip" | "trimspace" => Some("trim"),
        "sorted" => Some("sort"),
        "substring" | "substr" => Some("slice"),
        "some" | "exists" => Some("any"),
        "every" => Some("all"),
        "parseint" => Some("to_int"),
        "tostring" | "str" => Some("to_string"),
        _ => None,
    }
}

/// The constant of this language for one of others.
fn foreign_constant(name: &str) -> Option<&'static str> {
    match name {
        "null" | "nil" | "undefined" | "None" | "NULL" => Some("none"),
        "True" | "TRUE" | "yes" => Some("true"),
        "False" | "FALSE" | "no" => Some("false"),
        _ => None,
    }
}

/// The effect that a word means where a test expects something.
fn effect_of(word: &str) -> Option<&'static str> {
    match word {
        "allowed" | "permitted" | "permit" | "pass" => Some("allow"),
        "reviewed" | "approval" | "pending" => Some("review"),
        "denied" | "forbidden" | "blocked" | "forbid" | "rejected" => Some("deny"),
        _ => None,
    }
}

/// The literal that a conversion of a constant text is.
fn literal_of(function: &str, text: &str) -> Option<String> {
    match function.to_ascii_lowercase().as_str() {
        "decimal" | "float" | "number" | "double" => scalar::parse_decimal(text).map(|_| text.to_owned()),
        "int" | "integer" => scalar::parse_int(text).map(|value| value.to_string()),
        "duration" | "parse_duration" => scalar::parse_duration(text).map(duration_text),
        "datetime" | "date" | "parse_time" => scalar::parse_timestamp(text).map(|_| format!("timestamp(\"{text}\")")),
        "ipaddr" | "ip_address" | "ipaddress" => scalar::parse_ip(text).map(|_| format!("ip(\"{text}\")")),
        _ => None,
    }
}

/// A name that is a duration of ISO 8601, as the language writes it.
fn iso_duration(name: &str) -> Option<String> {
    let is_one = name.starts_with('P') && name.chars().any(|c| c.is_ascii_digit());
    scalar::parse_duration(name).filter(|_| is_one).map(duration_text)
}

fn duration_text(nanos: i64) -> String {
    Value::Duration(nanos).to_string()
}

/// What does here what a function does elsewhere.
fn function_help(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "now" | "today" | "time" | "current_time" => "the time of the request is `context.time`, which may be absent",
        "sprintf" | "format" | "concat" | "printf" => "put values into text with holes: `\"… {value} …\"`",
        "int" | "integer" | "to_number" | "parse_int" => {
            "text is read with `.to_int()` or `.to_decimal()`, which give an optional; `json` with `.as_int()`"
        }
        "decimal" | "float" | "number" | "double" => "text is read with `.to_decimal()`, which gives an optional; `json` with `.as_decimal()`",
        "str" | "string" | "to_string" => "a value becomes text with `.to_string()`, or in a hole: `\"{value}\"`",
        "duration" | "parse_duration" => "a duration is written `15m`; text is read with `.to_duration()`, which gives an optional",
        "datetime" | "date" => "an instant is written `timestamp(\"2026-01-31T09:00:00Z\")`",
        "defined" | "exists" | "isset" | "is_defined" | "isdefined" => "ask an optional with `!= none`, and a list or set with `.is_empty()`",
        "is_null" | "isnull" | "is_none" | "isnone" | "undefined" => "ask an optional with `== none`",
        "isinstance" | "typeof" | "type" | "is_string" | "is_number" | "is_int" | "is_list" => {
            "ask `json` with a conversion: `.as_int() != none`; other values have one type"
        }
        "range" | "between" => "write two comparisons: `x >= 1 and x < 5`",
        "set" => "a set is written `{a, b}`; a list becomes one with `.to_set()`",
        "list" => "a list is written `[a, b]`; a set becomes one with `.to_list()`",
        "coalesce" | "default" | "ifnull" | "get" => "a value for what may be absent stands after `??`",
        "bool" | "boolean" => "ask what you mean, as in `not ….is_empty()` or `!= none`",
        "hasattr" => "whether a field is there that may be absent is asked with `has`: `agent.attributes has region`",
        "getattr" => "a field is read with a dot: `agent.role`",
        "print" | "println" | "trace" | "log" => "a policy prints nothing: `tollgate eval --explain` shows the value of every condition",
        "not" => "write `not` without parentheses",
        "like" | "matches" | "regex_match" | "regexmatch" | "match" => {
            "write `text matches \"…\"` for a regular expression, `text like \"…\"` for a pattern with `*`"
        }
        _ => return None,
    })
}
