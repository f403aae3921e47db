import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { Uri } from "vscode";
import type { Server } from "../src/server";
import { exploreTests } from "../src/tests/explorer";
import { type Controller, EventEmitter, TestRunRequest, noToken, state } from "./vscode";

// The folder of a project, and a command that prints what a test has it print and keeps what it was asked for.
const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
after(() => rmSync(folder, { recursive: true }));
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const asked = (): string[] => readFileSync(join(folder, "asked"), "utf8").trim().split("\n");

mkdirSync(join(folder, "policies"));
put("tollgate.toml", "");
put("policies/t.toll", 'package t\ntest "one" {}\ntest "{c.n} rows" for c in [{n: 1}, {n: 2}] {}\nproperty "p" {\n  never allow\n}\n');
put("command", `#!/bin/sh\necho "$@" >> ${folder}/asked\ncase "$*" in *--list*) cat list.json;; *pretty*) echo shown to people;; *) cat results.json;; esac\n`);
chmodSync(join(folder, "command"), 0o755);

const file = "policies/t.toll";
const uri = Uri.file(join(folder, file));
const result = (name: string, line: number, failures: object[] = []) => ({
  name, package: "t", file, line, outcome: failures.length === 0 ? "passed" : "failed", duration_ms: 1, failures,
});
const failure = (line: number) => ({ step: null, file, line, column: 3, expected: "deny", got: "allow by t.a", why: ["`t.a` matched"] });
const listed = [["one", 2], ["1 rows", 3], ["2 rows", 3]].map(([name, line]) => ({ name, package: "t", file, line }));

/** The view as it is with a server that answers so, or knows nothing of tests. */
async function open(answer?: object[]): Promise<Controller> {
  const server = { ask: async () => answer } as unknown as Server;
  exploreTests(server, { warn: assert.fail });
  const controller = state.controllers.at(-1) as Controller;
  await controller.refreshHandler?.();
  return controller;
}

async function runAll(controller: Controller, profile = "Run") {
  await controller.profiles.get(profile)?.run(new TestRunRequest(), noToken);
  const run = controller.runs.at(-1);
  assert.ok(run?.ended);
  return run;
}

beforeEach(() => {
  state.folder = folder;
  state.settings = { "tollgate.path": join(folder, "command") };
  put("asked", "");
  put("list.json", JSON.stringify({ tests: listed }));
  put("results.json", JSON.stringify({ tests: [result("one", 2), result("1 rows", 3), result("2 rows", 3, [failure(3)])] }));
});

describe("the view", () => {
  test("lists what the command lists, rows below their test", async () => {
    const items = (await open()).items.get(uri.toString());
    assert.equal(items?.label, file);
    const tests = [...(items?.children ?? [])].map(([, test]) => [test.label, [...test.children].map(([title]) => title)]);
    assert.deepEqual(tests, [["one", []], ["{c.n} rows", ["1 rows", "2 rows"]]]);
  });

  test("lists what the server knows, if it does", async () => {
    const at = (line: number) => ({ start: { line, character: 0 }, end: { line: line + 2, character: 1 } });
    const controller = await open([
      { uri: uri.toString(), title: "{c.n} rows", range: at(2), kind: "test" },
      { uri: uri.toString(), title: "p", range: at(3), kind: "property" },
    ]);
    const tests = [...(controller.items.get(uri.toString())?.children ?? [])].map(([, test]) => [test.label, test.description]);
    assert.deepEqual(tests, [["{c.n} rows", undefined], ["p", "property"]]);
    assert.deepEqual(asked(), [""]);
  });

  test("has no test of a set with errors, but keeps those that it had", async () => {
    const controller = await open();
    put("list.json", '{"diagnostics": []}');
    await controller.refreshHandler?.();
    assert.equal(controller.items.get(uri.toString())?.children.size, 2);
    assert.equal((await open()).items.size, 0);
    put("list.json", '{"tests": []}');
    await controller.refreshHandler?.();
    assert.equal(controller.items.size, 0);
  });
});

describe("a run", () => {
  test("tells what passed and what failed, where and why", async () => {
    const run = await runAll(await open());
    assert.deepEqual(run.told, { one: "passed", "1 rows": "passed", "2 rows": "failed" });
    const [message] = run.messages.get("2 rows") ?? [];
    assert.equal(message?.message, "expected deny\ngot allow by t.a\n`t.a` matched");
    assert.deepEqual([message?.expectedOutput, message?.actualOutput], ["deny", "allow by t.a"]);
    assert.equal(message?.location?.uri.fsPath, uri.fsPath);
    assert.deepEqual({ ...message?.location?.range }, { line: 2, character: 2 });
    assert.match(run.output, /failed {2}2 rows\r\n {4}expected deny\r\n/);
  });

  test("of one test asks for that one", async () => {
    const controller = await open();
    await state.commands.get("tollgate.runTest")?.(uri.toString(), "one");
    assert.deepEqual(controller.runs.at(-1)?.told, { one: "passed" });
    assert.equal(asked().at(-1), "test --format=json --filter=one --exact");
  });

  test("of a file asks for the file, and of all that is one file too", async () => {
    const controller = await open();
    await state.commands.get("tollgate.runTests")?.(uri.toString());
    assert.equal(asked().at(-1), "test --format=json --filter=t.toll");
    await state.commands.get("tollgate.runAllTests")?.();
    assert.equal(controller.runs.length, 2);
  });

  test("leaves out what is excluded", async () => {
    const controller = await open();
    const one = controller.items.get(uri.toString())?.children.get("one");
    await controller.profiles.get("Run")?.run(new TestRunRequest(undefined, one && [one]), noToken);
    assert.deepEqual(controller.runs.at(-1)?.told, { "1 rows": "passed", "2 rows": "failed" });
  });

  test("skips a test that is no longer there", async () => {
    put("results.json", JSON.stringify({ tests: [result("one", 2)] }));
    assert.deepEqual((await runAll(await open())).told, { one: "passed", "1 rows": "skipped", "2 rows": "skipped" });
  });

  test("shows rows that nobody knew, and fails their test with one of them", async () => {
    const range = { start: { line: 2, character: 0 }, end: { line: 2, character: 9 } };
    const controller = await open([{ uri: uri.toString(), title: "{c.n} rows", range, kind: "test" }]);
    const run = await runAll(controller);
    assert.deepEqual(run.told, { "{c.n} rows": "failed", "1 rows": "passed", "2 rows": "failed" });
    assert.equal(controller.items.get(uri.toString())?.children.get("{c.n} rows")?.children.size, 2);
  });

  test("holds a property against every test", async () => {
    const range = { start: { line: 3, character: 0 }, end: { line: 5, character: 1 } };
    const controller = await open([{ uri: uri.toString(), title: "p", range, kind: "property" }]);
    assert.deepEqual((await runAll(controller)).told, { p: "passed" });
    assert.equal(asked().at(-1), "test --format=json");
    put("results.json", JSON.stringify({ tests: [result("one", 2, [failure(5)])] }));
    assert.deepEqual((await runAll(controller)).told, { p: "failed" });
  });

  test("of a set with errors says what is wrong with it", async () => {
    const controller = await open();
    const span = { start: { line: 2, column: 5 } };
    put("results.json", JSON.stringify({ diagnostics: [{ code: "E0101", message: "nothing here", file, span, help: null }] }));
    const run = await runAll(controller);
    assert.equal(run.told["one"], "errored");
    assert.match(run.messages.get("one")?.[0]?.message ?? "", /t\.toll:2:5: nothing here \[E0101\]/);
  });

  test("without the command says so", async () => {
    const controller = await open();
    state.settings = { "tollgate.path": "/none" };
    const run = await runAll(controller);
    assert.equal(run.messages.get("one")?.[0]?.message, "the command `tollgate` is missing");
  });

  test("explains failures with what people are shown", async () => {
    assert.match((await runAll(await open(), "Run and Explain Failures")).output, /shown to people\r\n/);
  });

  test("with coverage gives that of each file", async () => {
    const rules = [{ rule: "t.a", file, line: 2, matched: 0, conditions: [] }];
    put("results.json", JSON.stringify({ tests: [], coverage: { rules, scores: [] } }));
    const run = await runAll(await open(), "Run with Coverage");
    assert.deepEqual(run.coverage.map(({ uri, declarationCoverage }) => [uri.fsPath, declarationCoverage?.total]), [[uri.fsPath, 1]]);
    assert.match(asked().at(-1) ?? "", /--coverage=summary/);
  });

  test("that is stopped kills the command, and says nothing of its tests", async () => {
    const controller = await open();
    put("slow", "#!/bin/sh\nexec sleep 60\n");
    chmodSync(join(folder, "slow"), 0o755);
    state.settings = { "tollgate.path": join(folder, "slow") };
    const stopped = new EventEmitter<void>();
    const running = controller.profiles.get("Run")?.run(new TestRunRequest(), { isCancellationRequested: false, onCancellationRequested: stopped.event });
    setTimeout(() => stopped.fire(), 50);
    await running;
    const run = controller.runs.at(-1);
    assert.deepEqual([run?.ended, run?.told], [true, { one: "started", "1 rows": "started", "2 rows": "started" }]);
  });

  test("of thousands of tests takes no time to speak of", async () => {
    const many = Array.from({ length: 20_000 }, (_, at) => result(`test ${at}`, at + 1));
    put("list.json", JSON.stringify({ tests: many }));
    put("results.json", JSON.stringify({ tests: many }));
    const controller = await open();
    const start = performance.now();
    const run = await runAll(controller);
    assert.equal(Object.values(run.told).filter((how) => how === "passed").length, many.length);
    assert.ok(performance.now() - start < 5_000);
  });

  test("that is continuous runs again with every save, until it is stopped", async () => {
    const controller = await open();
    const stopped = new EventEmitter<void>();
    const token = { isCancellationRequested: false, onCancellationRequested: stopped.event };
    await controller.profiles.get("Run")?.run(new TestRunRequest(undefined, undefined, undefined, true), token);
    const settled = async (runs: number): Promise<void> => {
      for (let waited = 0; waited < 1_000 && controller.runs.filter(({ ended }) => ended).length < runs; waited += 1) {
        await new Promise((done) => setTimeout(done, 20));
      }
      assert.deepEqual(controller.runs.map(({ ended }) => ended), Array.from({ length: runs }, () => true));
    };
    state.saved.fire({ fileName: "/a/notes.md" });
    await settled(1);
    state.saved.fire({ fileName: uri.fsPath });
    await settled(2);
    stopped.fire();
    state.saved.fire({ fileName: uri.fsPath });
    await new Promise((done) => setTimeout(done, 50));
    await settled(2);
  });
});
