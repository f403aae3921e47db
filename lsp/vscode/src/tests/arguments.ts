// How the command is asked for tests.
import { basename } from "node:path";

export interface Mode {
  coverage: boolean;
  format: "json" | "pretty";
}

/** What the title, or some part of the title or the file's path, of a test must be. */
export interface Filter {
  text: string;
  exact: boolean;
}

/** Runs the tests that a filter lets through, or all of the project. */
export function testArguments(filter: Filter | undefined, { coverage, format }: Mode): string[] {
  const given = filter === undefined ? [] : [`--filter=${filter.text}`, ...(filter.exact ? ["--exact"] : [])];
  return ["test", `--format=${format}`, ...(coverage ? ["--coverage=summary"] : []), ...given];
}

export const LIST = ["test", "--list", "--format=json"];

/** The one filter that lets through all tests that are wanted, and few others; results of those are passed over. */
export function filterFor(wanted: readonly { title: string; file: string; kind: string }[]): Filter | undefined {
  // A property is held against the decisions of every test.
  if (wanted.some(({ kind }) => kind === "property")) return undefined;
  const [first, ...others] = wanted;
  if (first === undefined) return undefined;
  // A title with a hole stands for rows, whose titles are others.
  if (others.length === 0 && !first.title.includes("{")) return { text: first.title, exact: true };
  // Of a file, its name: how the command writes the folders before it depends on the project.
  return others.every(({ file }) => file === first.file) ? { text: basename(first.file), exact: false } : undefined;
}
