// A recorded call, as it stands in a file of JSON or in a log of one call a line, made a test.
import { Position, Range, Uri, window } from "vscode";
import type { Server } from "./server";

const COMMAND = "tollgate.testFromCall";
const LOG = /\.(jsonl|ndjson)$/;

/** A place as the protocol has it. */
interface Place {
  line: number;
  character: number;
}

/** Has the server make a test of the call at the cursor, or in the file that was chosen, and shows it. */
export async function makeTest(server: Server, chosen?: unknown): Promise<void> {
  const editor = window.activeTextEditor;
  const uri = chosen instanceof Uri ? chosen : editor?.document.uri;
  if (uri === undefined) {
    void window.showInformationMessage("Tollgate: open a recorded call first");
    return;
  }
  if (!server.executes(COMMAND)) {
    void window.showWarningMessage("Tollgate: this version of `tollgate` makes no tests of recorded calls");
    return;
  }
  const open = editor?.document.uri.toString() === uri.toString() ? editor : undefined;
  // The server reads the file.
  if (open?.document.isDirty) await open.document.save();
  const line = open && LOG.test(uri.path) ? open.selection.active.line + 1 : null;
  const made = (await server.execute(COMMAND, [uri.toString(), line])) as { uri: string; range: { start: Place } } | null | undefined;
  if (!made) return;
  const start = new Position(made.range.start.line, made.range.start.character);
  await window.showTextDocument(Uri.parse(made.uri), { selection: new Range(start, start) });
}
