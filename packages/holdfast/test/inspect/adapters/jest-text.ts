/** What jest prints of the fixtures. */
export const sampleText: string = `FAIL ./sample.check.cjs
  ✓ ends with all that it has started
  ✕ hangs
  ✕ hangs without the library
  ✕ fails, and leaves a call behind
  ✓ is not blamed for those before it
  a server
    ✕ leaves a task behind

  ● hangs

    thrown: "Exceeded timeout of 300 ms for a test.
    Add a timeout value to this test to increase the timeout, if this is a long-running test. See https://jestjs.io/docs/api#testname-fn-timeout."

      at _getError (../../node_modules/jest-circus/build/jestAdapterInit.js:1985)
          at Array.map (<anonymous>)

    Cause:
        thrown: "Exceeded timeout of 300 ms for a test.
        Add a timeout value to this test to increase the timeout, if this is a long-running test. See https://jestjs.io/docs/api#testname-fn-timeout."

          21 | });
          22 |
        > 23 | test("hangs", async () => {
             | ^
          24 |   await taskGroup(
          25 |     async (group) => {
          26 |       group.spawn(() => loadUser(7), { name: "load-user" });

          at Object.<anonymous> (sample.check.cjs:23)

  ● hangs

    TestTimeoutError: test "hangs" did not end; this is what ran, and what it waited for
    │ process PID, node VERSION: 2 tasks
    │ ├─ group "heartbeat", open until close(), called Object.<anonymous> (sample.check.cjs:9)
    │ │  └─ task 3 "beat", running for TIME, spawned Object.<anonymous> (sample.check.cjs:10)
    │ │        waits for latch: Latch
    │ └─ group "request", called Object.<anonymous> (sample.check.cjs:24)
    │    │  awaited outside of any task
    │    │      at sample.check.cjs:24
    │    └─ task 4 "load-user", running for TIME, spawned taskGroup.name (sample.check.cjs:26)
    │          waits for latch: Latch, without a signal
    │              at loadUser (sample.check.cjs:15)

      22 |
      23 | test("hangs", async () => {
    > 24 |   await taskGroup(
         |   ^
      25 |     async (group) => {
      26 |       group.spawn(() => loadUser(7), { name: "load-user" });
      27 |     },

      at sample.check.cjs:24

  ● hangs without the library

    thrown: "Exceeded timeout of 300 ms for a test.
    Add a timeout value to this test to increase the timeout, if this is a long-running test. See https://jestjs.io/docs/api#testname-fn-timeout."

      at _getError (../../node_modules/jest-circus/build/jestAdapterInit.js:1985)
          at Array.map (<anonymous>)

    Cause:
        thrown: "Exceeded timeout of 300 ms for a test.
        Add a timeout value to this test to increase the timeout, if this is a long-running test. See https://jestjs.io/docs/api#testname-fn-timeout."

          30 | }, 300);
          31 |
        > 32 | test("hangs without the library", async () => {
             | ^
          33 |   await new Promise((resolve) => Reflect.set(globalThis, "resolve", resolve));
          34 | }, 300);
          35 |

          at Object.<anonymous> (sample.check.cjs:32)

  ● hangs without the library

    TestTimeoutError: test "hangs without the library" did not end; this is what ran, and what it waited for
    │ process PID, node VERSION: 1 task
    │ └─ group "heartbeat", open until close(), called Object.<anonymous> (sample.check.cjs:9)
    │    └─ task 5 "beat", running for TIME, spawned Object.<anonymous> (sample.check.cjs:10)
    │          waits for latch: Latch
    │ outside of any task: 1 wait
    │   waits for a promise
    │       at sample.check.cjs:33

      31 |
      32 | test("hangs without the library", async () => {
    > 33 |   await new Promise((resolve) => Reflect.set(globalThis, "resolve", resolve));
         |   ^
      34 | }, 300);
      35 |
      36 | describe("a server", () => {

      at sample.check.cjs:33

  ● a server › leaves a task behind

    TasksLeftError: test "a server leaves a task behind" left 1 task behind; await or cancel what it starts before it ends
    │ process PID, node VERSION: 1 task
    │ └─ group "server", open until close(), called Object.<anonymous> (sample.check.cjs:38)
    │    └─ task 7 "poll", running for TIME, spawned Object.<anonymous> (sample.check.cjs:39)
    │          waits for latch: Latch, without a signal
    │              at loadUser (sample.check.cjs:15)

      37 |   test("leaves a task behind", () => {
      38 |     const server = openTaskGroup({ name: "server" });
    > 39 |     server.spawn(() => loadUser(8), { name: "poll" });
         |            ^
      40 |   });
      41 | });
      42 |

      at Object.<anonymous> (sample.check.cjs:39)

  ● fails, and leaves a call behind

    wrong

      43 | test("fails, and leaves a call behind", () => {
      44 |   void taskGroup(() => answer.wait(), { name: "forgotten" });
    > 45 |   throw new Error("wrong");
         |         ^
      46 | });
      47 |
      48 | test("is not blamed for those before it", () => {});

      at Object.<anonymous> (sample.check.cjs:45)

  ● fails, and leaves a call behind

    TasksLeftError: test "fails, and leaves a call behind" left 1 group behind; await or cancel what it starts before it ends
    │ process PID, node VERSION: 0 tasks
    │ └─ group "forgotten", called Object.<anonymous> (sample.check.cjs:44)
    │       waits for latch: Latch, without a signal

      42 |
      43 | test("fails, and leaves a call behind", () => {
    > 44 |   void taskGroup(() => answer.wait(), { name: "forgotten" });
         |        ^
      45 |   throw new Error("wrong");
      46 | });
      47 |

      at Object.<anonymous> (sample.check.cjs:44)

Test Suites: 1 failed, 1 total
Tests:       4 failed, 2 passed, 6 total
Snapshots:   0 total
Time:        TIME
Ran all test suites matching sample.
`;
