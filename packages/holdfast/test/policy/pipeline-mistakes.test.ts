/** What `pipeline` refuses, and what it says of itself. */
import { circuitBreaker, pipeline } from "holdfast";
import { rejection } from "../core/lanes-gates.ts";
import { describe, expect, test } from "../harness.ts";
import { noting } from "./noting-policy.ts";

test("describe gives the layers as data that JSON can write", () => {
  const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 1, name: "db" });
  const policy = pipeline({
    name: "users",
    totalTimeout: 3_000,
    retry: { retries: Infinity, shouldRetry: () => true, jitter: undefined },
    circuitBreaker: breaker,
    timeout: 500,
  });
  const described = {
    name: "users",
    layers: [
      { layer: "totalTimeout", options: 3_000 },
      { layer: "retry", options: { retries: "Infinity", shouldRetry: "function" } },
      { layer: "circuitBreaker", policy: "db" },
      { layer: "timeout", options: 500 },
    ],
  };
  expect(policy.describe()).toEqual(described);
  expect(JSON.parse(JSON.stringify(policy.describe()))).toEqual(described);
  expect(
    pipeline([
      policy,
      noting([], "other"),
      { circuitBreaker: { consecutiveFailures: 2, openFor: 9, slowCall: { ms: 1, ratio: 0.5 } } },
    ]).describe(),
  ).toEqual({
    name: undefined,
    layers: [
      { layer: "policy", policy: described },
      { layer: "policy", policy: "unnamed" },
      { layer: "circuitBreaker", options: { consecutiveFailures: 2, openFor: 9, slowCall: { ms: 1, ratio: 0.5 } } },
    ],
  });
});

describe("a caller's mistake is thrown:", () => {
  const make: { call(layers: unknown, settings?: unknown): unknown }["call"] = pipeline;
  const known = "the layers are fallback, totalTimeout, retry, circuitBreaker, rateLimit, bulkhead, hedge, timeout";
  const duration = "must be a number of milliseconds >= 0 or Infinity, got";
  for (const [layers, name, message] of [
    [null, "TypeError", "pipeline takes layers by name, or a list of layers, got null"],
    [undefined, "TypeError", "pipeline takes layers by name, or a list of layers, got undefined"],
    [{ retries: 3 }, "TypeError", `pipeline: "retries" is no layer; ${known}`],
    [
      [{ retries: 3 }],
      "TypeError",
      `pipeline: place 0 of the list must be a policy or one layer, got retries; ${known}`,
    ],
    [[{ timeout: 3 }, 3], "TypeError", `pipeline: place 1 of the list must be a policy or one layer, got 3; ${known}`],
    [
      [{ timeout: 3, retry: {} }],
      "TypeError",
      `pipeline: place 0 of the list must be a policy or one layer, got timeout and retry; ${known}`,
    ],
    [{ retry: 3 }, "TypeError", "pipeline: retry takes options or a policy, got 3"],
    [{ totalTimeout: 5, retry: 3 }, "TypeError", "pipeline: retry takes options or a policy, got 3"],
    [{ bulkhead: null }, "TypeError", "pipeline: bulkhead takes options or a policy, got null"],
    [{ timeout: -1 }, "RangeError", `pipeline: timeout ${duration} -1 (number)`],
    [{ totalTimeout: Number.NaN, retry: {} }, "RangeError", `pipeline: totalTimeout ${duration} NaN (number)`],
    [{ totalTimeout: "5s" }, "TypeError", `pipeline: totalTimeout ${duration} "5s" (string)`],
    [
      { retry: { retries: -1 } },
      "RangeError",
      "pipeline: retry: retries must be an integer >= 0 or Infinity, got -1 (number)",
    ],
    [{ retry: { totalTimeout: -1 } }, "RangeError", `pipeline: retry: totalTimeout ${duration} -1 (number)`],
    [{ retry: { name: "x" } }, "TypeError", "pipeline: retry takes no name of its own; pass name to run"],
    [
      { hedge: { delay: 1, signal: new AbortController().signal } },
      "TypeError",
      "pipeline: hedge takes no signal of its own; pass signal to run",
    ],
    [{ hedge: {} }, "TypeError", `pipeline: hedge: delay ${duration} undefined`],
    [
      { fallback: { fallback: () => 1, name: "x" } },
      "TypeError",
      "pipeline: fallback takes no name of its own; pass name to run",
    ],
    [{ fallback: {} }, "TypeError", "pipeline: fallback: fallback takes a function, got undefined"],
    [{ timeout: 5, grace: -1 }, "RangeError", `pipeline: grace ${duration} -1 (number)`],
  ] as const)
    test(message, () => {
      let error: unknown;
      try {
        make(layers);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({ name, message });
    });

  test("a promise where run wants a function is a rejection", async () => {
    const policy: { run(fn: unknown): Promise<unknown> } = pipeline({ timeout: 5 });
    expect(await rejection(policy.run(Promise.resolve(1)))).toMatchObject({ name: "TypeError" });
  });
});
