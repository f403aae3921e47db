//! Texts with holes: what must stand where for one of them to be a certain text.

use std::sync::Arc;

use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Kept, KeptMap};

use super::claim::Claim;
use super::solve::{Branch, Env, MAX_WAYS, Meaning, State};
use super::{Solver, Tool};
use crate::program::{Expr, ExprKind};

impl Solver<'_> {
    /// What a template stands for; `None` where one of its parts is not understood.
    pub fn text_of(&self, parts: &[Expr], env: &Env) -> Option<Meaning> {
        let parts = parts.iter().map(|part| self.meaning(part, env)).collect::<Option<Vec<_>>>()?;
        let known = |part: &Meaning| if let Meaning::Known(value) = part { Some(shown(value)) } else { None };
        match parts.iter().map(known).collect::<Option<String>>() {
            Some(text) => Some(Meaning::Known(Kept::Str(text.into()))),
            None => Some(Meaning::Text(parts)),
        }
    }

    /// Ways for a claim to hold of a text, or not.
    pub fn composed(&self, parts: &[Meaning], claim: &Claim, wanted: bool, state: State) -> Vec<State> {
        if parts.iter().all(|part| self.is_of_tool(part)) {
            let holds = |tool: &Tool| claim.holds(&self.text_in(parts, Some(tool), &state));
            return self.with_tool(|tool| holds(tool).is_none_or(|holds| holds == wanted), state.clone());
        }
        let texts = match claim {
            Claim::Equal(text) if wanted => std::slice::from_ref(text),
            Claim::OneOf(texts) if wanted => texts,
            _ => return vec![state],
        };
        let ways = texts.iter().filter_map(|text| if let Kept::Str(text) = text { Some(text) } else { None });
        ways.flat_map(|text| self.filled(parts, text, state.clone())).take(MAX_WAYS).collect()
    }

    /// The text that a state makes of its parts, and the state with the tool that it then calls.
    pub fn written(&self, parts: &[Meaning], mut state: State) -> (Kept, State) {
        let tool = state.tool.unwrap_or(0);
        if parts.iter().any(|part| !matches!(part, Meaning::Known(_)) && self.is_of_tool(part)) {
            state.tool = Some(tool);
        }
        (self.text_in(parts, self.tools.get(tool), &state), state)
    }

    /// Ways for the parts to make a text.
    fn filled(&self, parts: &[Meaning], text: &str, state: State) -> Vec<State> {
        let Some((first, rest)) = parts.split_first() else { return if text.is_empty() { vec![state] } else { Vec::new() } };
        if let Meaning::Known(value) = first {
            return text.strip_prefix(&shown(value)).map(|text| self.filled(rest, text, state)).unwrap_or_default();
        }
        // A hole goes as far as to what is written after it.
        let end = match rest.first() {
            None => Some(text.len()),
            Some(Meaning::Known(value)) => text.find(&shown(value)),
            Some(_) => None,
        };
        let Some((hole, text)) = end.and_then(|end| text.split_at_checked(end)) else { return Vec::new() };
        let is_text = matches!(first, Meaning::Place(term) if matches!(term.ty, Type::Str | Type::Json));
        let ways = if is_text { self.claimed(first, &Claim::Equal(Kept::Str(hole.into())), true, state) } else { vec![state] };
        ways.into_iter().flat_map(|state| self.filled(rest, text, state)).collect()
    }

    fn text_in(&self, parts: &[Meaning], tool: Option<&Tool>, state: &State) -> Kept {
        let of_part = |part: &Meaning| match part {
            Meaning::Known(value) => shown(value),
            Meaning::Place(term) => match (self.part_of_tool(term), tool) {
                (Some(part), Some(tool)) => shown(&term.forward(&tool.part(part)).unwrap_or(Kept::None)),
                _ => shown(&self.known(term, state)),
            },
            _ => String::new(),
        };
        Kept::Str(parts.iter().map(of_part).collect::<String>().into())
    }

    /// Whether the tool that is called determines it.
    fn is_of_tool(&self, part: &Meaning) -> bool {
        match part {
            Meaning::Known(_) => true,
            Meaning::Place(term) => self.part_of_tool(term).is_some(),
            _ => false,
        }
    }
}

/// What a table has under a text: the one entry or the other, by the text that it is.
pub fn under(table: &KeptMap, text: &Expr, env: &Env) -> Meaning {
    let is = |key: &Arc<str>| {
        let key = Expr { kind: ExprKind::Const(Kept::Str(key.clone())), ..text.clone() };
        Expr { kind: ExprKind::Equal(Box::new(text.clone()), Box::new(key)), ty: Type::Bool, ..text.clone() }
    };
    table.entries().iter().take(MAX_WAYS).rev().fold(Meaning::Known(Kept::None), |otherwise, (key, value)| {
        Meaning::Branch(Arc::new(Branch { condition: (is(key), env.clone()), then: Meaning::Known(value.clone()), otherwise }))
    })
}

/// As a template writes it.
fn shown(value: &Kept) -> String {
    value.view().to_string()
}
