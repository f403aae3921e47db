// Tasks: `tollgate check`, whose findings become problems, and `tollgate test`.
import { ProcessExecution, Task, TaskGroup, TaskScope, tasks, workspace, type Disposable, type TaskDefinition, type WorkspaceFolder } from "vscode";
import { program } from "./settings";

interface Definition extends TaskDefinition {
  command: "check" | "test";
  args?: string[];
}

export function provideTasks(): Disposable {
  return tasks.registerTaskProvider("tollgate", {
    provideTasks: () =>
      (workspace.workspaceFolders ?? []).flatMap((folder) => [
        task({ type: "tollgate", command: "check" }, folder),
        task({ type: "tollgate", command: "test" }, folder),
      ]),
    resolveTask: ({ definition, scope }) => task(definition as Definition, scope ?? TaskScope.Workspace),
  });
}

function task(definition: Definition, scope: WorkspaceFolder | TaskScope): Task {
  const process = new ProcessExecution(program() ?? "tollgate", [definition.command, ...(definition.args ?? [])]);
  const made = new Task(definition, scope as WorkspaceFolder, definition.command, "tollgate", process, "$tollgate");
  made.group = definition.command === "check" ? TaskGroup.Build : TaskGroup.Test;
  return made;
}
