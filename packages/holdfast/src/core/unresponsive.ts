/**
 * The forgotten signal is everybody's first mistake: a group that was cancelled and still waits says for whom.
 */
import { warn } from "./late-error.ts";
import { reasonOf, SAW_SIGNAL, type Scope } from "./cancel.ts";

/** Says on `console.error` what a group still waits for. `what`: since when it was told to end, like "was cancelled 5000 ms ago". */
export function reportUnresponsive(group: Scope, tasks: readonly Scope[], what: string): void {
  const reason = reasonOf(group);
  const why = reason instanceof Error ? `: ${reason.message}` : "";
  const lines = tasks.map((task) => {
    const site = task.site === undefined ? "" : `, spawned ${task.site}`;
    const hint =
      (task.bits & SAW_SIGNAL) === 0
        ? "never looked at its signal; pass ({ signal }) on"
        : "has its signal, and goes on";
    return `  task "${task.name}" ${hint}${site}`;
  });
  if (lines.length === 0) lines.push("  its body, which waits for something that takes no signal");
  warn(`group "${group.name}" ${what} and still waits${why}\n${lines.join("\n")}`);
}
