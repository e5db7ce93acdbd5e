/** What is seen of a program of nested tasks, in a process of its own. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { nestedText, nestedTextDeep, nestedTextWithout } from "./nested-text.ts";
import { bundlePrograms, type Programs, steady, processLimit } from "./program.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["nested"]);
});
afterAll(() => programs[Symbol.dispose]());

test(
  "dump shows five nested tasks as a tree, with what each waits for and the line of each await",
  async () => {
    const { stdout, stderr, code } = await programs.run("nested");
    expect([steady(stdout), stderr, code]).toEqual([nestedText, "", 0]);
  },
  processLimit,
);

test(
  "dump with deep shows the awaits of promises that are none of the library's, in tasks and outside",
  async () => {
    const { stdout, stderr, code } = await programs.run("nested", { args: ["--deep"] });
    expect([steady(stdout), stderr, code]).toEqual([nestedTextDeep, "", 0]);
  },
  processLimit,
);

test(
  "a host that does not tell await stacks gives the tree, what ours wait for by their signals, and says so",
  async () => {
    const { stdout, stderr, code } = await programs.run("nested", { flags: ["--no-async-stack-traces"] });
    expect([steady(stdout), stderr, code]).toEqual([nestedTextWithout, "", 0]);
  },
  processLimit,
);
