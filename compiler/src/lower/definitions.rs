//! Definitions and scores.

use tollgate_evaluator::plan;

use crate::program::ScorePart;

use super::Lowering;
use super::frame::Frame;
use super::intern::number;
use super::walk::{Named, dependency_order};

impl Lowering<'_> {
    /// Lowers every definition and score, each after those that it refers to, and gives the scores.
    pub(super) fn definitions_and_scores(&mut self) -> Vec<plan::Score> {
        let program = self.program;
        self.definition_numbers = vec![None; program.definitions.len()];
        let mut scores: Vec<Option<plan::Score>> = vec![None; program.scores.len()];
        for named in dependency_order(program) {
            match named {
                Named::Definition(place) => self.add_definition(place),
                Named::Score(place) => {
                    let score = self.score(place);
                    if let Some(slot) = scores.get_mut(place) {
                        *slot = score;
                    }
                }
            }
        }
        scores.into_iter().flatten().collect()
    }

    fn add_definition(&mut self, place: usize) {
        let Some(definition) = self.program.definitions.get(place) else { return };
        let mut frame = Frame::with_params(definition.params.len());
        let node = self.expr(&mut frame, &definition.body);
        let lowered = plan::Definition { name: (&*definition.name).into(), params: number(definition.params.len()), locals: frame.size(), node };
        if let Some(slot) = self.definition_numbers.get_mut(place) {
            *slot = Some(number(self.definitions.len()));
        }
        self.definition_places.push(place);
        self.definitions.push(lowered);
    }

    fn score(&mut self, place: usize) -> Option<plan::Score> {
        let score = self.program.scores.get(place)?;
        let mut frame = Frame::default();
        let parts = score.parts.iter().map(|part| self.score_part(&mut frame, part)).collect();
        Some(plan::Score { name: (&*score.name).into(), low: score.low, high: score.high, parts, locals: frame.size() })
    }

    fn score_part(&mut self, frame: &mut Frame, part: &ScorePart) -> plan::ScorePart {
        plan::ScorePart {
            amount: self.expr(frame, &part.amount),
            condition: self.expr(frame, &part.condition),
            because: part.because.as_ref().map(|because| self.expr(frame, because)),
            text: part.text.as_str().into(),
        }
    }
}
