/** Failures to look into a process that take their time. */
import { afterEach, beforeEach, expect, test } from "../harness.ts";
import { freePort, isFree, Targets } from "./target.ts";

let targets: Targets;
beforeEach(() => {
  targets = new Targets();
});
afterEach(() => targets.remove());

test("a process with an open inspector that is inside a native call for a minute is said not to answer, and its inspector stays open", async () => {
  const port = await freePort();
  const target = await targets.start(
    `import { execSync } from "node:child_process";
    console.log("ready");
    setTimeout(() => execSync("sleep 90"), 10);
    setInterval(() => {}, 60_000);`,
    { flags: [`--inspect=${port}`] },
  );
  expect(await targets.holdfast(["dump", target.pid])).toEqual({
    code: 75,
    stdout: "",
    stderr: `holdfast: process ${target.pid} has not answered within 60 s; its main thread is inside one long native call, or it may not write its answer\n  try again when that has returned\n`,
  });
  expect(await isFree(port)).toBe(false);
});

test("a heap of more than 250 MB is searched with --force only", async () => {
  const target = await targets.start(
    `globalThis.keep = Array.from({ length: 4_000_000 }, (_, index) => ({ index, next: [index] }));
    console.log("ready"); setInterval(() => {}, 60_000);`,
    { flags: [`--inspect-port=${await freePort()}`] },
  );
  const refused = await targets.holdfast(["dump", target.pid, "--deep"]);
  expect([refused.code, /the heap was not searched: of \d+ MB/u.test(refused.stdout)]).toEqual([69, true]);
  const forced = await targets.holdfast(["dump", target.pid, "--deep", "--force"]);
  expect([forced.code, forced.stdout.includes("was not searched")]).toEqual([0, false]);
}, 60_000);
