use tollgate_compiler::diagnostic::FileId;

use super::*;
use crate::analysis::marked::{marked, shown};

const SHOP: &str = r#"/// What a shop may do.
package shop
import team
/// How grave it is.
enum Risk { low < high }
type Grant {
  tool: string
  /// Up to <b>this</b>.
  ceiling: Risk where ceiling <= "high" = "low"
  since?: timestamp
}
data grants: map<Grant> = {}
let limit = 10 * 2
fn over(n: int) = n > limit + team.extra
tool "pay/send" { category: "write", args { amount: int, to: list<string>, note?: string } }
tool "pay/refund" { args { amount: int } }
obligation tell(whom: string, loud: bool = false)
/// Large ones are *not* for agents, see [x](y).
@severity("high") @owner(pay)
deny large on "pay/send", "pay/refund" for g in grants["x"]
  when over(args.amount) and g.ceiling == "high" and tool.category != "read" and g has since
    and g.since > timestamp("2026-11-22T04:45:43Z") - 90m and args.note != none and args.note.lower() in ["a"].map(s => s.trim())
  because "{args.amount} by {agent.id}" require tell(whom: "a"), team.note()
test "t {c.n}" for c in [{n: 1}] {
  input { agent: {id: "x"}, tool: {server: "pay", name: "send"}, args: {amount: c.n, to: ["a".lower()]} }
  data grants = {x: {tool: "pay", ceiling: "high"}}
  expect deny by large
}
//- team.toll
package team
let extra = 1
obligation note()
"#;

/// What is said where `text` stands, at its letter `within`.
fn said(text: &str, within: usize) -> String {
    let at = SHOP.find(text).expect("a place") + within;
    let (before, after) = SHOP.split_at(at);
    let mut marked = marked(&format!("{before}$0{after}"));
    assert!(!marked.set.has_errors(), "{:?}", marked.set.diagnostics());
    let filed = marked.set.index_report().ok();
    match hover(&marked.set, filed.as_ref(), marked.at) {
        Some(hover) => format!("{}\n{}", shown(&marked.set, hover.at), hover.text),
        None => "nothing".to_owned(),
    }
}

#[test]
fn names_are_told() {
    let places = [
        ("Risk {", 1),
        ("Grant {", 0),
        ("ceiling:", 2),
        ("since?", 0),
        ("grants:", 0),
        ("limit =", 0),
        ("over(n", 0),
        ("n > limit", 0),
        ("\"pay/send\" {", 3),
        ("tell(whom", 0),
        ("whom: \"a\"", 0),
        ("large on", 5),
        ("g in grants", 0),
        ("args.amount) and", 0),
        ("amount) and", 0),
        ("\"high\" and", 2),
        ("category !=", 0),
        ("timestamp(\"", 0),
        ("note.lower", 0),
        ("since > time", 0),
        ("lower() in", 0),
        ("s.trim", 0),
        ("agent.id}", 0),
        ("team.note", 0),
        ("note()\ntest", 0),
        ("c.n}\"", 0),
    ];
    let told: Vec<String> = places.into_iter().map(|(text, within)| format!("==== {text}\n{}", said(text, within))).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn words_operators_and_literals_are_told() {
    let places = [
        ("deny large on", 2),
        ("and g.ceiling", 1),
        ("== \"high\"", 1),
        ("90m", 1),
        ("\"2026-11", 3),
        ("10 * 2", 3),
        ("int)", 1),
        ("has since", 0),
        ("none and", 2),
        ("expect deny", 1),
        ("list<", 0),
        ("{n: 1}", 4),
    ];
    let told: Vec<String> = places.into_iter().map(|(text, within)| format!("==== {text}\n{}", said(text, within))).collect();
    insta::assert_snapshot!(told.join("\n\n"));
}

#[test]
fn comments_and_spaces_say_nothing() {
    assert_eq!(said("How grave", 2), "nothing");
    assert_eq!(said("  because \"", 1), "nothing");
    assert_eq!(said("= {}\nlet", 0), "nothing");
}

#[test]
fn any_place_of_any_text_may_be_asked() {
    let texts = [
        SHOP,
        "",
        "package",
        "deny x when args.é.",
        "package a\nallow x when \"é{agent.id} ",
        "let x = 5\ndeny y when x >",
        "/// 😀\n@a(\"\u{202e}\") deny",
    ];
    for text in texts {
        let set = tollgate_compiler::PolicySet::check(tollgate_compiler::Sources::of("a.toll", text));
        for offset in (0..=text.len() as u32).step_by(3) {
            hover(&set, None, Cursor { file: FileId(0), offset });
        }
        hover(&set, None, Cursor { file: FileId(0), offset: u32::MAX });
        hover(&set, None, Cursor { file: FileId(9), offset: 0 });
    }
}

#[test]
fn large_texts_are_told_in_bounds() {
    let nested = format!("package a\nlet x = {}1{}\n", "[".repeat(5_000), "]".repeat(5_000));
    let long = format!("package a\ntype T {{ {} }}\nlet x$0: T? = none\n", (0..30_000).map(|n| format!("f{n}: int\n")).collect::<String>());
    let set = tollgate_compiler::PolicySet::check(tollgate_compiler::Sources::of("a.toll", &nested));
    hover(&set, None, Cursor { file: FileId(0), offset: 15 });
    let marked = marked(&long);
    assert!(hover(&marked.set, None, marked.at).unwrap().text.len() < 4_000);
    let ty = Cursor { offset: long.find("T {").unwrap() as u32, ..marked.at };
    assert!(hover(&marked.set, None, ty).unwrap().text.len() < 4_000);
}

#[test]
fn annotations_and_attributes_are_told() {
    let told = |text: &str| {
        let marked = marked(text);
        let hover = hover(&marked.set, None, marked.at);
        hover.map(|hover| format!("{} | {}", shown(&marked.set, hover.at), hover.text.replace('\n', "⏎"))).unwrap_or_else(|| "nothing".to_owned())
    };
    let cases = [
        "package a\n@al$0low(unused_let) let x = 1",
        "package a\n@allow(unused_l$0et) let x = 1",
        "package a\n@allow(nosuch$0) let x = 1",
        "package a\n$0@id(\"A-1\") deny x",
        "package a\n@control(\"4.$02\") deny x",
        "package a\n@sh$0adow deny x",
        "package a\n@$0",
        "package a\ntool \"é/t\" { categ$0ory: \"write\", read_only: true }",
        "package a\ntool \"t\" { category: \"write\", read_on$0ly: true }",
        "package a\ntool \"t\" { categ$0: \"write\" }",
    ];
    let all: Vec<String> = cases.into_iter().map(|text| format!("{}\n  {}", text.replace('\n', "⏎"), told(text))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn arguments_are_those_of_the_tools() {
    let marked = marked("package a\ntool \"pay/send\" { args { amount: int } }\ndeny x on \"pay/send\" when ar$0gs.amount > 3\n");
    let text = hover(&marked.set, None, marked.at).map(|hover| hover.text).unwrap_or_default();
    assert!(text.starts_with("```toll\nargs: { amount: int }\n```\n"), "{text}");
}

#[test]
fn a_pattern_lists_the_tools_that_it_takes() {
    let tools: String = (0..12).map(|number| format!("tool \"docs/t{number:02}\" {{}}\n")).collect();
    let said = |on: &str| {
        let marked = marked(&format!("package a\n{tools}tool \"mail/send\" {{}}\ndeny x on {on}\n"));
        hover(&marked.set, None, marked.at).map(|hover| hover.text).unwrap_or_default()
    };
    let all = said("\"docs/$0*\"");
    assert!(all.starts_with("takes 12 tools\n\n- `docs/t00`\n") && all.ends_with("\n- `docs/t09`\n- and 2 more"), "{all}");
    assert!(said("\"docs/t0$0?\"").ends_with("- `docs/t09`"));
    assert!(said("\"ma$0il/*\"").contains("tool \"mail/send\""));
    assert_eq!(said("\"no$0/*\"").matches("- ").count(), 0);
}
