/** What vitest prints of tests that hang, that leave something behind, and that do neither. */
import { afterAll, beforeAll, expect, test } from "../../harness.ts";
import { makeProject, runnerLimit, runners, type SampleProject, steady } from "./sample-project.ts";
import { concurrentText, sampleText } from "./vitest-text.ts";

let project: SampleProject;
beforeAll(async () => {
  project = await makeProject("vitest");
});
afterAll(() => project[Symbol.dispose]());

async function runFile(name: string, ...flags: readonly string[]): Promise<readonly [text: string, code: number]> {
  const { text, code } = await project.run([runners.vitest, "run", name, ...flags]);
  return [steady(text, project.folder), code];
}

test(
  "vitest: a test that hangs shows what it waits for, one that leaves tasks behind fails with their tree, others are left alone",
  async () => {
    expect(await runFile("sample")).toEqual([sampleText, 1]);
  },
  runnerLimit,
);

test(
  "vitest: of tests that ran at the same time the last to end names all, and what they left",
  async () => {
    expect(await runFile("concurrent")).toEqual([concurrentText, 1]);
  },
  runnerLimit,
);

test(
  "vitest: a worker that keeps its modules for the next file watches the tests of that one too",
  async () => {
    const [text] = await runFile("", "--no-isolate", "--no-file-parallelism");
    expect(text.match(/^Tasks?LeftError: /gmu)).toHaveLength(3);
  },
  runnerLimit,
);
