/** Blocked loops, in processes of their own. */
import { Worker } from "node:worker_threads";
import { taskGroup } from "holdfast";
import { watchdog } from "holdfast/inspect";
import { turn } from "../clock/fake-clock.ts";
import { Gate } from "../core/outcome.ts";
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { bundlePrograms, type Ended, type Programs, type RunOptions, steady, processLimit } from "./program.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["blocked"]);
});
afterAll(() => programs[Symbol.dispose]());

const blocked = (how: string, threshold: number, options?: RunOptions): Promise<Ended> =>
  programs.run("blocked", { args: [how, String(threshold)], ...options });
const seen = /blocked for [^]*\n    at /u;

test(
  "a watchdog names the task and the line that block the loop while they do",
  async () => {
    const { stderr } = await blocked("task", 200, { killWhen: seen });
    expect(steady(stderr)).toMatch(
      /^holdfast: the event loop has been blocked for TIME by task 1 "report"\n {4}at spin \(.*\/blocked\.ts:10\)\n {4}at parseHuge \(.*\/blocked\.ts:16\)\n {4}at async group\.spawn\.name \(.*\/blocked\.ts:34\)\n$/u,
    );
  },
  processLimit,
);

test(
  "WATCHDOG-2: a process with nothing to do but a watchdog ends",
  async () => {
    expect(await blocked("nothing", 200)).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await blocked("nothing", 200, { args: ["nothing", "200", "dispose"] })).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  },
  processLimit,
);

for (const threshold of [0, 19, -1, Number.NaN])
  test(`a watchdog refuses a threshold of ${threshold}`, () => {
    expect(() => watchdog({ threshold })).toThrow(RangeError);
  });

test(
  "a watchdog is of the main thread",
  async () => {
    const thread = new Worker(
      `import(${JSON.stringify(programs.path("blocked"))}).catch((error) => require("node:worker_threads").parentPort.postMessage(error.message))`,
      { eval: true, argv: ["nothing", "200"] },
    );
    const message = await new Promise((resolve) => thread.once("message", resolve));
    expect(message).toBe("watchdog watches the main thread only; call it there");
  },
  processLimit,
);

test("there is one watchdog at a time, and tasks have their names in stacks as long as it is there", async () => {
  const gate = new Gate();
  const names = await taskGroup(async (group) => {
    const early = group.spawn(() => gate.promise, { name: "early" });
    await turn();
    const first = watchdog();
    expect(() => watchdog()).toThrow(new TypeError("watchdog is on already; dispose of that one first"));
    const late = group.spawn(() => gate.promise, { name: "late" });
    await turn();
    const during = [early, late].map(String);
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    watchdog()[Symbol.dispose]();
    gate.open();
    return [...during, ...[early, late].map(String)];
  });
  expect(names).toEqual([
    expect.stringMatching(/^\[object task \d+ "early"\]$/u),
    expect.stringMatching(/^\[object task \d+ "late"\]$/u),
    "[object Object]",
    "[object Object]",
  ]);
});
