/**
 * `setupFiles: ["holdfast/inspect/vitest"]`: a test that runs into its time limit says what it waits for, and one that leaves tasks behind fails and says which. The import does it.
 */
import { beforeEach } from "vitest";
import { TestWatch } from "./test-watch.ts";

const watch = new TestWatch();

/** A limit of a test or of one of its hooks. */
const LIMIT = /^(?:Test|Hook) timed out in /u;

beforeEach(({ task, signal, onTestFinished }) => {
  const test = watch.begin(task.name);
  // While it is as it was: hooks clean up. Versions before 3.2 have no such signal.
  signal?.addEventListener("abort", () => {
    if (isLimit(signal.reason)) test.timedOut();
  });
  // The first to ask is called last: after all hooks, and when fixtures are gone.
  onTestFinished(async () => {
    if (task.result?.errors?.some(isLimit) === true) test.timedOut();
    const problem = await test.end();
    if (problem !== undefined) throw problem;
  });
});

function isLimit(error: unknown): boolean {
  // One that has been serialised inherits from nothing.
  return typeof error === "object" && error !== null && LIMIT.test(String(Reflect.get(error, "message")));
}
