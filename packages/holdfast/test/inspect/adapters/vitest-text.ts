/** What vitest prints of the fixtures. */
export const sampleText: string = `
 RUN  v4.1.12 FOLDER

 ❯ sample.check.mts (6 tests | 4 failed) TIME
   ✓ ends with all that it has started TIME
   × hangs TIME
   × hangs without the library TIME
     × leaves a task behind TIME
   × fails, and leaves a call behind TIME
   ✓ is not blamed for those before it TIME

 Test Files  1 failed (1)
      Tests  4 failed | 2 passed (6)


⎯⎯⎯⎯⎯⎯⎯ Failed Tests 4 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  sample.check.mts > hangs
Error: Test timed out in 300ms.
If this is a long-running test, pass a timeout value as the last argument or configure it globally with "testTimeout".
 ❯ sample.check.mts:32
     30| });
     31|
     32| test("hangs", { timeout: 300 }, async () => {
       | ^
     33|   await taskGroup(
     34|     async (group) => {

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/7]⎯

 FAIL  sample.check.mts > hangs
TestTimeoutError: test "hangs" did not end; this is what ran, and what it waited for
│ process PID, node VERSION: 2 tasks
│ ├─ group "heartbeat", open until close(), called sample.check.mts:14
│ │  └─ task 4 "beat", running for TIME, spawned sample.check.mts:15
│ │        waits for latch: Latch
│ └─ group "request", called sample.check.mts:33
│    │  awaited outside of any task
│    │      at sample.check.mts:33
│    └─ task 5 "load-user", running for TIME, spawned name (sample.check.mts:35)
│          waits for latch: Latch, without a signal
│              at loadUser (sample.check.mts:21)
 ❯ sample.check.mts:33
     31|
     32| test("hangs", { timeout: 300 }, async () => {
     33|   await taskGroup(
       |   ^
     34|     async (group) => {
     35|       group.spawn(() => loadUser(7), { name: "load-user" });

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[2/7]⎯

 FAIL  sample.check.mts > hangs without the library
Error: Test timed out in 300ms.
If this is a long-running test, pass a timeout value as the last argument or configure it globally with "testTimeout".
 ❯ sample.check.mts:41
     39| });
     40|
     41| test("hangs without the library", { timeout: 300 }, async () => {
       | ^
     42|   await new Promise((resolve) => Reflect.set(globalThis, "resolve", re…
     43| });

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[3/7]⎯

 FAIL  sample.check.mts > hangs without the library
TestTimeoutError: test "hangs without the library" did not end; this is what ran, and what it waited for
│ process PID, node VERSION: 1 task
│ └─ group "heartbeat", open until close(), called sample.check.mts:14
│    └─ task 6 "beat", running for TIME, spawned sample.check.mts:15
│          waits for latch: Latch
│ outside of any task: 1 wait
│   waits for a promise
│       at sample.check.mts:42
 ❯ sample.check.mts:42
     40|
     41| test("hangs without the library", { timeout: 300 }, async () => {
     42|   await new Promise((resolve) => Reflect.set(globalThis, "resolve", re…
       |   ^
     43| });
     44|

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[4/7]⎯

 FAIL  sample.check.mts > a server > leaves a task behind
TasksLeftError: test "leaves a task behind" left 1 task behind; await or cancel what it starts before it ends
│ process PID, node VERSION: 1 task
│ └─ group "server", open until close(), called sample.check.mts:47
│    └─ task 8 "poll", running for TIME, spawned sample.check.mts:48
│          waits for latch: Latch, without a signal
│              at loadUser (sample.check.mts:21)
 ❯ sample.check.mts:48
     46|   test("leaves a task behind", () => {
     47|     const server = openTaskGroup({ name: "server" });
     48|     server.spawn(() => loadUser(8), { name: "poll" });
       |            ^
     49|   });
     50| });

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[5/7]⎯

 FAIL  sample.check.mts > fails, and leaves a call behind
AssertionError: expected 1 to be 2 // Object.is equality

- Expected
+ Received

- 2
+ 1

 ❯ sample.check.mts:54
     52| test("fails, and leaves a call behind", () => {
     53|   void taskGroup(() => answer.wait(), { name: "forgotten" });
     54|   expect(1).toBe(2);
       |             ^
     55| });
     56|

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[6/7]⎯

 FAIL  sample.check.mts > fails, and leaves a call behind
TasksLeftError: test "fails, and leaves a call behind" left 1 group behind; await or cancel what it starts before it ends
│ process PID, node VERSION: 0 tasks
│ └─ group "forgotten", called sample.check.mts:53
│       waits for latch: Latch, without a signal
 ❯ sample.check.mts:53
     51|
     52| test("fails, and leaves a call behind", () => {
     53|   void taskGroup(() => answer.wait(), { name: "forgotten" });
       |        ^
     54|   expect(1).toBe(2);
     55| });

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[7/7]⎯

`;

export const concurrentText: string = `
 RUN  v4.1.12 FOLDER

 ❯ concurrent.check.mts (2 tests | 1 failed) TIME
     × one TIME
     ✓ the other TIME

 Test Files  1 failed (1)
      Tests  1 failed | 1 passed (2)


⎯⎯⎯⎯⎯⎯⎯ Failed Tests 1 ⎯⎯⎯⎯⎯⎯⎯

 FAIL  concurrent.check.mts > together > one
TasksLeftError: one of the tests that ran at the same time, "one", "the other", left 1 task behind; await or cancel what it starts before it ends
│ process PID, node VERSION: 1 task
│ └─ group "other", open until close(), called concurrent.check.mts:13
│    └─ task 1 "either", running for TIME, spawned concurrent.check.mts:13
│          waits for latch: Latch, without a signal
 ❯ concurrent.check.mts:13
     11|   });
     12|   test("the other", () => {
     13|     openTaskGroup({ name: "other" }).spawn(() => answer.wait(), { name…
       |                                      ^
     14|   });
     15| });

⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯⎯[1/1]⎯

`;
