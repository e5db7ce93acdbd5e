/** How much goes through, who waits, and who is refused. */
import {
  isRetryable,
  onLateError,
  rateLimit,
  RateLimitedError,
  type RateLimitEvent,
  type RateLimitOptions,
  retryAfter,
  sleep,
  timeout,
} from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate, waitUntilAborted } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

/** Makes so many calls at once, and says when each of them was let through. */
function timesOf(options: RateLimitOptions, weights: readonly number[]): Promise<number[]> {
  const limit = rateLimit({ maxQueue: Infinity, ...options });
  return clock.run(() => Promise.all(weights.map((weight) => limit.run(() => clock.now(), { weight }))));
}

describe("a token bucket", () => {
  test("lets the burst through at once, then one as often as the limit is in the interval", async () => {
    expect(await timesOf({ limit: 2, interval: 100 }, [1, 1, 1, 1, 1])).toEqual([0, 0, 50, 100, 150]);
    expect(await timesOf({ limit: 4, interval: 100, burst: 1 }, [1, 1, 1])).toEqual([0, 25, 50].map((at) => at + 150));
  });

  test("saves up to the burst, not more", async () => {
    const limit = rateLimit({ limit: 10, interval: 1000, burst: 3 });
    expect([limit.available, limit.tryAcquire(2), limit.available]).toEqual([3, true, 1]);
    clock.block(99);
    expect(limit.available).toBe(1);
    clock.block(1);
    expect(limit.available).toBe(2);
    clock.block(1e6);
    expect([limit.available, limit.tryAcquire(3), limit.tryAcquire()]).toEqual([3, true, false]);
  });

  test("has no rounding error over a long time: a third of a second is three in a second", () => {
    const limit = rateLimit({ limit: 3, interval: 1000, burst: 1 });
    const taken: number[] = [];
    for (let at = 0; at < 3_000_000; at += 100) {
      if (limit.tryAcquire()) taken.push(at);
      clock.block(100);
    }
    // Every 400 ms: the first of the hundreds in which a third of a second has passed.
    expect(taken.length).toBe(7500);
  });
});

describe("a sliding window", () => {
  const options: RateLimitOptions = { limit: 2, interval: 100, algorithm: "sliding-window" };

  test("lets through what no stretch of an interval's length has seen", async () => {
    expect(await timesOf(options, [1, 1, 1, 1, 1])).toEqual([0, 0, 100, 100, 200]);
  });

  test("bottleneck#100: is the same wherever the stretch begins; a fixed window would let two through at 99 and two at 100", () => {
    const limit = rateLimit(options);
    const taken: number[] = [];
    for (const at of [98, 99, 100, 101, 197, 198, 199, 200]) {
      clock.block(at - clock.now());
      if (limit.tryAcquire()) taken.push(at);
    }
    expect(taken).toEqual([98, 99, 198, 199]);
  });

  test("says how much is free", () => {
    const limit = rateLimit({ ...options, limit: 5 });
    const seen = [limit.available];
    for (const [weight, pause] of [
      [2, 10],
      [3, 90],
      [1, 10],
      [4, 0],
    ] as const) {
      expect(limit.tryAcquire(weight)).toBe(true);
      seen.push(limit.available);
      clock.block(pause);
      seen.push(limit.available);
    }
    expect(seen).toEqual([5, 3, 3, 0, 2, 1, 4, 0, 0]);
  });
});

describe("RATE-3: calls go through in the order in which they came", () => {
  for (const algorithm of ["token-bucket", "sliding-window"] as const)
    test(`a light one does not overtake a heavy one, with a ${algorithm}`, async () => {
      const limit = rateLimit({ limit: 4, interval: 100, algorithm, maxQueue: 9 });
      const log: string[] = [];
      const call = (weight: number): Promise<void> =>
        limit.run(() => void log.push(`${weight} at ${clock.now()}`), { weight });
      const calls = [call(2), call(4), call(1), call(3)];
      expect([limit.tryAcquire(), limit.available, limit.waiting]).toEqual([false, 2, 3]);
      await clock.run(() => Promise.all(calls));
      expect(log).toEqual(
        algorithm === "token-bucket"
          ? ["2 at 0", "4 at 50", "1 at 75", "3 at 150"]
          : ["2 at 0", "4 at 100", "1 at 200", "3 at 200"],
      );
    });
});

describe("a call that has to wait", () => {
  test("is refused when nobody may wait, which is the default; the error says when to come back", async () => {
    const limit = rateLimit({ name: "search", limit: 1, interval: 100 });
    await limit.run(() => 1);
    clock.block(30);
    let calls = 0;
    const error = await errorOf(limit.run(() => void calls++, { key: undefined }));
    expect(error).toBeInstanceOf(RateLimitedError);
    const {
      name,
      message,
      code,
      rateLimit: which,
      key,
      limit: most,
      interval,
      retryAfter: wait,
    } = error as RateLimitedError;
    expect({ name, message, code, which, key, most, interval, wait, calls }).toEqual({
      name: "RateLimitedError",
      message: 'rate limit "search" of 1 in 100 ms is used up; try again in 70 ms',
      code: "ERR_RATE_LIMITED",
      which: "search",
      key: undefined,
      most: 1,
      interval: 100,
      wait: 70,
      calls: 0,
    });
    expect([isRetryable(error), retryAfter(error)]).toEqual([false, 70]);
  });

  for (const [algorithm, wait] of [
    ["token-bucket", 150],
    ["sliding-window", 200],
  ] as const)
    test(`is refused when the queue is full, and told when its turn would have been, with a ${algorithm}`, async () => {
      const limit = rateLimit({ limit: 2, interval: 100, algorithm, maxQueue: 2 });
      // The second time, because nothing of those who waited before may be left.
      for (let count = 0; count < 2; count++) {
        const calls = [1, 2, 3, 4].map(() => limit.run(() => 1));
        const error = await errorOf(limit.run(() => 1));
        expect([(error as RateLimitedError).retryAfter, (error as Error).message]).toEqual([
          wait,
          `rate limit of 2 in 100 ms is used up, and its queue of 2 is full; try again in ${wait} ms`,
        ]);
        await clock.run(() => Promise.all(calls));
        clock.block(100);
      }
    });

  test("is told of the earliest time, where those before it want more than was used", async () => {
    const limit = rateLimit({ limit: 4, interval: 100, algorithm: "sliding-window", maxQueue: 2 });
    const calls = [1, 4, 3].map((weight) => limit.run(() => clock.now(), { weight }));
    clock.block(30);
    expect(await errorOf(limit.run(() => 1, { weight: 3 }))).toMatchObject({ retryAfter: 200 });
    expect(await clock.run(() => Promise.all(calls))).toEqual([0, 100, 200]);
  });

  test("is refused at once when its deadline comes before its turn", async () => {
    const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 9 });
    await limit.run(() => 1);
    const call = (ms: number): Promise<unknown> =>
      timeout(ms, ({ signal }) => limit.run(() => clock.now(), { signal }));
    const error = await errorOf(call(99));
    expect([clock.now(), (error as Error).message]).toEqual([
      0,
      "rate limit of 1 in 100 ms is used up, and the caller has no time to wait; try again in 100 ms",
    ]);
    expect(await clock.run(() => call(101))).toBe(100);
  });

  test("RATE-5: has the only timer, with those behind it; nobody waits, no timer", async () => {
    const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 9 });
    await limit.run(() => 1);
    expect(clock.made).toBe(0);
    const calls = [1, 2, 3].map(() => limit.run(() => 1));
    await turn();
    expect(clock.pending).toBe(1);
    await clock.run(() => Promise.all(calls));
    expect(clock.pending).toBe(0);
  });
});

describe("RATE-4: a call that is cancelled while it waits", () => {
  test("rejects at once with the signal's reason, is not called, and uses nothing", async () => {
    const limit = rateLimit({ limit: 4, interval: 100, maxQueue: 2 });
    expect(limit.tryAcquire(4)).toBe(true);
    const controller = new AbortController();
    const log: string[] = [];
    const heavy = limit.run(() => void log.push("heavy"), { weight: 4, signal: controller.signal });
    const light = limit.run(() => void log.push(`light at ${clock.now()}`));
    await clock.advanceBy(25);
    expect(log).toEqual([]);
    const reason = new Error("stop");
    controller.abort(reason);
    expect(await errorOf(heavy)).toBe(reason);
    await light;
    expect([log, limit.waiting, limit.available, clock.pending]).toEqual([["light at 25"], 0, 0, 0]);
  });

  for (const position of ["first", "second"] as const)
    test(`as the ${position} in line, has left its place when abort() returns`, async () => {
      const limit = rateLimit({ limit: 2, interval: 100, maxQueue: 2 });
      expect(limit.tryAcquire(2)).toBe(true);
      const controllers = { first: new AbortController(), second: new AbortController() };
      const calls = Object.values(controllers).map(({ signal }) =>
        limit.run(() => clock.now(), { signal, weight: 2 }).catch((error: unknown) => error === signal.reason),
      );
      await turn();
      controllers[position].abort();
      expect(limit.waiting).toBe(1);
      const late = limit.run(() => clock.now());
      expect(limit.waiting).toBe(2);
      const times = await clock.run(() => Promise.all([...calls, late]));
      expect(times).toEqual(position === "first" ? [true, 100, 150] : [100, true, 150]);
    });

  test("behind others leaves the queue at once", async () => {
    const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 2 });
    expect(limit.tryAcquire()).toBe(true);
    const controller = new AbortController();
    const first = limit.run(() => clock.now());
    const second = limit.run(() => clock.now(), { signal: controller.signal });
    controller.abort();
    expect([limit.waiting, await errorOf(second)]).toEqual([1, controller.signal.reason]);
    const third = limit.run(() => clock.now());
    expect(await clock.run(() => Promise.all([first, third]))).toEqual([100, 200]);
  });

  for (const order of ["before", "after"] as const)
    for (const microtasks of [0, 1, 2, 3, 4, 5, 6])
      test(`in the turn in which its time comes, ${microtasks} microtasks ${order} that, is called or has used nothing`, async () => {
        const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 2 });
        expect(limit.tryAcquire()).toBe(true);
        const controller = new AbortController();
        const called: string[] = [];
        // Timers of one duration expire in one turn, in the order in which they were started.
        const stop = async (): Promise<void> => {
          await sleep(100);
          for (let count = 0; count < microtasks; count++) await Promise.resolve();
          controller.abort();
        };
        const stopping = order === "before" ? stop() : undefined;
        const first = limit.run(() => void called.push("first"), { signal: controller.signal }).catch(() => {});
        const second = limit.run(() => void called.push(`second at ${clock.now()}`));
        await turn();
        await clock.run(() => Promise.all([first, second, stopping ?? stop()]));
        const isCalled = order === "after" || microtasks > 0;
        expect(called).toEqual(isCalled ? ["first", "second at 200"] : ["second at 100"]);
      });

  test("and that nobody awaits, is no unhandled rejection, when it was acquire", async () => {
    const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 1 });
    expect(limit.tryAcquire()).toBe(true);
    const controller = new AbortController();
    void limit.acquire({ signal: controller.signal });
    void limit.acquire({ signal: AbortSignal.abort() });
    controller.abort();
    // The runner fails a test that leaves an unhandled rejection.
    await turn();
    expect(limit.waiting).toBe(0);
  });

  test("opossum#780: touches no other call", async () => {
    const limit = rateLimit({ limit: 2, interval: 100 });
    const controller = new AbortController();
    const gate = new Gate();
    const stopped = limit.run(({ signal }) => waitUntilAborted(signal), { signal: controller.signal });
    const other = limit.run(({ signal }) => gate.promise.then(() => signal.aborted));
    controller.abort();
    expect(await errorOf(stopped)).toBe(controller.signal.reason);
    gate.open();
    expect(await other).toBe(false);
  });

  test("R7: before it came, is neither called nor refused, and uses nothing", async () => {
    const limit = rateLimit({ limit: 1, interval: 100 });
    const reason = new Error("stop");
    const signal = AbortSignal.abort(reason);
    expect([await errorOf(limit.run(() => 1, { signal })), await errorOf(limit.acquire({ signal }))]).toEqual([
      reason,
      reason,
    ]);
    expect(limit.available).toBe(1);
  });
});

test("acquire waits its turn in the same line as run, and uses its weight", async () => {
  const limit = rateLimit({ limit: 2, interval: 100, maxQueue: 3 });
  const log: string[] = [];
  const note = (what: string): void => void log.push(`${what} at ${clock.now()}`);
  await limit.acquire({ weight: 2 });
  const calls = [
    limit.acquire({ weight: 2 }).then(() => note("acquire")),
    limit.run(() => note("run")),
    limit.acquire({ key: "b" }).then(() => note("b")),
  ];
  await clock.run(() => Promise.all(calls));
  expect(log).toEqual(["b at 0", "acquire at 100", "run at 150"]);
  expect(limit.tryAcquire()).toBe(false);
  expect(((await errorOf(rateLimit({ limit: 1, interval: 9 }).acquire({ weight: 2 }))) as Error).message).toBe(
    "rateLimit: weight must be at most 1, the limit, got 2; it would wait for ever",
  );
});

test("a call that fails has used what it used, and its error is its own", async () => {
  const limit = rateLimit({ limit: 1, interval: 100 });
  const failure = new Error("failure");
  expect(await errorOf(limit.run(() => Promise.reject(failure)))).toBe(failure);
  expect(limit.available).toBe(0);
});

describe("keys", () => {
  test("have limits of their own; waiting is of all together", async () => {
    const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 1 });
    const calls = ["a", "a", "b", "b", undefined].map((key) => limit.run(() => clock.now(), { key }));
    expect([limit.waiting, limit.available, limit.availableOf("a"), limit.availableOf("c")]).toEqual([2, 0, 0, 1]);
    expect([limit.tryAcquire(1, "a"), limit.tryAcquire(1, "c")]).toEqual([false, true]);
    const error = await errorOf(limit.run(() => 1, { key: "a" }));
    expect(error).toMatchObject({
      key: "a",
      message: 'rate limit for "a" of 1 in 100 ms is used up, and its queue of 1 is full; try again in 200 ms',
    });
    expect(await clock.run(() => Promise.all(calls))).toEqual([0, 100, 0, 100, 0]);
  });

  test("one that somebody waits for is not forgotten", async () => {
    const limit = rateLimit({ limit: 1, interval: 100, maxQueue: 1, maxKeys: 1 });
    const calls = ["a", "a"].map((key) => limit.run(() => clock.now(), { key }));
    for (const key of ["b", "c"]) await limit.run(() => 1, { key });
    expect([limit.keys, limit.availableOf("a")]).toEqual([["a"], 0]);
    expect(await clock.run(() => Promise.all(calls))).toEqual([0, 100]);
    await limit.run(() => 1, { key: "b" });
    expect(limit.keys).toEqual(["b"]);
  });
});

describe("onEvent", () => {
  test("is told of each call that has to wait, for how long, and of each that is refused", async () => {
    const events: RateLimitEvent[] = [];
    const limit = rateLimit({
      name: "api",
      limit: 1,
      interval: 100,
      maxQueue: 2,
      onEvent: (event) => void events.push(event),
    });
    clock.block(3);
    const calls = [1, 2, 3].map(() => limit.run(() => 1, { key: "a" }));
    const error = await errorOf(limit.run(() => 1, { key: "a" }));
    await clock.run(() => Promise.all(calls));
    const about = { policy: "api", key: "a", at: 3 };
    expect(events).toEqual([
      { ...about, type: "queue", wait: 100 },
      { ...about, type: "queue", wait: 200 },
      { ...about, type: "reject", error },
    ]);
  });

  test("R17: a hook that throws is reported once, and changes nothing", async () => {
    const reported: unknown[] = [];
    using _listener = onLateError((error, { task }) => void reported.push([error, task]));
    const limit = rateLimit({
      limit: 1,
      interval: 100,
      maxQueue: 1,
      onEvent: () => {
        throw new Error("hook");
      },
    });
    const calls = [1, 2].map(() => limit.run(() => clock.now()));
    expect(await clock.run(() => Promise.all(calls))).toEqual([0, 100]);
    expect(reported).toEqual([[new Error("hook"), "rate limit: onEvent"]]);
  });
});

test("wrap reads key and weight from the arguments, and keeps name, this and types", async () => {
  const limit = rateLimit({ limit: 3, interval: 100 });
  const send = limit.wrap(
    async function sendParts(this: number, host: string, ...parts: string[]) {
      return `${this} ${host} ${parts.length}`;
    },
    { key: (host) => host, weight: (_, ...parts) => parts.length },
  );
  expect([send.name, await send.call(7, "a", "x", "y"), limit.availableOf("a"), limit.available]).toEqual([
    "sendParts",
    "7 a 2",
    1,
    3,
  ]);
});
