//! Texts with places to fill in.

use tollgate_compiler::syntax::lexer;
use tollgate_stdlib::types::{EnumType, Presence, RecordType, Type};
use tollgate_stdlib::{Function, Param, Sig};

/// How deep the records are of which a skeleton is written.
const DEEPEST: usize = 4;

/// A text with places to fill in, written piece by piece.
#[derive(Clone, Debug, Default)]
pub struct Snippet {
    text: String,
    plain: String,
    stops: usize,
}

impl Snippet {
    /// One that is written with its places: `on "$1"`.
    pub fn written(text: &str) -> Snippet {
        Snippet { text: text.to_owned(), plain: text.to_owned(), stops: usize::from(text.contains('$')) }
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) {
        self.plain.push_str(text);
        for letter in text.chars() {
            if matches!(letter, '$' | '}' | '\\') {
                self.text.push('\\');
            }
            self.text.push(letter);
        }
    }

    /// Adds a place to fill in; `hint` stands there meanwhile.
    pub fn stop(&mut self, hint: &str) {
        self.stops += 1;
        if hint.is_empty() {
            self.text.push_str(&format!("${}", self.stops));
            return;
        }
        self.text.push_str(&format!("${{{}:", self.stops));
        self.push(hint);
        self.text.push('}');
    }

    /// Whether there is a place to fill in.
    pub fn has_stops(&self) -> bool {
        self.stops > 0
    }

    /// The text, which is plain where nothing is to be filled in.
    pub fn finish(self) -> String {
        if self.has_stops() { self.text } else { self.plain }
    }

    /// Adds a name of a field, in quotes where it is no word.
    pub fn key(&mut self, name: &str) {
        self.push(&field_name(name));
    }

    /// Adds a value of a type to be filled in.
    pub fn value(&mut self, ty: &Type) {
        self.value_within(ty, 0);
    }

    /// Adds the fields of a record that it needs, and are not `given`.
    pub fn fields(&mut self, record: &RecordType, given: &[&str], depth: usize) {
        let is_missing = |name: &str| !given.contains(&name);
        let needed = record.fields.iter().filter(|field| matches!(field.presence, Presence::Required) && is_missing(&field.name));
        for (index, field) in needed.enumerate() {
            self.push(if index > 0 { ", " } else { "" });
            self.key(&field.name);
            self.push(": ");
            self.value_within(&field.ty, depth + 1);
        }
    }

    fn value_within(&mut self, ty: &Type, depth: usize) {
        match ty.present() {
            Type::Str => self.around('"', "", '"'),
            Type::Enum(variants) => self.around('"', first(variants), '"'),
            Type::List(_) => self.around('[', "", ']'),
            Type::Set(_) | Type::Map(_) | Type::Json => self.around('{', "", '}'),
            Type::Record(record) if depth < DEEPEST && record.fields.iter().any(|field| matches!(field.presence, Presence::Required)) => {
                self.push("{");
                self.fields(record, &[], depth);
                self.push("}");
            }
            Type::Record(_) => self.around('{', "", '}'),
            Type::Timestamp => self.around('"', "2026-01-01T00:00:00Z", '"'),
            Type::Ip => self.around('"', "192.0.2.1", '"'),
            Type::Cidr => self.around('"', "192.0.2.0/24", '"'),
            Type::Bool => self.stop("true"),
            Type::Int | Type::Decimal => self.stop("0"),
            Type::Duration => self.stop("15m"),
            Type::Error | Type::None | Type::Optional(_) => self.stop(""),
        }
    }

    fn around(&mut self, open: char, hint: &str, close: char) {
        self.push(&open.to_string());
        self.stop(hint);
        self.push(&close.to_string());
    }

    /// The call of a method, with a place for each argument that it needs.
    pub fn call(function: &Function) -> Snippet {
        let mut snippet = Snippet::default();
        snippet.push(function.name);
        snippet.push("(");
        for (index, param) in function.params.iter().skip(1).filter(|param| !param.optional).enumerate() {
            snippet.push(if index > 0 { ", " } else { "" });
            snippet.argument(param);
        }
        snippet.push(")");
        snippet
    }

    fn argument(&mut self, param: &Param) {
        match param.sig {
            Sig::Lambda(..) => {
                self.stop("x");
                self.push(" => ");
                self.stop("");
            }
            Sig::Str => self.around('"', "", '"'),
            _ => self.stop(param.name),
        }
    }
}

fn first(ty: &EnumType) -> &str {
    ty.variants.first().map_or("", |variant| variant)
}

/// The name of a field as it is written.
pub fn field_name(name: &str) -> String {
    if lexer::is_word(name) { name.to_owned() } else { quoted(name) }
}

/// A text in quotes.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text as it stands between quotes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' | '\\' => out.extend(['\\', letter]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '{' | '}' => out.extend([letter, letter]),
            letter if letter.is_control() => out.extend(letter.escape_unicode()),
            letter => out.push(letter),
        }
    }
    out
}
