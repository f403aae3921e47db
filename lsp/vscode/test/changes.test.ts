// What an editor changes with the server: what is completed, renamed, laid out and mended. What is answered is applied, and the rest is asked of the result.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  CodeActionKind,
  CodeActionRequest,
  CodeActionResolveRequest,
  CompletionItemKind,
  CompletionResolveRequest,
  DocumentFormattingRequest,
  DocumentOnTypeFormattingRequest,
  DocumentRangeFormattingRequest,
  InsertTextFormat,
  PrepareRenameRequest,
  RenameRequest,
  type CodeAction,
  type CompletionItem,
  type MarkupContent,
  type Range,
  type TextEdit,
} from "vscode-languageserver-protocol/node";
import { Editor, able, changesOf, edited, options, type Setup } from "./editor";

const POLICY = "policies/shop.toll";
const TEAM = "policies/team.toll";
const TESTS = "tests/shop.toll";

const layout = { tabSize: 2, insertSpaces: true };

async function opened(context: TestContext, setup: Setup = {}): Promise<Editor> {
  const editor = await Editor.start(context, setup);
  for (const name of [POLICY, TEAM, TESTS]) await editor.open(name);
  return editor;
}

/** The text that an item writes, and the edit that does. */
function written(item: CompletionItem | undefined): string | undefined {
  return item?.textEdit?.newText;
}

test("completion offers what fits each place", options, async (context) => {
  const editor = await opened(context);
  const condition = 'when args.amount < 5 and agent.id != ""';
  const cases: [old: string, typed: string, offered: string[], not: string[]][] = [
    // Members.
    [condition, "when agent.", ["id", "role"], ["limit", "agent"]],
    [condition, "when args.", ["amount"], ["limit"]],
    ["over(args.amount, 1) and grant.ceiling", "grant.", ["tool", "ceiling", "since"], ["limit"]],
    [condition, "when team.", ["extra"], ["tell", "limit"]],
    [condition, "when agent.id.", ["lower", "starts_with"], ["as_int"]],
    // Names.
    [condition, "when ", ["agent", "args", "limit", "over", "grants", "not"], ["Risk", "and"]],
    [condition, "when agent.id ", ["and", "like", "in"], ["agent"]],
    ["over(args.amount, 1) and", "over(|, 1) and", ["grant", "limit"], ["when"]],
    ["since?: timestamp", "since?: |", ["timestamp", "Risk", "list"], ["limit"]],
    // Quotes.
    ['on "pay/send", "pay/refund"', 'on "', ["pay/send", "pay/refund"], ["agent"]],
    ['== "high"', '== "|"', ["low", "high"], ["agent"]],
    [condition, 'when grants["', ["cs-1", "cs-2"], ["agent"]],
    // Obligations.
    ['require approval(from: {"finance"}), team.tell("till")', "require ", ["approval", "audit", "team.tell"], ["limit.x", "agent"]],
    ['approval(from: {"finance"})', "approval(|)", ["from:", "within:", "priority:"], []],
    // Items and clauses.
    ["allow small\n", "al|\n", ["allow", "deny", "test"], ["agent"]],
    ["allow small\n", "allow small |\n", ["on", "when"], ["and"]],
    ["@id", "@|", ["id", "severity", "owner"], []],
    ["import team", "import |", ["team"], ["shop"]],
  ];
  for (const [old, typed, offered, not] of cases) {
    const items = await editor.completed(POLICY, old, typed);
    const labels = [...items.keys()];
    for (const label of offered) assert.ok(items.has(label), `${label} at ${typed}: ${labels.join(", ")}`);
    for (const label of not) assert.ok(!items.has(label), `no ${label} at ${typed}`);
  }
  assert.equal((await editor.completed(POLICY, '== "high"', '== "|"')).get("low")?.kind, CompletionItemKind.EnumMember);
  const rules = await editor.completed(TESTS, "allow by small", "allow by ");
  assert.ok(rules.has("small") && !rules.has("agent"));
});

test("a completion has its documentation when it is asked for", options, async (context) => {
  const editor = await opened(context);
  const items = await editor.completed(POLICY, 'when args.amount < 5 and agent.id != ""', "when ov");
  const over = items.get("over");
  assert.ok(over && over.documentation === undefined);
  const { documentation } = await editor.connection.sendRequest(CompletionResolveRequest.type, over);
  assert.match((documentation as MarkupContent).value, /over the limit/);
  const tools = await editor.completed(POLICY, 'on "pay/send"\n  for', 'on "|"\n  for');
  const tool = await editor.connection.sendRequest(CompletionResolveRequest.type, tools.get("pay/send") ?? { label: "" });
  assert.match((tool.documentation as MarkupContent).value, /amount: int/);
});

test("snippets are for editors that know them", options, async (context) => {
  const condition = 'when args.amount < 5 and agent.id != ""';
  const snippets = await opened(context);
  const over = (await snippets.completed(POLICY, condition, "when ov")).get("over");
  assert.deepEqual([written(over), over?.insertTextFormat], ["over(${1:number}, ${2:more})", InsertTextFormat.Snippet]);
  const plain = await opened(context, { capabilities: { ...able, textDocument: {} } });
  for (const typed of ["when ov", "when agent.labels."]) {
    for (const item of (await plain.completed(POLICY, condition, typed)).values()) {
      assert.notEqual(item.insertTextFormat, InsertTextFormat.Snippet);
      assert.doesNotMatch(written(item) ?? "", /\$\{?\d/);
    }
  }
});

test("what another package declares comes with its import", options, async (context) => {
  const editor = await opened(context, { files: { "policies/far.toll": "package far.away\n\nlet distance = 3\n" } });
  const condition = 'when args.amount < 5 and agent.id != ""';
  const item = (await editor.completed(POLICY, condition, "when args.amount < dist")).get("away.distance");
  assert.ok(item?.additionalTextEdits);
  await editor.replace(POLICY, condition, "when args.amount < dist");
  await editor.edit(POLICY, [...item.additionalTextEdits, item.textEdit as TextEdit]);
  assert.match(editor.text(POLICY), /import team\nimport far\.away\n/);
  await editor.diagnosed(POLICY, (said) => said.length === 0);
});

test("a new name goes through all files, or is refused", options, async (context) => {
  const editor = await opened(context);
  const prepared = await editor.connection.sendRequest(PrepareRenameRequest.type, editor.here(POLICY, "team.ex|tra"));
  assert.deepEqual(prepared, { range: { start: editor.at(POLICY, "team.|extra"), end: editor.at(POLICY, "team.extra|") }, placeholder: "extra" });
  const rename = (place: string, newName: string) => editor.connection.sendRequest(RenameRequest.type, { ...editor.here(POLICY, place), newName });
  assert.deepEqual((await editor.apply(await rename("team.ex|tra", "more"))).sort(), [POLICY, TEAM]);
  assert.match(editor.text(TEAM), /let more = 1/);
  assert.deepEqual((await editor.apply(await rename("allow sm|all", "tiny"))).sort(), [POLICY, TESTS]);
  assert.match(editor.text(TESTS), /allow by tiny/);
  for (const name of [POLICY, TEAM, TESTS]) await editor.diagnosed(name, (said) => said.length === 0);

  for (const [place, name] of [["let li|mit", "over"], ["let li|mit", "when"], ["let li|mit", "two words"], ["let li|mit", "Limit"], ["require app|roval", "consent"], ['== "hi|gh"', "grave"]] as const) {
    await assert.rejects(rename(place, name), { code: -32803 }, `${place} to ${name}`);
  }
  await assert.rejects(editor.connection.sendRequest(PrepareRenameRequest.type, editor.here(POLICY, "require app|roval")), { code: -32803 });
});

test("a file, a part of it and the line just typed are laid out", options, async (context) => {
  const editor = await opened(context);
  const neat = editor.text(POLICY);
  assert.deepEqual((await editor.connection.sendRequest(DocumentFormattingRequest.type, { ...editor.of(POLICY), options: layout })) ?? [], []);
  await editor.replace(POLICY, "let limit = 10", "let   limit=10");
  await editor.replace(POLICY, "allow small\n  on", "allow    small on");
  const part = await editor.connection.sendRequest(DocumentRangeFormattingRequest.type, { ...editor.of(POLICY), range: editor.span(POLICY, "limit=10"), options: layout });
  await editor.edit(POLICY, part ?? []);
  assert.ok(editor.text(POLICY).includes("let limit = 10") && editor.text(POLICY).includes("allow    small on"));
  const all = await editor.connection.sendRequest(DocumentFormattingRequest.type, { ...editor.of(POLICY), options: layout });
  await editor.edit(POLICY, all ?? []);
  assert.equal(editor.text(POLICY), neat);

  await editor.append(POLICY, "\ndeny large_ones\n");
  const typed = { ...editor.of(POLICY), position: editor.at(POLICY, "deny large_ones\n|"), ch: "\n", options: layout };
  const indented = await editor.connection.sendRequest(DocumentOnTypeFormattingRequest.type, typed);
  await editor.edit(POLICY, indented ?? []);
  assert.ok(editor.text(POLICY).endsWith("deny large_ones\n  "), JSON.stringify(editor.text(POLICY).slice(-30)));
  await editor.replace(POLICY, "deny large_ones\n  ", "type   Late={ a:int }");
  const closed = { ...editor.of(POLICY), position: editor.at(POLICY, "a:int }|"), ch: "}", options: layout };
  await editor.edit(POLICY, (await editor.connection.sendRequest(DocumentOnTypeFormattingRequest.type, closed)) ?? []);
  assert.match(editor.text(POLICY), /type Late|type {3}Late=/);
  await editor.replace(POLICY, "allow small", "allow (");
  assert.equal(await editor.connection.sendRequest(DocumentFormattingRequest.type, { ...editor.of(POLICY), options: layout }), null);
});

async function actions(editor: Editor, name: string, range: Range, only?: string[]): Promise<CodeAction[]> {
  const found = await editor.connection.sendRequest(CodeActionRequest.type, { ...editor.of(name), range, context: { diagnostics: [], ...(only && { only }) } });
  return (found ?? []) as CodeAction[];
}

/** Sees that a new server finds no errors in the files as they are now. */
async function compiles(context: TestContext, editor: Editor): Promise<void> {
  const files = Object.fromEntries([POLICY, TEAM, TESTS].map((name) => [name, editor.text(name)]));
  const fresh = await opened(context, { files });
  for (const name of [POLICY, TEAM, TESTS]) await fresh.diagnosed(name, (said) => said.every(({ severity }) => severity !== 1));
}

test("findings are mended", options, async (context) => {
  const editor = await opened(context);
  await editor.append(POLICY, '\nreview slip when agnt.id == "a" because "x"\n');
  await editor.diagnosed(POLICY, (said) => said.length > 0);
  const fixes = await actions(editor, POLICY, editor.span(POLICY, "agnt"), [CodeActionKind.QuickFix]);
  const fix = fixes.find(({ title }) => /`agent`/.test(title));
  assert.ok(fix?.edit && fix.kind === CodeActionKind.QuickFix, fixes.map(({ title }) => title).join());
  assert.deepEqual(fix.diagnostics?.map(({ code }) => code), ["E0101"]);
  await editor.apply(fix.edit);
  await compiles(context, editor);

  await editor.append(POLICY, '\ndeny first when not (agent.id == "a") because "x"\n\ndeny second when (agent.id == "b") == true because "y"\n');
  await editor.diagnosed(POLICY, (said) => said.some(({ code }) => code === "W0304"));
  const [all] = await actions(editor, POLICY, editor.span(POLICY, "first"), [CodeActionKind.SourceFixAll]);
  assert.equal(all?.kind, CodeActionKind.SourceFixAll);
  await editor.apply(all.edit);
  assert.match(editor.text(POLICY), /deny first when agent\.id != "a"[^]*deny second when \(?agent\.id == "b"\)? because/);
  await compiles(context, editor);
});

test("imports are brought into order", options, async (context) => {
  const editor = await opened(context, { files: { "policies/far.toll": "package far\n\nlet distance = 3\n", "policies/old.toll": "package old\n\nlet age = 3\n" } });
  await editor.replace(POLICY, "import team\n", "import team\nimport old\nimport far\n");
  await editor.replace(POLICY, "args.amount < 5", "args.amount < far.distance");
  await editor.diagnosed(POLICY, (said) => said.filter(({ code }) => code === "W0106").length === 1);
  const [organize] = await actions(editor, POLICY, editor.span(POLICY, "import old"), [CodeActionKind.SourceOrganizeImports]);
  await editor.apply(organize?.edit);
  assert.match(editor.text(POLICY), /^package shop\n\nimport far\nimport team\n\n/);
  await editor.diagnosed(POLICY, (said) => said.length === 0);
});

test("parts are given names, reasons and tests", options, async (context) => {
  const editor = await opened(context);
  const [extract] = await actions(editor, POLICY, editor.span(POLICY, 'agent.id != ""'), [CodeActionKind.RefactorExtract]);
  assert.match(extract?.title ?? "", /^extract `(let|fn) /);
  await editor.apply(extract?.edit);
  await editor.append(POLICY, '\nreview odd when agent.id == "odd"\n');
  const offered = await actions(editor, POLICY, editor.span(POLICY, "odd"));
  const because = offered.find(({ title }) => title.startsWith("add `because`"));
  await editor.apply(because?.edit);
  assert.match(editor.text(POLICY), /review odd[^]*because "/);
  await compiles(context, editor);

  const before = editor.text(TESTS);
  const generate = (await actions(editor, POLICY, editor.span(POLICY, "odd"))).find(({ title }) => title.startsWith("write a test of"));
  assert.ok(generate && generate.edit === undefined && generate.data !== undefined);
  const resolved = await editor.connection.sendRequest(CodeActionResolveRequest.type, generate);
  const [[uri = "", edits = []] = []] = changesOf(resolved.edit);
  assert.equal(uri, editor.uri(TESTS));
  assert.match(edited(before, edits), /expect review by odd/);
  await editor.apply(resolved.edit);
  await compiles(context, editor);
  // What was offered for another text is refused, not made.
  await editor.append(POLICY, "\n// later\n");
  const late = await editor.connection.sendRequest(CodeActionResolveRequest.type, generate);
  assert.ok(late.edit === undefined && late.disabled?.reason);
});

test("a request gets the fields that it lacks", options, async (context) => {
  const editor = await opened(context);
  await editor.replace(TESTS, 'agent: {id: "cs-1"}, tool: {server: "pay", name: "refund"}, ', 'agent: {id: "cs-1"}, ');
  const offered = await actions(editor, TESTS, editor.span(TESTS, 'agent: {id: "cs-1"}, args'));
  const add = offered.find(({ title }) => title.startsWith("add `tool`"));
  await editor.apply(add?.edit);
  assert.match(editor.text(TESTS), /agent: \{id: "cs-1"\},[^}]*tool: \{/);
  await compiles(context, editor);
});
