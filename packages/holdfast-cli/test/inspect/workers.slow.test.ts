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

test("a worker whose own code throws during the look is said to have, and all else is shown", async () => {
  const text = program(["tasks", "floats"], "").replace(
    "if (!isMainThread) {",
    `if (workerData === "tasks") process.getActiveResourcesInfo = () => { throw new Error("not today"); };\nif (!isMainThread) {`,
  );
  const { pid } = await targets.start(text, { flags: [`--inspect-port=${await freePort()}`] });
  const { code, stdout } = await targets.holdfast(["doctor", pid]);
  expect([code, sections(stdout).map(([title]) => title)]).toEqual([
    1,
    ['worker 1 "tasks" (app.mjs): not today', 'worker 2 "floats" (app.mjs): 1 finding'],
  ]);
});

test("where the main thread can't reach its workers, it says so, and shows itself", async () => {
  const text = program(["floats"], "").replace(
    "if (!isMainThread) {",
    `if (isMainThread) {
  const { Session } = await import("node:inspector");
  Session.prototype.connect = () => { throw new Error("no session today"); };
}
if (!isMainThread) {`,
  );
  const { pid } = await targets.start(text, { flags: [`--inspect-port=${await freePort()}`] });
  const { code, stdout } = await targets.holdfast(["dump", pid]);
  expect([
    code,
    stdout
      .split("\n")
      .slice(0, 2)
      .map((line) => line.replace(/^process .*: /u, "")),
  ]).toEqual([0, ["0 tasks", "note: workers were not asked: no session today"]]);
});
