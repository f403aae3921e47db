//! Rules and their clauses, and the default.

use super::{Children, Node, Parser, Rule};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::syntax::ast::{self, Choice, Effect, Expr, ItemKind, Name, Requirement, Span};

/// The clauses in the order of the language.
const CLAUSES: [&str; 6] = ["on", "for", "when", "unless", "because", "require"];

impl Parser<'_> {
    /// A rule; clauses out of order are taken nevertheless, with a diagnostic.
    pub(super) fn rule(&mut self, mut children: Children<'_>) -> Option<ast::Rule> {
        let (effect, _) = self.effect(&children.find(Rule::effect)?);
        let name = self.value_name(&children.find(Rule::name)?);
        let mut rule = ast::Rule { effect, name, on: Vec::new(), choices: Vec::new(), when: None, unless: None, because: None, require: Vec::new() };
        let mut order = ClauseOrder::default();
        let mut misplaced = Vec::new();
        let mut clauses = Vec::new();
        for clause in children.all(Rule::clause) {
            let clause = clause.into_inner().next()?;
            let keyword = Children::of(clause.clone()).0.next()?;
            let span = self.span(&keyword);
            let word = span.of(self.text);
            clauses.push((CLAUSES.iter().position(|clause| *clause == word).unwrap_or_default(), self.span(&clause)));
            misplaced.extend(self.check_order(&mut order, word, span));
            self.clause(clause, &mut rule)?;
        }
        self.report_misplaced(misplaced, &clauses);
        Some(rule)
    }

    fn clause(&mut self, clause: Node<'_>, rule: &mut ast::Rule) -> Option<()> {
        let kind = clause.as_rule();
        if kind == Rule::for_clause {
            rule.choices.push(self.choice(clause)?);
            return Some(());
        }
        let mut children = Children::of(clause);
        match kind {
            Rule::on_clause => rule.on.extend(children.all(Rule::string).map(|tool| self.text(tool, "the name of a tool"))),
            Rule::when_clause => rule.when = Some(self.expression(children.find(Rule::expression)?)),
            Rule::unless_clause => rule.unless = Some(self.expression(children.find(Rule::expression)?)),
            Rule::because_clause => rule.because = Some(self.template(children.find(Rule::string)?)),
            _ => {
                for requirement in children.all(Rule::requirement) {
                    rule.require.push(self.requirement(requirement)?);
                }
            }
        }
        Some(())
    }

    /// Reports clauses that stand where they may not, and offers the order of the language where each stands there once: a clause may have been meant for another rule.
    fn report_misplaced(&mut self, misplaced: Vec<Diagnostic>, clauses: &[(usize, Span)]) {
        let mut ordered = clauses.to_vec();
        ordered.sort_by_key(|(place, _)| *place);
        let is_once = ordered.windows(2).all(|pair| matches!(pair, [(a, _), (b, _)] if a != b || CLAUSES.get(*a) == Some(&"for")));
        let moved = clauses.iter().zip(&ordered).filter(|((_, at), (_, clause))| at != clause);
        let edits: Vec<Edit> = moved.map(|((_, at), (_, clause))| Edit { at: self.location(*at), text: clause.of(self.text).to_owned() }).collect();
        for mut diagnostic in misplaced {
            if is_once {
                diagnostic.fixes.push(Fix { is_choice: true, ..Fix::new("put the clauses in order", edits.clone()) });
            }
            self.report(diagnostic);
        }
    }

    fn check_order(&self, order: &mut ClauseOrder, word: &str, span: Span) -> Option<Diagnostic> {
        let place = CLAUSES.iter().position(|clause| *clause == word).unwrap_or_default();
        let order_help = "the clauses come in the order `on`, `for`, `when`, `unless`, `because`, `require`";
        let problem = match order.last {
            Some((last, _)) if place > last => None,
            Some((last, _)) if place == last && word == "for" => None,
            Some((last, at)) if place == last => {
                let help = match word {
                    "when" => "join the conditions with `and`",
                    "unless" => "join the conditions with `or`",
                    "because" => "write one text",
                    _ => "separate the entries with `,` in one clause",
                };
                Some((format!("a second `{word}` in one rule"), at, "the first one", help))
            }
            Some((last, at)) => {
                let after = CLAUSES.get(last).copied().unwrap_or_default();
                Some((format!("`{word}` stands after `{after}`"), at, "comes later in a rule", order_help))
            }
            None => None,
        };
        let Some((message, at, label, help)) = problem else {
            order.last = Some((place, span));
            return None;
        };
        Some(self.error(Code::MisplacedItem, span, message).with_secondary(self.location(at), label).with_help(help))
    }

    /// `for x in expr`
    pub(super) fn choice(&mut self, pair: Node<'_>) -> Option<Choice> {
        let mut children = Children::of(pair);
        let name = self.value_name(&children.find(Rule::name)?);
        let source = self.expression(children.find(Rule::expression)?);
        Some(Choice { name, source })
    }

    fn requirement(&mut self, pair: Node<'_>) -> Option<Requirement> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let name = self.path(children.find(Rule::path)?)?;
        let args = children.all(Rule::argument).map(|argument| self.argument(argument)).collect::<Option<_>>()?;
        Some(Requirement { name, args, span })
    }

    fn argument(&mut self, pair: Node<'_>) -> Option<(Option<Name>, Expr)> {
        let mut children = Children::of(pair);
        let name = children.take(Rule::word).map(|word| self.word(&word));
        Some((name, self.expression(children.find(Rule::expression)?)))
    }

    /// An effect word and its place.
    pub(super) fn effect(&self, pair: &Node<'_>) -> (Effect, Span) {
        let span = self.span(pair);
        let effect = match span.of(self.text) {
            "allow" => Effect::Allow,
            "review" => Effect::Review,
            _ => Effect::Deny,
        };
        (effect, span)
    }

    pub(super) fn default_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let (effect, effect_span) = self.effect(&children.find(Rule::effect)?);
        let because = children.find(Rule::string).map(|text| self.template(text));
        Some(ItemKind::Default { effect, effect_span, because })
    }
}

/// The clause that came last, as its place in [`CLAUSES`], and where its keyword stands.
#[derive(Default)]
struct ClauseOrder {
    last: Option<(usize, Span)>,
}
