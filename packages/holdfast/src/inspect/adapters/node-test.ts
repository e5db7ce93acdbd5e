/**
 * `node --import holdfast/inspect/node-test --test`: a test that runs into its time limit says what it waits for, and one that leaves tasks behind fails and says which. The import does it.
 *
 * Node shows one error of a test, the first. So what there is to say of one that has failed already is a diagnostic. One that still waits when the process has nothing left to do gets no hook; that is
 * told on stderr.
 */
import { writeSync } from "node:fs";
import { afterEach, beforeEach } from "node:test";
import { TestWatch, type WatchedTest } from "./test-watch.ts";

/** What a hook outside of all suites is given, as far as it is used: for tests alone, not for suites. */
interface Context {
  readonly name: string;
  readonly signal: AbortSignal;
  readonly passed: boolean;
  diagnostic(text: string): void;
  after(hook: () => Promise<void>): void;
}

const watch = new TestWatch();
const tests = new WeakMap<object, WatchedTest>();

beforeEach((given) => {
  const context = contextOf(given);
  const test = watch.begin(context.name);
  tests.set(context, test);
  // While the test is as it was: hooks clean up.
  context.signal.addEventListener("abort", () => test.timedOut());
});

afterEach((given) => {
  const context = contextOf(given);
  const test = tests.get(context);
  // Behind all that the test has registered: these come after every hook, in the order in which they were registered.
  context.after(async () => {
    const problem = await test?.end();
    if (problem === undefined) return;
    if (context.passed) throw problem;
    // A line each: what is inside of one is escaped.
    for (const line of problem.message.split("\n")) context.diagnostic(line);
  });
});

process.on("beforeExit", () => {
  for (const test of watch.running) {
    const problem = test.timedOut();
    if (problem !== undefined) writeSync(2, `${problem.message}\n`);
  }
});

function contextOf(given: object): Context {
  // Holds: `passed` is missing from the types only.
  return given as Context;
}
