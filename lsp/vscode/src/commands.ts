// What the palette and the server's code lenses offer, but for tests.
import { Position, Range, Location, Uri, commands, languages, window, type Diagnostic, type Disposable, type LogOutputChannel, type TextEditor } from "vscode";
import { pickInput } from "./activeInput";
import { run } from "./command";
import { openExplanation, openStandardLibrary } from "./pages";
import { makeTest } from "./recordedCall";
import type { Server } from "./server";
import { program } from "./settings";

/** A place as the protocol has it. */
interface Place {
  line: number;
  character: number;
}

export function registerCommands(server: Server, output: LogOutputChannel): Disposable[] {
  const all: Record<string, (...args: never[]) => unknown> = {
    restartServer: () => server.restart(),
    showOutput: () => output.show(),
    explainDiagnostic,
    pickInput: () => pickInput(server),
    makeTest: (chosen?: unknown) => makeTest(server, chosen),
    newProject,
    openStandardLibrary,
    showReferences,
    openCalls: (uri: string) => commands.executeCommand("vscode.open", Uri.parse(uri)),
  };
  return Object.entries(all).map(([name, action]) => commands.registerCommand(`tollgate.${name}`, action));
}

/** Opens the page of the diagnostic at the cursor or, where none is, of one that is asked for. */
async function explainDiagnostic(): Promise<void> {
  const editor = window.activeTextEditor;
  const found = editor && codeAt(editor);
  const code = found ?? (await window.showInputBox({ prompt: "The code or name of a diagnostic", placeHolder: "E0203" }));
  if (code !== undefined && code !== "") await openExplanation(code.trim());
}

function codeAt(editor: TextEditor): string | undefined {
  const place = editor.selection.active;
  const ours = languages.getDiagnostics(editor.document.uri).filter(({ source }) => source === "tollgate");
  const here = ours.find(({ range }) => range.contains(place)) ?? ours.find(({ range }) => range.start.line === place.line);
  return here && codeOf(here);
}

export function codeOf({ code }: Pick<Diagnostic, "code">): string | undefined {
  const value = typeof code === "object" ? code.value : code;
  return value === undefined ? undefined : String(value);
}

/** Makes a project in a folder that is given or asked for, and offers to open it. */
async function newProject(given?: Uri): Promise<void> {
  const path = program();
  if (path === undefined) {
    void window.showErrorMessage("Tollgate: the command `tollgate` is missing");
    return;
  }
  const folder = given instanceof Uri ? given : await askForFolder();
  if (folder === undefined) return;
  const { code, stderr } = await run(path, ["init", folder.fsPath], folder.fsPath);
  if (code !== 0) {
    void window.showErrorMessage(`Tollgate: ${stderr.trim()}`);
    return;
  }
  const chosen = await window.showInformationMessage(`Tollgate: made a project in \`${folder.fsPath}\``, "Open", "Open in New Window");
  if (chosen !== undefined) await commands.executeCommand("vscode.openFolder", folder, { forceNewWindow: chosen !== "Open" });
}

async function askForFolder(): Promise<Uri | undefined> {
  const chosen = await window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel: "Make Project Here" });
  return chosen?.[0];
}

/** Shows references that the server has found already: it knows the protocol's places alone. */
async function showReferences(uri: string, at: Place, places: { uri: string; range: { start: Place; end: Place } }[]): Promise<void> {
  const found = places.map(({ uri, range }) => new Location(Uri.parse(uri), new Range(position(range.start), position(range.end))));
  await commands.executeCommand("editor.action.showReferences", Uri.parse(uri), position(at), found);
}

function position({ line, character }: Place): Position {
  return new Position(line, character);
}
