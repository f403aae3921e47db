// From the command's coverage to the editor's: a rule is a declaration, a condition a statement with two branches.
import { BranchCoverage, DeclarationCoverage, FileCoverage, Position, Range, StatementCoverage, type FileCoverageDetail, type Uri } from "vscode";
import type { Places } from "./lines";
import type { Condition, Coverage } from "./output";

/** A file's coverage with its details, which the editor asks for when it shows the file. */
export class DetailedCoverage extends FileCoverage {
  private constructor(uri: Uri, readonly details: FileCoverageDetail[], counts: FileCoverage) {
    super(uri, counts.statementCoverage, counts.branchCoverage, counts.declarationCoverage);
  }

  static of(uri: Uri, details: FileCoverageDetail[]): DetailedCoverage {
    return new DetailedCoverage(uri, details, FileCoverage.fromDetails(uri, details));
  }
}

/** The coverage of each file that has rules or scores. */
export function coverageByFile({ rules, scores }: Coverage, places: Places): DetailedCoverage[] {
  const files = new Map<string, FileCoverageDetail[]>();
  const add = (file: string, declarations: FileCoverageDetail[], conditions: Condition[]): void => {
    const known = files.get(file) ?? [];
    files.set(file, known);
    known.push(...declarations, ...conditions.map((condition) => statement(condition, file, places)));
  };
  for (const { rule, file, line, matched, conditions } of rules) {
    add(file, [new DeclarationCoverage(rule, matched, new Position(line - 1, 0))], conditions);
  }
  for (const { file, conditions } of scores) add(file, [], conditions);
  return [...files].map(([file, details]) => DetailedCoverage.of(places.uri(file), details));
}

function statement(condition: Condition, file: string, places: Places): StatementCoverage {
  const start = places.position(file, condition.line, condition.column);
  const range = new Range(start, endOf(condition.text, start));
  const branches = [new BranchCoverage(condition.true, range, "true"), new BranchCoverage(condition.false, range, "false")];
  return new StatementCoverage(condition.true + condition.false, range, branches);
}

/** Where a text ends, which may stand on several lines. */
function endOf(text: string, { line, character }: Position): Position {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  return new Position(line + lines.length - 1, lines.length === 1 ? character + last.length : last.length);
}
