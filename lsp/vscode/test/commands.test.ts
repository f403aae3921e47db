import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import type { LogOutputChannel } from "vscode";
import { showActiveInput } from "../src/activeInput";
import { registerCommands } from "../src/commands";
import type { Server } from "../src/server";
import { Location, Position, Range, Uri, state, window } from "./vscode";

const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
after(() => rmSync(folder, { recursive: true }));
const program = join(folder, "command");
writeFileSync(program, `#!/bin/sh\nif [ "$2" = ${folder}/full ]; then echo "the folder is not empty" >&2; exit 2; fi\n`);
chmodSync(program, 0o755);
writeFileSync(join(folder, "call.json"), "{}");
mkdirSync(join(folder, "full"));

const policy = Uri.file(join(folder, "a.toll"));
const call = Uri.file(join(folder, "call.json"));
const listeners = new Map<string, (params: unknown) => void>();
const executed: unknown[] = [];
let executes = true;
let answer: unknown;
const server = {
  on: (method: string, listener: (params: unknown) => void) => listeners.set(method, listener),
  executes: () => executes,
  execute: async (...command: unknown[]) => {
    executed.push(command);
    return answer;
  },
} as unknown as Server;
registerCommands(server, {} as LogOutputChannel);
showActiveInput(server);

const command = (name: string, ...args: unknown[]): unknown => state.commands.get(`tollgate.${name}`)?.(...args);
const open = (languageId: string): void => {
  window.activeTextEditor = { document: { uri: policy, languageId }, selection: { active: new Position(3, 5) } };
  state.activated.fire(undefined);
};

beforeEach(() => {
  Object.assign(state, { folder, settings: { "tollgate.path": program }, executed: [], errors: [], answer: undefined, diagnostics: [] });
  executed.length = 0;
  executes = true;
  answer = undefined;
  open("toll");
});

test("the recorded input is chosen, shown, and taken back", async () => {
  state.answer = "call.json";
  await command("pickInput");
  assert.deepEqual(executed.pop(), ["tollgate.evaluateWith", [policy.toString(), call.toString()]]);

  listeners.get("tollgate/activeInput")?.({ uri: policy.toString(), input: call.fsPath });
  assert.deepEqual(state.status, { text: "$(debug-alt) call.json", shown: true });
  open("json");
  assert.equal(state.status.shown, false);
  open("toll");
  assert.equal(state.status.shown, true);

  state.answer = "$(circle-slash) None";
  await command("pickInput");
  assert.deepEqual(executed.pop(), ["tollgate.evaluateWith", [policy.toString(), null]]);
});

test("nothing chosen changes nothing", async () => {
  await command("pickInput");
  assert.deepEqual(executed, []);
});

test("no input is chosen for what is no policy, or by a server that does not evaluate", async () => {
  open("json");
  await command("pickInput");
  open("toll");
  executes = false;
  await command("pickInput");
  assert.deepEqual(state.errors, ["Tollgate: open a policy first", "Tollgate: this version of `tollgate` does not evaluate in the editor"]);
  assert.deepEqual(executed, []);
});

test("a recorded call becomes a test, which is shown", async () => {
  const start = { line: 7, character: 0 };
  answer = { uri: policy.toString(), range: { start, end: start } };
  await command("makeTest", call);
  assert.deepEqual(executed.pop(), ["tollgate.testFromCall", [call.toString(), null]]);
  const [shown, { selection }] = state.executed.pop() as [Uri, { selection: Range }];
  assert.deepEqual([shown.toString(), selection.start], [policy.toString(), new Position(7, 0)]);

  // Of a log, the call at the cursor, as it stands in the editor.
  const log = Uri.file(join(folder, "calls.jsonl"));
  const saved: string[] = [];
  const save = async (): Promise<boolean> => saved.push("log") > 0;
  window.activeTextEditor = { document: { uri: log, languageId: "json", isDirty: true, save }, selection: { active: new Position(3, 5) } };
  answer = null;
  await command("makeTest");
  assert.deepEqual([executed.pop(), saved, state.executed], [["tollgate.testFromCall", [log.toString(), 4]], ["log"], []]);
  await command("makeTest", call);
  assert.deepEqual(executed.pop(), ["tollgate.testFromCall", [call.toString(), null]]);

  executes = false;
  await command("makeTest");
  window.activeTextEditor = undefined;
  await command("makeTest");
  assert.deepEqual(state.errors, ["Tollgate: this version of `tollgate` makes no tests of recorded calls", "Tollgate: open a recorded call first"]);
  assert.deepEqual(executed, []);
});

test("the diagnostic at the cursor is explained, or one that is asked for", async () => {
  const page = (): string | undefined => (state.executed.pop()?.[1] as Uri | undefined)?.toString();
  state.answer = "optional-value";
  await command("explainDiagnostic");
  assert.equal(page(), "tollgate-page:/explain/optional-value.md");

  const at = (from: number, to: number, code: string, source = "tollgate") => ({ range: new Range(3, from, 3, to), code, source });
  state.diagnostics = [at(0, 9, "X1", "other"), at(0, 2, "E0001"), at(4, 6, "E0203")];
  await command("explainDiagnostic");
  assert.equal(page(), "tollgate-page:/explain/E0203.md");
  state.diagnostics.pop();
  await command("explainDiagnostic");
  assert.equal(page(), "tollgate-page:/explain/E0001.md");

  state.diagnostics = [];
  state.answer = "no code";
  await command("explainDiagnostic");
  assert.deepEqual([page(), state.errors], [undefined, ["Tollgate: that is no code and no name of a diagnostic"]]);
});

test("a project is made and opened, or what keeps it from being made is said", async () => {
  state.answer = "Open in New Window";
  await command("newProject", Uri.file(folder));
  assert.deepEqual(state.executed.map(([name, uri, how]) => [name, String(uri), how]), [["vscode.openFolder", Uri.file(folder).toString(), { forceNewWindow: true }]]);
  await command("newProject", Uri.file(join(folder, "full")));
  assert.deepEqual(state.errors, [`Tollgate: made a project in \`${folder}\``, "Tollgate: the folder is not empty"]);
});

test("references that the server has found are shown", async () => {
  const range = { start: { line: 1, character: 2 }, end: { line: 1, character: 4 } };
  await command("showReferences", policy.toString(), range.start, [{ uri: call.toString(), range }]);
  await command("openCalls", call.toString());
  const [open, opened] = state.executed.pop() as [string, Uri];
  assert.deepEqual([open, opened.toString()], ["vscode.open", call.toString()]);
  const [name, uri, at, [place] = []] = state.executed.pop() as [string, Uri, Position, Location[]];
  assert.deepEqual([name, String(uri), at], ["editor.action.showReferences", policy.toString(), new Position(1, 2)]);
  assert.deepEqual([String(place?.uri), place?.range], [call.toString(), new Range(1, 2, 1, 4)]);
});
