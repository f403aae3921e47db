//! Where the thing at a place is declared, and where its type is.

use tollgate_compiler::diagnostic::{FileId, Location};
use tollgate_compiler::syntax::ast::{ItemKind, Span};
use tollgate_compiler::{PolicySet, SymbolKind, Use};
use tollgate_stdlib::types::Type;

use super::Cursor;
use super::names::{declaration, item_of, uses_at};
use super::trees::{each_field, name_of, param_span, params_of};

/// A place to go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The name in its declaration.
    pub at: Location,
    /// The whole declaration.
    pub whole: Location,
    /// The name that was asked.
    pub origin: Span,
}

/// Where what the name at a place stands for is declared: every tool that a pattern fits, the argument of each tool of a rule, every file of a package.
/// What the language itself has is nowhere.
pub fn definition(set: &PolicySet, at: Cursor) -> Vec<Target> {
    let mut found: Vec<Target> = uses_at(set, at).iter().flat_map(|used| declarations(set, used)).collect();
    found.sort();
    found.dedup();
    found
}

/// Where the type is declared of the name or expression at a place, or that of what is in the list, set, map or optional.
pub fn type_definition(set: &PolicySet, at: Cursor) -> Vec<Target> {
    let named = uses_at(set, at).into_iter().find(|used| !matches!(used.symbol.ty, Type::Error)).map(|used| (used.symbol.ty, used.at.span));
    let Some((ty, origin)) = named.or_else(|| expression_at(set, at)) else { return Vec::new() };
    let Some(name) = type_name(&ty) else { return Vec::new() };
    let declared = set.declared(false).into_iter();
    let place = declared.filter(|symbol| matches!(symbol.kind, SymbolKind::Type) && *symbol.name == *name).find_map(|symbol| symbol.at);
    place.map(|at| target(set, at, origin)).into_iter().collect()
}

fn declarations(set: &PolicySet, used: &Use) -> Vec<Target> {
    let origin = used.at.span;
    match used.symbol.kind {
        SymbolKind::Package => package_items(set, &used.symbol.name).into_iter().map(|(at, whole)| Target { at, whole, origin }).collect(),
        _ => declaration(set, &used.symbol).map(|at| target(set, at, origin)).into_iter().collect(),
    }
}

fn target(set: &PolicySet, at: Location, origin: Span) -> Target {
    Target { at, whole: whole(set, at), origin }
}

/// The `package` items of a package: the names in them, and the items.
fn package_items(set: &PolicySet, package: &str) -> Vec<(Location, Location)> {
    let files = (0..).map(FileId).take(set.sources().files().len()).filter(|file| set.package(*file) == package);
    let first = |file: FileId| {
        set.items(file).find_map(|at| {
            let item = at.item?;
            let ItemKind::Package(path) = &item.kind else { return None };
            Some((Location { file, span: at.at(path.span) }, Location { file, span: at.at(item.span) }))
        })
    };
    files.filter_map(first).collect()
}

/// The whole of the declaration whose name stands there: an item, a field, a parameter, or the name alone.
fn whole(set: &PolicySet, name: Location) -> Location {
    let Some((at, item)) = item_of(set, name).and_then(|at| Some((at, at.item?))) else { return name };
    let is_here = |span: Span| at.at(span) == name.span;
    let mut inner = None;
    each_field(item, &mut |field| inner = inner.or(is_here(field.name.span).then_some(field.span)));
    let param = params_of(item).iter().find(|param| is_here(param.name.span)).map(param_span);
    let is_item = name_of(item).is_some_and(is_here);
    let span = inner.or(param).or(is_item.then_some(item.span));
    span.map_or(name, |span| Location { span: at.at(span), ..name })
}

/// The innermost expression around a place, and its type.
fn expression_at(set: &PolicySet, at: Cursor) -> Option<(Type, Span)> {
    let inspection = set.inspect(at.file, at.span());
    let around = inspection.values.into_iter().filter(|(place, _)| (place.span.start..=place.span.end).contains(&at.offset));
    around.min_by_key(|(place, _)| place.span.end - place.span.start).map(|(place, ty)| (ty, place.span))
}

/// The full name of the declared type that values of a type are, or hold.
fn type_name(ty: &Type) -> Option<&str> {
    let mut ty = ty;
    loop {
        ty = match ty {
            Type::List(inner) | Type::Set(inner) | Type::Map(inner) | Type::Optional(inner) => inner,
            Type::Record(record) => return record.name.as_deref(),
            Type::Enum(variants) => return variants.name.as_deref(),
            _ => return None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::marked::{marked, shown};
    use super::*;

    const SHOP: &str = r#"
//- shop.toll
package shop
import team.people as people
import team.costs
enum Risk { low < high }
type Grant { tool: string, ceiling: Risk = "low" }
data grants: map<Grant> = {}
let limit = 10
fn over(n: int) -> bool = n > limit + costs.extra
tool "pay/send" { args { amount: int, to: list<string> } }
tool "pay/refund" { args { amount: int } }
obligation tell(whom: string = "a")
//- costs.toll
package team.costs
let extra = 1
obligation note()
deny costly when extra > 2
//- people.toll
package team.people
let é_free = 1
"#;

    /// Where the cursor in a line of a file of the package leads.
    fn targets(line: &str, find: fn(&PolicySet, Cursor) -> Vec<Target>) -> String {
        let marked = marked(&format!("package shop\nimport team.people as people\nimport team.costs\n{line}\n{}", SHOP.trim_start()));
        let found = find(&marked.set, marked.at);
        found.iter().map(|target| shown(&marked.set, target.at)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn names_lead_to_their_declarations() {
        let cases = [
            ("let x = lim$0it", "shop.toll:7:5 `limit`"),
            ("let x = limit$0", "shop.toll:7:5 `limit`"),
            ("let x = ov$0er(1)", "shop.toll:8:4 `over`"),
            ("fn f(some: int) -> int = so$0me", "main.toll:4:6 `some`"),
            ("deny d for g$0 in grants[\"x\"] when g.tool == \"é\"", "main.toll:4:12 `g`"),
            ("deny d for g in grants[\"é\"] when g.cei$0ling == \"high\"", "shop.toll:5:28 `ceiling`"),
            ("deny d for g in gr$0ants[\"x\"] when g.tool == \"\"", "shop.toll:6:6 `grants`"),
            ("deny d for g in grants[\"é\"] when g.ceiling == \"hi$0gh\"", "shop.toll:4:19 `high`"),
            ("let x: Ri$0sk = \"low\"", "shop.toll:4:6 `Risk`"),
            ("let x = co$0sts.extra", "costs.toll:1:9 `team.costs`"),
            ("let x = costs.ex$0tra", "costs.toll:2:5 `extra`"),
            ("import team.cos$0ts as c", "costs.toll:1:9 `team.costs`"),
            ("import team.costs as c$0c", "costs.toll:1:9 `team.costs`"),
            ("deny d on \"pay/se$0nd\"", "shop.toll:9:6 `\"pay/send\"`"),
            ("deny d on \"pa$0y/*\"", "shop.toll:9:6 `\"pay/send\"`, shop.toll:10:6 `\"pay/refund\"`"),
            ("deny d on \"refu$0nd\"", "shop.toll:10:6 `\"pay/refund\"`"),
            ("deny d on \"pay/send\" when args.am$0ount > 1", "shop.toll:9:26 `amount`"),
            ("deny d on \"pay/*\", \"pay/send\" when args.am$0ount > 1", ""),
            ("deny d on \"pay/send\", \"pay/refund\" when args.am$0ount > 1", "shop.toll:9:26 `amount`, shop.toll:10:28 `amount`"),
            ("deny d require te$0ll(whom: \"x\")", "shop.toll:11:12 `tell`"),
            ("deny d require tell(wh$0om: \"x\")", "shop.toll:11:17 `whom`"),
            ("deny d require costs.no$0te()", "costs.toll:3:12 `note`"),
            ("deny d require au$0dit()", "std/std.toll:114:12 `audit`"),
            ("deny d when ag$0ent.id == \"\"", "std/std.toll:6:3 `agent`"),
            ("test \"t\" { input { agent: {id: \"\"}, tool: {server: \"pay\", name: \"se$0nd\"} } }", "shop.toll:9:6 `\"pay/send\"`"),
            ("test \"t\" { input {} data gra$0nts = {} }", "shop.toll:6:6 `grants`"),
            ("test \"t\" { input {} expect deny by costs.cos$0tly }", "costs.toll:4:6 `costly`"),
            ("test \"t\" { input {} expect deny by te$0am.costs.costly }", "costs.toll:1:9 `team.costs`"),
            ("test \"t\" { input {} expect decis$0ion.rules == [] }", ""),
            ("let x = \"a\".low$0er()", ""),
            ("@allow(unus$0ed) let x = 1", ""),
            ("let x = 1 // lim$0it", ""),
            ("let x = \"lim$0it\"", ""),
            ("let x = nothi$0ng", ""),
            ("deny broken on on lim$0it", ""),
        ];
        for (line, expected) in cases {
            assert_eq!(targets(line, definition), expected, "{line}");
        }
    }

    #[test]
    fn values_lead_to_the_types_they_are_of() {
        let cases = [
            ("deny d for g in gra$0nts[\"x\"] when g.tool == \"\"", "shop.toll:5:6 `Grant`"),
            ("deny d for g in grants$0[\"x\"] when g.tool == \"\"", "shop.toll:5:6 `Grant`"),
            ("deny d for g$0 in grants[\"x\"] when g.tool == \"\"", "shop.toll:5:6 `Grant`"),
            ("deny d when grants[\"é\"]$0 == none", "shop.toll:5:6 `Grant`"),
            ("let x: Ri$0sk = \"low\"", "shop.toll:4:6 `Risk`"),
            ("let x$0: list<Risk> = []", "shop.toll:4:6 `Risk`"),
            ("let x = lim$0it", ""),
            ("deny d when agent.id == to$0ol.name", "std/std.toll:40:6 `Tool`"),
        ];
        for (line, expected) in cases {
            assert_eq!(targets(line, type_definition), expected, "{line}");
        }
    }

    fn wholes(set: &PolicySet, at: Cursor) -> Vec<Target> {
        definition(set, at).into_iter().map(|found| Target { at: found.whole, ..found }).collect()
    }

    #[test]
    fn the_whole_declaration_is_told() {
        for (line, expected) in [
            ("let x = lim$0it", "shop.toll:7:1 `let limit = 10`"),
            ("deny d on \"pay/send\" when args.am$0ount > 1", "shop.toll:9:26 `amount: int`"),
            ("deny d require tell(wh$0om: \"x\")", "shop.toll:11:17 `whom: string = \"a\"`"),
            ("fn f(some: int) -> int = so$0me", "main.toll:4:6 `some: int`"),
            ("let x = co$0sts.extra", "costs.toll:1:1 `package team.costs`"),
        ] {
            assert_eq!(targets(line, wholes), expected, "{line}");
        }
    }

    #[test]
    fn odd_places_and_texts_lead_nowhere() {
        for text in ["$0", "package $0", "let x = y$0", "$0package é", "deny $0", "// $0", "package a\n$0", "\u{feff}$0"] {
            let marked = marked(&format!("{text}\n//- other.toll\npackage b\n"));
            definition(&marked.set, marked.at);
            assert!(type_definition(&marked.set, marked.at).is_empty());
        }
        let marked = marked("package a\nlet x = 1$0");
        for offset in [0, 3, 1000, u32::MAX] {
            for file in [FileId(0), FileId(99)] {
                assert!(definition(&marked.set, Cursor { file, offset }).len() < 2);
            }
        }
    }
}
