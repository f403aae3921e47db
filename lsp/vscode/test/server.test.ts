// The language server as an editor meets it: `TOLLGATE_BIN` names the command.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  DidOpenTextDocumentNotification,
  ExitNotification,
  HoverRequest,
  InitializeRequest,
  InitializedNotification,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  createProtocolConnection,
  type PublishDiagnosticsParams,
} from "vscode-languageserver-protocol/node";

const program = process.env["TOLLGATE_BIN"];
const skip = program === undefined ? "TOLLGATE_BIN names no command" : false;

test("the server starts, diagnoses, tells of a rule, and ends", { skip, timeout: 30_000 }, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const text = "package a\n\n/// Nobody may.\ndeny everything\n  when nobody\n";
  writeFileSync(join(folder, "a.toll"), text);
  const [root, uri] = [pathToFileURL(folder).href, pathToFileURL(join(folder, "a.toll")).href];

  const server = spawn(program ?? "", ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise((done) => server.on("exit", done));
  const connection = createProtocolConnection(server.stdout, server.stdin);
  connection.listen();
  const diagnosed = new Promise<PublishDiagnosticsParams>((done) => {
    connection.onNotification(PublishDiagnosticsNotification.type, (params) => {
      if (params.diagnostics.length > 0) done(params);
    });
  });

  const { serverInfo } = await connection.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: root,
    capabilities: {},
    workspaceFolders: [{ uri: root, name: "folder" }],
    initializationOptions: { codeLens: { tests: true }, inlayHints: { types: true } },
  });
  assert.equal(serverInfo?.name, "tollgate");
  await connection.sendNotification(InitializedNotification.type, {});
  await connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "toll", version: 1, text } });

  const { diagnostics } = await diagnosed;
  assert.deepEqual(diagnostics.map(({ code, source, range }) => [code, source, range.start]), [["E0101", "tollgate", { line: 4, character: 7 }]]);
  const hover = await connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position: { line: 3, character: 6 } });
  assert.match(JSON.stringify(hover?.contents), /everything/);

  await connection.sendRequest(ShutdownRequest.type);
  await connection.sendNotification(ExitNotification.type);
  assert.equal(await ended, 0);
  connection.dispose();
});
