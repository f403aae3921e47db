// Where the tests find the repository's own files.
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

/** The extension's folder: npm runs tests there. */
export const extension = process.cwd();
export const repository = resolve(extension, "../..");

export function read(...path: string[]): string {
  return readFileSync(join(...path), "utf8");
}

/** Every `.toll` file below a folder of the repository. */
export function policies(folder: string): string[] {
  const entries = readdirSync(join(repository, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith(".toll")).map((entry) => join(entry.parentPath, entry.name));
}
