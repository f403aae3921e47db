//! What can be changed in a file: effects, `on`, conditions, operators, constants, bounds of scores, refinements, defaults.

use std::collections::{BTreeMap, HashSet};

use super::reach::{self, Reached};
use super::{Mutant, change};
use crate::diagnostic::FileId;
use crate::syntax::ast::{BinaryOp, Effect, Expr, ExprKind, FieldDecl, Item, ItemKind, Rule, ScorePart, Span, TypeExpr, UnaryOp};
use crate::syntax::lexer::{TokenKind, lex};
use crate::syntax::{File, SyntaxLimits, parse, path_text, walk};

/// The mutants of a set's files, in the order of the text.
pub fn of_files<'t>(files: impl Iterator<Item = (FileId, &'t str)>) -> Vec<Mutant> {
    let files: Vec<(FileId, &str, File)> = files.map(|(id, text)| (id, text, parse(text, id, &SyntaxLimits::default()).0)).collect();
    let reached = Reached::of(files.iter().flat_map(|(.., parsed)| &parsed.items));
    files.iter().flat_map(|(id, text, parsed)| of_file(*id, text, parsed, &reached)).collect()
}

fn of_file(file: FileId, text: &str, parsed: &File, reached: &Reached<'_>) -> Vec<Mutant> {
    let package = parsed.items.iter().find_map(|item| if let ItemKind::Package(path) = &item.kind { Some(path_text(path)) } else { None });
    let package = package.unwrap_or_default();
    let mut sites = Sites { file, text, reached, of: String::new(), within: Span::default(), found: Vec::new() };
    for item in &parsed.items {
        match &item.kind {
            ItemKind::Let { name, .. } | ItemKind::Fn { name, .. } if !reached.definitions.contains(&*name.text) => {}
            ItemKind::Type { name, .. } if !reached.types.contains(&*name.text) => {}
            _ => sites.item(&package, item),
        }
    }
    sites.found.sort_by(|a, b| (a.span, &a.replacement).cmp(&(b.span, &b.replacement)));
    // Of `when true`, the rule dropped and the constant turned round are one change.
    sites.found.dedup_by(|b, a| (a.span, &a.replacement) == (b.span, &b.replacement));
    sites.found
}

struct Sites<'t> {
    file: FileId,
    text: &'t str,
    reached: &'t Reached<'t>,
    of: String,
    within: Span,
    found: Vec<Mutant>,
}

impl Sites<'_> {
    fn item(&mut self, package: &str, item: &Item) {
        self.within = item.span;
        let named = |word: &str, name: &str| format!("{word} {package}.{name}");
        match &item.kind {
            ItemKind::Rule(rule) => {
                self.of = named(word(rule.effect), &rule.name.text);
                self.rule(rule);
            }
            ItemKind::Let { name, value, .. } => {
                self.of = named("let", &name.text);
                self.expression(value);
            }
            ItemKind::Fn { name, body, .. } => {
                self.of = named("fn", &name.text);
                self.expression(body);
            }
            ItemKind::Score { name, low, high, parts } => {
                self.of = named("score", &name.text);
                self.bounds(low, high, parts);
                self.score(high, parts);
            }
            ItemKind::Default { effect, effect_span, .. } => {
                self.of = format!("default {package}");
                match effect {
                    Effect::Review => {
                        self.swap(*effect_span, "review", "deny");
                        self.add(item.span, "", "the default is dropped");
                    }
                    _ => self.swap(*effect_span, word(*effect), "review"),
                }
            }
            ItemKind::Data { name, default: Some(default), .. } => {
                self.of = named("data", &name.text);
                self.expression(default);
            }
            ItemKind::Obligation { name, params } => {
                self.of = named("obligation", &name.text);
                params.iter().filter_map(|param| param.default.as_ref()).for_each(|default| self.expression(default));
            }
            ItemKind::Tool(tool) => {
                self.of = format!("tool {}", tool.name.text);
                tool.args.iter().for_each(|args| self.fields(&args.fields, &self.reached.arguments));
            }
            ItemKind::Type { name, ty } => {
                self.of = named("type", &name.text);
                self.in_type(ty, &self.reached.fields);
            }
            ItemKind::Input { fields, .. } => {
                self.of = format!("input {package}");
                self.fields(fields, &self.reached.fields);
            }
            _ => {}
        }
    }

    /// Refinements, and the defaults of what is read.
    fn fields(&mut self, fields: &[FieldDecl], read: &HashSet<&str>) {
        for field in fields {
            self.in_type(&field.ty, read);
            if let Some(refinement) = &field.refinement {
                if !matches!(refinement.kind, ExprKind::Paren(_)) {
                    self.add(Span { start: field.ty.span.end, end: refinement.span.end }, "", "the refinement is dropped");
                }
                self.expression(refinement);
            }
            field.default.iter().filter(|_| read.contains(&*field.name.text)).for_each(|default| self.expression(default));
        }
    }

    fn in_type(&mut self, ty: &TypeExpr, read: &HashSet<&str>) {
        self.fields(reach::fields_of(ty), read);
        reach::inner(ty).into_iter().for_each(|inner| self.in_type(inner, read));
    }

    /// The bounds of a score, each one more and one less where some sum of contributions can tell.
    fn bounds(&mut self, low: &Expr, high: &Expr, parts: &[ScorePart]) {
        let (least, most) = self.sums(parts).unzip();
        if let Some(low) = figure(low).map(|figure| (figure, low.span)) {
            self.bound(low, least.is_none_or(|least| least <= low.0), least.is_none_or(|least| least < low.0));
        }
        if let Some(high) = figure(high).map(|figure| (figure, high.span)) {
            self.bound(high, most.is_none_or(|most| most > high.0), most.is_none_or(|most| most >= high.0));
        }
    }

    /// The least and the greatest sum of contributions, where they are constants. Of those that compare the same with constants, one holds at a time.
    fn sums(&self, parts: &[ScorePart]) -> Option<(i128, i128)> {
        let mut ranges: BTreeMap<(&str, usize), (i128, i128)> = BTreeMap::new();
        for (place, part) in parts.iter().enumerate() {
            let key = self.compared(&part.condition).map_or(("", place), |compared| (compared, 0));
            let (amount, range) = (figure(&part.amount)?, ranges.entry(key).or_default());
            *range = (range.0.min(amount), range.1.max(amount));
        }
        Some(ranges.values().fold((0, 0), |sums, range| (sums.0 + range.0, sums.1 + range.1)))
    }

    /// What a condition compares with constants.
    fn compared(&self, condition: &Expr) -> Option<&str> {
        match &bare(condition).kind {
            ExprKind::Binary { op: BinaryOp::Eq | BinaryOp::In, left, right, .. } if is_constant(right) => Some(self.between(left.span)),
            _ => None,
        }
    }

    fn bound(&mut self, (figure, span): (i128, Span), more: bool, less: bool) {
        let old = self.between(span).to_owned();
        for new in [(more, figure + 1), (less, figure - 1)].into_iter().filter_map(|(tells, new)| tells.then_some(new)) {
            self.swap(span, &old, &new.to_string());
        }
    }

    /// Contributions. One that reaches the greatest value by itself does so too if it is more, where no other takes from it.
    fn score(&mut self, high: &Expr, parts: &[ScorePart]) {
        let grows = parts.iter().all(|part| figure(&part.amount).is_some_and(|amount| amount >= 0));
        for part in parts {
            let is_full = |amount: i128| grows && figure(high).is_some_and(|high| amount >= high);
            let found = self.found.len();
            self.expression(&part.amount);
            if figure(&part.amount).is_some_and(is_full) {
                let added = self.found.split_off(found);
                self.found.extend(added.into_iter().filter(|mutant| !mutant.replacement.parse().is_ok_and(is_full)));
            }
            self.condition(&part.condition);
        }
    }

    fn rule(&mut self, rule: &Rule) {
        self.effect(rule);
        self.tools(rule);
        self.dropped(rule);
        rule.choices.iter().for_each(|choice| self.expression(&choice.source));
        if let Some(when) = &rule.when {
            self.condition(when);
        }
        if let Some(unless) = &rule.unless {
            // One that is always true is the rule dropped.
            self.add(unless.span, "false", "the `unless` is dropped");
            self.expression(unless);
        }
        let required = rule.require.iter().flat_map(|requirement| requirement.args.iter());
        required.for_each(|(_, value)| self.expression(value));
    }

    /// Each other effect. The word is the last one before the name.
    fn effect(&mut self, rule: &Rule) {
        let before = Span { start: self.within.start, end: rule.name.span.start };
        let Some(found) = lex(self.between(before)).into_iter().rfind(|token| token.kind == TokenKind::Word) else { return };
        let span = Span { start: before.start + found.span.start, end: before.start + found.span.end };
        let old = word(rule.effect);
        for new in [Effect::Allow, Effect::Review, Effect::Deny].map(word).into_iter().filter(|new| *new != old) {
            self.swap(span, old, new);
        }
    }

    /// One tool less, where there are several; every tool, where there is one.
    fn tools(&mut self, rule: &Rule) {
        if let [only] = rule.on.as_slice() {
            return self.add(Span { start: rule.name.span.end, end: only.span.end }, "", "`on` is dropped");
        }
        for (place, tool) in rule.on.iter().enumerate() {
            let span = match (rule.on.get(place + 1), place.checked_sub(1).and_then(|before| rule.on.get(before))) {
                (Some(next), _) => Span { start: tool.span.start, end: next.span.start },
                (None, Some(before)) => Span { start: before.span.end, end: tool.span.end },
                (None, None) => continue,
            };
            self.add(span, "", &format!("`on` without `{}`", tool.text));
        }
    }

    /// A rule that never matches, as if it were not there. It keeps its name, for tests that ask after it.
    fn dropped(&mut self, rule: &Rule) {
        match &rule.when {
            Some(when) => self.add(when.span, "false", "the rule is dropped"),
            None => {
                let choices = rule.choices.last().map(|choice| choice.source.span.end);
                let end = choices.or(rule.on.last().map(|tool| tool.span.end)).unwrap_or(rule.name.span.end);
                self.add(Span { start: end, end }, " when false", "the rule is dropped");
            }
        }
    }

    /// A condition: always true, if it is a single one, then what can be changed within.
    fn condition(&mut self, condition: &Expr) {
        if !matches!(bare(condition).kind, ExprKind::Logic { and: true, .. } | ExprKind::Bool(_)) {
            self.add(condition.span, "true", "the condition is dropped");
        }
        self.expression(condition);
    }

    fn expression(&mut self, root: &Expr) {
        walk(root, &mut |expr| self.one(expr));
    }

    fn one(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Bool(value) => self.swap(expr.span, if *value { "true" } else { "false" }, if *value { "false" } else { "true" }),
            ExprKind::Int(_) | ExprKind::Decimal(_) => self.shift(expr.span, change::number),
            ExprKind::Duration(_) => self.shift(expr.span, change::duration),
            ExprKind::Binary { op, op_span, .. } => {
                if let Some((old, others)) = operators(*op) {
                    others.iter().for_each(|new| self.swap(*op_span, old, new));
                }
            }
            ExprKind::Logic { and, operands } => {
                if *and {
                    operands.iter().for_each(|operand| self.without(operand));
                }
                self.logic(*and, operands);
            }
            _ => {}
        }
    }

    /// A chain without one of its conjuncts.
    fn without(&mut self, operand: &Expr) {
        let text = self.between(operand.span).to_owned();
        self.add(operand.span, "true", &format!("without `{}`", crate::diagnostic::brief(text)));
    }

    /// All words of a chain the other way: `a and b and c` is `a or b or c`.
    fn logic(&mut self, and: bool, operands: &[Expr]) {
        let (old, new) = if and { ("and", "or") } else { ("or", "and") };
        let words: Vec<Span> = operands.windows(2).filter_map(|pair| self.word_between(pair, old)).collect();
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        let mut replacement = String::new();
        let mut done = first.start;
        for word in &words {
            replacement.push_str(self.between(Span { start: done, end: word.start }));
            replacement.push_str(new);
            done = word.end;
        }
        self.add(Span { start: first.start, end: last.end }, &replacement, &format!("`{old}` becomes `{new}`"));
    }

    /// Where a word stands between two operands.
    fn word_between(&self, pair: &[Expr], word: &str) -> Option<Span> {
        let [left, right] = pair else { return None };
        let within = |span: Span| Span { start: left.span.end + span.start, end: left.span.end + span.end };
        let tokens = lex(self.between(Span { start: left.span.end, end: right.span.start }));
        let mut words = tokens.into_iter().filter(|token| token.kind == TokenKind::Word).map(|token| within(token.span));
        words.find(|span| self.between(*span) == word)
    }

    fn swap(&mut self, span: Span, old: &str, new: &str) {
        self.add(span, new, &format!("`{old}` becomes `{new}`"));
    }

    fn shift(&mut self, span: Span, change: fn(&str, bool) -> Option<String>) {
        let old = self.between(span).to_owned();
        for new in [true, false].into_iter().filter_map(|more| change(&old, more)) {
            self.swap(span, &old, &new);
        }
    }

    fn between(&self, span: Span) -> &str {
        let range = usize::try_from(span.start).ok().zip(usize::try_from(span.end).ok());
        range.and_then(|(start, end)| self.text.get(start..end)).unwrap_or_default()
    }

    fn add(&mut self, span: Span, replacement: &str, what: &str) {
        self.found.push(Mutant {
            file: self.file,
            span,
            replacement: replacement.to_owned(),
            what: what.to_owned(),
            of: self.of.clone(),
            within: self.within,
        });
    }
}

/// The expression within brackets.
fn bare(expr: &Expr) -> &Expr {
    let mut inner = expr;
    while let ExprKind::Paren(within) = &inner.kind {
        inner = within;
    }
    inner
}

fn is_constant(expr: &Expr) -> bool {
    match &bare(expr).kind {
        ExprKind::Template { .. } | ExprKind::Int(_) | ExprKind::Bool(_) => true,
        ExprKind::Set(items) | ExprKind::List(items) => items.iter().all(is_constant),
        _ => false,
    }
}

/// The integer that an expression is.
fn figure(expr: &Expr) -> Option<i128> {
    match &bare(expr).kind {
        ExprKind::Int(figure) => figure.map(i128::from),
        ExprKind::Unary { op: UnaryOp::Neg, operand } => figure(operand).map(|figure| -figure),
        _ => None,
    }
}

/// How an operator is written, and what it is changed into: first the nearest mistake, then the opposite.
fn operators(op: BinaryOp) -> Option<(&'static str, &'static [&'static str])> {
    Some(match op {
        BinaryOp::Eq => ("==", &["!="]),
        BinaryOp::Ne => ("!=", &["=="]),
        BinaryOp::Lt => ("<", &["<=", ">="]),
        BinaryOp::Le => ("<=", &["<", ">"]),
        BinaryOp::Gt => (">", &[">=", "<="]),
        BinaryOp::Ge => (">=", &[">", "<"]),
        BinaryOp::In => ("in", &["not in"]),
        BinaryOp::NotIn => ("not in", &["in"]),
        BinaryOp::Add => ("+", &["-"]),
        BinaryOp::Sub => ("-", &["+"]),
        BinaryOp::Like | BinaryOp::Matches | BinaryOp::Coalesce | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => return None,
    })
}

fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Allow => "allow",
        Effect::Review => "review",
        Effect::Deny => "deny",
    }
}
