// The recorded input that a policy is evaluated with: chosen by hand, shown in the status bar.
import { StatusBarAlignment, Uri, window, workspace, type Disposable, type QuickPickItem, type StatusBarItem } from "vscode";
import { basename } from "node:path";
import type { Server } from "./server";

const COMMAND = "tollgate.evaluateWith";
/** More files than anybody looks through. */
const MOST_FILES = 500;

/** The input of each policy that the server has told of, by the policy's address. */
const inputs = new Map<string, string | null>();

interface Choice extends QuickPickItem {
  choose: () => Thenable<Uri | null | undefined>;
}

/** The status bar's item, which follows the server's word and the active editor. */
export function showActiveInput(server: Server): Disposable[] {
  const item = window.createStatusBarItem("tollgate.activeInput", StatusBarAlignment.Right, 100);
  item.name = "Tollgate: recorded input";
  item.command = "tollgate.pickInput";
  item.tooltip = "Choose the recorded call that this policy is evaluated with";
  server.on("tollgate/activeInput", (params) => {
    const { uri, input } = params as { uri: string; input: string | null };
    inputs.set(Uri.parse(uri).toString(), input);
    show(item);
  });
  return [item, window.onDidChangeActiveTextEditor(() => show(item))];
}

function show(item: StatusBarItem): void {
  const document = window.activeTextEditor?.document;
  const input = document?.languageId === "toll" ? inputs.get(document.uri.toString()) : undefined;
  if (input === undefined) {
    item.hide();
    return;
  }
  item.text = statusText(input);
  item.show();
}

export function statusText(input: string | null): string {
  return input === null ? "$(debug-alt) no input" : `$(debug-alt) ${basename(input)}`;
}

/** Lets somebody choose the input of the active policy, and tells the server. */
export async function pickInput(server: Server): Promise<void> {
  const policy = window.activeTextEditor?.document;
  if (policy?.languageId !== "toll") {
    void window.showInformationMessage("Tollgate: open a policy first");
    return;
  }
  if (!server.executes(COMMAND)) {
    void window.showWarningMessage("Tollgate: this version of `tollgate` does not evaluate in the editor");
    return;
  }
  const chosen = await window.showQuickPick(await choices(policy.uri), { placeHolder: "The recorded call to evaluate with", matchOnDescription: true });
  const input = await chosen?.choose();
  // Nothing was chosen; `null` is the choice of none.
  if (input !== undefined) await server.execute(COMMAND, [policy.uri.toString(), input?.toString() ?? null]);
}

async function choices(policy: Uri): Promise<Choice[]> {
  const files = await workspace.findFiles("**/*.{json,jsonl,ndjson}", "**/{node_modules,target,.*}/**", MOST_FILES);
  const recorded = files.sort((a, b) => a.path.localeCompare(b.path)).map((uri) => ({
    label: basename(uri.path),
    description: workspace.asRelativePath(uri),
    choose: () => Promise.resolve(uri),
  }));
  const none: Choice[] = inputs.get(policy.toString()) ? [{ label: "$(circle-slash) None", choose: () => Promise.resolve(null) }] : [];
  return [...none, ...recorded, { label: "$(folder-opened) Browse…", choose: browse }];
}

async function browse(): Promise<Uri | undefined> {
  const chosen = await window.showOpenDialog({ filters: { "Recorded calls": ["json", "jsonl", "ndjson"] } });
  return chosen?.[0];
}
