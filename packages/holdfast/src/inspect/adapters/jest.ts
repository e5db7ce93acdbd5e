/**
 * `setupFilesAfterEnv: ["holdfast/inspect/jest"]`: a test that runs into its time limit says what it waits for, and one that leaves tasks behind fails and says which. The import does it.
 *
 * Jest gives a setup file the hooks that every test file has, and no more: they are called before those of the file that clean up, and don't say whether the test has failed. So jest-circus, which has been
 * jest's runner since version 27, is asked for its state, which is a global of every test file. Where there is none, what a later hook would have ended counts as left behind, and a limit is not noticed.
 */
import { afterEach, beforeAll, beforeEach, expect } from "@jest/globals";
import { TestWatch, type WatchedTest } from "./test-watch.ts";

/** As far as it is read, of a test or a block of tests. */
interface Entry {
  readonly name: string;
  readonly concurrent?: boolean;
  readonly errors?: readonly unknown[];
  readonly children?: readonly Entry[];
}
interface Hook {
  readonly fn: unknown;
}
interface State {
  readonly currentlyRunningTest: Entry | null;
  readonly rootDescribeBlock: Entry & { readonly hooks: Hook[] };
}
interface Event {
  readonly name: string;
  readonly error?: unknown;
}

/** A limit of a test or of one of its hooks. */
const LIMIT = /(?:^|: )Exceeded timeout of /u;

const watch = new TestWatch();
const state = stateOfCircus();
let test: WatchedTest | undefined;
/** `test.concurrent` is called without hooks, while others run: whose tasks they are can't be told. */
let hasConcurrent = false;

beforeAll(() => {
  if (state === undefined) return;
  hasConcurrent = isConcurrent(state.rootDescribeBlock);
  // Behind those of the file, which are all there by now.
  const { hooks } = state.rootDescribeBlock;
  const index = hooks.findIndex(({ fn }) => fn === finish);
  if (index >= 0) hooks.push(...hooks.splice(index, 1));
});

beforeEach(() => {
  test = hasConcurrent ? undefined : watch.begin(expect.getState().currentTestName ?? "test");
});

afterEach(finish);

// While the test is as it was: hooks clean up. Only jest 30 and newer tell.
const handlers: unknown = Reflect.get(globalThis, Symbol.for("EVENT_HANDLERS"));
if (Array.isArray(handlers))
  handlers.push(({ name, error }: Event) => {
    if ((name === "test_fn_failure" || name === "hook_failure") && isLimit(error)) test?.timedOut();
  });

async function finish(): Promise<void> {
  if (state?.currentlyRunningTest?.errors?.some(isLimit) === true) test?.timedOut();
  const problem = await test?.end();
  if (problem !== undefined) throw problem;
}

/** An error, a message, or a pair of one and of where the test was defined. */
function isLimit(error: unknown): boolean {
  if (Array.isArray(error)) return error.some(isLimit);
  return LIMIT.test(String(typeof error === "object" && error !== null ? Reflect.get(error, "message") : error));
}

function isConcurrent({ concurrent, children = [] }: Entry): boolean {
  return concurrent === true || children.some(isConcurrent);
}

function stateOfCircus(): State | undefined {
  const key = Object.getOwnPropertySymbols(globalThis).find(({ description }) => description === "JEST_STATE_SYMBOL");
  const found: unknown = key && Reflect.get(globalThis, key);
  // Holds: the root and its hooks, which are changed, are looked for; the rest is only read.
  return Array.isArray((found as State | undefined)?.rootDescribeBlock?.hooks) ? (found as State) : undefined;
}
