/** What is left when a process exits, and what the environment turns on. */
import { inspectAs } from "holdfast/inspect";
import { afterAll, beforeAll, expect, test } from "../harness.ts";
import { bundlePrograms, type Programs, steady, processLimit } from "./program.ts";

let programs: Programs;
beforeAll(async () => {
  programs = await bundlePrograms(["leaving", "preload", "registered"]);
});
afterAll(() => programs[Symbol.dispose]());

test(
  "a process that exits while a task runs says which, and keeps its exit code",
  async () => {
    const { stderr, code } = await programs.run("leaving", { args: ["task"] });
    expect([steady(stderr.replace(/process \d+, node [\d.]+/u, "process PID")), code]).toEqual([
      `holdfast: the process exits, and this still runs
process PID: 1 task
└─ group "server", called <anonymous> (leaving.ts:12)
   │  awaited outside of any task
   │      at <anonymous> (leaving.ts:21)
   └─ task 1 "poll", running for TIME, spawned taskGroup.name (leaving.ts:14)
         waits for sleep, TIME left, without a signal
             at poll (leaving.ts:9)
`,
      3,
    ]);
  },
  processLimit,
);

test(
  "a process that ends by itself while a group waits for ever says which",
  async () => {
    const { stderr } = await programs.run("leaving", { args: ["forgotten"] });
    expect(stderr).toContain('group "forgotten"');
  },
  processLimit,
);

test(
  "a process that exits when nothing runs any more says nothing",
  async () => {
    expect(await programs.run("leaving", { args: ["nothing"] })).toEqual({ code: 3, stdout: "", stderr: "" });
  },
  processLimit,
);

test(
  "a listener that was disposed of says nothing",
  async () => {
    expect(await programs.run("leaving", { args: ["disposed"] })).toMatchObject({ stderr: "" });
  },
  processLimit,
);

test(
  "HOLDFAST_INSPECT=dump-on-exit turns it on in a program that does not know of it",
  async () => {
    const flags = ["--import", programs.path("preload")];
    const plain = await programs.run("registered", { flags });
    const inspected = await programs.run("registered", {
      flags,
      env: { HOLDFAST_INSPECT: "dump-on-exit, watchdog=300ms" },
    });
    expect([plain.stderr, inspected.stderr.includes('"left"'), plain.code, inspected.code]).toEqual(["", true, 0, 0]);
  },
  processLimit,
);

test(
  "a setting that is not known stops the program with a sentence that says what is",
  async () => {
    const { stderr, code } = await programs.run("registered", {
      flags: ["--import", programs.path("preload")],
      env: { HOLDFAST_INSPECT: "dump-on-exit,watchdgo" },
    });
    expect([
      stderr.includes(
        'HOLDFAST_INSPECT takes dump-on-exit, watchdog=200ms, allow-cancel, or several with commas between, got "watchdgo"',
      ),
      code,
    ]).toEqual([true, 1]);
  },
  processLimit,
);

for (const setting of [
  "",
  "watchdog=",
  "watchdog=fast",
  "watchdog=-5",
  "watchdog=200s",
  "dump",
  "dump-on-exit;watchdog",
])
  test(`${JSON.stringify(setting)} is refused`, () => {
    const before = process.listenerCount("exit");
    expect(() => inspectAs(setting)).toThrow(TypeError);
    expect(process.listenerCount("exit")).toBe(before);
  });
