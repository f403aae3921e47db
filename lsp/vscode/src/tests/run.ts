// A run of tests: the command is run in each project, and its results become those of the items.
import { Location, TestMessage, Uri, type TestController, type TestItem, type TestRun } from "vscode";
import { run as runCommand } from "../command";
import { program } from "../settings";
import { filterFor, testArguments, type Mode } from "./arguments";
import { coverageByFile } from "./coverage";
import { placesIn, type Places } from "./lines";
import { describe, explain, readOutcome, type Failure, type Finding, type Result } from "./output";
import { aboutOf, finder } from "./tree";

/** What is wanted of a run. */
export interface Wish {
  coverage: boolean;
  /** Also shows what the command tells people: the source of each failure, and why it came so. */
  explain: boolean;
}

/** Runs the items, by project. */
export async function runItems(controller: TestController, run: TestRun, items: readonly TestItem[], wish: Wish, signal: AbortSignal): Promise<void> {
  for (const [project, wanted] of byProject(items)) {
    if (signal.aborted) return;
    wanted.forEach((item) => run.started(item));
    try {
      await runProject(controller, run, Uri.parse(project).fsPath, wanted, wish, signal);
    } catch (error) {
      if (signal.aborted) return;
      fail(run, wanted, new TestMessage(error instanceof Error ? error.message : String(error)));
    }
  }
}

function byProject(items: readonly TestItem[]): Map<string, TestItem[]> {
  const projects = new Map<string, TestItem[]>();
  for (const item of items) {
    const project = aboutOf(item)?.project.toString() ?? "";
    const known = projects.get(project) ?? [];
    known.push(item);
    projects.set(project, known);
  }
  return projects;
}

async function runProject(
  controller: TestController,
  run: TestRun,
  folder: string,
  wanted: TestItem[],
  wish: Wish,
  signal: AbortSignal,
): Promise<void> {
  const path = program();
  if (path === undefined) throw new Error("the command `tollgate` is missing");
  const filter = filterFor(wanted.map((item) => ({ title: item.label, file: item.uri?.fsPath ?? "", kind: aboutOf(item)?.kind ?? "" })));
  const start = (mode: Mode): ReturnType<typeof runCommand> => runCommand(path, testArguments(filter, mode), folder, signal);

  const places = placesIn(folder);
  const outcome = readOutcome<Result>(await start({ coverage: wish.coverage, format: "json" }));
  if ("failure" in outcome) throw new Error(outcome.failure);
  if ("findings" in outcome) return refuse(run, places, wanted, outcome.findings);
  report(controller, run, places, wanted, outcome.tests);
  if (outcome.coverage) coverageByFile(outcome.coverage, places).forEach((file) => run.addCoverage(file));
  if (wish.explain) print(run, (await start({ coverage: false, format: "pretty" })).stdout);
}

/** A set with errors runs no test. */
function refuse(run: TestRun, places: Places, wanted: readonly TestItem[], findings: readonly Finding[]): void {
  const text = findings.map(describe).join("\n");
  print(run, `${text}\n`);
  const [first] = findings;
  const message = new TestMessage(text || "the policy set has errors");
  if (first) message.location = place(places, first.file, first.span.start.line, first.span.start.column);
  wanted.forEach((item) => run.errored(item, message));
}

/** Tells the view what became of each item that was wanted; results of others are passed over. */
function report(controller: TestController, run: TestRun, places: Places, wanted: readonly TestItem[], results: readonly Result[]): void {
  const asked = new Set(wanted);
  const silent = new Set(wanted);
  /** Tests whose rows nobody had known, and whether all of them passed. */
  const whole = new Map<TestItem, boolean>();
  const find = finder(controller, places);
  for (const result of results) {
    const item = find(result);
    const test = item?.parent && asked.has(item.parent) ? item.parent : item;
    if (!item || !test || !asked.has(test)) continue;
    tell(run, item, result, places);
    silent.delete(test);
    if (item !== test) whole.set(test, (whole.get(test) ?? true) && result.outcome === "passed");
  }
  whole.forEach((passed, test) => (passed ? run.passed(test) : run.failed(test, [])));
  const failures = results.flatMap((result) => result.failures);
  for (const item of silent) {
    if (aboutOf(item)?.kind === "property") judge(run, item, failures, places);
    else run.skipped(item);
  }
}

function tell(run: TestRun, item: TestItem, result: Result, places: Places): void {
  const messages = result.failures.map((failure) => messageOf(failure, places));
  print(run, `${result.outcome}  ${result.name}\n`, item);
  if (result.outcome === "passed") return run.passed(item, result.duration_ms);
  messages.forEach(({ message }) => print(run, indented(String(message)), item));
  run.failed(item, messages, result.duration_ms);
}

/** A property fails where a test's decision goes against it. */
function judge(run: TestRun, item: TestItem, failures: readonly Failure[], places: Places): void {
  const [first, last] = aboutOf(item)?.lines ?? [0, 0];
  const against = failures.filter(({ file, line }) => places.uri(file).fsPath === item.uri?.fsPath && first < line && line <= last + 1);
  if (against.length === 0) run.passed(item);
  else run.failed(item, against.map((failure) => messageOf(failure, places)));
}

function messageOf(failure: Failure, places: Places): TestMessage {
  const message = TestMessage.diff(explain(failure), failure.expected, failure.got);
  message.location = place(places, failure.file, failure.line, failure.column);
  return message;
}

function place(places: Places, file: string, line: number, column: number): Location {
  return new Location(places.uri(file), places.position(file, line, column));
}

function fail(run: TestRun, items: readonly TestItem[], message: TestMessage): void {
  items.forEach((item) => run.errored(item, message));
  print(run, `${String(message.message)}\n`);
}

/** The view's terminal wants both characters of a line's end. */
function print(run: TestRun, text: string, item?: TestItem): void {
  run.appendOutput(text.replace(/\r?\n/g, "\r\n"), undefined, item);
}

function indented(text: string): string {
  return text.split("\n").map((line) => `    ${line}\n`).join("");
}
