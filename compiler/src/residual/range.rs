//! Between which values numbers and ordered enums lie, as far as that settles comparisons: scores of which some contributions are known, above all.

use tollgate_evaluator::Kept;

use super::expression::{Asking, Form, Found, Scope};
use super::text::{mentions, on_one_line};
use super::{Clause, ScoreLeft};
use crate::lower::{Part, PartKind};

/// The least value and the greatest.
type Range = (i64, i64);

impl<'r> Asking<'r> {
    /// Whether a comparison holds, whatever its sides are.
    pub fn compared(&mut self, kind: PartKind, left: &'r Part, right: &'r Part, scope: &mut Scope<'r>) -> Option<bool> {
        let has_range = |part: &Part| part.ranks.is_some() || matches!(part.kind, PartKind::Score(_));
        if left.errs || right.errs || !(has_range(left) || has_range(right)) {
            return None;
        }
        let ((a, b), (c, d)) = (self.range(left, scope)?, self.range(right, scope)?);
        match kind {
            PartKind::Equal if b < c || d < a => Some(false),
            PartKind::Order(order) => {
                // The outcome at the ends is that between them, if they agree and nothing else lies there.
                let (low, high) = (order.allows(a.cmp(&d)), order.allows(b.cmp(&c)));
                (low == high).then_some(low)
            }
            _ => None,
        }
    }

    fn range(&mut self, part: &'r Part, scope: &mut Scope<'r>) -> Option<Range> {
        match self.part(part, scope) {
            Found::Value(Kept::Int(value)) => Some((value, value)),
            Found::Value(Kept::Enum(_, rank)) if part.ranks.is_some() => Some((rank.into(), rank.into())),
            Found::Open(_) => match (part.kind, part.ranks) {
                (PartKind::Score(place), _) => self.score_range(place),
                (_, Some(ranks)) => Some((0, i64::try_from(ranks).ok()? - 1)),
                _ => None,
            },
            _ => None,
        }
    }

    fn score_range(&mut self, place: usize) -> Option<Range> {
        let score = self.residuals.set.program().scores.get(place)?;
        let (mut low, mut high) = (0_i128, 0_i128);
        for (amount, condition) in self.residuals.outline.scores.get(place)? {
            let mut scope = Scope { bindings: Vec::new(), package: package_of(&score.name) };
            let Found::Value(Kept::Int(amount)) = self.part(amount, &mut scope) else { return Some((score.low, score.high)) };
            match self.part(condition, &mut scope) {
                Found::Value(value) if value.view().as_bool() == Some(true) => (low, high) = (low + i128::from(amount), high + i128::from(amount)),
                Found::Value(_) => {}
                _ => (low, high) = (low + i128::from(amount.min(0)), high + i128::from(amount.max(0))),
            }
        }
        let clamped = |sum: i128| i64::try_from(sum.clamp(score.low.into(), score.high.into())).ok();
        Some((clamped(low)?, clamped(high)?))
    }

    /// What is known of the scores that those clauses name.
    pub fn scores(&mut self, clauses: &[Clause]) -> Vec<ScoreLeft> {
        let texts = || clauses.iter().flat_map(|clause| &clause.cases).flat_map(|case| case.choices.iter().chain(&case.when).chain(&case.unless));
        let mut found = Vec::new();
        for (place, score) in self.residuals.set.program().scores.iter().enumerate() {
            let name = score.name.rsplit('.').next().unwrap_or_default();
            if texts().any(|text| text.contains(name) && mentions(text, name)) {
                found.extend(self.score_left(place, package_of(&score.name), name));
            }
        }
        found
    }

    fn score_left(&mut self, place: usize, package: &'r str, name: &str) -> Option<ScoreLeft> {
        let mut left = ScoreLeft { name: name.to_owned(), known: 0, parts: Vec::new() };
        for (amount, condition) in self.residuals.outline.scores.get(place)? {
            let mut scope = Scope { bindings: Vec::new(), package };
            let (how_much, when) = (self.part(amount, &mut scope), self.part(condition, &mut scope));
            match (&how_much, when) {
                (_, Found::Value(value)) if value.view().as_bool() != Some(true) => {}
                (Found::Value(Kept::Int(amount)), Found::Value(_)) => left.known = left.known.saturating_add(*amount),
                (_, when) => {
                    let amount = self.written(amount, how_much).map_or_else(|| self.slice(amount.at).to_owned(), |text| text.in_junction(Form::And));
                    let when = self.written(condition, when).map_or_else(|| self.slice(condition.at).to_owned(), |text| text.text);
                    left.parts.push((on_one_line(&amount), on_one_line(&when)));
                }
            }
        }
        Some(left)
    }
}

fn package_of(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(package, _)| package)
}
