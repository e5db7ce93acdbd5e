import { FailureLimit } from "../../src/run/failure-limit.ts";
import { expect, test } from "../harness.ts";

/** At which failure (from 1) of an endless row of them the limit says stop; undefined for never within 1,000. */
function passedAt(limit: FailureLimit): number | undefined {
  for (let failed = 1; failed <= 1_000; failed += 1) if (limit.passedBy({ ok: false })) return failed;
  return undefined;
}

test("a number of failures is passed by the next one", () => {
  expect([passedAt(new FailureLimit(0, 10)), passedAt(new FailureLimit(20, undefined))]).toEqual([1, 21]);
});

test("a percentage is of the input where its length is known", () => {
  expect([
    passedAt(new FailureLimit("5%", 200)),
    passedAt(new FailureLimit("0%", 200)),
    passedAt(new FailureLimit("100%", 200)),
  ]).toEqual([11, 1, 201]);
});

test("a percentage of an unknown number is of those finished, from the 100th on", () => {
  const limit = new FailureLimit("10%", undefined);
  const stops: number[] = [];
  for (let item = 1; item <= 200; item += 1) if (limit.passedBy({ ok: item > 20 })) stops.push(item);
  expect(stops).toEqual([]);
  expect(passedAt(new FailureLimit("10%", undefined))).toBe(100);
});

test("without a limit nothing is too much, and a success never stops a run", () => {
  expect(passedAt(new FailureLimit(undefined, 10))).toBe(undefined);
  const limit = new FailureLimit(0, 10);
  expect([limit.passedBy({ ok: false }), limit.passedBy({ ok: true })]).toEqual([true, false]);
});
