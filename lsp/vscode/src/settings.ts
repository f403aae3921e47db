// The settings, as they are now.
import { workspace } from "vscode";
import { findProgram } from "./command";

/** What the language server is told of the settings, when it starts and whenever they change. */
export interface ServerOptions {
  codeLens: Record<"tests" | "coverage" | "replay", boolean>;
  inlayHints: Record<"types" | "parameterNames" | "effects" | "decisions", boolean>;
}

const LENSES = ["tests", "coverage", "replay"] as const;
const HINTS = ["types", "parameterNames", "effects", "decisions"] as const;

export function serverOptions(): ServerOptions {
  return { codeLens: switches("codeLens", LENSES), inlayHints: switches("inlayHints", HINTS) };
}

function switches<Name extends string>(section: string, names: readonly Name[]): Record<Name, boolean> {
  const settings = workspace.getConfiguration(`tollgate.${section}`);
  return Object.fromEntries(names.map((name) => [name, settings.get(name, true)])) as Record<Name, boolean>;
}

/** The command's path. Of a workspace that is not trusted, the editor passes the setting over. */
export function program(): string | undefined {
  return findProgram(configuredPath(), workspace.workspaceFolders?.[0]?.uri.fsPath);
}

export function configuredPath(): string {
  return workspace.getConfiguration("tollgate").get("path", "").trim();
}

/** Whether tests run with coverage although nobody asked for it. */
export function alwaysCovers(): boolean {
  return workspace.getConfiguration("tollgate").get("tests.coverage", false);
}
