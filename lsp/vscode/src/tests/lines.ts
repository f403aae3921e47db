// Places: the command counts lines and characters from 1, the editor lines and UTF-16 units from 0.
import { Position, Uri } from "vscode";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** A file of a run, as the command names it, and the positions in it. */
export interface Places {
  uri(file: string): Uri;
  position(file: string, line: number, column: number): Position;
}

/** The places of a run in a folder, in the texts as they are saved now. */
export function placesIn(folder: string): Places {
  const texts = new Map<string, string[]>();
  const lines = (file: string): string[] => {
    const known = texts.get(file) ?? read(resolve(folder, file));
    texts.set(file, known);
    return known;
  };
  return {
    uri: (file) => Uri.file(resolve(folder, file)),
    position: (file, line, column) => new Position(line - 1, units(lines(file)[line - 1] ?? "", column - 1)),
  };
}

/** A file that is gone has no lines. */
function read(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    return [];
  }
}

/** How many UTF-16 units the first characters of a line are; beyond its end, as many as there would be characters. */
export function units(line: string, characters: number): number {
  const start = [...line.slice(0, 2 * characters)].slice(0, characters);
  return start.join("").length + characters - start.length;
}
