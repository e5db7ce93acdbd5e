/** That asking leaves nothing behind, on each Node that the library is for. */
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { bundlePrograms, otherNodes, type Programs } from "./program.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["probes"]);
});
afterAll(() => programs[Symbol.dispose]());

const nodes = [{ name: "this node", binary: process.execPath }, ...(await otherNodes())];
for (const { name, binary } of nodes)
  test(`PROBE-1: after 300,000 questions the heap is as it was, what was asked about is collected, rejections propagate, and unhandled ones are told, on ${name}`, async () => {
    const { stdout, stderr } = await programs.run("probes", { binary, flags: ["--expose-gc"] });
    // Holds: that is what it prints.
    const { growth, ...rest } = JSON.parse(stdout) as { readonly growth: number };
    expect([rest, stderr]).toEqual([{ right: 300_000, isCollected: true, propagates: true, isUnhandled: true }, ""]);
    // A byte for each question would be 300 kB.
    expect(growth).toBeLessThan(300_000);
  });
