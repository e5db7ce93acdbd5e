/** Tests with a known verdict each, for `plain.test.ts`: what must fail on a host without a runner, and what must pass. */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "../harness.ts";

const log: string[] = [];

beforeAll(() => void log.push("beforeAll"));

describe("outer", () => {
  beforeEach(() => void log.push("beforeEach"));
  afterEach(() => void log.push("afterEach"));

  test("passes", async ({ signal, onTestFinished }) => {
    onTestFinished(() => void log.push("finished"));
    log.push("test");
    expect(signal.aborted).toBe(false);
    expect({ a: 1, b: [2] }).toEqual({ a: expect.any(Number), b: [2] });
    await expect(Promise.reject(new RangeError("out"))).rejects.toThrow(RangeError);
  });
  test("fails an assertion", () => expect({ a: 1 }).toEqual({ a: 2 }));
  test("fails by a rejection", () => Promise.reject(new Error("rejected")));
  test("fails the number of assertions", () => {
    expect.assertions(2);
    expect(1).toBe(1);
  });
  test("fails a rejection that nobody handles", () => void Promise.reject(new Error("lost")));
  test("fails at its time limit", () => new Promise(() => {}), 20);
});

test("ran the hooks in order", () => {
  expect(log.slice(0, 5)).toEqual(["beforeAll", "beforeEach", "test", "afterEach", "finished"]);
});
