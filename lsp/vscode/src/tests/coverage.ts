// From the command's coverage to the editor's: a rule is a declaration, a condition a statement with two branches.
import { BranchCoverage, DeclarationCoverage, FileCoverage, Position, Range, StatementCoverage, Uri, type FileCoverageDetail } from "vscode";
import { resolve } from "node:path";
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

/** The coverage of each file that has rules or scores. `folder` is where the command ran. */
export function coverageByFile({ rules, scores }: Coverage, folder: string): DetailedCoverage[] {
  const files = new Map<string, FileCoverageDetail[]>();
  const add = (file: string, details: FileCoverageDetail[]): void => {
    files.set(file, [...(files.get(file) ?? []), ...details]);
  };
  for (const { rule, file, line, matched, conditions } of rules) {
    add(file, [new DeclarationCoverage(rule, matched, new Position(line - 1, 0)), ...conditions.map(statement)]);
  }
  for (const { file, conditions } of scores) add(file, conditions.map(statement));
  return [...files].map(([file, details]) => DetailedCoverage.of(Uri.file(resolve(folder, file)), details));
}

function statement(condition: Condition): StatementCoverage {
  const range = rangeOf(condition);
  const branches = [new BranchCoverage(condition.true, range, "true"), new BranchCoverage(condition.false, range, "false")];
  return new StatementCoverage(condition.true + condition.false, range, branches);
}

/** A condition's place: the text may stand on several lines. */
function rangeOf({ text, line, column }: Condition): Range {
  const lines = text.split("\n");
  const last = lines.at(-1) ?? "";
  const end = lines.length === 1 ? column - 1 + last.length : last.length;
  return new Range(line - 1, column - 1, line - 2 + lines.length, end);
}
