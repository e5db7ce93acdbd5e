/** What is seen of a program of nested tasks, on each Node that the library is for. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { nestedText, nestedTextDeep } from "./nested-text.ts";
import { bundlePrograms, otherNodes, type Programs, steady } from "./program.ts";
import { stuckWarnings, warningsOf } from "./stuck-text.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["nested", "fast-tasks", "stuck"]);
});
afterAll(() => programs[Symbol.dispose]());

const nodes = [{ name: "this node", binary: process.execPath }, ...(await otherNodes())];
for (const { name, binary } of nodes) {
  test(`dump shows the same tree and the same await stacks on ${name}`, async () => {
    const plain = await programs.run("nested", { binary });
    const deep = await programs.run("nested", { binary, args: ["--deep"] });
    expect([steady(plain.stdout), steady(deep.stdout), plain.stderr + deep.stderr]).toEqual([
      nestedText,
      nestedTextDeep,
      "",
    ]);
  });

  test(`the garbage collector tells the same locks and channels from those that nobody can free on ${name}`, async () => {
    const { stdout, stderr } = await programs.run("stuck", { binary });
    expect([warningsOf(stdout), stderr]).toEqual([stuckWarnings, ""]);
  });

  test(`tasks that were looked at are as fast as before on ${name}`, async () => {
    const { stdout, stderr } = await programs.run("fast-tasks", { binary, flags: ["--allow-natives-syntax"] });
    expect([stdout, stderr]).toEqual(["[11,10]", ""]);
  });
}
