/** What is seen of a program of nested tasks, on each Node that the library is for. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { nestedText, nestedTextDeep } from "./nested-text.ts";
import { bundlePrograms, otherNodes, type Programs, steady } from "./program.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["nested"]);
});
afterAll(() => programs[Symbol.dispose]());

for (const { name, binary } of await otherNodes()) {
  test(`dump shows the same tree and the same await stacks on ${name}`, async () => {
    const plain = await programs.run("nested", { binary });
    const deep = await programs.run("nested", { binary, args: ["--deep"] });
    expect([steady(plain.stdout), steady(deep.stdout), plain.stderr + deep.stderr]).toEqual([
      nestedText,
      nestedTextDeep,
      "",
    ]);
  });
}
