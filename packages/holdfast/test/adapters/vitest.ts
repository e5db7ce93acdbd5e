/** The harness under vitest: its own functions, narrowed to what every host has. */
import type { TestAdapter } from "./adapter.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

export const vitestAdapter: TestAdapter = {
  test: (title, body, limit) => {
    test(title, limit === undefined ? {} : { timeout: limit }, async ({ signal, onTestFinished }) => {
      await body({ signal, onTestFinished: (cleanup) => onTestFinished(async () => void (await cleanup())) });
    });
  },
  describe: (title, define) => void describe(title, define),
  beforeAll: (hook) => beforeAll(async () => void (await hook())),
  afterAll: (hook) => afterAll(async () => void (await hook())),
  beforeEach: (hook) => beforeEach(async () => void (await hook())),
  afterEach: (hook) => afterEach(async () => void (await hook())),
  expect,
};
