//! The request's type.

use tollgate_stdlib::types::{Presence, Type};

use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{ItemKind, Span};

use super::Checker;
use super::symbols::Place;

impl<'a> Checker<'a> {
    /// Resolves the set's `input`, or the standard one.
    pub(super) fn resolve_input(&mut self) {
        let Some(place) = self.symbols.input else { return };
        let ItemKind::Input { fields, .. } = &place.item.kind else { return };
        if let Type::Record(record) = self.record_type(place, Some("std.Input".into()), fields, false, false) {
            self.known.input = record;
        }
        let index = |name: &str| self.known.input.field(name).map(|(index, _)| index);
        (self.known.tool_field, self.known.args_field, self.known.session_field) = (index("tool"), index("args"), index("session"));
        if !self.has_tool_shape() {
            self.known.tool_field = None;
        }
    }

    /// Whether `tool` is a record with `name: string` and `server: string`.
    fn has_tool_shape(&self) -> bool {
        let Some((_, tool)) = self.known.input.field("tool") else { return false };
        let Type::Record(record) = &tool.ty else { return false };
        let is_string = |name: &str| record.field(name).is_some_and(|(_, field)| matches!(field.read_type(), Type::Str));
        matches!(tool.presence, Presence::Required) && is_string("name") && is_string("server")
    }

    /// `tool` items and `on` clauses need `tool` and `args`.
    pub(super) fn check_input_shape(&mut self) {
        let Some(input) = self.symbols.input else { return };
        if self.known.tool_field.is_some() && self.known.args_field.is_some() {
            return;
        }
        let has_on = |place: &&Place<'a>| matches!(&place.item.kind, ItemKind::Rule(rule) if !rule.on.is_empty());
        let Some(user) = self.symbols.tools.first().or_else(|| self.symbols.rules.iter().find(has_on)).copied() else { return };
        let message = "`tool` items and `on` need an `input` with `tool` and `args`";
        let diagnostic = Diagnostic::error(Code::InputShape, input.at(input.item.span), message)
            .with_secondary(user.at(user.item.span), "needed here")
            .with_help("declare `tool: Tool` and `args: json = {}`");
        self.report(match (&input.item.kind, self.lacking()) {
            (ItemKind::Input { fields, .. }, Some(lacking)) if !fields.is_empty() => {
                let end = fields.last().map_or(0, |field| field.span.end);
                diagnostic.with_fix(format!("declare `{lacking}`"), input.at(Span { start: end, end }), format!(", {lacking}"))
            }
            _ => diagnostic,
        });
    }

    /// The fields that a set's own input does not declare; `None` where one of them is declared and cannot be what it must be.
    fn lacking(&self) -> Option<String> {
        let needed = [("tool", self.known.tool_field, "tool: Tool"), ("args", self.known.args_field, "args: json = {}")];
        let lacking = needed.into_iter().filter(|(_, known, _)| known.is_none());
        let written = lacking.map(|(name, _, text)| self.known.input.field(name).is_none().then_some(text));
        written.collect::<Option<Vec<&str>>>().map(|written| written.join(", "))
    }
}
