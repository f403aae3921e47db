// How the command is asked for tests.

export interface Mode {
  coverage: boolean;
  format: "json" | "pretty";
}

/** Runs tests: those whose title or file is the filter's text, or all of the project. */
export function testArguments(filter: string | undefined, { coverage, format }: Mode): string[] {
  const exact = filter === undefined ? [] : ["--exact", `--filter=${filter}`];
  return ["test", `--format=${format}`, ...(coverage ? ["--coverage=summary"] : []), ...exact];
}

export const LIST = ["test", "--list", "--format=json"];

/** The one filter that lets through all tests that are wanted, and as few others as can be. */
export function filterFor(wanted: readonly { title: string; file: string; kind: string }[]): string | undefined {
  // A property is held against the decisions of every test.
  if (wanted.some(({ kind }) => kind === "property")) return undefined;
  const [first, ...others] = wanted;
  // A title with a hole stands for rows, whose titles are others.
  if (first && others.length === 0 && !first.title.includes("{")) return first.title;
  return others.every(({ file }) => file === first?.file) ? first?.file : undefined;
}
