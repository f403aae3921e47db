// What the command prints with `--format json`: see `tollgate schema tests` and `tollgate schema diagnostics`.

export interface Failure {
  step: string | null;
  file: string;
  /** From 1, as everywhere here. */
  line: number;
  /** In characters. */
  column: number;
  expected: string;
  got: string;
  why: string[];
}

export interface Result {
  name: string;
  package: string;
  file: string;
  line: number;
  outcome: "passed" | "failed";
  duration_ms: number;
  failures: Failure[];
}

export interface Condition {
  text: string;
  line: number;
  column: number;
  true: number;
  false: number;
}

export interface Coverage {
  rules: { rule: string; file: string; line: number; matched: number; conditions: Condition[] }[];
  scores: { score: string; file: string; line: number; conditions: Condition[] }[];
}

/** A test as `--list` has it. */
export type Listed = Pick<Result, "name" | "package" | "file" | "line">;

export interface Finding {
  code: string;
  message: string;
  file: string;
  span: { start: { line: number; column: number } };
  help: string | null;
}

/** What came of a run: its tests; of a set with errors, what is wrong with it; or why nothing came of it. */
export type Outcome<Test> = { tests: Test[]; coverage?: Coverage } | { findings: Finding[] } | { failure: string };

/** Reads what a run of `tollgate test --format json` has printed. */
export function readOutcome<Test>(printed: { stdout: string; stderr: string }): Outcome<Test> {
  const failure = { failure: printed.stderr.trim() || "the command printed nothing" };
  let value: unknown;
  try {
    value = JSON.parse(printed.stdout);
  } catch {
    return failure;
  }
  if (has(value, "tests")) return value as { tests: Test[] };
  return has(value, "diagnostics") ? { findings: value.diagnostics as Finding[] } : failure;
}

function has<Key extends string>(value: unknown, key: Key): value is Record<Key, unknown[]> {
  return typeof value === "object" && value !== null && Array.isArray((value as Record<string, unknown>)[key]);
}

/** A finding as a line of text. */
export function describe({ code, message, file, span, help }: Finding): string {
  const place = `${file}:${span.start.line}:${span.start.column}`;
  return [`${place}: ${message} [${code}]`, ...(help === null ? [] : [`  help: ${help}`])].join("\n");
}

/** A failure as text, in the order in which it is read. */
export function explain({ step, expected, got, why }: Failure): string {
  const where = step === null ? [] : [`in step \`${step}\``];
  return [...where, `expected ${expected}`, `got ${got}`, ...why].join("\n");
}
