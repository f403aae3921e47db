//! Giving an expression a name.

use std::collections::HashSet;

use tollgate_compiler::diagnostic::FileId;
use tollgate_compiler::syntax::ast::{BinaryOp, Expr, ExprKind, ItemKind, Span};
use tollgate_compiler::syntax::{lexer, walk};
use tollgate_compiler::{PolicySet, SymbolKind, Use};
use tollgate_stdlib::types::Type;

use super::written::type_text;
use super::{Action, ActionKind, Asked, Here};

/// What a function is given: text, name, type.
struct Given {
    text: String,
    name: String,
    ty: String,
}

/// The selected expression as a `let`, or as a `fn` of what is known only where it stands.
pub fn extract(asked: &Asked<'_>, here: &Here<'_>) -> Option<Action> {
    let expr = selected(here)?;
    let span = here.place.at(expr.span);
    let ty = match &expr.kind {
        // Of a condition, only what it is joined of has been looked at.
        ExprKind::Logic { .. } => &Type::Bool,
        _ => here.inspection.expected_of(span).or_else(|| here.inspection.type_of(span))?,
    };
    if ty.is_error() || here.place.start == 0 {
        return None;
    }
    let (given, body) = parameters(asked.set, here, expr)?;
    if !given.is_empty() && is_single_call(expr) {
        return None;
    }
    let name = unique(asked.set, here.file, &proposed(expr));
    let is_literal = matches!(expr.kind, ExprKind::Template { .. } | ExprKind::List(_) | ExprKind::Set(_) | ExprKind::Record(_));
    let annotation = if is_literal { format!(": {}", type_text(asked.set, here.file, ty)?) } else { String::new() };
    let (title, declared, used) = if given.is_empty() {
        (format!("extract `let {name}`"), format!("let {name}{annotation} = {body}"), name)
    } else {
        let params: Vec<String> = given.iter().map(|given| format!("{}: {}", given.name, given.ty)).collect();
        let args: Vec<&str> = given.iter().map(|given| given.text.as_str()).collect();
        (format!("extract `fn {name}`"), format!("fn {name}({}) = {body}", params.join(", ")), format!("{name}({})", args.join(", ")))
    };
    let edits = vec![here.insert(here.before(), format!("{declared}\n\n")), here.replace(expr.span, used)];
    Some(Action::new(title, ActionKind::Extract, edits))
}

/// The expression that is selected, where it may have a name.
fn selected<'a>(here: &Here<'a>) -> Option<&'a Expr> {
    let text = here.range.of(here.text);
    let start = here.range.start + (text.len() - text.trim_start().len()) as u32;
    let span = Span { start, end: start + text.trim().len() as u32 };
    // A property's request is no rule's: what guards a value there does not guard a function's.
    let is_policy = matches!(here.item.kind, ItemKind::Rule(_) | ItemKind::Score { .. } | ItemKind::Fn { .. } | ItemKind::Let { .. });
    if !is_policy || text.trim().is_empty() {
        return None;
    }
    let around = here.around(span);
    let expr = around.iter().rev().find(|expr| expr.span == span)?;
    let is_pattern = around.iter().any(|parent| match &parent.kind {
        ExprKind::Binary { op: BinaryOp::Like | BinaryOp::Matches, right, .. } => right.span == span,
        _ => false,
    });
    let is_named = matches!(expr.kind, ExprKind::Name(_) | ExprKind::Lambda { .. } | ExprKind::Error | ExprKind::None);
    // After `because` stands a text, and no name of one.
    let is_reason = reasons(&here.item.kind).iter().any(|because| because.span == expr.span);
    (!is_pattern && !is_named && !is_reason).then_some(expr)
}

/// The texts after each `because` of an item.
fn reasons(item: &ItemKind) -> Vec<&Expr> {
    match item {
        ItemKind::Rule(rule) => rule.because.iter().collect(),
        ItemKind::Score { parts, .. } => parts.iter().filter_map(|part| part.because.as_ref()).collect(),
        _ => Vec::new(),
    }
}

/// Whether an expression is one call of what has a name, or one reading of a path: a function of it would be another name for it.
fn is_single_call(expr: &Expr) -> bool {
    let mut is_plain = true;
    walk(expr, &mut |part| {
        let is_operand = matches!(part.kind, ExprKind::Name(_) | ExprKind::Field { .. } | ExprKind::Template { .. } | ExprKind::Int(_));
        is_plain &= is_operand || part.span == expr.span;
    });
    is_plain && matches!(expr.kind, ExprKind::Call { .. } | ExprKind::Method { .. } | ExprKind::Field { .. })
}

/// What the expression reads that is known only where it stands, and the expression with names for it.
fn parameters(set: &PolicySet, here: &Here<'_>, expr: &Expr) -> Option<(Vec<Given>, String)> {
    let mut parts: Vec<&Expr> = Vec::new();
    walk(expr, &mut |part| parts.push(part));
    let taken = taken(set, here.file);
    let mut given: Vec<Given> = Vec::new();
    let mut replaced: Vec<(Span, String)> = Vec::new();
    let roots = parts.iter().filter(|part| matches!(part.kind, ExprKind::Name(_)));
    for root in roots {
        let Some(passed) = passed(here, expr, root, &parts)? else { continue };
        let text = passed.span.of(here.text);
        let name = match given.iter().find(|given| given.text == text) {
            Some(known) => known.name.clone(),
            None => {
                let ty = type_text(set, here.file, here.inspection.type_of(here.place.at(passed.span))?)?;
                let name = parameter_name(passed, &taken, &given);
                given.push(Given { text: text.to_owned(), name: name.clone(), ty });
                name
            }
        };
        replaced.push((passed.span, name));
    }
    replaced.sort_by_key(|(span, _)| *span);
    let mut body = expr.span.of(here.text).to_owned();
    for (span, name) in replaced.into_iter().rev() {
        let (start, end) = ((span.start - expr.span.start) as usize, (span.end - expr.span.start) as usize);
        body.get(start..end)?;
        body.replace_range(start..end, &name);
    }
    Some((given, body))
}

/// The part of a chain of fields that a function must be given; `None` for what it may read itself, none at all where it cannot be given.
fn passed<'e>(here: &Here<'_>, whole: &Expr, root: &'e Expr, parts: &[&'e Expr]) -> Option<Option<&'e Expr>> {
    let used = used_at(here, root.span)?;
    let mut chain: Vec<&Expr> = parts.iter().copied().filter(|part| part.span.start == root.span.start && is_chain(part)).collect();
    chain.sort_by_key(|part| part.span.end);
    let narrowed = chain.iter().copied().find(|part| is_narrowed(here, part));
    let is_within = |at: Span| whole.span.start <= at.start && at.end <= whole.span.end;
    match &used.symbol.kind {
        SymbolKind::Variable if used.symbol.at.and_then(|at| here.within(at)).is_some_and(is_within) => Some(None),
        SymbolKind::Variable => Some(Some(narrowed.unwrap_or(root))),
        SymbolKind::Field if *used.symbol.name == *"args" && matches!(used.symbol.ty, Type::Record(_)) => {
            narrowed.or(chain.get(1).copied()).map(Some)
        }
        _ => Some(narrowed),
    }
}

fn is_chain(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Name(_) | ExprKind::Field { optional: false, .. })
}

/// Whether something around the expression proves it present.
fn is_narrowed(here: &Here<'_>, expr: &Expr) -> bool {
    let name = match &expr.kind {
        ExprKind::Field { name, .. } => name.span,
        _ => expr.span,
    };
    let is_present = here.inspection.type_of(here.place.at(expr.span)).is_some_and(|ty| !ty.is_optional());
    is_present && used_at(here, name).is_some_and(|used| used.symbol.ty.is_optional())
}

fn used_at<'h>(here: &'h Here<'_>, name: Span) -> Option<&'h Use> {
    let at = here.at(name);
    here.inspection.uses.iter().find(|used| used.at == at)
}

fn parameter_name(passed: &Expr, taken: &HashSet<String>, given: &[Given]) -> String {
    let word = match &passed.kind {
        ExprKind::Field { name, .. } => name.text.to_string(),
        ExprKind::Name(name) => name.to_string(),
        _ => "value".to_owned(),
    };
    let is_free = |name: &String| !taken.contains(name) && !lexer::is_keyword(name) && given.iter().all(|given| given.name != *name);
    let numbered = (2..).map(|number| format!("{word}_{number}"));
    [word.clone(), format!("the_{word}")].into_iter().chain(numbered).find(is_free).unwrap_or(word)
}

/// The names that a parameter would hide.
fn taken(set: &PolicySet, file: FileId) -> HashSet<String> {
    let fields = set.program().input.fields.iter().map(|field| field.name.to_string());
    let declared = set.declared(false);
    let own = declared.iter().filter_map(|symbol| match symbol.kind {
        SymbolKind::Package => symbol.name.rsplit('.').next().map(str::to_owned),
        _ => symbol.name.rsplit_once('.').filter(|(package, _)| *package == set.package(file)).map(|(_, own)| own.to_owned()),
    });
    fields.chain(own).collect()
}

/// A name that nothing in the package has, nor any variable of its files.
fn unique(set: &PolicySet, file: FileId, word: &str) -> String {
    let package = set.package(file);
    let files = (0..).map(FileId).take(set.own_files()).filter(|file| set.package(*file) == package);
    let texts: Vec<&str> = files.map(|file| set.sources().text(file)).collect();
    let is_free = |name: &String| !lexer::is_keyword(name) && texts.iter().all(|text| !text.contains(name.as_str()));
    let numbered = (2..10_000).map(|number| format!("{word}_{number}"));
    [word.to_owned()].into_iter().chain(numbered).find(is_free).unwrap_or_else(|| format!("{word}_new"))
}

/// A name for an expression.
fn proposed(expr: &Expr) -> String {
    let of = |expr: &Expr, end: &str| match &expr.kind {
        ExprKind::Field { name, .. } | ExprKind::Method { name, .. } | ExprKind::Call { name, .. } => format!("{}{end}", name.text),
        ExprKind::Name(name) => format!("{name}{end}"),
        _ => format!("value{end}"),
    };
    match &expr.kind {
        ExprKind::Int(_) | ExprKind::Decimal(_) | ExprKind::Duration(_) => "limit".to_owned(),
        ExprKind::Template { .. } => "text".to_owned(),
        ExprKind::List(_) | ExprKind::Set(_) => "known".to_owned(),
        ExprKind::Binary { op: BinaryOp::Gt | BinaryOp::Ge, left, .. } => of(left, "_is_large"),
        ExprKind::Binary { op: BinaryOp::Lt | BinaryOp::Le, left, .. } => of(left, "_is_small"),
        ExprKind::Binary { op: BinaryOp::In | BinaryOp::Like | BinaryOp::Matches | BinaryOp::Eq, left, .. } => of(left, "_fits"),
        ExprKind::Logic { .. } | ExprKind::Unary { .. } | ExprKind::Binary { op: BinaryOp::Ne | BinaryOp::NotIn, .. } => "is_meant".to_owned(),
        _ => of(expr, "_value"),
    }
}
