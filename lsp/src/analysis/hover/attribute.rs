//! What is said of annotations and of the attributes of tools.

use tollgate_compiler::PolicySet;
use tollgate_compiler::diagnostic::{Code, Location};
use tollgate_compiler::lint::is_lint;
use tollgate_compiler::syntax::ast::{Annotation, ItemKind, Span};
use tollgate_evaluator::plan::Fact;

use crate::analysis::completion::calls::ANNOTATIONS;
use crate::analysis::markdown::{comment, fenced};
use crate::analysis::{Cursor, item_at, text_of};

use super::{Hover, words};

/// What is said of other annotations.
const OTHERS: &str = "kept in the plan and shown in explanations, without a meaning of its own";

/// Says what an annotation at a place does, or an attribute of a tool.
pub fn at(set: &PolicySet, at: Cursor) -> Option<Hover> {
    let item = item_at(set, at)?;
    let written = item.item?;
    let here = at.offset.checked_sub(item.span.start)?;
    let has = |span: Span| (span.start..=span.end).contains(&here);
    let (span, text) = match (written.annotations.iter().find(|annotation| has(annotation.span)), &written.kind) {
        (Some(annotation), _) => of_annotation(annotation, item.span.of(text_of(set, at.file)), has),
        (None, ItemKind::Tool(tool)) => {
            let (name, _) = tool.attributes.iter().find(|(name, _)| has(name.span))?;
            let fact = Fact::ALL.into_iter().find(|fact| *fact != Fact::Declared && fact.name() == name.text)?;
            (name.span, format!("{}\n\n{}", fenced(&format!("tool.{}", fact.name())), words::fact(fact)))
        }
        _ => return None,
    };
    Some(Hover { at: Location { file: at.file, span: item.at(span) }, text })
}

/// What an annotation does, or the lint that it names at the place.
fn of_annotation(annotation: &Annotation, item: &str, has: impl Fn(Span) -> bool) -> (Span, String) {
    let lint = annotation.args.iter().find(|arg| annotation.name.text == "allow" && has(arg.span)).and_then(|arg| {
        let code = Code::from_text(&arg.text.replace('_', "-")).filter(|code| is_lint(*code))?;
        Some((arg.span, format!("`{}` {}: {}", code.code(), code.name(), comment(code.summary()))))
    });
    let told = ANNOTATIONS.iter().find(|(name, ..)| *annotation.name.text == **name).map_or(OTHERS, |(.., told)| told);
    lint.unwrap_or_else(|| (annotation.span, format!("{}\n\n{told}", fenced(annotation.span.of(item)))))
}
