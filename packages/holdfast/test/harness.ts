/**
 * The one place where the library's tests take their runner from, so that the same files run under vitest and,
 * bundled, on hosts that have none (see `adapters/adapter.ts`).
 *
 *   test("R5: refuses a promise where a function belongs", async () => { … });
 *
 * A table of tests is a `for` loop around `test`.
 */
import { installedAdapter } from "./adapters/adapter.ts";
import type { DescribeFunction, HookFunction, TestAdapter, TestFunction } from "./adapters/adapter.ts";
import type { ExpectStatic } from "@vitest/expect";

export type { TestContext } from "./adapters/adapter.ts";

const adapter: TestAdapter = installedAdapter() ?? (await import("./adapters/vitest.ts")).vitestAdapter;

export const test: TestFunction = adapter.test;
export const describe: DescribeFunction = adapter.describe;
export const beforeAll: HookFunction = adapter.beforeAll;
export const afterAll: HookFunction = adapter.afterAll;
export const beforeEach: HookFunction = adapter.beforeEach;
export const afterEach: HookFunction = adapter.afterEach;
export const expect: ExpectStatic = adapter.expect;
