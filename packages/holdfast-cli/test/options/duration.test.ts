import { formatDuration, parseDuration } from "../../src/duration.ts";
import { expect, test } from "../harness.ts";

test("a duration is a number with a unit, in milliseconds", () => {
  expect(["500ms", "10s", "1.5s", "5m", "2h", "1d", " 1s "].map(parseDuration)).toEqual([
    500, 10_000, 1_500, 300_000, 7_200_000, 86_400_000, 1_000,
  ]);
});

test("what has no unit, a sign, or no number is no duration", () => {
  expect(["10", "banana", "-1s", "1 s", "s", "", "1e3s", "1sec", "Infinity"].map(parseDuration)).toEqual(
    Array.from({ length: 9 }, () => undefined),
  );
});

test("a duration is shown with as much as matters at its length, and never as 60 of a unit", () => {
  expect(
    [0.42, 12, 999.4, 999.6, 1_000, 59_949, 59_951, 245_000, 3_599_600, 7_800_000, 86_400_000, 273_600_000].map(
      formatDuration,
    ),
  ).toEqual([
    "0.4 ms",
    "12 ms",
    "999 ms",
    "1.0 s",
    "1.0 s",
    "59.9 s",
    "1m 00s",
    "4m 05s",
    "1h 00m",
    "2h 10m",
    "1d 00h",
    "3d 04h",
  ]);
});
