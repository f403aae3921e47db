import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, describe, test } from "node:test";
import { Uri } from "vscode";
import { statusText } from "../src/activeInput";
import { findProgram, isAtLeast, parseVersion, run, whyUnusable } from "../src/command";
import { codeOf } from "../src/commands";
import { argumentsOf } from "../src/pages";
import { filterFor, testArguments } from "../src/tests/arguments";
import { coverageByFile } from "../src/tests/coverage";
import { grouped, projectOf, titleIn } from "../src/tests/discovery";
import { placesIn, units } from "../src/tests/lines";
import { describe as line, explain, readOutcome } from "../src/tests/output";

const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
after(() => rmSync(folder, { recursive: true }));

/** A program that stands in for the command. */
function program(name: string, script: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe("the command", () => {
  test("is the setting's, or the first on the path", () => {
    const path = program("bin/tollgate", "exit 0");
    const bin = join(folder, "bin");
    assert.equal(findProgram(path, undefined, ""), path);
    assert.equal(findProgram("bin/tollgate", folder, ""), path);
    assert.equal(findProgram("", undefined, [folder, bin].join(delimiter)), path);
    assert.equal(findProgram("", undefined, folder), undefined);
    assert.equal(findProgram(join(folder, "none"), undefined, bin), undefined);
  });

  test("is never looked for in the current folder", () => {
    program("tollgate", "exit 0");
    assert.equal(findProgram("", folder, [".", ""].join(delimiter)), undefined);
  });

  test("has a version", () => {
    assert.equal(parseVersion("tollgate 1.20.3\n"), "1.20.3");
    assert.equal(parseVersion("git version 2.3.4"), undefined);
    assert.ok(isAtLeast("0.10.0", "0.9.9"));
    assert.ok(isAtLeast("0.1.0", "0.1.0"));
    assert.ok(!isAtLeast("0.0.9", "0.1.0"));
  });

  test("is refused where it is another program, or too old", async () => {
    assert.equal(await whyUnusable(program("good", "echo tollgate 0.1.0")), undefined);
    assert.match((await whyUnusable(program("old", "echo tollgate 0.0.1"))) ?? "", /is version 0\.0\.1; the editor needs/);
    assert.match((await whyUnusable(program("other", "echo hello"))) ?? "", /is not the command/);
  });

  test("gives its exit code and both outputs", async () => {
    assert.deepEqual(await run(program("both", "echo out; echo err >&2; exit 3"), [], folder), { code: 3, stdout: "out\n", stderr: "err\n" });
  });

  test("is killed when it is no longer wanted", async () => {
    const stop = new AbortController();
    const running = run(program("slow", "exec sleep 60"), [], folder, stop.signal);
    setTimeout(() => stop.abort(), 20);
    await assert.rejects(running, { name: "AbortError" });
  });
});

describe("arguments", () => {
  const at = (title: string, file = "/w/a.toll", kind = "test") => ({ title, file, kind });

  test("name one test, one file, or nothing", () => {
    assert.deepEqual(filterFor([at("one")]), { text: "one", exact: true });
    assert.deepEqual(filterFor([at("{c.rows} rows")]), { text: "a.toll", exact: false });
    assert.deepEqual(filterFor([at("one"), at("two")]), { text: "a.toll", exact: false });
    assert.equal(filterFor([at("one"), at("two", "/v/a.toll")]), undefined);
    assert.equal(filterFor([at("one", "/w/a.toll", "property")]), undefined);
    assert.equal(filterFor([]), undefined);
  });

  test("are never taken for options", () => {
    assert.deepEqual(testArguments({ text: "--update", exact: true }, { coverage: false, format: "json" }), ["test", "--format=json", "--filter=--update", "--exact"]);
    assert.deepEqual(testArguments(undefined, { coverage: true, format: "pretty" }), ["test", "--format=pretty", "--coverage=summary"]);
  });

  test("of pages come from addresses that name things", () => {
    assert.deepEqual(argumentsOf("tollgate-page", "/explain/E0203.md"), ["explain", "E0203"]);
    assert.deepEqual(argumentsOf("tollgate-page", "/standard-library.md"), ["doc", "--std"]);
    assert.deepEqual(argumentsOf("tollgate-schema", "/why-not"), ["schema", "why-not"]);
    for (const path of ["/explain/--help.md", "/explain/a b.md", "/explain/../x.md", "/other"]) {
      assert.equal(argumentsOf("tollgate-page", path), undefined);
      assert.equal(argumentsOf("tollgate-schema", path.replace("other", "-x")), undefined);
    }
  });
});

describe("output", () => {
  test("is tests, findings or a failure", () => {
    assert.deepEqual(readOutcome({ stdout: '{"tests": []}', stderr: "" }), { tests: [] });
    assert.deepEqual(readOutcome({ stdout: '{"diagnostics": []}', stderr: "" }), { findings: [] });
    assert.deepEqual(readOutcome({ stdout: "", stderr: "error: no policies\n" }), { failure: "error: no policies" });
    for (const stdout of ["null", "[]", '{"tests": 1}', "{"]) {
      assert.deepEqual(readOutcome({ stdout, stderr: "" }), { failure: "the command printed nothing" });
    }
  });

  test("is told in words", () => {
    const finding = { code: "E0101", message: "nothing here is named `a`", file: "a.toll", span: { start: { line: 2, column: 3 } }, help: "try `b`" };
    assert.equal(line(finding), "a.toll:2:3: nothing here is named `a` [E0101]\n  help: try `b`");
    const failure = { step: "one", file: "", line: 1, column: 1, expected: "deny", got: "allow", why: ["`a` matched"] };
    assert.equal(explain(failure), "in step `one`\nexpected deny\ngot allow\n`a` matched");
  });
});

describe("discovery", () => {
  test("puts the rows of a test together", () => {
    const listed = [
      { name: "alone", package: "p", file: "a.toll", line: 1 },
      { name: "1 row", package: "p", file: "a.toll", line: 5 },
      { name: "2 rows", package: "p", file: "a.toll", line: 5 },
    ];
    const found = grouped(listed, () => 'test "{c.n} rows" for c in [', "/w");
    assert.deepEqual(found.map(({ title, cases, lines }) => [title, cases, lines]), [
      ["alone", [], [0, 0]],
      ["{c.n} rows", ["1 row", "2 rows"], [4, 4]],
    ]);
    assert.equal(found[0]?.uri.fsPath, "/w/a.toll");
  });

  test("reads titles of every form", () => {
    assert.equal(titleIn('test "a \\"b\\"" {'), 'a \\"b\\"');
    assert.equal(titleIn('@owner("x") test r"a{1}" {'), "a{1}");
    assert.equal(titleIn('test r#"a "b""# {'), 'a "b"');
    assert.equal(titleIn("test"), undefined);
  });

  test("takes the innermost project", () => {
    const projects = ["/w", "/w/a", "/w/ab"].map((path) => Uri.file(path));
    assert.equal(projectOf(Uri.file("/w/a/x.toll"), projects)?.path, "/w/a");
    assert.equal(projectOf(Uri.file("/w/ac/x.toll"), projects)?.path, "/w");
    assert.equal(projectOf(Uri.file("/v/x.toll"), projects), undefined);
  });
});

test("coverage: a rule is a declaration, a condition a statement with two branches", () => {
  const condition = { text: "a ==\n  b", line: 3, column: 8, true: 2, false: 0 };
  const rules = [{ rule: "p.r", file: "r.toll", line: 2, matched: 2, because: 1, conditions: [condition] }];
  const scores = [{ score: "p.s", file: "s.toll", line: 1, conditions: [{ text: "x", line: 2, column: 3, true: 0, false: 0 }] }];
  const [rule, score] = coverageByFile({ rules, scores }, placesIn("/w"));
  assert.equal(rule?.uri.fsPath, "/w/r.toll");
  assert.deepEqual(rule?.declarationCoverage, { covered: 1, total: 1 });
  assert.deepEqual(rule?.branchCoverage, { covered: 1, total: 2 });
  const place = rule?.details[1]?.location as unknown as { start: object; end: object };
  assert.deepEqual([{ ...place.start }, { ...place.end }], [{ line: 2, character: 7 }, { line: 3, character: 3 }]);
  assert.deepEqual(score?.statementCoverage, { covered: 0, total: 1 });
});

test("a column is counted in characters, a position in units", () => {
  assert.equal(units("aé😀b", 2), 2);
  assert.equal(units("aé😀b", 3), 4);
  assert.equal(units("a", 5), 5);
  writeFileSync(join(folder, "p.toll"), "a\n😀 b\n");
  assert.deepEqual({ ...placesIn(folder).position("p.toll", 2, 3) }, { line: 1, character: 3 });
});

test("the status bar names the input", () => {
  assert.equal(statusText("/w/requests/export.json"), "$(debug-alt) export.json");
  assert.equal(statusText(null), "$(debug-alt) no input");
});

test("a diagnostic's code may come with a link", () => {
  assert.equal(codeOf({ code: { value: "E0203", target: Uri.file("/") } }), "E0203");
  assert.equal(codeOf({ code: "W0101" }), "W0101");
  assert.equal(codeOf({}), undefined);
});
