/** A storm of errors: what it costs, and that nothing of it is lost from the counts. */
import { ErrorGroup } from "holdfast";
import { errorHandler, type ErrorHandler } from "holdfast/lifecycle";
import { describe, expect, test } from "../harness.ts";
import { useFakeClock } from "../clock/fake-clock.ts";
import { collector, word } from "./error-handler-kit.ts";

const clock = useFakeClock();

const ERRORS = 100_000;
const MESSAGES = 10_000;

class StormError extends Error {
  override readonly name = "StormError";
  readonly code: string;

  constructor(index: number) {
    super(`request ${index} to ${word(index % MESSAGES)} failed`);
    this.code = `E_${word(index % 7)}`;
  }
}

/** Reports the storm, in 100 seconds. */
async function storm(handler: ErrorHandler): Promise<void> {
  for (let index = 0; index < ERRORS; index++) {
    handler.report(new StormError(index), { task: `task ${index % 3}` });
    if (index % 1000 === 999) await clock.advanceBy(1000);
  }
}

/** After a collection. @throws {Error} where the process can't be asked for one */
async function heapUsed(): Promise<number> {
  if (gc === undefined) throw new Error("start with --expose-gc");
  // What was collected may have kept something weakly; a turn lets the host clear it.
  for (let round = 0; round < 3; round++) {
    gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().heapUsed;
}

describe("a storm of 100,000 errors with 10,000 messages", () => {
  test("HANDLER-3: reaches reporters at most at the rate that was given, and a flush says the rest", async () => {
    const times: number[] = [];
    const reporter = { ...collector(), report: () => void times.push(clock.now()) };
    const handler = errorHandler({ reporters: [reporter], rate: { perSecond: 20, burst: 100 } });
    await storm(handler);
    // Never more than a burst and what has flowed since, from whenever one counts.
    const excess = times.map((time, index) => index + 1 - (100 + (20 * time) / 1000)).filter((over) => over > 0);
    expect(excess).toEqual([]);
    expect(times.length).toBe(100 + 20 * 99);
    await clock.run(() => handler.flush());
    const { total, reported, suppressed } = handler.stats();
    expect({ total, reported, suppressed }).toEqual({
      total: ERRORS,
      reported: times.length,
      suppressed: ERRORS - times.length,
    });
    expect(reporter.summaries.map((summary) => [summary.fingerprints.length])).toEqual([[10]]);
  });

  test("STATS-1: is counted exactly, in all tables, though most fingerprints were forgotten", async () => {
    const handler = errorHandler({ reporters: [collector()] });
    await storm(handler);
    const { total, byKind, byType, byCode, byTask, fingerprints, forgotten } = handler.stats();
    const counts = (length: number, key: (index: number) => string): Record<string, number> =>
      Object.fromEntries(
        Array.from({ length }, (_, index) => [key(index), Math.floor((ERRORS - 1 - index) / length) + 1]),
      );
    expect({ total, byKind, byType, byCode: { ...byCode }, byTask: { ...byTask } }).toEqual({
      total: ERRORS,
      byKind: { defect: ERRORS, timeout: 0, expected: 0, cancelled: 0 },
      byType: { StormError: ERRORS },
      byCode: counts(7, (index) => `E_${word(index)}`),
      byTask: counts(3, (index) => `task ${index}`),
    });
    const remembered = fingerprints.reduce((sum, { count }) => sum + count, 0);
    expect([fingerprints.length, remembered + forgotten.errors]).toEqual([1000, ERRORS]);
  });

  test("STATS-1: is remembered message by message where there is room for all", async () => {
    const handler = errorHandler({ reporters: [], maxFingerprints: 100_000 });
    for (let index = 0; index < ERRORS; index++) {
      const error = new Error(`${word(index % MESSAGES)} failed`);
      error.stack = String(error);
      handler.report(error);
    }
    const { fingerprints, forgotten } = handler.stats();
    expect([fingerprints.length, forgotten, new Set(fingerprints.map(({ count }) => count))]).toEqual([
      MESSAGES,
      { fingerprints: 0, errors: 0 },
      new Set([10]),
    ]);
  });

  test("STATS-2: takes no more memory the second and third time than the first", async () => {
    const handler = errorHandler({ reporters: [{ name: "none", report: () => {} }] });
    const before = await heapUsed();
    await storm(handler);
    const first = (await heapUsed()) - before;
    await storm(handler);
    await storm(handler);
    const third = (await heapUsed()) - before;
    expect(handler.stats().total).toBe(3 * ERRORS);
    // 1,000 fingerprints, each with a sample of at most 6,000 characters.
    expect(first).toBeLessThan(12e6);
    expect(third - first).toBeLessThan(2e6);
  });

  test("STATS-2: keeps nothing of texts but what it shows", async () => {
    const handler = errorHandler({ reporters: [] });
    const before = await heapUsed();
    for (let index = 0; index < 500; index++) {
      const body = `${word(index)} ${String(index).repeat(300_000)}`;
      const code = `E_${body}`;
      handler.report(Object.assign(new Error(body), { code }), { task: body.slice(0, 50) });
    }
    // A slice of a text keeps all of it alive: 500 texts of a megabyte.
    expect((await heapUsed()) - before).toBeLessThan(20e6);
    expect(handler.stats().fingerprints.length).toBe(500);
  });

  test("HANDLER-2: in one group is counted by its leaves, and reported once", () => {
    const reporter = collector();
    const handler = errorHandler({ reporters: [reporter] });
    handler.report(new ErrorGroup(Array.from({ length: ERRORS }, (_, index) => new StormError(index))));
    expect([handler.stats().total, reporter.records.length, reporter.records[0]?.leaves.length]).toEqual([
      ERRORS,
      1,
      100,
    ]);
  });
});
