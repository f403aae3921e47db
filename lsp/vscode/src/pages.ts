// Pages that the command prints, as documents: explanations, the standard library, JSON schemas.
import { Uri, commands, window, workspace, type Disposable } from "vscode";
import { run } from "./command";
import { program } from "./settings";

const PAGES = "tollgate-page";
const SCHEMAS = "tollgate-schema";

/** What is run for a page: its address names a thing, and never an option. */
export function argumentsOf(scheme: string, path: string): string[] | undefined {
  const name = "([A-Za-z0-9][A-Za-z0-9_-]*)";
  if (scheme === SCHEMAS) return wrap(["schema"], new RegExp(`^/${name}$`).exec(path)?.[1]);
  if (path === "/standard-library.md") return ["doc", "--std"];
  return wrap(["explain"], new RegExp(`^/explain/${name}\\.md$`).exec(path)?.[1]);
}

function wrap(args: string[], name: string | undefined): string[] | undefined {
  return name === undefined ? undefined : [...args, name];
}

/** Answers for both kinds of addresses. */
export function providePages(): Disposable[] {
  const provideTextDocumentContent = (uri: Uri): Promise<string> => print(uri);
  return [PAGES, SCHEMAS].map((scheme) => workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent }));
}

async function print(uri: Uri): Promise<string> {
  const args = argumentsOf(uri.scheme, uri.path);
  const path = program();
  if (args === undefined || path === undefined) return "";
  const { code, stdout, stderr } = await run(path, args, process.cwd());
  return code === 0 ? stdout : stderr;
}

/** Opens the page of a diagnostic. */
export async function openExplanation(code: string): Promise<void> {
  await openPage(`/explain/${code}.md`);
}

export async function openStandardLibrary(): Promise<void> {
  await openPage("/standard-library.md");
}

async function openPage(path: string): Promise<void> {
  if (argumentsOf(PAGES, path) === undefined) {
    void window.showErrorMessage("Tollgate: that is no code and no name of a diagnostic");
    return;
  }
  await commands.executeCommand("markdown.showPreview", Uri.from({ scheme: PAGES, path }));
}
