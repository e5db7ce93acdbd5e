/** What node:test prints of the fixtures. */
import { steady } from "./sample-project.ts";

export const nodeFlags: readonly string[] = ["--import", "holdfast/inspect/node-test", "--test", "--test-reporter=tap"];

/** How each test ended, what is said of it, and where its error is from: the rest differs from version to version. */
export function said(text: string, folder: string): string {
  const lines = steady(text, folder)
    .replaceAll(/^(?<indent> *)# /gmu, "$<indent>")
    .split("\n");
  return lines.filter((line) => /^ *(?:ok|not ok|│)| did not end;| behind;|\(file:..FOLDER/u.test(line)).join("\n");
}

export const sampleSaid: string = `ok 1 - ends with all that it has started
not ok 2 - hangs
test "hangs" did not end; this is what ran, and what it waited for
│ process PID, node VERSION: 2 tasks
│ ├─ group "heartbeat", open until close(), called TestContext.<anonymous> (sample.check.mjs:15)
│ │  └─ task 4 "beat", running for TIME, spawned TestContext.<anonymous> (sample.check.mjs:16)
│ │        waits for latch: Latch
│ └─ group "request", called TestContext.<anonymous> (sample.check.mjs:33)
│    │  awaited outside of any task
│    │      at sample.check.mjs:33
│    └─ task 5 "load-user", running for TIME, spawned taskGroup.name (sample.check.mjs:35)
│          waits for latch: Latch, without a signal
│              at loadUser (sample.check.mjs:21)
not ok 3 - hangs without the library
test "hangs without the library" did not end; this is what ran, and what it waited for
│ process PID, node VERSION: 1 task
│ └─ group "heartbeat", open until close(), called TestContext.<anonymous> (sample.check.mjs:15)
│    └─ task 6 "beat", running for TIME, spawned TestContext.<anonymous> (sample.check.mjs:16)
│          waits for latch: Latch
│ outside of any task: 1 wait
│   waits for a promise
│       at sample.check.mjs:42
    not ok 1 - leaves a task behind
        test "leaves a task behind" left 1 task behind; await or cancel what it starts before it ends
        │ process PID, node VERSION: 1 task
        │ └─ group "server", open until close(), called TestContext.<anonymous> (sample.check.mjs:47)
        │    └─ task 8 "poll", running for TIME, spawned TestContext.<anonymous> (sample.check.mjs:48)
        │          waits for latch: Latch, without a signal
        │              at loadUser (sample.check.mjs:21)
        TestContext.<anonymous> (file://FOLDER/sample.check.mjs:48)
not ok 4 - a server
not ok 5 - fails, and leaves a call behind
    TestContext.<anonymous> (file://FOLDER/sample.check.mjs:54)
test "fails, and leaves a call behind" left 1 group behind; await or cancel what it starts before it ends
│ process PID, node VERSION: 0 tasks
│ └─ group "forgotten", called TestContext.<anonymous> (sample.check.mjs:53)
│       waits for latch: Latch, without a signal
ok 6 - is not blamed for those before it`;

export const concurrentSaid: string = `    not ok 1 - one
        one of the tests that ran at the same time, "one", "the other", left 1 task behind; await or cancel what it starts before it ends
        │ process PID, node VERSION: 1 task
        │ └─ group "other", open until close(), called TestContext.<anonymous> (concurrent.check.mjs:13)
        │    └─ task 1 "either", running for TIME, spawned TestContext.<anonymous> (concurrent.check.mjs:13)
        │          waits for latch: Latch, without a signal
        TestContext.<anonymous> (file://FOLDER/concurrent.check.mjs:13)
    ok 2 - the other
not ok 1 - together`;

export const pendingSaid: string = `test "waits although nothing is left to do" did not end; this is what ran, and what it waited for
│ process PID, node VERSION: 1 task
│ └─ group "request", called TestContext.<anonymous> (pending.check.mjs:8)
│    │  awaited outside of any task
│    │      at pending.check.mjs:8
│    └─ task 1 "waiting", running for TIME, spawned taskGroup.name (pending.check.mjs:10)
│          waits for latch: Latch, without a signal
not ok 1 - waits although nothing is left to do`;
