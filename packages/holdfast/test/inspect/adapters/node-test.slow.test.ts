/** What node:test prints, on each Node that the library is for. */
import { afterAll, beforeAll, expect, test } from "../../harness.ts";
import { otherNodes } from "../program.ts";
import { nodeFlags, said, sampleSaid } from "./node-test-text.ts";
import { makeProject, type SampleProject } from "./sample-project.ts";

let project: SampleProject;
beforeAll(async () => {
  project = await makeProject("node-test");
});
afterAll(() => project[Symbol.dispose]());

for (const { name, binary } of await otherNodes()) {
  test(`node:test: says the same of hanging, leaking and clean tests on ${name}`, async () => {
    const { text, code } = await project.run([...nodeFlags, "sample.check.mjs"], binary);
    expect([said(text, project.folder), code]).toEqual([sampleSaid, 1]);
  });

  if (name !== "node-20")
    test(`node:test: says the same where all files run in one process on ${name}`, async () => {
      const isolation = name === "node-22" ? "--experimental-test-isolation=none" : "--test-isolation=none";
      const { text, code } = await project.run([...nodeFlags, isolation, "sample.check.mjs"], binary);
      expect([said(text, project.folder), code]).toEqual([sampleSaid, 1]);
    });
}
