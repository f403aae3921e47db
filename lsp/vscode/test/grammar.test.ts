import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { extension, policies, read, repository } from "./repository";
import { tokens, type Token } from "./tokens";

/** Each keyword where the language has it. */
const PLACES: Record<string, string> = {
  package: "package a",
  import: "import a",
  as: "import a as b",
  enum: "enum A { a }",
  type: "type A = int",
  data: "data a: int",
  input: "input { a: int }",
  tool: 'tool "a/b" {}',
  args: "args { a: int }",
  obligation: "obligation a()",
  let: "let a = 1",
  fn: "fn a() = 1",
  score: "score a: 0..=1 {}",
  allow: "allow a",
  review: "review a",
  deny: "deny a",
  default: 'default deny because "a"',
  test: 'test "a" {}',
  property: 'property "a" {}',
  and: "a and b",
  or: "a or b",
  not: "not b",
  in: "a in b",
  has: "a has b",
  like: 'a like "b"',
  matches: 'a matches "b"',
  if: "if a then b else c",
  then: "if a then b else c",
  else: "if a then b else c",
  true: "true",
  false: "false",
  none: "none",
  with: "a with { b: 1 }",
  where: "a: int where a > 0",
  for: "for a in b",
  on: 'on "a/b"',
  when: "when a",
  unless: "unless a",
  because: 'because "a"',
  require: "require audit()",
  expect: "expect a",
  by: "expect deny by a",
  result: "result { a: 1 }",
  step: 'step "a" {}',
  never: "never allow",
  always: "always deny",
};

const pest = read(repository, "grammar/tollgate.pest");
const keywords = [...pest.matchAll(/^kw_(\w+)\s*=\s*@\{\s*"(\w+)"/gm)].map(([, , word]) => word as string);

/** The words that the rule `reserved` spells out by their first letters. */
function reservedWords(): string[] {
  const body = /^reserved = _\{([^}]*)\}/m.exec(pest)?.[1] ?? "";
  return body.split(/\|(?![^(]*\))/).flatMap((choice) => {
    const [head = "", ...tails] = [...choice.matchAll(/"(\w+)"/g)].map(([, part]) => part as string);
    return tails.length === 0 ? [head] : tails.map((tail) => head + tail);
  });
}

describe("keywords", () => {
  test("are those of the language's grammar", () => {
    assert.ok(keywords.length > 40);
    assert.deepEqual(Object.keys(PLACES).sort(), [...keywords].sort());
  });

  for (const [word, source] of Object.entries(PLACES)) {
    test(`\`${word}\` in \`${source}\``, async () => {
      const scope = (await tokens(source)).find(([text]) => text === word)?.[1];
      assert.match(scope ?? "", /^(keyword|constant\.language)\./);
    });
  }

  test("none is taken for a rule's name", () => {
    const words = /\(\?!\(\?:(allow[^)]*)\)\\\\b\)/.exec(read(extension, "syntaxes/toll.tmLanguage.json"))?.[1];
    assert.deepEqual(words?.split("|").sort(), reservedWords().sort());
  });

  test("are names after a dot, after `has` and before a colon", async () => {
    for (const word of keywords) {
      for (const source of [`a.${word}`, `a?.${word}`, `a has ${word}`, `{ ${word}: 1 }`, `{ ${word}?: int }`]) {
        const scope = (await tokens(source)).findLast(([text]) => text === word)?.[1];
        assert.equal(scope, "variable.other.property", source);
      }
    }
  });

  test("`tool`, `input`, `data` and the words of one place are names elsewhere", async () => {
    for (const source of ["tool.name", "input.a", "data == 1", "result and a", "step + 1", "never", "always", "args.a", "as"]) {
      assert.equal((await tokens(source))[0]?.[1], "variable.other", source);
    }
  });
});

/** The tokens that are wrong, or that nothing in the grammar is for. */
async function strange(text: string): Promise<Token[]> {
  return (await tokens(text)).filter(([, scope]) => scope.startsWith("invalid") || scope === "source");
}

describe("the repository's policies have nothing that is invalid or has no scope", () => {
  for (const folder of ["examples", "stdlib", "cli/templates", "benches"]) {
    test(folder, async () => {
      for (const path of policies(folder)) assert.deepEqual(await strange(read(path)), [], path);
    });
  }

  test("tests, but for those that are to be refused", async () => {
    const valid = policies("tests").map((path) => read(path)).filter((text) => !text.includes("//~"));
    assert.ok(valid.length > 400);
    for (const text of valid) assert.deepEqual(await strange(text), [], text);
  });
});

describe("the reference", () => {
  test("has no block that is invalid", async () => {
    const blocks = [...read(join(repository, "docs/language.md")).matchAll(/^```toll(?: expr \S+)?\n([\s\S]*?)^```/gm)];
    assert.ok(blocks.length > 10);
    for (const [, block = ""] of blocks) assert.deepEqual(await strange(block), [], block);
  });
});
