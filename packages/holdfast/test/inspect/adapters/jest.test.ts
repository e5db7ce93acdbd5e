/** What jest prints of tests that hang, that leave something behind, and that do neither. */
import { afterAll, beforeAll, expect, test } from "../../harness.ts";
import { sampleText } from "./jest-text.ts";
import { makeProject, runnerLimit, runners, type SampleProject, steady } from "./sample-project.ts";

let project: SampleProject;
beforeAll(async () => {
  project = await makeProject("jest");
});
afterAll(() => project[Symbol.dispose]());

async function runFile(name: string): Promise<readonly [text: string, code: number]> {
  const { text, code } = await project.run([runners.jest, "-c", "jest.config.json", "--no-cache", name]);
  return [steady(text, project.folder), code];
}

test(
  "jest: a test that hangs shows what it waits for, one that leaves tasks behind fails with their tree, others are left alone",
  async () => {
    expect(await runFile("sample")).toEqual([sampleText, 1]);
  },
  runnerLimit,
);

test(
  "jest: in a file with concurrent tests, for which it calls no hooks, nobody is blamed",
  async () => {
    const [text, code] = await runFile("concurrent");
    expect([text.match(/\w+Error/gu), code]).toEqual([null, 0]);
  },
  runnerLimit,
);
