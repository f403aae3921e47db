// What the manifest and the language's configuration promise.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { extension, read } from "./repository";

interface Manifest {
  icon: string;
  contributes: {
    commands: { command: string; title: string }[];
    configuration: { properties: Record<string, object> };
    grammars: { path: string }[];
    jsonValidation: { url: string }[];
    languages: { configuration: string; icon: { light: string; dark: string } }[];
    menus: object;
    problemMatchers: [{ pattern: [{ regexp: string }, { regexp: string }] }];
    walkthroughs: { steps: { media: { markdown: string } }[] }[];
  };
}

const manifest = JSON.parse(read(extension, "package.json")) as Manifest;
const readme = read(extension, "README.md");
const { contributes } = manifest;

describe("the manifest", () => {
  test("names files that exist", () => {
    const named: string[] = [
      manifest.icon,
      ...contributes.languages.flatMap((it) => [it.configuration, it.icon.light, it.icon.dark]),
      ...contributes.grammars.map((it) => it.path),
      ...contributes.walkthroughs.flatMap((it) => it.steps.map((step) => step.media.markdown)),
    ];
    assert.deepEqual(named.filter((path) => !existsSync(join(extension, path))), []);
  });

  test("has only commands and settings that the README has", () => {
    for (const { title } of contributes.commands) assert.ok(readme.includes(`| Tollgate: ${title} |`), title);
    for (const name of Object.keys(contributes.configuration.properties)) assert.ok(readme.includes(`| \`${name}\` |`), name);
  });

  test("has commands in its menus and steps that it declares", () => {
    const declared = contributes.commands.map(({ command }) => command);
    const used = JSON.stringify([contributes.menus, contributes.walkthroughs]).match(/tollgate\.[a-zA-Z]+(?="|\))/g) ?? [];
    const known = [...declared, ...Object.keys(contributes.configuration.properties), "tollgate.active"];
    assert.deepEqual(used.filter((name) => !known.includes(name)), []);
  });

  test("associates the schemas that the command has", () => {
    const named = /^\| `tollgate schema NAME` \|.*$/m.exec(read(extension, "../../docs/cli.md"))?.[0].match(/(?<=: |, )`[a-z-]+`/g) ?? [];
    assert.deepEqual(
      contributes.jsonValidation.map(({ url }) => url),
      named.map((name) => `tollgate-schema://schemas/${name.slice(1, -1)}`),
    );
  });

  test("reads what `tollgate check` prints", () => {
    const [first, second] = contributes.problemMatchers[0].pattern.map(({ regexp }) => new RegExp(regexp)) as [RegExp, RegExp];
    assert.deepEqual(first.exec("[E0101] Error: nothing here is named `foo`")?.slice(1), ["E0101", "Error", "nothing here is named `foo`"]);
    assert.deepEqual(second.exec("    ╭─[ policies/tests.toll:69:14 ]")?.slice(1), ["policies/tests.toll", "69", "14"]);
  });
});

describe("the language's configuration", () => {
  const configuration = JSON.parse(read(extension, "language-configuration.json")) as {
    indentationRules: { increaseIndentPattern: string };
    wordPattern: string;
    onEnterRules: [{ beforeText: string }];
  };
  const indents = new RegExp(configuration.indentationRules.increaseIndentPattern);

  test("indents below a rule's name and an open bracket", () => {
    for (const line of ["deny strangers", "  allow a // why", "tool \"a/b\" {", "  for c in [", "let a = f("]) assert.match(line, indents);
    for (const line of ["// deny strangers", "deny a when b", "expect deny", "let a = {}", "/// [", "  when x"]) assert.doesNotMatch(line, indents);
  });

  test("takes a number with its unit for a word", () => {
    const word = new RegExp(configuration.wordPattern, "g");
    assert.deepEqual("args.rows > 1_000 and t < 1h30m or x == 0.5".match(word), ["args", "rows", "1_000", "and", "t", "1h30m", "or", "x", "0.5"]);
  });

  test("goes on with documentation that has text", () => {
    const rule = new RegExp(configuration.onEnterRules[0].beforeText);
    assert.match("  /// text", rule);
    assert.doesNotMatch("  /// ", rule);
  });
});
