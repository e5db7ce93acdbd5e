import { errorHandler, normalizeMessage } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { failure, word } from "./error-handler-kit.ts";

const clock = useFakeClock();

describe("stats", () => {
  test("are filled in: totals, tables, and of each fingerprint its counts, times and a sample with its stack", async () => {
    const handler = errorHandler({ reporters: [] });
    const begin = clock.wallTime();
    handler.report(failure("user 1 is gone"), { task: "load" });
    await clock.advanceBy(2000);
    handler.report(Object.assign(failure("user 2 is gone"), { code: "E_GONE" }), { task: "load" });
    handler.report(failure("user 3 is gone"), { task: "save" });
    const { fingerprints, ...stats } = handler.stats();
    expect(stats).toEqual({
      total: 3,
      perMinute: 3,
      byKind: { defect: 3, timeout: 0, expected: 0, cancelled: 0 },
      byType: { Error: 3 },
      byCode: { E_GONE: 1 },
      byTask: { load: 2, save: 1 },
      firstSeen: begin,
      lastSeen: begin + 2000,
      forgotten: { fingerprints: 0, errors: 0 },
      repeated: 0,
      reported: 3,
      suppressed: 0,
      reporters: [],
    });
    expect(fingerprints).toEqual([
      {
        fingerprint: "Error||user # is gone|load app.ts",
        kind: "defect",
        type: "Error",
        code: undefined,
        task: "load",
        count: 2,
        perMinute: 2,
        firstSeen: begin,
        lastSeen: begin + 2000,
        suppressed: 0,
        sample: {
          message: "user 1 is gone",
          stack: "Error: user 1 is gone\n    at load (file:///srv/app.ts:3:5)",
          time: begin,
        },
      },
      {
        fingerprint: "Error|E_GONE|user # is gone|load app.ts",
        kind: "defect",
        type: "Error",
        code: "E_GONE",
        task: "load",
        count: 1,
        perMinute: 1,
        firstSeen: begin + 2000,
        lastSeen: begin + 2000,
        suppressed: 0,
        sample: {
          message: "user 2 is gone",
          stack: "Error: user 2 is gone\n    at load (file:///srv/app.ts:3:5)",
          time: begin + 2000,
        },
      },
    ]);
  });

  test("STATS-1: add up to the total although fingerprints were forgotten", () => {
    const handler = errorHandler({ reporters: [], maxFingerprints: 10 });
    for (let round = 0; round < 3; round++)
      for (let index = 0; index < 100; index++) handler.report(failure(word(index)));
    for (let index = 0; index < 7; index++) handler.report(failure(word(99)));
    const { total, byKind, byType, byTask, fingerprints, forgotten } = handler.stats();
    const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
    const remembered = fingerprints.reduce((a, { count }) => a + count, 0);
    expect([total, sum(byKind), sum(byType), sum(byTask), remembered + forgotten.errors]).toEqual([
      307, 307, 307, 307, 307,
    ]);
    expect([fingerprints.length, fingerprints[0]?.count, forgotten.fingerprints]).toEqual([10, 8, 290]);
  });

  test("STATS-2: have at most a thousand keys in a table and count the rest together", () => {
    const handler = errorHandler({ reporters: [], fingerprint: () => "same" });
    for (let index = 0; index < 3000; index++) handler.report(failure("x"), { task: `request ${index}` });
    const { byTask } = handler.stats();
    expect([Object.keys(byTask).length, byTask["(other)"], byTask["request 999"], byTask["request 1000"]]).toEqual([
      1001,
      2000,
      1,
      undefined,
    ]);
  });

  test("a fingerprint that turned up again is remembered longer than one that did not", () => {
    const handler = errorHandler({ reporters: [], maxFingerprints: 2 });
    for (const message of ["a", "b", "a", "c"]) handler.report(failure(message));
    expect(handler.stats().fingerprints.map(({ sample, count }) => [sample.message, count])).toEqual([
      ["a", 2],
      ["c", 1],
    ]);
  });

  test("names that every object has are keys like any other", () => {
    const handler = errorHandler({ reporters: [] });
    handler.report(failure("x"), { task: "constructor" });
    handler.report(failure("x"), { task: "__proto__" });
    expect(Object.entries(handler.stats().byTask)).toEqual([
      ["constructor", 1],
      ["__proto__", 1],
    ]);
  });

  test("the rate per minute slides", async () => {
    const handler = errorHandler({ reporters: [] });
    const rates: number[] = [];
    for (let index = 0; index < 60; index++) handler.report(failure("x"));
    rates.push(handler.stats().perMinute);
    await clock.advanceBy(90_000);
    rates.push(handler.stats().perMinute);
    await clock.advanceBy(60_000);
    rates.push(handler.stats().perMinute);
    expect(rates).toEqual([60, 30, 0]);
  });

  test("are a copy that does not change any more", () => {
    const handler = errorHandler({ reporters: [] });
    handler.report(failure("x"));
    const before = handler.stats();
    handler.report(failure("x"));
    expect([before.total, before.byKind.defect, before.fingerprints[0]?.count]).toEqual([1, 1, 1]);
  });
});

describe("normalizeMessage", () => {
  for (const [message, normalized] of [
    ["timeout after 5000 ms", "timeout after # ms"],
    ["no user 'ada' in \"db-1\" or `x`", 'no user "…" in "…" or "…"'],
    ["can't read it, don't ask", "can't read it, don't ask"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED #"],
    ["row 550e8400-e29b-41d4-a716-446655440000 is gone", "row # is gone"],
    ["commit deadbeef1234 of 2026-01-02T03:04:05.678Z", "commit # of #T#Z"],
    ["mail to ada.l+x@example.org failed", "mail to # failed"],
    ["user_42 and utf8 and -1.5e-7", "user_# and utf# and #"],
    ["a\n  b\t c", "a b c"],
    [`unclosed "${"x".repeat(1000)}`, 'unclosed "…"'],
  ] as const)
    test(`makes ${JSON.stringify(message.slice(0, 60))} one fault`, () => {
      expect(normalizeMessage(message)).toBe(normalized);
    });

  // What is tried again from each character takes minutes here: the runner's limit for a test is some seconds.
  for (const [part, normalized] of [
    ['""', '"…"'],
    ["''", '"…"'],
    ["``", '"…"'],
    ["a-", "a-"],
    ["a.", "a."],
    ["a@", "a@"],
    ["0x", "#x"],
    ["1e-1e-", "#e-"],
    ["1 .", "# ."],
  ] as const)
    test(`takes linear time for ${part} again and again`, () => {
      const text = normalizeMessage(part.repeat(300_000), Infinity);
      // Not the texts themselves: the runner would print them.
      expect(text === normalized.repeat(300_000)).toBe(true);
    });

  for (const [part, normalized] of [
    ["1.", "#."],
    ["1-", "#-"],
    ["  ", " "],
    ["a", "a".repeat(300_000)],
  ] as const)
    test(`takes linear time for a single run of ${JSON.stringify(part)}`, () => {
      expect(normalizeMessage(part.repeat(300_000), Infinity) === normalized).toBe(true);
    });

  test("looks at the first 200 characters, or as many as it is told", () => {
    expect([normalizeMessage("x".repeat(300)).length, normalizeMessage("ab 12345", 5)]).toEqual([200, "ab #"]);
  });
});
