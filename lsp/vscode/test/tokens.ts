// The grammars as the editor applies them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as oniguruma from "vscode-oniguruma";
import { INITIAL, Registry, parseRawGrammar } from "vscode-textmate";
import { extension, read } from "./repository";

/** A piece of text and its innermost scope, without the language's name at its end. */
export type Token = [text: string, scope: string];

/** The grammars that this extension has, and a page of Markdown that knows nothing but what is put into it. */
const GRAMMARS: Record<string, () => string> = {
  "source.toll": () => read(extension, "syntaxes/toll.tmLanguage.json"),
  "markdown.toll.codeblock": () => read(extension, "syntaxes/markdown.tmLanguage.json"),
  "text.html.markdown": () => JSON.stringify({ scopeName: "text.html.markdown", patterns: [] }),
};

const registry = oniguruma.loadWASM(readFileSync(join(extension, "node_modules/vscode-oniguruma/release/onig.wasm")).buffer).then(
  () =>
    new Registry({
      onigLib: Promise.resolve({
        createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
        createOnigString: (text) => new oniguruma.OnigString(text),
      }),
      loadGrammar: async (scope) => parseRawGrammar(GRAMMARS[scope]?.() ?? "{}", "grammar.json"),
      getInjections: (scope) => (scope === "text.html.markdown" ? ["markdown.toll.codeblock"] : []),
    }),
);

/** Every token of a text that is more than white space. */
export async function tokens(text: string, language = "source.toll"): Promise<Token[]> {
  const grammar = await (await registry).loadGrammar(language);
  if (grammar === null) throw new Error(`no grammar of ${language}`);
  const found: Token[] = [];
  let state = INITIAL;
  for (const line of text.split(/\r?\n/)) {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const piece = line.slice(token.startIndex, token.endIndex);
      if (piece.trim() !== "") found.push([piece.trim(), (token.scopes.at(-1) ?? "").replace(/\.toll$/, "")]);
    }
  }
  return found;
}
