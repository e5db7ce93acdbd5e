/**
 * A test seam: HOLDFAST_TEST_KILL="before-commit:3" ends the process with SIGKILL at that point of the third commit, so
 * that tests can kill a run where it hurts most instead of where a timer happens to fire.
 */
import process from "node:process";
import { CliError } from "../cli-error.ts";

const POINTS = ["before-begin", "after-output", "before-commit", "after-commit"] as const;
export type KillPoint = (typeof POINTS)[number];

/**
 * Called at each point of each commit; undefined when nobody asked, which costs the commit a comparison.
 *
 * @throws {CliError} 64 for a value that names no point: a test that kills nothing would prove nothing.
 */
export function killSwitch(
  value: string | undefined,
  kill: () => void = killThisProcess,
): ((point: KillPoint) => void) | undefined {
  if (value === undefined || value === "") return undefined;
  const [name, count] = value.split(":");
  const target = POINTS.find((point) => point === name);
  let left = Number(count);
  if (target === undefined || !Number.isInteger(left) || left < 1) {
    throw new CliError(
      64,
      `HOLDFAST_TEST_KILL must be a point and a commit, as in "before-commit:3", got "${value}"; points are ${POINTS.join(", ")}`,
    );
  }
  return (point) => {
    if (point === target && --left === 0) kill();
  };
}

function killThisProcess(): void {
  process.kill(process.pid, "SIGKILL");
}
