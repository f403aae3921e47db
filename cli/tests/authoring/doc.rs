//! `tollgate doc`: the reference of a policy set.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::folder::{Folder, run_in};

/// Every construct that a reference speaks of.
const POLICY: &str = r#"/// How exports are **decided**.
package shop.exports
import shop.people

enum Risk { low < medium < high }

/// The circumstances, with a risk.
type Context = std.Context with {
  /// Of the task, *not* of the | agent.
  risk: Risk = "low"
}
type Ids = list<string>
type Grant { tools: set<string>, most: int where most >= 0 = 10, ids?: Ids, .. }

/// What a host says.
input { agent: Agent, tool: Tool, args: json = {}, context: Context = {} }

/// Who may do what.
data registry: map<Grant>
data closed: bool = false

/// Writes customers to a file.
@owner("data")
tool "crm/export" {
  title: "Export", category: "write", labels: {"pii"}
  args {
    /// What is exported.
    table: string, rows: int where rows >= 0 and rows < 1_000_000 = 1, to?: "a" | "b", .. }
}
tool "crm/read" { read_only: true, args {} }
tool "clock" {}

/// How much is at stake.
score stake: 0..=100 { 40 when tool.category == "write" because "writes", 60 when context.risk == "high" }
/// As [the rules](https://rules.example/?of=exports&in=2026) say.
let bulk = 1_000
fn is_large(rows: int) -> bool = rows > bulk
/// Somebody is told.
obligation tell(whom: string, how: "mail" | "chat" = "mail")

/// An agent may do what its entry says.
///
/// - by the registry
/// - up to its limit
///
/// See [`registry`], [shop.people.is_known], [crm/export], [the list](#data.shop.exports.registry) and [nothing].
@id("EX-1")
allow granted
  for grant in registry[agent.id]
  when tool.name in grant.tools and people.is_known(agent.id)

@id("EX-2") @severity("high") @control("SOC 2 CC6.1", "ISO 27001")
review large on "crm/export"
  when is_large(args.rows) or stake > 50 // a comment
  because "{agent.id} exports {args.rows} rows | of `{args.table}`"
  require approval(from: {"security"}), tell("data")
@severity("high")
deny writes_when_closed when tool.category == "write" and closed because "closed"
@shadow @control("SOC 2 CC6.1")
deny mail on "mail/*", "web/fetch"
deny nobody when agent.id == "" because "nobody calls"
deny unknown when not tool.declared because "unknown"

default review because "nobody said so"

test "exports wait for {c.who}" for c in [{who: "a"}, {who: "b"}] {
  input { agent: {id: c.who}, tool: {server: "crm", name: "export"}, args: {table: "t", rows: 5_000} }
  expect review by large
}
/// In two steps.
test "a | <b>" {
  data closed = true
  step "first" {
    input { agent: {id: "a"}, tool: {server: "crm", name: "export"}, args: {table: "t"} }
    expect deny by writes_when_closed
  }
}
property "nobody writes when closed" { never allow when closed and tool.category == "write" }
"#;

const PEOPLE: &str = "package shop.people\n/// Whether somebody is known.\nfn is_known(id: string) -> bool = id != \"\"\n";

/// What somebody writes who means harm.
const HOSTILE: &str = r##"/// </div><script>alert(1)</script> <img src=x onerror=alert(1)> ![i](http://e.vil/i.png) [j](javascript:alert(1)) [k](http://e.vil "\"onclick=x") RTL
///
/// # A heading
/// | a | b |
/// |---|---|
/// ```
/// never closed
package hostile
/// ~~~html
/// </pre><b>
@title("</td><script>x</script>|`") @odd("\" onmouseover=\"x")
tool "s-1/t.x" { title: "</title><script>alert(2)</script>", args { "</td>|": string = "</code>`|<i>", b?: json } }
/// <!-- open
@id("--></style>")
deny bad on "*</script>*", "s-1/t.x", "a|b`*" when agent.id == "</pre>" and agent.role == "``` `" because "<svg onload=x> | ` RTL {agent.id}"
let x = "</script>"
test "</table> `a` | # [b](javascript:x) <img> RTL" { input { agent: {id: "</pre>"}, tool: {name: "q"} } expect deny by none }
test "</table> `a` | # [b](javascript:x) <img> RTL " { input { agent: {id: "</pre>"}, tool: {name: "q"} } expect deny by none }
property "<b>|`" { always deny when agent.id == "<b>" }
"##;

fn documented() -> Folder {
    Folder::new(&[("tollgate.toml", "[policy]\nroots = [\"p\"]\n"), ("p/exports.toll", POLICY), ("p/people.toll", PEOPLE)])
}

fn hostile() -> Folder {
    Folder::new(&[("h/hostile.toll", &HOSTILE.replace("RTL", "\u{202e}"))])
}

#[test]
fn markdown_has_every_construct() {
    let ran = documented().run(&["doc"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let (_, page) = ran.out.split_once('\n').unwrap();
    assert_snapshot!(page);
    check_links(&ran.out, "](#");
}

#[test]
fn hostile_text_stays_text_in_markdown() {
    let ran = hostile().run(&["doc", "h"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains('\u{202e}'));
    assert_snapshot!(ran.out);
}

#[test]
fn pages_are_whole_and_load_nothing() {
    for (folder, args) in [
        (documented(), &["doc", "--format", "html"][..]),
        (hostile(), &["doc", "--format", "html", "h"]),
        (hostile(), &["doc", "--std", "--format", "html"]),
    ] {
        let ran = folder.run(args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        check_html(&ran.out);
        check_links(&ran.out, "href=\"#");
        assert!(!ran.out.contains('\u{202e}'));
        assert!(ran.out.contains("prefers-color-scheme: dark") && ran.out.contains("script-src 'sha256-"));
    }
}

#[test]
fn the_page_of_the_set_links_what_it_names() {
    let page = documented().run(&["doc", "--format", "html"]).out;
    for part in [
        "<h1>",
        "<section id=\"rule.shop.exports.large\" class=\"entry\">",
        "<a href=\"#fn.shop.people.is_known\">is_known</a>",
        "<a href=\"#data.shop.exports.registry\">registry</a>",
        "no test names this rule",
        "<a href=\"#test.shop.exports:exports-wait-for-c-who\">exports wait for {c.who}</a>",
        "p/exports.toll:66",
        "SOC 2 CC6.1",
        "href=\"https://rules.example/?of=exports&amp;in=2026\"",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
}

#[test]
fn a_file_is_written_at_once_and_not_at_all_where_there_are_errors() {
    let folder = documented();
    assert_eq!(folder.run(&["doc", "-o", "reference.html"]).code, 0);
    assert!(folder.read("reference.html").starts_with("<!doctype html>"));
    assert_eq!(folder.run(&["doc", "-o", "reference.md"]).code, 0);
    assert!(folder.read("reference.md").starts_with("# "));
    assert_eq!(folder.run(&["doc", "--format", "markdown", "-o", "reference.html"]).code, 0);
    assert!(folder.read("reference.html").starts_with("# "));
    folder.write("p/broken.toll", "package b\nallow x when 1\n");
    let ran = folder.run(&["doc", "-o", "reference.md"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("E02") && folder.read("reference.md").starts_with("# "));
    assert_eq!(folder.run(&["doc", "--std", "-o", "missing/reference.md"]).code, 2);
    assert_eq!(folder.run(&["doc", "--std", "p"]).code, 2);
    assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 4, "nothing is left beside");
}

#[test]
fn a_page_is_named_after_what_it_is_about() {
    let folder = Folder::new(&[
        ("my.shop/a.toll", "package a\ndeny x when agent.id == \"\"\ntest \"t\" { input {} expect deny }\n"),
        ("b.toll", "package b\n"),
    ]);
    let title = |args: &[&str]| folder.run(&[&["doc"], args].concat()).out.lines().next().unwrap_or_default().to_owned();
    assert_eq!(title(&["my.shop"]), "# my.shop");
    assert_eq!(title(&["my.shop/a.toll"]), "# a");
    assert_eq!(title(&["my.shop", "b.toll"]), "# Policies");
    assert!(folder.run(&["doc", "my.shop"]).out.contains(" a.toll:3 |"), "a place is one in the folder");
}

#[test]
fn examples_have_references() {
    for example in ["registry", "gateway", "agentdojo", "embed"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(example);
        let page = run_in(&folder, &["doc", "--format", "html"], "");
        assert_eq!(page.code, 0, "{}", page.err);
        check_html(&page.out);
        check_links(&page.out, "href=\"#");
        check_links(&run_in(&folder, &["doc"], "").out, "](#");
    }
}

/// Every link into the page leads somewhere, and no two places have one anchor.
fn check_links(page: &str, link: &str) {
    let ids: Vec<&str> = page.split(" id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    let mut known: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(known.len(), ids.len(), "an anchor stands twice");
    let headings = page.lines().filter_map(|line| line.trim_start_matches('#').strip_prefix(' '));
    known.extend(headings.map(|heading| heading.to_lowercase().replace(' ', "-")));
    for to in page.split(link).skip(1).filter_map(|rest| rest.split(['"', ')']).next()) {
        assert!(known.contains(to), "`#{to}` leads nowhere");
    }
}

/// The elements and attributes of pages: none of them loads or runs anything.
const ELEMENTS: &str = "a aside b blockquote br code details div em form h1 h2 h3 h4 header hr input kbd li main nav ol output p pre q section span strong summary table tbody td th thead tr ul";
const ATTRIBUTES: &str = "aria-label autocomplete class hidden href id open placeholder rel role scope spellcheck start title type";

/// Every element is known, and closed in its place; every attribute is known, and links lead into the page or are those of authors.
fn check_html(page: &str) {
    let (_, body) = page.split_once("<body>").unwrap();
    let (body, _) = body.rsplit_once("</body>").unwrap();
    let known = |names: &str, name: &str| names.split(' ').any(|known| known == name);
    let mut open = Vec::new();
    for tag in body.split('<').skip(1).map(|rest| rest.split_once('>').unwrap().0) {
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
            continue;
        }
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(known(ELEMENTS, name), "<{tag}>");
        while let Some((attribute, rest)) = attributes.split_once("=\"") {
            let (value, rest) = rest.split_once('"').unwrap();
            assert!(attribute.split(' ').all(|attribute| known(ATTRIBUTES, attribute)), "<{tag}>");
            assert!(attribute != "href" || ["#", "http://", "https://", "mailto:"].iter().any(|start| value.starts_with(start)), "<{tag}>");
            attributes = rest.trim_start();
        }
        assert!(attributes.is_empty() || known(ATTRIBUTES, attributes), "<{tag}>");
        if !matches!(name, "br" | "hr" | "input") {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}
