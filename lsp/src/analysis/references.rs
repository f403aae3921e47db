//! Every place where the thing at a place is named.

use std::collections::HashSet;

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::ItemKind;
use tollgate_compiler::syntax::path_text;
use tollgate_compiler::{ItemAt, PolicySet, SymbolKind, Use};

use super::Cursor;
use super::names::{Meaning, Shared, by_item, is_rule, meaning, tools_of, uses_at};

/// What a name does with what it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// It declares it.
    Declared,
    /// It reads it.
    Read,
}

/// Every place of the set where the thing at a place is named, in the order of files and places; where it is declared too if that is asked for.
pub fn references(set: &PolicySet, at: Cursor, with_declaration: bool) -> Vec<Location> {
    let named = uses_at(set, at);
    let found = places(set, &named, |_| true).into_iter();
    found.filter(|(_, access)| with_declaration || *access == Access::Read).map(|(used, _)| used.at).collect()
}

/// Every place of the file where the thing at a place is named.
pub fn highlights(set: &PolicySet, at: Cursor) -> Vec<(Location, Access)> {
    let named = uses_at(set, at);
    places(set, &named, |file| file == at.file).into_iter().map(|(used, access)| (used.at, access)).collect()
}

/// Every name, in files that are asked about, of what some names stand for.
pub(super) fn places(set: &PolicySet, named: &[Use], of_file: impl Fn(FileId) -> bool) -> Vec<(Use, Access)> {
    let wanted: HashSet<Meaning> = named.iter().map(|used| meaning(&used.symbol)).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let words = Words::of(set, named);
    let uses = set.inspect_where(|file, text| of_file(file) && words.may_stand_in(text)).uses;
    let shared = named.iter().any(|used| matches!(used.symbol.kind, SymbolKind::Field)).then(|| Shared::of_set(set));
    let mut found: Vec<(Use, Access)> = Vec::new();
    for file in (0..).map(FileId).take(set.sources().files().len()) {
        for (item, uses) in by_item(set, file, &uses) {
            found.extend(in_item(&item, uses, shared.as_ref(), &wanted));
        }
    }
    found.sort_by_key(|(used, access)| (used.at, *access));
    found.dedup_by_key(|(used, _)| used.at);
    found
}

fn in_item<'u>(
    item: &ItemAt<'_>,
    uses: &'u [Use],
    shared: Option<&Shared<'_>>,
    wanted: &HashSet<Meaning>,
) -> impl Iterator<Item = (Use, Access)> + use<'u> {
    let tools = if is_rule(item) { tools_of(uses) } else { Vec::new() };
    let is_package = item.item.is_some_and(|item| matches!(item.kind, ItemKind::Package(_)));
    let is_wanted = |used: &Use| match shared.filter(|_| !tools.is_empty()) {
        Some(shared) => shared.split(&tools, used.clone()).iter().any(|used| wanted.contains(&meaning(&used.symbol))),
        None => wanted.contains(&meaning(&used.symbol)),
    };
    let access = move |used: &Use| match used.symbol.kind {
        SymbolKind::Package if is_package => Access::Declared,
        _ if used.symbol.at == Some(used.at) => Access::Declared,
        _ => Access::Read,
    };
    let found: Vec<&Use> = uses.iter().filter(|used| is_wanted(used)).collect();
    found.into_iter().map(move |used| (used.clone(), access(used)))
}

/// The words one of which an item must hold to name a thing.
struct Words(Vec<String>);

impl Words {
    fn of(set: &PolicySet, named: &[Use]) -> Words {
        let mut words: Vec<String> = Vec::new();
        for used in named {
            let name = &used.symbol.name;
            match used.symbol.kind {
                SymbolKind::Package => {
                    words.push(name.rsplit('.').next().unwrap_or(name).to_owned());
                    words.extend(aliases(set, name));
                }
                // Patterns name tools by other letters.
                SymbolKind::Tool => words.extend([name.rsplit('/').next().unwrap_or(name), "*", "?", "\\"].map(str::to_owned)),
                SymbolKind::Data | SymbolKind::Let | SymbolKind::Function | SymbolKind::Score | SymbolKind::Type => words.push(last_word(name)),
                SymbolKind::Rule | SymbolKind::Obligation | SymbolKind::Method(_) => words.push(last_word(name)),
                _ => words.push(name.to_string()),
            }
        }
        words.sort();
        words.dedup();
        Words(words)
    }

    fn may_stand_in(&self, text: &str) -> bool {
        self.0.iter().any(|word| text.contains(word.as_str()))
    }
}

fn last_word(name: &str) -> String {
    name.rsplit('.').next().unwrap_or(name).to_owned()
}

/// The words that stand for a package in files that import it by another.
fn aliases<'s>(set: &'s PolicySet, package: &'s str) -> impl Iterator<Item = String> + use<'s> {
    let files = (0..).map(FileId).take(set.own_files());
    files.flat_map(move |file| set.items(file)).filter_map(move |at| match &at.item?.kind {
        ItemKind::Import { path, alias: Some(alias) } if path_text(path) == package => Some(alias.text.to_string()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::marked::{marked, shown};
    use super::*;

    const OTHERS: &str = r#"
//- shop.toll
package shop
import team as t
enum Risk { low < high }
type Grant { ceiling: Risk = "low" }
data grants: map<Grant> = {}
let limit = 10 + t.extra
tool "pay/send" { args { amount: int } }
tool "pay/refund" { args { amount: int } }
tool "look" { args { amount: int } }
deny both on "pay/send", "pay/refund" when args.amount > limit and args.amount != 0 because "{args.amount} > {limit}"
deny one on "look" when args.amount > 1
deny any on "pay/*" for g in grants["x"] when g.ceiling == "low"
test "t" { input { agent: {id: ""}, tool: {server: "pay", name: "send"}, args: {amount: 1} } data grants = {x: {ceiling: "low"}} expect deny by one, both }
//- team.toll
package team
import shop
let extra = 1
let other = shop.limit // limit
test "limit" { input {} expect deny by shop.both }
"#;

    /// Where what is at the cursor in a line of the package is named.
    fn named(line: &str, with_declaration: bool) -> String {
        let marked = marked(&format!("package shop\nimport team\n{line}\n{}", OTHERS.trim_start()));
        let found = references(&marked.set, marked.at, with_declaration);
        found.iter().map(|at| shown(&marked.set, *at)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_are_found_across_files() {
        let cases = [
            (
                "let x = lim$0it",
                "main.toll:3:9 `limit`, shop.toll:6:5 `limit`, shop.toll:10:58 `limit`, shop.toll:10:111 `limit`, team.toll:4:18 `limit`",
            ),
            ("let x$0 = 1", "main.toll:3:5 `x`"),
            ("fn f(n$0: int) -> int = n + n", "main.toll:3:6 `n`, main.toll:3:23 `n`, main.toll:3:27 `n`"),
            ("let x: Ri$0sk = \"low\"", "main.toll:3:8 `Risk`, shop.toll:3:6 `Risk`, shop.toll:4:23 `Risk`"),
            (
                "let x: Risk = \"lo$0w\"",
                "main.toll:3:15 `\"low\"`, shop.toll:3:13 `low`, shop.toll:4:30 `\"low\"`, shop.toll:12:60 `\"low\"`, shop.toll:13:122 `\"low\"`",
            ),
            ("deny d on \"lo$0ok\"", "main.toll:3:11 `\"look\"`, shop.toll:9:6 `\"look\"`, shop.toll:11:13 `\"look\"`, shop.toll:12:13 `\"pay/*\"`"),
            (
                "deny d on \"pay/se$0nd\"",
                "main.toll:3:11 `\"pay/send\"`, shop.toll:7:6 `\"pay/send\"`, shop.toll:10:14 `\"pay/send\"`, shop.toll:12:13 `\"pay/*\"`, \
                 shop.toll:13:52 `\"pay\"`, shop.toll:13:65 `\"send\"`",
            ),
            (
                "deny d on \"pay/send\" when args.am$0ount == 1",
                "main.toll:3:32 `amount`, shop.toll:7:26 `amount`, shop.toll:10:49 `amount`, shop.toll:10:73 `amount`, shop.toll:10:100 `amount`, \
                 shop.toll:13:81 `amount`",
            ),
            (
                "deny d on \"pay/refund\" when args.am$0ount == 1",
                "main.toll:3:34 `amount`, shop.toll:8:28 `amount`, shop.toll:10:49 `amount`, shop.toll:10:73 `amount`, shop.toll:10:100 `amount`",
            ),
            ("deny d on \"look\" when args.am$0ount == 1", "main.toll:3:28 `amount`, shop.toll:9:22 `amount`, shop.toll:11:30 `amount`"),
            (
                "let x = te$0am.extra",
                "main.toll:2:8 `team`, main.toll:3:9 `team`, shop.toll:2:8 `team`, shop.toll:2:16 `t`, shop.toll:6:18 `t`, team.toll:1:9 `team`",
            ),
            (
                "test \"x\" { input {} expect deny by bo$0th }",
                "main.toll:3:36 `both`, shop.toll:10:6 `both`, shop.toll:13:150 `both`, team.toll:5:45 `both`",
            ),
            ("let x = nothi$0ng", ""),
            ("let x = \"é lim$0it\"", ""),
        ];
        for (line, expected) in cases {
            assert_eq!(named(line, true), expected, "{line}");
        }
    }

    #[test]
    fn declarations_are_left_out_where_they_are_not_asked_for() {
        assert_eq!(named("let x$0 = 1\nlet y = x", false), "main.toll:4:9 `x`");
        let packages = "main.toll:2:8 `team`, main.toll:3:9 `team`, shop.toll:2:8 `team`, shop.toll:2:16 `t`, shop.toll:6:18 `t`";
        assert_eq!(named("let x = te$0am.extra", false), packages);
    }

    #[test]
    fn highlights_are_those_of_the_file() {
        let marked = marked(&format!("package shop\nlet x = lim$0it + limit\n{}", OTHERS.trim_start()));
        let found = highlights(&marked.set, marked.at);
        let told: Vec<String> = found.iter().map(|(at, access)| format!("{} {access:?}", shown(&marked.set, *at))).collect();
        assert_eq!(told, ["main.toll:2:9 `limit` Read", "main.toll:2:17 `limit` Read"]);
        let at = Cursor { file: FileId(1), offset: OTHERS.trim_start().find("limit =").unwrap_or_default() as u32 - "//- shop.toll\n".len() as u32 };
        let told: Vec<Access> = highlights(&marked.set, at).into_iter().map(|(_, access)| access).collect();
        assert_eq!(told, [Access::Declared, Access::Read, Access::Read]);
    }

    #[test]
    fn a_set_of_many_rules_is_looked_at_once() {
        let rules: String = (0..3000).map(|n| format!("deny d{n} on \"pay/send\", \"pay/refund\" when args.amount > {n}\n")).collect();
        let marked = marked(&format!("package shop\ndeny x on \"pay/send\" when args.am$0ount > 1\n{rules}{}", OTHERS.trim_start()));
        assert_eq!(references(&marked.set, marked.at, true).len(), 3006);
    }
}
