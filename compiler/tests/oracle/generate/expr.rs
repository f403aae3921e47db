//! Expressions of a wanted type.

use super::constants;
use super::schema::{Schema, Ty, field_name};
use super::scope::Scope;
use crate::random::Random;

/// How tightly an expression's outermost operator binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    If,
    Or,
    And,
    Not,
    Compare,
    Coalesce,
    Add,
    Multiply,
    Sign,
    Postfix,
}

/// An expression as written.
#[derive(Clone, Debug)]
pub struct Text {
    pub text: String,
    pub level: Level,
}

pub fn written(text: impl Into<String>, level: Level) -> Text {
    Text { text: text.into(), level }
}

/// A function of the policy: its name, its parameters, its result.
#[derive(Clone, Debug)]
pub struct Function {
    pub name: String,
    pub params: Vec<Ty>,
    pub result: Ty,
}

/// Whether the place says which type it expects, as literals of enums, maps and records need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Typed,
    Untyped,
}

/// Writes expressions.
pub struct Writer<'w> {
    pub random: &'w mut Random,
    pub schema: &'w Schema,
    pub scope: Scope,
    pub functions: &'w [Function],
    /// Stands before the names of another package, with its point.
    pub package: &'static str,
    /// Types whose identity function is called: `fn same_0(v: T) -> T = v`.
    pub identities: &'w mut Vec<Ty>,
    /// Whether only variables and constants may be read.
    pub constants_only: bool,
    /// Makes the names of variables.
    pub variables: &'w mut usize,
}

impl Writer<'_> {
    /// An expression of that type.
    pub fn expr(&mut self, ty: &Ty, depth: usize, place: Place) -> Text {
        for _ in 0..6 {
            if let Some(text) = self.attempt(ty, depth, place) {
                return text;
            }
        }
        self.simple(ty, place)
    }

    /// The same as an operand that binds at least so tightly.
    pub fn operand(&mut self, ty: &Ty, depth: usize, place: Place, least: Level) -> String {
        let text = self.expr(ty, depth, place);
        self.fit(text, least)
    }

    /// Brackets where they are needed, and now and then where they are not.
    pub fn fit(&mut self, text: Text, least: Level) -> String {
        if text.level < least || self.random.chance(4) { format!("({})", text.text) } else { text.text }
    }

    fn attempt(&mut self, ty: &Ty, depth: usize, place: Place) -> Option<Text> {
        match self.random.below(15) {
            0..=4 => self.path(ty),
            5 | 6 => self.coalesce(ty, depth),
            7 => self.literal(ty, place),
            8 if depth > 0 => Some(self.choice(ty, depth - 1, place)),
            9 if depth > 0 => self.invoke(ty, depth - 1),
            10 | 11 if depth > 0 => self.builtin(ty, depth - 1),
            12 if depth > 0 => self.parsed(ty, depth - 1),
            _ if depth > 0 => self.operator(ty, depth - 1, place),
            _ => None,
        }
    }

    /// A path or literal.
    fn simple(&mut self, ty: &Ty, place: Place) -> Text {
        if self.random.chance(60)
            && let Some(text) = self.path(ty)
        {
            return text;
        }
        self.literal(ty, place).unwrap_or_else(|| self.identity(ty))
    }

    pub fn path(&mut self, ty: &Ty) -> Option<Text> {
        let found = self.scope.with(|other| other == ty);
        if found.is_empty() { None } else { Some(written(self.random.pick(&found).0.clone(), Level::Postfix)) }
    }

    /// `a ?? b`
    fn coalesce(&mut self, ty: &Ty, depth: usize) -> Option<Text> {
        let optional = ty.clone().optional();
        let found = self.scope.with(|other| *other == optional);
        if found.is_empty() || ty.is_optional() {
            return None;
        }
        let value = self.random.pick(&found).0.clone();
        let otherwise = if self.random.chance(70) {
            constants::literal(self.random, self.schema, ty)
        } else {
            let text = self.expr(ty, depth.saturating_sub(1), Place::Untyped);
            self.fit(text, Level::Add)
        };
        // A decimal stands where an int literal would change the type.
        let otherwise = if *ty == Ty::Decimal && otherwise.parse::<i64>().is_ok() { format!("{otherwise}.0") } else { otherwise };
        Some(written(format!("{value} ?? {otherwise}"), Level::Coalesce))
    }

    /// A constant, where the place lets it have its type.
    pub fn literal(&mut self, ty: &Ty, place: Place) -> Option<Text> {
        let known = match ty {
            Ty::Bool | Ty::Int | Ty::Decimal | Ty::Duration | Ty::Timestamp | Ty::Ip | Ty::Cidr | Ty::Text => true,
            _ => place == Place::Typed,
        };
        if !known {
            return None;
        }
        let mut text = constants::literal(self.random, self.schema, ty);
        if place == Place::Untyped && *ty == Ty::Decimal && text.parse::<i64>().is_ok() {
            text.push_str(".0");
        }
        let level = if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) { Level::Sign } else { Level::Postfix };
        Some(written(text, level))
    }

    /// A constant with its type, whatever the place.
    fn identity(&mut self, ty: &Ty) -> Text {
        let number = match self.identities.iter().position(|other| other == ty) {
            Some(number) => number,
            None => {
                self.identities.push(ty.clone());
                self.identities.len() - 1
            }
        };
        let value = constants::literal(self.random, self.schema, ty);
        written(format!("{}same_{number}({value})", self.package), Level::Postfix)
    }

    fn choice(&mut self, ty: &Ty, depth: usize, place: Place) -> Text {
        if *ty != Ty::Bool
            && self.random.chance(30)
            && let Some(text) = self.proved_choice(ty, depth, place)
        {
            return text;
        }
        let condition = self.condition(depth);
        let then = self.expr(ty, depth, place);
        let otherwise = self.expr(ty, depth, place);
        written(format!("if {} then {} else {}", condition.text, then.text, otherwise.text), Level::If)
    }

    /// `if p != none then … else …`, where one branch reads `p` as present.
    fn proved_choice(&mut self, ty: &Ty, depth: usize, place: Place) -> Option<Text> {
        let (test, path, optional) = self.proof()?;
        let outer = self.scope.clone();
        self.scope.prove(self.schema, &path, &optional);
        let present = self.expr(ty, depth, place).text;
        self.scope = outer;
        let absent = self.expr(ty, depth, place).text;
        let text = if self.random.chance(60) {
            format!("if {test} then {present} else {absent}")
        } else {
            format!("if {path} == none then {absent} else {present}")
        };
        Some(written(text, Level::If))
    }

    /// A call of a function of the policy.
    fn invoke(&mut self, ty: &Ty, depth: usize) -> Option<Text> {
        let found: Vec<Function> = self.functions.iter().filter(|function| function.result == *ty).cloned().collect();
        if found.is_empty() || self.constants_only {
            return None;
        }
        let function = self.random.pick(&found).clone();
        let args: Vec<String> = function.params.iter().map(|param| self.expr(param, depth, Place::Typed).text).collect();
        Some(written(format!("{}{}({})", self.package, function.name, args.join(", ")), Level::Postfix))
    }

    /// `a op b`, left associative.
    fn binary(&mut self, operator: &str, level: Level, left: &Ty, right: &Ty, depth: usize) -> Text {
        let tighter = if level == Level::Add { Level::Multiply } else { Level::Sign };
        let left = self.operand(left, depth, Place::Untyped, level);
        let right = self.operand(right, depth, Place::Untyped, tighter);
        written(format!("{left} {operator} {right}"), level)
    }

    /// The operators and literals that give that type.
    fn operator(&mut self, ty: &Ty, depth: usize, place: Place) -> Option<Text> {
        let sign = self.random.word(&["+", "-"]);
        Some(match ty {
            Ty::Bool => self.condition(depth),
            Ty::Int => self.int(depth),
            Ty::Decimal => self.decimal(depth),
            Ty::Text if self.random.chance(50) => self.binary("+", Level::Add, &Ty::Text, &Ty::Text, depth),
            Ty::Text => self.template(depth),
            Ty::Duration => match self.random.below(4) {
                0 => self.binary("-", Level::Add, &Ty::Timestamp, &Ty::Timestamp, depth),
                1 => self.binary("*", Level::Multiply, &Ty::Duration, &Ty::Int, depth),
                2 => written(format!("-{}", self.operand(&Ty::Duration, depth, Place::Untyped, Level::Postfix)), Level::Sign),
                _ => self.binary(sign, Level::Add, &Ty::Duration, &Ty::Duration, depth),
            },
            Ty::Timestamp => self.binary(sign, Level::Add, &Ty::Timestamp, &Ty::Duration, depth),
            Ty::Json if place == Place::Typed => {
                let ty = super::schema::scalar_type(self.random, self.schema);
                self.expr(&ty, depth, Place::Untyped)
            }
            Ty::List(element) => {
                let elements = self.elements(element, depth, place)?;
                written(format!("[{elements}]"), Level::Postfix)
            }
            Ty::Set(element) => {
                let elements = self.elements(element, depth, place)?;
                written(format!("{{{elements}}}"), Level::Postfix)
            }
            Ty::Map(element) if place == Place::Typed => {
                let keys = self.random.some(&constants::KEYS, 1, 3);
                let entries: Vec<String> =
                    keys.into_iter().map(|key| format!("{}: {}", field_name(key), self.expr(element, depth, Place::Typed).text)).collect();
                written(format!("{{{}}}", entries.join(", ")), Level::Postfix)
            }
            Ty::Record(index) => self.record(*index, depth, place)?,
            Ty::Optional(inner) if place == Place::Typed => self.expr(inner, depth, Place::Typed),
            _ => return None,
        })
    }

    fn elements(&mut self, element: &Ty, depth: usize, place: Place) -> Option<String> {
        if place == Place::Untyped && element.is_optional() {
            return None;
        }
        let count = self.random.within(1, 3);
        let all: Vec<String> = (0..count).map(|_| self.expr(element, depth, place).text).collect();
        Some(all.join(", "))
    }

    /// A record literal, or a changed record.
    fn record(&mut self, index: usize, depth: usize, place: Place) -> Option<Text> {
        let fields = self.schema.records[index].fields.clone();
        if self.random.chance(50) && !fields.is_empty() {
            let base = self.path(&Ty::Record(index))?;
            let field = self.random.pick(&fields).clone();
            let nested = match (&field.ty, &field.presence) {
                (Ty::Record(inner), super::schema::Presence::Required) => self.schema.records[*inner].fields.first().cloned(),
                _ => None,
            };
            let (path, ty) = match nested {
                Some(inner) => (format!("{}.{}", field_name(&field.name), field_name(&inner.name)), inner.read()),
                None => (field_name(&field.name), field.read()),
            };
            let value = self.expr(&ty, depth, Place::Typed).text;
            return Some(written(format!("{} with {{ {path}: {value} }}", base.text), Level::Postfix));
        }
        if place == Place::Untyped {
            return None;
        }
        let entries: Vec<String> =
            fields.iter().map(|field| format!("{}: {}", field_name(&field.name), self.expr(&field.read(), depth, Place::Typed).text)).collect();
        Some(written(format!("{{ {} }}", entries.join(", ")), Level::Postfix))
    }

    fn int(&mut self, depth: usize) -> Text {
        match self.random.below(9) {
            0..=4 => {
                let (operator, level) = *self.random.pick(&[
                    ("+", Level::Add),
                    ("-", Level::Add),
                    ("*", Level::Multiply),
                    ("/", Level::Multiply),
                    ("%", Level::Multiply),
                ]);
                self.binary(operator, level, &Ty::Int, &Ty::Int, depth)
            }
            5 => written(format!("-{}", self.operand(&Ty::Int, depth, Place::Untyped, Level::Postfix)), Level::Sign),
            // Records of one type, their fields in two orders.
            6 => {
                let [a, b, c] = [(); 3].map(|()| self.expr(&Ty::Int, depth, Place::Untyped).text);
                let test = self.condition(depth).text;
                let text = match self.random.below(3) {
                    0 => format!("(if {test} then {{ a: {a}, b: {b} }} else {{ b: {c}, a: {b} }}).a"),
                    1 => format!("[{{ a: {a}, b: {b} }}, {{ b: {c}, a: {a} }}].map(x{} => x{}.b).max() ?? 0", self.variables, self.variables),
                    _ => format!("({{ a: {a}, b: {{ c: 1, d: {b} }} }} with {{ b.d: {c} }}).b.d"),
                };
                written(text, Level::Coalesce)
            }
            7 => {
                let text = self.operand(&Ty::Int, depth, Place::Untyped, Level::Multiply);
                written(format!("({text} % 10).range(4).sum()"), Level::Postfix)
            }
            _ => match self.path(&Ty::Json.optional()) {
                Some(json) => written(format!("{}.as_int() ?? {}", json.text, constants::int(self.random)), Level::Coalesce),
                None => self.simple(&Ty::Int, Place::Untyped),
            },
        }
    }

    fn decimal(&mut self, depth: usize) -> Text {
        let (operator, level) =
            *self.random.pick(&[("+", Level::Add), ("-", Level::Add), ("*", Level::Multiply), ("/", Level::Multiply), ("%", Level::Multiply)]);
        match self.random.below(4) {
            0 => self.binary(operator, level, &Ty::Int, &Ty::Decimal, depth),
            1 => self.binary(operator, level, &Ty::Decimal, &Ty::Int, depth),
            _ => self.binary(operator, level, &Ty::Decimal, &Ty::Decimal, depth),
        }
    }

    /// A string with holes, which hold neither quotes nor braces.
    pub fn template(&mut self, depth: usize) -> Text {
        let mut text = String::from("\"");
        for _ in 0..self.random.within(1, 3) {
            text.push_str(self.random.word(&["", "is ", " and {{x}} ", "ä: "]));
            let hole = self.hole(depth);
            if !hole.contains(['"', '{', '}', '\n']) {
                text.push_str(&format!("{{{hole}}}"));
            }
        }
        text.push('"');
        written(text, Level::Postfix)
    }

    fn hole(&mut self, depth: usize) -> String {
        if depth > 0 && self.random.chance(25) {
            return self.int(depth - 1).text;
        }
        let printable = |ty: &Ty| ty.is_scalar() || *ty == Ty::Json;
        let found = self.scope.with(|ty| match ty.present() {
            Ty::List(element) | Ty::Set(element) => printable(element.present()),
            other => printable(other),
        });
        if found.is_empty() { "1".into() } else { self.random.pick(&found).0.clone() }
    }

    /// Writes something in which a new variable stands for a value of that type.
    pub fn binding<T>(&mut self, ty: &Ty, write: impl FnOnce(&mut Self, &str) -> T) -> T {
        *self.variables += 1;
        let name = format!("v{}", self.variables);
        let outer = self.scope.clone();
        self.scope.add(self.schema, &name, ty);
        let result = write(self, &name);
        self.scope = outer;
        result
    }
}
