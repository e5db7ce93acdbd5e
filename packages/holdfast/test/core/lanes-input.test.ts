/** Where items come from: what `map` asks of an iterator, and what becomes of one that fails, hangs or never ends. */
import { forEach, map, onLateError, suppressedErrors } from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { describe, expect, test } from "../harness.ts";
import { Gates, numbers, rejection, Source } from "./lanes-gates.ts";

const clock = useFakeClock();

type Step = IteratorResult<number>;

/** An input of numbers without end that notes what is asked of it. Members are properties, so that a test can replace them. */
interface Endless extends AsyncIterable<number> {
  next: () => Promise<Step>;
  return: () => Promise<Step>;
}

function endless(log: string[]): Endless {
  let item = 0;
  const input: Endless = {
    next: async () => {
      log.push(`next ${item}`);
      return { done: false, value: item++ };
    },
    return: async () => {
      log.push("return");
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => input,
  };
  return input;
}

describe("an iterator", () => {
  test("is asked for the next item by one lane at a time", async () => {
    let asking = 0;
    let most = 0;
    let item = 0;
    const input: AsyncIterableIterator<number> = {
      next: async () => {
        most = Math.max(most, ++asking);
        // More and fewer turns: lanes come back for more while others wait for their turn.
        for (let hops = (item * 7) % 5; hops > 0; hops--) await Promise.resolve();
        asking--;
        return item < 200 ? { done: false, value: item++ } : { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    const mapped = await map(
      input,
      async (value) => {
        for (let hops = (value * 3) % 11; hops > 0; hops--) await Promise.resolve();
        return value;
      },
      { concurrency: 8 },
    );
    expect({ most, mapped }).toEqual({ most: 1, mapped: numbers(200) });
  });

  test("that was read to its end is not closed by us", async () => {
    const log: string[] = [];
    const input = endless(log);
    const { next } = input;
    input.next = async () => (log.length < 2 ? await next() : { done: true, value: undefined });
    await forEach(input, () => {}, { concurrency: 1 });
    expect(log).toEqual(["next 0", "next 1"]);
  });

  test("LANES-3: that was not read to its end is closed, once, when an item fails", async () => {
    for (const concurrency of [1, 3]) {
      const log: string[] = [];
      const failure = new Error("second item");
      const promise = map(
        endless(log),
        (item) => {
          if (item === 1) throw failure;
        },
        { concurrency },
      );
      expect(await rejection(promise)).toBe(failure);
      expect(log.filter((entry) => entry === "return")).toEqual(["return"]);
      expect(log.at(-1)).toBe("return");
    }
  });

  test("a generator has run its finally block when map settles", async () => {
    for (const kind of ["sync", "async"] as const) {
      const source = new Source(numbers(5));
      const failure = new Error("second item");
      const promise = map(
        source[kind](),
        (item) => {
          if (item === 1) throw failure;
        },
        { concurrency: 1 },
      );
      expect(await rejection(promise)).toBe(failure);
      expect(source.log).toEqual(["next 0", "next 1", "closed"]);
    }
  });

  test("that has no return is left alone", async () => {
    const failure = new Error("failure");
    const input: Iterable<number> = { [Symbol.iterator]: () => ({ next: () => ({ done: false, value: 1 }) }) };
    const promise = map(
      input,
      () => {
        throw failure;
      },
      { concurrency: 1 },
    );
    expect(await rejection(promise)).toBe(failure);
  });
});

describe("an input that throws", () => {
  for (const [when, throwNow] of [
    ["synchronously", true],
    ["by a rejection", false],
  ] as const)
    test(`in next(), ${when}, cancels what runs, and its error is thrown itself`, async () => {
      const failure = new Error("page 3 is gone");
      const gates = new Gates();
      let item = 0;
      const log: string[] = [];
      const input: AsyncIterableIterator<number> = {
        next: () => {
          if (item < 2) return Promise.resolve({ done: false, value: item++ });
          if (throwNow) throw failure;
          return Promise.reject(failure);
        },
        return: async () => {
          log.push("return");
          return { done: true, value: undefined };
        },
        [Symbol.asyncIterator]() {
          return this;
        },
      };
      const promise = map(input, gates.runUntilAbort, { concurrency: 5 });
      expect(await rejection(promise)).toBe(failure);
      // Who threw has ended: there is nothing to close.
      expect({ started: gates.started, running: gates.running, log }).toEqual({
        started: [0, 1],
        running: [],
        log: [],
      });
    });

  test("when it is asked for its iterator rejects with that error", async () => {
    const failure = new Error("no cursor");
    const input: Iterable<number> = {
      [Symbol.iterator]: () => {
        throw failure;
      },
    };
    expect(await rejection(map(input, () => 1, { concurrency: 1 }))).toBe(failure);
  });

  test("with stopOnError: false ends the items; those that run finish, and its error is in the group", async () => {
    const failure = new Error("page 2 is gone");
    const gates = new Gates();
    async function* input(): AsyncGenerator<number> {
      yield 0;
      yield 1;
      throw failure;
    }
    const promise = map(input(), gates.run, { concurrency: 5, stopOnError: false });
    await turn();
    expect(gates.contexts.map(({ cancelled }) => cancelled)).toEqual([false, false]);
    const second = new Error("item 1");
    gates.pass(0);
    gates.fail(1, second);
    expect(await rejection(promise)).toMatchObject({ name: "ErrorGroup", errors: [failure, second] });
  });

  test("when it is closed adds that to what stopped it", async () => {
    const failure = new Error("item");
    const closing = new Error("cursor");
    for (const [index, make] of [
      () => Promise.reject(closing),
      (): never => {
        throw closing;
      },
    ].entries()) {
      const input = endless([]);
      input.return = make;
      const thrown = new Error(`item ${index}`, { cause: failure });
      const promise = map(
        input,
        () => {
          throw thrown;
        },
        { concurrency: 1 },
      );
      expect(await rejection(promise)).toBe(thrown);
      expect(suppressedErrors(thrown)).toEqual([closing]);
    }
  });

  test("when it is closed, after a failure that can carry nothing, is reported as late", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error) => late.push(error));
    const closing = new Error("cursor");
    const input = endless([]);
    input.return = () => Promise.reject(closing);
    const promise = map(
      input,
      () => {
        throw "a string";
      },
      { concurrency: 1 },
    );
    expect(await rejection(promise)).toBe("a string");
    expect(late).toEqual([closing]);
  });

  test("what is no iterator result is a failure", async () => {
    // Holds: an iterator written without types may return it.
    const input = { [Symbol.iterator]: () => ({ next: () => undefined }) } as unknown as Iterable<number>;
    expect(await rejection(map(input, () => 1, { concurrency: 2 }))).toBeInstanceOf(TypeError);
  });
});

describe("an abort", () => {
  for (const concurrency of [1, 2, 50, Infinity])
    test(`ends the reading of an endless input, with concurrency ${concurrency}`, async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      let calls = 0;
      async function* input(): AsyncGenerator<number> {
        for (let item = 0; ; item++) yield item;
      }
      const promise = forEach(
        input(),
        () => {
          if (++calls === 100) controller.abort(reason);
        },
        { concurrency, signal: controller.signal },
      );
      expect(await rejection(promise)).toBe(reason);
      expect(calls).toBe(100);
    });

  for (const concurrency of [1, 2, Infinity])
    test(`LANES-3: does not wait for an input that is stuck in next(), with concurrency ${concurrency}`, async () => {
      const controller = new AbortController();
      const reason = new Error("enough");
      const log: string[] = [];
      const input = endless(log);
      input.next = () => {
        log.push("next");
        return new Promise(() => {});
      };
      input.return = () => {
        log.push("return");
        return new Promise(() => {});
      };
      const promise = map(input, () => 1, { concurrency, signal: controller.signal });
      await turn();
      controller.abort(reason);
      expect(await rejection(promise)).toBe(reason);
      expect(log).toEqual(["next", "return"]);
    });

  test("while an input is stuck: what its next() and return() throw later is reported as late, once", async () => {
    const late: unknown[] = [];
    using _ = onLateError((error, { task }) => late.push([error, task]));
    const controller = new AbortController();
    const failures = { next: new Error("next"), return: new Error("return") };
    const stuck: { reject?: (error: unknown) => void } = {};
    const input = endless([]);
    input.next = () => new Promise((_resolve, reject) => Object.assign(stuck, { reject }));
    input.return = () => Promise.reject(failures.return);
    const promise = map(input, () => 1, { concurrency: 2, signal: controller.signal, name: "pages" });
    await turn();
    controller.abort(new Error("enough"));
    await rejection(promise);
    stuck.reject?.(failures.next);
    await turn();
    expect(late).toEqual([
      [failures.return, "pages"],
      [failures.next, "pages"],
    ]);
  });

  test("LANES-1: an item that arrives after the abort, or with it, is not started", async () => {
    for (const kind of ["sync", "async", "promise"] as const) {
      const controller = new AbortController();
      const reason = new Error("enough");
      const log: string[] = [];
      function* sync(): Generator<number> {
        yield 0;
        controller.abort(reason);
        yield 1;
      }
      async function* later(): AsyncGenerator<number> {
        yield* sync();
      }
      /** Its second item is there in the very turn in which all is cancelled. */
      const promises = endless(log);
      const { next } = promises;
      promises.next = async () => {
        const step = await next();
        if (step.value === 1) controller.abort(reason);
        return step;
      };
      const input = kind === "sync" ? sync() : kind === "async" ? later() : promises;
      const started: number[] = [];
      const promise = forEach(input, (item) => started.push(item), { concurrency: 1, signal: controller.signal });
      expect({ kind, error: await rejection(promise), started }).toEqual({ kind, error: reason, started: [0] });
    }
  });

  test("LANES-1: an item that arrives in the turn in which another fails is not started", async () => {
    const failure = new Error("item 0");
    const gates = new Gates();
    const log: string[] = [];
    const input = endless(log);
    const second: { arrive?: () => void } = {};
    const { next } = input;
    input.next = async () => {
      if (log.length > 0) await new Promise<void>((resolve) => Object.assign(second, { arrive: resolve }));
      return await next();
    };
    const promise = map(input, gates.run, { concurrency: 2 });
    await turn();
    second.arrive?.();
    await Promise.resolve();
    gates.fail(0, failure);
    expect(await rejection(promise)).toBe(failure);
    expect(gates.started).toEqual([0]);
  });
});

test("a slow input is waited for, and its items are run while it makes the next one", async () => {
  const log: string[] = [];
  async function* input(): AsyncGenerator<number> {
    for (let item = 0; item < 3; item++) {
      log.push(`made ${item} at ${clock.now()}`);
      yield item;
      await new Promise<void>((resolve) => void clock.setTimer(resolve, 100));
    }
  }
  await clock.run(() =>
    forEach(
      input(),
      async (item, _index, { sleep }) => {
        await sleep(150);
        log.push(`done ${item} at ${clock.now()}`);
      },
      { concurrency: 2 },
    ),
  );
  expect(log).toEqual([
    "made 0 at 0",
    "made 1 at 100",
    "done 0 at 150",
    // Asked for at 150, when there was a place for it.
    "done 1 at 250",
    "made 2 at 250",
    "done 2 at 400",
  ]);
});
