import { ErrorGroup, mapStream, onLateError, sleep } from "holdfast";
import { afterEach, beforeEach, describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { aborted, errorOf, Gate } from "./outcome.ts";

const clock = useFakeClock();

/** What `onLateError` was told; no test expects any of it. */
let late: unknown[] = [];
let listening: Disposable | undefined;
beforeEach(() => {
  late = [];
  listening = onLateError((error) => void late.push(error));
});
afterEach(() => {
  listening?.[Symbol.dispose]();
  expect(late).toEqual([]);
});

const failure = new Error("item");

async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

/** An input that notes what is asked of it. */
function* numbers(log: string[], count = Infinity): Generator<number, void> {
  try {
    for (let index = 0; index < count; index++) {
      log.push(`read ${index}`);
      yield index;
    }
  } finally {
    log.push("closed");
  }
}

describe("results", () => {
  const slow = async (ms: number): Promise<number> => {
    await sleep(ms);
    return ms;
  };

  test("come in the order of the items, by default", async () => {
    expect(await clock.run(() => collect(mapStream([30, 10, 20], slow, { concurrency: 3 })))).toEqual([30, 10, 20]);
  });

  test("come as they are ready, with ordered: false", async () => {
    const stream = (): AsyncIterable<number> => mapStream([30, 10, 20], slow, { concurrency: 3, ordered: false });
    expect(await clock.run(() => collect(stream()))).toEqual([10, 20, 30]);
  });

  test("of no items are none, and of undefined items are there", async () => {
    expect(await collect(mapStream([], (item) => item, { concurrency: 1 }))).toEqual([]);
    expect(await collect(mapStream([undefined, 1], (item) => item, { concurrency: 1 }))).toEqual([undefined, 1]);
  });

  test("of an async input come as well", async () => {
    async function* input(): AsyncGenerator<number> {
      for (let index = 0; index < 5; index++) {
        await turn();
        yield index;
      }
    }
    expect(await collect(mapStream(input(), (item, index) => [item, index], { concurrency: 2 }))).toEqual(
      [0, 1, 2, 3, 4].map((index) => [index, index]),
    );
  });

  for (const ordered of [true, false])
    test(`STREAM-1: never more than concurrency items are in work or undelivered, with ordered: ${ordered}`, async () => {
      let held = 0;
      let most = 0;
      const stream = mapStream(
        Array.from({ length: 50 }, (_, index) => index),
        async (index) => {
          most = Math.max(most, ++held);
          await sleep((index * 7) % 5);
          return index;
        },
        { concurrency: 3, ordered },
      );
      const values: number[] = [];
      await clock.run(async () => {
        for await (const value of stream) {
          held--;
          await sleep((value * 3) % 4);
          values.push(value);
        }
      });
      expect(most).toBe(3);
      expect(values.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index));
    });

  test("STREAM-1: nobody asks: nothing starts; one asks: no more starts than has a place", async () => {
    const log: string[] = [];
    const stream = mapStream(numbers(log), (index) => index, { concurrency: 2 });
    await turn();
    expect(log).toEqual([]);
    expect(await stream.next()).toEqual({ done: false, value: 0 });
    await turn();
    expect(log).toEqual(["read 0", "read 1", "read 2"]);
    await stream.return?.();
    expect(log.at(-1)).toBe("closed");
  });

  test("are handed to next() calls in the order of the calls, however many ask at once", async () => {
    const stream = mapStream([1, 2, 3], (item) => item * 10, { concurrency: 2 });
    expect(await Promise.all(Array.from({ length: 5 }, () => stream.next()))).toEqual([
      { done: false, value: 10 },
      { done: false, value: 20 },
      { done: false, value: 30 },
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });
});

describe("a failure", () => {
  test("STREAM-2: comes after the results that were ready, once; then the stream is done", async () => {
    const stream = mapStream([1, 2, 3, 4], (item) => (item === 3 ? Promise.reject(failure) : item), { concurrency: 1 });
    const seen: unknown[] = [];
    for (let count = 0; count < 5; count++)
      seen.push(
        await stream.next().then(
          ({ done, value }) => (done === true ? "done" : value),
          (error: unknown) => error,
        ),
      );
    expect(seen).toEqual([1, 2, failure, "done", "done"]);
  });

  for (const ordered of [true, false])
    test(`cancels what runs, waits for it, and closes the input, with ordered: ${ordered}`, async () => {
      const log: string[] = [];
      const error = await errorOf(
        collect(
          mapStream(
            numbers(log),
            async (index, _, { signal }) => {
              if (index === 1) throw failure;
              await aborted(signal);
              log.push(`stopped ${index}`);
            },
            { concurrency: 2, ordered },
          ),
        ),
      );
      expect(error).toBe(failure);
      expect(log).toEqual(["read 0", "read 1", "stopped 0", "closed"]);
    });

  for (const ordered of [true, false])
    test(`with stopOnError: false all other results come, then an ErrorGroup, with ordered: ${ordered}`, async () => {
      const stream = mapStream([1, 2, 3, 4], (item) => (item % 2 === 0 ? Promise.reject(failure) : item), {
        concurrency: 2,
        ordered,
        stopOnError: false,
      });
      const values: number[] = [];
      const error = await errorOf(
        (async () => {
          for await (const value of stream) values.push(value);
        })(),
      );
      expect(values).toEqual([1, 3]);
      expect(error).toBeInstanceOf(ErrorGroup);
      expect(error).toMatchObject({ errors: [failure] });
    });

  test("of the input is the stream's", async () => {
    const input = (function* (): Generator<number> {
      yield 1;
      throw failure;
    })();
    const stream = mapStream(input, (item) => item, { concurrency: 1 });
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    expect(await errorOf(stream.next())).toBe(failure);
  });

  test("R18: of an item that takes longer than its timeout is a TimeoutError of the layer item", async () => {
    const stream = mapStream([1], (_, __, { sleep: pause }) => pause(Infinity), { concurrency: 1, timeout: 20 });
    expect(await clock.run(() => errorOf(collect(stream)))).toMatchObject({ name: "TimeoutError", layer: "item" });
  });
});

describe("an abort", () => {
  test("R13: cancels what runs and is thrown from next(), once", async () => {
    const outer = new AbortController();
    const reason = new Error("outer");
    const stream = mapStream([1, 2], (_, __, { sleep: pause }) => pause(Infinity), {
      concurrency: 1,
      signal: outer.signal,
    });
    const asked = errorOf(stream.next());
    await turn();
    outer.abort(reason);
    expect(await asked).toBe(reason);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("STREAM-2: while results wait to be taken: they come first, then its reason", async () => {
    const outer = new AbortController();
    const reason = new Error("outer");
    const stream = mapStream([1, 2, 3], (item) => item, { concurrency: 2, signal: outer.signal });
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    await turn();
    outer.abort(reason);
    await turn();
    expect(await stream.next()).toEqual({ done: false, value: 2 });
    expect(await stream.next()).toEqual({ done: false, value: 3 });
    expect(await errorOf(stream.next())).toBe(reason);
  });

  test("R7: that came before reads nothing and calls nothing: its reason is thrown from next()", async () => {
    const log: string[] = [];
    const reason = new Error("outer");
    const stream = mapStream(numbers(log), (item) => item, { concurrency: 1, signal: AbortSignal.abort(reason) });
    expect(await errorOf(stream.next())).toBe(reason);
    expect([await stream.next(), log]).toEqual([{ done: true, value: undefined }, []]);
  });
});

describe("leaving", () => {
  test("STREAM-3: the loop cancels what runs, waits for it, and closes the input", async () => {
    const log: string[] = [];
    await clock.run(async () => {
      for await (const value of mapStream(
        numbers(log),
        async (index, _, { signal }) => {
          if (index === 0) return index;
          await aborted(signal);
          await sleep(10);
          log.push(`stopped ${index}`);
          return index;
        },
        { concurrency: 2 },
      )) {
        log.push(`got ${value}`);
        break;
      }
    });
    expect(log).toEqual(["read 0", "read 1", "got 0", "stopped 1", "closed"]);
    expect(clock.now()).toBe(10);
  });

  test("before the first next() is done at once, and nothing is read", async () => {
    const log: string[] = [];
    const stream = mapStream(numbers(log), (item) => item, { concurrency: 1 });
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect([await stream.next(), log]).toEqual([{ done: true, value: undefined }, []]);
  });

  test("while a next() waits ends that as done", async () => {
    const stream = mapStream([1], (_, __, { sleep: pause }) => pause(Infinity), { concurrency: 1 });
    const asked = stream.next();
    await turn();
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect(await asked).toEqual({ done: true, value: undefined });
  });

  test("twice, and after the end, is done", async () => {
    const stream = mapStream([1], (item) => item, { concurrency: 1 });
    expect(await collect(stream)).toEqual([1]);
    expect([await stream.return?.(), await stream.return?.()]).toEqual([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
  });

  test("R21: throws a real error that the consumer has not seen, once", async () => {
    const gate = new Gate();
    const stream = mapStream([0, 1], async (index) => (index === 0 ? index : await gate.promise), { concurrency: 2 });
    expect(await stream.next()).toEqual({ done: false, value: 0 });
    gate.fail(failure);
    await turn();
    expect(await errorOf(Promise.resolve(stream.return?.()))).toBe(failure);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test("by throw() closes the stream and throws the error on", async () => {
    const log: string[] = [];
    const stream = mapStream(numbers(log), (item) => item, { concurrency: 1 });
    await stream.next();
    expect(await errorOf(Promise.resolve(stream.throw?.(failure)))).toBe(failure);
    expect(log.at(-1)).toBe("closed");
  });
});

describe("a caller's mistake", () => {
  for (const [what, options, kind] of [
    ["concurrency 0", { concurrency: 0 }, RangeError],
    ["no concurrency", {}, TypeError],
    ["no options", undefined, TypeError],
    ["a timeout of NaN", { concurrency: 1, timeout: Number.NaN }, RangeError],
  ] as const)
    test(`R23: ${what} is a ${kind.name}, thrown at once`, () => {
      // Holds: what a caller without types may pass.
      expect(() => mapStream([1], (item) => item, options as { concurrency: number })).toThrow(kind);
    });

  test("R23: items that can't be iterated, and a promise for the function, are TypeErrors", () => {
    // Hold: what a caller without types may pass.
    expect(() => mapStream(5 as unknown as number[], (item) => item, { concurrency: 1 })).toThrow(TypeError);
    expect(() => mapStream([1], Promise.resolve() as unknown as () => void, { concurrency: 1 })).toThrow(TypeError);
  });
});
