// The Testing view: what there is to run, kept up with the files, and the ways of running it.
import {
  TestRunProfileKind,
  TestRunRequest,
  Uri,
  commands,
  tests,
  window,
  workspace,
  type CancellationToken,
  type Disposable,
  type LogOutputChannel,
  type TestController,
  type TestItem,
  type TestRunProfile,
} from "vscode";
import type { Server } from "../server";
import { alwaysCovers } from "../settings";
import { DetailedCoverage } from "./coverage";
import { discover, projectOf, projects } from "./discovery";
import { runItems, type Wish } from "./run";
import { all, findTest, leaves, update } from "./tree";

/** So long nothing may be saved before the tests are looked for again. */
const QUIET_MS = 250;

/** A way of running tests, as the view offers it. */
interface Way {
  profile: TestRunProfile;
  wish: () => Wish;
}

type Ways = Record<"run" | "debug" | "cover", Way>;

type Handler = (request: TestRunRequest, token: CancellationToken) => Promise<void>;

export function exploreTests(server: Server, output: Pick<LogOutputChannel, "warn">): Disposable[] {
  const controller = tests.createTestController("tollgate", "Tollgate");
  const look = async (): Promise<void> => {
    const folders = await projects();
    update(controller, await discover(server, folders), folders);
  };
  // One after the other, so that what was found last is what was looked for last.
  let turn = Promise.resolve();
  const refresh = (): Promise<void> => (turn = turn.then(look).catch((error: unknown) => output.warn(`looking for tests: ${String(error)}`)));
  controller.refreshHandler = refresh;
  controller.resolveHandler = async (item) => {
    if (item === undefined) await refresh();
  };
  const ways: Ways = {
    run: addWay(controller, "Run", TestRunProfileKind.Run, () => ({ coverage: alwaysCovers(), explain: false })),
    debug: addWay(controller, "Run and Explain Failures", TestRunProfileKind.Debug, () => ({ coverage: false, explain: true })),
    cover: addWay(controller, "Run with Coverage", TestRunProfileKind.Coverage, () => ({ coverage: true, explain: false })),
  };
  return [controller, ...whenFilesChange(refresh), ...testCommands(controller, ways, refresh)];
}

function addWay(controller: TestController, name: string, kind: TestRunProfileKind, wish: () => Wish): Way {
  const profile = controller.createRunProfile(name, kind, handler(controller, wish), true, undefined, true);
  profile.loadDetailedCoverage = async (_, file) => (file instanceof DetailedCoverage ? file.details : []);
  return { profile, wish };
}

function handler(controller: TestController, wish: () => Wish): Handler {
  return async (request, token) => {
    await runOnce(controller, request, wish(), token);
    if (request.continuous) againOnSave(token, () => runOnce(controller, request, wish(), token));
  };
}

async function runOnce(controller: TestController, request: TestRunRequest, wish: Wish, token?: CancellationToken): Promise<void> {
  const run = controller.createTestRun(request);
  const stopped = new AbortController();
  const subscriptions = [token, run.token].map((it) => it?.onCancellationRequested(() => stopped.abort()));
  try {
    const items = leaves(request.include ?? all(controller.items), request.exclude ?? []);
    items.forEach((item) => run.enqueued(item));
    await runItems(controller, run, items, wish, stopped.signal);
  } finally {
    run.end();
    subscriptions.forEach((it) => it?.dispose());
  }
}

/** Runs again whenever something is saved that a test can depend on, one run after the other, until the token ends it. */
function againOnSave(token: CancellationToken, again: () => Promise<void>): void {
  let turn = Promise.resolve();
  const saved = workspace.onDidSaveTextDocument(({ fileName }) => {
    if (/\.(toll|json)$|[\\/]tollgate\.toml$/.test(fileName)) turn = turn.then(again);
  });
  token.onCancellationRequested(() => saved.dispose());
}

function whenFilesChange(refresh: () => Promise<void>): Disposable[] {
  let waiting: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(waiting);
    waiting = setTimeout(() => void refresh(), QUIET_MS);
  };
  const watchers = ["**/*.toll", "**/tollgate.toml"].map((glob) => {
    const watcher = workspace.createFileSystemWatcher(glob);
    [watcher.onDidChange, watcher.onDidCreate, watcher.onDidDelete].forEach((event) => event(soon));
    return watcher;
  });
  return [...watchers, workspace.onDidChangeWorkspaceFolders(soon), { dispose: () => clearTimeout(waiting) }];
}

/** What the palette and the server's code lenses ask for. */
function testCommands(controller: TestController, ways: Ways, refresh: () => Promise<void>): Disposable[] {
  const start = async ({ profile, wish }: Way, items: readonly TestItem[] | undefined): Promise<void> => {
    // The details of coverage are those of the profile that the request names.
    await runOnce(controller, new TestRunRequest(items, undefined, profile), wish());
  };
  const saved = async (): Promise<void> => {
    await workspace.saveAll(false);
    await refresh();
  };
  const actions: Record<string, (uri: string, title: string) => Promise<void>> = {
    runAllTests: async () => {
      await saved();
      await start(ways.run, undefined);
    },
    runTest: async (uri, title) => {
      await saved();
      const test = findTest(controller, Uri.parse(uri), title);
      if (test) await start(ways.run, [test]);
      else void window.showWarningMessage(`Tollgate: there is no test \`${title}\` that can be run`);
    },
    runTests: async (uri) => {
      await saved();
      const file = controller.items.get(Uri.parse(uri).toString());
      if (file) await start(ways.run, [file]);
    },
    showCoverage: async (uri) => {
      await saved();
      await start(ways.cover, await around(controller, Uri.parse(uri)));
      await commands.executeCommand("testing.openCoverage");
    },
  };
  return Object.entries(actions).map(([name, action]) => commands.registerCommand(`tollgate.${name}`, action));
}

/** The files of tests in the project of a file. */
async function around(controller: TestController, uri: Uri): Promise<TestItem[]> {
  const folders = await projects();
  const project = projectOf(uri, folders)?.toString();
  return all(controller.items).filter((file) => file.uri && projectOf(file.uri, folders)?.toString() === project);
}
