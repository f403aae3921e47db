//! Shapes taken together: the values of both (`allOf`), or of either (`anyOf`, `oneOf`).

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use super::number::Number;
use super::shape::{About, Kinds, Lists, Member, Numbers, Objects, Part, Rest, Shape, Texts};

/// How much is taken together in one import. Definitions that share others grow beyond measure when they are written out.
const STEPS: usize = 4_000_000;

/// How many fields a note names that only some alternatives have.
pub const STRAY: usize = 8;

/// Takes shapes together, and notes what that loses.
#[derive(Debug, Default)]
pub struct Combiner {
    steps: usize,
    /// Whether a union takes more than its parts: what belongs together in it is not said.
    pub is_wider: bool,
    /// Fields that only some alternatives of a union have, while others leave open what they are: one more than are named at most.
    pub stray: Vec<String>,
}

/// Several shapes as one, in rounds of pairs, so that what is joined is looked at again a few times and not once for each of the others.
pub fn reduced(mut shapes: Vec<Shape>, mut join: impl FnMut(&Shape, &Shape) -> Shape) -> Option<Shape> {
    while shapes.len() > 1 {
        let mut round = Vec::with_capacity(shapes.len().div_ceil(2));
        let mut rest = shapes.into_iter();
        while let Some(one) = rest.next() {
            round.push(match rest.next() {
                Some(other) => join(&one, &other),
                None => one,
            });
        }
        shapes = round;
    }
    shapes.pop()
}

impl Combiner {
    /// Whether there was too much to take together, so that some of it is taken for anything.
    pub fn is_spent(&self) -> bool {
        self.steps > STEPS
    }

    /// What both take.
    pub fn both(&mut self, one: &Shape, other: &Shape) -> Shape {
        self.steps += 1;
        if self.is_spent() {
            return Shape::any();
        }
        let about = About {
            description: one.about.description.clone().or_else(|| other.about.description.clone()),
            default: one.about.default.clone().or_else(|| other.about.default.clone()),
            deprecated: one.about.deprecated || other.about.deprecated,
            format: one.about.format.clone().or_else(|| other.about.format.clone()),
        };
        if one.is_any() {
            return Shape { about, ..other.clone() };
        }
        if other.is_any() {
            return Shape { about, ..one.clone() };
        }
        let mut kinds = one.kinds.and(other.kinds);
        let objects = self.both_objects(&one.objects, &other.objects);
        kinds.object &= objects.is_some();
        let mut shape = Shape {
            name: None,
            kinds,
            numbers: both_numbers(&one.numbers, &other.numbers),
            texts: one.texts.and(&other.texts),
            lists: self.both_lists(&one.lists, &other.lists),
            objects: objects.unwrap_or_default(),
            about,
        };
        shape.settle();
        shape
    }

    fn both_parts(&mut self, one: &Part, other: &Part) -> Part {
        if one == other { one.clone() } else { Part::new(self.both(one, other)) }
    }

    fn both_lists(&mut self, one: &Lists, other: &Lists) -> Lists {
        let items = match (&one.items, &other.items) {
            (Some(one), Some(other)) => Some(self.both_parts(one, other)),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Lists { items, least: one.least.max(other.least), most: lesser(one.most, other.most), unique: one.unique || other.unique }
    }

    /// None where no object is both.
    fn both_objects(&mut self, one: &Objects, other: &Objects) -> Option<Objects> {
        self.steps += one.fields.len() + other.fields.len();
        let mut fields = Vec::new();
        let their = |objects: &'_ Objects| objects.fields.iter().map(|member| (member.name.clone(), member.clone())).collect::<HashMap<_, _>>();
        let (of_one, of_other) = (their(one), their(other));
        let names = one.fields.iter().chain(other.fields.iter().filter(|member| !of_one.contains_key(&member.name)));
        for Member { name, .. } in names {
            let (joined, required) = match (of_one.get(name), of_other.get(name)) {
                (Some(one), Some(other)) => (Some(self.both_parts(&one.part, &other.part)), one.required || other.required),
                (Some(own), None) => (self.beside(&own.part, &other.rest), own.required),
                (None, Some(own)) => (self.beside(&own.part, &one.rest), own.required),
                (None, None) => continue,
            };
            match joined {
                Some(part) => fields.push(Member { name: name.clone(), part, required }),
                None if required => return None,
                None => {}
            }
        }
        let rest = match (&one.rest, &other.rest) {
            (Rest::Closed, _) | (_, Rest::Closed) => Rest::Closed,
            (Rest::Open, rest) | (rest, Rest::Open) => rest.clone(),
            (Rest::Of(one), Rest::Of(other)) => Rest::Of(self.both_parts(one, other)),
        };
        Some(Objects {
            fields,
            rest,
            least: one.least.max(other.least),
            most: lesser(one.most, other.most),
            keys: one.keys.and(&other.keys),
            needs: one.needs.iter().chain(&other.needs).cloned().collect(),
        })
    }

    /// A field of one where the other says of it what it says of every other field.
    fn beside(&mut self, part: &Part, rest: &Rest) -> Option<Part> {
        match rest {
            Rest::Open => Some(part.clone()),
            Rest::Closed => None,
            Rest::Of(other) => Some(self.both_parts(part, other)),
        }
    }

    /// What one of the two takes, or more: see [`Combiner::is_wider`].
    pub fn either(&mut self, one: &Shape, other: &Shape) -> Shape {
        self.steps += 1;
        if self.is_spent() {
            return Shape::any();
        }
        let (of_one, of_other) = (one.kinds.present(), other.kinds.present());
        if of_other == Kinds::NONE || of_one == Kinds::NONE {
            let (kept, nothing) = if of_other == Kinds::NONE { (one, other) } else { (other, one) };
            let mut kept = kept.clone();
            kept.kinds.null |= nothing.kinds.null;
            return kept;
        }
        let has = |kind: fn(&Kinds) -> bool| (kind(&one.kinds), kind(&other.kinds));
        Shape {
            name: None,
            kinds: one.kinds.or(other.kinds),
            numbers: chosen(has(|kinds| kinds.number), &one.numbers, &other.numbers, |one, other| self.either_numbers(one, other)),
            texts: chosen(has(|kinds| kinds.text), &one.texts, &other.texts, |one, other| self.either_texts(one, other)),
            lists: chosen(has(|kinds| kinds.list), &one.lists, &other.lists, |one, other| self.either_lists(one, other)),
            objects: chosen(has(|kinds| kinds.object), &one.objects, &other.objects, |one, other| self.either_objects(one, other)),
            about: Default::default(),
        }
    }

    fn either_parts(&mut self, one: &Part, other: &Part) -> Part {
        if one == other { one.clone() } else { Part::new(self.either(one, other)) }
    }

    fn either_numbers(&mut self, one: &Numbers, other: &Numbers) -> Numbers {
        let widened = match (&one.one_of, &other.one_of) {
            (Some(of_one), Some(of_other)) => {
                self.steps += of_one.len() + of_other.len();
                let known: HashSet<String> = of_one.iter().map(Number::key).collect();
                let further = of_other.iter().filter(|value| !known.contains(&value.key()));
                return Numbers { one_of: Some(of_one.iter().chain(further).cloned().collect()), ..Numbers::default() };
            }
            _ => Numbers {
                integer: one.integer && other.integer,
                least: one
                    .least
                    .clone()
                    .zip(other.least.clone())
                    .map(|(one, other)| if lies(&one, &other, Ordering::Less, false) { one } else { other }),
                most: one
                    .most
                    .clone()
                    .zip(other.most.clone())
                    .map(|(one, other)| if lies(&one, &other, Ordering::Greater, false) { one } else { other }),
                multiples: common(&one.multiples, &other.multiples, Number::key),
                one_of: None,
            },
        };
        self.is_wider |= widened != *one && widened != *other;
        widened
    }

    fn either_texts(&mut self, one: &Texts, other: &Texts) -> Texts {
        let widened = match (&one.one_of, &other.one_of) {
            (Some(of_one), Some(of_other)) => {
                self.steps += of_one.len() + of_other.len();
                let known: HashSet<&String> = of_one.iter().collect();
                let further = of_other.iter().filter(|value| !known.contains(value));
                return Texts { one_of: Some(of_one.iter().chain(further).cloned().collect()), ..Texts::default() };
            }
            (Some(_), None) | (None, Some(_)) => Texts::default(),
            (None, None) => Texts {
                shortest: one.shortest.min(other.shortest),
                longest: one.longest.zip(other.longest).map(|(one, other)| one.max(other)),
                patterns: common(&one.patterns, &other.patterns, String::clone),
                one_of: None,
            },
        };
        self.is_wider |= widened != *one && widened != *other;
        widened
    }

    fn either_lists(&mut self, one: &Lists, other: &Lists) -> Lists {
        let items = match (&one.items, &other.items) {
            (Some(one), Some(other)) => Some(self.either_parts(one, other)),
            _ => None,
        };
        let widened = Lists {
            items,
            least: one.least.min(other.least),
            most: one.most.zip(other.most).map(|(one, other)| one.max(other)),
            unique: one.unique && other.unique,
        };
        self.is_wider |= widened != *one && widened != *other;
        widened
    }

    fn either_objects(&mut self, one: &Objects, other: &Objects) -> Objects {
        if one == other {
            return one.clone();
        }
        self.is_wider = true;
        self.steps += one.fields.len() + other.fields.len();
        let mut fields = Vec::new();
        let of_other: HashMap<&str, &Member> = other.fields.iter().map(|member| (member.name.as_str(), member)).collect();
        let of_one: HashSet<&str> = one.fields.iter().map(|member| member.name.as_str()).collect();
        for member in &one.fields {
            fields.push(match of_other.get(member.name.as_str()) {
                Some(also) => {
                    let part = self.either_parts(&member.part, &also.part);
                    Member { name: member.name.clone(), part, required: member.required && also.required }
                }
                None => self.only_in_one(member, &other.rest),
            });
        }
        for member in other.fields.iter().filter(|member| !of_one.contains(member.name.as_str())) {
            let field = self.only_in_one(member, &one.rest);
            fields.push(field);
        }
        let rest = match (&one.rest, &other.rest) {
            (Rest::Open, _) | (_, Rest::Open) => Rest::Open,
            (Rest::Closed, rest) | (rest, Rest::Closed) => rest.clone(),
            (Rest::Of(one), Rest::Of(other)) => Rest::Of(self.either_parts(one, other)),
        };
        Objects {
            fields,
            rest,
            least: one.least.min(other.least),
            most: one.most.zip(other.most).map(|(one, other)| one.max(other)),
            keys: self.either_texts(&one.keys, &other.keys),
            needs: common(&one.needs, &other.needs, Clone::clone),
        }
    }

    fn only_in_one(&mut self, member: &Member, rest: &Rest) -> Member {
        let part = match rest {
            Rest::Closed => member.part.clone(),
            Rest::Of(other) => self.either_parts(&member.part, other),
            Rest::Open => {
                if !member.part.is_any() && self.stray.len() <= STRAY && !self.stray.contains(&member.name) {
                    self.stray.push(member.name.clone());
                }
                member.part.clone()
            }
        };
        Member { name: member.name.clone(), part, required: false }
    }
}

/// What is said of a kind by those that take it.
fn chosen<T: Clone + Default>(taken: (bool, bool), one: &T, other: &T, both: impl FnOnce(&T, &T) -> T) -> T {
    match taken {
        (true, true) => both(one, other),
        (true, false) => one.clone(),
        (false, true) => other.clone(),
        (false, false) => T::default(),
    }
}

fn both_numbers(one: &Numbers, other: &Numbers) -> Numbers {
    let tighter = |one: &Option<(Number, bool)>, other: &Option<(Number, bool)>, wanted| match (one, other) {
        (Some(one), Some(other)) => Some(if lies(one, other, wanted, true) { one.clone() } else { other.clone() }),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    let one_of = match (&one.one_of, &other.one_of) {
        (Some(one), Some(other)) => Some(common(one, other, Number::key)),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    Numbers {
        integer: one.integer || other.integer,
        least: tighter(&one.least, &other.least, Ordering::Greater),
        most: tighter(&one.most, &other.most, Ordering::Less),
        multiples: joined(&one.multiples, &other.multiples, Number::key),
        one_of,
    }
}

impl Texts {
    /// The texts that are both.
    pub fn and(&self, other: &Texts) -> Texts {
        let one_of = match (&self.one_of, &other.one_of) {
            (Some(one), Some(other)) => Some(common(one, other, String::clone)),
            (one, other) => one.clone().or_else(|| other.clone()),
        };
        Texts {
            shortest: self.shortest.max(other.shortest),
            longest: lesser(self.longest, other.longest),
            patterns: joined(&self.patterns, &other.patterns, String::clone),
            one_of,
        }
    }
}

/// Whether the first bound lies on the wanted side of the second; of equal ones, whether it is excluded as wanted.
fn lies(one: &(Number, bool), other: &(Number, bool), wanted: Ordering, excluded: bool) -> bool {
    match one.0.compare(&other.0) {
        Ordering::Equal => one.1 == excluded,
        order => order == wanted,
    }
}

fn lesser(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What is in one of two lists, each once, in their order.
fn joined<T: Clone, K: Eq + Hash>(one: &[T], other: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    let known: HashSet<K> = one.iter().map(&key).collect();
    one.iter().chain(other.iter().filter(|also| !known.contains(&key(also)))).cloned().collect()
}

/// What is in both of two lists.
fn common<T: Clone, K: Eq + Hash>(one: &[T], other: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
    let known: HashSet<K> = other.iter().map(&key).collect();
    one.iter().filter(|value| known.contains(&key(value))).cloned().collect()
}
