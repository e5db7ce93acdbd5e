import type { Input, InputItem } from "../../src/input/index.ts";
import { ItemSource } from "../../src/run/item-source.ts";
import { expect, test } from "../harness.ts";
import { ManualClock, settled } from "../manual-clock.ts";

interface Setup {
  readonly done?: readonly number[];
  readonly limit?: number;
  readonly interval?: number;
  readonly breakAt?: number;
}

function open(items: number, { done = [], limit, interval, breakAt }: Setup = {}) {
  const clock = new ManualClock();
  let closed = 0;
  const entries = (async function* entries(): AsyncGenerator<InputItem, undefined> {
    try {
      for (let index = 0; index < items; index += 1) {
        if (index === breakAt) throw new Error(`broken at ${index}`);
        yield { index, key: undefined, item: `item ${index}` };
      }
      return undefined;
    } finally {
      closed += 1;
    }
  })();
  const input: Input = {
    name: "in",
    format: "lines",
    duplicates: 0,
    facts: () => Promise.resolve(undefined),
    items: () => entries,
  };
  const source = new ItemSource({ input, isDone: (index) => done.includes(index), limit, interval, clock });
  return { clock, source, closes: () => closed };
}

async function indexes(source: ItemSource): Promise<number[]> {
  const taken: number[] = [];
  for await (const { index } of source) taken.push(index);
  return taken;
}

test("what the journal knows is passed over, and counted", async () => {
  const { source } = open(6, { done: [0, 1, 4] });
  expect(await indexes(source)).toEqual([2, 3, 5]);
  expect([source.taken, source.skipped, source.exhausted, source.limitReached]).toEqual([3, 3, true, false]);
});

test("items that lie before a finished one had been started before, and count as re-run", async () => {
  const { source } = open(10, { done: [0, 2, 5] });
  expect(await indexes(source)).toEqual([1, 3, 4, 6, 7, 8, 9]);
  expect(source.rerun).toBe(3);
});

test("the limit is of items taken in this run, and is only reached when there are more", async () => {
  const more = open(6, { done: [0], limit: 2 });
  expect(await indexes(more.source)).toEqual([1, 2]);
  expect([more.source.limitReached, more.source.exhausted]).toEqual([true, false]);
  const enough = open(3, { done: [0], limit: 2 });
  expect(await indexes(enough.source)).toEqual([1, 2]);
  expect([enough.source.limitReached, enough.source.exhausted]).toEqual([false, true]);
});

test("SOURCE-1: starts are an interval apart, and a pause is not caught up", async () => {
  const { clock, source } = open(6, { interval: 20 });
  const starts: number[] = [];
  const take = async (): Promise<void> => {
    await source.next();
    starts.push(clock.now());
  };
  void take();
  await settled();
  void take();
  await settled();
  clock.advance(19);
  await settled();
  expect(starts).toEqual([0]);
  clock.advance(1);
  await settled();
  expect(starts).toEqual([0, 20]);
  // Nobody asks for 100 ms: the next item starts at once, the one after it an interval later.
  clock.advance(100);
  void take();
  await settled();
  void take();
  void take();
  await settled();
  clock.advance(20);
  await settled();
  clock.advance(20);
  await settled();
  expect(starts).toEqual([0, 20, 120, 140, 160]);
});

/** The starts of `count` items, taken one after the other, with timers that fire late. */
async function lateStarts(count: number, interval: number, lateness: (timer: number) => number): Promise<number[]> {
  const { clock, source } = open(count, { interval });
  const after = clock.after.bind(clock);
  let timers = 0;
  clock.after = (ms, fire) => after(ms + lateness(timers++), fire);
  const starts: number[] = [];
  for (let item = 0; item < count; item += 1) {
    const taken = source.next();
    await settled();
    if (clock.pending > 0) clock.advanceToNext();
    await taken;
    starts.push(clock.now());
  }
  return starts;
}

test("SOURCE-1: timers that are a little late don't slow the rate down", async () => {
  expect(await lateStarts(5, 20, () => 1)).toEqual([0, 21, 41, 61, 81]);
});

test("SOURCE-1: what a timer is late by beyond the slack is not caught up: no two starts come closer than that", async () => {
  const starts = await lateStarts(6, 100, (timer) => (timer === 1 ? 70 : 0));
  // 70 ms late at the third: 10 of them are made good, by the fourth.
  expect(starts).toEqual([0, 100, 270, 360, 460, 560]);
});

test("SOURCE-1: a rate beyond what timers can do is kept on average", async () => {
  const starts = await lateStarts(1_000, 0.25, () => 1);
  expect(Math.abs((starts.at(-1) ?? 0) - 999 * 0.25)).toBeLessThan(2);
});

test("SOURCE-2: a stop ends a next() that waits for its turn, and leaves no timer", async () => {
  const { clock, source } = open(6, { interval: 1_000 });
  await source.next();
  const waiting = source.next();
  await settled();
  source.stop();
  expect([await waiting, await source.next(), clock.pending, source.taken]).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
    0,
    1,
  ]);
});

test("SOURCE-2: a stop ends a next() that waits for the input", async () => {
  const never: AsyncIterableIterator<InputItem> = {
    next: () => new Promise(() => {}),
    [Symbol.asyncIterator]: () => never,
  };
  const input: Input = {
    name: "-",
    format: "lines",
    duplicates: 0,
    facts: () => Promise.resolve(undefined),
    items: () => never,
  };
  const source = new ItemSource({
    input,
    isDone: () => false,
    limit: undefined,
    interval: undefined,
    clock: new ManualClock(),
  });
  const waiting = source.next();
  source.stop();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test("SOURCE-2: a stop in the turn in which the input answers keeps the item back", async () => {
  for (const turns of [0, 1]) {
    let answer: (step: IteratorResult<InputItem>) => void = () => {};
    const slow: AsyncIterableIterator<InputItem> = {
      next: () => new Promise((resolve) => (answer = resolve)),
      [Symbol.asyncIterator]: () => slow,
    };
    const input: Input = {
      name: "-",
      format: "lines",
      duplicates: 0,
      facts: () => Promise.resolve(undefined),
      items: () => slow,
    };
    const source = new ItemSource({
      input,
      isDone: () => false,
      limit: undefined,
      interval: undefined,
      clock: new ManualClock(),
    });
    const waiting = source.next();
    answer({ done: false, value: { index: 0, key: undefined, item: 1 } });
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    source.stop();
    expect([turns, await waiting, source.taken]).toEqual([turns, { done: true, value: undefined }, 0]);
  }
});

test("SOURCE-3: calls that overlap get an item each, in order", async () => {
  const { source } = open(3);
  const steps = await Promise.all([source.next(), source.next(), source.next(), source.next()]);
  expect(steps.map(({ value }) => value?.index)).toEqual([0, 1, 2, undefined]);
});

test("SOURCE-4: a broken input ends the source, and its error is kept", async () => {
  const { source } = open(6, { breakAt: 3 });
  expect(await indexes(source)).toEqual([0, 1, 2]);
  expect([source.failure, source.exhausted, (await source.next()).done]).toEqual([
    new Error("broken at 3"),
    false,
    true,
  ]);
});

test("return() closes the input, once", async () => {
  const { source, closes } = open(6);
  await source.next();
  await source.return();
  expect([closes(), await source.next()]).toEqual([1, { done: true, value: undefined }]);
});
