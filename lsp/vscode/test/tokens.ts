// The grammar as the editor applies it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as oniguruma from "vscode-oniguruma";
import { INITIAL, Registry, parseRawGrammar, type IGrammar } from "vscode-textmate";
import { extension, read } from "./repository";

/** A piece of text and its innermost scope, without the language's name at its end. */
export type Token = [text: string, scope: string];

async function load(): Promise<IGrammar> {
  await oniguruma.loadWASM(readFileSync(join(extension, "node_modules/vscode-oniguruma/release/onig.wasm")).buffer);
  const path = join(extension, "syntaxes/toll.tmLanguage.json");
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) => (scope === "source.toll" ? parseRawGrammar(read(path), path) : null),
  });
  const grammar = await registry.loadGrammar("source.toll");
  if (grammar === null) throw new Error("the grammar could not be loaded");
  return grammar;
}

const grammar = load();

/** Every token of a text that is more than white space. */
export async function tokens(text: string): Promise<Token[]> {
  const loaded = await grammar;
  const found: Token[] = [];
  let state = INITIAL;
  for (const line of text.split(/\r?\n/)) {
    const result = loaded.tokenizeLine(line, state);
    state = result.ruleStack;
    for (const token of result.tokens) {
      const piece = line.slice(token.startIndex, token.endIndex);
      if (piece.trim() !== "") found.push([piece.trim(), (token.scopes.at(-1) ?? "").replace(/\.toll$/, "")]);
    }
  }
  return found;
}
