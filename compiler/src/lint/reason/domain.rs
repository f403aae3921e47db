//! What is known of a value by what it is: hours end at 23, a score stays in its range, a tool's name has no `/`.

use std::collections::BTreeSet;

use tollgate_evaluator::plan::{Fact, Order};
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::{Presence, Type};

use crate::check::tools::split;
use crate::diagnostic::nearest;
use crate::program::{Argument, Expr, ExprKind, Program, Score};

use super::values::{Constraint, Unknown, fits_tool_name};
use super::{constant, constraint};

/// In sets with more tools than this their attributes are not gone through.
const MAX_TOOLS: usize = 256;
/// How many values of an attribute a help lists.
const SHOWN: usize = 8;
/// An `if` of more branches than this may give anything, and one that nests deeper.
const MAX_BRANCHES: usize = 16;

/// What an expression is that says of its values which they are.
enum Domain<'p> {
    /// A part of a time: its method, the least and the greatest value, and how they are read.
    Part(&'static str, i64, i64, &'static str),
    /// How many there are: the method.
    Count(&'static str),
    Score(&'p Score),
    ToolName,
    /// The category or title of a declared tool, or the empty one of others.
    Attribute(Fact, BTreeSet<&'p str>),
    /// A field with a refinement that says so in its own words.
    Refined(String, &'p str, Vec<(Constraint, bool)>),
    /// One of several constants, as the branches of an `if` are.
    Branches(Vec<Kept>),
    /// Any `int`.
    Int,
}

/// What is known of the value of an expression. That no declared tool has an attribute is told where it is compared, and no more is made of it: a tool that is
/// declared tomorrow may have it.
pub fn known(program: &Program, expr: &Expr) -> Vec<(Constraint, bool)> {
    let domain = Domain::of(program, expr).filter(|domain| !matches!(domain, Domain::Attribute(..)));
    domain.map(|domain| domain.known(expr)).unwrap_or_default()
}

/// The outcome of a comparison that follows from what one side of it is, and why.
pub fn outcome(program: &Program, comparison: &Expr) -> Option<(bool, String)> {
    if let Some(why) = lacking_label(program, comparison) {
        return Some((false, why));
    }
    let (about, constraint) = constraint(comparison, &constant)?;
    let domain = Domain::of(program, about)?;
    let may_be = |outcome: bool| {
        let mut unknown = Unknown::default();
        domain.known(about).into_iter().for_each(|(known, holds)| unknown.add(&about.ty, known, holds));
        unknown.add(&about.ty, constraint.clone(), outcome);
        unknown.is_possible()
    };
    let outcome = match (may_be(true), may_be(false)) {
        (false, _) => false,
        (true, false) if !matches!(domain, Domain::Attribute(..)) => true,
        _ => return None,
    };
    Some((outcome, domain.why(&constraint)))
}

/// Why no tool has the label that a condition asks for, if so.
pub fn lacking_label(program: &Program, condition: &Expr) -> Option<String> {
    let ExprKind::In(label, labels) = &condition.kind else { return None };
    let (Some(Kept::Str(label)), ExprKind::Fact(fact @ Fact::Labels)) = (label.constant(), &labels.kind) else { return None };
    let known = attributes(program, *fact)?;
    (!known.contains(&**label)).then(|| of_attribute("labels", label, &known))
}

impl<'p> Domain<'p> {
    fn of(program: &'p Program, expr: &Expr) -> Option<Domain<'p>> {
        match &expr.kind {
            ExprKind::WithPresent { body, .. } => Domain::of(program, body),
            ExprKind::If { .. } | ExprKind::Definition(_) => match branches(program, expr, MAX_BRANCHES) {
                Some(values) => Some(Domain::Branches(values)),
                None => of_type(&expr.ty),
            },
            ExprKind::Coalesce(inner, other) => {
                let (domain, other) = (Domain::of(program, inner)?, other.constant()?);
                let fits = domain.known(expr).iter().all(|(known, holds)| known.holds(other) == Some(*holds));
                fits.then_some(domain)
            }
            ExprKind::Call { function, args } => match (function.key, args.as_slice()) {
                ("timestamp.weekday", _) => Some(Domain::Part("weekday", 1, 7, "1 (Monday) to 7 (Sunday)")),
                ("timestamp.hour", _) => Some(Domain::Part("hour", 0, 23, "0 to 23")),
                ("timestamp.minute", _) => Some(Domain::Part("minute", 0, 59, "0 to 59")),
                ("timestamp.month", _) => Some(Domain::Part("month", 1, 12, "1 to 12")),
                ("timestamp.day", _) => Some(Domain::Part("day", 1, 31, "1 to 31")),
                ("string.len" | "collection.len", [Argument::Value(_)]) => Some(Domain::Count("len")),
                ("collection.count", _) => Some(Domain::Count("count")),
                _ => of_type(&expr.ty),
            },
            ExprKind::Score(place) => program.scores.get(*place).map(Domain::Score),
            ExprKind::Fact(fact @ (Fact::Category | Fact::Title)) => attributes(program, *fact).map(|values| Domain::Attribute(*fact, values)),
            ExprKind::Field { base, name, .. } => match &base.kind {
                ExprKind::Input(field) if Some(*field) == program.tool_field && &**name == "name" => Some(Domain::ToolName),
                _ => refined(program, base, name).or_else(|| of_type(&expr.ty)),
            },
            _ => of_type(&expr.ty),
        }
    }

    fn known(&self, expr: &Expr) -> Vec<(Constraint, bool)> {
        let listed = |mut values: Vec<Kept>| {
            values.extend(expr.ty.is_optional().then_some(Kept::None));
            vec![(Constraint::OneOf(values), true)]
        };
        match self {
            Domain::Part(_, least, most, _) => listed((*least..=*most).map(Kept::Int).collect()),
            Domain::Count(_) => vec![(Constraint::Order(Order::GreaterOrEqual, Kept::Int(0)), true)],
            Domain::Score(score) => {
                let (least, most) = extent(score);
                let bound = |order, value| (Constraint::Order(order, Kept::Int(value)), true);
                vec![bound(Order::GreaterOrEqual, least), bound(Order::LessOrEqual, most)]
            }
            Domain::ToolName => vec![(Constraint::ToolName, true)],
            Domain::Attribute(_, values) => listed(values.iter().map(|value| Kept::Str((*value).into())).collect()),
            // A refinement holds where the field is there.
            Domain::Refined(_, _, known) if expr.ty.is_optional() => known.iter().filter_map(or_absent).collect(),
            Domain::Refined(_, _, known) => known.clone(),
            Domain::Branches(values) => listed(values.clone()),
            Domain::Int => Vec::new(),
        }
    }

    /// Why a comparison with it has one outcome.
    fn why(&self, compared: &Constraint) -> String {
        match self {
            Domain::Part(method, _, _, values) => format!("`.{method}()` is {values}"),
            Domain::Count(method) => format!("`.{method}()` is 0 or more"),
            Domain::Score(score) => {
                let name = score.name.rsplit('.').next().unwrap_or_default();
                match extent(score) {
                    (least, most) if least == most => format!("`{name}` is always {least}"),
                    (0, most) => format!("`{name}` is {most} at most"),
                    (least, most) => format!("`{name}` is {least} to {most}"),
                }
            }
            Domain::ToolName => of_tool_name(compared),
            Domain::Attribute(fact, values) => match compared {
                Constraint::OneOf(compared) => match compared.as_slice() {
                    [Kept::Str(only)] => of_attribute(fact.name(), only, values),
                    _ => of_attributes(fact.name(), values),
                },
                _ => of_attributes(fact.name(), values),
            },
            Domain::Refined(name, text, _) => format!("`{name}` is declared `where {text}`"),
            Domain::Branches(values) => of_branches(values),
            Domain::Int => format!("an `int` is {} to {}", i64::MIN, i64::MAX),
        }
    }
}

fn of_type<'p>(ty: &Type) -> Option<Domain<'p>> {
    matches!(ty, Type::Int).then_some(Domain::Int)
}

/// The constants that the branches of an expression come to, so many at most.
fn branches(program: &Program, expr: &Expr, most: usize) -> Option<Vec<Kept>> {
    let most = most.checked_sub(1)?;
    match &expr.kind {
        ExprKind::If { then, otherwise, .. } => {
            let mut values = branches(program, then, most)?;
            values.extend(branches(program, otherwise, most.checked_sub(values.len())?)?);
            Some(values)
        }
        ExprKind::Definition(place) => branches(program, &program.definitions.get(*place)?.body, most),
        _ => constant(expr).map(|value| vec![value]),
    }
}

/// The least and the greatest value that a score can have.
fn extent(score: &Score) -> (i64, i64) {
    let amounts: Option<Vec<i64>> =
        score.parts.iter().map(|part| if let Some(Kept::Int(amount)) = part.amount.constant() { Some(*amount) } else { None }).collect();
    let Some(amounts) = amounts.filter(|_| score.low <= score.high) else { return (score.low, score.high) };
    let sum = |is_counted: fn(&i64) -> bool| amounts.iter().copied().filter(is_counted).fold(0, i64::saturating_add).clamp(score.low, score.high);
    (sum(|amount| *amount < 0), sum(|amount| *amount > 0))
}

/// What a field of the request is that declares a condition of its own.
fn refined<'p>(program: &'p Program, base: &Expr, name: &str) -> Option<Domain<'p>> {
    // What is made in the policy is held to no refinement.
    if !is_of_request(base) {
        return None;
    }
    let Type::Record(record) = base.ty.present() else { return None };
    let (place, field) = record.field(name)?;
    let number = field.refinement.filter(|_| !matches!(field.presence, Presence::Default(_)))?;
    let refinement = program.refinements.get(usize::try_from(number).ok()?)?;
    let mut said = Vec::new();
    each_conjunct(&refinement.condition, true, &mut |condition, outcome| {
        let about_field = constraint(condition, &constant).filter(|(about, _)| matches!(about.kind, ExprKind::Local(local) if local == place));
        said.extend(about_field.map(|(_, constraint)| (constraint, outcome)));
    });
    (!said.is_empty()).then(|| Domain::Refined(name.to_owned(), &refinement.text, said))
}

/// What is known of a value that may be absent, by what is known of it where it is there.
fn or_absent((known, holds): &(Constraint, bool)) -> Option<(Constraint, bool)> {
    match known {
        Constraint::OneOf(values) if *holds => Some((Constraint::OneOf(values.iter().cloned().chain([Kept::None]).collect()), true)),
        Constraint::OneOf(_) => Some((known.clone(), false)),
        _ => None,
    }
}

/// Whether a value is read from the request as it came.
fn is_of_request(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Input(_) | ExprKind::Args => true,
        ExprKind::Field { base, .. } => is_of_request(base),
        _ => false,
    }
}

/// Calls back with the conditions that hold or do not, where one has that outcome.
fn each_conjunct<'e>(condition: &'e Expr, outcome: bool, visit: &mut impl FnMut(&'e Expr, bool)) {
    match &condition.kind {
        ExprKind::Not(inner) => each_conjunct(inner, !outcome, visit),
        ExprKind::And(parts) if outcome => parts.iter().for_each(|part| each_conjunct(part, true, visit)),
        ExprKind::Or(parts) if !outcome => parts.iter().for_each(|part| each_conjunct(part, false, visit)),
        _ => visit(condition, outcome),
    }
}

/// The values that an attribute of the declared tools has, and that of a tool which none declares; `None` where no tools are declared, or too many.
fn attributes(program: &Program, fact: Fact) -> Option<BTreeSet<&str>> {
    if program.tools.is_empty() || program.tools.len() > MAX_TOOLS {
        return None;
    }
    let mut values = BTreeSet::new();
    for value in program.tools.iter().filter_map(|tool| tool.facts.get(fact as usize)) {
        match value {
            Kept::Str(text) => values.extend([&**text]),
            Kept::Set(texts) => values.extend(texts.items().iter().filter_map(|text| text.view().as_str())),
            _ => return None,
        }
    }
    if fact != Fact::Labels {
        values.insert("");
    }
    Some(values)
}

fn of_attribute(name: &str, compared: &str, values: &BTreeSet<&str>) -> String {
    match nearest(compared, values.iter().filter(|value| !value.is_empty())) {
        Some(near) => format!("no declared tool has \"{compared}\" in `{name}`; there is \"{near}\""),
        None => of_attributes(name, values),
    }
}

fn of_attributes(name: &str, values: &BTreeSet<&str>) -> String {
    let shown = shown(values.iter().filter(|value| !value.is_empty()).map(|value| format!("\"{value}\"")));
    match shown.is_empty() {
        true => format!("no declared tool has anything in `{name}`"),
        false => format!("the declared tools have {} in `{name}`", shown.join(", ")),
    }
}

fn of_branches(values: &[Kept]) -> String {
    let mut seen = BTreeSet::new();
    let texts = values.iter().map(|value| match value {
        Kept::Str(text) | Kept::Enum(text, _) => format!("\"{text}\""),
        other => other.view().to_string(),
    });
    format!("what is compared is {}", shown(texts.filter(|text| seen.insert(text.clone()))).join(" or "))
}

/// The first of several values, and whether there are others.
fn shown(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut shown: Vec<String> = values.take(SHOWN + 1).collect();
    if shown.len() > SHOWN {
        shown.truncate(SHOWN);
        shown.push("others".to_owned());
    }
    shown
}

/// Why a text is no tool's name.
fn of_tool_name(compared: &Constraint) -> String {
    const NAMES: &str = "names have letters, digits, `_`, `.` and `-`";
    let text = match compared {
        Constraint::OneOf(texts) => texts.iter().filter_map(|text| text.view().as_str()).find(|text| !fits_tool_name(text)),
        Constraint::Starts(text) | Constraint::Ends(text) | Constraint::Contains(text) | Constraint::Like { pattern: text, .. } => Some(&**text),
        Constraint::Order(..) | Constraint::ToolName => None,
    };
    match text {
        Some(text) if matches!(split(text), (Some(server), own) if !server.is_empty() && fits_tool_name(own)) => {
            format!("`tool.name` has no `/`: write `on \"{text}\"`, or ask `tool.server` too")
        }
        Some(text) if text.contains('/') => "`tool.name` has no `/`; `tool.server` says which server has the tool".to_owned(),
        Some("") => "`tool.name` is never empty".to_owned(),
        _ => format!("no tool has such a name: {NAMES}"),
    }
}
