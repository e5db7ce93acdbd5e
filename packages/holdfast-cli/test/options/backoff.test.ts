import { parseBackoff } from "../../src/options/backoff.ts";
import { expect, test } from "../harness.ts";

test("exp has a base, a maximum, and optionally a factor and a jitter", () => {
  expect([
    parseBackoff("exp:500ms..30s"),
    parseBackoff("exp:1s..1m,factor=1.5,jitter=equal"),
    parseBackoff("exp:0ms..0ms,jitter=none"),
  ]).toEqual([
    { baseDelay: 500, maxDelay: 30_000, factor: 2, jitter: "full" },
    { baseDelay: 1_000, maxDelay: 60_000, factor: 1.5, jitter: "equal" },
    { baseDelay: 0, maxDelay: 0, factor: 2, jitter: "none" },
  ]);
});

test("fixed waits the same each time, none not at all", () => {
  expect([parseBackoff("fixed:2s"), parseBackoff("fixed:2s,jitter=full"), parseBackoff("none")]).toEqual([
    { baseDelay: 2_000, maxDelay: 2_000, factor: 1, jitter: "none" },
    { baseDelay: 2_000, maxDelay: 2_000, factor: 1, jitter: "full" },
    { baseDelay: 0, maxDelay: 0, factor: 1, jitter: "none" },
  ]);
});

test("anything else is no backoff", () => {
  const wrong = [
    "",
    "exp",
    "exp:1s",
    "exp:2s..1s",
    "exp:1s..2s..3s",
    "exp:1s..2s,factor=0.5",
    "exp:1s..2s,jitter=some",
    "exp:1s..2s,tea",
    "fixed",
    "fixed:1s,factor=2",
    "none,jitter=full",
    "linear:1s..2s",
  ];
  expect(wrong.filter((text) => parseBackoff(text) !== undefined)).toEqual([]);
});
