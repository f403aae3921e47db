// The life of the server as an editor meets it: how it begins, what it is told of folders, files and settings, and how it ends.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  CodeLensRequest,
  DiagnosticRefreshRequest,
  DiagnosticSeverity,
  DiagnosticTag,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidChangeWatchedFilesNotification,
  DidChangeWorkspaceFoldersNotification,
  DidCloseTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  FileChangeType,
  HoverRequest,
  InlayHintRequest,
  TextDocumentSyncKind,
  WorkspaceDiagnosticRequest,
  type Diagnostic,
} from "vscode-languageserver-protocol/node";
import { Editor, able, options } from "./editor";

const POLICY = "policies/shop.toll";
const TEAM = "policies/team.toll";

const codes = (diagnostics: Diagnostic[]) => diagnostics.map(({ code }) => code);

test("the server says what it can do, and answers that", options, async (context) => {
  const editor = await Editor.start(context);
  const { capabilities, serverInfo } = editor.answer;
  assert.equal(serverInfo?.name, "tollgate");
  assert.match(serverInfo.version ?? "", /^\d+\.\d+\.\d+/);
  assert.equal(capabilities.positionEncoding, "utf-16");
  assert.deepEqual(capabilities.textDocumentSync, { openClose: true, change: TextDocumentSyncKind.Incremental, save: true });
  assert.deepEqual(capabilities.workspace?.workspaceFolders, { supported: true, changeNotifications: true });
  // Each has its test here or in `requests.test.ts` or `changes.test.ts`.
  assert.deepEqual(Object.keys(capabilities).sort(), [
    "callHierarchyProvider",
    "codeActionProvider",
    "codeLensProvider",
    "completionProvider",
    "definitionProvider",
    "documentFormattingProvider",
    "documentHighlightProvider",
    "documentLinkProvider",
    "documentOnTypeFormattingProvider",
    "documentRangeFormattingProvider",
    "documentSymbolProvider",
    "executeCommandProvider",
    "foldingRangeProvider",
    "hoverProvider",
    "inlayHintProvider",
    "positionEncoding",
    "referencesProvider",
    "renameProvider",
    "selectionRangeProvider",
    "semanticTokensProvider",
    "signatureHelpProvider",
    "textDocumentSync",
    "typeDefinitionProvider",
    "workspace",
    "workspaceSymbolProvider",
  ]);
  await editor.until(
    () => editor.registrations.length > 0,
    () => "the server asks to be told of files",
  );
  const [registration] = editor.registrations;
  assert.equal(registration?.method, "workspace/didChangeWatchedFiles");
  assert.match(JSON.stringify(registration?.registerOptions), /\*\.toll/);
});

test("positions count what the editor wants to count", options, async (context) => {
  const line = 'allow many when agent.id == "😀é" and agnt.id == "a"';
  const units = { "utf-16": (text: string) => text.length, "utf-8": (text: string) => Buffer.byteLength(text) };
  for (const encoding of ["utf-16", "utf-8"] as const) {
    const column = (text: string) => ({ line: 2, character: units[encoding](text) });
    const capabilities = { ...able, general: { positionEncodings: [encoding] } };
    const editor = await Editor.start(context, { capabilities, files: { [POLICY]: `package shop\n\n${line}\n` } });
    assert.equal(editor.answer.capabilities.positionEncoding, encoding);
    await editor.open(POLICY);
    const places = (said: Diagnostic[]) => said.filter(({ code }) => code === "E0101").map(({ range }) => range);
    const [before = ""] = line.split("agnt");
    const said = await editor.diagnosed(POLICY, (said) => places(said).length > 0);
    assert.deepEqual(places(said), [{ start: column(before), end: column(`${before}agnt`) }]);

    // The letter after the face goes.
    const range = { start: column('allow many when agent.id == "😀'), end: column('allow many when agent.id == "😀é') };
    const textDocument = { uri: editor.uri(POLICY), version: 2 };
    await editor.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument, contentChanges: [{ range, text: "" }] });
    const { character } = column(before.replace("é", ""));
    await editor.diagnosed(POLICY, (said) => places(said).some(({ start }) => start.character === character));
  }
});

test("findings are sent, with their pages, tags and other places", options, async (context) => {
  const editor = await Editor.start(context);
  await editor.open(POLICY);
  await editor.diagnosed(POLICY, (said) => said.length === 0);
  const broken = "\ndeny broken when agent.id == 1\n\nlet limit = 3\n";
  await editor.append(POLICY, broken);
  const said = await editor.diagnosed(POLICY, (said) => said.some(({ relatedInformation }) => relatedInformation));
  for (const { source, severity, codeDescription } of said) {
    assert.equal(source, "tollgate");
    assert.equal(severity, DiagnosticSeverity.Error);
    assert.match(codeDescription?.href ?? "", /^file:.*\bE\d{4}\b/);
    assert.ok(existsSync(fileURLToPath(codeDescription?.href ?? "")));
  }
  const twice = said.find(({ range }) => editor.piece(POLICY, range) === "limit");
  const [first] = twice?.relatedInformation ?? [];
  assert.equal(first?.location.uri, editor.uri(POLICY));
  assert.deepEqual(first.location.range, editor.span(POLICY, "limit"));

  await editor.replace(POLICY, broken, "\nlet spare = 1\n");
  const [unused] = await editor.diagnosed(POLICY, (said) => codes(said).includes("W0104"));
  assert.deepEqual([unused?.severity, unused?.tags], [DiagnosticSeverity.Warning, [DiagnosticTag.Unnecessary]]);
  assert.equal(unused && editor.piece(POLICY, unused.range), "spare");
  await editor.replace(POLICY, "\nlet spare = 1\n", "");

  await editor.open(TEAM);
  await editor.replace(TEAM, "let extra", '@deprecated("nobody may")\nlet extra');
  const [old] = await editor.diagnosed(POLICY, (said) => codes(said).includes("W0112"));
  assert.deepEqual(old?.tags, [DiagnosticTag.Deprecated]);
  assert.match(editor.piece(POLICY, old.range), /extra/);
});

test("findings of files that are not open are sent too", options, async (context) => {
  const editor = await Editor.start(context);
  await editor.open(TEAM);
  await editor.replace(TEAM, "let extra = 1", "let more = 1");
  const said = await editor.diagnosed(POLICY, (said) => said.length > 0);
  assert.equal(said[0] && editor.piece(POLICY, said[0].range), "extra");
  await editor.connection.sendNotification(DidCloseTextDocumentNotification.type, editor.of(TEAM));
  await editor.diagnosed(POLICY, (said) => said.length === 0);
});

test("findings are told to an editor that asks for them", options, async (context) => {
  const capabilities = { ...able, textDocument: { ...able.textDocument, diagnostic: {} } };
  const editor = await Editor.start(context, { capabilities });
  assert.deepEqual(editor.answer.capabilities.diagnosticProvider, { interFileDependencies: true, workspaceDiagnostics: true });
  await editor.open(POLICY);
  await editor.append(POLICY, "\nallow broken when agnt.id == 1\n");
  const report = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, editor.of(POLICY));
  assert.ok(report.kind === "full");
  assert.deepEqual(codes(report.items), ["E0101"]);
  const again = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, { ...editor.of(POLICY), previousResultId: report.resultId ?? "" });
  assert.deepEqual([again.kind, again.resultId], ["unchanged", report.resultId]);
  await editor.replace(POLICY, "agnt.id == 1", 'agent.id == "a"');
  const mended = await editor.connection.sendRequest(DocumentDiagnosticRequest.type, { ...editor.of(POLICY), previousResultId: report.resultId ?? "" });
  assert.ok(mended.kind === "full");
  assert.ok(!codes(mended.items).includes("E0101"));

  await editor.open(TEAM);
  await editor.replace(TEAM, "let extra = 1", "let more = 1");
  const { items } = await editor.connection.sendRequest(WorkspaceDiagnosticRequest.type, { previousResultIds: [] });
  const shop = items.find(({ uri }) => uri === editor.uri(POLICY));
  assert.ok(shop?.kind === "full" && shop.items.length > 0 && shop.version !== null);
  const known = items.map(({ uri, resultId }) => ({ uri, value: resultId ?? "" }));
  const unchanged = await editor.connection.sendRequest(WorkspaceDiagnosticRequest.type, { previousResultIds: known });
  assert.deepEqual([...new Set(unchanged.items.map(({ kind }) => kind))], ["unchanged"]);
});

test("an editor that asks for findings is told when to ask again", options, async (context) => {
  const capabilities = { ...able, textDocument: { ...able.textDocument, diagnostic: {} }, workspace: { ...able.workspace, diagnostics: { refreshSupport: true } } };
  const editor = await Editor.start(context, { capabilities });
  let asked = 0;
  editor.connection.onRequest(DiagnosticRefreshRequest.type, () => void (asked += 1));
  await editor.open(POLICY);
  editor.write(TEAM, "package team\n\nlet more = 1\n\nobligation tell(whom: string)\n");
  await editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [{ uri: editor.uri(TEAM), type: FileChangeType.Changed }] });
  await editor.until(() => asked > 0, () => "the server asks to be asked");
});

test("files that change on disk count, and so do new ones and ones that go", options, async (context) => {
  const editor = await Editor.start(context);
  const changed = (name: string, type: FileChangeType) =>
    editor.connection.sendNotification(DidChangeWatchedFilesNotification.type, { changes: [{ uri: editor.uri(name), type }] });
  await editor.open(POLICY);
  await editor.diagnosed(POLICY, (said) => said.length === 0);
  const team = editor.text(TEAM);
  editor.write(TEAM, team.replace("extra", "more"));
  await changed(TEAM, FileChangeType.Changed);
  await editor.diagnosed(POLICY, (said) => said.length > 0);
  editor.write(TEAM, team);
  await changed(TEAM, FileChangeType.Changed);
  await editor.diagnosed(POLICY, (said) => said.length === 0);

  editor.write("policies/more.toll", "package more\n\nallow all when 1\n");
  await changed("policies/more.toll", FileChangeType.Created);
  await editor.diagnosed("policies/more.toll", (said) => said.length > 0);
  editor.write("tollgate.toml", '[policy]\nroots = ["policies/shop.toll", "policies/team.toll", "tests"]\n');
  await changed("tollgate.toml", FileChangeType.Changed);
  await editor.diagnosed("policies/more.toll", (said) => said.length === 0);
});

test("folders come and go", options, async (context) => {
  const other = "package other\n\nallow odd when agnt.id == \"a\"\n";
  const project = { "one/tollgate.toml": "", "one/policies/a.toll": "package one\n\nallow x when true == 1\n", "two/tollgate.toml": "", "two/policies/b.toll": other };
  const editor = await Editor.start(context, { folders: ["one"], files: project });
  await editor.open("one/policies/a.toll");
  await editor.diagnosed("one/policies/a.toll", (said) => said.length > 0);
  const [one, two] = ["one", "two"].map((name) => ({ uri: editor.uri(name), name }));
  assert.ok(one && two);
  await editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, { event: { added: [two], removed: [] } });
  const said = await editor.diagnosed("two/policies/b.toll", (said) => said.length > 0);
  assert.deepEqual(codes(said), ["E0101"]);
  await editor.connection.sendNotification(DidChangeWorkspaceFoldersNotification.type, { event: { added: [], removed: [two] } });
  await editor.diagnosed("two/policies/b.toll", (said) => said.length === 0);
});

test("settings are taken at the start and whenever they change", options, async (context) => {
  const editor = await Editor.start(context, { settings: { inlayHints: { types: false, parameterNames: false, effects: false, decisions: false }, codeLens: { tests: false, coverage: false, replay: false } } });
  await editor.open(POLICY);
  const asked = async () => ({
    hints: (await editor.connection.sendRequest(InlayHintRequest.type, { ...editor.of(POLICY), range: editor.whole(POLICY) }))?.length,
    lenses: (await editor.connection.sendRequest(CodeLensRequest.type, editor.of(POLICY)))?.length,
  });
  assert.deepEqual(await asked(), { hints: 0, lenses: 0 });
  await editor.connection.sendNotification(DidChangeConfigurationNotification.type, { settings: { tollgate: { inlayHints: { types: true }, codeLens: { tests: true } } } });
  const { hints = 0, lenses = 0 } = await asked();
  assert.ok(hints > 0 && lenses > 0, `${hints} ${lenses}`);
});

test("the server ends when it is told to", options, async (context) => {
  const editor = await Editor.start(context);
  await editor.open(POLICY);
  assert.equal(await editor.stop(), 0);
});

test("the server tells by its exit code that it was not told of its end", options, async (context) => {
  const editor = await Editor.start(context);
  await editor.connection.sendNotification(ExitNotification.type);
  assert.equal(await editor.ended, 1);
});

test("nothing but an end is answered after a shutdown", options, async (context) => {
  const editor = await Editor.start(context);
  await editor.connection.sendRequest("shutdown");
  await assert.rejects(editor.connection.sendRequest(HoverRequest.type, editor.here(POLICY, "|limit")));
  await editor.connection.sendNotification(ExitNotification.type);
  assert.equal(await editor.ended, 0);
});
