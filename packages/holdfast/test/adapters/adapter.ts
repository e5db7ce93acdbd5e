/**
 * What `test/harness.ts` asks of whatever runs the tests. Two adapters fulfil it: `vitest.ts`, and `plain.ts` for
 * hosts without a test runner of ours (Node alone, Bun, Deno, a page).
 *
 * It is deliberately less than vitest offers: no `each` (a `for` loop registers a table of tests), no mocks, no
 * snapshots, no retries, no `skip`. What is missing here can't creep into a test that must run everywhere.
 */
import type { ExpectStatic } from "@vitest/expect";

export interface TestContext {
  /** Aborts when the test exceeds its time limit. */
  readonly signal: AbortSignal;
  /** Runs after the test, passed or failed, last registered first. */
  readonly onTestFinished: (cleanup: () => unknown) => void;
}

export type TestBody = (context: TestContext) => unknown;

/** Registers a test. `limit` is its time limit in milliseconds. Default 5,000. */
export type TestFunction = (title: string, body: TestBody, limit?: number) => void;

/** Registers a group of tests whose titles are prefixed with `title`. */
export type DescribeFunction = (title: string, define: () => void) => void;

/** Registers a hook for the tests of the enclosing `describe`, or of the file. */
export type HookFunction = (hook: () => unknown) => void;

export interface TestAdapter {
  readonly test: TestFunction;
  readonly describe: DescribeFunction;
  readonly beforeAll: HookFunction;
  readonly afterAll: HookFunction;
  readonly beforeEach: HookFunction;
  readonly afterEach: HookFunction;
  readonly expect: ExpectStatic;
}

const key: symbol = Symbol.for("holdfast.test-adapter");

/** The adapter that a host put in place before it loaded a test file; undefined under vitest. */
export function installedAdapter(): TestAdapter | undefined {
  // Only `installAdapter` writes this property.
  return Reflect.get(globalThis, key) as TestAdapter | undefined;
}

/** Called by a host other than vitest, before it loads a test file. */
export function installAdapter(adapter: TestAdapter): void {
  Reflect.set(globalThis, key, adapter);
}
