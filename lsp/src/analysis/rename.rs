//! Another name for the thing at a place, in every file.
//!
//! What the policy itself names may be renamed: rules, values, functions, scores, types, variables, parameters, packages and the words that stand for
//! them in a file, `data` and obligations too, whose hosts say so when they meet a name that they do not know. What others name may not: tools and their
//! arguments, the fields of the request, and the fields and variants of every type that requests, data, tools or obligations have, since their JSON
//! would no longer fit, and no text of the policy tells it.
//!
//! The edited set is checked: a new name that meets another, or makes one stand for something else, is refused.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{Expr, ExprKind, ItemKind, Span, TemplatePart, TestClause};
use tollgate_compiler::syntax::{lexer, path_text, walk};
use tollgate_compiler::{PolicySet, Symbol, SymbolKind, Use};
use tollgate_stdlib::types::Type;

use super::names::{declaration, item_of, uses_at};
use super::references::places;
use super::renamed::{Renaming, check};
use super::trees::each_field;
use super::{Cursor, TextEdit, layout, text_of};

/// The name at a place, where it may be renamed, and the text that stands for it.
///
/// # Errors
/// Why it may not be.
pub fn prepare(set: &PolicySet, at: Cursor) -> Result<(Span, String), String> {
    let used = subject(set, at)?;
    let text = used.at.span.of(text_of(set, at.file));
    let quotes = u32::from(text.len() > 1 && text.starts_with('"') && text.ends_with('"'));
    let span = Span { start: used.at.span.start + quotes, end: used.at.span.end - quotes };
    Ok((span, span.of(text_of(set, at.file)).to_owned()))
}

/// The edits that give the thing at a place another name, in the order of files and places.
///
/// # Errors
/// Why it may not have that name.
pub fn rename(set: &PolicySet, at: Cursor, new_name: &str) -> Result<Vec<TextEdit>, String> {
    let used = subject(set, at)?;
    let (renaming, edits) = if matches!(used.symbol.kind, SymbolKind::Package) {
        let imports = Imports::of(set, &used.symbol.name);
        match imports.of_word(set, &used) {
            Some(of_word) => word_of_package(set, &used, of_word, new_name)?,
            None => package(set, &used, &imports, new_name)?,
        }
    } else {
        name(set, &used, new_name)?
    };
    check(set, &edits, &renaming)?;
    Ok(layout::kept(set, edits))
}

/// What stands at a place, where it may be renamed.
fn subject(set: &PolicySet, at: Cursor) -> Result<Use, String> {
    let used = uses_at(set, at).into_iter().next().ok_or("nothing here has a name that can be changed")?;
    match refusal(set, &used.symbol) {
        None => Ok(used),
        Some(reason) => Err(reason),
    }
}

/// Why a thing may have no other name.
fn refusal(set: &PolicySet, symbol: &Symbol) -> Option<String> {
    let name = symbol.name.rsplit('.').next().unwrap_or(&symbol.name);
    if matches!(symbol.kind, SymbolKind::Package) {
        return (&*symbol.name == "std").then(|| "`std` is the standard library, which has its own names".to_owned());
    }
    let Some(at) = declaration(set, symbol) else { return Some(format!("`{name}` is part of the language, which names it")) };
    if at.file.0 as usize >= set.own_files() {
        return Some(format!("`{name}` is declared by the standard library, which names it"));
    }
    match symbol.kind {
        SymbolKind::Tool => Some(format!("`{}` is named by the server that has the tool", symbol.name)),
        SymbolKind::Data => Some(format!("`{name}` is named by whoever binds it, as the file `{name}.json` is")),
        SymbolKind::Field if !is_field(set, at) => Some(format!("`{name}` is a key of a literal, which may stand for JSON")),
        // In a refinement, the fields beside it are variables.
        SymbolKind::Variable if is_field(set, at) && crosses(set, &symbol.name, at) => Some(format!("`{name}` is named by {}", namer(set, at))),
        SymbolKind::Field | SymbolKind::Variant if crosses(set, &symbol.name, at) => Some(format!("`{name}` is named by {}", namer(set, at))),
        _ => None,
    }
}

/// Whether a field declaration has its name there.
fn is_field(set: &PolicySet, at: Location) -> bool {
    let Some((place, item)) = item_of(set, at).and_then(|place| Some((place, place.item?))) else { return false };
    let mut found = false;
    each_field(item, &mut |field| found |= place.at(field.name.span) == at.span);
    found
}

/// Who names a field or variant that is declared there, in JSON.
fn namer(set: &PolicySet, at: Location) -> String {
    match item_of(set, at).and_then(|item| item.item).map(|item| &item.kind) {
        Some(ItemKind::Tool(tool)) => format!("the tool `{}`, whose calls bring it", tool.name.text),
        Some(ItemKind::Input { .. }) => "whoever makes requests, which bring it".to_owned(),
        Some(ItemKind::Data { name, .. }) => format!("whoever binds `{}`, whose JSON brings it", name.text),
        Some(ItemKind::Obligation { name, .. }) => format!("the enforcement points that fulfil `{}`", name.text),
        _ => "the JSON of requests, data or obligations, in which it stands".to_owned(),
    }
}

/// Whether a field or variant is one of JSON that comes into decisions or leaves them.
fn crosses(set: &PolicySet, name: &str, at: Location) -> bool {
    let program = set.program();
    let mut pending: Vec<Type> = vec![Type::Record(Arc::clone(&program.input))];
    pending.extend(program.tools.iter().filter_map(|tool| tool.args.clone()).map(Type::Record));
    pending.extend(program.data.iter().map(|data| data.ty.clone()));
    pending.extend(program.obligations.iter().flat_map(|obligation| &obligation.params).map(|(_, ty, _)| ty.clone()));
    let is_it = |found: &Arc<str>| **found == *name && set.declared_at(found) == Some(at);
    let mut seen: HashSet<usize> = HashSet::new();
    while let Some(ty) = pending.pop() {
        match ty {
            Type::List(inner) | Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => pending.push((*inner).clone()),
            Type::Enum(variants) if variants.variants.iter().any(is_it) => return true,
            Type::Record(record) if seen.insert(Arc::as_ptr(&record) as usize) => {
                if record.fields.iter().any(|field| is_it(&field.name)) {
                    return true;
                }
                pending.extend(record.fields.iter().map(|field| field.ty.clone()));
            }
            _ => {}
        }
    }
    false
}

/// What a test knows of a decision by its own names.
const DECISION: [&str; 7] = ["decision", "effect", "rules", "reasons", "obligations", "errors", "shadow"];

/// Strings of tests that are rules' full names, as `decision.rules` gives them, by their new names.
fn in_strings(set: &PolicySet, renamed: impl Fn(&str) -> Option<String>) -> Vec<TextEdit> {
    let mut edits = Vec::new();
    for file in (0..).map(FileId).take(set.own_files()) {
        for at in set.items(file) {
            let Some(ItemKind::Test(test)) = at.item.map(|item| &item.kind) else { continue };
            each_expected(&test.body, &mut |expr| {
                let mut reads_decision = false;
                walk(expr, &mut |part| reads_decision |= matches!(&part.kind, ExprKind::Name(name) if name == "decision"));
                walk(expr, &mut |part| {
                    let ExprKind::Template { parts, .. } = &part.kind else { return };
                    let [TemplatePart::Text(text)] = parts.as_slice() else { return };
                    if let Some(new) = renamed(text).filter(|_| reads_decision) {
                        edits.push(TextEdit { at: Location { file, span: at.at(part.span) }, text: format!("\"{new}\"") });
                    }
                });
            });
        }
    }
    edits
}

fn each_expected(clauses: &[TestClause], visit: &mut impl FnMut(&Expr)) {
    for clause in clauses {
        match clause {
            TestClause::Expect(expr) => visit(expr),
            TestClause::Step { body, .. } => {
                for clause in body {
                    if let TestClause::Expect(expr) = clause {
                        visit(expr);
                    }
                }
            }
            _ => {}
        }
    }
}

/// What changes, and by which edits.
type Change = (Renaming, Vec<TextEdit>);

/// A thing that is declared.
fn name(set: &PolicySet, used: &Use, new: &str) -> Result<Change, String> {
    check_name(used.symbol.kind, new)?;
    if matches!(used.symbol.kind, SymbolKind::Score) && DECISION.contains(&new) {
        return Err(format!("`{new}` is a field of the decision, which tests would take a score of that name for"));
    }
    let old = used.symbol.name.rsplit('.').next().unwrap_or(&used.symbol.name).to_owned();
    let found = places(set, std::slice::from_ref(used), |_| true).into_iter();
    let mut edits: Vec<TextEdit> = found.map(|(used, _)| edit(set, &used, new)).collect();
    if matches!(used.symbol.kind, SymbolKind::Rule) {
        let package = used.symbol.name.strip_suffix(old.as_str()).unwrap_or_default();
        edits.extend(in_strings(set, |name| (name == &*used.symbol.name).then(|| format!("{package}{new}"))));
        edits.sort_by_key(|edit| edit.at);
    }
    Ok((Renaming { words: vec![old, new.to_owned()], package: None }, edits))
}

fn edit(set: &PolicySet, used: &Use, new: &str) -> TextEdit {
    let old = used.at.span.of(text_of(set, used.at.file));
    let is_quoted = !lexer::is_word(old) || !lexer::is_word(new);
    TextEdit { at: used.at, text: if is_quoted { format!("\"{new}\"") } else { new.to_owned() } }
}

fn check_name(kind: SymbolKind, new: &str) -> Result<(), String> {
    let is_fit = match kind {
        SymbolKind::Type => lexer::is_type_name(new),
        SymbolKind::Field => lexer::is_word(new),
        SymbolKind::Variant => !new.is_empty() && !new.contains(|letter: char| letter.is_control() || matches!(letter, '"' | '\\' | '{' | '}')),
        _ => lexer::is_value_name(new),
    };
    let form = match kind {
        SymbolKind::Type => "the name of a type begins with a capital and has letters and digits, as `Risk` does",
        SymbolKind::Field => "the name of a field has letters, digits and `_`",
        SymbolKind::Variant => "a variant has neither quotes, backslashes nor braces",
        _ => "a name has lower-case letters, digits and `_`, as `max_rows` does",
    };
    if !is_fit {
        return Err(format!("`{new}` is no name for it: {form}"));
    }
    let is_free = matches!(kind, SymbolKind::Field | SymbolKind::Variant) || !lexer::is_reserved(new);
    if is_free { Ok(()) } else { Err(format!("`{new}` is a word of the language")) }
}

/// Where a package is named by its whole name, and the words that imports make stand for it.
struct Imports<'s> {
    /// The paths in `package` items and in imports.
    paths: HashSet<Location>,
    /// The imports of each file by their word: where the path stands, and where the alias does.
    words: HashMap<(FileId, &'s str), Vec<Import>>,
}

/// Where an import has its path, and its alias.
type Import = (Location, Option<Location>);

impl<'s> Imports<'s> {
    fn of(set: &'s PolicySet, package: &str) -> Imports<'s> {
        let mut imports = Imports { paths: HashSet::new(), words: HashMap::new() };
        for file in (0..).map(FileId).take(set.own_files()) {
            for at in set.items(file) {
                let place = |span: Span| Location { file, span: at.at(span) };
                match at.item.map(|item| &item.kind) {
                    Some(ItemKind::Package(path)) => imports.paths.extend([place(path.span)]),
                    Some(ItemKind::Import { path, alias }) if path_text(path) == package => {
                        imports.paths.insert(place(path.span));
                        let word = alias.as_ref().or(path.parts.last()).map_or("", |word| word.text.as_str());
                        let alias = alias.as_ref().map(|alias| place(alias.span));
                        imports.words.entry((file, word)).or_default().push((place(path.span), alias));
                    }
                    _ => {}
                }
            }
        }
        imports
    }

    /// The imports that make the word at a use stand for the package; `None` where the use is the package's own name.
    fn of_word(&self, set: &'s PolicySet, used: &Use) -> Option<&[Import]> {
        let word = used.at.span.of(text_of(set, used.at.file));
        if self.paths.contains(&used.at) { None } else { self.words.get(&(used.at.file, word)).map(Vec::as_slice) }
    }
}

/// The word that stands for a package in one file.
fn word_of_package(set: &PolicySet, used: &Use, imports: &[Import], new: &str) -> Result<Change, String> {
    check_name(used.symbol.kind, new)?;
    let file = used.at.file;
    let old = used.at.span.of(text_of(set, file));
    let all = Imports::of(set, &used.symbol.name);
    let named = places(set, std::slice::from_ref(used), |of| of == file).into_iter().map(|(used, _)| used.at);
    let is_word = |at: &Location| at.span.of(text_of(set, file)) == old && !all.paths.contains(at);
    let mut edits: Vec<TextEdit> = named.filter(is_word).map(|at| TextEdit { at, text: new.to_owned() }).collect();
    for (path, _) in imports.iter().filter(|(_, alias)| alias.is_none()) {
        let end = Span { start: path.span.end, end: path.span.end };
        edits.push(TextEdit { at: Location { file, span: end }, text: format!(" as {new}") });
    }
    edits.sort_by_key(|edit| edit.at);
    Ok((Renaming { words: vec![old.to_owned(), new.to_owned()], package: None }, edits))
}

/// A package, in all files.
fn package(set: &PolicySet, used: &Use, imports: &Imports<'_>, new: &str) -> Result<Change, String> {
    let old = Arc::clone(&used.symbol.name);
    for part in new.split('.') {
        check_name(used.symbol.kind, part)?;
    }
    let mut files = (0..).map(FileId).take(set.sources().files().len());
    if *old != *new && files.any(|file| set.package(file) == new) {
        return Err(format!("there is a package `{new}` already"));
    }
    let last = |name: &str| name.rsplit('.').next().unwrap_or(name).to_owned();
    let (old_word, new_word) = (last(&old), last(new));
    let edits = places(set, std::slice::from_ref(used), |_| true).into_iter().filter_map(|(used, _)| {
        let text = match imports.of_word(set, &used) {
            Some(imports) if imports.iter().any(|(_, alias)| alias.is_some()) => return None,
            Some(_) => new_word.clone(),
            None => new.to_owned(),
        };
        Some(TextEdit { at: used.at, text })
    });
    let mut edits: Vec<TextEdit> = edits.collect();
    let is_rule = |name: &str| set.program().rules.binary_search_by(|rule| (*rule.name).cmp(name)).is_ok();
    edits.extend(in_strings(set, |name| {
        let own = name.strip_prefix(&*old)?.strip_prefix('.').filter(|own| !own.contains('.') && is_rule(name))?;
        Some(format!("{new}.{own}"))
    }));
    edits.sort_by_key(|edit| edit.at);
    Ok((Renaming { words: vec![old_word, new_word], package: Some((old, new.into())) }, edits))
}

#[cfg(test)]
mod tests {
    use super::super::marked::{edited, marked};
    use super::*;

    const OTHERS: &str = r#"
//- shop.toll
package shop
import team.costs
import team.people as p
enum Risk { low < high }
enum Own { one, two }
type Grant { ceiling: Risk = "low" }
data grants: map<Grant> = {}
let limit = 10 + costs.extra
let pair = { left: 1, kind: p.free }
fn over(n: int, kind: Own) -> bool = n > limit and pair.left > 1 and kind == "one"
tool "pay/send" { args { amount: int } }
obligation tell(whom: string = "a")
deny both on "pay/send" for g in grants["x"] when over(args.amount, "two") and g.ceiling == "high" require tell(whom: "x")
test "t {c.n}" for c in [{n: 1}, {n: 2}] { input { agent: {id: ""}, tool: {name: "x"}, args: {amount: c.n} } expect allow by both }
//- costs.toll
package team.costs
import shop
let extra = 1
let other = shop.limit
test "full" { input {} expect deny by team.people.never, shop.both }
//- people.toll
package team.people
let free = 1
deny never when free == 2
"#;

    /// The lines that a new name for what is at the cursor changes, or why it is refused.
    fn renamed(line: &str, new: &str) -> String {
        let marked = marked(&format!("package shop\nimport team.costs\nimport team.people as people\n{line}\n{}", OTHERS.trim_start()));
        let edits = match rename(&marked.set, marked.at, new) {
            Ok(edits) => edits,
            Err(reason) => return reason,
        };
        let mut lines = Vec::new();
        for file in (0..4).map(FileId) {
            let (before, after) = (text_of(&marked.set, file), edited(&marked.set, file, &edits));
            let changed = before.lines().zip(after.lines()).filter(|(before, after)| before != after);
            lines.extend(changed.map(|(_, after)| after.to_owned()));
        }
        lines.join("\n")
    }

    #[test]
    fn names_change_in_every_file() {
        insta::assert_snapshot!(
            [
                ("let x = lim$0it", "most"),
                ("let x = \"é {lim$0it}\"", "most"),
                ("let x = ov$0er(1, \"one\")", "beyond"),
                ("let x: Ow$0n = \"one\"", "Mine"),
                ("let x = over(1, \"on$0e\")", "first"),
                ("let x = over(1, \"on$0e\")", "the first"),
                ("let x = pair.le$0ft", "right"),
                ("let x = gra$0nts", "entries"),
                ("deny x require te$0ll(whom: \"a\")", "inform"),
                ("deny x require tell(wh$0om: \"a\")", "person"),
                ("fn f(a$0: int) -> int = a + a", "b"),
                ("deny x for g$0 in grants[\"a\"] when g.ceiling == \"low\"", "grant"),
                ("test \"{d.m}\" for d in [{m: 1}, {m$0: 2}] { input {} expect d.m == 1 }", "k"),
                ("test \"t\" { input {} expect deny by bo$0th }", "all"),
                ("let x = cos$0ts.extra", "c"),
                ("let x = peo$0ple.free", "folk"),
                ("import team.cos$0ts as k", "firm.price"),
                ("import team.peo$0ple as k", "people"),
                ("import team.people as h$0\nlet x = h.free", "k"),
            ]
            .map(|(line, new)| format!("{line} → {new}\n{}\n", renamed(line, new)))
            .join("\n")
        );
    }

    #[test]
    fn rules_in_strings_of_tests_are_renamed() {
        let text = "package shop\nscore risk: 0..=9 { 1 when agent.id == \"a\" }\ndeny bo$0th when risk > 3\n\
            test \"shop.both\" { input {} expect decision.rules == [\"shop.both\"] expect \"shop.both\" == \"shop.both\" }\n\
            test \"u\" { step \"s\" { input {} expect \"shop.both\" in decision.rules and decision.reasons.len() == 0 } }\n";
        let after = |text: &str, new: &str| {
            let marked = marked(text);
            rename(&marked.set, marked.at, new).map(|edits| edited(&marked.set, FileId(0), &edits))
        };
        let renamed = after(text, "all").unwrap();
        assert_eq!((renamed.matches("\"shop.all\"").count(), renamed.matches("\"shop.both\"").count()), (2, 3), "{renamed}");
        let moved = after(&text.replace("bo$0th", "both").replace("package shop", "package sh$0op"), "store").unwrap();
        assert_eq!((moved.matches("\"store.both\"").count(), moved.matches("\"shop.both\"").count()), (2, 3), "{moved}");
        let refused = after(&text.replace("bo$0th", "both").replace("score risk", "score ri$0sk"), "rules").unwrap_err();
        assert_eq!(refused, "`rules` is a field of the decision, which tests would take a score of that name for");
    }

    #[test]
    fn names_that_meet_others_are_refused() {
        insta::assert_snapshot!(
            [
                ("let x = lim$0it", "over"),
                ("let x = lim$0it", "Limit"),
                ("let x = lim$0it", "when"),
                ("let x = lim$0it", ""),
                ("let x = lim$0it", "a b"),
                ("let x = lim$0it", "n"),
                ("let x = lim$0it", "agent"),
                ("let x = lim$0it", "costs"),
                ("fn f(a: int, b$0: int) -> int = a + b", "a"),
                ("fn f(a$0: int) -> bool = [1].any(b => b > a)", "b"),
                ("let x: Ow$0n = \"one\"", "Risk"),
                ("let x: Ow$0n = \"one\"", "own"),
                ("let x: Ow$0n = \"one\"", "Agent"),
                ("let x = over(1, \"on$0e\")", "two"),
                ("let x = pair.le$0ft", "kind"),
                ("let x = pair.le$0ft", "not a word"),
                ("test \"t\" { input {} expect deny by bo$0th }", "default"),
                ("import team.cos$0ts as k", "team.people"),
                ("import team.cos$0ts as k", "Costs"),
                ("let x = cos$0ts.extra", "people"),
                ("let x = std$0.Agent", "other"),
                ("deny d when ag$0ent.id == \"\"", "x"),
                ("deny d for g in grants[\"a\"] when g.ceil$0ing == \"low\"", "x"),
                ("let x: Risk = \"lo$0w\"", "x"),
                ("deny d on \"pay/se$0nd\"", "x"),
                ("deny d on \"pay/send\" when args.am$0ount > 1", "x"),
                ("let x = \"\".low$0er()", "x"),
                ("deny d require au$0dit()", "x"),
                ("test \"t\" { input {} expect decis$0ion.rules == [] }", "x"),
                ("let x = 1 +$0 1", "x"),
                ("let x = noth$0ing", "x"),
            ]
            .map(|(line, new)| format!("{line} → {new}\n{}\n", renamed(line, new)))
            .join("\n")
        );
    }

    #[test]
    fn what_is_renamed_is_told_beforehand() {
        for (text, expected) in [
            ("package a\nlet é = 1 let x$0 = 1", "x"),
            ("package a\nenum Risk { low$0 }", "low"),
            ("package a\nenum Risk { \"a b$0\" }", "a b"),
            ("package a.b$0", "a.b"),
            ("package a\nlet x = limit$0", "nothing here has a name that can be changed"),
        ] {
            let marked = marked(text);
            let told = prepare(&marked.set, marked.at).map(|(span, word)| {
                assert_eq!(span.of(text_of(&marked.set, marked.at.file)), word);
                word
            });
            assert_eq!(told.unwrap_or_else(|reason| reason), expected, "{text}");
        }
    }

    #[test]
    fn a_set_with_errors_may_be_renamed_in() {
        let marked = marked("package a\nlet x$0 = nothing\nlet y = x\ndeny broken when (");
        let edits = rename(&marked.set, marked.at, "z").unwrap();
        assert_eq!(edited(&marked.set, marked.at.file, &edits), "package a\nlet z = nothing\nlet y = z\ndeny broken when (");
    }
}
