/** When a circuit opens, what it refuses, and what it tells. */
import {
  batch,
  type CircuitBreaker,
  circuitBreaker,
  type CircuitEvent,
  CircuitOpenError,
  isRetryable,
  onLateError,
  retry,
  retryAfter,
} from "holdfast";
import { turn, useFakeClock } from "../clock/fake-clock.ts";
import { errorOf, Gate } from "../core/outcome.ts";
import { describe, expect, test } from "../harness.ts";

const clock = useFakeClock();
const failure = new Error("failure");
const fail = (): Promise<never> => Promise.reject(failure);

/** Lets so many calls fail. */
async function failTimes(breaker: CircuitBreaker, times: number): Promise<void> {
  for (let count = 0; count < times; count++) expect(await errorOf(breaker.run(fail))).toBe(failure);
}

describe("a closed circuit", () => {
  test("gives what the function returns, and throws what it throws, the same object", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 3, openFor: 100 });
    expect(breaker.name).toBe("circuit breaker");
    expect(await breaker.run(async () => "value")).toBe("value");
    expect(await breaker.run(() => 1)).toBe(1);
    expect(await errorOf(breaker.run(fail))).toBe(failure);
    const thrown = await errorOf(
      breaker.run(() => {
        throw failure;
      }),
    );
    expect(thrown).toBe(failure);
    expect(await errorOf(breaker.run(() => Promise.reject(undefined)))).toBe(undefined);
    expect(breaker.state).toBe("open");
  });

  test("opens after consecutiveFailures failures, and a success between them begins the count anew", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 3, openFor: 100 });
    await failTimes(breaker, 2);
    await breaker.run(() => 1);
    await failTimes(breaker, 2);
    expect(breaker.state).toBe("closed");
    await failTimes(breaker, 1);
    expect(breaker.state).toBe("open");
  });

  test("opens in the turn in which the call that was too much has failed", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const state = await breaker.run(fail).catch(() => breaker.state);
    expect(state).toBe("open");
  });
});

describe("an open circuit", () => {
  test("BREAKER-1: calls nothing until its time is over, and says when that is", async () => {
    const breaker = circuitBreaker({ name: "payments", consecutiveFailures: 1, openFor: 100 });
    await failTimes(breaker, 1);
    clock.block(40);
    let calls = 0;
    const error = await errorOf(breaker.run(() => void calls++));
    expect(calls).toBe(0);
    expect(error).toBeInstanceOf(CircuitOpenError);
    const { name, message, code, circuit, key, retryAfter: wait } = error as CircuitOpenError;
    expect({ name, message, code, circuit, key, retryAfter: wait }).toEqual({
      name: "CircuitOpenError",
      message: 'circuit breaker "payments" is open; try again in 60 ms',
      code: "ERR_CIRCUIT_OPEN",
      circuit: "payments",
      key: undefined,
      retryAfter: 60,
    });
    expect(breaker.openUntil).toBe(100);
    clock.block(59.5);
    await errorOf(breaker.run(() => void calls++));
    expect(calls).toBe(0);
    clock.block(0.5);
    await breaker.run(() => void calls++);
    expect(calls).toBe(1);
  });

  test("is half-open when its time is over, whoever looks, without a timer (opossum#809, opossum#719)", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    await failTimes(breaker, 1);
    expect([breaker.state, breaker.openUntil]).toEqual(["open", 100]);
    clock.block(100);
    expect([breaker.state, breaker.openUntil]).toEqual(["half-open", undefined]);
    expect(clock.made).toBe(0);
  });

  test("is not retried by default, and tells retry when to come back", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    await failTimes(breaker, 1);
    const error = await errorOf(retry(() => breaker.run(() => 1)));
    expect([isRetryable(error), retryAfter(error)]).toEqual([false, 100]);
    const value = clock.run(() =>
      retry(() => breaker.run(() => 1), {
        shouldRetry: () => true,
        delay: ({ error: refusal }) => retryAfter(refusal),
      }),
    );
    expect(await value).toBe(1);
  });

  test("ends a batch's item without a second attempt", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const report = await clock.run(() =>
      batch([1, 2], () => breaker.run(fail), { concurrency: 1, retry: { retries: 2, baseDelay: 0 } }),
    );
    expect(report.results.map(({ attempts }) => attempts.map(({ error }) => (error as Error).name))).toEqual([
      ["Error", "CircuitOpenError"],
      ["CircuitOpenError"],
    ]);
  });

  test("drops what comes from before it opened: failures do not keep it open, a success does not close it", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const [slow, late] = [new Gate(), new Gate()];
    const before = [breaker.run(() => slow.promise), breaker.run(() => late.promise)];
    await failTimes(breaker, 1);
    slow.open();
    await before[0];
    expect(breaker.state).toBe("open");
    clock.block(50);
    late.fail(failure);
    await errorOf(Promise.all(before));
    expect(breaker.openUntil).toBe(100);
  });
});

test("BREAKER-2: what ends after a change of state says nothing about the new state", async () => {
  const breaker = circuitBreaker({ consecutiveFailures: 2, openFor: 100 });
  const late = [new Gate(), new Gate(), new Gate()];
  const calls = late.map((gate) => breaker.run(() => gate.promise).catch(() => {}));
  await failTimes(breaker, 2);
  clock.block(100);
  await breaker.run(() => 1);
  expect(breaker.state).toBe("closed");
  for (const gate of late) gate.fail(failure);
  await Promise.all(calls);
  expect([breaker.state, breaker.stats]).toEqual(["closed", { calls: 0, failures: 0, slow: 0 }]);
});

describe("what is a failure", () => {
  test("is up to isFailure: what it says no to counts as a success", async () => {
    const seen: unknown[] = [];
    const breaker = circuitBreaker({
      consecutiveFailures: 2,
      openFor: 100,
      isFailure: (error) => (seen.push(error), error === failure),
    });
    await failTimes(breaker, 1);
    expect(await errorOf(breaker.run(() => Promise.reject(new Error("not found"))))).toEqual(new Error("not found"));
    await failTimes(breaker, 1);
    expect([breaker.state, seen]).toEqual(["closed", [failure, new Error("not found"), failure]]);
    await failTimes(breaker, 1);
    expect(breaker.state).toBe("open");
  });

  test("can be a value, which the caller gets all the same", async () => {
    const breaker = circuitBreaker({
      consecutiveFailures: 2,
      openFor: 100,
      isFailureResult: (value) => value === 503,
    });
    expect([await breaker.run(() => 503), breaker.state]).toEqual([503, "closed"]);
    expect([await breaker.run(() => 503), breaker.state]).toEqual([503, "open"]);
  });

  test("R17: is what a judge throws on; that is reported once, and the caller gets what the function gave", async () => {
    const reported: unknown[] = [];
    using _listener = onLateError((error, { task }) => void reported.push([error, task]));
    const judge = (): never => {
      throw new Error("judge");
    };
    const breaker = circuitBreaker({ consecutiveFailures: 2, openFor: 9, isFailure: judge, isFailureResult: judge });
    expect(await errorOf(breaker.run(fail))).toBe(failure);
    expect(await breaker.run(() => 1)).toBe(1);
    expect(breaker.state).toBe("open");
    expect(reported).toEqual([
      [new Error("judge"), "circuit breaker: judge"],
      [new Error("judge"), "circuit breaker: judge"],
    ]);
  });

  test("is an AbortError while nobody has aborted: people time out by one", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const error = Object.assign(new Error("timed out"), { name: "AbortError" });
    expect(await errorOf(breaker.run(() => Promise.reject(error)))).toBe(error);
    expect(breaker.state).toBe("open");
  });
});

describe("by hand", () => {
  test("a circuit opens for its time, for another, or for good, and closes", async () => {
    const breaker = circuitBreaker({ name: "mail", consecutiveFailures: 1, openFor: 100 });
    breaker.open();
    expect([breaker.state, breaker.openUntil]).toEqual(["open", 100]);
    breaker.open({ openFor: 500 });
    clock.block(400);
    expect([breaker.state, breaker.openUntil]).toEqual(["open", 500]);
    breaker.open({ openFor: Infinity });
    clock.block(1e9);
    const error = await errorOf(breaker.run(() => 1));
    expect((error as Error).message).toBe('circuit breaker "mail" is open; close() it when it may be called');
    expect((error as CircuitOpenError).retryAfter).toBe(Infinity);
    breaker.close();
    expect([breaker.state, await breaker.run(() => 1)]).toEqual(["closed", 1]);
  });

  test("closing a closed circuit forgets what it knew", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 2, openFor: 100 });
    await failTimes(breaker, 1);
    breaker.close();
    await failTimes(breaker, 1);
    expect(breaker.state).toBe("closed");
  });

  test("calls that are under way go on, and say nothing about what was decided by hand", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const gate = new Gate();
    const call = breaker.run(() => gate.promise);
    breaker.close();
    gate.fail(failure);
    expect(await errorOf(call)).toBe(failure);
    expect(breaker.state).toBe("closed");
  });
});

describe("onEvent", () => {
  test("is told of each change of state and of each refusal, when it happens, with the name, the key and the time", async () => {
    const events: CircuitEvent[] = [];
    const breaker = circuitBreaker({
      name: "api",
      failureRatio: 0.5,
      window: { calls: 4 },
      minimumCalls: 2,
      openFor: 100,
      onEvent: (event) => void events.push(event),
    });
    await breaker.run(() => 1);
    clock.block(5);
    await failTimes(breaker, 1);
    const refusal = await errorOf(breaker.run(() => 1));
    clock.block(100);
    await failTimes(breaker, 1);
    clock.block(100);
    await breaker.run(() => 1);
    breaker.close();
    breaker.open({ key: "a" });
    const about = { policy: "api", key: undefined };
    const none = { calls: 0, failures: 0, slow: 0 };
    expect(events).toEqual([
      { ...about, at: 5, type: "open", openUntil: 105, stats: { calls: 2, failures: 1, slow: 0 } },
      { ...about, at: 5, type: "reject", error: refusal },
      { ...about, at: 105, type: "half-open" },
      { ...about, at: 105, type: "open", openUntil: 205, stats: none },
      { ...about, at: 205, type: "half-open" },
      { ...about, at: 205, type: "close" },
      { policy: "api", key: "a", at: 205, type: "open", openUntil: 305, stats: none },
    ]);
  });

  for (const [how, onEvent] of [
    [
      "throws",
      (): never => {
        throw new Error("hook");
      },
    ],
    // A hook may be async: its type allows it, as that of every callback whose value nobody wants.
    ["rejects", (): unknown => Promise.reject(new Error("hook"))],
  ] as const)
    test(`R17: a hook that ${how} is reported once for each event, and changes nothing`, async () => {
      const reported: unknown[] = [];
      using _listener = onLateError((error, { task }) => void reported.push([error, task]));
      const breaker = circuitBreaker({ name: "api", consecutiveFailures: 1, openFor: 100, onEvent });
      await failTimes(breaker, 1);
      await turn();
      expect([breaker.state, reported]).toEqual(["open", [[new Error("hook"), "api: onEvent"]]]);
    });

  test("may close the circuit that it hears of", async () => {
    const breaker: CircuitBreaker = circuitBreaker({
      consecutiveFailures: 1,
      openFor: 100,
      onEvent: ({ type }) => type === "open" && breaker.close(),
    });
    await failTimes(breaker, 3);
    expect(breaker.state).toBe("closed");
  });
});

describe("wrap", () => {
  test("makes a function with the name, this and types of the one that it wraps", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    class Client {
      readonly base = 10;
      readonly add = breaker.wrap(async function add(this: Client, left: number, right: number) {
        return this.base + left + right;
      });
    }
    const client = new Client();
    expect([client.add.name, await client.add(1, 2)]).toEqual(["add", 13]);
  });

  test("reads the key and the signal from the arguments, at each call", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const get = breaker.wrap((host: string, _signal?: AbortSignal) => (host === "bad" ? fail() : host), {
      key: (host) => host,
      signal: (_, signal) => signal,
    });
    expect(await errorOf(get("bad"))).toBe(failure);
    expect([await get("good"), breaker.stateOf("bad"), breaker.stateOf("good")]).toEqual(["good", "open", "closed"]);
    const reason = new Error("stop");
    expect(await errorOf(get("good", AbortSignal.abort(reason)))).toBe(reason);
  });

  test("R23: rejects for what a reader of the arguments throws, and throws for what is no function", async () => {
    const breaker = circuitBreaker({ consecutiveFailures: 1, openFor: 100 });
    const wrapped = breaker.wrap(() => 1, {
      key: () => {
        throw failure;
      },
    });
    expect(await errorOf(wrapped())).toBe(failure);
    expect(() => breaker.wrap(Promise.resolve() as unknown as () => void)).toThrow(
      "wrap takes a function, got a promise: its work runs already and can't be cancelled; pass () => work() instead of work()",
    );
  });
});
