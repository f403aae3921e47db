//! What an editor shows between an author's words.

use std::collections::{BTreeSet, HashMap, HashSet};

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::lint::each_expr;
use tollgate_compiler::syntax::ast::{Expr, ExprKind, Item, ItemKind, Requirement, Span};
use tollgate_compiler::syntax::lexer::{TokenKind, lex};
use tollgate_compiler::{Inspection, ItemAt, PolicySet, SymbolKind, Use};

use super::text_of;

/// The longest type that is shown, in bytes; the tooltip has all of it.
const LONGEST: usize = 40;

/// Something that is shown between an author's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Before which byte.
    pub offset: u32,
    /// What is shown.
    pub text: String,
    /// What sort of thing it is.
    pub kind: HintKind,
    /// What more there is to know.
    pub tooltip: Option<String>,
}

/// The sorts of hints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintKind {
    /// A type that nobody wrote.
    Type,
    /// The parameter that an argument is for.
    Parameter,
    /// What a test's request was decided.
    Effect,
}

/// What is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switches {
    /// Types that nobody wrote.
    pub types: bool,
    /// The parameters that arguments are for.
    pub parameters: bool,
}

/// What tests got.
#[derive(Clone, Debug, Default)]
pub struct TestResults {
    /// A result for each test that has run.
    pub tests: Vec<TestResult>,
}

/// What a test got.
#[derive(Clone, Debug)]
pub struct TestResult {
    /// Where its title stands.
    pub at: Location,
    /// What was decided, such as `deny by a.x`, of each of its calls.
    pub decided: Vec<String>,
    /// Whether it passed.
    pub passed: bool,
}

/// The hints of a part of a file, in order.
pub fn hints(set: &PolicySet, file: FileId, within: Span, switches: Switches, results: Option<&TestResults>) -> Vec<Hint> {
    let touches = |item: &ItemAt<'_>| item.span.start <= within.end && within.start <= item.span.end;
    let inspection = set.inspect(file, within);
    let params = if switches.parameters { params_of(set, &inspection) } else { HashMap::new() };
    let mut hints: Vec<Hint> = results.into_iter().flat_map(|results| &results.tests).filter(|test| test.at.file == file).map(effect).collect();
    for place in set.items(file).filter(touches) {
        let Some(item) = place.item else { continue };
        let asked = Asked { params: &params, file, place, inspection: &inspection, text: place.span.of(text_of(set, file)) };
        if switches.types {
            asked.types(item, &mut hints);
        }
        if switches.parameters {
            asked.parameters(item, &mut hints);
        }
    }
    hints.retain(|hint| (within.start..=within.end).contains(&hint.offset));
    hints.sort_by_key(|hint| hint.offset);
    hints
}

fn effect(test: &TestResult) -> Hint {
    let mut effects: Vec<&str> = test.decided.iter().filter_map(|decided| decided.split(' ').next()).collect();
    effects.dedup();
    let outcome = if test.passed { "" } else { ", failed" };
    let tooltip = (!test.decided.is_empty()).then(|| test.decided.join("\n"));
    Hint { offset: test.at.span.end, text: format!(" {}{outcome}", effects.join(", ")), kind: HintKind::Effect, tooltip }
}

/// The parameters of functions and obligations, by the places of their names.
type Params = HashMap<Location, Vec<String>>;

/// The parameters of what is called, in one pass through each file that declares some of it.
fn params_of(set: &PolicySet, inspection: &Inspection) -> Params {
    let is_called = |used: &&Use| matches!(used.symbol.kind, SymbolKind::Function | SymbolKind::Obligation);
    let called: HashSet<Location> = inspection.uses.iter().filter(is_called).filter_map(|used| used.symbol.at).collect();
    let files: BTreeSet<FileId> = called.iter().map(|at| at.file).collect();
    let mut found = Params::new();
    for (file, item) in files.into_iter().flat_map(|file| set.items(file).map(move |item| (file, item))) {
        let Some(ItemKind::Fn { name, params, .. } | ItemKind::Obligation { name, params }) = item.item.map(|item| &item.kind) else { continue };
        let at = Location { file, span: item.at(name.span) };
        if called.contains(&at) {
            found.insert(at, params.iter().map(|param| param.name.text.to_string()).collect());
        }
    }
    found
}

/// An item that is asked about.
struct Asked<'a> {
    params: &'a Params,
    file: FileId,
    place: ItemAt<'a>,
    inspection: &'a Inspection,
    text: &'a str,
}

impl Asked<'_> {
    /// Types of names that are declared without one.
    fn types(&self, item: &Item, hints: &mut Vec<Hint>) {
        match &item.kind {
            ItemKind::Let { name, ty: None, .. } => hints.extend(self.of_type(name.span, name.span.end, ": ")),
            ItemKind::Fn { name, result: None, .. } => {
                hints.extend(self.before_body(name.span.end).and_then(|at| self.of_type(name.span, at, " -> ")))
            }
            ItemKind::Rule(rule) => hints.extend(rule.choices.iter().filter_map(|choice| self.of_type(choice.name.span, choice.name.span.end, ": "))),
            ItemKind::Test(test) => hints.extend(test.rows.as_ref().and_then(|rows| self.of_type(rows.name.span, rows.name.span.end, ": "))),
            _ => {}
        }
        each_expr(item, &mut |expr| {
            if let ExprKind::Lambda { param, .. } = &expr.kind {
                hints.extend(self.of_type(param.span, param.span.end, ": "));
            }
        });
    }

    fn of_type(&self, name: Span, offset: u32, before: &str) -> Option<Hint> {
        let ty = &self.used(name)?.symbol.ty;
        if ty.is_error() {
            return None;
        }
        let whole = ty.to_string();
        let is_long = whole.len() > LONGEST;
        let shown = if is_long { format!("{}…", whole.get(..whole.floor_char_boundary(LONGEST)).unwrap_or_default()) } else { whole.clone() };
        Some(Hint { offset: self.place.start + offset, text: format!("{before}{shown}"), kind: HintKind::Type, tooltip: is_long.then_some(whole) })
    }

    /// Where the parameters of a function end.
    fn before_body(&self, name: u32) -> Option<u32> {
        let rest = self.text.get(name as usize..)?;
        let tokens = lex(rest).into_iter().filter(|token| !token.kind.is_trivia());
        let mut last = 0;
        for token in tokens {
            if token.kind == TokenKind::Assign {
                return Some(name + last);
            }
            last = token.span.end;
        }
        None
    }

    /// The parameters of what is called with two or more.
    fn parameters(&self, item: &Item, hints: &mut Vec<Hint>) {
        each_expr(item, &mut |expr| {
            let (ExprKind::Call { name, args } | ExprKind::Method { name, args, .. }) = &expr.kind else { return };
            if let Some(used) = self.used(name.span) {
                hints.extend(self.arguments(&self.params(used), args.iter()));
            }
        });
        if let ItemKind::Rule(rule) = &item.kind {
            rule.require.iter().for_each(|required| hints.extend(self.required(required)));
        }
    }

    fn required(&self, required: &Requirement) -> Vec<Hint> {
        let Some(used) = required.name.parts.last().and_then(|name| self.used(name.span)) else { return Vec::new() };
        let by_place = required.args.iter().take_while(|(name, _)| name.is_none()).map(|(_, value)| value);
        self.arguments(&self.params(used), by_place)
    }

    /// The names of the parameters of what a name stands for.
    fn params(&self, used: &Use) -> Vec<String> {
        if let SymbolKind::Method(function) = &used.symbol.kind {
            return function.params.iter().skip(1).map(|param| param.name.to_owned()).collect();
        }
        used.symbol.at.and_then(|at| self.params.get(&at)).cloned().unwrap_or_default()
    }

    fn arguments<'e>(&self, params: &[String], args: impl Iterator<Item = &'e Expr>) -> Vec<Hint> {
        if params.len() < 2 {
            return Vec::new();
        }
        let hint = |(param, arg): (&String, &Expr)| {
            let is_said = match &arg.kind {
                ExprKind::Name(name) => **name == **param,
                ExprKind::Field { name, .. } => *name.text == **param,
                ExprKind::Lambda { .. } => true,
                _ => false,
            };
            let offset = self.place.start + arg.span.start;
            (!is_said).then(|| Hint { offset, text: format!("{param}: "), kind: HintKind::Parameter, tooltip: None })
        };
        params.iter().zip(args).filter_map(hint).collect()
    }

    fn used(&self, name: Span) -> Option<&Use> {
        let at = Location { file: self.file, span: self.place.at(name) };
        let uses = &self.inspection.uses;
        // They are in the order of their places.
        let first = uses.partition_point(|used| used.at < at);
        uses.get(first).filter(|used| used.at == at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tollgate_compiler::Sources;

    const ALL: Switches = Switches { types: true, parameters: true };
    const WHOLE: Span = Span { start: 0, end: u32::MAX };

    fn with_hints(text: &str, results: Option<&TestResults>) -> String {
        let set = PolicySet::check(Sources::of("a.toll", text));
        let mut out = text.to_owned();
        for hint in hints(&set, FileId(0), WHOLE, ALL, results).into_iter().rev() {
            out.insert_str(hint.offset as usize, &format!("«{}»", hint.text));
        }
        out
    }

    #[test]
    fn types_and_parameters_stand_where_they_belong() {
        let text = "package a\nlet limit = 10\nlet typed: int = 10\nlet one = { a: 1, b: \"x\", c: [true], d: 1h, e: { f: 2, g: 3 } }\n\
            fn over(n: int, least: int) = n > least + limit\nfn typed_too(n: int) -> int = n\nfn nothing() = \"é\"\n\
            obligation tell(whom: string, loud: bool)\n\
            deny x for call in session.calls when over(1, 2) and [1].any(n => over(n, limit)) and \"a\".replace(\"b\", \"c\") == \"\" and typed_too(1) == 2 and \"a\".len() > 1\n\
              and call.tool == \"\" require tell(\"a\", loud: true), tell(agent.id, false)\n\
            test \"t\" for row in [{ n: 1 }] { input { agent: { id: \"a\" }, tool: { name: \"b\" }, args: { n: row.n } } expect deny }\n";
        insta::assert_snapshot!(with_hints(text, None));
    }

    #[test]
    fn tests_show_what_they_got() {
        let text = "package a\nallow x\ntest \"t\" { input { agent: { id: \"a\" }, tool: { name: \"b\" } } expect deny }\n";
        let start = text.find("\"t\"").unwrap() as u32;
        let at = Location { file: FileId(0), span: Span { start, end: start + 3 } };
        let results =
            TestResults { tests: vec![TestResult { at, decided: vec!["allow by a.x".to_owned(), "allow by a.x".to_owned()], passed: false }] };
        assert!(with_hints(text, Some(&results)).contains("test \"t\"« allow, failed» {"));
    }

    #[test]
    fn only_what_is_asked_is_told() {
        let set = PolicySet::check(Sources::of("a.toll", "package a\nlet a = 1\nlet b = max(1, 2)\nfn broken( = \n"));
        let of = |within: Span, switches: Switches| hints(&set, FileId(0), within, switches, None).len();
        assert_eq!(of(Span { start: 10, end: 18 }, ALL), 1);
        assert_eq!(of(WHOLE, Switches { types: false, parameters: false }), 0);
        assert_eq!(hints(&set, FileId(7), WHOLE, ALL, None), []);
    }

    #[test]
    fn large_files_take_their_length() {
        let text = (0..8_000).map(|n| format!("let v{n} = [{n}].map(x => x.clamp(1, 2))\n")).collect::<String>();
        let set = PolicySet::check(Sources::of("a.toll", &format!("package a\n{text}")));
        assert_eq!(hints(&set, FileId(0), WHOLE, ALL, None).len(), 8_000 * 4);
    }
}
