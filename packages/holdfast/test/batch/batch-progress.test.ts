/** How a batch says how far it has come. */
import { batch, type BatchProgress, onLateError } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { expect, test } from "../harness.ts";

const clock = useFakeClock();

test("onProgress is called at most every 100 ms, and once at the end", async () => {
  const told: BatchProgress[] = [];
  const run = batch(
    [40, 40, 40, 40, 40, 40],
    async (ms, { sleep }) => {
      await sleep(ms);
    },
    { concurrency: 1, onProgress: (progress) => told.push(progress) },
  );
  await clock.advanceBy(1_000);
  await run;
  expect(told.map(({ elapsed, counts }) => `${elapsed}: ${counts.succeeded}`)).toEqual(["40: 1", "160: 4", "240: 6"]);
});

test("a progress has the counts, what runs, the total where it is known, and the time", async () => {
  const told: BatchProgress[] = [];
  const run = batch(
    ["fine", "bad", "slow"],
    async (item, { sleep }) => {
      if (item === "slow") await sleep(500);
      if (item === "bad") throw new Error(item);
    },
    { concurrency: 3, onProgress: (progress) => told.push(progress) },
  );
  await clock.advanceBy(1_000);
  const report = await run;
  expect(told).toEqual([
    { counts: { succeeded: 1, failed: 0, cancelled: 0 }, running: 2, total: 3, elapsed: 0 },
    { counts: { succeeded: 2, failed: 1, cancelled: 0 }, running: 0, total: 3, elapsed: 500 },
    { counts: { succeeded: 2, failed: 1, cancelled: 0 }, running: 0, total: 3, elapsed: 500 },
  ]);
  expect(report.counts).toEqual({ succeeded: 2, failed: 1, cancelled: 0, notStarted: 0 });
});

test("the total of a stream is not known, and a batch of nothing tells its end", async () => {
  const told: BatchProgress[] = [];
  await batch([].values(), () => 1, { concurrency: 1, onProgress: (progress) => told.push(progress) });
  expect(told).toEqual([
    { counts: { succeeded: 0, failed: 0, cancelled: 0 }, running: 0, total: undefined, elapsed: 0 },
  ]);
});

test("R17: what onProgress throws is reported, and stops nothing", async () => {
  const late: unknown[] = [];
  using _ = onLateError((error, { task }) => late.push([error, task]));
  const failure = new Error("no terminal");
  const report = await batch([1, 2], (item) => item, {
    concurrency: 1,
    name: "pages",
    onProgress: () => {
      throw failure;
    },
  });
  expect(report.values).toEqual([1, 2]);
  expect(late).toEqual([
    [failure, "pages: onProgress"],
    [failure, "pages: onProgress"],
  ]);
});

test("an onProgress that is no function is refused", async () => {
  // @ts-expect-error a mistake
  await expect(batch([1], (item) => item, { concurrency: 1, onProgress: "yes" })).rejects.toThrow(
    'batch: onProgress takes a function, got "yes" (string)',
  );
});
