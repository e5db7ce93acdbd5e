/** Waits that nothing can end: found by a search of the heap, in a process of its own. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { bundlePrograms, processLimit, type Programs } from "./program.ts";
import { stuckWarnings, warningsOf } from "./stuck-text.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["stuck"]);
});
afterAll(() => programs[Symbol.dispose]());

test(
  "stuck-wait is said of locks whose permit nobody has, of channels whose other end nobody has, and of what abandoned work holds, lock-cycle of tasks that have taken permits in different orders, and neither of any other wait",
  async () => {
    const { stdout, stderr } = await programs.run("stuck");
    expect([warningsOf(stdout), stderr]).toEqual([stuckWarnings, ""]);
  },
  processLimit,
);
