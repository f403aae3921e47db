//! Conditions.

use super::constants::{self, quoted};
use super::expr::{Level, Place, Text, Writer, written};
use super::schema::{self, Ty, field_name};

const GLOBS: [&str; 9] = ["*", "a*", "*@example.com", "?", "pro?", "*/*", "", "\\\\*", "x*m"];
const REGEXES: [&str; 7] = ["^a", "(?i)prod", "[0-9]+", "^$", "a|b", "x{0,2}e", "\\.test$"];

impl Writer<'_> {
    /// A condition.
    pub fn condition(&mut self, depth: usize) -> Text {
        for _ in 0..8 {
            let found = match self.random.below(if depth > 0 { 22 } else { 14 }) {
                0 | 1 => self.comparison(depth),
                2 | 3 => self.equality(depth),
                4 => self.membership(depth),
                5 => self.pattern(depth),
                6 => self.path(&Ty::Bool),
                7 => self.presence(),
                8 => self.json_equality(depth),
                9 => self.element_test(depth),
                10 => self.narrowed(depth),
                11 => self.key_or_net(),
                12 => self.fact(),
                13 => Some(self.erring()),
                14 | 15 => Some(self.connective("and", Level::And, Level::Not, depth - 1)),
                16 | 17 => Some(self.connective("or", Level::Or, Level::And, depth - 1)),
                18 => Some(written(format!("not {}", self.operand(&Ty::Bool, depth - 1, Place::Untyped, Level::Not)), Level::Not)),
                _ => self.builtin(&Ty::Bool, depth - 1),
            };
            if let Some(text) = found {
                return text;
            }
        }
        self.literal(&Ty::Bool, Place::Untyped).unwrap_or_else(|| written("true", Level::Postfix))
    }

    /// A comparison that may well err.
    pub fn erring(&mut self) -> Text {
        let mut operand = |least| self.operand(&Ty::Int, 0, Place::Untyped, least);
        let (a, b) = (operand(Level::Multiply), operand(Level::Sign));
        let operator = self.random.word(&["/", "%", "*"]);
        let comparison = self.random.word(&[">", "<=", "!="]);
        written(format!("{a} {operator} {b} {comparison} {}", constants::int(self.random)), Level::Compare)
    }

    fn connective(&mut self, word: &str, level: Level, least: Level, depth: usize) -> Text {
        let count = self.random.within(2, 3);
        let operands: Vec<String> = (0..count).map(|_| self.operand(&Ty::Bool, depth, Place::Untyped, least)).collect();
        written(operands.join(&format!(" {word} ")), level)
    }

    /// `a < b`
    fn comparison(&mut self, depth: usize) -> Option<Text> {
        let schema = self.schema;
        let found = self.scope.with(|ty| schema.is_ordered(ty));
        let ty = if found.is_empty() || self.random.chance(20) { Ty::Int } else { self.random.pick(&found).1.clone() };
        let left = self.operand(&ty, depth, Place::Untyped, Level::Coalesce);
        let right = self.beside(&ty, depth)?;
        let operator = self.random.word(&["<", "<=", ">", ">="]);
        Some(written(format!("{left} {operator} {right}"), Level::Compare))
    }

    /// What a value of that type is compared with: mostly a constant.
    fn beside(&mut self, ty: &Ty, depth: usize) -> Option<String> {
        let is_literal = matches!(ty, Ty::Enum(_)) || ty.is_scalar();
        if is_literal && self.random.chance(70) {
            let text = self.literal(ty, Place::Typed)?;
            return Some(self.fit(text, Level::Coalesce));
        }
        Some(self.operand(ty, depth, Place::Untyped, Level::Coalesce))
    }

    /// `a == b`
    fn equality(&mut self, depth: usize) -> Option<Text> {
        let found = self.scope.with(|ty| *ty != Ty::Json && !matches!(ty, Ty::Optional(inner) if **inner == Ty::Json));
        if found.is_empty() {
            return None;
        }
        let ty = self.random.pick(&found).1.clone();
        let left = self.operand(&ty, depth.min(1), Place::Untyped, Level::Coalesce);
        let right = match &ty {
            Ty::Optional(_) => self.path(&ty)?.text,
            _ => self.beside(&ty, depth.min(1))?,
        };
        let operator = if self.random.chance(65) { "==" } else { "!=" };
        Some(written(format!("{left} {operator} {right}"), Level::Compare))
    }

    /// `j == anything`
    fn json_equality(&mut self, depth: usize) -> Option<Text> {
        let found = self.scope.with(|ty| *ty.present() == Ty::Json);
        if found.is_empty() {
            return None;
        }
        let json = self.random.pick(&found).0.clone();
        let right = match self.random.below(4) {
            0 => self.random.pick(&found).0.clone(),
            1 => {
                let ty = schema::scalar_type(self.random, self.schema);
                self.operand(&ty, depth.min(1), Place::Untyped, Level::Coalesce)
            }
            _ => constants::literal(self.random, self.schema, &Ty::Json),
        };
        if right == "none" {
            return None;
        }
        Some(written(format!("{json} {} {right}", if self.random.chance(70) { "==" } else { "!=" }), Level::Compare))
    }

    /// `a in c`
    fn membership(&mut self, depth: usize) -> Option<Text> {
        let word = if self.random.chance(75) { "in" } else { "not in" };
        let containers = self.scope.with(|ty| matches!(ty, Ty::List(element) | Ty::Set(element) if element.is_scalar()));
        if !containers.is_empty() && self.random.chance(50) {
            let (container, ty) = self.random.pick(&containers).clone();
            let element = ty.element()?.clone();
            let item = self.beside(&element, depth.min(1))?;
            return Some(written(format!("{item} {word} {container}"), Level::Compare));
        }
        let items = self.scope.with(Ty::is_scalar);
        if items.is_empty() {
            return None;
        }
        let (item, ty) = self.random.pick(&items).clone();
        let count = self.random.within(1, 4);
        let constants: Vec<String> = (0..count).map(|_| constants::literal(self.random, self.schema, &ty)).collect();
        let container = if self.random.chance(70) { format!("{{{}}}", constants.join(", ")) } else { format!("[{}]", constants.join(", ")) };
        Some(written(format!("{item} {word} {container}"), Level::Compare))
    }

    /// `k in m`, `ip in cidr`
    fn key_or_net(&mut self) -> Option<Text> {
        if self.random.chance(50) {
            let maps = self.scope.with(|ty| matches!(ty, Ty::Map(_)));
            if maps.is_empty() {
                return None;
            }
            let map = self.random.pick(&maps).0.clone();
            let key = match self.path(&Ty::Text) {
                Some(path) if self.random.chance(50) => path.text,
                _ => quoted(self.random.word(&constants::KEYS)),
            };
            return Some(written(format!("{key} in {map}"), Level::Compare));
        }
        let item = self.operand(&Ty::Ip, 0, Place::Untyped, Level::Coalesce);
        let net = self.operand(&Ty::Cidr, 0, Place::Untyped, Level::Coalesce);
        Some(written(format!("{item} in {net}"), Level::Compare))
    }

    fn pattern(&mut self, depth: usize) -> Option<Text> {
        let text = self.operand(&Ty::Text, depth.min(1), Place::Untyped, Level::Coalesce);
        Some(if self.random.chance(60) {
            written(format!("{text} like \"{}\"", self.random.word(&GLOBS)), Level::Compare)
        } else {
            written(format!("{text} matches r\"{}\"", self.random.word(&REGEXES)), Level::Compare)
        })
    }

    /// A test of presence that proves nothing to what stands after it.
    fn presence(&mut self) -> Option<Text> {
        let found = self.scope.with(Ty::is_optional);
        if found.is_empty() {
            return None;
        }
        let path = self.random.pick(&found).0.clone();
        let operator = if self.random.chance(50) { "==" } else { "!=" };
        Some(written(format!("({path} {operator} none) == {}", self.random.chance(50)), Level::Compare))
    }

    /// `p != none and …`, where what follows reads `p` as present; compared, so that it proves nothing beyond itself.
    fn narrowed(&mut self, depth: usize) -> Option<Text> {
        let (test, path, ty) = self.proof()?;
        let outer = self.scope.clone();
        self.scope.prove(self.schema, &path, &ty);
        let inner = self.operand(&Ty::Bool, depth.saturating_sub(1), Place::Untyped, Level::Not);
        self.scope = outer;
        let whole = match self.random.below(4) {
            0 | 1 => format!("{test} and {inner}"),
            2 => format!("{path} == none or {inner}"),
            _ => format!("if not ({test}) then true else {inner}"),
        };
        Some(written(format!("({whole}) == {}", self.random.chance(80)), Level::Compare))
    }

    /// A test that proves a path present: the test, the path, and its type.
    pub fn proof(&mut self) -> Option<(String, String, Ty)> {
        let found = self.scope.with(|ty| ty.is_optional() && *ty.present() != Ty::Json);
        if found.is_empty() {
            return None;
        }
        let (path, ty) = self.random.pick(&found).clone();
        let test = match path.rsplit_once('.').filter(|(base, _)| !base.ends_with('?')) {
            Some((base, field)) if base != "pk" && !field.contains(['[', '(']) && self.random.chance(50) => {
                format!("{base} has {}", field_name(field.trim_matches('"')))
            }
            _ => format!("{path} != none"),
        };
        Some((test, path, ty))
    }

    /// `xs.any(x => …)`
    fn element_test(&mut self, depth: usize) -> Option<Text> {
        let found = self.scope.with(|ty| ty.element().is_some());
        if found.is_empty() {
            return None;
        }
        let (path, ty) = self.random.pick(&found).clone();
        let element = ty.element()?.clone();
        let method = self.random.word(&["any", "all"]);
        Some(self.binding(&element, |writer, name| {
            let body = writer.condition(depth.saturating_sub(1));
            written(format!("{path}.{method}({name} => {})", body.text), Level::Postfix)
        }))
    }

    /// A test that an index can look up.
    pub fn lookup(&mut self) -> Text {
        for _ in 0..4 {
            let found = match self.random.below(12) {
                0 | 1 => self.fact(),
                2..=4 => self.equality(0),
                5 => self.comparison(0),
                6 => self.pattern(0),
                7 => self.membership(0),
                8 => self.key_or_net(),
                9 => self.affix(),
                _ => self.range(),
            };
            if let Some(text) = found {
                return text;
            }
        }
        self.condition(0)
    }

    /// How a text begins or ends.
    fn affix(&mut self) -> Option<Text> {
        let path = self.path(&Ty::Text)?.text;
        let whole: Vec<char> = constants::text(self.random).chars().collect();
        let cut = self.random.within(0, whole.len());
        let (word, part) = if self.random.chance(50) { ("starts_with", whole.get(..cut)) } else { ("ends_with", whole.get(cut..)) };
        let part: String = part.into_iter().flatten().collect();
        Some(written(format!("{path}.{word}({})", quoted(&part)), Level::Postfix))
    }

    /// A value between two constants, or beyond one.
    fn range(&mut self) -> Option<Text> {
        let ty = self.random.pick(&[Ty::Int, Ty::Decimal, Ty::Duration, Ty::Timestamp]).clone();
        let path = self.path(&ty)?.text;
        let (low, high) = (self.literal(&ty, Place::Typed)?.text, self.literal(&ty, Place::Typed)?.text);
        let (above, below) = (self.random.word(&[">", ">="]), self.random.word(&["<", "<="]));
        Some(match self.random.below(4) {
            0 => written(format!("{path} {above} {low}"), Level::Compare),
            1 => written(format!("{high} {above} {path}"), Level::Compare),
            2 => written(format!("{path} {above} {low} and {path} {below} {high}"), Level::And),
            _ => written(format!("{path} {below} {low} or {path} {above} {high}"), Level::Or),
        })
    }

    /// A fact of the tool.
    fn fact(&mut self) -> Option<Text> {
        if self.constants_only {
            return None;
        }
        Some(match self.random.below(5) {
            0 => written(format!("tool.category == \"{}\"", self.random.word(&["read", "write", "admin", ""])), Level::Compare),
            1 => written(format!("\"{}\" in tool.labels", self.random.word(&["pii", "a"])), Level::Compare),
            2 => written(format!("tool.name == \"{}\"", self.random.word(&["read", "send", "export", "run", "unknown"])), Level::Compare),
            3 => written(format!("tool.server in {{\"crm\", \"{}\"}}", self.random.word(&["", "mail", "a/b"])), Level::Compare),
            _ => written(
                self.random.word(&["tool.declared", "tool.read_only", "tool.destructive", "tool.idempotent", "tool.open_world"]).to_owned(),
                Level::Postfix,
            ),
        })
    }
}
