//! What expressions stand for in a request, and back: what must stand in the request for an expression to have a value.

use std::sync::Arc;

use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Kept, Timestamp, Value};

use super::claim::{Claim, text_of_length};
use super::element::Sifted;
use super::reckon::combine;
use super::shape::{Step, What};
use super::solve::{Branch, Env, MAX_WAYS, Meaning, State, Term, inner};
use super::text::under;
use super::{Part, Solver};
use crate::program::{Argument, Arithmetic, Expr, ExprKind};

/// How many entries of a table are looked at.
const MAX_ENTRIES: usize = 64;
/// How many parts of a score are weighed against one another.
const MAX_PARTS: usize = 10;
/// How many numbers with one remainder are tried.
const REMAINDERS: usize = 3;
/// 2026-01-01T12:00:00Z, a Thursday.
const NOON: i128 = 1_767_268_800;
const SECOND: i64 = 1_000_000_000;

/// What is made of a value of a request.
#[derive(Clone, Debug)]
pub enum Via {
    /// The number of characters.
    Characters,
    /// The number of elements.
    Length,
    /// A figure of an instant, by the function's key.
    Clock(&'static str),
    /// Whole units of a duration, of so many seconds.
    Units(i64),
    /// Arithmetic with a known operand, which stands on the left or on the right.
    Arithmetic(Arithmetic, Kept, bool),
    /// What stands in a table under the value.
    Lookup(Vec<(Kept, Kept)>),
    /// What a text says.
    Parsed,
    /// The part of an address after `@`.
    Domain,
    /// Another spelling of a text, by the function's key.
    Spelled(&'static str),
}

impl Term {
    /// What comes of a value at the place; `None` where that is not known.
    pub fn forward(&self, value: &Kept) -> Option<Kept> {
        self.via.iter().try_fold(value.clone(), |value, via| match via {
            Via::Characters => match &value {
                Kept::Str(text) => i64::try_from(text.chars().count()).ok().map(Kept::Int),
                _ => None,
            },
            Via::Arithmetic(op, known, true) => combine(*op, known, &value),
            Via::Arithmetic(op, known, false) => combine(*op, &value, known),
            Via::Lookup(entries) => entries.iter().find(|(key, _)| *key == value).map(|(_, found)| found.clone()),
            Via::Spelled(function) => match &value {
                Kept::Str(text) => Some(Kept::Str(spelled(function, text).into())),
                _ => None,
            },
            Via::Length | Via::Clock(_) | Via::Units(_) | Via::Parsed | Via::Domain => None,
        })
    }

    /// Whether it is what stands there, or another spelling of it.
    pub fn is_text(&self) -> bool {
        self.via.iter().all(|via| matches!(via, Via::Spelled(_)))
    }

    /// The type of what comes of it, as far as that goes by the type of the place.
    fn result(&self) -> &Type {
        match self.via.last() {
            None | Some(Via::Spelled(_)) => &self.ty,
            Some(Via::Characters | Via::Length | Via::Clock(_) | Via::Units(_)) => &Type::Int,
            Some(Via::Arithmetic(..)) if matches!(self.ty, Type::Int) => &Type::Int,
            Some(_) => &Type::Json,
        }
    }
}

impl Branch {
    /// The same of what each branch is.
    fn map(&self, of: impl Fn(&Meaning) -> Option<Meaning>) -> Option<Meaning> {
        let (then, otherwise) = (of(&self.then)?, of(&self.otherwise)?);
        Some(Meaning::Branch(Arc::new(Branch { condition: self.condition.clone(), then, otherwise })))
    }
}

impl Via {
    /// What a value must be for this to come of it.
    fn backward(&self, value: &Kept, old: Option<&Kept>) -> Vec<What> {
        let put = |value: Option<Kept>| value.map(What::Put).into_iter().collect();
        match (self, value) {
            (Via::Characters, Kept::Int(length)) => put(text_of_length(*length, old)),
            (Via::Length, Kept::Int(length)) => {
                usize::try_from(*length).ok().filter(|length| *length <= MAX_ENTRIES).map(What::Times).into_iter().collect()
            }
            (Via::Clock(figure), Kept::Int(value)) => put(instant(figure, *value)),
            (Via::Units(seconds), Kept::Int(value)) => {
                put(value.checked_mul(*seconds).and_then(|value| value.checked_mul(SECOND)).map(Kept::Duration))
            }
            (Via::Arithmetic(op, known, is_left), value) => inverse(*op, known, *is_left, value).into_iter().map(What::Put).collect(),
            (Via::Parsed, value) => vec![What::Put(Kept::Str(value.view().to_string().into()))],
            (Via::Domain, Kept::Str(domain)) => vec![What::Put(Kept::Str(format!("x@{domain}").into()))],
            (Via::Spelled(function), Kept::Str(text)) => {
                spellings(function, text).into_iter().map(|text| What::Put(Kept::Str(text.into()))).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The other operand of a sum, a difference, a product or a quotient.
fn inverse(op: Arithmetic, known: &Kept, is_left: bool, value: &Kept) -> Vec<Kept> {
    let whole = |quotient: Option<Kept>| {
        let more = quotient.as_ref().and_then(|quotient| combine(Arithmetic::Add, quotient, &Kept::Int(1)));
        quotient.into_iter().chain(more).collect()
    };
    match (op, is_left) {
        (Arithmetic::Add, _) => combine(Arithmetic::Subtract, value, known).into_iter().collect(),
        (Arithmetic::Subtract, true) => combine(Arithmetic::Subtract, known, value).into_iter().collect(),
        (Arithmetic::Subtract, false) => combine(Arithmetic::Add, value, known).into_iter().collect(),
        (Arithmetic::Multiply, _) => whole(combine(Arithmetic::Divide, value, known)),
        (Arithmetic::Divide, false) => combine(Arithmetic::Multiply, value, known).into_iter().collect(),
        // One such number is one of another divisor too; the next ones need not be.
        (Arithmetic::Remainder, false) => {
            let more = |number: &Kept| combine(Arithmetic::Add, number, known);
            std::iter::successors(Some(value.clone()), more).take(REMAINDERS).collect()
        }
        (Arithmetic::Divide | Arithmetic::Remainder, true) => vec![value.clone()],
    }
}

/// What changes nothing on that side of an operator.
fn neutral(op: Arithmetic, ty: &Type, is_left: bool) -> Option<Kept> {
    match (op, ty.present()) {
        (Arithmetic::Add | Arithmetic::Subtract, Type::Int | Type::Decimal) => Some(Kept::Int(0)),
        (Arithmetic::Add | Arithmetic::Subtract, Type::Duration) => Some(Kept::Duration(0)),
        (Arithmetic::Multiply, Type::Int | Type::Decimal) => Some(Kept::Int(1)),
        (Arithmetic::Divide, Type::Int | Type::Decimal) if !is_left => Some(Kept::Int(1)),
        _ => None,
    }
}

fn spelled(function: &str, text: &str) -> String {
    match function {
        "string.lower" => text.to_lowercase(),
        "string.upper" => text.to_uppercase(),
        _ => text.trim().to_owned(),
    }
}

/// Texts of which a function makes that one: itself and another, if it makes it of any.
fn spellings(function: &str, text: &str) -> Vec<String> {
    let other = match function {
        "string.lower" => text.to_uppercase(),
        "string.upper" => text.to_lowercase(),
        _ => format!(" {text} "),
    };
    let mut all = vec![text.to_owned(), other];
    all.dedup();
    all.retain(|spelling| spelled(function, spelling) == text);
    all
}

/// An instant with that figure, in UTC.
fn instant(figure: &str, value: i64) -> Option<Kept> {
    let text = match figure {
        "timestamp.year" => format!("{value:04}-01-01T12:00:00Z"),
        "timestamp.month" => format!("2026-{value:02}-01T12:00:00Z"),
        "timestamp.day" => format!("2026-01-{value:02}T12:00:00Z"),
        "timestamp.hour" => format!("2026-01-01T{value:02}:00:00Z"),
        "timestamp.minute" => format!("2026-01-01T12:{value:02}:00Z"),
        // The fifth is a Monday.
        "timestamp.weekday" => format!("2026-01-{:02}T12:00:00Z", value.checked_add(4)?),
        _ => return None,
    };
    Timestamp::parse(&text).map(Kept::Timestamp)
}

impl Solver<'_> {
    /// What an expression stands for; `None` where that is not understood.
    pub fn meaning(&self, expr: &Expr, env: &Env) -> Option<Meaning> {
        let depth = self.depth.get();
        if !self.may_go_on() {
            return None;
        }
        self.depth.set(depth + 1);
        let found = self.found(expr, env);
        self.depth.set(depth);
        found
    }

    fn found(&self, expr: &Expr, env: &Env) -> Option<Meaning> {
        match &expr.kind {
            ExprKind::Const(value) => Some(Meaning::Known(value.clone())),
            ExprKind::Input(place) => {
                let field = self.program.input.fields.get(*place)?;
                Some(Meaning::Place(Term::of(vec![Step::Field(field.name.clone())], field.ty.clone())))
            }
            ExprKind::Args => {
                let field = self.program.input.fields.get(self.program.args_field?)?;
                Some(Meaning::Place(Term::of(vec![Step::Field(field.name.clone())], expr.ty.clone())))
            }
            ExprKind::Field { base, name, .. } | ExprKind::Member { base, name } => self.field(self.meaning(base, env)?, name, &expr.ty),
            ExprKind::Index { base, index } => match (self.meaning(base, env)?, self.meaning(index, env)?) {
                (Meaning::Known(Kept::Map(table)), Meaning::Text(_)) => Some(under(&table, index, env)),
                (base, key) => self.indexed(base, key, &expr.ty),
            },
            ExprKind::Definition(place) => {
                let definition = self.program.definitions.get(*place)?;
                self.note(&definition.name);
                self.meaning(&definition.body, &Env::new())
            }
            ExprKind::Invoke { definition, args } => {
                let definition = self.program.definitions.get(*definition)?;
                self.note(&definition.name);
                let inner = args.iter().enumerate().filter_map(|(local, arg)| Some((local, self.meaning(arg, env)?))).collect();
                self.meaning(&definition.body, &inner)
            }
            ExprKind::Data(place) => {
                let data = self.program.data.get(*place)?;
                self.note(&data.name);
                self.data.get(*place)?.clone().map(Meaning::Known)
            }
            ExprKind::Score(place) => {
                self.note(&self.program.scores.get(*place)?.name);
                Some(Meaning::Score(*place))
            }
            ExprKind::Fact(fact) => Some(Meaning::Fact(*fact)),
            ExprKind::Local(local) => env.get(local).cloned(),
            ExprKind::Coalesce(a, otherwise) => self.coalesced(self.meaning(a, env)?, self.meaning(otherwise, env)),
            ExprKind::ToDecimal(inner) | ExprKind::ToJson(inner) => self.meaning(inner, env),
            ExprKind::WithPresent { base, local, body } => self.meaning(body, &self.bound(env, *local, self.meaning(base, env))),
            ExprKind::Arithmetic(op, a, b) => {
                // What is not understood, such as a sum over what the request lists, is mostly of nothing.
                let nothing = |expr: &Expr, is_left| neutral(*op, &expr.ty, is_left).map(Meaning::Known);
                match (self.meaning(a, env), self.meaning(b, env)) {
                    (None, None) => None,
                    (one, other) => self.reckoned(*op, &one.or_else(|| nothing(a, true))?, &other.or_else(|| nothing(b, false))?),
                }
            }
            ExprKind::Text(parts) => self.text_of(parts, env),
            ExprKind::If { condition, then, otherwise } => {
                let (then, otherwise) = (self.meaning(then, env)?, self.meaning(otherwise, env)?);
                Some(Meaning::Branch(Arc::new(Branch { condition: ((**condition).clone(), env.clone()), then, otherwise })))
            }
            ExprKind::Call { function, args } => self.called(function.key, args, env),
            _ => None,
        }
    }

    fn reckoned(&self, op: Arithmetic, a: &Meaning, b: &Meaning) -> Option<Meaning> {
        match (a, b) {
            (Meaning::Known(a), Meaning::Known(b)) => combine(op, a, b).map(Meaning::Known),
            (Meaning::Known(a), Meaning::Place(b)) => Some(Meaning::Place(b.clone().through(Via::Arithmetic(op, a.clone(), true)))),
            (Meaning::Place(a), Meaning::Known(b)) => Some(Meaning::Place(a.clone().through(Via::Arithmetic(op, b.clone(), false)))),
            (Meaning::Place(a), Meaning::Place(b)) => {
                let known = self.known(b, &State::default());
                Some(Meaning::Place(a.clone().through(Via::Arithmetic(op, known, false))))
            }
            (Meaning::Branch(branch), b) => branch.map(|a| self.reckoned(op, a, b)),
            (a, Meaning::Branch(branch)) => branch.map(|b| self.reckoned(op, a, b)),
            _ => None,
        }
    }

    fn field(&self, base: Meaning, name: &Arc<str>, ty: &Type) -> Option<Meaning> {
        match base {
            Meaning::Known(value) => Some(Meaning::Known(part(&value, name))),
            Meaning::Place(term) if term.via.is_empty() => Some(Meaning::Place(term.at_step(Step::Field(name.clone()), ty))),
            Meaning::Place(term) => looked_up(term, |value| part(value, name)),
            Meaning::Branch(branch) => branch.map(|base| self.field(base.clone(), name, ty)),
            _ => None,
        }
    }

    fn indexed(&self, base: Meaning, index: Meaning, ty: &Type) -> Option<Meaning> {
        match (base, index) {
            (Meaning::Known(Kept::Map(map)), Meaning::Place(key)) if key.is_text() => {
                let entries = map.entries().iter().take(MAX_ENTRIES).map(|(key, value)| (Kept::Str(key.clone()), value.clone()));
                Some(Meaning::Place(Term { via: vec![Via::Lookup(entries.collect())], ..key }))
            }
            (Meaning::Known(Kept::Map(map)), Meaning::Known(Kept::Str(key))) => Some(Meaning::Known(map.get(&key).cloned().unwrap_or(Kept::None))),
            (Meaning::Known(Kept::List(items)), Meaning::Known(Kept::Int(place))) => {
                Some(Meaning::Known(items.get(usize::try_from(place).ok()?).cloned().unwrap_or(Kept::None)))
            }
            (Meaning::Place(term), Meaning::Known(Kept::Str(key))) if term.via.is_empty() => Some(Meaning::Place(term.at_step(Step::Field(key), ty))),
            (Meaning::Place(term), Meaning::Known(Kept::Int(place))) if term.via.is_empty() => {
                Some(Meaning::Place(term.at_step(Step::Element(usize::try_from(place).ok()?), ty)))
            }
            (Meaning::Place(term), Meaning::Known(Kept::Str(key))) => looked_up(term, |value| part(value, &key)),
            _ => None,
        }
    }

    fn coalesced(&self, meaning: Meaning, otherwise: Option<Meaning>) -> Option<Meaning> {
        match (meaning, otherwise) {
            (Meaning::Known(Kept::None), otherwise) => otherwise,
            (Meaning::Place(Term { at, ty, mut via }), Some(Meaning::Known(value))) => {
                if let Some(Via::Lookup(entries)) = via.last_mut() {
                    entries.push((Kept::Str("x".into()), value));
                }
                Some(Meaning::Place(Term { at, ty, via }))
            }
            (Meaning::Branch(branch), otherwise) => branch.map(|meaning| self.coalesced(meaning.clone(), otherwise.clone())),
            (meaning, _) => Some(meaning),
        }
    }

    fn called(&self, key: &'static str, args: &[Argument], env: &Env) -> Option<Meaning> {
        let Some(Argument::Value(receiver)) = args.first() else { return None };
        if matches!(key, "sequence.first" | "sequence.last") {
            return self.sifted(receiver, env).map(Sifted::meaning);
        }
        let Meaning::Place(term) = self.meaning(receiver, env)? else { return None };
        let via = match key {
            "string.lower" | "string.upper" | "string.trim" => Via::Spelled(key),
            "string.normalize_path" | "optional.or_error" | "collection.to_set" | "collection.to_list" | "sequence.sort" | "sequence.distinct" => {
                return Some(Meaning::Place(term));
            }
            key if key.starts_with("json.as_") => return Some(Meaning::Place(term)),
            "string.len" => Via::Characters,
            "collection.len" => Via::Length,
            "string.to_int" | "string.to_decimal" | "string.to_timestamp" | "string.to_duration" | "string.to_ip" | "string.to_cidr" => Via::Parsed,
            "string.email_domain" => Via::Domain,
            "duration.seconds" => Via::Units(1),
            "duration.minutes" => Via::Units(60),
            "duration.hours" => Via::Units(3_600),
            key if key.starts_with("timestamp.") => Via::Clock(key),
            _ => return None,
        };
        Some(Meaning::Place(term.through(via)))
    }

    /// What to make of a place for a claim to hold of what comes of it, or not.
    pub fn changes_for(&self, term: &Term, claim: &Claim, wanted: bool, old: Option<&Kept>) -> Vec<What> {
        if let [Via::Lookup(entries), rest @ ..] = term.via.as_slice() {
            let rest = Term { via: rest.to_vec(), ..term.clone() };
            let fits = |value: &Kept| rest.forward(value).and_then(|value| claim.holds(&value)).is_none_or(|holds| holds == wanted);
            return entries.iter().filter(|(_, value)| fits(value)).take(2 * MAX_WAYS).map(|(key, _)| What::Put(key.clone())).collect();
        }
        let old_text = if term.via.is_empty() { old } else { None };
        let mut values: Vec<What> = claim.values(term.result(), wanted, old_text).into_iter().map(What::Put).collect();
        for (place, via) in term.via.iter().enumerate().rev() {
            let old = if place == 0 { old } else { None };
            let back = |what: What| if let What::Put(value) = what { via.backward(&value, old) } else { vec![what] };
            values = values.into_iter().flat_map(back).collect();
        }
        values
    }

    /// What stands at a place for certain, if it is there: what has been put there, or what requests that are made have.
    pub fn known(&self, term: &Term, state: &State) -> Kept {
        let sample = || match &term.ty {
            Type::Int | Type::Decimal => Kept::Int(1),
            Type::Bool => Kept::Bool(true),
            Type::Duration => Kept::Duration(3_600 * SECOND),
            Type::Timestamp => Timestamp::from_nanosecond(NOON * i128::from(SECOND)).map_or(Kept::None, Kept::Timestamp),
            Type::Enum(ty) => ty.variants.first().map_or(Kept::None, |name| Kept::Enum(name.clone(), 0)),
            Type::Ip => Kept::Ip([192, 0, 2, 1].into()),
            _ => Kept::Str("x".into()),
        };
        let value = state.value(&term.at).cloned().unwrap_or_else(sample);
        term.forward(&value).unwrap_or(value)
    }

    /// Whether a place is the tool's name or server.
    pub fn part_of_tool(&self, term: &Term) -> Option<Part> {
        let field = self.program.input.fields.get(self.program.tool_field?)?;
        match term.at.as_slice() {
            [Step::Field(tool), Step::Field(part)] if *tool == field.name && term.is_text() => match &**part {
                "name" => Some(Part::Name),
                "server" => Some(Part::Server),
                _ => None,
            },
            _ => None,
        }
    }

    /// A count of what a lambda holds of: of what, and the lambda.
    pub fn counting<'e>(&self, expr: &'e Expr, env: &Env) -> Option<(Term, usize, &'e Expr)> {
        let ExprKind::Call { function, args } = &expr.kind else { return None };
        let args = match (function.key, args.first()) {
            ("collection.count", _) => args,
            ("collection.len", Some(Argument::Value(Expr { kind: ExprKind::Call { function, args }, .. })))
                if function.key == "collection.filter" =>
            {
                args
            }
            _ => return None,
        };
        match args.as_slice() {
            [Argument::Value(all), Argument::Lambda { local, body }] => match self.meaning(all, env)? {
                Meaning::Place(all) if all.via.is_empty() => Some((all, *local, body)),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a `for` ranges over, one meaning for each choice that is tried.
    pub fn choices(&self, source: &Expr, env: &Env) -> Vec<Meaning> {
        // What is there of an optional is one choice, be it a list.
        let is_whole = source.ty.is_optional();
        let each = |value: &Kept| if is_whole && *value != Kept::None { vec![value.clone()] } else { each(value) };
        match self.meaning(source, env) {
            Some(Meaning::Place(term)) if term.via.is_empty() => {
                let step = match &term.ty {
                    Type::List(_) | Type::Set(_) if !is_whole => Step::Element(0),
                    Type::Map(_) if !is_whole => Step::Field("x".into()),
                    _ => return vec![Meaning::Place(term)],
                };
                vec![Meaning::Place(term.at_step(step, inner(&term.ty)))]
            }
            Some(Meaning::Place(Term { at, ty, via })) => {
                let [Via::Lookup(entries)] = via.as_slice() else { return Vec::new() };
                let each = |(key, value): &(Kept, Kept)| each(value).into_iter().map(|value| (key.clone(), value)).collect::<Vec<_>>();
                let entries = entries.iter().flat_map(each).take(MAX_ENTRIES).collect();
                vec![Meaning::Place(Term { at, ty, via: vec![Via::Lookup(entries)] })]
            }
            Some(Meaning::Known(value)) => each(&value).into_iter().take(2 * MAX_WAYS).map(Meaning::Known).collect(),
            Some(branch @ Meaning::Branch(_)) => vec![branch],
            _ => Vec::new(),
        }
    }

    /// Ways for a claim to hold of a score, or not: the contributions whose sum is nearest to where that changes, and no others.
    pub fn scored(&self, score: usize, claim: &Claim, wanted: bool, state: State) -> Vec<State> {
        let Some(score) = self.program.scores.get(score) else { return vec![state] };
        let amounts: Vec<Option<i64>> =
            score.parts.iter().map(|part| if let Some(Kept::Int(amount)) = part.amount.constant() { Some(*amount) } else { None }).collect();
        let bound = if let Claim::Order(_, Kept::Int(bound)) | Claim::Equal(Kept::Int(bound)) = claim { *bound } else { 0 };
        let counted = amounts.len().min(MAX_PARTS);
        let mut choices: Vec<(i64, u32)> = (0..1_u32 << counted)
            .map(|chosen| {
                let amounts = amounts.iter().enumerate().filter(|(place, _)| *place < counted && chosen >> place & 1 == 1);
                (amounts.fold(0_i64, |sum, (_, amount)| sum.saturating_add(amount.unwrap_or(0))).clamp(score.low, score.high.max(score.low)), chosen)
            })
            .filter(|(sum, _)| claim.holds(&Kept::Int(*sum)).is_none_or(|holds| holds == wanted))
            .collect();
        choices.sort_by_key(|(sum, chosen)| (sum.abs_diff(bound), chosen.count_ones(), *chosen));
        let way = |chosen: u32| {
            let (some, others): (Vec<_>, Vec<_>) =
                score.parts.iter().enumerate().partition(|(place, _)| *place < counted && chosen >> place & 1 == 1);
            let with = self.all(some.into_iter().map(|(_, part)| &part.condition), true, &Env::new(), state.clone());
            with.into_iter()
                .next()
                .and_then(|state| self.all(others.into_iter().map(|(_, part)| &part.condition), false, &Env::new(), state).into_iter().next())
        };
        choices.into_iter().take(4 * MAX_WAYS).filter_map(|(_, chosen)| way(chosen)).take(MAX_WAYS).collect()
    }
}

/// The elements of a collection; of anything else, itself.
fn each(value: &Kept) -> Vec<Kept> {
    match value {
        Kept::List(items) => items.to_vec(),
        Kept::Set(set) => set.items().to_vec(),
        Kept::Map(map) => map.entries().iter().map(|(_, value)| value.clone()).collect(),
        Kept::None => Vec::new(),
        other => vec![other.clone()],
    }
}

fn part(value: &Kept, name: &str) -> Kept {
    let found: Value<'_> = value.view().get(name);
    Kept::from(found)
}

/// The same table with something of each of its values.
fn looked_up(term: Term, of: impl Fn(&Kept) -> Kept) -> Option<Meaning> {
    let Term { at, ty, via } = term;
    let [Via::Lookup(entries)] = via.as_slice() else { return None };
    let entries = entries.iter().map(|(key, value)| (key.clone(), of(value))).collect();
    Some(Meaning::Place(Term { at, ty, via: vec![Via::Lookup(entries)] }))
}
