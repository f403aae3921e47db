// A stand-in for the editor: what the extension uses of it, as little as that needs, and what was done to it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { URI, Utils } from "vscode-uri";

export const version = "1.91.0";
export const env = { appName: "editor", language: "en" };

export type Uri = URI;
export const Uri = Object.assign(URI, { joinPath: Utils.joinPath });

export class Position {
  constructor(readonly line: number, readonly character: number) {}
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(line: number | Position, character: number | Position, endLine = 0, endCharacter = 0) {
    this.start = line instanceof Position ? line : new Position(line, character as number);
    this.end = character instanceof Position ? character : new Position(endLine, endCharacter);
  }
  contains({ line, character }: Position): boolean {
    const after = line > this.start.line || (line === this.start.line && character >= this.start.character);
    return after && (line < this.end.line || (line === this.end.line && character <= this.end.character));
  }
}

export class Location {
  constructor(readonly uri: Uri, readonly range: Range | Position) {}
}

export class RelativePattern {
  constructor(readonly baseUri: Uri, readonly pattern: string) {}
}

export class EventEmitter<T> {
  private readonly listeners = new Set<(value: T) => unknown>();
  readonly event = (listener: (value: T) => unknown): { dispose(): void } => {
    this.listeners.add(listener);
    return { dispose: () => void this.listeners.delete(listener) };
  };
  fire(value: T): void {
    this.listeners.forEach((listener) => listener(value));
  }
}

// Of a glob, what the extension uses: any folder at the start, and alternatives of an extension.
function matchesGlob(path: string, glob: string): boolean {
  const [, name = "", alternatives] = /^\*\*\/([^{]*)(?:\{(.*)\})?$/.exec(glob) ?? [];
  const ends = alternatives?.split(",").map((end) => name.replace("*", "") + end) ?? [name];
  return ends.some((end) => path.endsWith(end));
}

const nothing = { dispose: (): void => {} };

// What the client library derives its own kinds from.
class Base {}
export {
  Base as CallHierarchyItem,
  Base as CodeAction,
  Base as CodeLens,
  Base as CompletionItem,
  Base as Diagnostic,
  Base as DocumentLink,
  Base as InlayHint,
  Base as SymbolInformation,
  Base as TypeHierarchyItem,
};
export class CancellationError extends Error {}
export class Disposable {
  static from = (...all: { dispose(): void }[]): { dispose(): void } => ({ dispose: () => all.forEach((it) => it.dispose()) });
}

// Tests

export enum TestRunProfileKind {
  Run = 1,
  Debug,
  Coverage,
}

export class TestMessage {
  expectedOutput?: string;
  actualOutput?: string;
  location?: Location;
  constructor(readonly message: string) {}
  static diff(message: string, expected: string, actual: string): TestMessage {
    return Object.assign(new TestMessage(message), { expectedOutput: expected, actualOutput: actual });
  }
}

export class TestRunRequest {
  constructor(readonly include?: Item[], readonly exclude?: Item[], readonly profile?: object, readonly continuous = false) {}
}

export class Items {
  private readonly byId = new Map<string, Item>();
  constructor(private readonly owner?: Item) {}
  get size(): number {
    return this.byId.size;
  }
  get(id: string): Item | undefined {
    return this.byId.get(id);
  }
  add(item: Item): void {
    item.parent = this.owner;
    this.byId.set(item.id, item);
  }
  replace(items: Item[]): void {
    this.byId.clear();
    items.forEach((item) => this.add(item));
  }
  [Symbol.iterator](): IterableIterator<[string, Item]> {
    return this.byId.entries();
  }
}

export class Item {
  parent: Item | undefined;
  range?: Range;
  description?: string;
  readonly children = new Items(this);
  constructor(readonly id: string, readonly label: string, readonly uri?: Uri) {}
}

/** A run, and what it was told. */
export class Run {
  readonly token = noToken;
  readonly told: Record<string, string> = {};
  readonly messages = new Map<string, TestMessage[]>();
  readonly coverage: FileCoverage[] = [];
  output = "";
  ended = false;
  constructor(readonly request: TestRunRequest) {}
  enqueued = (item: Item): void => void (this.told[item.label] = "enqueued");
  started = (item: Item): void => void (this.told[item.label] = "started");
  skipped = (item: Item): void => void (this.told[item.label] = "skipped");
  passed = (item: Item): void => void (this.told[item.label] = "passed");
  failed = (item: Item, messages: TestMessage[]): void => this.wrong("failed", item, messages);
  errored = (item: Item, message: TestMessage): void => this.wrong("errored", item, [message]);
  appendOutput = (text: string): void => void (this.output += text);
  addCoverage = (file: FileCoverage): void => void this.coverage.push(file);
  end = (): void => void (this.ended = true);
  private wrong(how: string, item: Item, messages: TestMessage[]): void {
    this.told[item.label] = how;
    this.messages.set(item.label, messages);
  }
}

export interface Token {
  isCancellationRequested: boolean;
  onCancellationRequested: (listener: () => void) => { dispose(): void };
}

export const noToken: Token = { isCancellationRequested: false, onCancellationRequested: () => nothing };

export class Controller {
  readonly items = new Items();
  readonly runs: Run[] = [];
  readonly profiles = new Map<string, { run: (request: TestRunRequest, token: Token) => Promise<void> }>();
  refreshHandler?: () => Promise<void>;
  resolveHandler?: (item?: Item) => Promise<void>;
  createTestItem = (id: string, label: string, uri?: Uri): Item => new Item(id, label, uri);
  createRunProfile = (name: string, kind: number, run: never): object => {
    const profile = { name, kind, run };
    this.profiles.set(name, profile);
    return profile;
  };
  createTestRun = (request: TestRunRequest): Run => {
    const run = new Run(request);
    this.runs.push(run);
    return run;
  };
  dispose = (): void => {};
}

interface Executed {
  executed: number;
}

export class StatementCoverage implements Executed {
  constructor(readonly executed: number, readonly location: Range, readonly branches: BranchCoverage[] = []) {}
}
export class BranchCoverage implements Executed {
  constructor(readonly executed: number, readonly location?: Range, readonly label?: string) {}
}
export class DeclarationCoverage implements Executed {
  constructor(readonly name: string, readonly executed: number, readonly location: Position) {}
}
export class FileCoverage {
  constructor(readonly uri: Uri, readonly statementCoverage: Count, readonly branchCoverage?: Count, readonly declarationCoverage?: Count) {}
  static fromDetails(uri: Uri, details: Executed[]): FileCoverage {
    const statements = details.filter((it) => it instanceof StatementCoverage);
    const branches = statements.flatMap((it) => it.branches);
    return new FileCoverage(uri, count(statements), count(branches), count(details.filter((it) => it instanceof DeclarationCoverage)));
  }
}
interface Count {
  covered: number;
  total: number;
}
function count(all: Executed[]): Count {
  return { covered: all.filter(({ executed }) => executed > 0).length, total: all.length };
}

// The editor's parts, and what the tests set and see of them.

export const state = {
  settings: {} as Record<string, unknown>,
  folder: "",
  commands: new Map<string, (...args: unknown[]) => unknown>(),
  executed: [] as unknown[][],
  /** What was said to the user. */
  errors: [] as string[],
  /** What the user answers next. */
  answer: undefined as unknown,
  diagnostics: [] as object[],
  status: { text: "", shown: false },
  activated: new EventEmitter<undefined>(),
  controllers: [] as Controller[],
  saved: new EventEmitter<{ fileName: string }>(),
  changed: new EventEmitter<Uri>(),
};

const never = new EventEmitter<never>().event;
export const workspace = {
  get workspaceFolders(): object[] {
    return [{ uri: Uri.file(state.folder), name: "folder", index: 0 }];
  },
  getConfiguration: (section: string) => ({
    get: (name: string, otherwise: unknown): unknown => state.settings[`${section}.${name}`] ?? otherwise,
  }),
  asRelativePath: (uri: Uri): string => uri.fsPath.replace(`${state.folder}/`, ""),
  findFiles: async (pattern: RelativePattern | string): Promise<Uri[]> => {
    const glob = typeof pattern === "string" ? pattern : pattern.pattern;
    const paths = readdirSync(state.folder, { recursive: true, encoding: "utf8" }).filter((path) => matchesGlob(path, glob));
    return paths.map((path) => Uri.file(join(state.folder, path)));
  },
  saveAll: async (): Promise<boolean> => true,
  createFileSystemWatcher: () => ({ onDidChange: state.changed.event, onDidCreate: never, onDidDelete: never, dispose: () => {} }),
  registerTextDocumentContentProvider: () => nothing,
  onDidSaveTextDocument: state.saved.event,
  onDidChangeConfiguration: never,
  onDidChangeWorkspaceFolders: never,
};

const say = async (message: string): Promise<unknown> => {
  state.errors.push(message);
  return state.answer;
};

export const window = {
  activeTextEditor: undefined as object | undefined,
  createOutputChannel: () => new Proxy({}, { get: () => () => {} }),
  createStatusBarItem: () => ({
    set text(text: string) {
      state.status.text = text;
    },
    show: () => void (state.status.shown = true),
    hide: () => void (state.status.shown = false),
    dispose() {},
  }),
  tabGroups: { all: [], onDidChangeTabs: () => nothing, onDidChangeTabGroups: () => nothing },
  visibleTextEditors: [],
  onDidChangeVisibleTextEditors: () => nothing,
  onDidChangeActiveTextEditor: state.activated.event,
  showTextDocument: async (...shown: unknown[]): Promise<void> => void state.executed.push(shown),
  showErrorMessage: say,
  showWarningMessage: say,
  showInformationMessage: say,
  showInputBox: async () => state.answer,
  showOpenDialog: async () => state.answer,
  showQuickPick: async (choices: { label: string }[]) => choices.find(({ label }) => label === state.answer),
};

export const commands = {
  registerCommand: (name: string, action: (...args: unknown[]) => unknown) => {
    state.commands.set(name, action);
    return nothing;
  },
  executeCommand: async (...command: unknown[]): Promise<void> => void state.executed.push(command),
};

export const tests = {
  createTestController: (): Controller => {
    const controller = new Controller();
    state.controllers.push(controller);
    return controller;
  },
};

export const tasks = { registerTaskProvider: () => nothing };
/** Takes whatever provider it is given. */
export const languages = new Proxy({ getDiagnostics: (): object[] => state.diagnostics }, {
  get: (known, name) => Reflect.get(known, name) ?? (String(name).startsWith("register") ? () => nothing : undefined),
});
export class CodeActionKind {
  static readonly Empty = new CodeActionKind("");
  constructor(readonly value: string) {}
  append(parts: string): CodeActionKind {
    return new CodeActionKind(this.value ? `${this.value}.${parts}` : parts);
  }
}
export enum StatusBarAlignment {
  Left = 1,
  Right,
}
export class ProcessExecution {}
export class Task {}
export class TaskGroup {}
export enum TaskScope {
  Global = 1,
  Workspace,
}
