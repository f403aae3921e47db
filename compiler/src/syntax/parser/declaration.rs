//! Items: what they declare and what stands before them.

use super::types::Fields;
use super::{Children, Node, Parser, Rule};
use crate::diagnostic::Code;
use crate::syntax::ast::{Annotation, Expr, Item, ItemKind, ScorePart, Span, Text, Tool, ToolArgs, TypeExpr, TypeKind};

impl Parser<'_> {
    /// An item with its annotations and documentation.
    pub(super) fn build_item(&mut self, pair: Node<'_>) -> Option<Item> {
        let span = self.span(&pair);
        let mut annotations = Vec::new();
        let mut docs = vec![self.doc_before(span.start)];
        for part in pair.into_inner() {
            let start = self.span(&part).start;
            if start > span.start {
                docs.push(self.doc_before(start));
            }
            if part.as_rule() == Rule::annotation {
                annotations.push(self.annotation(part)?);
            } else {
                docs.retain(|doc| !doc.is_empty());
                let kind = self.declaration(part.into_inner().next()?)?;
                return Some(Item { span, doc: docs.join("\n"), annotations, kind });
            }
        }
        None
    }

    fn annotation(&mut self, pair: Node<'_>) -> Option<Annotation> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let name = self.word(&children.find(Rule::word)?);
        let args = children.all(Rule::annotation_argument).map(|argument| self.annotation_argument(argument));
        Some(Annotation { name, args: args.collect::<Option<_>>()?, span })
    }

    fn annotation_argument(&mut self, pair: Node<'_>) -> Option<Text> {
        let inner = pair.into_inner().next()?;
        match inner.as_rule() {
            Rule::string => Some(self.text(inner, "an annotation")),
            _ => Some(self.word(&inner)),
        }
    }

    fn declaration(&mut self, pair: Node<'_>) -> Option<ItemKind> {
        let rule = pair.as_rule();
        let span = self.span(&pair);
        let children = Children::of(pair);
        match rule {
            Rule::rule_item => self.rule(children).map(ItemKind::Rule),
            Rule::let_item => self.let_item(children),
            Rule::fn_item => self.fn_item(children),
            Rule::data_item => self.data_item(children),
            Rule::tool_item => self.tool_item(children).map(ItemKind::Tool),
            Rule::test_item => self.test_item(children).map(ItemKind::Test),
            Rule::type_item => self.type_item(children),
            Rule::enum_item => self.enum_item(children, span),
            Rule::score_item => self.score_item(children),
            Rule::import_item => self.import_item(children),
            Rule::package_item => self.package_item(children),
            Rule::input_item => self.input_item(children),
            Rule::obligation_item => self.obligation_item(children),
            Rule::default_item => self.default_item(children),
            Rule::property_item => self.property_item(children),
            _ => None,
        }
    }

    fn package_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        self.package_path(children.find(Rule::path)?).map(ItemKind::Package)
    }

    fn import_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let path = children.find(Rule::path)?;
        // What other languages import of themselves is told of as a whole, whatever its words.
        let is_foreign = ["future.", "rego."].iter().any(|root| path.as_str().starts_with(root));
        let path = if is_foreign { self.path(path)? } else { self.package_path(path)? };
        let alias = children.find(Rule::name).map(|name| self.value_name(&name));
        Some(ItemKind::Import { path, alias })
    }

    fn enum_item(&mut self, mut children: Children<'_>, span: Span) -> Option<ItemKind> {
        let name = self.type_name(&children.find(Rule::type_name)?);
        let body = children.find(Rule::enum_body)?;
        let span = self.span(&body).to(span);
        Some(ItemKind::Enum { name, variants: self.enum_variants(body, span)? })
    }

    fn type_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let name = self.type_name(&children.find(Rule::type_name)?);
        let ty = match children.find(Rule::record_type) {
            Some(record) => {
                let span = self.span(&record);
                let Fields { fields, open } = self.fields(record)?;
                TypeExpr { kind: TypeKind::Record { fields, open }, span }
            }
            None => self.type_expression(children.find(Rule::type_expression)?)?,
        };
        Some(ItemKind::Type { name, ty })
    }

    fn data_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let name = self.value_name(&children.find(Rule::name)?);
        let ty = self.type_expression(children.find(Rule::type_expression)?)?;
        let default = self.optional_expression(&mut children);
        Some(ItemKind::Data { name, ty, default })
    }

    fn input_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let Fields { fields, open } = self.fields(children.find(Rule::record_type)?)?;
        Some(ItemKind::Input { fields, open })
    }

    fn tool_item(&mut self, mut children: Children<'_>) -> Option<Tool> {
        let name = self.text(children.find(Rule::string)?, "the name of a tool");
        let mut attributes = Vec::new();
        let mut args = None;
        let mut spans = Vec::new();
        for part in children.0 {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::tool_attribute => {
                    let mut inner = Children::of(part);
                    let name = self.word(&inner.find(Rule::word)?);
                    attributes.push((name, self.expression(inner.find(Rule::expression)?)));
                }
                Rule::tool_args => {
                    let record = Children::of(part).find(Rule::record_type)?;
                    let Fields { fields, open } = self.fields(record)?;
                    self.set_tool_args(&mut args, ToolArgs { fields, open, span });
                }
                _ => continue,
            }
            spans.push(span);
        }
        self.check_separators(&spans, "attributes");
        Some(Tool { name, attributes, args })
    }

    fn set_tool_args(&mut self, args: &mut Option<ToolArgs>, new: ToolArgs) {
        if let Some(first) = args {
            let diagnostic =
                self.error(Code::Duplicate, new.span, "a second `args` block in one tool").with_secondary(self.location(first.span), "the first one");
            self.report(diagnostic);
            return;
        }
        *args = Some(new);
    }

    fn obligation_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let name = self.value_name(&children.find(Rule::name)?);
        let params = self.parameters(children.find(Rule::parameters)?, false)?;
        Some(ItemKind::Obligation { name, params })
    }

    fn let_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let name = self.value_name(&children.find(Rule::name)?);
        let ty = self.optional_type(&mut children)?;
        let value = self.expression(children.find(Rule::expression)?);
        Some(ItemKind::Let { name, ty, value })
    }

    fn fn_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let name = self.value_name(&children.find(Rule::name)?);
        let params = self.parameters(children.find(Rule::parameters)?, true)?;
        let result = self.optional_type(&mut children)?;
        let body = self.expression(children.find(Rule::expression)?);
        Some(ItemKind::Fn { name, params, result, body })
    }

    fn optional_type(&mut self, children: &mut Children<'_>) -> Option<Option<TypeExpr>> {
        match children.find(Rule::type_expression) {
            Some(ty) => self.type_expression(ty).map(Some),
            None => Some(None),
        }
    }

    fn optional_expression(&mut self, children: &mut Children<'_>) -> Option<Expr> {
        children.find(Rule::expression).map(|expr| self.expression(expr))
    }

    fn score_item(&mut self, mut children: Children<'_>) -> Option<ItemKind> {
        let name = self.value_name(&children.find(Rule::name)?);
        let low = self.expression(children.find(Rule::expression)?);
        let high = self.expression(children.find(Rule::expression)?);
        let parts = children.all(Rule::score_part).map(|part| self.score_part(part)).collect::<Option<_>>()?;
        Some(ItemKind::Score { name, low, high, parts })
    }

    fn score_part(&mut self, pair: Node<'_>) -> Option<ScorePart> {
        let span = self.span(&pair);
        let mut children = Children::of(pair);
        let amount = self.expression(children.find(Rule::expression)?);
        let condition = self.expression(children.find(Rule::expression)?);
        let because = children.find(Rule::string).map(|text| self.template(text));
        Some(ScorePart { amount, condition, because, span })
    }
}
