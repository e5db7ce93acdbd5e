import { RateWindow } from "../../src/progress/rate-window.ts";
import { RunStatus } from "../../src/progress/run-status.ts";
import { count, percentOf, rateText } from "../../src/progress/status-text.ts";
import { describe, expect, test } from "../harness.ts";

describe("the rate", () => {
  test("is of the last ten seconds", () => {
    const window = new RateWindow(0);
    const rates: number[] = [];
    for (let second = 0; second < 30; second += 1) {
      window.add(second < 15 ? 100 : 10, second * 1_000 + 500);
      rates.push(Math.round(window.rate((second + 1) * 1_000)));
    }
    expect([rates[0], rates[9], rates[14], rates[19], rates[29]]).toEqual([100, 100, 100, 55, 10]);
  });
  test("falls to zero in a pause, however long", () => {
    const window = new RateWindow(0);
    window.add(1_000, 500);
    expect([window.rate(1_000), window.rate(12_000), window.rate(3_600_000)]).toEqual([1_000, 0, 0]);
    window.add(5, 3_600_100);
    expect(window.rate(3_601_000)).toBeCloseTo(0.5);
  });
  test("is not told from the first instants", () => {
    const window = new RateWindow(500);
    window.add(50, 510);
    expect(window.rate(520)).toBe(0);
  });
  test("is shown per minute where it is less than one a second", () => {
    expect([1_203.4, 25, 3.44, 1, 0.2, 0].map(rateText)).toEqual(["1,203/s", "25/s", "3.4/s", "1/s", "12/m", "0/s"]);
  });
});

test("what earlier runs did counts as done and not as speed", () => {
  const status = new RunStatus({ total: 100, before: { succeeded: 50, dead: 2 }, now: 0, inFlight: () => 1 });
  expect(status.snapshot(10_000)).toEqual({
    phase: "running",
    total: 100,
    done: 52,
    succeeded: 50,
    dead: 2,
    doneNow: 0,
    inFlight: 1,
    retrying: 0,
    rate: 0,
    remaining: undefined,
    elapsed: 10_000,
    errors: [],
  });
});

test("counts have a comma at every third place", () => {
  expect([0, 12, 999, 1_000, 12_345, 1_234_567].map(count)).toEqual(["0", "12", "999", "1,000", "12,345", "1,234,567"]);
});

test("100% is said when everything is done, not before", () => {
  const status = new RunStatus({ total: 1_000, before: { succeeded: 999, dead: 0 }, now: 0, inFlight: () => 1 });
  expect(percentOf(status.snapshot(0))).toBe(99);
});

test("STATUS-1: at most 100 error classes are told apart, the rest are one", () => {
  const status = new RunStatus({ total: 1, before: { succeeded: 0, dead: 0 }, now: 0, inFlight: () => 0 });
  const told: string[] = [];
  status.onNewError = ({ label }) => told.push(label);
  for (let kind = 0; kind < 1_000; kind += 1)
    status.failed({ errorName: `E${kind}`, errorCode: undefined, message: "" }, 1, "k");
  const { errors } = status.snapshot(0);
  expect([told.length, errors.length, errors[0]]).toEqual([101, 101, { label: "other errors", count: 900 }]);
});
