// What an editor asks about a project that it does not change, request by request.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  CallHierarchyIncomingCallsRequest,
  CallHierarchyOutgoingCallsRequest,
  CallHierarchyPrepareRequest,
  CodeLensRequest,
  DefinitionRequest,
  DocumentHighlightKind,
  DocumentHighlightRequest,
  DocumentLinkRequest,
  DocumentSymbolRequest,
  ExecuteCommandRequest,
  FoldingRangeKind,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintKind,
  InlayHintRequest,
  NotificationType,
  ReferencesRequest,
  RequestType,
  SelectionRangeRequest,
  SemanticTokensDeltaRequest,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  SymbolKind,
  TypeDefinitionRequest,
  WorkspaceSymbolRequest,
  type Definition,
  type DocumentSymbol,
  type InlayHint,
  type LocationLink,
  type Range,
  type SelectionRange,
} from "vscode-languageserver-protocol/node";
import { Editor, able, eventually, options, type Setup } from "./editor";

const POLICY = "policies/shop.toll";
const TEAM = "policies/team.toll";
const TESTS = "tests/shop.toll";

async function opened(context: Parameters<typeof Editor.start>[0], setup: Setup = {}): Promise<Editor> {
  const editor = await Editor.start(context, setup);
  for (const name of [POLICY, TEAM, TESTS]) await editor.open(name);
  return editor;
}

/** A place as `file: text`. */
function shown(editor: Editor, { uri, range }: { uri: string; range: Range }): string {
  const name = editor.name(uri);
  return `${name}: ${editor.piece(name, range)}`;
}

test("hover tells of what stands there", options, async (context) => {
  const editor = await opened(context);
  const told = async (name: string, place: string) => {
    const hover = await editor.connection.sendRequest(HoverRequest.type, editor.here(name, place));
    assert.ok(hover && typeof hover.contents === "object" && "kind" in hover.contents, place);
    assert.equal(hover.contents.kind, "markdown");
    return { text: hover.contents.value, over: hover.range && editor.piece(name, hover.range) };
  };
  const cases: [place: string, over: string, ...RegExp[]][] = [
    ["number > li|mit", "limit", /let limit/, /\b10\b/],
    ["when ov|er(", "over", /fn over\(number: int, more: int\) -> bool/, /Whether a number is over the limit/],
    ["args.am|ount, 1", "amount", /int/],
    ['on "pay/s|end"\n  for', '"pay/send"', /payment/, /amount: int/],
    ["review lar|ge", "large", /Large payments wait/, /S-1/],
    ["map<Gr|ant>", "Grant", /What an agent may use/, /ceiling/],
    ["team.ex|tra", "extra", /How much more one may spend/],
    ["require app|roval", "approval", /within: duration/],
    ["tea|m.tell", "team", /team/],
    ["ag|ent.id]", "agent", /Agent/],
    ["when args.amount|", "amount", /int/],
    ["rev|iew large", "review", /review/],
  ];
  for (const [place, over, ...patterns] of cases) {
    const { text, over: found } = await told(POLICY, place);
    assert.equal(found, over, place);
    for (const pattern of patterns) assert.match(text, pattern, place);
  }
  assert.equal(await editor.connection.sendRequest(HoverRequest.type, editor.here(POLICY, "shop\n|\nimport")), null);
});

test("a rule's hover says what it is filed under", options, async (context) => {
  const editor = await opened(context);
  const hover = await editor.connection.sendRequest(HoverRequest.type, editor.here(POLICY, "review lar|ge"));
  assert.match(JSON.stringify(hover?.contents), /pay\/send/);
});

test("signatures are told while a call is written", options, async (context) => {
  const editor = await opened(context);
  const active = async (place: string) => {
    const help = await editor.connection.sendRequest(SignatureHelpRequest.type, editor.here(POLICY, place));
    const signature = help?.signatures[help.activeSignature ?? 0];
    const [start, end] = (signature?.parameters?.[help?.activeParameter ?? -1]?.label ?? [0, 0]) as [number, number];
    return { label: signature?.label ?? "", parameter: signature?.label.slice(start, end), documentation: JSON.stringify(signature?.documentation ?? "") };
  };
  const first = await active("over(|args.amount");
  assert.equal(first.label, "over(number: int, more: int) -> bool");
  assert.equal(first.parameter, "number: int");
  assert.match(first.documentation, /over the limit/);
  assert.equal((await active("over(args.amount, |1)")).parameter, "more: int");
  assert.match((await active("approval(|from")).parameter ?? "", /^from/);
  assert.match((await active("team.tell(|")).parameter ?? "", /^whom/);
  await editor.append(POLICY, "\nlet unfinished = over(limit, ");
  assert.equal((await active("over(limit, |")).parameter, "more: int");
  assert.equal(await editor.connection.sendRequest(SignatureHelpRequest.type, editor.here(POLICY, "review| large")), null);
});

test("definitions are found, into the standard library too", options, async (context) => {
  const editor = await opened(context);
  const targets = async (place: string) => {
    const found = (await editor.connection.sendRequest(DefinitionRequest.type, editor.here(POLICY, place))) as LocationLink[];
    for (const { originSelectionRange, targetRange, targetSelectionRange } of found) {
      assert.ok(originSelectionRange && targetRange.start.line <= targetSelectionRange.start.line, place);
    }
    return found;
  };
  const cases: [place: string, ...targets: string[]][] = [
    ["number > li|mit", `${POLICY}: limit`],
    ["when ov|er(", `${POLICY}: over`],
    ["team.ex|tra", `${TEAM}: extra`],
    ["team.te|ll(", `${TEAM}: tell`],
    ["grant.ceil|ing", `${POLICY}: ceiling`],
    ["gra|nt.ceiling", `${POLICY}: grant`],
    ["in gra|nts[", `${POLICY}: grants`],
    ['ceiling == "hi|gh"', `${POLICY}: high`],
    ["over(args.am|ount", `${POLICY}: amount`],
  ];
  for (const [place, ...wanted] of cases) {
    const found = await targets(place);
    assert.deepEqual(found.map(({ targetUri, targetSelectionRange }) => shown(editor, { uri: targetUri, range: targetSelectionRange })), wanted, place);
  }
  for (const tool of ['on "pay/s|end"\n  for', 'on "pay/send", "pay/ref|und"']) {
    const [found] = await targets(tool);
    assert.equal(found?.targetUri, editor.uri(POLICY), tool);
    assert.match(editor.piece(POLICY, found.targetSelectionRange), /^"?pay\/(send|refund)"?$/, tool);
  }
  for (const place of ["require app|roval", "[agent.i|d]"]) {
    const [library] = await targets(place);
    assert.ok(library && existsSync(fileURLToPath(library.targetUri)), `${place}: ${library?.targetUri}`);
  }
});

test("an editor without links is told the same places", options, async (context) => {
  const editor = await opened(context, { capabilities: { ...able, textDocument: {} } });
  const found = (await editor.connection.sendRequest(DefinitionRequest.type, editor.here(POLICY, "team.ex|tra"))) as Definition;
  assert.deepEqual([found].flat().map((place) => shown(editor, place)), [`${TEAM}: extra`]);
});

test("the type of what stands there is found", options, async (context) => {
  const editor = await opened(context);
  for (const [place, type] of [["gra|nt.ceiling", "Grant"], ["grant.ceil|ing", "Risk"], ["data gra|nts", "Grant"]] as const) {
    const found = (await editor.connection.sendRequest(TypeDefinitionRequest.type, editor.here(POLICY, place))) as LocationLink[];
    assert.deepEqual(found.map(({ targetUri, targetSelectionRange: range }) => shown(editor, { uri: targetUri, range })), [`${POLICY}: ${type}`], place);
  }
});

test("uses are found in all files", options, async (context) => {
  const editor = await opened(context);
  const found = async (place: string, includeDeclaration: boolean, name = POLICY) => {
    const answer = await editor.connection.sendRequest(ReferencesRequest.type, { ...editor.here(name, place), context: { includeDeclaration } });
    return (answer ?? []).map((at) => shown(editor, at)).sort();
  };
  assert.deepEqual(await found("team.ex|tra", true), [`${POLICY}: extra`, `${TEAM}: extra`]);
  assert.deepEqual(await found("let ex|tra", false, TEAM), [`${POLICY}: extra`]);
  assert.deepEqual(await found("allow sm|all", true), [`${POLICY}: small`, `${TESTS}: small`]);
  assert.equal((await found("tool \"pay/s|end\"", true)).filter((at) => at.startsWith(POLICY)).length, 3);
  const read = await editor.connection.sendRequest(DocumentHighlightRequest.type, editor.here(POLICY, "let li|mit"));
  assert.deepEqual(
    read?.map(({ range, kind }) => [editor.piece(POLICY, range), kind]),
    [["limit", DocumentHighlightKind.Write], ["limit", DocumentHighlightKind.Read]],
  );
});

/** The tokens of a file as `text: type modifiers`. */
function decoded(editor: Editor, name: string, data: number[]): string[] {
  const { tokenTypes, tokenModifiers } = editor.answer.capabilities.semanticTokensProvider!.legend;
  const found = [];
  let [line, character] = [0, 0];
  for (let place = 0; place < data.length; place += 5) {
    const [lines = 0, start = 0, length = 0, type = 0, modifiers = 0] = data.slice(place, place + 5);
    character = lines === 0 ? character + start : start;
    line += lines;
    const text = editor.piece(name, { start: { line, character }, end: { line, character: character + length } });
    const set = tokenModifiers.filter((_, bit) => modifiers & (1 << bit));
    found.push(`${text}: ${[tokenTypes[type], ...set].join(" ")}`);
  }
  return found;
}

test("words are coloured by what they mean", options, async (context) => {
  const editor = await opened(context);
  const all = await editor.connection.sendRequest(SemanticTokensRequest.type, editor.of(POLICY));
  const tokens = decoded(editor, POLICY, all?.data ?? []);
  const wanted = ["import: keyword", "team: namespace", "Risk: enum declaration", "Grant: type declaration", "low: enumMember declaration", "review: review", "allow: allow",
    "large: rule declaration", "approval: obligation defaultLibrary", "args: property defaultLibrary", '"pay/send": tool', "limit: variable readonly", "number: parameter",
    "10: number", "over: function", "grants: data"];
  for (const token of wanted) assert.ok(tokens.some((found) => found.startsWith(token)), `${token} in ${tokens.join(", ")}`);

  const part = await editor.connection.sendRequest(SemanticTokensRangeRequest.type, { ...editor.of(POLICY), range: editor.span(POLICY, "let limit = 10") });
  const some = decoded(editor, POLICY, part?.data ?? []);
  assert.deepEqual(some.slice(0, 4), ["let: keyword", "limit: variable declaration", "=: operator", "10: number"]);
  assert.ok(some.length < tokens.length / 2, some.join(", "));

  await editor.replace(POLICY, "let limit = 10", "let limit = 1_000");
  const delta = await editor.connection.sendRequest(SemanticTokensDeltaRequest.type, { ...editor.of(POLICY), previousResultId: all?.resultId ?? "" });
  assert.ok(delta && "edits" in delta);
  const data = [...(all?.data ?? [])];
  for (const { start, deleteCount, data: added = [] } of [...delta.edits].reverse()) data.splice(start, deleteCount, ...added);
  const anew = await editor.connection.sendRequest(SemanticTokensRequest.type, editor.of(POLICY));
  assert.deepEqual(data, anew?.data);
  assert.ok(decoded(editor, POLICY, data).includes("1_000: number"));
  assert.ok(delta.edits.every(({ data: added = [] }) => added.length < data.length / 2), "a small change is a small answer");
  const unknown = await editor.connection.sendRequest(SemanticTokensDeltaRequest.type, { ...editor.of(POLICY), previousResultId: "of long ago" });
  assert.ok(unknown && "data" in unknown);
});

const labels = (hints: InlayHint[] | null) => (hints ?? []).map(({ label }) => (typeof label === "string" ? label : label.map(({ value }) => value).join("")));

test("types, parameters and what tests came to stand between the words", options, async (context) => {
  const editor = await opened(context);
  const hints = await editor.connection.sendRequest(InlayHintRequest.type, { ...editor.of(POLICY), range: editor.whole(POLICY) });
  const ofKind = (kind: InlayHintKind) => labels((hints ?? []).filter((hint) => hint.kind === kind));
  assert.ok(ofKind(InlayHintKind.Type).some((label) => /int/.test(label)), labels(hints).join(", "));
  assert.ok(ofKind(InlayHintKind.Type).some((label) => /Grant/.test(label)));
  assert.ok(ofKind(InlayHintKind.Parameter).includes("more: "), ofKind(InlayHintKind.Parameter).join(", "));
  const limit = hints?.find(({ position }) => position.line === editor.at(POLICY, "let limit|").line);
  assert.deepEqual(limit?.position, editor.at(POLICY, "let limit|"));

  const ask = () => editor.connection.sendRequest(InlayHintRequest.type, { ...editor.of(TESTS), range: editor.whole(TESTS) });
  // Tests run once one pauses.
  const tests = await eventually(ask, (hints) => labels(hints).some((label) => label.includes("allow")));
  const beside = (place: string) => labels((tests ?? []).filter(({ position }) => position.line === editor.at(TESTS, place).line)).join();
  assert.match(beside('ahead"|'), /allow/);
  assert.match(beside('waits"|'), /review/);
  const one = await editor.connection.sendRequest(InlayHintRequest.type, { ...editor.of(POLICY), range: editor.span(POLICY, "let limit = 10") });
  assert.ok((one ?? []).length > 0 && (one ?? []).length < (hints ?? []).length);
});

test("a recorded request shows what is decided, while one types", options, async (context) => {
  const editor = await opened(context);
  const beside = async (...places: string[]) => {
    const hints = await editor.connection.sendRequest(InlayHintRequest.type, { ...editor.of(POLICY), range: editor.whole(POLICY) });
    return places.map((place) => {
      const { line } = editor.at(POLICY, place);
      return labels((hints ?? []).filter((hint) => hint.kind === undefined && hint.position.line === line)).join();
    });
  };
  const places = ["package shop|", "review large|", 'ceiling == "high"|', "allow small|", 'agent.id != ""|'];
  const [decision = "", large, condition = "", small, other = ""] = await beside(...places);
  assert.match(decision, /^review/);
  assert.equal(large, "matches");
  assert.match(condition, /^true/);
  assert.equal(small, "does not match");
  assert.match(other, /^false: args\.amount = 20/);

  const told: { uri: string; input: string | null }[] = [];
  editor.connection.onNotification(new NotificationType<{ uri: string; input: string | null }>("tollgate/activeInput"), (params) => void told.push(params));
  const evaluate = (input: string | null) =>
    editor.connection.sendRequest(ExecuteCommandRequest.type, { command: "tollgate.evaluateWith", arguments: [editor.uri(POLICY), input && editor.uri(input)] });
  await evaluate("requests/small.json");
  await editor.until(() => told.length === 1, () => "the input is told");
  assert.equal(told[0]?.uri, editor.uri(POLICY));
  assert.match(told[0].input ?? "", /requests\/small\.json$/);
  assert.deepEqual((await beside(...places)).map((text) => text.split(/[:, ]/)[0]), ["allow", "does", "false", "matches", "true"]);
  await editor.replace(POLICY, "args.amount < 5", "args.amount < 1");
  const [typed = "", , , changed] = await beside(...places);
  assert.match(typed, /^deny/);
  assert.equal(changed, "does not match");
  await evaluate(null);
  assert.deepEqual(await beside(...places), ["", "", "", "", ""]);
  await assert.rejects(editor.connection.sendRequest(ExecuteCommandRequest.type, { command: "tollgate.nothing" }), /tollgate\.nothing/);
});

test("lines over tests run them, lines over rules lead to their tests", options, async (context) => {
  const editor = await opened(context);
  const lenses = async (name: string) => (await editor.connection.sendRequest(CodeLensRequest.type, editor.of(name))) ?? [];
  const tests = (await lenses(TESTS)).map(({ command, range }) => [command?.command, command?.arguments, range.start.line]);
  assert.deepEqual(tests, [
    ["tollgate.runTests", [editor.uri(TESTS)], 0],
    ["tollgate.runTest", [editor.uri(TESTS), "a small one goes ahead"], editor.at(TESTS, 'test "a| small').line],
    ["tollgate.runTest", [editor.uri(TESTS), "{row.amount} waits"], editor.at(TESTS, "amount|} waits").line],
  ]);
  const rules = await lenses(POLICY);
  const small = rules.find(({ range }) => editor.piece(POLICY, range) === "small");
  assert.match(small?.command?.title ?? "", /^(matched by )?1 test/);
  const [uri, position, places] = small?.command?.arguments ?? [];
  assert.equal(small?.command?.command, "tollgate.showReferences");
  assert.ok(uri === editor.uri(POLICY) && position !== undefined);
  assert.deepEqual((places as { uri: string; range: Range }[]).map((at) => shown(editor, at)), [`${TESTS}: "a small one goes ahead"`]);
});

test("the place to show a rule's tests at is the rule's name", options, async (context) => {
  const editor = await opened(context);
  const lenses = await editor.connection.sendRequest(CodeLensRequest.type, editor.of(POLICY));
  const small = lenses?.find(({ range }) => editor.piece(POLICY, range) === "small");
  assert.deepEqual(small?.command?.arguments?.[1], editor.at(POLICY, "allow |small"));
});

test("what files declare is listed", options, async (context) => {
  const editor = await opened(context);
  const symbols = ((await editor.connection.sendRequest(DocumentSymbolRequest.type, editor.of(POLICY))) ?? []) as DocumentSymbol[];
  for (const [name, kind] of [["Risk", SymbolKind.Enum], ["Grant", SymbolKind.Struct], ["over", SymbolKind.Function], ["large", SymbolKind.Method], ["limit", SymbolKind.Constant]] as const) {
    const found = symbols.find((symbol) => symbol.name === name);
    assert.equal(found?.kind, kind, name);
    assert.equal(editor.piece(POLICY, found.selectionRange), name);
    assert.ok(editor.piece(POLICY, found.range).includes(name));
  }
  const children = (name: string) => symbols.find((symbol) => symbol.name === name)?.children?.map((child) => child.name);
  assert.deepEqual([children("Risk"), children("Grant")], [["low", "high"], ["tool", "ceiling", "since"]]);

  const found = await editor.connection.sendRequest(WorkspaceSymbolRequest.type, { query: "extr" });
  assert.deepEqual(found?.map(({ name, containerName, location }) => [name, containerName, editor.name(location.uri)]), [["extra", "team", TEAM]]);
  const loose = await editor.connection.sendRequest(WorkspaceSymbolRequest.type, { query: "lrg" });
  assert.equal(loose?.[0]?.name, "large");
});

interface Listed {
  uri: string;
  title: string;
  package: string;
  range: Range;
  kind: string;
  cases?: string[];
}

test("tests are listed for a view of their own", options, async (context) => {
  const editor = await opened(context);
  const ask = () => editor.connection.sendRequest(new RequestType<object, Listed[], void>("tollgate/tests"), {});
  // The titles of rows are known once tests have run.
  const listed = await eventually(ask, (listed) => listed.some(({ cases }) => cases));
  assert.deepEqual(
    listed.map(({ title, package: of, kind, cases }) => [title, of, kind, cases]),
    [
      ["a small one goes ahead", "shop", "test", undefined],
      ["{row.amount} waits", "shop", "test", ["20 waits", "30 waits"]],
      ["nobody pays a fortune", "shop", "property", undefined],
    ],
  );
  for (const { uri, range, title } of listed) assert.ok(uri === editor.uri(TESTS) && editor.piece(TESTS, range).includes(title));
});

test("items, comments and imports fold", options, async (context) => {
  const editor = await opened(context);
  await editor.replace(POLICY, "import team\n", "import team\nimport far\n\n// One\n// two.\n");
  const folds = (await editor.connection.sendRequest(FoldingRangeRequest.type, editor.of(POLICY))) ?? [];
  const of = (place: string) => folds.find(({ startLine }) => startLine === editor.at(POLICY, place).line);
  assert.equal(of("import| team")?.kind, FoldingRangeKind.Imports);
  assert.equal(of("// One|")?.kind, FoldingRangeKind.Comment);
  assert.equal(of("@id(|")?.endLine, editor.at(POLICY, 'require| approval').line);
});

test("a selection grows by what belongs together", options, async (context) => {
  const editor = await opened(context);
  const positions = [editor.at(POLICY, "grant.ceil|ing"), editor.at(POLICY, "let li|mit")];
  const found = (await editor.connection.sendRequest(SelectionRangeRequest.type, { ...editor.of(POLICY), positions })) ?? [];
  assert.equal(found.length, 2);
  const grown = (range: SelectionRange | undefined): string[] => (range ? [editor.piece(POLICY, range.range), ...grown(range.parent)] : []);
  const pieces = grown(found[0]);
  assert.equal(pieces[0], "ceiling");
  for (const piece of ["grant.ceiling", 'grant.ceiling == "high"', 'over(args.amount, 1) and grant.ceiling == "high"']) assert.ok(pieces.includes(piece), piece);
  assert.equal(pieces.at(-1), editor.text(POLICY));
  pieces.reduce((inner, outer) => (assert.ok(outer.includes(inner) && outer !== inner), outer));
  assert.equal(grown(found[1])[0], "limit");
});

test("calls are told in both directions, across files", options, async (context) => {
  const editor = await opened(context);
  const [item] = (await editor.connection.sendRequest(CallHierarchyPrepareRequest.type, editor.here(POLICY, "fn ov|er"))) ?? [];
  assert.ok(item);
  assert.deepEqual([item.name, item.kind], ["over", SymbolKind.Function]);
  const incoming = await editor.connection.sendRequest(CallHierarchyIncomingCallsRequest.type, { item });
  assert.deepEqual(incoming?.map(({ from, fromRanges }) => [from.name, ...fromRanges.map((range) => editor.piece(POLICY, range))]), [["large", "over"]]);
  const outgoing = await editor.connection.sendRequest(CallHierarchyOutgoingCallsRequest.type, { item });
  assert.deepEqual(outgoing?.map(({ to }) => [to.name, editor.name(to.uri)]), [["limit", POLICY], ["extra", TEAM]]);
});

test("data lead to their file, addresses to their page", options, async (context) => {
  const editor = await opened(context);
  const links = (await editor.connection.sendRequest(DocumentLinkRequest.type, editor.of(POLICY))) ?? [];
  const told = links.map(({ range, target }) => [editor.piece(POLICY, range), target]);
  assert.deepEqual(told, [["https://example.com/grants", "https://example.com/grants"], ["grants", editor.uri("data/grants.json")]]);
});
