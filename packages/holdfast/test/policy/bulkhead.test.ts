/** So many at a time, so many that wait, and who is refused. */
import {
  bulkhead,
  type BulkheadEvent,
  BulkheadFullError,
  type BulkheadOptions,
  isRetryable,
  onLateError,
  retry,
  timeout,
} from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** Calls that end when the test says so, and which of them have been started. */
class Calls {
  readonly started: number[] = [];
  readonly gates: Gate<string>[] = [];

  run(index: number): Promise<string> {
    this.started.push(index);
    return this.gate(index).promise;
  }

  gate(index: number): Gate<string> {
    return (this.gates[index] ??= new Gate());
  }
}

test("BULKHEAD-1: at most concurrency run and maxQueue wait, started in the order in which they came; further ones are refused", async () => {
  const policy = bulkhead({ name: "db", concurrency: 2, maxQueue: 2 });
  const calls = new Calls();
  const promises = [0, 1, 2, 3].map((index) => policy.run(() => calls.run(index)));
  expect([policy.running, policy.waiting, calls.started]).toEqual([2, 2, [0, 1]]);
  let count = 0;
  const error = await errorOf(policy.run(() => void count++));
  expect(error).toBeInstanceOf(BulkheadFullError);
  const { name, message, code, bulkhead: which, key, concurrency, maxQueue } = error as BulkheadFullError;
  expect({ name, message, code, which, key, concurrency, maxQueue, count }).toEqual({
    name: "BulkheadFullError",
    message:
      'bulkhead "db" is full: 2 running, the most that concurrency allows, and 2 waiting, the most that maxQueue allows; try again later, or call elsewhere',
    code: "ERR_BULKHEAD_FULL",
    which: "db",
    key: undefined,
    concurrency: 2,
    maxQueue: 2,
    count: 0,
  });
  calls.gate(1).open("one");
  expect(await promises[1]).toBe("one");
  expect([policy.running, policy.waiting, calls.started]).toEqual([2, 1, [0, 1, 2]]);
  calls.gate(0).fail(new Error("zero"));
  expect(await errorOf(promises[0] ?? turn())).toEqual(new Error("zero"));
  expect([policy.running, policy.waiting, calls.started]).toEqual([2, 0, [0, 1, 2, 3]]);
  for (const index of [2, 3]) calls.gate(index).open("done");
  await Promise.all(promises.slice(2));
  expect([policy.running, policy.waiting]).toEqual([0, 0]);
});

test("by default nobody waits, and a refusal is not retried", async () => {
  const policy = bulkhead({ concurrency: 1 });
  const gate = new Gate();
  const running = policy.run(() => gate.promise);
  const error = await errorOf(retry(() => policy.run(() => 1)));
  expect((error as Error).message).toBe(
    "bulkhead is full: 1 running, the most that concurrency allows, and 0 waiting, the most that maxQueue allows; try again later, or call elsewhere",
  );
  expect(isRetryable(error)).toBe(false);
  gate.open();
  await running;
  expect(await policy.run(() => 1)).toBe(1);
});

test("without a limit, it counts what runs", async () => {
  const policy = bulkhead({ concurrency: Infinity, name: "all" });
  const gate = new Gate();
  const running = [1, 2, 3].map(() => policy.run(() => gate.promise));
  expect([policy.name, policy.running, policy.waiting]).toEqual(["all", 3, 0]);
  gate.open();
  await Promise.all(running);
  expect(policy.running).toBe(0);
});

test("a function that throws at once frees its place", async () => {
  const policy = bulkhead({ concurrency: 1 });
  const error = new Error("at once");
  const thrown = await errorOf(
    policy.run(() => {
      throw error;
    }),
  );
  expect([thrown === error, policy.running, await policy.run(() => 1)]).toEqual([true, 0, 1]);
});

describe("a call that is cancelled", () => {
  test("while it waits, rejects at once with the signal's reason, is not called, and frees its place in the queue", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const calls = new Calls();
    const controller = new AbortController();
    const first = policy.run(() => calls.run(0));
    const second = policy.run(() => calls.run(1), { signal: controller.signal });
    const reason = new Error("stop");
    controller.abort(reason);
    expect([policy.running, policy.waiting, await errorOf(second)]).toEqual([1, 0, reason]);
    const third = policy.run(() => calls.run(2));
    calls.gate(0).open("");
    calls.gate(2).open("");
    await Promise.all([first, third]);
    expect(calls.started).toEqual([0, 2]);
  });

  for (const microtasks of [0, 1, 2, 3, 4, 5, 6])
    test(`${microtasks} microtasks after a place was freed for it, leaves the place to the next`, async () => {
      const policy = bulkhead({ concurrency: 1, maxQueue: 2 });
      const calls = new Calls();
      const controller = new AbortController();
      const first = policy.run(() => calls.run(0));
      const second = errorOf(
        policy.run(({ signal }) => (calls.started.push(1), waitUntilAborted(signal)), { signal: controller.signal }),
      );
      const third = policy.run(() => calls.run(2));
      calls.gate(0).open("");
      for (let count = 0; count < microtasks; count++) await Promise.resolve();
      const before = [...calls.started];
      controller.abort();
      expect(await second).toBe(controller.signal.reason);
      calls.gate(2).open("third");
      expect([await first, await third, policy.running, policy.waiting]).toEqual(["", "third", 0, 0]);
      expect(calls.started).toEqual([...before, 2]);
    });

  test("BULKHEAD-2: and runs, keeps its place until its function has settled (cockatiel#114)", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const calls = new Calls();
    const controller = new AbortController();
    const deaf = policy.run(() => calls.run(0), { signal: controller.signal });
    const next = policy.run(() => calls.run(1));
    controller.abort();
    await turn();
    expect([policy.running, policy.waiting, calls.started]).toEqual([1, 1, [0]]);
    calls.gate(0).open("too late");
    expect(await deaf).toBe("too late");
    calls.gate(1).open("next");
    expect([await next, calls.started]).toEqual(["next", [0, 1]]);
  });

  test("has its own signal: an abort touches no other call (opossum#780)", async () => {
    const policy = bulkhead({ concurrency: 2 });
    const controllers = [new AbortController(), new AbortController()];
    const seen: AbortSignal[] = [];
    const calls = controllers.map(({ signal: own }) =>
      errorOf(
        policy.run(
          ({ signal }) => {
            seen.push(signal);
            return waitUntilAborted(signal);
          },
          { signal: own },
        ),
      ),
    );
    controllers[0]?.abort();
    await calls[0];
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, false]);
    controllers[1]?.abort();
    await Promise.all(calls);
  });

  test("by its deadline, while it waits, ends with that", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const gate = new Gate();
    const running = policy.run(() => gate.promise);
    const late = clock.run(() => errorOf(timeout(50, ({ signal }) => policy.run(() => 1, { signal }))));
    expect(((await late) as Error).name).toBe("TimeoutError");
    expect([clock.now(), policy.waiting]).toEqual([50, 0]);
    gate.open();
    await running;
  });

  test("R7: before it came, is neither called nor refused", async () => {
    const policy = bulkhead({ concurrency: 1 });
    const gate = new Gate();
    const running = policy.run(() => gate.promise);
    const reason = new Error("stop");
    expect(await errorOf(policy.run(() => 1, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    gate.open();
    await running;
  });
});

test("a call inside a call of the same bulkhead that would wait for itself is told so", async () => {
  const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
  const error = await errorOf(
    policy.run(({ signal }) => policy.run(() => 1, { signal, name: "inner" }), { name: "outer" }),
  );
  expect((error as { code?: unknown }).code).toBe("ERR_ACQUIRE_DEADLOCK");
  expect([policy.running, policy.waiting]).toEqual([0, 0]);
});

describe("keys", () => {
  test("have places of their own; running and waiting are of all together", async () => {
    const policy = bulkhead({ concurrency: 1, maxQueue: 1 });
    const calls = new Calls();
    const keys = ["a", "a", "b", undefined];
    const promises = keys.map((key, index) => policy.run(() => calls.run(index), { key }));
    expect(calls.started).toEqual([0, 2, 3]);
    expect([policy.running, policy.waiting, policy.statsOf("a"), policy.statsOf("c")]).toEqual([
      3,
      1,
      { running: 1, waiting: 1 },
      { running: 0, waiting: 0 },
    ]);
    const error = await errorOf(policy.run(() => 1, { key: "a" }));
    expect((error as Error).message).toMatch(/^bulkhead for "a" is full: /u);
    for (const index of keys.keys()) calls.gate(index).open("");
    await Promise.all(promises);
    expect([policy.running, policy.waiting]).toEqual([0, 0]);
  });

  test("keep their places while they are forgotten: one in use never is", async () => {
    const policy = bulkhead({ concurrency: 1, maxKeys: 1 });
    const gate = new Gate();
    const running = policy.run(() => gate.promise, { key: "a" });
    for (const key of ["b", "c"]) await policy.run(() => 1, { key });
    expect(await errorOf(policy.run(() => 1, { key: "a" }))).toBeInstanceOf(BulkheadFullError);
    expect(policy.keys).toEqual(["a"]);
    gate.open();
    await running;
    expect([await policy.run(() => 1, { key: "a" }), policy.keys]).toEqual([1, ["a"]]);
    await policy.run(() => 1, { key: "b" });
    expect(policy.keys).toEqual(["b"]);
  });
});

describe("onEvent", () => {
  test("is told of each call that has to wait, and of each that is refused", async () => {
    const events: BulkheadEvent[] = [];
    const policy = bulkhead({ name: "db", concurrency: 1, maxQueue: 1, onEvent: (event) => void events.push(event) });
    const gate = new Gate();
    const running = [policy.run(() => gate.promise, { key: "a" })];
    clock.block(7);
    running.push(policy.run(() => gate.promise, { key: "a" }));
    const error = await errorOf(policy.run(() => 1, { key: "a" }));
    gate.open();
    await Promise.all(running);
    const about = { policy: "db", key: "a", at: 7 };
    expect(events).toEqual([
      { ...about, type: "queue" },
      { ...about, type: "reject", error },
    ]);
  });

  test("R17: a hook that throws is reported once, and changes nothing", async () => {
    const reported: unknown[] = [];
    using _listener = onLateError((error, { task }) => void reported.push([error, task]));
    const policy = bulkhead({
      concurrency: 1,
      onEvent: () => {
        throw new Error("hook");
      },
    });
    const gate = new Gate();
    const running = policy.run(() => gate.promise);
    expect(await errorOf(policy.run(() => 1))).toBeInstanceOf(BulkheadFullError);
    gate.open();
    await running;
    await turn();
    expect(reported).toEqual([[new Error("hook"), "bulkhead: onEvent"]]);
  });
});

test("wrap keeps the name, this and the types, and reads the key from the arguments", async () => {
  const policy = bulkhead({ concurrency: 1 });
  const gate = new Gate();
  const client = {
    base: 1,
    get: policy.wrap(
      async function get(this: { base: number }, host: string, wait: Promise<void>) {
        await wait;
        return `${this.base}${host}`;
      },
      { key: (host) => host },
    ),
  };
  const calls = [client.get("a", gate.promise), client.get("b", gate.promise)];
  expect([client.get.name, policy.statsOf("a").running, policy.running]).toEqual(["get", 1, 2]);
  gate.open();
  expect(await Promise.all(calls)).toEqual(["1a", "1b"]);
});

describe("R23: bulkhead throws", () => {
  const mistakes: readonly [options: Record<string, unknown>, error: Error][] = [
    [{ concurrency: 0 }, new RangeError("bulkhead: concurrency must be an integer >= 1 or Infinity, got 0 (number)")],
    [{}, new TypeError("bulkhead: concurrency must be an integer >= 1 or Infinity, got undefined")],
    [
      { concurrency: 1, maxQueue: -1 },
      new RangeError("bulkhead: maxQueue must be an integer >= 0 or Infinity, got -1 (number)"),
    ],
    [
      { concurrency: 1, maxKeys: 0.5 },
      new RangeError("bulkhead: maxKeys must be an integer >= 1 or Infinity, got 0.5 (number)"),
    ],
    [{ concurrency: 1, onEvent: 5 }, new TypeError("bulkhead: onEvent takes a function, got 5 (number)")],
  ];
  for (const [options, error] of mistakes)
    test(error.message, () => {
      expect(() => bulkhead(options as unknown as BulkheadOptions)).toThrow(error);
    });

  test("and run rejects for what is no function", async () => {
    const policy = bulkhead({ concurrency: 1 });
    expect(await errorOf(policy.run("text" as unknown as () => void))).toEqual(
      new TypeError('bulkhead: run takes a function, got "text" (string)'),
    );
    expect(policy.running).toBe(0);
  });
});
