/** Circuits by key, and circuits that are saved. */
import { type CircuitBreaker, circuitBreaker, type CircuitBreakerOptions, type CircuitSnapshot } from "holdfast";
import { useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();

async function call(breaker: CircuitBreaker, key: string | undefined, isFailure = false): Promise<void> {
  await breaker.run(() => (isFailure ? Promise.reject(new Error("failure")) : 1), { key }).catch(() => {});
}

describe("keys", () => {
  test("opossum#321: each key has a circuit of its own, and calls without a key have one too", async () => {
    const breaker = circuitBreaker({ name: "http", consecutiveFailures: 1, openFor: 100 });
    await call(breaker, "a", true);
    await call(breaker, "b");
    expect([breaker.state, breaker.stateOf("a"), breaker.stateOf("b"), breaker.stateOf("c")]).toEqual([
      "closed",
      "open",
      "closed",
      "closed",
    ]);
    expect([breaker.keys, breaker.statsOf("b"), breaker.statsOf("c")]).toEqual([
      ["a", "b"],
      { calls: 1, failures: 0, slow: 0 },
      { calls: 0, failures: 0, slow: 0 },
    ]);
    expect(await errorOf(breaker.run(() => 1, { key: "a" }))).toMatchObject({
      message: 'circuit breaker "http" for "a" is open; try again in 100 ms',
      circuit: "http",
      key: "a",
    });
    breaker.close({ key: "a" });
    breaker.open({ key: "new" });
    breaker.close({ key: "unknown" });
    expect([breaker.stateOf("a"), breaker.stateOf("new"), breaker.keys]).toEqual(["closed", "open", ["b", "a", "new"]]);
  });

  test("are strings of any kind", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    await call(breaker, "", true);
    await call(breaker, "__proto__", true);
    expect([breaker.keys, breaker.state, breaker.stateOf("")]).toEqual([["", "__proto__"], "closed", "open"]);
    const error = await errorOf(breaker.run(() => 1, { key: 5 as unknown as string }));
    expect(error).toEqual(new TypeError("circuit breaker: key must be a string, got number"));
  });
});

describe("POLICY-1: maxKeys", () => {
  test("bounds what is remembered: the key that was unused longest is forgotten, and starts afresh", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 2, openFor: 100, maxKeys: 2 });
    await call(breaker, "a", true);
    await call(breaker, "b", true);
    await call(breaker, "a");
    await call(breaker, "c");
    expect(breaker.keys).toEqual(["a", "c"]);
    expect(breaker.statsOf("b")).toEqual({ calls: 0, failures: 0, slow: 0 });
    // To look at a key is not to use it.
    breaker.stateOf("a");
    breaker.statsOf("a");
    await call(breaker, "b");
    expect(breaker.keys).toEqual(["c", "b"]);
  });

  test("does not count a refused call as no use", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100, maxKeys: 2 });
    await call(breaker, "a", true);
    await call(breaker, "b");
    await call(breaker, "a");
    await call(breaker, "c");
    expect([breaker.keys, breaker.stateOf("a")]).toEqual([["a", "c"], "open"]);
  });

  test("never forgets a key with calls in flight: there may be more than maxKeys, until they end", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100, maxKeys: 2 });
    const gates = ["a", "b", "c"].map((key) => ({ key, gate: new Gate() }));
    const calls = gates.map(({ key, gate }) => errorOf(breaker.run(() => gate.promise, { key })));
    await call(breaker, "d", true);
    expect([breaker.keys, breaker.stateOf("d")]).toEqual([["a", "b", "c"], "closed"]);
    for (const { gate } of gates.toReversed()) {
      gate.fail(new Error("failure"));
      await gate.promise.catch(() => {});
    }
    await Promise.all(calls);
    expect([breaker.keys, breaker.stateOf("a"), breaker.stateOf("b")]).toEqual([["b", "a"], "open", "open"]);
  });

  test("forgets one as soon as another is in use", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100, maxKeys: 1 });
    await call(breaker, "a", true);
    const gate = new Gate();
    const running = breaker.run(() => gate.promise, { key: "b" });
    expect(breaker.keys).toEqual(["b"]);
    gate.open();
    await running;
  });

  test("two calls of one key at a time hold it until both have ended", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100, maxKeys: 1 });
    const [first, second] = [new Gate(), new Gate()];
    const calls = [breaker.run(() => first.promise, { key: "a" }), breaker.run(() => second.promise, { key: "a" })];
    first.open();
    await calls[0];
    await call(breaker, "b");
    expect(breaker.keys).toEqual(["a"]);
    second.open();
    await calls[1];
    await call(breaker, "b");
    expect(breaker.keys).toEqual(["b"]);
  });
});

/** As another process would read it. */
function throughJson(snapshot: CircuitSnapshot): CircuitSnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as CircuitSnapshot;
}

describe("snapshot and restore", () => {
  const options: CircuitBreakerOptions = { consecutiveFailures: 3, openFor: 100 };

  test("cockatiel#89: carry all states to another process, where the clock says something else", async () => {
    const breaker = circuitBreaker(options);
    await call(breaker, undefined, true);
    await call(breaker, undefined, false);
    breaker.open({ key: "open" });
    breaker.open({ key: "over", openFor: 40 });
    breaker.open({ key: "for good", openFor: Infinity });
    await call(breaker, "failing", true);
    await call(breaker, "failing", true);
    clock.block(40);
    const snapshot = throughJson(breaker.snapshot());
    expect(breaker.snapshot()).toEqual(snapshot);
    expect(snapshot).toEqual({
      circuits: [
        { state: "closed", history: "10" },
        { key: "open", state: "open", retryAfter: 60 },
        { key: "over", state: "half-open" },
        { key: "for good", state: "open", retryAfter: null },
        { key: "failing", state: "closed", history: "11" },
      ],
    });
    clock.block(12_345);
    const restored = circuitBreaker(options);
    restored.restore(snapshot);
    expect(restored.keys.map((key) => [key, restored.stateOf(key)])).toEqual([
      ["open", "open"],
      ["over", "half-open"],
      ["for good", "open"],
      ["failing", "closed"],
    ]);
    expect(throughJson(restored.snapshot())).toEqual(snapshot);
    await call(restored, "failing", true);
    expect(restored.stateOf("failing")).toBe("open");
    clock.block(60);
    expect([restored.stateOf("open"), restored.stateOf("for good")]).toEqual(["half-open", "open"]);
  });

  test("keep the age of what is in a window of time", async () => {
    const timed: CircuitBreakerOptions = { failureRatio: 1, window: { ms: 1000 }, minimumCalls: 9, openFor: 100 };
    const breaker = circuitBreaker(timed);
    await call(breaker, undefined, true);
    clock.block(430);
    await call(breaker, undefined, true);
    await call(breaker, undefined, false);
    clock.block(20);
    const snapshot = throughJson(breaker.snapshot());
    expect(snapshot).toEqual({
      circuits: [
        {
          state: "closed",
          history: [
            [400, 1, 1, 0],
            [0, 2, 1, 0],
          ],
        },
      ],
    });
    clock.block(7777);
    const restored = circuitBreaker(timed);
    restored.restore(snapshot);
    expect(restored.stats).toEqual({ calls: 3, failures: 2, slow: 0 });
    clock.block(650);
    expect(restored.stats).toEqual({ calls: 2, failures: 1, slow: 0 });
    clock.block(350);
    expect(restored.stats).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  test("a window of less time takes what is in it, and what has just come is not older than now", async () => {
    const rules = { failureRatio: 1, minimumCalls: 9, openFor: 100 };
    const breaker = circuitBreaker({ ...rules, window: { ms: 1000 } });
    await call(breaker, undefined, true);
    clock.block(800);
    await call(breaker, undefined, false);
    const smaller = circuitBreaker({ ...rules, window: { ms: 500 } });
    smaller.restore(throughJson(breaker.snapshot()));
    expect(smaller.stats).toEqual({ calls: 1, failures: 0, slow: 0 });
    clock.block(500);
    expect(smaller.stats).toEqual({ calls: 0, failures: 0, slow: 0 });
  });

  test("a window of fewer calls takes the youngest", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 5, openFor: 100 });
    for (const isFailure of [true, true, false, true]) await call(breaker, undefined, isFailure);
    const smaller = circuitBreaker({ consecutiveFailures: 2, openFor: 100 });
    smaller.restore(breaker.snapshot());
    expect(smaller.stats).toEqual({ calls: 2, failures: 1, slow: 0 });
  });

  test("restore replaces all, and what is under way says nothing about it", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    breaker.open();
    breaker.open({ key: "a" });
    const gate = new Gate();
    const running = errorOf(breaker.run(() => gate.promise, { key: "b" }));
    breaker.restore({ circuits: [{ key: "c", state: "open", retryAfter: 5 }] });
    gate.fail(new Error("failure"));
    await running;
    expect([breaker.state, breaker.stateOf("a"), breaker.stateOf("b"), breaker.stateOf("c")]).toEqual([
      "closed",
      "closed",
      "closed",
      "open",
    ]);
  });

  test("restore tells the hook of what changes", () => {
    const events: unknown[] = [];
    const breaker = circuitBreaker({ ...options, onEvent: ({ type, key }) => void events.push([type, key]) });
    breaker.open({ key: "a" });
    const b = { key: "b", state: "open", retryAfter: 5 } as const;
    breaker.restore({ circuits: [b, { state: "closed" }] });
    breaker.restore({ circuits: [b] });
    expect(events).toEqual([
      ["open", "a"],
      ["close", "a"],
      ["open", "b"],
      ["open", "b"],
    ]);
  });

  const refused: readonly [what: string, snapshot: unknown, message: string][] = [
    [
      "an unknown state",
      { circuits: [{ state: "ajar" }] },
      'circuitBreaker: restore: state must be one of "closed", "open", "half-open", got "ajar" (string)',
    ],
    [
      "a time that is none",
      { circuits: [{ state: "open", retryAfter: "soon" }] },
      'circuitBreaker: restore: retryAfter must be a number of milliseconds >= 0 or Infinity, got "soon" (string)',
    ],
    [
      "a key that is no string",
      { circuits: [{ key: 5, state: "closed" }] },
      "circuit breaker: key must be a string, got number",
    ],
    [
      "the history of another kind of window",
      { circuits: [{ state: "closed", history: [[0, 1, 1, 0]] }] },
      "circuit breaker: restore takes a snapshot of a breaker with the same kind of window, got history [[0,1,1,0]]",
    ],
    [
      "a history that is none",
      { circuits: [{ state: "closed", history: "012x" }] },
      'circuit breaker: restore takes a snapshot of a breaker with the same kind of window, got history "012x"',
    ],
  ];
  for (const [what, snapshot, message] of refused)
    test(`R23: restore throws a TypeError for ${what}, and nothing has changed`, () => {
      const breaker = circuitBreaker(options);
      breaker.open();
      const first = { key: "first", state: "open" };
      const bad = { circuits: [first, ...(snapshot as { circuits: unknown[] }).circuits] } as CircuitSnapshot;
      expect(() => breaker.restore(bad)).toThrow(new TypeError(message));
      expect([breaker.state, breaker.keys]).toEqual(["open", []]);
    });

  test("R23: a window of time refuses the history of a window of calls", () => {
    const breaker = circuitBreaker({ failureRatio: 0.5, openFor: 100 });
    for (const history of ["11", [[0, 1, 1]], [[0, 1, -1, 0]], [5]] as unknown as string[])
      expect(() => breaker.restore({ circuits: [{ state: "closed", history }] })).toThrow(
        `restore takes a snapshot of a breaker with the same kind of window, got history ${JSON.stringify(history)}`,
      );
  });
});
