//! What values a JSON Schema takes, told for each kind of JSON on its own.
//!
//! In this form two schemas can be taken together ([`super::combine`]) and written as a type ([`super::types`]), whatever keywords said it.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use tollgate_evaluator::plan::Pattern;

use super::number::Number;
use crate::json::Json;

/// The values that a schema takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The definition that it is, where nothing was added to it.
    pub name: Option<Rc<str>>,
    /// The kinds that it takes at all.
    pub kinds: Kinds,
    /// Which numbers, where it takes numbers.
    pub numbers: Numbers,
    /// Which strings.
    pub texts: Texts,
    /// Which arrays.
    pub lists: Lists,
    /// Which objects.
    pub objects: Objects,
    /// What is said of it to people.
    pub about: About,
}

/// A shape within another.
#[derive(Clone)]
pub struct Part(Rc<Shape>);

/// The kinds of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// `null`
    pub null: bool,
    /// `true`
    pub yes: bool,
    /// `false`
    pub no: bool,
    /// Numbers.
    pub number: bool,
    /// Strings.
    pub text: bool,
    /// Arrays.
    pub list: bool,
    /// Objects.
    pub object: bool,
}

/// Which numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Whether only those without a fraction.
    pub integer: bool,
    /// The least, and whether it is itself excluded.
    pub least: Option<(Number, bool)>,
    /// The greatest, and whether it is itself excluded.
    pub most: Option<(Number, bool)>,
    /// What each is a multiple of.
    pub multiples: Vec<Number>,
    /// The only ones.
    pub one_of: Option<Vec<Number>>,
}

/// Which strings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// The least length, in code points.
    pub shortest: u64,
    /// The greatest length, in code points.
    pub longest: Option<u64>,
    /// Patterns that each are found in it, as the language writes them.
    pub patterns: Vec<String>,
    /// The only ones.
    pub one_of: Option<Vec<String>>,
}

/// Which arrays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lists {
    /// What all elements are.
    pub items: Option<Part>,
    /// The least length.
    pub least: u64,
    /// The greatest length.
    pub most: Option<u64>,
    /// Whether no element stands twice.
    pub unique: bool,
}

/// Which objects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects {
    /// Their fields, in the schema's order.
    pub fields: Vec<Member>,
    /// What may stand beside the fields.
    pub rest: Rest,
    /// The least number of fields.
    pub least: u64,
    /// The greatest number of fields.
    pub most: Option<u64>,
    /// Which texts the names of fields are.
    pub keys: Texts,
    /// Fields that others need beside them.
    pub needs: Vec<(String, Vec<String>)>,
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it is.
    pub part: Part,
    /// Whether it must be there.
    pub required: bool,
}

/// What stands in an object beside its fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Rest {
    /// Anything.
    #[default]
    Open,
    /// Nothing.
    Closed,
    /// Fields of this kind.
    Of(Part),
}

/// What a schema says to people, and the value that it gives where there is none.
#[derive(Clone, Default)]
pub struct About {
    /// Its description.
    pub description: Option<String>,
    /// What the server takes where nothing is given.
    pub default: Option<Json>,
    /// Whether it should be used no more.
    pub deprecated: bool,
    /// The format of a string, which says nothing of what is taken.
    pub format: Option<String>,
}

impl Kinds {
    /// Every kind.
    pub const ALL: Kinds = Kinds { null: true, yes: true, no: true, number: true, text: true, list: true, object: true };
    /// No kind.
    pub const NONE: Kinds = Kinds { null: false, yes: false, no: false, number: false, text: false, list: false, object: false };

    /// What both have.
    pub fn and(self, other: Kinds) -> Kinds {
        self.zip(other, |a, b| a && b)
    }

    /// What one of them has.
    pub fn or(self, other: Kinds) -> Kinds {
        self.zip(other, |a, b| a || b)
    }

    fn zip(self, other: Kinds, join: impl Fn(bool, bool) -> bool) -> Kinds {
        Kinds {
            null: join(self.null, other.null),
            yes: join(self.yes, other.yes),
            no: join(self.no, other.no),
            number: join(self.number, other.number),
            text: join(self.text, other.text),
            list: join(self.list, other.list),
            object: join(self.object, other.object),
        }
    }

    /// The kinds but `null`.
    pub fn present(self) -> Kinds {
        Kinds { null: false, ..self }
    }
}

impl Shape {
    /// Every value.
    pub fn any() -> Shape {
        Shape {
            name: None,
            kinds: Kinds::ALL,
            numbers: Numbers::default(),
            texts: Texts::default(),
            lists: Lists::default(),
            objects: Objects::default(),
            about: About::default(),
        }
    }

    /// No value, where it has no kind.
    pub fn of_kinds(kinds: Kinds) -> Shape {
        Shape { kinds, ..Shape::any() }
    }

    /// Whether it takes every value.
    pub fn is_any(&self) -> bool {
        self.kinds == Kinds::ALL
            && self.numbers == Numbers::default()
            && self.texts == Texts::default()
            && self.lists == Lists::default()
            && self.objects == Objects::default()
    }

    /// The constants that its bounds leave, and no kind of which none is left.
    pub fn settle(&mut self) {
        let Numbers { integer, least, most, multiples, one_of } = &mut self.numbers;
        if let Some(values) = one_of {
            let bounded = |value: &Number, bound: &Option<(Number, bool)>, beyond: Ordering| {
                bound.as_ref().is_none_or(|(bound, excluded)| match value.compare(bound) {
                    Ordering::Equal => !excluded,
                    order => order == beyond,
                })
            };
            values.retain(|value| {
                let within = bounded(value, least, Ordering::Greater) && bounded(value, most, Ordering::Less);
                within && (!*integer || value.is_integer()) && multiples.iter().all(|of| value.is_multiple_of(of) != Some(false))
            });
            self.kinds.number &= !values.is_empty();
            // What they say is said by what is left.
            (*least, *most) = (None, None);
            multiples.retain(|of| values.iter().any(|value| value.is_multiple_of(of).is_none()));
        }
        if let Some(values) = &self.texts.one_of {
            let left: Vec<String> =
                values.iter().zip(self.texts.taken(values)).filter(|(_, is_taken)| *is_taken).map(|(value, _)| value.clone()).collect();
            self.kinds.text &= !left.is_empty();
            self.texts = Texts { one_of: Some(left), ..Texts::default() };
        }
        if !self.kinds.number {
            self.numbers.one_of = None;
        }
        if !self.kinds.text {
            self.texts.one_of = None;
        }
    }

    /// Whether no other shape stands in it.
    fn is_leaf(&self) -> bool {
        self.lists.items.is_none() && self.objects.fields.is_empty() && !matches!(self.objects.rest, Rest::Of(_))
    }

    /// A text that two shapes share only where they take the same values; none where it were too long.
    pub fn key(&self) -> Option<String> {
        let mut key = Bounded(String::new());
        fmt::write(&mut key, format_args!("{self:?}")).ok().map(|()| key.0)
    }
}

impl Texts {
    /// Whether it takes a text.
    pub fn takes(&self, text: &str) -> bool {
        self.one_of.as_ref().is_none_or(|values| values.iter().any(|value| value == text)) && self.taken(&[text.to_owned()]) == [true]
    }

    /// Of each text, whether its length is right, and every pattern is found in it.
    fn taken(&self, texts: &[String]) -> Vec<bool> {
        let is_long_enough = |text: &String| {
            let length = text.chars().count() as u64;
            length >= self.shortest && self.longest.is_none_or(|longest| length <= longest)
        };
        let mut taken: Vec<bool> = texts.iter().map(is_long_enough).collect();
        for pattern in &self.patterns {
            // Patterns that are none were left out when the schema was read.
            let Ok(fits) = Pattern::Regex(pattern.as_str().into()).matcher() else { continue };
            taken.iter_mut().zip(texts).for_each(|(is_taken, text)| *is_taken &= fits(text));
        }
        taken
    }
}

impl Part {
    /// A shape to stand within another.
    pub fn new(shape: Shape) -> Part {
        Part(Rc::new(shape))
    }

    /// Whether both are one, and not only alike.
    pub fn is(&self, other: &Part) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for Part {
    type Target = Shape;

    fn deref(&self) -> &Shape {
        &self.0
    }
}

/// Looks no deeper than one level, since definitions that share others grow beyond measure when they are written out.
impl PartialEq for Part {
    fn eq(&self, other: &Part) -> bool {
        self.is(other) || (self.is_leaf() && other.is_leaf() && *self.0 == *other.0)
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Is no part of what is taken.
impl PartialEq for About {
    fn eq(&self, _: &About) -> bool {
        true
    }
}

impl fmt::Debug for About {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.default)
    }
}

/// A text of which no more is written than anybody compares.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        const LONGEST: usize = 8 << 10;
        self.0.push_str(text);
        if self.0.len() > LONGEST { Err(fmt::Error) } else { Ok(()) }
    }
}
