// The language server's life: started, restarted, stopped.
import { commands, window, workspace, type Disposable, type LogOutputChannel } from "vscode";
import { LanguageClient, ResponseError, type LanguageClientOptions } from "vscode-languageclient/node";
import { whyUnusable } from "./command";
import { configuredPath, program, serverOptions } from "./settings";

/** What the server says of itself without being asked, by the method's name. */
export type Listener = (params: unknown) => void;

/** The answer to a request of a method that the server does not know. */
const METHOD_NOT_FOUND = -32601;

export class Server implements Disposable {
  private client: LanguageClient | undefined;
  private readonly listeners = new Map<string, Listener>();
  /** Starts and stops come one after the other. */
  private turn: Promise<void> = Promise.resolve();
  private readonly watchers = ["**/*.toll", "**/tollgate.toml", "**/*.{json,jsonl,ndjson}"].map((glob) => workspace.createFileSystemWatcher(glob));

  constructor(private readonly output: LogOutputChannel) {}

  /** Has a notification of the server's answered from now on, whichever server runs. */
  on(method: string, listener: Listener): void {
    this.listeners.set(method, listener);
    this.client?.onNotification(method, listener);
  }

  /** Starts the server; another that runs is stopped. */
  restart(): Promise<void> {
    this.turn = this.turn.then(async () => {
      await this.stop();
      await this.start();
    });
    return this.turn;
  }

  /** Whether the server executes a command. */
  executes(command: string): boolean {
    return this.client?.initializeResult?.capabilities.executeCommandProvider?.commands.includes(command) ?? false;
  }

  /** Has the server execute a command. */
  execute(command: string, args: unknown[]): Promise<unknown> {
    return this.client?.sendRequest("workspace/executeCommand", { command, arguments: args }) ?? Promise.resolve();
  }

  /** The answer to a request of our own; nothing without a server, or from one that does not know the method. */
  async ask<Answer>(method: string, params: unknown): Promise<Answer | undefined> {
    if (!this.client?.isRunning()) return undefined;
    try {
      return await this.client.sendRequest<Answer>(method, params);
    } catch (error) {
      if (error instanceof ResponseError && error.code === METHOD_NOT_FOUND) return undefined;
      throw error;
    }
  }

  dispose(): Promise<void> {
    this.watchers.forEach((watcher) => watcher.dispose());
    this.turn = this.turn.then(() => this.stop());
    return this.turn;
  }

  private async start(): Promise<void> {
    const path = program();
    const obstacle = path === undefined ? missing() : await whyUnusable(path);
    if (path === undefined || obstacle !== undefined) {
      void complain(obstacle ?? missing());
      return;
    }
    this.output.info(`starting ${path}`);
    try {
      await this.launch(path);
      await commands.executeCommand("setContext", "tollgate.active", true);
    } catch (error) {
      // The client library has told the user.
      this.output.error(String(error));
    }
  }

  private async launch(path: string): Promise<void> {
    const client = new LanguageClient("tollgate", "Tollgate", { command: path, args: ["lsp"] }, this.options());
    this.listeners.forEach((listener, method) => client.onNotification(method, listener));
    this.client = client;
    await client.start();
  }

  private async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // One that never started, or does not answer, is not to keep another from starting.
    await client?.dispose().catch((error: unknown) => this.output.warn(String(error)));
  }

  private options(): LanguageClientOptions {
    return {
      documentSelector: ["file", "untitled"].map((scheme) => ({ scheme, language: "toll" })),
      initializationOptions: serverOptions,
      outputChannel: this.output,
      synchronize: {
        configurationSection: "tollgate",
        fileEvents: this.watchers,
      },
    };
  }
}

function missing(): string {
  const path = configuredPath();
  return path === "" ? "the command `tollgate` is not on your PATH" : `there is no program \`${path}\`, which \`tollgate.path\` names`;
}

/** Says what keeps the server from running, and offers what mends it. */
async function complain(obstacle: string): Promise<void> {
  const mend = { "Set Path": openPath, "How to Install": openWalkthrough };
  const chosen = await window.showErrorMessage(`Tollgate: ${obstacle}`, ...(Object.keys(mend) as (keyof typeof mend)[]));
  if (chosen !== undefined) await mend[chosen]();
}

async function openPath(): Promise<void> {
  await commands.executeCommand("workbench.action.openSettings", "tollgate.path");
}

async function openWalkthrough(): Promise<void> {
  await commands.executeCommand("workbench.action.openWalkthrough", "tollgate.tollgate#start", false);
}
