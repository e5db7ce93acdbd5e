/** Blocked loops that take their time, and those of other Nodes. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { bundlePrograms, type Ended, otherNodes, type Programs, type RunOptions, steady } from "./program.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["blocked"]);
});
afterAll(() => programs[Symbol.dispose]());

const blocked = (how: string, threshold: number, options?: RunOptions): Promise<Ended> =>
  programs.run("blocked", { args: [how, String(threshold)], ...options });
const seen = /blocked for [^]*\n    at /u;

test("a watchdog names a task that has not come to its first await", async () => {
  const { stderr } = await blocked("first-step", 200, { killWhen: seen });
  expect(steady(stderr)).toMatch(
    /^holdfast: the event loop has been blocked for TIME by task 1 "eager"\n {4}at spin \(.*\/blocked\.ts:10\)\n/u,
  );
});

test("a watchdog names the line alone where there is no task", async () => {
  const { stderr } = await blocked("outside", 200, { killWhen: seen });
  expect(steady(stderr)).toMatch(
    /^holdfast: the event loop has been blocked for TIME\n {4}at spin \(.*\/blocked\.ts:10\)\n/u,
  );
});

test("WATCHDOG-1: a stall of many thresholds is reported once", async () => {
  const { stderr, code } = await blocked("once", 200, { args: ["once", "200", "warm"] });
  expect([stderr.match(/holdfast: /gu)?.length, code]).toEqual([1, 0]);
});

test("WATCHDOG-1: stalls that are shorter than the threshold are not reported", async () => {
  expect(await blocked("short", 5000, { args: ["short", "5000", "warm"] })).toEqual({
    code: 0,
    stdout: "",
    stderr: "",
  });
});

test("a watchdog names the line that has called native code when that returns", async () => {
  const { stderr, code } = await blocked("native", 100, { args: ["native", "100", "warm"] });
  expect(steady(stderr)).toMatch(
    /^holdfast: the event loop has been blocked for TIME\n {4}at execFileSync .*\n {4}at <anonymous> \(.*\/blocked\.ts:59\)\n$/u,
  );
  expect(code).toBe(0);
});

test("a watchdog blames no line once the loop has turned", async () => {
  const { stderr, code } = await blocked("moved", 100, { args: ["moved", "100", "warm"] });
  expect([steady(stderr), code]).toEqual([
    "holdfast: the event loop was blocked for TIME, and went on before it could be asked by what: by native code, or it was just over\n",
    0,
  ]);
});

for (const { name, binary } of await otherNodes())
  test(`a watchdog names the task and the line that block the loop on ${name}`, async () => {
    const { stderr } = await blocked("task", 200, { killWhen: seen, binary });
    expect(steady(stderr)).toMatch(
      /^holdfast: the event loop has been blocked for TIME by task 1 "report"\n {4}at spin \(.*\/blocked\.ts:10\)\n {4}at parseHuge \(.*\/blocked\.ts:16\)\n {4}at async group\.spawn\.name \(.*\/blocked\.ts:34\)\n$/u,
    );
  });
