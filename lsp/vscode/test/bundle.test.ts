// The bundle as the editor loads it: without the command, and with the one that `TOLLGATE_BIN` names.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import Module from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { extension, read } from "./repository";
import * as vscode from "./vscode";

const { state } = vscode;
const program = process.env["TOLLGATE_BIN"];
const { contributes } = JSON.parse(read(extension, "package.json")) as { contributes: { commands: { command: string }[] } };

/** The stand-in with, for all that it lacks, what can be called, constructed and listened to without effect. */
function lenient(target: object): object {
  return new Proxy(target, {
    get: (_, name) => {
      const known: unknown = Reflect.get(target, name);
      if (known !== undefined) return isPlain(known) ? lenient(known) : known;
      return typeof name === "string" ? substitute(name) : undefined;
    },
  });
}

function isPlain(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function substitute(name: string): unknown {
  if (/^on(Did|Will)/.test(name)) return () => ({ dispose() {} });
  if (/^[A-Z]/.test(name)) return class {};
  return name.endsWith("s") ? [] : () => ({ dispose() {} });
}

interface Bundle {
  activate(context: { subscriptions: object[] }): Promise<void>;
  deactivate(): Promise<void>;
}

function load(): Bundle {
  const loader = Module as unknown as { _load(name: string, ...rest: unknown[]): unknown };
  const original = loader._load;
  loader._load = (name, ...rest) => (name === "vscode" ? lenient(vscode) : original(name, ...rest));
  return loader._load(join(extension, "out/extension.js")) as Bundle;
}

const bundle = load();

test("without the command it says so, and has every command of the palette and of code lenses", async () => {
  state.settings = { "tollgate.path": "/none/tollgate" };
  state.folder = extension;
  const context = { subscriptions: [] };
  await bundle.activate(context);
  assert.deepEqual(state.errors, ["Tollgate: there is no program `/none/tollgate`, which `tollgate.path` names"]);
  assert.ok(context.subscriptions.length > 10);
  const lenses = ["runTest", "runTests", "showCoverage", "showReferences"].map((name) => `tollgate.${name}`);
  for (const command of [...contributes.commands.map(({ command }) => command), ...lenses]) assert.ok(state.commands.has(command), command);
  await bundle.deactivate();
});

const withCommand = { skip: program ? false : "TOLLGATE_BIN names no command", timeout: 30_000 };

test("it runs the server and the tests of a project", withCommand, async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
  context.after(async () => {
    await bundle.deactivate();
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, "a.toll"), POLICY);
  Object.assign(state, { folder, settings: { "tollgate.path": program }, executed: [], errors: [] });
  await bundle.activate({ subscriptions: [] });
  assert.deepEqual(state.errors, []);
  assert.deepEqual(state.executed, [["setContext", "tollgate.active", true]]);

  await state.commands.get("tollgate.showCoverage")?.(vscode.Uri.file(join(folder, "a.toll")).toString());
  const run = state.controllers.at(-1)?.runs.at(-1);
  assert.deepEqual(run?.told, { "at 1": "passed", "at 2": "failed" });
  assert.match(run?.messages.get("at 2")?.[0]?.message ?? "", /^expected allow.*\ngot deny/);
  assert.deepEqual(run?.coverage.map(({ statementCoverage, branchCoverage }) => [statementCoverage, branchCoverage]), [
    [{ covered: 1, total: 1 }, { covered: 2, total: 2 }],
  ]);
  assert.deepEqual(state.executed.at(-1), ["testing.openCoverage"]);
});

const POLICY = `package a

allow first
  when agent.id == "1"

test "at {c.id}" for c in [{id: "1"}, {id: "2"}] {
  input { agent: {id: c.id}, tool: {name: "t"} }
  expect allow by first
}
`;
