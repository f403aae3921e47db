import assert from "node:assert/strict";
import { test } from "node:test";
import { tokens } from "./tokens";

/** What each construct looks like: the source, and of its tokens those that the construct is about. */
const CONSTRUCTS: Record<string, [source: string, expected: Record<string, string>]> = {
  "a comment": ["// a", { a: "comment.line.double-slash" }],
  "documentation": ["/// of `b`", { "of": "comment.line.documentation", "`b`": "markup.inline.raw.string.markdown" }],
  "a comment behind code": ["let a = 1 // b", { b: "comment.line.double-slash", "1": "constant.numeric.integer" }],
  "a package": ["package a.b", { "a.b": "entity.name.namespace" }],
  "an import": ["import a.b as c", { "a.b": "entity.name.namespace", c: "entity.name.namespace" }],
  "an annotation": ['@id("A-1") allow a', { "@": "punctuation.definition.annotation", id: "entity.name.function.annotation", "A-1": "string.quoted.double" }],
  "an annotation's word": ["@allow(unused_let, x) let a = 1", { allow: "entity.name.function.annotation", unused_let: "constant.other.annotation", a: "variable.other.constant" }],
  "an annotation without arguments": ["@shadow deny a", { shadow: "entity.name.function.annotation", a: "entity.name.function.rule" }],
  "an enum": ['enum Risk { low < "very high", deny }', { Risk: "entity.name.type.enum", low: "variable.other.enummember", "<": "keyword.operator.comparison", "very high": "string.quoted.double", deny: "variable.other.enummember" }],
  "a record": ["type A { a?: set<string>, on: B? = none }", { A: "entity.name.type", a: "variable.other.property", "?": "keyword.operator.optional", set: "support.type.builtin", on: "variable.other.property", B: "entity.name.type" }],
  "an open record": ["args { a: json, .. }", { args: "keyword.declaration.args", json: "support.type.builtin", "..": "keyword.operator.range" }],
  "an inline enum": ['type A = "a" | "b"', { "|": "keyword.operator.alternative", b: "string.quoted.double" }],
  "a package's type": ["type A = std.Agent with {}", { Agent: "entity.name.type", with: "keyword.operator.word" }],
  "data": ["data a: map<int> = {}", { data: "keyword.declaration.data", a: "variable.other.data", map: "support.type.builtin" }],
  "a test's data": ["data a.b = 1", { data: "keyword.declaration.data", "a.b": "variable.other.data" }],
  "a tool": ['tool "crm/export" { category: "write" }', { crm: "string.quoted.double.tool", "/": "punctuation.separator.tool", export: "string.quoted.double.tool", category: "variable.other.property", write: "string.quoted.double" }],
  "a tool as a value": ["when tool.name in grant.tools", { tool: "variable.other", name: "variable.other.property", in: "keyword.operator.word" }],
  "an obligation": ["obligation page(who: string = \"ops\")", { page: "entity.name.function.obligation", who: "variable.other.property" }],
  "a let": ["let a: int? = b", { a: "variable.other.constant", int: "support.type.builtin", "=": "keyword.operator.assignment", b: "variable.other" }],
  "a function": ["fn f(a: int) -> bool = g(a)", { f: "entity.name.function", "->": "keyword.operator.arrow", bool: "support.type.builtin", g: "entity.name.function" }],
  "a score": ["score risk: 0..=100 { 5 when a }", { risk: "variable.other.score", "..=": "keyword.operator.range", "0": "constant.numeric.integer", when: "keyword.control.clause" }],
  "an allow rule": ["allow a", { allow: "keyword.other.effect.allow", a: "entity.name.function.rule" }],
  "a review rule": ["review a", { review: "keyword.other.effect.review", a: "entity.name.function.rule" }],
  "a deny rule": ["deny a", { deny: "keyword.other.effect.deny", a: "entity.name.function.rule" }],
  "a default": ['default review because "a"', { default: "keyword.declaration.default", review: "keyword.other.effect.review", because: "keyword.control.clause" }],
  "on several tools": ['on "a/*",\n  "b/c"\n  when "x"', { "*": "keyword.operator.wildcard", c: "string.quoted.double.tool", ",": "punctuation.separator.comma", when: "keyword.control.clause", x: "string.quoted.double" }],
  "what follows on a line with `on`": ['on "a" for x in y', { a: "string.quoted.double.tool", for: "keyword.control.clause", x: "variable.other" }],
  "a requirement": ['require approval(from: {"a"}, within: 15m)', { approval: "entity.name.function", from: "variable.other.property", "15m": "constant.numeric.duration" }],
  "a title with a hole": ['test "a {b.c} d" for b in [1] {', { test: "keyword.declaration.test", a: "string.quoted.double.title", b: "variable.other", c: "variable.other.property", d: "string.quoted.double.title" }],
  "a property": ['property "a" { never allow when b }', { a: "string.quoted.double.title", never: "keyword.control.test", allow: "keyword.other.effect.allow", b: "variable.other" }],
  "an expected effect": ["expect deny by a.b, c", { expect: "keyword.control.test", deny: "keyword.other.effect.deny", by: "keyword.control.clause", b: "entity.name.function.rule", c: "entity.name.function.rule" }],
  "no expected rule": ["expect deny by none", { none: "constant.language.none" }],
  "names that begin like words": ["by_all and on_top or result[0] in_it", { by_all: "variable.other", on_top: "variable.other", result: "variable.other", in_it: "variable.other" }],
  "an expected value": ["expect allow", { allow: "keyword.other.effect.allow" }],
  "a test's input": ["input base with { agent.id: c }", { input: "keyword.declaration.input", base: "variable.other", with: "keyword.operator.word", id: "variable.other.property" }],
  "a step": ['step "a" { result { b: 1 } }', { step: "keyword.control.test", a: "string.quoted.double.title", result: "keyword.control.test" }],
  "a hole": ['"a{b ?? 1}c"', { a: "string.quoted.double", "{": "punctuation.section.interpolation.begin", b: "variable.other", "??": "keyword.operator.coalesce", "1": "constant.numeric.integer", "}": "punctuation.section.interpolation.end", c: "string.quoted.double" }],
  "braces in a string": ['"a{{b}}"', { "{{": "constant.character.escape.brace", b: "string.quoted.double", "}}": "constant.character.escape.brace" }],
  "braces around a hole": ['"{{{a}}}"', { "{{": "constant.character.escape.brace", "{": "punctuation.section.interpolation.begin", a: "variable.other" }],
  "escapes": ['"\\n\\u{e9}\\""', { "\\n": "constant.character.escape", "\\u{e9}": "constant.character.escape", '\\"': "constant.character.escape" }],
  "a wrong escape": ['"\\q"', { "\\q": "invalid.illegal.escape" }],
  "a raw string": ['matches r"a{3}\\d"', { 'r"': "punctuation.definition.string.begin", "a{3}\\d": "string.quoted.raw" }],
  "a raw string with quotes": ['let a = r#"b "c" d"#', { 'b "c" d': "string.quoted.raw", '"#': "punctuation.definition.string.end" }],
  "an open string ends on its line": ['let a = "b\nlet c = 1', { b: "string.quoted.double", c: "variable.other.constant" }],
  "an open hole ends with its string": ['"a{b" + 1', { b: "variable.other", "+": "keyword.operator.arithmetic" }],
  "single quotes": ["'a'", { "'a'": "invalid.illegal.quote" }],
  "numbers": ["[1_000, 0.50, 1h30m, 250ms]", { "1_000": "constant.numeric.integer", "0.50": "constant.numeric.decimal", "1h30m": "constant.numeric.duration", "250ms": "constant.numeric.duration" }],
  "a letter after a number": ["12x", { "12x": "invalid.illegal.number" }],
  "an optional chain": ["a?.b?.c(1)[0]", { "?.": "punctuation.accessor", b: "variable.other.property", c: "entity.name.function.member" }],
  "a quoted field": ['a."x-id"', { "x-id": "string.quoted.double" }],
  "a lambda": ["a.any(x => x > 1)", { any: "entity.name.function.member", x: "variable.parameter", "=>": "keyword.operator.arrow", ">": "keyword.operator.comparison" }],
  "a condition": ["if a then true else false", { if: "keyword.control.conditional", true: "constant.language.boolean", false: "constant.language.boolean" }],
  "operators": ["not a and b or c - 1 % 2 != -3", { not: "keyword.operator.logical", and: "keyword.operator.logical", or: "keyword.operator.logical", "-": "keyword.operator.arithmetic", "%": "keyword.operator.arithmetic", "!=": "keyword.operator.comparison" }],
  "a constructor with a type's name": ['ip("::1") in cidr("::/0")', { ip: "entity.name.function", cidr: "entity.name.function" }],
};

for (const [name, [source, expected]] of Object.entries(CONSTRUCTS)) {
  test(name, async () => {
    const found = await tokens(source);
    for (const [text, scope] of Object.entries(expected)) {
      assert.equal(found.find(([piece]) => piece === text)?.[1], scope, `\`${text}\` of ${JSON.stringify(found)}`);
    }
  });
}

test("a policy within Markdown, and the text after it", async () => {
  const found = await tokens("a\n```toll error E0203\ndeny b\n  when c\n```\nallow d\n", "text.html.markdown");
  assert.deepEqual(found.slice(-7), [
    ["error E0203", "fenced_code.block.language.attributes"],
    ["deny", "keyword.other.effect.deny"],
    ["b", "entity.name.function.rule"],
    ["when", "keyword.control.clause"],
    ["c", "variable.other"],
    ["```", "punctuation.definition.markdown"],
    ["allow d", "text.html.markdown"],
  ]);
});
