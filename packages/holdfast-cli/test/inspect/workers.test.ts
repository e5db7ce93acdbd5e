/** What is seen of worker threads on this Node; on the others: other-nodes.slow.test.ts. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { freePort, Targets } from "./target.ts";
import { program, sections, testWorkers } from "./worker-tests.ts";

let targets: Targets;
beforeAll(() => {
  targets = new Targets();
  targets.installLibrary();
});
afterAll(() => targets.remove());

testWorkers(process.execPath, () => targets);

test("a worker inside a native call is said to have given no answer, and all else is shown", async () => {
  const flags = [`--inspect-port=${await freePort()}`];
  const { pid } = await targets.start(program(["native", "tasks"], ""), { flags });
  const { code, stdout } = await targets.holdfast(["dump", pid]);
  expect([code, sections(stdout).map(([title]) => title)]).toEqual([
    0,
    [
      'worker 1 "native" (app.mjs): it has not answered within N s: it is inside a native call',
      'worker 2 "tasks" (app.mjs): 1 task',
    ],
  ]);
});
