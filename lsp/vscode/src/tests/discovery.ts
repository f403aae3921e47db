// Which tests there are: the server knows unsaved texts too; without its word, the command lists what is saved.
import { RelativePattern, Uri, workspace } from "vscode";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { run } from "../command";
import type { Server } from "../server";
import { program } from "../settings";
import { LIST } from "./arguments";
import { readOutcome, type Listed } from "./output";

/** A test or property of a file. */
export interface Found {
  uri: Uri;
  /** As it is written: with holes where it has rows. */
  title: string;
  kind: "test" | "property";
  /** First and last line, from 0. */
  lines: [first: number, last: number];
  /** The titles of its rows, where they are known. */
  cases: string[];
}

/** What the server answers to `tollgate/tests`. */
interface Told {
  uri: string;
  title: string;
  range: { start: { line: number }; end: { line: number } };
  kind: "test" | "property";
  cases?: unknown;
}

/** The folders in which the command is run: each with a `tollgate.toml`, and workspace folders without any. */
export async function projects(): Promise<Uri[]> {
  const folders = workspace.workspaceFolders ?? [];
  const found = await Promise.all(
    folders.map(async ({ uri }) => {
      const files = await workspace.findFiles(new RelativePattern(uri, "**/tollgate.toml"), "**/{node_modules,target}/**");
      return files.length === 0 ? [uri] : files.map((file) => Uri.joinPath(file, ".."));
    }),
  );
  return found.flat();
}

/** The innermost project that a file belongs to. */
export function projectOf(file: Uri, projects: readonly Uri[]): Uri | undefined {
  const around = projects.filter((project) => file.path.startsWith(`${project.path.replace(/\/$/, "")}/`));
  return around.sort((a, b) => b.path.length - a.path.length)[0];
}

/** What was found out about tests. */
export interface Discovered {
  tests: Found[];
  /** Projects of which nothing could be found out, since they have errors or there is no command. */
  unknown: Uri[];
}

/** The tests of all projects. */
export async function discover(server: Server, folders: readonly Uri[]): Promise<Discovered> {
  const told = await server.ask<Told[]>("tollgate/tests", {});
  if (told !== undefined) return { tests: told.map(found), unknown: [] };
  const lists = await Promise.all(folders.map(list));
  return { tests: lists.flatMap((tests) => tests ?? []), unknown: folders.filter((_, at) => lists[at] === undefined) };
}

function found({ uri, title, range, kind, cases }: Told): Found {
  const titles = Array.isArray(cases) ? cases.filter((it) => typeof it === "string") : [];
  return { uri: Uri.parse(uri), title, kind, lines: [range.start.line, range.end.line], cases: titles };
}

/** The tests of a project, if its files can be compiled. */
async function list(project: Uri): Promise<Found[] | undefined> {
  const path = program();
  if (path === undefined) return undefined;
  const outcome = readOutcome<Listed>(await run(path, LIST, project.fsPath));
  if (!("tests" in outcome)) return undefined;
  const listed = outcome.tests;
  const texts = new Map<string, string[]>();
  for (const file of new Set(listed.map((test) => test.file))) {
    texts.set(file, (await readFile(resolve(project.fsPath, file), "utf8")).split("\n"));
  }
  return grouped(listed, (file, line) => texts.get(file)?.[line - 1] ?? "", project.fsPath);
}

/** Listed tests with the rows of each test together. */
export function grouped(listed: readonly Listed[], lineOf: (file: string, line: number) => string, folder: string): Found[] {
  const places = new Map<string, [Listed, ...Listed[]]>();
  for (const test of listed) {
    const key = `${test.line} ${test.file}`;
    places.set(key, [...(places.get(key) ?? []), test] as [Listed, ...Listed[]]);
  }
  return [...places.values()].map((rows) => {
    const [{ name, file, line }] = rows;
    const title = rows.length === 1 ? name : (titleIn(lineOf(file, line)) ?? name);
    const cases = rows.length === 1 ? [] : rows.map((row) => row.name);
    return { uri: Uri.file(resolve(folder, file)), title, kind: "test", lines: [line - 1, line - 1], cases };
  });
}

/** The title that a line begins a test with, as it is written between the quotes. */
export function titleIn(line: string): string | undefined {
  const [, quoted, raw, fenced] = /\btest\s+(?:"((?:[^"\\]|\\.)*)"|r"([^"]*)"|r#"(.*?)"#)/.exec(line) ?? [];
  return quoted ?? raw ?? fenced;
}
