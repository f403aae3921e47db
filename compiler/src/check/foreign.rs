//! Calls that authors write who know other languages: methods and modules that there are not.

use tollgate_stdlib::types::Type;

use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::format::expr_to_text;
use crate::program::Expr;
use crate::syntax::ast::{self, Name, Span};

use super::Checker;
use super::habits::{LONGEST_REWRITTEN, foreign_method, operand_text};
use super::literal::plain_text;
use super::presence::strip;

/// The modules of other languages whose functions are methods or operators here.
const MODULES: [&str; 19] = [
    "regex", "re", "Regex", "strings", "String", "math", "Math", "array", "Array", "time", "Date", "datetime", "json", "JSON", "glob", "object",
    "Object", "numbers", "net",
];

/// What is meant by a call of another language.
enum Meant {
    /// This in its place.
    Written(String),
    /// What a help says.
    Told(String),
}

use Meant::{Told, Written};

/// A call of a method that its receiver does not have.
struct Call<'c> {
    /// Its name in small letters, without `_`.
    name: String,
    base: &'c ast::Expr,
    args: &'c [ast::Expr],
}

impl Checker<'_> {
    /// What to say of a method of other languages, or of a condition on elements that is no lambda.
    pub(super) fn foreign_call(&self, base: &ast::Expr, receiver: &Expr, name: &Name, args: &[ast::Expr], span: Span) -> Option<Diagnostic> {
        if let [element, body] = args
            && let Some(diagnostic) = self.macro_call(name, element, body)
        {
            return Some(diagnostic);
        }
        let ty = &receiver.ty;
        let is_other = matches!((ty, name.text.as_str()), (Type::Map(_) | Type::Record(_), "get") | (Type::Str, "find" | "join" | "count"));
        if self.known.methods.contains_key(name.text.as_str()) && !is_other {
            return None;
        }
        let call = Call { name: name.text.to_ascii_lowercase().replace('_', ""), base, args };
        let of_set = || {
            let all = std::iter::once(base).chain(args).map(expr_to_text).collect::<Vec<_>>();
            self.is_function(&name.text).then(|| Written(format!("{}({})", name.text, all.join(", "))))
        };
        let meant = match ty {
            Type::Str => call.of_text(),
            Type::List(_) | Type::Set(_) | Type::Map(_) => call.of_elements(ty),
            Type::Timestamp => call.of_instant(),
            _ => call.of_other(ty),
        };
        let meant = meant.or_else(|| call.compared()).or_else(of_set)?;
        let diagnostic = Diagnostic::error(Code::UnknownMethod, self.at(name.span), format!("`{ty}` has no method `{}`", name.text));
        Some(self.meaning(diagnostic, meant, span))
    }

    fn meaning(&self, diagnostic: Diagnostic, meant: Meant, span: Span) -> Diagnostic {
        match meant {
            Told(help) => diagnostic.with_help(help),
            Written(text) if text.len() > LONGEST_REWRITTEN => diagnostic.with_help(format!("write `{text}`")),
            Written(text) => diagnostic.with_help(format!("write `{text}`")).with_fix(format!("write `{text}`"), self.at(span), text),
        }
    }

    /// `xs.exists(x, x > 1)`
    fn macro_call(&self, name: &Name, element: &ast::Expr, body: &ast::Expr) -> Option<Diagnostic> {
        let ast::ExprKind::Name(variable) = &element.kind else { return None };
        let method = foreign_method(&name.text).unwrap_or(name.text.as_str());
        if self.scope.local(variable).is_some() || !matches!(method, "any" | "all" | "filter" | "map" | "find" | "count") {
            return None;
        }
        let message = format!("`{}` takes a condition on the element `{variable}`", name.text);
        let between = Span { start: element.span.end, end: body.span.start };
        let mut diagnostic =
            Diagnostic::error(Code::Arguments, self.at(element.span.to(body.span)), message).with_help(format!("write `{method}({variable} => …)`"));
        let edits = vec![Edit { at: self.at(name.span), text: method.to_owned() }, Edit { at: self.at(between), text: " => ".to_owned() }];
        diagnostic.fixes.push(Fix::new(format!("write `{method}({variable} => …)`"), edits));
        Some(diagnostic)
    }

    /// `regex.match(…)`, of a module that there is not.
    pub(super) fn foreign_module(&self, base: &ast::Expr, name: &Name, args: &[ast::Expr], span: Span) -> Option<Diagnostic> {
        let ast::ExprKind::Name(word) = &base.kind else { return None };
        if !MODULES.contains(&word.as_str()) || self.is_known(word) {
            return None;
        }
        let diagnostic = Diagnostic::error(Code::UnknownName, self.at(base.span.to(name.span)), format!("no function `{word}.{}`", name.text));
        let meant = match (word.as_str(), args) {
            ("math" | "Math", [receiver, rest @ ..]) if self.known.methods.contains_key(name.text.as_str()) => {
                let rest: Vec<String> = rest.iter().map(expr_to_text).collect();
                Written(format!("{}.{}({})", operand_text(receiver), name.text, rest.join(", ")))
            }
            (module, args) => of_module(module, &name.text, args),
        };
        Some(self.meaning(diagnostic, meant, span))
    }
}

impl Call<'_> {
    /// The receiver, as text before a dot or an operator.
    fn own(&self) -> String {
        operand_text(self.base)
    }

    fn first(&self) -> String {
        self.args.first().map(operand_text).unwrap_or_default()
    }

    /// The first argument, as text in brackets.
    fn inner(&self) -> String {
        self.args.first().map(expr_to_text).unwrap_or_default()
    }

    fn of_text(&self) -> Option<Meant> {
        let (own, first) = (|| self.own(), || self.first());
        Some(match (self.name.as_str(), self.args) {
            ("indexof" | "index" | "search" | "find", [_]) => Told(format!("write `{}.contains({})`", own(), first())),
            ("count", [_]) => Written(format!("({}.split({}).len() - 1)", own(), first())),
            ("join", [_]) => Written(format!("{}.join({})", first(), own())),
            ("like", [_]) => Written(format!("{} like {}", own(), first())),
            ("matches" | "match" | "test" | "regexmatch" | "regex", [_]) => Written(format!("{} matches {}", own(), first())),
            ("equalsignorecase", [_]) => Written(format!("{}.lower() == {}.lower()", own(), first())),
            ("isdigit" | "isnumeric" | "isdecimal", []) => Written(format!("{} matches \"^[0-9]+$\"", own())),
            ("isalpha" | "isalphabetic", []) => Written(format!("{} matches \"^[A-Za-z]+$\"", own())),
            ("isalnum" | "isalphanumeric", []) => Written(format!("{} matches \"^[A-Za-z0-9]+$\"", own())),
            _ => return None,
        })
    }

    fn of_elements(&self, ty: &Type) -> Option<Meant> {
        let (own, first) = (|| self.own(), || self.first());
        Some(match (self.name.as_str(), ty, self.args) {
            ("get", Type::Map(_), [_]) => Written(format!("{}[{}]", own(), first())),
            ("get", Type::Map(_), [_, other]) => Written(format!("({}[{}] ?? {})", own(), first(), operand_text(other))),
            ("existsone", _, [element, body]) => Told(format!("write `{}.count({} => {}) == 1`", own(), expr_to_text(element), expr_to_text(body))),
            ("existsone", _, [_]) => Told(format!("write `{}.count({}) == 1`", own(), self.inner())),
            (_, Type::Map(_), _) => return None,
            ("indexof" | "findindex" | "index", Type::List(_), [_]) => Told(format!("whether it is there is asked with `{} in {}`", first(), own())),
            ("at", Type::List(_), [_]) => Written(format!("{}[{}]", own(), self.inner())),
            ("append" | "push" | "add", Type::List(_), [_]) => Written(format!("{}.union([{}])", own(), self.inner())),
            ("append" | "push" | "add", _, [_]) => Written(format!("{}.union({{{}}})", own(), self.inner())),
            ("reduce" | "fold", _, _) => Told("numbers are added up with `.map(x => …).sum()`, elements counted with `.count(x => …)`".to_owned()),
            ("containsany" | "intersects" | "hasany", _, [_]) => Written(format!("{}.any(x => x in {})", own(), first())),
            ("containsall" | "hasall" | "issuperset", _, [_]) => Written(format!("{}.all(x => x in {})", first(), own())),
            ("none", _, [_]) => Written(format!("not {}.any({})", own(), self.inner())),
            _ => return None,
        })
    }

    fn of_instant(&self) -> Option<Meant> {
        let (own, first) = (|| self.own(), || self.first());
        Some(match (self.name.as_str(), self.args) {
            ("add" | "plus" | "offset", [_]) => Written(format!("({} + {})", own(), first())),
            ("sub" | "minus" | "subtract" | "durationsince", [_]) => Written(format!("({} - {})", own(), first())),
            _ => return None,
        })
    }

    fn of_other(&self, ty: &Type) -> Option<Meant> {
        Some(match (self.name.as_str(), ty, self.args) {
            ("orvalue" | "orelse" | "or" | "unwrapor" | "getordefault" | "default", Type::Optional(_), [_]) => {
                Written(format!("({} ?? {})", self.own(), self.first()))
            }
            ("get", Type::Record(_), [field]) => Written(format!("{}.{}", self.own(), plain_text(field)?)),
            ("tobe" | "toequal" | "tostrictequal", Type::Record(_), _) => Told("an effect is expected by its name alone: `expect deny`".to_owned()),
            _ => return None,
        })
    }

    /// What is an operator here, of values of any type.
    fn compared(&self) -> Option<Meant> {
        let [argument] = self.args else { return None };
        let sign = match self.name.as_str() {
            "equals" | "eq" => "==",
            "greaterthan" => ">",
            "greaterthanorequal" => ">=",
            "lessthan" => "<",
            "lessthanorequal" => "<=",
            "in" | "isin" => "in",
            "isinrange" => return Some(Written(format!("{} in {}", self.own(), network_text(argument)))),
            _ => return None,
        };
        Some(Written(format!("{} {sign} {}", self.own(), self.first())))
    }
}

/// What is meant by a function of a module.
fn of_module(module: &str, name: &str, args: &[ast::Expr]) -> Meant {
    let help = match (module, args) {
        ("re", _) if name == "fullmatch" => "a pattern for the whole text begins with `^` and ends with `$`: `agent.id matches \"^(…)$\"`",
        ("regex" | "re" | "Regex", [pattern, text]) if is_match(name) => {
            return Written(format!("{} matches {}", operand_text(text), expr_to_text(pattern)));
        }
        ("regex" | "re" | "Regex", _) => "a regular expression is matched with `matches`: `agent.id matches \"^bot-\"`",
        ("glob", _) => "a pattern with `*` is matched with `like`: `tool.name like \"admin_*\"`",
        ("object" | "Object", [map]) if name == "keys" || name == "values" => return Written(format!("{}.{name}()", operand_text(map))),
        ("object", _) => "a field is read with `.name`, an entry with `[…]`; a value for absence stands after `??`",
        ("JSON" | "json", [text]) if matches!(name, "parse" | "loads" | "unmarshal") => {
            return Told(format!("write `{}.parse_json()`, which gives an optional", operand_text(text)));
        }
        ("net", [range, address]) if name == "cidr_contains" => {
            return Told(format!("write `{} in {}`", operand_text(address), network_text(range)));
        }
        ("net", _) => "an address is asked with `in`: `address in cidr(\"10.0.0.0/8\")`",
        ("numbers", _) => "there are no ranges: write two comparisons: `x >= 1 and x <= 5`",
        ("time" | "Date" | "datetime", _) => "the time of the request is `context.time`, which may be absent",
        _ => "functions of values are their methods: `value.name(…)`",
    };
    Told(help.to_owned())
}

/// Whether a function of that name asks whether a pattern occurs in a text.
fn is_match(name: &str) -> bool {
    ["match", "search", "test", "matches", "is_match", "ismatch"].contains(&name.to_ascii_lowercase().as_str())
}

/// A range of addresses as text: Cedar's `ip("10.0.0.0/8")` is a network, and so is a text.
fn network_text(range: &ast::Expr) -> String {
    let text = match &strip(range).kind {
        ast::ExprKind::Call { name, args } if name.text == "ip" => args.iter().map(expr_to_text).collect::<Vec<_>>().join(", "),
        ast::ExprKind::Template { .. } => expr_to_text(range),
        _ => return operand_text(range),
    };
    format!("cidr({text})")
}
