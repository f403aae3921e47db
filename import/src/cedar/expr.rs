//! Expressions of Cedar, in its JSON form, as expressions of the language that have the same value, and are an error where Cedar has one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use cedar_policy::EntityUid;
use serde_json::Value;

use super::convert::same_kind;
use super::extensions;
use super::helpers;
use super::schema::{Context, Field, Schema, Type};
use super::term::{Form, Level, Term, entity, is_one_of, member};
use crate::toll::{self, Names, quoted};

/// How deep expressions may stand in each other before one gets a name of its own: the language has a limit.
const HIGHEST: usize = 12;

/// How much one may compute before it gets a name, in the weights of [`WEIGHTS`], where what is compared nests so deep.
pub fn heaviest(levels: usize) -> usize {
    let [least, _] = helpers::LEVELS;
    240 * least / levels
}

/// What the calls in an expression come to, the functions that they call written out.
const WEIGHTS: [(&str, usize); 8] = [
    ("equal(", 20),
    ("contains(", 20),
    ("contains_all(", 20),
    ("contains_any(", 20),
    ("datetime", 1),
    ("duration", 1),
    ("less", 2),
    ("range_of(", 1),
];

/// How deep the source may nest.
const DEEPEST: usize = 440;

/// Keys that values of Cedar's JSON form give a meaning.
const RESERVED: [&str; 3] = ["__entity", "__extn", "__expr"];

/// Why a policy cannot be carried over as it is.
pub type Inexpressible = String;

type Made = Result<Term, Inexpressible>;

/// Translates the expressions of a policy.
pub struct Translator<'a> {
    pub schema: &'a Schema,
    /// The context of the requests that the policy is about.
    pub context: Context,
    /// What a linked template has in its slots.
    pub slots: HashMap<String, EntityUid>,
    pub names: &'a mut Names,
    /// The policy's name, for those of its parts.
    pub policy: &'a str,
    /// Parts that got a name, as policy text.
    pub parts: Vec<String>,
    /// What may be an error, each in a few words.
    pub risks: BTreeSet<String>,
    /// What is stricter than in Cedar.
    pub stricter: BTreeSet<String>,
    /// Paths that are present here.
    pub proved: Vec<String>,
    pub depth: usize,
    /// How much one may compute before it gets a name.
    pub heaviest: usize,
}

impl Translator<'_> {
    /// A condition.
    pub fn condition(&mut self, expr: &Value) -> Made {
        let term = self.expr(expr)?;
        Ok(self.bool(term))
    }

    /// An expression.
    pub fn expr(&mut self, expr: &Value) -> Made {
        self.depth += 1;
        let term = if self.depth > DEEPEST { Err("it nests too deeply".to_owned()) } else { self.node(expr) };
        self.depth -= 1;
        term.map(|term| self.named(term))
    }

    fn node(&mut self, expr: &Value) -> Made {
        let Some((operator, body)) = expr.as_object().and_then(|object| object.iter().next()) else {
            return Err(format!("`{expr}` is no expression"));
        };
        match operator.as_str() {
            "Value" => self.literal(body),
            "Var" => self.variable(body.as_str().unwrap_or_default()),
            "Slot" => {
                let filled = body.as_str().and_then(|slot| self.slots.get(slot)).ok_or("a slot that is not filled")?;
                Ok(entity(&filled.type_name().to_string(), filled.id().unescaped()))
            }
            "!" => {
                let operand = self.condition(&body["arg"])?;
                Ok(operand.negated())
            }
            "neg" => self.negation(&body["arg"]),
            "&&" | "||" => self.logic(operator == "&&", expr),
            "if-then-else" => self.choice(body),
            "==" => self.equality(body, "=="),
            "!=" => self.equality(body, "!="),
            "<" | "<=" | ">" | ">=" => self.order(operator, body),
            "+" => self.arithmetic("+", Level::Add, body),
            "-" => self.arithmetic("-", Level::Add, body),
            "*" => self.arithmetic("*", Level::Multiply, body),
            "in" | "is" | "has" | "." | "getTag" | "hasTag" => self.of_entity(operator, body),
            "like" => self.like(body),
            "contains" => self.contains(body),
            "containsAll" => self.both_sets(["has_all", "contains_all"], body),
            "containsAny" => self.both_sets(["has_any", "contains_any"], body),
            "isEmpty" => self.is_empty(body),
            "Set" => self.set_literal(body.as_array().map(Vec::as_slice).unwrap_or_default()),
            "Record" => {
                let fields = body.as_object().into_iter().flatten();
                let terms = fields.map(|(key, value)| Ok((key.clone(), self.expr(value)?))).collect::<Result<Vec<_>, Inexpressible>>()?;
                self.record_literal(terms)
            }
            function => self.extension(function, body.as_array().map(Vec::as_slice).unwrap_or_default()),
        }
    }

    /// What is asked of an entity, or of a record: where it is, what it is, what it has.
    fn of_entity(&mut self, operator: &str, body: &Value) -> Made {
        match operator {
            "in" => {
                let left = self.expr(&body["left"])?;
                let left = self.entity(left);
                self.within(&left, &body["right"])
            }
            "is" => self.is(body),
            "has" => self.has(body),
            "getTag" => {
                let (path, ty, below) = self.tag(body)?;
                if !self.proved.contains(&path) {
                    self.risk("a tag may be missing");
                }
                Ok(Term::maybe(ty, path).above(&[&below]))
            }
            "hasTag" => {
                let (path, _, below) = self.tag(body)?;
                Ok(Term::comparison(&path, "!=", "none").above(&[&below]).proving(vec![path]))
            }
            _ => {
                let base = self.expr(&body["left"])?;
                Ok(self.attribute(base, body["attr"].as_str().unwrap_or_default()))
            }
        }
    }

    fn is_empty(&mut self, body: &Value) -> Made {
        let set = self.expr(&body["arg"])?;
        let set = self.set(set);
        let text = if set.elements.is_some() { self.call("set_of", &[&set.text]) } else { set.at(Level::Postfix) };
        Ok(Term::native(Type::Bool, Level::Postfix, format!("{text}.is_empty()")).above(&[&set]))
    }

    /// The term, or a `let` of it where it nests too deep or computes too much.
    fn named(&mut self, term: Term) -> Term {
        if term.height < HIGHEST && weight(&term.text) < self.heaviest { term } else { self.part(term) }
    }

    /// Terms that stand side by side; where they compute too much together, each has a name.
    pub fn lightened(&mut self, terms: Vec<Term>) -> Vec<Term> {
        if terms.iter().map(|term| weight(&term.text)).sum::<usize>() < self.heaviest {
            return terms;
        }
        terms.into_iter().map(|term| if weight(&term.text) > 0 { self.part(term) } else { term }).collect()
    }

    /// A `let` of a term.
    fn part(&mut self, term: Term) -> Term {
        let name = self.names.value(&format!("{}_part", self.policy));
        let ty = match (&term.form, &term.ty) {
            (Form::Json, _) | (Form::Native { .. }, Type::Record(_) | Type::Open | Type::Any) => "json",
            (Form::Maybe, _) => "json?",
            (_, Type::Bool) => "bool",
            (_, Type::Long | Type::Datetime | Type::Duration) => "int",
            (_, Type::Text) => "string",
            (_, Type::Entity(_)) => "Entity",
            (_, Type::Set(_)) => "list<json>",
            (_, Type::Ip) => "cidr",
            (_, Type::Decimal) => "decimal",
        };
        self.parts.push(format!("let {name}: {ty} = {}\n", term.text));
        Term { text: name, level: Level::Postfix, height: 1, elements: None, opposite: None, ..term }
    }

    fn variable(&mut self, name: &str) -> Made {
        Ok(match name {
            "context" => Term { outside: true, ..Term::json(self.context.ty.clone(), "context") },
            _ => Term::native(Type::Entity(None), Level::Postfix, name),
        })
    }

    fn literal(&mut self, value: &Value) -> Made {
        match value {
            Value::Bool(value) => Ok(Term::native(Type::Bool, Level::Postfix, value.to_string())),
            Value::Number(number) => {
                let level = if number.as_i64().is_some_and(|number| number < 0) { Level::Negate } else { Level::Postfix };
                Ok(Term::native(Type::Long, level, number.to_string()))
            }
            Value::String(text) => Ok(Term::native(Type::Text, Level::Postfix, quoted(text))),
            Value::Array(elements) => {
                let terms = elements.iter().map(|element| self.nested(element)).collect::<Result<Vec<_>, _>>()?;
                self.set_of_terms(terms)
            }
            Value::Object(fields) => {
                if let Some(named) = fields.get("__entity") {
                    return Ok(entity(named["type"].as_str().unwrap_or_default(), named["id"].as_str().unwrap_or_default()));
                }
                if let Some(call) = fields.get("__extn") {
                    let args = call["args"].as_array().cloned().unwrap_or_else(|| vec![call["arg"].clone()]);
                    let args: Vec<Value> = args.into_iter().map(|arg| serde_json::json!({ "Value": arg })).collect();
                    return self.extension(call["fn"].as_str().unwrap_or_default(), &args);
                }
                let terms = fields.iter().map(|(key, value)| Ok((key.clone(), self.nested(value)?))).collect::<Result<Vec<_>, Inexpressible>>()?;
                self.record_literal(terms)
            }
            Value::Null => Err("`null` is no value".to_owned()),
        }
    }

    fn nested(&mut self, value: &Value) -> Made {
        self.depth += 1;
        let term = if self.depth > DEEPEST { Err("it nests too deeply".to_owned()) } else { self.literal(value) };
        self.depth -= 1;
        term
    }

    fn set_literal(&mut self, elements: &[Value]) -> Made {
        let terms = elements.iter().map(|element| self.expr(element)).collect::<Result<Vec<_>, _>>()?;
        self.set_of_terms(terms)
    }

    fn set_of_terms(&mut self, terms: Vec<Term>) -> Made {
        let terms = self.lightened(terms);
        let texts: Vec<String> = terms.iter().map(|term| self.json(term)).collect();
        let element = terms.first().map(|first| first.ty.clone()).filter(|ty| terms.iter().all(|term| term.ty == *ty)).unwrap_or(Type::Any);
        let text = if texts.is_empty() { self.call("empty", &[]) } else { format!("[{}]", texts.join(", ")) };
        let set = Term::native(Type::Set(Rc::new(element)), Level::Postfix, text).above(&terms.iter().collect::<Vec<_>>());
        Ok(Term { elements: Some(terms), ..set })
    }

    fn record_literal(&mut self, terms: Vec<(String, Term)>) -> Made {
        if let Some((key, _)) = terms.iter().find(|(key, _)| RESERVED.contains(&key.as_str())) {
            return Err(format!("a record with the key `{key}`, which stands for something else in values"));
        }
        let texts: Vec<String> = terms.iter().map(|(key, term)| format!("{}: {}", toll::field(key), self.json(term))).collect();
        let fields: BTreeMap<String, Field> = terms.iter().map(|(key, term)| (key.clone(), Field { ty: term.ty.clone(), required: true })).collect();
        let text = if texts.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", texts.join(", ")) };
        let above: Vec<&Term> = terms.iter().map(|(_, term)| term).collect();
        Ok(Term::native(Type::Record(Rc::new(fields)), Level::Postfix, text).above(&above))
    }

    fn logic(&mut self, is_and: bool, expr: &Value) -> Made {
        let (operator, word, level) = if is_and { ("&&", "and", Level::And) } else { ("||", "or", Level::Or) };
        // A chain nests on its left, and may be long.
        let mut operands = Vec::new();
        let mut rest = expr;
        while let Some(body) = rest.get(operator) {
            operands.push(&body["right"]);
            rest = &body["left"];
        }
        operands.push(rest);
        let before = self.proved.len();
        let mut terms = Vec::new();
        for operand in operands.into_iter().rev() {
            let term = self.condition(operand)?;
            if is_and {
                self.proved.extend(term.proves.iter().cloned());
            }
            terms.push(term);
        }
        let proves = self.proved.split_off(before);
        // What is said again comes to the same: it is only reached where it decides nothing.
        let mut said = HashSet::new();
        terms.retain(|term| said.insert(term.text.clone()));
        if let [only] = terms.as_slice() {
            return Ok(only.clone().proving(proves));
        }
        let terms = self.lightened(terms);
        let height = terms.iter().map(|term| term.height + usize::from(term.level < level)).max().unwrap_or(1);
        let texts: Vec<String> = terms.iter().map(|term| term.at(level)).collect();
        let joined = Term::native(Type::Bool, level, texts.join(&format!(" {word} ")));
        Ok(Term { height, ..joined }.proving(proves))
    }

    fn choice(&mut self, body: &Value) -> Made {
        let test = self.condition(&body["if"])?;
        let before = self.proved.len();
        self.proved.extend(test.proves.iter().cloned());
        let then = self.expr(&body["then"])?;
        self.proved.truncate(before);
        let otherwise = self.expr(&body["else"])?;
        let text = |then: &str, otherwise: &str| format!("if {} then {then} else {otherwise}", test.at(Level::Or));
        let then = self.settled(then);
        let otherwise = self.settled(otherwise);
        let above = [&test, &then, &otherwise];
        if then.is_native() && otherwise.is_native() && same_kind(&then.ty, &otherwise.ty) && (then.is_plain() || is_ordered(&then.ty)) {
            let ty = if then.ty == otherwise.ty { then.ty.clone() } else { general(&then.ty) };
            return Ok(Term::native(ty, Level::If, text(&then.at(Level::Or), &otherwise.at(Level::If))).above(&above));
        }
        let ty = if then.ty == otherwise.ty { then.ty.clone() } else { Type::Any };
        let (left, right) = (self.value(&then), self.value(&otherwise));
        let made = Term { level: Level::If, ..Term::json(ty, text(&left, &right)) };
        Ok(made.above(&above))
    }

    fn equality(&mut self, body: &Value, operator: &str) -> Made {
        let (left, right) = self.operands(body)?;
        let (left, right) = (self.settled(left), self.settled(right));
        let both_native = left.is_native() && right.is_native();
        let compared = |left: &str, right: &str| Term::comparison(left, operator, right).above(&[]);
        let above = [&left, &right];
        for (one, other) in [(&left, &right), (&right, &left)] {
            if let (Some(uid), Type::Entity(_), true) = (&other.uid, &one.ty, both_native) {
                if let Some(is) = is_one_of(&one.text, std::slice::from_ref(uid)) {
                    return Ok(if operator == "==" { is } else { is.negated() });
                }
                let name = self.uid_of(&one.text);
                return Ok(compared(&name, &quoted(uid)).above(&above));
            }
        }
        if both_native && same_kind(&left.ty, &right.ty) && (left.is_plain() || is_ordered(&left.ty) || left.ty == Type::Decimal) {
            return Ok(compared(&left.at(Level::Add), &right.at(Level::Add)).above(&above));
        }
        if left.is_plain() || right.is_plain() {
            let (a, b) = (self.operand(&left, !left.is_plain() || right.is_plain()), self.operand(&right, !right.is_plain()));
            return Ok(compared(&a, &b).above(&above));
        }
        let (a, b) = (self.json(&left), self.json(&right));
        let call = self.call("equal", &[&a, &b]);
        let equal = Term::native(Type::Bool, Level::Postfix, call).above(&above);
        Ok(if operator == "==" { equal } else { equal.negated() })
    }

    /// An operand of `==`, of which one side must have the type `json`.
    fn operand(&mut self, term: &Term, as_json: bool) -> String {
        if as_json {
            self.value(term)
        } else {
            let text = self.json(term);
            Term { text, ..term.clone() }.at(Level::Add)
        }
    }

    fn order(&mut self, operator: &str, body: &Value) -> Made {
        let (left, right) = self.operands(body)?;
        let kind = [&left.ty, &right.ty].into_iter().find(|ty| is_ordered(ty)).cloned();
        if let Some(kind) = kind {
            let (left, right) = (self.native(&kind, left), self.native(&kind, right));
            return Ok(Term::comparison(&left.at(Level::Add), operator, &right.at(Level::Add)).above(&[&left, &right]));
        }
        self.risk("what is compared may be no number");
        let (a, b) = (self.json(&left), self.json(&right));
        let helper = if operator.len() == 1 { "less" } else { "less_or_equal" };
        let call = if operator.starts_with('<') { self.call(helper, &[&a, &b]) } else { self.call(helper, &[&b, &a]) };
        Ok(Term::native(Type::Bool, Level::Postfix, call).above(&[&left, &right]))
    }

    fn like(&mut self, body: &Value) -> Made {
        let text = self.expr(&body["left"])?;
        let text = self.text(text);
        let (mut pattern, mut plain) = (String::new(), Some(String::new()));
        for element in body["pattern"].as_array().into_iter().flatten() {
            let literal = element.get("Literal").and_then(Value::as_str);
            plain = plain.zip(literal).map(|(plain, literal)| plain + literal);
            match literal {
                Some(literal) => pattern.push_str(&escaped(literal)),
                None => pattern.push('*'),
            }
        }
        if let Some(plain) = plain {
            return Ok(Term::comparison(&text.at(Level::Add), "==", &quoted(&plain)).above(&[&text]));
        }
        if pattern.len() > 16 << 10 || pattern.matches('?').count() > 256 {
            return Err("a pattern of more than 16 KiB, or with more than 256 `?`".to_owned());
        }
        Ok(Term::native(Type::Bool, Level::Compare, format!("{} like {}", text.at(Level::Add), quoted(&pattern))).above(&[&text]))
    }

    fn negation(&mut self, body: &Value) -> Made {
        let operand = self.expr(body)?;
        let operand = self.long(operand);
        if body.get("Value").is_none() {
            self.risk("a number may overflow");
        }
        Ok(Term::native(Type::Long, Level::Negate, format!("-{}", operand.at(Level::Postfix))).above(&[&operand]))
    }

    fn arithmetic(&mut self, operator: &str, level: Level, body: &Value) -> Made {
        let (left, right) = self.operands(body)?;
        let (left, right) = (self.long(left), self.long(right));
        self.risk("a number may overflow");
        let tighter = if level == Level::Add { Level::Multiply } else { Level::Negate };
        Ok(Term::native(Type::Long, level, format!("{} {operator} {}", left.at(level), right.at(tighter))).above(&[&left, &right]))
    }

    fn is(&mut self, body: &Value) -> Made {
        let left = self.expr(&body["left"])?;
        let left = self.entity(left);
        let ty = body["entity_type"].as_str().unwrap_or_default();
        let is = Term::comparison(&format!("{}.type", left.at(Level::Postfix)), "==", &quoted(ty)).above(&[&left]);
        if body["in"].is_null() {
            return Ok(is);
        }
        let within = self.within(&left, &body["in"])?;
        Ok(Term::native(Type::Bool, Level::And, format!("{} and {}", is.text, within.at(Level::And))).above(&[&is, &within]))
    }

    /// `left in right`.
    fn within(&mut self, left: &Term, right: &Value) -> Made {
        let right = self.expr(right)?;
        if let Some(uids) = constant_uids(&right)
            && !(uids.is_empty() && left.height > 1)
        {
            return Ok(self.among(left, &uids).above(&[left]));
        }
        let ancestry = self.ancestry(left);
        if let Type::Entity(_) = right.ty {
            let right = self.entity(right);
            let name = self.uid_of(&right.text);
            return Ok(Term::comparison(&name, "in", &ancestry).above(&[left, &right]));
        }
        if !matches!(&right.ty, Type::Set(element) if matches!(**element, Type::Entity(_))) {
            self.risk("what an entity is in may be no entity");
        }
        let json = self.json(&right);
        let call = self.call("is_within", &[&ancestry, &json]);
        Ok(Term::native(Type::Bool, Level::Postfix, call).above(&[left, &right]))
    }

    /// Whether an entity is in one of some, by their names; of actions whose members the schema says, it is one of those.
    pub fn among(&mut self, of: &Term, uids: &[String]) -> Term {
        let members: Option<BTreeSet<&String>> =
            uids.iter().map(|uid| self.schema.members(uid)).collect::<Option<Vec<_>>>().map(|all| all.into_iter().flatten().collect());
        if let Some(members) = members.filter(|members| of.text == "action" && !members.is_empty()) {
            let members: Vec<String> = members.into_iter().cloned().collect();
            return is_one_of("action", &members).unwrap_or_else(|| {
                let listed: Vec<String> = members.iter().map(|uid| quoted(uid)).collect();
                Term::comparison(&self.uid_of("action"), "in", &format!("{{{}}}", listed.join(", ")))
            });
        }
        let ancestry = self.ancestry(of);
        let mut known = HashSet::new();
        let uids: Vec<&String> = uids.iter().filter(|uid| known.insert(*uid)).collect();
        let (text, level) = match uids.as_slice() {
            [] => ("false".to_owned(), Level::Postfix),
            [only] => return Term::comparison(&quoted(only), "in", &ancestry),
            [_, _] | [_, _, _] => {
                let tests: Vec<String> = uids.iter().map(|uid| format!("{} in {ancestry}", quoted(uid))).collect();
                (tests.join(" or "), Level::Or)
            }
            _ => {
                let listed: Vec<String> = uids.iter().map(|uid| quoted(uid)).collect();
                (format!("not {ancestry}.intersect({{{}}}).is_empty()", listed.join(", ")), Level::Not)
            }
        };
        Term::native(Type::Bool, level, text)
    }

    /// The set of the names of an entity and all that it is in.
    pub fn ancestry(&mut self, of: &Term) -> String {
        match self.variable_definition(&of.text, "ancestry") {
            Some(name) => name.to_owned(),
            None => self.call("ancestry", &[&of.text]),
        }
    }

    /// The name of an entity in the data.
    pub fn uid_of(&mut self, of: &str) -> String {
        match self.variable_definition(of, "uid") {
            Some(name) => name.to_owned(),
            None => self.call("uid", &[of]),
        }
    }

    fn variable_definition(&mut self, variable: &str, of: &str) -> Option<&'static str> {
        let name = match (variable, of) {
            ("principal", "ancestry") => "principal_ancestry",
            ("action", "ancestry") => "action_ancestry",
            ("resource", "ancestry") => "resource_ancestry",
            ("principal", _) => "principal_uid",
            ("action", _) => "action_uid",
            ("resource", _) => "resource_uid",
            _ => return None,
        };
        Some(name)
    }

    fn attribute(&mut self, base: Term, name: &str) -> Term {
        if let Type::Entity(_) = base.ty {
            let base = self.entity(base);
            let ty = if let Type::Entity(ty) = &base.ty { ty.clone() } else { None };
            let field = self.schema.attribute(ty.as_deref(), name);
            let path = member(&self.call("attributes", &[&base.text]), name);
            if !self.proved.contains(&path) {
                self.risk(&format!("`{name}` may be missing"));
            }
            return Term::maybe(field.map_or(Type::Any, |field| field.ty), path).above(&[&base]);
        }
        if let Some(field) = record_field(&base.ty, name) {
            let path = member(&self.record_base(&base), name);
            if !field.required && !self.proved.contains(&path) {
                self.risk(&format!("`{name}` may be missing"));
            }
            let read = Term::maybe(field.ty, path).above(&[&base]);
            return Term { outside: base.outside, ..read };
        }
        self.risk(&format!("`{name}` may be missing"));
        let base_text = self.loose(&base);
        let call = self.call("attribute", &[&base_text, &quoted(name)]);
        let read = Term::json(Type::Any, call).above(&[&base]);
        Term { outside: base.outside, ..read }
    }

    fn has(&mut self, body: &Value) -> Made {
        let mut base = self.expr(&body["left"])?;
        let names: Vec<&str> = match &body["attr"] {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            name => vec![name.as_str().unwrap_or_default()],
        };
        let before = self.proved.len();
        let mut tests: Vec<Term> = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let test = self.has_one(&base, name);
            self.proved.extend(test.proves.iter().cloned());
            tests.push(test);
            if at + 1 < names.len() {
                base = self.attribute(base, name);
            }
        }
        let proves = self.proved.split_off(before);
        if let [only] = tests.as_slice() {
            return Ok(only.clone());
        }
        let texts: Vec<String> = tests.iter().map(|test| test.at(Level::And)).collect();
        Ok(Term::native(Type::Bool, Level::And, texts.join(" and ")).above(&tests.iter().collect::<Vec<_>>()).proving(proves))
    }

    fn has_one(&mut self, base: &Term, name: &str) -> Term {
        let (holder, tested) = match base.ty {
            Type::Entity(_) => {
                let entity = self.entity(base.clone());
                let attributes = self.call("attributes", &[&entity.text]);
                (attributes.clone(), attributes)
            }
            Type::Record(_) | Type::Open => {
                let text = self.record_base(base);
                let is_present = base.form != Form::Maybe || self.proved.contains(&text);
                let tested = if is_present { text.clone() } else { format!("{text}.or_error()") };
                (text, tested)
            }
            _ => {
                self.risk(&format!("what `has {name}` asks about may be no entity or record"));
                let text = self.loose(base);
                let call = self.call("has_attribute", &[&text, &quoted(name)]);
                return Term::native(Type::Bool, Level::Postfix, call).above(&[base]);
            }
        };
        let test = Term::comparison(&member(&tested, name), "!=", "none");
        test.above(&[base]).proving(vec![member(&holder, name), holder])
    }

    /// The text of a record that a field is read from.
    fn record_base(&mut self, base: &Term) -> String {
        if base.is_native() { self.value(base) } else { base.at(Level::Postfix) }
    }

    /// Where a tag stands, and its type, with the higher of the operands.
    fn tag(&mut self, body: &Value) -> Result<(String, Type, Term), Inexpressible> {
        let (of, name) = self.operands(body)?;
        let of = self.entity(of);
        let name = self.text(name);
        let ty = if let Type::Entity(ty) = &of.ty { self.schema.tag(ty.as_deref()) } else { None };
        let path = format!("{}[{}]", self.call("tags", &[&of.text]), name.text);
        Ok((path, ty.unwrap_or(Type::Any), name.above(&[&of])))
    }

    fn contains(&mut self, body: &Value) -> Made {
        let (set, element) = self.operands(body)?;
        let set = self.set(set);
        let element = self.settled(element);
        let above = [&set, &element];
        if let Some(listed) = self.listed(&set, &element) {
            return Ok(listed.above(&above));
        }
        let json = self.json(&element);
        let helper = if element.is_plain() { "has_element" } else { "contains" };
        let call = self.call(helper, &[&set.text, &json]);
        Ok(Term::native(Type::Bool, Level::Postfix, call).above(&above))
    }

    /// `element in {…}`, where the set is written out and all is of one kind.
    fn listed(&mut self, set: &Term, element: &Term) -> Option<Term> {
        let elements = set.elements.as_ref().filter(|elements| !elements.is_empty() && element.is_native() && element.is_plain())?;
        if let Type::Entity(_) = element.ty {
            let uids: Vec<String> = elements.iter().map(|one| one.uid.clone()).collect::<Option<_>>()?;
            return is_one_of(&element.text, &uids).or_else(|| {
                let listed: Vec<String> = uids.iter().map(|uid| quoted(uid)).collect();
                Some(Term::comparison(&self.uid_of(&element.text), "in", &format!("{{{}}}", listed.join(", "))))
            });
        }
        let is_alike = |one: &Term| one.is_native() && same_kind(&one.ty, &element.ty);
        let texts: Vec<String> = elements.iter().map(|one| is_alike(one).then(|| one.text.clone())).collect::<Option<_>>()?;
        Some(Term::comparison(&element.at(Level::Add), "in", &format!("{{{}}}", texts.join(", "))))
    }

    /// The first function where the elements of one side are scalars or entities, which JSON compares rightly, else the second.
    fn both_sets(&mut self, [plain, any]: [&str; 2], body: &Value) -> Made {
        let (left, right) = self.operands(body)?;
        let (left, right) = (self.set(left), self.set(right));
        let is_plain = |set: &Term| match (&set.elements, &set.ty) {
            (Some(elements), _) => elements.iter().all(Term::is_plain),
            (None, Type::Set(element)) => matches!(**element, Type::Bool | Type::Long | Type::Text | Type::Entity(_)),
            _ => false,
        };
        let helper = if is_plain(&left) || is_plain(&right) { plain } else { any };
        let call = self.call(helper, &[&left.text, &right.text]);
        Ok(Term::native(Type::Bool, Level::Postfix, call).above(&[&left, &right]))
    }

    fn extension(&mut self, function: &str, args: &[Value]) -> Made {
        let kind = match function {
            "ip" => Type::Ip,
            "decimal" => Type::Decimal,
            "datetime" => Type::Datetime,
            "duration" => Type::Duration,
            _ => return self.method(function, args),
        };
        let [arg] = args else { return Err(format!("`{function}` with {} arguments", args.len())) };
        if let Some(text) = arg.get("Value").and_then(Value::as_str)
            && extensions::is_valid(function, text)
        {
            let json = self.call("extension", &[&quoted(function), &quoted(text)]);
            let native = match kind {
                Type::Ip => extensions::network(text).map(|network| (Level::Postfix, format!("cidr({})", quoted(&network)))),
                Type::Decimal => {
                    extensions::decimal(text).map(|number| (if number.starts_with('-') { Level::Negate } else { Level::Postfix }, number))
                }
                Type::Datetime => Some((Level::Postfix, self.call("datetime", &[&quoted(text)]))),
                _ => Some((Level::Postfix, self.call("duration", &[&quoted(text)]))),
            };
            return Ok(match native {
                Some((level, native)) => Term::native(kind, level, native).with_json(json),
                None => {
                    self.stricter
                        .insert(format!("`ip({text:?})` maps an IPv4 address, which the language takes for that address: reading it is an error"));
                    Term::json(kind, json)
                }
            });
        }
        let text = self.expr(arg)?;
        let text = self.text(text);
        self.risk(&format!("`{function}` may not be able to read its argument"));
        let json = self.call("extension", &[&quoted(function), &text.text]);
        Ok(Term::json(kind, self.call("valid", &[&json])).above(&[&text]))
    }

    fn method(&mut self, name: &str, args: &[Value]) -> Made {
        let mut terms = args.iter().map(|arg| self.expr(arg)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let (Some(receiver), argument, None) = (terms.next(), terms.next(), terms.next()) else { return Err(format!("the function `{name}`")) };
        let Some((kind, other, result)) = extensions::signature(name) else { return Err(format!("the function `{name}`")) };
        let of = self.native(&kind, receiver);
        let argument = match (other, argument) {
            (Some(kind), Some(argument)) => Some(self.native(&kind, argument)),
            (None, None) => None,
            _ => return Err(format!("`{name}` with {} arguments", args.len())),
        };
        if matches!(name, "offset" | "durationSince" | "toDate") {
            self.risk("a datetime may overflow");
        }
        let left = of.at(Level::Postfix);
        let against =
            |operator: &str, level: Level| argument.as_ref().map(|argument| format!("{} {operator} {}", of.at(level), argument.at(Level::Multiply)));
        let divided = |by: &str| (Level::Multiply, format!("{} / {by}", of.at(Level::Multiply)));
        let (level, text) = match name {
            "isIpv4" => (Level::Postfix, format!("{left}.is_v4()")),
            "isIpv6" => (Level::Not, format!("not {left}.is_v4()")),
            "isLoopback" => (Level::Postfix, format!("{left}.is_loopback()")),
            "isMulticast" => (Level::Postfix, self.call("is_multicast", &[&of.text])),
            "isInRange" => {
                let range = argument.as_ref().map(|range| range.at(Level::Postfix)).unwrap_or_default();
                (Level::Postfix, format!("{range}.contains({})", of.text))
            }
            "lessThan" => (Level::Compare, against("<", Level::Add).unwrap_or_default()),
            "lessThanOrEqual" => (Level::Compare, against("<=", Level::Add).unwrap_or_default()),
            "greaterThan" => (Level::Compare, against(">", Level::Add).unwrap_or_default()),
            "greaterThanOrEqual" => (Level::Compare, against(">=", Level::Add).unwrap_or_default()),
            "offset" => (Level::Add, against("+", Level::Add).unwrap_or_default()),
            "durationSince" => (Level::Add, against("-", Level::Add).unwrap_or_default()),
            "toDate" => (Level::Postfix, self.call("to_date", &[&of.text])),
            "toTime" => (Level::Postfix, self.call("to_time", &[&of.text])),
            "toMilliseconds" => (of.level, of.text.clone()),
            "toSeconds" => divided("1_000"),
            "toMinutes" => divided("60_000"),
            "toHours" => divided("3_600_000"),
            _ => divided("86_400_000"),
        };
        let above: Vec<&Term> = [Some(&of), argument.as_ref()].into_iter().flatten().collect();
        Ok(Term::native(result, level, text).above(&above))
    }

    fn operands(&mut self, body: &Value) -> Result<(Term, Term), Inexpressible> {
        Ok((self.expr(&body["left"])?, self.expr(&body["right"])?))
    }
}

/// The names of the entity or the entities that a term writes out.
fn constant_uids(term: &Term) -> Option<Vec<String>> {
    match &term.elements {
        Some(elements) => elements.iter().map(|element| element.uid.clone()).collect(),
        None => term.uid.clone().map(|uid| vec![uid]),
    }
}

/// What an expression computes, roughly.
fn weight(text: &str) -> usize {
    WEIGHTS.iter().map(|(call, weight)| text.matches(call).count() * weight).sum()
}

/// The type of two values of one kind.
fn general(ty: &Type) -> Type {
    if let Type::Entity(_) = ty { Type::Entity(None) } else { ty.clone() }
}

fn is_ordered(ty: &Type) -> bool {
    matches!(ty, Type::Long | Type::Datetime | Type::Duration)
}

/// What a record has under a name.
fn record_field(ty: &Type, name: &str) -> Option<Field> {
    let unknown = Field { ty: Type::Any, required: false };
    match ty {
        Type::Record(fields) => Some(fields.get(name).cloned().unwrap_or(unknown)),
        Type::Open => Some(unknown),
        _ => None,
    }
}

/// A text of which a pattern takes every character as it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '*' | '?' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
