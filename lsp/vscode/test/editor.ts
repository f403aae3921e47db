// An editor without a screen: the language server, which `TOLLGATE_BIN` names, at the other end of a pipe.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  CompletionRequest,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializeRequest,
  InitializedNotification,
  PublishDiagnosticsNotification,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  createProtocolConnection,
  type ClientCapabilities,
  type CompletionItem,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
  type Range,
  type Registration,
  type TextDocumentEdit,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver-protocol/node";
import { extension } from "./repository";

const program = process.env["TOLLGATE_BIN"];

/** What every test with a server takes. */
export const options = { skip: program === undefined ? "TOLLGATE_BIN names no command" : false, timeout: 60_000 };

/** The project that the tests are about. */
const shop = join(extension, "test", "shop");

/** An editor that can do all that the server asks about. */
export const able: ClientCapabilities = {
  general: { positionEncodings: ["utf-16"] },
  textDocument: { completion: { completionItem: { snippetSupport: true } }, definition: { linkSupport: true } },
  workspace: { didChangeWatchedFiles: { dynamicRegistration: true }, configuration: true, workspaceFolders: true },
};

export interface Setup {
  capabilities?: ClientCapabilities;
  /** Files beside those of the project, or in their place. */
  files?: Record<string, string>;
  /** The folders that are open, below the project's. */
  folders?: string[];
  settings?: object;
}

export class Editor {
  /** What the server can do. */
  answer!: InitializeResult;
  /** What it asked to be told of. */
  readonly registrations: Registration[] = [];
  /** The server's exit code. */
  readonly ended: Promise<number | null>;
  private readonly texts = new Map<string, { version: number; text: string }>();
  private readonly published = new Map<string, Diagnostic[]>();
  private heard: () => void = () => undefined;

  private constructor(
    readonly folder: string,
    readonly connection: ProtocolConnection,
    ended: Promise<number | null>,
  ) {
    this.ended = ended;
    connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.published.set(uri, diagnostics);
      this.heard();
    });
    connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
      this.registrations.push(...registrations);
      this.heard();
    });
  }

  /** Starts a server on a copy of the project, and ends both with the test. */
  static async start(context: TestContext, { capabilities = able, files = {}, folders = [""], settings }: Setup = {}): Promise<Editor> {
    const folder = mkdtempSync(join(tmpdir(), "tollgate-"));
    cpSync(shop, folder, { recursive: true });
    const server = spawn(program ?? "", ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise<number | null>((done) => server.on("exit", done));
    const reader = new StreamMessageReader(server.stdout);
    // The clock that waits for the rest of a message would tick on after the server has gone.
    reader.partialMessageTimeout = 0;
    const editor = new Editor(folder, createProtocolConnection(reader, new StreamMessageWriter(server.stdin)), ended);
    context.after(async () => {
      editor.connection.dispose();
      server.kill();
      await ended;
      rmSync(folder, { recursive: true });
    });
    for (const [name, text] of Object.entries(files)) editor.write(name, text);
    editor.connection.listen();
    editor.answer = await editor.connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      capabilities,
      workspaceFolders: folders.map((name) => ({ uri: editor.uri(name), name: name || "shop" })),
      initializationOptions: settings,
    });
    await editor.connection.sendNotification(InitializedNotification.type, {});
    return editor;
  }

  /** Ends the server as the protocol wants it; gives its exit code. */
  async stop(): Promise<number | null> {
    await this.connection.sendRequest(ShutdownRequest.type);
    await this.connection.sendNotification(ExitNotification.type);
    return this.ended;
  }

  uri(name: string): string {
    return pathToFileURL(join(this.folder, name)).href;
  }

  /** The name of a file of the project. */
  name(uri: string): string {
    return fileURLToPath(uri).slice(this.folder.length + 1);
  }

  /** What a request about a document begins with. */
  of(name: string): { textDocument: { uri: string } } {
    return { textDocument: { uri: this.uri(name) } };
  }

  /** The same for a place in it: see `at`. */
  here(name: string, place: string): { textDocument: { uri: string }; position: Position } {
    return { ...this.of(name), position: this.at(name, place) };
  }

  /** The text of a file, as the editor has it. */
  text(name: string): string {
    return this.texts.get(this.uri(name))?.text ?? readFileSync(join(this.folder, name), "utf8");
  }

  /** Writes a file behind the server's back. */
  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  async open(name: string, text = this.text(name)): Promise<void> {
    const uri = this.uri(name);
    this.texts.set(uri, { version: 1, text });
    await this.connection.sendNotification(DidOpenTextDocumentNotification.type, { textDocument: { uri, languageId: "toll", version: 1, text } });
  }

  /** Replaces the first such text of an open file by another one. */
  async replace(name: string, old: string, text: string): Promise<void> {
    const start = this.offset(name, old);
    await this.edit(name, [{ range: this.range(name, start, start + old.length), newText: text }]);
  }

  /** Adds text at the end of an open file. */
  async append(name: string, text: string): Promise<void> {
    const end = this.text(name).length;
    await this.edit(name, [{ range: this.range(name, end, end), newText: text }]);
  }

  /** Applies edits to an open file, and tells the server of each. */
  async edit(name: string, edits: readonly TextEdit[]): Promise<void> {
    const uri = this.uri(name);
    const document = this.texts.get(uri);
    assert.ok(document, `${name} is open`);
    document.version += 1;
    document.text = edited(document.text, edits);
    // From the end on, so that no edit moves the place of one that follows.
    const contentChanges = backwards(edits).map(({ range, newText }) => ({ range, text: newText }));
    await this.connection.sendNotification(DidChangeTextDocumentNotification.type, { textDocument: { uri, version: document.version }, contentChanges });
  }

  /** Applies what a request answered, to open files and to others. */
  async apply(change: WorkspaceEdit | null | undefined): Promise<string[]> {
    const changes = changesOf(change);
    for (const [uri, edits] of changes) {
      const name = this.name(uri);
      if (this.texts.has(uri)) await this.edit(name, edits);
      else this.write(name, edited(this.text(name), edits));
    }
    return changes.map(([uri]) => this.name(uri));
  }

  /** The place that `|` marks in a piece of a file's text. */
  at(name: string, place: string): Position {
    const marked = place.indexOf("|");
    assert.notEqual(marked, -1, `\`|\` marks the place in ${place}`);
    return positionAt(this.text(name), this.offset(name, place.replace("|", "")) + marked);
  }

  /** The range of a piece of a file's text. */
  span(name: string, piece: string): Range {
    const start = this.offset(name, piece);
    return this.range(name, start, start + piece.length);
  }

  whole(name: string): Range {
    return this.range(name, 0, this.text(name).length);
  }

  /** The text at a range. */
  piece(name: string, { start, end }: Range): string {
    return this.text(name).slice(offsetAt(this.text(name), start), offsetAt(this.text(name), end));
  }

  /** Waits until what was said of a file is as wanted. */
  async diagnosed(name: string, wanted: (diagnostics: Diagnostic[]) => boolean): Promise<Diagnostic[]> {
    const said = () => this.published.get(this.uri(name));
    await this.until(() => wanted(said() ?? []) && said() !== undefined, () => `what is said of ${name}: ${JSON.stringify(said())}`);
    return said() ?? [];
  }

  /** Waits until something that a message may change is so. */
  async until(holds: () => boolean, told: () => string): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!holds()) {
      assert.ok(Date.now() < deadline, `in vain: ${told()}`);
      await Promise.race([new Promise<void>((done) => (this.heard = done)), setTimeout(100)]);
    }
  }

  /** What may be written at the end of a text that is put into a file, by label; the file is as before afterwards. */
  async completed(name: string, old: string, typed: string): Promise<Map<string, CompletionItem>> {
    const text = typed.replace("|", "");
    const start = this.offset(name, old);
    await this.replace(name, old, text);
    const position = positionAt(this.text(name), start + (typed.includes("|") ? typed.indexOf("|") : typed.length));
    const answer = await this.connection.sendRequest(CompletionRequest.type, { ...this.of(name), position });
    await this.edit(name, [{ range: this.range(name, start, start + text.length), newText: old }]);
    const items = Array.isArray(answer) ? answer : (answer?.items ?? []);
    return new Map(items.map((item) => [item.label, item]));
  }

  private offset(name: string, piece: string): number {
    const offset = this.text(name).indexOf(piece);
    assert.notEqual(offset, -1, `${name} has no ${piece}`);
    return offset;
  }

  private range(name: string, start: number, end: number): Range {
    return { start: positionAt(this.text(name), start), end: positionAt(this.text(name), end) };
  }
}

/** A text after edits, none of which touches another. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  return backwards(edits).reduce((now, { range, newText }) => now.slice(0, offsetAt(text, range.start)) + newText + now.slice(offsetAt(text, range.end)), text);
}

/** The edits of each file. */
export function changesOf(change: WorkspaceEdit | null | undefined): [string, TextEdit[]][] {
  const documents = (change?.documentChanges ?? []) as TextDocumentEdit[];
  const versioned = documents.map(({ textDocument, edits }): [string, TextEdit[]] => [textDocument.uri, edits as TextEdit[]]);
  return [...Object.entries(change?.changes ?? {}), ...versioned];
}

/** Edits from the end of a text to its start; of those at one place the last first, since they stand in order. */
function backwards(edits: readonly TextEdit[]): TextEdit[] {
  const numbered = edits.map((edit, place) => ({ edit, place }));
  numbered.sort((a, b) => b.edit.range.start.line - a.edit.range.start.line || b.edit.range.start.character - a.edit.range.start.character || b.place - a.place);
  return numbered.map(({ edit }) => edit);
}

/** Asks until the answer is as wanted, for what the server finds out in its own time. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  for (let tries = 0; tries < 100 && !wanted(answer); tries += 1) {
    await setTimeout(50);
    answer = await ask();
  }
  return answer;
}

function positionAt(text: string, offset: number): Position {
  const lines = text.slice(0, offset).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

function offsetAt(text: string, { line, character }: Position): number {
  const before = text.split("\n").slice(0, line);
  return before.reduce((sum, { length }) => sum + length + 1, 0) + character;
}
