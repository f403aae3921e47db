// The tests as the Testing view has them: by file, a test's rows below it.
import { Range, Uri, workspace, type TestController, type TestItem, type TestItemCollection } from "vscode";
import { projectOf, type Discovered, type Found } from "./discovery";
import type { Places } from "./lines";
import type { Result } from "./output";

/** What an item of the view stands for. */
export interface About {
  kind: "file" | "test" | "property" | "case";
  project: Uri;
  /** A test's lines, from 0. */
  lines: [first: number, last: number];
}

const about = new WeakMap<TestItem, About>();

export function aboutOf(item: TestItem): About | undefined {
  return about.get(item);
}

/** Makes the view show the tests that there are. What it has of a project that is not known now stays. */
export function update(controller: TestController, { tests, unknown }: Discovered, projects: readonly Uri[]): void {
  const kept = unknown.map((project) => project.toString());
  const isKept = (file: TestItem): boolean => kept.includes(about.get(file)?.project.toString() ?? "");
  const files = new Map(all(controller.items).filter(isKept).map((file) => [file.id, file]));
  for (const test of tests) {
    const project = projectOf(test.uri, projects) ?? Uri.joinPath(test.uri, "..");
    const key = test.uri.toString();
    const file = files.get(key) ?? fileItem(controller, test.uri, project);
    files.set(key, file);
    file.children.add(testItem(controller, file, test, project));
  }
  controller.items.replace([...files.values()]);
}

function fileItem(controller: TestController, uri: Uri, project: Uri): TestItem {
  const item = controller.createTestItem(uri.toString(), workspace.asRelativePath(uri), uri);
  about.set(item, { kind: "file", project, lines: [0, 0] });
  return item;
}

function testItem(controller: TestController, file: TestItem, test: Found, project: Uri): TestItem {
  // Two tests may have one title, which a lint tells of.
  const id = file.children.get(test.title) === undefined ? test.title : `${test.title} (${test.lines[0] + 1})`;
  const item = controller.createTestItem(id, test.title, test.uri);
  item.range = new Range(test.lines[0], 0, test.lines[0], 0);
  if (test.kind === "property") item.description = "property";
  about.set(item, { kind: test.kind, project, lines: test.lines });
  item.children.replace(test.cases.map((title) => caseItem(controller, item, title)));
  return item;
}

function caseItem(controller: TestController, test: TestItem, title: string): TestItem {
  const item = controller.createTestItem(title, title, test.uri);
  if (test.range) item.range = test.range;
  const whole = about.get(test);
  if (whole) about.set(item, { ...whole, kind: "case" });
  return item;
}

/** The item of a test by its title as it is written, or as one of its rows has it. */
export function findTest(controller: TestController, uri: Uri, title: string): TestItem | undefined {
  const tests = children(controller.items.get(uri.toString()));
  return tests.find((test) => test.label === title) ?? tests.flatMap(children).find((row) => row.label === title);
}

/** Finds the items of results. A row that nobody knew of is known from now on. */
export function finder(controller: TestController, places: Places): (result: Result) => TestItem | undefined {
  const tests = new Map<string, TestItem>();
  for (const file of all(controller.items)) {
    for (const test of children(file).filter((it) => aboutOf(it)?.kind === "test")) {
      [test, ...children(test)].forEach((it) => tests.set(`${file.id} ${it.label}`, test));
      // Its line tells a test of two with one title, and one of whose rows nobody knows.
      tests.set(`${file.id}:${aboutOf(test)?.lines[0]}`, test);
    }
  }
  return ({ name, file, line }) => {
    const uri = places.uri(file).toString();
    const [here, named] = [tests.get(`${uri}:${line - 1}`), tests.get(`${uri} ${name}`)];
    const test = here && isOf(here, name) ? here : (named ?? here);
    return test && (test.label === name && test.children.size === 0 ? test : rowOf(controller, test, name));
  };
}

function isOf(test: TestItem, name: string): boolean {
  return test.label === name || test.children.get(name) !== undefined;
}

function rowOf(controller: TestController, test: TestItem, name: string): TestItem {
  const known = test.children.get(name);
  if (known) return known;
  const made = caseItem(controller, test, name);
  test.children.add(made);
  return made;
}

/** The items of a collection. */
export function all(items: TestItemCollection): TestItem[] {
  return [...items].map(([, item]) => item);
}

function children(item: TestItem | undefined): TestItem[] {
  return item === undefined ? [] : all(item.children);
}

/** What runs: items without others below them. */
export function leaves(items: readonly TestItem[], excluded: readonly TestItem[]): TestItem[] {
  return items.flatMap((item) => {
    if (excluded.includes(item)) return [];
    if (item.children.size > 0) return leaves(children(item), excluded);
    return aboutOf(item)?.kind === "file" ? [] : [item];
  });
}
