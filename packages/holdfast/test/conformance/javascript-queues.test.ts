/** What only JavaScript asks, asked of queues, channels and locks: reasons and errors that are no errors, thenables, functions that throw at once, and very many who wait. README.md has the list. */
import { sleep, suppressedErrors, taskGroup } from "holdfast";
import { channel, Latch, Mutex, Queue } from "holdfast/sync";
import { describe, expect, test } from "../harness.ts";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { countListeners } from "../core/lanes-gates.ts";
import { errorOf, waitUntilAborted } from "../core/outcome.ts";

const clock = useFakeClock();

/** Everything in holdfast/sync that can wait, made so that it would, and how many wait afterwards. */
const waits: Readonly<
  Record<string, () => { readonly wait: (signal: AbortSignal) => Promise<unknown>; readonly waiting: () => number }>
> = {
  "Latch.wait": () => {
    const latch = new Latch();
    return { wait: (signal) => latch.wait({ signal }), waiting: () => latch.waiting };
  },
  "Mutex.acquire": () => {
    const mutex = new Mutex();
    mutex.tryAcquire();
    return { wait: (signal) => mutex.acquire({ signal }), waiting: () => mutex.waiting };
  },
  "Mutex.run": () => {
    const mutex = new Mutex();
    mutex.tryAcquire();
    return { wait: (signal) => mutex.run(() => {}, { signal }), waiting: () => mutex.waiting };
  },
  "Queue.put": () => {
    const queue = new Queue<number>({ capacity: 1 });
    queue.tryPut(1);
    return { wait: (signal) => queue.put(2, { signal }), waiting: () => queue.waiting - queue.size };
  },
  "Queue.get": () => {
    const queue = new Queue<number>({ capacity: 1 });
    // Nobody who waits would leave it in the queue.
    return { wait: (signal) => queue.get({ signal }), waiting: () => (queue.tryPut(1) ? 1 - queue.size : -1) };
  },
  "Sender.send": () => {
    const [sender] = channel<number>({ capacity: 0 });
    return { wait: (signal) => sender.send(1, { signal }), waiting: () => sender.statistics().waitingSenders };
  },
  "Receiver.receive": () => {
    const [, receiver] = channel<number>({ capacity: 0 });
    return {
      wait: (signal) => receiver.receive({ signal }),
      waiting: () => receiver.statistics().waitingReceivers,
    };
  },
};

describe("JS `abort(null)`", () => {
  for (const [name, make] of Object.entries(waits))
    for (const reason of [null, 0, "stop"])
      test(`JS \`abort(null)\`: ${name} rejects an abort(${JSON.stringify(reason)}) with a CancelledError that has it as its cause, before as while it waits`, async () => {
        const { wait, waiting } = make();
        const controller = new AbortController();
        const pending = errorOf(wait(controller.signal));
        await turn();
        controller.abort(reason);
        const errors = [await pending, await errorOf(wait(controller.signal))];
        const expected = { name: "AbortError", code: "ERR_CANCELLED", kind: "outer", cause: reason };
        expect(errors).toMatchObject([expected, expected]);
        expect(waiting()).toBe(0);
      });
});

describe("JS frozen/primitive/cross-realm errors", () => {
  for (const reason of ["stop", 0, null, Object.freeze({ frozen: true })])
    test(`JS frozen/primitive/cross-realm errors: a queue that is aborted with ${JSON.stringify(reason)} ends all with that itself`, async () => {
      const queue = new Queue<number>({ capacity: 1 });
      queue.tryPut(1);
      const put = errorOf(queue.put(2));
      const items = queue.abort(reason);
      const errors = [await put, await errorOf(queue.get()), await errorOf(queue.put(3))];
      const ofLoop = await errorOf(queue[Symbol.asyncIterator]().next());
      const ofProcess = await errorOf(queue.process(() => {}, { concurrency: 1 }));
      expect(items).toEqual([1]);
      expect([...errors, ofLoop, ofProcess].filter((error) => !Object.is(error, reason))).toEqual([]);
    });

  for (const failure of ["failure", undefined, Object.freeze(new Error("frozen"))])
    test(`JS frozen/primitive/cross-realm errors: an item that fails with ${String(failure)} ends the processing with that itself`, async () => {
      const queue = new Queue<number>({ capacity: 1 });
      queue.tryPut(1);
      const error = await errorOf(queue.process(() => Promise.reject(failure), { concurrency: 1 }));
      expect([Object.is(error, failure), queue.running, queue.size]).toEqual([true, 0, 0]);
    });
});

describe("JS sync throw in fn", () => {
  const failure = new Error("thrown at once");
  const thrower = (): never => {
    throw failure;
  };

  test("JS sync throw in fn: process rejects with it, and the next call has the rest of the items", async () => {
    const queue = new Queue<number>({ capacity: 2 });
    for (const item of [1, 2]) queue.tryPut(item);
    const error = await errorOf(queue.process(thrower, { concurrency: 1 }));
    queue.close();
    const rest: number[] = [];
    await queue.process((item) => void rest.push(item), { concurrency: 1 });
    expect([error, rest]).toEqual([failure, [2]]);
  });

  test("JS sync throw in fn: run rejects with it, and the lock is free", async () => {
    const mutex = new Mutex();
    expect([await errorOf(mutex.run(thrower)), await errorOf(mutex.wrap(thrower)()), mutex.available]).toEqual([
      failure,
      failure,
      1,
    ]);
  });
});

describe("JS thenable return", () => {
  test("JS thenable return: a foreign thenable is waited for: the lock is kept, and the item is in work, as long as it takes", async () => {
    const resolvers: ((value: string) => void)[] = [];
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(resolve: (value: string) => void): void {
        resolvers.push(resolve);
      },
    };
    // Holds as far as anybody looks: those who wait pass both functions, and ignore what they get.
    const foreign = (): PromiseLike<string> => thenable as PromiseLike<string>;
    const mutex = new Mutex();
    const queue = new Queue<number>({ capacity: 1 });
    queue.tryPut(1);
    queue.close();
    const calls = [mutex.run(foreign), queue.process(foreign, { concurrency: 1 })];
    await turn();
    const meanwhile = [mutex.available, queue.running];
    for (const resolve of resolvers) resolve("value");
    expect([meanwhile, await Promise.all(calls), mutex.available, queue.running]).toEqual([
      [0, 1],
      ["value", undefined],
      1,
      0,
    ]);
  });

  test("JS thenable return: neither a queue nor a permit nor the end of a channel is one, so all can be awaited and returned", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const [sender, receiver] = channel<number>({ capacity: 1 });
    const permit = await new Mutex().acquire();
    const things = [queue, sender, receiver, permit];
    const same = await Promise.all(things.map(async (thing) => Object.is(await Promise.resolve(thing), thing)));
    expect(same).toEqual([true, true, true, true]);
  });
});

describe("very many who wait", () => {
  const many = 10_000;

  test("JS listener count returns to 0 after N ops: ten thousand who wait under one signal put one listener on it, and leave in one abort, each once", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const listeners = countListeners(signal);
    const reason = new Error("aborted");
    const queue = new Queue<number>({ capacity: 1 });
    const errors = Array.from({ length: many }, () => errorOf(queue.get({ signal })));
    const meanwhile = listeners.count;
    controller.abort(reason);
    queue.tryPut(1);
    expect([meanwhile, new Set(await Promise.all(errors)), queue.size, listeners.count]).toEqual([
      1,
      new Set([reason]),
      1,
      0,
    ]);
  });

  test("JS listener count returns to 0 after N ops: ten thousand leave from the end of the line, one by one, and the first is still served", async () => {
    const queue = new Queue<number>({ capacity: 1 });
    const first = queue.get();
    const controllers = Array.from({ length: many }, () => new AbortController());
    const listeners = controllers.map(({ signal }) => countListeners(signal));
    const errors = controllers.map(({ signal }) => errorOf(queue.get({ signal })));
    for (const controller of controllers.toReversed()) controller.abort(new Error("aborted"));
    queue.tryPut(1);
    queue.tryPut(2);
    expect([(await Promise.all(errors)).length, await first, queue.size]).toEqual([many, 1, 1]);
    expect(listeners.filter(({ count }) => count !== 0)).toEqual([]);
  });
});

describe("JS no unhandledRejection with every failing permutation", () => {
  // The runner fails the file for a rejection that nobody handled.
  const outer = new Error("outer");
  const failure = new Error("cleanup failed");

  /** Two items in work when the outer signal aborts: one that stops, and one whose cleanup fails. */
  async function abortWhileProcessing(
    onDeadLetter?: (item: string, error: unknown) => void,
  ): Promise<readonly [error: unknown, rest: readonly string[]]> {
    const queue = new Queue<string>({ capacity: 2 });
    for (const item of ["stops", "fails"]) queue.tryPut(item);
    const controller = new AbortController();
    const error = await clock.run(() => {
      void sleep(10).then(() => controller.abort(outer));
      return errorOf(
        queue.process(
          (item, { signal }) => waitUntilAborted(signal, (reason) => (item === "fails" ? failure : reason)),
          { concurrency: 2, signal: controller.signal, onDeadLetter },
        ),
      );
    });
    return [error, queue.abort()];
  }

  test("JS no unhandledRejection with every failing permutation: a cleanup that fails goes before the outer abort; what was cut short is back", async () => {
    const [error, rest] = await abortWhileProcessing();
    expect([error, rest, suppressedErrors(error)]).toEqual([failure, ["stops"], []]);
  });

  test("JS no unhandledRejection with every failing permutation: with onDeadLetter it goes there, and the outer abort is what is thrown", async () => {
    const letters: unknown[] = [];
    const [error, rest] = await abortWhileProcessing((item, caught) => letters.push([item, caught]));
    expect([error, rest, letters]).toEqual([outer, ["stops"], [["fails", failure]]]);
  });

  test("JS no unhandledRejection with every failing permutation: an item that fails in a group around fails the group once, and the queue has the others", async () => {
    const queue = new Queue<number>({ capacity: 3 });
    for (const item of [1, 2, 3]) queue.tryPut(item);
    const error = await clock.run(() =>
      errorOf(
        taskGroup((group) => {
          group.spawn(({ signal }) =>
            queue.process(
              async (item, { sleep: pause }) => {
                await pause(item === 2 ? 10 : 1000);
                throw failure;
              },
              { concurrency: 3, signal },
            ),
          );
        }),
      ),
    );
    expect(error).toMatchObject({ name: "ErrorGroup", errors: [failure] });
    expect([queue.abort(), clock.now()]).toEqual([[1, 3], 10]);
  });
});
