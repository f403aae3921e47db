//! Whether alternatives plainly exclude each other, as `oneOf` asks of them.

use std::collections::HashSet;

use super::number::Number;
use super::shape::Shape;

/// How many fields are looked at for one that tells alternatives from each other.
const TELLING: usize = 16;

/// Whether no value is of two shapes: they are of different kinds, have different constants, or a field that each must have has.
pub fn are_disjoint(shapes: &[Shape]) -> bool {
    let count = |has: fn(&Shape) -> bool| shapes.iter().filter(|shape| has(shape)).count();
    let is_once = |has: fn(&Shape) -> bool| count(has) < 2;
    let of_numbers = || shapes.iter().filter(|shape| shape.kinds.number);
    let of_texts = || shapes.iter().filter(|shape| shape.kinds.text);
    is_once(|shape| shape.kinds.null)
        && is_once(|shape| shape.kinds.yes)
        && is_once(|shape| shape.kinds.no)
        && is_once(|shape| shape.kinds.list)
        && (is_once(|shape| shape.kinds.number) || are_different(of_numbers().map(numbers)))
        && (is_once(|shape| shape.kinds.text) || are_different(of_texts().map(|shape| shape.texts.one_of.clone())))
        && (is_once(|shape| shape.kinds.object) || are_told_apart(&shapes.iter().filter(|shape| shape.kinds.object).collect::<Vec<_>>()))
}

fn numbers(shape: &Shape) -> Option<Vec<String>> {
    shape.numbers.one_of.as_ref().map(|values| values.iter().map(Number::key).collect())
}

/// Whether each has constants, and none is of two.
fn are_different(constants: impl Iterator<Item = Option<Vec<String>>>) -> bool {
    let mut known = HashSet::new();
    let mut constants = constants;
    constants.all(|values| values.is_some_and(|values| values.into_iter().collect::<HashSet<String>>().into_iter().all(|value| known.insert(value))))
}

/// Whether objects have a field that each must have, with other constants in each.
fn are_told_apart(objects: &[&Shape]) -> bool {
    let Some(first) = objects.first() else { return true };
    let candidates = first.objects.fields.iter().filter(|member| member.required && member.part.texts.one_of.is_some()).take(TELLING);
    let constants = |shape: &Shape, name: &str| {
        let member = shape.objects.fields.iter().find(|member| member.required && member.name == name)?;
        let is_text = member.part.kinds == super::shape::Kinds { text: true, ..super::shape::Kinds::NONE };
        member.part.texts.one_of.clone().filter(|_| is_text)
    };
    candidates.map(|member| member.name.as_str()).any(|name| are_different(objects.iter().map(|shape| constants(shape, name))))
}
