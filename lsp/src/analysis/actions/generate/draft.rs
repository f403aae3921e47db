//! A request made to fit the conditions of a rule, one simple comparison after the other.

use tollgate_compiler::program::{Argument, Expr, ExprKind, Order, Program, Rule};
use tollgate_stdlib::types::Type;
use tollgate_stdlib::{Decimal, Kept, Timestamp};

use crate::analysis::actions::value::Value;

/// How deep conditions and values are looked into.
const DEEPEST: usize = 24;
const SECOND: i64 = 1_000_000_000;
/// Functions whose value is some of what they are called on, or it as it is where that is simple.
const OF_RECEIVER: [&str; 5] = ["lower", "upper", "trim", "union", "filter"];

/// A request and data that are being made.
pub struct Draft<'p> {
    program: &'p Program,
    /// The request.
    pub input: Value,
    /// The data that the test binds.
    pub data: Vec<(String, Value)>,
}

/// Where a value is.
#[derive(Clone, Debug)]
struct Path {
    /// The data it is in; `None` for the request.
    data: Option<usize>,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    Field(String),
    /// The first element, or the only entry of a map.
    Element,
}

/// What a variable stands for.
#[derive(Clone, Debug)]
enum Known {
    At(Path),
    Value(Kept),
}

/// The variables of an expression.
#[derive(Clone, Default)]
struct Scope(Vec<(usize, Known)>);

impl<'p> Draft<'p> {
    /// A call of a tool for a rule.
    pub fn of(program: &'p Program, rule: &Rule, tool: &str) -> Draft<'p> {
        let input = Value::of_type(&Type::Record(program.input.clone()), DEEPEST);
        let mut draft = Draft { program, input, data: Vec::new() };
        draft.call_of(tool);
        let mut scope = Scope::default();
        for choice in &rule.choices {
            if let Some(path) = draft.path(&choice.source, &scope) {
                let path = if matches!(choice.source.ty, Type::Optional(_)) { path } else { path.then(Step::Element) };
                draft.fill(&path, element(&choice.source.ty));
                scope.0.push((choice.local, Known::At(path)));
            }
        }
        rule.when.iter().for_each(|condition| draft.satisfy(&condition.expr, true, &scope, DEEPEST));
        rule.unless.iter().for_each(|condition| draft.satisfy(&condition.expr, false, &scope, DEEPEST));
        draft
    }

    /// Binds data that no condition has asked for.
    pub fn bind_if_free(&mut self, name: &str, value: Value) {
        if self.data.iter().all(|(known, _)| known != name) {
            self.data.push((name.to_owned(), value));
        }
    }

    /// The tool, with arguments that fit its declaration.
    fn call_of(&mut self, name: &str) {
        let field = |index: Option<usize>| index.and_then(|index| self.program.input.fields.get(index)).map(|field| field.name.to_string());
        let (Some(tool), Some(args)) = (field(self.program.tool_field), field(self.program.args_field)) else { return };
        let (server, own) = name.rsplit_once('/').unwrap_or(("", name));
        if let Some(tool) = self.input.entry(&tool) {
            tool.set("name", Value::Text(own.to_owned()));
            if !server.is_empty() {
                tool.set("server", Value::Text(server.to_owned()));
            }
        }
        let declared = self.program.tools.iter().find(|tool| *tool.name == *name).and_then(|tool| tool.args.clone());
        if let Some(declared) = declared {
            self.input.set(&args, Value::of_type(&Type::Record(declared), DEEPEST));
        }
    }

    /// Makes a condition true, or false, where it is simple.
    fn satisfy(&mut self, expr: &Expr, wanted: bool, scope: &Scope, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &expr.kind {
            ExprKind::And(parts) if wanted => parts.iter().for_each(|part| self.satisfy(part, true, scope, depth)),
            ExprKind::Or(parts) if !wanted => parts.iter().for_each(|part| self.satisfy(part, false, scope, depth)),
            ExprKind::And(parts) | ExprKind::Or(parts) => parts.first().into_iter().for_each(|part| self.satisfy(part, wanted, scope, depth)),
            ExprKind::Not(inner) => self.satisfy(inner, !wanted, scope, depth),
            ExprKind::Definition(place) => self.definition(*place, &[], wanted, scope, depth),
            ExprKind::Invoke { definition, args } => self.definition(*definition, args, wanted, scope, depth),
            ExprKind::Equal(a, b) => self.equal(a, b, wanted, scope),
            ExprKind::Order(order, a, b) => self.order(*order, (a, b), wanted, scope, depth),
            ExprKind::In(a, b) => self.within(a, b, wanted, scope),
            ExprKind::Like(text, pattern) if wanted => self.put(text, Value::Text(plain(pattern)), scope),
            ExprKind::Call { function, args } => self.called(function.name, args, wanted, scope, depth),
            _ => self.put(expr, Value::Bool(wanted), scope),
        }
    }

    fn definition(&mut self, place: usize, args: &[Expr], wanted: bool, scope: &Scope, depth: usize) {
        let program = self.program;
        let Some(definition) = program.definitions.get(place) else { return };
        let known = args.iter().enumerate().filter_map(|(local, arg)| Some((local, self.known(arg, scope)?)));
        let inner = Scope(known.collect());
        self.satisfy(&definition.body, wanted, &inner, depth);
    }

    fn known(&self, expr: &Expr, scope: &Scope) -> Option<Known> {
        match self.constant(expr, scope) {
            Some(value) => Some(Known::Value(value)),
            None => self.path(expr, scope).map(Known::At),
        }
    }

    fn constant(&self, expr: &Expr, scope: &Scope) -> Option<Kept> {
        match &expr.kind {
            ExprKind::Const(value) => Some(value.clone()),
            ExprKind::ToDecimal(inner) | ExprKind::ToJson(inner) => self.constant(inner, scope),
            ExprKind::Definition(place) => self.program.definitions.get(*place).and_then(|definition| definition.body.constant()).cloned(),
            ExprKind::Local(local) => match scope.get(*local)? {
                Known::Value(value) => Some(value.clone()),
                Known::At(_) => None,
            },
            _ => None,
        }
    }

    /// Where the value of an expression comes from.
    fn path(&self, expr: &Expr, scope: &Scope) -> Option<Path> {
        let of_input = |index: usize| {
            let field = self.program.input.fields.get(index)?;
            Some(Path { data: None, steps: vec![Step::Field(field.name.to_string())] })
        };
        match &expr.kind {
            ExprKind::Input(index) => of_input(*index),
            ExprKind::Args => of_input(self.program.args_field?),
            ExprKind::Data(place) => Some(Path { data: Some(*place), steps: Vec::new() }),
            ExprKind::Field { base, name, .. } | ExprKind::Member { base, name } => Some(self.path(base, scope)?.then(Step::Field(name.to_string()))),
            ExprKind::Index { base, index } => {
                let step = match self.constant(index, scope) {
                    Some(Kept::Str(name)) => Step::Field(name.to_string()),
                    Some(_) => Step::Element,
                    None => Step::Field(self.text_at(&self.path(index, scope)?)?),
                };
                Some(self.path(base, scope)?.then(step))
            }
            ExprKind::Local(local) => match scope.get(*local)? {
                Known::At(path) => Some(path.clone()),
                Known::Value(_) => None,
            },
            ExprKind::Definition(place) => self.path(&self.program.definitions.get(*place)?.body, &Scope::default()),
            ExprKind::ToDecimal(inner) | ExprKind::ToJson(inner) | ExprKind::Coalesce(inner, _) => self.path(inner, scope),
            ExprKind::WithPresent { base, local, body } => {
                let mut inner = scope.clone();
                inner.0.push((*local, Known::At(self.path(base, scope)?)));
                self.path(body, &inner)
            }
            ExprKind::Call { function, args } if function.key.starts_with("json.as_") || OF_RECEIVER.contains(&function.name) => {
                let Some(Argument::Value(receiver)) = args.first() else { return None };
                self.path(receiver, scope)
            }
            _ => None,
        }
    }

    fn equal(&mut self, a: &Expr, b: &Expr, wanted: bool, scope: &Scope) {
        let (place, value) = match (self.constant(a, scope), self.constant(b, scope)) {
            (None, Some(value)) => (a, value),
            (Some(value), None) => (b, value),
            _ if wanted => return self.same(a, b, scope),
            _ => return,
        };
        let Some(path) = self.path(place, scope) else { return };
        match (value, wanted) {
            (Kept::None, true) => self.set(&path, Value::None),
            (Kept::None, false) => self.fill(&path, place.ty.present()),
            (value, true) => self.set(&path, Value::of_kept(&value)),
            (value, false) => {
                if self.at(&path).is_none_or(|known| *known == Value::of_kept(&value)) {
                    self.set(&path, other(&value, &place.ty));
                }
            }
        }
    }

    /// Gives one place the value of another; data go by the request.
    fn same(&mut self, a: &Expr, b: &Expr, scope: &Scope) {
        let Some((a, b)) = self.path(a, scope).zip(self.path(b, scope)) else { return };
        let (from, to) = if a.data.is_some() || self.at(&a).is_none() { (b, a) } else { (a, b) };
        if let Some(value) = self.at(&from).cloned() {
            self.set(&to, value);
        }
    }

    fn order(&mut self, order: Order, (a, b): (&Expr, &Expr), wanted: bool, scope: &Scope, depth: usize) {
        let (place, value, order) = match (self.constant(a, scope), self.constant(b, scope)) {
            (None, Some(value)) => (a, value, order),
            (Some(value), None) => (b, value, mirrored(order)),
            (None, None) => match (self.default(a), self.default(b)) {
                (None, Some(value)) => (a, value, order),
                (Some(value), None) => (b, value, mirrored(order)),
                _ => return,
            },
            _ => return,
        };
        let order = if wanted { order } else { negated(order) };
        if let ExprKind::Score(index) = &place.kind {
            return self.score(*index, matches!(order, Order::Greater | Order::GreaterOrEqual), depth);
        }
        if let ExprKind::Call { function, args } = &place.kind
            && let ("len", Some(Argument::Value(receiver)), Kept::Int(length)) = (function.name, args.first(), &value)
        {
            let length = usize::try_from(length.saturating_add(step(order))).unwrap_or(0);
            return self.lengthen(receiver, length, scope);
        }
        if let Some(value) = beside(&value, order, &place.ty) {
            self.put(place, value, scope);
        }
    }

    /// The value of data that nobody has bound.
    fn default(&self, expr: &Expr) -> Option<Kept> {
        match &expr.kind {
            ExprKind::Data(place) => self.program.data.get(*place)?.default.clone(),
            ExprKind::ToDecimal(inner) => self.default(inner),
            _ => None,
        }
    }

    /// Makes a score as large as it becomes, or as small.
    fn score(&mut self, index: usize, is_large: bool, depth: usize) {
        let program = self.program;
        let parts = program.scores.get(index).map(|score| score.parts.as_slice()).unwrap_or_default();
        parts.iter().for_each(|part| self.satisfy(&part.condition, is_large, &Scope::default(), depth));
    }

    fn lengthen(&mut self, receiver: &Expr, length: usize, scope: &Scope) {
        let length = length.min(200);
        let value = match receiver.ty.present() {
            Type::Str => Value::Text("x".repeat(length)),
            Type::List(element) => Value::List(vec![Value::of_type(element, DEEPEST); length]),
            _ => return,
        };
        self.put(receiver, value, scope);
    }

    fn within(&mut self, a: &Expr, b: &Expr, wanted: bool, scope: &Scope) {
        match (self.known(a, scope), self.known(b, scope)) {
            (Some(Known::At(path)), Some(Known::Value(collection))) if wanted => {
                let first = match &collection {
                    Kept::List(items) => items.first().map(Value::of_kept),
                    Kept::Set(items) => items.items().first().map(Value::of_kept),
                    Kept::Map(map) => map.entries().first().map(|(name, _)| Value::Text(name.to_string())),
                    Kept::Cidr(net) => Some(Value::Text(net.addr().to_string())),
                    _ => None,
                };
                first.into_iter().for_each(|first| self.set(&path, first));
            }
            (Some(Known::Value(value)), Some(Known::At(path))) if wanted => self.add(&path, Value::of_kept(&value), element(&b.ty)),
            (Some(Known::At(path)), Some(Known::At(collection))) if wanted => {
                self.fill(&path, a.ty.present());
                if let Some(value) = self.at(&path).cloned() {
                    self.add(&collection, value, element(&b.ty));
                }
            }
            _ => {}
        }
    }

    fn called(&mut self, name: &str, args: &[Argument], wanted: bool, scope: &Scope, depth: usize) {
        let Some(Argument::Value(receiver)) = args.first() else { return };
        let argument = args.get(1).and_then(|arg| if let Argument::Value(arg) = arg { self.constant(arg, scope) } else { None });
        match (name, args.get(1)) {
            ("any" | "all", Some(Argument::Lambda { local, body })) => {
                let Some(path) = self.path(receiver, scope).map(|path| path.then(Step::Element)) else { return };
                self.fill(&path, element(&receiver.ty));
                let mut inner = scope.clone();
                inner.0.push((*local, Known::At(path)));
                self.satisfy(body, wanted, &inner, depth);
            }
            ("contains" | "mentions", _) if wanted && !matches!(receiver.ty.present(), Type::Str | Type::Json) => {
                let path = self.path(receiver, scope);
                path.zip(argument).into_iter().for_each(|(path, value)| self.add(&path, Value::of_kept(&value), element(&receiver.ty)));
            }
            ("contains" | "mentions" | "starts_with" | "ends_with" | "is_under", _) if wanted => {
                argument.into_iter().for_each(|value| self.put(receiver, Value::of_kept(&value), scope));
            }
            ("is_empty", _) if !wanted => self.lengthen(receiver, 1, scope),
            ("is_empty", _) => self.lengthen(receiver, 0, scope),
            _ => {}
        }
    }

    fn put(&mut self, expr: &Expr, value: Value, scope: &Scope) {
        if let Some(path) = self.path(expr, scope) {
            self.set(&path, value);
        }
    }

    /// Puts some value of a type where there is none.
    fn fill(&mut self, path: &Path, ty: &Type) {
        if self.at(path).is_none_or(|value| *value == Value::None) {
            self.set(path, Value::of_type(ty, DEEPEST));
        }
    }

    /// Adds an element to a list, or a key to a map.
    fn add(&mut self, path: &Path, value: Value, element: &Type) {
        match (self.slot(path), value) {
            (Some(Value::Object(fields)), Value::Text(key)) if fields.iter().all(|(known, _)| *known != key) => {
                fields.push((key, Value::of_type(element, DEEPEST)));
            }
            (Some(Value::List(items)), value) => items.push(value),
            (Some(slot @ Value::None), value) => *slot = Value::List(vec![value]),
            _ => {}
        }
    }

    fn set(&mut self, path: &Path, value: Value) {
        if let Some(slot) = self.slot(path) {
            *slot = value;
        }
    }

    fn at(&self, path: &Path) -> Option<&Value> {
        let root = match path.data {
            None => &self.input,
            Some(place) => {
                let name = &self.program.data.get(place)?.name;
                self.data.iter().find(|(known, _)| **known == **name).map(|(_, value)| value)?
            }
        };
        path.steps.iter().try_fold(root, |value, step| match (step, value) {
            (Step::Field(name), value) => value.get(name),
            (Step::Element, Value::List(items)) => items.first(),
            (Step::Element, Value::Object(fields)) => fields.first().map(|(_, value)| value),
            _ => None,
        })
    }

    fn text_at(&self, path: &Path) -> Option<String> {
        match self.at(path)? {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The place of a value, made where there is none.
    fn slot(&mut self, path: &Path) -> Option<&mut Value> {
        let root = match path.data {
            None => &mut self.input,
            Some(place) => {
                let data = self.program.data.get(place)?;
                if self.data.iter().all(|(known, _)| **known != *data.name) {
                    let value = data.default.as_ref().map_or_else(|| Value::of_type(&data.ty, DEEPEST), Value::of_kept);
                    self.data.push((data.name.to_string(), value));
                }
                self.data.iter_mut().find(|(known, _)| **known == *data.name).map(|(_, value)| value)?
            }
        };
        path.steps.iter().try_fold(root, |value, step| match step {
            Step::Field(name) => value.entry(name),
            Step::Element => match value {
                Value::Object(fields) => {
                    if fields.is_empty() {
                        fields.push(("x".to_owned(), Value::None));
                    }
                    fields.first_mut().map(|(_, value)| value)
                }
                Value::List(items) => {
                    if items.is_empty() {
                        items.push(Value::None);
                    }
                    items.first_mut()
                }
                _ => None,
            },
        })
    }
}

impl Scope {
    fn get(&self, local: usize) -> Option<&Known> {
        self.0.iter().rev().find(|(known, _)| *known == local).map(|(_, known)| known)
    }
}

impl Path {
    fn then(mut self, step: Step) -> Path {
        self.steps.push(step);
        self
    }
}

fn element(ty: &Type) -> &Type {
    match ty.present() {
        Type::List(inner) | Type::Set(inner) | Type::Map(inner) => inner,
        other => other,
    }
}

/// A text that a pattern fits.
pub fn plain(pattern: &str) -> String {
    let mut out = String::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            '*' | '?' => out.push('x'),
            _ => out.push(letter),
        }
    }
    out
}

/// Another value than that.
fn other(value: &Kept, ty: &Type) -> Value {
    match (value, ty.present()) {
        (Kept::Bool(value), _) => Value::Bool(!value),
        (Kept::Int(value), _) => Value::of_kept(&Kept::Int(value.saturating_add(1))),
        (Kept::Enum(name, _), Type::Enum(ty)) => {
            ty.variants.iter().find(|known| *known != name).map_or(Value::None, |known| Value::Text(known.to_string()))
        }
        (Kept::Str(text), _) => Value::Text(if text.is_empty() { "x".to_owned() } else { format!("not_{text}") }),
        (_, ty) => Value::of_type(ty, DEEPEST),
    }
}

fn step(order: Order) -> i64 {
    match order {
        Order::Less => -1,
        Order::Greater => 1,
        Order::LessOrEqual | Order::GreaterOrEqual => 0,
    }
}

/// A value that stands so to another.
fn beside(value: &Kept, order: Order, ty: &Type) -> Option<Value> {
    let step = step(order);
    let beside = match value {
        Kept::Int(value) => Kept::Int(value.saturating_add(step)),
        Kept::Decimal(value) => Kept::Decimal(value.checked_add(Decimal::from(step))?),
        Kept::Duration(nanos) => Kept::Duration(nanos.saturating_add(step * SECOND)),
        Kept::Timestamp(at) => Kept::Timestamp(Timestamp::from_nanosecond(at.as_nanosecond() + i128::from(step * SECOND))?),
        Kept::Str(text) => Kept::Str(if step > 0 {
            format!("{text}x").into()
        } else if step < 0 {
            "".into()
        } else {
            text.clone()
        }),
        Kept::Enum(_, rank) => {
            let Type::Enum(ty) = ty.present() else { return None };
            let place = usize::try_from(i64::from(*rank) + step).ok()?;
            return ty.variants.get(place).map(|name| Value::Text(name.to_string()));
        }
        _ => return None,
    };
    Some(Value::of_kept(&beside))
}

fn mirrored(order: Order) -> Order {
    match order {
        Order::Less => Order::Greater,
        Order::LessOrEqual => Order::GreaterOrEqual,
        Order::Greater => Order::Less,
        Order::GreaterOrEqual => Order::LessOrEqual,
    }
}

fn negated(order: Order) -> Order {
    match order {
        Order::Less => Order::GreaterOrEqual,
        Order::LessOrEqual => Order::Greater,
        Order::Greater => Order::LessOrEqual,
        Order::GreaterOrEqual => Order::Less,
    }
}
