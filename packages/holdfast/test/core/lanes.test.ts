/** What `map` and `forEach` do when nothing fails, and what they refuse. Inputs, failures and cancellation have files of their own. */
import { forEach, map, type Items } from "holdfast";
import { type Lane, type Link, root } from "holdfast/lowlevel";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";
import { Gates, numbers, rejection, Source } from "./lanes-gates.ts";

const kinds: readonly (readonly [string, (items: readonly number[]) => Items<number>])[] = [
  ["an array", (items) => items],
  ["a sync iterator", (items) => new Source(items).sync()],
  ["an async generator", (items) => new Source(items).async()],
];

const clock = useFakeClock();

/** What the tree holds of lanes, as a tool that walks it finds them: the options of tasks that have an index. */
function lanesUnder(link: Link): Lane[] {
  const found: Lane[] = [];
  const first = link.kids;
  for (let kid = first; kid !== undefined; kid = kid.next === first ? undefined : kid.next) {
    const options: unknown = Reflect.get(kid, "options");
    // Holds: only a lane has an index in its options.
    if (typeof options === "object" && options !== null && "index" in options) found.push(options as Lane);
    found.push(...lanesUnder(kid));
  }
  return found;
}

/** As a caller without types sees it. Methods, unlike functions, may ask for less than they take. */
type Call = { call(items: unknown, run: unknown, options: unknown): Promise<unknown> }["call"];

describe("results", () => {
  for (const [kind, make] of kinds) {
    test(`of ${kind} are in the order of the items, whatever the order in which they finish`, async () => {
      const gates = new Gates();
      const mapped = map(make(numbers(4)), gates.run, { concurrency: 4 });
      for (const index of [2, 0, 3, 1]) {
        await turn();
        gates.pass(index);
      }
      expect(await mapped).toEqual([0, 10, 20, 30]);
    });

    test(`of ${kind} without items are an empty list`, async () => {
      expect(await map(make([]), () => 1, { concurrency: 3 })).toEqual([]);
    });
  }

  test("are awaited: values, promises and thenables alike", async () => {
    const thenable: PromiseLike<string> = {
      // Holds: it is what a promise library's promise looks like to us.
      // oxlint-disable-next-line unicorn/no-thenable
      then: (resolve) => Promise.resolve("thenable").then(resolve),
    };
    const runs = ["value", Promise.resolve("promise"), thenable];
    expect(await map(runs, (item) => item, { concurrency: 1 })).toEqual(["value", "promise", "thenable"]);
  });

  test("of the holes of a sparse array are there: each hole is an undefined item", async () => {
    const sparse: (number | undefined)[] = [];
    sparse[0] = 1;
    sparse[2] = undefined;
    const log: unknown[] = [];
    const mapped = await map(sparse, (item, index) => log.push([item, index]), { concurrency: 1 });
    expect({ log, mapped }).toEqual({
      log: [
        [1, 0],
        [undefined, 1],
        [undefined, 2],
      ],
      mapped: [1, 2, 3],
    });
  });

  test("of a string are those of its characters, of a map those of its entries", async () => {
    expect(await map("añ🎈", (item) => item, { concurrency: 2 })).toEqual(["a", "ñ", "🎈"]);
    expect(await map(new Map([["key", 1]]), (item) => item, { concurrency: 2 })).toEqual([["key", 1]]);
  });

  test("of forEach are not kept: it resolves with undefined", async () => {
    const log: number[] = [];
    const returned: unknown = await forEach([1, 2], (item) => log.push(item), { concurrency: 1 });
    expect({ log, returned }).toEqual({ log: [1, 2], returned: undefined });
  });
});

describe("concurrency", () => {
  for (const [kind, make] of kinds)
    for (const concurrency of [1, 2, 3, 7, Infinity])
      test(`LANES-2: never more than ${concurrency} items of ${kind} run, as many as that do, and they start in order`, async () => {
        const gates = new Gates();
        const mapped = map(make(numbers(7)), gates.run, { concurrency });
        while (gates.started.length < 7 || gates.running.length > 0) {
          await turn();
          // The youngest first, so that places become free in another order than they were taken.
          gates.pass(gates.running.at(-1) ?? -1);
        }
        expect(await mapped).toEqual([0, 10, 20, 30, 40, 50, 60]);
        expect({ most: gates.most, started: gates.started }).toEqual({
          most: Math.min(concurrency, 7),
          started: numbers(7),
        });
      });

  test("an item is taken from its input only when there is a free place for it", async () => {
    const gates = new Gates();
    const source = new Source(numbers(9));
    const mapped = map(source.async(), gates.run, { concurrency: 2 });
    await turn();
    expect(source.log).toEqual(["next 0", "next 1"]);
    gates.pass(1);
    await turn();
    expect(source.log).toEqual(["next 0", "next 1", "next 2"]);
    for (const index of [0, 2, 3, 4, 5, 6, 7, 8]) {
      gates.pass(index);
      await turn();
    }
    await mapped;
    expect(source.log.slice(-3)).toEqual(["next 8", "end", "closed"]);
  });

  for (const concurrency of [3, Infinity])
    test(`an array that grows while it is mapped is mapped to its new end, at its full concurrency of ${concurrency}`, async () => {
      const gates = new Gates();
      const items = [0];
      const mapped = map(items, gates.run, { concurrency });
      await turn();
      items.push(1, 2, 3, 4);
      gates.pass(0);
      await turn();
      expect(gates.running).toEqual(concurrency === 3 ? [1, 2, 3] : [1, 2, 3, 4]);
      for (const index of [1, 2, 3, 4]) {
        gates.pass(index);
        await turn();
      }
      expect(await mapped).toEqual([0, 10, 20, 30, 40]);
    });

  test("an array that shrinks while it is mapped is mapped to its new end", async () => {
    const items = [0, 1, 2, 3];
    const mapped = await map(items, (item) => (item === 1 ? items.splice(2) : item), { concurrency: 1 });
    expect(mapped).toEqual([0, [2, 3]]);
  });
});

describe("what the function is given", () => {
  test("is the item, its index and a context with a signal that is not aborted", async () => {
    const log: unknown[] = [];
    await map(
      ["a", "b"],
      (item, index, { signal, cancelled, deadline, timeLeft }) =>
        void log.push([item, index, signal.aborted, cancelled, deadline, timeLeft]),
      { concurrency: 1 },
    );
    expect(log).toEqual([
      ["a", 0, false, false, Infinity, Infinity],
      ["b", 1, false, false, Infinity, Infinity],
    ]);
  });

  test("is the signal of its lane, shared with the items before and after it", async () => {
    const signals = await map(numbers(3), (_item, _index, { signal }) => signal, { concurrency: 1 });
    expect(new Set(signals).size).toBe(1);
  });
});

describe("what a tool sees", () => {
  test("R10: each lane says which item it runs, and since when", async () => {
    for (const input of [numbers(4), new Source(numbers(4)).sync()]) {
      const start = clock.now();
      const gates = new Gates();
      const promise = map(input, gates.run, { concurrency: 2, name: "pages" });
      await clock.advanceBy(500);
      gates.pass(0);
      await turn();
      expect(lanesUnder(root())).toEqual([
        { name: "pages lane 1", index: 2, reading: { at: start + 500 } },
        { name: "pages lane 2", index: 1, reading: { at: start } },
      ]);
      for (const index of [1, 2]) gates.pass(index);
      await turn();
      gates.pass(3);
      await promise;
      expect(lanesUnder(root())).toEqual([]);
    }
  });
});

describe("a caller's mistake", () => {
  const notCounts: readonly (readonly [value: unknown, error: "RangeError" | "TypeError", got: string])[] = [
    [0, "RangeError", "0 (number)"],
    [-1, "RangeError", "-1 (number)"],
    [1.5, "RangeError", "1.5 (number)"],
    [Number.NaN, "RangeError", "NaN (number)"],
    [-Infinity, "RangeError", "-Infinity (number)"],
    ["3", "TypeError", '"3" (string)'],
    [undefined, "TypeError", "undefined"],
    [null, "TypeError", "null"],
  ];
  const calls: readonly (readonly [string, Call])[] = [
    ["map", map],
    ["forEach", forEach],
  ];
  for (const [name, call] of calls) {
    for (const [concurrency, error, got] of notCounts)
      test(`in ${name} is a rejection that names the option and the value: concurrency ${got}`, async () => {
        const source = new Source([1]);
        const promise = call(source.sync(), () => 1, { concurrency });
        expect(await rejection(promise)).toMatchObject({
          name: error,
          message: `${name}: concurrency must be an integer >= 1 or Infinity, got ${got}`,
        });
        expect(source.log).toEqual([]);
      });

    test(`in ${name} is a rejection: no options at all`, async () => {
      expect(await rejection(call([1], () => 1, undefined))).toMatchObject({
        name: "TypeError",
        message: `${name}: concurrency must be an integer >= 1 or Infinity, got undefined`,
      });
    });

    for (const [items, got] of [
      [3, "number"],
      [undefined, "undefined"],
      [null, "null"],
      [{ length: 2 }, "object"],
      [() => [1], "function"],
    ] as const)
      test(`in ${name} is a rejection: ${got} where items belong`, async () => {
        const promise = call(items, () => 1, { concurrency: 1 });
        expect(await rejection(promise)).toMatchObject({
          name: "TypeError",
          message: `${name} takes an iterable or async iterable of items, got ${got}`,
        });
      });

    for (const [option, value, error, message] of [
      ["timeout", -1, "RangeError", "timeout must be a number of milliseconds >= 0 or Infinity, got -1 (number)"],
      [
        "timeout",
        Number.NaN,
        "RangeError",
        "timeout must be a number of milliseconds >= 0 or Infinity, got NaN (number)",
      ],
      ["timeout", "5s", "TypeError", 'timeout must be a number of milliseconds >= 0 or Infinity, got "5s" (string)'],
      ["grace", -1, "RangeError", "grace must be a number of milliseconds >= 0 or Infinity, got -1 (number)"],
      ["grace", "5", "TypeError", 'grace must be a number of milliseconds >= 0 or Infinity, got "5" (string)'],
    ] as const)
      test(`in ${name} is a rejection: ${option} ${String(value)}`, async () => {
        const promise = call([1], () => 1, { concurrency: 1, [option]: value });
        expect(await rejection(promise)).toMatchObject({ name: error, message: `${name}: ${message}` });
      });

    test(`in ${name} is a rejection: a promise where the function belongs`, async () => {
      const promise = call([1], Promise.resolve(1), { concurrency: 1 });
      expect(await rejection(promise)).toMatchObject({
        name: "TypeError",
        message: `${name} takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()`,
      });
    });

    test(`in ${name} is a rejection: a signal that is none`, async () => {
      const promise = call([1], () => 1, { concurrency: 1, signal: new AbortController() });
      expect(await rejection(promise)).toMatchObject({
        name: "TypeError",
        message: "signal must be an AbortSignal, got object",
      });
    });
  }
});
