/** What node:test prints of tests that hang, that leave something behind, and that do neither. */
import { afterAll, beforeAll, expect, test } from "../../harness.ts";
import { concurrentSaid, nodeFlags, pendingSaid, said, sampleSaid } from "./node-test-text.ts";
import { makeProject, runnerLimit, type SampleProject } from "./sample-project.ts";

let project: SampleProject;
beforeAll(async () => {
  project = await makeProject("node-test");
});
afterAll(() => project[Symbol.dispose]());

async function runFile(name: string, ...flags: readonly string[]): Promise<readonly [text: string, code: number]> {
  const { text, code } = await project.run([...flags, `${name}.check.mjs`]);
  return [said(text, project.folder), code];
}

test(
  "node:test: a test that hangs shows what it waits for, one that leaves tasks behind fails with their tree, others are left alone",
  async () => {
    expect(await runFile("sample", ...nodeFlags)).toEqual([sampleSaid, 1]);
  },
  runnerLimit,
);

test(
  "node:test: of tests that ran at the same time the last to end names all, and what they left",
  async () => {
    expect(await runFile("concurrent", ...nodeFlags)).toEqual([concurrentSaid, 1]);
  },
  runnerLimit,
);

test(
  "node:test: a test that still waits when the process has nothing left to do is told on stderr",
  async () => {
    expect(await runFile("pending", ...nodeFlags)).toEqual([pendingSaid, 1]);
  },
  runnerLimit,
);

test(
  "node:test: a file that is run by itself, with the module required, says the same",
  async () => {
    const [text, code] = await runFile("concurrent", "--require", "holdfast/inspect/node-test", "--test-reporter=tap");
    expect([text, code]).toEqual([concurrentSaid, 1]);
  },
  runnerLimit,
);
