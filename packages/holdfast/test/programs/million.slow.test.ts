/** A million items in a process that may hold 64 MB: a hundredth of them, kept, would end it. */
import { expect, test } from "../harness.ts";
import { runProgram } from "./program.ts";

const cases = {
  "Queue.process": "million-through-a-queue",
  mapStream: "million-through-a-stream",
  'batch with keep: "none"': "million-through-a-batch",
};

for (const [what, program] of Object.entries(cases))
  test(`a million items go through ${what} under --max-old-space-size=64`, async () => {
    expect(await runProgram(program, ["--max-old-space-size=64"])).toEqual({
      code: 0,
      signal: null,
      stdout: "499999500000\n",
      stderr: "",
    });
  });
