//! `tollgate access`: who may call what.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::folder::Folder;

const POLICY: &str = r#"package a

enum Risk { low < medium < high }
type Context = std.Context with { risk: Risk = "high" }
input {
  agent: Agent
  user?: User
  tool: Tool
  args: json = {}
  context: Context = {}
  session: Session = {}
}

type Grant { tools: set<string>, max_risk: Risk, paths: list<string> = [], note?: json }
data registry: map<Grant>
data limits: map<decimal> = { "a-1": 1_500 }

tool "crm/export" { category: "write", args { kind: string, rows: int, to?: string } }
tool "crm/read" { category: "read", read_only: true, args { id: string } }
tool "pay/send" { category: "pay", args { amount: decimal, fee: decimal } }
tool "look" { read_only: true }

let limit: decimal = limits[agent.id] ?? 0
let is_late = context.time != none and context.time.hour() > 20
fn is_over(amount: decimal, of: decimal) -> bool = amount > of and tool.category == "pay"

score risk: 0..=100 {
  40 when tool.category in {"write", "pay"},
  30 when context.risk == "high",
  20 when args.deep.as_bool() ?? false
}

allow granted
  for grant in registry[agent.id]
  when tool.name in grant.tools and context.risk <= grant.max_risk

/// Several elements, of which some can match.
allow by_path
  on "crm/read"
  for grant in registry[agent.id]
  for path in grant.paths
  when args.id.starts_with(path)

review bulk
  on "crm/export"
  when args.kind == "sensitive" and args.rows > 1_000 and (agent.role != "exporter" or args.rows > 50_000)
  unless agent.id == "a-2" and args.to == none
  because "bulk"

review over on "pay/send" when is_over(args.amount, limit) because "over {limit}"
review shares on "pay/send" when args.fee / args.amount > 0.1 because "fees" require approval(from: {agent.role})
review late when is_late and tool.name != "look" because "late"
deny repeated on "pay/send" when session.calls.any(call => call.tool == tool.name) because "again"
deny risky when risk > 80 because "risk {risk}"
deny never when risk > 90 and tool.category == "read" because "cannot be"
deny elsewhere on "eu/look" because "not there"
deny noted
  for grant in registry[agent.id]
  when grant.note == args.note
  because "noted"

@shadow deny shade when args.x == 1 because "no part"

default review because "nobody has said"
"#;

const REGISTRY: &str = r#"{
  "a-1": {"tools": ["export", "send"], "max_risk": "medium", "paths": ["x/", "y/"]},
  "a-2": {"tools": ["export"], "max_risk": "high"},
  "a-3": {"tools": [], "max_risk": "low", "note": {"is": "deep"}}
}"#;

fn folder() -> Folder {
    Folder::new(&[("a.toll", POLICY), ("registry.json", REGISTRY)])
}

fn access(folder: &Folder, args: &[&str]) -> String {
    let ran = folder.run(&[&["access", "a.toll", "-d", "registry=registry.json"], args].concat());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

#[test]
fn what_is_left_is_told_of_each_agent_and_tool() {
    assert_snapshot!(access(&folder(), &["--agents", "registry"]));
}

#[test]
fn what_is_given_is_known_and_nothing_else() {
    let folder = folder();
    let told = [
        access(&folder, &["--tool", "pay/send"]),
        access(
            &folder,
            &["--agent", r#"{"id": "a-1", "role": "exporter"}"#, "--tool", "crm/export", "--context", r#"{"risk": "low", "time": null}"#],
        ),
        access(&folder, &["--agent", "a-1", "--tool", "pay/send", "--input", r#"{"session": {"calls": [{"tool": "send"}]}, "tool": {"name": "x"}}"#]),
        access(
            &folder,
            &["--agent", "a-1", "--tool", "pay/send", "--input", r#"{"session": {"calls": []}, "context": {"time": "2026-03-02T21:00:00Z"}}"#],
        ),
    ];
    assert_snapshot!(told.join("----\n"));
}

#[test]
fn agents_come_from_data_files_and_the_command_line() {
    let folder = folder();
    folder.write("list.json", r#"["a-1", {"id": "a-2", "role": "x"}, {"agent": {"id": "a-3"}, "context": {"risk": "low"}}]"#);
    folder.write("lines.jsonl", "{\"id\": \"a-1\"}\n{\"id\": \"a-2\"}\n");
    folder.write("table.json", r#"{"a-1": {}, "a-9": {"anything": 1}}"#);
    for (args, agents) in [
        (["--agents", "list.json"], json!(["a-1", "a-2", "a-3"])),
        (["--agents", "lines.jsonl"], json!(["a-1", "a-2"])),
        (["--agents", "table.json"], json!(["a-1", "a-9"])),
        (["--agents", "a.registry"], json!(["a-1", "a-2", "a-3"])),
        (["--agent", r#"{"role": "boss"}"#], json!([r#"{"role": "boss"}"#])),
        (["--tool", "look"], json!(["any agent"])),
    ] {
        let found: Value = serde_json::from_str(&access(&folder, &[args[0], args[1], "--format", "json"])).unwrap();
        let labels: Vec<&Value> = found["agents"].as_array().unwrap().iter().map(|agent| &agent["agent"]).collect();
        assert_eq!(json!(labels), agents, "{args:?}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    let folder = folder();
    let deep = "[".repeat(100_000);
    folder.write("deep.json", &deep);
    folder.write("bytes.json", "{\"id\": \"\u{0}\"");
    for args in [
        ["--agents", "nothing"],
        ["--agents", "deep.json"],
        ["--agents", "bytes.json"],
        ["--agent", "{\"id\": 1}"],
        ["--agent", "{\"id\": \"a\", \"id\": \"b\"}"],
        ["--agent", "[1]"],
        ["--context", "[]"],
        ["--context", r#"{"risk": "none"}"#],
        ["--agents", "limit"],
        ["--input", "{"],
    ] {
        let ran = folder.run(&["access", "a.toll", "-d", "registry=registry.json", args[0], args[1]]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.starts_with("tollgate: ") && ran.err.len() < 600, "{}", ran.err);
    }
    let ran = folder.run(&["access", "a.toll"]);
    assert_eq!(ran.code, 2, "data are not bound: {}", ran.err);
    let ran = folder.run(&["access", "a.toll", "-d", "registry=registry.json", "--agent", r#"{"id": "a-1", "rolle": "x"}"#]);
    assert_eq!((ran.code, ran.err.contains("`agent.rolle` is no field")), (0, true), "{}", ran.err);
}

#[test]
fn changes_are_told_with_their_conditions() {
    let folder = folder();
    let new = POLICY
        .replace("args.rows > 1_000 and", "args.rows > 500 and")
        .replace("review over", "review renamed")
        .replace("tool \"look\" { read_only: true }", "tool \"glance\" {}")
        .replace("and tool.name != \"look\"", "");
    folder.write("new/a.toll", &new);
    let args = [
        "access",
        "new",
        "-d",
        "registry=registry.json",
        "--agents",
        "registry",
        "--context",
        r#"{"risk": "low", "time": null}"#,
        "--against",
        "a.toll",
    ];
    let ran = folder.run(&args);
    assert_eq!((ran.code, ran.err.as_str()), (1, ""));
    assert_snapshot!(ran.out);
    let csv = folder.run(&[args.as_slice(), &["--format", "csv"]].concat());
    assert_eq!(csv.out.lines().next(), Some("agent,tool,old,new,old_condition,new_condition,redefined"));
    let same = folder.run(&["access", "a.toll", "-d", "registry=registry.json", "--agents", "registry", "--against", "a.toll"]);
    assert_eq!((same.code, same.out.as_str()), (0, "0 of 12 cells changed\n"));
}

#[test]
fn what_is_written_otherwise_and_means_the_same_is_no_change() {
    let tools = "package a\ntool \"pay/send\" { args { amount: int, to: string } }\n";
    let old = format!("{tools}allow small on \"pay/send\" when args.amount < 5 and args.to == \"x\" unless agent.role == \"guest\"\n");
    let new = format!(
        "{tools}allow few on \"pay/send\" when args.to == \"x\" and args.amount < 5 and args.amount < 5 unless agent.role == \"guest\"\n\
         allow again on \"pay/send\" when args.amount < 5 and args.to == \"x\" unless agent.role == \"guest\"\n"
    );
    let other = format!("{tools}allow small on \"pay/send\" when args.amount < 5 and args.to == \"x\" unless not (agent.role == \"guest\")\n");
    let folder = Folder::new(&[("old.toll", &old), ("new.toll", &new), ("other.toll", &other)]);
    let same = folder.run(&["access", "new.toll", "--agent", "a-1", "--against", "old.toll"]);
    assert_eq!((same.code, same.out.as_str()), (0, "0 of 1 cell changed\n"), "{}", same.err);
    let changed = folder.run(&["access", "other.toll", "--agent", "a-1", "--against", "old.toll"]);
    assert_eq!(changed.code, 1);
    assert_snapshot!(changed.out);
}

#[test]
fn a_name_that_has_come_to_mean_something_else_is_a_change() {
    let with = |limit: &str, trusted: &str| {
        format!(
            "package a\ntool \"pay/send\" {{ args {{ amount: int }} }}\ndata tiers: map<int> = {{\"gold\": {limit}}}\n\
             let limit = tiers[agent.role] ?? 0\nfn trusted(id: string) -> bool = id like \"{trusted}\"\nlet known = trusted(agent.id)\n\
             allow small on \"pay/send\" when args.amount < limit and known\nreview rest on \"pay/send\" when args.amount > 3 because \"x\"\n"
        )
    };
    let folder =
        Folder::new(&[("old.toll", &with("5", "a*")), ("data.toll", &with("6", "a*")), ("fn.toll", &with("5", "b*")), ("a.toll", &with("5", "a*"))]);
    let told: Vec<String> = ["data.toll", "fn.toll", "a.toll"].map(|new| folder.run(&["access", new, "--against", "old.toll"]).out).into();
    assert_snapshot!(told.join("\n"));
}

#[test]
fn other_packages_types_and_tools_are_changes() {
    let packages = |of_a: &str, of_b: &str, import: &str, home: &str| {
        let ok = |package: &str, limit: &str| format!("package {package}\nfn ok(n: int) -> bool = n < {limit}\n");
        let rule = format!("package {home}\n{import}\ntool \"t\" {{ args {{ n: int }} }}\n");
        (ok("a", of_a), ok("b", of_b), rule)
    };
    let folder = Folder::new(&[("x.toll", "package x\n")]);
    let write = |folder: &Folder, name: &str, (a, b, rule): (String, String, String), condition: &str| {
        folder.write(&format!("{name}/a.toll"), &a);
        folder.write(&format!("{name}/b.toll"), &b);
        folder.write(&format!("{name}/rule.toll"), &format!("{rule}allow few on \"t\" when {condition}\n"));
    };
    write(&folder, "old", packages("5", "500", "import a as x", "c"), "x.ok(args.n)");
    write(&folder, "alias", packages("5", "500", "import b as x", "c"), "x.ok(args.n)");
    write(&folder, "swapped", packages("500", "5", "import a as x", "c"), "x.ok(args.n)");
    write(&folder, "at-a", packages("5", "500", "", "a"), "ok(args.n)");
    write(&folder, "at-b", packages("5", "500", "", "b"), "ok(args.n)");
    let typed = |levels: &str, limit: &str| {
        format!(
            "package a\nenum R {{ {levels} }}\ntype Context = std.Context with {{ risk: R = \"high\" }}\n\
             input {{ agent: Agent, tool: Tool, args: json = {{}}, context: Context = {{}} }}\n\
             tool \"t\" {{ args {{ n: int where n <= {limit} }} }}\nallow few on \"t\" when context.risk <= \"mid\"\n"
        )
    };
    folder.write("typed/a.toll", &typed("low < mid < high", "100"));
    folder.write("order/a.toll", &typed("high < mid < low", "100"));
    folder.write("limit/a.toll", &typed("low < mid < high", "1000"));
    let pairs = [("alias", "old"), ("swapped", "old"), ("at-b", "at-a"), ("order", "typed"), ("limit", "typed"), ("typed", "typed")];
    let told = pairs.map(|(new, old)| {
        let ran = folder.run(&["access", new, "--against", old]);
        format!("{new}, {}\n{}", ran.code, ran.out)
    });
    assert_snapshot!(told.join("\n"));
}

#[test]
fn grants_that_no_call_used_are_told() {
    let folder = folder();
    let call = |agent: &str, server: &str, name: &str| {
        format!(r#"{{"agent": {{"id": "{agent}"}}, "tool": {{"server": "{server}", "name": "{name}"}}, "args": {{}}, "context": {{"risk": "low"}}}}"#)
    };
    let log = [
        format!(r#"{{"input": {}, "effect": "allow"}}"#, call("a-1", "crm", "export")),
        format!(r#"{{"input": {}, "effect": "deny"}}"#, call("a-1", "pay", "send")),
        format!(r#"{{"input": {}, "decision": {{"effect": "review", "rules": []}}}}"#, call("a-2", "crm", "export")),
        call("a-2", "eu", "look"),
        call("a-2", "other", "tool"),
        "nonsense".to_owned(),
    ];
    folder.write("log.jsonl", &log.join("\n"));
    assert_snapshot!(access(&folder, &["--used", "log.jsonl", "--context", r#"{"risk": "low"}"#, "--tool", "crm/*", "--tool", "pay/*"]));
    let csv = access(&folder, &["--used", "log.jsonl", "--agents", "registry", "--tool", "crm/export", "--format", "csv"]);
    let calls: Vec<&str> = csv.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(calls, ["calls", "1", "1", "0"]);
}

#[test]
fn no_cell_of_a_csv_is_a_formula() {
    let csv = access(&folder(), &["--agent", r#"{"id": "=cmd|' /C calc'!A0"}"#, "--agent", "@x", "--tool", "crm/read", "--format", "csv"]);
    let starts: Vec<&str> = csv.lines().skip(1).map(|line| line.get(..3).unwrap()).collect();
    assert_eq!(starts, ["\"'=", "\"'@"], "{csv}");
}

#[test]
fn a_page_holds_nothing_as_markup() {
    let html = access(&folder(), &["--agent", r#"{"id": "<script>alert(1)</script>"}"#, "--agent", "a-1", "--format", "html"]);
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert(1)"));
    assert!(html.contains("args.kind == &quot;sensitive&quot;") && html.ends_with("</html>\n"));
}

#[test]
fn a_page_that_no_browser_shows_is_refused() {
    let agents = |count: usize| (0..count).map(|at| format!("{{\"id\": \"agent-{at:08}\"}}\n")).collect::<String>();
    let policy = "package a\n\ntool \"t\" { args { owner: string } }\n\nallow own on \"t\" when args.owner == agent.id\n";
    let folder = Folder::new(&[("a.toll", policy), ("few.jsonl", &agents(1_000)), ("many.jsonl", &agents(150_000))]);
    let page = folder.run(&["access", "a.toll", "--agents", "few.jsonl", "--format", "html"]);
    assert!(page.code == 0 && page.out.contains("agent-00000999"), "{}", page.err);
    let refused = folder.run(&["access", "a.toll", "--agents", "many.jsonl", "--format", "html"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("larger than 32 MiB") && refused.err.contains("--format csv"), "{}", refused.err);
}
