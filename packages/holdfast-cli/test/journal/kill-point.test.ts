import { killSwitch } from "../../src/journal/kill-point.ts";
import { expect, test } from "../harness.ts";
import { refusal } from "../input/reading.ts";

test("kill point: it fires once, at the named point of the numbered commit", () => {
  const log: string[] = [];
  const at = killSwitch("before-commit:2", () => log.push("kill"));
  for (const commit of [1, 2, 3]) {
    for (const point of ["before-begin", "after-output", "before-commit", "after-commit"] as const) {
      log.push(`${point}:${commit}`);
      at?.(point);
    }
  }
  expect(log[log.indexOf("kill") - 1]).toBe("before-commit:2");
  expect(log.filter((entry) => entry === "kill").length).toBe(1);
});

test("kill point: without the variable there is none", () => {
  expect([killSwitch(undefined), killSwitch("")]).toEqual([undefined, undefined]);
});

test("kill point: a value that names no point is refused", async () => {
  for (const value of ["before-commit", "before-commit:0", "before-commit:x", "sometime:1"]) {
    expect(await refusal(() => killSwitch(value))).toEqual([
      64,
      `HOLDFAST_TEST_KILL must be a point and a commit, as in "before-commit:3", got "${value}"; points are before-begin, after-output, before-commit, after-commit`,
    ]);
  }
});
