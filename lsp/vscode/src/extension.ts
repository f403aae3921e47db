// Tollgate in Visual Studio Code: its parts, put together.
import { window, workspace, type ExtensionContext } from "vscode";
import { showActiveInput } from "./activeInput";
import { registerCommands } from "./commands";
import { providePages } from "./pages";
import { Server } from "./server";
import { provideTasks } from "./tasks";
import { exploreTests } from "./tests/explorer";

let server: Server | undefined;

export async function activate(context: ExtensionContext): Promise<void> {
  const output = window.createOutputChannel("Tollgate", { log: true });
  server = new Server(output);
  context.subscriptions.push(
    output,
    ...registerCommands(server, output),
    ...showActiveInput(server),
    ...providePages(),
    ...exploreTests(server, output),
    provideTasks(),
    restartWithPath(server),
  );
  await server.restart();
}

/** The editor waits for it: the server is to end before the editor does. */
export function deactivate(): Promise<void> | undefined {
  return server?.dispose();
}

function restartWithPath(server: Server): ReturnType<typeof workspace.onDidChangeConfiguration> {
  return workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration("tollgate.path")) void server.restart();
  });
}
