//! Tests and properties.

use super::{Children, Node, Parser, Rule};
use crate::diagnostic::Code;
use crate::syntax::ast::{By, Claim, ItemKind, Span, Test, TestClause};

impl Parser<'_> {
    pub(super) fn test_item(&mut self, mut children: Children<'_>) -> Option<Test> {
        let title = self.template(children.find(Rule::string)?);
        let rows = match children.find(Rule::for_clause) {
            Some(clause) => Some(self.choice(clause)?),
            None => None,
        };
        Some(Test { title, rows, body: self.test_body(children, false)? })
    }

    fn test_body(&mut self, children: Children<'_>, in_step: bool) -> Option<Vec<TestClause>> {
        children.all(Rule::test_clause).map(|clause| self.test_clause(clause, in_step)).collect()
    }

    fn test_clause(&mut self, pair: Node<'_>, in_step: bool) -> Option<TestClause> {
        let clause = pair.into_inner().next()?;
        let rule = clause.as_rule();
        let span = self.span(&clause);
        let mut children = Children::of(clause);
        match rule {
            Rule::test_input => Some(TestClause::Input(self.expression(children.find(Rule::expression)?))),
            Rule::test_data => {
                let name = self.path(children.find(Rule::path)?)?;
                Some(TestClause::Data { name, value: self.expression(children.find(Rule::expression)?) })
            }
            Rule::test_result => {
                self.check_place(in_step, span, "`result` stands outside of a `step`");
                Some(TestClause::Result(self.expression(children.find(Rule::expression)?)))
            }
            Rule::test_step => {
                self.check_place(!in_step, span, "a `step` stands inside a `step`");
                let title = self.template(children.find(Rule::string)?);
                Some(TestClause::Step { title, body: self.test_body(children, true)?, span })
            }
            _ => match children.find(Rule::expected_effect) {
                Some(expected) => self.expected_effect(expected, span),
                None => Some(TestClause::Expect(self.expression(children.find(Rule::expression)?))),
            },
        }
    }

    fn check_place(&mut self, right: bool, span: Span, message: &str) {
        if !right {
            let help = "a test has steps, and a step has an `input`, a `result` and what is expected";
            self.report(self.error(Code::TestClause, span, message).with_help(help));
        }
    }

    fn expected_effect(&mut self, pair: Node<'_>, span: Span) -> Option<TestClause> {
        let mut children = Children::of(pair);
        let (effect, _) = self.effect(&children.find(Rule::effect)?);
        let by = if children.take(Rule::kw_by).is_none() {
            By::Any
        } else if children.take(Rule::kw_none).is_some() {
            By::None
        } else {
            By::Rules(children.all(Rule::path).map(|path| self.path(path)).collect::<Option<_>>()?)
        };
        Some(TestClause::ExpectEffect { effect, by, span })
    }

    pub(super) fn property_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let title = self.text(children.find(Rule::string)?, "the title of a property");
        let claims = children.all(Rule::claim).map(|claim| self.claim(claim)).collect::<Option<_>>()?;
        Some(ItemKind::Property { title, claims })
    }

    fn claim(&mut self, pair: Node<'_>) -> Option<Claim> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let always = children.take(Rule::kw_always).is_some();
        let (effect, _) = self.effect(&children.find(Rule::effect)?);
        let when = children.find(Rule::expression).map(|expr| self.expression(expr));
        Some(Claim { always, effect, when, span })
    }
}
