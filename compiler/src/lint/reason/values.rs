//! Which values an unknown may have.

use std::cmp::Ordering;
use std::sync::Arc;

use tollgate_evaluator::plan::Order;
use tollgate_stdlib::Kept;
use tollgate_stdlib::types::Type;

/// Finite types of more values than this are taken to be infinite.
const MAX_VALUES: usize = 1024;

/// A value that another is not beyond, and whether it may be that value.
type Bound<'v> = (&'v Kept, bool);

/// What a condition says of a value.
#[derive(Clone, Debug)]
pub enum Constraint {
    /// It is one of these.
    OneOf(Vec<Kept>),
    /// It stands so to that one.
    Order(Order, Kept),
    /// The glob holds it, which says how it begins and ends.
    Like { pattern: Arc<str>, start: Arc<str>, end: Arc<str> },
    /// It begins so.
    Starts(Arc<str>),
    /// It ends so.
    Ends(Arc<str>),
    /// It has that part.
    Contains(Arc<str>),
    /// It is the name of a tool, as calls have it.
    ToolName,
}

/// The longest name that a call's tool can have.
const MAX_TOOL_NAME: usize = 128;

/// Whether a call's tool can have that name.
pub fn fits_tool_name(text: &str) -> bool {
    !text.is_empty() && is_part_of_name(text)
}

/// Whether the name of a call's tool can have that part.
fn is_part_of_name(text: &str) -> bool {
    text.len() <= MAX_TOOL_NAME && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

/// What is assumed of a value.
#[derive(Clone, Debug, Default)]
pub struct Unknown {
    /// Its type, present; and whether it may be absent.
    ty: Option<Type>,
    may_be_none: bool,
    constraints: Vec<(Constraint, bool)>,
}

impl Unknown {
    /// Assumes that the constraint has that outcome; the type is as the condition sees it.
    pub fn add(&mut self, ty: &Type, constraint: Constraint, outcome: bool) {
        self.may_be_none |= ty.is_optional() || matches!(ty, Type::Json);
        self.ty.get_or_insert_with(|| ty.present().clone());
        self.constraints.push((constraint, outcome));
    }

    /// Whether there is a value, as far as it can be told.
    pub fn is_possible(&self) -> bool {
        match self.candidates() {
            Some(candidates) => candidates.iter().any(|value| self.admits(value)),
            None => self.interval_is_possible() && self.text_is_possible(),
        }
    }

    /// Whether it may have that value, as far as it can be told.
    pub fn admits(&self, value: &Kept) -> bool {
        self.constraints.iter().all(|(constraint, outcome)| constraint.holds(value).is_none_or(|holds| holds == *outcome))
    }

    /// The one value that it may have, where a condition says so. Numbers that are equal may be written in several ways, and `json` holds any of them.
    pub fn only(&self) -> Option<&Kept> {
        let only = self.constraints.iter().find_map(|(constraint, outcome)| match constraint {
            Constraint::OneOf(values) if *outcome => {
                if let [only] = values.as_slice() {
                    Some(only)
                } else {
                    None
                }
            }
            _ => None,
        });
        let is_plain = !matches!(self.ty, Some(Type::Json | Type::Decimal));
        only.filter(|only| is_plain && matches!(only, Kept::Bool(_) | Kept::Str(_) | Kept::Int(_) | Kept::Enum(..) | Kept::Set(_)))
    }

    /// The values among which it is: those that a condition lists, or all of a finite type.
    fn candidates(&self) -> Option<Vec<Kept>> {
        let listed = self.constraints.iter().find_map(|(constraint, outcome)| match constraint {
            Constraint::OneOf(values) if *outcome => Some(values.clone()),
            _ => None,
        });
        listed.or_else(|| {
            let mut values = match self.ty.as_ref()? {
                Type::Bool => vec![Kept::Bool(false), Kept::Bool(true)],
                Type::Enum(of) if of.variants.len() <= MAX_VALUES => {
                    of.variants.iter().map(|variant| Kept::Enum(variant.clone(), of.rank_of(variant).unwrap_or_default())).collect()
                }
                _ => return None,
            };
            values.extend(self.may_be_none.then_some(Kept::None));
            Some(values)
        })
    }

    /// Whether the bounds leave anything between them. Of `int`s there may be none between two that differ.
    fn interval_is_possible(&self) -> bool {
        let (mut low, mut high): (Option<Bound<'_>>, Option<Bound<'_>>) = (None, None);
        for (constraint, outcome) in &self.constraints {
            let Constraint::Order(order, bound) = constraint else { continue };
            let order = if *outcome { *order } else { order.opposite() };
            let (side, closer, included) = match order {
                Order::Less => (&mut high, Ordering::Less, false),
                Order::LessOrEqual => (&mut high, Ordering::Less, true),
                Order::Greater => (&mut low, Ordering::Greater, false),
                Order::GreaterOrEqual => (&mut low, Ordering::Greater, true),
            };
            let is_closer = side.is_none_or(|(known, known_included)| {
                let found = bound.view().order(known.view());
                found == closer || found.is_eq() && known_included && !included
            });
            if is_closer {
                *side = Some((bound, included));
            }
        }
        if matches!(self.ty, Some(Type::Int)) && (low.is_some() || high.is_some()) {
            low = low.or(Some((&Kept::Int(i64::MIN), true)));
            high = high.or(Some((&Kept::Int(i64::MAX), true)));
        }
        let (Some((low, low_in)), Some((high, high_in))) = (low, high) else { return true };
        if let (Kept::Int(low), Kept::Int(high), Some(Type::Int)) = (low, high, &self.ty) {
            let (least, most) = (i128::from(*low) + i128::from(!low_in), i128::from(*high) - i128::from(!high_in));
            return least <= most && (least < most || i64::try_from(least).is_ok_and(|only| self.admits(&Kept::Int(only))));
        }
        match low.view().order(high.view()) {
            Ordering::Less => true,
            Ordering::Equal => low_in && high_in && self.admits(low),
            Ordering::Greater => false,
        }
    }

    /// Whether a text can begin and end in all the ways that are assumed.
    fn text_is_possible(&self) -> bool {
        let said = |outcome: bool| self.constraints.iter().filter(move |(_, assumed)| *assumed == outcome).map(|(constraint, _)| constraint);
        let starts = said(true).filter_map(|constraint| match constraint {
            Constraint::Starts(text) | Constraint::Like { start: text, .. } => Some(&**text),
            _ => None,
        });
        let ends = said(true).filter_map(|constraint| match constraint {
            Constraint::Ends(text) | Constraint::Like { end: text, .. } => Some(&**text),
            _ => None,
        });
        let longest = |a: &&str, b: &&str| a.len().cmp(&b.len());
        let start = starts.clone().max_by(longest).unwrap_or_default();
        let end = ends.clone().max_by(longest).unwrap_or_default();
        let agree = starts.clone().all(|text| start.starts_with(text)) && ends.clone().all(|text| end.ends_with(text));
        let is_excluded = |constraint: &Constraint| match constraint {
            Constraint::Starts(text) => start.starts_with(&**text),
            Constraint::Ends(text) => end.ends_with(&**text),
            Constraint::Contains(text) => start.contains(&**text) || end.contains(&**text),
            _ => false,
        };
        agree && !said(false).any(is_excluded) && self.name_is_possible()
    }

    /// Whether a tool can have such a name, where it is one.
    fn name_is_possible(&self) -> bool {
        let is_name = |(constraint, outcome): &(Constraint, bool)| *outcome && matches!(constraint, Constraint::ToolName);
        let fits = |constraint: &Constraint| match constraint {
            Constraint::Starts(text) | Constraint::Ends(text) | Constraint::Contains(text) => is_part_of_name(text),
            // What stands for other characters is left out.
            Constraint::Like { pattern, .. } => is_part_of_name(&pattern.replace(['*', '?', '\\'], "")),
            _ => true,
        };
        !self.constraints.iter().any(is_name) || self.constraints.iter().all(|(constraint, outcome)| !outcome || fits(constraint))
    }
}

impl Constraint {
    /// Whether it holds for a value; `None` where it does not apply.
    pub fn holds(&self, value: &Kept) -> Option<bool> {
        let text = || value.view().as_str();
        match self {
            Constraint::OneOf(values) => Some(values.iter().any(|one| one.view().equals(value.view()))),
            Constraint::Order(..) if value.view().is_none() => None,
            Constraint::Order(order, bound) => Some(order.allows(value.view().order(bound.view()))),
            Constraint::Like { pattern, .. } => text().map(|text| crate::check::glob::glob_holds(pattern, text)),
            Constraint::Starts(part) => text().map(|text| text.starts_with(&**part)),
            Constraint::Ends(part) => text().map(|text| text.ends_with(&**part)),
            Constraint::Contains(part) => text().map(|text| text.contains(&**part)),
            Constraint::ToolName => text().map(fits_tool_name),
        }
    }
}
