// The command `tollgate`: where it is, whether it is new enough, and running it.
import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, resolve } from "node:path";

/** The oldest version that this extension can work with. */
export const OLDEST = "0.1.0";

/** What a run of the command has left behind. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Most of what a run may print: results of large sets are long, and nothing may grow without bound. */
const OUTPUT_BYTES = 256 << 20;

/** Runs a program to its end; an aborted one is killed, and its promise rejected. */
export function run(program: string, args: readonly string[], cwd: string, signal?: AbortSignal): Promise<Finished> {
  return new Promise((done, failed) => {
    const options = { cwd, maxBuffer: OUTPUT_BYTES, ...(signal && { signal }) };
    execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) done({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") done({ code: error.code, stdout, stderr });
      else failed(error);
    });
  });
}

/**
 * The program that the setting names or, without one, that stands on `PATH`, as an absolute path.
 * It is looked for here because Windows would look into the current folder, which is anybody's, first.
 */
export function findProgram(setting: string, folder: string | undefined, path = process.env["PATH"] ?? ""): string | undefined {
  const candidates = setting === "" ? onPath(path) : [absolute(setting, folder)];
  return candidates.find(isProgram);
}

function absolute(setting: string, folder: string | undefined): string {
  if (setting.startsWith("~/")) return join(homedir(), setting.slice(2));
  return isAbsolute(setting) || folder === undefined ? setting : resolve(folder, setting);
}

function onPath(path: string): string[] {
  const name = process.platform === "win32" ? "tollgate.exe" : "tollgate";
  return path.split(delimiter).filter(isAbsolute).map((folder) => join(folder, name));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return isAbsolute(path) && statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The version in what `tollgate --version` prints. */
export function parseVersion(text: string): string | undefined {
  return /^tollgate (\d+\.\d+\.\d+)/.exec(text)?.[1];
}

/** Whether a version is at least another. */
export function isAtLeast(version: string, oldest: string): boolean {
  const [ours, theirs] = [version, oldest].map((text) => text.split(".").map(Number));
  for (let at = 0; at < 3; at += 1) {
    const difference = (ours?.[at] ?? 0) - (theirs?.[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Why a program is no command `tollgate` that this extension can work with; nothing where it is one. */
export async function whyUnusable(program: string): Promise<string | undefined> {
  const printed = await run(program, ["--version"], homedir(), AbortSignal.timeout(10_000)).catch(() => undefined);
  const version = parseVersion(printed?.stdout ?? "");
  if (version === undefined) return `\`${program}\` is not the command \`tollgate\``;
  return isAtLeast(version, OLDEST) ? undefined : `\`${program}\` is version ${version}; the editor needs ${OLDEST} or later`;
}
